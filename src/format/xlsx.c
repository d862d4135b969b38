// The rows of a sheet, one at a time, as the CSV reader gives those of a CSV file.
#include "format/xlsx_priv.h"

typedef enum CellForm {
    FORM_NUMBER,
    FORM_SHARED,
    FORM_TEXT,
    FORM_BOOL,
    FORM_ERROR,
    FORM_TIME
} CellForm;

typedef struct Cell {
    uint32_t column; // from 1
    uint32_t style;
    CellForm form;
    bool formula, valued; // has one; has a value that was saved with it, maybe empty
} Cell;

typedef struct Slot {
    size_t at, n;
    FormatCellKind kind;
} Slot;

struct FormatXlsx {
    XlsxZip zip;
    XlsxBook book;
    XlsxPart part;
    CryptoHash sha256;
    bool in_data, ended, hidden, in_value, in_hint;
    uint32_t row, column; // of the cell read last, from 1
    size_t width;         // columns of the first row
    Cell cell;
    Buf value; // of the cell being read, as stored
    Buf text;  // of the cells of the row
    const char *bad;
    size_t bad_column;
    size_t used; // slots filled in this row
    Slot slots[CSV_COLUMNS_MAX];
    Str fields[CSV_COLUMNS_MAX];
    FormatCellKind kinds[CSV_COLUMNS_MAX];
};

// --- open and close
// -------------------------------------------------------------------------------

bool format_xlsx_looks(Str first) {
    return str_starts(first, STR("PK\x03\x04")) || str_starts(first, STR("PK\x05\x06")) ||
           str_starts(first, STR("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"));
}

Err format_xlsx_open(Ctx *c, const FormatXlsxOptions *options, FormatXlsx **ret_xlsx) {
    AUTO(FormatXlsxPtr) r = mem_alloc_zero(1, sizeof *r);
    if (r == NULL)
        return fail(c, E_MEMORY, "no memory to read a spreadsheet");
    TRY(xlsx_zip_open(c, options->path, options->bytes, &r->zip));
    r->sha256 = crypto_sha256(r->zip.bytes.p, r->zip.bytes.n);
    TRY(xlsx_book_read(c, &r->zip, options->sheet, &r->book));
    TRY(xlsx_part_open(c, &r->zip, r->book.sheet, &r->part));
    *ret_xlsx = r;
    r = NULL;
    return OK;
}

void format_xlsx_close(FormatXlsx *r) {
    if (r == NULL)
        return;
    xlsx_part_close(&r->part);
    xlsx_book_done(&r->book);
    xlsx_zip_close(&r->zip);
    buf_done(&r->value);
    buf_done(&r->text);
    mem_free(r);
}

void FormatXlsxPtr_cleanup(FormatXlsxPtr *r) {
    format_xlsx_close(*r);
}

FormatXlsxInfo format_xlsx_info(const FormatXlsx *r) {
    uint64_t total = r->zip.bytes.n, read = r->part.read, size = r->part.size;
    // As far through the file as through the sheet: what people see is a share.
    uint64_t done = size && read < size ? (uint64_t)((U128)total * read / size) : total;
    return (FormatXlsxInfo){.sheet = str_of(r->book.sheet_name),
                            .sheet_count = r->book.sheet_count,
                            .bytes_total = total,
                            .bytes_read = done,
                            .sha256 = r->sha256};
}

// --- one cell
// -------------------------------------------------------------------------------------

static void row_bad(FormatXlsx *r, const char *why) {
    if (r->bad)
        return;
    r->bad = why;
    r->bad_column = r->column;
}

static CellForm cell_form(Str t) {
    if (str_eq_c(t, "s"))
        return FORM_SHARED;
    if (str_eq_c(t, "str") || str_eq_c(t, "inlineStr"))
        return FORM_TEXT;
    if (str_eq_c(t, "b"))
        return FORM_BOOL;
    if (str_eq_c(t, "e"))
        return FORM_ERROR;
    return str_eq_c(t, "d") ? FORM_TIME : FORM_NUMBER;
}

