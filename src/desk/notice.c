// Requests, alerts and permission to pass on: written, and answered.
#include "desk/share_priv.h"

typedef enum NoticeAct { NOTICE_REQUEST, NOTICE_ALERT, NOTICE_PASS_ON } NoticeAct;
static const char *const act_names[] = {"request", "alert", "pass_on"};

typedef struct NoticeNew {
    NoticeAct act;
    Str title, text, contact, recipient;
    RecordHandling handling;
    int64_t due_at;
    const Str *to;
    size_t to_count;
    RecordId *records;
    size_t record_count;
    bool waits; // one of them is flagged
    bool has_ref;
    RecordId ref;
    const struct Answer *answer; // what waits is our answer to their notice
} NoticeNew;

typedef struct Answer {
    const PictureNotice *notice;
    const DeskNoticeActDraft *draft;
    RecordMark mark; // of the notice
    Str note, code;
    RecordId *shares;
    size_t share_count;
    bool has_until;
    int64_t until;
    bool waits; // who asked is flagged: another officer signs it first
} Answer;

static Err answer_put(JsonWriter *w, const Answer *a);

// --- typed --------------------------------------------------------------------------------------

static Err to_typed(Ctx *c, const DeskParties *p, const DeskNoticeDraft *d, NoticeNew *n) {
    DeskFlagged flagged;
    Str *to;
    if (d->to_count == 0 || d->to_count > SHARE_RECIPIENTS_MAX)
        return fail(c, E_INVALID, "say to whom (--to): 1 to %d peers", SHARE_RECIPIENTS_MAX);
    TRY(desk_flagged(c, p->node, &flagged));
    TRY(ctx_alloc(c, d->to_count * sizeof *to, &to));
    for (size_t i = 0; i < d->to_count; i++) {
        const PicturePeer *peer;
        bool bad;
        TRY(desk_peer_by_name(c, p, d->to[i], &peer));
        if (!str_eq_c(peer->state, "confirmed"))
            return fail(c, E_STATE, "peer " STR_FMT " was revoked: nothing goes to it",
                        STR_ARG(peer->name));
        TRY(desk_flag_agency(c, &flagged, p, peer->agency, &bad));
        n->waits |= bad;
        to[i] = peer->agency;
    }
    return desk_to_of(c, to, d->to_count, &n->to, &n->to_count);
}

static Err records_typed(Ctx *c, const DeskParties *p, const DeskNoticeDraft *d, NoticeNew *n) {
    if (d->record_count > NOTICE_RECORDS_MAX)
        return fail(c, E_LIMIT, "at most %d records", NOTICE_RECORDS_MAX);
    TRY(ctx_alloc(c, (d->record_count + 1) * sizeof *n->records, &n->records));
    for (size_t i = 0; i < d->record_count; i++) {
        PictureRecord r;
        TRY(desk_record_resolve(c, p->node, p->slot, d->records[i], &r));
        for (size_t k = 0; k < n->record_count; k++)
            if (record_id_eq(n->records[k], r.root))
                return fail(c, E_INVALID, "records: one is named twice");
        if (n->act == NOTICE_PASS_ON &&
            (n->to_count != 1 || !str_eq(r.agency, n->to[0]) || str_eq_c(r.log, "reads")))
            return fail(
                c, E_INVALID,
                "records: permission is asked of the agency whose record it is, and " STR_FMT
                " is not of the one that you ask",
                STR_ARG(d->records[i]));
        n->records[n->record_count++] = r.root;
    }
    if (n->act == NOTICE_PASS_ON && n->record_count == 0)
        return fail(c, E_INVALID, "records: say what would be passed on (--record)");
    return OK;
}

static Err recipient_typed(Ctx *c, const DeskParties *p, const DeskNoticeDraft *d, NoticeNew *n) {
    uint8_t id[32];
    const PicturePeer *peer;
    DeskFlagged flagged;
    bool bad;
    Str typed = str_trim(d->recipient);
    if ((n->act == NOTICE_PASS_ON) != (typed.n > 0))
        return fail(c, E_INVALID,
                    "recipient: of pass_on, and of nothing else, say to whom it would be passed");
    if (typed.n == 0)
        return OK;
    n->recipient = typed;
    if (!hex_decode(typed, id, sizeof id)) {
        TRY(desk_peer_by_name(c, p, typed, &peer));
        n->recipient = peer->agency;
    }
    TRY(desk_flagged(c, p->node, &flagged));
    TRY(desk_flag_agency(c, &flagged, p, n->recipient, &bad));
    if (bad)
        return fail(c, E_DENIED, "recipient: this party is flagged: nothing is passed on to it");
    return OK;
}

