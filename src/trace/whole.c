// The whole driver: every transfer of the view in order. Most move clean money only: they need 16
// bytes an account and one bit, which stay in the nearer caches. The rest is leg.c's, as in
// sparse.c; its line an account is fetched only where the bit says that tags lie there.
#include "trace/trace_priv.h"

#define AHEAD 24      // transfers; their accounts are fetched that early
#define AHEAD_LINE 14 // the lines of those that lie under tags
#define AHEAD_LIST 7  // and the lists of parts that they point to

// total is what lies there and stands for Holding.total; balance is opening + credits - debits.
typedef struct Lying {
    int64_t total, balance;
} Lying;

typedef struct Whole {
    Engine engine;
    Lying *lying;      // by account
    Holding *holdings; // by account
    uint64_t *tagged;  // one bit an account
    size_t lying_bytes, holding_bytes;
    size_t seed; // next one
    size_t late; // next row of the overlay
} Whole;

static void Whole_cleanup(Whole *w) {
    for (uint32_t i = 0; w->holdings != NULL && i < w->engine.view->account_count; i++)
        if (w->holdings[i].cap_log2 > SLAB_LOG2_MAX)
            holding_done(&w->engine, &w->holdings[i]);
    mem_unmap(w->holdings, w->holding_bytes);
    mem_unmap(w->lying, w->lying_bytes);
    mem_free(w->tagged);
    Engine_cleanup(&w->engine);
}

static Err whole_open(Whole *w) {
    const TraceView *v = w->engine.view;
    Ctx *c = w->engine.c;
    size_t n = (size_t)v->account_count + 1;
    w->lying_bytes = n * sizeof *w->lying;
    w->holding_bytes = n * sizeof *w->holdings;
    w->lying = mem_map_zero(w->lying_bytes);
    w->holdings = mem_map_zero(w->holding_bytes);
    w->tagged = mem_alloc_zero(n / 64 + 1, sizeof *w->tagged);
    if (w->lying == NULL || w->holdings == NULL || w->tagged == NULL)
        return fail(c, E_MEMORY, "no memory for %u accounts", (unsigned)v->account_count);
    mem_advise_huge(w->lying, w->lying_bytes);
    mem_advise_huge(w->holdings, w->holding_bytes);
    uint32_t ranks[STREAM_SEGMENTS_MAX] = {0};
    for (uint32_t a = 0; a < v->account_count; a++) {
        int64_t opening = 0;
        TRY(view_opening_next(c, v, a, ranks, &opening));
        w->lying[a].balance = opening;
        w->lying[a].total = opening > 0 ? opening : 0;
    }
    return OK;
}

// Balances may pass 2^63 on their way where the end does not: they are counted modulo 2^64.
static inline void balance_move(Lying *l, int64_t change) {
    l->balance = (int64_t)((uint64_t)l->balance + (uint64_t)change);
}

static inline bool tagged_get(const Whole *w, uint32_t account) {
    return (w->tagged[account >> 6] >> (account & 63) & 1) != 0;
}

static inline void tagged_set(Whole *w, uint32_t account, bool tagged) {
    uint64_t bit = 1ULL << (account & 63), *word = &w->tagged[account >> 6];
    *word = tagged ? *word | bit : *word & ~bit;
}

static Holding *whole_holding(const Whole *w, uint32_t account) {
    Holding *h = &w->holdings[account];
    h->total = w->lying[account].total;
    h->currency = w->engine.view->currencies[account];
    return h;
}

static Err whole_reach(void *self, Leg *leg) {
    leg->to = whole_holding(self, leg->transfer->to);
    return OK;
}

static inline Err whole_credit(Whole *w, const TraceTransfer *t) {
    if (__builtin_add_overflow(w->lying[t->to].total, t->credited, &w->lying[t->to].total))
        return fail(w->engine.c, E_LIMIT, "an account holds more than 2^63 minor units");
    return OK;
}

// A transfer from where tags lie, or a seed.
static Err whole_leg(Whole *w, const TraceTransfer *t, const int64_t *booked_at, uint64_t position,
                     uint32_t seed) {
    Leg leg = {.transfer = t,
               .booked_at = booked_at,
               .position = position,
               .seed = seed,
               .reach = whole_reach,
               .self = w};
    bool from_inside = (t->from & TRACE_OUTSIDE) == 0;
    if (from_inside)
        leg.from = whole_holding(w, t->from);
    TRY(leg_apply(&w->engine, &leg));
    if (from_inside) {
        w->lying[t->from].total = leg.from->total;
        tagged_set(w, t->from, leg.from->tagged != 0);
    }
    if (leg.to != NULL) {
        w->lying[t->to].total = leg.to->total;
        tagged_set(w, t->to, true);
        return OK;
    }
    return (t->to & TRACE_OUTSIDE) == 0 ? whole_credit(w, t) : OK;
}

static inline Err whole_transfer(Whole *w, const TraceTransfer *t, const int64_t *booked_at,
                                 uint64_t position, uint32_t seed) {
    bool from_inside = (t->from & TRACE_OUTSIDE) == 0, to_inside = (t->to & TRACE_OUTSIDE) == 0;
    if (from_inside)
        balance_move(&w->lying[t->from], -t->amount);
    if (to_inside)
        balance_move(&w->lying[t->to], t->credited);
    if (seed != SEED_NONE || (from_inside && tagged_get(w, t->from)))
        return whole_leg(w, t, booked_at, position, seed);
    if (from_inside) {
        int64_t left = w->lying[t->from].total - t->amount;
        w->lying[t->from].total = left > 0 ? left : 0;
    }
    return to_inside ? whole_credit(w, t) : OK;
}

