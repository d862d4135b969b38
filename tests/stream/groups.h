// The groups of tests of the room stream, run by test_main.c.
#ifndef TESTS_STREAM_GROUPS_H
#define TESTS_STREAM_GROUPS_H

int run_rows(void);
int run_import(void);
int run_order(void);
int run_faults(void);
int run_verify(void);

#endif
