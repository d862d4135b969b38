// Taking files in: counts, idempotence, bad rows, all or nothing, conflicts, mappings, the record.
#include "groups.h"
#include "node.h"

#include <unistd.h>

static uint64_t records(World *w) {
    DeskInfo info;
    assert_ok(&w->c, desk_info(&w->c, w->node, &info));
    return info.records;
}

static void test_again(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    DeskImportResult r = world_transfers(&w, "t.csv", golden_transfers);
    assert_false(r.nothing_new);
    assert_int_equal(strlen(r.sha256), 64);
    uint64_t before = records(&w);
    r = world_transfers(&w, "t.csv", golden_transfers);
    assert_true(r.nothing_new);
    assert_int_equal(r.known, 5);
    r = world_transfers(&w, "copy.csv", golden_transfers);
    assert_true(r.nothing_new);
    // Other bytes, the same rows: looked at, and nothing taken.
    AUTO(Buf) longer = {0};
    buf_text(&longer, golden_transfers);
    buf_char(&longer, '\n');
    buf_char(&longer, 0);
    r = world_transfers(&w, "t2.csv", longer.p);
    assert_false(r.nothing_new);
    assert_int_equal(r.known, 5);
    assert_int_equal(r.taken, 0);
    assert_int_equal(records(&w), before);
    r = world_reports(&w, "r.csv", golden_reports);
    assert_int_equal(r.taken, 3);
    before = records(&w);
    r = world_reports(&w, "r.csv", golden_reports);
    assert_true(r.nothing_new);
    world_reopen(&w);
    r = world_reports(&w, "r.csv", golden_reports);
    assert_true(r.nothing_new);
    assert_int_equal(records(&w), before);
    world_done(&w);
}

static void test_dry_run(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    uint64_t before = records(&w);
    DeskImport in = {.path = world_file(&w, "t.csv", golden_transfers), .dry_run = true};
    DeskImportResult r;
    assert_ok(&w.c, desk_import_transfers(&w.c, &w.desk, &in, &r));
    assert_int_equal(r.taken, 5);
    assert_true(r.dry_run);
    in.path = world_file(&w, "r.csv", golden_reports);
    assert_ok(&w.c, desk_import_reports(&w.c, &w.desk, &in, &r));
    assert_int_equal(r.taken, 3);
    assert_int_equal(records(&w), before);
    DeskInfo info;
    assert_ok(&w.c, desk_info(&w.c, w.node, &info));
    assert_int_equal(info.transfers, 0);
    assert_int_equal(world_transfers(&w, "t.csv", golden_transfers).taken, 5);
    world_done(&w);
}

#define ROW(id, amount) id ",2026-01-01T10:00:00Z,TH,004,A,TH,014,B," amount ",THB,,,,,,,\n"

static void test_bad_rows(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    const char *text = TRANSFER_HEADER ROW("a", "1.00") ROW("b", "x") ROW("c", "1.001")
        ROW("d", "0") ROW("e", "2.00");
    DeskImport in = {.path = world_file(&w, "t.csv", text), .all_or_nothing = true};
    DeskImportResult r;
    assert_ok(&w.c, desk_import_transfers(&w.c, &w.desk, &in, &r));
    assert_true(r.refused);
    assert_int_equal(r.taken, 0);
    assert_int_equal(r.bad, 3);
    in.all_or_nothing = false;
    assert_ok(&w.c, desk_import_transfers(&w.c, &w.desk, &in, &r));
    assert_int_equal(r.rows, 5);
    assert_int_equal(r.taken, 2);
    assert_int_equal(r.bad, 3);
    assert_int_equal(r.bad_row_count, 3);
    assert_int_equal(r.bad_rows[0].row, 2);
    assert_int_equal(r.bad_rows[0].line, 3);
    assert_true(str_eq_c(r.bad_rows[0].column, "amount"));
    assert_true(r.bad_rows[0].reason.n > 0);
    AUTO(Buf) out = {0};
    assert_ok(&w.c, desk_import_json(&w.c, &r, &out));
    // Broken as a whole: nothing is taken, although good rows stand before the break.
    in.path = world_file(&w, "broken.csv", TRANSFER_HEADER ROW("y", "1.00") ROW("z\xff", "1.00"));
    assert_int_equal(desk_import_transfers(&w.c, &w.desk, &in, &r), E_INVALID);
    in.path = world_file(&w, "head.csv", "what,is,this\n1,2,3\n");
    assert_true(desk_import_transfers(&w.c, &w.desk, &in, &r) != OK);
    in.path = world_path(&w, "absent.csv");
    assert_int_equal(desk_import_transfers(&w.c, &w.desk, &in, &r), E_NOT_FOUND);
    DeskTransferCard card;
    assert_int_equal(desk_transfer_get(&w.c, &w.desk, STR("y"), &card), E_NOT_FOUND);
    assert_ok(&w.c, desk_transfer_get(&w.c, &w.desk, STR("e"), &card));
    world_done(&w);
}

