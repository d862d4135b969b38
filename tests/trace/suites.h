// The groups of tests of the room trace, run by main.c.
#ifndef TESTS_TRACE_SUITES_H
#define TESTS_TRACE_SUITES_H

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#undef fail // base has a function of this name, and so cmocka's fail_msg is of no use
#define FAIL_WITH(...) (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))

#define TRACE_NAIVE_TEST_COUNT 2
extern const struct CMUnitTest TRACE_NAIVE_TESTS[TRACE_NAIVE_TEST_COUNT];
#define TRACE_RULE_TEST_COUNT 9
extern const struct CMUnitTest TRACE_RULE_TESTS[TRACE_RULE_TEST_COUNT];

#endif