// What the transfers ahead will need, in three steps, each of which reads what the one before
// fetched. Outside accounts have rows too, so that no account is out of bounds.
static inline void whole_fetch(const Whole *w, const TraceTransfer *t) {
    __builtin_prefetch(&w->lying[TRACE_ACCOUNT(t[AHEAD].from)], 1);
    __builtin_prefetch(&w->lying[TRACE_ACCOUNT(t[AHEAD].to)], 1);
    uint32_t from = TRACE_ACCOUNT(t[AHEAD_LINE].from);
    if (tagged_get(w, from)) {
        __builtin_prefetch(&w->holdings[from], 1);
        __builtin_prefetch(&w->holdings[TRACE_ACCOUNT(t[AHEAD_LINE].to)], 1);
    }
    from = TRACE_ACCOUNT(t[AHEAD_LIST].from);
    if (tagged_get(w, from)) {
        const Holding *h = &w->holdings[from];
        if (h->parts != NULL)
            __builtin_prefetch((const Part *)h->parts + (h->head & ((1U << h->cap_log2) - 1)));
    }
}

// Sealed transfers from i up to end, none of them a seed.
static Err whole_range(Whole *w, const TraceSegment *s, uint32_t i, uint32_t end) {
    const TraceOverlay *o = w->engine.view->overlay;
    bool (*replaced)(void *, uint64_t) = o != NULL ? o->replaced : NULL;
    for (; i < end; i++) {
        uint64_t position = (s->number_first + i + 1) << TRACE_POSITION_SHIFT;
        const TraceTransfer *t = &s->transfers[i];
        if (i + AHEAD < s->transfer_count)
            whole_fetch(w, t);
        if (replaced != NULL && replaced(o->self, position))
            continue;
        TRY(whole_transfer(w, t, &s->booked_at[i], position, SEED_NONE));
    }
    return OK;
}

// Late rows before `stop` in their order.
static Err whole_late(Whole *w, uint64_t stop) {
    const TraceOverlay *o = w->engine.view->overlay;
    const TraceQuery *q = w->engine.query;
    for (; o != NULL && w->late < o->n && o->positions[w->late] < stop; w->late++) {
        uint64_t position = o->positions[w->late];
        uint32_t seed = SEED_NONE;
        if (w->seed < q->seed_count && q->seeds[w->seed].position == position)
            seed = q->seeds[w->seed++].report;
        TRY(whole_transfer(w, &o->transfers[w->late], &o->booked_at[w->late], position, seed));
        w->engine.result.events++;
    }
    return OK;
}

// One segment: runs of plain transfers between seeds and late rows.
static Err whole_segment(Whole *w, const TraceSegment *s) {
    const TraceQuery *q = w->engine.query;
    const TraceOverlay *o = w->engine.view->overlay;
    uint64_t base = (s->number_first + 1) << TRACE_POSITION_SHIFT;
    uint32_t i = 0;
    while (i < s->transfer_count) {
        uint64_t position = base + ((uint64_t)i << TRACE_POSITION_SHIFT);
        if (position >= q->position_end)
            return OK;
        TRY(whole_late(w, position));
        // The first position at or after which something else is due, and the plain ones before.
        uint64_t stop = q->position_end;
        if (w->seed < q->seed_count && q->seeds[w->seed].position < stop)
            stop = q->seeds[w->seed].position;
        if (o != NULL && w->late < o->n && o->positions[w->late] < stop)
            stop = o->positions[w->late];
        if (stop == position) {
            TRY(whole_transfer(w, &s->transfers[i], &s->booked_at[i], position,
                               q->seeds[w->seed++].report));
            w->engine.result.events++;
            i++;
            continue;
        }
        uint64_t count = (stop - base + (1U << TRACE_POSITION_SHIFT) - 1) >> TRACE_POSITION_SHIFT;
        uint32_t end = count < s->transfer_count ? (uint32_t)count : s->transfer_count;
        TRY(whole_range(w, s, i, end));
        w->engine.result.events += end - i;
        i = end;
    }
    return OK;
}

static Err whole_finish(Whole *w) {
    Engine *e = &w->engine;
    TraceResult *r = &e->result;
    TraceTouchedAccount *sorted = NULL;
    size_t cap = 0, n = 0;
    for (uint32_t a = 0; a < e->view->account_count; a++)
        if (w->holdings[a].touched != 0)
            TRY(engine_account_finish(e, &w->holdings[a], w->lying[a].balance));
    if (r->account_count > 0) {
        TRY(mem_grow(e->c, &sorted, &cap, r->account_count, sizeof *sorted));
        for (uint32_t a = 0; a < e->view->account_count; a++)
            if (w->holdings[a].touched != 0)
                sorted[n++] = r->accounts[w->holdings[a].touched - 1];
        mem_free(r->accounts);
        r->accounts = sorted;
        r->account_cap = cap;
    }
    r->steps = e->ropes.steps;
    return totals_finish(e->c, &e->totals, r);
}

Err trace_run_whole(Ctx *c, const TraceView *v, const TraceQuery *q, TraceResult *ret_result) {
    AUTO(Whole) w = {0};
    TRY(engine_init(c, v, q, &w.engine));
    TRY(whole_open(&w));
    for (size_t k = 0; k < v->segment_count; k++)
        TRY(whole_segment(&w, &v->segments[k]));
    TRY(whole_late(&w, q->position_end));
    TRY(whole_finish(&w));
    *ret_result = w.engine.result;
    w.engine.result = (TraceResult){0};
    return OK;
}
