// A session of the writer: rows come in, are matched with what is known, and wait to be sealed.
//
// Rows pass through a block of 64, so that the look-ups by id of one block wait for memory
// together.
#include "stream/stream_priv.h"

// --- begin and end
// ------------------------------------------------------------------------------------

static Err batch_begin(Ctx *c, StreamImport *imp) {
    imp->base = stream_snapshot_get(imp->s);
    imp->state = IMPORT_OPEN;
    imp->fresh.first = imp->base->accounts->count;
    TRY(currencies_copy(c, &imp->base->accounts->currencies, &imp->currencies));
    imp->keys = (Keys){imp->base->accounts, &imp->fresh, &imp->currencies};
    dict_init(&imp->changed, imp->s->hash_key);
    crypto_random_fill(imp->s->random, &imp->salt, sizeof imp->salt);
    leaves_begin(&imp->leaves, &imp->salt);
    imp->next_file = imp->s->next_file;
    return OK;
}

void import_clear(StreamImport *imp) {
    stream_snapshot_put(imp->base);
    imp->base = NULL;
    young_done(&imp->fresh);
    currencies_done(&imp->currencies);
    dict_done(&imp->changed);
    arena_done(&imp->delta_bytes);
    mem_free(imp->slots);
    imp->slots = NULL;
    imp->slot_count = 0;
    imp->n = imp->details_n = imp->block_n = imp->delta_item_n = 0;
    imp->batch = (StreamBatch){0};
    buf_clear(&imp->block_details);
    buf_clear(&imp->block_text);
    buf_clear(&imp->block_keys);
    crypto_wipe(&imp->salt, sizeof imp->salt);
}

Err stream_import_begin(Ctx *c, Stream *s, StreamImport **ret_import) {
    if (s->session_open)
        return fail(c, E_BUSY, "another import is going on");
    StreamImport *imp = mem_alloc_zero(1, sizeof *imp);
    if (!imp)
        return fail(c, E_MEMORY, "not enough memory for an import");
    imp->s = s;
    s->session_open = true;
    Err e = batch_begin(c, imp);
    if (e != OK) {
        stream_import_close(imp);
        return e;
    }
    *ret_import = imp;
    return OK;
}

// Files of a snapshot that never became current.
static void doom_new_files(const StreamSnapshot *next, const StreamSnapshot *base) {
    for (size_t i = 0; i < next->n; i++) {
        bool old = false;
        for (size_t k = 0; k < base->n; k++)
            old = old || base->files[k] == next->files[i];
        if (!old)
            atomic_store(&next->files[i]->doomed, true);
    }
    for (size_t i = 0; i < next->accounts->file_count; i++) {
        bool old = false;
        for (size_t k = 0; k < base->accounts->file_count; k++)
            old = old || base->accounts->files[k] == next->accounts->files[i];
        if (!old)
            atomic_store(&next->accounts->files[i]->doomed, true);
    }
}

void stream_import_close(StreamImport *imp) {
    if (!imp)
        return;
    // After stream_import_commit nobody knows whether the caller's transaction came through; files
    // that it does not name are removed at the next start.
    if (imp->next && imp->state != IMPORT_COMMITTED)
        doom_new_files(imp->next, imp->base);
    else if (imp->next)
        imp->s->next_file = imp->next_file;
    stream_snapshot_put(imp->next);
    import_clear(imp);
    imp->s->session_open = false;
    mem_free(imp->rows);
    mem_free(imp->details);
    mem_free(imp->deltas);
    mem_free(imp->delta_items);
    buf_done(&imp->block_details);
    buf_done(&imp->block_text);
    buf_done(&imp->block_keys);
    leaves_done(&imp->leaves);
    ctx_done(&imp->scratch);
    mem_free(imp);
}

void StreamImportPtr_cleanup(StreamImportPtr *imp) {
    stream_import_close(*imp);
}

