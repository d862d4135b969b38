// The server: who may call, what every answer carries, what is not there, and the pages' data.
#include "world.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static void test_addresses(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    static const struct {
        const char *listen;
        Err err;
    } cases[] = {
        {"127.0.0.1:8441", OK},
        {"127.8.9.10:0", OK},
        {"localhost:80", OK},
        {"[::1]:8441", OK},
        {"0.0.0.0:8441", E_INVALID},
        {"10.0.0.1:8441", E_INVALID},
        {"[::]:8441", E_INVALID},
        {"[fe80::1]:8441", E_INVALID},
        {"127.0.0.1", E_INVALID},
        {":8441", E_INVALID},
        {"", E_INVALID},
        {"127.0.0.1:", E_INVALID},
        {"127.0.0.1:x", E_INVALID},
        {"127.0.0.1:65536", E_INVALID},
        {"127.0.0.1:-1", E_INVALID},
        {"127.0.0.1:80:80", E_INVALID},
        {"[::1]8441", E_INVALID},
        {"[::1", E_INVALID},
        {"example.org:80", E_INVALID},
        {"[127.0.0.1]:80", E_INVALID},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct sockaddr_storage address;
        size_t bytes;
        if (web_address_parse(&c, str_of(cases[i].listen), false, &address, &bytes) != cases[i].err)
            fail_msg("\"%s\": %s", cases[i].listen, c.error);
    }
}

static void test_hosts(void **state) {
    (void)state;
    static const char *const good[] = {"localhost",      "LocalHost:8441", "127.0.0.1",
                                       "127.0.0.1:8441", "127.255.0.9",    "[::1]",
                                       "[::1]:1"};
    static const char *const bad[] = {"",
                                      "evil.example",
                                      "evil.example:8441",
                                      "localhost.evil",
                                      "127.0.0.1.evil.example",
                                      "10.0.0.1",
                                      "[::2]:80",
                                      "[::1",
                                      "localhos",
                                      "127.0.0.1:99999",
                                      "127.0.0.1:",
                                      "0x7f.1",
                                      "[::ffff:10.0.0.1]:80",
                                      " localhost"};
    for (size_t i = 0; i < COUNT_OF(good); i++)
        if (!web_host_is_loopback(str_of(good[i])))
            fail_msg("%s is loopback", good[i]);
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (web_host_is_loopback(str_of(bad[i])))
            fail_msg("%s is not loopback", bad[i]);
}

static void check_headers(const char *text) {
    static const char *const wanted[] = {
        "\r\nContent-Security-Policy: default-src 'none'; script-src 'self';",
        "frame-ancestors 'none'",
        "\r\nX-Content-Type-Options: nosniff\r\n",
        "\r\nX-Frame-Options: DENY\r\n",
        "\r\nReferrer-Policy: no-referrer\r\n",
        "\r\nCross-Origin-Opener-Policy: same-origin\r\n",
        "\r\nCross-Origin-Resource-Policy: same-origin\r\n",
        "\r\nCache-Control: ",
    };
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        if (!strstr(text, wanted[i]))
            fail_msg("%s is missing in: %.600s", wanted[i], text);
    assert_null(strstr(text, "unsafe-"));
    assert_null(strstr(text, "Access-Control-Allow"));
}

