// Looking at a file before it is taken in, the sheet of errors, and what is kept for a sender.
#include "groups.h"
#include "node.h"

static const char mixed[] =
    TRANSFER_HEADER "a,2026-01-01T10:00:00Z,TH,004,1,TH,014,2,ten,THB,,,,,,,\n"
                    "b,2026-01-01T10:00:00Z,XA,1,1,XA,1,2,10.00,THB,,,,,,,\"=x, \"\"y\"\"\"\n"
                    "c,2026-01-01T10:00:00Z,XA,1\n"
                    "d,2026-01-01T10:00:00Z,TH,none,1,XA,1,2,10.00,THB,,,,,,,\n";

static DeskPreview preview(World *w, const DeskImport *in) {
    DeskPreview p = {0};
    assert_ok(&w->c, desk_import_preview(&w->c, &w->desk, in, FORMAT_TRANSFERS, &p));
    return p;
}

static void test_preview(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    DeskImport in = {.path = world_file(&w, "t.csv", mixed)};
    DeskPreview p = preview(&w, &in);
    assert_int_equal(p.row_count, 4);
    assert_int_equal(p.column_count, 17);
    assert_true(str_eq_c(p.columns[8], "amount"));
    assert_true(str_eq_c(p.encoding, "UTF-8"));
    assert_true(str_eq_c(p.mapping, "transfers"));
    assert_int_equal(p.rows[0].error_count, 1);
    assert_int_equal(p.rows[0].errors[0].cell, 9);
    assert_int_equal(p.rows[0].line, 2);
    assert_true(str_eq_c(p.rows[0].errors[0].column, "amount"));
    assert_true(str_eq_c(p.rows[0].cells[8], "ten"));
    assert_int_equal(p.rows[1].error_count, 0);
    assert_true(str_eq_c(p.rows[1].cells[16], "=x, \"y\""));
    assert_int_equal(p.rows[2].error_count, 1);
    assert_int_equal(p.rows[2].errors[0].cell, 0);
    assert_int_equal(p.rows[2].cell_count, 4);
    assert_true(p.rows[3].errors[0].warning);
    AUTO(Buf) json = {0};
    assert_ok(&w.c, desk_import_preview_json(&w.c, &w.desk, &in, false, &json));
    size_t at;
    assert_true(str_find(buf_view(&json), STR("{\"cell\":9,\"column\":\"amount\","), &at));
    // As reports it is no file of theirs.
    assert_int_equal(desk_import_preview_json(&w.c, &w.desk, &in, true, &json), E_INVALID);
    // Nothing was taken.
    DeskInfo info;
    assert_ok(&w.c, desk_info(&w.c, w.node, &info));
    assert_int_equal(info.transfers, 0);
    world_done(&w);
}

static void test_preview_is_short(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    AUTO(Buf) csv = {0};
    buf_text(&csv, TRANSFER_HEADER);
    for (int i = 0; i < DESK_PREVIEW_ROWS_MAX + 5; i++) {
        buf_format(&csv, "t%d,2026-01-01T10:00:00Z,XA,1,1,XA,1,2,10.00,THB,,,,,,,", i);
        for (int k = 0; k < 1000; k++)
            buf_text(&csv, "ก");
        buf_char(&csv, '\n');
    }
    buf_char(&csv, 0);
    DeskImport in = {.path = world_file(&w, "t.csv", csv.p)};
    DeskPreview p = preview(&w, &in);
    assert_int_equal(p.row_count, DESK_PREVIEW_ROWS_MAX);
    Str memo = p.rows[49].cells[16];
    assert_true(memo.n <= DESK_PREVIEW_CELL_BYTES_MAX + 3 && str_ends(memo, STR("ก…")));
    world_done(&w);
}

