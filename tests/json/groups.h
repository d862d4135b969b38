// The groups of tests of the room json; each returns the number of failures.
#ifndef MOEI_TESTS_JSON_GROUPS_H
#define MOEI_TESTS_JSON_GROUPS_H

int run_json_read_tests(void);
int run_json_write_tests(void);
int run_json_vector_tests(void);

#endif
