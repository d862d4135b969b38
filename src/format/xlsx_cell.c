// Single cells of a spreadsheet: names, numbers as exact digits, days of the calendar, escapes.
#include "format/xlsx_priv.h"

#include <stdio.h>

#define DIGITS_MAX 64      // of a stored number, before and behind the point
#define EXPONENT_MAX 64    // a larger one is left as it is written
#define DIGITS_SURE 15     // significant digits that a spreadsheet keeps
#define SERIAL_MAX 2958465 // 9999-12-31

bool xlsx_cell_name(Str text, uint32_t *ret_column, uint32_t *ret_row) {
    uint32_t column = 0, row = 0;
    size_t i = 0;
    while (i < text.n && i < 4 && text.p[i] >= 'A' && text.p[i] <= 'Z')
        column = column * 26 + (uint32_t)(text.p[i++] - 'A' + 1);
    if (column == 0 || text.n - i > 7)
        return false;
    for (; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
        row = row * 10 + (uint32_t)(text.p[i] - '0');
    }
    *ret_column = column;
    *ret_row = row;
    return true;
}

// --- numbers
// --------------------------------------------------------------------------------------

// A decimal number: sign, digits, and how many of them stand before the point.
typedef struct Number {
    bool negative, exponent;
    char digits[DIGITS_MAX * 3];
    int n, point;
} Number;

static bool is_digit(char ch) {
    return ch >= '0' && ch <= '9';
}

static bool exponent_read(Str s, size_t at, int *ret_exponent) {
    int64_t e = 0;
    if (at < s.n && s.p[at] == '+')
        at++;
    if (at < s.n && s.p[at] == '+')
        return false;
    if (!str_to_i64((Str){s.p + at, s.n - at}, &e) || e > EXPONENT_MAX || e < -EXPONENT_MAX)
        return false;
    *ret_exponent = (int)e;
    return true;
}

static bool number_read(Str s, Number *ret_number) {
    Number x = {.point = -1};
    size_t i = 0;
    if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
        x.negative = s.p[i++] == '-';
    for (; i < s.n && (is_digit(s.p[i]) || s.p[i] == '.'); i++) {
        if (x.n == DIGITS_MAX || (s.p[i] == '.' && x.point >= 0))
            return false;
        if (s.p[i] == '.')
            x.point = x.n;
        else
            x.digits[x.n++] = s.p[i];
    }
    if (x.n == 0)
        return false;
    if (x.point < 0)
        x.point = x.n;
    if (i == s.n) {
        *ret_number = x;
        return true;
    }
    int e = 0;
    if ((s.p[i] != 'e' && s.p[i] != 'E') || !exponent_read(s, i + 1, &e))
        return false;
    x.exponent = true;
    x.point += e;
    *ret_number = x;
    return true;
}

// Zeros so that the point stands inside the digits, and none that say nothing.
static void number_straighten(Number *x) {
    while (x->point > x->n)
        x->digits[x->n++] = '0';
    if (x->point < 1) {
        int zeros = 1 - x->point;
        memmove(x->digits + zeros, x->digits, (size_t)x->n);
        memset(x->digits, '0', (size_t)zeros);
        x->n += zeros;
        x->point = 1;
    }
    int front = 0;
    while (front < x->point - 1 && x->digits[front] == '0')
        front++;
    memmove(x->digits, x->digits + front, (size_t)(x->n - front));
    x->n -= front;
    x->point -= front;
}

// Rounds half up to `keep` digits; the caller knows that they reach behind the point.
static void number_round(Number *x, int keep) {
    bool up = x->digits[keep] >= '5';
    x->n = keep;
    for (int i = keep; up && i-- > 0;) {
        up = x->digits[i] == '9';
        x->digits[i] = up ? '0' : (char)(x->digits[i] + 1);
    }
    if (!up)
        return;
    memmove(x->digits + 1, x->digits, (size_t)x->n);
    x->digits[0] = '1';
    x->n++;
    x->point++;
}

