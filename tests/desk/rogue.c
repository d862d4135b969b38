#include "rogue.h"

#include <zstd.h>

static void make_key(Rogue *r, CryptoSignKey *ret_key) {
    CryptoSeed seed;
    CryptoPublicKey public;
    crypto_random_fill(r->random, seed.b, sizeof seed.b);
    crypto_sign_key_from_seed(&seed, ret_key, &public);
}

static void hex_of(const void *bytes, char ret_hex[65]) {
    AUTO(Buf) hex = {0};
    buf_hex(&hex, bytes, 32);
    snprintf(ret_hex, 65, STR_FMT, STR_ARG(buf_view(&hex)));
}

// --- its log
// --------------------------------------------------------------------------------------

static CryptoHash leaf_hash(const RogueLeaf *l) {
    CryptoHash commitment = record_commitment(l->envelope, l->salt);
    return ledger_merkle_leaf(commitment.b, sizeof commitment.b);
}

int64_t rogue_add(Rogue *r, const RogueRecord *record) {
    Ctx *c = &r->keep;
    AUTO(Buf) envelope = {0};
    RecordSigner signer = {r->officer, &r->officer_key};
    r->now += 1000;
    bool binds = record_kind_row(record->kind)->binds;
    RecordDraft draft = {.kind = record->kind,
                         .id = record->id ? *record->id : record_id_new(r->now, r->random),
                         .at_us = r->now,
                         .agency = record->by ? str_of(record->by) : str_of(r->hex),
                         .mark = record_mark_default(),
                         .purpose = STR("intake"),
                         .body_json = str_of(record->body),
                         .has_officer = binds,
                         .officer = r->officer,
                         .signers = &signer,
                         .signer_count = binds};
    draft.mark.tlp = RECORD_TLP_GREEN;
    draft.mark.to = record->to;
    draft.mark.to_count = record->to_count;
    if (record->mark)
        draft.mark = *record->mark;
    if (record->of) {
        draft.has_of = true;
        draft.of = *record->of;
    }
    assert_ok(c, record_write(c, &draft, &envelope));
    assert_true(r->count < ROGUE_LEAVES_MAX);
    RogueLeaf *l = &r->leaves[r->count];
    crypto_random_fill(r->random, l->salt, sizeof l->salt);
    assert_ok(c, str_copy(c, buf_view(&envelope), &l->envelope));
    l->hash = leaf_hash(l);
    l->id = draft.id;
    return r->count++;
}

void rogue_open(Rogue *r, uint64_t seed, int64_t now) {
    memset(r, 0, sizeof *r);
    ctx_init(&r->keep);
    r->random = crypto_random_seeded(&r->seeded, seed);
    r->now = now;
    CryptoSignKey recovery;
    make_key(r, &r->log_key);
    make_key(r, &r->link_key);
    make_key(r, &r->officer_key);
    make_key(r, &recovery);
    char log[65], link[65], back[65], officer[65], body[1024];
    hex_of(crypto_sign_key_public(&r->log_key).b, log);
    hex_of(crypto_sign_key_public(&r->link_key).b, link);
    hex_of(crypto_sign_key_public(&recovery).b, back);
    hex_of(crypto_sign_key_public(&r->officer_key).b, officer);
    snprintf(body, sizeof body,
             "{\"agency_kind\":\"bank\",\"country\":\"MM\",\"log_key\":\"%s\",\"name\":\"rogue\","
             "\"recovery_key\":\"%s\",\"timezone\":\"UTC\",\"title\":\"Rogue\"}",
             log, back);
    rogue_add(r, &(RogueRecord){.kind = RECORD_GENESIS, .by = "", .body = body});
    r->agency = r->leaves[0].hash;
    hex_of(r->agency.b, r->hex);
    snprintf(body, sizeof body, "{\"address\":null,\"key\":\"%s\"}", link);
    rogue_add(r, &(RogueRecord){.kind = RECORD_LINK, .of = &r->leaves[0].id, .body = body});
    snprintf(body, sizeof body, "{\"key\":\"%s\",\"name\":\"mole\",\"role\":\"investigator\"}",
             officer);
    rogue_add(r, &(RogueRecord){.kind = RECORD_OFFICER, .body = body});
    r->officer = r->leaves[2].id;
}

void rogue_done(Rogue *r) {
    buf_done(&r->plain);
    ctx_done(&r->keep);
}

void rogue_fork(const Rogue *from, int64_t size, Rogue *ret_other) {
    *ret_other = *from;
    ctx_init(&ret_other->keep);
    ret_other->random = crypto_random_seeded(&ret_other->seeded, 99);
    ret_other->plain = (Buf){0};
    ret_other->count = size;
    ret_other->now += 1000000;
}

