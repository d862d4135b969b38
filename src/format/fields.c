// Single fields: texts, names, codes, amounts, accounts.
#include "format/format_priv.h"

// --- texts
// ------------------------------------------------------------------------------------------

// Bytes of a blank at the start of s: ASCII, no-break space (U+00A0), ideographic (U+3000); or 0.
static size_t blank_first(Str s) {
    if (s.n && (s.p[0] == ' ' || (s.p[0] >= '\t' && s.p[0] <= '\r')))
        return 1;
    if (s.n >= 2 && memcmp(s.p, "\xc2\xa0", 2) == 0)
        return 2;
    return s.n >= 3 && memcmp(s.p, "\xe3\x80\x80", 3) == 0 ? 3 : 0;
}

static size_t blank_last(Str s) {
    if (s.n && (s.p[s.n - 1] == ' ' || (s.p[s.n - 1] >= '\t' && s.p[s.n - 1] <= '\r')))
        return 1;
    if (s.n >= 2 && memcmp(s.p + s.n - 2, "\xc2\xa0", 2) == 0)
        return 2;
    return s.n >= 3 && memcmp(s.p + s.n - 3, "\xe3\x80\x80", 3) == 0 ? 3 : 0;
}

Str field_trim(Str s) {
    size_t n;
    while ((n = blank_first(s)) != 0)
        s = (Str){s.p + n, s.n - n};
    while ((n = blank_last(s)) != 0)
        s.n -= n;
    return s;
}

static bool plain_ascii(Str s) {
    for (size_t i = 0; i < s.n; i++)
        if ((uint8_t)s.p[i] < 0x20 || (uint8_t)s.p[i] >= 0x7f)
            return false;
    return true;
}

Err field_text(Ctx *c, Str text, size_t bytes_max, const char *controls, Str *ret_text) {
    Str s = field_trim(text);
    // Normal forms are of like length, so that a far too long text need not be normalised first.
    if (s.n > bytes_max * 4)
        return fail(c, E_INVALID, "it is longer than %zu bytes", bytes_max);
    if (!plain_ascii(s)) {
        if (text_has_control(s, controls))
            return fail(c, E_INVALID, "it has a control character");
        TRY(text_nfc(c, s, &s));
    }
    if (s.n > bytes_max)
        return fail(c, E_INVALID, "it is longer than %zu bytes", bytes_max);
    *ret_text = s;
    return OK;
}

Err field_one_line(Ctx *c, Str text, Str *ret_text) {
    size_t n = 0;
    char *line = NULL;
    for (size_t i = 0; i < text.n && n == 0; i++)
        n = text.p[i] == '\t' || text.p[i] == '\n' || text.p[i] == '\r';
    if (n == 0) {
        *ret_text = text;
        return OK;
    }
    TRY(ctx_alloc(c, text.n, &line));
    n = 0;
    bool blank = false;
    for (size_t i = 0; i < text.n; i++) {
        bool now = text.p[i] == '\t' || text.p[i] == '\n' || text.p[i] == '\r';
        if (!now || !blank)
            line[n++] = now ? ' ' : text.p[i];
        blank = now;
    }
    *ret_text = (Str){line, n};
    return OK;
}

// Zero-width and direction marks: two names that differ only in them look the same.
static bool has_invisible(Str s) {
    for (size_t i = 0; i + 3 <= s.n; i++) {
        const uint8_t *p = (const uint8_t *)s.p + i;
        if (p[0] == 0xe2 && p[1] == 0x80 &&
            ((p[2] >= 0x8b && p[2] <= 0x8f) || (p[2] >= 0xaa && p[2] <= 0xae)))
            return true;
        if (p[0] == 0xe2 && p[1] == 0x81 && p[2] >= 0xa0 && p[2] <= 0xaf)
            return true;
        if (p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf)
            return true;
    }
    return false;
}

Err field_name(Ctx *c, Str text, size_t bytes_max, Str *ret_text) {
    Str s;
    TRY(field_text(c, text, bytes_max, "", &s));
    if (!plain_ascii(s) && has_invisible(s))
        return fail(c, E_INVALID, "it has an invisible character (zero width or direction mark)");
    *ret_text = s;
    return OK;
}

Str field_shown(Str s) {
    Str head = {s.p, s.n < 40 ? s.n : 40};
    text_utf8_prefix(head, &head.n);
    return head;
}

// --- codes
// ------------------------------------------------------------------------------------------

Err field_country(Ctx *c, const FormatTables *t, Str text, Str *ret_country) {
    if (!format_country_known(t, text))
        return fail(c, E_INVALID,
                    "\"" STR_FMT "\" is no country code of ISO 3166 (two capital letters, such as "
                    "TH)",
                    STR_ARG(field_shown(text)));
    *ret_country = text;
    return OK;
}

