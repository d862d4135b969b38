// Stories of single orders: what counted, what state came of it, what is due.
#include "test_order.h"

#define T0 1776000000000000LL // 2026-04-12T13:20:00Z
#define H(n) (T0 + (n)*HOUR)
#define EVENTS_MAX 16

typedef struct Story {
    OrderFacts facts;
    OrderEvent events[EVENTS_MAX];
    OrderEffect effects[EVENTS_MAX];
    size_t n;
    OrderView v;
} Story;

static Story story(OrderClockFrom clock_from) {
    return (Story){.facts = {.hold = true,
                             .amount = 1000,
                             .clock_from = clock_from,
                             .answer_hours = 24,
                             .made_at = T0}};
}

static OrderEvent *add(Story *s, OrderAct act, OrderOutcome outcome, OrderParty party, int64_t at) {
    assert_true(s->n < EVENTS_MAX);
    OrderEvent *e = &s->events[s->n++];
    *e = (OrderEvent){.act = act,
                      .outcome = outcome,
                      .party = party,
                      .officer = {1},
                      .at = at,
                      .happened_at = at,
                      .persons = 1};
    return e;
}

static void ends(OrderEvent *e, int64_t at) {
    e->has_ends_at = true;
    e->ends_at = at;
}

static void sum(OrderEvent *e, int64_t amount) {
    e->has_amount = true;
    e->amount = amount;
}

static void names(OrderEvent *e, size_t target) {
    e->has_target = true;
    e->target = target;
}

// Folds and compares the effects with words such as "counted waits".
static void folds(Story *s, const char *effects) {
    AUTO(Ctx) c = {0};
    AUTO(Buf) b = {0};
    ctx_init(&c);
    assert_ok(&c, order_fold(&c, &s->facts, s->events, s->n, s->effects, &s->v));
    for (size_t i = 0; i < s->n; i++) {
        buf_text(&b, i ? " " : "");
        buf_text(&b, order_effect_name(s->effects[i]));
    }
    buf_char(&b, 0);
    assert_string_equal(b.p, effects);
}

static Story executed(void) {
    Story s = story(ORDER_FROM_ISSUED);
    ends(add(&s, ORDER_ISSUE, ORDER_NO_OUTCOME, ORDER_ISSUER, T0), H(72));
    add(&s, ORDER_RECEIVE, ORDER_NO_OUTCOME, ORDER_ADDRESSEE, H(1));
    add(&s, ORDER_ANSWER, ORDER_DID_EXECUTE, ORDER_ADDRESSEE, H(2));
    return s;
}

static void test_life(void **state) {
    (void)state;
    Story s = executed();
    folds(&s, "counted counted counted");
    assert_int_equal(s.v.state, ORDER_EXECUTED);
    assert_int_equal(s.v.held, 1000);
    OrderNow now = order_now(&s.facts, &s.v, H(3));
    assert_true(now.alive && !now.ends_soon && !now.unanswered);
    assert_string_equal(now.due, "end");
    now = order_now(&s.facts, &s.v, H(60));
    assert_true(now.ends_soon);
    now = order_now(&s.facts, &s.v, H(72) - 1);
    assert_int_equal(now.state, ORDER_EXECUTED);
    now = order_now(&s.facts, &s.v, H(72));
    assert_int_equal(now.state, ORDER_LAPSED);
    assert_true(!now.alive && now.not_confirmed && !now.overdue);
    assert_string_equal(now.due, "undone");
    assert_int_equal(now.due_at, H(96));
    assert_true(order_now(&s.facts, &s.v, H(96)).overdue);
    add(&s, ORDER_RELEASE, ORDER_NO_OUTCOME, ORDER_ISSUER, H(73));
    add(&s, ORDER_UNDONE, ORDER_NO_OUTCOME, ORDER_ADDRESSEE, H(80));
    add(&s, ORDER_UNDONE, ORDER_NO_OUTCOME, ORDER_ADDRESSEE, H(81));
    folds(&s, "counted counted counted too_late counted too_late");
    assert_int_equal(s.v.held, 0);
    now = order_now(&s.facts, &s.v, H(200));
    assert_true(now.state == ORDER_LAPSED && !now.not_confirmed && !now.has_due);
}

