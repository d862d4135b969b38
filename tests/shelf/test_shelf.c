// Bytes by their hash: put once or in parts, read back, erased without a trace, damage noticed.
#include "shelf/shelf.h"
#include "test.h"

#include <unistd.h>

typedef struct Shelf {
    Ctx c;
    char dir[64];
    StoreDb *db;
} Shelf;

static Str ledger_path(Shelf *s) {
    Str path;
    assert_ok(&s->c, str_format(&s->c, &path, "%s/ledger.db", s->dir));
    return path;
}

static void shelf_open(Shelf *s) {
    static const StoreSchema *schemas[1];
    schemas[0] = shelf_schema();
    memset(s, 0, sizeof *s);
    ctx_init(&s->c);
    test_folder(s->dir, sizeof s->dir);
    StoreOptions options = {
        .mode = STORE_CREATE, .sync = STORE_SYNC_FULL, .schemas = schemas, .schema_count = 1};
    assert_ok(&s->c, store_open(&s->c, ledger_path(s), &options, &s->db));
}

static void shelf_done(Shelf *s) {
    static const char *const ends[] = {"", "-wal", "-shm"};
    store_close(s->db);
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        Str path;
        assert_ok(&s->c, str_format(&s->c, &path, "%s/ledger.db%s", s->dir, ends[i]));
        assert_ok(&s->c, file_remove(&s->c, path));
    }
    assert_int_equal(rmdir(s->dir), 0);
    ctx_done(&s->c);
}

static CryptoHash put(Shelf *s, Str bytes) {
    CryptoHash hash;
    AUTO(StoreTx) tx = {0};
    assert_ok(&s->c, store_tx_begin(&s->c, s->db, &tx));
    assert_ok(&s->c, shelf_put(&s->c, s->db, bytes, &hash));
    assert_ok(&s->c, store_tx_commit(&s->c, &tx));
    return hash;
}

static void test_put_get(void **state) {
    (void)state;
    Shelf s;
    shelf_open(&s);
    CryptoHash a = put(&s, STR("one")), b = put(&s, STR("two")), empty = put(&s, (Str){0});
    CryptoHash again = put(&s, STR("one")), expected = crypto_sha256("one", 3);
    assert_memory_equal(&a, &again, sizeof a);
    assert_memory_equal(&a, &expected, sizeof a);
    AUTO(Buf) out = {0};
    assert_ok(&s.c, shelf_get(&s.c, s.db, &b, &out));
    assert_true(str_eq_c(buf_view(&out), "two"));
    int64_t n = -1;
    assert_ok(&s.c, shelf_size(&s.c, s.db, &empty, &n));
    assert_int_equal(n, 0);
    ShelfCounts counts;
    assert_ok(&s.c, shelf_counts(&s.c, s.db, &counts));
    assert_int_equal(counts.items, 3);
    assert_int_equal(counts.bytes, 6);
    CryptoHash at = {0};
    bool found = true;
    int walked = -1;
    for (CryptoHash *after = NULL; found; after = &at, walked++) {
        CryptoHash next = at;
        assert_ok(&s.c, shelf_next(&s.c, s.db, after, &next, &found));
        assert_true(!found || !after || memcmp(next.b, at.b, sizeof at.b) > 0);
        at = next;
    }
    assert_int_equal(walked, 3);
    CryptoHash none = crypto_sha256("three", 5);
    assert_int_equal(shelf_get(&s.c, s.db, &none, &out), E_NOT_FOUND);
    // Another connection reads beside the writer.
    AUTO(StoreDbOwned) reader = NULL;
    assert_ok(&s.c, shelf_reader_open(&s.c, str_of(s.dir), &reader));
    buf_clear(&out);
    assert_ok(&s.c, shelf_get(&s.c, reader, &a, &out));
    assert_true(str_eq_c(buf_view(&out), "one"));
    shelf_done(&s);
}

static void test_rolled_back(void **state) {
    (void)state;
    Shelf s;
    shelf_open(&s);
    CryptoHash hash;
    {
        AUTO(StoreTx) tx = {0};
        assert_ok(&s.c, store_tx_begin(&s.c, s.db, &tx));
        assert_ok(&s.c, shelf_put(&s.c, s.db, STR("not kept"), &hash));
    }
    int64_t n;
    assert_int_equal(shelf_size(&s.c, s.db, &hash, &n), E_NOT_FOUND);
    shelf_done(&s);
}

