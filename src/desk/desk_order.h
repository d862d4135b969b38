// Part of the door of desk (included by desk.h): orders, their letters and answers.
// docs/order.md has the meaning of states and acts, docs/api.md the JSON.
#ifndef MOEI_DESK_ORDER_H
#define MOEI_DESK_ORDER_H

#include "order/order.h"

// --- one order ----------------------------------------------------------------------------------

typedef struct DeskOrderTag {
    Str report; // report id, or the record's id where the report may not be seen
    Str record;
    int64_t amount;
} DeskOrderTag;

typedef struct DeskOrderEvent {
    Str id, act, party, outcome, effect; // effect: "counted", "waits", "not_allowed", …
    Str agency, agency_name;             // whose node says so
    Str order; // of adopt: number of the order that it became, where that is to be seen
    Str officer, officer_name, code, on_behalf_of, note, document, target;
    int64_t at, happened_at;
    bool has_amount, has_ends_at, has_balance;
    int64_t amount, ends_at, balance;
    FormatAccount to;
} DeskOrderEvent;

typedef struct DeskLawRow {
    const OrderLaw *law; // as it stands in the product's table, or as the order embeds it
    bool has_ends_at;
    int64_t ends_at; // where it would end if it were issued now
} DeskLawRow;

typedef struct DeskFlag {
    Str what, account, words; // "claimed_only"
    size_t reports;
} DeskFlag;

typedef struct DeskContact {
    Str id, country, institution, desk, phone, email, hours, language, note;
} DeskContact;

typedef struct DeskOrder {
    Str id, number, order; // "O-2026-000001", "hold_account"
    int64_t at;
    bool request;
    FormatAccount account;
    Str currency, addressee_country, addressee_institution, addressee_kind, addressee_name;
    Str addressee_agency;    // it has a node; empty: it is told by letter
    Str agency, agency_name; // whose order it is
    bool is_ours, is_to_us;  // both false: we were only let to see it
    Str adopts;              // id of the request that it adopts
    Str adopts_state;        // of that request; empty where it is not here
    Str told_code; // of a request that was adopted: how the order ended that it became, or empty
    int64_t level;
    int persons;
    Str rule, policy, subject, case_id, report, trace, replaces, law_id, law_standing, pack;
    OrderFacts facts;
    OrderView view;
    OrderNow now;
    bool night, day_off; // its end falls so
    int64_t warn_at;
    bool has_asks_end; // of a request: the end that it asks for
    int64_t asks_end;
    Str words; // what it says, in one sentence
    // desk_order_get only:
    const DeskOrderTag *tags;
    size_t tag_count;
    const DeskOrderEvent *events;
    size_t event_count;
    const DeskLawRow *laws; // of a draft: those that serve; else the one it embeds
    size_t law_count;
    const OrderChoice *allowed; // what this user may do now
    const OrderParty *allowed_parties;
    size_t allowed_count;
    bool has_contact, has_balance;
    DeskContact contact;
    int64_t balance, covered;
    const Str *queued_behind; // numbers
    size_t queued_count;
    const DeskFlag *flags;
    size_t flag_count;
    Str note;
} DeskOrder;

typedef struct DeskOrderList {
    const DeskOrder *items;
    size_t count;
    Str next;
} DeskOrderList;

typedef struct DeskOrderFilter {
    bool board;  // all that is not finished, by time left
    Str state;   // state of now ("lapsed" too), or empty
    Str case_id; // or empty
    Str account; // "TH/004/…", or empty
    Str box;     // "in": orders to us; "out": our own; or empty
} DeskOrderFilter;

// By id or number; of another agency's with the same number by its name: "mm/O-2026-000001".
// E_NOT_FOUND.
Err desk_order_get(Ctx *c, const Desk *d, Str id, DeskOrder *ret_order) MUST_USE;
Err desk_order_list(Ctx *c, const Desk *d, const DeskOrderFilter *filter, DeskPage page,
                    DeskOrderList *ret_list) MUST_USE;
// How many bind now, and under how many the addressee owes the word that what ended was undone.
// Looks at all that is open: for a scrape or a shift, not for every request.
typedef struct DeskOrderCounts {
    uint64_t alive, overdue, unanswered;
} DeskOrderCounts;
Err desk_order_counts(Ctx *c, DeskNode *n, DeskOrderCounts *ret_counts) MUST_USE;
// Where its clock stands: "2 h 10 min left", "lapsed 3 h 5 min ago, not confirmed".
Err desk_order_clock(Ctx *c, DeskNode *n, const DeskOrder *o, Str *ret_words) MUST_USE;
Err desk_order_json(Ctx *c, const DeskOrder *o, Buf *out) MUST_USE;
Err desk_order_list_json(Ctx *c, const DeskOrderList *l, Buf *out) MUST_USE;

// --- propose ------------------------------------------------------------------------------------

typedef struct DeskPropose {
    Str case_id; // or, for a first hop,
    Str report;
    TraceRule rule; // not poison: E_INVALID
    bool has_until;
    int64_t until_us;
    const Str *accounts; // only these, decided by a person; none: all that policy proposes
    size_t account_count;
} DeskPropose;

