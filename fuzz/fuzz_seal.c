// What comes sealed or as text from outside: base64, ids, password hashes, sealed secrets.
#include "crypto/crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(Buf) out = {0};
    Str text = {(const char *)data, size};
    uint8_t bytes[512];
    size_t n;
    CryptoUuid u;
    char id[CRYPTO_UUID_TEXT_BYTES];
    if (crypto_base64_decode(text, bytes, sizeof bytes, &n)) {
        crypto_base64_put(&out, bytes, n);
        ASSERT(str_eq(buf_view(&out), text));
        buf_clear(&out);
    }
    if (crypto_uuid_parse(text, &u)) {
        crypto_uuid_format(u, id);
        ASSERT(str_eq_c(text, id));
    }
    // Dear costs are refused or slow, never wrong: only the cheap ones are tried here.
    bool cheap = size >= 20 && load_u32le(data + 12) <= 64 && load_u32le(data + 16) <= 2;
    CryptoLock lock = {STR("password"), STR("fuzz"), crypto_cost_least()};
    if (cheap && crypto_open_with_password(&c, &lock, text, &out) != OK)
        ASSERT(out.n == 0);
    if (size < 8 || memcmp(data, "$argon2i", 8) != 0)
        ASSERT(crypto_password_check(&c, STR("password"), text) == E_CORRUPT);
    return 0;
}
