// Refunds through the door: shares, two signers, payments, and what voids a plan.
#include "groups.h"
#include "money.h"

static const MoneyTagged tags_a[] = {{"r1", 6000}, {"r2", 4000}, {NULL, 0}};
static const MoneyTagged tags_b[] = {{"r2", 9001}, {NULL, 0}};

typedef struct Example {
    Money m;
    Str k;      // the case
    RecordId a; // order on account A
    RecordId b;
} Example;

static void example_open(Example *e) {
    money_open(&e->m);
    money_report(&e->m, "r1", 10000, "THB", "");
    money_report(&e->m, "r2", 15000, "THB", "");
    money_report(&e->m, "r3", 5000, "THB", "");
    e->k = money_case(&e->m, "Ring", "r1,r2,r3");
    e->a = money_hold(&e->m, e->k, "A", "THB", 10000, tags_a);
    e->b = money_hold(&e->m, e->k, "B", "THB", 9001, tags_b);
}

static Str plan_make(Example *e, const char *rule) {
    Str id;
    DeskRefundQuery q = {.case_id = e->k};
    assert_ok(&e->m.w.c, desk_refund_plan(&e->m.w.c, &e->m.ann, &q, str_of(rule), &id));
    return id;
}

static void plan_is(Example *e, Str plan, const char *state, const char *because) {
    AUTO(Buf) out = {0};
    char text[64];
    assert_ok(&e->m.w.c, desk_refund_json(&e->m.w.c, &e->m.bea, plan, &out));
    snprintf(text, sizeof text, "\"state\":\"%s\"", state);
    if (!money_has(&out, text) || (because && !money_has(&out, because)))
        printf("%.*s\n", STR_ARG(buf_view(&out)));
    assert_true(money_has(&out, text));
    assert_true(!because || money_has(&out, because));
}

static Err pay(Example *e, const Desk *d, Str plan, const char *report, const char *account,
               const char *amount, const char *reference) {
    DeskPaidDraft draft = {str_of(report), str_of(account), STR("THB"), str_of(amount),
                           str_of(reference)};
    return desk_refund_paid(&e->m.w.c, d, plan, &draft);
}

// --- the example of docs/refund.md --------------------------------------------------------------

static void rules_side_by_side(void **state) {
    (void)state;
    Example e;
    example_open(&e);
    AUTO(Buf) out = {0};
    DeskRefundQuery q = {.case_id = e.k};
    assert_ok(&e.m.w.c, desk_refund_compare(&e.m.w.c, &e.m.ann, &q, &out));
    assert_true(
        money_has(&out, "\"rule\":\"by_trace\",\"shares\":[6000,13001,0],\"unassigned\":0"));
    assert_true(money_has(&out, "\"rule\":\"pro_rata_loss\",\"shares\":[6334,9500,3167]"));
    assert_true(money_has(&out, "\"rule\":\"trace_else_pro_rata\",\"shares\":[4762,11858,2381]"));
    assert_true(money_has(&out, "\"rule\":\"equal_awards\",\"shares\":[7001,7000,5000]"));
    assert_true(money_has(&out, "\"total\":19001"));
    assert_true(money_has(&out, "\"rule\":\"pro_rata_loss\"")); // the law's, and in words
    money_done(&e.m);
}

// --- who may, and how often ---------------------------------------------------------------------

static void two_officers_sign(void **state) {
    (void)state;
    Example e;
    example_open(&e);
    Ctx *c = &e.m.w.c;
    Str id, plan = plan_make(&e, "by_trace");
    DeskRefundQuery q = {.case_id = e.k};
    assert_int_equal(desk_refund_plan(c, &e.m.duty, &q, STR("by_trace"), &id), E_DENIED);
    assert_int_equal(desk_refund_sign(c, &e.m.duty, plan), E_DENIED);
    assert_int_equal(desk_refund_plan(c, &e.m.ann, &q, STR("nope"), &id), E_INVALID);
    plan_is(&e, plan, "draft", NULL);
    assert_int_equal(pay(&e, &e.m.ann, plan, "r1", "TH/004/A", "60.00", "B1"), E_STATE);
    assert_ok(c, desk_refund_sign(c, &e.m.ann, plan)); // who made it may be one of them
    assert_int_equal(desk_refund_sign(c, &e.m.ann, plan), E_STATE);
    assert_int_equal(pay(&e, &e.m.ann, plan, "r1", "TH/004/A", "60.00", "B1"), E_STATE);
    Desk locked = e.m.bea;
    locked.key = NULL;
    assert_int_equal(desk_refund_sign(c, &locked, plan), E_DENIED);
    assert_ok(c, desk_refund_sign(c, &e.m.bea, plan));
    plan_is(&e, plan, "signed", NULL);
    assert_int_equal(desk_refund_sign(c, &e.m.w.desk, plan), E_STATE);
    money_done(&e.m);
}

