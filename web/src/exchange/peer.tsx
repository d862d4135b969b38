// One agency: its link in words, what to do about it, what waits, what it cosigned, and the acts.
import { send } from "../shared/api";
import { useDraft } from "../shared/drafts";
import { Act, Field } from "../shared/fields";
import { countryName } from "../shared/format";
import { pathOf } from "../shared/router";
import { may } from "../shared/session";
import { Facts, toast, When } from "../shared/ui";
import { Outgoing } from "./bundle";
import { Fingerprint } from "./card";
import { countText, lagWords, linkState, opensText, titleOfPeer, todayWords, troubleOf, wordsOf, type Exchange, type Peer } from "./data";
import { LastHeard, LinkMark } from "./parts";
import { say } from "./words";

// How we call it, for whom it answers, what it may bring: said anew, as the confirmation said it first.
function Change({ p, reload }: { p: Peer; reload: () => void }) {
  const draft = useDraft(`peer-change.${p.agency}`, { name: p.name, institutions: p.institutions.join(", "), relay: p.relay ? "1" : "" });
  const v = draft.values;
  const body = { card: p.name, institutions: v.institutions.split(/[;,\s]+/).filter(Boolean), name: v.name.trim(), relay: v.relay !== "" };
  const same = body.name === p.name && body.relay === p.relay && body.institutions.join() === p.institutions.join();
  return (
    <details class="else">
      <summary>{say("change.title")}</summary>
      <Field label={say("add.name")} hint={say("add.name.hint")} value={v.name} onText={(t) => draft.set("name", t)} required />
      <Field label={say("add.institutions")} hint={say("add.institutions.hint")} value={v.institutions} onText={(t) => draft.set("institutions", t)} />
      <p class="check"><label><input type="checkbox" checked={body.relay} onChange={(e) => draft.set("relay", e.currentTarget.checked ? "1" : "")} /> {say("add.relay")}</label></p>
      <Act label={say("change.button")} sentence={say("change.does", { name: titleOfPeer(p), petname: body.name || "…", institutions: body.institutions.join(", ") || say("institutions.none"), relay: say(body.relay ? "relay.yes" : "relay.no") })}
        what={JSON.stringify(body)} disabled={same || !body.name}
        run={async (key) => { await send("POST", "/exchange/peers", body, { key }); draft.clear(); toast(say("change.done")); }} onDone={reload} />
    </details>
  );
}

function Acts({ p, reload }: { p: Peer; reload: () => void }) {
  const draft = useDraft(`peer.${p.agency}`, { reason: "" });
  const { reason } = draft.values;
  const path = pathOf("exchange", "peers", p.agency);
  const name = titleOfPeer(p);
  if (p.state === "revoked") return null;
  return (
    <>
      {may("share") && !p.stopped && <Outgoing p={p} reload={reload} />}
      {may("peer.write") && !p.flagged && <Change key={`${p.name} ${p.institutions.join()} ${p.relay}`} p={p} reload={reload} />}
      {may("peer.write") && (
        <details class="else">
          <summary>{say("revoke.title")}</summary>
          <Field label={say("reason")} value={reason} onText={(t) => draft.set("reason", t)} rows={2} required />
          <Act label={say("revoke.button")} sentence={say("revoke.does", { name })} what={`revoke ${p.agency} ${reason}`} danger disabled={!reason.trim()}
            run={async (key) => { await send("POST", `${path}/revoke`, { reason: reason.trim() }, { key }); draft.clear(); toast(say("revoke.done")); }} onDone={reload} />
        </details>
      )}
    </>
  );
}

// What the state of the link asks of the officer, in one sentence; nothing where all is well.
function Advice({ p, x }: { p: Peer; x: Exchange }) {
  const state = linkState(p);
  const alarm = x.alarms.find((a) => a.agency === p.agency && (a.what === "fork" || a.what === "fault"));
  const trouble = troubleOf(p);
  return (
    <>
      {p.quota.full && p.state === "confirmed" && (
        <p class="error">{say("quota.full", { at: opensText(p.quota) })} <a href={`/exchange/links?open=${p.agency}`}>{say("quota.where")}</a></p>
      )}
      {p.flagged && <p class="error">{say("peer.flagged")}</p>}
      {x.alarms.filter((a) => a.agency === p.agency && ["anew", "clock", "unproven"].includes(a.what)).map((a) => <p class="error" key={a.what}>{a.words}</p>)}
      {state === "stopped" ? <p class="error">{alarm?.what === "fork" ? say("advice.fork") : say("advice.fault", { words: trouble })}</p>
        : state === "revoked" ? <p class="note">{[p.reason ? say("revoked.because", { reason: p.reason }) : "", say("advice.revoked")].join(" ")}</p>
        : state === "refused" ? <p class="error">{wordsOf("advice.refused", p.refused ?? "")}</p>
        : state === "failed" ? <p class="note">{say("advice.failed", { words: trouble })}</p>
        : state === "never" ? <p class="note">{say("advice.never", { fingerprint: x.fingerprint })}</p>
        : state === "quiet" ? <p class="note">{say("advice.quiet")}</p> : null}
    </>
  );
}

function Resume({ p, x, reload }: { p: Peer; x: Exchange; reload: () => void }) {
  if (!p.stopped || !may("peer.write") || x.alarms.some((a) => a.agency === p.agency && a.what === "fork")) return null;
  return (
    <Act label={say("resume.button")} sentence={say("resume.does", { name: titleOfPeer(p) })} what={`resume ${p.agency} ${p.words ?? ""}`}
      run={async (key) => { await send("POST", pathOf("exchange", "peers", p.agency, "resume"), undefined, { key }); toast(say("resume.done")); }} onDone={reload} />
  );
}

export function PeerView({ p, x, reload }: { p: Peer; x: Exchange; reload: () => void }) {
  const signed = p.cosigned[0];
  return (
    <>
      <p class="summary">{say("peer.summary", { kind: wordsOf("kind", p.kind), country: countryName(p.country) })}</p>
      <Advice p={p} x={x} />
      <Resume p={p} x={x} reload={reload} />
      <Facts rows={[
        [say("col.link"), <LinkMark state={linkState(p)} />],
        [say("col.lag"), lagWords(p)],
        [say("col.last"), <LastHeard p={p} stop />],
        ...(p.failed_at ? [[say("fact.failed"), <When at={p.failed_at} stop />] as const] : []),
        [say("fact.head"), p.head ? say("head", { size: p.head.size, shown: countText(p.head.size) }) : say("head.none")],
        [say("fact.cosigned"), signed ? <>{say("cosigned.of", { size: countText(signed.size), all: countText(x.size) })}, <When at={signed.at} stop /></> : say("cosigned.not")],
        [say("fact.address"), p.address || say("address.none")],
        [say("fact.institutions"), p.institutions.join(", ") || say("institutions.none")],
        [say("fact.confirmed"), <When at={p.confirmed_at} stop />],
        [say("fact.today"), todayWords(p.quota)],
        [say("fact.relay"), say(p.relay ? "relay.yes" : "relay.no")],
        [say("col.name"), p.name],
        [say("fingerprint"), <Fingerprint text={p.fingerprint} />],
        [say("fact.id"), <code>{p.agency}</code>],
      ]} />
      <p class="soft small">{say("cosigned.words")}</p>
      <Acts p={p} reload={reload} />
    </>
  );
}