Str rogue_card(Rogue *r, Ctx *c) {
    AUTO(Buf) text = {0};
    SyncCard card = {.genesis = r->leaves[0].envelope,
                     .link_key = crypto_sign_key_public(&r->link_key)};
    memcpy(card.salt, r->leaves[0].salt, sizeof card.salt);
    Str copy;
    assert_ok(c, sync_card_write(c, &card, &r->log_key, &text));
    assert_ok(c, str_copy(c, buf_view(&text), &copy));
    return copy;
}

// --- its tree, naively
// ----------------------------------------------------------------------------

// Root of the leaves [from, from + n): RFC 6962, 2.1. The tests' trees are small.
static CryptoHash root_of(const Rogue *r, int64_t from, int64_t n) {
    if (n == 1)
        return r->leaves[from].hash;
    int64_t half = 1;
    while (2 * half < n)
        half *= 2;
    CryptoHash left = root_of(r, from, half), right = root_of(r, from + half, n - half);
    return ledger_merkle_node(&left, &right);
}

CryptoHash rogue_root(const Rogue *r, int64_t size) {
    return size ? root_of(r, 0, size) : ledger_merkle_empty();
}

typedef struct Walk {
    const Rogue *rogue;
    int64_t m;
    const int64_t *leaves;
    size_t count;
    Buf hashes;
} Walk;

// Whether [from, from + n) is a peak of the tree of size m, or lies in one.
static bool is_peak(int64_t m, int64_t from, int64_t n) {
    return (m & n) && from == (m & ~(2 * n - 1));
}

static void visit(Walk *w, int64_t from, int64_t n) {
    bool holds = false;
    for (size_t i = 0; i < w->count; i++)
        holds = holds || (w->leaves[i] >= from && w->leaves[i] < from + n);
    bool below = from + n <= w->m, behind = from >= w->m;
    if (!holds && below && is_peak(w->m, from, n))
        return;
    if (!holds && (below || behind)) {
        CryptoHash h = root_of(w->rogue, from, n);
        buf_append(&w->hashes, h.b, sizeof h.b);
        return;
    }
    if (n == 1)
        return;
    visit(w, from, n / 2);
    visit(w, from + n / 2, n / 2);
}

// --- messages
// -------------------------------------------------------------------------------------

static void put_u64(Buf *b, uint64_t v) {
    char bytes[8];
    store_u64le(bytes, v);
    buf_append(b, bytes, sizeof bytes);
}

static void put_u32(Buf *b, uint32_t v) {
    char bytes[4];
    store_u32le(bytes, v);
    buf_append(b, bytes, sizeof bytes);
}

void rogue_frame(Rogue *r, uint8_t type, const void *bytes, size_t n) {
    buf_char(&r->plain, (char)type);
    put_u32(&r->plain, (uint32_t)n);
    buf_append(&r->plain, bytes, n);
}

static void put_frame(Rogue *r, uint8_t type, const Buf *b) {
    rogue_frame(r, type, b->p, b->n);
}

void rogue_head(Rogue *r, const CryptoHash *to, int64_t now) {
    AUTO(Buf) b = {0};
    CryptoPublicKey link = crypto_sign_key_public(&r->link_key);
    buf_clear(&r->plain);
    buf_char(&b, 1);
    buf_append(&b, r->agency.b, sizeof r->agency.b);
    buf_append(&b, to->b, sizeof to->b);
    buf_append(&b, link.b, sizeof link.b);
    put_u64(&b, (uint64_t)now);
    buf_char(&b, 0);
    put_u32(&b, 1 << 20);
    put_frame(r, 1, &b);
}

void rogue_have(Rogue *r, uint64_t position, uint64_t size, const CryptoHash *root) {
    AUTO(Buf) b = {0};
    put_u64(&b, position);
    put_u64(&b, size);
    buf_append(&b, root->b, sizeof root->b);
    put_frame(r, 2, &b);
}

void rogue_journal(Rogue *r, uint64_t start, uint64_t end) {
    AUTO(Buf) b = {0};
    put_u64(&b, start);
    put_u64(&b, end);
    put_frame(r, 3, &b);
}

// Its checkpoint of this size, with its length before it.
static void put_note(Rogue *r, int64_t size, Buf *b) {
    AUTO(Buf) note = {0};
    char origin[96];
    snprintf(origin, sizeof origin, "moei/%s/main", r->hex);
    LedgerTreeHead head = {(uint64_t)size, rogue_root(r, size)};
    assert_ok(&r->keep, ledger_note_write(&r->keep, str_of(origin), &head, &r->log_key, &note));
    buf_char(b, (char)(note.n & 255));
    buf_char(b, (char)(note.n >> 8));
    buf_append(b, note.p, note.n);
}

