// Sharing: what goes to whom, by which mark, shown before it goes and then written.
#include "desk/share_priv.h"

// What a share would be, once everything typed was understood.
typedef struct Plan {
    const Desk *d;
    DeskParties p;
    DeskFlagged flagged;
    int64_t now;
    PictureRecord root;
    int64_t records; // of the object
    RecordMark own;  // of the object
    RecordMark mark; // granted, without `to`
    const PictureAccord *accord;
    const Str *to; // agencies, sorted
    size_t to_count;
    const Str *loses; // who has it and is not named, where `only`
    size_t lose_count;
    const PictureHolder *holders;
    size_t holder_count;
    const PictureRetract *retracts;
    size_t retract_count;
    const PictureLetGo *let_gos;
    size_t let_go_count;
    Str title, contact;
    bool has_due, has_answers, needs_second, weaker;
    Str anew;   // who let go of it: for these it is said again in a record of its own
    bool *same; // of each of `to`: this share stands already
    size_t same_count;
    Str stands; // in words: those, and what others this one takes the place of
    int64_t due_at;
    RecordId answers;
} Plan;

// --- what is shared -----------------------------------------------------------------------------

// A draft binds nobody, and there it would look like one of theirs.
static Err order_issued(Ctx *c, DeskSlot *s, RecordId id) {
    PictureOrder o;
    TRY(picture_order_get(c, s->picture, id, &o));
    return o.view.state == ORDER_DRAFT
               ? fail(c, E_STATE, "order " STR_FMT " is a draft: issue it first", STR_ARG(o.number))
               : OK;
}

static Err object_load(Ctx *c, Plan *k, Str record) {
    PictureRecord r;
    const PictureRecord *items;
    size_t n;
    DeskSlot *s = k->p.slot;
    TRY(desk_record_resolve(c, k->p.node, s, record, &r));
    k->root = r;
    if (!record_id_eq(r.id, r.root)) {
        Str root;
        TRY(desk_id_text(c, r.root, &root));
        TRY(desk_record_resolve(c, k->p.node, s, root, &k->root));
    }
    if (!str_eq_c(k->root.state, "held") && !str_eq_c(k->root.state, "duplicate"))
        return fail(c, E_STATE, "this record is " STR_FMT ": there is nothing to share",
                    STR_ARG(k->root.state));
    if (!str_eq_c(k->root.agency, k->p.node->agency_id))
        return fail(c, E_DENIED,
                    "this record is another agency's: ask it for permission to pass it on (`moei "
                    "notice new DIR pass_on`)");
    if (!str_eq_c(k->root.log, "main") || sync_class(record_kind_of(k->root.kind)) != SYNC_OBJECT)
        return fail(c, E_DENIED, "a record of kind " STR_FMT " is not shared by hand",
                    STR_ARG(k->root.kind));
    if (str_eq_c(k->root.kind, "order"))
        TRY(order_issued(c, s, k->root.id));
    TRY(picture_record_object(c, s->picture, k->root.id, &items, &n));
    k->records = (int64_t)n;
    return desk_mark_of(c, s, k->root.id, &k->own);
}

// --- with whom ----------------------------------------------------------------------------------

static Err peer_takes(Ctx *c, Plan *k, const PicturePeer *peer, Buf *to) {
    bool flagged;
    if (!str_eq_c(peer->state, "confirmed"))
        return fail(c, E_STATE, "peer " STR_FMT " was revoked: nothing goes to it",
                    STR_ARG(peer->name));
    TRY(desk_flag_agency(c, &k->flagged, &k->p, peer->agency, &flagged));
    k->needs_second |= flagged;
    buf_append(to, &peer->agency, sizeof peer->agency);
    return OK;
}

// An accord's name means its other members; each must be a peer of ours.
static Err accord_takes(Ctx *c, Plan *k, const PictureAccord *a, Buf *to) {
    for (size_t i = 0; i < a->member_count; i++) {
        const PicturePeer *peer = desk_peer_by_id(&k->p, a->members[i].agency);
        Str name;
        if (str_eq_c(a->members[i].agency, k->p.node->agency_id) || a->members[i].has_left)
            continue;
        TRY(desk_agency_name(c, &k->p, a->members[i].agency, &name));
        if (!peer)
            return fail(c, E_STATE,
                        STR_FMT ", a member of accord " STR_FMT
                                ", is no confirmed peer of ours: name the others one by one",
                        STR_ARG(name), STR_ARG(a->name));
        TRY(peer_takes(c, k, peer, to));
    }
    return OK;
}

