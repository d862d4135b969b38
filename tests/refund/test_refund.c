// Refunds: the example to the unit, a naive sharing beside each rule, and what always holds.
#include "refund/refund.h"
#include "test.h"

#define POTS 6
#define PEOPLE 6

// --- small worlds
// ---------------------------------------------------------------------------------

typedef struct World {
    RefundTag tags[POTS][PEOPLE];
    RefundPot pots[POTS];
    int64_t claims[PEOPLE];
    RefundQuery query;
} World;

static void world_point(World *w) {
    for (size_t k = 0; k < POTS; k++)
        w->pots[k].tags = w->tags[k];
    w->query.pots = w->pots;
    w->query.claims = w->claims;
}

static void world_make(Rng *rng, World *w) {
    static const uint64_t most[] = {2, 7, 40, 1000, 1000000000000};
    *w = (World){0};
    uint64_t size = most[rng_below(rng, COUNT_OF(most))];
    w->query.pot_count = rng_below(rng, POTS + 1);
    w->query.claimant_count = rng_below(rng, PEOPLE + 1);
    for (size_t r = 0; r < w->query.claimant_count; r++)
        w->claims[r] = (int64_t)rng_below(rng, size + 1);
    for (size_t k = 0; k < w->query.pot_count; k++) {
        RefundPot *pot = &w->pots[k];
        pot->amount = (int64_t)rng_below(rng, size + 1);
        uint64_t percent = rng_below(rng, 4) * 33;
        for (uint32_t r = 0; r < w->query.claimant_count; r++)
            if (rng_below(rng, 100) < percent)
                w->tags[k][pot->tag_count++] =
                    (RefundTag){.claimant = r, .amount = 1 + (int64_t)rng_below(rng, size)};
    }
    world_point(w);
}

static RefundAnswer share(Ctx *c, World *w, RefundRule rule) {
    RefundAnswer a = {0};
    w->query.rule = rule;
    assert_ok(c, refund_share(c, &w->query, &a));
    return a;
}

// --- the naive sharing, from docs/refund.md
// -------------------------------------------------------

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

// Exact fractions with the common denominator sum: who is furthest behind gets the next unit.
static void naive_split(int64_t amount, const int64_t *weights, size_t n, int64_t *parts) {
    I128 sum = 0;
    int64_t given = 0;
    bool had[PEOPLE] = {false};
    for (size_t i = 0; i < n; i++)
        sum += weights[i];
    for (size_t i = 0; i < n; i++) {
        parts[i] = sum ? (int64_t)((I128)amount * weights[i] / sum) : 0;
        given += parts[i];
    }
    while (sum && given < amount) {
        size_t best = n;
        I128 best_behind = -1;
        for (size_t i = 0; i < n; i++) {
            I128 behind = (I128)amount * weights[i] - (I128)parts[i] * sum;
            if (!had[i] && behind > best_behind) {
                best = i;
                best_behind = behind;
            }
        }
        assert_true(best < n);
        had[best] = true;
        parts[best]++;
        given++;
    }
}

static void naive_pot(const RefundPot *pot, size_t people, int64_t *parts) {
    int64_t weights[PEOPLE] = {0};
    for (size_t i = 0; i < pot->tag_count; i++)
        weights[pot->tags[i].claimant] = pot->tags[i].amount;
    naive_split(pot->amount, weights, people, parts);
}

static void naive_by_trace(const RefundQuery *q, int64_t *shares) {
    for (size_t k = 0; k < q->pot_count; k++) {
        int64_t parts[PEOPLE];
        naive_pot(&q->pots[k], q->claimant_count, parts);
        for (size_t r = 0; r < q->claimant_count; r++)
            shares[r] = least(shares[r] + parts[r], q->claims[r]);
    }
}

static int64_t sum_of(const int64_t *v, size_t n) {
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i];
    return sum;
}

static int64_t held(const RefundQuery *q) {
    int64_t sum = 0;
    for (size_t k = 0; k < q->pot_count; k++)
        sum += q->pots[k].amount;
    return sum;
}

