// The exchange: a card compared and confirmed, an accord, a record shared after a look at who will see
// it and taken back, a request, a flag. The other agency's card comes in MOEI_PEER_CARD; its folder, and
// that of the node behind the pages, in MOEI_PEER_DIR and MOEI_NODE_DIR: then both exchange by bundles.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { enter } from "./acts.mjs";
import { rootOf, sha } from "./ledger.mjs";

export const name = "exchange";

const confirm = (page) => page.getByRole("button", { name: "Yes, do it" }).click();
// The dialog goes when the act is done; what refuses it stands in it.
const gone = (page) => page.waitForFunction(() => {
  const refused = document.querySelector("dialog [role=alert]")?.textContent;
  if (refused) throw new Error(refused);
  return !document.querySelector("dialog");
});
const peerIn = async (t, page, title) => (await t.api(page, "/exchange")).peers.find((p) => p.title === title && p.state === "confirmed");

// The other agency sits at its own program.
const them = process.env.MOEI_PEER_DIR;
const us = process.env.MOEI_NODE_DIR;
const real = Boolean(them && us);
const moei = (...args) => execFileSync(process.env.MOEI, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
function carry(from, to, name) {
  const folder = mkdtempSync(join(tmpdir(), "moei-bundle-"));
  moei("bundle", "export", from, join(folder, "b"), "--to", name);
  moei("bundle", "import", to, join(folder, "b"));
  rmSync(folder, { recursive: true });
}
// There and back, and there again: what the first way brings is answered by the second.
function carryAll(peer) {
  carry(us, them, peer.name);
  carry(them, us, "th-demo");
  carry(us, them, peer.name);
}

async function addPeer(t, page, card) {
  await page.goto(`${t.url}/exchange`);
  await page.waitForSelector("#first-steps");
  t.check("who begins is told how, with the card and the place for theirs open", /Call them/.test(await page.textContent("#first-steps"))
    && (await page.locator("#card").getAttribute("open")) !== null && (await page.locator("#add-peer").getAttribute("open")) !== null);
  await page.waitForSelector("#card img.qr");
  const axe = await t.axeFaults(page);
  t.check("the page of who begins passes axe", axe.length === 0, axe.join("; "));
  const own = await t.api(page, "/exchange/card");
  t.check("our card is shown with its fingerprint", (await page.textContent("#card")).includes(own.fingerprint) && own.card.startsWith("MOEI1-"));
  const drawn = await page.evaluate(async () => { const i = document.querySelector("img.qr"); await i.decode(); return i.naturalWidth > 0; });
  t.check("the card's QR code is drawn", drawn);
  await page.locator("#card").evaluate((e) => e.scrollIntoView());
  await t.picture(page, "exchange-card");
  const field = page.getByLabel("Their card", { exact: true });
  await field.fill("not a card");
  t.check("what is no card is told at once", (await page.locator("#add-peer .field-error").count()) === 1);
  await field.fill(`Our card:\n${card.replace(/(.{40})/g, "$1\n ")}\n\nFingerprint  1234 5678\n`);
  await page.waitForSelector("#add-peer code.print");
  const claims = await page.textContent("#add-peer .summary");
  const title = /It says it is ([^:]+):/.exec(claims)?.[1] ?? "";
  t.check("a card says who it claims to be", title.length > 2, claims);
  const button = page.locator("#add-peer").getByRole("button", { name: "Confirm this agency" });
  t.check("without a comparison nothing is confirmed", await button.isDisabled());
  await page.getByLabel("I compared the fingerprint with them").check();
  await t.picture(page, "exchange-confirm");
  await button.click();
  t.check("the confirmation names the fingerprint", /[0-9a-f]{4} [0-9a-f]{4} [0-9a-f]{4}/.test(await page.textContent("dialog")));
  await confirm(page);
  await gone(page);
  await page.waitForFunction((x) => document.querySelector("main table")?.textContent.includes(x), title);
  const peer = await peerIn(t, page, title);
  t.check("the agency is confirmed and listed", peer !== undefined);
  if (!(await field.isVisible())) await page.locator("#add-peer > summary").click();
  await field.fill(card);
  const again = page.getByRole("button", { name: "Take this card" });
  await again.waitFor();
  t.check("its card is compared again before it is taken again", await again.isDisabled());
  await page.getByLabel("I compared the fingerprint with them").check();
  await again.click();
  await confirm(page);
  await gone(page);
  t.check("its name stays", (await peerIn(t, page, title))?.name === peer?.name);
  return peer;
}

async function accord(t, page, peer) {
  await page.goto(`${t.url}/exchange/accords/new`);
  await page.waitForSelector("main form, main .act");
  const make = page.getByRole("button", { name: "Propose the accord" });
  t.check("an accord without a member cannot be proposed", await make.isDisabled());
  await page.getByLabel("Short name").fill("story");
  await page.getByLabel("Title", { exact: true }).fill("Accord of the test");
  await page.locator("fieldset").filter({ hasText: "Kinds of record" }).getByLabel("report", { exact: true }).check();
  await page.locator("fieldset").filter({ hasText: "Members beside us" }).getByLabel(peer.title).check();
  for (const law of await page.getByLabel(/^Legal basis of/).all()) await law.fill("A law of the test");
  await page.reload();
  await page.waitForSelector("main .act");
  t.check("a half typed accord survives a reload", (await page.getByLabel("Short name").inputValue()) === "story"
    && (await page.getByLabel(/^Legal basis of/).first().inputValue()) === "A law of the test");
  await make.click();
  t.check("the sentence says what flows and between whom", (await page.textContent("dialog")).includes(peer.title));
  await confirm(page);
  await page.waitForURL(/\/exchange\/accords\/[0-9a-f-]{36}$/);
  await page.waitForSelector("#sign");
  await page.getByRole("button", { name: "Sign for our agency" }).click();
  await confirm(page);
  await gone(page);
  await page.waitForFunction(() => /Leave it/.test(document.querySelector("#sign")?.textContent ?? ""));
  const id = page.url().split("/").pop();
  const made = await t.api(page, `/accords/${id}`);
  t.check("we have signed, the other has not", made.members.some((m) => m.signed_at !== null) && made.members.some((m) => m.signed_at === null) && !made.in_force);
  return id;
}

async function share(t, page, peer) {
  const report = (await t.api(page, "/reports?limit=1")).items[0];
  await page.goto(`${t.url}/reports/${encodeURIComponent(report.id)}`);
  await page.locator("#sharing > summary").focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector("#sharing .facts");
  t.check("the marking is told in words", /TLP:\S+: \w+/.test(await page.textContent("#sharing .facts")));
  await page.getByRole("button", { name: "Share …" }).click();
  const look = page.getByRole("button", { name: "Show who will be able to see this" });
  t.check("without a recipient there is nothing to look at", await look.isDisabled());
  await page.locator(".share-form fieldset").first().getByLabel(peer.title).check();
  await page.getByLabel("What it is, in words").fill("A report of the test");
  t.check("nothing can be shared unseen", (await page.locator(".share-form").getByRole("button", { name: "Share it" }).count()) === 0);
  await look.click();
  await page.waitForSelector("#preview");
  t.check("who will be able to see it stands there first", (await page.textContent("#preview")).includes(peer.title));
  const axe = await t.axeFaults(page);
  t.check("the form to share passes axe", axe.length === 0, axe.join("; "));
  await t.picture(page, "share");
  await page.getByLabel("What it is, in words").fill("Another title");
  t.check("a change asks for another look", (await page.locator("#preview").count()) === 0);
  await look.click();
  await page.waitForSelector("#preview");
  await page.locator(".share-form").getByRole("button", { name: "Share it" }).click();
  await confirm(page);
  await gone(page);
  await page.waitForFunction(() => !document.querySelector(".share-form"));
  const shares = (await t.api(page, "/shares?box=out")).items.filter((s) => s.title === "Another title");
  t.check("the share is a record of ours, to that agency alone", shares.length === 1 && shares[0].to === peer.agency, JSON.stringify(shares));
  return { report, share: shares[0] };
}

async function takeBack(t, page, peer, report) {
  if (real) carryAll(peer);
  await page.goto(`${t.url}/ledger/${report.record}`);
  await page.waitForSelector("#sharing .facts");
  const before = await t.api(page, `/records/${report.record}/sharing`);
  t.check("who holds it is told", before.holders.some((h) => h.agency === peer.agency && !h.let_go_at), JSON.stringify(before.holders));
  await page.getByRole("button", { name: "Take back …" }).click();
  await page.locator("#sharing").getByRole("textbox", { name: "Reason" }).fill("A test takes it back");
  await page.locator("#sharing").getByRole("button", { name: "Take it back", exact: true }).click();
  await confirm(page);
  await gone(page);
  await page.waitForFunction(() => /waits for their node/.test(document.querySelector("#sharing table")?.textContent ?? ""));
  await page.locator("#sharing").scrollIntoViewIfNeeded();
  await t.picture(page, "holders");
  const mine = async () => (await t.api(page, "/retractions")).items.find((r) => r.reason === "A test takes it back");
  t.check("what was taken back waits for its acknowledgement", (await mine()).from.every((f) => f.let_go_at === null));
  if (!real) return;
  carryAll(peer);
  carry(them, us, "th-demo");
  t.check("the other node lets go and says so", (await mine()).from.every((f) => f.let_go_at !== null));
  await page.waitForFunction(() => /acknowledged: let go/.test(document.querySelector("#sharing table")?.textContent ?? ""));
  t.check("the open page shows the acknowledgement by itself", true);
}

// Who runs the node sees its keys and what may come in a day, and nothing else of the exchange.
async function node(t, peer) {
  const password = process.env.MOEI_ADMIN_PASSWORD;
  if (!password) return;
  const officer = t.state;
  const { page, faults, context } = await enter(t, "admin", password, "administration");
  await t.remember(context);
  await page.goto(`${t.url}/exchange`);
  await page.waitForSelector("#key-link");
  t.check("the administrator sees keys and limits, and no agency's records", (await page.locator("nav.chips a").count()) === 1 && (await page.locator("#limits table tbody tr").count()) > 0);
  await t.look("exchange-keys", "/exchange/links", "#limits table tbody tr");
  const before = await t.api(page, "/exchange/links");
  await page.locator("#roll-log > summary").click();
  t.check("what a change of keys does is told first", (await page.locator("#roll-log li").count()) === 3);
  await page.getByRole("button", { name: "Change the log key" }).click();
  t.check("the confirmation names who learns of it", (await page.textContent("dialog")).includes(peer.title));
  await confirm(page);
  await gone(page);
  await page.waitForFunction((old) => !document.querySelector("#key-log .facts").textContent.includes(old), before.keys[0].key);
  const log = (await t.api(page, "/exchange/links")).keys[0];
  t.check("the log key is another, and waits for the peer", log.key !== before.keys[0].key && log.waits_for.includes(peer.name) && log.earlier === 1, JSON.stringify(log));
  await page.locator("#roll-link > summary").click();
  await page.getByRole("button", { name: "Change the link key" }).click();
  await confirm(page);
  await gone(page);
  await page.waitForFunction(() => /stays in use until/.test(document.querySelector("#key-link .note")?.textContent ?? ""));
  t.check("while a link key is on its way, no other is offered", (await page.locator("#roll-link").count()) === 0);
  await page.goto(`${t.url}/exchange/links?open=${peer.agency}`);
  await page.locator("#limit > summary").click();
  const records = page.locator("aside.panel").getByLabel("Records in a day");
  await records.fill("12");
  t.check("a limit outside of the bounds is told at once", (await page.locator("aside.panel .field-error").count()) === 1 && await page.getByRole("button", { name: "Set this limit" }).isDisabled());
  await records.fill("250,000");
  await page.getByRole("button", { name: "Set this limit" }).click();
  t.check("the sentence says how much they may send", /250,000 records/.test(await page.textContent("dialog")));
  await confirm(page);
  await gone(page);
  await page.waitForFunction(() => /limit of its own/.test(document.querySelector("aside.panel .facts")?.textContent ?? ""));
  const set = (await t.api(page, "/exchange/links")).peers.find((p) => p.agency === peer.agency).quota;
  t.check("the limit counts, and who set it stands there", set.records.limit === 250000 && set.bytes.limit === 64 * 1024 ** 3 && set.set_by === "admin", JSON.stringify(set));
  await page.goto(`${t.url}/exchange/shares`);
  await page.waitForSelector("main .card");
  t.check("shares are not for who runs the node", /exchange\.read/.test(await page.textContent("main")));
  t.check("no errors at the administrator's", faults.length === 0, faults.join("; "));
  await context.close();
  t.state = officer;
}

// What waits goes out as a file from the page, and what they sealed for us comes in by it.
async function byFile(t, page, peer) {
  const folder = mkdtempSync(join(tmpdir(), "moei-files-"));
  await page.goto(`${t.url}/exchange?open=${peer.agency}`);
  await page.locator("#bundle-out > summary").click();
  await page.getByRole("button", { name: "Save the file" }).click();
  const down = page.waitForEvent("download");
  await confirm(page);
  const file = await down;
  t.check("the file's name tells nothing of who gets it", file.suggestedFilename() === "bundle.moei");
  await file.saveAs(join(folder, "ours"));
  await gone(page);
  const came = JSON.parse(moei("bundle", "import", them, join(folder, "ours"), "--json"));
  t.check("what is saved on the page is taken in by them", came.refused === 0 && came.words === null && came.new + came.known > 0, JSON.stringify(came));
  moei("bundle", "export", them, join(folder, "theirs"), "--to", "th-demo");
  await page.locator("#bundle-in > summary").click();
  const put = (path) => page.getByLabel("The file", { exact: true }).setInputFiles(path);
  await put(join(folder, "ours"));
  await page.waitForSelector("#bundle-in .error");
  t.check("a file that is sealed to somebody else is refused in words", /sealed to another agency/.test(await page.textContent("#bundle-in .error")));
  await put(join(folder, "theirs"));
  await page.waitForSelector("#bundle-in .note");
  t.check("theirs is taken in by the page", new RegExp(`From ${peer.name}`).test(await page.textContent("#bundle-in .note")), await page.textContent("#bundle-in"));
  await page.waitForFunction(() => /signed it\s*\d+ of \d+ records/.test(document.querySelector("aside.panel .facts").textContent));
  t.check("their signature under our log is shown", true);
  rmSync(folder, { recursive: true });
}

// For whom it answers is said anew.
async function change(t, page, peer) {
  await page.goto(`${t.url}/exchange?open=${peer.agency}`);
  await page.getByText("Change what we call them").click();
  await page.locator("aside.panel").getByLabel("Institutions that they answer for").fill("MM/KBZBMMMY");
  await page.getByRole("button", { name: "Change it" }).click();
  await confirm(page);
  await gone(page);
  const now = (await t.api(page, "/exchange")).peers.find((p) => p.agency === peer.agency);
  t.check("for whom an agency answers is changed on the page", now.institutions.join() === "MM/KBZBMMMY" && now.name === peer.name, JSON.stringify(now.institutions));
}

// A record that nobody needs any more is erased for ever, with a reason.
async function erase(t, page) {
  const one = JSON.parse(moei("report", "add", us, "--loss", "5.00", "--currency", "THB", "--json"));
  await page.goto(`${t.url}/ledger/${one.record}`);
  await page.waitForSelector("#sharing .facts");
  await page.getByRole("button", { name: "Erase for ever …" }).click();
  const button = page.locator("#sharing").getByRole("button", { name: "Erase it for ever", exact: true });
  t.check("without a reason nothing is erased", await button.isDisabled());
  await page.locator("#sharing").getByRole("textbox", { name: "Reason" }).fill("A test of the page");
  await button.click();
  t.check("the sentence says that it is for ever, and who has it", /for ever/.test(await page.textContent("dialog")) && /left this node to nobody/.test(await page.textContent("dialog")));
  await confirm(page);
  await gone(page);
  await page.waitForFunction(() => /removed for ever/.test(document.querySelector("main").textContent));
  t.check("the record is erased, and its proof stays", (await t.api(page, `/records/${one.record}`)).verified === true);
}

// They ask for a hold at a bank of ours: their centre has no power here.
function theyAskForAHold() {
  const folder = mkdtempSync(join(tmpdir(), "moei-pw-"));
  const file = join(folder, "pw");
  writeFileSync(file, /[A-Za-z0-9]{4,}(-[A-Za-z0-9]{4,})+/.exec(moei("user", "password", them, "officer"))[0]);
  moei("report", "add", them, "--id", "Y-1", "--loss", "1000.00", "--currency", "MMK", "--accounts", "TH/006/2000000001");
  moei("order", "propose", them, "--report", "Y-1");
  const order = JSON.parse(moei("order", "list", them, "--json")).items[0];
  moei("order", "issue", them, order.number, "--ends-at", new Date(Date.now() + 30 * 3600000).toISOString().replace(/\.\d+Z/, "Z"), "--password-file", file);
  rmSync(folder, { recursive: true });
}

// The other agency offers a report under H1, and asks for something.
function theyWrite() {
  theyAskForAHold();
  const report = JSON.parse(moei("report", "add", them, "--loss", "700.00", "--currency", "MMK", "--accounts", "MM/AYA/5566", "--json"));
  moei("share", them, report.record ?? report.id, "--to", "th-demo", "--handling", "H1", "--title", "A report from Yangon", "--contact", "Daw Khin, +95 1 000 000");
  moei("notice", "new", them, "request", "--to", "th-demo", "--title", "Whose account is this", "--text", "A victim here paid to it.", "--contact", "Daw Khin, +95 1 000 000");
  carry(them, us, "th-demo");
}

async function notice(t, page, peer) {
  await page.goto(`${t.url}/exchange/notices/new`);
  await page.waitForSelector("main .act");
  await page.locator("fieldset").filter({ hasText: "To" }).getByLabel(peer.title).check();
  await page.getByLabel("What", { exact: true }).fill("Who opened 0011223344");
  await page.getByLabel("What is asked, and why").fill("The money of a victim went there.");
  t.check("a request without a term and a contact cannot be sent", await page.getByRole("button", { name: "Send it" }).isDisabled());
  await page.getByLabel("Answer by").selectOption({ label: "24 hours" });
  await page.getByLabel("Contact").fill("Duty desk, +66 2 000 0000");
  await page.getByRole("button", { name: "Send it" }).click();
  await confirm(page);
  await page.waitForURL(/\/exchange\/notices\/[0-9a-f-]{36}$/);
  await page.waitForSelector("main .prose");
  const sent = await t.api(page, `/notices/${page.url().split("/").pop()}`);
  t.check("a request has its clock and its contact", sent.act === "request" && sent.due_at !== null && /\+66/.test(sent.contact));
  return sent.id;
}

async function flag(t, page) {
  await page.goto(`${t.url}/exchange`);
  await page.locator("#flags > summary").click();
  await page.getByText("Flag a party, or take a flag back").click();
  await page.locator("#flags").getByRole("textbox", { name: "Party" }).fill("A militia of the test");
  await page.locator("#flags").getByRole("textbox", { name: "Source" }).fill("A list");
  await page.locator("#flags").getByRole("textbox", { name: "Reason" }).fill("It stands there");
  await page.getByRole("button", { name: "Flag it" }).click();
  await confirm(page);
  await gone(page);
  await page.waitForFunction(() => /A militia of the test/.test(document.querySelector("#flags table")?.textContent ?? ""));
  t.check("a flagged party is listed", true);
}

// What came from the other agency: a handling that is accepted before the content is sent.
async function inBox(t, page, peer) {
  const offered = (await t.api(page, "/shares?box=in")).items.find((s) => s.may.includes("accept"));
  if (!t.check("a share that asks for its handling has come", offered !== undefined)) return;
  t.check("its content has not", offered.here === false && offered.state === "offered");
  await page.goto(`${t.url}/exchange/shares`);
  await page.locator(`tr[data-row="${offered.id}"] a`).first().click();
  await page.waitForSelector("aside.panel #share-acts");
  await t.picture(page, "share-accept");
  await page.getByRole("button", { name: "Accept the handling" }).click();
  await confirm(page);
  await gone(page);
  const after = () => t.api(page, `/shares/${offered.id}`);
  t.check("the handling is accepted under the officer's key", (await after()).acts.some((a) => a.act === "accept"));
  const asked = (await t.api(page, "/notices?box=in")).items.find((n) => n.may.includes("refuse"));
  if (!t.check("a request has come", asked !== undefined)) return;
  await page.goto(`${t.url}/exchange/notices/${asked.id}`);
  await page.waitForSelector("#notice-acts");
  await page.locator("#notice-acts .chips").getByRole("button", { name: "Refuse" }).click();
  await page.getByLabel("Code of the refusal").selectOption("no_basis");
  await page.locator("#notice-acts .act").getByRole("button", { name: "Refuse" }).click();
  await confirm(page);
  await gone(page);
  await page.waitForFunction(() => /no_basis/.test(document.querySelector("main .steps")?.textContent ?? ""));
  t.check("a request is refused with its code", (await t.api(page, `/notices/${asked.id}`)).state === "refused");
  if (!real) return;
  carryAll(peer);
  carry(them, us, "th-demo");
  const came = await after();
  t.check("the content comes once the handling is accepted", came.here === true, JSON.stringify(came));
  const p = await t.api(page, `/records/${came.record}/proof`);
  const root = rootOf(sha(Buffer.from([0]), Buffer.from(p.commitment, "hex")), p.leaf, p.size, p.path.map((h) => Buffer.from(h, "hex")));
  t.check("its proof leads to the other agency's own checkpoint", p.agency === peer.agency && root?.toString("hex") === p.root
    && p.checkpoint.split("\n")[0].includes(peer.agency) && p.checkpoint.split("\n")[2] === root.toString("base64"), JSON.stringify(p).slice(0, 600));
  await page.goto(`${t.url}/ledger/${came.record}`);
  await page.waitForSelector("#sharing .facts");
  t.check("the record's page says whose it is", (await page.textContent("main dl.facts")).includes(peer.agency));
  await page.getByText("Who has cosigned").click();
  await page.waitForFunction((key) => document.querySelector("main").textContent.includes(key), p.log_key);
  await page.goto(`${t.url}/reports/${came.record}`);
  await page.waitForSelector("#sharing summary");
  t.check("another agency's report opens as a report", /Report /.test(await page.textContent("main h1")));
}

// A request of another centre: it is adopted under our own key, with nobody's document, as a draft of our own.
async function adopt(t, page) {
  const asked = (await t.api(page, "/orders?box=in")).items[0];
  if (!t.check("a request for a hold has come", asked?.request === true)) return;
  await page.goto(`${t.url}/orders/${asked.id}`);
  await page.waitForSelector(".order");
  t.check("it is called by its agency, too", (await page.textContent("main h1")).includes(`${asked.agency_name}/${asked.number}`));
  const first = page.locator(".act-form button.solid").first();
  t.check("to adopt it is what is offered first, and needs no document", (await first.textContent()) === "Adopt it" && (await first.isEnabled()));
  await first.click();
  t.check("the sentence says that it binds nobody yet", /binds nobody until it is issued/.test(await page.textContent("dialog")));
  await confirm(page);
  await page.waitForURL(/\/orders\/O-/);
  await page.waitForFunction(() => /Adopts the request/.test(document.querySelector("main").textContent));
  const own = await t.api(page, `/orders/${page.url().split("/").pop()}`);
  t.check("our own draft stands there, of what was asked", own.state === "draft" && own.adopts === asked.id && own.asked === asked.asked, JSON.stringify(own).slice(0, 300));
}

export async function run(t) {
  const card = process.env.MOEI_PEER_CARD;
  if (!t.check("the card of another agency is given", Boolean(card))) return;
  const { page, faults, context } = await t.open("/exchange");
  await page.waitForSelector("main .card");
  const session = await t.api(page, "/session");
  if (session.acts.includes("peer.write")) {
    const peer = await addPeer(t, page, card);
    t.check("a link that was never heard is said so", !peer.connected && peer.last_at === null);
    await flag(t, page);
    if (real) {
      moei("peer", "add", them, (await t.api(page, "/exchange/card")).card, "--name", "th-demo");
      await byFile(t, page, peer);
      await change(t, page, peer);
      await node(t, peer);
      theyWrite();
    }
  }
  const peer = (await t.api(page, "/exchange")).peers.find((p) => p.state === "confirmed" && !p.stopped && p.title === "Yangon centre");
  const id = await accord(t, page, peer);
  await t.look("accords", "/exchange/accords", "main table tbody tr");
  await t.look("accord-new", "/exchange/accords/new", "main .act");
  await t.look("accord", `/exchange/accords/${id}`, "main table tbody tr");
  const { report, share: made } = await share(t, page, peer);
  await t.look("shares", "/exchange/shares?box=out", "main table tbody tr");
  await t.look("share-one", `/exchange/shares/${made.id}`, "main .facts");
  await takeBack(t, page, peer, report);
  await t.look("sharing", `/ledger/${report.record}`, "#sharing .facts");
  await t.look("retractions", "/exchange/retractions", "main table");
  if (real) await erase(t, page);
  const sent = await notice(t, page, peer);
  await t.look("notices", "/exchange/notices?box=out", "main table tbody tr");
  await t.look("notice", `/exchange/notices/${sent}`, "main .prose");
  await t.look("notice-new", "/exchange/notices/new", "main .act");
  if (real) await adopt(t, page);
  await inBox(t, page, peer);
  await t.look("exchange", "/exchange", "main table tbody tr");
  await t.look("exchange-peer", `/exchange?open=${peer.agency}`, "aside.panel .facts");
  await page.goto(`${t.url}/exchange/nothing`);
  await page.waitForSelector("main .card");
  t.check("a part that is none is answered in words", /nothing at this address/i.test(await page.textContent("main")));
  t.check("no errors in all that", faults.length === 0, faults.join("; "));
  await context.close();
}
