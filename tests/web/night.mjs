// A night shift with two lapses, on a clock that is moved: two first hops held, the warning, the first
// end, the second, what is not confirmed, what becomes overdue, the shift handed over.
// Use: node night.mjs URL CLOCKFILE OFFICER PASSWORD NIGHT PASSWORD
import { writeFileSync } from "node:fs";
import { confirm, enter, filledIn, issueShown } from "./acts.mjs";
import { start } from "./lib.mjs";

const [url, clock, user, password, night, nightPassword] = process.argv.slice(2);
const t = await start(url, user, password);
const MINUTE = 60;
const HOUR = 3600;
let moved = 0;

// Seconds that the node is ahead of this machine; it never goes back.
function move(seconds) {
  moved = Math.max(moved, Math.ceil(seconds));
  writeFileSync(clock, `${moved}\n`);
}
const until = (at, more) => move((new Date(at).getTime() - Date.now()) / 1000 + more);

async function called(page, account) {
  await page.goto(`${url}/reports/new`);
  await page.waitForSelector("form.typing");
  await page.getByLabel("Bank or exchange").fill("TH/014");
  await page.getByLabel("Account", { exact: false }).last().fill(account);
  await page.getByLabel("How much?").fill("9000");
  await page.getByRole("button", { name: "Save the report" }).click();
  await issueShown(page);
  return (await t.api(page, `/orders?account=TH/014/${account}`)).items[0].number;
}

const row = (page, number) => page.locator("main tr[data-row]", { hasText: number });

// A session that nobody uses for an hour is over: after each move of the clock one logs in again.
async function evening() {
  const before = await enter(t, user, password);
  const first = await called(before.page, "2000000077");
  await before.context.close();
  move(2 * HOUR);
  const { page, faults, context } = await enter(t, user, password);
  const later = await called(page, "2000000088");
  const seen = await filledIn(t, page, [first, later]);
  t.check("both banks' answers are taken in", /2 of 2 rows/.test(seen), seen);
  const orders = [await t.api(page, `/orders/${first}`), await t.api(page, `/orders/${later}`)];
  t.check("both are held until their ends, two hours apart", orders.every((o) => o.held === 900000 && o.ends_at) &&
    Math.round((new Date(orders[1].ends_at) - new Date(orders[0].ends_at)) / 60000) >= 119, orders.map((o) => o.ends_at).join());
  t.check("no errors in the evening", faults.length === 0, faults.join("; "));
  await context.close();
  return orders;
}

async function warned([first, later]) {
  until(first.ends_at, -20 * MINUTE);
  const { page, faults, context } = await enter(t, night, nightPassword);
  await page.waitForSelector("main table tbody tr");
  await page.goto(`${url}/orders`);
  await page.waitForSelector("main table tbody tr");
  const soon = await row(page, first.number).textContent();
  t.check("twenty minutes before its end it is red, in words", /Soon: (19|20) min left/.test(soon), soon);
  t.check("what ends first stands first", (await page.locator("main tr[data-row]").first().textContent()).includes(first.number));
  t.check("what ends later is calm", /1 h|2 h/.test(await row(page, later.number).textContent()));
  await t.picture(page, "night-board");
  t.check("no errors before the first end", faults.length === 0, faults.join("; "));
  await context.close();
}

async function lapse(order, others) {
  until(order.ends_at, MINUTE);
  const { page, faults, context } = await enter(t, night, nightPassword);
  await page.goto(`${url}/orders?show=unconfirmed`);
  await page.waitForSelector("main table tbody tr");
  const words = await row(page, order.number).textContent();
  t.check(`${order.number} has lapsed by itself and is not confirmed`, /lapsed/.test(words) && /not confirmed/.test(words), words);
  const now = await t.api(page, `/orders/${order.number}`);
  t.check("the machine wrote no act for it", now.state === "lapsed" && now.not_confirmed && now.events.every((e) => e.act !== "lapse"));
  for (const other of others) t.check(`${other.number} still holds`, (await t.api(page, `/orders/${other.number}`)).state === "executed");
  t.check("no errors at the end of an order", faults.length === 0, faults.join("; "));
  return { page, context };
}

// The bank says by letter that the money is free.
async function undone(page, order) {
  await page.goto(`${url}/orders/${order.number}`);
  await page.waitForSelector(".act-form");
  const form = page.locator(".act-form").first();
  await form.getByLabel("Document").setInputFiles({ name: "undone.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4\n% it is free\n") });
  await form.getByText(/SHA-256 [0-9a-f]{12}/).waitFor();
  await confirm(form, "Note that it is undone");
  const now = await t.api(page, `/orders/${order.number}`);
  t.check(`${order.number} is confirmed free`, !now.not_confirmed && now.held === 0, `${now.not_confirmed} ${now.held}`);
}

async function handedOver(page) {
  await page.goto(`${url}/shift`);
  await page.waitForSelector("#close");
  await page.locator("#close select").selectOption(user);
  await page.locator("#close").getByLabel("What the next one should know").fill("One bank has not said that the money is free.");
  await t.picture(page, "night-shift");
  await confirm(page.locator("#close"), "Close the shift");
  await page.waitForFunction(() => /another officer signs/.test(document.querySelector("main").textContent));
}

async function morning([, later]) {
  until(later.ends_at, 24 * HOUR + 2 * MINUTE);
  const { page, faults, context } = await enter(t, user, password);
  await page.goto(`${url}/shift`);
  await page.getByText("The last shift waits for its signature").waitFor();
  t.check("the next officer reads what the night left", (await page.textContent("main")).includes("One bank has not said that the money is free."));
  await confirm(page, "Take the shift over");
  const shift = await t.api(page, "/shift");
  t.check("the shift is signed", shift.unsigned === null);
  await page.goto(`${url}/orders?show=unconfirmed`);
  await page.waitForSelector("main table tbody tr");
  const words = await row(page, later.number).textContent();
  t.check("a day after its end the silent one is overdue", /overdue/.test(words), words);
  t.check("no errors in the morning", faults.length === 0, faults.join("; "));
  await context.close();
}

try {
  move(0);
  const orders = await evening();
  await warned(orders);
  const first = await lapse(orders[0], [orders[1]]);
  await undone(first.page, orders[0]);
  await first.context.close();
  const second = await lapse(orders[1], []);
  await handedOver(second.page);
  await second.context.close();
  await morning(orders);
} catch (e) {
  t.check("the night came to its end", false, String(e).split("\n").slice(0, 5).join(" | "));
}
process.exit((await t.end()) ? 1 : 0);
