// Ends of orders with a clock that moves: nights, holidays, month ends, leap days, a machine that
// slept, a clock that goes back.
#include "desk/exchange_priv.h"
#include "office.h"

#define HOUR OFFICE_HOUR
#define DAY (24 * HOUR)

static int64_t at(const char *text) {
    int64_t us;
    assert_true(time_parse(str_of(text), &us));
    return us;
}

static DeskOrder issued(Office *o, const char *id, const char *account, const char *currency,
                        const char *law) {
    DeskReportDraft draft = {.id = str_of(id),
                             .loss = STR("1000.00"),
                             .currency = str_of(currency),
                             .accounts = str_of(account)};
    DeskReport r;
    office_say(&o->w, desk_report_add(&o->w.c, &o->w.desk, &draft, &r), OK, account);
    DeskProposed made = office_first_hop(o, id);
    assert_int_equal(made.created_count, 1);
    DeskOrderActDraft t = ACT("issue");
    t.law = str_of(law);
    if (str_eq_c(t.law, "CN-hold-2")) { // not the shortest: not for what nobody confirmed
        DeskOrder none;
        office_say(&o->w, office_act(o, &o->w.desk, made.created[0].id, t, &none), E_STATE, law);
        office_say(&o->w,
                   desk_report_standing(&o->w.c, &o->w.desk, str_of(id), STR("police"), o->document,
                                        (Str){0}),
                   OK, "standing");
    }
    return office_must(o, made.created[0].id, t);
}

static DeskOrder executed(Office *o, Str id, Str happened_at) {
    DeskOrderActDraft t = ACT("answer");
    t.outcome = STR("executed");
    t.document = o->document;
    t.happened_at = happened_at;
    return office_must(o, id, t);
}

