// Passwords (Argon2id) and seals (XChaCha20-Poly1305).
//
// Sealed by key:      nonce 24, ciphertext, tag 16.
// Sealed by password: "moei-seal-1\n" 12, memory KiB 4, passes 4 (little-endian), salt 16, then as
//                     by key; the whole front is authenticated with the purpose.
#include <sodium.h>

#include "crypto/crypto.h"
#include "crypto/crypto_priv.h"

#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES
#define MEMORY_KIB_MIN 8
#define HASH_RAW_BYTES 32

static_assert(NONCE_BYTES + TAG_BYTES == CRYPTO_SEAL_EXTRA_BYTES, "as libsodium");
static_assert(sizeof(CryptoKey) == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "as libsodium");
static_assert(CRYPTO_SALT_BYTES == crypto_pwhash_argon2id_SALTBYTES, "as libsodium");
static_assert(MEMORY_KIB_MIN * 1024 == crypto_pwhash_argon2id_MEMLIMIT_MIN, "as libsodium");

CryptoCost crypto_cost_standard(void) {
    return (CryptoCost){.memory_kib = 64 << 10, .passes = 3};
}

CryptoCost crypto_cost_least(void) {
    return (CryptoCost){MEMORY_KIB_MIN, 1};
}

bool crypto_cost_allowed(CryptoCost cost) {
    return cost.memory_kib >= MEMORY_KIB_MIN && cost.memory_kib <= CRYPTO_PASSWORD_MEMORY_KIB_MAX &&
           cost.passes >= 1 && cost.passes <= CRYPTO_PASSWORD_PASSES_MAX;
}

static Err check_password(Ctx *c, Str password) {
    if (password.n == 0)
        return fail(c, E_INVALID, "the password is empty");
    if (password.n > CRYPTO_PASSWORD_BYTES_MAX)
        return fail(c, E_LIMIT, "the password is longer than %d bytes", CRYPTO_PASSWORD_BYTES_MAX);
    return OK;
}

