// A look at a file before it is taken in: its first rows as they stand, with what is wrong.
#include "desk/desk_priv.h"

static Err cell_copy(Ctx *c, Str cell, Str *ret_cell) {
    size_t n = cell.n;
    if (n <= DESK_PREVIEW_CELL_BYTES_MAX)
        return str_copy(c, cell, ret_cell);
    text_utf8_prefix((Str){cell.p, DESK_PREVIEW_CELL_BYTES_MAX}, &n);
    return str_format(c, ret_cell, STR_FMT "…", (int)n, cell.p);
}

static Err cells_copy(Ctx *c, const Str *cells, size_t n, const Str **ret_cells) {
    Str *copy;
    TRY(ctx_alloc(c, (n + 1) * sizeof *copy, &copy));
    for (size_t i = 0; i < n; i++)
        TRY(cell_copy(c, cells[i], &copy[i]));
    *ret_cells = copy;
    return OK;
}

static Err row_copy(Ctx *c, const FormatRow *from, DeskPreviewRow *ret_row) {
    DeskPreviewRow row = {.row = from->row, .line = from->line, .cell_count = from->cell_count};
    DeskPreviewError *errors;
    TRY(cells_copy(c, from->cells, from->cell_count, &row.cells));
    TRY(ctx_alloc(c, (from->warning_count + 1) * sizeof *errors, &errors));
    if (from->state == FORMAT_ROW_BAD) {
        DeskPreviewError *e = &errors[row.error_count++];
        e->cell = from->bad_cell;
        TRY(str_copy(c, from->bad_column, &e->column));
        TRY(str_copy(c, from->bad_reason, &e->reason));
    }
    for (size_t i = 0; i < from->warning_count; i++) {
        DeskPreviewError *e = &errors[row.error_count++];
        e->warning = true;
        TRY(str_copy(c, str_of(from->warnings[i].column), &e->column));
        TRY(str_copy(c, str_of(from->warnings[i].words), &e->reason));
    }
    row.errors = errors;
    *ret_row = row;
    return OK;
}

static Err rows_read(Ctx *c, DeskIntake *k, DeskPreviewRow *rows, size_t *ret_n) {
    AUTO(Ctx) one;
    ctx_init(&one);
    for (size_t n = 0;; n++) {
        FormatRow row;
        ctx_reset(&one);
        TRY(desk_pass(c, &one, format_file_next(&one, k->file, &row)));
        if (row.state == FORMAT_ROW_END || n == DESK_PREVIEW_ROWS_MAX) {
            *ret_n = n;
            return OK;
        }
        TRY(row_copy(c, &row, &rows[n]));
    }
}

Err desk_import_preview(Ctx *c, const Desk *d, const DeskImport *in, FormatKind kind,
                        DeskPreview *ret_preview) {
    TRY(desk_need(c, d, DESK_IMPORT));
    AUTO(DeskIntake) k = {0};
    DeskImport look = *in;
    look.dry_run = true;
    look.errors_path = (Str){0};
    TRY(desk_intake_open(c, d, &look, kind, &k));
    DeskPreview p = {.mapping = k.result.mapping,
                     .encoding = k.result.encoding,
                     .sheet = k.result.sheet,
                     .sheet_count = k.result.sheet_count};
    DeskPreviewRow *rows;
    TRY(str_copy(c, k.result.file, &p.file));
    FormatFileInfo info = format_file_info(k.file);
    TRY(cells_copy(c, info.header, info.header_count, &p.columns));
    p.column_count = info.header_count;
    TRY(ctx_alloc(c, DESK_PREVIEW_ROWS_MAX * sizeof *rows, &rows));
    TRY(rows_read(c, &k, rows, &p.row_count));
    p.rows = rows;
    *ret_preview = p;
    return OK;
}

// --- JSON ---------------------------------------------------------------------------------------

static void put_texts(JsonWriter *w, const char *key, const Str *texts, size_t n) {
    json_put_key(w, str_of(key));
    json_put_array_begin(w);
    for (size_t i = 0; i < n; i++)
        json_put_str(w, texts[i]);
    json_put_array_end(w);
}

static void put_row(JsonWriter *w, const DeskPreviewRow *row) {
    json_put_object_begin(w);
    put_texts(w, "cells", row->cells, row->cell_count);
    json_put_key(w, STR("errors"));
    json_put_array_begin(w);
    for (size_t i = 0; i < row->error_count; i++) {
        const DeskPreviewError *e = &row->errors[i];
        json_put_object_begin(w);
        json_put_key_i64(w, "cell", (int64_t)e->cell);
        json_put_key_str(w, "column", e->column);
        json_put_key_str(w, "reason", e->reason);
        json_put_key_bool(w, "warning", e->warning);
        json_put_object_end(w);
    }
    json_put_array_end(w);
    json_put_key_i64(w, "line", (int64_t)row->line);
    json_put_key_i64(w, "row", (int64_t)row->row);
    json_put_object_end(w);
}

Err desk_preview_json(Ctx *c, const DeskPreview *p, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    put_texts(&w, "columns", p->columns, p->column_count);
    json_put_key_str(&w, "encoding", p->encoding);
    json_put_key_str(&w, "file", p->file);
    json_put_key_str(&w, "mapping", p->mapping);
    json_put_key(&w, STR("rows"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < p->row_count; i++)
        put_row(&w, &p->rows[i]);
    json_put_array_end(&w);
    if (p->sheet.n)
        json_put_key_str(&w, "sheet", p->sheet);
    json_put_key(&w, STR("total"));
    json_put_null(&w);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

Err desk_import_preview_json(Ctx *c, const Desk *d, const DeskImport *in, bool reports, Buf *out) {
    DeskPreview p;
    TRY(desk_import_preview(c, d, in, reports ? FORMAT_REPORTS : FORMAT_TRANSFERS, &p));
    return desk_preview_json(c, &p, out);
}

// --- mappings -----------------------------------------------------------------------------------

static void put_mapping(JsonWriter *w, Str kind, Str name, bool kept) {
    json_put_object_begin(w);
    json_put_key_bool(w, "kept", kept);
    json_put_key_str(w, "kind", kind);
    json_put_key_str(w, "name", name);
    json_put_object_end(w);
}

static Err put_kept(Ctx *c, DeskNode *n, JsonWriter *w) {
    AUTO(StoreQuery) q = store_stmt(n->local, LOCAL_MAPPING_NAMES);
    for (;;) {
        bool row;
        TRY(store_step(c, q, &row));
        if (!row)
            return OK;
        put_mapping(w, store_col_str(q, 0), store_col_str(q, 1), true);
    }
}

Err desk_mapping_list_json(Ctx *c, const Desk *d, Buf *out) {
    TRY(desk_need(c, d, DESK_IMPORT));
    DeskNode *n = d->node;
    const FormatMapping *m;
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("items"));
    json_put_array_begin(&w);
    for (size_t i = 0; (m = format_mapping_at(n->tables, i)) != NULL; i++)
        put_mapping(&w, str_of(format_kind_name(format_mapping_kind(m))), format_mapping_name(m),
                    false);
    pthread_mutex_lock(&n->local_lock);
    Err e = put_kept(c, n, &w);
    pthread_mutex_unlock(&n->local_lock);
    TRY(e);
    json_put_array_end(&w);
    json_put_key_null(&w, "next");
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}
