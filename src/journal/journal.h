// journal: what each peer may have, what it has, and what we have of it: docs/protocol-sync.md, 4.
//
// Owns the tables journal_* of ledger.db. Invariants: a journal only grows; an entry keeps its
// position; what may not go any more becomes a hole. Every change happens in the transaction that
// the caller has open on the connection of the ledger, so that a journal never names what is not in
// the log. Who may have what is no matter of this room: places and hashes come in, and go out.
// A place is the ledger's key of one (log << 40 | leaf). Threads: as the connection.
#ifndef MOEI_JOURNAL_H
#define MOEI_JOURNAL_H

#include "crypto/crypto.h"
#include "store/store.h"

// What the journal keeps in ledger.db; hand it to ledger_create and ledger_open.
const StoreSchema *journal_schema(void);

// --- peers --------------------------------------------------------------------------------------

typedef enum JournalFault {
    JOURNAL_SOUND,
    JOURNAL_FALSE, // what it said of itself does not hold: until an officer says to go on
    JOURNAL_FORKED // its log shows two histories: for good
} JournalFault;

#define JOURNAL_WORDS_BYTES_MAX 400

typedef struct JournalPeer {
    int64_t peer; // number, local
    CryptoHash agency;
    bool has_card_key;
    CryptoPublicKey card_key; // link key on the card, or in a recovery statement
    bool has_spoke_key;
    CryptoPublicKey spoke_key; // link key under which it spoke last
    int64_t card_from;         // leaf from which on its `link` records count more; 0: all do
    int64_t address_from;      // the same of their addresses and the one on the card
    // What goes out.
    int64_t entries;      // length of its journal
    int64_t told;         // position that it told last
    int64_t head_size;    // of our log, as it told last; 0: none
    CryptoHash head_root; // where head_size > 0
    int64_t looked;       // leaves of our log that were looked at for it
    int64_t arrived;      // and arrivals of others' records, for relay
    CryptoHash accords;   // those in force with it when all was looked at
    bool relay;           // it takes relayed records from us
    // What comes in.
    int64_t taken;        // position in its journal for us
    int64_t ends;         // length of that journal, as it told last
    int64_t restore_from; // it wants its own leaves back from this size of its log on; 0: no
    int64_t returns_from; // we want back what it had of us behind this size of our log; 0: no
    // How it goes.
    JournalFault fault;
    int64_t fault_at;
    char words[JOURNAL_WORDS_BYTES_MAX];   // of the fault
    int64_t day, records, bytes, messages; // taken on that day (days since 1970)
    // What it may send in a day, by this node's administrator; 0: what limits.h says.
    int64_t quota_records, quota_bytes, quota_messages;
    int64_t quota_at; // when that was said last; 0: never
    char quota_by[DESK_USER_NAME_BYTES_MAX + 1];
    int64_t over_at; // when something was too much last; 0: never, or more was allowed since
    int64_t skew_us; // its clock minus ours, when it spoke last
    int refused;     // code of the REFUSE that it said last, 0: none since
    // A head that it is asked to prove: since when (0: none), and how many askings it passed over.
    int64_t prove_since, prove_silent;
} JournalPeer;

// E_NOT_FOUND.
Err journal_peer_find(Ctx *c, StoreDb *db, const CryptoHash *agency,
                      JournalPeer *ret_peer) MUST_USE;
// Makes it where it is not there.
Err journal_peer_add(Ctx *c, StoreDb *db, const CryptoHash *agency, JournalPeer *ret_peer) MUST_USE;
Err journal_peer_save(Ctx *c, StoreDb *db, const JournalPeer *peer) MUST_USE;
// returns_from of all peers; what callers hold of them is stale.
Err journal_returns_set(Ctx *c, StoreDb *db, int64_t from) MUST_USE;
// In the order in which they were made, in the request's arena.
Err journal_peer_list(Ctx *c, StoreDb *db, JournalPeer **ret_peers, size_t *ret_n) MUST_USE;

// --- entries ------------------------------------------------------------------------------------

#define JOURNAL_BITS_PLACES 4096
#define JOURNAL_BITS_BYTES (JOURNAL_BITS_PLACES / 8)
// Bits of the places around the last one that was asked for. Zero it; a change makes it stale.
typedef struct JournalBits {
    bool loaded;
    int64_t peer, number;
    uint8_t given[JOURNAL_BITS_BYTES], gone[JOURNAL_BITS_BYTES];
} JournalBits;
// *ret_given: it stands in the journal of the peer and may go; *ret_gone: it ever stood there, and
// so may have left.
Err journal_bits_get(Ctx *c, StoreDb *db, JournalBits *bits, int64_t peer, int64_t place,
                     bool *ret_given, bool *ret_gone) MUST_USE;

// Puts places at the end of the journal, in this order; peer->entries rises. The caller saves it.
Err journal_add(Ctx *c, StoreDb *db, JournalPeer *peer, const int64_t *places, size_t n) MUST_USE;

// These places came from the peer itself: they count as given, without an entry.
Err journal_came(Ctx *c, StoreDb *db, int64_t peer, const int64_t *places, size_t n) MUST_USE;

