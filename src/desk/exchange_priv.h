// Inside of room desk: the machine's half of the exchange between agencies.
#ifndef MOEI_DESK_EXCHANGE_PRIV_H
#define MOEI_DESK_EXCHANGE_PRIV_H

#include "desk/desk_exchange.h"
#include "desk/desk_priv.h"
#include "journal/journal.h"
#include "sync/sync.h"

#define DESK_TELL_MAX 64
#define DESK_HEX_BYTES 65
#define DESK_PEER_NAME_BYTES 65
#define DESK_SILENT_WORDS                                                                          \
    "another agency saw a head of its log that ours does not lead to, and for a day it did not "   \
    "prove that both are of one history"
#define DESK_FORKED_WORDS "its log shows two histories: nothing more of it is taken"
typedef struct DeskHex {
    char text[DESK_HEX_BYTES];
} DeskHex;
DeskHex desk_hex(const CryptoHash *agency);
bool desk_unhex(Str text, CryptoHash *ret_agency);

// --- peers --------------------------------------------------------------------------------------

typedef struct DeskPeer {
    JournalPeer j; // as of the last commit
    DeskHex hex;
    char name[DESK_PEER_NAME_BYTES];          // as we call it
    char address[SYNC_ADDRESS_BYTES_MAX + 1]; // empty: it calls
    CryptoPublicKey key;                      // its link key
    bool has_key;
    bool revoked;       // by us: it is told, and nothing else
    bool confirmed;     // by us, and not revoked since
    bool relay;         // we take relayed records from it
    bool flagged;       // a flag of ours names it,
    int64_t flagged_at; // since then
    bool waits;         // a message would say more than HEAD and HAVE
    bool owes_cosign;   // it sent a head that we have not cosigned to it yet
    bool owes_seen;     // heads of others grew that it wants to know of
    int64_t seen_at;    // when it was told of them last
    bool owes_note;     // it was restored from an old copy: it is shown its own signature
    bool set_back;      // and it has not gone on since
    bool owes_ask;      // it has to prove something to us
    int64_t ask_at;     // when it was asked last,
    bool ask_open;      // and has not spoken since
    bool owes_want;     // we want documents of it
    bool owes_answer;   // it asked us to prove this
    SyncAsk asked;
    bool owes_recover; // it relayed what this agency has disowned: it has not heard of it
    CryptoHash recovered;
    SyncBlob wants[SYNC_WANTS_MAX]; // what it asked for of documents
    size_t asked_n;
    int64_t restore_at, restore_size; // when it was asked last for leaves of ours, from which on
    int64_t wanted_at;                // when we asked it last for documents
    bool lacks;                       // and there are some that have not come
    bool news;                        // of the message made last
    uint64_t selected;                // what was known when all was looked at: exchange_select.c
    int64_t due_at; // when the clock alone changes what may flow to it; 0: not looked yet
    int64_t saved;  // leaves looked at, as kept on disk
    DeskLinkState link;
} DeskPeer;

struct DeskExchange {
    pthread_mutex_t lock; // of peers, for who does not hold the lock of writing
    bool made;
    bool missed;       // rows of the journal changed that memory did not see
    atomic_bool stale; // peers, links or accords changed since they were read
    DeskPeer *peers;   // changed under both locks
    size_t count, cap;
    Arena words; // of the accords; under the lock of writing, like they
    SyncAccord *accords;
    size_t accord_count;
    CryptoSignKey link_key;
    CryptoPublicKey link_public;
    CryptoPublicKey newest_public; // that our log names: another where that one still waits
    int64_t ahead_size;            // a peer verified a head of ours that we do not have; 0: none
    bool restoring;                // and what is missing is to be fetched from peers
    int64_t restore_from;          // size of our log when that began
    int64_t good_size;             // of our own recovery statement; 0: there is none
    uint8_t statements[SYNC_RECOVERS_MAX][SYNC_RECOVER_BYTES]; // of our own, by time
    size_t statement_n;
    // Orders of ours, or what may be, of whose requests is to be told; and whether all were looked
    // at since the program began. Under `lock`.
    RecordId tell[DESK_TELL_MAX];
    size_t tell_count;
    bool told_all;
    bool any_retracts; // there is a retract record at all,
    bool any_let_gos;  // and a let_go
};

