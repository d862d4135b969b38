// store: SQLite behind one door: open, migrate, prepared statements, transactions, backup, dump.
//
// Owns: connections and their statements. The only room that includes sqlite3.h.
// Invariants: every statement is prepared at open from embedded SQL and nothing is compiled later;
// values are bound by name; every PRAGMA that is set is read back; WAL without automatic
// checkpoints (the writer calls store_checkpoint between groups); secure_delete on. A transaction
// that was not committed rolls back.
// Threads: a StoreDb and its statements belong to one thread at a time. One writer per file;
// readers have connections of their own.
//
// SQL of a room lies in src/<room>/sql/*.sql. A file whose name begins with a digit is a migration
// (001_first.sql, 002_….sql: forward only, applied once each, in order of name, together in one
// transaction). Any other file holds statements, each headed by a line `-- :its_name`:
//
//     -- :report_get
//     SELECT … FROM v_report WHERE id = :id
//
// `#include "<room>_sql.h"` (after this header) gives the table <room>_sql[] of both.
#ifndef MOEI_STORE_H
#define MOEI_STORE_H

#include "base/base.h"

typedef struct StoreDb StoreDb;
typedef struct StoreStmt StoreStmt;

// --- what a file holds ------------------------------------------------------------------------

typedef struct StoreSql {
    const char *name; // file name without .sql
    const char *text;
} StoreSql;

// What one room keeps in a file. Several rooms may share a file: each has its own version, kept in
// the table store_schema(room, version). All pointers are static.
typedef struct StoreSchema {
    const char *room;
    const StoreSql *sql; // migrations and statements
    size_t sql_count;
    const char *const *statements; // names, indexed by an enum of the room
    size_t statement_count;
} StoreSchema;

// A function of SQL that takes and gives integers (NULL comes as 0). Deterministic within one
// statement. `self` must outlive the connection.
typedef struct StoreFunction {
    const char *name;
    int args;
    int64_t (*call)(void *self, const int64_t *args);
    void *self;
} StoreFunction;

// What a reader may touch: these tables and views by name, raw tables only through such a view, and
// these SQL functions. Schema tables, ATTACH, PRAGMA and writes are refused.
typedef struct StoreAllow {
    const char *const *views;
    size_t view_count;
    const char *const *functions;
    size_t function_count;
} StoreAllow;

typedef enum StoreMode {
    STORE_CREATE, // read and write; made when absent
    STORE_WRITE,  // read and write; E_NOT_FOUND when absent; migrates
    STORE_READ    // query only; E_NOT_FOUND when absent, E_STATE when a migration is due
} StoreMode;

typedef enum StoreSync { STORE_SYNC_FULL, STORE_SYNC_NORMAL } StoreSync;

typedef struct StoreOptions {
    StoreMode mode;
    StoreSync sync;
    const StoreSchema *const *schemas;
    size_t schema_count; // <= STORE_SCHEMAS_MAX
    const StoreFunction *functions;
    size_t function_count;
    const StoreAllow *allow; // NULL: no authorizer
    uint32_t cache_kib;      // 0: STORE_CACHE_KIB_DEFAULT
} StoreOptions;

// Opens `path`. E_NOT_FOUND, E_STATE (migration due for a reader), E_UNSUPPORTED (the file is of a
// newer program), E_CORRUPT (no database), E_IO, E_NO_SPACE, E_READ_ONLY, E_MEMORY, E_BUSY;
// E_DENIED when a statement touches what `allow` does not name. A statement that does not compile
// is E_UNSUPPORTED with its name and SQLite's words.
Err store_open(Ctx *c, Str path, const StoreOptions *options, StoreDb **ret_db) MUST_USE;
// Rolls back what is open. Does not checkpoint: closing is as quick as a crash. NULL is fine.
void store_close(StoreDb *db);
typedef StoreDb *StoreDbOwned; // AUTO(StoreDbOwned) db = NULL;
void StoreDbOwned_cleanup(StoreDbOwned *db);
const char *store_path(const StoreDb *db);

// --- statements -------------------------------------------------------------------------------

// Statement `index` of the first schema; of the given one. Owned by the connection. An index out of
// range is a programmer's error.
StoreStmt *store_stmt(StoreDb *db, size_t index);
StoreStmt *store_stmt_of(StoreDb *db, const StoreSchema *schema, size_t index);

