// Who holds a record, and taking it back: retractions, erasures, and who acknowledged.
#include "desk/share_priv.h"

#include <stdlib.h>

#define BACK_US (RETRACT_HOURS * TIME_HOUR_US)

// --- who holds it -------------------------------------------------------------------------------

typedef struct Object {
    DeskParties p;
    PictureRecord root;
    bool own; // it is ours, and of a kind that is shared
    const PictureHolder *holders;
    size_t holder_count;
    const PictureShare *shares;
    size_t share_count;
} Object;

static Err object_load(Ctx *c, const Desk *d, DeskSlot *s, Str record, Object *ret_object) {
    Object o = {0};
    PictureRecord r;
    TRY(desk_parties(c, d->node, s, &o.p));
    TRY(desk_record_resolve(c, d->node, s, record, &r));
    o.root = r;
    if (!record_id_eq(r.id, r.root)) {
        Str root;
        TRY(desk_id_text(c, r.root, &root));
        Err seen = desk_record_resolve(c, d->node, s, root, &o.root);
        if (seen != E_NOT_FOUND) // what speaks of a hidden object is shown by itself
            TRY(seen);
    }
    o.own = str_eq_c(o.root.agency, d->node->agency_id) && str_eq_c(o.root.log, "main") &&
            o.root.kind.n > 0 && sync_class(record_kind_of(o.root.kind)) == SYNC_OBJECT;
    Err e = picture_holders(c, s->picture, o.root.id, &o.holders, &o.holder_count);
    if (e != E_NOT_FOUND)
        TRY(e);
    TRY(picture_share_of(c, s->picture, o.root.id, &o.shares, &o.share_count));
    *ret_object = o;
    return OK;
}

static void put_when(JsonWriter *w, const char *key, bool has, int64_t at_us) {
    if (has)
        desk_put_time(w, key, at_us);
    else
        json_put_key_null(w, key);
}

static Err put_holders(Ctx *c, const Object *o, int64_t now, JsonWriter *w) {
    json_put_key(w, STR("holders"));
    json_put_array_begin(w);
    for (size_t i = 0; i < o->holder_count; i++) {
        const PictureHolder *h = &o->holders[i];
        Str name;
        TRY(desk_agency_name(c, &o->p, h->agency, &name));
        json_put_object_begin(w);
        json_put_key_str(w, "agency", h->agency);
        json_put_key_str(w, "by", h->how);
        put_when(w, "let_go_at", h->has_let_go, h->let_go_at);
        json_put_key_str(w, "name", name);
        json_put_key_bool(w, "overdue",
                          h->has_retracted && !h->has_let_go && now > h->retracted_at + BACK_US);
        put_when(w, "retracted_at", h->has_retracted, h->retracted_at);
        desk_put_time(w, "since", h->since);
        json_put_object_end(w);
    }
    json_put_array_end(w);
    return OK;
}

static bool promised(const DeskParties *p, const PictureShare *s) {
    return s->is_last && !s->is_retracted && s->to.n > 0 &&
           str_eq(s->agency, str_of(p->node->agency_id));
}

// Something is out that can be taken back.
static bool is_out(const Object *o) {
    for (size_t i = 0; i < o->holder_count; i++)
        if (!o->holders[i].has_retracted && !o->holders[i].has_let_go)
            return true;
    for (size_t i = 0; i < o->share_count; i++)
        if (promised(&o->p, &o->shares[i]))
            return true;
    return false;
}

