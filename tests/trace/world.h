// Seeded ledgers and the views of them that the engine reads.
#ifndef TESTS_TRACE_WORLD_H
#define TESTS_TRACE_WORLD_H

#include "trace/naive.h"

#define WORLD_SEGMENTS 4
#define WORLD_IDS_MAX 16384

typedef struct World {
    NaiveLedger ledger;
    int currency[NAIVE_ACCOUNTS];
    uint32_t stride; // account k has the id k * stride + 3
    // Sealed rows, among them those that a late row replaced.
    TraceTransfer sealed[NAIVE_TRANSFERS * 2];
    TraceBalances balances[NAIVE_TRANSFERS * 2];
    int64_t sealed_at[NAIVE_TRANSFERS * 2];
    bool replaced[NAIVE_TRANSFERS * 2];
    uint32_t sealed_n;
    // Late rows.
    TraceTransfer late[NAIVE_TRANSFERS];
    uint64_t late_positions[NAIVE_TRANSFERS];
    int64_t late_at[NAIVE_TRANSFERS];
    size_t late_n;
    bool touched_late[NAIVE_ACCOUNTS];
    TraceEntry entries[NAIVE_ACCOUNTS][NAIVE_TRANSFERS];
    TraceRun runs[NAIVE_ACCOUNTS];
    int64_t openings[NAIVE_ACCOUNTS];
    // What the engine sees.
    TraceIndex indexes[WORLD_SEGMENTS];
    TraceSegment segments[WORLD_SEGMENTS];
    uint16_t currencies[WORLD_IDS_MAX];
    TraceOverlay overlay;
    TraceView view;
    TraceSeed seeds[NAIVE_TRANSFERS];
    size_t seed_n;
} World;

typedef struct WorldShape {
    int transfers;
    bool late, fees, exchange;
    bool plain;  // neither fees nor exchange, small amounts
    bool gather; // many small deposits, then most of an account at once: hundreds of parts move
} WorldShape;

void world_make(World *w, uint64_t seed, WorldShape shape);
// Builds indexes and the view from the ledger; world_make has called it.
Err world_build(Ctx *c, World *w, Rng *rng, bool late);
void world_done(World *w);
uint32_t world_id(const World *w, int account, int currency); // account -1: outside
TraceQuery world_query(const World *w, TraceRule rule);

#endif
