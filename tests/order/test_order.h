// What the tests of orders share.
#ifndef MOEI_TESTS_ORDER_H
#define MOEI_TESTS_ORDER_H

#include "test.h"

#include "order/order.h"

#define HOUR 3600000000LL
#define DAY (24 * HOUR)

extern const struct CMUnitTest order_fold_tests[], order_model_tests[], order_term_tests[],
    order_law_tests[];
extern const size_t order_fold_test_count, order_model_test_count, order_term_test_count,
    order_law_test_count;

#endif
