// local.db: what belongs to this machine alone.
#include "desk/desk_priv.h"

#include "desk_sql.h"

static const char *const statement_names[] = {
    [LOCAL_SETTING_GET] = "setting_get",
    [LOCAL_SETTING_PUT] = "setting_put",
    [LOCAL_LOG_KEY_ADD] = "log_key_add",
    [LOCAL_LOG_KEY_LAST] = "log_key_last",
    [LOCAL_USER_ADD] = "user_add",
    [LOCAL_USER_FIND] = "user_find",
    [LOCAL_USER_FIRST] = "user_first",
    [LOCAL_USER_KEY] = "user_key",
    [LOCAL_MAPPING_PUT] = "mapping_put",
    [LOCAL_MAPPING_LIST] = "mapping_list",
    [LOCAL_IMPORT_FIND] = "import_find",
    [LOCAL_IMPORT_PUT] = "import_put",
    [LOCAL_REPORT_NUMBER_GET] = "report_number_get",
    [LOCAL_REPORT_NUMBER_PUT] = "report_number_put",
};

static const StoreSchema local_schema = {
    .room = "desk",
    .sql = desk_sql,
    .sql_count = COUNT_OF(desk_sql),
    .statements = statement_names,
    .statement_count = COUNT_OF(statement_names),
};

Err desk_local_open(Ctx *c, Str dir, bool create, StoreDb **ret_db) {
    static const StoreSchema *const schemas[] = {&local_schema};
    Str path;
    TRY(desk_path(c, dir, "local.db", &path));
    if (create) {
        // Made before SQLite comes, so that it and its WAL are readable by the owner only.
        AUTO(File) f = {0};
        TRY(file_open(c, path, FILE_READ_WRITE, &f));
    }
    StoreOptions options = {
        .mode = create ? STORE_CREATE : STORE_WRITE,
        .sync = STORE_SYNC_FULL,
        .schemas = schemas,
        .schema_count = COUNT_OF(schemas),
    };
    return store_open(c, path, &options, ret_db);
}

Err desk_setting_get(Ctx *c, StoreDb *db, Str name, Str *ret_value) {
    AUTO(StoreQuery) q = store_stmt(db, LOCAL_SETTING_GET);
    store_bind_str(q, ":name", name);
    bool row;
    TRY(store_step(c, q, &row));
    if (!row)
        return fail(c, E_NOT_FOUND, "local.db has no setting " STR_FMT, STR_ARG(name));
    return str_copy(c, store_col_str(q, 0), ret_value);
}

Err desk_setting_put(Ctx *c, StoreDb *db, Str name, Str value) {
    StoreStmt *q = store_stmt(db, LOCAL_SETTING_PUT);
    store_bind_str(q, ":name", name);
    store_bind_str(q, ":value", value);
    return store_run(c, q);
}

Err desk_log_key_get(Ctx *c, StoreDb *db, CryptoSignKey *ret_key) {
    AUTO(StoreQuery) q = store_stmt(db, LOCAL_LOG_KEY_LAST);
    bool row;
    TRY(store_step(c, q, &row));
    Str secret = row ? store_col_str(q, 0) : (Str){0};
    if (secret.n != sizeof ret_key->b)
        return fail(c, E_CORRUPT,
                    "%s has no log key: the node cannot sign; bring it back with `moei recover` "
                    "from a backup",
                    store_path(db));
    memcpy(ret_key->b, secret.p, sizeof ret_key->b);
    return OK;
}