static Err recipients(Ctx *c, Plan *k, const DeskShareDraft *d) {
    AUTO(Buf) to = {0};
    const PictureAccord *a;
    const PicturePeer *peer;
    for (size_t i = 0; i < d->to_count; i++) {
        if (desk_accord_by_name(c, &k->p, str_trim(d->to[i]), &a) == OK) {
            TRY(accord_takes(c, k, a, &to));
            continue;
        }
        TRY(desk_peer_by_name(c, &k->p, d->to[i], &peer));
        TRY(peer_takes(c, k, peer, &to));
    }
    TRY(buf_check(c, &to));
    if (to.n == 0)
        return fail(c, E_INVALID, "say with whom (--to): a peer's name, or an accord's");
    if (to.n / sizeof(Str) > SHARE_RECIPIENTS_MAX)
        return fail(c, E_LIMIT, "at most %d recipients at once", SHARE_RECIPIENTS_MAX);
    Str *items;
    TRY(ctx_alloc(c, to.n, &items));
    memcpy(items, to.p, to.n);
    return desk_to_of(c, items, to.n / sizeof(Str), &k->to, &k->to_count);
}

static bool is_named(const Plan *k, Str agency) {
    for (size_t i = 0; i < k->to_count; i++)
        if (str_eq(k->to[i], agency))
            return true;
    return false;
}

static const PictureHolder *holder_of(const Plan *k, Str agency) {
    for (size_t i = 0; i < k->holder_count; i++)
        if (str_eq(k->holders[i].agency, agency))
            return &k->holders[i];
    return NULL;
}

static bool loses_already(const PictureHolder *h) {
    return h->has_retracted || h->has_let_go;
}

// Kinds that stand for themselves, so that the same words in a second record mean the same.
static bool can_be_said_again(Str kind) {
    return str_eq_c(kind, "report") || str_eq_c(kind, "attachment") || str_eq_c(kind, "claim");
}

typedef struct Gone {
    bool asked, let_go;
    int64_t at;
} Gone;

// Whether it went there for good: the agency let go of it, or was asked to, though it may never
// have come.
static Gone gone_of(const Plan *k, Str agency) {
    Gone g = {0};
    for (size_t i = 0; i < k->retract_count; i++)
        for (size_t t = 0; t < k->retracts[i].from_count; t++)
            if (str_eq_c(k->retracts[i].agency, k->p.node->agency_id) &&
                str_eq(k->retracts[i].from[t].agency, agency))
                g = (Gone){.asked = true, .at = k->retracts[i].at};
    for (size_t i = 0; i < k->let_go_count; i++)
        if (str_eq(k->let_gos[i].agency, agency))
            g = (Gone){.asked = true, .let_go = true, .at = k->let_gos[i].at};
    return g;
}

// What an agency let go of does not come back to it: its node holds the leaf for good, and nothing
// else. The same is said again in a record of its own, where the kind allows it.
static Err said_anew(Ctx *c, Plan *k) {
    AUTO(Buf) names = {0};
    for (size_t i = 0; i < k->to_count; i++) {
        Gone g = gone_of(k, k->to[i]);
        Str name, at;
        if (!g.asked)
            continue;
        TRY(desk_agency_name(c, &k->p, k->to[i], &name));
        TRY(desk_time_zoned(c, k->p.node, g.at, &at));
        const char *did = g.let_go ? "let go of" : "was asked to let go of";
        if (!can_be_said_again(k->root.kind))
            return fail(c, E_STATE,
                        STR_FMT " %s it on " STR_FMT " and it does not come back: write what they "
                                "need as a record of its own",
                        STR_ARG(name), did, STR_ARG(at));
        buf_format(&names, "%s" STR_FMT " %s it on " STR_FMT, names.n ? ", " : "", STR_ARG(name),
                   did, STR_ARG(at));
    }
    TRY(buf_check(c, &names));
    return str_copy(c, buf_view(&names), &k->anew);
}

