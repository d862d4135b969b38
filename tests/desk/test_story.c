// The story of a case: init, import, report, match, pick, case, trace.
#include "groups.h"
#include "node.h"

static void assert_text(Str actual, const char *expected) {
    if (!str_eq_c(actual, expected))
        fail_msg("expected\n%s\ngot\n" STR_FMT, expected, STR_ARG(actual));
}

static void test_golden(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    DeskImportResult r = world_transfers(&w, "t.csv", golden_transfers);
    assert_int_equal(r.taken, 5);
    assert_int_equal(r.bad, 0);
    r = world_reports(&w, "r.csv", golden_reports);
    assert_int_equal(r.taken, 3);

    // docs/trace.md: fifo leaves 0/0/1000 at X, pro_rata 250/250/500. Reports are K, M, P.
    Str text = world_trace(&w, "P,M,K", TRACE_FIFO);
    size_t at;
    assert_true(str_find(text,
                         STR("{\"account\":\"X\",\"balance\":1000,\"country\":\"TH\",\"currency\":"
                             "\"THB\",\"first_at\":\"2026-01-01T03:00:00Z\",\"institution\":"
                             "\"014\",\"level\":1,\"tags\":[{\"amount\":1000,\"report\":\"K\"}]}"),
                         &at));
    text = world_trace(&w, "M,P,K,P", TRACE_PRO_RATA);
    assert_true(str_find(text,
                         STR("\"tags\":[{\"amount\":500,\"report\":\"K\"},{\"amount\":250,"
                             "\"report\":\"M\"},{\"amount\":250,\"report\":\"P\"}]}"),
                         &at));
    assert_text(
        world_trace(&w, "P", TRACE_POISON),
        "{\"accounts\":[{\"account\":\"Y\",\"balance\":2000,\"country\":\"TH\",\"currency\":"
        "\"THB\","
        "\"first_at\":\"2026-01-01T03:02:00Z\",\"institution\":\"006\",\"level\":2,\"tags\":"
        "[{\"report\":\"P\"}]},{\"account\":\"X\",\"balance\":1000,\"country\":\"TH\",\"currency\":"
        "\"THB\",\"first_at\":\"2026-01-01T03:00:00Z\",\"institution\":\"014\",\"level\":1,"
        "\"tags\":"
        "[{\"report\":\"P\"}]}],\"notes\":[],\"reports\":[{\"cost\":[],\"currency\":\"THB\","
        "\"exits\":"
        "[],\"id\":\"P\",\"left\":[],\"seed\":[]}],\"rule\":\"poison\",\"transfers\":[{\"id\":"
        "\"d1\","
        "\"level\":2,\"tags\":[{\"report\":\"P\"}]},{\"id\":\"d2\",\"level\":2,\"tags\":[{"
        "\"report\":"
        "\"P\"}]},{\"id\":\"p1\",\"level\":1,\"tags\":[{\"report\":\"P\"}]}],\"until\":null}\n");
    world_done(&w);
}

static void test_until_why_summary(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    world_transfers(&w, "t.csv", golden_transfers);
    world_reports(&w, "r.csv", golden_reports);
    Str ids[] = {STR("P"), STR("M")};
    DeskTraceQuery q = {.reports = ids, .report_count = 2, .rule = TRACE_FIFO, .has_until = true};
    assert_true(time_parse(STR("2026-01-01T10:02:00+07:00"), &q.until_us));
    DeskTrace t;
    assert_ok(&w.c, desk_trace(&w.c, &w.desk, &q, &t));
    assert_int_equal(t.transfer_count, 3);
    assert_int_equal(t.level_max, 2);
    AUTO(Buf) out = {0};
    assert_ok(&w.c, desk_trace_json(&w.c, &t, &out));
    assert_true(str_ends(buf_view(&out), STR("\"until\":\"2026-01-01T03:02:00Z\"}\n")));
    Str text;
    assert_ok(&w.c, desk_trace_summary(&w.c, w.node, &t, &text));
    assert_text(text, "Of 20.00 THB that 2 reports lost, 20.00 THB still lies on 2 accounts; 2 "
                      "accounts over 2 levels were reached.");
    buf_clear(&out);
    assert_ok(&w.c, desk_trace_why(&w.c, w.node, &t, STR("TH/006/Y"), &out));
    assert_text(buf_view(&out),
                "The shortest and earliest way to TH/006/Y (THB), where the oldest money leaves "
                "first (fifo):\n"
                "1. 2026-01-01 10:00:00  TH/004/P paid 10.00 THB to TH/014/X (transfer p1): named "
                "by the report; carries 10.00 THB of P.\n"
                "2. 2026-01-01 10:02:00  TH/014/X paid 10.00 THB to TH/006/Y (transfer d1); "
                "carries 10.00 THB of P.\n"
                "In all there came 10.00 THB of P; still there: 10.00 THB of P.\n");
    buf_clear(&out);
    assert_int_equal(desk_trace_why(&w.c, w.node, &t, STR("Z"), &out), E_NOT_FOUND);
    world_done(&w);
}