static void test_every_answer_is_guarded(void **state) {
    (void)state;
    World w;
    world_open(&w, true, &world_wide);
    world_people(&w);
    static const struct {
        const char *method, *path;
        int status;
    } cases[] = {
        {"GET", "/", 200},
        {"GET", "/healthz", 200},
        {"GET", "/api/v1/public-record", 200},
        {"GET", "/api/v1/trace", 404}, // there is no case yet
        {"GET", "/api/v1/trace?rule=best", 400},
        {"GET", "/api/v1/trace?until=yesterday", 400},
        {"GET", "/api/v1/trace?case=%ff%fe", 400},
        {"GET", "/api/v1/trace?case=a%00b", 400},
        {"GET", "/../../etc/passwd", 404},
        {"GET", "/%2e%2e/index.html", 404},
        {"GET", "//index.html", 404},
        {"GET", "/healthz/", 404},
        {"POST", "/healthz", 405},
        {"PUT", "/", 405},
        {"DELETE", "/api/v1/trace", 405},
        {"OPTIONS", "/", 405},
        {"TRACE", "/", 405},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int status = world_call(&w,
                                &(Call){.method = cases[i].method,
                                        .path = cases[i].path,
                                        .as = world_person(&w, "investigator")},
                                answer, sizeof answer);
        if (status != cases[i].status)
            fail_msg("%s %s: %d, %.300s", cases[i].method, cases[i].path, status, answer);
        check_headers(answer);
    }
    world_close(&w);
}

static void test_nothing_is_always_the_same(void **state) {
    (void)state;
    World w;
    world_open(&w, true, &world_wide);
    assert_int_equal(world_get(&w, "/nothing", other, sizeof other), 404);
    static const char *const paths[] = {"/api",    "/api/demo",    "/api/v1/nothing",
                                        "/assets", "/assets/x.js", "/api/demo/trace"};
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        assert_int_equal(world_get(&w, paths[i], answer, sizeof answer), 404);
        assert_string_equal(world_body(answer), world_body(other));
    }
    world_close(&w);
    // A demo node shows no more than any other to who is not logged in.
    world_open(&w, true, &world_wide);
    static const char *const demo[] = {"/api/v1/trace", "/api/v1/public-record",
                                       "/api/v1/trace?rule=fifo"};
    for (size_t i = 0; i < COUNT_OF(demo); i++)
        assert_int_equal(world_get(&w, demo[i], answer, sizeof answer), 401);
    assert_int_equal(world_get(&w, "/healthz", answer, sizeof answer), 200);
    assert_string_equal(world_body(answer), "{\"ok\":true,\"version\":\"9.9.9\"}\n");
    world_close(&w);
}