static void test_error_sheet(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    DeskImport in = {.path = world_file(&w, "t.csv", mixed),
                     .errors_path = world_path(&w, "e.csv"),
                     .dry_run = true};
    DeskImportResult r;
    assert_ok(&w.c, desk_import_transfers(&w.c, &w.desk, &in, &r));
    assert_int_equal(r.bad, 2);
    Str csv;
    assert_ok(&w.c, file_read_all(&w.c, in.errors_path, 1 << 20, &csv));
    static const char wanted[] =
        "b,2026-01-01T10:00:00Z,XA,1,1,XA,1,2,10.00,THB,,,,,,,\"=x, \"\"y\"\"\",\r\n"
        "c,2026-01-01T10:00:00Z,XA,1,,,,,,,,,,,,,,\"the row has 4 columns, the header 17\"\r\n"
        "d,2026-01-01T10:00:00Z,TH,none,1,XA,1,2,10.00,THB,,,,,,,,from_institution: (warning) ";
    size_t at;
    assert_true(str_starts(csv, STR("\xef\xbb\xbfid,booked_at,")));
    assert_true(str_find(csv, STR(",channel,memo,moei_error\r\n"), &at));
    assert_true(str_find(csv, str_of(wanted), &at));
    assert_false(file_exists(world_path(&w, "e.csv.part")));
    // As a spreadsheet, which gives the same errors again.
    in.errors_path = world_path(&w, "e.xlsx");
    assert_ok(&w.c, desk_import_transfers(&w.c, &w.desk, &in, &r));
    in = (DeskImport){.path = in.errors_path};
    DeskPreview p = preview(&w, &in);
    assert_int_equal(p.column_count, 17);
    assert_int_equal(p.row_count, 4);
    assert_true(str_eq_c(p.sheet, "Sheet1"));
    assert_true(str_eq_c(p.rows[0].errors[0].column, "amount"));
    // A disk that fails leaves no half of it.
    Err e = E_IO;
    in.path = world_file(&w, "t.csv", mixed);
    in.dry_run = true;
    in.errors_path = world_path(&w, "f.csv");
    for (uint64_t n = 1; e != OK; n++) {
        assert_true(n < 100);
        fault_plan_set((FaultPlan){.write_nth = n, .once = true, .write_errno = 28});
        e = desk_import_transfers(&w.c, &w.desk, &in, &r);
        fault_plan_set((FaultPlan){0});
        assert_true(e == OK || e == E_NO_SPACE);
        assert_int_equal(file_exists(in.errors_path), e == OK);
        assert_false(file_exists(world_path(&w, "f.csv.part")));
    }
    world_done(&w);
}

// What only the node knows stands in the sheet too.
static void test_error_sheet_of_reports(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    world_reports(&w, "r.csv", golden_reports);
    static const char other[] = REPORT_HEADER "P,2026-03-02T00:00:00Z,,TH,bank,99.00,THB,p,,,,\n";
    DeskImport in = {.path = world_file(&w, "o.csv", other),
                     .errors_path = world_path(&w, "e.csv"),
                     .dry_run = true};
    DeskImportResult r;
    Str csv;
    assert_ok(&w.c, desk_import_reports(&w.c, &w.desk, &in, &r));
    assert_ok(&w.c, file_read_all(&w.c, in.errors_path, 1 << 20, &csv));
    size_t at;
    assert_true(str_find(csv, STR("id: another report has this id"), &at));
    world_done(&w);
}

static const char plain_json[] =
    "{\"name\":\"plain\",\"kind\":\"transfers\",\"columns\":{\"id\":{\"from\":\"#1\"},"
    "\"booked_at\":{\"from\":\"#2\"},\"from_country\":{\"const\":\"XA\"},\"from_institution\":"
    "{\"const\":\"1\"},\"from_account\":{\"from\":\"#3\"},\"amount\":{\"from\":\"#4\"},"
    "\"currency\":{\"const\":\"THB\"}}}";

static void test_sender(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    DeskImportResult r;
    DeskImport in = {.path = world_file(&w, "1.csv", "a,b,c,d\nx1,2026-01-01T10:00:00Z,7,5\n"),
                     .sender = STR("Bank 7")};
    assert_int_equal(desk_import_transfers(&w.c, &w.desk, &in, &r), E_NOT_FOUND);
    in.mapping = world_file(&w, "plain.json", plain_json);
    in.dry_run = true;
    assert_ok(&w.c, desk_import_transfers(&w.c, &w.desk, &in, &r));
    // A dry run remembers nothing.
    in.mapping = (Str){0};
    assert_int_equal(desk_import_transfers(&w.c, &w.desk, &in, &r), E_NOT_FOUND);
    in.mapping = world_path(&w, "plain.json");
    in.dry_run = false;
    assert_ok(&w.c, desk_import_transfers(&w.c, &w.desk, &in, &r));
    world_reopen(&w);
    in.mapping = (Str){0};
    in.path = world_file(&w, "2.csv", "a,b,c,d\nx2,2026-01-01T10:00:00Z,7,5\n");
    assert_ok(&w.c, desk_import_transfers(&w.c, &w.desk, &in, &r));
    assert_true(str_eq_c(r.mapping, "plain"));
    assert_int_equal(r.taken, 1);
    in.sender = STR("Bank 8");
    assert_int_equal(desk_import_transfers(&w.c, &w.desk, &in, &r), E_NOT_FOUND);
    in.sender = STR(" blank");
    assert_int_equal(desk_import_transfers(&w.c, &w.desk, &in, &r), E_INVALID);
    AUTO(Buf) json = {0};
    assert_ok(&w.c, desk_mapping_list_json(&w.c, &w.desk, &json));
    size_t at;
    assert_true(str_find(buf_view(&json),
                         STR("{\"kept\":true,\"kind\":\"transfers\",\"name\":\"plain\"}"), &at));
    assert_true(str_find(buf_view(&json), STR("\"name\":\"amlworld\""), &at));
    world_done(&w);
}

int run_desk_preview_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_preview),     cmocka_unit_test(test_preview_is_short),
        cmocka_unit_test(test_error_sheet), cmocka_unit_test(test_error_sheet_of_reports),
        cmocka_unit_test(test_sender),
    };
    return cmocka_run_group_tests_name("desk preview", tests, NULL, NULL);
}
