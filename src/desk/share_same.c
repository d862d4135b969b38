// Whether a share says anything new: the one that stands for the same object and agency, and what
// takes its place.
#include "desk/share_priv.h"

// --- the one that stands ------------------------------------------------------------------------

static bool stands(const DeskShareAsk *a, Str us, const PictureShare *s) {
    return str_eq(s->agency, us) && str_eq(s->to, a->to) && s->is_last && !s->is_retracted &&
           !str_eq_c(s->act, "refuse") && s->at >= a->since && (!s->has_until || s->until > a->now);
}

// Of those that wait for a second officer: they name nobody before that.
static Err waits_for(Ctx *c, const DeskParties *p, const DeskShareAsk *a, const PictureShare *s,
                     bool *ret_waits) {
    DeskWaits waits;
    *ret_waits = false;
    if (s->to.n > 0 || !str_eq_c(s->agency, p->node->agency_id) || s->at < a->since)
        return OK;
    TRY(desk_waits_of(c, p->slot, s->id, &waits));
    for (size_t i = 0; i < waits.n && !waits.done; i++)
        *ret_waits |= str_eq(waits.agencies[i], a->to);
    return OK;
}

static Err find(Ctx *c, const DeskParties *p, const DeskShareAsk *a, const PictureShare **ret_share,
                bool *ret_waits) {
    const PictureShare *items;
    size_t n;
    *ret_share = NULL;
    *ret_waits = false;
    TRY(picture_share_of(c, p->slot->picture, a->record, &items, &n));
    for (size_t i = n; i-- > 0 && !*ret_share;) {
        if (stands(a, str_of(p->node->agency_id), &items[i]))
            *ret_share = &items[i];
        else
            TRY(waits_for(c, p, a, &items[i], ret_waits));
        if (*ret_waits)
            *ret_share = &items[i];
    }
    return OK;
}

// --- what becomes another -----------------------------------------------------------------------

static void change(Buf *b, const char *what, Str was, Str is) {
    if (str_eq(was, is))
        return;
    buf_format(b, "%s%s" STR_FMT " becomes " STR_FMT, b->n ? ", " : "", what, STR_ARG(was),
               STR_ARG(is));
}

static void put_purposes(Buf *b, const RecordMark *m) {
    if (m->purpose_count == 0)
        buf_text(b, "any");
    for (size_t i = 0; i < m->purpose_count; i++)
        buf_format(b, "%s" STR_FMT, i ? " " : "", STR_ARG(m->purposes[i]));
}

static Err end_text(Ctx *c, const DeskNode *n, const RecordMark *m, Str *ret_text) {
    *ret_text = STR("none");
    return m->has_until ? desk_time_zoned(c, n, m->until_us, ret_text) : OK;
}

// An accord counts its term in days: what ends within one of them ends alike.
static bool ends_alike(const DeskShareAsk *a, const RecordMark *was) {
    const RecordMark *is = &a->mark;
    if (was->has_until != is->has_until || !is->has_until)
        return was->has_until == is->has_until;
    int64_t later = is->until_us - was->until_us;
    return later == 0 || (!a->until_typed && later > 0 && later < TIME_DAY_US);
}

static Err mark_changes(Ctx *c, const DeskParties *p, const DeskShareAsk *a, const RecordMark *was,
                        Buf *b) {
    const RecordMark *is = &a->mark;
    AUTO(Buf) before = {0};
    AUTO(Buf) after = {0};
    Str from, to;
    change(b, "TLP:", str_of(record_tlp_text(was->tlp)), str_of(record_tlp_text(is->tlp)));
    change(b, "PAP:", str_of(desk_pap_text(was->pap)), str_of(desk_pap_text(is->pap)));
    change(b, "handling ", str_of(desk_handling_text(was->handling)),
           str_of(desk_handling_text(is->handling)));
    change(b, "its words ", was->note, is->note);
    put_purposes(&before, was);
    put_purposes(&after, is);
    TRY(buf_check(c, &before));
    TRY(buf_check(c, &after));
    change(b, "purposes ", buf_view(&before), buf_view(&after));
    if (ends_alike(a, was))
        return OK;
    TRY(end_text(c, p->node, was, &from));
    TRY(end_text(c, p->node, is, &to));
    change(b, "the end ", from, to);
    return OK;
}

// What is not typed again is meant as it stands.
static Err changes(Ctx *c, const DeskParties *p, const DeskShareAsk *a, const PictureShare *s,
                   Buf *b) {
    RecordMark was;
    TRY(desk_mark_of(c, p->slot, s->id, &was));
    TRY(mark_changes(c, p, a, &was, b));
    if (a->title.n > 0)
        change(b, "the title ", s->title.n ? s->title : STR("(none)"), a->title);
    if (a->contact.n > 0)
        change(b, "the contact ", s->contact.n ? s->contact : STR("(none)"), a->contact);
    if (a->has_due && !(s->has_due && s->due_at == a->due_at))
        buf_format(b, "%sanother time to answer by", b->n ? ", " : "");
    if (a->has_answers && !(s->has_answers && record_id_eq(s->answers, a->answers)))
        buf_format(b, "%sit answers a request", b->n ? ", " : "");
    return OK;
}

Err desk_share_stands(Ctx *c, const DeskParties *p, const DeskShareAsk *a, bool *ret_same,
                      Str *ret_words) {
    const PictureShare *s;
    bool waits;
    Str name, at, id;
    AUTO(Buf) b = {0};
    *ret_same = false;
    *ret_words = (Str){0};
    TRY(find(c, p, a, &s, &waits));
    if (!s)
        return OK;
    TRY(desk_agency_name(c, p, a->to, &name));
    TRY(desk_time_zoned(c, p->node, s->at, &at));
    TRY(desk_id_text(c, s->id, &id));
    TRY(changes(c, p, a, s, &b));
    TRY(buf_check(c, &b));
    *ret_same = b.n == 0;
    if (*ret_same)
        return str_format(c, ret_words,
                          "the same share with " STR_FMT " %s since " STR_FMT " (" STR_FMT ")",
                          STR_ARG(name), waits ? "waits for a second officer" : "stands",
                          STR_ARG(at), STR_ARG(id));
    return str_format(c, ret_words,
                      "it takes the place of the share with " STR_FMT " of " STR_FMT ": " STR_FMT,
                      STR_ARG(name), STR_ARG(at), STR_ARG(buf_view(&b)));
}