static void test_void_and_told_late(void **state) {
    (void)state;
    Story s = story(ORDER_FROM_EXECUTED);
    add(&s, ORDER_ISSUE, ORDER_NO_OUTCOME, ORDER_ISSUER, T0);
    folds(&s, "counted");
    assert_int_equal(order_now(&s.facts, &s.v, H(72) - 1).state, ORDER_ISSUED);
    assert_int_equal(order_now(&s.facts, &s.v, H(72)).state, ORDER_VOID);
    // Executed in time and told late: the end counts from then.
    OrderEvent *e = add(&s, ORDER_ANSWER, ORDER_DID_EXECUTE, ORDER_ADDRESSEE, H(80));
    e->happened_at = H(71);
    folds(&s, "counted no_end");
    ends(e, H(71 + 48));
    folds(&s, "counted counted");
    assert_int_equal(order_now(&s.facts, &s.v, H(81)).state, ORDER_EXECUTED);
    // Executed late: no order was there to execute.
    e->happened_at = H(72);
    folds(&s, "counted too_late");
    assert_int_equal(order_now(&s.facts, &s.v, H(81)).state, ORDER_VOID);
}

static void test_two_officers(void **state) {
    (void)state;
    Story s = story(ORDER_FROM_ISSUED);
    add(&s, ORDER_ISSUE, ORDER_NO_OUTCOME, ORDER_ISSUER, T0)->persons = 2;
    OrderEvent *same = add(&s, ORDER_SECOND, ORDER_NO_OUTCOME, ORDER_ISSUER, H(1));
    names(same, 0);
    ends(same, H(72));
    OrderEvent *none = add(&s, ORDER_SECOND, ORDER_NO_OUTCOME, ORDER_ISSUER, H(1));
    names(none, 0);
    none->officer[0] = 2;
    folds(&s, "waits same_officer no_end");
    assert_true(s.v.waits_second && s.v.waiting == 0);
    assert_string_equal(order_now(&s.facts, &s.v, H(2)).due, "second");
    OrderEvent *other = add(&s, ORDER_SECOND, ORDER_NO_OUTCOME, ORDER_ISSUER, H(2));
    names(other, 0);
    ends(other, H(74));
    other->officer[0] = 2;
    folds(&s, "counted same_officer no_end counted");
    assert_int_equal(s.v.issued_at, H(2));
    assert_int_equal(s.v.ends_at, H(74));
    // Neither of the two may review, nor the machine.
    add(&s, ORDER_APPEAL, ORDER_NO_OUTCOME, ORDER_HOLDER, H(3));
    add(&s, ORDER_REVIEW, ORDER_UPHELD, ORDER_ISSUER, H(4));
    add(&s, ORDER_REVIEW, ORDER_UPHELD, ORDER_ISSUER, H(4))->officer[0] = 2;
    add(&s, ORDER_REVIEW, ORDER_UPHELD, ORDER_ISSUER, H(4))->officer[0] = 0;
    add(&s, ORDER_REVIEW, ORDER_UPHELD, ORDER_ISSUER, H(4))->officer[0] = 3;
    folds(&s, "counted same_officer no_end counted counted same_officer same_officer "
              "same_officer counted");
    assert_int_equal(s.v.appeal, ORDER_IS_UPHELD);
}

