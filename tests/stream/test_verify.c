// Damage of every kind is found and named.
#include "groups.h"
#include "world.h"

#include <fcntl.h>
#include <unistd.h>

static const char *const test_statements[] = {"batch_drop", "batch_root", "tail_drop", "file_hash"};
static const StoreSql test_sql[] = {
    {"statements", "-- :batch_drop\nDELETE FROM stream_batch WHERE batch = 1\n"
                   "-- :batch_root\nUPDATE stream_batch SET root = zeroblob(32)\n"
                   "-- :tail_drop\nDELETE FROM stream_tail WHERE transfer = 'T7'\n"
                   "-- :file_hash\nUPDATE stream_file SET hash = zeroblob(32)\n"}};
static const StoreSchema test_schema = {"test", test_sql, 1, test_statements,
                                        COUNT_OF(test_statements)};

// Changes the tables behind the stream's back.
static void run_sql(World *w, size_t index) {
    Str path;
    AUTO(StoreDbOwned) db = NULL;
    const StoreSchema *schemas[] = {stream_schema(), &test_schema};
    StoreOptions options = {.mode = STORE_WRITE, .schemas = schemas, .schema_count = 2};
    world_shut(w);
    assert_ok(&w->ctx, str_format(&w->ctx, &path, "%s/ledger.db", w->dir));
    assert_ok(&w->ctx, store_open(&w->ctx, path, &options, &db));
    assert_ok(&w->ctx, store_run(&w->ctx, store_stmt_of(db, &test_schema, index)));
    store_close(db);
    db = NULL;
    world_open(w);
}

static void fill(World *w, bool seal) {
    Rng r;
    rng_seed(&r, 99);
    AUTO(WorldSet) set = {0};
    world_make(w);
    world_random(&r, 120, true, &set);
    world_import(w, set.items, 60);
    if (seal)
        assert_ok(&w->ctx, stream_seal(&w->ctx, w->stream));
    world_import(w, set.items + 60, 60);
    if (seal)
        assert_ok(&w->ctx, stream_seal(&w->ctx, w->stream));
    world_verify_good(w);
}

static int file_of(World *w, const char *prefix, char ret_path[512], off_t *ret_bytes) {
    Str folder, *names;
    size_t n;
    assert_ok(&w->ctx, str_format(&w->ctx, &folder, "%s/stream", w->dir));
    assert_ok(&w->ctx, dir_list(&w->ctx, folder, &names, &n));
    for (size_t i = 0; i < n; i++) {
        if (!str_starts(names[i], str_of(prefix)))
            continue;
        snprintf(ret_path, 512, STR_FMT "/" STR_FMT, STR_ARG(folder), STR_ARG(names[i]));
        int fd = open(ret_path, O_RDWR);
        assert_true(fd >= 0);
        *ret_bytes = lseek(fd, 0, SEEK_END);
        return fd;
    }
    fail_msg("there is no %s file", prefix);
    return -1;
}

static void flip(int fd, off_t at) {
    uint8_t byte;
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 0x10;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
}

// Each byte of a segment and of an account file: changed, verify finds it or the open refuses.
static void test_flipped(void **state) {
    (void)state;
    static const char *const prefixes[] = {"seg-", "accounts-"};
    for (size_t k = 0; k < 2; k++) {
        World w;
        char path[512], words[512];
        off_t bytes;
        fill(&w, true);
        int fd = file_of(&w, prefixes[k], path, &bytes);
        for (off_t at = 0; at < bytes; at += at < 512 ? 7 : 61) {
            flip(fd, at);
            if (!world_verify_bad(&w, words))
                fail_msg("%s: byte %lld changed and nobody saw", prefixes[k], (long long)at);
            assert_non_null(strstr(words, prefixes[k]));
            flip(fd, at);
        }
        world_verify_good(&w);
        close(fd);
        world_done(&w);
    }
}

static void test_cut_and_gone(void **state) {
    (void)state;
    World w;
    char path[512], words[512];
    off_t bytes;
    fill(&w, true);
    int fd = file_of(&w, "seg-", path, &bytes);
    assert_int_equal(ftruncate(fd, bytes - 64), 0);
    assert_true(world_verify_bad(&w, words));
    assert_non_null(strstr(words, "seg-"));
    world_shut(&w);
    assert_int_equal(world_try_open(&w), E_CORRUPT);
    assert_non_null(strstr(w.ctx.error, "seg-"));
    world_shut(&w);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(world_try_open(&w), E_CORRUPT);
    assert_non_null(strstr(w.ctx.error, "absent"));
    close(fd);
    world_done(&w);
}

static void test_tables(void **state) {
    (void)state;
    static const char *const says[] = {"batch", "batch", "missing", "SHA-256"};
    for (size_t k = 0; k < COUNT_OF(says); k++) {
        World w;
        char words[512];
        fill(&w, k == 3);
        run_sql(&w, k);
        assert_true(world_verify_bad(&w, words));
        if (!strstr(words, says[k]))
            fail_msg("case %zu says: %s", k, words);
        world_done(&w);
    }
}

static Err never(Ctx *c, void *self, const StreamBatch *batch, bool *ret_found) {
    (void)c;
    (void)batch;
    *ret_found = *(bool *)self;
    return OK;
}

static bool stop_at_once(void *self, uint64_t done, uint64_t total) {
    (void)self;
    return done > total;
}

static void test_source(void **state) {
    (void)state;
    World w;
    fill(&w, true);
    bool found = true;
    StreamBatchSource source = {never, &found, 2};
    StreamVerdict v;
    assert_ok(&w.ctx, stream_verify(&w.ctx, w.stream, &source, NULL, &v));
    assert_true(v.good);
    assert_int_equal(v.batches, 2);
    found = false;
    assert_ok(&w.ctx, stream_verify(&w.ctx, w.stream, &source, NULL, &v));
    assert_false(v.good);
    found = true;
    source.count = 3;
    assert_ok(&w.ctx, stream_verify(&w.ctx, w.stream, &source, NULL, &v));
    assert_false(v.good);
    StreamProgress stop = {stop_at_once, NULL};
    assert_int_equal(stream_verify(&w.ctx, w.stream, NULL, &stop, &v), E_CANCELLED);
    world_done(&w);
}

// A crash leaves a file behind: the next start removes it, and leaves alone what is not ours.
static void test_strangers(void **state) {
    (void)state;
    World w;
    fill(&w, true);
    static const char *const names[] = {"seg-00000000000000ff.seg", "accounts-00000000000000fe.acc",
                                        "seg-00000000000000fd.seg.tmp", "note.txt"};
    for (size_t i = 0; i < 4; i++) {
        Str path;
        assert_ok(&w.ctx, str_format(&w.ctx, &path, "%s/stream/%s", w.dir, names[i]));
        assert_ok(&w.ctx, file_replace(&w.ctx, path, STR("left behind")));
    }
    world_shut(&w);
    world_open(&w);
    for (size_t i = 0; i < 4; i++) {
        Str path;
        assert_ok(&w.ctx, str_format(&w.ctx, &path, "%s/stream/%s", w.dir, names[i]));
        assert_int_equal(file_exists(path), i == 3);
    }
    world_verify_good(&w);
    world_done(&w);
}

int run_verify(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flipped),   cmocka_unit_test(test_cut_and_gone),
        cmocka_unit_test(test_tables),    cmocka_unit_test(test_source),
        cmocka_unit_test(test_strangers),
    };
    return cmocka_run_group_tests_name("stream verify", tests, NULL, NULL);
}
