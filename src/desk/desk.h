// desk: the actions a person takes. A button, a command and an API call are the same desk function.
//
// A DeskNode owns one folder: the lock, local.db, the ledger, the stream and the picture.
// Invariants: every change is a record, in the picture before the call returns; what a call
// returned OK for survives a crash; nothing is printed here. Answers are values in the request's
// arena (Ctx) unless said otherwise, and each has a writer of its RFC 8785 JSON. Errors are in
// plain words that say what to do next. Threads: a DeskNode may be used by many threads at once,
// each with its own Ctx; calls that write wait for one another. desk_close comes when no other call
// runs.
#ifndef MOEI_DESK_H
#define MOEI_DESK_H

#include "base/base.h"
#include "crypto/crypto.h"
#include "format/format.h"
#include "trace/trace.h"

// --- node -------------------------------------------------------------------------------------

typedef struct DeskNode DeskNode;
typedef DeskNode *DeskNodePtr;

// What the world gives.
typedef struct DeskEnv {
    Clock clock;
    CryptoRandom random;
    CryptoCost cost;    // of password hashes and of the backup's key
    size_t import_rows; // rows of a file that become durable at once; 0: IMPORT_BATCH_ROWS_MAX
} DeskEnv;

// Told now and then during long work. `step` returns false to stop it: E_CANCELLED. May be {0}.
typedef struct DeskProgress {
    bool (*step)(void *self, const char *what, uint64_t done, uint64_t total); // total 0: unknown
    void *self;
} DeskProgress;

typedef struct DeskInit {
    Str dir;
    Str agency;   // short name, [a-z0-9][a-z0-9-]{0,31}
    Str name;     // in words
    Str country;  // ISO 3166-1 alpha-2
    Str kind;     // one of desk_kind_at
    Str timezone; // IANA name; empty: by the country
    bool demo;    // may take in the public record
} DeskInit;

#define DESK_PASSWORD_BYTES 32
#define DESK_RECOVERY_BYTES 80
// Shown once, kept nowhere in plain. Wipe after showing.
typedef struct DeskSecrets {
    char agency_id[65];
    char admin_password[DESK_PASSWORD_BYTES];
    char officer_password[DESK_PASSWORD_BYTES];
    char recovery_key[DESK_RECOVERY_BYTES]; // groups of letters, to be written on paper
} DeskSecrets;

// The i-th kind of agency ("centre", "police" …), NULL behind the last.
const char *desk_kind_at(size_t i);

// Makes the folder and the first records. E_EXISTS when the folder holds anything; E_INVALID for a
// name, country, kind or zone that is none; E_IO, E_NO_SPACE, E_READ_ONLY.
Err desk_init(Ctx *c, const DeskEnv *env, const DeskInit *init, DeskSecrets *ret_secrets) MUST_USE;

// Becomes the owner of the folder. E_NOT_FOUND when there is no node in it, E_BUSY when another
// process owns it, E_CORRUPT, E_UNSUPPORTED for a folder of a newer program. A node whose ledger is
// older than the checkpoint that it gave out opens read-only: its writing calls return E_READ_ONLY
// with words that name `moei recover`.
Err desk_open(Ctx *c, const DeskEnv *env, Str dir, DeskNode **ret_node) MUST_USE;
// A large folder of another version: opening it makes the picture anew, once, and takes its time.
bool desk_opens_slowly(Str dir);
void desk_close(DeskNode *n); // NULL is fine
void DeskNodePtr_cleanup(DeskNodePtr *n);

// Writes the highest checkpoint beside the database if the tree has grown. The server calls it
// every 10 s; desk_close does too.
Err desk_checkpoint_save(Ctx *c, DeskNode *n) MUST_USE;

typedef struct DeskInfo {
    Str dir, agency_id, agency, name, country, kind, timezone;
    bool demo, read_only;
    Str read_only_why;       // empty when it is not
    uint64_t records, reads; // leaves of the two logs
    uint64_t transfers, accounts, segments, tail_rows, conflicts;
    uint64_t reports, cases, claims;
} DeskInfo;
Err desk_info(Ctx *c, DeskNode *n, DeskInfo *ret_info) MUST_USE;
const FormatTables *desk_tables(const DeskNode *n); // borrowed
// Local time of the node's zone, "2026-11-22 15:04:05", for people. In the request's arena.
Err desk_time_local(Ctx *c, const DeskNode *n, int64_t at_us, Str *ret_text) MUST_USE;
// The same with the zone, "2026-11-22 15:04:05 +07:00": where agencies of several zones talk.
Err desk_time_zoned(Ctx *c, const DeskNode *n, int64_t at_us, Str *ret_text) MUST_USE;
// "50,000.00" with the digits of the currency, for people.
Err desk_amount_text(Ctx *c, const DeskNode *n, int64_t minor, Str currency,
                     Str *ret_text) MUST_USE;

