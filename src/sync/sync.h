// sync: what agencies say to each other, as bytes and as rules: docs/protocol-sync.md and
// docs/format-bundle.md. Cards, messages, cosignatures, recovery statements, bundles, and the one
// function that says what may flow.
//
// Pure: no socket, no clock, no database, no randomness of its own. Owns nothing but the memory of
// an open writer or bundle. Invariants: what sync_read returns was signed by the link key that its
// HEAD names, is well-formed and within the limits; whether that key is the peer's, and whether
// proofs, records and rules hold, is for the caller (ledger, record, desk) to check. Threads:
// everything is safe on different objects.
#ifndef MOEI_SYNC_H
#define MOEI_SYNC_H

#include "crypto/crypto.h"
#include "record/record.h"

// --- cards --------------------------------------------------------------------------------------

typedef struct SyncCard {
    CryptoHash agency; // leaf hash of the genesis
    Str genesis;       // its envelope
    uint8_t salt[RECORD_SALT_BYTES];
    CryptoPublicKey link_key;
    Str address; // https://host:port, or empty: it calls and is not called
    // The log key that signed the card: of the genesis (from_size 0), or a later one, which holds
    // from that size on. A later one proves nothing until a `key` record of the agency names it.
    CryptoPublicKey signed_by;
    int64_t from_size;
    // What the genesis says; filled by sync_card_read, not looked at by sync_card_write.
    Str name, title, country, agency_kind, timezone;
    CryptoPublicKey log_key, recovery_key; // first log key; recovery key
} SyncCard;

// Appends the text "MOEI1-…", signed by `log_key`; agency and signed_by of the card need not be
// set. E_INVALID for an address that is none, E_LIMIT, E_MEMORY.
Err sync_card_write(Ctx *c, const SyncCard *card, const CryptoSignKey *log_key,
                    Buf *out_text) MUST_USE;
// The card begins with MOEI1- wherever that stands in the text, and ends at an empty line; blanks
// and line ends in it are skipped. Texts are in the request's arena. E_INVALID with words that say
// what is wrong, E_CRYPTO when the signature does not hold, E_LIMIT.
Err sync_card_read(Ctx *c, JsonReader *reader, Str text, SyncCard *ret_card) MUST_USE;

#define SYNC_FINGERPRINT_TEXT_BYTES 25
// "1a2b 3c4d 5e6f 7081 92a3": what people compare by telephone. NUL-terminated. It covers the link
// key: who has another one, and be it with the log key of the agency, shows another fingerprint.
void sync_fingerprint(const CryptoHash *agency, const CryptoPublicKey *link_key,
                      char ret_text[SYNC_FINGERPRINT_TEXT_BYTES]);

// --- messages: values ---------------------------------------------------------------------------

typedef struct SyncHead {
    CryptoHash from, to;
    CryptoPublicKey link_key; // of the sender
    int64_t now_us;
    bool relay;            // the sender takes relayed records
    bool wants_answer;     // of at most answer_bytes plain bytes
    uint32_t answer_bytes; // 0: none
} SyncHead;

typedef struct SyncHave {
    int64_t position; // entries of the receiver's journal that the sender took
    int64_t size;     // head of the receiver's log that the sender verified; 0: none
    CryptoHash root;
} SyncHave;

typedef struct SyncTree {
    CryptoHash origin; // whose log `main`
    int64_t old_size;  // head from which the proof leads
    Str note;          // checkpoint to which it leads
    const CryptoHash *proof;
    size_t proof_count;
    // Filled by sync_read: the openings of this tree as indices into SyncMessage.openings, sorted
    // by leaf, each leaf once; and its LEAVES, if any.
    const uint32_t *openings;
    size_t opening_count;
    int64_t leaf_first;
    const CryptoHash *leaves; // commitments from leaf_first on
    size_t leaf_count;
} SyncTree;

typedef struct SyncOpening {
    uint32_t tree; // index of its TREE among the TREE frames of the message
    int64_t leaf;
    uint8_t salt[RECORD_SALT_BYTES]; // zero in a hole
    Str envelope;                    // empty: a hole, a place in the journal that may not be sent
} SyncOpening;                       // any more; it counts as a position and is of no tree

typedef struct SyncSeen { // SEEN: note; COSIGN: size and line
    CryptoHash origin;
    int64_t size;
    Str text;
} SyncSeen;

typedef struct SyncAsk {
    int64_t size;
    CryptoHash root;
} SyncAsk;

