// On every page of an object: its marking in words, who holds it, and the acts to share it and to take it back.
import { useState } from "preact/hooks";
import { send } from "../shared/api";
import { useActing, useData } from "../shared/data";
import { useDraft } from "../shared/drafts";
import { Act, Choice, DraftNote, Field } from "../shared/fields";
import { go, pathOf } from "../shared/router";
import { may } from "../shared/session";
import { Table, type Column } from "../shared/table";
import type { List } from "../shared/types";
import { Facts, Failed, toast, Waiting, When } from "../shared/ui";
import { markWords, SHARED_KINDS, wordsOf, type Accord, type Holder, type Notice, type Peer, type Preview, type Share, type Sharing } from "./data";
import { Boxes, MarkFields, peerOptions, Term, termOf, usePeers } from "./parts";
import { say } from "./words";
import "./page.css";

const SHARING_NEWS = ["share", "share_act", "retract", "let_go", "passed", "disclosed", "accord_sign", "erase"] as const;

function holderState(h: Holder): string {
  if (h.let_go_at) return say("let_go");
  if (h.overdue) return say("overdue");
  return say(h.retracted_at ? "waits" : h.arrived ? "holds" : "on_its_way");
}

const holderColumns: readonly Column<Holder>[] = [
  { key: "name", head: say("col.agency"), cell: (h) => h.name, text: (h) => h.name },
  { key: "state", head: say("col.state"), cell: (h) => (h.overdue ? <strong class="clock red">{holderState(h)}</strong> : holderState(h)), text: holderState },
  { key: "since", head: say("col.since"), cell: (h) => <When at={h.since} />, text: (h) => h.since },
  { key: "by", head: say("col.how"), cell: (h) => wordsOf("by", h.by), text: (h) => wordsOf("by", h.by) },
  { key: "retracted", head: say("col.retracted"), cell: (h) => (h.retracted_at ? <When at={h.retracted_at} /> : ""), text: (h) => h.retracted_at ?? "" },
  { key: "let_go", head: say("col.let_go"), cell: (h) => (h.let_go_at ? <When at={h.let_go_at} /> : ""), text: (h) => h.let_go_at ?? "" },
];

function Seen({ preview }: { preview: Preview }) {
  return (
    <div class="note" role="status" id="preview">
      <p><strong>{preview.words}</strong></p>
      <h3>{say("sees.title")}</h3>
      <ul>
        {preview.sees.map((s) => <li key={s.agency}><strong>{s.title || s.name}</strong>{s.has_it && ` (${say("sees.has")})`}: {s.words}</li>)}
      </ul>
      {preview.loses.length > 0 && (
        <>
          <h3>{say("loses.title")}</h3>
          <ul>{preview.loses.map((s) => <li key={s.agency}><strong>{s.name}</strong>: {s.words}</li>)}</ul>
        </>
      )}
      <p>{markWords(preview.mark)}</p>
      {preview.needs_accept && <p>{say("needs.accept")}</p>}
      {preview.needs_second && <p>{say("needs.second")}</p>}
    </div>
  );
}

const EMPTY = { to: "", title: "", due: "", until: "", contact: "", handling_words: "", accord: "", answers: "", tlp: "", pap: "", handling: "" };

