// The pots of a refund: money that is held under orders of the case and may be shared now.
#include "desk/money_gather_priv.h"

#include <stdlib.h>

// --- what earlier plans paid out of an order
// ------------------------------------------------------

// The part of what was paid from the account under a plan that this pot of the plan bore: pots of
// one account are used up in their order.
static int64_t paid_from_pot(const MoneyPlan *p, size_t currency, size_t pot) {
    const MoneyShares *s = &p->shares[currency];
    int64_t sum = 0;
    for (size_t i = 0; i < s->pay_count; i++) {
        if (s->pays[i].pot == pot)
            sum += s->pays[i].paid;
    }
    return sum;
}

static bool pot_find(const MoneyPlan *p, RecordId order, size_t *ret_currency, size_t *ret_pot) {
    for (size_t i = 0; i < p->inputs.currency_count; i++) {
        const MoneyCurrency *m = &p->inputs.currencies[i];
        for (size_t k = 0; k < m->pot_count; k++) {
            if (record_id_eq(m->pots[k].order, order)) {
                *ret_currency = i;
                *ret_pot = k;
                return true;
            }
        }
    }
    return false;
}

static int64_t paid_from_order(const MoneyGather *g, RecordId order) {
    int64_t sum = 0;
    size_t currency, pot;
    for (size_t i = 0; i < g->plan_count; i++) {
        if (pot_find(&g->plans[i], order, &currency, &pot))
            sum += paid_from_pot(&g->plans[i], currency, pot);
    }
    return sum;
}

// A pot of the plan that is looked at again, all of which was paid: nothing that happens to its
// order afterwards (it is settled) changes the plan.
static bool pot_done(const MoneyPlan *p, RecordId order, int64_t *ret_amount) {
    size_t currency, pot;
    bool any = false;
    if (!p || !pot_find(p, order, &currency, &pot))
        return false;
    const MoneyShares *s = &p->shares[currency];
    for (size_t i = 0; i < s->pay_count; i++) {
        if (s->pays[i].pot != pot)
            continue;
        if (s->pays[i].paid < s->pays[i].amount)
            return false;
        any = true;
    }
    *ret_amount = p->inputs.currencies[currency].pots[pot].amount;
    return any;
}

// --- which orders -------------------------------------------------------------------------------

static Err waits(Ctx *c, MoneyGather *g, const PictureOrder *o, const char *why,
                 const char *because) {
    Str words;
    TRY(str_format(c, &words, "order " STR_FMT " waits: %s", STR_ARG(o->number), because));
    return money_waits(c, g, o->number, (Str){0}, why, words);
}

// Whether the money of an order may be shared now; where it may not yet, that is said.
static Err may_share(Ctx *c, MoneyGather *g, const PictureOrder *o, bool *ret_may) {
    *ret_may = false;
    if (!o->facts.hold || o->facts.request || !o->has_account || o->view.held <= 0)
        return OK;
    OrderNow now = order_now(&o->facts, &o->view, clock_now(g->desk->node->env.clock));
    if (now.state == ORDER_LAPSED || now.state == ORDER_VOID)
        return waits(
            c, g, o, "lapsed",
            "it has ended, so that nothing binds the bank any more; a new order is needed");
    if (now.state != ORDER_EXECUTED && now.state != ORDER_PARTLY)
        return OK;
    if (o->view.appeal == ORDER_APPEALED)
        return waits(c, g, o, "appeal",
                     "its holder contests it, and the review has not been decided");
    if (o->view.waits_second)
        return waits(c, g, o, "second", "an act of it waits for its second officer");
    *ret_may = true;
    return OK;
}

// The reports of the tags that are contested make the whole pot wait.
static Err contested(Ctx *c, MoneyGather *g, const PictureOrder *o, const MoneyHeld *held,
                     bool *ret_contested) {
    for (size_t i = 0; i < held->tag_count; i++) {
        const MoneyMember *m = money_member_find(g, held->tags[i].report);
        if (!m || !m->contested)
            continue;
        Str words;
        TRY(str_format(c, &words,
                       "order " STR_FMT " waits: its money rests on a transfer that report " STR_FMT
                       " and another victim claim",
                       STR_ARG(o->number), STR_ARG(m->id)));
        *ret_contested = true;
        return money_waits(c, g, o->number, m->id, "contested", words);
    }
    *ret_contested = false;
    return OK;
}

static Err hold_of(Ctx *c, MoneyGather *g, const PictureOrder *o, MoneyHeld *ret_held,
                   bool *ret_in) {
    MoneyHeld held = {.currency = o->currency};
    int64_t amount = 0;
    bool done = pot_done(g->q->plan, o->id, &amount), may = false, stuck = false;
    *ret_in = false;
    if (!done) {
        TRY(may_share(c, g, o, &may));
        int64_t gone = paid_from_order(g, o->id);
        amount = o->view.held > gone ? o->view.held - gone : 0;
        if (!may || amount == 0)
            return OK;
    }
    TRY(picture_order_tags(c, g->slot->picture, o->id, &held.tags, &held.tag_count));
    if (!done)
        TRY(contested(c, g, o, &held, &stuck));
    if (stuck)
        return OK;
    held.pot = (MoneyPot){
        .order = o->id,
        .number = o->number,
        .account = {o->account.country, o->account.institution, o->account.account},
        .amount = amount,
    };
    TRY(money_mark_add(c, g, o->mark));
    *ret_held = held;
    *ret_in = true;
    return OK;
}

static int by_key(const void *a, const void *b) {
    const MoneyHeld *x = a, *y = b;
    int order = str_cmp(x->currency, y->currency);
    if (order == 0)
        order = str_cmp(x->pot.account.country, y->pot.account.country);
    if (order == 0)
        order = str_cmp(x->pot.account.institution, y->pot.account.institution);
    if (order == 0)
        order = str_cmp(x->pot.account.account, y->pot.account.account);
    return order ? order : record_id_cmp(x->pot.order, y->pot.order);
}

Err money_pots(Ctx *c, MoneyGather *g, MoneyHeld **ret_items, size_t *ret_n) {
    const PictureOrder *orders;
    size_t n, count = 0;
    TRY(picture_orders_of_case(c, g->slot->picture, g->q->case_id, &orders, &n));
    MoneyHeld *items;
    TRY(ctx_alloc(c, (n + 1) * sizeof *items, &items));
    for (size_t i = 0; i < n; i++) {
        bool in;
        TRY(hold_of(c, g, &orders[i], &items[count], &in));
        count += in;
    }
    if (count > 1)
        qsort(items, count, sizeof *items, by_key);
    *ret_items = items;
    *ret_n = count;
    return OK;
}
