// The one table of the shelf.
#include "shelf/shelf.h"

#include "shelf_sql.h"

enum { SQL_PUT, SQL_GET, SQL_HAS, SQL_ZERO, SQL_REMOVE, SQL_COUNT, SQL_NEXT, SQL_PART };

static const char *const statement_names[] = {
    [SQL_PUT] = "put",       [SQL_GET] = "get",     [SQL_HAS] = "has",   [SQL_ZERO] = "zero",
    [SQL_REMOVE] = "remove", [SQL_COUNT] = "count", [SQL_NEXT] = "next", [SQL_PART] = "part",
};

static const StoreSchema schema = {.room = "shelf",
                                   .sql = shelf_sql,
                                   .sql_count = COUNT_OF(shelf_sql),
                                   .statements = statement_names,
                                   .statement_count = COUNT_OF(statement_names)};

const StoreSchema *shelf_schema(void) {
    return &schema;
}

Err shelf_reader_open(Ctx *c, Str dir, StoreDb **ret_db) {
    static const StoreSchema *const schemas[] = {&schema};
    Str path;
    TRY(str_format(c, &path, STR_FMT "/ledger.db", STR_ARG(dir)));
    StoreOptions options = {.mode = STORE_READ,
                            .sync = STORE_SYNC_NORMAL,
                            .schemas = schemas,
                            .schema_count = COUNT_OF(schemas),
                            .cache_kib = SHELF_READER_CACHE_KIB};
    return store_open(c, path, &options, ret_db);
}

static StoreStmt *stmt(StoreDb *db, size_t index) {
    return store_stmt_of(db, &schema, index);
}

Err shelf_put(Ctx *c, StoreDb *db, Str bytes, CryptoHash *ret_sha256) {
    if (bytes.n > SHELF_BYTES_MAX)
        return fail(c, E_LIMIT, "%zu bytes are too many: an attachment has at most %lld", bytes.n,
                    (long long)SHELF_BYTES_MAX);
    CryptoHash hash = crypto_sha256(bytes.p, bytes.n);
    StoreStmt *q = stmt(db, SQL_PUT);
    store_bind_blob(q, ":sha256", hash.b, sizeof hash.b);
    store_bind_blob(q, ":bytes", bytes.n ? bytes.p : "", bytes.n);
    TRY(store_run(c, q));
    *ret_sha256 = hash;
    return OK;
}

static Err none(Ctx *c, const CryptoHash *sha256) {
    AUTO(Buf) hex = {0};
    buf_hex(&hex, sha256->b, sizeof sha256->b);
    return fail(c, E_NOT_FOUND, "the bytes of attachment " STR_FMT " are not here",
                STR_ARG(buf_view(&hex)));
}

Err shelf_get(Ctx *c, StoreDb *db, const CryptoHash *sha256, Buf *out) {
    AUTO(StoreQuery) q = stmt(db, SQL_GET);
    store_bind_blob(q, ":sha256", sha256->b, sizeof sha256->b);
    bool row;
    TRY(store_step(c, q, &row));
    if (!row)
        return none(c, sha256);
    Str bytes = store_col_str(q, 0);
    CryptoHash hash = crypto_sha256(bytes.p, bytes.n);
    if (!crypto_equal(hash.b, sha256->b, sizeof hash.b))
        return fail(c, E_CORRUPT, "the bytes of an attachment do not have their hash any more");
    buf_str(out, bytes);
    return buf_check(c, out);
}

Err shelf_size(Ctx *c, StoreDb *db, const CryptoHash *sha256, int64_t *ret_bytes) {
    AUTO(StoreQuery) q = stmt(db, SQL_HAS);
    store_bind_blob(q, ":sha256", sha256->b, sizeof sha256->b);
    bool row;
    TRY(store_step(c, q, &row));
    if (!row)
        return none(c, sha256);
    *ret_bytes = store_col_i64(q, 0);
    return OK;
}

Err shelf_part(Ctx *c, StoreDb *db, const CryptoHash *sha256, int64_t at, int64_t max, Buf *out,
               int64_t *ret_total) {
    AUTO(StoreQuery) q = stmt(db, SQL_PART);
    store_bind_blob(q, ":sha256", sha256->b, sizeof sha256->b);
    store_bind_i64(q, ":first", at < INT64_MAX ? at + 1 : at);
    store_bind_i64(q, ":max", max);
    bool row;
    TRY(store_step(c, q, &row));
    if (!row)
        return none(c, sha256);
    buf_str(out, store_col_str(q, 0));
    TRY(buf_check(c, out));
    *ret_total = store_col_i64(q, 1);
    return OK;
}

Err shelf_erase(Ctx *c, StoreDb *db, const CryptoHash *sha256) {
    static const size_t steps[] = {SQL_ZERO, SQL_REMOVE};
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        StoreStmt *q = stmt(db, steps[i]);
        store_bind_blob(q, ":sha256", sha256->b, sizeof sha256->b);
        TRY(store_run(c, q));
    }
    return OK;
}

Err shelf_counts(Ctx *c, StoreDb *db, ShelfCounts *ret_counts) {
    AUTO(StoreQuery) q = stmt(db, SQL_COUNT);
    bool row;
    TRY(store_step(c, q, &row));
    ASSERT(row);
    *ret_counts = (ShelfCounts){store_col_i64(q, 0), store_col_i64(q, 1)};
    return OK;
}

Err shelf_next(Ctx *c, StoreDb *db, const CryptoHash *after, CryptoHash *ret_sha256,
               bool *ret_found) {
    AUTO(StoreQuery) q = stmt(db, SQL_NEXT);
    store_bind_blob(q, ":after", after ? (const void *)after->b : "", after ? sizeof after->b : 0);
    bool row;
    TRY(store_step(c, q, &row));
    if (row) {
        Str hash = store_col_str(q, 0);
        if (hash.n != sizeof ret_sha256->b)
            return fail(c, E_CORRUPT, "a hash on the shelf is damaged");
        memcpy(ret_sha256->b, hash.p, hash.n);
    }
    *ret_found = row;
    return OK;
}
