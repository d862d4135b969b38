// Part of the door of desk (included by desk.h): grievances, refunds, shifts, case files.
// docs/refund.md has the rules, docs/case-file.md what leaves, docs/api.md the JSON.
#ifndef MOEI_DESK_REFUND_H
#define MOEI_DESK_REFUND_H

// --- grievances ---------------------------------------------------------------------------------

typedef struct DeskGrievance {
    Str id, order, number, stage; // stage: "received", "upheld", "reduced", "released"
    Str appeal;                   // of the order: "appealed", "upheld" …
    int64_t at, due_at;           // of the first review
    bool overdue;
    int64_t documents;
    // desk_grievance_get only:
    Str text, contact;
    const DeskAttachment *files;
    size_t file_count;
} DeskGrievance;

// What a holder may see of the order, without a log-in: no victim, no case.
typedef struct DeskHolderView {
    Str number, institution; // name of the bank
    Str account_tail;        // the last three characters
    Str stage;               // "held", "asked", "lapsed", "released", "not_held", "ended"
    Str appeal;              // "none", "appealed", "upheld", "reduced", "overturned"
    int64_t ends_at;         // 0: none
    bool may_contest;
    Str agency, agency_phone;
} DeskHolderView;
// E_NOT_FOUND for a code that is none.
Err desk_holder_view(Ctx *c, DeskNode *n, Str code, DeskHolderView *ret_view) MUST_USE;
typedef struct DeskUpload {
    Str name, type, bytes;
} DeskUpload;
// The machine writes grievance, attachments and the appeal. E_STATE when it may not be contested
// (any more), with words for the holder.
Err desk_holder_contest(Ctx *c, DeskNode *n, Str code, Str text, Str contact,
                        const DeskUpload *uploads, size_t count) MUST_USE;
// Stage of a report for its victim: "received", "looked_at", "held", "sharing", "paid", "closed";
// nothing else.
Err desk_victim_stage(Ctx *c, DeskNode *n, Str code, Str *ret_stage) MUST_USE;

// The same contest, typed by an officer (on the phone, at the counter).
Err desk_grievance_add(Ctx *c, const Desk *d, Str order, Str text, Str contact,
                       const DeskUpload *uploads, size_t count,
                       DeskGrievance *ret_grievance) MUST_USE;
typedef struct DeskGrievanceList {
    const DeskGrievance *items;
    size_t count;
    Str next;
} DeskGrievanceList;
Err desk_grievance_list(Ctx *c, const Desk *d, bool open, DeskPage page,
                        DeskGrievanceList *ret_list) MUST_USE;
Err desk_grievance_get(Ctx *c, const Desk *d, Str id, DeskGrievance *ret_grievance) MUST_USE;
Err desk_grievance_list_json(Ctx *c, const DeskGrievanceList *l, Buf *out) MUST_USE;
Err desk_grievance_json(Ctx *c, const Desk *d, const DeskGrievance *g, Buf *out) MUST_USE;

// --- refunds ------------------------------------------------------------------------------------

typedef struct DeskRate {
    Str from, to, source, date;
    int64_t numerator, denominator;
} DeskRate;
// From a CSV file: from,to,numerator,denominator,source,date.
Err desk_rates_read(Ctx *c, DeskNode *n, Str path, const DeskRate **ret_rates,
                    size_t *ret_n) MUST_USE;

typedef struct DeskRefundQuery {
    Str case_id;
    const DeskRate *rates;
    size_t rate_count;
} DeskRefundQuery;
// All rules side by side, as JSON of docs/api.md; changes nothing.
Err desk_refund_compare(Ctx *c, const Desk *d, const DeskRefundQuery *q, Buf *out) MUST_USE;
// Makes the plan a record. `rule`: "by_trace", … E_STATE when there is nothing to share.
Err desk_refund_plan(Ctx *c, const Desk *d, const DeskRefundQuery *q, Str rule,
                     Str *ret_id) MUST_USE;
Err desk_refund_sign(Ctx *c, const Desk *d, Str plan) MUST_USE; // E_STATE: void, or signed by you
typedef struct DeskPaidDraft {
    Str report, account, currency, amount, reference; // as typed, amount in major units
} DeskPaidDraft;
Err desk_refund_paid(Ctx *c, const Desk *d, Str plan, const DeskPaidDraft *draft) MUST_USE;
Err desk_refund_json(Ctx *c, const Desk *d, Str plan, Buf *out) MUST_USE;
Err desk_refund_list_json(Ctx *c, const Desk *d, Str case_id, DeskPage page, Buf *out) MUST_USE;
typedef enum DeskRefundForm { DESK_REFUND_CSV, DESK_REFUND_XLSX, DESK_REFUND_HTML } DeskRefundForm;
Err desk_refund_export(Ctx *c, const Desk *d, Str plan, DeskRefundForm form, Buf *out) MUST_USE;
// Where a report's refund goes; a change asks for two persons (data/policy/release.csv).
Err desk_refund_account(Ctx *c, const Desk *d, Str report, Str account, Str document) MUST_USE;
Err desk_refund_account_second(Ctx *c, const Desk *d, Str report, Str target) MUST_USE;

// --- front, shift -------------------------------------------------------------------------------

Err desk_front_json(Ctx *c, const Desk *d, Buf *out) MUST_USE; // GET /front
Err desk_shift_json(Ctx *c, const Desk *d, Buf *out) MUST_USE; // GET /shift
Err desk_shift_close(Ctx *c, const Desk *d, Str next, Str note, Str *ret_id) MUST_USE;
Err desk_shift_sign(Ctx *c, const Desk *d, Str id, Str note) MUST_USE;
Err desk_shift_get_json(Ctx *c, const Desk *d, Str id, Buf *out) MUST_USE;
Err desk_shift_list_json(Ctx *c, const Desk *d, DeskPage page, Buf *out) MUST_USE;

// --- case file ----------------------------------------------------------------------------------

// Who is one victim: these reports of the case belong to one person.
Err desk_case_claimants(Ctx *c, const Desk *d, Str case_id, const Str *reports,
                        size_t count) MUST_USE;
Err desk_case_close(Ctx *c, const Desk *d, Str case_id, Str reason) MUST_USE;
// Lets records under H1 or higher leave.
Err desk_export_decide(Ctx *c, const Desk *d, Str case_id, const Str *records, size_t count, Str to,
                       Str reason, Str *ret_id) MUST_USE;
typedef struct DeskCaseFile {
    Str case_id, to, decision; // decision empty: none
} DeskCaseFile;
// The ZIP of docs/case-file.md into a file. E_DENIED naming the records that need a decision.
Err desk_case_export(Ctx *c, const Desk *d, const DeskCaseFile *f, Str path,
                     DeskProgress progress) MUST_USE;

// --- looking for something, what is new ---------------------------------------------------------

Err desk_search_json(Ctx *c, const Desk *d, Str text, Buf *out) MUST_USE;
typedef struct DeskNews {
    Str place; // sealed for this user: go on from here
    Str id, kind, root;
    int64_t at;
} DeskNews;
// New records behind `place` (empty: from now on); at most `limit`. `ret_place` is where to go on.
Err desk_news(Ctx *c, const Desk *d, Str place, size_t limit, const DeskNews **ret_items,
              size_t *ret_n, Str *ret_place) MUST_USE;
// Rises with each commit; `desk_news_wait` returns when it is above `seen`, or after timeout_ms.
uint64_t desk_news_count(DeskNode *n);
uint64_t desk_news_wait(DeskNode *n, uint64_t seen, int timeout_ms);

#endif
