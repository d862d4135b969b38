#include "trace/world.h"

#define INSIDE (NAIVE_ACCOUNTS - NAIVE_CURRENCIES) // ids behind these are outside accounts

uint32_t world_id(const World *w, int account, int currency) {
    if (account < 0)
        return ((uint32_t)(INSIDE + currency) * w->stride + 3) | TRACE_OUTSIDE;
    return (uint32_t)account * w->stride + 3;
}

static int64_t random_amount(Rng *rng, int size) {
    static const uint64_t most[5] = {3, 50, 10000, 5000000, 1000000000000000};
    return (int64_t)rng_below(rng, most[size]) + 1;
}

static bool chance(Rng *rng, unsigned percent) {
    return rng_below(rng, 100) < percent;
}

static int64_t random_credited(Rng *rng, const NaiveTransfer *t, WorldShape shape, int size) {
    if (t->from_currency != t->to_currency)
        return chance(rng, 20) ? t->amount : chance(rng, 5) ? 0 : random_amount(rng, size);
    if (!shape.fees || chance(rng, 70))
        return t->amount;
    return chance(rng, 10) ? 0 : (int64_t)rng_below(rng, (uint64_t)t->amount) + 1;
}

static void random_sides(Rng *rng, const World *w, NaiveTransfer *t, WorldShape shape, int few) {
    for (;;) {
        int a = (int)rng_below(rng, (uint64_t)few), b = (int)rng_below(rng, (uint64_t)few);
        // Few accounts are hubs, so that parts gather.
        if (chance(rng, 40))
            a = (int)rng_below(rng, 2);
        if (chance(rng, 40))
            b = (int)rng_below(rng, 2);
        if (a == b)
            continue;
        t->from = chance(rng, 15) ? -1 : a;
        t->to = t->from >= 0 && chance(rng, 12) ? -1 : b;
        t->from_currency = t->from >= 0 ? w->currency[a] : (int)rng_below(rng, NAIVE_CURRENCIES);
        t->to_currency = t->to >= 0 ? w->currency[b] : (int)rng_below(rng, NAIVE_CURRENCIES);
        if (!shape.exchange) {
            if (t->from < 0)
                t->from_currency = t->to_currency;
            if (t->to < 0)
                t->to_currency = t->from_currency;
        }
        if (t->from_currency == t->to_currency || shape.exchange)
            return;
    }
}

static void random_balances(Rng *rng, NaiveTransfer *t, unsigned percent, int64_t net[]) {
    t->from_balance = t->to_balance = TRACE_BALANCE_NONE;
    if (t->from >= 0) {
        net[t->from] -= t->amount;
        if (chance(rng, percent))
            t->from_balance = net[t->from] + (chance(rng, 5) ? 7 : 0);
    }
    if (t->to >= 0) {
        net[t->to] += t->credited;
        if (chance(rng, percent))
            t->to_balance = net[t->to] - (chance(rng, 5) ? 9 : 0);
    }
}

// A small deposit, or a transfer of most of what lies at one of three accounts.
static void gather_make(const World *w, Rng *rng, NaiveTransfer *t, WorldShape shape,
                        const int64_t net[], bool deposit) {
    t->seed = -1;
    if (deposit) {
        t->from = -1;
        t->to = chance(rng, 80) ? 0 : 1;
        t->from_currency = t->to_currency = w->currency[t->to];
        t->amount = t->credited = (int64_t)rng_below(rng, 40) + 1;
        if (chance(rng, 50))
            t->seed = (int)rng_below(rng, (uint64_t)w->ledger.reports);
        return;
    }
    random_sides(rng, w, t, shape, 3);
    t->amount = 1 + (int64_t)rng_below(rng, 30);
    if (t->from >= 0 && net[t->from] > 10 && chance(rng, 70))
        t->amount = net[t->from] - (int64_t)rng_below(rng, (uint64_t)net[t->from] / 2);
    t->credited = t->amount;
    if (t->from_currency != t->to_currency)
        t->credited = t->amount * (1 + (int64_t)rng_below(rng, 3)) / 2;
    else if (shape.fees && chance(rng, 10))
        t->credited -= (int64_t)rng_below(rng, (uint64_t)t->amount / 10 + 1);
    if (chance(rng, 10))
        t->seed = (int)rng_below(rng, (uint64_t)w->ledger.reports);
}

