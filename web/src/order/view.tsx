// One order: what it says, its clock, what may be done now, its letter, whom to call, what was done.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { send } from "../shared/api";
import { useActing, useData } from "../shared/data";
import { Field } from "../shared/fields";
import { amountText, timeText } from "../shared/format";
import { go, pathOf } from "../shared/router";
import { calendar, digits, may, zone } from "../shared/session";
import { say as sayShared } from "../shared/messages";
import { Table, type Column } from "../shared/table";
import type { Order, OrderEvent } from "../shared/types";
import { Account, Clock, Facts, Failed, Money, StateMark, Waiting, When } from "../shared/ui";
import { SharingCard } from "../exchange/part";
import { actWords, orderName, outcomeWords } from "./acts";
import { OrderActs } from "./forms";
import { say } from "./words";

export const ORDER_NEWS = ["order", "order_act", "order_note", "second", "grievance"];

export function dueWords(due: string | null): string {
  if (!due) return say("due.none");
  const key = `due.${due}`;
  return say.has(key) ? say(key) : due;
}

function Alerts({ o }: { o: Order }) {
  const words = [
    o.unanswered ? say("flag.unanswered") : "", o.overdue ? say("flag.overdue") : o.not_confirmed ? say("flag.not_confirmed") : "",
    o.waits === "second" ? say("flag.second") : "", o.waits === "receipt" ? say("flag.receipt") : "", o.review_overdue ? say("flag.review") : "", ...o.flags.map((f) => f.words),
  ].filter(Boolean);
  return <>{words.map((w) => <p key={w} class="error">{w}</p>)}</>;
}

function Sums({ o }: { o: Order }) {
  const money = (minor: number) => <Money minor={minor} currency={o.currency} />;
  return (
    <dl class="figures">
      <div><dt>{say("fact.asked")}</dt><dd>{money(o.asked)}</dd></div>
      <div><dt>{say("fact.held")}</dt><dd>{money(o.held)}</dd></div>
      {o.balance !== null && <div><dt>{say("fact.balance")}</dt><dd>{money(o.balance)}</dd></div>}
      {o.covered !== null && o.covered !== o.asked && <div><dt>{say("fact.covered")}</dt><dd>{money(o.covered)}</dd></div>}
    </dl>
  );
}

// What became of a request at who adopted it, by whom it is said and when.
function ToldOf({ o }: { o: Order }) {
  const t = o.told;
  const agency = o.addressee.name;
  if (o.adopts_state === "withdrawn") return <p class="error">{say("adopts.withdrawn")}</p>;
  if (!o.request || o.state !== "adopted" && !t) return null;
  if (!t) return <p class="note">{say("told.waits", { agency })}</p>;
  const state = t.over ?? t.outcome;
  const key = `state.${state ?? "issued"}`;
  const outcome = sayShared.has(key) ? sayShared(key) : key;
  return (
    <p class="note">
      {say(t.is_over ? "told.over" : "told", { agency, outcome, held: amountText(t.held, o.currency, digits.value) })}, <When at={t.at} stop />.
      {!t.is_over && t.ends_at && <> {say("told.ends")} <Clock at={t.ends_at} />.</>}
    </p>
  );
}

function appealWords(appeal: string): string {
  const key = `appeal.${appeal}`;
  return say.has(key) ? say(key) : appeal;
}

