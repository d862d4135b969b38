// For who runs the node: its keys, who knows of them, and how much an agency may send in a day. No record is seen here.
import { send } from "../shared/api";
import { useData } from "../shared/data";
import { useDraft } from "../shared/drafts";
import { Act, Field } from "../shared/fields";
import { asciiDigits } from "../shared/format";
import { pathOf, queryText, setQuery } from "../shared/router";
import { may } from "../shared/session";
import { Table, type Column } from "../shared/table";
import { Card, Facts, Failed, Panel, toast, Waiting, When } from "../shared/ui";
import { AGENCIES_MANY, bytesText, countText, opensText, titleOfPeer, type NodeKey, type NodeLink, type NodeLinks, type Quota } from "./data";
import { useEvery } from "./links";
import { say } from "./words";
import "./page.css";

const MIB = 1024 * 1024;
const NODE_NEWS = ["key", "link", "peer"] as const;

// Petnames as the titles that people know; more than a few are counted.
function namesOf(names: readonly string[], peers: readonly NodeLink[]): string {
  const titles = names.map((n) => { const p = peers.find((x) => x.name === n); return p ? titleOfPeer(p) : n; });
  return titles.length <= 3 ? titles.join(", ") : say("names.more", { names: titles.slice(0, 2).join(", "), count: titles.length - 2 });
}

function Roll({ k, x, reload }: { k: NodeKey; x: NodeLinks; reload: () => void }) {
  const names = x.peers.length ? say("roll.tells", { names: namesOf(x.peers.map((p) => p.name), x.peers) }) : say("roll.tells.none");
  if (!may("link.write") || k.next) return null;
  return (
    <details class="else" id={`roll-${k.what}`}>
      <summary>{say(`roll.title.${k.what}`)}</summary>
      <ol>{([1, 2, 3] as const).map((n) => <li key={n}>{say(`roll.${k.what}.${n}`)}</li>)}</ol>
      <p class="soft">{say("roll.stolen")}</p>
      <Act label={say(`roll.button.${k.what}`)} sentence={say(`roll.${k.what}.does`, { names })} what={`roll ${k.what} ${k.key}`}
        run={async (key) => { await send("POST", "/exchange/keys", { key: k.what }, { key }); toast(say("roll.done")); }} onDone={reload} />
    </details>
  );
}

// What an officer elsewhere may ask: which key is in use since when, and who knows it.
function KeyView({ k, x, reload }: { k: NodeKey; x: NodeLinks; reload: () => void }) {
  const lacks = namesOf(k.waits_for, x.peers);
  const count = k.waits_for.length;
  const knows = x.peers.length === 0 ? "" : count === 0 ? say("key.knows.all") : namesOf(k.known_by, x.peers) || say("key.knows.none");
  return (
    <section class="node-key" id={`key-${k.what}`}>
      <h2>{say(`key.${k.what}`)}</h2>
      <p class="soft">{say(`key.${k.what}.for`)}</p>
      {k.next ? <p class="note">{count ? say("key.waits", { names: lacks, count }) : say("key.ready")}</p>
        : count > 0 && k.what === "log" && <p class="note">{say("key.log.waits", { names: lacks, count })}</p>}
      <Facts rows={[
        [say("key.now"), <code class="hash">{k.key}</code>],
        ...(k.next ? [[say("key.next"), <code class="hash">{k.next}</code>] as const] : []),
        [say("key.since"), k.at ? <When at={k.at} stop /> : say("key.first")],
        ...(knows ? [[say("key.knows"), knows] as const] : []),
        ...(count ? [[say("key.lacks"), lacks] as const] : []),
      ]} />
      <Roll k={k} x={x} reload={reload} />
    </section>
  );
}

