// What an order is at a given now: state, what is due, and what may be done.
#include "order/order_priv.h"

// --- what is due --------------------------------------------------------------------------------

static void due_by(OrderNow *now, const char *what, int64_t at) {
    if (now->has_due && now->due_at <= at)
        return;
    now->has_due = true;
    now->due_at = at;
    now->due = what;
}

// The end by records or by time; false while there is none, or where nothing took effect.
static bool end_of(const OrderView *v, OrderState state, int64_t *ret_at) {
    if (state == ORDER_LAPSED)
        *ret_at = v->ends_at;
    else if (state == ORDER_VOID)
        *ret_at = v->issued_at + ORDER_EVENT_HOURS_MAX * TIME_HOUR_US;
    else if (state == ORDER_WITHDRAWN || state == ORDER_RELEASED)
        *ret_at = v->ended_at;
    else
        return false;
    return true;
}

static void confirm_now(const OrderView *v, int64_t now_us, OrderNow *now) {
    int64_t since = 0;
    bool ended = end_of(v, now->state, &since) && v->owes_undone && !v->has_undone_at;
    bool reduced = now->alive && v->waits_reduction;
    if (!ended && !reduced)
        return;
    if (reduced)
        since = v->reduced_at;
    int64_t by = since + ORDER_UNDONE_HOURS * TIME_HOUR_US;
    now->not_confirmed = true;
    now->overdue = now_us >= by;
    due_by(now, ended ? "undone" : "receipt", by);
}

// Whose acts wait for a second that may still count. Once it has ended by time, of the issuer's
// only a review can.
static unsigned seconds_of(const OrderView *v, OrderState state) {
    bool by_time = state == ORDER_LAPSED || state == ORDER_VOID;
    unsigned issuer = by_time && !v->waits_finding ? 0 : ORDER_ISSUER;
    return v->waits_second & (issuer | ORDER_ADDRESSEE);
}

OrderNow order_now(const OrderFacts *facts, const OrderView *v, int64_t now_us) {
    OrderNow now = {.state = state_at(facts, v, now_us)};
    bool open = state_is_alive(now.state); // a request that nobody answered is open too
    now.alive = open && !facts->request;
    if (v->appeal == ORDER_APPEALED) {
        int64_t by = v->appealed_at + ORDER_REVIEW_HOURS * TIME_HOUR_US;
        now.review_overdue = now_us >= by;
        due_by(&now, "review", by);
    }
    confirm_now(v, now_us, &now);
    if (open && !v->has_answered_at) {
        int64_t by = v->issued_at + facts->answer_hours * TIME_HOUR_US;
        now.unanswered = now_us >= by;
        due_by(&now, "answer", by);
    }
    if (now.alive && v->waits_receipt)
        due_by(&now, "receipt", v->ends_at);
    bool may_issue = open || now.state == ORDER_DRAFT;
    if (may_issue ? v->waits_second : v->waits_second & ORDER_ADDRESSEE)
        due_by(&now, "second", v->waiting_at);
    if (now.alive && !v->has_ends_at)
        due_by(&now, "event", v->issued_at + ORDER_EVENT_HOURS_MAX * TIME_HOUR_US);
    if (now.alive && v->has_ends_at) {
        now.ends_soon = v->ends_at - now_us <= ORDER_SOON_HOURS * TIME_HOUR_US;
        due_by(&now, "end", v->ends_at);
    }
    // Of a request that was adopted the clock of the order that it became, as it was told.
    if (v->has_told_at && !v->told_over && v->has_ends_at && now_us < v->ends_at) {
        now.ends_soon = v->ends_at - now_us <= ORDER_SOON_HOURS * TIME_HOUR_US;
        due_by(&now, "end", v->ends_at);
    }
    return now;
}

// --- what may be done ---------------------------------------------------------------------------

