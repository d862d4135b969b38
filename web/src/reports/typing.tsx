// From the phone call to the letter: typed with keys only, checked as it is typed, and the first hop
// is drafted at once.
import { useState } from "preact/hooks";
import { newKey, send } from "../shared/api";
import { useActing } from "../shared/data";
import { useDraft } from "../shared/drafts";
import { Choice, DraftNote, Field } from "../shared/fields";
import { amountText, asciiDigits, parseAmount, plainText } from "../shared/format";
import { say as sayShared } from "../shared/messages";
import { pathOf } from "../shared/router";
import { accountWords, digits, session, zone } from "../shared/session";
import type { Flag, LeftOut, Order, Report } from "../shared/types";
import { Card, Failed, Flags } from "../shared/ui";
import { Under } from "../exchange/under";
import { OrderView } from "../order/view";
import { say } from "./words";

// What is paid with where, for the first guess only; the caller's own word counts.
const MONEY: Record<string, string> = { TH: "THB", MM: "MMK", LA: "LAK", KH: "KHR", VN: "VND", CN: "CNY", SG: "SGD", MY: "MYR", GB: "GBP", US: "USD", HK: "HKD" };
const ACCOUNTS_MAX = 8;

function emptyDraft() {
  const country = session.value?.agency.country ?? "";
  const currency = MONEY[country] ?? "";
  return {
    banks: "", numbers: "", loss: "", currency: currency in digits.value ? currency : (Object.keys(digits.value)[0] ?? ""), happened_at: "",
    victim: "", contact: "", story: "", channel: "hotline", country, phones: "", urls: "", transfers: "", id: "", accord: "",
  };
}

// "Kasikornbank (TH/004)", a code, a key or a name, as "TH/004".
function institutionOf(text: string): string | null {
  const known = session.value?.institutions ?? {};
  const typed = text.trim();
  const inside = /\(([A-Z]{2}\/[^)]+)\)$/.exec(typed)?.[1];
  if (inside && inside in known) return inside;
  if (/^[A-Z]{2}\/\S+$/i.test(typed)) return typed.slice(0, 2).toUpperCase() + typed.slice(2);
  const own = `${session.value?.agency.country ?? ""}/${asciiDigits(typed)}`;
  if (own in known) return own;
  const low = typed.toLowerCase();
  const fits = Object.entries(known).filter(([, name]) => name.toLowerCase().startsWith(low));
  const exact = fits.find(([, name]) => name.toLowerCase() === low);
  if (exact) return exact[0];
  return fits.length === 1 ? (fits[0]?.[0] ?? null) : null;
}

type Draft = ReturnType<typeof emptyDraft>;

interface Checked {
  accounts: string;
  bankErrors: (string | undefined)[];
  lossError: string | undefined;
  lossEcho: string | undefined;
  lossText: string;
  timeError: string | undefined;
  enough: boolean;
}

function check(v: Draft): Checked {
  const banks = v.banks.split("\n");
  const numbers = v.numbers.split("\n");
  const bankErrors: (string | undefined)[] = [];
  const accounts: string[] = [];
  numbers.forEach((number, i) => {
    const bank = banks[i] ?? "";
    const at = bank.trim() ? institutionOf(bank) : "";
    bankErrors[i] = at === null ? say("new.bank.bad") : undefined;
    const plain = asciiDigits(number).replace(/[\s-]/g, "");
    if (plain) accounts.push(at ? `${at}/${plain}` : plain);
  });
  const amount = v.loss.trim() ? parseAmount(v.loss, v.currency, digits.value) : null;
  const lossError = typeof amount === "string"
    ? sayShared(`amount.${amount}`, { currency: v.currency, digits: digits.value[v.currency] ?? 0 }) : undefined;
  const happened = asciiDigits(v.happened_at.trim());
  return {
    accounts: accounts.join("; "), bankErrors, lossError,
    lossEcho: typeof amount === "number" ? amountText(amount, v.currency, digits.value) : undefined,
    lossText: typeof amount === "number" ? plainText(amount, v.currency, digits.value) : "",
    timeError: happened === "" || /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d/.test(happened) ? undefined : say("new.happened.bad"),
    enough: accounts.length > 0 || v.transfers.trim() !== "" || v.story.trim() !== "",
  };
}

function Accounts({ v, checked, tried, set }: { v: Draft; checked: Checked; tried: boolean; set: (name: "banks" | "numbers", text: string) => void }) {
  const banks = v.banks.split("\n");
  const numbers = v.numbers.split("\n");
  const put = (name: "banks" | "numbers", i: number, text: string) => {
    const lines = (name === "banks" ? banks : numbers).slice();
    while (lines.length <= i) lines.push("");
    lines[i] = text.replace(/\n/g, " ");
    set(name, lines.join("\n"));
  };
  return (
    <fieldset>
      <legend>{say("new.account")}</legend>
      {numbers.map((number, i) => (
        <div class="row" key={i}>
          <Field label={say("new.bank")} hint={say("new.bank.hint")} value={banks[i] ?? ""} list="banks" focus={i === 0 || i === numbers.length - 1}
            error={tried ? checked.bankErrors[i] : undefined} onText={(t) => put("banks", i, t)}
            echo={checked.bankErrors[i] === undefined && (banks[i] ?? "").trim() ? institutionOf(banks[i] ?? "") ?? undefined : undefined} />
          <Field label={say("new.number", { n: numbers.length > 1 ? i + 1 : "" })} value={number} mode="numeric" onText={(t) => put("numbers", i, t)} />
        </div>
      ))}
      <datalist id="banks">
        {Object.entries(session.value?.institutions ?? {}).map(([key, name]) => <option key={key} value={`${name} (${key})`} />)}
      </datalist>
      {numbers.length < ACCOUNTS_MAX && <button type="button" class="plain" onClick={() => set("numbers", v.numbers + "\n")}>{say("new.another")}</button>}
      {numbers.length > 1 && <> <button type="button" class="plain" onClick={() => set("numbers", numbers.slice(0, -1).join("\n"))}>{say("new.fewer")}</button></>}
    </fieldset>
  );
}

