// What holders contest, by the time left for the review; and a call or a visit typed in.
import { send } from "../shared/api";
import { useList } from "../shared/data";
import { useDraft } from "../shared/drafts";
import { Act, DraftNote, Field } from "../shared/fields";
import { go, pathOf, queryText } from "../shared/router";
import { may } from "../shared/session";
import { Table, type Column } from "../shared/table";
import { Chips, Clock, Failed, toast, Waiting, When } from "../shared/ui";
import { stageWords, type GrievanceShort } from "./view";
import { say } from "./words";

const columns: readonly Column<GrievanceShort>[] = [
  { key: "number", head: say("col.number"), cell: (g) => <a class="id" href={pathOf("grievances", g.id)}>{g.number}</a>, text: (g) => g.number },
  { key: "clock", head: say("col.clock"), cell: (g) => (g.stage === "received" ? <Clock at={g.due_at} /> : ""), text: (g) => g.due_at ?? "", order: (g) => g.due_at ?? "9999" },
  { key: "stage", head: say("col.stage"), cell: (g) => stageWords(g.stage), text: (g) => stageWords(g.stage) },
  { key: "at", head: say("col.at"), cell: (g) => <When at={g.at} />, text: (g) => g.at },
  { key: "files", head: say("col.files"), number: true, cell: (g) => g.documents, text: (g) => String(g.documents), order: (g) => g.documents },
];

const EMPTY = { order: "", text: "", contact: "" };

function Typed() {
  const draft = useDraft("grievance", { ...EMPTY, order: queryText("order") });
  const v = draft.values;
  const body = { contact: v.contact.trim() || null, order: v.order.trim(), text: v.text.trim() };
  return (
    <details class="card" open={queryText("new") === "1"}>
      <summary>{say("new")}</summary>
      <Field label={say("new.order")} hint={say("new.order.hint")} value={v.order} onText={(t) => draft.set("order", t)} required />
      <Field label={say("new.text")} value={v.text} onText={(t) => draft.set("text", t)} rows={4} required />
      <Field label={say("new.contact")} hint={say("new.contact.hint")} value={v.contact} onText={(t) => draft.set("contact", t)} />
      <DraftNote draft={draft} />
      <Act label={say("new.button")} sentence={say("new.does", { number: body.order || "…" })} what={JSON.stringify(body)} disabled={!body.order || !body.text}
        run={async (key) => {
          const g = await send<GrievanceShort>("POST", "/grievances", body, { key });
          draft.clear();
          toast(say("new.done"));
          go(pathOf("grievances", g.id));
        }} />
    </details>
  );
}

export default function GrievancesPage() {
  const all = queryText("show") === "all";
  const list = useList<GrievanceShort>(all ? "/grievances" : "/grievances?open=1", ["grievance", "order_act"]);
  const rows = list.data && [...list.data].sort((a, b) => ((a.due_at ?? "9") < (b.due_at ?? "9") ? -1 : 1));
  return (
    <>
      <h1>{say("title")}</h1>
      <Chips label={say("filter")} items={[{ href: "/grievances", words: say("show.open"), on: !all }, { href: "/grievances?show=all", words: say("show.all"), on: all }]} />
      <Failed words={list.error} again={list.reload} />
      {!rows && list.busy && <Waiting />}
      {rows && (
        <section class="card">
          <Table name="grievances" caption={say("caption")} columns={columns} rows={all ? (list.data ?? []) : rows} rowKey={(g) => g.id} more={list.more}
            mark={(g) => (g.overdue ? "red-row" : undefined)} empty={say("none")} />
        </section>
      )}
      {may("grievance.write") && <Typed />}
    </>
  );
}
