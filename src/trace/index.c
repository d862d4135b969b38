// Index of a segment: who is present, whose entries lie where, and their running sums.
#include "trace/trace_priv.h"

#define PIECE_ALIGN ((size_t)64)

static size_t piece_bytes(size_t count, size_t bytes_each) {
    return (count * bytes_each + PIECE_ALIGN - 1) / PIECE_ALIGN * PIECE_ALIGN;
}

static Err transfers_check(Ctx *c, const TraceTransfer *transfers, uint32_t n,
                           uint32_t *ret_limit) {
    uint32_t limit = 0;
    for (uint32_t i = 0; i < n; i++) {
        const TraceTransfer *t = &transfers[i];
        uint32_t from = TRACE_ACCOUNT(t->from), to = TRACE_ACCOUNT(t->to);
        bool inside = ((t->from | t->to) & TRACE_OUTSIDE) == 0;
        if (t->amount <= 0 || t->credited < 0 || (inside && from == to) ||
            (t->from & t->to & TRACE_OUTSIDE) != 0)
            return fail(c, E_INVALID,
                        "transfer %u has no amount, no account, or one account on both sides", i);
        if ((t->from & TRACE_OUTSIDE) == 0 && from >= limit)
            limit = from + 1;
        if ((t->to & TRACE_OUTSIDE) == 0 && to >= limit)
            limit = to + 1;
    }
    *ret_limit = limit;
    return OK;
}

// Scratch of one present account: its sums so far and where its next entry goes.
typedef struct Filling {
    TraceSum sum;
    uint32_t next, first;
} Filling;

typedef struct Pieces {
    uint64_t *present;
    uint32_t *rank, *entry_first;
    TraceEntry *entries;
    TraceSum *sums;
    Filling *filling; // by rank
    uint32_t *ranks;  // two a transfer: of the debited and the credited account
} Pieces;

#define RANK_NONE UINT32_MAX // outside
#define AHEAD 12             // transfers; what their entries touch is fetched that early

typedef uint8_t *HeapBytes;
static void HeapBytes_cleanup(HeapBytes *p) {
    mem_free(*p);
}

// Entry of one side of transfer i: its running sums, and the opening where a balance is given.
static Err entry_add(Ctx *c, const Pieces *p, uint64_t i, uint32_t r, int64_t change,
                     int64_t balance) {
    Filling *filling = &p->filling[r];
    TraceSum *sum = &filling->sum;
    if (__builtin_add_overflow(sum->net, change, &sum->net))
        return fail(c, E_LIMIT, "the sums of an account are beyond 2^63 minor units");
    if (sum->net < sum->net_min)
        sum->net_min = sum->net;
    if (balance != TRACE_BALANCE_NONE && sum->has_balance == 0) {
        if (__builtin_sub_overflow(balance, sum->net, &sum->opening_offset))
            return fail(c, E_LIMIT, "the opening of an account is beyond 2^63 minor units");
        sum->has_balance = 1;
    }
    p->entries[filling->next++] = (TraceEntry){
        .at = i << (TRACE_POSITION_SHIFT + 1), .net = sum->net, .net_min = sum->net_min};
    return OK;
}

// Fetches the fillings of a transfer further ahead, and the entries of a nearer one.
static inline void fill_fetch(const Pieces *p, const uint32_t *ranks) {
    for (int side = 0; side < 2; side++) {
        uint32_t far = ranks[AHEAD * 4 + side], near = ranks[AHEAD * 2 + side];
        if (far != RANK_NONE)
            __builtin_prefetch(&p->filling[far], 1);
        if (near != RANK_NONE)
            __builtin_prefetch(&p->entries[p->filling[near].next], 1);
    }
}

static Err entries_fill(Ctx *c, const Pieces *p, const TraceTransfer *transfers,
                        const TraceBalances *balances, uint32_t n) {
    const TraceBalances none = {TRACE_BALANCE_NONE, TRACE_BALANCE_NONE};
    for (uint32_t i = 0; i < n; i++) {
        const TraceTransfer *t = &transfers[i];
        const TraceBalances *b = balances != NULL ? &balances[i] : &none;
        const uint32_t *ranks = &p->ranks[(size_t)i * 2];
        if (n - i > AHEAD * 2)
            fill_fetch(p, ranks);
        if (ranks[0] != RANK_NONE) {
            TRY(entry_add(c, p, i, ranks[0], -t->amount, b->from));
            p->entries[p->filling[ranks[0]].next - 1].at |= 1;
        }
        if (ranks[1] != RANK_NONE)
            TRY(entry_add(c, p, i, ranks[1], t->credited, b->to));
    }
    return OK;
}

static uint32_t present_mark(const Pieces *p, const TraceTransfer *transfers, uint32_t n,
                             uint32_t limit) {
    for (uint32_t i = 0; i < n; i++) {
        uint32_t from = transfers[i].from, to = transfers[i].to;
        if ((from & TRACE_OUTSIDE) == 0)
            p->present[from >> 6] |= 1ULL << (from & 63);
        if ((to & TRACE_OUTSIDE) == 0)
            p->present[to >> 6] |= 1ULL << (to & 63);
    }
    uint32_t count = 0;
    for (uint32_t b = 0; b < ((uint64_t)limit + 511) / 512; b++) {
        p->rank[b] = count;
        for (uint32_t w = b * 8; w < b * 8 + 8; w++)
            count += bits_before(&p->present[w], 64);
    }
    return count;
}

