// The sheet that goes back to its sender: every row as it came, and beside it what is wrong.
#include "desk/desk_priv.h"

#define WRITE_BYTES (256 << 10)

struct DeskErrorSheet {
    Str path, part; // of a CSV: written under `part` first
    File file;
    FormatSheet *sheet; // of an XLSX, where `file` is not used
    size_t columns;     // of the header, without ours
    char delimiter;
    FormatSheetCell *cells; // columns + 1
    Ctx memory;             // paths and cells of the sheet
    Ctx row;                // of the row that waits
    const Str *waiting;     // its cells
    size_t waiting_count;
    bool waits;
    bool unfinished; // `part` is there
    Buf why, out;
};

// --- writing rows -------------------------------------------------------------------------------

static void field_put(DeskErrorSheet *e, Str field) {
    bool quoted =
        e->delimiter == ',' || memchr(field.n ? field.p : "", e->delimiter, field.n) == NULL;
    if (quoted) {
        format_csv_field(&e->out, field);
        return;
    }
    // A comma in it would not make quotation marks where another sign parts the fields.
    buf_char(&e->out, '"');
    for (size_t i = 0; i < field.n; i++) {
        if (field.p[i] == '"')
            buf_char(&e->out, '"');
        buf_char(&e->out, field.p[i]);
    }
    buf_char(&e->out, '"');
}

static Err out_flush(Ctx *c, DeskErrorSheet *e, size_t above) {
    TRY(buf_check(c, &e->out));
    if (e->out.n <= above)
        return OK;
    TRY(file_write(c, &e->file, e->out.p, e->out.n));
    buf_clear(&e->out);
    return OK;
}

static Err csv_row(Ctx *c, DeskErrorSheet *e, const Str *cells, size_t n, Str last) {
    for (size_t i = 0; i < e->columns || i < n; i++) {
        field_put(e, i < n ? cells[i] : (Str){0});
        buf_char(&e->out, e->delimiter);
    }
    field_put(e, last);
    buf_text(&e->out, "\r\n");
    return out_flush(c, e, WRITE_BYTES);
}

static Err row_flush(Ctx *c, DeskErrorSheet *e) {
    if (!e->waits)
        return OK;
    e->waits = false;
    TRY(buf_check(c, &e->why));
    if (e->sheet == NULL)
        return csv_row(c, e, e->waiting, e->waiting_count, buf_view(&e->why));
    for (size_t i = 0; i < e->columns; i++)
        e->cells[i].text = i < e->waiting_count ? e->waiting[i] : (Str){0};
    // What stands behind the last column would be lost.
    for (size_t i = e->columns; i < e->waiting_count; i++)
        buf_format(&e->why, " | " STR_FMT, STR_ARG(e->waiting[i]));
    TRY(buf_check(c, &e->why));
    e->cells[e->columns].text = buf_view(&e->why);
    return format_sheet_row(c, e->sheet, e->cells);
}

// --- open and close -----------------------------------------------------------------------------

static Err sheet_open(Ctx *c, DeskErrorSheet *e, const FormatFileInfo *info, int64_t now) {
    FormatSheetColumn *columns;
    TRY(ctx_alloc(c, (e->columns + 1) * sizeof *columns, &columns));
    for (size_t i = 0; i < e->columns; i++)
        columns[i].name = info->header[i];
    columns[e->columns].name = STR(FORMAT_ERROR_COLUMN);
    columns[e->columns].width = 60;
    FormatSheetOptions options = {.columns = columns, .column_count = e->columns + 1, .at_us = now};
    return format_sheet_open(c, &options, &e->sheet);
}

