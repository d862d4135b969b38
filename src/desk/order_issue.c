// Issuing: the law that it stands on, its end, its bounds, and the first hop whose place it takes.
#include "desk/act_priv.h"
#include "desk/exchange_priv.h"
#include "desk/propose_priv.h"

// --- law ----------------------------------------------------------------------------------------

static Err serving(Ctx *c, const DeskActing *k, const FormatLaw ***ret_laws, size_t *ret_n) {
    DeskLawQuery q = {k->o.account.country, k->o.order, k->o.currency, k->o.view.asked, k->now};
    return desk_laws_serving(c, k->node, &q, ret_laws, ret_n);
}

static Err none_serves(Ctx *c, const DeskActing *k, Str wanted, const FormatLaw **laws, size_t n) {
    AUTO(Buf) ids = {0};
    for (size_t i = 0; i < n; i++)
        buf_format(&ids, "%s" STR_FMT, i ? ", " : "", STR_ARG(laws[i]->law.id));
    TRY(buf_check(c, &ids));
    if (n == 0)
        return fail(c, E_STATE,
                    "no law row lets a " STR_FMT " of " STR_FMT " issue this order today: withdraw "
                    "the draft and propose again",
                    STR_ARG(k->node->kind), STR_ARG(k->node->country));
    if (wanted.n == 0)
        return fail(c, E_INVALID, "several law rows serve: choose one with --law (" STR_FMT ")",
                    STR_ARG(buf_view(&ids)));
    return fail(c, E_INVALID, "law row " STR_FMT " does not serve here: those that do are " STR_FMT,
                STR_ARG(wanted), STR_ARG(buf_view(&ids)));
}

// The new draft and the end of the old one are told before the issue: its moment is after theirs.
static void stand_on(DeskActing *k, const FormatLaw *law) {
    k->redrafts = true;
    k->law = law;
    k->now += DESK_REDRAFT_RECORDS;
    k->a.event.at = k->now;
    if (!k->a.told)
        k->a.event.happened_at = k->now;
}

// The row chosen, or the one that the draft embeds; it must serve on the day of issue.
static Err choose_law(Ctx *c, DeskActing *k, const OrderLaw **ret_law) {
    const FormatLaw **laws;
    size_t n;
    Str wanted = str_trim(k->draft->law);
    if (wanted.n == 0)
        wanted = k->body.law.id;
    TRY(serving(c, k, &laws, &n));
    for (size_t i = 0; i < n; i++) {
        if (!str_eq(laws[i]->law.id, wanted))
            continue;
        if (!str_eq(wanted, k->body.law.id) || k->to_node)
            stand_on(k, laws[i]);
        *ret_law = k->law ? &laws[i]->law : &k->body.law;
        return OK;
    }
    return none_serves(c, k, wanted, laws, n);
}

// --- end ----------------------------------------------------------------------------------------

// A report that nobody confirmed yet holds for the shortest term that any row here knows.
static Err shortest(Ctx *c, const DeskActing *k, int64_t at, int64_t *inout_end) {
    const FormatLaw **laws;
    size_t n;
    Str standing;
    if (!k->o.has_report)
        return OK;
    TRY(picture_report_standing(c, k->slot->picture, k->o.report, &standing));
    if (!str_eq_c(standing, "claimed"))
        return OK;
    TRY(serving(c, k, &laws, &n));
    for (size_t i = 0; i < n; i++) {
        int64_t end;
        if (!laws[i]->law.has_term)
            continue;
        TRY(desk_law_end(c, k->node, &laws[i]->law, laws[i]->law.term, at, &end));
        *inout_end = end < *inout_end ? end : *inout_end;
    }
    return OK;
}

// A request asked for no more than this; where it is over already, the law's own term stands.
void desk_asked_end(const DeskActing *k, int64_t from_us, int64_t *inout_end) {
    if (k->body.has_adopts && k->body.has_asks_end && k->body.asks_end > from_us &&
        k->body.asks_end < *inout_end)
        *inout_end = k->body.asks_end;
}

