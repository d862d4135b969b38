// News of the node. One tab of the browser listens; it tells the others over a channel.
import { session } from "./session";

export interface News {
  id: string;
  kind: string;
  root: string;
  at: string;
}

type Message = { type: "news"; news: News } | { type: "out" };
const ANYTHING = "*"; // a kind: what came meanwhile is not known
const RETRY_MS = 3000;
const listeners = new Set<(n: News) => void>();
const channel = "BroadcastChannel" in window ? new BroadcastChannel("moei") : null;
let source: EventSource | null = null;
let wanted = false;
let missed = false; // a stream of before ended, and with it the place from which it could go on
let free: (() => void) | null = null;

function tell(n: News): void {
  for (const f of [...listeners]) f(n);
}

function readNews(text: string): News | null {
  try {
    const value = JSON.parse(text) as Partial<News>;
    return typeof value.kind === "string" ? { id: value.id ?? "", kind: value.kind, root: value.root ?? "", at: value.at ?? "" } : null;
  } catch {
    return null;
  }
}

function spread(news: News): void {
  tell(news);
  channel?.postMessage({ type: "news", news } satisfies Message);
}

function listen(): void {
  if (!wanted || source) return;
  source = new EventSource("/api/v1/events");
  source.addEventListener("record", (e) => {
    const news = readNews(String((e as MessageEvent<unknown>).data));
    if (news) spread(news);
  });
  source.onopen = () => {
    if (missed) spread({ id: "", kind: ANYTHING, root: "", at: "" });
    missed = false;
  };
  source.onerror = () => {
    // The browser resumes by itself with the last place, but not after an answer that is none.
    if (source?.readyState !== EventSource.CLOSED) return;
    source = null;
    missed = true;
    setTimeout(listen, RETRY_MS);
  };
}

channel?.addEventListener("message", (e: MessageEvent<Message>) => {
  if (e.data.type === "news") tell(e.data.news);
  else session.value = null;
});

export function startEvents(): void {
  if (wanted) return;
  wanted = true;
  if (!channel || !("locks" in navigator)) return listen();
  void navigator.locks.request("moei-events", () => {
    if (!wanted) return;
    listen();
    return new Promise<void>((done) => { free = done; });
  });
}

export function stopEvents(): void {
  wanted = false;
  source?.close();
  source = null;
  free?.();
  free = null;
}

export function tellOut(): void {
  channel?.postMessage({ type: "out" } satisfies Message);
}

// Calls `f` for news of these kinds (none: all) until the answer is called.
export function onNews(kinds: readonly string[], f: () => void): () => void {
  let timer = 0;
  const listener = (n: News) => {
    if (kinds.length && n.kind !== ANYTHING && !kinds.includes(n.kind)) return;
    clearTimeout(timer);
    timer = window.setTimeout(f, 400);
  };
  listeners.add(listener);
  return () => {
    clearTimeout(timer);
    listeners.delete(listener);
  };
}