// 1234.56 may be stored as 1234.5599999999999: digits behind the fifteenth are noise of the binary
// form where rounding them off leaves zeros at the end.
static void number_without_noise(Number *x) {
    int first = 0;
    while (first < x->n - 1 && x->digits[first] == '0')
        first++;
    int keep = first + DIGITS_SURE;
    if (x->n <= keep || keep - x->point < 2)
        return;
    Number rounded = *x;
    number_round(&rounded, keep);
    int zeros = 0;
    while (zeros < rounded.n - rounded.point && rounded.digits[rounded.n - 1 - zeros] == '0')
        zeros++;
    if (zeros < 2)
        return;
    rounded.n -= zeros;
    *x = rounded;
}

bool xlsx_number_write(Buf *b, Str stored, unsigned pad) {
    Number x;
    if (!number_read(str_trim(stored), &x))
        return false;
    number_straighten(&x);
    number_without_noise(&x);
    while (x.exponent && x.n > x.point && x.digits[x.n - 1] == '0')
        x.n--;
    bool zero = true;
    for (int i = 0; i < x.n; i++)
        zero = zero && x.digits[i] == '0';
    if (x.negative && !zero)
        buf_char(b, '-');
    for (int i = x.point; i < (int)pad && x.n == x.point; i++)
        buf_char(b, '0');
    buf_append(b, x.digits, (size_t)x.point);
    if (x.n > x.point) {
        buf_char(b, '.');
        buf_append(b, x.digits + x.point, (size_t)(x.n - x.point));
    }
    return true;
}

// --- times
// ----------------------------------------------------------------------------------------

// Whole days and µs of the day; a spreadsheet knows milliseconds, the rest is noise.
static bool serial_read(Str stored, int64_t *ret_day, int64_t *ret_us) {
    Number x;
    if (!number_read(str_trim(stored), &x) || x.negative)
        return false;
    number_straighten(&x);
    int64_t day = 0;
    if (x.point > 7)
        return false;
    for (int i = 0; i < x.point; i++)
        day = day * 10 + (x.digits[i] - '0');
    U128 fraction = 0, whole = 1;
    for (int i = x.point; i < x.n && i < x.point + 18; i++) {
        fraction = fraction * 10 + (unsigned)(x.digits[i] - '0');
        whole *= 10;
    }
    int64_t ms = (int64_t)((fraction * (TIME_DAY_US / 1000) * 2 + whole) / (whole * 2));
    *ret_day = day + (ms * 1000 == TIME_DAY_US);
    *ret_us = ms * 1000 == TIME_DAY_US ? 0 : ms * 1000;
    return true;
}

