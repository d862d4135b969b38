// Other agencies' logs: batches that are true, that are not, and what is handed on.
#include "peer.h"

#include "suites.h"

static Source source_of(Ctx *c, Node *n) {
    Source s = {NULL, LEDGER_MAIN};
    assert_ok(c, ledger_reader_open(c, str_of(n->dir), &s.r));
    return s;
}

// Random batches: the head moves on now and then, and old leaves come as well as new ones.
static void take_random(Ctx *c, Rng *rng, Node *to, Source s, const bool *mine, int64_t size) {
    uint32_t log;
    bool got[4096] = {0};
    int64_t head = 0;
    assert_ok(c, peer_open(c, to, s, &log));
    while (head < size) {
        int64_t next, seqs[300];
        size_t count = 0;
        LedgerCheckpoint cp;
        int64_t wish = head + (int64_t)rng_below(rng, 200);
        if (ledger_head_below(c, s.r, s.log, wish < size ? wish : size, &cp) != OK)
            continue;
        next = cp.size < head ? head : cp.size;
        for (int64_t i = 0; i < next && count < COUNT_OF(seqs); i++)
            if (mine[i] && (!got[i] || rng_below(rng, 50) == 0) &&
                (next == size || rng_below(rng, 3) == 0))
                seqs[count++] = i;
        LedgerLeaves list = {seqs, count};
        LedgerTake take;
        LedgerTaken taken;
        assert_ok(c, peer_batch(c, s, (LedgerSpan){head, next}, &list, &take));
        take.log = log;
        assert_ok(c, peer_take(c, to, &take, &taken));
        assert_int_equal(taken.size, next);
        for (size_t i = 0; i < count; i++)
            got[seqs[i]] = true;
        head = next;
        ctx_reset(c);
    }
}

static void compare_held(Ctx *c, Node *to, Source s, const bool *mine, int64_t size) {
    AUTO(LedgerReaderOwned) r = NULL;
    uint32_t log = peer_log(c, to, s);
    assert_ok(c, ledger_reader_open(c, str_of(to->dir), &r));
    for (int64_t i = 0; i < size; i++) {
        LedgerItem have, want;
        Err e = ledger_get(c, r, (LedgerPlace){log, i}, &have);
        if (!mine[i]) {
            assert_int_equal(e, E_NOT_FOUND);
            continue;
        }
        assert_ok(c, e);
        assert_ok(c, ledger_get(c, s.r, (LedgerPlace){s.log, i}, &want));
        assert_int_equal(have.state, LEDGER_HELD);
        assert_true(str_eq(have.envelope, want.envelope));
        assert_memory_equal(have.salt, want.salt, sizeof want.salt);
        ctx_reset(c);
    }
}

// A speaks, B holds a part, and C gets a part of that from B alone.
void test_sparse_handed_on(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Rng rng;
    rng_seed(&rng, test_seed());
    for (int round = 0; round < 6; round++) {
        Node a, b, d;
        node_start(&c, &a, 60);
        node_start(&c, &b, 61);
        node_start(&c, &d, 62);
        while (ledger_size(a.ledger, LEDGER_MAIN) < 100 + 200 * round)
            assert_ok(&c, node_append(&c, &a, 1 + rng_below(&rng, 40), 800));
        int64_t size = ledger_size(a.ledger, LEDGER_MAIN);
        bool mine[4096] = {true}, theirs[4096] = {true};
        unsigned share = (unsigned)rng_below(&rng, 10) + 1;
        for (int64_t i = 1; i < size; i++) {
            mine[i] = rng_below(&rng, 10) < share;
            theirs[i] = mine[i] && rng_below(&rng, 2) == 0;
        }
        Source from_a = source_of(&c, &a), from_b = {NULL, 0};
        take_random(&c, &rng, &b, from_a, mine, size);
        compare_held(&c, &b, from_a, mine, size);
        from_b = source_of(&c, &b);
        from_b.log = peer_log(&c, &b, from_a);
        take_random(&c, &rng, &d, from_b, theirs, size);
        compare_held(&c, &d, from_a, theirs, size);
        peer_sound(&c, &b);
        peer_sound(&c, &d);
        ledger_reader_close(from_a.r);
        ledger_reader_close(from_b.r);
        node_remove(&a);
        node_remove(&b);
        node_remove(&d);
    }
}
