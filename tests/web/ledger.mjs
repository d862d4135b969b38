// The ledger: verified from the page; a record whose saved parts prove it without Moei.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

export const name = "ledger";

export const sha = (...parts) => createHash("sha256").update(Buffer.concat(parts)).digest();

// RFC 9162, 2.1.3.2: the root that a leaf and its path lead to.
export function rootOf(leaf, index, size, path) {
  let at = BigInt(index);
  let last = BigInt(size) - 1n;
  let hash = leaf;
  for (const step of path) {
    if (last === 0n) return null;
    if (at & 1n || at === last) {
      hash = sha(Buffer.from([1]), step, hash);
      while (!(at & 1n) && at !== 0n) { at >>= 1n; last >>= 1n; }
    } else {
      hash = sha(Buffer.from([1]), hash, step);
    }
    at >>= 1n;
    last >>= 1n;
  }
  return last === 0n ? hash : null;
}

export async function run(t) {
  await t.look("ledger", "/ledger", "main table tbody tr");
  const { page, faults, context } = await t.open("/ledger");
  await page.waitForSelector("main table tbody tr");
  const session = await t.api(page, "/session");
  if (session.acts.includes("node.verify")) {
    await page.getByRole("button", { name: "Verify", exact: true }).click();
    await page.waitForFunction(() => /Everything fits/.test(document.querySelector("#verify").textContent), null, { timeout: 60000 });
    t.check("the ledger is verified from the page", true);
  }
  const records = (await t.api(page, "/records")).items;
  const id = (records.find((r) => r.kind === "order_act") ?? records.find((r) => r.kind === "case") ?? records[0]).id;
  await t.look("proof", `/ledger/${id}`, "main dl.facts");
  await page.goto(`${t.url}/ledger/${id}`);
  await page.getByText("How to check it by hand").click();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save the envelope" }).click()]);
  const envelope = readFileSync(await file.path());
  const r = await t.api(page, `/records/${id}`);
  if (!r.id.startsWith("0")) return; // the stand-in's hashes are made up
  const commitment = sha(Buffer.from("moei/record/v1\n"), Buffer.from(r.salt, "hex"), envelope);
  t.check("the saved envelope and the salt give the commitment", commitment.toString("hex") === r.commitment);
  const root = rootOf(sha(Buffer.from([0]), commitment), r.leaf, r.tree_size, r.proof.map((h) => Buffer.from(h, "hex")));
  t.check("the way by hand leads to the checkpoint's root", root !== null && r.checkpoint.split("\n")[2] === root.toString("base64"));
  t.check("no errors in all that", faults.length === 0, faults.join("; "));
  await context.close();
}
