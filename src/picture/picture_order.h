// Part of the door of picture (included by picture.h): orders, and all that speaks of them.
// Same rules as there: rows pass may(mark_id); answers lie in the request's arena; E_NOT_FOUND is
// the same for hidden and absent.
#ifndef MOEI_PICTURE_ORDER_H
#define MOEI_PICTURE_ORDER_H

#include "order/order.h"

// --- orders -------------------------------------------------------------------------------------

typedef struct PictureOrder {
    PictureKey key; // sort: at; of the board: due
    RecordId id;
    Str number, order; // "O-2026-000001", "hold_account"
    Str agency, mark;
    int64_t at;
    bool has_officer, has_account, has_case, has_report, has_trace, has_replaces, has_level;
    RecordId officer, case_id, report, trace, replaces;
    PictureAccount account;
    Str currency; // "" where none
    Str addressee_agency, addressee_country, addressee_institution, addressee_kind;
    Str law, law_standing; // id of the law row, "" where none
    int64_t level;
    int persons;
    OrderFacts facts;
    OrderView view; // from records alone; order_now gives what it is now
} PictureOrder;

// Newest first; `state` is the folded state's name, empty: all.
Err picture_order_list(Ctx *c, PictureReader *r, Str state, PicturePage page,
                       const PictureOrder **ret_items, size_t *ret_n, bool *ret_more) MUST_USE;
// All that is not finished: drafts, what is alive, what ended and is not confirmed undone, open
// appeals; but not what is over at `now_us` and under which nothing was done. By the next clock
// that was stated (of a draft or a request: when it was made, issued), soonest first.
Err picture_order_board(Ctx *c, PictureReader *r, int64_t now_us, PicturePage page,
                        const PictureOrder **ret_items, size_t *ret_n, bool *ret_more) MUST_USE;
Err picture_order_get(Ctx *c, PictureReader *r, RecordId id, PictureOrder *ret_order) MUST_USE;
// By number: our own first, then the oldest. Of an agency: its own alone.
Err picture_order_find(Ctx *c, PictureReader *r, Str number, PictureOrder *ret_order) MUST_USE;
Err picture_order_find_of(Ctx *c, PictureReader *r, Str agency, Str number,
                          PictureOrder *ret_order) MUST_USE;
// Of a case, and on an account (empty country or institution: any): by (issued_at or at), id. At
// most PICTURE_ORDERS_MAX (else E_LIMIT).
Err picture_orders_of_case(Ctx *c, PictureReader *r, RecordId case_id,
                           const PictureOrder **ret_items, size_t *ret_n) MUST_USE;
Err picture_orders_of_account(Ctx *c, PictureReader *r, PictureAccount account,
                              const PictureOrder **ret_items, size_t *ret_n) MUST_USE;
// Orders that name this report (first hop) or carry a tag of it.
Err picture_orders_of_report(Ctx *c, PictureReader *r, RecordId report,
                             const PictureOrder **ret_items, size_t *ret_n) MUST_USE;

typedef struct PictureTag {
    RecordId report;
    int64_t amount;
} PictureTag;
Err picture_order_tags(Ctx *c, PictureReader *r, RecordId order, const PictureTag **ret_items,
                       size_t *ret_n) MUST_USE;

typedef struct PictureOrderEvent {
    RecordId id;      // of the record
    OrderEvent event; // `target` and the view's `waiting`, `reduction` count in this list
    OrderEffect effect;
    bool has_officer, has_target, has_balance, has_document, has_to;
    RecordId officer, target;
    int64_t balance;
    uint8_t document[32];
    PictureAccount to;
    Str code, on_behalf_of, agency;
} PictureOrderEvent;
// In the order of the fold.
Err picture_order_events(Ctx *c, PictureReader *r, RecordId order,
                         const PictureOrderEvent **ret_items, size_t *ret_n) MUST_USE;
// The bytewise greatest order number of the agency that begins with `prefix`. E_NOT_FOUND.
Err picture_order_last(Ctx *c, Picture *p, Str agency, Str prefix, Str *ret_number) MUST_USE;

// --- reports: standing, victims, accounts -------------------------------------------------------

