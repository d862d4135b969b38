// Parts that need no server: paths, origins, languages, forms, rates, the OpenAPI document.
#include "world.h"

static void test_paths(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    static const struct {
        WebMethod method;
        const char *url;
        WebFound found;
        const char *name, *place;
    } cases[] = {
        {WEB_GET, "/api/v1/reports", WEB_FOUND, "reports", NULL},
        {WEB_GET, "/api/v1/reports/R-1", WEB_FOUND, "report", "R-1"},
        {WEB_GET, "/api/v1/reports/a%2Fb", WEB_FOUND, "report", "a/b"},
        {WEB_GET, "/api/v1/reports/%E0%B8%81", WEB_FOUND, "report", "\u0e01"},
        {WEB_GET, "/api/v1/reports/a%00b", WEB_BAD_PATH, NULL, NULL},
        {WEB_GET, "/api/v1/reports/%ff", WEB_BAD_PATH, NULL, NULL},
        {WEB_GET, "/api/v1/reports/%4", WEB_BAD_PATH, NULL, NULL},
        {WEB_GET, "/api/v1/reports/", WEB_NO_PATH, NULL, NULL},
        {WEB_GET, "/api/v1/reports/a/b", WEB_NO_PATH, NULL, NULL},
        {WEB_GET, "/api/v1//reports", WEB_NO_PATH, NULL, NULL},
        {WEB_GET, "/api/v1/Reports", WEB_NO_PATH, NULL, NULL},
        {WEB_GET, "", WEB_NO_PATH, NULL, NULL},
        {WEB_PUT, "/api/v1/reports", WEB_OTHER_METHOD, NULL, NULL},
        {WEB_DELETE, "/api/v1/cases/a/reports/b", WEB_FOUND, "caseReportRemove", "a"},
        {WEB_NO_METHOD, "/healthz", WEB_OTHER_METHOD, NULL, NULL},
        {WEB_GET, "/log/tile/0/x001/067.p/5", WEB_FOUND, "logTile", "0"},
        {WEB_GET, "/log/tile/entries/000", WEB_FOUND, "logTile", "entries"},
        {WEB_GET, "/log/tile/0/", WEB_NO_PATH, NULL, NULL},
        {WEB_GET, "/log/tile/0", WEB_NO_PATH, NULL, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const WebRoute *route = NULL;
        WebPlaces places = {.count = 0};
        WebFound found = web_route_find(&c, cases[i].method, str_of(cases[i].url), &route, &places);
        if (found != cases[i].found)
            fail_msg("%s: %d", cases[i].url, (int)found);
        if (cases[i].name)
            assert_string_equal(route->name, cases[i].name);
        if (cases[i].place)
            assert_true(str_eq_c(places.items[0], cases[i].place));
    }
}

static void test_tile_names(void **state) {
    (void)state;
    static const struct {
        const char *level, *name;
        bool good;
        unsigned read_level;
        int64_t number;
        unsigned width;
    } cases[] = {
        {"0", "000", true, 0, 0, 256},
        {"5", "x001/x234/067", true, 5, 1234067, 256},
        {"1", "x001/000.p/255", true, 1, 1000, 255},
        {"entries", "x999/999.p/1", true, 0, 999999, 1},
        {"6", "000", false, 0, 0, 0},
        {"00", "000", false, 0, 0, 0},
        {"-1", "000", false, 0, 0, 0},
        {"", "000", false, 0, 0, 0},
        {"data", "000", false, 0, 0, 0},
        {"0", "", false, 0, 0, 0},
        {"0", "0", false, 0, 0, 0},
        {"0", "0000", false, 0, 0, 0},
        {"0", "x000", false, 0, 0, 0},
        {"0", "x000/001", false, 0, 0, 0},
        {"0", "001/002", false, 0, 0, 0},
        {"0", "000/", false, 0, 0, 0},
        {"0", "000.p/256", false, 0, 0, 0},
        {"0", "000.p/0", false, 0, 0, 0},
        {"0", "000.p/01", false, 0, 0, 0},
        {"0", "000.p/", false, 0, 0, 0},
        {"0", "000.p/1/2", false, 0, 0, 0},
        {"0", "x001/x001/x001/x001/x001/001", false, 0, 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        DeskLogTile t = {.level = 99};
        bool good = web_tile_read(str_of(cases[i].level), str_of(cases[i].name), &t);
        if (good != cases[i].good)
            fail_msg("tile %s/%s", cases[i].level, cases[i].name);
        if (!good) {
            assert_int_equal(t.level, 99);
            continue;
        }
        assert_int_equal(t.level, cases[i].read_level);
        assert_int_equal(t.number, cases[i].number);
        assert_int_equal(t.width, cases[i].width);
        assert_int_equal(t.entries, strcmp(cases[i].level, "entries") == 0);
    }
}

// Names of operations and parameters are used as keys: none may stand twice or be too many.
static void test_table(void **state) {
    (void)state;
    for (size_t i = 0; i < web_route_count(); i++) {
        const WebRoute *r = web_route_at(i);
        assert_int_equal(web_route_index(r), i);
        size_t params = *r->params != 0;
        for (const char *p = r->params; *p; p++)
            params += *p == ' ';
        assert_true(params + (r->flags & WEB_LIST ? 2 : 0) <= WEB_PARAMS_MAX);
        assert_true((r->body == WEB_BODY_JSON) == (r->field_count > 0));
        for (size_t k = 1; k < r->field_count; k++)
            assert_true(strcmp(r->fields[k - 1].name, r->fields[k].name) < 0);
        for (size_t k = 0; k < i; k++)
            if (strcmp(web_route_at(k)->name, r->name) == 0 ||
                (web_route_at(k)->method == r->method &&
                 strcmp(web_route_at(k)->path, r->path) == 0))
                fail_msg("%s stands twice", r->name);
    }
}

static void test_origins(void **state) {
    (void)state;
    static const struct {
        const char *origin, *site;
        bool tls, same;
    } cases[] = {
        {"", "", false, true},
        {"http://127.0.0.1:80", "", false, true},
        {"http://127.0.0.1:80", "same-origin", false, true},
        {"", "none", false, true},
        {"", "cross-site", false, false},
        {"", "same-site", false, false},
        {"http://127.0.0.1:81", "", false, false},
        {"http://127.0.0.1:800", "", false, false},
        {"https://127.0.0.1:80", "", false, false},
        {"https://127.0.0.1:80", "", true, true},
        {"http://evil.example", "same-origin", false, false},
        {"null", "", false, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (web_same_origin(str_of(cases[i].origin), str_of(cases[i].site), STR("127.0.0.1:80"),
                            cases[i].tls) != cases[i].same)
            fail_msg("case %zu", i);
}

static void test_words(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    WebWords w = {.arena = {0}};
    assert_ok(&c, web_words_open(&c, &w));
    static const struct {
        const char *asked, *accept, *tag;
    } cases[] = {
        {"", "", "en"},
        {"th", "en", "th"},
        {"TH", "", "th"},
        {"xx", "vi", "vi"},
        {"", "zh-TW,en;q=0.5", "zh-Hans"},
        {"", "fr, km;q=0.3, lo;q=0.9", "lo"},
        {"", "en;q=0.2,my;q=0.21", "my"},
        {"", "th;q=0", "en"},
        {"", ";;;,,,q=1", "en"},
        {"zh", "", "zh-Hans"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t k = web_language_pick(&w, str_of(cases[i].asked), str_of(cases[i].accept));
        if (!str_eq_c(w.languages[k].tag, cases[i].tag))
            fail_msg("case %zu: " STR_FMT, i, STR_ARG(w.languages[k].tag));
    }
    // Every language has every word of English, and the same places for values.
    for (size_t l = 0; l < WEB_LANGUAGES; l++) {
        assert_int_equal(w.languages[l].count, w.languages[0].count);
        for (size_t i = 0; i < w.languages[0].count; i++) {
            Str own = {0}, english = w.languages[0].words[i].text, rest = english;
            for (size_t k = 0; k < w.languages[l].count; k++)
                if (str_eq(w.languages[l].words[k].key, w.languages[0].words[i].key))
                    own = w.languages[l].words[k].text;
            size_t at, end, found;
            assert_true(own.n > 0);
            while (str_find(rest, STR("{"), &at) && str_find(rest, STR("}"), &end) && at < end) {
                if (!str_find(own, (Str){rest.p + at, end + 1 - at}, &found))
                    fail_msg("%s: " STR_FMT " lacks a value", w.languages[l].tag.p,
                             STR_ARG(w.languages[0].words[i].key));
                rest = (Str){rest.p + end + 1, rest.n - end - 1};
            }
        }
    }
    web_words_done(&w);
}

static void test_rates(void **state) {
    (void)state;
    WebRates *rates = mem_alloc_zero(1, sizeof *rates);
    assert_non_null(rates);
    web_rates_init(rates, 7);
    WebRate rate = {.per_s = 10, .burst = 5};
    unsigned wait_s = 0;
    int64_t now = 1000000;
    for (int i = 0; i < 5; i++)
        assert_true(web_rate_take(rates, 'u', STR("a"), rate, now, &wait_s));
    assert_false(web_rate_take(rates, 'u', STR("a"), rate, now, &wait_s));
    assert_int_equal(wait_s, 1);
    assert_true(web_rate_take(rates, 'u', STR("b"), rate, now, &wait_s));
    assert_true(web_rate_take(rates, 'o', STR("a"), rate, now, &wait_s));
    // 10 a second: one each 100 ms, however often it is asked in between.
    size_t taken = 0;
    for (int i = 0; i < 10000; i++)
        taken += web_rate_take(rates, 'u', STR("a"), rate, now += 100, &wait_s);
    assert_int_equal(taken, 10);
    // After a long time no more than the burst; a clock that goes back gives nothing.
    now += 3600000000LL;
    for (int i = 0; i < 5; i++)
        assert_true(web_rate_take(rates, 'u', STR("a"), rate, now, &wait_s));
    assert_false(web_rate_take(rates, 'u', STR("a"), rate, now, &wait_s));
    assert_false(web_rate_take(rates, 'u', STR("a"), rate, now - 5000000, &wait_s));
    web_rates_done(rates);
    mem_free(rates);
}

// --- the document of the API
// ----------------------------------------------------------------------

static size_t refs_seen;

static void check_refs(const JsonValue *root, const JsonValue *v, int depth) {
    assert_true(depth < 64);
    if (v->type == JSON_ARRAY)
        for (uint32_t i = 0; i < v->count; i++)
            check_refs(root, &v->items[i], depth + 1);
    if (v->type != JSON_OBJECT)
        return;
    for (uint32_t i = 0; i < v->count; i++) {
        const JsonMember *m = &v->members[i];
        if (str_eq_c(m->key, "$ref") && m->value.type == JSON_STR) {
            Str rest = m->value.s, part;
            const JsonValue *at = root;
            refs_seen++;
            assert_true(str_split(&rest, '/', &part) && str_eq_c(part, "#"));
            while (at && str_split(&rest, '/', &part))
                at = json_find(at, part);
            if (!at)
                fail_msg(STR_FMT " leads nowhere", STR_ARG(m->value.s));
        }
        check_refs(root, &m->value, depth + 1);
    }
}

static void check_operation(const JsonValue *operation, Str path) {
    Ctx c;
    ctx_init(&c);
    Str id;
    const JsonValue *responses = json_find(operation, STR("responses"));
    const JsonValue *parameters = json_find(operation, STR("parameters"));
    assert_ok(&c, json_get_str(&c, operation, "operationId", &id));
    assert_ok(&c, json_get_str(&c, operation, "summary", &id));
    assert_true(responses && responses->count > 0 && parameters && parameters->type == JSON_ARRAY);
    for (uint32_t i = 0; i < responses->count; i++) {
        const JsonValue *one = &responses->members[i].value;
        assert_true(json_find(one, STR("description")) || json_find(one, STR("$ref")));
    }
    // Each place in the path is a required parameter, and the other way round.
    size_t places = 0, told = 0;
    for (size_t i = 0; i < path.n; i++)
        places += path.p[i] == '{';
    for (uint32_t i = 0; i < parameters->count; i++) {
        const JsonValue *in = json_find(&parameters->items[i], STR("in"));
        if (in && str_eq_c(in->s, "path")) {
            told++;
            assert_true(json_find(&parameters->items[i], STR("required"))->b);
        }
    }
    assert_int_equal(places, told);
    ctx_done(&c);
}

static void test_openapi(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(Buf) text = {0};
    AUTO(JsonReader) reader = {0};
    const JsonValue *v;
    Str version;
    assert_ok(&c, web_openapi(&c, "9.9.9", &text));
    assert_ok(&c, json_reader_open(&c, &reader));
    assert_ok(&c, json_read(&c, &reader, buf_view(&text), &v));
    assert_ok(&c, json_get_str(&c, v, "openapi", &version));
    assert_true(str_eq_c(version, "3.1.0"));
    assert_ok(&c, json_get_str(&c, v, "info.title", &version));
    assert_ok(&c, json_get_str(&c, v, "info.version", &version));
    refs_seen = 0;
    check_refs(v, v, 0);
    assert_true(refs_seen > 50);
    const JsonValue *paths = json_find(v, STR("paths"));
    size_t operations = 0;
    for (uint32_t i = 0; i < paths->count; i++) {
        const JsonMember *path = &paths->members[i];
        assert_int_equal(path->key.p[0], '/');
        for (uint32_t k = 0; k < path->value.count; k++) {
            check_operation(&path->value.members[k].value, path->key);
            operations++;
        }
    }
    assert_int_equal(operations, web_route_count());
}

int suite_parts(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),   cmocka_unit_test(test_tile_names),
        cmocka_unit_test(test_table),   cmocka_unit_test(test_origins),
        cmocka_unit_test(test_words),   cmocka_unit_test(test_rates),
        cmocka_unit_test(test_openapi),
    };
    return cmocka_run_group_tests_name("parts", tests, NULL, NULL);
}