static void naive_trace_else(const RefundQuery *q, int64_t *shares) {
    int64_t left[PEOPLE], parts[PEOPLE];
    for (size_t k = 0; k < q->pot_count; k++) {
        if (q->pots[k].tag_count != 1)
            continue;
        uint32_t r = q->pots[k].tags[0].claimant;
        shares[r] = least(shares[r] + q->pots[k].amount, q->claims[r]);
    }
    size_t n = q->claimant_count;
    int64_t pool = held(q) - sum_of(shares, n);
    for (size_t r = 0; r < n; r++)
        left[r] = q->claims[r] - shares[r];
    naive_split(least(pool, sum_of(left, n)), left, n, parts);
    for (size_t r = 0; r < n; r++)
        shares[r] += parts[r];
}

static int64_t cost_of_award(const RefundQuery *q, int64_t award) {
    int64_t sum = 0;
    for (size_t r = 0; r < q->claimant_count; r++)
        sum += least(q->claims[r], award);
    return sum;
}

// Every λ is tried; only for small claims.
static void naive_equal(const RefundQuery *q, int64_t *shares) {
    int64_t s = held(q), award = 0;
    if (s >= sum_of(q->claims, q->claimant_count)) {
        for (size_t r = 0; r < q->claimant_count; r++)
            shares[r] = q->claims[r];
        return;
    }
    while (cost_of_award(q, award + 1) <= s)
        award++;
    int64_t rest = s - cost_of_award(q, award);
    for (size_t r = 0; r < q->claimant_count; r++) {
        shares[r] = least(q->claims[r], award);
        if (q->claims[r] > award && rest > 0) {
            shares[r]++;
            rest--;
        }
    }
    assert_int_equal(rest, 0);
}

static void naive_shares(const RefundQuery *q, int64_t *shares) {
    size_t n = q->claimant_count;
    switch (q->rule) {
    case REFUND_BY_TRACE:
        naive_by_trace(q, shares);
        return;
    case REFUND_PRO_RATA_LOSS:
        naive_split(least(held(q), sum_of(q->claims, n)), q->claims, n, shares);
        return;
    case REFUND_TRACE_ELSE_PRO_RATA:
        naive_trace_else(q, shares);
        return;
    case REFUND_EQUAL_AWARDS:
        naive_equal(q, shares);
        return;
    }
}

static void naive_pays(const RefundQuery *q, const int64_t *shares, int64_t pays[POTS][PEOPLE]) {
    int64_t left[PEOPLE], pot_left[POTS], parts[PEOPLE];
    for (size_t r = 0; r < q->claimant_count; r++)
        left[r] = shares[r];
    for (int step = 0; step < 2; step++) {
        for (size_t k = 0; k < q->pot_count; k++) {
            if (step == 0) {
                pot_left[k] = q->pots[k].amount;
                naive_pot(&q->pots[k], q->claimant_count, parts);
            }
            for (size_t r = 0; r < q->claimant_count; r++) {
                int64_t x = least(left[r], step == 0 ? parts[r] : pot_left[k]);
                pays[k][r] += x;
                pot_left[k] -= x;
                left[r] -= x;
            }
        }
    }
}

// --- tests
// ----------------------------------------------------------------------------------------

static void test_example(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    World w = {.tags = {{{0, 6000}, {1, 4000}}, {{1, 9001}}},
               .pots = {{.amount = 10000, .tag_count = 2}, {.amount = 9001, .tag_count = 1}},
               .claims = {10000, 15000, 5000},
               .query = {.pot_count = 2, .claimant_count = 3}};
    world_point(&w);
    static const int64_t wanted[REFUND_RULES][3] = {
        {6000, 13001, 0}, {6334, 9500, 3167}, {4762, 11858, 2381}, {7001, 7000, 5000}};
    for (int rule = 0; rule < REFUND_RULES; rule++) {
        RefundAnswer a = share(&c, &w, (RefundRule)rule);
        for (size_t r = 0; r < 3; r++)
            assert_int_equal(a.shares[r], wanted[rule][r]);
        assert_int_equal(a.pot_total, 19001);
        assert_int_equal(a.claim_total, 30000);
        assert_int_equal(a.unassigned, 0);
    }
    static const RefundPay pays[] = {
        {0, 0, 6000}, {0, 1, 4000}, {1, 0, 334}, {1, 1, 5500}, {1, 2, 3167}};
    RefundAnswer a = share(&c, &w, REFUND_PRO_RATA_LOSS);
    assert_int_equal(a.pay_count, COUNT_OF(pays));
    assert_memory_equal(a.pays, pays, sizeof pays);
}

