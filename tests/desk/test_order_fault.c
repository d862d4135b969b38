// No memory, no disk, while an order is proposed, issued and answered: an error in words, and what
// was acknowledged is there, whole.
#include "office.h"

#include <errno.h>

// What was acknowledged, in this order.
enum { KEPT_NOTHING, KEPT_REPORT, KEPT_DRAFT, KEPT_ISSUE, KEPT_ANSWER };

typedef struct Runs {
    Office o;
    int round;
} Runs;

static Err run(Runs *r, Ctx *c, int *ret_kept) {
    World *w = &r->o.w;
    AUTO(DeskNodePtr) n = NULL;
    TRY(desk_open(c, &w->env, str_of(w->dir), &n));
    Desk d;
    CryptoSignKey key;
    TRY(desk_as(c, n, (Str){0}, &d));
    TRY(desk_unlock(c, &d, str_of(w->secrets.officer_password), &key));
    Str id, account;
    TRY(str_format(c, &id, "F%d", r->round));
    TRY(str_format(c, &account, "TH/014/%010d", r->round));
    DeskReportDraft draft = {
        .id = id, .loss = STR("1000.00"), .currency = STR("THB"), .accounts = account};
    DeskReport report;
    TRY(desk_report_add(c, &d, &draft, &report));
    *ret_kept = KEPT_REPORT;
    DeskPropose p = {.report = id};
    DeskProposed made;
    TRY(desk_order_propose(c, &d, &p, &made));
    assert_int_equal(made.created_count, 1);
    *ret_kept = KEPT_DRAFT;
    DeskOrder x;
    DeskOrderActDraft t = ACT("issue");
    TRY(desk_order_act(c, &d, made.created[0].id, &t, &x));
    *ret_kept = KEPT_ISSUE;
    AUTO(Buf) file = {0};
    buf_format(&file, "order,answer,held,code\n" STR_FMT ",partly,300.00,insufficient\n",
               STR_ARG(x.number));
    TRY(buf_check(c, &file));
    Str path;
    TRY(str_format(c, &path, "%s/answers.csv", w->folder));
    TRY(file_replace(c, path, buf_view(&file)));
    DeskAnswers answers;
    TRY(desk_answers_import(c, &d, path, false, &answers));
    assert_int_equal(answers.good, 1);
    *ret_kept = KEPT_ANSWER;
    return OK;
}

// The node opens, is sound, and each order of the round is at least as far as was acknowledged.
static void check(Runs *r, int kept) {
    World *w = &r->o.w;
    assert_ok(&w->c, desk_open(&w->c, &w->env, str_of(w->dir), &w->node));
    assert_ok(&w->c, desk_as(&w->c, w->node, (Str){0}, &w->desk));
    DeskVerdict v;
    assert_ok(&w->c, desk_verify(&w->c, w->node, (DeskProgress){0}, &v));
    if (!v.ok)
        fail_msg("round %d: " STR_FMT ": " STR_FMT, r->round, STR_ARG(v.where), STR_ARG(v.what));
    Str account;
    assert_ok(&w->c, str_format(&w->c, &account, "TH/014/%010d", r->round));
    DeskOrderFilter filter = {.account = account};
    DeskOrderList list;
    assert_ok(&w->c, desk_order_list(&w->c, &w->desk, &filter, (DeskPage){0}, &list));
    assert_true(list.count <= 1 && (kept < KEPT_DRAFT || list.count == 1));
    if (list.count == 1) {
        DeskOrder x = office_get(&r->o, list.items[0].id);
        bool issued = x.view.has_issued_at, answered = x.view.has_answered_at;
        assert_true((kept < KEPT_ISSUE || issued) && (kept < KEPT_ANSWER || answered));
        if (issued)
            assert_int_equal(x.view.ends_at - x.view.issued_at, 72 * OFFICE_HOUR);
        if (answered) { // and its document is kept with it
            const DeskOrderEvent *e = &x.events[x.event_count - 1];
            DeskAttachment a;
            AUTO(Buf) bytes = {0};
            assert_int_equal(x.view.held, 30000);
            assert_ok(&w->c, desk_attachment_get(&w->c, &w->desk, e->document, &a, &bytes));
        }
    }
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
    bool writes, once;
    int number; // errno of writes
} Failing;

static void fail_each(Failing f) {
    Runs r = {.round = 0};
    office_open(&r.o);
    World *w = &r.o.w;
    desk_close(w->node);
    w->node = NULL;
    int kept = KEPT_NOTHING, failed = 0, runs = 0;
    uint64_t allocs, writes;
    fault_plan_set((FaultPlan){.alloc_nth = UINT64_MAX, .write_nth = UINT64_MAX});
    assert_ok(&w->c, run(&r, &w->c, &kept));
    fault_counts(&allocs, &writes);
    fault_plan_set((FaultPlan){0});
    check(&r, kept);
    uint64_t all = f.writes ? writes : allocs;
    assert_true(all > 10);
    uint64_t step = all / (uint64_t)steps() + 1;
    for (uint64_t nth = 1; nth <= all; nth += step, runs++) {
        AUTO(Ctx) c;
        ctx_init(&c);
        r.round = (int)nth;
        kept = KEPT_NOTHING;
        FaultPlan plan = {.once = f.once, .write_errno = f.number};
        *(f.writes ? &plan.write_nth : &plan.alloc_nth) = nth;
        fault_plan_set(plan);
        Err e = run(&r, &c, &kept);
        fault_plan_set((FaultPlan){0});
        if (e != OK) {
            failed++;
            assert_true(c.error[0] != 0);
            assert_int_not_equal(e, E_CORRUPT);
        }
        check(&r, kept);
    }
    print_message("%d runs of %d were stopped by it\n", failed, runs);
    assert_true(failed > 0);
    office_done(&r.o);
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

int run_desk_order_fault_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alloc),
        cmocka_unit_test(test_write),
        cmocka_unit_test(test_disk_full),
    };
    return cmocka_run_group_tests_name("orders: faults", tests, NULL, NULL);
}
