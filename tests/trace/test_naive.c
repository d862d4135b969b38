// The engine, sparse and whole, against the naive reading on thousands of seeded ledgers; fifo and
// lifo also against single units, where no rounding is possible. MOEI_SEEDS changes the number.
#include "trace/suites.h"
#include "trace/world.h"

#include <stdio.h>
#include <stdlib.h>

static World world;
static NaiveAnswer answer;

static uint64_t seeds_wanted(void) {
    const char *text = getenv("MOEI_SEEDS");
    int64_t n = 10000;
    if (text != NULL && (!str_to_i64(str_of(text), &n) || n < 1))
        FAIL_WITH("MOEI_SEEDS must be a positive number");
    return (uint64_t)n;
}

static bool tags_equal(const TraceResult *r, uint32_t first, uint32_t n, const int64_t tags[]) {
    uint32_t k = 0;
    for (uint32_t report = 0; report < NAIVE_REPORTS; report++) {
        if (tags[report] < 0)
            continue;
        if (k == n || r->tags[first + k].report != report ||
            r->tags[first + k].amount != tags[report])
            return false;
        k++;
    }
    return k == n;
}

static bool transfers_equal(const TraceResult *r) {
    if (r->transfer_count != (size_t)answer.transfer_n)
        return false;
    for (size_t i = 0; i < r->transfer_count; i++) {
        const TraceTouchedTransfer *t = &r->transfers[i];
        const NaiveTagged *want = &answer.transfers[i];
        if (t->position != want->key || t->level != want->level ||
            !tags_equal(r, t->tag_first, t->tag_count, want->tags))
            return false;
    }
    return true;
}

static bool accounts_equal(const TraceResult *r) {
    size_t i = 0;
    for (int k = 0; k < NAIVE_ACCOUNTS; k++) {
        if (!answer.account_listed[k])
            continue;
        const NaiveTagged *want = &answer.accounts[k];
        const TraceTouchedAccount *a = &r->accounts[i++];
        if (i > r->account_count || a->account != world_id(&world, k, 0) ||
            a->level != want->level || a->first_at != want->first_at ||
            a->balance != want->balance || !tags_equal(r, a->tag_first, a->tag_count, want->tags))
            return false;
    }
    return i == r->account_count;
}

static bool totals_equal(const TraceResult *r, TraceRule rule) {
    for (int k = 0; k < NAIVE_ACCOUNTS && rule != TRACE_POISON; k++)
        for (int report = 0; report < NAIVE_REPORTS; report++)
            if (answer.accounts[k].tags[report] > 0)
                answer.totals[report][TRACE_LEFT][world.currency[k]] +=
                    answer.accounts[k].tags[report];
    size_t i = 0;
    bool equal = true;
    for (uint32_t report = 0; report < NAIVE_REPORTS; report++)
        for (int flow = 0; flow < 4; flow++)
            for (int currency = 0; currency < NAIVE_CURRENCIES; currency++) {
                int64_t want = answer.totals[report][flow][currency];
                if (want == 0)
                    continue;
                const TraceTotal *t = &r->totals[i++];
                equal = equal && i <= r->total_count && t->report == report &&
                        (int)t->flow == flow && t->currency == currency && t->amount == want;
            }
    return equal && i == r->total_count;
}

static void compare(uint64_t seed, TraceRule rule) {
    AUTO(Ctx) c = {0};
    ctx_init(&c);
    TraceQuery q = world_query(&world, rule);
    naive_trace(&world.ledger, rule, &answer);
    for (int whole = 0; whole < 2; whole++) {
        AUTO(TraceResult) r = {0};
        Err err =
            whole ? trace_run_whole(&c, &world.view, &q, &r) : trace_run(&c, &world.view, &q, &r);
        if (err != OK)
            FAIL_WITH("seed %llu rule %s whole %d: %s", (unsigned long long)seed,
                      trace_rule_name(rule), whole, c.error);
        NaiveAnswer *kept = malloc(sizeof *kept);
        assert_non_null(kept);
        *kept = answer;
        const char *wrong = !transfers_equal(&r)      ? "transfers"
                            : !accounts_equal(&r)     ? "accounts"
                            : !totals_equal(&r, rule) ? "totals"
                                                      : NULL;
        answer = *kept;
        free(kept);
        if (wrong != NULL)
            FAIL_WITH("seed %llu rule %s whole %d: %s differ", (unsigned long long)seed,
                      trace_rule_name(rule), whole, wrong);
    }
}

