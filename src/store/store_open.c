// Opening a file: settings read back, functions, migrations, then all statements.
#include "store/store_priv.h"

#include <stdio.h>

// --- settings -----------------------------------------------------------------------------------

typedef struct Pragma {
    const char *name, *value, *back; // back: what reading it must give
} Pragma;

static Err pragma_check(Ctx *c, StoreDb *db, const Pragma *p) {
    char sql[96];
    snprintf(sql, sizeof sql, "PRAGMA %s", p->name);
    AUTO(StoreStmtOwned) s = {0};
    TRY(store_prepare(c, db, p->name, str_of(sql), &s));
    int code = sqlite3_step(s.stmt);
    if (code != SQLITE_ROW)
        return store_fail(c, db, code, p->name);
    const char *text = (const char *)sqlite3_column_text(s.stmt, 0);
    if (!text && sqlite3_errcode(db->db) == SQLITE_NOMEM)
        return store_fail(c, db, SQLITE_NOMEM, p->name);
    if (!text || strcmp(text, p->back) != 0)
        return fail(c, E_UNSUPPORTED, "%s: the database says %s = %s where %s is needed", db->path,
                    p->name, text ? text : "nothing", p->back);
    return OK;
}

static Err pragma_set(Ctx *c, StoreDb *db, const Pragma *p) {
    char sql[96];
    snprintf(sql, sizeof sql, "PRAGMA %s=%s", p->name, p->value);
    TRY(store_exec(c, db, sql, p->name));
    return pragma_check(c, db, p);
}

static Err pragmas(Ctx *c, StoreDb *db, const StoreOptions *o) {
    char cache[24];
    snprintf(cache, sizeof cache, "-%u", o->cache_kib ? o->cache_kib : STORE_CACHE_KIB_DEFAULT);
    const Pragma all[] = {
        {"synchronous", o->sync == STORE_SYNC_FULL ? "FULL" : "NORMAL",
         o->sync == STORE_SYNC_FULL ? "2" : "1"},
        {"wal_autocheckpoint", "0", "0"},
        {"secure_delete", "1", "1"},
        {"foreign_keys", "1", "1"},
        {"trusted_schema", "0", "0"},
        {"cell_size_check", "1", "1"},
        {"temp_store", "2", "2"},
        {"cache_size", cache, cache},
    };
    // A file that is new takes these, an older one must have them. Vacuuming by itself would leave
    // copies of erased content behind.
    static const Pragma fresh[] = {{"page_size", "8192", "8192"}, {"auto_vacuum", "0", "0"}};
    static const Pragma wal = {"journal_mode", "wal", "wal"};
    static const Pragma query_only = {"query_only", "1", "1"};
    if (o->mode != STORE_READ)
        for (size_t i = 0; i < COUNT_OF(fresh); i++)
            TRY(pragma_set(c, db, &fresh[i]));
    TRY(o->mode == STORE_READ ? pragma_check(c, db, &wal) : pragma_set(c, db, &wal));
    for (size_t i = 0; i < COUNT_OF(all); i++)
        TRY(pragma_set(c, db, &all[i]));
    return o->mode == STORE_READ ? pragma_set(c, db, &query_only) : OK;
}

// --- functions and what a reader may touch ------------------------------------------------------

static void call_function(sqlite3_context *context, int n, sqlite3_value **values) {
    const StoreFunction *f = sqlite3_user_data(context);
    int64_t args[8] = {0};
    for (int i = 0; i < n; i++)
        args[i] = sqlite3_value_int64(values[i]);
    sqlite3_result_int64(context, f->call(f->self, args));
}

static void free_function(void *f) {
    mem_free(f);
}

static Err add_functions(Ctx *c, StoreDb *db, const StoreOptions *o) {
    for (size_t i = 0; i < o->function_count; i++) {
        const StoreFunction *f = &o->functions[i];
        ASSERT(f->args >= 0 && f->args <= 8);
        StoreFunction *kept = mem_alloc(sizeof *kept);
        if (!kept)
            return fail(c, E_MEMORY, "not enough memory to open %s", db->path);
        *kept = *f;
        // Innocuous: views and triggers of our own may call it though the schema is not trusted.
        int code =
            sqlite3_create_function_v2(db->db, f->name, f->args, SQLITE_UTF8 | SQLITE_INNOCUOUS,
                                       kept, call_function, NULL, NULL, free_function);
        if (code != SQLITE_OK)
            return store_fail(c, db, code, f->name);
    }
    return OK;
}

