// Reading beside the writer: slots of connections that calls borrow, bodies, cursors.
#include "desk/desk_priv.h"

static void slot_shut(DeskSlot *s) {
    picture_reader_close(s->picture);
    ledger_reader_close(s->ledger);
    json_reader_close(&s->json);
    s->picture = NULL;
    s->ledger = NULL;
    s->json = (JsonReader){0};
    s->open = false; // `used` belongs to the pool's lock
}

static Err slot_open(Ctx *c, DeskNode *n, DeskSlot *s) {
    Str dir = str_of(n->dir);
    TRY(picture_reader_open(c, dir, &s->picture));
    TRY(ledger_reader_open(c, dir, &s->ledger));
    TRY(json_reader_open(c, &s->json));
    s->open = true;
    return OK;
}

// Prefers a slot that is open already. NULL when all are in use. *ret_generation is read under the
// lock: a slot opened after it stands on that file or on a newer one.
static DeskSlot *slot_take(DeskNode *n, uint64_t *ret_generation) {
    DeskSlot *best = NULL;
    pthread_mutex_lock(&n->pool_lock);
    for (size_t i = 0; i < COUNT_OF(n->slots); i++) {
        DeskSlot *s = &n->slots[i];
        if (!s->used && (!best || (s->open && !best->open)))
            best = s;
    }
    if (best)
        best->used = true;
    *ret_generation = n->generation;
    pthread_mutex_unlock(&n->pool_lock);
    return best;
}

static void slot_give(DeskNode *n, DeskSlot *s) {
    pthread_mutex_lock(&n->pool_lock);
    s->used = false;
    pthread_mutex_unlock(&n->pool_lock);
}

Err desk_reading_machine(Ctx *c, DeskNode *n, DeskReading *ret_reading) {
    uint64_t generation;
    DeskSlot *s = slot_take(n, &generation);
    if (!s)
        return fail(c, E_BUSY, "too many calls read at once: try again in a moment");
    if (s->open && s->generation != generation)
        slot_shut(s);
    if (!s->open) {
        s->generation = generation;
        Err e = slot_open(c, n, s);
        if (e != OK) {
            slot_shut(s);
            slot_give(n, s);
            return e;
        }
    }
    picture_reader_sight(s->picture, (PictureSight){.all = true});
    *ret_reading = (DeskReading){n, s, false};
    return OK;
}

Err desk_reading_begin(Ctx *c, const Desk *d, DeskReading *ret_reading) {
    if (!d->may_read)
        return fail(c, E_DENIED,
                    "this user manages the node and sees no records: act as an "
                    "officer (--as)");
    for (int tries = 0; tries < DESK_RETRIES_MAX; tries++) {
        AUTO(DeskReading) r = {0};
        bool old;
        TRY(desk_reading_machine(c, d->node, &r));
        TRY(desk_sight_apply(c, d->node, d, r.slot, &old));
        if (!old) {
            *ret_reading = r;
            r = (DeskReading){0};
            return OK;
        }
    }
    return fail(c, E_BUSY, "the picture is being replaced: try again in a moment");
}

Err desk_reading_snapshot(Ctx *c, DeskReading *r) {
    TRY(picture_read_begin(c, r->slot->picture));
    r->snapshot = true;
    return OK;
}

void DeskReading_cleanup(DeskReading *r) {
    if (r->snapshot)
        picture_read_end(r->slot->picture);
    if (r->slot)
        slot_give(r->node, r->slot);
    *r = (DeskReading){0};
}

void desk_slots_shut(DeskNode *n) {
    pthread_mutex_lock(&n->pool_lock);
    for (size_t i = 0; i < COUNT_OF(n->slots); i++) {
        if (!n->slots[i].used)
            slot_shut(&n->slots[i]);
    }
    pthread_mutex_unlock(&n->pool_lock);
}

// --- bodies -------------------------------------------------------------------------------------

