// The naive model of an order, written from docs/order.md and not from the table.
#include "model.h"

static bool one_of(OrderState s, const char *names) {
    const char *name = order_state_name(s);
    const char *at = strstr(names, name);
    return at && (at == names || at[-1] == ' ') && strchr(" ", at[strlen(name)]);
}

void model_init(Model *m, const OrderFacts *facts) {
    *m = (Model){.facts = *facts};
    m->asked = facts->hold ? facts->amount : 0;
    m->history[m->history_n].at = INT64_MIN;
    m->history[m->history_n++].asked = m->asked;
}

// A request: nothing but sending it, an answer of no, adopting it, taking it back.
static unsigned who_request(OrderState s, OrderAct act, OrderOutcome o, OrderState *next) {
    bool pending = one_of(s, "issued received");
    if (act == ORDER_ISSUE && s == ORDER_DRAFT) {
        *next = ORDER_ISSUED;
        return ORDER_ISSUER;
    }
    if (act == ORDER_WITHDRAW && (pending || one_of(s, "draft adopted"))) {
        *next = ORDER_WITHDRAWN;
        return ORDER_ISSUER;
    }
    if (act == ORDER_SECOND && (pending || s == ORDER_WITHDRAWN))
        return ORDER_ISSUER | ORDER_ADDRESSEE;
    if (act == ORDER_SECOND && s == ORDER_DRAFT)
        return ORDER_ISSUER;
    if (act == ORDER_RECEIVE && s == ORDER_ISSUED) {
        *next = ORDER_RECEIVED;
        return ORDER_ADDRESSEE;
    }
    if (act == ORDER_ADOPT && pending) {
        *next = ORDER_ADOPTED;
        return ORDER_ADDRESSEE;
    }
    if (act == ORDER_ANSWER && o == ORDER_DID_REFUSE && (pending || s == ORDER_WITHDRAWN)) {
        if (pending)
            *next = ORDER_REFUSED;
        return ORDER_ADDRESSEE;
    }
    if (act == ORDER_TELL && (o == ORDER_NO_OUTCOME || o == ORDER_DID_EXECUTE ||
                              o == ORDER_DID_PARTLY || o == ORDER_DID_REFUSE))
        return one_of(s, "adopted withdrawn") ? ORDER_ADDRESSEE : 0;
    return act == ORDER_ATTEMPT && (pending || one_of(s, "adopted refused withdrawn"))
               ? ORDER_ISSUER
               : 0;
}

static unsigned who_answer(OrderState s, OrderOutcome o, OrderState *next) {
    bool late = one_of(s, "withdrawn released superseded");
    if (o != ORDER_DID_EXECUTE && o != ORDER_DID_PARTLY && o != ORDER_DID_REFUSE)
        return 0;
    if (!late && !one_of(s, "issued received executed partly"))
        return 0;
    if (!late)
        *next = o == ORDER_DID_EXECUTE  ? ORDER_EXECUTED
                : o == ORDER_DID_PARTLY ? ORDER_PARTLY
                                        : ORDER_REFUSED;
    return ORDER_ADDRESSEE;
}

static unsigned who_review(const OrderFacts *f, OrderState s, OrderOutcome o, OrderState *next) {
    bool alive = one_of(s, "issued received executed partly");
    bool over = one_of(s, "withdrawn released superseded settled lapsed void");
    if (o == ORDER_OVERTURNED && alive)
        *next = ORDER_RELEASED;
    if (o == ORDER_UPHELD || o == ORDER_OVERTURNED)
        return alive || over ? ORDER_ISSUER : 0;
    return o == ORDER_REDUCED && alive && f->hold ? ORDER_ISSUER : 0;
}

