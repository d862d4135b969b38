// Does everything still fit? The ledger against its proofs, the stream against its batch records,
// the picture against the ledger.
#include "desk/order_priv.h"

// --- the ledger ---------------------------------------------------------------------------------

typedef struct Bridge {
    const DeskProgress *progress;
    const char *what;
    bool stopped;
} Bridge;

static void ledger_step(void *self, int64_t done, int64_t total) {
    Bridge *b = self;
    b->stopped |= !desk_step(b->progress, b->what, (uint64_t)done, (uint64_t)total);
}

static Err where_of(Ctx *c, LedgerPlace place, Str *ret_where) {
    const char *log = place.log == LEDGER_MAIN ? "main" : "reads";
    return str_format(c, ret_where, "ledger.db, log %s, leaf %lld", log, (long long)place.seq);
}

static Err verify_ledger(Ctx *c, LedgerReader *reader, const DeskProgress *progress,
                         DeskVerdict *verdict) {
    Bridge bridge = {progress, "verifying records", false};
    LedgerVerdict *v;
    TRY(ctx_alloc(c, sizeof *v, &v));
    TRY(ledger_verify(c, reader, (LedgerProgress){ledger_step, &bridge}, v));
    if (bridge.stopped)
        return desk_cancelled(c);
    verdict->records = (uint64_t)(v->held + v->withheld + v->erased);
    verdict->ok = v->sound;
    if (v->sound)
        return OK;
    TRY(where_of(c, v->place, &verdict->where));
    return str_copy(c, str_of(v->words), &verdict->what);
}

// --- the stream ---------------------------------------------------------------------------------

typedef struct BatchSet {
    Dict known; // root and number of rows of each batch record
    uint64_t count;
} BatchSet;

static void BatchSet_cleanup(BatchSet *s) {
    dict_done(&s->known);
}

static Str batch_key(const uint8_t root[32], uint64_t taken, uint8_t ret_bytes[40]) {
    memcpy(ret_bytes, root, 32);
    store_u64le(ret_bytes + 32, taken);
    return (Str){(char *)ret_bytes, 40};
}

// The roots come from the records themselves: the picture only tells which records they are.
static Err batch_add(Ctx *c, DeskSlot *s, RecordId id, BatchSet *set) {
    Record r;
    Str hex;
    int64_t taken;
    uint8_t root[32], key[40];
    TRY(desk_body_get(c, s, id, &r));
    TRY(json_get_str(c, r.body, "root", &hex));
    TRY(json_get_int(c, r.body, "taken", &taken));
    if (taken <= 0)
        return OK;
    if (!hex_decode(hex, root, sizeof root))
        return fail(c, E_CORRUPT, "a batch record has no root");
    uint32_t place;
    TRY(dict_intern(c, &set->known, batch_key(root, (uint64_t)taken, key), &place));
    set->count++;
    return OK;
}

static Err batches_of(Ctx *c, DeskSlot *s, BatchSet *set) {
    PicturePage page = {.limit = LIST_PAGE_ITEMS_MAX};
    for (bool more = true; more;) {
        const PictureBatch *items;
        size_t n;
        TRY(picture_batch_list(c, s->picture, page, &items, &n, &more));
        for (size_t i = 0; i < n; i++)
            TRY(batch_add(c, s, items[i].id, set));
        if (n == 0)
            break;
        page.after = items[n - 1].key;
    }
    return OK;
}

static Err batch_found(Ctx *c, void *self, const StreamBatch *batch, bool *ret_found) {
    (void)c;
    const BatchSet *set = self;
    uint8_t key[40];
    uint32_t place;
    *ret_found = dict_find(&set->known, batch_key(batch->root.b, batch->taken, key), &place);
    return OK;
}

static bool stream_step(void *self, uint64_t done, uint64_t total) {
    const Bridge *b = self;
    return desk_step(b->progress, b->what, done, total);
}

static Err verify_stream(Ctx *c, DeskNode *n, DeskSlot *s, const DeskProgress *progress,
                         DeskVerdict *verdict) {
    AUTO(BatchSet) set = {0};
    dict_init(&set.known, 0);
    TRY(batches_of(c, s, &set));
    StreamBatchSource source = {batch_found, &set, set.count};
    Bridge bridge = {progress, "verifying transfers", false};
    StreamProgress step = {stream_step, &bridge};
    StreamVerdict *v;
    TRY(ctx_alloc(c, sizeof *v, &v));
    TRY(stream_verify(c, n->stream, &source, &step, v));
    verdict->segments = v->segments;
    verdict->transfers = v->rows;
    verdict->ok = v->good;
    if (v->good)
        return OK;
    verdict->where = STR("stream");
    return str_copy(c, str_of(v->words), &verdict->what);
}

