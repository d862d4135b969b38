// Shares as they stand: lists, one by one, what the recipient says, and who holds a record.
#include "desk/share_priv.h"

// --- state --------------------------------------------------------------------------------------

static bool is_ours(const DeskParties *p, const PictureShare *s) {
    return str_eq(s->agency, str_of(p->node->agency_id));
}

static const char *state_of(const PictureShare *s, bool waits, int64_t now) {
    if (waits)
        return "waits";
    if (s->is_retracted)
        return "retracted";
    if (s->has_until && now >= s->until)
        return "ended";
    if (str_eq_c(s->act, "refuse"))
        return "refused";
    if (str_eq_c(s->act, "accept"))
        return "accepted";
    if (s->accept)
        return "offered";
    return str_eq_c(s->act, "receive") ? "received" : "shared";
}

static bool state_is(const char *state, const char *one) {
    return strcmp(state, one) == 0;
}

static bool is_open(const char *state) {
    return state_is(state, "accepted") || state_is(state, "shared") || state_is(state, "received");
}

static bool is_overdue(const PictureShare *s, const char *state, int64_t now) {
    return s->has_due && now > s->due_at && s->act.n == 0 &&
           (state_is(state, "offered") || state_is(state, "shared"));
}

// --- one share ----------------------------------------------------------------------------------

static Err put_acts(Ctx *c, const DeskParties *p, const PictureShare *s, JsonWriter *w) {
    const PictureShareAct *acts;
    size_t n;
    TRY(picture_share_acts(c, p->slot->picture, s->id, &acts, &n));
    json_put_key(w, STR("acts"));
    json_put_array_begin(w);
    for (size_t i = 0; i < n; i++) {
        Record r;
        Str name, officer = {0}, note = {0};
        TRY(desk_agency_name(c, p, acts[i].agency, &name));
        if (acts[i].has_officer)
            TRY(desk_officer_name(c, p->slot, acts[i].officer, &officer));
        TRY(desk_body_get(c, p->slot, acts[i].id, &r));
        TRY(json_find_str(c, r.body, "note", &note));
        json_put_object_begin(w);
        json_put_key_str(w, "act", acts[i].act);
        json_put_key_str(w, "agency", acts[i].agency);
        desk_put_time(w, "at", acts[i].at);
        desk_put_opt_str(w, "code", acts[i].code);
        desk_put_opt_str(w, "handling", acts[i].handling);
        json_put_key_str(w, "name", name);
        desk_put_opt_str(w, "note", note);
        desk_put_opt_str(w, "officer", officer);
        json_put_object_end(w);
    }
    json_put_array_end(w);
    return OK;
}

static void put_may(const Desk *d, bool ours, const char *state, const DeskWaits *waits,
                    JsonWriter *w) {
    json_put_key(w, STR("may"));
    json_put_array_begin(w);
    if (desk_may(d, DESK_SHARE)) {
        if (!ours && state_is(state, "offered"))
            json_put_str(w, STR("accept"));
        if (!ours && state_is(state, "shared"))
            json_put_str(w, STR("receive"));
        if (!ours && (state_is(state, "offered") || state_is(state, "shared")))
            json_put_str(w, STR("refuse"));
        if (ours && state_is(state, "waits") && !record_id_eq(waits->officer, d->officer))
            json_put_str(w, STR("second"));
    }
    json_put_array_end(w);
}

// *ret_gone: it was here, and was erased or let go.
static Err is_here(Ctx *c, DeskSlot *s, RecordId record, bool *ret_here, bool *ret_gone) {
    PictureRecord r;
    Err e = picture_record_get(c, s->picture, record, &r);
    *ret_here = e == OK && (str_eq_c(r.state, "held") || str_eq_c(r.state, "duplicate"));
    *ret_gone = e == OK && (str_eq_c(r.state, "erased") || str_eq_c(r.state, "let_go"));
    return e == E_NOT_FOUND ? OK : e;
}

