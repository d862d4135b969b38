// The sparse driver: touches only accounts where tagged money lies.
//
// What lies at an account does not depend on the rule: it is L = X - min(0, lowest X so far) with
// X = max(0, opening) + net, and the index holds net and its minimum at every entry. So an account
// is asked for only when tags come to it or a debit takes from them; credits of clean money in
// between need no event, they are the difference between L and what is known. A site waits in a
// heap under the position of its next debit; a tagged credit never changes that position, so the
// heap needs no more than push and replacing its top.
#include "trace/trace_priv.h"

#include <stdlib.h>

#define SITES_CHUNK_LOG2 7
#define SITES_CHUNK (1U << SITES_CHUNK_LOG2)
#define SLOTS_FIRST 256

// An account that tags came to.
typedef struct Site {
    Holding holding;
    const TraceRun *runs;
    uint32_t run_count, account;
    uint32_t run, entry;             // first entry that is not behind us
    uint32_t debit_run, debit_entry; // the next debit, while the site waits in the heap
    int64_t opening;
    bool waits; // tags lie here, and the next debit, if there is one, is in the heap
} Site;

typedef struct Wait {
    uint64_t position;
    Site *site;
} Wait;

typedef struct Sparse {
    Engine engine;
    Site **chunks;
    size_t chunk_n, chunk_cap;
    uint32_t site_count;
    uint32_t *slots; // by hash of the account: 1 + number of the site
    size_t slot_count;
    Wait *heap;
    size_t heap_n, heap_cap;
    Arena runs;
} Sparse;

static Site *site_at(const Sparse *s, uint32_t i) {
    return &s->chunks[i >> SITES_CHUNK_LOG2][i & (SITES_CHUNK - 1)];
}

static void Sparse_cleanup(Sparse *s) {
    for (uint32_t i = 0; i < s->site_count; i++)
        holding_done(&s->engine, &site_at(s, i)->holding);
    for (size_t i = 0; i < s->chunk_n; i++)
        mem_free(s->chunks[i]);
    mem_free(s->chunks);
    mem_free(s->slots);
    mem_free(s->heap);
    arena_done(&s->runs);
    Engine_cleanup(&s->engine);
}

// --- sites

static size_t slot_find(const Sparse *s, uint32_t account) {
    size_t mask = s->slot_count - 1, i = hash_u64(account + 1ULL) & mask;
    while (s->slots[i] != 0 && site_at(s, s->slots[i] - 1)->account != account)
        i = (i + 1) & mask;
    return i;
}

static Err slots_grow(Sparse *s) {
    size_t count = s->slot_count == 0 ? SLOTS_FIRST : s->slot_count * 2;
    uint32_t *slots = mem_alloc_zero(count, sizeof *slots);
    if (slots == NULL)
        return fail(s->engine.c, E_MEMORY, "no memory for the accounts of a trace");
    mem_free(s->slots);
    s->slots = slots;
    s->slot_count = count;
    for (uint32_t i = 0; i < s->site_count; i++)
        s->slots[slot_find(s, site_at(s, i)->account)] = i + 1;
    return OK;
}

static Err site_new(Sparse *s, uint32_t account, Site **ret_site) {
    Ctx *c = s->engine.c;
    if (s->site_count >> SITES_CHUNK_LOG2 == s->chunk_n) {
        TRY(mem_grow(c, &s->chunks, &s->chunk_cap, s->chunk_n + 1, sizeof *s->chunks));
        Site *chunk = mem_alloc_zero(SITES_CHUNK, sizeof *chunk);
        if (chunk == NULL)
            return fail(c, E_MEMORY, "no memory for the accounts of a trace");
        s->chunks[s->chunk_n++] = chunk;
    }
    TraceRun runs[STREAM_SEGMENTS_MAX];
    TraceHistory history;
    TRY(view_history(c, s->engine.view, account, runs, &history));
    Site *site = site_at(s, s->site_count);
    *site = (Site){.account = account,
                   .run_count = history.n,
                   .runs = history.runs,
                   .opening = history.opening};
    site->holding.currency = s->engine.view->currencies[account];
    if (history.runs == runs) {
        TraceRun *kept = arena_alloc(&s->runs, (history.n + 1) * sizeof *kept);
        if (kept == NULL)
            return fail(c, E_MEMORY, "no memory for the accounts of a trace");
        memcpy(kept, runs, history.n * sizeof *kept);
        site->runs = kept;
    }
    s->site_count++;
    *ret_site = site;
    return OK;
}

