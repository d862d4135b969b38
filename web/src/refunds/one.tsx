// One plan: what it shares, who signed, who pays whom, what was paid.
import { useState } from "preact/hooks";
import type { PageProps } from "../app/pages";
import { send } from "../shared/api";
import { useData } from "../shared/data";
import { Act, Field } from "../shared/fields";
import { accountKey, amountText, plainText } from "../shared/format";
import { pathOf } from "../shared/router";
import { accountWords, digits, may, session } from "../shared/session";
import { Table, type Column } from "../shared/table";
import { Account, Card, Facts, Failed, Money, toast, Waiting, When } from "../shared/ui";
import { REFUND_NEWS, ruleWords, stateWords, sumsText, type Claim, type Paid, type Pay, type Plan, type Planned } from "./data";
import { Asides, ClaimName, LawPart, Pots } from "./parts";
import { say } from "./words";
import "./page.css";

function Shares({ c }: { c: Planned }) {
  const money = (minor: number) => amountText(minor, c.currency, digits.value);
  const share = (k: Claim) => c.shares[c.claims.indexOf(k)] ?? 0;
  const amount = (key: string, head: string, of: (k: Claim) => number): Column<Claim> =>
    ({ key, head, number: true, cell: (k) => <Money minor={of(k)} currency={c.currency} />, text: (k) => money(of(k)), order: of });
  const columns: readonly Column<Claim>[] = [
    { key: "claim", head: say("table.claim"), cell: (k) => <ClaimName report={k.report} reports={k.reports} />, text: (k) => k.report },
    amount("loss", say("table.loss"), (k) => k.loss), amount("refunded", say("table.refunded"), (k) => k.refunded),
    amount("of", say("table.of"), (k) => k.claim), amount("share", say("shares.share"), share),
  ];
  return (
    <Card title={say("shares.caption", { currency: c.currency })}>
      <Table name={`shares-${c.currency}`} caption={say("shares.caption", { currency: c.currency })} columns={columns} rows={c.claims} rowKey={(k) => k.report} />
      <p>{say("table.unassigned")}: <Money minor={c.unassigned} currency={c.currency} /></p>
    </Card>
  );
}

function PaidForm({ plan, c, pay, onDone }: { plan: Plan; c: Planned; pay: Pay; onDone: () => void }) {
  const [amount, setAmount] = useState(plainText(pay.amount - (pay.paid ?? 0), c.currency, digits.value));
  const [reference, setReference] = useState("");
  const body = { account: accountKey(pay.account), amount: amount.trim(), currency: c.currency, reference: reference.trim(), report: pay.report };
  return (
    <div class="act-form">
      <h3>{say("paid.title")}</h3>
      <Field label={say("paid.reference")} value={reference} onText={setReference} required focus />
      <Field label={say("paid.amount")} hint={say("paid.amount.hint", { currency: c.currency })} value={amount} onText={setAmount} mode="decimal" />
      <Act label={say("paid.button")} what={`paid ${plan.id} ${JSON.stringify(body)}`} disabled={!body.reference || !body.amount}
        sentence={say("paid.does", { amount: `${body.amount} ${c.currency}`, account: accountWords(pay.account), report: pay.report, reference: body.reference || "…" })}
        run={async (key) => { await send("POST", `${pathOf("refunds", plan.id)}/paid`, body, { key }); toast(say("paid.done")); }} onDone={onDone} />
    </div>
  );
}

function Pays({ plan, c, reload }: { plan: Plan; c: Planned; reload: () => void }) {
  const [open, setOpen] = useState("");
  const key = (p: Pay) => `${p.order} ${p.report}`;
  const payable = may("refund.pay") && plan.state === "signed";
  const paid = (p: Pay) => p.paid ?? plan.paid.filter((x) => x.report === p.report && x.currency === c.currency && accountKey(x.account) === accountKey(p.account)).reduce((s, x) => s + x.amount, 0);
  const money = (minor: number) => amountText(minor, c.currency, digits.value);
  const columns: readonly Column<Pay>[] = [
    { key: "to", head: say("pays.to"), cell: (p) => <a href={pathOf("reports", p.report)}>{p.report}</a>, text: (p) => p.report },
    { key: "from", head: say("pays.from"), cell: (p) => <Account a={p.account} />, text: (p) => accountWords(p.account) },
    { key: "order", head: say("pots.order"), cell: (p) => <a class="id" href={pathOf("orders", p.order)}>{p.order}</a>, text: (p) => p.order },
    { key: "amount", head: say("pays.amount"), number: true, cell: (p) => <Money minor={p.amount} currency={c.currency} />, text: (p) => money(p.amount), order: (p) => p.amount },
    { key: "paid", head: say("pays.paid"), number: true, cell: (p) => <Money minor={paid(p)} currency={c.currency} />, text: (p) => money(paid(p)), order: paid },
    ...(payable ? [{ key: "note", head: say("pays.note"), text: () => "", cell: (p: Pay) => (paid(p) >= p.amount ? say("yes")
      : <button type="button" class="chip" onClick={() => setOpen(key(p))}>{say("pays.note")}<span class="unseen"> {p.report} {p.order}</span></button>) }] : []),
  ];
  const chosen = c.pays.find((p) => key(p) === open);
  return (
    <Card title={say("pays.title", { currency: c.currency })}>
      <Table name={`pays-${c.currency}`} caption={say("pays.caption")} columns={columns} rows={c.pays} rowKey={key} selected={open} />
      {payable && chosen && <PaidForm key={open} plan={plan} c={c} pay={{ ...chosen, paid: paid(chosen) }} onDone={() => { setOpen(""); reload(); }} />}
    </Card>
  );
}