void stream_import_publish(StreamImport *imp) {
    Stream *s = imp->s;
    ASSERT(imp->state == IMPORT_COMMITTED);
    if (imp->next) {
        StreamSnapshot *old = imp->base;
        doom_new_files(old, imp->next);
        pthread_mutex_lock(&s->lock);
        StreamSnapshot *was = s->current;
        s->current = imp->next;
        pthread_mutex_unlock(&s->lock);
        imp->next = NULL;
        s->next_file = imp->next_file;
        s->next_batch += imp->batch.taken > 0;
        stream_snapshot_put(was);
    }
    import_clear(imp);
    imp->state = IMPORT_OPEN;
    imp->published = true;
}

Err import_ready(Ctx *c, StreamImport *imp) {
    if (imp->state != IMPORT_OPEN)
        return fail(c, E_STATE, "the batch has been sealed");
    if (imp->published)
        TRY(batch_begin(c, imp));
    imp->published = false;
    return OK;
}

bool stream_import_full(const StreamImport *imp) {
    return imp->batch.taken + imp->block_n >= IMPORT_BATCH_ROWS_MAX ||
           imp->n + imp->block_n >= IMPORT_BATCH_ROWS_MAX ||
           imp->details_n >= STREAM_BATCH_DETAILS_BYTES_MAX;
}

// --- adding
// -------------------------------------------------------------------------------------------

// What is needed to look an account up. E_INVALID where its currency came with other digits.
static Err side_of(Ctx *c, StreamImport *imp, const StreamParty *party, const Currency *currency,
                   char ret_key[KEY_BYTES_MAX], PendingSide *ret_side) {
    Str code = {currency->code, currency->n};
    PendingSide s = {.key_n = key_join(party, code, ret_key), .outside = party->account.n == 0};
    s.hash = hash_bytes(imp->s->hash_key, ret_key, s.key_n);
    TRY(currencies_intern(c, &imp->currencies, code, currency->exponent, &s.currency));
    *ret_side = s;
    return OK;
}

static Err side_find(Ctx *c, StreamImport *imp, const PendingSide *s, const char *bytes,
                     uint32_t *ret_account) {
    Str key = {bytes, s->key_n};
    uint32_t id;
    if (!young_find(&imp->fresh, key, s->hash, &id) &&
        !accounts_find(imp->base->accounts, key, s->hash, &id)) {
        id = imp->fresh.first + imp->fresh.count;
        TRY(young_add(c, &imp->fresh, imp->s->hash_key, key, s->currency));
    }
    *ret_account = s->outside ? id | TRACE_OUTSIDE : id;
    return OK;
}

static void side_prefetch(const StreamImport *imp, const PendingSide *s, int step) {
    young_prefetch(&imp->fresh, s->hash, step);
    accounts_prefetch(imp->base->accounts, s->hash, step);
}

static Currency currency_of(Str code, uint8_t exponent) {
    Currency k = {.n = (uint8_t)code.n, .exponent = exponent};
    memcpy(k.code, code.p, code.n);
    return k;
}

static void currencies_of(const StreamTransfer *t, Currency ret_currencies[2]) {
    ret_currencies[0] = ret_currencies[1] = currency_of(t->currency, t->exponent);
    if (t->has_credited_currency)
        ret_currencies[1] = currency_of(t->credited_currency, t->credited_exponent);
}

static Row row_without_accounts(const StreamImport *imp, const StreamTransfer *t) {
    return (Row){.amount = t->amount,
                 .credited = t->has_credited ? t->credited : t->amount,
                 .booked_at = t->booked_at_us,
                 .seq = t->has_seq ? t->seq : 0,
                 .id_hash = hash_bytes(imp->s->hash_key, t->id.p, t->id.n)};
}

Err import_row_of(Ctx *c, StreamImport *imp, const StreamTransfer *t, Row *ret_row) {
    const StreamParty *parties[2] = {&t->from, &t->to};
    Row r = row_without_accounts(imp, t);
    Currency currencies[2];
    currencies_of(t, currencies);
    for (int k = 0; k < 2; k++) {
        char key[KEY_BYTES_MAX];
        PendingSide side;
        TRY(side_of(c, imp, parties[k], &currencies[k], key, &side));
        TRY(side_find(c, imp, &side, key, k ? &r.to : &r.from));
    }
    *ret_row = r;
    return OK;
}

