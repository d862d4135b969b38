// crypto: hash, sign, verify, seal, random. SHA-256 from OpenSSL, the rest from libsodium.
//
// Owns nothing. Invariants: no function draws randomness by itself, it comes as a CryptoRandom;
// secrets are compared in constant time; what a signature or seal does not cover is not returned.
// Signatures: Ed25519 of RFC 8032 as libsodium checks it, that is without cofactor, and refusing
// S >= L, a public key that is not canonical or of small order, and an R of small order.
// Threads: everything is safe on different objects. crypto_init comes first, once in main and once
// in each test program; hashes, base64, ids and constant-time compare work without it.
#ifndef MOEI_CRYPTO_H
#define MOEI_CRYPTO_H

#include "base/base.h"

// E_IO when the machine has no source of randomness. May be called again.
Err crypto_init(Ctx *c) MUST_USE;

// --- hash -------------------------------------------------------------------------------------

#define CRYPTO_HASH_BYTES 32
typedef struct CryptoHash {
    uint8_t b[CRYPTO_HASH_BYTES];
} CryptoHash;

CryptoHash crypto_sha256(const void *bytes, size_t n);

// In parts; a plain value that may be copied to fork a common prefix.
typedef struct CryptoSha256 {
    uint32_t state[28];
} CryptoSha256;
void crypto_sha256_init(CryptoSha256 *s);
void crypto_sha256_add(CryptoSha256 *s, const void *bytes, size_t n);
CryptoHash crypto_sha256_finish(CryptoSha256 *s); // s must be initialised again after it

// HMAC-SHA-256 (RFC 2104). A key is prepared once; wipe it when done.
typedef struct CryptoHmacKey {
    CryptoSha256 inner, outer;
} CryptoHmacKey;
void crypto_hmac_key_init(CryptoHmacKey *k, const void *key, size_t n);
CryptoHash crypto_hmac(const CryptoHmacKey *k, const void *bytes, size_t n);

// --- random -----------------------------------------------------------------------------------

typedef struct CryptoRandom {
    void (*fill)(void *self, void *ret_bytes, size_t n);
    void *self;
} CryptoRandom;
static inline void crypto_random_fill(CryptoRandom r, void *ret_bytes, size_t n) {
    r.fill(r.self, ret_bytes, n);
}
CryptoRandom crypto_random_system(void); // needs crypto_init; safe in all threads

// The same bytes for the same seed: for tests and drills, never for keys that guard anything.
typedef struct CryptoRandomSeeded {
    uint8_t seed[32];
    uint64_t calls;
} CryptoRandomSeeded;
// `state` must outlive what is returned, and belongs to one thread.
CryptoRandom crypto_random_seeded(CryptoRandomSeeded *state, uint64_t seed);

// --- ids --------------------------------------------------------------------------------------

typedef struct CryptoUuid {
    uint8_t b[16];
} CryptoUuid;
#define CRYPTO_UUID_TEXT_BYTES 37

// RFC 9562 version 7: 48 bits of ms since 1970, then 74 random bits. at_ms: 0 to 2^48 - 1. That
// ids of one process rise is the caller's matter.
CryptoUuid crypto_uuid7(int64_t at_ms, CryptoRandom random);
int64_t crypto_uuid7_ms(CryptoUuid u);
bool crypto_uuid_is_v7(CryptoUuid u);
void crypto_uuid_format(CryptoUuid u, char ret_text[CRYPTO_UUID_TEXT_BYTES]); // lower case, NUL
// False unless text is 36 bytes of lower-case hex and hyphens in their places.
bool crypto_uuid_parse(Str text, CryptoUuid *ret_uuid);

// --- sign -------------------------------------------------------------------------------------

typedef struct CryptoSeed {
    uint8_t b[32]; // secret
} CryptoSeed;
typedef struct CryptoSignKey {
    uint8_t b[64]; // secret
} CryptoSignKey;
typedef struct CryptoPublicKey {
    uint8_t b[32];
} CryptoPublicKey;
typedef struct CryptoSignature {
    uint8_t b[64];
} CryptoSignature;

