// The CSV reader: tables of rows, a naive reader beside it, hostile files in bounded memory.
#include "test_format.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

// Rows joined as "a|b" with "\n" behind each; a bad row as "!column words".
static Err read_all(Ctx *c, const FormatCsvOptions *o, Buf *out) {
    AUTO(FormatCsvPtr) csv = NULL;
    TRY(format_csv_open(c, o, &csv));
    for (;;) {
        FormatCsvRow row;
        TRY(format_csv_next(c, csv, &row));
        if (row.end)
            return OK;
        buf_format(out, "%llu:", (unsigned long long)row.line);
        if (row.bad)
            buf_format(out, "!%zu %s", row.bad_column, row.bad);
        for (size_t i = 0; !row.bad && i < row.field_count; i++)
            buf_format(out, "%s" STR_FMT, i ? "|" : "", STR_ARG(row.fields[i]));
        buf_char(out, '\n');
    }
}

static void test_rows(void **state) {
    (void)state;
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"", ""},
        {"a,b\n1,2\n", "1:a|b\n2:1|2\n"},
        {"a,b\r\n1,2\r\n", "1:a|b\n2:1|2\n"},
        {"a,b\n1,2", "1:a|b\n2:1|2\n"},
        {"a,b\r", "1:a|b\n"},
        {",\n", "1:|\n"},
        {"\n\r\n\na\n\n", "4:a\n"},
        {"\"\"\n", "1:\n"},
        {"\"a\",\"b,c\"\n", "1:a|b,c\n"},
        {"\"a\"\"b\"\n", "1:a\"b\n"},
        {"\"\"\"\"\n", "1:\"\n"},
        {"\"\"\"a\"\"\",x\n", "1:\"a\"|x\n"},
        {"\"a\nb\",c\nd,e\n", "1:a\nb|c\n3:d|e\n"},
        {"\"a\r\nb\"\r\nd", "1:a\r\nb\n3:d\n"},
        {"\"a\"", "1:a\n"},
        {"x,\"a\"\r", "1:x|a\n"},
        {" a , b \n", "1: a | b \n"},
        {"a\"b,c\nd,e\n", "1:!1 a quotation mark stands inside a field that is not in quotes\n"
                          "2:d|e\n"},
        {"x,\"a\"b,c\nd,e\n", "1:!2 text follows the closing quotation mark of the field\n2:d|e\n"},
        {"a\rb,c\nd\n", "1:!1 a carriage return stands alone, without a line feed\n2:d\n"},
        {"\"a\"\rb\nd\n", "1:!1 text follows the closing quotation mark of the field\n2:d\n"},
        {"a\n\"b\nc\nd\n", "1:a\n2:!1 the quotation mark that opens the field is never closed; "
                           "everything after it to the end of the file is left out\n"},
        {"\xe0\xb8\x81,\xe0\xb8\x82\n", "1:\xe0\xb8\x81|\xe0\xb8\x82\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(Ctx) c;
        AUTO(Buf) out = {0};
        ctx_init(&c);
        FormatCsvOptions o = {.bytes = str_of(rows[i].in)};
        assert_ok(&c, read_all(&c, &o, &out));
        if (!str_eq_c(buf_view(&out), rows[i].out))
            fail_msg("row %zu gives\n" STR_FMT, i, STR_ARG(buf_view(&out)));
    }
}

static void test_nul_and_delimiter(void **state) {
    (void)state;
    AUTO(Ctx) c;
    AUTO(Buf) out = {0};
    ctx_init(&c);
    FormatCsvOptions o = {.bytes = STR("a;b,c\nx;\0y\n\"p\0q\";z\n1;2\n"), .delimiter = ';'};
    assert_ok(&c, read_all(&c, &o, &out));
    assert_true(str_eq_c(buf_view(&out), "1:a|b,c\n2:!2 the field has a NUL byte\n"
                                         "3:!1 the field has a NUL byte\n4:1|2\n"));
}

// --- a naive reader: one byte after the other, whole rows in memory ------------------------------

typedef struct Naive {
    Buf field, row;
    bool bad, any;
    size_t fields;
} Naive;

static void naive_field(Naive *n) {
    if (n->fields++)
        buf_char(&n->row, '|');
    buf_str(&n->row, buf_view(&n->field));
    buf_clear(&n->field);
}

static void naive_row(Naive *n, Buf *out) {
    naive_field(n);
    bool blank = n->fields == 1 && n->row.n == 0 && !n->any;
    if (n->bad)
        buf_text(out, "!\n");
    else if (!blank)
        buf_format(out, STR_FMT "\n", STR_ARG(buf_view(&n->row)));
    buf_clear(&n->row);
    n->bad = n->any = false;
    n->fields = 0;
}

