// local.db: what belongs to this machine alone.
#include "desk/desk_priv.h"

#include "desk_sql.h"

static const char *const statement_names[] = {
    [LOCAL_SETTING_GET] = "setting_get",
    [LOCAL_SETTING_PUT] = "setting_put",
    [LOCAL_LOG_KEY_ADD] = "log_key_add",
    [LOCAL_LOG_KEY_LIST] = "log_key_list",
    [LOCAL_USER_ADD] = "user_add",
    [LOCAL_USER_FIND] = "user_find",
    [LOCAL_USER_FIRST] = "user_first",
    [LOCAL_USER_KEY] = "user_key",
    [LOCAL_USER_GET] = "user_get",
    [LOCAL_USER_LIST] = "user_list",
    [LOCAL_USER_SET] = "user_set",
    [LOCAL_USER_SECRET] = "user_secret",
    [LOCAL_USER_LOGIN] = "user_login",
    [LOCAL_USER_ADMINS] = "user_admins",
    [LOCAL_USER_COUNT] = "user_count",
    [LOCAL_SESSION_ADD] = "session_add",
    [LOCAL_SESSION_FIND] = "session_find",
    [LOCAL_SESSION_SEEN] = "session_seen",
    [LOCAL_SESSION_END] = "session_end",
    [LOCAL_SESSION_END_USER] = "session_end_user",
    [LOCAL_SESSION_PRUNE] = "session_prune",
    [LOCAL_SESSION_SPARE] = "session_spare",
    [LOCAL_TOKEN_ADD] = "token_add",
    [LOCAL_TOKEN_FIND] = "token_find",
    [LOCAL_TOKEN_USED] = "token_used",
    [LOCAL_TOKEN_LIST] = "token_list",
    [LOCAL_TOKEN_COUNT] = "token_count",
    [LOCAL_TOKEN_REVOKE] = "token_revoke",
    [LOCAL_TOKEN_END_USER] = "token_end_user",
    [LOCAL_TRIES_GET] = "tries_get",
    [LOCAL_TRIES_ADD] = "tries_add",
    [LOCAL_TRIES_CLEAR] = "tries_clear",
    [LOCAL_TRIES_PRUNE] = "tries_prune",
    [LOCAL_REPLAY_GET] = "replay_get",
    [LOCAL_REPLAY_ADD] = "replay_add",
    [LOCAL_REPLAY_END] = "replay_end",
    [LOCAL_REPLAY_BEGUN] = "replay_begun",
    [LOCAL_REPLAY_EMPTY] = "replay_empty",
    [LOCAL_REPLAY_FORGET] = "replay_forget",
    [LOCAL_REPLAY_PRUNE] = "replay_prune",
    [LOCAL_CODE_ADD] = "code_add",
    [LOCAL_CODE_FIND] = "code_find",
    [LOCAL_MAPPING_PUT] = "mapping_put",
    [LOCAL_MAPPING_LIST] = "mapping_list",
    [LOCAL_MAPPING_NAMES] = "mapping_names",
    [LOCAL_SENDER_PUT] = "sender_put",
    [LOCAL_SENDER_FIND] = "sender_find",
    [LOCAL_IMPORT_FIND] = "import_find",
    [LOCAL_IMPORT_PUT] = "import_put",
    [LOCAL_REPORT_NUMBER_GET] = "report_number_get",
    [LOCAL_REPORT_NUMBER_PUT] = "report_number_put",
    [LOCAL_LINK_KEY_ADD] = "link_key_add",
    [LOCAL_LINK_KEY_LIST] = "link_key_list",
    [LOCAL_LINK_KEY_RECORDED] = "link_key_recorded",
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

Err desk_secret_list(Ctx *c, StoreStmt *list, size_t max, CryptoSignKey **ret_keys, size_t *ret_n) {
    CryptoSignKey *keys;
    size_t n = 0;
    AUTO(StoreQuery) q = list;
    TRY(ctx_alloc(c, max * sizeof *keys, &keys));
    for (bool row = true; n < max;) {
        TRY(store_step(c, q, &row));
        if (!row)
            break;
        Str secret = store_col_str(q, 0);
        if (secret.n == sizeof keys->b)
            memcpy(keys[n++].b, secret.p, secret.n);
    }
    *ret_keys = keys;
    *ret_n = n;
    return OK;
}

Err desk_log_key_list(Ctx *c, StoreDb *db, CryptoSignKey **ret_keys, size_t *ret_n) {
    TRY(desk_secret_list(c, store_stmt(db, LOCAL_LOG_KEY_LIST), LEDGER_SIGN_KEYS_MAX, ret_keys,
                         ret_n));
    if (*ret_n == 0)
        return fail(c, E_CORRUPT,
                    "%s has no log key: the node cannot sign; bring it back with `moei recover` "
                    "from a backup",
                    store_path(db));
    return OK;
}