// The address under which holders and victims reach this node, kept in local.db: https://HOST, or
// http:// of this machine; "none" takes it back. E_INVALID. Empty where none is set.
Err desk_public_url_set(Ctx *c, DeskNode *n, Str url) MUST_USE;
Err desk_public_url(Ctx *c, DeskNode *n, Str *ret_url) MUST_USE;

// A page of a list.
typedef struct DeskPage {
    Str cursor;   // `next` of the page before, or empty for the first
    size_t limit; // 0 means LIST_PAGE_ITEMS_DEFAULT; at most LIST_PAGE_ITEMS_MAX
    Str state;    // of cases open or closed, of reports held or duplicate; empty: both
} DeskPage;

// Who acts, and what they may.
#include "desk/desk_access.h"
#include "desk/desk_user.h"

// --- reports ------------------------------------------------------------------------------------

// As typed; texts follow docs/format-csv.md. Lists by `;`. `id` empty: R-YYYY-NNNNNN is given.
// `reported_at` empty: now. Times without an offset are in the node's zone.
typedef struct DeskReportDraft {
    Str id, reported_at, happened_at, victim, country, channel, loss, currency;
    Str transfers, accounts, phones, urls, story;
    Str contact; // how to reach the victim
    Str accord;  // under which it is shared from the start, or empty
} DeskReportDraft;

typedef struct DeskMoney {
    Str currency;
    int64_t amount; // minor units
} DeskMoney;

typedef struct DeskReport {
    Str record; // id of its record
    Str id;
    Str name;       // what it is called here, and found by: its id, of a peer's "PEER/ID"
    bool duplicate; // another report of this id came first; this one is not traced
    int64_t reported_at;
    bool has_happened_at, has_loss;
    int64_t happened_at;
    int64_t loss;
    Str currency, country, channel;               // empty where not told
    Str victim, story, contact;                   // the same, and where the user may not see them
    const Str *transfers, *phones, *urls, *seeds; // seeds: picked by an officer
    size_t transfer_count, phone_count, url_count, seed_count;
    const FormatAccount *accounts;
    size_t account_count;
    Str case_id;  // of the open case that it stands in, or empty
    Str standing; // "claimed", "bank", "police"
    // desk_report_get only:
    Str victim_url;  // "https://…/r/CODE", or its path where no public address is set; empty for
                     // who does not speak with victims
    Str standing_by; // the agency whose word the standing is, where that is another than its author
    const struct DeskFlag *flags;
    size_t flag_count;
} DeskReport;

typedef struct DeskReportList {
    const DeskReport *items; // without victim, phones, urls, story: those are read one by one
    size_t count;
    Str next; // cursor, or empty
} DeskReportList;

// E_INVALID (which field, why), E_EXISTS (the id is taken by another report; the words name it).
Err desk_report_add(Ctx *c, const Desk *d, const DeskReportDraft *draft,
                    DeskReport *ret_report) MUST_USE;
// By report id or by the id of its record. E_NOT_FOUND.
Err desk_report_get(Ctx *c, const Desk *d, Str id, DeskReport *ret_report) MUST_USE;
Err desk_report_list(Ctx *c, const Desk *d, DeskPage page, DeskReportList *ret_list) MUST_USE;
// The address of the victim's own page, to be read out or sent: with a host where a public address
// is set. E_DENIED without the act report.write.
Err desk_report_address(Ctx *c, const Desk *d, Str report, Str *ret_address) MUST_USE;
Err desk_report_json(Ctx *c, const DeskReport *r, Buf *out) MUST_USE;
Err desk_report_list_json(Ctx *c, const DeskReportList *l, Buf *out) MUST_USE;

// A transfer that may be the one a victim speaks of.
typedef struct DeskProposal {
    Str transfer;
    int64_t booked_at;
    FormatAccount from, to;
    DeskMoney amount, credited;
    uint32_t score; // 0 … 1000, see docs/desk.md
    Str why;        // in words
    bool picked;    // by an officer, or named in the report itself
} DeskProposal;

