// What each act needs before it may be written: law, terms, documents, a second officer.
#include "desk/act_priv.h"

// --- on whose behalf ----------------------------------------------------------------------------

// An addressee without a node: its words are our records, with the hash of its document.
static Err on_behalf(Ctx *c, DeskActing *k) {
    bool ours = k->o.addressee_agency.n > 0 && str_eq_c(k->o.addressee_agency, k->node->agency_id);
    if (ours)
        return OK;
    if (k->a.on_behalf_of.n == 0) {
        Str who =
            k->o.addressee_institution.n > 0 ? k->o.addressee_institution : k->o.addressee_kind;
        TRY(str_format(c, &k->a.on_behalf_of, STR_FMT "/" STR_FMT, STR_ARG(k->o.addressee_country),
                       STR_ARG(who)));
    }
    if (k->a.document.n > 0)
        return OK;
    if (k->a.event.act != ORDER_RECEIVE)
        return fail(c, E_INVALID,
                    "what the addressee says needs its document: its letter, message or file "
                    "(--document FILE)");
    if (k->draft->channel.n == 0 || k->draft->note.n == 0)
        return fail(c, E_INVALID,
                    "without a document say how it was told and by whom (--channel phone --note "
                    "\"…\")");
    return OK;
}

static Err need_note(Ctx *c, const DeskActing *k, const char *why) {
    return k->a.note.n > 0 ? OK : fail(c, E_INVALID, "note: %s", why);
}

// --- ends ---------------------------------------------------------------------------------------

Err desk_act_clock(Ctx *c, DeskActing *k, OrderClockFrom from) {
    const OrderLaw *law = &k->body.law;
    OrderEvent *e = &k->a.event;
    if (k->o.facts.request || k->o.facts.clock_from != from || k->o.view.has_ends_at)
        return OK;
    int64_t begins = e->happened_at, latest = INT64_MAX;
    if (begins < k->o.view.issued_at)
        begins = k->o.view.issued_at;
    if (law->has_term)
        TRY(desk_law_end(c, k->node, law, law->term, begins, &latest));
    desk_asked_end(k, begins, &latest);
    if (latest == INT64_MAX)
        return e->has_ends_at
                   ? OK
                   : fail(c, E_INVALID,
                          "the law gives no term: state the end of the order (--ends-at TIME)");
    if (e->has_ends_at && e->ends_at > latest)
        return desk_end_too_late(c, law);
    if (!e->has_ends_at)
        e->ends_at = latest;
    e->has_ends_at = true;
    return OK;
}

Err desk_act_extend(Ctx *c, DeskActing *k) {
    const OrderLaw *law = &k->body.law;
    const OrderView *v = &k->o.view;
    OrderEvent *e = &k->a.event;
    if (!str_eq_c(law->standing, "none") && law->extended_by.n == 0)
        return fail(c, E_STATE, "law row " STR_FMT " knows no extension", STR_ARG(law->id));
    if (law->has_extensions_max && v->extensions >= law->extensions_max)
        return fail(c, E_STATE, "law row " STR_FMT " allows %lld extension%s, and there %s",
                    STR_ARG(law->id), (long long)law->extensions_max,
                    law->extensions_max == 1 ? "" : "s",
                    law->extensions_max == 1 ? "was one" : "were as many");
    bool may = str_eq_c(law->standing, "none") || order_law_extends(law, k->node->kind);
    if (!may && (k->a.on_behalf_of.n == 0 || k->a.document.n == 0))
        return fail(c, E_INVALID,
                    "under this law an extension is for the " STR_FMT
                    ": say on whose behalf and give the "
                    "document (--on-behalf-of, --document FILE)",
                    STR_ARG(law->extended_by));
    if (!may && !order_law_extends(law, k->a.on_behalf_of))
        return fail(c, E_DENIED,
                    "under law row " STR_FMT " an extension is for the " STR_FMT " alone",
                    STR_ARG(law->id), STR_ARG(law->extended_by));
    if (!law->has_extension)
        return e->has_ends_at ? OK
                              : fail(c, E_INVALID,
                                     "the law gives no term: state the new end (--ends-at TIME)");
    int64_t from = v->ends_at, latest;
    if (law->has_extension_from && law->extension_from == ORDER_FROM_COMPLAINT) {
        if (!v->has_complaint_at)
            return fail(c, E_STATE,
                        "the extension runs from the police complaint: say first when it was "
                        "filed (act complaint)");
        from = v->complaint_at;
    } else if (law->has_extension_from) {
        from = law->extension_from == ORDER_FROM_ISSUED     ? v->issued_at
               : law->extension_from == ORDER_FROM_RECEIVED ? v->received_at
                                                            : v->executed_at;
    }
    TRY(desk_law_end(c, k->node, law, law->extension, from, &latest));
    if (e->has_ends_at && e->ends_at > latest)
        return fail(c, E_INVALID, "ends_at: the law extends by %lld %s and no more",
                    (long long)law->extension.count, order_unit_name(law->extension.unit));
    if (!e->has_ends_at)
        e->ends_at = latest;
    e->has_ends_at = true;
    return OK;
}

