// Inside of the room ledger only.
#ifndef MOEI_LEDGER_PRIV_H
#define MOEI_LEDGER_PRIV_H

#include "ledger/ledger.h"

// Statements of sql/statements.sql, in any order; readers prepare those before LQ_WRITER.
typedef enum LedgerStatement {
    LQ_LOG_GET,
    LQ_LOG_KEY_AT,
    LQ_LOG_KEY_LIST,
    LQ_LOG_LIST,
    LQ_LEAF_LAST,
    LQ_LEAF_HASHES,
    LQ_NODE_HASHES,
    LQ_RECORD_FIND,
    LQ_CHECKPOINT_LAST,
    LQ_CHECKPOINT_AT,
    LQ_CHECKPOINT_RANGE,
    LQ_COUNTS,
    LQ_ITEM_GET,
    LQ_SCAN,
    LQ_WRITER,
    LQ_LOG_ADD = LQ_WRITER,
    LQ_LOG_KEY_ADD,
    LQ_RECORD_ADD,
    LQ_OPENING_ADD,
    LQ_LEAF_ADD,
    LQ_NODE_ADD,
    LQ_CHECKPOINT_ADD,
    LQ_GROUP_CHECK,
    LQ_OPENING_ERASE,
    LQ_ERASURE_ADD,
    LQ_COUNT
} LedgerStatement;

#define LEDGER_OWN_LOGS 2
#define LEDGER_NODE_LEVELS 8 // hashes are kept for subtrees of 2^8, 2^16, … leaves
#define LEDGER_AGENCY_TEXT_BYTES 65
#define LEDGER_ORIGIN_BYTES_MAX 256
#define LEDGER_SIGN_KEYS_MAX 4

// Where the columns of LQ_SCAN and LQ_ITEM_GET stand.
enum { COL_PLACE, COL_COMMITMENT, COL_OPENING, COL_OPENING_FOUND, COL_SALT, COL_ENVELOPE, COL_BY };

// One own log as its writer knows it.
typedef struct LedgerLog {
    LedgerTree tree;
    int64_t last_at_us;
} LedgerLog;

typedef struct SignKey {
    CryptoSignKey key;
    CryptoPublicKey public_key;
} SignKey;

struct Ledger {
    StoreDb *db;
    char dir[BASE_PATH_BYTES_MAX];
    char agency[LEDGER_AGENCY_TEXT_BYTES];
    CryptoRandom random;
    SignKey keys[LEDGER_SIGN_KEYS_MAX];
    size_t key_count;
    bool rolled_back;
    // The open group; `committed` is what a rollback returns to.
    bool in_group, broken;
    LedgerLog logs[LEDGER_OWN_LOGS], committed[LEDGER_OWN_LOGS];
    size_t key_count_committed;
    int64_t next_opening, next_opening_committed;
    size_t group_records;
    CryptoHash group_commitments[LEDGER_OWN_LOGS][LEDGER_GROUP_RECORDS_MAX];
    int64_t saved_sizes[LEDGER_OWN_LOGS]; // in DIR/checkpoint
    int64_t erasing;                      // 1 while an opening is being overwritten
};

struct LedgerReader {
    StoreDb *db;
    char dir[BASE_PATH_BYTES_MAX];
    char agency[LEDGER_AGENCY_TEXT_BYTES];
};

const char *ledger_log_name(uint32_t log);
// "moei/<agency id>/<log>"
Str ledger_origin(const char *agency, uint32_t log, char ret_text[LEDGER_ORIGIN_BYTES_MAX]);
Err ledger_db_open(Ctx *c, Str dir, const LedgerOptions *o, StoreFunction *may_erase,
                   StoreDb **ret_db) MUST_USE;
Err ledger_read_agency(Ctx *c, StoreDb *db, uint32_t log,
                       char ret_agency[LEDGER_AGENCY_TEXT_BYTES]) MUST_USE;
Err ledger_db_size(Ctx *c, StoreDb *db, uint32_t log, int64_t *ret_size) MUST_USE;
Err ledger_db_key_at(Ctx *c, StoreDb *db, uint32_t log, int64_t size,
                     CryptoPublicKey *ret_key) MUST_USE;

// The tree of the first `size` leaves, from stored nodes and leaves. E_CORRUPT when one is missing.
Err ledger_db_tree(Ctx *c, StoreDb *db, uint32_t log, int64_t size, LedgerTree *ret_tree) MUST_USE;

// Adds a leaf; each complete subtree on a kept level goes to `emit` (NULL: none).
typedef struct NodeSink {
    Err (*emit)(void *self, Ctx *c, unsigned level, uint64_t number, const CryptoHash *hash);
    void *self;
} NodeSink;
Err ledger_tree_add_to(Ctx *c, LedgerTree *t, const CryptoHash *leaf_hash, NodeSink sink) MUST_USE;

// Reads DIR/checkpoint and compares: *ret_rolled_back when it knows more or other than the ledger.
Err ledger_saved_compare(Ctx *c, Ledger *l, bool *ret_rolled_back) MUST_USE;

// A row of LQ_SCAN or LQ_ITEM_GET. The envelope lives until the next step.
Err ledger_item_of_row(Ctx *c, StoreStmt *q, LedgerItem *ret_item) MUST_USE;
// One leaf through any connection to ledger.db; the envelope is in the request's arena.
// E_NOT_FOUND.
Err ledger_item_read(Ctx *c, StoreDb *db, LedgerPlace place, LedgerItem *ret_item) MUST_USE;

#endif
