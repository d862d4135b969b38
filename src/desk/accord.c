// Accords: who may have what without being asked each time, signed by an officer of each member.
#include "desk/share_priv.h"

#include <stdlib.h>

// --- typed --------------------------------------------------------------------------------------

typedef struct AccordNew {
    Str name, title;
    DeskMemberDraft *members; // with ids, by agency
    size_t member_count;
    const Str *kinds, *purposes;
    size_t kind_count, purpose_count;
    Str tlp, pap, handling;
    int64_t days, begins_at, ends_at;
    bool has_ends_at;
    RecordMark mark;
} AccordNew;

static int by_agency(const void *a, const void *b) {
    const DeskMemberDraft *x = a, *y = b;
    return str_cmp(x->agency, y->agency);
}

// A member is a peer of ours, or an agency of which we know no more than its id.
static Err member_id(Ctx *c, const DeskParties *p, Str typed, Str *ret_agency) {
    uint8_t id[32];
    const PicturePeer *peer;
    typed = str_trim(typed);
    if (hex_decode(typed, id, sizeof id)) {
        *ret_agency = typed;
        return OK;
    }
    if (str_eq(typed, p->node->agency)) {
        *ret_agency = str_of(p->node->agency_id);
        return OK;
    }
    TRY(desk_peer_by_name(c, p, typed, &peer));
    *ret_agency = peer->agency;
    return OK;
}

static Err members_typed(Ctx *c, const DeskParties *p, const DeskAccordDraft *d, AccordNew *a) {
    DeskFlagged flagged;
    bool us = false;
    if (d->member_count > ACCORD_MEMBERS_MAX - 1)
        return fail(c, E_LIMIT, "an accord has at most %d members", ACCORD_MEMBERS_MAX);
    TRY(desk_flagged(c, p->node, &flagged));
    TRY(ctx_alloc(c, (d->member_count + 1) * sizeof *a->members, &a->members));
    for (size_t i = 0; i < d->member_count; i++) {
        DeskMemberDraft *m = &a->members[a->member_count++];
        bool bad;
        *m = d->members[i];
        TRY(member_id(c, p, m->agency, &m->agency));
        TRY(desk_typed_words(c, "law", m->law, DESK_NOTE_BYTES_MAX, &m->law));
        TRY(desk_flag_agency(c, &flagged, p, m->agency, &bad));
        if (bad)
            return fail(c, E_DENIED, STR_FMT " is flagged: no accord is made with it",
                        STR_ARG(d->members[i].agency));
        us |= str_eq(m->agency, str_of(p->node->agency_id));
    }
    if (!us)
        a->members[a->member_count++] = (DeskMemberDraft){.agency = str_of(p->node->agency_id)};
    if (a->member_count < 2)
        return fail(c, E_INVALID, "members: an accord is between two agencies or more");
    qsort(a->members, a->member_count, sizeof *a->members, by_agency);
    for (size_t i = 1; i < a->member_count; i++)
        if (str_eq(a->members[i - 1].agency, a->members[i].agency))
            return fail(c, E_INVALID, "members: one agency is named twice");
    return OK;
}

static bool may_flow(RecordKind kind) {
    return record_kind_row(kind)->of == RECORD_OF_NULL && sync_class(kind) == SYNC_OBJECT;
}

static Err no_such_kind(Ctx *c, Str typed) {
    AUTO(Buf) all = {0};
    for (size_t k = 0; k < RECORD_KINDS; k++)
        if (may_flow((RecordKind)k))
            buf_format(&all, "%s%s", all.n ? ", " : "", record_kind_row((RecordKind)k)->name);
    TRY(buf_check(c, &all));
    return fail(c, E_INVALID, "kinds: \"" STR_FMT "\" is none of " STR_FMT ", *", STR_ARG(typed),
                STR_ARG(buf_view(&all)));
}

static Err kinds_typed(Ctx *c, const DeskAccordDraft *d, AccordNew *a) {
    if (d->kind_count == 0 || d->kind_count > ACCORD_KINDS_MAX)
        return fail(c, E_INVALID,
                    "kinds: name the kinds of records that flow (report, case, order …; * is any "
                    "but victim and grievance)");
    for (size_t i = 0; i < d->kind_count; i++) {
        RecordKind kind = record_kind_of(d->kinds[i]);
        if (str_eq_c(d->kinds[i], "*"))
            continue;
        if (kind == RECORD_UNKNOWN || !may_flow(kind))
            return no_such_kind(c, d->kinds[i]);
    }
    return desk_to_of(c, d->kinds, d->kind_count, &a->kinds, &a->kind_count);
}