const numberOf = (text: string) => Number(asciiDigits(text).replace(/[\s,._']/g, ""));

function Limit({ p, x, reload }: { p: NodeLink; x: NodeLinks; reload: () => void }) {
  const q = p.quota;
  const draft = useDraft(`quota.${p.agency}`, { records: countText(q.records.limit), bytes: countText(Math.round(q.bytes.limit / MIB)), messages: countText(q.messages.limit) });
  const v = draft.values;
  const body = { bytes: numberOf(v.bytes) * MIB, messages: numberOf(v.messages), records: numberOf(v.records) };
  const names = ["records", "bytes", "messages"] as const;
  const shown = (name: (typeof names)[number], n: number) => countText(name === "bytes" ? n / MIB : n);
  const bad = (name: (typeof names)[number]) => !Number.isSafeInteger(body[name]) || body[name] < x.bounds[name].min || body[name] > x.bounds[name].max;
  const same = names.every((n) => body[n] === q[n].limit);
  const set = (to: Record<string, number | null>) => async (key: string) => {
    await send("POST", pathOf("exchange", "peers", p.agency, "quota"), to, { key });
    draft.clear();
    toast(say("limit.done"));
  };
  const words = (b: Record<(typeof names)[number], number>) => ({ name: titleOfPeer(p), records: countText(b.records), bytes: bytesText(b.bytes), messages: countText(b.messages) });
  const usual = { bytes: x.bounds.bytes.default, messages: x.bounds.messages.default, records: x.bounds.records.default };
  return (
    <>
      <details class="else" id="limit">
        <summary>{say("limit.change")}</summary>
        {names.map((name) => {
          const b = x.bounds[name];
          const range = { min: shown(name, b.min), max: shown(name, b.max), default: shown(name, b.default) };
          return <Field key={name} label={say(`limit.${name}`)} hint={say("limit.hint", range)} value={v[name]} onText={(t) => draft.set(name, t)} mode="numeric" narrow required
            error={bad(name) ? say("limit.bad", range) : undefined} />;
        })}
        <Act label={say("limit.button")} sentence={names.some(bad) ? "" : say("limit.does", words(body))} what={`quota ${p.agency} ${JSON.stringify(body)}`} disabled={same || names.some(bad)} run={set(body)} onDone={reload} />
      </details>
      {q.own && <Act label={say("limit.back")} sentence={say("limit.back.does", words(usual))} what={`quota ${p.agency} usual`} run={set({ bytes: null, messages: null, records: null })} onDone={reload} />}
    </>
  );
}

const stateWords = (q: Quota) => [
  q.full ? say("limit.full", { at: opensText(q) }) : say("limit.open"), q.own ? say("limit.own") : "",
].filter(Boolean).join(", ");
const share = (q: Quota) => Math.max(q.records.today / q.records.limit, q.bytes.today / q.bytes.limit, q.messages.today / q.messages.limit);

const columns: readonly Column<NodeLink>[] = [
  { key: "name", head: say("col.agency"), text: titleOfPeer, cell: (p) => <a href={`/exchange/links?open=${p.agency}`}>{titleOfPeer(p)}</a> },
  { key: "limit", head: say("col.limit"), text: (p) => stateWords(p.quota), cell: (p) => (p.quota.full ? <strong class="clock red">{stateWords(p.quota)}</strong> : stateWords(p.quota)) },
  ...([["records", "col.today"], ["bytes", "col.bytes"], ["messages", "col.messages"]] as const).map(([key, head]): Column<NodeLink> => {
    const text = (p: NodeLink) => { const f = key === "bytes" ? bytesText : countText; return say("of", { today: f(p.quota[key].today), limit: f(p.quota[key].limit) }); };
    return { key, head: say(head), text, cell: text, order: (p) => p.quota[key].today, number: true };
  }),
];

function LimitView({ p, x, reload }: { p: NodeLink; x: NodeLinks; reload: () => void }) {
  const q = p.quota;
  return (
    <>
      {q.full && <p class="error">{say("quota.full", { at: opensText(q) })}</p>}
      <Facts rows={[
        [say("col.today"), say("of", { today: countText(q.records.today), limit: countText(q.records.limit) })],
        [say("col.bytes"), say("of", { today: bytesText(q.bytes.today), limit: bytesText(q.bytes.limit) })],
        [say("col.messages"), say("of", { today: countText(q.messages.today), limit: countText(q.messages.limit) })],
        [say("limit.set"), q.set_at ? <>{say(q.own ? "limit.own" : "limit.usual")}, {say("limit.set.by", { name: q.set_by ?? "" })} <When at={q.set_at} stop /></> : say("limit.usual")],
        [say("col.name"), p.name],
        [say("fact.id"), <code>{p.agency}</code>],
      ]} />
      {may("link.write") ? <Limit key={`${q.records.limit} ${q.bytes.limit} ${q.messages.limit}`} p={p} x={x} reload={reload} /> : <p class="note">{say("limit.not_you")}</p>}
    </>
  );
}

function summary(x: NodeLinks): string {
  const lacks = [...new Set(x.keys.flatMap((k) => k.waits_for))];
  const full = x.peers.filter((p) => p.quota.full);
  if (x.peers.length === 0) return say("node.summary.none");
  return [
    lacks.length ? say("node.summary.waits", { names: lacks.length > 3 ? say("names.count", { count: lacks.length, all: x.peers.length }) : namesOf(lacks, x.peers), count: lacks.length }) : say("node.summary.known", { count: x.peers.length }),
    full.length ? say("node.summary.full", { names: namesOf(full.map((p) => p.name), x.peers) }) : "",
  ].filter(Boolean).join(" ");
}

export default function NodePart() {
  const loaded = useData<NodeLinks>("/exchange/links", NODE_NEWS);
  useEvery(loaded.reload);
  const x = loaded.data;
  const open = queryText("open");
  if (!x) return <><h1>{say("node.title")}</h1>{loaded.busy ? <Waiting /> : <Failed words={loaded.error} again={loaded.reload} />}</>;
  const opened = x.peers.find((p) => p.agency === open);
  const word = queryText("q");
  const rows = x.peers.filter((p) => !word || `${p.title ?? ""} ${p.name}`.toLowerCase().includes(word.toLowerCase())).sort((a, b) => Number(b.quota.full) - Number(a.quota.full) || share(b.quota) - share(a.quota) || titleOfPeer(a).localeCompare(titleOfPeer(b)));
  return (
    <div class={opened ? "with-panel" : undefined}>
      <div class="list-side">
        <h1>{say("node.title")}</h1>
        <p class="summary">{summary(x)}</p>
        <Failed words={loaded.error} again={loaded.reload} />
        <section class="card node-keys">{x.keys.map((k) => <KeyView key={k.what} k={k} x={x} reload={loaded.reload} />)}
          {!may("link.write") && <p class="note">{say("limit.not_you")}</p>}</section>
        <Card title={say("limits.title")} id="limits">
          <p class="soft">{say("limits.words")}</p>
          {x.peers.length > AGENCIES_MANY && <Field label={say("filter.find")} value={word} type="search" onText={(t) => setQuery({ q: t || null }, true)} narrow />}
          {x.peers.length === 0 ? <p>{say("limits.none")}</p>
            : <Table key={opened ? "few" : "all"} name={opened ? "limits-few" : "limits"} caption={say("limits.title")} columns={opened ? columns.slice(0, 2) : columns} rows={rows} rowKey={(p) => p.agency}
              selected={open} empty={say("filter.none")} mark={(p) => (p.quota.full ? "red-row" : undefined)} />}
        </Card>
      </div>
      {opened && <Panel title={titleOfPeer(opened)} onClose={() => setQuery({ open: null })}><LimitView p={opened} x={x} reload={loaded.reload} /></Panel>}
    </div>
  );
}
