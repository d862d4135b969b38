// The first page: one case's trace and the public record. State lies in the URL.
import { render } from "preact";
import { computed, signal } from "@preact/signals";
import "../shared/tokens.css";
import "../shared/page.css";
import { amountsText, sumAmounts, type Amount } from "../shared/format";
import { isMessage, say } from "../shared/messages";
import { fetchPublicRecord, fetchTrace, RULES, type PublicRecord, type Trace } from "./data";
import { FlowLegend, FlowPicture } from "./flow";
import { Levels } from "./levels";
import { PublicRecordPage } from "./record";
import { Why } from "./why";

const trace = signal<Trace | null>(null);
const record = signal<PublicRecord | null>(null);
const traceError = signal("");
const recordError = signal("");
const why = signal(-1);
const busy = signal(true);
const zone = computed(() => trace.value?.agency.timezone ?? "UTC");

function wanted(): { caseId: string; rule: string } {
  const query = new URLSearchParams(location.search);
  return { caseId: query.get("case") ?? "", rule: query.get("rule") ?? "fifo" };
}

async function load(): Promise<void> {
  const { caseId, rule } = wanted();
  busy.value = true;
  why.value = -1;
  try {
    const answer = await fetchTrace(caseId, rule);
    const now = wanted();
    // A slow answer to an older choice must not overwrite a newer one.
    if (now.caseId === caseId && now.rule === rule) {
      trace.value = answer;
      traceError.value = "";
    }
  } catch (e) {
    traceError.value = say("load.failed", { reason: e instanceof Error ? e.message : String(e) });
  }
  busy.value = false;
}

async function loadRecord(): Promise<void> {
  try {
    record.value = await fetchPublicRecord();
    recordError.value = "";
  } catch (e) {
    recordError.value = say("load.failed", { reason: e instanceof Error ? e.message : String(e) });
  }
}

function choose(name: "case" | "rule", value: string): void {
  const query = new URLSearchParams(location.search);
  query.set(name, value);
  history.pushState(null, "", `?${query.toString()}${location.hash}`);
  void load();
}

function Failed({ words, again }: { words: string; again: () => Promise<void> }) {
  return (
    <p class="error" role="alert">
      {words} <button type="button" class="plain" onClick={() => void again()}>{say("load.again")}</button>
    </p>
  );
}

function Sums({ t }: { t: Trace }) {
  const none = say("sum.none");
  const row = (words: string, pick: (r: Trace["reports"][number]) => Amount[]) => (
    <div>
      <dt>{words}</dt>
      <dd>{amountsText(sumAmounts(t.reports.map(pick)), t.currencies, none)}</dd>
    </div>
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

function Choices({ t }: { t: Trace }) {
  return (
    <>
      <p>
        <label>
          {say("case.label")}{" "}
          <select value={t.case.id} onChange={(e) => choose("case", e.currentTarget.value)}>
            {t.cases.map((x) => <option key={x.id} value={x.id}>{say("case.option", { title: x.title, reports: x.reports })}</option>)}
          </select>
        </label>
      </p>
      <fieldset class="chips">
        <legend>{say("rule.label")}</legend>
        {RULES.map((r) => (
          <button type="button" class="chip" key={r} aria-pressed={t.rule === r} onClick={() => choose("rule", r)}>{say(`rule.${r}`)}</button>
        ))}
      </fieldset>
    </>
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

function TracePart({ t }: { t: Trace }) {
  const words = `rule.${t.rule}.words`;
  const reached = t.levels.reduce((s, l) => s + l.account_count, 0);
  const open = (account: number) => { why.value = account; };
  return (
    <>
      <Choices t={t} />
      <p class="summary">{t.summary}</p>
      <p class="soft">
        {isMessage(words) ? say(words) : ""} {say("sum.levels", { accounts: reached, levels: t.levels.length })}{" "}
        {say("sum.measured", { events: t.measured.events.toLocaleString("en"), transfers: t.measured.transfers.toLocaleString("en"), millis: (t.measured.micros / 1000).toFixed(1) })}
      </p>
      {t.rule !== "poison" && <Sums t={t} />}
      {t.rule !== "poison" && <><h3>{say("flow.title")}</h3><FlowPicture trace={t} onWhy={open} /><FlowLegend /></>}
      <Notes t={t} />
      <h3>{say("levels.title")}</h3>
      <Levels trace={t} onWhy={open} />
      {why.value >= 0 && <Why trace={t} account={why.value} onClose={() => { why.value = -1; }} />}
    </>
  );
}

function Page() {
  const t = trace.value;
  return (
    <>
      <a class="skip" href="#trace">{say("page.skip")}</a>
      <header class="top">
        <h1>{say("page.title")}</h1>
        {t && <span class="agency">{t.agency.title} ({t.agency.name}, {t.agency.country})</span>}
        <nav aria-label={say("page.title")}>
          <a href="#trace">{say("nav.trace")}</a>
          <a href="#record">{say("nav.record")}</a>
        </nav>
      </header>
      <main>
        <section class="card" id="trace" aria-busy={busy.value}>
          <h2>{t ? t.case.title : say("nav.trace")}</h2>
          {traceError.value && <Failed words={traceError.value} again={load} />}
          {!t && !traceError.value && <p role="status">{say("load.wait")}</p>}
          {t && <TracePart t={t} />}
        </section>
        <section class="card" id="record">
          <h2>{say("record.title")}</h2>
          {recordError.value && <Failed words={recordError.value} again={loadRecord} />}
          {record.value && <PublicRecordPage record={record.value} />}
        </section>
        <p class="soft small">{say("foot.words", { zone: zone.value })}</p>
      </main>
    </>
  );
}

window.addEventListener("popstate", () => void load());
const root = document.getElementById("page");
if (root) render(<Page />, root);
void load();
void loadRecord();
