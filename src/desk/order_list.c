// Lists of orders, and the board: what is not finished, by time left.
#include "desk/order_priv.h"

#include <stdlib.h>

static Err fill_all(Ctx *c, const Desk *d, DeskSlot *s, const PictureOrder *found, size_t n,
                    DeskOrderList *list) {
    DeskOrder *items;
    TRY(ctx_alloc(c, (n + 1) * sizeof *items, &items));
    for (size_t i = 0; i < n; i++)
        TRY(desk_order_fill(c, d->node, s, &found[i], &items[i]));
    list->items = items;
    list->count = n;
    return OK;
}

// The contact of what is unanswered: whoever looks at the board must know whom to call.
static Err fill_contacts(Ctx *c, DeskSlot *s, DeskOrder *items, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (items[i].now.unanswered)
            TRY(desk_order_contact(c, s, &items[i]));
    }
    return OK;
}

static int64_t due_of(const DeskOrder *o) {
    return o->now.has_due ? o->now.due_at : INT64_MAX;
}

static int by_due(const void *a, const void *b) {
    const DeskOrder *x = a, *y = b;
    int64_t u = due_of(x), v = due_of(y);
    if (u != v)
        return u < v ? -1 : 1;
    return str_cmp(x->number, y->number);
}

static bool state_named(Str name) {
    OrderState state;
    return order_state_find(name, &state);
}

// Keeps those whose state of now is the one asked for: lapsed and void are in no record.
static void keep_state(DeskOrderList *list, DeskOrder *items, Str state) {
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (str_eq_c(state, order_state_name(items[i].now.state)))
            items[kept++] = items[i];
    }
    list->count = kept;
}

// "in": what others ask of us; "out": what we ask of others.
static void keep_box(DeskOrderList *list, DeskOrder *items, bool in) {
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (in ? items[i].is_to_us : items[i].is_ours)
            items[kept++] = items[i];
    }
    list->count = kept;
}

static Err list_account(Ctx *c, const Desk *d, DeskSlot *s, Str account,
                        const PictureOrder **ret_items, size_t *ret_n) {
    FormatAccount a;
    TRY(desk_account_typed(c, d->node, account, &a));
    return picture_orders_of_account(c, s->picture, desk_picture_account(a), ret_items, ret_n);
}

static Err list_case(Ctx *c, DeskSlot *s, Str id, const PictureOrder **ret_items, size_t *ret_n) {
    PictureCase k;
    TRY(desk_case_find(c, s, id, &k));
    return picture_orders_of_case(c, s->picture, k.id, ret_items, ret_n);
}

static Err list_paged(Ctx *c, const Desk *d, DeskSlot *s, const DeskOrderFilter *f, DeskPage page,
                      DeskOrderList *list) {
    const char *name = f->board ? "board" : "order";
    OrderState wanted = ORDER_DRAFT;
    if (f->state.n > 0 && !order_state_find(f->state, &wanted))
        return fail(c, E_INVALID, "there is no state \"" STR_FMT "\"", STR_ARG(f->state));
    // Lapsed and void are states of now: they are looked for among all.
    bool of_now = f->state.n > 0 && (wanted == ORDER_LAPSED || wanted == ORDER_VOID);
    PicturePage p;
    TRY(desk_cursor_open(c, d, name, page, &p));
    const PictureOrder *found;
    size_t n;
    bool more;
    if (f->board)
        TRY(picture_order_board(c, s->picture, clock_now(d->node->env.clock), p, &found, &n,
                                &more));
    else
        TRY(picture_order_list(c, s->picture, of_now ? (Str){0} : f->state, p, &found, &n, &more));
    TRY(fill_all(c, d, s, found, n, list));
    if (more && n > 0)
        TRY(desk_cursor_seal(c, d, name, found[n - 1].key, &list->next));
    return OK;
}

Err desk_order_list(Ctx *c, const Desk *d, const DeskOrderFilter *filter, DeskPage page,
                    DeskOrderList *ret_list) {
    TRY(desk_need(c, d, DESK_ORDER_READ));
    DeskBox box;
    TRY(desk_box_find(c, filter->box, &box));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    DeskOrderList list = {0};
    const PictureOrder *found;
    size_t n;
    if (filter->account.n > 0) {
        TRY(list_account(c, d, r.slot, filter->account, &found, &n));
        TRY(fill_all(c, d, r.slot, found, n, &list));
    } else if (filter->case_id.n > 0) {
        TRY(list_case(c, r.slot, filter->case_id, &found, &n));
        TRY(fill_all(c, d, r.slot, found, n, &list));
    } else {
        TRY(list_paged(c, d, r.slot, filter, page, &list));
    }
    DeskOrder *items;
    TRY(ctx_alloc(c, (list.count + 1) * sizeof *items, &items));
    if (list.count > 0)
        memcpy(items, list.items, list.count * sizeof *items);
    if (filter->state.n > 0 && state_named(filter->state))
        keep_state(&list, items, filter->state);
    if (box != DESK_BOX_ALL)
        keep_box(&list, items, box == DESK_BOX_IN);
    TRY(fill_contacts(c, r.slot, items, list.count));
    if (filter->board && list.count > 1)
        qsort(items, list.count, sizeof *items, by_due);
    list.items = items;
    *ret_list = list;
    return OK;
}

Err desk_order_counts(Ctx *c, DeskNode *n, DeskOrderCounts *ret_counts) {
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_machine(c, n, &r));
    DeskOrderCounts counts = {0};
    const int64_t now = clock_now(n->env.clock);
    PicturePage page = {.limit = LIST_PAGE_ITEMS_MAX};
    for (bool more = true; more;) {
        const PictureOrder *found;
        size_t count;
        TRY(picture_order_board(c, r.slot->picture, now, page, &found, &count, &more));
        for (size_t i = 0; i < count; i++) {
            OrderNow state = order_now(&found[i].facts, &found[i].view, now);
            counts.alive += state.alive;
            counts.overdue += state.overdue;
            counts.unanswered += state.unanswered;
        }
        more = more && count > 0;
        if (more)
            page.after = found[count - 1].key;
    }
    *ret_counts = counts;
    return OK;
}
