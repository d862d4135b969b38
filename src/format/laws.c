// The tables of law and policy that the product ships.
#include "format/law_priv.h"

static const char *const law_columns[] = {"id",
                                          "country",
                                          "order",
                                          "ground",
                                          "issued_by",
                                          "term",
                                          "unit",
                                          "clock_from",
                                          "extended_by",
                                          "extension",
                                          "extension_unit",
                                          "extension_from",
                                          "extensions_max",
                                          "amount_limit",
                                          "currency",
                                          "exempt_amount",
                                          "answer_hours",
                                          "document",
                                          "notice",
                                          "appeal",
                                          "valid_from",
                                          "valid_until",
                                          "standing",
                                          "source"};

const char *const *format_law_columns(size_t *ret_n) {
    *ret_n = COUNT_OF(law_columns);
    return law_columns;
}

// --- single values ------------------------------------------------------------------------------

Err table_day(Ctx *c, Str text, int32_t open, int32_t *ret_day) {
    char whole[TIME_TEXT_BYTES];
    int64_t at = 0;
    if (text.n == 0) {
        *ret_day = open;
        return OK;
    }
    if (text.n != 10)
        return fail(c, E_INVALID, "a date is YYYY-MM-DD, not " STR_FMT, STR_ARG(text));
    memcpy(whole, text.p, 10);
    memcpy(whole + 10, "T00:00:00Z", 11);
    if (!time_parse(str_of(whole), &at))
        return fail(c, E_INVALID, "a date is YYYY-MM-DD, not " STR_FMT, STR_ARG(text));
    *ret_day = (int32_t)time_day(at);
    return OK;
}

// A whole number ≥ `least`; false in *ret_has where the text is empty.
static Err whole(Ctx *c, const char *column, Str text, int64_t least, bool *ret_has,
                 int64_t *ret_v) {
    *ret_has = text.n > 0;
    *ret_v = 0;
    if (text.n > 0 && (!str_to_i64(text, ret_v) || *ret_v < least))
        return fail(c, E_INVALID, "%s is a whole number from %lld on, not " STR_FMT, column,
                    (long long)least, STR_ARG(text));
    return OK;
}

// --- orders -------------------------------------------------------------------------------------

typedef struct Fields {
    const Str *names, *texts;
    size_t n;
} Fields;

static Str field(const Fields *f, const char *name) {
    for (size_t i = 0; i < f->n; i++)
        if (str_eq_c(f->names[i], name))
            return f->texts[i];
    return (Str){0};
}

static Err law_terms(Ctx *c, const Fields *f, OrderLaw *law) {
    Str unit = field(f, "unit"), extension_unit = field(f, "extension_unit");
    Str from = field(f, "extension_from");
    bool has_answer_hours = false;
    law->clock_from_name = field(f, "clock_from");
    TRY(whole(c, "term", field(f, "term"), 1, &law->has_term, &law->term.count));
    TRY(whole(c, "extension", field(f, "extension"), 1, &law->has_extension,
              &law->extension.count));
    TRY(whole(c, "extensions_max", field(f, "extensions_max"), 0, &law->has_extensions_max,
              &law->extensions_max));
    TRY(whole(c, "answer_hours", field(f, "answer_hours"), 1, &has_answer_hours,
              &law->answer_hours));
    if (!has_answer_hours)
        law->answer_hours = ORDER_ANSWER_HOURS;
    if (law->has_term && !order_unit_find(unit, &law->term.unit))
        return fail(c, E_INVALID, "unit \"" STR_FMT "\" is not known", STR_ARG(unit));
    if (law->has_extension && !order_unit_find(extension_unit, &law->extension.unit))
        return fail(c, E_INVALID, "extension_unit \"" STR_FMT "\" is not known",
                    STR_ARG(extension_unit));
    if (law->clock_from_name.n > 0 &&
        !order_clock_from_find(law->clock_from_name, &law->clock_from))
        return fail(c, E_INVALID, "clock_from \"" STR_FMT "\" is not known",
                    STR_ARG(law->clock_from_name));
    law->has_extension_from = from.n > 0;
    if (from.n > 0 && !order_clock_from_find(from, &law->extension_from))
        return fail(c, E_INVALID, "extension_from \"" STR_FMT "\" is not known", STR_ARG(from));
    return OK;
}