// --- answers ------------------------------------------------------------------------------------

// What other live orders hold there.
static Err held_elsewhere(Ctx *c, DeskActing *k, int64_t *ret_held) {
    const PictureOrder *orders;
    size_t n;
    int64_t held = 0;
    TRY(picture_orders_of_account(c, k->slot->picture, k->o.account, &orders, &n));
    for (size_t i = 0; i < n; i++) {
        OrderNow now = order_now(&orders[i].facts, &orders[i].view, k->now);
        if (!record_id_eq(orders[i].id, k->o.id) && str_eq(orders[i].currency, k->o.currency) &&
            now.alive)
            held += orders[i].view.held;
    }
    *ret_held = held;
    return OK;
}

static Err balance_check(Ctx *c, DeskActing *k) {
    const OrderEvent *e = &k->a.event;
    int64_t held, balance = k->a.balance;
    int64_t here = e->has_amount ? e->amount : k->o.view.asked;
    bool has = k->a.has_balance;
    if (!k->o.facts.hold || e->outcome == ORDER_DID_REFUSE)
        return OK;
    TRY(held_elsewhere(c, k, &held));
    if (!has && held > 0) // several holds: then it matters, and the last known one counts
        TRY(desk_balance_of(c, k->node, k->slot, desk_account_of(k->o.account), k->o.currency, &has,
                            &balance));
    if (!has || here + held <= balance)
        return OK;
    Str other, there;
    TRY(desk_amount_text(c, k->node, held, k->o.currency, &other));
    TRY(desk_amount_text(c, k->node, balance, k->o.currency, &there));
    return fail(c, E_INVALID,
                "amount: " STR_FMT " lies there and " STR_FMT " of it is held under other orders: "
                "a later order waits in the queue (answer partly with what is left, or refuse with "
                "code insufficient)",
                STR_ARG(there), STR_ARG(other));
}

static Err code_check(Ctx *c, const DeskActing *k) {
    Str code = k->a.code;
    const OrderEvent *e = &k->a.event;
    if (e->outcome != ORDER_DID_REFUSE && code.n == 0)
        return OK;
    const FormatRefusal *r = format_refusal_find(k->node->tables, k->o.order, code);
    if (!r) {
        size_t n;
        const FormatRefusal *rows = format_refusals(k->node->tables, &n);
        AUTO(Buf) names = {0};
        for (size_t i = 0; i < n; i++)
            buf_format(&names, "%s" STR_FMT, i ? ", " : "", STR_ARG(rows[i].code));
        TRY(buf_check(c, &names));
        return fail(c, E_INVALID, "a refusal has a code, one of: " STR_FMT,
                    STR_ARG(buf_view(&names)));
    }
    if (r->partly != (e->outcome == ORDER_DID_PARTLY))
        return fail(c, E_INVALID,
                    r->partly ? "code " STR_FMT " means that a part is held: answer partly with "
                                "the amount"
                              : "code " STR_FMT " means that nothing is held: answer refused",
                    STR_ARG(code));
    if (str_eq_c(code, "moved_to") && k->a.to.account.n == 0)
        return fail(c, E_INVALID, "moved_to names where: country/bank/account (--to)");
    return OK;
}

