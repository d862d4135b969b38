// A message of outside bytes, as it comes; and the same bytes as frames of a message that is
// signed.
#include "sync/sync.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void check(const SyncMessage *m) {
    size_t sum = 0;
    for (size_t i = 0; i < m->tree_count; i++) {
        const SyncTree *t = &m->trees[i];
        for (size_t k = 1; k < t->opening_count; k++)
            ASSERT(m->openings[t->openings[k - 1]].leaf < m->openings[t->openings[k]].leaf);
        for (size_t k = 0; k < t->opening_count; k++)
            ASSERT(m->openings[t->openings[k]].tree == i);
        sum += t->opening_count;
    }
    ASSERT(sum <= m->opening_count && m->opening_count <= SYNC_OPENINGS_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    AUTO(Ctx) c;
    ctx_init(&c);
    ASSERT(crypto_init(&c) == OK);
    CryptoSeed seed = {{1}};
    CryptoSignKey key;
    SyncHead peeked, head = {0};
    SyncMessage m;
    CryptoPublicKey by;
    crypto_sign_key_from_seed(&seed, &key, &head.link_key);
    if (sync_read(&c, (Str){(const char *)bytes, n}, &by, &m) == OK)
        check(&m);
    if (sync_peek(&c, (Str){(const char *)bytes, n}, &peeked) == OK)
        ASSERT(peeked.now_us >= 0);
    AUTO(SyncWriter) w = {0};
    AUTO(Buf) out = {0};
    ASSERT(sync_write_begin(&c, &w, &head) == OK);
    buf_append(&w.plain, bytes, n < 100000 ? n : 100000);
    ASSERT(sync_write_end(&c, &w, &key, &out) == OK);
    if (sync_read(&c, buf_view(&out), &by, &m) == OK)
        check(&m);
    return 0;
}
