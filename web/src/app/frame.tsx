// The frame around each page: rail, top line, keys, the way in and out.
import { useEffect, useState } from "preact/hooks";
import { lazyPart } from "./lazy";
import { PAGES } from "./pages";
import { forgetAnswers, send } from "../shared/api";
import { dropDrafts } from "../shared/drafts";
import { stopEvents, tellOut } from "../shared/events";
import { say } from "../shared/messages";
import { go, place } from "../shared/router";
import { calendar, may, session, singleKeys, theme } from "../shared/session";
import { escapeOnce, toast } from "../shared/ui";
import type { PageRow } from "./pages";
import type { ComponentChildren } from "preact";

const Finder = lazyPart(() => import("../finder/finder"));
const Links = lazyPart(() => import("../exchange/links"), true);
const Keys = lazyPart(() => import("../finder/keys"));

export async function logOut(): Promise<void> {
  try {
    await send("DELETE", "/session");
  } catch (e) {
    toast(e instanceof Error ? e.message : String(e));
    return;
  }
  dropDrafts();
  forgetAnswers();
  stopEvents();
  tellOut();
  session.value = null;
  go("/login");
}

function Rail({ desk, onGone }: { desk: PageRow["desk"]; onGone: () => void }) {
  return (
    <nav class="rail" id="rail" aria-label={say("desk.list")}>
      <ul>
        {PAGES.filter((p) => p.rail && p.desk && (p.act === "" || may(p.act))).map((p) => p.desk && (
          <li key={p.path}><a href={p.path} aria-current={p.desk === desk ? "page" : undefined} onClick={onGone}>{say(`desk.${p.desk}`)}</a></li>
        ))}
      </ul>
      {session.value?.demo && <p class="soft small demo">{say("top.demo")}</p>}
    </nav>
  );
}

function Settings() {
  return (
    <>
      <label class="unseen" for="dates">{say("top.dates")}</label>
      <select id="dates" value={calendar.value} onChange={(e) => { calendar.value = e.currentTarget.value === "be" ? "be" : "ce"; }}>
        <option value="ce">{say("top.dates.ce")}</option>
        <option value="be">{say("top.dates.be")}</option>
      </select>
      <label class="unseen" for="theme">{say("top.theme")}</label>
      <select id="theme" value={theme.value} onChange={(e) => { theme.value = e.currentTarget.value; }}>
        <option value="auto">{say("top.theme.auto")}</option>
        <option value="light">{say("top.theme.light")}</option>
        <option value="dark">{say("top.theme.dark")}</option>
      </select>
    </>
  );
}

function useOnline(): boolean {
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const heard = () => setOnline(navigator.onLine);
    window.addEventListener("online", heard);
    window.addEventListener("offline", heard);
    return () => {
      window.removeEventListener("online", heard);
      window.removeEventListener("offline", heard);
    };
  }, []);
  return online;
}

// J and K walk along the rows of the page's tables and lists.
function walk(step: number): void {
  const links = [...document.querySelectorAll<HTMLElement>("main [data-row] a")];
  const at = links.findIndex((l) => l === document.activeElement);
  const next = links[at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function goUp(): void {
  const parts = place.value.path.split("/").filter(Boolean);
  if (parts.length > 1) go("/" + parts.slice(0, -1).join("/"));
  else if (parts.length === 1) go("/");
}

function useKeys(find: () => void, keys: () => void): void {
  useEffect(() => {
    const heard = (e: KeyboardEvent) => {
      if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "k") {
        e.preventDefault();
        return find();
      }
      if (e.ctrlKey || e.metaKey || e.altKey || document.querySelector("dialog[open]")) return;
      const field = e.target instanceof HTMLElement && e.target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select");
      if (e.key === "Escape" && !e.defaultPrevented) {
        if (escapeOnce()) return;
        if (field) (e.target as HTMLElement).blur();
        else goUp();
        return;
      }
      if (field || !singleKeys.value) return;
      const does: Record<string, () => void> = {
        "?": keys, "/": find, j: () => walk(1), k: () => walk(-1), n: () => { if (may("report.write")) go("/reports/new"); },
      };
      const act = does[e.key];
      if (!act) return;
      e.preventDefault();
      act();
    };
    document.addEventListener("keydown", heard);
    return () => document.removeEventListener("keydown", heard);
  }, []);
}

export function Frame({ row, children }: { row: PageRow | null; children: ComponentChildren }) {
  const [menu, setMenu] = useState(false);
  const [open, setOpen] = useState<"" | "find" | "keys">("");
  const online = useOnline();
  const who = session.value;
  useKeys(() => setOpen("find"), () => setOpen("keys"));
  if (!who) return <main id="main">{children}</main>;
  return (
    <div class={menu ? "frame menu" : "frame"}>
      <a class="skip" href="#main">{say("page.skip")}</a>
      <header class="top">
        <button type="button" class="chip menu-button" aria-expanded={menu} aria-controls="rail" onClick={() => setMenu(!menu)}>{say("top.menu")}</button>
        <span class="agency"><strong>{who.agency.title}</strong> <span class="soft">{who.agency.name}, {who.agency.country}</span></span>
        <span class="tag">{say("top.purpose", { purpose: who.purpose })}</span>
        {may("exchange.read") && <Links />}
        <span class="top-tools">
          <button type="button" class="chip" aria-keyshortcuts="Control+K" onClick={() => setOpen("find")}>{say("top.find")} <kbd>Ctrl K</kbd></button>
          <span class="later">
            <Settings />
            <button type="button" class="chip" onClick={() => setOpen("keys")}>{say("top.keys")} <kbd>?</kbd></button>
            <span class="soft small">{who.user}</span>
            <button type="button" class="chip" onClick={() => void logOut()}>{say("top.out")}</button>
          </span>
        </span>
      </header>
      {!online && <p class="offline" role="status">{say("top.offline")}</p>}
      <Rail desk={row?.desk ?? null} onGone={() => setMenu(false)} />
      <main id="main" tabIndex={-1}>{children}</main>
      {open === "find" && <Finder onClose={() => setOpen("")} />}
      {open === "keys" && <Keys onClose={() => setOpen("")} />}
    </div>
  );
}