static bool listed(const char *const *names, size_t n, const char *name) {
    for (size_t i = 0; name && i < n; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static int judge(void *self, int action, const char *a, const char *b, const char *database,
                 const char *through) {
    const StoreDb *db = self;
    const StoreAllow *allow = &db->allow;
    (void)database;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_TRANSACTION:
        return SQLITE_OK;
    case SQLITE_READ:
        // A raw table may be read only on behalf of a view that is on the list. What reads no
        // column names no view when it is compiled for use; it was judged before, by check_allowed.
        if (!db->judging && b && !b[0])
            return SQLITE_OK;
        return listed(allow->views, allow->view_count, a) ||
                       listed(allow->views, allow->view_count, through)
                   ? SQLITE_OK
                   : SQLITE_DENY;
    case SQLITE_FUNCTION:
        return listed(allow->functions, allow->function_count, b) ? SQLITE_OK : SQLITE_DENY;
    default:
        return SQLITE_DENY;
    }
}

static int authorize(void *self, int action, const char *a, const char *b, const char *database,
                     const char *through) {
    int verdict = judge(self, action, a, b, database, through);
    if (verdict != SQLITE_OK)
        ((StoreDb *)self)->denied = true;
    return verdict;
}

// --- statements ---------------------------------------------------------------------------------

// The text under the line `-- :name`, up to the next such line.
static bool statement_text(const StoreSchema *schema, const char *name, Str *ret_text) {
    char head[96];
    int n = snprintf(head, sizeof head, "-- :%s\n", name);
    ASSERT(n > 0 && (size_t)n < sizeof head);
    for (size_t i = 0; i < schema->sql_count; i++) {
        if (schema->sql[i].name[0] >= '0' && schema->sql[i].name[0] <= '9')
            continue;
        const char *text = schema->sql[i].text, *at = strstr(text, head);
        while (at && at != text && at[-1] != '\n')
            at = strstr(at + 1, head);
        if (!at)
            continue;
        at += n;
        const char *end = strstr(at, "\n-- :");
        *ret_text = (Str){at, end ? (size_t)(end - at) + 1 : strlen(at)};
        return true;
    }
    return false;
}

// Judges a statement in the form in which it was written: with views kept apart from the tables
// behind them, which the optimiser otherwise mixes before the authorizer sees a count(*).
static Err check_allowed(Ctx *c, StoreDb *db, const char *name, Str text) {
    static const int query_flattener = 1;
    if (sqlite3_test_control(SQLITE_TESTCTRL_OPTIMIZATIONS, db->db, query_flattener) != SQLITE_OK)
        return fail(c, E_UNSUPPORTED, "this SQLite cannot tell views from tables");
    db->judging = true;
    db->denied = false;
    AUTO(StoreStmtOwned) s = {0};
    Err e = store_prepare(c, db, name, text, &s);
    db->judging = false;
    sqlite3_test_control(SQLITE_TESTCTRL_OPTIMIZATIONS, db->db, 0);
    if (e != OK && db->denied)
        return fail(c, E_DENIED, "statement %s touches what a reader may not see", name);
    return e;
}

static Err prepare_all(Ctx *c, StoreDb *db) {
    size_t total = 0;
    for (size_t i = 0; i < db->schema_count; i++)
        total += db->schemas[i]->statement_count;
    if (total > STORE_STATEMENTS_MAX)
        return fail(c, E_LIMIT, "%s: more than %d statements", db->path, STORE_STATEMENTS_MAX);
    db->stmts = mem_alloc_zero(total, sizeof *db->stmts);
    if (!db->stmts)
        return fail(c, E_MEMORY, "not enough memory to open %s", db->path);
    for (size_t i = 0; i < db->schema_count; i++) {
        const StoreSchema *schema = db->schemas[i];
        db->first_statement[i] = db->stmt_count;
        for (size_t k = 0; k < schema->statement_count; k++) {
            const char *name = schema->statements[k];
            ASSERT(name);
            Str text;
            if (!statement_text(schema, name, &text))
                return fail(c, E_UNSUPPORTED, "room %s has no SQL statement named %s", schema->room,
                            name);
            if (db->allow_set)
                TRY(check_allowed(c, db, name, text));
            TRY(store_prepare(c, db, name, text, &db->stmts[db->stmt_count]));
            db->stmt_count++;
        }
    }
    return OK;
}

// --- open and close -----------------------------------------------------------------------------

static int on_commit(void *self, sqlite3 *handle, const char *name, int pages) {
    (void)handle, (void)name;
    ((StoreDb *)self)->wal_pages = pages;
    return SQLITE_OK;
}

static Err set_flag(Ctx *c, StoreDb *db, int flag, int value) {
    int back = -1;
    int code = sqlite3_db_config(db->db, flag, value, &back);
    if (code != SQLITE_OK || back != value)
        return fail(c, E_UNSUPPORTED, "%s: SQLite does not take setting %d", db->path, flag);
    return OK;
}

static Err open_handle(Ctx *c, StoreDb *db, const StoreOptions *o) {
    if (o->mode != STORE_CREATE && !file_exists(str_of(db->path)))
        return fail(c, E_NOT_FOUND, "%s is not there", db->path);
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE |
                SQLITE_OPEN_READWRITE | (o->mode == STORE_CREATE ? SQLITE_OPEN_CREATE : 0);
    // A reader opens for writing too where it can: a WAL left by a crash needs it. It is kept from
    // writing by query_only.
    int code = sqlite3_open_v2(db->path, &db->db, flags, NULL);
    if (!db->db)
        return fail(c, E_MEMORY, "not enough memory to open %s", db->path);
    if (code != SQLITE_OK)
        return store_fail(c, db, code, "open");
    sqlite3_busy_timeout(db->db, STORE_BUSY_MS_MAX);
    TRY(set_flag(c, db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1));
    TRY(set_flag(c, db, SQLITE_DBCONFIG_DEFENSIVE, 1));
    TRY(set_flag(c, db, SQLITE_DBCONFIG_DQS_DML, 0));
    TRY(set_flag(c, db, SQLITE_DBCONFIG_DQS_DDL, 0));
    TRY(set_flag(c, db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0));
    return pragmas(c, db, o);
}

static Err open_inside(Ctx *c, StoreDb *db, const StoreOptions *o) {
    TRY(open_handle(c, db, o));
    TRY(add_functions(c, db, o));
    TRY(store_migrate(c, db, o->mode == STORE_READ));
    TRY(store_prepare(c, db, "begin", STR("BEGIN IMMEDIATE"), &db->begin));
    TRY(store_prepare(c, db, "begin_read", STR("BEGIN"), &db->begin_read));
    TRY(store_prepare(c, db, "commit", STR("COMMIT"), &db->commit));
    TRY(store_prepare(c, db, "rollback", STR("ROLLBACK"), &db->rollback));
    if (o->allow) {
        db->allow = *o->allow;
        db->allow_set = true;
        sqlite3_set_authorizer(db->db, authorize, db);
    }
    TRY(prepare_all(c, db));
    sqlite3_wal_hook(db->db, on_commit, db);
    return OK;
}

Err store_open(Ctx *c, Str path, const StoreOptions *options, StoreDb **ret_db) {
    ASSERT(options->schema_count <= STORE_SCHEMAS_MAX);
    if (path.n == 0 || path.n >= BASE_PATH_BYTES_MAX || memchr(path.p, 0, path.n))
        return fail(c, E_INVALID, "the path of a database is empty, too long or holds a NUL");
    store_machine_init();
    AUTO(StoreDbOwned) db = mem_alloc_zero(1, sizeof *db);
    if (!db)
        return fail(c, E_MEMORY, "not enough memory to open " STR_FMT, STR_ARG(path));
    memcpy(db->path, path.p, path.n);
    for (size_t i = 0; i < options->schema_count; i++)
        db->schemas[i] = options->schemas[i];
    db->schema_count = options->schema_count;
    TRY(open_inside(c, db, options));
    *ret_db = db;
    db = NULL;
    return OK;
}

void store_close(StoreDb *db) {
    if (!db)
        return;
    if (db->db)
        store_rollback(db);
    for (size_t i = 0; i < db->stmt_count; i++)
        store_stmt_done(&db->stmts[i]);
    store_stmt_done(&db->begin);
    store_stmt_done(&db->begin_read);
    store_stmt_done(&db->commit);
    store_stmt_done(&db->rollback);
    mem_free(db->stmts);
    int code = sqlite3_close(db->db);
    ASSERT(code == SQLITE_OK);
    mem_free(db);
}

void StoreDbOwned_cleanup(StoreDbOwned *db) {
    store_close(*db);
}

const char *store_path(const StoreDb *db) {
    return db->path;
}
