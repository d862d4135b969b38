// Trees and proofs out of the database: complete subtrees of 256, 65536, … leaves are stored, the
// rest is hashed from blocks of 256. Of another agency's log any subtree may be stored.
#include "ledger/ledger_priv.h"

// --- blocks -------------------------------------------------------------------------------------

Err ledger_nodes_open(Ctx *c, StoreDb *db, uint32_t log, NodeSource *ret_source) {
    NodeSource s = {.db = db, .log = log};
    s.blocks = mem_alloc_zero(LEDGER_BLOCK_BASES, sizeof *s.blocks);
    if (!s.blocks)
        return fail(c, E_MEMORY, "not enough memory to read the tree of a log");
    *ret_source = s;
    return OK;
}

void NodeSource_cleanup(NodeSource *s) {
    mem_free(s->blocks);
    s->blocks = NULL;
}

// Where level `up` above a block's kept level begins in it.
static size_t row_start(unsigned up) {
    return (size_t)(2 * LEDGER_BLOCK_LEAVES - (2 * LEDGER_BLOCK_LEAVES >> up));
}

static Err contradiction(Ctx *c, const NodeSource *s, unsigned level, uint64_t number) {
    return fail(c, E_CORRUPT,
                "log %s: the stored hash of leaves %llu to %llu is not theirs; run moei verify",
                ledger_log_name(s->log), (unsigned long long)(number << level),
                (unsigned long long)((number + 1) << level) - 1);
}

static Err put(Ctx *c, const NodeSource *s, NodeBlock *b, size_t at, const CryptoHash *hash) {
    if (b->have[at] && memcmp(b->hash[at].b, hash->b, sizeof hash->b) != 0)
        return contradiction(c, s, 0, b->number);
    b->have[at] = true;
    b->hash[at] = *hash;
    return OK;
}

static Err load_leaves(Ctx *c, NodeSource *s, NodeBlock *b) {
    AUTO(StoreQuery) q = store_stmt(s->db, LQ_LEAF_HASHES);
    int64_t first =
        ledger_place_key((LedgerPlace){s->log, 0}) + (int64_t)(b->number << LEDGER_NODE_LEVELS);
    store_bind_i64(q, ":first", first);
    store_bind_i64(q, ":beyond", first + LEDGER_BLOCK_LEAVES);
    for (;;) {
        bool row;
        TRY(store_step(c, q, &row));
        if (!row)
            return OK;
        size_t at = (size_t)(store_col_i64(q, 0) - first);
        Str commitment = store_col_str(q, 1);
        b->have[at] = true;
        b->hash[at] = ledger_merkle_leaf(commitment.p, commitment.n);
    }
}

// Stored hashes of one level of the block; what follows from below must be the same.
static Err load_row(Ctx *c, NodeSource *s, NodeBlock *b, unsigned level, unsigned up) {
    uint64_t first = b->number << (LEDGER_NODE_LEVELS - up);
    AUTO(StoreQuery) q = store_stmt(s->db, LQ_NODE_HASHES);
    store_bind_i64(q, ":log_id", s->log);
    store_bind_i64(q, ":level", level);
    store_bind_i64(q, ":first", (int64_t)first);
    store_bind_i64(q, ":beyond", (int64_t)(first + (LEDGER_BLOCK_LEAVES >> up)));
    for (;;) {
        bool row;
        TRY(store_step(c, q, &row));
        if (!row)
            return OK;
        CryptoHash hash;
        Str stored = store_col_str(q, 1);
        uint64_t number = (uint64_t)store_col_i64(q, 0);
        ASSERT(stored.n == sizeof hash.b); // a CHECK of the table
        memcpy(hash.b, stored.p, sizeof hash.b);
        if (put(c, s, b, row_start(up) + (size_t)(number - first), &hash) != OK)
            return contradiction(c, s, level, number);
    }
}

static void join_row(NodeBlock *b, unsigned up) {
    size_t below = row_start(up - 1), here = row_start(up);
    for (size_t i = 0; i < (size_t)(LEDGER_BLOCK_LEAVES >> up); i++) {
        size_t left = below + 2 * i;
        if (!b->have[left] || !b->have[left + 1])
            continue;
        b->have[here + i] = true;
        b->hash[here + i] = ledger_merkle_node(&b->hash[left], &b->hash[left + 1]);
    }
}