// Reads keys and peers; makes key and `link` record where there are none. Closing NULL is fine.
Err desk_exchange_open(Ctx *c, DeskNode *n) MUST_USE;
void desk_exchange_close(DeskNode *n);
// A record was added, or taken, that changes who may have what. No lock needed.
void desk_exchange_touch(DeskNode *n);
// A group of the exchange is in the ledger, and its fold failed: the rows of peers are read again.
void desk_exchange_missed(DeskNode *n, const DeskWriting *w, Err e);
// Reads peers and accords again where they changed. Under the lock of writing.
Err desk_exchange_refresh(Ctx *c, DeskNode *n, DeskSlot *s) MUST_USE;
// The same for who does not hold that lock.
Err desk_exchange_fresh(Ctx *c, DeskNode *n) MUST_USE;
// A copy. E_DENIED for no peer.
Err desk_exchange_peer(Ctx *c, DeskNode *n, const CryptoHash *agency, DeskPeer *ret_peer) MUST_USE;
// The same of one that we revoked. False: it was not.
bool desk_exchange_revoked(DeskNode *n, const CryptoHash *agency, DeskPeer *ret_peer);
// Puts a changed row back, after its commit. Under the lock of writing.
void desk_exchange_publish(DeskNode *n, const DeskPeer *p);
// In an open group, by who confirms a peer: takes its genesis in and keeps the card's link key.
// The `peer` record itself is added by the caller.
Err desk_exchange_meet(Ctx *c, DeskWriting *w, const SyncCard *card) MUST_USE;
// Lets a link that was stopped by a fault go on. E_STATE where it is not. Own transaction.
Err desk_exchange_resume(Ctx *c, DeskWriting *w, const CryptoHash *agency) MUST_USE;
// All peers as they stand now, for pages and the command line; in the request's arena.
Err desk_exchange_peers(Ctx *c, DeskNode *n, DeskPeer **ret_peers, size_t *ret_n) MUST_USE;
// The node writes nothing, because its log is shorter than what it gave out.
bool desk_exchange_silent(const DeskNode *n);
// E_STATE where our clock differs by more than SYNC_CLOCK_STOP_S from those of most peers that
// spoke lately: then no order is issued, because its times could not be trusted.
Err desk_clock_check(Ctx *c, DeskNode *n) MUST_USE;
// HEAD of a message of ours.
Err desk_sync_head(Ctx *c, DeskNode *n, const DeskPeer *p, const DeskSyncAsk *ask,
                   SyncHead *ret_head) MUST_USE;
// Writes the row of a peer that was changed, and publishes it. Own transaction.
Err desk_exchange_save(Ctx *c, DeskWriting *w, DeskPeer *p) MUST_USE;
// Counts a message of so many bytes against what the peer may send in a day. *ret_over: it brings
// more records or bytes than that, and counts as a message alone. E_LIMIT: one message too many.
Err desk_quota_take(Ctx *c, DeskPeer *p, const SyncMessage *m, size_t bytes, int64_t now,
                    bool *ret_over) MUST_USE;
// Whether something of it was refused today because it was too much.
bool desk_quota_over(const JournalPeer *j, int64_t now);
int64_t desk_quota_opens(int64_t now); // when what was too much is taken again
// The same, how much came today, and what may: an object of docs/api.md, Quota.
void desk_quota_put(JsonWriter *w, const JournalPeer *j, int64_t now);
// That the link with a peer is stopped, and why in words for the page: the caller saves the row.
void desk_exchange_fault(const DeskNode *n, JournalPeer *j, JournalFault fault, const char *words);
// The same, saved and published. Own transaction.
Err desk_exchange_stop(Ctx *c, DeskWriting *w, DeskPeer *p, JournalFault fault,
                       const char *words) MUST_USE;
// A link key of ours in local.db.
typedef enum DeskKeyState {
    DESK_KEY_NEW,     // in use, its `link` record has still to be written
    DESK_KEY_USED,    // in use
    DESK_KEY_ROLLED,  // the next one, its record has still to be written
    DESK_KEY_WAITING, // the next one: its record is in the log, and not with every peer yet
} DeskKeyState;
// The present key, and the record of one that has none; at open.
Err desk_link_key_open(Ctx *c, DeskNode *n) MUST_USE;
// Takes a waiting key into use, where every confirmed peer has told to have its record. At open
// only: links that stand keep their key.
Err desk_link_key_switch(Ctx *c, DeskNode *n) MUST_USE;
// The keys of the log and of links, and which peers know of the last change: an array of Key.
Err desk_keys_put(Ctx *c, DeskNode *n, JsonWriter *w) MUST_USE;
// What the link key on a card that an officer confirms does to the row of its agency: it counts
// where it is newer than all that its log says here. *ret_fresh: it counts from then on, or the
// agency speaks by it, and so the address on the card counts, too; else the card is an old one.
Err desk_card_key(Ctx *c, DeskNode *n, const SyncCard *card, JournalPeer *p,
                  bool *ret_fresh) MUST_USE;
// Whether its newest `link` record says its key, and not its card or a recovery statement.
bool desk_link_counts(const PictureLink *link, const JournalPeer *p);
// Link keys, the newest first, for opening bundles. Wipe them.
Err desk_link_keys(Ctx *c, DeskNode *n, CryptoSignKey **ret_keys, size_t *ret_n) MUST_USE;

