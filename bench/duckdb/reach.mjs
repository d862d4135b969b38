// The peer of the case benchmark: the accounts reached from the seeds and when first, as a recursive
// CTE in DuckDB over the same 5 M transfers; in turn with ours, answers compared first.
// Use: node reach.mjs BENCH_TRACE_PROGRAM FOLDER RUNS
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { readFileSync } from "node:fs";
import { DuckDBInstance } from "@duckdb/node-api";

const [program, folder, runsText] = process.argv.slice(2);
const runs = Number(runsText ?? 5);

const ours = spawn(program, ["--case", folder], { stdio: ["pipe", "pipe", "inherit"] });
const lines = createInterface({ input: ours.stdout })[Symbol.asyncIterator]();
const ready = (await lines.next()).value; // "ready EVENTS"
const events = Number(ready.split(" ")[1]);
async function oursMicros() {
  ours.stdin.write("go\n");
  return Number((await lines.next()).value);
}

// With USING KEY an account stands once, with the earliest transfer that reached it so far; only rows
// that became earlier are followed again. Of the forms tried here it was DuckDB's fastest.
const query = `
  WITH RECURSIVE reach(account, n) USING KEY (account) AS (
    SELECT credited, min(number) FROM transfers WHERE number IN (SELECT number FROM seeds) AND credited >= 0
    GROUP BY credited
    UNION
    SELECT t.credited, min(t.number)
    FROM reach r JOIN transfers t ON t.debited = r.account AND t.number > r.n AND t.number < (SELECT max(before) FROM seeds)
    LEFT JOIN recurring.reach k ON k.account = t.credited
    WHERE t.credited >= 0 AND (k.n IS NULL OR t.number < k.n)
    GROUP BY t.credited)
  SELECT account, n FROM reach ORDER BY account`;

const db = await (await DuckDBInstance.create(":memory:")).connect();
await db.run(`CREATE TABLE transfers AS SELECT * FROM read_csv('${folder}/transfers.csv', header = true,
  columns = {'number': 'BIGINT', 'debited': 'BIGINT', 'credited': 'BIGINT'})`);
await db.run(`CREATE TABLE seeds AS SELECT * FROM read_csv('${folder}/seeds.csv', header = true, columns = {'number': 'BIGINT', 'before': 'BIGINT'})`);

async function peerMicros() {
  const begin = process.hrtime.bigint();
  const answer = await db.runAndReadAll(query);
  const micros = Number(process.hrtime.bigint() - begin) / 1000;
  return { micros, rows: answer.getRows().map((r) => r.join(",")) };
}

const expected = readFileSync(`${folder}/reached.csv`, "utf8").trim().split("\n").slice(1);
const first = await peerMicros();
if (first.rows.join("\n") !== expected.join("\n")) {
  console.error(`reach: the answers differ: ours ${expected.length} accounts, DuckDB ${first.rows.length}`);
  process.exit(1);
}
await oursMicros();

// Each turn is one warm run: the last of three in a row, for both, since the other's turn has taken
// the processor's caches. The first, cold run of ours after DuckDB's turn is shown too.
const a = [], b = [], ratio = [], cold = [];
for (let i = 0; i < runs; i++) {
  cold.push(await oursMicros());
  await oursMicros();
  const mine = await oursMicros();
  await peerMicros();
  await peerMicros();
  const peer = (await peerMicros()).micros;
  a.push(mine), b.push(peer), ratio.push(peer / mine);
}
ours.stdin.end();
const spread = (x, digits) => {
  x.sort((p, q) => p - q);
  return `${x[Math.floor(x.length / 2)].toFixed(digits)} (${x[0].toFixed(digits)} to ${x[x.length - 1].toFixed(digits)})`;
};
console.log(`same reached set: ${expected.length} accounts, same first times; ${events} events looked at by ours`);
console.log(`ours               ${spread(a, 0)} us`);
console.log(`ours, cold caches  ${spread(cold, 0)} us`);
console.log(`DuckDB             ${spread(b, 0)} us, all its threads`);
console.log(`DuckDB / ours      ${spread(ratio, 0)} times, median and range of ${runs} runs in turn (aim: 30)`);
db.closeSync();
