// Sets of records for the tests of the picture: a random world of several agencies that quarrel,
// and what a naive reading of docs/picture.md makes of it.
#ifndef MOEI_TESTS_PICTURE_WORLD_H
#define MOEI_TESTS_PICTURE_WORLD_H

#include "test.h"

#include "picture/picture.h"

#define WORLD_RECORDS_MAX 160
#define WORLD_AGENCIES 3
#define WORLD_TEXTS_MAX 4

// One record as planned, before it is bytes.
typedef struct Plan {
    RecordKind kind;
    bool newer, foreign; // of version 2; written into another agency's log
    RecordId id, of;
    bool has_of;
    RecordId refs[3];
    size_t ref_count;
    size_t agency;   // whose log
    const char *log; // main, reads
    uint64_t seq;
    int64_t at;
    size_t mark; // 0 … 2
    bool has_until;
    const char *name;                   // report id, transfer, claim's table
    const char *texts[WORLD_TEXTS_MAX]; // transfers of a report or seed
    size_t text_count;
    RecordId report; // of case_add, case_remove
    RecordId target; // of erase
    const char *target_log;
    uint64_t target_seq;
} Plan;

typedef struct World {
    Rng rng;
    CryptoRandomSeeded random_state;
    CryptoRandom random;
    char agency[WORLD_AGENCIES][65];
    Plan plans[WORLD_RECORDS_MAX];
    PictureItem items[WORLD_RECORDS_MAX];
    size_t count;
    Ctx memory; // of the envelopes
} World;

// A world of 20 to WORLD_RECORDS_MAX records of so many agencies.
void world_make(World *w, uint64_t seed, size_t agencies);
// A world that an agency's ledger may hold: its own records only, behind the genesis.
void world_make_own(World *w, uint64_t seed, Str agency);
void world_done(World *w);
// The bytes of plan i again.
Str world_envelope(World *w, size_t i);

// --- the naive reading --------------------------------------------------------------------------

bool naive_erased(const World *w, size_t i); // content taken by an erase record of the world
// "held", "waiting" …; NULL for an erased one.
const char *naive_state(const World *w, size_t i);
// Index of the seed record in force for a report, -1 for none.
int naive_seed(const World *w, size_t report);
// Of a case_add that had an effect: "in", "refused", "removed"; NULL for one without.
const char *naive_member(const World *w, size_t add);
bool naive_case_closed(const World *w, size_t case_index);

#endif
