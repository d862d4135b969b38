// How long from a victim's report to an order that binds and survives a crash? On a node that holds
// transfers: a typed report with its first hop proposed and issued; and, behind a trace, the traced
// order proposed with its evidence and issued. Usage: bench_order [transfers] (1,000,000).
#include "desk/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ROUNDS 201
#define ACCOUNTS 100000

typedef struct Bench {
    Ctx c;
    char folder[64], dir[96];
    DeskEnv env;
    DeskNode *node;
    Desk desk;
    DeskSecrets secrets;
    CryptoSignKey key;
    int64_t transfers;
} Bench;

typedef struct Times {
    int64_t us[ROUNDS];
} Times;

static void done(Ctx *c, Err e) {
    if (e == OK)
        return;
    fprintf(stderr, "bench_order: %s: %s\n", err_name(e), c->error);
    exit(3);
}

static int by_size(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void show(const char *name, Times *t, const char *aim) {
    qsort(t->us, ROUNDS, sizeof t->us[0], by_size);
    printf("%-52s median %.2f ms, p99 %.2f ms%s\n", name, (double)t->us[ROUNDS / 2] / 1e3,
           (double)t->us[ROUNDS * 99 / 100] / 1e3, aim);
}

// Money passes at random between accounts; between the transfers stand those of ROUNDS victims,
// each to a mule who moves a part on.
static void transfers_write(Bench *b, const char *path) {
    FILE *f = fopen(path, "w");
    Rng rng;
    rng_seed(&rng, 1);
    if (!f) {
        fprintf(stderr, "bench_order: cannot write %s\n", path);
        exit(3);
    }
    fprintf(f, "id,booked_at,from_country,from_institution,from_account,to_country,to_institution,"
               "to_account,amount,currency\n");
    int64_t each = b->transfers / (ROUNDS + 1), second = clock_now(clock_system()) / 1000000;
    second -= b->transfers;
    for (int64_t i = 0; i < b->transfers; i++) {
        char when[TIME_TEXT_BYTES];
        time_format((second + i) * 1000000, when);
        int64_t victim = i / each - 1;
        unsigned from = (unsigned)rng_below(&rng, ACCOUNTS);
        unsigned to = (unsigned)rng_below(&rng, ACCOUNTS);
        if (i % each == 0 && victim >= 0 && victim < ROUNDS)
            fprintf(f, "s%lld,%s,TH,004,7%09lld,TH,014,8%09lld,1000.00,THB\n", (long long)victim,
                    when, (long long)victim, (long long)victim);
        else if (i % each == 1 && victim >= 0 && victim < ROUNDS)
            fprintf(f, "m%lld,%s,TH,014,8%09lld,TH,006,9%09lld,600.00,THB\n", (long long)victim,
                    when, (long long)victim, (long long)victim);
        else
            fprintf(f, "t%lld,%s,TH,004,1%09u,TH,014,2%09u,%u.00,THB\n", (long long)i, when, from,
                    to, (unsigned)rng_below(&rng, 5000) + 1);
    }
    fclose(f);
}

static void node_make(Bench *b) {
    Ctx *c = &b->c;
    char path[128];
    snprintf(b->dir, sizeof b->dir, "%s/node", b->folder);
    snprintf(path, sizeof path, "%s/t.csv", b->folder);
    b->env = (DeskEnv){
        .clock = clock_system(), .random = crypto_random_system(), .cost = crypto_cost_least()};
    DeskInit init = {.dir = str_of(b->dir),
                     .agency = STR("bench"),
                     .name = STR("Bench"),
                     .country = STR("TH"),
                     .kind = STR("centre")};
    done(c, desk_init(c, &b->env, &init, &b->secrets));
    done(c, desk_open(c, &b->env, str_of(b->dir), &b->node));
    done(c, desk_as(c, b->node, (Str){0}, &b->desk));
    done(c, desk_unlock(c, &b->desk, str_of(b->secrets.officer_password), &b->key));
    transfers_write(b, path);
    DeskImport in = {.path = str_of(path)};
    DeskImportResult taken;
    done(c, desk_import_transfers(c, &b->desk, &in, &taken));
    fprintf(stderr, "node with %llu transfers\n", (unsigned long long)taken.taken);
}

static Str report_add(Bench *b, const char *id, int64_t n, bool seed) {
    Str transfers = {0}, account, name;
    done(&b->c, str_format(&b->c, &name, "%s%lld", id, (long long)n));
    if (seed)
        done(&b->c, str_format(&b->c, &transfers, "s%lld", (long long)n));
    done(&b->c, str_format(&b->c, &account, "TH/014/%s%09lld", seed ? "8" : "6", (long long)n));
    DeskReportDraft draft = {.id = name,
                             .loss = STR("1000.00"),
                             .currency = STR("THB"),
                             .transfers = transfers,
                             .accounts = account,
                             .victim = STR("Somchai Jaidee"),
                             .story = STR("They said they were police and I must hurry.")};
    DeskReport r;
    done(&b->c, desk_report_add(&b->c, &b->desk, &draft, &r));
    return name;
}

static void propose_and_issue(Bench *b, const DeskPropose *p) {
    DeskProposed made;
    DeskOrder x;
    DeskOrderActDraft issue = {.act = STR("issue")};
    done(&b->c, desk_order_propose(&b->c, &b->desk, p, &made));
    if (made.created_count == 0) {
        fprintf(stderr, "bench_order: nothing was proposed\n");
        exit(1);
    }
    done(&b->c, desk_order_act(&b->c, &b->desk, made.created[0].id, &issue, &x));
    if (x.now.state != ORDER_ISSUED) {
        fprintf(stderr, "bench_order: the order does not bind\n");
        exit(1);
    }
}

static void first_hop(Bench *b) {
    static Times all, save;
    for (int i = 0; i < ROUNDS; i++) {
        ctx_reset(&b->c);
        int64_t start = clock_monotonic_us();
        DeskPropose p = {.report = report_add(b, "F-", i, false)};
        save.us[i] = clock_monotonic_us() - start;
        propose_and_issue(b, &p);
        all.us[i] = clock_monotonic_us() - start;
    }
    show("typed report saved", &save, "");
    show("typed report to first hop issued, durable", &all, "");
}

static void traced(Bench *b) {
    static Times trace, all, after;
    for (int i = 0; i < ROUNDS; i++) {
        ctx_reset(&b->c);
        Str report = report_add(b, "T-", i, true);
        DeskCase k;
        DeskTrace t;
        done(&b->c, desk_case_new(&b->c, &b->desk, report, &k));
        done(&b->c, desk_case_add(&b->c, &b->desk, k.id, &report, 1));
        DeskTraceQuery q = {.case_id = k.id, .rule = TRACE_FIFO};
        int64_t start = clock_monotonic_us();
        done(&b->c, desk_trace(&b->c, &b->desk, &q, &t));
        trace.us[i] = clock_monotonic_us() - start;
        DeskPropose p = {.case_id = k.id, .rule = TRACE_FIFO};
        start = clock_monotonic_us();
        propose_and_issue(b, &p);
        all.us[i] = clock_monotonic_us() - start;
        after.us[i] = all.us[i] > trace.us[i] ? all.us[i] - trace.us[i] : 0;
    }
    show("trace of the case alone", &trace, "");
    show("propose (with the trace, its evidence) and issue", &all, "");
    show("hold order durable after the trace", &after, " (aim: 20)");
}

static void folder_remove(Ctx *c, Str path) {
    Str *names;
    size_t n;
    done(c, dir_list(c, path, &names, &n));
    for (size_t i = 0; i < n; i++) {
        Str inside, *below;
        size_t count;
        done(c, str_format(c, &inside, STR_FMT "/" STR_FMT, STR_ARG(path), STR_ARG(names[i])));
        if (unlink(inside.p) == 0 || dir_list(c, inside, &below, &count) != OK)
            continue;
        for (size_t k = 0; k < count; k++) {
            Str leaf;
            done(c, str_format(c, &leaf, STR_FMT "/" STR_FMT, STR_ARG(inside), STR_ARG(below[k])));
            if (unlink(leaf.p) != 0)
                folder_remove(c, leaf);
        }
        rmdir(inside.p);
    }
    rmdir(path.p);
}

int main(int argc, char **argv) {
    static Bench b;
    ctx_init(&b.c);
    b.transfers = 1000000;
    if (argc > 1 && (!str_to_i64(str_of(argv[1]), &b.transfers) || b.transfers < 10 * ROUNDS)) {
        fprintf(stderr, "usage: bench_order [transfers]\n");
        return 2;
    }
    done(&b.c, crypto_init(&b.c));
    snprintf(b.folder, sizeof b.folder, "/tmp/moei-bench-XXXXXX");
    if (!mkdtemp(b.folder)) {
        fprintf(stderr, "bench_order: no folder\n");
        return 3;
    }
    node_make(&b);
    first_hop(&b);
    traced(&b);
    desk_close(b.node);
    folder_remove(&b.c, str_of(b.folder));
    ctx_done(&b.c);
    return 0;
}
