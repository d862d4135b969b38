// The log of reads, for the auditor.
import { useList } from "../shared/data";
import { pathOf } from "../shared/router";
import { may } from "../shared/session";
import { Table, type Column } from "../shared/table";
import { Failed, Waiting, When } from "../shared/ui";
import { say } from "./words";

interface Read {
  at: string;
  fields: string[];
  id: string | null;
  officer: string | null;
  outlet: string | null;
  purpose: string | null;
  records: string[];
}
const SHOWN_MAX = 4;

function Records({ ids }: { ids: readonly string[] }) {
  return (
    <>
      {ids.slice(0, SHOWN_MAX).map((id, i) => <span key={id}>{i > 0 && ", "}{may("record.read") ? <a href={pathOf("ledger", id)}>{id.slice(-8)}</a> : id.slice(-8)}</span>)}
      {ids.length > SHOWN_MAX && ` +${ids.length - SHOWN_MAX}`}
    </>
  );
}

const columns: readonly Column<Read>[] = [
  { key: "at", head: say("reads.at"), cell: (r) => <When at={r.at} seconds />, text: (r) => r.at },
  { key: "who", head: say("reads.who"), cell: (r) => r.officer, text: (r) => r.officer ?? "" },
  { key: "fields", head: say("reads.fields"), cell: (r) => r.fields.join(", "), text: (r) => r.fields.join(" ") },
  { key: "records", head: say("reads.records"), cell: (r) => <Records ids={r.records} />, text: (r) => r.records.join(" ") },
  { key: "outlet", head: say("reads.outlet"), cell: (r) => r.outlet, text: (r) => r.outlet ?? "" },
  { key: "purpose", head: say("reads.purpose"), cell: (r) => r.purpose, text: (r) => r.purpose ?? "" },
];

export function ReadsPart() {
  const list = useList<Read>("/reads", ["read"]);
  return (
    <section class="card">
      <p>{say("reads.words")}</p>
      <Failed words={list.error} again={list.reload} />
      {!list.data && list.busy && <Waiting />}
      {list.data && <Table name="reads" caption={say("reads.caption")} columns={columns} rows={list.data} rowKey={(r) => r.id ?? `${r.at} ${r.records.join()}`} more={list.more} />}
    </section>
  );
}
