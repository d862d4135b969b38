// Statements, transactions, and SQLite's codes as ours.
#include "store/store_priv.h"

#include <errno.h>

// --- errors -------------------------------------------------------------------------------------

static Err constraint_err(int extended) {
    switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return E_EXISTS;
    case SQLITE_CONSTRAINT_TRIGGER:
        return E_STATE;
    default:
        return E_INVALID;
    }
}

static Err io_err(StoreDb *db, int extended) {
    int number = db->db ? sqlite3_system_errno(db->db) : 0;
    if (extended == SQLITE_IOERR_NOMEM)
        return E_MEMORY;
    if (extended == SQLITE_IOERR_CORRUPTFS)
        return E_CORRUPT;
    if (number == ENOSPC || number == EDQUOT)
        return E_NO_SPACE;
    return number == EROFS || number == EACCES || number == EPERM ? E_READ_ONLY : E_IO;
}

static Err err_of(StoreDb *db, int code) {
    switch (code & 0xff) {
    case SQLITE_FULL:
        return E_NO_SPACE;
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return E_READ_ONLY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return E_CORRUPT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return E_BUSY;
    case SQLITE_NOMEM:
        return E_MEMORY;
    case SQLITE_TOOBIG:
        return E_LIMIT;
    case SQLITE_AUTH:
        return E_DENIED;
    case SQLITE_INTERRUPT:
        return E_CANCELLED;
    case SQLITE_CONSTRAINT:
        return constraint_err(code);
    case SQLITE_MISMATCH:
        return E_INVALID;
    case SQLITE_ERROR:
    case SQLITE_RANGE:
    case SQLITE_MISUSE:
        return E_UNSUPPORTED;
    default:
        return io_err(db, code);
    }
}

Err store_fail(Ctx *c, StoreDb *db, int code, const char *what) {
    const char *words = db->db ? sqlite3_errmsg(db->db) : sqlite3_errstr(code);
    Err e = err_of(db, code);
    switch (code & 0xff) {
    case SQLITE_FULL:
        return fail(c, e, "%s: the disk is full (%s); make room and try again", db->path, what);
    case SQLITE_BUSY:
        return fail(c, e, "%s: another process or reader holds it (%s)", db->path, what);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return fail(c, e, "%s: the database is damaged (%s: %s); restore a backup", db->path, what,
                    words);
    case SQLITE_CONSTRAINT:
        // The words of a trigger are written for people.
        if (code == SQLITE_CONSTRAINT_TRIGGER)
            return fail(c, e, "%s", words);
        break;
    default:
        break;
    }
    return fail(c, e, "%s: %s: %s", db->path, what, words);
}

