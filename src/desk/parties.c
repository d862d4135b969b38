// Who other agencies are to us: peers by name, accords, and who is flagged; typed marks and times.
#include "desk/share_priv.h"

#include <stdlib.h>

// --- peers --------------------------------------------------------------------------------------

Err desk_parties(Ctx *c, DeskNode *n, DeskSlot *s, DeskParties *ret_parties) {
    DeskParties p = {.node = n, .slot = s};
    TRY(picture_peer_list(c, s->picture, &p.peers, &p.peer_count));
    TRY(picture_accord_list(c, s->picture, &p.accords, &p.accord_count));
    *ret_parties = p;
    return OK;
}

const PicturePeer *desk_peer_by_id(const DeskParties *p, Str agency) {
    for (size_t i = 0; i < p->peer_count; i++)
        if (str_eq(p->peers[i].agency, agency))
            return &p->peers[i];
    return NULL;
}

#define ID_DIGITS_MIN 8

Err desk_peer_by_name(Ctx *c, const DeskParties *p, Str name, const PicturePeer **ret_peer) {
    const PicturePeer *found = NULL, *revoked = NULL;
    size_t count = 0;
    name = str_trim(name);
    for (size_t i = 0; i < p->peer_count; i++) {
        const PicturePeer *one = &p->peers[i];
        bool named = str_eq(one->name, name);
        if (!named && (name.n < ID_DIGITS_MIN || !str_starts(one->agency, name)))
            continue;
        if (named && !str_eq_c(one->state, "confirmed")) {
            revoked = one; // its name may have been given to another since
            continue;
        }
        found = one;
        count++;
    }
    if (count > 1)
        return fail(c, E_INVALID, "%zu peers fit \"" STR_FMT "\": name one by its id", count,
                    STR_ARG(name));
    if (count == 0)
        found = revoked;
    if (!found)
        return fail(c, E_NOT_FOUND,
                    "there is no peer \"" STR_FMT "\": `moei peer list` shows those that are here",
                    STR_ARG(name));
    *ret_peer = found;
    return OK;
}

bool desk_petname_valid(Str s) {
    if (s.n == 0 || s.n > PETNAME_BYTES_MAX)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char ch = s.p[i];
        if (!((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
              ch == '-' || ch == '_' || ch == '.'))
            return false;
    }
    return true;
}

Err desk_agencies_called(Ctx *c, DeskSlot *s, Str *id, const Str **ret_agencies, size_t *ret_n) {
    const PicturePeer *peers;
    size_t n, slash, count = 0;
    Str *agencies;
    if (!str_find(*id, STR("/"), &slash)) {
        *ret_n = 0;
        return OK;
    }
    TRY(picture_peer_list(c, s->picture, &peers, &n));
    TRY(ctx_alloc(c, (n + 1) * sizeof *agencies, &agencies));
    for (size_t i = 0; i < n; i++)
        if (str_eq(peers[i].name, (Str){id->p, slash}))
            agencies[count++] = peers[i].agency;
    *id = (Str){id->p + slash + 1, id->n - slash - 1};
    *ret_agencies = agencies;
    *ret_n = count;
    return OK;
}

Err desk_agency_name(Ctx *c, const DeskParties *p, Str agency, Str *ret_name) {
    const PicturePeer *peer = desk_peer_by_id(p, agency);
    if (str_eq(agency, str_of(p->node->agency_id))) {
        *ret_name = p->node->agency;
        return OK;
    }
    if (peer) {
        *ret_name = peer->name;
        return OK;
    }
    PictureAgency a;
    Err e = picture_agency_get(c, p->slot->picture, agency, &a);
    if (e == E_NOT_FOUND) {
        *ret_name = (Str){agency.p, agency.n < ID_DIGITS_MIN ? agency.n : ID_DIGITS_MIN};
        return OK;
    }
    TRY(e);
    *ret_name = a.name;
    return OK;
}

Err desk_agency_put(Ctx *c, const DeskParties *p, JsonWriter *w, Str agency) {
    Str name;
    TRY(desk_agency_name(c, p, agency, &name));
    json_put_object_begin(w);
    json_put_key_str(w, "agency", agency);
    json_put_key_str(w, "name", name);
    json_put_object_end(w);
    return OK;
}

Err desk_sees_put(Ctx *c, const DeskParties *p, JsonWriter *w, const DeskSees *s) {
    PictureAgency a = {0};
    Str name;
    TRY(desk_agency_name(c, p, s->agency, &name));
    Err e = picture_agency_get(c, p->slot->picture, s->agency, &a);
    if (e != E_NOT_FOUND)
        TRY(e);
    json_put_object_begin(w);
    json_put_key_str(w, "agency", s->agency);
    json_put_key_bool(w, "has_it", s->has_it);
    json_put_key_str(w, "name", name);
    desk_put_opt_str(w, "title", a.title);
    json_put_key_str(w, "words", s->words);
    json_put_object_end(w);
    return OK;
}

