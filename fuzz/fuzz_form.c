// Bodies: JSON into the reader of every route, and the form of the holder's page. The first byte
// says which; a multipart form's boundary is "b".
#include "web/web_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void form(Ctx *c, Str boundary, Str body) {
    WebForm f;
    Err e = web_form_read(c, boundary, body, &f);
    ASSERT(e == OK || e == E_INVALID || e == E_LIMIT);
    for (size_t i = 0; e == OK && i < f.file_count; i++)
        ASSERT(f.files[i].bytes.n <= WEB_FORM_FILE_BYTES_MAX && f.files[i].name.n > 0);
    ASSERT(e != OK || json_utf8_valid(f.text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(Buf) b = {0};
    AUTO(JsonReader) reader = {0};
    const JsonValue *v;
    uint64_t room[128]; // larger than every struct that a handler reads into
    if (size < 1)
        return 0;
    buf_append(&b, data + 1, size - 1);
    if (data[0] == 'm' || data[0] == 'u') {
        form(&c, data[0] == 'm' ? STR("b") : STR(""), buf_view(&b));
        return 0;
    }
    if (json_reader_open(&c, &reader) != OK || json_read(&c, &reader, buf_view(&b), &v) != OK)
        return 0;
    for (size_t i = 0; i < web_route_count(); i++) {
        Err e = web_read_fields(&c, web_route_at(i), v, room);
        ASSERT(e == OK || e == E_INVALID || e == E_LIMIT);
    }
    return 0;
}
