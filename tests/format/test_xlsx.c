// Spreadsheets: what cells mean, what is refused, and that a sheet says the same as its CSV.
#include "test_format.h"

#include <zip.h>

// --- a spreadsheet by hand
// ------------------------------------------------------------------------

typedef struct Part {
    const char *name;
    Str text;
} Part;

static void zip_make(const Part *parts, size_t n, Buf *out) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *target = zip_source_buffer_create(NULL, 0, 0, &error);
    assert_non_null(target);
    zip_source_keep(target);
    zip_t *zip = zip_open_from_source(target, ZIP_TRUNCATE, &error);
    assert_non_null(zip);
    for (size_t i = 0; i < n; i++) {
        zip_source_t *source = zip_source_buffer(zip, parts[i].text.p, parts[i].text.n, 0);
        zip_int64_t at = zip_file_add(zip, parts[i].name, source, 0);
        assert_true(at >= 0);
        zip_file_set_mtime(zip, (zip_uint64_t)at, 1500000000, 0);
    }
    assert_int_equal(zip_close(zip), 0);
    assert_int_equal(zip_source_open(target), 0);
    char bytes[4096];
    for (zip_int64_t got = 1; got > 0;) {
        got = zip_source_read(target, bytes, sizeof bytes);
        buf_append(out, bytes, (size_t)(got > 0 ? got : 0));
    }
    zip_source_close(target);
    zip_source_free(target);
}

#define RELATION "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define ROOT_RELS                                                                                  \
    "<Relationships><Relationship Id=\"r1\" Type=\"" RELATION                                      \
    "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
#define BOOK_RELS                                                                                  \
    "<Relationships><Relationship Id=\"a\" Type=\"" RELATION                                       \
    "/worksheet\" Target=\"worksheets/one.xml\"/><Relationship Id=\"b\" Type=\"" RELATION          \
    "/worksheet\" Target=\"/xl/worksheets/two.xml\"/><Relationship Id=\"c\" Type=\"" RELATION      \
    "/sharedStrings\" Target=\"strings.xml\"/><Relationship Id=\"d\" Type=\"" RELATION             \
    "/styles\" Target=\"styles.xml\"/></Relationships>"
#define BOOK                                                                                       \
    "<workbook xmlns:r=\"" RELATION "\"><sheets><sheet name=\"Gone\" sheetId=\"2\" state=\""       \
    "hidden\" r:id=\"b\"/><sheet name=\"One\" sheetId=\"1\" r:id=\"a\"/></sheets></workbook>"
#define STRINGS                                                                                    \
    "<sst><si><t>plain</t></si><si><r><t>ri</t></r><r><t xml:space=\"preserve\">ch </t></r>"       \
    "<rPh><t>hint</t></rPh></si><si><t>a_x000D_b_x005F_x000D_c_x0041_</t></si></sst>"
// Styles 0 number, 1 date, 2 date and time, 3 time, 4 ten digits, 5 duration, 6 Thai date.
#define STYLES                                                                                     \
    "<styleSheet><numFmts><numFmt numFmtId=\"200\" formatCode=\"0000000000\"/><numFmt "            \
    "numFmtId=\"201\" formatCode=\"[h]:mm:ss\"/><numFmt numFmtId=\"202\" "                         \
    "formatCode=\"[$-107041E]d mmm bbbb\"/></numFmts><cellStyleXfs><xf numFmtId=\"14\"/>"          \
    "</cellStyleXfs><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"22\"/>"       \
    "<xf numFmtId=\"21\"/><xf numFmtId=\"200\"/><xf numFmtId=\"201\"/><xf numFmtId=\"202\"/>"      \
    "</cellXfs></styleSheet>"

static void book_make(const char *book, const char *rows, Buf *out) {
    Part parts[] = {{"_rels/.rels", STR(ROOT_RELS)},
                    {"xl/workbook.xml", str_of(book)},
                    {"xl/_rels/workbook.xml.rels", STR(BOOK_RELS)},
                    {"xl/strings.xml", STR(STRINGS)},
                    {"xl/styles.xml", STR(STYLES)},
                    {"xl/worksheets/one.xml", str_of(rows)},
                    {"xl/worksheets/two.xml",
                     STR("<worksheet><sheetData><row><c t=\"inlineStr\"><is><t>second</t></is></c>"
                         "</row></sheetData></worksheet>")}};
    zip_make(parts, COUNT_OF(parts), out);
}