static void test_report_conflict(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    world_reports(&w, "r.csv", golden_reports);
    DeskImportResult r = world_reports(
        &w, "s.csv",
        REPORT_HEADER "P,2026-01-01T12:00:00+07:00,Somchai,TH,phone,10.00,THB,p1,,,,\n"
                      "M,2026-01-01T12:00:00+07:00,Other,TH,phone,9.00,THB,m1,,,,\n"
                      "N,2026-01-01T12:00:00+07:00,New,,,,,,,,,\n"
                      "N,2026-01-01T12:00:00+07:00,Newer,,,,,,,,,\n");
    assert_int_equal(r.known, 1);
    assert_int_equal(r.taken, 1);
    assert_int_equal(r.bad, 2);
    assert_true(str_eq_c(r.bad_rows[0].column, "id"));
    DeskReport report;
    assert_ok(&w.c, desk_report_get(&w.c, &w.desk, STR("M"), &report));
    assert_true(str_eq_c(report.victim, "Malee")); // the first stays
    DeskReportList list;
    assert_ok(&w.c, desk_report_list(&w.c, &w.desk, (DeskPage){0}, &list));
    assert_int_equal(list.count, 4);
    world_done(&w);
}

// Two banks tell one transfer differently; the pick of an officer decides, and can be changed.
static void test_conflict_pick(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    world_transfers(&w, "t.csv", TRANSFER_HEADER ROW("a", "10.00"));
    world_reports(&w, "r.csv", REPORT_HEADER "P,2026-01-01T12:00:00Z,,,,,THB,a,,,,\n");
    DeskImportResult r = world_transfers(&w, "u.csv", TRANSFER_HEADER ROW("a", "9.00"));
    assert_int_equal(r.conflicts, 1);
    size_t at;
    Str ten = world_trace(&w, "P", TRACE_FIFO);
    assert_true(str_find(ten, STR("\"balance\":1000,"), &at)); // "10.00" is bytewise smaller
    DeskConflictList list;
    assert_ok(&w.c, desk_transfer_conflicts(&w.c, &w.desk, (DeskPage){0}, &list));
    assert_int_equal(list.count, 1);
    assert_int_equal(list.items[0].version_count, 2);
    assert_true(list.items[0].versions[0].current);
    AUTO(Buf) out = {0};
    assert_ok(&w.c, desk_conflict_list_json(&w.c, &list, &out));

    Str other = list.items[0].versions[1].row_hash;
    assert_ok(&w.c, desk_transfer_pick(&w.c, &w.desk, STR("a"), (Str){other.p, 12}));
    Str nine = world_trace(&w, "P", TRACE_FIFO);
    assert_true(str_find(nine, STR("\"balance\":900,"), &at));
    world_reopen(&w);
    assert_true(str_eq(world_trace(&w, "P", TRACE_FIFO), nine));
    assert_ok(&w.c,
              desk_transfer_pick(&w.c, &w.desk, STR("a"), list.items[0].versions[0].row_hash));
    assert_true(str_eq(world_trace(&w, "P", TRACE_FIFO), ten));
    assert_int_equal(desk_transfer_pick(&w.c, &w.desk, STR("a"), STR("0000000000")), E_NOT_FOUND);
    assert_int_equal(desk_transfer_pick(&w.c, &w.desk, STR("zz"), STR("0000000000")), E_NOT_FOUND);
    DeskVerdict v;
    assert_ok(&w.c, desk_verify(&w.c, w.node, (DeskProgress){0}, &v));
    assert_true(v.ok);
    world_done(&w);
}

