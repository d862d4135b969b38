// The shift: what is open now, who must be called, what the next officer takes over.
import { useState } from "preact/hooks";
import { send } from "../shared/api";
import { useData, useList } from "../shared/data";
import { useDraft } from "../shared/drafts";
import { Act, Choice, DraftNote, Field } from "../shared/fields";
import { amountText, timeText } from "../shared/format";
import { say as sayShared } from "../shared/messages";
import { pathOf } from "../shared/router";
import { calendar, digits, may, session, zone } from "../shared/session";
import { Table, type Column } from "../shared/table";
import type { List, OrderShort, ReportShort } from "../shared/types";
import { Card, Clock, Failed, Money, toast, Waiting, When } from "../shared/ui";
import { AgenciesWait, type Task } from "../exchange/waits";
import { orderPath, OrderTable } from "../orders/table";
import { say } from "./words";

interface Item {
  id: string;
  kind: string;
  what?: string;
  words: string;
}
interface PastShift {
  began_at: string;
  ended_at: string;
  id: string;
  items: Item[];
  next: string;
  note: string | null;
  officer: string;
  signed_at: string | null;
  signer: string | null;
}
interface ShiftNow {
  audit: Item[];
  began_at: string;
  exchange: Task[];
  half_reports: ReportShort[];
  night: OrderShort[];
  officers: string[];
  open: OrderShort[];
  silent: OrderShort[];
  unsigned: PastShift | null;
}
interface Contact {
  country: string;
  desk: string | null;
  email: string | null;
  hours: string | null;
  institution: string;
  phone: string | null;
}

const SHIFT_NEWS = ["shift", "shift_sign", "order", "order_act", "report", "seed", "contact", "share", "share_act", "notice", "notice_act", "retract", "let_go", "accord", "accord_sign", "fork"];
const link = orderPath;

function Silent({ orders }: { orders: readonly OrderShort[] }) {
  const contacts = useData<List<Contact>>(orders.length ? "/contacts" : null, ["contact"]);
  const of = (o: OrderShort) => contacts.data?.items.filter((c) => c.country === o.addressee.country && c.institution === o.addressee.institution) ?? [];
  const words = (o: OrderShort) => of(o).map((c) => [c.desk, c.phone, c.email, c.hours].filter(Boolean).join(" ")).join("; ");
  const columns: readonly Column<OrderShort>[] = [
    { key: "order", head: say("col.order"), cell: (o) => <a class="id" href={link(o)}>{o.number}</a>, text: (o) => o.number },
    { key: "bank", head: say("col.bank"), cell: (o) => o.addressee.name, text: (o) => o.addressee.name },
    { key: "over", head: say("col.over"), cell: (o) => <Clock at={o.due_at} />, text: (o) => o.due_at ?? "" },
    { key: "call", head: say("col.call"), text: words, cell: (o) => {
      const known = of(o);
      if (known.length === 0) return <span>{say("call.none")} {may("contact.write") && <a href="/contacts">{say("call.add")}</a>}</span>;
      return known.map((c) => (
        <div key={`${c.desk ?? ""} ${c.phone ?? ""}`}>{c.desk} {c.phone && <a href={`tel:${c.phone}`}>{c.phone}</a>} {c.email && <a href={`mailto:${c.email}`}>{c.email}</a>} <span class="soft">{c.hours}</span></div>
      ));
    } },
  ];
  return (
    <Card title={say("silent.title")}>
      <Failed words={contacts.error} again={contacts.reload} />
      {orders.length === 0 ? <p class="soft">{say("silent.none")}</p>
        : <Table name="silent-banks" caption={say("silent.caption")} columns={columns} rows={orders} rowKey={(o) => o.id} mark={() => "red-row"} />}
    </Card>
  );
}

const halfColumns: readonly Column<ReportShort>[] = [
  { key: "report", head: say("col.report"), cell: (r) => <a href={pathOf("reports", r.id)}>{r.id}</a>, text: (r) => r.id },
  { key: "loss", head: say("col.loss"), number: true, cell: (r) => <Money minor={r.loss} currency={r.currency} />,
    text: (r) => (r.loss === null || !r.currency ? "" : amountText(r.loss, r.currency, digits.value)), order: (r) => r.loss ?? -1 },
  { key: "standing", head: say("col.standing"), cell: (r) => sayShared(`standing.${r.standing}`), text: (r) => r.standing },
];
const auditColumns: readonly Column<Item>[] = [
  { key: "what", head: say("col.what"), cell: (i) => (may("record.read") ? <a href={pathOf("ledger", i.id)}>{i.words}</a> : i.words), text: (i) => i.words },
  { key: "kind", head: say("col.kind"), cell: (i) => i.kind, text: (i) => i.kind },
];

