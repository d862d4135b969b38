// Tables that people open in a spreadsheet program: XLSX by libxlsxwriter, and a safer CSV field.
#include "format/format.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xlsxwriter.h>

#define AMOUNT_DIGITS_SURE 1000000000000000LL // a spreadsheet keeps 15 digits
#define EXPONENTS 20
#define WIDTH_DEFAULT 16

struct FormatSheet {
    FormatSheetColumn *columns; // own copy; names are written at once and not kept
    size_t column_count;
    lxw_workbook *book;
    lxw_worksheet *sheet;
    lxw_format *text, *time, *head, *amounts[EXPONENTS];
    uint32_t row; // next, from 0
    File memory;  // what libxlsxwriter writes into
    Buf cell;
};

// --- open
// -----------------------------------------------------------------------------------------

// libxlsxwriter writes to a path only; a file in memory has one.
static Err memory_open(Ctx *c, File *f) {
    f->fd = memfd_create("sheet", MFD_CLOEXEC);
    if (f->fd < 0)
        return fail_errno(c, "no memory for a spreadsheet");
    f->open = true;
    snprintf(f->path, sizeof f->path, "/proc/self/fd/%d", f->fd);
    return OK;
}

static Err formats_make(Ctx *c, FormatSheet *s) {
    s->head = workbook_add_format(s->book);
    s->text = workbook_add_format(s->book);
    s->time = workbook_add_format(s->book);
    if (s->head == NULL || s->text == NULL || s->time == NULL)
        return fail(c, E_MEMORY, "no memory for a spreadsheet");
    format_set_bold(s->head);
    format_set_num_format(s->text, "@");
    format_set_num_format(s->time, "yyyy-mm-dd hh:mm:ss");
    return OK;
}

static lxw_format *amount_format(FormatSheet *s, unsigned exponent) {
    char code[EXPONENTS + 8] = "0";
    if (s->amounts[exponent])
        return s->amounts[exponent];
    if (exponent)
        snprintf(code, sizeof code, "0.%0*d", (int)exponent, 0);
    s->amounts[exponent] = workbook_add_format(s->book);
    if (s->amounts[exponent])
        format_set_num_format(s->amounts[exponent], code);
    return s->amounts[exponent];
}

static Err book_make(Ctx *c, FormatSheet *s, const FormatSheetOptions *o) {
    // Rows go to a temporary file as they come: any number of them needs little memory.
    lxw_workbook_options options = {.constant_memory = LXW_TRUE};
    s->book = workbook_new_opt(s->memory.path, &options);
    if (s->book == NULL)
        return fail(c, E_MEMORY, "no memory for a spreadsheet");
    lxw_doc_properties properties = {.created = (time_t)(o->at_us / 1000000)};
    workbook_set_properties(s->book, &properties);
    char name[LXW_SHEETNAME_MAX + 1] = "";
    if (o->name && strlen(o->name) < sizeof name)
        snprintf(name, sizeof name, "%s", o->name);
    s->sheet = workbook_add_worksheet(s->book, name[0] ? name : NULL);
    if (s->sheet == NULL)
        return fail(c, E_INVALID, "\"%s\" is no name for a sheet", name);
    return formats_make(c, s);
}

void format_sheet_close(FormatSheet *s) {
    if (s == NULL)
        return;
    if (s->book)
        lxw_workbook_free(s->book);
    mem_free(s->columns);
    file_close(&s->memory);
    buf_done(&s->cell);
    mem_free(s);
}

void FormatSheetPtr_cleanup(FormatSheetPtr *s) {
    format_sheet_close(*s);
}

// --- cells
// ----------------------------------------------------------------------------------------

