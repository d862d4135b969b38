// Versions of the rooms' tables in a file, forward only.
#include "store/store_priv.h"

#include <stdio.h>

static bool is_migration(const StoreSql *sql) {
    return sql->name[0] >= '0' && sql->name[0] <= '9';
}

static int64_t migration_count(const StoreSchema *schema) {
    int64_t n = 0;
    for (size_t i = 0; i < schema->sql_count; i++)
        n += is_migration(&schema->sql[i]);
    return n;
}

static Err table_present(Ctx *c, StoreDb *db, bool *ret_present) {
    AUTO(StoreStmtOwned) s = {0};
    TRY(store_prepare(c, db, "schema_present",
                      STR("SELECT 1 FROM sqlite_schema WHERE name = 'store_schema'"), &s));
    return store_step(c, &s, ret_present);
}

static Err version_get(Ctx *c, StoreDb *db, const char *room, int64_t *ret_version) {
    AUTO(StoreStmtOwned) s = {0};
    TRY(store_prepare(c, db, "version_get",
                      STR("SELECT version FROM store_schema WHERE room = :room"), &s));
    store_bind_str(&s, ":room", str_of(room));
    bool row;
    TRY(store_step(c, &s, &row));
    *ret_version = row ? store_col_i64(&s, 0) : 0;
    return OK;
}

static Err version_set(Ctx *c, StoreDb *db, const char *room, int64_t version) {
    AUTO(StoreStmtOwned) s = {0};
    TRY(store_prepare(c, db, "version_set",
                      STR("INSERT INTO store_schema(room, version) VALUES(:room, :version) "
                          "ON CONFLICT(room) DO UPDATE SET version = excluded.version"),
                      &s));
    store_bind_str(&s, ":room", str_of(room));
    store_bind_i64(&s, ":version", version);
    return store_run(c, &s);
}

// Sets *ret_due when a room's tables are older than this program.
static Err look(Ctx *c, StoreDb *db, bool *ret_due) {
    bool present, due = false;
    TRY(table_present(c, db, &present));
    for (size_t i = 0; i < db->schema_count; i++) {
        const StoreSchema *schema = db->schemas[i];
        int64_t version = 0, newest = migration_count(schema);
        if (present)
            TRY(version_get(c, db, schema->room, &version));
        if (version > newest)
            return fail(c, E_UNSUPPORTED,
                        "%s was written by a newer program (%s tables of version %lld, this one "
                        "knows %lld); install the newer program",
                        db->path, schema->room, (long long)version, (long long)newest);
        due = due || version < newest;
    }
    *ret_due = due;
    return OK;
}

static Err apply(Ctx *c, StoreDb *db, const StoreSchema *schema) {
    int64_t version, n = 0;
    TRY(version_get(c, db, schema->room, &version));
    for (size_t i = 0; i < schema->sql_count; i++) {
        if (!is_migration(&schema->sql[i]) || n++ < version)
            continue;
        ASSERT(i == 0 || strcmp(schema->sql[i - 1].name, schema->sql[i].name) < 0);
        TRY(store_exec(c, db, schema->sql[i].text, schema->sql[i].name));
    }
    return n > version ? version_set(c, db, schema->room, n) : OK;
}

static Err apply_all(Ctx *c, StoreDb *db) {
    TRY(store_exec(c, db,
                   "CREATE TABLE IF NOT EXISTS store_schema(room TEXT PRIMARY KEY, "
                   "version INTEGER NOT NULL) STRICT, WITHOUT ROWID",
                   "store_schema"));
    for (size_t i = 0; i < db->schema_count; i++)
        TRY(apply(c, db, db->schemas[i]));
    return store_exec(c, db, "COMMIT", "commit of a migration");
}

Err store_migrate(Ctx *c, StoreDb *db, bool read_only) {
    bool due;
    TRY(look(c, db, &due));
    if (!due)
        return OK;
    if (read_only)
        return fail(c, E_STATE, "%s is of an older program; open it once for writing", db->path);
    TRY(store_exec(c, db, "BEGIN IMMEDIATE", "begin of a migration"));
    Err e = apply_all(c, db);
    if (e != OK && !sqlite3_get_autocommit(db->db)) {
        // The first error counts; that a rollback fails too adds nothing.
        (void)sqlite3_exec(db->db, "ROLLBACK", NULL, NULL, NULL);
    }
    return e;
}
