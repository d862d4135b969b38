// Batches of one node's log as another takes them, for the tests of other agencies' logs.
#ifndef MOEI_TESTS_LEDGER_PEER_H
#define MOEI_TESTS_LEDGER_PEER_H

#include "node.h"

// A source of batches: a node's reader and the number of the log in it.
typedef struct Source {
    LedgerReader *r;
    uint32_t log;
} Source;

// The batch that proves `seqs` from old_size to new_size; all in the request's arena. `at_us` is 1.
Err peer_batch(Ctx *c, Source s, LedgerSpan span, const LedgerLeaves *seqs, LedgerTake *ret_take);
// A group of its own: opens the log with the source's genesis where needed.
Err peer_open(Ctx *c, Node *to, Source s, uint32_t *ret_log);
Err peer_take(Ctx *c, Node *to, const LedgerTake *take, LedgerTaken *ret_taken);
// peer_batch and peer_take of all leaves [from, upto).
Err peer_take_run(Ctx *c, Node *to, Source s, LedgerSpan span, int64_t from, int64_t upto);
uint32_t peer_log(Ctx *c, Node *to, Source s); // number of the source's log at `to`
int64_t peer_head(Ctx *c, Node *to, uint32_t log);
void peer_sound(Ctx *c, Node *n); // verify says so

#endif