// "claimed", "bank" or "police": the last standing record in force; "claimed" without any.
Err picture_report_standing(Ctx *c, PictureReader *r, RecordId report, Str *ret_standing) MUST_USE;
// The last victim record of a report that may be seen. E_NOT_FOUND where there is none.
Err picture_report_victim(Ctx *c, PictureReader *r, RecordId report, RecordId *ret_victim) MUST_USE;
// Held reports that name the account (empty country or institution on either side: any), oldest
// first, at most LIST_PAGE_ITEMS_MAX.
typedef struct PictureReportOfAccount {
    RecordId id;
    Str report, standing;
    int64_t at;
} PictureReportOfAccount;
Err picture_reports_of_account(Ctx *c, PictureReader *r, PictureAccount account,
                               const PictureReportOfAccount **ret_items, size_t *ret_n) MUST_USE;
// Who is one victim in a case: sets of reports, in the order of their claimant records. A report in
// several stands in the last.
typedef struct PictureClaimant {
    RecordId id; // of the claimant record
    const RecordId *reports;
    size_t report_count;
} PictureClaimant;
Err picture_case_claimants(Ctx *c, PictureReader *r, RecordId case_id,
                           const PictureClaimant **ret_items, size_t *ret_n) MUST_USE;

// --- accounts and their banks -------------------------------------------------------------------

typedef struct PictureContact {
    PictureKey key; // sort: at
    RecordId id;
    Str country, institution, desk, phone, email, hours, language, note; // "" where not told
    int64_t at;
} PictureContact;
// In force; institution empty: of the whole country, both empty: all. By institution, desk.
Err picture_contacts(Ctx *c, PictureReader *r, Str country, Str institution,
                     const PictureContact **ret_items, size_t *ret_n) MUST_USE;
// Classes in force of an account (empty country or institution on either side: any), bytewise, each
// once: of each who speaks of it the last.
Err picture_account_classes(Ctx *c, PictureReader *r, PictureAccount account,
                            const Str **ret_classes, size_t *ret_n) MUST_USE;

// --- grievances, refunds, shifts ----------------------------------------------------------------

typedef struct PictureGrievance {
    PictureKey key; // sort: at
    RecordId id, order;
    int64_t at;
    int64_t documents;
    Str number;         // of the order; this and what follows only where the order may be seen
    OrderAppeal appeal; // of the order now
    bool has_reviewed_at;
    int64_t reviewed_at;
} PictureGrievance;
// Oldest first; `open` true: those whose order is still under appeal, else all.
Err picture_grievance_list(Ctx *c, PictureReader *r, bool open, PicturePage page,
                           const PictureGrievance **ret_items, size_t *ret_n,
                           bool *ret_more) MUST_USE;
Err picture_grievance_get(Ctx *c, PictureReader *r, RecordId id,
                          PictureGrievance *ret_grievance) MUST_USE;

typedef struct PicturePlan {
    PictureKey key; // sort: at
    RecordId id, case_id;
    int64_t at;
    uint8_t plan_hash[32], inputs[32];
    const RecordId *signers; // officers whose signature names this very hash, each once, by time
    size_t signer_count;
    bool has_officer;
    RecordId officer; // who made it
} PicturePlan;
// Newest first; of all cases where has_case is false.
Err picture_plan_list(Ctx *c, PictureReader *r, const RecordId *case_id, PicturePage page,
                      const PicturePlan **ret_items, size_t *ret_n, bool *ret_more) MUST_USE;
Err picture_plan_get(Ctx *c, PictureReader *r, RecordId id, PicturePlan *ret_plan) MUST_USE;
typedef struct PicturePaid {
    RecordId id, plan, report;
    PictureAccount account;
    Str currency, reference;
    int64_t amount, at;
} PicturePaid;
// Payments under a plan, or to a report under any plan; by time.
Err picture_paid_of_plan(Ctx *c, PictureReader *r, RecordId plan, const PicturePaid **ret_items,
                         size_t *ret_n) MUST_USE;
Err picture_paid_to_report(Ctx *c, PictureReader *r, RecordId report, const PicturePaid **ret_items,
                           size_t *ret_n) MUST_USE;

