// order: the life of an order and its legal clock. Pure: facts in, state and times out.
//
// An order is a demand of one agency to another: hold this amount, suspend this number. What was
// said of it are events (one a record); order_fold goes through them by the table data/states.csv,
// compiled in, and says which counted. Nothing here reads a clock: what depends on the present is
// computed from a `now` that is given. Invariants: the same events give the same view; no act that
// the table does not name has an effect; nothing that happens at or after `ends_at` brings an order
// back. Times are µs UTC, amounts minor units. docs/order.md has the words. Threads: all are safe
// on different Ctx.
#ifndef MOEI_ORDER_H
#define MOEI_ORDER_H

#include "base/base.h"
#include "text/text.h"

// --- states and acts ----------------------------------------------------------------------------

// The first eleven come from records alone; the last two are seen from a given now.
typedef enum OrderState {
    ORDER_DRAFT,
    ORDER_ISSUED,
    ORDER_RECEIVED,
    ORDER_EXECUTED,
    ORDER_PARTLY,
    ORDER_ADOPTED, // a request that the addressee made an order of its own of
    ORDER_REFUSED,
    ORDER_WITHDRAWN,
    ORDER_RELEASED, // by the issuer, or because an appeal overturned it
    ORDER_SUPERSEDED,
    ORDER_SETTLED,
    ORDER_LAPSED, // its end has come
    ORDER_VOID    // the event from which its clock runs did not come within ORDER_EVENT_HOURS_MAX
} OrderState;
#define ORDER_STATES 13
const char *order_state_name(OrderState s); // "draft" …
bool order_state_find(Str name, OrderState *ret_state);

// What a record can do. Issue, extend, reduce, release … with persons = 2 count from their second.
typedef enum OrderAct {
    ORDER_ISSUE,
    ORDER_RECEIVE, // the addressee has it; with a target: it has that extension or reduction
    ORDER_ANSWER,  // outcome executed, partly, refused
    ORDER_ADOPT,
    ORDER_COMPLAINT, // was filed; states the end where the clock runs from it
    ORDER_EXTEND,
    ORDER_REDUCE,
    ORDER_WITHDRAW, // before execution
    ORDER_RELEASE,
    ORDER_SUPERSEDE,
    ORDER_SETTLE,
    ORDER_UNDONE, // the addressee: what was done is undone
    ORDER_APPEAL,
    ORDER_REVIEW,  // outcome upheld, reduced, overturned
    ORDER_ATTEMPT, // somebody tried to reach the addressee; changes no state
    ORDER_SECOND,  // a second officer confirms the target
    ORDER_TELL     // the addressee's node: what became of the order that it made of a request
} OrderAct;
#define ORDER_ACTS 17
const char *order_act_name(OrderAct a); // "issue" …
bool order_act_find(Str name, OrderAct *ret_act);

typedef enum OrderOutcome {
    ORDER_NO_OUTCOME,
    ORDER_DID_EXECUTE,
    ORDER_DID_PARTLY,
    ORDER_DID_REFUSE,
    ORDER_UPHELD,
    ORDER_REDUCED,
    ORDER_OVERTURNED
} OrderOutcome;
#define ORDER_OUTCOMES 7
const char *order_outcome_name(OrderOutcome o); // "", "executed", "partly", "refused", "upheld" …
bool order_outcome_find(Str name, OrderOutcome *ret_outcome);

// Who does it, seen from the order.
typedef enum OrderParty {
    ORDER_ISSUER = 1,
    ORDER_ADDRESSEE = 2, // its own node, or the issuer on its behalf with its document
    ORDER_HOLDER = 4,    // whose account or number it is: may appeal
    ORDER_COURT = 8      // supersedes
} OrderParty;

// A row of data/states.csv.
typedef struct OrderRule {
    OrderState state;
    OrderAct act;
    OrderOutcome outcome;
    OrderState next;
    unsigned parties;      // OrderParty bits
    bool orders, requests; // for which it holds
    bool holds_only;       // of orders, those that ask for an amount
    const char *note;
} OrderRule;
const OrderRule *order_rules(size_t *ret_n);

// --- fold ---------------------------------------------------------------------------------------

typedef enum OrderAppeal {
    ORDER_NO_APPEAL,
    ORDER_APPEALED,
    ORDER_IS_UPHELD,
    ORDER_IS_REDUCED,
    ORDER_IS_OVERTURNED
} OrderAppeal;
const char *order_appeal_name(OrderAppeal a); // "none", "appealed", "upheld", "reduced", …

typedef enum OrderClockFrom {
    ORDER_FROM_ISSUED,
    ORDER_FROM_RECEIVED,
    ORDER_FROM_EXECUTED,
    ORDER_FROM_COMPLAINT
} OrderClockFrom;
const char *order_clock_from_name(OrderClockFrom f); // "issued" … "complaint_filed"
bool order_clock_from_find(Str name, OrderClockFrom *ret_from);

