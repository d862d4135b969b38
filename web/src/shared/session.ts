// Who is logged in, and what that lets the pages show. Null: nobody; undefined: not asked yet.
import { computed, effect, signal } from "@preact/signals";
import { accountKey, type AccountName, type Calendar, type Digits } from "./format";
import type { Session } from "./types";

export const session = signal<Session | null | undefined>(undefined);
export const zone = computed(() => session.value?.agency.timezone ?? "UTC");
export const digits = computed<Digits>(() => session.value?.currencies ?? {});

export function may(act: string): boolean {
  return session.value?.acts.includes(act) ?? false;
}

export function institutionName(country: string, institution: string): string {
  return session.value?.institutions[`${country}/${institution}`] ?? `${country}/${institution}`;
}

export function accountWords(a: AccountName): string {
  return a.institution ? `${a.account} at ${institutionName(a.country, a.institution)}` : a.account || accountKey(a);
}

function kept(name: string, fallback: string): string {
  try {
    return localStorage.getItem(name) ?? fallback;
  } catch {
    return fallback;
  }
}

// Choices of this device, not of the user: no harm when they outlive the session.
export const calendar = signal<Calendar>(kept("moei.dates", "ce") === "be" ? "be" : "ce");
export const theme = signal(kept("moei.theme", "auto"));
export const singleKeys = signal(kept("moei.keys", "on") === "on");

effect(() => {
  localStorage.setItem("moei.dates", calendar.value);
  localStorage.setItem("moei.theme", theme.value);
  localStorage.setItem("moei.keys", singleKeys.value ? "on" : "off");
  document.documentElement.dataset["theme"] = theme.value;
});

// The server's clock, learnt from its answers: legal clocks do not follow a tablet that is wrong.
let offset = 0;
export const now = signal(Date.now());
export function heardDate(header: string | null): void {
  const at = header ? Date.parse(header) : NaN;
  if (Number.isNaN(at)) return;
  const difference = at - Date.now();
  if (Math.abs(difference - offset) > 2000) {
    offset = difference;
    now.value = Date.now() + offset;
  }
}
setInterval(() => { now.value = Date.now() + offset; }, 15000);
