// The whole driver: every transfer of the view in order, with a line of memory for every account.
// Most transfers move clean money only and are done here; the rest is leg.c's, as in sparse.c.
#include "trace/trace_priv.h"

#define AHEAD 24      // transfers; their accounts are fetched that early
#define AHEAD_LIST 10 // and the lists of parts of accounts with tags, once those are here

typedef struct Whole {
    Engine engine;
    Holding *holdings; // by account
    size_t bytes;
    size_t seed; // next one
    size_t late; // next row of the overlay
} Whole;

static void Whole_cleanup(Whole *w) {
    for (uint32_t i = 0; w->holdings != NULL && i < w->engine.view->account_count; i++)
        if (w->holdings[i].cap_log2 > SLAB_LOG2_MAX)
            holding_done(&w->engine, &w->holdings[i]);
    if (w->holdings != NULL)
        mem_unmap(w->holdings, w->bytes);
    Engine_cleanup(&w->engine);
}

static Err whole_open(Whole *w) {
    const TraceView *v = w->engine.view;
    Ctx *c = w->engine.c;
    w->bytes = ((size_t)v->account_count + 1) * sizeof *w->holdings;
    w->holdings = mem_map_zero(w->bytes);
    if (w->holdings == NULL)
        return fail(c, E_MEMORY, "no memory for %u accounts", (unsigned)v->account_count);
    TraceRun runs[STREAM_SEGMENTS_MAX];
    for (uint32_t a = 0; a < v->account_count; a++) {
        TraceHistory history;
        TRY(view_history(c, v, a, runs, &history));
        Holding *h = &w->holdings[a];
        h->currency = v->currencies[a];
        h->balance = history.opening;
        h->total = history.opening > 0 ? history.opening : 0;
    }
    return OK;
}

// Balances may pass 2^63 on their way where the end does not: they are counted modulo 2^64.
static inline void balance_move(Holding *h, int64_t change) {
    h->balance = (int64_t)((uint64_t)h->balance + (uint64_t)change);
}

static inline Err whole_transfer(Whole *w, const TraceTransfer *t, const int64_t *booked_at,
                                 uint64_t position, uint32_t seed) {
    Engine *e = &w->engine;
    Holding *from = (t->from & TRACE_OUTSIDE) != 0 ? NULL : &w->holdings[t->from];
    Holding *to = (t->to & TRACE_OUTSIDE) != 0 ? NULL : &w->holdings[t->to];
    if (from != NULL)
        balance_move(from, -t->amount);
    if (to != NULL)
        balance_move(to, t->credited);
    if (seed != SEED_NONE || (from != NULL && from->tagged != 0)) {
        Leg leg = {.transfer = t,
                   .booked_at = booked_at,
                   .position = position,
                   .from = from,
                   .to = to,
                   .seed = seed};
        return leg_apply(e, &leg);
    }
    if (from != NULL)
        from->total = t->amount < from->total ? from->total - t->amount : 0;
    if (to != NULL && __builtin_add_overflow(to->total, t->credited, &to->total))
        return fail(e->c, E_LIMIT, "an account holds more than 2^63 minor units");
    return OK;
}

static inline void fetch_list(const Holding *h) {
    if (h->tagged != 0 && h->parts != NULL)
        __builtin_prefetch((const Part *)h->parts + (h->head & ((1U << h->cap_log2) - 1)));
}

// Sealed transfers from i up to end, none of them a seed.
static Err whole_range(Whole *w, const TraceSegment *s, uint32_t i, uint32_t end) {
    const TraceOverlay *o = w->engine.view->overlay;
    bool (*replaced)(void *, uint64_t) = o != NULL ? o->replaced : NULL;
    for (; i < end; i++) {
        uint64_t position = (s->number_first + i + 1) << TRACE_POSITION_SHIFT;
        const TraceTransfer *t = &s->transfers[i];
        if (i + AHEAD < s->transfer_count) {
            __builtin_prefetch(&w->holdings[TRACE_ACCOUNT(t[AHEAD].from)], 1);
            __builtin_prefetch(&w->holdings[TRACE_ACCOUNT(t[AHEAD].to)], 1);
            fetch_list(&w->holdings[TRACE_ACCOUNT(t[AHEAD_LIST].from)]);
        }
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
            TRY(engine_account_finish(e, &w->holdings[a], w->holdings[a].balance));
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