// --- attachments ---------------------------------------------------------------------------------

// Each attachment that was not erased has its bytes on the shelf, and they have its hash.
static Err verify_attachment(Ctx *c, DeskSlot *s, StoreDb *db, RecordId id, DeskVerdict *verdict) {
    Record r;
    Str hex;
    CryptoHash sha256;
    TRY(desk_body_get(c, s, id, &r));
    TRY(json_get_str(c, r.body, "sha256", &hex));
    if (!hex_decode(hex, sha256.b, sizeof sha256.b))
        return fail(c, E_CORRUPT, "an attachment has no hash");
    Err e = shelf_check(c, db, &sha256);
    if (e != E_NOT_FOUND && e != E_CORRUPT)
        return e;
    // Another agency's document comes after the record that names it, in parts.
    if (e == E_NOT_FOUND && !str_eq(r.agency, ledger_reader_agency(s->ledger)))
        return OK;
    verdict->ok = false;
    TRY(str_copy(c, str_of(c->error), &verdict->what));
    Str text;
    TRY(desk_id_text(c, id, &text));
    return str_format(c, &verdict->where, "attachment " STR_FMT, STR_ARG(text));
}

static Err verify_shelf(Ctx *c, DeskNode *n, DeskSlot *s, DeskVerdict *verdict) {
    AUTO(StoreDbOwned) db = NULL;
    TRY(shelf_reader_open(c, str_of(n->dir), &db));
    PicturePage page = {.limit = LIST_PAGE_ITEMS_MAX};
    for (bool more = true; more;) {
        const PictureRecord *items;
        size_t count;
        TRY(picture_record_list(c, s->picture, STR("attachment"), page, &items, &count, &more));
        for (size_t i = 0; i < count && verdict->ok; i++) {
            if (str_eq_c(items[i].state, "held"))
                TRY(verify_attachment(c, s, db, items[i].id, verdict));
        }
        if (count == 0 || !verdict->ok)
            break;
        page.after = items[count - 1].key;
    }
    return OK;
}

// --- the picture --------------------------------------------------------------------------------

static Err verify_picture(Ctx *c, DeskNode *n, DeskSlot *s, DeskVerdict *verdict) {
    int64_t size;
    uint64_t upto;
    TRY(ledger_reader_size(c, s->ledger, LEDGER_MAIN, &size));
    pthread_mutex_lock(&n->fold_lock);
    Err e = picture_upto(c, n->picture, str_of(n->agency_id), STR("main"), &upto);
    pthread_mutex_unlock(&n->fold_lock);
    TRY(e);
    verdict->ok = upto == (uint64_t)size;
    if (verdict->ok)
        return OK;
    verdict->where = STR("picture");
    return str_format(c, &verdict->what,
                      "the tables show %llu of %lld records: `moei rebuild` makes them again",
                      (unsigned long long)upto, (long long)size);
}

Err desk_verify(Ctx *c, DeskNode *n, DeskProgress progress, DeskVerdict *ret_verdict) {
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_machine(c, n, &r));
    DeskVerdict verdict = {0};
    TRY(verify_ledger(c, r.slot->ledger, &progress, &verdict));
    if (verdict.ok) {
        // The stream is read over the writer's connection.
        pthread_mutex_lock(&n->write_lock);
        Err e = verify_stream(c, n, r.slot, &progress, &verdict);
        if (e == OK && verdict.ok)
            e = verify_picture(c, n, r.slot, &verdict);
        if (e == OK && verdict.ok)
            e = verify_shelf(c, n, r.slot, &verdict);
        pthread_mutex_unlock(&n->write_lock);
        TRY(e);
    }
    *ret_verdict = verdict;
    return OK;
}

