// What lies at an account, who has a claim on it, and what policy says of it.
#include "desk/order_priv.h"

#include <stdlib.h>

// --- classes ------------------------------------------------------------------------------------

static int by_account(const void *a, const void *b) {
    const FormatAccount *x = a, *y = b;
    int order = str_cmp(x->country, y->country);
    if (order == 0)
        order = str_cmp(x->institution, y->institution);
    return order ? order : str_cmp(x->account, y->account);
}

typedef struct Victims {
    DeskNode *node;
    DeskSlot *slot;
    const StreamSnapshot *snap;
    FormatAccount *items; // heap
    size_t count, cap;
} Victims;

static void Victims_cleanup(Victims *v) {
    mem_free(v->items);
}

// The money of a seed left the victim's own account.
static Err seed_accounts(Ctx *c, Victims *v, const Str *transfers, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint64_t position;
        StreamTransfer t;
        if (!stream_transfer_find(v->snap, transfers[i], &position))
            continue;
        TRY(stream_transfer_get(c, v->snap, position, &t));
        if (t.from.account.n == 0)
            continue;
        FormatAccount a;
        TRY(mem_grow(c, &v->items, &v->cap, v->count + 1, sizeof *v->items));
        TRY(str_copy(c, t.from.country, &a.country));
        TRY(str_copy(c, t.from.institution, &a.institution));
        TRY(str_copy(c, t.from.account, &a.account));
        v->items[v->count++] = a;
    }
    return OK;
}

static Err case_victims(Ctx *c, Victims *v, RecordId case_id) {
    PicturePage page = {.limit = LIST_PAGE_ITEMS_MAX};
    for (bool more = true; more;) {
        const PictureCaseReport *items;
        size_t n;
        TRY(picture_case_reports(c, v->slot->picture, case_id, page, &items, &n, &more));
        for (size_t i = 0; i < n; i++) {
            if (!items[i].has_report || !str_eq_c(items[i].state, "in"))
                continue;
            PictureNamed named;
            TRY(picture_report_named(c, v->slot->picture, items[i].report, &named));
            TRY(seed_accounts(c, v, named.transfers, named.transfer_count));
            TRY(seed_accounts(c, v, named.seeds, named.seed_count));
        }
        if (n == 0)
            break;
        page.after = items[n - 1].key;
    }
    return OK;
}

Err desk_victim_accounts(Ctx *c, DeskNode *n, DeskSlot *s, DeskVictims *ret_victims) {
    AUTO(StreamSnapshotPtr) snap = stream_snapshot_get(n->stream);
    AUTO(Victims) v = {.node = n, .slot = s, .snap = snap};
    PicturePage page = {.limit = LIST_PAGE_ITEMS_MAX};
    for (bool more = true; more;) {
        const PictureCase *items;
        size_t count;
        TRY(picture_case_list(c, s->picture, STR("open"), page, &items, &count, &more));
        for (size_t i = 0; i < count; i++)
            TRY(case_victims(c, &v, items[i].id));
        if (count == 0)
            break;
        page.after = items[count - 1].key;
    }
    FormatAccount *kept;
    TRY(ctx_alloc(c, (v.count + 1) * sizeof *kept, &kept));
    if (v.count > 1)
        qsort(v.items, v.count, sizeof *v.items, by_account);
    size_t n_kept = 0;
    for (size_t i = 0; i < v.count; i++) {
        if (n_kept == 0 || by_account(&kept[n_kept - 1], &v.items[i]) != 0)
            kept[n_kept++] = v.items[i];
    }
    *ret_victims = (DeskVictims){kept, n_kept};
    return OK;
}

bool desk_victims_have(const DeskVictims *v, FormatAccount a) {
    return v->count > 0 && bsearch(&a, v->items, v->count, sizeof *v->items, by_account) != NULL;
}

Err desk_policy_ask(Ctx *c, const DeskNode *n, DeskSlot *s, const DeskVictims *v,
                    const DeskPolicyQuery *q, OrderPolicyAnswer *ret_answer) {
    const Str *classes;
    size_t count, rows;
    TRY(picture_account_classes(c, s->picture, desk_picture_account(q->account), &classes, &count));
    Str *all;
    TRY(ctx_alloc(c, (count + 1) * sizeof *all, &all));
    if (count > 0)
        memcpy(all, classes, count * sizeof *all);
    if (desk_victims_have(v, q->account))
        all[count++] = STR("claimant");
    const OrderPolicy *policy = format_policy(n->tables, &rows);
    *ret_answer = order_policy(policy, rows, all, count, q->amount, q->currency, q->level);
    return OK;
}

// --- flags --------------------------------------------------------------------------------------

