// Runs all tests of room order.
#include "test_order.h"

static int group(const char *name, const struct CMUnitTest *tests, size_t n) {
    return _cmocka_run_group_tests(name, tests, n, NULL, NULL);
}

int main(void) {
    int failed = group("order fold", order_fold_tests, order_fold_test_count);
    failed += group("order model", order_model_tests, order_model_test_count);
    failed += group("order term", order_term_tests, order_term_test_count);
    failed += group("order law", order_law_tests, order_law_test_count);
    return failed != 0;
}