void crypto_sign_key_from_seed(const CryptoSeed *seed, CryptoSignKey *ret_key,
                               CryptoPublicKey *ret_public);
CryptoPublicKey crypto_sign_key_public(const CryptoSignKey *key);
CryptoSignature crypto_signature_make(const CryptoSignKey *key, const void *bytes, size_t n);
// True if the signature holds under the convention in the head of this file.
bool crypto_signature_holds(const CryptoPublicKey *key, const void *bytes, size_t n,
                            const CryptoSignature *signature);
// The same as an error: E_CRYPTO.
Err crypto_signature_check(Ctx *c, const CryptoPublicKey *key, Str message,
                           const CryptoSignature *signature) MUST_USE;

// --- passwords --------------------------------------------------------------------------------

// Work of Argon2id (RFC 9106, one lane).
typedef struct CryptoCost {
    uint32_t memory_kib; // 8 … CRYPTO_PASSWORD_MEMORY_KIB_MAX
    uint32_t passes;     // 1 … CRYPTO_PASSWORD_PASSES_MAX
} CryptoCost;
CryptoCost crypto_cost_standard(void); // 64 MiB, 3 passes: about 0.1 s
CryptoCost crypto_cost_least(void);    // for tests only

#define CRYPTO_PASSWORD_HASH_TEXT_BYTES 128
// A text to keep, "$argon2id$v=19$m=..,t=..,p=1$salt$hash", NUL-terminated. E_INVALID for an empty
// password, E_LIMIT over CRYPTO_PASSWORD_BYTES_MAX, E_MEMORY.
Err crypto_password_hash(Ctx *c, Str password, CryptoCost cost, CryptoRandom random,
                         char ret_text[CRYPTO_PASSWORD_HASH_TEXT_BYTES]) MUST_USE;
// E_DENIED when it is another password; E_CORRUPT when the text is no such hash.
Err crypto_password_check(Ctx *c, Str password, Str hash_text) MUST_USE;

#define CRYPTO_SALT_BYTES 16
typedef struct CryptoKey {
    uint8_t b[32]; // secret
} CryptoKey;
// The key that belongs to a password and salt; errors as crypto_password_hash.
Err crypto_key_from_password(Ctx *c, Str password, const uint8_t salt[CRYPTO_SALT_BYTES],
                             CryptoCost cost, CryptoKey *ret_key) MUST_USE;
void crypto_key_random(CryptoRandom random, CryptoKey *ret_key);

// --- seal: XChaCha20-Poly1305 -------------------------------------------------------------------

#define CRYPTO_SEAL_EXTRA_BYTES 40 // nonce 24, tag 16
// Appends nonce and ciphertext to `out`. `purpose` is bound in but not stored: opening needs the
// same. E_MEMORY.
Err crypto_seal(Ctx *c, const CryptoKey *key, Str purpose, Str plain, CryptoRandom random,
                Buf *out) MUST_USE;
// Appends the plain bytes. E_CRYPTO when key, purpose or any byte is not the one sealed; E_MEMORY.
Err crypto_open(Ctx *c, const CryptoKey *key, Str purpose, Str sealed, Buf *out) MUST_USE;

// What opens a thing sealed by password.
typedef struct CryptoLock {
    Str password;
    Str purpose;
    CryptoCost cost; // for sealing; opening reads it from what was sealed
} CryptoLock;
// The same with the key made from a password; salt and cost stand in front. Errors also as
// crypto_password_hash; E_LIMIT when the cost asked for by the sealed bytes is over the maximum.
Err crypto_seal_with_password(Ctx *c, const CryptoLock *lock, Str plain, CryptoRandom random,
                              Buf *out) MUST_USE;
Err crypto_open_with_password(Ctx *c, const CryptoLock *lock, Str sealed, Buf *out) MUST_USE;

// --- seal to a public key
// -------------------------------------------------------------------------

#define CRYPTO_BOX_EXTRA_BYTES 48 // one-time key 32, tag 16
// libsodium's sealed box (crypto_box_seal) to the X25519 form of an Ed25519 key: who holds the
// secret half opens it, and nothing tells who sealed it or for whom. Appends. E_CRYPTO for a key
// to which nothing can be sealed (of small order, or no point), E_MEMORY.
Err crypto_box_to(Ctx *c, const CryptoPublicKey *recipient, Str plain, CryptoRandom random,
                  Buf *out) MUST_USE;
