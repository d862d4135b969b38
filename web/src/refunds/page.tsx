// Refund plans, and where a refund goes.
import { useState } from "preact/hooks";
import { send } from "../shared/api";
import { useList } from "../shared/data";
import { Act, DocumentField, Field } from "../shared/fields";
import { amountText } from "../shared/format";
import { pathOf, queryText } from "../shared/router";
import { digits, may } from "../shared/session";
import { Table, type Column } from "../shared/table";
import { Chips, Failed, toast, Waiting, When } from "../shared/ui";
import { REFUND_NEWS, ruleWords, stateWords, type PlanShort } from "./data";
import { say } from "./words";

const totals = (p: PlanShort) => p.currencies.map((c) => amountText(c.total, c.currency, digits.value)).join(", ");
const signed = (p: PlanShort) => say("fact.signers.of", { count: p.signers.length, needed: p.needs_signatures });
const columns: readonly Column<PlanShort>[] = [
  { key: "plan", head: say("col.plan"), cell: (p) => <a class="id" href={pathOf("refunds", p.id)}>{p.id.slice(-8)}</a>, text: (p) => p.id },
  { key: "state", head: say("col.state"), cell: (p) => stateWords(p.state), text: (p) => stateWords(p.state) },
  { key: "signed", head: say("col.signed"), cell: signed, text: signed },
  { key: "total", head: say("col.total"), number: true, cell: totals, text: totals },
  { key: "rule", head: say("col.rule"), cell: (p) => ruleWords(p.rule), text: (p) => ruleWords(p.rule) },
  { key: "at", head: say("col.at"), cell: (p) => <When at={p.at} />, text: (p) => p.at },
];

function AccountPart() {
  const [report, setReport] = useState("");
  const [account, setAccount] = useState("");
  const [document, setDocument] = useState("");
  const [target, setTarget] = useState("");
  const id = report.trim();
  const path = `${pathOf("reports", id || "-")}/refund-account`;
  const body = { account: account.trim(), document: document || null };
  return (
    <details class="card" id="account">
      <summary>{say("account.title")}</summary>
      <p>{say("account.words")}</p>
      <Field label={say("account.report")} value={report} onText={setReport} required />
      <Field label={say("account.account")} hint={say("account.hint")} value={account} onText={setAccount} />
      <DocumentField value={document} onHash={setDocument} />
      <Act label={say("account.button")} sentence={say("account.does", { report: id || "…", account: body.account || "…" })} what={`account ${id} ${JSON.stringify(body)}`}
        disabled={!id || !body.account} run={async (key) => { await send("POST", path, body, { key }); setAccount(""); toast(say("account.done")); }} />
      <Field label={say("account.target")} hint={say("account.target.hint")} value={target} onText={setTarget} />
      <Act label={say("account.second")} sentence={say("account.second.does", { report: id || "…" })} what={`account second ${id} ${target}`} disabled={!id}
        run={async (key) => { await send("POST", `${path}/second`, { target: target.trim() || null }, { key }); toast(say("account.confirmed")); }} />
    </details>
  );
}

export default function RefundsPage() {
  const of = queryText("case");
  const list = useList<PlanShort>(of ? `/refunds?case=${encodeURIComponent(of)}` : "/refunds", REFUND_NEWS);
  return (
    <>
      <h1>{say("title")}</h1>
      <p class="doors"><a class="solid" href={of ? `/refunds/new?case=${encodeURIComponent(of)}` : "/refunds/new"}>{say("new")}</a></p>
      {of && <Chips label={say("filter")} items={[{ href: `/refunds?case=${encodeURIComponent(of)}`, words: say("filter.case"), on: true }, { href: "/refunds", words: say("filter.all"), on: false }]} />}
      <Failed words={list.error} again={list.reload} />
      {!list.data && list.busy && <Waiting />}
      {list.data && <section class="card"><Table name="refund-plans" caption={say("caption")} columns={columns} rows={list.data} rowKey={(p) => p.id} more={list.more} empty={say("none")} /></section>}
      {may("refund.pay") && <AccountPart />}
    </>
  );
}
