// json: read JSON strictly into a tree, write it, and its RFC 8785 canonical form.
//
// Owns nothing; a JsonReader owns the working memory of the parser (simdjson behind a C shim).
// Invariants: what json_read accepts is RFC 8259 in valid UTF-8 without duplicate keys, without
// bytes after the value, at most JSON_DEPTH_MAX deep; a tree never changes and lives as long as the
// request's arena; a number is JSON_INT exactly when it is whole and |v| <= 2^53 - 1 (1.0 and 1 are
// one number, as I-JSON wants), else JSON_DOUBLE.
// Threads: a reader belongs to one thread at a time; trees may be read by many.
#ifndef MOEI_JSON_H
#define MOEI_JSON_H

#include "base/base.h"

// --- values -----------------------------------------------------------------------------------

typedef enum JsonType {
    JSON_NULL,
    JSON_BOOL,
    JSON_INT,
    JSON_DOUBLE,
    JSON_STR,
    JSON_ARRAY,
    JSON_OBJECT
} JsonType;

typedef struct JsonValue JsonValue;
typedef struct JsonMember JsonMember;

// `count` is the number of items or members. Strings have a NUL after their last byte, but may
// hold others inside.
struct JsonValue {
    JsonType type;
    uint32_t count;
    union {
        bool b;
        int64_t i;
        double d; // finite
        Str s;
        const JsonValue *items;    // JSON_ARRAY, in order
        const JsonMember *members; // JSON_OBJECT, in the order of the text
    };
};

struct JsonMember {
    Str key;
    JsonValue value;
};

// "null", "true or false", "a whole number", "a number", "a text", "a list", "an object".
const char *json_type_words(JsonType t);

// --- read -------------------------------------------------------------------------------------

// The parser's memory, kept between documents. {0} is closed.
typedef struct JsonReader {
    void *parser;
} JsonReader;

// E_MEMORY. Close with json_reader_close or AUTO(JsonReader).
Err json_reader_open(Ctx *c, JsonReader *ret_reader) MUST_USE;
void json_reader_close(JsonReader *r);
void JsonReader_cleanup(JsonReader *r);

// The whole text as one value in the request's arena; the text itself is not referred to later.
// E_INVALID with what is wrong and at which byte and line; E_LIMIT over JSON_DOCUMENT_BYTES_MAX,
// JSON_DEPTH_MAX or JSON_KEYS_MAX, or when the arena is full; E_MEMORY.
Err json_read(Ctx *c, JsonReader *r, Str text, const JsonValue **ret_value) MUST_USE;

// Like json_read, and E_INVALID unless the text is byte for byte its own RFC 8785 form (no BOM, no
// newline after it). Costs little more than json_read: nothing is serialised.
Err json_read_canonical(Ctx *c, JsonReader *r, Str text, const JsonValue **ret_value) MUST_USE;

// OK if the text is canonical JSON; errors as json_read_canonical. Needs a reader of the caller.
Err json_is_canonical(Ctx *c, JsonReader *r, Str text) MUST_USE;

// True if the bytes are valid UTF-8 (no surrogates, no overlong forms, at most U+10FFFF).
bool json_utf8_valid(Str bytes);
// Offset of the first byte that is not part of valid UTF-8; bytes.n when all are.
size_t json_utf8_valid_upto(Str bytes);

// --- look inside ------------------------------------------------------------------------------

// The member's value, or NULL when `object` is NULL or no object or has no such key.
const JsonValue *json_find(const JsonValue *object, Str key);
// The same along keys joined by dots, such as "body.amount"; for keys without dots in them.
const JsonValue *json_find_path(const JsonValue *object, const char *path);

// What a value holds. `name` is for the words of the error: E_INVALID `"body.amount" is missing`
// when v is NULL, `"body.amount" must be a whole number` when it is of another type. Strings and
// items point into the tree.
Err json_as_str(Ctx *c, const JsonValue *v, const char *name, Str *ret_s) MUST_USE;
Err json_as_int(Ctx *c, const JsonValue *v, const char *name, int64_t *ret_i) MUST_USE;
Err json_as_double(Ctx *c, const JsonValue *v, const char *name, double *ret_d) MUST_USE;
Err json_as_bool(Ctx *c, const JsonValue *v, const char *name, bool *ret_b) MUST_USE;
Err json_as_array(Ctx *c, const JsonValue *v, const char *name, const JsonValue **ret_v) MUST_USE;
Err json_as_object(Ctx *c, const JsonValue *v, const char *name, const JsonValue **ret_v) MUST_USE;