// Reads the accords into node->exchange. Under the lock of writing.
Err desk_accords_read(Ctx *c, DeskNode *n, DeskSlot *s) MUST_USE;

// The peer mirrors our log: it gets all commitments. Under the lock of writing.
bool desk_mirrors(const DeskNode *n, const DeskPeer *p);
// Whether we are to get all commitments of the peer's log. Both: under the lock of writing.
bool desk_mirrored(const DeskNode *n, const DeskPeer *p);

// --- what may flow ------------------------------------------------------------------------------

// What a pass of selection knows. The reader sees all.
typedef struct DeskJudge {
    DeskNode *node;
    DeskSlot *slot;
    const DeskPeer *peer;
    int64_t now;
    // Marks read lately: most records carry one of a few.
    struct {
        Str text;
        RecordMark mark;
    } marks[4];
    size_t mark_next;
    JournalBits bits;
} DeskJudge;

typedef struct DeskVerdictOfFlow {
    SyncRule rule;
    RecordId by; // accord, share or grant
    bool has_by;
} DeskVerdictOfFlow;
// Whether the record may go to the peer now. Whether our own erase record names something that left
// is read from the journal, so the lock of writing is held.
Err desk_judge(Ctx *c, DeskJudge *j, const PictureScan *r, DeskVerdictOfFlow *ret_verdict) MUST_USE;

// The same by the place of a record, whose content may be gone: then it may not.
Err desk_judge_place(Ctx *c, DeskJudge *j, LedgerPlace place, bool *ret_may) MUST_USE;
// The same for n places of our log that follow one another; ret_may has room for n. What it reads
// is forgotten with it.
Err desk_judge_run(Ctx *c, DeskJudge *j, int64_t from_seq, size_t n, bool *ret_may) MUST_USE;

// The peer signs with this key: the newest that its log names, or the one under which it spoke
// last.
bool desk_peer_speaks(const DeskPeer *p, const CryptoPublicKey *key);
// The key whose fingerprint people compare: under which it speaks, until it has spoken under a
// newer one that its log names; at once where a card or its recovery key named it.
CryptoPublicKey desk_peer_key(const DeskPeer *p);

// Whether there may be anything to look at since the last pass. Cheap.
bool desk_select_due(const DeskNode *n, const DeskPeer *peer);
// Looks on for this peer and puts what may go into its journal, in one group, about a block of it.
// *ret_more: not everything was looked at. `peer` is as committed and published.
Err desk_select(Ctx *c, DeskWriting *w, DeskSlot *s, DeskPeer *peer, bool *ret_more) MUST_USE;

// A record of the machine for one agency, its mark's `to` naming us and it, in the open group.
Err desk_directed_add(Ctx *c, DeskWriting *w, RecordKind kind, Str to, Str body) MUST_USE;

// --- witnesses ----------------------------------------------------------------------------------

// Frames of witnesses for a message, and what came in one, in the open group.
Err desk_witness_put(Ctx *c, DeskNode *n, DeskSlot *s, DeskPeer *p, SyncWriter *w) MUST_USE;
// held: which TREEs of the message were taken, and lead on from our head or to it; bit i is tree i.
Err desk_witness_take(Ctx *c, DeskWriting *w, DeskSlot *s, DeskPeer *p, const SyncMessage *m,
                      uint32_t held) MUST_USE;
// The head of this log that we hold moved: those who share an accord with it are told.
void desk_witness_grew(DeskNode *n, const CryptoHash *origin);
// The log of this agency shows two histories: a `fork` record in the open group, and nothing more
// of it is taken from anybody.
Err desk_witness_fork(Ctx *c, DeskWriting *w, const CryptoHash *agency, const Str *notes, size_t n,
                      const char *why) MUST_USE;
// A `fork` record of somebody else: where its notes prove it, it counts for us too.
Err desk_witness_evidence(Ctx *c, DeskWriting *w, DeskSlot *s, const Record *r) MUST_USE;
// A peer shows us a head that we signed and do not have: we were restored from an old copy.
Err desk_witness_ahead(Ctx *c, DeskNode *n, DeskSlot *s, const SyncMessage *m) MUST_USE;

// --- restored, lost, compromised ----------------------------------------------------------------

