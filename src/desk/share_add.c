// Records of sharing as they are written: shares, their second officer, retractions.
#include "desk/share_priv.h"

// --- share --------------------------------------------------------------------------------------

static Err share_body(Ctx *c, const DeskShareNew *s, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key_bool(&w, "accept", s->mark.handling != RECORD_H0);
    desk_put_opt_id(&w, "answers", s->has_answers, s->answers);
    desk_put_opt_str(&w, "contact", s->contact);
    desk_put_record_time(&w, "due_at", s->has_due, s->due_at);
    if (s->waits)
        desk_put_strs(&w, "for", &s->recipient, 1);
    json_put_key_str(&w, "kind", s->kind);
    if (s->also.n > 0)
        json_put_key_str(&w, "recipient", s->recipient);
    desk_put_id(&w, "record", s->record);
    desk_put_opt_str(&w, "title", s->title);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

Err desk_share_add(Ctx *c, DeskWriting *w, const DeskShareNew *s, RecordId *ret_id) {
    AUTO(Buf) body = {0};
    RecordMark mark = s->mark;
    RecordId refs[3];
    size_t n = 0, to_count = 1;
    Str to[3] = {str_of(w->node->agency_id)};
    if (!s->waits)
        to[to_count++] = s->recipient;
    if (!s->waits && s->also.n > 0)
        to[to_count++] = s->also;
    TRY(desk_to_of(c, to, to_count, &mark.to, &mark.to_count));
    TRY(share_body(c, s, &body));
    refs[n++] = s->record;
    if (s->has_answers)
        refs[n++] = s->answers;
    if (s->has_ref)
        refs[n++] = s->ref;
    DeskDraft draft = {
        .kind = RECORD_SHARE, .refs = refs, .ref_count = n, .mark = &mark, .body = buf_view(&body)};
    return desk_group_add(c, w, &draft, ret_id);
}

// The evidence of an order is a document of its own; only a shared one lets its bytes go.
static Err share_pack(Ctx *c, DeskWriting *w, DeskSlot *s, Str pack, Str recipient) {
    CryptoHash hash;
    PictureAttachment a;
    if (!desk_unhex(pack, &hash))
        return OK;
    Err e = picture_attachment_find(c, s->picture, hash.b, &a);
    if (e == E_NOT_FOUND)
        return OK; // erased, or not for the eyes of who issues
    TRY(e);
    DeskShareNew n = {.record = a.id, .kind = STR("attachment"), .recipient = recipient};
    TRY(desk_mark_of(c, s, a.id, &n.mark));
    n.mark.handling = RECORD_H0;
    n.mark.note = (Str){0};
    return desk_share_add(c, w, &n, NULL);
}

Err desk_share_order(Ctx *c, DeskWriting *w, DeskSlot *s, const PictureOrder *o,
                     const DeskOrderBody *body) {
    PicturePeer peer;
    if (o->addressee_agency.n == 0 || str_eq_c(o->addressee_agency, w->node->agency_id))
        return OK;
    Err e = picture_peer_get(c, s->picture, o->addressee_agency, &peer);
    if (e == E_NOT_FOUND || (e == OK && !str_eq_c(peer.state, "confirmed")))
        return OK; // it is told by letter, as an addressee without a node
    TRY(e);
    DeskShareNew n = {.record = o->id,
                      .kind = STR("order"),
                      .title = o->number,
                      .mark = body->mark,
                      .recipient = o->addressee_agency};
    // An order binds: nobody is asked first whether its handling is accepted.
    n.mark.handling = RECORD_H0;
    n.mark.note = (Str){0};
    TRY(desk_share_add(c, w, &n, NULL));
    return share_pack(c, w, s, body->pack, o->addressee_agency);
}

Err desk_order_flagged(Ctx *c, DeskNode *n, const PictureOrder *o, bool *ret_flagged) {
    DeskFlagged flagged;
    Str texts[4] = {o->addressee_agency,
                    desk_bank_name(n, o->addressee_country, o->addressee_institution)};
    TRY(str_format(c, &texts[2], STR_FMT "/" STR_FMT, STR_ARG(o->addressee_country),
                   STR_ARG(o->addressee_institution)));
    TRY(str_format(c, &texts[3], STR_FMT "/" STR_FMT "/" STR_FMT, STR_ARG(o->account.country),
                   STR_ARG(o->account.institution), STR_ARG(o->account.account)));
    TRY(desk_flagged(c, n, &flagged));
    *ret_flagged = desk_flag_names(&flagged, texts, COUNT_OF(texts));
    return OK;
}

// --- retract ------------------------------------------------------------------------------------

static bool loses(const DeskRetractDraft *d, Str agency) {
    for (size_t i = 0; i < d->from_count; i++)
        if (str_eq(d->from[i], agency))
            return true;
    return false;
}

// Who carries it to one that loses it, as the share says: what was passed on may not be known here.
static Err carriers(Ctx *c, DeskSlot *s, RecordId record, const DeskRetractDraft *d, Buf *to) {
    const PictureShare *shares;
    size_t n;
    TRY(picture_share_of(c, s->picture, record, &shares, &n));
    for (size_t i = 0; i < n; i++) {
        RecordMark mark;
        if (!loses(d, shares[i].to))
            continue;
        TRY(desk_mark_of(c, s, shares[i].id, &mark));
        buf_append(to, mark.to, mark.to_count * sizeof *mark.to);
    }
    return OK;
}

// Us, those who lose it, and through whom they are reached.
static Err retract_readers(Ctx *c, DeskWriting *w, DeskSlot *s, RecordId record,
                           const DeskRetractDraft *d, RecordMark *mark) {
    AUTO(Buf) to = {0};
    const PictureHolder *holders;
    size_t n;
    Str us = str_of(w->node->agency_id), *items;
    Err e = picture_holders(c, s->picture, record, &holders, &n);
    if (e == E_NOT_FOUND)
        n = 0;
    else
        TRY(e);
    buf_append(&to, &us, sizeof us);
    buf_append(&to, d->from, d->from_count * sizeof *d->from);
    for (size_t i = 0; i < n; i++)
        if (holders[i].passed_by.n > 0 && loses(d, holders[i].agency))
            buf_append(&to, &holders[i].passed_by, sizeof(Str));
    TRY(carriers(c, s, record, d, &to));
    TRY(buf_check(c, &to));
    TRY(ctx_alloc(c, to.n, &items));
    memcpy(items, to.p, to.n);
    return desk_to_of(c, items, to.n / sizeof(Str), &mark->to, &mark->to_count);
}

Err desk_retract_add(Ctx *c, DeskWriting *w, DeskSlot *s, RecordId record,
                     const DeskRetractDraft *d, RecordId *ret_id) {
    AUTO(Buf) body = {0};
    // Whoever lets go must be able to read it, whatever the purpose: it tells no content.
    RecordMark mark = record_mark_default(), own;
    const Str *from;
    size_t n;
    TRY(desk_mark_of(c, s, record, &own));
    mark.tlp = own.tlp;
    TRY(retract_readers(c, w, s, record, d, &mark));
    TRY(desk_to_of(c, d->from, d->from_count, &from, &n));
    JsonWriter j = json_writer_start(&body);
    json_put_object_begin(&j);
    desk_put_strs(&j, "from", from, n);
    json_put_key_str(&j, "reason", d->reason);
    desk_put_id(&j, "record", record);
    json_put_object_end(&j);
    TRY(json_writer_end(c, &j));
    DeskDraft draft = {.kind = RECORD_RETRACT,
                       .refs = &record,
                       .ref_count = 1,
                       .mark = &mark,
                       .body = buf_view(&body)};
    return desk_group_add(c, w, &draft, ret_id);
}

// --- two officers -------------------------------------------------------------------------------

Err desk_waits_of(Ctx *c, DeskSlot *s, RecordId id, DeskWaits *ret_waits) {
    DeskWaits waits = {0};
    Record r;
    const PictureRecord *items;
    size_t n;
    TRY(desk_body_get(c, s, id, &r));
    waits.officer = r.officer;
    if (json_find(r.body, STR("for")))
        TRY(desk_strs_get(c, r.body, "for", &waits.agencies, &waits.n));
    if (waits.n > 0) {
        TRY(picture_record_object(c, s->picture, id, &items, &n));
        for (size_t i = 0; i < n; i++)
            waits.done |= str_eq_c(items[i].kind, "second") && items[i].has_officer &&
                          !record_id_eq(items[i].officer, r.officer);
    }
    *ret_waits = waits;
    return OK;
}

Err desk_second_add(Ctx *c, DeskWriting *w, RecordId id, const RecordMark *mark) {
    AUTO(Buf) body = {0};
    JsonWriter j = json_writer_start(&body);
    json_put_object_begin(&j);
    desk_put_id(&j, "target", id);
    json_put_object_end(&j);
    TRY(json_writer_end(c, &j));
    DeskDraft draft = {.kind = RECORD_SECOND,
                       .has_of = true,
                       .of = id,
                       .refs = &id,
                       .ref_count = 1,
                       .mark = mark,
                       .body = buf_view(&body)};
    return desk_group_add(c, w, &draft, NULL);
}

Err desk_second_check(Ctx *c, const Desk *d, const DeskWaits *waits) {
    if (waits->n == 0)
        return fail(c, E_STATE, "this does not wait for a second officer");
    if (waits->done)
        return fail(c, E_STATE, "a second officer has signed it already");
    if (record_id_eq(waits->officer, d->officer))
        return fail(c, E_DENIED, "another officer must sign what you wrote");
    return desk_key_needed(c, d);
}
