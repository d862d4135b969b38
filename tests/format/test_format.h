// Shared by the tests of room format.
#ifndef MOEI_TESTS_FORMAT_H
#define MOEI_TESTS_FORMAT_H

#include "test.h"

#include "format/format.h"

extern const struct CMUnitTest csv_tests[], row_tests[], mapping_tests[], table_tests[],
    xlsx_tests[];
extern const size_t csv_test_count, row_test_count, mapping_test_count, table_test_count,
    xlsx_test_count;

extern const struct CMUnitTest law_tests[];
extern const size_t law_test_count;

extern const struct CMUnitTest zip_tests[];
extern const size_t zip_test_count;
extern const struct CMUnitTest word_tests[];
extern const size_t word_test_count;
extern const struct CMUnitTest qr_tests[];
extern const size_t qr_test_count;

// The shipped tables, opened once for all tests.
const FormatTables *test_tables(void);
// A path in a folder of this run.
Str test_path(Ctx *c, const char *name);
// UTF-8 in another encoding, appended.
void test_encode(const char *encoding, Str text, Buf *out);

#endif
