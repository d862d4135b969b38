// ledger: the agency's append-only logs: append, prove, verify, withhold, erase.
//
// Owns DIR/ledger.db and DIR/checkpoint. Invariants: a record that was acknowledged (ledger_commit
// returned OK) survives kill -9 and power loss and is covered by a signed checkpoint; leaves are
// never changed or removed, openings only by ledger_erase; in one log `at` strictly rises; a record
// id is held once over all logs. docs/format-record.md has the bytes.
// Threads: a Ledger is the one writer and belongs to one thread at a time; a LedgerReader belongs
// to one thread, any number of them work beside the writer. Merkle functions are pure.
#ifndef MOEI_LEDGER_H
#define MOEI_LEDGER_H

#include "record/record.h"
#include "store/store.h"

typedef struct Ledger Ledger;
typedef struct LedgerReader LedgerReader;

// --- places -----------------------------------------------------------------------------------

// Numbers of the own logs; logs of other agencies have greater ones.
#define LEDGER_MAIN 0  // exchanged
#define LEDGER_READS 1 // who read which personal data: never leaves

typedef struct LedgerPlace {
    uint32_t log;
    int64_t seq; // leaf number in its log
} LedgerPlace;

// One integer for a place, which sorts as (log, seq): log << 40 | seq.
static inline int64_t ledger_place_key(LedgerPlace p) {
    return (int64_t)((uint64_t)p.log << 40) | p.seq;
}
static inline LedgerPlace ledger_place_of_key(int64_t key) {
    return (LedgerPlace){(uint32_t)((uint64_t)key >> 40), key & ((1LL << 40) - 1)};
}

// --- open -------------------------------------------------------------------------------------

typedef struct LedgerOptions {
    Str dir; // exists
    CryptoRandom random;
    const CryptoSignKey *log_key;      // signs checkpoints; copied; NULL opens read-only
    const StoreSchema *const *schemas; // of other rooms that keep tables in ledger.db
    size_t schema_count;
} LedgerOptions;

typedef struct LedgerGenesis {
    Str name;  // short name, [a-z][a-z0-9-]{0,31}
    Str title; // words
    Str country;
    Str agency_kind;
    Str timezone;
    CryptoPublicKey recovery_key;
    RecordMark mark;
    int64_t at_us;
} LedgerGenesis;

// Makes ledger.db with the logs `main` (genesis as leaf 0, checkpoint of size 1) and `reads`.
// E_EXISTS when there is a ledger.db; E_INVALID for a genesis that is no good; the errors of
// store_open.
Err ledger_create(Ctx *c, const LedgerOptions *options, const LedgerGenesis *genesis,
                  Ledger **ret_ledger) MUST_USE;
// E_NOT_FOUND, E_CRYPTO when log_key is not the key that the ledger names, the errors of
// store_open.
Err ledger_open(Ctx *c, const LedgerOptions *options, Ledger **ret_ledger) MUST_USE;
// Rolls back what is open. Does not write the checkpoint file. NULL is fine.
void ledger_close(Ledger *l);
typedef Ledger *LedgerOwned; // AUTO(LedgerOwned) l = NULL;
void LedgerOwned_cleanup(LedgerOwned *l);

Str ledger_agency(const Ledger *l);                 // 64 hex digits, as long as the ledger is open
int64_t ledger_size(const Ledger *l, uint32_t log); // leaves, with those of an open group
StoreDb *ledger_db(Ledger *l); // for rooms whose tables change in the same transaction
// True when a checkpoint that was given out (DIR/checkpoint) is not one of this database: it was
// restored from an older copy. Then every append is E_READ_ONLY with words that name the remedy.
bool ledger_rolled_back(const Ledger *l);
// Makes the present state the one that counts, after an officer accepted the loss.
Err ledger_accept_loss(Ctx *c, Ledger *l) MUST_USE;

// --- write ------------------------------------------------------------------------------------

typedef struct LedgerEntry {
    Str envelope; // canonical; lives until ledger_append returns
    RecordId id;  // as in the envelope
    int64_t at_us;
} LedgerEntry;

// The smallest time >= now_us that is later than every record of the log. Not reserved.
int64_t ledger_next_at(const Ledger *l, uint32_t log, int64_t now_us);