static Err purposes_typed(Ctx *c, const DeskNode *n, const DeskAccordDraft *d, AccordNew *a) {
    for (size_t i = 0; i < d->purpose_count; i++)
        TRY(desk_purpose_check(c, n, "purposes", d->purposes[i]));
    return desk_to_of(c, d->purposes, d->purpose_count, &a->purposes, &a->purpose_count);
}

static Err marking_typed(Ctx *c, const DeskAccordDraft *d, AccordNew *a) {
    int tlp;
    RecordPap pap;
    RecordHandling handling;
    a->tlp = d->tlp.n ? d->tlp : STR("AMBER");
    a->pap = d->pap.n ? d->pap : STR("AMBER");
    a->handling = d->handling.n ? d->handling : STR("H0");
    if (!desk_clearance_find(a->tlp, &tlp))
        return fail(c, E_INVALID, "tlp: CLEAR, GREEN, AMBER, AMBER+STRICT or RED");
    if (!desk_pap_find(a->pap, &pap))
        return fail(c, E_INVALID, "pap: CLEAR, GREEN, AMBER or RED");
    if (!desk_handling_find(a->handling, &handling))
        return fail(c, E_INVALID, "handling: H0, H1, H2 or H3");
    if (d->days < 0 || d->days > ACCORD_DAYS_MAX)
        return fail(c, E_INVALID, "days: 0 (without an end) to %d", ACCORD_DAYS_MAX);
    a->days = d->days;
    return OK;
}

// Members may read the accord itself, and nobody else.
static Err own_mark(Ctx *c, AccordNew *a) {
    Str *to;
    TRY(ctx_alloc(c, a->member_count * sizeof *to, &to));
    for (size_t i = 0; i < a->member_count; i++)
        to[i] = a->members[i].agency;
    a->mark = record_mark_default();
    a->mark.tlp = RECORD_TLP_AMBER;
    return desk_to_of(c, to, a->member_count, &a->mark.to, &a->mark.to_count);
}

static Err typed(Ctx *c, const DeskParties *p, const DeskAccordDraft *d, AccordNew *a) {
    bool has;
    int64_t now = clock_now(p->node->env.clock);
    a->name = str_trim(d->name);
    if (!desk_petname_valid(a->name))
        return fail(c, E_INVALID,
                    "name: 1 to %d letters, digits, hyphens, dots, such as mekong-2026",
                    PETNAME_BYTES_MAX);
    for (size_t i = 0; i < p->accord_count; i++)
        if (str_eq(p->accords[i].name, a->name))
            return fail(c, E_EXISTS, "there is an accord " STR_FMT " already", STR_ARG(a->name));
    for (size_t i = 0; i < p->peer_count; i++)
        if (str_eq(p->peers[i].name, a->name))
            return fail(c, E_EXISTS, "a peer is called " STR_FMT " already", STR_ARG(a->name));
    if (p->accord_count >= ACCORDS_MAX)
        return fail(c, E_LIMIT, "at most %d accords", ACCORDS_MAX);
    TRY(desk_words(c, "title", d->title, DESK_TITLE_BYTES_MAX, &a->title));
    TRY(members_typed(c, p, d, a));
    TRY(kinds_typed(c, d, a));
    TRY(purposes_typed(c, p->node, d, a));
    TRY(marking_typed(c, d, a));
    TRY(desk_typed_time(c, p->node, "begins_at", d->begins_at, &has, &a->begins_at));
    if (!has)
        a->begins_at = now;
    TRY(desk_typed_time(c, p->node, "ends_at", d->ends_at, &a->has_ends_at, &a->ends_at));
    if (a->has_ends_at && (a->ends_at <= a->begins_at || a->ends_at <= now))
        return fail(c, E_INVALID, "ends_at: it must end after it begins, and after now");
    return own_mark(c, a);
}

