#include "base/base.h"

#include <stdio.h>
#include <time.h>

static int64_t system_now_us(void *self) {
    (void)self;
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

Clock clock_system(void) {
    return (Clock){system_now_us, NULL};
}

int64_t clock_monotonic_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

// Days and civil dates after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
int64_t days_from_civil(int64_t year, unsigned month, unsigned day) {
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

void civil_from_days(int64_t days, int64_t *ret_year, unsigned *ret_month, unsigned *ret_day) {
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    unsigned month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
    *ret_day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
    *ret_month = month;
    *ret_year = yoe + era * 400 + (month <= 2 ? 1 : 0);
}

bool date_valid(int64_t year, unsigned month, unsigned day) {
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1)
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day <= days[month - 1] + (month == 2 && leap ? 1U : 0U);
}

static size_t format_seconds(int64_t at_us, char *text, int64_t *ret_micros) {
    int64_t days = time_day(at_us), rest = at_us - days * TIME_DAY_US;
    int64_t year;
    unsigned month, day;
    civil_from_days(days, &year, &month, &day);
    int64_t s = rest / 1000000;
    *ret_micros = rest % 1000000;
    int n = snprintf(text, TIME_TEXT_BYTES, "%04d-%02u-%02uT%02d:%02d:%02d", (int)year % 10000,
                     month % 100, day % 100, (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
    ASSERT(n == 19);
    return 19;
}

void time_format_record(int64_t at_us, char ret_text[TIME_TEXT_BYTES]) {
    int64_t micros;
    size_t n = format_seconds(at_us, ret_text, &micros);
    snprintf(ret_text + n, TIME_TEXT_BYTES - n, ".%06dZ", (int)micros);
}

void time_format(int64_t at_us, char ret_text[TIME_TEXT_BYTES]) {
    int64_t micros;
    size_t n = format_seconds(at_us, ret_text, &micros);
    if (micros) {
        snprintf(ret_text + n, TIME_TEXT_BYTES - n, ".%06d", (int)micros);
        n += 7;
        while (ret_text[n - 1] == '0')
            n--;
    }
    ret_text[n] = 'Z';
    ret_text[n + 1] = 0;
}

static bool digits(Str s, size_t at, size_t n, unsigned *ret_v) {
    if (s.n < at + n)
        return false;
    unsigned v = 0;
    for (size_t i = at; i < at + n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        v = v * 10 + (unsigned)(s.p[i] - '0');
    }
    *ret_v = v;
    return true;
}

// The part after the seconds: fraction and offset. *at is moved to the end.
static bool parse_tail(Str s, size_t at, int64_t *ret_micros, int64_t *ret_offset_us) {
    int64_t micros = 0;
    if (at < s.n && s.p[at] == '.') {
        size_t first = ++at;
        int64_t unit = 100000;
        for (; at < s.n && s.p[at] >= '0' && s.p[at] <= '9'; at++, unit /= 10) {
            if (at - first >= 6)
                return false;
            micros += (s.p[at] - '0') * unit;
        }
        if (at == first)
            return false;
    }
    int64_t offset_us = 0;
    if (at + 1 == s.n && (s.p[at] == 'Z' || s.p[at] == 'z')) {
        at++;
    } else {
        unsigned hours, minutes;
        if (s.n != at + 6 || (s.p[at] != '+' && s.p[at] != '-') || s.p[at + 3] != ':' ||
            !digits(s, at + 1, 2, &hours) || !digits(s, at + 4, 2, &minutes) || hours > 23 ||
            minutes > 59)
            return false;
        offset_us = ((int64_t)hours * 60 + minutes) * 60000000;
        if (s.p[at] == '-')
            offset_us = -offset_us;
    }
    *ret_micros = micros;
    *ret_offset_us = offset_us;
    return true;
}

bool time_parse(Str text, int64_t *ret_at_us) {
    unsigned year, month, day, hour, minute, second;
    if (text.n < 20 || !digits(text, 0, 4, &year) || text.p[4] != '-' ||
        !digits(text, 5, 2, &month) || text.p[7] != '-' || !digits(text, 8, 2, &day) ||
        (text.p[10] != 'T' && text.p[10] != 't' && text.p[10] != ' ') ||
        !digits(text, 11, 2, &hour) || text.p[13] != ':' || !digits(text, 14, 2, &minute) ||
        text.p[16] != ':' || !digits(text, 17, 2, &second))
        return false;
    int64_t micros, offset_us;
    if (!date_valid(year, month, day) || hour > 23 || minute > 59 || second > 59 ||
        !parse_tail(text, 19, &micros, &offset_us))
        return false;
    int64_t seconds =
        days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    int64_t at = seconds * 1000000 + micros - offset_us;
    if (at < BASE_TIME_US_MIN || at > BASE_TIME_US_MAX)
        return false;
    *ret_at_us = at;
    return true;
}
