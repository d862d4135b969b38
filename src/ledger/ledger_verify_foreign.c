// Verification of another agency's log: every content by itself, every leaf up to the head that
// proves it, every checkpoint and that each one grows from the one before.
#include "ledger/ledger_verify_priv.h"

#include <stdio.h>

// --- contents -----------------------------------------------------------------------------------

static Err loose_size(Ctx *c, VerifyRange *v, LedgerPlace place, int64_t *ret_size) {
    AUTO(StoreQuery) q = store_stmt(v->reader->db, LQ_LOOSE_LEAF_GET);
    store_bind_i64(q, ":place", ledger_place_key(place));
    bool row;
    TRY(store_step(c, q, &row));
    *ret_size = row ? store_col_i64(q, 0) : 0;
    return OK;
}

// A leaf is loose only under a checkpoint that is there: else nothing would prove it.
static Err check_loose_leaf(Ctx *c, VerifyRange *v, LedgerPlace place, int64_t size) {
    AUTO(StoreQuery) q = store_stmt(v->reader->db, LQ_LOOSE_AT);
    store_bind_i64(q, ":log_id", place.log);
    store_bind_i64(q, ":size", size);
    bool row;
    TRY(store_step(c, q, &row));
    if (!row || size <= place.seq)
        return fail(c, E_CORRUPT, "no checkpoint covers it");
    return OK;
}

static Err check_covered(Ctx *c, VerifyRange *v, const LedgerItem *item) {
    int64_t loose, head = v->upto;
    if (item->place.seq == 0) {
        char hex[LEDGER_AGENCY_TEXT_BYTES];
        CryptoHash h = ledger_merkle_leaf(item->commitment.b, sizeof item->commitment.b);
        for (size_t i = 0; i < sizeof h.b; i++)
            snprintf(hex + 2 * i, 3, "%02x", h.b[i]);
        return strcmp(hex, v->agency) == 0 ? OK
                                           : fail(c, E_CORRUPT, "its hash is not the agency's id");
    }
    TRY(loose_size(c, v, item->place, &loose));
    if (loose == 0 && item->place.seq >= head) // a batch may have come since the beginning
        TRY(ledger_db_size(c, v->reader->db, v->log, &head));
    if (loose == 0 && item->place.seq < head)
        return OK;
    return check_loose_leaf(c, v, item->place, loose);
}

// A step is one short read transaction. *next is -1 at the end.
static Err contents_step(Ctx *c, VerifyRange *v, int64_t *next) {
    AUTO(StoreQuery) q = store_stmt(v->reader->db, LQ_SCAN);
    store_bind_i64(q, ":first", ledger_place_key((LedgerPlace){v->log, *next}));
    store_bind_i64(q, ":beyond", ledger_place_key((LedgerPlace){v->log + 1, 0}));
    *next = -1;
    for (int64_t rows = 0; rows < LEDGER_SCAN_ROWS; rows++) {
        bool row;
        LedgerItem item;
        TRY(store_step(c, q, &row));
        if (!row)
            return OK;
        v->place = ledger_place_of_key(store_col_i64(q, COL_PLACE));
        TRY(ledger_item_of_row(c, q, &item));
        // What came after the beginning, or later than its leaf, is left for the next time.
        if (item.arrival > v->arrivals)
            v->withheld++;
        else
            TRY(ledger_verify_content(c, v, q, &item));
        TRY(check_covered(c, v, &item));
        *next = item.place.seq + 1;
        arena_reset(&c->arena);
    }
    return OK;
}

static Err check_contents(Ctx *c, VerifyRange *v) {
    for (int64_t next = 0; next >= 0;) {
        int64_t before = v->held + v->erased;
        TRY(contents_step(c, v, &next));
        int64_t rows = v->held + v->erased - before;
        int64_t done = atomic_fetch_add(v->done, rows) + rows;
        if (v->progress.report)
            v->progress.report(v->progress.self, done, v->total);
    }
    return OK;
}

// --- leaves up to their head
// ----------------------------------------------------------------------

#define CHUNK_LEAVES 1024

// The leaves under one checkpoint, some at a time.
typedef struct Leaves {
    VerifyRange *v;
    int64_t size;  // of the checkpoint
    bool is_loose; // only those that it alone proves; else all others
    int64_t from;  // not yet read; -1 at the end
    int64_t seqs[CHUNK_LEAVES];
    CryptoHash hashes[CHUNK_LEAVES];
    size_t count, at;
} Leaves;

static void put_leaf(Leaves *l, int64_t seq, Str commitment) {
    l->seqs[l->count] = seq;
    l->hashes[l->count++] = ledger_merkle_leaf(commitment.p, commitment.n);
}

