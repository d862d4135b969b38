// What the stories do again and again: log in as somebody, confirm what binds.

// A page of one officer; whoever was given a password chooses an own one first.
export async function enter(t, name, given, purpose = "investigation") {
  const own = `${name} walks along the Moei`;
  const { page, faults, context } = await t.open("/login", { acceptDownloads: true }, true);
  const logIn = async (password) => {
    await page.getByLabel("Name", { exact: true }).fill(name);
    await page.getByLabel("Password", { exact: true }).fill(password);
    const chosen = page.locator(`input[name="purpose"][value="${purpose}"]`);
    await chosen.check();
    await page.getByRole("button", { name: "Log in" }).click();
    await page.waitForSelector("nav.rail, form [role=alert]");
  };
  await logIn(given);
  if (!(await page.locator("nav.rail").count())) await logIn(own);
  await page.waitForSelector("nav.rail");
  if ((await t.api(page, "/session")).must_change_password) {
    const fresh = page.locator("form input[autocomplete=new-password]");
    await page.getByLabel("Password now").fill(given);
    for (let i = 0; i < 2; i++) await fresh.nth(i).fill(own);
    await page.getByRole("button", { name: "Change it" }).click();
    await page.waitForURL((at) => !at.pathname.startsWith("/login"));
  }
  return { page, faults, context };
}

// `scope`: a page, or a part of it where the button stands.
export async function confirm(scope, label) {
  const page = scope.page ? scope.page() : scope;
  await scope.getByRole("button", { name: label, exact: true }).first().click();
  await page.getByRole("button", { name: "Yes, do it" }).click();
  await page.waitForSelector("dialog", { state: "detached", timeout: 20000 });
}

// The draft that the page shows first becomes an order under the first law row that serves.
export async function issueShown(page) {
  await page.waitForSelector(".order .act-form");
  const form = page.locator(".act-form").first();
  const law = form.locator("input[type=radio]").first();
  if (await law.count()) await law.check();
  await confirm(form, "Issue");
  await page.waitForSelector('a[href$="/letter"]');
}

// The bank fills in the letters' own sheets; answers that all is held come in by one file.
export async function filledIn(t, page, numbers) {
  const rows = [];
  let header = "";
  for (const number of numbers) {
    const sheet = (await (await page.request.get(`${t.url}/api/v1/orders/${number}/letter.csv`)).text()).replace(/^\ufeff/, "").trim().split(/\r?\n/);
    header = sheet[0];
    const columns = header.split(",");
    const cells = sheet[1].split(",");
    cells[columns.indexOf("answer")] = "executed";
    cells[columns.indexOf("reference")] = "KB-77";
    rows.push(cells.join(","));
  }
  await page.goto(`${t.url}/orders`);
  await page.getByText("Take in a bank's answers").click();
  await page.locator("#answers-file").setInputFiles({ name: "answers.csv", mimeType: "text/csv", buffer: Buffer.from([header, ...rows].join("\r\n") + "\r\n") });
  await page.locator("#answers").getByRole("button", { name: "Look at it first" }).click();
  await page.waitForSelector("#answers .act");
  const seen = await page.textContent("#answers");
  await confirm(page.locator("#answers"), "Take the answers in");
  return seen;
}
