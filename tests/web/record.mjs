// The public record: claims with who says them, contradictions side by side.
export const name = "record";

export async function run(t) {
  await t.look("public-record", "/record", "#record table");
  const { page, context } = await t.open("/record");
  await page.waitForSelector("#record table");
  const record = await t.api(page, "/public-record");
  t.check("every claim has a source", record.tables.every((x) => x.rows.every((r) => x.name === "sources" || r.sources.length > 0)));
  t.check("a denial stands beside what it denies", (await page.locator(".pair blockquote").count()) >= 2);
  await context.close();
}
