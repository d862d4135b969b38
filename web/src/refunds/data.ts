// The shapes of docs/api.md, section 8.
import { amountText, type AccountName } from "../shared/format";
import { digits } from "../shared/session";
import { say } from "./words";

export interface Rate {
  date: string;
  denominator: number;
  from: string;
  numerator: number;
  source: string;
  to: string;
}
export interface Claim {
  claim: number;
  loss: number;
  refunded: number;
  report: string;
  reports: string[];
}
export interface Pot {
  account: AccountName;
  amount: number;
  order: string;
  tags: { amount: number; report: string }[];
}
export interface Sharing {
  claims: Claim[];
  currency: string;
  pots: Pot[];
  total: number;
}
export interface Aside {
  order?: string | null;
  report?: string | null;
  why: string;
  words: string;
}
export interface RefundLaw {
  claims_days: number | null;
  country: string;
  note: string;
  notice_days: number | null;
  rule: string | null;
  source: string;
  standing: string;
}
export interface Comparison {
  currencies: (Sharing & { rules: { rule: string; shares: number[]; unassigned: number }[] })[];
  law: RefundLaw[] | RefundLaw | null;
  left_out: Aside[];
  waiting: Aside[];
}
export interface Pay {
  account: AccountName;
  amount: number;
  order: string;
  paid?: number;
  report: string;
}
export interface Planned extends Sharing {
  pays: Pay[];
  shares: number[];
  unassigned: number;
}
export interface Paid {
  account: AccountName;
  amount: number;
  at: string;
  currency: string;
  id: string;
  reference: string;
  report: string;
}
export interface Plan {
  at: string;
  case_id: string;
  currencies: Planned[];
  exports: { csv: string; html: string; xlsx: string };
  hash: string;
  id: string;
  law: RefundLaw[] | RefundLaw | null;
  left_out: Aside[];
  needs_signatures: number;
  officer: string | null;
  paid: Paid[];
  rule: string;
  signers: { at: string; name: string; officer: string }[];
  state: string;
  void_because: string | null;
  waiting: Aside[];
}
export interface PlanShort {
  at: string;
  case_id: string;
  currencies: { currency: string; total: number; unassigned: number }[];
  id: string;
  needs_signatures: number;
  rule: string;
  signers: unknown[];
  state: string;
}

export const REFUND_NEWS = ["refund_plan", "refund_sign", "refund_paid", "order_act", "transfer_pick"];
// The law names some rules by the words of tracing.
const LAW_NAMES: Record<string, string> = { fifo: "by_trace", pro_rata: "pro_rata_loss" };

export function lawsOf(law: Comparison["law"]): RefundLaw[] {
  return law === null ? [] : Array.isArray(law) ? law : [law];
}

export function lawFor(laws: readonly RefundLaw[], rule: string): RefundLaw | undefined {
  return laws.find((l) => l.rule !== null && (LAW_NAMES[l.rule] ?? l.rule) === rule);
}

export function ruleWords(rule: string): string {
  const key = `rule.${LAW_NAMES[rule] ?? rule}`;
  return say.has(key) ? say(key) : rule;
}

export function stateWords(state: string): string {
  const key = `state.${state}`;
  return say.has(key) ? say(key) : state;
}

export function sum(list: readonly number[]): number {
  return list.reduce((a, b) => a + b, 0);
}

export function sumsText(list: readonly { currency: string; total: number; unassigned: number }[]): string {
  return list.map((c) => say("one.sum", {
    shared: amountText(c.total - c.unassigned, c.currency, digits.value), total: amountText(c.total, c.currency, digits.value),
  })).join(", ");
}
