// The shapes of docs/api.md, "Exchange", and the words that several parts say about them.
import { timeText } from "../shared/format";
import { calendar, session, zone } from "../shared/session";
import { say } from "./words";

export interface Named {
  agency: string;
  name: string;
}
interface Used {
  limit: number;
  today: number;
}
// What came today, and what may come in a day.
export interface Quota {
  bytes: Used;
  full: boolean; // something was refused today
  messages: Used;
  opens_at: string | null;
  own: boolean; // an administrator said so
  records: Used;
  set_at: string | null;
  set_by: string | null;
}
export interface Cosigned {
  at: string;
  by: string;
  name: string;
  size: number;
}
export interface Peer extends Named {
  address: string | null;
  confirmed_at: string | null;
  connected: boolean;
  cosigned: Cosigned[]; // checkpoints of our log that it signed
  country: string;
  failed_at: string | null;
  fingerprint: string;
  flagged: boolean;
  head: { size: number } | null;
  institutions: string[];
  kind: string;
  lag: { ours: number; theirs: number };
  last_at: string | null;
  quota: Quota;
  reason: string | null;
  refused: string | null; // why it takes nothing of us
  relay: boolean;
  state: string; // confirmed, revoked
  stopped: boolean;
  title: string;
  words: string | null;
}
export interface Alarm extends Named {
  what: string; // anew, fault, fork, quota, refused, retraction, clock, unproven
  words: string;
}
export interface Exchange {
  agency: string;
  alarms: Alarm[];
  fingerprint: string;
  may: string[];
  peers: Peer[];
  size: number; // records of our own log
  waiting: number;
}
// Of docs/api.md, GET /exchange/links: what who runs the node sees.
export interface NodeKey {
  at: string | null;
  earlier: number;
  from_size: number | null;
  key: string;
  known_by: string[];
  next: string | null;
  waits_for: string[];
  what: "log" | "link";
}
export interface NodeLink extends Named {
  connected: boolean;
  quota: Quota;
  stopped: boolean;
  title: string | null;
}
export interface NodeLinks {
  bounds: Record<"bytes" | "messages" | "records", { default: number; max: number; min: number }>;
  keys: NodeKey[];
  may: string[];
  peers: NodeLink[];
}
export interface CardText {
  address: string | null;
  agency: string;
  card: string;
  fingerprint: string;
  qr_svg: string;
}
// What a pasted card says of itself.
export interface CardSeen extends Named {
  address: string | null;
  country: string;
  fingerprint: string;
  flagged: boolean;
  kind: string;
  known: string | null; // confirmed, revoked, self
  title: string;
}
export interface Party {
  active: boolean;
  at: string;
  country: string | null;
  id: string;
  party: string;
  reason: string | null;
  source: string | null;
}
export interface Mark {
  handling: string;
  note: string | null;
  pap: string;
  purposes: string[];
  tlp: string;
  to: Named[];
  until: string | null;
}
export interface Member extends Named {
  law: string | null;
  left_at: string | null;
  mirror: boolean;
  signed_at: string | null;
}
export interface Accord {
  at: string;
  begins_at: string | null;
  by: string;
  ends_at: string | null;
  id: string;
  in_force: boolean;
  kinds: string[];
  mark: { days: number | null; handling: string; pap: string; tlp: string };
  may: string[];
  members: Member[];
  name: string;
  purposes: string[];
  title: string;
  words: string;
}
export interface Share {
  accept: boolean;
  acts: ShareAct[];
  answers: string | null;
  at: string;
  box: string; // in, out
  by: string;
  contact: string | null;
  due_at: string | null;
  here: boolean;
  id: string;
  kind: string;
  mark: Mark;
  may: string[];
  name: string; // the other agency's
  open: boolean;
  overdue: boolean;
  record: string;
  state: string;
  title: string | null;
  to: string;
}
export interface ShareAct extends Named {
  act: string;
  at: string;
  code: string | null;
  handling: string | null;
  note: string | null;
  officer: string | null; // by name
}
export interface Holder extends Named {
  arrived: boolean; // it told that it has it
  by: string; // share, accord, passed, answer
  let_go_at: string | null;
  overdue: boolean;
  retracted_at: string | null;
  since: string;
}
// What a bundle brought.
export interface Taken {
  gap: number | null;
  known: number;
  name: string | null;
  new: number;
  refused: number;
  words: string | null;
}
export interface Sharing {
  holders: Holder[];
  kind: string;
  mark: Mark;
  may: string[];
  ours: boolean;
  own: boolean; // and of a kind that is shared
  record: string;
  shares: Share[];
}
export interface Sees extends Named {
  has_it: boolean;
  title: string;
  words: string;
}
export interface Preview {
  kind: string;
  loses: (Named & { words: string })[];
  mark: Mark;
  needs_accept: boolean;
  needs_second: boolean;
  record: string;
  records: number;
  sees: Sees[];
  words: string;
}
export interface Retraction {
  at: string;
  due_at: string;
  from: (Named & { let_go_at: string | null; overdue: boolean })[];
  id: string;
  kind: string;
  overdue: boolean;
  reason: string | null;
  record: string;
  title: string | null;
  what: string; // retract, erase
  words: string;
}
export interface Notice {
  act: string; // request, alert, pass_on
  acts: NoticeAct[];
  at: string;
  box: string;
  by: string;
  contact: string | null;
  due_at: string | null;
  handling: string | null;
  id: string;
  may: string[];
  name: string;
  overdue: boolean;
  recipient: Named | null;
  records: string[];
  state: string;
  text: string;
  title: string;
  to: (Named & { answered_at: string | null })[];
}
export interface NoticeAct extends Named {
  act: string;
  at: string;
  code: string | null;
  note: string | null;
  officer: string | null;
  shares: string[];
  until: string | null;
}

