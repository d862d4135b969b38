// A transfer told again: known, filled or in conflict; and the pick of an officer.
#include "stream/stream_priv.h"

// The current row of a transfer, wherever it lies.
typedef struct Current {
    TraceTransfer t;
    int64_t booked_at;
    const uint8_t *details;
    size_t details_n;
    StreamTransfer transfer;
    Details read;
} Current;

static Err current_get(Ctx *c, const StreamImport *imp, uint64_t place, Current *ret_current) {
    Current k;
    if (place & PLACE_SESSION) {
        const Row *r = &imp->rows[place & ~PLACE_SESSION];
        k = (Current){.t = {r->from, r->to, r->amount, r->credited},
                      .booked_at = r->booked_at,
                      .details = imp->details + r->details_at,
                      .details_n = r->details_n};
    } else {
        StoredRow r;
        TRY(snapshot_row(c, imp->base, place, &r));
        k = (Current){
            .t = r.t, .booked_at = r.booked_at, .details = r.details, .details_n = r.details_n};
    }
    if (!details_read(k.details, k.details_n, &k.read) || k.read.contribution_count == 0 ||
        !transfer_of(&imp->keys, &k.t, k.booked_at, &k.read, &k.transfer))
        return fail(c, E_CORRUPT, "the stream is damaged at a transfer told again; verify it");
    *ret_current = k;
    return OK;
}

// Tellings aside and the pick, as of now in this session. *ret_pick is NULL where there is none.
static Err asides_gather(Ctx *c, const StreamImport *imp, Str id, TellingList *list,
                         const StreamTransfer **ret_pick) {
    uint32_t changed;
    const Asides *base = imp->base->asides;
    StreamTransfer *pick;
    Str details;
    TRY(ctx_alloc(c, sizeof *pick, &pick));
    bool picked = asides_pick(base, id, pick);
    if (dict_find(&imp->changed, id, &changed)) {
        const Delta *d = &imp->deltas[changed];
        for (uint32_t i = 0; i < d->n; i++)
            TRY(tellings_add_packed(c, imp->delta_items[d->first + i], list));
        if (d->pick.p)
            picked = row_unpack(d->pick, pick, &details);
    } else {
        size_t n, first = asides_find(base, id, &n);
        for (size_t i = first; i < first + n; i++)
            TRY(tellings_add_packed(c, base->items[i].packed, list));
    }
    *ret_pick = picked ? pick : NULL;
    return OK;
}

// --- what changed
// -------------------------------------------------------------------------------------

static Err delta_keep(Ctx *c, StreamImport *imp, const Telling *t, Str *ret_packed) {
    AUTO(Buf) packed = {0};
    TRY(telling_pack(c, t, &packed));
    char *p = arena_alloc(&imp->delta_bytes, packed.n);
    if (!p)
        return fail(c, E_LIMIT, "too many transfers of one batch contradict others");
    memcpy(p, packed.p, packed.n);
    *ret_packed = (Str){p, packed.n};
    return OK;
}

static Err delta_add(Ctx *c, StreamImport *imp, const Telling *t) {
    TRY(mem_grow(c, &imp->delta_items, &imp->delta_item_cap, imp->delta_item_n + 1,
                 sizeof *imp->delta_items));
    TRY(delta_keep(c, imp, t, &imp->delta_items[imp->delta_item_n]));
    imp->delta_item_n++;
    return OK;
}

// Writes down the tellings aside of a transfer as they are now, and what was picked if anything.
static Err delta_set(Ctx *c, StreamImport *imp, Str id, const Versions *v,
                     const StreamTransfer *pick) {
    uint32_t index;
    size_t before = imp->changed.count;
    TRY(dict_intern(c, &imp->changed, id, &index));
    TRY(mem_grow(c, &imp->deltas, &imp->delta_cap, imp->changed.count, sizeof *imp->deltas));
    Delta *d = &imp->deltas[index];
    if (imp->changed.count > before)
        *d = (Delta){0};
    d->first = (uint32_t)imp->delta_item_n;
    d->n = 0;
    if (pick) {
        Telling row = {.t = *pick, .mask = transfer_mask(pick)};
        TRY(delta_keep(c, imp, &row, &d->pick));
    }
    for (size_t k = 0; k < v->n; k++)
        for (size_t i = 0; k != v->current && i < v->items[k].n; i++) {
            TRY(delta_add(c, imp, v->items[k].tellings[i]));
            d->n++;
        }
    return OK;
}

static bool same_row(const Current *now, const Row *row, Str details) {
    return now->t.from == row->from && now->t.to == row->to && now->t.amount == row->amount &&
           now->t.credited == row->credited && now->booked_at == row->booked_at &&
           now->details_n == details.n && memcmp(now->details, details.p, details.n) == 0;
}

// Makes a version the current row.
static Err current_set(Ctx *c, StreamImport *imp, uint64_t place, const Current *now,
                       const Version *v) {
    AUTO(Buf) details = {0};
    Row row;
    TRY(version_details(c, v, &details));
    TRY(import_row_of(c, imp, &v->t, &row));
    Str bytes = buf_view(&details);
    if (same_row(now, &row, bytes))
        return OK;
    if (!(place & PLACE_SESSION)) {
        row.prior = place;
        return import_put_row(c, imp, &row, bytes);
    }
    Row *r = &imp->rows[place & ~PLACE_SESSION];
    TRY(mem_grow(c, &imp->details, &imp->details_cap, imp->details_n + bytes.n, 1));
    row.prior = r->prior;
    row.details_at = imp->details_n;
    row.details_n = (uint32_t)bytes.n;
    memcpy(imp->details + imp->details_n, bytes.p, bytes.n);
    imp->details_n += bytes.n;
    *r = row;
    return OK;
}

