// What an order says and where its clock stands, in plain words.
#include "desk/order_priv.h"

// "Wed 25 Nov 2026, 14:05" on the wall clock of the node.
Err desk_when(Ctx *c, const DeskNode *n, int64_t at_us, Str *ret_text) {
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t local = text_zone_to_local(n->zone, at_us), year;
    int64_t day = time_day(local);
    int64_t minute = (local - day * TIME_DAY_US) / TIME_MINUTE_US;
    unsigned month, date;
    civil_from_days(day, &year, &month, &date);
    return str_format(c, ret_text, "%s %u %s %lld, %02lld:%02lld", days[(day % 7 + 7) % 7], date,
                      months[month - 1], (long long)year, (long long)(minute / 60),
                      (long long)(minute % 60));
}

// "2 h 10 min", "3 days 4 h".
static Err span_text(Ctx *c, int64_t us, Str *ret_text) {
    int64_t minutes = us / TIME_MINUTE_US;
    if (minutes >= 3 * 1440)
        return str_format(c, ret_text, "%lld days %lld h", (long long)(minutes / 1440),
                          (long long)(minutes % 1440 / 60));
    if (minutes >= 60)
        return str_format(c, ret_text, "%lld h %lld min", (long long)(minutes / 60),
                          (long long)(minutes % 60));
    return str_format(c, ret_text, "%lld min", (long long)minutes);
}

static Err term_text(Ctx *c, const DeskNode *n, const DeskOrder *o, Str *ret_text) {
    Str when;
    *ret_text = (Str){0};
    if (o->view.has_ends_at && !o->request) {
        TRY(desk_when(c, n, o->view.ends_at, &when));
        return str_format(c, ret_text, " until " STR_FMT, STR_ARG(when));
    }
    if (o->request && o->has_asks_end) {
        TRY(desk_when(c, n, o->asks_end, &when));
        return str_format(c, ret_text, " until " STR_FMT, STR_ARG(when));
    }
    return OK;
}

Err desk_order_words(Ctx *c, const DeskNode *n, const DeskOrder *o, Str *ret_words) {
    Str amount, term;
    Str bank = desk_bank_name(n, o->account.country, o->account.institution);
    TRY(term_text(c, n, o, &term));
    if (!o->facts.hold)
        return str_format(c, ret_words, STR_FMT " " STR_FMT STR_FMT ".", STR_ARG(o->order),
                          STR_ARG(o->subject), STR_ARG(term));
    TRY(desk_amount_text(c, n, o->view.asked, o->currency, &amount));
    return str_format(c, ret_words,
                      "%s " STR_FMT " " STR_FMT " on " STR_FMT " at " STR_FMT STR_FMT ".",
                      o->request ? "Ask to hold" : "Hold", STR_ARG(amount), STR_ARG(o->currency),
                      STR_ARG(o->account.account), STR_ARG(bank), STR_ARG(term));
}

// --- the clock ----------------------------------------------------------------------------------

static Err unanswered(Ctx *c, const DeskOrder *o, int64_t now_us, Str *ret_words) {
    Str left = {0};
    if (o->view.has_ends_at && !o->request) {
        TRY(span_text(c, o->view.ends_at > now_us ? o->view.ends_at - now_us : 0, &left));
        TRY(str_format(c, &left, "; " STR_FMT " left", STR_ARG(left)));
    }
    if (o->is_to_us)
        return str_format(c, ret_words, "we have not answered " STR_FMT STR_FMT,
                          STR_ARG(o->agency_name), STR_ARG(left));
    if (!o->has_contact)
        return str_format(c, ret_words, "unanswered: call " STR_FMT STR_FMT,
                          STR_ARG(o->addressee_name), STR_ARG(left));
    Str reach = o->contact.phone.n > 0 ? o->contact.phone : o->contact.email;
    return str_format(c, ret_words, "unanswered: call " STR_FMT " at " STR_FMT ", " STR_FMT STR_FMT,
                      STR_ARG(o->contact.desk), STR_ARG(o->addressee_name), STR_ARG(reach),
                      STR_ARG(left));
}

static Err ended(Ctx *c, const DeskOrder *o, int64_t now_us, Str *ret_words) {
    Str ago = {0};
    const char *state = order_state_name(o->now.state);
    int64_t at = o->view.has_ended_at ? o->view.ended_at : o->view.ends_at;
    if (o->now.state == ORDER_VOID && !o->view.has_ended_at)
        at = o->view.issued_at + ORDER_EVENT_HOURS_MAX * TIME_HOUR_US;
    TRY(span_text(c, now_us > at ? now_us - at : 0, &ago));
    if (o->now.not_confirmed)
        return str_format(c, ret_words, "%s " STR_FMT " ago, not confirmed%s%s", state,
                          STR_ARG(ago), o->is_to_us ? " by us" : "",
                          o->now.overdue ? ": overdue" : "");
    return str_format(c, ret_words, "%s " STR_FMT " ago", state, STR_ARG(ago));
}

