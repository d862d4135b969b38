// What became of a request that we adopted: told to who asked, as often as it changes. The node
// tells it by itself, in a note about the request, so that neither our order, nor its law, nor what
// our bank wrote has to leave.
#include "desk/act_priv.h"
#include "desk/exchange_priv.h"

// --- who is to be told --------------------------------------------------------------------------

void desk_tell_note(DeskNode *n, RecordId order) {
    DeskExchange *x = n->exchange;
    if (!x)
        return;
    pthread_mutex_lock(&x->lock);
    if (x->tell_count < COUNT_OF(x->tell))
        x->tell[x->tell_count++] = order;
    else
        x->told_all = false; // too many to be named: all are looked at
    pthread_mutex_unlock(&x->lock);
}

// --- what is told -------------------------------------------------------------------------------

// "" while it goes on.
static const char *over_of(const OrderView *v) {
    switch (v->state) {
    case ORDER_WITHDRAWN:
    case ORDER_RELEASED:
    case ORDER_SUPERSEDED:
    case ORDER_SETTLED:
    case ORDER_REFUSED:
        return order_state_name(v->state);
    case ORDER_DRAFT:
    case ORDER_ISSUED:
    case ORDER_RECEIVED:
    case ORDER_EXECUTED:
    case ORDER_PARTLY:
    case ORDER_ADOPTED:
    case ORDER_LAPSED:
    case ORDER_VOID:
        return v->has_undone_at ? order_state_name(ORDER_LAPSED) : "";
    }
    UNREACHABLE();
}

static OrderOutcome outcome_of(const OrderView *v, const PictureOrder *request) {
    if (!v->has_answered_at)
        return ORDER_NO_OUTCOME;
    if (!v->has_executed_at || v->state == ORDER_REFUSED)
        return ORDER_DID_REFUSE;
    return v->executed >= request->facts.amount ? ORDER_DID_EXECUTE : ORDER_DID_PARTLY;
}

static DeskActNew told_of(const PictureOrder *own, const PictureOrder *request) {
    const OrderView *v = &own->view;
    DeskActNew a = {
        .order = request->id,
        .event = {.act = ORDER_TELL,
                  .party = ORDER_ADDRESSEE,
                  .persons = 1,
                  .outcome = outcome_of(v, request),
                  .has_amount = request->facts.hold,
                  .amount = v->held < request->facts.amount ? v->held : request->facts.amount,
                  .has_ends_at = v->has_ended_at || v->has_ends_at,
                  .ends_at = v->has_ended_at ? v->ended_at : v->ends_at},
        .code = str_of(over_of(v))};
    if (v->has_undone_at && !v->has_ended_at && v->undone_at < a.event.ends_at)
        a.event.ends_at = v->undone_at;
    return a;
}

static bool is_told(const DeskNode *n, const DeskActNew *a, const PictureOrderEvent *events,
                    size_t count) {
    for (size_t i = count; i-- > 0;) {
        const PictureOrderEvent *e = &events[i];
        if (e->event.act != ORDER_TELL || !str_eq_c(e->agency, n->agency_id))
            continue;
        return e->event.outcome == a->event.outcome && e->event.amount == a->event.amount &&
               e->event.has_ends_at == a->event.has_ends_at &&
               (!e->event.has_ends_at || e->event.ends_at == a->event.ends_at) &&
               str_eq(e->code, a->code);
    }
    return false;
}

// The request that an order of ours in force, or one that was, adopts. *ret_found false: none.
static Err request_of(Ctx *c, DeskNode *n, DeskSlot *s, RecordId order, PictureOrder *ret_own,
                      PictureOrder *ret_request, bool *ret_found) {
    DeskOrderBody body;
    *ret_found = false;
    Err e = picture_order_get(c, s->picture, order, ret_own);
    if (e == E_NOT_FOUND)
        return OK;
    TRY(e);
    if (!str_eq_c(ret_own->agency, n->agency_id) || !ret_own->view.has_issued_at)
        return OK;
    TRY(desk_order_body_get(c, n, s, order, &body));
    if (!body.has_adopts)
        return OK;
    e = picture_order_get(c, s->picture, body.adopts, ret_request);
    if (e == E_NOT_FOUND) // its agency took it back
        return OK;
    TRY(e);
    *ret_found = ret_request->view.has_adopted_at && !str_eq_c(ret_request->agency, n->agency_id);
    return OK;
}