Err desk_end_too_late(Ctx *c, const OrderLaw *law) {
    if (!law->has_term)
        return fail(c, E_INVALID, "ends_at: the request that is adopted asked for less");
    return fail(c, E_INVALID, "ends_at: the law gives %lld %s and no more",
                (long long)law->term.count, order_unit_name(law->term.unit));
}

Err desk_issue_end(Ctx *c, const DeskActing *k, const OrderLaw *law, int64_t at,
                   int64_t *ret_ends_at) {
    const OrderEvent *e = &k->a.event;
    int64_t latest;
    TRY(desk_law_end(c, k->node, law, law->term, at, &latest));
    TRY(shortest(c, k, at, &latest));
    desk_asked_end(k, at, &latest);
    if (e->act == ORDER_ISSUE && e->has_ends_at) {
        if (e->ends_at > latest)
            return desk_end_too_late(c, law);
        return OK;
    }
    *ret_ends_at = latest;
    return OK;
}

// Where the clock begins later, nothing can be cut here: a row with a longer term does not serve.
static Err term_fits(Ctx *c, const DeskActing *k, const OrderLaw *law) {
    int64_t own, least;
    if (!law->has_term)
        return OK;
    TRY(desk_law_end(c, k->node, law, law->term, k->now, &own));
    least = own;
    TRY(shortest(c, k, k->now, &least));
    if (least < own)
        return fail(c, E_STATE,
                    "nobody confirmed the report yet, so the row with the shortest term is the one "
                    "that serves: choose it (--law), or say first how far the report is confirmed "
                    "(moei report standing)");
    return OK;
}

static Err issue_clock(Ctx *c, DeskActing *k, const OrderLaw *law) {
    OrderEvent *e = &k->a.event;
    if (law->clock_from != ORDER_FROM_ISSUED) {
        if (e->has_ends_at)
            return fail(c, E_INVALID,
                        "ends_at: under law row " STR_FMT
                        " the clock runs from when it is " STR_FMT,
                        STR_ARG(law->id), STR_ARG(law->clock_from_name));
        return term_fits(c, k, law);
    }
    if (!law->has_term) {
        int64_t asked = INT64_MAX;
        desk_asked_end(k, k->now, &asked);
        if (e->has_ends_at)
            return e->ends_at > asked ? desk_end_too_late(c, law) : OK;
        if (asked == INT64_MAX)
            return fail(c, E_INVALID, "the law gives no term: state the end (--ends-at TIME)");
        e->ends_at = asked;
        e->has_ends_at = true;
        return OK;
    }
    TRY(desk_issue_end(c, k, law, k->now, &e->ends_at));
    e->has_ends_at = true;
    return OK;
}

// --- bounds -------------------------------------------------------------------------------------

// First hops of one report together ask for no more than was reported.
static Err within_loss(Ctx *c, DeskActing *k) {
    if (!k->o.has_report)
        return OK;
    PictureReport r;
    const PictureOrder *orders;
    size_t n;
    int64_t asked = k->o.view.asked;
    TRY(picture_report_get(c, k->slot->picture, k->o.report, &r));
    TRY(picture_orders_of_report(c, k->slot->picture, k->o.report, &orders, &n));
    for (size_t i = 0; i < n; i++) {
        OrderNow now = order_now(&orders[i].facts, &orders[i].view, k->now);
        if (!record_id_eq(orders[i].id, k->o.id) && orders[i].has_report && now.alive &&
            record_id_eq(orders[i].report, k->o.report))
            asked += orders[i].view.has_answered_at ? orders[i].view.held : orders[i].view.asked;
    }
    if (!r.has_loss || asked > r.loss)
        return fail(c, E_STATE,
                    "report " STR_FMT " is held for elsewhere: together the orders would ask for "
                    "more than was reported. Withdraw or reduce the other one first",
                    STR_ARG(r.report));
    return OK;
}

static Err flags_persons(Ctx *c, DeskActing *k) {
    DeskFlag flag;
    bool flagged;
    k->a.event.persons = k->o.persons > 1 ? 2 : 1;
    TRY(desk_account_flag(c, k->slot, desk_account_of(k->o.account), &flag, &flagged));
    if (flagged && k->o.has_report)
        k->a.event.persons = 2;
    return OK;
}

