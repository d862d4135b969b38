// The golden example, the door's small functions, refusals, faults of memory and many parts.
#include "trace/suites.h"
#include "trace/world.h"

#include <stdlib.h>

// Accounts 0 … 7 are inside, 8 is outside; all in currency 5.
#define OUT (8U | TRACE_OUTSIDE)
static const uint16_t CURRENCIES[9] = {5, 5, 5, 5, 5, 5, 5, 5, 5};

typedef struct Small {
    TraceIndex index;
    TraceView view;
    const int64_t *booked_at;
} Small;

static void Small_cleanup(Small *s) {
    TraceIndex_cleanup(&s->index);
}

static const int64_t TIMES[8] = {10, 20, 20, 30, 40, 50, 60, 70};

static void small_make(Small *s, const TraceTransfer *transfers, const TraceBalances *balances,
                       uint32_t n) {
    AUTO(Ctx) c = {0};
    ctx_init(&c);
    assert_int_equal(trace_index_build(&c, transfers, TIMES, balances, n, &s->index), OK);
    s->view = (TraceView){.segments = &s->index.segment,
                          .segment_count = 1,
                          .currencies = CURRENCIES,
                          .account_count = COUNT_OF(CURRENCIES)};
}

static uint64_t at(uint64_t number) {
    return (number + 1) << TRACE_POSITION_SHIFT;
}

static const TraceTransfer GOLDEN[5] = {{OUT, 0, 1000, 1000},
                                        {OUT, 0, 1000, 1000},
                                        {0, OUT, 1000, 1000},
                                        {OUT, 0, 1000, 1000},
                                        {0, OUT, 1000, 1000}};

static void golden_example(void **state) {
    (void)state;
    // P, M, K are reports 0, 1, 2. lifo: M, then K leaves. libr: no clean money, as pro_rata.
    static const int64_t left[4][3] = {
        {0, 0, 1000}, {1000, 0, 0}, {250, 250, 500}, {250, 250, 500}};
    TraceSeed seeds[3] = {{0, 0}, {0, 1}, {0, 2}};
    seeds[0].position = at(0);
    seeds[1].position = at(1);
    seeds[2].position = at(3);
    AUTO(Small) s = {0};
    small_make(&s, GOLDEN, NULL, 5);
    for (int rule = 0; rule < 4; rule++)
        for (int whole = 0; whole < 2; whole++) {
            AUTO(Ctx) c = {0};
            ctx_init(&c);
            AUTO(TraceResult) r = {0};
            TraceQuery q = {.rule = (TraceRule)rule,
                            .position_end = TRACE_POSITION_NONE,
                            .seeds = seeds,
                            .seed_count = 3,
                            .report_count = 3};
            assert_int_equal((whole ? trace_run_whole : trace_run)(&c, &s.view, &q, &r), OK);
            int64_t got[3] = {0};
            assert_int_equal(r.account_count, 1);
            assert_int_equal(r.accounts[0].balance, 1000);
            assert_int_equal(r.accounts[0].first_at, 10);
            for (uint32_t i = 0; i < r.accounts[0].tag_count; i++)
                got[r.tags[r.accounts[0].tag_first + i].report] =
                    r.tags[r.accounts[0].tag_first + i].amount;
            assert_memory_equal(got, left[rule], sizeof got);
            assert_int_equal(r.transfer_count, 5);
            assert_int_equal(r.transfers[2].level, 2);
            assert_int_equal(r.transfers[3].level, 1);
            for (size_t i = 0; i < r.total_count; i++)
                assert_int_equal(r.totals[i].currency, 5);
        }
}

