// Sight over HTTP: what each role gets is what the desk shows it, and what is hidden is answered
// byte for byte as what is not there.
#include "desk/order_priv.h"
#include "world.h"

#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REPORTS 6

typedef struct Hidden {
    World w;
    DeskReport reports[REPORTS];
    DeskCase k;
} Hidden;

static void hidden_open(Hidden *h) {
    world_open(&h->w, false, &world_wide);
    world_people(&h->w);
    Desk d;
    Ctx *c = &h->w.c;
    assert_ok(c, desk_as(c, h->w.node, (Str){0}, &d));
    for (size_t i = 0; i < REPORTS; i++) {
        DeskReportDraft draft = {
            .loss = STR("90.00"), .currency = STR("THB"), .victim = STR("zqvictim")};
        assert_ok(c, desk_report_add(c, &d, &draft, &h->reports[i]));
    }
    assert_ok(c, desk_case_new(c, &d, STR("zqcase"), &h->k));
}

// The answer without its date and the number of the request; `id` becomes `with` wherever it is.
static void same_form(char *text, const char *id, const char *with) {
    static const char *const lines[] = {"\r\nDate: ", "\"request\":\""};
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        char *at = strstr(text, lines[i]);
        if (!at)
            continue;
        at += strlen(lines[i]);
        memset(at, '-', strcspn(at, "\r\""));
    }
    assert_int_equal(strlen(id), strlen(with));
    for (char *at; (at = strstr(text, id));)
        memcpy(at, with, strlen(with));
}

// Below the mark of every record, nothing is there: each route with a name in it says so in the
// bytes of a name that is none.
typedef struct HiddenRoute {
    const char *path;  // of the route
    const char *query; // asked with it
    const char *kind;  // what it names; NULL: no record,
    const char *why;   // because
} HiddenRoute;

static const HiddenRoute hidden_routes[] = {
    {"/api/v1/reports/{id}", "", "report", NULL},
    {"/api/v1/reports/{id}/match", "", "report", NULL},
    {"/api/v1/cases/{id}", "", "case", NULL},
    {"/api/v1/trace", "?case={id}", "case", NULL},
    {"/api/v1/refunds", "?case={id}", "case", NULL},
    {"/api/v1/orders/{id}", "", "order", NULL},
    {"/api/v1/orders/{id}/letter", "", "order", NULL},
    {"/api/v1/orders/{id}/letter.csv", "", "order", NULL},
    {"/api/v1/orders/{id}/letter.xlsx", "", "order", NULL},
    {"/api/v1/grievances/{id}", "", "grievance", NULL},
    {"/api/v1/refunds/{id}", "", "refund_plan", NULL},
    {"/api/v1/refunds/{id}/export.csv", "", "refund_plan", NULL},
    {"/api/v1/refunds/{id}/export.xlsx", "", "refund_plan", NULL},
    {"/api/v1/refunds/{id}/export.html", "", "refund_plan", NULL},
    {"/api/v1/attachments/{sha256}", "", "attachment", NULL},
    {"/api/v1/records/{id}", "", "report", NULL},
    {"/api/v1/records/{id}", "", "share", NULL},
    {"/api/v1/records/{id}/sharing", "", "report", NULL},
    {"/api/v1/records/{id}/proof", "", "report", NULL},
    {"/api/v1/shares/{id}", "", "share", NULL},
    {"/api/v1/notices/{id}", "", "notice", NULL},
    {"/api/v1/accords/{id}", "", "accord", NULL},
    {"/api/v1/accords/{id}/sees", "?kind=report", "accord", NULL},
    {"/log/tile/{level}/{tile}", "", NULL, "hashes by their number, for all alike"},
    {"/r/{code}", "", NULL, "opened by a secret, by whoever has it"},
    {"/h/{code}", "", NULL, "opened by a secret, by whoever has it"},
};

#define NO_RECORD "01900000-0000-7000-8000-000000000000"
#define NO_HASH "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"

static void test_every_name_is_in_the_table(void **state) {
    (void)state;
    for (size_t i = 0; i < web_route_count(); i++) {
        const WebRoute *route = web_route_at(i);
        bool there = route->method != WEB_GET || !strchr(route->path, '{');
        for (size_t k = 0; k < COUNT_OF(hidden_routes); k++)
            there = there || strcmp(hidden_routes[k].path, route->path) == 0;
        if (!there)
            fail_msg("GET %s is in no row of tests/web/test_sight.c", route->path);
    }
}

