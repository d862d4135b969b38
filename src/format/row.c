// A CSV row under a mapping: the checked transfer or report, or the first thing that is wrong.
#include "format/format_priv.h"

#include <stdio.h>

#define TIME_NOTE "the local time came twice; the earlier is taken"

// --- values
// -----------------------------------------------------------------------------------------

static Err source_value(FormatFile *f, size_t target, size_t source, Str *ret_value) {
    uint32_t at = f->at[target][source];
    if (at == AT_NOWHERE) {
        *ret_value = (Str){0};
        return OK;
    }
    if (at != AT_ROW && f->kinds && f->fields[at].n) {
        f->value_kinds |= 1U << f->kinds[at];
        if (str_eq_c(f->fields[at], FORMAT_CELL_NOT_COMPUTED) && f->kinds[at] == FORMAT_CELL_ERROR)
            return fail(&f->row, E_INVALID,
                        "the cell has a formula whose value was not saved: open the sheet in a "
                        "spreadsheet program and save it again");
        if (f->kinds[at] == FORMAT_CELL_ERROR)
            return fail(&f->row, E_INVALID, "the cell holds the error " STR_FMT " of the sheet",
                        STR_ARG(field_shown(f->fields[at])));
    }
    if (at != AT_ROW) {
        *ret_value = f->fields[at];
        return OK;
    }
    return str_format(&f->row, ret_value, "%llu", (unsigned long long)f->row_number);
}

static Err joined_value(FormatFile *f, size_t target, const MapColumn *col, Str *ret_value) {
    Str parts[MAPPING_FROM_MAX];
    size_t n = 0, filled = 0;
    char *text = NULL;
    for (size_t i = 0; i < col->source_count; i++) {
        TRY(source_value(f, target, i, &parts[i]));
        parts[i] = field_trim(parts[i]);
        filled += parts[i].n != 0;
        n += parts[i].n + col->join.n;
    }
    *ret_value = (Str){0};
    if (filled == 0)
        return OK;
    TRY(ctx_alloc(&f->row, n + 1, &text));
    n = 0;
    for (size_t i = 0; i < col->source_count; i++) {
        if (i && col->join.n) {
            memcpy(text + n, col->join.p, col->join.n);
            n += col->join.n;
        }
        if (parts[i].n)
            memcpy(text + n, parts[i].p, parts[i].n);
        n += parts[i].n;
    }
    *ret_value = (Str){text, n};
    return OK;
}

Err row_value(FormatFile *f, size_t target, Str *ret_value) {
    const MapColumn *col = &f->mapping->columns[target];
    f->bad_target = target_name(f->mapping->kind, target);
    *ret_value = (Str){0};
    f->value_kinds = 0;
    if (!col->set)
        return OK;
    if (col->has_const) {
        *ret_value = field_trim(col->constant);
        return OK;
    }
    Str value;
    if (col->source_count == 1)
        TRY(source_value(f, target, 0, &value));
    else
        TRY(joined_value(f, target, col, &value));
    value = field_trim(value);
    if (value.n == 0) {
        *ret_value = field_trim(col->fallback);
        return OK;
    }
    uint32_t id = 0;
    if (col->has_map) {
        if (!dict_find(&col->keys, value, &id))
            return fail(&f->row, E_INVALID, "\"" STR_FMT "\" is not in the mapping's table",
                        STR_ARG(field_shown(value)));
        value = field_trim(col->values[id]);
        f->value_kinds = 0;
    }
    *ret_value = value;
    return OK;
}

static Err row_required(FormatFile *f, size_t target, Str *ret_value) {
    TRY(row_value(f, target, ret_value));
    if (ret_value->n == 0)
        return fail(&f->row, E_INVALID, "it is empty");
    return OK;
}

void row_warn(FormatFile *f, size_t target, const char *format, ...) {
    f->warnings++;
    if (f->row_warning_count == FORMAT_ROW_WARNINGS_MAX)
        return;
    char text[256];
    char *copy = NULL;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t length = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    // A cut in the middle of a character would not be UTF-8.
    text_utf8_prefix((Str){text, length}, &length);
    if (ctx_alloc(&f->row, length + 1, &copy) != OK)
        return;
    memcpy(copy, text, length);
    f->row_warnings[f->row_warning_count++] =
        (FormatWarning){.column = target_name(f->mapping->kind, target), .words = copy};
}