function ShareForm({ id, peers, has, reload }: { id: string; peers: readonly Peer[]; has: readonly string[]; reload: () => void }) {
  const accords = useData<List<Accord>>("/accords", ["accord", "accord_sign"]);
  const asked = useData<List<Notice>>("/notices?box=in", ["notice", "notice_act"]);
  const draft = useDraft(`share.${id}`, EMPTY);
  const v = draft.values;
  const to = v.to.split(" ").filter((a) => peers.some((p) => p.agency === a));
  const [only, setOnly] = useState(false);
  const [seen, setSeen] = useState<{ of: string; preview: Preview } | null>(null);
  const looking = useActing();
  const purposes = accords.data?.items.find((a) => a.name === v.accord)?.purposes ?? [];
  const [kept, setKept] = useState<string[] | null>(null);
  const body = {
    to, accord: v.accord, answers: v.answers, contact: v.contact.trim(), due_at: termOf(v.due), handling: v.handling, handling_words: v.handling === "H3" ? v.handling_words.trim() : "",
    only, pap: v.pap, purposes: kept ?? [], title: v.title.trim(), tlp: v.tlp, until: termOf(v.until),
  };
  const text = JSON.stringify(body);
  // What was looked at is what is sent: any change asks for another look.
  const preview = seen?.of === text ? seen.preview : null;
  const look = () => looking.run(`look ${text}`, async (key) => setSeen({ of: text, preview: await send<Preview>("POST", `${pathOf("records", id)}/share/preview`, body, { key }) }));
  const share = async (key: string) => {
    const made = await send<{ shares: Share[]; retracts: string[] }>("POST", `${pathOf("records", id)}/share`, body, { key });
    toast(say(made.shares.some((s) => s.state === "waits") ? "shared.second" : "shared", { count: made.shares.length }));
    draft.clear();
    setSeen(null);
  };
  const put = (name: keyof typeof EMPTY) => (t: string) => draft.set(name, t);
  const name = (agency: string) => peers.find((p) => p.agency === agency)?.title ?? agency.slice(0, 8);
  const requests = asked.data?.items.filter((n) => n.act === "request" && n.may.includes("provide")) ?? [];
  return (
    <div class="share-form">
      {peers.length === 0 && <p class="note">{say("need.peers")}</p>}
      <Boxes label={say("share.to")} chosen={to} onChange={(agencies) => draft.set("to", agencies.join(" "))} options={peerOptions(peers, (p) => (has.includes(p.agency) ? say("sees.has") : ""))} />
      <Choice label={say("share.accord")} hint={say("share.accord.hint")} value={v.accord} onText={(t) => { setKept(null); put("accord")(t); }}
        options={[{ value: "", words: say("share.accord.fit") }, ...(accords.data?.items ?? []).filter((a) => a.in_force).map((a) => ({ value: a.name, words: a.title || a.name }))]} />
      <details>
        <summary>{say("share.mark")}</summary>
        <MarkFields v={v} set={(m) => { draft.set("tlp", m.tlp); draft.set("pap", m.pap); draft.set("handling", m.handling); }} inherit={say("share.inherit")} />
        {v.handling === "H3" && <Field label={say("share.h3")} value={v.handling_words} onText={put("handling_words")} required />}
        <Term label={say("field.until")} hours={[24 * 7, 24 * 30, 24 * 90, 24 * 365]} value={v.until} onText={put("until")} none={say("share.inherit")} />
        {purposes.length > 0 && <Boxes label={say("share.purposes")} hint={say("share.inherit.none")} chosen={kept ?? []} onChange={setKept} options={purposes.map((p) => ({ value: p, words: p }))} />}
      </details>
      <Field label={say("share.title")} hint={say("share.title.hint")} value={v.title} onText={put("title")} />
      <div class="row">
        <Term label={say("col.due")} hours={[4, 24, 72, 24 * 7]} value={v.due} onText={put("due")} none={say("due.none")} />
        <Field label={say("fact.contact")} hint={say("contact.hint")} value={v.contact} onText={put("contact")} />
      </div>
      {requests.length > 0 && <Choice label={say("share.answers")} value={v.answers} onText={put("answers")} options={[{ value: "", words: say("share.answers.none") }, ...requests.map((n) => ({ value: n.id, words: `${n.name}: ${n.title}` }))]} />}
      {has.length > 0 && <p class="check"><label><input type="checkbox" checked={only} onChange={(e) => setOnly(e.currentTarget.checked)} /> {say("share.only")}</label></p>}
      <p><button type="button" class="chip" disabled={to.length === 0 || looking.busy} onClick={() => void look()}>{say(looking.busy ? "share.looking" : "share.look")}</button></p>
      <Failed words={looking.error || accords.error} />
      <DraftNote draft={draft} />
      {preview && <Seen preview={preview} />}
      {preview && (
        <Act label={say("share.button")} what={`share ${id} ${text}`} run={share} onDone={reload} danger={preview.loses.length > 0}
          sentence={say(preview.loses.length ? "share.does.loses" : "share.does", { names: to.map(name).join(", "), count: preview.records, loses: preview.loses.map((s) => s.name).join(", ") })} />
      )}
    </div>
  );
}

function TakeBack({ s, reload }: { s: Sharing; reload: () => void }) {
  const held = s.holders.filter((h) => !h.retracted_at && !h.let_go_at);
  const [from, setFrom] = useState<string[] | null>(null);
  const draft = useDraft(`retract.${s.record}`, { reason: "" });
  const { reason } = draft.values;
  const chosen = from ?? held.map((h) => h.agency);
  const body = { from: chosen, reason: reason.trim() };
  if (held.length === 0) return <p class="soft">{say("back.none")}</p>;
  return (
    <>
      <Boxes label={say("back.from")} chosen={chosen} onChange={setFrom} options={held.map((h) => ({ value: h.agency, words: h.name }))} />
      <Field label={say("reason")} value={reason} onText={(t) => draft.set("reason", t)} rows={2} required />
      <Act label={say("back.button")} danger disabled={chosen.length === 0 || !body.reason} what={`retract ${s.record} ${JSON.stringify(body)}`}
        sentence={say("back.does", { names: held.filter((h) => chosen.includes(h.agency)).map((h) => h.name).join(", ") })}
        run={async (key) => { await send("POST", `${pathOf("records", s.record)}/retract`, body, { key }); draft.clear(); setFrom(null); toast(say("back.done")); }} onDone={reload} />
    </>
  );
}

