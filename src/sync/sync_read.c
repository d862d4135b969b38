// Messages, the reading side. All bytes are hostile: a first walk finds frames and checks HEAD and
// SIGN, a second one checks each frame's form and fills arrays whose sizes the first one counted.
#include <stdlib.h>

#include "sync/sync_priv.h"

#define FRAME_TYPES 256

typedef struct Reading {
    Str plain;
    size_t frames;
    size_t counts[FRAME_TYPES];
    SyncMessage m;
    // The same arrays as in m, to be filled.
    SyncTree *trees;
    SyncOpening *openings;
    SyncSeen *cosigns, *seen;
    SyncAsk *asks;
    SyncProve *proves;
    SyncBlob *wants, *blobs;
    Str *recovers;
    size_t leaves; // commitments in LEAVES frames so far
} Reading;

// --- the first walk -----------------------------------------------------------------------------

static bool frame_next(Cursor *k, uint8_t *ret_type, Str *ret_payload) {
    uint8_t type = cursor_u8(k);
    uint32_t n = cursor_u32(k);
    Str payload = cursor_bytes(k, n);
    if (k->short_)
        return false;
    *ret_type = type;
    *ret_payload = payload;
    return true;
}

Err sync_head_read(Ctx *c, Str payload, SyncHead *ret_head) {
    Cursor k = {payload, false};
    SyncHead h = {0};
    uint8_t version = cursor_u8(&k);
    if (payload.n > 0 && version != 1)
        return fail(c, E_UNSUPPORTED, "the message is of version %u; this program knows 1",
                    version);
    h.from = cursor_hash(&k);
    h.to = cursor_hash(&k);
    h.link_key = cursor_key(&k);
    uint64_t now = cursor_u64(&k);
    uint8_t flags = cursor_u8(&k);
    h.answer_bytes = cursor_u32(&k);
    if (!cursor_done(&k))
        return fail(c, E_INVALID, "HEAD has %zu bytes, not %d", payload.n, HEAD_BYTES);
    if (now > (uint64_t)BASE_TIME_US_MAX)
        return fail(c, E_INVALID, "HEAD tells a time that is none");
    h.now_us = (int64_t)now;
    h.relay = flags & FLAG_RELAY;
    h.wants_answer = flags & FLAG_WANTS_ANSWER;
    *ret_head = h;
    return OK;
}

// Counts frames by type; HEAD must be first and SIGN last, and what SIGN covers be signed.
static Err walk(Ctx *c, Reading *r, CryptoPublicKey *ret_signed_by) {
    Cursor k = {r->plain, false};
    uint8_t type = 0;
    Str payload = {0};
    size_t covered = 0;
    while (k.rest.n > 0) {
        covered = r->plain.n - k.rest.n;
        if (!frame_next(&k, &type, &payload))
            return fail(c, E_INVALID, "frame %zu is longer than the message", r->frames);
        if (r->frames == 0 && type != FRAME_HEAD)
            return fail(c, E_INVALID, "a message begins with HEAD");
        if (r->frames == 0)
            TRY(sync_head_read(c, payload, &r->m.head));
        r->frames++;
        r->counts[type]++;
    }
    if (r->frames == 0 || type != FRAME_SIGN || payload.n != SIGN_BYTES)
        return fail(c, E_INVALID, "a message ends with SIGN");
    CryptoHash hash = sync_signed_hash((Str){r->plain.p, covered});
    CryptoSignature sig;
    memcpy(sig.b, payload.p, sizeof sig.b);
    if (!crypto_signature_holds(&r->m.head.link_key, hash.b, sizeof hash.b, &sig))
        return fail(c, E_CRYPTO, "the message is not signed by the key that it names");
    *ret_signed_by = r->m.head.link_key;
    return OK;
}

typedef struct CountRule {
    Frame type;
    const char *name;
    size_t max;
} CountRule;