// Who has it, or was promised it by an open share, and is not named now.
static Err losers(Ctx *c, Plan *k) {
    AUTO(Buf) out = {0};
    const PictureShare *shares;
    size_t n;
    Str *items;
    for (size_t i = 0; i < k->holder_count; i++)
        if (!loses_already(&k->holders[i]) && !is_named(k, k->holders[i].agency))
            buf_append(&out, &k->holders[i].agency, sizeof(Str));
    TRY(picture_share_of(c, k->p.slot->picture, k->root.id, &shares, &n));
    for (size_t i = 0; i < n; i++)
        if (shares[i].is_last && !shares[i].is_retracted && shares[i].to.n > 0 &&
            str_eq_c(shares[i].agency, k->p.node->agency_id) && !is_named(k, shares[i].to))
            buf_append(&out, &shares[i].to, sizeof(Str));
    TRY(buf_check(c, &out));
    TRY(ctx_alloc(c, out.n + sizeof(Str), &items));
    if (out.n > 0)
        memcpy(items, out.p, out.n);
    return desk_to_of(c, items, out.n / sizeof(Str), &k->loses, &k->lose_count);
}

// --- by which mark ------------------------------------------------------------------------------

// An accord in force that has us and all recipients, and the kind.
static bool accord_fits(const Plan *k, const PictureAccord *a) {
    Str us = str_of(k->p.node->agency_id);
    if (!desk_accord_names(a, k->root.kind))
        return false;
    for (size_t i = 0; i < k->to_count; i++)
        if (!desk_accord_holds(a, us, k->to[i], k->now))
            return false;
    return true;
}

static Err mark_default(Ctx *c, Plan *k, Str accord) {
    k->mark = k->own;
    if (accord.n > 0) {
        TRY(desk_accord_for(c, &k->p, accord, k->root.kind, &k->accord));
        if (!accord_fits(k, k->accord))
            return fail(c, E_STATE,
                        "not all recipients are members of accord " STR_FMT
                        ": `moei accord show` lists them; without --accord it is shared by hand",
                        STR_ARG(k->accord->name));
    }
    for (size_t i = 0; i < k->p.accord_count && !k->accord; i++)
        if (accord_fits(k, &k->p.accords[i]))
            k->accord = &k->p.accords[i];
    if (!k->accord)
        return OK;
    TRY(desk_accord_mark(c, k->accord, k->now, &k->mark));
    if (k->accord->purpose_count == 0) {
        k->mark.purposes = k->own.purposes;
        k->mark.purpose_count = k->own.purpose_count;
    }
    // What is for named eyes, and what may not be passed on, stays so under any accord.
    if (k->own.tlp == RECORD_TLP_RED)
        k->mark.tlp = RECORD_TLP_RED;
    if (k->own.handling > k->mark.handling) {
        k->mark.handling = k->own.handling;
        k->mark.note = k->own.note;
    }
    if (k->own.has_until && (!k->mark.has_until || k->own.until_us < k->mark.until_us)) {
        k->mark.has_until = true;
        k->mark.until_us = k->own.until_us;
    }
    return OK;
}

static Err handling_typed(Ctx *c, Plan *k, const DeskShareDraft *d) {
    if (d->handling.n > 0 && !desk_handling_find(d->handling, &k->mark.handling))
        return fail(c, E_INVALID, "handling: H0, H1, H2 or H3");
    if (k->mark.handling < k->own.handling)
        return fail(c, E_DENIED, "handling: the record itself is under %s: no less can be granted",
                    desk_handling_text(k->own.handling));
    Str words;
    TRY(desk_typed_words(c, "handling_words", d->handling_words, RECORD_NOTE_BYTES_MAX, &words));
    if (k->mark.handling != RECORD_H3) {
        k->mark.note = (Str){0};
        return words.n ? fail(c, E_INVALID, "handling_words: only handling H3 has words") : OK;
    }
    if (words.n > 0)
        k->mark.note = words;
    return k->mark.note.n
               ? OK
               : fail(c, E_INVALID, "handling_words: say in words what H3 asks (--handling-words)");
}

