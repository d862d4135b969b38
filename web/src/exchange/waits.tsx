// What of the exchange falls due, for the shift that hands over.
import { placeOf } from "../app/pages";
import { Table, type Column } from "../shared/table";
import { Card, Clock } from "../shared/ui";
import { say } from "./open";

export interface Task {
  detail: string;
  due_at: string | null;
  id: string;
  kind: string;
  red: boolean;
  title: string;
  what: string;
}

function Title({ i }: { i: Task }) {
  const to = placeOf(i.kind, i.id);
  return to ? <a href={to}>{i.title}</a> : <>{i.title}</>;
}

const columns: readonly Column<Task>[] = [
  { key: "what", head: say("col.what"), cell: (i) => <Title i={i} />, text: (i) => i.title },
  { key: "clock", head: say("col.clock"), cell: (i) => <Clock at={i.due_at} />, text: (i) => i.due_at ?? "", order: (i) => i.due_at ?? "9999" },
  { key: "detail", head: say("col.detail"), cell: (i) => i.detail, text: (i) => i.detail },
];

export function AgenciesWait({ tasks }: { tasks: readonly Task[] }) {
  return (
    <Card title={say("waits.title")} id="agencies">
      {tasks.length === 0 ? <p class="soft">{say("waits.none")}</p>
        : <Table name="shift-agencies" caption={say("waits.caption")} columns={columns} rows={[...tasks].sort((a, b) => ((a.due_at ?? "9999") < (b.due_at ?? "9999") ? -1 : 1))} rowKey={(i) => `${i.kind} ${i.id} ${i.what}`} mark={(i) => (i.red ? "red-row" : undefined)} />}
    </Card>
  );
}
