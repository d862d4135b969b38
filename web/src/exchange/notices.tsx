// Requests, alerts and permissions to pass on: by their clock, with whom to call, and what was answered.
import type { PageProps } from "../app/pages";
import { useState } from "preact/hooks";
import { send } from "../shared/api";
import { useData, useList } from "../shared/data";
import { useDraft } from "../shared/drafts";
import { stacks, timeText } from "../shared/format";
import { Act, Field } from "../shared/fields";
import { go, pathOf, queryText } from "../shared/router";
import { calendar, may, zone } from "../shared/session";
import { Table, type Column } from "../shared/table";
import { Card, Chips, Clock, Facts, Failed, toast, Waiting, When } from "../shared/ui";
import { byClock, officerOf, wordsOf, type Notice, type Share } from "./data";
import { NewNotice } from "./notice-new";
import { Boxes, CodeField, Term, termOf } from "./parts";
import { say } from "./words";
import "./page.css";

const NOTICE_NEWS = ["notice", "notice_act", "share"] as const;
const BOXES = ["in", "out"] as const;

function others(n: Notice): string {
  return n.box === "out" ? n.to.map((t) => t.name).join(", ") : n.name;
}
function clockOf(n: Notice): string | null {
  return n.state === "open" || n.state === "received" ? n.due_at : null;
}

const columns = (box: (typeof BOXES)[number]): readonly Column<Notice>[] => [
  { key: "title", head: say("col.title"), cell: (n) => <a href={pathOf("exchange", "notices", n.id)}>{n.title}</a>, text: (n) => n.title },
  { key: "clock", head: say("col.clock"), cell: (n) => <Clock at={clockOf(n)} />, text: (n) => clockOf(n) ?? "", order: (n) => clockOf(n) ?? "9999" },
  { key: "act", head: say("col.what"), cell: (n) => wordsOf("notice", n.act), text: (n) => n.act },
  { key: "who", head: say(box === "in" ? "col.from" : "col.to"), cell: others, text: others },
  { key: "state", head: say("col.state"), cell: (n) => wordsOf("notice.state", n.state), text: (n) => wordsOf("notice.state", n.state) },
  { key: "contact", head: say("fact.contact"), cell: (n) => n.contact, text: (n) => n.contact ?? "" },
  { key: "at", head: say("col.at"), cell: (n) => <When at={n.at} />, text: (n) => n.at },
];

const ACTS = ["provide", "grant", "receive", "second", "refuse", "close"] as const;
const EMPTY = { note: "", code: "", until: "" };

function NoticeActs({ n, reload }: { n: Notice; reload: () => void }) {
  const draft = useDraft(`notice.${n.id}`, EMPTY);
  const v = draft.values;
  const open = ACTS.filter((a) => n.may.includes(a));
  const [act, setAct] = useState<(typeof ACTS)[number] | null>(null);
  const chosen = act && open.includes(act) ? act : open[0];
  const made = useList<Share>("/shares?box=out", ["share"]);
  const [picked, setPicked] = useState<string[] | null>(null);
  if (!chosen) return null;
  const ours = made.data?.filter((s) => s.to === n.by && s.open) ?? [];
  const shares = picked ?? ours.filter((s) => s.answers === n.id).map((s) => s.id);
  const body = {
    act: chosen, shares: chosen === "provide" ? shares : [], until: chosen === "grant" ? termOf(v.until) : null,
    code: chosen === "refuse" ? v.code.trim() : "", note: v.note.trim(),
  };
  const need = chosen === "provide" && shares.length === 0 ? say("need.shares") : chosen === "refuse" && !v.code.trim() ? say("need.code")
    : chosen === "grant" && !body.until ? say("need.until") : "";
  const values = { names: others(n), title: n.title, count: shares.length, recipient: n.recipient?.name ?? "" };
  return (
    <Card title={say("acts")} id="notice-acts">
      {open.length > 1 && <div class="chips" role="group" aria-label={say("acts")}>
        {open.map((a) => <button key={a} type="button" class="chip" aria-pressed={a === chosen} onClick={() => setAct(a)}>{say(`notice.${a}`)}</button>)}
      </div>}
      {chosen === "provide" && ours.length > 0 && <Boxes label={say("field.shares")} chosen={shares} onChange={setPicked}
        options={ours.map((s) => ({ value: s.id, words: s.title || wordsOf("record", s.kind), more: timeText(s.at, zone.value, calendar.value, false) }))} />}
      {chosen === "grant" && <Term label={say("field.until")} hours={[24 * 7, 24 * 30, 24 * 90, 24 * 365]} value={v.until} onText={(t) => draft.set("until", t)} none="" />}
      {chosen === "refuse" && <CodeField value={v.code} onText={(t) => draft.set("code", t)} />}
      <Field label={say("note")} value={v.note} onText={(t) => draft.set("note", t)} rows={2} />
      <Act key={chosen} label={say(`notice.${chosen}`)} sentence={need || say(`notice.${chosen}.does`, values)} what={n.id + JSON.stringify(body)} disabled={need !== ""} danger={chosen === "refuse"}
        run={async (key) => { await send("POST", `${pathOf("notices", n.id)}/act`, body, { key }); draft.clear(); toast(say("notice.done")); }} onDone={reload} />
    </Card>
  );
}

