#include "base/base.h"

#include <stdio.h>

Str str_of(const char *zero_terminated) {
    return (Str){zero_terminated, zero_terminated ? strlen(zero_terminated) : 0};
}

bool str_eq(Str a, Str b) {
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool str_eq_c(Str a, const char *b) {
    return str_eq(a, str_of(b));
}

void str_fit(char *to, size_t cap, Str s) {
    size_t n = s.n < cap ? s.n : cap - 1;
    if (n > 0)
        memcpy(to, s.p, n);
    to[n] = 0;
}

int str_cmp(Str a, Str b) {
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

bool str_starts(Str s, Str prefix) {
    return s.n >= prefix.n && str_eq((Str){s.p, prefix.n}, prefix);
}

bool str_ends(Str s, Str suffix) {
    return s.n >= suffix.n && str_eq((Str){s.p + (s.n - suffix.n), suffix.n}, suffix);
}

static bool is_space(char ch) {
    return ch == ' ' || ch == '\t' || ch == '\r' || ch == '\n' || ch == '\v' || ch == '\f';
}

Str str_trim(Str s) {
    while (s.n && is_space(s.p[0]))
        s.p++, s.n--;
    while (s.n && is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

bool str_find(Str s, Str needle, size_t *ret_at) {
    if (needle.n == 0 || s.n < needle.n)
        return false;
    const char *at = memmem(s.p, s.n, needle.p, needle.n);
    if (!at)
        return false;
    *ret_at = (size_t)(at - s.p);
    return true;
}

bool str_split(Str *rest, char separator, Str *ret_part) {
    if (!rest->p)
        return false;
    const char *at = rest->n ? memchr(rest->p, separator, rest->n) : NULL;
    if (!at) {
        *ret_part = *rest;
        *rest = (Str){NULL, 0};
        return true;
    }
    size_t n = (size_t)(at - rest->p);
    *ret_part = (Str){rest->p, n};
    *rest = (Str){at + 1, rest->n - n - 1};
    return true;
}

Err str_copy(Ctx *c, Str s, Str *ret_copy) {
    char *p;
    TRY(ctx_alloc(c, s.n + 1, &p));
    if (s.n)
        memcpy(p, s.p, s.n);
    *ret_copy = (Str){p, s.n};
    return OK;
}

Err str_format(Ctx *c, Str *ret_s, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *p = NULL;
    Err e =
        n < 0 ? fail(c, E_INVALID, "a text cannot be formatted") : ctx_alloc(c, (size_t)n + 1, &p);
    if (e == OK) {
        vsnprintf(p, (size_t)n + 1, format, again);
        *ret_s = (Str){p, (size_t)n};
    }
    va_end(again);
    return e;
}

bool str_to_i64(Str s, int64_t *ret_v) {
    bool negative = s.n && s.p[0] == '-';
    size_t i = negative ? 1 : 0;
    if (i == s.n)
        return false;
    int64_t v = 0;
    for (; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        // Counted downwards, since INT64_MIN has no positive twin.
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, s.p[i] - '0', &v))
            return false;
    }
    if (!negative && __builtin_sub_overflow(0, v, &v))
        return false;
    *ret_v = v;
    return true;
}

// --- Buf ----------------------------------------------------------------------------------------

static bool buf_room(Buf *b, size_t n) {
    if (b->failed)
        return false;
    if (b->cap - b->n >= n)
        return true;
    if (n > (size_t)BASE_BUF_BYTES_MAX || b->n > (size_t)BASE_BUF_BYTES_MAX - n) {
        b->failed = true;
        return false;
    }
    size_t cap = b->cap * 2 > b->n + n ? b->cap * 2 : b->n + n;
    if (cap < 128)
        cap = 128;
    char *p = mem_realloc(b->p, cap);
    if (!p) {
        b->failed = true;
        return false;
    }
    b->p = p;
    b->cap = cap;
    return true;
}

void buf_append(Buf *b, const void *bytes, size_t n) {
    if (n && buf_room(b, n)) {
        memcpy(b->p + b->n, bytes, n);
        b->n += n;
    }
}

void buf_str(Buf *b, Str s) {
    buf_append(b, s.p, s.n);
}

void buf_text(Buf *b, const char *zero_terminated) {
    buf_append(b, zero_terminated, strlen(zero_terminated));
}

void buf_char(Buf *b, char ch) {
    buf_append(b, &ch, 1);
}

void buf_i64(Buf *b, int64_t v) {
    char text[24];
    size_t at = sizeof text;
    uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    do {
        text[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (v < 0)
        text[--at] = '-';
    buf_append(b, text + at, sizeof text - at);
}

void buf_format(Buf *b, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0 || !buf_room(b, (size_t)n + 1)) {
        b->failed = true;
        return;
    }
    va_start(args, format);
    vsnprintf(b->p + b->n, (size_t)n + 1, format, args);
    va_end(args);
    b->n += (size_t)n;
}

static const char hex_digits[] = "0123456789abcdef";

void buf_hex(Buf *b, const void *bytes, size_t n) {
    const unsigned char *p = bytes;
    if (!buf_room(b, n * 2))
        return;
    for (size_t i = 0; i < n; i++) {
        b->p[b->n++] = hex_digits[p[i] >> 4];
        b->p[b->n++] = hex_digits[p[i] & 15];
    }
}

void buf_clear(Buf *b) {
    b->n = 0;
    b->failed = false;
}

void buf_done(Buf *b) {
    mem_free(b->p);
    *b = (Buf){0};
}

void Buf_cleanup(Buf *b) {
    buf_done(b);
}

Str buf_view(const Buf *b) {
    return (Str){b->p, b->n};
}

Err buf_check(Ctx *c, const Buf *b) {
    return b->failed ? fail(c, E_MEMORY, "not enough memory for a text of over %zu bytes", b->n)
                     : OK;
}

// 1 + the value, so that what is no digit is 0.
static const uint8_t hex_values[256] = {
    ['0'] = 1, ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

static int hex_value(char ch) {
    return hex_values[(uint8_t)ch] - 1;
}

bool hex_decode(Str text, void *ret_bytes, size_t n) {
    if (text.n != n * 2)
        return false;
    for (size_t i = 0; i < text.n; i++)
        if (hex_value(text.p[i]) < 0)
            return false;
    unsigned char *out = ret_bytes;
    for (size_t i = 0; i < n; i++)
        out[i] = (unsigned char)(hex_value(text.p[2 * i]) << 4 | hex_value(text.p[2 * i + 1]));
    return true;
}