unsigned model_who(const OrderFacts *f, OrderState s, OrderAct act, OrderOutcome o,
                   OrderState *next) {
    bool alive = one_of(s, "issued received executed partly");
    bool done = one_of(s, "executed partly");
    *next = s;
    if (act != ORDER_ANSWER && act != ORDER_REVIEW && act != ORDER_TELL && o != ORDER_NO_OUTCOME)
        return 0;
    if (f->request)
        return who_request(s, act, o, next);
    switch (act) {
    case ORDER_ISSUE:
        *next = ORDER_ISSUED;
        return s == ORDER_DRAFT ? ORDER_ISSUER : 0;
    case ORDER_RECEIVE:
        if (s == ORDER_ISSUED)
            *next = ORDER_RECEIVED;
        return alive ? ORDER_ADDRESSEE : 0;
    case ORDER_ANSWER:
        return who_answer(s, o, next);
    case ORDER_ADOPT:
    case ORDER_TELL:
        return 0;
    case ORDER_COMPLAINT:
        return alive ? ORDER_ISSUER : 0;
    case ORDER_EXTEND:
        return done ? ORDER_ISSUER | ORDER_COURT : 0;
    case ORDER_REDUCE:
        return done && f->hold ? ORDER_ISSUER | ORDER_COURT : 0;
    case ORDER_WITHDRAW:
        *next = ORDER_WITHDRAWN;
        return one_of(s, "draft issued received") ? ORDER_ISSUER : 0;
    case ORDER_RELEASE:
        *next = ORDER_RELEASED;
        return done ? ORDER_ISSUER | ORDER_COURT : 0;
    case ORDER_SUPERSEDE:
        *next = ORDER_SUPERSEDED;
        return alive ? ORDER_ISSUER | ORDER_COURT : 0;
    case ORDER_SETTLE:
        *next = ORDER_SETTLED;
        return done ? ORDER_ISSUER : 0;
    case ORDER_UNDONE:
        return one_of(s, "withdrawn released lapsed void") ? ORDER_ADDRESSEE : 0;
    case ORDER_APPEAL:
        return alive || one_of(s, "withdrawn released settled lapsed void") ? ORDER_HOLDER : 0;
    case ORDER_REVIEW:
        return who_review(f, s, o, next);
    case ORDER_ATTEMPT:
        return alive || one_of(s, "refused withdrawn released superseded settled lapsed void")
                   ? ORDER_ISSUER
                   : 0;
    case ORDER_SECOND:
        if (alive || one_of(s, "withdrawn released superseded lapsed void"))
            return ORDER_ISSUER | ORDER_ADDRESSEE;
        return one_of(s, "draft settled") ? ORDER_ISSUER : 0;
    }
    return 0;
}

OrderState model_state_at(const Model *m, int64_t t) {
    if (m->facts.request || !one_of(m->state, "issued received executed partly"))
        return m->state;
    if (m->has_end)
        return m->undone || t >= m->end ? ORDER_LAPSED : m->state;
    return m->undone || t >= m->issued_at + 72 * HOUR ? ORDER_VOID : m->state;
}

static OrderEffect no(OrderState s) {
    return one_of(s, "withdrawn released superseded settled lapsed void") ? ORDER_TOO_LATE
                                                                          : ORDER_NOT_ALLOWED;
}

// "Beyond the table" of the document.
static bool beyond(const Model *m, const OrderEvent *e, size_t i, OrderState s, int64_t t) {
    bool told = e->act == ORDER_RECEIVE || e->act == ORDER_ANSWER || e->act == ORDER_COMPLAINT;
    if (s == ORDER_WITHDRAWN && !m->issued)
        return false;
    if (e->act == ORDER_TELL)
        return m->adopted;
    if (m->undone && (told || e->act == ORDER_UNDONE))
        return false;
    if ((e->act == ORDER_COMPLAINT && m->complained) || (e->act == ORDER_EXTEND && !m->has_end))
        return false;
    if (e->act == ORDER_REVIEW && m->appeal != ORDER_APPEALED)
        return false;
    if (e->act == ORDER_APPEAL && m->appeal == ORDER_IS_OVERTURNED)
        return false;
    if (e->act == ORDER_ANSWER && one_of(s, "withdrawn released superseded"))
        return !m->answered && !m->adopted && t < m->ended_at;
    if (e->act != ORDER_RECEIVE)
        return true;
    if (!e->has_target)
        return s == ORDER_ISSUED;
    return e->target < i &&
           (m->waits[e->target] == 'r' || (m->reduction_open && m->reduction == e->target));
}

static int64_t asked_then(const Model *m, int64_t t) {
    int64_t asked = 0;
    for (size_t k = 0; k < m->history_n; k++)
        if (m->history[k].at <= t)
            asked = m->history[k].asked;
    return asked;
}

static bool starts_clock(const Model *m, const OrderEvent *e) {
    bool holds = e->act == ORDER_ANSWER && e->outcome != ORDER_DID_REFUSE;
    if (m->facts.request || m->has_end || m->ended)
        return false;
    return (m->facts.clock_from == ORDER_FROM_ISSUED && e->act == ORDER_ISSUE) ||
           (m->facts.clock_from == ORDER_FROM_RECEIVED && (e->act == ORDER_RECEIVE || holds)) ||
           (m->facts.clock_from == ORDER_FROM_EXECUTED && holds) ||
           (m->facts.clock_from == ORDER_FROM_COMPLAINT && e->act == ORDER_COMPLAINT);
}

static bool sum_is_right(const Model *m, const OrderEvent *e, int64_t t) {
    int64_t asked = asked_then(m, t);
    if (!m->facts.hold)
        return true;
    if (e->act == ORDER_REDUCE || e->outcome == ORDER_REDUCED)
        return e->has_amount && e->amount > 0 && e->amount < (m->executed ? m->held : m->asked);
    if (e->act == ORDER_TELL)
        return e->has_amount && e->amount >= 0 && e->amount <= m->facts.amount;
    if (e->act != ORDER_ANSWER)
        return true;
    if (e->outcome == ORDER_DID_PARTLY)
        return e->has_amount && e->amount > 0 && e->amount < asked;
    return !e->has_amount || e->amount == (e->outcome == ORDER_DID_EXECUTE ? asked : 0);
}

