// Seals to a public key, and streams of chunks by a given key: thin over libsodium, without its own
// draws of randomness.
#include <sodium.h>

#include "crypto/crypto.h"

typedef crypto_secretstream_xchacha20poly1305_state Secretstream;

static_assert(CRYPTO_BOX_EXTRA_BYTES == crypto_box_SEALBYTES, "as libsodium");
static_assert(CRYPTO_STREAM_HEADER_BYTES == crypto_secretstream_xchacha20poly1305_HEADERBYTES,
              "as libsodium");
static_assert(CRYPTO_STREAM_EXTRA_BYTES == crypto_secretstream_xchacha20poly1305_ABYTES,
              "as libsodium");
static_assert(sizeof(((CryptoStream *)NULL)->state) == sizeof(Secretstream), "as libsodium");

typedef struct Scratch {
    uint8_t *p;
    size_t n;
} Scratch;
static void Scratch_cleanup(Scratch *s) {
    if (s->p)
        crypto_wipe(s->p, s->n);
    mem_free(s->p);
}
static Err scratch_make(Ctx *c, size_t n, Scratch *ret_scratch) {
    *ret_scratch = (Scratch){mem_alloc(n), n};
    return ret_scratch->p ? OK : fail(c, E_MEMORY, "no memory for a seal of %zu bytes", n);
}

// --- boxes --------------------------------------------------------------------------------------

// The nonce of libsodium's sealed boxes: BLAKE2b of the two public keys.
static void box_nonce(const uint8_t *once, const uint8_t *recipient,
                      uint8_t ret_nonce[crypto_box_NONCEBYTES]) {
    crypto_generichash_state s;
    crypto_generichash_init(&s, NULL, 0, crypto_box_NONCEBYTES);
    crypto_generichash_update(&s, once, crypto_box_PUBLICKEYBYTES);
    crypto_generichash_update(&s, recipient, crypto_box_PUBLICKEYBYTES);
    crypto_generichash_final(&s, ret_nonce, crypto_box_NONCEBYTES);
}

Err crypto_box_to(Ctx *c, const CryptoPublicKey *recipient, Str plain, CryptoRandom random,
                  Buf *out) {
    uint8_t to[crypto_box_PUBLICKEYBYTES], nonce[crypto_box_NONCEBYTES];
    uint8_t seed[crypto_box_SEEDBYTES], secret[crypto_box_SECRETKEYBYTES];
    AUTO(Scratch) sealed = {0};
    if (crypto_sign_ed25519_pk_to_curve25519(to, recipient->b) != 0)
        return fail(c, E_CRYPTO, "this is no key to which anything can be sealed");
    TRY(scratch_make(c, plain.n + CRYPTO_BOX_EXTRA_BYTES, &sealed));
    crypto_random_fill(random, seed, sizeof seed);
    crypto_box_seed_keypair(sealed.p, secret, seed);
    box_nonce(sealed.p, to, nonce);
    int e = crypto_box_easy(sealed.p + crypto_box_PUBLICKEYBYTES, (const uint8_t *)plain.p, plain.n,
                            nonce, to, secret);
    crypto_wipe(secret, sizeof secret);
    crypto_wipe(seed, sizeof seed);
    if (e != 0)
        return fail(c, E_CRYPTO, "this is no key to which anything can be sealed");
    buf_append(out, sealed.p, sealed.n);
    return buf_check(c, out);
}

Err crypto_box_open_with(Ctx *c, const CryptoSignKey *key, Str sealed, Buf *out) {
    uint8_t secret[crypto_box_SECRETKEYBYTES], public_key[crypto_box_PUBLICKEYBYTES];
    AUTO(Scratch) plain = {0};
    if (sealed.n < CRYPTO_BOX_EXTRA_BYTES)
        return fail(c, E_CRYPTO, "what was sealed is cut off");
    size_t n = sealed.n - CRYPTO_BOX_EXTRA_BYTES;
    TRY(scratch_make(c, n + 1, &plain));
    int e = crypto_sign_ed25519_sk_to_curve25519(secret, key->b);
    ASSERT(e == 0);
    crypto_scalarmult_base(public_key, secret);
    e = crypto_box_seal_open(plain.p, (const uint8_t *)sealed.p, sealed.n, public_key, secret);
    crypto_wipe(secret, sizeof secret);
    if (e != 0)
        return fail(c, E_CRYPTO, "it was sealed to another key, or changed");
    buf_append(out, plain.p, n);
    return buf_check(c, out);
}

// --- streams ------------------------------------------------------------------------------------

void crypto_stream_start(const CryptoKey *key, const uint8_t header[CRYPTO_STREAM_HEADER_BYTES],
                         Str bound, CryptoStream *ret_stream) {
    Secretstream s;
    // init_push would draw the header itself; both ends have the same state after init_pull.
    crypto_secretstream_xchacha20poly1305_init_pull(&s, header, key->b);
    memcpy(ret_stream->state, &s, sizeof s);
    ret_stream->bound = crypto_sha256(bound.p, bound.n);
    crypto_wipe(&s, sizeof s);
}

void crypto_stream_seal(CryptoStream *stream, const void *plain, size_t n, bool last,
                        uint8_t *ret_sealed) {
    Secretstream s;
    memcpy(&s, stream->state, sizeof s);
    crypto_secretstream_xchacha20poly1305_push(
        &s, ret_sealed, NULL, plain, n, stream->bound.b, sizeof stream->bound.b,
        last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0);
    memcpy(stream->state, &s, sizeof s);
    crypto_wipe(&s, sizeof s);
}

bool crypto_stream_open(CryptoStream *stream, const uint8_t *sealed, size_t n, uint8_t *ret_plain,
                        bool *ret_last) {
    Secretstream s;
    unsigned long long plain_n;
    uint8_t tag;
    if (n < CRYPTO_STREAM_EXTRA_BYTES)
        return false;
    memcpy(&s, stream->state, sizeof s);
    int e = crypto_secretstream_xchacha20poly1305_pull(&s, ret_plain, &plain_n, &tag, sealed, n,
                                                       stream->bound.b, sizeof stream->bound.b);
    if (e == 0) {
        memcpy(stream->state, &s, sizeof s);
        *ret_last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    }
    crypto_wipe(&s, sizeof s);
    return e == 0;
}