Err desk_act_answer(Ctx *c, DeskActing *k) {
    TRY(on_behalf(c, k));
    TRY(code_check(c, k));
    if (k->a.event.outcome == ORDER_DID_PARTLY && !k->a.event.has_amount)
        return fail(c, E_INVALID, "amount: say how much is held");
    TRY(balance_check(c, k));
    if (k->a.event.outcome == ORDER_DID_REFUSE)
        return OK;
    if (!k->o.view.has_received_at)
        TRY(desk_act_clock(c, k, ORDER_FROM_RECEIVED));
    return desk_act_clock(c, k, ORDER_FROM_EXECUTED);
}

// --- receipts, seconds, what is given back ------------------------------------------------------

static void target_event(DeskActing *k, size_t index) {
    if (k->a.has_target_id || index >= k->event_count)
        return;
    k->a.has_target_id = k->a.event.has_target = true;
    k->a.event.target = index;
    k->a.target = k->events[index].id;
}

static Err receive(Ctx *c, DeskActing *k) {
    TRY(on_behalf(c, k));
    if (k->o.view.state != ORDER_ISSUED || k->o.view.has_received_at) {
        if (k->o.view.waits_receipt)
            target_event(k, k->o.view.waiting);
        else if (k->o.view.waits_reduction)
            target_event(k, k->o.view.reduction);
    }
    return desk_act_clock(c, k, ORDER_FROM_RECEIVED);
}

static Err second(Ctx *c, DeskActing *k) {
    if (!k->o.view.waits_second && !k->a.has_target_id)
        return fail(c, E_STATE, "nothing waits for a second officer");
    for (size_t i = k->event_count; !k->is_ours && i-- > 0;)
        if (k->events[i].effect == ORDER_WAITS && k->events[i].event.party == ORDER_ADDRESSEE)
            target_event(k, i);
    target_event(k, k->o.view.waiting);
    const OrderEvent *target = &k->events[k->a.event.target].event;
    TRY(desk_need(c, k->d, desk_order_act_needs(target->act, k->o.facts.request)));
    bool anew;
    if (target->act != ORDER_ISSUE)
        return OK;
    TRY(desk_second_anew(c, k, &anew));
    if (anew)
        return OK;
    k->issues = true;
    TRY(desk_clock_check(c, k->node));
    TRY(desk_adopt_check(c, k));
    if (k->o.facts.request || k->o.facts.clock_from != ORDER_FROM_ISSUED)
        return OK;
    k->a.event.ends_at = target->ends_at;
    k->a.event.has_ends_at = target->has_ends_at;
    // The term runs from the second: not from when the first officer signed.
    if (k->body.law.has_term) {
        TRY(desk_issue_end(c, k, &k->body.law, k->now, &k->a.event.ends_at));
        k->a.event.has_ends_at = true;
    }
    return OK;
}

// Giving back asks for a second officer above the threshold.
static void persons_for(DeskActing *k, int64_t given_back) {
    k->a.event.persons = format_persons(k->node->tables, STR("release"), given_back, k->o.currency);
}

static Err give_back(Ctx *c, DeskActing *k) {
    const OrderView *v = &k->o.view;
    OrderEvent *e = &k->a.event;
    int64_t now_there = v->has_executed_at ? v->held : v->asked;
    bool reduces = e->act == ORDER_REDUCE || e->outcome == ORDER_REDUCED;
    if (reduces && !e->has_amount)
        return fail(c, E_INVALID, "amount: say how much stays");
    if (reduces || e->act == ORDER_RELEASE || e->outcome == ORDER_OVERTURNED)
        persons_for(k, reduces ? now_there - e->amount : v->held);
    if (e->party == ORDER_COURT && k->a.document.n == 0)
        return fail(c, E_INVALID, "what a court orders needs its document (--document FILE)");
    return need_note(c, k, "say why; it is kept");
}

static Err supersede(Ctx *c, DeskActing *k) {
    if (k->a.event.party == ORDER_COURT && k->a.document.n == 0)
        return fail(c, E_INVALID, "what a court orders needs its document (--document FILE)");
    return need_note(c, k, "say what takes its place");
}

