// Part of the door of picture (included by picture.h): what agencies say to one another, who holds
// what, and what the machine needs to decide what flows (docs/protocol-sync.md, docs/picture.md).
// Same rules as there: rows pass may(mark_id); answers lie in the request's arena; E_NOT_FOUND is
// the same for hidden and absent. The machine reads with PictureSight.all. Agencies are hex ids.
// Lists that take no page hold at most PICTURE_CHILDREN_MAX items (else E_LIMIT).
#ifndef MOEI_PICTURE_EXCHANGE_H
#define MOEI_PICTURE_EXCHANGE_H

// --- links, peers, flags ------------------------------------------------------------------------

// The link record in force: the last of the agency's own genesis.
typedef struct PictureLink {
    PictureKey key; // sort: at
    RecordId id;
    Str agency, address; // address "" where it calls
    uint8_t link_key[32];
    int64_t at;
    uint64_t seq; // leaf of the record in its log main
} PictureLink;
Err picture_link_list(Ctx *c, PictureReader *r, const PictureLink **ret_items,
                      size_t *ret_n) MUST_USE; // by agency
Err picture_link_get(Ctx *c, PictureReader *r, Str agency, PictureLink *ret_link) MUST_USE;

// The last of our own peer records for an agency.
typedef struct PicturePeer {
    PictureKey key; // sort: at
    RecordId id;
    Str agency, name, state; // state "confirmed" or "revoked"
    Str address, reason;     // "" where not told
    bool relay;
    int64_t at, since;       // since: of the first record that confirmed it
    const Str *institutions; // "TH/004": for whom it answers
    size_t institution_count;
} PicturePeer;
Err picture_peer_list(Ctx *c, PictureReader *r, const PicturePeer **ret_items,
                      size_t *ret_n) MUST_USE; // by name, then agency
Err picture_peer_get(Ctx *c, PictureReader *r, Str agency, PicturePeer *ret_peer) MUST_USE;

// Our own flags: the last of each party.
typedef struct PictureFlag {
    PictureKey key; // sort: at
    RecordId id;
    Str party, country, source, reason; // country, reason "" where not told
    bool active;
    int64_t at;
} PictureFlag;
Err picture_flag_list(Ctx *c, PictureReader *r, const PictureFlag **ret_items,
                      size_t *ret_n) MUST_USE; // by party

// --- accords ------------------------------------------------------------------------------------

typedef struct PictureMember {
    Str agency, law; // law "" where not told
    bool mirror;
    bool has_signed, has_left; // has_left: the last word of the member is that it leaves
    int64_t signed_at;         // of its first signature,
    int64_t left_at;           // and of the word by which it left
    RecordId signed_by;        // the accord_sign record
} PictureMember;

typedef struct PictureAccord {
    PictureKey key; // sort: at
    RecordId id;
    Str agency, name, title; // agency: who wrote it
    const PictureMember *members;
    size_t member_count;
    const Str *kinds, *purposes; // a kind "*": all that a `*` covers
    size_t kind_count, purpose_count;
    Str tlp, pap, handling; // the default marking
    int64_t days;           // until its end; 0: without
    bool has_ends_at;
    int64_t at, begins_at, ends_at;
    bool all_signed; // each member signed (and may have left since)
    Str mark;
} PictureAccord;
// Newest first, all that are to be seen, at most ACCORDS_MAX.
Err picture_accord_list(Ctx *c, PictureReader *r, const PictureAccord **ret_items,
                        size_t *ret_n) MUST_USE;
Err picture_accord_get(Ctx *c, PictureReader *r, RecordId id, PictureAccord *ret_accord) MUST_USE;

// --- shares -------------------------------------------------------------------------------------