static Err load(Ctx *c, NodeSource *s, NodeBlock *b, unsigned base) {
    memset(b->have, 0, sizeof b->have);
    if (base == 0)
        TRY(load_leaves(c, s, b));
    // Own logs keep levels 8, 16, … only.
    bool any_level = s->log >= LEDGER_OWN_LOGS;
    for (unsigned up = 0; up < LEDGER_NODE_LEVELS; up++) {
        if (up > 0)
            join_row(b, up);
        if (any_level || (up == 0 && base > 0))
            TRY(load_row(c, s, b, base + up, up));
    }
    b->loaded = true;
    return OK;
}

Err ledger_nodes_get(Ctx *c, NodeSource *s, unsigned level, uint64_t number, CryptoHash *ret_hash) {
    unsigned up = level % LEDGER_NODE_LEVELS, base = level - up;
    ASSERT(base / LEDGER_NODE_LEVELS < LEDGER_BLOCK_BASES);
    NodeBlock *b = &s->blocks[base / LEDGER_NODE_LEVELS];
    uint64_t block = number >> (LEDGER_NODE_LEVELS - up);
    if (!b->loaded || b->number != block) {
        b->loaded = false;
        b->number = block;
        TRY(load(c, s, b, base));
    }
    size_t at = row_start(up) + (size_t)(number - (block << (LEDGER_NODE_LEVELS - up)));
    if (!b->have[at])
        return fail(c, s->log < LEDGER_OWN_LOGS ? E_CORRUPT : E_NOT_FOUND,
                    "log %s: the hash of leaves %llu to %llu is missing%s", ledger_log_name(s->log),
                    (unsigned long long)(number << level),
                    (unsigned long long)((number + 1) << level) - 1,
                    s->log < LEDGER_OWN_LOGS ? "; run moei verify" : "");
    *ret_hash = b->hash[at];
    return OK;
}

static unsigned top_bit(uint64_t v) {
    return 63U - (unsigned)__builtin_clzll(v);
}

// The tree of the leaves [first, first + size), where first is a multiple of the largest power of
// two in size: as the subtrees of RFC 6962 are.
static Err range_tree(Ctx *c, NodeSource *s, int64_t first, int64_t size, LedgerTree *ret_tree) {
    LedgerTree tree = {.size = (uint64_t)size};
    for (uint64_t left = tree.size; left != 0;) {
        unsigned level = top_bit(left);
        TRY(ledger_nodes_get(c, s, level, (uint64_t)first >> level, &tree.level[level]));
        first += 1LL << level;
        left &= ~(1ULL << level);
    }
    *ret_tree = tree;
    return OK;
}

Err ledger_nodes_tree(Ctx *c, NodeSource *s, int64_t size, LedgerTree *ret_tree) {
    return range_tree(c, s, 0, size, ret_tree);
}

Err ledger_db_tree(Ctx *c, StoreDb *db, uint32_t log, int64_t size, LedgerTree *ret_tree) {
    AUTO(NodeSource) s = {0};
    TRY(ledger_nodes_open(c, db, log, &s));
    return ledger_nodes_tree(c, &s, size, ret_tree);
}

// --- proofs -------------------------------------------------------------------------------------

