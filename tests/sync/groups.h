// The groups of tests of the room sync; each returns the number of failures.
#ifndef MOEI_TESTS_SYNC_GROUPS_H
#define MOEI_TESTS_SYNC_GROUPS_H

#include "crypto/crypto.h"

int run_sync_message_tests(void);
int run_sync_hostile_tests(void);
int run_sync_rules_tests(void);
int run_sync_card_tests(void);
int run_sync_cosign_tests(void);
int run_sync_bundle_tests(void);
int run_sync_signed_tests(void);

// A key that is the same for the same number.
static inline CryptoSignKey key_of(uint8_t number) {
    CryptoSeed seed = {{number, 77}};
    CryptoSignKey key;
    CryptoPublicKey public_key;
    crypto_sign_key_from_seed(&seed, &key, &public_key);
    return key;
}

static inline CryptoHash hash_of(uint64_t number) {
    return crypto_sha256(&number, sizeof number);
}

#endif
