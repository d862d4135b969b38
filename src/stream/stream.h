// stream: bank transfers in time order: taken in, kept, read as a view that can be traced.
//
// Owns DIR/stream (immutable sealed segments and account tables) and the stream_* tables of
// ledger.db (manifest, batches, tail, tellings, picks); docs/format-stream.md fixes the bytes and
// the meaning. Invariants: the current row of a transfer depends only on the set of its tellings
// and on the pick, never on the order or the split of files; what was committed survives a crash; a
// file is never changed, only replaced by a new one. Threads: one writer at a time
// (stream_import_*, stream_seal, stream_verify, on the thread that owns the ledger's connection).
// Snapshots are immutable and may be taken, read and put by any number of threads at once.
//
// stream_transfer_row is the mapped row that batches are proven by; format's format_transfer_row
// stands for the same bytes and may delegate to it.
#ifndef MOEI_STREAM_H
#define MOEI_STREAM_H

#include "base/base.h"
#include "crypto/crypto.h"
#include "store/store.h"
#include "trace/trace.h"

typedef struct Stream Stream;
typedef Stream *StreamPtr; // AUTO(StreamPtr) s = NULL;
void StreamPtr_cleanup(StreamPtr *s);

// --- transfers
// ------------------------------------------------------------------------------------

// One side of a transfer. An empty account is the outside.
typedef struct StreamParty {
    Str country, institution, account;
} StreamParty;

// A transfer as told. Strings are borrowed, valid UTF-8 without control characters. What was not
// given is false, 0 or empty.
typedef struct StreamTransfer {
    Str id; // 1 … STREAM_ID_BYTES_MAX bytes
    int64_t booked_at_us;
    StreamParty from, to;
    int64_t amount; // minor units of `currency`, > 0
    Str currency;   // code
    bool has_credited, has_credited_currency, has_from_balance, has_to_balance, has_seq;
    int64_t credited;                 // minor units of credited_currency; read where has_credited
    Str credited_currency;            // read where has_credited_currency, else it is `currency`
    int64_t from_balance, to_balance; // after the transfer
    int64_t seq;
    Str channel, memo;
    uint8_t exponent;          // digits of `currency`
    uint8_t credited_exponent; // digits of the currency credited; read where has_credited_currency
} StreamTransfer;

// The mapped row of docs/format-csv.md, without a line end: 17 columns, times in Z with the least
// fraction, amounts in major units with all digits of the currency, quotes only where needed.
void stream_transfer_row(const StreamTransfer *t, Buf *b);

// --- open
// -----------------------------------------------------------------------------------------

// What stream keeps in ledger.db; hand it to ledger_create and ledger_open.
const StoreSchema *stream_schema(void);

typedef struct StreamOptions {
    Str dir;            // the node's folder; DIR/stream is made in it
    StoreDb *ledger_db; // borrowed writer connection, must outlive the stream
    CryptoRandom random;
} StreamOptions;

// Opens or makes the stream: maps the files of the manifest (checks headers and sizes only), loads
// the tail, removes files that a crash left behind. Must not be called inside a transaction.
// E_CORRUPT when a file of the manifest is absent or no such file; E_IO, E_MEMORY, E_NO_SPACE.
Err stream_open(Ctx *c, const StreamOptions *options, Stream **ret_stream) MUST_USE;
// All snapshots must have been put back. NULL is fine.
void stream_close(Stream *s);

// --- taking in
// ------------------------------------------------------------------------------------
//
//     TRY(stream_import_begin(c, s, &imp));
//     for each row:   TRY(stream_import_add(c, imp, &transfer));
//                     if (stream_import_full(imp)) { commit_part(…); }
//     commit_part:    TRY(stream_import_seal(c, imp, &batch));       // files are written and
//     durable
//                     TRY(ledger_begin(c, l)); … append the batch record if batch.taken > 0 …
//                     TRY(stream_import_commit(c, imp));             // rows of ledger.db
//                     TRY(ledger_commit(c, l));
//                     stream_import_publish(imp);                    // readers see it; cannot fail
//     at the end:     stream_import_close(imp);                      // drops what was not
//     published