// A spreadsheet's own dates are the same whatever the mapping's form of dates in text: day, or
// time of day, or both, maybe from two cells joined by anything.
static Err sheet_time(FormatFile *f, Str value, TimeForm *ret_form, Str *ret_value) {
    size_t day = sizeof "2026-11-22" - 1, at = day;
    if (value.n < day || value.p[4] != '-' || value.p[7] != '-')
        return fail(&f->row, E_INVALID, "\"" STR_FMT "\" is a time without its day",
                    STR_ARG(field_shown(value)));
    while (at < value.n && (value.p[at] < '0' || value.p[at] > '9'))
        at++;
    *ret_form = f->time_form;
    ret_form->format = (Str){0};
    ret_form->has_step = false;
    if (at == value.n)
        return str_format(&f->row, ret_value, "%.10sT00:00:00", value.p);
    return str_format(&f->row, ret_value, "%.10sT" STR_FMT, value.p, (int)(value.n - at),
                      value.p + at);
}

Err row_time(FormatFile *f, size_t target, Str value, int64_t *ret_at_us) {
    bool doubled = false;
    TimeForm form = f->time_form;
    if (f->value_kinds & 1U << FORMAT_CELL_TIME)
        TRY(sheet_time(f, value, &form, &value));
    TRY(time_read(&f->row, value, &form, ret_at_us, &doubled));
    if (doubled)
        row_warn(f, target, TIME_NOTE);
    return OK;
}

#define SHEET_DIGITS_SURE 15

// An account or a reference that was typed into a spreadsheet as a number has lost its last digits.
static void row_check_digits(FormatFile *f, size_t target, Str value) {
    if (f->value_kinds & 1U << FORMAT_CELL_NUMBER && value.n > SHEET_DIGITS_SURE)
        row_warn(f, target,
                 "the sheet holds " STR_FMT " as a number, and a spreadsheet keeps 15 digits of "
                 "it: the last ones may be lost",
                 STR_ARG(field_shown(value)));
}

static Err row_name(FormatFile *f, size_t target, size_t bytes_max, Str *ret_value) {
    Str value;
    TRY(row_value(f, target, &value));
    row_check_digits(f, target, value);
    return field_name(&f->row, value, bytes_max, ret_value);
}

static Err row_text(FormatFile *f, size_t target, size_t bytes_max, const char *controls,
                    Str *ret_value) {
    Str value;
    TRY(row_value(f, target, &value));
    return field_text(&f->row, value, bytes_max, controls, ret_value);
}

static Err row_country(FormatFile *f, size_t target, Str *ret_country) {
    Str value;
    TRY(row_value(f, target, &value));
    if (value.n)
        return field_country(&f->row, f->options.tables, value, ret_country);
    *ret_country = (Str){0};
    return OK;
}

// --- accounts
// ---------------------------------------------------------------------------------------

void row_check_account(FormatFile *f, const FormatAccount *a, size_t institution_target,
                       size_t account_target, int64_t at_us) {
    // XA is for made-up and unknown institutions: there is no table of them.
    if (a->account.n == 0 || a->institution.n == 0 || str_eq_c(a->country, "XA"))
        return;
    const FormatInstitution *known =
        format_institution_find(f->options.tables, a->country, a->institution);
    if (known == NULL) {
        row_warn(f, institution_target, "institution " STR_FMT "/" STR_FMT " is not in the table",
                 STR_ARG(a->country), STR_ARG(a->institution));
        return;
    }
    if (at_us < known->valid_from_us || at_us >= known->valid_until_us)
        row_warn(f, institution_target,
                 "institution " STR_FMT "/" STR_FMT " was not valid at that time%s" STR_FMT,
                 STR_ARG(a->country), STR_ARG(a->institution),
                 known->successor.n ? "; its successor is " : "", STR_ARG(known->successor));
    if (!account_fits(a->account, known->account_pattern))
        row_warn(f, account_target,
                 "account " STR_FMT " does not fit the form " STR_FMT " of " STR_FMT,
                 STR_ARG(a->account), STR_ARG(known->account_pattern), STR_ARG(known->name));
    else if (str_eq_c(known->check_digit, "luhn") && !account_luhn(a->account))
        row_warn(f, account_target, "account " STR_FMT " has a wrong check digit",
                 STR_ARG(a->account));
}

// The three columns of an account, of which country is the first.
static Err row_account(FormatFile *f, size_t country_target, FormatAccount *ret_account) {
    FormatAccount a;
    TRY(row_country(f, country_target, &a.country));
    TRY(row_name(f, country_target + 1, STREAM_FIELD_BYTES_MAX, &a.institution));
    TRY(row_name(f, country_target + 2, STREAM_FIELD_BYTES_MAX, &a.account));
    if (a.account.n && (a.country.n == 0 || a.institution.n == 0)) {
        f->bad_target = target_name(f->mapping->kind, country_target + (a.country.n == 0 ? 0 : 1));
        return fail(&f->row, E_INVALID, "it is empty, but the account is told");
    }
    *ret_account = a;
    return OK;
}

