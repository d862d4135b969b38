// The first half of a rebuild: one thread reads the ledger and parses, this one fills the tables.
// Nothing else is shared between them than the batches in the ring.
#include "picture/picture_priv.h"

#include <pthread.h>

const PictureOwnLog picture_own_logs[PICTURE_OWN_LOGS] = {{LEDGER_MAIN, "main"},
                                                          {LEDGER_READS, "reads"}};

Err load_leaves(Ctx *c, Picture *p, LedgerReader *ledger, uint64_t *ret_done, uint64_t *ret_all) {
    *ret_done = *ret_all = 0;
    for (size_t i = 0; i < PICTURE_OWN_LOGS; i++) {
        int64_t size;
        uint64_t upto = 0;
        Str name = str_of(picture_own_logs[i].name);
        TRY(ledger_reader_size(c, ledger, picture_own_logs[i].log, &size));
        *ret_all += (uint64_t)size;
        if (p)
            TRY(picture_upto(c, p, ledger_reader_agency(ledger), name, &upto));
        *ret_done += upto;
    }
    const LedgerLogInfo *logs;
    size_t n;
    TRY(ledger_log_list(c, ledger, &logs, &n));
    for (size_t i = 0; i < n; i++)
        if (logs[i].log > LEDGER_READS)
            *ret_all += (uint64_t)logs[i].openings;
    if (p && *ret_done + (uint64_t)p->arrival < *ret_all)
        *ret_done += (uint64_t)p->arrival;
    else if (p)
        *ret_done = *ret_all;
    return OK;
}

// --- names of logs ------------------------------------------------------------------------------

void PictureLogNames_cleanup(PictureLogNames *k) {
    ctx_done(&k->memory);
}

// A log that goes on after a recovery has leaves of the same numbers as the one that ended.
static Err log_name(PictureLogNames *k, size_t at, Str name) {
    size_t before = 1;
    for (size_t i = 0; i < at; i++)
        before += str_eq(k->agencies[i], k->agencies[at]) && str_starts(k->names[i], name);
    if (before == 1)
        return str_copy(&k->memory, name, &k->names[at]);
    return str_format(&k->memory, &k->names[at], STR_FMT ".%zu", STR_ARG(name), before);
}

static Err names_read(PictureLogNames *k, LedgerReader *ledger) {
    const LedgerLogInfo *logs;
    size_t n;
    ctx_reset(&k->memory);
    k->count = 0;
    TRY(ledger_log_list(&k->memory, ledger, &logs, &n));
    TRY(ctx_alloc(&k->memory, (n + 1) * sizeof *k->logs, &k->logs));
    TRY(ctx_alloc(&k->memory, (n + 1) * sizeof *k->agencies, &k->agencies));
    TRY(ctx_alloc(&k->memory, (n + 1) * sizeof *k->names, &k->names));
    for (; k->count < n; k->count++) {
        AUTO(Buf) hex = {0};
        buf_hex(&hex, logs[k->count].agency.b, sizeof logs[k->count].agency.b);
        TRY(buf_check(&k->memory, &hex));
        k->logs[k->count] = logs[k->count].log;
        TRY(str_copy(&k->memory, buf_view(&hex), &k->agencies[k->count]));
        TRY(log_name(k, k->count, logs[k->count].name));
    }
    return OK;
}

Err log_names_put(Ctx *c, PictureLogNames *k, LedgerReader *ledger, uint32_t log,
                  PictureItem *item) {
    for (int turn = 0; turn < 2; turn++) {
        for (size_t i = 0; i < k->count; i++)
            if (k->logs[i] == log) {
                item->agency = k->agencies[i];
                item->log = k->names[i];
                item->ledger_log = log;
                return OK;
            }
        Err e = turn ? OK : names_read(k, ledger);
        if (e != OK)
            return fail(c, e, "%s", k->memory.error);
    }
    return fail(c, E_CORRUPT, "the ledger has leaves of a log %u that it does not list", log);
}

// --- the ring -----------------------------------------------------------------------------------

typedef struct Batch {
    Ctx memory; // of the records
    PictureItem items[PICTURE_LOAD_BATCH_RECORDS];
    Record records[PICTURE_LOAD_BATCH_RECORDS];
    size_t count;
} Batch;

typedef struct Ring {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    Batch batches[PICTURE_LOAD_BATCHES];
    uint64_t filled, emptied; // how many so far; their difference is in the ring
    bool stop;                // the reader need not go on
    bool ended;               // nothing more will come
    // The reading thread only, until `ended`:
    LedgerReader *ledger;
    JsonReader json;
    Ctx work;
    Err err;
    PictureLogNames names;
} Ring;
typedef Ring *RingOwned;

static void RingOwned_cleanup(RingOwned *ring) {
    Ring *r = *ring;
    if (!r)
        return;
    for (size_t i = 0; i < PICTURE_LOAD_BATCHES; i++)
        ctx_done(&r->batches[i].memory);
    PictureLogNames_cleanup(&r->names);
    ctx_done(&r->work);
    json_reader_close(&r->json);
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->lock);
    mem_free(r);
}

