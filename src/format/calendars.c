// Days off by country, from data/calendar/CC.csv (data/calendar/README.md).
#include "format/law_priv.h"

static Err weekend_add(Ctx *c, Calendar *calendar, Str list) {
    static const char *const days[] = {"monday", "tuesday",  "wednesday", "thursday",
                                       "friday", "saturday", "sunday"};
    Str part;
    while (str_split(&list, ';', &part)) {
        size_t i = 0;
        while (i < COUNT_OF(days) && !str_eq_c(str_trim(part), days[i]))
            i++;
        if (i == COUNT_OF(days))
            return fail(c, E_INVALID, "a weekend is like saturday;sunday");
        calendar->order.weekend |= 1U << i;
    }
    return OK;
}

static Err row_day(Ctx *c, FormatTables *t, const FormatCsvRow *row) {
    Calendar *calendar = &t->law->calendars[t->law->calendar_count - 1];
    const Str *f = row->fields;
    if (str_eq_c(f[1], "weekend")) {
        if (f[0].n > 0 || calendar->order.weekend)
            return fail(c, E_INVALID, "the weekend stands once, without a date");
        return weekend_add(c, calendar, f[2]);
    }
    FormatDay new = {.working = str_eq_c(f[1], "working")};
    if (f[0].n == 0 || (!new.working && !str_eq_c(f[1], "off")))
        return fail(c, E_INVALID, "a date is off or working");
    TRY(table_day(c, f[0], 0, &new.day));
    if (calendar->day_count > 0 && calendar->days[calendar->day_count - 1].day >= new.day)
        return fail(c, E_INVALID, "the dates rise");
    TRY(table_keep(c, t, f[2], &new.name));
    TRY(table_keep(c, t, f[3], &new.standing));
    TRY(mem_grow(c, &calendar->days, &calendar->day_cap, calendar->day_count + 1, sizeof new));
    calendar->days[calendar->day_count++] = new;
    return OK;
}

// The plain arrays that order counts by, and the years that are known whole.
static Err calendar_finish(Ctx *c, Calendar *calendar, const char *file) {
    size_t n = calendar->day_count, off = 0;
    int64_t year = 0;
    unsigned month = 0, day = 0;
    if (n == 0 || calendar->order.weekend == 0)
        return fail(c, E_INVALID, "%s: a calendar has a weekend and dates", file);
    calendar->dates = mem_alloc(n * sizeof *calendar->dates);
    if (calendar->dates == NULL)
        return fail(c, E_MEMORY, "no memory for the tables");
    for (int working = 0; working <= 1; working++) {
        for (size_t i = 0; i < n; i++)
            if (calendar->days[i].working == (working == 1))
                calendar->dates[off++] = calendar->days[i].day;
        if (working == 0)
            calendar->order.holiday_count = off;
    }
    calendar->order.holidays = calendar->dates;
    calendar->order.working = calendar->dates + calendar->order.holiday_count;
    calendar->order.working_count = n - calendar->order.holiday_count;
    civil_from_days(calendar->days[0].day, &year, &month, &day);
    calendar->order.known_from = (int32_t)days_from_civil(year, 1, 1);
    civil_from_days(calendar->days[n - 1].day, &year, &month, &day);
    calendar->order.known_until = (int32_t)days_from_civil(year, 12, 31);
    return OK;
}

Err calendars_read(Ctx *c, FormatTables *t) {
    static const Str folder = {"data/calendar/", 14}, end = {".csv", 4};
    FormatLawTables *law = t->law;
    Str name, bytes;
    for (size_t i = 0; format_data_at(i, &name, &bytes); i++) {
        if (!str_starts(name, folder) || !str_ends(name, end))
            continue;
        Str country = {name.p + folder.n, name.n - folder.n - end.n};
        if (!format_country_known(t, country))
            return fail(c, E_INVALID, STR_FMT ": the file's name is no country", STR_ARG(name));
        TRY(mem_grow(c, &law->calendars, &law->calendar_cap, law->calendar_count + 1,
                     sizeof *law->calendars));
        Calendar *new = &law->calendars[law->calendar_count++];
        *new = (Calendar){0};
        memcpy(new->country, country.p, 2);
        Table table = {name.p, "date,day,name,standing", 4, row_day};
        TRY(table_read(c, t, &table));
        TRY(calendar_finish(c, new, name.p));
    }
    return OK;
}

void calendars_done(FormatLawTables *law) {
    for (size_t i = 0; i < law->calendar_count; i++) {
        mem_free(law->calendars[i].days);
        mem_free(law->calendars[i].dates);
    }
    mem_free(law->calendars);
}

static const Calendar *find(const FormatTables *t, Str country) {
    for (size_t i = 0; i < t->law->calendar_count; i++)
        if (str_eq_c(country, t->law->calendars[i].country))
            return &t->law->calendars[i];
    return NULL;
}

const OrderCalendar *format_calendar(const FormatTables *t, Str country) {
    const Calendar *found = find(t, country);
    return found ? &found->order : NULL;
}

const FormatDay *format_calendar_days(const FormatTables *t, Str country, size_t *ret_n) {
    const Calendar *found = find(t, country);
    *ret_n = found ? found->day_count : 0;
    return found ? found->days : NULL;
}
