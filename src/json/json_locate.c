// Finds where a text stops being JSON. simdjson is quick because it does not say; this plain
// scanner runs only when a text was refused, so that a person learns at which byte and why.
#include "json/json.h"
#include "json/json_priv.h"

typedef struct Scan {
    Str text;
    size_t at;
    const char *what; // the fault, once found
} Scan;

static bool fault(Scan *s, size_t at, const char *what) {
    s->at = at;
    s->what = what;
    return false;
}

// The byte at the scan's place; 0, which no JSON may hold outside of strings, at the end.
static uint8_t peek(const Scan *s) {
    return s->at < s->text.n ? (uint8_t)s->text.p[s->at] : 0;
}

static void skip_blanks(Scan *s) {
    for (uint8_t ch = peek(s); ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r'; ch = peek(s))
        s->at++;
}

static bool is_digit(uint8_t ch) {
    return ch >= '0' && ch <= '9';
}

static bool skip_digits(Scan *s) {
    if (!is_digit(peek(s)))
        return fault(s, s->at, s->at < s->text.n ? "a digit is expected" : "the text is cut off");
    while (is_digit(peek(s)))
        s->at++;
    return true;
}

static bool scan_number(Scan *s) {
    s->at += peek(s) == '-';
    size_t first = s->at;
    if (!skip_digits(s))
        return false;
    if (s->text.p[first] == '0' && s->at > first + 1)
        return fault(s, first, "a number may not begin with 0");
    if (peek(s) == '.') {
        s->at++;
        if (!skip_digits(s))
            return false;
    }
    if (peek(s) == 'e' || peek(s) == 'E') {
        s->at++;
        s->at += peek(s) == '+' || peek(s) == '-';
        return skip_digits(s);
    }
    return true;
}

static bool scan_hex4(Scan *s, uint32_t *ret_unit) {
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++, s->at++) {
        uint8_t ch = peek(s);
        uint8_t lower = ch | 0x20;
        if (is_digit(ch))
            unit = unit * 16 + ch - '0';
        else if (lower >= 'a' && lower <= 'f')
            unit = unit * 16 + 10 + lower - 'a';
        else
            return fault(s, s->at, "\\u needs four hex digits");
    }
    *ret_unit = unit;
    return true;
}

// After the backslash.
static bool scan_escape(Scan *s) {
    size_t begin = s->at - 1;
    uint8_t ch = peek(s);
    if (ch != 'u') {
        if (ch == 0 || !strchr("\"\\/bfnrt", ch))
            return fault(s, begin, "an unknown escape");
        s->at++;
        return true;
    }
    s->at++;
    uint32_t unit;
    uint32_t low;
    if (!scan_hex4(s, &unit))
        return false;
    if (unit < 0xD800 || unit > 0xDFFF)
        return true;
    if (unit > 0xDBFF || peek(s) != '\\' || s->at + 1 >= s->text.n || s->text.p[s->at + 1] != 'u')
        return fault(s, begin, "half of a surrogate pair");
    s->at += 2;
    if (!scan_hex4(s, &low))
        return false;
    if (low < 0xDC00 || low > 0xDFFF)
        return fault(s, begin, "half of a surrogate pair");
    return true;
}

static bool scan_string(Scan *s) {
    size_t begin = s->at++;
    while (s->at < s->text.n) {
        uint8_t ch = (uint8_t)s->text.p[s->at];
        if (ch < 0x20)
            return fault(s, s->at, "a control character inside a text must be escaped");
        s->at++;
        if (ch == '"')
            return true;
        if (ch == '\\' && !scan_escape(s))
            return false;
    }
    return fault(s, begin, "a text without its closing quote");
}

static bool scan_word(Scan *s, Str word) {
    Str rest = {s->text.p + s->at, s->text.n - s->at};
    if (!str_starts(rest, word))
        return fault(s, s->at, "a value is expected");
    s->at += word.n;
    return true;
}

static bool scan_scalar(Scan *s) {
    uint8_t ch = peek(s);
    if (s->at == s->text.n)
        return fault(s, s->at, "the text is cut off");
    if (ch == '"')
        return scan_string(s);
    if (ch == '-' || is_digit(ch))
        return scan_number(s);
    if (ch == 't')
        return scan_word(s, STR("true"));
    if (ch == 'f')
        return scan_word(s, STR("false"));
    return scan_word(s, STR("null"));
}

