// Runs the tests of the room crypto.
#include "groups.h"

int main(void) {
    int failures = run_crypto_basic_tests();
    failures += run_crypto_box_tests();
    failures += run_crypto_seal_tests();
    failures += run_crypto_vector_tests();
    return failures != 0;
}
