// Refunds: the rules side by side with the same sums as the answer, a plan, its signature by one officer.
export const name = "refunds";

const plain = (text) => Number(text.replace(/[^\d-]/g, ""));

export async function run(t) {
  await t.look("refunds", "/refunds", "main table");
  const { page, faults, context } = await t.open("/refunds/new");
  await page.waitForSelector("main form select option:nth-child(2)", { state: "attached" });
  const cases = (await t.api(page, "/cases")).items;
  const asked = process.env.REFUND_CASE ?? cases[cases.length - 1].id;
  await page.getByLabel("Case").selectOption(asked);
  await page.waitForURL(/case=/);
  await page.getByText("Rates", { exact: true }).click();
  await page.getByLabel("Or paste a CSV").fill("from,to,numerator,denominator,source,date\nUSD,THB,36,x,press,2026-11-20");
  await page.getByRole("button", { name: "Take these rates" }).click();
  t.check("a rate that is none is named by its line", /Line 2/.test(await page.textContent(".field-error")));
  await page.getByLabel("Or paste a CSV").fill('from,to,numerator,denominator,source,date\nUSD,THB,36,1,"press, a paper",2026-11-20');
  await page.getByRole("button", { name: "Take these rates" }).click();
  t.check("a pasted rate fills the fields", (await page.getByLabel("Source").inputValue()) === "press, a paper");
  await page.getByRole("button", { name: "Compare all rules" }).click();
  await page.waitForSelector("table.rules, main .card[role=region] p");
  if (await page.locator("table.rules").count()) {
    const rules = page.locator("table.rules").first();
    const cells = await rules.locator("tbody tr").evaluateAll((rows) => rows.map((r) => [...r.cells].map((c) => c.textContent)));
    const foot = await rules.locator("tfoot tr").evaluateAll((rows) => rows.map((r) => [...r.cells].slice(1).map((c) => c.textContent)));
    const columns = foot[0].map((_, k) => cells.reduce((s, row) => s + plain(row[4 + k]), 0) + plain(foot[0][k]));
    t.check("each rule's shares and what is unassigned come to the same sum", columns.every((c, k) => c === plain(foot[1][k]) && c === columns[0]), columns.join(" "));
    t.check("no share is over its claim", cells.every((row) => row.slice(4).every((x) => plain(x) <= plain(row[3]))));
    const violations = await t.axeFaults(page);
    t.check("the comparison passes axe", violations.length === 0, violations.join("; "));
    await t.picture(page, "refund-compare");
    await page.setViewportSize({ width: 360, height: 740 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    t.check("the comparison does not scroll the page sideways at 360 px", wide <= 360, `${wide} px`);
    await page.setViewportSize({ width: 1280, height: 860 });
    await page.getByRole("button", { name: "Make the plan" }).click();
    await page.getByRole("button", { name: "Yes, do it" }).click();
    await page.waitForURL(/\/refunds\/(?!new)[^/?]+$/);
    const id = page.url().split("/").pop();
    await page.waitForSelector("#sign");
    await page.locator("#sign").getByRole("button", { name: "Sign" }).click();
    await page.getByRole("button", { name: "Yes, do it" }).click();
    await page.waitForFunction(() => /You have signed/.test(document.querySelector("main").textContent));
    const plan = await t.api(page, `/refunds/${id}`);
    t.check("one signature is not enough", plan.state === "draft" && plan.signers.length === 1, `${plan.state} ${plan.signers.length}`);
    t.check("the plan's hash is shown whole", (await page.textContent("main")).includes(plan.hash));
    for (const form of ["csv", "xlsx", "html"]) {
      const answer = await page.request.get(t.url + plan.exports[form]);
      t.check(`the plan leaves as ${form}`, answer.ok() && (await answer.body()).length > 0, String(answer.status()));
    }
    await t.look("refund-plan", `/refunds/${id}`, "main dl.facts");
  } else {
    t.check("where nothing is held it is said so", /Nothing is held/.test(await page.textContent("main")));
  }
  t.check("no errors in all that", faults.length === 0, faults.join("; "));
  await context.close();
}