Err desk_share_put(Ctx *c, const Desk *d, const DeskParties *p, const PictureShare *s,
                   JsonWriter *w) {
    int64_t now = clock_now(p->node->env.clock);
    bool ours = is_ours(p, s), here, gone;
    DeskWaits waits = {0};
    RecordMark mark;
    Str name, to = s->to;
    if (ours && to.n == 0) {
        TRY(desk_waits_of(c, p->slot, s->id, &waits));
        to = waits.n > 0 ? waits.agencies[0] : to;
    }
    TRY(is_here(c, p->slot, s->record, &here, &gone));
    // Once signed, the one that goes out is another record; this one has done its work.
    const char *state = state_of(s, waits.n > 0, now);
    if (waits.done || (gone && !state_is(state, "retracted") && !state_is(state, "refused")))
        state = "ended";
    TRY(desk_agency_name(c, p, ours ? to : s->agency, &name));
    TRY(desk_mark_read(c, s->mark, s->has_until, s->until, &mark));
    json_put_object_begin(w);
    json_put_key_bool(w, "accept", s->accept);
    TRY(put_acts(c, p, s, w));
    desk_put_opt_id(w, "answers", s->has_answers, s->answers);
    desk_put_time(w, "at", s->at);
    json_put_key_str(w, "box", ours ? STR("out") : STR("in"));
    json_put_key_str(w, "by", s->agency);
    desk_put_opt_str(w, "contact", s->contact);
    desk_put_opt_time(w, "due_at", s->has_due, s->due_at);
    json_put_key_bool(w, "here", here);
    desk_put_id(w, "id", s->id);
    json_put_key_str(w, "kind", s->kind);
    desk_put_mark(w, p, &mark);
    put_may(d, ours, state, &waits, w);
    json_put_key_str(w, "name", name);
    json_put_key_bool(w, "open", is_open(state));
    json_put_key_bool(w, "overdue", is_overdue(s, state, now));
    desk_put_id(w, "record", s->record);
    json_put_key_str(w, "state", str_of(state));
    desk_put_opt_str(w, "title", s->title);
    json_put_key_str(w, "to", to);
    json_put_object_end(w);
    return OK;
}

static Err share_find(Ctx *c, DeskSlot *s, Str id, PictureShare *ret_share) {
    RecordId record;
    Err e = record_id_parse(id, &record) ? picture_share_get(c, s->picture, record, ret_share)
                                         : E_NOT_FOUND;
    if (e == E_NOT_FOUND)
        return fail(c, E_NOT_FOUND,
                    "there is no share " STR_FMT ": `moei shared list` shows those that are here",
                    STR_ARG(id));
    return e;
}

static Err share_json(Ctx *c, const Desk *d, Str id, Buf *out) {
    AUTO(DeskReading) r = {0};
    DeskParties p;
    PictureShare s;
    TRY(desk_reading_begin(c, d, &r));
    TRY(desk_parties(c, d->node, r.slot, &p));
    TRY(share_find(c, r.slot, id, &s));
    JsonWriter w = json_writer_start(out);
    TRY(desk_share_put(c, d, &p, &s, &w));
    return json_writer_end(c, &w);
}

Err desk_share_json(Ctx *c, const Desk *d, Str id, Buf *out) {
    TRY(desk_need(c, d, DESK_EXCHANGE_READ));
    return share_json(c, d, id, out);
}

// --- lists --------------------------------------------------------------------------------------

Err desk_box_find(Ctx *c, Str text, DeskBox *ret_box) {
    if (text.n > 0 && !str_eq_c(text, "in") && !str_eq_c(text, "out"))
        return fail(c, E_INVALID, "box: in (from others) or out (ours)");
    *ret_box = text.n == 0 ? DESK_BOX_ALL : str_eq_c(text, "in") ? DESK_BOX_IN : DESK_BOX_OUT;
    return OK;
}

PictureBox desk_picture_box(DeskBox box) {
    switch (box) {
    case DESK_BOX_ALL:
        return PICTURE_ANY;
    case DESK_BOX_IN:
        return PICTURE_IN;
    case DESK_BOX_OUT:
        return PICTURE_OUT;
    }
    UNREACHABLE();
}

