// How pages load and act: what is shown follows the news, an act keeps its key over retries.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { get, newKey, reasonOf } from "./api";
import { onNews } from "./events";
import type { List } from "./types";

export interface Loaded<T> {
  data: T | null;
  error: string;
  busy: boolean;
  reload: () => void;
}

// `kinds`: records whose news loads this again; `[]` any. Path null: nothing to load.
export function useData<T>(path: string | null, kinds: readonly string[] = []): Loaded<T> {
  const [state, setState] = useState<{ path: string | null; data: T | null; error: string; busy: boolean }>(
    { path, data: null, error: "", busy: path !== null });
  const [turn, setTurn] = useState(0);
  const reload = useCallback(() => setTurn((n) => n + 1), []);
  useEffect(() => {
    if (path === null) {
      setState({ path, data: null, error: "", busy: false });
      return;
    }
    const stop = new AbortController();
    setState((s) => ({ path, data: s.path === path ? s.data : null, error: "", busy: true }));
    get<T>(path, stop.signal).then(
      (data) => { if (!stop.signal.aborted) setState({ path, data, error: "", busy: false }); },
      (e: unknown) => { if (!stop.signal.aborted) setState((s) => ({ path, data: s.data, error: reasonOf(e), busy: false })); },
    );
    return () => stop.abort();
  }, [path, turn]);
  const kindsText = kinds.join();
  useEffect(() => (path === null ? undefined : onNews(kinds, reload)), [path, kindsText]);
  const fresh = state.path === path;
  return { data: fresh ? state.data : null, error: fresh ? state.error : "", busy: fresh ? state.busy : path !== null, reload };
}

export interface LoadedList<T> extends Loaded<T[]> {
  more: (() => void) | null;
}

// A list by pages. News loads its first page again; what was shown behind it stays.
export function useList<T>(path: string, kinds: readonly string[] = []): LoadedList<T> {
  const first = useData<List<T>>(path, kinds);
  const [rest, setRest] = useState<{ path: string; items: T[]; next: string | null } | null>(null);
  const [error, setError] = useState("");
  const mine = rest?.path === path ? rest : null;
  const next = mine ? mine.next : (first.data?.next ?? null);
  const more = next === null ? null : () => {
    get<List<T>>(`${path}${path.includes("?") ? "&" : "?"}after=${encodeURIComponent(next)}`).then(
      (page) => setRest({ path, items: [...(mine?.items ?? []), ...page.items], next: page.next }),
      (e: unknown) => setError(reasonOf(e)),
    );
  };
  const data = first.data ? [...first.data.items, ...(mine?.items ?? [])] : null;
  return { data, error: first.error || error, busy: first.busy, reload: first.reload, more };
}

export interface Acting {
  busy: boolean;
  error: string;
  // True when it was done. `what` tells one act from the next: while it stays, the key stays.
  run: (what: string, f: (key: string) => Promise<void>) => Promise<boolean>;
  clear: () => void;
}

export function useActing(): Acting {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const last = useRef({ what: "", key: "" });
  const run = async (what: string, f: (key: string) => Promise<void>) => {
    if (last.current.what !== what || !last.current.key) last.current = { what, key: newKey() };
    setBusy(true);
    setError("");
    try {
      await f(last.current.key);
      last.current = { what: "", key: "" };
      return true;
    } catch (e) {
      setError(reasonOf(e));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, run, clear: () => setError("") };
}
