// Requests, alerts and permissions as they stand.
#include "desk/share_priv.h"

Err desk_notice_find(Ctx *c, DeskSlot *s, Str id, PictureNotice *ret_notice) {
    RecordId record;
    Err e = record_id_parse(id, &record) ? picture_notice_get(c, s->picture, record, ret_notice)
                                         : E_NOT_FOUND;
    if (e == E_NOT_FOUND)
        return fail(c, E_NOT_FOUND,
                    "there is no notice " STR_FMT ": `moei notice list` shows those that are here",
                    STR_ARG(id));
    return e;
}

const char *desk_notice_state(const PictureNotice *n, const DeskWaits *waits) {
    if (waits->n > 0)
        return waits->done ? "closed" : "waits";
    if (n->answer.n == 0)
        return "open";
    if (str_eq_c(n->answer, "receive"))
        return "received";
    if (str_eq_c(n->answer, "refuse"))
        return "refused";
    return str_eq_c(n->answer, "close") ? "closed" : "answered";
}

bool desk_notice_is_open(const PictureNotice *n) {
    // Who was only alerted owes no more than the word that it came.
    return n->answer.n == 0 || (str_eq_c(n->answer, "receive") && !str_eq_c(n->act, "alert"));
}

// --- JSON ---------------------------------------------------------------------------------------

static Err put_acts(Ctx *c, const DeskParties *p, const PictureNoticeAct *acts, size_t n,
                    JsonWriter *w) {
    json_put_key(w, STR("acts"));
    json_put_array_begin(w);
    for (size_t i = 0; i < n; i++) {
        const PictureNoticeAct *a = &acts[i];
        Record r;
        Str name, officer = {0}, note = {0};
        TRY(desk_agency_name(c, p, a->agency, &name));
        if (a->has_officer)
            TRY(desk_officer_name(c, p->slot, a->officer, &officer));
        TRY(desk_body_get(c, p->slot, a->id, &r));
        TRY(json_find_str(c, r.body, "note", &note));
        json_put_object_begin(w);
        json_put_key_str(w, "act", a->act);
        json_put_key_str(w, "agency", a->agency);
        desk_put_time(w, "at", a->at);
        desk_put_opt_str(w, "code", a->code);
        json_put_key_str(w, "name", name);
        desk_put_opt_str(w, "note", note);
        desk_put_opt_str(w, "officer", officer);
        json_put_key(w, STR("shares"));
        json_put_array_begin(w);
        for (size_t k = 0; k < a->share_count; k++) {
            char id[RECORD_ID_TEXT_BYTES];
            record_id_text(a->shares[k], id);
            json_put_str(w, str_of(id));
        }
        json_put_array_end(w);
        desk_put_opt_time(w, "until", a->has_until, a->until);
        json_put_object_end(w);
    }
    json_put_array_end(w);
    return OK;
}

static void put_may(const Desk *d, const PictureNotice *n, bool ours, const DeskWaits *waits,
                    JsonWriter *w) {
    bool open = desk_notice_is_open(n);
    json_put_key(w, STR("may"));
    json_put_array_begin(w);
    if (desk_may(d, DESK_NOTICE_WRITE)) {
        if (!ours && n->answer.n == 0)
            json_put_str(w, STR("receive"));
        if (!ours && open && str_eq_c(n->act, "request"))
            json_put_str(w, STR("provide"));
        if (!ours && open && str_eq_c(n->act, "pass_on") && desk_may(d, DESK_SHARE))
            json_put_str(w, STR("grant"));
        // A permission that was given can be withdrawn.
        if (!ours && !str_eq_c(n->act, "alert") && (open || str_eq_c(n->answer, "grant")))
            json_put_str(w, STR("refuse"));
        if (ours && waits->n == 0 && !str_eq_c(n->answer, "close"))
            json_put_str(w, STR("close"));
        if (ours && waits->n > 0 && !waits->done && !record_id_eq(waits->officer, d->officer))
            json_put_str(w, STR("second"));
    }
    json_put_array_end(w);
}

static Err put_to(Ctx *c, const DeskParties *p, const Str *to, size_t to_count,
                  const PictureNoticeAct *acts, size_t n, JsonWriter *w) {
    json_put_key(w, STR("to"));
    json_put_array_begin(w);
    for (size_t i = 0; i < to_count; i++) {
        int64_t at = 0;
        Str name;
        for (size_t k = 0; k < n; k++)
            if (str_eq(acts[k].agency, to[i]))
                at = acts[k].at;
        TRY(desk_agency_name(c, p, to[i], &name));
        json_put_object_begin(w);
        json_put_key_str(w, "agency", to[i]);
        desk_put_opt_time(w, "answered_at", at != 0, at);
        json_put_key_str(w, "name", name);
        json_put_object_end(w);
    }
    json_put_array_end(w);
    return OK;
}