// A phone call: account, amount, "about 3 pm", no transfer id.
static void test_match_pick(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    world_transfers(&w, "t.csv",
                    TRANSFER_HEADER
                    "a,2026-01-01T14:58:00+07:00,TH,004,V,TH,014,X,500.00,THB,,,,,,,\n"
                    "b,2026-01-01T15:10:00+07:00,TH,004,V,TH,014,Y,504.00,THB,,,,,,,\n"
                    "c,2026-01-01T15:00:00+07:00,TH,004,V,TH,014,Y,506.00,THB,,,,,,,\n"
                    "d,2025-12-30T15:00:00+07:00,TH,004,V,TH,014,D,500.00,THB,,,,,,,\n"
                    "e,2026-01-01T15:00:00+07:00,TH,004,W,TH,014,Y,500.00,THB,,,,,,,\n"
                    "f,2026-01-01T15:30:00+07:00,TH,014,X,TH,006,Z,400.00,THB,,,,,,,\n");
    DeskReportDraft draft = {.happened_at = STR("2026-01-01 15:00"),
                             .victim = STR("Nok"),
                             .loss = STR("500"),
                             .currency = STR("THB"),
                             .accounts = STR("TH/004/V;X"),
                             .phones = STR("081 234 5678"),
                             .country = STR("TH")};
    DeskReport report;
    assert_ok(&w.c, desk_report_add(&w.c, &w.desk, &draft, &report));
    assert_text(report.id, "R-2026-000001");
    assert_int_equal(report.phone_count, 1);
    assert_text(report.phones[0], "+66812345678");

    DeskTraceQuery q = {.reports = &report.id, .report_count = 1};
    DeskTrace t;
    assert_int_equal(desk_trace(&w.c, &w.desk, &q, &t), E_STATE);

    DeskMatch m;
    assert_ok(&w.c, desk_report_match(&w.c, &w.desk, report.id, &m));
    assert_int_equal(m.count, 2); // c is too much, d too early, e of other accounts
    assert_text(m.items[0].transfer, "a");
    assert_text(m.items[1].transfer, "b");
    assert_true(m.items[0].score > m.items[1].score);
    assert_int_equal(m.picked_count, 0);

    Str nowhere = STR("nowhere");
    assert_int_equal(desk_report_pick(&w.c, &w.desk, report.id, &nowhere, 1), E_NOT_FOUND);
    assert_ok(&w.c, desk_report_pick(&w.c, &w.desk, report.id, &m.items[0].transfer, 1));
    assert_ok(&w.c, desk_report_match(&w.c, &w.desk, report.id, &m));
    assert_int_equal(m.picked_count, 1);
    assert_true(m.items[0].picked);
    assert_ok(&w.c, desk_trace(&w.c, &w.desk, &q, &t));
    assert_int_equal(t.account_count, 2);
    assert_int_equal(t.reports[0].left[0].amount, 50000);

    // Taken back: nothing to follow any more.
    assert_ok(&w.c, desk_report_pick(&w.c, &w.desk, report.id, NULL, 0));
    assert_int_equal(desk_trace(&w.c, &w.desk, &q, &t), E_STATE);
    world_done(&w);
}