static Err push(Ctx *c, NodeSource *s, int64_t first, int64_t beyond, LedgerProof *p) {
    ASSERT(p->count < LEDGER_PROOF_NODES_MAX);
    LedgerTree tree;
    TRY(range_tree(c, s, first, beyond - first, &tree));
    p->nodes[p->count++] = ledger_tree_root(&tree);
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
    // A leaf of another agency may stand under a checkpoint of its own, beyond our head.
    LedgerCheckpoint own;
    if (place.log <= LEDGER_READS || ledger_leaf_head(c, r, place, &own) != OK ||
        own.size != tree_size)
        TRY(check_size(c, r, place.log, tree_size));
    if (place.seq < 0 || place.seq >= tree_size)
        return fail(c, E_NOT_FOUND, "leaf %lld is not in a tree of %lld", (long long)place.seq,
                    (long long)tree_size);
    AUTO(NodeSource) s = {0};
    TRY(ledger_nodes_open(c, r->db, place.log, &s));
    LedgerProof p = {0};
    int64_t low = 0, high = tree_size;
    while (high - low > 1) {
        int64_t middle = low + split_of(high - low);
        if (place.seq < middle) {
            TRY(push(c, &s, middle, high, &p));
            high = middle;
        } else {
            TRY(push(c, &s, low, middle, &p));
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
    AUTO(NodeSource) s = {0};
    TRY(ledger_nodes_open(c, r->db, log, &s));
    LedgerProof p = {0};
    int64_t low = 0, high = new_size;
    bool whole = true; // the part left is the old tree itself, whose root the asker knows
    while (old_size < new_size) {
        if (old_size == high) {
            if (!whole)
                TRY(push(c, &s, low, high, &p));
            break;
        }
        int64_t middle = low + split_of(high - low);
        if (old_size <= middle) {
            TRY(push(c, &s, middle, high, &p));
            high = middle;
        } else {
            TRY(push(c, &s, low, middle, &p));
            low = middle;
            whole = false;
        }
    }
    turn_round(&p);
    *ret_proof = p;
    return OK;
}

// --- multi-proofs
// ---------------------------------------------------------------------------------

static Err check_span(Ctx *c, LedgerSpan span, const LedgerLeaves *leaves) {
    int64_t last = -1;
    if (span.old_size < 0 || span.old_size > span.new_size || span.new_size > LEDGER_SEQ_MAX)
        return fail(c, E_NOT_FOUND, "a tree of %lld does not grow to %lld",
                    (long long)span.old_size, (long long)span.new_size);
    for (size_t i = 0; i < leaves->count; last = leaves->seqs[i++])
        if (leaves->seqs[i] <= last || leaves->seqs[i] >= span.new_size)
            return fail(c, E_NOT_FOUND, "leaf %lld is not in a tree of %lld, or out of order",
                        (long long)leaves->seqs[i], (long long)span.new_size);
    return OK;
}

static uint64_t leaf_at(const LedgerLeaves *l, size_t i) {
    return i < l->count ? (uint64_t)l->seqs[i] : LEDGER_WALK_NO_LEAF;
}

static Err collect(Ctx *c, NodeSource *s, LedgerSpan span, const LedgerLeaves *leaves, Buf *out) {
    LedgerWalk w = {.old_size = (uint64_t)span.old_size,
                    .new_size = (uint64_t)span.new_size,
                    .left = (uint64_t)span.new_size,
                    .next_leaf = leaf_at(leaves, 0)};
    WalkStep step;
    for (size_t i = 0; ledger_walk_step(&w, &step);) {
        if (step.what == WALK_LEAF)
            w.next_leaf = leaf_at(leaves, ++i);
        if (step.what != WALK_SENT)
            continue;
        CryptoHash hash;
        TRY(ledger_nodes_get(c, s, step.level, step.number, &hash));
        buf_append(out, hash.b, sizeof hash.b);
    }
    return buf_check(c, out);
}

Err ledger_nodes_proof(Ctx *c, NodeSource *s, LedgerSpan span, const LedgerLeaves *leaves,
                       LedgerHashes *ret_proof) {
    TRY(check_span(c, span, leaves));
    AUTO(Buf) hashes = {0};
    TRY(collect(c, s, span, leaves, &hashes));
    CryptoHash *copy = NULL;
    if (hashes.n > 0) {
        TRY(ctx_alloc(c, hashes.n, &copy));
        memcpy(copy, hashes.p, hashes.n);
    }
    *ret_proof = (LedgerHashes){copy, hashes.n / sizeof *copy};
    return OK;
}

Err ledger_multiproof(Ctx *c, LedgerReader *r, uint32_t log, LedgerSpan span,
                      const LedgerLeaves *leaves, LedgerHashes *ret_proof) {
    if (log < LEDGER_OWN_LOGS)
        TRY(check_size(c, r, log, span.new_size));
    AUTO(NodeSource) s = {0};
    TRY(ledger_nodes_open(c, r->db, log, &s));
    return ledger_nodes_proof(c, &s, span, leaves, ret_proof);
}

Err ledger_commitments(Ctx *c, LedgerReader *r, uint32_t log, int64_t from, size_t n,
                       CryptoHash *ret_commitments) {
    CryptoHash *found;
    TRY(ctx_alloc(c, (n + 1) * sizeof *found, &found));
    AUTO(StoreQuery) q = store_stmt(r->db, LQ_LEAF_HASHES);
    int64_t first = ledger_place_key((LedgerPlace){log, from});
    store_bind_i64(q, ":first", first);
    store_bind_i64(q, ":beyond", first + (int64_t)n);
    for (size_t i = 0; i < n; i++) {
        bool row;
        TRY(store_step(c, q, &row));
        if (!row || store_col_i64(q, 0) != first + (int64_t)i)
            return fail(c, E_NOT_FOUND, "leaf %lld of log %s is not here",
                        (long long)from + (long long)i, ledger_log_name(log));
        Str commitment = store_col_str(q, 1);
        ASSERT(commitment.n == CRYPTO_HASH_BYTES); // a CHECK of the table
        memcpy(found[i].b, commitment.p, commitment.n);
    }
    memcpy(ret_commitments, found, n * sizeof *found);
    return OK;
}