// One of each kind that a route names, under the mark that is the default.
typedef struct HiddenThings {
    char ids[12][80];
    const char *kinds[12];
    size_t count;
} HiddenThings;

static char *thing(HiddenThings *t, const char *kind) {
    assert_true(t->count < COUNT_OF(t->ids));
    t->kinds[t->count] = kind;
    return t->ids[t->count++];
}

static void put_record(Hidden *h, HiddenThings *t, RecordKind kind, const char *name,
                       const char *format, ...) PRINTF_LIKE(5, 6);
static void put_record(Hidden *h, HiddenThings *t, RecordKind kind, const char *name,
                       const char *format, ...) {
    Ctx *c = &h->w.c;
    AUTO(DeskWriting) w = {0};
    Desk d;
    RecordId id;
    char body[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(body, sizeof body, format, args);
    va_end(args);
    DeskDraft draft = {.kind = kind, .body = str_of(body)};
    assert_ok(c, desk_as(c, h->w.node, (Str){0}, &d));
    assert_ok(c, desk_writing_begin(c, h->w.node, &d, &w));
    assert_ok(c, desk_record_add(c, &w, &draft, &id));
    record_id_text(id, thing(t, name));
}

static void put_order(Hidden *h, HiddenThings *t) {
    Ctx *c = &h->w.c;
    AUTO(DeskWriting) w = {0};
    Desk d;
    RecordId id;
    DeskNumbers numbers = {0};
    DeskOrderNew o = {.account = {STR("TH"), STR("014"), STR("zqaccount")},
                      .currency = STR("THB"),
                      .addressee_country = STR("TH"),
                      .addressee_institution = STR("014"),
                      .addressee_kind = STR("bank"),
                      .amount = 5000,
                      .persons = 1,
                      .note = STR("zqorder"),
                      .mark = record_mark_default()};
    assert_ok(c, desk_as(c, h->w.node, (Str){0}, &d));
    assert_ok(c, desk_writing_begin(c, h->w.node, &d, &w));
    assert_ok(c, desk_group_begin(c, &w));
    assert_ok(c, desk_order_add(c, &w, &numbers, &o, &id));
    assert_ok(c, desk_group_commit(c, &w));
    record_id_text(id, thing(t, "order"));
}

static void put_things(Hidden *h, HiddenThings *t) {
    Ctx *c = &h->w.c;
    const char *report = h->reports[0].record.p;
    Desk d;
    DeskAttachment a;
    RecordId about;
    *t = (HiddenThings){0};
    snprintf(thing(t, "report"), 80, "%s", report);
    snprintf(thing(t, "case"), 80, "%s", h->k.id.p);
    put_order(h, t);
    assert_true(record_id_parse(str_of(t->ids[2]), &about));
    assert_ok(c, desk_as(c, h->w.node, (Str){0}, &d));
    assert_ok(c, desk_attachment_put(c, &d, STR("zqname"), STR("text/plain"), STR("zqbytes"),
                                     &about, 1, &a));
    snprintf(thing(t, "attachment"), 80, "%s", a.sha256);
    put_record(h, t, RECORD_GRIEVANCE, "grievance",
               "{\"contact\":null,\"documents\":[],\"order\":\"%s\",\"text\":\"zqtext\"}",
               t->ids[2]);
    put_record(h, t, RECORD_REFUND_PLAN, "refund_plan",
               "{\"case\":\"%s\",\"inputs\":\"" NO_HASH
               "\",\"plan\":{\"title\":\"zqplan\"},\"plan_hash\":\"" NO_HASH "\"}",
               h->k.id.p);
    put_record(h, t, RECORD_SHARE, "share",
               "{\"accept\":false,\"answers\":null,\"contact\":null,\"due_at\":null,"
               "\"kind\":\"report\",\"record\":\"%s\",\"title\":\"zqtitle\"}",
               report);
    put_record(h, t, RECORD_NOTICE, "notice",
               "{\"act\":\"request\",\"contact\":\"desk\",\"due_at\":"
               "\"2026-01-02T07:00:00.000000Z\",\"handling\":\"H0\",\"recipient\":null,"
               "\"records\":[],\"text\":\"zqtext\",\"title\":\"zqask\"}");
    put_record(h, t, RECORD_ACCORD, "accord",
               "{\"begins_at\":\"2026-01-01T06:00:00.000000Z\",\"ends_at\":null,\"kinds\":"
               "[\"report\"],\"mark\":{\"days\":0,\"handling\":\"H0\",\"pap\":\"AMBER\",\"tlp\":"
               "\"AMBER\"},\"members\":[{\"agency\":\"%s\",\"law\":null,\"mirror\":false},"
               "{\"agency\":\"" NO_HASH "\",\"law\":null,\"mirror\":false}],\"name\":\"zqpact\","
               "\"purposes\":[],\"title\":\"zqaccord\"}",
               h->w.node->agency_id);
}

static const char *thing_of(const HiddenThings *t, const char *kind) {
    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->kinds[i], kind) == 0)
            return t->ids[i];
    fail_msg("no record of kind %s is made", kind);
    return NULL;
}