static Err purposes_typed(Ctx *c, Plan *k, const DeskShareDraft *d) {
    const DeskNode *n = k->p.node;
    for (size_t i = 0; i < d->purpose_count; i++) {
        bool own = k->own.purpose_count == 0;
        TRY(desk_purpose_check(c, n, "purpose", d->purposes[i]));
        for (size_t j = 0; j < k->own.purpose_count; j++)
            own |= str_eq(d->purposes[i], k->own.purposes[j]);
        if (!own)
            return fail(c, E_DENIED, "purpose: the record itself is not for \"" STR_FMT "\"",
                        STR_ARG(d->purposes[i]));
    }
    if (d->purpose_count > 0)
        TRY(desk_to_of(c, d->purposes, d->purpose_count, &k->mark.purposes,
                       &k->mark.purpose_count));
    return OK;
}

static Err mark_typed(Ctx *c, Plan *k, const DeskShareDraft *d) {
    int tlp;
    bool has;
    int64_t until;
    TRY(mark_default(c, k, str_trim(d->accord)));
    if (d->tlp.n > 0) {
        if (!desk_clearance_find(d->tlp, &tlp))
            return fail(c, E_INVALID, "tlp: CLEAR, GREEN, AMBER, AMBER+STRICT or RED");
        k->mark.tlp = (RecordTlp)tlp;
    }
    if (k->own.tlp == RECORD_TLP_RED && k->mark.tlp != RECORD_TLP_RED)
        return fail(c, E_DENIED, "tlp: the record itself is TLP:RED and can be granted only so");
    if (d->pap.n > 0 && !desk_pap_find(d->pap, &k->mark.pap))
        return fail(c, E_INVALID, "pap: CLEAR, GREEN, AMBER or RED");
    k->weaker = k->mark.tlp < k->own.tlp || k->mark.pap < k->own.pap;
    TRY(handling_typed(c, k, d));
    TRY(purposes_typed(c, k, d));
    TRY(desk_typed_time(c, k->p.node, "until", d->until, &has, &until));
    if (has) {
        if (until <= k->now)
            return fail(c, E_INVALID, "until: this time is over");
        if (k->own.has_until && until > k->own.until_us)
            return fail(c, E_DENIED, "until: the record itself ends before that");
        k->mark.has_until = true;
        k->mark.until_us = until;
    }
    return OK;
}

// --- the rest of what is typed ------------------------------------------------------------------

static Err rest_typed(Ctx *c, Plan *k, const DeskShareDraft *d) {
    TRY(desk_typed_words(c, "title", d->title, DESK_TITLE_BYTES_MAX, &k->title));
    TRY(desk_typed_words(c, "contact", d->contact, DESK_TITLE_BYTES_MAX, &k->contact));
    TRY(desk_typed_time(c, k->p.node, "due_at", d->due_at, &k->has_due, &k->due_at));
    if (k->has_due && k->due_at <= k->now)
        return fail(c, E_INVALID, "due_at: this time is over");
    if (!k->has_due && k->mark.handling != RECORD_H0) {
        k->has_due = true;
        k->due_at = k->now + SHARE_ANSWER_HOURS * TIME_HOUR_US;
    }
    if (k->mark.handling != RECORD_H0 && k->title.n == 0)
        return fail(c, E_INVALID,
                    "title: under %s the recipient accepts the handling before the content comes: "
                    "say in words what it is (--title)",
                    desk_handling_text(k->mark.handling));
    Str answers = str_trim(d->answers);
    if (answers.n == 0)
        return OK;
    PictureNotice notice;
    Err e = record_id_parse(answers, &k->answers)
                ? picture_notice_get(c, k->p.slot->picture, k->answers, &notice)
                : E_NOT_FOUND;
    if (e == E_NOT_FOUND)
        return fail(c, E_NOT_FOUND, "answers: there is no notice " STR_FMT, STR_ARG(answers));
    k->has_answers = true;
    return e;
}

// What was shared before a peer was confirmed anew, or flagged, is shared again in any case.
static Err since_of(Ctx *c, const Plan *k, Str agency, int64_t *ret_since) {
    const PicturePeer *peer = desk_peer_by_id(&k->p, agency);
    DeskFlagSince flag;
    TRY(desk_flag_since(c, &k->flagged, k->p.slot, peer, agency, &flag));
    *ret_since = peer ? peer->at : 0;
    if (flag.flagged && flag.at > *ret_since)
        *ret_since = flag.at;
    return OK;
}

