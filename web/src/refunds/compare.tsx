// All rules side by side, and a plan by one of them.
import { useState } from "preact/hooks";
import { send } from "../shared/api";
import { useActing, useData } from "../shared/data";
import { Act, Choice, Radios } from "../shared/fields";
import { amountText, majorText } from "../shared/format";
import { go, pathOf, queryText, setQuery } from "../shared/router";
import { digits, may } from "../shared/session";
import type { Case, List } from "../shared/types";
import { Card, Failed, toast } from "../shared/ui";
import { lawFor, lawsOf, ruleWords, sum, sumsText, type Comparison, type Plan, type Rate, type RefundLaw } from "./data";
import { Asides, ClaimName, LawPart, Pots } from "./parts";
import { isEmpty, rateOf, Rates, type TypedRate } from "./rates";
import { say } from "./words";
import "./page.css";

type Currency = Comparison["currencies"][number];

function Side({ c, laws }: { c: Currency; laws: readonly RefundLaw[] }) {
  const money = (minor: number) => majorText(minor, c.currency, digits.value);
  const whole = (minor: number) => amountText(minor, c.currency, digits.value);
  const caption = say("table.caption", { currency: c.currency });
  const kind = (rule: string) => (lawFor(laws, rule) ? "number law" : "number");
  return (
    <>
      <p class="summary">{say("sum", { currency: c.currency, total: whole(c.total), claims: c.claims.length, wanted: whole(sum(c.claims.map((k) => k.claim))) })}</p>
      <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
        <table class="rules">
          <caption>{caption}</caption>
          <thead>
            <tr>
              <th scope="col">{say("table.claim")}</th>
              <th scope="col" class="number">{say("table.loss")}</th>
              <th scope="col" class="number">{say("table.refunded")}</th>
              <th scope="col" class="number">{say("table.of")}</th>
              {c.rules.map((r) => {
                const law = lawFor(laws, r.rule);
                return <th scope="col" key={r.rule} class={kind(r.rule)}>{ruleWords(r.rule)}{law && <><br /><span class="small">{say("table.law", { standing: law.standing })}</span></>}</th>;
              })}
            </tr>
          </thead>
          <tbody>
            {c.claims.map((k, i) => (
              <tr key={k.report} data-row={k.report}>
                <th scope="row"><ClaimName report={k.report} reports={k.reports} /></th>
                <td class="number">{money(k.loss)}</td>
                <td class="number">{money(k.refunded)}</td>
                <td class="number">{money(k.claim)}</td>
                {c.rules.map((r) => <td key={r.rule} class={kind(r.rule)}>{money(r.shares[i] ?? 0)}</td>)}
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr><th scope="row" colSpan={4}>{say("table.unassigned")}</th>{c.rules.map((r) => <td key={r.rule} class={kind(r.rule)}>{money(r.unassigned)}</td>)}</tr>
            <tr><th scope="row" colSpan={4}>{say("table.total")}</th>{c.rules.map((r) => <td key={r.rule} class={kind(r.rule)}>{money(sum(r.shares) + r.unassigned)}</td>)}</tr>
          </tfoot>
        </table>
      </div>
    </>
  );
}

function Make({ answer, k, rates }: { answer: Comparison; k: Case; rates: Rate[] }) {
  const laws = lawsOf(answer.law);
  const rules = answer.currencies[0]?.rules.map((r) => r.rule) ?? [];
  const [chosen, setChosen] = useState("");
  const rule = chosen || (rules.find((r) => lawFor(laws, r)) ?? rules[0] ?? "");
  if (rules.length === 0) return <p class="soft">{say("plan.none")}</p>;
  const sums = sumsText(answer.currencies.map((c) => ({ currency: c.currency, total: c.total, unassigned: c.rules.find((r) => r.rule === rule)?.unassigned ?? 0 })));
  const body = { case: k.id, rates, rule };
  return (
    <Card title={say("plan.choose")}>
      <Radios label={say("col.rule")} name="rule" value={rule} onText={setChosen} options={rules.map((r) => {
        const key = `rule.words.${r}`;
        const law = lawFor(laws, r);
        return { value: r, words: ruleWords(r), more: [say.has(key) ? say(key) : "", law ? say("table.law", { standing: law.standing }) : ""].filter(Boolean).join(" ") };
      })} />
      <Act label={say("plan.button")} sentence={say("plan.does", { case: k.title, rule: ruleWords(rule), sums })} what={`plan ${JSON.stringify(body)}`}
        run={async (key) => {
          const plan = await send<Plan>("POST", "/refunds", body, { key });
          toast(say("plan.made"));
          go(pathOf("refunds", plan.id));
        }} />
    </Card>
  );
}

export default function ComparePage() {
  const cases = useData<List<Case>>("/cases", ["case"]);
  const id = queryText("case");
  const [rates, setRates] = useState<TypedRate[]>([]);
  const [answer, setAnswer] = useState<{ of: string; is: Comparison } | null>(null);
  const acting = useActing();
  const full = rates.filter((r) => !isEmpty(r));
  const sent = full.flatMap((r) => rateOf(r) ?? []);
  const body = { case: id, rates: sent };
  const asked = JSON.stringify(body);
  const shown = answer?.of === asked ? answer.is : null;
  const k = cases.data?.items.find((c) => c.id === id);
  const ask = () => acting.run(`compare ${asked} ${Date.now()}`, async (key) => setAnswer({ of: asked, is: await send<Comparison>("POST", "/refunds/compare", body, { key }) }));
  return (
    <>
      <h1>{say("compare.title")}</h1>
      <form class="card" onSubmit={(e) => { e.preventDefault(); void ask(); }}>
        <Choice label={say("compare.case")} value={id} onText={(c) => setQuery({ case: c })}
          options={[{ value: "", words: say("compare.case.none") }, ...(cases.data?.items ?? []).map((c) => ({ value: c.id, words: c.title }))]} />
        <Rates rates={rates} onRates={setRates} />
        <Failed words={cases.error || acting.error} />
        <p><button type="submit" class="solid" disabled={!id || acting.busy || sent.length !== full.length}>{say("compare.button")}</button></p>
      </form>
      {shown && (
        <>
          <section class="card" role="region" aria-label={say("compare.title")}>
            {shown.currencies.length === 0 && <p>{say("plan.none")}</p>}
            {shown.currencies.map((c) => <Side key={c.currency} c={c} laws={lawsOf(shown.law)} />)}
          </section>
          <LawPart law={shown.law} />
          <Asides leftOut={shown.left_out} waiting={shown.waiting} />
          {shown.currencies.map((c) => <Pots key={c.currency} s={c} />)}
          {may("refund.plan") && k && shown.currencies.length > 0 && <Make answer={shown} k={k} rates={sent} />}
        </>
      )}
    </>
  );
}
