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
    LQ_LOG_ALL,
    LQ_LOG_FIND,
    LQ_LOG_STATE_GET,
    LQ_LOG_ENDED,
    LQ_REWIND_TO,
    LQ_REWIND_ALL,
    LQ_LOG_FIRST,
    LQ_LOG_KEY_NEXT,
    LQ_CHECKPOINT_BELOW,
    LQ_LOOSE_AT,
    LQ_LOOSE_ABOVE,
    LQ_LOOSE_LEAF_GET,
    LQ_LOOSE_LEAF_NEXT,
    LQ_LEAF_GET,
    LQ_CLASH_GET,
    LQ_RESTORED_AT,
    LQ_ARRIVALS,
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
    LQ_ID_ADD,
    LQ_CLASH_ADD,
    LQ_LEAF_OPEN,
    LQ_LATE_ADD,
    LQ_NODE_KEEP,
    LQ_LOG_STATE_ADD,
    LQ_OPENING_CHECK,
    LQ_LOOSE_ADD,
    LQ_LOOSE_LEAF_ADD,
    LQ_LOOSE_LEAF_REMOVE,
    LQ_LOG_KEY_FIND,
    LQ_LOG_KEY_COPY,
    LQ_LOG_LAST,
    LQ_LOG_COUNT,
    LQ_REWIND_FIND,
    LQ_REWIND_LAST,
    LQ_REWIND_ADD,
    LQ_RESTORED_ADD,
    LQ_LOG_KEY_PLACE,
    LQ_COUNT
} LedgerStatement;

#define LEDGER_OWN_LOGS 2
#define LEDGER_NODE_LEVELS 8 // hashes are kept for subtrees of 2^8, 2^16, … leaves
#define LEDGER_AGENCY_TEXT_BYTES 65
#define LEDGER_ORIGIN_BYTES_MAX 256

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
    int64_t group_wal_pages; // that lay in the WAL when the group began
    bool restoring;          // the group puts leaves behind the end of main that peers gave back
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

// The tree of the first `size` leaves, from stored nodes and leaves. E_CORRUPT when one is missing,
// E_NOT_FOUND in another agency's log.
Err ledger_db_tree(Ctx *c, StoreDb *db, uint32_t log, int64_t size, LedgerTree *ret_tree) MUST_USE;

// --- nodes of a log -----------------------------------------------------------------------------

#define LEDGER_BLOCK_LEAVES (1 << LEDGER_NODE_LEVELS)
#define LEDGER_BLOCK_HASHES (2 * LEDGER_BLOCK_LEAVES - 2)
#define LEDGER_BLOCK_BASES 6 // of levels 0, 8, … 40

// 256 neighbours of one kept level and what follows from them up to the level below the next kept
// one. One block of each kept level is held: what goes through a tree from the left loads each
// once.
typedef struct NodeBlock {
    bool loaded;
    uint64_t number;
    bool have[LEDGER_BLOCK_HASHES];
    CryptoHash hash[LEDGER_BLOCK_HASHES];
} NodeBlock;
typedef struct NodeSource {
    StoreDb *db;
    uint32_t log;
    NodeBlock *blocks; // LEDGER_BLOCK_BASES
} NodeSource;
Err ledger_nodes_open(Ctx *c, StoreDb *db, uint32_t log, NodeSource *ret_source) MUST_USE;
void NodeSource_cleanup(NodeSource *s);
// Hash of a complete subtree. E_CORRUPT where an own log lacks it, E_NOT_FOUND where another's
// does; E_CORRUPT where what is stored contradicts itself.
Err ledger_nodes_get(Ctx *c, NodeSource *s, unsigned level, uint64_t number,
                     CryptoHash *ret_hash) MUST_USE;
Err ledger_nodes_tree(Ctx *c, NodeSource *s, int64_t size, LedgerTree *ret_tree) MUST_USE;
Err ledger_nodes_proof(Ctx *c, NodeSource *s, LedgerSpan span, const LedgerLeaves *leaves,
                       LedgerHashes *ret_proof) MUST_USE;

// --- the walk of docs/protocol-sync.md, 5
// ---------------------------------------------------------