static Err alive(Ctx *c, const DeskOrder *o, int64_t now_us, Str *ret_words) {
    Str left, due;
    if (!o->view.has_ends_at) {
        int64_t until = o->view.issued_at + ORDER_EVENT_HOURS_MAX * TIME_HOUR_US;
        TRY(span_text(c, until > now_us ? until - now_us : 0, &left));
        if (o->request)
            return str_format(c, ret_words, "waits for %s" STR_FMT,
                              o->is_to_us ? "our answer" : "the answer of ",
                              STR_ARG(o->is_to_us ? (Str){0} : o->addressee_name));
        return str_format(c, ret_words, "its clock has not begun: void in " STR_FMT, STR_ARG(left));
    }
    TRY(span_text(c, o->view.ends_at > now_us ? o->view.ends_at - now_us : 0, &left));
    bool waits = o->now.has_due && strcmp(o->now.due, "answer") == 0 && o->now.due_at > now_us;
    if (!waits)
        return str_format(c, ret_words, STR_FMT " left%s%s", STR_ARG(left),
                          o->night || o->day_off ? ", ends outside working hours" : "",
                          o->now.overdue         ? "; a reduction is not confirmed: overdue"
                          : o->now.not_confirmed ? "; a reduction is not confirmed"
                                                 : "");
    TRY(span_text(c, o->now.due_at - now_us, &due));
    return str_format(c, ret_words, STR_FMT " left%s; answer within " STR_FMT, STR_ARG(left),
                      o->night || o->day_off ? ", ends outside working hours" : "", STR_ARG(due));
}

// What its addressee told last of the order that a request became.
static Err told(Ctx *c, const DeskNode *n, const DeskOrder *o, int64_t now_us, Str *ret_words) {
    AUTO(Buf) b = {0};
    Str amount, span;
    const OrderView *v = &o->view;
    int64_t left = v->has_ends_at ? v->ends_at - now_us : 0;
    if (o->now.state == ORDER_WITHDRAWN)
        buf_text(&b, "withdrawn after it was ");
    buf_format(&b, "adopted by " STR_FMT, STR_ARG(o->is_to_us ? STR("us") : o->addressee_name));
    if (v->has_told_at && v->told == ORDER_DID_REFUSE)
        buf_text(&b, ": its order was refused");
    else if (v->has_told_at && v->told == ORDER_NO_OUTCOME)
        buf_text(&b, ": its order is not answered yet");
    else if (v->has_told_at) {
        TRY(desk_amount_text(c, n, v->held, o->currency, &amount));
        buf_format(&b, ": %s, " STR_FMT " " STR_FMT " held", order_outcome_name(v->told),
                   STR_ARG(amount), STR_ARG(o->currency));
    }
    if (v->has_told_at && v->has_ends_at && v->told != ORDER_DID_REFUSE) {
        TRY(span_text(c, left > 0 ? left : -left, &span));
        if (v->told_over || left <= 0)
            buf_format(&b, "; " STR_FMT " " STR_FMT " ago%s",
                       STR_ARG(o->told_code.n ? o->told_code
                               : v->told_over ? STR("ended")
                                              : STR("lapsed")),
                       STR_ARG(span), v->held > 0 ? ", not confirmed" : "");
        else
            buf_format(&b, ", " STR_FMT " left", STR_ARG(span));
    }
    TRY(buf_check(c, &b));
    return str_copy(c, buf_view(&b), ret_words);
}

// Of an order that adopts a request which was withdrawn since.
static Err asked_no_more(Ctx *c, const DeskOrder *o, Str *ret_words) {
    if (!str_eq_c(o->adopts_state, "withdrawn") || !o->now.alive)
        return OK;
    return str_format(c, ret_words,
                      STR_FMT "; the request that it adopts was withdrawn: release it, or keep it "
                              "for your own reasons",
                      STR_ARG(*ret_words));
}

static Err clock_of(Ctx *c, DeskNode *n, const DeskOrder *o, Str *ret_words) {
    int64_t now_us = clock_now(n->env.clock);
    if (o->now.state == ORDER_WITHDRAWN && o->view.has_adopted_at)
        return told(c, n, o, now_us, ret_words);
    if (o->view.waits_second)
        return str_format(c, ret_words, "waits for a second officer");
    switch (o->now.state) {
    case ORDER_DRAFT:
        return str_format(c, ret_words, "a draft: it binds nobody yet");
    case ORDER_ISSUED:
    case ORDER_RECEIVED:
        return o->now.unanswered ? unanswered(c, o, now_us, ret_words)
                                 : alive(c, o, now_us, ret_words);
    case ORDER_EXECUTED:
    case ORDER_PARTLY:
        return alive(c, o, now_us, ret_words);
    case ORDER_ADOPTED:
        return told(c, n, o, now_us, ret_words);
    case ORDER_REFUSED:
        return str_format(c, ret_words, "refused");
    case ORDER_WITHDRAWN:
    case ORDER_RELEASED:
    case ORDER_SUPERSEDED:
    case ORDER_SETTLED:
    case ORDER_LAPSED:
    case ORDER_VOID:
        return ended(c, o, now_us, ret_words);
    }
    UNREACHABLE();
}

Err desk_order_clock(Ctx *c, DeskNode *n, const DeskOrder *o, Str *ret_words) {
    TRY(clock_of(c, n, o, ret_words));
    return asked_no_more(c, o, ret_words);
}
