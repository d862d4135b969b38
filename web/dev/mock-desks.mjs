// The stand-in's answers for grievances, refunds, shift, users, ledger and contacts. Never shipped.
import { createHash, randomUUID } from "node:crypto";

const hash = (text) => createHash("sha256").update(text).digest("hex");
const list = (items) => [200, { items, next: null }];
const none = [404, { code: "not_found", title: "Not Found", detail: "There is nothing here." }];
const one = (thing) => (thing ? [200, thing] : none);

function grievanceRoutes({ orders, short, full, after, now, tell }) {
  const grievances = orders.filter((o) => o.appeal === "appealed").map((o) => ({ at: after(-300), contact: "+66 81 000 0000", due_at: after(300), id: randomUUID(), order: o.id,
    text: "This is my wage account. I sell rice.", files: [{ bytes: 48211, name: "payslip.pdf", sha256: hash("payslip"), type: "application/pdf" }] }));
  const orderOf = (g) => orders.find((o) => o.id === g.order);
  const stage = (o) => (o.appeal === "appealed" ? "received" : o.appeal === "overturned" ? "released" : o.appeal);
  const brief = (g) => {
    const o = orderOf(g);
    return { appeal: o.appeal, at: g.at, documents: g.files.length, due_at: g.due_at, id: g.id, number: o.number, order: o.id, overdue: false, stage: stage(o) };
  };
  const whole = (g) => ({ ...brief(g), contact: g.contact, files: g.files, order: full(orderOf(g)), text: g.text });
  return [
    ["GET", "/grievances", (q) => list(grievances.map(brief).filter((g) => q.get("open") !== "1" || g.stage === "received"))],
    ["POST", "/grievances", (q, b) => {
      const o = orders.find((x) => x.id === b.order || x.number === b.order);
      if (!o) return none;
      Object.assign(o, { appeal: "appealed", due: "review", due_at: after(1440) });
      const g = { at: now(), contact: b.contact, due_at: after(1440), id: randomUUID(), order: o.id, text: b.text, files: [] };
      grievances.push(g);
      tell("grievance", g.id);
      return [201, whole(g)];
    }],
    ["GET", "/grievances/:id", (q, b, id) => { const g = grievances.find((x) => x.id === id); return g ? [200, whole(g)] : none; }],
  ];
}

// The example of the issue: three claims, two holds, four rules.
function refundRoutes({ cases, now, tell, session, orders }) {
  const law = { claims_days: 90, country: "TH", note: "full if enough is held else in proportion", notice_days: null, rule: "pro_rata", source: "press", standing: "second-hand" };
  const pot = (i, amount, tags) => ({ account: orders[i].account, amount, order: orders[i].number, order_id: orders[i].id, tags });
  const sharing = () => ({
    claims: [["R-1", 10000], ["R-2", 15000], ["R-3", 5000]].map(([report, loss]) => ({ claim: loss, loss, record: randomUUID(), refunded: 0, report, reports: report === "R-1" ? ["R-1", "R-7"] : [report] })),
    currency: "THB", pots: [pot(0, 10000, [{ amount: 6000, report: "R-1" }, { amount: 4000, report: "R-2" }]), pot(1, 9001, [{ amount: 9001, report: "R-2" }])], total: 19001,
  });
  const rules = [["by_trace", [6000, 13001, 0]], ["pro_rata_loss", [6334, 9500, 3167]], ["trace_else_pro_rata", [4762, 11858, 2381]], ["equal_awards", [7001, 7000, 5000]]]
    .map(([rule, shares]) => ({ rule, shares, unassigned: 0 }));
  const aside = { left_out: [{ order: null, report: "R-4", why: "no_rate", words: "It is in USDT, and no rate to THB was given." }],
    waiting: [{ order: "O-2026-000005", report: null, why: "appealed", words: "The holder contests it: it waits for its review." }] };
  const plans = [];
  function plan(b) {
    const s = sharing();
    const rule = rules.find((r) => r.rule === b.rule);
    let left = [...rule.shares];
    const pays = s.pots.flatMap((p) => {
      let rest = p.amount;
      return s.claims.flatMap((c, i) => {
        const amount = Math.min(rest, left[i]);
        rest -= amount;
        left = left.map((x, k) => (k === i ? x - amount : x));
        return amount ? [{ account: p.account, amount, order: p.order, order_id: p.order_id, paid: 0, report: c.report }] : [];
      });
    });
    const id = randomUUID();
    const made = { at: now(), case_id: b.case, currencies: [{ ...s, pays, shares: rule.shares, unassigned: 0 }],
      exports: Object.fromEntries(["csv", "xlsx", "html"].map((f) => [f, `/api/v1/refunds/${id}/export.${f}`])), hash: hash(id), id, law, needs_signatures: 2,
      officer: "0198", paid: [], rates: b.rates, rule: b.rule, signers: [], state: "draft", void_because: null, ...aside };
    plans.unshift(made);
    return made;
  }
  plan({ case: cases[0].id, rates: [], rule: "by_trace" });
  const find = (id) => plans.find((p) => p.id === id);
  return [
    ["POST", "/refunds/compare", () => [200, { case: cases[0].id, currencies: [{ ...sharing(), rules }], law: [law], rates: [], v: 1, ...aside }]],
    ["POST", "/refunds", (q, b) => { const p = plan(b); tell("refund_plan", p.id); return [201, p]; }],
    ["GET", "/refunds", (q) => list(plans.filter((p) => !q.get("case") || p.case_id === q.get("case")))],
    ["GET", "/refunds/:id", (q, b, id) => one(find(id))],
    ["POST", "/refunds/:id/sign", (q, b, id) => {
      const p = find(id);
      if (p.signers.some((s) => s.officer === session().officer)) return [409, { code: "state", title: "Conflict", detail: "You have signed: another officer must sign too." }];
      p.signers.push({ at: now(), name: session().user, officer: session().officer });
      if (p.signers.length >= 2) p.state = "signed";
      tell("refund_sign", id);
      return [200, p];
    }],
    ["POST", "/refunds/:id/paid", (q, b, id) => {
      const p = find(id);
      const pay = p.currencies[0].pays.find((x) => x.report === b.report && b.account.endsWith(x.account.account));
      const amount = Math.round(Number(b.amount) * 100);
      if (!pay || !(amount > 0) || pay.paid + amount > pay.amount) return [409, { code: "state", title: "Conflict", detail: "The plan pays no more from there to this report." }];
      pay.paid += amount;
      p.paid.push({ account: pay.account, amount, at: now(), currency: b.currency, id: randomUUID(), reference: b.reference, report: b.report });
      if (p.currencies[0].pays.every((x) => x.paid === x.amount)) p.state = "paid";
      tell("refund_paid", id);
      return [200, p];
    }],
    ["POST", "/reports/:id/refund-account", () => [200, {}]],
    ["POST", "/reports/:id/refund-account/second", () => [200, {}]],
  ];
}

