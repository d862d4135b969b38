// The multi-proof of docs/protocol-sync.md, 5, against a second reading of it by recursion.
#include "peer.h"

#include "suites.h"

#define SIZE_MAX_HERE 40

typedef struct Naive {
    CryptoHash leaves[SIZE_MAX_HERE];
    size_t m, n;
    bool in_list[SIZE_MAX_HERE];
    CryptoHash sent[4 * SIZE_MAX_HERE];
    size_t sent_count;
} Naive;

static CryptoHash naive_hash(const Naive *v, size_t first, size_t count) {
    if (count == 1)
        return v->leaves[first];
    CryptoHash a = naive_hash(v, first, count / 2), b = naive_hash(v, first + count / 2, count / 2);
    return ledger_merkle_node(&a, &b);
}

// Peaks of a size, found by taking the largest power of two off again and again.
static bool naive_is_peak(size_t size, size_t first, size_t count) {
    size_t at = 0;
    while (at < size) {
        size_t k = 1;
        while (k * 2 <= size - at)
            k *= 2;
        if (at == first && k == count)
            return true;
        at += k;
    }
    return false;
}

static void naive_visit(Naive *v, size_t first, size_t count) {
    bool holds = false;
    for (size_t i = first; i < first + count; i++)
        holds = holds || v->in_list[i];
    if (!holds && first + count <= v->m) {
        if (!naive_is_peak(v->m, first, count))
            v->sent[v->sent_count++] = naive_hash(v, first, count);
    } else if (!holds && first >= v->m) {
        v->sent[v->sent_count++] = naive_hash(v, first, count);
    } else if (count > 1) {
        naive_visit(v, first, count / 2);
        naive_visit(v, first + count / 2, count / 2);
    }
}

static void naive_prove(Naive *v) {
    v->sent_count = 0;
    for (size_t at = 0; at < v->n;) {
        size_t k = 1;
        while (k * 2 <= v->n - at)
            k *= 2;
        naive_visit(v, at, k);
        at += k;
    }
}

static LedgerTree tree_of(const Naive *v, size_t size) {
    LedgerTree t = {0};
    for (size_t i = 0; i < size; i++)
        ledger_tree_add(&t, &v->leaves[i]);
    return t;
}

static void must_fail(Ctx *c, const LedgerMultiproof *p, const char *what) {
    Err e = ledger_multiproof_check(c, p);
    if (e != E_CRYPTO && e != E_INVALID)
        fail_msg("%s: %s with sizes %llu and %llu", what, err_name(e),
                 (unsigned long long)p->old_tree.size, (unsigned long long)p->head.size);
}

// Every hash that goes in counts: changing it, leaving it out or adding one is seen.
static void tamper(Ctx *c, const LedgerMultiproof *good, CryptoHash *proof, CryptoHash *leaves) {
    LedgerMultiproof p = *good;
    for (size_t i = 0; i < p.proof.count; i++) {
        proof[i].b[i % 32] ^= 1;
        must_fail(c, &p, "changed hash");
        proof[i].b[i % 32] ^= 1;
    }
    for (size_t i = 0; i < p.leaves.count; i++) {
        leaves[i].b[31] ^= 1;
        must_fail(c, &p, "changed leaf");
        leaves[i].b[31] ^= 1;
    }
    p.proof.count++;
    must_fail(c, &p, "one hash more");
    if (good->proof.count > 0) {
        p.proof.count = good->proof.count - 1;
        must_fail(c, &p, "one hash less");
    }
    p = *good;
    p.head.root.b[0] ^= 1;
    must_fail(c, &p, "another root");
    p = *good;
    for (unsigned i = 0; i < 6; i++)
        if (p.old_tree.size >> i & 1) {
            p.old_tree.level[i].b[3] ^= 1;
            must_fail(c, &p, "another old tree");
            p.old_tree.level[i].b[3] ^= 1;
        }
}

static void run_one(Ctx *c, Naive *v, LedgerReader *r) {
    int64_t seqs[SIZE_MAX_HERE];
    CryptoHash hashes[SIZE_MAX_HERE], sent[4 * SIZE_MAX_HERE];
    size_t count = 0;
    for (size_t i = 0; i < v->n; i++)
        if (v->in_list[i]) {
            seqs[count] = (int64_t)i;
            hashes[count++] = v->leaves[i];
        }
    LedgerLeaves list = {seqs, count};
    LedgerHashes have;
    naive_prove(v);
    assert_ok(c, ledger_multiproof(c, r, LEDGER_MAIN, (LedgerSpan){(int64_t)v->m, (int64_t)v->n},
                                   &list, &have));
    assert_int_equal(have.count, v->sent_count);
    if (have.count > 0)
        assert_memory_equal(have.hashes, v->sent, have.count * sizeof *v->sent);
    LedgerTree new_tree = tree_of(v, v->n);
    memset(sent, 0, sizeof sent);
    memcpy(sent, v->sent, v->sent_count * sizeof *sent);
    LedgerMultiproof p = {.old_tree = tree_of(v, v->m),
                          .head = {v->n, ledger_tree_root(&new_tree)},
                          .leaves = list,
                          .leaf_hashes = hashes,
                          .proof = {sent, v->sent_count}};
    assert_ok(c, ledger_multiproof_check(c, &p));
    tamper(c, &p, sent, hashes);
    if (count > 1) { // out of order
        seqs[0] = seqs[1];
        assert_int_equal(ledger_multiproof_check(c, &p), E_INVALID);
    }
    if (count > 0) {
        seqs[count - 1] = (int64_t)v->n;
        assert_int_equal(ledger_multiproof_check(c, &p), E_INVALID);
    }
}

void test_multiproof_against_naive(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Rng rng;
    rng_seed(&rng, test_seed());
    Node n;
    Naive v = {0};
    node_start(&c, &n, 51);
    assert_ok(&c, node_append(&c, &n, SIZE_MAX_HERE - 1, 900));
    AUTO(LedgerReaderOwned) r = NULL;
    assert_ok(&c, ledger_reader_open(&c, str_of(n.dir), &r));
    static const uint64_t few[] = {0, 1, 4, 7};
    CryptoHash commitments[SIZE_MAX_HERE];
    assert_ok(&c, ledger_commitments(&c, r, LEDGER_MAIN, 0, SIZE_MAX_HERE, commitments));
    assert_int_equal(ledger_commitments(&c, r, LEDGER_MAIN, 1, SIZE_MAX_HERE, commitments),
                     E_NOT_FOUND);
    for (size_t i = 0; i < SIZE_MAX_HERE; i++)
        v.leaves[i] = ledger_merkle_leaf(commitments[i].b, sizeof commitments[i].b);
    for (v.n = 0; v.n <= SIZE_MAX_HERE; v.n++)
        for (v.m = 0; v.m <= v.n; v.m++)
            for (unsigned k = 0; k < 4; k++) { // none, few, half, nearly all
                for (size_t i = 0; i < v.n; i++)
                    v.in_list[i] = rng_below(&rng, 8) < few[k];
                run_one(&c, &v, r);
                ctx_reset(&c);
            }
    LedgerHashes h;
    LedgerLeaves none = {0};
    assert_int_equal(ledger_multiproof(&c, r, LEDGER_MAIN, (LedgerSpan){0, 41}, &none, &h),
                     E_NOT_FOUND);
    assert_int_equal(ledger_multiproof(&c, r, LEDGER_MAIN, (LedgerSpan){5, 4}, &none, &h),
                     E_NOT_FOUND);
    node_remove(&n);
}
