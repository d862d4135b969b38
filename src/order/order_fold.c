// The fold: which records of an order counted, and what they made of it.
#include "order/order_priv.h"

typedef enum Wait { WAIT_NONE, WAIT_SECOND, WAIT_RECEIPT } Wait;

typedef struct Fold {
    const OrderFacts *facts;
    const OrderEvent *events;
    OrderEffect *effects;
    size_t now;     // index of the event that is looked at
    int64_t *since; // when an event took its present effect
    Wait *waits;
    OrderView v;
} Fold;

// An act that is about to count: an event of its own, or one that its second brings to count.
typedef struct Act {
    const OrderEvent *e;
    size_t at;
    int64_t t; // its moment
    bool has_end;
    int64_t end;
} Act;

// --- moments ------------------------------------------------------------------------------------

bool state_is_alive(OrderState s) {
    return s == ORDER_ISSUED || s == ORDER_RECEIVED || s == ORDER_EXECUTED || s == ORDER_PARTLY;
}

bool state_is_ended(OrderState s) {
    return s >= ORDER_WITHDRAWN;
}

OrderState state_at(const OrderFacts *facts, const OrderView *v, int64_t t) {
    if (facts->request || !state_is_alive(v->state))
        return v->state;
    if (v->has_ends_at)
        return t >= v->ends_at || v->has_undone_at ? ORDER_LAPSED : v->state;
    bool none_came = t >= v->issued_at + ORDER_EVENT_HOURS_MAX * TIME_HOUR_US;
    return none_came || v->has_undone_at ? ORDER_VOID : v->state;
}

bool act_is_told(OrderAct act) {
    return act == ORDER_RECEIVE || act == ORDER_ANSWER || act == ORDER_COMPLAINT;
}

static int64_t later(int64_t a, int64_t b) {
    return a > b ? a : b;
}

static int64_t told_at(const OrderEvent *e) {
    return e->happened_at < e->at ? e->happened_at : e->at;
}

static int64_t moment(const Fold *f, size_t i) {
    const OrderEvent *e = &f->events[i];
    if (!act_is_told(e->act))
        return e->at;
    int64_t t = told_at(e);
    if (f->v.has_issued_at)
        t = later(t, f->v.issued_at);
    if (e->act == ORDER_RECEIVE && e->has_target && e->target < i)
        t = later(t, f->since[e->target]);
    return t;
}

// --- may it count? ------------------------------------------------------------------------------

bool officer_is_none(const uint8_t officer[16]) {
    static const uint8_t none[16];
    return memcmp(officer, none, sizeof none) == 0;
}

bool officer_is_bound(const OrderView *v, const uint8_t officer[16]) {
    return officer_is_none(officer) || memcmp(officer, v->issuer_officer, 16) == 0 ||
           memcmp(officer, v->issuer_second, 16) == 0;
}

bool act_fits_view(const OrderView *v, OrderState state, OrderAct act) {
    if (state == ORDER_WITHDRAWN && !v->has_issued_at)
        return false; // it reached nobody
    if (v->has_undone_at && (act == ORDER_UNDONE || act_is_told(act)))
        return false;
    if (act == ORDER_TELL)
        return v->has_adopted_at;
    if (act == ORDER_COMPLAINT)
        return !v->has_complaint_at;
    if (act == ORDER_EXTEND)
        return v->has_ends_at;
    if (act == ORDER_APPEAL)
        return v->appeal != ORDER_IS_OVERTURNED;
    if (act == ORDER_REVIEW)
        return v->appeal == ORDER_APPEALED;
    if (act == ORDER_ANSWER && state_is_ended(state))
        return !v->has_answered_at && !v->has_adopted_at;
    return true;
}

// A receipt names what waits for it: an extension or the latest reduction; or, once, the order.
static bool receipt_fits(const Fold *f, size_t i, OrderState state) {
    const OrderEvent *e = &f->events[i];
    if (!e->has_target)
        return state == ORDER_ISSUED;
    if (e->target >= i)
        return false;
    return f->waits[e->target] == WAIT_RECEIPT ||
           (f->v.waits_reduction && f->v.reduction == e->target);
}