static Err site_get(Sparse *s, uint32_t account, Site **ret_site) {
    if (2 * ((size_t)s->site_count + 1) > s->slot_count)
        TRY(slots_grow(s));
    size_t slot = slot_find(s, account);
    if (s->slots[slot] != 0) {
        *ret_site = site_at(s, s->slots[slot] - 1);
        return OK;
    }
    TRY(site_new(s, account, ret_site));
    s->slots[slot] = s->site_count;
    return OK;
}

// What lies at the site before the entry, by the index alone.
static Err site_lying(const Sparse *s, const Site *site, const TraceRun *run, uint32_t entry,
                      int64_t *ret_lying) {
    int64_t first = site->opening > 0 ? site->opening : 0;
    I128 net = run->net_before, net_min = run->net_min_before;
    if (entry > 0) {
        net += run->entries[entry - 1].net;
        I128 low = (I128)run->net_before + run->entries[entry - 1].net_min;
        net_min = low < net_min ? low : net_min;
    }
    I128 lying = first + net - (first + net_min < 0 ? first + net_min : 0);
    if (lying > INT64_MAX)
        return fail(s->engine.c, E_LIMIT, "an account holds more than 2^63 minor units");
    if (lying < site->holding.tagged && s->engine.query->rule != TRACE_POISON)
        return fail(s->engine.c, E_CORRUPT,
                    "the sums of account %u do not fit its transfers: less lies there than was "
                    "traced to it",
                    (unsigned)site->account);
    *ret_lying = (int64_t)lying;
    return OK;
}

// Brings the site up to the transfer at `position`, which must be one of its entries.
static Err site_reach(Sparse *s, Site *site, uint64_t position, bool debit) {
    uint32_t k = site->run, i = site->entry;
    while (k < site->run_count) {
        i = run_search(&site->runs[k], i, position);
        if (i < site->runs[k].n)
            break;
        k++;
        i = 0;
    }
    uint64_t want = (position - (k < site->run_count ? site->runs[k].position_base : 0)) << 1;
    if (k == site->run_count || site->runs[k].entries[i].at != (want | debit))
        return fail(s->engine.c, E_CORRUPT,
                    "the index has no entry of account %u for one of its "
                    "transfers",
                    (unsigned)site->account);
    TRY(site_lying(s, site, &site->runs[k], i, &site->holding.total));
    site->run = k;
    site->entry = i + 1;
    return OK;
}

// --- the heap of next debits

static Err heap_push(Sparse *s, Wait w) {
    TRY(mem_grow(s->engine.c, &s->heap, &s->heap_cap, s->heap_n + 1, sizeof *s->heap));
    size_t i = s->heap_n++;
    while (i > 0 && s->heap[(i - 1) / 4].position > w.position) {
        s->heap[i] = s->heap[(i - 1) / 4];
        i = (i - 1) / 4;
    }
    s->heap[i] = w;
    return OK;
}

static void heap_sink(Sparse *s, Wait w) {
    size_t i = 0;
    for (;;) {
        size_t first = i * 4 + 1, best = first;
        if (first >= s->heap_n)
            break;
        for (size_t k = first + 1; k < s->heap_n && k < first + 4; k++)
            if (s->heap[k].position < s->heap[best].position)
                best = k;
        if (s->heap[best].position >= w.position)
            break;
        s->heap[i] = s->heap[best];
        i = best;
    }
    s->heap[i] = w;
}

// The next debit before the end of the query; fetches its transfer ahead.
static bool site_next(Sparse *s, Site *site, uint64_t *ret_position) {
    uint32_t k = site->run, i = site->entry;
    for (; k < site->run_count; k++, i = 0) {
        const TraceRun *run = &site->runs[k];
        while (i < run->n && (run->entries[i].at & 1) == 0)
            i++;
        if (i == run->n)
            continue;
        uint64_t position = run->position_base + (run->entries[i].at >> 1);
        if (position >= s->engine.query->position_end)
            return false;
        site->debit_run = k;
        site->debit_entry = i;
        const int64_t *booked_at;
        const TraceTransfer *t = view_find(s->engine.view, position, &booked_at);
        if (t != NULL)
            __builtin_prefetch(t);
        *ret_position = position;
        return true;
    }
    return false;
}

