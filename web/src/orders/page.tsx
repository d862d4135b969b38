// The board: all orders that are not finished, by the time left; one opens beside it.
import { useState } from "preact/hooks";
import { send } from "../shared/api";
import { useActing, useList } from "../shared/data";
import { Act } from "../shared/fields";
import { pathOf, queryText, setQuery } from "../shared/router";
import { may } from "../shared/session";
import { Table, type Column } from "../shared/table";
import type { BadRow, OrderShort } from "../shared/types";
import { Chips, Failed, Panel, toast, Waiting } from "../shared/ui";
import { ORDER_NEWS, OrderView } from "../order/view";
import { orderName } from "../order/acts";
import { isRed, OrderTable } from "./table";
import { say } from "./words";

const SHOW = {
  board: { path: "/orders?board=1", keep: () => true },
  red: { path: "/orders?board=1", keep: isRed },
  unanswered: { path: "/orders?board=1", keep: (o: OrderShort) => o.unanswered },
  unconfirmed: { path: "/orders?board=1", keep: (o: OrderShort) => o.not_confirmed || o.overdue },
  second: { path: "/orders?board=1", keep: (o: OrderShort) => o.waits === "second" },
  appealed: { path: "/orders?board=1", keep: (o: OrderShort) => o.appeal === "appealed" },
  in: { path: "/orders?box=in", keep: () => true },
  draft: { path: "/orders?state=draft", keep: () => true },
  all: { path: "/orders", keep: () => true },
} as const;
type Show = keyof typeof SHOW;
const NAMES = Object.keys(SHOW) as Show[];

interface Answers {
  bad_rows: BadRow[];
  good: number;
  orders: string[];
  rows: number;
}

const badColumns: readonly Column<BadRow>[] = [
  { key: "line", head: say("answers.line"), number: true, cell: (r) => r.line, text: (r) => String(r.line), order: (r) => r.line },
  { key: "column", head: say("answers.column"), cell: (r) => r.column, text: (r) => r.column },
  { key: "reason", head: say("answers.reason"), cell: (r) => r.reason, text: (r) => r.reason },
];

function AnswersPart({ onDone }: { onDone: () => void }) {
  const [file, setFile] = useState<File | null>(null);
  const [seen, setSeen] = useState<Answers | null>(null);
  const acting = useActing();
  const path = (name: string, dry: boolean) => `/answers?name=${encodeURIComponent(name)}${dry ? "&dry_run=1" : ""}`;
  const look = (f: File) => acting.run(`look ${f.name} ${f.lastModified}`, async () => setSeen(await send<Answers>("POST", path(f.name, true), f)));
  return (
    <details class="card" id="answers">
      <summary>{say("answers.title")}</summary>
      <div class="field">
        <label for="answers-file">{say("answers.file")}</label>
        <input id="answers-file" type="file" accept=".csv,.xlsx" onChange={(e) => { setFile(e.currentTarget.files?.[0] ?? null); setSeen(null); }} />
      </div>
      <Failed words={acting.error} />
      <button type="button" class="chip" disabled={!file || acting.busy} onClick={() => { if (file) void look(file); }}>{say("answers.look")}</button>
      {seen && (
        <>
          <p class="summary" role="status">{say("answers.result", { good: seen.good, rows: seen.rows, orders: seen.orders.join(", ") })}</p>
          {seen.bad_rows.length > 0 && <Table name="bad-answers" caption={say("answers.bad")} columns={badColumns} rows={seen.bad_rows} rowKey={(r) => `${r.line} ${r.column}`} />}
        </>
      )}
      {file && seen && seen.good > 0 && (
        <Act label={say("answers.take")} sentence={say("answers.what", { count: seen.good })} what={`answers ${file.name} ${file.lastModified} ${file.size}`}
          run={async (key) => {
            const done = await send<Answers>("POST", path(file.name, false), file, { key });
            toast(say("answers.done", { count: done.good }));
            setSeen(null);
            setFile(null);
            onDone();
          }} />
      )}
    </details>
  );
}

export default function OrdersPage() {
  const show = NAMES.find((n) => n === queryText("show")) ?? "board";
  const list = useList<OrderShort>(SHOW[show].path, ORDER_NEWS);
  const open = queryText("open");
  const orders = list.data?.filter(SHOW[show].keep);
  const opened = orders?.find((o) => o.id === open);
  const link = (o: OrderShort) => `/orders?${new URLSearchParams({ ...(show === "board" ? {} : { show }), open: o.id }).toString()}`;
  return (
    <div class={open ? "with-panel" : undefined}>
      <div class="list-side">
        <h1>{say("title")}</h1>
        <Chips label={say("filter")} items={NAMES.map((n) => ({ href: n === "board" ? "/orders" : `/orders?show=${n}`, words: say(`show.${n}`), on: n === show }))} />
        <Failed words={list.error} again={list.reload} />
        {!orders && list.busy && <Waiting />}
        {orders && <section class="card"><OrderTable name="orders" orders={orders} selected={open} link={link} more={list.more} /></section>}
        {may("order.answer") && <AnswersPart onDone={list.reload} />}
      </div>
      {open && (
        <Panel title={opened ? orderName(opened) : open.slice(-8)} page={pathOf("orders", open)} onClose={() => setQuery({ open: null })}>
          <OrderView id={open} />
        </Panel>
      )}
    </div>
  );
}
