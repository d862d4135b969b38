// What others shared with us and we with them: by the clock of the answer; accepted, refused, acknowledged here.
import type { PageProps } from "../app/pages";
import { send } from "../shared/api";
import { useData, useList } from "../shared/data";
import { useDraft } from "../shared/drafts";
import { Act, Field } from "../shared/fields";
import { stacks } from "../shared/format";
import { pathOf, queryText, setQuery } from "../shared/router";
import { Table, type Column } from "../shared/table";
import { Chips, Clock, Facts, Failed, Panel, toast, Waiting, When } from "../shared/ui";
import { placeOf } from "../app/pages";
import { CodeField } from "./parts";
import { byClock, markWords, officerOf, wordsOf, type Share } from "./data";
import { say } from "./words";
import "./page.css";

const SHARE_NEWS = ["share", "share_act", "retract", "let_go"] as const;
const BOXES = ["in", "out"] as const;
type Box = (typeof BOXES)[number];
const OPEN = ["offered", "shared"];

function titleOf(s: Share): string {
  return s.title || wordsOf("record", s.kind);
}

function clockOf(s: Share): string | null {
  return OPEN.includes(s.state) ? s.due_at : null;
}

function columnsOf(box: Box, link: (s: Share) => string): readonly Column<Share>[] {
  return [
    { key: "title", head: say("col.title"), cell: (s) => <a href={link(s)}>{titleOf(s)}</a>, text: titleOf },
    { key: "clock", head: say("col.clock"), cell: (s) => <Clock at={clockOf(s)} />, text: (s) => clockOf(s) ?? "", order: (s) => clockOf(s) ?? "9999" },
    { key: "who", head: say(box === "in" ? "col.from" : "col.to"), cell: (s) => s.name, text: (s) => s.name },
    { key: "state", head: say("col.state"), cell: (s) => wordsOf("share.state", s.state), text: (s) => wordsOf("share.state", s.state) },
    { key: "kind", head: say("col.kind"), cell: (s) => wordsOf("record", s.kind), text: (s) => wordsOf("record", s.kind) },
    { key: "handling", head: say("col.handling"), cell: (s) => <span title={wordsOf("handling", s.mark.handling)}>{s.mark.handling}</span>, text: (s) => s.mark.handling },
    { key: "at", head: say("col.at"), cell: (s) => <When at={s.at} />, text: (s) => s.at },
    { key: "until", head: say("col.until"), cell: (s) => (s.mark.until ? <When at={s.mark.until} /> : say("until.none")), text: (s) => s.mark.until ?? "", hidden: true },
  ];
}

const ACTS = ["accept", "receive", "second", "refuse"] as const;

function ShareActs({ s, reload, inside }: { s: Share; reload: () => void; inside: boolean }) {
  const draft = useDraft(`share-act.${s.id}`, { note: "", code: "" });
  const { note, code } = draft.values;
  const run = (act: string) => async (key: string) => {
    await send("POST", `${pathOf("shares", s.id)}/act`, {
      act, handling: act === "accept" ? s.mark.handling : "", code: act === "refuse" ? code.trim() : "", note: note.trim() }, { key });
    toast(say("share.done"));
    draft.clear();
  };
  const open = ACTS.filter((a) => s.may.includes(a));
  const values = { name: s.name, title: titleOf(s), handling: wordsOf("handling", s.mark.handling) };
  if (open.length === 0) return null;
  return (
    <div id="share-acts">
      {inside ? <h3>{say("acts")}</h3> : <h2>{say("acts")}</h2>}
      {s.may.includes("accept") && <p class="note">{say("accept.words", { handling: wordsOf("handling", s.mark.handling) })}</p>}
      <Field label={say("note")} value={note} onText={(t) => draft.set("note", t)} rows={2} />
      {open.filter((a) => a !== "refuse").map((act) => (
        <Act key={act} label={say(`share.${act}`)} what={`${act} ${s.id} ${note}`} sentence={say(`share.${act}.does`, values)} run={run(act)} onDone={reload} />
      ))}
      {open.includes("refuse") && (
        <details class="else">
          <summary>{say("share.refuse.open")}</summary>
          <CodeField value={code} onText={(t) => draft.set("code", t)} />
          <Act label={say("share.refuse")} danger disabled={!code.trim()} what={`refuse ${s.id} ${note} ${code}`} sentence={say("share.refuse.does", values)} run={run("refuse")} onDone={reload} />
        </details>
      )}
    </div>
  );
}

