// One leg of the way: what a debit lets out, what arrives of it, and what that means for levels,
// exits, costs and the list of transfers. The meaning stands in docs/trace.md.
#include "trace/trace_priv.h"

// A transfer that carries tags, and the first or a lower level of the account that it credits.
static inline Err leg_list(Engine *e, const Leg *leg, uint32_t level, size_t tag_count) {
    TraceResult *r = &e->result;
    if (r->transfer_count == r->transfer_cap)
        TRY(result_grow(e, &r->transfers, &r->transfer_cap, r->transfer_count + 1,
                        sizeof *r->transfers));
    if (r->tag_count + tag_count > r->tag_cap)
        TRY(result_grow(e, &r->tags, &r->tag_cap, r->tag_count + tag_count, sizeof *r->tags));
    if (r->tag_count + tag_count > UINT32_MAX)
        return fail(e->c, E_LIMIT, "the answer of the trace has more than 2^32 tags");
    r->transfers[r->transfer_count++] = (TraceTouchedTransfer){.position = leg->position,
                                                               .level = level,
                                                               .tag_first = (uint32_t)r->tag_count,
                                                               .tag_count = (uint32_t)tag_count};
    Holding *to = leg->to;
    if (to == NULL || (to->level != 0 && to->level <= level))
        return OK;
    if (to->touched == 0) {
        TRY(mem_grow(e->c, &r->accounts, &r->account_cap, r->account_count + 1,
                     sizeof *r->accounts));
        r->accounts[r->account_count++] = (TraceTouchedAccount){
            .account = TRACE_ACCOUNT(leg->transfer->to), .first_at = *leg->booked_at};
        to->touched = (uint32_t)r->account_count;
    }
    to->level = level;
    r->accounts[to->touched - 1].level = level;
    return OK;
}

// The holding that tags come to; stays NULL where they leave the accounts.
static inline Err leg_reach(Leg *leg) {
    return (leg->transfer->to & TRACE_OUTSIDE) == 0 ? leg->reach(leg->self, leg) : OK;
}

static inline uint32_t leg_level(const Leg *leg) {
    return leg->seed != SEED_NONE || leg->from == NULL ? 1 : leg->from->level + 1;
}

static uint16_t leg_currency(const Engine *e, uint32_t account) {
    return e->view->currencies[TRACE_ACCOUNT(account)];
}

static inline Err total_raise(Engine *e, Holding *h, int64_t amount) {
    if (__builtin_add_overflow(h->total, amount, &h->total))
        return fail(e->c, E_LIMIT, "an account holds more than 2^63 minor units");
    return OK;
}

// Between two currencies tags leave one and come in the other; in one currency they may cost.
static Err leg_differences(Engine *e, const Leg *leg) {
    uint16_t from = leg_currency(e, leg->transfer->from), to = leg_currency(e, leg->transfer->to);
    size_t k = 0;
    for (size_t i = 0; i < e->debited_n; i++) {
        const TraceTag *debited = &e->sums_debited[i];
        bool there = k < e->sum_n && e->sums[k].report == debited->report;
        int64_t credited = there ? e->sums[k++].amount : 0;
        if (from == to) {
            if (credited > debited->amount)
                return fail(e->c, E_CORRUPT,
                            "a transfer in one currency credits a report with "
                            "more than it took from it");
            TRY(totals_add(e->c, &e->totals, debited->report, TRACE_COST, from,
                           debited->amount - credited));
        } else {
            TRY(totals_add(e->c, &e->totals, debited->report, FLOW_FX_OUT, from, debited->amount));
            TRY(totals_add(e->c, &e->totals, debited->report, FLOW_FX_IN, to, credited));
        }
    }
    if (k != e->sum_n)
        return fail(e->c, E_CORRUPT, "a transfer credits a report that it did not debit");
    return OK;
}

