// Files of banks and of victims' reports: encoding, mapping and header chosen, then row by row.
#include "format/format_priv.h"

#include <stdio.h>

#define NAMES_SHOWN_MAX 600

// --- choosing the mapping
// ---------------------------------------------------------------------------

static const FormatMapping *mapping_at(const FormatOptions *o, size_t i) {
    if (i < o->tables->mapping_count)
        return o->tables->mappings[i];
    i -= o->tables->mapping_count;
    return i < o->saved_count ? o->saved[i] : NULL;
}

static Err mapping_unknown(Ctx *c, const FormatOptions *o) {
    char names[NAMES_SHOWN_MAX] = "";
    size_t n = 0;
    const FormatMapping *m;
    for (size_t i = 0; (m = mapping_at(o, i)) != NULL && n < sizeof names; i++) {
        int more =
            snprintf(names + n, sizeof names - n, "%s" STR_FMT, i ? ", " : "", STR_ARG(m->name));
        n += more > 0 ? (size_t)more : 0;
    }
    return fail(c, E_NOT_FOUND,
                "there is no mapping and no file \"" STR_FMT "\"; mappings here: %s",
                STR_ARG(o->mapping), names);
}

static Err mapping_asked(Ctx *c, FormatFile *f) {
    const FormatOptions *o = &f->options;
    const FormatMapping *m;
    Str json;
    for (size_t i = 0; (m = mapping_at(o, i)) != NULL; i++) {
        if (str_eq(m->name, o->mapping)) {
            f->mapping = m;
            return OK;
        }
    }
    if (!file_exists(o->mapping))
        return mapping_unknown(c, o);
    TRY(file_read_all(c, o->mapping, MAPPING_BYTES_MAX, &json));
    TRY(format_mapping_parse(c, json, &f->own_mapping));
    f->mapping = f->own_mapping;
    return OK;
}

// --- header
// -----------------------------------------------------------------------------------------

#define LOOK_BYTES 8

// A spreadsheet tells itself by its first bytes, whatever it is called.
static Err sheet_look(Ctx *c, const FormatOptions *o, bool *ret_sheet) {
    char bytes[LOOK_BYTES];
    size_t n = 0, got = 1;
    AUTO(File) file = {0};
    if (o->path.n == 0) {
        *ret_sheet = format_xlsx_looks(o->bytes);
        return OK;
    }
    TRY(file_open(c, o->path, FILE_READ, &file));
    for (; n < sizeof bytes && got; n += got)
        TRY(file_read(c, &file, bytes + n, sizeof bytes - n, &got));
    *ret_sheet = format_xlsx_looks((Str){bytes, n});
    return OK;
}

static Err source_open(Ctx *c, FormatFile *f) {
    bool sheet = false;
    TRY(sheet_look(c, &f->options, &sheet));
    if (sheet) {
        FormatXlsxOptions o = {
            .path = f->options.path, .bytes = f->options.bytes, .sheet = f->options.sheet};
        return format_xlsx_open(c, &o, &f->xlsx);
    }
    if (f->options.sheet.n)
        return fail(c, E_INVALID, "a sheet is named, but the file is no XLSX spreadsheet");
    return OK;
}

static Err csv_open(Ctx *c, FormatFile *f, Str encoding, char delimiter) {
    format_csv_close(f->csv);
    f->csv = NULL;
    FormatCsvOptions o = {.path = f->options.path,
                          .bytes = f->options.bytes,
                          .encoding = encoding,
                          .delimiter = delimiter};
    return format_csv_open(c, &o, &f->csv);
}

