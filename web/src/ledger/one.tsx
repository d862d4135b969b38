// One record: what it says under which marking, who signed it, who quotes it, and its proof.
import type { PageProps } from "../app/pages";
import { useState } from "preact/hooks";
import { saveBlob } from "../shared/api";
import { useData } from "../shared/data";
import { timeText } from "../shared/format";
import { pathOf } from "../shared/router";
import { calendar, may, session, zone } from "../shared/session";
import { Card, Facts, Failed, Waiting, When } from "../shared/ui";
import type { Exchange } from "../exchange/data";
import { SharingCard } from "../exchange/part";
import { canonical, stateWords, type LogProof, type Mark, type RecordWhole, type Signature } from "./data";
import { say } from "./words";
import "./page.css";

type NameOf = (agency: string) => string;

// Agencies by the names that we call them; by the beginning of their id where they have none here.
function useNames(wanted: boolean): NameOf {
  const loaded = useData<Pick<Exchange, "peers">>(wanted && may("exchange.read") ? "/exchange" : null, ["peer"]);
  const own = session.value?.agency;
  return (agency) => (agency === own?.id ? own.name : loaded.data?.peers.find((p) => p.agency === agency)?.name ?? agency.slice(0, 8));
}

function markWords(m: Mark, nameOf: NameOf): string {
  return [
    `TLP:${m.tlp}`, `PAP:${m.pap}`, m.handling, m.note, m.to.length ? say("fact.to", { to: m.to.map(nameOf).join(", ") }) : null,
    m.purposes.length ? say("fact.purposes", { purposes: m.purposes.join(", ") }) : null,
    m.until ? timeText(m.until, zone.value, calendar.value, false) : null,
  ].filter(Boolean).join(", ");
}

function Links({ ids, none }: { ids: readonly string[]; none: string }) {
  if (ids.length === 0) return <span class="soft">{none}</span>;
  return <>{ids.map((id, i) => <span key={id}>{i > 0 && ", "}<a href={pathOf("ledger", id)}>{id.slice(-8)}</a></span>)}</>;
}

// Whether the key is the officer's is told of each; what is not so is no small print.
function Signers({ signed }: { signed: readonly Signature[] }) {
  if (signed.length === 0) return <span class="soft">{say("fact.signed.none")}</span>;
  return (
    <ul class="plain">
      {signed.map((s) => (
        <li key={s.officer} title={s.key}>
          <a href={pathOf("ledger", s.officer)}>{s.officer.slice(-8)}</a>{", "}
          <span class={s.state === "checked" ? "soft" : s.state === "key_unknown" ? "note" : "error"}>{say(`signed.${s.state}`)}</span>
        </li>
      ))}
    </ul>
  );
}

// Of a record whose content is gone: who removed it and when, and its place. Nothing else is known of it.
function Gone({ r }: { r: RecordWhole }) {
  return (
    <Facts rows={[
      [say("fact.id"), <code class="hash">{r.id}</code>],
      [say("gone.at"), <When at={r.at} stop seconds />],
      [say("gone.by"), r.officer ? <a href={pathOf("ledger", r.officer)}>{r.officer.slice(-8)}</a> : say("machine")],
      [say("fact.quoted"), <Links ids={r.quoted_by} none={say("fact.quoted.none")} />],
      [say("fact.place"), say("place", { leaf: r.leaf, log: r.log, size: r.tree_size })],
    ]} />
  );
}

function Details({ r }: { r: RecordWhole }) {
  const e = r.envelope;
  const own = r.agency === session.value?.agency.id;
  const nameOf = useNames(!own || (e?.record.mark.to.length ?? 0) > 0);
  if (!e) return <Gone r={r} />;
  return (
    <Facts rows={[
      [say("fact.id"), <code class="hash">{r.id}</code>],
      [say("col.at"), <When at={r.at} stop seconds />],
      [say("fact.of_agency"), own ? say("agency.own") : <>{r.agency && nameOf(r.agency)} <code class="hash">{r.agency}</code></>],
      [say("col.officer"), r.officer ? <a href={pathOf("ledger", r.officer)}>{r.officer.slice(-8)}</a> : say("machine")],
      [say("fact.of"), r.of && r.of !== r.id ? <a href={pathOf("ledger", r.of)}>{r.of.slice(-8)}</a> : say("fact.of.none")],
      [say("fact.mark"), markWords(e.record.mark, nameOf)],
      [say("fact.basis"), [e.record.basis?.purpose, e.record.basis?.law].filter(Boolean).join(", ")],
      [say("fact.grade"), e.record.grade ? e.record.grade.source + e.record.grade.info : say("fact.grade.none")],
      [say("fact.signed"), <Signers signed={r.signatures} />],
      [say("fact.quoted"), <Links ids={r.quoted_by} none={say("fact.quoted.none")} />],
      [say("fact.place"), say("place", { leaf: r.leaf, log: r.log, size: r.tree_size })],
    ]} />
  );
}

