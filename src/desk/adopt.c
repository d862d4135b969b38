// Adoption: another country's request becomes an order of our own, by our own law. The request is
// answered when that order is issued, in the same group.
#include "desk/act_priv.h"
#include "refund/refund.h"

// --- may it be? ---------------------------------------------------------------------------------

// A draft or an order in force that adopts this request already.
static Err adopted_already(Ctx *c, DeskActing *k) {
    const PictureOrder *orders;
    size_t n;
    TRY(picture_orders_of_account(c, k->slot->picture, k->o.account, &orders, &n));
    for (size_t i = 0; i < n; i++) {
        DeskOrderBody body;
        OrderNow now = order_now(&orders[i].facts, &orders[i].view, k->now);
        if (!str_eq_c(orders[i].agency, k->node->agency_id) ||
            (!now.alive && now.state != ORDER_DRAFT))
            continue;
        TRY(desk_order_body_get(c, k->node, k->slot, orders[i].id, &body));
        if (body.has_adopts && record_id_eq(body.adopts, k->o.id))
            return fail(c, E_STATE,
                        "order " STR_FMT " adopts this request already: issue it, or withdraw it",
                        STR_ARG(orders[i].number));
    }
    return OK;
}

// Whoever adopts decides; but what policy never holds is held for nobody.
static Err policy(Ctx *c, DeskActing *k, DeskOrderNew *o) {
    DeskVictims victims;
    OrderPolicyAnswer a;
    DeskPolicyQuery q = {o->account, o->currency, o->amount, o->level};
    TRY(desk_victim_accounts(c, k->node, k->slot, &victims));
    TRY(desk_policy_ask(c, k->node, k->slot, &victims, &q, &a));
    if (a.hold == ORDER_HOLD_NEVER)
        return fail(c, E_STATE,
                    "policy never holds an account of class " STR_FMT
                    ": refuse the request (answer refused, code protected)",
                    STR_ARG(a.class_name));
    return str_format(c, &o->policy, STR_FMT ": %s, decided by an officer", STR_ARG(a.class_name),
                      order_hold_name(a.hold));
}

// --- law ----------------------------------------------------------------------------------------

static Err law_of(Ctx *c, DeskActing *k, DeskOrderNew *o) {
    DeskLawQuery q = {o->account.country, k->o.order, o->currency, o->amount, k->now};
    Str wanted = str_trim(k->draft->law);
    const FormatLaw **laws;
    size_t n;
    TRY(desk_laws_serving(c, k->node, &q, &laws, &n));
    if (n == 0)
        return fail(c, E_STATE,
                    "no law row lets a " STR_FMT " of " STR_FMT
                    " order this: refuse the request (answer refused, code no_basis)",
                    STR_ARG(k->node->kind), STR_ARG(k->node->country));
    if (n == 1)
        o->law = laws[0];
    if (wanted.n == 0) // of several an officer chooses when issuing
        return OK;
    AUTO(Buf) ids = {0};
    for (size_t i = 0; i < n; i++) {
        buf_format(&ids, "%s" STR_FMT, i ? ", " : "", STR_ARG(laws[i]->law.id));
        if (!str_eq(laws[i]->law.id, wanted))
            continue;
        o->law = laws[i];
        return OK;
    }
    TRY(buf_check(c, &ids));
    return fail(c, E_INVALID, "law row " STR_FMT " does not serve here: those that do are " STR_FMT,
                STR_ARG(wanted), STR_ARG(buf_view(&ids)));
}

// --- the draft ----------------------------------------------------------------------------------

static Err account_of(Ctx *c, DeskActing *k, DeskOrderNew *o) {
    const PictureContact *contacts;
    size_t n = 0;
    if (!k->o.has_account || !str_eq_c(k->o.order, "hold_account"))
        return fail(c, E_STATE, "only a request to hold an amount can be adopted here");
    o->account = desk_account_of(k->o.account);
    if (!str_eq(o->account.country, k->node->country))
        return fail(c, E_STATE,
                    "the account is not of this country: refuse the request (answer refused, code "
                    "not_competent)");
    if (o->account.institution.n > 0 &&
        !format_institution_find(k->node->tables, o->account.country, o->account.institution))
        TRY(picture_contacts(c, k->slot->picture, o->account.country, o->account.institution,
                             &contacts, &n));
    else
        n = o->account.institution.n > 0;
    return n > 0 ? OK
                 : fail(c, E_STATE,
                        "no bank here has the code \"" STR_FMT
                        "\": add a contact for it first (moei contact add), or refuse the request",
                        STR_ARG(o->account.institution));
}

// The end that it asks for: told by its issue, else by its draft.
static void asked_end(const DeskActing *k, DeskOrderNew *o) {
    o->has_asks_end = k->body.has_asks_end;
    o->asks_end = k->body.asks_end;
    for (size_t i = 0; i < k->event_count; i++) {
        const OrderEvent *e = &k->events[i].event;
        if (e->act != ORDER_ISSUE || !e->has_ends_at || k->events[i].effect != ORDER_COUNTED)
            continue;
        o->has_asks_end = true;
        o->asks_end = e->ends_at;
    }
}

