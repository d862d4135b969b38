// Inside of the room record only.
#ifndef MOEI_RECORD_PRIV_H
#define MOEI_RECORD_PRIV_H

#include "record/record.h"

#define RECORD_SIG_DOMAIN "moei/sig/v1\n"
#define RECORD_TIME_TEXT_BYTES 27
#define RECORD_AGENCY_TEXT_BYTES 64

bool record_is_hash(Str s); // 64 hex digits, lower case
bool record_is_word(Str s); // [a-z0-9][a-z0-9_-]{0,63}
bool record_is_kind(Str s); // [a-z][a-z0-9_]{0,31}
bool record_time_parse(Str s, int64_t *ret_at_us);
// OK when v is a text, else E_INVALID naming the member.
Err record_need_str(Ctx *c, const JsonValue *v, const char *name, Str *ret_s) MUST_USE;
// E_INVALID unless the object has exactly these keys, which are in canonical order.
Err record_exact_keys(Ctx *c, const JsonValue *v, const char *name, const char *const *keys,
                      size_t n) MUST_USE;
// The body of a kind against its row.
Err record_body_check(Ctx *c, const RecordKindRow *row, const JsonValue *body) MUST_USE;
Err record_mark_check(Ctx *c, const RecordMark *m) MUST_USE;

#endif