typedef struct JournalEntry {
    int64_t place;
    bool hole;
} JournalEntry;
// Up to max entries from position `from` on, in the request's arena.
Err journal_read(Ctx *c, StoreDb *db, const JournalPeer *peer, int64_t from, size_t max,
                 JournalEntry **ret_entries, size_t *ret_n) MUST_USE;
// These places (sorted, each once) may not go any more: what the peer has not told to have becomes
// a hole. They may be added again later.
Err journal_close(Ctx *c, StoreDb *db, const JournalPeer *peer, const int64_t *places,
                  size_t n) MUST_USE;

// The first entry of this place that is no hole, from position `from` on.
Err journal_find(Ctx *c, StoreDb *db, const JournalPeer *peer, int64_t from, int64_t place,
                 bool *ret_found) MUST_USE;

// A record in the journal of the peer names a document; those that stand there now and do.
Err journal_name_add(Ctx *c, StoreDb *db, int64_t peer, const CryptoHash *sha256,
                     int64_t place) MUST_USE;
Err journal_name_list(Ctx *c, StoreDb *db, int64_t peer, const CryptoHash *sha256,
                      int64_t **ret_places, size_t *ret_n) MUST_USE;

// --- witnesses ----------------------------------------------------------------------------------

typedef struct JournalSeen {
    int64_t size; // 0: it said nothing
    CryptoHash root;
    Str note;     // in the request's arena
    int64_t told; // the size that we told it of this origin
} JournalSeen;
// All zero where nothing is known.
Err journal_seen_get(Ctx *c, StoreDb *db, int64_t peer, const CryptoHash *origin,
                     JournalSeen *ret_seen) MUST_USE;
Err journal_seen_put(Ctx *c, StoreDb *db, int64_t peer, const CryptoHash *origin,
                     const JournalSeen *seen) MUST_USE;

typedef struct JournalOrigin {
    bool forked;
    int64_t failed;   // times that it could not prove
    int64_t ask_size; // head that it is asked to prove; 0: none
    CryptoHash ask_root;
    Str note; // of that head; in the request's arena
} JournalOrigin;
Err journal_origin_get(Ctx *c, StoreDb *db, const CryptoHash *agency,
                       JournalOrigin *ret_origin) MUST_USE;
Err journal_origin_put(Ctx *c, StoreDb *db, const CryptoHash *agency,
                       const JournalOrigin *origin) MUST_USE;
Err journal_origin_forked(Ctx *c, StoreDb *db, CryptoHash **ret_agencies, size_t *ret_n) MUST_USE;

typedef struct JournalCosign {
    CryptoHash witness;
    int64_t size, at;
    Str line;
} JournalCosign;
// The greater size stays.
Err journal_cosign_put(Ctx *c, StoreDb *db, const CryptoHash *origin,
                       const JournalCosign *cosign) MUST_USE;
Err journal_cosign_list(Ctx *c, StoreDb *db, const CryptoHash *origin, JournalCosign **ret_items,
                        size_t *ret_n) MUST_USE;

// --- documents on their way ---------------------------------------------------------------------

typedef struct JournalWant {
    CryptoHash sha256;
    int64_t have, total; // bytes; total 0: not known yet
} JournalWant;
// Wanted of one peer at a time; a second peer is not asked while the first is.
Err journal_want_add(Ctx *c, StoreDb *db, int64_t peer, const CryptoHash *sha256) MUST_USE;
// What is wanted of another is wanted of this peer from now on, where it stands: *ret_turned.
Err journal_want_turn(Ctx *c, StoreDb *db, int64_t peer, const CryptoHash *sha256,
                      bool *ret_turned) MUST_USE;
Err journal_want_list(Ctx *c, StoreDb *db, int64_t peer, size_t max, JournalWant **ret_items,
                      size_t *ret_n) MUST_USE;
// What a peer asked for of documents, in place of what it asked before; n may be 0. Read back in
// the request's arena, `total` 0.
Err journal_asked_put(Ctx *c, StoreDb *db, int64_t peer, const JournalWant *items,
                      size_t n) MUST_USE;
Err journal_asked_list(Ctx *c, StoreDb *db, int64_t peer, size_t max, JournalWant **ret_items,
                       size_t *ret_n) MUST_USE;
// A part that came: whether it is the next of what is wanted of this peer (then it counts as here),
// or the last (then nothing of it is wanted any more), or neither. The bytes are for the shelf.
// E_LIMIT where the document has more than bytes_max.
typedef struct JournalPart {
    CryptoHash sha256;
    int64_t at, bytes, total;
} JournalPart;
typedef enum JournalPartIs {
    JOURNAL_PART_OTHER,
    JOURNAL_PART_NEXT,
    JOURNAL_PART_LAST
} JournalPartIs;
Err journal_part_take(Ctx *c, StoreDb *db, int64_t peer, const JournalPart *part, int64_t bytes_max,
                      JournalPartIs *ret_is) MUST_USE;
// No more of it: the document is not to be had, or nobody names it now.
Err journal_want_drop(Ctx *c, StoreDb *db, const CryptoHash *sha256) MUST_USE;

#endif
