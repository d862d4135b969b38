// One refund: the query is checked, the rule gives the shares, the pots pay them.
#include "refund/refund_priv.h"

#include <stdlib.h>

// --- checks
// ---------------------------------------------------------------------------------------

static Err amount_check(Ctx *c, int64_t amount, const char *what, size_t at) {
    if (amount < 0 || amount > BASE_INT_SAFE_MAX)
        return fail(c, E_INVALID, "%s %zu: an amount lies between 0 and %lld minor units", what,
                    at + 1, (long long)BASE_INT_SAFE_MAX);
    return OK;
}

static Err tags_check(Ctx *c, const RefundQuery *q, size_t k) {
    const RefundPot *pot = &q->pots[k];
    for (size_t i = 0; i < pot->tag_count; i++) {
        TRY(amount_check(c, pot->tags[i].amount, "pot", k));
        if (pot->tags[i].amount == 0)
            return fail(c, E_INVALID, "pot %zu: tag %zu is 0", k + 1, i + 1);
        if (pot->tags[i].claimant >= q->claimant_count)
            return fail(c, E_INVALID, "pot %zu: tag %zu names a claimant that is not here", k + 1,
                        i + 1);
        if (i > 0 && pot->tags[i].claimant <= pot->tags[i - 1].claimant)
            return fail(c, E_INVALID, "pot %zu: its tags are not in the order of the claimants",
                        k + 1);
    }
    return OK;
}

// A total must fit into a record, where the plan is written.
static Err total_add(Ctx *c, int64_t amount, const char *what, int64_t *total) {
    if (amount > BASE_INT_SAFE_MAX - *total)
        return fail(c, E_LIMIT, "the %s sum up to more than %lld minor units", what,
                    (long long)BASE_INT_SAFE_MAX);
    *total += amount;
    return OK;
}

static Err query_check(Ctx *c, Sharing *s) {
    const RefundQuery *q = s->query;
    if (q->pot_count > REFUND_POTS_MAX)
        return fail(c, E_LIMIT, "a refund has %d pots at most, not %zu", REFUND_POTS_MAX,
                    q->pot_count);
    if (q->claimant_count > REFUND_CLAIMANTS_MAX)
        return fail(c, E_LIMIT, "a refund has %d claimants at most, not %zu", REFUND_CLAIMANTS_MAX,
                    q->claimant_count);
    for (size_t r = 0; r < q->claimant_count; r++) {
        TRY(amount_check(c, q->claims[r], "claim", r));
        TRY(total_add(c, q->claims[r], "claims", &s->claim_total));
    }
    for (size_t k = 0; k < q->pot_count; k++) {
        const RefundPot *pot = &q->pots[k];
        TRY(amount_check(c, pot->amount, "pot", k));
        TRY(total_add(c, pot->amount, "pots", &s->pot_total));
        if (pot->tag_count > REFUND_TAGS_MAX - s->tag_total)
            return fail(c, E_LIMIT, "the pots have more than %d tags", REFUND_TAGS_MAX);
        s->tag_total += pot->tag_count;
        if (pot->tag_count > s->tags_most)
            s->tags_most = pot->tag_count;
        TRY(tags_check(c, q, k));
    }
    return OK;
}

// --- which pot pays whom
// --------------------------------------------------------------------------

typedef struct Paying {
    RefundPay *pays;
    size_t n;
    int64_t *pot_left;
} Paying;

static void pay(Sharing *s, Paying *p, size_t pot, size_t claimant, int64_t most) {
    int64_t amount = most;
    if (amount > p->pot_left[pot])
        amount = p->pot_left[pot];
    if (amount > s->left[claimant])
        amount = s->left[claimant];
    if (amount == 0)
        return;
    p->pot_left[pot] -= amount;
    s->left[claimant] -= amount;
    p->pays[p->n++] =
        (RefundPay){.pot = (uint32_t)pot, .claimant = (uint32_t)claimant, .amount = amount};
}

static void pay_own_pots(Sharing *s, Paying *p) {
    for (size_t k = 0; k < s->query->pot_count; k++) {
        const RefundPot *pot = &s->query->pots[k];
        split_pot(s, pot);
        for (size_t i = 0; i < pot->tag_count; i++)
            pay(s, p, k, pot->tags[i].claimant, s->parts[i]);
    }
}

