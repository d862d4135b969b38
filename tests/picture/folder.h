// A folder of its own for each test.
#ifndef MOEI_TESTS_PICTURE_FOLDER_H
#define MOEI_TESTS_PICTURE_FOLDER_H

#include "test.h"

#include <unistd.h>

typedef struct Folder {
    char path[64];
} Folder;

static inline Str folder_make(Folder *f) {
    test_folder(f->path, sizeof f->path);
    return str_of(f->path);
}

static inline void folder_remove(Ctx *c, Folder *f) {
    Str *names, path;
    size_t n;
    assert_ok(c, dir_list(c, str_of(f->path), &names, &n));
    for (size_t i = 0; i < n; i++) {
        assert_ok(c, str_format(c, &path, "%s/" STR_FMT, f->path, STR_ARG(names[i])));
        assert_ok(c, file_remove(c, path));
    }
    assert_int_equal(rmdir(f->path), 0);
}

#endif