// --- accords ------------------------------------------------------------------------------------

Err desk_accord_by_name(Ctx *c, const DeskParties *p, Str name, const PictureAccord **ret_accord) {
    const PictureAccord *found = NULL;
    RecordId id;
    bool is_id = record_id_parse(name, &id);
    for (size_t i = 0; i < p->accord_count && !found; i++) // newest first
        if (is_id ? record_id_eq(p->accords[i].id, id) : str_eq(p->accords[i].name, name))
            found = &p->accords[i];
    if (!found)
        return fail(c, E_NOT_FOUND,
                    "there is no accord \"" STR_FMT
                    "\": `moei accord list` shows those that are here",
                    STR_ARG(name));
    *ret_accord = found;
    return OK;
}

static const PictureMember *member_of(const PictureAccord *a, Str agency) {
    for (size_t i = 0; i < a->member_count; i++)
        if (str_eq(a->members[i].agency, agency))
            return &a->members[i];
    return NULL;
}

bool desk_accord_has(const PictureAccord *a, Str agency) {
    return member_of(a, agency) != NULL;
}

bool desk_accord_names(const PictureAccord *a, Str kind) {
    bool guarded = str_eq_c(kind, "victim") || str_eq_c(kind, "grievance");
    for (size_t i = 0; i < a->kind_count; i++)
        if (str_eq(a->kinds[i], kind) || (!guarded && str_eq_c(a->kinds[i], "*")))
            return true;
    return false;
}

bool desk_accord_holds(const PictureAccord *a, Str one, Str other, int64_t now) {
    const PictureMember *x = member_of(a, one), *y = member_of(a, other);
    return x && y && !x->has_left && !y->has_left && a->all_signed && now >= a->begins_at &&
           (!a->has_ends_at || now < a->ends_at);
}

Err desk_accord_mark(Ctx *c, const PictureAccord *a, int64_t now, RecordMark *ret_mark) {
    RecordMark m = record_mark_default();
    int tlp;
    if (!desk_clearance_find(a->tlp, &tlp) || !desk_pap_find(a->pap, &m.pap) ||
        !desk_handling_find(a->handling, &m.handling))
        return fail(c, E_INVALID, "accord " STR_FMT " has a default marking that is none",
                    STR_ARG(a->name));
    m.tlp = (RecordTlp)tlp;
    if (m.handling == RECORD_H3) {
        // The words of H3 are the accord's own title: it says what is agreed.
        m.note = a->title;
    }
    m.purposes = a->purposes;
    m.purpose_count = a->purpose_count;
    m.has_until = a->days > 0;
    m.until_us = m.has_until ? now + a->days * TIME_DAY_US : 0;
    *ret_mark = m;
    return OK;
}

// Its members as readers: without who left, without who is flagged, because what is written under
// an accord goes out at once and no second officer looks at it, and without whom we revoked: the
// other members pass on by the marking, and so learn from it what ended between us.
Err desk_accord_readers(Ctx *c, const DeskParties *p, const PictureAccord *a, const Str **ret_to,
                        size_t *ret_n) {
    DeskFlagged flagged;
    Str *to;
    size_t n = 0;
    TRY(desk_flagged(c, p->node, &flagged));
    TRY(ctx_alloc(c, (a->member_count + 1) * sizeof *to, &to));
    for (size_t i = 0; i < a->member_count; i++) {
        bool bad = false, us = str_eq_c(a->members[i].agency, p->node->agency_id);
        const PicturePeer *peer = desk_peer_by_id(p, a->members[i].agency);
        bool revoked = peer && str_eq_c(peer->state, "revoked");
        if (!us)
            TRY(desk_flag_agency(c, &flagged, p, a->members[i].agency, &bad));
        if (us || (!bad && !revoked && !a->members[i].has_left))
            to[n++] = a->members[i].agency;
    }
    if (n < 2)
        return fail(c, E_STATE,
                    "of accord " STR_FMT " nobody is left who could have it: the others left, "
                    "are flagged or were revoked",
                    STR_ARG(a->name));
    return desk_to_of(c, to, n, ret_to, ret_n);
}

