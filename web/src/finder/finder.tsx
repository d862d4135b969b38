// Ctrl K: finds what may be seen, and does what can be done from anywhere.
import { useEffect, useState } from "preact/hooks";
import { PAGES, placeOf } from "../app/pages";
import { get, reasonOf } from "../shared/api";
import { Field } from "../shared/fields";
import { say as sayShared } from "../shared/messages";
import { go } from "../shared/router";
import { may } from "../shared/session";
import { Dialog, Failed, When } from "../shared/ui";
import { say } from "./words";

interface Hit {
  at: string | null;
  id: string;
  what: string;
  words: string;
}
interface Row {
  key: string;
  words: string;
  to: string;
  what: string;
  at: string | null;
}

function commands(): Row[] {
  const rows: Row[] = [];
  const add = (words: string, to: string) => rows.push({ key: to, words, to, what: "", at: null });
  if (may("report.write")) add(say("find.type"), "/reports/new");
  if (may("import")) add(say("find.upload"), "/reports/upload");
  if (may("case.write")) add(say("find.newcase"), "/cases?new=1");
  for (const p of PAGES) if (p.rail && p.desk && (!p.act || may(p.act))) add(say("find.go", { place: sayShared(`desk.${p.desk}`) }), p.path);
  return rows;
}

export default function Finder({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const [hits, setHits] = useState<Row[]>([]);
  const [at, setAt] = useState(0);
  const [error, setError] = useState("");
  useEffect(() => {
    setAt(0);
    const q = text.trim();
    if (q.length < 2) return setHits([]);
    const stop = new AbortController();
    const timer = setTimeout(() => {
      get<{ items: Hit[] }>(`/search?q=${encodeURIComponent(q)}`, stop.signal).then((a) => {
        setError("");
        setHits(a.items.flatMap((h) => {
          const to = placeOf(h.what, h.id);
          return to ? [{ key: `${h.what} ${h.id}`, words: h.words, to, what: h.what, at: h.at }] : [];
        }));
      }, (e: unknown) => { if (!stop.signal.aborted) setError(reasonOf(e)); });
    }, 150);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text]);
  const low = text.trim().toLowerCase();
  const rows = [...commands().filter((c) => !low || c.words.toLowerCase().includes(low)), ...hits];
  const open = (row: Row | undefined) => {
    if (!row) return;
    onClose();
    go(row.to);
  };
  const onKey = (e: KeyboardEvent) => {
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      setAt((n) => Math.max(0, Math.min(rows.length - 1, n + (e.key === "ArrowDown" ? 1 : -1))));
    } else if (e.key === "Enter" && e.target instanceof HTMLInputElement) {
      e.preventDefault();
      open(rows[at]);
    }
  };
  return (
    <Dialog title={say("find.title")} onClose={onClose}>
      <div onKeyDown={onKey}>
        <Field label={say("find.label")} type="search" value={text} onText={setText} focus />
        <Failed words={error} />
        <p class="unseen" role="status">{say("find.results", { count: rows.length })}</p>
        <ul class="found">
          {rows.map((r, i) => (
            <li key={r.key} class={i === at ? "chosen" : undefined}>
              <button type="button" onClick={() => open(r)}>{r.words}{r.what && <span class="soft small"> {r.what} {r.at && <When at={r.at} />}</span>}</button>
            </li>
          ))}
        </ul>
        {rows.length === 0 && <p class="soft">{say("find.none")}</p>}
        <button type="button" class="chip" onClick={onClose}>{sayShared("act.close")}</button>
      </div>
    </Dialog>
  );
}
