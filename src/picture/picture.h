// picture: records folded into tables, and the only door through which these are read.
//
// Owns DIR/picture-N.db (N is PICTURE_VERSION). Invariants: the tables are a pure function of the
// set of records folded, whatever order and groups they came in; `folded_upto` of each log changes
// in the same transaction as the rows; after a crash the picture may lag behind the ledger and
// picture_catch_up brings it forward; a reader sees a row only through a view that asks
// may(mark_id). Facts that one record states are kept by its place; what several records decide
// together (is it waiting, a duplicate, in a case, in force) is derived again, object by object,
// from those facts only. docs/picture.md has the rules.
// Times are µs UTC, amounts minor units. What a query returns lies in the request's arena.
// Threads: one Picture (the writer) and any number of PictureReaders, each used by one thread.
#ifndef MOEI_PICTURE_H
#define MOEI_PICTURE_H

#include "base/base.h"
#include "ledger/ledger.h"
#include "record/record.h"

#define PICTURE_VERSION 7

// --- the writer ---------------------------------------------------------------------------------

typedef struct Picture Picture;
typedef Picture *PictureOwned; // AUTO(PictureOwned) p = NULL;
void PictureOwned_cleanup(PictureOwned *p);

// Opens DIR/picture-N.db of this agency (64 hex digits), made empty when absent; removes what an
// interrupted rebuild left and pictures of older versions. E_STATE when it is the picture of
// another agency; errors as store_open.
Err picture_open(Ctx *c, Str dir, Str own_agency, Picture **ret_picture) MUST_USE;
void picture_close(Picture *p); // NULL is fine

// A leaf of a log. `envelope` empty: the opening is withheld or erased; the leaf is only counted.
typedef struct PictureItem {
    Str agency; // hex id of the log's agency
    Str log;    // "main", "reads"; what goes on after a recovery: "main.2" …
    uint64_t seq;
    Str envelope;
    uint32_t ledger_log; // the ledger's number of the log
    int64_t arrival;     // the ledger's, of other agencies' contents; 0: none
    bool late;           // ours, and came behind its leaf: it has an arrival, too
} PictureItem;

// Folds the items in one transaction; leaves already folded are skipped. Any order, any split; but
// picture_catch_up goes on behind the greatest arrival that was folded. E_CORRUPT when an envelope
// does not read as a record (its place is in the words), else the errors of the store. Nothing is
// changed on an error.
Err picture_fold(Ctx *c, Picture *p, const PictureItem *items, size_t n) MUST_USE;

// Called now and then with what is done so far and in all, in leaves. May be NULL.
typedef struct PictureProgress {
    void (*step)(void *self, uint64_t done, uint64_t all);
    void *self;
} PictureProgress;

// Folds what the ledger holds behind `folded_upto` of our own logs and behind the last arrival of
// others, in groups. With nothing new it costs a few look-ups.
Err picture_catch_up(Ctx *c, Picture *p, LedgerReader *ledger, PictureProgress progress) MUST_USE;

// Number of leaves folded without a gap; 0 for an unknown log.
Err picture_upto(Ctx *c, Picture *p, Str agency, Str log, uint64_t *ret_upto) MUST_USE;

// After an erasure was folded: empties the WAL, so that no byte of the content stays in a file.
// E_BUSY while a reader has a transaction open.
Err picture_purge(Ctx *c, Picture *p) MUST_USE;

// Builds DIR/picture-N.db.new from the ledger beside the picture in use, and swaps it in; *p then
// stands on the new file. Readers opened before see the old file until they are opened again.
// On an error the old picture stays.
Err picture_rebuild(Ctx *c, Picture *p, LedgerReader *ledger, PictureProgress progress) MUST_USE;

// Every table as text without local ids: equal sets of records give equal bytes.
Err picture_dump(Ctx *c, Picture *p, Buf *out) MUST_USE;

// --- what a reader may see ----------------------------------------------------------------------

