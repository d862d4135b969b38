// A new accord: members with their law, what flows, for what, under which marking, from when to when.
import { useData } from "../shared/data";
import { useDraft } from "../shared/drafts";
import { send } from "../shared/api";
import { Act, DraftNote, Field } from "../shared/fields";
import { session } from "../shared/session";
import { Card, Failed, toast, Waiting } from "../shared/ui";
import { flowWords } from "./accords";
import { ownAgency, SHARED_KINDS, wordsOf, type Accord, type Peer } from "./data";
import { Boxes, MarkFields, peerOptions, Term, termOf, usePeers } from "./parts";
import { say } from "./words";

interface Purposes {
  purposes: { purpose: string; words: string }[];
}
const EMPTY = { name: "", title: "", members: "", mirrors: "", kinds: "", purposes: "", tlp: "AMBER", pap: "AMBER", handling: "H0", days: "90", ends: "" };
const listOf = (text: string) => text.split(" ").filter(Boolean);

export function NewAccord({ onDone }: { onDone: (a: Accord) => void }) {
  const { peers, error, reload } = usePeers();
  if (peers === null) return error ? <Failed words={error} again={reload} /> : <Waiting />;
  return <AccordForm peers={peers} onDone={onDone} />;
}

function AccordForm({ peers, onDone }: { peers: readonly Peer[]; onDone: (a: Accord) => void }) {
  const purposes = useData<Purposes>("/login", ["none"]);
  const draft = useDraft("accord", EMPTY);
  // The law of each member is typed under its name: one draft a member.
  const laws = useDraft<Record<string, string>>("accord-laws", Object.fromEntries([ownAgency(), ...peers.map((p) => p.agency)].map((a) => [a, ""])));
  const v = draft.values;
  const members = [ownAgency(), ...listOf(v.members).filter((m) => peers.some((p) => p.agency === m))];
  const nameOf = (agency: string) => (agency === ownAgency() ? (session.value?.agency.title ?? "") : (peers.find((p) => p.agency === agency)?.title ?? agency.slice(0, 8)));
  const body = {
    name: v.name.trim(), title: v.title.trim(), members: members.map((agency) => ({ agency, law: (laws.values[agency] ?? "").trim(), mirror: listOf(v.mirrors).includes(agency) })),
    kinds: listOf(v.kinds), purposes: listOf(v.purposes), days: /^\d{1,5}$/.test(v.days.trim()) ? Number(v.days.trim()) : 0, handling: v.handling, pap: v.pap, tlp: v.tlp,
    begins_at: null, ends_at: termOf(v.ends),
  };
  const need = !body.name ? say("need.name") : members.length < 2 ? say("need.members") : body.kinds.length === 0 ? say("need.kinds")
    : body.members.some((m) => !m.law) ? say("need.law") : "";
  return (
    <>
      <h1>{say("accord.new")}</h1>
      <p>{say("accord.new.words")}</p>
      <Card title={say("accord.what")}>
        <div class="row">
          <Field label={say("accord.name")} hint={say("accord.name.hint")} value={v.name} onText={(t) => draft.set("name", t)} required />
          <Field label={say("accord.title")} value={v.title} onText={(t) => draft.set("title", t)} />
        </div>
        <Boxes label={say("col.kinds")} hint={say("kinds.all.hint")} chosen={listOf(v.kinds)} onChange={(k) => draft.set("kinds", k.join(" "))}
          options={[{ value: "*", words: say("kinds.all") }, ...SHARED_KINDS.map((k) => ({ value: k, words: wordsOf("record", k) }))]} />
        <Boxes label={say("col.purposes")} hint={say("purposes.hint")} chosen={listOf(v.purposes)} onChange={(p) => draft.set("purposes", p.join(" "))}
          options={(purposes.data?.purposes ?? []).map((p) => ({ value: p.purpose, words: p.purpose, more: p.words }))} />
      </Card>
      <Card title={say("col.members")}>
        {peers.length === 0 && <p class="note">{say("need.peers")}</p>}
        <Boxes label={say("accord.members")} chosen={listOf(v.members)} onChange={(m) => draft.set("members", m.join(" "))}
          options={peerOptions(peers, (p) => p.fingerprint)} />
        {members.map((m) => (
          <Field key={m} label={say("accord.law", { name: nameOf(m) })} value={laws.values[m] ?? ""} onText={(t) => laws.set(m, t)} required />
        ))}
        <Boxes label={say("accord.mirrors")} hint={say("accord.mirrors.hint")} chosen={listOf(v.mirrors)} onChange={(m) => draft.set("mirrors", m.join(" "))}
          options={members.map((m) => ({ value: m, words: nameOf(m) }))} />
      </Card>
      <Card title={say("fact.default")}>
        <MarkFields v={v} set={(m) => { draft.set("tlp", m.tlp); draft.set("pap", m.pap); draft.set("handling", m.handling); }} />
        <div class="row">
          <Field label={say("accord.days")} hint={say("accord.days.hint")} value={v.days} mode="numeric" onText={(t) => draft.set("days", t)} />
          <Term label={say("col.ends")} hours={[24 * 90, 24 * 365, 24 * 730]} value={v.ends} onText={(t) => draft.set("ends", t)} none={say("ends.none")} />
        </div>
      </Card>
      <Act label={say("accord.make")} disabled={need !== ""} what={JSON.stringify(body)}
        sentence={need || say("accord.does", { flows: flowWords({ kinds: body.kinds, purposes: body.purposes, members: members.map((agency) => ({ agency, name: nameOf(agency), law: "", mirror: false, signed_at: null, left_at: null })) }) })}
        run={async (key) => {
          const made = await send<Accord>("POST", "/accords", body, { key });
          draft.clear();
          laws.clear();
          toast(say("accord.made"));
          onDone(made);
        }} />
      <DraftNote draft={draft} />
    </>
  );
}