Err format_law_parse(Ctx *c, const FormatTables *t, const Str *names, const Str *texts, size_t n,
                     OrderLaw *ret_law) {
    Fields f = {names, texts, n};
    OrderLaw law = {.id = field(&f, "id"),
                    .country = field(&f, "country"),
                    .order = field(&f, "order"),
                    .ground = field(&f, "ground"),
                    .issued_by = field(&f, "issued_by"),
                    .extended_by = field(&f, "extended_by"),
                    .currency = field(&f, "currency"),
                    .exempt_amount = field(&f, "exempt_amount"),
                    .document = field(&f, "document"),
                    .notice = field(&f, "notice"),
                    .appeal = field(&f, "appeal"),
                    .standing = field(&f, "standing"),
                    .source = field(&f, "source")};
    Str limit = field(&f, "amount_limit");
    if (law.id.n == 0 || law.order.n == 0 || !format_country_known(t, law.country))
        return fail(c, E_INVALID, "a law row has id, order and a known country");
    TRY(law_terms(c, &f, &law));
    TRY(table_day(c, field(&f, "valid_from"), INT32_MIN, &law.valid_from));
    TRY(table_day(c, field(&f, "valid_until"), INT32_MAX, &law.valid_until));
    if (limit.n > 0) {
        const FormatCurrency *currency = format_currency_find(t, law.currency);
        if (currency == NULL)
            return fail(c, E_INVALID, "amount_limit needs a known currency");
        TRY(format_amount_parse(c, limit, currency, &law.amount_limit));
        law.has_amount_limit = true;
    }
    *ret_law = law;
    return OK;
}

static Err row_law(Ctx *c, FormatTables *t, const FormatCsvRow *row) {
    FormatLawTables *law = t->law;
    Str names[COUNT_OF(law_columns)];
    Str *texts = arena_alloc(&t->memory, sizeof names);
    if (texts == NULL)
        return fail(c, E_MEMORY, "no memory for the tables");
    for (size_t i = 0; i < COUNT_OF(law_columns); i++) {
        names[i] = str_of(law_columns[i]);
        TRY(table_keep(c, t, row->fields[i], &texts[i]));
    }
    if (format_law_find(t, texts[0]))
        return fail(c, E_INVALID, "the id stands twice");
    FormatLaw new = {.texts = texts};
    TRY(format_law_parse(c, t, names, texts, COUNT_OF(names), &new.law));
    TRY(mem_grow(c, &law->laws, &law->law_cap, law->law_count + 1, sizeof new));
    law->laws[law->law_count++] = new;
    return OK;
}

const FormatLaw *format_laws(const FormatTables *t, size_t *ret_n) {
    *ret_n = t->law->law_count;
    return t->law->laws;
}

const FormatLaw *format_law_find(const FormatTables *t, Str id) {
    for (size_t i = 0; i < t->law->law_count; i++)
        if (str_eq(t->law->laws[i].law.id, id))
            return &t->law->laws[i];
    return NULL;
}

// --- refunds ------------------------------------------------------------------------------------

static Err row_refund(Ctx *c, FormatTables *t, const FormatCsvRow *row) {
    FormatLawTables *law = t->law;
    FormatRefundLaw new = {0};
    const Str *f = row->fields;
    if (!format_country_known(t, f[0]))
        return fail(c, E_INVALID, "the country is not known");
    TRY(table_keep(c, t, f[0], &new.country));
    TRY(table_keep(c, t, f[1], &new.rule));
    TRY(whole(c, "notice_days", f[2], 0, &new.has_notice_days, &new.notice_days));
    TRY(whole(c, "claims_days", f[3], 0, &new.has_claims_days, &new.claims_days));
    TRY(table_keep(c, t, f[4], &new.note));
    TRY(table_day(c, f[5], INT32_MIN, &new.valid_from));
    TRY(table_keep(c, t, f[6], &new.standing));
    TRY(table_keep(c, t, f[7], &new.source));
    TRY(mem_grow(c, &law->refund_laws, &law->refund_law_cap, law->refund_law_count + 1,
                 sizeof new));
    law->refund_laws[law->refund_law_count++] = new;
    return OK;
}

const FormatRefundLaw *format_refund_law_find(const FormatTables *t, Str country, int32_t day) {
    const FormatRefundLaw *found = NULL;
    for (size_t i = 0; i < t->law->refund_law_count; i++) {
        const FormatRefundLaw *each = &t->law->refund_laws[i];
        if (str_eq(each->country, country) && day >= each->valid_from &&
            (found == NULL || each->valid_from >= found->valid_from))
            found = each;
    }
    return found;
}

// --- refusals -----------------------------------------------------------------------------------

static Err row_refusal(Ctx *c, FormatTables *t, const FormatCsvRow *row) {
    FormatLawTables *law = t->law;
    FormatRefusal new = {.partly = str_eq_c(row->fields[3], "partly")};
    if (row->fields[0].n == 0 || (row->fields[3].n > 0 && !new.partly))
        return fail(c, E_INVALID, "a refusal has a code, and undoes nothing or \"partly\"");
    TRY(table_keep(c, t, row->fields[0], &new.code));
    TRY(table_keep(c, t, row->fields[1], &new.order));
    TRY(table_keep(c, t, row->fields[2], &new.meaning));
    TRY(mem_grow(c, &law->refusals, &law->refusal_cap, law->refusal_count + 1, sizeof new));
    law->refusals[law->refusal_count++] = new;
    return OK;
}

const FormatRefusal *format_refusals(const FormatTables *t, size_t *ret_n) {
    *ret_n = t->law->refusal_count;
    return t->law->refusals;
}

