// A request, an alert, or the wish to pass something on: to whom, by when, whom to call.
import type { Notice } from "./data";
import { HANDLINGS, wordsOf, type Peer } from "./data";
import { send } from "../shared/api";
import { useDraft } from "../shared/drafts";
import { Act, Choice, DraftNote, Field, Radios } from "../shared/fields";
import { queryText } from "../shared/router";
import { Card, Failed, toast, Waiting } from "../shared/ui";
import { Boxes, peerOptions, Term, termOf, usePeers } from "./parts";
import { say } from "./words";

const ACTS = ["request", "alert", "pass_on"] as const;
const listOf = (text: string) => text.split(/[;,\s]+/).filter(Boolean);

function Form({ peers, onDone }: { peers: readonly Peer[]; onDone: (n: Notice) => void }) {
  const about = queryText("record");
  const draft = useDraft("notice", { act: "request", to: "", recipient: "", title: "", text: "", records: "", handling: "H0", due: "", contact: "" });
  const v = draft.values;
  const act = ACTS.find((a) => a === v.act) ?? "request";
  const chosen = listOf(v.to).filter((a) => peers.some((p) => p.agency === a));
  const names = chosen.map((a) => peers.find((p) => p.agency === a)?.title ?? "").join(", ");
  const records = listOf(v.records || about);
  const body = {
    act, to: chosen, title: v.title.trim(), text: v.text.trim(), records, recipient: act === "pass_on" ? v.recipient : "",
    handling: act === "request" ? v.handling : "", due_at: termOf(v.due), contact: v.contact.trim(),
  };
  const need = chosen.length === 0 ? say("need.to") : act === "pass_on" && chosen.length > 1 ? say("need.one") : !body.title ? say("need.title") : !body.text ? say("need.text") : act !== "alert" && !body.due_at ? say("need.due")
    : act === "pass_on" && !body.recipient ? say("need.recipient") : act === "pass_on" && records.length === 0 ? say("need.records") : !body.contact ? say("need.contact") : "";
  return (
    <Card title={say("notice.what")}>
      {peers.length === 0 && <p class="note">{say("need.peers")}</p>}
      <Radios label={say("col.what")} name="act" value={act} onText={(t) => draft.set("act", t)} options={ACTS.map((a) => ({ value: a, words: wordsOf("notice", a), more: say(`notice.${a}.more`) }))} />
      <Boxes label={say("col.to")} chosen={chosen} onChange={(to) => draft.set("to", to.join(" "))} options={peerOptions(peers)} />
      {act === "pass_on" && <Choice label={say("fact.recipient")} value={v.recipient} onText={(t) => draft.set("recipient", t)}
        options={[{ value: "", words: "" }, ...peers.filter((p) => !chosen.includes(p.agency)).map((p) => ({ value: p.agency, words: p.title || p.name }))]} />}
      <Field label={say("col.title")} value={v.title} onText={(t) => draft.set("title", t)} required />
      <Field label={say(act === "request" ? "notice.ask" : "notice.why")} value={v.text} onText={(t) => draft.set("text", t)} rows={4} />
      <Field label={say("fact.about")} hint={say("notice.records.hint")} value={v.records || about} onText={(t) => draft.set("records", t)} />
      <div class="row">
        {act === "request" && <Choice label={say("fact.offered")} value={v.handling} onText={(t) => draft.set("handling", t)} options={HANDLINGS.map((h) => ({ value: h, words: `${h}: ${wordsOf("handling", h)}` }))} />}
        <Term label={say("col.due")} hours={[4, 24, 72, 24 * 7, 24 * 30]} value={v.due} onText={(t) => draft.set("due", t)} none={say("due.none")} />
        <Field label={say("fact.contact")} hint={say("contact.hint")} value={v.contact} onText={(t) => draft.set("contact", t)} required />
      </div>
      <Act label={say("notice.send")} sentence={need || say("notice.does", { what: wordsOf("notice", act), names: names || "…", title: body.title })} what={JSON.stringify(body)} disabled={need !== ""}
        run={async (key) => {
          const made = await send<Notice>("POST", "/notices", body, { key });
          draft.clear();
          toast(say("notice.sent"));
          onDone(made);
        }} />
      <DraftNote draft={draft} />
    </Card>
  );
}

export function NewNotice({ onDone }: { onDone: (n: Notice) => void }) {
  const { peers, error, reload } = usePeers();
  return (
    <>
      <h1>{say("notice.new")}</h1>
      {peers ? <Form peers={peers} onDone={onDone} /> : error ? <Failed words={error} again={reload} /> : <Waiting />}
    </>
  );
}