void rogue_tree(Rogue *r, int64_t old_size, int64_t new_size, const int64_t *leaves, size_t n) {
    AUTO(Buf) b = {0};
    Walk w = {r, old_size, leaves, n, {0}};
    for (int64_t bit = 1LL << 40, from = 0; bit > 0; bit /= 2)
        if (new_size & bit) {
            visit(&w, from, bit);
            from += bit;
        }
    buf_append(&b, r->agency.b, sizeof r->agency.b);
    put_u64(&b, (uint64_t)old_size);
    put_note(r, new_size, &b);
    put_u32(&b, (uint32_t)(w.hashes.n / 32));
    buf_append(&b, w.hashes.p, w.hashes.n);
    buf_done(&w.hashes);
    put_frame(r, 4, &b);
}

// The consistency proof of RFC 6962, 2.1.2, for the leaves [from, from + n) and the first m of
// them.
static void subproof(const Rogue *r, int64_t from, int64_t n, int64_t m, Buf *hashes) {
    bool whole = from == 0; // the first tree itself is known to who asks
    if (m == n && whole)
        return;
    CryptoHash h;
    int64_t half = 1;
    while (2 * half < n)
        half *= 2;
    if (m == n) {
        h = root_of(r, from, n);
    } else if (m <= half) {
        subproof(r, from, half, m, hashes);
        h = root_of(r, from + half, n - half);
    } else {
        subproof(r, from + half, n - half, m - half, hashes);
        h = root_of(r, from, half);
    }
    buf_append(hashes, h.b, sizeof h.b);
}

void rogue_prove(Rogue *r, int64_t size, const CryptoHash *root, int64_t new_size) {
    AUTO(Buf) b = {0};
    AUTO(Buf) hashes = {0};
    subproof(r, 0, new_size, size, &hashes);
    put_u64(&b, (uint64_t)size);
    buf_append(&b, root->b, sizeof root->b);
    put_note(r, new_size, &b);
    put_u32(&b, (uint32_t)(hashes.n / 32));
    buf_append(&b, hashes.p, hashes.n);
    put_frame(r, 10, &b);
}

void rogue_opening(Rogue *r, uint8_t tree, int64_t leaf) {
    AUTO(Buf) b = {0};
    const RogueLeaf *l = &r->leaves[leaf];
    buf_char(&b, (char)tree);
    put_u64(&b, (uint64_t)leaf);
    buf_append(&b, l->salt, sizeof l->salt);
    buf_str(&b, l->envelope);
    put_frame(r, 5, &b);
}

Str rogue_pack(Ctx *c, Str plain, uint32_t said) {
    AUTO(Buf) message = {0};
    Str copy;
    char *room;
    size_t cap = ZSTD_compressBound(plain.n);
    assert_ok(c, ctx_alloc(c, cap, &room));
    size_t n = ZSTD_compress(room, cap, plain.p, plain.n, 1);
    assert_false(ZSTD_isError(n));
    buf_text(&message, "moei/sync/1\n");
    put_u32(&message, said);
    buf_append(&message, room, n);
    assert_ok(c, str_copy(c, buf_view(&message), &copy));
    return copy;
}

Str rogue_end(Rogue *r, Ctx *c, const CryptoSignKey *key) {
    static const char tag[] = "moei/sync/v1\n";
    CryptoSha256 s;
    crypto_sha256_init(&s);
    crypto_sha256_add(&s, tag, sizeof tag - 1);
    crypto_sha256_add(&s, r->plain.p, r->plain.n);
    CryptoHash hash = crypto_sha256_finish(&s);
    CryptoSignature sig = crypto_signature_make(key ? key : &r->link_key, hash.b, sizeof hash.b);
    rogue_frame(r, 255, sig.b, sizeof sig.b);
    assert_ok(c, buf_check(c, &r->plain));
    return rogue_pack(c, buf_view(&r->plain), (uint32_t)r->plain.n);
}

Str rogue_message(Rogue *r, Ctx *c, const CryptoHash *to, int64_t now, int64_t first,
                  int64_t old_size) {
    int64_t leaves[ROGUE_LEAVES_MAX];
    size_t n = 0;
    CryptoHash none = {0};
    rogue_head(r, to, now);
    rogue_have(r, 0, 0, &none);
    rogue_journal(r, (uint64_t)first, (uint64_t)r->count);
    for (int64_t i = first; i < r->count; i++)
        leaves[n++] = i;
    rogue_tree(r, old_size, r->count, leaves, n);
    for (int64_t i = first; i < r->count; i++)
        rogue_opening(r, 0, i);
    return rogue_end(r, c, NULL);
}