// Keeps a copy of the header; the row itself is gone with the next one.
static Err header_keep(Ctx *c, FormatFile *f, const FormatCsvRow *row) {
    size_t bytes = row->field_count * sizeof(Str);
    for (size_t i = 0; i < row->field_count; i++)
        bytes += row->fields[i].n;
    mem_free(f->header);
    f->header = mem_alloc(bytes + 1);
    if (f->header == NULL)
        return fail(c, E_MEMORY, "no memory for the header of the file");
    char *p = (char *)(f->header + row->field_count);
    for (size_t i = 0; i < row->field_count; i++) {
        Str s = row->fields[i];
        if (s.n)
            memcpy(p, s.p, s.n);
        f->header[i] = (Str){p, s.n};
        p += s.n;
    }
    f->header_count = row->field_count;
    // A sheet in which nothing else stands is somebody's own.
    f->has_errors =
        f->header_count > 1 && str_eq_c(f->header[f->header_count - 1], FORMAT_ERROR_COLUMN);
    f->header_count -= f->has_errors;
    return OK;
}

static Err rows_next(Ctx *c, FormatFile *f, FormatCsvRow *ret_row) {
    if (f->xlsx)
        TRY(format_xlsx_next(c, f->xlsx, ret_row));
    else
        TRY(format_csv_next(c, f->csv, ret_row));
    if (f->has_errors && ret_row->field_count == f->header_count + 1)
        ret_row->field_count--;
    return OK;
}

static Err header_read(Ctx *c, FormatFile *f) {
    FormatCsvRow row;
    f->has_errors = false;
    TRY(rows_next(c, f, &row));
    if (row.end)
        return fail(c, E_INVALID, "the file is empty: a header line is needed");
    if (row.bad && row.bad_column)
        return fail(c, E_INVALID, "the header line (line %llu, column %zu): %s",
                    (unsigned long long)row.line, row.bad_column, row.bad);
    if (row.bad)
        return fail(c, E_INVALID, "the header line (line %llu): %s", (unsigned long long)row.line,
                    row.bad);
    return header_keep(c, f, &row);
}

static size_t header_find(const FormatFile *f, Str name, size_t *ret_times) {
    size_t at = 0;
    *ret_times = 0;
    for (size_t i = f->header_count; i-- > 0;) {
        if (str_eq(f->header[i], name)) {
            at = i;
            ++*ret_times;
        }
    }
    return at;
}

static bool row_is_header(const FormatFile *f, const Str *fields, size_t n) {
    if (n != f->header_count)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!str_eq(fields[i], f->header[i]))
            return false;
    return true;
}

// Native: our names only, each once, and all that are needed.
static bool header_is_native(const FormatFile *f, FormatKind kind) {
    size_t target = 0, times = 0;
    for (size_t i = 0; i < f->header_count; i++) {
        header_find(f, f->header[i], &times);
        if (times != 1 || !target_find(kind, f->header[i], &target))
            return false;
    }
    for (size_t i = 0; i < targets_needed(kind); i++) {
        header_find(f, str_of(target_name(kind, i)), &times);
        if (times == 0)
            return false;
    }
    return true;
}

static bool header_fits(const FormatFile *f, const FormatMapping *m) {
    if (m->native)
        return header_is_native(f, m->kind);
    return m->header_count && row_is_header(f, m->header, m->header_count);
}

static Err header_differs(Ctx *c, const FormatFile *f, const FormatMapping *m) {
    if (m->native) {
        size_t times = 0;
        for (size_t i = 0; i < targets_needed(m->kind); i++) {
            header_find(f, str_of(target_name(m->kind, i)), &times);
            if (times == 0)
                return fail(c, E_INVALID, "the header lacks the column %s",
                            target_name(m->kind, i));
        }
        return fail(c, E_INVALID, "the header has columns that the form of %s does not have",
                    format_kind_name(m->kind));
    }
    size_t n = f->header_count < m->header_count ? f->header_count : m->header_count;
    for (size_t i = 0; i < n; i++)
        if (!str_eq(f->header[i], m->header[i]))
            return fail(c, E_INVALID,
                        "column %zu of the header is \"" STR_FMT "\", the mapping " STR_FMT
                        " says \"" STR_FMT "\"",
                        i + 1, STR_ARG(field_shown(f->header[i])), STR_ARG(m->name),
                        STR_ARG(field_shown(m->header[i])));
    return fail(c, E_INVALID, "the header has %zu columns, the mapping " STR_FMT " says %zu",
                f->header_count, STR_ARG(m->name), m->header_count);
}