typedef struct PictureShare {
    PictureKey key;      // sort: at
    RecordId id, record; // record: the root that is shared
    Str agency, to;      // author, recipient (the first of the mark's `to` that is not the author)
    Str kind, title, contact, mark; // title, contact "" where not told; mark: the granted one
    bool accept;                    // the handling must be accepted first
    bool has_answers, has_due, has_until, has_officer;
    RecordId answers, officer;
    int64_t at, due_at, until;
    uint64_t seq;
    // What the recipient said last: "" (nothing yet), "receive", "accept", "refuse".
    Str act, handling, code;
    RecordId act_id;
    int64_t act_at;
    bool is_retracted; // by a later retract of the author that names object and recipient
    RecordId retract;
    int64_t retracted_at;
    bool is_last; // the author made no later share of this object to this recipient
} PictureShare;
typedef enum PictureBox { PICTURE_ANY, PICTURE_IN, PICTURE_OUT } PictureBox; // to us, by us
Err picture_share_list(Ctx *c, PictureReader *r, PictureBox box, PicturePage page,
                       const PictureShare **ret_items, size_t *ret_n, bool *ret_more) MUST_USE;
Err picture_share_get(Ctx *c, PictureReader *r, RecordId id, PictureShare *ret_share) MUST_USE;
// Of one object, oldest first.
Err picture_share_of(Ctx *c, PictureReader *r, RecordId record, const PictureShare **ret_items,
                     size_t *ret_n) MUST_USE;
// What was said to a share, oldest first; the last of the recipient counts.
typedef struct PictureShareAct {
    PictureKey key;
    RecordId id;
    Str agency, act, handling, code;
    bool has_officer;
    RecordId officer;
    int64_t at;
} PictureShareAct;
Err picture_share_acts(Ctx *c, PictureReader *r, RecordId share, const PictureShareAct **ret_items,
                       size_t *ret_n) MUST_USE;

// --- taking back --------------------------------------------------------------------------------

typedef struct PictureTarget {
    Str agency;
    bool has_let_go; // acknowledged: a let_go of that agency names the retract
    RecordId let_go;
    int64_t let_go_at;
} PictureTarget;
typedef struct PictureRetract {
    PictureKey key; // sort: at
    RecordId id, record;
    Str agency; // who takes back
    int64_t at;
    const PictureTarget *from;
    size_t from_count;
    bool waits; // one of them has not acknowledged
} PictureRetract;
Err picture_retract_list(Ctx *c, PictureReader *r, PictureBox box, PicturePage page,
                         const PictureRetract **ret_items, size_t *ret_n, bool *ret_more) MUST_USE;
Err picture_retract_get(Ctx *c, PictureReader *r, RecordId id,
                        PictureRetract *ret_retract) MUST_USE;
Err picture_retract_of(Ctx *c, PictureReader *r, RecordId record, const PictureRetract **ret_items,
                       size_t *ret_n) MUST_USE; // oldest first

// Our own erase records that name what other agencies were given, newest first.
typedef struct PictureErasure {
    PictureKey key;            // sort: at
    RecordId id, record, root; // record: the erased one; root: of its object
    uint64_t leaf;             // of the erased record
    int64_t at;
} PictureErasure;
Err picture_erasure_list(Ctx *c, PictureReader *r, PicturePage page,
                         const PictureErasure **ret_items, size_t *ret_n, bool *ret_more) MUST_USE;
// To whom the erased record was given, by us or passed on, and who has let go of it; by agency.
Err picture_erasure_targets(Ctx *c, PictureReader *r, const PictureErasure *erasure, Str own,
                            const PictureTarget **ret_items, size_t *ret_n) MUST_USE;

// let_go records that speak of an object (or of the record that was erased), oldest first.
typedef struct PictureLetGo {
    PictureKey key;
    RecordId id, record;
    Str agency, whose, because; // who let go; whose log
    bool has_by;
    RecordId by;
    int64_t at, leaves; // how many
} PictureLetGo;
Err picture_let_go_of(Ctx *c, PictureReader *r, RecordId record, const PictureLetGo **ret_items,
                      size_t *ret_n) MUST_USE;