static bool takes_away(const OrderEvent *e) {
    return e->act == ORDER_REDUCE || (e->act == ORDER_REVIEW && e->outcome == ORDER_REDUCED);
}

// What was asked at t: each reduction leaves less than the one before.
static int64_t asked_at(const Fold *f, int64_t t) {
    int64_t asked = f->facts->amount;
    for (size_t j = 0; f->v.asked < asked && j < f->now; j++)
        if (f->effects[j] == ORDER_COUNTED && takes_away(&f->events[j]) && f->since[j] <= t &&
            f->events[j].amount < asked)
            asked = f->events[j].amount;
    return asked;
}

static bool amount_fits(const Fold *f, const Act *a) {
    const OrderEvent *e = a->e;
    if (!f->facts->hold)
        return true;
    if (e->act == ORDER_TELL)
        return e->has_amount && e->amount >= 0 && e->amount <= f->facts->amount;
    int64_t asked = e->act == ORDER_ANSWER ? asked_at(f, a->t) : 0;
    if (takes_away(e)) {
        int64_t most = f->v.has_executed_at ? f->v.held : f->v.asked;
        return e->has_amount && e->amount > 0 && e->amount < most;
    }
    if (e->outcome == ORDER_DID_EXECUTE)
        return !e->has_amount || e->amount == asked;
    if (e->outcome == ORDER_DID_PARTLY)
        return e->has_amount && e->amount > 0 && e->amount < asked;
    return e->outcome != ORDER_DID_REFUSE || !e->has_amount || e->amount == 0;
}

// Whether the clock runs from this act and no end stands yet.
static bool states_end(const Fold *f, const OrderEvent *e) {
    if (f->facts->request || f->v.has_ends_at || state_is_ended(f->v.state))
        return false;
    bool answers = e->act == ORDER_ANSWER && e->outcome != ORDER_DID_REFUSE;
    switch (f->facts->clock_from) {
    case ORDER_FROM_ISSUED:
        return e->act == ORDER_ISSUE;
    case ORDER_FROM_RECEIVED:
        return e->act == ORDER_RECEIVE || answers;
    case ORDER_FROM_EXECUTED:
        return answers;
    case ORDER_FROM_COMPLAINT:
        return e->act == ORDER_COMPLAINT;
    }
    UNREACHABLE();
}

static bool end_fits(const Fold *f, const Act *a) {
    if (a->e->act == ORDER_EXTEND)
        return a->has_end && a->end > f->v.ends_at;
    if (a->e->act == ORDER_RECEIVE && a->e->has_target) {
        const OrderEvent *target = &f->events[a->e->target];
        if (target->act == ORDER_EXTEND && target->ends_at <= f->v.ends_at)
            return false;
    }
    return !states_end(f, a->e) || (a->has_end && a->end > a->t);
}

static OrderEffect refusal(OrderState state) {
    return state_is_ended(state) ? ORDER_TOO_LATE : ORDER_NOT_ALLOWED;
}

// Whether the table and the view allow it at its moment.
static OrderEffect allow(const Fold *f, const Act *a, const OrderRule **ret_rule) {
    OrderState state = state_at(f->facts, &f->v, a->t);
    const OrderRule *rule = rule_find(f->facts, state, a->e->act, a->e->outcome);
    if (rule == NULL || !(rule->parties & a->e->party) || !act_fits_view(&f->v, state, a->e->act) ||
        (a->e->act == ORDER_RECEIVE && !receipt_fits(f, a->at, state)) ||
        (a->e->act == ORDER_ANSWER && state_is_ended(state) && a->t >= f->v.ended_at))
        return refusal(state);
    if (a->e->act == ORDER_REVIEW && officer_is_bound(&f->v, a->e->officer))
        return ORDER_SAME_OFFICER;
    *ret_rule = rule;
    return ORDER_COUNTED;
}

// --- it counts ----------------------------------------------------------------------------------

static void set_once(bool *has, int64_t *at, int64_t t) {
    if (*has)
        return;
    *has = true;
    *at = t;
}