// Who else saw this state of the log and signed so. Opened on purpose: a look is a read of the record.
function Cosignatures({ id }: { id: string }) {
  const [shown, setShown] = useState(false);
  const loaded = useData<LogProof>(shown ? pathOf("records", id, "proof") : null, ["none"]);
  const p = loaded.data;
  return (
    <details onToggle={(e) => setShown(e.currentTarget.open)}>
      <summary>{say("proof.cosigned")}</summary>
      <p class="soft">{say("proof.cosigned.words")}</p>
      <Failed words={loaded.error} again={loaded.reload} />
      {!p && loaded.busy && <Waiting />}
      {p && <p>{say(p.cosignatures.length === 0 ? "proof.cosigned.none" : "proof.cosigned.state", { size: p.size, count: p.cosignatures.length })}</p>}
      {p && <pre class="proof" tabIndex={0}>{[p.checkpoint.trimEnd(), ...p.cosignatures].join("\n")}</pre>}
      {p && <Facts rows={[
        [say("proof.agency"), <code class="hash">{p.agency}</code>],
        [say("proof.log_key"), <code class="hash">{p.log_key}</code>],
        [say("proof.root"), <code class="hash">{p.root}</code>],
      ]} />}
      {p && <button type="button" class="chip" onClick={() => saveBlob(new Blob([JSON.stringify(p, null, 2)], { type: "application/json" }), `proof-${id}.json`)}>{say("proof.save")}</button>}
    </details>
  );
}

function Proof({ r }: { r: RecordWhole }) {
  const save = (text: string, name: string) => saveBlob(new Blob([text], { type: "application/json" }), name);
  return (
    <Card title={say("proof")}>
      <Facts rows={[
        [say("proof.commitment"), <code class="hash">{r.commitment}</code>],
        [say("proof.salt"), <code class="hash">{r.salt ?? stateWords(r.state)}</code>],
        [say("proof.path"), r.proof.length === 0 ? say("proof.path.none") : <ol>{r.proof.map((h, i) => <li key={`${i} ${h}`}><code class="hash">{h}</code></li>)}</ol>],
      ]} />
      <h3>{say("proof.checkpoint")}</h3>
      <pre class="proof" tabIndex={0}>{r.checkpoint}</pre>
      <Cosignatures id={r.id} />
      <details>
        <summary>{say("hand")}</summary>
        {!r.envelope && <p>{say("hand.gone")}</p>}
        <ol>{(r.envelope ? [1, 2, 3, 4, 5] as const : [3, 4, 5] as const).map((n) => <li key={n}>{say(`hand.${n}`)}</li>)}</ol>
        <p class="doors">
          {r.envelope && <button type="button" class="chip" onClick={() => save(canonical(r.envelope), `envelope-${r.id}.json`)}>{say("hand.save")}</button>}
          <button type="button" class="chip" onClick={() => save(JSON.stringify(r, null, 2), `record-${r.id}.json`)}>{say("hand.whole")}</button>
        </p>
      </details>
    </Card>
  );
}

export default function RecordOfLedgerPage({ params }: PageProps) {
  // A look may be written into the log of reads: news does not repeat it.
  const loaded = useData<RecordWhole>(pathOf("records", params["id"] ?? ""), ["erase"]);
  const r = loaded.data;
  if (!r) return loaded.busy ? <Waiting /> : <Failed words={loaded.error} again={loaded.reload} />;
  return (
    <>
      <h1>{say("one", { id: r.id.slice(-8) })}</h1>
      <section class="card">
        <p class="summary">{say(r.envelope ? "one.summary" : "one.removed", { kind: r.kind ?? stateWords(r.state), at: timeText(r.at, zone.value, calendar.value, true) })}</p>
        <p class={r.verified ? "note" : "error"}>{say(r.verified ? "one.verified" : "one.unverified")}</p>
        {r.state === "erased" && <p class="note">{say("one.gone")}</p>}
        <Details r={r} />
      </section>
      <Card title={say("body")}>
        {r.envelope ? <pre class="proof" tabIndex={0}>{JSON.stringify(r.envelope.record.body, null, 2)}</pre> : <p class="soft">{say("body.none")}</p>}
      </Card>
      {r.state === "held" && <SharingCard id={r.id} open />}
      <Proof r={r} />
    </>
  );
}