// What the addressee says by two keeps its moment, and is for its own officers to sign.
static void test_addressee_of_two(void **state) {
    (void)state;
    Story s = story(ORDER_FROM_RECEIVED);
    add(&s, ORDER_ISSUE, ORDER_NO_OUTCOME, ORDER_ISSUER, T0);
    OrderEvent *got = add(&s, ORDER_RECEIVE, ORDER_NO_OUTCOME, ORDER_ADDRESSEE, H(2));
    got->persons = 2;
    got->happened_at = H(1);
    ends(got, H(73));
    OrderEvent *theirs = add(&s, ORDER_SECOND, ORDER_NO_OUTCOME, ORDER_ISSUER, H(3));
    names(theirs, 1);
    theirs->officer[0] = 2;
    folds(&s, "counted waits not_allowed");
    assert_int_equal(s.v.waits_second, ORDER_ADDRESSEE);
    assert_string_equal(order_now(&s.facts, &s.v, H(4)).due, "second");
    OrderEvent *same = add(&s, ORDER_SECOND, ORDER_NO_OUTCOME, ORDER_ADDRESSEE, H(4));
    names(same, 1);
    OrderEvent *other = add(&s, ORDER_SECOND, ORDER_NO_OUTCOME, ORDER_ADDRESSEE, H(5));
    names(other, 1);
    other->officer[0] = 2;
    folds(&s, "counted counted not_allowed same_officer counted");
    assert_int_equal(s.v.received_at, H(1));
    assert_int_equal(s.v.ends_at, H(73));
    // Said in time, signed after the end: it had happened.
    s = executed();
    OrderEvent *part = add(&s, ORDER_ANSWER, ORDER_DID_PARTLY, ORDER_ADDRESSEE, H(71));
    part->persons = 2;
    sum(part, 400);
    other = add(&s, ORDER_SECOND, ORDER_NO_OUTCOME, ORDER_ADDRESSEE, H(80));
    names(other, 3);
    other->officer[0] = 2;
    folds(&s, "counted counted counted counted counted");
    assert_int_equal(s.v.held, 400);
    // So it is with what is undone.
    OrderEvent *undone = add(&s, ORDER_UNDONE, ORDER_NO_OUTCOME, ORDER_ADDRESSEE, H(81));
    undone->persons = 2;
    folds(&s, "counted counted counted counted counted waits");
    assert_int_equal(order_now(&s.facts, &s.v, H(82)).state, ORDER_LAPSED);
    assert_true(order_now(&s.facts, &s.v, H(82)).not_confirmed);
    other = add(&s, ORDER_SECOND, ORDER_NO_OUTCOME, ORDER_ADDRESSEE, H(83));
    names(other, 5);
    other->officer[0] = 3;
    folds(&s, "counted counted counted counted counted counted counted");
    assert_false(order_now(&s.facts, &s.v, H(84)).not_confirmed);
}

static void test_extension(void **state) {
    (void)state;
    Story s = executed();
    ends(add(&s, ORDER_EXTEND, ORDER_NO_OUTCOME, ORDER_ISSUER, H(70)), H(240));
    folds(&s, "counted counted counted waits");
    assert_int_equal(s.v.ends_at, H(72));
    assert_string_equal(order_now(&s.facts, &s.v, H(71)).due, "receipt");
    OrderEvent *got = add(&s, ORDER_RECEIVE, ORDER_NO_OUTCOME, ORDER_ADDRESSEE, H(90));
    names(got, 3);
    got->happened_at = H(72);
    folds(&s, "counted counted counted waits too_late");
    got->happened_at = H(72) - 1;
    folds(&s, "counted counted counted counted counted");
    assert_int_equal(s.v.ends_at, H(240));
    assert_int_equal(s.v.extensions, 1);
    ends(add(&s, ORDER_EXTEND, ORDER_NO_OUTCOME, ORDER_ISSUER, H(91)), H(240));
    folds(&s, "counted counted counted counted counted no_end");
}

static void test_amounts(void **state) {
    (void)state;
    Story s = executed();
    sum(&s.events[2], 999);
    folds(&s, "counted counted over_amount");
    s.events[2].outcome = ORDER_DID_PARTLY;
    sum(add(&s, ORDER_ANSWER, ORDER_DID_PARTLY, ORDER_ADDRESSEE, H(3)), 600);
    sum(add(&s, ORDER_REDUCE, ORDER_NO_OUTCOME, ORDER_ISSUER, H(4)), 600);
    sum(add(&s, ORDER_REDUCE, ORDER_NO_OUTCOME, ORDER_ISSUER, H(4)), 250);
    folds(&s, "counted counted counted counted over_amount counted");
    assert_int_equal(s.v.executed, 600);
    assert_int_equal(s.v.held, 250);
    assert_int_equal(s.v.asked, 250);
    OrderNow now = order_now(&s.facts, &s.v, H(5));
    assert_true(now.not_confirmed && !now.overdue);
    assert_string_equal(now.due, "receipt");
    assert_true(order_now(&s.facts, &s.v, H(28)).overdue);
    // A correction of what had happened before the reduction is measured by what was asked then.
    OrderEvent *e = add(&s, ORDER_ANSWER, ORDER_DID_EXECUTE, ORDER_ADDRESSEE, H(6));
    e->happened_at = H(3);
    folds(&s, "counted counted counted counted over_amount counted counted");
    assert_int_equal(s.v.executed, 1000);
    assert_int_equal(s.v.held, 250);
    names(add(&s, ORDER_RECEIVE, ORDER_NO_OUTCOME, ORDER_ADDRESSEE, H(7)), 5);
    folds(&s, "counted counted counted counted over_amount counted counted counted");
    assert_false(order_now(&s.facts, &s.v, H(8)).not_confirmed);
}