static_assert(T_FROM_INSTITUTION == T_FROM_COUNTRY + 1 && T_FROM_ACCOUNT == T_FROM_COUNTRY + 2 &&
                  T_TO_INSTITUTION == T_TO_COUNTRY + 1 && T_TO_ACCOUNT == T_TO_COUNTRY + 2,
              "as row_account counts");

// --- transfers
// --------------------------------------------------------------------------------------

// Numbers of a spreadsheet have a point, whatever the mapping says of amounts in text.
static AmountForm amount_form(const FormatFile *f) {
    if (f->value_kinds == 1U << FORMAT_CELL_NUMBER)
        return (AmountForm){.decimal = '.'};
    return f->amount_form;
}

static Err row_amount(FormatFile *f, size_t target, const FormatCurrency *currency, bool *ret_has,
                      int64_t *ret_minor) {
    Str value;
    TRY(row_value(f, target, &value));
    *ret_has = value.n != 0;
    *ret_minor = 0;
    if (value.n == 0)
        return OK;
    return amount_read(&f->row, value, amount_form(f), currency, ret_minor);
}

static Err transfer_amounts(FormatFile *f, FormatTransfer *t) {
    Str value;
    bool has = false;
    TRY(row_required(f, T_CURRENCY, &value));
    TRY(field_currency(&f->row, f->options.tables, value, &t->currency));
    t->credited_currency = t->currency;
    TRY(row_value(f, T_CREDITED_CURRENCY, &value));
    t->has_credited_currency = value.n != 0;
    if (value.n)
        TRY(field_currency(&f->row, f->options.tables, value, &t->credited_currency));
    TRY(row_required(f, T_AMOUNT, &value));
    TRY(row_amount(f, T_AMOUNT, t->currency, &has, &t->amount));
    if (t->amount <= 0)
        return fail(&f->row, E_INVALID, "the amount must be more than 0");
    TRY(row_amount(f, T_CREDITED_AMOUNT, t->credited_currency, &t->has_credited, &t->credited));
    if (t->has_credited && t->credited < 0)
        return fail(&f->row, E_INVALID, "the credited amount must not be negative");
    if (!t->has_credited && t->credited_currency != t->currency)
        return fail(&f->row, E_INVALID,
                    "another credited currency needs the credited amount in it");
    if (!t->has_credited)
        t->credited = t->amount;
    if (t->credited_currency == t->currency && t->credited > t->amount)
        return fail(&f->row, E_INVALID, "more is credited than debited in one currency");
    TRY(row_amount(f, T_FROM_BALANCE, t->currency, &t->has_from_balance, &t->from_balance));
    return row_amount(f, T_TO_BALANCE, t->credited_currency, &t->has_to_balance, &t->to_balance);
}

static bool account_same(const FormatAccount *a, const FormatAccount *b) {
    return str_eq(a->account, b->account) && str_eq(a->institution, b->institution) &&
           str_eq(a->country, b->country);
}

static Err transfer_accounts(FormatFile *f, FormatTransfer *t) {
    TRY(row_account(f, T_FROM_COUNTRY, &t->from));
    TRY(row_account(f, T_TO_COUNTRY, &t->to));
    f->bad_target = NULL;
    if (t->from.account.n == 0 && t->to.account.n == 0)
        return fail(&f->row, E_INVALID, "both accounts are empty");
    if (t->currency == t->credited_currency && account_same(&t->from, &t->to))
        return fail(&f->row, E_INVALID, "a transfer from an account to itself in one currency");
    row_check_account(f, &t->from, T_FROM_INSTITUTION, T_FROM_ACCOUNT, t->booked_at_us);
    row_check_account(f, &t->to, T_TO_INSTITUTION, T_TO_ACCOUNT, t->booked_at_us);
    return OK;
}

Err row_transfer(FormatFile *f, FormatTransfer *ret_transfer) {
    FormatTransfer t = {0};
    Str value;
    TRY(row_name(f, T_ID, STREAM_ID_BYTES_MAX, &t.id));
    TRY(row_required(f, T_BOOKED_AT, &value));
    TRY(row_time(f, T_BOOKED_AT, value, &t.booked_at_us));
    TRY(transfer_amounts(f, &t));
    TRY(transfer_accounts(f, &t));
    TRY(row_value(f, T_SEQ, &value));
    t.has_seq = value.n != 0;
    if (t.has_seq)
        TRY(field_whole(&f->row, value, &t.seq));
    TRY(row_name(f, T_CHANNEL, STREAM_FIELD_BYTES_MAX, &t.channel));
    TRY(row_value(f, T_MEMO, &value));
    TRY(field_one_line(&f->row, value, &value));
    TRY(field_text(&f->row, value, STREAM_MEMO_BYTES_MAX, "", &t.memo));
    if (t.id.n == 0) {
        f->bad_target = target_name(f->mapping->kind, T_ID);
        t.id_made = true;
        buf_clear(&f->line);
        format_transfer_row(&t, &f->line);
        TRY(row_make_id(f, buf_view(&f->line), &t.id));
    }
    *ret_transfer = t;
    return OK;
}

