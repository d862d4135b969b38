// Accords: what is exchanged with whom, for what, under which marking; who signed; signing and leaving.
import type { PageProps } from "../app/pages";
import { send } from "../shared/api";
import { useData, useList } from "../shared/data";
import { useDraft } from "../shared/drafts";
import { Act, Field } from "../shared/fields";
import { stacks } from "../shared/format";
import { go, pathOf } from "../shared/router";
import { may, session } from "../shared/session";
import { Table, type Column } from "../shared/table";
import { Card, Facts, Failed, toast, Waiting, When } from "../shared/ui";
import { markWords, ownAgency, wordsOf, type Accord, type Member } from "./data";
import { NewAccord } from "./accord-new";
import { say } from "./words";
import "./page.css";

const ACCORD_NEWS = ["accord", "accord_sign"] as const;

function membersWords(a: Accord): string {
  return a.members.map((m) => m.name).join(", ");
}

function kindsWords(kinds: readonly string[]): string {
  return kinds.includes("*") ? say("kinds.all") : kinds.map((k) => wordsOf("record", k)).join(", ");
}

type State = "sign" | "waits" | "force" | "over";
const STATES: readonly State[] = ["sign", "waits", "force", "over"];

function stateKind(a: Accord): State {
  const staying = a.members.filter((m) => !m.left_at);
  if (staying.length < 2 || !staying.some((m) => m.agency === ownAgency())) return "over";
  if (a.may.includes("sign")) return "sign";
  if (staying.some((m) => !m.signed_at)) return "waits";
  return a.in_force ? "force" : "over";
}

// Who has left takes nobody else out, unless nobody else is left.
export function stateOf(a: Accord): string {
  const names = (members: readonly Member[]) => members.map((m) => m.name).join(", ");
  const left = a.members.filter((m) => m.left_at);
  const missing = a.members.filter((m) => !m.signed_at && !m.left_at && m.agency !== ownAgency());
  const kind = stateKind(a);
  if (kind === "sign") return missing.length ? say("accord.sign.too", { names: names(missing) }) : say("accord.sign");
  if (kind === "waits") return say("accord.waits", { names: names(missing) || session.value?.agency.name || "" });
  if (kind === "force") return [say("accord.in_force"), left.length ? say("accord.left", { names: names(left) }) : ""].filter(Boolean).join(" ");
  return left.length ? say("accord.ended", { names: names(left) }) : say("accord.out_of_time");
}

const columns: readonly Column<Accord>[] = [
  { key: "title", head: say("col.accord"), cell: (a) => <a href={pathOf("exchange", "accords", a.id)}>{a.title || a.name}</a>, text: (a) => a.title || a.name },
  { key: "state", head: say("col.state"), cell: (a) => (stateKind(a) === "sign" ? <strong>{stateOf(a)}</strong> : stateOf(a)), text: stateOf, order: (a) => STATES.indexOf(stateKind(a)) },
  { key: "members", head: say("col.members"), cell: membersWords, text: membersWords },
  { key: "kinds", head: say("col.kinds"), cell: (a) => kindsWords(a.kinds), text: (a) => kindsWords(a.kinds) },
  { key: "purposes", head: say("col.purposes"), cell: (a) => a.purposes.join(", ") || say("purposes.all"), text: (a) => a.purposes.join(", ") },
  { key: "ends", head: say("col.ends"), cell: (a) => (a.ends_at ? <When at={a.ends_at} /> : say("ends.none")), text: (a) => a.ends_at ?? "" },
  { key: "name", head: say("col.name"), cell: (a) => a.name, text: (a) => a.name, hidden: true },
];

const memberColumns: readonly Column<Member>[] = [
  { key: "name", head: say("col.agency"), cell: (m) => (m.agency === ownAgency() ? say("we", { name: m.name }) : m.name), text: (m) => m.name },
  { key: "signed", head: say("col.signed"), cell: (m) => (m.signed_at ? <When at={m.signed_at} /> : <strong>{say("not_yet")}</strong>), text: (m) => m.signed_at ?? "" },
  { key: "law", head: say("col.law"), cell: (m) => m.law, text: (m) => m.law ?? "" },
  { key: "mirror", head: say("col.mirror"), cell: (m) => say(m.mirror ? "yes" : "no"), text: (m) => say(m.mirror ? "yes" : "no") },
  { key: "left", head: say("col.left"), cell: (m) => (m.left_at ? <When at={m.left_at} /> : ""), text: (m) => m.left_at ?? "" },
];

