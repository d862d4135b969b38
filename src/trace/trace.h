// trace: follow money through transfers by a rule. Pure: arrays in, values out.
//
// A view is a set of sealed segments (sorted transfers with, for each account, its entries in order
// and running sums) plus an optional overlay of late rows. The engine touches only accounts where
// tagged money lies; trace_run_whole touches all and gives the same answer. The meaning of every
// rule stands in docs/trace.md. Amounts are integer minor units; no floats.
//
// Positions: a sealed transfer with number i in the whole order has position (i + 1) << 24; a late
// row that comes before it and after number i - 1 has (i << 24) + 1, + 2, … Positions therefore
// rise exactly with Order (booked_at, country and institution debited, seq, id).
// Threads: a view may be read by many threads; a result belongs to one.
#ifndef MOEI_TRACE_H
#define MOEI_TRACE_H

#include "base/base.h"

// What a record of a trace names as the engine: changes when an answer may differ.
#define TRACE_ENGINE "moei-trace/1"

#define TRACE_POSITION_SHIFT 24
#define TRACE_POSITION_NONE UINT64_MAX
#define TRACE_OUTSIDE (1U << 31) // flag on from (deposit) or to (exit): the account field is empty
#define TRACE_ACCOUNT(x) ((x) & ~TRACE_OUTSIDE)

// One transfer, 24 bytes. Ids are rows of the account table; an account has one currency, so that
// amount is in the currency of `from` and credited in that of `to`, with TRACE_OUTSIDE or without.
typedef struct TraceTransfer {
    uint32_t from, to;
    int64_t amount, credited;
} TraceTransfer;

// One transfer as one of its two accounts sees it, 24 bytes. Outside accounts have no entries.
typedef struct TraceEntry {
    uint64_t at;     // (number of the transfer in its segment << 25) | (1 if debit)
    int64_t net;     // credits - debits of the account in this segment, this entry included
    int64_t net_min; // the smallest net so far in this segment, or 0 if that is smaller
} TraceEntry;

// Sums of one account over one segment, 32 bytes.
typedef struct TraceSum {
    int64_t net, net_min;   // as of the last entry
    int64_t opening_offset; // first given balance - net up to and including that transfer
    uint64_t has_balance;   // 1 where the segment gives a balance for the account
} TraceSum;

// A sealed segment. All pointers are borrowed (mapped files or trace_index_build's memory).
// present: one bit an account id; rank[b]: accounts present before bit b * 512. The r-th present
// account has entries[entry_first[r] .. entry_first[r + 1]) and sums[r].
typedef struct TraceSegment {
    uint64_t number_first; // number of its first transfer in the whole order
    uint32_t transfer_count, present_count;
    uint32_t account_limit; // ids below this may be present
    const TraceTransfer *transfers;
    const int64_t *booked_at; // µs UTC, one a transfer
    const uint64_t *present;  // (account_limit + 511) / 512 * 8 words
    const uint32_t *rank;     // (account_limit + 511) / 512 words
    const uint32_t *entry_first;
    const TraceEntry *entries;
    const TraceSum *sums;
} TraceSegment;

// Given balances, input of the index: TRACE_BALANCE_NONE where the row gives none.
#define TRACE_BALANCE_NONE INT64_MIN
typedef struct TraceBalances {
    int64_t from, to; // after the transfer
} TraceBalances;

// Adjacency, running sums and presence of sorted transfers, in one piece of heap memory that the
// caller can write to a file as it is. `balances` may be NULL (none given).
typedef struct TraceIndex {
    TraceSegment segment; // points into the pieces below and to the caller's transfers, booked_at
    void *memory;
    size_t memory_bytes;
} TraceIndex;
Err trace_index_build(Ctx *c, const TraceTransfer *transfers, const int64_t *booked_at,
                      const TraceBalances *balances, uint32_t n, TraceIndex *ret_index) MUST_USE;
void TraceIndex_cleanup(TraceIndex *i);

// Part of an account's history that lies in one array of entries.
typedef struct TraceRun {
    const TraceEntry *entries;
    uint32_t n;
    uint64_t position_base; // position of entry e = position_base + (e.at >> 1)
    int64_t net_before;     // net of all runs before this one
    int64_t net_min_before; // smallest net over all runs before, or 0
} TraceRun;

typedef struct TraceHistory {
    const TraceRun *runs; // in order; borrowed until the next call for another account, see below
    uint32_t n;
    int64_t opening; // by the rule of docs/trace.md; may be negative
} TraceHistory;