// Scales `out` from the debited to the credited amount and books what the tags lost by it.
static Err leg_scale(Engine *e, const Leg *leg) {
    const TraceTransfer *t = leg->transfer;
    TRY(mem_grow(e->c, &e->sums_debited, &e->debited_cap, e->sum_n + 1, sizeof *e->sums_debited));
    if (e->sum_n > 0)
        memcpy(e->sums_debited, e->sums, e->sum_n * sizeof *e->sums);
    e->debited_n = e->sum_n;
    if (t->amount != t->credited) {
        TRY(out_unpack(e));
        TRY(scale_parts(e->c, &e->scale, e->out, e->out_n, t->amount, t->credited));
        size_t n = e->out_n;
        e->out_n = 0;
        for (size_t i = 0; i < n; i++)
            if (e->out[i].amount != 0)
                TRY(out_push(e, e->out[i]));
        TRY(out_sums(e));
    }
    return leg_differences(e, leg);
}

// The clean part of a seed becomes its report's.
static Err leg_seed(Engine *e, const Leg *leg) {
    TRY(out_unpack(e));
    int64_t seeded = 0;
    size_t n = e->out_n;
    e->out_n = 0;
    for (size_t i = 0; i < n; i++) {
        Part part = e->out[i];
        if (part.tag == TAG_CLEAN) {
            part.tag = leg->seed;
            seeded += part.amount;
        }
        TRY(out_push(e, part));
    }
    TRY(totals_add(e->c, &e->totals, leg->seed, TRACE_SEEDED, leg_currency(e, leg->transfer->to),
                   seeded));
    return out_sums(e);
}

// Nobody holds what is in `out` any more.
static Err out_free(Engine *e) {
    for (size_t i = 0; i < e->out_n; i++)
        if (e->out[i].rope != 0)
            TRY(rope_free(e->c, &e->ropes, e->out[i].rope));
    return OK;
}

static Err leg_exit(Engine *e, const Leg *leg, const TraceTag *tags, size_t n) {
    uint16_t currency = leg_currency(e, leg->transfer->to);
    for (size_t i = 0; i < n; i++)
        TRY(totals_add(e->c, &e->totals, tags[i].report, TRACE_EXITS, currency, tags[i].amount));
    return OK;
}

static Err leg_arrive(Engine *e, Leg *leg) {
    TraceRule rule = e->query->rule;
    if (e->sum_n == 0)
        return out_free(e);
    TRY(leg_reach(leg));
    TRY(leg_list(e, leg, leg_level(leg), e->sum_n));
    memcpy(e->result.tags + e->result.tag_count, e->sums, e->sum_n * sizeof *e->sums);
    e->result.tag_count += e->sum_n;
    Holding *to = leg->to;
    if (to == NULL) {
        TRY(leg_exit(e, leg, e->sums, e->sum_n));
        return out_free(e);
    }
    if (rule == TRACE_FIFO || rule == TRACE_LIFO)
        TRY(queue_give(e, to));
    else
        TRY(shares_give(e, to, e->sums, e->sum_n));
    to->tagged += e->out_tagged;
    return total_raise(e, to, leg->transfer->credited);
}

// What leaves the debited account, into `out` and `sums`.
static Err leg_take(Engine *e, const Leg *leg) {
    TraceRule rule = e->query->rule;
    Holding *from = leg->from;
    int64_t amount = leg->transfer->amount;
    if (from == NULL || from->tagged == 0) {
        e->out_n = e->sum_n = 0;
        e->out_tagged = 0;
        if (from != NULL)
            from->total = amount < from->total ? from->total - amount : 0;
        return out_push(e, (Part){.amount = amount, .tag = TAG_CLEAN});
    }
    bool queue = rule == TRACE_FIFO || rule == TRACE_LIFO;
    TRY(queue ? queue_take(e, from, amount) : shares_take(e, from, amount));
    TRY(out_sums(e));
    from->tagged -= e->out_tagged;
    if (queue && from->tagged == 0)
        TRY(queue_clear(e, from));
    return OK;
}

// Every leg balances: what left is the debit, what arrives is the credit.
static Err leg_check(Engine *e, int64_t amount) {
    int64_t sum = 0;
    for (size_t i = 0; i < e->out_n; i++)
        sum += e->out[i].amount;
    if (sum != amount || e->out_tagged > sum)
        return fail(e->c, E_CORRUPT, "a transfer does not balance: its parts sum to %lld, not %lld",
                    (long long)sum, (long long)amount);
    return OK;
}