// The same rows in any order and any split give the same bytes.
static void test_split(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    world_reports(&w, "r.csv", golden_reports);
    const char *lines[5];
    const char *p = golden_transfers + sizeof TRANSFER_HEADER - 1;
    for (size_t i = 0; i < 5; i++) {
        lines[i] = p;
        p = strchr(p, '\n') + 1;
    }
    static const size_t order[] = {3, 0, 4, 2, 1};
    for (size_t i = 0; i < 5; i++) {
        AUTO(Buf) text = {0};
        buf_text(&text, TRANSFER_HEADER);
        const char *line = lines[order[i]];
        buf_append(&text, line, (size_t)(strchr(line, '\n') + 1 - line));
        buf_char(&text, 0);
        assert_int_equal(world_transfers(&w, "one.csv", text.p).taken, 1);
    }
    Str split = world_trace(&w, "P,M,K", TRACE_FIFO);
    World v;
    world_open(&v, false);
    world_reports(&v, "r.csv", golden_reports);
    world_transfers(&v, "t.csv", golden_transfers);
    assert_true(str_eq(world_trace(&v, "P,M,K", TRACE_FIFO), split));
    world_done(&v);
    world_done(&w);
}

// A row a second, with ids or without; every seventh is bad.
static void many_rows(Buf *out, bool ids, int n) {
    buf_text(out, TRANSFER_HEADER);
    for (int i = 0; i < n; i++) {
        if (ids)
            buf_format(out, "i%d", i);
        buf_format(out, ",2026-01-01T00:%02d:%02dZ,TH,004,A%d,TH,014,B%d,%s,THB,,,,,,,\n",
                   i / 60 % 60, i % 60, i % 5, i % 3, i % 7 == 3 ? "-1" : "2.00");
    }
}

typedef struct Stopper {
    int left;
} Stopper;

static bool stop_later(void *self, const char *what, uint64_t done, uint64_t total) {
    Stopper *s = self;
    (void)what;
    (void)done;
    (void)total;
    return s->left-- > 0;
}

// An import that is broken off goes on behind the last part; rows without ids get the same ids.
static void resume(bool ids) {
    World w;
    world_open(&w, false);
    desk_close(w.node);
    w.env.import_rows = 1000;
    assert_ok(&w.c, desk_open(&w.c, &w.env, str_of(w.dir), &w.node));
    assert_ok(&w.c, desk_as(&w.c, w.node, (Str){0}, &w.desk));
    AUTO(Buf) text = {0};
    many_rows(&text, ids, 12000);
    DeskImport in = {.path = world_path(&w, "t.csv")};
    assert_ok(&w.c, file_replace(&w.c, in.path, buf_view(&text)));
    DeskImportResult r;
    // The file is looked through in 20 steps or so; the rows are stepped through in three.
    DeskInfo info;
    int between = 0; // stops after which some parts were there and others not
    for (int left = 1;; left++) {
        Stopper stopper = {left};
        in.progress = (DeskProgress){stop_later, &stopper};
        Err e = desk_import_transfers(&w.c, &w.desk, &in, &r);
        if (e == OK)
            break;
        assert_int_equal(e, E_CANCELLED);
        assert_ok(&w.c, desk_info(&w.c, w.node, &info));
        between += info.transfers > 0 && info.transfers < 10000;
    }
    assert_true(between > 0);
    assert_true(r.resumed > 0);
    assert_int_equal(r.rows, 12000);
    assert_ok(&w.c, desk_info(&w.c, w.node, &info));
    uint64_t good = 0;
    for (int i = 0; i < 12000; i++)
        good += i % 7 != 3;
    assert_int_equal(info.transfers, good);
    assert_int_equal(r.good, good);
    assert_int_equal(r.bad, 12000 - good);
    DeskVerdict v;
    assert_ok(&w.c, desk_verify(&w.c, w.node, (DeskProgress){0}, &v));
    assert_true(v.ok);
    in.progress = (DeskProgress){0};
    assert_ok(&w.c, desk_import_transfers(&w.c, &w.desk, &in, &r));
    assert_true(r.nothing_new);
    assert_int_equal(r.rows, 12000);
    world_done(&w);
}

static void test_resume(void **state) {
    (void)state;
    resume(true);
    resume(false);
}

static void test_mapping_file(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    Str mapping =
        world_file(&w, "small.json",
                   "{\"name\":\"small\",\"kind\":\"transfers\",\"header\":[\"when\",\"who\","
                   "\"whom\",\"much\"],"
                   "\"timezone\":\"Asia/Bangkok\",\"time_format\":\"%d/%m/%Y %H:%M\",\"columns\":{"
                   "\"booked_at\":{\"from\":\"when\"},\"from_country\":{\"const\":\"TH\"},"
                   "\"from_institution\":{\"const\":\"004\"},\"from_account\":{\"from\":\"who\"},"
                   "\"to_country\":{\"const\":\"TH\"},\"to_institution\":{\"const\":\"014\"},"
                   "\"to_account\":{\"from\":\"whom\"},\"amount\":{\"from\":\"much\"},"
                   "\"currency\":{\"const\":\"THB\"}}}");
    const char *text = "when,who,whom,much\n01/01/2569 10:00,A,B,5\n01/01/2569 10:00,A,B,5\n";
    DeskImport in = {.path = world_file(&w, "t.csv", text), .mapping = mapping};
    DeskImportResult r;
    assert_ok(&w.c, desk_import_transfers(&w.c, &w.desk, &in, &r));
    assert_int_equal(r.taken, 2); // equal rows are two transfers
    assert_true(str_eq_c(r.mapping, "small"));
    // It was kept: the header alone finds it now, and it is the same import.
    in.mapping = (Str){0};
    assert_ok(&w.c, desk_import_transfers(&w.c, &w.desk, &in, &r));
    assert_true(r.nothing_new);
    world_done(&w);
}

