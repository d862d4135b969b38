// What each act asks for. A new act of data/states.csv is a row here and its words.
import { majorText, timeText } from "../shared/format";
import { accountWords, calendar, digits, zone } from "../shared/session";
import type { Allowed, Order } from "../shared/types";
import type { Values } from "../shared/words";
import { say } from "./words";

export type FieldName = "law" | "ends_at" | "amount" | "code" | "balance" | "happened_at" | "document" | "to" | "note" | "channel" | "on_behalf_of";

interface ActRow {
  fields: readonly FieldName[];
  needs: readonly FieldName[];
}

// What the addressee says needs its document; a receipt may be told by phone, with the words.
const ACTS: Record<string, ActRow> = {
  issue: { fields: ["law", "ends_at", "note"], needs: ["law"] },
  receive: { fields: ["happened_at", "channel", "document", "note"], needs: [] },
  answer: { fields: ["document", "happened_at", "balance", "note"], needs: ["document"] },
  "answer partly": { fields: ["amount", "code", "document", "happened_at", "balance", "note"], needs: ["amount", "document"] },
  "answer refused": { fields: ["code", "to", "document", "happened_at", "balance", "note"], needs: ["code", "to", "document"] },
  adopt: { fields: ["amount", "document", "happened_at", "note"], needs: ["document"] },
  complaint: { fields: ["happened_at", "ends_at", "document", "note"], needs: [] },
  extend: { fields: ["ends_at", "on_behalf_of", "document", "note"], needs: [] },
  reduce: { fields: ["amount", "document", "note"], needs: ["amount", "note"] },
  withdraw: { fields: ["note"], needs: [] },
  release: { fields: ["document", "note"], needs: ["note"] },
  supersede: { fields: ["document", "note"], needs: ["note"] },
  settle: { fields: ["note"], needs: [] },
  undone: { fields: ["document", "happened_at", "note"], needs: ["document"] },
  appeal: { fields: ["document", "note"], needs: ["note"] },
  review: { fields: ["note"], needs: ["note"] },
  "review reduced": { fields: ["amount", "note"], needs: ["amount", "note"] },
  attempt: { fields: ["channel", "note"], needs: ["channel", "note"] },
  second: { fields: ["note"], needs: [] },
};

// What we say of an order that came to us stands under our own key: it needs nobody's document.
const IN: Record<string, ActRow> = {
  receive: { fields: ["note"], needs: [] },
  answer: { fields: ["balance", "document", "note"], needs: [] },
  "answer partly": { fields: ["amount", "code", "balance", "document", "note"], needs: ["amount"] },
  "answer refused": { fields: ["code", "to", "document", "note"], needs: ["code", "to"] },
  adopt: { fields: ["amount", "note"], needs: [] },
  undone: { fields: ["note"], needs: [] },
};

export function rowOf(o: Pick<Order, "box">, act: string, outcome: string): ActRow {
  const ours = o.box === "in" ? (IN[`${act} ${outcome}`] ?? IN[act]) : undefined;
  if (ours) return ours;
  return ACTS[`${act} ${outcome}`] ?? ACTS[act] ?? { fields: ["note"], needs: [] };
}

export type Typed = Record<FieldName, string>;
export const NOTHING: Typed = {
  law: "", ends_at: "", amount: "", code: "", balance: "", happened_at: "", document: "", to: "", note: "", channel: "", on_behalf_of: "",
};

export function fieldsOf(o: Order, act: string, outcome: string, typed: Typed): FieldName[] {
  return rowOf(o, act, outcome).fields.filter((f) => {
    if (f === "law") return !o.request;
    // The law row gives the end, unless it has no term; a request names the end that it asks for.
    if (f === "ends_at" && act === "issue") return o.request || o.laws.some((l) => l.id === typed.law && l.term === null);
    if (f === "to") return typed.code === "moved_to";
    return true;
  });
}

function endOf(o: Order, typed: Typed): string {
  return o.laws.find((l) => l.id === typed.law)?.ends_at ?? "";
}

// The other agency may use the same number: its orders are called by both.
export function orderName(o: Pick<Order, "agency_name" | "box" | "number">): string {
  return o.box === "out" ? o.number : `${o.agency_name}/${o.number}`;
}

// In the words of who gets the order, where those differ.
export function wordsIn(o: Pick<Order, "box">, key: string, otherwise: string, values: Values = {}): string {
  const own = `${key}.in`;
  if (o.box === "in" && say.has(own)) return say(own, values);
  return say.has(key) ? say(key, values) : otherwise;
}

export function actWords(act: string, o: Pick<Order, "box" | "request"> = { box: "out", request: false }): string {
  if (o.box === "in" && o.request && act === "answer") return say("act.decline");
  return wordsIn(o, `act.${act}`, act);
}

export function outcomeWords(outcome: string): string {
  const key = `outcome.${outcome}`;
  return say.has(key) ? say(key) : outcome;
}

// What will happen, and to whom.
export function sentenceOf(o: Order, a: Allowed, outcome: string, typed: Typed): string {
  const values = {
    agency: o.agency_name, number: orderName(o), addressee: o.addressee.name, account: accountWords(o.account), words: o.words,
    held: `${majorText(o.held || o.asked, o.currency, digits.value)} ${o.currency}`, outcome: outcomeWords(outcome), end: "",
  };
  if (a.act === "issue") {
    if (o.request) return say("does.issue.request", { ...values, addressee: `${o.addressee.name.charAt(0).toUpperCase()}${o.addressee.name.slice(1)}` });
    if (o.persons > 1) return say("does.issue.draft", values);
    const end = endOf(o, typed);
    return end ? say("does.issue.ends", { ...values, end: timeText(end, zone.value, calendar.value, false) }) : say("does.issue", values);
  }
  if (a.act === "withdraw" && o.state === "adopted") return say("does.withdraw.adopted", values);
  const words = wordsIn(o, `does.${a.act}`, a.words, values);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function missing(o: Order, act: string, outcome: string, typed: Typed): string {
  const shown = fieldsOf(o, act, outcome, typed);
  const needs = rowOf(o, act, outcome).needs.filter((f) => shown.includes(f));
  const told = act === "receive" && o.box !== "in" && typed.document === "" ? (["channel", "note"] as const) : [];
  const end = act === "issue" && shown.includes("ends_at") ? (["ends_at"] as const) : [];
  const first = [...needs, ...told, ...end].find((f) => typed[f].trim() === "");
  if (!first) return "";
  const key = `need.${first}`;
  return say.has(key) ? say(key) : "";
}

// What the officer most likely came for stands first and open.
export function firstAct(o: Order): string {
  const has = (act: string) => o.allowed.some((a) => a.act === act);
  const wanted = [
    o.waits === "second" ? "second" : "", o.state === "draft" ? "issue" : "", o.appeal === "appealed" ? "review" : "", o.box === "in" && o.request && o.due !== "receipt" ? "adopt" : "", o.due === "receipt" ? "receive" : (o.due ?? ""),
    o.not_confirmed ? "undone" : "", o.held === 0 ? "answer" : "", o.state === "adopted" ? "attempt" : "",
  ];
  return wanted.find((w) => w !== "" && has(w)) ?? o.allowed[0]?.act ?? "";
}