function NoticeView({ id }: { id: string }) {
  const loaded = useData<Notice>(pathOf("notices", id), NOTICE_NEWS);
  const n = loaded.data;
  if (!n) return loaded.busy ? <Waiting /> : <Failed words={loaded.error} again={loaded.reload} />;
  return (
    <>
      <h1 class={stacks(n.title)}>{n.title}</h1>
      <section class="card">
        <p class="summary">{say(`notice.${n.act === "alert" || n.act === "pass_on" ? n.act : "request"}.says`, { from: n.box === "out" ? say("us") : n.name, to: n.box === "out" ? n.to.map((t) => t.name).join(", ") : say("us"), recipient: n.recipient?.name ?? "" })}</p>
        {n.overdue && <p class="error">{say(n.box === "in" ? (n.act === "alert" ? "notice.overdue.alert" : "notice.overdue.in") : "notice.overdue.out", { names: others(n) })}</p>}
        {n.state === "waits" && <p class="note">{say("waits.second")}</p>}
        <p class="prose">{n.text}</p>
        <Facts rows={[
          [say("col.state"), wordsOf("notice.state", n.state)],
          [say("col.due"), n.due_at ? <><When at={n.due_at} stop />{clockOf(n) && <>, <Clock at={n.due_at} /></>}</> : say("due.none")],
          [say("fact.contact"), n.contact || say("contact.none")],
          ...(n.handling && n.act === "request" ? [[say(n.box === "in" ? "fact.offered.in" : "fact.offered"), `${n.handling}: ${wordsOf("handling", n.handling)}`] as const] : []),
          ...(n.recipient ? [[say("fact.recipient"), n.recipient.name] as const] : []),
          [say("fact.about"), n.records.length ? n.records.map((r, i) => <span key={r}>{i > 0 && ", "}<a href={pathOf("ledger", r)}>{r.slice(-8)}</a></span>) : say("about.none")],
          [say("col.at"), <When at={n.at} stop />],
          [say("fact.record"), <a href={pathOf("ledger", n.id)}>{n.id.slice(-8)}</a>],
        ]} />
        <h2>{say("done.title")}</h2>
        {n.acts.length === 0 ? <p class="soft">{say("done.none")}</p> : (
          <ul class="steps">{n.acts.map((a) => (
            <li key={a.at + a.act}>
              <When at={a.at} /> {wordsOf("did", a.act)} <span class="soft">{[officerOf(a), a.code, a.note].filter(Boolean).join(", ")}</span>
              {a.until && <> {say("did.until")} <When at={a.until} /></>}
              {a.shares.map((s) => <span key={s}> <a href={pathOf("exchange", "shares", s)}>{s.slice(-8)}</a></span>)}
            </li>
          ))}</ul>
        )}
      </section>
      <NoticeActs key={n.acts.length} n={n} reload={loaded.reload} />
      <Failed words={loaded.error} again={loaded.reload} />
    </>
  );
}

function NoticeList() {
  const box = BOXES.find((b) => b === queryText("box")) ?? "in";
  const list = useList<Notice>(`/notices?box=${box}`, NOTICE_NEWS);
  return (
    <>
      <h1>{say("notices")}</h1>
      <p>{say("notices.words")}</p>
      {may("notice.write") && <p class="doors"><a class="chip" href="/exchange/notices/new">{say("notice.new")}</a></p>}
      <Chips label={say("box")} items={BOXES.map((b) => ({ href: b === "in" ? "/exchange/notices" : `/exchange/notices?box=${b}`, words: say(`notices.${b}`), on: b === box }))} />
      <Failed words={list.error} again={list.reload} />
      {!list.data && list.busy && <Waiting />}
      {list.data && (
        <section class="card">
          <Table name={`notices-${box}`} caption={say(`notices.${box}`)} columns={columns(box)} rows={byClock(list.data, clockOf)} rowKey={(n) => n.id} more={list.more}
            mark={(n) => (n.overdue ? "red-row" : undefined)} empty={say("notices.none")} />
        </section>
      )}
    </>
  );
}

export default function NoticesPart({ params }: PageProps) {
  const id = params["id"];
  if (id === undefined) return <NoticeList />;
  if (id === "new") return <NewNotice onDone={(n) => go(pathOf("exchange", "notices", n.id))} />;
  return <NoticeView id={id} />;
}