// The path of the route, `id` in the place of its name.
static void path_with(const HiddenRoute *h, const char *id, char ret_path[256]) {
    char both[128];
    snprintf(both, sizeof both, "%s%s", h->path, h->query);
    const char *at = strchr(both, '{');
    assert_non_null(at);
    snprintf(ret_path, 256, "%.*s%s%s", (int)(at - both), both, id, strchr(at, '}') + 1);
}

static Person *who_may(Hidden *h, const char *path) {
    for (size_t i = 0; i < web_route_count(); i++) {
        const WebRoute *route = web_route_at(i);
        if (route->method != WEB_GET || strcmp(route->path, path) != 0)
            continue;
        for (size_t k = 0; k < WORLD_ROLES; k++)
            if (h->w.people[k].acts >> route->act & 1)
                return &h->w.people[k];
    }
    fail_msg("there is no route %s, or nobody may ask for it", path);
    return NULL;
}

// From here on nobody sees what is marked as it is by default.
static void lower_all(Hidden *h) {
    Ctx *c = &h->w.c;
    Desk admin;
    assert_ok(c, desk_as(c, h->w.node, STR("admin"), &admin));
    for (size_t i = 0; i < WORLD_ROLES; i++) {
        Person *p = &h->w.people[i];
        DeskUser user;
        DeskUserDraft low = {
            .name = str_of(p->name), .role = str_of(p->role), .clearance = STR("GREEN")};
        assert_ok(c, desk_user_set(c, &admin, &low, true, &user));
        world_log_in(&h->w, p);
    }
}

static void check_route(Hidden *h, const HiddenRoute *route, const char *id) {
    const char *none = strlen(id) == 64 ? NO_HASH : NO_RECORD;
    char path[256];
    Call call = {.method = "GET", .path = path, .as = who_may(h, route->path)};
    path_with(route, id, path);
    int status = world_call(&h->w, &call, answer, sizeof answer);
    path_with(route, none, path);
    assert_int_equal(world_call(&h->w, &call, other, sizeof other), status);
    if (status != 404)
        fail_msg("%s of what is hidden: %d", path, status);
    same_form(answer, id, none);
    same_form(other, none, none);
    if (strcmp(answer, other) != 0)
        fail_msg("%s tells hidden from absent:\n%.700s\n%.700s", path, answer, other);
    assert_null(strstr(answer, "zq"));
}

static void check_writes(Hidden *h, const char *id) {
    static const struct {
        const char *after, *body;
    } writes[] = {
        {"/share/preview", "{\"to\":[\"nobody\"]}"},
        {"/share", "{\"to\":[\"nobody\"]}"},
        {"/retract", "{\"reason\":\"x\"}"},
    };
    for (size_t i = 0; i < COUNT_OF(writes); i++) {
        char path[160];
        Call call = {.method = "POST",
                     .path = path,
                     .as = world_person(&h->w, "investigator"),
                     .type = "application/json",
                     .body = writes[i].body};
        snprintf(path, sizeof path, "/api/v1/records/%s%s", id, writes[i].after);
        assert_int_equal(world_call(&h->w, &call, answer, sizeof answer), 404);
        snprintf(path, sizeof path, "/api/v1/records/" NO_RECORD "%s", writes[i].after);
        assert_int_equal(world_call(&h->w, &call, other, sizeof other), 404);
        same_form(answer, id, NO_RECORD);
        same_form(other, NO_RECORD, NO_RECORD);
        assert_string_equal(answer, other);
    }
}

