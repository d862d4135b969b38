// Who may order by which row, what policy says, and what an account can carry.
#include "test_order.h"

static void test_serves(void **state) {
    (void)state;
    OrderLaw law = {.country = STR("TH"),
                    .order = STR("hold_account"),
                    .issued_by = STR("bank;centre"),
                    .extended_by = STR("police"),
                    .standing = STR("second-hand"),
                    .valid_from = 100,
                    .valid_until = 200};
    Str hold = STR("hold_account"), th = STR("TH");
    assert_true(order_law_serves(&law, th, STR("bank"), hold, 100));
    assert_true(order_law_serves(&law, th, STR("centre"), hold, 200));
    assert_false(order_law_serves(&law, th, STR("centre"), hold, 99));
    assert_false(order_law_serves(&law, th, STR("centre"), hold, 201));
    assert_false(order_law_serves(&law, th, STR("police"), hold, 150));
    assert_false(order_law_serves(&law, th, STR("bank;centre"), hold, 150));
    assert_false(order_law_serves(&law, th, STR(""), hold, 150));
    assert_false(order_law_serves(&law, STR("MM"), STR("bank"), hold, 150));
    assert_false(order_law_serves(&law, th, STR("bank"), STR("suspend_number"), 150));
    assert_true(order_law_extends(&law, STR("police")));
    assert_false(order_law_extends(&law, STR("bank")));
    law.standing = STR("none");
    law.issued_by = STR("");
    assert_true(order_law_serves(&law, th, STR("police"), hold, 150));
    assert_true(order_law_serves(&law, th, STR("court"), hold, 150));
    assert_false(order_law_serves(&law, th, STR("bank"), hold, 150));
}

static void test_policy(void **state) {
    (void)state;
    const OrderPolicy rows[] = {
        {STR("ordinary"), STR("THB"), true, true, 500, 5, ORDER_HOLD_PROPOSE},
        {STR("ordinary"), STR(""), false, false, 0, 0, ORDER_HOLD_PROPOSE},
        {STR("merchant"), STR(""), false, true, 0, 2, ORDER_HOLD_PERSON},
        {STR("tax"), STR(""), false, false, 0, 0, ORDER_HOLD_NEVER},
        {STR("unknown"), STR(""), true, false, 50, 0, ORDER_HOLD_PROPOSE}};
    static const struct {
        const char *classes[3];
        int64_t amount;
        const char *currency;
        int64_t level;
        OrderHold hold;
        const char *by, *why;
    } asked[] = {{{"ordinary"}, 500, "THB", 5, ORDER_HOLD_PROPOSE, "ordinary", "class"},
                 {{"ordinary"}, 499, "THB", 5, ORDER_HOLD_PERSON, "ordinary", "minimum"},
                 {{"ordinary"}, 500, "THB", 6, ORDER_HOLD_PERSON, "ordinary", "level"},
                 {{"ordinary"}, 1, "USD", 9, ORDER_HOLD_PROPOSE, "ordinary", "class"},
                 {{"ordinary", "merchant"}, 900, "THB", 1, ORDER_HOLD_PERSON, "merchant", "class"},
                 {{"tax", "merchant"}, 900, "THB", 1, ORDER_HOLD_NEVER, "tax", "class"},
                 {{"merchant", "ordinary", "tax"}, 1, "THB", 9, ORDER_HOLD_NEVER, "tax", "class"},
                 {{NULL}, 50, "THB", 1, ORDER_HOLD_PROPOSE, "unknown", "class"},
                 {{NULL}, 49, "THB", 1, ORDER_HOLD_PERSON, "unknown", "minimum"},
                 {{"new class"}, 49, "THB", 1, ORDER_HOLD_PERSON, "new class", "minimum"}};
    for (size_t i = 0; i < COUNT_OF(asked); i++) {
        Str classes[3];
        size_t n = 0;
        for (; n < 3 && asked[i].classes[n]; n++)
            classes[n] = str_of(asked[i].classes[n]);
        OrderPolicyAnswer a = order_policy(rows, COUNT_OF(rows), classes, n, asked[i].amount,
                                           str_of(asked[i].currency), asked[i].level);
        assert_int_equal(a.hold, asked[i].hold);
        assert_true(str_eq_c(a.class_name, asked[i].by));
        assert_string_equal(a.why, asked[i].why);
    }
    Str one = STR("any");
    assert_int_equal(order_policy(NULL, 0, &one, 1, 5, STR("THB"), 1).hold, ORDER_HOLD_PERSON);
}

// Never more than the balance; the earlier order is never worse off for a later one; what is not
// covered is not covered because nothing was left.
static void test_queue(void **state) {
    (void)state;
    Rng rng;
    rng_seed(&rng, test_seed());
    for (int round = 0; round < 5000; round++) {
        int64_t wanted[8], covered[8], shorter[8], sum = 0;
        size_t n = rng_below(&rng, 9);
        int64_t balance = (int64_t)rng_below(&rng, 400) - 50;
        for (size_t i = 0; i < n; i++)
            wanted[i] = (int64_t)rng_below(&rng, 100);
        order_queue(balance, wanted, n, covered);
        for (size_t i = 0; i < n; i++) {
            assert_true(covered[i] >= 0 && covered[i] <= wanted[i]);
            sum += covered[i];
            order_queue(balance, wanted, i, shorter);
            for (size_t k = 0; k < i; k++)
                assert_int_equal(shorter[k], covered[k]);
            if (covered[i] < wanted[i])
                assert_int_equal(sum, balance > 0 ? balance : 0);
        }
        assert_true(sum <= (balance > 0 ? balance : 0));
    }
}

const struct CMUnitTest order_law_tests[] = {
    cmocka_unit_test(test_serves), cmocka_unit_test(test_policy), cmocka_unit_test(test_queue)};
const size_t order_law_test_count = COUNT_OF(order_law_tests);
