// Inside of the room store only.
#ifndef MOEI_STORE_PRIV_H
#define MOEI_STORE_PRIV_H

#include <sqlite3.h>

#include "store/store.h"

struct StoreStmt {
    StoreDb *db;
    sqlite3_stmt *stmt;
    const char *name;   // static: as in the schema
    const char **names; // of parameters, [0] is parameter 1; heap
    int name_count;
    int bind_error; // first error of a bind since the last reset
};

typedef StoreStmt StoreStmtOwned; // AUTO(StoreStmtOwned) s = {0}; finalizes
void StoreStmtOwned_cleanup(StoreStmtOwned *s);

struct StoreDb {
    sqlite3 *db;
    char path[BASE_PATH_BYTES_MAX];
    const StoreSchema *schemas[STORE_SCHEMAS_MAX];
    size_t first_statement[STORE_SCHEMAS_MAX];
    size_t schema_count;
    StoreStmt *stmts;
    size_t stmt_count;
    StoreStmt begin, begin_read, commit, rollback;
    int64_t wal_pages;
    StoreAllow allow; // lists are static
    bool allow_set;
    bool judging; // the authorizer looks at a statement as written
    bool denied;  // … and has refused something
};

// Turns a code of SQLite into ours, with `what` and SQLite's words.
Err store_fail(Ctx *c, StoreDb *db, int code, const char *what);
// Compiles one statement; `text` need not end in NUL.
Err store_prepare(Ctx *c, StoreDb *db, const char *name, Str text, StoreStmt *ret_stmt) MUST_USE;
void store_stmt_done(StoreStmt *s);
Err store_migrate(Ctx *c, StoreDb *db, bool read_only) MUST_USE;
// Runs several statements of our own without values or rows.
Err store_exec(Ctx *c, StoreDb *db, const char *sql, const char *what) MUST_USE;
void store_machine_init(void); // once in the process, before the first connection

#endif
