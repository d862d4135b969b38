// JSON reader: what it takes must be written canonically, and read back as the same.
#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(JsonReader) reader = {0};
    AUTO(Buf) once = {0};
    AUTO(Buf) twice = {0};
    Str text = {(const char *)data, size};
    const JsonValue *v;
    ASSERT(json_utf8_valid(text) == (json_utf8_valid_upto(text) == size));
    if (json_reader_open(&c, &reader) != OK || json_read(&c, &reader, text, &v) != OK)
        return 0;
    ASSERT(json_utf8_valid(text));
    ASSERT(json_canonical(&c, v, &once) == OK);
    bool canonical = str_eq(text, buf_view(&once));
    ASSERT((json_is_canonical(&c, &reader, text) == OK) == canonical);
    ASSERT(json_read_canonical(&c, &reader, buf_view(&once), &v) == OK);
    ASSERT(json_canonical(&c, v, &twice) == OK);
    ASSERT(str_eq(buf_view(&once), buf_view(&twice)));
    return 0;
}
