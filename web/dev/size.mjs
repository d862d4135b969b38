// Fails when the script of the first page (log-in and front with all that they share) is too large.
// Use: node dev/size.mjs, after vite build.
import { readFileSync, unlinkSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT = 25 * 1024;
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL("manifest.json", dist), "utf8"));
// Only this check needs it; it is not shipped.
unlinkSync(new URL("manifest.json", dist));
const seen = new Set();
function add(name) {
  const chunk = manifest[name];
  if (!chunk || seen.has(chunk.file)) return;
  seen.add(chunk.file);
  for (const other of chunk.imports ?? []) add(other);
}
for (const name of ["index.html", "src/login/page.tsx", "src/front/page.tsx"]) {
  if (!manifest[name]) throw new Error(`${name} is not in the manifest`);
  add(name);
}
let sum = 0;
for (const file of seen) if (file.endsWith(".js")) sum += gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length;
const all = Object.values(manifest).filter((c) => c.file.endsWith(".js")).map((c) => c.file);
const whole = [...new Set(all)].reduce((s, f) => s + gzipSync(readFileSync(new URL(f, dist)), { level: 9 }).length, 0);
console.log(`first page: ${(sum / 1024).toFixed(1)} KiB of script in gzip, ${LIMIT / 1024} allowed; all pages ${(whole / 1024).toFixed(1)} KiB`);
if (sum > LIMIT) {
  console.error("The first page's script is too large.");
  process.exit(1);
}
