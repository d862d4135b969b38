// What the records that speak of an object come to: orders by order's fold, officers, standings,
// grievances.
#include "picture/picture_priv.h"

// --- children -----------------------------------------------------------------------------------

// Whose words count: what binds an agency is said by that agency alone. To an order its addressee
// answers, and what a report's money is worth to trace may be confirmed by a bank. Who of others
// may sign an accord, or act on a share or notice, the views say.
static bool may_speak(const Picture *p, const PictureObject *object, const PictureChild *k) {
    bool own = p->logs[object->pos >> 40].agency_n == p->logs[k->pos >> 40].agency_n;
    return own || k->kind == RECORD_ORDER_ACT || k->kind == RECORD_ORDER_NOTE ||
           k->kind == RECORD_STANDING || k->kind == RECORD_ACCORD_SIGN ||
           k->kind == RECORD_SHARE_ACT || k->kind == RECORD_NOTICE_ACT;
}

static Err children_keep(Picture *p, const PictureObject *object, const PictureChildren *children) {
    StoreStmt *s = write_stmt(p, W_CHILDREN_CLEAR);
    store_bind_at_i64(s, 1, object->pos);
    TRY(store_run(&p->work, s));
    int64_t rank = 0;
    for (size_t i = 0; i < children->count; i++) {
        const PictureChild *k = &children->items[i];
        if (k->kind < RECORD_VICTIM || !may_speak(p, object, k))
            continue;
        s = write_stmt(p, W_CHILD_PUT);
        store_bind_at_i64(s, 1, k->pos);
        store_bind_at_i64(s, 2, object->pos);
        store_bind_at_i64(s, 3, rank++);
        TRY(store_run(&p->work, s));
    }
    return OK;
}

// The last child of a kind decides alone. Values: that child's place (or none), the object's.
static Err last_decides(Picture *p, const PictureObject *object, const PictureChildren *children,
                        RecordKind kind, PictureWrite update) {
    const PictureChild *last = NULL;
    for (size_t i = 0; i < children->count; i++)
        if (children->items[i].kind == kind && may_speak(p, object, &children->items[i]))
            last = &children->items[i];
    StoreStmt *s = write_stmt(p, update);
    if (last)
        store_bind_at_i64(s, 1, last->pos);
    store_bind_at_i64(s, 2, object->pos);
    return store_run(&p->work, s);
}

// --- an order's events --------------------------------------------------------------------------

typedef struct Event {
    int64_t pos;
    uint8_t id[16], target[16];
    bool has_target, counts; // counts: it is among those that order_fold sees
    OrderEvent event;
    OrderEffect effect;
    size_t folded; // its index there
} Event;

typedef struct EventList {
    Event *items;
    size_t count, cap;
} EventList;

static void EventList_cleanup(EventList *k) {
    mem_free(k->items);
}

typedef struct Order {
    OrderFacts facts;
    uint32_t agency_n;
    Str to_agency, state;
    bool open;
} Order;

bool event_party_find(Str name, OrderParty *ret_party) {
    static const struct {
        const char *name;
        OrderParty party;
    } parties[] = {{"issuer", ORDER_ISSUER},
                   {"addressee", ORDER_ADDRESSEE},
                   {"holder", ORDER_HOLDER},
                   {"court", ORDER_COURT}};
    for (size_t i = 0; i < COUNT_OF(parties); i++)
        if (str_eq_c(name, parties[i].name)) {
            *ret_party = parties[i].party;
            return true;
        }
    return false;
}

// A record of the order's agency may speak for any party, since it acts on behalf of those without
// a node; one of the addressee's agency for all but the issuer; nobody else's counts.
static bool event_read(const Order *o, StoreStmt *q, Event *k) {
    OrderEvent *e = &k->event;
    k->pos = store_col_i64(q, 0);
    memcpy(k->id, store_col_str(q, 1).p, sizeof k->id);
    e->at = store_col_i64(q, 2);
    if (!store_col_is_null(q, 3))
        memcpy(e->officer, store_col_str(q, 3).p, sizeof e->officer);
    bool own = (uint32_t)store_col_i64(q, 13) == o->agency_n;
    bool theirs = o->to_agency.n && str_eq(store_col_str(q, 4), o->to_agency);
    bool known = order_act_find(store_col_str(q, 5), &e->act) &&
                 event_party_find(store_col_str(q, 6), &e->party) &&
                 (store_col_is_null(q, 7) || order_outcome_find(store_col_str(q, 7), &e->outcome));
    e->has_amount = !store_col_is_null(q, 8);
    e->amount = store_col_i64(q, 8);
    e->has_ends_at = !store_col_is_null(q, 9);
    e->ends_at = store_col_i64(q, 9);
    e->happened_at = store_col_is_null(q, 10) ? e->at : store_col_i64(q, 10);
    if (e->happened_at > e->at)
        e->happened_at = e->at;
    k->has_target = !store_col_is_null(q, 11);
    if (k->has_target)
        memcpy(k->target, store_col_str(q, 11).p, sizeof k->target);
    e->persons = store_col_i64(q, 12) >= 2 ? 2 : 1;
    e->over = e->act == ORDER_TELL && !store_col_is_null(q, 14);
    return known && (own || (theirs && e->party != ORDER_ISSUER));
}