// A CSV file is opened anew for each way to read it; the header of a sheet is read once.
static Err header_open(Ctx *c, FormatFile *f, Str encoding, char delimiter) {
    if (f->xlsx && f->header)
        return OK;
    if (f->xlsx == NULL)
        TRY(csv_open(c, f, encoding, delimiter));
    return header_read(c, f);
}

// Opens the file as the mapping says and looks whether the header is its own.
static Err mapping_try(Ctx *c, FormatFile *f, const FormatMapping *m, bool *ret_fits) {
    Str encoding = f->options.encoding.n ? f->options.encoding : m->encoding;
    TRY(header_open(c, f, encoding, m->delimiter));
    *ret_fits = header_fits(f, m);
    return OK;
}

static Err mapping_none(Ctx *c, FormatFile *f) {
    TRY(header_open(c, f, f->options.encoding, ','));
    char names[NAMES_SHOWN_MAX] = "";
    size_t n = 0;
    for (size_t i = 0; i < f->header_count && i < 6 && n < sizeof names; i++) {
        int more = snprintf(names + n, sizeof names - n, "%s" STR_FMT, i ? "," : "",
                            STR_ARG(field_shown(f->header[i])));
        n += more > 0 ? (size_t)more : 0;
    }
    return fail(c, E_NOT_FOUND,
                "no mapping has the header \"%s%s\" (%zu columns): name one with --mapping", names,
                f->header_count > 6 ? ",…" : "", f->header_count);
}

// By exact header: every mapping is tried with its own delimiter and encoding.
static Err mapping_by_header(Ctx *c, FormatFile *f) {
    const FormatMapping *m, *other = NULL;
    for (size_t i = 0; (m = mapping_at(&f->options, i)) != NULL; i++) {
        bool fits = false;
        Err e = mapping_try(c, f, m, &fits);
        // Read in the way of another mapping a file may well look broken.
        if (e == E_INVALID || e == E_UNSUPPORTED)
            continue;
        TRY(e);
        if (fits && m->kind == f->options.kind) {
            f->mapping = m;
            return OK;
        }
        if (fits)
            other = m;
    }
    if (other)
        return fail(c, E_INVALID, "this is a file of %s: import it as such",
                    format_kind_name(other->kind));
    return mapping_none(c, f);
}

static Err mapping_choose(Ctx *c, FormatFile *f) {
    if (f->options.mapping.n == 0)
        return mapping_by_header(c, f);
    TRY(mapping_asked(c, f));
    if (f->mapping->kind != f->options.kind)
        return fail(c, E_INVALID, "the mapping " STR_FMT " is for %s, not for %s",
                    STR_ARG(f->mapping->name), format_kind_name(f->mapping->kind),
                    format_kind_name(f->options.kind));
    bool fits = false;
    TRY(mapping_try(c, f, f->mapping, &fits));
    if (!fits && (f->mapping->native || f->mapping->header_count))
        return header_differs(c, f, f->mapping);
    return OK;
}

// --- open
// -------------------------------------------------------------------------------------------

static Err source_resolve(Ctx *c, const FormatFile *f, const Source *source, uint32_t *ret_at) {
    if (source->kind == SOURCE_ROW) {
        *ret_at = AT_ROW;
        return OK;
    }
    if (source->kind == SOURCE_NUMBER) {
        if (source->number > f->header_count)
            return fail(c, E_INVALID, "the mapping uses column #%u, the file has %zu",
                        source->number, f->header_count);
        *ret_at = source->number - 1;
        return OK;
    }
    size_t times = 0, at = header_find(f, source->name, &times);
    if (times == 0 && f->mapping->native) {
        *ret_at = AT_NOWHERE;
        return OK;
    }
    if (times != 1)
        return fail(c, E_INVALID,
                    "the mapping's column \"" STR_FMT "\" stands %zu times in the "
                    "header",
                    STR_ARG(source->name), times);
    *ret_at = (uint32_t)at;
    return OK;
}