// What flows, in one sentence: the officer reads this before signing.
export function flowWords(a: Pick<Accord, "kinds" | "purposes" | "members">): string {
  return say("flows", {
    kinds: kindsWords(a.kinds), purposes: a.purposes.length ? say("flows.purposes", { purposes: a.purposes.join(", ") }) : "",
    members: a.members.map((m) => m.name).join(", "),
  });
}

function Sign({ a, reload }: { a: Accord; reload: () => void }) {
  const draft = useDraft(`accord.${a.id}`, { note: "" });
  const { note } = draft.values;
  const path = `${pathOf("accords", a.id)}/sign`;
  const act = (signed: boolean) => async (key: string) => {
    await send("POST", path, { signed, note: note.trim() }, { key });
    draft.clear();
    toast(say(signed ? "sign.done" : "leave.done"));
  };
  const signs = a.may.includes("sign");
  const leaves = a.may.includes("leave");
  if (!signs && !leaves) return null;
  const words = <Field label={say("note")} value={note} onText={(t) => draft.set("note", t)} rows={2} />;
  return (
    <Card title={say(signs ? "sign.title" : "leave.title")} id="sign">
      {signs && words}
      {signs && <Act label={say("sign.button")} sentence={say("sign.does", { flows: flowWords(a) })} what={`sign ${a.id} ${note}`} run={act(true)} onDone={reload} />}
      {leaves && (
        <details class="else">
          <summary>{say(signs ? "out.title" : "leave.open")}</summary>
          {!signs && words}
          <Act label={say(signs ? "out.button" : "leave.button")} sentence={say(signs ? "out.does" : "leave.does", { names: a.members.filter((m) => m.agency !== ownAgency()).map((m) => m.name).join(", ") })}
            what={`leave ${a.id} ${note}`} danger run={act(false)} onDone={reload} />
        </details>
      )}
    </Card>
  );
}

function AccordView({ id }: { id: string }) {
  const loaded = useData<Accord>(pathOf("accords", id), ACCORD_NEWS);
  const a = loaded.data;
  if (!a) return loaded.busy ? <Waiting /> : <Failed words={loaded.error} again={loaded.reload} />;
  return (
    <>
      <h1 class={stacks(a.title)}>{a.title || a.name}</h1>
      <section class="card">
        <p class="summary">{stateOf(a)}</p>
        <p>{flowWords(a)}</p>
        <Facts rows={[
          [say("col.kinds"), kindsWords(a.kinds)],
          [say("col.purposes"), a.purposes.join(", ") || say("purposes.all")],
          [say("fact.default"), <>{markWords(a.mark)}{a.mark.days ? `; ${say("mark.days", { count: a.mark.days })}` : ""}</>],
          [say("fact.begins"), <When at={a.begins_at} stop />],
          [say("col.ends"), a.ends_at ? <When at={a.ends_at} stop /> : say("ends.none")],
          [say("col.name"), a.name],
          [say("fact.record"), <a href={pathOf("ledger", a.id)}>{a.id.slice(-8)}</a>],
        ]} />
      </section>
      <Card title={say("members.title")}>
        <Table name="members" caption={say("members.title")} columns={memberColumns} rows={a.members} rowKey={(m) => m.agency} />
      </Card>
      <Sign a={a} reload={loaded.reload} />
      <Failed words={loaded.error} again={loaded.reload} />
    </>
  );
}

function AccordList() {
  const list = useList<Accord>("/accords", ACCORD_NEWS);
  return (
    <>
      <h1>{say("accords")}</h1>
      <p>{say("accords.words")}</p>
      {may("accord.sign") && <p class="doors"><a class="chip" href="/exchange/accords/new">{say("accord.new")}</a></p>}
      <Failed words={list.error} again={list.reload} />
      {!list.data && list.busy && <Waiting />}
      {list.data && (
        <section class="card">
          <Table name="accords" caption={say("accords")} columns={columns} rows={[...list.data].sort((a, b) => STATES.indexOf(stateKind(a)) - STATES.indexOf(stateKind(b)))} rowKey={(a) => a.id}
            more={list.more} empty={say("accords.none")} />
        </section>
      )}
    </>
  );
}

export default function AccordsPart({ params }: PageProps) {
  const id = params["id"];
  if (id === undefined) return <AccordList />;
  if (id === "new") return <NewAccord onDone={(a) => go(pathOf("exchange", "accords", a.id))} />;
  return <AccordView id={id} />;
}
