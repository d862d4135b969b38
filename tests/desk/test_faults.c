// No memory, no disk, many threads: an error in words, and nothing that was acknowledged is lost.
#include "groups.h"
#include "node.h"

#include <errno.h>
#include <pthread.h>

// One run of everything that writes. Returns the first error; *ret_kept counts what was
// acknowledged.
static Err run(World *w, Ctx *c, int round, int *ret_kept) {
    AUTO(DeskNodePtr) n = NULL;
    TRY(desk_open(c, &w->env, str_of(w->dir), &n));
    Desk d;
    TRY(desk_as(c, n, (Str){0}, &d));
    Str path, id;
    TRY(str_format(c, &path, "%s/t.csv", w->folder));
    TRY(str_format(c, &id, "F%d", round));
    DeskImport in = {.path = path};
    DeskImportResult result;
    TRY(desk_import_transfers(c, &d, &in, &result));
    ++*ret_kept;
    DeskReportDraft draft = {.id = id, .transfers = STR("p1"), .accounts = STR("TH/014/X")};
    DeskReport report;
    DeskMatch match;
    TRY(desk_report_add(c, &d, &draft, &report));
    ++*ret_kept;
    TRY(desk_report_match(c, &d, id, &match));
    TRY(desk_report_pick(c, &d, id, &(Str){"m1", 2}, 1));
    ++*ret_kept;
    DeskTraceQuery q = {.reports = &id, .report_count = 1};
    DeskTrace trace;
    AUTO(Buf) out = {0};
    TRY(desk_trace(c, &d, &q, &trace));
    return desk_trace_json(c, &trace, &out);
}

// The golden file and one transfer of this round.
static void write_file(World *w, int round) {
    AUTO(Buf) text = {0};
    buf_text(&text, golden_transfers);
    buf_format(&text, "n%d,2026-01-01T11:00:00Z,TH,004,N,TH,014,N%d,1.00,THB,,,,,,,\n", round,
               round);
    assert_ok(&w->c, file_replace(&w->c, world_path(w, "t.csv"), buf_view(&text)));
}

// After a failed run: the node opens, is sound, and holds what the run acknowledged.
static void check(World *w, int round, int kept) {
    assert_ok(&w->c, desk_open(&w->c, &w->env, str_of(w->dir), &w->node));
    assert_ok(&w->c, desk_as(&w->c, w->node, (Str){0}, &w->desk));
    DeskVerdict v;
    assert_ok(&w->c, desk_verify(&w->c, w->node, (DeskProgress){0}, &v));
    if (!v.ok)
        fail_msg("round %d: " STR_FMT ": " STR_FMT, round, STR_ARG(v.where), STR_ARG(v.what));
    Str id;
    DeskReport report;
    assert_ok(&w->c, str_format(&w->c, &id, "F%d", round));
    DeskTransferCard card;
    if (kept > 0) {
        Str transfer;
        assert_ok(&w->c, str_format(&w->c, &transfer, "n%d", round));
        assert_ok(&w->c, desk_transfer_get(&w->c, &w->desk, transfer, &card));
    }
    if (kept > 1)
        assert_ok(&w->c, desk_report_get(&w->c, &w->desk, id, &report));
    if (kept > 2)
        assert_int_equal(report.seed_count, 1);
    desk_close(w->node);
    w->node = NULL;
    ctx_reset(&w->c);
}

#ifdef __SANITIZE_ADDRESS__
#define STEPS 15 // as much of the time as the others take without
#else
#define STEPS 40
#endif

static int steps(void) {
    const char *text = getenv("MOEI_ROUNDS");
    int64_t n;
    return text && str_to_i64(str_of(text), &n) && n > 0 && n < 100000 ? (int)n * 4 : STEPS;
}

typedef struct Failing {
    bool writes;
    bool once;
    int number; // errno of writes
} Failing;

// Fails the n-th allocation or write, n spread over a whole run and another place each round.
static void fail_each(Failing f) {
    World w;
    world_open(&w, false);
    desk_close(w.node);
    w.node = NULL;
    write_file(&w, 0);
    int kept = 0, failed = 0;
    uint64_t allocs, writes;
    // What never comes is counted all the same.
    fault_plan_set((FaultPlan){.alloc_nth = UINT64_MAX, .write_nth = UINT64_MAX});
    assert_ok(&w.c, run(&w, &w.c, 0, &kept));
    fault_counts(&allocs, &writes);
    fault_plan_set((FaultPlan){0});
    uint64_t all = f.writes ? writes : allocs;
    assert_true(all > 10);
    uint64_t step = all / (uint64_t)steps() + 1;
    for (uint64_t nth = 1; nth <= all; nth += step) {
        int round = (int)nth;
        AUTO(Ctx) c;
        ctx_init(&c);
        FaultPlan plan = {.once = f.once, .write_errno = f.number};
        *(f.writes ? &plan.write_nth : &plan.alloc_nth) = nth;
        kept = 0;
        write_file(&w, round);
        fault_plan_set(plan);
        Err e = run(&w, &c, round, &kept);
        fault_plan_set((FaultPlan){0});
        if (e != OK) {
            failed++;
            assert_true(c.error[0] != 0);
            assert_int_not_equal(e, E_CORRUPT);
        }
        check(&w, round, kept);
    }
    print_message("%d runs of %d were stopped by it\n", failed, (int)((all - 1) / step + 1));
    assert_true(failed > 0);
    world_done(&w);
}

