// Segment and account files: whatever the bytes are, checking them neither crashes nor hangs. The
// checksums are put right as well, so that what lies behind them is reached.
#include "crypto/crypto.h"
#include "stream/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// The checksum of each section that the table lays inside the file.
static void checksums_right(uint8_t *bytes, size_t size) {
    uint64_t sections = size >= 64 ? load_u64le(bytes + 40) : 0;
    for (uint64_t i = 0; i < sections && i < 16 && 64 + 32 * (i + 1) <= size; i++) {
        uint8_t *row = bytes + 64 + 32 * i;
        uint64_t offset = load_u64le(row + 8), n = load_u64le(row + 16);
        if (offset <= size && n <= size - offset)
            store_u32le(row + 4, crc32c(0, bytes + offset, n));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO(Ctx) c = {0};
    if (size > 1 << 20)
        return 0;
    Err e = stream_file_check(&c, (Str){(const char *)data, size});
    ASSERT(e == OK || e == E_CORRUPT);
    uint8_t *copy = mem_alloc(size);
    ASSERT(copy != NULL);
    if (size)
        memcpy(copy, data, size);
    checksums_right(copy, size);
    Err again = stream_file_check(&c, (Str){(const char *)copy, size});
    ASSERT(again == OK || again == E_CORRUPT);
    ASSERT(e != OK || again == OK);
    mem_free(copy);
    return 0;
}
