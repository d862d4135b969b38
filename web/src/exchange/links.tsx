// The top line's word about the links to other agencies; nothing where there are none.
import { useEffect } from "preact/hooks";
import { useData } from "../shared/data";
import type { Exchange } from "./data";
import { say } from "./open";

const EVERY_MS = 20000;

// The state of a link is no record: no news tells of it.
export function useEvery(f: () => void): void {
  useEffect(() => {
    const timer = setInterval(() => { if (!document.hidden) f(); }, EVERY_MS);
    return () => clearInterval(timer);
  }, []);
}

export default function Links() {
  const loaded = useData<Exchange>("/exchange", ["peer", "fork", "retract", "let_go"]);
  useEvery(loaded.reload);
  const x = loaded.data;
  const peers = x?.peers.filter((p) => p.state === "confirmed") ?? [];
  if (!x || peers.length === 0) return null;
  const wrong = x.alarms.length;
  return (
    <a class={wrong ? "tag links clock red" : "tag links"} href="/exchange">
      {wrong > 0 && <svg class="mark" viewBox="0 0 12 12" aria-hidden="true"><path d="M6 1 11.5 11 .5 11z" /></svg>}
      {wrong ? say("links.wrong", { count: wrong }) : say("links", { up: peers.filter((p) => p.connected && !p.stopped).length, count: peers.length })}
    </a>
  );
}
