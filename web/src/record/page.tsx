// The public record: each table of claims with who says it and where it was read.
import { useState } from "preact/hooks";
import { useData } from "../shared/data";
import { Failed, Waiting } from "../shared/ui";
import { say } from "./words";

interface RecordRow {
  at: string;
  cells: string[];
  key: string;
  record: string;
  sources: string[];
}
interface PublicRecord {
  sources: { id: string; kind: string; published: string; published_is: string; publisher: string; title: string }[];
  tables: { name: string; columns: string[]; rows: RecordRow[] }[];
}

const ORDER = ["statements", "figures", "orders", "movements", "events", "parties", "places", "relations", "sources"];

type Table = PublicRecord["tables"][number];

function tableName(name: string): string {
  const key = `table.${name}`;
  return say.has(key) ? say(key) : name;
}

function SourceNames({ record, ids }: { record: PublicRecord; ids: readonly string[] }) {
  return (
    <>
      {ids.map((id, i) => {
        const s = record.sources.find((x) => x.id === id);
        return <span key={id} title={s ? `${s.title}${s.publisher ? `, ${s.publisher}` : ""}, ${s.published}` : id}>{i > 0 ? ", " : ""}<a href={`#source-${id}`}>{id}</a></span>;
      })}
    </>
  );
}

function cell(t: Table, row: RecordRow, column: string): string {
  const at = t.columns.indexOf(column);
  return at < 0 ? "" : (row.cells[at] ?? "");
}

// Ids of parties, places and countries as names, where the record itself or ISO 3166 has one.
function names(record: PublicRecord): Map<string, string> {
  const known = new Map<string, string>();
  for (const t of record.tables)
    if (t.name === "parties" || t.name === "places") for (const row of t.rows) known.set(row.key, cell(t, row, "name"));
  return known;
}

const countries = new Intl.DisplayNames(["en"], { type: "region" });
const NAMED = new Set(["said_by", "reported_by", "reporter", "issuer", "addressee", "target", "about", "parties", "place",
  "from_party", "to_party", "from", "to", "territory", "country", "nationality"]);

function nameOf(known: Map<string, string>, id: string): string {
  const name = known.get(id);
  if (name) return name;
  return /^[A-Z]{2}$/.test(id) ? (countries.of(id) ?? id) : id;
}

function readable(known: Map<string, string>, column: string, text: string): string {
  return NAMED.has(column) ? text.split(";").map((id) => nameOf(known, id.trim())).join("; ") : text;
}

// A statement that denies or doubts another row stands beside it.
function Disputes({ record }: { record: PublicRecord }) {
  const t = record.tables.find((x) => x.name === "statements");
  if (!t) return null;
  const known = names(record);
  const pairs = t.rows.flatMap((row) => {
    if (cell(t, row, "stance") !== "denies") return [];
    return t.rows.filter((x) => x.key === cell(t, row, "about")).map((other) => [other, row] as const);
  });
  if (pairs.length === 0) return null;
  return (
    <>
      <h2>{say("record.disputed")}</h2>
      {pairs.map((pair) => (
        <div class="pair" key={pair.map((r) => r.key).join()}>
          {pair.map((row) => (
            <blockquote key={row.key}>
              <p>{cell(t, row, "what")}</p>
              <p class="soft small">{say("record.says", { who: readable(known, "said_by", cell(t, row, "said_by")), source: row.sources.join(", ") })}</p>
            </blockquote>
          ))}
        </div>
      ))}
    </>
  );
}

function Claims({ record, table }: { record: PublicRecord; table: Table }) {
  const columns = table.columns.filter((c) => c !== "source");
  const known = names(record);
  const caption = `${tableName(table.name)}: ${say("record.rows", { count: table.rows.length })}`;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {columns.map((c) => <th scope="col" key={c}>{c.replace(/_/g, " ")}</th>)}
            <th scope="col">{say("column.source")}</th>
            <th scope="col">{say("column.record")}</th>
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row) => (
            <tr key={row.record} id={table.name === "sources" ? `source-${row.key}` : undefined}>
              {columns.map((c) => {
                const text = cell(table, row, c);
                const words = readable(known, c, text);
                const date = /^\d{4}(-\d\d){0,2}$/.test(text);
                return <td key={c} class={date ? "short" : undefined} title={words === text ? undefined : text}>{words}</td>;
              })}
              <td><SourceNames record={record} ids={row.sources} /></td>
              <td class="soft" title={`${row.record}, ${row.at}`}>{row.record.slice(-6)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Tables({ record }: { record: PublicRecord }) {
  const tables = [...record.tables].sort((a, b) => ORDER.indexOf(a.name) - ORDER.indexOf(b.name));
  const [open, setOpen] = useState(tables[0]?.name ?? "");
  const table = tables.find((t) => t.name === open);
  const sources = tables.find((t) => t.name === "sources");
  return (
    <>
      <p>{say("record.words")}</p>
      <Disputes record={record} />
      <div class="chips" role="group" aria-label={say("record.title")}>
        {tables.filter((t) => t.name !== "sources").map((t) => (
          <button type="button" class="chip" key={t.name} aria-pressed={t.name === open} onClick={() => setOpen(t.name)}>
            {tableName(t.name)} {t.rows.length}
          </button>
        ))}
      </div>
      {table && <Claims record={record} table={table} />}
      {sources && <Claims record={record} table={sources} />}
    </>
  );
}

export default function RecordPage() {
  const record = useData<PublicRecord>("/public-record", ["claim"]);
  return (
    <section class="card" id="record">
      <h1>{say("record.title")}</h1>
      <Failed words={record.error} again={record.reload} />
      {!record.data && record.busy && <Waiting />}
      {record.data && <Tables record={record.data} />}
    </section>
  );
}