typedef struct StreamImport StreamImport;
typedef StreamImport *StreamImportPtr; // AUTO(StreamImportPtr) imp = NULL;
void StreamImportPtr_cleanup(StreamImportPtr *imp);

// Counts of one batch and what its record states.
typedef struct StreamBatch {
    uint64_t number;                          // of the batch, from 1; 0 where nothing was taken
    uint64_t rows;                            // added
    uint64_t taken, known, filled, conflicts; // taken = rows - known counts filled and conflicts
    CryptoHash root;                          // RFC 6962 over the salted rows taken
} StreamBatch;

// E_BUSY while another session is open.
Err stream_import_begin(Ctx *c, Stream *s, StreamImport **ret_import) MUST_USE;
// One telling of a transfer. Rows may come in any order; sorted ones are fastest. E_INVALID when
// the row cannot be kept (a field too long or with control characters, amounts out of range, digits
// of a currency other than before): nothing changed and the session goes on. After any other error
// the session can only be closed. E_LIMIT when the batch is full, or a transfer has been told in
// more than STREAM_TELLINGS_MAX different ways.
Err stream_import_add(Ctx *c, StreamImport *imp, const StreamTransfer *t) MUST_USE;
// True when the batch holds IMPORT_BATCH_ROWS_MAX rows and must be sealed.
bool stream_import_full(const StreamImport *imp);
// Makes the version of a transfer with this row (or the one that a telling with this row went into)
// the current one: what a transfer_pick record says. E_NOT_FOUND when there is no such transfer or
// version.
Err stream_import_pick(Ctx *c, StreamImport *imp, Str id, const CryptoHash *row) MUST_USE;
// Counts so far (root empty), for a dry run.
Err stream_import_count(Ctx *c, StreamImport *imp, StreamBatch *ret_batch) MUST_USE;
// Ends the batch: sorts, merges, writes segments (or leaves it to the tail), makes them durable.
// Nothing is visible yet.
Err stream_import_seal(Ctx *c, StreamImport *imp, StreamBatch *ret_batch) MUST_USE;
// Manifest, tail and tellings, in the transaction that the caller has open on ledger_db.
Err stream_import_commit(Ctx *c, StreamImport *imp) MUST_USE;
// After the caller's commit. Swaps the snapshot; the session is then empty and may go on.
void stream_import_publish(StreamImport *imp);
// Drops what was not published. NULL is fine.
void stream_import_close(StreamImport *imp);

// Moves the tail into segments, in a transaction of its own. OK when there is none.
Err stream_seal(Ctx *c, Stream *s) MUST_USE;

// --- reading
// --------------------------------------------------------------------------------------

typedef struct StreamSnapshot StreamSnapshot;
typedef StreamSnapshot *StreamSnapshotPtr; // AUTO(StreamSnapshotPtr) snap = stream_snapshot_get(s);
void StreamSnapshotPtr_cleanup(StreamSnapshotPtr *snap);

// The state as of the last publish. Never NULL. Everything that is read from it stays valid until
// it is put back, unless said otherwise.
StreamSnapshot *stream_snapshot_get(Stream *s);
void stream_snapshot_put(StreamSnapshot *snap); // NULL is fine

typedef struct StreamCounts {
    uint64_t transfers, accounts, segments, tail_rows;
    uint64_t conflicts; // transfers of which several versions stand
    uint64_t batches;
} StreamCounts;
StreamCounts stream_counts(const StreamSnapshot *snap);
// SHA-256 over the state: names the exact stream that a trace was made from.
CryptoHash stream_manifest_hash(const StreamSnapshot *snap);

const TraceView *stream_view(const StreamSnapshot *snap);