// 72 hours are 72 hours, whatever the calendar says; where they end outside working hours the last
// shift that works before is warned.
static void test_ends(void **state) {
    (void)state;
    static const struct {
        const char *now, *end, *warn;
        bool night, day_off;
    } cases[] = {
        // Friday before Songkran, to the Monday that is off.
        {"2026-04-10T03:00:00Z", "2026-04-13T03:00:00Z", "2026-04-10T01:00:00Z", false, true},
        // Monday noon is off already: it ends on the first working day behind Songkran.
        {"2026-04-13T05:00:00Z", "2026-04-16T05:00:00Z", "2026-04-16T01:00:00Z", false, false},
        // Tuesday 03:00, to Friday 03:00: Thursday's shift decides.
        {"2026-01-05T20:00:00Z", "2026-01-08T20:00:00Z", "2026-01-08T01:00:00Z", true, false},
        // Over the month's end, and over 29 February.
        {"2026-03-30T03:00:00Z", "2026-04-02T03:00:00Z", "2026-04-02T01:00:00Z", false, false},
        {"2028-02-28T03:00:00Z", "2028-03-02T03:00:00Z", NULL, false, false},
        // New Year's Eve, all days off to Saturday.
        {"2026-12-30T03:00:00Z", "2027-01-02T03:00:00Z", "2026-12-30T01:00:00Z", false, true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Office o;
        office_open_at(&o, "TH", "centre", at(cases[i].now) - HOUR);
        o.w.now = at(cases[i].now);
        DeskOrder x = issued(&o, "R-1", "TH/014/2000000001", "THB", "");
        assert_int_equal(x.view.ends_at - x.view.issued_at, 72 * HOUR);
        int64_t late = x.view.issued_at - at(cases[i].now); // the ticks of the test's clock
        assert_true(late >= 0 && late < 1000000);
        assert_int_equal(x.view.ends_at - late, at(cases[i].end));
        if (cases[i].warn) {
            assert_int_equal(x.warn_at, at(cases[i].warn));
            assert_true(x.night == cases[i].night && x.day_off == cases[i].day_off);
        }
        office_done(&o);
    }
}

// Six months from the execution: 31 August ends on 29 February of a leap year, on the wall clock.
static void test_leap(void **state) {
    (void)state;
    Office o;
    office_open_at(&o, "CN", "police", at("2027-08-30T03:00:00Z"));
    World *w = &o.w;
    DeskOrder x = issued(&o, "R-1", "CN/102/60000001", "CNY", "CN-hold-2");
    assert_true(!x.view.has_ends_at && str_eq_c(x.law_id, "CN-hold-2"));
    w->now = at("2027-08-31T09:30:00Z");
    x = executed(&o, x.id, STR("2027-08-31T17:00:00+08:00"));
    assert_int_equal(x.view.ends_at, at("2028-02-29T09:00:00Z"));
    w->now = at("2028-02-29T08:59:59Z");
    x = office_get(&o, x.id);
    assert_true(x.now.alive);
    w->now = at("2028-02-29T09:00:00Z");
    x = office_get(&o, x.id);
    assert_true(office_is(&x, ORDER_LAPSED) && x.now.not_confirmed);
    // Its clock never began: void after 72 hours, and nothing to confirm.
    x = issued(&o, "R-2", "CN/102/60000002", "CNY", "CN-hold-1");
    w->now = x.view.issued_at + 72 * HOUR;
    x = office_get(&o, x.id);
    assert_true(office_is(&x, ORDER_VOID) && !x.now.not_confirmed);
    office_done(&o);
}

// The machine slept from before the end to a week after: nobody had to be awake for it to lapse.
static void test_slept(void **state) {
    (void)state;
    Office o;
    office_open(&o);
    World *w = &o.w;
    DeskOrder x = issued(&o, "R-1", "TH/014/2000000001", "THB", "");
    DeskOrder y = issued(&o, "R-2", "TH/014/2000000002", "THB", "");
    x = executed(&o, x.id, (Str){0});
    int64_t end = x.view.ends_at;
    DeskOrderCounts counts;
    w->now = end - HOUR;
    assert_ok(&w->c, desk_order_counts(&w->c, w->node, &counts));
    assert_true(counts.alive == 2 && counts.overdue == 0 && counts.unanswered == 1);
    w->now = end + 7 * DAY;
    world_reopen(w);
    assert_ok(&w->c, desk_unlock(&w->c, &w->desk, str_of(w->secrets.officer_password), &o.key));
    x = office_get(&o, x.id);
    y = office_get(&o, y.id);
    assert_true(office_is(&x, ORDER_LAPSED) && x.now.overdue);
    assert_true(office_is(&y, ORDER_LAPSED) && !y.now.overdue); // nobody ever had it
    assert_ok(&w->c, desk_order_counts(&w->c, w->node, &counts));
    assert_true(counts.alive == 0 && counts.overdue == 1 && counts.unanswered == 0);
    DeskOrderActDraft t = ACT("release");
    t.note = STR("too late");
    office_say(w, office_act(&o, &w->desk, x.id, t, NULL), E_STATE, "release what has lapsed");
    t = ACT("answer");
    t.outcome = STR("executed");
    t.document = o.document;
    office_say(w, office_act(&o, &w->desk, y.id, t, NULL), E_STATE, "executed after the end");
    // What the bank did in time it may still tell; the end stays what it was.
    t.happened_at = STR("2026-01-02T10:00:00+07:00");
    y = office_must(&o, y.id, t);
    assert_true(office_is(&y, ORDER_LAPSED) && y.now.overdue && y.view.held == 100000);
    t = ACT("undone");
    t.document = o.document;
    y = office_must(&o, y.id, t);
    assert_true(!y.now.not_confirmed && y.view.held == 0);
    office_done(&o);
}

// A clock that is set back: records go on in their order, and no end moves.
static void test_back(void **state) {
    (void)state;
    Office o;
    office_open(&o);
    World *w = &o.w;
    DeskOrder x = issued(&o, "R-1", "TH/014/2000000001", "THB", "");
    int64_t issued_at = x.view.issued_at, end = x.view.ends_at;
    w->now -= 2 * DAY;
    x = office_get(&o, x.id);
    assert_true(office_is(&x, ORDER_ISSUED));
    x = executed(&o, x.id, (Str){0});
    assert_true(office_is(&x, ORDER_EXECUTED));
    assert_true(x.view.executed_at >= issued_at && x.view.executed_at < issued_at + 1000000);
    assert_int_equal(x.view.ends_at, end);
    // Another one counts its term from its own record, which is after the last.
    DeskOrder y = issued(&o, "R-2", "TH/014/2000000002", "THB", "");
    assert_true(y.view.issued_at > issued_at);
    assert_int_equal(y.view.ends_at - y.view.issued_at, 72 * HOUR);
    DeskVerdict verdict;
    assert_ok(&w->c, desk_verify(&w->c, w->node, (DeskProgress){0}, &verdict));
    assert_true(verdict.ok);
    office_done(&o);
}

// Whose clock counts before an order is issued: confirmed peers that spoke, and most of them.
static void test_whose_clock_counts(void **state) {
    (void)state;
    static const struct {
        int64_t off[4];       // s; 0 is none, 1 as good as right
        bool revoked, silent; // the last one
        Err want;
    } rows[] = {
        {{0}, false, false, OK},
        {{SYNC_CLOCK_STOP_S}, false, false, OK},
        {{-SYNC_CLOCK_STOP_S}, false, false, OK},
        {{SYNC_CLOCK_STOP_S + 1}, false, false, E_STATE},
        {{-SYNC_CLOCK_STOP_S - 1}, false, false, E_STATE},
        {{172800, 1}, false, false, OK}, // one of two: who is right?
        {{172800, -172800, 1}, false, false, E_STATE},
        {{172800, 1, 1, 172800}, false, false, OK},
        {{172800}, true, false, OK},
        {{1, 172800, 172800, 172800}, true, false, E_STATE},
        {{1, 172800, 172800}, true, false, OK},
        {{172800}, false, true, OK},
        {{172800, 1}, false, true, E_STATE},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        static DeskPeer peers[4];
        static DeskNode node;
        AUTO(Ctx) c;
        ctx_init(&c);
        DeskExchange x = {.peers = peers};
        assert_int_equal(pthread_mutex_init(&x.lock, NULL), 0);
        for (; x.count < 4 && rows[i].off[x.count]; x.count++)
            peers[x.count] = (DeskPeer){
                .confirmed = true, .j = {.messages = 1, .skew_us = rows[i].off[x.count] * 1000000}};
        if (x.count > 0 && rows[i].revoked)
            peers[x.count - 1].confirmed = false;
        if (x.count > 0 && rows[i].silent)
            peers[x.count - 1].j.messages = 0;
        node.exchange = &x;
        if (desk_clock_check(&c, &node) != rows[i].want)
            fail_msg("row %zu: %s", i, c.error);
        pthread_mutex_destroy(&x.lock);
    }
}

int run_desk_order_clock_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_leap),
        cmocka_unit_test(test_slept),
        cmocka_unit_test(test_back),
        cmocka_unit_test(test_whose_clock_counts),
    };
    return cmocka_run_group_tests_name("orders: clocks", tests, NULL, NULL);
}