static Err events_get(Picture *p, int64_t pos, const Order *o, EventList *ret_events) {
    AUTO(StoreQuery) q = write_stmt(p, W_ORDER_EVENTS);
    store_bind_at_i64(q, 1, pos);
    for (bool row;;) {
        TRY(store_step(&p->work, q, &row));
        if (!row)
            return OK;
        EventList *k = ret_events;
        TRY(mem_grow(&p->work, &k->items, &k->cap, k->count + 1, sizeof *k->items));
        Event *e = &k->items[k->count++];
        *e = (Event){.effect = ORDER_NOT_ALLOWED};
        e->counts = event_read(o, q, e);
    }
}

// What an event answers or seconds must be an earlier one that itself is looked at: one that names
// something else does not turn into one that names nothing.
static void target_find(EventList *k, size_t i) {
    Event *e = &k->items[i];
    if (!e->counts || !e->has_target)
        return;
    e->counts = false;
    for (size_t t = 0; t < i; t++)
        if (k->items[t].counts && memcmp(k->items[t].id, e->target, sizeof e->target) == 0) {
            e->counts = e->event.has_target = true;
            e->event.target = k->items[t].folded;
        }
}

static Err order_run(Picture *p, const Order *o, EventList *k, OrderView *ret_view) {
    OrderEvent *events;
    OrderEffect *effects;
    size_t *whole, n = 0;
    TRY(ctx_alloc(&p->work, (k->count + 1) * sizeof *events, &events));
    TRY(ctx_alloc(&p->work, (k->count + 1) * sizeof *effects, &effects));
    TRY(ctx_alloc(&p->work, (k->count + 1) * sizeof *whole, &whole));
    for (size_t i = 0; i < k->count; i++) {
        target_find(k, i);
        // A record beyond the limit is kept and has no effect, as one that is not allowed.
        k->items[i].counts = k->items[i].counts && n < ORDER_EVENTS_MAX;
        if (!k->items[i].counts)
            continue;
        k->items[i].folded = n;
        whole[n] = i;
        events[n++] = k->items[i].event;
    }
    OrderView view = {0};
    TRY(order_fold(&p->work, &o->facts, events, n, effects, &view));
    for (size_t i = 0; i < n; i++)
        k->items[whole[i]].effect = effects[i];
    // Indexes of the view are those of all events that are listed.
    view.waiting = view.waiting < n ? whole[view.waiting] : 0;
    view.reduction = view.reduction < n ? whole[view.reduction] : 0;
    *ret_view = view;
    return OK;
}

// --- what lists need ----------------------------------------------------------------------------

// The latest moment that the records themselves name as past.
static int64_t latest(const OrderFacts *facts, const EventList *k) {
    int64_t at = facts->made_at;
    for (size_t i = 0; i < k->count; i++)
        if (k->items[i].counts && k->items[i].event.at > at)
            at = k->items[i].event.at;
    return at;
}

typedef struct Board {
    bool open, has_gone_at;
    int64_t due, gone_at;
} Board;

// As seen from the last of its records: what is not finished then is on the board, by the next
// clock that runs. Where nothing was done under an order it is over by itself at its end.
static Board board_of(const OrderFacts *facts, const OrderView *v, int64_t now) {
    OrderNow n = order_now(facts, v, now);
    Board b = {.due = facts->made_at};
    bool appeal = v->appeal == ORDER_APPEALED;
    bool asks = facts->request && (n.state == ORDER_ISSUED || n.state == ORDER_RECEIVED);
    // What a request became is followed until that ends.
    bool told = v->has_told_at && !v->told_over && (!v->has_ends_at || now < v->ends_at);
    b.open = v->state == ORDER_DRAFT || n.alive || asks || told || n.not_confirmed || appeal;
    if (n.has_due)
        b.due = n.due_at;
    else if (v->has_ends_at)
        b.due = v->ends_at;
    else if (v->has_issued_at)
        b.due = v->issued_at;
    if (told && !asks) {
        b.has_gone_at = v->has_ends_at;
        b.gone_at = v->ends_at;
    }
    if (!n.alive || v->owes_undone || appeal || facts->request)
        return b;
    b.has_gone_at = v->has_ends_at || v->has_issued_at;
    b.gone_at = v->has_ends_at ? v->ends_at : v->issued_at + ORDER_EVENT_HOURS_MAX * TIME_HOUR_US;
    return b;
}