function shiftRoutes({ orders, reports, short, after, now, tell, session }) {
  const shifts = [{ began_at: after(-1400), ended_at: after(-600), id: randomUUID(), items: [{ id: randomUUID(), kind: "order", what: "open", words: "O-2026-000001 at Kasikornbank: the bank must answer" }],
    next: "officer", note: "Kasikornbank calls back at eight.", officer: "second", signed_at: null, signer: null }];
  const contacts = [{ country: "TH", desk: "Fraud desk", email: "fraud@bank.example", hours: "24/7", id: randomUUID(), institution: "004", language: "th", note: null, phone: "+66 2 000 0000" }];
  const half = () => reports.slice(0, 2).map((r) => ({ currency: r.currency, id: r.id, loss: r.loss, record: r.record, seeded: false, standing: r.standing }));
  return [
    ["GET", "/shift", () => [200, { audit: [{ id: randomUUID(), kind: "read", what: "audit", words: "what second read in 3 records" }], began_at: shifts[0].ended_at,
      exchange: [{ detail: "mm-centre shares a report: say that it came", due_at: after(-30), id: randomUUID(), kind: "share", red: true, title: "Report of a job scam", what: "receive" }], half_reports: half(), officers: ["officer", "second"],
      night: orders.filter((o) => o.state === "partly").map(short), open: orders.filter((o) => o.due).map(short), silent: orders.filter((o) => o.unanswered).map(short),
      unsigned: shifts[0].signed_at ? null : shifts[0] }]],
    ["POST", "/shift/close", (q, b) => {
      shifts.unshift({ began_at: shifts[0].ended_at, ended_at: now(), id: randomUUID(), items: [], next: b.next, note: b.note, officer: session().user, signed_at: null, signer: null });
      tell("shift", shifts[0].id);
      return [201, shifts[0]];
    }],
    ["POST", "/shifts/:id/sign", (q, b, id) => { const s = shifts.find((x) => x.id === id); Object.assign(s, { signed_at: now(), signer: session().user }); tell("shift_sign", id); return [200, s]; }],
    ["GET", "/shifts", () => list(shifts)],
    ["GET", "/contacts", () => list(contacts)],
    ["POST", "/contacts", (q, b) => { contacts.push({ ...b, id: randomUUID() }); tell("contact", "x"); return [201, { items: [b], next: null }]; }],
  ];
}

