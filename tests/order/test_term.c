// Ends of terms with a moved clock: holidays, month ends, leap days, New Year, zones with summer
// time. Random terms are compared with a count day by day.
#include "test_order.h"

#define DAYS_MAX 40

typedef struct Days {
    int32_t off[DAYS_MAX], working[DAYS_MAX];
    OrderCalendar calendar;
} Days;

static int64_t at(const char *text) {
    int64_t us = 0;
    if (!time_parse(str_of(text), &us))
        fail_msg("%s is no time", text);
    return us;
}

static int32_t date(const char *text) {
    char whole[32];
    (void)snprintf(whole, sizeof whole, "%sT00:00:00Z", text);
    return (int32_t)(at(whole) / DAY);
}

static void days_init(Days *d, const char *const *off, const char *const *working) {
    *d = (Days){.calendar = {.weekend = 0x60,
                             .known_from = date("2025-01-01"),
                             .known_until = date("2027-12-31")}};
    for (; off[d->calendar.holiday_count]; d->calendar.holiday_count++)
        d->off[d->calendar.holiday_count] = date(off[d->calendar.holiday_count]);
    for (; working[d->calendar.working_count]; d->calendar.working_count++)
        d->working[d->calendar.working_count] = date(working[d->calendar.working_count]);
    d->calendar.holidays = d->off;
    d->calendar.working = d->working;
}

static const char *const songkran[] = {"2025-12-31", "2026-01-01", "2026-01-02", "2026-04-06",
                                       "2026-04-13", "2026-04-14", "2026-04-15", NULL};
static const char *const exchanged[] = {"2026-01-10", NULL};

static void test_terms(void **state) {
    (void)state;
    static const struct {
        const char *zone, *from;
        int64_t count;
        OrderUnit unit;
        const char *end;
    } rows[] = {
        // Hours are hours, whatever the calendar or the clocks do.
        {"Asia/Bangkok", "2026-04-12T20:20:00+07:00", 72, ORDER_HOURS, "2026-04-15T20:20:00+07:00"},
        {"Europe/Berlin", "2026-03-28T12:00:00+01:00", 24, ORDER_HOURS,
         "2026-03-29T13:00:00+02:00"},
        // Calendar days keep the wall time.
        {"Asia/Bangkok", "2026-12-30T23:59:59.999999+07:00", 5, ORDER_CALENDAR_DAYS,
         "2027-01-04T23:59:59.999999+07:00"},
        {"Europe/Berlin", "2026-03-28T12:00:00+01:00", 1, ORDER_CALENDAR_DAYS,
         "2026-03-29T12:00:00+02:00"},
        {"Europe/Berlin", "2026-10-24T12:00:00+02:00", 1, ORDER_CALENDAR_DAYS,
         "2026-10-25T12:00:00+01:00"},
        // A wall time that was jumped over: after the jump by as much. One that came twice: first.
        {"Europe/Berlin", "2026-03-28T02:30:00+01:00", 1, ORDER_CALENDAR_DAYS,
         "2026-03-29T03:30:00+02:00"},
        {"Europe/Berlin", "2026-10-24T02:30:00+02:00", 1, ORDER_CALENDAR_DAYS,
         "2026-10-25T02:30:00+02:00"},
        {"America/New_York", "2026-03-07T02:30:00-05:00", 1, ORDER_CALENDAR_DAYS,
         "2026-03-08T03:30:00-04:00"},
        // Months end on the last day where the day is missing.
        {"Asia/Shanghai", "2025-08-31T10:00:00+08:00", 6, ORDER_MONTHS,
         "2026-02-28T10:00:00+08:00"},
        {"Asia/Shanghai", "2027-08-31T10:00:00+08:00", 6, ORDER_MONTHS,
         "2028-02-29T10:00:00+08:00"},
        {"Asia/Shanghai", "2028-02-29T10:00:00+08:00", 12, ORDER_MONTHS,
         "2029-02-28T10:00:00+08:00"},
        {"Asia/Shanghai", "2026-01-31T00:30:00+08:00", 1, ORDER_MONTHS,
         "2026-02-28T00:30:00+08:00"},
        {"Asia/Shanghai", "2026-12-15T10:00:00+08:00", 1, ORDER_MONTHS,
         "2027-01-15T10:00:00+08:00"},
        // Working days, counted from the day after the beginning, by the local date.
        {"Asia/Bangkok", "2026-04-10T16:30:00+07:00", 1, ORDER_WORKING_DAYS,
         "2026-04-16T16:30:00+07:00"},
        {"Asia/Bangkok", "2026-04-13T00:10:00+07:00", 2, ORDER_WORKING_DAYS,
         "2026-04-17T00:10:00+07:00"},
        {"Asia/Bangkok", "2025-12-30T09:00:00+07:00", 1, ORDER_WORKING_DAYS,
         "2026-01-05T09:00:00+07:00"},
        {"Asia/Bangkok", "2026-01-09T09:00:00+07:00", 1, ORDER_WORKING_DAYS,
         "2026-01-10T09:00:00+07:00"},
    };
    AUTO(Ctx) c = {0};
    ctx_init(&c);
    Days days;
    days_init(&days, songkran, exchanged);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(TextZonePtr) zone = NULL;
        int64_t end = 0;
        char got[TIME_TEXT_BYTES], want[TIME_TEXT_BYTES];
        assert_ok(&c, text_zone_open(&c, str_of(rows[i].zone), &zone));
        OrderTerm term = {rows[i].count, rows[i].unit};
        assert_ok(&c, order_term_end(&c, zone, &days.calendar, at(rows[i].from), term, &end));
        time_format(end, got);
        time_format(at(rows[i].end), want);
        if (strcmp(got, want) != 0)
            fail_msg("row %zu from %s: %s, not %s", i, rows[i].from, got, want);
    }
}