static bool fits(const OrderView *v, OrderState state, OrderAct act) {
    if (act == ORDER_RECEIVE && state != ORDER_ISSUED)
        return (v->waits_receipt || v->waits_reduction) && act_fits_view(v, state, act);
    return act_fits_view(v, state, act);
}

// Who may do it now, or may tell it as done before the end, by the row; 0: nobody.
static unsigned may_now(const OrderFacts *facts, const OrderView *v, int64_t now_us,
                        OrderChoice choice) {
    OrderState state = state_at(facts, v, now_us);
    if (act_is_told(choice.act) && state != v->state && !v->has_undone_at)
        state = v->state;
    const OrderRule *rule = rule_find(facts, state, choice.act, choice.outcome);
    if (!rule || !fits(v, state, choice.act))
        return 0;
    return choice.act == ORDER_SECOND ? rule->parties & seconds_of(v, state) : rule->parties;
}

size_t order_allowed(const OrderFacts *facts, const OrderView *v, int64_t now_us, unsigned parties,
                     OrderChoice *ret_choices) {
    size_t n = 0;
    for (unsigned act = 0; act < ORDER_ACTS; act++) {
        for (unsigned outcome = 0; outcome < ORDER_OUTCOMES; outcome++) {
            OrderChoice choice = {(OrderAct)act, (OrderOutcome)outcome};
            if ((may_now(facts, v, now_us, choice) & parties) && n < ORDER_CHOICES_MAX)
                ret_choices[n++] = choice;
        }
    }
    return n;
}

static void words_choice(Buf *b, OrderChoice choice) {
    buf_text(b, order_act_name(choice.act));
    if (choice.outcome == ORDER_NO_OUTCOME)
        return;
    buf_char(b, ' ');
    buf_text(b, order_outcome_name(choice.outcome));
}

static void words_parties(Buf *b, unsigned parties) {
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = {{ORDER_ISSUER, "issuer"},
                 {ORDER_ADDRESSEE, "addressee"},
                 {ORDER_HOLDER, "holder"},
                 {ORDER_COURT, "court"}};
    const char *between = "";
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (!(parties & names[i].bit))
            continue;
        buf_text(b, between);
        buf_text(b, names[i].name);
        between = " or ";
    }
}

static void words_state(Buf *b, const OrderFacts *facts, const OrderView *v, int64_t now_us) {
    char text[TIME_TEXT_BYTES];
    int64_t since = 0;
    OrderState state = state_at(facts, v, now_us);
    buf_format(b, "the %s is %s", facts->request ? "request" : "order", order_state_name(state));
    bool ended = end_of(v, state, &since);
    if (state == ORDER_SUPERSEDED || state == ORDER_SETTLED) {
        ended = true;
        since = v->ended_at;
    }
    if (!ended)
        return;
    time_format(since - since % 1000000, text); // nobody needs its µs to understand
    buf_format(b, " since %s", text);
}

// "; what may still be done: undone (addressee), appeal (holder)".
static void words_allowed(Buf *b, const OrderFacts *facts, const OrderView *v, int64_t now_us) {
    OrderChoice choices[ORDER_CHOICES_MAX];
    size_t n = order_allowed(facts, v, now_us, ~0U, choices);
    if (n == 0) {
        buf_text(b, "; nothing more can be done with it");
        return;
    }
    bool over = !state_is_alive(state_at(facts, v, now_us));
    buf_text(b, over ? "; what may still be done: " : "; what may be done: ");
    const char *between = "";
    for (size_t i = 0; i < n; i++) {
        if (choices[i].act == ORDER_TELL) // nobody's to do: the node tells by itself
            continue;
        buf_text(b, between);
        between = ", ";
        words_choice(b, choices[i]);
        buf_text(b, " (");
        words_parties(b, may_now(facts, v, now_us, choices[i]));
        buf_char(b, ')');
    }
}

