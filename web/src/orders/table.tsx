// Orders as rows: on the board, in a case, of an account.
import { amountText } from "../shared/format";
import { pathOf } from "../shared/router";
import { accountWords, digits, now } from "../shared/session";
import { Table, type Column } from "../shared/table";
import { say as sayShared } from "../shared/messages";
import type { OrderShort } from "../shared/types";
import { Clock, Money, StateMark } from "../shared/ui";
import { orderName } from "../order/acts";
import { dueWords } from "../order/view";
import { say } from "./words";

export function marksOf(o: OrderShort): string {
  return [
    o.unanswered && say("mark.unanswered"), o.overdue ? say("mark.overdue") : o.not_confirmed && say("mark.not_confirmed"),
    o.waits === "second" && say("mark.second"), o.waits === "receipt" && say("mark.receipt"), o.appeal === "appealed" && say("mark.appealed"),
    o.request && say("mark.request"), o.night && say("mark.night"), ...o.flags.map((f) => f.words),
  ].filter(Boolean).join(", ");
}

export function fromWords(o: OrderShort): string {
  return o.box === "out" ? say("from.us") : o.agency_name;
}

export function clockOf(o: OrderShort): string | null {
  return o.due_at ?? o.ends_at;
}

// Another agency may use the number, too: its orders go by their id.
export function orderPath(o: OrderShort): string {
  return pathOf("orders", o.box === "out" ? o.number : o.id);
}

export function isRed(o: OrderShort): boolean {
  const at = clockOf(o);
  return o.overdue || o.unanswered || (at !== null && new Date(at).getTime() - now.value < 30 * 60000);
}

export function OrderTable({ name, caption, orders, selected, link, more }: {
  name: string; caption?: string; orders: readonly OrderShort[]; selected?: string; link: (o: OrderShort) => string; more?: (() => void) | null;
}) {
  const money = (minor: number, o: OrderShort) => amountText(minor, o.currency, digits.value);
  const columns: readonly Column<OrderShort>[] = [
    { key: "number", head: say("col.number"), cell: (o) => <a class="id" href={link(o)}>{orderName(o)}</a>, text: orderName },
    { key: "clock", head: say("col.clock"), cell: (o) => <Clock at={clockOf(o)} />, text: (o) => clockOf(o) ?? "", order: (o) => clockOf(o) ?? "9999" },
    { key: "due", head: say("col.due"), cell: (o) => dueWords(o.due), text: (o) => o.due ?? "" },
    { key: "from", head: say("col.from"), cell: fromWords, text: fromWords, hidden: !orders.some((o) => o.box !== "out") },
    { key: "to", head: say("col.to"), cell: (o) => o.addressee.name, text: (o) => o.addressee.name },
    { key: "account", head: say("col.account"), cell: (o) => <span class="account">{o.account.account}</span>, text: (o) => accountWords(o.account) },
    { key: "asked", head: say("col.asked"), number: true, cell: (o) => <Money minor={o.asked} currency={o.currency} />, text: (o) => money(o.asked, o), order: (o) => o.asked },
    { key: "held", head: say("col.held"), number: true, cell: (o) => <Money minor={o.held} currency={o.currency} />, text: (o) => money(o.held, o), order: (o) => o.held },
    { key: "state", head: say("col.state"), cell: (o) => <StateMark state={o.state} />, text: (o) => sayShared(`state.${o.state}`) },
    { key: "marks", head: say("col.marks"), cell: marksOf, text: marksOf },
    { key: "ends", head: say("col.ends"), cell: (o) => <Clock at={o.ends_at} calm />, text: (o) => o.ends_at ?? "", hidden: true },
    { key: "level", head: say("col.level"), number: true, cell: (o) => o.level ?? "", text: (o) => String(o.level ?? ""), order: (o) => o.level ?? 0, hidden: true },
  ];
  return (
    <Table name={name} caption={caption ?? say("caption")} columns={columns} rows={orders} rowKey={(o) => o.id} {...(selected ? { selected } : {})}
      mark={(o) => (isRed(o) ? "red-row" : undefined)} more={more ?? null} />
  );
}
