// Break-glass: seeing more for some hours, with a reason, and a second officer who decides about it.
import { useState } from "preact/hooks";
import { send } from "../shared/api";
import { useData, useList } from "../shared/data";
import { Act, Choice, Field } from "../shared/fields";
import { asciiDigits } from "../shared/format";
import { pathOf } from "../shared/router";
import { may, session } from "../shared/session";
import { Table, type Column } from "../shared/table";
import { Card, Failed, Panel, toast, When } from "../shared/ui";
import type { Roles } from "./roles";
import { say } from "./words";

interface Glass {
  active: boolean;
  at: string;
  decided_by: string | null;
  grants: string;
  id: string;
  officer: string;
  ratified: boolean | null;
  reason: string | null;
  until: string;
}

// What the node lets a broken glass show: acts that read, of cases and their people.
const GRANTABLE = ["report.read", "victim.read", "transfer.read", "case.read", "trace.run", "order.read", "grievance.read", "refund.read", "record.read"];
const CLEARANCE = "RED";

function stateWords(g: Glass): string {
  const decided = g.ratified === true ? say("glass.ratified") : g.ratified === false ? say("glass.refused") : g.active ? say("glass.waits") : "";
  return [say(g.active ? "glass.active" : "glass.over"), decided].filter(Boolean).join(", ");
}

function Break({ onDone }: { onDone: () => void }) {
  const roles = useData<Roles>("/roles", ["none"]);
  const [v, setV] = useState({ grants: "", hours: "2", reason: "" });
  const readable = roles.data?.acts.filter((a) => GRANTABLE.includes(a.act) && !may(a.act)) ?? [];
  const options = [...readable.map((a) => ({ value: a.act, words: a.words })), { value: CLEARANCE, words: `TLP:${CLEARANCE}` }];
  const grants = v.grants || (options[0]?.value ?? "");
  const hours = Number(asciiDigits(v.hours.trim()));
  const body = { grants, hours, reason: v.reason.trim() };
  return (
    <Card title={say("glass.title")}>
      <p>{say("glass.words")}</p>
      <Failed words={roles.error} again={roles.reload} />
      <div class="row">
        <Choice label={say("glass.grants")} value={grants} onText={(t) => setV({ ...v, grants: t })} options={options} />
        <Field label={say("glass.hours")} value={v.hours} onText={(t) => setV({ ...v, hours: t })} mode="numeric" narrow />
      </div>
      <Field label={say("glass.reason")} value={v.reason} onText={(t) => setV({ ...v, reason: t })} rows={2} required />
      <Act label={say("glass.button")} danger sentence={say("glass.does", { grants: options.find((o) => o.value === grants)?.words ?? grants, hours: v.hours })} what={`break ${JSON.stringify(body)}`}
        disabled={!body.reason || !grants || !Number.isInteger(hours) || hours < 1}
        run={async (key) => { await send("POST", "/glass", body, { key }); setV({ ...v, reason: "" }); toast(say("glass.done")); }} onDone={onDone} />
    </Card>
  );
}

function Decide({ g, onDone }: { g: Glass; onDone: () => void }) {
  const [note, setNote] = useState("");
  const decide = (ratified: boolean) => async (key: string) => {
    await send("POST", `${pathOf("glass", g.id)}/ratify`, { note: note || null, ratified }, { key });
    toast(say("glass.decided"));
  };
  return (
    <>
      <p class="prose">{g.reason}</p>
      <Field label={say("glass.note")} value={note} onText={setNote} rows={2} />
      <Act label={say("glass.yes")} sentence={say("glass.yes.does", { who: g.officer })} what={`ratify ${g.id} ${note}`} run={decide(true)} onDone={onDone} />
      <Act label={say("glass.no")} danger sentence={say("glass.no.does", { who: g.officer })} what={`refuse ${g.id} ${note}`} run={decide(false)} onDone={onDone} />
    </>
  );
}

export function GlassPart() {
  const list = useList<Glass>("/glass", ["glass", "glass_ratify"]);
  const [open, setOpen] = useState("");
  const decides = (g: Glass) => may("glass.ratify") && g.active && g.ratified === null && g.officer !== session.value?.user && g.officer !== session.value?.officer;
  const columns: readonly Column<Glass>[] = [
    { key: "who", head: say("glass.who"), cell: (g) => g.officer, text: (g) => g.officer },
    { key: "grants", head: say("glass.grants"), cell: (g) => g.grants, text: (g) => g.grants },
    { key: "state", head: say("glass.state"), cell: stateWords, text: stateWords },
    { key: "until", head: say("glass.until"), cell: (g) => <When at={g.until} />, text: (g) => g.until },
    { key: "reason", head: say("glass.reason"), cell: (g) => g.reason, text: (g) => g.reason ?? "" },
    { key: "at", head: say("glass.at"), cell: (g) => <When at={g.at} />, text: (g) => g.at, hidden: true },
    { key: "decide", head: say("glass.ratify"), text: () => "",
      cell: (g) => (decides(g) ? <button type="button" class="chip" onClick={() => setOpen(g.id)}>{say("glass.ratify")}<span class="unseen"> {g.officer} {g.grants}</span></button> : g.decided_by ?? "") },
  ];
  const chosen = list.data?.find((g) => g.id === open && decides(g));
  return (
    <div class={chosen ? "with-panel" : undefined}>
      <div class="list-side">
        <section class="card">
          <Failed words={list.error} again={list.reload} />
          {list.data && <Table name="glass" caption={say("glass.caption")} columns={columns} rows={list.data} rowKey={(g) => g.id} selected={open} more={list.more} empty={say("glass.none")} />}
        </section>
        {may("glass.break") && <Break onDone={list.reload} />}
      </div>
      {chosen && (
        <Panel title={say("glass.decide", { grants: chosen.grants, who: chosen.officer })} onClose={() => setOpen("")}>
          <Decide g={chosen} onDone={() => { setOpen(""); list.reload(); }} />
        </Panel>
      )}
    </div>
  );
}