static const CountRule count_rules[] = {
    {FRAME_HEAD, "HEAD", 1},
    {FRAME_SIGN, "SIGN", 1},
    {FRAME_HAVE, "HAVE", 1},
    {FRAME_JOURNAL, "JOURNAL", 1},
    {FRAME_REFUSE, "REFUSE", 1},
    {FRAME_TREE, "TREE", SYNC_TREES_MAX},
    {FRAME_LEAVES, "LEAVES", SYNC_TREES_MAX},
    {FRAME_OPENING, "OPENING", SYNC_OPENINGS_MAX},
    {FRAME_WANT, "WANT", SYNC_WANTS_MAX},
    {FRAME_BLOB, "BLOB", SYNC_WANTS_MAX},
};

static Err check_counts(Ctx *c, const Reading *r) {
    if (r->frames > SYNC_FRAMES_MAX)
        return fail(c, E_LIMIT, "a message of %zu frames; %d are the most", r->frames,
                    SYNC_FRAMES_MAX);
    for (size_t i = 0; i < COUNT_OF(count_rules); i++)
        if (r->counts[count_rules[i].type] > count_rules[i].max)
            return fail(c, count_rules[i].max == 1 ? E_INVALID : E_LIMIT,
                        "a message has at most %zu %s, not %zu", count_rules[i].max,
                        count_rules[i].name, r->counts[count_rules[i].type]);
    size_t heads = r->counts[FRAME_COSIGN] + r->counts[FRAME_SEEN] + r->counts[FRAME_ASK] +
                   r->counts[FRAME_PROVE] + r->counts[FRAME_RECOVER];
    if (heads > SYNC_HEADS_MAX)
        return fail(c, E_LIMIT, "a message speaks of at most %d heads, not %zu", SYNC_HEADS_MAX,
                    heads);
    return OK;
}

static Err make_arrays(Ctx *c, Reading *r) {
    const size_t *n = r->counts;
    TRY(ctx_alloc(c, (n[FRAME_TREE] + 1) * sizeof *r->trees, &r->trees));
    TRY(ctx_alloc(c, (n[FRAME_OPENING] + 1) * sizeof *r->openings, &r->openings));
    TRY(ctx_alloc(c, (n[FRAME_COSIGN] + 1) * sizeof *r->cosigns, &r->cosigns));
    TRY(ctx_alloc(c, (n[FRAME_SEEN] + 1) * sizeof *r->seen, &r->seen));
    TRY(ctx_alloc(c, (n[FRAME_ASK] + 1) * sizeof *r->asks, &r->asks));
    TRY(ctx_alloc(c, (n[FRAME_PROVE] + 1) * sizeof *r->proves, &r->proves));
    TRY(ctx_alloc(c, (n[FRAME_WANT] + 1) * sizeof *r->wants, &r->wants));
    TRY(ctx_alloc(c, (n[FRAME_BLOB] + 1) * sizeof *r->blobs, &r->blobs));
    return ctx_alloc(c, (n[FRAME_RECOVER] + 1) * sizeof *r->recovers, &r->recovers);
}

// --- the second walk: one function a type of frame ----------------------------------------------

static Err wrong(Ctx *c, const char *name) {
    return fail(c, E_INVALID, "a %s frame has not the form of one", name);
}

// A number that is at most `max`; else the cursor is spoilt.
static int64_t take_number(Cursor *k, int64_t max) {
    uint64_t v = cursor_u64(k);
    if (v > (uint64_t)max)
        k->short_ = true;
    return k->short_ ? 0 : (int64_t)v;
}

static const CryptoHash *take_hashes(Cursor *k, size_t n) {
    Str s = cursor_bytes(k, n * CRYPTO_HASH_BYTES);
    return n > 0 && s.n > 0 ? (const CryptoHash *)(const void *)s.p : NULL;
}

static Err read_head(Ctx *c, Reading *r, Cursor *k) {
    (void)c, (void)r, (void)k; // the first walk did it
    return OK;
}

static Err read_have(Ctx *c, Reading *r, Cursor *k) {
    SyncHave h = {.position = take_number(k, BASE_INT_SAFE_MAX)};
    h.size = take_number(k, SIZE_OF_TREE_MAX);
    h.root = cursor_hash(k);
    if (!cursor_done(k))
        return wrong(c, "HAVE");
    r->m.have = h;
    r->m.has_have = true;
    return OK;
}