static Err file_prepare(Ctx *c, FormatFile *f) {
    const FormatMapping *m = f->mapping;
    for (size_t t = 0; t < targets_count(m->kind); t++)
        for (size_t i = 0; i < m->columns[t].source_count; i++)
            TRY(source_resolve(c, f, &m->columns[t].sources[i], &f->at[t][i]));
    if (m->timezone.n)
        TRY(text_zone_open(c, m->timezone, &f->zone));
    f->time_form = (TimeForm){.format = m->time_format,
                              .zone = f->zone,
                              .zone_name = m->timezone,
                              .has_step = m->has_step,
                              .step_origin_us = m->step_origin_us,
                              .step_seconds = m->step_seconds};
    f->amount_form = (AmountForm){.decimal = m->decimal, .thousands = m->thousands};
    return OK;
}

Err format_file_open(Ctx *c, const FormatOptions *options, FormatFile **ret_file) {
    ASSERT(options->tables != NULL);
    AUTO(FormatFilePtr) f = mem_alloc_zero(1, sizeof *f);
    if (f == NULL)
        return fail(c, E_MEMORY, "no memory to read a file");
    f->options = *options;
    ctx_init(&f->row);
    TRY(source_open(c, f));
    TRY(mapping_choose(c, f));
    TRY(file_prepare(c, f));
    *ret_file = f;
    f = NULL;
    return OK;
}

void format_file_close(FormatFile *f) {
    if (f == NULL)
        return;
    format_csv_close(f->csv);
    format_xlsx_close(f->xlsx);
    format_mapping_close(f->own_mapping);
    text_zone_close(f->zone);
    mem_free(f->header);
    mem_free(f->same.slots);
    buf_done(&f->line);
    ctx_done(&f->row);
    mem_free(f);
}

void FormatFilePtr_cleanup(FormatFilePtr *f) {
    format_file_close(*f);
}

// --- rows
// -------------------------------------------------------------------------------------------

static Err csv_bad(FormatFile *f, const FormatCsvRow *row, FormatRow *ret_row) {
    Str column = {0};
    if (row->bad_column && row->bad_column <= f->header_count)
        TRY(str_format(&f->row, &column, "%zu (" STR_FMT ")", row->bad_column,
                       STR_ARG(field_shown(f->header[row->bad_column - 1]))));
    else if (row->bad_column)
        TRY(str_format(&f->row, &column, "%zu", row->bad_column));
    ret_row->bad_column = column;
    ret_row->bad_reason = str_of(row->bad);
    return OK;
}

// The row's values into *ret_row; E_INVALID with words in f->row where the row is bad.
static Err row_read(FormatFile *f, const FormatCsvRow *row, FormatRow *ret_row) {
    f->bad_target = NULL;
    if (row->field_count != f->header_count)
        return fail(&f->row, E_INVALID, "the row has %zu columns, the header %zu", row->field_count,
                    f->header_count);
    if (row_is_header(f, row->fields, row->field_count))
        return fail(&f->row, E_INVALID, "the header line is repeated here");
    f->fields = row->fields;
    f->kinds = row->kinds;
    if (f->mapping->kind == FORMAT_TRANSFERS)
        return row_transfer(f, &ret_row->transfer);
    return row_report(f, &ret_row->report);
}

// What is not said of one column. Good rows only.
static void row_note(FormatFile *f, const char *words) {
    f->warnings++;
    if (f->row_warning_count < FORMAT_ROW_WARNINGS_MAX)
        f->row_warnings[f->row_warning_count++] = (FormatWarning){.column = "", .words = words};
}

static Err bad_reason(FormatFile *f, const FormatCsvRow *csv_row, Str *ret_reason) {
    if (!csv_row->merged) {
        *ret_reason = str_of(f->row.error);
        return OK;
    }
    return str_format(&f->row, ret_reason,
                      "%s (cells of this row are merged with those above; only the first row of "
                      "merged cells holds their value)",
                      f->row.error);
}

