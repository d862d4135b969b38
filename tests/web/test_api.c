// The API over a real connection: who may do what, what is said twice, what is not there.
#include "crypto/crypto.h"
#include "world.h"

#include <sys/socket.h>
#include <unistd.h>

// --- every route with every role
// -------------------------------------------------------------------

// What each operation asks for, written down apart from the table of routes.
static const struct {
    const char *name, *act; // "": anyone; "*": whoever is logged in; "here": this machine
} expected[] = {
    {"loginWords", ""},
    {"sessionOpen", ""},
    {"sessionGet", "*"},
    {"sessionClose", "*"},
    {"passwordChange", "*"},
    {"users", "user.read"},
    {"userAdd", "user.write"},
    {"userChange", "user.write"},
    {"userPassword", "user.write"},
    {"roles", "*"},
    {"tokens", "*"},
    {"tokenAdd", "*"},
    {"tokenRevoke", "*"},
    {"reads", "reads.read"},
    {"glassList", "record.read"},
    {"glassBreak", "glass.break"},
    {"glassRatify", "glass.ratify"},
    {"reports", "report.read"},
    {"reportAdd", "report.write"},
    {"report", "report.read"},
    {"reportMatch", "transfer.read"},
    {"reportSeeds", "report.write"},
    {"imports", "import"},
    {"importPreview", "import"},
    {"importErrors", "import"},
    {"mappings", "import"},
    {"cases", "case.read"},
    {"caseNew", "case.write"},
    {"case", "case.read"},
    {"caseReportsAdd", "case.write"},
    {"caseReportRemove", "case.write"},
    {"caseClose", "case.write"},
    {"caseClaimants", "case.write"},
    {"caseExport", "case.export"},
    {"exportDecide", "export.decide"},
    {"trace", "trace.run"},
    {"traceWhy", "trace.run"},
    {"orders", "order.read"},
    {"propose", "order.propose"},
    {"order", "order.read"},
    {"orderAct", "order.read"},
    {"letter", "order.read"},
    {"letterCsv", "order.read"},
    {"letterXlsx", "order.read"},
    {"answers", "order.answer"},
    {"refusals", "order.read"},
    {"contacts", "order.read"},
    {"contactAdd", "contact.write"},
    {"account", "order.read"},
    {"accountClass", "order.answer"},
    {"reportStanding", "report.standing"},
    {"firstHop", "order.propose"},
    {"attachmentAdd", "order.answer"},
    {"attachment", "order.read"},
    {"grievances", "grievance.read"},
    {"grievanceAdd", "grievance.write"},
    {"grievance", "grievance.read"},
    {"refundCompare", "refund.read"},
    {"refundPlan", "refund.plan"},
    {"refunds", "refund.read"},
    {"refund", "refund.read"},
    {"refundSign", "refund.sign"},
    {"refundPaid", "refund.pay"},
    {"refundCsv", "refund.read"},
    {"refundXlsx", "refund.read"},
    {"refundHtml", "refund.read"},
    {"refundAccount", "refund.pay"},
    {"refundAccountSecond", "refund.pay"},
    {"front", "*"},
    {"shift", "shift.close"},
    {"shiftClose", "shift.close"},
    {"shifts", "shift.close"},
    {"shiftSign", "shift.close"},
    {"search", "record.read"},
    {"health", ""},
    {"metrics", "here"},
    {"openapi", ""},
    {"ledger", "node.read"},
    {"ledgerVerify", "node.verify"},
    {"records", "record.read"},
    {"record", "record.read"},
    {"exchange", "exchange.read"},
    {"card", "exchange.read"},
    {"cardLook", "exchange.read"},
    {"peerAdd", "peer.write"},
    {"peerRevoke", "peer.write"},
    {"peerResume", "peer.write"},
    {"links", "node.read"},
    {"keyRoll", "link.write"},
    {"peerQuota", "link.write"},
    {"exchangeVerify", "node.verify"},
    {"bundleExport", "share"},
    {"bundleImport", "share"},
    {"flags", "exchange.read"},
    {"flagAdd", "peer.write"},
    {"accords", "exchange.read"},
    {"accordAdd", "accord.sign"},
    {"accord", "exchange.read"},
    {"accordSees", "exchange.read"},
    {"accordSign", "accord.sign"},
    {"sharing", "exchange.read"},
    {"sharePreview", "share"},
    {"shareAdd", "share"},
    {"retractAdd", "retract"},
    {"recordErase", "record.erase"},
    {"proof", "record.read"},
    {"retractions", "exchange.read"},
    {"shares", "exchange.read"},
    {"share", "exchange.read"},
    {"shareAct", "share"},
    {"notices", "exchange.read"},
    {"noticeAdd", "notice.write"},
    {"notice", "exchange.read"},
    {"noticeAct", "notice.write"},
    {"publicRecord", "public.read"},
    {"events", "record.read"},
    {"logCheckpoint", ""},
    {"logTile", ""},
    {"victimPage", ""},
    {"holderPage", ""},
    {"holderContest", ""},
};

