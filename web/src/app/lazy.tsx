// Parts that are loaded when they are first shown.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { say } from "../shared/messages";
import { Failed, Waiting } from "../shared/ui";
import { reasonOf } from "../shared/api";

export function lazyPart<P extends object>(load: () => Promise<{ default: ComponentType<P> }>, quiet = false): ComponentType<P> {
  let part: ComponentType<P> | null = null;
  return function Lazy(props: P) {
    const [, setTurn] = useState(0);
    const [error, setError] = useState("");
    const fetchPart = () => {
      setError("");
      load().then((m) => { part = m.default; setTurn((n) => n + 1); }, (e: unknown) => setError(say("load.failed", { reason: reasonOf(e) })));
    };
    useEffect(() => { if (!part) fetchPart(); }, []);
    if (quiet && !part) return null;
    if (error) return <Failed words={error} again={fetchPart} />;
    const Part = part;
    return Part ? <Part {...props} /> : <Waiting />;
  };
}
