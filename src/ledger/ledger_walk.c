// The walk through a tree that both sides of a multi-proof do (docs/protocol-sync.md, 5), and the
// check of what it says. Pure.
#include "ledger/ledger_priv.h"

static unsigned top_bit(uint64_t v) {
    return 63U - (unsigned)__builtin_clzll(v);
}

// A peak of a size is the complete subtree of one of its binary digits.
static bool is_peak(uint64_t size, unsigned level, uint64_t number) {
    return (size >> level & 1) && (size >> level) - 1 == number;
}

static void push(LedgerWalk *w, unsigned level, uint64_t number) {
    ASSERT(w->depth < LEDGER_PROOF_NODES_MAX);
    w->stack[w->depth].level = level;
    w->stack[w->depth].number = number;
    w->stack[w->depth++].turn = 0;
}

static void finish(LedgerWalk *w, WalkWhat what, WalkStep *ret_step) {
    w->depth--;
    unsigned level = w->stack[w->depth].level;
    uint64_t number = w->stack[w->depth].number;
    *ret_step = (WalkStep){.what = what,
                           .level = level,
                           .number = number,
                           .old_peak = is_peak(w->old_size, level, number),
                           .new_peak = w->depth == 0};
}

// Visits the subtree on top for the first time; true when that is all.
static bool enter(LedgerWalk *w, WalkStep *ret_step) {
    unsigned level = w->stack[w->depth - 1].level;
    uint64_t number = w->stack[w->depth - 1].number;
    uint64_t first = number << level, beyond = (number + 1) << level;
    if (w->next_leaf >= beyond) { // no leaf of the list lies in it
        if (beyond <= w->old_size) {
            finish(w, is_peak(w->old_size, level, number) ? WALK_KNOWN : WALK_SENT, ret_step);
            return true;
        }
        if (first >= w->old_size) {
            finish(w, WALK_SENT, ret_step);
            return true;
        }
    } else if (level == 0) {
        finish(w, WALK_LEAF, ret_step);
        return true;
    }
    w->stack[w->depth - 1].turn = 1;
    push(w, level - 1, 2 * number);
    return false;
}

bool ledger_walk_step(LedgerWalk *w, WalkStep *ret_step) {
    for (;;) {
        if (w->depth == 0) {
            if (w->left == 0)
                return false;
            unsigned level = top_bit(w->left);
            push(w, level, w->first >> level);
            w->first += 1ULL << level;
            w->left &= ~(1ULL << level);
        }
        size_t top = w->depth - 1;
        if (w->stack[top].turn == 0) {
            if (enter(w, ret_step))
                return true;
        } else if (w->stack[top].turn == 1) {
            w->stack[top].turn = 2;
            push(w, w->stack[top].level - 1, 2 * w->stack[top].number + 1);
        } else {
            finish(w, WALK_JOIN, ret_step);
            return true;
        }
    }
}

// --- check --------------------------------------------------------------------------------------

typedef struct Check {
    const LedgerMultiproof *p;
    LedgerWalk walk;
    size_t leaf, node; // taken so far
    CryptoHash stack[LEDGER_PROOF_NODES_MAX];
    size_t depth;
    LedgerTree tree; // of the new size
} Check;

static uint64_t leaf_at(const LedgerLeaves *l, size_t i) {
    return i < l->count ? (uint64_t)l->seqs[i] : LEDGER_WALK_NO_LEAF;
}

static Err check_shape(Ctx *c, const LedgerMultiproof *p) {
    int64_t last = -1;
    if (p->head.size > LEDGER_SEQ_MAX || p->old_tree.size > p->head.size)
        return fail(c, E_INVALID, "a tree of %llu does not grow to %llu",
                    (unsigned long long)p->old_tree.size, (unsigned long long)p->head.size);
    for (size_t i = 0; i < p->leaves.count; last = p->leaves.seqs[i++])
        if (p->leaves.seqs[i] <= last || (uint64_t)p->leaves.seqs[i] >= p->head.size)
            return fail(c, E_INVALID, "the leaves of a proof do not rise, or lie behind its tree");
    return OK;
}

static Err hash_of_step(Ctx *c, Check *k, const WalkStep *s, CryptoHash *ret_hash) {
    switch (s->what) {
    case WALK_KNOWN:
        *ret_hash = k->p->old_tree.level[s->level];
        return OK;
    case WALK_SENT:
        if (k->node == k->p->proof.count)
            return fail(c, E_INVALID, "the proof is too short");
        *ret_hash = k->p->proof.hashes[k->node++];
        return OK;
    case WALK_LEAF:
        *ret_hash = k->p->leaf_hashes[k->leaf++];
        k->walk.next_leaf = leaf_at(&k->p->leaves, k->leaf);
        return OK;
    case WALK_JOIN:
        k->depth -= 2;
        *ret_hash = ledger_merkle_node(&k->stack[k->depth], &k->stack[k->depth + 1]);
        return OK;
    }
    UNREACHABLE();
}

static Err take_step(Ctx *c, Check *k, const WalkStep *s, ProofSink sink) {
    CryptoHash hash;
    TRY(hash_of_step(c, k, s, &hash));
    if (s->old_peak && memcmp(hash.b, k->p->old_tree.level[s->level].b, sizeof hash.b) != 0)
        return fail(c, E_CRYPTO, "the proof leads to another old tree of %llu",
                    (unsigned long long)k->p->old_tree.size);
    if (sink.emit)
        TRY(sink.emit(sink.self, c, s, &hash));
    if (s->new_peak)
        k->tree.level[s->level] = hash;
    else
        k->stack[k->depth++] = hash;
    return OK;
}

Err ledger_multiproof_run(Ctx *c, const LedgerMultiproof *p, ProofSink sink) {
    TRY(check_shape(c, p));
    Check k = {.p = p,
               .walk = {.old_size = p->old_tree.size,
                        .new_size = p->head.size,
                        .left = p->head.size,
                        .next_leaf = leaf_at(&p->leaves, 0)},
               .tree.size = p->head.size};
    WalkStep step;
    while (ledger_walk_step(&k.walk, &step))
        TRY(take_step(c, &k, &step, sink));
    if (k.node != p->proof.count)
        return fail(c, E_INVALID, "the proof is too long");
    CryptoHash root = ledger_tree_root(&k.tree);
    if (memcmp(root.b, p->head.root.b, sizeof root.b) != 0)
        return fail(c, E_CRYPTO, "the proof leads to another root of size %llu",
                    (unsigned long long)p->head.size);
    return OK;
}

Err ledger_multiproof_check(Ctx *c, const LedgerMultiproof *p) {
    return ledger_multiproof_run(c, p, (ProofSink){0});
}
