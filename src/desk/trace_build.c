// The engine's numbers become names: accounts, transfers, sums by report, in the answer's order.
#include "desk/trace_priv.h"

#include <stdlib.h>

typedef struct Builder {
    const DeskTraceInput *in;
    DeskTrace *trace;
    DeskTraceAccount *accounts; // in the answer's order
    uint32_t *place;            // by index into result->accounts: index into `accounts`
    Str *codes;                 // of currencies met, by their number
    uint32_t code_count;
} Builder;

// --- currencies ---------------------------------------------------------------------------------

// Every currency of a sum is that of an account that a listed transfer touches.
static Err note_currency(Ctx *c, Builder *b, uint32_t account) {
    uint16_t number = stream_view(b->in->snap)->currencies[account];
    if (number < b->code_count && b->codes[number].n > 0)
        return OK;
    if (number >= b->code_count) {
        uint32_t count = (uint32_t)number * 2 + 16;
        Str *codes;
        TRY(ctx_alloc(c, count * sizeof *codes, &codes));
        if (b->code_count > 0)
            memcpy(codes, b->codes, b->code_count * sizeof *codes);
        b->codes = codes;
        b->code_count = count;
    }
    return str_copy(c, stream_account(b->in->snap, account).currency, &b->codes[number]);
}

// --- accounts -----------------------------------------------------------------------------------

typedef struct Sortable {
    DeskTraceAccount account;
    uint32_t from; // index into result->accounts
} Sortable;

static int account_order(const void *a, const void *b) {
    const DeskTraceAccount *x = &((const Sortable *)a)->account;
    const DeskTraceAccount *y = &((const Sortable *)b)->account;
    int order = str_cmp(x->account.country, y->account.country);
    if (order == 0)
        order = str_cmp(x->account.institution, y->account.institution);
    if (order == 0)
        order = str_cmp(x->account.account, y->account.account);
    return order ? order : str_cmp(x->currency, y->currency);
}

static Err tags_of(Ctx *c, const TraceResult *r, uint32_t first, uint32_t count,
                   const DeskTag **ret_tags) {
    DeskTag *tags;
    TRY(ctx_alloc(c, (count + (size_t)1) * sizeof *tags, &tags));
    for (uint32_t i = 0; i < count; i++)
        tags[i] = (DeskTag){r->tags[first + i].report, r->tags[first + i].amount};
    *ret_tags = tags;
    return OK;
}

static Err account_of(Ctx *c, Builder *b, const TraceTouchedAccount *t, DeskTraceAccount *ret) {
    StreamAccount key = stream_account(b->in->snap, t->account);
    DeskTraceAccount a = {.level = t->level,
                          .first_at = t->first_at,
                          .balance = t->balance,
                          .tag_count = t->tag_count};
    TRY(note_currency(c, b, t->account));
    a.currency = b->codes[stream_view(b->in->snap)->currencies[t->account]];
    TRY(str_copy(c, key.party.country, &a.account.country));
    TRY(str_copy(c, key.party.institution, &a.account.institution));
    TRY(str_copy(c, key.party.account, &a.account.account));
    TRY(tags_of(c, b->in->result, t->tag_first, t->tag_count, &a.tags));
    *ret = a;
    return OK;
}

static Err build_accounts(Ctx *c, Builder *b) {
    const TraceResult *r = b->in->result;
    size_t n = r->account_count;
    Sortable *sorted;
    TRY(ctx_alloc(c, (n + 1) * sizeof *sorted, &sorted));
    for (uint32_t i = 0; i < n; i++) {
        TRY(account_of(c, b, &r->accounts[i], &sorted[i].account));
        sorted[i].from = i;
    }
    if (n > 1)
        qsort(sorted, n, sizeof *sorted, account_order);
    TRY(ctx_alloc(c, (n + 1) * sizeof *b->accounts, &b->accounts));
    TRY(ctx_alloc(c, (n + 1) * sizeof *b->place, &b->place));
    for (uint32_t i = 0; i < n; i++) {
        b->accounts[i] = sorted[i].account;
        b->place[sorted[i].from] = i;
    }
    b->trace->accounts = b->accounts;
    b->trace->account_count = n;
    return OK;
}

// Index into the answer's accounts, or DESK_TRACE_OUTSIDE for one that is not listed.
static uint32_t account_find(const Builder *b, uint32_t id) {
    const TraceResult *r = b->in->result;
    if (id & TRACE_OUTSIDE)
        return DESK_TRACE_OUTSIDE;
    size_t low = 0, high = r->account_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (r->accounts[middle].account < id)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < r->account_count && r->accounts[low].account == id;
    return found ? b->place[low] : DESK_TRACE_OUTSIDE;
}

