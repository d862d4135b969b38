// A ledger in a temporary folder, with a clock and randomness of its own, for the tests of the
// room.
#ifndef MOEI_TESTS_LEDGER_NODE_H
#define MOEI_TESTS_LEDGER_NODE_H

#include "test.h"

#include "ledger/ledger.h"

typedef struct Node {
    char dir[64];
    CryptoRandomSeeded random_state;
    CryptoRandom random;
    CryptoSignKey key;
    CryptoPublicKey public_key;
    Ledger *ledger;
    int64_t now_us;
    int64_t made; // records written by node_envelope
} Node;

#define NODE_START_US 1795334400000000LL

void node_prepare(Node *n, uint64_t seed); // makes the folder and keys
LedgerOptions node_options(Node *n);
Err node_create(Ctx *c, Node *n);
void node_start(Ctx *c, Node *n, uint64_t seed); // prepare and create
void node_open(Ctx *c, Node *n);
void node_close(Node *n);
void node_remove(Node *n);                // closes, and removes the folder
void node_empty(Ctx *c, const char *dir); // removes what is in it

// A report whose story has `story` in it and is filled up to about `bytes`; a new id and time.
Err node_envelope(Ctx *c, Node *n, const char *story, size_t bytes, Buf *out, LedgerEntry *ret);
// Appends `count` such reports in one group.
Err node_append(Ctx *c, Node *n, size_t count, size_t bytes);
Err node_erase(Ctx *c, Node *n, LedgerPlace place, RecordId id, LedgerPlace *ret_by);
RecordId node_id_at(Ctx *c, Node *n, LedgerPlace place);

LedgerVerdict node_verify(Ctx *c, Node *n); // through a reader of its own
// Runs one SQL statement on ledger.db, as somebody with a SQLite shell would.
Err node_sql(Ctx *c, Node *n, const char *sql);
// Drops the trigger that guards against it, then runs the statement; the ledger must be closed.
void node_tamper(Ctx *c, Node *n, const char *trigger, const char *sql);

#endif
