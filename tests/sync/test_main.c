// Runs the tests of the room sync.
#include "test.h"

#include "groups.h"

int main(void) {
    AUTO(Ctx) c;
    ctx_init(&c);
    if (crypto_init(&c) != OK)
        return 1;
    int failures = run_sync_message_tests();
    failures += run_sync_hostile_tests();
    failures += run_sync_rules_tests();
    failures += run_sync_card_tests();
    failures += run_sync_cosign_tests();
    failures += run_sync_bundle_tests();
    failures += run_sync_signed_tests();
    return failures != 0;
}
