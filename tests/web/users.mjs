// One's own password and tokens, users and roles where one may, break-glass, the log of reads.
export const name = "users";

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
  if (session.acts.includes("user.read")) await t.look("users", "/users?part=users", "main table tbody tr");
  if (session.acts.includes("reads.read")) await t.look("reads", "/users?part=reads", "main table tbody tr");
  t.check("no errors in all that", faults.length === 0, faults.join("; "));
  await context.close();
}
