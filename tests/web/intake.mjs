// From the phone call to the letter with keys only, the report's page, the upload.
export const name = "intake";

export async function run(t) {
  await t.look("reports", "/reports", "main table");
  await t.look("report-new", "/reports/new", "form.typing");
  await t.look("upload", "/reports/upload", "#file");

  const { page, faults, context } = await t.open("/");
  await page.waitForSelector("main table");
  const session = await t.api(page, "/session");
  const bank = Object.keys(session.institutions).find((k) => k.startsWith(`${session.agency.country}/`));
  const began = Date.now();
  await page.keyboard.press("n");
  await page.waitForSelector("form.typing");
  await page.waitForFunction(() => document.activeElement?.tagName === "INPUT");
  await page.keyboard.type(bank);
  await page.keyboard.press("Tab");
  // Another account each time: three claimed reports on one ask for a second officer.
  await page.keyboard.type(String(Date.now()).slice(-10));
  await page.keyboard.press("Tab"); // another account
  await page.keyboard.press("Tab"); // amount
  await page.keyboard.type("48,200.00");
  await page.waitForFunction(() => document.querySelector("main")?.textContent.includes("48,200.00 THB"));
  t.check("the amount is read back as it is typed", true);
  await page.reload();
  await page.waitForSelector("form.typing");
  t.check("what was typed survives a reload", (await page.inputValue("form.typing input[inputmode=decimal]")) === "48,200.00");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector(".order");
  t.check("the first hop is drafted at once", /48,200\.00 THB/.test(await page.textContent(".order .summary")));
  const kept = await page.evaluate(() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)].filter((k) => k.startsWith("moei.draft.") && k.endsWith(".report")).length);
  t.check("the draft is cleared after saving", kept === 0);
  await t.picture(page, "first-hop");
  await page.waitForFunction(() => document.activeElement?.matches("input[type=radio], button.solid"));
  if (await page.evaluate(() => document.activeElement?.matches("input[type=radio]"))) {
    await page.keyboard.press("Space");
    const issue = page.getByRole("button", { name: "Issue" });
    for (let i = 0; i < 12 && !(await issue.evaluate((b) => b === document.activeElement)); i++) await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog[open]");
  await t.picture(page, "confirm");
  const asked = await t.axeFaults(page);
  t.check("the confirmation passes axe", asked.length === 0, asked.join("; "));
  await page.keyboard.press("Enter");
  await page.waitForSelector('a[href$="/letter"]');
  const letter = await page.getAttribute('a[href$="/letter"]', "href");
  await page.waitForFunction(() => document.activeElement?.matches('a[href$="/letter"]'));
  const answer = await page.request.get(t.url + letter);
  const took = (Date.now() - began) / 1000;
  t.check(`from the call to the letter with keys only (${took.toFixed(1)} s)`, answer.ok() && (await answer.text()).includes("48,200.00") && took < 60, String(answer.status()));

  await page.getByRole("link", { name: "Open the report" }).click();
  await page.waitForURL(/\/reports\/[^/]+$/);
  const id = decodeURIComponent(page.url().split("/").pop());
  t.check("the report's page opens", (await page.textContent("h1")).includes(id));
  await context.close();

  const list = await t.open("/reports");
  await list.page.waitForSelector("main table tbody tr");
  const [download] = await Promise.all([list.page.waitForEvent("download"), list.page.getByRole("button", { name: "Save as CSV" }).click()]);
  t.check("the list is an export", download.suggestedFilename() === "reports.csv");
  await list.page.keyboard.press("j");
  await list.page.keyboard.press("Enter");
  await list.page.waitForURL(/\/reports\/[^/]+$/);
  t.check("j and Enter open a row", true);
  await list.context.close();

  await t.look("report", `/reports/${encodeURIComponent(id)}`, "main dl.facts");
  t.check("no errors in all that", faults.length === 0, faults.join("; "));
}
