// refund: how what was held is shared among those who lost it. Pure: arrays in, values out.
//
// One currency at a time, minor units. A pot is a held amount with the tags that were frozen with
// its order; a claimant is one victim (reports of one victim are put together by the caller, under
// the smallest of their ids). Invariants: nobody gets more than the claim; shares + unassigned =
// the sum of the pots; what each pot pays sums up to the shares, and no pot pays more than it
// holds; equal input gives equal bytes. docs/refund.md has the rules with an example.
// Threads: everything is safe on different Ctx.
#ifndef MOEI_REFUND_H
#define MOEI_REFUND_H

#include "base/base.h"

typedef enum RefundRule {
    REFUND_BY_TRACE,
    REFUND_PRO_RATA_LOSS,
    REFUND_TRACE_ELSE_PRO_RATA,
    REFUND_EQUAL_AWARDS
} RefundRule;
#define REFUND_RULES 4
const char *refund_rule_name(RefundRule rule); // "by_trace", "pro_rata_loss", …
bool refund_rule_find(Str name, RefundRule *ret_rule);
// The rule for a `rule` of data/law/refunds.csv: fifo is by_trace, pro_rata is pro_rata_loss,
// trace_else_pro_rata itself. False for any other.
bool refund_rule_of_law(Str law_rule, RefundRule *ret_rule);

typedef struct RefundTag {
    uint32_t claimant; // index into the claimants
    int64_t amount;    // > 0
} RefundTag;

// Pots stand in account-key order (country, institution, account, bytewise).
typedef struct RefundPot {
    int64_t amount;        // executed, >= 0
    const RefundTag *tags; // each claimant at most once, sorted by claimant
    size_t tag_count;
} RefundPot;

typedef struct RefundQuery {
    RefundRule rule;
    const RefundPot *pots;
    size_t pot_count;
    const int64_t *claims; // c_r >= 0, in bytewise order of the claimants' ids
    size_t claimant_count;
} RefundQuery;

typedef struct RefundPay {
    uint32_t pot, claimant;
    int64_t amount; // > 0
} RefundPay;

// In the request's arena.
typedef struct RefundAnswer {
    const int64_t *shares; // one a claimant
    const RefundPay *pays; // sorted by pot, then claimant; one row for each pair that pays
    size_t pay_count;
    int64_t pot_total, claim_total, unassigned;
} RefundAnswer;

// E_INVALID for tags out of order or amounts out of range, E_LIMIT over REFUND_*_MAX.
Err refund_share(Ctx *c, const RefundQuery *q, RefundAnswer *ret_answer) MUST_USE;

// `amount` shared in proportion to the weights by largest remainder, ties to the smaller index:
// exact, sums up to `amount` unless all weights are 0 (then nothing is given).
Err refund_split(Ctx *c, int64_t amount, const int64_t *weights, size_t n,
                 int64_t *ret_parts) MUST_USE;
// floor(amount * numerator / denominator). E_LIMIT when it does not fit, E_INVALID for a rate that
// is not above 0.
Err refund_convert(Ctx *c, int64_t amount, int64_t numerator, int64_t denominator,
                   int64_t *ret_amount) MUST_USE;

#endif
