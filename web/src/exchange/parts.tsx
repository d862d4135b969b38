// What several parts of the exchange show: agencies to choose, a marking to set, a time, a link's state.
import { useState } from "preact/hooks";
import { useData } from "../shared/data";
import { Choice, Field, type Option } from "../shared/fields";
import { stacks } from "../shared/format";
import { now } from "../shared/session";
import { When } from "../shared/ui";
import { HANDLINGS, heardAt, inHours, PAPS, titleOfPeer, TLPS, wasHeard, wordsOf, type Exchange, type LinkState, type Peer } from "./data";
import { say } from "./words";

// The confirmed agencies; null while they are loaded.
export function usePeers(): { peers: readonly Peer[] | null; error: string; reload: () => void } {
  const loaded = useData<Exchange>("/exchange", ["peer"]);
  return { peers: loaded.data?.peers.filter((p) => p.state === "confirmed") ?? null, error: loaded.error, reload: loaded.reload };
}

const SHAPES: Record<LinkState, { class: string; d: string }> = {
  connected: { class: "full", d: "M6 1a5 5 0 1 1 0 10a5 5 0 1 1 0-10" },
  quiet: { class: "open", d: "M6 1.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 1 1 0-9" },
  never: { class: "open dashed", d: "M6 1.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 1 1 0-9" },
  refused: { class: "open", d: "M1.5 4.5h9v3h-9z" },
  failed: { class: "open", d: "M6 1 11.5 11H.5zM6 5v3" },
  stopped: { class: "full", d: "M6 1 11.5 11H.5z" },
  revoked: { class: "open", d: "M2 2 10 10M10 2 2 10" },
};

export function LinkMark({ state }: { state: LinkState }) {
  const shape = SHAPES[state];
  return (
    <span class={state === "stopped" ? "state clock red" : "state"}>
      <svg class={`mark ${shape.class}`} viewBox="0 0 12 12" aria-hidden="true"><path d={shape.d} /></svg>
      {say(`link.${state}`)}
    </span>
  );
}

export function LastHeard({ p, stop = false }: { p: Peer; stop?: boolean }) {
  const at = heardAt(p);
  return at ? <When at={at} stop={stop} /> : <>{say(wasHeard(p) ? "before" : "never")}</>;
}

// Agencies to choose from, with what one should know before.
export function peerOptions(peers: readonly Peer[], more?: (p: Peer) => string): (Option & { more?: string })[] {
  return peers.map((p) => {
    const words = [more?.(p) ?? "", p.flagged ? say("flagged.tag") : "", p.stopped ? say("link.stopped") : ""].filter(Boolean).join(", ");
    return { value: p.agency, words: titleOfPeer(p), ...(words ? { more: words } : {}) };
  });
}

const BOXES_MANY = 24;

// Several of a list, by box.
export function Boxes({ label, options, chosen, onChange, hint }: {
  label: string; options: readonly (Option & { more?: string })[]; chosen: readonly string[]; onChange: (chosen: string[]) => void; hint?: string;
}) {
  const [word, setWord] = useState("");
  // Of very many those that are chosen stand first, and a word finds the others.
  const many = options.length > BOXES_MANY;
  const fits = (o: Option & { more?: string }) => !word || `${o.words} ${o.more ?? ""}`.toLowerCase().includes(word.toLowerCase());
  const boxes = (list: typeof options) => list.map((o) => (
    <label key={o.value}>
      <input type="checkbox" checked={chosen.includes(o.value)}
        onChange={(e) => onChange(e.currentTarget.checked ? [...chosen, o.value] : chosen.filter((v) => v !== o.value))} />
      <span class={stacks(o.words)}>{o.words}{o.more && <span class="soft small"> {o.more}</span>}</span>
    </label>
  ));
  if (!many) {
    return (
      <fieldset class="radios boxes">
        <legend>{label}</legend>
        {hint && <p class="hint">{hint}</p>}
        {boxes(options)}
      </fieldset>
    );
  }
  return (
    <fieldset class="radios">
      <legend>{label}</legend>
      {hint && <p class="hint">{hint}</p>}
      {chosen.length > 0 && <p class="soft small" role="status">{say("filter.chosen", { count: chosen.length })}</p>}
      {chosen.length > 0 && <div class="boxes radios">{boxes(options.filter((o) => chosen.includes(o.value)))}</div>}
      <Field label={say("filter.find")} value={word} type="search" onText={setWord} narrow />
      <div class="boxes radios many" tabIndex={0} role="group" aria-label={label}>{boxes(options.filter((o) => !chosen.includes(o.value) && fits(o)))}</div>
    </fieldset>
  );
}

export interface MarkTyped {
  handling: string;
  pap: string;
  tlp: string;
}

// `inherit`: an empty choice that leaves it to the accord or the record.
export function MarkFields({ v, set, inherit }: { v: MarkTyped; set: (v: MarkTyped) => void; inherit?: string }) {
  const first: Option[] = inherit ? [{ value: "", words: inherit }] : [];
  const options = (group: string, values: readonly string[]) => [...first, ...values.map((x) => ({ value: x, words: `${x}: ${wordsOf(group, x)}` }))];
  return (
    <div class="row">
      <Choice label={say("field.tlp")} value={v.tlp} onText={(tlp) => set({ ...v, tlp })} options={options("tlp", TLPS)} />
      <Choice label={say("field.pap")} value={v.pap} onText={(pap) => set({ ...v, pap })} options={options("pap", PAPS)} />
      <Choice label={say("field.handling")} value={v.handling} onText={(handling) => set({ ...v, handling })} options={options("handling", HANDLINGS)} />
    </div>
  );
}

// A term that is counted from now when it is chosen, so that a second try sends the same.
export function Term({ label, hours, value, onText, none, hint }: {
  label: string; hours: readonly number[]; value: string; onText: (at: string) => void; none: string; hint?: string;
}) {
  const [chosen, at] = value.split(" ", 2) as [string, string?];
  return (
    <Choice label={label} value={at ? chosen : ""} hint={hint} onText={(h) => onText(h ? `${h} ${inHours(Number(h), now.value)}` : "")}
      options={[{ value: "", words: none }, ...hours.map((h) => ({ value: String(h), words: h < 48 ? say("term.hours", { count: h }) : say("term.days", { count: h / 24 }) }))]} />
  );
}
export function termOf(value: string): string | null {
  return value.split(" ", 2)[1] ?? null;
}

// Why something is refused: the codes that agencies have in common.
export function CodeField({ value, onText }: { value: string; onText: (code: string) => void }) {
  const list = useData<{ items: { code: string; meaning: string }[] }>("/refusals", ["none"]);
  const codes = (list.data?.items ?? []).filter((r, i, all) => all.findIndex((x) => x.code === r.code) === i);
  return <Choice label={say("code")} value={value} onText={onText} options={[{ value: "", words: "" }, ...codes.map((r) => ({ value: r.code, words: `${r.meaning} (${r.code})` }))]} />;
}
