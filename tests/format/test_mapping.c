// Mappings: what is refused, and what the shipped and written ones make of files.
#include "test_format.h"

static void test_refused(void **state) {
    (void)state;
#define COLUMNS                                                                                    \
    "\"columns\":{\"booked_at\":{\"from\":\"t\"},\"amount\":{\"from\":\"v\"},"                     \
    "\"currency\":{\"const\":\"THB\"},\"from_account\":{\"from\":\"#1\"}}"
    static const struct {
        const char *json, *words; // words NULL: good
    } rows[] = {
        {"{\"name\":\"a\",\"kind\":\"transfers\"," COLUMNS "}", NULL},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"header\":[\"t\",\"v\"]," COLUMNS "}", NULL},
        {"", ""},
        {"[]", "object"},
        {"{\"name\":\"a\",\"kind\":\"transfers\"," COLUMNS ",\"colour\":1}", "colour"},
        {"{\"name\":\"a\",\"name\":\"b\",\"kind\":\"transfers\"," COLUMNS "}", "name"},
        {"{\"kind\":\"transfers\"," COLUMNS "}", "\"name\" is missing"},
        {"{\"name\":\"\",\"kind\":\"transfers\"," COLUMNS "}", "\"name\" must"},
        {"{\"name\":\"a/b\",\"kind\":\"transfers\"," COLUMNS "}", "\"name\" must"},
        {"{\"name\":\"transfers\",\"kind\":\"transfers\"," COLUMNS "}", "\"name\" must"},
        {"{\"name\":\"a\",\"kind\":\"calls\"," COLUMNS "}", "\"kind\" must"},
        {"{\"name\":\"a\",\"kind\":\"transfers\"}", "\"columns\" is missing"},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"columns\":{}}", "booked_at is missing"},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"columns\":{\"colour\":{\"from\":\"t\"}}}",
         "colour is no column of transfers"},
        {"{\"name\":\"a\",\"kind\":\"reports\"," COLUMNS "}", "is no column of reports"},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"header\":[\"t\"]," COLUMNS "}",
         "\"v\" is not in \"header\""},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"header\":[\"t\",\"v\",\"v\"]," COLUMNS "}",
         "stands 2 times"},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"header\":[]," COLUMNS "}", "\"header\" must"},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"encoding\":\"klingon\"," COLUMNS "}",
         "not known"},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"delimiter\":\"\\\"\"," COLUMNS "}",
         "\"delimiter\" must"},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"delimiter\":\"ab\"," COLUMNS "}",
         "\"delimiter\" must"},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"timezone\":\"Mars\"," COLUMNS "}",
         "no time zone"},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"time_format\":\"%d/%m/%Y\"," COLUMNS "}",
         "\"timezone\" is needed"},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"time_format\":\"%d/%m/%Y %z\"," COLUMNS "}",
         NULL},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"timezone\":\"UTC\",\"time_format\":\"%d/"
         "%m\"," COLUMNS "}",
         "a year"},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"timezone\":\"UTC\",\"time_format\":\"%d/%m/%Y "
         "%Q\"," COLUMNS "}",
         "of signs there are"},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"timezone\":\"UTC\",\"time_format\":\"%d/%m/%Y "
         "%I:%M\"," COLUMNS "}",
         "%I with %p"},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"timezone\":\"UTC\",\"time_format\":\"%d%d%m%"
         "Y\"," COLUMNS "}",
         "twice"},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"amount\":{\"decimal\":\";\"}," COLUMNS "}",
         "amount.decimal"},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"amount\":{\"thousands\":\".\"}," COLUMNS "}",
         "amount.thousands"},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"amount\":{\"sign\":\".\"}," COLUMNS "}", "sign"},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"time_step\":{\"origin\":\"2025-01-01\","
         "\"seconds\":"
         "1}," COLUMNS "}",
         "time_step.origin"},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"time_step\":{\"origin\":\"2025-01-01T00:00:"
         "00Z\","
         "\"seconds\":0}," COLUMNS "}",
         "time_step.seconds"},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"timezone\":\"UTC\",\"time_step\":{\"origin\":"
         "\"2025-"
         "01-01T00:00:00Z\",\"seconds\":1}," COLUMNS "}",
         "beside \"time_step\""},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"columns\":{\"memo\":{}}}", "either \"from\""},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"columns\":{\"memo\":{\"from\":\"a\",\"const\":"
         "\"b\"}}"
         "}",
         "either \"from\""},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"columns\":{\"memo\":{\"const\":\"b\",\"join\":"
         "\"\"}}}",
         "nothing else"},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"columns\":{\"memo\":{\"from\":\"#0\"}}}",
         "is no column"},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"columns\":{\"memo\":{\"from\":\"#4097\"}}}",
         "is no column"},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"columns\":{\"memo\":{\"from\":[]}}}", "1 to 8"},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"columns\":{\"memo\":{\"from\":3}}}",
         "columns.memo.from"},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"columns\":{\"memo\":{\"from\":\"a\",\"map\":{}}}"
         "}",
         "columns.memo.map"},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"columns\":{\"memo\":{\"from\":\"a\",\"map\":{"
         "\"b\":1}"
         "}}}",
         "columns.memo.map"},
        {"{\"name\":\"a\",\"kind\":\"transfers\",\"columns\":{\"memo\":{\"from\":\"a\",\"trim\":1}}"
         "}",
         "trim"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(Ctx) c;
        AUTO(FormatMappingPtr) m = NULL;
        ctx_init(&c);
        Err e = format_mapping_parse(&c, str_of(rows[i].json), &m);
        if ((e == OK) != !rows[i].words)
            fail_msg("row %zu: %s %s", i, err_name(e), c.error);
        if (rows[i].words && !strstr(c.error, rows[i].words))
            fail_msg("row %zu: %s", i, c.error);
    }
}

