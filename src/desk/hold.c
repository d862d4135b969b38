// Legal hold: what cannot be erased because something that binds, pays, or waits for an answer
// rests on it.
#include "desk/money_priv.h"
#include "desk/share_priv.h"

typedef struct Hold {
    const Desk *d;
    DeskSlot *all;  // sees all: the hold does not depend on who erases
    DeskSlot *user; // and this one is told by name only what it may see
} Hold;

// What rests on it, in words; who may not see that is told that there is something.
static Err held(Ctx *c, const Hold *k, RecordId by, Str what, const char *then) {
    PictureRecord seen;
    Err e = picture_record_get(c, k->user->picture, by, &seen);
    if (e == E_NOT_FOUND)
        return fail(c, E_STATE,
                    "this record is under legal hold: something that you may not see rests on it "
                    "and is not finished. Ask who leads here");
    TRY(e);
    return fail(c, E_STATE,
                "this record is under legal hold: " STR_FMT " rests on it. %s, then erase again",
                STR_ARG(what), then);
}

// --- what holds ---------------------------------------------------------------------------------

static Err by_order(Ctx *c, const Hold *k, const PictureOrder *o) {
    Str what;
    OrderNow now = order_now(&o->facts, &o->view, clock_now(k->d->node->env.clock));
    bool contested = o->view.appeal == ORDER_APPEALED;
    if (!now.alive && !now.not_confirmed && !contested)
        return OK;
    TRY(str_format(c, &what, "order " STR_FMT " (%s%s)", STR_ARG(o->number),
                   order_state_name(now.state), contested ? ", under appeal" : ""));
    return held(c, k, o->id, what,
                contested   ? "Decide the appeal first (`moei order review`)"
                : now.alive ? "Withdraw, release or settle it first (`moei order`)"
                            : "Let its addressee confirm that it is undone");
}

static Err by_orders(Ctx *c, const Hold *k, const PictureOrder *items, size_t n) {
    for (size_t i = 0; i < n; i++)
        TRY(by_order(c, k, &items[i]));
    return OK;
}

// Signed, still good, and not all of it paid.
static Err by_plan(Ctx *c, const Hold *k, const PicturePlan *p) {
    MoneyPlan plan;
    Str id, what;
    if (p->signer_count == 0)
        return OK;
    TRY(money_plan_load(c, k->all, p, &plan));
    TRY(money_plan_check(c, k->d, k->all, &plan));
    if (plan.all_paid || plan.void_because.n > 0)
        return OK;
    TRY(desk_id_text(c, p->id, &id));
    TRY(str_format(c, &what, "refund plan " STR_FMT ", which is signed and not paid", STR_ARG(id)));
    return held(c, k, p->id, what,
                "Pay it first (`moei refund paid`), or make a new one without it");
}

// A newer plan of a case takes the place of those before.
static Err by_case(Ctx *c, const Hold *k, RecordId case_id) {
    const PicturePlan *plans;
    size_t n;
    bool more;
    TRY(picture_plan_list(c, k->all->picture, &case_id, (PicturePage){.limit = 1}, &plans, &n,
                          &more));
    return n > 0 ? by_plan(c, k, &plans[0]) : OK;
}

static Err by_grievance(Ctx *c, const Hold *k, RecordId id) {
    PictureGrievance g;
    PictureOrder o;
    Str what;
    Err e = picture_grievance_get(c, k->all->picture, id, &g);
    if (e == OK)
        e = picture_order_get(c, k->all->picture, g.order, &o);
    if (e == E_NOT_FOUND)
        return OK;
    TRY(e);
    if (o.view.appeal != ORDER_APPEALED)
        return OK;
    TRY(str_format(c, &what, "the grievance against order " STR_FMT, STR_ARG(o.number)));
    return held(c, k, id, what, "Decide it first (`moei order review`)");
}

// An alert asks for nothing but the word that it came.
static Err by_notice(Ctx *c, const Hold *k, const PictureNotice *n) {
    Str what;
    if (str_eq_c(n->act, "alert") || !desk_notice_is_open(n))
        return OK;
    TRY(str_format(c, &what, "the request \"" STR_FMT "\", which is not answered",
                   STR_ARG(n->title)));
    return held(c, k, n->id, what, "Answer it, or close it, first (`moei notice act`)");
}

