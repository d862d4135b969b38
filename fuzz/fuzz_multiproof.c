// A multi-proof of outside bytes: never crashes, and what is accepted ends when a bit is changed.
#include "ledger/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

// u64 old size, u64 new size, u8 leaves, leaf numbers (u64 each), then hashes: old peaks' one
// value, the root, one for each leaf, the proof.
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    enum { LEAVES = 16, HASHES = 256 };
    AUTO(Ctx) c;
    ctx_init(&c);
    if (n < 17 || bytes[16] > LEAVES || n < 17 + 8U * bytes[16])
        return 0;
    size_t leaf_count = bytes[16], at = 17 + 8 * leaf_count, count = (n - at) / 32;
    int64_t seqs[LEAVES];
    CryptoHash hashes[HASHES];
    if (count < 2 + leaf_count || count > HASHES)
        return 0;
    for (size_t i = 0; i < leaf_count; i++)
        seqs[i] = (int64_t)load_u64le(bytes + 17 + 8 * i);
    memcpy(hashes, bytes + at, count * sizeof *hashes);
    LedgerMultiproof p = {.old_tree.size = load_u64le(bytes),
                          .head = {load_u64le(bytes + 8), hashes[1]},
                          .leaves = {seqs, leaf_count},
                          .leaf_hashes = hashes + 2,
                          .proof = {hashes + 2 + leaf_count, count - 2 - leaf_count}};
    for (size_t i = 0; i < COUNT_OF(p.old_tree.level); i++)
        p.old_tree.level[i] = hashes[0];
    Err e = ledger_multiproof_check(&c, &p);
    ASSERT(e == OK || e == E_INVALID || e == E_CRYPTO);
    if (e == OK) {
        p.head.root.b[0] ^= 1;
        ASSERT(ledger_multiproof_check(&c, &p) == E_CRYPTO);
    }
    return 0;
}
