// The tables of the shelf: what is there, and its pieces.
#include "shelf/shelf.h"

#include "shelf_sql.h"

enum {
    SQL_PUT,
    SQL_HAS,
    SQL_PIECE_PUT,
    SQL_PIECES,
    SQL_ZERO,
    SQL_PIECES_REMOVE,
    SQL_REMOVE,
    SQL_COUNT,
    SQL_NEXT
};

static const char *const statement_names[] = {
    [SQL_PUT] = "put",       [SQL_HAS] = "has",     [SQL_PIECE_PUT] = "piece_put",
    [SQL_PIECES] = "pieces", [SQL_ZERO] = "zero",   [SQL_PIECES_REMOVE] = "pieces_remove",
    [SQL_REMOVE] = "remove", [SQL_COUNT] = "count", [SQL_NEXT] = "next",
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

static Err none(Ctx *c, const CryptoHash *sha256) {
    AUTO(Buf) hex = {0};
    buf_hex(&hex, sha256->b, sizeof sha256->b);
    return fail(c, E_NOT_FOUND, "the bytes of attachment " STR_FMT " are not here",
                STR_ARG(buf_view(&hex)));
}

static Err run(Ctx *c, StoreDb *db, size_t index, const CryptoHash *sha256) {
    StoreStmt *q = stmt(db, index);
    store_bind_blob(q, ":sha256", sha256->b, sizeof sha256->b);
    return store_run(c, q);
}

static Err has(Ctx *c, StoreDb *db, const CryptoHash *sha256, bool *ret_has, int64_t *ret_bytes) {
    AUTO(StoreQuery) q = stmt(db, SQL_HAS);
    store_bind_blob(q, ":sha256", sha256->b, sizeof sha256->b);
    TRY(store_step(c, q, ret_has));
    *ret_bytes = *ret_has ? store_col_i64(q, 0) : 0;
    return OK;
}

static Err too_many(Ctx *c, int64_t bytes) {
    return fail(c, E_LIMIT, "%lld bytes are too many: an attachment has at most %lld",
                (long long)bytes, (long long)SHELF_BYTES_MAX);
}

// --- put ----------------------------------------------------------------------------------------

static Err piece(Ctx *c, StoreDb *db, const CryptoHash *sha256, int64_t at, Str bytes) {
    StoreStmt *q = stmt(db, SQL_PIECE_PUT);
    store_bind_blob(q, ":sha256", sha256->b, sizeof sha256->b);
    store_bind_i64(q, ":at", at);
    store_bind_blob(q, ":bytes", bytes.p, bytes.n);
    return store_run(c, q);
}

static Err there(Ctx *c, StoreDb *db, const CryptoHash *sha256, int64_t bytes) {
    StoreStmt *q = stmt(db, SQL_PUT);
    store_bind_blob(q, ":sha256", sha256->b, sizeof sha256->b);
    store_bind_i64(q, ":bytes", bytes);
    return store_run(c, q);
}

Err shelf_put(Ctx *c, StoreDb *db, Str bytes, CryptoHash *ret_sha256) {
    bool found;
    int64_t n;
    if (bytes.n > SHELF_BYTES_MAX)
        return too_many(c, (int64_t)bytes.n);
    CryptoHash hash = crypto_sha256(bytes.p, bytes.n);
    TRY(has(c, db, &hash, &found, &n));
    if (!found) {
        TRY(shelf_part_drop(c, db, &hash)); // of one that was on its way
        for (size_t at = 0; at < bytes.n; at += SHELF_PIECE_BYTES) {
            size_t left = bytes.n - at;
            Str one = {bytes.p + at, left < SHELF_PIECE_BYTES ? left : SHELF_PIECE_BYTES};
            TRY(piece(c, db, &hash, (int64_t)at, one));
        }
        TRY(there(c, db, &hash, (int64_t)bytes.n));
    }
    *ret_sha256 = hash;
    return OK;
}

Err shelf_part_add(Ctx *c, StoreDb *db, const CryptoHash *sha256, int64_t at, Str bytes) {
    bool found;
    int64_t n;
    if (at < 0 || (int64_t)bytes.n > SHELF_BYTES_MAX || at > SHELF_BYTES_MAX - (int64_t)bytes.n)
        return too_many(c, at);
    TRY(has(c, db, sha256, &found, &n));
    return found || bytes.n == 0 ? OK : piece(c, db, sha256, at, bytes);
}

Err shelf_part_drop(Ctx *c, StoreDb *db, const CryptoHash *sha256) {
    bool found;
    int64_t n;
    TRY(has(c, db, sha256, &found, &n));
    return found ? OK : shelf_erase(c, db, sha256);
}

// --- get ----------------------------------------------------------------------------------------

// The pieces of a document, one after the other, from the one on that holds byte `at`. A view lives
// until the next step.
static StoreStmt *pieces(StoreDb *db, const CryptoHash *sha256, int64_t at) {
    StoreStmt *q = stmt(db, SQL_PIECES);
    store_bind_blob(q, ":sha256", sha256->b, sizeof sha256->b);
    store_bind_i64(q, ":at", at);
    return q;
}

// The hash of what lies there, and its length; E_CORRUPT for a gap. Appends it to `out` (may be
// NULL).
static Err read_all(Ctx *c, StoreDb *db, const CryptoHash *sha256, Buf *out, CryptoHash *ret_hash,
                    int64_t *ret_bytes) {
    CryptoSha256 s;
    int64_t at = 0;
    crypto_sha256_init(&s);
    AUTO(StoreQuery) q = pieces(db, sha256, 0);
    for (bool row = true;;) {
        TRY(store_step(c, q, &row));
        if (!row)
            break;
        Str bytes = store_col_str(q, 1);
        if (store_col_i64(q, 0) != at)
            return fail(c, E_CORRUPT, "a piece of an attachment is missing");
        crypto_sha256_add(&s, bytes.p, bytes.n);
        if (out)
            buf_str(out, bytes);
        at += (int64_t)bytes.n;
    }
    *ret_hash = crypto_sha256_finish(&s);
    *ret_bytes = at;
    return out ? buf_check(c, out) : OK;
}

static Err get(Ctx *c, StoreDb *db, const CryptoHash *sha256, Buf *out) {
    bool found;
    int64_t said, bytes;
    CryptoHash hash;
    TRY(has(c, db, sha256, &found, &said));
    if (!found)
        return none(c, sha256);
    TRY(read_all(c, db, sha256, out, &hash, &bytes));
    if (said != bytes || !crypto_equal(hash.b, sha256->b, sizeof hash.b))
        return fail(c, E_CORRUPT, "the bytes of an attachment do not have their hash any more");
    return OK;
}

Err shelf_get(Ctx *c, StoreDb *db, const CryptoHash *sha256, Buf *out) {
    size_t before = out->n;
    Err e = get(c, db, sha256, out);
    if (e != OK)
        out->n = before;
    return e;
}

Err shelf_check(Ctx *c, StoreDb *db, const CryptoHash *sha256) {
    return get(c, db, sha256, NULL);
}

Err shelf_part_end(Ctx *c, StoreDb *db, const CryptoHash *sha256, int64_t bytes) {
    bool found;
    int64_t n;
    CryptoHash hash;
    TRY(has(c, db, sha256, &found, &n));
    if (found)
        return OK;
    Err e = read_all(c, db, sha256, NULL, &hash, &n);
    if (e != OK && e != E_CORRUPT)
        return e;
    if (e != OK || n != bytes || !crypto_equal(hash.b, sha256->b, sizeof hash.b))
        return fail(c, E_CRYPTO, "these bytes do not have the hash of the document");
    return there(c, db, sha256, bytes);
}

Err shelf_size(Ctx *c, StoreDb *db, const CryptoHash *sha256, int64_t *ret_bytes) {
    bool found;
    int64_t bytes;
    TRY(has(c, db, sha256, &found, &bytes));
    if (!found)
        return none(c, sha256);
    *ret_bytes = bytes;
    return OK;
}

Err shelf_part(Ctx *c, StoreDb *db, const CryptoHash *sha256, int64_t at, int64_t max, Buf *out,
               int64_t *ret_total) {
    int64_t total, from = at, end = max < INT64_MAX - at ? at + max : INT64_MAX;
    TRY(shelf_size(c, db, sha256, &total));
    AUTO(StoreQuery) q = pieces(db, sha256, at);
    for (bool row = true; from < end && from < total;) {
        TRY(store_step(c, q, &row));
        int64_t first = row ? store_col_i64(q, 0) : 0;
        Str bytes = row ? store_col_str(q, 1) : (Str){0};
        if (!row || first > from || first + (int64_t)bytes.n <= from)
            return fail(c, E_CORRUPT, "a piece of an attachment is missing");
        size_t skip = (size_t)(from - first), n = bytes.n - skip;
        n = (int64_t)n < end - from ? n : (size_t)(end - from);
        buf_append(out, bytes.p + skip, n);
        from += (int64_t)n;
    }
    TRY(buf_check(c, out));
    *ret_total = total;
    return OK;
}

Err shelf_erase(Ctx *c, StoreDb *db, const CryptoHash *sha256) {
    static const size_t steps[] = {SQL_ZERO, SQL_PIECES_REMOVE, SQL_REMOVE};
    for (size_t i = 0; i < COUNT_OF(steps); i++)
        TRY(run(c, db, steps[i], sha256));
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
