// The agencies that we exchange with: what is wrong first, then each link and its lag, then our card.
import { useState } from "preact/hooks";
import { send } from "../shared/api";
import { useActing, useData } from "../shared/data";
import { Field } from "../shared/fields";
import { countryName, timeText } from "../shared/format";
import { queryText, setQuery } from "../shared/router";
import { calendar, may, now, zone } from "../shared/session";
import { Table, type Column } from "../shared/table";
import { Card, Chips, Failed, Panel, Waiting } from "../shared/ui";
import { Incoming } from "./bundle";
import { AddPeer, OwnCard } from "./card";
import { AGENCIES_MANY, cosignedWords, countText, EXCHANGE_NEWS, heardAt, lagWords, linkState, LINK_ORDER, opensText, titleOfPeer, troubleOf, wordsOf, type Alarm, type Exchange, type Peer } from "./data";
import { Parties } from "./parties";
import { useEvery } from "./links";
import { LastHeard, LinkMark } from "./parts";
import { PeerView } from "./peer";
import { say } from "./words";
import "./page.css";

const link = (agency: string) => `/exchange?${new URLSearchParams({ open: agency }).toString()}`;

const columnsOf = (x: Exchange): readonly Column<Peer>[] => [
  { key: "name", head: say("col.agency"), text: titleOfPeer,
    cell: (p) => <><a href={link(p.agency)}>{titleOfPeer(p)}</a>{p.name !== titleOfPeer(p) && <span class="soft petname">{p.name}</span>}</> },
  { key: "link", head: say("col.link"), cell: (p) => <><LinkMark state={linkState(p)} />{p.flagged && <strong class="flagged">{say("flagged.tag")}</strong>}</>,
    text: (p) => [say(`link.${linkState(p)}`), p.flagged ? say("flagged.tag") : ""].filter(Boolean).join(", "), order: (p) => LINK_ORDER.indexOf(linkState(p)) },
  { key: "lag", head: say("col.lag"), cell: lagWords, text: lagWords, order: (p) => p.lag.ours + p.lag.theirs },
  { key: "last", head: say("col.last"), cell: (p) => <LastHeard p={p} />, text: (p) => heardAt(p) ?? "" },
  { key: "cosigned", head: say("col.cosigned"), cell: (p) => cosignedWords(p, x.size), text: (p) => cosignedWords(p, x.size), order: (p) => p.cosigned[0]?.size ?? 0 },
  { key: "who", head: say("col.who"), cell: (p) => `${wordsOf("kind", p.kind)}, ${countryName(p.country)}`, text: (p) => `${p.kind} ${p.country}` },
  { key: "words", head: say("col.words"), cell: troubleOf, text: troubleOf, hidden: true },
  { key: "print", head: say("col.fingerprint"), cell: (p) => <code>{p.fingerprint}</code>, text: (p) => p.fingerprint, hidden: true },
];

// What is wrong with one agency in one line: several records that it did not let go of are one thing to call about.
function alarmWords(a: Alarm, count: number, peer: Peer | undefined): string {
  if (a.what === "quota" && peer) return say("alarm.quota", { at: opensText(peer.quota) });
  if (a.what === "refused" && peer?.refused) return wordsOf("advice.refused", peer.refused);
  const key = `alarm.${a.what}`;
  // A log that could not prove that it only grew is told as what it is.
  return say.has(key) && (a.what !== "fork" || a.words.includes("two histories")) ? say(key, { count }) : a.words;
}

function Alarms({ x }: { x: Exchange }) {
  const first = x.alarms.filter((a, i) => x.alarms.findIndex((b) => b.agency === a.agency && b.what === a.what && (a.what === "retraction" || b.words === a.words)) === i);
  return (
    <>
      {first.map((a) => {
        const peer = x.peers.find((p) => p.agency === a.agency);
        const count = x.alarms.filter((b) => b.agency === a.agency && b.what === a.what).length;
        return (
          <p class="error" key={a.agency + a.what + a.words}>
            <strong>{peer ? titleOfPeer(peer) : a.name}: </strong>{alarmWords(a, count, peer)}{" "}
            {a.what === "retraction" ? <a href="/exchange/retractions">{say("alarm.look.back")}</a> : peer && <a href={link(a.agency)}>{say("alarm.look")}</a>}
          </p>
        );
      })}
    </>
  );
}

interface Verdict {
  ok: boolean;
  records: number;
  [more: string]: unknown;
}

// Every record of every log that is held, with its proof, and the checkpoints that peers cosigned.
function Verify({ logs }: { logs: number }) {
  const acting = useActing();
  const [verdict, setVerdict] = useState<{ of: Verdict; at: string } | null>(null);
  const run = () => acting.run(`verify ${Date.now()}`, async (key) => {
    setVerdict(null);
    const of = await send<Verdict>("POST", "/exchange/verify", undefined, { key });
    setVerdict({ of, at: timeText(new Date(now.value).toISOString(), zone.value, calendar.value, true) });
  });
  return (
    <Card title={say("verify.title")} id="verify">
      <p>{say("verify.words")}</p>
      <p><button type="button" class="chip" disabled={acting.busy} onClick={() => void run()}>{say(acting.busy ? "verify.wait" : "verify.button")}</button></p>
      <Failed words={acting.error} />
      {verdict?.of.ok && <p class="note" role="status">{say("verify.ok", { count: verdict.of.records, logs, at: verdict.at })}</p>}
      {verdict && !verdict.of.ok && <><p class="error" role="alert">{say("verify.bad")}</p><pre class="card-text">{JSON.stringify(verdict.of, null, 2)}</pre></>}
    </Card>
  );
}

