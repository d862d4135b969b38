// A stand-in for the node while pages are made and tried: the shapes of docs/api.md with made-up
// content, kept in memory. Never shipped. Use: npm run mock [PORT]; it serves web/dist.
import { createServer } from "node:http";
import { createHash, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { deskRoutes } from "./mock-desks.mjs";
import { exchangeRoutes } from "./mock-exchange.mjs";
import { caseTrace, BANKS } from "./mock-trace.mjs";

const port = Number(process.argv[2] ?? 8442);
const dist = new URL("../dist/", import.meta.url);
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const now = () => new Date().toISOString();
const after = (minutes) => new Date(Date.now() + minutes * 60000).toISOString();
const DIGITS = { THB: 2, USDT: 6, MMK: 2, USD: 2 };

const ACTS = `report.read report.write report.standing victim.read import transfer.read case.read case.write trace.run order.read order.propose order.issue
order.request order.answer order.release contact.write grievance.read grievance.write grievance.review refund.read refund.plan refund.sign refund.pay
shift.close case.export export.decide record.read public.read glass.break glass.ratify user.read user.write reads.read node.read node.verify
exchange.read peer.write accord.sign share retract notice.write`.split(/\s+/);
const USERS = {
  officer: { password: "officer", role: "investigator", acts: ACTS },
  second: { password: "second", role: "investigator", acts: ACTS },
  auditor: { password: "auditor", role: "auditor", acts: ["report.read", "case.read", "order.read", "trace.run", "public.read", "record.read", "user.read"] },
  fresh: { password: "fresh", role: "duty_officer", acts: ACTS, must: true },
};
const PURPOSES = [
  { purpose: "investigation", words: "Find the money and who moved it" },
  { purpose: "intake", words: "Take in what victims and banks report" },
  { purpose: "audit", words: "See whether the rules were kept" },
];
const sessions = new Map();
const replies = new Map();
const streams = new Set();

const THAI = Object.keys(BANKS).filter((k) => k.startsWith("TH/"));
const account = (bank, number) => ({ account: number, country: bank.slice(0, 2), institution: bank.slice(3) });
const LAWS = [
  { ends_at: after(72 * 60), ground: "decree No. 2: notice by the centre or a bank", id: "TH-hold-3", standing: "second-hand", term: "72 hours" },
];
let count = 0;
const orders = [];
function newOrder(a, asked, more = {}) {
  const bank = `${a.country}/${a.institution}`;
  const o = {
    account: a, addressee: { country: a.country, institution: a.institution, kind: "bank", name: BANKS[bank] ?? bank }, adopts: null, adopts_state: null, told: null, agency: "0".repeat(64), agency_name: "th-centre", appeal: "none", asked, at: now(), box: "out",
    balance: null, case_id: null, contact: { desk: "Fraud desk", email: "fraud@bank.example", hours: "24/7", phone: "+66 2 000 0000" }, covered: asked,
    currency: "THB", due: null, due_at: null, ends_at: null, events: [], executed: 0, flags: [], held: 0, id: randomUUID(), issued_at: null, law: null,
    laws: LAWS, letter: null, level: 1, night: false, note: null, not_confirmed: false, number: `O-2026-${String(++count).padStart(6, "0")}`,
    order: "hold_account", overdue: false, pack: null, persons: 1, policy: "ordinary: propose", queued_behind: [], replaces: null, report: null,
    request: false, rule: "fifo", state: "draft", tags: [], trace: null, unanswered: false, waits: null, warn_at: null, words: "", ...more,
  };
  o.words = `Hold ${(asked / 100).toLocaleString("en", { minimumFractionDigits: 2 })} THB on ${a.account} at ${o.addressee.name}${o.ends_at ? " until its end" : ""}.`;
  if (o.state !== "draft") o.letter = `/api/v1/orders/${o.id}/letter`;
  orders.push(o);
  return o;
}
const allow = (act, party, words, outcomes = []) => ({ act, outcomes, party, words });
function allowed(o) {
  const answer = allow("answer", "addressee", "The bank answers", ["executed", "partly", "refused"]);
  const review = o.appeal === "appealed" ? [allow("review", "issuer", "Another officer decides", ["upheld", "reduced", "overturned"])] : [];
  const appeal = allow("appeal", "holder", "The holder contests it");
  const attempt = allow("attempt", "issuer", "Somebody tried to reach the bank");
  if (o.state === "draft") return [allow("issue", "issuer", "Binds from here"), allow("withdraw", "issuer", "It reached nobody")];
  if (o.state === "issued") return [answer, allow("receive", "addressee", "The bank has it"), allow("withdraw", "issuer", "Before execution"), appeal, attempt, ...review];
  if (o.state === "executed" || o.state === "partly")
    return [...review, allow("extend", "issuer", "Longer"), allow("reduce", "issuer", "Less"), allow("release", "issuer", "The money goes free"), answer, appeal, attempt];
  if (o.not_confirmed) return [allow("undone", "addressee", "The bank undid it"), attempt];
  return [attempt];
}
function act(o, b) {
  const amount = b.amount === null || b.amount === undefined ? null : Math.round(Number(b.amount) * 100);
  if (amount !== null && !(amount > 0)) return [400, { code: "invalid", title: "Bad Request", detail: "amount: this is no amount in THB" }];
  if (!allowed(o).some((a) => a.act === b.act)) return [409, { code: "state", title: "Conflict", detail: `The order is ${o.state}: ${b.act} is not allowed now.` }];
  o.events.push({ act: b.act, agency: o.agency, agency_name: o.agency_name, amount, at: now(), code: b.code, document: b.document, effect: "counted", ends_at: null, happened_at: now(), id: randomUUID(), note: b.note,
    officer: "officer", officer_name: "officer", on_behalf_of: null, outcome: b.outcome, party: allowed(o).find((a) => a.act === b.act)?.party ?? "issuer" });
  if (b.act === "issue") Object.assign(o, { state: "issued", issued_at: now(), ends_at: after(72 * 60), due: "answer", due_at: after(24 * 60), letter: `/api/v1/orders/${o.id}/letter`,
    law: { id: b.law, ground: LAWS[0].ground, standing: LAWS[0].standing } });
  if (b.act === "answer") Object.assign(o, { state: b.outcome, held: b.outcome === "executed" ? o.asked : b.outcome === "partly" ? amount : 0, due: null, due_at: null, unanswered: false });
  if (b.act === "appeal") Object.assign(o, { appeal: "appealed", due: "review", due_at: after(24 * 60) });
  if (b.act === "review") Object.assign(o, { appeal: b.outcome, due: null, due_at: null, held: b.outcome === "reduced" ? amount : o.held });
  if (b.act === "reduce") o.held = amount;
  if (b.act === "release" || (b.act === "review" && b.outcome === "overturned")) Object.assign(o, { state: "released", not_confirmed: true, due: "undone", due_at: after(24 * 60) });
  if (b.act === "withdraw") o.state = "withdrawn";
  if (b.act === "undone") Object.assign(o, { not_confirmed: false, held: 0, due: null, due_at: null });
  tell("order_act", o.id);
  return [200, full(o)];
}
const full = (o) => ({ ...o, allowed: allowed(o) });
const SHORT_WITHOUT = ["allowed", "contact", "events", "law", "laws", "note", "tags", "covered", "balance", "queued_behind"];
const short = (o) => Object.fromEntries(Object.entries(o).filter(([k]) => !SHORT_WITHOUT.includes(k)));

const reports = [];
function newReport(b) {
  const accounts = (b.accounts ?? "").split(";").map((s) => s.trim()).filter(Boolean).map((s) => {
    const parts = s.split("/");
    return parts.length === 3 ? account(`${parts[0]}/${parts[1]}`, parts[2]) : { account: s, country: "TH", institution: "" };
  });
  const r = {
    accounts, case_id: null, channel: b.channel ?? "", country: b.country || "TH", currency: b.currency || null, duplicate: false, flags: [], happened_at: null,
    id: b.id || `R-2026-${String(reports.length + 1).padStart(6, "0")}`, loss: b.loss ? Math.round(Number(b.loss) * 100) : null, phones: [], record: randomUUID(),
    reported_at: now(), seeds: [], standing: "claimed", story: b.story ?? "", transfers: [], urls: [], victim: b.victim ?? "", victim_url: "/r/J7QK2M4X9P",
  };
  reports.unshift(r);
  return r;
}
for (let i = 1; i <= 9; i++) newReport({ id: `R-${i}`, accounts: `${THAI[i % THAI.length]}/00112233${40 + i}`, loss: String(12000 + i * 4321), currency: "THB", channel: "hotline", victim: `V-${i}`, story: "A man said he was police." });
const CASE = { agency: "th-centre", at: after(-3000), closed_at: null, id: "0198aa00-0000-7000-8000-000000000001", officer: null, open: true, reason: null, refused: [], title: "Ring 1" };
const cases = [CASE];
reports.forEach((r, i) => { r.case_id = CASE.id; r.seeds = [`t${i}`]; });
const trace = (query) => caseTrace(CASE, cases, DIGITS, reports.filter((r) => r.case_id === CASE.id), query.get("rule") ?? "fifo", query.get("until"));
{
  const a = (i) => account(THAI[i % THAI.length], `00112233${44 + i}`);
  newOrder(a(0), 4820000, { state: "issued", issued_at: after(-1500), ends_at: after(130), due: "answer", due_at: after(12), unanswered: false, case_id: CASE.id });
  newOrder(a(1), 910000, { state: "executed", held: 910000, executed: 910000, balance: 1500000, ends_at: after(2000), due: null, case_id: CASE.id });
  newOrder(a(2), 120000, { state: "lapsed", held: 120000, ends_at: after(-300), not_confirmed: true, due: "undone", due_at: after(1140) });
  newOrder(a(3), 3300000, { state: "issued", issued_at: after(-1600), ends_at: after(600), due: "answer", due_at: after(-160), unanswered: true });
  newOrder(a(4), 250000, { state: "partly", held: 200000, ends_at: after(4000), appeal: "appealed", due: "review", due_at: after(300) });
  newOrder(a(5), 780000, { report: "R-3" });
}
const caseOf = (k) => ({ ...k, claimants: [], orders: orders.filter((o) => o.case_id === k.id).map(short),
  reports: reports.filter((r) => r.case_id === k.id).map((r) => ({ currency: r.currency, id: r.id, loss: r.loss, record: r.record, seeded: r.seeds.length > 0, standing: r.standing })) });

function tell(kind, root) {
  for (const s of streams) s.write(`id: ${randomUUID()}\nevent: record\ndata: ${JSON.stringify({ at: now(), id: randomUUID(), kind, root })}\n\n`);
}

const list = (items) => [200, { items, next: null }];
const front = () => [200, { counts: { cases: cases.length, grievances: 1, orders: orders.length, reports: reports.length }, now: now(), shift: { began_at: after(-200), officer: "officer" },
  items: [{ detail: "Yangon centre", due_at: after(-30), id: "s1", kind: "share", red: true, title: "Report of a job scam: acknowledge it", what: "receive" }, ...orders.filter((o) => o.due).map((o) => ({ detail: `${o.addressee.name}, ${o.account.account}`, due_at: o.due_at, id: o.id, kind: "order", red: false, title: o.words, what: o.due }))]
    .sort((x, y) => ((x.due_at ?? "9") < (y.due_at ?? "9") ? -1 : 1)) }];
const publicRecord = () => [200, {
  sources: [{ id: "s1", kind: "report", published: "2023-12", published_is: "", publisher: "A paper", title: "An article" }],
  tables: [
    { name: "statements", columns: ["id", "said_by", "what", "about", "stance"], rows: [
      { at: now(), cells: ["q1", "p1", "Scam operations had support", "", ""], key: "q1", record: randomUUID(), sources: ["s1"] },
      { at: now(), cells: ["q2", "p2", "They had none", "q1", "denies"], key: "q2", record: randomUUID(), sources: ["s1"] }] },
    { name: "sources", columns: ["id", "title"], rows: [{ at: now(), cells: ["s1", "An article"], key: "s1", record: randomUUID(), sources: [] }] }] }];

function propose(b) {
  const t = trace(new URLSearchParams({ rule: b.rule }));
  const held = new Set(orders.filter((o) => o.case_id === b.case).map((o) => o.account.account));
  const created = [];
  const left_out = [];
  for (const a of t.accounts.filter((x) => x.still_there > 0)) {
    const where = { account: a.account, country: a.country, institution: a.institution };
    const key = `${a.country}/${a.institution}/${a.account}`;
    if (b.accounts && !b.accounts.includes(key)) continue;
    if (held.has(a.account)) left_out.push({ account: where, amount: a.still_there, currency: a.currency, why: "held_already", words: "An order of this case holds it already." });
    else if (!b.accounts && a.level > 2) left_out.push({ account: where, amount: a.still_there, currency: a.currency, why: "policy_person", words: "Deeper than the policy proposes: a person decides." });
    else created.push(full(newOrder(where, a.still_there, { case_id: b.case, level: a.level, tags: a.tags })));
  }
  return [200, { created, flags: [], left_out }];
}

function letter(o) {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${o.number}</title><h1>${o.number}</h1><p>${o.words}</p></html>`;
}

const routes = [
  ["GET", "/front", front],
  ["GET", "/reports", () => list(reports.map(({ victim, story, ...r }) => r))],
  ["POST", "/reports", (q, b) => {
    const r = newReport(b);
    const created = r.accounts.filter(() => r.loss).map((a) => full(newOrder(a, r.loss, { report: r.id })));
    tell("report", r.record);
    return [201, { ...r, first_hop: created, left_out: [] }];
  }],
  ["GET", "/reports/:id", (q, b, id) => one(reports.find((r) => r.id === id))],
  ["GET", "/reports/:id/match", (q, b, id) => {
    const r = reports.find((x) => x.id === id);
    const items = [0, 1, 2].map((i) => ({ amount: (r.loss ?? 100000) - i * 500, booked_at: after(-600 - i * 37), credited_amount: r.loss ?? 100000, credited_currency: "THB", currency: "THB",
      from: account("TH/002", "7778889990"), picked: false, score: 90 - i, to: r.accounts[0] ?? account("TH/004", "1"), transfer: `${id}-t${i}`, why: "account, amount and time fit" }));
    return [200, { from: after(-9000), items, more: false, next: null, picked: r.seeds, report: id, until: now() }];
  }],
  ["PUT", "/reports/:id/seeds", (q, b, id) => { const r = reports.find((x) => x.id === id); r.seeds = b.transfers; tell("seed", r.record); return one(r); }],
  ["POST", "/reports/:id/standing", (q, b, id) => { const r = reports.find((x) => x.id === id); r.standing = b.standing; tell("standing", r.record); return one(r); }],
  ["POST", "/reports/:id/first-hop", (q, b, id) => { const r = reports.find((x) => x.id === id); return [200, { created: r.accounts.map((a) => full(newOrder(a, r.loss ?? 1, { report: id }))), flags: [], left_out: [] }]; }],
  ["GET", "/mappings", () => list([{ kept: false, kind: "transfers", name: "amlsim" }, { kept: false, kind: "reports", name: "reports" }])],
  ["POST", "/imports/preview", () => [200, { columns: ["id", "loss"], encoding: "UTF-8", mapping: "own", rows: [
    { cells: ["H-1", "250.00"], errors: [], line: 2 }, { cells: ["H-2", "x"], errors: [{ column: "loss", reason: "this is no amount" }], line: 3 }], total: 2 }]],
  ["POST", "/imports", (q) => [200, { bad: 1, bad_rows: [{ column: "loss", line: 3, reason: "this is no amount", row: 2 }], conflicts: 0, dry_run: q.get("dry_run") === "1", known: 0, nothing_new: false, refused: false, rows: 2, taken: q.get("dry_run") === "1" ? 0 : 1, warning_rows: [], warnings: 0 }]],
  ["POST", "/attachments", (q, b, id, raw) => [200, { bytes: raw.length, id: randomUUID(), name: q.get("name"), sha256: createHash("sha256").update(raw).digest("hex"), type: "application/pdf" }]],
  ["GET", "/cases", () => list(cases.map((k) => ({ ...caseOf(k), orders: undefined, claimants: undefined })))],
  ["POST", "/cases", (q, b) => { const k = { ...CASE, id: randomUUID(), at: now(), title: b.title }; cases.unshift(k); tell("case", k.id); return [201, caseOf(k)]; }],
  ["GET", "/cases/:id", (q, b, id) => { const k = cases.find((x) => x.id === id); return k ? [200, caseOf(k)] : one(); }],
  ["POST", "/cases/:id/reports", (q, b, id) => { for (const r of reports) if (b.reports.includes(r.id)) r.case_id = id; tell("case_add", id); return [200, caseOf(cases.find((x) => x.id === id))]; }],
  ["POST", "/cases/:id/claimants", (q, b, id) => [200, caseOf(cases.find((x) => x.id === id))]],
  ["POST", "/cases/:id/close", (q, b, id) => { const k = cases.find((x) => x.id === id); Object.assign(k, { open: false, reason: b.reason }); return [200, caseOf(k)]; }],
  ["GET", "/trace", (q) => [200, trace(q)]],
  ["GET", "/trace/why", () => [200, { steps: ["10 Nov 2026, 09:12: 7778889990 (Bangkok Bank) paid 48,200.00 THB to 0011223344 (Kasikornbank).", "It went on within 4 minutes."], text: "" }]],
  ["GET", "/orders", (q) => list(orders.filter((o) => (!q.get("box") || o.box === q.get("box")) && (!q.get("state") || o.state === q.get("state")) && (!q.get("board") || !["withdrawn", "settled", "refused"].includes(o.state))
    && (!q.get("account") || q.get("account") === `${o.account.country}/${o.account.institution}/${o.account.account}`))
    .sort((x, y) => ((x.due_at ?? x.ends_at ?? "9") < (y.due_at ?? y.ends_at ?? "9") ? -1 : 1)).map(short))],
  ["POST", "/orders/propose", (q, b) => propose(b)],
  ["GET", "/orders/:id", (q, b, id) => { const o = orders.find((x) => x.id === id || x.number === id); return o ? [200, full(o)] : one(); }],
  ["POST", "/orders/:id/acts", (q, b, id) => act(orders.find((x) => x.id === id || x.number === id), b)],
  ["POST", "/answers", () => [200, { bad_rows: [], good: 1, orders: [orders[0].number], rows: 1 }]],
  ["GET", "/refusals", () => list([{ code: "no_basis", meaning: "no legal basis", order: "*", undoes: "" }, { code: "closed", meaning: "the account is closed", order: "hold_account", undoes: "" }, { code: "moved_to", meaning: "the account is now elsewhere", order: "hold_account", undoes: "" }])],
  ["GET", "/public-record", publicRecord],
  ["GET", "/search", (q) => list(reports.filter((r) => r.id.toLowerCase().includes(q.get("q").toLowerCase())).map((r) => ({ at: r.reported_at, id: r.id, what: "report", words: r.id })))],
];
let asking = null; // the session of the request that is being answered
const exchange = { after, cases, now, orders, reports, tell };
routes.push(...exchangeRoutes(exchange), ...deskRoutes({ acts: ACTS, after, cases, full, now, orders, reports, session: () => sessionOf(asking), short, tell }));
const one = (thing) => (thing ? [200, thing] : [404, { code: "not_found", title: "Not Found", detail: "There is nothing here." }]);

const sessionOf = (s) => ({ acts: s.user.acts, agency: { country: "TH", id: "0".repeat(64), kind: "centre", name: "th-centre", title: "Drill centre", timezone: "Asia/Bangkok" }, csrf: s.csrf, currencies: DIGITS,
  demo: true, expires_at: after(480), institutions: BANKS, must_change_password: s.must, officer: `0198-${s.name}`, purpose: s.purpose, role: s.user.role, user: s.name, version: "0.1.0" });
function login(b) {
  const user = USERS[b.user];
  if (!user || user.password !== b.password) return [401, { code: "login", title: "Unauthorized", detail: "The name or the password is wrong." }, {}];
  const id = randomUUID();
  sessions.set(id, { user, name: b.user, purpose: b.purpose, csrf: randomUUID(), must: Boolean(user.must) });
  return [200, sessionOf(sessions.get(id)), { "Set-Cookie": `moei=${id}; HttpOnly; SameSite=Strict; Path=/` }];
}

function route(method, path, query, body, raw) {
  for (const [m, pattern, f] of routes) {
    const id = new RegExp(`^${pattern.replace(":id", "([^/]+)")}$`).exec(path);
    if (m === method && id) return f(query, body, id[1] ? decodeURIComponent(id[1]) : "", raw);
  }
  return one();
}

function answer(res, status, body, headers = {}) {
  const text = JSON.stringify(body);
  const etag = `"${createHash("sha256").update(text).digest("hex").slice(0, 32)}"`;
  const unchanged = status === 200 && res.req.headers["if-none-match"] === etag;
  res.writeHead(unchanged ? 304 : status, { "Content-Type": status < 400 ? "application/json" : "application/problem+json", "Cache-Control": "no-store", ETag: etag, ...headers });
  res.end(unchanged ? "" : text);
}

function api(req, res, url, raw) {
  const path = url.pathname.slice("/api/v1".length);
  const json = (req.headers["content-type"] ?? "").startsWith("application/json");
  const body = json && raw.length ? JSON.parse(raw.toString()) : {};
  if (path === "/openapi.json") return answer(res, 200, { openapi: "3.1.0" });
  if (path === "/login") return answer(res, 200, { agency: sessionOf({ user: USERS.officer }).agency, purposes: PURPOSES });
  if (path === "/session" && req.method === "POST") return answer(res, ...login(body));
  const id = /moei=([^;]+)/.exec(req.headers.cookie ?? "")?.[1];
  const s = sessions.get(id);
  if (!s) return answer(res, 401, { code: "login", title: "Unauthorized", detail: "Log in first." });
  if (req.method !== "GET" && req.headers["x-moei-csrf"] !== s.csrf) return answer(res, 403, { code: "denied", title: "Forbidden", detail: "The CSRF header is missing." });
  if (path === "/session" && req.method === "GET") return answer(res, 200, sessionOf(s));
  if (path === "/session") { sessions.delete(id); return answer(res, 200, {}); }
  if (path === "/session/password") { s.must = false; return answer(res, 200, {}); }
  if (path === "/events") {
    res.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    res.write(": hello\n\n");
    streams.add(res);
    return res.on("close", () => streams.delete(res));
  }
  if (/\/letter$/.test(path)) {
    const o = orders.find((x) => path.includes(x.id));
    res.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
    return res.end(letter(o));
  }
  if (/\/attachments\/|\/export\.\w+$/.test(path) && req.method === "GET") {
    res.writeHead(200, { "Content-Type": path.endsWith(".html") ? "text/html; charset=utf-8" : "application/octet-stream" });
    return res.end("made up");
  }
  if (/\/export$/.test(path)) {
    res.writeHead(200, { "Content-Type": "application/zip" });
    return res.end("PK");
  }
  const key = req.method === "GET" ? "" : `${s.name} ${req.headers["idempotency-key"]}`;
  if (key && replies.has(key)) return answer(res, ...replies.get(key), { "Idempotency-Replayed": "true" });
  asking = s;
  const reply = route(req.method, path, url.searchParams, body, raw);
  if (key && reply[0] < 400) replies.set(key, reply);
  return answer(res, ...reply);
}

const TYPES = { js: "text/javascript", css: "text/css", html: "text/html; charset=utf-8", woff2: "font/woff2" };
createServer((req, res) => {
  const url = new URL(req.url, "http://localhost");
  const parts = [];
  req.on("data", (p) => parts.push(p));
  req.on("end", () => {
    if (url.pathname === "/healthz") return answer(res, 200, { ok: true, version: "0.1.0" });
    if (url.pathname.startsWith("/api/v1/")) return api(req, res, url, Buffer.concat(parts));
    const name = url.pathname.startsWith("/assets/") ? url.pathname.slice(1) : "index.html";
    res.writeHead(200, { "Content-Type": TYPES[name.split(".").pop()] ?? "application/octet-stream", "Content-Security-Policy": CSP, "X-Content-Type-Options": "nosniff" });
    res.end(readFileSync(new URL(name, dist)));
  });
}).listen(port, "127.0.0.1", () => console.log(`mock on http://127.0.0.1:${port}, log in as officer / officer`));
