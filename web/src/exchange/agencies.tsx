// The agencies that we exchange with: what is wrong first, then each link and its lag, then our card.
import { useState } from "preact/hooks";
import { send } from "../shared/api";
import { useActing, useData } from "../shared/data";
import { countryName } from "../shared/format";
import { queryText, setQuery } from "../shared/router";
import { may } from "../shared/session";
import { Table, type Column } from "../shared/table";
import { Card, Failed, Panel, Waiting, When } from "../shared/ui";
import { AddPeer, OwnCard } from "./card";
import { EXCHANGE_NEWS, lagWords, linkState, troubleOf, wasHeard, wordsOf, type Exchange, type Peer } from "./data";
import { Parties } from "./parties";
import { useEvery } from "./links";
import { LinkMark } from "./parts";
import { PeerView } from "./peer";
import { say } from "./words";
import "./page.css";

const link = (p: Peer) => `/exchange?${new URLSearchParams({ open: p.agency }).toString()}`;
const order = ["stopped", "failed", "never", "quiet", "connected", "revoked"];

const columns: readonly Column<Peer>[] = [
  { key: "name", head: say("col.agency"), cell: (p) => <a href={link(p)}>{p.title || p.name}</a>, text: (p) => p.title || p.name },
  { key: "link", head: say("col.link"), cell: (p) => <LinkMark state={linkState(p)} />, text: (p) => say(`link.${linkState(p)}`), order: (p) => order.indexOf(linkState(p)) },
  { key: "lag", head: say("col.lag"), cell: lagWords, text: lagWords, order: (p) => p.lag.ours + p.lag.theirs },
  { key: "last", head: say("col.last"), cell: (p) => (p.last_at ? <When at={p.last_at} /> : say(wasHeard(p) ? "before" : "never")), text: (p) => p.last_at ?? "" },
  { key: "words", head: say("col.words"), cell: troubleOf, text: troubleOf },
  { key: "who", head: say("col.who"), cell: (p) => `${wordsOf("kind", p.kind)}, ${countryName(p.country)}`, text: (p) => `${p.kind} ${p.country}` },
  { key: "short", head: say("col.name"), cell: (p) => p.name, text: (p) => p.name, hidden: true },
  { key: "print", head: say("col.fingerprint"), cell: (p) => <code>{p.fingerprint}</code>, text: (p) => p.fingerprint, hidden: true },
];

function nameOf(x: Exchange, agency: string): string {
  const peer = x.peers.find((p) => p.agency === agency);
  return peer ? peer.title || peer.name : agency.slice(0, 8);
}

function Alarms({ x }: { x: Exchange }) {
  return (
    <>
      {x.alarms.map((a) => (
        <p class="error" key={a.agency + a.words}>
          <strong><a href={a.what === "retraction" ? "/exchange/retractions" : `/exchange?open=${a.agency}`}>{a.name || nameOf(x, a.agency)}</a>: </strong>{a.words}
        </p>
      ))}
    </>
  );
}

interface Verdict {
  ok: boolean;
  records: number;
  [more: string]: unknown;
}

// Every record of every log that is held, with its proof, and the checkpoints that peers cosigned.
function Verify() {
  const acting = useActing();
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const run = () => acting.run(`verify ${Date.now()}`, async (key) => {
    setVerdict(null);
    setVerdict(await send<Verdict>("POST", "/exchange/verify", undefined, { key }));
  });
  return (
    <Card title={say("verify.title")} id="verify">
      <p>{say("verify.words")}</p>
      <button type="button" class="chip" disabled={acting.busy} onClick={() => void run()}>{say(acting.busy ? "verify.wait" : "verify.button")}</button>
      <Failed words={acting.error} />
      {verdict?.ok && <p class="summary" role="status">{say("verify.ok", { count: verdict.records })}</p>}
      {verdict && !verdict.ok && <><p class="error" role="alert">{say("verify.bad")}</p><pre class="card-text">{JSON.stringify(verdict, null, 2)}</pre></>}
    </Card>
  );
}

function summary(x: Exchange): string {
  const peers = x.peers.filter((p) => p.state === "confirmed");
  const connected = peers.filter((p) => linkState(p) === "connected").length;
  return [
    say("summary.peers", { count: peers.length, connected }), x.waiting ? say("summary.waiting", { count: x.waiting }) : say("summary.none"),
    x.alarms.length ? say("summary.alarms", { count: x.alarms.length }) : say("summary.well"),
  ].join(" ");
}

export default function AgenciesPart() {
  const loaded = useData<Exchange>("/exchange", EXCHANGE_NEWS);
  useEvery(loaded.reload);
  const x = loaded.data;
  const open = queryText("open");
  const opened = x?.peers.find((p) => p.agency === open);
  if (!x) return <><h1>{say("title")}</h1>{loaded.busy ? <Waiting /> : <Failed words={loaded.error} again={loaded.reload} />}</>;
  return (
    <div class={opened ? "with-panel" : undefined}>
      <div class="list-side">
        <h1>{say("title")}</h1>
        <p class="summary">{summary(x)}</p>
        <Failed words={loaded.error} again={loaded.reload} />
        <Alarms x={x} />
        <section class="card">
          <Table name="peers" caption={say("peers.caption")} columns={columns} rows={x.peers} rowKey={(p) => p.agency} selected={open}
            mark={(p) => (p.stopped || x.alarms.some((a) => a.agency === p.agency) ? "red-row" : undefined)} empty={say("peers.none")} />
        </section>
        {may("node.verify") && <Verify />}
        <OwnCard />
        {may("peer.write") && <AddPeer onDone={loaded.reload} />}
        <Parties />
      </div>
      {opened && (
        <Panel title={opened.title || opened.name} onClose={() => setQuery({ open: null })}>
          <PeerView key={opened.agency} p={opened} reload={loaded.reload} />
        </Panel>
      )}
    </div>
  );
}
