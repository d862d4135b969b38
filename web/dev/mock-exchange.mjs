// The stand-in's answers for the exchange: docs/api.md, section 10, with made-up agencies. Never shipped.
import { createHash, randomUUID } from "node:crypto";

const hash = (text) => createHash("sha256").update(text).digest("hex");
const list = (items) => [200, { items, next: null }];
const none = [404, { code: "not_found", title: "Not Found", detail: "There is nothing here." }];
const one = (thing) => (thing ? [200, thing] : none);
const problem = (status, code, detail) => [status, { code, title: "No", detail }];
const print = (id) => id.slice(0, 20).match(/.{4}/g).join(" ");
const OWN = "0".repeat(64);

// As the node draws it: dark squares on nothing.
const QR = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29" shape-rendering="crispEdges"><path d="${Array.from({ length: 300 }, (_, i) => i * 37 % 841)
  .map((n) => `M${n % 29} ${Math.floor(n / 29)}h1v1h-1z`).join("")}"/></svg>`;

export function exchangeRoutes({ after, now, orders, reports, tell, cases }) {
  const DAY = { bytes: 64 * 1024 ** 3, messages: 2000000, records: 20000000 };
  const quota = () => ({ bytes: { limit: DAY.bytes, today: 7340032 }, full: false, messages: { limit: DAY.messages, today: 412 }, opens_at: null, own: false, records: { limit: DAY.records, today: 1204 }, set_at: null, set_by: null });
  const peer = (name, title, country, kind, more = {}) => {
    const agency = hash(name);
    return { address: `https://${name}.example:8442`, agency, confirmed_at: after(-90000), connected: true, cosigned: [], country, failed_at: null, fingerprint: print(agency), flagged: false,
      head: { at: after(-3), size: 2210 }, institutions: [], kind, lag: { ours: 0, theirs: 0 }, last_at: after(-1), name, quota: quota(), reason: null, refused: null, relay: false, state: "confirmed", stopped: false, title, words: null, ...more };
  };
  const mm = peer("mm-centre", "Yangon centre", "MM", "centre", { lag: { ours: 3, theirs: 0 }, relay: true });
  const kb = peer("th-kbank", "Kasikornbank", "TH", "bank", { institutions: ["TH/004"], connected: false, address: null, last_at: after(-700) });
  const kh = peer("kh-fiu", "Phnom Penh FIU", "KH", "fiu", { connected: false, stopped: true, failed_at: after(-40), words: "It showed two histories of size 812. Nothing more of its log is taken.", lag: { ours: 0, theirs: 12 } });
  mm.cosigned = [{ at: after(-5), by: mm.agency, name: mm.name, size: 2200 }];
  const peers = [kh, mm, kb];
  const keys = ["log", "link"].map((what) => ({ at: null, earlier: 0, from_size: null, key: hash(`key of ${what}`), known_by: peers.map((p) => p.name), next: null, waits_for: [], what }));
  const named = (p) => ({ agency: p.agency, name: p.name });
  const by = (a) => peers.find((p) => p.agency === a || p.name === a);
  const parties = [{ active: true, at: after(-4000), country: "MM", id: randomUUID(), party: "Border militia", reason: "Named in the list", source: "UN list of 2025" }];
  const mark = (to, more = {}) => ({ handling: "H0", note: null, pap: "AMBER", purposes: ["investigation"], tlp: "AMBER", to, until: after(90 * 1440), ...more });
  const us = { agency: OWN, name: "th-centre" };
  const member = (p, signed, law) => ({ ...named(p), law, left_at: null, mirror: false, signed_at: signed });
  const accords = [
    { at: after(-80000), begins_at: after(-80000), by: OWN, ends_at: null, id: randomUUID(), in_force: true, kinds: ["report", "order"], mark: { days: 90, handling: "H0", pap: "AMBER", tlp: "AMBER" }, may: ["leave"],
      members: [member(us, after(-79000), "AMLA s. 38"), member(mm, after(-78000), "Cybersecurity Law s. 12")], name: "mekong", purposes: ["investigation"], title: "Mekong accord", words: "In force." },
    { at: after(-300), begins_at: after(-300), by: mm.agency, ends_at: null, id: randomUUID(), in_force: false, kinds: ["*"], mark: { days: 0, handling: "H2", pap: "GREEN", tlp: "AMBER+STRICT" }, may: ["sign"],
      members: [member(us, null, "AMLA s. 38"), member(mm, after(-290), "Cybersecurity Law s. 12"), member(kb, null, "Decree No. 2")], name: "holds", purposes: [], title: "Holds at night", words: "Waits for the signature of th-centre, th-kbank." },
  ];
  const share = (p, box, more = {}) => ({ accept: false, acts: [], answers: null, at: after(-200), box, by: box === "in" ? p.agency : OWN, contact: "Daw Khin, +95 1 000 000", due_at: after(600), here: true, id: randomUUID(),
    kind: "report", mark: mark([us, named(p)]), may: [], name: p.name, open: true, overdue: false, record: reports[0].record, state: "shared", title: "Report of a job scam", to: box === "in" ? OWN : p.agency, ...more });
  const shares = [
    share(mm, "in", { accept: true, here: false, mark: mark([us, named(mm)], { handling: "H1" }), may: ["accept", "refuse"], state: "offered", title: "Ledger of a compound", kind: "case" }),
    share(mm, "in", { may: ["receive"], due_at: after(-30), overdue: true }),
    share(kb, "out", { state: "received", acts: [{ act: "receive", agency: kb.agency, at: after(-90), code: null, handling: null, name: "th-kbank", note: null, officer: "officer" }] }),
  ];
  const retractions = [
    { at: after(-2000), due_at: after(-560), from: [{ ...named(mm), let_go_at: after(-1900), overdue: false }, { ...named(kb), let_go_at: null, overdue: true }], id: randomUUID(), kind: "report", overdue: true, reason: "The victim asked for it",
      record: reports[1].record, title: "Report R-2", what: "retract", words: "1 of 2 has let go." },
  ];
  const notice = (act, p, box, more = {}) => ({ act, acts: [], at: after(-120), box, by: box === "in" ? p.agency : OWN, contact: "U Aung, +95 1 000 001", due_at: after(300), handling: "H0", id: randomUUID(), may: [], name: p.name, overdue: false,
    recipient: null, records: [reports[2].record], state: "open", text: "Please tell us who opened this account.", title: "Who opened 0011223346", to: box === "in" ? [{ ...us, answered_at: null }] : [{ ...named(p), answered_at: null }], ...more });
  const notices = [
    notice("request", mm, "in", { may: ["receive", "provide", "refuse"] }),
    notice("pass_on", mm, "in", { may: ["grant", "refuse"], title: "Report R-3 to the bank", recipient: named(kb), text: "The bank can hold it." }),
    notice("alert", kh, "out", { state: "received", acts: [{ act: "receive", agency: kh.agency, at: after(-60), code: null, name: "kh-fiu", note: null, officer: null, shares: [], until: null }] }),
  ];
  const sharings = new Map();
  const sharing = (id) => {
    if (!sharings.has(id)) {
      sharings.set(id, { holders: [{ ...named(mm), arrived: true, by: "accord", let_go_at: null, overdue: false, retracted_at: null, since: after(-3000) }], kind: "report", mark: mark([us, named(mm)], { until: null }),
        may: ["share", "retract"], ours: true, own: true, record: id, shares: [] });
    }
    return sharings.get(id);
  };
  const preview = (id, b) => {
    const known = sharing(id).holders.filter((h) => !h.retracted_at).map((h) => h.agency);
    const to = b.to.map(by);
    return { kind: "report", loses: b.only ? known.filter((a) => !to.some((p) => p.agency === a)).map((a) => ({ ...named(by(a)), words: "It is taken back there within 24 hours." })) : [],
      mark: mark([us, ...to.map(named)], { handling: b.handling || "H0", tlp: b.tlp || "AMBER", until: b.until }), needs_accept: ["H1", "H2", "H3"].includes(b.handling), needs_second: to.some((p) => p.flagged), record: id, records: 4,
      sees: to.map((p) => ({ ...named(p), has_it: known.includes(p.agency), title: p.title, words: "officers cleared for AMBER, for investigation; it may not be passed on" })),
      words: `4 records go to ${to.map((p) => p.title).join(", ")}, marked TLP:AMBER.` };
  };
  const alarms = () => [
    { ...named(kh), what: "fork", words: "It showed two histories of size 812. Speak with them; the other links go on." },
    ...retractions.flatMap((r) => r.from.filter((f) => f.overdue).map((f) => ({ agency: f.agency, name: f.name, what: "retraction", words: `It has not let go of ${r.title} for more than 24 hours.` }))),
  ];
  const exchange = () => ({ agency: OWN, alarms: alarms(), fingerprint: print(OWN), may: ["peer.write", "resume"], peers, size: 2210, waiting: 3 });
  return [
    ["GET", "/exchange", () => [200, exchange()]],
    ["GET", "/exchange/card", () => [200, { address: "https://th-centre.example:8442", agency: OWN, card: `MOEI1-${Buffer.from(hash("card").repeat(6)).toString("base64url")}`, fingerprint: print(OWN), qr_svg: QR }]],
    ["POST", "/exchange/card", (q, b) => {
      if (b.card.length < 60) return problem(400, "invalid", "This is no whole card: part of it is missing.");
      const agency = hash(b.card);
      const flagged = b.card.includes("militia");
      return [200, { address: "https://la.example:8442", agency, country: "LA", fingerprint: print(agency), flagged, kind: "police", known: by(agency) ? "confirmed" : null, name: "la-police", title: "Vientiane police" }];
    }],
    ["POST", "/exchange/peers", (q, b) => {
      const made = peer(b.name, "Vientiane police", "LA", "police", { agency: hash(b.card), fingerprint: print(hash(b.card)), connected: false, head: null, last_at: null, relay: b.relay, institutions: b.institutions });
      peers.push(made);
      tell("peer", randomUUID());
      return [201, made];
    }],
    ["POST", "/exchange/peers/:id/revoke", (q, b, id) => { Object.assign(by(id), { state: "revoked", connected: false, reason: b.reason }); tell("peer", id); return one(by(id)); }],
    ["POST", "/exchange/peers/:id/resume", (q, b, id) => { Object.assign(by(id), { stopped: false, words: null }); tell("peer", id); return one(by(id)); }],
    ["GET", "/exchange/links", () => [200, { bounds: { bytes: { default: DAY.bytes, max: 4 * 1024 ** 4, min: 16 * 1024 ** 2 }, messages: { default: DAY.messages, max: 100000000, min: 1000 }, records: { default: DAY.records, max: 1000000000, min: 10000 } }, keys, may: [], peers }]],
    ["POST", "/exchange/keys", (q, b) => {
      const k = keys.find((x) => x.what === b.key);
      const fresh = hash(randomUUID());
      Object.assign(k, { at: now(), known_by: [], waits_for: peers.map((p) => p.name) }, b.key === "log" ? { earlier: k.earlier + 1, from_size: 2211, key: fresh } : { next: fresh });
      tell("key", "x");
      return [200, { from_size: k.from_size, key: fresh, waits_for: k.waits_for, what: k.what }];
    }],
    ["POST", "/exchange/peers/:id/quota", (q, b, id) => {
      const own = Boolean(b.bytes ?? b.messages ?? b.records);
      for (const n of ["bytes", "messages", "records"]) by(id).quota[n].limit = b[n] ?? DAY[n];
      Object.assign(by(id).quota, { full: false, own, set_at: now(), set_by: "admin" });
      return one(by(id));
    }],
    ["POST", "/exchange/bundle", () => [200, { agency: mm.agency, gap: null, known: 3, messages: 1, name: mm.name, new: 2, refused: 0, words: null }]],
    ["POST", "/records/:id/erase", (q, b, id) => { tell("erase", id); return [201, { id: randomUUID() }]; }],
    ["POST", "/exchange/verify", () => [200, { ok: true, records: 5044, segments: 0, transfers: 0 }]],
    ["GET", "/flags", () => list(parties)],
    ["POST", "/flags", (q, b) => { parties.unshift({ ...b, at: now(), id: randomUUID() }); tell("flag", "x"); return [201, parties[0]]; }],
    ["GET", "/accords", () => list(accords)],
    ["POST", "/accords", (q, b) => {
      const a = { at: now(), begins_at: now(), by: OWN, ends_at: b.ends_at, id: randomUUID(), in_force: false, kinds: b.kinds, mark: { days: b.days, handling: b.handling, pap: b.pap, tlp: b.tlp }, may: ["sign"],
        members: b.members.map((m) => ({ agency: m.agency, law: m.law, left_at: null, mirror: m.mirror, name: by(m.agency)?.name ?? "th-centre", signed_at: null })), name: b.name, purposes: b.purposes, title: b.title,
        words: "Waits for the signature of all members." };
      accords.unshift(a);
      tell("accord", a.id);
      return [201, a];
    }],
    ["GET", "/accords/:id", (q, b, id) => one(accords.find((a) => a.id === id || a.name === id))],
    ["GET", "/accords/:id/sees", (q, b, id) => { const a = accords.find((x) => x.id === id || x.name === id); return a ? [200, { mark: mark(a.members), sees: a.members.slice(1).map((m) => ({ ...m, has_it: false, title: by(m.agency)?.title, words: "officers cleared for AMBER" })), words: `${a.members.slice(1).map((m) => m.name).join(", ")} will see it.` }] : none; }],
    ["POST", "/accords/:id/sign", (q, b, id) => {
      const a = accords.find((x) => x.id === id);
      Object.assign(a.members[0], b.signed ? { signed_at: now(), left_at: null } : { left_at: now() });
      Object.assign(a, { may: b.signed ? ["leave"] : ["sign"], in_force: b.signed && a.members.every((m) => m.signed_at), words: b.signed ? `Waits for the signature of ${a.members.filter((m) => !m.signed_at).map((m) => m.name).join(", ")}.` : "th-centre has left." });
      tell("accord_sign", id);
      return [200, a];
    }],
    ["GET", "/records/:id/sharing", (q, b, id) => [200, sharing(id)]],
    ["POST", "/records/:id/share/preview", (q, b, id) => [200, preview(id, b)]],
    ["POST", "/records/:id/share", (q, b, id) => {
      const seen = preview(id, b);
      const s = sharing(id);
      const made = b.to.map((a) => share(by(a), "out", { record: id, title: b.title, state: "shared", due_at: b.due_at }));
      shares.push(...made);
      s.shares.push(...made);
      for (const a of b.to) if (!s.holders.some((h) => h.agency === a)) s.holders.push({ ...named(by(a)), by: "share", let_go_at: null, overdue: false, retracted_at: null, since: now() });
      for (const l of seen.loses) s.holders.find((h) => h.agency === l.agency).retracted_at = now();
      tell("share", id);
      return [201, { ...seen, retracts: [], shares: made }];
    }],
    ["POST", "/records/:id/retract", (q, b, id) => {
      const s = sharing(id);
      for (const h of s.holders) if (b.from.length === 0 || b.from.includes(h.agency)) h.retracted_at = now();
      const r = { at: now(), due_at: after(1440), from: b.from.map((a) => ({ ...named(by(a)), let_go_at: null, overdue: false })), id: randomUUID(), kind: "report", overdue: false, reason: b.reason, record: id, title: null, what: "retract", words: "" };
      retractions.unshift(r);
      tell("retract", id);
      return [201, r];
    }],
    ["GET", "/records/:id/proof", (q, b, id) => [200, { agency: OWN, checkpoint: `moei/${OWN}/main\n412\n`, commitment: hash(id), cosignatures: [`— moei/${mm.agency} aGVsbG8=`], envelope: null, leaf: 3, log: "main", log_key: hash("key"),
      path: [hash("a")], record: id, root: hash("root"), salt: hash("salt"), size: 412, verified: true }]],
    ["GET", "/retractions", () => list(retractions)],
    ["GET", "/shares", (q) => list(shares.filter((s) => !q.get("box") || s.box === q.get("box")))],
    ["GET", "/shares/:id", (q, b, id) => one(shares.find((s) => s.id === id))],
    ["POST", "/shares/:id/act", (q, b, id) => {
      const s = shares.find((x) => x.id === id);
      if (!s.may.includes(b.act)) return problem(409, "state", "This is not open now.");
      s.acts.push({ act: b.act, agency: OWN, at: now(), code: b.code, handling: b.handling, name: "th-centre", note: b.note, officer: randomUUID() });
      Object.assign(s, { may: [], overdue: false, state: { accept: "accepted", receive: "received", refuse: "refused" }[b.act] });
      tell("share_act", id);
      return [200, s];
    }],
    ["GET", "/notices", (q) => list(notices.filter((n) => !q.get("box") || n.box === q.get("box")))],
    ["POST", "/notices", (q, b) => {
      const n = { ...notice(b.act, by(b.to[0]), "out"), ...b, at: now(), recipient: b.recipient ? named(by(b.recipient)) : null, to: b.to.map((a) => ({ ...named(by(a)), answered_at: null })) };
      notices.unshift(n);
      tell("notice", n.id);
      return [201, n];
    }],
    ["GET", "/notices/:id", (q, b, id) => one(notices.find((n) => n.id === id))],
    ["POST", "/notices/:id/act", (q, b, id) => {
      const n = notices.find((x) => x.id === id);
      if (!n.may.includes(b.act)) return problem(409, "state", "This is not open now.");
      n.acts.push({ act: b.act, agency: OWN, at: now(), code: b.code, name: "th-centre", note: b.note, officer: randomUUID(), shares: b.shares, until: b.until });
      Object.assign(n, b.act === "receive" ? { state: "received", may: n.may.filter((a) => a !== "receive") } : { state: b.act === "refuse" ? "refused" : "answered", may: [] });
      tell("notice_act", id);
      return [200, n];
    }],
  ];
}
