// What of the exchange needs somebody now: for the front page and the shift.
#include "desk/share_priv.h"

typedef struct Tasks {
    const Desk *d;
    DeskParties p;
    int64_t now;
    DeskTask *items;
    size_t count, max;
} Tasks;

static Err task_add(Ctx *c, Tasks *t, RecordId id, DeskTask task) {
    if (t->count == t->max)
        return OK;
    TRY(desk_id_text(c, id, &task.id));
    t->items[t->count++] = task;
    return OK;
}

// --- shares -------------------------------------------------------------------------------------

static Err share_in(Ctx *c, Tasks *t, const PictureShare *s) {
    Str name, detail;
    bool asks = s->accept || s->has_due;
    if (!asks || s->act.n > 0 || s->is_retracted || (s->has_until && t->now >= s->until))
        return OK;
    TRY(desk_agency_name(c, &t->p, s->agency, &name));
    TRY(str_format(c, &detail,
                   s->accept ? STR_FMT " shares a " STR_FMT ": accept its handling, or refuse"
                             : STR_FMT " shares a " STR_FMT ": say that it came",
                   STR_ARG(name), STR_ARG(s->kind)));
    return task_add(c, t, s->id,
                    (DeskTask){.kind = "share",
                               .what = s->accept ? "accept" : "receive",
                               .title = s->title.n ? s->title : s->kind,
                               .detail = detail,
                               .due_at = s->has_due ? s->due_at : INT64_MAX,
                               .red = s->has_due && t->now > s->due_at});
}

// Ours: one that waits for a second officer, and one whose answer is overdue.
static Err share_out(Ctx *c, Tasks *t, const PictureShare *s) {
    if (s->to.n == 0) {
        DeskWaits waits;
        TRY(desk_waits_of(c, t->p.slot, s->id, &waits));
        if (waits.n == 0 || waits.done || record_id_eq(waits.officer, t->d->officer))
            return OK;
        return task_add(c, t, s->id,
                        (DeskTask){.kind = "share",
                                   .what = "second",
                                   .title = s->title.n ? s->title : s->kind,
                                   .detail = STR("goes to a flagged party: a second officer signs"),
                                   .due_at = INT64_MAX});
    }
    if (!s->has_due || s->act.n > 0 || s->is_retracted || t->now <= s->due_at ||
        (s->has_until && t->now >= s->until))
        return OK;
    Str name, detail;
    TRY(desk_agency_name(c, &t->p, s->to, &name));
    TRY(str_format(c, &detail, STR_FMT " has not answered: call its contact", STR_ARG(name)));
    return task_add(c, t, s->id,
                    (DeskTask){.kind = "share",
                               .what = "answer",
                               .title = s->title.n ? s->title : s->kind,
                               .detail = detail,
                               .due_at = s->due_at,
                               .red = true});
}

static Err shares(Ctx *c, Tasks *t) {
    const PictureShare *items;
    size_t n;
    bool more;
    PicturePage page = {.limit = LIST_PAGE_ITEMS_MAX};
    if (!desk_may(t->d, DESK_SHARE))
        return OK;
    TRY(picture_share_list(c, t->p.slot->picture, PICTURE_IN, page, &items, &n, &more));
    for (size_t i = 0; i < n; i++)
        TRY(share_in(c, t, &items[i]));
    TRY(picture_share_list(c, t->p.slot->picture, PICTURE_OUT, page, &items, &n, &more));
    for (size_t i = 0; i < n; i++)
        TRY(share_out(c, t, &items[i]));
    return OK;
}

// --- notices ------------------------------------------------------------------------------------

static Err notice_in(Ctx *c, Tasks *t, const PictureNotice *n) {
    Str name, detail;
    if (!desk_notice_is_open(n))
        return OK;
    TRY(desk_agency_name(c, &t->p, n->agency, &name));
    TRY(str_format(c, &detail,
                   str_eq_c(n->act, "request") ? STR_FMT " asks for something"
                   : str_eq_c(n->act, "alert") ? STR_FMT " alerts us: say that it came"
                                               : STR_FMT " asks to pass a record of ours on",
                   STR_ARG(name)));
    return task_add(c, t, n->id,
                    (DeskTask){.kind = "notice",
                               .what = str_eq_c(n->act, "alert") ? "receive" : "answer",
                               .title = n->title,
                               .detail = detail,
                               .due_at = n->due_at,
                               .red = t->now > n->due_at});
}

static Err notice_out(Ctx *c, Tasks *t, const PictureNotice *n) {
    DeskTask task = {.kind = "notice", .what = "answer", .title = n->title, .due_at = n->due_at};
    if (n->to_count == 0) {
        DeskWaits waits;
        TRY(desk_waits_of(c, t->p.slot, n->id, &waits));
        if (waits.n == 0 || waits.done || record_id_eq(waits.officer, t->d->officer))
            return OK;
        task.what = "second";
        task.detail = STR("goes to a flagged party: a second officer signs");
        return task_add(c, t, n->id, task);
    }
    if (!desk_notice_is_open(n) || t->now <= n->due_at)
        return OK;
    task.red = true;
    task.detail = STR("not answered in time: call the contact");
    return task_add(c, t, n->id, task);
}

