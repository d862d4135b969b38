// Between the files of the people's half of the exchange.
#ifndef MOEI_DESK_SHARE_PRIV_H
#define MOEI_DESK_SHARE_PRIV_H

#include "desk/desk_exchange.h"
#include "desk/exchange_priv.h"
#include "desk/order_priv.h"
#include "format/format.h"
#include "sync/sync.h"

// --- who is who ---------------------------------------------------------------------------------

// Peers and accords as the user sees them, loaded once a call.
typedef struct DeskParties {
    DeskNode *node;
    DeskSlot *slot;
    const PicturePeer *peers;
    size_t peer_count;
    const PictureAccord *accords;
    size_t accord_count;
} DeskParties;
Err desk_parties(Ctx *c, DeskNode *n, DeskSlot *s, DeskParties *ret_parties) MUST_USE;
const PicturePeer *desk_peer_by_id(const DeskParties *p, Str agency); // NULL: none
// By petname, id, or a beginning of it. E_NOT_FOUND.
Err desk_peer_by_name(Ctx *c, const DeskParties *p, Str name,
                      const PicturePeer **ret_peer) MUST_USE;
// By name or id. E_NOT_FOUND.
Err desk_accord_by_name(Ctx *c, const DeskParties *p, Str name,
                        const PictureAccord **ret_accord) MUST_USE;
bool desk_petname_valid(Str s); // of a peer or an accord
// Petname, our own short name, the name of its genesis, or the beginning of its id.
Err desk_agency_name(Ctx *c, const DeskParties *p, Str agency, Str *ret_name) MUST_USE;
// {"agency","name"}.
Err desk_agency_put(Ctx *c, const DeskParties *p, JsonWriter *w, Str agency) MUST_USE;
// Who will be able to see something, as docs/api.md has it.
typedef struct DeskSees {
    Str agency, words;
    bool has_it;
} DeskSees;
Err desk_sees_put(Ctx *c, const DeskParties *p, JsonWriter *w, const DeskSees *s) MUST_USE;
// Every member signed, none of these two left, begun and not over.
bool desk_accord_holds(const PictureAccord *a, Str one, Str other, int64_t now);
bool desk_accord_has(const PictureAccord *a, Str agency);
bool desk_accord_names(const PictureAccord *a, Str kind); // "*" included
// Who may have what is written under it now. E_STATE where nobody but us is left.
Err desk_accord_readers(Ctx *c, const DeskParties *p, const PictureAccord *a, const Str **ret_to,
                        size_t *ret_n) MUST_USE;
// Its default marking, without readers.
Err desk_accord_mark(Ctx *c, const PictureAccord *a, int64_t now, RecordMark *ret_mark) MUST_USE;
// The accord that somebody named, in force for us and of this kind. E_NOT_FOUND, E_STATE.
Err desk_accord_for(Ctx *c, const DeskParties *p, Str name, Str kind,
                    const PictureAccord **ret_accord) MUST_USE;

// What is written by somebody who named an accord (or none: the default) carries this. E_NOT_FOUND,
// E_STATE as desk_accord_for, and E_STATE where the accord is not for who writes to see it again.
Err desk_mark_under(Ctx *c, const Desk *d, DeskSlot *s, Str accord, const char *kind,
                    RecordMark *ret_mark) MUST_USE;

// --- flags --------------------------------------------------------------------------------------

// Flags in force, whoever asks: what is refused because of one is no secret of the flag.
typedef struct DeskFlagged {
    const PictureFlag *items;
    size_t count;
} DeskFlagged;
Err desk_flagged(Ctx *c, DeskNode *n, DeskFlagged *ret_flagged) MUST_USE;
Err desk_flagged_in(Ctx *c, DeskSlot *s, DeskFlagged *ret_flagged) MUST_USE; // of who sees all
// True when a flag names one of these texts: an id, a name, "TH/004", "TH/004/ACCOUNT".
bool desk_flag_names(const DeskFlagged *f, const Str *texts, size_t n);
// The same for an agency: its id, petname, names of its genesis, institutions.
Err desk_flag_agency(Ctx *c, const DeskFlagged *f, const DeskParties *p, Str agency,
                     bool *ret_flagged) MUST_USE;
// Since when: of several flags that name it the last counts. `peer` may be NULL.
typedef struct DeskFlagSince {
    bool flagged;
    int64_t at;
} DeskFlagSince;
Err desk_flag_since(Ctx *c, const DeskFlagged *f, DeskSlot *s, const PicturePeer *peer, Str agency,
                    DeskFlagSince *ret_since) MUST_USE;

// --- witnesses ----------------------------------------------------------------------------------

// Who cosigned heads of this log. No writing may be open.
Err desk_cosigns_of(Ctx *c, DeskNode *n, const CryptoHash *origin, const JournalCosign **ret_items,
                    size_t *ret_n) MUST_USE;

// --- marks --------------------------------------------------------------------------------------

bool desk_pap_find(Str text, RecordPap *ret_pap);
bool desk_handling_find(Str text, RecordHandling *ret_handling);
const char *desk_handling_text(RecordHandling h);
const char *desk_pap_text(RecordPap p);
void desk_put_mark(JsonWriter *w, const DeskParties *p, const RecordMark *m); // "mark"
// A mark of the picture, where `until` stands beside.
Err desk_mark_read(Ctx *c, Str mark, bool has_until, int64_t until, RecordMark *ret_mark) MUST_USE;
// Agencies, sorted, each once: as `to` of a mark.
Err desk_to_of(Ctx *c, const Str *agencies, size_t n, const Str **ret_to, size_t *ret_n) MUST_USE;
// In words: who sees what carries this mark at an agency.
Err desk_sees_words(Ctx *c, const DeskNode *n, const RecordMark *m, Str *ret_words) MUST_USE;

