// Roles, their acts, and purposes: read from data/roles.csv and data/purposes.csv.
#include "desk/desk_priv.h"

static const char *const act_names[DESK_ACT_COUNT] = {
#define X(name, text) [DESK_##name] = text,
    DESK_ACTS(X)
#undef X
};
static_assert(DESK_ACT_COUNT < 64, "a word of bits holds all acts");

const char *desk_act_name(DeskAct act) {
    ASSERT(act < DESK_ACT_COUNT);
    return act_names[act];
}

bool desk_act_find(Str name, DeskAct *ret_act) {
    for (size_t i = 0; i < DESK_ACT_COUNT; i++) {
        if (str_eq_c(name, act_names[i])) {
            *ret_act = (DeskAct)i;
            return true;
        }
    }
    return false;
}

static uint64_t bit_of(DeskAct act) {
    return (uint64_t)1 << act;
}

// --- the files ----------------------------------------------------------------------------------

static Err keep(Ctx *c, DeskNode *n, Str s, Str *ret_s) {
    char *p = arena_alloc(&n->words, s.n + 1);
    if (!p)
        return fail(c, E_MEMORY, "no memory for the roles");
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = 0;
    *ret_s = (Str){p, s.n};
    return OK;
}

typedef Err RowFn(Ctx *c, DeskNode *n, const FormatCsvRow *row);

static Err rows_read(Ctx *c, DeskNode *n, const char *name, RowFn *header, RowFn *each) {
    FormatCsvOptions options = {.delimiter = ','};
    TRY(format_data_get(c, str_of(name), &options.bytes));
    AUTO(FormatCsvPtr) csv = NULL;
    TRY(format_csv_open(c, &options, &csv));
    for (RowFn *fn = header;; fn = each) {
        FormatCsvRow row;
        TRY(format_csv_next(c, csv, &row));
        if (row.end)
            return OK;
        if (row.bad)
            return fail(c, E_INVALID, "%s, line %llu: %s", name, (unsigned long long)row.line,
                        row.bad);
        TRY(fn(c, n, &row));
    }
}

static Err roles_header(Ctx *c, DeskNode *n, const FormatCsvRow *row) {
    if (row->field_count < 3 || row->field_count - 2 > DESK_ROLES_MAX ||
        !str_eq_c(row->fields[0], "act") || !str_eq_c(row->fields[1], "words"))
        return fail(c, E_INVALID, "data/roles.csv: the columns are act, words and the roles");
    for (size_t i = 2; i < row->field_count; i++)
        TRY(keep(c, n, row->fields[i], &n->roles[i - 2].role));
    n->role_count = row->field_count - 2;
    return OK;
}

static Err roles_row(Ctx *c, DeskNode *n, const FormatCsvRow *row) {
    Str name = row->fields[0];
    if (row->field_count != n->role_count + 2)
        return fail(c, E_INVALID, "data/roles.csv: a cell a role, at " STR_FMT, STR_ARG(name));
    if (str_eq_c(name, "role")) {
        for (size_t i = 0; i < n->role_count; i++)
            TRY(keep(c, n, row->fields[i + 2], &n->roles[i].words));
        return OK;
    }
    DeskAct act;
    if (!desk_act_find(name, &act) || n->act_words[act].n > 0)
        return fail(c, E_INVALID, "data/roles.csv: " STR_FMT " is no act, or stands twice",
                    STR_ARG(name));
    TRY(keep(c, n, row->fields[1], &n->act_words[act]));
    for (size_t i = 0; i < n->role_count; i++) {
        if (str_eq_c(row->fields[i + 2], "y"))
            n->roles[i].acts |= bit_of(act);
        else if (row->fields[i + 2].n > 0)
            return fail(c, E_INVALID, "data/roles.csv: a cell is y or empty, at " STR_FMT,
                        STR_ARG(name));
    }
    return OK;
}

static Err purposes_header(Ctx *c, DeskNode *n, const FormatCsvRow *row) {
    (void)n;
    if (row->field_count != 3 || !str_eq_c(row->fields[0], "purpose") ||
        !str_eq_c(row->fields[1], "words") || !str_eq_c(row->fields[2], "roles"))
        return fail(c, E_INVALID, "data/purposes.csv: the columns are purpose, words, roles");
    return OK;
}

