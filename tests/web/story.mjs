// The whole story in the browser: phone call, typed report, first-hop letter within a minute, the
// bank's file, the seed, the trace, the holds, the bank's CSV answer, the holder's appeal, another
// officer's reduction, a refund plan signed by two, the case file. Saves the case file in FOLDER.
// Use: node story.mjs URL USER PASSWORD SECOND PASSWORD FOLDER
import { writeFileSync } from "node:fs";
import { confirm, enter, filledIn, issueShown } from "./acts.mjs";
import { start } from "./lib.mjs";

const [url, user, password, second, secondPassword, folder] = process.argv.slice(2);
const t = await start(url, user, password);

const FIRST = { bank: "TH/014", account: "2000000001" };
const NEXT = { bank: "TH/002", account: "3000000001" };
const ago = (minutes) => new Date(Date.now() - minutes * 60000).toISOString().replace(/\.\d+Z$/, "Z");

async function issue(page, number) {
  await page.goto(`${url}/orders/${number}`);
  await issueShown(page);
}

async function call(page) {
  const began = Date.now();
  await page.keyboard.press("n");
  await page.waitForSelector("form.typing");
  await page.waitForFunction(() => document.activeElement?.tagName === "INPUT");
  await page.keyboard.type(FIRST.bank);
  await page.keyboard.press("Tab");
  await page.keyboard.type(FIRST.account);
  await page.getByLabel("How much?").fill("48200");
  await page.getByLabel("Who lost the money").fill("Somchai Jaidee");
  await page.getByLabel("What happened").fill("They said they were police.");
  await page.keyboard.press("Control+Enter");
  await issueShown(page);
  const letter = await (await page.request.get(url + (await page.getAttribute('a[href$="/letter"]', "href")))).text();
  const took = (Date.now() - began) / 1000;
  t.check(`phone call, typed report, first-hop letter in ${took.toFixed(1)} s of 60`, took < 60 && letter.includes("48,200.00") && letter.includes(FIRST.account));
  t.check("the letter is silent about the victim", !/Somchai|police/.test(letter));
  const first = (await t.api(page, "/orders?board=1")).items[0];
  await page.getByRole("link", { name: "Open the report" }).click();
  await page.waitForURL(/\/reports\/[^/]+$/);
  return { report: decodeURIComponent(page.url().split("/").pop()), first: first.number };
}

