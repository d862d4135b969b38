// The name of a tile: what is read is written in the same way again.
#include "web/web_priv.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO(Buf) b = {0};
    AUTO(Buf) again = {0};
    DeskLogTile t;
    buf_append(&b, data, size);
    Str name = buf_view(&b), level;
    if (!str_split(&name, '/', &level) || !web_tile_read(level, name, &t))
        return 0;
    char digits[24];
    ASSERT(t.number >= 0 && t.width >= 1 && t.width <= 256 && t.level <= 5);
    snprintf(digits, sizeof digits, "%018lld", (long long)t.number);
    size_t from = 0;
    while (from < 15 && memcmp(digits + from, "000", 3) == 0)
        from += 3;
    for (; from < 18; from += 3)
        buf_format(&again, from < 15 ? "x%.3s/" : "%.3s", digits + from);
    if (t.width < 256)
        buf_format(&again, ".p/%u", t.width);
    ASSERT(str_eq(buf_view(&again), name));
    return 0;
}
