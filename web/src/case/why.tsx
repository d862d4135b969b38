// "Why?": how the money came to one account, in the program's own words.
import { useData } from "../shared/data";
import { accountKey } from "../shared/format";
import { Failed, Panel, Waiting } from "../shared/ui";
import { institutionName, type Trace } from "./data";
import { say } from "./words";

interface Answer {
  steps: string[];
  text: string;
}

export function Why({ trace, account, onClose }: { trace: Trace; account: number; onClose: () => void }) {
  const a = trace.accounts[account];
  const query = new URLSearchParams({ case: trace.case.id, rule: trace.rule, ...(trace.until ? { until: trace.until } : {}), account: a ? accountKey(a) : "" });
  const why = useData<Answer>(a ? `/trace/why?${query.toString()}` : null, ["seed"]);
  if (!a) return null;
  return (
    <Panel title={say("why.title", { account: `${a.account} (${institutionName(trace, a)})` })} onClose={onClose}>
      <Failed words={why.error} again={why.reload} />
      {!why.data && why.busy && <Waiting />}
      {why.data && (why.data.steps.length ? <ul class="steps">{why.data.steps.map((s, i) => <li key={i}>{s}</li>)}</ul> : <p class="prose">{why.data.text || say("why.none")}</p>)}
    </Panel>
  );
}