// A peer that was confirmed after the draft was made, and answers for its addressee, gets it by the
// link: whose node it goes to stands in the draft, so another one is issued in its place.
static Err node_now(Ctx *c, DeskActing *k) {
    PicturePeer peer;
    DeskOrderNew n = {.request = k->o.facts.request,
                      .account = desk_account_of(k->o.account),
                      .addressee_country = k->o.addressee_country,
                      .addressee_institution = k->o.addressee_institution,
                      .addressee_kind = k->o.addressee_kind};
    if (k->o.addressee_agency.n > 0) {
        Err e = picture_peer_get(c, k->slot->picture, k->o.addressee_agency, &peer);
        if (e != E_NOT_FOUND)
            TRY(e);
        if (e == OK && str_eq_c(peer.state, "confirmed"))
            return OK;
    }
    TRY(desk_addressee_find(c, k->slot, &n));
    k->to_node = n.addressee_agency.n > 0;
    if (k->to_node)
        k->o.addressee_agency = n.addressee_agency;
    return OK;
}

Err desk_act_issue(Ctx *c, DeskActing *k) {
    k->issues = true;
    TRY(desk_clock_check(c, k->node));
    TRY(desk_adopt_check(c, k));
    TRY(node_now(c, k));
    TRY(within_loss(c, k));
    TRY(flags_persons(c, k));
    if (k->o.facts.request) {
        if (k->draft->law.n > 0)
            return fail(c, E_INVALID, "a request stands on no law of ours: it has no --law");
        if (!k->a.event.has_ends_at && !k->body.has_asks_end)
            return fail(c, E_INVALID, "name the end that you ask for (--ends-at TIME)");
        if (k->a.event.has_ends_at && k->a.event.ends_at <= k->now)
            return fail(c, E_INVALID, "ends_at: this time is over");
        if (k->to_node)
            stand_on(k, NULL);
        return OK;
    }
    const OrderLaw *law = NULL;
    TRY(choose_law(c, k, &law));
    ASSERT(law);
    return issue_clock(c, k, law);
}

// The first officer signed what goes to no node, and two sign what does: so who comes second is the
// first under the draft to the peer.
Err desk_second_anew(Ctx *c, DeskActing *k, bool *ret_anew) {
    OrderEvent *e = &k->a.event;
    const PictureOrderEvent *first = &k->events[e->target];
    *ret_anew = false;
    if (memcmp(first->event.officer, e->officer, sizeof e->officer) == 0)
        return OK; // no second at all
    TRY(node_now(c, k));
    if (!k->to_node)
        return OK;
    e->act = ORDER_ISSUE;
    e->has_target = k->a.has_target_id = false;
    if (!e->has_ends_at) {
        e->has_ends_at = first->event.has_ends_at;
        e->ends_at = first->event.ends_at;
    }
    if (k->a.document.n == 0 && first->has_document)
        TRY(desk_hex_text(c, first->document, sizeof first->document, &k->a.document));
    TRY(desk_act_issue(c, k));
    e->persons = 2;
    *ret_anew = true;
    return OK;
}

// --- another law row ----------------------------------------------------------------------------

static Err copy_draft(Ctx *c, DeskActing *k, DeskOrderNew *ret_new) {
    const PictureOrder *o = &k->o;
    DeskOrderNew n = {.request = o->facts.request,
                      .account = desk_account_of(o->account),
                      .currency = o->currency,
                      .addressee_country = o->addressee_country,
                      .addressee_institution = o->addressee_institution,
                      .addressee_kind = o->addressee_kind,
                      .amount = o->facts.amount,
                      .has_level = o->has_level,
                      .has_trace = o->has_trace,
                      .has_case = o->has_case,
                      .has_report = o->has_report,
                      .has_replaces = o->has_replaces,
                      .has_adopts = k->body.has_adopts,
                      .has_asks_end = k->body.has_asks_end,
                      .asks_end = k->body.asks_end,
                      .adopts = k->body.adopts,
                      .level = o->level,
                      .trace = o->trace,
                      .case_id = o->case_id,
                      .report = o->report,
                      .replaces = o->replaces,
                      .rule = k->body.rule,
                      .pack = k->body.pack,
                      .policy = k->body.policy,
                      .note = k->body.note,
                      .persons = o->persons,
                      .mark = k->body.mark};
    TRY(picture_order_tags(c, k->slot->picture, o->id, &n.tags, &n.tag_count));
    TRY(desk_addressee_find(c, k->slot, &n));
    *ret_new = n;
    return OK;
}