static void test_alloc(void **state) {
    (void)state;
    fail_each((Failing){.once = true});
}

static void test_write(void **state) {
    (void)state;
    fail_each((Failing){.writes = true, .once = true, .number = EIO});
}

static void test_disk_full(void **state) {
    (void)state;
    fail_each((Failing){.writes = true, .number = ENOSPC});
}

static void test_read_only_disk(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    world_transfers(&w, "t.csv", golden_transfers);
    fault_plan_set((FaultPlan){.write_nth = 1, .write_errno = EROFS});
    DeskReportDraft draft = {.id = STR("x")};
    DeskReport report;
    Err e = desk_report_add(&w.c, &w.desk, &draft, &report);
    fault_plan_set((FaultPlan){0});
    assert_int_equal(e, E_READ_ONLY);
    assert_int_equal(desk_report_get(&w.c, &w.desk, STR("x"), &report), E_NOT_FOUND);
    assert_ok(&w.c, desk_report_add(&w.c, &w.desk, &draft, &report));
    world_done(&w);
}

// --- threads ------------------------------------------------------------------------------------

typedef struct Reader {
    World *w;
    const char *expected;
    size_t n, rounds;
    _Atomic bool *stop;
    char error[256];
} Reader;

static void *read_on(void *self) {
    Reader *r = self;
    AUTO(Ctx) c;
    ctx_init(&c);
    while (!*r->stop || r->rounds < 5) {
        ctx_reset(&c);
        Str ids[] = {STR("K"), STR("M"), STR("P")};
        DeskTraceQuery q = {.reports = ids, .report_count = 3, .rule = TRACE_FIFO};
        DeskTrace t;
        DeskReportList list;
        AUTO(Buf) out = {0};
        Err e = desk_trace(&c, &r->w->desk, &q, &t);
        if (e == OK)
            e = desk_trace_json(&c, &t, &out);
        if (e == OK)
            e = desk_report_list(&c, &r->w->desk, (DeskPage){.limit = 3}, &list);
        if (e != OK || !str_eq(buf_view(&out), (Str){r->expected, r->n})) {
            snprintf(r->error, sizeof r->error, "%s: %.200s", err_name(e), c.error);
            break;
        }
        r->rounds++;
    }
    return NULL;
}

static void test_threads(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    world_transfers(&w, "t.csv", golden_transfers);
    world_reports(&w, "r.csv", golden_reports);
    Str expected = world_trace(&w, "P,M,K", TRACE_FIFO);
    // The seeded randomness is for one thread.
    desk_close(w.node);
    w.node = NULL;
    w.env.random = crypto_random_system();
    assert_ok(&w.c, desk_open(&w.c, &w.env, str_of(w.dir), &w.node));
    assert_ok(&w.c, desk_as(&w.c, w.node, (Str){0}, &w.desk));
    _Atomic bool stop = false;
    Reader readers[4];
    pthread_t threads[COUNT_OF(readers)];
    for (size_t i = 0; i < COUNT_OF(readers); i++) {
        readers[i] = (Reader){&w, expected.p, expected.n, 0, &stop, {0}};
        assert_int_equal(pthread_create(&threads[i], NULL, read_on, &readers[i]), 0);
    }
    // Beside the readers: reports come, one is erased, the picture is swapped, transfers come that
    // the traces do not reach.
    for (int i = 0; i < 10; i++) {
        Str id;
        DeskReport report;
        DeskRebuild rebuilt;
        DeskRecord erased;
        assert_ok(&w.c, str_format(&w.c, &id, "T%d", i));
        DeskReportDraft draft = {.id = id};
        assert_ok(&w.c, desk_report_add(&w.c, &w.desk, &draft, &report));
        if (i % 3 == 0)
            assert_ok(&w.c, desk_rebuild(&w.c, w.node, (DeskProgress){0}, &rebuilt));
        if (i % 3 == 1)
            assert_ok(&w.c, desk_erase(&w.c, &w.desk, id, STR("test"), &erased));
        AUTO(Buf) text = {0};
        buf_format(&text,
                   TRANSFER_HEADER "z%d,2026-01-05T10:00:00Z,TH,004,Q,TH,014,R,1.00,THB,,,,,,,\n",
                   i);
        buf_char(&text, 0);
        assert_int_equal(world_transfers(&w, "z.csv", text.p).taken, 1);
    }
    stop = true;
    for (size_t i = 0; i < COUNT_OF(readers); i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        if (readers[i].error[0])
            fail_msg("a reader saw: %s", readers[i].error);
        assert_true(readers[i].rounds >= 5);
    }
    world_done(&w);
}

int run_desk_fault_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alloc),     cmocka_unit_test(test_write),
        cmocka_unit_test(test_disk_full), cmocka_unit_test(test_read_only_disk),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests_name("desk: faults", tests, NULL, NULL);
}
