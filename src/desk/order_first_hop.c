// The first hop: a victim names the account that the money went to, and no transfer is known yet.
// The draft asks for what was reported lost; a traced order takes its place later.
#include "desk/propose_priv.h"

static Err leave(Ctx *c, DeskProposing *p, const DeskHolding *h, const char *why,
                 const char *words) {
    DeskLeftOut l = {h->account, h->currency, str_of(why), str_of(words), h->amount};
    return desk_leave_out(c, p, &l);
}

// An order for this report on this account, or a traced one that carries its tag.
static Err known(Ctx *c, DeskProposing *p, const PictureReport *r, DeskHolding *h) {
    const PictureOrder *orders;
    size_t n;
    TRY(picture_orders_of_report(c, p->slot->picture, r->id, &orders, &n));
    for (size_t i = 0; i < n; i++) {
        OrderNow now = order_now(&orders[i].facts, &orders[i].view, clock_now(p->node->env.clock));
        if (orders[i].has_account &&
            desk_account_eq(desk_account_of(orders[i].account), h->account) &&
            (now.alive || now.state == ORDER_DRAFT))
            h->known = true;
    }
    return OK;
}

static Err one_account(Ctx *c, DeskProposing *p, const PictureReport *r, FormatAccount account,
                       bool several) {
    PictureTag *tag;
    TRY(ctx_alloc(c, sizeof *tag, &tag));
    *tag = (PictureTag){r->id, r->loss};
    DeskHolding h = {.account = account,
                     .currency = r->currency,
                     .amount = r->has_loss ? r->loss : 0,
                     .level = 1,
                     .tags = tag,
                     .tag_count = 1};
    if (h.amount <= 0 || h.currency.n == 0)
        return leave(c, p, &h, "no_amount", "the report names no amount and currency yet");
    if (account.country.n == 0 || account.institution.n == 0)
        return leave(c, p, &h, "no_bank", "the report does not say at which bank the account is");
    TRY(known(c, p, r, &h));
    if (h.known)
        return leave(c, p, &h, "held_already", "an order for this report stands on this account");
    DeskOrderNew o = {.has_report = true, .report = r->id};
    if (several)
        o.note = STR("The report names several accounts: each draft asks for the whole amount, and "
                     "together they may not ask for more than was reported.");
    TRY(desk_holding_draft(c, p, &h, &o));
    return h.drafted ? desk_draft_write(c, p, &o) : OK;
}

Err desk_propose_first_hop(Ctx *c, DeskProposing *p, const DeskPropose *q) {
    PictureReport r;
    PictureNamed named;
    TRY(desk_report_find(c, p->node, p->slot, q->report, &r));
    if (str_eq_c(r.state, "duplicate"))
        return fail(c, E_STATE, "report " STR_FMT " is a duplicate: name the one that came first",
                    STR_ARG(r.report));
    TRY(picture_report_named(c, p->slot->picture, r.id, &named));
    if (named.account_count == 0)
        return fail(c, E_STATE,
                    "report " STR_FMT " names no account: there is no first hop to hold",
                    STR_ARG(r.report));
    TRY(desk_victim_accounts(c, p->node, p->slot, &p->victims));
    TRY(desk_group_begin(c, p->w));
    for (size_t i = 0; i < named.account_count; i++) {
        FormatAccount a = desk_account_of(named.accounts[i]);
        bool asked = p->named_count == 0;
        for (size_t k = 0; k < p->named_count; k++)
            asked |= desk_account_eq(p->named[k], a);
        for (size_t k = 0; k < i; k++) // named twice
            asked &= !desk_account_eq(desk_account_of(named.accounts[k]), a);
        if (asked)
            TRY(one_account(c, p, &r, a, named.account_count > 1));
    }
    if (p->made_count == 0) {
        desk_group_drop(p->w);
        return OK;
    }
    return desk_group_commit(c, p->w);
}
