// Who holds a record, and taking it back.
#include "desk/share_priv.h"

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

// Whether the holder told that it has it: what was disclosed may still be on its way. Of whom
// another agency passed it on to, that agency told us.
static Err arrived(Ctx *c, const Object *o, const DeskPeer *peers, size_t n, Str agency,
                   bool *ret_arrived) {
    DeskNode *node = o->p.node;
    bool waits = false;
    Err e = OK;
    for (size_t i = 0; i < n; i++) {
        if (!str_eq_c(agency, peers[i].hex.text))
            continue;
        // Under the lock of writing, as all use of the ledger's own connection.
        pthread_mutex_lock(&node->write_lock);
        e = journal_find(c, ledger_db(node->ledger), &peers[i].j, peers[i].j.told,
                         ledger_place_key(o->root.place), &waits);
        pthread_mutex_unlock(&node->write_lock);
        break;
    }
    TRY(e);
    *ret_arrived = !waits;
    return OK;
}

// By what it went out. What needs no accord goes by its kind.
static Str how(const Object *o, const PictureHolder *h) {
    RecordKind kind = record_kind_of(o->root.kind);
    if (o->root.kind.n > 0 && str_eq_c(h->how, "accord") && sync_class(kind) == SYNC_IDENTITY)
        return STR("identity");
    if (o->root.kind.n > 0 && str_eq_c(h->how, "accord") && sync_class(kind) == SYNC_DIRECTED)
        return STR("directed");
    return h->how;
}

static Err put_holders(Ctx *c, const Object *o, int64_t now, JsonWriter *w) {
    DeskPeer *peers;
    size_t count;
    TRY(desk_exchange_peers(c, o->p.node, &peers, &count));
    json_put_key(w, STR("holders"));
    json_put_array_begin(w);
    for (size_t i = 0; i < o->holder_count; i++) {
        const PictureHolder *h = &o->holders[i];
        Str name;
        bool here;
        TRY(desk_agency_name(c, &o->p, h->agency, &name));
        TRY(arrived(c, o, peers, count, h->agency, &here));
        json_put_object_begin(w);
        json_put_key_str(w, "agency", h->agency);
        json_put_key_bool(w, "arrived", here);
        json_put_key_str(w, "by", how(o, h));
        desk_put_opt_time(w, "let_go_at", h->has_let_go, h->let_go_at);
        json_put_key_str(w, "name", name);
        json_put_key_bool(w, "overdue",
                          h->has_retracted && !h->has_let_go &&
                              now > h->retracted_at + DESK_BACK_US);
        desk_put_opt_time(w, "retracted_at", h->has_retracted, h->retracted_at);
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
    json_put_key_bool(&w, "ours", str_eq_c(o.root.agency, d->node->agency_id));
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
    DeskBack b;
    TRY(desk_reading_begin(c, d, &r));
    TRY(desk_parties(c, d->node, r.slot, &p));
    TRY(picture_retract_get(c, r.slot->picture, made, &found));
    TRY(desk_back_of_retract(c, &p, &found, &b));
    JsonWriter w = json_writer_start(out);
    TRY(desk_back_put(c, &p, &b, &w));
    return json_writer_end(c, &w);
}