// Longer than a page, so that overflow pages are among what must go.
static void test_erase(void **state) {
    (void)state;
    Shelf s;
    shelf_open(&s);
    AUTO(Buf) long_text = {0};
    for (int i = 0; i < 3000; i++)
        buf_format(&long_text, "secret-%04d ", i);
    CryptoHash hash = put(&s, buf_view(&long_text)), other = put(&s, STR("stays"));
    assert_ok(&s.c, store_checkpoint(&s.c, s.db, STORE_CHECKPOINT_TRUNCATE));
    {
        AUTO(StoreTx) tx = {0};
        assert_ok(&s.c, store_tx_begin(&s.c, s.db, &tx));
        assert_ok(&s.c, shelf_erase(&s.c, s.db, &hash));
        assert_ok(&s.c, shelf_erase(&s.c, s.db, &hash)); // absent is fine
        assert_ok(&s.c, store_tx_commit(&s.c, &tx));
    }
    assert_ok(&s.c, store_checkpoint(&s.c, s.db, STORE_CHECKPOINT_TRUNCATE));
    static const char *const ends[] = {"", "-wal"};
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        Str path, bytes;
        size_t at;
        assert_ok(&s.c, str_format(&s.c, &path, "%s/ledger.db%s", s.dir, ends[i]));
        assert_ok(&s.c, file_read_all(&s.c, path, 1 << 24, &bytes));
        assert_false(str_find(bytes, STR("secret-"), &at));
    }
    AUTO(Buf) out = {0};
    assert_ok(&s.c, shelf_get(&s.c, s.db, &other, &out));
    assert_true(str_eq_c(buf_view(&out), "stays"));
    shelf_done(&s);
}

static void test_limit(void **state) {
    (void)state;
    Shelf s;
    shelf_open(&s);
    Str large = {"", SHELF_BYTES_MAX + 1}; // refused before it is looked at
    CryptoHash hash;
    assert_int_equal(shelf_put(&s.c, s.db, large, &hash), E_LIMIT);
    shelf_done(&s);
}

// --- in pieces ----------------------------------------------------------------------------------

// Bytes that differ at every place; not of 4096 or 2^20 alone.
static void fill(Buf *out, size_t n, uint64_t seed) {
    Rng rng;
    rng_seed(&rng, seed);
    while (out->n < n) {
        uint64_t v = rng_next(&rng);
        buf_append(out, &v, n - out->n < sizeof v ? n - out->n : sizeof v);
    }
}

static void part_is(Shelf *s, const CryptoHash *hash, const Buf *whole, int64_t at, int64_t max) {
    AUTO(Buf) out = {0};
    int64_t total = -1, n = (int64_t)whole->n, left = at < n ? n - at : 0;
    assert_ok(&s->c, shelf_part(&s->c, s->db, hash, at, max, &out, &total));
    assert_int_equal(total, n);
    assert_int_equal(out.n, left < max ? left : max);
    if (out.n > 0)
        assert_memory_equal(out.p, whole->p + at, out.n);
}

static void test_pieces(void **state) {
    (void)state;
    Shelf s;
    shelf_open(&s);
    AUTO(Buf) whole = {0}, out = {0};
    int64_t piece = SHELF_PIECE_BYTES;
    fill(&whole, 2 * SHELF_PIECE_BYTES + 777, 5);
    CryptoHash hash = put(&s, buf_view(&whole));
    assert_ok(&s.c, shelf_get(&s.c, s.db, &hash, &out));
    assert_true(str_eq(buf_view(&out), buf_view(&whole)));
    assert_ok(&s.c, shelf_check(&s.c, s.db, &hash));
    int64_t n = (int64_t)whole.n,
            places[] = {0, 1, piece - 1, piece, piece + 1, 2 * piece, n - 1, n, n + 1, INT64_MAX};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        part_is(&s, &hash, &whole, places[i], 1);
        part_is(&s, &hash, &whole, places[i], 1000);
        part_is(&s, &hash, &whole, places[i], piece + 1);
        part_is(&s, &hash, &whole, places[i], INT64_MAX);
    }
    shelf_done(&s);
}