const FormatRefusal *format_refusal_find(const FormatTables *t, Str order, Str code) {
    for (size_t i = 0; i < t->law->refusal_count; i++) {
        const FormatRefusal *each = &t->law->refusals[i];
        if (str_eq(each->code, code) && (str_eq_c(each->order, "*") || str_eq(each->order, order)))
            return each;
    }
    return NULL;
}

// --- policy -------------------------------------------------------------------------------------

static Err currency_or_none(Ctx *c, const FormatTables *t, Str code) {
    if (code.n > 0 && !format_currency_find(t, code))
        return fail(c, E_INVALID, "the currency " STR_FMT " is not known", STR_ARG(code));
    return OK;
}

static Err row_policy(Ctx *c, FormatTables *t, const FormatCsvRow *row) {
    FormatLawTables *law = t->law;
    const Str *f = row->fields;
    OrderPolicy new = {0};
    if (f[0].n == 0 || !order_hold_find(f[4], &new.then))
        return fail(c, E_INVALID, "a class is proposed, for a person, or never held");
    TRY(currency_or_none(c, t, f[2]));
    TRY(table_keep(c, t, f[0], &new.class_name));
    TRY(whole(c, "minimum_minor", f[1], 0, &new.has_minimum, &new.minimum));
    TRY(table_keep(c, t, f[2], &new.currency));
    TRY(whole(c, "deepest_level", f[3], 0, &new.has_deepest, &new.deepest));
    for (size_t i = 0; i < law->policy_count; i++)
        if (str_eq(law->policy[i].class_name, new.class_name) &&
            str_eq(law->policy[i].currency, new.currency))
            return fail(c, E_INVALID, "class and currency stand twice");
    TRY(mem_grow(c, &law->policy, &law->policy_cap, law->policy_count + 1, sizeof new));
    law->policy[law->policy_count++] = new;
    return OK;
}

const OrderPolicy *format_policy(const FormatTables *t, size_t *ret_n) {
    *ret_n = t->law->policy_count;
    return t->law->policy;
}

static Err row_release(Ctx *c, FormatTables *t, const FormatCsvRow *row) {
    FormatLawTables *law = t->law;
    const Str *f = row->fields;
    Release new = {0};
    bool has_persons = false;
    int64_t persons = 0;
    TRY(currency_or_none(c, t, f[2]));
    TRY(whole(c, "threshold_minor", f[1], 0, &new.has_threshold, &new.threshold));
    TRY(whole(c, "persons", f[3], 1, &has_persons, &persons));
    if (f[0].n == 0 || persons < 1 || persons > 2)
        return fail(c, E_INVALID, "an act asks for one person or two");
    new.persons = (int)persons;
    TRY(table_keep(c, t, f[0], &new.act));
    TRY(table_keep(c, t, f[2], &new.currency));
    TRY(mem_grow(c, &law->releases, &law->release_cap, law->release_count + 1, sizeof new));
    law->releases[law->release_count++] = new;
    return OK;
}

int format_persons(const FormatTables *t, Str act, int64_t amount, Str currency) {
    const Release *row = NULL;
    for (size_t i = 0; i < t->law->release_count; i++) {
        const Release *each = &t->law->releases[i];
        bool same = each->currency.n > 0 && str_eq(each->currency, currency);
        if (str_eq(each->act, act) && (same || (each->currency.n == 0 && row == NULL)))
            row = each;
    }
    return row && (!row->has_threshold || amount > row->threshold) ? row->persons : 1;
}

// --- reading ------------------------------------------------------------------------------------

static const Table law_tables[] = {
    {"data/law/orders.csv",
     "id,country,order,ground,issued_by,term,unit,clock_from,extended_by,extension,extension_unit,"
     "extension_from,extensions_max,amount_limit,currency,exempt_amount,answer_hours,document,"
     "notice,appeal,valid_from,valid_until,standing,source",
     COUNT_OF(law_columns), row_law},
    {"data/law/refunds.csv", "country,rule,notice_days,claims_days,note,valid_from,standing,source",
     8, row_refund},
    {"data/law/refusals.csv", "code,order,meaning,undoes", 4, row_refusal},
    {"data/policy/hold.csv", "class,minimum_minor,currency,deepest_level,then", 5, row_policy},
    {"data/policy/release.csv", "act,threshold_minor,currency,persons", 4, row_release},
};

Err law_tables_open(Ctx *c, FormatTables *t) {
    t->law = mem_alloc_zero(1, sizeof *t->law);
    if (t->law == NULL)
        return fail(c, E_MEMORY, "no memory for the tables");
    for (size_t i = 0; i < COUNT_OF(law_tables); i++)
        TRY(table_read(c, t, &law_tables[i]));
    return calendars_read(c, t);
}

void law_tables_close(FormatTables *t) {
    if (t->law == NULL)
        return;
    calendars_done(t->law);
    mem_free(t->law->laws);
    mem_free(t->law->refund_laws);
    mem_free(t->law->refusals);
    mem_free(t->law->policy);
    mem_free(t->law->releases);
    mem_free(t->law);
}