// The content goes for ever, here and at all who have it; that it was there stays proven.
function Erase({ id, s, reload }: { id: string; s: Sharing; reload: () => void }) {
  const draft = useDraft(`erase.${id}`, { reason: "" });
  const reason = draft.values.reason.trim();
  const asked = s.holders.filter((h) => !h.let_go_at).map((h) => h.name).join(", ");
  return (
    <>
      <Field label={say("reason")} hint={say("erase.hint")} value={draft.values.reason} onText={(t) => draft.set("reason", t)} required />
      <Act label={say("erase.button")} danger disabled={!reason} what={`erase ${id} ${reason}`} sentence={[say("erase.does"), asked ? say("erase.asked", { names: asked }) : say("erase.nobody")].join(" ")}
        run={async (key) => { await send("POST", `${pathOf("records", id)}/erase`, { reason }, { key }); draft.clear(); toast(say("erase.done")); go(pathOf("ledger", id)); }} onDone={reload} />
    </>
  );
}

export default function SharingPart({ id }: { id: string }) {
  const loaded = useData<Sharing>(`${pathOf("records", id)}/sharing`, SHARING_NEWS);
  const peers = usePeers();
  const [form, setForm] = useState<"" | "share" | "retract" | "erase">("");
  const s = loaded.data;
  if (!s) return loaded.busy ? <Waiting /> : <Failed words={loaded.error} again={loaded.reload} />;
  const live = s.holders.filter((h) => !h.let_go_at);
  const there = live.filter((h) => h.arrived).map((h) => h.name).join(", ");
  const going = live.filter((h) => !h.arrived).map((h) => h.name).join(", ");
  const has = s.holders.filter((h) => !h.let_go_at && !h.retracted_at).map((h) => h.agency);
  return (
    <div class="sharing">
      <p class="summary">{live.length ? [there ? say("holders.some", { names: there }) : say("holders.alone"), going ? say("holders.going", { names: going }) : ""].filter(Boolean).join(" ") : say(s.ours ? "holders.none" : "holders.other")}</p>
      {s.ours && !s.own && <p class="soft">{say("holders.kind")}</p>}
      <Facts rows={[[say("fact.mark.here"), markWords(s.mark)]]} />
      {s.holders.length > 0 && <Table name="holders" caption={say("holders")} columns={holderColumns} rows={s.holders} rowKey={(h) => h.agency} mark={(h) => (h.overdue ? "red-row" : undefined)} />}
      {s.shares.length > 0 && (
        <p class="soft">{say("shares.of")} {s.shares.map((x, i) => <span key={x.id}>{i > 0 && "; "}<a href={pathOf("exchange", "shares", x.id)}>{x.name}: {wordsOf("share.state", x.state)}</a></span>)}</p>
      )}
      <p class="doors">
        {s.may.includes("share") && <button type="button" class="chip" aria-pressed={form === "share"} onClick={() => setForm(form === "share" ? "" : "share")}>{say("share.open")}</button>}
        {s.may.includes("retract") && <button type="button" class="chip" aria-pressed={form === "retract"} onClick={() => setForm(form === "retract" ? "" : "retract")}>{say("back.open")}</button>}
        {s.own && may("record.erase") && <button type="button" class="chip" aria-pressed={form === "erase"} onClick={() => setForm(form === "erase" ? "" : "erase")}>{say("erase.open")}</button>}
        {!s.ours && may("notice.write") && (SHARED_KINDS as readonly string[]).includes(s.kind) && <a class="chip" href={`/exchange/notices/new?record=${encodeURIComponent(s.record)}`}>{say("pass.open")}</a>}
      </p>
      {form === "share" && (peers.peers ? <ShareForm id={id} peers={peers.peers} has={has} reload={() => { setForm(""); loaded.reload(); }} /> : peers.error ? <Failed words={peers.error} again={peers.reload} /> : <Waiting />)}
      {form === "erase" && <Erase id={id} s={s} reload={() => { setForm(""); loaded.reload(); }} />}
      {form === "retract" && <TakeBack s={s} reload={() => { setForm(""); loaded.reload(); }} />}
    </div>
  );
}