static void test_crossed(void **state) {
    (void)state;
    Story s = story(ORDER_FROM_ISSUED);
    ends(add(&s, ORDER_ISSUE, ORDER_NO_OUTCOME, ORDER_ISSUER, T0), H(72));
    add(&s, ORDER_WITHDRAW, ORDER_NO_OUTCOME, ORDER_ISSUER, H(2));
    folds(&s, "counted counted");
    assert_false(order_now(&s.facts, &s.v, H(3)).not_confirmed);
    OrderEvent *e = add(&s, ORDER_ANSWER, ORDER_DID_EXECUTE, ORDER_ADDRESSEE, H(3));
    e->happened_at = H(2);
    folds(&s, "counted counted too_late");
    e->happened_at = H(1);
    folds(&s, "counted counted counted");
    assert_int_equal(s.v.state, ORDER_WITHDRAWN);
    assert_int_equal(s.v.held, 1000);
    assert_true(order_now(&s.facts, &s.v, H(3)).not_confirmed);
}

static void test_review(void **state) {
    (void)state;
    Story s = executed();
    add(&s, ORDER_APPEAL, ORDER_NO_OUTCOME, ORDER_HOLDER, H(10));
    add(&s, ORDER_APPEAL, ORDER_NO_OUTCOME, ORDER_HOLDER, H(20));
    folds(&s, "counted counted counted counted counted");
    assert_int_equal(s.v.appealed_at, H(10));
    OrderNow now = order_now(&s.facts, &s.v, H(34));
    assert_true(now.review_overdue);
    assert_string_equal(now.due, "review");
    OrderEvent *e = add(&s, ORDER_REVIEW, ORDER_REDUCED, ORDER_ISSUER, H(21));
    e->officer[0] = 9;
    sum(e, 400);
    add(&s, ORDER_APPEAL, ORDER_NO_OUTCOME, ORDER_HOLDER, H(30));
    add(&s, ORDER_REVIEW, ORDER_OVERTURNED, ORDER_ISSUER, H(31))->officer[0] = 9;
    add(&s, ORDER_APPEAL, ORDER_NO_OUTCOME, ORDER_HOLDER, H(32));
    folds(&s, "counted counted counted counted counted counted counted counted too_late");
    assert_int_equal(s.v.state, ORDER_RELEASED);
    assert_int_equal(s.v.appeal, ORDER_IS_OVERTURNED);
    assert_int_equal(s.v.held, 400);
    assert_true(order_now(&s.facts, &s.v, H(32)).not_confirmed);
}

static void test_request(void **state) {
    (void)state;
    Story s = story(ORDER_FROM_ISSUED);
    s.facts.request = true;
    add(&s, ORDER_ISSUE, ORDER_NO_OUTCOME, ORDER_ISSUER, T0);
    add(&s, ORDER_ANSWER, ORDER_DID_EXECUTE, ORDER_ADDRESSEE, H(1));
    folds(&s, "counted not_allowed");
    OrderNow now = order_now(&s.facts, &s.v, H(1000));
    assert_true(now.state == ORDER_ISSUED && !now.alive && now.unanswered);
    add(&s, ORDER_ADOPT, ORDER_NO_OUTCOME, ORDER_ADDRESSEE, H(1001));
    folds(&s, "counted not_allowed counted");
    assert_int_equal(s.v.state, ORDER_ADOPTED);
}