// Another agency may give a record the id of ours. The picture says which of them counts, and by
// its mark it was shown: the body must be of that one.
Err desk_place_of(Ctx *c, DeskSlot *s, RecordId id, LedgerPlace *ret_place) {
    PictureRecord p;
    Err e = picture_record_get(c, s->picture, id, &p);
    if (e == E_NOT_FOUND || (e == OK && p.kind.n == 0)) // erased, or let go: its leaf is proven
        return ledger_find(c, s->ledger, id, ret_place);
    TRY(e);
    *ret_place = p.place;
    return OK;
}

Err desk_body_get(Ctx *c, DeskSlot *s, RecordId id, Record *ret_record) {
    char text[RECORD_ID_TEXT_BYTES];
    record_id_text(id, text);
    LedgerPlace place;
    LedgerItem item;
    TRY(desk_place_of(c, s, id, &place));
    TRY(ledger_get(c, s->ledger, place, &item));
    switch (item.state) {
    case LEDGER_HELD:
        return record_parse(c, &s->json, item.envelope, ret_record);
    case LEDGER_WITHHELD:
        return fail(c, E_STATE, "record %s is withheld: only its hash is here", text);
    case LEDGER_ERASED:
        return fail(c, E_STATE, "record %s was erased", text);
    }
    UNREACHABLE();
}

Err desk_body_at(Ctx *c, DeskSlot *s, LedgerPlace place, bool *ret_held, Record *ret_record) {
    LedgerItem item;
    TRY(ledger_get(c, s->ledger, place, &item));
    *ret_held = item.state == LEDGER_HELD;
    return *ret_held ? record_parse(c, &s->json, item.envelope, ret_record) : OK;
}

Err desk_mark_of(Ctx *c, DeskSlot *s, RecordId id, RecordMark *ret_mark) {
    Record r;
    TRY(desk_body_get(c, s, id, &r));
    *ret_mark = r.mark;
    return OK;
}

// --- cursors ------------------------------------------------------------------------------------

static Err cursor_purpose(Ctx *c, const Desk *d, const char *list, Str *ret_purpose) {
    return str_format(c, ret_purpose, "moei/cursor/v1/%s/%lld", list, (long long)d->user);
}

Err desk_cursor_seal(Ctx *c, const Desk *d, const char *list, PictureKey key, Str *ret_cursor) {
    uint8_t plain[16];
    store_u64le(plain, (uint64_t)key.sort);
    store_u64le(plain + 8, (uint64_t)key.pos);
    Str purpose;
    TRY(cursor_purpose(c, d, list, &purpose));
    AUTO(Buf) sealed = {0};
    TRY(crypto_seal(c, &d->node->cursor_key, purpose, (Str){(char *)plain, sizeof plain},
                    d->node->env.random, &sealed));
    AUTO(Buf) text = {0};
    buf_hex(&text, sealed.p, sealed.n);
    TRY(buf_check(c, &text));
    return str_copy(c, buf_view(&text), ret_cursor);
}

Err desk_cursor_open(Ctx *c, const Desk *d, const char *list, DeskPage page,
                     PicturePage *ret_page) {
    if (page.limit > LIST_PAGE_ITEMS_MAX)
        return fail(c, E_LIMIT, "a page has at most %d items", LIST_PAGE_ITEMS_MAX);
    PicturePage p = {.limit = page.limit ? page.limit : LIST_PAGE_ITEMS_DEFAULT};
    if (page.cursor.n > 0) {
        uint8_t sealed[16 + CRYPTO_SEAL_EXTRA_BYTES];
        Str purpose;
        TRY(cursor_purpose(c, d, list, &purpose));
        AUTO(Buf) plain = {0};
        if (!hex_decode(page.cursor, sealed, sizeof sealed) ||
            crypto_open(c, &d->node->cursor_key, purpose, (Str){(char *)sealed, sizeof sealed},
                        &plain) != OK ||
            plain.n != 16)
            return fail(c, E_INVALID, "this is no `next` of this list: begin without a cursor");
        p.after = (PictureKey){.set = true,
                               .sort = (int64_t)load_u64le(plain.p),
                               .pos = (int64_t)load_u64le(plain.p + 8)};
    }
    *ret_page = p;
    return OK;
}
