// Starts the pages: asks who is there, then shows the page of the address.
import { Component, render, type ComponentChildren, type ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { effect } from "@preact/signals";
import "../shared/tokens.css";
import "../shared/page.css";
import "../shared/parts.css";
import { Frame } from "./frame";
import { lazyPart } from "./lazy";
import { PAGES, type PageProps, type PageRow } from "./pages";
import { forgetAnswers, reasonOf, whoAmI } from "../shared/api";
import { startEvents, stopEvents } from "../shared/events";
import { say } from "../shared/messages";
import { go, matchPath, place, watchLinks, type Params } from "../shared/router";
import { may, session } from "../shared/session";
import { Failed, Toasts, Waiting } from "../shared/ui";
import { signal } from "@preact/signals";

const failed = signal("");
const parts = new Map<PageRow, ComponentType<PageProps>>();

function partOf(row: PageRow): ComponentType<PageProps> {
  const part = parts.get(row) ?? lazyPart<PageProps>(row.load);
  parts.set(row, part);
  return part;
}

// The first row that fits wins: fixed words stand before parameters in the table.
function find(path: string): { row: PageRow; params: Params } | null {
  for (const row of PAGES) {
    const params = matchPath(row.path, path);
    if (params) return { row, params };
  }
  return null;
}

class Boundary extends Component<{ children: ComponentChildren }, { error: string }> {
  override state = { error: "" };
  override componentDidCatch(e: unknown): void {
    this.setState({ error: reasonOf(e) });
  }
  override render() {
    if (this.state.error) return <Failed words={say("page.broken", { reason: this.state.error })} again={() => location.reload()} />;
    return this.props.children;
  }
}

let shownBefore = false;
function Shown({ row, params }: { row: PageRow; params: Params }) {
  const Part = partOf(row);
  useEffect(() => {
    document.title = row.desk ? `${say(`desk.${row.desk}`)} · ${say("page.title")}` : say("page.title");
    window.scrollTo(0, 0);
    const held = document.activeElement;
    const came = shownBefore;
    shownBefore = true;
    // A field that asked for the focus keeps it; else listeners hear the new page from its beginning.
    // What the browser itself opened begins at the top.
    if (came && (held === null || held === document.body || held.tagName === "A")) document.getElementById("main")?.focus();
  }, [row, JSON.stringify(params)]);
  return <Part params={params} key={JSON.stringify(params)} />;
}

function Whole() {
  const found = find(place.value.path);
  const who = session.value;
  const row = found?.row ?? null;
  if (failed.value) return <main><Failed words={failed.value} again={() => void start()} /></main>;
  if (who === undefined) return <main><Waiting /></main>;
  if (who === null && !row?.open) return <main><Waiting /></main>;
  let body: ComponentChildren;
  if (!found) body = <p class="card">{say("page.none")}</p>;
  else if (found.row.act && !may(found.row.act)) body = <p class="card">{say("page.denied", { act: found.row.act })}</p>;
  else body = <Shown row={found.row} params={found.params} />;
  return (
    <>
      <Frame row={row}><Boundary key={place.value.path}>{body}</Boundary></Frame>
      <Toasts />
    </>
  );
}

async function start(): Promise<void> {
  failed.value = "";
  try {
    await whoAmI();
  } catch (e) {
    failed.value = say("load.failed", { reason: reasonOf(e) });
  }
}

effect(() => {
  if (session.value === null) {
    stopEvents();
    forgetAnswers();
    const at = place.value.path;
    if (at !== "/login") go(`/login?to=${encodeURIComponent(at + location.search)}`, true);
  } else if (session.value?.must_change_password) {
    if (place.value.path !== "/login") go("/login", true);
  } else if (session.value) {
    startEvents();
  }
});

watchLinks((path) => find(path) !== null);
const root = document.getElementById("page");
if (root) render(<Whole />, root);
void start();