static void count_receive(Fold *f, const Act *a) {
    OrderView *v = &f->v;
    set_once(&v->has_received_at, &v->received_at, a->t);
    v->owes_undone = !f->facts->request;
    if (!a->e->has_target)
        return;
    size_t target = a->e->target;
    if (f->waits[target] != WAIT_RECEIPT) {
        v->waits_reduction = false;
        return;
    }
    f->waits[target] = WAIT_NONE;
    f->effects[target] = ORDER_COUNTED;
    f->since[target] = a->t;
    v->ends_at = f->events[target].ends_at;
    v->extensions++;
}

static void count_answer(Fold *f, const Act *a) {
    OrderView *v = &f->v;
    const OrderEvent *e = a->e;
    bool refuses = e->outcome == ORDER_DID_REFUSE;
    set_once(&v->has_received_at, &v->received_at, a->t);
    set_once(&v->has_answered_at, &v->answered_at, a->t);
    int64_t amount = 0;
    if (!refuses) {
        set_once(&v->has_executed_at, &v->executed_at, a->t);
        if (f->facts->hold)
            amount = e->outcome == ORDER_DID_PARTLY ? e->amount : asked_at(f, a->t);
    }
    v->executed = amount;
    v->held = amount < v->asked ? amount : v->asked;
    if (v->state == ORDER_SUPERSEDED)
        v->held = 0;
    v->owes_undone = !refuses && !f->facts->request;
    v->waits_reduction = amount > v->asked;
}

static void count_reduction(Fold *f, const Act *a) {
    OrderView *v = &f->v;
    v->asked = a->e->amount;
    if (v->has_executed_at)
        v->held = a->e->amount;
    v->waits_reduction = v->owes_undone;
    v->reduction = a->at;
    v->reduced_at = a->t;
}

static void count_end(Fold *f, const Act *a) {
    set_once(&f->v.has_ended_at, &f->v.ended_at, a->t);
    if (a->e->act == ORDER_SUPERSEDE || a->e->act == ORDER_SETTLE)
        f->v.held = 0;
}

static void count_review(Fold *f, const Act *a) {
    OrderView *v = &f->v;
    v->has_reviewed_at = true;
    v->reviewed_at = a->t;
    v->appeal = a->e->outcome == ORDER_UPHELD    ? ORDER_IS_UPHELD
                : a->e->outcome == ORDER_REDUCED ? ORDER_IS_REDUCED
                                                 : ORDER_IS_OVERTURNED;
    if (a->e->outcome == ORDER_REDUCED)
        count_reduction(f, a);
}

// The last word counts: how much is held there, and until when.
static void count_tell(Fold *f, const Act *a) {
    OrderView *v = &f->v;
    v->has_told_at = true;
    v->told_at = a->t;
    v->told = a->e->outcome;
    v->told_over = a->e->over;
    v->held = f->facts->hold ? a->e->amount : 0;
    v->has_ends_at = a->has_end;
    v->ends_at = a->has_end ? a->end : 0;
}

static void count_rest(Fold *f, const Act *a) {
    OrderView *v = &f->v;
    if (a->e->act == ORDER_ISSUE) {
        set_once(&v->has_issued_at, &v->issued_at, a->t);
        memcpy(v->issuer_officer, a->e->officer, 16);
    } else if (a->e->act == ORDER_UNDONE) {
        set_once(&v->has_undone_at, &v->undone_at, told_at(a->e));
        v->held = 0;
    } else if (a->e->act == ORDER_COMPLAINT) {
        set_once(&v->has_complaint_at, &v->complaint_at, a->t);
    } else if (a->e->act == ORDER_APPEAL && v->appeal != ORDER_APPEALED) {
        v->appeal = ORDER_APPEALED;
        v->has_appealed_at = true;
        v->appealed_at = a->t;
    } else if (a->e->act == ORDER_ATTEMPT) {
        v->attempts++;
        v->last_attempt_at = later(v->last_attempt_at, a->t);
    }
}

