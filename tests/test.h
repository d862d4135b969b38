// What every test includes: cmocka without its `fail` macro, which is a function of base.
#ifndef MOEI_TESTS_TEST_H
#define MOEI_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#undef fail

#include "base/base.h"

#undef fail_msg
#define fail_msg(...)                                                                              \
    do {                                                                                           \
        print_error("ERROR: " __VA_ARGS__);                                                        \
        print_error("\n");                                                                         \
        _fail(__FILE__, __LINE__);                                                                 \
    } while (0)

// A call that must succeed; says the words of the error when it does not.
#define assert_ok(c, call)                                                                         \
    do {                                                                                           \
        Err err_ = (call);                                                                         \
        if (err_ != OK)                                                                            \
            fail_msg("%s: %s: %s", #call, err_name(err_), (c)->error);                             \
    } while (0)

// The folder of shared vectors and data, or NULL. A test that needs it says SKIPPED and why.
static inline const char *test_data_folder(void) {
    const char *folder = getenv("MOEI_DATA");
    return folder && file_exists(str_of(folder)) ? folder : NULL;
}

// The seed of a random test, printed so that a failure can be had again: MOEI_SEED, else a fixed
// one.
static inline uint64_t test_seed(void) {
    const char *text = getenv("MOEI_SEED");
    int64_t seed = 20261122;
    if (text && !str_to_i64(str_of(text), &seed))
        print_message("MOEI_SEED is no whole number\n");
    print_message("seed %lld (MOEI_SEED)\n", (long long)seed);
    return (uint64_t)seed;
}

#define SKIP_WITHOUT_DATA()                                                                        \
    do {                                                                                           \
        if (!test_data_folder()) {                                                                 \
            print_message("SKIPPED: no shared data (set DATA=folder)\n");                          \
            skip();                                                                                \
        }                                                                                          \
    } while (0)

#endif