typedef struct DeskMatch {
    Str report;
    int64_t from_us, until_us; // the times that were looked at
    bool more;                 // there are more than MATCH_PROPOSALS_MAX
    const DeskProposal *items; // best first
    size_t count;
    const Str *picked; // seeds after this call
    size_t picked_count;
} DeskMatch;

// Proposes; nothing changes. E_NOT_FOUND (report), E_STATE when the report names no account, with
// words that say so.
Err desk_report_match(Ctx *c, const Desk *d, Str report, DeskMatch *ret_match) MUST_USE;
// Makes these transfers the picked seeds of the report (a record; replaces earlier picks; count 0
// takes them back). E_NOT_FOUND when a transfer is not in the stream.
Err desk_report_pick(Ctx *c, const Desk *d, Str report, const Str *transfers,
                     size_t count) MUST_USE;
Err desk_match_json(Ctx *c, const DeskMatch *m, Buf *out) MUST_USE;

// --- cases --------------------------------------------------------------------------------------

typedef struct DeskCaseReport {
    Str id, record, currency, standing; // currency empty where not told
    bool has_loss, seeded;
    int64_t loss;
} DeskCaseReport;

// Reports of one victim.
typedef struct DeskCaseClaimant {
    Str id; // of the claimant record
    const Str *reports;
    size_t report_count;
} DeskCaseClaimant;

typedef struct DeskCase {
    Str id; // of its record
    Str title;
    int64_t at;
    bool open, has_closed_at;
    int64_t closed_at;
    Str reason; // of the close, empty while open
    Str agency, officer;
    const Str *reports; // report ids, bytewise; in a list only report_count is set
    size_t report_count;
    const Str *refused; // named by the case but standing in another open one
    size_t refused_count;
    // desk_case_get only:
    const DeskCaseReport *shorts; // one a report
    const DeskCaseClaimant *claimants;
    size_t claimant_count;
    const struct DeskOrder *orders; // those of the case, by issue
    size_t order_count;
} DeskCase;

typedef struct DeskCaseList {
    const DeskCase *items;
    size_t count;
    Str next;
} DeskCaseList;

// A case is named by its id or, where only one open case has it, by its title.
Err desk_case_new(Ctx *c, const Desk *d, Str title, DeskCase *ret_case) MUST_USE;
// The same under an accord, which shares it from the start; `accord` empty: none.
Err desk_case_new_under(Ctx *c, const Desk *d, Str title, Str accord, DeskCase *ret_case) MUST_USE;
// All or none of the reports. E_NOT_FOUND, E_STATE (it stands in another open case; closed case).
Err desk_case_add(Ctx *c, const Desk *d, Str case_id, const Str *reports, size_t count) MUST_USE;
Err desk_case_remove(Ctx *c, const Desk *d, Str case_id, Str report, Str reason) MUST_USE;
Err desk_case_get(Ctx *c, const Desk *d, Str case_id, DeskCase *ret_case) MUST_USE;
Err desk_case_list(Ctx *c, const Desk *d, DeskPage page, DeskCaseList *ret_list) MUST_USE;
Err desk_case_json(Ctx *c, const DeskCase *k, Buf *out) MUST_USE;
Err desk_case_list_json(Ctx *c, const DeskCaseList *l, Buf *out) MUST_USE;

// --- import -------------------------------------------------------------------------------------

typedef struct DeskImport {
    Str path;
    Str encoding, mapping; // as asked for, or empty
    Str sheet;             // of a spreadsheet, or empty: the first that is shown
    Str sender;            // whose files these are, or empty: the mapping that was named for them
                           // before is tried first, and one that is named now is remembered
    Str errors_path;       // with dry_run: a file to write, the same sheet with FORMAT_ERROR_COLUMN
                           // (XLSX where the path ends in .xlsx, else CSV)
    Str accord;            // of reports: under which they are shared from the start, or empty
    bool dry_run, all_or_nothing;
    DeskProgress progress;
} DeskImport;

typedef struct DeskBadRow {
    uint64_t row, line;
    Str column, reason;
} DeskBadRow;

typedef struct DeskImportResult {
    Str file; // the path without its folders
    Str mapping, encoding;
    Str sheet;          // of a spreadsheet, else empty
    size_t sheet_count; // that are shown
    char sha256[65];
    bool dry_run;
    bool nothing_new; // this very file was taken in before
    bool refused;     // all_or_nothing and there were bad rows: nothing was taken
    uint64_t resumed; // rows that an import broken off earlier had taken
    uint64_t rows, good, taken, known, filled, conflicts, bad, warnings;
    const DeskBadRow *bad_rows; // the first IMPORT_BAD_ROWS_SHOWN_MAX
    size_t bad_row_count;
    const DeskBadRow *warning_rows; // the same of rows taken with a doubt
    size_t warning_row_count;
} DeskImportResult;