// Late rows that are not sealed yet, sorted by position. `history`, if not NULL, is asked first
// for each account reached: it returns true and fills ret_history for an account that late rows
// touch (all entries merged, those of replaced sealed rows left out; memory owned by the overlay
// for its life), else false.
typedef struct TraceOverlay {
    void *self;
    const uint64_t *positions;
    const TraceTransfer *transfers;
    const int64_t *booked_at;
    size_t n;
    bool (*replaced)(void *self, uint64_t position); // a sealed row that a late row supersedes
    Err (*history)(Ctx *c, void *self, uint32_t account, TraceHistory *ret_history,
                   bool *ret_known);
} TraceOverlay;

typedef struct TraceView {
    const TraceSegment *segments;
    size_t segment_count;
    const uint16_t *currencies; // by account id: a number for each currency, the caller's
    uint32_t account_count;
    const TraceOverlay *overlay; // NULL for none
} TraceView;

// Transfer at a position; position must exist in the view.
const TraceTransfer *trace_view_transfer(const TraceView *v, uint64_t position,
                                         int64_t *ret_booked_at);
// First position booked after `until_us`, TRACE_POSITION_NONE if there is none.
uint64_t trace_view_position_after(const TraceView *v, int64_t until_us);
// Opening of an account; sets *ret_balance to opening + net of entries before position_end.
Err trace_view_balance(Ctx *c, const TraceView *v, uint32_t account, uint64_t position_end,
                       int64_t *ret_opening, int64_t *ret_balance) MUST_USE;

typedef enum TraceRule {
    TRACE_FIFO,
    TRACE_LIFO,
    TRACE_PRO_RATA,
    TRACE_LIBR,
    TRACE_POISON
} TraceRule;
#define TRACE_RULES 5
const char *trace_rule_name(TraceRule r); // "fifo", "lifo", "pro_rata", "libr", "poison"
bool trace_rule_find(Str name, TraceRule *ret_rule);

// One seed a transfer; report is an index 0 … report_count - 1 in bytewise order of report ids.
typedef struct TraceSeed {
    uint64_t position;
    uint32_t report;
} TraceSeed;

typedef struct TraceQuery {
    TraceRule rule;
    uint64_t position_end;  // only transfers before it are applied; TRACE_POSITION_NONE for all
    const TraceSeed *seeds; // sorted by position, each position once
    size_t seed_count;
    uint32_t report_count;
} TraceQuery;

typedef struct TraceTag {
    uint32_t report;
    int64_t amount; // under poison 0 and without meaning
} TraceTag;

typedef struct TraceTouchedTransfer {
    uint64_t position;
    uint32_t level;
    uint32_t tag_first, tag_count; // in tags: as credited, sorted by report, no zeros
} TraceTouchedTransfer;

typedef struct TraceTouchedAccount {
    uint32_t account;
    uint32_t level;
    int64_t first_at;              // µs UTC
    int64_t balance;               // opening + credits - debits before position_end
    uint32_t tag_first, tag_count; // what lies there at the end
} TraceTouchedAccount;

typedef enum TraceFlow { TRACE_SEEDED, TRACE_LEFT, TRACE_EXITS, TRACE_COST } TraceFlow;
typedef struct TraceTotal {
    uint32_t report;
    TraceFlow flow;
    uint16_t currency;
    int64_t amount;
} TraceTotal;

// Heap memory. transfers by position, accounts by id, totals by (report, flow, currency), no zeros.
typedef struct TraceResult {
    TraceTouchedTransfer *transfers;
    size_t transfer_count, transfer_cap;
    TraceTouchedAccount *accounts;
    size_t account_count, account_cap;
    TraceTag *tags;
    size_t tag_count, tag_cap;
    TraceTotal *totals;
    size_t total_count, total_cap;
    uint64_t events; // transfers that the engine looked at
    uint64_t steps;  // nodes of trees of parts that it visited (fifo, lifo)
} TraceResult;

// Follows the seeds, touching only accounts where tagged money lies. Checks conservation on every
// leg: a leg that does not balance is E_CORRUPT ("the program stops"). E_LIMIT over TRACE_*_MAX.
Err trace_run(Ctx *c, const TraceView *v, const TraceQuery *q, TraceResult *ret_result) MUST_USE;
// The same answer by going through every transfer of the view with every account's state.
Err trace_run_whole(Ctx *c, const TraceView *v, const TraceQuery *q,
                    TraceResult *ret_result) MUST_USE;
void TraceResult_cleanup(TraceResult *r);

#endif