// json_find_path and json_as_* in one: the value must be there.
Err json_get_str(Ctx *c, const JsonValue *object, const char *path, Str *ret_s) MUST_USE;
Err json_get_int(Ctx *c, const JsonValue *object, const char *path, int64_t *ret_i) MUST_USE;
Err json_get_bool(Ctx *c, const JsonValue *object, const char *path, bool *ret_b) MUST_USE;
Err json_get_array(Ctx *c, const JsonValue *object, const char *path,
                   const JsonValue **ret_v) MUST_USE;
Err json_get_object(Ctx *c, const JsonValue *object, const char *path,
                    const JsonValue **ret_v) MUST_USE;

// The same for what may be absent: OK and the output untouched when it is absent or null, so that
// the caller puts the default there first. A wrong type is E_INVALID.
Err json_find_str(Ctx *c, const JsonValue *object, const char *path, Str *ret_s) MUST_USE;
Err json_find_int(Ctx *c, const JsonValue *object, const char *path, int64_t *ret_i) MUST_USE;
Err json_find_bool(Ctx *c, const JsonValue *object, const char *path, bool *ret_b) MUST_USE;
Err json_find_array(Ctx *c, const JsonValue *object, const char *path,
                    const JsonValue **ret_v) MUST_USE;
Err json_find_object(Ctx *c, const JsonValue *object, const char *path,
                     const JsonValue **ret_v) MUST_USE;

// E_INVALID naming the first key of the object that is not among keys[0 … n). `name` as above;
// "" for the document itself.
Err json_check_keys(Ctx *c, const JsonValue *object, const char *name, const char *const *keys,
                    size_t n) MUST_USE;

// --- write ------------------------------------------------------------------------------------

// Appends to a Buf without any white space and with the escapes of RFC 8785; commas and colons come
// by themselves. Keys given in the order of their UTF-16 code units (for ASCII keys: bytewise) give
// canonical output. Errors are sticky: json_writer_end tells. Wrong nesting is a programmer's
// error.
typedef struct JsonWriter {
    Buf *out;     // borrowed
    size_t start; // bytes in `out` before
    uint32_t depth;
    Err err;
} JsonWriter;

JsonWriter json_writer_start(Buf *out);
// All containers must be ended. E_MEMORY, E_LIMIT over JSON_DEPTH_MAX, E_INVALID for a number that
// JSON cannot carry (|v| > 2^53 - 1, or not finite).
Err json_writer_end(Ctx *c, JsonWriter *w) MUST_USE;

void json_put_object_begin(JsonWriter *w);
void json_put_object_end(JsonWriter *w);
void json_put_array_begin(JsonWriter *w);
void json_put_array_end(JsonWriter *w);
void json_put_key(JsonWriter *w, Str key);
void json_put_str(JsonWriter *w, Str s); // valid UTF-8
void json_put_i64(JsonWriter *w, int64_t v);
void json_put_double(JsonWriter *w, double v);
void json_put_bool(JsonWriter *w, bool v);
void json_put_null(JsonWriter *w);
void json_put_raw(JsonWriter *w, Str json);             // one well-formed value
void json_put_value(JsonWriter *w, const JsonValue *v); // members in their own order

// A key and its value; the key is a literal.
void json_put_key_str(JsonWriter *w, const char *key, Str s);
void json_put_key_i64(JsonWriter *w, const char *key, int64_t v);
void json_put_key_bool(JsonWriter *w, const char *key, bool v);
void json_put_key_null(JsonWriter *w, const char *key);

// Appends the RFC 8785 form: keys sorted by UTF-16 code units, numbers as ECMAScript writes them.
// E_MEMORY, E_LIMIT.
Err json_canonical(Ctx *c, const JsonValue *v, Buf *out) MUST_USE;

// Order of keys in RFC 8785: by UTF-16 code units. Both valid UTF-8. Negative, 0 or positive.
int json_key_cmp(Str a, Str b);

#define JSON_NUMBER_TEXT_BYTES 32
// A finite double as ECMAScript's Number::toString writes it, NUL after; returns its length.
size_t json_format_double(double v, char ret_text[JSON_NUMBER_TEXT_BYTES]);

#endif