// What XML or a cell cannot hold is taken out: U+FFFE and U+FFFF become U+FFFD, and a text too long
// for a cell ends in an ellipsis.
static Err text_clean(Ctx *c, FormatSheet *s, Str text) {
    const Str ellipsis = STR("…");
    size_t n = text.n;
    if (n > SHEET_CELL_BYTES_MAX)
        text_utf8_prefix((Str){text.p, SHEET_CELL_BYTES_MAX - ellipsis.n}, &n);
    buf_clear(&s->cell);
    buf_append(&s->cell, text.p, n);
    for (size_t i = 0; i + 2 < s->cell.n && !s->cell.failed; i++)
        if (memcmp(s->cell.p + i, "\xef\xbf", 2) == 0 && (uint8_t)s->cell.p[i + 2] >= 0xbe)
            s->cell.p[i + 2] = (char)0xbd;
    if (n < text.n)
        buf_str(&s->cell, ellipsis);
    buf_char(&s->cell, 0);
    return buf_check(c, &s->cell);
}

// Always as text: what begins with = + - @ is never a formula.
static Err text_put(Ctx *c, FormatSheet *s, size_t column, Str text, lxw_format *format) {
    if (text.n == 0)
        return OK;
    TRY(text_clean(c, s, text));
    if (worksheet_write_string(s->sheet, s->row, (lxw_col_t)column, s->cell.p, format) !=
        LXW_NO_ERROR)
        return fail(c, E_IO, "a cell of the spreadsheet cannot be written");
    return OK;
}

static Err amount_put(Ctx *c, FormatSheet *s, size_t column, const FormatSheetCell *cell) {
    int64_t v = cell->value;
    if (cell->exponent >= EXPONENTS)
        return fail(c, E_INVALID, "an amount has at most %d digits behind the point", EXPONENTS);
    if (v >= AMOUNT_DIGITS_SURE || v <= -AMOUNT_DIGITS_SURE) {
        AUTO(Buf) digits = {0};
        format_amount_write(&digits, v, cell->exponent);
        TRY(buf_check(c, &digits));
        return text_put(c, s, column, buf_view(&digits), s->text);
    }
    // Only here money becomes a double, in a file for people: up to 15 digits it gives back the
    // same decimal digits.
    double ten = 1, major = (double)v;
    for (unsigned i = 0; i < cell->exponent; i++)
        ten *= 10;
    lxw_format *format = amount_format(s, cell->exponent);
    if (format == NULL)
        return fail(c, E_MEMORY, "no memory for a spreadsheet");
    if (worksheet_write_number(s->sheet, s->row, (lxw_col_t)column, major / ten, format) !=
        LXW_NO_ERROR)
        return fail(c, E_IO, "a cell of the spreadsheet cannot be written");
    return OK;
}

static Err time_put(Ctx *c, FormatSheet *s, size_t column, int64_t at_us) {
    int64_t day_s = 86400, at = at_us / 1000000, year;
    unsigned month, day;
    if (at_us < BASE_TIME_US_MIN || at_us > BASE_TIME_US_MAX)
        return fail(c, E_INVALID, "a time is outside of the years 1 to 9999");
    civil_from_days(at / day_s - (at % day_s < 0), &year, &month, &day);
    if (year < FORMAT_TIME_YEAR_MIN) {
        char text[TIME_TEXT_BYTES];
        time_format(at_us, text);
        return text_put(c, s, column, str_of(text), s->text);
    }
    int of_day = (int)((at % day_s + day_s) % day_s);
    lxw_datetime t = {.year = (int)year,
                      .month = (int)month,
                      .day = (int)day,
                      .hour = of_day / 3600,
                      .min = of_day / 60 % 60,
                      .sec = of_day % 60};
    if (worksheet_write_datetime(s->sheet, s->row, (lxw_col_t)column, &t, s->time) != LXW_NO_ERROR)
        return fail(c, E_IO, "a cell of the spreadsheet cannot be written");
    return OK;
}

static Err cell_put(Ctx *c, FormatSheet *s, size_t column, const FormatSheetCell *cell) {
    switch (s->columns[column].type) {
    case FORMAT_SHEET_TEXT:
        return text_put(c, s, column, cell->text, s->text);
    case FORMAT_SHEET_AMOUNT:
        return cell->filled ? amount_put(c, s, column, cell) : OK;
    case FORMAT_SHEET_TIME:
        return cell->filled ? time_put(c, s, column, cell->value) : OK;
    }
    UNREACHABLE();
}