export const EXCHANGE_NEWS = ["peer", "flag", "link", "key", "recover", "fork", "accord", "accord_sign", "share", "share_act", "retract", "let_go", "disclosed", "passed",
  "notice", "notice_act"] as const;

// Words for a value of a closed set; what is not known is shown as it is.
export function wordsOf(group: string, value: string): string {
  const key = `${group}.${value}`;
  return say.has(key) ? say(key) : value;
}

export const TLPS = ["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"] as const;
export const PAPS = ["CLEAR", "GREEN", "AMBER", "RED"] as const;
export const HANDLINGS = ["H0", "H1", "H2", "H3"] as const;
// What can flow as an object of its own; docs/format-record.md, section 6.
export const SHARED_KINDS = ["report", "order", "case", "victim", "grievance", "trace", "attachment", "contact", "account_class", "refund_plan", "claim"] as const;

export function markWords(m: Pick<Mark, "tlp" | "pap" | "handling"> & Partial<Mark>): string {
  return [
    `TLP:${m.tlp}: ${wordsOf("tlp", m.tlp)}`, `PAP:${m.pap}: ${wordsOf("pap", m.pap)}`, `${m.handling}: ${wordsOf("handling", m.handling)}`, m.note ?? "",
    m.purposes?.length ? say("mark.purposes", { purposes: m.purposes.join(", ") }) : "",
    m.to?.length ? say("mark.to", { names: m.to.map((t) => t.name).join(", ") }) : "",
    m.until ? say("mark.until", { at: timeText(m.until, zone.value, calendar.value, false) }) : "",
  ].filter(Boolean).join("; ");
}

export function titleOfPeer(p: { name: string; title: string | null }): string {
  return p.title || p.name;
}

export type LinkState = "stopped" | "revoked" | "refused" | "failed" | "connected" | "quiet" | "never";

// What needs somebody stands first.
export const LINK_ORDER: readonly LinkState[] = ["stopped", "refused", "failed", "never", "quiet", "connected", "revoked"];

// By a link since the node started, or ever, by link or bundle.
export function wasHeard(p: Peer): boolean {
  return p.last_at !== null || p.head !== null;
}

export function linkState(p: Peer): LinkState {
  if (p.state === "revoked") return "revoked";
  if (p.stopped) return "stopped";
  if (p.connected) return "connected";
  if (p.refused) return "refused";
  if (p.failed_at) return "failed";
  return wasHeard(p) ? "quiet" : "never";
}

// What the link says where something is wrong with it; the facts beside say the rest.
export function troubleOf(p: Peer): string {
  return ["stopped", "refused", "failed"].includes(linkState(p)) ? (p.words ?? "") : "";
}

// "3 of ours wait for it, 12 of theirs for us", or that nothing does.
export function lagWords(p: Peer): string {
  const { ours, theirs } = p.lag;
  if (ours === 0 && theirs === 0) return say(wasHeard(p) ? "lag.none" : "lag.unknown");
  return [ours ? say("lag.ours", { count: ours, shown: countText(ours) }) : "", theirs ? say("lag.theirs", { count: theirs, shown: countText(theirs) }) : ""].filter(Boolean).join(", ");
}

// From so many agencies on they are looked for by a word.
export const AGENCIES_MANY = 12;

// When what is too much is taken again.
export function opensText(q: Quota): string {
  return timeText(q.opens_at ?? "", zone.value, calendar.value, false);
}

export function countText(n: number): string {
  return n.toLocaleString("en-US");
}

// "3.1 MiB": what a person compares, to the nearest tenth.
export function bytesText(n: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  let i = 0;
  for (; n >= 1024 && i < units.length - 1; i++) n /= 1024;
  return `${(i > 0 && n < 100 ? Math.round(n * 10) / 10 : Math.round(n)).toLocaleString("en-US")} ${units[i] ?? ""}`;
}

export function todayWords(q: Quota): string {
  return say("quota.today", { records: countText(q.records.today), records_limit: countText(q.records.limit), bytes: bytesText(q.bytes.today), bytes_limit: bytesText(q.bytes.limit), messages: countText(q.messages.today), messages_limit: countText(q.messages.limit) });
}

// When it was heard last: by link since the node started, else when it signed our log.
export function heardAt(p: Peer): string | null {
  return p.last_at ?? p.cosigned[0]?.at ?? null;
}

// How much of our log it has signed as a witness.
export function cosignedWords(p: Peer, size: number): string {
  const signed = p.cosigned[0];
  return signed ? say("cosigned.of", { size: countText(signed.size), all: countText(size) }) : say("cosigned.not");
}

// Soonest first; what has no clock any more behind, newest first.
export function byClock<T extends { at: string }>(rows: readonly T[], clock: (row: T) => string | null): T[] {
  return [...rows].sort((a, b) => {
    const x = clock(a), y = clock(b);
    if (x && y) return x < y ? -1 : x > y ? 1 : 0;
    return x ? -1 : y ? 1 : a.at < b.at ? 1 : -1;
  });
}

export function officerOf(a: Named & { officer: string | null }): string {
  return a.officer ? `${a.name} (${a.officer})` : a.name;
}

export function ownAgency(): string {
  return session.value?.agency.id ?? "";
}

// "in 3 days" as a time, fixed when it is chosen so that a retry sends the same.
export function inHours(hours: number, now: number): string {
  return new Date(Math.ceil((now + hours * 3600000) / 60000) * 60000).toISOString().replace(/\.\d+Z$/, "Z");
}