static const char *expected_act(const char *name) {
    for (size_t i = 0; i < COUNT_OF(expected); i++)
        if (strcmp(expected[i].name, name) == 0)
            return expected[i].act;
    fail_msg("the operation %s has no row in the test", name);
    return NULL;
}

// The path with something in its places that is not there.
static void path_of(const WebRoute *route, char *ret_path, size_t bytes) {
    size_t n = 0;
    for (const char *p = route->path; *p && n + 4 < bytes; p++) {
        ret_path[n++] = *p == '{' ? 'x' : *p;
        if (*p == '{')
            p = strchr(p, '}');
    }
    ret_path[n] = 0;
}

static Call call_of(const WebRoute *route, const char *path) {
    Call call = {.method = web_method_name(route->method), .path = path};
    if (route->body == WEB_BODY_JSON) {
        call.type = "application/json";
        call.body = "{\"no such member\":1}";
    } else if (route->body != WEB_BODY_NONE) {
        call.type = route->body == WEB_BODY_FORM ? "application/x-www-form-urlencoded" : "text/csv";
        call.body = "x";
    }
    return call;
}

// Events never end: their head is enough.
static int status_of(const World *w, const WebRoute *route, const Call *call) {
    if (!(route->flags & WEB_STREAM) || !call->as)
        return world_call(w, call, answer, sizeof answer);
    char request[1024], head[256];
    int n = snprintf(request, sizeof request,
                     "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: moei=%s\r\n\r\n", call->path,
                     call->as->session.token);
    int fd = world_dial(w);
    assert_int_equal(send(fd, request, (size_t)n, MSG_NOSIGNAL), n);
    ssize_t got = recv(fd, head, sizeof head - 1, 0);
    close(fd);
    assert_true(got > 12);
    int64_t status = 0;
    assert_true(str_to_i64((Str){head + 9, 3}, &status));
    return (int)status;
}

static void test_every_route_with_every_role(void **state) {
    (void)state;
    World w;
    char path[256];
    world_open(&w, true, &world_wide);
    world_people(&w);
    for (size_t i = 0; i < web_route_count(); i++) {
        const WebRoute *route = web_route_at(i);
        const char *want = expected_act(route->name);
        bool open = !*want || strcmp(want, "here") == 0;
        path_of(route, path, sizeof path);
        Call call = call_of(route, path);
        int status = status_of(&w, route, &call);
        if (strcmp(route->name, "sessionOpen") != 0 && (status == 401) == open)
            fail_msg("%s without a log-in: %d", route->name, status);
        for (size_t k = 0; k < WORLD_ROLES; k++) {
            Person *p = &w.people[k];
            DeskAct act;
            bool may = open || strcmp(want, "*") == 0 ||
                       (desk_act_find(str_of(want), &act) && (p->acts >> act & 1));
            call.as = p;
            status = status_of(&w, route, &call);
            if (may ? status == 401 || status == 403 || status >= 500 : status != 403)
                fail_msg("%s as %s: %d, %.600s", route->name, p->role, status, answer);
            if (strcmp(route->name, "sessionClose") == 0)
                world_log_in(&w, p);
        }
    }
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        size_t k = 0;
        while (k < web_route_count() && strcmp(web_route_at(k)->name, expected[i].name) != 0)
            k++;
        if (k == web_route_count())
            fail_msg("%s is no operation any more", expected[i].name);
    }
    world_close(&w);
}

// --- sessions, CSRF, tokens
// -------------------------------------------------------------------------