// What we owe: retracts of other agencies that name us and erase records of other agencies that no
// let_go of ours names as `by`. Nothing owed costs one look-up.
typedef struct PictureOwed {
    PictureKey key;  // sort: at of the record that asks
    RecordId by;     // the retract or erase record
    Str agency;      // who asks, and whose log it is
    Str because;     // "retract", "erase"
    RecordId record; // of a retract the root, of an erase the erased record
    RecordId root;   // of an erase the root of what was erased, else as `record`
    uint64_t leaf;   // of an erase: the erased leaf of the author's log main
} PictureOwed;
Err picture_owed_list(Ctx *c, PictureReader *r, size_t max, const PictureOwed **ret_items,
                      size_t *ret_n) MUST_USE; // oldest first

// Roots by other agencies whose effective mark ends at or before upto_us (records of the exchange,
// of who is who and erase records left out), soonest first. upto_us INT64_MAX with max 1: the next
// one to end.
typedef struct PictureEnded {
    PictureKey key; // sort: until
    RecordId root;
    Str agency;
    int64_t until;
} PictureEnded;
Err picture_ended(Ctx *c, PictureReader *r, int64_t upto_us, size_t max,
                  const PictureEnded **ret_items, size_t *ret_n) MUST_USE;

// --- who holds it -------------------------------------------------------------------------------

// An agency that received records of the object, by our `disclosed` and anybody's `passed`.
typedef struct PictureHolder {
    Str agency;
    int64_t since; // when it was first disclosed or passed
    Str how;       // "share", "accord", "answer" (it is its own object), "passed"
    bool has_by;   // the share, or the passed record
    RecordId by;
    Str passed_by; // who passed it on, "" unless passed
    bool has_retracted, has_let_go;
    RecordId retract;                // the last that names it, unless it was shared again since
    int64_t retracted_at, let_go_at; // let_go_at: of its first let_go, for good
} PictureHolder;
// By agency. E_NOT_FOUND when the object is hidden or absent, also after it was erased.
Err picture_holders(Ctx *c, PictureReader *r, RecordId root, const PictureHolder **ret_items,
                    size_t *ret_n) MUST_USE;
// Whether a leaf of the log main of `agency` was disclosed by us to `to`.
Err picture_disclosed_has(Ctx *c, PictureReader *r, Str to, Str agency, uint64_t leaf,
                          bool *ret_has) MUST_USE;
// Our own disclosed records to an agency, in order of the journal, from journal position `from` on;
// for a journal that was lost. Ranges: agency, first leaf, last leaf.
typedef struct PictureRange {
    Str agency;
    int64_t first, last;
} PictureRange;
typedef struct PictureDisclosed {
    PictureKey key; // sort: from
    RecordId id;
    int64_t from, at;
    uint64_t seq;
    const PictureRange *ranges;
    size_t range_count;
} PictureDisclosed;
Err picture_disclosed_list(Ctx *c, PictureReader *r, Str to, int64_t from, size_t max,
                           const PictureDisclosed **ret_items, size_t *ret_n) MUST_USE;
// passed records about an object, oldest first.
typedef struct PicturePassed {
    PictureKey key;
    RecordId id, record, by; // by: the accord or notice
    Str agency, whose, to;   // who passed it on, whose it is, to whom
    int64_t at;
} PicturePassed;
Err picture_passed_of(Ctx *c, PictureReader *r, RecordId record, const PicturePassed **ret_items,
                      size_t *ret_n) MUST_USE;

// --- notices ------------------------------------------------------------------------------------

typedef struct PictureNotice {
    PictureKey key; // sort: at
    RecordId id;
    Str agency, act, title, handling, contact;
    const Str *to; // the mark's, without the author
    const RecordId *records;
    size_t to_count, record_count;
    Str recipient; // of pass_on, else ""
    bool has_officer;
    RecordId officer;
    int64_t at, due_at;
    Str answer; // the last act that counts ("receive" … "close"), "" while there is none
    int64_t answered_at;
    Str mark;
} PictureNotice;
Err picture_notice_list(Ctx *c, PictureReader *r, PictureBox box, PicturePage page,
                        const PictureNotice **ret_items, size_t *ret_n, bool *ret_more) MUST_USE;