async function bankFile(page) {
  const row = (id, minutes, from, to, amount) => `${id},${ago(minutes)},${from.replace("/", ",").replace("/", ",")},${to.replace("/", ",").replace("/", ",")},${amount},THB`;
  const csv = ["id,booked_at,from_country,from_institution,from_account,to_country,to_institution,to_account,amount,currency",
    row("v1", 50, "TH/004/1000000001", `${FIRST.bank}/${FIRST.account}`, "48200.00"),
    row("v2", 40, `${FIRST.bank}/${FIRST.account}`, `${NEXT.bank}/${NEXT.account}`, "30000.00")].join("\n") + "\n";
  await page.goto(`${url}/reports/upload`);
  await page.getByLabel("A bank's transfers").check();
  await page.locator("#file").setInputFiles({ name: "bank.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
  await page.getByRole("button", { name: "Look at it first" }).click();
  await page.waitForSelector(".act");
  await confirm(page, "Take it in");
  await page.waitForFunction(() => /2 rows: 2 taken/.test(document.querySelector("main").textContent));
  t.check("the bank's file is looked at and taken in", true);
}

async function seed(page, report) {
  await page.goto(`${url}/reports/${encodeURIComponent(report)}`);
  const box = page.getByRole("checkbox", { name: "Pick v1" });
  await box.check({ timeout: 20000 });
  await page.getByRole("button", { name: "These are the ones" }).click();
  await page.waitForFunction(() => /1 transfer picked/.test(document.body.textContent));
  t.check("the seed is proposed and picked", (await t.api(page, `/reports/${encodeURIComponent(report)}`)).seeds.includes("v1"));
}

async function makeCase(page, report) {
  await page.goto(`${url}/cases?new=1`);
  await page.getByLabel("What it is called").fill("The caller's money");
  await page.getByRole("button", { name: "Open it" }).click();
  await page.waitForURL(/\/cases\/[^/?]+/);
  const id = /\/cases\/([^/?]+)/.exec(page.url())[1];
  await page.goto(`${url}/reports/${encodeURIComponent(report)}`);
  await page.getByRole("button", { name: "Put it there" }).click();
  await page.waitForFunction(() => /It stands in the case now/.test(document.body.textContent));
  await page.goto(`${url}/cases/${id}`);
  await page.waitForSelector("#trace .summary");
  const summary = await page.textContent("#trace .summary");
  t.check("the trace tells what is left", /48,200\.00 THB/.test(summary), summary);
  await page.locator("#trace table tbody tr button").last().click();
  await page.waitForSelector("aside.panel li, aside.panel .prose");
  t.check("why: the path is told", (await page.textContent("aside.panel")).length > 40);
  return id;
}

async function hold(page, id, first) {
  await page.goto(`${url}/cases/${id}?part=orders`);
  await page.getByRole("button", { name: "Draft the holds" }).click();
  await page.waitForFunction(() => /2 drafts made/.test(document.querySelector("main").textContent));
  const drafts = (await t.api(page, `/orders?case=${id}`)).items.filter((o) => o.state === "draft");
  t.check("exactly the traced amounts are drafted", drafts.map((o) => o.asked).sort().join() === "1820000,3000000", drafts.map((o) => o.asked).join());
  for (const o of drafts) await issue(page, o.number);
  const before = await t.api(page, `/orders/${first}`);
  t.check("the traced hold takes the first hop's place", before.state === "superseded", before.state);
  return drafts.map((o) => o.number);
}

async function answer(page, numbers) {
  const seen = await filledIn(t, page, numbers);
  t.check("the bank's CSV is looked at first", /2 of 2 rows can be taken/.test(seen), seen);
  const held = [];
  for (const number of numbers) held.push((await t.api(page, `/orders/${number}`)).held);
  t.check("what the bank answers is held", held.sort().join() === "1820000,3000000", held.join());
}

// The holder has the letter's code and no log-in.
async function appeal(page, number) {
  const letter = await (await page.request.get(`${url}/api/v1/orders/${number}/letter`)).text();
  const code = /\/h\/([0-9A-HJKMNP-TV-Z]{26})/i.exec(letter)?.[1];
  t.check("the letter has a code for the holder", code !== undefined);
  const holder = await t.open(`/h/${code}`, {}, true);
  await holder.page.waitForSelector("form textarea");
  const shown = await holder.page.textContent("body");
  t.check("the holder's page tells no victim and no case", !/Somchai|caller's money|R-\d/.test(shown));
  const violations = await t.axeFaults(holder.page);
  t.check("the holder's page passes axe", violations.length === 0, violations.join("; "));
  await t.picture(holder.page, "holder");
  await holder.page.fill("#text", "5,000.00 of it are my wages.");
  await holder.page.fill("#contact", "+66 81 000 0000");
  await holder.page.setInputFiles("#files", { name: "payslip.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4\n% a payslip\n") });
  await holder.page.locator("form button").click();
  await holder.page.waitForURL(/sent=1/);
  t.check("the holder is told that it came", (await holder.page.locator("[role=status]").count()) === 1);
  await holder.context.close();
}

// Who issued an order may not hear the appeal against it.
async function ownReview(page, number) {
  const { csrf } = await t.api(page, "/session");
  const answer = await page.request.post(`${url}/api/v1/orders/${number}/acts`, {
    headers: { "X-Moei-CSRF": csrf, "Idempotency-Key": "own-review", Origin: url }, data: { act: "review", outcome: "upheld", note: "It stands." },
  });
  t.check("who issued it may not review it", [403, 409].includes(answer.status()), `${answer.status()} ${await answer.text()}`);
}

async function review(name, given, number) {
  const officer = await enter(t, name, given);
  const { page } = officer;
  await page.goto(`${url}/grievances`);
  await page.getByRole("link", { name: number }).click();
  await page.waitForSelector("main .prose");
  t.check("the grievance is read beside its order", (await page.textContent("main")).includes("5,000.00 of it are my wages."));
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "payslip.pdf" }).click()]);
  t.check("the holder's document can be read", file.suggestedFilename() === "payslip.pdf");
  const form = page.locator(".act-form").first();
  await form.getByLabel("Less is held from now on").check();
  await form.getByLabel("Amount", { exact: true }).fill("13200.00");
  await form.getByLabel("In words").fill("5,000.00 are wages.");
  await confirm(form, "Decide about the appeal");
  const o = await t.api(page, `/orders/${number}`);
  t.check("another officer reduced it", o.held === 1320000 && o.appeal === "reduced", `${o.held} ${o.appeal}`);
  return officer;
}

