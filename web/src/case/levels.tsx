// The trace as tables, one a level: institution, account, amounts per report, still there, gone on.
import { amountsText, amountText } from "../shared/format";
import { Table, type Column } from "../shared/table";
import { Money, When } from "../shared/ui";
import { institutionName, keyOf, type Tag, type Trace, type TraceAccount, type TraceLevel } from "./data";
import { say } from "./words";

const TAGS_SHOWN_MAX = 3;

function tagWords(trace: Trace, a: TraceAccount, t: Tag): string {
  return t.amount === undefined ? t.report : `${t.report} ${amountText(t.amount, a.currency, trace.currencies)}`;
}

// Many reports on one account fold behind their number.
function Tags({ trace, a }: { trace: Trace; a: TraceAccount }) {
  const all = a.tags.map((t) => tagWords(trace, a, t)).join("; ");
  if (a.tags.length <= TAGS_SHOWN_MAX) return <>{all}</>;
  return <details><summary>{say("levels.tags", { count: a.tags.length })}</summary><p>{all}</p></details>;
}

function columnsOf(trace: Trace, onWhy: (account: number) => void): Column<TraceAccount>[] {
  const money = (key: string, head: string, of: (a: TraceAccount) => number): Column<TraceAccount> => ({
    key, head, number: true, order: of, cell: (a) => <Money minor={of(a)} currency={a.currency} />,
    text: (a) => amountText(of(a), a.currency, trace.currencies),
  });
  return [
    { key: "account", head: say("column.account"), cell: (a) => <span class="account id">{a.account}</span>, text: (a) => a.account },
    { key: "institution", head: say("column.institution"), cell: (a) => institutionName(trace, a), text: (a) => institutionName(trace, a) },
    { key: "first", head: say("column.first"), cell: (a) => <When at={a.first_at} seconds />, text: (a) => a.first_at },
    money("arrived", say("column.arrived"), (a) => a.arrived),
    money("there", say("column.there"), (a) => a.still_there),
    money("gone", say("column.gone"), (a) => a.gone_on),
    { key: "reports", head: say("column.reports"), cell: (a) => <Tags trace={trace} a={a} />, text: (a) => a.tags.map((t) => tagWords(trace, a, t)).join("; ") },
    { key: "why", head: say("column.why"), text: () => "", cell: (a) => (
      <button type="button" class="plain" onClick={() => onWhy(trace.accounts.indexOf(a))} aria-label={`${say("why.button")} ${a.account}`}>{say("why.button")}</button>
    ) },
  ];
}

function Level({ trace, level, columns }: { trace: Trace; level: TraceLevel; columns: readonly Column<TraceAccount>[] }) {
  const none = say("sum.none");
  const caption = say("levels.caption", {
    level: level.level, count: level.account_count,
    there: amountsText(level.still_there, trace.currencies, none), gone: amountsText(level.gone_on, trace.currencies, none),
  });
  const rows = level.accounts.flatMap((i) => trace.accounts[i] ?? []);
  return (
    <>
      <h4>{caption}</h4>
      <Table name={`trace-level-${level.level}`} caption={caption} columns={columns} rows={rows} rowKey={keyOf} />
      {level.folded > 0 && <p class="soft small">{say("levels.folded", { count: level.folded })}</p>}
    </>
  );
}

export function Levels({ trace, onWhy }: { trace: Trace; onWhy: (account: number) => void }) {
  const columns = columnsOf(trace, onWhy);
  return <>{trace.levels.map((l) => <Level key={l.level} trace={trace} level={l} columns={columns} />)}</>;
}
