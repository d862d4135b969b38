// One's own password and tokens, users and roles where one may, break-glass, the log of reads.
import { enter } from "./acts.mjs";

export const name = "users";

// What only an administrator or an auditor sees, where their passwords are told.
async function others(t) {
  const admin = process.env.MOEI_ADMIN_PASSWORD;
  const auditor = process.env.MOEI_AUDITOR_PASSWORD;
  const officer = t.state;
  if (admin) {
    const { page, faults, context } = await enter(t, "admin", admin, "administration");
    await t.remember(context);
    await t.look("users", "/users?part=users", "main table tbody tr");
    await page.goto(`${t.url}/users?part=users`);
    await page.getByText("Add a user").click();
    await page.getByLabel("Name", { exact: true }).last().fill("suda");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("button", { name: "Yes, do it" }).click();
    await page.waitForSelector("dialog code.secret");
    t.check("a new user's password is shown once", (await page.textContent("dialog code.secret")).length >= 12);
    await t.picture(page, "users-password");
    await page.getByRole("button", { name: "I have passed it on" }).click();
    await page.getByRole("button", { name: /^suda/ }).click();
    await page.getByLabel("May log in").uncheck();
    await page.getByRole("button", { name: "Save the change" }).click();
    await page.getByRole("button", { name: "Yes, do it" }).click();
    await page.waitForSelector("dialog", { state: "detached" });
    const suda = (await t.api(page, "/users")).items.find((u) => u.name === "suda");
    t.check("a user can be disabled", suda.active === false);
    t.check("no errors in the administrator's pages", faults.length === 0, faults.join("; "));
    await context.close();
  }
  if (auditor) {
    const { page, context } = await enter(t, "auditor", auditor, "audit");
    await t.remember(context);
    await t.look("reads", "/users?part=reads", "main table");
    const reads = (await t.api(page, "/reads")).items;
    t.check("who read a report stands in the log", reads.some((r) => r.records.length > 0), String(reads.length));
    await context.close();
  }
  t.state = officer;
}

export async function run(t) {
  const { page, faults, context } = await t.open("/users?part=own");
  await page.waitForSelector("#tokens table");
  const session = await t.api(page, "/session");
  await page.locator("#tokens").getByLabel("What it is for").fill("a test");
  await page.locator("#tokens").getByRole("button", { name: "Make a token" }).click();
  await page.getByRole("button", { name: "Yes, do it" }).click();
  await page.waitForSelector("code.secret");
  const token = await page.textContent("code.secret");
  t.check("a token is shown once", token.startsWith("moei_"));
  await page.reload();
  await page.waitForSelector("#tokens table tbody tr");
  t.check("after a reload it is not shown again", !(await page.textContent("main")).includes(token));
  await page.locator("#tokens tbody tr", { hasText: "a test" }).getByRole("button").click();
  await page.waitForFunction(() => !/a test/.test(document.querySelector("#tokens table").textContent));
  t.check("a token can be ended", true);
  await t.look("users-own", "/users?part=own", "#tokens table");
  await t.look("roles", "/users?part=roles", "main table tbody tr");
  const roles = await t.api(page, "/roles");
  await page.goto(`${t.url}/users?part=roles`);
  await page.waitForSelector("main table tbody tr");
  t.check("the table of roles has every act", (await page.locator("main table tbody tr").count()) === roles.acts.length);

  await t.look("glass", "/users?part=glass", "main table");
  if (session.acts.includes("glass.break")) {
    await page.goto(`${t.url}/users?part=glass`);
    await page.getByRole("textbox", { name: "Why" }).fill("A caller asks for her own report.");
    await page.getByLabel("Hours").fill("1");
    await page.getByRole("button", { name: "Break the glass" }).click();
    await page.getByRole("button", { name: "Yes, do it" }).click();
    await page.waitForFunction(() => /in force, waits for a second officer/.test(document.querySelector("main table").textContent));
    t.check("a broken glass waits for a second officer", true);
    t.check("nobody decides about the own glass", (await page.locator(`main table tbody tr:has(th:text-is("${t.user}")) button`).count()) === 0);
  }
  const report = (await t.api(page, "/reports?limit=1")).items[0];
  if (report) await t.api(page, `/reports/${encodeURIComponent(report.id)}`);
  await others(t);
  t.check("no errors in all that", faults.length === 0, faults.join("; "));
  await context.close();
}