Err crypto_key_from_password(Ctx *c, Str password, const uint8_t salt[CRYPTO_SALT_BYTES],
                             CryptoCost cost, CryptoKey *ret_key) {
    TRY(check_password(c, password));
    ASSERT(crypto_cost_allowed(cost));
    CryptoKey k;
    if (crypto_pwhash_argon2id(k.b, sizeof k.b, password.p, password.n, salt, cost.passes,
                               (size_t)cost.memory_kib * 1024,
                               crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0)
        return fail(c, E_MEMORY, "no memory for the password's key (%u KiB needed)",
                    cost.memory_kib);
    *ret_key = k;
    crypto_wipe(&k, sizeof k);
    return OK;
}

void crypto_key_random(CryptoRandom random, CryptoKey *ret_key) {
    crypto_random_fill(random, ret_key->b, sizeof ret_key->b);
}

// --- password hashes --------------------------------------------------------------------------

static void put_base64_bare(Buf *out, const void *bytes, size_t n) {
    crypto_base64_put(out, bytes, n);
    while (!out->failed && out->n > 0 && out->p[out->n - 1] == '=')
        out->n--;
}

Err crypto_password_hash(Ctx *c, Str password, CryptoCost cost, CryptoRandom random,
                         char ret_text[CRYPTO_PASSWORD_HASH_TEXT_BYTES]) {
    uint8_t salt[CRYPTO_SALT_BYTES];
    CryptoKey raw;
    AUTO(Buf) text = {0};
    crypto_random_fill(random, salt, sizeof salt);
    TRY(crypto_key_from_password(c, password, salt, cost, &raw));
    buf_format(&text, "$argon2id$v=19$m=%u,t=%u,p=1$", cost.memory_kib, cost.passes);
    put_base64_bare(&text, salt, sizeof salt);
    buf_char(&text, '$');
    put_base64_bare(&text, raw.b, sizeof raw.b);
    buf_char(&text, '\0');
    crypto_wipe(&raw, sizeof raw);
    TRY(buf_check(c, &text));
    ASSERT(text.n <= CRYPTO_PASSWORD_HASH_TEXT_BYTES);
    memset(ret_text, 0, CRYPTO_PASSWORD_HASH_TEXT_BYTES);
    memcpy(ret_text, text.p, text.n);
    return OK;
}

// The number between two marks of the text; false when it is none.
static bool take_number(Str *rest, Str before, uint32_t *ret_v) {
    if (!str_starts(*rest, before))
        return false;
    size_t at = before.n;
    uint32_t v = 0;
    while (at < rest->n && rest->p[at] >= '0' && rest->p[at] <= '9' && v < 100000000)
        v = v * 10 + (uint32_t)(rest->p[at++] - '0');
    *rest = (Str){rest->p + at, rest->n - at};
    *ret_v = v;
    return at > before.n;
}

// Base64 without padding of exactly n bytes, n <= 32.
static bool decode_bare(Str text, void *ret_bytes, size_t n) {
    char padded[48];
    size_t m = text.n;
    size_t got;
    if (text.n > 43)
        return false;
    memcpy(padded, text.p, text.n);
    while (m % 4 != 0)
        padded[m++] = '=';
    return text.n == (n * 8 + 5) / 6 &&
           crypto_base64_decode((Str){padded, m}, ret_bytes, n, &got) && got == n;
}

static bool parse_hash(Str text, CryptoCost *ret_cost, uint8_t *ret_salt, uint8_t *ret_raw) {
    Str rest = text;
    Str salt;
    if (!take_number(&rest, STR("$argon2id$v=19$m="), &ret_cost->memory_kib) ||
        !take_number(&rest, STR(",t="), &ret_cost->passes) || !str_starts(rest, STR(",p=1$")))
        return false;
    rest = (Str){rest.p + 5, rest.n - 5};
    if (!str_split(&rest, '$', &salt) || !rest.p)
        return false;
    return crypto_cost_allowed(*ret_cost) && decode_bare(salt, ret_salt, CRYPTO_SALT_BYTES) &&
           decode_bare(rest, ret_raw, HASH_RAW_BYTES);
}

Err crypto_password_check(Ctx *c, Str password, Str hash_text) {
    CryptoCost cost;
    uint8_t salt[CRYPTO_SALT_BYTES];
    uint8_t want[HASH_RAW_BYTES];
    CryptoKey got;
    if (!parse_hash(hash_text, &cost, salt, want))
        return fail(c, E_CORRUPT, "the stored password hash is not readable");
    TRY(crypto_key_from_password(c, password, salt, cost, &got));
    bool same = crypto_equal(got.b, want, sizeof want);
    crypto_wipe(&got, sizeof got);
    if (!same)
        return fail(c, E_DENIED, "the password is not right");
    return OK;
}

// --- seals ------------------------------------------------------------------------------------

// Makes room for n more bytes and returns where they go; NULL when there is no memory.
static uint8_t *extend(Buf *out, size_t n) {
    static const uint8_t zeros[1024];
    size_t at = out->n;
    for (size_t left = n; left > 0;) {
        size_t part = left < sizeof zeros ? left : sizeof zeros;
        buf_append(out, zeros, part);
        left -= part;
    }
    return out->failed ? NULL : (uint8_t *)out->p + at;
}

Err crypto_seal(Ctx *c, const CryptoKey *key, Str purpose, Str plain, CryptoRandom random,
                Buf *out) {
    uint8_t *to = extend(out, plain.n + CRYPTO_SEAL_EXTRA_BYTES);
    TRY(buf_check(c, out));
    crypto_random_fill(random, to, NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(to + NONCE_BYTES, NULL, (const uint8_t *)plain.p,
                                               plain.n, (const uint8_t *)purpose.p, purpose.n, NULL,
                                               to, key->b);
    return OK;
}

Err crypto_open(Ctx *c, const CryptoKey *key, Str purpose, Str sealed, Buf *out) {
    if (sealed.n < CRYPTO_SEAL_EXTRA_BYTES)
        return fail(c, E_CRYPTO, "what was sealed is cut off");
    size_t before = out->n;
    size_t plain_n = sealed.n - CRYPTO_SEAL_EXTRA_BYTES;
    const uint8_t *from = (const uint8_t *)sealed.p;
    // One byte more, so that there is an address to write to when the plain text is empty.
    uint8_t *to = extend(out, plain_n + 1);
    TRY(buf_check(c, out));
    int e = crypto_aead_xchacha20poly1305_ietf_decrypt(
        to, NULL, NULL, from + NONCE_BYTES, sealed.n - NONCE_BYTES, (const uint8_t *)purpose.p,
        purpose.n, from, key->b);
    out->n = e == 0 ? before + plain_n : before;
    if (e != 0)
        return fail(c, E_CRYPTO, "the seal does not open: another key, or it was changed");
    return OK;
}

void crypto_front_write(const char magic[12], CryptoCost cost, const uint8_t *salt,
                        uint8_t ret_front[CRYPTO_FRONT_BYTES]) {
    memcpy(ret_front, magic, 12);
    store_u32le(ret_front + 12, cost.memory_kib);
    store_u32le(ret_front + 16, cost.passes);
    memcpy(ret_front + 20, salt, CRYPTO_SALT_BYTES);
}

Err crypto_front_open(Ctx *c, const char magic[12], Str front, Str password, CryptoKey *ret_key) {
    if (front.n < CRYPTO_FRONT_BYTES || memcmp(front.p, magic, 12) != 0)
        return fail(c, E_INVALID, "this was not sealed by Moei, or it is cut off");
    CryptoCost cost = {load_u32le(front.p + 12), load_u32le(front.p + 16)};
    if (!crypto_cost_allowed(cost))
        return fail(c, E_LIMIT,
                    "the seal asks for %u KiB and %u passes; at most %d and %d are done",
                    cost.memory_kib, cost.passes, CRYPTO_PASSWORD_MEMORY_KIB_MAX,
                    CRYPTO_PASSWORD_PASSES_MAX);
    uint8_t salt[CRYPTO_SALT_BYTES];
    memcpy(salt, front.p + 20, sizeof salt);
    return crypto_key_from_password(c, password, salt, cost, ret_key);
}

static const char seal_magic[12] = {'m', 'o', 'e', 'i', '-', 's', 'e', 'a', 'l', '-', '1', '\n'};

Err crypto_seal_with_password(Ctx *c, const CryptoLock *lock, Str plain, CryptoRandom random,
                              Buf *out) {
    uint8_t front[CRYPTO_FRONT_BYTES];
    uint8_t salt[CRYPTO_SALT_BYTES];
    CryptoKey key;
    AUTO(Buf) bound = {0};
    crypto_random_fill(random, salt, sizeof salt);
    crypto_front_write(seal_magic, lock->cost, salt, front);
    buf_append(&bound, front, sizeof front);
    buf_str(&bound, lock->purpose);
    TRY(buf_check(c, &bound));
    TRY(crypto_key_from_password(c, lock->password, salt, lock->cost, &key));
    size_t before = out->n;
    buf_append(out, front, sizeof front);
    Err e = crypto_seal(c, &key, buf_view(&bound), plain, random, out);
    crypto_wipe(&key, sizeof key);
    if (e != OK && !out->failed)
        out->n = before;
    return e;
}

Err crypto_open_with_password(Ctx *c, const CryptoLock *lock, Str sealed, Buf *out) {
    CryptoKey key;
    AUTO(Buf) bound = {0};
    TRY(crypto_front_open(c, seal_magic, sealed, lock->password, &key));
    buf_append(&bound, sealed.p, CRYPTO_FRONT_BYTES);
    buf_str(&bound, lock->purpose);
    Err e = buf_check(c, &bound);
    Str body = {sealed.p + CRYPTO_FRONT_BYTES, sealed.n - CRYPTO_FRONT_BYTES};
    if (e == OK)
        e = crypto_open(c, &key, buf_view(&bound), body, out);
    crypto_wipe(&key, sizeof key);
    return e;
}
