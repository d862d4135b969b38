// What both drivers share: the parts on their way, their sums by report, and the result.
#include "trace/trace_priv.h"

#include <stdlib.h>

static Err query_check(Ctx *c, const TraceView *v, const TraceQuery *q) {
    if (q->report_count > TRACE_REPORTS_MAX)
        return fail(c, E_LIMIT, "a trace follows at most %d reports, not %u", TRACE_REPORTS_MAX,
                    (unsigned)q->report_count);
    if (q->seed_count > TRACE_SEEDS_MAX)
        return fail(c, E_LIMIT, "a trace starts from at most %d transfers, not %zu",
                    TRACE_SEEDS_MAX, q->seed_count);
    if (v->segment_count > STREAM_SEGMENTS_MAX)
        return fail(c, E_LIMIT, "a trace reads at most %d segments, not %zu", STREAM_SEGMENTS_MAX,
                    v->segment_count);
    for (size_t i = 0; i < q->seed_count; i++) {
        uint64_t position = q->seeds[i].position;
        if (q->seeds[i].report >= q->report_count)
            return fail(c, E_INVALID, "seed %zu names a report that is not part of the trace", i);
        if (i > 0 && q->seeds[i - 1].position >= position)
            return fail(c, E_INVALID, "seed %zu is not in the order of transfers", i);
        const int64_t *booked_at;
        const TraceOverlay *o = v->overlay;
        bool sealed = (position & ((1U << TRACE_POSITION_SHIFT) - 1)) == 0;
        if (view_find(v, position, &booked_at) == NULL ||
            (sealed && o != NULL && o->replaced != NULL && o->replaced(o->self, position)))
            return fail(c, E_INVALID, "seed %zu names no transfer of the stream", i);
    }
    return OK;
}

Err engine_init(Ctx *c, const TraceView *v, const TraceQuery *q, Engine *ret_e) {
    TRY(query_check(c, v, q));
    uint32_t *slots = mem_alloc_zero(q->report_count + 1, sizeof *slots);
    if (slots == NULL)
        return fail(c, E_MEMORY, "no memory for %u reports", (unsigned)q->report_count);
    *ret_e = (Engine){.c = c, .view = v, .query = q, .sum_slot = slots};
    return OK;
}

void Engine_cleanup(Engine *e) {
    TraceResult_cleanup(&e->result);
    mem_free(e->out);
    mem_free(e->sums);
    mem_free(e->sums_debited);
    mem_free(e->sum_slot);
    rope_pool_done(&e->ropes);
    slab_done(&e->slabs);
    scale_done(&e->scale);
    totals_done(&e->totals);
    *e = (Engine){0};
}

void TraceResult_cleanup(TraceResult *r) {
    mem_free(r->transfers);
    mem_free(r->accounts);
    mem_free(r->tags);
    mem_free(r->totals);
    *r = (TraceResult){0};
}

Err out_push(Engine *e, Part part) {
    Part *last = e->out_n > 0 ? &e->out[e->out_n - 1] : NULL;
    if (last != NULL && part.rope == 0 && last->rope == 0 && last->tag == part.tag) {
        last->amount += part.amount;
        return OK;
    }
    if (e->out == NULL || e->out_n == e->out_cap)
        TRY(mem_grow(e->c, &e->out, &e->out_cap, e->out_n + 1, sizeof *e->out));
    e->out[e->out_n++] = part;
    return OK;
}

static Err sums_add(Engine *e, uint32_t report, int64_t amount) {
    uint32_t slot = e->sum_slot[report];
    if (slot != 0) {
        e->sums[slot - 1].amount += amount;
        return OK;
    }
    if (e->sum_n == e->sum_cap)
        TRY(mem_grow(e->c, &e->sums, &e->sum_cap, e->sum_n + 1, sizeof *e->sums));
    e->sums[e->sum_n++] = (TraceTag){.report = report, .amount = amount};
    e->sum_slot[report] = (uint32_t)e->sum_n;
    return OK;
}

static int tag_cmp(const void *a, const void *b) {
    const TraceTag *x = a, *y = b;
    return (x->report > y->report) - (x->report < y->report);
}

static void sums_sort(Engine *e) {
    bool sorted = true;
    for (size_t i = 0; i < e->sum_n; i++) {
        e->sum_slot[e->sums[i].report] = 0;
        sorted = sorted && (i == 0 || e->sums[i - 1].report < e->sums[i].report);
    }
    if (!sorted)
        qsort(e->sums, e->sum_n, sizeof *e->sums, tag_cmp);
}