typedef struct StreamAccount {
    StreamParty party; // an empty account is the outside of this institution
    Str currency;
    uint8_t exponent;
} StreamAccount;
// id must be below counts.accounts.
StreamAccount stream_account(const StreamSnapshot *snap, uint32_t id);
// False when there is none. `exponent` is not looked at.
bool stream_account_find(const StreamSnapshot *snap, const StreamAccount *key, uint32_t *ret_id);
// Accounts by number; country and institution count where they are not empty. Any currency. Sorted
// ids in the request's arena. E_LIMIT over STREAM_ACCOUNTS_FOUND_MAX, E_CORRUPT.
Err stream_accounts_search(Ctx *c, const StreamSnapshot *snap, const StreamParty *party,
                           uint32_t **ret_ids, size_t *ret_n) MUST_USE;

// Position of a transfer by id; false when there is none.
bool stream_transfer_find(const StreamSnapshot *snap, Str id, uint64_t *ret_position);
// The transfer at a position, which must exist in the view. Strings point into the snapshot.
// E_CORRUPT when the file is damaged there.
Err stream_transfer_get(Ctx *c, const StreamSnapshot *snap, uint64_t position,
                        StreamTransfer *ret_transfer) MUST_USE;
// The first position at or after `from`, TRACE_POSITION_NONE behind the last: for going through
// all.
uint64_t stream_position_next(const StreamSnapshot *snap, uint64_t from);

typedef struct StreamEntry {
    uint64_t position;
    bool debit;
} StreamEntry;
// Entries of an account booked in [from_us, until_us], in Order, at most `max`; *ret_more tells
// that there are others. In the request's arena.
typedef struct StreamEntries {
    const StreamEntry *items;
    size_t n;
    bool more;
} StreamEntries;
typedef struct StreamWindow {
    int64_t from_us, until_us;
    size_t max;
} StreamWindow;
Err stream_account_entries(Ctx *c, const StreamSnapshot *snap, uint32_t account,
                           const StreamWindow *window, StreamEntries *ret_entries) MUST_USE;

// A version of a transfer of which several stand.
typedef struct StreamVersion {
    Str row;         // the mapped row, in the request's arena
    CryptoHash hash; // SHA-256 of it: what a pick names
    bool current, picked;
} StreamVersion;
// All versions of a transfer, the current one first, then by row. One where nothing contradicts.
// E_NOT_FOUND.
Err stream_versions(Ctx *c, const StreamSnapshot *snap, Str id, StreamVersion **ret_versions,
                    size_t *ret_n) MUST_USE;
// Ids of transfers with several versions, bytewise, those after `after`, at most `max`.
Err stream_conflicts(Ctx *c, const StreamSnapshot *snap, Str after, size_t max, Str **ret_ids,
                     size_t *ret_n) MUST_USE;

// --- proof
// ----------------------------------------------------------------------------------------

// What the ledger says of batches. `found` answers whether a held batch record states this root and
// this number of rows taken; `count` is how many batch records with rows taken the ledger holds.
typedef struct StreamBatchSource {
    Err (*found)(Ctx *c, void *self, const StreamBatch *batch, bool *ret_found);
    void *self;
    uint64_t count;
} StreamBatchSource;

typedef struct StreamProgress {
    bool (*step)(void *self, uint64_t rows_done, uint64_t rows_total); // false stops: E_CANCELLED
    void *self;
} StreamProgress;

typedef struct StreamVerdict {
    bool good;
    char words[512]; // the first thing that does not fit: which segment, row, batch, and how
    uint64_t segments, rows, batches; // looked at
} StreamVerdict;

// Checks every byte: hashes of files, checksums, order, sums recomputed, indexes, and the root of
// every batch from its rows. Damage is a verdict, not an error. `source` NULL: roots are compared
// with the stream's own batch rows only; progress NULL: silent.
Err stream_verify(Ctx *c, Stream *s, const StreamBatchSource *source,
                  const StreamProgress *progress, StreamVerdict *ret_verdict) MUST_USE;

// Checks the bytes of one segment or account file in itself, whatever they are. E_CORRUPT says what
// does not fit; E_MEMORY.
Err stream_file_check(Ctx *c, Str bytes) MUST_USE;

#endif