static uint32_t rank_of(const Pieces *p, uint32_t account) {
    if ((account & TRACE_OUTSIDE) != 0)
        return RANK_NONE;
    return p->rank[account >> 9] + bits_before(&p->present[account >> 9 << 3], account & 511);
}

// Finds the ranks, and where the entries of each account begin. Returns the number of entries.
static uint32_t entries_place(const Pieces *p, const TraceTransfer *transfers, uint32_t n,
                              uint32_t present_count) {
    for (uint32_t i = 0; i < n; i++) {
        uint32_t from = rank_of(p, transfers[i].from), to = rank_of(p, transfers[i].to);
        p->ranks[(size_t)i * 2] = from;
        p->ranks[(size_t)i * 2 + 1] = to;
        if (from != RANK_NONE)
            p->filling[from].next++;
        if (to != RANK_NONE)
            p->filling[to].next++;
    }
    uint32_t at = 0;
    for (uint32_t r = 0; r < present_count; r++) {
        uint32_t count = p->filling[r].next;
        p->filling[r].first = p->filling[r].next = at;
        at += count;
    }
    return at;
}

static Err no_memory(Ctx *c, uint32_t n) {
    return fail(c, E_MEMORY, "no memory for the index of %u transfers", (unsigned)n);
}

// Lays the pieces out in one memory, in the order of the struct.
static Err index_fill(Ctx *c, Pieces *p, uint32_t limit, uint32_t present_count,
                      uint32_t entry_count, TraceIndex *index) {
    size_t blocks = ((size_t)limit + 511) / 512;
    size_t map_bytes = piece_bytes(blocks * 8, sizeof *p->present);
    size_t rank_bytes = piece_bytes(blocks, sizeof *p->rank);
    size_t first_bytes = piece_bytes((size_t)present_count + 1, sizeof *p->entry_first);
    size_t entry_bytes = piece_bytes(entry_count, sizeof *p->entries);
    size_t sum_bytes = piece_bytes(present_count, sizeof *p->sums);
    size_t bytes = map_bytes + rank_bytes + first_bytes + entry_bytes + sum_bytes;
    uint32_t n = index->segment.transfer_count;
    AUTO(HeapBytes) memory = mem_alloc_zero(1, bytes);
    if (memory == NULL)
        return no_memory(c, n);
    mem_advise_huge(memory, bytes);
    memcpy(memory, p->present, map_bytes);
    memcpy(memory + map_bytes, p->rank, rank_bytes);
    uint8_t *at = memory;
    p->present = (void *)at;
    p->rank = (void *)(at += map_bytes);
    p->entry_first = (void *)(at += rank_bytes);
    p->entries = (void *)(at += first_bytes);
    p->sums = (void *)(at + entry_bytes);
    for (uint32_t r = 0; r < present_count; r++)
        p->entry_first[r] = p->filling[r].first;
    p->entry_first[present_count] = entry_count;
    index->memory = memory;
    index->memory_bytes = bytes;
    memory = NULL;
    return OK;
}

Err trace_index_build(Ctx *c, const TraceTransfer *transfers, const int64_t *booked_at,
                      const TraceBalances *balances, uint32_t n, TraceIndex *ret_index) {
    if (n > STREAM_SEGMENT_ROWS_MAX)
        return fail(c, E_LIMIT, "a segment has at most %d transfers, not %u",
                    STREAM_SEGMENT_ROWS_MAX, (unsigned)n);
    uint32_t limit = 0;
    TRY(transfers_check(c, transfers, n, &limit));
    size_t blocks = ((size_t)limit + 511) / 512;
    size_t map_bytes = piece_bytes(blocks * 8, sizeof(uint64_t));
    AUTO(HeapBytes) map = mem_alloc_zero(1, map_bytes + piece_bytes(blocks, sizeof(uint32_t)));
    // Room behind the last rank, so that what lies ahead may be read.
    AUTO(HeapBytes) ranks = mem_alloc(((size_t)n + AHEAD * 2) * 2 * sizeof(uint32_t));
    if (map == NULL || ranks == NULL)
        return no_memory(c, n);
    Pieces p = {.present = (void *)map, .rank = (void *)(map + map_bytes), .ranks = (void *)ranks};
    uint32_t present_count = present_mark(&p, transfers, n, limit);
    AUTO(HeapBytes) filling = mem_alloc_zero((size_t)present_count + 1, sizeof *p.filling);
    if (filling == NULL)
        return no_memory(c, n);
    p.filling = (void *)filling;
    uint32_t entry_count = entries_place(&p, transfers, n, present_count);
    AUTO(TraceIndex)
    index = {.segment = {.transfer_count = n,
                         .present_count = present_count,
                         .account_limit = limit,
                         .transfers = transfers,
                         .booked_at = booked_at}};
    TRY(index_fill(c, &p, limit, present_count, entry_count, &index));
    TRY(entries_fill(c, &p, transfers, balances, n));
    for (uint32_t r = 0; r < present_count; r++)
        p.sums[r] = p.filling[r].sum;
    index.segment.present = p.present;
    index.segment.rank = p.rank;
    index.segment.entry_first = p.entry_first;
    index.segment.entries = p.entries;
    index.segment.sums = p.sums;
    *ret_index = index;
    index = (TraceIndex){0};
    return OK;
}

void TraceIndex_cleanup(TraceIndex *i) {
    mem_free(i->memory);
    *i = (TraceIndex){0};
}
