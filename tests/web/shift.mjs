// The shift: what is open, closed for the next officer; whom to call.
export const name = "shift";

export async function run(t) {
  await t.look("contacts", "/contacts", "main table");
  const { page, faults, context } = await t.open("/contacts");
  await page.waitForSelector("main table");
  await page.getByText("Note a contact").click();
  await page.getByRole("button", { name: "Save the contact" }).click();
  t.check("a contact without institution and phone cannot be saved", (await page.locator(".field-error").count()) === 2);
  await page.locator("main form").getByLabel("Institution", { exact: true }).fill("TH/004");
  await page.locator("main form").getByLabel("Phone", { exact: true }).fill("+66 2 888 8888");
  await page.locator("main form").getByLabel("Desk", { exact: true }).fill("Fraud desk");
  await page.getByRole("button", { name: "Save the contact" }).click();
  await page.waitForFunction(() => /888 8888/.test(document.querySelector("main table").textContent));
  t.check("a contact is kept and shown", true);

  await t.look("shift", "/shift", "#close, main .card");
  await page.goto(`${t.url}/shift`);
  await page.waitForSelector("#close");
  const now = await t.api(page, "/shift");
  t.check("every open clock is on the page", (await page.locator("main [data-row]").count()) >= now.open.length);
  await page.locator("#close").getByLabel("What the next one should know").fill("All is quiet.");
  t.check("a shift is not closed without a next officer", await page.locator("#close").getByRole("button", { name: "Close the shift" }).isDisabled());
  const next = now.officers.find((o) => o !== t.user);
  if (next && (!now.unsigned || now.unsigned.officer !== t.user)) {
    await page.locator("#close select").selectOption(next);
    await page.locator("#close").getByRole("button", { name: "Close the shift" }).click();
    await page.getByRole("button", { name: "Yes, do it" }).click();
    await page.waitForFunction(() => /another officer signs/.test(document.querySelector("main").textContent));
    const after = await t.api(page, "/shift");
    t.check("the closed shift waits for the next officer's signature", after.unsigned?.next === next && after.unsigned.signed_at === null);
  }
  t.check("no errors in all that", faults.length === 0, faults.join("; "));
  await context.close();
}
