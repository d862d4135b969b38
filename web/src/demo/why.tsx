// "Why?": the payments by which the money came to one account, from the victim on, in words.
import { useEffect, useRef } from "preact/hooks";
import { amountText, timeText } from "../shared/format";
import { say } from "../shared/messages";
import { institutionName, keyOf, tagSum, type AccountKey, type Trace, type TraceTransfer } from "./data";

// From the account back to a seed: each time the largest tagged payment of the lowest level.
export function pathTo(trace: Trace, account: AccountKey): TraceTransfer[] {
  const steps: TraceTransfer[] = [];
  let key = keyOf(account);
  let before = "9999";
  for (let depth = 0; depth < 64; depth++) {
    const coming = trace.transfers.filter((t) => keyOf(t.to) === key && t.booked_at <= before);
    const lowest = Math.min(...coming.map((t) => t.level));
    const best = coming.filter((t) => t.level === lowest).sort((a, b) => tagSum(b.tags) - tagSum(a.tags))[0];
    if (!best) break;
    steps.unshift(best);
    if (best.level === 1) break;
    key = keyOf(best.from);
    before = best.booked_at;
  }
  return steps;
}

function accountWords(trace: Trace, a: AccountKey, outside: string): string {
  return a.account === "" ? outside : `${a.account} (${institutionName(trace, a)})`;
}

export function Why({ trace, account, onClose }: { trace: Trace; account: number; onClose: () => void }) {
  const close = useRef<HTMLButtonElement>(null);
  const a = trace.accounts[account];
  useEffect(() => {
    const before = document.activeElement;
    close.current?.focus();
    const onKey = (e: KeyboardEvent) => { if (e.key === "Escape") onClose(); };
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("keydown", onKey);
      if (before instanceof HTMLElement || before instanceof SVGElement) before.focus();
    };
  }, [account]);
  if (!a) return null;
  const steps = pathTo(trace, a);
  const money = (minor: number, currency: string) => amountText(minor, currency, trace.currencies);
  const title = say("why.title", { account: accountWords(trace, a, "") });
  return (
    <aside class="why" role="dialog" aria-label={title}>
      <h2>{title}</h2>
      {steps.length === 0 && <p>{say("why.none")}</p>}
      <ol>
        {steps.map((t) => (
          <li key={t.id}>
            {say("why.step", {
              at: timeText(t.booked_at, trace.agency.timezone),
              from: accountWords(trace, t.from, say("outside.deposit")),
              to: accountWords(trace, t.to, say("outside.exit")),
              amount: money(t.amount, t.from.currency),
              tagged: money(tagSum(t.tags), t.to.currency),
              reports: t.tags.map((g) => g.report).join(", "),
            })}
          </li>
        ))}
      </ol>
      <p>{say("why.end", { there: money(a.still_there, a.currency), gone: money(a.gone_on, a.currency) })}</p>
      <button ref={close} type="button" class="chip" onClick={onClose}>{say("why.close")}</button>
    </aside>
  );
}
