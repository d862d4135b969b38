// Shifts handed over, the front page, news, search.
#include "groups.h"
#include "money.h"

#include <pthread.h>

static const MoneyTagged tags[] = {{"r1", 5000}, {NULL, 0}};

static void handed_over_and_signed(void **state) {
    (void)state;
    Money m;
    money_open(&m);
    Ctx *c = &m.w.c;
    AUTO(Buf) out = {0};
    Str id, again;
    money_report(&m, "r1", 5000, "THB", "");
    money_report(&m, "half", 100, "THB", "");
    Str k = money_case(&m, "Ring", "r1");
    (void)money_hold(&m, k, "A", "THB", 5000, tags);
    m.w.now += 65 * HOUR_US; // the hold ends within the next shift
    assert_int_equal(desk_shift_close(c, &m.duty, STR("duty"), (Str){0}, &id), E_INVALID);
    assert_int_equal(desk_shift_close(c, &m.duty, STR("nobody"), (Str){0}, &id), E_NOT_FOUND);
    assert_ok(c, desk_shift_close(c, &m.duty, STR("ann"), STR("quiet"), &id));
    assert_ok(c, desk_shift_get_json(c, &m.ann, id, &out));
    assert_true(money_has(&out, "\"what\":\"open\""));
    assert_true(money_has(&out, "\"what\":\"half\",\"words\":\"half\""));
    assert_true(money_has(&out, "\"next\":\"ann\"") && money_has(&out, "\"signer\":null"));
    buf_clear(&out);
    assert_ok(c, desk_front_json(c, &m.ann, &out));
    assert_true(money_has(&out, "\"kind\":\"shift\""));
    assert_int_equal(desk_shift_sign(c, &m.duty, id, (Str){0}), E_DENIED);
    assert_int_equal(desk_shift_sign(c, &m.bea, id, (Str){0}), E_INVALID);
    assert_ok(c, desk_shift_sign(c, &m.ann, id, (Str){0}));
    assert_int_equal(desk_shift_sign(c, &m.bea, id, STR("ill")), E_STATE);
    buf_clear(&out);
    assert_ok(c, desk_front_json(c, &m.ann, &out));
    assert_false(money_has(&out, "\"kind\":\"shift\""));
    // The next one begins where this one ended; another may sign it with the reason.
    m.w.now += HOUR_US;
    assert_ok(c, desk_shift_close(c, &m.ann, STR("duty"), (Str){0}, &again));
    assert_ok(c, desk_shift_sign(c, &m.bea, again, STR("duty is ill")));
    buf_clear(&out);
    assert_ok(c, desk_shift_list_json(c, &m.ann, (DeskPage){0}, &out));
    assert_true(money_has(&out, "\"note\":\"quiet\""));
    money_done(&m);
}

// What is audited is drawn from what was read and given away, five at most, and never the same by
// design of who works: with another randomness other ones are drawn.
static void audit_is_drawn(void **state) {
    (void)state;
    Money m;
    money_open(&m);
    Ctx *c = &m.w.c;
    AUTO(Buf) out = {0};
    Str id;
    for (int i = 0; i < 12; i++) {
        RecordId some = record_id_new(m.w.now, m.w.env.random);
        assert_ok(c, desk_reads_note(c, &m.ann, &some, 1, "story"));
    }
    assert_ok(c, desk_shift_close(c, &m.duty, STR("ann"), (Str){0}, &id));
    assert_ok(c, desk_shift_json(c, &m.ann, &out));
    size_t count = 0;
    Str rest = buf_view(&out);
    for (size_t at; str_find(rest, STR("\"what\":\"audit\""), &at); count++) {
        rest.p += at + 1;
        rest.n -= at + 1;
    }
    // Once in the list of what this shift audits, once in the unsigned one.
    assert_int_equal(count, 2 * SHIFT_AUDIT_ITEMS);
    assert_true(money_has(&out, "\"kind\":\"read\""));
    assert_true(money_has(&out, "what ann read in 1 record"));
    money_done(&m);
}

