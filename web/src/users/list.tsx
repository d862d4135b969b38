// Users: who there is, a new one, a changed one, a new password shown once.
import { useState } from "preact/hooks";
import { send } from "../shared/api";
import { useData } from "../shared/data";
import { Act, Choice, Field } from "../shared/fields";
import { pathOf } from "../shared/router";
import { may } from "../shared/session";
import { Table, type Column } from "../shared/table";
import type { List } from "../shared/types";
import { Dialog, Failed, Panel, toast, Waiting, When } from "../shared/ui";
import type { Roles } from "./roles";
import { say } from "./words";

interface User {
  active: boolean;
  clearance: string;
  created_at: string;
  last_login_at: string | null;
  name: string;
  officer: string;
  role: string;
}
interface Secret {
  user: string;
  password: string;
}
const CLEARANCES = ["GREEN", "AMBER", "AMBER+STRICT", "RED"];

function Once({ secret, onClose }: { secret: Secret; onClose: () => void }) {
  return (
    <Dialog title={say("password.title", { user: secret.user })} onClose={onClose}>
      <p><code class="secret">{secret.password}</code></p>
      <p>{say("password.words", { user: secret.user })}</p>
      <div class="buttons"><button type="button" class="solid" onClick={onClose}>{say("password.gone")}</button></div>
    </Dialog>
  );
}

function RoleFields({ roles, role, clearance, set }: { roles: Roles; role: string; clearance: string; set: (role: string, clearance: string) => void }) {
  return (
    <div class="row">
      <Choice label={say("role")} value={role} onText={(t) => set(t, clearance)} options={roles.roles.map((r) => ({ value: r.role, words: r.words }))} />
      <Choice label={say("clearance")} value={clearance} onText={(t) => set(role, t)} options={CLEARANCES.map((c) => ({ value: c, words: c }))} />
    </div>
  );
}

function roleWords(roles: Roles, role: string): string {
  return roles.roles.find((r) => r.role === role)?.words ?? role;
}

function Change({ u, roles, onDone, onSecret }: { u: User; roles: Roles; onDone: () => void; onSecret: (s: Secret) => void }) {
  const [v, setV] = useState({ role: u.role, clearance: u.clearance, active: u.active });
  const path = pathOf("users", u.name);
  return (
    <>
      <RoleFields roles={roles} role={v.role} clearance={v.clearance} set={(role, clearance) => setV({ ...v, role, clearance })} />
      <p><label><input type="checkbox" checked={v.active} onChange={(e) => setV({ ...v, active: e.currentTarget.checked })} /> {say("change.active")}</label></p>
      <Act label={say("change.save")} danger={!v.active} what={`change ${u.name} ${JSON.stringify(v)}`}
        sentence={say("change.does", { user: u.name, role: roleWords(roles, v.role), clearance: v.clearance, active: say(v.active ? "change.may" : "change.maynot") })}
        run={async (key) => { await send("PATCH", path, v, { key }); toast(say("changed")); }} onDone={onDone} />
      <Act label={say("password.button")} sentence={say("password.does", { user: u.name })} what={`password ${u.name}`}
        run={async (key) => onSecret({ user: u.name, password: (await send<{ password: string }>("POST", `${path}/password`, undefined, { key })).password })} />
    </>
  );
}

function Add({ roles, onDone, onSecret }: { roles: Roles; onDone: () => void; onSecret: (s: Secret) => void }) {
  const [v, setV] = useState({ name: "", role: roles.roles[0]?.role ?? "", clearance: "AMBER+STRICT" });
  const body = { ...v, name: v.name.trim() };
  return (
    <details class="card">
      <summary>{say("add.title")}</summary>
      <Field label={say("add.name")} hint={say("add.name.hint")} value={v.name} onText={(name) => setV({ ...v, name })} required />
      <RoleFields roles={roles} role={v.role} clearance={v.clearance} set={(role, clearance) => setV({ ...v, role, clearance })} />
      <Act label={say("add.button")} sentence={say("add.does", { user: body.name || "…", role: roleWords(roles, v.role) })} what={`add ${JSON.stringify(body)}`} disabled={!body.name}
        run={async (key) => {
          const made = await send<{ password: string; user: User }>("POST", "/users", body, { key });
          onSecret({ user: made.user.name, password: made.password });
          setV({ ...v, name: "" });
        }} onDone={onDone} />
    </details>
  );
}

export function UsersPart() {
  const list = useData<List<User>>("/users", ["officer"]);
  const roles = useData<Roles>("/roles", ["none"]);
  const [open, setOpen] = useState("");
  const [secret, setSecret] = useState<Secret | null>(null);
  const writes = may("user.write");
  if (!list.data || !roles.data) return list.busy || roles.busy ? <Waiting /> : <Failed words={list.error || roles.error} again={list.error ? list.reload : roles.reload} />;
  const known = roles.data;
  const chosen = list.data.items.find((u) => u.name === open);
  const columns: readonly Column<User>[] = [
    { key: "user", head: say("user"), text: (u) => u.name,
      cell: (u) => (writes ? <button type="button" class="plain" onClick={() => setOpen(u.name)}>{u.name}<span class="unseen">: {say("change")}</span></button> : u.name) },
    { key: "role", head: say("role"), cell: (u) => roleWords(known, u.role), text: (u) => u.role },
    { key: "clearance", head: say("clearance"), cell: (u) => u.clearance, text: (u) => u.clearance },
    { key: "active", head: say("active"), cell: (u) => say(u.active ? "yes" : "no"), text: (u) => say(u.active ? "yes" : "no") },
    { key: "last", head: say("last"), cell: (u) => (u.last_login_at ? <When at={u.last_login_at} /> : say("never")), text: (u) => u.last_login_at ?? "" },
    { key: "created", head: say("created"), cell: (u) => <When at={u.created_at} />, text: (u) => u.created_at },
  ];
  return (
    <div class={chosen ? "with-panel" : undefined}>
      <div class="list-side">
        <section class="card"><Table name="users" caption={say("users.caption")} columns={columns} rows={list.data.items} rowKey={(u) => u.name} selected={open} /></section>
        {writes && <Add roles={known} onDone={list.reload} onSecret={setSecret} />}
      </div>
      {chosen && (
        <Panel title={say("change.title", { user: chosen.name })} onClose={() => setOpen("")}>
          <Change key={chosen.name + String(chosen.active) + chosen.role} u={chosen} roles={known} onDone={list.reload} onSecret={setSecret} />
        </Panel>
      )}
      {secret && <Once secret={secret} onClose={() => { setSecret(null); list.reload(); }} />}
    </div>
  );
}
