// A case: its trace as words, picture and tables, why, the rule in the address, proposals, its file.
export const name = "case";

export async function run(t) {
  await t.look("cases", "/cases", "main table tbody tr");
  const { page, faults, context } = await t.open("/cases");
  await page.waitForSelector("main table tbody tr a");
  const cases = await t.api(page, "/cases?state=open");
  const id = cases.items[cases.items.length - 1].id;
  const path = `/cases/${id}`;
  await t.look("case", path, "svg.flow");
  await t.look("case-reports", `${path}?part=reports`, "main table tbody tr");
  await t.look("case-orders", `${path}?part=orders`, "main .card");
  await t.look("case-file", `${path}?part=file`, "main .card");

  await page.goto(t.url + path);
  await page.waitForSelector("svg.flow");
  const trace = await t.api(page, `/trace?case=${id}&rule=fifo`);
  const rows = await page.locator("#trace table tbody tr").count();
  t.check("the page shows every account that the answer shows", rows === trace.levels.reduce((s, l) => s + l.accounts.length, 0), `${rows}`);
  t.check("the summary is the program's own sentence", (await page.textContent("#trace .summary")) === trace.summary);
  await page.locator("#trace table tbody tr button").last().click();
  await page.waitForSelector("aside.panel li, aside.panel .prose");
  t.check("why: the path is told", (await page.textContent("aside.panel")).length > 40);
  await t.picture(page, "why");
  const violations = await t.axeFaults(page);
  t.check("the side panel passes axe", violations.length === 0, violations.join("; "));
  await page.keyboard.press("Escape");
  await page.waitForSelector("aside.panel", { state: "detached" });
  t.check("Esc closes the path", true);

  await page.getByRole("button", { name: "Pro rata" }).click();
  await page.waitForURL(/rule=pro_rata/);
  await page.goBack();
  await page.waitForFunction(() => document.querySelector('.chip[aria-pressed="true"]')?.textContent === "First in, first out");
  t.check("the rule is in the address, and going back brings the former one", true);
  await page.locator("#slide").focus();
  await page.keyboard.press("ArrowLeft");
  await page.waitForURL(/until=/);
  t.check("time moves the money, by keys", true);
  await page.goto(`${t.url}${path}?part=orders`);

  const draft = page.getByRole("button", { name: "Draft the holds" });
  await draft.click();
  await page.waitForSelector(".card [role=status]");
  t.check("holds are drafted, or it is said why not", /draft/.test(await page.textContent(".card [role=status]")));
  await t.picture(page, "proposed");
  await page.locator("table tbody tr a[href*='open=']").first().click();
  await page.waitForSelector("aside.panel .order");
  t.check("an order opens beside the list", true);
  const panel = await t.axeFaults(page);
  t.check("the order's panel passes axe", panel.length === 0, panel.join("; "));
  t.check("no errors in all that", faults.length === 0, faults.join("; "));
  await context.close();
}
