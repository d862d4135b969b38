// A bundle of outside bytes: as a file, and as the plain stream within one chunk that is sealed.
#include <sys/mman.h>

#include "sync/sync.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void read_all(Ctx *c, const CryptoSignKey *key, Str bytes) {
    AUTO(File) f = {.fd = memfd_create("bundle", 0), .open = true};
    AUTO(SyncBundleReader) r = {0};
    Str message = {"", 1};
    ASSERT(f.fd >= 0 && file_write_at(c, &f, 0, bytes.p, bytes.n) == OK);
    if (sync_bundle_open(c, &f, key, 1, &r) == OK)
        while (sync_bundle_read(c, &r, &message) == OK && message.n > 0)
            ASSERT(message.n <= bytes.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static uint8_t header[CRYPTO_STREAM_HEADER_BYTES], sealed[4 + SYNC_CHUNK_BYTES + 17];
    AUTO(Ctx) c;
    AUTO(Buf) file = {0};
    CryptoSeed seed = {{1}};
    CryptoKey raw = {{2}};
    CryptoRandomSeeded state;
    CryptoSignKey key;
    CryptoPublicKey to;
    CryptoStream stream;
    ctx_init(&c);
    ASSERT(crypto_init(&c) == OK);
    crypto_sign_key_from_seed(&seed, &key, &to);
    read_all(&c, &key, (Str){(const char *)bytes, n});
    n = n < SYNC_CHUNK_BYTES ? n : SYNC_CHUNK_BYTES;
    buf_text(&file, "moei/bundle/1\n");
    ASSERT(crypto_box_to(&c, &to, (Str){(const char *)raw.b, 32}, crypto_random_seeded(&state, 1),
                         &file) == OK);
    buf_append(&file, header, sizeof header);
    crypto_stream_start(&raw, header, buf_view(&file), &stream);
    store_u32le(sealed, (uint32_t)n + 17);
    crypto_stream_seal(&stream, bytes, n, true, sealed + 4);
    buf_append(&file, sealed, 4 + n + 17);
    read_all(&c, &key, buf_view(&file));
    return 0;
}