static void never_over_the_share(void **state) {
    (void)state;
    Example e;
    example_open(&e);
    Ctx *c = &e.m.w.c;
    Str plan = plan_make(&e, "by_trace");
    assert_ok(c, desk_refund_sign(c, &e.m.ann, plan));
    assert_ok(c, desk_refund_sign(c, &e.m.bea, plan));
    assert_int_equal(pay(&e, &e.m.duty, plan, "r1", "TH/004/A", "60.00", "B1"), E_DENIED);
    assert_int_equal(pay(&e, &e.m.ann, plan, "r1", "TH/004/A", "60.01", "B1"), E_INVALID);
    assert_int_equal(pay(&e, &e.m.ann, plan, "r1", "TH/004/A", "0", "B1"), E_INVALID);
    assert_int_equal(pay(&e, &e.m.ann, plan, "r1", "TH/004/B", "1.00", "B1"), E_INVALID);
    assert_int_equal(pay(&e, &e.m.ann, plan, "r3", "TH/004/A", "1.00", "B1"), E_INVALID);
    assert_ok(c, pay(&e, &e.m.ann, plan, "r1", "TH/004/A", "59.00", "B1"));
    assert_int_equal(pay(&e, &e.m.ann, plan, "r1", "TH/004/A", "1.00", "B1"), E_EXISTS);
    assert_int_equal(pay(&e, &e.m.ann, plan, "r1", "TH/004/A", "1.01", "B2"), E_INVALID);
    plan_is(&e, plan, "signed", NULL); // its own payments do not void it
    assert_ok(c, pay(&e, &e.m.ann, plan, "r1", "TH/004/A", "1.00", "B2"));
    assert_ok(c, pay(&e, &e.m.ann, plan, "r2", "A", "40.00", "B3"));
    // All of A is paid: that its order is settled now changes nothing.
    money_act(&e.m, e.a, (OrderEvent){.act = ORDER_SETTLE, .party = ORDER_ISSUER});
    plan_is(&e, plan, "signed", NULL);
    assert_ok(c, pay(&e, &e.m.ann, plan, "r2", "TH/004/B", "90.01", "B4"));
    plan_is(&e, plan, "paid", NULL);
    // A new plan starts from what is left: B is still held, and all of it was paid.
    DeskRefundQuery q = {.case_id = e.k};
    Str id;
    assert_int_equal(desk_refund_plan(c, &e.m.ann, &q, STR("by_trace"), &id), E_STATE);
    money_done(&e.m);
}

// --- what voids a plan --------------------------------------------------------------------------

typedef void Change(Example *e);

static void change_hold(Example *e) {
    money_act(&e->m, e->a,
              (OrderEvent){
                  .act = ORDER_REDUCE, .party = ORDER_ISSUER, .has_amount = true, .amount = 9000});
}
static void change_appeal(Example *e) {
    money_act(&e->m, e->b, (OrderEvent){.act = ORDER_APPEAL, .party = ORDER_HOLDER});
}
static void change_release(Example *e) {
    money_act(&e->m, e->b, (OrderEvent){.act = ORDER_RELEASE, .party = ORDER_ISSUER});
}
static void change_lapse(Example *e) {
    e->m.w.now += 73 * HOUR_US;
}
static void change_claims(Example *e) {
    Str id = STR("r9");
    money_report(&e->m, "r9", 100, "THB", "");
    assert_ok(&e->m.w.c, desk_case_add(&e->m.w.c, &e->m.ann, e->k, &id, 1));
}
static void change_claimants(Example *e) {
    Str ids[] = {STR("r1"), STR("r3")};
    assert_ok(&e->m.w.c, desk_case_claimants(&e->m.w.c, &e->m.ann, e->k, ids, 2));
}
static void change_removed(Example *e) {
    assert_ok(&e->m.w.c,
              desk_case_remove(&e->m.w.c, &e->m.ann, e->k, STR("r3"), STR("another ring")));
}
static void change_new_hold(Example *e) {
    static const MoneyTagged tags[] = {{"r3", 500}, {NULL, 0}};
    (void)money_hold(&e->m, e->k, "C", "THB", 500, tags);
}

