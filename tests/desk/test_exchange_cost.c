// What an exchange costs, counted and not timed: bytes of a link a record, and steps of SQLite for
// "nothing new", which must not follow the length of the logs.
#include "duo.h"
#include "groups.h"

#include <sqlite3.h>

// --- steps --------------------------------------------------------------------------------------

static uint64_t steps, statements; // of all connections since they were set to nothing

static int step_done(unsigned what, void *self, void *stmt, void *ns) {
    (void)what, (void)self, (void)ns;
    steps += (uint64_t)sqlite3_stmt_status(stmt, SQLITE_STMTSTATUS_VM_STEP, 1);
    statements++;
    return 0;
}

static int watch(sqlite3 *db) {
    return sqlite3_trace_v2(db, SQLITE_TRACE_PROFILE, step_done, NULL);
}

static int set_up(void **state) {
    (void)state;
    return sqlite3_auto_extension((void (*)(void))watch);
}

static int tear_down(void **state) {
    (void)state;
    sqlite3_reset_auto_extension();
    return 0;
}

// --- the two ------------------------------------------------------------------------------------

static void open_under_accord(Duo *d) {
    AUTO(Buf) json = {0};
    DeskMemberDraft member = {.agency = STR("mm"), .law = STR("Treaty of 2019, art. 4")};
    Str kind = STR("report");
    DeskAccordDraft draft = {.name = STR("mekong"),
                             .title = STR("Fraud along the Mekong"),
                             .members = &member,
                             .member_count = 1,
                             .kinds = &kind,
                             .kind_count = 1,
                             .tlp = STR("AMBER"),
                             .handling = STR("H0")};
    duo_open(d);
    assert_ok(&d->c, desk_accord_new(&d->c, &d->th.w.desk, &draft, &json));
    duo_sign(d, &d->th, "mekong");
    duo_carry(d);
    duo_sign(d, &d->mm, "mekong");
    duo_carry(d);
}

// Reports `from` to `to` of TH, under the accord or not: each with an account of its own.
static void reports(Duo *d, int from, int to, const char *accord) {
    AUTO(Buf) csv = {0};
    buf_text(&csv, REPORT_HEADER);
    for (int i = from; i < to; i++)
        buf_format(&csv, "R%d,2026-03-02T00:00:00Z,,TH,bank,%d.00,THB,,TH/014/77%08d,,,\n", i,
                   10 + i % 977, i * 7919);
    buf_char(&csv, 0);
    World *w = &d->th.w;
    DeskImport in = {.path = world_file(w, "r.csv", csv.p), .accord = str_of(accord)};
    DeskImportResult r;
    assert_ok(&w->c, desk_import_reports(&w->c, &w->desk, &in, &r));
    assert_int_equal(r.taken, to - from);
}

typedef struct Carried {
    size_t bytes, plain, messages;
    uint64_t fresh;
} Carried;

static bool carry_one(Duo *d, Side *from, Side *to, Carried *sum) {
    AUTO(Buf) message = {0};
    DeskSyncTaken taken;
    bool news = duo_message(d, from, to, &message, &taken);
    sum->bytes += message.n;
    sum->plain += load_u32le(message.p + 12);
    sum->messages++;
    sum->fresh += taken.fresh;
    return news;
}

// --- tests --------------------------------------------------------------------------------------

// Salt, commitment's place and signature do not compress; what is in words does.
static void test_bytes_a_record(void **state) {
    (void)state;
    Duo d;
    Carried sum = {0};
    open_under_accord(&d);
    reports(&d, 0, 1000, "mekong");
    for (bool news = true; news;) {
        duo_tick(&d, &d.th);
        duo_tick(&d, &d.mm);
        news = carry_one(&d, &d.th, &d.mm, &sum);
        news |= carry_one(&d, &d.mm, &d.th, &sum);
    }
    assert_true(sum.fresh >= 1000);
    print_message("%zu bytes for %llu records in %zu messages, %zu before packing\n", sum.bytes,
                  (unsigned long long)sum.fresh, sum.messages, sum.plain);
    assert_true(sum.bytes < 200 * sum.fresh);
    assert_true(sum.bytes < sum.plain / 4);
    duo_done(&d);
}

// Steps of a tick on both sides, and of a message each way that says nothing.
static uint64_t nothing_new(Duo *d) {
    Carried sum = {0};
    steps = statements = 0;
    for (int i = 0; i < 3; i++) {
        duo_tick(d, &d->th);
        duo_tick(d, &d->mm);
        assert_false(carry_one(d, &d->th, &d->mm, &sum));
        assert_false(carry_one(d, &d->mm, &d->th, &sum));
    }
    assert_int_equal(sum.fresh, 0);
    print_message("nothing new: %llu steps of %llu statements, %zu bytes\n",
                  (unsigned long long)steps, (unsigned long long)statements, sum.bytes);
    return steps;
}

static void test_nothing_new_does_not_grow(void **state) {
    (void)state;
    Duo d;
    open_under_accord(&d);
    reports(&d, 0, 30, "mekong");
    reports(&d, 30, 60, "");
    duo_carry(&d);
    uint64_t few = nothing_new(&d);
    reports(&d, 1000, 2000, "mekong");
    reports(&d, 2000, 3000, "");
    duo_carry(&d);
    uint64_t many = nothing_new(&d);
    assert_true(few > 0);
    // A key more in a row of a node of an index costs no step: they are the same, but for what
    // happens to be looked at once a minute.
    assert_true(many <= few + few / 10);
    duo_done(&d);
}

int run_desk_exchange_cost_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_a_record),
        cmocka_unit_test_setup_teardown(test_nothing_new_does_not_grow, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("desk exchange cost", tests, NULL, NULL);
}