// A group: begin, up to LEDGER_GROUP_RECORDS_MAX appends, commit. Own logs only.
Err ledger_begin(Ctx *c, Ledger *l) MUST_USE;
// E_EXISTS when the id is there, E_STATE when `at` does not rise, E_INVALID when time or id are not
// those of the envelope, E_LIMIT: the group goes on without this record. After any other error
// (those of store_open) it can only be rolled back.
Err ledger_append(Ctx *c, Ledger *l, uint32_t log, const LedgerEntry *entry,
                  LedgerPlace *ret_place) MUST_USE;
// Re-reads and checks what was stored, writes tree nodes and a signed checkpoint of each log that
// grew, and commits: one fdatasync. After OK the group is durable and provable. On an error it is
// rolled back. Between groups it moves pages out of the WAL, a bounded number at a time.
Err ledger_commit(Ctx *c, Ledger *l) MUST_USE;
void ledger_rollback(Ledger *l); // nothing open is fine

// begin, n appends, commit in one. ret_places[n] may be NULL.
Err ledger_append_group(Ctx *c, Ledger *l, uint32_t log, const LedgerEntry *entries, size_t n,
                        LedgerPlace *ret_places) MUST_USE;

// Appends a `key` record inside an open group: from tree size `from_size` on (greater than the size
// after this record), checkpoints of that log are signed by `next`, which is copied.
Err ledger_append_key(Ctx *c, Ledger *l, const LedgerEntry *entry,
                      const CryptoSignKey *next) MUST_USE;

// Erases the content of the record at `place`: appends `entry` (a signed or unsigned record of kind
// erase that names it) to main, overwrites salt and envelope with zeros, commits, and empties the
// WAL. All proofs stay valid. E_STATE when it is erased already or its log's genesis or a key;
// E_BUSY when a reader does not let go of the WAL: then the record *is* erased and
// ledger_erase_finish must be called again.
Err ledger_erase(Ctx *c, Ledger *l, LedgerPlace place, const LedgerEntry *entry,
                 LedgerPlace *ret_place) MUST_USE;
Err ledger_erase_finish(Ctx *c, Ledger *l) MUST_USE;

// Writes the newest checkpoints to DIR/checkpoint, outside the database. Cheap when nothing grew.
Err ledger_checkpoint_save(Ctx *c, Ledger *l) MUST_USE;

// --- read -------------------------------------------------------------------------------------

typedef enum LedgerState { LEDGER_HELD, LEDGER_WITHHELD, LEDGER_ERASED } LedgerState;

typedef struct LedgerItem {
    LedgerPlace place;
    LedgerState state;
    CryptoHash commitment;
    uint8_t salt[RECORD_SALT_BYTES]; // zero unless held
    Str envelope;                    // empty unless held
    LedgerPlace erased_by;           // where erased
} LedgerItem;

// E_NOT_FOUND, and the errors of store_open.
Err ledger_reader_open(Ctx *c, Str dir, LedgerReader **ret_reader) MUST_USE;
void ledger_reader_close(LedgerReader *r); // NULL is fine
typedef LedgerReader *LedgerReaderOwned;
void LedgerReaderOwned_cleanup(LedgerReaderOwned *r);

Str ledger_reader_agency(const LedgerReader *r); // 64 hex digits
// E_NOT_FOUND. The envelope is in the request's arena.
Err ledger_get(Ctx *c, LedgerReader *r, LedgerPlace place, LedgerItem *ret_item) MUST_USE;
Err ledger_find(Ctx *c, LedgerReader *r, RecordId id, LedgerPlace *ret_place) MUST_USE;
// Leaves of a log that are committed.
Err ledger_reader_size(Ctx *c, LedgerReader *r, uint32_t log, int64_t *ret_size) MUST_USE;

// Calls visit for each leaf from from_seq on, in order, until the end or until visit fails, whose
// error is returned. The envelope is valid during the call only; the arena of c is not used. What
// is appended meanwhile may or may not be seen.
typedef struct LedgerVisit {
    Err (*visit)(void *self, Ctx *c, const LedgerItem *item);
    void *self;
} LedgerVisit;
Err ledger_scan(Ctx *c, LedgerReader *r, uint32_t log, int64_t from_seq,
                LedgerVisit visit) MUST_USE;

// --- proofs -----------------------------------------------------------------------------------

typedef struct LedgerProof {
    CryptoHash nodes[LEDGER_PROOF_NODES_MAX];
    size_t count;
} LedgerProof;