static void test_log_in(void **state) {
    (void)state;
    World w;
    char body[256], cookie[256];
    world_open(&w, false, &world_wide);
    world_people(&w);
    Person *p = world_person(&w, "investigator");
    Call call = {.method = "POST", .path = "/api/v1/session", .type = "application/json"};
    snprintf(body, sizeof body, "{\"password\":\"%s\",\"purpose\":\"refund\",\"user\":\"%s\"}",
             p->password, p->name);
    call.body = body;
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 201);
    assert_true(world_header(answer, "Set-Cookie", cookie, sizeof cookie));
    assert_non_null(strstr(cookie, "; HttpOnly"));
    assert_non_null(strstr(cookie, "; SameSite=Strict"));
    assert_non_null(strstr(world_body(answer), "\"purpose\":\"refund\""));
    // A wrong name and a wrong password have the same answer, but for the number of the request.
    call.body = "{\"password\":\"wrong\",\"user\":\"p1\"}";
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 401);
    call.body = "{\"password\":\"wrong\",\"user\":\"nobody\"}";
    assert_int_equal(world_call(&w, &call, other, sizeof other), 401);
    char *one = strstr(answer, "\"request\""), *two = strstr(other, "\"request\"");
    assert_non_null(one);
    assert_non_null(two);
    *one = *two = 0;
    assert_string_equal(world_body(answer), world_body(other));
    // From another site: refused before the password is looked at.
    call.body = body;
    call.more = "Origin: http://evil.example\r\n";
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 403);
    // After logging out the cookie is nothing.
    call = (Call){.method = "DELETE", .path = "/api/v1/session", .as = p};
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 204);
    call.method = "GET";
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 401);
    world_close(&w);
}

static void test_writes_are_guarded(void **state) {
    (void)state;
    World w;
    world_open(&w, false, &world_wide);
    world_people(&w);
    Person *p = world_person(&w, "investigator");
    static const struct {
        const char *more;
        bool no_csrf;
        const char *type;
        int status;
    } cases[] = {
        {"", false, "application/json", 201},
        {"", true, "application/json", 403},
        {"X-Moei-CSRF: 00\r\n", true, "application/json", 403},
        {"X-Moei-CSRF: \r\n", true, "application/json", 403},
        {"Origin: http://127.0.0.1\r\n", false, "application/json", 201},
        {"Origin: http://evil.example\r\n", false, "application/json", 403},
        {"Sec-Fetch-Site: cross-site\r\n", false, "application/json", 403},
        {"Authorization: Bearer moei_00\r\n", false, "application/json", 400},
        {"", false, "text/plain", 415},
        {"", false, NULL, 415},
        {"Idempotency-Key: a b\r\n", false, "application/json", 400},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Call call = {.method = "POST",
                     .path = "/api/v1/cases",
                     .as = p,
                     .type = cases[i].type,
                     .body = "{\"title\":\"one\"}",
                     .more = cases[i].more,
                     .no_csrf = cases[i].no_csrf};
        int status = world_call(&w, &call, answer, sizeof answer);
        if (status != cases[i].status)
            fail_msg("case %zu: %d, %.600s", i, status, answer);
    }
    static const struct {
        const char *path, *body;
    } bad[] = {
        {"/api/v1/cases", "{\"title\":1}"},
        {"/api/v1/cases", "{\"title\":\"a\",\"title\":\"b\"}"},
        {"/api/v1/cases", "{\"title\":\"a\",\"more\":1}"},
        {"/api/v1/cases", "[]"},
        {"/api/v1/cases", ""},
        {"/api/v1/cases", "{\"title\":\"a\\u0000b\"}"},
        {"/api/v1/cases?x=1", "{\"title\":\"a\"}"},
        {"/api/v1/cases?limit=2&limit=2", "{\"title\":\"a\"}"},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        Call call = {.method = "POST",
                     .path = bad[i].path,
                     .as = p,
                     .type = "application/json",
                     .body = bad[i].body};
        int status = world_call(&w, &call, answer, sizeof answer);
        if (status != 400)
            fail_msg("%s: %d, %.600s", bad[i].body, status, answer);
    }
    world_close(&w);
}

static void test_tokens(void **state) {
    (void)state;
    World w;
    Desk desk;
    char token[DESK_TOKEN_TEXT_BYTES];
    world_open(&w, false, &world_wide);
    world_people(&w);
    assert_ok(&w.c, desk_as(&w.c, w.node, str_of(world_person(&w, "investigator")->name), &desk));
    assert_ok(&w.c, desk_token_add(&w.c, &desk, STR("bank"), (Str){0}, 3, token));
    Call call = {.method = "GET", .path = "/api/v1/reports", .token = token};
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 200);
    call = (Call){.method = "POST",
                  .path = "/api/v1/cases",
                  .token = token,
                  .type = "application/json",
                  .body = "{\"title\":\"t\"}"};
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 400); // no key
    call.key = "k-1";
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 201);
    // A session's secret is no token, and a token no cookie.
    call.token = world_person(&w, "investigator")->session.token;
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 401);
    Person fake = {.name = "x"};
    memcpy(fake.session.token, token, sizeof token);
    call = (Call){.method = "GET", .path = "/api/v1/reports", .as = &fake};
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 401);
    world_close(&w);
}