static void each_change_voids(void **state) {
    (void)state;
    static const struct {
        Change *change;
        const char *words;
    } rows[] = {
        {change_hold, "holds 90.00 THB now, and not 100.00"},
        {change_appeal, "its holder contests it"},
        {change_release, "holds no money any more"},
        {change_lapse, "it has ended"},
        {change_claims, "report r9 claims too now"},
        {change_claimants, "report r1 stands for other reports"},
        {change_removed, "report r3 is no claimant"},
        {change_new_hold, "holds money too now"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Example e;
        example_open(&e);
        Ctx *c = &e.m.w.c;
        AUTO(Buf) out = {0};
        Str plan = plan_make(&e, "pro_rata_loss"), half = plan_make(&e, "by_trace");
        assert_ok(c, desk_refund_sign(c, &e.m.ann, plan));
        assert_ok(c, desk_refund_sign(c, &e.m.bea, plan));
        assert_ok(c, desk_refund_sign(c, &e.m.ann, half));
        rows[i].change(&e);
        plan_is(&e, plan, "void", rows[i].words);
        assert_int_equal(desk_refund_sign(c, &e.m.bea, half), E_STATE);
        assert_int_equal(pay(&e, &e.m.ann, plan, "r1", "TH/004/A", "1.00", "B1"), E_STATE);
        assert_int_equal(desk_refund_export(c, &e.m.ann, plan, DESK_REFUND_CSV, &out), E_STATE);
        money_done(&e.m);
    }
}

static void another_plans_payment_voids(void **state) {
    (void)state;
    Example e;
    example_open(&e);
    Ctx *c = &e.m.w.c;
    Str first = plan_make(&e, "by_trace"), second = plan_make(&e, "equal_awards");
    const Desk *both[] = {&e.m.ann, &e.m.bea};
    for (size_t i = 0; i < 2; i++) {
        assert_ok(c, desk_refund_sign(c, both[i], first));
        assert_ok(c, desk_refund_sign(c, both[i], second));
    }
    assert_ok(c, pay(&e, &e.m.ann, first, "r1", "TH/004/A", "10.00", "B1"));
    plan_is(&e, first, "signed", NULL);
    plan_is(&e, second, "void", "order O-");
    money_done(&e.m);
}

// --- rates --------------------------------------------------------------------------------------

static void other_currencies_need_a_rate(void **state) {
    (void)state;
    Example e;
    example_open(&e);
    Ctx *c = &e.m.w.c;
    AUTO(Buf) out = {0};
    Str id = STR("r4"), plan;
    const DeskRate *rates;
    size_t n;
    money_report(&e.m, "r4", 1000, "USD", "");
    assert_ok(c, desk_case_add(c, &e.m.ann, e.k, &id, 1));
    DeskRefundQuery q = {.case_id = e.k};
    assert_ok(c, desk_refund_compare(c, &e.m.ann, &q, &out));
    assert_true(money_has(&out, "\"report\":\"r4\",\"why\":\"no_rate\""));
    Str path = world_file(&e.m.w, "rates.csv",
                          "from,to,numerator,denominator,source,date\n"
                          "USD,THB,3333,100,Bank of Thailand,2026-01-01\n");
    assert_ok(c, desk_rates_read(c, e.m.w.node, path, &rates, &n));
    q.rates = rates;
    q.rate_count = n;
    buf_clear(&out);
    assert_ok(c, desk_refund_compare(c, &e.m.ann, &q, &out));
    assert_true(money_has(&out, "\"claim\":33330,\"loss\":33330"));
    assert_ok(c, desk_refund_plan(c, &e.m.ann, &q, STR("pro_rata_loss"), &plan));
    plan_is(&e, plan, "draft", "\"numerator\":3333");
    // The same rate again changes nothing; another one does.
    Str again;
    assert_ok(c, desk_refund_plan(c, &e.m.ann, &q, STR("by_trace"), &again));
    plan_is(&e, plan, "draft", NULL);
    DeskRate other = rates[0];
    other.numerator = 3334;
    q.rates = &other;
    assert_ok(c, desk_refund_plan(c, &e.m.ann, &q, STR("by_trace"), &again));
    plan_is(&e, plan, "void", "another rate from USD to THB");
    static const char *const bad[] = {
        "",
        "from,to\n",
        "from,to,numerator,denominator,source,date\nUSD,THB,0,1,x,2026-01-01\n",
        "from,to,numerator,denominator,source,date\nUSD,USD,1,1,x,2026-01-01\n",
        "from,to,numerator,denominator,source,date\nUSD,THB,1,1,,2026-01-01\n",
        "from,to,numerator,denominator,source,date\nUSD,THB,1,1,x,2026-02-30\n",
        "from,to,numerator,denominator,source,date\nUSD,THB,1,1,x,2026-01-01\n"
        "USD,THB,1,2,x,2026-01-01\n"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(
            desk_rates_read(c, e.m.w.node, world_file(&e.m.w, "bad.csv", bad[i]), &rates, &n),
            E_INVALID);
    money_done(&e.m);
}

// --- contested ----------------------------------------------------------------------------------

static void contested_waits(void **state) {
    (void)state;
    Money m;
    money_open(&m);
    Ctx *c = &m.w.c;
    AUTO(Buf) out = {0};
    money_report(&m, "r1", 10000, "THB", "T1");
    money_report(&m, "r2", 10000, "THB", "T1");
    money_report(&m, "r3", 5000, "THB", "T2");
    Str k = money_case(&m, "Ring", "r1,r2,r3");
    static const MoneyTagged tags[] = {{"r1", 100}, {NULL, 0}},
                             free_tags[] = {{"r3", 100}, {NULL, 0}};
    (void)money_hold(&m, k, "A", "THB", 100, tags);
    (void)money_hold(&m, k, "B", "THB", 100, free_tags);
    DeskRefundQuery q = {.case_id = k};
    assert_ok(c, desk_refund_compare(c, &m.ann, &q, &out));
    assert_true(money_has(&out, "\"total\":100,") || money_has(&out, "\"total\":100}"));
    assert_true(money_has(&out, "\"report\":\"r1\",\"why\":\"contested\""));
    assert_true(money_has(&out, "\"report\":\"r2\",\"why\":\"contested\""));
    // Told through bank and police by one victim, it is no contest.
    Str both[] = {STR("r1"), STR("r2")};
    assert_ok(c, desk_case_claimants(c, &m.ann, k, both, 2));
    buf_clear(&out);
    assert_ok(c, desk_refund_compare(c, &m.ann, &q, &out));
    assert_true(money_has(&out, "\"reports\":[\"r1\",\"r2\"]"));
    assert_true(money_has(&out, "\"waiting\":[]"));
    assert_true(money_has(&out, "\"total\":200"));
    money_done(&m);
}

// --- accounts -----------------------------------------------------------------------------------

static void an_account_needs_two(void **state) {
    (void)state;
    Example e;
    example_open(&e);
    Ctx *c = &e.m.w.c;
    Str plan = plan_make(&e, "by_trace");
    assert_ok(c, desk_refund_sign(c, &e.m.ann, plan));
    assert_ok(c, desk_refund_sign(c, &e.m.bea, plan));
    assert_int_equal(desk_refund_account(c, &e.m.duty, STR("r1"), STR("TH/014/99"), (Str){0}),
                     E_DENIED);
    assert_ok(c, desk_refund_account(c, &e.m.ann, STR("r1"), STR("TH/014/99"), (Str){0}));
    assert_int_equal(pay(&e, &e.m.ann, plan, "r1", "TH/004/A", "1.00", "B1"), E_STATE);
    assert_int_equal(desk_refund_account_second(c, &e.m.ann, STR("r1"), (Str){0}), E_DENIED);
    assert_int_equal(desk_refund_account_second(c, &e.m.bea, STR("r2"), (Str){0}), E_STATE);
    assert_ok(c, desk_refund_account_second(c, &e.m.bea, STR("r1"), (Str){0}));
    assert_ok(c, pay(&e, &e.m.ann, plan, "r1", "TH/004/A", "1.00", "B1"));
    AUTO(Buf) csv = {0}, html = {0}, xlsx = {0};
    assert_ok(c, desk_refund_export(c, &e.m.ann, plan, DESK_REFUND_CSV, &csv));
    assert_true(money_has(&csv, ",TH,004,A,THB,60.00,1.00,r1,TH,014,99,"));
    assert_ok(c, desk_refund_export(c, &e.m.ann, plan, DESK_REFUND_HTML, &html));
    assert_true(money_has(&html, "TH/014/99") && money_has(&html, "ann, bea"));
    assert_ok(c, desk_refund_export(c, &e.m.ann, plan, DESK_REFUND_XLSX, &xlsx));
    assert_true(xlsx.n > 1000 && memcmp(xlsx.p, "PK", 2) == 0);
    money_done(&e.m);
}

// --- axioms through the door, on random cases ---------------------------------------------------

static int64_t sum_of(const JsonValue *list) {
    int64_t sum = 0;
    for (uint32_t i = 0; i < list->count; i++)
        sum += list->items[i].i;
    return sum;
}

static void axioms_hold_of(Ctx *c, const JsonValue *currency) {
    const JsonValue *rules = json_find(currency, STR("rules"));
    const JsonValue *claims = json_find(currency, STR("claims"));
    int64_t total = json_find(currency, STR("total"))->i;
    assert_int_equal(rules->count, 4);
    for (uint32_t i = 0; i < rules->count; i++) {
        const JsonValue *shares = json_find(&rules->items[i], STR("shares"));
        const JsonValue *pays = json_find(&rules->items[i], STR("pays"));
        int64_t paid = 0, unassigned = json_find(&rules->items[i], STR("unassigned"))->i;
        assert_int_equal(sum_of(shares) + unassigned, total);
        for (uint32_t k = 0; k < shares->count; k++)
            assert_true(shares->items[k].i <= json_find(&claims->items[k], STR("claim"))->i);
        for (uint32_t k = 0; k < pays->count; k++)
            paid += json_find(&pays->items[k], STR("amount"))->i;
        assert_int_equal(paid, sum_of(shares));
    }
    (void)c;
}

// By trace, computed again in the simplest way: pot after pot, unit after unit of the remainders.
static void by_trace_naively(const int64_t pots[][3], size_t n, const int64_t *claims,
                             int64_t *shares) {
    memset(shares, 0, 3 * sizeof *shares);
    for (size_t p = 0; p < n; p++) {
        int64_t amount = pots[p][0] + pots[p][1] + pots[p][2], parts[3];
        for (size_t r = 0; r < 3; r++)
            parts[r] = amount ? pots[p][r] : 0; // the pot is the sum of its tags here
        for (size_t r = 0; r < 3; r++)
            shares[r] += parts[r] < claims[r] - shares[r] ? parts[r] : claims[r] - shares[r];
    }
}

static void random_cases(void **state) {
    (void)state;
    uint64_t seed = (uint64_t)clock_monotonic_us();
    printf("seed %llu\n", (unsigned long long)seed);
    Rng rng;
    rng_seed(&rng, seed);
    for (int round = 0; round < 4; round++) {
        Money m;
        money_open(&m);
        Ctx *c = &m.w.c;
        int64_t claims[3], pots[4][3], shares[3];
        for (size_t r = 0; r < 3; r++) {
            char id[4] = {'r', (char)('1' + r), 0};
            claims[r] = (int64_t)rng_below(&rng, 20000) + 1;
            money_report(&m, id, claims[r], "THB", "");
        }
        Str k = money_case(&m, "Random", "r1,r2,r3");
        size_t n = 1 + rng_below(&rng, 4);
        for (size_t p = 0; p < n; p++) {
            char account[2] = {(char)('A' + p), 0};
            MoneyTagged tags[4] = {{NULL, 0}};
            static const char *const ids[] = {"r1", "r2", "r3"};
            size_t count = 0;
            for (size_t r = 0; r < 3; r++) {
                pots[p][r] = (int64_t)rng_below(&rng, 9000);
                if (r == 0 && pots[p][r] == 0)
                    pots[p][r] = 1;
                if (pots[p][r] > 0)
                    tags[count++] = (MoneyTagged){ids[r], pots[p][r]};
            }
            (void)money_hold(&m, k, account, "THB", pots[p][0] + pots[p][1] + pots[p][2], tags);
        }
        AUTO(Buf) out = {0};
        AUTO(JsonReader) reader = {0};
        const JsonValue *v;
        DeskRefundQuery q = {.case_id = k};
        assert_ok(c, desk_refund_compare(c, &m.ann, &q, &out));
        assert_ok(c, json_reader_open(c, &reader));
        assert_ok(c, json_read(c, &reader, buf_view(&out), &v));
        const JsonValue *currency = &json_find(v, STR("currencies"))->items[0];
        axioms_hold_of(c, currency);
        by_trace_naively((const int64_t(*)[3])pots, n, claims, shares);
        const JsonValue *got =
            json_find(&json_find(currency, STR("rules"))->items[0], STR("shares"));
        for (size_t r = 0; r < 3; r++)
            assert_int_equal(got->items[r].i, shares[r]);
        money_done(&m);
    }
}

int run_desk_refund_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_side_by_side),
        cmocka_unit_test(two_officers_sign),
        cmocka_unit_test(never_over_the_share),
        cmocka_unit_test(each_change_voids),
        cmocka_unit_test(another_plans_payment_voids),
        cmocka_unit_test(other_currencies_need_a_rate),
        cmocka_unit_test(contested_waits),
        cmocka_unit_test(an_account_needs_two),
        cmocka_unit_test(random_cases),
    };
    return cmocka_run_group_tests_name("desk refund", tests, NULL, NULL);
}
