// The way to share and to see who holds it, on pages of other desks: loaded when it is opened.
import { useState } from "preact/hooks";
import { lazyPart } from "../app/lazy";
import { may } from "../shared/session";
import { say } from "./open";

const Sharing = lazyPart<{ id: string }>(() => import("./sharing"));

export function SharingCard({ id, open = false, inside = false }: { id: string; open?: boolean; inside?: boolean }) {
  const [shown, setShown] = useState(open);
  if (!may("exchange.read")) return null;
  return (
    <details class={inside ? "else" : "card"} id="sharing" open={shown} onToggle={(e) => { if (e.target === e.currentTarget) setShown(e.currentTarget.open); }}>
      <summary>{say("sharing")}</summary>
      {shown && <Sharing id={id} />}
    </details>
  );
}
