// The way in, the front, the frame: log-in, rail, keys, finder, colours, log-out.
export const name = "frame";

export async function run(t) {
  const policy = (await (await t.browser.newContext()).request.get(`${t.url}/`)).headers()["content-security-policy"] ?? "";
  t.check("the policy allows no inline script or style", policy.includes("default-src 'none'") && !policy.includes("unsafe"), policy);

  await t.look("login", "/login", "input[name=purpose]", true);
  const { page, faults, context } = await t.open("/orders?show=all", {}, true);
  await page.waitForURL(/\/login\?to=/);
  t.check("who is not logged in is asked to", true);
  await page.getByLabel("Name", { exact: true }).fill(t.user);
  await page.getByLabel("Password", { exact: true }).fill("not this one");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.waitForSelector("[role=alert]");
  t.check("a wrong password is answered in words", (await page.textContent("[role=alert]")).length > 5);
  await t.logIn(page);
  await page.waitForURL(/\/orders\?show=all/);
  t.check("after the log-in the page that was asked for opens", true);
  await t.remember(context);
  t.check("no errors up to here", faults.length === 0, faults.join("; "));

  await t.look("front", "/", "main table");
  await page.goto(`${t.url}/`);
  await page.waitForSelector("main table");
  await page.reload();
  await page.waitForSelector("main table");
  await page.keyboard.press("Tab");
  t.check("the first key stop is the way past the head", (await page.evaluate(() => document.activeElement?.className)) === "skip");
  await page.keyboard.press("?");
  await page.waitForSelector("dialog[open]");
  t.check("? shows the keys", (await page.textContent("dialog")).includes("Ctrl K"));
  const keysAxe = await t.axeFaults(page);
  t.check("the dialog passes axe", keysAxe.length === 0, keysAxe.join("; "));
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog", { state: "detached" });
  await page.keyboard.press("Control+k");
  await page.waitForSelector("dialog[open] input");
  await page.keyboard.type("Orders");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/orders$/);
  t.check("Ctrl K goes to a desk", true);
  await page.keyboard.press("Escape");
  await page.waitForURL(/\/$/);
  t.check("Esc goes back", true);
  await page.selectOption("#theme", "dark");
  t.check("dark by choice", (await page.evaluate(() => getComputedStyle(document.body.parentElement).backgroundColor)) === "rgb(14, 20, 26)");
  await page.selectOption("#theme", "auto");
  await page.selectOption("#dates", "be");
  await page.waitForFunction(() => !document.querySelector("main time:not(.clock)") || /25\d\d/.test(document.querySelector("main time:not(.clock)").textContent));
  t.check("dates in the Buddhist era by choice", true);
  await page.selectOption("#dates", "ce");

  await page.goto(`${t.url}/reports/nothing/here`);
  await page.waitForSelector("main .card");
  t.check("an address that is none is answered in words", /nothing at this address/i.test(await page.textContent("main")));
  await context.close();

  const out = await t.open("/", {}, true);
  await t.logIn(out.page);
  await out.page.evaluate(() => localStorage.setItem("moei.draft.x.y", "{}"));
  await out.page.getByRole("button", { name: "Log out" }).click();
  await out.page.waitForURL(/\/login/);
  const left = await out.page.evaluate(() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)].filter((k) => k.startsWith("moei.draft.")).length);
  t.check("after the log-out nothing that was typed is left", left === 0);
  await out.context.close();

  const small = await t.open("/", { viewport: { width: 360, height: 740 } });
  await small.page.waitForSelector("main table");
  t.check("360 px: the desks are behind one button", !(await small.page.locator("nav.rail").isVisible()));
  await small.page.getByRole("button", { name: "Desks" }).click();
  t.check("360 px: the button shows them", await small.page.locator("nav.rail").isVisible());
  await small.context.close();
}
