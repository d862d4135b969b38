// What the tests of the pages share: a browser, a way in, axe, pictures, `ok` and `not ok` lines.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "../../web/node_modules/playwright-core/index.mjs";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const pictures = process.env.PICTURES ?? (process.env.MOEI_PICTURES === "1" ? "docs/pictures" : "");

const ALSO = ["exchange-small", "front-dark", "case-dark", "front-small", "report-new-small"];

export const SIZES = { wide: { width: 1280, height: 860 }, small: { width: 360, height: 740 } };

export async function start(url, user, password) {
  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
  return new Tests(browser, url, user, password);
}

export class Tests {
  constructor(browser, url, user, password) {
    Object.assign(this, { browser, url, user, password, failed: 0, state: null });
  }

  check(name, good, words = "") {
    console.log(`${good ? "ok" : "not ok"} ${name}${good || !words ? "" : `: ${words}`}`);
    if (!good) this.failed++;
    return good;
  }

  // A page with its own memory; `fresh` is not logged in. Errors and foreign requests go to `faults`.
  async open(path, options = {}, fresh = false) {
    const context = await this.browser.newContext({
      reducedMotion: "reduce", viewport: SIZES.wide, ...(this.state && !fresh ? { storageState: this.state } : {}), ...options,
    });
    context.setDefaultTimeout(15000);
    const page = await context.newPage();
    const faults = [];
    // The browser notes every refused answer (401 before the log-in, 409) by itself; those are not faults.
    page.on("console", (m) => { if (m.type() === "error" && !/status of 4\d\d/.test(m.text())) faults.push(m.text()); });
    page.on("pageerror", (e) => faults.push(String(e)));
    page.on("request", (r) => { if (!/^(data|blob):/.test(r.url()) && !r.url().startsWith(this.url)) faults.push(`third party: ${r.url()}`); });
    await page.goto(this.url + path, { waitUntil: "domcontentloaded" });
    return { page, faults, context };
  }

  async logIn(page, user = this.user, password = this.password) {
    await page.getByLabel("Name", { exact: true }).fill(user);
    await page.getByLabel("Password", { exact: true }).fill(password);
    const purpose = page.locator('input[name="purpose"][value="investigation"]');
    if (await purpose.count()) await purpose.check();
    await page.getByRole("button", { name: "Log in" }).click();
    await page.waitForSelector("nav.rail");
  }

  async remember(context) {
    this.state = await context.storageState();
  }

  async axeFaults(page) {
    // Injected as a script the page's own policy would refuse; evaluate runs beside it.
    if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
    const result = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"] }));
    return result.violations.map((v) => `${v.id} (${v.nodes.length}: ${v.nodes[0]?.target}: ${v.nodes[0]?.any[0]?.message ?? ""})`);
  }

  // One address, wide and small, light and dark: nothing broken, axe content, no scrolling sideways.
  async look(name, path, ready, fresh = false) {
    const { page, faults, context } = await this.open(path, {}, fresh);
    await page.waitForSelector(ready, { state: "attached" });
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.setViewportSize(viewport);
      for (const scheme of ["light", "dark"]) {
        // Colours and widths do not change with how the server was compiled: two of the four will do.
        if (process.env.MOEI_SANITIZED && (size === "wide") !== (scheme === "light")) continue;
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
        await page.waitForTimeout(150);
        const label = `${name} (${size}, ${scheme})`;
        const violations = await this.axeFaults(page);
        this.check(`${label}: axe finds nothing`, violations.length === 0, violations.join("; "));
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        this.check(`${label}: does not scroll sideways`, wide <= viewport.width, `${wide} px`);
        await this.picture(page, scheme === "light" ? (size === "wide" ? name : `${name}-small`) : size === "wide" ? `${name}-dark` : "");
      }
    }
    this.check(`${name}: no errors, nothing from elsewhere`, faults.length === 0, faults.join("; "));
    await context.close();
  }

  async picture(page, name) {
    // The guide shows each page once; of the other variants two dark and two small ones.
    if (/-(dark|small)$/.test(name) && !ALSO.includes(name)) return;
    if (pictures && name) await page.screenshot({ path: `${pictures}/${name}.png` });
  }

  async api(page, path) {
    // A connection that stood idle may be closed by the server just as it is used again (RFC 9112, 9.5).
    return (await page.request.get(`${this.url}/api/v1${path}`, { maxRetries: 2 })).json();
  }

  async end() {
    await this.browser.close();
    return this.failed;
  }
}