typedef struct PictureReader PictureReader;
typedef PictureReader *PictureReaderOwned; // AUTO(PictureReaderOwned) r = NULL;
void PictureReaderOwned_cleanup(PictureReaderOwned *r);

// What one (user, purpose) sees: mark m when `all`, or when m < marks and its bit is 1.
typedef struct PictureSight {
    bool all;
    uint32_t marks;
    const uint64_t *bits; // ceil(marks / 64) words, borrowed
} PictureSight;

// A connection that can only query, only views, only statements made at build time. It sees nothing
// until picture_reader_sight. Errors as store_open.
Err picture_reader_open(Ctx *c, Str dir, PictureReader **ret_reader) MUST_USE;
void picture_reader_close(PictureReader *r); // NULL is fine
// `sight.bits` must live until the next call.
void picture_reader_sight(PictureReader *r, PictureSight sight);

// Between begin and end all queries see one state. A query more than READ_TRANSACTION_MS_MAX after
// begin is refused with E_LIMIT.
Err picture_read_begin(Ctx *c, PictureReader *r) MUST_USE;
void picture_read_end(PictureReader *r);

// The marks in use, by id, for whoever computes bitsets; not for showing. Records of some kinds are
// for fewer eyes than their mark says: they have a mark id of their own, with a compartment.
typedef struct PictureMark {
    uint32_t id;
    Str mark;        // RFC 8785, `until` null: that differs by record
    Str compartment; // "", "victim", "grievance", "reads"
} PictureMark;
Err picture_marks(Ctx *c, PictureReader *r, const PictureMark **ret_marks, size_t *ret_n) MUST_USE;

// --- lists --------------------------------------------------------------------------------------

// Lists are cut by key: an item's `at` in the list (its sort key) and `pos`, both of which the item
// carries as `key`. Hand the last item's key back to go on. `pos` is local: seal it before it
// leaves the machine.
typedef struct PictureKey {
    bool set; // false: from the beginning
    int64_t sort;
    int64_t pos;
} PictureKey;

typedef struct PicturePage {
    PictureKey after;
    size_t limit; // 1 … LIST_PAGE_ITEMS_MAX; 0 means LIST_PAGE_ITEMS_DEFAULT
} PicturePage;

// *ret_more of a list tells whether items follow the last one.

// --- records ------------------------------------------------------------------------------------

// States of a record: "held"; "waiting" (its object is not here yet); "stray" (speaks of what it
// cannot speak of, or with another mark than its object's); "unknown" (kind or version that this
// build does not fold, or not by the log's agency); "duplicate" (report id taken); "superseded" (a
// later pick of the same transfer is here); "clash" (another record has its id: seen by the machine
// only); "erased", "let_go" (content is gone). That a case_add is refused is said by
// picture_case_reports.
typedef struct PictureRecord {
    PictureKey key;
    RecordId id;
    RecordId root; // itself for a root
    Str kind;      // "" when erased or let go
    Str state;
    int64_t at; // of the erase record when erased, as are agency, officer and mark
    Str agency, log;
    uint64_t seq;
    LedgerPlace place; // log and seq in the ledger, not when erased. Ask the ledger by it: more
                       // than one log may have a record with this id
    bool has_officer, has_until, has_erased_by;
    RecordId officer, erased_by; // the let_go record when let go
    Str mark;                    // that counts here, as does `until`
    int64_t until;
} PictureRecord;

// Newest first; `kind` empty: all kinds. Erased records are not listed.
Err picture_record_list(Ctx *c, PictureReader *r, Str kind, PicturePage page,
                        const PictureRecord **ret_items, size_t *ret_n, bool *ret_more) MUST_USE;
// All visible records of one object, oldest first, at most LIST_PAGE_ITEMS_MAX.
Err picture_record_object(Ctx *c, PictureReader *r, RecordId root, const PictureRecord **ret_items,
                          size_t *ret_n) MUST_USE;
