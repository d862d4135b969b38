// What the front says about other agencies, for the shift that hands over.
import { placeOf } from "../app/pages";
import { useData } from "../shared/data";
import { Table, type Column } from "../shared/table";
import { Card, Clock, Failed } from "../shared/ui";
import { say } from "./open";

interface Item {
  detail: string;
  due_at: string | null;
  id: string;
  kind: string;
  red: boolean;
  title: string;
  what: string;
}
const KINDS = ["share", "notice", "retract", "peer", "accord"];

function Title({ i }: { i: Item }) {
  const to = placeOf(i.kind, i.id);
  return to ? <a href={to}>{i.title}</a> : <>{i.title}</>;
}

const columns: readonly Column<Item>[] = [
  { key: "what", head: say("col.what"), cell: (i) => <Title i={i} />, text: (i) => i.title },
  { key: "clock", head: say("col.clock"), cell: (i) => <Clock at={i.due_at} />, text: (i) => i.due_at ?? "", order: (i) => i.due_at ?? "9999" },
  { key: "detail", head: say("col.detail"), cell: (i) => i.detail, text: (i) => i.detail },
];

export function AgenciesWait() {
  const front = useData<{ items: Item[] }>("/front", ["share", "share_act", "notice", "notice_act", "retract", "let_go", "accord", "accord_sign", "fork"]);
  const rows = front.data?.items.filter((i) => KINDS.includes(i.kind)) ?? [];
  return (
    <Card title={say("waits.title")} id="agencies">
      <Failed words={front.error} again={front.reload} />
      {rows.length === 0 ? <p class="soft">{say("waits.none")}</p>
        : <Table name="shift-agencies" caption={say("waits.caption")} columns={columns} rows={rows} rowKey={(i) => `${i.kind} ${i.id} ${i.what}`} mark={(i) => (i.red ? "red-row" : undefined)} />}
    </Card>
  );
}
