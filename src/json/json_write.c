// Writing: the escapes and numbers of RFC 8785, straight into a Buf.
#include "json/json.h"
#include "json/json_priv.h"

#define EVERY_BYTE(x) (0x0101010101010101ULL * (x))

// True if some of the 8 bytes is a control character, a quote or a backslash. Borrows may make it
// true without need, never false: the slow way then looks at each byte.
static bool may_need_escape(const char *p) {
    uint64_t w = load_u64le(p);
    uint64_t quote = w ^ EVERY_BYTE('"');
    uint64_t backslash = w ^ EVERY_BYTE('\\');
    uint64_t control = (w - EVERY_BYTE(0x20)) & ~w;
    uint64_t zeros =
        ((quote - EVERY_BYTE(1)) & ~quote) | ((backslash - EVERY_BYTE(1)) & ~backslash);
    return ((control | zeros) & EVERY_BYTE(0x80)) != 0;
}

// Longer strings are appended in pieces.
#define SHORT_BYTES_MAX 120

static bool needs_escape(char ch) {
    return (uint8_t)ch < 0x20 || ch == '"' || ch == '\\';
}

// Number of bytes from `at` that need no escape.
static size_t clean_run(Str s, size_t at) {
    size_t i = at;
    while (i + 8 <= s.n && !may_need_escape(s.p + i))
        i += 8;
    // The rest of the string at once, together with bytes before it.
    if (i < s.n && i + 8 > s.n && s.n >= at + 8 && !may_need_escape(s.p + s.n - 8))
        return s.n - at;
    while (i < s.n && !needs_escape(s.p[i]))
        i++;
    return i - at;
}

static void escape_byte(Buf *out, char ch) {
    static const char short_of[128] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
                                       ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'};
    char letter = short_of[(uint8_t)ch & 0x7F];
    if (letter) {
        char pair[2] = {'\\', letter};
        buf_append(out, pair, 2);
        return;
    }
    buf_str(out, STR("\\u00"));
    buf_hex(out, &ch, 1);
}

// Most strings are short and clean: quotes, text and what stands around go in as one piece.
static bool put_short(Buf *out, Str before, Str s, Str after) {
    char text[SHORT_BYTES_MAX + 8];
    char *to = text;
    if (s.n > SHORT_BYTES_MAX || clean_run(s, 0) < s.n)
        return false;
    if (before.n)
        *to++ = before.p[0];
    *to++ = '"';
    if (s.n)
        memcpy(to, s.p, s.n);
    to += s.n;
    *to++ = '"';
    if (after.n)
        *to++ = after.p[0];
    buf_append(out, text, (size_t)(to - text));
    return true;
}

void json_escape(Buf *out, Str s) {
    if (put_short(out, STR(""), s, STR("")))
        return;
    buf_char(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        size_t run = clean_run(s, i);
        buf_append(out, s.p + i, run);
        i += run;
        if (i < s.n)
            escape_byte(out, s.p[i]);
    }
    buf_char(out, '"');
}

// --- numbers ----------------------------------------------------------------------------------

typedef struct Decimal {
    char digits[20];
    int count;
    int point; // the value is 0.d1d2d3… times 10^point
} Decimal;

static Decimal shortest_decimal(double positive) {
    char text[JSON_NUMBER_TEXT_BYTES];
    Decimal d = {.count = 0};
    json_shim_shortest(positive, text);
    const char *p = text;
    for (; *p && *p != 'e'; p++)
        if (*p != '.')
            d.digits[d.count++] = *p;
    int exponent = 0;
    bool negative = p[1] == '-';
    for (p += 2; *p; p++)
        exponent = exponent * 10 + (*p - '0');
    d.point = (negative ? -exponent : exponent) + 1;
    return d;
}

static char *put_digits(char *to, const char *digits, int n) {
    memcpy(to, digits, (size_t)n);
    return to + n;
}

static char *put_zeros(char *to, int n) {
    memset(to, '0', (size_t)n);
    return to + n;
}

static char *put_exponent(char *to, int exponent) {
    *to++ = 'e';
    *to++ = exponent < 0 ? '-' : '+';
    int e = exponent < 0 ? -exponent : exponent;
    if (e >= 100)
        *to++ = (char)('0' + e / 100);
    if (e >= 10)
        *to++ = (char)('0' + e / 10 % 10);
    *to++ = (char)('0' + e % 10);
    return to;
}