// Reads bytes under a mapping in JSON; each good row as its canonical line, each bad one as
// "!column: reason", each warning as "~column: words".
static Err read_rows(Ctx *c, const char *json, Str bytes, const char *encoding, Buf *out) {
    AUTO(FormatMappingPtr) m = NULL;
    TRY(format_mapping_parse(c, str_of(json), &m));
    FormatMapping *saved[] = {m};
    FormatOptions o = {.tables = test_tables(),
                       .kind = format_mapping_kind(m),
                       .bytes = bytes,
                       .encoding = str_of(encoding),
                       .mapping = format_mapping_name(m),
                       .saved = saved,
                       .saved_count = 1};
    AUTO(FormatFilePtr) f = NULL;
    TRY(format_file_open(c, &o, &f));
    for (;;) {
        FormatRow row;
        TRY(format_file_next(c, f, &row));
        if (row.state == FORMAT_ROW_END)
            return OK;
        if (row.state == FORMAT_ROW_BAD)
            buf_format(out, "!" STR_FMT ": " STR_FMT, STR_ARG(row.bad_column),
                       STR_ARG(row.bad_reason));
        else if (o.kind == FORMAT_TRANSFERS)
            format_transfer_row(&row.transfer, out);
        else
            format_report_row(&row.report, out);
        buf_char(out, '\n');
        for (size_t i = 0; i < row.warning_count; i++)
            buf_format(out, "~%s: %s\n", row.warnings[i].column, row.warnings[i].words);
    }
}

static const char bank[] =
    "{\"name\":\"bank\",\"kind\":\"transfers\",\"delimiter\":\";\",\"timezone\":\"America/"
    "New_York\","
    "\"time_format\":\"%d-%b-%Y %I:%M:%S %p\",\"amount\":{\"decimal\":\",\",\"thousands\":\".\"},"
    "\"columns\":{"
    "\"id\":{\"from\":[\"Branch\",\"Ref\"],\"join\":\"-\"},"
    "\"booked_at\":{\"from\":[\"Date\",\"Time\"],\"join\":\" \"},"
    "\"from_country\":{\"const\":\"XA\"},\"from_institution\":{\"const\":\"b1\"},"
    "\"from_account\":{\"from\":\"#3\"},"
    "\"to_country\":{\"const\":\"XA\"},\"to_institution\":{\"from\":\"Bank\",\"default\":\"b1\"},"
    "\"to_account\":{\"from\":\"To\"},"
    "\"amount\":{\"from\":\"Amount\"},"
    "\"currency\":{\"from\":\"Cur\",\"map\":{\"Dollar\":\"USD\",\"Baht\":\"THB\"}},"
    "\"seq\":{\"from\":\"#row\"}}}";

