// How fast is the engine? A synthetic ledger, then each case several times: median and spread.
// Usage: bench_trace [transfers] [accounts] [part of a case's name]. 5,000,000 and 100,000 where
// nothing is said. `bench_trace --case FOLDER` writes the poison case of about 1,400 events for a
// peer, says `ready EVENTS`, and answers each line on stdin with the µs of one more run.
#include "trace/trace.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define ROUNDS 7
#define REPORTS 300

typedef struct Bench {
    Ctx c;
    TraceTransfer *rows;
    int64_t *booked_at;
    uint16_t *currencies;
    uint32_t n, accounts;
    TraceIndex index;
    TraceView view;
} Bench;

static uint64_t at(uint32_t number) {
    return ((uint64_t)number + 1) << TRACE_POSITION_SHIFT;
}

// Amounts like exp of a normal: the sum of twelve uniforms stands for the normal.
static int64_t random_amount(Rng *rng) {
    int64_t sum = 0;
    for (int i = 0; i < 12; i++)
        sum += (int64_t)rng_below(rng, 1000);
    double normal = (double)(sum - 6000) / 1000;
    return (int64_t)exp(11 + 1.5 * normal) + 1;
}

// One in five ends is one of a few hundred hubs, the rest is anybody.
static uint32_t random_account(Rng *rng, uint32_t accounts) {
    uint32_t hubs = accounts / 500 + 1;
    return (uint32_t)(rng_below(rng, 5) == 0 ? rng_below(rng, hubs) : rng_below(rng, accounts));
}

static void *zeroed(size_t count, size_t bytes_each) {
    void *p = mem_alloc_zero(count, bytes_each);
    if (p == NULL) {
        fprintf(stderr, "bench_trace: no memory\n");
        exit(3);
    }
    return p;
}

static void done(Ctx *c, Err err) {
    if (err == OK)
        return;
    fprintf(stderr, "bench_trace: %s\n", c->error);
    exit(3);
}

// Money comes in by deposits and is passed on as long as it lies there, so that nothing is opening
// money and tags travel far.
static void rows_make(Bench *b) {
    Rng rng;
    rng_seed(&rng, 1);
    int64_t *lies = zeroed(b->accounts, sizeof *lies);
    for (uint32_t i = 0; i < b->n; i++) {
        uint32_t from = random_account(&rng, b->accounts), to = random_account(&rng, b->accounts);
        if (from == to)
            to = (to + 1) % b->accounts;
        int64_t amount = random_amount(&rng);
        uint64_t kind = rng_below(&rng, 100);
        if (lies[from] == 0 || kind < 3)
            from = b->accounts | TRACE_OUTSIDE;
        else if (kind < 6)
            to = b->accounts | TRACE_OUTSIDE;
        if (from < TRACE_OUTSIDE) {
            amount = amount < lies[from] ? amount : lies[from];
            lies[from] -= amount;
        }
        if (to < TRACE_OUTSIDE)
            lies[to] += amount;
        b->rows[i] = (TraceTransfer){from, to, amount, amount};
        b->booked_at[i] = (int64_t)i * 1000000;
    }
    mem_free(lies);
}

static void bench_make(Bench *b, uint32_t n, uint32_t accounts) {
    ctx_init(&b->c);
    b->n = n;
    b->accounts = accounts;
    b->rows = zeroed(n, sizeof *b->rows);
    b->booked_at = zeroed(n, sizeof *b->booked_at);
    b->currencies = zeroed(accounts + 1, sizeof *b->currencies);
    rows_make(b);
    int64_t start = clock_monotonic_us();
    done(&b->c, trace_index_build(&b->c, b->rows, b->booked_at, NULL, n, &b->index));
    fprintf(stderr, "index of %u transfers, %u accounts: %.0f ns a transfer\n", n, accounts,
            (double)(clock_monotonic_us() - start) * 1000 / n);
    b->view = (TraceView){.segments = &b->index.segment,
                          .segment_count = 1,
                          .currencies = b->currencies,
                          .account_count = accounts + 1};
}