static Err read_journal(Ctx *c, Reading *r, Cursor *k) {
    int64_t start = take_number(k, BASE_INT_SAFE_MAX);
    int64_t end = take_number(k, BASE_INT_SAFE_MAX);
    if (!cursor_done(k) || start > end)
        return wrong(c, "JOURNAL");
    r->m.journal_start = start;
    r->m.journal_end = end;
    r->m.has_journal = true;
    return OK;
}

static Str take_note(Cursor *k) {
    uint16_t n = cursor_u16(k);
    if (n > LEDGER_NOTE_BYTES_MAX)
        k->short_ = true;
    return cursor_bytes(k, n);
}

static Err read_tree(Ctx *c, Reading *r, Cursor *k) {
    SyncTree t = {.origin = cursor_hash(k)};
    t.old_size = take_number(k, SIZE_OF_TREE_MAX);
    t.note = take_note(k);
    t.proof_count = cursor_u32(k);
    t.proof = take_hashes(k, t.proof_count);
    if (!cursor_done(k) || t.note.n == 0)
        return wrong(c, "TREE");
    // A LEAVES frame may have come before its TREE.
    SyncTree *to = &r->trees[r->m.tree_count++];
    t.leaf_first = to->leaf_first;
    t.leaves = to->leaves;
    t.leaf_count = to->leaf_count;
    *to = t;
    return OK;
}

static Err read_opening(Ctx *c, Reading *r, Cursor *k) {
    static const uint8_t no_salt[RECORD_SALT_BYTES];
    SyncOpening o = {.tree = cursor_u8(k)};
    o.leaf = take_number(k, SIZE_OF_TREE_MAX - 1);
    Str salt = cursor_bytes(k, RECORD_SALT_BYTES);
    o.envelope = cursor_bytes(k, k->rest.n);
    if (k->short_ || o.envelope.n > RECORD_BYTES_MAX)
        return wrong(c, "OPENING");
    memcpy(o.salt, salt.p, sizeof o.salt);
    bool hole = o.envelope.n == 0;
    if (hole && memcmp(o.salt, no_salt, sizeof no_salt) != 0)
        return wrong(c, "OPENING");
    if (!hole && o.tree >= r->counts[FRAME_TREE])
        return fail(c, E_INVALID, "an OPENING names tree %u of %zu", o.tree, r->counts[FRAME_TREE]);
    r->openings[r->m.opening_count++] = o;
    return OK;
}

static Err read_leaves(Ctx *c, Reading *r, Cursor *k) {
    uint8_t tree = cursor_u8(k);
    int64_t first = take_number(k, SIZE_OF_TREE_MAX - 1);
    size_t n = k->rest.n / CRYPTO_HASH_BYTES;
    const CryptoHash *leaves = take_hashes(k, n);
    if (!cursor_done(k) || n == 0 || (int64_t)n > SIZE_OF_TREE_MAX - first)
        return wrong(c, "LEAVES");
    if (tree >= r->counts[FRAME_TREE] || r->trees[tree].leaf_count > 0)
        return fail(c, E_INVALID, "LEAVES of tree %u: there is none, or they came before", tree);
    r->leaves += n;
    if (r->leaves > SYNC_LEAVES_MAX)
        return fail(c, E_LIMIT, "a message has at most %d commitments", SYNC_LEAVES_MAX);
    r->trees[tree].leaf_first = first;
    r->trees[tree].leaves = leaves;
    r->trees[tree].leaf_count = n;
    return OK;
}

static Err read_cosign(Ctx *c, Reading *r, Cursor *k) {
    SyncSeen s = {.origin = cursor_hash(k)};
    s.size = take_number(k, SIZE_OF_TREE_MAX);
    s.text = cursor_bytes(k, k->rest.n);
    if (k->short_ || s.text.n == 0 || s.text.n > SYNC_LINE_BYTES_MAX)
        return wrong(c, "COSIGN");
    r->cosigns[r->m.cosign_count++] = s;
    return OK;
}