// Less than was asked may be adopted: the reports share it as they shared what was asked, by the
// largest remainder.
static Err part_of(Ctx *c, DeskActing *k, DeskOrderNew *o) {
    int64_t asked = o->amount, sum = 0, *weights, *parts;
    PictureTag *tags;
    size_t n = o->tag_count;
    if (!k->a.event.has_amount || k->a.event.amount == asked)
        return OK;
    if (k->a.event.amount <= 0 || k->a.event.amount > asked)
        return fail(c, E_INVALID, "amount: adopt what is asked, or less; to hold nothing, refuse");
    o->amount = k->a.event.amount;
    TRY(ctx_alloc(c, (n + 1) * sizeof *tags, &tags));
    TRY(ctx_alloc(c, (n + 1) * sizeof *weights, &weights));
    TRY(ctx_alloc(c, (n + 1) * sizeof *parts, &parts));
    for (size_t i = 0; i < n; i++) {
        weights[i] = o->tags[i].amount;
        sum += weights[i];
    }
    TRY(refund_split(c, (int64_t)((I128)sum * o->amount / asked), weights, n, parts));
    for (size_t i = 0; i < n; i++)
        tags[i] = (PictureTag){o->tags[i].report, parts[i]};
    o->tags = tags;
    return OK;
}

Err desk_adopt_draft(Ctx *c, DeskActing *k) {
    DeskNumbers numbers = {0};
    DeskOrderNew o = {.currency = k->o.currency,
                      .addressee_country = k->node->country,
                      .addressee_kind = STR("bank"),
                      .amount = k->o.view.asked,
                      .has_level = k->o.has_level,
                      .level = k->o.level,
                      .rule = k->body.rule,
                      .has_adopts = true,
                      .adopts = k->o.id,
                      .note = k->a.note,
                      .persons = 1};
    TRY(desk_need(c, k->d, DESK_ORDER_PROPOSE));
    TRY(adopted_already(c, k));
    TRY(account_of(c, k, &o));
    o.addressee_institution = o.account.institution;
    TRY(policy(c, k, &o));
    TRY(law_of(c, k, &o));
    asked_end(k, &o);
    TRY(picture_order_tags(c, k->slot->picture, k->o.id, &o.tags, &o.tag_count));
    TRY(part_of(c, k, &o));
    TRY(desk_addressee_find(c, k->slot, &o));
    // What is derived carries no less than what it is made of: the mark that counts here.
    PictureRecord record;
    TRY(picture_record_get(c, k->slot->picture, k->o.id, &record));
    TRY(desk_mark_read(c, record.mark, record.has_until, record.until, &o.mark));
    o.mark.has_until = false; // an order is kept as long as the law wants it
    RecordId id;
    TRY(desk_order_add(c, k->w, &numbers, &o, &id));
    k->o.id = id;
    k->o.number = o.number;
    return OK;
}

// --- the answer ---------------------------------------------------------------------------------

// The request as it stands now. E_STATE with words where it is gone or answered.
static Err request_get(Ctx *c, DeskActing *k, PictureOrder *ret_request) {
    Err e = picture_order_get(c, k->slot->picture, k->body.adopts, ret_request);
    if (e == E_NOT_FOUND)
        return fail(c, E_STATE,
                    "the request that this order adopts is not here any more: withdraw the draft");
    TRY(e);
    const OrderChoice adopt = {ORDER_ADOPT, ORDER_NO_OUTCOME};
    e = order_check(c, &ret_request->facts, &ret_request->view, k->now, adopt, ORDER_ADDRESSEE);
    if (e != E_STATE)
        return e;
    OrderNow now = order_now(&ret_request->facts, &ret_request->view, k->now);
    return fail(c, E_STATE,
                "request " STR_FMT " is %s: it can be adopted no more. Withdraw the draft",
                STR_ARG(ret_request->number), order_state_name(now.state));
}

Err desk_adopt_check(Ctx *c, DeskActing *k) {
    PictureOrder request;
    return k->body.has_adopts ? request_get(c, k, &request) : OK;
}

Err desk_adopt_answer(Ctx *c, DeskActing *k) {
    PictureOrder request;
    DeskOrderBody body;
    const PictureOrderEvent *events;
    size_t n;
    if (!k->body.has_adopts)
        return OK;
    TRY(request_get(c, k, &request));
    TRY(desk_order_body_get(c, k->node, k->slot, request.id, &body));
    TRY(picture_order_events(c, k->slot->picture, request.id, &events, &n));
    DeskActNew a = {.order = request.id,
                    .event = {.act = ORDER_ADOPT,
                              .party = ORDER_ADDRESSEE,
                              .persons = 1,
                              .has_amount = k->o.facts.hold,
                              .amount = k->o.facts.amount},
                    .mark = &body.mark,
                    .law = k->body.law.id};
    a.ref_count = desk_act_heads(&request, events, n, a.refs);
    a.refs[a.ref_count++] = k->o.id; // who may see that order learns its number from it
    return desk_order_act_add(c, k->w, &a, NULL);
}