static void test_hostile_requests(void **state) {
    (void)state;
    World w;
    world_open(&w, true, &world_wide);
    static const struct {
        const char *bytes;
        int status;
    } cases[] = {
        {"GET /healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 421},
        {"GET /healthz HTTP/1.0\r\n\r\n", 421},
        {"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
         "Connection: close\r\n\r\nhello",
         400},
        {"GET /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
         "Connection: close\r\n\r\n0\r\n\r\n",
         400},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int status = world_send(&w, cases[i].bytes, strlen(cases[i].bytes), answer, sizeof answer);
        if (status != cases[i].status)
            fail_msg("case %zu: %d, %.300s", i, status, answer);
    }
    // A path and a header beyond every measure end in an error, not in memory.
    size_t n = 1 << 20;
    char *huge = malloc(n);
    assert_non_null(huge);
    memset(huge, 'a', n);
    memcpy(huge, "GET /", 5);
    assert_true(world_send(&w, huge, n, answer, sizeof answer) / 100 != 2);
    memcpy(huge, "GET / HTTP/1.1\r\nHost: localhost\r\nX: ", 37);
    assert_true(world_send(&w, huge, n, answer, sizeof answer) / 100 != 2);
    free(huge);
    assert_true(world_send(&w, "\0\1\2\3\r\n\r\n", 8, answer, sizeof answer) / 100 != 2);
    assert_int_equal(world_get(&w, "/healthz", answer, sizeof answer), 200);
    world_close(&w);
}

static void test_many_connections(void **state) {
    (void)state;
    World w;
    world_open(&w, true, &world_wide);
    enum { OPEN = 200 };
    int fds[OPEN];
    for (size_t i = 0; i < OPEN; i++)
        fds[i] = world_dial(&w); // say nothing
    assert_int_equal(world_get(&w, "/healthz", answer, sizeof answer), 200);
    // Two requests on one connection: it is kept.
    static const char two[] =
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert_int_equal(world_send(&w, two, sizeof two - 1, answer, sizeof answer), 200);
    assert_non_null(strstr(world_body(answer), "HTTP/1.1 200"));
    for (size_t i = 0; i < OPEN; i++)
        close(fds[i]);
    world_close(&w);
}

static void test_port_in_use(void **state) {
    (void)state;
    World w;
    world_open(&w, false, &world_wide);
    Str listen;
    assert_ok(&w.c, str_format(&w.c, &listen, "127.0.0.1:%u", w.port));
    WebConfig config = {.node = w.node, .listen = listen, .version = "9"};
    WebServer *second = NULL;
    assert_int_equal(web_open(&w.c, &config, &second), E_BUSY);
    assert_non_null(strstr(w.c.error, "--listen"));
    world_close(&w);
}

// --- the data
// ---------------------------------------------------------------------------------------

static Str file_with(World *w, const char *name, const char *text) {
    Str path;
    assert_ok(&w->c, str_format(&w->c, &path, "%s/%s", w->dir, name));
    assert_ok(&w->c, file_replace(&w->c, path, str_of(text)));
    return path;
}

static const JsonValue *get_json(World *w, JsonReader *reader, const char *path) {
    Call call = {.method = "GET", .path = path, .as = world_person(w, "investigator")};
    assert_int_equal(world_call(w, &call, answer, sizeof answer), 200);
    Str text = str_of(world_body(answer));
    const JsonValue *v;
    assert_true(str_ends(text, STR("\n")));
    text.n--;
    assert_ok(&w->c, json_read_canonical(&w->c, reader, text, &v));
    return v;
}

static int64_t int_at(Ctx *c, const JsonValue *v, const char *path) {
    int64_t i = -1;
    assert_ok(c, json_get_int(c, v, path, &i));
    return i;
}

// The golden example: credits P 10, M 10, debit 10, credit K 10, debit 10, traced by fifo.
static void test_trace_data(void **state) {
    (void)state;
    World w;
    world_open(&w, true, &world_wide);
    world_people(&w);
    Str transfers = file_with(
        &w, "t.csv",
        "id,booked_at,from_country,from_institution,from_account,to_country,to_institution,"
        "to_account,amount,currency\n"
        "p,2026-03-01T01:00:00Z,TH,004,1000000001,TH,014,2000000001,10.00,THB\n"
        "m,2026-03-01T02:00:00Z,TH,004,1000000002,TH,014,2000000001,10.00,THB\n"
        "x,2026-03-01T03:00:00Z,TH,014,2000000001,TH,002,3000000001,10.00,THB\n"
        "k,2026-03-01T04:00:00Z,TH,004,1000000003,TH,014,2000000001,10.00,THB\n"
        "y,2026-03-01T05:00:00Z,TH,014,2000000001,TH,002,,10.00,THB\n");
    Str reports = file_with(
        &w, "r.csv",
        "id,reported_at,victim,country,channel,loss,currency,transfers,accounts,phones,urls,story\n"
        "K,2026-03-02T00:00:00Z,,TH,bank,10.00,THB,k,,,,\n"
        "M,2026-03-02T00:00:00Z,,TH,bank,10.00,THB,m,,,,\n"
        "P,2026-03-02T00:00:00Z,,TH,hotline,,THB,p,,,,\n");
    Desk desk;
    DeskImportResult result;
    DeskCase one;
    Str ids[] = {STR("K"), STR("M"), STR("P")};
    assert_ok(&w.c, desk_as(&w.c, w.node, (Str){0}, &desk));
    DeskImport in = {.path = transfers};
    assert_ok(&w.c, desk_import_transfers(&w.c, &desk, &in, &result));
    in.path = reports;
    assert_ok(&w.c, desk_import_reports(&w.c, &desk, &in, &result));
    assert_ok(&w.c, desk_case_new(&w.c, &desk, STR("Golden"), &one));
    assert_ok(&w.c, desk_case_add(&w.c, &desk, one.id, ids, 3));
    AUTO(JsonReader) reader = {0};
    assert_ok(&w.c, json_reader_open(&w.c, &reader));
    const JsonValue *v = get_json(&w, &reader, "/api/v1/trace");
    Str text;
    assert_ok(&w.c, json_get_str(&w.c, v, "case.title", &text));
    assert_true(str_eq_c(text, "Golden"));
    assert_int_equal(int_at(&w.c, v, "currencies.THB"), 2);
    // Accounts sort by institution: where the exit from 014 went is none.
    const JsonValue *accounts = json_find(v, STR("accounts"));
    assert_int_equal(accounts->count, 2);
    const JsonValue *next = &accounts->items[0], *mule = &accounts->items[1];
    assert_int_equal(int_at(&w.c, next, "level"), 2);
    assert_int_equal(int_at(&w.c, next, "arrived"), 1000);
    assert_int_equal(int_at(&w.c, mule, "level"), 1);
    assert_int_equal(int_at(&w.c, mule, "arrived"), 3000);
    assert_int_equal(int_at(&w.c, mule, "still_there"), 1000);
    assert_int_equal(int_at(&w.c, mule, "gone_on"), 2000);
    const JsonValue *rows = json_find(v, STR("transfers"));
    assert_int_equal(rows->count, 5);
    for (uint32_t i = 0; i < 5; i++) { // in time order
        assert_ok(&w.c, json_get_str(&w.c, &rows->items[i], "id", &text));
        assert_int_equal(text.p[0], "pmxky"[i]);
    }
    const JsonValue *told = json_find(v, STR("reports"));
    assert_int_equal(told->count, 3);
    assert_int_equal(json_find(&told->items[2], STR("loss"))->type, JSON_NULL);
    assert_int_equal(json_find(&told->items[2], STR("left"))->count, 1); // P lies at 002
    assert_int_equal(json_find(&told->items[1], STR("exits"))->count, 1);
    // Under poison there are no amounts; until cuts.
    v = get_json(&w, &reader, "/api/v1/trace?rule=poison");
    assert_int_equal(json_find(&json_find(v, STR("reports"))->items[0], STR("seed"))->count, 0);
    v = get_json(&w, &reader, "/api/v1/trace?until=2026-03-01T02:30:00Z");
    assert_int_equal(json_find(v, STR("transfers"))->count, 2);
    world_close(&w);
}

static void test_public_record_data(void **state) {
    (void)state;
    World w;
    world_open(&w, true, &world_wide);
    world_people(&w);
    Desk desk;
    DeskImportResult result;
    DeskImport in = {0};
    assert_ok(&w.c, desk_as(&w.c, w.node, (Str){0}, &desk));
    assert_ok(&w.c, desk_import_public_record(&w.c, &desk, &in, &result));
    AUTO(JsonReader) reader = {0};
    assert_ok(&w.c, json_reader_open(&w.c, &reader));
    const JsonValue *v = get_json(&w, &reader, "/api/v1/public-record");
    const JsonValue *all = json_find(v, STR("tables"));
    assert_int_equal(all->count, 9);
    uint64_t rows = 0;
    for (uint32_t t = 0; t < all->count; t++) {
        const JsonValue *list = json_find(&all->items[t], STR("rows"));
        uint32_t columns = json_find(&all->items[t], STR("columns"))->count;
        rows += list->count;
        for (uint32_t i = 0; i < list->count; i++)
            assert_int_equal(json_find(&list->items[i], STR("cells"))->count, columns);
    }
    assert_int_equal(rows, result.taken);
    assert_int_equal(json_find(v, STR("sources"))->count, 5);
    world_close(&w);
}

int suite_server(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_every_answer_is_guarded),
        cmocka_unit_test(test_nothing_is_always_the_same),
        cmocka_unit_test(test_hostile_requests),
        cmocka_unit_test(test_many_connections),
        cmocka_unit_test(test_port_in_use),
        cmocka_unit_test(test_trace_data),
        cmocka_unit_test(test_public_record_data),
    };
    return cmocka_run_group_tests_name("server", tests, NULL, NULL);
}
