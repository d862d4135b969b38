// Parties under sanctions: no node, no confirmation, and two officers for what concerns them.
import { useState } from "preact/hooks";
import { send } from "../shared/api";
import { useData } from "../shared/data";
import { useDraft } from "../shared/drafts";
import { Act, Field } from "../shared/fields";
import { countryName } from "../shared/format";
import { may } from "../shared/session";
import { Table, type Column } from "../shared/table";
import type { List } from "../shared/types";
import { Failed, toast, Waiting, When } from "../shared/ui";
import type { Party } from "./data";
import { say } from "./words";

const columns: readonly Column<Party>[] = [
  { key: "party", head: say("col.party"), cell: (p) => p.party, text: (p) => p.party },
  { key: "state", head: say("col.state"), cell: (p) => say(p.active ? "flag.active" : "flag.over"), text: (p) => say(p.active ? "flag.active" : "flag.over") },
  { key: "country", head: say("col.country"), cell: (p) => countryName(p.country ?? ""), text: (p) => p.country ?? "" },
  { key: "source", head: say("col.source"), cell: (p) => p.source, text: (p) => p.source ?? "" },
  { key: "reason", head: say("reason"), cell: (p) => p.reason, text: (p) => p.reason ?? "" },
  { key: "at", head: say("col.at"), cell: (p) => <When at={p.at} />, text: (p) => p.at },
];
const EMPTY = { party: "", country: "", source: "", reason: "" };
const FIELDS = ["party", "country", "source", "reason"] as const;

function Flag({ onDone }: { onDone: () => void }) {
  const draft = useDraft("flag", EMPTY);
  const v = draft.values;
  const [active, setActive] = useState(true);
  const body = { active, country: v.country.trim().toUpperCase(), party: v.party.trim(), reason: v.reason.trim(), source: v.source.trim() };
  const need = !body.party || !body.source || !body.reason ? say("need.flag") : "";
  return (
    <details>
      <summary>{say("flag.add")}</summary>
      <div class="row">
        {FIELDS.map((f) => (
          <Field key={f} label={say(`flag.${f}`)} hint={f === "party" ? say("flag.party.hint") : f === "country" ? say("flag.country.hint") : undefined} value={v[f]}
            onText={(t) => draft.set(f, t)} narrow={f === "country"} required={f !== "country"} />
        ))}
      </div>
      <p class="check"><label><input type="checkbox" checked={!active} onChange={(e) => setActive(!e.currentTarget.checked)} /> {say("flag.take_back")}</label></p>
      <Act label={say(active ? "flag.button" : "flag.back")} sentence={need || say(active ? "flag.does" : "flag.back.does", { party: body.party || "…" })} what={JSON.stringify(body)}
        disabled={need !== ""}
        run={async (key) => { await send("POST", "/flags", body, { key }); draft.clear(); setActive(true); toast(say("flag.done")); }} onDone={onDone} />
    </details>
  );
}

export function Parties() {
  const [shown, setShown] = useState(false);
  const list = useData<List<Party>>(shown ? "/flags" : null, ["flag"]);
  return (
    <details class="card" id="flags" onToggle={(e) => { if (e.target === e.currentTarget) setShown(e.currentTarget.open); }}>
      <summary>{say("flags.title")}</summary>
      <p>{say("flags.words")}</p>
      <Failed words={list.error} again={list.reload} />
      {!list.data && list.busy && <Waiting />}
      {list.data && <Table name="parties" caption={say("flags.title")} columns={columns} rows={list.data.items} rowKey={(p) => p.id} empty={say("flags.none")} />}
      {may("peer.write") && <Flag onDone={list.reload} />}
    </details>
  );
}