// E_CRYPTO when it was sealed to another key or changed.
Err crypto_box_open_with(Ctx *c, const CryptoSignKey *key, Str sealed, Buf *out) MUST_USE;

// --- a stream of chunks by a given key
// ------------------------------------------------------------

// libsodium's secretstream (XChaCha20-Poly1305): each chunk is authenticated with its place;
// `bound` is additional data of every chunk. One direction of one stream. Wipe it when done.
#define CRYPTO_STREAM_HEADER_BYTES 24
#define CRYPTO_STREAM_EXTRA_BYTES 17
typedef struct CryptoStream {
    uint8_t state[52]; // secret
    CryptoHash bound;
} CryptoStream;
// Both ends start alike, from the key and a header of random bytes.
void crypto_stream_start(const CryptoKey *key, const uint8_t header[CRYPTO_STREAM_HEADER_BYTES],
                         Str bound, CryptoStream *ret_stream);
// Writes n + CRYPTO_STREAM_EXTRA_BYTES to ret_sealed.
void crypto_stream_seal(CryptoStream *s, const void *plain, size_t n, bool last,
                        uint8_t *ret_sealed);
// Writes n - CRYPTO_STREAM_EXTRA_BYTES to ret_plain. False when key, place or any byte is another.
bool crypto_stream_open(CryptoStream *s, const uint8_t *sealed, size_t n, uint8_t *ret_plain,
                        bool *ret_last);

// --- sealed files, for backups ------------------------------------------------------------------

// A file of chunks (libsodium's secretstream), each authenticated with its place; a file that was
// cut, reordered or changed is refused at the first bad chunk. Layout in crypto_file.c.
typedef struct CryptoFileWriter {
    void *state; // owned
    File *file;  // borrowed
} CryptoFileWriter;
Err crypto_file_writer_open(Ctx *c, File *out, const CryptoLock *lock, CryptoRandom random,
                            CryptoFileWriter *ret_writer) MUST_USE;
Err crypto_file_write(Ctx *c, CryptoFileWriter *w, const void *bytes, size_t n) MUST_USE;
// Writes the last chunk; without it the file is refused as cut. Does not sync or close the file.
Err crypto_file_finish(Ctx *c, CryptoFileWriter *w) MUST_USE;
void CryptoFileWriter_cleanup(CryptoFileWriter *w);

typedef struct CryptoFileReader {
    void *state; // owned
    File *file;  // borrowed
} CryptoFileReader;
// E_CRYPTO for a wrong password shows at the first read; E_INVALID when it is no such file.
Err crypto_file_reader_open(Ctx *c, File *in, const CryptoLock *lock,
                            CryptoFileReader *ret_reader) MUST_USE;
// Up to n plain bytes, all authenticated; *ret_n is 0 only after the last chunk was seen and
// nothing follows it. E_CRYPTO, E_CORRUPT when the file is cut.
Err crypto_file_read(Ctx *c, CryptoFileReader *r, void *bytes, size_t n, size_t *ret_n) MUST_USE;
void CryptoFileReader_cleanup(CryptoFileReader *r);

// --- small things -----------------------------------------------------------------------------

bool crypto_equal(const void *a, const void *b, size_t n); // constant time
void crypto_wipe(void *bytes, size_t n);                   // not optimised away

// Standard base64 (RFC 4648 section 4) with padding, without line breaks.
void crypto_base64_put(Buf *out, const void *bytes, size_t n);
// False unless text is exactly that form (unused bits 0) and at most `cap` bytes.
bool crypto_base64_decode(Str text, void *ret_bytes, size_t cap, size_t *ret_n);
// The same in the alphabet for URLs (section 5) without padding.
void crypto_base64url_put(Buf *out, const void *bytes, size_t n);
bool crypto_base64url_decode(Str text, void *ret_bytes, size_t cap, size_t *ret_n);

#endif