function PaidList({ plan }: { plan: Plan }) {
  const columns: readonly Column<Paid>[] = [
    { key: "reference", head: say("paid.reference"), cell: (p) => p.reference, text: (p) => p.reference },
    { key: "report", head: say("pays.to"), cell: (p) => p.report, text: (p) => p.report },
    { key: "account", head: say("pays.from"), cell: (p) => <Account a={p.account} />, text: (p) => accountWords(p.account) },
    { key: "amount", head: say("pays.amount"), number: true, cell: (p) => <Money minor={p.amount} currency={p.currency} />, text: (p) => amountText(p.amount, p.currency, digits.value), order: (p) => p.amount },
    { key: "at", head: say("paid.at"), cell: (p) => <When at={p.at} />, text: (p) => p.at },
  ];
  if (plan.paid.length === 0) return null;
  return <Card title={say("paid.list")}><Table name="refund-paid" caption={say("paid.caption")} columns={columns} rows={plan.paid} rowKey={(p) => p.id} /></Card>;
}

function Sign({ plan, reload }: { plan: Plan; reload: () => void }) {
  if (plan.state !== "draft" || !may("refund.sign")) return null;
  const own = plan.signers.some((s) => s.officer === session.value?.officer);
  const last = plan.signers.length + 1 >= plan.needs_signatures;
  return (
    <Card title={say("sign.title")} id="sign">
      {own ? <p>{say("sign.own")}</p> : (
        <Act label={say("sign.button")} sentence={say("sign.does", { hash: `${plan.hash.slice(0, 16)}…`, sums: sumsText(plan.currencies), rest: say(last ? "sign.last" : "sign.first") })}
          what={`sign ${plan.id} ${plan.hash}`} run={async (key) => { await send("POST", `${pathOf("refunds", plan.id)}/sign`, undefined, { key }); toast(say("sign.done")); }} onDone={reload} />
      )}
    </Card>
  );
}

export default function PlanPage({ params }: PageProps) {
  const loaded = useData<Plan>(pathOf("refunds", params["id"] ?? ""), REFUND_NEWS);
  const plan = loaded.data;
  if (!plan) return loaded.busy ? <Waiting /> : <Failed words={loaded.error} again={loaded.reload} />;
  const exports = (["csv", "xlsx", "html"] as const).map((f) => (
    <a key={f} class="chip" href={plan.exports[f]} {...(f === "html" ? { target: "_blank", rel: "noopener" } : { download: true })}>{say(`export.${f}`)}</a>
  ));
  return (
    <>
      <h1>{say("one", { id: plan.id.slice(-8) })}</h1>
      <section class="card">
        <p class="summary">{say("one.summary", { state: stateWords(plan.state), sums: sumsText(plan.currencies), rule: ruleWords(plan.rule) })}</p>
        {plan.state === "void" && <p class="error">{say("one.void", { why: plan.void_because ?? say("one.void.else") })} <a href={`/refunds/new?case=${encodeURIComponent(plan.case_id)}`}>{say("one.void.again")}</a></p>}
        <Facts rows={[
          [say("fact.signers"), <>{say("fact.signers.of", { count: plan.signers.length, needed: plan.needs_signatures })}{plan.signers.map((s) => <div key={s.officer}>{s.name}, <When at={s.at} /></div>)}</>],
          [say("fact.hash"), <code class="hash">{plan.hash}</code>],
          [say("fact.at"), <When at={plan.at} stop />],
          [say("fact.case"), <a href={pathOf("cases", plan.case_id)}>{plan.case_id.slice(-8)}</a>],
          [say("fact.exports"), <span class="doors">{exports}</span>],
        ]} />
      </section>
      <Sign plan={plan} reload={loaded.reload} />
      {plan.currencies.map((c) => <Shares key={c.currency} c={c} />)}
      {plan.currencies.map((c) => <Pays key={c.currency} plan={plan} c={c} reload={loaded.reload} />)}
      <PaidList plan={plan} />
      <Asides leftOut={plan.left_out} waiting={plan.waiting} />
      <LawPart law={plan.law} />
      {plan.currencies.map((c) => <Pots key={c.currency} s={c} />)}
      <Failed words={loaded.error} again={loaded.reload} />
    </>
  );
}
