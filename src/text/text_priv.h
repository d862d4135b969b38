// Inside of room text: the C side of the phone shim.
#ifndef MOEI_TEXT_PRIV_H
#define MOEI_TEXT_PRIV_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    PHONE_OK,
    PHONE_COUNTRY_UNKNOWN, // neither a country nor a "+"
    PHONE_NOT_A_NUMBER,
    PHONE_TOO_SHORT,
    PHONE_TOO_LONG,
    PHONE_NOT_POSSIBLE,
    PHONE_FAULT // no memory, or the library failed
};

// E.164 of text (n bytes, UTF-8) to ret_e164, NUL after. country: two letters, or "ZZ".
int phone_shim_parse(const char *text, size_t n, const char country[3], char *ret_e164,
                     size_t e164_size);

#ifdef __cplusplus
}
#endif

#endif
