// The XLSX reader: rows of valid UTF-8 within the limits, or an error with words.
#include "format/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void row_check(const FormatCsvRow *row) {
    size_t bytes = 0;
    ASSERT(row->field_count > 0 && row->field_count <= CSV_COLUMNS_MAX);
    ASSERT(row->line >= 1 && row->line <= XLSX_ROW_MAX);
    for (size_t i = 0; i < row->field_count; i++) {
        bytes += row->fields[i].n;
        ASSERT(row->kinds[i] <= FORMAT_CELL_ERROR);
        ASSERT(text_utf8_valid(row->fields[i]));
    }
    ASSERT(row->bad || bytes <= CSV_LINE_BYTES_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO(Ctx) c = {0};
    AUTO(FormatXlsxPtr) x = NULL;
    FormatXlsxOptions o = {.bytes = {(const char *)data, size}};
    FormatCsvRow row = {0};
    Err e = format_xlsx_open(&c, &o, &x);
    uint64_t line = 0;
    while (e == OK && !row.end) {
        e = format_xlsx_next(&c, x, &row);
        if (e != OK || row.end)
            break;
        ASSERT(row.line > line);
        line = row.line;
        row_check(&row);
    }
    ASSERT(e == OK || c.error[0] != 0);
    return 0;
}