static Err put_notice(Ctx *c, const Desk *d, const DeskParties *p, const PictureNotice *n,
                      JsonWriter *w) {
    bool ours = str_eq_c(n->agency, p->node->agency_id);
    const PictureNoticeAct *acts;
    size_t act_count;
    DeskWaits waits = {0};
    Record body;
    Str name, text;
    if (ours && n->to_count == 0)
        TRY(desk_waits_of(c, p->slot, n->id, &waits));
    TRY(picture_notice_acts(c, p->slot->picture, n->id, &acts, &act_count));
    TRY(desk_body_get(c, p->slot, n->id, &body));
    TRY(json_get_str(c, body.body, "text", &text));
    TRY(desk_agency_name(c, p, n->agency, &name));
    json_put_object_begin(w);
    json_put_key_str(w, "act", n->act);
    TRY(put_acts(c, p, acts, act_count, w));
    desk_put_time(w, "at", n->at);
    json_put_key_str(w, "box", ours ? STR("out") : STR("in"));
    json_put_key_str(w, "by", n->agency);
    json_put_key_str(w, "contact", n->contact);
    desk_put_time(w, "due_at", n->due_at);
    json_put_key_str(w, "handling", n->handling);
    desk_put_id(w, "id", n->id);
    put_may(d, n, ours, &waits, w);
    json_put_key_str(w, "name", name);
    json_put_key_bool(w, "overdue",
                      desk_notice_is_open(n) && clock_now(p->node->env.clock) > n->due_at);
    json_put_key(w, STR("recipient"));
    if (n->recipient.n > 0)
        TRY(desk_agency_put(c, p, w, n->recipient));
    else
        json_put_null(w);
    json_put_key(w, STR("records"));
    json_put_array_begin(w);
    for (size_t i = 0; i < n->record_count; i++) {
        char id[RECORD_ID_TEXT_BYTES];
        record_id_text(n->records[i], id);
        json_put_str(w, str_of(id));
    }
    json_put_array_end(w);
    json_put_key_str(w, "state", str_of(desk_notice_state(n, &waits)));
    json_put_key_str(w, "text", text);
    json_put_key_str(w, "title", n->title);
    TRY(put_to(c, p, waits.n ? waits.agencies : n->to, waits.n ? waits.n : n->to_count, acts,
               act_count, w));
    json_put_object_end(w);
    return OK;
}

Err desk_notice_put_one(Ctx *c, const Desk *d, Str id, Buf *out) {
    AUTO(DeskReading) r = {0};
    DeskParties p;
    PictureNotice n;
    TRY(desk_reading_begin(c, d, &r));
    TRY(desk_parties(c, d->node, r.slot, &p));
    TRY(desk_notice_find(c, r.slot, id, &n));
    JsonWriter w = json_writer_start(out);
    TRY(put_notice(c, d, &p, &n, &w));
    return json_writer_end(c, &w);
}

Err desk_notice_json(Ctx *c, const Desk *d, Str id, Buf *out) {
    TRY(desk_need(c, d, DESK_EXCHANGE_READ));
    return desk_notice_put_one(c, d, id, out);
}

Err desk_notice_list_json(Ctx *c, const Desk *d, DeskBox box, DeskPage page, Buf *out) {
    TRY(desk_need(c, d, DESK_EXCHANGE_READ));
    AUTO(DeskReading) r = {0};
    DeskParties p;
    PicturePage pp;
    const PictureNotice *items;
    size_t n;
    bool more;
    Str next = {0};
    TRY(desk_reading_begin(c, d, &r));
    TRY(desk_parties(c, d->node, r.slot, &p));
    TRY(desk_cursor_open(c, d, "notice", page, &pp));
    TRY(picture_notice_list(c, r.slot->picture, desk_picture_box(box), pp, &items, &n, &more));
    if (more && n > 0)
        TRY(desk_cursor_seal(c, d, "notice", items[n - 1].key, &next));
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("items"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < n; i++)
        TRY(put_notice(c, d, &p, &items[i], &w));
    json_put_array_end(&w);
    desk_put_next(&w, next);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}
