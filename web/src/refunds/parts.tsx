// What the comparison and a plan both show: holds, what the law says, what is left out.
import { accountKey, amountText } from "../shared/format";
import { pathOf } from "../shared/router";
import { accountWords, digits } from "../shared/session";
import { Table, type Column } from "../shared/table";
import { Account, Card, Money } from "../shared/ui";
import { lawsOf, ruleWords, type Aside, type Comparison, type Pot, type Sharing } from "./data";
import { say } from "./words";

export function Pots({ s }: { s: Sharing }) {
  const money = (minor: number) => amountText(minor, s.currency, digits.value);
  const tags = (p: Pot) => p.tags.map((t) => `${t.report} ${money(t.amount)}`).join(", ");
  const columns: readonly Column<Pot>[] = [
    { key: "order", head: say("pots.order"), cell: (p) => <a class="id" href={pathOf("orders", p.order)}>{p.order}</a>, text: (p) => p.order },
    { key: "account", head: say("pots.account"), cell: (p) => <Account a={p.account} />, text: (p) => accountWords(p.account) },
    { key: "amount", head: say("pots.amount"), number: true, cell: (p) => <Money minor={p.amount} currency={s.currency} />, text: (p) => money(p.amount), order: (p) => p.amount },
    { key: "tags", head: say("pots.tags"), cell: tags, text: tags },
  ];
  return (
    <Card title={say("pots.title", { currency: s.currency })}>
      <Table name={`holds-${s.currency}`} caption={say("pots.caption")} columns={columns} rows={s.pots} rowKey={(p) => `${p.order} ${accountKey(p.account)}`} />
    </Card>
  );
}

export function LawPart({ law }: { law: Comparison["law"] }) {
  const laws = lawsOf(law);
  return (
    <Card title={say("law.title")}>
      {laws.length === 0 && <p class="soft">{say("law.none")}</p>}
      {laws.map((l) => (
        <p key={l.country + (l.rule ?? "")}>
          {say("law.row", { country: l.country, rule: l.rule ? ruleWords(l.rule) : say("law.none"), note: l.note, standing: l.standing, source: l.source })}{" "}
          {l.claims_days !== null && say("law.claims", { days: l.claims_days })} {l.notice_days !== null && say("law.notice", { days: l.notice_days })}
        </p>
      ))}
    </Card>
  );
}

interface AsideRow extends Aside {
  waits: boolean;
}

export function Asides({ leftOut, waiting }: { leftOut: readonly Aside[]; waiting: readonly Aside[] }) {
  const rows: AsideRow[] = [...leftOut.map((a) => ({ ...a, waits: false })), ...waiting.map((a) => ({ ...a, waits: true }))];
  const what = (a: AsideRow) => a.report ?? a.order ?? "";
  const how = (a: AsideRow) => say(a.waits ? "left.waits" : "left.out");
  const columns: readonly Column<AsideRow>[] = [
    { key: "what", head: say("left.what"), text: what, cell: (a) => (a.report ? <a href={pathOf("reports", a.report)}>{a.report}</a> : a.order ? <a href={pathOf("orders", a.order)}>{a.order}</a> : "") },
    { key: "how", head: say("left.kind"), cell: how, text: how },
    { key: "why", head: say("left.why"), cell: (a) => a.words, text: (a) => a.words },
  ];
  return (
    <Card title={say("left.title")}>
      {rows.length === 0 ? <p class="soft">{say("left.none")}</p>
        : <Table name="left-out-of-refund" caption={say("left.caption")} columns={columns} rows={rows} rowKey={(a) => `${what(a)} ${a.why} ${a.waits ? "w" : "l"}`} />}
    </Card>
  );
}

// The reports of one person stand behind the smallest of their ids.
export function ClaimName({ report, reports }: { report: string; reports: readonly string[] }) {
  const others = reports.filter((r) => r !== report);
  return <><a href={pathOf("reports", report)}>{report}</a>{others.length > 0 && <> <span class="soft small">{say("same", { reports: others.join(", ") })}</span></>}</>;
}