static void every_rule_equals_naive(void **state) {
    (void)state;
    uint64_t n = seeds_wanted();
    printf("trace: seeds 1 … %llu\n", (unsigned long long)n);
    for (uint64_t seed = 1; seed <= n; seed++) {
        WorldShape shape = {.transfers = 5 + (int)(hash_u64(seed) % 60),
                            .late = seed % 3 == 0,
                            .fees = seed % 4 != 1,
                            .exchange = seed % 4 > 1};
        if (seed % 40 == 0)
            shape.transfers = 600;
        if (seed % 40 == 20 || seed % 40 == 23) {
            shape.gather = true;
            shape.transfers = 300 + (int)(hash_u64(seed) % 500);
        }
        world_make(&world, seed, shape);
        for (int rule = 0; rule < TRACE_RULES; rule++)
            compare(seed, (TraceRule)rule);
        world_done(&world);
    }
}

// --- single units: each cent has its own tag, so nothing is ever divided

#define UNITS 65536
static int8_t units[NAIVE_ACCOUNTS][UNITS];
static int unit_first[NAIVE_ACCOUNTS], unit_end[NAIVE_ACCOUNTS];

static void unit_give(int account, int8_t tag) {
    ASSERT(unit_end[account] < UNITS);
    units[account][unit_end[account]++] = tag;
}

static int8_t unit_take(int account, bool newest) {
    if (unit_first[account] == unit_end[account])
        return -1;
    return newest ? units[account][--unit_end[account]] : units[account][unit_first[account]++];
}

static void units_run(TraceRule rule) {
    memset(unit_first, 0, sizeof unit_first);
    memset(unit_end, 0, sizeof unit_end);
    for (int k = 0; k < NAIVE_ACCOUNTS; k++)
        for (int64_t i = naive_opening(&world.ledger, k); i > 0; i--)
            unit_give(k, -1);
    for (int i = 0; i < world.ledger.n; i++) {
        const NaiveTransfer *t = &world.ledger.transfers[i];
        if (t->position >= world.ledger.position_end)
            return;
        for (int64_t left = t->amount; left > 0; left--) {
            int8_t tag = t->from < 0 ? -1 : unit_take(t->from, rule == TRACE_LIFO);
            tag = tag < 0 ? (int8_t)t->seed : tag;
            if (t->to >= 0)
                unit_give(t->to, tag);
        }
    }
}

static int64_t units_of(int account, int8_t tag) {
    int64_t n = 0;
    for (int i = unit_first[account]; i < unit_end[account]; i++)
        n += units[account][i] == tag;
    return n;
}

static void units_compare(uint64_t seed, TraceRule rule) {
    AUTO(Ctx) c = {0};
    ctx_init(&c);
    AUTO(TraceResult) r = {0};
    TraceQuery q = world_query(&world, rule);
    assert_int_equal(trace_run(&c, &world.view, &q, &r), OK);
    units_run(rule);
    size_t listed = 0;
    for (int k = 0; k < NAIVE_ACCOUNTS; k++) {
        const TraceTouchedAccount *a = &r.accounts[listed];
        bool here = listed < r.account_count && a->account == world_id(&world, k, 0);
        listed += here;
        for (int8_t report = 0; report < world.ledger.reports; report++) {
            int64_t got = 0;
            for (uint32_t i = 0; here && i < a->tag_count; i++)
                if (r.tags[a->tag_first + i].report == (uint32_t)report)
                    got = r.tags[a->tag_first + i].amount;
            if (got != units_of(k, report))
                FAIL_WITH("seed %llu rule %s: account %d report %d has %lld, single units %lld",
                          (unsigned long long)seed, trace_rule_name(rule), k, report,
                          (long long)got, (long long)units_of(k, report));
        }
    }
}

static void queues_equal_single_units(void **state) {
    (void)state;
    uint64_t n = (seeds_wanted() + 4) / 5;
    printf("trace: single units, seeds 1000001 … %llu\n", (unsigned long long)(1000000 + n));
    for (uint64_t seed = 1000001; seed <= 1000000 + n; seed++) {
        WorldShape shape = {
            .transfers = 20 + (int)(hash_u64(seed) % 200), .late = seed % 3 == 0, .plain = true};
        world_make(&world, seed, shape);
        units_compare(seed, TRACE_FIFO);
        units_compare(seed, TRACE_LIFO);
        world_done(&world);
    }
}

const struct CMUnitTest TRACE_NAIVE_TESTS[TRACE_NAIVE_TEST_COUNT] = {
    cmocka_unit_test(every_rule_equals_naive),
    cmocka_unit_test(queues_equal_single_units),
};