// Under poison a set of reports goes along, without amounts.
static Err leg_poison(Engine *e, Leg *leg) {
    size_t n = 0;
    Holding *from = leg->from;
    TraceTag one;
    if (from != NULL && from->count > 0) {
        n = from->count;
        TRY(mem_grow(e->c, &e->sums, &e->sum_cap, n + 1, sizeof *e->sums));
        memcpy(e->sums, shares_list(from, &one), n * sizeof *e->sums);
    } else {
        TRY(mem_grow(e->c, &e->sums, &e->sum_cap, 1, sizeof *e->sums));
    }
    if (leg->seed != SEED_NONE) {
        size_t k = n;
        while (k > 0 && e->sums[k - 1].report > leg->seed)
            k--;
        if (k == 0 || e->sums[k - 1].report != leg->seed) {
            memmove(&e->sums[k + 1], &e->sums[k], (n - k) * sizeof *e->sums);
            e->sums[k] = (TraceTag){.report = leg->seed};
            n++;
        }
    }
    for (size_t i = 0; i < n; i++)
        e->sums[i].amount = 0;
    TRY(leg_reach(leg));
    TRY(leg_list(e, leg, leg_level(leg), n));
    memcpy(e->result.tags + e->result.tag_count, e->sums, n * sizeof *e->sums);
    e->result.tag_count += n;
    int64_t amount = leg->transfer->amount;
    if (from != NULL)
        from->total = amount < from->total ? from->total - amount : 0;
    if (leg->to == NULL)
        return OK;
    TRY(shares_give(e, leg->to, e->sums, n));
    leg->to->tagged = leg->to->count;
    return total_raise(e, leg->to, leg->transfer->credited);
}

// A lone tag that leaves within one currency without a fee, by far the most frequent leg.
static inline Err leg_lone(Engine *e, Leg *leg) {
    Holding *from = leg->from;
    const TraceTransfer *t = leg->transfer;
    int64_t amount = shares_lone(e->query->rule, from, t->amount);
    int64_t clean = from->total - from->tagged;
    from->total = t->amount < from->total ? from->total - t->amount : 0;
    if (amount == 0)
        return OK;
    // The clean money that leaves may be more than lies there, the tag's may not.
    if (amount < 0 || amount > from->tagged || amount > t->amount ||
        (from->total > 0 && t->amount - amount > clean))
        return fail(e->c, E_CORRUPT, "a transfer lets out more of a report than it holds");
    TRY(leg_reach(leg));
    TRY(leg_list(e, leg, leg_level(leg), 1));
    // Field by field: a copy of the whole would wait until the two stores are through.
    TraceTag *tag = &e->result.tags[e->result.tag_count++];
    tag->report = from->report;
    tag->amount = amount;
    from->tagged -= amount;
    from->count = from->tagged != 0;
    Holding *to = leg->to;
    if (to == NULL)
        return leg_exit(e, leg, tag, 1);
    TRY(shares_give(e, to, tag, 1));
    to->tagged += amount;
    return total_raise(e, to, t->credited);
}

Err leg_apply(Engine *e, Leg *leg) {
    const TraceTransfer *t = leg->transfer;
    TraceRule rule = e->query->rule;
    if (rule == TRACE_POISON)
        return leg_poison(e, leg);
    bool plain = t->amount == t->credited && leg_currency(e, t->from) == leg_currency(e, t->to);
    if (plain && leg->seed == SEED_NONE && rule != TRACE_FIFO && rule != TRACE_LIFO &&
        leg->from->count == 1)
        return leg_lone(e, leg);
    TRY(leg_take(e, leg));
    TRY(leg_check(e, t->amount));
    if (!plain) {
        TRY(leg_scale(e, leg));
        TRY(leg_check(e, t->credited));
    }
    if (leg->seed != SEED_NONE)
        TRY(leg_seed(e, leg));
    return leg_arrive(e, leg);
}
