// Trees and proofs out of the database: complete subtrees of 256, 65536, … leaves are stored, the
// rest is hashed from at most 255 rows each.
#include "ledger/ledger_priv.h"

static Err missing(Ctx *c, uint32_t log, const char *what, int64_t number) {
    return fail(c, E_CORRUPT, "log %s: %s %lld is missing or not of 32 bytes; run moei verify",
                ledger_log_name(log), what, (long long)number);
}

// A row's number and hash.
static Err row_hash(Ctx *c, StoreStmt *q, int64_t want, uint32_t log, const char *what,
                    CryptoHash *ret_hash) {
    bool row;
    TRY(store_step(c, q, &row));
    Str hash = row ? store_col_str(q, 1) : (Str){0};
    if (!row || store_col_i64(q, 0) != want || hash.n != CRYPTO_HASH_BYTES)
        return missing(c, log, what, want);
    memcpy(ret_hash->b, hash.p, CRYPTO_HASH_BYTES);
    return OK;
}

// Hash of the complete subtree number `number` of 2^level leaves.
static Err subtree(Ctx *c, StoreDb *db, uint32_t log, unsigned level, int64_t number,
                   CryptoHash *ret_hash) {
    unsigned base = level - level % LEDGER_NODE_LEVELS;
    int64_t first = number << (level - base), count = 1LL << (level - base);
    LedgerTree tree = {0};
    AUTO(StoreQuery) q = store_stmt(db, base ? LQ_NODE_HASHES : LQ_LEAF_HASHES);
    int64_t place = base ? 0 : ledger_place_key((LedgerPlace){log, 0});
    store_bind_i64(q, ":first", place + first);
    store_bind_i64(q, ":beyond", place + first + count);
    if (base) {
        store_bind_i64(q, ":log_id", log);
        store_bind_i64(q, ":level", base);
    }
    for (int64_t i = 0; i < count; i++) {
        CryptoHash hash;
        TRY(row_hash(c, q, place + first + i, log, base ? "tree node" : "leaf", &hash));
        if (!base)
            hash = ledger_merkle_leaf(hash.b, sizeof hash.b);
        ledger_tree_add(&tree, &hash);
    }
    *ret_hash = tree.level[level - base];
    return OK;
}

static unsigned top_bit(uint64_t v) {
    return 63U - (unsigned)__builtin_clzll(v);
}

// Hash of the leaves [first, beyond), where first is a multiple of the largest power of two below
// the number of leaves: as the subtrees of RFC 6962 are.
static Err range_hash(Ctx *c, StoreDb *db, uint32_t log, int64_t first, int64_t beyond,
                      CryptoHash *ret_hash) {
    LedgerTree tree = {.size = (uint64_t)(beyond - first)};
    for (uint64_t left = tree.size; left != 0;) {
        unsigned level = top_bit(left);
        TRY(subtree(c, db, log, level, first >> level, &tree.level[level]));
        first += 1LL << level;
        left &= ~(1ULL << level);
    }
    *ret_hash = ledger_tree_root(&tree);
    return OK;
}

Err ledger_db_tree(Ctx *c, StoreDb *db, uint32_t log, int64_t size, LedgerTree *ret_tree) {
    LedgerTree tree = {.size = (uint64_t)size};
    int64_t first = 0;
    for (uint64_t left = tree.size; left != 0;) {
        unsigned level = top_bit(left);
        TRY(subtree(c, db, log, level, first >> level, &tree.level[level]));
        first += 1LL << level;
        left &= ~(1ULL << level);
    }
    *ret_tree = tree;
    return OK;
}

// --- proofs -------------------------------------------------------------------------------------

static Err push(Ctx *c, LedgerReader *r, uint32_t log, int64_t first, int64_t beyond,
                LedgerProof *p) {
    ASSERT(p->count < LEDGER_PROOF_NODES_MAX);
    TRY(range_hash(c, r->db, log, first, beyond, &p->nodes[p->count]));
    p->count++;
    return OK;
}

// Both walks go from the root down; a proof is told from the leaf up.
static void turn_round(LedgerProof *p) {
    for (size_t i = 0; i < p->count / 2; i++) {
        CryptoHash h = p->nodes[i];
        p->nodes[i] = p->nodes[p->count - 1 - i];
        p->nodes[p->count - 1 - i] = h;
    }
}

// The largest power of two below n.
static int64_t split_of(int64_t n) {
    return 1LL << top_bit((uint64_t)n - 1);
}

static Err check_size(Ctx *c, LedgerReader *r, uint32_t log, int64_t size) {
    int64_t have;
    TRY(ledger_reader_size(c, r, log, &have));
    if (size < 0 || size > have)
        return fail(c, E_NOT_FOUND, "log %s has %lld records, not %lld", ledger_log_name(log),
                    (long long)have, (long long)size);
    return OK;
}

Err ledger_inclusion(Ctx *c, LedgerReader *r, LedgerPlace place, int64_t tree_size,
                     LedgerProof *ret_proof) {
    TRY(check_size(c, r, place.log, tree_size));
    if (place.seq < 0 || place.seq >= tree_size)
        return fail(c, E_NOT_FOUND, "leaf %lld is not in a tree of %lld", (long long)place.seq,
                    (long long)tree_size);
    LedgerProof p = {0};
    int64_t low = 0, high = tree_size;
    while (high - low > 1) {
        int64_t middle = low + split_of(high - low);
        if (place.seq < middle) {
            TRY(push(c, r, place.log, middle, high, &p));
            high = middle;
        } else {
            TRY(push(c, r, place.log, low, middle, &p));
            low = middle;
        }
    }
    turn_round(&p);
    *ret_proof = p;
    return OK;
}

Err ledger_consistency(Ctx *c, LedgerReader *r, uint32_t log, int64_t old_size, int64_t new_size,
                       LedgerProof *ret_proof) {
    TRY(check_size(c, r, log, new_size));
    if (old_size == 0)
        return fail(c, E_INVALID, "consistency with an empty tree proves nothing");
    if (old_size < 0 || old_size > new_size)
        return fail(c, E_NOT_FOUND, "a tree of %lld does not grow to %lld", (long long)old_size,
                    (long long)new_size);
    LedgerProof p = {0};
    int64_t low = 0, high = new_size;
    bool whole = true; // the part left is the old tree itself, whose root the asker knows
    while (old_size < new_size) {
        if (old_size == high) {
            if (!whole)
                TRY(push(c, r, log, low, high, &p));
            break;
        }
        int64_t middle = low + split_of(high - low);
        if (old_size <= middle) {
            TRY(push(c, r, log, middle, high, &p));
            high = middle;
        } else {
            TRY(push(c, r, log, low, middle, &p));
            low = middle;
            whole = false;
        }
    }
    turn_round(&p);
    *ret_proof = p;
    return OK;
}
