// The shapes of docs/page-data.md.
import type { Amount } from "../shared/format";

export interface AccountKey {
  account: string;
  country: string;
  currency: string;
  institution: string;
}
export interface Tag {
  report: string;
  amount?: number;
}
export interface TraceAccount extends AccountKey {
  arrived: number;
  balance: number;
  first_at: string;
  gone_on: number;
  level: number;
  still_there: number;
  tags: Tag[];
}
export interface TraceTransfer {
  amount: number;
  booked_at: string;
  credited: number;
  from: AccountKey;
  id: string;
  level: number;
  tags: Tag[];
  to: AccountKey;
}
export interface TraceReport {
  id: string;
  currency: string;
  loss: number | null;
  reported_at: string;
  seed: Amount[];
  left: Amount[];
  exits: Amount[];
  cost: Amount[];
}
export interface TraceLevel {
  level: number;
  account_count: number;
  accounts: number[];
  folded: number;
  still_there: Amount[];
  gone_on: Amount[];
}
export interface Trace {
  accounts: TraceAccount[];
  agency: { country: string; name: string; title: string; timezone: string };
  case: { id: string; title: string; reports: string[] };
  cases: { id: string; title: string; reports: number }[];
  currencies: Record<string, number>;
  institutions: Record<string, string>;
  levels: TraceLevel[];
  measured: { events: number; micros: number; transfers: number };
  notes: { belongs_to: string | null; report: string; transfer: string }[];
  reports: TraceReport[];
  rule: string;
  summary: string;
  transfers: TraceTransfer[];
  until: string | null;
}
export const RULES = ["fifo", "lifo", "pro_rata", "libr", "poison"] as const;

export function keyOf(a: AccountKey): string {
  return `${a.country}/${a.institution}/${a.account}/${a.currency}`;
}

export function institutionName(trace: Trace, a: AccountKey): string {
  return trace.institutions[`${a.country}/${a.institution}`] ?? `${a.country}/${a.institution}`;
}

export function tagSum(tags: readonly Tag[]): number {
  return tags.reduce((sum, t) => sum + (t.amount ?? 0), 0);
}