function userRoutes({ acts, after, now, session }) {
  const user = (name, role, active = true) => ({ active, clearance: "AMBER+STRICT", created_at: after(-90000), last_login_at: active ? after(-60) : null, name, officer: randomUUID(), role });
  const users = [user("officer", "investigator"), user("second", "investigator"), user("auditor", "auditor"), user("gone", "duty_officer", false)];
  const roles = [["duty_officer", "Duty officer"], ["investigator", "Investigator"], ["auditor", "Auditor"], ["admin", "Administrator"]].map(([role, words]) => ({ role, words }));
  const tokens = [{ created_at: after(-9000), expires_at: after(90000), id: 1, last_used_at: null, name: "nightly export", purpose: "investigation", user: "officer" }];
  const glass = [{ active: true, at: after(-20), decided_by: null, grants: "victim.read", id: randomUUID(), officer: "second", ratified: null, reason: "A caller asks for her own report.", until: after(100) }];
  const reads = [1, 2, 3].map((i) => ({ at: after(-i * 17), fields: ["victim", "story"], id: randomUUID(), officer: "officer", outlet: "report", purpose: "investigation", records: [randomUUID()] }));
  return [
    ["GET", "/users", () => list(users)],
    ["POST", "/users", (q, b) => { users.push({ ...user(b.name, b.role), clearance: b.clearance }); return [201, { password: "made-up-words-7301", user: users[users.length - 1] }]; }],
    ["PATCH", "/users/:id", (q, b, id) => { const u = users.find((x) => x.name === id); Object.assign(u, b); return one(u); }],
    ["POST", "/users/:id/password", () => [200, { password: "made-up-words-4422" }]],
    ["GET", "/roles", () => [200, { acts: acts.map((act) => ({ act, roles: act.startsWith("user.") ? ["admin"] : ["investigator", "duty_officer"], words: `may ${act.replace(".", " ")}` })), roles }]],
    ["GET", "/tokens", () => list(tokens)],
    ["POST", "/tokens", (q, b) => { tokens.push({ created_at: now(), expires_at: after(b.days * 1440), id: tokens.length + 1, last_used_at: null, name: b.name, purpose: b.purpose, user: session().user }); return [201, { ...b, token: "moei_0123456789abcdef" }]; }],
    ["DELETE", "/tokens/:id", (q, b, id) => { tokens.splice(tokens.findIndex((t) => String(t.id) === id), 1); return [204, {}]; }],
    ["GET", "/glass", () => list(glass)],
    ["POST", "/glass", (q, b) => { glass.unshift({ active: true, at: now(), decided_by: null, grants: b.grants, id: randomUUID(), officer: session().user, ratified: null, reason: b.reason, until: after(b.hours * 60) }); return [201, glass[0]]; }],
    ["POST", "/glass/:id/ratify", (q, b, id) => { const g = glass.find((x) => x.id === id); Object.assign(g, { ratified: b.ratified, decided_by: session().user, active: b.ratified }); return [200, g]; }],
    ["GET", "/reads", () => list(reads)],
  ];
}

function ledgerRoutes({ after }) {
  const checkpoint = `moei/${"0".repeat(64)}/main\n412\n${Buffer.from(hash("root"), "hex").toString("base64")}\n\n— moei/${"0".repeat(64)}/main aGVsbG8gd29ybGQ=\n`;
  const kinds = ["order_act", "order", "report", "victim", "case", "genesis"];
  const records = kinds.map((kind, i) => ({ agency: "0".repeat(64), at: after(-i * 31), id: randomUUID(), kind, leaf: 411 - i, log: "main", of: null, officer: i === 0 ? randomUUID() : null, state: "held" }));
  const mark = { handling: "H0", note: null, pap: "AMBER", purposes: [], tlp: "AMBER+STRICT", to: [], until: null };
  const whole = (r) => ({ ...r, checkpoint, commitment: hash(r.id), envelope: { record: { at: r.at, basis: { law: null, purpose: "investigation" }, body: { act: "issue", amount: 4820000 }, by: { agency: r.agency, officer: r.officer },
    grade: null, id: r.id, kind: r.kind, mark, of: r.of, refs: [], v: 1 }, sigs: r.officer ? [{ key: "0".repeat(64), officer: r.officer, sig: "0".repeat(128) }] : [] },
    proof: [hash("a"), hash("b"), hash("c")], quoted_by: [records[1].id], salt: hash("salt"), tree_size: 412, verified: true });
  return [
    ["GET", "/ledger", () => [200, { agency_id: "0".repeat(64), checkpoint, logs: [{ name: "main", size: 412 }, { name: "reads", size: 37 }], read_only: null }]],
    ["POST", "/ledger/verify", () => [200, { ok: true, records: 412, segments: 3, transfers: 40000 }]],
    ["GET", "/records", (q) => list(records.filter((r) => !q.get("kind") || r.kind === q.get("kind")))],
    ["GET", "/records/:id", (q, b, id) => { return [200, whole(records.find((x) => x.id === id) ?? { ...records[2], id })]; }],
  ];
}

export function deskRoutes(node) {
  return [...grievanceRoutes(node), ...refundRoutes(node), ...shiftRoutes(node), ...userRoutes(node), ...ledgerRoutes(node)];
}
