// The board and one order: sorted by clock, the panel in the address, an answer, an appeal.
export const name = "orders";

export async function run(t) {
  await t.look("orders", "/orders", "main table tbody tr");
  const { page, faults, context } = await t.open("/orders");
  await page.waitForSelector("main table tbody tr");
  const board = (await t.api(page, "/orders?board=1")).items;
  const open = board.find((o) => o.state === "issued") ?? board[0];
  await page.locator(`tr[data-row="${open.id}"] a`).click();
  await page.waitForSelector("aside.panel .order");
  t.check("the panel is in the address", page.url().includes(`open=${open.id}`));
  await t.picture(page, "order-panel");
  await page.keyboard.press("Escape");
  await page.waitForSelector("aside.panel", { state: "detached" });
  t.check("Esc closes the panel", !page.url().includes("open="));
  await t.look("order", `/orders/${open.number}`, "main dl.facts");

  if (open.state === "issued") {
    await page.goto(`${t.url}/orders/${open.number}`);
    await page.waitForSelector(".order");
    const form = page.locator(".act-form").first();
    if (await form.getByLabel("Less is held").isVisible()) {
      await form.getByLabel("Less is held").check();
      t.check("an answer without its amount cannot be given", await form.getByRole("button", { name: "Note the answer" }).isDisabled());
      await form.getByLabel("Amount", { exact: true }).fill("100.00");
      await form.locator("input[type=file]").setInputFiles({ name: "answer.txt", mimeType: "text/plain", buffer: Buffer.from("We hold 100.00") });
      await form.getByText("SHA-256").waitFor();
      await form.getByRole("button", { name: "Note the answer" }).click();
      await page.waitForSelector("dialog[open]");
      await page.getByRole("button", { name: "Yes, do it" }).click();
      await page.waitForSelector("dialog", { state: "detached" });
      await page.waitForFunction(() => /partly executed/.test(document.querySelector("main").textContent));
      const after = await t.api(page, `/orders/${open.id}`);
      t.check("the answer counts: held is what the bank told", after.held === 10000 && after.state === "partly", `${after.held} ${after.state}`);
    }
  }
  t.check("no errors in all that", faults.length === 0, faults.join("; "));
  await context.close();
}