// The cut part of a claim stays unassigned, though another claimant is short.
static void test_cut_stays_unassigned(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    World w = {.tags = {{{0, 50}, {1, 50}}, {{0, 80}}},
               .pots = {{.amount = 100, .tag_count = 2}, {.amount = 80, .tag_count = 1}},
               .claims = {70, 500},
               .query = {.pot_count = 2, .claimant_count = 2}};
    world_point(&w);
    RefundAnswer a = share(&c, &w, REFUND_BY_TRACE);
    assert_int_equal(a.shares[0], 70);
    assert_int_equal(a.shares[1], 50);
    assert_int_equal(a.unassigned, 60);
    // The surplus of a pot with one tag is pooled.
    a = share(&c, &w, REFUND_TRACE_ELSE_PRO_RATA);
    assert_int_equal(a.shares[0], 70);
    assert_int_equal(a.shares[1], 110);
    assert_int_equal(a.unassigned, 0);
}

static void compare_with_naive(Ctx *c, World *w, RefundRule rule) {
    int64_t shares[PEOPLE] = {0}, pays[POTS][PEOPLE] = {{0}};
    RefundAnswer a = share(c, w, rule);
    naive_shares(&w->query, shares);
    naive_pays(&w->query, shares, pays);
    for (size_t r = 0; r < w->query.claimant_count; r++)
        assert_int_equal(a.shares[r], shares[r]);
    size_t i = 0;
    for (uint32_t k = 0; k < w->query.pot_count; k++) {
        for (uint32_t r = 0; r < w->query.claimant_count; r++) {
            if (pays[k][r] == 0)
                continue;
            assert_true(i < a.pay_count);
            assert_int_equal(a.pays[i].pot, k);
            assert_int_equal(a.pays[i].claimant, r);
            assert_int_equal(a.pays[i++].amount, pays[k][r]);
        }
    }
    assert_int_equal(i, a.pay_count);
    assert_int_equal(a.unassigned, held(&w->query) - sum_of(shares, w->query.claimant_count));
}

static void test_against_naive(void **state) {
    (void)state;
    Rng rng;
    rng_seed(&rng, test_seed());
    for (int i = 0; i < 20000; i++) {
        AUTO(Ctx) c;
        ctx_init(&c);
        World w;
        world_make(&rng, &w);
        bool small = sum_of(w.claims, PEOPLE) <= 6000;
        for (int rule = 0; rule < REFUND_RULES; rule++)
            if (rule != REFUND_EQUAL_AWARDS || small)
                compare_with_naive(&c, &w, (RefundRule)rule);
    }
}

// All pots and claims up to 3 with every pattern of tags, two pots and two claimants.
static void test_all_small(void **state) {
    (void)state;
    for (int code = 0; code < 4 * 4 * 4 * 4 * 81; code++) {
        AUTO(Ctx) c;
        ctx_init(&c);
        int v = code;
        World w = {.query = {.pot_count = 2, .claimant_count = 2}};
        for (int i = 0; i < 2; i++, v /= 4)
            w.pots[i].amount = v % 4;
        for (int i = 0; i < 2; i++, v /= 4)
            w.claims[i] = v % 4;
        for (uint32_t i = 0; i < 4; i++, v /= 3)
            if (v % 3)
                w.tags[i / 2][w.pots[i / 2].tag_count++] = (RefundTag){i % 2, v % 3};
        world_point(&w);
        for (int rule = 0; rule < REFUND_RULES; rule++)
            compare_with_naive(&c, &w, (RefundRule)rule);
    }
}