// E_NOT_FOUND, the same for hidden and absent. An erased record is found with state "erased".
Err picture_record_get(Ctx *c, PictureReader *r, RecordId id, PictureRecord *ret_record) MUST_USE;
// Visible records whose `refs` name the id, oldest first, at most RECORD_REFS_MAX.
Err picture_record_quotes(Ctx *c, PictureReader *r, RecordId id, const PictureRecord **ret_items,
                          size_t *ret_n) MUST_USE;

// --- reports ------------------------------------------------------------------------------------

typedef struct PictureReport {
    PictureKey key; // sort: at, when it was taken in
    RecordId id;    // of the record
    Str report;     // the report's own id
    Str state;      // "held" or "duplicate"
    Str agency;
    int64_t at;
    bool has_reported_at, has_happened_at, has_loss, has_row;
    int64_t reported_at, happened_at, loss;
    Str country, channel, currency; // "" where not told
    uint8_t row[32];                // SHA-256 of the row as typed or mapped
    bool has_seed;
    RecordId seed; // the seed record in force
    Str mark;
} PictureReport;

// Newest first; `state` empty: both.
Err picture_report_list(Ctx *c, PictureReader *r, Str state, PicturePage page,
                        const PictureReport **ret_items, size_t *ret_n, bool *ret_more) MUST_USE;
Err picture_report_get(Ctx *c, PictureReader *r, RecordId id, PictureReport *ret_report) MUST_USE;
// By the report's own id, held ones only. `agency` empty: any, the first by (at, agency).
Err picture_report_find(Ctx *c, PictureReader *r, Str agency, Str report,
                        PictureReport *ret_report) MUST_USE;

typedef struct PictureAccount {
    Str country, institution, account; // the first two "" where not told
} PictureAccount;

// What a report names, in the order of the record.
typedef struct PictureNamed {
    const PictureAccount *accounts;
    const Str *transfers; // in the report itself
    const Str *seeds;     // picked by the seed record in force
    const Str *phones;
    const Str *urls;
    size_t account_count, transfer_count, seed_count, phone_count, url_count;
} PictureNamed;
// E_NOT_FOUND when the report is hidden or absent.
Err picture_report_named(Ctx *c, PictureReader *r, RecordId report,
                         PictureNamed *ret_named) MUST_USE;
// The open case in which the report stands; E_NOT_FOUND when there is none to be seen.
Err picture_report_case(Ctx *c, PictureReader *r, RecordId report, RecordId *ret_case) MUST_USE;

// --- cases --------------------------------------------------------------------------------------

typedef struct PictureCase {
    PictureKey key; // sort: at
    RecordId id;
    Str title;
    Str state; // "open" or "closed"
    Str agency;
    int64_t at;
    bool has_closed_at;
    int64_t closed_at;
    Str reason;      // of the close, "" while open
    int64_t reports; // that stand in it
    Str mark;
} PictureCase;

// Newest first; `state` empty: both.
Err picture_case_list(Ctx *c, PictureReader *r, Str state, PicturePage page,
                      const PictureCase **ret_items, size_t *ret_n, bool *ret_more) MUST_USE;
Err picture_case_get(Ctx *c, PictureReader *r, RecordId id, PictureCase *ret_case) MUST_USE;

typedef struct PictureCaseReport {
    PictureKey key; // sort: at of the case_add
    RecordId report, added_by;
    Str state; // "in", "refused" (stands in another open case) or "removed"
    int64_t at;
    Str reason;      // of the removal, else ""
    bool has_report; // false: the report is hidden or not here
    Str report_id;   // its own id, "" without has_report
} PictureCaseReport;
// In the order in which they were added. E_NOT_FOUND when the case is hidden or absent.
Err picture_case_reports(Ctx *c, PictureReader *r, RecordId case_id, PicturePage page,
                         const PictureCaseReport **ret_items, size_t *ret_n,
                         bool *ret_more) MUST_USE;

// --- claims, batches, picks ---------------------------------------------------------------------

