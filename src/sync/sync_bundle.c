// Bundles: messages in a file that only the recipient can read. docs/format-bundle.md.
#include "sync/sync_priv.h"

#define MAGIC_BYTES 14
#define KEY_BYTES 80 // 32 and what a box adds
#define START_BYTES (MAGIC_BYTES + KEY_BYTES + CRYPTO_STREAM_HEADER_BYTES)
#define SEALED_MAX (SYNC_CHUNK_BYTES + CRYPTO_STREAM_EXTRA_BYTES)

static const char magic[] = "moei/bundle/1\n";
static_assert(sizeof magic - 1 == MAGIC_BYTES, "its length");
static_assert(KEY_BYTES == sizeof(CryptoKey) + CRYPTO_BOX_EXTRA_BYTES, "a sealed key");

typedef struct Chunks {
    CryptoStream stream;
    bool ended;   // the last chunk was written, or read
    bool broken;  // nothing more can be read
    size_t at, n; // plain[at … n) is there to be read; plain[0 … n) waits to be written
    Buf message;  // of the reader
    uint8_t plain[SYNC_CHUNK_BYTES];
    uint8_t sealed[4 + SEALED_MAX];
} Chunks;

static void drop(Chunks *k) {
    if (k) {
        buf_done(&k->message);
        crypto_wipe(k, sizeof *k);
    }
    mem_free(k);
}

// --- write --------------------------------------------------------------------------------------

Err sync_bundle_create(Ctx *c, File *out, const CryptoPublicKey *recipient, CryptoRandom random,
                       SyncBundleWriter *ret_writer) {
    AUTO(Buf) start = {0};
    AUTO(SyncBundleWriter) w = {.file = out};
    uint8_t header[CRYPTO_STREAM_HEADER_BYTES];
    CryptoKey key;
    Chunks *k = mem_alloc_zero(1, sizeof *k);
    if (!k)
        return fail(c, E_MEMORY, "no memory for a bundle");
    w.state = k;
    crypto_key_random(random, &key);
    crypto_random_fill(random, header, sizeof header);
    buf_append(&start, magic, MAGIC_BYTES);
    Err e = crypto_box_to(c, recipient, (Str){(const char *)key.b, sizeof key.b}, random, &start);
    buf_append(&start, header, sizeof header);
    if (e == OK)
        e = buf_check(c, &start);
    if (e == OK)
        crypto_stream_start(&key, header, buf_view(&start), &k->stream);
    crypto_wipe(&key, sizeof key);
    TRY(e);
    TRY(file_write(c, out, start.p, start.n));
    *ret_writer = w;
    w.state = NULL;
    return OK;
}

static Err write_chunk(Ctx *c, SyncBundleWriter *w, Chunks *k, bool last) {
    size_t n = k->n + CRYPTO_STREAM_EXTRA_BYTES;
    store_u32le(k->sealed, (uint32_t)n);
    crypto_stream_seal(&k->stream, k->plain, k->n, last, k->sealed + 4);
    k->n = 0;
    return file_write(c, w->file, k->sealed, 4 + n);
}

static Err write_bytes(Ctx *c, SyncBundleWriter *w, Chunks *k, const void *bytes, size_t n) {
    const uint8_t *from = bytes;
    while (n > 0) {
        size_t room = sizeof k->plain - k->n;
        size_t part = n < room ? n : room;
        memcpy(k->plain + k->n, from, part);
        k->n += part;
        from += part;
        n -= part;
        if (k->n == sizeof k->plain)
            TRY(write_chunk(c, w, k, false));
    }
    return OK;
}

Err sync_bundle_write(Ctx *c, SyncBundleWriter *w, Str message) {
    Chunks *k = w->state;
    uint8_t length[4];
    ASSERT(k && !k->ended);
    if (message.n == 0 || message.n > SYNC_PACKED_BYTES_MAX)
        return fail(c, E_INVALID, "a bundle carries messages of 1 to %d bytes",
                    SYNC_PACKED_BYTES_MAX);
    store_u32le(length, (uint32_t)message.n);
    TRY(write_bytes(c, w, k, length, sizeof length));
    TRY(write_bytes(c, w, k, message.p, message.n));
    // A chunk ends with its message, so that a cut file still gives all that came whole.
    return k->n > 0 ? write_chunk(c, w, k, false) : OK;
}

Err sync_bundle_finish(Ctx *c, SyncBundleWriter *w) {
    Chunks *k = w->state;
    ASSERT(k && !k->ended);
    k->ended = true;
    return write_chunk(c, w, k, true);
}

void SyncBundleWriter_cleanup(SyncBundleWriter *w) {
    drop(w->state);
    *w = (SyncBundleWriter){0};
}

// --- read ---------------------------------------------------------------------------------------

// Without the folder: who sends a file to a server learns nothing of where it lies there.
static const char *name_of(const File *f) {
    const char *last = strrchr(f->path, '/');
    return last ? last + 1 : f->path;
}

static Err open_key(Ctx *c, const File *f, const CryptoSignKey *link_keys, size_t n, Str sealed,
                    Buf *key) {
    for (size_t i = 0; i < n; i++) {
        Err e = crypto_box_open_with(c, &link_keys[i], sealed, key);
        if (e != E_CRYPTO)
            return e;
    }
    return fail(c, E_DENIED,
                "%s: this bundle is sealed to another agency, and only that one can open it: one "
                "for us is written with our name behind --to",
                name_of(f));
}