// Our own statements, and whether we are being restored; at open.
Err desk_recover_load(Ctx *c, DeskNode *n) MUST_USE;
// RECOVER for a peer that has not verified a head behind the good size.
void desk_recover_put(const DeskNode *n, const DeskPeer *p, SyncWriter *w);
// Statements in a message: what holds is taken before the rest of it is looked at, in transactions
// of its own. `p` is as it stands after.
Err desk_recover_take(Ctx *c, DeskNode *n, DeskPeer *p, const SyncMessage *m) MUST_USE;
// What recovery statements say of a log of another agency.
typedef struct DeskBounds {
    bool anew;        // there are any
    int64_t good;     // the log was ended, and is the agency's up to here; INT64_MAX: it goes on
    int64_t good_min; // of all statements; INT64_MAX: none
} DeskBounds;
Err desk_recover_bounds(Ctx *c, DeskSlot *s, const CryptoHash *agency, uint32_t log,
                        DeskBounds *ret_bounds) MUST_USE;
// RECOVER of another agency whose log began anew, beside what only a head behind the good size
// proves: who gets this may not know it yet.
Err desk_recover_put_of(Ctx *c, DeskSlot *s, const CryptoHash *agency, SyncWriter *w) MUST_USE;
// Lets go of what is disowned and was not yet when the program ended; at open.
Err desk_recover_resume(Ctx *c, DeskNode *n) MUST_USE;
// Where our log ends, for a message of a node that was set back and is to be restored.
Err desk_restore_ask(Ctx *c, DeskNode *n, DeskSlot *s, DeskPeer *p, SyncWriter *w) MUST_USE;
// Its own leaves for a peer that asked for them; *ret_gave false where there are none, or we are no
// mirror. In a run of messages the next goes on where this one ends.
Err desk_restore_give(Ctx *c, DeskSlot *s, DeskPeer *p, SyncWriter *w, size_t bytes_max,
                      bool *ret_gave) MUST_USE;
// Whether a message brings leaves of our own: then its openings are no journal.
bool desk_restore_is(const DeskNode *n, const SyncMessage *m, size_t *ret_tree);
// Takes them, where we are being restored; *ret_fresh: how many came back.
Err desk_restore_take(Ctx *c, DeskNode *n, const SyncMessage *m, uint64_t *ret_fresh) MUST_USE;

// --- given back ---------------------------------------------------------------------------------

// The log is whole again behind this size, and every peer is asked for what it had from us behind
// it. The caller holds the lock of writing, no group is open.
Err desk_return_begin(Ctx *c, DeskNode *n, int64_t from) MUST_USE;
// Whether it is time to ask, or to ask again: where no answer came for a minute.
bool desk_return_due(const DeskNode *n, const DeskPeer *p);
// The question, for a message.
Err desk_return_ask(Ctx *c, DeskNode *n, DeskSlot *s, DeskPeer *p, SyncWriter *w) MUST_USE;
// The answer, in the open group: opens the leaves that it fits. E_CRYPTO: it fits none.
Err desk_return_take(Ctx *c, DeskWriting *w, DeskPeer *p, const SyncMessage *m, size_t tree,
                     uint64_t *ret_fresh) MUST_USE;
// What we have from the peer behind a size of its log. It goes on in the next message until there
// is no more: p->j.restore_from.
typedef struct DeskReturn {
    SyncWriter *w;
    size_t bytes_max;
    int64_t from;
    bool gave;
} DeskReturn;
Err desk_return_give(Ctx *c, DeskSlot *s, DeskPeer *p, uint32_t log, DeskReturn *r) MUST_USE;

// --- requests that we adopted -------------------------------------------------------------------

// Something was said about this order. No lock of writing needed.
void desk_tell_note(DeskNode *n, RecordId order);
// Tells who asked what became of the orders that adopt their requests, where that is news. Under
// the lock of writing, outside a group.
Err desk_tell_all(Ctx *c, DeskWriting *w) MUST_USE;

// --- documents ----------------------------------------------------------------------------------

// Frames of documents for a message; what came in one, in the open group.
// `run`: no answer comes between this message and the next.
Err desk_blob_put(Ctx *c, DeskJudge *j, DeskPeer *p, SyncWriter *w, size_t bytes_max,
                  bool run) MUST_USE;
Err desk_blob_take(Ctx *c, DeskWriting *w, DeskPeer *p, const SyncMessage *m) MUST_USE;
// What it asked for, kept in an open group, and read back.
Err desk_blob_asked_save(Ctx *c, DeskNode *n, const DeskPeer *p) MUST_USE;
Err desk_blob_asked_load(Ctx *c, DeskNode *n, DeskPeer *p) MUST_USE;
// Whether a record names a document: then it is wanted of who sent it, or may be asked for by whom
// it was disclosed to.
Err desk_blob_named(Ctx *c, const Record *r, CryptoHash *ret_sha256, bool *ret_names) MUST_USE;
// It is not wanted any more: what has come of it goes.
Err desk_blob_drop(Ctx *c, StoreDb *db, const CryptoHash *sha256) MUST_USE;

#endif