static void openings_and_balances(void **state) {
    (void)state;
    static const TraceTransfer rows[6] = {{0, 1, 100, 100}, {1, 2, 30, 30}, {0, 1, 50, 40},
                                          {2, OUT, 80, 80}, {1, 0, 5, 5},   {3, 0, 9, 9}};
    TraceBalances balances[6];
    for (int i = 0; i < 6; i++)
        balances[i] = (TraceBalances){TRACE_BALANCE_NONE, TRACE_BALANCE_NONE};
    balances[2].to = 500;   // account 1: 500 - (100 - 30 + 40) = 390
    balances[5].from = -20; // account 3: -20 - (-9) = -11
    static const int64_t want[4][3] = {
        {150, 50, 14}, {390, 500, 495}, {50, 80, 0}, {-11, -11, -20}};
    AUTO(Small) s = {0};
    small_make(&s, rows, balances, 6);
    AUTO(Ctx) c = {0};
    ctx_init(&c);
    for (uint32_t a = 0; a < 4; a++)
        for (int end = 0; end < 2; end++) {
            int64_t opening, balance;
            assert_int_equal(trace_view_balance(&c, &s.view, a, end ? TRACE_POSITION_NONE : at(3),
                                                &opening, &balance),
                             OK);
            assert_int_equal(opening, want[a][0]);
            // Before the fourth transfer account 0 has paid 150.
            assert_int_equal(balance, end ? want[a][2] : a == 0 ? 0 : want[a][1]);
        }
}

static void positions_by_time(void **state) {
    (void)state;
    AUTO(Small) s = {0};
    small_make(&s, GOLDEN, NULL, 5);
    assert_int_equal(trace_view_position_after(&s.view, 9), at(0));
    assert_int_equal(trace_view_position_after(&s.view, 19), at(1));
    assert_int_equal(trace_view_position_after(&s.view, 20), at(3));
    assert_int_equal(trace_view_position_after(&s.view, 40), TRACE_POSITION_NONE);
    int64_t booked_at;
    assert_ptr_equal(trace_view_transfer(&s.view, at(3), &booked_at), &GOLDEN[3]);
    assert_int_equal(booked_at, 30);
}

static void rule_names(void **state) {
    (void)state;
    for (int i = 0; i < TRACE_RULES; i++) {
        TraceRule r;
        assert_true(trace_rule_find(str_of(trace_rule_name((TraceRule)i)), &r));
        assert_int_equal(r, i);
    }
    TraceRule r = TRACE_LIBR;
    assert_false(trace_rule_find(STR("Fifo"), &r));
    assert_false(trace_rule_find((Str){0}, &r));
    assert_int_equal(r, TRACE_LIBR);
}

static void bad_input_is_refused(void **state) {
    (void)state;
    AUTO(Ctx) c = {0};
    ctx_init(&c);
    static const TraceTransfer bad[5] = {
        {1, 1, 5, 5}, {1, 2, 0, 0}, {1, 2, 5, -1}, {OUT, OUT, 5, 5}, {1, 2, -5, 5}};
    for (int i = 0; i < 5; i++) {
        TraceIndex index;
        assert_int_equal(trace_index_build(&c, &bad[i], TIMES, NULL, 1, &index), E_INVALID);
    }
    TraceTransfer many[2] = {{OUT, 1, INT64_MAX, INT64_MAX}, {OUT, 1, 1, 1}};
    TraceIndex index;
    assert_int_equal(trace_index_build(&c, many, TIMES, NULL, 2, &index), E_LIMIT);

    AUTO(Small) s = {0};
    small_make(&s, GOLDEN, NULL, 5);
    TraceSeed seeds[2] = {{at(1), 0}, {at(1), 1}};
    TraceQuery q = {
        .position_end = TRACE_POSITION_NONE, .seeds = seeds, .seed_count = 2, .report_count = 2};
    TraceResult r = {.events = 77};
    assert_int_equal(trace_run(&c, &s.view, &q, &r), E_INVALID); // twice the same
    seeds[1].position = at(5);
    assert_int_equal(trace_run(&c, &s.view, &q, &r), E_INVALID); // not there
    seeds[1].position = at(4) + 1;
    assert_int_equal(trace_run_whole(&c, &s.view, &q, &r), E_INVALID);
    seeds[1] = (TraceSeed){at(4), 2};
    assert_int_equal(trace_run_whole(&c, &s.view, &q, &r), E_INVALID); // no such report
    q.report_count = TRACE_REPORTS_MAX + 1;
    assert_int_equal(trace_run(&c, &s.view, &q, &r), E_LIMIT);
    assert_int_equal(r.events, 77);
}