typedef struct SyncProve {
    SyncAsk of; // the head that was asked about
    Str note;   // empty where it cannot
    const CryptoHash *proof;
    size_t proof_count;
    bool cannot;
} SyncProve;

typedef struct SyncBlob { // WANT has neither total nor bytes
    CryptoHash sha256;
    int64_t offset, total;
    Str bytes;
} SyncBlob;

typedef enum SyncRefusal {
    SYNC_REFUSED_NOT_CONFIRMED = 1,
    SYNC_REFUSED_QUOTA = 2,
    SYNC_REFUSED_TWO_HISTORIES = 3,
    SYNC_REFUSED_MALFORMED = 4,
    SYNC_REFUSED_BUSY = 5,
    SYNC_REFUSED_CLOCK = 6
} SyncRefusal;

// A message that was read. Everything points into the request's arena.
typedef struct SyncMessage {
    SyncHead head;
    size_t plain_bytes;
    bool has_have, has_journal;
    SyncHave have;
    int64_t journal_start, journal_end;
    int refused; // code of REFUSE, which may be one that we do not know; 0: none
    Str refused_words;
    const SyncTree *trees;
    size_t tree_count;
    const SyncOpening *openings; // in journal order from journal_start
    size_t opening_count;
    const SyncSeen *cosigns;
    size_t cosign_count;
    const SyncSeen *seen;
    size_t seen_count;
    const SyncAsk *asks;
    size_t ask_count;
    const SyncProve *proves;
    size_t prove_count;
    const SyncBlob *wants;
    size_t want_count;
    const SyncBlob *blobs;
    size_t blob_count;
    const Str *recovers; // statements, for sync_recover_read
    size_t recover_count;
} SyncMessage;

// --- messages: write ----------------------------------------------------------------------------

// Appends frames as they are put; nothing is kept aside. OPENING and LEAVES name the number of
// their TREE in the order in which TREEs are put, and may be put before it, because its proof is
// known only when all leaves are chosen. Errors are sticky and come out of sync_write_end.
typedef struct SyncWriter {
    Buf plain;
    size_t frames, trees, openings, leaves, wants, blobs, heads; // put so far
    uint32_t tree_named_max;                                     // by an OPENING or LEAVES; from 1
    bool over;                                                   // more than a limit allows
} SyncWriter;

Err sync_write_begin(Ctx *c, SyncWriter *w, const SyncHead *head) MUST_USE;
void sync_put_have(SyncWriter *w, const SyncHave *have);
void sync_put_journal(SyncWriter *w, int64_t start, int64_t end);
void sync_put_tree(SyncWriter *w, const SyncTree *tree); // origin, old_size, note, proof
void sync_put_opening(SyncWriter *w, const SyncOpening *opening);
void sync_put_leaves(SyncWriter *w, uint32_t tree, int64_t first, const CryptoHash *commitments,
                     size_t n);
void sync_put_cosign(SyncWriter *w, const CryptoHash *origin, int64_t size, Str line);
void sync_put_seen(SyncWriter *w, const CryptoHash *origin, Str note);
void sync_put_ask(SyncWriter *w, const SyncAsk *ask);
void sync_put_prove(SyncWriter *w, const SyncProve *prove);
void sync_put_want(SyncWriter *w, const CryptoHash *sha256, int64_t offset);
void sync_put_blob(SyncWriter *w, const SyncBlob *blob);
void sync_put_recover(SyncWriter *w, Str statement);
void sync_put_refuse(SyncWriter *w, SyncRefusal code, Str words);
// Plain bytes of the message as it would end now, SIGN with it.
size_t sync_write_bytes(const SyncWriter *w);
// What putting one would add.
size_t sync_opening_bytes(Str envelope);
size_t sync_tree_bytes(size_t note_bytes, size_t proof_count);
// Signs, packs and appends the message to `out`; the writer is empty then. E_LIMIT when more was
// put than a message may have, E_INVALID when an opening names a TREE that was not put, E_MEMORY.
Err sync_write_end(Ctx *c, SyncWriter *w, const CryptoSignKey *link_key, Buf *out) MUST_USE;
void SyncWriter_cleanup(SyncWriter *w);

// --- messages: read -----------------------------------------------------------------------------