static FormatXlsx *open_bytes(Ctx *c, Str bytes, const char *sheet) {
    FormatXlsx *x = NULL;
    FormatXlsxOptions o = {.bytes = bytes, .sheet = str_of(sheet)};
    assert_ok(c, format_xlsx_open(c, &o, &x));
    return x;
}

// All rows as text: fields between '|', the row's number in front.
static Str rows_text(Ctx *c, FormatXlsx *x) {
    AUTO(Buf) b = {0};
    Str text;
    for (;;) {
        FormatCsvRow row;
        assert_ok(c, format_xlsx_next(c, x, &row));
        if (row.end)
            break;
        buf_format(&b, "%llu%s%s%s", (unsigned long long)row.line, row.hidden ? "h" : "",
                   row.merged ? "m" : "", row.bad ? "!" : "");
        for (size_t i = 0; i < row.field_count; i++)
            buf_format(&b, "|" STR_FMT, STR_ARG(row.fields[i]));
        buf_char(&b, '\n');
    }
    assert_ok(c, str_copy(c, buf_view(&b), &text));
    return text;
}

static void expect_rows(const char *book, const char *sheet_data, const char *wanted) {
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(Buf) bytes = {0};
    book_make(book, sheet_data, &bytes);
    AUTO(FormatXlsxPtr) x = open_bytes(&c, buf_view(&bytes), NULL);
    assert_string_equal(rows_text(&c, x).p, wanted);
}

static void test_cells(void **state) {
    (void)state;
    expect_rows(
        BOOK,
        "<worksheet><cols><col min=\"1\"/></cols><sheetData>"
        "<row r=\"2\"><c r=\"A2\" t=\"s\"><v>0</v></c><c r=\"B2\" t=\"s\"><v>1</v></c>"
        "<c r=\"C2\" t=\"s\"><v>2</v></c><c r=\"D2\" t=\"inlineStr\"><is><t>in</t><rPh><t>x</t>"
        "</rPh></is></c></row>"
        "<row r=\"3\"/><row r=\"4\"><c r=\"B4\"/></row>"
        "<row r=\"5\" hidden=\"1\"><c r=\"A5\"><v>1234.5599999999999</v></c>"
        "<c r=\"C5\"><v>1.23456789012345E+18</v></c><c r=\"D5\"><v>10.50</v></c></row>"
        "<row r=\"7\"><c><f>1+1</f><v>2</v></c><c t=\"b\"><v>1</v></c><c t=\"e\"><v>#N/A</v></c>"
        "<c t=\"str\"><f>A1</f><v>=text</v></c><c><v>5</v></c></row>"
        "<row><c s=\"1\"><v>46348</v></c><c s=\"2\"><v>46348.635416666664</v></c>"
        "<c s=\"3\"><v>0.5</v></c><c s=\"4\"><v>123456789</v></c><c s=\"5\"><v>1.5</v></c>"
        "<c s=\"6\"><v>59</v></c><c s=\"1\"><v>60</v></c></row>"
        "</sheetData><mergeCells><mergeCell ref=\"A5:A7\"/></mergeCells></worksheet>",
        "2|plain|rich |a\rb_x000D_c_x0041_|in\n"
        "5h|1234.56||1234567890123450000|10.50\n"
        "7m|2|TRUE|#N/A|=text|5\n"
        "8|2026-11-22|2026-11-22T15:15:00|12:00:00|0123456789|1.5|1900-02-28|60\n");
}

