// The tables that the product ships, read from the files embedded at build time.
#include "format/law_priv.h"

#include "data_files.h"

#define KEY_BYTES_MAX (2 * STREAM_FIELD_BYTES_MAX)

// --- embedded files
// ---------------------------------------------------------------------------------

bool format_data_at(size_t i, Str *ret_name, Str *ret_bytes) {
    if (i >= COUNT_OF(data_files))
        return false;
    *ret_name = str_of(data_files[i].name);
    *ret_bytes = (Str){(const char *)data_files[i].bytes, data_files[i].n};
    return true;
}

Err format_data_get(Ctx *c, Str name, Str *ret_bytes) {
    Str each, bytes;
    for (size_t i = 0; format_data_at(i, &each, &bytes); i++) {
        if (str_eq(each, name)) {
            *ret_bytes = bytes;
            return OK;
        }
    }
    return fail(c, E_NOT_FOUND, "this build has no file " STR_FMT, STR_ARG(name));
}

// --- reading a table
// --------------------------------------------------------------------------------

Err table_keep(Ctx *c, FormatTables *t, Str s, Str *ret_s) {
    char *p = arena_alloc(&t->memory, s.n + 1);
    if (p == NULL)
        return fail(c, E_MEMORY, "no memory for the tables");
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = 0;
    *ret_s = (Str){p, s.n};
    return OK;
}

static uint32_t code_slot(Str code) {
    uint32_t packed = 0;
    memcpy(&packed, code.p, code.n < 4 ? code.n : 4);
    return (packed * 2654435761U) >> 22;
}

static_assert(COUNT_OF(((FormatTables *)0)->currency_slots) == 1U << (32 - 22),
              "as code_slot says");

static Err row_currency(Ctx *c, FormatTables *t, const FormatCsvRow *row) {
    Str code = row->fields[0];
    int64_t exponent = 0;
    if (code.n < 3 || code.n > 4 || format_currency_find(t, code))
        return fail(c, E_INVALID, "a code of three or four letters stands once");
    if (!str_to_i64(row->fields[1], &exponent) || exponent < 0 || exponent > 8)
        return fail(c, E_INVALID, "the exponent is 0 to 8");
    TRY(mem_grow(c, &t->currencies, &t->currency_cap, t->currency_count + 1,
                 sizeof *t->currencies));
    FormatCurrency *new = &t->currencies[t->currency_count];
    *new = (FormatCurrency){.code_n = (uint8_t)code.n,
                            .exponent = (uint8_t)exponent,
                            .iso = str_eq_c(row->fields[2], "yes")};
    memcpy(new->code, code.p, code.n);
    TRY(table_keep(c, t, row->fields[3], &new->name));
    uint32_t slot = code_slot(code);
    while (t->currency_slots[slot])
        slot = (slot + 1) % COUNT_OF(t->currency_slots);
    t->currency_slots[slot] = (uint16_t)++t->currency_count;
    return OK;
}

static bool country_index(Str code, size_t *ret_index) {
    if (code.n != 2 || code.p[0] < 'A' || code.p[0] > 'Z' || code.p[1] < 'A' || code.p[1] > 'Z')
        return false;
    *ret_index = (size_t)(code.p[0] - 'A') * 26 + (size_t)(code.p[1] - 'A');
    return true;
}

static Err row_country(Ctx *c, FormatTables *t, const FormatCsvRow *row) {
    size_t index = 0;
    if (!country_index(row->fields[0], &index) || t->country_names[index].n)
        return fail(c, E_INVALID, "a code of two capital letters stands once");
    return table_keep(c, t, row->fields[1], &t->country_names[index]);
}

static Err row_date(Ctx *c, Str text, int64_t open, int64_t *ret_us) {
    char whole[32];
    *ret_us = open;
    if (text.n == 0)
        return OK;
    if (text.n != 10)
        return fail(c, E_INVALID, "a date is YYYY-MM-DD");
    memcpy(whole, text.p, 10);
    memcpy(whole + 10, "T00:00:00Z", 11);
    if (!time_parse(str_of(whole), ret_us))
        return fail(c, E_INVALID, "a date is YYYY-MM-DD");
    return OK;
}

static Str institution_key(char room[KEY_BYTES_MAX], Str country, Str code) {
    if (country.n + code.n + 1 > KEY_BYTES_MAX)
        return (Str){0};
    memcpy(room, country.p, country.n);
    room[country.n] = 0x1f;
    if (code.n)
        memcpy(room + country.n + 1, code.p, code.n);
    return (Str){room, country.n + 1 + code.n};
}

static Err row_institution(Ctx *c, FormatTables *t, const FormatCsvRow *row) {
    const Str *f = row->fields;
    char room[KEY_BYTES_MAX];
    uint32_t id = 0;
    if (!format_country_known(t, f[1]) || f[0].n == 0 || f[0].n > STREAM_FIELD_BYTES_MAX)
        return fail(c, E_INVALID, "country or code is wrong");
    Str key = institution_key(room, f[1], f[0]);
    if (dict_find(&t->institution_keys, key, &id))
        return fail(c, E_INVALID, "a code stands once in a country");
    if (!pattern_valid(f[6]) || (f[7].n && !str_eq_c(f[7], "luhn")))
        return fail(c, E_INVALID, "the account pattern is like d10 or d10-12, the check luhn");
    TRY(dict_intern(c, &t->institution_keys, key, &id));
    TRY(mem_grow(c, &t->institutions, &t->institution_cap, (size_t)id + 1,
                 sizeof *t->institutions));
    FormatInstitution *new = &t->institutions[id];
    *new = (FormatInstitution){0};
    TRY(table_keep(c, t, f[0], &new->code));
    TRY(table_keep(c, t, f[1], &new->country));
    TRY(table_keep(c, t, f[2], &new->name));
    TRY(row_date(c, f[3], BASE_TIME_US_MIN, &new->valid_from_us));
    TRY(row_date(c, f[4], BASE_TIME_US_MAX, &new->valid_until_us));
    TRY(table_keep(c, t, f[5], &new->successor));
    TRY(table_keep(c, t, f[6], &new->account_pattern));
    return table_keep(c, t, f[7], &new->check_digit);
}

