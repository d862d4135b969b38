// Exact shares in proportion: whole units first, the rest by largest remainder.
#include "refund/refund_priv.h"

#include <stdlib.h>

static int remainder_cmp(const void *a, const void *b) {
    const Remainder *x = a, *y = b;
    if (x->value != y->value)
        return x->value > y->value ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

void split_exact(int64_t amount, const int64_t *weights, size_t n, Remainder *remainders,
                 int64_t *ret_parts) {
    U128 sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (uint64_t)weights[i];
    if (sum == 0) {
        for (size_t i = 0; i < n; i++)
            ret_parts[i] = 0;
        return;
    }
    // Both factors are below 2^63, so that the product is below 2^126.
    int64_t rest = amount;
    size_t owed = 0;
    for (size_t i = 0; i < n; i++) {
        U128 product = (U128)(uint64_t)amount * (uint64_t)weights[i];
        ret_parts[i] = (int64_t)(product / sum);
        rest -= ret_parts[i];
        if (product % sum != 0)
            remainders[owed++] = (Remainder){.value = product % sum, .at = i};
    }
    if (rest == 0)
        return;
    // The remainders sum up to rest * sum and each is below sum: there are more of them than units.
    ASSERT(rest > 0 && (size_t)rest < owed);
    qsort(remainders, owed, sizeof *remainders, remainder_cmp);
    for (size_t i = 0; i < (size_t)rest; i++)
        ret_parts[remainders[i].at]++;
}

Err refund_split(Ctx *c, int64_t amount, const int64_t *weights, size_t n, int64_t *ret_parts) {
    if (amount < 0)
        return fail(c, E_INVALID, "an amount to share is below 0");
    if (n > REFUND_CLAIMANTS_MAX)
        return fail(c, E_LIMIT, "an amount is shared among %d at most, not %zu",
                    REFUND_CLAIMANTS_MAX, n);
    for (size_t i = 0; i < n; i++)
        if (weights[i] < 0)
            return fail(c, E_INVALID, "weight %zu of a share is below 0", i + 1);
    if (n == 0)
        return OK;
    Remainder *remainders;
    TRY(ctx_alloc(c, n * sizeof *remainders, &remainders));
    split_exact(amount, weights, n, remainders, ret_parts);
    return OK;
}

Err refund_convert(Ctx *c, int64_t amount, int64_t numerator, int64_t denominator,
                   int64_t *ret_amount) {
    if (amount < 0)
        return fail(c, E_INVALID, "an amount to convert is below 0");
    if (numerator <= 0 || denominator <= 0)
        return fail(c, E_INVALID, "a rate needs a numerator and a denominator above 0");
    U128 converted = (U128)amount * (U128)numerator / (U128)denominator;
    if (converted > (U128)BASE_INT_SAFE_MAX)
        return fail(c, E_LIMIT, "the converted amount is above %lld minor units",
                    (long long)BASE_INT_SAFE_MAX);
    *ret_amount = (int64_t)converted;
    return OK;
}