// --- transfers ----------------------------------------------------------------------------------

static bool is_seed(const TraceQuery *q, uint64_t position) {
    size_t low = 0, high = q->seed_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (q->seeds[middle].position < position)
            low = middle + 1;
        else
            high = middle;
    }
    return low < q->seed_count && q->seeds[low].position == position;
}

static Err copy_texts(Ctx *c, Str **texts, size_t n) {
    for (size_t i = 0; i < n; i++)
        TRY(str_copy(c, *texts[i], texts[i]));
    return OK;
}

// A listed account has its name already: nearly all transfers share it.
static Err copy_party(Ctx *c, const Builder *b, uint32_t place, FormatAccount *a) {
    if (place != DESK_TRACE_OUTSIDE) {
        *a = b->accounts[place].account;
        return OK;
    }
    return copy_texts(c, (Str *[]){&a->country, &a->institution, &a->account}, 3);
}

static Err copy_transfer(Ctx *c, const Builder *b, const TraceTransfer *ids, DeskTraceTransfer *x) {
    const uint16_t *numbers = stream_view(b->in->snap)->currencies;
    DeskTransfer *t = &x->transfer;
    t->amount.currency = b->codes[numbers[TRACE_ACCOUNT(ids->from)]];
    t->credited.currency = b->codes[numbers[TRACE_ACCOUNT(ids->to)]];
    TRY(copy_party(c, b, x->from, &t->from));
    TRY(copy_party(c, b, x->to, &t->to));
    TRY(copy_texts(c, (Str *[]){&t->id, &t->channel, &t->memo}, 3));
    x->id = t->id;
    return OK;
}

static Err transfer_of(Ctx *c, Builder *b, const TraceTouchedTransfer *t, DeskTraceTransfer *ret) {
    StreamTransfer told;
    TRY(stream_transfer_get(c, b->in->snap, t->position, &told));
    const TraceTransfer *ids =
        trace_view_transfer(stream_view(b->in->snap), t->position, &(int64_t){0});
    TRY(note_currency(c, b, TRACE_ACCOUNT(ids->from)));
    TRY(note_currency(c, b, TRACE_ACCOUNT(ids->to)));
    DeskTraceTransfer x = {
        .level = t->level,
        .tag_count = t->tag_count,
        .from = account_find(b, ids->from),
        .to = account_find(b, ids->to),
        .position = t->position,
        .seed = is_seed(b->in->query, t->position),
    };
    desk_transfer_of(&told, &x.transfer);
    TRY(copy_transfer(c, b, ids, &x));
    TRY(tags_of(c, b->in->result, t->tag_first, t->tag_count, &x.tags));
    if (x.level > b->trace->level_max)
        b->trace->level_max = x.level;
    *ret = x;
    return OK;
}

static int transfer_order(const void *a, const void *b) {
    const DeskTraceTransfer *x = a, *y = b;
    return str_cmp(x->id, y->id);
}

static Err build_transfers(Ctx *c, Builder *b) {
    const TraceResult *r = b->in->result;
    DeskTraceTransfer *transfers;
    TRY(ctx_alloc(c, (r->transfer_count + 1) * sizeof *transfers, &transfers));
    for (size_t i = 0; i < r->transfer_count; i++)
        TRY(transfer_of(c, b, &r->transfers[i], &transfers[i]));
    if (r->transfer_count > 1)
        qsort(transfers, r->transfer_count, sizeof *transfers, transfer_order);
    b->trace->transfers = transfers;
    b->trace->transfer_count = r->transfer_count;
    return OK;
}

// --- what came to each account
// --------------------------------------------------------------------

typedef struct Arrival {
    uint32_t account, report;
    int64_t amount;
} Arrival;

static int arrival_order(const void *a, const void *b) {
    const Arrival *x = a, *y = b;
    if (x->account != y->account)
        return x->account < y->account ? -1 : 1;
    return (x->report > y->report) - (x->report < y->report);
}

static size_t arrivals_merge(Arrival *items, size_t n) {
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        Arrival *last = kept ? &items[kept - 1] : NULL;
        if (last && arrival_order(last, &items[i]) == 0)
            last->amount += items[i].amount;
        else
            items[kept++] = items[i];
    }
    return kept;
}

