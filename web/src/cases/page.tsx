// All cases, and a new one.
import { useState } from "preact/hooks";
import { send } from "../shared/api";
import { useActing, useList } from "../shared/data";
import { Field } from "../shared/fields";
import { go, pathOf, queryText } from "../shared/router";
import { may } from "../shared/session";
import { Table, type Column } from "../shared/table";
import type { Case } from "../shared/types";
import { Chips, Failed, Waiting, When } from "../shared/ui";
import { Under } from "../exchange/under";
import { say } from "./words";

const count = (k: Case) => k.report_count ?? k.reports?.length ?? 0;

const columns: readonly Column<Case>[] = [
  { key: "title", head: say("col.title"), cell: (k) => <a href={pathOf("cases", k.id)}>{k.title}</a>, text: (k) => k.title },
  { key: "at", head: say("col.at"), cell: (k) => <When at={k.at} />, text: (k) => k.at },
  { key: "reports", head: say("col.reports"), number: true, cell: count, text: (k) => String(count(k)), order: count },
  { key: "state", head: say("col.state"), cell: (k) => say(k.open ? "state.open" : "state.closed"), text: (k) => say(k.open ? "state.open" : "state.closed") },
];

function NewCase() {
  const [title, setTitle] = useState("");
  const [accord, setAccord] = useState("");
  const acting = useActing();
  const submit = () => acting.run(`${title} ${accord}`, async (key) => {
    const k = await send<Case>("POST", "/cases", { title, ...(accord ? { accord } : {}) }, { key });
    go(pathOf("cases", k.id) + "?part=reports");
  });
  return (
    <details class="card" open={queryText("new") === "1"}>
      <summary>{say("new")}</summary>
      <form class="row" onSubmit={(e) => { e.preventDefault(); void submit(); }}>
        <Field label={say("new.title")} value={title} onText={setTitle} required focus={queryText("new") === "1"} />
        <Under kind="case" value={accord} onText={setAccord} />
        <button type="submit" class="solid" disabled={acting.busy || !title.trim()}>{say("new.button")}</button>
      </form>
      <Failed words={acting.error} />
    </details>
  );
}

export default function CasesPage() {
  const all = queryText("show") === "all";
  const list = useList<Case>(all ? "/cases" : "/cases?state=open", ["case", "case_add", "case_remove", "case_close"]);
  return (
    <>
      <h1>{say("title")}</h1>
      {may("case.write") && <NewCase />}
      <Chips label={say("filter")} items={[{ href: "/cases", words: say("open"), on: !all }, { href: "/cases?show=all", words: say("all"), on: all }]} />
      <Failed words={list.error} again={list.reload} />
      {!list.data && list.busy && <Waiting />}
      {list.data && <section class="card"><Table name="cases" caption={say("caption")} columns={columns} rows={list.data} rowKey={(k) => k.id} more={list.more} /></section>}
    </>
  );
}
