// A reader of transparency logs, written from the specifications alone: C2SP tlog-checkpoint,
// signed-note and tlog-tiles, RFC 6962. It knows nothing of Moei but the names of its paths.
// Use: node tlog.mjs URL LOG-KEY-HEX AGENCY-ID STATE-FILE [RECORD-JSON-FILE]
// The state file holds the last checkpoint that was verified, as a monitor keeps it.
import { createHash, createPublicKey, verify } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const [url, keyHex, agency, stateFile, recordFile] = process.argv.slice(2);
let failures = 0;
const check = (name, good, why = "") => {
    console.log(`${good ? "ok" : "not ok"} ${name}`);
    if (!good) {
        failures++;
        if (why) console.log(`    ${why}`);
    }
};
const sha256 = (...parts) => {
    const h = createHash("sha256");
    for (const p of parts) h.update(p);
    return h.digest();
};
const leafHash = (entry) => sha256(Buffer.of(0), entry);
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);

async function get(path) {
    const answer = await fetch(url + path);
    return { status: answer.status, type: answer.headers.get("content-type"), bytes: Buffer.from(await answer.arrayBuffer()) };
}

// --- signed note: text, empty line, "— NAME BASE64(key id ‖ signature)"
function openNote(note, origin, key) {
    const at = note.indexOf("\n\n");
    const text = note.slice(0, at + 1);
    const [first, size, root, ...rest] = text.split("\n");
    if (first !== origin || rest.join("") !== "" || !/^(0|[1-9][0-9]*)$/.test(size)) return null;
    const id = sha256(`${origin}\n`, Buffer.of(1), key).subarray(0, 4);
    const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key]);
    const open = createPublicKey({ key: spki, format: "der", type: "spki" });
    for (const line of note.slice(at + 2).split("\n")) {
        const m = /^— (\S+) (\S+)$/.exec(line);
        if (!m || m[1] !== origin) continue;
        const bytes = Buffer.from(m[2], "base64");
        if (!bytes.subarray(0, 4).equals(id)) continue;
        if (verify(null, Buffer.from(text), open, bytes.subarray(4)))
            return { size: Number(size), root: Buffer.from(root, "base64") };
    }
    return null;
}

// --- tiles
const tileName = (n) => {
    let name = String(n % 1000).padStart(3, "0");
    for (n = Math.floor(n / 1000); n > 0; n = Math.floor(n / 1000)) name = `x${String(n % 1000).padStart(3, "0")}/${name}`;
    return name;
};
// Width of tile `number` of `level` in a tree of this size.
const widthOf = (size, level, number) => Math.min(256, Math.floor(size / 256 ** level) - 256 * number);
const partial = (width) => (width === 256 ? "" : `.p/${width}`);
const tiles = new Map();
async function tile(size, level, number) {
    const width = widthOf(size, level, number);
    const path = `/log/tile/${level}/${tileName(number)}${partial(width)}`;
    if (!tiles.has(path)) {
        const got = await get(path);
        if (got.status !== 200 || got.bytes.length !== 32 * width) throw new Error(`${path}: ${got.status}, ${got.bytes.length} bytes for ${width}`);
        tiles.set(path, got.bytes);
    }
    return tiles.get(path);
}
// The hash of the complete subtree (level, number), by tiles.
async function subtree(size, level, number) {
    const tileLevel = Math.floor(level / 8);
    const below = level % 8;
    const first = number * 2 ** below;
    const bytes = await tile(size, tileLevel, Math.floor(first / 256));
    let hashes = [];
    for (let i = 0; i < 2 ** below; i++) hashes.push(bytes.subarray(32 * ((first % 256) + i), 32 * ((first % 256) + i + 1)));
    while (hashes.length > 1) {
        const up = [];
        for (let i = 0; i < hashes.length; i += 2) up.push(nodeHash(hashes[i], hashes[i + 1]));
        hashes = up;
    }
    return hashes[0];
}
// RFC 6962 MTH of leaves [from, to), by complete subtrees.
async function range(size, from, to) {
    const n = to - from;
    if (Number.isInteger(Math.log2(n)) && from % n === 0) return subtree(size, Math.log2(n), from / n);
    const k = 2 ** Math.floor(Math.log2(n - 1));
    return nodeHash(await range(size, from, from + k), await range(size, from + k, to));
}
async function path(size, index) {
    const proof = [];
    let from = 0, to = size;
    while (to - from > 1) {
        const k = from + 2 ** Math.floor(Math.log2(to - from - 1));
        if (index < k) { proof.unshift(await range(size, k, to)); to = k; }
        else { proof.unshift(await range(size, from, k)); from = k; }
    }
    return proof;
}
// RFC 9162, 2.1.3.2.
function included(leaf, index, size, proof, root) {
    let fn = index, sn = size - 1, r = leaf;
    for (const p of proof) {
        if (sn === 0) return false;
        if (fn % 2 === 1 || fn === sn) {
            r = nodeHash(p, r);
            while (fn % 2 === 0 && fn !== 0) { fn = Math.floor(fn / 2); sn = Math.floor(sn / 2); }
        } else r = nodeHash(r, p);
        fn = Math.floor(fn / 2);
        sn = Math.floor(sn / 2);
    }
    return sn === 0 && r.equals(root);
}
async function consistency(m, n) {
    const proof = [];
    let from = 0, to = n, whole = true;
    while (m !== to || !whole) {
        if (m === to) { proof.unshift(await range(n, from, to)); break; }
        const k = from + 2 ** Math.floor(Math.log2(to - from - 1));
        if (m <= k) { proof.unshift(await range(n, k, to)); to = k; }
        else { proof.unshift(await range(n, from, k)); from = k; whole = false; }
    }
    return proof;
}
// RFC 9162, 2.1.4.2.
function consistent(m, oldRoot, n, newRoot, proof) {
    if (m === n) return proof.length === 0 && oldRoot.equals(newRoot);
    const list = [...proof];
    if (Number.isInteger(Math.log2(m))) list.unshift(oldRoot);
    let fn = m - 1, sn = n - 1;
    while (fn % 2 === 1) { fn = Math.floor(fn / 2); sn = Math.floor(sn / 2); }
    let fr = list.shift(), sr = fr;
    for (const c of list) {
        if (sn === 0) return false;
        if (fn % 2 === 1 || fn === sn) {
            fr = nodeHash(c, fr);
            sr = nodeHash(c, sr);
            while (fn % 2 === 0 && fn !== 0) { fn = Math.floor(fn / 2); sn = Math.floor(sn / 2); }
        } else sr = nodeHash(sr, c);
        fn = Math.floor(fn / 2);
        sn = Math.floor(sn / 2);
    }
    return sn === 0 && fr.equals(oldRoot) && sr.equals(newRoot);
}