// Merged cells stand behind the rows, wherever the unpacking cuts them.
static void test_merged_far_behind(void **state) {
    (void)state;
    for (size_t extra = 0; extra < 40; extra++) {
        AUTO(Ctx) c;
        ctx_init(&c);
        AUTO(Buf) xml = {0}, bytes = {0};
        buf_text(&xml, "<w><sheetData><row><c><v>1</v></c></row><row><c><v>2</v></c></row>");
        while (xml.n < 65536 - 40 + extra)
            buf_char(&xml, ' ');
        buf_text(&xml, "</sheetData><x:mergeCells xmlns:x='x'><x:mergeCell ref=\"A1:A2\"/>"
                       "</x:mergeCells></w>");
        buf_char(&xml, 0);
        book_make(BOOK, xml.p, &bytes);
        AUTO(FormatXlsxPtr) x = open_bytes(&c, buf_view(&bytes), NULL);
        assert_string_equal(rows_text(&c, x).p, "1|1\n2m|2\n");
    }
}

static void test_1904(void **state) {
    (void)state;
    expect_rows("<workbook xmlns:r=\"" RELATION "\"><workbookPr date1904=\"1\"/><sheets><sheet "
                "name=\"One\" r:id=\"a\"/></sheets></workbook>",
                "<worksheet><sheetData><row><c s=\"1\"><v>44886</v></c><c s=\"1\"><v>0</v></c>"
                "<c s=\"2\"><v>0.999999999</v></c></row></sheetData></worksheet>",
                "1|2026-11-22|1904-01-01|1904-01-02T00:00:00\n");
}

static void expect_number(const char *stored, const char *wanted) {
    AUTO(Buf) xml = {0}, rows = {0};
    buf_format(&xml, "<worksheet><sheetData><row><c><v>%s</v></c></row></sheetData></worksheet>",
               stored);
    buf_char(&xml, 0);
    buf_format(&rows, "1|%s\n", wanted);
    buf_char(&rows, 0);
    expect_rows(BOOK, xml.p, rows.p);
}