static Err read_linked(Ctx *c, Leaves *l) {
    AUTO(StoreQuery) q = store_stmt(l->v->reader->db, LQ_LEAF_HASHES);
    store_bind_i64(q, ":first", ledger_place_key((LedgerPlace){l->v->log, l->from}));
    store_bind_i64(q, ":beyond", ledger_place_key((LedgerPlace){l->v->log, l->size}));
    l->from = -1;
    while (l->count < CHUNK_LEAVES) {
        bool row;
        int64_t loose;
        TRY(store_step(c, q, &row));
        if (!row)
            return OK;
        LedgerPlace place = ledger_place_of_key(store_col_i64(q, 0));
        TRY(loose_size(c, l->v, place, &loose));
        // A genesis that came with a card is proven by the agency's id alone.
        if (loose == 0 && place.seq > 0)
            put_leaf(l, place.seq, store_col_str(q, 1));
        l->from = place.seq + 1;
    }
    return OK;
}

static Err read_commitment(Ctx *c, Leaves *l, int64_t place) {
    AUTO(StoreQuery) q = store_stmt(l->v->reader->db, LQ_LEAF_GET);
    store_bind_i64(q, ":place", place);
    bool row;
    TRY(store_step(c, q, &row));
    if (!row)
        return fail(c, E_CORRUPT, "it is missing");
    put_leaf(l, ledger_place_of_key(place).seq, store_col_str(q, 0));
    return OK;
}

static Err read_loose(Ctx *c, Leaves *l) {
    while (l->count < CHUNK_LEAVES) {
        AUTO(StoreQuery) q = store_stmt(l->v->reader->db, LQ_LOOSE_LEAF_NEXT);
        store_bind_i64(q, ":size", l->size);
        store_bind_i64(q, ":first", ledger_place_key((LedgerPlace){l->v->log, l->from}));
        store_bind_i64(q, ":beyond", ledger_place_key((LedgerPlace){l->v->log, l->size}));
        bool row;
        TRY(store_step(c, q, &row));
        l->from = -1;
        if (!row)
            return OK;
        int64_t place = store_col_i64(q, 0);
        TRY(read_commitment(c, l, place));
        l->from = ledger_place_of_key(place).seq + 1;
    }
    return OK;
}

static Err next_leaf(Ctx *c, Leaves *l, uint64_t *ret_leaf) {
    if (l->at == l->count && l->from >= 0) {
        l->at = l->count = 0;
        TRY(l->is_loose ? read_loose(c, l) : read_linked(c, l));
    }
    *ret_leaf = l->at < l->count ? (uint64_t)l->seqs[l->at] : LEDGER_WALK_NO_LEAF;
    return OK;
}

// What was read before the newest batch came is read once more before it counts as missing.
static Err get_fresh(Ctx *c, NodeSource *s, unsigned level, uint64_t number, CryptoHash *ret_hash) {
    Err e = ledger_nodes_get(c, s, level, number, ret_hash);
    if (e != E_NOT_FOUND)
        return e;
    for (size_t i = 0; i < LEDGER_BLOCK_BASES; i++)
        s->blocks[i].loaded = false;
    return ledger_nodes_get(c, s, level, number, ret_hash);
}

typedef struct Climb {
    VerifyRange *v;
    NodeSource *nodes;
    Leaves *leaves;
    LedgerWalk walk;
    CryptoHash stack[LEDGER_PROOF_NODES_MAX];
    size_t depth;
    LedgerTree tree;
} Climb;

// A level that is kept must be stored as it was computed.
static Err check_kept(Ctx *c, Climb *k, const WalkStep *s, const CryptoHash *hash) {
    if (s->level == 0 || s->level % LEDGER_NODE_LEVELS != 0)
        return OK;
    CryptoHash stored;
    TRY(get_fresh(c, k->nodes, s->level, s->number, &stored));
    if (memcmp(stored.b, hash->b, sizeof stored.b) != 0)
        return fail(c, E_CORRUPT,
                    "the stored hash of leaves %llu to %llu is not theirs: one of the leaves or "
                    "the hash was changed",
                    (unsigned long long)(s->number << s->level),
                    (unsigned long long)((s->number + 1) << s->level) - 1);
    return OK;
}

static Err climb_step(Ctx *c, Climb *k, const WalkStep *s) {
    CryptoHash hash;
    k->v->place = (LedgerPlace){k->v->log, (int64_t)(s->number << s->level)};
    if (s->what == WALK_LEAF) {
        hash = k->leaves->hashes[k->leaves->at++];
        TRY(next_leaf(c, k->leaves, &k->walk.next_leaf));
    } else if (s->what == WALK_JOIN) {
        k->depth -= 2;
        hash = ledger_merkle_node(&k->stack[k->depth], &k->stack[k->depth + 1]);
        TRY(check_kept(c, k, s, &hash));
    } else {
        TRY(get_fresh(c, k->nodes, s->level, s->number, &hash));
    }
    if (s->new_peak)
        k->tree.level[s->level] = hash;
    else
        k->stack[k->depth++] = hash;
    return OK;
}