size_t json_format_double(double v, char ret_text[JSON_NUMBER_TEXT_BYTES]) {
    char *to = ret_text;
    ASSERT(v - v == 0); // finite
    if (v == 0) {
        memcpy(ret_text, "0", 2);
        return 1;
    }
    if (v < 0)
        *to++ = '-';
    // The four forms of ECMAScript's Number::toString, by the place of the decimal point.
    Decimal d = shortest_decimal(v < 0 ? -v : v);
    if (d.point >= d.count && d.point <= 21) {
        to = put_digits(to, d.digits, d.count);
        to = put_zeros(to, d.point - d.count);
    } else if (d.point > 0 && d.point <= 21) {
        to = put_digits(to, d.digits, d.point);
        *to++ = '.';
        to = put_digits(to, d.digits + d.point, d.count - d.point);
    } else if (d.point > -6 && d.point <= 0) {
        to = put_digits(to, "0.", 2);
        to = put_zeros(to, -d.point);
        to = put_digits(to, d.digits, d.count);
    } else {
        *to++ = d.digits[0];
        if (d.count > 1) {
            *to++ = '.';
            to = put_digits(to, d.digits + 1, d.count - 1);
        }
        to = put_exponent(to, d.point - 1);
    }
    *to = '\0';
    return (size_t)(to - ret_text);
}

// --- the writer -------------------------------------------------------------------------------

JsonWriter json_writer_start(Buf *out) {
    return (JsonWriter){.out = out, .start = out->n};
}

Err json_writer_end(Ctx *c, JsonWriter *w) {
    ASSERT(w->depth == 0);
    TRY(buf_check(c, w->out));
    if (w->err == E_LIMIT)
        return fail(c, E_LIMIT, "the JSON would be nested deeper than %d levels", JSON_DEPTH_MAX);
    if (w->err != OK)
        return fail(c, w->err, "a number is too large to be written as JSON");
    return OK;
}

// A comma unless this is the first thing in its container or follows a key. The byte before tells:
// no value ends in one of these three.
static Str separator(const JsonWriter *w) {
    const Buf *out = w->out;
    if (out->failed || out->n == w->start)
        return STR("");
    char last = out->p[out->n - 1];
    return last != '{' && last != '[' && last != ':' ? STR(",") : STR("");
}

static void separate(JsonWriter *w) {
    buf_str(w->out, separator(w));
}

static void begin(JsonWriter *w, char ch) {
    separate(w);
    buf_char(w->out, ch);
    w->depth++;
    if (w->depth > JSON_DEPTH_MAX && w->err == OK)
        w->err = E_LIMIT;
}

static void end(JsonWriter *w, char ch) {
    ASSERT(w->depth > 0);
    buf_char(w->out, ch);
    w->depth--;
}

void json_put_object_begin(JsonWriter *w) {
    begin(w, '{');
}
void json_put_object_end(JsonWriter *w) {
    end(w, '}');
}
void json_put_array_begin(JsonWriter *w) {
    begin(w, '[');
}
void json_put_array_end(JsonWriter *w) {
    end(w, ']');
}

void json_put_key(JsonWriter *w, Str key) {
    if (put_short(w->out, separator(w), key, STR(":")))
        return;
    separate(w);
    json_escape(w->out, key);
    buf_char(w->out, ':');
}

void json_put_str(JsonWriter *w, Str s) {
    if (put_short(w->out, separator(w), s, STR("")))
        return;
    separate(w);
    json_escape(w->out, s);
}

void json_put_i64(JsonWriter *w, int64_t v) {
    separate(w);
    if ((v > BASE_INT_SAFE_MAX || v < -BASE_INT_SAFE_MAX) && w->err == OK)
        w->err = E_INVALID;
    buf_i64(w->out, v);
}

void json_put_double(JsonWriter *w, double v) {
    char text[JSON_NUMBER_TEXT_BYTES] = "null";
    separate(w);
    if (!(v - v == 0)) {
        if (w->err == OK)
            w->err = E_INVALID;
        buf_text(w->out, text);
        return;
    }
    size_t n = json_format_double(v, text);
    buf_append(w->out, text, n);
}

void json_put_bool(JsonWriter *w, bool v) {
    separate(w);
    buf_str(w->out, v ? STR("true") : STR("false"));
}

void json_put_null(JsonWriter *w) {
    separate(w);
    buf_str(w->out, STR("null"));
}

void json_put_raw(JsonWriter *w, Str json) {
    separate(w);
    buf_str(w->out, json);
}

void json_put_key_str(JsonWriter *w, const char *key, Str s) {
    json_put_key(w, str_of(key));
    json_put_str(w, s);
}

void json_put_key_i64(JsonWriter *w, const char *key, int64_t v) {
    json_put_key(w, str_of(key));
    json_put_i64(w, v);
}

void json_put_key_bool(JsonWriter *w, const char *key, bool v) {
    json_put_key(w, str_of(key));
    json_put_bool(w, v);
}

void json_put_key_null(JsonWriter *w, const char *key) {
    json_put_key(w, str_of(key));
    json_put_null(w);
}