// What the order itself says.
typedef struct OrderFacts {
    bool request;   // no effect and no clock until adopted
    bool hold;      // asks for an amount
    int64_t amount; // asked, where hold
    OrderClockFrom clock_from;
    int64_t answer_hours; // silence is unanswered after these, from issue
    int64_t made_at;
} OrderFacts;

// One record of the order, in the order of the object's fold.
typedef struct OrderEvent {
    OrderAct act;
    OrderOutcome outcome;
    OrderParty party;
    uint8_t officer[16]; // zeros: the machine
    int64_t at;          // of the record
    int64_t happened_at; // as told, never after `at`; = at where not told
    bool has_ends_at, has_amount, has_target;
    int64_t ends_at; // of what the clock runs from, and of extend: docs/order.md, When
    int64_t amount;  // answer: held (executed without one: all that was asked); reduce and review
                     // with outcome reduced: what stays; tell: what is held now
    bool over;       // tell: the order that the request became has ended
    int persons;     // officers of its side that the act asks for: 1 or 2
    size_t target;   // index of an earlier event: of second; of receive
} OrderEvent;

typedef enum OrderEffect {
    ORDER_COUNTED,
    ORDER_WAITS,        // for its second officer, or (extend) for the addressee's receipt
    ORDER_NOT_ALLOWED,  // the table has no such act from that state, or not by that party
    ORDER_TOO_LATE,     // the order had ended or was void
    ORDER_SAME_OFFICER, // a second, or a review, by an officer who may not give it
    ORDER_OVER_AMOUNT,  // no amount where one must stand, or one that is too large or too small
    ORDER_NO_END        // no end where one must be stated, or one that is not later
} OrderEffect;
#define ORDER_EFFECTS 7
const char *order_effect_name(OrderEffect e); // "counted", "waits", "not_allowed", …

typedef struct OrderView {
    OrderState state; // never lapsed or void
    OrderAppeal appeal;
    int64_t asked, held; // now; held: what the addressee holds under it while it is alive
    int64_t executed;    // as last answered, reductions not taken off
    bool has_issued_at, has_received_at, has_answered_at, has_executed_at, has_ends_at;
    bool has_ended_at, has_undone_at, has_appealed_at, has_reviewed_at, has_complaint_at;
    int64_t issued_at, received_at, answered_at, executed_at, ends_at;
    int64_t ended_at; // withdrawn, released, superseded, settled
    int64_t undone_at, appealed_at, reviewed_at, complaint_at;
    int64_t extensions;
    bool owes_undone;      // the addressee had it and did not refuse: its end must be confirmed
    unsigned waits_second; // OrderParty bits: of which side an act waits for its second officer
    bool waits_receipt;    // an extension its receipt
    bool waits_finding;    // a review waits for its second that may count after the end too
    size_t waiting; // index of the latest event that waits, of the issuer's where there are both
    int64_t waiting_at;   // its time
    bool waits_reduction; // the addressee has not confirmed the latest reduction
    size_t reduction;     // index of that event; receive names it as its target
    int64_t reduced_at;
    uint8_t issuer_officer[16], issuer_second[16]; // who issued it: may not review it
    int64_t attempts, last_attempt_at;
    // Of a request that was adopted, as its addressee told last (then `held` and `ends_at` are of
    // the order that it became).
    bool has_adopted_at, has_told_at;
    bool told_over; // that order has ended
    int64_t adopted_at, told_at;
    OrderOutcome told; // ORDER_NO_OUTCOME: not answered yet
} OrderView;

// `ret_effects` has n places.
Err order_fold(Ctx *c, const OrderFacts *facts, const OrderEvent *events, size_t n,
               OrderEffect *ret_effects, OrderView *ret_view) MUST_USE;

// --- now ----------------------------------------------------------------------------------------

typedef struct OrderNow {
    OrderState state;   // lapsed and void included
    bool alive;         // it binds: issued, received, executed or partly, and not ended
    bool ends_soon;     // within ORDER_SOON_HOURS
    bool unanswered;    // answer_hours are over and there is no answer
    bool not_confirmed; // its end, or a reduction, that the addressee must confirm and has not
    bool overdue;       // not confirmed for ORDER_UNDONE_HOURS
    bool review_overdue;
    bool has_due;
    int64_t due_at;  // the next moment at which somebody must have acted
    const char *due; // "answer", "end", "event", "undone", "review", "second", "receipt"
} OrderNow;
OrderNow order_now(const OrderFacts *facts, const OrderView *v, int64_t now_us);

typedef struct OrderChoice {
    OrderAct act;
    OrderOutcome outcome;
} OrderChoice;
#define ORDER_CHOICES_MAX 64
// What these parties (bits) may do at `now`, by act and outcome; at most ORDER_CHOICES_MAX. What
// had happened before the end and may still be told (receive, answer, complaint) is among it.
size_t order_allowed(const OrderFacts *facts, const OrderView *v, int64_t now_us, unsigned parties,
                     OrderChoice *ret_choices);
