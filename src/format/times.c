// Times as banks and people write them, to µs UTC.
#include "format/format_priv.h"

#define SECOND_US 1000000LL
#define BUDDHIST_MIN 2400
#define BUDDHIST_MAX 2700
#define BUDDHIST_AHEAD 543
#define TIME_BYTES_MAX 96

typedef struct Parts {
    int64_t year, month, day, hour, minute, second, micros;
    bool has_offset, half_day, afternoon, has_half;
    int64_t offset_us;
} Parts;

// Reads at most `most` digits of s from *at on; returns how many.
static size_t digits_read(Str s, size_t *at, size_t most, int64_t *ret_v) {
    int64_t v = 0;
    size_t n = 0;
    while (n < most && *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9') {
        v = v * 10 + (s.p[(*at)++] - '0');
        n++;
    }
    *ret_v = v;
    return n;
}

static bool literal_read(Str s, size_t *at, char ch) {
    if (*at >= s.n || s.p[*at] != ch)
        return false;
    (*at)++;
    return true;
}

// One to six digits of a fraction; false when there are none or more.
static bool fraction_read(Str s, size_t *at, int64_t *ret_micros) {
    int64_t v = 0;
    size_t n = digits_read(s, at, 6, &v);
    if (n == 0 || (*at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9'))
        return false;
    for (; n < 6; n++)
        v *= 10;
    *ret_micros = v;
    return true;
}

// "Z", "+07:00"; with `loose` also "+0700".
static bool offset_read(Str s, size_t *at, bool loose, Parts *p) {
    int64_t hours = 0, minutes = 0;
    p->has_offset = true;
    if (literal_read(s, at, 'Z') || literal_read(s, at, 'z')) {
        p->offset_us = 0;
        return true;
    }
    bool west = literal_read(s, at, '-');
    if (!west && !literal_read(s, at, '+'))
        return false;
    if (digits_read(s, at, 2, &hours) != 2)
        return false;
    if (!literal_read(s, at, ':') && !loose)
        return false;
    if (digits_read(s, at, 2, &minutes) != 2 || hours > 23 || minutes > 59)
        return false;
    int64_t offset = (hours * 3600 + minutes * 60) * SECOND_US;
    p->offset_us = west ? -offset : offset;
    return true;
}

// --- RFC 3339, and the same without offset
// ---------------------------------------------------------

static bool date_read(Str s, size_t *at, Parts *p) {
    return digits_read(s, at, 4, &p->year) == 4 && literal_read(s, at, '-') &&
           digits_read(s, at, 2, &p->month) == 2 && literal_read(s, at, '-') &&
           digits_read(s, at, 2, &p->day) == 2;
}

static Err standard_read(Ctx *c, Str s, Parts *p) {
    size_t at = 0;
    if (!date_read(s, &at, p) || at >= s.n || (s.p[at] != 'T' && s.p[at] != 't' && s.p[at] != ' '))
        return fail(c, E_INVALID, "it is no time such as 2025-04-13T09:30:00+07:00");
    at++;
    if (digits_read(s, &at, 2, &p->hour) != 2 || !literal_read(s, &at, ':') ||
        digits_read(s, &at, 2, &p->minute) != 2)
        return fail(c, E_INVALID, "it is no time such as 2025-04-13T09:30:00+07:00");
    if (literal_read(s, &at, ':')) {
        if (digits_read(s, &at, 2, &p->second) != 2)
            return fail(c, E_INVALID, "it is no time such as 2025-04-13T09:30:00+07:00");
        if (literal_read(s, &at, '.') && !fraction_read(s, &at, &p->micros))
            return fail(c, E_INVALID, "the fraction of the second has not one to six digits");
    }
    if (at < s.n && (!offset_read(s, &at, false, p) || at != s.n))
        return fail(c, E_INVALID, "\"%.*s\" behind the time is no offset such as Z or +07:00",
                    (int)(s.n - at < 20 ? s.n - at : 20), s.p + at);
    return OK;
}

// --- formats of mappings
// ------------------------------------------------------------------------------

static bool month_read(Str s, size_t *at, int64_t *ret_month) {
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    if (*at + 3 > s.n)
        return false;
    for (int64_t m = 0; m < 12; m++) {
        if (strncasecmp(s.p + *at, names + m * 3, 3) == 0) {
            *at += 3;
            *ret_month = m + 1;
            return true;
        }
    }
    return false;
}

static bool half_read(Str s, size_t *at, Parts *p) {
    if (*at + 2 > s.n || (s.p[*at + 1] != 'M' && s.p[*at + 1] != 'm'))
        return false;
    char ch = s.p[*at];
    p->afternoon = ch == 'P' || ch == 'p';
    *at += 2;
    return p->afternoon || ch == 'A' || ch == 'a';
}

static bool short_year_read(Str s, size_t *at, Parts *p) {
    if (digits_read(s, at, 2, &p->year) != 2)
        return false;
    p->year += 2000;
    return true;
}

// Reads what the sign of a format stands for. False also for a sign that there is not.
static bool sign_read(char sign, Str s, size_t *at, Parts *p) {
    switch (sign) {
    case 'Y':
        return digits_read(s, at, 4, &p->year) == 4;
    case 'y':
        return short_year_read(s, at, p);
    case 'm':
        return digits_read(s, at, 2, &p->month) != 0;
    case 'b':
        return month_read(s, at, &p->month);
    case 'd':
        return digits_read(s, at, 2, &p->day) != 0;
    case 'H':
        return digits_read(s, at, 2, &p->hour) != 0;
    case 'I':
        p->half_day = true;
        return digits_read(s, at, 2, &p->hour) != 0 && p->hour >= 1 && p->hour <= 12;
    case 'M':
        return digits_read(s, at, 2, &p->minute) != 0;
    case 'S':
        return digits_read(s, at, 2, &p->second) != 0;
    case 'f':
        return fraction_read(s, at, &p->micros);
    case 'p':
        p->has_half = true;
        return half_read(s, at, p);
    case 'z':
        return offset_read(s, at, true, p);
    case '%':
        return literal_read(s, at, '%');
    default:
        return false;
    }
}

static Err formatted_read(Ctx *c, Str s, Str format, Parts *p) {
    size_t at = 0;
    for (size_t i = 0; i < format.n; i++) {
        bool fits;
        if (format.p[i] == '%' && i + 1 < format.n)
            fits = sign_read(format.p[++i], s, &at, p);
        else
            fits = literal_read(s, &at, format.p[i]);
        if (!fits)
            return fail(c, E_INVALID, "it does not fit the mapping's time_format \"" STR_FMT "\"",
                        STR_ARG(format));
    }
    if (at != s.n)
        return fail(c, E_INVALID, "text is left behind what the time_format \"" STR_FMT "\" takes",
                    STR_ARG(format));
    if (p->half_day)
        p->hour = p->hour % 12 + (p->afternoon ? 12 : 0);
    return OK;
}

Err time_format_check(Ctx *c, Str format, bool *ret_offset) {
    unsigned seen[128] = {0};
    for (size_t i = 0; i < format.n; i++) {
        if (format.p[i] != '%')
            continue;
        char sign = ++i < format.n ? format.p[i] : 0;
        if (sign == 0 || !strchr("YymbdHIMSfpz%", sign))
            return fail(c, E_INVALID,
                        "\"time_format\": of signs there are %%Y %%y %%m %%b %%d %%H %%I %%p %%M "
                        "%%S %%f %%z %%%%");
        if (sign != '%' && seen[(unsigned)sign]++)
            return fail(c, E_INVALID, "\"time_format\": %%%c stands twice", sign);
    }
    if (seen['Y'] + seen['y'] != 1 || seen['m'] + seen['b'] != 1 || seen['d'] != 1)
        return fail(c, E_INVALID,
                    "\"time_format\": a year (%%Y or %%y), a month (%%m or %%b) and a day (%%d) "
                    "are needed, once each");
    if (seen['H'] + seen['I'] > 1 || seen['I'] != seen['p'])
        return fail(c, E_INVALID, "\"time_format\": either %%H, or %%I with %%p");
    *ret_offset = seen['z'] != 0;
    return OK;
}

// --- to UTC
// -------------------------------------------------------------------------------------------

static Err parts_check(Ctx *c, Parts *p) {
    if (p->year >= BUDDHIST_MIN && p->year <= BUDDHIST_MAX)
        p->year -= BUDDHIST_AHEAD;
    if (!date_valid(p->year, (unsigned)p->month, (unsigned)p->day))
        return fail(c, E_INVALID, "there is no such day");
    if (p->year < FORMAT_TIME_YEAR_MIN || p->year > FORMAT_TIME_YEAR_MAX)
        return fail(c, E_INVALID,
                    "the year %lld is not believable (%d to %d, or Buddhist %d to %d)",
                    (long long)p->year, FORMAT_TIME_YEAR_MIN, FORMAT_TIME_YEAR_MAX, BUDDHIST_MIN,
                    BUDDHIST_MAX);
    if (p->hour > 23 || p->minute > 59 || p->second > 59)
        return fail(c, E_INVALID, "there is no such time of day");
    return OK;
}

// In UTC the year may be another than the one that was written; what we write must read back.
static Err time_in_range(Ctx *c, int64_t at_us, int64_t *ret_at_us) {
    if (at_us < days_from_civil(FORMAT_TIME_YEAR_MIN, 1, 1) * TIME_DAY_US ||
        at_us >= days_from_civil(FORMAT_TIME_YEAR_MAX + 1, 1, 1) * TIME_DAY_US)
        return fail(c, E_INVALID, "the time is not in the years %d to %d", FORMAT_TIME_YEAR_MIN,
                    FORMAT_TIME_YEAR_MAX);
    *ret_at_us = at_us;
    return OK;
}

static Err parts_to_utc(Ctx *c, Parts *p, const TimeForm *form, int64_t *ret_at_us,
                        bool *ret_doubled) {
    TRY(parts_check(c, p));
    int64_t local = days_from_civil(p->year, (unsigned)p->month, (unsigned)p->day) * TIME_DAY_US +
                    ((p->hour * 60 + p->minute) * 60 + p->second) * SECOND_US + p->micros;
    *ret_doubled = false;
    if (p->has_offset)
        return time_in_range(c, local - p->offset_us, ret_at_us);
    if (form->zone == NULL)
        return fail(c, E_INVALID,
                    "the time has no offset (such as +07:00) and the mapping names no "
                    "time zone");
    int64_t at = 0;
    TextLocal kind = text_zone_to_utc(form->zone, local, &at);
    if (kind == TEXT_LOCAL_SKIPPED)
        return fail(c, E_INVALID,
                    "there was no such time in " STR_FMT ": the clocks were put forward",
                    STR_ARG(form->zone_name));
    *ret_doubled = kind == TEXT_LOCAL_DOUBLED;
    return time_in_range(c, at, ret_at_us);
}

static Err step_read(Ctx *c, Str s, const TimeForm *form, int64_t *ret_at_us) {
    int64_t v = 0, us = 0, at = 0;
    TRY(field_whole(c, s, &v));
    if (__builtin_mul_overflow(v, form->step_seconds * SECOND_US, &us) ||
        __builtin_add_overflow(form->step_origin_us, us, &at))
        return fail(c, E_INVALID, "the step is too large");
    return time_in_range(c, at, ret_at_us);
}

Err time_read(Ctx *c, Str text, const TimeForm *form, int64_t *ret_at_us, bool *ret_doubled) {
    char ascii[TIME_BYTES_MAX];
    Str s = {ascii, 0};
    Parts p = {.month = 1, .day = 1};
    if (text.n > sizeof ascii)
        return fail(c, E_INVALID, "it is too long for a time");
    if (text_digits_ascii(text, ascii, &s.n) == TEXT_DIGITS_MIXED)
        return fail(c, E_INVALID, "it mixes digits of two scripts");
    if (form->has_step) {
        *ret_doubled = false;
        return step_read(c, s, form, ret_at_us);
    }
    if (form->format.n)
        TRY(formatted_read(c, s, form->format, &p));
    else
        TRY(standard_read(c, s, &p));
    return parts_to_utc(c, &p, form, ret_at_us, ret_doubled);
}

Err format_time_parse(Ctx *c, Str text, const TextZone *zone, int64_t *ret_at_us) {
    TimeForm form = {.zone = zone, .zone_name = STR("the zone given")};
    bool doubled = false;
    return time_read(c, field_trim(text), &form, ret_at_us, &doubled);
}