// A folder that does not open: the ledger is looked at alone, because it tells most.
static Err verify_damaged(Ctx *c, Str dir, const DeskProgress *progress, Str why,
                          DeskVerdict *ret_verdict) {
    AUTO(File) lock = {0};
    TRY(desk_lock_take(c, dir, &lock));
    DeskVerdict verdict = {.ok = true};
    AUTO(LedgerReaderOwned) reader = NULL;
    Err e = ledger_reader_open(c, dir, &reader);
    if (e == OK)
        e = verify_ledger(c, reader, progress, &verdict);
    if (e == E_CANCELLED || e == E_MEMORY)
        return e;
    if (e != OK || verdict.ok) {
        verdict.ok = false;
        verdict.where = dir;
        verdict.what = why;
    }
    *ret_verdict = verdict;
    return OK;
}

Err desk_verify_folder(Ctx *c, const DeskEnv *env, Str dir, DeskProgress progress,
                       DeskVerdict *ret_verdict) {
    Err e;
    {
        AUTO(DeskNodePtr) n = NULL;
        e = desk_open(c, env, dir, &n);
        if (e == OK)
            return desk_verify(c, n, progress, ret_verdict);
    }
    if (e != E_CORRUPT && e != E_CRYPTO && e != E_INVALID)
        return e;
    Str why;
    TRY(str_copy(c, str_of(c->error), &why));
    return verify_damaged(c, dir, &progress, why, ret_verdict);
}

Err desk_verdict_json(Ctx *c, const DeskVerdict *v, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key_bool(&w, "ok", v->ok);
    json_put_key_i64(&w, "records", (int64_t)v->records);
    json_put_key_i64(&w, "segments", (int64_t)v->segments);
    json_put_key_i64(&w, "transfers", (int64_t)v->transfers);
    desk_put_opt_str(&w, "what", v->what);
    desk_put_opt_str(&w, "where", v->where);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

// --- rebuild ------------------------------------------------------------------------------------

static void picture_step(void *self, uint64_t done, uint64_t all) {
    Bridge *b = self;
    b->stopped |= !desk_step(b->progress, b->what, done, all);
}

static Err rebuild(Ctx *c, DeskNode *n, DeskSlot *s, const DeskProgress *progress,
                   DeskRebuild *ret_rebuild) {
    const LedgerLogInfo *logs;
    size_t count;
    DeskRebuild r = {.records = 0};
    TRY(ledger_log_list(c, s->ledger, &logs, &count));
    for (size_t i = 0; i < count; i++) {
        r.records += logs[i].log == LEDGER_MAIN ? (uint64_t)logs[i].openings : 0;
        r.others += logs[i].log > LEDGER_READS ? (uint64_t)logs[i].openings : 0;
    }
    r.compared = r.records + r.others <= DESK_COMPARE_RECORDS_MAX;
    AUTO(Buf) before = {0}, after = {0};
    TRY(picture_catch_up(c, n->picture, s->ledger, (PictureProgress){0}));
    atomic_store(&n->behind, 0);
    if (r.compared)
        TRY(picture_dump(c, n->picture, &before));
    Bridge bridge = {progress, "folding records", false};
    // While the files change places, nobody trusts marks that were read from another connection.
    atomic_store(&n->swapping, true);
    Err e = picture_rebuild(c, n->picture, s->ledger, (PictureProgress){picture_step, &bridge});
    pthread_mutex_lock(&n->pool_lock);
    n->generation++;
    pthread_mutex_unlock(&n->pool_lock);
    atomic_store(&n->swapping, false);
    TRY(e);
    if (r.compared) {
        TRY(picture_dump(c, n->picture, &after));
        r.equal = str_eq(buf_view(&before), buf_view(&after));
    }
    *ret_rebuild = r;
    return OK;
}

Err desk_rebuild(Ctx *c, DeskNode *n, DeskProgress progress, DeskRebuild *ret_rebuild) {
    Err e;
    {
        AUTO(DeskReading) r = {0};
        TRY(desk_reading_machine(c, n, &r));
        pthread_mutex_lock(&n->write_lock);
        pthread_mutex_lock(&n->fold_lock);
        e = rebuild(c, n, r.slot, &progress, ret_rebuild);
        pthread_mutex_unlock(&n->fold_lock);
        pthread_mutex_unlock(&n->write_lock);
    }
    desk_slots_shut(n); // nobody keeps the old file open for longer than a call
    return e;
}

Err desk_rebuild_json(Ctx *c, const DeskRebuild *r, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key_bool(&w, "compared", r->compared);
    json_put_key_bool(&w, "equal", r->equal);
    json_put_key_i64(&w, "others", (int64_t)r->others);
    json_put_key_i64(&w, "records", (int64_t)r->records);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}
