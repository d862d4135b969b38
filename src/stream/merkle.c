// The hash tree over the rows of a batch: docs/format-stream.md, section 3.
#include "stream/stream_priv.h"

static CryptoHash node_hash(const CryptoHash *left, const CryptoHash *right) {
    uint8_t bytes[1 + 2 * CRYPTO_HASH_BYTES];
    bytes[0] = 1;
    memcpy(bytes + 1, left, CRYPTO_HASH_BYTES);
    memcpy(bytes + 1 + CRYPTO_HASH_BYTES, right, CRYPTO_HASH_BYTES);
    return crypto_sha256(bytes, sizeof bytes);
}

static unsigned depth_of(uint64_t n) {
    return (unsigned)__builtin_popcountll(n);
}

void merkle_add(MerkleStack *m, const CryptoHash *leaf) {
    CryptoHash node = *leaf;
    unsigned depth = depth_of(m->n);
    // Each trailing one bit of the count is a full subtree that the new leaf completes.
    for (uint64_t n = m->n; n & 1; n >>= 1)
        node = node_hash(&m->nodes[--depth], &node);
    m->nodes[depth] = node;
    m->n++;
}

CryptoHash merkle_root(const MerkleStack *m) {
    unsigned depth = depth_of(m->n);
    if (depth == 0)
        return crypto_sha256(NULL, 0);
    CryptoHash node = m->nodes[--depth];
    while (depth)
        node = node_hash(&m->nodes[--depth], &node);
    return node;
}

void leaf_key_init(LeafKey *k, const CryptoHash *batch_salt) {
    crypto_hmac_key_init(&k->salt, batch_salt, sizeof *batch_salt);
    memcpy(k->message, "moei/row/v1\n", 12);
}

CryptoHash leaf_of_row(LeafKey *k, uint64_t number, Str row, Buf *scratch) {
    store_u64le(k->message + 12, number);
    CryptoHash salt = crypto_hmac(&k->salt, k->message, sizeof k->message);
    buf_clear(scratch);
    buf_char(scratch, 0);
    buf_append(scratch, &salt, sizeof salt);
    buf_str(scratch, row);
    return crypto_sha256(scratch->p, scratch->n);
}