static void add(Shelf *s, const CryptoHash *hash, const Buf *whole, size_t from, size_t upto,
                size_t step) {
    for (size_t at = from; at < upto; at += step) {
        Str one = {whole->p + at, upto - at < step ? upto - at : step};
        assert_ok(&s->c, shelf_part_add(&s->c, s->db, hash, (int64_t)at, one));
    }
}

// In parts, and not there before the last; what is false is not there then; given up, it goes.
static void test_parts(void **state) {
    (void)state;
    Shelf s;
    shelf_open(&s);
    Ctx *c = &s.c;
    AUTO(Buf) whole = {0}, out = {0};
    ShelfCounts counts;
    int64_t n;
    fill(&whole, 100000, 6);
    CryptoHash hash = crypto_sha256(whole.p, whole.n), other = crypto_sha256("x", 1), at;
    bool found;
    AUTO(StoreTx) tx = {0};
    assert_ok(c, store_tx_begin(c, s.db, &tx));
    add(&s, &hash, &whole, 0, 99000, 3333);
    assert_int_equal(shelf_size(c, s.db, &hash, &n), E_NOT_FOUND);
    assert_int_equal(shelf_get(c, s.db, &hash, &out), E_NOT_FOUND);
    assert_int_equal(shelf_part(c, s.db, &hash, 0, 10, &out, &n), E_NOT_FOUND);
    assert_ok(c, shelf_next(c, s.db, NULL, &at, &found));
    assert_false(found);
    assert_int_equal(shelf_part_end(c, s.db, &hash, 100000), E_CRYPTO); // not all
    add(&s, &hash, &whole, 99000, 100000, 999);
    assert_int_equal(shelf_part_end(c, s.db, &hash, 100001), E_CRYPTO);
    assert_ok(c, shelf_part_end(c, s.db, &hash, 100000));
    assert_ok(c, shelf_get(c, s.db, &hash, &out));
    assert_true(str_eq(buf_view(&out), buf_view(&whole)));
    part_is(&s, &hash, &whole, 3332, 7000); // over more than one of them
    // What is there stays as it is, whatever comes, and is not given up.
    assert_ok(c, shelf_part_add(c, s.db, &hash, 0, STR("other bytes")));
    assert_ok(c, shelf_part_end(c, s.db, &hash, 5));
    assert_ok(c, shelf_part_drop(c, s.db, &hash));
    assert_ok(c, shelf_check(c, s.db, &hash));
    // Other bytes than its hash says, a gap, and what is given up.
    add(&s, &other, &whole, 0, 10000, 5000);
    assert_int_equal(shelf_part_end(c, s.db, &other, 10000), E_CRYPTO);
    assert_ok(c, shelf_part_drop(c, s.db, &other));
    assert_ok(c, shelf_erase(c, s.db, &hash));
    add(&s, &hash, &whole, 0, 50000, 10000);
    add(&s, &hash, &whole, 60000, 100000, 10000);
    assert_int_equal(shelf_part_end(c, s.db, &hash, 100000), E_CRYPTO);
    // Handed in whole, while it is on its way.
    assert_ok(c, shelf_put(c, s.db, buf_view(&whole), &hash));
    assert_ok(c, shelf_check(c, s.db, &hash));
    assert_ok(c, shelf_counts(c, s.db, &counts));
    assert_int_equal(counts.items, 1);
    assert_int_equal(counts.bytes, 100000);
    assert_int_equal(shelf_part_add(c, s.db, &other, SHELF_BYTES_MAX, STR("x")), E_LIMIT);
    assert_ok(c, store_tx_commit(c, &tx));
    shelf_done(&s);
}

// --- a folder of an older program ---------------------------------------------------------------

static void open_as(Shelf *s, const StoreSchema *schema, StoreMode mode) {
    StoreOptions options = {
        .mode = mode, .sync = STORE_SYNC_FULL, .schemas = &schema, .schema_count = 1};
    store_close(s->db);
    s->db = NULL;
    assert_ok(&s->c, store_open(&s->c, ledger_path(s), &options, &s->db));
}