static Err cell_start(Ctx *c, FormatXlsx *r) {
    Str name, value;
    int64_t style = 0;
    uint32_t column = r->column + 1, row = r->row;
    r->cell = (Cell){.form = FORM_NUMBER};
    while (xlsx_part_attribute_next(&r->part, &name, &value)) {
        if (str_eq_c(name, "r") && (!xlsx_cell_name(value, &column, &row) || row != r->row))
            return fail(c, E_INVALID,
                        "the spreadsheet is broken: row %u holds a cell that is not of it", r->row);
        if (str_eq_c(name, "s") && (!str_to_i64(value, &style) || style < 0))
            style = 0;
        if (str_eq_c(name, "t"))
            r->cell.form = cell_form(value);
    }
    if (column <= r->column)
        return fail(c, E_INVALID, "the spreadsheet is broken: the cells of row %u are not in order",
                    r->row);
    r->cell.style = style < (int64_t)r->book.style_count ? (uint32_t)style : UINT32_MAX;
    r->cell.column = r->column = column;
    buf_clear(&r->value);
    return OK;
}

static FormatCellKind number_write(FormatXlsx *r) {
    Str stored = buf_view(&r->value);
    XlsxStyle style = {0};
    if (r->cell.style != UINT32_MAX)
        style = r->book.style[r->cell.style];
    if ((style.date || style.time) && xlsx_time_write(&r->text, stored, style, r->book.from_1904))
        return FORMAT_CELL_TIME;
    // A "date" that is none of the calendar is given as the number that it is.
    if (!xlsx_number_write(&r->text, stored, style.pad))
        buf_str(&r->text, stored);
    return FORMAT_CELL_NUMBER;
}

static Err shared_write(Ctx *c, FormatXlsx *r) {
    int64_t i = -1;
    if (!str_to_i64(buf_view(&r->value), &i) || i < 0 || (size_t)i >= r->book.string_count)
        return fail(c, E_INVALID,
                    "the spreadsheet is broken: row %u names a text that is not there", r->row);
    buf_str(&r->text, xlsx_book_string(&r->book, (size_t)i));
    return OK;
}

static Err cell_value(Ctx *c, FormatXlsx *r, FormatCellKind *ret_kind) {
    Str stored = buf_view(&r->value);
    switch (r->cell.form) {
    case FORM_NUMBER:
        *ret_kind = number_write(r);
        return OK;
    case FORM_SHARED:
        *ret_kind = FORMAT_CELL_TEXT;
        return shared_write(c, r);
    case FORM_TEXT:
        *ret_kind = FORMAT_CELL_TEXT;
        xlsx_text_write(&r->text, stored);
        return OK;
    case FORM_BOOL:
        *ret_kind = FORMAT_CELL_BOOL;
        buf_text(&r->text, str_eq_c(stored, "1") ? "TRUE" : "FALSE");
        return OK;
    case FORM_ERROR:
        *ret_kind = FORMAT_CELL_ERROR;
        buf_str(&r->text, stored);
        return OK;
    case FORM_TIME:
        *ret_kind = FORMAT_CELL_TIME;
        buf_str(&r->text, stored);
        return OK;
    }
    UNREACHABLE();
}

static Err cell_finish(Ctx *c, FormatXlsx *r) {
    // An account that nobody computed must not pass for none.
    if (r->cell.formula && !r->cell.valued) {
        r->cell.form = FORM_ERROR;
        buf_text(&r->value, FORMAT_CELL_NOT_COMPUTED);
        TRY(buf_check(c, &r->value));
    }
    if (r->value.n == 0 || r->bad)
        return OK;
    if (r->cell.column > CSV_COLUMNS_MAX) {
        row_bad(r, "the row has more than 4096 columns");
        return OK;
    }
    size_t from = r->text.n;
    Slot *slot = &r->slots[r->cell.column - 1];
    TRY(cell_value(c, r, &slot->kind));
    TRY(buf_check(c, &r->text));
    slot->at = from;
    slot->n = r->text.n - from;
    if (slot->n > CSV_FIELD_BYTES_MAX)
        row_bad(r, "the field is longer than 64 KiB");
    if (r->text.n > CSV_LINE_BYTES_MAX)
        row_bad(r, "the row is longer than 1 MiB");
    if (slot->n)
        r->used = r->cell.column;
    return OK;
}

static Err cell_text(Ctx *c, FormatXlsx *r) {
    if (!r->in_value || r->in_hint || r->bad)
        return OK;
    Str text = xlsx_part_text(&r->part);
    if (r->value.n + text.n > CSV_LINE_BYTES_MAX) {
        row_bad(r, "the field is longer than 64 KiB");
        return OK;
    }
    buf_str(&r->value, text);
    return buf_check(c, &r->value);
}

// --- one row
// --------------------------------------------------------------------------------------