static void test_same_write_twice(void **state) {
    (void)state;
    World w;
    char replayed[8], place[128], again[128];
    world_open(&w, false, &world_wide);
    world_people(&w);
    Person *p = world_person(&w, "investigator");
    Call call = {.method = "POST",
                 .path = "/api/v1/cases",
                 .as = p,
                 .type = "application/json",
                 .body = "{\"title\":\"one\"}",
                 .key = "k1"};
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 201);
    assert_int_equal(world_call(&w, &call, other, sizeof other), 201);
    assert_string_equal(world_body(answer), world_body(other));
    assert_true(world_header(other, "Idempotency-Replayed", replayed, sizeof replayed));
    assert_true(world_header(answer, "Location", place, sizeof place));
    assert_true(world_header(other, "Location", again, sizeof again));
    assert_string_equal(place, again);
    call.body = "{\"title\":\"two\"}";
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 422);
    assert_non_null(strstr(answer, "\"code\":\"key_reused\""));
    // Another user's key is another key.
    call.as = world_person(&w, "duty_officer");
    call.path = "/api/v1/reports";
    call.body = "{\"loss\":\"5\",\"currency\":\"THB\"}";
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 201);
    call = (Call){.method = "GET", .path = "/api/v1/cases", .as = p};
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 200);
    const char *first = strstr(world_body(answer), "\"title\":");
    assert_non_null(first);
    assert_null(strstr(first + 1, "\"title\":"));
    // What failed is tried again.
    call = (Call){.method = "POST",
                  .path = "/api/v1/cases",
                  .as = p,
                  .type = "application/json",
                  .body = "{\"title\":\"\"}",
                  .key = "k2"};
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 400);
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 400);
    assert_false(world_header(answer, "Idempotency-Replayed", replayed, sizeof replayed));
    world_close(&w);
}

// --- what is read
// -----------------------------------------------------------------------------------

static void test_etags_and_cursors(void **state) {
    (void)state;
    World w;
    char tag[64], more[128], path[512];
    world_open(&w, false, &world_wide);
    world_people(&w);
    Person *p = world_person(&w, "investigator");
    for (int i = 0; i < 3; i++) {
        Call call = {.method = "POST",
                     .path = "/api/v1/cases",
                     .as = p,
                     .type = "application/json",
                     .body = "{\"title\":\"one\"}"};
        assert_int_equal(world_call(&w, &call, answer, sizeof answer), 201);
    }
    Call call = {.method = "GET", .path = "/api/v1/cases", .as = p};
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 200);
    assert_true(world_header(answer, "ETag", tag, sizeof tag));
    snprintf(more, sizeof more, "If-None-Match: \"x\", W/%s\r\n", tag);
    call.more = more;
    assert_int_equal(world_call(&w, &call, other, sizeof other), 304);
    assert_string_equal(world_body(other), "");
    call = (Call){.method = "GET", .path = "/api/v1/cases?limit=2", .as = p};
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 200);
    // The next page goes on; for another user the cursor is none.
    const char *next = strstr(world_body(answer), "\"next\":\"");
    assert_non_null(next);
    next += 8;
    snprintf(path, sizeof path, "/api/v1/cases?limit=2&after=%.*s", (int)strcspn(next, "\""), next);
    call = (Call){.method = "GET", .path = path, .as = p};
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 200);
    assert_non_null(strstr(world_body(answer), "\"next\":null"));
    call.as = world_person(&w, "auditor");
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 400);
    world_close(&w);
}

