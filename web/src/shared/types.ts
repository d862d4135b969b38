// The shapes of docs/api.md.
import type { AccountName } from "./format";

export interface Session {
  acts: string[];
  agency: { country: string; id: string; kind: string; name: string; title: string; timezone: string };
  csrf: string;
  currencies: Record<string, number>;
  demo: boolean;
  expires_at: string;
  institutions: Record<string, string>;
  must_change_password: boolean;
  officer: string;
  purpose: string;
  role: string;
  user: string;
  version: string;
}
export interface List<T> {
  items: T[];
  next: string | null;
}
export interface Flag {
  account: string;
  reports: number;
  what: string;
  words: string;
}
export interface Report {
  accounts: AccountName[];
  case_id: string | null;
  channel: string | null;
  country: string | null;
  currency: string | null;
  duplicate: boolean;
  flags: Flag[];
  happened_at: string | null;
  id: string;
  loss: number | null;
  name: string;
  phones?: string[];
  record: string;
  reported_at: string;
  seeds: string[];
  standing: Standing;
  story?: string | null;
  transfers: string[];
  urls?: string[];
  victim?: string | null;
  victim_url?: string | null;
}
export type Standing = "claimed" | "bank" | "police";
export interface ReportShort {
  currency: string | null;
  id: string;
  loss: number | null;
  record: string;
  seeded: boolean;
  standing: Standing;
}
export interface Proposal {
  amount: number;
  booked_at: string;
  credited_amount: number;
  credited_currency: string;
  currency: string;
  from: AccountName;
  picked: boolean;
  score: number;
  to: AccountName;
  transfer: string;
  why: string;
}
export interface Match {
  from: string;
  items: Proposal[];
  more: boolean;
  picked: string[];
  report: string;
  until: string;
}
export interface Case {
  agency?: string;
  at: string;
  claimants?: { id: string; reports: string[] }[];
  closed_at: string | null;
  id: string;
  officer?: string | null;
  open: boolean;
  orders?: OrderShort[];
  reason: string | null;
  refused?: unknown[];
  report_count?: number;
  reports?: ReportShort[];
  title: string;
}
export type OrderState =
  | "draft" | "issued" | "received" | "executed" | "partly" | "adopted" | "refused"
  | "withdrawn" | "released" | "superseded" | "settled" | "lapsed" | "void";
// What became of a request that was adopted, as the other agency told last.
export interface Told {
  at: string;
  ends_at: string | null;
  held: number;
  is_over: boolean;
  outcome: string | null;
  over: string | null;
}
export interface OrderShort {
  account: AccountName;
  addressee: { country: string; institution: string; kind: string; name: string };
  adopts: string | null; // the request that it adopts
  adopts_state: string | null; // state of that request
  agency: string;
  agency_name: string;
  appeal: string;
  asked: number;
  at: string;
  box: string | null; // in: to us; out: ours
  case_id: string | null;
  currency: string;
  due: string | null;
  due_at: string | null;
  ends_at: string | null;
  executed: number;
  flags: Flag[];
  held: number;
  id: string;
  issued_at: string | null;
  level: number | null;
  night: boolean;
  not_confirmed: boolean;
  number: string;
  order: string;
  overdue: boolean;
  persons: number;
  policy: string;
  replaces: string | null;
  review_overdue?: boolean;
  report: string | null;
  request: boolean;
  rule: string | null;
  state: OrderState;
  told: Told | null;
  trace: string | null;
  unanswered: boolean;
  waits: string | null;
  warn_at: string | null;
  words: string;
}
export interface OrderEvent {
  act: string;
  agency: string;
  agency_name: string;
  amount: number | null;
  at: string;
  code: string | null;
  document: string | null;
  effect: string;
  ends_at: string | null;
  happened_at: string | null;
  id: string;
  note: string | null;
  officer: string | null;
  officer_name?: string | null;
  on_behalf_of: string | null;
  outcome: string | null;
  party: string;
}
export interface Allowed {
  act: string;
  outcomes: string[];
  party: string;
  words: string;
}
export interface Law {
  ends_at: string | null;
  ground: string;
  id: string;
  standing: string;
  term: string | null;
}
export interface Order extends OrderShort {
  allowed: Allowed[];
  balance: number | null;
  contact: { desk: string; email: string; hours: string; phone: string } | null;
  covered: number | null;
  events: OrderEvent[];
  law: Record<string, string | null> | null;
  laws: Law[];
  letter: string | null;
  note: string | null;
  pack: string | null;
  queued_behind: string[];
  tags: { amount: number; report: string }[];
}
export interface LeftOut {
  account: AccountName | string;
  amount: number | null;
  currency: string | null;
  why: string;
  words: string;
}
export interface Proposed {
  created: Order[];
  flags: Flag[];
  left_out: LeftOut[];
}
export interface BadRow {
  column: string;
  line: number;
  reason: string;
}
