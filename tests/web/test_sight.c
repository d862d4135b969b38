// Sight over HTTP: what each role gets is what the desk shows it, and what is hidden is answered
// byte for byte as what is not there.
#include "world.h"

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
static void test_hidden_is_absent(void **state) {
    (void)state;
    static const struct {
        const char *before, *after;
    } paths[] = {
        {"/reports/", ""},         {"/reports/", "/match"},
        {"/cases/", ""},           {"/orders/", ""},
        {"/orders/", "/letter"},   {"/records/", ""},
        {"/grievances/", ""},      {"/refunds/", ""},
        {"/trace?case=", ""},      {"/refunds?case=", ""},
        {"/records/", "/sharing"}, {"/records/", "/proof"},
        {"/shares/", ""},          {"/notices/", ""},
        {"/accords/", ""},         {"/accords/", "/sees?kind=report"},
    };
    static const char none[] = "01900000-0000-7000-8000-000000000000";
    Hidden h;
    hidden_open(&h);
    Person *p = world_person(&h.w, "investigator");
    Ctx *c = &h.w.c;
    Desk admin;
    DeskUser user;
    DeskUserDraft low = {
        .name = str_of(p->name), .role = str_of(p->role), .clearance = STR("GREEN")};
    assert_ok(c, desk_as(c, h.w.node, STR("admin"), &admin));
    assert_ok(c, desk_user_set(c, &admin, &low, true, &user));
    world_log_in(&h.w, p);
    const char *ids[] = {h.reports[0].record.p, h.k.id.p};
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        for (size_t k = 0; k < COUNT_OF(ids); k++) {
            char path[160];
            Call call = {.method = "GET", .path = path, .as = p};
            snprintf(path, sizeof path, "/api/v1%s%s%s", paths[i].before, ids[k], paths[i].after);
            int status = world_call(&h.w, &call, answer, sizeof answer);
            snprintf(path, sizeof path, "/api/v1%s%s%s", paths[i].before, none, paths[i].after);
            assert_int_equal(world_call(&h.w, &call, other, sizeof other), status);
            same_form(answer, ids[k], none);
            same_form(other, none, none);
            if (strcmp(answer, other) != 0)
                fail_msg("%s tells hidden from absent:\n%.700s\n%.700s", path, answer, other);
            assert_null(strstr(answer, "zq"));
        }
    }
    static const struct {
        const char *after, *body;
    } writes[] = {
        {"/share/preview", "{\"to\":[\"nobody\"]}"},
        {"/share", "{\"to\":[\"nobody\"]}"},
        {"/retract", "{\"reason\":\"x\"}"},
    };
    for (size_t i = 0; i < COUNT_OF(writes) * COUNT_OF(ids); i++) {
        const char *id = ids[i % COUNT_OF(ids)];
        char path[160];
        Call call = {.method = "POST",
                     .path = path,
                     .as = p,
                     .type = "application/json",
                     .body = writes[i / COUNT_OF(ids)].body};
        snprintf(path, sizeof path, "/api/v1/records/%s%s", id, writes[i / COUNT_OF(ids)].after);
        assert_int_equal(world_call(&h.w, &call, answer, sizeof answer), 404);
        snprintf(path, sizeof path, "/api/v1/records/%s%s", none, writes[i / COUNT_OF(ids)].after);
        assert_int_equal(world_call(&h.w, &call, other, sizeof other), 404);
        same_form(answer, id, none);
        same_form(other, none, none);
        assert_string_equal(answer, other);
    }
    assert_int_equal(world_call(&h.w, &(Call){.method = "GET", .path = "/api/v1/reports", .as = p},
                                answer, sizeof answer),
                     200);
    assert_non_null(strstr(world_body(answer), "\"items\":[]"));
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
        cmocka_unit_test(test_hidden_is_absent),
        cmocka_unit_test(test_every_get_with_every_role),
        cmocka_unit_test(test_a_password_of_ones_own),
    };
    return cmocka_run_group_tests_name("sight", tests, NULL, NULL);
}