static Err typed(Ctx *c, const DeskParties *p, const DeskNoticeDraft *d, NoticeNew *n) {
    bool found = false, has;
    int64_t now = clock_now(p->node->env.clock);
    for (size_t i = 0; i < COUNT_OF(act_names); i++) {
        if (str_eq_c(str_trim(d->act), act_names[i])) {
            n->act = (NoticeAct)i;
            found = true;
        }
    }
    if (!found)
        return fail(c, E_INVALID, "act: request, alert or pass_on");
    TRY(desk_words(c, "title", d->title, DESK_TITLE_BYTES_MAX, &n->title));
    TRY(desk_words(c, "text", d->text, REPORT_STORY_BYTES_MAX, &n->text));
    if (str_trim(d->contact).n == 0)
        return fail(c, E_INVALID, "contact: name who can be asked (--contact)");
    TRY(desk_words(c, "contact", d->contact, DESK_TITLE_BYTES_MAX, &n->contact));
    if (d->handling.n > 0 && !desk_handling_find(d->handling, &n->handling))
        return fail(c, E_INVALID, "handling: H0, H1, H2 or H3");
    TRY(desk_typed_time(c, p->node, "due_at", d->due_at, &has, &n->due_at));
    if (!has)
        n->due_at = now + SHARE_ANSWER_HOURS * TIME_HOUR_US;
    if (n->due_at <= now)
        return fail(c, E_INVALID, "due_at: this time is over");
    TRY(to_typed(c, p, d, n));
    TRY(recipient_typed(c, p, d, n));
    return records_typed(c, p, d, n);
}

// --- written ------------------------------------------------------------------------------------