typedef struct LedgerCheckpoint {
    Str note;   // whole text
    Str origin; // "moei/<agency id>/<log>"
    int64_t size;
    CryptoHash root;
} LedgerCheckpoint;

// The newest checkpoint of a log, and the one of exactly this size (E_NOT_FOUND); in the request's
// arena. A log without records has none (E_NOT_FOUND).
Err ledger_checkpoint(Ctx *c, LedgerReader *r, uint32_t log, LedgerCheckpoint *ret_cp) MUST_USE;
Err ledger_checkpoint_at(Ctx *c, LedgerReader *r, uint32_t log, int64_t size,
                         LedgerCheckpoint *ret_cp) MUST_USE;
// RFC 6962 2.1.1 and 2.1.2. E_NOT_FOUND when the tree is smaller; E_INVALID for an old size of 0,
// with which everything is consistent.
Err ledger_inclusion(Ctx *c, LedgerReader *r, LedgerPlace place, int64_t tree_size,
                     LedgerProof *ret_proof) MUST_USE;
Err ledger_consistency(Ctx *c, LedgerReader *r, uint32_t log, int64_t old_size, int64_t new_size,
                       LedgerProof *ret_proof) MUST_USE;
// The key by which a checkpoint of this size of the log is signed.
Err ledger_log_key(Ctx *c, LedgerReader *r, uint32_t log, int64_t size,
                   CryptoPublicKey *ret_key) MUST_USE;

// --- pure -------------------------------------------------------------------------------------

CryptoHash ledger_merkle_leaf(const void *bytes, size_t n); // SHA-256(0x00 ‖ bytes)
CryptoHash ledger_merkle_node(const CryptoHash *left, const CryptoHash *right);
CryptoHash ledger_merkle_empty(void); // root of the tree without leaves

typedef struct LedgerTreeHead {
    uint64_t size;
    CryptoHash root;
} LedgerTreeHead;
// E_INVALID for a proof of the wrong shape or an empty old tree, E_CRYPTO for one that leads to
// another root.
Err ledger_merkle_inclusion(Ctx *c, const LedgerTreeHead *head, uint64_t leaf_index,
                            const CryptoHash *leaf_hash, const CryptoHash *proof,
                            size_t proof_count) MUST_USE;
Err ledger_merkle_consistency(Ctx *c, const LedgerTreeHead *old_head,
                              const LedgerTreeHead *new_head, const CryptoHash *proof,
                              size_t proof_count) MUST_USE;

// The root of a growing tree in O(log n) memory.
typedef struct LedgerTree {
    uint64_t size;
    CryptoHash level[LEDGER_PROOF_NODES_MAX]; // level[i] is set where bit i of size is
} LedgerTree;
void ledger_tree_add(LedgerTree *t, const CryptoHash *leaf_hash);
CryptoHash ledger_tree_root(const LedgerTree *t);

// Signed notes. write appends the note; parse checks the form (E_INVALID), its texts point into
// `note`; verify_note also checks origin and signature (E_CRYPTO).
Err ledger_note_write(Ctx *c, Str origin, const LedgerTreeHead *head, const CryptoSignKey *key,
                      Buf *out) MUST_USE;
Err ledger_note_parse(Ctx *c, Str note, LedgerCheckpoint *ret_cp) MUST_USE;
Err ledger_note_verify(Ctx *c, Str note, Str origin, const CryptoPublicKey *key,
                       LedgerCheckpoint *ret_cp) MUST_USE;

// --- verify -----------------------------------------------------------------------------------

typedef struct LedgerProgress {
    void (*report)(void *self, int64_t done, int64_t total); // NULL: none. From one thread
    void *self;
} LedgerProgress;

typedef struct LedgerVerdict {
    bool sound;
    int64_t held, withheld, erased, checkpoints; // what was checked, over all logs
    LedgerPlace place;                           // where not sound: the first that does not fit
    char words[BASE_ERROR_TEXT_BYTES_MAX];       // what is wrong there
} LedgerVerdict;

// Hashes every opening, reads every record, follows ids and times, recomputes every node and root
// and checks every checkpoint's signature. OK with a verdict, sound or not; an error only when the
// machine failed. Uses two threads.
Err ledger_verify(Ctx *c, LedgerReader *r, LedgerProgress progress,
                  LedgerVerdict *ret_verdict) MUST_USE;

#endif
