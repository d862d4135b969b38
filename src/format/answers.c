// The table in which a bank without a node answers: CSV or XLSX, columns by name in any order.
#include "format/format_letter.h"

const char *const format_answer_columns[] = {"order",   "account",  "currency",    "amount",
                                             "ends_at", "answer",   "held",        "balance",
                                             "code",    "moved_to", "happened_at", "reference"};
static_assert(COUNT_OF(format_answer_columns) == FORMAT_ANSWER_COLUMNS, "the door says so");

enum { READ_COLUMNS = 8 };
static const char *const read_columns[READ_COLUMNS] = {
    "order", "answer", "held", "balance", "code", "moved_to", "happened_at", "reference"};

struct FormatAnswers {
    FormatCsv *csv;
    FormatXlsx *xlsx;
    size_t at[READ_COLUMNS]; // column of each, SIZE_MAX: absent
    uint64_t row;
};

void format_answers_close(FormatAnswers *a) {
    if (!a)
        return;
    format_csv_close(a->csv);
    format_xlsx_close(a->xlsx);
    mem_free(a);
}

void FormatAnswersPtr_cleanup(FormatAnswersPtr *a) {
    format_answers_close(*a);
}

static Err next(Ctx *c, FormatAnswers *a, FormatCsvRow *ret_row) {
    return a->xlsx ? format_xlsx_next(c, a->xlsx, ret_row) : format_csv_next(c, a->csv, ret_row);
}

static bool name_is(Str field, const char *name) {
    field = str_trim(field);
    return str_eq_c(field, name);
}

static Err header(Ctx *c, FormatAnswers *a) {
    FormatCsvRow row;
    TRY(next(c, a, &row));
    if (row.end)
        return fail(c, E_INVALID, "the file is empty");
    if (row.bad)
        return fail(c, E_INVALID, "line %llu: %s", (unsigned long long)row.line, row.bad);
    for (size_t i = 0; i < READ_COLUMNS; i++) {
        a->at[i] = SIZE_MAX;
        for (size_t k = 0; k < row.field_count; k++) {
            if (!name_is(row.fields[k], read_columns[i]))
                continue;
            if (a->at[i] != SIZE_MAX)
                return fail(c, E_INVALID, "column %s stands twice", read_columns[i]);
            a->at[i] = k;
        }
    }
    if (a->at[0] == SIZE_MAX || a->at[1] == SIZE_MAX)
        return fail(c, E_INVALID,
                    "this is no table of answers: it has no column %s. The first line is that of "
                    "the file which came with the letter",
                    a->at[0] == SIZE_MAX ? "order" : "answer");
    return OK;
}

Err format_answers_open(Ctx *c, Str bytes, FormatAnswers **ret_answers) {
    AUTO(FormatAnswersPtr) a = mem_alloc_zero(1, sizeof *a);
    if (!a)
        return fail(c, E_MEMORY, "no memory to read answers");
    if (format_xlsx_looks(bytes)) {
        FormatXlsxOptions options = {.bytes = bytes};
        TRY(format_xlsx_open(c, &options, &a->xlsx));
    } else {
        FormatCsvOptions options = {.bytes = bytes};
        TRY(format_csv_open(c, &options, &a->csv));
    }
    TRY(header(c, a));
    *ret_answers = a;
    a = NULL;
    return OK;
}

static Str field(const FormatAnswers *a, const FormatCsvRow *row, size_t column) {
    size_t at = a->at[column];
    if (at >= row->field_count)
        return (Str){0};
    Str s = str_trim(row->fields[at]);
    // What format_csv_field_safe put before a text that a spreadsheet program would compute.
    if (s.n > 1 && s.p[0] == '\'')
        s = (Str){s.p + 1, s.n - 1};
    return s;
}

Err format_answers_next(Ctx *c, FormatAnswers *a, FormatAnswer *ret_answer) {
    for (;;) {
        FormatCsvRow row;
        TRY(next(c, a, &row));
        FormatAnswer x = {.row = ++a->row, .line = row.line, .end = row.end};
        if (row.end) {
            *ret_answer = x;
            return OK;
        }
        if (row.bad) {
            x.bad_reason = str_of(row.bad);
            *ret_answer = x;
            return OK;
        }
        Str *const out[READ_COLUMNS] = {&x.order, &x.answer,   &x.held,        &x.balance,
                                        &x.code,  &x.moved_to, &x.happened_at, &x.reference};
        for (size_t i = 0; i < READ_COLUMNS; i++)
            *out[i] = field(a, &row, i);
        if (x.answer.n == 0 && x.held.n == 0 && x.code.n == 0)
            continue; // not answered yet
        if (x.order.n == 0) {
            x.bad_column = STR("order");
            x.bad_reason = STR("the number of the order is missing");
        } else if (x.answer.n == 0) {
            x.bad_column = STR("answer");
            x.bad_reason = STR("say executed, partly or refused");
        }
        *ret_answer = x;
        return OK;
    }
}
