// What the reader takes and refuses, where it says the fault lies, and how values are looked up.
#include "test.h"

#include "groups.h"
#include "json/json.h"

typedef struct World {
    Ctx c;
    JsonReader reader;
} World;

static int set_up(void **state) {
    static World w;
    ctx_init(&w.c);
    assert_ok(&w.c, json_reader_open(&w.c, &w.reader));
    *state = &w;
    return 0;
}

static int tear_down(void **state) {
    World *w = *state;
    json_reader_close(&w->reader);
    ctx_done(&w->c);
    return 0;
}

static const JsonValue *must_read(World *w, const char *text) {
    const JsonValue *v = NULL;
    assert_ok(&w->c, json_read(&w->c, &w->reader, str_of(text), &v));
    return v;
}

static void test_refused_texts_name_their_fault(void **state) {
    World *w = *state;
    static const struct {
        const char *text;
        Err err;
        const char *words; // a part of the error
    } rows[] = {
        {"", E_INVALID, "byte 0 (line 1): the text is empty"},
        {" \n\t", E_INVALID, "the text is empty"},
        {"[1,2", E_INVALID, "byte 4 (line 1): the text is cut off, ] is missing"},
        {"{\"a\":1,\n\"b\" 2}", E_INVALID, "byte 12 (line 2): a colon is expected"},
        {"{\"a\":1\n\"b\":2}", E_INVALID, "byte 7 (line 2): a comma or } is expected"},
        {"[1 2]", E_INVALID, "byte 3 (line 1): a comma or ] is expected"},
        {"{a:1}", E_INVALID, "byte 1 (line 1): a key in double quotes"},
        {"{\"a\":1,}", E_INVALID, "byte 7 (line 1): a key in double quotes"},
        {"[1,]", E_INVALID, "byte 3 (line 1): a value is expected"},
        {"[01]", E_INVALID, "byte 1 (line 1): a number may not begin with 0"},
        {"[1.]", E_INVALID, "byte 3 (line 1): a digit is expected"},
        {"[-]", E_INVALID, "byte 2 (line 1): a digit is expected"},
        {"[+1]", E_INVALID, "byte 1 (line 1): a value is expected"},
        {"[NaN]", E_INVALID, "byte 1 (line 1): a value is expected"},
        {"[1] x", E_INVALID, "byte 4 (line 1): something follows"},
        {"{}{}", E_INVALID, "byte 2 (line 1): something follows"},
        {"\"abc", E_INVALID, "byte 0 (line 1): a text without its closing quote"},
        {"\"a\tb\"", E_INVALID, "byte 2 (line 1): a control character"},
        {"\"\\x41\"", E_INVALID, "byte 1 (line 1): an unknown escape"},
        {"\"\\u12g4\"", E_INVALID, "byte 5 (line 1): \\u needs four hex digits"},
        {"\"\\uD800\"", E_INVALID, "byte 1 (line 1): half of a surrogate pair"},
        {"\"a\\uDC00\"", E_INVALID, "byte 2 (line 1): half of a surrogate pair"},
        {"\"\\uD800\\uD800\"", E_INVALID, "half of a surrogate pair"},
        {"\"a\xFF\"", E_INVALID, "byte 2 (line 1): the text is not valid UTF-8"},
        {"\"\xED\xA0\x80\"", E_INVALID, "byte 1 (line 1): the text is not valid UTF-8"},
        {"\xEF\xBB\xBF{}", E_INVALID, "byte 0 (line 1): a value is expected"},
        {"[1e400]", E_INVALID, "a number is too large"},
        {"{\"a\":1,\"a\":1}", E_INVALID, "the key \"a\" stands twice"},
        {"{\"a\":1,\"b\":2,\"\\u0061\":1}", E_INVALID, "the key \"a\" stands twice"},
        {"[{},{\"x\":{\"k\":1,\"j\":2,\"k\":3}}]", E_INVALID, "the key \"k\" stands twice"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const JsonValue *v = NULL;
        Err e = json_read(&w->c, &w->reader, str_of(rows[i].text), &v);
        if (e != rows[i].err || !strstr(w->c.error, rows[i].words))
            fail_msg("%s: %s: %s", rows[i].text, err_name(e), w->c.error);
        assert_null(v);
    }
}

static void test_values(void **state) {
    World *w = *state;
    const JsonValue *v =
        must_read(w, " {\"n\":null,\"t\":true,\"f\":false,\"i\":-42,\"d\":1.5,"
                     "\"s\":\"\\u0e01\\uD83D\\ude00\\n\",\"a\":[1,[],{}],\"\":0}\n");
    assert_int_equal(v->type, JSON_OBJECT);
    assert_int_equal(v->count, 8);
    assert_true(str_eq_c(v->members[0].key, "n"));
    assert_int_equal(json_find(v, STR("n"))->type, JSON_NULL);
    assert_true(json_find(v, STR("t"))->b);
    assert_false(json_find(v, STR("f"))->b);
    assert_int_equal(json_find(v, STR("i"))->i, -42);
    assert_true(json_find(v, STR("d"))->d == 1.5);
    assert_true(str_eq_c(json_find(v, STR("s"))->s, "\xE0\xB8\x81\xF0\x9F\x98\x80\n"));
    const JsonValue *a = json_find(v, STR("a"));
    assert_int_equal(a->type, JSON_ARRAY);
    assert_int_equal(a->count, 3);
    assert_int_equal(a->items[1].type, JSON_ARRAY);
    assert_int_equal(a->items[1].count, 0);
    assert_int_equal(a->items[2].type, JSON_OBJECT);
    assert_int_equal(json_find(v, STR(""))->i, 0);
    assert_null(json_find(v, STR("absent")));
    assert_null(json_find(a, STR("n")));
    assert_null(json_find(NULL, STR("n")));
    assert_int_equal(must_read(w, "\"\\u0000\"")->s.n, 1);
}

static void test_numbers(void **state) {
    World *w = *state;
    static const struct {
        const char *text;
        JsonType type;
        int64_t i;
        double d;
    } rows[] = {
        {"0", JSON_INT, 0, 0},
        {"-0", JSON_INT, 0, 0},
        {"-0.0", JSON_INT, 0, 0},
        {"1.0", JSON_INT, 1, 0},
        {"1e3", JSON_INT, 1000, 0},
        {"9007199254740991", JSON_INT, 9007199254740991, 0},
        {"-9007199254740991", JSON_INT, -9007199254740991, 0},
        {"9007199254740992", JSON_DOUBLE, 0, 9007199254740992.0},
        {"9007199254740993", JSON_DOUBLE, 0, 9007199254740992.0},
        {"-9223372036854775808", JSON_DOUBLE, 0, -9223372036854775808.0},
        {"9223372036854775808", JSON_DOUBLE, 0, 9223372036854775808.0},
        {"18446744073709551615", JSON_DOUBLE, 0, 18446744073709551615.0},
        {"18446744073709551616", JSON_DOUBLE, 0, 18446744073709551616.0},
        {"-100000000000000000000", JSON_DOUBLE, 0, -1e20},
        {"123456789012345678901234567890", JSON_DOUBLE, 0, 123456789012345678901234567890.0},
        {"0.1", JSON_DOUBLE, 0, 0.1},
        {"5e-324", JSON_DOUBLE, 0, 5e-324},
        {"1e-400", JSON_INT, 0, 0},
        {"1.7976931348623157e308", JSON_DOUBLE, 0, 1.7976931348623157e308},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const JsonValue *v = must_read(w, rows[i].text);
        assert_int_equal(v->type, rows[i].type);
        if (v->type == JSON_INT)
            assert_int_equal(v->i, rows[i].i);
        else
            assert_true(v->d == rows[i].d);
    }
    // Long integers are widened only outside of strings and of fractions and exponents.
    const JsonValue *v = must_read(w, "{\"1\\\"18446744073709551616\":[\"18446744073709551616\","
                                      "18446744073709551616,0.18446744073709551616,"
                                      "1e-00000000000000000002,1E00000000000000000002]}");
    assert_true(str_eq_c(v->members[0].key, "1\"18446744073709551616"));
    const JsonValue *items = v->members[0].value.items;
    assert_true(str_eq_c(items[0].s, "18446744073709551616"));
    assert_true(items[1].d == 18446744073709551616.0);
    assert_true(items[2].d == 0.18446744073709551616);
    assert_true(items[3].d == 0.01);
    assert_int_equal(items[4].i, 100);
}

static void test_depth(void **state) {
    World *w = *state;
    char text[2 * (JSON_DEPTH_MAX + 2) + 1];
    for (size_t depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        const JsonValue *v = NULL;
        Err e = json_read(&w->c, &w->reader, (Str){text, 2 * depth}, &v);
        assert_int_equal(e, depth > JSON_DEPTH_MAX ? E_LIMIT : OK);
    }
    AUTO(Buf) deep = {0};
    for (int i = 0; i < 100000; i++)
        buf_str(&deep, STR("{\"a\":"));
    const JsonValue *v = NULL;
    assert_int_equal(json_read(&w->c, &w->reader, buf_view(&deep), &v), E_INVALID);
    buf_char(&deep, '0');
    for (int i = 0; i < 100000; i++)
        buf_char(&deep, '}');
    assert_int_equal(json_read(&w->c, &w->reader, buf_view(&deep), &v), E_LIMIT);
}

static void test_sizes(void **state) {
    World *w = *state;
    AUTO(Buf) b = {0};
    buf_char(&b, '"');
    while (b.n < JSON_DOCUMENT_BYTES_MAX - 1)
        buf_char(&b, 'x');
    buf_char(&b, '"');
    const JsonValue *v = NULL;
    assert_ok(&w->c, json_read(&w->c, &w->reader, buf_view(&b), &v));
    assert_int_equal(v->s.n, JSON_DOCUMENT_BYTES_MAX - 2);
    buf_char(&b, ' ');
    assert_int_equal(json_read(&w->c, &w->reader, buf_view(&b), &v), E_LIMIT);
    ctx_reset(&w->c);
    // A small document after a large one gives the parser's memory back, and is read rightly.
    assert_int_equal(must_read(w, "[7]")->items[0].i, 7);
    buf_clear(&b);
    buf_char(&b, '{');
    for (int i = 0; i <= JSON_KEYS_MAX; i++)
        buf_format(&b, "%s\"%d\":0", i ? "," : "", i);
    buf_char(&b, '}');
    assert_int_equal(json_read(&w->c, &w->reader, buf_view(&b), &v), E_LIMIT);
}

// Many keys in no order: found twice or not, by sorting and by the naive comparison.
static void test_duplicates_in_large_objects(void **state) {
    World *w = *state;
    Rng rng;
    rng_seed(&rng, 20261122);
    for (int round = 0; round < 300; round++) {
        AUTO(Buf) b = {0};
        uint64_t keys[64];
        size_t n = 1 + rng_below(&rng, COUNT_OF(keys));
        bool twice = false;
        buf_char(&b, '{');
        for (size_t i = 0; i < n; i++) {
            keys[i] = rng_below(&rng, 900);
            for (size_t k = 0; k < i; k++)
                twice |= keys[k] == keys[i];
            buf_format(&b, "%s\"%d\":%d", i ? "," : "", (int)keys[i], (int)i);
        }
        buf_char(&b, '}');
        const JsonValue *v = NULL;
        Err e = json_read(&w->c, &w->reader, buf_view(&b), &v);
        assert_int_equal(e, twice ? E_INVALID : OK);
    }
}

static void test_accessors(void **state) {
    World *w = *state;
    Ctx *c = &w->c;
    const JsonValue *v = must_read(w, "{\"body\":{\"amount\":1250,\"rate\":0.5,\"name\":\"x\","
                                      "\"ok\":true,\"list\":[1],\"none\":null}}");
    int64_t i = -1;
    Str s = STR("default");
    bool b = false;
    double d = 0;
    const JsonValue *part = NULL;
    assert_ok(c, json_get_int(c, v, "body.amount", &i));
    assert_int_equal(i, 1250);
    assert_ok(c, json_get_str(c, v, "body.name", &s));
    assert_true(str_eq_c(s, "x"));
    assert_ok(c, json_get_bool(c, v, "body.ok", &b));
    assert_true(b);
    assert_ok(c, json_get_array(c, v, "body.list", &part));
    assert_int_equal(part->count, 1);
    assert_ok(c, json_get_object(c, v, "body", &part));
    assert_ok(c, json_as_double(c, json_find(part, STR("rate")), "rate", &d));
    assert_true(d == 0.5);
    assert_ok(c, json_as_double(c, json_find(part, STR("amount")), "amount", &d));
    assert_true(d == 1250);
    assert_int_equal(json_get_int(c, v, "body.missing", &i), E_INVALID);
    assert_string_equal(c->error, "\"body.missing\" is missing");
    assert_int_equal(json_get_int(c, v, "body.amount.x", &i), E_INVALID);
    assert_int_equal(json_get_int(c, v, "body.rate", &i), E_INVALID);
    assert_string_equal(c->error, "\"body.rate\" must be a whole number within ±(2^53 - 1)");
    assert_int_equal(json_get_int(c, v, "body.name", &i), E_INVALID);
    assert_string_equal(c->error, "\"body.name\" must be a whole number, not a text");
    assert_int_equal(json_get_str(c, v, "body.none", &s), E_INVALID);
    assert_string_equal(c->error, "\"body.none\" must be a text, not null");
    assert_int_equal(json_as_object(c, &part->members[0].value, "", &part), E_INVALID);
    assert_string_equal(c->error, "\"the document\" must be an object, not a whole number");
    assert_int_equal(i, 1250);
    assert_ok(c, json_find_int(c, v, "body.missing", &i));
    assert_ok(c, json_find_int(c, v, "body.none", &i));
    assert_int_equal(i, 1250);
    assert_int_equal(json_find_int(c, v, "body.ok", &i), E_INVALID);
    assert_string_equal(c->error, "\"body.ok\" must be a whole number, not true");
    assert_ok(c, json_find_str(c, v, "body.name", &s));
    assert_ok(c, json_find_bool(c, v, "body.ok", &b));
    assert_ok(c, json_find_array(c, v, "body.list", &part));
    assert_int_equal(part->type, JSON_ARRAY);
    assert_ok(c, json_find_object(c, v, "body", &part));
    static const char *const all[] = {"amount", "rate", "name", "ok", "list", "none"};
    assert_ok(c, json_check_keys(c, part, "body", all, COUNT_OF(all)));
    assert_int_equal(json_check_keys(c, part, "body", all, COUNT_OF(all) - 1), E_INVALID);
    assert_string_equal(c->error, "the key \"none\" is not known in \"body\"");
}

// The plain scanner that only explains faults must agree with simdjson on what a fault is: random
// small changes of a document are refused with a place, or taken.
static void test_every_refusal_has_a_place(void **state) {
    World *w = *state;
    static const char base[] =
        "{\"a\":[1,-2.5e3,true,null,\"x\\n\\u00e9\xC3\xA9\"],\"b\":{\"c\":0}}";
    static const char alphabet[] = "{}[],:\"\\ue01.-+ tn\n\x80\xC3";
    Rng rng;
    rng_seed(&rng, 7);
    int refused = 0;
    for (int round = 0; round < 20000; round++) {
        char text[sizeof base];
        memcpy(text, base, sizeof base);
        for (uint64_t k = 1 + rng_below(&rng, 3); k > 0; k--)
            text[rng_below(&rng, sizeof base - 1)] = alphabet[rng_below(&rng, sizeof alphabet - 1)];
        const JsonValue *v = NULL;
        Err e = json_read(&w->c, &w->reader, (Str){text, sizeof base - 1}, &v);
        bool placed = e != OK && strstr(w->c.error, "not JSON at byte");
        bool other = e != OK && (strstr(w->c.error, "stands twice") ||
                                 strstr(w->c.error, "too large for a double"));
        if (e != OK && !placed && !other)
            fail_msg("round %d: %s: %s", round, text, w->c.error);
        refused += e != OK;
        ctx_reset(&w->c);
    }
    assert_in_range(refused, 10000, 19999);
}

static void test_memory_runs_out(void **state) {
    World *w = *state;
    Ctx small;
    ctx_init(&small);
    small.arena.bytes_max = 2000;
    AUTO(Buf) b = {0};
    buf_char(&b, '[');
    for (int i = 0; i < 500; i++)
        buf_str(&b, i ? STR(",1") : STR("1"));
    buf_char(&b, ']');
    const JsonValue *v = NULL;
    assert_int_equal(json_read(&small, &w->reader, buf_view(&b), &v), E_LIMIT);
    assert_null(v);
    ctx_done(&small);
}

int run_json_read_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused_texts_name_their_fault),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_duplicates_in_large_objects),
        cmocka_unit_test(test_accessors),
        cmocka_unit_test(test_every_refusal_has_a_place),
        cmocka_unit_test(test_memory_runs_out),
    };
    return cmocka_run_group_tests_name("json read", tests, set_up, tear_down);
}
