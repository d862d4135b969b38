// The ledger: how large it is, its checkpoint, verify, and every record that may be read.
import { useState } from "preact/hooks";
import { send } from "../shared/api";
import { useActing, useData, useList } from "../shared/data";
import { Choice } from "../shared/fields";
import { pathOf, queryText, setQuery } from "../shared/router";
import { may } from "../shared/session";
import { Table, type Column } from "../shared/table";
import { Card, Facts, Failed, Waiting, When } from "../shared/ui";
import { KINDS, stateWords, type RecordShort } from "./data";
import { say } from "./words";
import "./page.css";

interface Ledger {
  agency_id: string;
  checkpoint: string;
  logs: { name: string; size: number }[];
  read_only: string | null;
}
interface Verdict {
  ok: boolean;
  records: number;
  segments: number;
  transfers: number;
  [more: string]: unknown;
}

const columns: readonly Column<RecordShort>[] = [
  { key: "record", head: say("col.record"), cell: (r) => <a class="id" href={pathOf("ledger", r.id)} title={r.id}>{r.id.slice(-8)}</a>, text: (r) => r.id },
  { key: "kind", head: say("col.kind"), cell: (r) => r.kind ?? "", text: (r) => r.kind ?? "" },
  { key: "at", head: say("col.at"), cell: (r) => <When at={r.at} seconds />, text: (r) => r.at },
  { key: "officer", head: say("col.officer"), cell: (r) => (r.officer ? <span title={r.officer}>{r.officer.slice(-8)}</span> : say("machine")), text: (r) => r.officer ?? "" },
  { key: "leaf", head: say("col.leaf"), number: true, cell: (r) => r.leaf, text: (r) => String(r.leaf), order: (r) => r.leaf },
  { key: "log", head: say("col.log"), cell: (r) => r.log, text: (r) => r.log },
  { key: "state", head: say("col.state"), cell: (r) => stateWords(r.state), text: (r) => r.state },
];

function Verify() {
  const acting = useActing();
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const run = () => acting.run(`verify ${Date.now()}`, async (key) => {
    setVerdict(null);
    setVerdict(await send<Verdict>("POST", "/ledger/verify", undefined, { key }));
  });
  return (
    <Card title={say("verify.title")} id="verify">
      <p>{say("verify.words")}</p>
      <button type="button" class="solid" disabled={acting.busy} onClick={() => void run()}>{say(acting.busy ? "verify.wait" : "verify.button")}</button>
      <Failed words={acting.error} />
      {verdict?.ok && <p class="summary" role="status">{say("verify.ok", { records: verdict.records, segments: verdict.segments, transfers: verdict.transfers })}</p>}
      {verdict && !verdict.ok && <><p class="error" role="alert">{say("verify.bad")}</p><pre class="proof">{JSON.stringify(verdict, null, 2)}</pre></>}
    </Card>
  );
}

function Records() {
  const kind = queryText("kind");
  const list = useList<RecordShort>(kind ? `/records?kind=${encodeURIComponent(kind)}` : "/records", kind ? [kind] : []);
  return (
    <Card title={say("records")} id="records">
      <Choice label={say("kind")} value={kind} onText={(t) => setQuery({ kind: t })} options={[{ value: "", words: say("kind.all") }, ...KINDS.map((k) => ({ value: k, words: k }))]} />
      <Failed words={list.error} again={list.reload} />
      {!list.data && list.busy && <Waiting />}
      {list.data && <Table name="records" caption={say("records.caption")} columns={columns} rows={list.data} rowKey={(r) => r.id} more={list.more} />}
    </Card>
  );
}

export default function LedgerPage() {
  const loaded = useData<Ledger>("/ledger", ["none"]);
  const l = loaded.data;
  const size = (name: string) => l?.logs.find((x) => x.name === name)?.size ?? 0;
  return (
    <>
      <h1>{say("title")}</h1>
      <p>{say("words")}</p>
      <Failed words={loaded.error} again={loaded.reload} />
      {!l && loaded.busy && <Waiting />}
      {l && (
        <section class="card">
          <p class="summary">{say("summary", { main: size("main"), reads: size("reads") })}</p>
          {l.read_only && <p class="error">{say("read_only", { why: l.read_only })}</p>}
          <Facts rows={[
            [say("fact.agency"), <code class="hash">{l.agency_id}</code>],
            [say("fact.logs"), l.logs.map((x) => <div key={x.name}>{say("log", { name: x.name, size: x.size })}</div>)],
          ]} />
          <h2>{say("checkpoint")}</h2>
          <p class="soft">{say("checkpoint.words")}</p>
          {l.checkpoint ? <pre class="proof" tabIndex={0}>{l.checkpoint}</pre> : <p class="soft">{say("checkpoint.none")}</p>}
        </section>
      )}
      {may("node.verify") && <Verify />}
      {may("record.read") && <Records />}
    </>
  );
}