Err desk_share_list_json(Ctx *c, const Desk *d, DeskBox box, DeskPage page, Buf *out) {
    TRY(desk_need(c, d, DESK_EXCHANGE_READ));
    AUTO(DeskReading) r = {0};
    DeskParties p;
    PicturePage pp;
    const PictureShare *items;
    size_t n;
    bool more;
    Str next = {0};
    TRY(desk_reading_begin(c, d, &r));
    TRY(desk_parties(c, d->node, r.slot, &p));
    TRY(desk_cursor_open(c, d, "share", page, &pp));
    TRY(picture_share_list(c, r.slot->picture, desk_picture_box(box), pp, &items, &n, &more));
    if (more && n > 0)
        TRY(desk_cursor_seal(c, d, "share", items[n - 1].key, &next));
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("items"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < n; i++)
        TRY(desk_share_put(c, d, &p, &items[i], &w));
    json_put_array_end(&w);
    desk_put_next(&w, next);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

// --- what the recipient says --------------------------------------------------------------------

static Err act_body(Ctx *c, const DeskShareActDraft *a, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key_str(&w, "act", a->act);
    desk_put_opt_str(&w, "code", a->code);
    desk_put_opt_str(&w, "handling", a->handling);
    desk_put_opt_str(&w, "note", a->note);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

static Err accept_check(Ctx *c, const PictureShare *s, const RecordMark *m,
                        const DeskShareActDraft *a) {
    const char *asked = desk_handling_text(m->handling);
    if (!s->accept)
        return fail(c, E_STATE, "this share asks for no acceptance: say receive");
    if (!str_eq_c(a->handling, asked))
        return fail(c, E_INVALID,
                    "handling: say which you accept: it comes under %s (--handling %s)", asked,
                    asked);
    return OK;
}

static Err act_check(Ctx *c, const Desk *d, const PictureShare *s, const RecordMark *m,
                     DeskShareActDraft *a) {
    const char *state = state_of(s, false, clock_now(d->node->env.clock));
    bool to_us = false;
    for (size_t i = 0; i < m->to_count; i++)
        to_us |= str_eq_c(m->to[i], d->node->agency_id);
    if (str_eq_c(s->agency, d->node->agency_id) || !to_us)
        return fail(c, E_DENIED, "what was shared with another is theirs to answer");
    if (!state_is(state, "offered") && !state_is(state, "shared"))
        return fail(c, E_STATE, "this share is %s: nothing is left to say to it", state);
    TRY(desk_typed_words(c, "note", a->note, DESK_NOTE_BYTES_MAX, &a->note));
    if (str_eq_c(a->act, "accept"))
        return accept_check(c, s, m, a);
    if (str_eq_c(a->act, "receive") && s->accept)
        return fail(c, E_STATE, "this share waits to be accepted (accept) or refused (refuse)");
    a->handling = (Str){0};
    a->code = str_trim(a->code);
    TRY(desk_refusal_code(c, d->node, a->code));
    if (!str_eq_c(a->act, "receive") && !str_eq_c(a->act, "refuse"))
        return fail(c, E_INVALID, "act: receive, accept, refuse or second");
    return OK;
}

static Err act_write(Ctx *c, DeskWriting *w, DeskSlot *s, const PictureShare *share,
                     const DeskShareActDraft *draft) {
    AUTO(Buf) body = {0};
    RecordMark mark;
    DeskShareActDraft a = *draft;
    TRY(desk_mark_of(c, s, share->id, &mark));
    TRY(act_check(c, w->by, share, &mark, &a));
    TRY(act_body(c, &a, &body));
    DeskDraft record = {.kind = RECORD_SHARE_ACT,
                        .has_of = true,
                        .of = share->id,
                        .mark = &mark,
                        .body = buf_view(&body)};
    return desk_record_add(c, w, &record, NULL);
}

// The second officer's signature, and the share that goes out by it, in one group.
static Err second_write(Ctx *c, DeskWriting *w, DeskSlot *s, const PictureShare *share,
                        RecordId *ret_id) {
    DeskWaits waits;
    RecordMark mark;
    TRY(desk_waits_of(c, s, share->id, &waits));
    TRY(desk_second_check(c, w->by, &waits));
    TRY(desk_mark_of(c, s, share->id, &mark));
    DeskShareNew n = {.record = share->record,
                      .kind = share->kind,
                      .title = share->title,
                      .contact = share->contact,
                      .has_answers = share->has_answers,
                      .answers = share->answers,
                      .has_due = share->has_due,
                      .due_at = share->due_at,
                      .mark = mark,
                      .recipient = waits.agencies[0],
                      .has_ref = true,
                      .ref = share->id};
    TRY(desk_group_begin(c, w));
    TRY(desk_second_add(c, w, share->id, &mark));
    TRY(desk_share_add(c, w, &n, ret_id));
    return desk_group_commit(c, w);
}

Err desk_share_act(Ctx *c, const Desk *d, Str id, const DeskShareActDraft *draft, Buf *out) {
    TRY(desk_need(c, d, DESK_SHARE));
    Str shown = id;
    {
        AUTO(DeskWriting) w = {0};
        AUTO(DeskReading) r = {0};
        PictureShare s;
        TRY(desk_writing_begin(c, d->node, d, &w));
        TRY(desk_reading_begin(c, d, &r));
        TRY(share_find(c, r.slot, id, &s));
        if (str_eq_c(draft->act, "second")) {
            RecordId made;
            TRY(second_write(c, &w, r.slot, &s, &made));
            TRY(desk_id_text(c, made, &shown));
        } else {
            TRY(act_write(c, &w, r.slot, &s, draft));
        }
    }
    desk_exchange_touch(d->node);
    return share_json(c, d, shown, out);
}