Err desk_account_flag(Ctx *c, DeskSlot *s, FormatAccount a, DeskFlag *ret_flag, bool *ret_has) {
    const PictureReportOfAccount *items;
    size_t n, claimed = 0;
    TRY(picture_reports_of_account(c, s->picture, desk_picture_account(a), &items, &n));
    for (size_t i = 0; i < n; i++)
        claimed += str_eq_c(items[i].standing, "claimed");
    *ret_has = claimed >= DESK_CLAIMED_ONLY_FLAG;
    if (!*ret_has)
        return OK;
    DeskFlag flag = {.what = STR("claimed_only"), .reports = claimed};
    TRY(str_format(c, &flag.account, STR_FMT "/" STR_FMT "/" STR_FMT, STR_ARG(a.country),
                   STR_ARG(a.institution), STR_ARG(a.account)));
    TRY(str_format(c, &flag.words,
                   "%zu reports name this account and none of them is confirmed by a bank or a "
                   "police complaint: a second officer must sign an order on it",
                   claimed));
    *ret_flag = flag;
    return OK;
}

// --- balance and queue --------------------------------------------------------------------------

static Err stream_balance(Ctx *c, DeskNode *n, FormatAccount a, Str currency, bool *ret_has,
                          int64_t *ret_balance) {
    AUTO(StreamSnapshotPtr) snap = stream_snapshot_get(n->stream);
    StreamAccount key = {.party = {a.country, a.institution, a.account}, .currency = currency};
    uint32_t id;
    int64_t opening;
    *ret_has = stream_account_find(snap, &key, &id);
    if (!*ret_has)
        return OK;
    return trace_view_balance(c, stream_view(snap), id, TRACE_POSITION_NONE, &opening, ret_balance);
}

int64_t desk_order_wants(const PictureOrder *o, int64_t now_us) {
    OrderNow now = order_now(&o->facts, &o->view, now_us);
    if (!now.alive || o->facts.request || !o->facts.hold)
        return 0;
    return o->view.has_answered_at ? o->view.held : o->view.asked;
}

// The latest balance that the bank gave with an answer about this account.
static Err told_balance(Ctx *c, DeskSlot *s, const PictureOrder *orders, size_t n, Str currency,
                        bool *ret_has, int64_t *ret_balance) {
    int64_t at = 0;
    *ret_has = false;
    for (size_t i = 0; i < n; i++) {
        const PictureOrderEvent *events;
        size_t count;
        if (!str_eq(orders[i].currency, currency) || !orders[i].view.has_answered_at)
            continue;
        TRY(picture_order_events(c, s->picture, orders[i].id, &events, &count));
        for (size_t k = 0; k < count; k++) {
            if (!events[k].has_balance || events[k].effect != ORDER_COUNTED ||
                (*ret_has && events[k].event.happened_at < at))
                continue;
            *ret_has = true;
            at = events[k].event.happened_at;
            *ret_balance = events[k].balance;
        }
    }
    return OK;
}

Err desk_balance_of(Ctx *c, DeskNode *n, DeskSlot *s, FormatAccount a, Str currency, bool *ret_has,
                    int64_t *ret_balance) {
    const PictureOrder *orders;
    size_t count;
    TRY(picture_orders_of_account(c, s->picture, desk_picture_account(a), &orders, &count));
    TRY(told_balance(c, s, orders, count, currency, ret_has, ret_balance));
    return *ret_has ? OK : stream_balance(c, n, a, currency, ret_has, ret_balance);
}

Err desk_order_queue_fill(Ctx *c, DeskNode *n, DeskSlot *s, const PictureOrder *p, DeskOrder *o) {
    if (!p->has_account || !p->facts.hold)
        return OK;
    const PictureOrder *orders;
    size_t count, in_queue = 0, own = SIZE_MAX;
    TRY(picture_orders_of_account(c, s->picture, p->account, &orders, &count));
    TRY(desk_balance_of(c, n, s, o->account, o->currency, &o->has_balance, &o->balance));
    int64_t *wanted, *covered, now = clock_now(n->env.clock);
    Str *behind;
    TRY(ctx_alloc(c, (count + 1) * sizeof *wanted, &wanted));
    TRY(ctx_alloc(c, (count + 1) * sizeof *covered, &covered));
    TRY(ctx_alloc(c, (count + 1) * sizeof *behind, &behind));
    for (size_t i = 0; i < count; i++) {
        int64_t wants = desk_order_wants(&orders[i], now);
        if (!str_eq(orders[i].currency, o->currency) || wants == 0)
            continue;
        if (record_id_eq(orders[i].id, p->id))
            own = in_queue;
        else if (own == SIZE_MAX)
            behind[o->queued_count++] = orders[i].number;
        wanted[in_queue++] = wants;
    }
    if (own == SIZE_MAX) { // a draft would stand behind all that bind
        own = in_queue;
        wanted[in_queue++] = p->view.state == ORDER_DRAFT ? p->view.asked : 0;
    }
    order_queue(o->has_balance ? o->balance : INT64_MAX, wanted, in_queue, covered);
    o->covered = covered[own];
    if (!o->has_balance || covered[own] >= wanted[own])
        o->queued_count = 0;
    o->queued_behind = behind;
    return OK;
}