static Err standing(Ctx *c, Plan *k, const DeskShareDraft *d) {
    AUTO(Buf) b = {0};
    DeskShareAsk a = {.record = k->root.id,
                      .title = k->title,
                      .contact = k->contact,
                      .mark = k->mark,
                      .until_typed = d->until.n > 0,
                      .has_due = d->due_at.n > 0,
                      .due_at = k->due_at,
                      .has_answers = k->has_answers,
                      .answers = k->answers,
                      .now = k->now};
    TRY(ctx_alloc(c, k->to_count * sizeof *k->same, &k->same));
    for (size_t i = 0; i < k->to_count; i++) {
        Str words;
        k->same[i] = false;
        if (gone_of(k, k->to[i]).asked)
            continue;
        a.to = k->to[i];
        TRY(since_of(c, k, a.to, &a.since));
        TRY(desk_share_stands(c, &k->p, &a, &k->same[i], &words));
        k->same_count += k->same[i];
        if (words.n > 0)
            buf_format(&b, "%s" STR_FMT, b.n ? "; " : "", STR_ARG(words));
    }
    TRY(buf_check(c, &b));
    return str_copy(c, buf_view(&b), &k->stands);
}

static Err plan_make(Ctx *c, const Desk *d, DeskSlot *s, Str record, const DeskShareDraft *draft,
                     Plan *ret_plan) {
    Plan k = {.d = d, .now = clock_now(d->node->env.clock)};
    TRY(desk_flagged(c, d->node, &k.flagged));
    TRY(desk_parties(c, d->node, s, &k.p));
    TRY(object_load(c, &k, record));
    TRY(recipients(c, &k, draft));
    TRY(picture_holders(c, s->picture, k.root.id, &k.holders, &k.holder_count));
    TRY(picture_retract_of(c, s->picture, k.root.id, &k.retracts, &k.retract_count));
    TRY(picture_let_go_of(c, s->picture, k.root.id, &k.let_gos, &k.let_go_count));
    TRY(said_anew(c, &k));
    if (draft->only)
        TRY(losers(c, &k));
    TRY(mark_typed(c, &k, draft));
    TRY(rest_typed(c, &k, draft));
    TRY(standing(c, &k, draft));
    *ret_plan = k;
    return OK;
}

// --- shown before -------------------------------------------------------------------------------

static Err preview_words(Ctx *c, const Plan *k, Str *ret_words) {
    AUTO(Buf) b = {0};
    if (k->accord)
        buf_format(&b, "By the default marking of accord " STR_FMT ". ", STR_ARG(k->accord->name));
    else
        buf_text(&b, "By hand: no accord in force covers this. ");
    if (k->weaker)
        buf_format(&b, "Weaker than the record's own TLP:%s, PAP:%s. ", record_tlp_text(k->own.tlp),
                   desk_pap_text(k->own.pap));
    if (str_eq_c(k->root.kind, "report"))
        buf_text(&b, "The victim's name, story and contact stay here. ");
    if (str_eq_c(k->root.kind, "victim"))
        buf_text(&b, "This is who lost money, and the story: only users there who may read victims "
                     "see it. ");
    if (str_eq_c(k->root.kind, "grievance"))
        buf_text(&b, "This is what a holder says: only users there who may read grievances see "
                     "it. ");
    if (str_eq_c(k->root.kind, "case"))
        buf_text(&b, "Its reports and orders are records of their own, and are shared by "
                     "themselves. ");
    if (k->anew.n > 0)
        buf_format(&b,
                   STR_FMT ". What was let go of does not come back: the same goes out as a "
                           "record of its own, without what was added to the first one since. ",
                   STR_ARG(k->anew));
    if (k->stands.n > 0)
        buf_format(&b, "%c" STR_FMT ". ", k->stands.p[0] - 'a' + 'A', (int)k->stands.n - 1,
                   k->stands.p + 1);
    if (k->mark.handling != RECORD_H0)
        buf_format(&b, "Nothing but the title goes out before they accept %s. ",
                   desk_handling_text(k->mark.handling));
    if (k->needs_second)
        buf_text(&b, "A party here is flagged: another officer must sign it first. ");
    TRY(buf_check(c, &b));
    return str_copy(c, str_trim(buf_view(&b)), ret_words);
}