Err format_sheet_row(Ctx *c, FormatSheet *s, const FormatSheetCell *cells) {
    if (s->row >= XLSX_ROW_MAX)
        return fail(c, E_LIMIT, "a sheet has %d rows at most: take CSV", XLSX_ROW_MAX);
    for (size_t i = 0; i < s->column_count; i++)
        TRY(cell_put(c, s, i, &cells[i]));
    s->row++;
    return OK;
}

static Err sheet_header(Ctx *c, FormatSheet *s) {
    for (size_t i = 0; i < s->column_count; i++) {
        Str name = s->columns[i].name;
        if (s->columns[i].type == FORMAT_SHEET_TIME)
            TRY(str_format(c, &name, STR_FMT " (UTC)", STR_ARG(name)));
        TRY(text_put(c, s, i, name, s->head));
    }
    s->row = 1;
    return OK;
}

Err format_sheet_open(Ctx *c, const FormatSheetOptions *options, FormatSheet **ret_sheet) {
    if (options->column_count > SHEET_COLUMNS_MAX)
        return fail(c, E_LIMIT, "a spreadsheet is written with %d columns at most",
                    SHEET_COLUMNS_MAX);
    AUTO(FormatSheetPtr) s = mem_alloc_zero(1, sizeof *s);
    if (s == NULL)
        return fail(c, E_MEMORY, "no memory for a spreadsheet");
    s->column_count = options->column_count;
    s->columns = mem_alloc_zero(options->column_count + 1, sizeof *s->columns);
    if (s->columns == NULL)
        return fail(c, E_MEMORY, "no memory for a spreadsheet");
    if (s->column_count)
        memcpy(s->columns, options->columns, s->column_count * sizeof *s->columns);
    TRY(memory_open(c, &s->memory));
    TRY(book_make(c, s, options));
    for (size_t i = 0; i < s->column_count; i++) {
        unsigned width = s->columns[i].width ? s->columns[i].width : WIDTH_DEFAULT;
        worksheet_set_column(s->sheet, (lxw_col_t)i, (lxw_col_t)i, width, NULL);
    }
    TRY(sheet_header(c, s));
    *ret_sheet = s;
    s = NULL;
    return OK;
}

// --- end
// ------------------------------------------------------------------------------------------

Err format_sheet_end(Ctx *c, FormatSheet *s, Buf *out) {
    char bytes[16384];
    lxw_workbook *book = s->book;
    s->book = NULL; // closing frees it, whether it works or not
    if (book == NULL)
        return fail(c, E_STATE, "the spreadsheet was ended before");
    if (workbook_close(book) != LXW_NO_ERROR)
        return fail(c, E_IO,
                    "the spreadsheet cannot be written: is there room for temporary files?");
    for (size_t got = 1; got;) {
        TRY(file_read(c, &s->memory, bytes, sizeof bytes, &got));
        buf_append(out, bytes, got);
    }
    return buf_check(c, out);
}

Err format_sheet_save(Ctx *c, FormatSheet *s, Str path) {
    AUTO(Buf) bytes = {0};
    TRY(format_sheet_end(c, s, &bytes));
    return file_replace(c, path, buf_view(&bytes));
}

// --- CSV for people
// -------------------------------------------------------------------------------

// "-1234.50" is an amount; a spreadsheet program may well take it as one.
static bool field_is_number(Str s) {
    size_t i = s.n && s.p[0] == '-', digits = 0, points = 0;
    for (; i < s.n; i++) {
        digits += s.p[i] >= '0' && s.p[i] <= '9';
        points += s.p[i] == '.';
    }
    return digits && points <= 1 && digits + points + (s.p[0] == '-') == s.n;
}

void format_csv_field_safe(Buf *b, Str field) {
    AUTO(Buf) safe = {0};
    bool computed = field.n && field.p[0] && strchr("=+-@\t\r", field.p[0]);
    if (!computed || field_is_number(field)) {
        format_csv_field(b, field);
        return;
    }
    buf_char(&safe, '\'');
    buf_str(&safe, field);
    b->failed = b->failed || safe.failed;
    format_csv_field(b, buf_view(&safe));
}