// The bank says on the phone that it has the reduction.
async function told(page, number) {
  await page.goto(`${url}/orders/${number}`);
  await page.waitForSelector(".act-form");
  const o = await t.api(page, `/orders/${number}`);
  if (!o.allowed.some((a) => a.act === "receive")) return;
  const box = page.locator("details.else", { hasText: "It has arrived" });
  const form = (await box.count()) ? box.locator(".act-form") : page.locator(".act-form").first();
  if (await box.count()) await box.locator("summary").click();
  const words = form.getByLabel("In words");
  if (await words.count()) await words.fill("Fraud desk, by phone");
  const channel = form.getByLabel("How they were reached");
  if (await channel.count()) await channel.fill("phone");
  await confirm(form, "It has arrived");
}

async function refund(page, other, id) {
  await page.goto(`${url}/refunds/new?case=${id}`);
  await page.waitForSelector("main form select option:nth-child(2)", { state: "attached" });
  await page.getByRole("button", { name: "Compare all rules" }).click();
  await page.waitForSelector("table.rules");
  t.check("all four rules stand side by side", (await page.locator("table.rules thead th").count()) === 8);
  await t.picture(page, "story-compare");
  await confirm(page, "Make the plan");
  await page.waitForURL(/\/refunds\/(?!new)[^/?]+$/);
  const plan = page.url().split("/").pop();
  for (const p of [page, other]) {
    await p.goto(`${url}/refunds/${plan}`);
    await p.waitForSelector("#sign .act");
    await confirm(p.locator("#sign"), "Sign");
  }
  const signed = await t.api(page, `/refunds/${plan}`);
  t.check("two officers signed the plan's hash", signed.state === "signed" && signed.signers.length === 2, `${signed.state} ${signed.signers.length}`);
  const shared = signed.currencies[0].shares.reduce((s, x) => s + x, 0) + signed.currencies[0].unassigned;
  t.check("shares and the unassigned come to what is held", shared === signed.currencies[0].total && shared === 4320000, String(shared));
  await t.look("refund-signed", `/refunds/${plan}`, "main dl.facts");
}

async function caseFile(page, id) {
  await page.goto(`${url}/cases/${id}?part=file`);
  await page.getByLabel("For whom").fill("The court");
  const [file] = await Promise.all([page.waitForEvent("download", { timeout: 30000 }), confirm(page, "Take the case file out")]);
  await file.saveAs(`${folder}/case.zip`);
  t.check("the case file is saved", true);
}

try {
  const officer = await enter(t, user, password);
  const { page } = officer;
  await t.remember(officer.context);
  const { report, first } = await call(page);
  await bankFile(page);
  await seed(page, report);
  const id = await makeCase(page, report);
  const numbers = await hold(page, id, first);
  await answer(page, numbers);
  const contested = (await t.api(page, `/orders?case=${id}`)).items.find((o) => o.held === 1820000).number;
  await appeal(page, contested);
  await ownReview(page, contested);
  const other = await review(second, secondPassword, contested);
  await told(page, contested);
  await refund(page, other.page, id);
  await caseFile(page, id);
  t.check("no errors in all that", officer.faults.length + other.faults.length === 0, [...officer.faults, ...other.faults].join("; "));
  if (folder) writeFileSync(`${folder}/story.json`, JSON.stringify({ case: id, contested, report }));
} catch (e) {
  t.check("the story came to its end", false, String(e).split("\n").slice(0, 5).join(" | "));
}
process.exit((await t.end()) ? 1 : 0);