// What is hidden and what is absent have the same bytes, but for the date.
static void test_hidden_is_absent(void **state) {
    (void)state;
    World w;
    char day[64], path[256];
    world_open(&w, false, &world_wide);
    world_people(&w);
    Person *p = world_person(&w, "auditor"), *duty = world_person(&w, "duty_officer");
    Call call = {.method = "POST",
                 .path = "/api/v1/glass",
                 .as = duty,
                 .type = "application/json",
                 .body = "{\"grants\":\"victim.read\",\"hours\":1,\"reason\":\"a test\"}"};
    (void)world_call(&w, &call, answer, sizeof answer);
    call = (Call){.method = "POST",
                  .path = "/api/v1/reports",
                  .as = duty,
                  .type = "application/json",
                  .body = "{\"victim\":\"Somchai\",\"story\":\"lost it\",\"loss\":\"5\","
                          "\"currency\":\"THB\"}"};
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 201);
    // The victim's record stands in a compartment that the auditor does not see.
    call = (Call){.method = "GET", .path = "/api/v1/records?kind=victim", .as = duty};
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 200);
    const char *id = strstr(world_body(answer), "\"id\":\"");
    assert_non_null(id);
    snprintf(path, sizeof path, "/api/v1/records/%.36s", id + 6);
    call = (Call){.method = "GET", .path = path, .as = p};
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 404);
    call.path = "/api/v1/records/0198f2c0-0000-7000-8000-000000000000";
    assert_int_equal(world_call(&w, &call, other, sizeof other), 404);
    assert_true(world_header(answer, "Date", day, sizeof day));
    char *a = strstr(answer, "\r\nDate: "), *b = strstr(other, "\r\nDate: ");
    memset(a + 2, ' ', strcspn(a + 2, "\r"));
    memset(b + 2, ' ', strcspn(b + 2, "\r"));
    assert_string_equal(answer, other);
    call.as = duty;
    call.path = path;
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 200);
    // Counts and ids of people never come out of the metrics.
    assert_int_equal(world_get(&w, "/metrics", answer, sizeof answer), 200);
    assert_null(strstr(answer, "Somchai"));
    assert_null(strstr(answer, "p0"));
    assert_null(strstr(answer, "0198"));
    assert_null(strstr(answer, "127.0.0.1"));
    assert_non_null(strstr(answer, "moei_http_requests_total{route=\"record\",method=\"GET\","
                                   "status=\"404\"} 2\n"));
    Call proxied = {.method = "GET", .path = "/metrics", .more = "X-Forwarded-For: 10.0.0.1\r\n"};
    assert_int_equal(world_call(&w, &proxied, answer, sizeof answer), 401);
    world_close(&w);
}

// --- limits
// -----------------------------------------------------------------------------------------

static void test_limits(void **state) {
    (void)state;
    World w;
    char wait[16];
    WebLimits narrow = world_wide;
    narrow.user_per_s = 1;
    narrow.user_burst = 5;
    narrow.open_per_s = 1;
    narrow.open_burst = 4;
    world_open(&w, false, &narrow);
    world_people(&w);
    Call call = {.method = "GET", .path = "/api/v1/session", .as = &w.people[0]};
    int refused = 0;
    for (int i = 0; i < 8; i++)
        refused += world_call(&w, &call, answer, sizeof answer) == 429;
    assert_in_range(refused, 2, 3);
    assert_true(world_header(answer, "Retry-After", wait, sizeof wait));
    call.as = &w.people[1];
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 200);
    // Who guesses is slowed down; who is logged in is not, from the same address.
    refused = 0;
    for (int i = 0; i < 8; i++)
        refused += world_get(&w, "/r/AAAAAAAAAAAAAAAAAAAAAAAAAA", answer, sizeof answer) == 429;
    assert_in_range(refused, 3, 4);
    assert_non_null(strstr(answer, "<!DOCTYPE html>"));
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 200);
    world_close(&w);
}

// --- pages for people without a log-in
// --------------------------------------------------------------

static void test_public_pages(void **state) {
    (void)state;
    World w;
    char policy[512];
    world_open(&w, false, &world_wide);
    static const char *const paths[] = {"/r/AAAAAAAAAAAAAAAAAAAAAAAAAA", "/h/x", "/r/%E0%B8%81",
                                        "/h/AAAAAAAAAAAAAAAAAAAAAAAAAA?lang=th"};
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        assert_int_equal(world_get(&w, paths[i], answer, sizeof answer), 404);
        assert_non_null(strstr(answer, "<!DOCTYPE html>"));
        assert_null(strstr(answer, "<script"));
        assert_non_null(strstr(answer, "noindex"));
        assert_non_null(strstr(answer, "Cache-Control: no-store"));
        assert_true(world_header(answer, "Content-Security-Policy", policy, sizeof policy));
        assert_non_null(strstr(policy, "default-src 'none'"));
        assert_non_null(strstr(policy, "style-src 'sha256-"));
        assert_null(strstr(policy, "unsafe"));
        assert_null(strstr(policy, "script-src"));
    }
    assert_non_null(strstr(answer, "<html lang=\"th\">"));
    Call call = {.method = "POST",
                 .path = "/h/x",
                 .type = "application/x-www-form-urlencoded",
                 .body = "text=a"};
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 404);
    world_close(&w);
}

