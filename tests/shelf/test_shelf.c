// Bytes by their hash: put once, read back, erased without a trace, damage noticed.
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_put_get),
        cmocka_unit_test(test_rolled_back),
        cmocka_unit_test(test_erase),
        cmocka_unit_test(test_limit),
    };
    return cmocka_run_group_tests_name("shelf", tests, NULL, NULL);
}