static Err climb(Ctx *c, VerifyRange *v, NodeSource *nodes, const LedgerCheckpoint *cp,
                 bool is_loose) {
    Leaves *leaves;
    TRY(ctx_alloc(c, sizeof *leaves, &leaves));
    leaves->v = v;
    leaves->size = cp->size;
    leaves->is_loose = is_loose;
    Climb k = {.v = v,
               .nodes = nodes,
               .leaves = leaves,
               .walk = {.new_size = (uint64_t)cp->size, .left = (uint64_t)cp->size},
               .tree.size = (uint64_t)cp->size};
    TRY(next_leaf(c, leaves, &k.walk.next_leaf));
    WalkStep s;
    while (ledger_walk_step(&k.walk, &s))
        TRY(climb_step(c, &k, &s));
    CryptoHash root = ledger_tree_root(&k.tree);
    v->place = v->last_good;
    if (memcmp(root.b, cp->root.b, sizeof root.b) != 0)
        return fail(c, E_CORRUPT,
                    "what is held up to leaf %lld does not give the root of the checkpoint of size "
                    "%lld: something was changed or put elsewhere",
                    (long long)cp->size - 1, (long long)cp->size);
    return OK;
}

// --- checkpoints --------------------------------------------------------------------------------

// The next one above `size`, its signature checked. size is -1 at the end.
static Err next_checkpoint(Ctx *c, VerifyRange *v, LedgerStatement where, int64_t size,
                           LedgerCheckpoint *ret_cp) {
    AUTO(StoreQuery) q = store_stmt(v->reader->db, where);
    store_bind_i64(q, ":log_id", v->log);
    if (where == LQ_CHECKPOINT_RANGE) {
        store_bind_i64(q, ":above", size);
        store_bind_i64(q, ":up_to", v->upto);
    } else
        store_bind_i64(q, ":size", size);
    bool row;
    CryptoPublicKey key;
    Str note;
    TRY(store_step(c, q, &row));
    ret_cp->size = -1;
    if (!row)
        return OK;
    int64_t listed = store_col_i64(q, 0);
    TRY(str_copy(c, store_col_str(q, 2), &note));
    TRY(ledger_db_key_at(c, v->reader->db, v->log, listed, &key));
    TRY(ledger_note_verify(c, note, str_of(v->origin), &key, ret_cp));
    if (ret_cp->size != listed)
        return fail(c, E_CORRUPT, "the checkpoint of size %lld is listed for another",
                    (long long)ret_cp->size);
    v->checkpoints++;
    return OK;
}

static Err check_tree(Ctx *c, NodeSource *nodes, const LedgerCheckpoint *cp, LedgerTree *ret_tree) {
    TRY(ledger_nodes_tree(c, nodes, cp->size, ret_tree));
    CryptoHash root = ledger_tree_root(ret_tree);
    if (memcmp(root.b, cp->root.b, sizeof root.b) != 0)
        return fail(c, E_CORRUPT,
                    "what is stored does not give the root of the checkpoint of "
                    "size %lld",
                    (long long)cp->size);
    return OK;
}

// Each grows from the one before; the last one is the head.
static Err check_chain(Ctx *c, VerifyRange *v, NodeSource *nodes) {
    LedgerTree before = {0}, tree;
    LedgerCheckpoint cp;
    for (;;) {
        LedgerMultiproof p = {.old_tree = before};
        v->place = v->last_good;
        TRY(next_checkpoint(c, v, LQ_CHECKPOINT_RANGE, (int64_t)before.size, &cp));
        if (cp.size < 0)
            return OK;
        TRY(check_tree(c, nodes, &cp, &tree));
        LedgerSpan span = {(int64_t)before.size, cp.size};
        TRY(ledger_nodes_proof(c, nodes, span, &p.leaves, &p.proof));
        p.head = (LedgerTreeHead){(uint64_t)cp.size, cp.root};
        TRY(ledger_multiproof_check(c, &p));
        before = tree;
        v->last_good.seq = cp.size;
        arena_reset(&c->arena);
    }
}

static Err check_loose(Ctx *c, VerifyRange *v, NodeSource *nodes) {
    LedgerCheckpoint cp = {.size = 0};
    LedgerTree tree;
    for (;;) {
        TRY(next_checkpoint(c, v, LQ_LOOSE_ABOVE, cp.size, &cp));
        if (cp.size < 0)
            return OK;
        v->last_good.seq = 0;
        v->place = v->last_good;
        TRY(check_tree(c, nodes, &cp, &tree));
        TRY(climb(c, v, nodes, &cp, true));
        arena_reset(&c->arena);
    }
}

static Err check_head(Ctx *c, VerifyRange *v, NodeSource *nodes) {
    LedgerCheckpoint head;
    if (v->upto == 0)
        return OK;
    TRY(ledger_checkpoint_at(c, v->reader, v->log, v->upto, &head));
    v->last_good.seq = 0;
    return climb(c, v, nodes, &head, false);
}

static Err run(Ctx *c, VerifyRange *v) {
    AUTO(NodeSource) nodes = {0};
    TRY(ledger_verify_names(c, v));
    TRY(check_contents(c, v));
    TRY(ledger_nodes_open(c, v->reader->db, v->log, &nodes));
    TRY(check_chain(c, v, &nodes));
    TRY(check_head(c, v, &nodes));
    return check_loose(c, v, &nodes);
}

Err ledger_verify_foreign(VerifyRange *v) {
    return ledger_verify_begin(v, run);
}
