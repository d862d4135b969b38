import { words } from "../shared/words";

export const say = words({
  "column.source": "Source",
  "column.record": "Record",
  "record.title": "The public record",
  "record.words": "What press articles report, as claims: who says it, and where it was read. Nothing is smoothed; contradictions stand side by side.",
  "record.sources": "Articles",
  "record.rows": "{count} claims",
  "record.disputed": "Contested",
  "record.says": "{who}, in {source}",
  "table.sources": "Articles",
  "table.figures": "Figures",
  "table.movements": "Movements of people",
  "table.orders": "Measures ordered",
  "table.statements": "Statements",
  "table.events": "Events",
  "table.parties": "Parties",
  "table.places": "Places",
  "table.relations": "Relations",
});
