// What is typed is kept at once, until it is saved or the user logs out. The victim's own words lie in
// the tab's storage only: they are gone with the tab, whatever happens.
import { useEffect, useState } from "preact/hooks";
import { session } from "./session";

const PREFIX = "moei.draft.";
const VICTIMS_WORDS = new Set(["victim", "story", "contact", "phones", "text"]);

function read(store: Storage, key: string): Record<string, string> {
  try {
    const value: unknown = JSON.parse(store.getItem(key) ?? "{}");
    return typeof value === "object" && value !== null ? (value as Record<string, string>) : {};
  } catch {
    return {};
  }
}

function keyOf(name: string): string {
  return `${PREFIX}${session.value?.user ?? ""}.${name}`;
}

export type Texts = Record<string, string>;

export interface Draft<T extends Texts> {
  values: T;
  other: T | null; // what another window typed since
  typed: boolean;
  set: (name: keyof T & string, text: string) => void;
  takeOther: () => void;
  keepMine: () => void;
  clear: () => void;
}

function load<T extends Texts>(key: string, empty: T): T {
  const kept = { ...read(localStorage, key), ...read(sessionStorage, key) };
  const values: Texts = { ...empty };
  for (const name of Object.keys(empty)) if (typeof kept[name] === "string") values[name] = kept[name];
  return values as T;
}

function save(key: string, values: Texts, empty: Texts): void {
  const open: Texts = {};
  const own: Texts = {};
  for (const [name, text] of Object.entries(values)) {
    if (text === (empty[name] ?? "")) continue;
    (VICTIMS_WORDS.has(name) ? own : open)[name] = text;
  }
  for (const [store, texts] of [[localStorage, open], [sessionStorage, own]] as const) {
    if (Object.keys(texts).length) store.setItem(key, JSON.stringify(texts));
    else store.removeItem(key);
  }
}

export function useDraft<T extends Texts>(name: string, empty: T): Draft<T> {
  const key = keyOf(name);
  const [values, setValues] = useState<T>(() => load(key, empty));
  const [other, setOther] = useState<T | null>(null);
  useEffect(() => {
    const heard = (e: StorageEvent) => {
      if (e.key === key && e.newValue !== null && e.storageArea === localStorage) setOther(load(key, empty));
    };
    window.addEventListener("storage", heard);
    return () => window.removeEventListener("storage", heard);
  }, [key]);
  const put = (next: T) => {
    save(key, next, empty);
    setValues(next);
    setOther(null);
  };
  return {
    values, other,
    typed: Object.keys(values).some((k) => values[k] !== empty[k]),
    set: (field, text) => {
      setValues((v) => {
        const next = { ...v, [field]: text };
        save(key, next, empty);
        return next;
      });
    },
    takeOther: () => { if (other) put(other); },
    keepMine: () => put(values),
    clear: () => put(empty),
  };
}

// All drafts, at log-out; or those of other users, at log-in.
export function dropDrafts(butOf?: string): void {
  for (const store of [localStorage, sessionStorage])
    for (const key of Object.keys(store))
      if (key.startsWith(PREFIX) && (butOf === undefined || !key.startsWith(`${PREFIX}${butOf}.`))) store.removeItem(key);
}