Err desk_sharing_json(Ctx *c, const Desk *d, Str record, Buf *out) {
    TRY(desk_need(c, d, DESK_EXCHANGE_READ));
    AUTO(DeskReading) r = {0};
    Object o;
    RecordMark mark;
    TRY(desk_reading_begin(c, d, &r));
    TRY(object_load(c, d, r.slot, record, &o));
    TRY(desk_mark_read(c, o.root.mark, o.root.has_until, o.root.until, &mark));
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    TRY(put_holders(c, &o, clock_now(d->node->env.clock), &w));
    desk_put_opt_str(&w, "kind", o.root.kind);
    desk_put_mark(&w, &o.p, &mark);
    json_put_key(&w, STR("may"));
    json_put_array_begin(&w);
    if (o.own && desk_may(d, DESK_SHARE))
        json_put_str(&w, STR("share"));
    if (o.own && desk_may(d, DESK_RETRACT) && is_out(&o))
        json_put_str(&w, STR("retract"));
    json_put_array_end(&w);
    json_put_key_bool(&w, "own", o.own);
    desk_put_id(&w, "record", o.root.id);
    json_put_key(&w, STR("shares"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < o.share_count; i++)
        TRY(desk_share_put(c, d, &o.p, &o.shares[i], &w));
    json_put_array_end(&w);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

// --- taken back, shown --------------------------------------------------------------------------

typedef struct Back {
    RecordId id, record;
    const char *what;
    int64_t at;
    Str kind, title, reason;
    const PictureTarget *from;
    size_t from_count;
} Back;

static Err back_title(Ctx *c, DeskSlot *s, Back *b) {
    const PictureShare *shares;
    PictureRecord root;
    size_t n;
    TRY(picture_share_of(c, s->picture, b->record, &shares, &n));
    for (size_t i = 0; i < n; i++) {
        b->kind = shares[i].kind;
        b->title = shares[i].title.n ? shares[i].title : b->title;
    }
    Err e = picture_record_get(c, s->picture, b->record, &root);
    if (e == E_NOT_FOUND)
        return OK;
    TRY(e);
    b->kind = root.kind.n ? root.kind : b->kind;
    return OK;
}

static Err back_of_retract(Ctx *c, DeskSlot *s, const PictureRetract *r, Back *ret_back) {
    Back b = {.id = r->id,
              .record = r->record,
              .what = "retract",
              .at = r->at,
              .from = r->from,
              .from_count = r->from_count};
    Record record;
    TRY(desk_body_get(c, s, r->id, &record));
    TRY(json_get_str(c, record.body, "reason", &b.reason));
    TRY(back_title(c, s, &b));
    *ret_back = b;
    return OK;
}

// Of an erasure: the peers to whom the leaf was disclosed, and who let go of it.
static Err back_of_erase(Ctx *c, const DeskParties *p, const PictureRecord *r, Back *ret_back,
                         bool *ret_has) {
    Back b = {.id = r->id, .what = "erase", .at = r->at};
    Record record;
    Str erased;
    int64_t leaf;
    const PictureLetGo *gone;
    PictureTarget *from;
    size_t n;
    DeskSlot *s = p->slot;
    TRY(desk_body_get(c, s, r->id, &record));
    TRY(json_get_str(c, record.body, "reason", &b.reason));
    TRY(json_get_str(c, record.body, "record", &erased));
    TRY(json_get_int(c, record.body, "leaf", &leaf));
    if (!record_id_parse(erased, &b.record))
        return fail(c, E_CORRUPT, "an erase record names no record");
    TRY(ctx_alloc(c, (p->peer_count + 1) * sizeof *from, &from));
    TRY(picture_let_go_of(c, s->picture, b.record, &gone, &n));
    for (size_t i = 0; i < p->peer_count; i++) {
        bool has;
        TRY(picture_disclosed_has(c, s->picture, p->peers[i].agency, str_of(p->node->agency_id),
                                  (uint64_t)leaf, &has));
        if (!has)
            continue;
        PictureTarget *t = &from[b.from_count++];
        *t = (PictureTarget){.agency = p->peers[i].agency};
        for (size_t k = 0; k < n && !t->has_let_go; k++) {
            t->has_let_go = str_eq(gone[k].agency, t->agency);
            t->let_go_at = gone[k].at;
        }
    }
    b.from = from;
    *ret_has = b.from_count > 0;
    *ret_back = b;
    return OK;
}

static Err back_words(Ctx *c, const Back *b, int64_t now, Str *ret_words, bool *ret_overdue) {
    size_t gone = 0;
    for (size_t i = 0; i < b->from_count; i++)
        gone += b->from[i].has_let_go;
    *ret_overdue = gone < b->from_count && now > b->at + BACK_US;
    if (gone == b->from_count)
        return str_format(c, ret_words, "acknowledged by all %zu", b->from_count);
    return str_format(c, ret_words, "%zu of %zu acknowledged%s", gone, b->from_count,
                      *ret_overdue ? ", the rest is overdue" : "");
}

static Err put_back(Ctx *c, const DeskParties *p, const Back *b, JsonWriter *w) {
    int64_t now = clock_now(p->node->env.clock);
    Str words;
    bool overdue;
    TRY(back_words(c, b, now, &words, &overdue));
    json_put_object_begin(w);
    desk_put_time(w, "at", b->at);
    desk_put_time(w, "due_at", b->at + BACK_US);
    json_put_key(w, STR("from"));
    json_put_array_begin(w);
    for (size_t i = 0; i < b->from_count; i++) {
        const PictureTarget *t = &b->from[i];
        Str name;
        TRY(desk_agency_name(c, p, t->agency, &name));
        json_put_object_begin(w);
        json_put_key_str(w, "agency", t->agency);
        put_when(w, "let_go_at", t->has_let_go, t->let_go_at);
        json_put_key_str(w, "name", name);
        json_put_key_bool(w, "overdue", overdue && !t->has_let_go);
        json_put_object_end(w);
    }
    json_put_array_end(w);
    desk_put_id(w, "id", b->id);
    desk_put_opt_str(w, "kind", b->kind);
    json_put_key_bool(w, "overdue", overdue);
    json_put_key_str(w, "reason", b->reason);
    desk_put_id(w, "record", b->record);
    desk_put_opt_str(w, "title", b->title);
    json_put_key_str(w, "what", str_of(b->what));
    json_put_key_str(w, "words", words);
    json_put_object_end(w);
    return OK;
}

static int newest_first(const void *a, const void *b) {
    const Back *x = a, *y = b;
    return x->at == y->at ? record_id_cmp(y->id, x->id) : x->at < y->at ? 1 : -1;
}

// The newest erasures of what other agencies had stand on the first page.
static Err erasures(Ctx *c, const DeskParties *p, Back *items, size_t *inout_n) {
    const PictureRecord *found;
    size_t n;
    bool more;
    TRY(picture_record_list(c, p->slot->picture, STR("erase"),
                            (PicturePage){.limit = LIST_PAGE_ITEMS_DEFAULT}, &found, &n, &more));
    for (size_t i = 0; i < n; i++) {
        bool has;
        if (!str_eq_c(found[i].agency, p->node->agency_id))
            continue;
        TRY(back_of_erase(c, p, &found[i], &items[*inout_n], &has));
        *inout_n += has;
    }
    return OK;
}

Err desk_retraction_list_json(Ctx *c, const Desk *d, DeskPage page, Buf *out) {
    TRY(desk_need(c, d, DESK_EXCHANGE_READ));
    AUTO(DeskReading) r = {0};
    DeskParties p;
    PicturePage pp;
    const PictureRetract *found;
    Back *items;
    size_t n, count = 0;
    bool more;
    Str next = {0};
    TRY(desk_reading_begin(c, d, &r));
    TRY(desk_parties(c, d->node, r.slot, &p));
    TRY(desk_cursor_open(c, d, "retract", page, &pp));
    TRY(picture_retract_list(c, r.slot->picture, PICTURE_OUT, pp, &found, &n, &more));
    if (more && n > 0)
        TRY(desk_cursor_seal(c, d, "retract", found[n - 1].key, &next));
    TRY(ctx_alloc(c, (n + LIST_PAGE_ITEMS_DEFAULT + 1) * sizeof *items, &items));
    for (size_t i = 0; i < n; i++)
        TRY(back_of_retract(c, r.slot, &found[i], &items[count++]));
    if (!pp.after.set)
        TRY(erasures(c, &p, items, &count));
    if (count > 1)
        qsort(items, count, sizeof *items, newest_first);
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("items"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < count; i++)
        TRY(put_back(c, &p, &items[i], &w));
    json_put_array_end(&w);
    desk_put_next(&w, next);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

// --- taken back ---------------------------------------------------------------------------------

static bool has_it(const Object *o, Str agency) {
    for (size_t i = 0; i < o->holder_count; i++)
        if (str_eq(o->holders[i].agency, agency))
            return !o->holders[i].has_retracted && !o->holders[i].has_let_go;
    for (size_t i = 0; i < o->share_count; i++)
        if (promised(&o->p, &o->shares[i]) && str_eq(o->shares[i].to, agency))
            return true;
    return false;
}

static Err all_who_have(Ctx *c, const Object *o, const Str **ret_from, size_t *ret_n) {
    AUTO(Buf) all = {0};
    Str *items;
    for (size_t i = 0; i < o->holder_count; i++)
        if (has_it(o, o->holders[i].agency))
            buf_append(&all, &o->holders[i].agency, sizeof(Str));
    for (size_t i = 0; i < o->share_count; i++)
        if (promised(&o->p, &o->shares[i]))
            buf_append(&all, &o->shares[i].to, sizeof(Str));
    TRY(buf_check(c, &all));
    TRY(ctx_alloc(c, all.n + sizeof(Str), &items));
    if (all.n > 0)
        memcpy(items, all.p, all.n);
    return desk_to_of(c, items, all.n / sizeof(Str), ret_from, ret_n);
}

// A peer by name; an agency that is no peer of ours, but to whom it was passed on, by its id.
static Err from_typed(Ctx *c, const Object *o, const DeskRetractDraft *d, const Str **ret_from,
                      size_t *ret_n) {
    Str *items;
    if (d->from_count == 0)
        return all_who_have(c, o, ret_from, ret_n);
    TRY(ctx_alloc(c, d->from_count * sizeof *items, &items));
    for (size_t i = 0; i < d->from_count; i++) {
        const PicturePeer *peer;
        items[i] = str_trim(d->from[i]);
        if (has_it(o, items[i]))
            continue;
        TRY(desk_peer_by_name(c, &o->p, items[i], &peer));
        items[i] = peer->agency;
        if (!has_it(o, peer->agency))
            return fail(c, E_STATE, STR_FMT " does not have it, or was asked to let go already",
                        STR_ARG(peer->name));
    }
    return desk_to_of(c, items, d->from_count, ret_from, ret_n);
}

static Err retract_write(Ctx *c, const Desk *d, DeskWriting *w, Str record,
                         const DeskRetractDraft *draft, RecordId *ret_id) {
    AUTO(DeskReading) r = {0};
    Object o;
    DeskRetractDraft back = *draft;
    TRY(desk_reading_begin(c, d, &r));
    TRY(object_load(c, d, r.slot, record, &o));
    if (!o.own)
        return fail(c, E_DENIED, "only what is ours, and was shared by us, can be taken back");
    TRY(from_typed(c, &o, draft, &back.from, &back.from_count));
    if (back.from_count == 0)
        return fail(c, E_STATE, "nobody has it: there is nothing to take back");
    TRY(desk_group_begin(c, w));
    TRY(desk_retract_add(c, w, r.slot, o.root.id, &back, ret_id));
    return desk_group_commit(c, w);
}

Err desk_retract(Ctx *c, const Desk *d, Str record, const DeskRetractDraft *draft, Buf *out) {
    TRY(desk_need(c, d, DESK_RETRACT));
    DeskRetractDraft back = *draft;
    RecordId made;
    if (str_trim(back.reason).n == 0)
        return fail(c, E_INVALID, "say why (--reason): they are told, so name no person in it");
    TRY(desk_words(c, "reason", back.reason, DESK_TITLE_BYTES_MAX, &back.reason));
    {
        AUTO(DeskWriting) w = {0};
        TRY(desk_writing_begin(c, d->node, d, &w));
        TRY(retract_write(c, d, &w, record, &back, &made));
    }
    desk_exchange_touch(d->node);
    AUTO(DeskReading) r = {0};
    DeskParties p;
    PictureRetract found;
    Back b;
    TRY(desk_reading_begin(c, d, &r));
    TRY(desk_parties(c, d->node, r.slot, &p));
    TRY(picture_retract_get(c, r.slot->picture, made, &found));
    TRY(back_of_retract(c, r.slot, &found, &b));
    JsonWriter w = json_writer_start(out);
    TRY(put_back(c, &p, &b, &w));
    return json_writer_end(c, &w);
}