// --- what is typed ------------------------------------------------------------------------------

// *ret_has false where the text is empty.
Err desk_typed_time(Ctx *c, const DeskNode *n, const char *field, Str text, bool *ret_has,
                    int64_t *ret_at) MUST_USE;
// E_INVALID where there is no such purpose, with words that name those that there are.
Err desk_purpose_check(Ctx *c, const DeskNode *n, const char *field, Str typed) MUST_USE;
// "" stays empty.
Err desk_typed_words(Ctx *c, const char *field, Str text, size_t max, Str *ret_text) MUST_USE;
// A code of data/law/refusals.csv, or nothing. E_INVALID naming those that there are.
Err desk_refusal_code(Ctx *c, const DeskNode *n, Str code) MUST_USE;
Err desk_key_needed(Ctx *c, const Desk *d) MUST_USE; // E_DENIED where the key is locked

// --- shares -------------------------------------------------------------------------------------

// One share record into the open group.
typedef struct DeskShareNew {
    RecordId record;
    Str kind, title, contact;
    bool has_answers, has_due;
    RecordId answers;
    int64_t due_at;
    RecordMark mark; // granted; `to` is filled here
    Str recipient;
    Str also;   // a second reader of the share, or empty
    bool waits; // for a second officer: goes to nobody yet
    bool has_ref;
    RecordId ref; // the one that waited
} DeskShareNew;
Err desk_share_add(Ctx *c, DeskWriting *w, const DeskShareNew *s, RecordId *ret_id) MUST_USE;
// What is asked of a share, to be compared with the one that stands for this object and agency.
typedef struct DeskShareAsk {
    RecordId record;
    Str to, title, contact;
    RecordMark mark;
    bool until_typed, has_due, has_answers; // has_due: typed
    int64_t due_at;
    RecordId answers;
    int64_t now, since; // what is older than `since` stands no more
} DeskShareAsk;
// In words what this adds to the share that stands, empty where there is none; *ret_same: nothing.
Err desk_share_stands(Ctx *c, const DeskParties *p, const DeskShareAsk *a, bool *ret_same,
                      Str *ret_words) MUST_USE;
// In the group of an issue: shares the order with its addressee, where that is a confirmed peer,
// and the evidence that it names.
Err desk_share_order(Ctx *c, DeskWriting *w, DeskSlot *s, const PictureOrder *o,
                     const DeskOrderBody *body) MUST_USE;
// True where the account, its bank or the addressee of an order is flagged: two officers.
Err desk_order_flagged(Ctx *c, DeskNode *n, const PictureOrder *o, bool *ret_flagged) MUST_USE;
Err desk_share_put(Ctx *c, const Desk *d, const DeskParties *p, const PictureShare *s,
                   JsonWriter *w) MUST_USE;
// For whom a record of ours waits for a second officer; n is 0 where it does not wait.
typedef struct DeskWaits {
    const Str *agencies;
    size_t n;
    RecordId officer;
    bool done; // another officer signed it
} DeskWaits;
Err desk_waits_of(Ctx *c, DeskSlot *s, RecordId id, DeskWaits *ret_waits) MUST_USE;
// The second officer's word about a record that waits, into the open group.
Err desk_second_add(Ctx *c, DeskWriting *w, RecordId id, const RecordMark *mark) MUST_USE;
// E_STATE, E_DENIED where this officer may not give it.
Err desk_second_check(Ctx *c, const Desk *d, const DeskWaits *waits) MUST_USE;
PictureBox desk_picture_box(DeskBox box);
// Who passed it on to one of those who lose it is told too: through it the retraction goes.
Err desk_retract_add(Ctx *c, DeskWriting *w, DeskSlot *s, RecordId record,
                     const DeskRetractDraft *draft, RecordId *ret_id) MUST_USE;

// --- taken back ---------------------------------------------------------------------------------

#define DESK_BACK_US (RETRACT_HOURS * TIME_HOUR_US) // until an acknowledgement is overdue
#define DESK_BACKS_OVERDUE_MAX 100                  // told at once
// A retraction, or an erasure of what others were given.
typedef struct DeskBack {
    PictureKey key;
    RecordId id, record;
    const char *what; // "retract", "erase"
    int64_t at;
    Str kind, title, reason;
    const PictureTarget *from;
    size_t from_count;
} DeskBack;
typedef struct DeskBacks {
    DeskBack *items;
    size_t n;
    bool more;
} DeskBacks;
// Those that somebody has not acknowledged in time, newest first.
Err desk_backs_overdue(Ctx *c, const DeskParties *p, DeskBacks *ret_backs) MUST_USE;
Err desk_back_of_retract(Ctx *c, const DeskParties *p, const PictureRetract *r,
                         DeskBack *ret_back) MUST_USE;
Err desk_back_put(Ctx *c, const DeskParties *p, const DeskBack *b, JsonWriter *w) MUST_USE;

// --- notices ------------------------------------------------------------------------------------

Err desk_notice_find(Ctx *c, DeskSlot *s, Str id, PictureNotice *ret_notice) MUST_USE;
Err desk_notice_put_one(Ctx *c, const Desk *d, Str id, Buf *out) MUST_USE; // after a write
const char *desk_notice_state(const PictureNotice *n, const DeskWaits *waits);
bool desk_notice_is_open(const PictureNotice *n);

// --- front --------------------------------------------------------------------------------------

// What of the exchange needs this user.
typedef struct DeskTask {
    const char *kind, *what;
    Str id, title, detail;
    int64_t due_at; // INT64_MAX: none
    bool red;
} DeskTask;
Err desk_exchange_tasks(Ctx *c, const Desk *d, size_t max, DeskTask **ret_items,
                        size_t *ret_n) MUST_USE;

#endif