static void old_put(Shelf *s, const StoreSchema *old, const Buf *bytes) {
    CryptoHash hash = crypto_sha256(bytes->p, bytes->n);
    StoreStmt *q = store_stmt_of(s->db, old, 0);
    store_bind_blob(q, ":sha256", hash.b, sizeof hash.b);
    store_bind_blob(q, ":bytes", bytes->n ? bytes->p : "", bytes->n);
    assert_ok(&s->c, store_run(&s->c, q));
}

static void test_brought_forward(void **state) {
    (void)state;
    static const char *const names[] = {"put"};
    StoreSql sql[] = {shelf_schema()->sql[0],
                      {"statements", "-- :put\nINSERT INTO attachment_bytes (sha256, bytes) "
                                     "VALUES (:sha256, :bytes)\n"}};
    StoreSchema old = {"shelf", sql, COUNT_OF(sql), names, COUNT_OF(names)};
    size_t sizes[] = {0, 5, SHELF_PIECE_BYTES, 3 * SHELF_PIECE_BYTES + 5};
    Shelf s = {0};
    ctx_init(&s.c);
    test_folder(s.dir, sizeof s.dir);
    open_as(&s, &old, STORE_CREATE);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        AUTO(Buf) bytes = {0};
        fill(&bytes, sizes[i], i);
        old_put(&s, &old, &bytes);
    }
    open_as(&s, shelf_schema(), STORE_WRITE);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        AUTO(Buf) bytes = {0}, got = {0};
        fill(&bytes, sizes[i], i);
        CryptoHash hash = crypto_sha256(bytes.p, bytes.n);
        assert_ok(&s.c, shelf_get(&s.c, s.db, &hash, &got));
        assert_true(str_eq(buf_view(&got), buf_view(&bytes)));
        part_is(&s, &hash, &bytes, SHELF_PIECE_BYTES - 2, 4);
    }
    shelf_done(&s);
}

// --- damage -------------------------------------------------------------------------------------

static void test_damage(void **state) {
    (void)state;
    static const char *const names[] = {"cut", "change"};
    StoreSql sql[] = {{"statements", "-- :cut\nDELETE FROM shelf_piece WHERE at = :at\n"
                                     "-- :change\nREPLACE INTO shelf_piece SELECT sha256, at, "
                                     "zeroblob(length(bytes)) FROM shelf_piece WHERE at = :at\n"}};
    StoreSchema damage = {"damage", sql, 1, names, COUNT_OF(names)};
    for (size_t how = 0; how < 2; how++) {
        Shelf s;
        AUTO(Buf) whole = {0}, out = {0};
        int64_t n;
        shelf_open(&s);
        fill(&whole, 2 * SHELF_PIECE_BYTES + 777, 5);
        CryptoHash hash = put(&s, buf_view(&whole));
        open_as(&s, &damage, STORE_WRITE);
        StoreStmt *q = store_stmt_of(s.db, &damage, how);
        store_bind_i64(q, ":at", SHELF_PIECE_BYTES);
        assert_ok(&s.c, store_run(&s.c, q));
        open_as(&s, shelf_schema(), STORE_WRITE);
        assert_int_equal(shelf_get(&s.c, s.db, &hash, &out), E_CORRUPT);
        assert_int_equal(out.n, 0);
        assert_int_equal(shelf_check(&s.c, s.db, &hash), E_CORRUPT);
        if (how == 0)
            assert_int_equal(shelf_part(&s.c, s.db, &hash, SHELF_PIECE_BYTES, 1, &out, &n),
                             E_CORRUPT);
        shelf_done(&s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_put_get),         cmocka_unit_test(test_rolled_back),
        cmocka_unit_test(test_erase),           cmocka_unit_test(test_limit),
        cmocka_unit_test(test_pieces),          cmocka_unit_test(test_parts),
        cmocka_unit_test(test_brought_forward), cmocka_unit_test(test_damage),
    };
    return cmocka_run_group_tests_name("shelf", tests, NULL, NULL);
}