interface Saved extends Report {
  first_hop: Order[];
  left_out: LeftOut[];
}

function Done({ saved, again }: { saved: Saved; again: () => void }) {
  const flags: Flag[] = saved.flags ?? [];
  return (
    <>
      <h1>{say("done.title", { report: saved.id })}</h1>
      <Flags flags={flags} />
      <p>{saved.first_hop.length ? say("done.first") : say("done.none")}</p>
      {saved.left_out.map((l) => {
        const account = typeof l.account === "string" ? l.account : accountWords(l.account);
        return <p class="note" key={account + l.why}>{say("done.left", { account, words: l.words })}</p>;
      })}
      {saved.first_hop.map((o, i) => (
        <Card key={o.id} title={o.number}><OrderView id={o.id} first={o} quick focus={i === 0} /></Card>
      ))}
      {saved.victim_url && <p>{say("done.victim")} <code>{new URL(saved.victim_url, location.origin).href}</code></p>}
      <div class="doors">
        <a class="chip" href={pathOf("reports", saved.id)}>{say("done.open")}</a>
        <button type="button" class="chip" onClick={again}>{say("done.another")}</button>
      </div>
    </>
  );
}

function More({ v, set }: { v: Draft; set: (name: keyof Draft & string, text: string) => void }) {
  const list = say("new.list.hint");
  return (
    <details>
      <summary>{say("new.more")}</summary>
      <div class="row">
        <Field label={say("new.channel")} value={v.channel} onText={(t) => set("channel", t)} />
        <Field label={say("new.country")} value={v.country} onText={(t) => set("country", t.toUpperCase())} narrow />
        <Field label={say("new.id")} hint={say("new.id.hint")} value={v.id} onText={(t) => set("id", t)} />
      </div>
      <Field label={say("new.phones")} hint={list} value={v.phones} onText={(t) => set("phones", t)} />
      <Field label={say("new.urls")} hint={list} value={v.urls} onText={(t) => set("urls", t)} />
      <Field label={say("new.transfers")} hint={list} value={v.transfers} onText={(t) => set("transfers", t)} />
    </details>
  );
}

export default function TypingPage() {
  const [empty] = useState(emptyDraft);
  const draft = useDraft("report", empty);
  const [tried, setTried] = useState(false);
  const [need, setNeed] = useState("");
  const [saved, setSaved] = useState<Saved | null>(null);
  const [form, setForm] = useState(newKey);
  const acting = useActing();
  const v = draft.values;
  const checked = check(v);
  if (saved) return <Done saved={saved} again={() => { setSaved(null); setTried(false); setForm(newKey()); }} />;

  const save = async () => {
    setTried(true);
    setNeed(checked.enough ? "" : say("new.need"));
    if (!checked.enough || checked.lossError || checked.timeError || checked.bankErrors.some(Boolean)) return;
    const body = {
      accounts: checked.accounts, channel: v.channel, contact: v.contact, country: v.country, currency: checked.lossText ? v.currency : "",
      happened_at: v.happened_at, id: v.id, loss: checked.lossText, phones: v.phones, reported_at: "", story: v.story, transfers: v.transfers,
      urls: v.urls, victim: v.victim, ...(v.accord ? { accord: v.accord } : {}),
    };
    // The form's own key goes into what is compared: two equal reports typed one after the other are two.
    await acting.run(form + JSON.stringify(body), async (key) => {
      const answer = await send<Saved>("POST", "/reports", body, { key });
      draft.clear();
      setSaved(answer);
    });
  };
  return (
    <form class="card typing" onSubmit={(e) => { e.preventDefault(); void save(); }}
      onKeyDown={(e) => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) { e.preventDefault(); void save(); } }}>
      <h1>{say("new.title")}</h1>
      <p>{say("new.words")} <span class="soft">{say("new.keys")}</span></p>
      <Failed words={need || acting.error} />
      <Accounts v={v} checked={checked} tried={tried} set={draft.set} />
      <div class="row">
        <Field label={say("new.loss")} value={v.loss} mode="decimal" onText={(t) => draft.set("loss", t)} error={checked.lossError}
          echo={checked.lossEcho ? say("new.echo", { amount: checked.lossEcho }) : undefined} />
        <Choice narrow label={say("new.currency")} value={v.currency} onText={(t) => draft.set("currency", t)}
          options={Object.keys(digits.value).map((c) => ({ value: c, words: c }))} />
        <Field label={say("new.happened")} hint={say("new.happened.hint", { zone: zone.value })} value={v.happened_at}
          onText={(t) => draft.set("happened_at", t)} error={tried ? checked.timeError : undefined} />
      </div>
      <div class="row">
        <Field label={say("new.victim")} hint={say("new.victim.hint")} value={v.victim} onText={(t) => draft.set("victim", t)} />
        <Field label={say("new.contact")} value={v.contact} onText={(t) => draft.set("contact", t)} />
      </div>
      <Field label={say("new.story")} rows={4} value={v.story} onText={(t) => draft.set("story", t)} />
      <More v={v} set={draft.set} />
      <Under kind="report" value={v.accord} onText={(t) => draft.set("accord", t)} />
      <button type="submit" class="solid" disabled={acting.busy}>{acting.busy ? say("new.wait") : say("new.save")}</button>
      <DraftNote draft={draft} />
    </form>
  );
}