typedef struct PictureClaim {
    PictureKey key; // sort: at
    RecordId id;
    Str table, name, source; // `name`: the claim's key
    Str row;                 // RFC 8785 object
    Str agency;
    int64_t at;
    Str mark;
} PictureClaim;
// In the order in which they were made, which is that of the file; `table` empty: all, "sources":
// the sources.
Err picture_claim_list(Ctx *c, PictureReader *r, Str table, PicturePage page,
                       const PictureClaim **ret_items, size_t *ret_n, bool *ret_more) MUST_USE;

typedef struct PictureBatch {
    PictureKey key; // sort: at
    RecordId id;
    Str what, mapping; // mapping "" where none
    Str agency;
    int64_t at;
    uint8_t sha256[32], root[32];
    int64_t part, rows, taken, known, filled, conflicts, bad;
    Str mark;
} PictureBatch;
// Newest first.
Err picture_batch_list(Ctx *c, PictureReader *r, PicturePage page, const PictureBatch **ret_items,
                       size_t *ret_n, bool *ret_more) MUST_USE;
// All parts of one file, by part.
Err picture_batch_of_file(Ctx *c, PictureReader *r, const uint8_t sha256[32],
                          const PictureBatch **ret_items, size_t *ret_n) MUST_USE;

typedef struct PicturePick {
    PictureKey key; // sort: at
    RecordId id;
    Str transfer;
    uint8_t row[32];
    Str state; // "held" is in force for its agency, "superseded" is not
    int64_t at;
    bool own; // ours: another agency's says nothing about our stream
} PicturePick;
// Oldest first, so that applying them in order ends in what is in force.
Err picture_pick_list(Ctx *c, PictureReader *r, PicturePage page, const PicturePick **ret_items,
                      size_t *ret_n, bool *ret_more) MUST_USE;
// Our pick in force for a transfer; E_NOT_FOUND.
Err picture_pick_find(Ctx *c, PictureReader *r, Str transfer, PicturePick *ret_pick) MUST_USE;

// --- agencies, officers, counts -----------------------------------------------------------------

typedef struct PictureAgency {
    PictureKey key; // sort: at
    RecordId id;    // of the genesis record
    Str agency;     // hex id
    Str name, title, country, agency_kind, timezone;
    uint8_t log_key[32], recovery_key[32];
    int64_t at;
} PictureAgency;
Err picture_agency_list(Ctx *c, PictureReader *r, PicturePage page, const PictureAgency **ret_items,
                        size_t *ret_n, bool *ret_more) MUST_USE;
Err picture_agency_get(Ctx *c, PictureReader *r, Str agency, PictureAgency *ret_agency) MUST_USE;

typedef struct PictureOfficer {
    PictureKey key; // sort: at
    RecordId id;
    Str agency, name, role;  // the role in force,
    uint8_t officer_key[32]; // the key in force,
    bool active;             // and whether he still acts: by the last officer_change
    int64_t at;
} PictureOfficer;
Err picture_officer_list(Ctx *c, PictureReader *r, PicturePage page,
                         const PictureOfficer **ret_items, size_t *ret_n, bool *ret_more) MUST_USE;
Err picture_officer_get(Ctx *c, PictureReader *r, RecordId id,
                        PictureOfficer *ret_officer) MUST_USE;

// How many rows of each state this reader may see. Tables: "report" (held, duplicate), "case"
// (open, closed), "batch", "pick" (held, superseded), "officer", "agency" (held), "claim" (by the
// claim's table), "order" (by state), "board" (open: not finished by its records), "grievance"
// (open, closed), "plan", "shift", "attachment", "contact", "read", "glass" (held), "record" (by
// kind) and "fold" (records that are not "held", by their state).
typedef struct PictureCount {
    Str table, state;
    int64_t n; // > 0
} PictureCount;
// `table` empty: all. Sorted by table and state.
Err picture_counts(Ctx *c, PictureReader *r, Str table, const PictureCount **ret_items,
                   size_t *ret_n) MUST_USE;

#include "picture/picture_exchange.h"
#include "picture/picture_order.h"

#endif
