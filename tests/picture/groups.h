// The groups of tests of this room; test_main.c runs them.
#ifndef MOEI_TESTS_PICTURE_GROUPS_H
#define MOEI_TESTS_PICTURE_GROUPS_H

int run_picture_fold_tests(void);
int run_picture_exchange_tests(void);
int run_picture_rebuild_tests(void);
int run_picture_sight_tests(void);

#endif
