// The words of the order's states, acts and outcomes, and the table that joins them.
#include "order/order_priv.h"

#include "order_states.h"

static const char *const state_names[ORDER_STATES] = {
    [ORDER_DRAFT] = "draft",       [ORDER_ISSUED] = "issued",
    [ORDER_RECEIVED] = "received", [ORDER_EXECUTED] = "executed",
    [ORDER_PARTLY] = "partly",     [ORDER_ADOPTED] = "adopted",
    [ORDER_REFUSED] = "refused",   [ORDER_WITHDRAWN] = "withdrawn",
    [ORDER_RELEASED] = "released", [ORDER_SUPERSEDED] = "superseded",
    [ORDER_SETTLED] = "settled",   [ORDER_LAPSED] = "lapsed",
    [ORDER_VOID] = "void"};
static const char *const act_names[ORDER_ACTS] = {[ORDER_ISSUE] = "issue",
                                                  [ORDER_RECEIVE] = "receive",
                                                  [ORDER_ANSWER] = "answer",
                                                  [ORDER_ADOPT] = "adopt",
                                                  [ORDER_COMPLAINT] = "complaint",
                                                  [ORDER_EXTEND] = "extend",
                                                  [ORDER_REDUCE] = "reduce",
                                                  [ORDER_WITHDRAW] = "withdraw",
                                                  [ORDER_RELEASE] = "release",
                                                  [ORDER_SUPERSEDE] = "supersede",
                                                  [ORDER_SETTLE] = "settle",
                                                  [ORDER_UNDONE] = "undone",
                                                  [ORDER_APPEAL] = "appeal",
                                                  [ORDER_REVIEW] = "review",
                                                  [ORDER_ATTEMPT] = "attempt",
                                                  [ORDER_SECOND] = "second",
                                                  [ORDER_TELL] = "tell"};
static const char *const outcome_names[ORDER_OUTCOMES] = {
    [ORDER_NO_OUTCOME] = "",          [ORDER_DID_EXECUTE] = "executed",
    [ORDER_DID_PARTLY] = "partly",    [ORDER_DID_REFUSE] = "refused",
    [ORDER_UPHELD] = "upheld",        [ORDER_REDUCED] = "reduced",
    [ORDER_OVERTURNED] = "overturned"};
static const char *const appeal_names[] = {[ORDER_NO_APPEAL] = "none",
                                           [ORDER_APPEALED] = "appealed",
                                           [ORDER_IS_UPHELD] = "upheld",
                                           [ORDER_IS_REDUCED] = "reduced",
                                           [ORDER_IS_OVERTURNED] = "overturned"};
static const char *const effect_names[ORDER_EFFECTS] = {[ORDER_COUNTED] = "counted",
                                                        [ORDER_WAITS] = "waits",
                                                        [ORDER_NOT_ALLOWED] = "not_allowed",
                                                        [ORDER_TOO_LATE] = "too_late",
                                                        [ORDER_SAME_OFFICER] = "same_officer",
                                                        [ORDER_OVER_AMOUNT] = "over_amount",
                                                        [ORDER_NO_END] = "no_end"};
static const char *const clock_names[] = {[ORDER_FROM_ISSUED] = "issued",
                                          [ORDER_FROM_RECEIVED] = "received",
                                          [ORDER_FROM_EXECUTED] = "executed",
                                          [ORDER_FROM_COMPLAINT] = "complaint_filed"};
static const char *const unit_names[] = {[ORDER_HOURS] = "hours",
                                         [ORDER_CALENDAR_DAYS] = "calendar_days",
                                         [ORDER_WORKING_DAYS] = "working_days",
                                         [ORDER_MONTHS] = "months"};
static const char *const hold_names[] = {
    [ORDER_HOLD_PROPOSE] = "propose", [ORDER_HOLD_PERSON] = "person", [ORDER_HOLD_NEVER] = "never"};

static bool name_find(const char *const *names, size_t n, Str name, size_t *ret_at) {
    for (size_t i = 0; i < n; i++) {
        if (str_eq_c(name, names[i])) {
            *ret_at = i;
            return true;
        }
    }
    return false;
}

const char *order_state_name(OrderState s) {
    return state_names[s];
}

bool order_state_find(Str name, OrderState *ret_state) {
    size_t at = 0;
    if (!name_find(state_names, COUNT_OF(state_names), name, &at))
        return false;
    *ret_state = (OrderState)at;
    return true;
}

const char *order_act_name(OrderAct a) {
    return act_names[a];
}

bool order_act_find(Str name, OrderAct *ret_act) {
    size_t at = 0;
    if (!name_find(act_names, COUNT_OF(act_names), name, &at))
        return false;
    *ret_act = (OrderAct)at;
    return true;
}

const char *order_outcome_name(OrderOutcome o) {
    return outcome_names[o];
}

bool order_outcome_find(Str name, OrderOutcome *ret_outcome) {
    size_t at = 0;
    if (!name_find(outcome_names, COUNT_OF(outcome_names), name, &at))
        return false;
    *ret_outcome = (OrderOutcome)at;
    return true;
}

const char *order_appeal_name(OrderAppeal a) {
    return appeal_names[a];
}

const char *order_effect_name(OrderEffect e) {
    return effect_names[e];
}

const char *order_clock_from_name(OrderClockFrom f) {
    return clock_names[f];
}

bool order_clock_from_find(Str name, OrderClockFrom *ret_from) {
    size_t at = 0;
    if (!name_find(clock_names, COUNT_OF(clock_names), name, &at))
        return false;
    *ret_from = (OrderClockFrom)at;
    return true;
}

const char *order_unit_name(OrderUnit u) {
    return unit_names[u];
}

bool order_unit_find(Str name, OrderUnit *ret_unit) {
    size_t at = 0;
    if (!name_find(unit_names, COUNT_OF(unit_names), name, &at))
        return false;
    *ret_unit = (OrderUnit)at;
    return true;
}

const char *order_hold_name(OrderHold h) {
    return hold_names[h];
}

bool order_hold_find(Str name, OrderHold *ret_hold) {
    size_t at = 0;
    if (!name_find(hold_names, COUNT_OF(hold_names), name, &at))
        return false;
    *ret_hold = (OrderHold)at;
    return true;
}

// --- table --------------------------------------------------------------------------------------

const OrderRule *order_rules(size_t *ret_n) {
    *ret_n = COUNT_OF(order_states);
    return order_states;
}

bool rule_serves(const OrderFacts *facts, const OrderRule *rule) {
    if (facts->request)
        return rule->requests;
    return rule->orders && (facts->hold || !rule->holds_only);
}

const OrderRule *rule_find(const OrderFacts *facts, OrderState state, OrderAct act,
                           OrderOutcome outcome) {
    for (size_t i = order_state_rows[state].from; i < order_state_rows[state].until; i++) {
        const OrderRule *rule = &order_states[i];
        if (rule->act == act && rule->outcome == outcome)
            return rule_serves(facts, rule) ? rule : NULL;
    }
    return NULL;
}
