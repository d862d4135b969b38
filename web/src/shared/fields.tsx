// Fields of forms: label above, hint and error below, tied together for those who listen.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { send, reasonOf } from "./api";
import { say } from "./messages";
import { useActing } from "./data";
import { Dialog, Failed } from "./ui";
import type { Draft, Texts } from "./drafts";

interface FieldProps {
  label: string;
  value: string;
  onText: (text: string) => void;
  hint?: string | undefined;
  error?: string | undefined;
  echo?: string | undefined; // how it was understood
  type?: "text" | "password" | "search";
  name?: string | undefined;
  list?: string | undefined;
  rows?: number;
  required?: boolean;
  focus?: boolean;
  mode?: "decimal" | "numeric" | "tel" | undefined;
  auto?: string;
  narrow?: boolean;
}

export function Field(p: FieldProps) {
  const id = useId();
  const box = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  // The attribute alone works only on the browser's own page load.
  useEffect(() => { if (p.focus) box.current?.focus(); }, []);
  const about = [p.hint && `${id}-h`, p.error && `${id}-e`, p.echo && `${id}-o`].filter(Boolean).join(" ");
  const common = {
    id, ref: box, name: p.name, value: p.value, required: p.required, "aria-invalid": p.error ? true : undefined,
    "aria-describedby": about || undefined, autoComplete: p.auto ?? "off",
  };
  return (
    <div class={p.narrow ? "field narrow" : "field"}>
      <label for={id}>{p.label}</label>
      {p.rows
        ? <textarea {...common} rows={p.rows} onInput={(e) => p.onText(e.currentTarget.value)} />
        : <input {...common} type={p.type ?? "text"} list={p.list} inputMode={p.mode} onInput={(e) => p.onText(e.currentTarget.value)} />}
      {p.hint && <p class="hint" id={`${id}-h`}>{p.hint}</p>}
      {p.echo && <p class="echo" id={`${id}-o`}>{p.echo}</p>}
      {p.error && <p class="field-error" id={`${id}-e`}>{p.error}</p>}
    </div>
  );
}

export interface Option {
  value: string;
  words: string;
}

export function Choice({ label, value, options, onText, hint, name, narrow }: {
  label: string; value: string; options: readonly Option[]; onText: (value: string) => void;
  hint?: string | undefined; name?: string; narrow?: boolean;
}) {
  const id = useId();
  return (
    <div class={narrow ? "field narrow" : "field"}>
      <label for={id}>{label}</label>
      <select id={id} name={name} value={value} aria-describedby={hint ? `${id}-h` : undefined} onChange={(e) => onText(e.currentTarget.value)}>
        {options.map((o) => <option key={o.value} value={o.value}>{o.words}</option>)}
      </select>
      {hint && <p class="hint" id={`${id}-h`}>{hint}</p>}
    </div>
  );
}

export function Radios({ label, name, value, options, onText }: {
  label: string; name: string; value: string; options: readonly (Option & { more?: ComponentChildren })[]; onText: (value: string) => void;
}) {
  return (
    <fieldset class="radios">
      <legend>{label}</legend>
      {options.map((o) => (
        <label key={o.value}>
          <input type="radio" name={name} value={o.value} checked={o.value === value} onChange={() => onText(o.value)} />
          <span>{o.words}{o.more && <span class="soft small"> {o.more}</span>}</span>
        </label>
      ))}
    </fieldset>
  );
}

// Uploads at once and hands on the hash.
export function DocumentField({ label, value, onHash }: { label?: string; value: string; onHash: (sha256: string) => void }) {
  const id = useId();
  const [words, setWords] = useState("");
  const [error, setError] = useState("");
  const upload = async (file: File) => {
    setError("");
    setWords(say("file.wait", { name: file.name }));
    try {
      const a = await send<{ name: string; sha256: string }>("POST", `/attachments?name=${encodeURIComponent(file.name)}`, file);
      setWords(say("file.done", { name: a.name, hash: a.sha256.slice(0, 12) }));
      onHash(a.sha256);
    } catch (e) {
      setWords("");
      setError(reasonOf(e));
    }
  };
  return (
    <div class="field">
      <label for={id}>{label ?? say("file.choose")}</label>
      <p class="hint" id={`${id}-h`}>{say("file.hint")}</p>
      <input id={id} type="file" aria-describedby={`${id}-h`} onChange={(e) => { const f = e.currentTarget.files?.[0]; if (f) void upload(f); }} />
      <p class="echo" aria-live="polite">{words || value.slice(0, 16)}</p>
      <Failed words={error} />
    </div>
  );
}

// What binds: a solid button under the sentence that says what will happen, then one confirmation.
export function Act({ label, sentence, what, run, onDone, danger = false, disabled = false }: {
  label: string; sentence: string; what: string; run: (key: string) => Promise<void>; onDone?: () => void;
  danger?: boolean; disabled?: boolean;
}) {
  const [asking, setAsking] = useState(false);
  const acting = useActing();
  const id = useId();
  const confirm = async () => {
    if (!(await acting.run(what, run))) return;
    setAsking(false);
    onDone?.();
  };
  return (
    <div class="act">
      <p id={id}>{sentence}</p>
      <button type="button" class={danger ? "solid danger" : "solid"} aria-describedby={id} disabled={disabled}
        onClick={() => { acting.clear(); setAsking(true); }}>{label}</button>
      {asking && (
        <Dialog title={say("act.title")} onClose={() => setAsking(false)}>
          <p>{sentence}</p>
          <Failed words={acting.error} />
          <div class="buttons">
            <button type="button" class={danger ? "solid danger" : "solid"} autoFocus disabled={acting.busy} onClick={() => void confirm()}>
              {acting.busy ? say("act.wait") : say("act.confirm")}
            </button>
            <button type="button" class="chip" onClick={() => setAsking(false)}>{say("act.cancel")}</button>
          </div>
        </Dialog>
      )}
    </div>
  );
}

// What was typed elsewhere since, beside what stands here.
export function DraftNote<T extends Texts>({ draft }: { draft: Draft<T> }) {
  const theirs = draft.other;
  if (theirs) {
    const text = Object.keys(theirs).filter((k) => theirs[k] !== draft.values[k]).map((k) => `${k}: ${theirs[k] ?? ""}`).join("; ");
    return (
      <p class="note" role="alert">
        {say("draft.other")}{" "}
        <button type="button" class="chip" onClick={draft.keepMine}>{say("draft.mine")}</button>{" "}
        <button type="button" class="chip" onClick={draft.takeOther}>{say("draft.theirs", { text })}</button>
      </p>
    );
  }
  if (!draft.typed) return null;
  return (
    <p class="soft small">
      {say("draft.kept")} <button type="button" class="plain" onClick={draft.clear}>{say("draft.drop")}</button>
    </p>
  );
}
