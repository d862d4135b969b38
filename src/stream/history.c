// Histories of accounts that late rows touch: sealed entries and late ones in one order.
//
// A segment in which no late or replaced row of the account falls is used as it is mapped; only
// the others are merged into memory. Built when first asked for, kept as long as the snapshot.
#include "stream/stream_priv.h"

Err history_init(Ctx *c, StreamSnapshot *snap) {
    const Tail *t = snap->tail;
    if (pthread_mutex_init(&snap->lock, NULL) != 0)
        return fail(c, E_MEMORY, "not enough memory for a lock");
    snap->touched = mem_alloc((t->touch_count + 1) * sizeof *snap->touched);
    snap->touch_first = mem_alloc((t->touch_count + 2) * sizeof *snap->touch_first);
    snap->built = mem_alloc_zero(t->touch_count + 1, sizeof(TraceHistory *));
    if (!snap->touched || !snap->touch_first || !snap->built)
        return fail(c, E_MEMORY, "not enough memory for rows that are not sealed");
    for (size_t i = 0; i < t->touch_count; i++) {
        if (i && t->touches[i].account == t->touches[i - 1].account)
            continue;
        snap->touched[snap->touched_count] = t->touches[i].account;
        snap->touch_first[snap->touched_count++] = (uint32_t)i;
    }
    snap->touch_first[snap->touched_count] = (uint32_t)t->touch_count;
    return OK;
}

void history_done(StreamSnapshot *snap) {
    for (size_t i = 0; snap->built && i < snap->touched_count; i++)
        mem_free(snap->built[i]);
    mem_free(snap->built);
    mem_free(snap->touched);
    mem_free(snap->touch_first);
    pthread_mutex_destroy(&snap->lock);
}

static bool touched_find(const StreamSnapshot *snap, uint32_t account, size_t *ret_index) {
    size_t low = 0, high = snap->touched_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (snap->touched[middle] < account)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_index = low;
    return low < snap->touched_count && snap->touched[low] == account;
}

// A history in the making. Runs and entries lie behind the TraceHistory in one piece of memory.
typedef struct Maker {
    const StreamSnapshot *snap;
    const Touch *touches; // of this account, by position
    size_t touch_n, touch_at;
    TraceHistory *history;
    TraceRun *runs;
    TraceEntry *entries;
    size_t entry_n;
    I128 net, net_min; // of all runs that are finished
    I128 run_net, run_min;
    size_t run_first;   // first entry of the run in the making
    bool given, beyond; // beyond: a sum left the range of 64 bits
    I128 opening;
} Maker;

static bool fits(I128 v) {
    return v >= INT64_MIN && v <= INT64_MAX;
}

static void run_finish(Maker *m) {
    if (m->entry_n == m->run_first)
        return;
    m->runs[m->history->n++] = (TraceRun){.entries = m->entries + m->run_first,
                                          .n = (uint32_t)(m->entry_n - m->run_first),
                                          .net_before = (int64_t)m->net,
                                          .net_min_before = (int64_t)m->net_min};
    m->run_first = m->entry_n;
    if (m->net + m->run_min < m->net_min)
        m->net_min = m->net + m->run_min;
    m->net += m->run_net;
    m->run_net = m->run_min = 0;
}

static void entry_add(Maker *m, uint64_t position, bool debit, int64_t delta) {
    m->run_net += delta;
    if (m->run_net < m->run_min)
        m->run_min = m->run_net;
    m->beyond = m->beyond || !fits(m->net + m->run_net) || !fits(m->run_min);
    m->entries[m->entry_n++] = (TraceEntry){
        .at = position << 1 | debit, .net = (int64_t)m->run_net, .net_min = (int64_t)m->run_min};
}

// A balance given by the entry that was just added lays the opening.
static void balance_given(Maker *m, const uint8_t *details, size_t n, bool debit) {
    Details d;
    if (m->given || !details_read(details, n, &d) ||
        !(d.presence & (debit ? HAS_FROM_BALANCE : HAS_TO_BALANCE)))
        return;
    m->given = true;
    m->opening = (I128)(debit ? d.from_balance : d.to_balance) - (m->net + m->run_net);
}

static void late_add(Maker *m, const Touch *t) {
    const Tail *tail = m->snap->tail;
    const Row *r = &tail->rows[t->tail];
    entry_add(m, t->position, t->debit, t->debit ? -r->amount : r->credited);
    balance_given(m, tail->details + r->details_at, r->details_n, t->debit);
}

// Late rows before a position; replaced ones have been passed by then.
static void late_before(Maker *m, uint64_t position) {
    for (; m->touch_at < m->touch_n && m->touches[m->touch_at].position < position; m->touch_at++)
        if (!m->touches[m->touch_at].replaced)
            late_add(m, &m->touches[m->touch_at]);
}