function Details({ o }: { o: Order }) {
  const rows: (readonly [string, preact.ComponentChildren])[] = [
    [say("fact.state"), <StateMark state={o.state} />],
    [say("fact.due"), <>{dueWords(o.due)} {o.due_at && <Clock at={o.due_at} />}</>],
    [say("fact.ends"), o.ends_at ? <><When at={o.ends_at} stop /> (<Clock at={o.ends_at} />)</> : say("ends.none")],
    [say("fact.account"), <Account a={o.account} />],
    [say("fact.addressee"), o.addressee.name],
  ];
  if (o.law) rows.push([say("fact.law"), `${o.law["id"] ?? ""}: ${o.law["ground"] ?? ""} (${o.law["standing"] ?? ""})`]);
  if (o.policy) rows.push([say("fact.policy"), o.policy]);
  if (o.appeal !== "none") rows.push([say("fact.appeal"), appealWords(o.appeal)]);
  if (o.queued_behind.length) rows.push([say("fact.queue"), o.queued_behind.map((n, i) => <>{i > 0 && ", "}<a href={pathOf("orders", n)}>{n}</a></>)]);
  if (o.case_id) rows.push([say("fact.case"), <a href={pathOf("cases", o.case_id)}>{o.case_id.slice(-8)}</a>]);
  if (o.report) rows.push([say("fact.report"), <a href={pathOf("reports", o.report)}>{o.report}</a>]);
  if (o.tags.length) rows.push([say("fact.tags"), o.tags.map((t) => <div key={t.report}><a href={pathOf("reports", t.report)}>{t.report}</a> <Money minor={t.amount} currency={o.currency} /></div>)]);
  if (o.adopts) rows.push([say("fact.adopts"), <a href={pathOf("orders", o.adopts)}>{o.adopts.slice(-8)}</a>]);
  if (o.replaces) rows.push([say("fact.replaces"), <a href={pathOf("orders", o.replaces)}>{o.replaces.slice(-8)}</a>]);
  if (o.note) rows.push([say("fact.note"), o.note]);
  return (
    <>
      <Facts rows={rows} />
      {o.warn_at && <p class="note">{say("ends.warn", { at: timeText(o.warn_at, zone.value, calendar.value, false) })}</p>}
    </>
  );
}

function Letter({ o, focus }: { o: Order; focus: boolean }) {
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => { if (focus) link.current?.focus(); }, [focus, o.state]);
  if (!o.letter || o.state === "draft") return null;
  return (
    <p class="doors">
      <a ref={link} class={o.box === "in" ? "chip" : "solid"} href={o.letter} target="_blank" rel="noopener">{say("letter.open")}</a>
      {o.box !== "in" && <a class="chip" href={`${o.letter}.csv`} download>{say("letter.csv")}</a>}
      {o.box !== "in" && <a class="chip" href={`${o.letter}.xlsx`} download>{say("letter.xlsx")}</a>}
    </p>
  );
}

const CONTACT = { desk: "", phone: "", email: "", hours: "", language: "" };

function ContactForm({ o, onDone }: { o: Order; onDone: () => void }) {
  const [v, setV] = useState(CONTACT);
  const acting = useActing();
  const body = { ...v, country: o.addressee.country, institution: o.addressee.institution, note: "" };
  const save = () => acting.run(JSON.stringify(body), async (key) => {
    await send("POST", "/contacts", body, { key });
    onDone();
  });
  return (
    <details>
      <summary>{say("contact.add")}</summary>
      <Failed words={acting.error} />
      {(["desk", "phone", "email", "hours", "language"] as const).map((f) => (
        <Field key={f} label={say(`contact.${f}`)} value={v[f]} mode={f === "phone" ? "tel" : undefined} onText={(t) => setV({ ...v, [f]: t })} />
      ))}
      <button type="button" class="chip" disabled={acting.busy || !(v.phone || v.email)} onClick={() => void save()}>{say("contact.save")}</button>
    </details>
  );
}

function Contact({ o, reload }: { o: Order; reload: () => void }) {
  const c = o.contact;
  return (
    <>
      <h3>{say("contact.title")}</h3>
      {c ? <p>{c.desk} <a href={`tel:${c.phone}`}>{c.phone}</a> {c.email && <a href={`mailto:${c.email}`}>{c.email}</a>} <span class="soft">{c.hours}</span></p>
        : <p class="soft">{say("contact.none")}</p>}
      {may("contact.write") && <ContactForm o={o} onDone={reload} />}
    </>
  );
}

function effectWords(effect: string): string {
  const key = `effect.${effect}`;
  return say.has(key) ? say(key) : effect;
}

// Who said it: of an order of another agency its issuer is not we.
function partyWords(o: Order, e: OrderEvent): string {
  const key = e.party === "issuer" && o.box !== "out" ? "party.theirs" : e.party === "addressee" && o.box === "in" ? "party.issuer" : `party.${e.party}`;
  return (say.has(key) ? say(key) : e.party) + ` (${[e.agency_name, e.officer_name].filter(Boolean).join(", ")})`;
}