// OK when the act is allowed. E_STATE with words: what state it is in and what may be done instead.
// E_DENIED when another party may, with words that say who.
Err order_check(Ctx *c, const OrderFacts *facts, const OrderView *v, int64_t now_us,
                OrderChoice choice, OrderParty party) MUST_USE;
// What the record would do: OK with its effect when it counts or waits; else E_STATE, E_DENIED or
// E_INVALID with the reason and what may be done instead. For the last word before it is written.
Err order_try(Ctx *c, const OrderFacts *facts, const OrderEvent *events, size_t n,
              const OrderEvent *next, OrderEffect *ret_effect) MUST_USE;

// --- clocks -------------------------------------------------------------------------------------

typedef enum OrderUnit {
    ORDER_HOURS,
    ORDER_CALENDAR_DAYS,
    ORDER_WORKING_DAYS,
    ORDER_MONTHS
} OrderUnit;
bool order_unit_find(Str name, OrderUnit *ret_unit);
const char *order_unit_name(OrderUnit u);

// A country's days off: weekdays (bit 0 = Monday) and dates as days since 1970-01-01, sorted.
typedef struct OrderCalendar {
    unsigned weekend;
    const int32_t *holidays;
    size_t holiday_count;
    const int32_t *working; // weekends that are worked in exchange, sorted
    size_t working_count;
    int32_t known_from, known_until; // dates for which the holidays are known
} OrderCalendar;
typedef struct OrderTerm {
    int64_t count; // > 0
    OrderUnit unit;
} OrderTerm;
// The end of a term that begins at from_us, by the wall clock of the zone. E_LIMIT when it lies out
// of range or where working days are counted beyond the known calendar.
Err order_term_end(Ctx *c, const TextZone *zone, const OrderCalendar *calendar, int64_t from_us,
                   OrderTerm term, int64_t *ret_ends_at) MUST_USE;
bool order_is_working_day(const OrderCalendar *calendar, int32_t day);

typedef struct OrderEndNote {
    bool night, day_off; // the end falls outside ORDER_DAY_FROM_HOUR … ORDER_DAY_UNTIL_HOUR, or so
    int64_t warn_at;     // begin of the last working shift before the end; = ends_at where none
} OrderEndNote;
Err order_end_note(Ctx *c, const TextZone *zone, const OrderCalendar *calendar, int64_t ends_at,
                   OrderEndNote *ret_note) MUST_USE;

// --- law ----------------------------------------------------------------------------------------

// A row of data/law/orders.csv. Texts as in the file, empty where it is.
typedef struct OrderLaw {
    Str id, country, order, ground, issued_by, extended_by, currency, exempt_amount, document;
    Str notice, appeal, standing, source, clock_from_name;
    bool has_term, has_extension, has_extensions_max, has_amount_limit;
    OrderTerm term, extension;
    OrderClockFrom clock_from;
    bool has_extension_from;
    OrderClockFrom extension_from;        // else from the old end
    int64_t extensions_max, amount_limit; // in minor units of `currency`
    int64_t answer_hours;                 // 24 where the row has none
    int32_t valid_from, valid_until;      // days since 1970-01-01, both included
} OrderLaw;

// Whether an agency of this country and kind may issue this order by this row on this day. A row of
// standing "none" serves police, centre and court, with an end that the officer states.
bool order_law_serves(const OrderLaw *law, Str country, Str kind, Str order, int32_t day);
bool order_law_extends(const OrderLaw *law, Str kind);

// --- what may be held ---------------------------------------------------------------------------

typedef enum OrderHold { ORDER_HOLD_PROPOSE, ORDER_HOLD_PERSON, ORDER_HOLD_NEVER } OrderHold;
const char *order_hold_name(OrderHold h); // "propose", "person", "never"
bool order_hold_find(Str name, OrderHold *ret_hold);

// A row of data/policy/hold.csv.
typedef struct OrderPolicy {
    Str class_name, currency; // currency empty: any
    bool has_minimum, has_deepest;
    int64_t minimum, deepest;
    OrderHold then;
} OrderPolicy;
typedef struct OrderPolicyAnswer {
    OrderHold hold;
    Str class_name;  // that decided
    const char *why; // "class", "minimum", "level"
} OrderPolicyAnswer;
// The strictest over the account's classes (none: "unknown").
OrderPolicyAnswer order_policy(const OrderPolicy *rows, size_t n, const Str *classes,
                               size_t class_count, int64_t amount, Str currency, int64_t level);

// Orders on one account and currency in the order in which they were issued: how much of each the
// account can carry. covered[i] = min(wanted[i], balance - what those before got), never below 0.
// wanted is what is held where answered, else what is asked.
void order_queue(int64_t balance, const int64_t *wanted, size_t n, int64_t *ret_covered);

#endif
