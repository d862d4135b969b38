// The first page in a real browser: what it shows, its keys, its width, its colours, its rules.
// Prints `ok name` and `not ok name` lines. Pictures go to PICTURES, if set.
// Use: node page.mjs URL
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "../../web/node_modules/playwright-core/index.mjs";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const url = process.argv[2];
const pictures = process.env.PICTURES ?? "";
let failed = 0;
function check(name, good, words = "") {
  console.log(`${good ? "ok" : "not ok"} ${name}${good || !words ? "" : `: ${words}`}`);
  if (!good) failed++;
}

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});

async function open(options) {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const faults = [];
  page.on("console", (m) => { if (m.type() === "error") faults.push(m.text()); });
  page.on("pageerror", (e) => faults.push(String(e)));
  page.on("request", (r) => { if (!r.url().startsWith(url) && !r.url().startsWith("data:")) faults.push(`third party: ${r.url()}`); });
  await page.goto(url, { waitUntil: "networkidle" });
  return { page, faults, context };
}

async function axeFaults(context, page) {
  // Injected as a script the page's own policy would refuse; evaluate runs beside it.
  await page.evaluate(axe);
  const result = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"] }));
  return result.violations.map((v) => `${v.id} (${v.nodes.length}: ${v.nodes[0]?.target})`);
}

try {
  for (const scheme of ["light", "dark"]) {
    const { page, faults, context } = await open({ colorScheme: scheme, viewport: { width: 1440, height: 900 } });
    await page.waitForSelector("svg.flow");
    check(`no errors and nothing from elsewhere (${scheme})`, faults.length === 0, faults.join("; "));
    const violations = await axeFaults(context, page);
    check(`axe finds nothing (${scheme})`, violations.length === 0, violations.join("; "));
    if (pictures) await page.screenshot({ path: `${pictures}/trace-${scheme}.png` });
    await context.close();
  }

  const { page, context, faults } = await open({ viewport: { width: 1440, height: 900 } });
  await page.waitForSelector("svg.flow");
  const rows = await page.locator("#trace table tbody tr").count();
  check("accounts stand in tables, level by level", rows > 0);
  const trace = await (await page.request.get(`${url}/api/demo/trace`)).json();
  check("the page shows every account that the answer shows", rows === trace.levels.reduce((s, l) => s + l.accounts.length, 0));
  check("the summary is the program's own sentence", (await page.textContent(".summary")) === trace.summary);

  await page.locator("#trace table tbody tr button").last().click();
  await page.waitForSelector("aside.why");
  check("why: the path has at least one payment", (await page.locator("aside.why li").count()) > 0);
  if (pictures) await page.screenshot({ path: `${pictures}/why.png` });
  await page.keyboard.press("Escape");
  check("Esc closes the path", (await page.locator("aside.why").count()) === 0);

  await page.getByRole("button", { name: "Pro rata" }).click();
  await page.waitForFunction(() => document.querySelector('.chip[aria-pressed="true"]')?.textContent === "Pro rata");
  check("the rule is in the address", page.url().includes("rule=pro_rata"));
  await page.goBack();
  await page.waitForFunction(() => document.querySelector('.chip[aria-pressed="true"]')?.textContent === "First in, first out");
  check("going back brings the former rule", true);

  const record = await (await page.request.get(`${url}/api/demo/public-record`)).json();
  const claims = record.tables.reduce((s, t) => s + t.rows.length, 0);
  check("the public record is there, every row with a source", claims > 100 && record.tables.every((t) => t.rows.every((r) => t.name === "sources" || r.sources.length > 0)));
  await page.getByRole("button", { name: /^Statements/ }).click();
  const words = await page.textContent("#record");
  check("a denial stands beside what it denies", words.includes("scam operations had their support") && words.includes("Thailand and others are not complicit") && words.includes("Global New Light of Myanmar"));
  if (pictures) {
    await page.locator("#record").scrollIntoViewIfNeeded();
    await page.locator("#record").screenshot({ path: `${pictures}/public-record.png` });
  }

  check("no errors after all that", faults.length === 0, faults.join("; "));

  const keys = await open({ viewport: { width: 1440, height: 900 } });
  await keys.page.waitForSelector("svg.flow");
  await keys.page.keyboard.press("Tab");
  check("the first key stop is the way past the head", (await keys.page.evaluate(() => document.activeElement?.className)) === "skip");
  await keys.context.close();

  const bad = await page.request.get(`${url}/api/demo/trace?rule=nonsense`);
  check("a rule that does not exist is refused in words", bad.status() === 400 && /rule/.test((await bad.json()).message));
  const home = await page.request.get(url);
  const policy = home.headers()["content-security-policy"] ?? "";
  check("the policy allows no inline script", policy.includes("default-src 'none'") && !policy.includes("unsafe"), policy);
  await context.close();

  const small = await open({ viewport: { width: 360, height: 740 } });
  await small.page.waitForSelector("#trace table");
  const wide = await small.page.evaluate(() => document.documentElement.scrollWidth);
  check("360 px wide: the page itself does not scroll sideways", wide <= 360, `${wide} px`);
  if (pictures) await small.page.screenshot({ path: `${pictures}/small.png` });
  await small.context.close();
} catch (e) {
  check(`the test came to its end`, false, String(e));
}
await browser.close();
process.exit(failed ? 1 : 0);