static Err attempt(Ctx *c, DeskActing *k) {
    if (k->draft->channel.n == 0)
        return fail(c, E_INVALID, "channel: say how it was tried: phone, e-mail, visit …");
    return need_note(c, k, "say whom you tried to reach and what came of it");
}

// Whether the account, its bank, to whom the order goes or who asked for it is flagged.
static Err act_flagged(Ctx *c, DeskActing *k, bool *ret_flagged) {
    DeskFlagged flagged;
    DeskParties p;
    PictureOrder request;
    bool found = false;
    TRY(desk_order_flagged(c, k->node, &k->o, ret_flagged));
    TRY(desk_parties(c, k->node, k->slot, &p));
    TRY(desk_flagged(c, k->node, &flagged));
    if (k->o.addressee_agency.n > 0)
        TRY(desk_flag_agency(c, &flagged, &p, k->o.addressee_agency, &k->to_flagged));
    *ret_flagged |= k->to_flagged;
    if (!k->body.has_adopts)
        return OK;
    Err e = picture_order_get(c, k->slot->picture, k->body.adopts, &request);
    if (e == E_NOT_FOUND)
        return OK;
    TRY(e);
    TRY(desk_flag_agency(c, &flagged, &p, request.agency, &found));
    *ret_flagged |= found;
    return OK;
}

// What we say of the order of a party under sanctions goes to it. An adoption is an order of our
// own, and issued by two.
static Err answer_persons(Ctx *c, DeskActing *k) {
    OrderAct act = k->a.event.act;
    DeskFlagged flagged;
    DeskParties p;
    bool found;
    if (act != ORDER_RECEIVE && act != ORDER_ANSWER && act != ORDER_UNDONE)
        return OK;
    TRY(desk_parties(c, k->node, k->slot, &p));
    TRY(desk_flagged(c, k->node, &flagged));
    TRY(desk_flag_agency(c, &flagged, &p, k->o.agency, &found));
    if (found)
        k->a.event.persons = 2;
    return OK;
}

// What is done with an order that concerns a party under sanctions is done by two.
static Err flagged_persons(Ctx *c, DeskActing *k) {
    const OrderEvent *e = &k->a.event;
    bool binds = (e->party == ORDER_ISSUER || e->party == ORDER_COURT) && e->act != ORDER_ATTEMPT &&
                 e->act != ORDER_COMPLAINT;
    bool flagged, reached_nobody = k->o.view.state == ORDER_DRAFT && e->act == ORDER_WITHDRAW;
    if (!k->is_ours)
        return answer_persons(c, k);
    if (!binds || reached_nobody)
        return OK;
    TRY(act_flagged(c, k, &flagged));
    if (flagged && e->act != ORDER_SECOND)
        k->a.event.persons = 2;
    return OK;
}

static Err prepare_act(Ctx *c, DeskActing *k) {
    switch (k->a.event.act) {
    case ORDER_ISSUE:
        return desk_act_issue(c, k);
    case ORDER_RECEIVE:
        return receive(c, k);
    case ORDER_ANSWER:
        return desk_act_answer(c, k);
    case ORDER_ADOPT:
    case ORDER_UNDONE:
        return on_behalf(c, k);
    case ORDER_COMPLAINT:
        return desk_act_clock(c, k, ORDER_FROM_COMPLAINT);
    case ORDER_EXTEND:
        return desk_act_extend(c, k);
    case ORDER_REDUCE:
    case ORDER_RELEASE:
    case ORDER_REVIEW:
        return give_back(c, k);
    case ORDER_SUPERSEDE:
        return supersede(c, k);
    case ORDER_APPEAL:
        k->a.on_behalf_of = k->a.on_behalf_of.n > 0 ? k->a.on_behalf_of : STR("holder");
        return need_note(c, k, "say what the holder says");
    case ORDER_ATTEMPT:
        return attempt(c, k);
    case ORDER_SECOND:
        return second(c, k);
    case ORDER_WITHDRAW:
    case ORDER_SETTLE:
    case ORDER_TELL: // is nobody's to do
        return OK;
    }
    UNREACHABLE();
}

Err desk_act_prepare(Ctx *c, DeskActing *k) {
    TRY(prepare_act(c, k));
    return flagged_persons(c, k);
}