Err picture_notice_get(Ctx *c, PictureReader *r, RecordId id, PictureNotice *ret_notice) MUST_USE;
// Those that name the record, oldest first.
Err picture_notices_naming(Ctx *c, PictureReader *r, RecordId record,
                           const PictureNotice **ret_items, size_t *ret_n) MUST_USE;
typedef struct PictureNoticeAct {
    PictureKey key;
    RecordId id;
    Str agency, act, code;
    const RecordId *shares;
    size_t share_count;
    bool has_until, has_officer;
    RecordId officer;
    int64_t until, at;
} PictureNoticeAct;
Err picture_notice_acts(Ctx *c, PictureReader *r, RecordId notice,
                        const PictureNoticeAct **ret_items, size_t *ret_n) MUST_USE; // oldest first
// Permissions to pass an object on: our pass_on notices that name it, granted (last word) by the
// object's author.
typedef struct PictureGrant {
    PictureKey key; // sort: at of the grant
    RecordId notice, grant;
    Str recipient;
    bool has_until;
    int64_t until, at;
} PictureGrant;
Err picture_grant_of(Ctx *c, PictureReader *r, RecordId record, const PictureGrant **ret_items,
                     size_t *ret_n) MUST_USE;

// --- forks --------------------------------------------------------------------------------------

typedef struct PictureFork {
    PictureKey key; // sort: at
    RecordId id;
    Str agency, whose, why; // who tells; whose log
    const Str *notes;
    size_t note_count;
    int64_t at;
} PictureFork;
Err picture_fork_list(Ctx *c, PictureReader *r, const PictureFork **ret_items,
                      size_t *ret_n) MUST_USE; // oldest first

// --- for the machine ----------------------------------------------------------------------------

// One record as the rules of flow ask for it.
typedef struct PictureScan {
    PictureKey key; // sort: leaf, or arrival
    LedgerPlace place;
    RecordId id, root;
    Str agency;                 // whose log
    Str root_agency, root_kind; // "" while the root is not here (erased, let go, waiting)
    Str kind, state;
    Str mark, effective; // own mark and the one that counts here, `until` null in both
    bool has_until, has_effective_until, has_target;
    int64_t until, effective_until, at;
    Str root_mark; // the effective one of the root, "" while it is not here
    bool has_root_until;
    int64_t root_until;
    RecordId target;      // of an erase record: what it names,
    uint64_t target_leaf; // and its place in the author's log main
} PictureScan;
// Our own log main from leaf `from` on, in order of leaves, at most `max`. *ret_next: the leaf from
// which to go on, also where nothing was found. Nothing new costs one look-up.
Err picture_scan(Ctx *c, PictureReader *r, uint64_t from, size_t max, const PictureScan **ret_items,
                 size_t *ret_n, uint64_t *ret_next) MUST_USE;
// Other agencies' records that came after `arrival` (the ledger's number), in order of coming.
Err picture_scan_arrivals(Ctx *c, PictureReader *r, int64_t arrival, size_t max,
                          const PictureScan **ret_items, size_t *ret_n, int64_t *ret_next) MUST_USE;
// The same of `max` numbers at once, but only records of kinds that open or shut objects (share,
// share_act, notice_act, order_act, retract), and ours that came late. *ret_next: what was looked
// through; `arrival` where nothing more is here.
Err picture_scan_opening(Ctx *c, PictureReader *r, int64_t arrival, size_t max,
                         const PictureScan **ret_items, size_t *ret_n, int64_t *ret_next) MUST_USE;
// Every record of an object in every log (the root too), oldest first. Empty when none is here.
Err picture_object_leaves(Ctx *c, PictureReader *r, RecordId root, const PictureScan **ret_items,
                          size_t *ret_n) MUST_USE;
// Records of an agency of one of the kinds genesis, key, link, recover, officer, officer_change, in
// order of leaves.
Err picture_scan_kind(Ctx *c, PictureReader *r, Str agency, Str kind, const PictureScan **ret_items,
                      size_t *ret_n) MUST_USE;

#endif
