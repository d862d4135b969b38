// Phone numbers to one form, so that two spellings of a number are found to be the same.
#include "text/text.h"
#include "text/text_priv.h"

#define SHORT_CODE_DIGITS_MIN 3
#define SHORT_CODE_DIGITS_MAX 6

// Digits without what people put between them; false when anything else is there.
static bool bare_digits(Str s, char *ret_digits, size_t *ret_n) {
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] >= '0' && s.p[i] <= '9')
            ret_digits[n++] = s.p[i];
        else if (s.p[i] == 0 || !strchr(" -.()", s.p[i]))
            return false;
    }
    *ret_n = n;
    return true;
}

static Err fail_phone(Ctx *c, int why, Str phone, Str country) {
    switch (why) {
    case PHONE_COUNTRY_UNKNOWN:
        return fail(c, E_INVALID,
                    "\"" STR_FMT "\" does not say its country: write it with + and the country's "
                    "code, or give the country",
                    STR_ARG(phone));
    case PHONE_TOO_SHORT:
        return fail(c, E_INVALID, "\"" STR_FMT "\" is too short for a phone number%s" STR_FMT,
                    STR_ARG(phone), country.n ? " of " : "", STR_ARG(country));
    case PHONE_TOO_LONG:
        return fail(c, E_INVALID, "\"" STR_FMT "\" is too long for a phone number%s" STR_FMT,
                    STR_ARG(phone), country.n ? " of " : "", STR_ARG(country));
    case PHONE_FAULT:
        return fail(c, E_MEMORY, "no memory to read a phone number");
    case PHONE_NOT_POSSIBLE:
        return fail(c, E_INVALID, "\"" STR_FMT "\" has no possible length for a phone number",
                    STR_ARG(phone));
    default:
        return fail(c, E_INVALID, "\"" STR_FMT "\" is no phone number", STR_ARG(phone));
    }
}

Err text_phone_parse(Ctx *c, Str phone, Str country, TextPhone *ret_phone) {
    Str s = str_trim(phone);
    if (s.n == 0)
        return fail(c, E_INVALID, "the phone number is empty");
    if (s.n > TEXT_PHONE_INPUT_BYTES_MAX)
        return fail(c, E_INVALID, "a phone number is at most %d bytes long",
                    TEXT_PHONE_INPUT_BYTES_MAX);
    char ascii[TEXT_PHONE_INPUT_BYTES_MAX], digits[TEXT_PHONE_INPUT_BYTES_MAX];
    size_t ascii_n = 0, digit_n = 0;
    if (text_digits_ascii(s, ascii, &ascii_n) == TEXT_DIGITS_MIXED)
        return fail(c, E_INVALID, "\"" STR_FMT "\" mixes digits of two scripts", STR_ARG(s));
    TextPhone result = {{0}, 0};
    if (bare_digits((Str){ascii, ascii_n}, digits, &digit_n) && digit_n >= SHORT_CODE_DIGITS_MIN &&
        digit_n <= SHORT_CODE_DIGITS_MAX) {
        memcpy(result.p, digits, digit_n);
        result.n = digit_n;
        *ret_phone = result;
        return OK;
    }
    char region[3] = "ZZ";
    if (country.n == 2)
        memcpy(region, country.p, 2);
    int why = phone_shim_parse(ascii, ascii_n, region, result.p, sizeof result.p);
    if (why != PHONE_OK)
        return fail_phone(c, why, s, country);
    result.n = strlen(result.p);
    *ret_phone = result;
    return OK;
}