static Err read_seen(Ctx *c, Reading *r, Cursor *k) {
    SyncSeen s = {.origin = cursor_hash(k)};
    s.text = cursor_bytes(k, k->rest.n);
    if (k->short_ || s.text.n == 0 || s.text.n > LEDGER_NOTE_BYTES_MAX)
        return wrong(c, "SEEN");
    r->seen[r->m.seen_count++] = s;
    return OK;
}

static SyncAsk take_ask(Cursor *k) {
    SyncAsk a = {.size = take_number(k, SIZE_OF_TREE_MAX)};
    a.root = cursor_hash(k);
    return a;
}

static Err read_ask(Ctx *c, Reading *r, Cursor *k) {
    SyncAsk a = take_ask(k);
    if (!cursor_done(k))
        return wrong(c, "ASK");
    r->asks[r->m.ask_count++] = a;
    return OK;
}

static Err read_prove(Ctx *c, Reading *r, Cursor *k) {
    SyncProve p = {.of = take_ask(k)};
    p.note = take_note(k);
    uint32_t n = cursor_u32(k);
    p.cannot = n == CANNOT_PROVE;
    p.proof_count = p.cannot ? 0 : n;
    p.proof = take_hashes(k, p.proof_count);
    if (!cursor_done(k) || (!p.cannot && p.note.n == 0))
        return wrong(c, "PROVE");
    r->proves[r->m.prove_count++] = p;
    return OK;
}

static Err read_want(Ctx *c, Reading *r, Cursor *k) {
    SyncBlob b = {.sha256 = cursor_hash(k)};
    b.offset = take_number(k, BASE_INT_SAFE_MAX);
    if (!cursor_done(k))
        return wrong(c, "WANT");
    r->wants[r->m.want_count++] = b;
    return OK;
}

static Err read_blob(Ctx *c, Reading *r, Cursor *k) {
    SyncBlob b = {.sha256 = cursor_hash(k)};
    b.offset = take_number(k, BASE_INT_SAFE_MAX);
    b.total = take_number(k, BASE_INT_SAFE_MAX);
    b.bytes = cursor_bytes(k, k->rest.n);
    if (k->short_ || b.bytes.n > SYNC_BLOB_BYTES_MAX || b.offset > b.total ||
        (int64_t)b.bytes.n > b.total - b.offset)
        return wrong(c, "BLOB");
    r->blobs[r->m.blob_count++] = b;
    return OK;
}

static Err read_recover(Ctx *c, Reading *r, Cursor *k) {
    if (k->rest.n != SYNC_RECOVER_BYTES)
        return wrong(c, "RECOVER");
    r->recovers[r->m.recover_count++] = k->rest;
    return OK;
}

static Err read_refuse(Ctx *c, Reading *r, Cursor *k) {
    uint8_t code = cursor_u8(k);
    if (k->short_ || code == 0 || k->rest.n > SYNC_LINE_BYTES_MAX || !json_utf8_valid(k->rest))
        return wrong(c, "REFUSE");
    r->m.refused = code;
    r->m.refused_words = k->rest;
    return OK;
}

typedef Err (*FrameReader)(Ctx *c, Reading *r, Cursor *k);
static const FrameReader frame_readers[FRAME_TYPES] = {
    [FRAME_HEAD] = read_head,       [FRAME_HAVE] = read_have,       [FRAME_JOURNAL] = read_journal,
    [FRAME_TREE] = read_tree,       [FRAME_OPENING] = read_opening, [FRAME_LEAVES] = read_leaves,
    [FRAME_COSIGN] = read_cosign,   [FRAME_SEEN] = read_seen,       [FRAME_ASK] = read_ask,
    [FRAME_PROVE] = read_prove,     [FRAME_WANT] = read_want,       [FRAME_BLOB] = read_blob,
    [FRAME_RECOVER] = read_recover, [FRAME_REFUSE] = read_refuse,   [FRAME_SIGN] = read_head,
};

