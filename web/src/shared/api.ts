// Talks to the node: JSON under /api/v1. Errors become words; a lost session leads to the log-in.
import { say } from "./messages";
import { heardDate, session } from "./session";
import type { Session } from "./types";

export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, words: string) {
    super(words);
    this.status = status;
    this.code = code;
  }
}

const BASE = "/api/v1";
const known = new Map<string, { etag: string; body: unknown }>();
const KNOWN_MAX = 200;

export function forgetAnswers(): void {
  known.clear();
}

function textOf(body: unknown, name: string): string {
  if (typeof body !== "object" || body === null) return "";
  const value = (body as Record<string, unknown>)[name];
  return typeof value === "string" ? value : "";
}

async function problemOf(answer: Response): Promise<Problem> {
  let body: unknown = null;
  try {
    body = await answer.json();
  } catch {
    body = null;
  }
  if (answer.status === 429) {
    const seconds = answer.headers.get("Retry-After") ?? "30";
    return new Problem(429, "too_many", textOf(body, "detail") || say("net.many", { seconds }));
  }
  const words = textOf(body, "detail") || textOf(body, "title") || say("net.strange", { status: answer.status });
  return new Problem(answer.status, textOf(body, "code"), words);
}

async function ask(path: string, options: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(BASE + path, { credentials: "same-origin", ...options });
  } catch {
    throw new Problem(0, "net", say("net.down"));
  }
  heardDate(answer.headers.get("Date"));
  if (answer.status === 401 && path !== "/session") session.value = null;
  return answer;
}

async function readJson<T>(answer: Response): Promise<T> {
  if (answer.status === 204) return undefined as T;
  try {
    return (await answer.json()) as T;
  } catch {
    throw new Problem(answer.status, "fault", say("net.strange", { status: answer.status }));
  }
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const before = known.get(path);
  const headers: Record<string, string> = { Accept: "application/json" };
  if (before) headers["If-None-Match"] = before.etag;
  const answer = await ask(path, { headers, cache: "no-store", ...(signal ? { signal } : {}) });
  if (answer.status === 304 && before) return before.body as T;
  if (!answer.ok) throw await problemOf(answer);
  const body = await readJson<T>(answer);
  const etag = answer.headers.get("ETag");
  if (etag) {
    if (known.size >= KNOWN_MAX) known.clear();
    known.set(path, { etag, body });
  }
  return body;
}

// 128 random bits; crypto.randomUUID is missing outside secure contexts.
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
}

export interface Sending {
  key?: string | undefined; // idempotency key: the same over the retries of one act
  type?: string | undefined; // content type of a file
}

export async function sendRaw(method: string, path: string, body?: unknown, how: Sending = {}): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json", "Idempotency-Key": how.key ?? newKey() };
  if (session.value) headers["X-Moei-CSRF"] = session.value.csrf;
  const file = body instanceof Blob;
  if (body !== undefined) headers["Content-Type"] = how.type ?? (file ? body.type || "application/octet-stream" : "application/json");
  const answer = await ask(path, { method, headers, ...(body === undefined ? {} : { body: file ? body : JSON.stringify(body) }) });
  if (!answer.ok) throw await problemOf(answer);
  return answer;
}

export async function send<T>(method: string, path: string, body?: unknown, how: Sending = {}): Promise<T> {
  return readJson<T>(await sendRaw(method, path, body, how));
}

export async function whoAmI(): Promise<void> {
  try {
    session.value = await get<Session>("/session");
  } catch (e) {
    if (e instanceof Problem && (e.status === 401 || e.status === 404)) session.value = null;
    else throw e;
  }
}

// Hands a file to the browser's own saving.
export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

export function reasonOf(e: unknown): string {
  return e instanceof Error ? e.message : String(e);
}