// Fails with what the order is, the given reason, and what may be done instead.
static Err refuse(Ctx *c, Err e, const OrderFacts *facts, const OrderView *v, int64_t now_us,
                  const char *reason) {
    AUTO(Buf) b = {0};
    words_state(&b, facts, v, now_us);
    if (reason[0])
        buf_format(&b, ": %s", reason);
    words_allowed(&b, facts, v, now_us);
    TRY(buf_check(c, &b));
    return fail(c, e, STR_FMT, STR_ARG(buf_view(&b)));
}

Err order_check(Ctx *c, const OrderFacts *facts, const OrderView *v, int64_t now_us,
                OrderChoice choice, OrderParty party) {
    const unsigned may = may_now(facts, v, now_us, choice);
    if (may & party)
        return OK;
    AUTO(Buf) reason = {0};
    buf_char(&reason, '"');
    words_choice(&reason, choice);
    if (may) {
        buf_text(&reason, "\" is for the ");
        words_parties(&reason, may);
        buf_text(&reason, " to do");
    } else {
        buf_text(&reason, "\" cannot be done");
    }
    buf_char(&reason, 0);
    TRY(buf_check(c, &reason));
    return refuse(c, may ? E_DENIED : E_STATE, facts, v, now_us, reason.p);
}

// --- a record before it is written --------------------------------------------------------------

static const char *amount_words(const OrderEvent *e) {
    if (e->outcome == ORDER_DID_EXECUTE)
        return "executed means all that was asked; a smaller amount is partly";
    if (e->outcome == ORDER_DID_PARTLY)
        return "partly needs an amount above 0 and below what was asked";
    if (e->outcome == ORDER_DID_REFUSE)
        return "what is refused holds no amount";
    return "what stays must be above 0 and below what is held; to free all, release";
}

static const char *end_words(const OrderEvent *e) {
    if (e->act == ORDER_EXTEND || e->act == ORDER_RECEIVE)
        return "the new end must be stated and lie after the present one";
    return "the record must state the end, and it must lie after the moment from which it runs";
}

Err order_try(Ctx *c, const OrderFacts *facts, const OrderEvent *events, size_t n,
              const OrderEvent *next, OrderEffect *ret_effect) {
    OrderEvent *all = NULL;
    OrderEffect *effects = NULL;
    OrderView before, after;
    if (n >= ORDER_EVENTS_MAX)
        return fail(c, E_LIMIT, "the order has %d records already", ORDER_EVENTS_MAX);
    TRY(ctx_alloc(c, (n + 1) * sizeof *all, &all));
    TRY(ctx_alloc(c, (n + 1) * sizeof *effects, &effects));
    if (n > 0)
        memcpy(all, events, n * sizeof *all);
    all[n] = *next;
    TRY(order_fold(c, facts, all, n, effects, &before));
    TRY(order_fold(c, facts, all, n + 1, effects, &after));
    OrderChoice choice = {next->act, next->outcome};
    switch (effects[n]) {
    case ORDER_COUNTED:
    case ORDER_WAITS:
        *ret_effect = effects[n];
        return OK;
    case ORDER_NOT_ALLOWED:
    case ORDER_TOO_LATE:
        TRY(order_check(c, facts, &before, next->at, choice, next->party));
        if (next->act == ORDER_SECOND || next->act == ORDER_RECEIVE)
            return refuse(c, E_STATE, facts, &before, next->at,
                          "the act that it names does not wait for it");
        return refuse(c, E_STATE, facts, &before, next->at,
                      "what happens at or after the end has no effect");
    case ORDER_SAME_OFFICER:
        return refuse(c, E_DENIED, facts, &before, next->at,
                      next->act == ORDER_SECOND
                          ? "the second must be another officer than the first"
                          : "a review is for an officer who did not issue the order");
    case ORDER_OVER_AMOUNT:
        return refuse(c, E_INVALID, facts, &before, next->at, amount_words(next));
    case ORDER_NO_END:
        return refuse(c, E_INVALID, facts, &before, next->at, end_words(next));
    }
    UNREACHABLE();
}