static Err tell(Ctx *c, DeskWriting *w, DeskSlot *s, RecordId order) {
    PictureOrder own, request;
    DeskOrderBody body;
    const PictureOrderEvent *events;
    size_t n;
    bool found;
    TRY(request_of(c, w->node, s, order, &own, &request, &found));
    if (!found)
        return OK;
    TRY(picture_order_events(c, s->picture, request.id, &events, &n));
    DeskActNew a = told_of(&own, &request);
    if (is_told(w->node, &a, events, n))
        return OK;
    TRY(desk_order_body_get(c, w->node, s, request.id, &body));
    a.mark = &body.mark;
    a.ref_count = desk_act_heads(&request, events, n, a.refs);
    TRY(desk_group_begin(c, w));
    TRY(desk_order_act_add(c, w, &a, NULL));
    return desk_group_commit(c, w);
}

// --- all of them --------------------------------------------------------------------------------

// The order that a request became is named by our own act that says so.
static Err tell_of_request(Ctx *c, DeskWriting *w, DeskSlot *s, const PictureOrder *request) {
    const PictureOrderEvent *events;
    size_t n;
    if (!str_eq_c(request->addressee_agency, w->node->agency_id) || !request->view.has_adopted_at)
        return OK;
    TRY(picture_order_events(c, s->picture, request->id, &events, &n));
    for (size_t i = 0; i < n; i++) {
        Record r;
        if (events[i].event.act != ORDER_ADOPT || !str_eq_c(events[i].agency, w->node->agency_id))
            continue;
        TRY(desk_body_get(c, s, events[i].id, &r));
        for (size_t k = 0; k < r.ref_count; k++)
            TRY(tell(c, w, s, r.refs[k]));
    }
    return OK;
}

// At the start of a program: what changed while none ran.
static Err tell_every(Ctx *c, DeskWriting *w, DeskSlot *s) {
    static const char *const states[] = {"adopted", "withdrawn"};
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        PicturePage page = {.limit = LIST_PAGE_ITEMS_MAX};
        for (bool more = true; more;) {
            const PictureOrder *items;
            size_t n;
            TRY(picture_order_list(c, s->picture, str_of(states[i]), page, &items, &n, &more));
            for (size_t k = 0; k < n; k++)
                TRY(tell_of_request(c, w, s, &items[k]));
            if (n > 0)
                page.after = items[n - 1].key;
            more = more && n > 0;
        }
    }
    return OK;
}

Err desk_tell_all(Ctx *c, DeskWriting *w) {
    DeskExchange *x = w->node->exchange;
    RecordId some[DESK_TELL_MAX];
    pthread_mutex_lock(&x->lock);
    size_t n = x->tell_count;
    bool every = !x->told_all;
    memcpy(some, x->tell, n * sizeof *some);
    x->tell_count = 0;
    x->told_all = true;
    pthread_mutex_unlock(&x->lock);
    if (n == 0 && !every)
        return OK;
    AUTO(DeskReading) r = {0};
    Err e = desk_fold_behind(c, w->node);
    if (e == OK)
        e = desk_reading_machine(c, w->node, &r);
    for (size_t i = 0; e == OK && !every && i < n; i++)
        e = tell(c, w, r.slot, some[i]);
    if (e == OK && every)
        e = tell_every(c, w, r.slot);
    if (e != OK) { // tried again by the next tick
        pthread_mutex_lock(&x->lock);
        x->told_all = false;
        pthread_mutex_unlock(&x->lock);
    }
    return e;
}