static Err build_arrivals(Ctx *c, Builder *b) {
    const DeskTrace *t = b->trace;
    size_t most = 0, n = 0;
    for (size_t i = 0; i < t->transfer_count; i++)
        most += t->transfers[i].tag_count;
    Arrival *items;
    DeskTag *tags;
    TRY(ctx_alloc(c, (most + 1) * sizeof *items, &items));
    TRY(ctx_alloc(c, (most + 1) * sizeof *tags, &tags));
    for (size_t i = 0; i < t->transfer_count; i++) {
        const DeskTraceTransfer *x = &t->transfers[i];
        for (size_t k = 0; k < x->tag_count && x->to != DESK_TRACE_OUTSIDE; k++)
            items[n++] = (Arrival){x->to, x->tags[k].report, x->tags[k].amount};
    }
    if (n > 1)
        qsort(items, n, sizeof *items, arrival_order);
    n = arrivals_merge(items, n);
    for (size_t i = 0; i < n; i++) {
        DeskTraceAccount *a = &b->accounts[items[i].account];
        tags[i] = (DeskTag){items[i].report, items[i].amount};
        if (a->came_count++ == 0)
            a->came = &tags[i];
    }
    return OK;
}

typedef struct Rank {
    uint32_t index, level;
    int64_t came;
} Rank;

static int rank_order(const void *a, const void *b) {
    const Rank *x = a, *y = b;
    if (x->level != y->level)
        return x->level < y->level ? -1 : 1;
    if (x->came != y->came)
        return x->came > y->came ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static Err build_levels(Ctx *c, Builder *b) {
    size_t n = b->trace->account_count;
    Rank *ranks;
    uint32_t *by_level;
    TRY(ctx_alloc(c, (n + 1) * sizeof *ranks, &ranks));
    TRY(ctx_alloc(c, (n + 1) * sizeof *by_level, &by_level));
    for (uint32_t i = 0; i < n; i++) {
        const DeskTraceAccount *a = &b->accounts[i];
        ranks[i] = (Rank){i, a->level, 0};
        for (size_t k = 0; k < a->came_count; k++)
            ranks[i].came += a->came[k].amount;
    }
    if (n > 1)
        qsort(ranks, n, sizeof *ranks, rank_order);
    for (size_t i = 0; i < n; i++)
        by_level[i] = ranks[i].index;
    b->trace->by_level = by_level;
    return OK;
}

// --- sums by report -----------------------------------------------------------------------------

static int money_order(const void *a, const void *b) {
    const DeskMoney *x = a, *y = b;
    return str_cmp(x->currency, y->currency);
}

// Totals come by (report, flow, currency number): one list for each run of the first two.
static Err build_totals(Ctx *c, Builder *b) {
    const TraceResult *r = b->in->result;
    DeskMoney *money;
    TRY(ctx_alloc(c, (r->total_count + 1) * sizeof *money, &money));
    for (size_t i = 0; i < r->total_count;) {
        const TraceTotal *first = &r->totals[i];
        size_t n = 0;
        while (i + n < r->total_count && r->totals[i + n].report == first->report &&
               r->totals[i + n].flow == first->flow) {
            uint16_t number = r->totals[i + n].currency;
            if (number >= b->code_count || b->codes[number].n == 0)
                return fail(c, E_CORRUPT, "a sum of the trace is in a currency of no account");
            money[i + n] = (DeskMoney){b->codes[number], r->totals[i + n].amount};
            n++;
        }
        qsort(&money[i], n, sizeof *money, money_order);
        DeskTraceReport *report = &b->in->reports[first->report];
        struct {
            const DeskMoney **list;
            size_t *count;
        } lists[] = {[TRACE_SEEDED] = {&report->seed, &report->seed_count},
                     [TRACE_LEFT] = {&report->left, &report->left_count},
                     [TRACE_EXITS] = {&report->exits, &report->exit_count},
                     [TRACE_COST] = {&report->cost, &report->cost_count}};
        *lists[first->flow].list = &money[i];
        *lists[first->flow].count = n;
        i += n;
    }
    return OK;
}

Err desk_trace_build(Ctx *c, const DeskTraceInput *in, DeskTrace *trace) {
    Builder b = {.in = in, .trace = trace};
    TRY(build_accounts(c, &b));
    TRY(build_transfers(c, &b));
    TRY(build_arrivals(c, &b));
    TRY(build_levels(c, &b));
    return build_totals(c, &b);
}
