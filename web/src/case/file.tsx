// The case file that leaves, the decision that lets restricted records leave, and the case's end.
import { useState } from "preact/hooks";
import { Problem, saveBlob, send, sendRaw } from "../shared/api";
import { Act, Field } from "../shared/fields";
import { pathOf } from "../shared/router";
import { may } from "../shared/session";
import type { Case } from "../shared/types";
import { Card, toast } from "../shared/ui";
import { say } from "./words";

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

export function FilePart({ k, reload }: { k: Case; reload: () => void }) {
  const [to, setTo] = useState("");
  const [decision, setDecision] = useState<string | null>(null);
  const [needed, setNeeded] = useState(false);
  const [records, setRecords] = useState("");
  const [reason, setReason] = useState("");
  const [why, setWhy] = useState("");
  const path = pathOf("cases", k.id);
  const take = async (key: string) => {
    try {
      const answer = await sendRaw("POST", `${path}/export`, { decision, to }, { key });
      saveBlob(await answer.blob(), `case-${k.id.slice(-8)}.zip`);
      toast(say("file.done"));
    } catch (e) {
      // The refusal names the records; they are taken over into the decision's field.
      if (e instanceof Problem && e.status === 409) {
        setNeeded(true);
        setRecords([...new Set(e.message.match(UUID) ?? [])].join("; "));
      }
      throw e;
    }
  };
  const list = records.split(/[;\s]+/).filter(Boolean);
  return (
    <>
      {may("case.export") && (
        <Card title={say("file.title")}>
          <p>{say("file.words")}</p>
          <Field label={say("file.to")} value={to} onText={(t) => { setTo(t); setDecision(null); }} />
          <Act label={say("file.button")} sentence={say("file.does", { to: to ? say("file.does.to", { to }) : "" })} what={`export ${to} ${decision ?? ""}`} run={take} />
        </Card>
      )}
      {may("export.decide") && needed && (
        <Card title={say("decide.title")}>
          <p>{say("decide.words")}</p>
          <Field label={say("decide.records")} value={records} onText={setRecords} rows={3} />
          <Field label={say("decide.reason")} value={reason} onText={setReason} required />
          <Act label={say("decide.button")} sentence={say("decide.does", { to: to || "…" })} what={`decide ${records} ${reason} ${to}`} disabled={!reason.trim() || list.length === 0}
            run={async (key) => { setDecision((await send<{ id: string }>("POST", `${path}/export-decisions`, { reason, records: list, to }, { key })).id); toast(say("done")); }} />
        </Card>
      )}
      {may("case.write") && k.open && (
        <Card title={say("close.title")}>
          <Field label={say("close.reason")} value={why} onText={setWhy} required />
          <Act label={say("close.button")} sentence={say("close.does")} what={`close ${why}`} disabled={!why.trim()}
            run={async (key) => { await send("POST", `${path}/close`, { reason: why }, { key }); toast(say("done")); }} onDone={reload} />
        </Card>
      )}
    </>
  );
}