static Err body_of(Ctx *c, const NoticeNew *n, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key_str(&w, "act", str_of(act_names[n->act]));
    if (n->answer) {
        json_put_key(&w, STR("answer"));
        TRY(answer_put(&w, n->answer));
    }
    json_put_key_str(&w, "contact", n->contact);
    desk_put_record_time(&w, "due_at", true, n->due_at);
    if (n->waits)
        desk_put_strs(&w, "for", n->to, n->to_count);
    json_put_key_str(&w, "handling", str_of(desk_handling_text(n->handling)));
    desk_put_opt_str(&w, "recipient", n->recipient);
    json_put_key(&w, STR("records"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < n->record_count; i++) {
        char id[RECORD_ID_TEXT_BYTES];
        record_id_text(n->records[i], id);
        json_put_str(&w, str_of(id));
    }
    json_put_array_end(&w);
    json_put_key_str(&w, "text", n->text);
    json_put_key_str(&w, "title", n->title);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

static Err notice_add(Ctx *c, DeskWriting *w, const NoticeNew *n, RecordId *ret_id) {
    AUTO(Buf) body = {0};
    RecordMark mark = record_mark_default();
    Str *to;
    size_t count = 1;
    TRY(ctx_alloc(c, (n->to_count + 1) * sizeof *to, &to));
    to[0] = str_of(w->node->agency_id);
    for (size_t i = 0; !n->waits && i < n->to_count; i++)
        to[count++] = n->to[i];
    TRY(desk_to_of(c, to, count, &mark.to, &mark.to_count));
    TRY(body_of(c, n, &body));
    DeskDraft draft = {.kind = RECORD_NOTICE,
                       .refs = &n->ref,
                       .ref_count = n->has_ref ? 1 : 0,
                       .mark = &mark,
                       .body = buf_view(&body)};
    return desk_group_add(c, w, &draft, ret_id);
}

Err desk_notice_new(Ctx *c, const Desk *d, const DeskNoticeDraft *draft, Buf *out) {
    TRY(desk_need(c, d, DESK_NOTICE_WRITE));
    Str id;
    {
        AUTO(DeskWriting) w = {0};
        AUTO(DeskReading) r = {0};
        DeskParties p;
        NoticeNew n = {0};
        RecordId made;
        TRY(desk_writing_begin(c, d->node, d, &w));
        TRY(desk_reading_begin(c, d, &r));
        TRY(desk_parties(c, d->node, r.slot, &p));
        TRY(typed(c, &p, draft, &n));
        TRY(desk_group_begin(c, &w));
        TRY(notice_add(c, &w, &n, &made));
        TRY(desk_group_commit(c, &w));
        TRY(desk_id_text(c, made, &id));
    }
    desk_exchange_touch(d->node);
    return desk_notice_put_one(c, d, id, out);
}

// --- answered -----------------------------------------------------------------------------------

static Err answer_put(JsonWriter *w, const Answer *a) {
    json_put_object_begin(w);
    json_put_key_str(w, "act", a->draft->act);
    desk_put_opt_str(w, "code", a->code);
    desk_put_opt_str(w, "note", a->note);
    json_put_key(w, STR("shares"));
    json_put_array_begin(w);
    for (size_t i = 0; i < a->share_count; i++) {
        char id[RECORD_ID_TEXT_BYTES];
        record_id_text(a->shares[i], id);
        json_put_str(w, str_of(id));
    }
    json_put_array_end(w);
    desk_put_record_time(w, "until", a->has_until, a->until);
    json_put_object_end(w);
    return OK;
}

static Err answer_body(Ctx *c, const Answer *a, Buf *out) {
    JsonWriter w = json_writer_start(out);
    TRY(answer_put(&w, a));
    return json_writer_end(c, &w);
}

static Err shares_typed(Ctx *c, const Desk *d, DeskSlot *s, Answer *a) {
    const DeskNoticeActDraft *t = a->draft;
    if (t->share_count > NOTICE_RECORDS_MAX)
        return fail(c, E_LIMIT, "at most %d shares", NOTICE_RECORDS_MAX);
    TRY(ctx_alloc(c, (t->share_count + NOTICE_RECORDS_MAX + 1) * sizeof *a->shares, &a->shares));
    for (size_t i = 0; i < t->share_count; i++) {
        PictureShare share;
        RecordId id;
        Err e = record_id_parse(t->shares[i], &id) ? picture_share_get(c, s->picture, id, &share)
                                                   : E_NOT_FOUND;
        if (e == E_NOT_FOUND)
            return fail(c, E_NOT_FOUND, "shares: there is no share " STR_FMT,
                        STR_ARG(t->shares[i]));
        TRY(e);
        if (!str_eq_c(share.agency, d->node->agency_id) || !str_eq(share.to, a->notice->agency))
            return fail(c, E_INVALID, "shares: " STR_FMT " is no share of ours with who asks",
                        STR_ARG(t->shares[i]));
        a->shares[a->share_count++] = id;
    }
    if (str_eq_c(t->act, "provide") && a->share_count == 0)
        return fail(c, E_INVALID,
                    "shares: share first (`moei share … --answers NOTICE`), and name the shares "
                    "here (--share)");
    if (!str_eq_c(t->act, "provide") && a->share_count > 0)
        return fail(c, E_INVALID, "shares: only provide names shares");
    return OK;
}

static Err act_fits(Ctx *c, const Answer *a, bool ours) {
    static const char *const theirs[3][3] = {
        {"receive", "provide", "refuse"}, {"receive", NULL, NULL}, {"receive", "grant", "refuse"}};
    Str act = a->draft->act;
    if (ours && str_eq_c(act, "close"))
        return OK;
    for (size_t i = 0; i < COUNT_OF(act_names); i++) {
        if (!str_eq_c(a->notice->act, act_names[i]))
            continue;
        if (ours)
            return fail(c, E_DENIED, "what we asked is theirs to answer; ours is: close, second");
        for (size_t k = 0; k < 3; k++)
            if (theirs[i][k] && str_eq_c(act, theirs[i][k]))
                return OK;
        return fail(c, E_INVALID, "act: %s is answered by %s%s%s", act_names[i], theirs[i][0],
                    theirs[i][1] ? ", " : "", theirs[i][1] ? theirs[i][1] : "");
    }
    return fail(c, E_UNSUPPORTED, "this notice is of a newer program");
}

// Who asked may be flagged, and so may be to whom it would be passed on.
static Err answer_flagged(Ctx *c, const Desk *d, DeskSlot *s, Answer *a) {
    DeskFlagged flagged;
    DeskParties p;
    bool recipient;
    if (str_eq_c(a->notice->agency, d->node->agency_id))
        return OK;
    TRY(desk_parties(c, d->node, s, &p));
    TRY(desk_flagged(c, d->node, &flagged));
    TRY(desk_flag_agency(c, &flagged, &p, a->notice->agency, &a->waits));
    TRY(desk_flag_agency(c, &flagged, &p, a->notice->recipient, &recipient));
    if (recipient && str_eq_c(a->draft->act, "grant"))
        return fail(c, E_DENIED, "recipient: this party is flagged: nothing is passed on to it");
    return OK;
}

static Err answer_typed(Ctx *c, const Desk *d, DeskSlot *s, Answer *a) {
    const DeskNoticeActDraft *t = a->draft;
    bool ours = str_eq_c(a->notice->agency, d->node->agency_id), to_us = false;
    for (size_t i = 0; i < a->notice->to_count; i++)
        to_us |= str_eq_c(a->notice->to[i], d->node->agency_id);
    if (!ours && !to_us)
        return fail(c, E_DENIED, "this notice is not addressed to us");
    TRY(act_fits(c, a, ours));
    bool withdraws = !ours && str_eq_c(a->notice->answer, "grant") && str_eq_c(t->act, "refuse");
    if (str_eq_c(a->notice->answer, "close") ||
        (!ours && !withdraws && a->notice->to_count == 1 && a->notice->answer.n > 0 &&
         !str_eq_c(a->notice->answer, "receive")))
        return fail(c, E_STATE, "this notice was answered (" STR_FMT "): nothing is left to say",
                    STR_ARG(a->notice->answer));
    TRY(desk_typed_words(c, "note", t->note, DESK_NOTE_BYTES_MAX, &a->note));
    a->code = str_trim(t->code);
    TRY(desk_refusal_code(c, d->node, a->code));
    if (str_eq_c(t->act, "refuse") && a->code.n == 0 && a->note.n == 0)
        return fail(c, E_INVALID, "code: say why it is refused (--code, --note)");
    TRY(desk_typed_time(c, d->node, "until", t->until, &a->has_until, &a->until));
    if (a->has_until && !str_eq_c(t->act, "grant"))
        return fail(c, E_INVALID, "until: only a grant has an end");
    if (!a->has_until && str_eq_c(t->act, "grant"))
        return fail(c, E_INVALID, "until: say when the permission ends (--until)");
    if (a->has_until && a->until <= clock_now(d->node->env.clock))
        return fail(c, E_INVALID, "until: this time is over");
    return shares_typed(c, d, s, a);
}

// Of what was shared with who asks; else the record's own.
static Err granted_mark(Ctx *c, DeskSlot *s, const Answer *a, RecordId record,
                        RecordMark *ret_mark) {
    const PictureShare *shares;
    size_t n;
    TRY(desk_mark_of(c, s, record, ret_mark));
    TRY(picture_share_of(c, s->picture, record, &shares, &n));
    for (size_t i = 0; i < n; i++)
        if (shares[i].is_last && !shares[i].is_retracted && str_eq(shares[i].to, a->notice->agency))
            return desk_mark_read(c, shares[i].mark, shares[i].has_until, shares[i].until,
                                  ret_mark);
    return OK;
}

// What is passed on by our leave is a share of ours: it gives the mark there, and reaches the
// recipient through who asked.
static Err grant_write(Ctx *c, DeskWriting *w, DeskSlot *s, Answer *a) {
    for (size_t i = 0; i < a->notice->record_count; i++) {
        PictureRecord root;
        DeskShareNew n = {.record = a->notice->records[i],
                          .title = a->notice->title,
                          .contact = a->notice->contact,
                          .has_answers = true,
                          .answers = a->notice->id,
                          .recipient = a->notice->recipient,
                          .also = a->notice->agency};
        Err e = picture_record_get(c, s->picture, n.record, &root);
        if (e == E_NOT_FOUND || (e == OK && !str_eq_c(root.agency, w->node->agency_id)))
            return fail(c, E_DENIED, "what is asked for is no record of ours");
        TRY(e);
        n.kind = root.kind;
        TRY(granted_mark(c, s, a, n.record, &n.mark));
        if (a->has_until && (!n.mark.has_until || a->until < n.mark.until_us)) {
            n.mark.has_until = true;
            n.mark.until_us = a->until;
        }
        TRY(desk_share_add(c, w, &n, NULL));
    }
    return OK;
}

// A permission that is withdrawn is taken back from whom it was for, too.
static Err grant_withdraw(Ctx *c, DeskWriting *w, DeskSlot *s, const Answer *a) {
    DeskRetractDraft back = {.from = &a->notice->recipient,
                             .from_count = 1,
                             .reason = STR("the permission to pass it on was withdrawn")};
    for (size_t i = 0; i < a->notice->record_count; i++) {
        RecordId made;
        TRY(desk_retract_add(c, w, s, a->notice->records[i], &back, &made));
    }
    return OK;
}

// An answer in the open group, to who asked.
static Err answer_add(Ctx *c, DeskWriting *w, DeskSlot *s, Answer *a) {
    AUTO(Buf) body = {0};
    TRY(answer_body(c, a, &body));
    DeskDraft draft = {.kind = RECORD_NOTICE_ACT,
                       .has_of = true,
                       .of = a->notice->id,
                       .refs = a->shares,
                       .ref_count = a->share_count,
                       .mark = &a->mark,
                       .body = buf_view(&body)};
    TRY(desk_group_add(c, w, &draft, NULL));
    if (str_eq_c(a->draft->act, "grant"))
        return grant_write(c, w, s, a);
    bool withdraws = str_eq_c(a->draft->act, "refuse") && str_eq_c(a->notice->answer, "grant");
    return withdraws ? grant_withdraw(c, w, s, a) : OK;
}

// What is to be said to a flagged party is for our own eyes until another officer has signed it.
static Err answer_waits(Ctx *c, DeskWriting *w, const Answer *a, RecordId *ret_id) {
    NoticeNew n = {.recipient = a->notice->recipient,
                   .contact = a->notice->contact,
                   .due_at = a->notice->due_at,
                   .text = a->note.n ? a->note : a->notice->title,
                   .to = &a->notice->agency,
                   .to_count = 1,
                   .waits = true,
                   .has_ref = true,
                   .ref = a->notice->id,
                   .answer = a};
    for (size_t i = 0; i < COUNT_OF(act_names); i++)
        if (str_eq_c(a->notice->act, act_names[i]))
            n.act = (NoticeAct)i;
    if (!desk_handling_find(a->notice->handling, &n.handling))
        return fail(c, E_CORRUPT, "a notice without its handling");
    TRY(str_format(c, &n.title, "Our answer, " STR_FMT ": " STR_FMT, STR_ARG(a->draft->act),
                   STR_ARG(a->notice->title)));
    return notice_add(c, w, &n, ret_id);
}

static Err answer_check(Ctx *c, const Desk *d, DeskSlot *s, Answer *a) {
    TRY(desk_mark_of(c, s, a->notice->id, &a->mark));
    TRY(answer_flagged(c, d, s, a));
    TRY(answer_typed(c, d, s, a));
    if (str_eq_c(a->draft->act, "grant"))
        TRY(desk_need(c, d, DESK_SHARE));
    if (str_eq_c(a->draft->act, "refuse") && str_eq_c(a->notice->answer, "grant"))
        TRY(desk_need(c, d, DESK_RETRACT));
    return OK;
}

// *ret_id: what it is shown by.
static Err answer_write(Ctx *c, const Desk *d, DeskWriting *w, DeskSlot *s, Answer *a,
                        RecordId *ret_id) {
    TRY(answer_check(c, d, s, a));
    TRY(desk_group_begin(c, w));
    *ret_id = a->notice->id;
    if (a->waits)
        TRY(answer_waits(c, w, a, ret_id));
    else
        TRY(answer_add(c, w, s, a));
    return desk_group_commit(c, w);
}

// Our answer that waited goes out, signed by the second officer.
static Err second_answer(Ctx *c, const Desk *d, DeskWriting *w, DeskSlot *s, const Record *r) {
    const JsonValue *v = json_find(r->body, STR("answer")), *shares;
    DeskNoticeActDraft t = {0};
    PictureNotice theirs;
    Str *ids;
    if (r->ref_count != 1 || picture_notice_get(c, s->picture, r->refs[0], &theirs) != OK)
        return fail(c, E_STATE, "the notice that this answers is not here any more");
    TRY(json_get_str(c, v, "act", &t.act));
    TRY(json_find_str(c, v, "code", &t.code));
    TRY(json_find_str(c, v, "note", &t.note));
    TRY(json_find_str(c, v, "until", &t.until));
    shares = json_find(v, STR("shares"));
    if (!shares || shares->type != JSON_ARRAY)
        return fail(c, E_CORRUPT, "an answer without its shares");
    TRY(ctx_alloc(c, (shares->count + 1) * sizeof *ids, &ids));
    for (uint32_t i = 0; i < shares->count; i++)
        ids[i] = shares->items[i].s;
    t.shares = ids;
    t.share_count = shares->count;
    Answer a = {.notice = &theirs, .draft = &t};
    TRY(answer_check(c, d, s, &a));
    return answer_add(c, w, s, &a);
}

// The notice that waited, to those for whom it was.
static Err second_write(Ctx *c, const Desk *d, DeskWriting *w, DeskSlot *s,
                        const PictureNotice *notice, RecordId *ret_id) {
    DeskWaits waits;
    RecordMark mark;
    Record r;
    NoticeNew n = {.title = notice->title,
                   .contact = notice->contact,
                   .recipient = notice->recipient,
                   .due_at = notice->due_at,
                   .record_count = notice->record_count,
                   .has_ref = true,
                   .ref = notice->id};
    TRY(desk_waits_of(c, s, notice->id, &waits));
    TRY(desk_second_check(c, d, &waits));
    TRY(desk_mark_of(c, s, notice->id, &mark));
    TRY(desk_body_get(c, s, notice->id, &r));
    if (json_find(r.body, STR("answer"))) {
        TRY(desk_group_begin(c, w));
        TRY(desk_second_add(c, w, notice->id, &mark));
        TRY(second_answer(c, d, w, s, &r));
        *ret_id = notice->id;
        return desk_group_commit(c, w);
    }
    TRY(json_get_str(c, r.body, "text", &n.text));
    for (size_t i = 0; i < COUNT_OF(act_names); i++)
        if (str_eq_c(notice->act, act_names[i]))
            n.act = (NoticeAct)i;
    if (!desk_handling_find(notice->handling, &n.handling))
        return fail(c, E_CORRUPT, "a notice without its handling");
    TRY(ctx_alloc(c, (n.record_count + 1) * sizeof *n.records, &n.records));
    if (n.record_count > 0)
        memcpy(n.records, notice->records, n.record_count * sizeof *n.records);
    n.to = waits.agencies;
    n.to_count = waits.n;
    TRY(desk_group_begin(c, w));
    TRY(desk_second_add(c, w, notice->id, &mark));
    TRY(notice_add(c, w, &n, ret_id));
    return desk_group_commit(c, w);
}

Err desk_notice_act(Ctx *c, const Desk *d, Str id, const DeskNoticeActDraft *draft, Buf *out) {
    TRY(desk_need(c, d, DESK_NOTICE_WRITE));
    Str shown = id;
    {
        AUTO(DeskWriting) w = {0};
        AUTO(DeskReading) r = {0};
        PictureNotice notice;
        TRY(desk_writing_begin(c, d->node, d, &w));
        TRY(desk_reading_begin(c, d, &r));
        TRY(desk_notice_find(c, r.slot, id, &notice));
        RecordId made;
        Answer a = {.notice = &notice, .draft = draft};
        if (str_eq_c(draft->act, "second"))
            TRY(second_write(c, d, &w, r.slot, &notice, &made));
        else
            TRY(answer_write(c, d, &w, r.slot, &a, &made));
        TRY(desk_id_text(c, made, &shown));
    }
    desk_exchange_touch(d->node);
    return desk_notice_put_one(c, d, shown, out);
}
