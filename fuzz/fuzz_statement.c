// A recovery statement of outside bytes: as it came, and signed by a key that holds.
#include "sync/sync.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    AUTO(Ctx) c;
    ctx_init(&c);
    ASSERT(crypto_init(&c) == OK);
    Str statement = {(const char *)bytes, n};
    CryptoSeed seed = {{1}};
    CryptoSignKey key;
    CryptoPublicKey public_key;
    SyncRecovery said, again;
    uint8_t made[SYNC_RECOVER_BYTES];
    crypto_sign_key_from_seed(&seed, &key, &public_key);
    bool parsed = sync_recover_parse(&c, statement, &said) == OK;
    // What is signed has a form.
    ASSERT(sync_recover_read(&c, statement, &public_key, &again) != OK || parsed);
    if (!parsed)
        return 0;
    ASSERT(n == SYNC_RECOVER_BYTES);
    // Its words under a signature that holds are the same words.
    sync_recover_make(&said, &key, made);
    ASSERT(memcmp(made, bytes, SYNC_RECOVER_BYTES - sizeof(CryptoSignature)) == 0);
    Str signed_one = {(const char *)made, sizeof made};
    ASSERT(sync_recover_read(&c, signed_one, &public_key, &again) == OK);
    ASSERT(again.good_size == said.good_size && again.at_us == said.at_us);
    return 0;
}
