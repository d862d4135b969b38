// Inside of room refund: exact shares in proportion, and what all rules work on.
#ifndef MOEI_REFUND_PRIV_H
#define MOEI_REFUND_PRIV_H

#include "refund/refund.h"

// What one weight is still owed behind its whole units.
typedef struct Remainder {
    U128 value;
    size_t at;
} Remainder;

// refund_split with scratch of the caller: `remainders` has room for n.
void split_exact(int64_t amount, const int64_t *weights, size_t n, Remainder *remainders,
                 int64_t *ret_parts);

// One refund in the making. Arrays are as long as the claimants unless said otherwise.
typedef struct Sharing {
    const RefundQuery *query;
    int64_t pot_total, claim_total;
    size_t tag_total, tags_most; // over all pots; of one pot
    int64_t *shares;
    int64_t *left; // of the claims while sharing, of the shares while paying
    // scratch, as long as the larger of claimants and tags_most
    int64_t *weights, *parts;
    Remainder *remainders;
} Sharing;

// The pot's amount in proportion to its tags, into s->parts.
void split_pot(Sharing *s, const RefundPot *pot);
// Fills s->shares by the rule of the query.
void shares_by_rule(Sharing *s);
// Which pot pays whom, once the shares stand.
Err pays_list(Ctx *c, Sharing *s, RefundPay **ret_pays, size_t *ret_n) MUST_USE;

#endif