// With more than a few agencies: those of one state, and a word of the name. Both stand in the address.
function Filter({ peers, state, word }: { peers: readonly Peer[]; state: string; word: string }) {
  const counts = LINK_ORDER.map((s) => ({ s, n: peers.filter((p) => linkState(p) === s).length })).filter((c) => c.n > 0);
  const at = (s: string) => { const q = new URLSearchParams({ ...(s ? { state: s } : {}), ...(word ? { q: word } : {}) }).toString(); return q ? `/exchange?${q}` : "/exchange"; };
  return (
    <>
      {counts.length > 1 && <Chips label={say("filter.state")} items={[{ href: at(""), words: say("filter.all", { count: peers.length }), on: state === "" },
        ...counts.map(({ s, n }) => ({ href: at(s), words: say("filter.one", { state: say(`link.${s}`), count: n }), on: state === s }))]} />}
      <Field label={say("filter.find")} value={word} type="search" onText={(t) => setQuery({ q: t || null }, true)} narrow />
    </>
  );
}

function summary(x: Exchange): string {
  const peers = x.peers.filter((p) => p.state === "confirmed");
  const connected = peers.filter((p) => linkState(p) === "connected").length;
  if (x.peers.length === 0) return say("peers.none");
  return [
    say("summary.peers", { count: peers.length, connected }), x.waiting ? say("summary.waiting", { count: x.waiting, shown: countText(x.waiting) }) : say("summary.none"),
    x.alarms.length ? say("summary.alarms") : say("summary.well"),
  ].join(" ");
}

// Where nobody is confirmed yet, the way there stands in the place of the list.
function FirstSteps() {
  return (
    <Card title={say("first.title")} id="first-steps">
      <ol>{([1, 2, 3, 4] as const).map((n) => <li key={n}>{say(`first.${n}`)}</li>)}</ol>
      {!may("peer.write") && <p class="note">{say("first.not_you")}</p>}
    </Card>
  );
}

export default function AgenciesPart() {
  const loaded = useData<Exchange>("/exchange", EXCHANGE_NEWS);
  useEvery(loaded.reload);
  const x = loaded.data;
  const open = queryText("open");
  const opened = x?.peers.find((p) => p.agency === open);
  if (!x) return <><h1>{say("title")}</h1>{loaded.busy ? <Waiting /> : <Failed words={loaded.error} again={loaded.reload} />}</>;
  const none = x.peers.length === 0;
  const wrong = (p: Peer) => p.stopped || x.alarms.some((a) => a.agency === p.agency);
  const rank = (p: Peer) => (wrong(p) ? 0 : 1) * 10 + LINK_ORDER.indexOf(linkState(p));
  const state = queryText("state"), word = queryText("q");
  const fits = (p: Peer) => (!state || linkState(p) === state) && (!word || [p.title, p.name, p.country, p.fingerprint, ...p.institutions].some((t) => t.toLowerCase().includes(word.toLowerCase())));
  const rows = x.peers.filter(fits).sort((a, b) => rank(a) - rank(b) || titleOfPeer(a).localeCompare(titleOfPeer(b)));
  const columns = columnsOf(x);
  return (
    <div class={opened ? "with-panel" : undefined}>
      <div class="list-side">
        <h1>{say("title")}</h1>
        <p class="summary">{summary(x)}</p>
        <Failed words={loaded.error} again={loaded.reload} />
        <Alarms x={x} />
        {none ? <FirstSteps /> : (
          <section class="card agencies">
            {x.peers.length > AGENCIES_MANY && <Filter peers={x.peers} state={state} word={word} />}
            <Table key={opened ? "few" : "all"} name={opened ? "peers-few" : "peers"} caption={say("peers.caption")} columns={opened ? columns.slice(0, 3) : columns} rows={rows} rowKey={(p) => p.agency}
              selected={open} empty={say("filter.none")} mark={(p) => (wrong(p) ? "red-row" : undefined)} />
          </section>
        )}
        <OwnCard open={none} />
        {may("peer.write") && <AddPeer open={none} onDone={loaded.reload} />}
        {may("share") && !none && <Incoming onDone={loaded.reload} />}
        <Parties />
        {may("node.verify") && <Verify logs={1 + x.peers.filter((p) => p.head).length} />}
      </div>
      {opened && (
        <Panel title={titleOfPeer(opened)} onClose={() => setQuery({ open: null })}>
          <PeerView key={opened.agency} p={opened} x={x} reload={loaded.reload} />
        </Panel>
      )}
    </div>
  );
}
