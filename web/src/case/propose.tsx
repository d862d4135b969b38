// From the trace to drafts: what is proposed, and what is left out and why.
import { useState } from "preact/hooks";
import { send } from "../shared/api";
import { useActing } from "../shared/data";
import { accountKey, amountText, timeText } from "../shared/format";
import { say as sayShared } from "../shared/messages";
import { pathOf, queryText, setQuery } from "../shared/router";
import { accountWords, calendar, digits, may, zone } from "../shared/session";
import { Table, type Column } from "../shared/table";
import type { Case, LeftOut, OrderShort, Proposed } from "../shared/types";
import { Failed, Flags, Money, Panel } from "../shared/ui";
import { OrderView } from "../order/view";
import { OrderTable } from "../orders/table";
import { chosenRule } from "./trace";
import { say } from "./words";

function keyText(l: LeftOut): string {
  return typeof l.account === "string" ? l.account : accountKey(l.account);
}

function LeftOutPart({ rows, busy, onDecide }: { rows: readonly LeftOut[]; busy: boolean; onDecide: (accounts: string[]) => void }) {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const name = (l: LeftOut) => (typeof l.account === "string" ? l.account : accountWords(l.account));
  const columns: readonly Column<LeftOut>[] = [
    { key: "account", head: say("left.account"), cell: name, text: keyText },
    { key: "amount", head: say("left.amount"), number: true, cell: (l) => <Money minor={l.amount} currency={l.currency} />,
      text: (l) => (l.amount === null || !l.currency ? "" : amountText(l.amount, l.currency, digits.value)), order: (l) => l.amount ?? -1 },
    { key: "why", head: say("left.why"), cell: (l) => l.words, text: (l) => l.words },
    { key: "choose", head: say("left.choose"), text: () => "", cell: (l) => l.why === "policy_person" && (
      <input type="checkbox" aria-label={`${say("left.choose")} ${name(l)}`} checked={chosen.includes(keyText(l))}
        onChange={(e) => setChosen(e.currentTarget.checked ? [...chosen, keyText(l)] : chosen.filter((k) => k !== keyText(l)))} />
    ) },
  ];
  return (
    <>
      <h3>{say("left.title")}</h3>
      <Table name="left-out" caption={say("left.caption")} columns={columns} rows={rows} rowKey={(l) => `${keyText(l)} ${l.currency ?? ""} ${l.why}`} />
      {chosen.length > 0 && <button type="button" class="chip" disabled={busy} onClick={() => onDecide([...chosen])}>{say("left.button")}</button>}
    </>
  );
}

export function OrdersPart({ k, orders, reload }: { k: Case; orders: readonly OrderShort[]; reload: () => void }) {
  const acting = useActing();
  const [answer, setAnswer] = useState<Proposed | null>(null);
  const rule = chosenRule();
  const until = queryText("until");
  const open = queryText("open");
  const propose = (accounts: string[] | null) => {
    const body = { accounts, case: k.id, rule, until: until || null };
    void acting.run(`${JSON.stringify(body)} ${orders.length}`, async (key) => {
      setAnswer(await send<Proposed>("POST", "/orders/propose", body, { key }));
      reload();
    });
  };
  const link = (o: OrderShort) => `${pathOf("cases", k.id)}?${new URLSearchParams({ part: "orders", ...(queryText("rule") ? { rule } : {}), ...(until ? { until } : {}), open: o.id }).toString()}`;
  return (
    <div class={open ? "with-panel" : undefined}>
      <div class="list-side">
        {may("order.propose") && k.open && (
          <section class="card">
            <h2>{say("propose.title")}</h2>
            {rule === "poison" ? <p class="note">{say("propose.poison")}</p> : (
              <>
                <p>{say("propose.words", { rule: sayShared(`rule.${rule}`), until: until ? say("propose.until", { until: timeText(until, zone.value, calendar.value, false) }) : "" })}</p>
                <button type="button" class="solid" disabled={acting.busy} onClick={() => propose(null)}>{say("propose.button")}</button>
              </>
            )}
            <Failed words={acting.error} />
            {answer && <p class="summary" role="status">{say("propose.made", { count: answer.created.length })}</p>}
            {answer && <Flags flags={answer.flags} />}
            {answer && answer.left_out.length > 0 && <LeftOutPart rows={answer.left_out} busy={acting.busy} onDecide={propose} />}
          </section>
        )}
        <section class="card">
          <h2>{say("orders.title")}</h2>
          {orders.length === 0 ? <p class="soft">{say("orders.none")}</p> : <OrderTable name="case-orders" orders={orders} selected={open} link={link} />}
        </section>
      </div>
      {open && (
        <Panel title={orders.find((o) => o.id === open)?.number ?? open.slice(-8)} page={pathOf("orders", open)} onClose={() => setQuery({ open: null })}>
          <OrderView id={open} />
        </Panel>
      )}
    </div>
  );
}