Err field_currency(Ctx *c, const FormatTables *t, Str text, const FormatCurrency **ret_currency) {
    const FormatCurrency *found = format_currency_find(t, text);
    if (found == NULL)
        return fail(c, E_INVALID,
                    "\"" STR_FMT "\" is no currency of the table (three capital letters, such as "
                    "THB)",
                    STR_ARG(field_shown(text)));
    *ret_currency = found;
    return OK;
}

Err field_whole(Ctx *c, Str text, int64_t *ret_v) {
    char ascii[128];
    size_t n = 0;
    int64_t v = 0;
    if (text.n > sizeof ascii || text_digits_ascii(text, ascii, &n) == TEXT_DIGITS_MIXED ||
        !str_to_i64((Str){ascii, n}, &v) || v > BASE_INT_SAFE_MAX || v < -BASE_INT_SAFE_MAX)
        return fail(c, E_INVALID, "it is no whole number");
    *ret_v = v;
    return OK;
}

Err field_list(Ctx *c, Str text, Str **ret_items, size_t *ret_n) {
    Str rest, part, *items = NULL;
    size_t n = 0;
    // Before it is split: U+037E becomes ';'.
    TRY(text_nfc(c, text, &text));
    rest = text;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == ';';
    if (n >= IMPORT_LIST_ITEMS_MAX)
        return fail(c, E_INVALID, "the list has more than %d items", IMPORT_LIST_ITEMS_MAX);
    TRY(ctx_alloc(c, (n + 1) * sizeof *items, &items));
    n = 0;
    while (str_split(&rest, ';', &part)) {
        part = field_trim(part);
        if (part.n)
            items[n++] = part;
    }
    *ret_items = items;
    *ret_n = n;
    return OK;
}

// --- amounts
// ----------------------------------------------------------------------------------------

#define AMOUNT_BYTES_MAX 96

typedef struct Amount {
    int64_t minor;
    size_t whole_digits, fraction_digits;
    size_t since_separator; // digits of the whole part behind the last separator
    bool separators, negative;
} Amount;

// Adds a digit; false when the amount grows over the limit.
static bool amount_digit(Amount *a, char ch) {
    a->minor = a->minor * 10 + (ch - '0');
    return a->minor <= BASE_AMOUNT_MINOR_MAX;
}

static Err amount_whole(Ctx *c, Str *s, AmountForm form, Amount *a) {
    while (s->n && s->p[0] != form.decimal) {
        if (form.thousands.n && str_starts(*s, form.thousands)) {
            if (a->since_separator < (a->separators ? 2 : 1) || a->since_separator > 3)
                return fail(c, E_INVALID, "the thousands separator stands in a wrong place");
            a->separators = true;
            a->since_separator = 0;
            *s = (Str){s->p + form.thousands.n, s->n - form.thousands.n};
            continue;
        }
        if (s->p[0] < '0' || s->p[0] > '9')
            return fail(c, E_INVALID,
                        "it is no amount: only digits%s and one \"%c\" may stand in it",
                        form.thousands.n ? ", the thousands separator" : "", form.decimal);
        if (!amount_digit(a, s->p[0]))
            return fail(c, E_INVALID, "it is larger than 10^15 of the smallest unit");
        a->whole_digits++;
        a->since_separator++;
        *s = (Str){s->p + 1, s->n - 1};
    }
    if (a->separators && a->since_separator != 3)
        return fail(c, E_INVALID, "three digits must follow the last thousands separator");
    return OK;
}

static Err amount_fraction(Ctx *c, Str s, unsigned exponent, Amount *a) {
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return fail(c, E_INVALID, "it is no amount: only digits may follow the decimal sign");
        a->fraction_digits++;
        if (a->fraction_digits <= exponent) {
            if (!amount_digit(a, s.p[i]))
                return fail(c, E_INVALID, "it is larger than 10^15 of the smallest unit");
        } else if (s.p[i] != '0') {
            return fail(c, E_INVALID,
                        "it has more digits after the decimal sign than the %u of "
                        "the currency",
                        exponent);
        }
    }
    for (size_t i = a->fraction_digits; i < exponent; i++)
        if (!amount_digit(a, '0'))
            return fail(c, E_INVALID, "it is larger than 10^15 of the smallest unit");
    return OK;
}

Err amount_read(Ctx *c, Str text, AmountForm form, const FormatCurrency *currency,
                int64_t *ret_minor) {
    char ascii[AMOUNT_BYTES_MAX];
    Str s = {ascii, 0};
    if (text.n > sizeof ascii)
        return fail(c, E_INVALID, "it is too long for an amount");
    if (text_digits_ascii(text, ascii, &s.n) == TEXT_DIGITS_MIXED)
        return fail(c, E_INVALID, "it mixes digits of two scripts");
    Amount a = {0};
    if (s.n && s.p[0] == '-') {
        a.negative = true;
        s = (Str){s.p + 1, s.n - 1};
    }
    TRY(amount_whole(c, &s, form, &a));
    bool has_point = s.n != 0;
    if (has_point)
        s = (Str){s.p + 1, s.n - 1};
    TRY(amount_fraction(c, s, currency->exponent, &a));
    if (a.whole_digits + a.fraction_digits == 0 || (has_point && a.fraction_digits == 0))
        return fail(c, E_INVALID, "it is no amount: digits are missing");
    *ret_minor = a.negative ? -a.minor : a.minor;
    return OK;
}

