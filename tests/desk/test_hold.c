// Legal hold: nothing is erased on which an order, a plan, a grievance or a request still rests.
#include "duo.h"
#include "groups.h"
#include "money.h"

static const MoneyTagged tags_a[] = {{"r1", 6000}, {"r2", 4000}, {NULL, 0}};
static const MoneyTagged tags_b[] = {{"r2", 9001}, {NULL, 0}};

static Str report_id(Money *m, const char *name) {
    DeskReport r;
    Str id;
    assert_ok(&m->w.c, desk_report_get(&m->w.c, &m->ann, str_of(name), &r));
    assert_ok(&m->w.c, str_copy(&m->w.c, r.record, &id));
    return id;
}

static Str order_id(Money *m, RecordId id) {
    Str text;
    assert_ok(&m->w.c, desk_id_text(&m->w.c, id, &text));
    return text;
}

// Refused, and the words say what rests on it and what to do.
static void held(Money *m, Str record, const char *what, const char *then) {
    DeskRecord r;
    size_t at;
    assert_int_equal(desk_erase(&m->w.c, &m->ann, record, STR("asked"), &r), E_STATE);
    Str words = str_of(m->w.c.error);
    if (!str_find(words, STR("legal hold"), &at) || !str_find(words, str_of(what), &at) ||
        !str_find(words, str_of(then), &at))
        fail_msg("%s", m->w.c.error);
}

static void goes(Money *m, Str record) {
    DeskRecord r;
    assert_ok(&m->w.c, desk_erase(&m->w.c, &m->ann, record, STR("asked"), &r));
}

static void test_a_live_order_holds(void **state) {
    (void)state;
    Money m;
    money_open(&m);
    Ctx *c = &m.w.c;
    money_report(&m, "r1", 10000, "THB", "");
    money_report(&m, "r2", 15000, "THB", "");
    money_report(&m, "r3", 5000, "THB", "");
    Str k = money_case(&m, "Ring", "r1,r2,r3");
    RecordId order = money_hold(&m, k, "A", "THB", 10000, tags_a);
    Str r1 = report_id(&m, "r1"), o = order_id(&m, order);
    RecordId about = money_id(r1);
    DeskAttachment a;
    assert_ok(c, desk_attachment_put(c, &m.ann, STR("slip"), STR("text/plain"), STR("zqslip"),
                                     &about, 1, &a));
    Str slip;
    assert_ok(c, str_copy(c, a.id, &slip));
    held(&m, r1, "order O-", "Withdraw, release or settle it first");
    held(&m, slip, "order O-", "Withdraw");
    held(&m, k, "order O-", "Withdraw");
    held(&m, o, "order O-", "Withdraw");
    goes(&m, report_id(&m, "r3")); // no order rests on it
    money_act(&m, order, (OrderEvent){.act = ORDER_RELEASE, .party = ORDER_ISSUER});
    held(&m, r1, "order O-", "addressee confirm that it is undone");
    money_act(&m, order, (OrderEvent){.act = ORDER_UNDONE, .party = ORDER_ADDRESSEE});
    goes(&m, r1);
    goes(&m, slip);
    goes(&m, k);
    money_done(&m);
}

static void test_an_open_grievance_holds(void **state) {
    (void)state;
    Money m;
    money_open(&m);
    Ctx *c = &m.w.c;
    money_report(&m, "r1", 10000, "THB", "");
    money_report(&m, "r2", 10000, "THB", "");
    Str k = money_case(&m, "Ring", "r1,r2");
    RecordId order = money_hold(&m, k, "A", "THB", 10000, tags_a);
    DeskGrievance g;
    Str grievance;
    assert_ok(c, desk_grievance_add(c, &m.duty, order_id(&m, order), STR("I sold a car"), (Str){0},
                                    NULL, 0, &g));
    assert_ok(c, str_copy(c, g.id, &grievance));
    held(&m, report_id(&m, "r1"), "under appeal", "Decide the appeal first");
    held(&m, grievance, "the grievance against order O-", "Decide it first");
    money_done(&m);
}

