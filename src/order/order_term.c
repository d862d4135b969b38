// Ends of terms by the wall clock of a zone and the calendar of a country.
#include "order/order_priv.h"

// --- calendar -----------------------------------------------------------------------------------

static bool is_listed(const int32_t *days, size_t n, int32_t day) {
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (days[middle] < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && days[low] == day;
}

bool order_is_working_day(const OrderCalendar *calendar, int32_t day) {
    if (is_listed(calendar->working, calendar->working_count, day))
        return true;
    // 1970-01-01 was a Thursday.
    unsigned weekday = (unsigned)((((int64_t)day + 3) % 7 + 7) % 7);
    return !(calendar->weekend >> weekday & 1U) &&
           !is_listed(calendar->holidays, calendar->holiday_count, day);
}

// --- wall clock ---------------------------------------------------------------------------------

// Day and time of day by the wall clock.
typedef struct Wall {
    int64_t day; // since 1970-01-01
    int64_t us;  // of the day
} Wall;

static Wall wall_of(const TextZone *zone, int64_t at_us) {
    int64_t local = text_zone_to_local(zone, at_us);
    int64_t day = time_day(local);
    return (Wall){day, local - day * TIME_DAY_US};
}

// A wall time that the clocks jump over is taken after the jump by as much: by the offset before.
static int64_t wall_to_utc(const TextZone *zone, Wall w) {
    int64_t local = w.day * TIME_DAY_US + w.us, utc = 0;
    if (text_zone_to_utc(zone, local, &utc) != TEXT_LOCAL_SKIPPED)
        return utc;
    int64_t guess = local - TIME_DAY_US; // UTC that is before the jump in every zone
    int64_t offset = text_zone_to_local(zone, guess) - guess;
    return local - offset;
}

// A day behind the years that a zone knows is as good as any other: the caller refuses it.
static int64_t add_months(int64_t day, int64_t months) {
    int64_t year = 0;
    unsigned month = 0, day_of_month = 0;
    civil_from_days(day, &year, &month, &day_of_month);
    int64_t all = year * 12 + (int64_t)month - 1 + months;
    year = all / 12;
    month = (unsigned)(all % 12) + 1;
    if (year > TEXT_ZONE_YEAR_MAX)
        return days_from_civil(TEXT_ZONE_YEAR_MAX, 12, 31);
    while (day_of_month > 28 && !date_valid(year, month, day_of_month))
        day_of_month--;
    return days_from_civil(year, month, day_of_month);
}

static Err add_working_days(Ctx *c, const OrderCalendar *calendar, int64_t from, int64_t count,
                            int64_t *ret_day) {
    if (calendar == NULL)
        return fail(c, E_LIMIT, "working days are counted by a calendar, and there is none");
    int64_t day = from;
    for (int64_t counted = 0; counted < count;) {
        day++;
        if (day < calendar->known_from || day > calendar->known_until)
            return fail(c, E_LIMIT,
                        "the days off are not known for all of this term; state the end instead");
        if (order_is_working_day(calendar, (int32_t)day))
            counted++;
    }
    *ret_day = day;
    return OK;
}

// --- terms --------------------------------------------------------------------------------------

Err order_term_end(Ctx *c, const TextZone *zone, const OrderCalendar *calendar, int64_t from_us,
                   OrderTerm term, int64_t *ret_ends_at) {
    if (term.count <= 0 || term.count > ORDER_TERM_COUNT_MAX)
        return fail(c, E_LIMIT, "a term is 1 to %d units", ORDER_TERM_COUNT_MAX);
    if (from_us < days_from_civil(TEXT_ZONE_YEAR_MIN, 1, 2) * TIME_DAY_US ||
        from_us >= days_from_civil(TEXT_ZONE_YEAR_MAX, 1, 1) * TIME_DAY_US)
        return fail(c, E_LIMIT, "the term begins outside the years %d to %d", TEXT_ZONE_YEAR_MIN,
                    TEXT_ZONE_YEAR_MAX);
    int64_t end = from_us + term.count * TIME_HOUR_US;
    if (term.unit != ORDER_HOURS) {
        Wall w = wall_of(zone, from_us);
        if (term.unit == ORDER_CALENDAR_DAYS)
            w.day += term.count;
        else if (term.unit == ORDER_MONTHS)
            w.day = add_months(w.day, term.count);
        else
            TRY(add_working_days(c, calendar, w.day, term.count, &w.day));
        if (w.day >= days_from_civil(TEXT_ZONE_YEAR_MAX, 1, 1))
            return fail(c, E_LIMIT, "the term ends after the year %d", TEXT_ZONE_YEAR_MAX - 1);
        end = wall_to_utc(zone, w);
    }
    *ret_ends_at = end;
    return OK;
}

Err order_end_note(Ctx *c, const TextZone *zone, const OrderCalendar *calendar, int64_t ends_at,
                   OrderEndNote *ret_note) {
    if (ends_at < BASE_TIME_US_MIN || ends_at > BASE_TIME_US_MAX)
        return fail(c, E_LIMIT, "the end lies out of range");
    Wall w = wall_of(zone, ends_at);
    OrderEndNote note = {.warn_at = ends_at};
    note.night =
        w.us < ORDER_DAY_FROM_HOUR * TIME_HOUR_US || w.us >= ORDER_DAY_UNTIL_HOUR * TIME_HOUR_US;
    note.day_off = !order_is_working_day(calendar, (int32_t)w.day);
    for (int64_t back = 0; back < ORDER_SHIFT_DAYS_MAX; back++) {
        Wall begin = {w.day - back, ORDER_DAY_FROM_HOUR * TIME_HOUR_US};
        int64_t at = wall_to_utc(zone, begin);
        if (at >= ends_at || !order_is_working_day(calendar, (int32_t)begin.day))
            continue;
        note.warn_at = at;
        break;
    }
    *ret_note = note;
    return OK;
}
