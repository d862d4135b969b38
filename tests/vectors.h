// Reads tests/record/vectors.txt, which tests/record/oracle.py made without our code.
#ifndef MOEI_TESTS_VECTORS_H
#define MOEI_TESTS_VECTORS_H

#include "test.h"

// The value behind `name ` at the start of a line; `\n` stands for a line end.
static inline Str vector_get(Ctx *c, const char *name) {
    Str all, line;
    assert_ok(c, file_read_all(c, STR("tests/record/vectors.txt"), 1 << 20, &all));
    size_t n = strlen(name);
    while (str_split(&all, '\n', &line)) {
        if (line.n <= n || memcmp(line.p, name, n) != 0 || line.p[n] != ' ')
            continue;
        Str value = {line.p + n + 1, line.n - n - 1}, text;
        assert_ok(c, str_copy(c, value, &text));
        if (strcmp(name, "checkpoint") != 0)
            return text;
        char *out;
        assert_ok(c, ctx_alloc(c, text.n + 1, &out));
        size_t used = 0;
        for (size_t i = 0; i < text.n; i++) {
            bool end = text.p[i] == '\\' && i + 1 < text.n && text.p[i + 1] == 'n';
            out[used++] = end ? '\n' : text.p[i];
            i += end;
        }
        return (Str){out, used};
    }
    fail_msg("no vector %s", name);
    return (Str){0};
}

static inline void vector_bytes(Ctx *c, const char *name, uint8_t *ret_bytes, size_t n) {
    assert_true(hex_decode(vector_get(c, name), ret_bytes, n));
}

#endif
