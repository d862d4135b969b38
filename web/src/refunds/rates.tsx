// Rates: typed into a table or pasted as CSV. A rate is a fraction with its source and day.
import { useState } from "preact/hooks";
import { Field } from "../shared/fields";
import { asciiDigits } from "../shared/format";
import type { Rate } from "./data";
import { say } from "./words";

export interface TypedRate {
  from: string;
  to: string;
  numerator: string;
  denominator: string;
  source: string;
  date: string;
}
export const NO_RATE: TypedRate = { from: "", to: "", numerator: "", denominator: "", source: "", date: "" };
const NAMES = ["from", "to", "numerator", "denominator", "source", "date"] as const;

function whole(text: string): number | null {
  const plain = asciiDigits(text.trim());
  return /^[1-9]\d{0,14}$/.test(plain) ? Number(plain) : null;
}

// Null: this is none yet.
export function rateOf(t: TypedRate): Rate | null {
  const numerator = whole(t.numerator);
  const denominator = whole(t.denominator);
  const from = t.from.trim().toUpperCase();
  const to = t.to.trim().toUpperCase();
  if (!numerator || !denominator || !from || !to || !t.source.trim() || !/^\d{4}-\d\d-\d\d$/.test(asciiDigits(t.date.trim()))) return null;
  return { from, to, numerator, denominator, source: t.source.trim(), date: asciiDigits(t.date.trim()) };
}

export function isEmpty(t: TypedRate): boolean {
  return NAMES.every((n) => t[n].trim() === "");
}

// One line of CSV; quotes as RFC 4180 has them.
function fieldsOf(line: string): string[] {
  const fields: string[] = [];
  for (const m of line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)) fields.push((m[1]?.replace(/""/g, '"') ?? m[2] ?? "").trim());
  return fields;
}

// The rates of a pasted CSV, or the number of the line that is none.
export function readRates(text: string): TypedRate[] | number {
  const rates: TypedRate[] = [];
  const lines = text.split(/\r?\n/);
  for (const [i, line] of lines.entries()) {
    if (line.trim() === "" || (i === 0 && /^from,to,/i.test(line.trim()))) continue;
    const [from = "", to = "", numerator = "", denominator = "", source = "", date = ""] = fieldsOf(line);
    const rate = { from, to, numerator, denominator, source, date };
    if (!rateOf(rate)) return i + 1;
    rates.push(rate);
  }
  return rates;
}

export function Rates({ rates, onRates }: { rates: readonly TypedRate[]; onRates: (rates: TypedRate[]) => void }) {
  const [text, setText] = useState("");
  const [error, setError] = useState("");
  const put = (i: number, name: keyof TypedRate, value: string) => onRates(rates.map((r, k) => (k === i ? { ...r, [name]: value } : r)));
  const take = () => {
    const read = readRates(text);
    if (typeof read === "number") return setError(say("rates.bad", { line: read }));
    setError("");
    setText("");
    onRates([...rates.filter((r) => !isEmpty(r)), ...read]);
  };
  return (
    <details open={rates.length > 0}>
      <summary>{say("rates.title")}</summary>
      <p class="soft">{say("rates.words")}</p>
      {rates.map((r, i) => (
        <fieldset key={i} class="row" aria-label={`${say("rates.title")} ${i + 1}`}>
          {NAMES.map((n) => (
            <Field key={n} label={say(`rates.${n}`)} value={r[n]} narrow={n !== "source"} mode={n === "numerator" || n === "denominator" ? "numeric" : undefined}
              hint={n === "date" ? say("rates.date.hint") : undefined} onText={(t) => put(i, n, t)} />
          ))}
          <button type="button" class="plain" onClick={() => onRates(rates.filter((_, k) => k !== i))}>{say("rates.remove")}</button>
        </fieldset>
      ))}
      <p><button type="button" class="chip" onClick={() => onRates([...rates, NO_RATE])}>{say("rates.add")}</button></p>
      <Field label={say("rates.paste")} hint={say("rates.paste.hint")} value={text} onText={setText} rows={3} error={error || undefined} />
      <button type="button" class="chip" disabled={!text.trim()} onClick={take}>{say("rates.take")}</button>
    </details>
  );
}