static Err settle(Ctx *c, StreamImport *imp, uint64_t place, const Current *now,
                  const Versions *v) {
    uint32_t changed;
    size_t aside;
    (void)asides_find(imp->base->asides, now->transfer.id, &aside);
    if (v->n > 1 || aside || dict_find(&imp->changed, now->transfer.id, &changed))
        TRY(delta_set(c, imp, now->transfer.id, v, NULL));
    return current_set(c, imp, place, now, &v->items[v->current]);
}

// --- told again
// ---------------------------------------------------------------------------------------

static Err incoming_of(Ctx *c, const StreamImport *imp, const Pending *p, Telling *ret_telling) {
    Details d;
    TraceTransfer t = {p->row.from, p->row.to, p->row.amount, p->row.credited};
    Telling told = {.batch = imp->s->next_batch, .row = imp->batch.taken};
    const uint8_t *bytes = (const uint8_t *)imp->block_details.p + p->details_at;
    if (!details_read(bytes, p->row.details_n, &d) ||
        !transfer_of(&imp->keys, &t, p->row.booked_at, &d, &told.t))
        return fail(c, E_CORRUPT, "the account table is damaged; verify the stream");
    told.mask = transfer_mask(&told.t);
    *ret_telling = told;
    return OK;
}

static const Version *version_with(const Versions *v, const Telling *t) {
    for (size_t k = 0; k < v->n; k++)
        for (size_t i = 0; i < v->items[k].n; i++)
            if (v->items[k].tellings[i]->batch == t->batch &&
                v->items[k].tellings[i]->row == t->row)
                return &v->items[k];
    UNREACHABLE();
}

static Err retell(Ctx *c, StreamImport *imp, const Pending *p, uint64_t place) {
    Current now;
    Telling told;
    TellingList list = {0};
    const StreamTransfer *pick = NULL;
    Versions v;
    TRY(incoming_of(c, imp, p, &told));
    TRY(current_get(c, imp, place, &now));
    // By far the most: the same file once more.
    if (now.read.contribution_count == 1 && transfer_within(&told.t, &now.transfer)) {
        imp->batch.known++;
        return OK;
    }
    TRY(tellings_of_row(c, &now.transfer, &now.read, &list));
    TRY(asides_gather(c, imp, now.transfer.id, &list, &pick));
    for (size_t i = 0; i < list.n; i++)
        if (transfer_within(&told.t, &list.items[i].t)) {
            imp->batch.known++;
            return OK;
        }
    if (list.n >= STREAM_TELLINGS_MAX)
        return fail(c, E_LIMIT, "transfer " STR_FMT " has been told in %d different ways",
                    STR_ARG(now.transfer.id), STREAM_TELLINGS_MAX);
    TRY(tellings_add(c, &list, &told));
    TRY(versions_make(c, list.items, list.n, pick, &v));
    bool alone = version_with(&v, &told)->n == 1 && v.n > 1;
    TRY(settle(c, imp, place, &now, &v));
    imp->batch.filled += !alone;
    imp->batch.conflicts += alone;
    return OK;
}

// Runs in a workspace that is emptied each time, so that a batch of any size stays bounded.
Err import_retell(Ctx *c, StreamImport *imp, const Pending *p, uint64_t place) {
    ctx_reset(&imp->scratch);
    Err e = retell(&imp->scratch, imp, p, place);
    return e == OK ? OK : fail(c, e, "%s", imp->scratch.error);
}

static bool row_is(Ctx *c, const StreamTransfer *t, const CryptoHash *row, Buf *b) {
    buf_clear(b);
    stream_transfer_row(t, b);
    if (buf_check(c, b) != OK)
        return false;
    CryptoHash hash = crypto_sha256(b->p, b->n);
    return memcmp(&hash, row, sizeof hash) == 0;
}

// The row with this hash: of a version, or of one of the tellings.
static const StreamTransfer *row_find(Ctx *c, const Versions *v, const CryptoHash *row) {
    AUTO(Buf) b = {0};
    for (size_t k = 0; k < v->n; k++)
        if (memcmp(&v->items[k].hash, row, sizeof *row) == 0)
            return &v->items[k].t;
    for (size_t k = 0; k < v->n; k++)
        for (size_t i = 0; i < v->items[k].n; i++)
            if (row_is(c, &v->items[k].tellings[i]->t, row, &b))
                return &v->items[k].tellings[i]->t;
    return NULL;
}

Err stream_import_pick(Ctx *c, StreamImport *imp, Str id, const CryptoHash *row) {
    Current now;
    TellingList list = {0};
    const StreamTransfer *before;
    Versions v;
    TRY(import_ready(c, imp));
    TRY(import_drain(c, imp));
    uint64_t place = import_place(imp, id, hash_bytes(imp->s->hash_key, id.p, id.n));
    if (place == PLACE_NONE)
        return fail(c, E_NOT_FOUND, "there is no transfer " STR_FMT, STR_ARG(id));
    TRY(current_get(c, imp, place, &now));
    TRY(tellings_of_row(c, &now.transfer, &now.read, &list));
    TRY(asides_gather(c, imp, id, &list, &before));
    TRY(versions_make(c, list.items, list.n, before, &v));
    const StreamTransfer *pick = row_find(c, &v, row);
    if (!pick)
        return fail(c, E_NOT_FOUND, "transfer " STR_FMT " has no version with this row",
                    STR_ARG(id));
    TRY(versions_make(c, list.items, list.n, pick, &v));
    TRY(delta_set(c, imp, id, &v, pick));
    return current_set(c, imp, place, &now, &v.items[v.current]);
}