static Err body_of(Ctx *c, const AccordNew *a, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    desk_put_record_time(&w, "begins_at", true, a->begins_at);
    desk_put_record_time(&w, "ends_at", a->has_ends_at, a->ends_at);
    desk_put_strs(&w, "kinds", a->kinds, a->kind_count);
    json_put_key(&w, STR("mark"));
    json_put_object_begin(&w);
    json_put_key_i64(&w, "days", a->days);
    json_put_key_str(&w, "handling", a->handling);
    json_put_key_str(&w, "pap", a->pap);
    json_put_key_str(&w, "tlp", a->tlp);
    json_put_object_end(&w);
    json_put_key(&w, STR("members"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < a->member_count; i++) {
        json_put_object_begin(&w);
        json_put_key_str(&w, "agency", a->members[i].agency);
        desk_put_opt_str(&w, "law", a->members[i].law);
        json_put_key_bool(&w, "mirror", a->members[i].mirror);
        json_put_object_end(&w);
    }
    json_put_array_end(&w);
    json_put_key_str(&w, "name", a->name);
    desk_put_strs(&w, "purposes", a->purposes, a->purpose_count);
    json_put_key_str(&w, "title", a->title);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

// --- shown --------------------------------------------------------------------------------------

static const PictureMember *own_member(const DeskParties *p, const PictureAccord *a) {
    for (size_t i = 0; i < a->member_count; i++)
        if (str_eq(a->members[i].agency, str_of(p->node->agency_id)))
            return &a->members[i];
    return NULL;
}

static Err accord_words(Ctx *c, const DeskParties *p, const PictureAccord *a, Str *ret_words) {
    AUTO(Buf) b = {0};
    int64_t now = clock_now(p->node->env.clock);
    const char *joint = "";
    for (size_t i = 0; i < a->member_count; i++) {
        Str name;
        if (a->members[i].has_signed || a->members[i].has_left)
            continue;
        TRY(desk_agency_name(c, p, a->members[i].agency, &name));
        buf_format(&b, "%s" STR_FMT, b.n ? ", " : "waits for the signature of ", STR_ARG(name));
    }
    if (b.n == 0)
        buf_text(&b, now < a->begins_at                    ? "signed, and not begun yet"
                     : a->has_ends_at && now >= a->ends_at ? "over"
                                                           : "in force");
    joint = "; left: ";
    for (size_t i = 0; i < a->member_count; i++) {
        Str name;
        if (!a->members[i].has_left)
            continue;
        TRY(desk_agency_name(c, p, a->members[i].agency, &name));
        buf_format(&b, "%s" STR_FMT, joint, STR_ARG(name));
        joint = ", ";
    }
    TRY(buf_check(c, &b));
    return str_copy(c, buf_view(&b), ret_words);
}

static Err put_members(Ctx *c, const DeskParties *p, const PictureAccord *a, JsonWriter *w) {
    json_put_key(w, STR("members"));
    json_put_array_begin(w);
    for (size_t i = 0; i < a->member_count; i++) {
        const PictureMember *m = &a->members[i];
        Str name;
        TRY(desk_agency_name(c, p, m->agency, &name));
        json_put_object_begin(w);
        json_put_key_str(w, "agency", m->agency);
        desk_put_opt_str(w, "law", m->law);
        desk_put_opt_time(w, "left_at", m->has_left, m->left_at);
        json_put_key_bool(w, "mirror", m->mirror);
        json_put_key_str(w, "name", name);
        desk_put_opt_time(w, "signed_at", m->has_signed, m->signed_at);
        json_put_object_end(w);
    }
    json_put_array_end(w);
    return OK;
}

static void put_may(const Desk *d, const DeskParties *p, const PictureAccord *a, JsonWriter *w) {
    const PictureMember *us = own_member(p, a);
    json_put_key(w, STR("may"));
    json_put_array_begin(w);
    if (us && desk_may(d, DESK_ACCORD_SIGN)) {
        if (us->has_left || !us->has_signed)
            json_put_str(w, STR("sign"));
        if (!us->has_left)
            json_put_str(w, STR("leave"));
    }
    json_put_array_end(w);
}

static Err put_accord(Ctx *c, const Desk *d, const DeskParties *p, const PictureAccord *a,
                      JsonWriter *w) {
    Str us = str_of(p->node->agency_id), by, words;
    TRY(desk_agency_name(c, p, a->agency, &by));
    TRY(accord_words(c, p, a, &words));
    json_put_object_begin(w);
    desk_put_time(w, "at", a->at);
    desk_put_time(w, "begins_at", a->begins_at);
    json_put_key_str(w, "by", by);
    desk_put_opt_time(w, "ends_at", a->has_ends_at, a->ends_at);
    desk_put_id(w, "id", a->id);
    json_put_key_bool(w, "in_force", desk_accord_holds(a, us, us, clock_now(p->node->env.clock)));
    desk_put_strs(w, "kinds", a->kinds, a->kind_count);
    json_put_key(w, STR("mark"));
    json_put_object_begin(w);
    json_put_key_i64(w, "days", a->days);
    json_put_key_str(w, "handling", a->handling);
    json_put_key_str(w, "pap", a->pap);
    json_put_key_str(w, "tlp", a->tlp);
    json_put_object_end(w);
    put_may(d, p, a, w);
    TRY(put_members(c, p, a, w));
    json_put_key_str(w, "name", a->name);
    desk_put_strs(w, "purposes", a->purposes, a->purpose_count);
    json_put_key_str(w, "title", a->title);
    json_put_key_str(w, "words", words);
    json_put_object_end(w);
    return OK;
}

static Err accord_json(Ctx *c, const Desk *d, Str accord, Buf *out) {
    AUTO(DeskReading) r = {0};
    DeskParties p;
    const PictureAccord *a;
    TRY(desk_reading_begin(c, d, &r));
    TRY(desk_parties(c, d->node, r.slot, &p));
    TRY(desk_accord_by_name(c, &p, accord, &a));
    JsonWriter w = json_writer_start(out);
    TRY(put_accord(c, d, &p, a, &w));
    return json_writer_end(c, &w);
}

Err desk_accord_json(Ctx *c, const Desk *d, Str accord, Buf *out) {
    TRY(desk_need(c, d, DESK_EXCHANGE_READ));
    return accord_json(c, d, accord, out);
}

Err desk_accord_list_json(Ctx *c, const Desk *d, Buf *out) {
    TRY(desk_need(c, d, DESK_EXCHANGE_READ));
    AUTO(DeskReading) r = {0};
    DeskParties p;
    TRY(desk_reading_begin(c, d, &r));
    TRY(desk_parties(c, d->node, r.slot, &p));
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("items"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < p.accord_count; i++)
        TRY(put_accord(c, d, &p, &p.accords[i], &w));
    json_put_array_end(&w);
    desk_put_next(&w, (Str){0});
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

// --- acts ---------------------------------------------------------------------------------------

Err desk_accord_new(Ctx *c, const Desk *d, const DeskAccordDraft *draft, Buf *out) {
    TRY(desk_need(c, d, DESK_ACCORD_SIGN));
    Str id;
    {
        AUTO(DeskWriting) w = {0};
        AUTO(DeskReading) r = {0};
        AUTO(Buf) body = {0};
        DeskParties p;
        AccordNew a = {0};
        RecordId made;
        TRY(desk_writing_begin(c, d->node, d, &w));
        TRY(desk_reading_begin(c, d, &r));
        TRY(desk_parties(c, d->node, r.slot, &p));
        TRY(typed(c, &p, draft, &a));
        TRY(body_of(c, &a, &body));
        DeskDraft record = {.kind = RECORD_ACCORD, .mark = &a.mark, .body = buf_view(&body)};
        TRY(desk_record_add(c, &w, &record, &made));
        TRY(desk_id_text(c, made, &id));
    }
    desk_exchange_touch(d->node);
    return accord_json(c, d, id, out);
}

static Err members_check(Ctx *c, const DeskParties *p, const PictureAccord *a) {
    DeskFlagged flagged;
    TRY(desk_flagged(c, p->node, &flagged));
    for (size_t i = 0; i < a->member_count; i++) {
        Str name;
        bool bad;
        TRY(desk_flag_agency(c, &flagged, p, a->members[i].agency, &bad));
        if (!bad || str_eq_c(a->members[i].agency, p->node->agency_id) || a->members[i].has_left)
            continue;
        TRY(desk_agency_name(c, p, a->members[i].agency, &name));
        return fail(c, E_DENIED, STR_FMT " is flagged: no accord is made with it", STR_ARG(name));
    }
    return OK;
}

static Err sign_check(Ctx *c, const DeskParties *p, const PictureAccord *a, bool sign) {
    const PictureMember *us = own_member(p, a);
    if (!us)
        return fail(c, E_DENIED, "we are no member of accord " STR_FMT, STR_ARG(a->name));
    if (sign && us->has_signed && !us->has_left)
        return fail(c, E_STATE, "accord " STR_FMT " is signed by us already", STR_ARG(a->name));
    if (!sign && us->has_left)
        return fail(c, E_STATE, "we have left accord " STR_FMT " already", STR_ARG(a->name));
    if (!sign && !us->has_signed)
        return fail(c, E_STATE,
                    "accord " STR_FMT " is not signed by us, and so holds for nobody: there is "
                    "nothing to leave",
                    STR_ARG(a->name));
    if (sign && a->has_ends_at && clock_now(p->node->env.clock) >= a->ends_at)
        return fail(c, E_STATE, "accord " STR_FMT " is over", STR_ARG(a->name));
    return sign ? members_check(c, p, a) : OK;
}

static Err sign_body(Ctx *c, bool sign, Str note, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    desk_put_opt_str(&w, "note", note);
    json_put_key_bool(&w, "signed", sign);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

Err desk_accord_sign(Ctx *c, const Desk *d, Str accord, bool sign, Str note, Buf *out) {
    TRY(desk_need(c, d, DESK_ACCORD_SIGN));
    TRY(desk_typed_words(c, "note", note, DESK_NOTE_BYTES_MAX, &note));
    Str id;
    {
        AUTO(DeskWriting) w = {0};
        AUTO(DeskReading) r = {0};
        AUTO(Buf) body = {0};
        DeskParties p;
        const PictureAccord *a;
        RecordMark mark;
        TRY(desk_writing_begin(c, d->node, d, &w));
        TRY(desk_reading_begin(c, d, &r));
        TRY(desk_parties(c, d->node, r.slot, &p));
        TRY(desk_accord_by_name(c, &p, accord, &a));
        TRY(sign_check(c, &p, a, sign));
        TRY(desk_mark_of(c, r.slot, a->id, &mark));
        TRY(sign_body(c, sign, note, &body));
        DeskDraft record = {.kind = RECORD_ACCORD_SIGN,
                            .has_of = true,
                            .of = a->id,
                            .mark = &mark,
                            .body = buf_view(&body)};
        TRY(desk_record_add(c, &w, &record, NULL));
        TRY(desk_id_text(c, a->id, &id));
    }
    desk_exchange_touch(d->node);
    return accord_json(c, d, id, out);
}

// --- before something is written under it -------------------------------------------------------

static Err sees_note(Ctx *c, const PictureAccord *a, const RecordMark *mark, Str kind,
                     Str *ret_words) {
    return str_format(c, ret_words, "%s%s",
                      str_eq_c(kind, "report") ? "The victim's name, story and contact stay here."
                                               : "What is written about it goes with it.",
                      mark->to_count < a->member_count
                          ? " Members that left, or are flagged, do not get it."
                          : "");
}

Err desk_accord_sees_json(Ctx *c, const Desk *d, Str accord, Str kind, Buf *out) {
    TRY(desk_need(c, d, DESK_EXCHANGE_READ));
    AUTO(DeskReading) r = {0};
    DeskParties p;
    const PictureAccord *a;
    RecordMark mark;
    Str sees;
    TRY(desk_reading_begin(c, d, &r));
    TRY(desk_parties(c, d->node, r.slot, &p));
    TRY(desk_accord_for(c, &p, accord, kind, &a));
    TRY(desk_accord_mark(c, a, clock_now(d->node->env.clock), &mark));
    TRY(desk_accord_readers(c, &p, a, &mark.to, &mark.to_count));
    TRY(desk_sees_words(c, d->node, &mark, &sees));
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    desk_put_mark(&w, &p, &mark);
    json_put_key(&w, STR("sees"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < mark.to_count; i++) {
        if (str_eq(mark.to[i], str_of(d->node->agency_id)))
            continue;
        DeskSees one = {.agency = mark.to[i], .words = sees};
        TRY(desk_sees_put(c, &p, &w, &one));
    }
    json_put_array_end(&w);
    TRY(sees_note(c, a, &mark, kind, &sees));
    json_put_key_str(&w, "words", sees);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}