// --- reports
// ----------------------------------------------------------------------------------------

static Err report_loss(FormatFile *f, FormatReport *r) {
    Str value;
    TRY(row_value(f, R_CURRENCY, &value));
    if (value.n)
        TRY(field_currency(&f->row, f->options.tables, value, &r->currency));
    TRY(row_value(f, R_LOSS, &value));
    r->has_loss = value.n != 0;
    if (value.n == 0)
        return OK;
    if (r->currency == NULL)
        return fail(&f->row, E_INVALID, "a loss needs its currency");
    TRY(amount_read(&f->row, value, amount_form(f), r->currency, &r->loss));
    if (r->loss < 0)
        return fail(&f->row, E_INVALID, "a loss must not be negative");
    return OK;
}

// The items of a list column as names.
static Err report_list(FormatFile *f, size_t target, size_t bytes_max, const Str **ret_items,
                       size_t *ret_n) {
    Str value, *items = NULL;
    TRY(row_value(f, target, &value));
    row_check_digits(f, target, value);
    TRY(field_list(&f->row, value, &items, ret_n));
    for (size_t i = 0; i < *ret_n; i++)
        TRY(field_name(&f->row, items[i], bytes_max, &items[i]));
    *ret_items = items;
    return OK;
}

static Err report_accounts(FormatFile *f, FormatReport *r) {
    Str value, *items = NULL;
    FormatAccount *accounts = NULL;
    TRY(row_value(f, R_ACCOUNTS, &value));
    row_check_digits(f, R_ACCOUNTS, value);
    TRY(field_list(&f->row, value, &items, &r->account_count));
    if (r->account_count == 0)
        return OK;
    TRY(ctx_alloc(&f->row, r->account_count * sizeof *accounts, &accounts));
    for (size_t i = 0; i < r->account_count; i++) {
        TRY(format_account_parse(&f->row, f->options.tables, items[i], &accounts[i]));
        row_check_account(f, &accounts[i], R_ACCOUNTS, R_ACCOUNTS, r->reported_at_us);
    }
    r->accounts = accounts;
    return OK;
}

static Err report_phones(FormatFile *f, FormatReport *r) {
    Str value, *items = NULL;
    TRY(row_value(f, R_PHONES, &value));
    TRY(field_list(&f->row, value, &items, &r->phone_count));
    for (size_t i = 0; i < r->phone_count; i++) {
        TextPhone phone;
        TRY(text_phone_parse(&f->row, items[i], r->country, &phone));
        TRY(str_copy(&f->row, (Str){phone.p, phone.n}, &items[i]));
    }
    r->phones = items;
    return OK;
}

Err row_report(FormatFile *f, FormatReport *ret_report) {
    FormatReport r = {0};
    Str value;
    TRY(row_value(f, R_ID, &r.id));
    if (r.id.n && !format_report_id_valid(r.id))
        return fail(&f->row, E_INVALID, "a report's id is 1 to 64 of A-Z a-z 0-9 . _ : -");
    TRY(row_required(f, R_REPORTED_AT, &value));
    TRY(row_time(f, R_REPORTED_AT, value, &r.reported_at_us));
    TRY(row_value(f, R_HAPPENED_AT, &value));
    r.has_happened_at = value.n != 0;
    if (value.n)
        TRY(row_time(f, R_HAPPENED_AT, value, &r.happened_at_us));
    TRY(row_text(f, R_VICTIM, STREAM_FIELD_BYTES_MAX, "", &r.victim));
    TRY(row_country(f, R_COUNTRY, &r.country));
    TRY(row_name(f, R_CHANNEL, STREAM_FIELD_BYTES_MAX, &r.channel));
    TRY(report_loss(f, &r));
    TRY(report_list(f, R_TRANSFERS, STREAM_ID_BYTES_MAX, &r.transfers, &r.transfer_count));
    TRY(report_accounts(f, &r));
    TRY(report_phones(f, &r));
    TRY(report_list(f, R_URLS, FORMAT_URL_BYTES_MAX, &r.urls, &r.url_count));
    TRY(row_text(f, R_STORY, REPORT_STORY_BYTES_MAX, "\t\n\r", &r.story));
    if (r.id.n == 0) {
        f->bad_target = target_name(f->mapping->kind, R_ID);
        r.id_made = true;
        buf_clear(&f->line);
        format_report_row(&r, &f->line);
        TRY(row_make_id(f, buf_view(&f->line), &r.id));
    }
    *ret_report = r;
    return OK;
}