static bool end_is_right(const Model *m, const OrderEvent *e, int64_t t, bool has, int64_t end) {
    if (e->act == ORDER_EXTEND)
        return has && end > m->end;
    if (e->act == ORDER_RECEIVE && e->has_target && m->waits[e->target] == 'r' &&
        m->events[e->target].ends_at <= m->end)
        return false;
    return !starts_clock(m, e) || (has && end > t);
}

static void reduce(Model *m, size_t i, int64_t t) {
    m->asked = m->events[i].amount;
    m->history[m->history_n].at = t;
    m->history[m->history_n++].asked = m->asked;
    if (m->executed)
        m->held = m->asked;
    m->reduction_open = m->owes;
    m->reduction = i;
}

static void answered(Model *m, const OrderEvent *e, int64_t t) {
    m->received = m->answered = true;
    m->owes = e->outcome != ORDER_DID_REFUSE && !m->facts.request;
    m->told = 0;
    if (e->outcome != ORDER_DID_REFUSE) {
        m->executed = true;
        m->told = e->outcome == ORDER_DID_EXECUTE ? asked_then(m, t) : e->amount;
        if (!m->facts.hold)
            m->told = 0;
    }
    m->held = m->told > m->asked ? m->asked : m->told;
    m->reduction_open = m->told > m->asked;
    if (m->state == ORDER_SUPERSEDED)
        m->held = 0;
}

static void received(Model *m, const OrderEvent *e, int64_t t) {
    m->received = true;
    m->owes = !m->facts.request;
    if (e->has_target && m->waits[e->target] == 'r') {
        m->waits[e->target] = 0;
        m->effects[e->target] = ORDER_COUNTED;
        m->since[e->target] = t;
        m->end = m->events[e->target].ends_at;
        m->extensions++;
    } else if (e->has_target) {
        m->reduction_open = false;
    }
}

static OrderEffect happens(Model *m, size_t i, int64_t t, int64_t end, OrderState next) {
    const OrderEvent *e = &m->events[i];
    bool clock = starts_clock(m, e);
    m->since[i] = t;
    m->waits[i] = 0;
    if (e->act == ORDER_EXTEND) {
        m->waits[i] = 'r';
        return ORDER_WAITS;
    }
    if (e->act == ORDER_ISSUE) {
        m->issued = true;
        m->issued_at = t;
        m->officers[0] = e->officer[0];
    }
    if (e->act == ORDER_RECEIVE)
        received(m, e, t);
    if (e->act == ORDER_ANSWER)
        answered(m, e, t);
    if (e->act == ORDER_REDUCE || (e->act == ORDER_REVIEW && e->outcome == ORDER_REDUCED))
        reduce(m, i, t);
    if (e->act == ORDER_COMPLAINT)
        m->complained = true;
    if (e->act == ORDER_ATTEMPT)
        m->attempts++;
    if (e->act == ORDER_APPEAL)
        m->appeal = ORDER_APPEALED;
    if (e->act == ORDER_REVIEW)
        m->appeal = e->outcome == ORDER_UPHELD    ? ORDER_IS_UPHELD
                    : e->outcome == ORDER_REDUCED ? ORDER_IS_REDUCED
                                                  : ORDER_IS_OVERTURNED;
    if (e->act == ORDER_ADOPT)
        m->adopted = true;
    if (e->act == ORDER_TELL) {
        m->is_told = true;
        m->told_outcome = e->outcome;
        m->over = e->over;
        m->held = m->facts.hold ? e->amount : 0;
        m->has_end = e->has_ends_at;
        m->end = e->ends_at;
    }
    if (e->act == ORDER_UNDONE)
        m->undone = true;
    if (e->act == ORDER_UNDONE || e->act == ORDER_SETTLE || e->act == ORDER_SUPERSEDE)
        m->held = 0;
    if (clock) {
        m->has_end = true;
        m->end = end;
    }
    if (next != m->state && next != ORDER_LAPSED && next != ORDER_VOID) {
        if (one_of(next, "withdrawn released superseded settled")) {
            m->ended = true;
            m->ended_at = t;
        }
        m->state = next;
    }
    return ORDER_COUNTED;
}

static OrderEffect may(const Model *m, size_t i, int64_t t, OrderState *next) {
    const OrderEvent *e = &m->events[i];
    OrderState s = model_state_at(m, t);
    if (!(model_who(&m->facts, s, e->act, e->outcome, next) & e->party) || !beyond(m, e, i, s, t))
        return no(s);
    uint8_t by = e->officer[0];
    if (e->act == ORDER_REVIEW && (by == 0 || by == m->officers[0] || by == m->officers[1]))
        return ORDER_SAME_OFFICER;
    return ORDER_COUNTED;
}

