// Reports of a case, and which of them are one victim's.
import { useState } from "preact/hooks";
import { send } from "../shared/api";
import { useActing } from "../shared/data";
import { Field } from "../shared/fields";
import { amountText } from "../shared/format";
import { say as sayShared } from "../shared/messages";
import { pathOf } from "../shared/router";
import { digits, may } from "../shared/session";
import { Table, type Column } from "../shared/table";
import type { Case, ReportShort } from "../shared/types";
import { Failed, Money, toast } from "../shared/ui";
import { say } from "./words";

export function ReportsPart({ k, reload }: { k: Case; reload: () => void }) {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [add, setAdd] = useState("");
  const [reason, setReason] = useState("");
  const acting = useActing();
  const rows = k.reports ?? [];
  const path = pathOf("cases", k.id);
  const claimantOf = (r: ReportShort) => k.claimants?.find((c) => c.reports.length > 1 && c.reports.some((x) => x === r.id || x === r.record))?.id ?? "";
  const columns: readonly Column<ReportShort>[] = [
    { key: "report", head: say("col.report"), cell: (r) => <a href={pathOf("reports", r.id)}>{r.id}</a>, text: (r) => r.id },
    { key: "loss", head: say("col.loss"), number: true, cell: (r) => <Money minor={r.loss} currency={r.currency} />,
      text: (r) => (r.loss === null || !r.currency ? "" : amountText(r.loss, r.currency, digits.value)), order: (r) => r.loss ?? -1 },
    { key: "standing", head: say("col.standing"), cell: (r) => sayShared(`standing.${r.standing}`), text: (r) => r.standing },
    { key: "seeded", head: say("col.seeded"), cell: (r) => say(r.seeded ? "yes" : "no"), text: (r) => say(r.seeded ? "yes" : "no") },
    { key: "claimant", head: say("col.claimant"), cell: claimantOf, text: claimantOf },
    ...(may("case.write") && k.open ? [{
      key: "choose", head: say("col.choose"), text: () => "",
      cell: (r: ReportShort) => (
        <input type="checkbox" aria-label={`${say("col.choose")} ${r.id}`} checked={chosen.includes(r.id)}
          onChange={(e) => setChosen(e.currentTarget.checked ? [...chosen, r.id] : chosen.filter((x) => x !== r.id))} />
      ),
    }] : []),
  ];
  const run = (what: string, f: (key: string) => Promise<unknown>) => acting.run(what, async (key) => {
    await f(key);
    toast(say("done"));
    setChosen([]);
    setAdd("");
    setReason("");
    reload();
  });
  const removeAll = async (key: string) => {
    for (const id of chosen)
      await send("DELETE", `${path}/reports/${encodeURIComponent(id)}?reason=${encodeURIComponent(reason)}`, undefined, { key: `${key}.${id}`.slice(0, 64) });
  };
  const added = add.split(/[;\s]+/).filter(Boolean);
  return (
    <section class="card">
      <h2>{say("part.reports")}</h2>
      <p class="soft">{say("claimants.words")}</p>
      <Failed words={acting.error} />
      <Table name="case-reports" caption={say("reports.caption")} columns={columns} rows={rows} rowKey={(r) => r.record} />
      {may("case.write") && k.open && (
        <>
          <p><button type="button" class="chip" disabled={chosen.length < 2 || acting.busy}
            onClick={() => void run(`join ${chosen.join()}`, (key) => send("POST", `${path}/claimants`, { reports: chosen }, { key }))}>{say("claimants.join")}</button></p>
          <form class="row" onSubmit={(e) => { e.preventDefault(); void run(`add ${add}`, (key) => send("POST", `${path}/reports`, { reports: added }, { key })); }}>
            <Field label={say("add.label")} hint={say("add.hint")} value={add} onText={setAdd} />
            <button type="submit" class="chip" disabled={added.length === 0 || acting.busy}>{say("add.button")}</button>
          </form>
          {chosen.length > 0 && (
            <form class="row" onSubmit={(e) => { e.preventDefault(); void run(`remove ${chosen.join()} ${reason}`, removeAll); }}>
              <Field label={say("remove.label")} value={reason} onText={setReason} required />
              <button type="submit" class="chip" disabled={!reason.trim() || acting.busy}>{say("remove.button")}</button>
            </form>
          )}
        </>
      )}
    </section>
  );
}
