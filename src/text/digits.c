// Digits of Thai, Lao, Burmese and Khmer as ASCII.
#include "text/text.h"

typedef struct Script {
    uint8_t first, second, third; // UTF-8 of the digit zero; nine follows without a gap
} Script;

static const Script scripts[] = {
    {0xe0, 0xb9, 0x90}, // Thai, U+0E50
    {0xe0, 0xbb, 0x90}, // Lao, U+0ED0
    {0xe1, 0x81, 0x80}, // Burmese, U+1040
    {0xe1, 0x9f, 0xa0}, // Khmer, U+17E0
};

// Number of the script + 1 whose digit stands at p, or 0.
static unsigned digit_script(const uint8_t *p, size_t n) {
    if (n < 3 || (p[0] != 0xe0 && p[0] != 0xe1))
        return 0;
    for (unsigned i = 0; i < COUNT_OF(scripts); i++)
        if (p[0] == scripts[i].first && p[1] == scripts[i].second && p[2] >= scripts[i].third &&
            p[2] <= scripts[i].third + 9)
            return i + 1;
    return 0;
}

TextDigits text_digits_ascii(Str s, char *ret_text, size_t *ret_n) {
    const uint8_t *p = (const uint8_t *)s.p;
    size_t out = 0;
    unsigned foreign = 0;
    bool ascii = false, mixed = false;
    for (size_t i = 0; i < s.n;) {
        unsigned script = digit_script(p + i, s.n - i);
        if (script == 0) {
            ascii |= p[i] >= '0' && p[i] <= '9';
            ret_text[out++] = (char)p[i++];
            continue;
        }
        mixed |= foreign != 0 && foreign != script;
        foreign = script;
        ret_text[out++] = (char)('0' + (p[i + 2] - scripts[script - 1].third));
        i += 3;
    }
    *ret_n = out;
    if (mixed || (foreign && ascii))
        return TEXT_DIGITS_MIXED;
    return foreign ? TEXT_DIGITS_CONVERTED : TEXT_DIGITS_ASCII;
}