static Err ring_make(Ctx *c, LedgerReader *ledger, Ring **ret_ring) {
    AUTO(RingOwned) r = mem_alloc_zero(1, sizeof *r);
    if (!r || pthread_mutex_init(&r->lock, NULL) != 0) {
        mem_free(r);
        r = NULL;
        return fail(c, E_MEMORY, "not enough memory to load the picture");
    }
    // With default attributes this cannot fail.
    ASSERT(pthread_cond_init(&r->changed, NULL) == 0);
    for (size_t i = 0; i < PICTURE_LOAD_BATCHES; i++)
        ctx_init(&r->batches[i].memory);
    ctx_init(&r->work);
    ctx_init(&r->names.memory);
    r->ledger = ledger;
    TRY(json_reader_open(c, &r->json));
    *ret_ring = r;
    r = NULL;
    return OK;
}

// --- the reading thread -------------------------------------------------------------------------

static Batch *batch_now(Ring *r) {
    return &r->batches[r->filled % PICTURE_LOAD_BATCHES];
}

// Hands the batch over and waits for a free one. False: stop.
static bool batch_hand_over(Ring *r) {
    pthread_mutex_lock(&r->lock);
    r->filled++;
    pthread_cond_broadcast(&r->changed);
    while (!r->stop && r->filled - r->emptied == PICTURE_LOAD_BATCHES)
        pthread_cond_wait(&r->changed, &r->lock);
    bool go = !r->stop;
    pthread_mutex_unlock(&r->lock);
    Batch *b = batch_now(r);
    if (go) {
        ctx_reset(&b->memory);
        b->count = 0;
    }
    return go;
}

static Err read_visit(void *self, Ctx *c, const LedgerItem *leaf) {
    Ring *r = self;
    Batch *b = batch_now(r);
    PictureItem *item = &b->items[b->count];
    *item = (PictureItem){
        .seq = (uint64_t)leaf->place.seq, .arrival = leaf->arrival, .late = leaf->late};
    TRY(log_names_put(c, &r->names, r->ledger, leaf->place.log, item));
    if (leaf->state == LEDGER_HELD) {
        Err e = str_copy(&b->memory, leaf->envelope, &item->envelope);
        if (e == OK)
            e = fold_parse(&b->memory, &r->json, item, &b->records[b->count]);
        if (e != OK)
            return fail(c, e, "%s", b->memory.error);
    }
    b->count++;
    if (b->count < PICTURE_LOAD_BATCH_RECORDS && b->memory.arena.used < PICTURE_LOAD_BATCH_BYTES)
        return OK;
    return batch_hand_over(r) ? OK : fail(c, E_CANCELLED, "loading was stopped");
}

static Err read_logs(Ring *r) {
    const LedgerVisit visit = {read_visit, r};
    for (size_t i = 0; i < PICTURE_OWN_LOGS; i++)
        TRY(ledger_scan(&r->work, r->ledger, picture_own_logs[i].log, 0, visit));
    return ledger_scan_arrivals(&r->work, r->ledger, 0, visit);
}

static void *read_run(void *self) {
    Ring *r = self;
    Err e = read_logs(r);
    pthread_mutex_lock(&r->lock);
    r->err = e;
    // What was read before a failure is of no use.
    if (e == OK)
        r->filled++;
    r->ended = true;
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

// --- the filling thread -------------------------------------------------------------------------

typedef struct Load {
    Picture *picture;
    PictureProgress progress;
    size_t in_group;
    uint64_t done, all;
} Load;

static Err group_end(Load *l) {
    Picture *p = l->picture;
    TRY(fold_finish(p));
    TRY(store_commit(&p->work, p->db));
    TRY(store_checkpoint(&p->work, p->db, STORE_CHECKPOINT_PASSIVE));
    l->in_group = 0;
    if (l->progress.step)
        l->progress.step(l->progress.self, l->done, l->all);
    return OK;
}

// NULL when nothing more comes.
static Batch *batch_take(Ring *r) {
    pthread_mutex_lock(&r->lock);
    while (r->filled == r->emptied && !r->ended)
        pthread_cond_wait(&r->changed, &r->lock);
    Batch *b = r->filled == r->emptied ? NULL : &r->batches[r->emptied % PICTURE_LOAD_BATCHES];
    pthread_mutex_unlock(&r->lock);
    return b;
}

static void batch_give_back(Ring *r) {
    pthread_mutex_lock(&r->lock);
    r->emptied++;
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->lock);
}

static Err fill(Load *l, Ring *r) {
    Picture *p = l->picture;
    TRY(store_begin(&p->work, p->db));
    for (Batch *b; (b = batch_take(r));) {
        for (size_t i = 0; i < b->count; i++)
            TRY(fold_item(p, &b->items[i], &b->records[i]));
        l->done += b->count;
        l->in_group += b->count;
        batch_give_back(r);
        if (l->in_group >= PICTURE_LOAD_RECORDS_MAX) {
            TRY(group_end(l));
            TRY(store_begin(&p->work, p->db));
        }
    }
    return group_end(l);
}

Err load_all(Picture *p, LedgerReader *ledger, PictureProgress progress) {
    Load l = {.picture = p, .progress = progress};
    uint64_t none;
    AUTO(RingOwned) r = NULL;
    TRY(load_leaves(&p->work, NULL, ledger, &none, &l.all));
    TRY(ring_make(&p->work, ledger, &r));
    pthread_t thread;
    if (pthread_create(&thread, NULL, read_run, r) != 0)
        return fail(&p->work, E_MEMORY, "no thread can be started to load the picture");
    Err e = fill(&l, r);
    pthread_mutex_lock(&r->lock);
    r->stop = true;
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->lock);
    pthread_join(thread, NULL);
    if (e == OK && r->err != OK)
        return fail(&p->work, r->err, "%s", r->work.error);
    return e;
}