static void naive_read(Str s, Buf *out) {
    AUTO(Buf) a = {0};
    AUTO(Buf) b = {0};
    Naive n = {.field = a, .row = b};
    enum { START, PLAIN, QUOTED, CLOSED } at = START;
    for (size_t i = 0; i <= s.n; i++) {
        bool end = i == s.n;
        char ch = end ? 0 : s.p[i];
        if (!end && at == QUOTED) {
            if (ch != '"') {
                buf_char(&n.field, ch);
                n.bad |= ch == 0;
            } else if (i + 1 < s.n && s.p[i + 1] == '"') {
                buf_char(&n.field, '"');
                i++;
            } else {
                at = CLOSED;
            }
            continue;
        }
        bool crlf = ch == '\r' && (i + 1 == s.n || s.p[i + 1] == '\n');
        if (end || ch == '\n' || crlf) {
            if (end && at == START && n.fields == 0 && !n.any)
                break;
            n.bad |= end && at == QUOTED;
            naive_row(&n, out);
            at = START;
            if (crlf)
                i++;
            if (i + 1 == s.n || i == s.n)
                break;
        } else if (ch == ',') {
            naive_field(&n);
            at = START;
        } else if (ch == '"' && at == START) {
            at = QUOTED;
            n.any = true;
        } else {
            n.bad |= at == CLOSED || ch == '"' || ch == 0 || ch == '\r';
            at = PLAIN;
            buf_char(&n.field, ch);
        }
    }
    buf_done(&n.field);
    buf_done(&n.row);
}

static void test_against_naive(void **state) {
    (void)state;
    Rng rng;
    rng_seed(&rng, test_seed());
    static const char likely[] = "ab,,,\"\"\"\n\n\r\n";
    for (int round = 0; round < 20000; round++) {
        char bytes[48];
        size_t n = rng_below(&rng, sizeof bytes);
        for (size_t i = 0; i < n; i++)
            bytes[i] = likely[rng_below(&rng, sizeof likely)]; // the NUL counts
        AUTO(Ctx) c;
        AUTO(Buf) out = {0};
        AUTO(Buf) want = {0};
        ctx_init(&c);
        FormatCsvOptions o = {.bytes = {bytes, n}};
        AUTO(FormatCsvPtr) csv = NULL;
        if (n >= 2 && (bytes[0] == 0 || bytes[1] == 0))
            continue; // taken for UTF-16
        naive_read(o.bytes, &want);
        assert_ok(&c, format_csv_open(&c, &o, &csv));
        for (;;) {
            FormatCsvRow row;
            assert_ok(&c, format_csv_next(&c, csv, &row));
            if (row.end)
                break;
            for (size_t i = 0; !row.bad && i < row.field_count; i++)
                buf_format(&out, "%s" STR_FMT, i ? "|" : "", STR_ARG(row.fields[i]));
            buf_text(&out, row.bad ? "!\n" : "\n");
        }
        if (!str_eq(buf_view(&out), buf_view(&want)))
            fail_msg("round %d: \"" STR_FMT "\"\nours\n" STR_FMT "naive\n" STR_FMT, round, (int)n,
                     bytes, STR_ARG(buf_view(&out)), STR_ARG(buf_view(&want)));
    }
}

// Written fields come back as they were.
static void test_write_read(void **state) {
    (void)state;
    Rng rng;
    rng_seed(&rng, test_seed());
    static const char likely[] = "ab ,;\"\n\r";
    for (int round = 0; round < 5000; round++) {
        AUTO(Ctx) c;
        AUTO(Buf) text = {0};
        ctx_init(&c);
        char bytes[4][12];
        Str fields[4];
        for (size_t k = 0; k < 4; k++) {
            fields[k] = (Str){bytes[k], rng_below(&rng, sizeof bytes[k])};
            for (size_t i = 0; i < fields[k].n; i++)
                bytes[k][i] = likely[rng_below(&rng, sizeof likely - 1)];
            if (k)
                buf_char(&text, ',');
            format_csv_field(&text, fields[k]);
        }
        AUTO(FormatCsvPtr) csv = NULL;
        FormatCsvOptions o = {.bytes = buf_view(&text)};
        FormatCsvRow row;
        assert_ok(&c, format_csv_open(&c, &o, &csv));
        assert_ok(&c, format_csv_next(&c, csv, &row));
        assert_null(row.bad);
        assert_int_equal(row.field_count, 4);
        for (size_t k = 0; k < 4; k++)
            assert_true(str_eq(row.fields[k], fields[k]));
    }
}

// --- limits and hostile files
// ----------------------------------------------------------------------

