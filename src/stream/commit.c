// The end of a batch: what the next snapshot is made of, and its way into ledger.db.
#include "stream/stream_priv.h"

// Parts of the next snapshot, each with one reference.
typedef struct NextParts {
    Accounts *accounts;
    Tail *tail;
    Asides *asides;
    SealedSet set;
    bool accounts_new; // a file of them was written
} NextParts;

static void NextParts_cleanup(NextParts *p) {
    accounts_put(p->accounts);
    tail_put(p->tail);
    asides_put(p->asides);
    SealedSet_cleanup(&p->set);
}

static Err accounts_next(Ctx *c, StreamImport *imp, NextParts *p) {
    const Accounts *base = imp->base->accounts;
    if (imp->fresh.count == 0 && (!imp->to_segments || base->young.count == 0)) {
        p->accounts = accounts_ref(imp->base->accounts);
        return OK;
    }
    if (!imp->to_segments)
        return accounts_extend(c, &imp->keys, &p->accounts);
    Str path;
    TRY(file_path_of(c, str_of(imp->s->folder), &FILE_KIND_ACCOUNTS, imp->next_file, &path));
    TRY(accounts_write(c, &imp->keys, path, imp->next_file, &p->accounts));
    p->accounts_new = true;
    imp->next_file++;
    return OK;
}

static Err tail_next(Ctx *c, StreamImport *imp, NextParts *p) {
    const StreamSnapshot *base = imp->base;
    TailInput in = {.keys = imp->keys};
    if (!imp->to_segments) {
        in.sealed = (Sealed){base->files, base->n};
        in.old = base->tail;
        in.rows = imp->rows;
        in.details = imp->details;
        in.n = imp->n;
    }
    return tail_build(c, &in, &p->tail);
}

static Err asides_next(Ctx *c, StreamImport *imp, NextParts *p) {
    const Asides *base = imp->base->asides;
    uint32_t changed;
    if (imp->changed.count == 0) {
        p->asides = asides_ref(imp->base->asides);
        return OK;
    }
    TRY(asides_new(c, &p->asides));
    for (size_t i = 0; i < base->n; i++)
        if (!dict_find(&imp->changed, base->items[i].id, &changed))
            TRY(asides_add(c, p->asides, base->items[i].id, base->items[i].packed));
    for (size_t i = 0; i < base->pick_count; i++)
        if (!dict_find(&imp->changed, base->picks[i].id, &changed) || !imp->deltas[changed].pick.p)
            TRY(asides_add_pick(c, p->asides, base->picks[i].id, base->picks[i].packed));
    for (uint32_t i = 0; i < imp->changed.count; i++) {
        const Delta *d = &imp->deltas[i];
        Str id = dict_get(&imp->changed, i);
        for (uint32_t k = 0; k < d->n; k++)
            TRY(asides_add(c, p->asides, id, imp->delta_items[d->first + k]));
        if (d->pick.p)
            TRY(asides_add_pick(c, p->asides, id, d->pick));
    }
    asides_sort(p->asides);
    return OK;
}

// Files written before something failed are removed when they are let go.
static void doom(const StreamImport *imp, NextParts *p) {
    for (size_t i = 0; i < p->set.n; i++) {
        bool old = false;
        for (size_t k = 0; k < imp->base->n; k++)
            old = old || imp->base->files[k] == p->set.files[i];
        if (!old)
            atomic_store(&p->set.files[i]->doomed, true);
    }
    if (p->accounts_new)
        atomic_store(&p->accounts->files[p->accounts->file_count - 1]->doomed, true);
}

static Err next_make(Ctx *c, StreamImport *imp, NextParts *p) {
    if (imp->to_segments) {
        TRY(seal_segments(c, imp, &p->set));
    } else {
        for (size_t i = 0; i < imp->base->n; i++)
            p->set.files[p->set.n++] = stream_file_ref(imp->base->files[i]);
    }
    TRY(accounts_next(c, imp, p));
    TRY(tail_next(c, imp, p));
    TRY(asides_next(c, imp, p));
    if (imp->to_segments)
        TRY(dir_sync(c, str_of(imp->s->folder)));
    SnapshotParts parts = {.files = p->set.files,
                           .n = p->set.n,
                           .accounts = p->accounts,
                           .tail = p->tail,
                           .asides = p->asides,
                           .batches = imp->base->batches + (imp->batch.taken > 0)};
    return snapshot_make(c, &parts, &imp->next);
}

static Err seal(Ctx *c, StreamImport *imp, bool force) {
    TRY(import_ready(c, imp));
    TRY(import_drain(c, imp));
    if (imp->batch.taken) {
        imp->batch.number = imp->s->next_batch;
        TRY(leaves_root(c, &imp->leaves, &imp->batch.root));
    }
    imp->to_segments = force || imp->n >= STREAM_TAIL_BATCH_ROWS_MAX ||
                       imp->n + imp->base->tail->n > STREAM_TAIL_ROWS_MAX;
    bool nothing = imp->n == 0 && imp->changed.count == 0 && !force;
    if (!nothing) {
        AUTO(NextParts) p = {0};
        Err e = next_make(c, imp, &p);
        if (e != OK)
            doom(imp, &p);
        TRY(e);
    }
    imp->state = IMPORT_SEALED;
    return OK;
}

Err stream_import_seal(Ctx *c, StreamImport *imp, StreamBatch *ret_batch) {
    TRY(seal(c, imp, false));
    *ret_batch = imp->batch;
    return OK;
}

Err stream_import_commit(Ctx *c, StreamImport *imp) {
    if (imp->state != IMPORT_SEALED)
        return fail(c, E_STATE, "the batch has not been sealed");
    if (!store_in_transaction(imp->s->db))
        return fail(c, E_STATE, "no transaction is open");
    imp->state = IMPORT_COMMITTED;
    return imp->next ? db_commit(c, imp) : OK;
}

Err stream_seal(Ctx *c, Stream *s) {
    AUTO(StreamImportPtr) imp = NULL;
    TRY(stream_import_begin(c, s, &imp));
    if (imp->base->tail->n == 0)
        return OK;
    TRY(seal(c, imp, true));
    AUTO(StoreTx) tx = {0};
    TRY(store_tx_begin(c, s->db, &tx));
    TRY(stream_import_commit(c, imp));
    TRY(store_tx_commit(c, &tx));
    stream_import_publish(imp);
    return OK;
}