static void test_hidden_is_absent(void **state) {
    (void)state;
    Hidden h;
    HiddenThings t;
    hidden_open(&h);
    put_things(&h, &t);
    // What will be hidden is there: else the rows would compare nothing with nothing.
    for (size_t i = 0; i < COUNT_OF(hidden_routes); i++) {
        const HiddenRoute *route = &hidden_routes[i];
        if (!route->kind) {
            assert_true(strlen(route->why) > 10);
            continue;
        }
        char path[256];
        Call call = {.method = "GET", .path = path, .as = who_may(&h, route->path)};
        path_with(route, thing_of(&t, route->kind), path);
        int status = world_call(&h.w, &call, answer, sizeof answer);
        if (status == 404 || status == 403)
            fail_msg("%s before it is hidden: %.700s", path, answer);
    }
    lower_all(&h);
    for (size_t i = 0; i < COUNT_OF(hidden_routes); i++)
        if (hidden_routes[i].kind)
            check_route(&h, &hidden_routes[i], thing_of(&t, hidden_routes[i].kind));
    check_writes(&h, thing_of(&t, "report"));
    check_writes(&h, thing_of(&t, "case"));
    Person *p = world_person(&h.w, "investigator");
    assert_int_equal(world_call(&h.w, &(Call){.method = "GET", .path = "/api/v1/reports", .as = p},
                                answer, sizeof answer),
                     200);
    assert_non_null(strstr(world_body(answer), "\"items\":[]"));
    world_close(&h.w);
}

// --- how long it takes --------------------------------------------------------------------------

#define ASKED_EACH 2000
#define ASKED_TRIES 8
#define ASKED_APART_PERCENT 5

