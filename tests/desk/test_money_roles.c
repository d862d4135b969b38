// Every act of grievances, refunds, shifts and case files with every role: refused exactly where
// the role does not have it.
#include "groups.h"
#include "money.h"

#define PROBE(name) static Err name(Ctx *c, World *w, const Desk *d)
#define NOPE STR("nope")

PROBE(compare) {
    (void)w;
    AUTO(Buf) out = {0};
    return desk_refund_compare(c, d, &(DeskRefundQuery){.case_id = NOPE}, &out);
}
PROBE(show) {
    (void)w;
    AUTO(Buf) out = {0};
    return desk_refund_json(c, d, NOPE, &out);
}
PROBE(list) {
    (void)w;
    AUTO(Buf) out = {0};
    return desk_refund_list_json(c, d, (Str){0}, (DeskPage){0}, &out);
}
PROBE(plan_export) {
    (void)w;
    AUTO(Buf) out = {0};
    return desk_refund_export(c, d, NOPE, DESK_REFUND_CSV, &out);
}
PROBE(plan) {
    (void)w;
    Str id;
    return desk_refund_plan(c, d, &(DeskRefundQuery){.case_id = NOPE}, STR("by_trace"), &id);
}
PROBE(sign) {
    (void)w;
    return desk_refund_sign(c, d, NOPE);
}
PROBE(paid) {
    (void)w;
    return desk_refund_paid(c, d, NOPE, &(DeskPaidDraft){0});
}
PROBE(account) {
    (void)w;
    return desk_refund_account(c, d, NOPE, STR("TH/004/1"), (Str){0});
}
PROBE(account_second) {
    (void)w;
    return desk_refund_account_second(c, d, NOPE, (Str){0});
}
PROBE(grieve) {
    (void)w;
    DeskGrievance g;
    return desk_grievance_add(c, d, NOPE, STR("x"), (Str){0}, NULL, 0, &g);
}
PROBE(grievances) {
    (void)w;
    DeskGrievanceList l;
    return desk_grievance_list(c, d, false, (DeskPage){0}, &l);
}
PROBE(grievance) {
    (void)w;
    DeskGrievance g;
    return desk_grievance_get(c, d, NOPE, &g);
}
PROBE(shift) {
    (void)w;
    AUTO(Buf) out = {0};
    return desk_shift_json(c, d, &out);
}
PROBE(shift_close) {
    (void)w;
    Str id;
    return desk_shift_close(c, d, NOPE, (Str){0}, &id);
}
PROBE(shift_sign) {
    (void)w;
    return desk_shift_sign(c, d, NOPE, (Str){0});
}
PROBE(shifts) {
    (void)w;
    AUTO(Buf) out = {0};
    return desk_shift_list_json(c, d, (DeskPage){0}, &out);
}
PROBE(file) {
    DeskCaseFile f = {.case_id = NOPE};
    return desk_case_export(c, d, &f, world_path(w, "x.zip"), (DeskProgress){0});
}
PROBE(decide) {
    (void)w;
    Str id, record = NOPE;
    return desk_export_decide(c, d, NOPE, &record, 1, STR("x"), STR("x"), &id);
}
PROBE(claimants) {
    (void)w;
    Str report = NOPE;
    return desk_case_claimants(c, d, NOPE, &report, 1);
}
PROBE(case_close) {
    (void)w;
    return desk_case_close(c, d, NOPE, STR("x"));
}
PROBE(search) {
    (void)w;
    AUTO(Buf) out = {0};
    return desk_search_json(c, d, STR("x"), &out);
}
PROBE(news) {
    (void)w;
    const DeskNews *items;
    size_t n;
    Str place;
    return desk_news(c, d, (Str){0}, 1, &items, &n, &place);
}

static const struct {
    DeskAct act;
    Err (*call)(Ctx *c, World *w, const Desk *d);
} probes[] = {
    {DESK_REFUND_READ, compare},       {DESK_REFUND_READ, show},
    {DESK_REFUND_READ, list},          {DESK_REFUND_READ, plan_export},
    {DESK_REFUND_PLAN, plan},          {DESK_REFUND_SIGN, sign},
    {DESK_REFUND_PAY, paid},           {DESK_REFUND_PAY, account},
    {DESK_REFUND_PAY, account_second}, {DESK_GRIEVANCE_WRITE, grieve},
    {DESK_GRIEVANCE_READ, grievances}, {DESK_GRIEVANCE_READ, grievance},
    {DESK_SHIFT_CLOSE, shift},         {DESK_SHIFT_CLOSE, shift_close},
    {DESK_SHIFT_CLOSE, shift_sign},    {DESK_SHIFT_CLOSE, shifts},
    {DESK_CASE_EXPORT, file},          {DESK_EXPORT_DECIDE, decide},
    {DESK_CASE_WRITE, claimants},      {DESK_CASE_WRITE, case_close},
    {DESK_RECORD_READ, search},        {DESK_RECORD_READ, news},
};

static void every_act_with_every_role(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    Ctx *c = &w.c;
    Desk admin;
    size_t roles, allowed = 0, denied = 0;
    const DeskRole *role = desk_roles(w.node, &roles);
    assert_ok(c, desk_as(c, w.node, STR("admin"), &admin));
    for (size_t i = 0; i < roles; i++) {
        Desk d;
        DeskUser user;
        char password[DESK_PASSWORD_BYTES], name[32];
        snprintf(name, sizeof name, "u%zu", i);
        DeskUserDraft draft = {.name = str_of(name), .role = role[i].role};
        assert_ok(c, desk_user_add(c, &admin, &draft, &user, password));
        assert_ok(c, desk_as(c, w.node, str_of(name), &d));
        for (size_t k = 0; k < COUNT_OF(probes); k++) {
            bool may = (role[i].acts >> probes[k].act & 1) != 0;
            Err e = probes[k].call(c, &w, &d);
            if ((e == E_DENIED) == may)
                fail_msg("%s as " STR_FMT ": %s", desk_act_name(probes[k].act),
                         STR_ARG(role[i].role), err_name(e));
            allowed += may;
            denied += !may;
        }
    }
    printf("%zu allowed, %zu refused\n", allowed, denied);
    assert_true(allowed > 20 && denied > 20);
    world_done(&w);
}

int run_desk_money_role_tests(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_act_with_every_role)};
    return cmocka_run_group_tests_name("desk money roles", tests, NULL, NULL);
}