static int double_cmp(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// Median and spread of the rounds; `per` events, transfers or 0 for the whole in ms.
static void show(const char *name, double us[ROUNDS], uint64_t per, const TraceResult *r) {
    qsort(us, ROUNDS, sizeof *us, double_cmp);
    printf("%-44s %9.3f ms (%.3f … %.3f)", name, us[ROUNDS / 2] / 1000, us[0] / 1000,
           us[ROUNDS - 1] / 1000);
    if (per != 0)
        printf("  %7.1f ns each", us[ROUNDS / 2] * 1000 / (double)per);
    printf("  [%llu events, %zu transfers, %zu accounts]\n", (unsigned long long)r->events,
           r->transfer_count, r->account_count);
}

static const char *only = ""; // cases whose name contains it

static bool tags_equal(const TraceResult *a, uint32_t x, const TraceResult *b, uint32_t y,
                       uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (a->tags[x + i].report != b->tags[y + i].report ||
            a->tags[x + i].amount != b->tags[y + i].amount)
            return false;
    return true;
}

// Both drivers must come to the same answer before either is timed.
static void compare(Bench *b, const TraceQuery *q) {
    TraceResult x = {0}, y = {0};
    done(&b->c, trace_run(&b->c, &b->view, q, &x));
    done(&b->c, trace_run_whole(&b->c, &b->view, q, &y));
    bool equal = x.transfer_count == y.transfer_count && x.account_count == y.account_count;
    for (size_t i = 0; equal && i < x.transfer_count; i++) {
        const TraceTouchedTransfer *s = &x.transfers[i], *t = &y.transfers[i];
        equal = s->position == t->position && s->level == t->level &&
                s->tag_count == t->tag_count &&
                tags_equal(&x, s->tag_first, &y, t->tag_first, s->tag_count);
    }
    for (size_t i = 0; equal && i < x.account_count; i++) {
        const TraceTouchedAccount *s = &x.accounts[i], *t = &y.accounts[i];
        equal = s->account == t->account && s->balance == t->balance &&
                s->tag_count == t->tag_count &&
                tags_equal(&x, s->tag_first, &y, t->tag_first, s->tag_count);
    }
    TraceResult_cleanup(&x);
    TraceResult_cleanup(&y);
    if (equal)
        return;
    fprintf(stderr, "bench_trace: sparse and whole differ\n");
    exit(1);
}

static void run(Bench *b, const char *name, const TraceQuery *q, bool whole, uint32_t per) {
    double us[ROUNDS];
    TraceResult r = {0};
    if (strstr(name, only) == NULL)
        return;
    compare(b, q);
    for (int i = 0; i < ROUNDS; i++) {
        TraceResult_cleanup(&r);
        int64_t start = clock_monotonic_us();
        done(&b->c, (whole ? trace_run_whole : trace_run)(&b->c, &b->view, q, &r));
        us[i] = (double)(clock_monotonic_us() - start);
    }
    show(name, us, per != 0 ? per : r.events, &r);
    TraceResult_cleanup(&r);
}

static uint64_t events_of(Bench *b, const TraceQuery *q) {
    TraceResult r = {0};
    done(&b->c, trace_run(&b->c, &b->view, q, &r));
    uint64_t events = r.events;
    TraceResult_cleanup(&r);
    return events;
}

// The end of the query with which `count` seeds of up to 300 reports come to about `events` events.
// Queues keep tagged money long where it is, so that they need more seeds for as many events.
static TraceQuery query_make(Bench *b, TraceRule rule, uint64_t events, uint32_t count) {
    TraceSeed *seeds = zeroed(count, sizeof *seeds);
    for (uint32_t i = 0; i < count; i++)
        seeds[i] = (TraceSeed){at(b->n / 3 + i * (b->n / 2 / count)), i % REPORTS};
    while (b->rows[(seeds[0].position >> TRACE_POSITION_SHIFT) - 1].to >= TRACE_OUTSIDE)
        seeds[0].position += at(0);
    TraceQuery q = {.rule = rule, .seeds = seeds, .seed_count = count, .report_count = REPORTS};
    uint32_t low = b->n / 3, high = b->n;
    while (low + 1 < high) {
        uint32_t middle = low + (high - low) / 2;
        q.position_end = at(middle);
        *(events_of(b, &q) < events ? &low : &high) = middle;
    }
    q.position_end = at(high);
    return q;
}

static void run_events(Bench *b, TraceRule rule, uint64_t events, uint32_t count) {
    char name[80];
    snprintf(name, sizeof name, "sparse %s, ~%llu events", trace_rule_name(rule),
             (unsigned long long)events);
    if (strstr(name, only) == NULL)
        return;
    TraceQuery q = query_make(b, rule, events, count);
    run(b, name, &q, false, 0);
    mem_free((void *)(uintptr_t)q.seeds);
}

// `reports` reports with `each` seeds, spread over the middle half of the ledger.
static void run_whole(Bench *b, TraceRule rule, uint32_t reports, uint32_t each) {
    uint32_t count = reports * each, step = b->n / 2 / count;
    TraceSeed *seeds = zeroed(count, sizeof *seeds);
    for (uint32_t i = 0; i < count; i++)
        seeds[i] = (TraceSeed){at(b->n / 10 + i * step), i % reports};
    TraceQuery q = {.rule = rule,
                    .position_end = TRACE_POSITION_NONE,
                    .seeds = seeds,
                    .seed_count = count,
                    .report_count = reports};
    char name[80];
    snprintf(name, sizeof name, "whole %s, %u report(s), %u seeds", trace_rule_name(rule), reports,
             count);
    run(b, name, &q, true, b->n);
    mem_free(seeds);
}

// n tiny deposits mixed at one account, then forwarded 100 times along 101 accounts.
static void run_bomb(uint32_t deposits) {
    Bench b = {0};
    ctx_init(&b.c);
    b.n = deposits + 100;
    b.rows = zeroed(b.n, sizeof *b.rows);
    b.booked_at = zeroed(b.n, sizeof *b.booked_at);
    b.currencies = zeroed(102, sizeof *b.currencies);
    TraceSeed *seeds = zeroed(deposits, sizeof *seeds);
    int64_t lies = 0;
    for (uint32_t i = 0; i < deposits; i++) {
        b.rows[i] = (TraceTransfer){101 | TRACE_OUTSIDE, 0, 10 + i % 5, 10 + i % 5};
        lies += b.rows[i].amount;
        seeds[i / 2] = (TraceSeed){at(i / 2 * 2), i / 2 % 3};
    }
    for (uint32_t i = 0; i < 100; i++) {
        lies -= lies / 300;
        b.rows[deposits + i] = (TraceTransfer){i, i + 1, lies, lies};
    }
    done(&b.c, trace_index_build(&b.c, b.rows, b.booked_at, NULL, b.n, &b.index));
    b.view = (TraceView){.segments = &b.index.segment,
                         .segment_count = 1,
                         .currencies = b.currencies,
                         .account_count = 102};
    char name[80];
    snprintf(name, sizeof name, "bomb fifo, %u deposits", deposits);
    TraceQuery q = {.position_end = TRACE_POSITION_NONE,
                    .seeds = seeds,
                    .seed_count = (deposits + 1) / 2,
                    .report_count = 3};
    run(&b, name, &q, false, b.n);
    TraceIndex_cleanup(&b.index);
    mem_free(seeds);
    mem_free(b.rows);
    mem_free(b.booked_at);
    mem_free(b.currencies);
}

// --- for a peer ---------------------------------------------------------------------------------

static FILE *create(const char *folder, const char *name) {
    char path[BASE_PATH_BYTES_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    if (f == NULL) {
        fprintf(stderr, "bench_trace: cannot write %s\n", path);
        exit(3);
    }
    return f;
}

static long long account_number(uint32_t end) {
    return end >= TRACE_OUTSIDE ? -1 : (long long)end;
}

static void case_write(const Bench *b, const TraceQuery *q, const TraceResult *r,
                       const char *folder) {
    FILE *f = create(folder, "transfers.csv");
    fprintf(f, "number,debited,credited\n");
    for (uint32_t i = 0; i < b->n; i++)
        fprintf(f, "%u,%lld,%lld\n", i, account_number(b->rows[i].from),
                account_number(b->rows[i].to));
    fclose(f);
    f = create(folder, "seeds.csv");
    fprintf(f, "number,before\n");
    for (size_t i = 0; i < q->seed_count; i++)
        fprintf(f, "%llu,%llu\n", (unsigned long long)(q->seeds[i].position >> 24) - 1,
                (unsigned long long)(q->position_end >> 24) - 1);
    fclose(f);
    long long *first = zeroed(b->accounts, sizeof *first);
    for (size_t i = r->transfer_count; i-- > 0;) {
        uint64_t number = (r->transfers[i].position >> TRACE_POSITION_SHIFT) - 1;
        if (b->rows[number].to < TRACE_OUTSIDE)
            first[b->rows[number].to] = (long long)number + 1;
    }
    f = create(folder, "reached.csv");
    fprintf(f, "account,number\n");
    for (uint32_t i = 0; i < b->accounts; i++)
        if (first[i])
            fprintf(f, "%u,%lld\n", i, first[i] - 1);
    fclose(f);
    mem_free(first);
}

static int case_serve(Bench *b, const char *folder) {
    TraceQuery q = query_make(b, TRACE_POISON, 1400, 1);
    TraceResult r = {0};
    done(&b->c, trace_run(&b->c, &b->view, &q, &r));
    case_write(b, &q, &r, folder);
    printf("ready %llu\n", (unsigned long long)r.events);
    fflush(stdout);
    for (char line[16]; fgets(line, sizeof line, stdin) != NULL;) {
        TraceResult_cleanup(&r);
        r = (TraceResult){0};
        int64_t start = clock_monotonic_us();
        done(&b->c, trace_run(&b->c, &b->view, &q, &r));
        printf("%lld\n", (long long)(clock_monotonic_us() - start));
        fflush(stdout);
    }
    TraceResult_cleanup(&r);
    mem_free((void *)(uintptr_t)q.seeds);
    return 0;
}

static void bench_done(Bench *b) {
    TraceIndex_cleanup(&b->index);
    mem_free(b->rows);
    mem_free(b->booked_at);
    mem_free(b->currencies);
}

int main(int argc, char **argv) {
    int64_t n = 5000000, accounts = 100000;
    Bench b = {0};
    if (argc == 3 && strcmp(argv[1], "--case") == 0) {
        bench_make(&b, (uint32_t)n, (uint32_t)accounts);
        int code = case_serve(&b, argv[2]);
        bench_done(&b);
        return code;
    }
    if ((argc > 1 && !str_to_i64(str_of(argv[1]), &n)) ||
        (argc > 2 && !str_to_i64(str_of(argv[2]), &accounts)) || n < 1000 ||
        n > STREAM_SEGMENT_ROWS_MAX || accounts < 10 || accounts > n) {
        fprintf(stderr, "usage: bench_trace [transfers] [accounts] [part of a case's name]\n");
        return 2;
    }
    only = argc > 3 ? argv[3] : "";
    bench_make(&b, (uint32_t)n, (uint32_t)accounts);
    run_events(&b, TRACE_FIFO, 1400, 100);
    run_events(&b, TRACE_LIFO, 1400, 100);
    run_events(&b, TRACE_PRO_RATA, 1400, 1);
    run_events(&b, TRACE_LIBR, 1400, 100);
    run_events(&b, TRACE_POISON, 1400, 1);
    run_events(&b, TRACE_FIFO, 100000, 10000);
    run_events(&b, TRACE_PRO_RATA, 100000, 1);
    for (int rule = TRACE_FIFO; rule <= TRACE_PRO_RATA; rule++) {
        run_whole(&b, (TraceRule)rule, 1, 1);
        run_whole(&b, (TraceRule)rule, 1, 1000);
        run_whole(&b, (TraceRule)rule, REPORTS, 1);
    }
    run_whole(&b, TRACE_FIFO, REPORTS, 100);
    for (uint32_t deposits = 1000; deposits <= 1000000; deposits *= 10)
        run_bomb(deposits);
    bench_done(&b);
    return 0;
}