// An index that does not fit its transfers stops the trace instead of making up an answer.
static void wrong_index_is_corrupt(void **state) {
    (void)state;
    static const TraceTransfer rows[3] = {{OUT, 0, 100, 100}, {0, 1, 60, 60}, {1, 2, 60, 60}};
    AUTO(Small) s = {0};
    small_make(&s, rows, NULL, 3);
    TraceSeed seed = {at(0), 0};
    TraceQuery q = {
        .position_end = TRACE_POSITION_NONE, .seeds = &seed, .seed_count = 1, .report_count = 1};
    AUTO(Ctx) c = {0};
    ctx_init(&c);
    size_t n = s.index.segment.entry_first[s.index.segment.present_count];
    for (size_t i = 0; i < n; i++) {
        TraceEntry *entry = (TraceEntry *)(uintptr_t)&s.index.segment.entries[i];
        TraceEntry kept = *entry;
        TraceResult r = {0};
        entry->at ^= 1;
        Err err = trace_run(&c, &s.view, &q, &r);
        // The entries of account 2 after its last need are the only ones that nobody reads.
        assert_true(err == E_CORRUPT || err == OK);
        if (err == OK)
            TraceResult_cleanup(&r);
        *entry = kept;
        entry->at ^= 3ULL << (TRACE_POSITION_SHIFT + 1);
        assert_int_equal(trace_run(&c, &s.view, &q, &r), E_CORRUPT);
        *entry = kept;
    }
    TraceEntry *first = (TraceEntry *)(uintptr_t)&s.index.segment.entries[0];
    first->net = 50; // less than was traced to it
    TraceResult r = {0};
    assert_int_equal(trace_run(&c, &s.view, &q, &r), E_CORRUPT);
}

static World world;

static void nth_allocation_fails(void **state) {
    (void)state;
    AUTO(Ctx) c = {0};
    ctx_init(&c);
    for (int rule = 0; rule < TRACE_RULES; rule++)
        for (int whole = 0; whole < 2; whole++) {
            world_make(&world, 600 + (uint64_t)rule,
                       (WorldShape){.transfers = 500, .fees = true, .late = true});
            TraceQuery q = world_query(&world, (TraceRule)rule);
            Err err = E_MEMORY;
            uint64_t n = 0;
            while (err == E_MEMORY) {
                TraceResult r = {.events = 77};
                fault_plan_set((FaultPlan){.alloc_nth = ++n, .once = true});
                err = (whole ? trace_run_whole : trace_run)(&c, &world.view, &q, &r);
                fault_plan_set((FaultPlan){0});
                if (err == OK)
                    TraceResult_cleanup(&r);
                else
                    assert_int_equal(r.events, 77);
            }
            assert_int_equal(err, OK);
            assert_true(n > 5);
            world_done(&world);
        }
    TraceIndex index = {0};
    Err err = E_MEMORY;
    for (uint64_t n = 1; err == E_MEMORY; n++) {
        fault_plan_set((FaultPlan){.alloc_nth = n, .once = true});
        err = trace_index_build(&c, GOLDEN, TIMES, NULL, 5, &index);
        fault_plan_set((FaultPlan){0});
    }
    assert_int_equal(err, OK);
    TraceIndex_cleanup(&index);
}