static void test_numbers(void **state) {
    (void)state;
    static const char *const rows[][2] = {{"0", "0"},
                                          {"-0", "0"},
                                          {"7", "7"},
                                          {"-12.5", "-12.5"},
                                          {"0.30000000000000004", "0.3"},
                                          {"40.100000000000001", "40.1"},
                                          {"1234567890123.01", "1234567890123.01"},
                                          {"12345678901234.04", "12345678901234.04"},
                                          {"99999999999999.99", "99999999999999.99"},
                                          {"0.99999999999999989", "1"},
                                          {"1E-3", "0.001"},
                                          {"1.5E+3", "1500"},
                                          {"-2.50E2", "-250"},
                                          {"12345678901234567890", "12345678901234567890"},
                                          {"1E+400", "1E+400"},
                                          {"1e5x", "1e5x"},
                                          {"NaN", "NaN"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        expect_number(rows[i][0], rows[i][1]);
}

static void test_named_sheet(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(Buf) bytes = {0};
    book_make(BOOK, "<worksheet><sheetData/></worksheet>", &bytes);
    AUTO(FormatXlsxPtr) x = open_bytes(&c, buf_view(&bytes), "Gone");
    assert_string_equal(rows_text(&c, x).p, "1|second\n");
    assert_int_equal(format_xlsx_info(x).sheet_count, 1);
    FormatXlsxOptions o = {.bytes = buf_view(&bytes), .sheet = STR("Two")};
    assert_int_equal(format_xlsx_open(&c, &o, &x), E_NOT_FOUND);
    assert_non_null(strstr(c.error, "\"One\""));
    assert_null(strstr(c.error, "Gone"));
}

// --- refused
// --------------------------------------------------------------------------------------

static Err read_all(Ctx *c, Str bytes) {
    AUTO(FormatXlsxPtr) x = NULL;
    FormatXlsxOptions o = {.bytes = bytes};
    FormatCsvRow row = {0};
    TRY(format_xlsx_open(c, &o, &x));
    while (!row.end)
        TRY(format_xlsx_next(c, x, &row));
    return OK;
}

static void expect_refused(Str bytes, Err wanted, const char *words) {
    AUTO(Ctx) c;
    ctx_init(&c);
    Err e = read_all(&c, bytes);
    if (e != wanted || !strstr(c.error, words))
        fail_msg("%s \"%s\" instead of %s \"%s\"", err_name(e), c.error, err_name(wanted), words);
}

static void test_broken(void **state) {
    (void)state;
    static const struct {
        const char *sheet;
        Err wanted;
        const char *words;
    } rows[] = {
        {"<worksheet><sheetData><row>", E_INVALID, "no XML"},
        {"", E_INVALID, "no XML"},
        {"<!DOCTYPE w [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><w><sheetData><row><c><v>&b;"
         "</v></c></row></sheetData></w>",
         E_INVALID, "document type"},
        {"<w><sheetData><row><c t=\"s\"><v>3</v></c></row></sheetData></w>", E_INVALID,
         "not there"},
        {"<w><sheetData><row><c t=\"s\"><v>-1</v></c></row></sheetData></w>", E_INVALID,
         "not there"},
        {"<w><sheetData><row r=\"5\"/><row r=\"4\"/></sheetData></w>", E_INVALID, "row 5"},
        {"<w><sheetData><row r=\"1\"><c r=\"A2\"/></row></sheetData></w>", E_INVALID, "row 1"},
        {"<w><sheetData><row r=\"1\"><c r=\"B1\"/><c r=\"A1\"/></row></sheetData></w>", E_INVALID,
         "order"},
        {"<w><sheetData><row r=\"2000000\"/></sheetData></w>", E_LIMIT, "rows"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(Buf) bytes = {0};
        book_make(BOOK, rows[i].sheet, &bytes);
        expect_refused(buf_view(&bytes), rows[i].wanted, rows[i].words);
    }
    AUTO(Buf) deep = {0}, bytes = {0};
    buf_text(&deep, "<w>");
    for (int i = 0; i < 100; i++)
        buf_text(&deep, "<d>");
    buf_char(&deep, 0);
    book_make(BOOK, deep.p, &bytes);
    expect_refused(buf_view(&bytes), E_LIMIT, "deeply");
}

static void test_other_files(void **state) {
    (void)state;
    AUTO(Buf) bytes = {0};
    expect_refused(STR("id,name\n"), E_INVALID, "no XLSX");
    expect_refused(STR("PK\x03\x04 and no more"), E_INVALID, "broken or was cut off");
    expect_refused(STR("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old"), E_UNSUPPORTED, ".xls");
    expect_refused(STR("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0"
                       "a\0g\0e\0"),
                   E_UNSUPPORTED, "password");
    zip_make((const Part[]){{"content.xml", STR("<x/>")}}, 1, &bytes);
    expect_refused(buf_view(&bytes), E_UNSUPPORTED, ".ods");
    buf_clear(&bytes);
    zip_make((const Part[]){{"xl/workbook.bin", STR("x")}}, 1, &bytes);
    expect_refused(buf_view(&bytes), E_UNSUPPORTED, ".xlsb");
    buf_clear(&bytes);
    zip_make((const Part[]){{"data.csv", STR("a,b\n")}}, 1, &bytes);
    expect_refused(buf_view(&bytes), E_INVALID, "no part");
}

// 64 MiB of the same pack a thousandfold.
static void test_bomb(void **state) {
    (void)state;
    AUTO(Buf) xml = {0}, bytes = {0};
    static char same[1 << 16];
    for (size_t i = 0; i < sizeof same; i += 4)
        memcpy(same + i, "<c/>", 4);
    buf_text(&xml, "<w>");
    for (int i = 0; i < 1024; i++)
        buf_append(&xml, same, sizeof same);
    buf_text(&xml, "</w>");
    buf_char(&xml, 0);
    book_make(BOOK, xml.p, &bytes);
    assert_true(bytes.n < 1 << 20);
    expect_refused(buf_view(&bytes), E_LIMIT, "zip bomb");
    AUTO(Buf) many = {0};
    Part *parts = calloc(XLSX_ENTRIES_MAX + 1, sizeof *parts);
    char(*names)[16] = calloc(XLSX_ENTRIES_MAX + 1, sizeof *names);
    for (size_t i = 0; i <= XLSX_ENTRIES_MAX; i++) {
        snprintf(names[i], sizeof names[i], "p%zu", i);
        parts[i] = (Part){names[i], STR("x")};
    }
    zip_make(parts, XLSX_ENTRIES_MAX + 1, &many);
    free(parts);
    free(names);
    expect_refused(buf_view(&many), E_LIMIT, "parts");
}

// Every cut and many changed bytes of a good file: an error or rows, never more.
static void test_damaged(void **state) {
    (void)state;
    AUTO(Buf) bytes = {0};
    Rng rng;
    rng_seed(&rng, test_seed());
    book_make(BOOK,
              "<worksheet><sheetData><row><c t=\"s\"><v>1</v></c><c s=\"1\"><v>46348</v></c></row>"
              "</sheetData></worksheet>",
              &bytes);
    for (size_t n = 0; n < bytes.n; n += 7) {
        AUTO(Ctx) c;
        ctx_init(&c);
        assert_int_not_equal(read_all(&c, (Str){bytes.p, n}), OK);
        assert_true(c.error[0] != 0);
    }
    for (int i = 0; i < 500; i++) {
        AUTO(Ctx) c;
        ctx_init(&c);
        AUTO(Buf) copy = {0};
        buf_append(&copy, bytes.p, bytes.n);
        for (int k = 0; k < 3; k++)
            copy.p[rng_below(&rng, copy.n)] ^= (char)(1 + rng_below(&rng, 255));
        Err e = read_all(&c, buf_view(&copy));
        assert_true(e == OK || c.error[0] != 0);
    }
}

static void test_no_memory(void **state) {
    (void)state;
    AUTO(Buf) bytes = {0};
    book_make(BOOK,
              "<worksheet><sheetData><row><c t=\"s\"><v>1</v></c></row></sheetData>"
              "<mergeCells><mergeCell ref=\"A1:B2\"/></mergeCells></worksheet>",
              &bytes);
    Err e = E_MEMORY;
    for (uint64_t n = 1; e != OK; n++) {
        AUTO(Ctx) c;
        ctx_init(&c);
        assert_true(n < 1000);
        fault_plan_set((FaultPlan){.alloc_nth = n, .once = true});
        e = read_all(&c, buf_view(&bytes));
        fault_plan_set((FaultPlan){0});
        assert_true(e == OK || e == E_MEMORY || e == E_LIMIT);
    }
}

// --- the same as CSV
// ------------------------------------------------------------------------------

static const char transfers_csv[] =
    "id,booked_at,from_country,from_institution,from_account,to_country,to_institution,to_account,"
    "amount,currency,memo\n"
    "t1,2025-04-13T09:30:00+07:00,TH,004,1234567890,TH,014,0987654321,25000.00,THB,=1+1\n"
    "t2,2025-04-13T09:30:00+07:00,TH,004,1234567890,,,,x,THB,bad amount\n"
    "t3,2568-04-13T09:41:07+07:00,TH,014,0987654321,,,,0.55,THB,\"two\nlines, \"\"quoted\"\"\"\n"
    "t4,2025-04-13T09:41:07+07:00,TH,014,0987654321,,,,0.55,USDT,ค่าบริการ\n";

// The CSV's cells as a sheet; amounts as numbers.
static void sheet_of_csv(Ctx *c, Str csv, bool numbers, Buf *out) {
    AUTO(FormatCsvPtr) r = NULL;
    AUTO(FormatSheetPtr) s = NULL;
    FormatCsvOptions o = {.bytes = csv};
    FormatSheetColumn columns[SHEET_COLUMNS_MAX] = {0};
    FormatSheetCell cells[SHEET_COLUMNS_MAX] = {0};
    FormatCsvRow row;
    assert_ok(c, format_csv_open(c, &o, &r));
    assert_ok(c, format_csv_next(c, r, &row));
    for (size_t i = 0; i < row.field_count; i++) {
        assert_ok(c, str_copy(c, row.fields[i], &columns[i].name));
        if (numbers && str_eq_c(row.fields[i], "amount"))
            columns[i].type = FORMAT_SHEET_AMOUNT;
    }
    FormatSheetOptions so = {
        .name = "Transfers", .columns = columns, .column_count = row.field_count, .at_us = 0};
    assert_ok(c, format_sheet_open(c, &so, &s));
    for (;;) {
        assert_ok(c, format_csv_next(c, r, &row));
        if (row.end)
            break;
        for (size_t i = 0; i < row.field_count; i++) {
            cells[i] = (FormatSheetCell){.text = row.fields[i]};
            const FormatCurrency *thb = format_currency_find(test_tables(), STR("THB"));
            if (columns[i].type == FORMAT_SHEET_AMOUNT)
                cells[i].filled = format_amount_parse(c, row.fields[i], thb, &cells[i].value) == OK;
            cells[i].exponent = 2;
        }
        assert_ok(c, format_sheet_row(c, s, cells));
    }
    assert_ok(c, format_sheet_end(c, s, out));
}

// Every row as the file says it, without lines, which differ.
static Str file_text(Ctx *c, const FormatOptions *o) {
    AUTO(FormatFilePtr) f = NULL;
    AUTO(Buf) b = {0};
    Str text;
    assert_ok(c, format_file_open(c, o, &f));
    for (;;) {
        FormatRow row;
        assert_ok(c, format_file_next(c, f, &row));
        if (row.state == FORMAT_ROW_END)
            break;
        buf_format(&b, "%llu ", (unsigned long long)row.row);
        if (row.state == FORMAT_ROW_BAD)
            buf_format(&b, STR_FMT ": " STR_FMT, STR_ARG(row.bad_column), STR_ARG(row.bad_reason));
        else
            format_transfer_row(&row.transfer, &b);
        for (size_t i = 0; i < row.warning_count; i++)
            buf_format(&b, " (%s: %s)", row.warnings[i].column, row.warnings[i].words);
        buf_char(&b, '\n');
    }
    assert_ok(c, str_copy(c, buf_view(&b), &text));
    return text;
}

static void test_same_as_csv(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(Buf) sheet = {0}, again = {0};
    sheet_of_csv(&c, str_of(transfers_csv), false, &sheet);
    FormatOptions csv = {
        .tables = test_tables(), .kind = FORMAT_TRANSFERS, .bytes = str_of(transfers_csv)};
    FormatOptions xlsx = csv;
    xlsx.bytes = buf_view(&sheet);
    Str wanted = file_text(&c, &csv);
    assert_non_null(strstr(wanted.p, "2 amount: "));
    assert_string_equal(file_text(&c, &xlsx).p, wanted.p);
    // Equal input, equal bytes.
    sheet_of_csv(&c, str_of(transfers_csv), false, &again);
    assert_int_equal(again.n, sheet.n);
    assert_memory_equal(again.p, sheet.p, sheet.n);
    // By path, with its hash and the sheet's name.
    Str path = test_path(&c, "sheet.xlsx");
    assert_ok(&c, file_replace(&c, path, buf_view(&sheet)));
    xlsx.bytes = (Str){0};
    xlsx.path = path;
    assert_string_equal(file_text(&c, &xlsx).p, wanted.p);
    AUTO(FormatFilePtr) f = NULL;
    uint8_t hash[32];
    assert_ok(&c, format_file_open(&c, &xlsx, &f));
    assert_ok(&c, format_file_skip(&c, f));
    assert_ok(&c, format_file_sha256(&c, f, hash));
    CryptoHash sha = crypto_sha256(sheet.p, sheet.n);
    assert_memory_equal(hash, sha.b, 32);
    assert_true(str_eq_c(format_file_info(f).sheet, "Transfers"));
    assert_string_equal(format_file_info(f).encoding, "XLSX");
    assert_ok(&c, file_remove(&c, path));
}

// A sheet that came back with its errors is mended and taken in as it is.
static void test_error_column(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    static const char csv[] =
        "id,booked_at,from_country,from_institution,from_account,to_country,to_institution,"
        "to_account,amount,currency,moei_error\n"
        "t1,2025-04-13T09:30:00+07:00,XA,1,1,XA,1,2,ten,THB,amount: was wrong\n"
        "t2,2025-04-13T09:30:00+07:00,XA,1,1,XA,1,2,10,THB\n"
        "t3,2025-04-13T09:30:00+07:00,XA,1,1,XA,1,2,10,THB,,\n";
    FormatOptions o = {.tables = test_tables(), .kind = FORMAT_TRANSFERS, .bytes = str_of(csv)};
    AUTO(FormatFilePtr) f = NULL;
    FormatRow row;
    assert_ok(&c, format_file_open(&c, &o, &f));
    assert_int_equal(format_file_info(f).header_count, 10);
    assert_ok(&c, format_file_next(&c, f, &row));
    assert_int_equal(row.state, FORMAT_ROW_BAD);
    assert_int_equal(row.bad_cell, 9);
    assert_int_equal(row.cell_count, 10);
    assert_true(str_eq_c(row.cells[8], "ten"));
    assert_ok(&c, format_file_next(&c, f, &row));
    assert_int_equal(row.state, FORMAT_ROW_GOOD);
    assert_int_equal(row.bad_cell, 0);
    assert_ok(&c, format_file_next(&c, f, &row));
    assert_int_equal(row.state, FORMAT_ROW_BAD);
}

// Numbers of cells are read with a point though the mapping's text has commas; dates of cells by
// the calendar though the mapping's text has days first.
static void test_cells_under_a_mapping(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(Buf) bytes = {0};
    static const char json[] =
        "{\"name\":\"commas\",\"kind\":\"transfers\",\"timezone\":\"Asia/Bangkok\","
        "\"time_format\":\"%d/%m/%Y "
        "%H:%M:%S\",\"amount\":{\"decimal\":\",\",\"thousands\":\".\"},\"columns\":{"
        "\"id\":{\"from\":\"a\"},\"booked_at\":{\"from\":[\"b\",\"c\"],\"join\":\" \"},"
        "\"from_country\":{\"const\":\"XA\"},\"from_institution\":{\"const\":\"X\"},"
        "\"from_account\":{\"from\":\"d\"},\"amount\":{\"from\":\"e\"},\"currency\":{\"const\":"
        "\"THB\"}}}";
#define CELLS(...) "<row>" __VA_ARGS__ "</row>"
#define T(text) "<c t=\"inlineStr\"><is><t>" text "</t></is></c>"
    book_make(
        BOOK,
        "<worksheet><sheetData>" CELLS(T("a") T("b") T("c") T("d") T("e"))
            CELLS(T("1") "<c s=\"1\"><v>46348</v></c><c s=\"3\"><v>0.5</v></c>" T(
                "77") "<c><v>1234.5</v></c>") CELLS(T("2") T("22/11/2026") T("12:00:00") T("77")
                                                        T("1.234,5"))
                CELLS(T("3") "<c s=\"2\"><v>46348.5</v></c><c/><c><v>1.23456789012345E+19</v>"
                             "</c><c><v>1</v></c>")
                    CELLS(T("4") "<c s=\"3\"><v>0.5</v></c><c/>" T("77") "<c><v>1</v></c>")
                        CELLS(T("6") T("22/11/2026") T("12:00:00") "<c t=\"str\"><f>A1</f></c>"
                                                                   "<c><v>1</v></c>")
                            CELLS(T("7") T("22/11/2026") T("12:00:00")
                                      T("77") "<c><f t=\"shared\"/><v>2</v></c>")
                                CELLS(T("5") T("22/11/2026") T("12:00:00") T(
                                    "77") "<c t=\"e\"><v>#REF!</v></c>") "</sheetData></worksheet>",
        &bytes);
    FormatMapping *m = NULL;
    assert_ok(&c, format_mapping_parse(&c, str_of(json), &m));
    FormatOptions o = {.tables = test_tables(),
                       .kind = FORMAT_TRANSFERS,
                       .bytes = buf_view(&bytes),
                       .mapping = STR("commas"),
                       .saved = &m,
                       .saved_count = 1};
    assert_string_equal(
        file_text(&c, &o).p,
        "1 1,2026-11-22T05:00:00Z,XA,X,77,,,,1234.50,THB,,,,,,,\n"
        "2 2,2026-11-22T05:00:00Z,XA,X,77,,,,1234.50,THB,,,,,,,\n"
        "3 3,2026-11-22T05:00:00Z,XA,X,12345678901234500000,,,,1.00,THB,,,,,,, (from_account: the "
        "sheet holds 12345678901234500000 as a number, and a spreadsheet keeps 15 digits of it: "
        "the last ones may be lost)\n"
        "4 booked_at: \"12:00:00\" is a time without its day\n"
        "5 from_account: the cell has a formula whose value was not saved: open the sheet in a "
        "spreadsheet program and save it again\n"
        "6 7,2026-11-22T05:00:00Z,XA,X,77,,,,2.00,THB,,,,,,,\n"
        "7 amount: the cell holds the error #REF! of the sheet\n");
    format_mapping_close(m);
}

// --- writing
// --------------------------------------------------------------------------------------

static void test_writer(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(Buf) out = {0}, longer = {0};
    const FormatSheetColumn columns[] = {{STR("=name"), FORMAT_SHEET_TEXT, 0},
                                         {STR("loss"), FORMAT_SHEET_AMOUNT, 20},
                                         {STR("at"), FORMAT_SHEET_TIME, 0}};
    FormatSheetOptions o = {.columns = columns, .column_count = COUNT_OF(columns)};
    AUTO(FormatSheetPtr) s = NULL;
    assert_ok(&c, format_sheet_open(&c, &o, &s));
    for (int i = 0; i < 40000; i++)
        buf_text(&longer, "ก");
    const FormatSheetCell rows[][3] = {
        {{.text = STR("=HYPERLINK(\"x\")")},
         {.filled = true, .value = -123456, .exponent = 2},
         {.filled = true, .value = 1795335300000000}},
        {{.text = STR("@a")},
         {.filled = true, .value = 1000000000000001, .exponent = 2},
         {.filled = true, .value = BASE_TIME_US_MIN}},
        {{.text = STR("a\x01_x0041_\xef\xbf\xbf")},
         {.filled = true, .value = 999999999999999, .exponent = 2},
         {.filled = false}},
        {{.text = buf_view(&longer)},
         {.filled = true, .value = 7, .exponent = 0},
         {.filled = false}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_ok(&c, format_sheet_row(&c, s, rows[i]));
    assert_ok(&c, format_sheet_end(&c, s, &out));
    assert_int_equal(format_sheet_end(&c, s, &out), E_STATE);
    AUTO(FormatXlsxPtr) x = open_bytes(&c, buf_view(&out), "Sheet1");
    Str text = rows_text(&c, x);
    static const char wanted[] = "1|=name|loss|at (UTC)\n"
                                 "2|=HYPERLINK(\"x\")|-1234.56|2026-11-22T08:15:00\n"
                                 "3|@a|10000000000000.01|0001-01-01T00:00:00Z\n"
                                 "4|a\x01_x0041_\xef\xbf\xbd|9999999999999.99|\n"
                                 "5|กกก";
    assert_memory_equal(text.p, wanted, sizeof wanted - 1);
    assert_true(str_ends(text, STR("ก…|7|\n")));
}

static void test_safe_fields(void **state) {
    (void)state;
    static const char *const rows[][2] = {{"plain", "plain"},
                                          {"=1+1", "'=1+1"},
                                          {"-5.00", "-5.00"},
                                          {"-5.00-1", "'-5.00-1"},
                                          {"@x", "'@x"},
                                          {"+66812", "'+66812"},
                                          {"-", "'-"},
                                          {"", ""},
                                          {"=\"a\",b", "\"'=\"\"a\"\",b\""}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(Buf) b = {0};
        format_csv_field_safe(&b, str_of(rows[i][0]));
        assert_true(str_eq_c(buf_view(&b), rows[i][1]));
    }
}

const struct CMUnitTest xlsx_tests[] = {
    cmocka_unit_test(test_cells),
    cmocka_unit_test(test_merged_far_behind),
    cmocka_unit_test(test_1904),
    cmocka_unit_test(test_numbers),
    cmocka_unit_test(test_named_sheet),
    cmocka_unit_test(test_broken),
    cmocka_unit_test(test_other_files),
    cmocka_unit_test(test_bomb),
    cmocka_unit_test(test_damaged),
    cmocka_unit_test(test_no_memory),
    cmocka_unit_test(test_same_as_csv),
    cmocka_unit_test(test_error_column),
    cmocka_unit_test(test_cells_under_a_mapping),
    cmocka_unit_test(test_writer),
    cmocka_unit_test(test_safe_fields),
};
const size_t xlsx_test_count = COUNT_OF(xlsx_tests);
