// The forms of what may be done with an order now, made from `allowed` and the table of acts.
import { useEffect, useRef, useState } from "preact/hooks";
import { send } from "../shared/api";
import { useData } from "../shared/data";
import { useDraft } from "../shared/drafts";
import { Act, Choice, DocumentField, Field, Radios } from "../shared/fields";
import { timeText } from "../shared/format";
import { calendar, zone } from "../shared/session";
import type { Allowed, Order } from "../shared/types";
import { toast } from "../shared/ui";
import { actWords, fieldsOf, firstAct, missing, NOTHING, outcomeWords, sentenceOf, wordsIn, type FieldName, type Typed } from "./acts";
import { say } from "./words";

interface Refusal {
  code: string;
  meaning: string;
  order: string;
}

function LawField({ o, typed, set }: { o: Order; typed: Typed; set: (f: FieldName, text: string) => void }) {
  if (o.laws.length === 0) return <p class="error">{say("field.law.none")}</p>;
  return (
    <Radios label={say("field.law")} name={`law-${o.id}`} value={typed.law} onText={(t) => set("law", t)}
      options={o.laws.map((l) => ({
        value: l.id, words: `${l.id}: ${l.ground}`,
        more: `${l.standing}${l.ends_at ? `, ${say("field.law.ends", { at: timeText(l.ends_at, zone.value, calendar.value, false) })}` : ""}`,
      }))} />
  );
}

function OneField({ o, act, name, typed, set }: { o: Order; act: string; name: FieldName; typed: Typed; set: (f: FieldName, text: string) => void }) {
  const refusals = useData<{ items: Refusal[] }>(name === "code" ? "/refusals" : null);
  const put = (text: string) => set(name, text);
  if (name === "law") return <LawField o={o} typed={typed} set={set} />;
  if (name === "document") return <DocumentField value={typed.document} onHash={put} />;
  if (name === "code")
    return (
      <Choice label={wordsIn(o, "field.code", "")} value={typed.code} onText={put}
        options={[{ value: "", words: "" }, ...(refusals.data?.items ?? []).filter((r) => r.order === "*" || r.order === o.order)
          .map((r) => ({ value: r.code, words: `${r.meaning} (${r.code})` }))]} />
    );
  const hints: Partial<Record<FieldName, string>> = {
    ends_at: say("field.ends_at.hint", { zone: zone.value }), happened_at: say("field.happened_at.hint", { zone: zone.value }),
    amount: say(act === "adopt" ? "field.amount.adopt" : "field.amount.hint", { currency: o.currency }), balance: say("field.amount.hint", { currency: o.currency }),
    to: say("field.to.hint"), channel: say("field.channel.hint"), on_behalf_of: say("field.on_behalf_of.hint"),
  };
  return (
    <Field label={wordsIn(o, `field.${name}`, name)} hint={hints[name]} value={typed[name]} onText={put} {...(name === "note" ? { rows: 2 } : {})}
      mode={name === "amount" || name === "balance" ? "decimal" : undefined} />
  );
}

function startOf(o: Order, act: string): Typed {
  return { ...NOTHING, law: act === "issue" && o.laws.length === 1 ? (o.laws[0]?.id ?? "") : "" };
}

function ActForm({ o, allowed, court, onDone }: { o: Order; allowed: Allowed; court: boolean; onDone: (o: Order) => void }) {
  const [start] = useState(() => startOf(o, allowed.act));
  const draft = useDraft<Typed>(`order.${o.id}.${allowed.act}`, start);
  const [outcome, setOutcome] = useState(allowed.outcomes[0] ?? "");
  const [party, setParty] = useState("issuer");
  const typed = draft.values;
  const fields = fieldsOf(o, allowed.act, outcome, typed);
  const need = missing(o, allowed.act, outcome, typed) || (court && party === "court" && typed.document === "" ? say("need.document") : "");
  const text = (f: FieldName) => (fields.includes(f) && typed[f].trim() ? typed[f].trim() : null);
  const body = {
    act: allowed.act, outcome: outcome || null, amount: text("amount"), balance: text("balance"), channel: text("channel"), code: text("code"),
    document: text("document"), ends_at: text("ends_at"), happened_at: text("happened_at"), law: text("law"), note: text("note"),
    on_behalf_of: court && party === "court" ? "court" : text("on_behalf_of"), target: null, to: text("to"),
  };
  const run = async (key: string) => {
    const answer = await send<Order>("POST", `/orders/${encodeURIComponent(o.id)}/acts`, body, { key });
    draft.clear();
    toast(say("done", { act: actWords(allowed.act, o) }));
    onDone(answer);
  };
  return (
    <div class="act-form">
      {allowed.outcomes.length > 0 && (
        <Radios label={allowed.act === "review" ? say("field.review") : wordsIn(o, "field.outcome", "")} name={`outcome-${o.id}-${allowed.act}`} value={outcome}
          onText={setOutcome} options={allowed.outcomes.map((x) => ({ value: x, words: outcomeWords(x) }))} />
      )}
      {court && (
        <Radios label={say("field.party")} name={`party-${o.id}-${allowed.act}`} value={party} onText={setParty}
          options={[{ value: "issuer", words: say("party.issuer") }, { value: "court", words: say("party.court") }]} />
      )}
      {fields.map((f) => <OneField key={f} o={o} act={allowed.act} name={f} typed={typed} set={draft.set} />)}
      {need && <p class="soft">{need}</p>}
      <Act label={actWords(allowed.act, o)} sentence={sentenceOf(o, allowed, outcome, typed)} what={o.id + JSON.stringify(body)} run={run}
        disabled={need !== ""} danger={allowed.act === "release" || outcome === "overturned"} />
    </div>
  );
}

// One row an act, whatever parties may do it.
function distinct(allowed: readonly Allowed[]): Allowed[] {
  return allowed.filter((a, i) => allowed.findIndex((b) => b.act === a.act) === i);
}

export function OrderActs({ o, onDone, focus }: { o: Order; onDone: (o: Order) => void; focus: boolean }) {
  const first = firstAct(o);
  const box = useRef<HTMLDivElement>(null);
  const acts = distinct(o.allowed);
  const court = (act: string) => o.allowed.some((a) => a.act === act && a.party === "court") && o.allowed.some((a) => a.act === act && a.party === "issuer");
  const main = acts.find((a) => a.act === first);
  useEffect(() => {
    // From the phone call to the letter without a mouse: the next step has the focus.
    if (focus) box.current?.querySelector<HTMLElement>("input[type=radio], button.solid")?.focus();
  }, [focus, o.state]);
  if (!main) return <p class="soft">{say("acts.none")}</p>;
  return (
    <div ref={box}>
      <ActForm key={`${o.state} ${main.act}`} o={o} allowed={main} court={court(main.act)} onDone={onDone} />
      {acts.length > 1 && <h3>{say("acts.else")}</h3>}
      {acts.filter((a) => a !== main).map((a) => (
        <details key={a.act} class="else">
          <summary>{actWords(a.act, o)} <span class="soft small">{a.words}</span></summary>
          <ActForm key={`${o.state} ${a.act}`} o={o} allowed={a} court={court(a.act)} onDone={onDone} />
        </details>
      ))}
    </div>
  );
}
