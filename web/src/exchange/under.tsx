// Under which accord something is written, and who will see it: on forms of other desks. Nothing where no accord is in force.
import { useData } from "../shared/data";
import { Choice } from "../shared/fields";
import { pathOf } from "../shared/router";
import { may } from "../shared/session";
import type { List } from "../shared/types";
import { Failed } from "../shared/ui";
import type { Accord, Sees } from "./data";
import { say } from "./open";

export function Under({ kind, value, onText }: { kind: string; value: string; onText: (accord: string) => void }) {
  const accords = useData<List<Accord>>(may("exchange.read") ? "/accords" : null, ["accord", "accord_sign"]);
  const open = accords.data?.items.filter((a) => a.in_force && (a.kinds.includes(kind) || a.kinds.includes("*"))) ?? [];
  const chosen = open.some((a) => a.name === value) ? value : "";
  const sees = useData<{ sees: Sees[]; words: string }>(chosen ? `${pathOf("accords", chosen, "sees")}?kind=${kind}` : null, ["accord_sign"]);
  if (open.length === 0) return null;
  return (
    <div class="under">
      <Choice label={say("under")} value={chosen} onText={onText} options={[{ value: "", words: say("under.none") }, ...open.map((a) => ({ value: a.name, words: a.title || a.name }))]} />
      <Failed words={sees.error} />
      {chosen && sees.data && (
        <div class="note" role="status">
          <p><strong>{sees.data.words}</strong></p>
          <ul>{sees.data.sees.map((s) => <li key={s.agency}>{s.title || s.name}: {s.words}</li>)}</ul>
        </div>
      )}
    </div>
  );
}