static void test_match_without_time_or_loss(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    world_transfers(&w, "t.csv",
                    TRANSFER_HEADER
                    "in,2025-12-26T12:00:00Z,TH,004,V,TH,014,X,1.00,THB,,,,,,,\n"
                    "edge,2025-12-25T07:00:00Z,TH,004,V,TH,014,X,2.00,THB,,,,,,,\n"
                    "out,2025-12-25T06:59:59Z,TH,004,V,TH,014,X,3.00,THB,,,,,,,\n"
                    "late,2026-01-01T07:00:01Z,TH,004,V,TH,014,X,4.00,THB,,,,,,,\n");
    DeskReportDraft draft = {
        .id = STR("r"), .reported_at = STR("2026-01-01T07:00:00Z"), .accounts = STR("X")};
    DeskReport report;
    assert_ok(&w.c, desk_report_add(&w.c, &w.desk, &draft, &report));
    DeskMatch m;
    assert_ok(&w.c, desk_report_match(&w.c, &w.desk, STR("r"), &m));
    assert_int_equal(m.count, 2);
    assert_text(m.items[0].transfer, "in");
    assert_text(m.items[1].transfer, "edge");
    draft = (DeskReportDraft){.id = STR("bare")};
    assert_ok(&w.c, desk_report_add(&w.c, &w.desk, &draft, &report));
    assert_int_equal(desk_report_match(&w.c, &w.desk, STR("bare"), &m), E_STATE);
    world_done(&w);
}

// Unknown and shared transfers, and a report without seeds beside others.
static void test_notes(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    world_transfers(&w, "t.csv", golden_transfers);
    world_reports(&w, "r.csv",
                  REPORT_HEADER "b,2026-01-01T12:00:00Z,,,,,,p1;gone,,,,\n"
                                "a,2026-01-01T12:00:00Z,,,,,,p1;p1;m1,,,,\n"
                                "c,2026-01-01T12:00:00Z,,,,,,p1;gone,,,,\n"
                                "d,2026-01-01T12:00:00Z,,,,,,,,,,\n");
    Str text = world_trace(&w, "a,b,c,d", TRACE_FIFO);
    size_t at;
    assert_true(str_find(text,
                         STR("\"notes\":[{\"belongs_to\":null,\"report\":\"b\",\"transfer\":"
                             "\"gone\"},{\"belongs_to\":\"a\",\"report\":\"b\",\"transfer\":"
                             "\"p1\"},{\"belongs_to\":null,\"report\":\"c\",\"transfer\":"
                             "\"gone\"},{\"belongs_to\":\"a\",\"report\":\"c\",\"transfer\":"
                             "\"p1\"}]"),
                         &at));
    assert_true(str_find(text,
                         STR("{\"cost\":[],\"currency\":\"\",\"exits\":[],\"id\":\"d\",\"left\":"
                             "[],\"seed\":[]}"),
                         &at));
    Str ids[] = {STR("a"), STR("b"), STR("d")};
    DeskTraceQuery q = {.reports = ids, .report_count = 3};
    DeskTrace t;
    assert_ok(&w.c, desk_trace(&w.c, &w.desk, &q, &t));
    assert_true(t.reports[0].contested && t.reports[1].contested && !t.reports[2].contested);
    assert_true(t.reports[0].seeded && !t.reports[2].seeded);
    Str missing = STR("zzz");
    q = (DeskTraceQuery){.reports = &missing, .report_count = 1};
    assert_int_equal(desk_trace(&w.c, &w.desk, &q, &t), E_NOT_FOUND);
    world_done(&w);
}

