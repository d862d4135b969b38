// A log as others read it: C2SP tlog-tiles.
#include "ledger/ledger_priv.h"

static Err check_tile(Ctx *c, LedgerReader *r, uint32_t log, const LedgerTile *t, unsigned level) {
    int64_t size;
    TRY(ledger_reader_size(c, r, log, &size));
    unsigned shift = level * LEDGER_NODE_LEVELS;
    if (t->width < 1 || t->width > LEDGER_BLOCK_LEAVES || level >= LEDGER_BLOCK_BASES ||
        t->number < 0 || t->number > LEDGER_SEQ_MAX ||
        t->number * LEDGER_BLOCK_LEAVES + t->width > size >> shift)
        return fail(c, E_NOT_FOUND, "there is no such tile");
    return OK;
}

Err ledger_tile(Ctx *c, LedgerReader *r, uint32_t log, const LedgerTile *tile, Buf *out) {
    TRY(check_tile(c, r, log, tile, tile->level));
    AUTO(NodeSource) s = {0};
    TRY(ledger_nodes_open(c, r->db, log, &s));
    for (unsigned i = 0; i < tile->width; i++) {
        CryptoHash hash;
        uint64_t number = (uint64_t)tile->number * LEDGER_BLOCK_LEAVES + i;
        TRY(ledger_nodes_get(c, &s, tile->level * LEDGER_NODE_LEVELS, number, &hash));
        buf_append(out, hash.b, sizeof hash.b);
    }
    return buf_check(c, out);
}

Err ledger_tile_entries(Ctx *c, LedgerReader *r, uint32_t log, const LedgerTile *tile, Buf *out) {
    static const uint8_t length[2] = {0, CRYPTO_HASH_BYTES};
    CryptoHash commitments[LEDGER_BLOCK_LEAVES];
    TRY(check_tile(c, r, log, tile, 0));
    TRY(ledger_commitments(c, r, log, tile->number * LEDGER_BLOCK_LEAVES, tile->width,
                           commitments));
    for (unsigned i = 0; i < tile->width; i++) {
        buf_append(out, length, sizeof length);
        buf_append(out, commitments[i].b, sizeof commitments[i].b);
    }
    return buf_check(c, out);
}
