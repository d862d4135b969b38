// Sealed files. Layout:
//   "moei-file-1\n" 12, memory KiB 4, passes 4 (little-endian), salt 16, secretstream header 24,
//   then chunks of CRYPTO_FILE_CHUNK_BYTES plain bytes, each 17 bytes longer when sealed; the last
//   one is shorter, may be empty, and alone has the tag FINAL. The front, the header and the
//   purpose are the additional data of every chunk.
#include <sodium.h>

#include "crypto/crypto.h"
#include "crypto/crypto_priv.h"

#define HEADER_BYTES crypto_secretstream_xchacha20poly1305_HEADERBYTES
#define EXTRA_BYTES crypto_secretstream_xchacha20poly1305_ABYTES
#define SEALED_BYTES (CRYPTO_FILE_CHUNK_BYTES + EXTRA_BYTES)
#define START_BYTES (CRYPTO_FRONT_BYTES + HEADER_BYTES)

typedef crypto_secretstream_xchacha20poly1305_state Stream;

typedef struct Chunks {
    Stream stream;
    CryptoHash bound; // of the file's start and the purpose
    bool ended;
    size_t at, n; // plain[at … n) is there to be read; plain[0 … n) waits to be written
    uint8_t plain[CRYPTO_FILE_CHUNK_BYTES];
    uint8_t sealed[SEALED_BYTES];
} Chunks;

static const char file_magic[12] = {'m', 'o', 'e', 'i', '-', 'f', 'i', 'l', 'e', '-', '1', '\n'};

static CryptoHash bind(const uint8_t start[START_BYTES], Str purpose) {
    CryptoSha256 s;
    crypto_sha256_init(&s);
    crypto_sha256_add(&s, start, START_BYTES);
    crypto_sha256_add(&s, purpose.p, purpose.n);
    return crypto_sha256_finish(&s);
}

static void drop(Chunks *k) {
    if (k)
        crypto_wipe(k, sizeof *k);
    mem_free(k);
}

// --- write ------------------------------------------------------------------------------------

Err crypto_file_writer_open(Ctx *c, File *out, const CryptoLock *lock, CryptoRandom random,
                            CryptoFileWriter *ret_writer) {
    uint8_t start[START_BYTES];
    uint8_t salt[CRYPTO_SALT_BYTES];
    CryptoKey key;
    AUTO(CryptoFileWriter) w = {.file = out};
    Chunks *k = mem_alloc_zero(1, sizeof *k);
    if (!k)
        return fail(c, E_MEMORY, "no memory for a sealed file");
    w.state = k;
    crypto_random_fill(random, salt, sizeof salt);
    crypto_front_write(file_magic, lock->cost, salt, start);
    crypto_random_fill(random, start + CRYPTO_FRONT_BYTES, HEADER_BYTES);
    TRY(crypto_key_from_password(c, lock->password, salt, lock->cost, &key));
    // The writer starts as the reader will, from a header that is already there: init_push would
    // draw the header itself, and both ends have the same state after it.
    crypto_secretstream_xchacha20poly1305_init_pull(&k->stream, start + CRYPTO_FRONT_BYTES, key.b);
    crypto_wipe(&key, sizeof key);
    k->bound = bind(start, lock->purpose);
    TRY(file_write(c, out, start, sizeof start));
    *ret_writer = w;
    w.state = NULL;
    return OK;
}

static Err write_chunk(Ctx *c, CryptoFileWriter *w, Chunks *k, uint8_t tag) {
    crypto_secretstream_xchacha20poly1305_push(&k->stream, k->sealed, NULL, k->plain, k->n,
                                               k->bound.b, sizeof k->bound.b, tag);
    size_t n = k->n + EXTRA_BYTES;
    k->n = 0;
    return file_write(c, w->file, k->sealed, n);
}

