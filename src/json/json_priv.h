// Inside json only: the C side of the simdjson shim, and what the files of the room share.
#ifndef MOEI_JSON_PRIV_H
#define MOEI_JSON_PRIV_H

#ifdef __cplusplus
#include <cstddef>
#include <cstdint>
extern "C" {
#else
#include "json/json.h"
#endif

// --- simdjson_shim.cc: no exception and no C++ type passes this line.

typedef enum ShimResult {
    SHIM_OK,
    SHIM_SYNTAX,
    SHIM_NUMBER, // a number that simdjson cannot hold: an integer of 65 bits, an overflow
    SHIM_DEPTH,
    SHIM_MEMORY
} ShimResult;

// NULL when there is no memory.
void *json_shim_open(void);
void json_shim_close(void *shim);
// On SHIM_OK the tape (simdjson's documented format) and the strings, valid until the next call.
ShimResult json_shim_parse(void *shim, const char *text, size_t n, const uint64_t **ret_tape,
                           const uint8_t **ret_strings);
bool json_shim_utf8_valid(const char *bytes, size_t n);
// Shortest digits that read back as v (finite, not 0), as "d.ddde+xx", NUL after: up to 32 bytes.
void json_shim_shortest(double v, char *ret_text);

#ifdef __cplusplus
}
#else

// Where and why a text stops being JSON, for the words of an error. True if it finds a place.
bool json_locate_fault(Str text, size_t *ret_at, const char **ret_what);

// Sorts pointers to members; `spare` has room for n as well.
typedef int (*JsonKeyOrder)(Str a, Str b);
void json_sort_members(const JsonMember **members, const JsonMember **spare, size_t n,
                       JsonKeyOrder order);
// True if the keys rise strictly in that order, so that none stands twice.
bool json_members_rise(const JsonMember *members, size_t n, JsonKeyOrder order);

// OK if `text` is the RFC 8785 form of the value that was read from it.
Err json_match_canonical(Ctx *c, Str text, const JsonValue *v);

// Appends a string with its quotes and escapes.
void json_escape(Buf *out, Str s);

#endif
#endif