Err format_amount_parse(Ctx *c, Str text, const FormatCurrency *currency, int64_t *ret_minor) {
    return amount_read(c, field_trim(text), (AmountForm){'.', {0}}, currency, ret_minor);
}

void format_amount_write(Buf *b, int64_t minor, unsigned exponent) {
    char text[40];
    size_t at = sizeof text;
    uint64_t v = minor < 0 ? 0 - (uint64_t)minor : (uint64_t)minor;
    for (unsigned digits = 0; v || digits <= exponent; digits++) {
        if (digits == exponent && exponent)
            text[--at] = '.';
        text[--at] = (char)('0' + v % 10);
        v /= 10;
    }
    if (minor < 0)
        text[--at] = '-';
    buf_append(b, text + at, sizeof text - at);
}

// --- accounts
// ---------------------------------------------------------------------------------------

// The account without the blanks and hyphens that people put into it; false when it is too long.
static bool account_bare(Str account, char room[STREAM_FIELD_BYTES_MAX], size_t *ret_n) {
    size_t n = 0;
    if (account.n > STREAM_FIELD_BYTES_MAX)
        return false;
    for (size_t i = 0; i < account.n; i++)
        if (account.p[i] != ' ' && account.p[i] != '-')
            room[n++] = account.p[i];
    *ret_n = n;
    return true;
}

static bool all_digits(Str s) {
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return true;
}

// Reads "d10" or "d10-12".
static bool pattern_bounds(Str part, int64_t *ret_low, int64_t *ret_high) {
    Str rest = {part.p + 1, part.n - 1}, low, high;
    if (part.n < 2 || part.p[0] != 'd' || !str_split(&rest, '-', &low) ||
        !str_to_i64(low, ret_low) || *ret_low < 1)
        return false;
    *ret_high = *ret_low;
    if (!str_split(&rest, '-', &high))
        return true;
    return str_to_i64(high, ret_high) && *ret_high >= *ret_low && rest.n == 0;
}

bool pattern_valid(Str pattern) {
    Str rest = pattern, part;
    int64_t low, high;
    if (pattern.n == 0)
        return true;
    while (str_split(&rest, '|', &part))
        if (part.n == 0 || !pattern_bounds(part, &low, &high))
            return false;
    return true;
}

bool account_fits(Str account, Str pattern) {
    char room[STREAM_FIELD_BYTES_MAX];
    Str bare = {room, 0}, rest = pattern, part;
    int64_t low, high;
    if (pattern.n == 0)
        return true;
    if (!account_bare(account, room, &bare.n) || !all_digits(bare))
        return false;
    while (str_split(&rest, '|', &part))
        if (part.n && pattern_bounds(part, &low, &high) && bare.n >= (size_t)low &&
            bare.n <= (size_t)high)
            return true;
    return false;
}

bool account_luhn(Str account) {
    char room[STREAM_FIELD_BYTES_MAX];
    Str bare = {room, 0};
    unsigned sum = 0;
    if (!account_bare(account, room, &bare.n) || !all_digits(bare) || bare.n < 2)
        return false;
    for (size_t i = 0; i < bare.n; i++) {
        unsigned digit = (unsigned)(bare.p[bare.n - 1 - i] - '0');
        if (i % 2)
            digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
        sum += digit;
    }
    return sum % 10 == 0;
}

Err format_account_parse(Ctx *c, const FormatTables *t, Str text, FormatAccount *ret_account) {
    FormatAccount a = {0};
    Str rest = field_trim(text), first = {0}, second = {0};
    bool has_first = str_find(rest, STR("/"), &first.n);
    if (has_first) {
        first.p = rest.p;
        rest = (Str){rest.p + first.n + 1, rest.n - first.n - 1};
        TRY(field_country(c, t, field_trim(first), &a.country));
        if (str_find(rest, STR("/"), &second.n)) {
            second.p = rest.p;
            rest = (Str){rest.p + second.n + 1, rest.n - second.n - 1};
            TRY(field_name(c, second, STREAM_FIELD_BYTES_MAX, &a.institution));
        }
    }
    TRY(field_name(c, rest, STREAM_FIELD_BYTES_MAX, &a.account));
    if (a.account.n == 0)
        return fail(c, E_INVALID, "the account number is missing");
    *ret_account = a;
    return OK;
}

bool format_report_id_valid(Str id) {
    if (id.n == 0 || id.n > REPORT_ID_BYTES_MAX)
        return false;
    for (size_t i = 0; i < id.n; i++) {
        char ch = id.p[i];
        bool letter = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
        if (!letter && !(ch >= '0' && ch <= '9') && ch != '.' && ch != '_' && ch != ':' &&
            ch != '-')
            return false;
    }
    return true;
}