static void test_bank_form(void **state) {
    (void)state;
    AUTO(Ctx) c;
    AUTO(Buf) out = {0};
    ctx_init(&c);
    Str bytes = STR("Date;Time;Acc;Bank;To;Amount;Cur;Branch;Ref\n"
                    "13-Apr-2025;09:30:00 am;1;;2;1.234.567,50;Baht;001;77\n"
                    "13-APR-2568;12:00:01 PM;1;b2;2;5;Dollar;001;78\n"
                    "13-Apr-2025;12:00:01 AM;1;b2;2;5,5;Dollar;;\n"
                    "02-Nov-2025;01:30:00 AM;1;b2;2;5;Dollar;001;79\n"
                    "09-Mar-2025;02:30:00 AM;1;b2;2;5;Dollar;001;80\n"
                    "13-Apr-2025;13:00:00 PM;1;b2;2;5;Dollar;001;81\n"
                    "13/Apr/2025;01:00:00 PM;1;b2;2;5;Dollar;001;82\n"
                    "13-Apr-2025;01:00:00 PM;1;b2;2;1.5;Dollar;001;83\n"
                    "13-Apr-2025;01:00:00 PM;1;b2;2;1234.567;Dollar;001;83\n"
                    "13-Apr-2025;01:00:00 PM;1;b2;2;5;Euro;001;84\n"
                    "13-Apr-2025;01:00:00 PM;1;b2;2;;Dollar;001;85\n");
    assert_ok(&c, read_rows(&c, bank, bytes, "", &out));
    static const char want[] =
        "001-77,2025-04-13T13:30:00Z,XA,b1,1,XA,b1,2,1234567.50,THB,,,,,1,,\n"
        "001-78,2025-04-13T16:00:01Z,XA,b1,1,XA,b2,2,5.00,USD,,,,,2,,\n"
        "x";
    assert_true(str_starts(buf_view(&out), str_of(want)));
    Str rest = buf_view(&out), line;
    for (int i = 0; i < 3; i++)
        assert_true(str_split(&rest, '\n', &line));
    assert_true(str_ends(line, STR(",2025-04-13T04:00:01Z,XA,b1,1,XA,b2,2,5.50,USD,,,,,3,,")));
    static const char tail[] =
        "001-79,2025-11-02T05:30:00Z,XA,b1,1,XA,b2,2,5.00,USD,,,,,4,,\n"
        "~booked_at: the local time came twice; the earlier is taken\n"
        "!booked_at: there was no such time in America/New_York: the clocks were put forward\n"
        "!booked_at: it does not fit the mapping's time_format \"%d-%b-%Y %I:%M:%S %p\"\n"
        "!booked_at: it does not fit the mapping's time_format \"%d-%b-%Y %I:%M:%S %p\"\n"
        "!amount: three digits must follow the last thousands separator\n"
        "!amount: the thousands separator stands in a wrong place\n"
        "!currency: \"Euro\" is not in the mapping's table\n"
        "!amount: it is empty\n";
    if (!str_eq_c(rest, tail))
        fail_msg("got\n" STR_FMT, STR_ARG(rest));
}

