// The CSV reader: rows that are written again are read as the same.
#include "format/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void row_again(Ctx *c, const FormatCsvRow *row) {
    AUTO(Buf) text = {0};
    AUTO(FormatCsvPtr) csv = NULL;
    FormatCsvRow again;
    buf_text(&text, "header\n");
    for (size_t i = 0; i < row->field_count; i++) {
        buf_text(&text, i ? "," : "");
        format_csv_field(&text, row->fields[i]);
    }
    FormatCsvOptions o = {.bytes = buf_view(&text), .encoding = STR("UTF-8")};
    if ((row->field_count == 1 && row->fields[0].n == 0) || text.n > CSV_LINE_BYTES_MAX)
        return;
    ASSERT(format_csv_open(c, &o, &csv) == OK && format_csv_next(c, csv, &again) == OK);
    ASSERT(format_csv_next(c, csv, &again) == OK && !again.bad);
    ASSERT(again.field_count == row->field_count);
    for (size_t i = 0; i < row->field_count; i++)
        ASSERT(str_eq(again.fields[i], row->fields[i]));
}

// The first byte picks encoding and delimiter.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const encodings[] = {"", "TIS-620", "UTF-16LE", "GB18030"};
    AUTO(Ctx) c = {0};
    AUTO(FormatCsvPtr) csv = NULL;
    FormatCsvRow row = {.end = size == 0};
    if (size == 0)
        return 0;
    FormatCsvOptions o = {.bytes = {(const char *)data + 1, size - 1},
                          .encoding = str_of(encodings[data[0] & 3]),
                          .delimiter = data[0] & 4 ? ';' : ','};
    if (format_csv_open(&c, &o, &csv) != OK)
        return 0;
    while (format_csv_next(&c, csv, &row) == OK && !row.end)
        if (!row.bad)
            row_again(&c, &row);
    return 0;
}