static Err errors_init(Ctx *c, DeskErrorSheet *e, Str path, const FormatFileInfo *info,
                       int64_t now) {
    Ctx *m = &e->memory;
    if (str_copy(m, path, &e->path) != OK ||
        str_format(m, &e->part, STR_FMT ".part", STR_ARG(path)) != OK ||
        ctx_alloc(m, (info->header_count + 1) * sizeof *e->cells, &e->cells) != OK)
        return fail(c, E_MEMORY, "no memory for a sheet of errors");
    e->columns = info->header_count;
    e->delimiter = info->sheet.n || info->delimiter == 0 ? ',' : info->delimiter;
    if (str_ends(path, STR(".xlsx")))
        return sheet_open(c, e, info, now);
    TRY(file_open(c, e->part, FILE_CREATE, &e->file));
    e->unfinished = true;
    // The mark says UTF-8 to spreadsheet programs and to our own reader.
    buf_text(&e->out, "\xef\xbb\xbf");
    return csv_row(c, e, info->header, info->header_count, STR(FORMAT_ERROR_COLUMN));
}

Err desk_errors_open(Ctx *c, Str path, const FormatFileInfo *info, int64_t now,
                     DeskErrorSheet **ret_errors) {
    DeskErrorSheet *e = mem_alloc_zero(1, sizeof *e);
    if (e == NULL)
        return fail(c, E_MEMORY, "no memory for a sheet of errors");
    ctx_init(&e->memory);
    ctx_init(&e->row);
    Err err = errors_init(c, e, path, info, now);
    if (err != OK) {
        desk_errors_close(e);
        return err;
    }
    *ret_errors = e;
    return OK;
}

void desk_errors_close(DeskErrorSheet *e) {
    if (e == NULL)
        return;
    file_close(&e->file);
    if (e->unfinished) {
        // What was not finished is nobody's; that it cannot be removed is no error of the import.
        if (file_remove(&e->row, e->part) != OK)
            ctx_reset(&e->row);
    }
    format_sheet_close(e->sheet);
    buf_done(&e->why);
    buf_done(&e->out);
    ctx_done(&e->row);
    ctx_done(&e->memory);
    mem_free(e);
}

// --- rows ---------------------------------------------------------------------------------------

void desk_errors_add(DeskErrorSheet *e, Str column, Str why) {
    if (e->why.n)
        buf_text(&e->why, "; ");
    if (column.n)
        buf_format(&e->why, STR_FMT ": ", STR_ARG(column));
    buf_str(&e->why, why);
}

static Err cells_keep(Ctx *c, DeskErrorSheet *e, const FormatRow *row) {
    Str *cells;
    ctx_reset(&e->row);
    Err err = ctx_alloc(&e->row, (row->cell_count + 1) * sizeof *cells, &cells);
    for (size_t i = 0; i < row->cell_count && err == OK; i++)
        err = str_copy(&e->row, row->cells[i], &cells[i]);
    if (err != OK)
        return fail(c, err, "no memory for a row of the sheet of errors");
    e->waiting = cells;
    e->waiting_count = row->cell_count;
    e->waits = true;
    return OK;
}

Err desk_errors_row(Ctx *c, DeskErrorSheet *e, const FormatRow *row) {
    TRY(row_flush(c, e));
    buf_clear(&e->why);
    TRY(cells_keep(c, e, row));
    if (row->state == FORMAT_ROW_BAD)
        desk_errors_add(e, row->bad_column, row->bad_reason);
    for (size_t i = 0; i < row->warning_count; i++) {
        Str words;
        TRY(str_format(c, &words, "(warning) %s", row->warnings[i].words));
        desk_errors_add(e, str_of(row->warnings[i].column), words);
    }
    return OK;
}

Err desk_errors_end(Ctx *c, DeskErrorSheet *e) {
    TRY(row_flush(c, e));
    if (e->sheet)
        return format_sheet_save(c, e->sheet, e->path);
    TRY(out_flush(c, e, 0));
    TRY(file_sync(c, &e->file));
    file_close(&e->file);
    TRY(file_rename(c, e->part, e->path));
    e->unfinished = false;
    return OK;
}