static Err read_frames(Ctx *c, Reading *r) {
    Cursor k = {r->plain, false};
    uint8_t type;
    Str payload;
    while (k.rest.n > 0 && frame_next(&k, &type, &payload)) {
        Cursor in = {payload, false};
        if (frame_readers[type])
            TRY(frame_readers[type](c, r, &in));
    }
    return OK;
}

// --- openings of each tree, by leaf -------------------------------------------------------------

typedef struct Placed {
    int64_t leaf;
    uint32_t tree, index;
} Placed;

static int placed_cmp(const void *left, const void *right) {
    const Placed *a = left, *b = right;
    if (a->tree != b->tree)
        return a->tree < b->tree ? -1 : 1;
    if (a->leaf != b->leaf)
        return a->leaf < b->leaf ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

static bool same_opening(const SyncOpening *a, const SyncOpening *b) {
    return str_eq(a->envelope, b->envelope) && memcmp(a->salt, b->salt, sizeof a->salt) == 0;
}

// A journal may name a leaf twice; two openings of one leaf that differ are false.
static Err sort_openings(Ctx *c, Reading *r) {
    Placed *placed;
    uint32_t *order;
    size_t n = 0, kept = 0;
    bool sorted = true;
    TRY(ctx_alloc(c, (r->m.opening_count + 1) * sizeof *placed, &placed));
    TRY(ctx_alloc(c, (r->m.opening_count + 1) * sizeof *order, &order));
    for (size_t i = 0; i < r->m.opening_count; i++) {
        const SyncOpening *o = &r->openings[i];
        if (o->envelope.n == 0)
            continue;
        placed[n] = (Placed){o->leaf, o->tree, (uint32_t)i};
        sorted = sorted && (n == 0 || placed_cmp(&placed[n - 1], &placed[n]) < 0);
        n++;
    }
    if (!sorted)
        qsort(placed, n, sizeof *placed, placed_cmp);
    for (size_t i = 0; i < n; i++) {
        SyncTree *t = &r->trees[placed[i].tree];
        bool again =
            i > 0 && placed[i - 1].tree == placed[i].tree && placed[i - 1].leaf == placed[i].leaf;
        if (again &&
            !same_opening(&r->openings[placed[i - 1].index], &r->openings[placed[i].index]))
            return fail(c, E_INVALID, "leaf %lld is opened in two ways", (long long)placed[i].leaf);
        if (again)
            continue;
        if (t->opening_count == 0)
            t->openings = order + kept;
        t->opening_count++;
        order[kept++] = placed[i].index;
    }
    return OK;
}

Err sync_read(Ctx *c, Str message, CryptoPublicKey *ret_signed_by, SyncMessage *ret_message) {
    Reading *r;
    *ret_signed_by = (CryptoPublicKey){0};
    TRY(ctx_alloc(c, sizeof *r, &r));
    TRY(sync_unpack(c, message, &r->plain));
    TRY(walk(c, r, ret_signed_by));
    TRY(check_counts(c, r));
    TRY(make_arrays(c, r));
    TRY(read_frames(c, r));
    TRY(sort_openings(c, r));
    r->m.plain_bytes = r->plain.n;
    r->m.trees = r->trees;
    r->m.openings = r->openings;
    r->m.cosigns = r->cosigns;
    r->m.seen = r->seen;
    r->m.asks = r->asks;
    r->m.proves = r->proves;
    r->m.wants = r->wants;
    r->m.blobs = r->blobs;
    r->m.recovers = r->recovers;
    *ret_message = r->m;
    return OK;
}

Err sync_peek(Ctx *c, Str message, SyncHead *ret_head) {
    uint8_t start[FRAME_FRONT_BYTES + HEAD_BYTES];
    TRY(sync_unpack_start(c, message, start, sizeof start));
    if (start[0] != FRAME_HEAD || load_u32le(start + 1) != HEAD_BYTES)
        return fail(c, E_INVALID, "a message begins with HEAD");
    return sync_head_read(c, (Str){(const char *)start + FRAME_FRONT_BYTES, HEAD_BYTES}, ret_head);
}
