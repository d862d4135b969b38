#include "test.h"

#include "crypto/crypto.h"
#include "groups.h"
#include "store/store.h"

int main(void) {
    AUTO(Ctx) c;
    ctx_init(&c);
    if (crypto_init(&c) != OK || store_faults_install(&c) != OK) {
        fprintf(stderr, "the tests of picture cannot start: %s\n", c.error);
        return 1;
    }
    int failures = run_picture_fold_tests();
    failures += run_picture_exchange_tests();
    failures += run_picture_rebuild_tests();
    failures += run_picture_sight_tests();
    return failures != 0;
}