// Unpacks within SYNC_MESSAGE_BYTES_MAX, checks the form of every frame and the signature by the
// key that HEAD names. Unknown frames are skipped. E_INVALID and E_LIMIT naming what is wrong,
// E_CRYPTO for the signature, E_UNSUPPORTED for another version, E_MEMORY. *ret_signed_by is set on
// failure, too: the key of HEAD where the signature holds, so that what is wrong is the fault of
// that key's owner; else all zero, and anybody may have sent it.
Err sync_read(Ctx *c, Str message, CryptoPublicKey *ret_signed_by,
              SyncMessage *ret_message) MUST_USE;
// HEAD alone, for finding out who speaks. Nothing is proven by it.
Err sync_peek(Ctx *c, Str message, SyncHead *ret_head) MUST_USE;
// The longest that the packed bytes of a message may be.
#define SYNC_PACKED_BYTES_MAX (SYNC_MESSAGE_BYTES_MAX + SYNC_MESSAGE_BYTES_MAX / 128 + 1024)

// --- what may flow (docs/protocol-sync.md, 3) ---------------------------------------------------

typedef enum SyncClass {
    SYNC_IDENTITY, // goes to every peer
    SYNC_DIRECTED, // of the exchange: goes where its own mark's `to` says
    SYNC_OBJECT,   // goes with its root, by accord or share; kinds that we do not know, too
    SYNC_NEVER
} SyncClass;
SyncClass sync_class(RecordKind kind);

// All agencies are 64 hex digits.
typedef struct SyncMember {
    Str agency;
    bool signed_here; // its signature is here
    bool left;        // and its last word was that it leaves
    bool mirror;
} SyncMember;

typedef struct SyncAccord {
    RecordId id;
    const SyncMember *members;
    size_t member_count;
    const Str *kinds; // names of kinds, or "*": all but `victim` and `grievance`
    size_t kind_count;
    const Str *purposes;
    size_t purpose_count;
    int64_t begins_us;
    bool has_end;
    int64_t ends_us;
} SyncAccord;
// In force between two members: all have signed, neither left, begun and not ended.
bool sync_accord_holds(const SyncAccord *a, Str one, Str other, int64_t now_us);
// `peer` mirrors our log by this accord, which is in force.
bool sync_accord_mirrors(const SyncAccord *a, Str us, Str peer, int64_t now_us);

// A share of ours for the peer and the object in question.
typedef struct SyncShare {
    bool retracted; // by a later retract of ours that names the object and the peer
    bool has_until;
    int64_t until_us;
    RecordHandling handling;
    bool accept;          // the handling must be accepted first,
    bool accepted;        // and the peer's `share_act` is here that accepts
    RecordHandling taken; // this one
    int64_t at_us;        // when it was written
} SyncShare;
bool sync_share_open(const SyncShare *s, int64_t now_us);

// One record, one peer, now. Everything is a value: who asks has looked it up.
typedef struct SyncQuestion {
    int64_t now_us;
    Str us, peer;        // agencies
    bool peer_confirmed; // confirmed by us and not revoked since
    bool peer_relay;     // it asks for relayed records (relay only)
    bool peer_flagged;   // a flag of ours names it,
    int64_t flagged_us;  // since then
    // The record.
    Str author;    // whose log holds it
    bool main_log; // it lies in `main`
    RecordKind kind;
    const RecordMark *mark; // its own
    // Its object: the root, which may be the record itself.
    Str root_author;
    RecordKind root_kind;
    Str root_kind_name;
    const RecordMark *object_mark; // of the root; where it came by a share, the share's
    bool root_draft;               // the root is an order that was not issued
    bool half_signed; // an act about an order that asks for two officers, and one has signed
    // What stands between us and the peer.
    const SyncAccord *accords; // in force or not: it is looked at here
    size_t accord_count;
    const SyncShare *shares; // flow only: ours for this object and this peer
    size_t share_count;
    bool retracted; // the author took the object back from this peer, and shared it not since
    bool erased_disclosed; // kind erase: it names a record that was disclosed, or relayed, to the
                           // peer
    bool other_flows; // relay of identity records: anything else of the author flows to the peer
    bool granted;     // relay: the author granted us a pass_on for this object and peer
    bool grant_has_until;
    int64_t grant_until_us;
} SyncQuestion;

