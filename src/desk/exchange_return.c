// After a lost disk: what only its recipients had. A mirror gives back our leaves, but no content
// that was not disclosed to it; so every peer is asked for what it had from us, and the leaves that
// it opens tell what was given to whom: docs/protocol-sync.md, 9.
#include "desk/exchange_priv.h"

#define ASK_EVERY_US TIME_MINUTE_US

// --- who lost it --------------------------------------------------------------------------------

Err desk_return_begin(Ctx *c, DeskNode *n, int64_t from) {
    DeskExchange *x = n->exchange;
    TRY(ledger_begin(c, n->ledger));
    Err e = journal_returns_set(c, ledger_db(n->ledger), from);
    if (e != OK) {
        ledger_rollback(n->ledger);
        return e;
    }
    TRY(ledger_commit(c, n->ledger));
    pthread_mutex_lock(&x->lock);
    for (size_t i = 0; i < x->count; i++) {
        x->peers[i].j.returns_from = from;
        x->peers[i].restore_at = 0;
        x->peers[i].waits = true;
    }
    pthread_mutex_unlock(&x->lock);
    return OK;
}

bool desk_return_due(const DeskNode *n, const DeskPeer *p) {
    return p->j.returns_from > 0 && clock_now(n->env.clock) - p->restore_at >= ASK_EVERY_US;
}

Err desk_return_ask(Ctx *c, DeskNode *n, DeskSlot *s, DeskPeer *p, SyncWriter *w) {
    LedgerCheckpoint head;
    CryptoHash us;
    if (!desk_return_due(n, p))
        return OK;
    if (!desk_unhex(str_of(n->agency_id), &us))
        return fail(c, E_CORRUPT, "the ledger names no agency");
    TRY(ledger_head_below(c, s->ledger, LEDGER_MAIN, p->j.returns_from, &head));
    p->restore_at = clock_now(n->env.clock);
    sync_put_seen(w, &us, head.note);
    return OK;
}

Err desk_return_take(Ctx *c, DeskWriting *w, DeskPeer *p, const SyncMessage *m, size_t tree,
                     uint64_t *ret_fresh) {
    const SyncTree *t = &m->trees[tree];
    uint64_t fresh = 0;
    if (p->j.returns_from == 0)
        return OK; // nobody asked
    p->restore_at = clock_now(w->node->env.clock);
    for (size_t i = 0; i < t->opening_count; i++) {
        const SyncOpening *o = &m->openings[t->openings[i]];
        LedgerLeaf leaf = {.seq = o->leaf, .envelope = o->envelope};
        bool opened;
        AUTO(Ctx) scratch;
        ctx_init(&scratch);
        memcpy(leaf.salt, o->salt, sizeof leaf.salt);
        Err e = ledger_restore_open(&scratch, w->node->ledger, &leaf, &opened);
        if (e != OK)
            return desk_pass(c, &scratch, e);
        fresh += opened;
        if (o->leaf >= p->j.returns_from)
            p->j.returns_from = o->leaf + 1;
    }
    if (t->opening_count == 0 && t->leaf_count == 0)
        p->j.returns_from = 0; // that was all
    *ret_fresh += fresh;
    return OK;
}

// --- who has it ---------------------------------------------------------------------------------

typedef struct Returning {
    SyncWriter *w;
    size_t room, count;
    int64_t next;
} Returning;

static Err put_held(void *self, Ctx *c, const LedgerItem *item) {
    Returning *k = self;
    if (item->state != LEDGER_HELD)
        return OK;
    SyncOpening o = {.tree = 0, .leaf = item->place.seq, .envelope = item->envelope};
    if (k->count == SYNC_OPENINGS_MAX ||
        (k->count > 0 && sync_write_bytes(k->w) + sync_opening_bytes(item->envelope) > k->room))
        return fail(c, E_CANCELLED, "enough");
    memcpy(o.salt, item->salt, sizeof o.salt);
    sync_put_opening(k->w, &o);
    k->next = item->place.seq + 1;
    k->count++;
    return OK;
}

Err desk_return_give(Ctx *c, DeskSlot *s, DeskPeer *p, uint32_t log, DeskReturn *r) {
    LedgerCheckpoint head;
    Err e = ledger_checkpoint(c, s->ledger, log, &head);
    if (e != OK)
        return e == E_NOT_FOUND ? OK : e; // it told us nothing yet
    size_t tail = sync_tree_bytes(head.note.n, 0);
    Returning k = {.w = r->w, .room = r->bytes_max > tail ? r->bytes_max - tail : 0};
    e = ledger_scan(c, s->ledger, log, r->from, (LedgerVisit){put_held, &k});
    if (e != OK && e != E_CANCELLED)
        return e;
    SyncTree t = {.origin = p->j.agency, .old_size = head.size, .note = head.note};
    sync_put_tree(r->w, &t);
    // The last message has none, and says so that there is no more.
    p->j.restore_from = k.count > 0 ? k.next : 0;
    r->gave = true;
    return OK;
}