static Err notices(Ctx *c, Tasks *t) {
    const PictureNotice *items;
    size_t n;
    bool more;
    PicturePage page = {.limit = LIST_PAGE_ITEMS_MAX};
    if (!desk_may(t->d, DESK_NOTICE_WRITE))
        return OK;
    TRY(picture_notice_list(c, t->p.slot->picture, PICTURE_IN, page, &items, &n, &more));
    for (size_t i = 0; i < n; i++)
        TRY(notice_in(c, t, &items[i]));
    TRY(picture_notice_list(c, t->p.slot->picture, PICTURE_OUT, page, &items, &n, &more));
    for (size_t i = 0; i < n; i++)
        TRY(notice_out(c, t, &items[i]));
    return OK;
}

// --- the rest -----------------------------------------------------------------------------------

static Err retractions(Ctx *c, Tasks *t) {
    DeskBacks late;
    if (!desk_may(t->d, DESK_RETRACT))
        return OK;
    TRY(desk_backs_overdue(c, &t->p, &late));
    for (size_t i = 0; i < late.n; i++) {
        const DeskBack *b = &late.items[i];
        bool erased = str_eq_c(str_of(b->what), "erase");
        AUTO(Buf) names = {0};
        Str detail;
        for (size_t k = 0; k < b->from_count; k++) {
            Str name;
            if (b->from[k].has_let_go)
                continue;
            TRY(desk_agency_name(c, &t->p, b->from[k].agency, &name));
            buf_format(&names, "%s" STR_FMT, names.n ? ", " : "", STR_ARG(name));
        }
        TRY(buf_check(c, &names));
        TRY(str_format(c, &detail, STR_FMT " still holds what was %s: " STR_FMT,
                       STR_ARG(buf_view(&names)), erased ? "erased here" : "taken back",
                       STR_ARG(b->title)));
        TRY(task_add(c, t, b->id,
                     (DeskTask){.kind = "retract",
                                .what = "call",
                                .title = erased ? STR("Erasure") : STR("Retraction"),
                                .detail = detail,
                                .due_at = b->at + DESK_BACK_US,
                                .red = true}));
    }
    return OK;
}

static Err accords(Ctx *c, Tasks *t) {
    Str us = str_of(t->p.node->agency_id);
    for (size_t i = 0; i < t->p.accord_count && desk_may(t->d, DESK_ACCORD_SIGN); i++) {
        const PictureAccord *a = &t->p.accords[i];
        bool waits = false;
        for (size_t k = 0; k < a->member_count; k++)
            waits |= str_eq(a->members[k].agency, us) && !a->members[k].has_signed &&
                     !a->members[k].has_left;
        if (waits && !(a->has_ends_at && t->now >= a->ends_at))
            TRY(task_add(c, t, a->id,
                         (DeskTask){.kind = "accord",
                                    .what = "sign",
                                    .title = a->name,
                                    .detail = STR("an accord waits for our signature"),
                                    .due_at = INT64_MAX}));
    }
    return OK;
}

static Err links(Ctx *c, Tasks *t) {
    DeskPeer *peers;
    size_t n;
    if (!desk_may(t->d, DESK_PEER_WRITE))
        return OK;
    TRY(desk_exchange_peers(c, t->p.node, &peers, &n));
    for (size_t i = 0; i < n; i++) {
        const JournalPeer *j = &peers[i].j;
        bool sound = j->fault == JOURNAL_SOUND;
        bool proves = !peers[i].confirmed || j->prove_silent < PROVE_SILENT_SHOWN;
        if ((sound && proves) || t->count == t->max)
            continue;
        DeskTask task = {.kind = "peer",
                         .what = sound                        ? "prove"
                                 : j->fault == JOURNAL_FORKED ? "fork"
                                                              : "resume",
                         .due_at = sound ? j->prove_since : j->fault_at,
                         .red = true};
        TRY(str_copy(c, str_of(peers[i].hex.text), &task.id));
        TRY(str_copy(c, str_of(peers[i].name), &task.title));
        TRY(str_copy(c,
                     sound ? STR("does not prove that its log is one: ask by telephone")
                           : str_of(j->words),
                     &task.detail));
        t->items[t->count++] = task;
    }
    return OK;
}

Err desk_exchange_tasks(Ctx *c, const Desk *d, size_t max, DeskTask **ret_items, size_t *ret_n) {
    Tasks t = {.d = d, .now = clock_now(d->node->env.clock), .max = max};
    *ret_n = 0;
    TRY(ctx_alloc(c, (max + 1) * sizeof *t.items, &t.items));
    *ret_items = t.items;
    if (!desk_may(d, DESK_EXCHANGE_READ) || !d->may_read)
        return OK;
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    TRY(desk_parties(c, d->node, r.slot, &t.p));
    TRY(links(c, &t));
    TRY(shares(c, &t));
    TRY(notices(c, &t));
    TRY(retractions(c, &t));
    TRY(accords(c, &t));
    *ret_n = t.count;
    return OK;
}