static void repeat(Buf *b, const char *piece, size_t times) {
    for (size_t i = 0; i < times; i++)
        buf_text(b, piece);
}

static void test_limits(void **state) {
    (void)state;
    static const struct {
        size_t field_bytes, columns;
        bool quoted;
        const char *bad;
    } rows[] = {
        {CSV_FIELD_BYTES_MAX, 1, false, NULL},
        {CSV_FIELD_BYTES_MAX, 1, true, NULL},
        {CSV_FIELD_BYTES_MAX + 1, 1, false, "64 KiB"},
        {CSV_FIELD_BYTES_MAX + 1, 1, true, "64 KiB"},
        {1, CSV_COLUMNS_MAX, false, NULL},
        {1, CSV_COLUMNS_MAX + 1, false, "4096 columns"},
        {65000, 16, false, NULL},
        {65000, 17, false, "1 MiB"},
        {65000, 40, true, "1 MiB"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(Ctx) c;
        AUTO(Buf) text = {0};
        ctx_init(&c);
        buf_text(&text, "before\n");
        for (size_t k = 0; k < rows[i].columns; k++) {
            buf_text(&text, k ? "," : "");
            buf_text(&text, rows[i].quoted ? "\"" : "");
            repeat(&text, "x", rows[i].field_bytes);
            buf_text(&text, rows[i].quoted ? "\"" : "");
        }
        buf_text(&text, "\nafter\n");
        AUTO(FormatCsvPtr) csv = NULL;
        FormatCsvOptions o = {.bytes = buf_view(&text)};
        FormatCsvRow row;
        assert_ok(&c, format_csv_open(&c, &o, &csv));
        assert_ok(&c, format_csv_next(&c, csv, &row));
        assert_ok(&c, format_csv_next(&c, csv, &row));
        assert_int_equal(row.line, 2);
        if (!row.bad != !rows[i].bad || (row.bad && !strstr(row.bad, rows[i].bad)))
            fail_msg("row %zu: %s", i, row.bad ? row.bad : "good");
        assert_ok(&c, format_csv_next(&c, csv, &row));
        assert_true(row.field_count == 1 && str_eq_c(row.fields[0], "after") && row.line == 3);
    }
}

static long resident_kib(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_maxrss;
}

// Makes a sparse file; a sparse hole reads as NUL bytes.
static Str hostile_file(Ctx *c, Str head, off_t hole, Str tail) {
    File f;
    Str path = test_path(c, "hostile.csv");
    assert_ok(c, file_open(c, path, FILE_CREATE, &f));
    assert_ok(c, file_write(c, &f, head.p, head.n));
    assert_int_equal(ftruncate(f.fd, (off_t)head.n + hole), 0);
    assert_ok(c, file_write_at(c, &f, head.n + (uint64_t)hole, tail.p, tail.n));
    file_close(&f);
    return path;
}

// Doubled quotes count once each: the limit is of the content.
static void test_field_of_quotes(void **state) {
    (void)state;
    AUTO(Ctx) c;
    AUTO(Buf) text = {0};
    AUTO(FormatCsvPtr) csv = NULL;
    ctx_init(&c);
    for (size_t extra = 0; extra < 2; extra++) {
        buf_char(&text, '"');
        repeat(&text, "\"\"", CSV_FIELD_BYTES_MAX + extra);
        buf_text(&text, "\"\n");
    }
    FormatCsvOptions o = {.bytes = buf_view(&text)};
    FormatCsvRow row;
    assert_ok(&c, format_csv_open(&c, &o, &csv));
    assert_ok(&c, format_csv_next(&c, csv, &row));
    assert_null(row.bad);
    assert_int_equal(row.fields[0].n, CSV_FIELD_BYTES_MAX);
    for (size_t i = 0; i < row.fields[0].n; i++)
        assert_int_equal(row.fields[0].p[i], '"');
    assert_ok(&c, format_csv_next(&c, csv, &row));
    assert_non_null(row.bad);
}

static void test_gigabyte_line(void **state) {
    (void)state;
    static const Str heads[] = {{"a,b\n1,2\nx,", 10}, {"a,b\n1,2\nx,\"", 11}};
    static const Str tails[] = {{"y\n3,4\n", 6}, {"\"\n3,4\n", 6}};
    for (size_t i = 0; i < COUNT_OF(heads); i++) {
        AUTO(Ctx) c;
        AUTO(Buf) out = {0};
        ctx_init(&c);
        Str path = hostile_file(&c, heads[i], 1LL << 30, tails[i]);
        long before = resident_kib();
        FormatCsvOptions o = {.path = path};
        assert_ok(&c, read_all(&c, &o, &out));
        long grown = resident_kib() - before;
        assert_ok(&c, file_remove(&c, path));
        assert_true(
            str_eq_c(buf_view(&out), "1:a|b\n2:1|2\n3:!0 the line is longer than 1 MiB\n4:3|4\n"));
        if (grown > 16 << 10)
            fail_msg("reading took %ld KiB", grown);
    }
}

// Rows that hide inside an over-long field in quotes are not taken for rows.
static void test_rows_inside_long_field(void **state) {
    (void)state;
    AUTO(Ctx) c;
    AUTO(Buf) out = {0};
    AUTO(Buf) text = {0};
    ctx_init(&c);
    buf_text(&text, "a,b\nx,\"");
    repeat(&text, "\"\"evil,row\n", 300000);
    buf_text(&text, "\"\n3,4\n");
    FormatCsvOptions o = {.bytes = buf_view(&text)};
    assert_ok(&c, read_all(&c, &o, &out));
    assert_true(
        str_eq_c(buf_view(&out), "1:a|b\n2:!0 the line is longer than 1 MiB\n300003:3|4\n"));
}

static void test_ten_million_columns(void **state) {
    (void)state;
    AUTO(Ctx) c;
    AUTO(Buf) out = {0};
    AUTO(Buf) text = {0};
    ctx_init(&c);
    buf_text(&text, "a,b\n");
    repeat(&text, ",,,,,,,,,,", 1000000);
    buf_text(&text, "\n1,2\n");
    FormatCsvOptions o = {.bytes = buf_view(&text)};
    assert_ok(&c, read_all(&c, &o, &out));
    assert_true(str_eq_c(buf_view(&out), "1:a|b\n2:!0 the line is longer than 1 MiB\n3:1|2\n"));
}

// Rows that fall on every place of the window's edge come out the same, in all encodings.
static void test_window_edges(void **state) {
    (void)state;
    Rng rng;
    rng_seed(&rng, test_seed());
    static const char *const encodings[] = {"UTF-8", "UTF-16LE", "GB18030"};
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(Buf) text = {0};
    AUTO(Buf) want = {0};
    for (uint64_t row = 1; text.n < 3 << 20; row++) {
        size_t n = rng_below(&rng, 60);
        buf_format(&text, "%llu,\"", (unsigned long long)row);
        buf_format(&want, "%llu:%llu|", (unsigned long long)row, (unsigned long long)row);
        for (size_t i = 0; i < n; i++) {
            static const char *const pieces[] = {"a", "\"\"", ",", "\xe0\xb8\x81",
                                                 "\xf0\x9f\x98\x80"};
            const char *piece = pieces[rng_below(&rng, COUNT_OF(pieces))];
            buf_text(&text, piece);
            buf_text(&want, piece[0] == '"' ? "\"" : piece);
        }
        buf_text(&text, rng_below(&rng, 2) ? "\"\r\n" : "\"\n");
        buf_char(&want, '\n');
    }
    for (size_t i = 0; i < COUNT_OF(encodings); i++) {
        AUTO(Buf) out = {0};
        AUTO(Buf) bytes = {0};
        test_encode(encodings[i], buf_view(&text), &bytes);
        FormatCsvOptions o = {.bytes = buf_view(&bytes), .encoding = str_of(encodings[i])};
        assert_ok(&c, read_all(&c, &o, &out));
        assert_true(str_eq(buf_view(&out), buf_view(&want)));
    }
}

static void test_broken_in_the_middle(void **state) {
    (void)state;
    AUTO(Ctx) c;
    AUTO(Buf) out = {0};
    AUTO(Buf) text = {0};
    ctx_init(&c);
    repeat(&text, "a,b\n", 300000);
    buf_text(&text, "\xa1\xd2\n");
    FormatCsvOptions o = {.bytes = buf_view(&text)};
    assert_int_equal(read_all(&c, &o, &out), E_INVALID);
    assert_non_null(strstr(c.error, "byte 1200000 "));
    assert_non_null(strstr(c.error, "--encoding"));
}

const struct CMUnitTest csv_tests[] = {
    cmocka_unit_test(test_rows),
    cmocka_unit_test(test_nul_and_delimiter),
    cmocka_unit_test(test_against_naive),
    cmocka_unit_test(test_write_read),
    cmocka_unit_test(test_limits),
    cmocka_unit_test(test_gigabyte_line),
    cmocka_unit_test(test_window_edges),
    cmocka_unit_test(test_ten_million_columns),
    cmocka_unit_test(test_broken_in_the_middle),
    cmocka_unit_test(test_field_of_quotes),
    cmocka_unit_test(test_rows_inside_long_field),
};
const size_t csv_test_count = COUNT_OF(csv_tests);
