// Largest remainder: integers in proportion whose sum is exact.
#include "trace/trace_priv.h"

#define FEW 8

// The m-th largest of n values, 1 <= m <= n; `v` is reordered. Quickselect, median of three.
static uint64_t select_largest(uint64_t *v, size_t n, size_t m) {
    size_t low = 0, high = n; // the answer lies in [low, high)
    while (high - low > 1) {
        uint64_t a = v[low], b = v[low + (high - low) / 2], z = v[high - 1];
        uint64_t pivot = a > b ? (b > z ? b : (a > z ? z : a)) : (a > z ? a : (b > z ? z : b));
        size_t above = low, equal = low, below = high; // larger | equal | unseen | smaller
        while (equal < below) {
            uint64_t x = v[equal];
            if (x > pivot) {
                v[equal++] = v[above];
                v[above++] = x;
            } else if (x == pivot) {
                equal++;
            } else {
                v[equal] = v[--below];
                v[below] = x;
            }
        }
        if (m <= above)
            high = above;
        else if (m <= below)
            return pivot;
        else
            low = below;
    }
    return v[low];
}

// One unit more for the `left` largest remainders, ties to the earlier.
static void give_few(Part *parts, const uint64_t *rest, size_t n, int64_t left) {
    bool given[FEW] = {false};
    for (; left > 0; left--) {
        size_t best = n;
        for (size_t i = 0; i < n; i++)
            if (!given[i] && (best == n || rest[i] > rest[best]))
                best = i;
        given[best] = true;
        parts[best].amount++;
    }
}

static void give_many(Scale *s, Part *parts, size_t n, int64_t left) {
    memcpy(s->order, s->rest, n * sizeof *s->rest);
    uint64_t last = select_largest(s->order, n, (size_t)left);
    for (size_t i = 0; i < n; i++)
        if (s->rest[i] > last) {
            parts[i].amount++;
            left--;
        }
    for (size_t i = 0; i < n && left > 0; i++)
        if (s->rest[i] == last) {
            parts[i].amount++;
            left--;
        }
}

Err scale_parts(Ctx *c, Scale *s, Part *parts, size_t n, int64_t from_sum, int64_t to_sum) {
    if (from_sum == to_sum || n == 0)
        return OK;
    if (n == 1) {
        parts[0].amount = to_sum;
        return OK;
    }
    TRY(mem_grow(c, &s->rest, &s->rest_cap, n, sizeof *s->rest));
    int64_t left = to_sum;
    for (size_t i = 0; i < n; i++) {
        parts[i].amount = (int64_t)mul_div((uint64_t)parts[i].amount, (uint64_t)to_sum,
                                           (uint64_t)from_sum, &s->rest[i]);
        left -= parts[i].amount;
    }
    if (left < 0 || (uint64_t)left >= n)
        return fail(c, E_CORRUPT, "parts do not sum to the amount that they are scaled from");
    if (left == 0)
        return OK;
    if (n <= FEW) {
        give_few(parts, s->rest, n, left);
        return OK;
    }
    TRY(mem_grow(c, &s->order, &s->order_cap, n, sizeof *s->order));
    give_many(s, parts, n, left);
    return OK;
}

void scale_done(Scale *s) {
    mem_free(s->rest);
    mem_free(s->order);
    *s = (Scale){0};
}
