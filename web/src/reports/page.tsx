// All reports that may be seen, without victims and stories.
import { useList } from "../shared/data";
import { accountKey, amountText } from "../shared/format";
import { say as sayShared } from "../shared/messages";
import { pathOf, queryText } from "../shared/router";
import { accountWords, digits, may } from "../shared/session";
import { Table, type Column } from "../shared/table";
import type { Report } from "../shared/types";
import { Chips, Failed, Money, Waiting, When } from "../shared/ui";
import { say } from "./words";

const columns: readonly Column<Report>[] = [
  { key: "id", head: say("col.id"), cell: (r) => <a class="id" href={pathOf("reports", r.name === r.id ? r.id : r.record)}>{r.name}</a>, text: (r) => r.name },
  { key: "at", head: say("col.at"), cell: (r) => <When at={r.reported_at} />, text: (r) => r.reported_at },
  { key: "loss", head: say("col.loss"), number: true, cell: (r) => <Money minor={r.loss} currency={r.currency} />,
    text: (r) => (r.loss === null || !r.currency ? "" : amountText(r.loss, r.currency, digits.value)), order: (r) => r.loss ?? -1 },
  { key: "standing", head: say("col.standing"), cell: (r) => sayShared(`standing.${r.standing ?? "claimed"}`), text: (r) => r.standing ?? "" },
  { key: "accounts", head: say("col.accounts"), cell: (r) => r.accounts.map(accountWords).join("; "), text: (r) => r.accounts.map(accountKey).join("; ") },
  { key: "seeds", head: say("col.seeds"), number: true, cell: (r) => r.seeds.length, text: (r) => String(r.seeds.length), order: (r) => r.seeds.length },
  { key: "case", head: say("col.case"), cell: (r) => (r.case_id ? <a href={pathOf("cases", r.case_id)}>{say("case.in")}</a> : <span class="soft">{say("case.none")}</span>),
    text: (r) => r.case_id ?? "" },
  { key: "flags", head: say("col.flags"), cell: (r) => [...(r.flags ?? []).map((f) => f.words), ...(r.duplicate ? [say("duplicate")] : [])].join("; "),
    text: (r) => (r.flags ?? []).map((f) => f.words).join("; ") },
  { key: "channel", head: say("col.channel"), cell: (r) => r.channel ?? "", text: (r) => r.channel ?? "", hidden: true },
];

const FILTERS = {
  all: () => true,
  loose: (r: Report) => r.case_id === null,
  seedless: (r: Report) => r.seeds.length === 0,
  claimed: (r: Report) => r.standing === "claimed",
  duplicate: (r: Report) => r.duplicate,
} as const;
type Filter = keyof typeof FILTERS;
const NAMES = Object.keys(FILTERS) as Filter[];

export default function ReportsPage() {
  const list = useList<Report>("/reports", ["report", "seed", "standing", "case_add", "case_remove"]);
  const show = NAMES.find((f) => f === queryText("show")) ?? "all";
  return (
    <>
      <h1>{say("title")}</h1>
      <div class="doors">
        {may("report.write") && <a class="solid" href="/reports/new">{say("type")} <kbd>n</kbd></a>}
        {may("import") && <a class="chip" href="/reports/upload">{say("upload")}</a>}
      </div>
      <Chips label={say("filter")} items={NAMES.map((f) => ({ href: f === "all" ? "/reports" : `/reports?show=${f}`, words: say(`filter.${f}`), on: f === show }))} />
      <Failed words={list.error} again={list.reload} />
      {!list.data && list.busy && <Waiting />}
      {list.data && (
        <section class="card">
          <Table name="reports" caption={say("caption")} columns={columns} rows={list.data.filter(FILTERS[show])} rowKey={(r) => r.record} more={list.more} />
        </section>
      )}
    </>
  );
}
