// Start, random, ids, signatures, base64: the thin part over libsodium.
#include <sodium.h>

#include "crypto/crypto.h"

static_assert(sizeof(CryptoSeed) == crypto_sign_ed25519_SEEDBYTES, "as libsodium");
static_assert(sizeof(CryptoSignKey) == crypto_sign_ed25519_SECRETKEYBYTES, "as libsodium");
static_assert(sizeof(CryptoPublicKey) == crypto_sign_ed25519_PUBLICKEYBYTES, "as libsodium");
static_assert(sizeof(CryptoSignature) == crypto_sign_ed25519_BYTES, "as libsodium");
static_assert(randombytes_SEEDBYTES == 32, "the seed of CryptoRandomSeeded");

Err crypto_init(Ctx *c) {
    if (sodium_init() < 0)
        return fail(c, E_IO, "this machine gives no random bytes: cryptography cannot start");
    return OK;
}

bool crypto_equal(const void *a, const void *b, size_t n) {
    return sodium_memcmp(a, b, n) == 0;
}

void crypto_wipe(void *bytes, size_t n) {
    sodium_memzero(bytes, n);
}

// --- random -----------------------------------------------------------------------------------

static void fill_from_system(void *self, void *ret_bytes, size_t n) {
    (void)self;
    randombytes_buf(ret_bytes, n);
}

CryptoRandom crypto_random_system(void) {
    return (CryptoRandom){.fill = fill_from_system};
}

// Every call has a key of its own, the seed with the number of the call in its last bytes.
static void fill_from_seed(void *self, void *ret_bytes, size_t n) {
    CryptoRandomSeeded *s = self;
    store_u64le(s->seed + 24, s->calls++);
    randombytes_buf_deterministic(ret_bytes, n, s->seed);
}

CryptoRandom crypto_random_seeded(CryptoRandomSeeded *state, uint64_t seed) {
    *state = (CryptoRandomSeeded){.calls = 0};
    store_u64le(state->seed, seed);
    return (CryptoRandom){.fill = fill_from_seed, .self = state};
}

// --- ids --------------------------------------------------------------------------------------

CryptoUuid crypto_uuid7(int64_t at_ms, CryptoRandom random) {
    CryptoUuid u;
    ASSERT(at_ms >= 0 && at_ms < (1LL << 48));
    store_u64be(u.b, (uint64_t)at_ms << 16);
    crypto_random_fill(random, u.b + 6, sizeof u.b - 6);
    u.b[6] = (uint8_t)(0x70 | (u.b[6] & 0x0F));
    u.b[8] = (uint8_t)(0x80 | (u.b[8] & 0x3F));
    return u;
}

int64_t crypto_uuid7_ms(CryptoUuid u) {
    return (int64_t)(load_u64be(u.b) >> 16);
}

bool crypto_uuid_is_v7(CryptoUuid u) {
    return (u.b[6] & 0xF0) == 0x70 && (u.b[8] & 0xC0) == 0x80;
}

void crypto_uuid_format(CryptoUuid u, char ret_text[CRYPTO_UUID_TEXT_BYTES]) {
    static const char digits[] = "0123456789abcdef";
    char *to = ret_text;
    for (size_t i = 0; i < sizeof u.b; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *to++ = '-';
        *to++ = digits[u.b[i] >> 4];
        *to++ = digits[u.b[i] & 15];
    }
    *to = '\0';
}

bool crypto_uuid_parse(Str text, CryptoUuid *ret_uuid) {
    char digits[32];
    CryptoUuid u;
    if (text.n != CRYPTO_UUID_TEXT_BYTES - 1)
        return false;
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (hyphen != (text.p[i] == '-'))
            return false;
        if (!hyphen)
            digits[n++] = text.p[i];
    }
    if (!hex_decode((Str){digits, n}, u.b, sizeof u.b))
        return false;
    *ret_uuid = u;
    return true;
}

// --- sign -------------------------------------------------------------------------------------

void crypto_sign_key_from_seed(const CryptoSeed *seed, CryptoSignKey *ret_key,
                               CryptoPublicKey *ret_public) {
    int e = crypto_sign_ed25519_seed_keypair(ret_public->b, ret_key->b, seed->b);
    ASSERT(e == 0);
}

CryptoPublicKey crypto_sign_key_public(const CryptoSignKey *key) {
    CryptoPublicKey p;
    int e = crypto_sign_ed25519_sk_to_pk(p.b, key->b);
    ASSERT(e == 0);
    return p;
}

CryptoSignature crypto_signature_make(const CryptoSignKey *key, const void *bytes, size_t n) {
    CryptoSignature s;
    int e = crypto_sign_ed25519_detached(s.b, NULL, bytes, n, key->b);
    ASSERT(e == 0);
    return s;
}

bool crypto_signature_holds(const CryptoPublicKey *key, const void *bytes, size_t n,
                            const CryptoSignature *signature) {
    return crypto_sign_ed25519_verify_detached(signature->b, bytes, n, key->b) == 0;
}

Err crypto_signature_check(Ctx *c, const CryptoPublicKey *key, Str message,
                           const CryptoSignature *signature) {
    if (!crypto_signature_holds(key, message.p, message.n, signature))
        return fail(c, E_CRYPTO, "the signature does not belong to this text and key");
    return OK;
}
