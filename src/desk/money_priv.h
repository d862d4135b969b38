// Inside of room desk: what a refund rests on, and a plan as its record holds it.
#ifndef MOEI_DESK_MONEY_PRIV_H
#define MOEI_DESK_MONEY_PRIV_H

#include "desk/order_priv.h"
#include "refund/refund.h"

// --- inputs -------------------------------------------------------------------------------------

// A claimant: one victim, who may have made several reports.
typedef struct MoneyClaim {
    Str report;         // the smallest id of the reports
    const Str *reports; // sorted
    size_t report_count;
    RecordId record;                // of `report`
    int64_t loss, refunded, amount; // in the currency of the list; amount: what is still claimed
} MoneyClaim;

typedef struct MoneyPot {
    RecordId order;
    Str number;
    FormatAccount account;
    int64_t amount;
    const RefundTag *tags; // by index into the claims of its currency
    size_t tag_count;
} MoneyPot;

typedef struct MoneyCurrency {
    Str currency;
    const MoneyClaim *claims;
    const MoneyPot *pots;
    size_t claim_count, pot_count;
    int64_t total;
} MoneyCurrency;

// What cannot take part now: a report (left out) or an order or report (waits).
typedef struct MoneyAside {
    Str order, report; // either may be empty
    Str why, words;
} MoneyAside;

typedef struct MoneyLaw {
    Str country, rule, standing, source, note; // rule empty: the law names none
    int64_t notice_days, claims_days;          // 0: none
} MoneyLaw;

typedef struct MoneyInputs {
    RecordId case_id;
    const MoneyCurrency *currencies; // bytewise; only those with a pot
    size_t currency_count;
    const MoneyAside *left_out, *waiting;
    size_t left_out_count, waiting_count;
    const DeskRate *rates;
    size_t rate_count;
    MoneyLaw law;
    RecordMark mark; // the meet of all that it rests on
} MoneyInputs;

// --- plans --------------------------------------------------------------------------------------

typedef struct MoneyPay {
    size_t pot, claim; // indexes in its currency
    int64_t amount, paid;
} MoneyPay;

typedef struct MoneyShares {
    const int64_t *claims; // what counted: less what earlier currencies of the plan gave
    const int64_t *shares; // one a claim
    MoneyPay *pays;
    size_t pay_count;
    int64_t unassigned;
} MoneyShares;

typedef struct MoneyPlan {
    RecordId id;
    PicturePlan picture;
    Str agency; // whose plan it is
    MoneyInputs inputs;
    Str rule;
    MoneyShares *shares; // one a currency
    Str body;            // the plan's canonical JSON
    const PicturePaid *paid;
    size_t paid_count;
    bool all_paid;
    Str void_because; // empty: it holds
} MoneyPlan;

// Gathers from the picture as the user sees it. `plan` NULL, or the plan that is looked at again:
// what it paid does not count against it.
typedef struct MoneyQuestion {
    RecordId case_id;
    const DeskRate *rates;
    size_t rate_count;
    const MoneyPlan *plan;
} MoneyQuestion;
Err money_gather(Ctx *c, const Desk *d, DeskSlot *s, const MoneyQuestion *q,
                 MoneyInputs *ret_inputs) MUST_USE;
// The same amount in another currency, rounded up; false where no rate leads there.
bool money_convert_up(const DeskRate *rates, size_t n, int64_t amount, Str from, Str to,
                      int64_t *ret_amount);
// Shares by a rule, one a currency.
Err money_share(Ctx *c, const MoneyInputs *in, RefundRule rule, MoneyShares **ret_shares) MUST_USE;

// The members that both the inputs' hash and the plan hold.
Err money_inputs_json(Ctx *c, const MoneyInputs *in, Buf *out) MUST_USE;
Err money_inputs_hash(Ctx *c, const MoneyInputs *in, CryptoHash *ret_hash) MUST_USE;
Err money_plan_json(Ctx *c, const MoneyInputs *in, Str rule, const MoneyShares *shares,
                    Buf *out) MUST_USE;
// Writers of members that answers share with the plan.
void money_put_claims(JsonWriter *w, const MoneyCurrency *m);
void money_put_pots(JsonWriter *w, const MoneyCurrency *m);
void money_put_shares(JsonWriter *w, const int64_t *shares, size_t n);
void money_put_asides(JsonWriter *w, const char *key, const MoneyAside *items, size_t n,
                      bool words);
void money_put_law(JsonWriter *w, const MoneyLaw *law);
void money_put_rates(JsonWriter *w, const DeskRate *rates, size_t n);
void money_put_pays(JsonWriter *w, const MoneyCurrency *m, const MoneyShares *s, bool paid);
// The row of data/law/refunds.csv of our country that is in force.
MoneyLaw money_law(const DeskNode *n);

// Reads a plan's record and what was paid under it. E_NOT_FOUND, E_CORRUPT where its hash is not
// its own.
Err money_plan_load(Ctx *c, DeskSlot *s, const PicturePlan *p, MoneyPlan *ret_plan) MUST_USE;
// By the plan's id. Also finds out whether it still holds.
Err money_plan_find(Ctx *c, const Desk *d, DeskSlot *s, Str id, MoneyPlan *ret_plan) MUST_USE;
// Fills void_because.
Err money_plan_check(Ctx *c, const Desk *d, DeskSlot *s, MoneyPlan *plan) MUST_USE;
Err money_rates_check(Ctx *c, const DeskRate *rates, size_t n) MUST_USE;
const char *money_plan_state(const MoneyPlan *p); // "draft", "signed", "void", "paid"

#endif