static Err put_sees(Ctx *c, const Plan *k, JsonWriter *w) {
    DeskSees s = {0};
    json_put_key(w, STR("sees"));
    json_put_array_begin(w);
    TRY(desk_sees_words(c, k->p.node, &k->mark, &s.words));
    if (str_eq_c(k->root.kind, "victim") || str_eq_c(k->root.kind, "grievance"))
        TRY(str_format(c, &s.words, "only who may read %ss there, of " STR_FMT, k->root.kind.p,
                       STR_ARG(s.words)));
    for (size_t i = 0; i < k->to_count; i++) {
        const PictureHolder *h = holder_of(k, k->to[i]);
        s.agency = k->to[i];
        s.has_it = h && !loses_already(h);
        TRY(desk_sees_put(c, &k->p, w, &s));
    }
    json_put_array_end(w);
    return OK;
}

static Err put_loses(Ctx *c, const Plan *k, JsonWriter *w) {
    json_put_key(w, STR("loses"));
    json_put_array_begin(w);
    for (size_t i = 0; i < k->lose_count; i++) {
        Str name;
        TRY(desk_agency_name(c, &k->p, k->loses[i], &name));
        json_put_object_begin(w);
        json_put_key_str(w, "agency", k->loses[i]);
        json_put_key_str(w, "name", name);
        json_put_key_str(w, "words", STR("is asked to let go of it, and shows until it says so"));
        json_put_object_end(w);
    }
    json_put_array_end(w);
    return OK;
}

static Err put_preview(Ctx *c, const Plan *k, JsonWriter *w, bool open) {
    Str words;
    TRY(preview_words(c, k, &words));
    json_put_object_begin(w);
    json_put_key_str(w, "kind", k->root.kind);
    TRY(put_loses(c, k, w));
    desk_put_mark(w, &k->p, &k->mark);
    json_put_key_bool(w, "needs_accept", k->mark.handling != RECORD_H0);
    json_put_key_bool(w, "needs_second", k->needs_second);
    desk_put_id(w, "record", k->root.id);
    json_put_key_i64(w, "records", k->records);
    if (open) // the rest follows in the order of keys
        return OK;
    TRY(put_sees(c, k, w));
    json_put_key_str(w, "words", words);
    json_put_object_end(w);
    return OK;
}

Err desk_share_preview_json(Ctx *c, const Desk *d, Str record, const DeskShareDraft *draft,
                            Buf *out) {
    TRY(desk_need(c, d, DESK_SHARE));
    AUTO(DeskReading) r = {0};
    Plan k;
    TRY(desk_reading_begin(c, d, &r));
    TRY(plan_make(c, d, r.slot, record, draft, &k));
    TRY(desk_to_of(c, k.to, k.to_count, &k.mark.to, &k.mark.to_count));
    JsonWriter w = json_writer_start(out);
    TRY(put_preview(c, &k, &w, false));
    return json_writer_end(c, &w);
}

// --- written ------------------------------------------------------------------------------------

typedef struct Written {
    RecordId *shares, retract;
    size_t share_count;
    bool has_retract;
} Written;

// The same words once more, for our own eyes and those of who gets a share of it.
static Err say_again(Ctx *c, DeskWriting *w, const Plan *k, RecordId *ret_id) {
    Record r;
    RecordMark mark = k->own;
    RecordId *refs;
    AUTO(Buf) body = {0};
    Str us = str_of(k->p.node->agency_id);
    TRY(desk_body_get(c, k->p.slot, k->root.id, &r));
    TRY(json_canonical(c, r.body, &body));
    size_t n = r.ref_count < RECORD_REFS_MAX ? r.ref_count : RECORD_REFS_MAX - 1;
    TRY(ctx_alloc(c, (n + 1) * sizeof *refs, &refs));
    refs[0] = k->root.id;
    if (n > 0)
        memcpy(refs + 1, r.refs, n * sizeof *refs);
    TRY(desk_to_of(c, &us, 1, &mark.to, &mark.to_count));
    DeskDraft draft = {
        .kind = r.kind, .refs = refs, .ref_count = n + 1, .mark = &mark, .body = buf_view(&body)};
    return desk_group_add(c, w, &draft, ret_id);
}

