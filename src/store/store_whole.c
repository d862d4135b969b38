// The file as a whole: checkpoint, copy, text, check.
#include "store/store_priv.h"

#include <stdio.h>

Err store_checkpoint(Ctx *c, StoreDb *db, StoreCheckpoint how) {
    int mode =
        how == STORE_CHECKPOINT_PASSIVE ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE;
    int in_wal = 0, moved = 0;
    int code = sqlite3_wal_checkpoint_v2(db->db, "main", mode, &in_wal, &moved);
    // Another checkpoint at work is no error for one that does not wait.
    if ((code & 0xff) == SQLITE_BUSY && how == STORE_CHECKPOINT_PASSIVE)
        return OK;
    if (code != SQLITE_OK)
        return store_fail(c, db, code, "checkpoint");
    if (in_wal == moved)
        db->wal_pages = 0;
    return OK;
}

int64_t store_wal_pages(const StoreDb *db) {
    return db->wal_pages;
}

static Err sync_copy(Ctx *c, Str path) {
    AUTO(File) f = {0};
    TRY(file_open(c, path, FILE_READ_WRITE, &f));
    TRY(file_sync(c, &f));
    size_t slash = path.n;
    while (slash > 0 && path.p[slash - 1] != '/')
        slash--;
    return dir_sync(c, slash == 0 ? STR(".") : (Str){path.p, slash});
}

Err store_backup_to(Ctx *c, StoreDb *db, Str path) {
    if (file_exists(path))
        return fail(c, E_EXISTS, STR_FMT " is there already", STR_ARG(path));
    AUTO(StoreStmtOwned) s = {0};
    TRY(store_prepare(c, db, "backup", STR("VACUUM INTO :path"), &s));
    store_bind_str(&s, ":path", path);
    Err e = store_run(c, &s);
    if (e == OK)
        e = sync_copy(c, path);
    if (e != OK) {
        // Half a copy helps nobody; the first error is the one to tell.
        AUTO(Ctx) quiet;
        ctx_init(&quiet);
        (void)!file_remove(&quiet, path);
    }
    return e;
}

// --- dump ---------------------------------------------------------------------------------------

static void dump_text(Buf *out, Str s) {
    buf_char(out, '\'');
    for (size_t i = 0; i < s.n; i++) {
        char ch = s.p[i];
        if (ch == '\n')
            buf_text(out, "\\n");
        else if (ch == '\\' || ch == '|' || ch == '\'')
            buf_char(out, '\\'), buf_char(out, ch);
        else
            buf_char(out, ch);
    }
    buf_char(out, '\'');
}

static void dump_value(Buf *out, StoreStmt *s, int column) {
    switch (sqlite3_column_type(s->stmt, column)) {
    case SQLITE_INTEGER:
        buf_i64(out, store_col_i64(s, column));
        break;
    case SQLITE_FLOAT:
        buf_format(out, "%.17g", sqlite3_column_double(s->stmt, column));
        break;
    case SQLITE_TEXT:
        dump_text(out, store_col_str(s, column));
        break;
    case SQLITE_BLOB: {
        Str b = store_col_str(s, column);
        buf_text(out, "x");
        buf_hex(out, b.p, b.n);
        break;
    }
    default:
        buf_text(out, "null");
        break;
    }
}

static Err dump_table(Ctx *c, StoreDb *db, Str name, Buf *out) {
    AUTO(StoreStmtOwned) s = {0};
    AUTO(Buf) sql = {0};
    buf_format(&sql, "SELECT * FROM \"" STR_FMT "\"", STR_ARG(name));
    TRY(buf_check(c, &sql));
    TRY(store_prepare(c, db, "dump", buf_view(&sql), &s));
    int columns = sqlite3_column_count(s.stmt);
    if (columns > STORE_DUMP_COLUMNS_MAX)
        return fail(c, E_LIMIT, "table " STR_FMT " has too many columns", STR_ARG(name));
    buf_format(out, "table " STR_FMT, STR_ARG(name));
    for (int i = 0; i < columns; i++)
        buf_format(out, "%s%s", i ? "|" : " ", sqlite3_column_name(s.stmt, i));
    buf_char(out, '\n');
    for (int i = 0; i < columns; i++)
        buf_format(&sql, "%s%d", i ? ", " : " ORDER BY ", i + 1);
    TRY(buf_check(c, &sql));
    store_stmt_done(&s);
    TRY(store_prepare(c, db, "dump", buf_view(&sql), &s));
    for (;;) {
        bool row;
        TRY(store_step(c, &s, &row));
        if (!row)
            return buf_check(c, out);
        for (int i = 0; i < columns; i++) {
            if (i)
                buf_char(out, '|');
            dump_value(out, &s, i);
        }
        buf_char(out, '\n');
    }
}

Err store_dump(Ctx *c, StoreDb *db, Buf *out) {
    ASSERT(!db->allow_set);
    AUTO(StoreStmtOwned) s = {0};
    TRY(store_prepare(c, db, "dump_tables",
                      STR("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = "
                          "'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"),
                      &s));
    for (;;) {
        bool row;
        TRY(store_step(c, &s, &row));
        if (!row)
            return buf_check(c, out);
        TRY(dump_table(c, db, store_col_str(&s, 0), out));
    }
}

Err store_check(Ctx *c, StoreDb *db) {
    AUTO(StoreStmtOwned) s = {0};
    TRY(store_prepare(c, db, "integrity_check", STR("PRAGMA integrity_check(1)"), &s));
    bool row;
    TRY(store_step(c, &s, &row));
    Str words = row ? store_col_str(&s, 0) : STR("no answer");
    if (!str_eq_c(words, "ok"))
        return fail(c, E_CORRUPT, "%s: " STR_FMT, db->path, STR_ARG(words));
    return OK;
}