// --- the log
const key = Buffer.from(keyHex, "hex");
const origin = `moei/${agency}/main`;
const note = await get("/log/checkpoint");
check("the checkpoint is text", note.status === 200 && note.type === "text/plain; charset=utf-8", `${note.status} ${note.type}`);
const text = note.bytes.toString();
const head = openNote(text, origin, key);
check("its signature holds", head !== null, text);
if (!head) process.exit(1);
const broken = text.replace(/\n(\d+)\n/, (_, n) => `\n${Number(n) + 1}\n`);
check("and holds for nothing else", openNote(broken, origin, key) === null);

const entries = [];
for (let n = 0; n * 256 < head.size; n++) {
    const width = widthOf(head.size, 0, n);
    const got = await get(`/log/tile/entries/${tileName(n)}${partial(width)}`);
    let at = 0, count = 0;
    for (; at + 2 <= got.bytes.length; count++) {
        const length = got.bytes.readUInt16BE(at);
        entries.push(got.bytes.subarray(at + 2, at + 2 + length));
        at += 2 + length;
    }
    if (at !== got.bytes.length || count !== width) check(`bundle ${n} is whole`, false, `${count} of ${width}`);
}
check("there are as many entries as the checkpoint says", entries.length === head.size, `${entries.length} of ${head.size}`);
let hashes = entries.map(leafHash);
let wrong = 0;
for (let level = 0; hashes.length > 0; level++) {
    for (let n = 0; n * 256 < hashes.length; n++) {
        const want = Buffer.concat(hashes.slice(256 * n, 256 * n + 256));
        if (!(await tile(head.size, level, n)).equals(want)) wrong++;
    }
    const up = [];
    for (let i = 0; i + 256 <= hashes.length; i += 256) {
        let part = hashes.slice(i, i + 256);
        while (part.length > 1) part = part.filter((_, k) => k % 2 === 0).map((left, k) => nodeHash(left, part[2 * k + 1]));
        up.push(part[0]);
    }
    hashes = up;
}
check("all tiles follow from the entries", wrong === 0, `${wrong} do not`);
check("the root follows from the tiles", (await range(head.size, 0, head.size)).equals(head.root));
check("the agency is the hash of the first entry", leafHash(entries[0]).toString("hex") === agency);
wrong = 0;
for (let i = 0; i < head.size; i += i < 300 || i > head.size - 20 ? 7 : 61) {
    const proof = await path(head.size, i);
    if (!included(leafHash(entries[i]), i, head.size, proof, head.root)) wrong++;
    if (head.size > 1 && included(leafHash(Buffer.from("else")), i, head.size, proof, head.root)) wrong++;
}
check("entries are proven by tiles, others are not", wrong === 0, `${wrong} wrong`);
if (existsSync(stateFile)) {
    const old = JSON.parse(readFileSync(stateFile, "utf8"));
    const oldRoot = Buffer.from(old.root, "hex");
    const proof = await consistency(old.size, head.size);
    check(`the log of ${head.size} goes on from the one of ${old.size}`, old.size < head.size && consistent(old.size, oldRoot, head.size, head.root, proof));
    oldRoot[0] ^= 1;
    check("and from no other", !consistent(old.size, oldRoot, head.size, head.root, proof));
    // A tile of the old size is still there, and says the same.
    const width = widthOf(old.size, 0, Math.floor((old.size - 1) / 256));
    const before = await tile(old.size, 0, Math.floor((old.size - 1) / 256));
    const now = await tile(head.size, 0, Math.floor((old.size - 1) / 256));
    check("partial tiles stay as they were", before.equals(now.subarray(0, 32 * width)));
}
writeFileSync(stateFile, JSON.stringify({ size: head.size, root: head.root.toString("hex") }));
if (recordFile) {
    const record = JSON.parse(readFileSync(recordFile, "utf8"));
    // The envelope is canonical JSON as it is printed.
    const whole = readFileSync(recordFile, "utf8");
    const at = whole.indexOf('"envelope":') + 11;
    const envelope = whole.slice(at, whole.indexOf(',"id":', whole.indexOf('"sigs":', at)));
    const commitment = sha256("moei/record/v1\n", Buffer.from(record.salt, "hex"), envelope);
    check("a disclosed record fits its entry", entries[record.leaf].equals(commitment));
}
for (const bad of [`/log/tile/0/${tileName(Math.floor(head.size / 256))}`, `/log/tile/0/x000/000`, "/log/tile/6/000", "/log/tile/0/000.p/0", "/log/tile/0/000.p/256", "/log/tile/7", "/log/tile/data/000", "/log/reads"])
    check(`no tile: ${bad}`, (await get(bad)).status === 404);
process.exit(failures ? 1 : 0);