// --- events
// -----------------------------------------------------------------------------------------

static int events_dial(const World *w, const Person *p, const char *more) {
    char request[1024];
    int n = snprintf(request, sizeof request,
                     "GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: moei=%s\r\n%s\r\n",
                     p->session.token, more);
    int fd = world_dial(w);
    assert_int_equal(send(fd, request, (size_t)n, MSG_NOSIGNAL), n);
    return fd;
}

// Reads until the text is there, the server closes, or time is up.
static bool events_until(int fd, const char *text, char *room, size_t bytes) {
    size_t got = 0;
    int64_t begin = clock_monotonic_us();
    room[0] = 0;
    while (!strstr(room, text) && clock_monotonic_us() - begin < 15000000) {
        ssize_t k = recv(fd, room + got, bytes - 1 - got, 0);
        if (k <= 0)
            return false;
        got += (size_t)k;
        room[got] = 0;
    }
    return strstr(room, text) != NULL;
}

static void test_events(void **state) {
    (void)state;
    World w;
    char place[512], more[600];
    world_open(&w, false, &world_wide);
    world_people(&w);
    Person *p = world_person(&w, "investigator");
    int fd = events_dial(&w, p, "");
    assert_true(events_until(fd, "retry:", other, sizeof other));
    assert_non_null(strstr(other, "Content-Type: text/event-stream"));
    Call call = {.method = "POST",
                 .path = "/api/v1/cases",
                 .as = p,
                 .type = "application/json",
                 .body = "{\"title\":\"one\"}"};
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 201);
    assert_true(events_until(fd, "\"kind\":\"case\"", other, sizeof other));
    const char *id = strstr(other, "id: ");
    assert_non_null(id);
    snprintf(place, sizeof place, "%.*s", (int)strcspn(id + 4, "\n"), id + 4);
    assert_true(events_until(fd, ": here", other, sizeof other));
    close(fd);
    // What came while nobody listened comes with the place; the one before does not come again.
    call.body = "{\"title\":\"two\"}";
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 201);
    snprintf(more, sizeof more, "Last-Event-ID: %s\r\n", place);
    fd = events_dial(&w, p, more);
    assert_true(events_until(fd, "\"kind\":\"case\"", other, sizeof other));
    const char *first = strstr(other, "event: record");
    assert_non_null(first);
    assert_null(strstr(first + 1, "event: record"));
    // Another user's place is none. The end of the session is the end of the stream.
    int strange = events_dial(&w, world_person(&w, "auditor"), more);
    assert_true(events_until(strange, "HTTP/1.1 400", answer, sizeof answer));
    close(strange);
    call = (Call){.method = "DELETE", .path = "/api/v1/session", .as = p};
    assert_int_equal(world_call(&w, &call, answer, sizeof answer), 204);
    assert_true(events_until(fd, "0\r\n\r\n", other, sizeof other));
    close(fd);
    // No more streams than one user may have.
    p = world_person(&w, "analyst");
    int fds[WEB_USER_STREAMS_MAX];
    for (size_t i = 0; i < WEB_USER_STREAMS_MAX; i++) {
        fds[i] = events_dial(&w, p, "");
        assert_true(events_until(fds[i], "retry:", other, sizeof other));
    }
    fd = events_dial(&w, p, "");
    assert_true(events_until(fd, "HTTP/1.1 429", other, sizeof other));
    close(fd);
    for (size_t i = 0; i < WEB_USER_STREAMS_MAX; i++)
        close(fds[i]);
    world_close(&w); // with streams that are open
}

int suite_api(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_route_with_every_role),
        cmocka_unit_test(test_log_in),
        cmocka_unit_test(test_writes_are_guarded),
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_same_write_twice),
        cmocka_unit_test(test_etags_and_cursors),
        cmocka_unit_test(test_hidden_is_absent),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_public_pages),
        cmocka_unit_test(test_events),
    };
    return cmocka_run_group_tests_name("api", tests, NULL, NULL);
}
