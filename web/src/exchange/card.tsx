// Our card, to be given away, and the card of somebody else: looked at, compared, confirmed.
import { useEffect, useState } from "preact/hooks";
import { reasonOf, saveBlob, send } from "../shared/api";
import { useActing, useData } from "../shared/data";
import { useDraft } from "../shared/drafts";
import { Act, Field } from "../shared/fields";
import { countryName } from "../shared/format";
import { say as sayShared } from "../shared/messages";
import { Facts, Failed, toast, Waiting } from "../shared/ui";
import { wordsOf, type CardSeen, type CardText } from "./data";
import { say } from "./words";

export function Fingerprint({ text }: { text: string }) {
  return <code class="print">{text}</code>;
}

export function OwnCard({ open }: { open: boolean }) {
  const [shown, setShown] = useState(open);
  const loaded = useData<CardText>(shown ? "/exchange/card" : null, ["link", "key"]);
  const c = loaded.data;
  const copy = async (text: string) => {
    try {
      await navigator.clipboard.writeText(text);
      toast(sayShared("code.copied"));
    } catch (e) {
      toast(reasonOf(e));
    }
  };
  return (
    <details class="card" id="card" open={shown} onToggle={(e) => setShown(e.currentTarget.open)}>
      <summary>{say("card.title")}</summary>
      <p>{say("card.words")}</p>
      <Failed words={loaded.error} again={loaded.reload} />
      {!c && loaded.busy && <Waiting />}
      {c && (
        <div class="own-card">
          <img class="qr" alt={say("card.qr")} src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(c.qr_svg)}`} />
          <div>
            <h3>{say("fingerprint")}</h3>
            <p><Fingerprint text={c.fingerprint} /></p>
            <p class="note">{say("card.compare")}</p>
            <h3>{say("card.text")}</h3>
            <pre class="card-text" tabIndex={0}>{c.card}</pre>
            <p class="doors">
              <button type="button" class="chip" onClick={() => void copy(c.card)}>{sayShared("code.copy")}</button>
              <button type="button" class="chip" onClick={() => saveBlob(new Blob([`${c.card}\n`], { type: "text/plain" }), "card.txt")}>{say("card.save")}</button>
            </p>
          </div>
        </div>
      )}
    </details>
  );
}

function Seen({ seen }: { seen: CardSeen }) {
  return (
    <>
      <p class="summary">{say("add.claims", { title: seen.title || seen.name, kind: wordsOf("kind", seen.kind), country: countryName(seen.country) })}</p>
      {seen.flagged && <p class="error">{say("add.flagged")}</p>}
      {seen.known && <p class="note">{wordsOf("known", seen.known)}</p>}
      <Facts rows={[
        [say("fingerprint"), <Fingerprint text={seen.fingerprint} />],
        [say("fact.address"), seen.address || say("address.none")],
        [say("fact.id"), <code>{seen.agency}</code>],
      ]} />
      <p class="note">{say("add.compare")}</p>
    </>
  );
}

const EMPTY = { card: "", name: "", institutions: "" };

export function AddPeer({ open, onDone }: { open: boolean; onDone: () => void }) {
  const draft = useDraft("peer", EMPTY);
  const v = draft.values;
  const [relay, setRelay] = useState(false);
  const [compared, setCompared] = useState(false);
  const [seen, setSeen] = useState<CardSeen | null>(null);
  const acting = useActing();
  // Out of the text around it, as the command line prints it: up to an empty line.
  const card = (/MOEI1-[\s\S]*?(?=\n[ \t\r]*\n|$)/.exec(v.card)?.[0] ?? v.card).replace(/\s+/g, "");
  // What is pasted is looked at once it could be a card; nothing is kept by that.
  useEffect(() => {
    setSeen(null);
    setCompared(false);
    acting.clear();
    if (!/^MOEI1-[\w-]{40,}$/.test(card)) return undefined;
    const timer = setTimeout(() => void acting.run(`look ${card}`, async (key) => {
      const found = await send<CardSeen>("POST", "/exchange/card", { card }, { key });
      setSeen(found);
      if (!v.name) draft.set("name", found.name);
    }), 300);
    return () => clearTimeout(timer);
  }, [card]);
  // Of who is confirmed the card alone is new: key and address. The rest stays.
  const again = seen?.known === "confirmed";
  const body = { card, institutions: again ? [] : v.institutions.split(/[;,\s]+/).filter(Boolean), name: again ? "" : v.name.trim(), relay };
  const bad = card !== "" && !/^MOEI1-/.test(card);
  return (
    <details class="card" id="add-peer" open={open || undefined}>
      <summary>{say("add.title")}</summary>
      <Field label={say("add.card")} hint={say("add.card.hint")} value={v.card} rows={4} onText={(t) => draft.set("card", t)} error={bad ? say("add.bad") : undefined} />
      {acting.busy && <Waiting />}
      <Failed words={acting.error} />
      {seen && (
        <>
          <Seen seen={seen} />
          {!seen.flagged && seen.known !== "self" && (
            <>
              {!again && (
                <>
                  <Field label={say("add.name")} hint={say("add.name.hint")} value={v.name} onText={(t) => draft.set("name", t)} required />
                  <Field label={say("add.institutions")} hint={say("add.institutions.hint")} value={v.institutions} onText={(t) => draft.set("institutions", t)} />
                  <p class="check"><label><input type="checkbox" checked={relay} onChange={(e) => setRelay(e.currentTarget.checked)} /> {say("add.relay")}</label></p>
                </>
              )}
              <p class="check"><label><input type="checkbox" checked={compared} onChange={(e) => setCompared(e.currentTarget.checked)} /> {say("add.compared")}</label></p>
              <Act label={say(again ? "again.button" : "add.button")}
                sentence={say(again ? "again.does" : "add.does", { title: seen.title || seen.name, country: countryName(seen.country), fingerprint: seen.fingerprint })}
                what={JSON.stringify(body)} disabled={!compared || (!again && !body.name)}
                run={async (key) => { await send("POST", "/exchange/peers", body, { key }); toast(say(again ? "again.done" : "add.done", { title: seen.title || seen.name })); draft.clear(); }} onDone={onDone} />
            </>
          )}
        </>
      )}
    </details>
  );
}