static void check_axioms(const RefundQuery *q, const RefundAnswer *a) {
    int64_t got[PEOPLE] = {0}, paid[POTS] = {0};
    for (size_t i = 0; i < a->pay_count; i++) {
        const RefundPay *p = &a->pays[i];
        assert_true(p->amount > 0);
        assert_true(i == 0 || a->pays[i - 1].pot < p->pot ||
                    (a->pays[i - 1].pot == p->pot && a->pays[i - 1].claimant < p->claimant));
        got[p->claimant] += p->amount;
        paid[p->pot] += p->amount;
    }
    for (size_t r = 0; r < q->claimant_count; r++) {
        assert_true(a->shares[r] >= 0 && a->shares[r] <= q->claims[r]);
        assert_int_equal(got[r], a->shares[r]);
    }
    for (size_t k = 0; k < q->pot_count; k++)
        assert_true(paid[k] <= q->pots[k].amount);
    assert_int_equal(sum_of(a->shares, q->claimant_count) + a->unassigned, held(q));
    assert_true(a->unassigned >= 0);
    // Only the trace may leave money lying while a claim is open.
    if (q->rule != REFUND_BY_TRACE)
        assert_int_equal(a->unassigned, held(q) - least(held(q), a->claim_total));
}

static void test_axioms(void **state) {
    (void)state;
    Rng rng;
    rng_seed(&rng, test_seed() + 1);
    for (int i = 0; i < 20000; i++) {
        AUTO(Ctx) c;
        ctx_init(&c);
        World w;
        world_make(&rng, &w);
        for (int rule = 0; rule < REFUND_RULES; rule++) {
            RefundAnswer a = share(&c, &w, (RefundRule)rule), again;
            check_axioms(&w.query, &a);
            assert_ok(&c, refund_share(&c, &w.query, &again));
            assert_int_equal(again.pay_count, a.pay_count);
            if (a.pay_count)
                assert_memory_equal(again.pays, a.pays, a.pay_count * sizeof *a.pays);
        }
    }
}

// Claimants 0 and 1 are made twins; their shares differ by at most one unit a pot.
static void test_twins(void **state) {
    (void)state;
    Rng rng;
    rng_seed(&rng, test_seed() + 2);
    for (int i = 0; i < 20000; i++) {
        AUTO(Ctx) c;
        ctx_init(&c);
        World w;
        world_make(&rng, &w);
        if (w.query.claimant_count < 2)
            continue;
        w.claims[1] = w.claims[0];
        for (size_t k = 0; k < w.query.pot_count; k++) {
            RefundTag *tags = w.tags[k], *other = tags;
            size_t n = w.pots[k].tag_count;
            while (n && other < tags + n && other->claimant < 2)
                other++;
            size_t rest = n - (size_t)(other - tags);
            RefundTag kept[PEOPLE];
            memcpy(kept, other, rest * sizeof *kept);
            size_t twins = rng_below(&rng, 2) * 2;
            int64_t amount = 1 + (int64_t)rng_below(&rng, 1000);
            for (uint32_t r = 0; r < twins; r++)
                tags[r] = (RefundTag){.claimant = r, .amount = amount};
            memcpy(tags + twins, kept, rest * sizeof *kept);
            w.pots[k].tag_count = twins + rest;
        }
        for (int rule = 0; rule < REFUND_RULES; rule++) {
            RefundAnswer a = share(&c, &w, (RefundRule)rule);
            int64_t more = a.shares[0] - a.shares[1];
            // Ties go to the smaller id, so the first is never behind.
            assert_true(more >= 0 &&
                        more <= (rule == REFUND_BY_TRACE ? (int64_t)w.query.pot_count : 1));
        }
    }
}

// Where only S counts, the order of the pots and their cut do not matter to the shares.
static void test_pots_in_any_order(void **state) {
    (void)state;
    Rng rng;
    rng_seed(&rng, test_seed() + 3);
    static const RefundRule rules[] = {REFUND_PRO_RATA_LOSS, REFUND_EQUAL_AWARDS,
                                       REFUND_TRACE_ELSE_PRO_RATA};
    for (int i = 0; i < 10000; i++) {
        AUTO(Ctx) c;
        ctx_init(&c);
        World w;
        world_make(&rng, &w);
        RefundPot turned[POTS], one;
        size_t n = w.query.pot_count;
        for (size_t k = 0; k < n; k++)
            turned[k] = w.pots[n - 1 - k];
        for (size_t at = 0; at < COUNT_OF(rules); at++) {
            RefundAnswer a = share(&c, &w, rules[at]), b;
            RefundQuery q = w.query;
            q.pots = turned;
            assert_ok(&c, refund_share(&c, &q, &b));
            for (size_t r = 0; r < q.claimant_count; r++)
                assert_int_equal(a.shares[r], b.shares[r]);
            if (rules[at] == REFUND_TRACE_ELSE_PRO_RATA)
                continue;
            one = (RefundPot){.amount = a.pot_total};
            q.pots = &one;
            q.pot_count = 1;
            assert_ok(&c, refund_share(&c, &q, &b));
            for (size_t r = 0; r < q.claimant_count; r++)
                assert_int_equal(a.shares[r], b.shares[r]);
        }
    }
}

