// The trace as tables, one a level: institution, account, amounts per report, still there, gone on.
import { amountsText, amountText, timeText } from "../shared/format";
import { say } from "./words";
import { institutionName, type Trace, type TraceAccount, type TraceLevel } from "./data";

function Row({ trace, index, onWhy }: { trace: Trace; index: number; onWhy: (account: number) => void }) {
  const a: TraceAccount | undefined = trace.accounts[index];
  if (!a) return null;
  const money = (minor: number) => amountText(minor, a.currency, trace.currencies);
  return (
    <tr>
      <td>{institutionName(trace, a)}</td>
      <td class="account">{a.account}</td>
      <td><time dateTime={a.first_at} title={a.first_at}>{timeText(a.first_at, trace.agency.timezone)}</time></td>
      <td class="number">{money(a.arrived)}</td>
      <td class="number">{money(a.still_there)}</td>
      <td class="number">{money(a.gone_on)}</td>
      <td>{a.tags.map((t) => (t.amount === undefined ? t.report : `${t.report} ${money(t.amount)}`)).join("; ")}</td>
      <td><button type="button" class="plain" onClick={() => onWhy(index)} aria-label={`${say("why.button")} ${a.account}`}>{say("why.button")}</button></td>
    </tr>
  );
}

function Level({ trace, level, onWhy }: { trace: Trace; level: TraceLevel; onWhy: (account: number) => void }) {
  const none = say("sum.none");
  const caption = say("levels.caption", {
    level: level.level, count: level.account_count,
    there: amountsText(level.still_there, trace.currencies, none), gone: amountsText(level.gone_on, trace.currencies, none),
  });
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{say("column.institution")}</th>
            <th scope="col">{say("column.account")}</th>
            <th scope="col">{say("column.first")}</th>
            <th scope="col" class="number">{say("column.arrived")}</th>
            <th scope="col" class="number">{say("column.there")}</th>
            <th scope="col" class="number">{say("column.gone")}</th>
            <th scope="col">{say("column.reports")}</th>
            <th scope="col">{say("column.why")}</th>
          </tr>
        </thead>
        <tbody>{level.accounts.map((i) => <Row key={i} trace={trace} index={i} onWhy={onWhy} />)}</tbody>
      </table>
      {level.folded > 0 && <p class="soft small">{say("levels.folded", { count: level.folded })}</p>}
    </div>
  );
}

export function Levels({ trace, onWhy }: { trace: Trace; onWhy: (account: number) => void }) {
  return <>{trace.levels.map((l) => <Level key={l.level} trace={trace} level={l} onWhy={onWhy} />)}</>;
}
