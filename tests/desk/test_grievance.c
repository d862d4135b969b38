// Grievances: contested by code, by an officer; what holders and victims see.
#include "groups.h"
#include "money.h"

static const MoneyTagged tags[] = {{"r1", 5000}, {NULL, 0}};

typedef struct Held {
    Money m;
    Str k;
    RecordId order;
    char code[DESK_CODE_TEXT_BYTES];
} Held;

static void held_open(Held *h) {
    money_open(&h->m);
    money_report(&h->m, "r1", 9000, "THB", "");
    h->k = money_case(&h->m, "Ring", "r1");
    h->order = money_hold(&h->m, h->k, "0011223344", "THB", 5000, tags);
    assert_ok(&h->m.w.c, desk_code_of(&h->m.w.c, h->m.w.node, 'h', h->order, h->code));
}

static void holder_sees_little(void **state) {
    (void)state;
    Held h;
    held_open(&h);
    Ctx *c = &h.m.w.c;
    DeskHolderView v;
    assert_ok(c, desk_holder_view(c, h.m.w.node, str_of(h.code), &v));
    assert_true(str_eq_c(v.stage, "held") && str_eq_c(v.appeal, "none") && v.may_contest);
    assert_true(str_eq_c(v.account_tail, "344") && v.institution.n > 0 && v.ends_at > 0);
    assert_int_equal(desk_holder_view(c, h.m.w.node, STR("00000000000000000000000000"), &v),
                     E_NOT_FOUND);
    char victim[DESK_CODE_TEXT_BYTES];
    DeskReport r;
    Str stage;
    assert_ok(c, desk_report_get(c, &h.m.ann, STR("r1"), &r));
    assert_ok(c, desk_code_of(c, h.m.w.node, 'r', money_id(r.record), victim));
    // A victim's code opens no holder's page, nor the other way round.
    assert_int_equal(desk_holder_view(c, h.m.w.node, str_of(victim), &v), E_NOT_FOUND);
    assert_int_equal(desk_victim_stage(c, h.m.w.node, str_of(h.code), &stage), E_NOT_FOUND);
    h.m.w.now += 100 * HOUR_US;
    assert_ok(c, desk_holder_view(c, h.m.w.node, str_of(h.code), &v));
    assert_true(str_eq_c(v.stage, "lapsed"));
    money_done(&h.m);
}

static void contested_by_code(void **state) {
    (void)state;
    Held h;
    held_open(&h);
    Ctx *c = &h.m.w.c;
    DeskHolderView v;
    DeskGrievanceList list;
    DeskUpload file = {STR("../../etc/wage slip.pdf"), STR("application/pdf"), STR("%PDF-1.4 me")};
    DeskUpload script = {STR("a.html"), STR("text/html"), STR("<script>")};
    DeskNode *n = h.m.w.node;
    assert_int_equal(desk_holder_contest(c, n, str_of(h.code), STR(" "), STR(""), NULL, 0),
                     E_INVALID);
    assert_int_equal(desk_holder_contest(c, n, str_of(h.code), STR("x"), STR(""), &script, 1),
                     E_INVALID);
    assert_ok(c, desk_holder_contest(c, n, str_of(h.code), STR("This is my wage."), STR("a@b.c"),
                                     &file, 1));
    assert_ok(c, desk_holder_view(c, n, str_of(h.code), &v));
    assert_true(str_eq_c(v.appeal, "appealed"));
    assert_ok(c, desk_grievance_list(c, &h.m.ann, true, (DeskPage){0}, &list));
    assert_int_equal(list.count, 1);
    assert_true(str_eq_c(list.items[0].stage, "received") && !list.items[0].overdue);
    DeskGrievance g;
    assert_ok(c, desk_grievance_get(c, &h.m.ann, list.items[0].id, &g));
    assert_true(str_eq_c(g.text, "This is my wage.") && str_eq_c(g.contact, "a@b.c"));
    assert_int_equal(g.file_count, 1);
    assert_true(str_eq_c(g.files[0].name, "wage slip.pdf"));
    AUTO(Buf) json = {0};
    assert_ok(c, desk_grievance_json(c, &h.m.ann, &g, &json));
    assert_true(money_has(&json, "\"text\":\"This is my wage.\""));
    // A day later it is overdue, and an analyst never sees it.
    h.m.w.now += 24 * HOUR_US + 60000000;
    assert_ok(c, desk_grievance_list(c, &h.m.ann, true, (DeskPage){0}, &list));
    assert_true(list.items[0].overdue);
    money_done(&h.m);
}