static const Table tables[] = {
    {"data/currencies.csv", "code,exponent,iso,name", 4, row_currency},
    {"data/countries.csv", "code,name", 2, row_country},
    {"data/institutions.csv",
     "code,country,name,valid_from,valid_until,successor,account_pattern,check_digit,source", 9,
     row_institution},
};

static Err header_check(Ctx *c, const Table *table, const FormatCsvRow *row) {
    Str want = str_of(table->header), part;
    for (size_t i = 0; str_split(&want, ',', &part); i++)
        if (i >= row->field_count || !str_eq(row->fields[i], part))
            return fail(c, E_INVALID, "%s: column %zu must be " STR_FMT, table->file, i + 1,
                        STR_ARG(part));
    return OK;
}

Err table_read(Ctx *c, FormatTables *t, const Table *table) {
    FormatCsvOptions o = {.delimiter = ','};
    TRY(format_data_get(c, str_of(table->file), &o.bytes));
    AUTO(FormatCsvPtr) csv = NULL;
    TRY(format_csv_open(c, &o, &csv));
    for (bool header = true;; header = false) {
        FormatCsvRow row;
        TRY(format_csv_next(c, csv, &row));
        if (row.end)
            return OK;
        if (row.bad || row.field_count != table->columns)
            return fail(c, E_INVALID, "%s, line %llu: not %zu columns", table->file,
                        (unsigned long long)row.line, table->columns);
        if (header) {
            TRY(header_check(c, table, &row));
            continue;
        }
        char why[BASE_ERROR_TEXT_BYTES_MAX];
        Err e = table->row(c, t, &row);
        if (e == E_INVALID) {
            memcpy(why, c->error, sizeof why);
            return fail(c, e, "%s, line %llu: %.500s", table->file, (unsigned long long)row.line,
                        why);
        }
        TRY(e);
    }
}

static Err mappings_read(Ctx *c, FormatTables *t) {
    for (int kind = FORMAT_TRANSFERS; kind <= FORMAT_REPORTS; kind++)
        TRY(mapping_native(c, (FormatKind)kind, &t->mappings[t->mapping_count++]));
    Str name, bytes;
    for (size_t i = 0; format_data_at(i, &name, &bytes); i++) {
        if (!str_starts(name, STR("data/mappings/")) || !str_ends(name, STR(".json")))
            continue;
        if (t->mapping_count == SHIPPED_MAPPINGS_MAX)
            return fail(c, E_LIMIT, "more than %d mappings are shipped", SHIPPED_MAPPINGS_MAX);
        TRY(format_mapping_parse(c, bytes, &t->mappings[t->mapping_count]));
        t->mapping_count++;
    }
    return OK;
}

Err format_tables_open(Ctx *c, FormatTables **ret_tables) {
    AUTO(FormatTablesPtr) t = mem_alloc_zero(1, sizeof *t);
    if (t == NULL)
        return fail(c, E_MEMORY, "no memory for the tables");
    dict_init(&t->institution_keys, 0x6d6f6569);
    for (size_t i = 0; i < COUNT_OF(tables); i++)
        TRY(table_read(c, t, &tables[i]));
    TRY(law_tables_open(c, t));
    TRY(mappings_read(c, t));
    *ret_tables = t;
    t = NULL;
    return OK;
}

void format_tables_close(FormatTables *t) {
    if (t == NULL)
        return;
    for (size_t i = 0; i < SHIPPED_MAPPINGS_MAX; i++)
        format_mapping_close(t->mappings[i]);
    law_tables_close(t);
    dict_done(&t->institution_keys);
    mem_free(t->institutions);
    mem_free(t->currencies);
    arena_done(&t->memory);
    mem_free(t);
}

void FormatTablesPtr_cleanup(FormatTablesPtr *t) {
    format_tables_close(*t);
}

// --- looking up
// -------------------------------------------------------------------------------------

const FormatCurrency *format_currency_find(const FormatTables *t, Str code) {
    if (code.n < 3 || code.n > 4)
        return NULL;
    uint32_t slot = code_slot(code);
    while (t->currency_slots[slot]) {
        const FormatCurrency *each = &t->currencies[t->currency_slots[slot] - 1];
        if (each->code_n == code.n && memcmp(each->code, code.p, code.n) == 0)
            return each;
        slot = (slot + 1) % COUNT_OF(t->currency_slots);
    }
    return NULL;
}

bool format_country_known(const FormatTables *t, Str code) {
    return format_country_name(t, code).n != 0;
}

Str format_country_name(const FormatTables *t, Str code) {
    size_t index = 0;
    return country_index(code, &index) ? t->country_names[index] : (Str){0};
}

const FormatInstitution *format_institution_find(const FormatTables *t, Str country, Str code) {
    char room[KEY_BYTES_MAX];
    uint32_t id = 0;
    if (country.n != 2)
        return NULL;
    Str key = institution_key(room, country, code);
    return key.n && dict_find(&t->institution_keys, key, &id) ? &t->institutions[id] : NULL;
}