static void ledger_make(World *w, Rng *rng, WorldShape shape) {
    NaiveLedger *l = &w->ledger;
    int few = 3 + (int)rng_below(rng, INSIDE - 3), size = (int)rng_below(rng, 5);
    unsigned seeded = (unsigned)rng_below(rng, 40) + 3, given = (unsigned)rng_below(rng, 3) * 20;
    int64_t net[NAIVE_ACCOUNTS], now = 0;
    for (int k = 0; k < NAIVE_ACCOUNTS; k++) {
        w->currency[k] = k >= INSIDE ? k - INSIDE : 0;
        if (shape.exchange && k < INSIDE)
            w->currency[k] = (int)rng_below(rng, NAIVE_CURRENCIES);
        net[k] = (int64_t)rng_below(rng, 200) - 50;
    }
    // Two accounts of one currency at least, else no transfer without exchange is possible.
    w->currency[1] = w->currency[0];
    l->reports =
        chance(rng, 20) ? 1 + (int)rng_below(rng, NAIVE_REPORTS) : 1 + (int)rng_below(rng, 5);
    l->n = shape.transfers;
    if (shape.plain)
        size = 1;
    for (int i = 0; i < l->n; i++) {
        NaiveTransfer *t = &l->transfers[i];
        now += (int64_t)rng_below(rng, 3);
        *t = (NaiveTransfer){.booked_at = now, .seed = -1};
        random_sides(rng, w, t, shape, few);
        t->amount = random_amount(rng, shape.plain || chance(rng, 80) ? size : 1);
        // Now and then much moves at once, so that many parts do.
        if (t->from >= 0 && net[t->from] > 1 && net[t->from] < 1000000000000000 && chance(rng, 25))
            t->amount = net[t->from] - (int64_t)rng_below(rng, (uint64_t)net[t->from] / 4 + 1);
        if (t->amount > 200 && shape.plain)
            t->amount = 200;
        t->credited = random_credited(rng, t, shape, size);
        if (chance(rng, seeded))
            t->seed = (int)rng_below(rng, (uint64_t)l->reports);
        if (shape.gather)
            gather_make(w, rng, t, shape, net, i < l->n / 2);
        random_balances(rng, t, given, net);
    }
}

// Sealed row, late row in the place of a sealed one, or late row: which gives the positions.
static void rows_place(World *w, Rng *rng, bool late) {
    NaiveLedger *l = &w->ledger;
    uint64_t behind = 0; // late rows since the last sealed one
    w->sealed_n = 0;
    w->late_n = 0;
    w->seed_n = 0;
    for (int i = 0; i < l->n; i++) {
        NaiveTransfer *t = &l->transfers[i];
        TraceTransfer row = {.from = world_id(w, t->from, t->from_currency),
                             .to = world_id(w, t->to, t->to_currency),
                             .amount = t->amount,
                             .credited = t->credited};
        bool is_late = late && chance(rng, 15);
        if (!is_late || chance(rng, 30)) {
            uint32_t k = w->sealed_n++;
            w->sealed[k] = row;
            w->sealed_at[k] = t->booked_at;
            w->balances[k] = (TraceBalances){t->from_balance, t->to_balance};
            w->replaced[k] = is_late;
            behind = 0;
            t->position = ((uint64_t)k + 1) << TRACE_POSITION_SHIFT;
            if (is_late) // the sealed row said something else
                w->sealed[k].amount += 5;
        }
        if (is_late) {
            t->position = ((uint64_t)w->sealed_n << TRACE_POSITION_SHIFT) + ++behind;
            w->late[w->late_n] = row;
            w->late_at[w->late_n] = t->booked_at;
            w->late_positions[w->late_n++] = t->position;
            for (int side = 0; side < 2; side++) {
                int account = side == 0 ? t->from : t->to;
                if (account >= 0)
                    w->touched_late[account] = true;
            }
        }
        if (t->seed >= 0)
            w->seeds[w->seed_n++] =
                (TraceSeed){.position = t->position, .report = (uint32_t)t->seed};
    }
}