static void by_an_officer(void **state) {
    (void)state;
    Held h;
    held_open(&h);
    Ctx *c = &h.m.w.c;
    DeskGrievance g;
    DeskOrder o;
    Str id;
    assert_ok(c, desk_id_text(c, h.order, &id));
    assert_ok(c, desk_grievance_add(c, &h.m.duty, id, STR("I sold a car"), (Str){0}, NULL, 0, &g));
    assert_ok(c, desk_order_get(c, &h.m.ann, id, &o));
    assert_int_equal(o.view.appeal, ORDER_APPEALED);
    money_done(&h.m);
}

static void nothing_left_to_contest(void **state) {
    (void)state;
    Held h;
    held_open(&h);
    Ctx *c = &h.m.w.c;
    DeskGrievance g;
    Str id;
    assert_ok(c, desk_id_text(c, h.order, &id));
    // The court has seized it, and hears the holder itself.
    money_act(&h.m, h.order, (OrderEvent){.act = ORDER_SUPERSEDE, .party = ORDER_COURT});
    assert_int_not_equal(desk_grievance_add(c, &h.m.duty, id, STR("again"), (Str){0}, NULL, 0, &g),
                         OK);
    assert_int_equal(
        desk_holder_contest(c, h.m.w.node, str_of(h.code), STR("again"), (Str){0}, NULL, 0),
        E_STATE);
    money_done(&h.m);
}

static void not_without_end(void **state) {
    (void)state;
    Held h;
    held_open(&h);
    Ctx *c = &h.m.w.c;
    Err e = OK;
    int taken = 0;
    while (e == OK && taken <= GRIEVANCE_OF_ORDER_MAX) {
        e = desk_holder_contest(c, h.m.w.node, str_of(h.code), STR("mine"), (Str){0}, NULL, 0);
        taken += e == OK;
    }
    assert_int_equal(e, E_LIMIT);
    assert_int_equal(taken, GRIEVANCE_OF_ORDER_MAX);
    money_done(&h.m);
}

static void stage_is(Held *h, const char *code, const char *stage) {
    Str got;
    assert_ok(&h->m.w.c, desk_victim_stage(&h->m.w.c, h->m.w.node, str_of(code), &got));
    assert_string_equal(got.p, stage);
}

static void victims_stages(void **state) {
    (void)state;
    Held h;
    money_open(&h.m);
    Ctx *c = &h.m.w.c;
    char code[DESK_CODE_TEXT_BYTES];
    DeskReport r;
    money_report(&h.m, "r1", 5000, "THB", "");
    assert_ok(c, desk_report_get(c, &h.m.ann, STR("r1"), &r));
    assert_ok(c, desk_code_of(c, h.m.w.node, 'r', money_id(r.record), code));
    stage_is(&h, code, "received");
    h.k = money_case(&h.m, "Ring", "r1");
    stage_is(&h, code, "looked_at");
    h.order = money_hold(&h.m, h.k, "A", "THB", 5000, tags);
    stage_is(&h, code, "held");
    DeskRefundQuery q = {.case_id = h.k};
    Str plan;
    assert_ok(c, desk_refund_plan(c, &h.m.ann, &q, STR("by_trace"), &plan));
    stage_is(&h, code, "held");
    assert_ok(c, desk_refund_sign(c, &h.m.ann, plan));
    assert_ok(c, desk_refund_sign(c, &h.m.bea, plan));
    stage_is(&h, code, "sharing");
    DeskPaidDraft draft = {STR("r1"), STR("A"), STR("THB"), STR("50.00"), STR("B1")};
    assert_ok(c, desk_refund_paid(c, &h.m.ann, plan, &draft));
    stage_is(&h, code, "paid");
    money_done(&h.m);
}

int run_desk_grievance_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holder_sees_little), cmocka_unit_test(contested_by_code),
        cmocka_unit_test(by_an_officer),      cmocka_unit_test(nothing_left_to_contest),
        cmocka_unit_test(not_without_end),    cmocka_unit_test(victims_stages),
    };
    return cmocka_run_group_tests_name("desk grievance", tests, NULL, NULL);
}