Err desk_accord_for(Ctx *c, const DeskParties *p, Str name, Str kind,
                    const PictureAccord **ret_accord) {
    const PictureAccord *a;
    int64_t now = clock_now(p->node->env.clock);
    Str us = str_of(p->node->agency_id);
    TRY(desk_accord_by_name(c, p, name, &a));
    if (!desk_accord_has(a, us))
        return fail(c, E_STATE, "we are no member of accord " STR_FMT, STR_ARG(a->name));
    if (!desk_accord_holds(a, us, us, now))
        return fail(c, E_STATE,
                    "accord " STR_FMT " is not in force: `moei accord show` says what is missing",
                    STR_ARG(a->name));
    if (!desk_accord_names(a, kind))
        return fail(c, E_STATE, "accord " STR_FMT " does not name records of kind " STR_FMT,
                    STR_ARG(a->name), STR_ARG(kind));
    *ret_accord = a;
    return OK;
}

// Who writes must be able to see it again.
static Err purpose_fits(Ctx *c, const Desk *d, const PictureAccord *a) {
    AUTO(Buf) words = {0};
    for (size_t i = 0; i < a->purpose_count; i++) {
        if (str_eq(a->purposes[i], d->purpose))
            return OK;
        buf_format(&words, "%s" STR_FMT, i ? " or " : "", STR_ARG(a->purposes[i]));
    }
    TRY(buf_check(c, &words));
    return a->purpose_count == 0
               ? OK
               : fail(c, E_STATE,
                      "accord " STR_FMT " is for " STR_FMT " only, and you act for " STR_FMT
                      ": act for one of its purposes (--purpose, or at the log-in)",
                      STR_ARG(a->name), STR_ARG(buf_view(&words)), STR_ARG(d->purpose));
}

Err desk_mark_under(Ctx *c, const Desk *d, DeskSlot *s, Str accord, const char *kind,
                    RecordMark *ret_mark) {
    DeskNode *n = d->node;
    DeskParties p;
    const PictureAccord *a;
    accord = str_trim(accord);
    if (accord.n == 0) {
        *ret_mark = record_mark_default();
        return OK;
    }
    TRY(desk_parties(c, n, s, &p));
    RecordMark mark;
    TRY(desk_accord_for(c, &p, accord, str_of(kind), &a));
    TRY(purpose_fits(c, d, a));
    TRY(desk_accord_mark(c, a, clock_now(n->env.clock), &mark));
    TRY(desk_accord_readers(c, &p, a, &mark.to, &mark.to_count));
    *ret_mark = mark;
    return OK;
}

// --- marks --------------------------------------------------------------------------------------

static const char *const paps[] = {"CLEAR", "GREEN", "AMBER", "RED"};
static const char *const handlings[] = {"H0", "H1", "H2", "H3"};

bool desk_pap_find(Str text, RecordPap *ret_pap) {
    for (size_t i = 0; i < COUNT_OF(paps); i++)
        if (str_eq_c(text, paps[i])) {
            *ret_pap = (RecordPap)i;
            return true;
        }
    return false;
}

bool desk_handling_find(Str text, RecordHandling *ret_handling) {
    for (size_t i = 0; i < COUNT_OF(handlings); i++)
        if (str_eq_c(text, handlings[i])) {
            *ret_handling = (RecordHandling)i;
            return true;
        }
    return false;
}

const char *desk_handling_text(RecordHandling h) {
    ASSERT(h < COUNT_OF(handlings));
    return handlings[h];
}

const char *desk_pap_text(RecordPap p) {
    ASSERT(p < COUNT_OF(paps));
    return paps[p];
}

Err desk_mark_read(Ctx *c, Str mark, bool has_until, int64_t until, RecordMark *ret_mark) {
    AUTO(JsonReader) reader = {0};
    const JsonValue *v;
    Str copy;
    RecordMark m;
    TRY(str_copy(c, mark, &copy));
    TRY(json_reader_open(c, &reader));
    TRY(json_read(c, &reader, copy, &v));
    TRY(record_mark_parse(c, v, &m));
    m.has_until = has_until;
    m.until_us = has_until ? until : 0;
    *ret_mark = m;
    return OK;
}

Err desk_to_of(Ctx *c, const Str *agencies, size_t n, const Str **ret_to, size_t *ret_n) {
    Str *to;
    TRY(ctx_alloc(c, (n + 1) * sizeof *to, &to));
    if (n > 0)
        memcpy(to, agencies, n * sizeof *to);
    desk_sort_strs(to, n);
    *ret_n = desk_unique_strs(to, n);
    *ret_to = to;
    return OK;
}

