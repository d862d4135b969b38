// The writer, RFC 8785, and telling canonical texts without writing them.
#include "test.h"

#include <math.h>

#include "groups.h"
#include "json/json.h"

static void test_writer(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(Buf) out = {0};
    buf_str(&out, STR("data:[")); // what stands before must not matter
    JsonWriter w = json_writer_start(&out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("a"));
    json_put_array_begin(&w);
    json_put_i64(&w, 1);
    json_put_array_begin(&w);
    json_put_array_end(&w);
    json_put_double(&w, 0.5);
    json_put_raw(&w, STR("{\"r\":1}"));
    json_put_null(&w);
    json_put_array_end(&w);
    json_put_key_bool(&w, "b", true);
    json_put_key_i64(&w, "c", -9007199254740991);
    json_put_key_null(&w, "d");
    json_put_key_str(&w, "e", STR("[:{"));
    json_put_key(&w, STR("f\"\x01"));
    json_put_bool(&w, false);
    json_put_key(&w, STR("g"));
    json_put_object_begin(&w);
    json_put_object_end(&w);
    json_put_object_end(&w);
    assert_ok(&c, json_writer_end(&c, &w));
    buf_char(&out, '\0');
    assert_string_equal(out.p,
                        "data:[{\"a\":[1,[],0.5,{\"r\":1},null],\"b\":true,\"c\":-9007199254740991,"
                        "\"d\":null,\"e\":\"[:{\",\"f\\\"\\u0001\":false,\"g\":{}}");
}

static void test_writer_errors(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(Buf) out = {0};
    JsonWriter w = json_writer_start(&out);
    json_put_i64(&w, 9007199254740992);
    assert_int_equal(json_writer_end(&c, &w), E_INVALID);
    buf_clear(&out);
    w = json_writer_start(&out);
    json_put_double(&w, (double)INFINITY);
    assert_int_equal(json_writer_end(&c, &w), E_INVALID);
    buf_clear(&out);
    w = json_writer_start(&out);
    for (int i = 0; i <= JSON_DEPTH_MAX; i++)
        json_put_array_begin(&w);
    for (int i = 0; i <= JSON_DEPTH_MAX; i++)
        json_put_array_end(&w);
    assert_int_equal(json_writer_end(&c, &w), E_LIMIT);
    AUTO(Buf) starved = {0};
    fault_plan_set((FaultPlan){.alloc_nth = 1});
    w = json_writer_start(&starved);
    json_put_str(&w, STR("x"));
    fault_plan_set((FaultPlan){0});
    assert_int_equal(json_writer_end(&c, &w), E_MEMORY);
}

static void test_escapes(void **state) {
    (void)state;
    // Every byte that JSON can hold as ASCII, at every place of two words of eight and a rest.
    for (size_t pad = 0; pad < 19; pad++) {
        for (int ch = 1; ch < 128; ch++) {
            char text[19];
            memset(text, 'x', sizeof text);
            text[pad] = (char)ch;
            AUTO(Buf) out = {0};
            JsonWriter w = json_writer_start(&out);
            json_put_str(&w, (Str){text, sizeof text});
            char want[8];
            const char *letter = strchr("\bb\tt\nn\ff\rr\"\"\\\\", ch);
            if (ch < 0x20 && !(letter && (ch >= 8 && ch <= 13 && ch != 11)))
                snprintf(want, sizeof want, "\\u%04x", (unsigned)ch);
            else if (ch < 0x20 || ch == '"' || ch == '\\')
                snprintf(want, sizeof want, "\\%c", letter[1]);
            else
                snprintf(want, sizeof want, "%c", ch);
            assert_memory_equal(out.p + 1 + pad, want, strlen(want));
            assert_int_equal(out.n, sizeof text - 1 + 2 + strlen(want));
        }
    }
}