static void test_large(void **state) {
    (void)state;
    enum { MANY = 10000, FEW = 64 };
    AUTO(Ctx) c;
    ctx_init(&c);
    Rng rng;
    rng_seed(&rng, test_seed() + 4);
    int64_t *claims;
    RefundPot *pots;
    assert_ok(&c, ctx_alloc(&c, MANY * sizeof *claims, &claims));
    assert_ok(&c, ctx_alloc(&c, FEW * sizeof *pots, &pots));
    for (size_t r = 0; r < MANY; r++)
        claims[r] = 1 + (int64_t)rng_below(&rng, 800000000000);
    claims[0] = 1000000000000000;
    for (size_t k = 0; k < FEW; k++) {
        RefundTag *tags;
        assert_ok(&c, ctx_alloc(&c, MANY * sizeof *tags, &tags));
        for (uint32_t r = 0; r < MANY; r++)
            tags[r] = (RefundTag){r, 1 + (int64_t)rng_below(&rng, 1000000000000000)};
        pots[k] = (RefundPot){k ? (int64_t)rng_below(&rng, 60000000000000) : 1000000000000000, tags,
                              MANY};
    }
    for (int rule = 0; rule < REFUND_RULES; rule++) {
        RefundQuery q = {(RefundRule)rule, pots, FEW, claims, MANY};
        RefundAnswer a;
        int64_t from = clock_monotonic_us();
        assert_ok(&c, refund_share(&c, &q, &a));
        int64_t took = clock_monotonic_us() - from;
        assert_int_equal(sum_of(a.shares, MANY) + a.unassigned, a.pot_total);
        print_message("%s: %d pots, %d claimants, %zu payments: %lld us\n",
                      refund_rule_name((RefundRule)rule), FEW, MANY, a.pay_count, (long long)took);
        assert_true(took < 20000000);
    }
}

static void test_split_and_convert(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    int64_t parts[3] = {-1, -1, -1}, v = -1;
    assert_ok(&c, refund_split(&c, 10, (const int64_t[]){1, 1, 1}, 3, parts));
    assert_memory_equal(parts, ((const int64_t[]){4, 3, 3}), sizeof parts);
    assert_ok(&c, refund_split(&c, 10, (const int64_t[]){0, 0, 0}, 3, parts));
    assert_memory_equal(parts, ((const int64_t[]){0, 0, 0}), sizeof parts);
    assert_ok(&c,
              refund_split(&c, INT64_MAX, (const int64_t[]){INT64_MAX, INT64_MAX, 0}, 3, parts));
    assert_int_equal(parts[0] - parts[1], 1);
    assert_int_equal(parts[2], 0);
    assert_ok(&c, refund_split(&c, 5, NULL, 0, parts));
    assert_int_equal(refund_split(&c, -1, parts, 3, parts), E_INVALID);
    assert_int_equal(refund_split(&c, 1, (const int64_t[]){1, -1}, 2, parts), E_INVALID);
    assert_ok(&c, refund_convert(&c, 1000, 3675, 100, &v));
    assert_int_equal(v, 36750);
    assert_ok(&c, refund_convert(&c, 999, 1, 1000, &v));
    assert_int_equal(v, 0);
    assert_ok(&c, refund_convert(&c, BASE_INT_SAFE_MAX, INT64_MAX, INT64_MAX, &v));
    assert_true(v == BASE_INT_SAFE_MAX);
    v = 7;
    assert_int_equal(refund_convert(&c, BASE_INT_SAFE_MAX, 2, 1, &v), E_LIMIT);
    assert_int_equal(refund_convert(&c, 1, 0, 1, &v), E_INVALID);
    assert_int_equal(refund_convert(&c, 1, 1, 0, &v), E_INVALID);
    assert_int_equal(refund_convert(&c, 1, 1, -1, &v), E_INVALID);
    assert_int_equal(refund_convert(&c, -1, 1, 1, &v), E_INVALID);
    assert_int_equal(v, 7);
}