static int by_time(const void *a, const void *b) {
    int64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

// Nanoseconds until the whole answer is here, over a connection that stays open.
static int64_t ask_once(int fd, const char *request) {
    struct timespec from, to;
    size_t n = strlen(request), got = 0;
    const char *end, *length;
    clock_gettime(CLOCK_MONOTONIC, &from);
    assert_int_equal(send(fd, request, n, MSG_NOSIGNAL), (ssize_t)n);
    for (;;) {
        ssize_t k = recv(fd, answer + got, 65536 - got, 0);
        assert_true(k > 0);
        got += (size_t)k;
        answer[got] = 0;
        if (!(end = strstr(answer, "\r\n\r\n")))
            continue;
        length = strstr(answer, "\r\nContent-Length: ");
        assert_true(length && length < end);
        int64_t bytes;
        length += strlen("\r\nContent-Length: ");
        assert_true(str_to_i64((Str){length, strcspn(length, "\r")}, &bytes));
        if (got >= (size_t)(end + 4 - answer) + (size_t)bytes)
            break;
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    assert_memory_equal(answer, "HTTP/1.1 404", 12);
    return (to.tv_sec - from.tv_sec) * 1000000000LL + (to.tv_nsec - from.tv_nsec);
}

// The median for the hidden one, in thousandths of that for the absent one.
static int64_t ratio_of(Hidden *h, const HiddenRoute *route, const char *id) {
    static int64_t took[2][ASKED_EACH];
    const char *ids[2] = {id, strlen(id) == 64 ? NO_HASH : NO_RECORD};
    char request[2][1024], path[256];
    Person *p = who_may(h, route->path);
    for (int k = 0; k < 2; k++) {
        path_with(route, ids[k], path);
        snprintf(request[k], sizeof request[k],
                 "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: moei=%s\r\n\r\n", path,
                 p->session.token);
    }
    int fd = world_dial(&h->w);
    for (size_t i = 0; i < ASKED_EACH; i++)
        for (int k = 0; k < 2; k++) {
            size_t which = ((size_t)k + i) & 1; // each as often first as second
            took[which][i] = ask_once(fd, request[which]);
        }
    close(fd);
    for (int k = 0; k < 2; k++)
        qsort(took[k], ASKED_EACH, sizeof took[k][0], by_time);
    return took[0][ASKED_EACH / 2] * 1000 / took[1][ASKED_EACH / 2];
}

// Nor does the time tell them apart. Other work on the machine may: therefore more than one try.
static void test_hidden_takes_as_long(void **state) {
    (void)state;
    static const size_t rows[] = {0, 2, 5, 15, 19, 21}; // one of each way to look something up
    Hidden h;
    HiddenThings t;
    hidden_open(&h);
    put_things(&h, &t);
    lower_all(&h);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const HiddenRoute *route = &hidden_routes[rows[i]];
        int64_t ratio = 0;
        bool good = false;
        for (int k = 0; k < ASKED_TRIES && !good; k++) {
            ratio = ratio_of(&h, route, thing_of(&t, route->kind));
            good = ratio >= 1000 - 10 * ASKED_APART_PERCENT &&
                   ratio <= 1000 + 10 * ASKED_APART_PERCENT;
        }
        print_message("%s: hidden takes %lld.%03lld of absent\n", route->path,
                      (long long)(ratio / 1000), (long long)(ratio % 1000));
        if (!good)
            fail_msg("%s: the time tells hidden from absent", route->path);
    }
    world_close(&h.w);
}

// Every GET with every role: refused where the role has not the act, and no victim's name where it
// may not be read.
static void test_every_get_with_every_role(void **state) {
    (void)state;
    Hidden h;
    hidden_open(&h);
    size_t asked = 0;
    for (size_t i = 0; i < web_route_count(); i++) {
        const WebRoute *route = web_route_at(i);
        if (route->method != WEB_GET || (route->flags & (WEB_STREAM | WEB_PAGE)))
            continue;
        for (size_t k = 0; k < WORLD_ROLES; k++) {
            Person *p = &h.w.people[k];
            char path[256];
            const char *at = strchr(route->path, '{');
            if (at)
                snprintf(path, sizeof path, "%.*s%s%s", (int)(at - route->path), route->path,
                         strstr(route->path, "/cases") ? h.k.id.p : h.reports[0].record.p,
                         strchr(at, '}') + 1);
            else
                snprintf(path, sizeof path, "%s", route->path);
            int status = world_call(&h.w, &(Call){.method = "GET", .path = path, .as = p}, answer,
                                    sizeof answer);
            bool may = route->act < 0 || (p->acts >> route->act & 1);
            if (!may && status != 403)
                fail_msg("%s as %s: %d", path, p->role, status);
            if (!(p->acts >> DESK_VICTIM_READ & 1) && strstr(answer, "zqvictim"))
                fail_msg("%s shows a victim to %s", path, p->role);
            asked++;
        }
    }
    assert_true(asked > 100);
    world_close(&h.w);
}

static void test_a_password_of_ones_own(void **state) {
    (void)state;
    Hidden h;
    hidden_open(&h);
    Ctx *c = &h.w.c;
    Person *p = world_person(&h.w, "investigator");
    char made[DESK_PASSWORD_BYTES];
    assert_ok(c, desk_user_password(c, h.w.node, str_of(p->name), made));
    memcpy(p->password, made, sizeof made);
    world_log_in(&h.w, p);
    Call list = {.method = "GET", .path = "/api/v1/reports", .as = p};
    assert_int_equal(world_call(&h.w, &list, answer, sizeof answer), 403);
    assert_non_null(strstr(answer, "\"code\":\"denied\""));
    assert_non_null(strstr(answer, "password of your own"));
    Call session = {.method = "GET", .path = "/api/v1/session", .as = p};
    assert_int_equal(world_call(&h.w, &session, answer, sizeof answer), 200);
    char body[200];
    snprintf(body, sizeof body, "{\"new\":\"four words of mine\",\"old\":\"%s\"}", made);
    Call change = {.method = "POST",
                   .path = "/api/v1/session/password",
                   .as = p,
                   .type = "application/json",
                   .body = body};
    assert_int_equal(world_call(&h.w, &change, answer, sizeof answer) / 100, 2);
    assert_int_equal(world_call(&h.w, &list, answer, sizeof answer), 200);
    world_close(&h.w);
}

int suite_sight(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_name_is_in_the_table),
        cmocka_unit_test(test_hidden_is_absent),
        cmocka_unit_test(test_hidden_takes_as_long),
        cmocka_unit_test(test_every_get_with_every_role),
        cmocka_unit_test(test_a_password_of_ones_own),
    };
    return cmocka_run_group_tests_name("sight", tests, NULL, NULL);
}
