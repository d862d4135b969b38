#include "peer.h"

static Err fill_leaves(Ctx *c, Source s, const LedgerLeaves *seqs, LedgerLeaf *leaves) {
    for (size_t i = 0; i < seqs->count; i++) {
        LedgerItem item;
        TRY(ledger_get(c, s.r, (LedgerPlace){s.log, seqs->seqs[i]}, &item));
        leaves[i].seq = seqs->seqs[i];
        leaves[i].envelope = item.envelope;
        leaves[i].commitment = item.commitment;
        memcpy(leaves[i].salt, item.salt, sizeof item.salt);
    }
    return OK;
}

static Err note_of(Ctx *c, Source s, LedgerSpan span, const LedgerLeaves *seqs, Str *ret_note) {
    LedgerCheckpoint cp;
    Err e = ledger_checkpoint_at(c, s.r, s.log, span.new_size, &cp);
    if (e == E_NOT_FOUND && seqs->count > 0) // it may be a loose one
        e = ledger_leaf_head(c, s.r, (LedgerPlace){s.log, seqs->seqs[0]}, &cp);
    TRY(e);
    assert_int_equal(cp.size, span.new_size);
    *ret_note = cp.note;
    return OK;
}

Err peer_batch(Ctx *c, Source s, LedgerSpan span, const LedgerLeaves *seqs, LedgerTake *ret_take) {
    LedgerLeaf *leaves;
    LedgerTake t = {.old_size = span.old_size, .leaf_count = seqs->count, .at_us = 1};
    TRY(ctx_alloc(c, (seqs->count + 1) * sizeof *leaves, &leaves));
    TRY(fill_leaves(c, s, seqs, leaves));
    TRY(note_of(c, s, span, seqs, &t.note));
    TRY(ledger_multiproof(c, s.r, s.log, span, seqs, &t.proof));
    t.leaves = leaves;
    *ret_take = t;
    return OK;
}

Err peer_open(Ctx *c, Node *to, Source s, uint32_t *ret_log) {
    LedgerItem genesis;
    TRY(ledger_get(c, s.r, (LedgerPlace){s.log, 0}, &genesis));
    TRY(ledger_begin(c, to->ledger));
    Err e = ledger_foreign_open(c, to->ledger, genesis.envelope, genesis.salt, ret_log);
    if (e == OK)
        return ledger_commit(c, to->ledger);
    ledger_rollback(to->ledger);
    return e;
}

Err peer_take(Ctx *c, Node *to, const LedgerTake *take, LedgerTaken *ret_taken) {
    TRY(ledger_begin(c, to->ledger));
    Err e = ledger_take(c, to->ledger, take, ret_taken);
    if (e == OK)
        return ledger_commit(c, to->ledger);
    ledger_rollback(to->ledger);
    return e;
}

Err peer_take_run(Ctx *c, Node *to, Source s, LedgerSpan span, int64_t from, int64_t upto) {
    int64_t *seqs;
    LedgerTake take;
    LedgerTaken taken;
    TRY(ctx_alloc(c, (size_t)(upto - from + 1) * sizeof *seqs, &seqs));
    for (int64_t i = from; i < upto; i++)
        seqs[i - from] = i;
    LedgerLeaves leaves = {seqs, (size_t)(upto - from)};
    TRY(peer_batch(c, s, span, &leaves, &take));
    TRY(peer_open(c, to, s, &take.log));
    return peer_take(c, to, &take, &taken);
}

static bool agency_of(Source s, Ctx *c, CryptoHash *ret_agency) {
    const LedgerLogInfo *logs;
    size_t n;
    assert_ok(c, ledger_log_list(c, s.r, &logs, &n));
    for (size_t i = 0; i < n; i++)
        if (logs[i].log == s.log) {
            *ret_agency = logs[i].agency;
            return true;
        }
    return false;
}

uint32_t peer_log(Ctx *c, Node *to, Source s) {
    CryptoHash agency;
    uint32_t log;
    AUTO(LedgerReaderOwned) r = NULL;
    assert_true(agency_of(s, c, &agency));
    assert_ok(c, ledger_reader_open(c, str_of(to->dir), &r));
    assert_ok(c, ledger_log_find(c, r, &agency, &log));
    return log;
}

int64_t peer_head(Ctx *c, Node *to, uint32_t log) {
    AUTO(LedgerReaderOwned) r = NULL;
    int64_t size;
    assert_ok(c, ledger_reader_open(c, str_of(to->dir), &r));
    assert_ok(c, ledger_reader_size(c, r, log, &size));
    return size;
}

void peer_sound(Ctx *c, Node *n) {
    LedgerVerdict v = node_verify(c, n);
    if (!v.sound)
        fail_msg("leaf %lld of log %u: %s", (long long)v.place.seq, v.place.log, v.words);
}
