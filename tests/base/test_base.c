// Table tests of the ground: numbers, strings, times, files and their faults.
#include "test.h"

#include <errno.h>
#include <unistd.h>

static void test_times(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t at;
        const char *back;
    } rows[] = {
        {"1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z"},
        {"2026-11-22T18:03:31.5+07:00", 1795345411500000, "2026-11-22T11:03:31.5Z"},
        {"2024-02-29T23:59:59.000001Z", 1709251199000001, "2024-02-29T23:59:59.000001Z"},
        {"1969-12-31T23:59:59.25Z", -750000, "1969-12-31T23:59:59.25Z"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t at = 1;
        assert_true(time_parse(str_of(rows[i].text), &at));
        assert_int_equal(at, rows[i].at);
        char text[TIME_TEXT_BYTES];
        time_format(at, text);
        assert_string_equal(text, rows[i].back);
        time_format_record(at, text);
        int64_t again;
        assert_true(time_parse(str_of(text), &again));
        assert_int_equal(again, at);
        assert_int_equal(strlen(text), 27);
    }
    static const char *const bad[] = {
        "",
        "2026-11-22",
        "2026-11-22T18:03:31",
        "2026-13-22T18:03:31Z",
        "2025-02-29T00:00:00Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T18:03:60Z",
        "2026-11-22T18:03:31.1234567Z",
        "2026-11-22T18:03:31.Z",
        "2026-11-22T18:03:31+0700",
        "2026-11-22T18:03:31Zx",
        "0001-01-01T00:00:00+23:59",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        int64_t at = 42;
        assert_false(time_parse(str_of(bad[i]), &at));
        assert_int_equal(at, 42);
    }
}

static void test_civil_round_trip(void **state) {
    (void)state;
    for (int64_t day = -719162; day < 2932897; day += 13) {
        int64_t y;
        unsigned m, d;
        civil_from_days(day, &y, &m, &d);
        assert_true(date_valid(y, m, d));
        assert_int_equal(days_from_civil(y, m, d), day);
    }
}

static void test_strings(void **state) {
    (void)state;
    int64_t v = 0;
    assert_true(str_to_i64(STR("-9223372036854775808"), &v) && v == INT64_MIN);
    assert_true(str_to_i64(STR("9223372036854775807"), &v) && v == INT64_MAX);
    assert_false(str_to_i64(STR("9223372036854775808"), &v));
    assert_false(str_to_i64(STR("-"), &v));
    assert_false(str_to_i64(STR("12a"), &v));
    Str rest = STR("a;;b"), part;
    assert_true(str_split(&rest, ';', &part) && str_eq_c(part, "a"));
    assert_true(str_split(&rest, ';', &part) && part.n == 0);
    assert_true(str_split(&rest, ';', &part) && str_eq_c(part, "b"));
    assert_false(str_split(&rest, ';', &part));
    assert_true(str_cmp(STR("ab"), STR("abc")) < 0);
    assert_true(str_cmp(STR("b"), STR("abc")) > 0);
    AUTO(Buf) b = {0};
    buf_i64(&b, INT64_MIN);
    buf_char(&b, ' ');
    buf_format(&b, "%03d", 7);
    buf_hex(&b, "\x0a\xff", 2);
    assert_true(str_eq_c(buf_view(&b), "-9223372036854775808 0070aff"));
    unsigned char bytes[2];
    assert_true(hex_decode(STR("0aff"), bytes, 2) && bytes[1] == 0xff);
    assert_false(hex_decode(STR("0aFF"), bytes, 2));
}

static void test_numbers(void **state) {
    (void)state;
    assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283);
    uint8_t p[16];
    for (uint64_t v = 1; v; v = v * 3 + (v >> 60)) {
        uint64_t back;
        size_t n = varint_put(p, v);
        assert_int_equal(varint_get(p, n, &back), n);
        assert_true(back == v);
        assert_int_equal(varint_get(p, n - 1, &back), 0);
        if (v > UINT64_MAX / 4)
            break;
    }
    uint64_t v;
    assert_int_equal(varint_get((const uint8_t *)"\x80\x00", 2, &v), 0);
}

static void test_dict(void **state) {
    (void)state;
    AUTO(Ctx) c = {0};
    AUTO(Dict) d = {0};
    dict_init(&d, 7);
    char text[16];
    for (uint32_t i = 0; i < 5000; i++) {
        uint32_t id;
        snprintf(text, sizeof text, "name%u", i);
        assert_int_equal(dict_intern(&c, &d, str_of(text), &id), OK);
        assert_int_equal(id, i);
    }
    for (uint32_t i = 0; i < 5000; i++) {
        uint32_t id = 0;
        snprintf(text, sizeof text, "name%u", i);
        assert_true(dict_find(&d, str_of(text), &id) && id == i);
        assert_true(str_eq_c(dict_get(&d, i), text));
    }
    uint32_t id;
    assert_false(dict_find(&d, STR("name5000"), &id));
}

static void test_files_and_faults(void **state) {
    (void)state;
    AUTO(Ctx) c = {0};
    char folder[64];
    test_folder(folder, sizeof folder);
    Str path;
    assert_int_equal(str_format(&c, &path, "%s/file", folder), OK);
    assert_int_equal(file_replace(&c, path, STR("first")), OK);
    // Every write of a replacement fails once; the old content stays whole each time.
    for (uint64_t n = 1;; n++) {
        fault_plan_set((FaultPlan){.write_nth = n, .once = true, .write_errno = ENOSPC});
        Err e = file_replace(&c, path, STR("second"));
        uint64_t allocs, writes;
        fault_counts(&allocs, &writes);
        fault_plan_set((FaultPlan){0});
        Str bytes;
        assert_int_equal(file_read_all(&c, path, 100, &bytes), OK);
        if (e == OK && writes < n) {
            assert_true(str_eq_c(bytes, "second"));
            break;
        }
        assert_int_equal(e, E_NO_SPACE);
        assert_true(str_eq_c(bytes, "first") || str_eq_c(bytes, "second"));
        assert_true(n < 20);
    }
    Str missing, bytes;
    assert_int_equal(str_format(&c, &missing, "%s/absent", folder), OK);
    assert_int_equal(file_read_all(&c, missing, 100, &bytes), E_NOT_FOUND);
    assert_int_equal(file_read_all(&c, path, 3, &bytes), E_LIMIT);
    Str *names;
    size_t n;
    assert_int_equal(dir_list(&c, str_of(folder), &names, &n), OK);
    for (size_t i = 0; i < n; i++) {
        Str one;
        assert_int_equal(str_format(&c, &one, "%s/" STR_FMT, folder, STR_ARG(names[i])), OK);
        assert_int_equal(file_remove(&c, one), OK);
    }
    rmdir(folder);
}

static void test_arena_is_bounded(void **state) {
    (void)state;
    AUTO(Ctx) c = {.arena.bytes_max = 1 << 20};
    char *p;
    Err e = OK;
    int n = 0;
    while (e == OK && ++n < 1000)
        e = ctx_alloc(&c, 4096, &p);
    assert_int_equal(e, E_LIMIT);
    assert_int_equal(n, 257);
    ctx_reset(&c);
    assert_int_equal(ctx_alloc(&c, 4096, &p), OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_civil_round_trip),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_dict),
        cmocka_unit_test(test_files_and_faults),
        cmocka_unit_test(test_arena_is_bounded),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