// The key and its colon, after '{' or a comma.
static bool scan_key(Scan *s) {
    skip_blanks(s);
    if (peek(s) != '"')
        return fault(s, s->at, "a key in double quotes is expected");
    if (!scan_string(s))
        return false;
    skip_blanks(s);
    if (peek(s) != ':')
        return fault(s, s->at, "a colon is expected after the key");
    s->at++;
    return true;
}

typedef enum Next { NEXT_VALUE, NEXT_AFTER, NEXT_FAULT } Next;

// A value begins here; containers are opened, all else is passed over.
static Next scan_value(Scan *s, char *stack, size_t *depth) {
    skip_blanks(s);
    uint8_t ch = peek(s);
    if (ch != '{' && ch != '[')
        return scan_scalar(s) ? NEXT_AFTER : NEXT_FAULT;
    if (*depth == JSON_DEPTH_MAX) {
        fault(s, s->at, "nested too deep");
        return NEXT_FAULT;
    }
    s->at++;
    skip_blanks(s);
    if (peek(s) == (ch == '{' ? '}' : ']')) {
        s->at++;
        return NEXT_AFTER;
    }
    stack[(*depth)++] = (char)ch;
    return ch == '[' || scan_key(s) ? NEXT_VALUE : NEXT_FAULT;
}

// A value has ended inside the container at the top of the stack.
static Next scan_after(Scan *s, const char *stack, size_t *depth) {
    char open = stack[*depth - 1];
    skip_blanks(s);
    uint8_t ch = peek(s);
    if (ch == ',') {
        s->at++;
        return open == '[' || scan_key(s) ? NEXT_VALUE : NEXT_FAULT;
    }
    if (ch == (open == '{' ? '}' : ']')) {
        s->at++;
        (*depth)--;
        return NEXT_AFTER;
    }
    if (s->at == s->text.n)
        fault(s, s->at,
              open == '{' ? "the text is cut off, } is missing"
                          : "the text is cut off, ] is missing");
    else
        fault(s, s->at, open == '{' ? "a comma or } is expected" : "a comma or ] is expected");
    return NEXT_FAULT;
}

bool json_locate_fault(Str text, size_t *ret_at, const char **ret_what) {
    char stack[JSON_DEPTH_MAX];
    size_t depth = 0;
    Scan s = {.text = text};
    size_t valid = json_utf8_valid_upto(text);
    Next next = NEXT_VALUE;
    skip_blanks(&s);
    if (s.at == text.n) {
        next = NEXT_FAULT;
        fault(&s, 0, "the text is empty");
    }
    while (next == NEXT_VALUE || (next == NEXT_AFTER && depth > 0))
        next = next == NEXT_VALUE ? scan_value(&s, stack, &depth) : scan_after(&s, stack, &depth);
    if (next == NEXT_AFTER) {
        skip_blanks(&s);
        if (s.at < text.n)
            fault(&s, s.at, "something follows after the value");
    }
    if (valid < text.n && (!s.what || valid <= s.at))
        fault(&s, valid, "the text is not valid UTF-8");
    if (!s.what)
        return false;
    *ret_at = s.at;
    *ret_what = s.what;
    return true;
}

// Bytes of the UTF-8 sequence at p (Unicode 15, table 3-7), or 0 when it is none.
static size_t sequence_length(const uint8_t *p, size_t n) {
    if (p[0] < 0x80)
        return 1;
    size_t length = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    if (p[0] < 0xC2 || p[0] > 0xF4 || n < length)
        return 0;
    uint8_t low = p[0] == 0xE0 ? 0xA0 : p[0] == 0xF0 ? 0x90 : 0x80;
    uint8_t high = p[0] == 0xED ? 0x9F : p[0] == 0xF4 ? 0x8F : 0xBF;
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    return length;
}

size_t json_utf8_valid_upto(Str bytes) {
    size_t at = 0;
    while (at < bytes.n) {
        size_t length = sequence_length((const uint8_t *)bytes.p + at, bytes.n - at);
        if (length == 0)
            return at;
        at += length;
    }
    return at;
}