static void test_public_record(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    DeskImport in = {0};
    DeskImportResult r;
    assert_int_equal(desk_import_public_record(&w.c, &w.desk, &in, &r), E_DENIED);
    world_done(&w);
    world_open(&w, true);
    assert_ok(&w.c, desk_import_public_record(&w.c, &w.desk, &in, &r));
    assert_int_equal(r.bad, 0);
    assert_true(r.taken > 100);
    uint64_t taken = r.taken;
    assert_ok(&w.c, desk_import_public_record(&w.c, &w.desk, &in, &r));
    assert_true(r.nothing_new);
    assert_int_equal(r.known, taken);
    DeskClaimList list;
    assert_ok(&w.c, desk_claim_list(&w.c, &w.desk, STR("figures"), (DeskPage){0}, &list));
    assert_true(list.count > 0);
    assert_true(str_eq_c(list.items[0].key, "f1"));
    assert_true(str_eq_c(list.items[0].source, "s4"));
    const Str *columns;
    size_t n;
    assert_ok(&w.c, desk_claim_columns(&w.c, STR("figures"), &columns, &n));
    assert_true(n > 5 && str_eq_c(columns[1], "what"));
    AUTO(Buf) out = {0};
    assert_ok(&w.c, desk_claim_list_json(&w.c, &list, &out));
    world_done(&w);
}

// IBM's AMLSim set, by its shipped mapping.
static void test_amlsim(void **state) {
    (void)state;
    SKIP_WITHOUT_DATA();
    World w;
    world_open(&w, false);
    char path[512];
    snprintf(path, sizeof path, "%s/transactions/amlsim-20k-cycle/transactions.csv",
             test_data_folder());
    DeskImport in = {.path = str_of(path)};
    DeskImportResult r;
    assert_ok(&w.c, desk_import_transfers(&w.c, &w.desk, &in, &r));
    assert_true(str_eq_c(r.mapping, "amlsim"));
    assert_true(r.taken > 100000);
    assert_int_equal(r.bad, 14); // payments from an account to itself
    DeskReportDraft draft = {.id = STR("v"),
                             .reported_at = STR("2025-01-04T00:00:00Z"),
                             .accounts = STR("XA/amlsim/280;15349")};
    DeskReport report;
    assert_ok(&w.c, desk_report_add(&w.c, &w.desk, &draft, &report));
    DeskMatch m;
    assert_ok(&w.c, desk_report_match(&w.c, &w.desk, STR("v"), &m));
    assert_true(m.count > 0);
    assert_ok(&w.c, desk_report_pick(&w.c, &w.desk, STR("v"), &m.items[0].transfer, 1));
    for (TraceRule rule = TRACE_FIFO; rule <= TRACE_POISON; rule++) {
        DeskTraceQuery q = {.reports = &report.id, .report_count = 1, .rule = rule};
        DeskTrace t;
        assert_ok(&w.c, desk_trace(&w.c, &w.desk, &q, &t));
        assert_true(t.account_count > 0);
        AUTO(Buf) out = {0};
        assert_ok(&w.c, desk_trace_json(&w.c, &t, &out));
    }
    assert_ok(&w.c, desk_import_transfers(&w.c, &w.desk, &in, &r));
    assert_true(r.nothing_new);
    world_done(&w);
}

int run_desk_intake_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_again),         cmocka_unit_test(test_dry_run),
        cmocka_unit_test(test_bad_rows),      cmocka_unit_test(test_report_conflict),
        cmocka_unit_test(test_conflict_pick), cmocka_unit_test(test_split),
        cmocka_unit_test(test_resume),        cmocka_unit_test(test_mapping_file),
        cmocka_unit_test(test_public_record), cmocka_unit_test(test_amlsim),
    };
    return cmocka_run_group_tests_name("desk: intake", tests, NULL, NULL);
}