// n tiny deposits, every second of a report, then forwards of about a half between three accounts:
// tree nodes visited by each of the last 100 of 200 forwards.
static double bomb_steps(uint32_t n, TraceRule rule) {
    uint32_t forwards = 200, total = n + forwards;
    TraceTransfer *rows = calloc(total, sizeof *rows);
    int64_t *booked_at = calloc(total, sizeof *booked_at);
    TraceSeed *seeds = calloc(n, sizeof *seeds);
    assert_true(rows != NULL && booked_at != NULL && seeds != NULL);
    uint32_t seed_n = 0;
    int64_t lies[3] = {0};
    Rng rng;
    rng_seed(&rng, n);
    for (uint32_t i = 0; i < n; i++) {
        rows[i] = (TraceTransfer){OUT, 0, 100 + i % 7, 100 + i % 7};
        lies[0] += rows[i].amount;
        if (i % 2 == 0)
            seeds[seed_n++] = (TraceSeed){at(i), i / 2 % 3};
    }
    for (uint32_t i = n; i < total; i++) {
        uint32_t from = 0;
        for (uint32_t k = 1; k < 3; k++)
            from = lies[k] > lies[from] ? k : from;
        int64_t amount = lies[from] / 2 + (int64_t)rng_below(&rng, (uint64_t)lies[from] / 4);
        uint32_t to = (from + 1 + i % 2) % 3;
        rows[i] = (TraceTransfer){from, to, amount, amount};
        lies[from] -= amount;
        lies[to] += amount;
    }
    uint64_t steps[2];
    AUTO(Ctx) c = {0};
    ctx_init(&c);
    AUTO(TraceIndex) index = {0};
    assert_int_equal(trace_index_build(&c, rows, booked_at, NULL, total, &index), OK);
    TraceView view = {.segments = &index.segment,
                      .segment_count = 1,
                      .currencies = CURRENCIES,
                      .account_count = COUNT_OF(CURRENCIES)};
    for (uint32_t k = 0; k < 2; k++) {
        TraceQuery q = {.rule = rule,
                        .position_end = at(n + 100 + k * 100),
                        .seeds = seeds,
                        .seed_count = seed_n,
                        .report_count = 3};
        AUTO(TraceResult) r = {0};
        assert_int_equal(trace_run(&c, &view, &q, &r), OK);
        steps[k] = r.steps;
    }
    free(rows);
    free(booked_at);
    free(seeds);
    return (double)(steps[1] - steps[0]) / 100;
}

static void many_parts_cost_a_logarithm(void **state) {
    (void)state;
    for (int rule = TRACE_FIFO; rule <= TRACE_LIFO; rule++) {
        double few = bomb_steps(1000, (TraceRule)rule);
        double many = bomb_steps(100000, (TraceRule)rule);
        print_message("%s: tree nodes a transfer: %.1f at 10^3 parts, %.1f at 10^5\n",
                      trace_rule_name((TraceRule)rule), few, many);
        assert_true(few > 0 && many < 4 * few && many < 200);
    }
}

static bool tags_same(const TraceResult *a, uint32_t first_a, const TraceResult *b,
                      uint32_t first_b, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (a->tags[first_a + i].report != b->tags[first_b + i].report ||
            a->tags[first_a + i].amount != b->tags[first_b + i].amount)
            return false;
    return true;
}

static void assert_same(const TraceResult *a, const TraceResult *b) {
    assert_int_equal(a->transfer_count, b->transfer_count);
    assert_int_equal(a->account_count, b->account_count);
    assert_int_equal(a->total_count, b->total_count);
    for (size_t i = 0; i < a->transfer_count; i++) {
        const TraceTouchedTransfer *x = &a->transfers[i], *y = &b->transfers[i];
        assert_true(x->position == y->position && x->level == y->level &&
                    x->tag_count == y->tag_count &&
                    tags_same(a, x->tag_first, b, y->tag_first, x->tag_count));
    }
    for (size_t i = 0; i < a->account_count; i++) {
        const TraceTouchedAccount *x = &a->accounts[i], *y = &b->accounts[i];
        assert_true(x->account == y->account && x->level == y->level &&
                    x->first_at == y->first_at && x->balance == y->balance &&
                    x->tag_count == y->tag_count &&
                    tags_same(a, x->tag_first, b, y->tag_first, x->tag_count));
    }
    for (size_t i = 0; i < a->total_count; i++) {
        const TraceTotal *x = &a->totals[i], *y = &b->totals[i];
        assert_true(x->report == y->report && x->flow == y->flow && x->currency == y->currency &&
                    x->amount == y->amount);
    }
}

