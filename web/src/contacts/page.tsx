// Whom to call at an institution: found by name, noted by those who keep them.
import { useState } from "preact/hooks";
import { send } from "../shared/api";
import { useActing, useData } from "../shared/data";
import { Field } from "../shared/fields";
import { countryName } from "../shared/format";
import { institutionName, may, session } from "../shared/session";
import { Table, type Column } from "../shared/table";
import type { List } from "../shared/types";
import { Failed, toast, Waiting } from "../shared/ui";
import { say } from "./words";

interface Contact {
  country: string;
  desk: string | null;
  email: string | null;
  hours: string | null;
  id: string;
  institution: string;
  language: string | null;
  note: string | null;
  phone: string | null;
}

const name = (c: Contact) => institutionName(c.country, c.institution);
const columns: readonly Column<Contact>[] = [
  { key: "institution", head: say("institution"), cell: name, text: name },
  { key: "desk", head: say("desk"), cell: (c) => c.desk, text: (c) => c.desk ?? "" },
  { key: "phone", head: say("phone"), cell: (c) => c.phone && <a href={`tel:${c.phone}`}>{c.phone}</a>, text: (c) => c.phone ?? "" },
  { key: "email", head: say("email"), cell: (c) => c.email && <a href={`mailto:${c.email}`}>{c.email}</a>, text: (c) => c.email ?? "" },
  { key: "hours", head: say("hours"), cell: (c) => c.hours, text: (c) => c.hours ?? "" },
  { key: "language", head: say("language"), cell: (c) => c.language, text: (c) => c.language ?? "" },
  { key: "country", head: say("country"), cell: (c) => countryName(c.country), text: (c) => c.country },
  { key: "note", head: say("note"), cell: (c) => c.note, text: (c) => c.note ?? "" },
];

// "Kasikornbank (TH/004)", a key or a name, as its key.
function institutionOf(text: string): string | null {
  const known = session.value?.institutions ?? {};
  const typed = text.trim();
  const inside = /\(([A-Z]{2}\/[^)]+)\)$/.exec(typed)?.[1];
  if (inside && inside in known) return inside;
  if (typed.toUpperCase() in known) return typed.toUpperCase();
  const fits = Object.entries(known).filter(([, n]) => n.toLowerCase() === typed.toLowerCase());
  return fits.length === 1 ? (fits[0]?.[0] ?? null) : null;
}

const EMPTY = { institution: "", desk: "", phone: "", email: "", hours: "", language: "", note: "" };
const FIELDS = ["desk", "phone", "email", "hours", "language", "note"] as const;

function NewContact({ onDone }: { onDone: () => void }) {
  const [v, setV] = useState(EMPTY);
  const [tried, setTried] = useState(false);
  const acting = useActing();
  const key = institutionOf(v.institution);
  const reached = v.phone.trim() !== "" || v.email.trim() !== "";
  const save = () => {
    setTried(true);
    if (!key || !reached) return;
    const body = { ...v, country: key.slice(0, 2), institution: key.slice(3) };
    void acting.run(JSON.stringify(body), async (k) => {
      await send("POST", "/contacts", body, { key: k });
      toast(say("saved"));
      setV(EMPTY);
      setTried(false);
      onDone();
    });
  };
  return (
    <details class="card">
      <summary>{say("add")}</summary>
      <form onSubmit={(e) => { e.preventDefault(); save(); }}>
        <Field label={say("institution")} hint={say("institution.hint")} value={v.institution} list="known-institutions" onText={(t) => setV({ ...v, institution: t })}
          error={tried && !key ? say("institution.bad") : undefined} echo={key ?? undefined} />
        <datalist id="known-institutions">
          {Object.entries(session.value?.institutions ?? {}).map(([k, n]) => <option key={k} value={`${n} (${k})`} />)}
        </datalist>
        <div class="row">
          {FIELDS.map((f) => <Field key={f} label={say(f)} value={v[f]} mode={f === "phone" ? "tel" : undefined} onText={(t) => setV({ ...v, [f]: t })} />)}
        </div>
        {tried && !reached && <p class="field-error">{say("need")}</p>}
        <Failed words={acting.error} />
        <button type="submit" class="solid" disabled={acting.busy}>{say("save")}</button>
      </form>
    </details>
  );
}

export default function ContactsPage() {
  const list = useData<List<Contact>>("/contacts", ["contact"]);
  const [only, setOnly] = useState("");
  const rows = list.data?.items.filter((c) => `${name(c)} ${c.country}/${c.institution}`.toLowerCase().includes(only.trim().toLowerCase()));
  return (
    <>
      <h1>{say("title")}</h1>
      <p>{say("words")}</p>
      <Failed words={list.error} again={list.reload} />
      {!rows && list.busy && <Waiting />}
      {rows && (
        <section class="card">
          <Field label={say("filter")} type="search" value={only} onText={setOnly} />
          <Table name="contacts" caption={say("caption")} columns={columns} rows={rows} rowKey={(c) => c.id} empty={say("none")} />
        </section>
      )}
      {may("contact.write") && <NewContact onDone={list.reload} />}
    </>
  );
}
