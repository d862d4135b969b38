// The exchange by file: what waits for an agency is saved, sealed to it; what they sealed for us is taken in.
import { useState } from "preact/hooks";
import { saveBlob, send, sendRaw } from "../shared/api";
import { useActing } from "../shared/data";
import { Act } from "../shared/fields";
import { pathOf } from "../shared/router";
import { Failed, toast } from "../shared/ui";
import { titleOfPeer, type Peer, type Taken } from "./data";
import { say } from "./words";

export function Outgoing({ p, reload }: { p: Peer; reload: () => void }) {
  const save = async (key: string) => {
    const answer = await sendRaw("POST", pathOf("exchange", "peers", p.agency, "bundle"), undefined, { key });
    saveBlob(await answer.blob(), "bundle.moei");
    toast(say("bundle.saved"));
  };
  return (
    <details class="else" id="bundle-out">
      <summary>{say("bundle.out.title")}</summary>
      <p class="soft">{say("bundle.out.words")}</p>
      <Act label={say("bundle.out.button")} sentence={say(p.lag.ours ? "bundle.out.does" : "bundle.out.receipt", { name: titleOfPeer(p), count: p.lag.ours })}
        what={`bundle ${p.agency} ${p.lag.ours}`} run={save} onDone={reload} />
    </details>
  );
}

function takenWords(t: Taken): string {
  const from = t.name ?? say("bundle.nobody");
  return [say(t.new ? "bundle.new" : "bundle.nothing", { from, count: t.new }), t.gap !== null ? say("bundle.gap") : "", t.refused ? say("bundle.refused", { count: t.refused }) : "", t.words ?? ""].filter(Boolean).join(" ");
}

export function Incoming({ onDone }: { onDone: () => void }) {
  const acting = useActing();
  const [taken, setTaken] = useState<Taken | null>(null);
  const take = (file: File) => acting.run(`take ${file.name} ${file.size} ${file.lastModified}`, async (key) => {
    setTaken(null);
    setTaken(await send<Taken>("POST", `/exchange/bundle?name=${encodeURIComponent(file.name)}`, file, { key, type: "application/octet-stream" }));
    onDone();
  });
  const wrong = taken !== null && (taken.refused > 0 || taken.words !== null);
  return (
    <details class="card" id="bundle-in">
      <summary>{say("bundle.in.title")}</summary>
      <p>{say("bundle.in.words")}</p>
      <div class="field">
        <label for="bundle-file">{say("bundle.in.file")}</label>
        <input id="bundle-file" type="file" disabled={acting.busy} onChange={(e) => { const f = e.currentTarget.files?.[0]; e.currentTarget.value = ""; if (f) void take(f); }} />
      </div>
      {acting.busy && <p class="soft" role="status">{say("bundle.in.wait")}</p>}
      <Failed words={acting.error} />
      {taken && <p class={wrong ? "error" : "note"} role="status">{takenWords(taken)}</p>}
    </details>
  );
}
