// What each report's money did, by flow and currency, and the check that none came or went.
#include "trace/trace_priv.h"

#include <stdlib.h>

#define FLOW_NET 7 // what came less what went; must end at 0
#define SLOTS_FIRST 64

static uint64_t key_of(uint32_t report, unsigned flow, uint16_t currency) {
    return 1 + ((uint64_t)report << 24 | (uint64_t)flow << 16 | currency);
}

static TotalSlot *slot_of(const Totals *t, uint64_t key) {
    size_t mask = t->slot_count - 1, i = hash_u64(key) & mask;
    while (t->slots[i].key != 0 && t->slots[i].key != key)
        i = (i + 1) & mask;
    return &t->slots[i];
}

static Err totals_grow(Ctx *c, Totals *t) {
    Totals larger = {.slot_count = t->slot_count == 0 ? SLOTS_FIRST : t->slot_count * 2,
                     .used = t->used};
    larger.slots = mem_alloc_zero(larger.slot_count, sizeof *larger.slots);
    if (larger.slots == NULL)
        return fail(c, E_MEMORY, "no memory for the totals of a trace");
    for (size_t i = 0; i < t->slot_count; i++)
        if (t->slots[i].key != 0)
            *slot_of(&larger, t->slots[i].key) = t->slots[i];
    mem_free(t->slots);
    *t = larger;
    return OK;
}

static Err slot_find(Ctx *c, Totals *t, uint64_t key, TotalSlot **ret_slot) {
    if (2 * (t->used + 1) > t->slot_count)
        TRY(totals_grow(c, t));
    TotalSlot *slot = slot_of(t, key);
    if (slot->key == 0) {
        slot->key = key;
        t->used++;
    }
    *ret_slot = slot;
    return OK;
}

Err totals_add(Ctx *c, Totals *t, uint32_t report, unsigned flow, uint16_t currency,
               int64_t amount) {
    TotalSlot *slot;
    TRY(slot_find(c, t, key_of(report, flow, currency), &slot));
    if (__builtin_add_overflow(slot->amount, amount, &slot->amount))
        return fail(c, E_LIMIT, "a total of the trace is beyond 2^63 minor units");
    return OK;
}

void totals_done(Totals *t) {
    mem_free(t->slots);
    *t = (Totals){0};
}

typedef Totals AutoTotals;
static void AutoTotals_cleanup(AutoTotals *t) {
    totals_done(t);
}

static Err totals_check(Ctx *c, const Totals *t) {
    AUTO(AutoTotals) net = {0};
    for (size_t i = 0; i < t->slot_count; i++) {
        if (t->slots[i].key == 0)
            continue;
        uint64_t key = t->slots[i].key - 1;
        unsigned flow = (unsigned)(key >> 16 & 0xff);
        bool came = flow == TRACE_SEEDED || flow == FLOW_FX_IN;
        TotalSlot *slot;
        TRY(slot_find(c, &net, key_of((uint32_t)(key >> 24), FLOW_NET, (uint16_t)(key & 0xffff)),
                      &slot));
        // Modulo 2^64, where a sum in between may be larger than the end.
        uint64_t sum = (uint64_t)slot->amount, amount = (uint64_t)t->slots[i].amount;
        slot->amount = (int64_t)(came ? sum + amount : sum - amount);
    }
    for (size_t i = 0; i < net.slot_count; i++)
        if (net.slots[i].amount != 0)
            return fail(c, E_CORRUPT, "the money of report %u of the trace is not conserved",
                        (unsigned)((net.slots[i].key - 1) >> 24));
    return OK;
}

static int total_cmp(const void *a, const void *b) {
    const TraceTotal *x = a, *y = b;
    uint64_t kx = key_of(x->report, (unsigned)x->flow, x->currency);
    uint64_t ky = key_of(y->report, (unsigned)y->flow, y->currency);
    return (kx > ky) - (kx < ky);
}

Err totals_finish(Ctx *c, const Totals *t, TraceResult *r) {
    TRY(totals_check(c, t));
    for (size_t i = 0; i < t->slot_count; i++) {
        uint64_t key = t->slots[i].key - 1;
        unsigned flow = (unsigned)(key >> 16 & 0xff);
        if (t->slots[i].key == 0 || t->slots[i].amount == 0 || flow > TRACE_COST)
            continue;
        TRY(mem_grow(c, &r->totals, &r->total_cap, r->total_count + 1, sizeof *r->totals));
        r->totals[r->total_count++] = (TraceTotal){.report = (uint32_t)(key >> 24),
                                                   .flow = (TraceFlow)flow,
                                                   .currency = (uint16_t)(key & 0xffff),
                                                   .amount = t->slots[i].amount};
    }
    if (r->total_count > 0)
        qsort(r->totals, r->total_count, sizeof *r->totals, total_cmp);
    return OK;
}