// Bad rows are no error: they are counted and shown. E_INVALID, E_NOT_FOUND when the file is broken
// as a whole (encoding, header, mapping): nothing is taken.
Err desk_import_transfers(Ctx *c, const Desk *d, const DeskImport *in,
                          DeskImportResult *ret_result) MUST_USE;
Err desk_import_reports(Ctx *c, const Desk *d, const DeskImport *in,
                        DeskImportResult *ret_result) MUST_USE;
// Every row of the CSV files of a folder (path empty: the one shipped inside the program) becomes a
// claim with its source. E_DENIED on a node that is no demo.
Err desk_import_public_record(Ctx *c, const Desk *d, const DeskImport *in,
                              DeskImportResult *ret_result) MUST_USE;
Err desk_import_json(Ctx *c, const DeskImportResult *r, Buf *out) MUST_USE;

// What a person looks at before taking a file in: its first DESK_PREVIEW_ROWS_MAX rows as they
// stand there, each with what is wrong with it.
typedef struct DeskPreviewError {
    Str column, reason;
    size_t cell;  // of the row, from 1; 0 where it is none or several
    bool warning; // the row is taken all the same
} DeskPreviewError;

typedef struct DeskPreviewRow {
    uint64_t row, line;
    const Str *cells; // long ones are cut and end in an ellipsis
    size_t cell_count;
    const DeskPreviewError *errors;
    size_t error_count;
} DeskPreviewRow;

typedef struct DeskPreview {
    Str file, mapping, encoding, sheet;
    size_t sheet_count;
    const Str *columns;
    size_t column_count;
    const DeskPreviewRow *rows;
    size_t row_count;
} DeskPreview;

// Errors as of desk_import_*. What only the ledger or the stream knows (another report with the
// same id) is not looked at: a dry run does.
Err desk_import_preview(Ctx *c, const Desk *d, const DeskImport *in, FormatKind kind,
                        DeskPreview *ret_preview) MUST_USE;
Err desk_preview_json(Ctx *c, const DeskPreview *p, Buf *out) MUST_USE;
Err desk_import_preview_json(Ctx *c, const Desk *d, const DeskImport *in, bool reports,
                             Buf *out) MUST_USE;
// The mappings that a file may be taken in with: those inside the program, and those kept here.
Err desk_mapping_list_json(Ctx *c, const Desk *d, Buf *out) MUST_USE;

// --- transfers that were told differently -------------------------------------------------------

typedef struct DeskTransfer {
    Str id;
    int64_t booked_at;
    FormatAccount from, to;
    DeskMoney amount, credited;
    bool has_from_balance, has_to_balance, has_seq;
    int64_t from_balance, to_balance, seq;
    Str channel, memo;
} DeskTransfer;

typedef struct DeskTransferVersion {
    Str row;      // the mapped row
    Str row_hash; // hex SHA-256 of it: what a pick names
    bool current; // the one that traces use
    bool picked;
} DeskTransferVersion;

typedef struct DeskTransferCard {
    DeskTransfer transfer; // current version
    const DeskTransferVersion *versions;
    size_t version_count; // 1 where nothing contradicts
} DeskTransferCard;

typedef struct DeskConflictList {
    const DeskTransferCard *items;
    size_t count;
    Str next;
} DeskConflictList;

Err desk_transfer_conflicts(Ctx *c, const Desk *d, DeskPage page,
                            DeskConflictList *ret_list) MUST_USE;
Err desk_transfer_get(Ctx *c, const Desk *d, Str id, DeskTransferCard *ret_card) MUST_USE;
// Makes the version with this row hash (or a unique beginning of it, 8 digits or more) the current
// one. A record.
Err desk_transfer_pick(Ctx *c, const Desk *d, Str id, Str row_hash) MUST_USE;
Err desk_transfer_json(Ctx *c, const DeskTransferCard *t, Buf *out) MUST_USE;
Err desk_conflict_list_json(Ctx *c, const DeskConflictList *l, Buf *out) MUST_USE;

// --- trace --------------------------------------------------------------------------------------

