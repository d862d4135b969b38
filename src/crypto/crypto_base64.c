// Base64 of RFC 4648: the standard alphabet with padding, the one for URLs without.
#include "crypto/crypto.h"

static const char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char for_urls[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void put(Buf *out, const void *bytes, size_t n, const char *letters, bool padded) {
    const uint8_t *p = bytes;
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i;
        uint32_t v = (uint32_t)p[i] << 16;
        v |= left > 1 ? (uint32_t)p[i + 1] << 8 : 0;
        v |= left > 2 ? p[i + 2] : 0;
        char four[4] = {letters[v >> 18], letters[(v >> 12) & 63], letters[(v >> 6) & 63],
                        letters[v & 63]};
        if (left < 3)
            four[3] = '=';
        if (left < 2)
            four[2] = '=';
        buf_append(out, four, padded || left >= 3 ? sizeof four : left + 1);
    }
}

void crypto_base64_put(Buf *out, const void *bytes, size_t n) {
    put(out, bytes, n, standard, true);
}

void crypto_base64url_put(Buf *out, const void *bytes, size_t n) {
    put(out, bytes, n, for_urls, false);
}

// The value of a letter, or 64.
static uint32_t letter_value(char ch, const char *letters) {
    if (ch >= 'A' && ch <= 'Z')
        return (uint32_t)(ch - 'A');
    if (ch >= 'a' && ch <= 'z')
        return (uint32_t)(ch - 'a') + 26;
    if (ch >= '0' && ch <= '9')
        return (uint32_t)(ch - '0') + 52;
    return ch == letters[62] ? 62 : ch == letters[63] ? 63 : 64;
}

// Letters without padding. libsodium's decoder is not used: version 1.0.18 takes bytes from 0x80
// up for letters.
static bool decode(Str text, const char *letters, void *ret_bytes, size_t cap, size_t *ret_n) {
    size_t n = text.n / 4 * 3 + (text.n % 4 * 3) / 4;
    uint32_t bits = 0;
    if (text.n % 4 == 1 || n > cap)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        bits = letter_value(text.p[i], letters);
        if (bits == 64)
            return false;
    }
    // Of the last letter of a group that is not whole, four or two bits are not used.
    if (text.n % 4 != 0 && (bits & (text.n % 4 == 2 ? 15U : 3U)) != 0)
        return false;
    uint8_t *to = ret_bytes;
    bits = 0;
    for (size_t i = 0; i < text.n; i++) {
        bits = bits << 6 | letter_value(text.p[i], letters);
        if (i % 4 != 0)
            *to++ = (uint8_t)(bits >> (6 - 2 * (i % 4)));
    }
    *ret_n = n;
    return true;
}

bool crypto_base64_decode(Str text, void *ret_bytes, size_t cap, size_t *ret_n) {
    size_t padding = 0;
    if (text.n % 4 != 0)
        return false;
    while (padding < 2 && padding < text.n && text.p[text.n - 1 - padding] == '=')
        padding++;
    return decode((Str){text.p, text.n - padding}, standard, ret_bytes, cap, ret_n);
}

bool crypto_base64url_decode(Str text, void *ret_bytes, size_t cap, size_t *ret_n) {
    return decode(text, for_urls, ret_bytes, cap, ret_n);
}
