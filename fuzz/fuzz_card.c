// A card of outside bytes: as text, and as what is under a signature that holds.
#include "sync/sync.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    AUTO(Ctx) c;
    ctx_init(&c);
    ASSERT(crypto_init(&c) == OK);
    AUTO(JsonReader) reader;
    ASSERT(json_reader_open(&c, &reader) == OK);
    AUTO(Buf) all = {0};
    AUTO(Buf) text = {0};
    AUTO(Buf) again = {0};
    CryptoSeed seed = {{1}};
    CryptoSignKey key;
    CryptoPublicKey public_key;
    SyncCard card;
    crypto_sign_key_from_seed(&seed, &key, &public_key);
    if (sync_card_read(&c, &reader, (Str){(const char *)bytes, n}, &card) == OK)
        ASSERT(card.genesis.n > 0);
    CryptoSignature sig = crypto_signature_make(&key, bytes, n);
    buf_append(&all, bytes, n);
    buf_append(&all, sig.b, sizeof sig.b);
    buf_text(&text, "MOEI1-");
    crypto_base64url_put(&text, all.p, all.n);
    if (sync_card_read(&c, &reader, buf_view(&text), &card) != OK)
        return 0;
    // What is accepted is written again as it came.
    ASSERT(sync_card_write(&c, &card, &key, &again) == OK);
    ASSERT(str_eq(buf_view(&text), buf_view(&again)));
    return 0;
}
