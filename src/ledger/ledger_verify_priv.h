// What the two halves of verification share.
#ifndef MOEI_LEDGER_VERIFY_PRIV_H
#define MOEI_LEDGER_VERIFY_PRIV_H

#include <stdatomic.h>

#include "ledger/ledger_priv.h"

// A run of leaves of one log, checked by one thread.
typedef struct VerifyRange {
    LedgerReader *reader; // its own connection
    uint32_t log;
    int64_t from, upto; // leaves [from, upto)
    LedgerTree tree;    // of the leaves before `from`
    bool is_main;       // of whichever agency: begins with its genesis
    char agency[LEDGER_AGENCY_TEXT_BYTES], origin[LEDGER_ORIGIN_BYTES_MAX]; // of the log
    int64_t first_at, last_at;                                              // of the records seen
    LedgerPlace last_good; // first leaf not covered by a checkpoint that held
    int64_t held, withheld, erased, checkpoints, keys;
    bool faulty;
    LedgerPlace place;
    char words[BASE_ERROR_TEXT_BYTES_MAX];
    Err err; // where the machine failed
    Ctx ctx;
    JsonReader json;
    Buf note; // of the next checkpoint
    int64_t note_size;
    atomic_int_fast64_t *done; // leaves checked by all threads
    LedgerProgress progress;   // set in one range only
    int64_t total;
    int64_t arrivals; // of another agency's log: contents that came later are left for next time
} VerifyRange;

// Checks the range; faults stand in it. An error only when the machine failed.
Err ledger_verify_range(VerifyRange *v) MUST_USE;
// The same for another agency's log: what is held, the head that proves it, all checkpoints.
Err ledger_verify_foreign(VerifyRange *v) MUST_USE;
// Runs with the outcome in the range.
Err ledger_verify_begin(VerifyRange *v, Err (*run_it)(Ctx *c, VerifyRange *v)) MUST_USE;
Err ledger_verify_names(Ctx *c, VerifyRange *v) MUST_USE;
// One leaf by itself; the row is still that of q.
Err ledger_verify_content(Ctx *c, VerifyRange *v, StoreStmt *q, const LedgerItem *item) MUST_USE;
void VerifyRange_cleanup(VerifyRange *v);
// True when e tells of what is stored rather than of the machine.
bool ledger_is_fault(Err e);

#endif