Err sync_bundle_open(Ctx *c, File *in, const CryptoSignKey *link_keys, size_t n,
                     SyncBundleReader *ret_reader) {
    uint8_t start[START_BYTES];
    size_t have;
    AUTO(Buf) opened = {0};
    AUTO(SyncBundleReader) r = {.file = in};
    Chunks *k = mem_alloc_zero(1, sizeof *k);
    if (!k)
        return fail(c, E_MEMORY, "no memory for a bundle");
    r.state = k;
    TRY(file_read_full(c, in, start, sizeof start, &have));
    if (have < MAGIC_BYTES || memcmp(start, magic, MAGIC_BYTES) != 0)
        return fail(c, E_INVALID, "%s: this is no bundle of Moei%s", name_of(in),
                    have == 0 ? ": it is empty, copy it again" : "");
    if (have < sizeof start)
        return fail(c, E_CORRUPT, "%s: the bundle is cut off: copy it again", name_of(in));
    Str sealed = {(const char *)start + MAGIC_BYTES, KEY_BYTES};
    TRY(open_key(c, in, link_keys, n, sealed, &opened));
    CryptoKey key;
    memcpy(key.b, opened.p, sizeof key.b);
    crypto_wipe(opened.p, opened.n);
    crypto_stream_start(&key, start + MAGIC_BYTES + KEY_BYTES,
                        (Str){(const char *)start, sizeof start}, &k->stream);
    crypto_wipe(&key, sizeof key);
    *ret_reader = r;
    r.state = NULL;
    return OK;
}

static Err read_chunk(Ctx *c, SyncBundleReader *r, Chunks *k) {
    uint8_t length[4];
    size_t got;
    TRY(file_read_full(c, r->file, length, sizeof length, &got));
    if (got < sizeof length)
        return fail(c, E_CORRUPT, "%s: the bundle is cut off: copy it again", name_of(r->file));
    uint32_t n = load_u32le(length);
    if (n < CRYPTO_STREAM_EXTRA_BYTES || n > SEALED_MAX)
        return fail(c, E_CRYPTO, "%s: the bundle was changed on its way: copy it again",
                    name_of(r->file));
    TRY(file_read_full(c, r->file, k->sealed, n, &got));
    if (got < n)
        return fail(c, E_CORRUPT, "%s: the bundle is cut off: copy it again", name_of(r->file));
    bool last;
    if (!crypto_stream_open(&k->stream, k->sealed, n, k->plain, &last))
        return fail(c, E_CRYPTO, "%s: the bundle was changed on its way: copy it again",
                    name_of(r->file));
    if (last) {
        TRY(file_read_full(c, r->file, length, 1, &got));
        if (got > 0)
            return fail(c, E_CRYPTO, "%s: something follows after the bundle's end",
                        name_of(r->file));
    }
    k->ended = last;
    k->at = 0;
    k->n = n - CRYPTO_STREAM_EXTRA_BYTES;
    return OK;
}

// Moves n plain bytes into the message's buffer. *ret_end: the bundle ended before the first.
static Err take_bytes(Ctx *c, SyncBundleReader *r, Chunks *k, size_t n, bool *ret_end) {
    size_t taken = 0;
    while (taken < n) {
        size_t have = k->n - k->at;
        size_t part = n - taken < have ? n - taken : have;
        buf_append(&k->message, k->plain + k->at, part);
        k->at += part;
        taken += part;
        if (taken == n)
            break;
        if (k->ended && taken > 0)
            return fail(c, E_INVALID, "%s: the bundle ends within a message", name_of(r->file));
        if (k->ended) {
            *ret_end = true;
            return OK;
        }
        TRY(read_chunk(c, r, k));
    }
    *ret_end = false;
    return buf_check(c, &k->message);
}

static Err read_message(Ctx *c, SyncBundleReader *r, Chunks *k, Str *ret_message) {
    bool end;
    buf_clear(&k->message);
    TRY(take_bytes(c, r, k, 4, &end));
    if (end) {
        *ret_message = (Str){0};
        return OK;
    }
    uint32_t n = load_u32le(k->message.p);
    if (n == 0 || n > SYNC_PACKED_BYTES_MAX)
        return fail(c, E_INVALID, "%s: the bundle claims a message of %u bytes", name_of(r->file),
                    n);
    buf_clear(&k->message);
    TRY(take_bytes(c, r, k, n, &end));
    if (end)
        return fail(c, E_INVALID, "%s: the bundle ends within a message", name_of(r->file));
    *ret_message = buf_view(&k->message);
    return OK;
}

Err sync_bundle_read(Ctx *c, SyncBundleReader *r, Str *ret_message) {
    Chunks *k = r->state;
    ASSERT(k);
    if (k->broken)
        return fail(c, E_STATE, "%s: the bundle broke off before", name_of(r->file));
    Err e = read_message(c, r, k, ret_message);
    k->broken = e != OK;
    return e;
}

void SyncBundleReader_cleanup(SyncBundleReader *r) {
    drop(r->state);
    *r = (SyncBundleReader){0};
}