function Unsigned({ shift, reload }: { shift: PastShift; reload: () => void }) {
  const [note, setNote] = useState("");
  const own = shift.officer === session.value?.user;
  const ended = timeText(shift.ended_at, zone.value, calendar.value, false);
  return (
    <Card title={say("unsigned.title")}>
      <p>{say("unsigned.words", { officer: shift.officer, ended, next: shift.next })}</p>
      {shift.note && <blockquote class="prose">{shift.note}</blockquote>}
      {shift.items.length > 0 && <ul>{shift.items.map((i) => <li key={`${i.id} ${i.what ?? ""}`}>{i.words}</li>)}</ul>}
      {own ? <p class="soft">{say("unsigned.own")}</p> : (
        <>
          <Field label={say("col.note")} value={note} onText={setNote} rows={2} />
          <Act label={say("unsigned.button")} sentence={say("unsigned.does", { officer: shift.officer, count: shift.items.length })} what={`sign ${shift.id} ${note}`}
            run={async (key) => { await send("POST", `${pathOf("shifts", shift.id)}/sign`, { note: note || null }, { key }); toast(say("signed")); }} onDone={reload} />
        </>
      )}
    </Card>
  );
}

function Close({ now, reload }: { now: ShiftNow; reload: () => void }) {
  const draft = useDraft("shift", { next: "", note: "" });
  const v = draft.values;
  const others = now.officers.filter((o) => o !== session.value?.user);
  const body = { next: v.next, note: v.note.trim() || null };
  return (
    <Card title={say("close.title")} id="close">
      <Choice label={say("close.next")} value={v.next} onText={(t) => draft.set("next", t)} options={[{ value: "", words: say("close.choose") }, ...others.map((o) => ({ value: o, words: o }))]} />
      <Field label={say("close.note")} value={v.note} onText={(t) => draft.set("note", t)} rows={3} />
      <DraftNote draft={draft} />
      <Act label={say("close.button")} sentence={say("close.does", { next: v.next || "…" })} what={`close ${now.began_at} ${JSON.stringify(body)}`} disabled={!v.next}
        run={async (key) => { await send("POST", "/shift/close", body, { key }); draft.clear(); toast(say("close.done")); }} onDone={reload} />
    </Card>
  );
}

function Past({ turn }: { turn: string }) {
  const list = useList<PastShift>("/shifts", ["shift", "shift_sign"]);
  const columns: readonly Column<PastShift>[] = [
    { key: "ended", head: say("col.ended"), cell: (s) => <When at={s.ended_at} />, text: (s) => s.ended_at },
    { key: "began", head: say("col.began"), cell: (s) => <When at={s.began_at} />, text: (s) => s.began_at },
    { key: "officer", head: say("col.officer"), cell: (s) => s.officer, text: (s) => s.officer },
    { key: "next", head: say("col.next"), cell: (s) => s.next, text: (s) => s.next },
    { key: "signed", head: say("col.signed"), cell: (s) => (s.signed_at ? <When at={s.signed_at} /> : say("no")), text: (s) => s.signed_at ?? "" },
    { key: "items", head: say("col.items"), number: true, cell: (s) => s.items.length, text: (s) => String(s.items.length), order: (s) => s.items.length },
    { key: "note", head: say("col.note"), cell: (s) => s.note, text: (s) => s.note ?? "" },
  ];
  return (
    <Card title={say("past.title")} key={turn}>
      <Failed words={list.error} again={list.reload} />
      {list.data && <Table name="shifts" caption={say("past.caption")} columns={columns} rows={list.data} rowKey={(s) => s.id} more={list.more} empty={say("past.none")} />}
    </Card>
  );
}

export default function ShiftPage() {
  const loaded = useData<ShiftNow>("/shift", SHIFT_NEWS);
  const now = loaded.data;
  if (!now) return <><h1>{say("title")}</h1>{loaded.busy ? <Waiting /> : <Failed words={loaded.error} again={loaded.reload} />}</>;
  const part = (name: "open" | "night", orders: readonly OrderShort[]) => (
    <Card title={say(`${name}.title`)}>
      {orders.length === 0 ? <p class="soft">{say(`${name}.none`)}</p> : <OrderTable name={`shift-${name}`} caption={say(`${name}.title`)} orders={orders} link={link} />}
    </Card>
  );
  return (
    <>
      <h1>{say("title")}</h1>
      <p class="summary">{say("summary", {
        began: timeText(now.began_at, zone.value, calendar.value, false), open: now.open.length, silent: now.silent.length, night: now.night.length, half: now.half_reports.length,
      })}</p>
      <Failed words={loaded.error} again={loaded.reload} />
      {now.unsigned && <Unsigned shift={now.unsigned} reload={loaded.reload} />}
      <Silent orders={now.silent} />
      {part("open", now.open)}
      {part("night", now.night)}
      <AgenciesWait tasks={now.exchange} />
      <Card title={say("half.title")}>
        {now.half_reports.length === 0 ? <p class="soft">{say("half.none")}</p>
          : <Table name="half-reports" caption={say("half.caption")} columns={halfColumns} rows={now.half_reports} rowKey={(r) => r.record} />}
      </Card>
      <Card title={say("audit.title")}>
        {now.audit.length === 0 ? <p class="soft">{say("audit.none")}</p>
          : <Table name="audit-list" caption={say("audit.caption")} columns={auditColumns} rows={now.audit} rowKey={(i) => i.id} />}
      </Card>
      {may("shift.close") && <Close now={now} reload={loaded.reload} />}
      <Past turn={now.began_at} />
    </>
  );
}