typedef enum SyncRule {
    SYNC_STAYS, // by no rule
    SYNC_FLOWS_IDENTITY,
    SYNC_FLOWS_DIRECTED,
    SYNC_FLOWS_ACCORD,
    SYNC_FLOWS_SHARE,
    SYNC_FLOWS_ANSWER,
    SYNC_FLOWS_ERASURE,
    SYNC_RELAYS_IDENTITY,
    SYNC_RELAYS_DIRECTED,
    SYNC_RELAYS_ACCORD,
    SYNC_RELAYS_GRANT,
    SYNC_RELAYS_ERASURE
} SyncRule;
#define SYNC_RULES ((size_t)SYNC_RELAYS_ERASURE + 1)

typedef struct SyncAnswer {
    SyncRule rule;
    size_t by; // FLOWS_ACCORD, RELAYS_ACCORD: index of the accord; FLOWS_SHARE: of the share
} SyncAnswer;
// A record of our own log, to the peer. The first rule of the page that holds.
SyncAnswer sync_may_flow(const SyncQuestion *q);
// A record of another agency's log, to the peer.
SyncAnswer sync_may_relay(const SyncQuestion *q);
const char *sync_rule_name(SyncRule rule); // "accord", "stays"; static storage

// --- cosignatures (C2SP tlog-cosignature, cosignature/v1) ---------------------------------------

// Appends the signature line, with its line end. `name` without blanks or '+', such as
// "moei/<agency id>". E_INVALID when the note is no signed note or the time is before 1970.
Err sync_cosign_make(Ctx *c, Str name, Str note, int64_t at_us, const CryptoSignKey *link_key,
                     Buf *out_line) MUST_USE;
// E_INVALID for the form, E_CRYPTO for another name, key or checkpoint. *ret_at_us: whole seconds.
Err sync_cosign_check(Ctx *c, Str name, Str note, Str line, const CryptoPublicKey *link_key,
                      int64_t *ret_at_us) MUST_USE;

// --- recovery statements ------------------------------------------------------------------------

typedef enum SyncRecoverReason { SYNC_LOST = 1, SYNC_COMPROMISED = 2 } SyncRecoverReason;
typedef struct SyncRecovery {
    CryptoHash agency;
    int64_t good_size; // up to here the log is the agency's
    CryptoHash root;   // of that size
    CryptoPublicKey next_log_key, next_link_key;
    int64_t at_us;
    SyncRecoverReason reason;
} SyncRecovery;
#define SYNC_RECOVER_BYTES 224
void sync_recover_make(const SyncRecovery *recovery, const CryptoSignKey *recovery_key,
                       uint8_t ret_statement[SYNC_RECOVER_BYTES]);
// The form alone: for finding the agency whose recovery key it is. E_INVALID.
Err sync_recover_parse(Ctx *c, Str statement, SyncRecovery *ret_recovery) MUST_USE;
// Form and signature. E_INVALID, E_CRYPTO.
Err sync_recover_read(Ctx *c, Str statement, const CryptoPublicKey *recovery_key,
                      SyncRecovery *ret_recovery) MUST_USE;

// --- bundles (docs/format-bundle.md) ------------------------------------------------------------

// Memory is constant: one chunk, and one message when reading.
typedef struct SyncBundleWriter {
    void *state; // owned
    File *file;  // borrowed
} SyncBundleWriter;
// `recipient`: its link key. Errors of file_write; E_CRYPTO for a key to which nothing can be
// sealed.
Err sync_bundle_create(Ctx *c, File *out, const CryptoPublicKey *recipient, CryptoRandom random,
                       SyncBundleWriter *ret_writer) MUST_USE;
Err sync_bundle_write(Ctx *c, SyncBundleWriter *w, Str message) MUST_USE;
// Writes the last chunk; without it the bundle is told to be cut. Does not sync or close the file.
Err sync_bundle_finish(Ctx *c, SyncBundleWriter *w) MUST_USE;
void SyncBundleWriter_cleanup(SyncBundleWriter *w);

typedef struct SyncBundleReader {
    void *state; // owned
    File *file;  // borrowed
} SyncBundleReader;
// Tries each of our link keys, the present one first. E_DENIED: the bundle is for somebody else;
// E_INVALID: no bundle.
Err sync_bundle_open(Ctx *c, File *in, const CryptoSignKey *link_keys, size_t n,
                     SyncBundleReader *ret_reader) MUST_USE;
// The next message, as for sync_read; it lives until the next call. Empty (n is 0) after the last.
// E_CORRUPT when the file is cut, E_CRYPTO when it was changed: what came before counts.
Err sync_bundle_read(Ctx *c, SyncBundleReader *r, Str *ret_message) MUST_USE;
void SyncBundleReader_cleanup(SyncBundleReader *r);

#endif