// --- what it rests on ---------------------------------------------------------------------------

static Err not_here(Err e) {
    return e == E_NOT_FOUND ? OK : e;
}

static Err of_order(Ctx *c, const Hold *k, RecordId id) {
    PictureOrder o;
    Err e = picture_order_get(c, k->all->picture, id, &o);
    return e == OK ? by_order(c, k, &o) : not_here(e);
}

static Err of_report(Ctx *c, const Hold *k, RecordId id) {
    const PictureOrder *orders;
    RecordId in;
    size_t n;
    TRY(picture_orders_of_report(c, k->all->picture, id, &orders, &n));
    TRY(by_orders(c, k, orders, n));
    Err e = picture_report_case(c, k->all->picture, id, &in);
    return e == OK ? by_case(c, k, in) : not_here(e);
}

static Err of_case(Ctx *c, const Hold *k, RecordId id) {
    const PictureOrder *orders;
    size_t n;
    TRY(picture_orders_of_case(c, k->all->picture, id, &orders, &n));
    TRY(by_orders(c, k, orders, n));
    return by_case(c, k, id);
}

static Err of_plan(Ctx *c, const Hold *k, RecordId id) {
    PicturePlan p;
    Err e = picture_plan_get(c, k->all->picture, id, &p);
    return e == OK ? by_plan(c, k, &p) : not_here(e);
}

static Err of_notice(Ctx *c, const Hold *k, RecordId id) {
    PictureNotice n;
    Err e = picture_notice_get(c, k->all->picture, id, &n);
    return e == OK ? by_notice(c, k, &n) : not_here(e);
}

static Err of_root(Ctx *c, const Hold *k, RecordId id, Str kind) {
    static const struct {
        const char *kind;
        Err (*look)(Ctx *c, const Hold *k, RecordId id);
    } kinds[] = {{"order", of_order},         {"report", of_report},    {"case", of_case},
                 {"grievance", by_grievance}, {"refund_plan", of_plan}, {"notice", of_notice}};
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (str_eq_c(kind, kinds[i].kind))
            return kinds[i].look(c, k, id);
    return OK;
}

static Err of_record(Ctx *c, const Hold *k, RecordId id) {
    PictureRecord r, root;
    Err e = picture_record_get(c, k->all->picture, id, &r);
    if (e != OK)
        return not_here(e);
    e = picture_record_get(c, k->all->picture, r.root, &root);
    return e == OK ? of_root(c, k, root.id, root.kind) : not_here(e);
}

// What a document or a victim's record is about.
static Err of_refs(Ctx *c, const Hold *k, RecordId id) {
    Record r;
    RecordId *refs;
    TRY(desk_body_get(c, k->all, id, &r));
    size_t n = r.ref_count;
    TRY(ctx_alloc(c, (n + 1) * sizeof *refs, &refs));
    if (n > 0)
        memcpy(refs, r.refs, n * sizeof *refs);
    for (size_t i = 0; i < n; i++)
        TRY(of_record(c, k, refs[i]));
    return OK;
}

Err desk_hold_check(Ctx *c, const Desk *d, DeskSlot *user, const PictureRecord *p) {
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_machine(c, d->node, &r));
    Hold k = {d, r.slot, user};
    const PictureRecord *quotes;
    const PictureNotice *notices;
    size_t n;
    TRY(of_record(c, &k, p->id));
    if (str_eq_c(p->kind, "attachment") || str_eq_c(p->kind, "victim"))
        TRY(of_refs(c, &k, p->id));
    TRY(picture_record_quotes(c, r.slot->picture, p->id, &quotes, &n));
    for (size_t i = 0; i < n; i++)
        if (!str_eq_c(quotes[i].kind, "case_add") && !str_eq_c(quotes[i].kind, "attachment"))
            TRY(of_record(c, &k, quotes[i].id));
    TRY(picture_notices_naming(c, r.slot->picture, p->root, &notices, &n));
    for (size_t i = 0; i < n; i++)
        TRY(by_notice(c, &k, &notices[i]));
    return OK;
}
