// Sets of records for the tests of the picture: a random world of several agencies that quarrel,
// and what a naive reading of docs/picture.md makes of it.
#ifndef MOEI_TESTS_PICTURE_WORLD_H
#define MOEI_TESTS_PICTURE_WORLD_H

#include "test.h"

#include "picture/picture.h"

#define WORLD_RECORDS_MAX 160
#define WORLD_AGENCIES 3
#define WORLD_TEXTS_MAX 4
#define WORLD_OFFICERS 3

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
    size_t officer; // 1 … WORLD_OFFICERS, 0: the machine
    // Of orders and what speaks of them:
    OrderAct act;
    OrderOutcome outcome;
    OrderParty party;
    bool has_target, has_ends_at, has_amount, request, flag;
    int persons;
    int64_t amount, ends_at, happened_at;
    RecordId order, case_id; // of a grievance; of an order or plan
    size_t to_agency;        // of an order
    // Of what agencies say to one another:
    int64_t until_n;  // which of two ends the mark has
    unsigned to_bits; // agencies that the mark names
    RecordId record;  // root that is shared, taken back, let go
    size_t whose;     // agency whose leaf is let go; that a retract names
} Plan;

typedef struct World {
    Rng rng;
    CryptoRandomSeeded random_state;
    CryptoRandom random;
    char agency[WORLD_AGENCIES][65];
    size_t own; // which of them is ours
    RecordId officers[WORLD_OFFICERS];
    CryptoSignKey keys[WORLD_OFFICERS];
    Plan plans[WORLD_RECORDS_MAX];
    PictureItem items[WORLD_RECORDS_MAX];
    size_t count;
    unsigned later;    // of a hundred records, those of orders and what speaks of them
    unsigned exchange; // and those of what agencies say to one another
    bool clashes;      // some records have the id of another one
    bool real;         // it goes through ledgers: what these refuse is left out
    Ctx memory;        // of the envelopes
} World;

// A world of 20 to WORLD_RECORDS_MAX records of so many agencies.
void world_make(World *w, uint64_t seed, size_t agencies);
// The same, with shares, retracts and let_go records; with `clashes` some ids stand twice.
void world_make_exchange(World *w, uint64_t seed, size_t agencies, bool clashes);
// A world that an agency's ledger may hold: its own records only, behind the genesis.
void world_make_own(World *w, uint64_t seed, Str agency);
// A world of two agencies that have ledgers; the first is ours.
void world_make_real(World *w, uint64_t seed, Str own, Str other);
Str world_own(const World *w);
void world_done(World *w);
// The bytes of plan i again.
Str world_envelope(World *w, size_t i);

// --- the naive reading --------------------------------------------------------------------------

bool naive_erased(const World *w, size_t i); // content taken by an erase record of the world
bool naive_let_go(const World *w, size_t i); // or by a let_go of ours
// Whether a let_go of ours names this object, or record.
bool naive_let_go_of(const World *w, RecordId record);
bool naive_named_by_erase(const World *w, RecordId id);
bool naive_clash(const World *w, RecordId id); // more than one record has it
// Index of the plan whose marking counts for a record that is here: its own, or a share.
size_t naive_marking(const World *w, size_t i);
// "held", "waiting" …; NULL for an erased one.
const char *naive_state(const World *w, size_t i);
// Index of the seed record in force for a report, -1 for none.
int naive_seed(const World *w, size_t report);
// Of a case_add that had an effect: "in", "refused", "removed"; NULL for one without.
const char *naive_member(const World *w, size_t add);
bool naive_case_closed(const World *w, size_t case_index);
// The standing of a report, a static text.
const char *naive_standing(const World *w, size_t report);
// Index of the officer_change in force, -1 for none.
int naive_officer_change(const World *w, size_t officer);
// The events of an order in the order of the fold, with their effects; returns how many.
size_t naive_order(Ctx *c, const World *w, size_t order, size_t ret_events[WORLD_RECORDS_MAX],
                   OrderEffect ret_effects[WORLD_RECORDS_MAX], OrderView *ret_view);
OrderFacts naive_facts(const Plan *p);
// Of a report: the refund account in force and those that wait; returns how many accounts.
size_t naive_refunds(const World *w, size_t report, size_t ret_accounts[WORLD_RECORDS_MAX],
                     int *ret_in_force, bool ret_waits[WORLD_RECORDS_MAX]);
// Officers whose signature of a plan counts, each once, by index from 1; returns how many.
size_t naive_signers(const World *w, size_t plan, size_t ret_officers[WORLD_OFFICERS]);
// Index of the record by which another officer signed a shift or decided on a break-glass, -1.
int naive_other(const World *w, size_t root, RecordKind kind);
// "", "victim", "grievance", "reads".
const char *naive_compartment(const Plan *p);
// The held children of a root in the order of the fold; returns how many.
size_t naive_children(const World *w, size_t root, size_t ret[WORLD_RECORDS_MAX]);
// Index of the record with this id that counts and whose content is here, -1 for none.
int naive_find(const World *w, RecordId id);
// Known to this version, and by the log's agency.
bool naive_known(const Plan *p);

// --- parts of a world ---------------------------------------------------------------------------

void world_put_exchange(JsonWriter *j, const World *w, const Plan *p);
void world_plan_exchange(World *w, size_t i);
bool world_is_exchange(RecordKind kind);

#endif
