// The shapes of `moei record show --json`.
import { say } from "./words";

export interface RecordShort {
  agency: string | null;
  at: string;
  id: string;
  kind: string | null;
  leaf: number;
  log: string;
  of: string | null;
  officer: string | null;
  state: string;
}
export interface Mark {
  handling: string;
  note: string | null;
  pap: string;
  purposes: string[];
  tlp: string;
  to: string[];
  until: string | null;
}
export interface Envelope {
  record: {
    basis: { law: string | null; purpose: string } | null;
    body: Record<string, unknown>;
    grade: { info: string; source: string } | null;
    mark: Mark;
    refs: string[];
  };
  sigs: { key: string; officer: string; sig: string }[];
}
export interface Signature {
  key: string;
  officer: string;
  state: "checked" | "key_unknown" | "other_key" | "false";
}
export interface RecordWhole extends RecordShort {
  checkpoint: string | null;
  commitment: string;
  envelope: Envelope | null;
  proof: string[];
  quoted_by: string[];
  salt: string | null;
  signatures: Signature[];
  tree_size: number;
  verified: boolean;
}

// docs/api.md, section 10: all that a check without Moei needs, also of another agency's log.
export interface LogProof {
  agency: string;
  checkpoint: string;
  cosignatures: string[];
  log_key: string;
  path: string[];
  root: string;
  size: number;
}

// docs/format-record.md, section 6.
export const KINDS = [
  "genesis", "key", "officer", "report", "seed", "case", "case_add", "case_remove", "case_close", "batch", "transfer_pick", "claim", "erase", "victim",
  "standing", "claimant", "attachment", "trace", "order", "order_act", "order_note", "contact", "account_class", "grievance", "refund_plan", "refund_sign",
  "refund_paid", "refund_account", "second", "shift", "shift_sign", "link", "recover", "peer", "flag", "accord", "accord_sign", "share", "share_act", "retract", "let_go",
  "disclosed", "passed", "notice", "notice_act", "fork",
] as const;

export function stateWords(state: string): string {
  const key = `state.${state}`;
  return say.has(key) ? say(key) : state;
}

// RFC 8785: sorted members, no space. The envelope is hashed in this form; it holds no fractions.
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = value as Record<string, unknown>;
    return `{${Object.keys(members).sort().map((k) => `${JSON.stringify(k)}:${canonical(members[k])}`).join(",")}}`;
  }
  return JSON.stringify(value);
}