static void pay(Money *m, Str plan, const char *report, const char *account, const char *amount) {
    DeskPaidDraft draft = {str_of(report), str_of(account), STR("THB"), str_of(amount),
                           str_of(amount)};
    assert_ok(&m->w.c, desk_refund_paid(&m->w.c, &m->ann, plan, &draft));
}

static void test_an_unpaid_plan_holds(void **state) {
    (void)state;
    Money m;
    money_open(&m);
    Ctx *c = &m.w.c;
    money_report(&m, "r1", 10000, "THB", "");
    money_report(&m, "r2", 15000, "THB", "");
    Str k = money_case(&m, "Ring", "r1,r2"), plan, r1;
    RecordId a = money_hold(&m, k, "A", "THB", 10000, tags_a);
    RecordId b = money_hold(&m, k, "B", "THB", 9001, tags_b);
    DeskRefundQuery q = {.case_id = k};
    assert_ok(c, desk_refund_plan(c, &m.ann, &q, STR("by_trace"), &plan));
    assert_ok(c, desk_refund_sign(c, &m.ann, plan));
    assert_ok(c, desk_refund_sign(c, &m.bea, plan));
    pay(&m, plan, "r1", "TH/004/A", "60.00");
    pay(&m, plan, "r2", "TH/004/A", "40.00");
    money_act(&m, a, (OrderEvent){.act = ORDER_SETTLE, .party = ORDER_ISSUER});
    r1 = report_id(&m, "r1");
    held(&m, r1, "refund plan", "Pay it first");
    held(&m, plan, "refund plan", "Pay it first");
    pay(&m, plan, "r2", "TH/004/B", "90.01");
    money_act(&m, b, (OrderEvent){.act = ORDER_SETTLE, .party = ORDER_ISSUER});
    goes(&m, r1);
    money_done(&m);
}

// Asked for by another agency, and not answered.
static void test_an_open_request_holds(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open(&d);
    Ctx *c = &d.c;
    Str report = duo_report(&d, &d.th, "R1", ""), th = STR("th");
    duo_share(&d, &d.th, report, (DeskShareDraft){0});
    duo_carry(&d);
    DeskNoticeDraft ask = {.act = STR("request"),
                           .to = &th,
                           .to_count = 1,
                           .title = STR("More of this"),
                           .text = STR("please"),
                           .contact = STR("desk 4"),
                           .records = &report,
                           .record_count = 1};
    assert_ok(c, desk_notice_new(c, &d.mm.w.desk, &ask, &json));
    Str id = duo_str(duo_read(&d, &json), "id");
    duo_carry(&d);
    DeskRecord r;
    size_t at;
    assert_int_equal(desk_erase(c, &d.th.w.desk, report, STR("asked"), &r), E_STATE);
    assert_true(str_find(str_of(c->error), STR("the request \"More of this\""), &at));
    DeskNoticeActDraft refuse = {.act = STR("refuse"), .note = STR("not ours to tell")};
    buf_clear(&json);
    assert_ok(c, desk_notice_act(c, &d.th.w.desk, id, &refuse, &json));
    // What they hold in their own hands does not keep ours: it goes there, too.
    assert_ok(c, desk_erase(c, &d.th.w.desk, report, STR("asked"), &r));
    duo_carry(&d);
    assert_false(duo_sees(&d, &d.mm, report));
    duo_done(&d);
}

int run_desk_hold_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_live_order_holds),
        cmocka_unit_test(test_an_open_grievance_holds),
        cmocka_unit_test(test_an_unpaid_plan_holds),
        cmocka_unit_test(test_an_open_request_holds),
    };
    return cmocka_run_group_tests_name("desk: legal hold", tests, NULL, NULL);
}
