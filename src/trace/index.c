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

typedef struct Pieces {
    uint64_t *present;
    uint32_t *rank, *entry_first;
    TraceEntry *entries;
    TraceSum *sums;
    uint32_t *filled; // entries written, by rank; scratch
} Pieces;

typedef uint8_t *HeapBytes;
static void HeapBytes_cleanup(HeapBytes *p) {
    mem_free(*p);
}

static uint32_t rank_of(const Pieces *p, uint32_t account) {
    uint32_t word = account >> 6, rank = p->rank[account >> 9];
    for (uint32_t w = word & ~7U; w < word; w++)
        rank += (uint32_t)__builtin_popcountll(p->present[w]);
    return rank + (uint32_t)__builtin_popcountll(p->present[word] & ((1ULL << (account & 63)) - 1));
}

// Entry of one side of transfer i: its running sums, and the opening where a balance is given.
static Err entry_add(Ctx *c, Pieces *p, uint32_t i, uint32_t account, int64_t change,
                     int64_t balance) {
    uint32_t r = rank_of(p, account);
    TraceSum *sum = &p->sums[r];
    if (__builtin_add_overflow(sum->net, change, &sum->net))
        return fail(c, E_LIMIT, "the sums of account %u are beyond 2^63 minor units",
                    (unsigned)account);
    if (sum->net < sum->net_min)
        sum->net_min = sum->net;
    if (balance != TRACE_BALANCE_NONE && sum->has_balance == 0) {
        if (__builtin_sub_overflow(balance, sum->net, &sum->opening_offset))
            return fail(c, E_LIMIT, "the opening of account %u is beyond 2^63 minor units",
                        (unsigned)account);
        sum->has_balance = 1;
    }
    p->entries[p->entry_first[r] + p->filled[r]++] =
        (TraceEntry){.at = (uint64_t)i << (TRACE_POSITION_SHIFT + 1) | (change < 0),
                     .net = sum->net,
                     .net_min = sum->net_min};
    return OK;
}

static Err entries_fill(Ctx *c, Pieces *p, const TraceTransfer *transfers,
                        const TraceBalances *balances, uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        const TraceTransfer *t = &transfers[i];
        TraceBalances none = {TRACE_BALANCE_NONE, TRACE_BALANCE_NONE};
        const TraceBalances *b = balances != NULL ? &balances[i] : &none;
        if ((t->from & TRACE_OUTSIDE) == 0)
            TRY(entry_add(c, p, i, t->from, -t->amount, b->from));
        if ((t->to & TRACE_OUTSIDE) == 0)
            TRY(entry_add(c, p, i, t->to, t->credited, b->to));
    }
    return OK;
}

static uint32_t present_mark(Pieces *p, const TraceTransfer *transfers, uint32_t n,
                             uint32_t limit) {
    for (uint32_t i = 0; i < n; i++) {
        uint32_t from = transfers[i].from, to = transfers[i].to;
        if ((from & TRACE_OUTSIDE) == 0)
            p->present[from >> 6] |= 1ULL << (from & 63);
        if ((to & TRACE_OUTSIDE) == 0)
            p->present[to >> 6] |= 1ULL << (to & 63);
    }
    uint32_t count = 0;
    for (uint32_t b = 0; b < (limit + 511) / 512; b++) {
        p->rank[b] = count;
        for (uint32_t w = b * 8; w < b * 8 + 8; w++)
            count += (uint32_t)__builtin_popcountll(p->present[w]);
    }
    return count;
}

static uint32_t entries_count(Pieces *p, const TraceTransfer *transfers, uint32_t n,
                              uint32_t present_count) {
    for (uint32_t i = 0; i < n; i++) {
        if ((transfers[i].from & TRACE_OUTSIDE) == 0)
            p->filled[rank_of(p, transfers[i].from)]++;
        if ((transfers[i].to & TRACE_OUTSIDE) == 0)
            p->filled[rank_of(p, transfers[i].to)]++;
    }
    uint32_t at = 0;
    for (uint32_t r = 0; r < present_count; r++) {
        uint32_t count = p->filled[r];
        p->filled[r] = at; // becomes entry_first once its memory is there
        at += count;
    }
    return at;
}

Err trace_index_build(Ctx *c, const TraceTransfer *transfers, const int64_t *booked_at,
                      const TraceBalances *balances, uint32_t n, TraceIndex *ret_index) {
    if (n > STREAM_SEGMENT_ROWS_MAX)
        return fail(c, E_LIMIT, "a segment has at most %d transfers, not %u",
                    STREAM_SEGMENT_ROWS_MAX, (unsigned)n);
    uint32_t limit = 0;
    TRY(transfers_check(c, transfers, n, &limit));
    size_t blocks = ((size_t)limit + 511) / 512;
    size_t present_bytes = piece_bytes(blocks * 8, sizeof(uint64_t));
    size_t rank_bytes = piece_bytes(blocks, sizeof(uint32_t));
    AUTO(HeapBytes) map = mem_alloc_zero(1, present_bytes + rank_bytes + PIECE_ALIGN);
    if (map == NULL)
        return fail(c, E_MEMORY, "no memory for the index of %u transfers", (unsigned)n);
    Pieces p = {.present = (void *)map, .rank = (void *)(map + present_bytes)};
    uint32_t present_count = present_mark(&p, transfers, n, limit);
    AUTO(HeapBytes) filled = mem_alloc_zero((size_t)present_count + 1, sizeof *p.filled);
    if (filled == NULL)
        return fail(c, E_MEMORY, "no memory for the index of %u transfers", (unsigned)n);
    p.filled = (void *)filled;
    uint32_t entry_count = entries_count(&p, transfers, n, present_count);

    size_t first_bytes = piece_bytes((size_t)present_count + 1, sizeof(uint32_t));
    size_t entry_bytes = piece_bytes(entry_count, sizeof(TraceEntry));
    size_t sum_bytes = piece_bytes(present_count, sizeof(TraceSum));
    size_t bytes = present_bytes + rank_bytes + first_bytes + entry_bytes + sum_bytes;
    AUTO(HeapBytes) memory = mem_alloc_zero(1, bytes);
    if (memory == NULL)
        return fail(c, E_MEMORY, "no memory for the index of %u transfers", (unsigned)n);
    memcpy(memory, map, present_bytes + rank_bytes);
    uint8_t *at = memory;
    p.present = (void *)at;
    p.rank = (void *)(at += present_bytes);
    p.entry_first = (void *)(at += rank_bytes);
    p.entries = (void *)(at += first_bytes);
    p.sums = (void *)(at + entry_bytes);
    memcpy(p.entry_first, p.filled, (size_t)present_count * sizeof *p.filled);
    p.entry_first[present_count] = entry_count;
    memset(p.filled, 0, (size_t)present_count * sizeof *p.filled);
    TRY(entries_fill(c, &p, transfers, balances, n));
    *ret_index = (TraceIndex){.segment = {.transfer_count = n,
                                          .present_count = present_count,
                                          .account_limit = limit,
                                          .transfers = transfers,
                                          .booked_at = booked_at,
                                          .present = p.present,
                                          .rank = p.rank,
                                          .entry_first = p.entry_first,
                                          .entries = p.entries,
                                          .sums = p.sums},
                              .memory = memory,
                              .memory_bytes = bytes};
    memory = NULL;
    return OK;
}

void TraceIndex_cleanup(TraceIndex *i) {
    mem_free(i->memory);
    *i = (TraceIndex){0};
}