// Every field of an OrderView, each as eight bytes, in this order; then the two officers. A test
// compares whole structs, so that a field that is missing here shows.
#define VIEW_FIELDS(X)                                                                             \
    X(state)                                                                                       \
    X(appeal)                                                                                      \
    X(asked)                                                                                       \
    X(held)                                                                                        \
    X(executed)                                                                                    \
    X(has_issued_at)                                                                               \
    X(has_received_at)                                                                             \
    X(has_answered_at)                                                                             \
    X(has_executed_at)                                                                             \
    X(has_ends_at)                                                                                 \
    X(has_ended_at)                                                                                \
    X(has_undone_at)                                                                               \
    X(has_appealed_at)                                                                             \
    X(has_reviewed_at)                                                                             \
    X(has_complaint_at)                                                                            \
    X(issued_at)                                                                                   \
    X(received_at)                                                                                 \
    X(answered_at)                                                                                 \
    X(executed_at)                                                                                 \
    X(ends_at)                                                                                     \
    X(ended_at)                                                                                    \
    X(undone_at)                                                                                   \
    X(appealed_at)                                                                                 \
    X(reviewed_at)                                                                                 \
    X(complaint_at)                                                                                \
    X(extensions)                                                                                  \
    X(owes_undone)                                                                                 \
    X(waits_second)                                                                                \
    X(waits_receipt)                                                                               \
    X(waits_finding)                                                                               \
    X(waiting)                                                                                     \
    X(waiting_at)                                                                                  \
    X(waits_reduction)                                                                             \
    X(reduction)                                                                                   \
    X(reduced_at)                                                                                  \
    X(attempts)                                                                                    \
    X(last_attempt_at)                                                                             \
    X(has_adopted_at)                                                                              \
    X(has_told_at)                                                                                 \
    X(told_over)                                                                                   \
    X(adopted_at)                                                                                  \
    X(told_at)                                                                                     \
    X(told)

#define COUNT_ONE(field) +1
#define VIEW_BYTES (8 * (VIEW_FIELDS(COUNT_ONE)) + 32)

void order_view_put(const OrderView *v, Buf *out) {
    char bytes[8];
#define PUT(field)                                                                                 \
    store_u64le(bytes, (uint64_t)v->field);                                                        \
    buf_append(out, bytes, sizeof bytes);
    VIEW_FIELDS(PUT)
#undef PUT
    buf_append(out, v->issuer_officer, sizeof v->issuer_officer);
    buf_append(out, v->issuer_second, sizeof v->issuer_second);
}

bool order_view_get(Str bytes, OrderView *ret_view) {
    if (bytes.n != VIEW_BYTES)
        return false;
    OrderView v = {0};
    const char *p = bytes.p;
#define GET(field)                                                                                 \
    v.field = (__typeof__(v.field))load_u64le(p);                                                  \
    p += 8;
    VIEW_FIELDS(GET)
#undef GET
    memcpy(v.issuer_officer, p, sizeof v.issuer_officer);
    memcpy(v.issuer_second, p + sizeof v.issuer_officer, sizeof v.issuer_second);
    *ret_view = v;
    return true;
}

// --- an order -----------------------------------------------------------------------------------

static Err order_get(Picture *p, int64_t pos, bool *ret_found, Order *ret_order) {
    AUTO(StoreQuery) q = write_stmt(p, W_ORDER_FACTS);
    store_bind_at_i64(q, 1, pos);
    TRY(store_step(&p->work, q, ret_found));
    if (!*ret_found)
        return OK;
    Order o = {.agency_n = p->logs[pos >> 40].agency_n};
    o.facts = (OrderFacts){.request = store_col_i64(q, 0) != 0,
                           .hold = !store_col_is_null(q, 1),
                           .amount = store_col_i64(q, 1),
                           .answer_hours = store_col_i64(q, 3),
                           .made_at = store_col_i64(q, 4)};
    if (!order_clock_from_find(store_col_str(q, 2), &o.facts.clock_from))
        return fail(&p->work, E_CORRUPT, "an order's clock runs from something unknown");
    TRY(str_copy(&p->work, store_col_str(q, 5), &o.to_agency));
    TRY(str_copy(&p->work, store_col_str(q, 6), &o.state));
    o.open = store_col_i64(q, 7) != 0;
    *ret_order = o;
    return OK;
}

