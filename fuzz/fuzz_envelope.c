// An envelope of outside bytes: never crashes, and what is accepted keeps its own bytes.
#include "record/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(JsonReader) reader = {0};
    ASSERT(crypto_init(&c) == OK);
    if (json_reader_open(&c, &reader) != OK)
        return 0;
    Record r, again;
    Str envelope = {(const char *)bytes, n};
    if (record_parse(&c, &reader, envelope, &r) != OK)
        return 0;
    ASSERT(str_starts(r.bytes, STR("{")) && str_ends(r.bytes, STR("}")));
    AUTO(Buf) mark = {0};
    if (r.v == 1) {
        ASSERT(record_mark_write(&c, &r.mark, &mark) == OK);
        ASSERT(str_eq(buf_view(&mark), r.mark_bytes));
    }
    ASSERT(record_verify_sigs(&c, &r) == OK || r.sig_count > 0);
    ASSERT(record_parse(&c, &reader, envelope, &again) == OK);
    return 0;
}