// Values for `:name`; a name that the statement does not have is a programmer's error. Bytes are
// not copied: they must live until the statement is reset. An error (memory, size) is sticky and
// comes out of the next store_step.
void store_bind_i64(StoreStmt *s, const char *name, int64_t v);
void store_bind_str(StoreStmt *s, const char *name, Str v); // p NULL binds the empty text
void store_bind_blob(StoreStmt *s, const char *name, const void *bytes, size_t n);
void store_bind_null(StoreStmt *s, const char *name);
// For hot paths: by place, 1 for the first parameter in the text of the statement.
void store_bind_at_i64(StoreStmt *s, int at, int64_t v);
void store_bind_at_str(StoreStmt *s, int at, Str v);
void store_bind_at_blob(StoreStmt *s, int at, const void *bytes, size_t n);
void store_bind_at_null(StoreStmt *s, int at);

// Next row. On an error the statement is reset. E_EXISTS for a broken UNIQUE or PRIMARY KEY,
// E_INVALID for another constraint, E_STATE for RAISE(ABORT, …) of a trigger, and the errors of
// store_open.
Err store_step(Ctx *c, StoreStmt *s, bool *ret_row) MUST_USE;
// Steps to the end and resets: for statements that give no rows.
Err store_run(Ctx *c, StoreStmt *s) MUST_USE;
// Ends the statement and forgets its values.
void store_reset(StoreStmt *s);
// AUTO(StoreQuery) q = store_stmt(db, X); is reset when the scope is left.
typedef StoreStmt *StoreQuery;
void StoreQuery_cleanup(StoreQuery *q);

// Columns of the current row, from 0. Text and blobs live until the next step or reset.
int64_t store_col_i64(StoreStmt *s, int column);
Str store_col_str(StoreStmt *s, int column); // text or blob; NULL gives {NULL, 0}
bool store_col_is_null(StoreStmt *s, int column);

int64_t store_changes(StoreDb *db); // rows changed by the last statement

// --- transactions -----------------------------------------------------------------------------

// begin takes the write lock at once (E_BUSY after STORE_BUSY_MS_MAX); begin_read sees one
// snapshot until commit or rollback. commit is one fdatasync where sync is FULL. rollback of
// nothing is fine.
Err store_begin(Ctx *c, StoreDb *db) MUST_USE;
Err store_begin_read(Ctx *c, StoreDb *db) MUST_USE;
Err store_commit(Ctx *c, StoreDb *db) MUST_USE;
void store_rollback(StoreDb *db);
bool store_in_transaction(const StoreDb *db);

// AUTO(StoreTx) tx = {0}; TRY(store_tx_begin(c, db, &tx)); … TRY(store_tx_commit(c, &tx));
// When the scope is left before the commit, it rolls back.
typedef struct StoreTx {
    StoreDb *db;
} StoreTx;
Err store_tx_begin(Ctx *c, StoreDb *db, StoreTx *ret_tx) MUST_USE;
Err store_tx_begin_read(Ctx *c, StoreDb *db, StoreTx *ret_tx) MUST_USE;
Err store_tx_commit(Ctx *c, StoreTx *tx) MUST_USE;
void StoreTx_cleanup(StoreTx *tx);

// --- the file as a whole ----------------------------------------------------------------------

typedef enum StoreCheckpoint {
    STORE_CHECKPOINT_PASSIVE, // moves what it can without waiting
    STORE_CHECKPOINT_TRUNCATE // moves all and empties the WAL; E_BUSY when a reader stays
} StoreCheckpoint;
Err store_checkpoint(Ctx *c, StoreDb *db, StoreCheckpoint how) MUST_USE;
// Pages that the WAL holds after the last commit of this connection.
int64_t store_wal_pages(const StoreDb *db);

// A consistent copy as one file without WAL, synced. E_EXISTS when `path` is there.
Err store_backup_to(Ctx *c, StoreDb *db, Str path) MUST_USE;

// All tables as text: tables by name, columns as declared, rows sorted by all columns, one a line.
// The same content gives the same bytes, whatever order it came in. Needs a connection without
// authorizer. E_MEMORY.
Err store_dump(Ctx *c, StoreDb *db, Buf *out) MUST_USE;

// PRAGMA integrity_check: E_CORRUPT with the first finding.
Err store_check(Ctx *c, StoreDb *db) MUST_USE;

// --- tests ------------------------------------------------------------------------------------

// From now on the process's connections write through a VFS that asks fault_write_now() before each
// write, sync, truncation and removal, and SQLite takes its memory from mem_alloc. Before the first
// store_open only. E_STATE when it comes too late.
Err store_faults_install(Ctx *c) MUST_USE;

#endif
