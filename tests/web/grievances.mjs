// What holders contest: typed in for an order, read beside the order, decided by the order's review.
export const name = "grievances";

export async function run(t) {
  const { page, faults, context } = await t.open("/grievances?new=1");
  await page.waitForSelector("main table");
  const board = (await t.api(page, "/orders?board=1")).items;
  const before = await t.api(page, "/grievances?open=1");
  const contestable = board.find((o) => ["executed", "partly", "issued", "received"].includes(o.state) && o.appeal === "none");
  let id = before.items[0]?.id;
  if (contestable) {
    await page.getByLabel("Number of the order").fill(contestable.number);
    await page.getByLabel("What the holder says").fill("This is my wage account.");
    await page.reload();
    await page.waitForSelector("main table");
    t.check("what was typed survives a reload", (await page.getByLabel("What the holder says").inputValue()) === "This is my wage account.");
    await page.getByRole("button", { name: "Take it in" }).click();
    await page.getByRole("button", { name: "Yes, do it" }).click();
    await page.waitForURL(/\/grievances\/[^/?]+$/);
    id = decodeURIComponent(page.url().split("/").pop());
    await page.waitForSelector("main .prose");
    t.check("a call is taken in and shown", (await page.textContent("main .prose")).includes("This is my wage account."));
    await page.waitForSelector("main .order");
    t.check("the order stands beside it, contested", (await t.api(page, `/orders/${contestable.number}`)).appeal === "appealed");
  }
  t.check("there is a grievance to look at", id !== undefined);
  await context.close();
  await t.look("grievances", "/grievances?show=all", "main table");
  if (id) await t.look("grievance", `/grievances/${id}`, "main .prose");
  t.check("no errors in all that", faults.length === 0, faults.join("; "));
}