Err desk_redraft(Ctx *c, DeskActing *k) {
    DeskOrderNew n;
    DeskNumbers numbers = {0};
    TRY(copy_draft(c, k, &n));
    n.law = k->law;
    n.at_us = k->now - DESK_REDRAFT_RECORDS;
    RecordId id;
    TRY(desk_order_add(c, k->w, &numbers, &n, &id));
    DeskActNew old = {.order = k->o.id, .mark = &k->body.mark, .event = k->a.event};
    old.event.act = ORDER_WITHDRAW;
    old.event.at = n.at_us + 1;
    old.event.has_ends_at = false;
    old.event.persons = 1;
    TRY(str_format(c, &old.note,
                   k->to_node ? "its addressee has a node now: " STR_FMT
                              : "another law row was chosen: " STR_FMT,
                   STR_ARG(n.number)));
    TRY(desk_order_act_add(c, k->w, &old, NULL));
    k->o.id = id;
    k->o.number = n.number;
    k->o.addressee_agency = n.addressee_agency;
    if (k->law) {
        k->o.facts.clock_from = k->law->law.clock_from;
        k->o.facts.answer_hours = k->law->law.answer_hours;
        k->body.law = k->law->law;
    }
    k->event_count = 0; // the new draft has no acts yet
    k->a.ref_count = 0;
    return OK;
}

// --- whose place it takes -----------------------------------------------------------------------

static bool tags_have(const PictureTag *tags, size_t n, RecordId report) {
    for (size_t i = 0; i < n; i++) {
        if (record_id_eq(tags[i].report, report))
            return true;
    }
    return false;
}

Err desk_replaced_find(Ctx *c, DeskActing *k, DeskReplaced *ret_replaced) {
    DeskReplaced r = {0};
    const PictureOrder *orders;
    const PictureTag *tags = NULL;
    size_t n, tag_count = 0;
    *ret_replaced = r;
    if (k->o.has_report || !k->o.has_account || k->o.facts.request)
        return OK;
    TRY(picture_order_tags(c, k->slot->picture, k->o.id, &tags, &tag_count));
    TRY(picture_orders_of_account(c, k->slot->picture, k->o.account, &orders, &n));
    TRY(ctx_alloc(c, (n + 1) * sizeof *r.items, &r.items));
    for (size_t i = 0; i < n; i++) {
        const PictureOrder *o = &orders[i];
        OrderNow now = order_now(&o->facts, &o->view, k->now);
        bool waits = now.state == ORDER_DRAFT && !o->view.waits_second;
        if (!o->has_report || !str_eq(o->currency, k->o.currency) || (!now.alive && !waits) ||
            !tags_have(tags, tag_count, o->report) || r.count == DESK_REPLACED_MAX)
            continue;
        r.items[r.count++] = o;
        r.held += o->view.held;
    }
    if (r.held > k->o.view.asked)
        r.excess = r.held - k->o.view.asked;
    int persons =
        r.excess > 0 ? format_persons(k->node->tables, STR("release"), r.excess, k->o.currency) : 1;
    if (k->a.event.act == ORDER_ISSUE && persons > k->a.event.persons)
        k->a.event.persons = persons;
    *ret_replaced = r;
    return OK;
}

// The bank's last word about an order that held something.
static Err last_answer(Ctx *c, DeskActing *k, RecordId order, DeskActNew *a) {
    const PictureOrderEvent *events;
    size_t n;
    TRY(picture_order_events(c, k->slot->picture, order, &events, &n));
    for (size_t i = 0; i < n; i++) {
        if (events[i].event.act != ORDER_ANSWER || events[i].effect != ORDER_COUNTED)
            continue;
        a->on_behalf_of = events[i].on_behalf_of;
        a->has_balance = events[i].has_balance;
        a->balance = events[i].balance;
        if (events[i].has_document)
            TRY(desk_hex_text(c, events[i].document, sizeof events[i].document, &a->document));
    }
    return OK;
}

