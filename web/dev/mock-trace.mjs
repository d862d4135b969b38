// A made-up trace in the shape of docs/page-data.md: three levels, a few banks, some money gone.
export const BANKS = {
  "TH/002": "Bangkok Bank", "TH/004": "Kasikornbank", "TH/006": "Krungthai Bank", "TH/014": "Siam Commercial Bank", "TH/025": "Bank of Ayudhya", "MM/AYA": "AYA Bank",
};
const KEYS = Object.keys(BANKS);
const at = (minutes) => new Date(Date.UTC(2026, 10, 10, 2, 0) + minutes * 60000).toISOString();

function accountAt(level, i) {
  const bank = KEYS[(level * 2 + i) % KEYS.length];
  const number = level === 1 ? `00112233${41 + i}` : `${level}0900${String(1000 + i * 37)}`;
  return { account: number, country: bank.slice(0, 2), currency: "THB", institution: bank.slice(3) };
}

export function caseTrace(k, cases, currencies, reports, rule, until) {
  const transfers = [];
  const accounts = new Map();
  const touch = (a, level, when) => {
    const key = `${a.country}/${a.institution}/${a.account}`;
    if (!accounts.has(key)) accounts.set(key, { ...a, arrived: 0, balance: 0, first_at: when, gone_on: 0, level, still_there: 0, tags: [] });
    return accounts.get(key);
  };
  const pay = (from, to, amount, minutes, level, report) => {
    const when = at(minutes);
    if (until && when > until) return;
    transfers.push({ amount, booked_at: when, credited: amount, from, id: `t${transfers.length}`, level, tags: [{ amount, report }], to });
    if (level > 1) touch(from, level - 1, when).gone_on += amount;
    if (to.account === "") return;
    const a = touch(to, level, when);
    a.arrived += amount;
    const tag = a.tags.find((t) => t.report === report);
    if (tag) tag.amount += amount;
    else a.tags.push({ amount, report });
  };
  reports.slice(0, 9).forEach((r, i) => {
    const loss = r.loss ?? 0;
    const first = accountAt(1, i % 5);
    pay({ account: `777888${100 + i}`, country: "TH", currency: "THB", institution: KEYS[i % 5].slice(3) }, first, loss, i * 11, 1, r.id);
    const second = accountAt(2, i % 4);
    pay(first, second, Math.floor(loss * 0.7), i * 11 + 4, 2, r.id);
    pay(second, accountAt(3, i % 6), Math.floor(loss * 0.4), i * 11 + 9, 3, r.id);
    pay(second, { account: "", country: second.country, currency: "THB", institution: second.institution }, Math.floor(loss * 0.2), i * 11 + 15, 3, r.id);
  });
  for (const a of accounts.values()) {
    a.still_there = a.arrived - a.gone_on;
    a.balance = a.still_there + 12345;
    a.tags = a.tags.map((t) => ({ report: t.report, amount: Math.floor((t.amount * a.still_there) / a.arrived) }));
  }
  const sorted = [...accounts.values()].sort((x, y) => (`${x.country}${x.institution}${x.account}` < `${y.country}${y.institution}${y.account}` ? -1 : 1));
  const money = (n) => [{ amount: n, currency: "THB" }];
  const levels = [1, 2, 3].map((level) => {
    const mine = sorted.filter((a) => a.level === level);
    return { level, account_count: mine.length, accounts: mine.sort((x, y) => y.arrived - x.arrived).map((a) => sorted.indexOf(a)), folded: 0,
      gone_on: money(mine.reduce((s, a) => s + a.gone_on, 0)), still_there: money(mine.reduce((s, a) => s + a.still_there, 0)) };
  });
  const sent = transfers.filter((t) => t.level === 1).reduce((s, t) => s + t.amount, 0);
  const left = sorted.reduce((s, a) => s + a.still_there, 0);
  return {
    accounts: sorted, agency: { country: "TH", name: "th-centre", title: "Drill centre", timezone: "Asia/Bangkok" }, case: { id: k.id, reports: reports.map((r) => r.id), title: k.title },
    cases: cases.map((c) => ({ id: c.id, reports: 9, title: c.title })), currencies, institutions: BANKS, levels: levels.filter((l) => l.account_count > 0),
    measured: { events: 1412, micros: 730, transfers: 1000000 }, notes: [],
    reports: reports.map((r) => ({ channel: "", cost: [], country: "TH", currency: "THB", exits: money(Math.floor((r.loss ?? 0) * 0.2)), id: r.id, left: money(Math.floor((r.loss ?? 0) * 0.8)), loss: r.loss, reported_at: r.reported_at, seed: money(r.loss ?? 0) })),
    rule, summary: `Of ${(sent / 100).toLocaleString("en", { minimumFractionDigits: 2 })} THB sent by ${reports.length} victims, ${(left / 100).toLocaleString("en", { minimumFractionDigits: 2 })} THB still lies on ${sorted.filter((a) => a.still_there > 0).length} accounts.`,
    transfers, until: until ?? null,
  };
}