typedef struct PictureRefundAccount {
    RecordId id;
    PictureAccount account;
    int64_t at;
    bool in_force; // the latest that as many officers as it asks for have confirmed
    bool waits;    // for its second officer
    RecordId officer;
} PictureRefundAccount;
// In the order in which they were told.
Err picture_refund_accounts(Ctx *c, PictureReader *r, RecordId report,
                            const PictureRefundAccount **ret_items, size_t *ret_n) MUST_USE;

typedef struct PictureShift {
    PictureKey key; // sort: at
    RecordId id, officer;
    int64_t at, began_at, ended_at;
    Str next;
    bool is_signed; // by another officer
    RecordId signer;
    int64_t signed_at;
} PictureShift;
Err picture_shift_list(Ctx *c, PictureReader *r, PicturePage page, const PictureShift **ret_items,
                       size_t *ret_n, bool *ret_more) MUST_USE;

// --- attachments, officers, break-glass ---------------------------------------------------------

typedef struct PictureAttachment {
    RecordId id;
    uint8_t sha256[32];
    int64_t bytes, at;
    Str type, name;
} PictureAttachment;
// Those whose refs name the record, oldest first.
Err picture_attachments_of(Ctx *c, PictureReader *r, RecordId id,
                           const PictureAttachment **ret_items, size_t *ret_n) MUST_USE;
Err picture_attachment_find(Ctx *c, PictureReader *r, const uint8_t sha256[32],
                            PictureAttachment *ret_attachment) MUST_USE;

typedef struct PictureGlass {
    PictureKey key; // sort: at
    RecordId id, officer;
    int64_t at, until;
    Str grants;
    bool decided, ratified; // by another officer
    RecordId decided_by;
} PictureGlass;
// Newest first.
Err picture_glass_list(Ctx *c, PictureReader *r, PicturePage page, const PictureGlass **ret_items,
                       size_t *ret_n, bool *ret_more) MUST_USE;

// Who read what, from the records of the log "reads".
typedef struct PictureReadEntry {
    PictureKey key; // sort: at
    RecordId id, officer;
    bool has_officer;
    int64_t at;
    Str outlet;
    const RecordId *records;
    size_t record_count;
} PictureReadEntry;
// At most one of the two is given; NULL: any.
typedef struct PictureReadFilter {
    const RecordId *record, *officer;
} PictureReadFilter;
// Newest first.
Err picture_read_list(Ctx *c, PictureReader *r, PictureReadFilter by, PicturePage page,
                      const PictureReadEntry **ret_items, size_t *ret_n, bool *ret_more) MUST_USE;

// --- what is new, and looking for something -----------------------------------------------------

// How far somebody has seen: `sort` is the leaf of our own main log from which to go on, `pos` the
// arrival of other agencies' records behind which to go on. Zero: from the beginning. Seal it
// before it leaves the machine: it passes hidden records too.
// Visible records of our own main log and of others, as far as there are any behind `after`: ours
// first, each in the order in which it came. The key of an item is the place behind it, *ret_after
// the one behind all that was looked at. No more to come when it equals `after`.
Err picture_news(Ctx *c, PictureReader *r, PictureKey after, size_t limit,
                 const PictureRecord **ret_items, size_t *ret_n, PictureKey *ret_after) MUST_USE;
// The place behind the last record.
Err picture_news_end(Ctx *c, PictureReader *r, PictureKey *ret_after) MUST_USE;

typedef struct PictureHit {
    Str what; // "report", "case", "order", "account", "phone"
    RecordId id;
    Str words; // report id, title, number, account, phone
    int64_t at;
} PictureHit;
// Report ids, open cases whose title holds the text (without regard to the case of Latin letters),
// order numbers, accounts, phones: what begins with the text; newest first in each, at most `limit`
// (1 … PICTURE_SEARCH_HITS_MAX) in all. Of more than PICTURE_SEARCH_ROWS_MAX that begin so, the
// bytewise greatest are looked at. An account or phone is given once, with the record that names
// it.
Err picture_search(Ctx *c, PictureReader *r, Str text, size_t limit, const PictureHit **ret_items,
                   size_t *ret_n) MUST_USE;

#endif
