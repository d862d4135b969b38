// The groups of tests of the room crypto; each returns the number of failures.
#ifndef MOEI_TESTS_CRYPTO_GROUPS_H
#define MOEI_TESTS_CRYPTO_GROUPS_H

int run_crypto_basic_tests(void);
int run_crypto_box_tests(void);
int run_crypto_seal_tests(void);
int run_crypto_vector_tests(void);

#endif