static void segment_as_mapped(Maker *m, const TraceSegment *s, const SegmentEntries *e) {
    run_finish(m);
    m->runs[m->history->n++] =
        (TraceRun){.entries = e->entries,
                   .n = e->n,
                   .position_base = (s->number_first + 1) << TRACE_POSITION_SHIFT,
                   .net_before = (int64_t)m->net,
                   .net_min_before = (int64_t)m->net_min};
    if (!m->given && e->sum->has_balance) {
        m->given = true;
        m->opening = (I128)e->sum->opening_offset - m->net;
    }
    if (m->net + e->sum->net_min < m->net_min)
        m->net_min = m->net + e->sum->net_min;
    m->net += e->sum->net;
    m->beyond = m->beyond || !fits(m->net) || !fits(m->net_min);
}

static void segment_merged(Maker *m, size_t k, const SegmentEntries *e) {
    const TraceSegment *s = &m->snap->segments[k];
    uint64_t base = (s->number_first + 1) << TRACE_POSITION_SHIFT;
    int64_t before = 0;
    for (uint32_t i = 0; i < e->n; i++) {
        uint64_t position = base + (e->entries[i].at >> 1);
        int64_t delta = e->entries[i].net - before;
        before = e->entries[i].net;
        late_before(m, position);
        const Touch *t = m->touch_at < m->touch_n ? &m->touches[m->touch_at] : NULL;
        if (t && t->replaced && t->position == position) {
            m->touch_at++;
            continue;
        }
        bool debit = e->entries[i].at & 1;
        entry_add(m, position, debit, delta);
        const uint8_t *p;
        size_t n;
        uint32_t row = (uint32_t)(e->entries[i].at >> (TRACE_POSITION_SHIFT + 1));
        if (!m->given && e->sum->has_balance &&
            segment_details_bytes(m->snap->files[k], row, &p, &n))
            balance_given(m, p, n, debit);
    }
}

static void walk(Maker *m, uint32_t account) {
    const StreamSnapshot *snap = m->snap;
    for (size_t k = 0; k < snap->n; k++) {
        const TraceSegment *s = &snap->segments[k];
        SegmentEntries e;
        uint64_t base = (s->number_first + 1) << TRACE_POSITION_SHIFT;
        uint64_t end = base + ((uint64_t)s->transfer_count << TRACE_POSITION_SHIFT);
        late_before(m, base);
        if (!segment_entries(s, account, &e))
            continue;
        if (m->touch_at < m->touch_n && m->touches[m->touch_at].position < end)
            segment_merged(m, k, &e);
        else
            segment_as_mapped(m, s, &e);
    }
    late_before(m, UINT64_MAX);
    run_finish(m);
}

// Sealed entries that may have to be copied: those of segments in which a late row falls.
static size_t entries_max(const Maker *m, uint32_t account) {
    size_t n = m->touch_n;
    for (size_t k = 0; k < m->snap->n; k++) {
        SegmentEntries e;
        if (segment_entries(&m->snap->segments[k], account, &e))
            n += e.n;
    }
    return n;
}

static Err build(Ctx *c, StreamSnapshot *snap, size_t index, TraceHistory **ret_history) {
    uint32_t account = snap->touched[index], first = snap->touch_first[index];
    Maker m = {.snap = snap,
               .touches = snap->tail->touches + first,
               .touch_n = snap->touch_first[index + 1] - first};
    size_t runs = 2 * snap->n + 1, entries = entries_max(&m, account);
    uint8_t *memory =
        mem_alloc(sizeof(TraceHistory) + runs * sizeof(TraceRun) + entries * sizeof(TraceEntry));
    if (!memory)
        return fail(c, E_MEMORY, "not enough memory for an account of %zu entries", entries);
    m.history = (void *)memory;
    *m.history = (TraceHistory){0};
    m.runs = (void *)(memory + sizeof(TraceHistory));
    m.entries = (void *)(memory + sizeof(TraceHistory) + runs * sizeof(TraceRun));
    walk(&m, account);
    if (!m.given)
        m.opening = -m.net_min;
    if (m.beyond || !fits(m.net_min) || !fits(m.opening)) {
        mem_free(memory);
        return fail(c, E_LIMIT, "the sums of account %u are beyond 2^63 minor units", account);
    }
    m.history->runs = m.runs;
    m.history->opening = (int64_t)m.opening;
    *ret_history = m.history;
    return OK;
}

Err history_ask(Ctx *c, void *self, uint32_t account, TraceHistory *ret_history, bool *ret_known) {
    StreamSnapshot *snap = self;
    size_t index;
    if (!touched_find(snap, account, &index)) {
        *ret_known = false;
        return OK;
    }
    Err e = OK;
    pthread_mutex_lock(&snap->lock);
    if (!snap->built[index])
        e = build(c, snap, index, &snap->built[index]);
    const TraceHistory *built = snap->built[index];
    pthread_mutex_unlock(&snap->lock);
    TRY(e);
    *ret_history = *built;
    *ret_known = true;
    return OK;
}