typedef struct DeskLeftOut {
    FormatAccount account;
    Str currency, why, words; // why: see docs/api.md
    int64_t amount;
} DeskLeftOut;

typedef struct DeskProposed {
    const DeskOrder *created;
    size_t created_count;
    const DeskLeftOut *left_out;
    size_t left_out_count;
    const DeskFlag *flags;
    size_t flag_count;
    Str trace; // id of the trace record, empty for a first hop
} DeskProposed;

// Drafts: one a (case, account) with still-there amounts, frozen with a trace record and its
// evidence pack; or one an account named by the report (first hop).
Err desk_order_propose(Ctx *c, const Desk *d, const DeskPropose *p,
                       DeskProposed *ret_proposed) MUST_USE;
Err desk_proposed_json(Ctx *c, const DeskProposed *p, Buf *out) MUST_USE;
// A report that was just typed, with what its first hop came to.
Err desk_report_first_hop_json(Ctx *c, const DeskReport *r, const DeskProposed *first,
                               Buf *out) MUST_USE;

// --- acts ---------------------------------------------------------------------------------------

// Texts as typed; empty where not given.
typedef struct DeskOrderActDraft {
    Str act, outcome;
    Str amount, balance; // major units of the order's currency
    Str code, document, ends_at, happened_at, law, note, on_behalf_of, target, channel;
    Str to; // account, where it went (refusal moved_to)
} DeskOrderActDraft;

// E_STATE when the state does not allow it: the words name what is allowed. E_DENIED without the
// role or with a locked key, and for what another agency's order leaves to its issuer. `adopt` of a
// request to us drafts an order of our own, and gives that.
Err desk_order_act(Ctx *c, const Desk *d, Str id, const DeskOrderActDraft *draft,
                   DeskOrder *ret_order) MUST_USE;

// --- letters, answers by file -------------------------------------------------------------------

typedef enum DeskLetterForm { DESK_LETTER_HTML, DESK_LETTER_CSV, DESK_LETTER_XLSX } DeskLetterForm;
// To the addressee: order number, basis, officer, account, amount, end, what to answer; bilingual.
// No victim, no phone, no story. Several orders to one addressee fit into one CSV or XLSX.
Err desk_order_letter(Ctx *c, const Desk *d, const Str *ids, size_t count, DeskLetterForm form,
                      Buf *out) MUST_USE;

typedef struct DeskAnswers {
    uint64_t rows, good;
    const DeskBadRow *bad_rows;
    size_t bad_row_count;
    const Str *orders; // numbers that were answered
    size_t order_count;
    char sha256[65];
} DeskAnswers;
// A bank's answers: the CSV or XLSX of the letter filled in. All or none of the good rows.
Err desk_answers_import(Ctx *c, const Desk *d, Str path, bool dry_run,
                        DeskAnswers *ret_answers) MUST_USE;
Err desk_answers_json(Ctx *c, const DeskAnswers *a, Buf *out) MUST_USE;

// --- what orders rest on ------------------------------------------------------------------------

Err desk_contact_put(Ctx *c, const Desk *d, const DeskContact *contact,
                     DeskContact *ret_contact) MUST_USE;
Err desk_contact_list(Ctx *c, const Desk *d, Str country, Str institution,
                      const DeskContact **ret_items, size_t *ret_n) MUST_USE;
Err desk_contact_list_json(Ctx *c, const DeskContact *items, size_t n, Buf *out) MUST_USE;
Err desk_account_class(Ctx *c, const Desk *d, Str account, Str class_name, Str document,
                       Str on_behalf_of) MUST_USE;
// GET /accounts.
Err desk_account_json(Ctx *c, const Desk *d, Str account, Buf *out) MUST_USE;
// GET /refusals.
Err desk_refusals_json(Ctx *c, const Desk *d, Buf *out) MUST_USE;
// Standing of a report; document: SHA-256 of an attachment, or empty where claimed.
Err desk_report_standing(Ctx *c, const Desk *d, Str report, Str standing, Str document,
                         Str note) MUST_USE;
// Flags of a report: accounts with three or more reports that are only claimed.
Err desk_report_flags(Ctx *c, const Desk *d, Str report, const DeskFlag **ret_items,
                      size_t *ret_n) MUST_USE;

// --- attachments --------------------------------------------------------------------------------

typedef struct DeskAttachment {
    Str id, name, type;
    char sha256[65];
    int64_t bytes;
} DeskAttachment;
// Kept by its hash beside the log. `about`: records it belongs to. E_LIMIT over
// ATTACHMENT_BYTES_MAX.
Err desk_attachment_put(Ctx *c, const Desk *d, Str name, Str type, Str bytes,
                        const CryptoUuid *about, size_t about_count,
                        DeskAttachment *ret_attachment) MUST_USE;
Err desk_attachment_get(Ctx *c, const Desk *d, Str sha256, DeskAttachment *ret_attachment,
                        Buf *out) MUST_USE;
Err desk_attachment_json(Ctx *c, const DeskAttachment *a, Buf *out) MUST_USE;

#endif