// Each payment empties a pot or fills a share, so that there are at most pots + claimants.
static void pay_in_order(Sharing *s, Paying *p) {
    size_t k = 0, r = 0;
    while (k < s->query->pot_count && r < s->query->claimant_count) {
        pay(s, p, k, r, INT64_MAX);
        if (s->left[r] == 0)
            r++;
        else
            k++;
    }
}

static int pay_cmp(const void *a, const void *b) {
    const RefundPay *x = a, *y = b;
    if (x->pot != y->pot)
        return x->pot < y->pot ? -1 : 1;
    return (x->claimant > y->claimant) - (x->claimant < y->claimant);
}

// A pot that pays a claimant in both steps pays in one row.
static size_t pays_join(RefundPay *pays, size_t n) {
    if (n == 0)
        return 0;
    qsort(pays, n, sizeof *pays, pay_cmp);
    size_t last = 0;
    for (size_t i = 1; i < n; i++) {
        if (pay_cmp(&pays[last], &pays[i]) == 0)
            pays[last].amount += pays[i].amount;
        else
            pays[++last] = pays[i];
    }
    return last + 1;
}

Err pays_list(Ctx *c, Sharing *s, RefundPay **ret_pays, size_t *ret_n) {
    const RefundQuery *q = s->query;
    Paying p = {0};
    TRY(ctx_alloc(c, (s->tag_total + q->pot_count + q->claimant_count + 1) * sizeof *p.pays,
                  &p.pays));
    TRY(ctx_alloc(c, (q->pot_count + 1) * sizeof *p.pot_left, &p.pot_left));
    for (size_t k = 0; k < q->pot_count; k++)
        p.pot_left[k] = q->pots[k].amount;
    if (q->claimant_count)
        memcpy(s->left, s->shares, q->claimant_count * sizeof *s->left);
    pay_own_pots(s, &p);
    pay_in_order(s, &p);
    *ret_n = pays_join(p.pays, p.n);
    *ret_pays = p.pays;
    return OK;
}

// --- the refund
// -----------------------------------------------------------------------------------

static Err sharing_init(Ctx *c, Sharing *s) {
    size_t n = s->query->claimant_count;
    size_t most = n > s->tags_most ? n : s->tags_most;
    TRY(ctx_alloc(c, (n + 1) * sizeof *s->shares, &s->shares));
    TRY(ctx_alloc(c, (n + 1) * sizeof *s->left, &s->left));
    TRY(ctx_alloc(c, (most + 1) * sizeof *s->weights, &s->weights));
    TRY(ctx_alloc(c, (most + 1) * sizeof *s->parts, &s->parts));
    TRY(ctx_alloc(c, (most + 1) * sizeof *s->remainders, &s->remainders));
    if (n)
        memcpy(s->left, s->query->claims, n * sizeof *s->left);
    return OK;
}

// A refund that does not balance must never be signed.
static void balance_assert(const Sharing *s, const RefundPay *pays, size_t n, int64_t unassigned) {
    int64_t paid = 0;
    for (size_t i = 0; i < n; i++)
        paid += pays[i].amount;
    ASSERT(unassigned >= 0 && paid == s->pot_total - unassigned);
    for (size_t r = 0; r < s->query->claimant_count; r++)
        ASSERT(s->shares[r] >= 0 && s->shares[r] <= s->query->claims[r] && s->left[r] == 0);
}

Err refund_share(Ctx *c, const RefundQuery *q, RefundAnswer *ret_answer) {
    Sharing s = {.query = q};
    RefundPay *pays;
    size_t n;
    TRY(query_check(c, &s));
    TRY(sharing_init(c, &s));
    shares_by_rule(&s);
    int64_t unassigned = s.pot_total;
    for (size_t r = 0; r < q->claimant_count; r++)
        unassigned -= s.shares[r];
    TRY(pays_list(c, &s, &pays, &n));
    balance_assert(&s, pays, n, unassigned);
    *ret_answer = (RefundAnswer){.shares = s.shares,
                                 .pays = pays,
                                 .pay_count = n,
                                 .pot_total = s.pot_total,
                                 .claim_total = s.claim_total,
                                 .unassigned = unassigned};
    return OK;
}
