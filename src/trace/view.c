// Reading a view: transfers by position, positions by time, the history and opening of an account.
#include "trace/trace_priv.h"

static uint64_t segment_base(const TraceSegment *s) {
    return (s->number_first + 1) << TRACE_POSITION_SHIFT;
}

// First of the overlay's rows whose position is not before `position`.
static size_t overlay_search(const TraceOverlay *o, uint64_t position) {
    size_t low = 0, high = o->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (o->positions[middle] < position)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const TraceTransfer *view_find(const TraceView *v, uint64_t position, const int64_t **ret_booked) {
    const TraceOverlay *o = v->overlay;
    if (o != NULL && (position & ((1U << TRACE_POSITION_SHIFT) - 1)) != 0) {
        size_t i = overlay_search(o, position);
        if (i == o->n || o->positions[i] != position)
            return NULL;
        *ret_booked = &o->booked_at[i];
        return &o->transfers[i];
    }
    if ((position & ((1U << TRACE_POSITION_SHIFT) - 1)) != 0)
        return NULL;
    // Number 0 has position 1 << 24, so that 0 is before all.
    uint64_t number = (position >> TRACE_POSITION_SHIFT) - 1;
    for (size_t k = 0; k < v->segment_count && position != 0; k++) {
        const TraceSegment *s = &v->segments[k];
        if (number >= s->number_first && number - s->number_first < s->transfer_count) {
            *ret_booked = &s->booked_at[number - s->number_first];
            return &s->transfers[number - s->number_first];
        }
    }
    return NULL;
}

const TraceTransfer *trace_view_transfer(const TraceView *v, uint64_t position,
                                         int64_t *ret_booked_at) {
    const int64_t *booked_at = NULL;
    const TraceTransfer *t = view_find(v, position, &booked_at);
    ASSERT(t != NULL);
    *ret_booked_at = *booked_at;
    return t;
}

static size_t booked_after(const int64_t *booked_at, size_t n, int64_t until_us) {
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (booked_at[middle] <= until_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint64_t trace_view_position_after(const TraceView *v, int64_t until_us) {
    uint64_t position = TRACE_POSITION_NONE;
    for (size_t k = 0; k < v->segment_count && position == TRACE_POSITION_NONE; k++) {
        const TraceSegment *s = &v->segments[k];
        size_t i = booked_after(s->booked_at, s->transfer_count, until_us);
        if (i < s->transfer_count)
            position = segment_base(s) + ((uint64_t)i << TRACE_POSITION_SHIFT);
    }
    const TraceOverlay *o = v->overlay;
    size_t i = o != NULL ? booked_after(o->booked_at, o->n, until_us) : 0;
    if (o != NULL && i < o->n && o->positions[i] < position)
        position = o->positions[i];
    return position;
}

// Place of an account among those present in the segment.
static bool segment_rank(const TraceSegment *s, uint32_t account, uint32_t *ret_rank) {
    if (account >= s->account_limit)
        return false;
    uint32_t word = account >> 6;
    uint64_t bit = 1ULL << (account & 63);
    if ((s->present[word] & bit) == 0)
        return false;
    *ret_rank = s->rank[account >> 9] + bits_before(&s->present[word & ~7U], account & 511);
    return true;
}

// Sums over the segments so far, and the opening once a balance is given.
typedef struct Opening {
    int64_t net, net_min, amount;
    bool given;
} Opening;

static Err history_overflow(Ctx *c, uint32_t account) {
    return fail(c, E_LIMIT, "the sums of account %u are beyond 2^63 minor units",
                (unsigned)account);
}

static inline Err opening_add(Ctx *c, Opening *o, uint32_t account, const TraceSum *sum) {
    if (!o->given && sum->has_balance != 0) {
        o->given = true;
        if (__builtin_sub_overflow(sum->opening_offset, o->net, &o->amount))
            return history_overflow(c, account);
    }
    int64_t low;
    if (__builtin_add_overflow(o->net, sum->net_min, &low) ||
        __builtin_add_overflow(o->net, sum->net, &o->net))
        return history_overflow(c, account);
    o->net_min = low < o->net_min ? low : o->net_min;
    return OK;
}

static inline Err opening_end(Ctx *c, const Opening *o, uint32_t account, int64_t *ret_opening) {
    if (o->given)
        *ret_opening = o->amount;
    else if (__builtin_sub_overflow(0, o->net_min, ret_opening))
        return history_overflow(c, account);
    return OK;
}

static Err overlay_history(Ctx *c, const TraceView *v, uint32_t account, TraceHistory *ret_history,
                           bool *ret_known) {
    const TraceOverlay *o = v->overlay;
    *ret_known = false;
    return o != NULL && o->history != NULL ? o->history(c, o->self, account, ret_history, ret_known)
                                           : OK;
}

Err view_history(Ctx *c, const TraceView *v, uint32_t account, TraceRun *runs,
                 TraceHistory *ret_history) {
    bool known;
    TRY(overlay_history(c, v, account, ret_history, &known));
    if (known)
        return OK;
    uint32_t n = 0;
    Opening o = {0};
    for (size_t k = 0; k < v->segment_count; k++) {
        const TraceSegment *s = &v->segments[k];
        uint32_t r;
        if (!segment_rank(s, account, &r))
            continue;
        ASSERT(n < STREAM_SEGMENTS_MAX);
        runs[n++] = (TraceRun){.entries = s->entries + s->entry_first[r],
                               .n = s->entry_first[r + 1] - s->entry_first[r],
                               .position_base = segment_base(s),
                               .net_before = o.net,
                               .net_min_before = o.net_min};
        TRY(opening_add(c, &o, account, &s->sums[r]));
    }
    int64_t opening = 0;
    TRY(opening_end(c, &o, account, &opening));
    *ret_history = (TraceHistory){.runs = runs, .n = n, .opening = opening};
    return OK;
}

Err view_opening_next(Ctx *c, const TraceView *v, uint32_t account,
                      uint32_t ranks[STREAM_SEGMENTS_MAX], int64_t *ret_opening) {
    Opening o = {0};
    for (size_t k = 0; k < v->segment_count; k++) {
        const TraceSegment *s = &v->segments[k];
        if (account < s->account_limit && (s->present[account >> 6] >> (account & 63) & 1) != 0)
            TRY(opening_add(c, &o, account, &s->sums[ranks[k]++]));
    }
    TraceHistory history = {0};
    bool known;
    TRY(overlay_history(c, v, account, &history, &known));
    if (!known)
        return opening_end(c, &o, account, ret_opening);
    *ret_opening = history.opening;
    return OK;
}

uint32_t run_search(const TraceRun *run, uint32_t from, uint64_t position) {
    if (position <= run->position_base)
        return from;
    uint64_t want = (position - run->position_base) << 1; // entries at it are >= want
    if (position - run->position_base >= 1ULL << 63)
        return run->n;
    uint32_t step = 1, low = from, high = from;
    while (high < run->n && run->entries[high].at < want) {
        low = high + 1;
        high = run->n - high > step ? high + step : run->n;
        step = step < 1U << 30 ? step * 2 : step;
    }
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (run->entries[middle].at < want)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

Err history_balance(Ctx *c, const TraceHistory *h, uint64_t position_end, int64_t *ret_balance) {
    I128 net = 0;
    for (uint32_t k = 0; k < h->n; k++) {
        const TraceRun *run = &h->runs[k];
        uint32_t i =
            position_end == TRACE_POSITION_NONE ? run->n : run_search(run, 0, position_end);
        if (i > 0)
            net = (I128)run->net_before + run->entries[i - 1].net;
        if (i < run->n)
            break;
    }
    net += h->opening;
    if (net > INT64_MAX || net < INT64_MIN)
        return fail(c, E_LIMIT, "a balance is beyond 2^63 minor units");
    *ret_balance = (int64_t)net;
    return OK;
}

Err trace_view_balance(Ctx *c, const TraceView *v, uint32_t account, uint64_t position_end,
                       int64_t *ret_opening, int64_t *ret_balance) {
    TraceRun runs[STREAM_SEGMENTS_MAX];
    TraceHistory history;
    if (v->segment_count > STREAM_SEGMENTS_MAX)
        return fail(c, E_LIMIT, "a trace reads at most %d segments, not %zu", STREAM_SEGMENTS_MAX,
                    v->segment_count);
    TRY(view_history(c, v, account, runs, &history));
    TRY(history_balance(c, &history, position_end, ret_balance));
    *ret_opening = history.opening;
    return OK;
}
