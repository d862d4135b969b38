// What one may do for oneself: the password, tokens for programs.
import { useState } from "preact/hooks";
import { send } from "../shared/api";
import { useActing, useData } from "../shared/data";
import { Act, Field } from "../shared/fields";
import { asciiDigits } from "../shared/format";
import { session } from "../shared/session";
import { Table, type Column } from "../shared/table";
import type { List } from "../shared/types";
import { Card, Facts, Failed, toast, When } from "../shared/ui";
import { say } from "./words";

interface Token {
  created_at: string;
  expires_at: string | null;
  id: number;
  last_used_at: string | null;
  name: string;
  purpose: string;
  user: string;
}

function Password() {
  const [v, setV] = useState({ old: "", fresh: "", again: "" });
  const acting = useActing();
  const differ = v.again !== "" && v.fresh !== v.again;
  const change = () => acting.run(`password ${Date.now()}`, async (key) => {
    await send("POST", "/session/password", { new: v.fresh, old: v.old }, { key });
    setV({ old: "", fresh: "", again: "" });
    toast(say("own.changed"));
  });
  return (
    <Card title={say("own.password")}>
      <form onSubmit={(e) => { e.preventDefault(); void change(); }}>
        <input class="unseen" type="text" autoComplete="username" value={session.value?.user ?? ""} readOnly tabIndex={-1} aria-hidden="true" />
        <Field label={say("own.old")} type="password" auto="current-password" value={v.old} onText={(old) => setV({ ...v, old })} required />
        <Field label={say("own.new")} hint={say("own.new.hint")} type="password" auto="new-password" value={v.fresh} onText={(fresh) => setV({ ...v, fresh })} required />
        <Field label={say("own.again")} type="password" auto="new-password" value={v.again} onText={(again) => setV({ ...v, again })} required error={differ ? say("own.differ") : undefined} />
        <Failed words={acting.error} />
        <button type="submit" class="solid" disabled={acting.busy || !v.old || !v.fresh || v.fresh !== v.again}>{say("own.change")}</button>
      </form>
    </Card>
  );
}

function Tokens() {
  const list = useData<List<Token>>("/tokens", ["none"]);
  const [name, setName] = useState("");
  const [days, setDays] = useState("30");
  const [shown, setShown] = useState("");
  const acting = useActing();
  const count = Number(asciiDigits(days.trim()));
  const body = { days: count, name: name.trim(), purpose: session.value?.purpose ?? "" };
  const revoke = (t: Token) => acting.run(`revoke ${t.id}`, async (key) => {
    await send("DELETE", `/tokens/${t.id}`, undefined, { key });
    toast(say("token.revoked"));
    list.reload();
  });
  const columns: readonly Column<Token>[] = [
    { key: "name", head: say("token.name"), cell: (t) => t.name, text: (t) => t.name },
    { key: "purpose", head: say("token.purpose"), cell: (t) => t.purpose, text: (t) => t.purpose },
    { key: "expires", head: say("token.expires"), cell: (t) => <When at={t.expires_at} />, text: (t) => t.expires_at ?? "" },
    { key: "used", head: say("token.used"), cell: (t) => (t.last_used_at ? <When at={t.last_used_at} /> : say("never")), text: (t) => t.last_used_at ?? "" },
    { key: "end", head: say("token.revoke"), text: () => "", cell: (t) => <button type="button" class="chip" disabled={acting.busy} onClick={() => void revoke(t)}>{say("token.revoke")}<span class="unseen"> {t.name}</span></button> },
  ];
  return (
    <Card title={say("tokens.title")} id="tokens">
      <p>{say("tokens.words")}</p>
      <Failed words={list.error || acting.error} />
      {list.data && <Table name="tokens" caption={say("tokens.caption")} columns={columns} rows={list.data.items} rowKey={(t) => String(t.id)} empty={say("tokens.none")} />}
      {shown && <p class="note" role="status">{say("token.shown")} <code class="secret">{shown}</code></p>}
      <div class="row">
        <Field label={say("token.name")} value={name} onText={setName} />
        <Field label={say("token.days")} hint={say("token.days.hint")} value={days} onText={setDays} mode="numeric" narrow />
      </div>
      <Act label={say("token.button")} sentence={say("token.does", { days })} what={`token ${JSON.stringify(body)} ${list.data?.items.length ?? 0}`} disabled={!body.name || !Number.isInteger(count) || count < 1}
        run={async (key) => { setShown((await send<{ token: string }>("POST", "/tokens", body, { key })).token); setName(""); }} onDone={list.reload} />
    </Card>
  );
}

export function OwnPart() {
  const who = session.value;
  if (!who) return null;
  return (
    <>
      <Card title={say("own.facts")}>
        <Facts rows={[[say("user"), who.user], [say("role"), who.role], [say("own.purpose"), who.purpose], [say("own.acts"), who.acts.join(", ")]]} />
      </Card>
      <Password />
      <Tokens />
    </>
  );
}
