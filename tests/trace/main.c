#include "test.h"
#include "trace/suites.h"

int main(void) {
    int failed = cmocka_run_group_tests_name("trace rules", TRACE_RULE_TESTS, NULL, NULL);
    failed += cmocka_run_group_tests_name("trace naive", TRACE_NAIVE_TESTS, NULL, NULL);
    return failed != 0;
}