static Err row_start(Ctx *c, FormatXlsx *r) {
    Str name, value;
    int64_t row = (int64_t)r->row + 1;
    memset(r->slots, 0, r->used * sizeof *r->slots);
    r->hidden = false;
    while (xlsx_part_attribute_next(&r->part, &name, &value)) {
        if (str_eq_c(name, "r") && (!str_to_i64(value, &row) || row <= (int64_t)r->row))
            return fail(c, E_INVALID,
                        "the spreadsheet is broken: the row after row %u is \"" STR_FMT "\"",
                        r->row, (int)(value.n < 20 ? value.n : 20), value.p);
        if (str_eq_c(name, "hidden"))
            r->hidden = str_eq_c(value, "1") || str_eq_c(value, "true");
    }
    if (row > XLSX_ROW_MAX)
        return fail(c, E_LIMIT, "the sheet has more than %d rows", XLSX_ROW_MAX);
    r->row = (uint32_t)row;
    r->column = 0;
    r->used = 0;
    r->bad = NULL;
    r->bad_column = 0;
    buf_clear(&r->text);
    return OK;
}

// A row in which a cell is empty because it is merged with one above.
static bool row_merged(const FormatXlsx *r) {
    for (size_t i = 0; i < r->book.merge_count; i++) {
        const XlsxMerge *m = &r->book.merges[i];
        if (m->row_first < r->row && m->row_last >= r->row && m->column_first <= r->width)
            return true;
    }
    return false;
}

static bool row_finish(FormatXlsx *r, FormatCsvRow *ret_row) {
    if (r->used == 0 && !r->bad)
        return false;
    if (r->width == 0)
        r->width = r->used;
    size_t n = r->used > r->width ? r->used : r->width;
    for (size_t i = 0; i < n; i++) {
        // Slots behind the last used one may hold those of an earlier row.
        Slot s = i < r->used ? r->slots[i] : (Slot){0};
        r->fields[i] = s.n ? (Str){r->text.p + s.at, s.n} : (Str){0};
        r->kinds[i] = s.kind;
    }
    *ret_row = (FormatCsvRow){.fields = r->fields,
                              .kinds = r->kinds,
                              .field_count = n,
                              .line = r->row,
                              .bad = r->bad,
                              .bad_column = r->bad_column,
                              .hidden = r->hidden,
                              .merged = row_merged(r)};
    return true;
}

static Err element_start(Ctx *c, FormatXlsx *r) {
    const XlsxPart *p = &r->part;
    if (xlsx_part_is(p, "sheetData"))
        r->in_data = !xlsx_part_empty(p);
    if (!r->in_data)
        return OK;
    if (xlsx_part_is(p, "row"))
        return row_start(c, r);
    if (xlsx_part_is(p, "c"))
        return cell_start(c, r);
    r->cell.formula |= xlsx_part_is(p, "f");
    r->cell.valued |= xlsx_part_is(p, "v") || xlsx_part_is(p, "is");
    if (xlsx_part_empty(p))
        return OK;
    if (xlsx_part_is(p, "v") || xlsx_part_is(p, "t"))
        r->in_value = true;
    else if (xlsx_part_is(p, "rPh"))
        r->in_hint = true;
    return OK;
}

static Err element_stop(Ctx *c, FormatXlsx *r, bool *ret_row) {
    const XlsxPart *p = &r->part;
    if (!r->in_data)
        return OK;
    if (xlsx_part_is(p, "v") || xlsx_part_is(p, "t"))
        r->in_value = false;
    else if (xlsx_part_is(p, "rPh"))
        r->in_hint = false;
    else if (xlsx_part_is(p, "c"))
        return cell_finish(c, r);
    else if (xlsx_part_is(p, "row"))
        *ret_row = true;
    else if (xlsx_part_is(p, "sheetData"))
        r->in_data = false;
    return OK;
}

Err format_xlsx_next(Ctx *c, FormatXlsx *r, FormatCsvRow *ret_row) {
    XlsxNode node = XLSX_END;
    while (!r->ended) {
        bool row = false;
        TRY(xlsx_part_next(c, &r->part, &node));
        if (node == XLSX_END)
            r->ended = true;
        else if (node == XLSX_START)
            TRY(element_start(c, r));
        else if (node == XLSX_TEXT)
            TRY(cell_text(c, r));
        else
            TRY(element_stop(c, r, &row));
        if (row && row_finish(r, ret_row))
            return OK;
    }
    *ret_row = (FormatCsvRow){.end = true};
    return OK;
}
