// Inside of room format: the tables of law, and the reader that all shipped tables share.
#ifndef MOEI_FORMAT_LAW_PRIV_H
#define MOEI_FORMAT_LAW_PRIV_H

#include "format/format_priv.h"

// One shipped CSV. `row` gets each row behind the header; E_INVALID from it is given the line.
typedef struct Table Table;
struct Table {
    const char *file;
    const char *header; // the columns, the first ones of the file
    size_t columns;
    Err (*row)(Ctx *c, FormatTables *t, const FormatCsvRow *row);
};
Err table_read(Ctx *c, FormatTables *t, const Table *table) MUST_USE;
// A copy that lives as long as the tables.
Err table_keep(Ctx *c, FormatTables *t, Str s, Str *ret_s) MUST_USE;
// "2026-04-13" to days since 1970-01-01; `open` where empty.
Err table_day(Ctx *c, Str text, int32_t open, int32_t *ret_day) MUST_USE;

typedef struct Release {
    Str act, currency;
    bool has_threshold;
    int64_t threshold;
    int persons;
} Release;

typedef struct Calendar {
    char country[4];
    OrderCalendar order;
    FormatDay *days;
    size_t day_count, day_cap;
    int32_t *dates; // holidays, then working days
} Calendar;

struct FormatLawTables {
    FormatLaw *laws;
    FormatRefundLaw *refund_laws;
    FormatRefusal *refusals;
    OrderPolicy *policy;
    Release *releases;
    Calendar *calendars;
    size_t law_count, refund_law_count, refusal_count, policy_count, release_count, calendar_count;
    size_t law_cap, refund_law_cap, refusal_cap, policy_cap, release_cap, calendar_cap;
};

Err law_tables_open(Ctx *c, FormatTables *t) MUST_USE;
void law_tables_close(FormatTables *t);
Err calendars_read(Ctx *c, FormatTables *t) MUST_USE;
void calendars_done(FormatLawTables *law);

#endif