static void test_words(void **state) {
    (void)state;
    AUTO(Ctx) c = {0};
    ctx_init(&c);
    Story s = executed();
    OrderEffect effect = ORDER_COUNTED;
    folds(&s, "counted counted counted");
    OrderChoice release = {ORDER_RELEASE, ORDER_NO_OUTCOME};
    assert_int_equal(order_check(&c, &s.facts, &s.v, H(3), release, ORDER_ISSUER), OK);
    assert_int_equal(order_check(&c, &s.facts, &s.v, H(3), release, ORDER_HOLDER), E_DENIED);
    assert_non_null(strstr(c.error, "\"release\" is for the issuer or court to do"));
    assert_int_equal(order_check(&c, &s.facts, &s.v, H(72), release, ORDER_ISSUER), E_STATE);
    assert_string_equal(c.error,
                        "the order is lapsed since 2026-04-15T13:20:00Z: \"release\" cannot be "
                        "done; what may still be done: answer executed (addressee), answer partly "
                        "(addressee), answer refused (addressee), complaint (issuer), undone "
                        "(addressee), appeal (holder), attempt (issuer)");
    OrderEvent next = {.act = ORDER_ANSWER,
                       .outcome = ORDER_DID_EXECUTE,
                       .party = ORDER_ADDRESSEE,
                       .at = H(73),
                       .happened_at = H(73)};
    assert_int_equal(order_try(&c, &s.facts, s.events, s.n, &next, &effect), E_STATE);
    assert_non_null(strstr(c.error, "what happens at or after the end has no effect"));
    next.happened_at = H(71);
    assert_ok(&c, order_try(&c, &s.facts, s.events, s.n, &next, &effect));
    assert_int_equal(effect, ORDER_COUNTED);
    sum(&next, 1001);
    assert_int_equal(order_try(&c, &s.facts, s.events, s.n, &next, &effect), E_INVALID);
}

// Whichever allocation fails, the words of it come back and nothing else has happened.
static void test_no_memory(void **state) {
    (void)state;
    Story s = executed();
    OrderEvent next = s.events[2];
    size_t failed = 0;
    next.party = ORDER_HOLDER;
    for (uint64_t nth = 1; nth < 20; nth++) {
        AUTO(Ctx) c = {0};
        OrderEffect effect = ORDER_WAITS;
        ctx_init(&c);
        fault_plan_set((FaultPlan){.alloc_nth = nth, .once = true});
        Err e = order_try(&c, &s.facts, s.events, 2, &next, &effect);
        fault_plan_set((FaultPlan){0});
        failed += e == E_MEMORY || e == E_LIMIT;
        assert_true(e != OK && effect == ORDER_WAITS);
        if (e == E_DENIED)
            break;
    }
    assert_true(failed > 0);
}

// Every word is found again, and no other.
static void test_names(void **state) {
    (void)state;
    for (unsigned i = 0; i < ORDER_STATES; i++) {
        OrderState s = ORDER_VOID;
        assert_true(order_state_find(str_of(order_state_name((OrderState)i)), &s));
        assert_int_equal(s, i);
    }
    for (unsigned i = 0; i < ORDER_ACTS; i++) {
        OrderAct a = ORDER_SECOND;
        assert_true(order_act_find(str_of(order_act_name((OrderAct)i)), &a));
        assert_int_equal(a, i);
    }
    for (unsigned i = 0; i < ORDER_OUTCOMES; i++) {
        OrderOutcome o = ORDER_OVERTURNED;
        assert_true(order_outcome_find(str_of(order_outcome_name((OrderOutcome)i)), &o));
        assert_int_equal(o, i);
    }
    OrderAct a = ORDER_ISSUE;
    assert_false(order_act_find(STR("Issue"), &a));
}

const struct CMUnitTest order_fold_tests[] = {
    cmocka_unit_test(test_life),         cmocka_unit_test(test_void_and_told_late),
    cmocka_unit_test(test_two_officers), cmocka_unit_test(test_addressee_of_two),
    cmocka_unit_test(test_extension),    cmocka_unit_test(test_amounts),
    cmocka_unit_test(test_crossed),      cmocka_unit_test(test_review),
    cmocka_unit_test(test_request),      cmocka_unit_test(test_words),
    cmocka_unit_test(test_names),        cmocka_unit_test(test_no_memory)};
const size_t order_fold_test_count = COUNT_OF(order_fold_tests);