static void test_refused(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    RefundAnswer a = {.unassigned = 42};
    const RefundTag unordered[] = {{1, 5}, {0, 5}}, twice[] = {{0, 5}, {0, 5}},
                    unknown[] = {{2, 5}}, nothing[] = {{0, 0}}, negative[] = {{0, -1}};
    const struct {
        RefundPot pot;
        int64_t claim;
        Err wanted;
    } rows[] = {{{9, unordered, 2}, 1, E_INVALID},   {{9, twice, 2}, 1, E_INVALID},
                {{9, unknown, 1}, 1, E_INVALID},     {{9, nothing, 1}, 1, E_INVALID},
                {{9, negative, 1}, 1, E_INVALID},    {{-1, NULL, 0}, 1, E_INVALID},
                {{9, NULL, 0}, -1, E_INVALID},       {{9, NULL, 0}, BASE_INT_SAFE_MAX, E_LIMIT},
                {{INT64_MAX, NULL, 0}, 1, E_INVALID}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const int64_t claims[] = {rows[i].claim, 3};
        RefundQuery q = {REFUND_BY_TRACE, &rows[i].pot, 1, claims, 2};
        assert_int_equal(refund_share(&c, &q, &a), rows[i].wanted);
        assert_int_equal(a.unassigned, 42);
    }
    RefundQuery q = {.pot_count = REFUND_POTS_MAX + 1};
    assert_int_equal(refund_share(&c, &q, &a), E_LIMIT);
    q = (RefundQuery){.claimant_count = REFUND_CLAIMANTS_MAX + 1};
    assert_int_equal(refund_share(&c, &q, &a), E_LIMIT);
}

static void test_no_memory(void **state) {
    (void)state;
    World w = {.tags = {{{0, 60}, {1, 40}}},
               .pots = {{.amount = 100, .tag_count = 2}},
               .claims = {100, 50},
               .query = {.pot_count = 1, .claimant_count = 2}};
    world_point(&w);
    Err e = E_MEMORY;
    for (uint64_t n = 1; e != OK; n++) {
        AUTO(Ctx) c;
        ctx_init(&c);
        RefundAnswer a;
        assert_true(n < 1000);
        fault_plan_set((FaultPlan){.alloc_nth = n, .once = true});
        e = refund_share(&c, &w.query, &a);
        fault_plan_set((FaultPlan){0});
        assert_true(e == OK || e == E_MEMORY || e == E_LIMIT);
    }
}

static void test_names(void **state) {
    (void)state;
    for (int i = 0; i < REFUND_RULES; i++) {
        RefundRule rule = REFUND_BY_TRACE;
        assert_true(refund_rule_find(str_of(refund_rule_name((RefundRule)i)), &rule));
        assert_int_equal(rule, i);
    }
    RefundRule rule = REFUND_EQUAL_AWARDS;
    assert_false(refund_rule_find(STR("fifo"), &rule));
    assert_false(refund_rule_of_law(STR("by_trace"), &rule));
    assert_false(refund_rule_of_law(STR(""), &rule));
    assert_int_equal(rule, REFUND_EQUAL_AWARDS);
    assert_true(refund_rule_of_law(STR("fifo"), &rule) && rule == REFUND_BY_TRACE);
    assert_true(refund_rule_of_law(STR("pro_rata"), &rule) && rule == REFUND_PRO_RATA_LOSS);
    assert_true(refund_rule_of_law(STR("trace_else_pro_rata"), &rule) &&
                rule == REFUND_TRACE_ELSE_PRO_RATA);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_example),
        cmocka_unit_test(test_cut_stays_unassigned),
        cmocka_unit_test(test_against_naive),
        cmocka_unit_test(test_all_small),
        cmocka_unit_test(test_axioms),
        cmocka_unit_test(test_twins),
        cmocka_unit_test(test_pots_in_any_order),
        cmocka_unit_test(test_large),
        cmocka_unit_test(test_split_and_convert),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests_name("refund", tests, NULL, NULL);
}