function Events({ o }: { o: Order }) {
  const what = (e: OrderEvent) => actWords(e.act) + (e.outcome ? `: ${outcomeWords(e.outcome)}` : "");
  const amount = (e: OrderEvent) => (e.amount === null ? "" : amountText(e.amount, o.currency, digits.value));
  const columns: readonly Column<OrderEvent>[] = [
    { key: "at", head: say("event.at"), cell: (e) => <When at={e.happened_at ?? e.at} />, text: (e) => e.happened_at ?? e.at },
    { key: "act", head: say("event.act"), cell: what, text: what },
    { key: "by", head: say("event.by"), cell: (e) => partyWords(o, e), text: (e) => partyWords(o, e) },
    { key: "amount", head: say("event.amount"), number: true, cell: amount, text: amount },
    { key: "ends", head: say("event.ends"), cell: (e) => (e.ends_at ? <When at={e.ends_at} /> : ""), text: (e) => e.ends_at ?? "" },
    { key: "effect", head: say("event.effect"), cell: (e) => effectWords(e.effect), text: (e) => e.effect },
    { key: "note", head: say("event.note"), cell: (e) => [e.code, e.note].filter(Boolean).join(": "), text: (e) => [e.code, e.note].filter(Boolean).join(": ") },
  ];
  if (o.events.length === 0) return null;
  return (
    <>
      <h3>{say("events.title")}</h3>
      <Table name={`order-${orderName(o).replace("/", "-")}`} caption={say("events.caption")} columns={columns} rows={o.events} rowKey={(e) => e.id} />
    </>
  );
}

// `quick`: in the flow from phone call to letter, where only the next step is shown.
export function OrderView({ id, first, quick = false, focus = false, head }: {
  id: string; first?: Order; quick?: boolean; focus?: boolean; head?: (o: Order) => ComponentChildren;
}) {
  const loaded = useData<Order>(pathOf("orders", id), ORDER_NEWS);
  const [acted, setActed] = useState<{ order: Order; before: Order | null } | null>(null);
  useEffect(() => setActed(null), [id]);
  // The answer to an act is newer than what was loaded before it.
  const o = (acted && acted.before === loaded.data ? acted.order : loaded.data) ?? first ?? null;
  if (!o) return loaded.busy ? <Waiting /> : <Failed words={loaded.error} again={loaded.reload} />;
  const done = (order: Order) => {
    // What is adopted is answered with the draft of our own order.
    if (order.id !== o.id) return go(pathOf("orders", order.number));
    setActed({ order, before: loaded.data });
    loaded.reload();
  };
  return (
    <div class="order">
      {head?.(o)}
      <p class="summary">{o.words}</p>
      {o.box !== "out" && <p class="note">{say(o.box !== "in" ? "from.other" : o.request ? "from.request" : "from.order", { agency: o.agency_name })}</p>}
      {o.box === "out" && o.request && o.state !== "adopted" && !o.told && <p class="note">{say("request")}</p>}
      <ToldOf o={o} />
      <Alerts o={o} />
      <p>
        <StateMark state={o.state} />
        {o.due && <> · {say("now.due", { due: dueWords(o.due) })} {o.due_at && <Clock at={o.due_at} />}</>}
        {o.ends_at && <> · {say("now.ends")} <Clock at={o.ends_at} calm={quick} /></>}
      </p>
      {!quick && <Sums o={o} />}
      <Letter o={o} focus={focus && acted !== null} />
      {!quick && <h3>{say("acts.title")}</h3>}
      {(!quick || o.state === "draft") && <OrderActs o={o} onDone={done} focus={focus && acted === null} />}
      {!quick && <Details o={o} />}
      {!quick && <Contact o={o} reload={loaded.reload} />}
      {!quick && <Events o={o} />}
      {!quick && o.state !== "draft" && <SharingCard id={o.id} inside />}
      <Failed words={loaded.error} again={loaded.reload} />
    </div>
  );
}
