// The pages' own small sums: amounts, times, paths, drafts of CSV fields. Bundled by the same esbuild
// that builds the pages. Use: npm test
import assert from "node:assert/strict";
import { test } from "node:test";
import { build } from "esbuild";

async function load(path) {
  const out = await build({ entryPoints: [new URL(`../src/${path}`, import.meta.url).pathname], bundle: true, format: "esm", write: false, platform: "neutral", mainFields: ["module", "main"] });
  return import(`data:text/javascript;base64,${Buffer.from(out.outputFiles[0].text).toString("base64")}`);
}
const f = await load("shared/format.ts");
const w = await load("shared/words.ts");
const DIGITS = { THB: 2, USDT: 6, JPY: 0 };

test("amounts are written with the digits of their currency", () => {
  assert.equal(f.amountText(4820000, "THB", DIGITS), "48,200.00 THB");
  assert.equal(f.amountText(5, "THB", DIGITS), "0.05 THB");
  assert.equal(f.amountText(-123456, "THB", DIGITS), "−1,234.56 THB");
  assert.equal(f.amountText(1234567, "JPY", DIGITS), "1,234,567 JPY");
  assert.equal(f.plainText(4820000, "THB", DIGITS), "48200.00");
});

test("amounts are read as intake reads them", () => {
  assert.equal(f.parseAmount("48,200.5", "THB", DIGITS), 4820050);
  assert.equal(f.parseAmount("๔๘๒๐๐", "THB", DIGITS), 4820000);
  assert.equal(f.parseAmount(".5", "THB", DIGITS), 50);
  assert.equal(f.parseAmount("1.100", "THB", DIGITS), 110);
  for (const bad of ["", "x", "1.2.3", "-5", "1,2", "5."]) assert.equal(f.parseAmount(bad, "THB", DIGITS), "bad", bad);
  assert.equal(f.parseAmount("1.005", "THB", DIGITS), "digits");
  assert.equal(f.parseAmount("1", "EUR", DIGITS), "currency");
  assert.equal(f.parseAmount("99999999999999", "THB", DIGITS), "bad");
});

test("what is written is read back, for many amounts", () => {
  let seed = 7;
  for (let i = 0; i < 2000; i++) {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    const currency = ["THB", "USDT", "JPY"][i % 3];
    assert.equal(f.parseAmount(f.plainText(seed, currency, DIGITS), currency, DIGITS), seed, `seed 7, turn ${i}`);
  }
});

test("time left is told in words' parts, red under half an hour", () => {
  const now = Date.parse("2026-02-28T10:00:00Z");
  assert.deepEqual(f.timeLeft("2026-02-28T12:10:30Z", now), { over: false, soon: false, days: 0, hours: 2, minutes: 10 });
  assert.equal(f.timeLeft("2026-02-28T10:29:59Z", now).soon, true);
  assert.equal(f.timeLeft("2026-02-28T10:30:00Z", now).soon, false);
  assert.equal(f.timeLeft("2026-02-28T09:00:00Z", now).over, true);
});

test("dates in both calendars", () => {
  assert.match(f.timeText("2026-11-22T17:30:00Z", "Asia/Bangkok", "ce", false), /23 Nov 2026.*00:30/);
  assert.match(f.timeText("2026-11-22T17:30:00Z", "Asia/Bangkok", "be", false), /23 Nov 2569.*00:30/);
});

test("a field of a CSV cannot become a formula", () => {
  assert.equal(f.csvField("=1+1"), "'=1+1");
  assert.equal(f.csvField("-5.00"), "-5.00");
  assert.equal(f.csvField("-cmd"), "'-cmd");
  assert.equal(f.csvField('a "b", c'), '"a ""b"", c"');
});

test("words take values and plurals", () => {
  assert.equal(w.fill("{n} {n|row|rows} of {who}", { n: 1, who: "R-1" }), "1 row of R-1");
  assert.equal(w.fill("{n} {n|row|rows}", { n: 2 }), "2 rows");
  assert.equal(w.fill("{missing}", {}), "{missing}");
});
