// Runs all tests of room format.
#include "test_format.h"

#include <unicode/ucnv.h>
#include <unistd.h>

static FormatTables *tables;
static char folder[64];

const FormatTables *test_tables(void) {
    return tables;
}

Str test_path(Ctx *c, const char *name) {
    Str path = {0};
    assert_ok(c, str_format(c, &path, "%s/%s", folder, name));
    return path;
}

void test_encode(const char *encoding, Str text, Buf *out) {
    UErrorCode status = U_ZERO_ERROR;
    int32_t room = (int32_t)text.n * 4 + 16;
    char *bytes = malloc((size_t)room);
    int32_t n = ucnv_convert(encoding, "UTF-8", bytes, room, text.p, (int32_t)text.n, &status);
    assert_true(U_SUCCESS(status));
    buf_append(out, bytes, (size_t)n);
    free(bytes);
}

static int group(const char *name, const struct CMUnitTest *tests, size_t n) {
    return _cmocka_run_group_tests(name, tests, n, NULL, NULL);
}

int main(void) {
    Ctx c;
    ctx_init(&c);
    test_folder(folder, sizeof folder);
    if (format_tables_open(&c, &tables) != OK) {
        fprintf(stderr, "the tests of format cannot start: %s\n", c.error);
        return 1;
    }
    int failed = group("format csv", csv_tests, csv_test_count);
    failed += group("format tables", table_tests, table_test_count);
    failed += group("format mapping", mapping_tests, mapping_test_count);
    failed += group("format rows", row_tests, row_test_count);
    failed += group("format xlsx", xlsx_tests, xlsx_test_count);
    failed += group("format law", law_tests, law_test_count);
    failed += group("format zip", zip_tests, zip_test_count);
    failed += group("format words", word_tests, word_test_count);
    failed += group("format qr", qr_tests, qr_test_count);
    format_tables_close(tables);
    ctx_done(&c);
    rmdir(folder);
    return failed != 0;
}
