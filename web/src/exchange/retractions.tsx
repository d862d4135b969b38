// What was taken back, from whom, and who has acknowledged it: overdue first.
import { useList } from "../shared/data";
import { pathOf } from "../shared/router";
import { Table, type Column } from "../shared/table";
import { Clock, Failed, Waiting, When } from "../shared/ui";
import { wordsOf, type Retraction } from "./data";
import { say } from "./words";
import "./page.css";

interface Row {
  a: Retraction["from"][number];
  r: Retraction;
}
const titleOf = (r: Retraction) => r.title || wordsOf("record", r.kind);

function stateWords(row: Row): string {
  return row.a.let_go_at ? say("let_go") : say(row.a.overdue ? "overdue" : "waits");
}

const columns: readonly Column<Row>[] = [
  { key: "title", head: say("col.title"), cell: ({ r }) => <a href={pathOf("ledger", r.record)}>{titleOf(r)}</a>, text: ({ r }) => titleOf(r) },
  { key: "agency", head: say("col.agency"), cell: ({ a }) => a.name, text: ({ a }) => a.name },
  { key: "state", head: say("col.state"), text: stateWords, cell: (row) => (row.a.overdue ? <strong class="clock red">{stateWords(row)}</strong> : stateWords(row)) },
  { key: "clock", head: say("col.clock"), cell: ({ r, a }) => (a.let_go_at ? <When at={a.let_go_at} /> : <Clock at={r.due_at} />), text: ({ r, a }) => a.let_go_at ?? r.due_at,
    order: ({ r, a }) => (a.let_go_at ? `9 ${a.let_go_at}` : `1 ${r.due_at}`) },
  { key: "reason", head: say("reason"), cell: ({ r }) => r.reason, text: ({ r }) => r.reason ?? "" },
  { key: "what", head: say("col.what"), cell: ({ r }) => wordsOf("took", r.what), text: ({ r }) => r.what },
  { key: "at", head: say("col.retracted"), cell: ({ r }) => <When at={r.at} />, text: ({ r }) => r.at },
];

export default function RetractionsPart() {
  const list = useList<Retraction>("/retractions", ["retract", "let_go", "erase"]);
  const rows = list.data?.flatMap((r) => r.from.map((a) => ({ r, a })))
    .sort((x, y) => Number(x.a.let_go_at !== null) - Number(y.a.let_go_at !== null) || (x.r.due_at < y.r.due_at ? -1 : 1));
  const open = rows?.filter((x) => !x.a.let_go_at) ?? [];
  const late = open.filter((x) => x.a.overdue);
  return (
    <>
      <h1>{say("retractions")}</h1>
      <p>{say("retractions.words")}</p>
      <Failed words={list.error} again={list.reload} />
      {!rows && list.busy && <Waiting />}
      {rows && (
        <>
          {late.length > 0 && <p class="error">{say("retractions.late", { count: late.length })}</p>}
          <p class="summary">{open.length ? say("retractions.open", { count: open.length }) : say("retractions.well")}</p>
          <section class="card">
            <Table name="retractions" caption={say("retractions")} columns={columns} rows={rows} rowKey={({ r, a }) => `${r.id} ${a.agency}`} more={list.more}
              mark={({ a }) => (a.overdue ? "red-row" : undefined)} empty={say("retractions.none")} />
          </section>
        </>
      )}
    </>
  );
}
