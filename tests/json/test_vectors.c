// Published vectors: JSONTestSuite, the examples of RFC 8785's authors, UTF-8 test lines.
#include "test.h"

#include "groups.h"
#include "json/json.h"

static Str data_file(Ctx *c, const char *folder, Str name) {
    Str path;
    Str bytes;
    assert_ok(c, str_format(c, &path, "%s/vectors/%s/" STR_FMT, test_data_folder(), folder,
                            STR_ARG(name)));
    assert_ok(c, file_read_all(c, path, 1 << 20, &bytes));
    return bytes;
}

static void test_parsing_suite(void **state) {
    (void)state;
    SKIP_WITHOUT_DATA();
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(JsonReader) reader = {0};
    assert_ok(&c, json_reader_open(&c, &reader));
    Str folder;
    Str *names;
    size_t n;
    assert_ok(&c,
              str_format(&c, &folder, "%s/vectors/json-parsing/test_parsing", test_data_folder()));
    assert_ok(&c, dir_list(&c, folder, &names, &n));
    int taken = 0;
    int refused = 0;
    int twice = 0;
    for (size_t i = 0; i < n; i++) {
        Str text = data_file(&c, "json-parsing/test_parsing", names[i]);
        const JsonValue *v = NULL;
        Err e = json_read(&c, &reader, text, &v);
        bool duplicate = str_starts(names[i], STR("y_object_duplicated_key"));
        if (names[i].p[0] == 'i')
            continue;
        bool want = names[i].p[0] == 'y' && !duplicate;
        if ((e == OK) != want)
            fail_msg(STR_FMT ": %s: %s", STR_ARG(names[i]), err_name(e), c.error);
        taken += want;
        twice += duplicate;
        refused += names[i].p[0] == 'n';
    }
    assert_int_equal(taken, 93);
    assert_int_equal(refused, 188);
    assert_int_equal(twice, 2);
}

static size_t hex_bytes(Str text, char *ret_bytes) {
    size_t n = 0;
    int high = -1;
    for (size_t i = 0; i < text.n; i++) {
        char ch = text.p[i] >= 'A' && text.p[i] <= 'F' ? (char)(text.p[i] + 32) : text.p[i];
        const char *digit = ch ? strchr("0123456789abcdef", ch) : NULL;
        if (!digit)
            continue;
        int v = (int)(digit - "0123456789abcdef");
        if (high >= 0)
            ret_bytes[n++] = (char)(high * 16 + v);
        high = high >= 0 ? -1 : v;
    }
    assert_int_equal(high, -1);
    return n;
}

static void test_canonical_suite(void **state) {
    (void)state;
    SKIP_WITHOUT_DATA();
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(JsonReader) reader = {0};
    assert_ok(&c, json_reader_open(&c, &reader));
    static const char *const names[] = {"arrays",  "french", "structures",
                                        "unicode", "values", "weird"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        Str json_name;
        Str hex_name;
        assert_ok(&c, str_format(&c, &json_name, "%s.json", names[i]));
        assert_ok(&c, str_format(&c, &hex_name, "%s.txt", names[i]));
        Str hex = data_file(&c, "jcs/testdata/outhex", hex_name);
        Str output = data_file(&c, "jcs/testdata/output", json_name);
        AUTO(Buf) got = {0};
        const JsonValue *v;
        assert_ok(&c, json_read(&c, &reader, data_file(&c, "jcs/testdata/input", json_name), &v));
        assert_ok(&c, json_canonical(&c, v, &got));
        char *want;
        assert_ok(&c, ctx_alloc(&c, hex.n, &want));
        size_t want_n = hex_bytes(hex, want);
        assert_int_equal(got.n, want_n);
        assert_memory_equal(got.p, want, want_n);
        assert_true(str_eq(str_trim(output), buf_view(&got)));
        assert_ok(&c, json_is_canonical(&c, &reader, buf_view(&got)));
    }
}

static void test_utf8_lines(void **state) {
    (void)state;
    SKIP_WITHOUT_DATA();
    AUTO(Ctx) c;
    ctx_init(&c);
    Str rest = data_file(&c, "utf8", STR("utf8tests.txt"));
    Str line;
    int valid = 0;
    int invalid = 0;
    while (str_split(&rest, '\n', &line)) {
        Str number;
        Str kind;
        if (line.n == 0 || line.p[0] == '#' || !str_split(&line, ':', &number) || !line.p)
            continue;
        assert_true(str_split(&line, ':', &kind));
        kind = str_trim(kind);
        Str bytes = line;
        char decoded[256];
        if (str_ends(kind, STR(" hex"))) {
            Str hex;
            assert_true(str_split(&line, ':', &hex));
            assert_true(hex.n < sizeof decoded);
            bytes = (Str){decoded, hex_bytes(hex, decoded)};
        }
        bool want = str_starts(kind, STR("valid"));
        if (json_utf8_valid(bytes) != want || (json_utf8_valid_upto(bytes) == bytes.n) != want)
            fail_msg("line " STR_FMT, STR_ARG(number));
        valid += want;
        invalid += !want;
    }
    assert_in_range(valid, 50, 100000);
    assert_in_range(invalid, 50, 100000);
}

// The two validators, simdjson's and the one that finds the place, on random bytes.
static void test_utf8_validators_agree(void **state) {
    (void)state;
    static const uint8_t edges[] = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF,
                                    0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
                                    0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF};
    Rng rng;
    rng_seed(&rng, 3629);
    int valid = 0;
    for (int round = 0; round < 100000; round++) {
        char bytes[80];
        size_t n = rng_below(&rng, round % 8 ? 6 : sizeof bytes);
        for (size_t i = 0; i < n; i++)
            bytes[i] = (char)edges[rng_below(&rng, round % 8 ? COUNT_OF(edges) : 3)];
        Str s = {bytes, n};
        bool ok = json_utf8_valid(s);
        assert_int_equal(ok, json_utf8_valid_upto(s) == n);
        valid += ok;
    }
    assert_in_range(valid, 1000, 99000);
}

int run_json_vector_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parsing_suite),
        cmocka_unit_test(test_canonical_suite),
        cmocka_unit_test(test_utf8_lines),
        cmocka_unit_test(test_utf8_validators_agree),
    };
    return cmocka_run_group_tests_name("json vectors", tests, NULL, NULL);
}