// The same rows in every encoding, chosen by mark, by name or as UTF-8.
static void test_encodings(void **state) {
    (void)state;
    static const struct {
        const char *encoding, *asked;
        bool bom;
    } rows[] = {
        {"UTF-8", "", false},
        {"UTF-8", "", true},
        {"windows-874", "TIS-620", false},
        {"windows-874", "CP874", false},
        {"GB18030", "GB18030", false},
        {"UTF-16LE", "", true},
        {"UTF-16BE", "", true},
        {"UTF-16LE", "UTF-16", false},
        {"UTF-32LE", "", true},
    };
    static const char json[] =
        "{\"name\":\"thai\",\"kind\":\"transfers\",\"timezone\":\"Asia/Bangkok\",\"columns\":{"
        "\"id\":{\"from\":\"\u0e40\u0e25\u0e02\"},\"booked_at\":{\"from\":\"\u0e27\u0e31\u0e19\"},"
        "\"from_country\":{\"const\":\"TH\"},\"from_institution\":{\"const\":\"004\"},"
        "\"from_account\":{\"from\":\"#3\"},\"amount\":{\"from\":\"#4\"},"
        "\"currency\":{\"const\":\"THB\"},\"memo\":{\"from\":\"#5\"}}}";
    static const char text[] = "\u0e40\u0e25\u0e02,\u0e27\u0e31\u0e19,a,b,c\r\n"
                               "k1,2568-04-13 09:30,1234567890,\u0e51\u0e52.\u0e55,"
                               "\u0e04\u0e48\u0e32\u0e40\u0e0a\u0e48\u0e32\r\n";
    static const char want[] = "k1,2025-04-13T02:30:00Z,TH,004,1234567890,,,,12.50,THB,,,,,,,"
                               "\u0e04\u0e48\u0e32\u0e40\u0e0a\u0e48\u0e32\n";
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(Ctx) c;
        AUTO(Buf) utf8 = {0};
        AUTO(Buf) bytes = {0};
        AUTO(Buf) out = {0};
        ctx_init(&c);
        buf_text(&utf8, rows[i].bom ? "\ufeff" : "");
        buf_text(&utf8, text);
        test_encode(rows[i].encoding, buf_view(&utf8), &bytes);
        Err e = read_rows(&c, json, buf_view(&bytes), rows[i].asked, &out);
        if (e != OK || !str_eq_c(buf_view(&out), want))
            fail_msg("row %zu: %s %s " STR_FMT, i, err_name(e), c.error, STR_ARG(buf_view(&out)));
    }
}

// The example of docs/format-mapping.md, as it stands there.
static void test_example_of_the_page(void **state) {
    (void)state;
    AUTO(Ctx) c;
    AUTO(Buf) out = {0};
    ctx_init(&c);
    Str page, json, row = STR("13/04/2568;09:30:00;1234567890;014;0987654321;25,000.00;Baht;A77");
    size_t at = 0, end = 0;
    assert_ok(&c, file_read_all(&c, STR("docs/format-mapping.md"), 1 << 20, &page));
    assert_true(str_find(page, STR("    {\n"), &at));
    json = (Str){page.p + at, page.n - at};
    assert_true(str_find(json, STR("\n    }\n"), &end));
    json.n = end + 7;
    assert_true(str_find(page, row, &at));
    AUTO(Buf) bytes = {0};
    buf_text(&bytes, "Date;Time;Account;Bank;Account;Amount;Cur;Ref\n");
    buf_str(&bytes, row);
    Str copy;
    assert_ok(&c, str_copy(&c, json, &copy));
    assert_ok(&c, read_rows(&c, copy.p, buf_view(&bytes), "", &out));
    assert_true(str_starts(buf_view(&out), STR("A77,2025-04-13T02:30:00Z,")));
    assert_true(str_find(page, buf_view(&out), &at));
}