static Err sums_part(Engine *e, const Part *part) {
    if (part->rope == 0)
        return part->tag == TAG_CLEAN ? OK : sums_add(e, part->tag, part->amount);
    uint32_t n;
    const TraceTag *tags = rope_tags(&e->ropes, part->rope, &n);
    for (uint32_t i = 0; i < n; i++)
        TRY(sums_add(e, tags[i].report, tags[i].amount));
    return OK;
}

Err out_sums(Engine *e) {
    e->sum_n = 0;
    for (size_t i = 0; i < e->out_n; i++)
        TRY(sums_part(e, &e->out[i]));
    sums_sort(e);
    e->out_tagged = 0;
    for (size_t i = 0; i < e->sum_n; i++)
        e->out_tagged += e->sums[i].amount;
    return OK;
}

Err queue_sums(Engine *e, const Holding *h) {
    const Part *parts = h->parts;
    uint32_t mask = (1U << h->cap_log2) - 1;
    e->sum_n = 0;
    for (uint32_t i = 0; i < h->count; i++)
        TRY(sums_part(e, &parts[(h->head + i) & mask]));
    sums_sort(e);
    return OK;
}

static Err push_part(void *self, Part part) {
    return out_push(self, part);
}

Err out_unpack(Engine *e) {
    size_t first = 0;
    while (first < e->out_n && e->out[first].rope == 0)
        first++;
    if (first == e->out_n)
        return OK;
    size_t n = e->out_n - first;
    Part *packed = mem_alloc(n * sizeof *packed);
    if (packed == NULL)
        return fail(e->c, E_MEMORY, "no memory for the parts of a transfer");
    memcpy(packed, e->out + first, n * sizeof *packed);
    e->out_n = first;
    Err err = OK;
    for (size_t i = 0; i < n && err == OK; i++)
        err = packed[i].rope == 0 ? out_push(e, packed[i])
                                  : rope_unpack(e->c, &e->ropes, packed[i].rope, push_part, e);
    mem_free(packed);
    return err;
}

Err result_grow(Engine *e, void *items_ptr, size_t *cap, size_t need, size_t item_bytes) {
    TRY(mem_grow(e->c, items_ptr, cap, need, item_bytes));
    void *items;
    memcpy(&items, items_ptr, sizeof items);
    mem_advise_huge(items, *cap * item_bytes);
    return OK;
}

static Err tag_add(Engine *e, uint32_t report, int64_t amount) {
    TraceResult *r = &e->result;
    if (r->tag_count == r->tag_cap)
        TRY(result_grow(e, &r->tags, &r->tag_cap, r->tag_count + 1, sizeof *r->tags));
    r->tags[r->tag_count++] = (TraceTag){.report = report, .amount = amount};
    return OK;
}

Err engine_account_finish(Engine *e, Holding const *h, int64_t balance) {
    TraceRule rule = e->query->rule;
    TraceTouchedAccount *account = &e->result.accounts[h->touched - 1];
    TraceTag one = {.report = h->report, .amount = h->tagged};
    const TraceTag *tags = h->count == 1 ? &one : h->parts;
    size_t n = h->count;
    if (rule == TRACE_FIFO || rule == TRACE_LIFO) {
        TRY(queue_sums(e, h));
        tags = e->sums;
        n = e->sum_n;
    }
    if (e->result.tag_count + n > UINT32_MAX)
        return fail(e->c, E_LIMIT, "the answer of the trace has more than 2^32 tags");
    account->balance = balance;
    account->tag_first = (uint32_t)e->result.tag_count;
    account->tag_count = (uint32_t)n;
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += tags[i].amount;
        TRY(tag_add(e, tags[i].report, rule == TRACE_POISON ? 0 : tags[i].amount));
        if (rule != TRACE_POISON)
            TRY(totals_add(e->c, &e->totals, tags[i].report, TRACE_LEFT, h->currency,
                           tags[i].amount));
    }
    if (rule != TRACE_POISON && sum != h->tagged)
        return fail(e->c, E_CORRUPT, "tags at an account do not sum to what came and went");
    return OK;
}

static const char *const RULE_NAMES[TRACE_RULES] = {"fifo", "lifo", "pro_rata", "libr", "poison"};

const char *trace_rule_name(TraceRule r) {
    return RULE_NAMES[r];
}

bool trace_rule_find(Str name, TraceRule *ret_rule) {
    for (int i = 0; i < TRACE_RULES; i++)
        if (str_eq_c(name, RULE_NAMES[i])) {
            *ret_rule = (TraceRule)i;
            return true;
        }
    return false;
}