static void test_case(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    world_transfers(&w, "t.csv", golden_transfers);
    world_reports(&w, "r.csv", golden_reports);
    DeskCase ring, other;
    assert_ok(&w.c, desk_case_new(&w.c, &w.desk, STR("Ring 1"), &ring));
    assert_ok(&w.c, desk_case_new(&w.c, &w.desk, STR("Ring 2"), &other));
    Str all[] = {STR("P"), STR("K"), STR("P")};
    assert_ok(&w.c, desk_case_add(&w.c, &w.desk, ring.id, all, 3));
    assert_ok(&w.c, desk_case_add(&w.c, &w.desk, STR("Ring 1"), all, 1)); // known
    Str two[] = {STR("M"), STR("P")};
    assert_int_equal(desk_case_add(&w.c, &w.desk, other.id, two, 2), E_STATE);
    assert_ok(&w.c, desk_case_get(&w.c, &w.desk, other.id, &other));
    assert_int_equal(other.report_count, 0); // all or none
    assert_ok(&w.c, desk_case_get(&w.c, &w.desk, ring.id, &ring));
    assert_int_equal(ring.report_count, 2);
    assert_text(ring.reports[0], "K");

    DeskTraceQuery q = {.case_id = ring.id};
    DeskTrace t;
    assert_ok(&w.c, desk_trace(&w.c, &w.desk, &q, &t));
    assert_int_equal(t.report_count, 2);
    assert_int_equal(desk_case_remove(&w.c, &w.desk, ring.id, STR("M"), STR("not of this ring")),
                     E_STATE);
    assert_ok(&w.c, desk_case_remove(&w.c, &w.desk, ring.id, STR("P"), STR("not of this ring")));
    assert_ok(&w.c, desk_case_add(&w.c, &w.desk, other.id, two, 2));
    assert_ok(&w.c, desk_case_get(&w.c, &w.desk, other.id, &other));
    assert_int_equal(other.report_count, 2);
    DeskReport report;
    assert_ok(&w.c, desk_report_get(&w.c, &w.desk, STR("P"), &report));
    assert_true(str_eq(report.case_id, other.id));

    DeskCaseList list;
    assert_ok(&w.c, desk_case_list(&w.c, &w.desk, (DeskPage){.limit = 1}, &list));
    assert_int_equal(list.count, 1);
    assert_true(list.next.n > 0);
    assert_ok(&w.c,
              desk_case_list(&w.c, &w.desk, (DeskPage){.cursor = list.next, .limit = 1}, &list));
    assert_int_equal(list.count, 1);
    assert_int_equal(list.next.n, 0);
    assert_int_equal(desk_case_list(&w.c, &w.desk, (DeskPage){.cursor = STR("00")}, &list),
                     E_INVALID);
    world_done(&w);
}

static void test_report_rules(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    DeskReport r;
    DeskReportDraft d = {.id = STR("x"), .victim = STR("A, \"B\"\nC"), .loss = STR("1,5")};
    assert_int_equal(desk_report_add(&w.c, &w.desk, &d, &r), E_INVALID);
    d = (DeskReportDraft){.id = STR("x"), .victim = STR("A, \"B\""), .story = STR("one\ntwo")};
    assert_ok(&w.c, desk_report_add(&w.c, &w.desk, &d, &r));
    assert_text(r.victim, "A, \"B\"");
    assert_text(r.story, "one\ntwo");
    DeskInfo before, after;
    assert_ok(&w.c, desk_info(&w.c, w.node, &before));
    // Said again at another time it is another telling: `reported_at` is part of it.
    assert_int_equal(desk_report_add(&w.c, &w.desk, &d, &r), E_EXISTS);
    char at[TIME_TEXT_BYTES];
    assert_ok(&w.c, desk_report_get(&w.c, &w.desk, STR("x"), &r));
    time_format(r.reported_at, at);
    d.reported_at = str_of(at);
    assert_ok(&w.c, desk_report_add(&w.c, &w.desk, &d, &r));
    assert_ok(&w.c, desk_info(&w.c, w.node, &after));
    assert_int_equal(before.records, after.records);
    // A bad typed report uses up no number.
    d = (DeskReportDraft){.loss = STR("x"), .currency = STR("THB")};
    assert_int_equal(desk_report_add(&w.c, &w.desk, &d, &r), E_INVALID);
    d = (DeskReportDraft){.loss = STR("๑๐๐.๕"), .currency = STR("THB")};
    assert_ok(&w.c, desk_report_add(&w.c, &w.desk, &d, &r));
    assert_text(r.id, "R-2026-000001");
    assert_int_equal(r.loss, 10050);
    assert_int_equal(desk_report_get(&w.c, &w.desk, STR("nope"), &r), E_NOT_FOUND);
    // The admin manages, and reads nothing.
    Desk admin;
    assert_ok(&w.c, desk_as(&w.c, w.node, STR("admin"), &admin));
    assert_int_equal(desk_report_get(&w.c, &admin, STR("x"), &r), E_DENIED);
    assert_int_equal(desk_report_add(&w.c, &admin, &d, &r), E_DENIED);
    assert_int_equal(desk_as(&w.c, w.node, STR("nobody"), &admin), E_NOT_FOUND);
    world_done(&w);
}

int run_desk_story_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),       cmocka_unit_test(test_until_why_summary),
        cmocka_unit_test(test_match_pick),   cmocka_unit_test(test_match_without_time_or_loss),
        cmocka_unit_test(test_notes),        cmocka_unit_test(test_case),
        cmocka_unit_test(test_report_rules),
    };
    return cmocka_run_group_tests_name("desk: stories", tests, NULL, NULL);
}
