// Accounts under pro_rata, libr and poison: one amount a report, sorted by report.
#include "trace/trace_priv.h"

Err holding_reserve(Engine *e, Holding *h, size_t items) {
    unsigned log2 = SLAB_LOG2_MIN;
    while ((size_t)1 << log2 < items)
        log2++;
    if (h->cap_log2 >= log2)
        return OK;
    TraceTag *tags = slab_take(&e->slabs, log2);
    if (tags == NULL)
        return fail(e->c, E_MEMORY, "no memory for the tags at an account");
    if (h->count > 1)
        memcpy(tags, h->parts, h->count * sizeof *tags);
    if (h->cap_log2 != 0)
        slab_give(&e->slabs, h->parts, h->cap_log2);
    h->parts = tags;
    h->cap_log2 = (uint8_t)log2;
    return OK;
}

TraceTag *shares_list(Holding *h, TraceTag *one) {
    if (h->count > 1)
        return h->parts;
    *one = (TraceTag){.report = h->report, .amount = h->tagged};
    return one;
}

// Fewer tags than before: those of 0 are gone, and one alone moves into the holding itself.
static void shares_shrink(Holding *h, TraceTag *tags) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < h->count; i++)
        if (tags[i].amount != 0)
            tags[n++] = tags[i];
    h->count = n;
    if (n == 1)
        h->report = tags[0].report;
}

// How much of the tags leaves, and how much clean money beside them.
static Err shares_out(Engine *e, const Holding *h, const TraceTag *tags, int64_t amount) {
    int64_t clean = h->total - h->tagged;
    TRY(mem_grow(e->c, &e->out, &e->out_cap, (size_t)h->count + 1, sizeof *e->out));
    e->out_n = 0;
    for (uint32_t i = 0; i < h->count; i++)
        e->out[e->out_n++] = (Part){.amount = tags[i].amount, .tag = tags[i].report};
    if (amount >= h->total) {
        if (amount > h->tagged)
            e->out[e->out_n++] = (Part){.amount = amount - h->tagged, .tag = TAG_CLEAN};
        return OK;
    }
    if (e->query->rule == TRACE_LIBR) {
        int64_t beyond = amount > clean ? amount - clean : 0;
        TRY(scale_parts(e->c, &e->scale, e->out, e->out_n, h->tagged, beyond));
        clean = amount - beyond;
        if (clean > 0)
            e->out[e->out_n++] = (Part){.amount = clean, .tag = TAG_CLEAN};
        return OK;
    }
    if (clean > 0)
        e->out[e->out_n++] = (Part){.amount = clean, .tag = TAG_CLEAN};
    return scale_parts(e->c, &e->scale, e->out, e->out_n, h->total, amount);
}

Err shares_take(Engine *e, Holding *h, int64_t amount) {
    TraceTag one;
    TraceTag *tags = shares_list(h, &one);
    TRY(shares_out(e, h, tags, amount));
    for (uint32_t i = 0; i < h->count; i++)
        tags[i].amount -= e->out[i].amount;
    shares_shrink(h, tags);
    size_t n = 0;
    for (size_t i = 0; i < e->out_n; i++)
        if (e->out[i].amount != 0)
            e->out[n++] = e->out[i];
    e->out_n = n;
    h->total = amount < h->total ? h->total - amount : 0;
    return OK;
}

Err shares_give(Engine *e, Holding *h, const TraceTag *tags, size_t n) {
    if (n == 1 && h->count == 0)
        h->report = tags[0].report;
    if (n == 1 && h->count <= 1 && h->report == tags[0].report) {
        h->count = 1;
        return OK;
    }
    TraceTag one;
    // Reports that are not here yet, so that the list can be merged from its end in place.
    const TraceTag *old = shares_list(h, &one);
    size_t news = 0;
    for (size_t i = 0, k = 0; i < n; i++) {
        while (k < h->count && old[k].report < tags[i].report)
            k++;
        news += k == h->count || old[k].report != tags[i].report;
    }
    size_t count = h->count;
    if (count + news > 1)
        TRY(holding_reserve(e, h, count + news));
    TraceTag *list = h->parts;
    if (count == 1)
        list[0] = one;
    size_t from = count, to = count + news;
    for (size_t i = n; i > 0; i--) {
        while (from > 0 && list[from - 1].report > tags[i - 1].report)
            list[--to] = list[--from];
        if (from > 0 && list[from - 1].report == tags[i - 1].report) {
            list[--to] = list[--from];
            list[to].amount += tags[i - 1].amount;
        } else {
            list[--to] = tags[i - 1];
        }
    }
    h->count = (uint32_t)(count + news);
    return OK;
}
