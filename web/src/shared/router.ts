// Where the user is: the address bar is the state, so that every view can be sent as a link.
import { signal } from "@preact/signals";

export interface Place {
  path: string;
  query: URLSearchParams;
}

function read(): Place {
  return { path: decodeURI(location.pathname).replace(/(.)\/+$/, "$1"), query: new URLSearchParams(location.search) };
}

export const place = signal<Place>(read());

export function go(to: string, replace = false): void {
  if (to === location.pathname + location.search) return;
  if (replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  place.value = read();
}

// Changes some parameters and keeps the others; null takes one away.
export function setQuery(changes: Readonly<Record<string, string | null>>, replace = false): void {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  go(location.pathname + (text ? `?${text}` : ""), replace);
}

export function queryText(name: string): string {
  return place.value.query.get(name) ?? "";
}

export type Params = Readonly<Record<string, string>>;

export function matchPath(pattern: string, path: string): Params | null {
  const want = pattern.split("/");
  const have = path.split("/");
  if (want.length !== have.length) return null;
  const params: Record<string, string> = {};
  for (let i = 0; i < want.length; i++) {
    const w = want[i] ?? "";
    const h = have[i] ?? "";
    if (w.startsWith(":") && h) params[w.slice(1)] = decodeURIComponent(h);
    else if (w !== h) return null;
  }
  return params;
}

// Links inside the pages change the address without loading everything anew.
export function watchLinks(owns: (path: string) => boolean): void {
  window.addEventListener("popstate", () => { place.value = read(); });
  document.addEventListener("click", (e) => {
    if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
    const link = e.target instanceof Element ? e.target.closest("a") : null;
    if (!(link instanceof HTMLAnchorElement) || link.target || link.hasAttribute("download")) return;
    if (link.origin !== location.origin || !owns(link.pathname) || (link.hash && link.pathname === location.pathname)) return;
    e.preventDefault();
    go(link.pathname + link.search);
  });
}

export function pathOf(...parts: string[]): string {
  return "/" + parts.map(encodeURIComponent).join("/");
}