static void count_act(Fold *f, const Act *a) {
    switch (a->e->act) {
    case ORDER_RECEIVE:
        count_receive(f, a);
        break;
    case ORDER_ANSWER:
        count_answer(f, a);
        break;
    case ORDER_REDUCE:
        count_reduction(f, a);
        break;
    case ORDER_REVIEW:
        count_review(f, a);
        break;
    case ORDER_WITHDRAW:
    case ORDER_RELEASE:
    case ORDER_SUPERSEDE:
    case ORDER_SETTLE:
        count_end(f, a);
        break;
    case ORDER_ISSUE:
    case ORDER_UNDONE:
    case ORDER_COMPLAINT:
    case ORDER_APPEAL:
    case ORDER_ATTEMPT:
        count_rest(f, a);
        break;
    case ORDER_ADOPT:
        set_once(&f->v.has_adopted_at, &f->v.adopted_at, a->t);
        break;
    case ORDER_TELL:
        count_tell(f, a);
        break;
    case ORDER_EXTEND:
    case ORDER_SECOND:
        break;
    }
}

// An act that may count does, or waits for the addressee's receipt.
static OrderEffect count(Fold *f, const Act *a, const OrderRule *rule) {
    f->since[a->at] = a->t;
    if (a->e->act == ORDER_EXTEND) {
        f->waits[a->at] = WAIT_RECEIPT;
        return ORDER_WAITS;
    }
    bool clock = states_end(f, a->e);
    count_act(f, a);
    if (clock)
        set_once(&f->v.has_ends_at, &f->v.ends_at, a->end);
    // Lapsed and void are seen, not written: the state by the records stays.
    if (rule->state == ORDER_LAPSED || rule->state == ORDER_VOID)
        return ORDER_COUNTED;
    if (rule->next != f->v.state && state_is_ended(rule->next))
        set_once(&f->v.has_ended_at, &f->v.ended_at, a->t);
    f->v.state = rule->next;
    return ORDER_COUNTED;
}

// Who signs for whom: what a court orders is written by the issuer.
static OrderParty side_of(OrderParty party) {
    return party == ORDER_COURT ? ORDER_ISSUER : party;
}

static bool asks_second(const OrderEvent *e) {
    if (e->party == ORDER_ADDRESSEE)
        return e->persons > 1 &&
               (e->act == ORDER_RECEIVE || e->act == ORDER_ANSWER || e->act == ORDER_UNDONE);
    return e->persons > 1 && side_of(e->party) == ORDER_ISSUER && e->act != ORDER_ATTEMPT &&
           e->act != ORDER_COMPLAINT;
}

static OrderEffect step(Fold *f, size_t i) {
    const OrderEvent *e = &f->events[i];
    const OrderRule *rule = NULL;
    Act a = {e, i, moment(f, i), e->has_ends_at, e->ends_at};
    OrderEffect effect = allow(f, &a, &rule);
    if (effect != ORDER_COUNTED)
        return effect;
    if (!amount_fits(f, &a))
        return ORDER_OVER_AMOUNT;
    // The second of an issue may state its end.
    bool issue_waits = e->act == ORDER_ISSUE && asks_second(e);
    if (!issue_waits && !end_fits(f, &a))
        return ORDER_NO_END;
    if (!asks_second(e))
        return count(f, &a, rule);
    f->waits[i] = WAIT_SECOND;
    f->since[i] = a.t;
    return ORDER_WAITS;
}