static void front_by_role(void **state) {
    (void)state;
    Money m;
    money_open(&m);
    Ctx *c = &m.w.c;
    AUTO(Buf) out = {0};
    Str plan;
    Desk admin;
    money_report(&m, "r1", 5000, "THB", "");
    money_report(&m, "half", 100, "THB", "");
    Str k = money_case(&m, "Ring", "r1");
    RecordId order = money_hold(&m, k, "A", "THB", 5000, tags);
    DeskRefundQuery q = {.case_id = k};
    assert_ok(c, desk_refund_plan(c, &m.ann, &q, STR("by_trace"), &plan));
    assert_ok(c, desk_refund_sign(c, &m.ann, plan));
    assert_ok(c, desk_front_json(c, &m.bea, &out));
    assert_true(money_has(&out, "\"kind\":\"plan\""));
    assert_true(money_has(&out, "\"kind\":\"report\"") && money_has(&out, "\"title\":\"half\""));
    buf_clear(&out);
    assert_ok(c, desk_front_json(c, &m.ann, &out)); // signed it already
    assert_false(money_has(&out, "\"kind\":\"plan\""));
    buf_clear(&out);
    assert_ok(c, desk_front_json(c, &m.duty, &out));
    assert_false(money_has(&out, "\"kind\":\"plan\""));
    money_act(&m, order, (OrderEvent){.act = ORDER_APPEAL, .party = ORDER_HOLDER});
    buf_clear(&out);
    assert_ok(c, desk_front_json(c, &m.bea, &out));
    assert_false(money_has(&out, "\"kind\":\"plan\"")); // void: the holder contests
    assert_true(money_has(&out, "\"what\":\"review\""));
    buf_clear(&out);
    assert_ok(c, desk_as(c, m.w.node, STR("admin"), &admin));
    assert_ok(c, desk_front_json(c, &admin, &out));
    assert_true(money_has(&out, "\"items\":[]"));
    money_done(&m);
}

typedef struct Waiter {
    DeskNode *node;
    uint64_t seen, got;
} Waiter;

static void *wait_for_news(void *arg) {
    Waiter *w = arg;
    w->got = desk_news_wait(w->node, w->seen, 10000);
    return NULL;
}

static void news_and_search(void **state) {
    (void)state;
    Money m;
    money_open(&m);
    Ctx *c = &m.w.c;
    AUTO(Buf) out = {0};
    const DeskNews *items;
    size_t n;
    Str place, next;
    assert_ok(c, desk_news(c, &m.ann, (Str){0}, 10, &items, &n, &place));
    assert_int_equal(n, 0);
    Waiter waiter = {m.w.node, desk_news_count(m.w.node), 0};
    assert_true(desk_news_wait(m.w.node, waiter.seen, 1) == waiter.seen); // nothing comes
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, wait_for_news, &waiter), 0);
    money_report(&m, "R-77", 5000, "THB", "");
    pthread_join(thread, NULL);
    assert_true(waiter.got > waiter.seen);
    assert_ok(c, desk_news(c, &m.ann, place, 10, &items, &n, &next));
    assert_true(n >= 1 && str_eq_c(items[0].kind, "report"));
    // Resumed behind the first, it is not seen again; another user cannot use the place.
    Str after = items[0].place;
    size_t first = n;
    assert_ok(c, desk_news(c, &m.ann, after, 10, &items, &n, &next));
    assert_int_equal(n, first - 1);
    assert_int_equal(desk_news(c, &m.bea, after, 10, &items, &n, &next), E_INVALID);
    assert_ok(c, desk_search_json(c, &m.ann, STR("R-7"), &out));
    assert_true(money_has(&out, "\"words\":\"R-77\""));
    assert_int_equal(desk_search_json(c, &m.ann, STR(" "), &out), E_INVALID);
    money_done(&m);
}

int run_desk_shift_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handed_over_and_signed),
        cmocka_unit_test(audit_is_drawn),
        cmocka_unit_test(front_by_role),
        cmocka_unit_test(news_and_search),
    };
    return cmocka_run_group_tests_name("desk shift", tests, NULL, NULL);
}