static Err add_sides(Ctx *c, StreamImport *imp, const StreamTransfer *t, Pending *p) {
    const StreamParty *parties[2] = {&t->from, &t->to};
    char keys[2][KEY_BYTES_MAX];
    Currency currencies[2];
    currencies_of(t, currencies);
    for (int k = 0; k < 2; k++)
        TRY(side_of(c, imp, parties[k], &currencies[k], keys[k], &p->sides[k]));
    for (int k = 0; k < 2; k++) {
        p->sides[k].key_at = imp->block_keys.n;
        buf_append(&imp->block_keys, keys[k], p->sides[k].key_n);
        side_prefetch(imp, &p->sides[k], 0);
    }
    return buf_check(c, &imp->block_keys);
}

Err stream_import_add(Ctx *c, StreamImport *imp, const StreamTransfer *t) {
    uint8_t details[DETAILS_BYTES_MAX];
    TRY(import_ready(c, imp));
    if (stream_import_full(imp))
        return fail(c, E_LIMIT, "the batch is full");
    TRY(transfer_check(c, t));
    Pending *p = &imp->block[imp->block_n];
    TRY(add_sides(c, imp, t, p));
    p->row = row_without_accounts(imp, t);
    p->details_at = imp->block_details.n;
    size_t n = details_put(details, t);
    details[n++] = 0;
    p->row.details_n = (uint32_t)n;
    buf_append(&imp->block_details, details, n);
    p->text_at = imp->block_text.n;
    stream_transfer_row(t, &imp->block_text);
    p->text_n = imp->block_text.n - p->text_at;
    TRY(buf_check(c, &imp->block_details));
    TRY(buf_check(c, &imp->block_text));
    if (imp->slot_count)
        __builtin_prefetch(&imp->slots[p->row.id_hash & (imp->slot_count - 1)]);
    for (size_t k = 0; k < imp->base->n; k++)
        segment_prefetch(imp->base->files[k], p->row.id_hash);
    imp->block_n++;
    imp->batch.rows++;
    return imp->block_n == IMPORT_BLOCK_ROWS ? import_drain(c, imp) : OK;
}
// --- the rows of the session
// --------------------------------------------------------------------------

#define SLOT_ROW_BITS 22
#define SLOT_ROW_MASK ((1U << SLOT_ROW_BITS) - 1)
static_assert(IMPORT_BATCH_ROWS_MAX < SLOT_ROW_MASK, "a slot holds 1 + the number of a row");

static uint32_t slot_tag(uint64_t hash) {
    return (uint32_t)(hash >> 32) & ~SLOT_ROW_MASK;
}

static void slot_put(StreamImport *imp, uint64_t hash, size_t row) {
    size_t i = hash & (imp->slot_count - 1);
    while (imp->slots[i])
        i = (i + 1) & (imp->slot_count - 1);
    imp->slots[i] = slot_tag(hash) | ((uint32_t)row + 1);
}

static Err slots_grow(Ctx *c, StreamImport *imp) {
    size_t count = imp->slot_count ? 4 * imp->slot_count : 1024;
    uint32_t *slots = mem_alloc_zero(count, sizeof *slots);
    if (!slots)
        return fail(c, E_MEMORY, "not enough memory for %zu transfers", imp->n);
    mem_free(imp->slots);
    imp->slots = slots;
    imp->slot_count = count;
    for (size_t i = 0; i < imp->n; i++)
        slot_put(imp, imp->rows[i].id_hash, i);
    return OK;
}

