// A mapping in JSON, a zero byte, a file read under it: good rows read back as the same line.
#include "format/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void line_write(FormatKind kind, const FormatRow *row, Buf *b) {
    if (kind == FORMAT_TRANSFERS)
        format_transfer_row(&row->transfer, b);
    else
        format_report_row(&row->report, b);
}

static void row_again(Ctx *c, const FormatOptions *from, const FormatRow *row) {
    AUTO(FormatFilePtr) f = NULL;
    AUTO(Buf) text = {0};
    FormatRow again;
    buf_str(&text,
            from->kind == FORMAT_TRANSFERS ? format_transfer_header() : format_report_header());
    buf_char(&text, '\n');
    size_t start = text.n;
    line_write(from->kind, row, &text);
    FormatOptions o = {.tables = from->tables, .kind = from->kind, .bytes = buf_view(&text)};
    if (text.n - start > CSV_LINE_BYTES_MAX)
        return;
    ASSERT(format_file_open(c, &o, &f) == OK && format_file_next(c, f, &again) == OK);
    ASSERT(again.state == FORMAT_ROW_GOOD);
    AUTO(Buf) line = {0};
    line_write(from->kind, &again, &line);
    ASSERT(str_eq(buf_view(&line), (Str){text.p + start, text.n - start}));
}

static void file_read_rows(Ctx *c, const FormatOptions *o) {
    AUTO(FormatFilePtr) f = NULL;
    FormatRow row = {0};
    if (format_file_open(c, o, &f) != OK)
        return;
    while (format_file_next(c, f, &row) == OK && row.state != FORMAT_ROW_END)
        if (row.state == FORMAT_ROW_GOOD)
            row_again(c, o, &row);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static FormatTables *tables;
    AUTO(Ctx) c = {0};
    AUTO(FormatMappingPtr) m = NULL;
    const uint8_t *zero = size ? memchr(data, 0, size) : NULL;
    Str json = {(const char *)data, zero ? (size_t)(zero - data) : size};
    Str bytes = {zero ? json.p + json.n + 1 : NULL, zero ? size - json.n - 1 : 0};
    if (tables == NULL)
        ASSERT(format_tables_open(&c, &tables) == OK);
    FormatOptions o = {.tables = tables, .kind = FORMAT_REPORTS, .bytes = bytes};
    file_read_rows(&c, &o);
    o.kind = FORMAT_TRANSFERS;
    file_read_rows(&c, &o);
    if (format_mapping_parse(&c, json, &m) != OK)
        return 0;
    FormatMapping *saved[] = {m};
    o.kind = format_mapping_kind(m);
    o.mapping = format_mapping_name(m);
    o.saved = saved;
    o.saved_count = 1;
    file_read_rows(&c, &o);
    return 0;
}
