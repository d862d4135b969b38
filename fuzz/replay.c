// Runs a fuzz target over every file of the folders and files named, as `make test` does.
#include "base/base.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static Err replay_file(Ctx *c, Str path, size_t *count) {
    Str bytes;
    TRY(file_read_all(c, path, (size_t)64 << 20, &bytes));
    // A copy of exactly the size, so that the address sanitizer sees a read past the end.
    uint8_t *exact = mem_alloc(bytes.n);
    if (!exact)
        return fail(c, E_MEMORY, "no memory for " STR_FMT, STR_ARG(path));
    if (bytes.n)
        memcpy(exact, bytes.p, bytes.n);
    LLVMFuzzerTestOneInput(exact, bytes.n);
    mem_free(exact);
    (*count)++;
    return OK;
}

int main(int argc, char **argv) {
    AUTO(Ctx) c = {0};
    size_t count = 0;
    for (int i = 1; i < argc; i++) {
        Str *names;
        size_t n;
        if (dir_list(&c, str_of(argv[i]), &names, &n) != OK) {
            fprintf(stderr, "replay: %s\n", c.error);
            return 1;
        }
        for (size_t k = 0; k < n; k++) {
            Str path;
            if (str_format(&c, &path, "%s/" STR_FMT, argv[i], STR_ARG(names[k])) != OK ||
                replay_file(&c, path, &count) != OK) {
                fprintf(stderr, "replay: %s\n", c.error);
                return 1;
            }
        }
    }
    printf("replayed %zu inputs\n", count);
    return count ? 0 : 1;
}