typedef struct DeskTraceQuery {
    Str case_id;        // or, when empty,
    const Str *reports; // report ids
    size_t report_count;
    TraceRule rule;
    bool has_until;
    int64_t until_us;
} DeskTraceQuery;

typedef struct DeskTag {
    uint32_t report; // index into DeskTrace.reports
    int64_t amount;  // 0 under poison
} DeskTag;

typedef struct DeskTraceReport {
    Str id, record, currency; // currency empty where not told
    bool seeded;              // at least one seed is in the stream
    bool contested;           // shares a transfer with another report of this trace
    const DeskMoney *seed, *left, *exits, *cost; // by currency, no zeros
    size_t seed_count, left_count, exit_count, cost_count;
} DeskTraceReport;

typedef struct DeskTraceAccount {
    FormatAccount account;
    Str currency;
    uint32_t level;
    int64_t first_at, balance;
    const DeskTag *tags; // what lies there at the end, by report
    size_t tag_count;
    const DeskTag *came; // what came in altogether, by report; gone on = came - tags
    size_t came_count;
} DeskTraceAccount;

#define DESK_TRACE_OUTSIDE UINT32_MAX
typedef struct DeskTraceTransfer {
    Str id;
    uint32_t level;
    const DeskTag *tags; // as credited, by report
    size_t tag_count;
    uint32_t from, to; // index into accounts, DESK_TRACE_OUTSIDE where not listed there
    DeskTransfer transfer;
    uint64_t position;
    bool seed;
} DeskTraceTransfer;

typedef struct DeskTraceNote {
    Str report, transfer;
    Str belongs_to; // empty: the transfer is not in the stream
} DeskTraceNote;

typedef struct DeskTrace {
    TraceRule rule;
    bool has_until;
    int64_t until_us;
    const DeskTraceReport *reports; // by id
    size_t report_count;
    const DeskTraceAccount *accounts; // by (country, institution, account, currency)
    size_t account_count;
    const uint32_t *by_level; // indexes of accounts: by level, then what came in, largest first
    const DeskTraceTransfer *transfers; // by id
    size_t transfer_count;
    const DeskTraceNote *notes; // by (report, transfer)
    size_t note_count;
    uint32_t level_max;
    uint64_t events;   // transfers that the engine looked at
    int64_t engine_us; // time of the engine alone
} DeskTrace;

// Reads the end of a trace as intake reads times: RFC 3339 with offset, Buddhist years understood,
// so that 2569 does not silently mean "everything". E_INVALID with an example.
Err desk_trace_until(Ctx *c, Str text, DeskTraceQuery *q) MUST_USE;
// Follows the money. E_NOT_FOUND (report, case), E_STATE when none of the reports has a known seed:
// the words say what to do.
Err desk_trace(Ctx *c, const Desk *d, const DeskTraceQuery *q, DeskTrace *ret_trace) MUST_USE;
// The exact form of docs/trace.md, with one newline after it.
Err desk_trace_json(Ctx *c, const DeskTrace *t, Buf *out) MUST_USE;
// One sentence: how much, how far, how much still lies where it can be held.
Err desk_trace_summary(Ctx *c, const DeskNode *n, const DeskTrace *t, Str *ret_text) MUST_USE;
// How the money came to an account ([country/[institution/]]account), step by step in words, one
// line a step. E_NOT_FOUND when the trace does not reach it; E_INVALID when several fit.
Err desk_trace_why(Ctx *c, const DeskNode *n, const DeskTrace *t, Str account, Buf *out) MUST_USE;

// --- records and the public record
// ----------------------------------------------------------------

// Who signed a record. The state is "checked" (by the key that the officer's records of the same
// agency's log named when it was said), "key_unknown" (these are not here: the agency's log alone
// vouches for it), "other_key" (the officer had another key then), "false" (it does not hold).
typedef struct DeskSigned {
    Str officer, key, state;
} DeskSigned;

typedef struct DeskRecord {
    Str id, kind, of; // of empty: null
    int64_t at;
    Str agency, officer; // officer empty: the machine
    Str log;
    uint64_t leaf;
    Str state;      // "held", "withheld", "erased"
    Str envelope;   // desk_record_get only; empty when erased
    Str salt;       // hex, with the envelope
    Str commitment; // hex
    uint64_t tree_size;
    const Str *proof; // hex, inclusion path of the leaf
    size_t proof_count;
    Str checkpoint;       // the signed note
    bool verified;        // commitment, path and signature fit
    const Str *quoted_by; // records that rely on it (their refs name it), oldest first
    size_t quoted_count;
    DeskSigned *sigs; // desk_record_get only; none where the record bound nobody
    size_t sig_count;
} DeskRecord;

