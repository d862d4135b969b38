// ledger: the agency's append-only logs: append, prove, verify, withhold, erase.
//
// Owns DIR/ledger.db and DIR/checkpoint. Invariants: a record that was acknowledged (ledger_commit
// returned OK) survives kill -9 and power loss and is covered by a signed checkpoint; leaves are
// never changed or removed, openings only by ledger_erase and ledger_let_go; in one log `at`
// strictly rises; a record id is found once over all logs. Of another agency's log nothing is
// stored that is not proven by a checkpoint which that agency signed. docs/format-record.md has the
// bytes. Threads: a Ledger is the one writer and belongs to one thread at a time; a LedgerReader
// belongs to one thread, any number of them work beside the writer. Merkle functions are pure.
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

// Leaves of one log, sizes of its tree, hashes of a proof.
typedef struct LedgerLeaves {
    const int64_t *seqs; // strictly rising
    size_t count;
} LedgerLeaves;
typedef struct LedgerSpan {
    int64_t old_size, new_size;
} LedgerSpan;
typedef struct LedgerHashes {
    const CryptoHash *hashes;
    size_t count;
} LedgerHashes;

// --- open -------------------------------------------------------------------------------------

typedef struct LedgerOptions {
    Str dir; // exists
    CryptoRandom random;
    const CryptoSignKey *log_key; // signs checkpoints; copied; NULL opens read-only
    const CryptoSignKey *earlier; // the log `reads` may still be signed by one of these
    size_t earlier_count;
    const StoreSchema *const *schemas; // of other rooms that keep tables in ledger.db
    size_t schema_count;
    bool recovering; // log_key is the next one, which ledger_append_recover will name
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
// E_NOT_FOUND, E_CRYPTO when none of the keys is the one that the ledger names, the errors of
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

// --- other agencies' logs ---------------------------------------------------------------------

// Inside an open group: makes the log of the agency whose genesis this is, or finds it. E_INVALID
// when it is no genesis, or our own. Takes the next number; no head is known yet.
Err ledger_foreign_open(Ctx *c, Ledger *l, Str genesis_envelope,
                        const uint8_t salt[RECORD_SALT_BYTES], uint32_t *ret_log) MUST_USE;

typedef struct LedgerLeaf {
    int64_t seq;
    uint8_t salt[RECORD_SALT_BYTES];
    Str envelope;          // empty: only the commitment came
    CryptoHash commitment; // read only then
} LedgerLeaf;
// Asked of each record that is new here, before anything of it is stored. *ret_alone: its leaf is
// taken, and its content is not. Records live as long as the call.
typedef struct LedgerSeen {
    Err (*call)(void *self, Ctx *c, const Record *r, bool *ret_alone);
    void *self;
} LedgerSeen;
typedef struct LedgerTake {
    uint32_t log;
    int64_t old_size; // with which the proof begins
    Str note;         // of the tree that it leads to, signed by the log's key for that size
    LedgerHashes proof;
    const LedgerLeaf *leaves; // rising, all that the proof names, those that we hold too
    size_t leaf_count;
    int64_t at_us;   // now
    bool apart;      // our head stays where it is, also where the proof begins with it
    LedgerSeen seen; // or zero
} LedgerTake;
typedef struct LedgerTaken {
    size_t fresh;   // contents that are new here
    size_t known;   // that were here already, or were let go
    size_t clashes; // of the fresh: their id is that of another place and is not found here
    size_t leaves;  // commitments without content that are new here
    int64_t size;   // of the head now
    bool grew;      // the head moved
    bool loose;     // proven to its checkpoint, which nothing connects with our head
} LedgerTaken;
// Inside an open group: checks all, then stores what is new: leaves, contents, ids, nodes,
// checkpoint and log keys. The old size is our head's, or that of any checkpoint of the log that we
// hold, or 0. Only from our head on the head moves; else the leaves stand under their own
// checkpoint (*loose), unless what is here connects the two. E_STATE: the old size is of no
// checkpoint that we hold, or the log has ended; E_CRYPTO: signature or proof; E_EXISTS: two
// histories (a root, node or leaf is here and is another); E_INVALID: a record does not fit its
// place. After these nothing was stored and the group goes on. After any other error it can only be
// rolled back.
Err ledger_take(Ctx *c, Ledger *l, const LedgerTake *take, LedgerTaken *ret_taken) MUST_USE;

// Inside an open group: removes the contents of leaves of another agency's log, as our record `by`
// says (kind let_go, of this group or before); those that are not held are passed over. Then after
// the commit: ledger_erase_finish. E_INVALID when `by` does not name them or they are our own,
// E_STATE for what holds the log together (genesis, keys).
Err ledger_let_go(Ctx *c, Ledger *l, const LedgerPlace *places, size_t n, LedgerPlace by) MUST_USE;

// A statement of docs/protocol-sync.md, 9, which the caller has verified.
typedef struct LedgerRewind {
    uint32_t log;
    int64_t good_size;
    CryptoHash root; // of that size
    CryptoPublicKey next_key;
    Str statement; // its bytes
    int64_t at_us; // of the statement
} LedgerRewind;
// Inside an open group: from the good size on the log is signed by the next key. Where our head
// lies behind it, the log ends (frozen) and *ret_log is a new one, which begins without a head;
// else it is the same. The same statement again finds the log it made. E_CRYPTO when we know
// another root for that size; E_STATE for an earlier statement than one that counts.
Err ledger_rewound(Ctx *c, Ledger *l, const LedgerRewind *rewind, uint32_t *ret_log) MUST_USE;

// --- our own log, restored --------------------------------------------------------------------

// Puts leaves that peers held behind the end of main: begin, add in order (held or by commitment
// only), end with the checkpoint that our own log key signed over all of them; one transaction.
// Works when ledger_rolled_back, and clears it when DIR/checkpoint fits again. rollback gives up.
Err ledger_restore_begin(Ctx *c, Ledger *l) MUST_USE;
Err ledger_restore_add(Ctx *c, Ledger *l, const LedgerLeaf *leaf) MUST_USE; // E_INVALID, E_STATE
// at_us: no record behind the end is older than what was restored. E_CRYPTO: they do not lead
// there.
Err ledger_restore_end(Ctx *c, Ledger *l, Str note, int64_t at_us) MUST_USE;
// In an open group, any time later: opens a leaf of main that was restored without its content.
// *ret_opened false where nothing is to be opened: it is held or erased, the leaf is not here, or
// it is a `key` record, whose key came with the leaves. E_CRYPTO: this was never said by that leaf.
Err ledger_restore_open(Ctx *c, Ledger *l, const LedgerLeaf *leaf, bool *ret_opened) MUST_USE;
// Appends our `recover` record inside an open group, at the good size of its statement (E_STATE at
// another): checkpoints from there on are signed by `next`.
Err ledger_append_recover(Ctx *c, Ledger *l, const LedgerEntry *entry, const LedgerRewind *rewind,
                          const CryptoSignKey *next) MUST_USE;

// --- read -------------------------------------------------------------------------------------

typedef struct LedgerLogInfo {
    uint32_t log;
    CryptoHash agency;
    Str name;         // "main", "reads"; in the request's arena
    int64_t size;     // of the head; 0: none yet
    CryptoHash root;  // of the head
    int64_t at_us;    // of the head: when it was made (own), when it came (others')
    int64_t openings; // contents that came, over all time
    bool frozen;      // ended by a recovery statement; a later log of the agency goes on
} LedgerLogInfo;
// All logs, by number; in the request's arena.
Err ledger_log_list(Ctx *c, LedgerReader *r, const LedgerLogInfo **ret_logs,
                    size_t *ret_n) MUST_USE;
// The log main of an agency that goes on (LEDGER_MAIN for our own). E_NOT_FOUND.
Err ledger_log_find(Ctx *c, LedgerReader *r, const CryptoHash *agency, uint32_t *ret_log) MUST_USE;

// The first log of the agency whose log `main` this is: it holds the genesis.
Err ledger_log_first(Ctx *c, LedgerReader *r, uint32_t log, uint32_t *ret_first) MUST_USE;
// A recovery statement that was taken. Where nothing lay behind its good size the log goes on, and
// next_log is the same.
typedef struct LedgerStated {
    uint32_t log, next_log;
    int64_t good_size, at_us;
    Str statement;
} LedgerStated;
// Those of an agency by time; in the request's arena.
Err ledger_statement_list(Ctx *c, LedgerReader *r, const CryptoHash *agency,
                          const LedgerStated **ret_items, size_t *ret_n) MUST_USE;

typedef enum LedgerState { LEDGER_HELD, LEDGER_WITHHELD, LEDGER_ERASED } LedgerState;

typedef struct LedgerItem {
    LedgerPlace place;
    LedgerState state;
    CryptoHash commitment;
    uint8_t salt[RECORD_SALT_BYTES]; // zero unless held
    Str envelope;                    // empty unless held
    LedgerPlace erased_by;           // where erased
    int64_t arrival;                 // contents are numbered as they came; 0 where withheld
    bool late; // ours, and came behind its leaf; as ledger_scan_arrivals tells it
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
// Leaves of a log that are committed; of another agency's log: the size of its head.
Err ledger_reader_size(Ctx *c, LedgerReader *r, uint32_t log, int64_t *ret_size) MUST_USE;

// Calls visit for each leaf from from_seq on, in order, until the end or until visit fails, whose
// error is returned. Of another agency's log those are visited of which anything is here. The
// envelope is valid during the call only; the arena of c is not used. What is appended meanwhile
// may or may not be seen.
typedef struct LedgerVisit {
    Err (*visit)(void *self, Ctx *c, const LedgerItem *item);
    void *self;
} LedgerVisit;
Err ledger_scan(Ctx *c, LedgerReader *r, uint32_t log, int64_t from_seq,
                LedgerVisit visit) MUST_USE;
// The same for the contents of all other agencies' logs that came after `arrival` (0: all), in the
// order in which they came: an old leaf may come late. Erased ones are visited too.
Err ledger_scan_arrivals(Ctx *c, LedgerReader *r, int64_t arrival, LedgerVisit visit) MUST_USE;

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
// The largest checkpoint of a size <= `size`. E_NOT_FOUND.
Err ledger_head_below(Ctx *c, LedgerReader *r, uint32_t log, int64_t size,
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
// The smallest tree size above `size` from which another key signs; INT64_MAX when none is known.
Err ledger_key_next(Ctx *c, LedgerReader *r, uint32_t log, int64_t size,
                    int64_t *ret_from_size) MUST_USE;
// The hashes that lead from a tree of old_size (0: none is known) to one of new_size and prove the
// leaves, which rise: docs/protocol-sync.md, 5. In the request's arena. The cost follows the
// leaves, not the log. E_NOT_FOUND when hashes or leaves that it needs are not here.
Err ledger_multiproof(Ctx *c, LedgerReader *r, uint32_t log, LedgerSpan span,
                      const LedgerLeaves *leaves, LedgerHashes *ret_proof) MUST_USE;
// The checkpoint that proves this leaf to others: the head, or the one under which it came where
// nothing connects the two. E_NOT_FOUND.
Err ledger_leaf_head(Ctx *c, LedgerReader *r, LedgerPlace place, LedgerCheckpoint *ret_cp) MUST_USE;
// Commitments of the leaves [from, from + n). E_NOT_FOUND when one is not here.
Err ledger_commitments(Ctx *c, LedgerReader *r, uint32_t log, int64_t from, size_t n,
                       CryptoHash *ret_commitments) MUST_USE;

// --- C2SP tlog-tiles --------------------------------------------------------------------------

typedef struct LedgerTile {
    unsigned level; // its hashes are of subtrees of 2^(8 level) leaves
    int64_t number;
    unsigned width; // 1 to 256
} LedgerTile;
// Appends the hashes; of the leaves of tile `number` each entry: big endian length and commitment.
// E_NOT_FOUND unless all of it lies in the committed tree.
Err ledger_tile(Ctx *c, LedgerReader *r, uint32_t log, const LedgerTile *tile, Buf *out) MUST_USE;
Err ledger_tile_entries(Ctx *c, LedgerReader *r, uint32_t log, const LedgerTile *tile,
                        Buf *out) MUST_USE; // level is not used

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

// What a multi-proof is checked with.
typedef struct LedgerMultiproof {
    LedgerTree old_tree; // peaks of the tree that is known; size 0: none
    LedgerTreeHead head; // of the tree that is to be proven
    LedgerLeaves leaves;
    const CryptoHash *leaf_hashes; // ledger_merkle_leaf of each one's commitment
    LedgerHashes proof;
} LedgerMultiproof;
// E_INVALID for one of the wrong shape, E_CRYPTO when it leads to another old tree or root.
Err ledger_multiproof_check(Ctx *c, const LedgerMultiproof *p) MUST_USE;

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
