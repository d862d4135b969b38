// Log in: name, password, purpose. The first time with a given password: a password of one's own.
import { useState } from "preact/hooks";
import { send } from "../shared/api";
import { useActing, useData } from "../shared/data";
import { dropDrafts } from "../shared/drafts";
import { Field, Radios } from "../shared/fields";
import { go, queryText } from "../shared/router";
import { session } from "../shared/session";
import type { Session } from "../shared/types";
import { Failed } from "../shared/ui";
import { say } from "./words";

interface Entry {
  agency: { country: string; name: string; title: string };
  purposes: { purpose: string; words: string }[];
}

// Only a path of ours: a link must not lead elsewhere after the log-in.
function wayBack(): string {
  const to = queryText("to");
  return /^\/(?!\/|login)/.test(to) ? to : "/";
}

function enter(s: Session): void {
  dropDrafts(s.user);
  session.value = s;
  if (!s.must_change_password) go(wayBack(), true);
}

function PasswordChange() {
  const [old, setOld] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const [tried, setTried] = useState(false);
  const acting = useActing();
  const short = next.length < 12 ? say("new.short") : undefined;
  const differs = next !== again ? say("new.differs") : undefined;
  const submit = async () => {
    setTried(true);
    if (short || differs) return;
    await acting.run("password", async (key) => {
      await send("POST", "/session/password", { old, new: next }, { key });
      if (session.value) enter({ ...session.value, must_change_password: false });
    });
  };
  return (
    <form class="card login" onSubmit={(e) => { e.preventDefault(); void submit(); }}>
      <h1>{say("change.title")}</h1>
      <p>{say("change.words")}</p>
      <Failed words={acting.error} />
      <Field label={say("old")} type="password" auto="current-password" value={old} onText={setOld} focus required />
      <Field label={say("new")} type="password" auto="new-password" value={next} onText={setNext} hint={say("new.hint")} error={tried ? short : undefined} required />
      <Field label={say("again")} type="password" auto="new-password" value={again} onText={setAgain} error={tried ? differs : undefined} required />
      <button type="submit" class="solid" disabled={acting.busy}>{acting.busy ? say("wait") : say("change.button")}</button>
    </form>
  );
}

export default function Login() {
  const entry = useData<Entry>("/login");
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const [purpose, setPurpose] = useState(localStorage.getItem("moei.purpose") ?? "");
  const acting = useActing();
  if (session.value?.must_change_password) return <PasswordChange />;
  const purposes = entry.data?.purposes ?? [];
  const chosen = purposes.some((p) => p.purpose === purpose) ? purpose : (purposes[0]?.purpose ?? "");
  const submit = () => acting.run(`${user} ${chosen} ${password.length}`, async () => {
    const s = await send<Session>("POST", "/session", { user: user.trim(), password, purpose: chosen });
    localStorage.setItem("moei.purpose", chosen);
    enter(s);
  });
  return (
    <form class="card login" onSubmit={(e) => { e.preventDefault(); void submit(); }}>
      <h1>{say("title")} {entry.data && <span class="soft">{say("to", { agency: entry.data.agency.title })}</span>}</h1>
      <Failed words={entry.error} again={entry.reload} />
      <Failed words={acting.error} />
      <Field label={say("user")} name="user" auto="username" value={user} onText={setUser} focus required />
      <Field label={say("password")} name="password" type="password" auto="current-password" value={password} onText={setPassword} required />
      <Radios label={say("purpose")} name="purpose" value={chosen} onText={setPurpose}
        options={purposes.map((p) => ({ value: p.purpose, words: p.words, more: p.purpose }))} />
      <button type="submit" class="solid" disabled={acting.busy}>{acting.busy ? say("wait") : say("button")}</button>
    </form>
  );
}