Err store_exec(Ctx *c, StoreDb *db, const char *sql, const char *what) {
    int code = sqlite3_exec(db->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? OK : store_fail(c, db, code, what);
}

// --- prepare ------------------------------------------------------------------------------------

static Err name_parameters(Ctx *c, StoreStmt *s) {
    s->name_count = sqlite3_bind_parameter_count(s->stmt);
    ASSERT(s->name_count <= STORE_PARAMETERS_MAX);
    size_t bytes = 0;
    for (int i = 1; i <= s->name_count; i++) {
        const char *name = sqlite3_bind_parameter_name(s->stmt, i);
        ASSERT(name && name[0] == ':');
        bytes += strlen(name) + 1;
    }
    // Names are copied: SQLite's own move when a statement is compiled again.
    size_t table = (size_t)s->name_count * sizeof *s->names;
    char *memory = mem_alloc(table + bytes);
    if (!memory)
        return fail(c, E_MEMORY, "not enough memory for statement %s", s->name);
    s->names = (const char **)(void *)memory;
    char *at = memory + table;
    for (int i = 1; i <= s->name_count; i++) {
        const char *name = sqlite3_bind_parameter_name(s->stmt, i);
        size_t n = strlen(name) + 1;
        memcpy(at, name, n);
        s->names[i - 1] = at;
        at += n;
    }
    return OK;
}

// Nothing but blanks and comments may follow the statement.
static Err check_tail(Ctx *c, StoreDb *db, const char *name, Str tail) {
    sqlite3_stmt *more = NULL;
    int code = sqlite3_prepare_v2(db->db, tail.p, (int)tail.n, &more, NULL);
    bool empty = !more;
    sqlite3_finalize(more);
    if (code != SQLITE_OK)
        return store_fail(c, db, code, name);
    return empty ? OK : fail(c, E_UNSUPPORTED, "statement %s is more than one statement", name);
}

Err store_prepare(Ctx *c, StoreDb *db, const char *name, Str text, StoreStmt *ret_stmt) {
    AUTO(StoreStmtOwned) s = {.db = db, .name = name};
    const char *tail = NULL;
    int code =
        sqlite3_prepare_v3(db->db, text.p, (int)text.n, SQLITE_PREPARE_PERSISTENT, &s.stmt, &tail);
    if (code != SQLITE_OK)
        return store_fail(c, db, code, name);
    if (!s.stmt)
        return fail(c, E_UNSUPPORTED, "statement %s is empty", name);
    TRY(check_tail(c, db, name, (Str){tail, (size_t)(text.p + text.n - tail)}));
    TRY(name_parameters(c, &s));
    *ret_stmt = s;
    s = (StoreStmt){0};
    return OK;
}

void store_stmt_done(StoreStmt *s) {
    sqlite3_finalize(s->stmt);
    mem_free(s->names);
    *s = (StoreStmt){0};
}

void StoreStmtOwned_cleanup(StoreStmtOwned *s) {
    store_stmt_done(s);
}

StoreStmt *store_stmt_of(StoreDb *db, const StoreSchema *schema, size_t index) {
    for (size_t i = 0; i < db->schema_count; i++)
        if (db->schemas[i] == schema) {
            ASSERT(index < schema->statement_count);
            return &db->stmts[db->first_statement[i] + index];
        }
    UNREACHABLE();
}

StoreStmt *store_stmt(StoreDb *db, size_t index) {
    return store_stmt_of(db, db->schemas[0], index);
}

// --- values -------------------------------------------------------------------------------------

static int place_of(const StoreStmt *s, const char *name) {
    for (int i = 0; i < s->name_count; i++)
        if (strcmp(s->names[i], name) == 0)
            return i + 1;
    assert_failed(name, s->name, 0);
}

static void note_bind(StoreStmt *s, int code) {
    if (code != SQLITE_OK && s->bind_error == SQLITE_OK)
        s->bind_error = code;
}

void store_bind_at_i64(StoreStmt *s, int at, int64_t v) {
    note_bind(s, sqlite3_bind_int64(s->stmt, at, v));
}

void store_bind_at_str(StoreStmt *s, int at, Str v) {
    note_bind(s, sqlite3_bind_text64(s->stmt, at, v.p ? v.p : "", v.n, SQLITE_STATIC, SQLITE_UTF8));
}

void store_bind_at_blob(StoreStmt *s, int at, const void *bytes, size_t n) {
    note_bind(s, sqlite3_bind_blob64(s->stmt, at, bytes ? bytes : "", n, SQLITE_STATIC));
}

void store_bind_at_null(StoreStmt *s, int at) {
    note_bind(s, sqlite3_bind_null(s->stmt, at));
}

void store_bind_i64(StoreStmt *s, const char *name, int64_t v) {
    store_bind_at_i64(s, place_of(s, name), v);
}

void store_bind_str(StoreStmt *s, const char *name, Str v) {
    store_bind_at_str(s, place_of(s, name), v);
}

void store_bind_blob(StoreStmt *s, const char *name, const void *bytes, size_t n) {
    store_bind_at_blob(s, place_of(s, name), bytes, n);
}

void store_bind_null(StoreStmt *s, const char *name) {
    store_bind_at_null(s, place_of(s, name));
}

int64_t store_col_i64(StoreStmt *s, int column) {
    return sqlite3_column_int64(s->stmt, column);
}

Str store_col_str(StoreStmt *s, int column) {
    // sqlite3_column_blob does not convert, so that text and blobs come as they are stored.
    const char *p = sqlite3_column_blob(s->stmt, column);
    int n = sqlite3_column_bytes(s->stmt, column);
    if (!p && sqlite3_column_type(s->stmt, column) != SQLITE_NULL)
        return STR("");
    return (Str){p, (size_t)n};
}

bool store_col_is_null(StoreStmt *s, int column) {
    return sqlite3_column_type(s->stmt, column) == SQLITE_NULL;
}

int64_t store_changes(StoreDb *db) {
    return sqlite3_changes64(db->db);
}

// --- run ----------------------------------------------------------------------------------------

void store_reset(StoreStmt *s) {
    if (!s || !s->stmt)
        return;
    sqlite3_reset(s->stmt);
    sqlite3_clear_bindings(s->stmt);
    s->bind_error = SQLITE_OK;
}

void StoreQuery_cleanup(StoreQuery *q) {
    store_reset(*q);
}

Err store_step(Ctx *c, StoreStmt *s, bool *ret_row) {
    int code = s->bind_error != SQLITE_OK ? s->bind_error : sqlite3_step(s->stmt);
    if (code == SQLITE_ROW || code == SQLITE_DONE) {
        *ret_row = code == SQLITE_ROW;
        return OK;
    }
    Err e = store_fail(c, s->db, code, s->name);
    store_reset(s);
    return e;
}

Err store_run(Ctx *c, StoreStmt *s) {
    bool row = true;
    while (row)
        TRY(store_step(c, s, &row));
    store_reset(s);
    return OK;
}

// --- transactions -------------------------------------------------------------------------------

bool store_in_transaction(const StoreDb *db) {
    return !sqlite3_get_autocommit(db->db);
}

Err store_begin(Ctx *c, StoreDb *db) {
    return store_run(c, &db->begin);
}

Err store_begin_read(Ctx *c, StoreDb *db) {
    return store_run(c, &db->begin_read);
}

Err store_commit(Ctx *c, StoreDb *db) {
    return store_run(c, &db->commit);
}

void store_rollback(StoreDb *db) {
    // Statements that are still running would keep the snapshot.
    for (size_t i = 0; i < db->stmt_count; i++)
        if (sqlite3_stmt_busy(db->stmts[i].stmt))
            store_reset(&db->stmts[i]);
    if (!store_in_transaction(db))
        return;
    // SQLite has rolled back by itself where this fails.
    (void)sqlite3_step(db->rollback.stmt);
    sqlite3_reset(db->rollback.stmt);
}

Err store_tx_begin(Ctx *c, StoreDb *db, StoreTx *ret_tx) {
    TRY(store_begin(c, db));
    ret_tx->db = db;
    return OK;
}

Err store_tx_begin_read(Ctx *c, StoreDb *db, StoreTx *ret_tx) {
    TRY(store_begin_read(c, db));
    ret_tx->db = db;
    return OK;
}

Err store_tx_commit(Ctx *c, StoreTx *tx) {
    TRY(store_commit(c, tx->db));
    tx->db = NULL;
    return OK;
}

void StoreTx_cleanup(StoreTx *tx) {
    if (tx->db)
        store_rollback(tx->db);
}