#define LARGE_ROWS 60000U
#define LARGE_ACCOUNTS 1200U

// A ledger too large for the naive reading: long lists and trees under all rules.
static void sparse_equals_whole_when_large(void **state) {
    (void)state;
    TraceTransfer *rows = calloc(LARGE_ROWS, sizeof *rows);
    int64_t *booked_at = calloc(LARGE_ROWS, sizeof *booked_at);
    uint16_t *currencies = calloc(LARGE_ACCOUNTS + 1, sizeof *currencies);
    TraceSeed *seeds = calloc(LARGE_ROWS, sizeof *seeds);
    assert_true(rows != NULL && booked_at != NULL && currencies != NULL && seeds != NULL);
    uint32_t seed_n = 0;
    Rng rng;
    rng_seed(&rng, 20261122);
    print_message("sparse against whole: seed 20261122\n");
    for (uint32_t i = 0; i < LARGE_ROWS; i++) {
        uint32_t most = rng_below(&rng, 3) == 0 ? 4 : LARGE_ACCOUNTS;
        uint32_t from = (uint32_t)rng_below(&rng, most);
        uint32_t to = (from + 1 + (uint32_t)rng_below(&rng, LARGE_ACCOUNTS - 1)) % LARGE_ACCOUNTS;
        int64_t amount = 1 + (int64_t)rng_below(&rng, i % 50 == 0 ? 200000 : 500);
        uint64_t kind = rng_below(&rng, 20);
        from = kind < 3 ? LARGE_ACCOUNTS | TRACE_OUTSIDE : from;
        to = kind == 3 ? LARGE_ACCOUNTS | TRACE_OUTSIDE : to;
        rows[i] = (TraceTransfer){from, to, amount, kind == 4 ? amount - amount / 9 : amount};
        booked_at[i] = i / 3;
        if (rng_below(&rng, 12) == 0)
            seeds[seed_n++] = (TraceSeed){at(i), (uint32_t)rng_below(&rng, 40)};
    }
    AUTO(Ctx) c = {0};
    ctx_init(&c);
    AUTO(TraceIndex) index = {0};
    assert_int_equal(trace_index_build(&c, rows, booked_at, NULL, LARGE_ROWS, &index), OK);
    TraceView view = {.segments = &index.segment,
                      .segment_count = 1,
                      .currencies = currencies,
                      .account_count = LARGE_ACCOUNTS + 1};
    for (int rule = 0; rule < TRACE_RULES; rule++) {
        TraceQuery q = {.rule = (TraceRule)rule,
                        // Poison reaches everybody; the answer would be reports times transfers.
                        .position_end = rule == TRACE_POISON ? at(6000) : at(LARGE_ROWS - 9),
                        .seeds = seeds,
                        .seed_count = seed_n,
                        .report_count = 40};
        AUTO(TraceResult) sparse = {0};
        AUTO(TraceResult) whole = {0};
        assert_int_equal(trace_run(&c, &view, &q, &sparse), OK);
        assert_int_equal(trace_run_whole(&c, &view, &q, &whole), OK);
        assert_true(sparse.transfer_count > 1000);
        assert_same(&sparse, &whole);
    }
    free(rows);
    free(booked_at);
    free(currencies);
    free(seeds);
}

const struct CMUnitTest TRACE_RULE_TESTS[TRACE_RULE_TEST_COUNT] = {
    cmocka_unit_test(golden_example),
    cmocka_unit_test(sparse_equals_whole_when_large),
    cmocka_unit_test(openings_and_balances),
    cmocka_unit_test(positions_by_time),
    cmocka_unit_test(rule_names),
    cmocka_unit_test(bad_input_is_refused),
    cmocka_unit_test(wrong_index_is_corrupt),
    cmocka_unit_test(nth_allocation_fails),
    cmocka_unit_test(many_parts_cost_a_logarithm),
};
