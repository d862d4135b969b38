// A certificate that a caller shows: a key comes out of it or it is refused.
#include "tls/tls.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO(Ctx) c = {0};
    CryptoPublicKey key, again;
    Str der = {(const char *)data, size};
    Err e = tls_certificate_key(&c, der, &key);
    ASSERT(e == OK || e == E_DENIED || e == E_MEMORY);
    if (e == OK) {
        ASSERT(tls_certificate_key(&c, der, &again) == OK);
        ASSERT(memcmp(key.b, again.b, sizeof key.b) == 0);
    }
    return 0;
}
