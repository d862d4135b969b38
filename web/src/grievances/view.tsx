// One grievance: the holder's words and documents beside the order that they are about.
import { useData } from "../shared/data";
import { timeText } from "../shared/format";
import { pathOf } from "../shared/router";
import { calendar, may, zone } from "../shared/session";
import type { Order } from "../shared/types";
import { Clock, Facts, Failed, Waiting, When } from "../shared/ui";
import { OrderView } from "../order/view";
import { say } from "./words";
import "./page.css";

export interface GrievanceShort {
  appeal: string;
  at: string;
  documents: number;
  due_at: string | null;
  id: string;
  number: string;
  order: string;
  overdue: boolean;
  stage: string;
}
interface Grievance extends Omit<GrievanceShort, "order"> {
  contact: string | null;
  files: { bytes: number; name: string; sha256: string; type: string }[];
  order: Order | string;
  text: string | null;
}

export function stageWords(stage: string): string {
  const key = `stage.${stage}`;
  return say.has(key) ? say(key) : stage;
}

function Files({ files }: { files: Grievance["files"] }) {
  if (files.length === 0) return <span class="soft">{say("files.none")}</span>;
  return (
    <ul>
      {files.map((f) => (
        <li key={f.sha256}>
          <a href={`/api/v1/attachments/${f.sha256}`} download={f.name}>{f.name}</a>{" "}
          <span class="soft small">{say("file.size", { type: f.type, kib: Math.max(1, Math.round(f.bytes / 1024)) })}</span>
        </li>
      ))}
    </ul>
  );
}

export function GrievanceView({ id }: { id: string }) {
  // Each look is written into the log of reads: only a new grievance loads it again, the order's
  // own view follows what is done.
  const loaded = useData<Grievance>(pathOf("grievances", id), ["grievance"]);
  const g = loaded.data;
  if (!g) return loaded.busy ? <Waiting /> : <Failed words={loaded.error} again={loaded.reload} />;
  const waits = g.stage === "received";
  const due = g.due_at ? timeText(g.due_at, zone.value, calendar.value, false) : "";
  return (
    <>
      <p class="summary">{waits ? say("summary.waits", { number: g.number, due }) : say("summary.done", { number: g.number, stage: stageWords(g.stage) })}</p>
      {g.overdue && <p class="error">{say("overdue")}</p>}
      <div class="beside">
        <section>
          <h2>{say("said")}</h2>
          <p class="prose">{g.text}</p>
          <Facts rows={[
            [say("col.at"), <When at={g.at} stop />],
            [say("col.due"), waits ? <Clock at={g.due_at} /> : <When at={g.due_at} />],
            [say("contact"), g.contact || <span class="soft">{say("contact.none")}</span>],
            [say("files"), <Files files={g.files} />],
          ]} />
          <p class="soft small">{say("reads")}</p>
        </section>
        <section>
          <h2>{say("order")}</h2>
          {may("order.read")
            ? <OrderView id={typeof g.order === "string" ? g.order : g.order.id} {...(typeof g.order === "string" ? {} : { first: g.order })} />
            : <p class="soft">{say("order.hidden")}</p>}
        </section>
      </div>
      <Failed words={loaded.error} again={loaded.reload} />
    </>
  );
}