static Err purposes_row(Ctx *c, DeskNode *n, const FormatCsvRow *row) {
    if (row->field_count != 3 || n->purpose_count == DESK_PURPOSES_MAX)
        return fail(c, E_INVALID, "data/purposes.csv: three columns, at most %d rows",
                    DESK_PURPOSES_MAX);
    size_t at = n->purpose_count++;
    TRY(keep(c, n, row->fields[0], &n->purposes[at].purpose));
    TRY(keep(c, n, row->fields[1], &n->purposes[at].words));
    Str rest = row->fields[2], part;
    while (str_split(&rest, ';', &part)) {
        size_t role = desk_role_find(n, part);
        if (role == n->role_count)
            return fail(c, E_INVALID, "data/purposes.csv: " STR_FMT " is no role", STR_ARG(part));
        n->purpose_roles[at] |= 1U << role;
    }
    return OK;
}

Err desk_roles_open(Ctx *c, DeskNode *n) {
    TRY(rows_read(c, n, "data/roles.csv", roles_header, roles_row));
    for (size_t i = 0; i < DESK_ACT_COUNT; i++) {
        if (n->act_words[i].n == 0)
            return fail(c, E_INVALID, "data/roles.csv has no row for %s", act_names[i]);
    }
    return rows_read(c, n, "data/purposes.csv", purposes_header, purposes_row);
}

// --- asked --------------------------------------------------------------------------------------

size_t desk_role_find(const DeskNode *n, Str role) {
    size_t i = 0;
    while (i < n->role_count && !str_eq(n->roles[i].role, role))
        i++;
    return i;
}

Err desk_purpose_of(Ctx *c, const DeskNode *n, size_t role, Str asked, Str *ret_purpose) {
    for (size_t i = 0; i < n->purpose_count; i++) {
        bool fits = asked.n == 0 || str_eq(asked, n->purposes[i].purpose);
        if (fits && (n->purpose_roles[i] >> role & 1)) {
            *ret_purpose = n->purposes[i].purpose;
            return OK;
        }
    }
    AUTO(Buf) all = {0};
    for (size_t i = 0; i < n->purpose_count; i++) {
        if (n->purpose_roles[i] >> role & 1)
            buf_format(&all, "%s" STR_FMT, all.n ? ", " : "", STR_ARG(n->purposes[i].purpose));
    }
    TRY(buf_check(c, &all));
    return fail(c, E_DENIED, "the role " STR_FMT " works for one of: " STR_FMT,
                STR_ARG(n->roles[role].role), STR_ARG(buf_view(&all)));
}

const DeskRole *desk_roles(const DeskNode *n, size_t *ret_n) {
    *ret_n = n->role_count;
    return n->roles;
}

const DeskPurpose *desk_purposes(const DeskNode *n, size_t *ret_n) {
    *ret_n = n->purpose_count;
    return n->purposes;
}

Str desk_act_words(const DeskNode *n, DeskAct act) {
    ASSERT(act < DESK_ACT_COUNT);
    return n->act_words[act];
}

Err desk_need(Ctx *c, const Desk *d, DeskAct act) {
    if (d->node && desk_may(d, act))
        return OK;
    if (!d->node)
        return fail(c, E_DENIED, "nobody is logged in: log in first");
    AUTO(Buf) who = {0};
    for (size_t i = 0; i < d->node->role_count; i++) {
        const DeskRole *role = &d->node->roles[i];
        if (role->acts & bit_of(act))
            buf_format(&who, "%s" STR_FMT, who.n ? ", " : "", STR_ARG(role->role));
    }
    TRY(buf_check(c, &who));
    return fail(c, E_DENIED,
                "the role " STR_FMT " has not the act %s (" STR_FMT "): it is for " STR_FMT,
                STR_ARG(d->role), act_names[act], STR_ARG(d->node->act_words[act]),
                STR_ARG(buf_view(&who)));
}