typedef enum WalkWhat { WALK_KNOWN, WALK_SENT, WALK_LEAF, WALK_JOIN } WalkWhat;
typedef struct WalkStep {
    WalkWhat what;
    unsigned level;
    uint64_t number;
    bool old_peak, new_peak;
} WalkStep;
#define LEDGER_WALK_NO_LEAF UINT64_MAX
// Set old_size, new_size, left = new_size and next_leaf, the rest zero; after a WALK_LEAF set
// next_leaf again.
typedef struct LedgerWalk {
    uint64_t old_size, new_size, next_leaf;
    uint64_t left, first; // peaks not yet begun
    struct {
        uint64_t number;
        unsigned level, turn;
    } stack[LEDGER_PROOF_NODES_MAX];
    size_t depth;
} LedgerWalk;
// Subtrees from the left, each after its halves. False at the end.
bool ledger_walk_step(LedgerWalk *w, WalkStep *ret_step);

typedef struct ProofSink {
    Err (*emit)(void *self, Ctx *c, const WalkStep *step, const CryptoHash *hash);
    void *self;
} ProofSink;
// ledger_multiproof_check that tells each subtree with its hash (emit NULL: none). What was told
// counts only after OK.
Err ledger_multiproof_run(Ctx *c, const LedgerMultiproof *p, ProofSink sink) MUST_USE;

// --- other agencies' logs
// -------------------------------------------------------------------------

// What is stored of one leaf.
typedef struct ForeignLeaf {
    LedgerPlace place;
    const CryptoHash *commitment;
    const uint8_t *salt;
    Str envelope; // empty: the commitment only
    RecordId id;
    bool leaf_here; // without its content
} ForeignLeaf;
Err ledger_foreign_store(Ctx *c, Ledger *l, const ForeignLeaf *leaf, bool *ret_clash) MUST_USE;
Err ledger_foreign_key_add(Ctx *c, Ledger *l, LedgerPlace place, int64_t from_size,
                           const CryptoPublicKey *key) MUST_USE;
// Counts what came into the log.
Err ledger_foreign_count(Ctx *c, Ledger *l, uint32_t log, size_t openings) MUST_USE;
// Makes a log with this name and no keys.
Err ledger_foreign_add(Ctx *c, Ledger *l, const CryptoHash *agency, Str name,
                       uint32_t *ret_log) MUST_USE;
// The log of the agency that goes on. E_NOT_FOUND.
Err ledger_db_find(Ctx *c, StoreDb *db, const CryptoHash *agency, uint32_t *ret_log) MUST_USE;
Err ledger_db_ended(Ctx *c, StoreDb *db, uint32_t log, bool *ret_ended) MUST_USE;
// What a `key` record says.
typedef struct KeyBody {
    uint32_t log; // LEDGER_MAIN or LEDGER_READS of its agency
    int64_t from_size;
    CryptoPublicKey key;
} KeyBody;
Err ledger_key_body(Ctx *c, const Record *r, KeyBody *ret_body) MUST_USE;
// The row of an own log's key; the secret one in memory (E_LIMIT).
Err ledger_key_row(Ctx *c, Ledger *l, const KeyBody *body, LedgerPlace place) MUST_USE;
Err ledger_hold_key(Ctx *c, Ledger *l, const CryptoSignKey *key) MUST_USE;

// Adds a leaf; each complete subtree on a kept level goes to `emit` (NULL: none).
typedef struct NodeSink {
    Err (*emit)(void *self, Ctx *c, unsigned level, uint64_t number, const CryptoHash *hash);
    void *self;
} NodeSink;
// Writes the kept levels of an own log's tree in the open group.
typedef struct NodeWriter {
    Ledger *l;
    uint32_t log;
} NodeWriter;
Err ledger_node_add(void *node_writer, Ctx *c, unsigned level, uint64_t number,
                    const CryptoHash *hash) MUST_USE;
Err ledger_tree_add_to(Ctx *c, LedgerTree *t, const CryptoHash *leaf_hash, NodeSink sink) MUST_USE;

// Reads DIR/checkpoint and compares: *ret_rolled_back when it knows more or other than the ledger.
Err ledger_saved_compare(Ctx *c, Ledger *l, bool *ret_rolled_back) MUST_USE;

// A row of LQ_SCAN or LQ_ITEM_GET. The envelope lives until the next step.
Err ledger_item_of_row(Ctx *c, StoreStmt *q, LedgerItem *ret_item) MUST_USE;
// One leaf through any connection to ledger.db; the envelope is in the request's arena.
// E_NOT_FOUND.
Err ledger_item_read(Ctx *c, StoreDb *db, LedgerPlace place, LedgerItem *ret_item) MUST_USE;

#endif
