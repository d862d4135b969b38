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
#include <sys/statvfs.h>

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

// A new folder of the test's own: under TMPDIR, else in memory where there is room, since what the
// tests ask of a disk is its faults, which they make themselves, and not its time.
static inline void test_folder(char *ret_path, size_t bytes) {
    const char *parent = getenv("TMPDIR");
    struct statvfs shm;
    if (!parent || !*parent) {
        bool room = statvfs("/dev/shm", &shm) == 0 && !(shm.f_flag & ST_RDONLY) &&
                    shm.f_bavail * shm.f_frsize >= 1UL << 30;
        parent = room ? "/dev/shm" : "/tmp";
    }
    int n = snprintf(ret_path, bytes, "%s/moei-test-XXXXXX", parent);
    assert_true(n > 0 && (size_t)n < bytes);
    assert_non_null(mkdtemp(ret_path));
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

// A group of tests. The runner starts the groups of a room apart, to fill the cores:
// MOEI_GROUP=list says their names, MOEI_GROUP=NAME runs that one alone. By hand, MOEI_TEST=PATTERN
// runs the tests of that name (* and ? stand for any).
static inline int test_run_group(const char *file, const char *name, const struct CMUnitTest *tests,
                                 size_t n, CMFixtureFunction up, CMFixtureFunction down) {
    const char *group = getenv("MOEI_GROUP"), *test = getenv("MOEI_TEST");
    const char *base = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
    // cmocka calls a group without a name after the variable; its file says more.
    if (strcmp(name, "tests") == 0)
        name = base;
    if (group && strcmp(group, "list") == 0) {
        printf("%s\n", name);
        return 0;
    }
    if (group && *group && strcmp(group, name) != 0)
        return 0;
    if (test && *test)
        cmocka_set_test_filter(test);
    return _cmocka_run_group_tests(name, tests, n, up, down);
}
#define _cmocka_run_group_tests(name, tests, n, up, down)                                          \
    test_run_group(__FILE__, (name), (tests), (n), (up), (down))

#define SKIP_WITHOUT_DATA()                                                                        \
    do {                                                                                           \
        if (!test_data_folder()) {                                                                 \
            print_message("SKIPPED: no shared data (set DATA=folder)\n");                          \
            skip();                                                                                \
        }                                                                                          \
    } while (0)

#endif