// When it happened, as told; of what is not told, the record's time.
static int64_t own_moment(const Model *m, size_t i) {
    const OrderEvent *e = &m->events[i];
    if (e->act != ORDER_RECEIVE && e->act != ORDER_ANSWER && e->act != ORDER_COMPLAINT)
        return e->at;
    int64_t t = e->happened_at > e->at ? e->at : e->happened_at;
    if (m->issued && t < m->issued_at)
        t = m->issued_at;
    if (e->act == ORDER_RECEIVE && e->has_target && e->target < i && t < m->since[e->target])
        t = m->since[e->target];
    return t;
}

static OrderEffect seconds(Model *m, size_t i) {
    const OrderEvent *e = &m->events[i];
    OrderState next = ORDER_DRAFT;
    OrderEffect effect = may(m, i, e->at, &next);
    if (effect != ORDER_COUNTED)
        return effect;
    if (!e->has_target || e->target >= i || m->waits[e->target] != 's')
        return no(model_state_at(m, e->at));
    const OrderEvent *first = &m->events[e->target];
    if ((first->party == ORDER_ADDRESSEE) != (e->party == ORDER_ADDRESSEE)) // another side's
        return no(model_state_at(m, e->at));
    uint8_t by = e->officer[0];
    if (by == 0 || by == first->officer[0] ||
        (first->act == ORDER_REVIEW && (by == m->officers[0] || by == m->officers[1])))
        return ORDER_SAME_OFFICER;
    int64_t t = e->at > first->at ? e->at : first->at;
    if (first->party == ORDER_ADDRESSEE)
        t = own_moment(m, e->target);
    effect = may(m, e->target, t, &next);
    if (effect != ORDER_COUNTED) {
        m->waits[e->target] = 0;
        m->effects[e->target] = effect;
        return effect;
    }
    bool own_end = first->act == ORDER_ISSUE && e->has_ends_at;
    int64_t end = own_end ? e->ends_at : first->ends_at;
    if (!sum_is_right(m, first, t))
        return ORDER_OVER_AMOUNT;
    if (!end_is_right(m, first, t, own_end || first->has_ends_at, end))
        return ORDER_NO_END;
    m->effects[e->target] = happens(m, e->target, t, end, next);
    if (first->act == ORDER_ISSUE)
        m->officers[1] = by;
    m->since[i] = e->at;
    return ORDER_COUNTED;
}

static OrderEffect first(Model *m, size_t i) {
    const OrderEvent *e = &m->events[i];
    int64_t t = own_moment(m, i);
    OrderState next = ORDER_DRAFT;
    OrderEffect effect = may(m, i, t, &next);
    if (effect != ORDER_COUNTED)
        return effect;
    if (!sum_is_right(m, e, t))
        return ORDER_OVER_AMOUNT;
    bool two = e->persons == 2 && (e->party == ORDER_ISSUER || e->party == ORDER_COURT) &&
               e->act != ORDER_ATTEMPT && e->act != ORDER_COMPLAINT;
    two |= e->persons == 2 && e->party == ORDER_ADDRESSEE &&
           (e->act == ORDER_RECEIVE || e->act == ORDER_ANSWER || e->act == ORDER_UNDONE);
    if (!(two && e->act == ORDER_ISSUE) && !end_is_right(m, e, t, e->has_ends_at, e->ends_at))
        return ORDER_NO_END;
    if (!two)
        return happens(m, i, t, e->ends_at, next);
    m->waits[i] = 's';
    m->since[i] = t;
    return ORDER_WAITS;
}

void model_step(Model *m, const OrderEvent *e) {
    assert_true(m->n < MODEL_EVENTS_MAX);
    size_t i = m->n++;
    m->events[i] = *e;
    m->waits[i] = 0;
    m->since[i] = 0;
    m->effects[i] = e->act == ORDER_SECOND ? seconds(m, i) : first(m, i);
}

OrderEffect model_effect(const Model *m, size_t i) {
    const OrderEvent *e = &m->events[i];
    OrderState s = model_state_at(m, INT64_MIN), next;
    if (m->waits[i] == 0)
        return m->effects[i];
    if (e->party == ORDER_ADDRESSEE) {
        OrderEffect effect = may(m, i, own_moment(m, i), &next);
        return effect == ORDER_COUNTED ? ORDER_WAITS : effect;
    }
    bool possible = model_who(&m->facts, s, e->act, e->outcome, &next) != 0 &&
                    beyond(m, e, i, s, INT64_MIN) &&
                    (e->act != ORDER_EXTEND || e->ends_at > m->end);
    return possible ? ORDER_WAITS : no(s);
}