static void clock_write(Buf *b, int64_t us) {
    int s = (int)(us / 1000000), ms = (int)(us / 1000 % 1000);
    buf_format(b, "%02d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
    if (ms)
        buf_format(b, ".%03d", ms);
}

bool xlsx_time_write(Buf *b, Str stored, XlsxStyle style, bool from_1904) {
    int64_t day, us, year;
    unsigned month, d;
    if (!serial_read(stored, &day, &us) || day > SERIAL_MAX)
        return false;
    if (!style.date && day == 0) {
        clock_write(b, us);
        return true;
    }
    // The calendar from 1900 has a 29 February 1900, day 60, that never was.
    if (!from_1904 && (day == 0 || day == 60))
        return false;
    int64_t zero = from_1904 ? days_from_civil(1904, 1, 1) : days_from_civil(1899, 12, 30);
    civil_from_days(zero + day + (!from_1904 && day < 60), &year, &month, &d);
    buf_format(b, "%04d-%02u-%02u", (int)year, month, d);
    if (us == 0 && !style.time)
        return true;
    buf_char(b, 'T');
    clock_write(b, us);
    return true;
}

// --- number formats
// -------------------------------------------------------------------------------

// The formats that a file names by number only.
static XlsxStyle style_built_in(uint64_t id) {
    static const struct {
        uint8_t from, to;
        bool date, time;
    } rows[] = {{14, 17, true, false}, {18, 21, false, true}, {22, 22, true, true},
                {27, 31, true, false}, {32, 35, false, true}, {36, 36, true, false},
                {45, 45, false, true}, {47, 47, false, true}, {50, 54, true, false},
                {55, 56, false, true}, {57, 58, true, false}, {71, 74, true, false},
                {75, 76, false, true}, {77, 77, true, true},  {78, 78, false, true},
                {80, 80, false, true}, {81, 81, true, false}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (id >= rows[i].from && id <= rows[i].to)
            return (XlsxStyle){.date = rows[i].date, .time = rows[i].time};
    return (XlsxStyle){0};
}

// Steps over what is no sign of the format: quoted text, escapes, colours and locales.
static size_t code_skip(Str code, size_t i) {
    char close = code.p[i] == '"' ? '"' : ']';
    if (code.p[i] == '\\' || code.p[i] == '_' || code.p[i] == '*')
        return i + 2;
    if (code.p[i] != '"' && code.p[i] != '[')
        return i;
    for (i++; i < code.n && code.p[i] != close; i++)
        continue;
    return i + 1;
}

static XlsxStyle style_of_code(Str code) {
    XlsxStyle s = {0};
    bool months = false;
    for (size_t i = 0; i < code.n && code.p[i] != ';';) {
        size_t next = code_skip(code, i);
        // [h] counts hours beyond a day: a duration is no time of a day.
        if (code.p[i] == '[' && i + 1 < code.n && strchr("hmsHMS", code.p[i + 1]))
            return (XlsxStyle){0};
        if (next != i) {
            i = next;
            continue;
        }
        char ch = code.p[i++];
        if (strchr("ydbeYDB", ch))
            s.date = true;
        else if (strchr("hsHS", ch))
            s.time = true;
        months = months || ch == 'm' || ch == 'M';
        // Digits belong to numbers, but for fractions of a second.
        if ((ch == '0' || ch == '#' || ch == '?') && !s.time)
            return (XlsxStyle){0};
    }
    if (months && !s.time)
        s.date = true;
    return s;
}

XlsxStyle xlsx_style_of(uint64_t id, Str code) {
    if (code.n == 0)
        return style_built_in(id);
    size_t zeros = 0;
    while (zeros < code.n && code.p[zeros] == '0')
        zeros++;
    if (zeros == code.n && zeros > 1 && zeros <= DIGITS_MAX)
        return (XlsxStyle){.pad = (uint8_t)zeros};
    if (str_starts(code, STR("General")) || str_starts(code, STR("GENERAL")))
        return (XlsxStyle){0};
    return style_of_code(code);
}

// --- escapes
// --------------------------------------------------------------------------------------

static bool escape_read(const char *p, size_t n, unsigned *ret_code) {
    uint8_t bytes[2];
    if (n < 7 || p[0] != '_' || p[1] != 'x' || p[6] != '_')
        return false;
    char lower[4];
    for (size_t i = 0; i < 4; i++)
        lower[i] = p[i + 2] >= 'A' && p[i + 2] <= 'F' ? (char)(p[i + 2] + 32) : p[i + 2];
    if (!hex_decode((Str){lower, 4}, bytes, 2))
        return false;
    *ret_code = (unsigned)bytes[0] << 8 | bytes[1];
    return true;
}

// Only what XML cannot hold and the sign itself are written so; others are somebody's text.
void xlsx_text_write(Buf *b, Str text) {
    size_t from = 0;
    for (size_t i = 0; i < text.n; i++) {
        unsigned code = 0;
        if (text.p[i] != '_' || !escape_read(text.p + i, text.n - i, &code))
            continue;
        if (code == 0 || (code >= 0x20 && code != 0x5f))
            continue;
        buf_append(b, text.p + from, i - from);
        buf_char(b, (char)code);
        i += 6;
        from = i + 1;
    }
    buf_append(b, text.p + from, text.n - from);
}
