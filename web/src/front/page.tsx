// The front: what needs this user now, soonest first.
import { placeOf } from "../app/pages";
import { useData } from "../shared/data";
import { may } from "../shared/session";
import { Table, type Column } from "../shared/table";
import { Card, Clock, Failed, Waiting, When } from "../shared/ui";
import { say } from "./words";

interface Item {
  detail: string;
  due_at: string | null;
  id: string;
  kind: string;
  red: boolean;
  title: string;
  what: string;
}
interface Front {
  counts: Record<string, number>;
  items: Item[];
  now: string;
  shift: { began_at: string; officer: string } | null;
}

function kindWords(kind: string): string {
  const key = `kind.${kind}`;
  return say.has(key) ? say(key) : kind;
}

function Title({ item }: { item: Item }) {
  const to = placeOf(item.kind, item.id);
  return to ? <a href={to}>{item.title}</a> : <>{item.title}</>;
}

const columns: readonly Column<Item>[] = [
  { key: "what", head: say("what"), cell: (r) => <Title item={r} />, text: (r) => r.title },
  { key: "clock", head: say("clock"), cell: (r) => <Clock at={r.due_at} />, text: (r) => r.due_at ?? "", order: (r) => r.due_at ?? "9999" },
  { key: "detail", head: say("detail"), cell: (r) => r.detail, text: (r) => r.detail },
  { key: "kind", head: say("kind"), cell: (r) => kindWords(r.kind), text: (r) => r.kind },
];

const COUNTED = [["reports", "/reports"], ["cases", "/cases"], ["orders", "/orders"], ["grievances", "/grievances"]] as const;

export default function FrontPage() {
  const front = useData<Front>("/front");
  const f = front.data;
  return (
    <>
      <h1>{say("title")}</h1>
      <div class="doors">
        {may("report.write") && <a class="solid" href="/reports/new">{say("type")} <kbd>n</kbd></a>}
        {may("import") && <a class="chip" href="/reports/upload">{say("upload")}</a>}
        {may("order.read") && <a class="chip" href="/orders">{say("board")}</a>}
      </div>
      <Failed words={front.error} again={front.reload} />
      {!f && front.busy && <Waiting />}
      {f && (
        <section class="card">
          <Table name="front" caption={say("caption")} columns={columns} rows={f.items} rowKey={(r) => `${r.kind} ${r.id} ${r.what}`}
            mark={(r) => (r.red ? "red-row" : undefined)} empty={say("none")} />
        </section>
      )}
      {f && (
        <Card title={say("counts")}>
          <ul class="counts">
            {COUNTED.map(([name, to]) => f.counts[name] !== undefined && (
              <li key={name}><a href={to}>{say(`count.${name}`, { count: f.counts[name] ?? 0 })}</a></li>
            ))}
          </ul>
          {f.shift && <p class="soft small">{say("shift")} <When at={f.shift.began_at} /></p>}
        </Card>
      )}
    </>
  );
}
