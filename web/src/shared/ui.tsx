// The parts that every page is made of: amounts, times, clocks, states, panels, words about loading.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { signal } from "@preact/signals";
import { majorText, stacks, timeLeft, timeText, utcText, type AccountName } from "./format";
import { say } from "./messages";
import { calendar, digits, institutionName, now, zone } from "./session";
import type { Flag, OrderState } from "./types";

export function Money({ minor, currency }: { minor: number | null; currency: string | null }) {
  if (minor === null || !currency) return <span class="soft">{say("amount.none")}</span>;
  return (
    <span class="money">{majorText(minor, currency, digits.value)} <span class="currency">{currency}</span></span>
  );
}

// Local time; the same in UTC on hover and, where `stop`, on focus.
export function When({ at, stop = false, seconds = false }: { at: string | null; stop?: boolean; seconds?: boolean }) {
  if (!at) return <span class="soft">{say("time.none")}</span>;
  return (
    <time dateTime={at} title={utcText(at)} data-utc={utcText(at)} tabIndex={stop ? 0 : undefined}>
      {timeText(at, zone.value, calendar.value, seconds)}
    </time>
  );
}

export function leftWords(at: string): { text: string; soon: boolean; over: boolean } {
  const l = timeLeft(at, now.value);
  const time = l.days > 0 ? say("clock.d", { d: l.days, h: l.hours })
    : l.hours > 0 ? say("clock.h", { h: l.hours, m: l.minutes })
    : l.minutes > 0 ? say("clock.m", { m: l.minutes }) : say("clock.s");
  return { text: say(l.over ? "clock.over" : l.soon ? "clock.soon" : "clock.left", { time }), soon: l.soon, over: l.over };
}

// Time left in words; under half an hour red, with a word and a shape.
export function Clock({ at, calm = false }: { at: string | null; calm?: boolean }) {
  if (!at) return <span class="soft">{say("clock.none")}</span>;
  const left = leftWords(at);
  const red = left.soon && !calm;
  return (
    <time class={red ? "clock red" : "clock"} dateTime={at} title={`${timeText(at, zone.value, calendar.value, false)}, ${utcText(at)}`}>
      {red && <svg class="mark" viewBox="0 0 12 12" aria-hidden="true"><path d="M6 1 11.5 11 .5 11z" /></svg>}
      {left.text}
    </time>
  );
}

const STATE_SHAPES: Record<OrderState, { class: string; d: string; half?: string }> = {
  draft: { class: "open dashed", d: "M6 1.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 1 1 0-9" },
  issued: { class: "open", d: "M6 1.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 1 1 0-9" },
  received: { class: "open", d: "M6 1.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 1 1 0-9M6 5a1 1 0 1 1 0 2a1 1 0 1 1 0-2" },
  executed: { class: "full", d: "M6 1a5 5 0 1 1 0 10a5 5 0 1 1 0-10" },
  partly: { class: "open", d: "M6 1.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 1 1 0-9", half: "M6 1a5 5 0 0 0 0 10z" },
  adopted: { class: "full", d: "M2 2h8v8h-8z" },
  refused: { class: "open", d: "M2 2 10 10M10 2 2 10" },
  withdrawn: { class: "open", d: "M2 2h8v8h-8z" },
  released: { class: "open", d: "M2 2h8v8h-8z" },
  superseded: { class: "open", d: "M2 2h8v8h-8zM2 6h8" },
  settled: { class: "open", d: "M1.5 6.5 5 10 11 2.5" },
  lapsed: { class: "open", d: "M2 1h8l-8 10h8z" },
  void: { class: "open", d: "M2 2 10 10M10 2 2 10" },
};

export function StateMark({ state }: { state: OrderState }) {
  const shape = STATE_SHAPES[state];
  return (
    <span class="state">
      <svg class={`mark ${shape.class}`} viewBox="0 0 12 12" aria-hidden="true"><path d={shape.d} />{shape.half && <path class="half" d={shape.half} />}</svg>
      {say(`state.${state}`)}
    </span>
  );
}

export function Account({ a }: { a: AccountName }) {
  return <span class="account">{a.account} <span class="soft">{a.institution ? institutionName(a.country, a.institution) : a.country}</span></span>;
}

export function Failed({ words, again }: { words: string; again?: (() => void) | undefined }) {
  if (!words) return null;
  return (
    <p class="error" role="alert">
      {words} {again && <button type="button" class="plain" onClick={again}>{say("load.again")}</button>}
    </p>
  );
}

// What asks for a closer look, with the account that it speaks of.
export function Flags({ flags }: { flags: readonly Flag[] }) {
  return <>{flags.map((f) => <p class="error" key={f.account + f.what}>{f.account && <strong>{f.account}: </strong>}{f.words}</p>)}</>;
}

export function Waiting() {
  return <p class="soft" role="status">{say("page.wait")}</p>;
}

export function Card({ title, id, children, tools }: { title: string; id?: string; children: ComponentChildren; tools?: ComponentChildren }) {
  return (
    <section class="card" id={id}>
      <div class="card-head"><h2>{title}</h2>{tools}</div>
      {children}
    </section>
  );
}

export function Facts({ rows }: { rows: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {rows.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
    </dl>
  );
}

// Filters and parts as links: what is chosen stands in the address.
export function Chips({ label, items }: { label: string; items: readonly { href: string; words: string; on: boolean }[] }) {
  return (
    <nav class="chips" aria-label={label}>
      {items.map((i) => <a key={i.href} class="chip" href={i.href} aria-current={i.on ? "true" : undefined}>{i.words}</a>)}
    </nav>
  );
}

// The side panel of a list. Esc and its button close it; the focus goes back to where it came from.
export function Panel({ title, onClose, page, children }: { title: string; onClose: () => void; page?: string; children: ComponentChildren }) {
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    head.current?.focus();
    return () => { if (before instanceof HTMLElement || before instanceof SVGElement) before.focus(); };
  }, [title]);
  useEscape(onClose);
  return (
    <aside class="panel" aria-label={title}>
      <div class="card-head">
        <h2 ref={head} tabIndex={-1} class={stacks(title)}>{title}</h2>
        {page && <a href={page}>{say("panel.page")}</a>}
        <button type="button" class="chip" onClick={onClose}>{say("panel.close")}</button>
      </div>
      {children}
    </aside>
  );
}

// Esc closes what was opened last; below all of that it goes back.
const escapes: (() => void)[] = [];
export function useEscape(f: () => void): void {
  const latest = useRef(f);
  latest.current = f;
  useEffect(() => {
    const own = () => latest.current();
    escapes.push(own);
    return () => { escapes.splice(escapes.indexOf(own), 1); };
  }, []);
}
export function escapeOnce(): boolean {
  const top = escapes[escapes.length - 1];
  top?.();
  return top !== undefined;
}

interface Toast { id: number; words: string }
const toasts = signal<Toast[]>([]);
let toastCount = 0;
export function toast(words: string): void {
  const id = ++toastCount;
  toasts.value = [...toasts.value, { id, words }];
  setTimeout(() => { toasts.value = toasts.value.filter((t) => t.id !== id); }, 6000);
}
export function Toasts() {
  return <div class="toasts" role="status" aria-live="polite">{toasts.value.map((t) => <p key={t.id}>{t.words}</p>)}</div>;
}

export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    box.current?.showModal();
    return () => { if (before instanceof HTMLElement) before.focus(); };
  }, []);
  return (
    <dialog ref={box} aria-label={title} onCancel={(e) => { e.preventDefault(); onClose(); }}>
      <h2>{title}</h2>
      {children}
    </dialog>
  );
}