// The old order ends; where more was held than the new one asks for, it is released, so that the
// bank must confirm what it set free.
static Err end_old(Ctx *c, DeskActing *k, const PictureOrder *o, bool release) {
    RecordMark mark;
    TRY(desk_mark_of(c, k->slot, o->id, &mark));
    DeskActNew a = {.order = o->id, .mark = &mark};
    a.event = (OrderEvent){.act = o->view.state == ORDER_DRAFT ? ORDER_WITHDRAW
                                  : release                    ? ORDER_RELEASE
                                                               : ORDER_SUPERSEDE,
                           .party = ORDER_ISSUER,
                           .persons = 1};
    TRY(str_format(c, &a.note, "order " STR_FMT " takes its place", STR_ARG(k->o.number)));
    return desk_order_act_add(c, k->w, &a, NULL);
}

// What the bank holds under the old orders it goes on holding under the new one: its own word, told
// again with the same document.
static Err carry_over(Ctx *c, DeskActing *k, const DeskReplaced *r) {
    int64_t asked = k->o.view.asked;
    DeskActNew a = {.order = k->o.id, .mark = &k->body.mark, .law = k->body.law.id};
    a.event = (OrderEvent){.act = ORDER_ANSWER,
                           .outcome = r->held >= asked ? ORDER_DID_EXECUTE : ORDER_DID_PARTLY,
                           .party = ORDER_ADDRESSEE,
                           .persons = 1,
                           .has_amount = true,
                           .amount = r->held < asked ? r->held : asked};
    for (size_t i = 0; i < r->count; i++) {
        if (r->items[i]->view.held > 0)
            TRY(last_answer(c, k, r->items[i]->id, &a));
    }
    OrderClockFrom from = k->o.facts.clock_from;
    if ((from == ORDER_FROM_RECEIVED || from == ORDER_FROM_EXECUTED) && k->body.law.has_term) {
        int64_t at = ledger_next_at(k->node->ledger, LEDGER_MAIN, clock_now(k->node->env.clock));
        TRY(desk_law_end(c, k->node, &k->body.law, k->body.law.term, at, &a.event.ends_at));
        a.event.at = at;
        a.event.has_ends_at = true;
    }
    TRY(str_format(c, &a.note, "carried over from " STR_FMT "%s", STR_ARG(r->items[0]->number),
                   r->count > 1 ? " and others" : ""));
    return desk_order_act_add(c, k->w, &a, NULL);
}

Err desk_replaced_write(Ctx *c, DeskActing *k, const DeskReplaced *r) {
    if (r->held > 0)
        TRY(carry_over(c, k, r));
    int64_t excess = r->excess;
    for (size_t i = 0; i < r->count; i++) {
        bool release = excess > 0 && r->items[i]->view.held > 0;
        excess -= release ? r->items[i]->view.held : 0;
        TRY(end_old(c, k, r->items[i], release));
    }
    return OK;
}

// --- moved money --------------------------------------------------------------------------------

Err desk_moved_draft(Ctx *c, DeskActing *k) {
    DeskOrderNew n;
    TRY(copy_draft(c, k, &n));
    AUTO(DeskProposing) p = {.node = k->node, .slot = k->slot, .w = k->w};
    TRY(desk_victim_accounts(c, k->node, k->slot, &p.victims));
    DeskHolding h = {.account = k->a.to,
                     .currency = n.currency,
                     .amount = k->o.view.asked,
                     .level = n.has_level ? n.level + 1 : 1,
                     .tags = n.tags,
                     .tag_count = n.tag_count};
    n.law = NULL;
    n.has_replaces = n.has_adopts = n.has_asks_end = false;
    TRY(str_format(c, &n.note, "the bank answered " STR_FMT ": the money was moved there",
                   STR_ARG(k->o.number)));
    TRY(desk_holding_draft(c, &p, &h, &n));
    return h.drafted ? desk_draft_write(c, &p, &n) : OK;
}
