// bench: what this machine does, measured with the product's own functions in a folder of its own.
#include "cli/cli_priv.h"
#include "drill/drill.h"
#include "json/json.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct BenchRow {
    const char *work, *unit;
    uint64_t count;
    int64_t us;
} BenchRow;

typedef struct Bench {
    CliCall *call;
    char dir[BASE_PATH_BYTES_MAX];
    DeskNode *node;
    Desk desk;
    DrillMade made;
    BenchRow rows[CLI_BENCH_ROWS_MAX];
    size_t count;
} Bench;

static int remove_one(const char *path, const struct stat *s, int kind, struct FTW *where) {
    (void)s;
    (void)kind;
    (void)where;
    return remove(path);
}

static void Bench_cleanup(Bench *b) {
    desk_close(b->node);
    b->node = NULL;
    // Only what mkdtemp made: the name ends with what it was asked for.
    if (b->dir[0])
        (void)nftw(b->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

static void bench_note(Bench *b, const char *work, const char *unit, uint64_t count,
                       int64_t start_us) {
    ASSERT(b->count < COUNT_OF(b->rows));
    int64_t us = clock_monotonic_us() - start_us;
    b->rows[b->count++] = (BenchRow){work, unit, count, us > 0 ? us : 1};
}

static Err bench_path(Bench *b, const char *name, Str *ret_path) {
    return str_format(b->call->c, ret_path, "%s/%s", b->dir, name);
}

static Err bench_node(Bench *b) {
    Ctx *c = b->call->c;
    DeskEnv env = cli_env();
    DeskInit init = {.agency = STR("bench"),
                     .name = STR("Bench"),
                     .country = STR("TH"),
                     .kind = STR("centre"),
                     .timezone = STR("Asia/Bangkok")};
    DeskSecrets secrets;
    TRY(bench_path(b, "node", &init.dir));
    TRY(desk_init(c, &env, &init, &secrets));
    crypto_wipe(&secrets, sizeof secrets);
    TRY(desk_open(c, &env, init.dir, &b->node));
    return desk_as(c, b->node, (Str){0}, &b->desk);
}

static Err bench_import(Bench *b) {
    Ctx *c = b->call->c;
    DrillPlan plan = drill_plan_default();
    CliProgress p;
    DeskImportResult r;
    Str drill, transfers, reports;
    plan.reports = CLI_BENCH_REPORTS;
    TRY(bench_path(b, "drill", &drill));
    TRY(bench_path(b, "drill/transfers.csv", &transfers));
    TRY(bench_path(b, "drill/reports.csv", &reports));
    cli_progress_start(&p, b->call, "drill");
    int64_t start = clock_monotonic_us();
    TRY(drill_make(c, &plan, drill, (DrillProgress){.step = cli_progress_step, .self = &p},
                   &b->made));
    bench_note(b, "make a drill", "transfers", b->made.transfers, start);
    DeskImport in = {.path = transfers, .progress = cli_progress_desk(&p)};
    start = clock_monotonic_us();
    TRY(desk_import_transfers(c, &b->desk, &in, &r));
    bench_note(b, "import transfers, to durable", "transfers", r.taken, start);
    in.path = reports;
    start = clock_monotonic_us();
    TRY(desk_import_reports(c, &b->desk, &in, &r));
    bench_note(b, "append reports, picture current", "records", r.taken, start);
    return OK;
}

static int i64_cmp(const void *a, const void *b) {
    int64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x < y ? -1 : x > y;
}

// Medians of the engine alone and of the whole answer.
static Err bench_trace(Bench *b) {
    Ctx *c = b->call->c;
    int64_t engine[CLI_BENCH_TRACES], whole[CLI_BENCH_TRACES];
    uint64_t events = 0;
    DeskTraceQuery q = {.reports = b->made.case_reports,
                        .report_count = b->made.case_report_count,
                        .rule = TRACE_FIFO};
    for (size_t i = 0; i < CLI_BENCH_TRACES; i++) {
        DeskTrace t;
        int64_t start = clock_monotonic_us();
        TRY(desk_trace(c, &b->desk, &q, &t));
        whole[i] = clock_monotonic_us() - start;
        engine[i] = t.engine_us;
        events = t.events;
    }
    qsort(engine, CLI_BENCH_TRACES, sizeof engine[0], i64_cmp);
    qsort(whole, CLI_BENCH_TRACES, sizeof whole[0], i64_cmp);
    int64_t now = clock_monotonic_us();
    bench_note(b, "trace a case (fifo), engine", "events", events,
               now - engine[CLI_BENCH_TRACES / 2]);
    now = clock_monotonic_us();
    bench_note(b, "trace a case (fifo), answer", "events", events,
               now - whole[CLI_BENCH_TRACES / 2]);
    return OK;
}

static Err bench_machine(Bench *b) {
    Ctx *c = b->call->c;
    CliProgress p;
    DeskVerdict verdict;
    DeskRebuild rebuild;
    DeskEnv env = cli_env();
    Str dir;
    cli_progress_start(&p, b->call, "verify");
    int64_t start = clock_monotonic_us();
    TRY(desk_verify(c, b->node, cli_progress_desk(&p), &verdict));
    bench_note(b, "verify everything", "records and transfers", verdict.records + verdict.transfers,
               start);
    if (!verdict.ok)
        return fail(c, E_CORRUPT, STR_FMT ": " STR_FMT, STR_ARG(verdict.where),
                    STR_ARG(verdict.what));
    start = clock_monotonic_us();
    TRY(desk_rebuild(c, b->node, cli_progress_desk(&p), &rebuild));
    bench_note(b, "rebuild the picture", "records", rebuild.records, start);
    desk_close(b->node);
    b->node = NULL;
    TRY(bench_path(b, "node", &dir));
    start = clock_monotonic_us();
    TRY(desk_open(c, &env, dir, &b->node));
    bench_note(b, "start", "node", 1, start);
    if (p.line_open)
        cli_progress_end(&p, "checked");
    return OK;
}

static Err bench_json(Bench *b) {
    JsonWriter w = json_writer_start(&b->call->out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("items"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < b->count; i++) {
        json_put_object_begin(&w);
        json_put_key_i64(&w, "count", (int64_t)b->rows[i].count);
        json_put_key_i64(&w, "micros", b->rows[i].us);
        json_put_key_str(&w, "unit", str_of(b->rows[i].unit));
        json_put_key_str(&w, "work", str_of(b->rows[i].work));
        json_put_object_end(&w);
    }
    json_put_array_end(&w);
    json_put_key_null(&w, "next");
    json_put_object_end(&w);
    TRY(json_writer_end(b->call->c, &w));
    cli_end_json(b->call);
    return OK;
}

static Err bench_print(Bench *b) {
    static const char *const titles[] = {"Work", "How much", "", "Time", "A second"};
    static const bool right[] = {false, true, false, true, true};
    AUTO(CliTable) t = {0};
    cli_table_start(&t, titles, right, COUNT_OF(titles));
    for (size_t i = 0; i < b->count; i++) {
        const BenchRow *row = &b->rows[i];
        Str time;
        TRY(str_format(b->call->c, &time, "%lld.%03lld ms", (long long)(row->us / 1000),
                       (long long)(row->us % 1000)));
        cli_table_cell(&t, str_of(row->work));
        cli_table_cell_i64(&t, (int64_t)row->count);
        cli_table_cell(&t, str_of(row->unit));
        cli_table_cell(&t, time);
        cli_table_cell_i64(&t, (int64_t)((U128)row->count * 1000000 / (uint64_t)row->us));
    }
    return cli_table_print(b->call, &t);
}

Err cli_bench(CliCall *call) {
    AUTO(Bench) b = {.call = call};
    const char *tmp = getenv("TMPDIR");
    char dir[BASE_PATH_BYTES_MAX];
    int n = snprintf(dir, sizeof dir, "%s/moei-bench-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (n < 0 || (size_t)n >= sizeof dir)
        return fail(call->c, E_INVALID, "TMPDIR is too long");
    if (!mkdtemp(dir))
        return fail_errno(call->c, "cannot make a folder under %s", tmp && *tmp ? tmp : "/tmp");
    memcpy(b.dir, dir, sizeof dir);
    TRY(bench_node(&b));
    TRY(bench_import(&b));
    TRY(bench_trace(&b));
    TRY(bench_machine(&b));
    return call->json ? bench_json(&b) : bench_print(&b);
}
