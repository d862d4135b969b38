// The rules of a refund, each from the pots and the claims to one share a claimant.
#include "refund/refund_priv.h"

#include <stdlib.h>

static const char *const RULE_NAMES[] = {
    [REFUND_BY_TRACE] = "by_trace",
    [REFUND_PRO_RATA_LOSS] = "pro_rata_loss",
    [REFUND_TRACE_ELSE_PRO_RATA] = "trace_else_pro_rata",
    [REFUND_EQUAL_AWARDS] = "equal_awards",
};
static_assert(COUNT_OF(RULE_NAMES) == REFUND_RULES, "every rule has a name");

const char *refund_rule_name(RefundRule rule) {
    return RULE_NAMES[rule];
}

bool refund_rule_find(Str name, RefundRule *ret_rule) {
    for (size_t i = 0; i < REFUND_RULES; i++) {
        if (str_eq_c(name, RULE_NAMES[i])) {
            *ret_rule = (RefundRule)i;
            return true;
        }
    }
    return false;
}

bool refund_rule_of_law(Str law_rule, RefundRule *ret_rule) {
    static const struct {
        const char *law;
        RefundRule rule;
    } rows[] = {{"fifo", REFUND_BY_TRACE},
                {"pro_rata", REFUND_PRO_RATA_LOSS},
                {"trace_else_pro_rata", REFUND_TRACE_ELSE_PRO_RATA}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (str_eq_c(law_rule, rows[i].law)) {
            *ret_rule = rows[i].rule;
            return true;
        }
    }
    return false;
}

static int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static void give(Sharing *s, uint32_t claimant, int64_t amount) {
    s->shares[claimant] += amount;
    s->left[claimant] -= amount;
}

void split_pot(Sharing *s, const RefundPot *pot) {
    for (size_t i = 0; i < pot->tag_count; i++)
        s->weights[i] = pot->tags[i].amount;
    split_exact(pot->amount, s->weights, pot->tag_count, s->remainders, s->parts);
}

// What a claim cuts off stays unassigned.
static void by_trace(Sharing *s) {
    for (size_t k = 0; k < s->query->pot_count; k++) {
        const RefundPot *pot = &s->query->pots[k];
        split_pot(s, pot);
        for (size_t i = 0; i < pot->tag_count; i++) {
            uint32_t r = pot->tags[i].claimant;
            give(s, r, smaller(s->parts[i], s->left[r]));
        }
    }
}

// `pool` among all in proportion to what is left of their claims, never more than that.
static void share_pool(Sharing *s, int64_t pool) {
    size_t n = s->query->claimant_count;
    int64_t wanted = 0;
    for (size_t r = 0; r < n; r++)
        wanted += s->left[r];
    split_exact(smaller(pool, wanted), s->left, n, s->remainders, s->parts);
    for (size_t r = 0; r < n; r++)
        give(s, (uint32_t)r, s->parts[r]);
}

static void trace_else_pro_rata(Sharing *s) {
    int64_t pool = s->pot_total;
    for (size_t k = 0; k < s->query->pot_count; k++) {
        const RefundPot *pot = &s->query->pots[k];
        if (pot->tag_count != 1)
            continue;
        uint32_t r = pot->tags[0].claimant;
        int64_t own = smaller(pot->amount, s->left[r]);
        give(s, r, own);
        pool -= own;
    }
    share_pool(s, pool);
}

static int amount_cmp(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

// The largest whole award that all can have, up to their claims, out of `total`, which is below
// the sum of the claims. Claims from the smallest: as long as an even part of what is left covers
// the next claim, it is met in full.
static int64_t even_award(Sharing *s, int64_t total) {
    size_t n = s->query->claimant_count;
    memcpy(s->weights, s->query->claims, n * sizeof *s->weights);
    qsort(s->weights, n, sizeof *s->weights, amount_cmp);
    for (size_t i = 0; i < n; i++) {
        int64_t even = total / (int64_t)(n - i);
        if (even < s->weights[i])
            return even;
        total -= s->weights[i];
    }
    UNREACHABLE();
}

static void equal_awards(Sharing *s) {
    const int64_t *claims = s->query->claims;
    size_t n = s->query->claimant_count;
    bool enough = s->pot_total >= s->claim_total;
    int64_t award = enough ? BASE_INT_SAFE_MAX : even_award(s, s->pot_total);
    int64_t rest = s->pot_total;
    for (size_t r = 0; r < n; r++) {
        give(s, (uint32_t)r, smaller(claims[r], award));
        rest -= s->shares[r];
    }
    for (size_t r = 0; r < n && rest > 0; r++) {
        if (claims[r] > award) {
            give(s, (uint32_t)r, 1);
            rest--;
        }
    }
}

void shares_by_rule(Sharing *s) {
    switch (s->query->rule) {
    case REFUND_BY_TRACE:
        by_trace(s);
        return;
    case REFUND_PRO_RATA_LOSS:
        share_pool(s, s->pot_total);
        return;
    case REFUND_TRACE_ELSE_PRO_RATA:
        trace_else_pro_rata(s);
        return;
    case REFUND_EQUAL_AWARDS:
        equal_awards(s);
        return;
    }
    UNREACHABLE();
}
