// One agency: its link in words, what waits, who cosigned its checkpoints, and what may be done about it.
import { send } from "../shared/api";
import { useDraft } from "../shared/drafts";
import { Act, Field } from "../shared/fields";
import { countryName } from "../shared/format";
import { pathOf } from "../shared/router";
import { may } from "../shared/session";
import { Table, type Column } from "../shared/table";
import { Facts, toast, When } from "../shared/ui";
import { Fingerprint } from "./card";
import { lagWords, linkState, troubleOf, wasHeard, wordsOf, type Cosigned, type Peer } from "./data";
import { LinkMark } from "./parts";
import { say } from "./words";

function Acts({ p, reload }: { p: Peer; reload: () => void }) {
  const draft = useDraft(`peer.${p.agency}`, { reason: "" });
  const { reason } = draft.values;
  const path = pathOf("exchange", "peers", p.agency);
  const name = p.title || p.name;
  if (p.state === "revoked") return p.reason ? <p class="note">{say("revoked.because", { reason: p.reason })}</p> : null;
  if (!may("peer.write")) return null;
  return (
    <>
      {p.stopped && (
        <>
          <h3>{say("resume.title")}</h3>
          <Act label={say("resume.button")} sentence={say("resume.does", { name })} what={`resume ${p.agency} ${p.words ?? ""}`}
            run={async (key) => { await send("POST", `${path}/resume`, undefined, { key }); toast(say("resume.done")); }} onDone={reload} />
        </>
      )}
      <details class="else">
        <summary>{say("revoke.title")}</summary>
        <Field label={say("reason")} value={reason} onText={(t) => draft.set("reason", t)} rows={2} required />
        <Act label={say("revoke.button")} sentence={say("revoke.does", { name })} what={`revoke ${p.agency} ${reason}`} danger disabled={!reason.trim()}
          run={async (key) => { await send("POST", `${path}/revoke`, { reason: reason.trim() }, { key }); draft.clear(); toast(say("revoke.done")); }} onDone={reload} />
      </details>
    </>
  );
}

export function PeerView({ p, reload }: { p: Peer; reload: () => void }) {
  const columns: readonly Column<Cosigned>[] = [
    { key: "by", head: say("col.by"), cell: (c) => c.name || c.by.slice(0, 8), text: (c) => c.name || c.by },
    { key: "size", head: say("col.size"), number: true, cell: (c) => c.size, text: (c) => String(c.size), order: (c) => c.size },
    { key: "at", head: say("col.at"), cell: (c) => <When at={c.at} />, text: (c) => c.at },
  ];
  return (
    <>
      <p class="summary">{say("peer.summary", { kind: wordsOf("kind", p.kind), country: countryName(p.country) })}</p>
      {troubleOf(p) && <p class={p.stopped ? "error" : "note"}>{troubleOf(p)}</p>}
      {p.flagged && <p class="error">{say("peer.flagged")}</p>}
      <Facts rows={[
        [say("col.link"), <LinkMark state={linkState(p)} />],
        [say("col.lag"), lagWords(p)],
        [say("col.last"), p.last_at ? <When at={p.last_at} stop /> : say(wasHeard(p) ? "before" : "never")],
        ...(p.failed_at ? [[say("fact.failed"), <When at={p.failed_at} stop />] as const] : []),
        [say("fact.head"), p.head ? say("head", { size: p.head.size }) : say("head.none")],
        [say("fact.address"), p.address || say("address.none")],
        [say("fact.institutions"), p.institutions.join(", ") || say("institutions.none")],
        [say("fact.confirmed"), <When at={p.confirmed_at} stop />],
        [say("fact.relay"), say(p.relay ? "relay.yes" : "relay.no")],
        [say("col.name"), p.name],
        [say("fingerprint"), <Fingerprint text={p.fingerprint} />],
        [say("fact.id"), <code>{p.agency}</code>],
      ]} />
      <h3>{say("cosigned.title")}</h3>
      <p class="soft">{say("cosigned.words")}</p>
      {p.cosigned.length === 0 ? <p class="soft">{say("cosigned.none")}</p>
        : <Table name="cosigned" caption={say("cosigned.title")} columns={columns} rows={p.cosigned} rowKey={(c) => `${c.by} ${c.size}`} />}
      <Acts p={p} reload={reload} />
    </>
  );
}