static void test_term_limits(void **state) {
    (void)state;
    AUTO(Ctx) c = {0};
    AUTO(TextZonePtr) zone = NULL;
    ctx_init(&c);
    assert_ok(&c, text_zone_open(&c, STR("Asia/Bangkok"), &zone));
    Days days;
    days_init(&days, songkran, exchanged);
    int64_t end = 7, from = at("2027-12-30T09:00:00+07:00");
    OrderTerm term = {1, ORDER_WORKING_DAYS};
    assert_ok(&c, order_term_end(&c, zone, &days.calendar, from, term, &end));
    term.count = 2;
    end = 7;
    assert_int_equal(order_term_end(&c, zone, &days.calendar, from, term, &end), E_LIMIT);
    assert_int_equal(order_term_end(&c, zone, NULL, from, term, &end), E_LIMIT);
    static const OrderTerm wrong[] = {
        {0, ORDER_HOURS}, {-1, ORDER_MONTHS}, {INT64_MAX, ORDER_HOURS}, {100000, ORDER_MONTHS}};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_int_equal(order_term_end(&c, zone, &days.calendar, from, wrong[i], &end), E_LIMIT);
    term = (OrderTerm){1, ORDER_HOURS};
    assert_int_equal(order_term_end(&c, zone, &days.calendar, INT64_MAX, term, &end), E_LIMIT);
    assert_int_equal(order_term_end(&c, zone, &days.calendar, INT64_MIN, term, &end), E_LIMIT);
    assert_int_equal(end, 7);
}

// The naive calendar: every day looked up in the lists.
static bool naive_works(const Days *d, int32_t day) {
    for (size_t i = 0; i < d->calendar.working_count; i++)
        if (d->working[i] == day)
            return true;
    for (size_t i = 0; i < d->calendar.holiday_count; i++)
        if (d->off[i] == day)
            return false;
    int32_t weekday = (day - date("2026-06-01")) % 7; // a Monday
    if (weekday < 0)
        weekday += 7;
    return weekday < 5;
}

static void test_working_days_random(void **state) {
    (void)state;
    AUTO(Ctx) c = {0};
    AUTO(TextZonePtr) zone = NULL;
    Rng rng;
    ctx_init(&c);
    rng_seed(&rng, test_seed());
    assert_ok(&c, text_zone_open(&c, STR("Asia/Bangkok"), &zone));
    Days days;
    days_init(&days, songkran, exchanged);
    for (int32_t day = date("2025-01-01"); day <= date("2027-12-31"); day++)
        assert_true(order_is_working_day(&days.calendar, day) == naive_works(&days, day));
    for (int round = 0; round < 2000; round++) {
        int32_t day = date("2025-11-01") + (int32_t)rng_below(&rng, 200);
        int64_t wall = (int64_t)rng_below(&rng, (uint64_t)DAY), end = 0;
        OrderTerm term = {1 + (int64_t)rng_below(&rng, 20), ORDER_WORKING_DAYS};
        assert_ok(
            &c, order_term_end(&c, zone, &days.calendar, day * DAY + wall - 7 * HOUR, term, &end));
        int64_t left = term.count;
        while (left > 0)
            left -= naive_works(&days, ++day);
        assert_int_equal(end, day * DAY + wall - 7 * HOUR);
    }
}

static void test_end_notes(void **state) {
    (void)state;
    static const struct {
        const char *end;
        bool night, day_off;
        const char *warn;
    } rows[] = {
        {"2026-04-10T12:00:00+07:00", false, false, "2026-04-10T08:00:00+07:00"},
        {"2026-04-10T08:00:00+07:00", false, false, "2026-04-09T08:00:00+07:00"},
        {"2026-04-10T18:00:00+07:00", true, false, "2026-04-10T08:00:00+07:00"},
        {"2026-04-10T03:00:00+07:00", true, false, "2026-04-09T08:00:00+07:00"},
        {"2026-04-14T12:00:00+07:00", false, true, "2026-04-10T08:00:00+07:00"},
        {"2026-01-04T23:00:00+07:00", true, true, "2025-12-30T08:00:00+07:00"},
    };
    AUTO(Ctx) c = {0};
    AUTO(TextZonePtr) zone = NULL;
    ctx_init(&c);
    assert_ok(&c, text_zone_open(&c, STR("Asia/Bangkok"), &zone));
    Days days;
    days_init(&days, songkran, exchanged);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        OrderEndNote note;
        assert_ok(&c, order_end_note(&c, zone, &days.calendar, at(rows[i].end), &note));
        assert_true(note.night == rows[i].night && note.day_off == rows[i].day_off);
        assert_int_equal(note.warn_at, at(rows[i].warn));
    }
    // A country that never works has no last shift.
    OrderCalendar never = {.weekend = 0x7f};
    OrderEndNote note;
    assert_ok(&c, order_end_note(&c, zone, &never, at(rows[0].end), &note));
    assert_true(note.day_off && note.warn_at == at(rows[0].end));
}

const struct CMUnitTest order_term_tests[] = {
    cmocka_unit_test(test_terms), cmocka_unit_test(test_term_limits),
    cmocka_unit_test(test_working_days_random), cmocka_unit_test(test_end_notes)};
const size_t order_term_test_count = COUNT_OF(order_term_tests);