static void test_choosing(void **state) {
    (void)state;
    static const struct {
        const char *bytes, *mapping;
        FormatKind kind;
        Err err;
        const char *words; // of the error, or the name of the mapping
    } rows[] = {
        {"sourceNodeId,targetNodeId,value,time\n", "", FORMAT_TRANSFERS, OK, "amlsim"},
        {"Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,Amount "
         "Paid,Payment Currency,Payment Format,Is Laundering\n",
         "", FORMAT_TRANSFERS, OK, "amlworld"},
        {"id,reported_at,victim,country,channel,loss,currency,transfers,accounts,phones,urls,"
         "story\n",
         "", FORMAT_REPORTS, OK, "reports"},
        {"id,reported_at,victim,country,channel,loss,currency,transfers,accounts,phones,urls,story,"
         "happened_at\n",
         "", FORMAT_REPORTS, OK, "reports"},
        {"id,booked_at,from_country,from_institution,from_account,to_country,to_institution,"
         "to_account,amount,currency\n",
         "", FORMAT_TRANSFERS, OK, "transfers"},
        {"id,booked_at,from_country,from_institution,from_account,to_country,to_institution,"
         "to_account,amount,currency,seq\n",
         "transfers", FORMAT_TRANSFERS, OK, "transfers"},
        {"sourceNodeId,targetNodeId,value,time\n", "", FORMAT_REPORTS, E_INVALID,
         "this is a file of transfers"},
        {"sourceNodeId,targetNodeId,value,time\n", "amlsim", FORMAT_REPORTS, E_INVALID,
         "is for transfers"},
        {"sourceNodeId,targetNodeId,value\n", "amlsim", FORMAT_TRANSFERS, E_INVALID,
         "has 3 columns"},
        {"sourceNodeId,targetnodeid,value,time\n", "amlsim", FORMAT_TRANSFERS, E_INVALID,
         "column 2 of the header is \"targetnodeid\""},
        {"a,b,c\n", "", FORMAT_TRANSFERS, E_NOT_FOUND, "\"a,b,c\""},
        {"a,b,c\n", "nobody", FORMAT_TRANSFERS, E_NOT_FOUND, "amlsim"},
        {"id,booked_at\n", "transfers", FORMAT_TRANSFERS, E_INVALID, "lacks the column"},
        {"", "", FORMAT_TRANSFERS, E_INVALID, "empty"},
        {"a,\"b\n", "", FORMAT_TRANSFERS, E_INVALID, "header line (line 1, column 2)"},
        {"a,\xe1\n", "", FORMAT_TRANSFERS, E_INVALID, "--encoding"},
        {"id,id,booked_at,from_country,from_institution,from_account,to_country,to_institution,"
         "to_account,amount,currency\n",
         "", FORMAT_TRANSFERS, E_NOT_FOUND, "11 columns"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(Ctx) c;
        AUTO(FormatFilePtr) f = NULL;
        ctx_init(&c);
        FormatOptions o = {.tables = test_tables(),
                           .kind = rows[i].kind,
                           .bytes = str_of(rows[i].bytes),
                           .mapping = str_of(rows[i].mapping)};
        Err e = format_file_open(&c, &o, &f);
        if (e != rows[i].err)
            fail_msg("row %zu: %s %s", i, err_name(e), c.error);
        if (e == OK)
            assert_true(str_eq_c(format_file_info(f).mapping, rows[i].words));
        else if (!strstr(c.error, rows[i].words))
            fail_msg("row %zu: %s", i, c.error);
    }
}

static void test_saved_with_own_encoding(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(FormatMappingPtr) m = NULL;
    static const char json[] =
        "{\"name\":\"s\",\"kind\":\"reports\",\"header\":[\"when\",\"note\"],\"encoding\":"
        "\"CP874\","
        "\"delimiter\":\"|\",\"timezone\":\"Asia/Bangkok\",\"columns\":{"
        "\"reported_at\":{\"from\":\"when\"},\"story\":{\"from\":\"note\"}}}";
    assert_ok(&c, format_mapping_parse(&c, str_of(json), &m));
    FormatMapping *saved[] = {m};
    FormatOptions o = {.tables = test_tables(),
                       .kind = FORMAT_REPORTS,
                       .bytes = STR("when|note\n2025-01-01 10:00|\xa1\xd2\n"),
                       .saved = saved,
                       .saved_count = 1};
    AUTO(FormatFilePtr) f = NULL;
    assert_ok(&c, format_file_open(&c, &o, &f));
    FormatRow row;
    assert_ok(&c, format_file_next(&c, f, &row));
    assert_int_equal(row.state, FORMAT_ROW_GOOD);
    assert_true(str_eq_c(row.report.story, "\u0e01\u0e32"));
    assert_true(row.report.id_made && row.report.id.n == 17);
}

static void test_mapping_file(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Str path = test_path(&c, "bank.json");
    assert_ok(&c, file_replace(&c, path, str_of(bank)));
    FormatOptions o = {.tables = test_tables(),
                       .bytes = STR("Date;Time;Acc;Bank;To;Amount;Cur;Branch;Ref\n"),
                       .mapping = path};
    AUTO(FormatFilePtr) f = NULL;
    assert_ok(&c, format_file_open(&c, &o, &f));
    assert_true(str_eq_c(format_file_info(f).mapping, "bank"));
    assert_ok(&c, file_remove(&c, path));
}

static void test_shipped(void **state) {
    (void)state;
    static const struct {
        const char *bytes, *want;
    } rows[] = {
        {"sourceNodeId,targetNodeId,value,time\n280,15349,147.8,1\n249,9015,104.06,0\n",
         ",2025-01-02T00:00:00Z,XA,amlsim,280,XA,amlsim,15349,147.80,USD,,,,,1,,\n"
         ",2025-01-01T00:00:00Z,XA,amlsim,249,XA,amlsim,9015,104.06,USD,,,,,2,,\n"},
        {"Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,Amount "
         "Paid,Payment Currency,Payment Format,Is Laundering\n"
         "2022/09/01 00:20,010,8000EBD30,011,8000EBD31,3697.34,US Dollar,0.00300000,Bitcoin,"
         "Reinvestment,0\n",
         ",2022-09-01T00:20:00Z,XA,010,8000EBD30,XA,011,8000EBD31,0.00300000,XBT,3697.34,USD,,,,"
         "Reinvestment,\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(Ctx) c;
        AUTO(FormatFilePtr) f = NULL;
        AUTO(Buf) out = {0};
        ctx_init(&c);
        FormatOptions o = {.tables = test_tables(), .bytes = str_of(rows[i].bytes)};
        assert_ok(&c, format_file_open(&c, &o, &f));
        for (;;) {
            FormatRow row;
            assert_ok(&c, format_file_next(&c, f, &row));
            if (row.state == FORMAT_ROW_END)
                break;
            if (row.state == FORMAT_ROW_BAD)
                fail_msg(STR_FMT, STR_ARG(row.bad_reason));
            assert_true(row.transfer.id_made);
            assert_int_equal(row.transfer.id.n, 17);
            assert_int_equal(row.warning_count, 0);
            row.transfer.id = STR("");
            format_transfer_row(&row.transfer, &out);
            buf_char(&out, '\n');
        }
        if (!str_eq_c(buf_view(&out), rows[i].want))
            fail_msg("row %zu:\n" STR_FMT, i, STR_ARG(buf_view(&out)));
    }
}

static void test_amlsim_set(void **state) {
    (void)state;
    SKIP_WITHOUT_DATA();
    AUTO(Ctx) c;
    AUTO(FormatFilePtr) f = NULL;
    ctx_init(&c);
    FormatOptions o = {.tables = test_tables()};
    assert_ok(&c, str_format(&c, &o.path, "%s/transactions/amlsim-20k-cycle/transactions.csv",
                             test_data_folder()));
    assert_ok(&c, format_file_open(&c, &o, &f));
    FormatRow row = {.state = FORMAT_ROW_GOOD};
    while (row.state != FORMAT_ROW_END) {
        assert_ok(&c, format_file_next(&c, f, &row));
        if (row.state == FORMAT_ROW_BAD && format_file_info(f).bad < 5)
            print_message("row %llu: " STR_FMT ": " STR_FMT "\n", (unsigned long long)row.row,
                          STR_ARG(row.bad_column), STR_ARG(row.bad_reason));
    }
    FormatFileInfo info = format_file_info(f);
    print_message("AMLSim: %llu good, %llu bad\n", (unsigned long long)info.good,
                  (unsigned long long)info.bad);
    assert_true(info.good > 110000);
    assert_int_equal(info.bytes_read, info.bytes_total);
}

const struct CMUnitTest mapping_tests[] = {
    cmocka_unit_test(test_refused),      cmocka_unit_test(test_bank_form),
    cmocka_unit_test(test_encodings),    cmocka_unit_test(test_example_of_the_page),
    cmocka_unit_test(test_choosing),     cmocka_unit_test(test_saved_with_own_encoding),
    cmocka_unit_test(test_mapping_file), cmocka_unit_test(test_shipped),
    cmocka_unit_test(test_amlsim_set),
};
const size_t mapping_test_count = COUNT_OF(mapping_tests);