static Err site_wait(Sparse *s, Site *site) {
    uint64_t position;
    return site_next(s, site, &position) ? heap_push(s, (Wait){position, site}) : OK;
}

// The debit of the top is done: it waits for its next one, or leaves when nothing lies there.
static void heap_advance(Sparse *s) {
    Site *site = s->heap[0].site;
    uint64_t position;
    if (site->holding.tagged != 0 && site_next(s, site, &position)) {
        heap_sink(s, (Wait){position, site});
        return;
    }
    site->waits = site->holding.tagged != 0;
    s->heap_n--;
    if (s->heap_n > 0)
        heap_sink(s, s->heap[s->heap_n]);
}

// --- events

static Err sparse_reach(void *self, Leg *leg) {
    Site *to;
    TRY(site_get(self, leg->transfer->to, &to));
    TRY(site_reach(self, to, leg->position, false));
    leg->to = &to->holding;
    return OK;
}

// The site of the account whose debit is next, brought up to it.
static Err sparse_debit(Sparse *s, Leg *leg) {
    Site *from = s->heap[0].site;
    if (from->account != leg->transfer->from)
        return fail(s->engine.c, E_CORRUPT, "the index names account %u for a transfer of another",
                    (unsigned)from->account);
    from->run = from->debit_run;
    from->entry = from->debit_entry;
    leg->from = &from->holding;
    return site_reach(s, from, leg->position, true);
}

static Err sparse_event(Sparse *s, uint64_t position, uint32_t seed) {
    Leg leg = {.position = position, .seed = seed, .reach = sparse_reach, .self = s};
    leg.transfer = view_find(s->engine.view, position, &leg.booked_at);
    if (leg.transfer == NULL)
        return fail(s->engine.c, E_CORRUPT, "the index names a transfer that is not there");
    bool waiting = s->heap_n > 0 && s->heap[0].position == position;
    if (waiting)
        TRY(sparse_debit(s, &leg));
    TRY(leg_apply(&s->engine, &leg));
    s->engine.result.events++;
    if (waiting)
        heap_advance(s);
    if (leg.to == NULL)
        return OK;
    Site *to = (Site *)leg.to;
    if (to->waits)
        return OK;
    to->waits = true;
    return site_wait(s, to);
}

static Err sparse_events(Sparse *s) {
    const TraceQuery *q = s->engine.query;
    size_t seed = 0;
    for (;;) {
        uint64_t position = s->heap_n > 0 ? s->heap[0].position : TRACE_POSITION_NONE;
        uint32_t report = SEED_NONE;
        if (seed < q->seed_count && q->seeds[seed].position < q->position_end &&
            q->seeds[seed].position <= position) {
            position = q->seeds[seed].position;
            report = q->seeds[seed++].report;
        }
        if (position == TRACE_POSITION_NONE)
            return OK;
        TRY(sparse_event(s, position, report));
    }
}

static int account_cmp(const void *a, const void *b) {
    const TraceTouchedAccount *x = a, *y = b;
    return (x->account > y->account) - (x->account < y->account);
}

static Err sparse_finish(Sparse *s) {
    Engine *e = &s->engine;
    TraceResult *r = &e->result;
    for (uint32_t i = 0; i < s->site_count; i++) {
        Site *site = site_at(s, i);
        TraceHistory history = {.runs = site->runs, .n = site->run_count, .opening = site->opening};
        int64_t balance = 0;
        TRY(history_balance(e->c, &history, e->query->position_end, &balance));
        TRY(engine_account_finish(e, &site->holding, balance));
    }
    if (r->account_count > 0)
        qsort(r->accounts, r->account_count, sizeof *r->accounts, account_cmp);
    r->steps = e->ropes.steps;
    return totals_finish(e->c, &e->totals, r);
}

Err trace_run(Ctx *c, const TraceView *v, const TraceQuery *q, TraceResult *ret_result) {
    AUTO(Sparse) s = {.runs = {.bytes_max = TRACE_HISTORY_BYTES_MAX}};
    TRY(engine_init(c, v, q, &s.engine));
    TRY(sparse_events(&s));
    TRY(sparse_finish(&s));
    *ret_result = s.engine.result;
    s.engine.result = (TraceResult){0};
    return OK;
}
