// A checkpoint of outside bytes: never crashes, and what is accepted is written again as it came.
#include "ledger/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    AUTO(Ctx) c;
    ctx_init(&c);
    ASSERT(crypto_init(&c) == OK);
    Str note = {(const char *)bytes, n};
    LedgerCheckpoint cp, again;
    if (ledger_note_parse(&c, note, &cp) != OK)
        return 0;
    ASSERT(cp.size >= 0 && cp.origin.n > 0);
    CryptoSeed seed = {{1}};
    CryptoSignKey key;
    CryptoPublicKey public_key;
    crypto_sign_key_from_seed(&seed, &key, &public_key);
    // The three lines are the same, whoever signs them, and the signature of another does not hold.
    AUTO(Buf) out = {0};
    LedgerTreeHead head = {(uint64_t)cp.size, cp.root};
    ASSERT(ledger_note_write(&c, cp.origin, &head, &key, &out) == OK);
    ASSERT(ledger_note_verify(&c, buf_view(&out), cp.origin, &public_key, &again) == OK);
    size_t end;
    ASSERT(str_find(note, STR("\n\n"), &end) && memcmp(out.p, note.p, end) == 0);
    if (!str_eq(buf_view(&out), note))
        ASSERT(ledger_note_verify(&c, note, cp.origin, &public_key, &again) == E_CRYPTO);
    return 0;
}
