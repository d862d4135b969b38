// The trace of a case: one sentence, the money from left to right, then tables level by level.
import { useEffect, useRef, useState } from "preact/hooks";
import { useData } from "../shared/data";
import { Field } from "../shared/fields";
import { amountsText, sumAmounts, timeText, type Amount } from "../shared/format";
import { say as sayShared } from "../shared/messages";
import { queryText, setQuery } from "../shared/router";
import { calendar, zone } from "../shared/session";
import type { OrderShort } from "../shared/types";
import { Failed, Waiting } from "../shared/ui";
import { keyOf, RULES, type Trace } from "./data";
import { FlowLegend, FlowPicture, type Held } from "./flow";
import { Levels } from "./levels";
import { say } from "./words";
import { Why } from "./why";

export function chosenRule(): (typeof RULES)[number] {
  return RULES.find((r) => r === queryText("rule")) ?? "fifo";
}

function Sums({ t }: { t: Trace }) {
  const row = (words: string, pick: (r: Trace["reports"][number]) => Amount[]) => (
    <div><dt>{words}</dt><dd>{amountsText(sumAmounts(t.reports.map(pick)), t.currencies, say("sum.none"))}</dd></div>
  );
  return (
    <dl class="figures">
      {row(say("sum.sent"), (r) => r.seed)}
      {row(say("sum.left"), (r) => r.left)}
      {row(say("sum.exits"), (r) => r.exits)}
      {row(say("sum.cost"), (r) => r.cost)}
    </dl>
  );
}

function Notes({ t }: { t: Trace }) {
  if (t.notes.length === 0) return null;
  return (
    <>
      <h3>{say("notes.title")}</h3>
      <ul>
        {t.notes.map((n) => (
          <li key={`${n.report} ${n.transfer}`}>
            {n.belongs_to === null
              ? say("notes.unknown", { report: n.report, transfer: n.transfer })
              : say("notes.shared", { report: n.report, other: n.belongs_to, transfer: n.transfer })}
          </li>
        ))}
      </ul>
    </>
  );
}

const STEPS = 40;

// First and last payment of the whole trace stay known while an earlier end is looked at.
function useSpan(t: Trace | null): { first: number; last: number } | null {
  const span = useRef<{ id: string; first: number; last: number } | null>(null);
  const begin = t?.transfers[0];
  const end = t?.transfers[t.transfers.length - 1];
  if (t && begin && end) {
    const first = Date.parse(begin.booked_at);
    const last = Date.parse(end.booked_at);
    if (span.current?.id !== t.case.id || t.until === null) span.current = { id: t.case.id, first, last: Math.max(last, span.current?.id === t.case.id ? span.current.last : 0) };
  }
  return span.current;
}

function Until({ t }: { t: Trace | null }) {
  const until = queryText("until");
  const [typed, setTyped] = useState(until);
  const span = useSpan(t);
  useEffect(() => setTyped(until), [until]);
  const at = span && until && span.last > span.first ? Math.round(((Date.parse(until) - span.first) / (span.last - span.first)) * STEPS) : STEPS;
  const slide = (step: number) => {
    if (!span) return;
    setQuery({ until: step >= STEPS ? null : new Date(span.first + ((span.last - span.first) * step) / STEPS).toISOString() }, true);
  };
  return (
    <form class="row until" onSubmit={(e) => { e.preventDefault(); setQuery({ until: typed.trim() || null }); }}>
      <Field label={say("until.label")} hint={say("until.hint", { zone: zone.value })} value={typed} onText={setTyped} />
      <button type="submit" class="chip">{say("until.set")}</button>
      {span && (
        <div class="field">
          <label for="slide">{say("until.slide")}</label>
          <input id="slide" type="range" min={0} max={STEPS} value={Math.max(0, Math.min(STEPS, at))}
            aria-valuetext={until ? timeText(until, zone.value, calendar.value, false) : say("until.now")} onChange={(e) => slide(Number(e.currentTarget.value))} />
          <p class="echo" aria-live="polite">{until ? timeText(until, zone.value, calendar.value, false) : say("until.now")}</p>
        </div>
      )}
    </form>
  );
}

function heldOf(orders: readonly OrderShort[]): Held {
  const held = new Map<string, number>();
  for (const o of orders) {
    const key = keyOf({ ...o.account, currency: o.currency });
    if (o.held > 0) held.set(key, (held.get(key) ?? 0) + o.held);
  }
  return held;
}

function Shown({ t, orders }: { t: Trace; orders: readonly OrderShort[] }) {
  const [why, setWhy] = useState(-1);
  useEffect(() => setWhy(-1), [t.case.id, t.rule, t.until]);
  const words = `rule.${t.rule}.words`;
  const reached = t.levels.reduce((s, l) => s + l.account_count, 0);
  return (
    <>
      <p class="summary">{t.summary}</p>
      <p class="soft">
        {say.has(words) ? say(words) : ""} {say("sum.levels", { accounts: reached, levels: t.levels.length })}{" "}
        {say("sum.measured", { events: t.measured.events.toLocaleString("en"), transfers: t.measured.transfers.toLocaleString("en"), millis: (t.measured.micros / 1000).toFixed(1) })}
      </p>
      {t.transfers.length === 0 && <p>{say("trace.none")}</p>}
      {t.rule !== "poison" && <Sums t={t} />}
      {t.rule !== "poison" && t.transfers.length > 0 && <><h3>{say("flow.title")}</h3><FlowPicture trace={t} held={heldOf(orders)} onWhy={setWhy} /><FlowLegend /></>}
      <Notes t={t} />
      <h3>{say("levels.title")}</h3>
      <Levels trace={t} onWhy={setWhy} />
      {why >= 0 && <Why trace={t} account={why} onClose={() => setWhy(-1)} />}
    </>
  );
}

export function TracePart({ id, orders }: { id: string; orders: readonly OrderShort[] }) {
  const rule = chosenRule();
  const until = queryText("until");
  const query = new URLSearchParams({ case: id, rule, ...(until ? { until } : {}) });
  const path = `/trace?${query.toString()}`;
  const loaded = useData<Trace>(path, ["seed", "case_add", "case_remove", "batch"]);
  const last = useRef<Trace | null>(null);
  if (loaded.data) last.current = loaded.data;
  const t = last.current;
  return (
    <section class="card" id="trace" aria-busy={loaded.busy}>
      <h2>{say("part.trace")}</h2>
      <fieldset class="chips">
        <legend>{say("rule.label")}</legend>
        {RULES.map((r) => (
          <button type="button" class="chip" key={r} aria-pressed={rule === r} onClick={() => setQuery({ rule: r })}>{sayShared(`rule.${r}`)}</button>
        ))}
      </fieldset>
      <Until t={t} />
      <Failed words={loaded.error} again={loaded.reload} />
      {!t && loaded.busy && <Waiting />}
      {t && <Shown t={t} orders={orders} />}
    </section>
  );
}