// RFC 8785 appendix B, and the borders of the four forms.
static void test_number_table(void **state) {
    (void)state;
    static const struct {
        uint64_t bits;
        const char *text;
    } rows[] = {
        {0x0000000000000000, "0"},
        {0x8000000000000000, "0"},
        {0x0000000000000001, "5e-324"},
        {0x8000000000000001, "-5e-324"},
        {0x7fefffffffffffff, "1.7976931348623157e+308"},
        {0xffefffffffffffff, "-1.7976931348623157e+308"},
        {0x4340000000000000, "9007199254740992"},
        {0xc340000000000000, "-9007199254740992"},
        {0x4430000000000000, "295147905179352830000"},
        {0x44b52d02c7e14af5, "9.999999999999997e+22"},
        {0x44b52d02c7e14af6, "1e+23"},
        {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
        {0x444b1ae4d6e2ef4e, "999999999999999700000"},
        {0x444b1ae4d6e2ef4f, "999999999999999900000"},
        {0x444b1ae4d6e2ef50, "1e+21"},
        {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
        {0x3eb0c6f7a0b5ed8d, "0.000001"},
        {0x41b3de4355555553, "333333333.3333332"},
        {0x41b3de4355555554, "333333333.33333325"},
        {0x41b3de4355555555, "333333333.3333333"},
        {0x41b3de4355555556, "333333333.3333334"},
        {0x41b3de4355555557, "333333333.33333343"},
        {0xbecbf647612f3696, "-0.0000033333333333333333"},
        {0x43143ff3c1cb0959, "1424953923781206.2"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        double d;
        memcpy(&d, &rows[i].bits, sizeof d);
        char text[JSON_NUMBER_TEXT_BYTES];
        size_t n = json_format_double(d, text);
        assert_string_equal(text, rows[i].text);
        assert_int_equal(n, strlen(text));
    }
}

// The shortest of 1 … 17 digits that reads back, nearest to the value: by trying.
static void naive_digits(double d, char ret_digits[24], int *ret_exponent) {
    char text[40];
    for (int precision = 0; precision < 17; precision++) {
        snprintf(text, sizeof text, "%.*e", precision, d);
        if (strtod(text, NULL) == d)
            break;
    }
    char *e = strchr(text, 'e');
    *ret_exponent = (int)strtol(e + 1, NULL, 10);
    size_t n = 0;
    for (const char *p = text; p < e; p++)
        if (*p != '.')
            ret_digits[n++] = *p;
    while (n > 1 && ret_digits[n - 1] == '0')
        n--;
    ret_digits[n] = '\0';
}

static void test_numbers_against_trying(void **state) {
    (void)state;
    Rng rng;
    rng_seed(&rng, 8785);
    for (int round = 0; round < 30000; round++) {
        uint64_t bits = rng_next(&rng) & 0x7FFFFFFFFFFFFFFFULL;
        if (round % 3 == 0) // near 1, where the plain forms are
            bits = (bits & 0x000FFFFFFFFFFFFFULL) | ((1023 - 40 + bits % 110) << 52);
        double d;
        memcpy(&d, &bits, sizeof d);
        if (!isfinite(d) || d == 0)
            continue;
        char text[JSON_NUMBER_TEXT_BYTES];
        size_t n = json_format_double(d, text);
        assert_true(n < sizeof text && text[n] == '\0');
        assert_true(strtod(text, NULL) == d);
        char digits[24];
        char seen[40];
        int exponent;
        naive_digits(d, digits, &exponent);
        size_t k = 0;
        for (const char *p = text; *p && *p != 'e'; p++)
            if (*p != '.' && (k > 0 || *p != '0'))
                seen[k++] = *p;
        while (k > 1 && seen[k - 1] == '0')
            k--;
        seen[k] = '\0';
        assert_string_equal(seen, digits);
        assert_true((strchr(text, 'e') != NULL) == (exponent < -6 || exponent > 20));
    }
}

static void test_key_order(void **state) {
    (void)state;
    static const char *const rising[] = {
        "",
        "\x01",
        "1",
        "A",
        "a",
        "aa",
        "b",
        "\xC2\x80",
        "\xC3\xB6",
        "\xE2\x82\xAC",
        "\xED\x9F\xBF",
        "\xF0\x90\x80\x80", // U+10000 is D800 DC00, before U+E000
        "\xF0\x9F\x98\x82",
        "\xF4\x8F\xBF\xBF",
        "\xEE\x80\x80",
        "\xEF\xAC\xB3",
        "\xEF\xBF\xBF",
    };
    for (size_t i = 0; i < COUNT_OF(rising); i++) {
        for (size_t k = 0; k < COUNT_OF(rising); k++) {
            int order = json_key_cmp(str_of(rising[i]), str_of(rising[k]));
            int want = (i > k) - (i < k);
            assert_int_equal((order > 0) - (order < 0), want);
        }
    }
}

// A random document, written untidily; returns what json_canonical makes of it.
static void put_random(Rng *r, Buf *b, int depth) {
    static const char *const scalars[] = {"0",
                                          "-1",
                                          "1.0",
                                          "1e2",
                                          "0.001",
                                          "1e21",
                                          "null",
                                          "true",
                                          "false",
                                          "\"\"",
                                          "\"\\u0041\"",
                                          "\"\\/\"",
                                          "\"a\\u000ab\"",
                                          "12345678901234567890123",
                                          "\"\xE0\xB8\x81\"",
                                          "\"\\\\\\\"\""};
    static const char *const keys[] = {"a", "B",  "\\u0041", "\xEF\xAC\xB3", "\xF0\x9F\x98\x82",
                                       "",  "zz", "z",       "\\n",          "1"};
    uint64_t kind = depth > 3 ? 2 : rng_below(r, 4);
    if (kind >= 2) {
        buf_text(b, scalars[rng_below(r, COUNT_OF(scalars))]);
        return;
    }
    buf_char(b, kind ? '{' : '[');
    uint64_t n = rng_below(r, 5);
    uint64_t first = rng_below(r, COUNT_OF(keys));
    uint64_t step = rng_below(r, 2) ? 1 : 3; // both visit different keys, in different orders
    for (uint64_t i = 0; i < n; i++) {
        buf_text(b, i ? (rng_below(r, 2) ? "," : " ,\n") : "");
        if (kind)
            buf_format(b, "\"%s\":", keys[(first + i * step) % COUNT_OF(keys)]);
        put_random(r, b, depth + 1);
    }
    buf_char(b, kind ? '}' : ']');
}

static void test_canonical_random(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(JsonReader) reader = {0};
    assert_ok(&c, json_reader_open(&c, &reader));
    Rng rng;
    rng_seed(&rng, 42);
    int canonical = 0;
    for (int round = 0; round < 5000; round++) {
        AUTO(Buf) text = {0};
        AUTO(Buf) once = {0};
        AUTO(Buf) twice = {0};
        put_random(&rng, &text, 0);
        const JsonValue *v;
        const JsonValue *again;
        assert_ok(&c, json_read(&c, &reader, buf_view(&text), &v));
        assert_ok(&c, json_canonical(&c, v, &once));
        assert_ok(&c, json_read_canonical(&c, &reader, buf_view(&once), &again));
        assert_ok(&c, json_canonical(&c, again, &twice));
        assert_true(str_eq(buf_view(&once), buf_view(&twice)));
        // Telling by comparison is the same as writing and comparing.
        bool same = str_eq(buf_view(&text), buf_view(&once));
        assert_int_equal(json_is_canonical(&c, &reader, buf_view(&text)), same ? OK : E_INVALID);
        canonical += same;
        AUTO(Buf) copy = {0};
        JsonWriter w = json_writer_start(&copy);
        json_put_value(&w, again);
        assert_ok(&c, json_writer_end(&c, &w));
        assert_true(str_eq(buf_view(&copy), buf_view(&once)));
        ctx_reset(&c);
    }
    assert_in_range(canonical, 100, 4900);
}

static void test_not_canonical(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(JsonReader) reader = {0};
    assert_ok(&c, json_reader_open(&c, &reader));
    static const struct {
        const char *text;
        bool canonical;
    } rows[] = {
        {"{\"a\":1,\"b\":2}", true},
        {"{\"b\":2,\"a\":1}", false},
        {"{\"a\":1,\"b\":2} ", false},
        {"{\"a\":1,\"b\":2}\n", false},
        {" 1", false},
        {"{\"a\": 1}", false},
        {"[1, 2]", false},
        {"-0", false},
        {"1.0", false},
        {"1E2", false},
        {"100", true},
        {"1e+21", true},
        {"1e21", false},
        {"100000000000000000000", true},
        {"0.1", true},
        {"0.10", false},
        {"\"\\n\"", true},
        {"\"\\u000a\"", false},
        {"\"\\u001f\"", true},
        {"\"\\u001F\"", false},
        {"\"\\/\"", false},
        {"\"/\"", true},
        {"\"\\u00e9\"", false},
        {"\"\xC3\xA9\"", true},
        {"\"\\\\\"", true},
        {"\"\\\\\\\\\"", true},
        {"\"\\\"\"", true},
        {"\"\\u005c\"", false},
        {"{\"\\u20ac\":1}", false},
        {"\"\x7f\"", true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Err e = json_is_canonical(&c, &reader, str_of(rows[i].text));
        if (e != (rows[i].canonical ? OK : E_INVALID))
            fail_msg("%s: %s: %s", rows[i].text, err_name(e), c.error);
    }
}

// Whatever allocation fails, reading and writing say so, and work again afterwards.
static void test_every_allocation_fails(void **state) {
    (void)state;
    AUTO(Ctx) words;
    ctx_init(&words);
    AUTO(JsonReader) reader = {0};
    assert_ok(&words, json_reader_open(&words, &reader));
    static const char text[] =
        "{\"b\":[1,\"\\u0001\",123456789012345678901],\"a\":{\"z\":0,\"y\":1}}";
    uint64_t nth = 0;
    int failures = 0;
    for (Err e = E_MEMORY; e != OK;) {
        AUTO(Ctx) c;
        ctx_init(&c);
        AUTO(Buf) out = {0};
        const JsonValue *v = NULL;
        fault_plan_set((FaultPlan){.alloc_nth = ++nth, .once = true});
        e = json_read(&c, &reader, str_of(text), &v);
        if (e == OK)
            e = json_canonical(&c, v, &out);
        if (e == OK)
            e = json_is_canonical(&c, &reader, buf_view(&out));
        fault_plan_set((FaultPlan){0});
        assert_true(e == OK || e == E_MEMORY || e == E_LIMIT);
        failures += e != OK;
        assert_in_range(nth, 1, 100);
    }
    assert_in_range(failures, 3, 100);
}

int run_json_write_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writer),
        cmocka_unit_test(test_writer_errors),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_number_table),
        cmocka_unit_test(test_numbers_against_trying),
        cmocka_unit_test(test_key_order),
        cmocka_unit_test(test_canonical_random),
        cmocka_unit_test(test_not_canonical),
        cmocka_unit_test(test_every_allocation_fails),
    };
    return cmocka_run_group_tests_name("json write", tests, NULL, NULL);
}
