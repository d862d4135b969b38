// The part of format's door that reads the tables of law: orders, refunds, refusals, policy,
// thresholds of release, calendars. They are read with the other tables; everything given out is
// valid as long as those. Included by format.h.
#ifndef MOEI_FORMAT_LAW_H
#define MOEI_FORMAT_LAW_H

#include "order/order.h"

typedef struct FormatTables FormatTables;

// --- orders -------------------------------------------------------------------------------------

// A row of data/law/orders.csv; `texts` are its fields as they stand, in the order of the columns,
// which is what an order embeds.
typedef struct FormatLaw {
    OrderLaw law;
    const Str *texts;
} FormatLaw;
const char *const *format_law_columns(size_t *ret_n);
const FormatLaw *format_laws(const FormatTables *t, size_t *ret_n);
const FormatLaw *format_law_find(const FormatTables *t, Str id); // NULL when there is none
// A row from names and texts (as an order embeds it; columns that are missing are empty). Texts
// are borrowed. E_INVALID says which column and why.
Err format_law_parse(Ctx *c, const FormatTables *t, const Str *names, const Str *texts, size_t n,
                     OrderLaw *ret_law) MUST_USE;

// --- refunds ------------------------------------------------------------------------------------

typedef struct FormatRefundLaw {
    Str country, rule, note, standing, source; // rule empty: none is known
    bool has_notice_days, has_claims_days;
    int64_t notice_days, claims_days;
    int32_t valid_from; // days since 1970-01-01; INT32_MIN where open
} FormatRefundLaw;
// The country's row in force on the day, the latest of several; NULL when there is none.
const FormatRefundLaw *format_refund_law_find(const FormatTables *t, Str country, int32_t day);

// --- answers and who must sign ------------------------------------------------------------------

typedef struct FormatRefusal {
    Str code, order, meaning; // order "*": any
    bool partly;              // the answer with this code is partly, not refused
} FormatRefusal;
const FormatRefusal *format_refusals(const FormatTables *t, size_t *ret_n);
const FormatRefusal *format_refusal_find(const FormatTables *t, Str order, Str code);

// The rows of data/policy/hold.csv, for order_policy.
const OrderPolicy *format_policy(const FormatTables *t, size_t *ret_n);
// How many officers an act ("release", "refund_account_change") of this amount asks for, by
// data/policy/release.csv: a row in the currency goes before one without; without a threshold, or
// above it, as the row says; else 1.
int format_persons(const FormatTables *t, Str act, int64_t amount, Str currency);

// --- calendars ----------------------------------------------------------------------------------

typedef struct FormatDay {
    int32_t day;
    bool working; // a weekend that is worked in exchange; else a day off
    Str name, standing;
} FormatDay;
// NULL when there is none for the country.
const OrderCalendar *format_calendar(const FormatTables *t, Str country);
// Its days by date; NULL and 0 when there is none.
const FormatDay *format_calendar_days(const FormatTables *t, Str country, size_t *ret_n);

#endif