static Err effects_write(Picture *p, const EventList *k) {
    for (size_t i = 0; i < k->count; i++) {
        StoreStmt *s = write_stmt(p, W_CHILD_EFFECT);
        store_bind_at_i64(s, 1, k->items[i].effect);
        store_bind_at_i64(s, 2, k->items[i].pos);
        TRY(store_run(&p->work, s));
    }
    return OK;
}

static Err order_write(Picture *p, int64_t pos, const OrderView *v, const Board *b) {
    AUTO(Buf) view = {0};
    order_view_put(v, &view);
    TRY(buf_check(&p->work, &view));
    StoreStmt *s = write_stmt(p, W_ORDER_SET);
    store_bind_at_str(s, 1, str_of(order_state_name(v->state)));
    store_bind_at_i64(s, 2, b->open);
    store_bind_at_i64(s, 3, b->due);
    if (b->has_gone_at)
        store_bind_at_i64(s, 4, b->gone_at);
    store_bind_at_i64(s, 5, v->appeal);
    if (v->has_issued_at)
        store_bind_at_i64(s, 6, v->issued_at);
    if (v->has_reviewed_at)
        store_bind_at_i64(s, 7, v->reviewed_at);
    store_bind_at_blob(s, 8, view.p, view.n);
    store_bind_at_i64(s, 9, pos);
    return store_run(&p->work, s);
}

static Err derive_order(Picture *p, const PictureObject *object) {
    Order o;
    bool found;
    OrderView view;
    AUTO(EventList) events = {0};
    TRY(order_get(p, object->pos, &found, &o));
    if (!found)
        return OK;
    TRY(events_get(p, object->pos, &o, &events));
    TRY(order_run(p, &o, &events, &view));
    TRY(effects_write(p, &events));
    Board board = board_of(&o.facts, &view, latest(&o.facts, &events));
    TRY(order_write(p, object->pos, &view, &board));
    Str to = str_of(order_state_name(view.state));
    if (!str_eq(o.state, to))
        TRY(count_move(p, TABLE_ORDER, o.state, to, object->mark_id));
    if (o.open != board.open)
        TRY(count_add(p, TABLE_BOARD, STR("open"), object->mark_id, board.open ? 1 : -1));
    return touch(p, &p->touched.orders, object->id);
}

Err derive_children(Picture *p, const PictureObject *object, const PictureChildren *children) {
    TRY(children_keep(p, object, children));
    if (object->kind == RECORD_ORDER)
        return derive_order(p, object);
    if (object->kind == RECORD_REPORT)
        return last_decides(p, object, children, RECORD_STANDING, W_REPORT_STANDING);
    if (object->kind == RECORD_OFFICER)
        return last_decides(p, object, children, RECORD_OFFICER_CHANGE, W_OFFICER_NOW);
    return OK;
}

// --- grievances ---------------------------------------------------------------------------------

static Err appeal_of(Picture *p, Str order, bool *ret_open) {
    AUTO(StoreQuery) q = write_stmt(p, W_ORDER_APPEAL);
    store_bind_at_blob(q, 1, order.p, order.n);
    bool row;
    TRY(store_step(&p->work, q, &row));
    *ret_open = row && store_col_i64(q, 0) == ORDER_APPEALED;
    return OK;
}

typedef struct Change {
    int64_t pos;
    uint32_t mark_id;
} Change;

typedef struct ChangeList {
    Change *items;
    size_t count, cap;
} ChangeList;

static void ChangeList_cleanup(ChangeList *k) {
    mem_free(k->items);
}

Err derive_grievances(Picture *p, Str order) {
    bool open;
    AUTO(ChangeList) list = {0};
    TRY(appeal_of(p, order, &open));
    Str to = open ? STR("open") : STR("closed"), from = open ? STR("closed") : STR("open");
    {
        AUTO(StoreQuery) q = write_stmt(p, W_GRIEVANCES_OF);
        store_bind_at_blob(q, 1, order.p, order.n);
        for (bool row = true; row;) {
            TRY(store_step(&p->work, q, &row));
            if (!row || str_eq(store_col_str(q, 1), to))
                continue;
            TRY(mem_grow(&p->work, &list.items, &list.cap, list.count + 1, sizeof *list.items));
            list.items[list.count++] = (Change){store_col_i64(q, 0), (uint32_t)store_col_i64(q, 2)};
        }
    }
    for (size_t i = 0; i < list.count; i++) {
        StoreStmt *s = write_stmt(p, W_GRIEVANCE_STATE);
        store_bind_at_str(s, 1, to);
        store_bind_at_i64(s, 2, list.items[i].pos);
        TRY(store_run(&p->work, s));
        TRY(count_move(p, TABLE_GRIEVANCE, from, to, list.items[i].mark_id));
    }
    return OK;
}