typedef struct DeskRecordList {
    const DeskRecord *items;
    size_t count;
    Str next;
} DeskRecordList;

Err desk_record_list(Ctx *c, const Desk *d, Str kind, DeskPage page,
                     DeskRecordList *ret_list) MUST_USE; // kind empty: all
Err desk_record_get(Ctx *c, const Desk *d, Str id, DeskRecord *ret_record) MUST_USE;
Err desk_record_json(Ctx *c, const DeskRecord *r, Buf *out) MUST_USE;
Err desk_record_list_json(Ctx *c, const DeskRecordList *l, Buf *out) MUST_USE;

typedef struct DeskCell {
    Str column, value;
} DeskCell;

typedef struct DeskClaim {
    Str record, table, key;
    int64_t at; // when the claim was recorded
    Str source; // keys of the table "sources", by `;`
    const DeskCell *cells;
    size_t cell_count;
} DeskClaim;

typedef struct DeskClaimList {
    const DeskClaim *items; // in the order of the file
    size_t count;
    Str next;
} DeskClaimList;

Err desk_claim_list(Ctx *c, const Desk *d, Str table, DeskPage page,
                    DeskClaimList *ret_list) MUST_USE; // table empty: all
// Columns of a table in the order of the shipped file; cells of a claim are sorted by column and
// leave empty ones out. E_NOT_FOUND for a table that is not shipped.
Err desk_claim_columns(Ctx *c, Str table, const Str **ret_columns, size_t *ret_n) MUST_USE;
Err desk_claim_list_json(Ctx *c, const DeskClaimList *l, Buf *out) MUST_USE;

// --- the machine's ------------------------------------------------------------------------------

typedef struct DeskVerdict {
    bool ok;
    Str where, what;  // the first that does not fit
    uint64_t records; // looked at
    uint64_t segments, transfers;
} DeskVerdict;

// Goes through ledger, stream and picture. OK also when a fault was found: the verdict says so.
Err desk_verify(Ctx *c, DeskNode *n, DeskProgress progress, DeskVerdict *ret_verdict) MUST_USE;
// Verifies a folder that may be too damaged for desk_open. Owns it meanwhile.
Err desk_verify_folder(Ctx *c, const DeskEnv *env, Str dir, DeskProgress progress,
                       DeskVerdict *ret_verdict) MUST_USE;
Err desk_verdict_json(Ctx *c, const DeskVerdict *v, Buf *out) MUST_USE;

typedef struct DeskRebuild {
    uint64_t records; // of our own log
    uint64_t others;  // that came from other agencies
    bool compared;    // false where there are more than DESK_COMPARE_RECORDS_MAX
    bool equal;       // the new picture equals the old one, table by table
} DeskRebuild;
Err desk_rebuild(Ctx *c, DeskNode *n, DeskProgress progress, DeskRebuild *ret_rebuild) MUST_USE;
Err desk_rebuild_json(Ctx *c, const DeskRebuild *r, Buf *out) MUST_USE;

// Removes the content of a record for ever; `reason` is kept. E_DENIED for records that hold the
// node together (genesis, key, officer, batch, erase), E_STATE when it is erased already.
Err desk_erase(Ctx *c, const Desk *d, Str record, Str reason, DeskRecord *ret_erase) MUST_USE;

// A consistent, encrypted copy of everything under the folder in one file.
Err desk_backup(Ctx *c, DeskNode *n, Str file, Str passphrase, DeskProgress progress) MUST_USE;
// Makes a folder from a backup. E_EXISTS when the folder holds anything, E_CRYPTO for a wrong
// passphrase, E_CORRUPT for a damaged file.
Err desk_recover(Ctx *c, const DeskEnv *env, Str dir, Str file, Str passphrase,
                 DeskProgress progress) MUST_USE;
// Unlocks a node whose ledger is older than the checkpoint it gave out: the records in between are
// given up. E_STATE when it is not such a node, or when `accept_loss` is false: the words say what
// would be lost.
Err desk_recover_unlock(Ctx *c, const DeskEnv *env, Str dir, bool accept_loss) MUST_USE;

#include "desk/desk_exchange.h"
#include "desk/desk_order.h"
#include "desk/desk_refund.h"
#include "desk/desk_share.h"

#endif
