// A bank's answers, CSV or XLSX: every row is either read or refused with a reason.
#include "format/format.h"
#include "format/format_letter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO(Ctx) c = {0};
    ctx_init(&c);
    AUTO(FormatAnswersPtr) a = NULL;
    if (format_answers_open(&c, (Str){(const char *)data, size}, &a) != OK)
        return 0;
    uint64_t last = 0;
    FormatAnswer row = {0};
    while (format_answers_next(&c, a, &row) == OK && !row.end) {
        ASSERT(row.row > last);
        last = row.row;
        ASSERT(row.bad_reason.n > 0 || (row.order.n > 0 && row.answer.n > 0));
        ASSERT(text_utf8_valid(row.reference) && text_utf8_valid(row.order));
    }
    return 0;
}
