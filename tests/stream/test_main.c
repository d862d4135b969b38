#include "test.h"

#include "crypto/crypto.h"
#include "groups.h"
#include "store/store.h"

int main(void) {
    AUTO(Ctx) c = {0};
    if (crypto_init(&c) != OK || store_faults_install(&c) != OK) {
        print_error("%s\n", c.error);
        return 1;
    }
    int failed = run_rows();
    failed += run_import();
    failed += run_order();
    failed += run_verify();
    failed += run_faults();
    return failed ? 1 : 0;
}