static Err plan_write(Ctx *c, DeskWriting *w, const Plan *k, Written *ret_written) {
    Written done = {0};
    RecordId again = {{0}};
    TRY(ctx_alloc(c, (k->to_count + 1) * sizeof *done.shares, &done.shares));
    TRY(desk_group_begin(c, w));
    if (k->anew.n > 0)
        TRY(say_again(c, w, k, &again));
    for (size_t i = 0; i < k->to_count; i++) {
        bool flagged;
        if (k->same[i])
            continue;
        TRY(desk_flag_agency(c, &k->flagged, &k->p, k->to[i], &flagged));
        DeskShareNew s = {.record = gone_of(k, k->to[i]).asked ? again : k->root.id,
                          .kind = k->root.kind,
                          .title = k->title,
                          .contact = k->contact,
                          .has_answers = k->has_answers,
                          .answers = k->answers,
                          .has_due = k->has_due,
                          .due_at = k->due_at,
                          .mark = k->mark,
                          .recipient = k->to[i],
                          .waits = flagged};
        TRY(desk_share_add(c, w, &s, &done.shares[done.share_count++]));
    }
    if (k->lose_count > 0) {
        DeskRetractDraft back = {
            .from = k->loses, .from_count = k->lose_count, .reason = STR("shared with fewer")};
        TRY(desk_retract_add(c, w, k->p.slot, k->root.id, &back, &done.retract));
        done.has_retract = true;
    }
    TRY(desk_group_commit(c, w));
    *ret_written = done;
    return OK;
}

static Err put_written(Ctx *c, const Desk *d, const Plan *k, const Written *done, Buf *out) {
    AUTO(DeskReading) r = {0};
    Plan v = *k;
    Str words;
    TRY(desk_reading_begin(c, d, &r));
    TRY(desk_parties(c, d->node, r.slot, &v.p)); // sees what was written
    TRY(preview_words(c, k, &words));
    JsonWriter w = json_writer_start(out);
    TRY(put_preview(c, &v, &w, true));
    json_put_key(&w, STR("retracts"));
    json_put_array_begin(&w);
    if (done->has_retract) {
        char id[RECORD_ID_TEXT_BYTES];
        record_id_text(done->retract, id);
        json_put_str(&w, str_of(id));
    }
    json_put_array_end(&w);
    TRY(put_sees(c, &v, &w));
    json_put_key(&w, STR("shares"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < done->share_count; i++) {
        PictureShare s;
        // A share for a purpose that is not the user's own is written and not seen.
        Err e = picture_share_get(c, r.slot->picture, done->shares[i], &s);
        if (e == E_NOT_FOUND)
            continue;
        TRY(e);
        TRY(desk_share_put(c, d, &v.p, &s, &w));
    }
    json_put_array_end(&w);
    json_put_key_str(&w, "words", words);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

Err desk_share(Ctx *c, const Desk *d, Str record, const DeskShareDraft *draft, Buf *out) {
    TRY(desk_need(c, d, DESK_SHARE));
    if (draft->only)
        TRY(desk_need(c, d, DESK_RETRACT));
    Plan k;
    Written done;
    {
        AUTO(DeskWriting) w = {0};
        AUTO(DeskReading) r = {0};
        TRY(desk_writing_begin(c, d->node, d, &w));
        TRY(desk_reading_begin(c, d, &r));
        TRY(plan_make(c, d, r.slot, record, draft, &k));
        if (k.same_count == k.to_count && k.lose_count == 0)
            return fail(c, E_STATE, STR_FMT ": nothing new would go out", STR_ARG(k.stands));
        TRY(desk_to_of(c, k.to, k.to_count, &k.mark.to, &k.mark.to_count));
        TRY(plan_write(c, &w, &k, &done));
    }
    desk_exchange_touch(d->node);
    return put_written(c, d, &k, &done, out);
}
