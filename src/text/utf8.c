// UTF-8: validity at the speed of memory for ASCII, by Unicode 15 table 3-7 for the rest.
#include "text/text.h"

// Bytes of ASCII at the start of p.
static size_t ascii_run(const uint8_t *p, size_t n) {
    size_t i = 0;
    while (i + 32 <= n) {
        uint64_t any = load_u64le(p + i) | load_u64le(p + i + 8) | load_u64le(p + i + 16) |
                       load_u64le(p + i + 24);
        if (any & 0x8080808080808080ULL)
            break;
        i += 32;
    }
    while (i < n && p[i] < 0x80)
        i++;
    return i;
}

static bool is_tail(uint8_t b) {
    return (b & 0xc0) == 0x80;
}

// Smallest and largest second byte after a lead byte, which rules out overlong forms, surrogates
// and values above U+10FFFF.
static bool second_fits(uint8_t lead, uint8_t b) {
    uint8_t low = 0x80, high = 0xbf;
    if (lead == 0xe0)
        low = 0xa0;
    else if (lead == 0xed)
        high = 0x9f;
    else if (lead == 0xf0)
        low = 0x90;
    else if (lead == 0xf4)
        high = 0x8f;
    return b >= low && b <= high;
}

// Length of the character at p, n > 0. 0: never valid. More than n: cut off, but valid so far.
static size_t char_length(const uint8_t *p, size_t n) {
    uint8_t lead = p[0];
    size_t want;
    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead <= 0xdf)
        want = 2;
    else if (lead >= 0xe0 && lead <= 0xef)
        want = 3;
    else if (lead >= 0xf0 && lead <= 0xf4)
        want = 4;
    else
        return 0;
    if (n >= 2 && !second_fits(lead, p[1]))
        return 0;
    for (size_t i = 2; i < want && i < n; i++)
        if (!is_tail(p[i]))
            return 0;
    return want;
}

bool text_utf8_prefix(Str s, size_t *ret_n) {
    const uint8_t *p = (const uint8_t *)s.p;
    size_t i = 0;
    while (i < s.n) {
        i += ascii_run(p + i, s.n - i);
        // Runs of other scripts are long: stay here until ASCII comes back.
        while (i < s.n && p[i] >= 0x80) {
            size_t length = char_length(p + i, s.n - i);
            if (length == 0 || length > s.n - i) {
                *ret_n = i;
                return length != 0;
            }
            i += length;
        }
    }
    *ret_n = i;
    return true;
}

bool text_utf8_valid(Str s) {
    size_t n = 0;
    return text_utf8_prefix(s, &n) && n == s.n;
}