Err crypto_file_write(Ctx *c, CryptoFileWriter *w, const void *bytes, size_t n) {
    Chunks *k = w->state;
    const uint8_t *from = bytes;
    ASSERT(k && !k->ended);
    while (n > 0) {
        size_t room = sizeof k->plain - k->n;
        size_t part = n < room ? n : room;
        memcpy(k->plain + k->n, from, part);
        k->n += part;
        from += part;
        n -= part;
        if (k->n == sizeof k->plain)
            TRY(write_chunk(c, w, k, 0));
    }
    return OK;
}

Err crypto_file_finish(Ctx *c, CryptoFileWriter *w) {
    Chunks *k = w->state;
    ASSERT(k && !k->ended);
    k->ended = true;
    return write_chunk(c, w, k, crypto_secretstream_xchacha20poly1305_TAG_FINAL);
}

void CryptoFileWriter_cleanup(CryptoFileWriter *w) {
    drop(w->state);
    *w = (CryptoFileWriter){0};
}

// --- read -------------------------------------------------------------------------------------

Err crypto_file_reader_open(Ctx *c, File *in, const CryptoLock *lock,
                            CryptoFileReader *ret_reader) {
    uint8_t start[START_BYTES];
    size_t n;
    CryptoKey key;
    AUTO(CryptoFileReader) r = {.file = in};
    Chunks *k = mem_alloc_zero(1, sizeof *k);
    if (!k)
        return fail(c, E_MEMORY, "no memory for a sealed file");
    r.state = k;
    TRY(file_read_full(c, in, start, sizeof start, &n));
    if (n < sizeof start)
        return fail(c, E_INVALID, "%s: not a file sealed by Moei, or cut off", in->path);
    Str front = {(const char *)start, CRYPTO_FRONT_BYTES};
    TRY(crypto_front_open(c, file_magic, front, lock->password, &key));
    crypto_secretstream_xchacha20poly1305_init_pull(&k->stream, start + CRYPTO_FRONT_BYTES, key.b);
    crypto_wipe(&key, sizeof key);
    k->bound = bind(start, lock->purpose);
    *ret_reader = r;
    r.state = NULL;
    return OK;
}

static Err read_chunk(Ctx *c, CryptoFileReader *r, Chunks *k) {
    size_t n;
    TRY(file_read_full(c, r->file, k->sealed, sizeof k->sealed, &n));
    if (n < EXTRA_BYTES)
        return fail(c, E_CORRUPT, "%s: the file is cut off", r->file->path);
    unsigned long long plain_n = 0;
    uint8_t tag = 0;
    if (crypto_secretstream_xchacha20poly1305_pull(&k->stream, k->plain, &plain_n, &tag, k->sealed,
                                                   n, k->bound.b, sizeof k->bound.b) != 0)
        return fail(c, E_CRYPTO, "%s: another password, or the file was changed or cut",
                    r->file->path);
    bool final = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    if (!final && n < sizeof k->sealed)
        return fail(c, E_CORRUPT, "%s: the file is cut off", r->file->path);
    if (final) {
        uint8_t more;
        TRY(file_read_full(c, r->file, &more, 1, &n));
        if (n > 0)
            return fail(c, E_CORRUPT, "%s: something follows after the end", r->file->path);
    }
    k->ended = final;
    k->at = 0;
    k->n = (size_t)plain_n;
    return OK;
}

Err crypto_file_read(Ctx *c, CryptoFileReader *r, void *bytes, size_t n, size_t *ret_n) {
    Chunks *k = r->state;
    ASSERT(k && n > 0);
    if (k->at == k->n && !k->ended)
        TRY(read_chunk(c, r, k));
    size_t have = k->n - k->at;
    size_t part = n < have ? n : have;
    memcpy(bytes, k->plain + k->at, part);
    k->at += part;
    *ret_n = part;
    return OK;
}

void CryptoFileReader_cleanup(CryptoFileReader *r) {
    drop(r->state);
    *r = (CryptoFileReader){0};
}
