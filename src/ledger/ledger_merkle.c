// The tree of RFC 6962: hashes, growing, and the checks of proofs. Pure.
#include "ledger/ledger_priv.h"

CryptoHash ledger_merkle_leaf(const void *bytes, size_t n) {
    CryptoSha256 s;
    crypto_sha256_init(&s);
    crypto_sha256_add(&s, "\0", 1);
    crypto_sha256_add(&s, bytes, n);
    return crypto_sha256_finish(&s);
}

CryptoHash ledger_merkle_node(const CryptoHash *left, const CryptoHash *right) {
    uint8_t bytes[1 + 2 * CRYPTO_HASH_BYTES];
    bytes[0] = 1;
    memcpy(bytes + 1, left->b, CRYPTO_HASH_BYTES);
    memcpy(bytes + 1 + CRYPTO_HASH_BYTES, right->b, CRYPTO_HASH_BYTES);
    return crypto_sha256(bytes, sizeof bytes);
}

CryptoHash ledger_merkle_empty(void) {
    return crypto_sha256("", 0);
}

// --- growing ------------------------------------------------------------------------------------

Err ledger_tree_add_to(Ctx *c, LedgerTree *t, const CryptoHash *leaf_hash, NodeSink sink) {
    CryptoHash hash = *leaf_hash;
    unsigned level = 0;
    for (; t->size >> level & 1; level++) {
        hash = ledger_merkle_node(&t->level[level], &hash);
        if (sink.emit && (level + 1) % LEDGER_NODE_LEVELS == 0)
            TRY(sink.emit(sink.self, c, level + 1, t->size >> (level + 1), &hash));
    }
    t->level[level] = hash;
    t->size++;
    return OK;
}

void ledger_tree_add(LedgerTree *t, const CryptoHash *leaf_hash) {
    Err e = ledger_tree_add_to(NULL, t, leaf_hash, (NodeSink){0});
    ASSERT(e == OK);
}

CryptoHash ledger_tree_root(const LedgerTree *t) {
    if (t->size == 0)
        return ledger_merkle_empty();
    CryptoHash root = {0};
    bool any = false;
    for (unsigned level = 0; level < LEDGER_PROOF_NODES_MAX; level++) {
        if (!(t->size >> level & 1))
            continue;
        root = any ? ledger_merkle_node(&t->level[level], &root) : t->level[level];
        any = true;
    }
    return root;
}

// --- checks (RFC 9162, 2.1.3.2 and 2.1.4.2, which hold for the trees of RFC 6962) ---------------

static bool same(const CryptoHash *a, const CryptoHash *b) {
    return memcmp(a->b, b->b, CRYPTO_HASH_BYTES) == 0;
}

Err ledger_merkle_inclusion(Ctx *c, const LedgerTreeHead *head, uint64_t leaf_index,
                            const CryptoHash *leaf_hash, const CryptoHash *proof,
                            size_t proof_count) {
    if (leaf_index >= head->size)
        return fail(c, E_INVALID, "there is no leaf %llu in a tree of %llu",
                    (unsigned long long)leaf_index, (unsigned long long)head->size);
    uint64_t first = leaf_index, last = head->size - 1;
    CryptoHash root = *leaf_hash;
    for (size_t i = 0; i < proof_count; i++) {
        if (last == 0)
            return fail(c, E_INVALID, "the inclusion proof is too long");
        if (first & 1 || first == last) {
            root = ledger_merkle_node(&proof[i], &root);
            while (!(first & 1) && first != 0) {
                first >>= 1;
                last >>= 1;
            }
        } else
            root = ledger_merkle_node(&root, &proof[i]);
        first >>= 1;
        last >>= 1;
    }
    if (last != 0)
        return fail(c, E_INVALID, "the inclusion proof is too short");
    if (!same(&root, &head->root))
        return fail(c, E_CRYPTO, "the inclusion proof leads to another root");
    return OK;
}

static Err consistency_edge(Ctx *c, const LedgerTreeHead *old_head, const LedgerTreeHead *new_head,
                            size_t proof_count, bool *ret_done) {
    *ret_done = true;
    if (old_head->size > new_head->size)
        return fail(c, E_INVALID, "the old tree is larger than the new one");
    if (old_head->size == 0)
        return fail(c, E_INVALID, "consistency with an empty tree proves nothing");
    if (old_head->size == new_head->size) {
        if (proof_count != 0)
            return fail(c, E_INVALID, "the consistency proof is too long");
        return same(&old_head->root, &new_head->root)
                   ? OK
                   : fail(c, E_CRYPTO, "two trees of one size have different roots");
    }
    if (proof_count == 0)
        return fail(c, E_INVALID, "the consistency proof is too short");
    *ret_done = false;
    return OK;
}

Err ledger_merkle_consistency(Ctx *c, const LedgerTreeHead *old_head,
                              const LedgerTreeHead *new_head, const CryptoHash *proof,
                              size_t proof_count) {
    bool done;
    TRY(consistency_edge(c, old_head, new_head, proof_count, &done));
    if (done)
        return OK;
    uint64_t first = old_head->size - 1, last = new_head->size - 1;
    while (first & 1) {
        first >>= 1;
        last >>= 1;
    }
    // Where the old tree is complete, its root is where the way begins and not part of the proof.
    bool complete = first == 0;
    CryptoHash old_root = complete ? old_head->root : proof[0], new_root = old_root;
    for (size_t i = complete ? 0 : 1; i < proof_count; i++) {
        if (last == 0)
            return fail(c, E_INVALID, "the consistency proof is too long");
        if (first & 1 || first == last) {
            old_root = ledger_merkle_node(&proof[i], &old_root);
            new_root = ledger_merkle_node(&proof[i], &new_root);
            while (!(first & 1) && first != 0) {
                first >>= 1;
                last >>= 1;
            }
        } else
            new_root = ledger_merkle_node(&new_root, &proof[i]);
        first >>= 1;
        last >>= 1;
    }
    if (last != 0)
        return fail(c, E_INVALID, "the consistency proof is too short");
    if (!same(&old_root, &old_head->root))
        return fail(c, E_CRYPTO, "the consistency proof leads to another old root");
    if (!same(&new_root, &new_head->root))
        return fail(c, E_CRYPTO, "the consistency proof leads to another new root");
    return OK;
}