export function ShareView({ s, reload, inside = false }: { s: Share; reload: () => void; inside?: boolean }) {
  const to = placeOf(s.kind, s.record) ?? pathOf("ledger", s.record);
  return (
    <>
      <p class="summary">{say(s.box === "in" ? "share.in" : "share.out", { name: s.name, kind: wordsOf("record", s.kind) })}</p>
      {s.overdue && <p class="error">{say(s.box === "in" ? "share.overdue.in" : "share.overdue.out", { name: s.name })}</p>}
      {s.state === "waits" && <p class="note">{say("waits.second")}</p>}
      <Facts rows={[
        [say("col.state"), wordsOf("share.state", s.state)],
        [say("col.due"), s.due_at ? <><When at={s.due_at} stop />{clockOf(s) && <>, <Clock at={s.due_at} /></>}</> : say("due.none")],
        [say("fact.contact"), s.contact || say("contact.none")],
        [say("fact.mark"), markWords(s.mark)],
        [say("fact.object"), s.here ? <a href={to}>{s.record.slice(-8)}</a> : <>{s.record.slice(-8)} <span class="soft">{say(s.box === "in" && s.state === "offered" ? "here.offered" : "here.none")}</span></>],
        ...(s.answers ? [[say("fact.answers"), <a href={pathOf("exchange", "notices", s.answers)}>{s.answers.slice(-8)}</a>] as const] : []),
        [say("col.at"), <When at={s.at} stop />],
        [say("fact.record"), <a href={pathOf("ledger", s.id)}>{s.id.slice(-8)}</a>],
      ]} />
      {s.acts.length > 0 && (
        <>
          {inside ? <h3>{say("done.title")}</h3> : <h2>{say("done.title")}</h2>}
          <ul class="steps">{s.acts.map((a) => (
            <li key={a.at + a.act}><When at={a.at} /> {wordsOf("did", a.act)} <span class="soft">{[officerOf(a), a.handling, a.code, a.note].filter(Boolean).join(", ")}</span></li>
          ))}</ul>
        </>
      )}
      <ShareActs s={s} reload={reload} inside={inside} />
    </>
  );
}

function OneShare({ id }: { id: string }) {
  const loaded = useData<Share>(pathOf("shares", id), SHARE_NEWS);
  if (!loaded.data) return loaded.busy ? <Waiting /> : <Failed words={loaded.error} again={loaded.reload} />;
  return <section class="card"><h1 class={stacks(titleOf(loaded.data))}>{titleOf(loaded.data)}</h1><ShareView s={loaded.data} reload={loaded.reload} /></section>;
}

function ShareList() {
  const box = BOXES.find((b) => b === queryText("box")) ?? "in";
  const list = useList<Share>(`/shares?box=${box}`, SHARE_NEWS);
  const open = queryText("open");
  const opened = list.data?.find((s) => s.id === open);
  const link = (s: Share) => `/exchange/shares?${new URLSearchParams({ ...(box === "in" ? {} : { box }), open: s.id }).toString()}`;
  return (
    <div class={opened ? "with-panel" : undefined}>
      <div class="list-side">
        <h1>{say("shares")}</h1>
        <Chips label={say("box")} items={BOXES.map((b) => ({ href: b === "in" ? "/exchange/shares" : `/exchange/shares?box=${b}`, words: say(`box.${b}`), on: b === box }))} />
        <Failed words={list.error} again={list.reload} />
        {!list.data && list.busy && <Waiting />}
        {list.data && (
          <section class="card">
            <Table key={opened ? "few" : "all"} name={opened ? `shares-${box}-few` : `shares-${box}`} caption={say(`box.${box}`)} columns={opened ? columnsOf(box, link).slice(0, 4) : columnsOf(box, link)} rows={byClock(list.data, clockOf)} rowKey={(s) => s.id} selected={open} more={list.more}
              mark={(s) => (s.overdue ? "red-row" : undefined)} empty={say(`shares.none.${box}`)} />
          </section>
        )}
      </div>
      {opened && (
        <Panel title={titleOf(opened)} page={pathOf("exchange", "shares", opened.id)} onClose={() => setQuery({ open: null })}>
          <ShareView key={opened.id} s={opened} reload={list.reload} inside />
        </Panel>
      )}
    </div>
  );
}

export default function SharesPart({ params }: PageProps) {
  return params["id"] === undefined ? <ShareList /> : <OneShare id={params["id"]} />;
}