Err import_put_row(Ctx *c, StreamImport *imp, const Row *row, Str details) {
    if (4 * (imp->n + 1) > 3 * imp->slot_count)
        TRY(slots_grow(c, imp));
    TRY(mem_grow(c, &imp->rows, &imp->cap, imp->n + 1, sizeof *imp->rows));
    TRY(mem_grow(c, &imp->details, &imp->details_cap, imp->details_n + details.n, 1));
    Row *r = &imp->rows[imp->n];
    *r = *row;
    r->details_at = imp->details_n;
    r->details_n = (uint32_t)details.n;
    memcpy(imp->details + imp->details_n, details.p, details.n);
    imp->details_n += details.n;
    slot_put(imp, r->id_hash, imp->n++);
    return OK;
}

uint64_t import_place(const StreamImport *imp, Str id, uint64_t hash) {
    for (size_t i = hash & (imp->slot_count - 1); imp->slot_count && imp->slots[i];
         i = (i + 1) & (imp->slot_count - 1)) {
        uint32_t row = (imp->slots[i] & SLOT_ROW_MASK) - 1;
        if ((imp->slots[i] & ~SLOT_ROW_MASK) != slot_tag(hash))
            continue;
        const Row *r = &imp->rows[row];
        if (r->id_hash == hash && str_eq(details_id(imp->details + r->details_at), id))
            return PLACE_SESSION | row;
    }
    const StreamSnapshot *base = imp->base;
    uint32_t index;
    if (tail_find(base->tail, id, hash, &index))
        return base->tail->positions[index];
    for (size_t k = base->n; k-- > 0;)
        if (segment_find(base->files[k], id, hash, &index))
            return (base->segments[k].number_first + index + 1) << TRACE_POSITION_SHIFT;
    return PLACE_NONE;
}

static Err leaf_add(Ctx *c, StreamImport *imp, const Pending *p) {
    imp->batch.taken++;
    return leaves_add(c, &imp->leaves, (Str){imp->block_text.p + p->text_at, p->text_n});
}

static Err take_new(Ctx *c, StreamImport *imp, const Pending *p) {
    uint8_t details[DETAILS_BYTES_MAX + CONTRIBUTION_BYTES_MAX];
    size_t n = p->row.details_n - 1;
    memcpy(details, imp->block_details.p + p->details_at, n);
    Contribution k = {imp->s->next_batch, imp->batch.taken, details[0]};
    details[n++] = 1;
    n += contribution_put(details + n, &k);
    TRY(import_put_row(c, imp, &p->row, (Str){(const char *)details, n}));
    return leaf_add(c, imp, p);
}

static Err block_accounts(Ctx *c, StreamImport *imp) {
    for (int step = 1; step <= 2; step++)
        for (size_t i = 0; i < 2 * imp->block_n; i++)
            side_prefetch(imp, &imp->block[i / 2].sides[i % 2], step);
    for (size_t i = 0; i < imp->block_n; i++) {
        Pending *p = &imp->block[i];
        const char *keys = imp->block_keys.p;
        TRY(side_find(c, imp, &p->sides[0], keys + p->sides[0].key_at, &p->row.from));
        TRY(side_find(c, imp, &p->sides[1], keys + p->sides[1].key_at, &p->row.to));
    }
    return OK;
}

Err import_drain(Ctx *c, StreamImport *imp) {
    TRY(block_accounts(c, imp));
    for (size_t i = 0; i < imp->block_n; i++) {
        const Pending *p = &imp->block[i];
        Str id = details_id((const uint8_t *)imp->block_details.p + p->details_at);
        uint64_t place = import_place(imp, id, p->row.id_hash);
        if (place == PLACE_NONE) {
            TRY(take_new(c, imp, p));
            continue;
        }
        uint64_t known = imp->batch.known;
        TRY(import_retell(c, imp, p, place));
        if (known == imp->batch.known)
            TRY(leaf_add(c, imp, p));
    }
    imp->block_n = 0;
    buf_clear(&imp->block_details);
    buf_clear(&imp->block_text);
    buf_clear(&imp->block_keys);
    return OK;
}

Err stream_import_count(Ctx *c, StreamImport *imp, StreamBatch *ret_batch) {
    TRY(import_ready(c, imp));
    TRY(import_drain(c, imp));
    *ret_batch = imp->batch;
    return OK;
}