static OrderEffect step_second(Fold *f, size_t i) {
    const OrderEvent *e = &f->events[i];
    const OrderRule *rule = NULL;
    Act own = {e, i, e->at, e->has_ends_at, e->ends_at};
    OrderEffect effect = allow(f, &own, &rule);
    size_t j = e->target;
    if (effect == ORDER_COUNTED && (!e->has_target || j >= i || f->waits[j] != WAIT_SECOND ||
                                    side_of(f->events[j].party) != e->party))
        effect = refusal(rule->state);
    if (effect != ORDER_COUNTED)
        return effect;
    const OrderEvent *target = &f->events[j];
    if (officer_is_none(e->officer) || memcmp(e->officer, target->officer, 16) == 0 ||
        (target->act == ORDER_REVIEW && officer_is_bound(&f->v, e->officer)))
        return ORDER_SAME_OFFICER;
    bool end_here = target->act == ORDER_ISSUE && e->has_ends_at;
    // What the addressee says keeps its moment, whoever signs for it later.
    int64_t t = target->party == ORDER_ADDRESSEE ? moment(f, j) : later(e->at, f->since[j]);
    Act a = {target, j, t, end_here || target->has_ends_at,
             end_here ? e->ends_at : target->ends_at};
    effect = allow(f, &a, &rule);
    if (effect != ORDER_COUNTED) {
        f->waits[j] = WAIT_NONE;
        f->effects[j] = effect;
        return effect;
    }
    if (!amount_fits(f, &a))
        return ORDER_OVER_AMOUNT;
    if (!end_fits(f, &a))
        return ORDER_NO_END;
    f->waits[j] = WAIT_NONE;
    f->effects[j] = count(f, &a, rule);
    if (target->act == ORDER_ISSUE)
        memcpy(f->v.issuer_second, e->officer, 16);
    f->since[i] = later(e->at, a.t);
    return ORDER_COUNTED;
}

// Whether an act that waits may still count, and else why not.
static OrderEffect still(const Fold *f, size_t i, OrderState state) {
    const OrderEvent *e = &f->events[i];
    const OrderRule *rule = NULL;
    if (e->party == ORDER_ADDRESSEE) {
        Act a = {.e = e, .at = i, .t = moment(f, i)};
        return allow(f, &a, &rule);
    }
    bool possible = rule_find(f->facts, state, e->act, e->outcome) &&
                    act_fits_view(&f->v, state, e->act) &&
                    (e->act != ORDER_EXTEND || e->ends_at > f->v.ends_at);
    return possible ? ORDER_COUNTED : refusal(state);
}

// What still waits though the order has ended, or has become impossible, waits no longer.
static void settle_waits(Fold *f, size_t n) {
    OrderState state = state_at(f->facts, &f->v, BASE_TIME_US_MIN);
    OrderView *v = &f->v;
    for (size_t i = 0; i < n; i++) {
        const OrderEvent *e = &f->events[i];
        if (f->waits[i] == WAIT_NONE)
            continue;
        OrderEffect effect = still(f, i, state);
        if (effect != ORDER_COUNTED) {
            f->waits[i] = WAIT_NONE;
            f->effects[i] = effect;
            continue;
        }
        bool first =
            e->party != ORDER_ADDRESSEE || (!(v->waits_second & ORDER_ISSUER) && !v->waits_receipt);
        if (f->waits[i] == WAIT_SECOND)
            v->waits_second |= side_of(e->party);
        v->waits_finding =
            v->waits_finding || (e->act == ORDER_REVIEW && e->outcome != ORDER_REDUCED);
        v->waits_receipt = v->waits_receipt || f->waits[i] == WAIT_RECEIPT;
        if (!first)
            continue;
        v->waiting = i;
        v->waiting_at = f->since[i];
    }
}

Err order_fold(Ctx *c, const OrderFacts *facts, const OrderEvent *events, size_t n,
               OrderEffect *ret_effects, OrderView *ret_view) {
    Fold f = {.facts = facts, .events = events, .effects = ret_effects};
    if (n > ORDER_EVENTS_MAX)
        return fail(c, E_LIMIT, "the order has more than %d records", ORDER_EVENTS_MAX);
    if (n > 0) {
        TRY(ctx_alloc(c, n * sizeof *f.since, &f.since));
        TRY(ctx_alloc(c, n * sizeof *f.waits, &f.waits));
    }
    f.v.asked = facts->hold ? facts->amount : 0;
    for (f.now = 0; f.now < n; f.now++)
        f.effects[f.now] =
            events[f.now].act == ORDER_SECOND ? step_second(&f, f.now) : step(&f, f.now);
    settle_waits(&f, n);
    *ret_view = f.v;
    return OK;
}