static bool world_replaced(void *self, uint64_t position) {
    World *w = self;
    return w->replaced[(position >> TRACE_POSITION_SHIFT) - 1];
}

static Err world_history(Ctx *c, void *self, uint32_t account, TraceHistory *ret_history,
                         bool *ret_known) {
    (void)c;
    World *w = self;
    for (int k = 0; k < INSIDE; k++)
        if (world_id(w, k, 0) == account && w->touched_late[k]) {
            *ret_history = (TraceHistory){.runs = &w->runs[k], .n = 1, .opening = w->openings[k]};
            *ret_known = true;
            return OK;
        }
    *ret_known = false;
    return OK;
}

static void histories_make(World *w) {
    for (int k = 0; k < INSIDE; k++) {
        TraceRun *run = &w->runs[k];
        *run = (TraceRun){.entries = w->entries[k]};
        w->openings[k] = naive_opening(&w->ledger, k);
        int64_t net = 0, net_min = 0;
        for (int i = 0; i < w->ledger.n; i++) {
            const NaiveTransfer *t = &w->ledger.transfers[i];
            if (t->from != k && t->to != k)
                continue;
            net += t->from == k ? -t->amount : t->credited;
            net_min = net < net_min ? net : net_min;
            w->entries[k][run->n++] = (TraceEntry){
                .at = t->position << 1 | (t->from == k), .net = net, .net_min = net_min};
        }
    }
}

Err world_build(Ctx *c, World *w, Rng *rng, bool late) {
    memset(w->touched_late, 0, sizeof w->touched_late);
    rows_place(w, rng, late);
    histories_make(w);
    size_t segments = 1 + rng_below(rng, WORLD_SEGMENTS);
    uint32_t first = 0;
    for (size_t k = 0; k < segments; k++) {
        uint32_t n = (uint32_t)rng_below(rng, w->sealed_n - first + 1);
        if (k + 1 == segments)
            n = w->sealed_n - first;
        TRY(trace_index_build(c, w->sealed + first, w->sealed_at + first, w->balances + first, n,
                              &w->indexes[k]));
        w->segments[k] = w->indexes[k].segment;
        w->segments[k].number_first = first;
        first += n;
    }
    for (int k = 0; k < NAIVE_ACCOUNTS; k++)
        w->currencies[world_id(w, k, 0)] = (uint16_t)w->currency[k];
    w->overlay = (TraceOverlay){.self = w,
                                .positions = w->late_positions,
                                .transfers = w->late,
                                .booked_at = w->late_at,
                                .n = w->late_n,
                                .replaced = world_replaced,
                                .history = world_history};
    w->view = (TraceView){.segments = w->segments,
                          .segment_count = segments,
                          .currencies = w->currencies,
                          .account_count = world_id(w, NAIVE_ACCOUNTS - 1, 0) + 1,
                          .overlay = late ? &w->overlay : NULL};
    return OK;
}

void world_make(World *w, uint64_t seed, WorldShape shape) {
    static const uint32_t strides[3] = {1, 60, 700};
    Rng rng;
    rng_seed(&rng, seed);
    w->stride = strides[rng_below(&rng, 10) == 0 ? rng_below(&rng, 3) : 0];
    ledger_make(w, &rng, shape);
    AUTO(Ctx) c = {0};
    ctx_init(&c);
    Err err = world_build(&c, w, &rng, shape.late);
    ASSERT(err == OK);
    w->ledger.position_end = TRACE_POSITION_NONE;
    if (rng_below(&rng, 3) == 0) {
        int i = (int)rng_below(&rng, (uint64_t)w->ledger.n);
        w->ledger.position_end =
            rng_below(&rng, 2) == 0
                ? w->ledger.transfers[i].position
                : trace_view_position_after(&w->view, w->ledger.transfers[i].booked_at);
    }
}

void world_done(World *w) {
    for (size_t k = 0; k < WORLD_SEGMENTS; k++)
        TraceIndex_cleanup(&w->indexes[k]);
}

TraceQuery world_query(const World *w, TraceRule rule) {
    return (TraceQuery){.rule = rule,
                        .position_end = w->ledger.position_end,
                        .seeds = w->seeds,
                        .seed_count = w->seed_n,
                        .report_count = (uint32_t)w->ledger.reports};
}