// The one cell of the column being read, from 1.
static size_t bad_cell(const FormatFile *f) {
    size_t target = 0;
    FormatKind kind = f->mapping->kind;
    if (f->bad_target == NULL || !target_find(kind, str_of(f->bad_target), &target))
        return 0;
    const MapColumn *col = &f->mapping->columns[target];
    if (!col->set || col->has_const || col->source_count != 1)
        return 0;
    uint32_t at = f->at[target][0];
    return at == AT_ROW || at == AT_NOWHERE ? 0 : (size_t)at + 1;
}

static Err row_finish(Ctx *c, FormatFile *f, const FormatCsvRow *csv_row, FormatRow *ret_row) {
    uint64_t warnings = f->warnings;
    ret_row->cells = csv_row->fields;
    ret_row->cell_count = csv_row->field_count;
    ret_row->bad_cell = csv_row->bad_column;
    ret_row->state = FORMAT_ROW_BAD;
    Err e = csv_row->bad ? csv_bad(f, csv_row, ret_row) : row_read(f, csv_row, ret_row);
    if (e != OK && e != E_INVALID)
        return fail(c, e, "row %llu: %.900s", (unsigned long long)f->row_number, f->row.error);
    if (e == E_INVALID) {
        ret_row->bad_column = str_of(f->bad_target);
        ret_row->bad_cell = bad_cell(f);
        TRY(bad_reason(f, csv_row, &ret_row->bad_reason));
    }
    if (e == E_INVALID || csv_row->bad) {
        // What is not taken needs no warning.
        f->warnings = warnings;
        f->bad++;
        return OK;
    }
    if (csv_row->hidden)
        row_note(f, "the row is hidden in the sheet");
    if (csv_row->merged)
        row_note(f, "cells of the row are merged with those above and count as empty");
    f->good++;
    ret_row->state = FORMAT_ROW_GOOD;
    ret_row->warnings = f->row_warnings;
    ret_row->warning_count = f->row_warning_count;
    return OK;
}

Err format_file_next(Ctx *c, FormatFile *f, FormatRow *ret_row) {
    FormatCsvRow csv_row = {.end = true};
    if (!f->ended)
        TRY(rows_next(c, f, &csv_row));
    if (csv_row.end) {
        f->ended = true;
        *ret_row = (FormatRow){.state = FORMAT_ROW_END};
        return OK;
    }
    ctx_reset(&f->row);
    f->row_warning_count = 0;
    FormatRow row = {.row = ++f->row_number, .line = csv_row.line};
    TRY(row_finish(c, f, &csv_row, &row));
    *ret_row = row;
    return OK;
}

Err format_file_skip(Ctx *c, FormatFile *f) {
    FormatCsvRow row;
    while (!f->ended) {
        TRY(rows_next(c, f, &row));
        f->ended = row.end;
    }
    return OK;
}

FormatFileInfo format_file_info(const FormatFile *f) {
    FormatFileInfo info = {.kind = f->mapping->kind,
                           .mapping = f->mapping->name,
                           .header = f->header,
                           .header_count = f->header_count,
                           .delimiter = f->mapping->delimiter,
                           .good = f->good,
                           .bad = f->bad,
                           .warnings = f->warnings};
    if (f->xlsx) {
        FormatXlsxInfo sheet = format_xlsx_info(f->xlsx);
        memcpy(info.encoding, "XLSX", sizeof "XLSX");
        info.sheet = sheet.sheet;
        info.sheet_count = sheet.sheet_count;
        info.bytes_total = sheet.bytes_total;
        info.bytes_read = sheet.bytes_read;
        return info;
    }
    info.bytes_total = csv_bytes_total(f->csv);
    info.bytes_read = csv_bytes_read(f->csv);
    const char *encoding = csv_encoding(f->csv);
    memcpy(info.encoding, encoding, strlen(encoding) + 1);
    return info;
}

Err format_file_sha256(Ctx *c, FormatFile *f, uint8_t ret_hash[32]) {
    if (!f->ended)
        return fail(c, E_STATE, "the file's hash is known at its end only");
    CryptoHash hash = f->xlsx ? format_xlsx_info(f->xlsx).sha256 : csv_sha256(f->csv);
    memcpy(ret_hash, hash.b, 32);
    return OK;
}
