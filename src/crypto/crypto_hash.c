// SHA-256 and HMAC. OpenSSL's plain functions are used rather than EVP: their state is a value that
// can be copied, so that hashing needs no object per thread and cannot fail, and an HMAC key can be
// half done beforehand. They run the same assembly. OpenSSL marks them as the older interface.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "crypto/crypto.h"

#define BLOCK_BYTES 64

static_assert(sizeof(CryptoSha256) == sizeof(SHA256_CTX), "the state is OpenSSL's own");
static_assert(_Alignof(CryptoSha256) == _Alignof(SHA256_CTX), "the state is OpenSSL's own");

// The door hides OpenSSL's type; copying in and out of it costs about 2 ns.
static SHA256_CTX load(const CryptoSha256 *s) {
    SHA256_CTX x;
    memcpy(&x, s, sizeof x);
    return x;
}

static void store(CryptoSha256 *s, const SHA256_CTX *x) {
    memcpy(s, x, sizeof *x);
}

static CryptoHash finish(SHA256_CTX *x) {
    CryptoHash h;
    int ok = SHA256_Final(h.b, x);
    ASSERT(ok == 1);
    return h;
}

static void add(SHA256_CTX *x, const void *bytes, size_t n) {
    int ok = n == 0 || SHA256_Update(x, bytes, n) == 1;
    ASSERT(ok);
}

static SHA256_CTX start(void) {
    SHA256_CTX x;
    int ok = SHA256_Init(&x);
    ASSERT(ok == 1);
    return x;
}

CryptoHash crypto_sha256(const void *bytes, size_t n) {
    SHA256_CTX x = start();
    add(&x, bytes, n);
    return finish(&x);
}

void crypto_sha256_init(CryptoSha256 *s) {
    SHA256_CTX x = start();
    store(s, &x);
}

void crypto_sha256_add(CryptoSha256 *s, const void *bytes, size_t n) {
    SHA256_CTX x = load(s);
    add(&x, bytes, n);
    store(s, &x);
}

CryptoHash crypto_sha256_finish(CryptoSha256 *s) {
    SHA256_CTX x = load(s);
    return finish(&x);
}

void crypto_hmac_key_init(CryptoHmacKey *k, const void *key, size_t n) {
    uint8_t block[BLOCK_BYTES] = {0};
    uint8_t padded[BLOCK_BYTES];
    if (n > BLOCK_BYTES) {
        CryptoHash h = crypto_sha256(key, n);
        memcpy(block, h.b, sizeof h.b);
    } else if (n > 0) {
        memcpy(block, key, n);
    }
    for (size_t i = 0; i < BLOCK_BYTES; i++)
        padded[i] = block[i] ^ 0x36;
    crypto_sha256_init(&k->inner);
    crypto_sha256_add(&k->inner, padded, sizeof padded);
    for (size_t i = 0; i < BLOCK_BYTES; i++)
        padded[i] = block[i] ^ 0x5C;
    crypto_sha256_init(&k->outer);
    crypto_sha256_add(&k->outer, padded, sizeof padded);
    crypto_wipe(block, sizeof block);
    crypto_wipe(padded, sizeof padded);
}

CryptoHash crypto_hmac(const CryptoHmacKey *k, const void *bytes, size_t n) {
    SHA256_CTX x = load(&k->inner);
    add(&x, bytes, n);
    CryptoHash inner = finish(&x);
    x = load(&k->outer);
    add(&x, inner.b, sizeof inner.b);
    return finish(&x);
}