Err desk_sees_words(Ctx *c, const DeskNode *n, const RecordMark *m, Str *ret_words) {
    AUTO(Buf) b = {0};
    buf_format(&b, "those cleared for TLP:%s", record_tlp_text(m->tlp));
    if (m->purpose_count == 0)
        buf_text(&b, ", for any purpose");
    for (size_t i = 0; i < m->purpose_count; i++)
        buf_format(&b, "%s" STR_FMT, i ? " or " : ", only for ", STR_ARG(m->purposes[i]));
    if (m->has_until) {
        Str until;
        TRY(desk_time_zoned(c, n, m->until_us, &until));
        buf_format(&b, ", until " STR_FMT, STR_ARG(until));
    } else {
        buf_text(&b, ", without an end");
    }
    switch (m->handling) {
    case RECORD_H0:
        break;
    case RECORD_H1:
        buf_text(&b, "; not as evidence in court without our consent");
        break;
    case RECORD_H2:
        buf_text(&b, "; they may not pass it on without our consent");
        break;
    case RECORD_H3:
        buf_format(&b, "; " STR_FMT, STR_ARG(m->note));
        break;
    }
    TRY(buf_check(c, &b));
    return str_copy(c, buf_view(&b), ret_words);
}

void desk_put_mark(JsonWriter *w, const DeskParties *p, const RecordMark *m) {
    json_put_key(w, STR("mark"));
    json_put_object_begin(w);
    json_put_key_str(w, "handling", str_of(desk_handling_text(m->handling)));
    desk_put_opt_str(w, "note", m->note);
    json_put_key_str(w, "pap", str_of(desk_pap_text(m->pap)));
    desk_put_strs(w, "purposes", m->purposes, m->purpose_count);
    json_put_key_str(w, "tlp", str_of(record_tlp_text(m->tlp)));
    json_put_key(w, STR("to"));
    json_put_array_begin(w);
    for (size_t i = 0; i < m->to_count; i++) {
        const PicturePeer *peer = desk_peer_by_id(p, m->to[i]);
        bool us = str_eq(m->to[i], str_of(p->node->agency_id));
        json_put_object_begin(w);
        json_put_key_str(w, "agency", m->to[i]);
        json_put_key_str(w, "name",
                         us     ? p->node->agency
                         : peer ? peer->name
                                : (Str){m->to[i].p, ID_DIGITS_MIN});
        json_put_object_end(w);
    }
    json_put_array_end(w);
    desk_put_opt_time(w, "until", m->has_until, m->until_us);
    json_put_object_end(w);
}

// --- what is typed ------------------------------------------------------------------------------

Err desk_typed_time(Ctx *c, const DeskNode *n, const char *field, Str text, bool *ret_has,
                    int64_t *ret_at) {
    int64_t at = 0;
    text = str_trim(text);
    if (text.n > 0) {
        Err e = format_time_parse(c, text, n->zone, &at);
        if (e != OK) {
            Str why;
            TRY(str_copy(c, str_of(c->error), &why));
            return fail(c, e, "%s: " STR_FMT, field, STR_ARG(why));
        }
    }
    *ret_has = text.n > 0;
    *ret_at = at;
    return OK;
}

Err desk_purpose_check(Ctx *c, const DeskNode *n, const char *field, Str typed) {
    AUTO(Buf) all = {0};
    for (size_t i = 0; i < n->purpose_count; i++)
        if (str_eq(typed, n->purposes[i].purpose))
            return OK;
    for (size_t i = 0; i < n->purpose_count; i++)
        buf_format(&all, "%s" STR_FMT, i ? ", " : "", STR_ARG(n->purposes[i].purpose));
    TRY(buf_check(c, &all));
    return fail(c, E_INVALID, "%s: there is no purpose \"" STR_FMT "\": it is one of " STR_FMT,
                field, STR_ARG(typed), STR_ARG(buf_view(&all)));
}

Err desk_typed_words(Ctx *c, const char *field, Str text, size_t max, Str *ret_text) {
    if (str_trim(text).n == 0) {
        *ret_text = (Str){0};
        return OK;
    }
    return desk_words(c, field, text, max, ret_text);
}

Err desk_key_needed(Ctx *c, const Desk *d) {
    if (d->key)
        return OK;
    return fail(c, E_DENIED,
                "this binds and is signed with your own key: log in, or give --password-file, to "
                "sign");
}

Err desk_refusal_code(Ctx *c, const DeskNode *n, Str code) {
    AUTO(Buf) all = {0};
    size_t count;
    const FormatRefusal *items = format_refusals(n->tables, &count);
    if (code.n == 0)
        return OK;
    for (size_t i = 0; i < count; i++) {
        if (str_eq(items[i].code, code))
            return OK;
        buf_format(&all, "%s" STR_FMT, i ? ", " : "", STR_ARG(items[i].code));
    }
    TRY(buf_check(c, &all));
    return fail(c, E_INVALID, "code: \"" STR_FMT "\" is none of " STR_FMT, STR_ARG(code),
                STR_ARG(buf_view(&all)));
}
