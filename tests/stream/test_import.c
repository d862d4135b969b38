// Taking in: outcomes, conflicts, picks, accounts, limits.
#include "groups.h"
#include "world.h"

#include <pthread.h>

static void current_is(World *w, const char *id, const char *memo, int64_t amount) {
    AUTO(StreamSnapshotPtr) snap = stream_snapshot_get(w->stream);
    uint64_t position;
    StreamTransfer t;
    assert_true(stream_transfer_find(snap, str_of(id), &position));
    assert_ok(&w->ctx, stream_transfer_get(&w->ctx, snap, position, &t));
    assert_int_equal(t.amount, amount);
    assert_true(str_eq_c(t.memo, memo));
}

static void batch_is(StreamBatch b, uint64_t taken, uint64_t known, uint64_t filled,
                     uint64_t conflicts) {
    assert_int_equal(b.taken, taken);
    assert_int_equal(b.known, known);
    assert_int_equal(b.filled, filled);
    assert_int_equal(b.conflicts, conflicts);
}

static void test_outcomes(void **state) {
    (void)state;
    World w;
    world_make(&w);
    StreamTransfer a = world_transfer("a", 10, "1", "2", 500), b = a;
    batch_is(world_import(&w, &a, 1), 1, 0, 0, 0);
    batch_is(world_import(&w, &a, 1), 0, 1, 0, 0);
    b.memo = STR("m");
    batch_is(world_import(&w, &b, 1), 1, 0, 1, 0);
    batch_is(world_import(&w, &a, 1), 0, 1, 0, 0);
    current_is(&w, "a", "m", 500);
    assert_ok(&w.ctx, stream_seal(&w.ctx, w.stream));
    batch_is(world_import(&w, &b, 1), 0, 1, 0, 0);
    a.channel = STR("app");
    batch_is(world_import(&w, &a, 1), 1, 0, 1, 0);
    current_is(&w, "a", "m", 500);
    StreamTransfer c = world_transfer("a", 10, "1", "2", 400);
    const StreamTransfer twice[2] = {c, c};
    batch_is(world_import(&w, twice, 2), 1, 1, 0, 1);
    current_is(&w, "a", "", 400); // "4.00" is bytewise smaller than "5.00"
    world_verify_good(&w);
    world_done(&w);
}

static void test_pick(void **state) {
    (void)state;
    World w;
    world_make(&w);
    StreamTransfer t[3] = {world_transfer("x", 5, "1", "2", 300),
                           world_transfer("x", 5, "1", "2", 200),
                           world_transfer("y", 6, "2", "3", 100)};
    batch_is(world_import(&w, t, 3), 3, 0, 0, 1);
    current_is(&w, "x", "", 200);
    for (int sealed = 0; sealed < 2; sealed++) {
        StreamVersion *v;
        size_t n;
        AUTO(StreamSnapshotPtr) snap = stream_snapshot_get(w.stream);
        assert_ok(&w.ctx, stream_versions(&w.ctx, snap, STR("x"), &v, &n));
        assert_int_equal(n, 2);
        assert_true(v[0].current && !v[1].current);
        CryptoHash other = v[1].hash;
        world_pick(&w, "x", &other);
        current_is(&w, "x", "", sealed ? 200 : 300);
        stream_snapshot_put(snap);
        snap = NULL;
        world_shut(&w);
        world_open(&w);
        current_is(&w, "x", "", sealed ? 200 : 300);
        world_verify_good(&w);
        assert_ok(&w.ctx, stream_seal(&w.ctx, w.stream));
        current_is(&w, "x", "", sealed ? 200 : 300);
    }
    CryptoHash none = {{0}};
    AUTO(StreamImportPtr) imp = NULL;
    assert_ok(&w.ctx, stream_import_begin(&w.ctx, w.stream, &imp));
    assert_int_equal(stream_import_pick(&w.ctx, imp, STR("x"), &none), E_NOT_FOUND);
    assert_int_equal(stream_import_pick(&w.ctx, imp, STR("z"), &none), E_NOT_FOUND);
    stream_import_close(imp);
    imp = NULL;
    world_verify_good(&w);
    world_done(&w);
}

// A pick holds when the picked version is filled later, also one that two tellings made together.
static void test_pick_filled(void **state) {
    (void)state;
    World w;
    world_make(&w);
    StreamTransfer t[4];
    for (size_t i = 0; i < 4; i++)
        t[i] = world_transfer("x", 5, "1", "2", i == 0 ? 200 : 300);
    t[1].memo = STR("m");
    t[2].channel = STR("app");
    t[3].has_seq = true;
    t[3].seq = 4;
    world_import(&w, t, 3);
    current_is(&w, "x", "", 200);
    StreamVersion *v;
    size_t n;
    StreamSnapshot *snap = stream_snapshot_get(w.stream);
    assert_ok(&w.ctx, stream_versions(&w.ctx, snap, STR("x"), &v, &n));
    assert_int_equal(n, 2);
    world_pick(&w, "x", &v[1].hash);
    stream_snapshot_put(snap);
    for (int i = 0; i < 3; i++) {
        current_is(&w, "x", "m", 300);
        if (i == 0)
            batch_is(world_import(&w, &t[3], 1), 1, 0, 1, 0);
        if (i == 1)
            assert_ok(&w.ctx, stream_seal(&w.ctx, w.stream));
        world_shut(&w);
        world_open(&w);
        world_verify_good(&w);
    }
    world_done(&w);
}

static void test_refused(void **state) {
    (void)state;
    static char wide[300];
    memset(wide, 'w', sizeof wide);
    World w;
    world_make(&w);
    StreamTransfer good = world_transfer("g", 1, "1", "2", 1), bad[10];
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        bad[i] = world_transfer("b", 1, "1", "2", 1);
    bad[0].id = STR("");
    bad[1].id = (Str){wide, STREAM_ID_BYTES_MAX + 1};
    bad[2].from.account = (Str){wide, STREAM_FIELD_BYTES_MAX + 1};
    bad[3].to.institution = STR("a\x1f");
    bad[4].amount = 0;
    bad[5].amount = BASE_AMOUNT_MINOR_MAX + 1;
    bad[6].from.account = bad[6].to.account = STR("");
    bad[7].to = bad[7].from;
    bad[8].exponent = 3; // THB has come with 2
    bad[9].has_credited_currency = true;
    bad[9].credited_currency = STR("KHR");
    AUTO(StreamImportPtr) imp = NULL;
    StreamImport *second;
    Ctx *c = &w.ctx;
    assert_ok(c, stream_import_begin(c, w.stream, &imp));
    assert_int_equal(stream_import_begin(c, w.stream, &second), E_BUSY);
    assert_ok(c, stream_import_add(c, imp, &good));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(stream_import_add(c, imp, &bad[i]), E_INVALID);
    StreamBatch batch;
    assert_ok(c, stream_import_count(c, imp, &batch));
    batch_is(batch, 1, 0, 0, 0);
    stream_import_close(imp); // dropped: nothing of it is there
    imp = NULL;
    AUTO(StreamSnapshotPtr) snap = stream_snapshot_get(w.stream);
    assert_int_equal(stream_counts(snap).transfers, 0);
    stream_snapshot_put(snap);
    snap = NULL;
    world_done(&w);
}

static void test_accounts(void **state) {
    (void)state;
    World w;
    world_make(&w);
    StreamTransfer t[3] = {world_transfer("1", 1, "77", "88", 1),
                           world_transfer("2", 2, "88", "77", 1),
                           world_transfer("3", 3, "77", "99", 1)};
    for (int round = 0; round < 3; round++) {
        world_import(&w, &t[round], 1);
        if (round == 1)
            assert_ok(&w.ctx, stream_seal(&w.ctx, w.stream));
    }
    for (int again = 0; again < 2; again++) {
        AUTO(StreamSnapshotPtr) snap = stream_snapshot_get(w.stream);
        StreamParty party = {.account = STR("77")};
        uint32_t *ids, id;
        size_t n;
        assert_ok(&w.ctx, stream_accounts_search(&w.ctx, snap, &party, &ids, &n));
        assert_int_equal(n, 2); // TH/004 and KH/ABA
        party.country = STR("KH");
        assert_ok(&w.ctx, stream_accounts_search(&w.ctx, snap, &party, &ids, &n));
        assert_int_equal(n, 1);
        StreamAccount a = stream_account(snap, ids[0]);
        assert_true(str_eq_c(a.party.institution, "ABA") && str_eq_c(a.currency, "THB"));
        assert_true(stream_account_find(snap, &a, &id) && id == ids[0]);
        a.currency = STR("USD");
        assert_false(stream_account_find(snap, &a, &id));
        StreamWindow window = {2000000, 3000000, 1};
        StreamEntries e;
        assert_ok(&w.ctx, stream_account_entries(&w.ctx, snap, ids[0], &window, &e));
        assert_int_equal(e.n, 1);
        assert_false(e.more || e.items[0].debit);
        stream_snapshot_put(snap);
        snap = NULL;
        world_shut(&w);
        world_open(&w);
    }
    world_done(&w);
}

// A batch of more than STREAM_TAIL_BATCH_ROWS_MAX rows becomes a segment; appended ones stay apart
// where they are small beside it, and late ones go into it.
static void test_segments(void **state) {
    (void)state;
    World w;
    world_make(&w);
    static StreamTransfer many[20000];
    static char ids[20000][16], accounts[20000][16];
    for (size_t i = 0; i < 20000; i++) {
        snprintf(ids[i], sizeof ids[i], "s%zu", i);
        snprintf(accounts[i], sizeof accounts[i], "%zu", i % 700);
        many[i] = world_transfer(ids[i], (int64_t)i * 10, accounts[i], "sink", 100);
        many[i].to.account = str_of(accounts[(i + 1) % 20000]);
    }
    world_import(&w, many, 16000);
    AUTO(StreamSnapshotPtr) snap = stream_snapshot_get(w.stream);
    assert_int_equal(stream_counts(snap).segments, 1);
    assert_int_equal(stream_counts(snap).tail_rows, 0);
    world_import(&w, many + 17000, 100);
    assert_ok(&w.ctx, stream_seal(&w.ctx, w.stream));
    world_import(&w, many + 16500, 100);
    assert_ok(&w.ctx, stream_seal(&w.ctx, w.stream));
    stream_snapshot_put(snap);
    snap = stream_snapshot_get(w.stream);
    assert_int_equal(stream_counts(snap).segments, 2);
    CryptoHash before = stream_manifest_hash(snap);
    StreamTransfer late = many[5];
    late.id = STR("late");
    world_import(&w, &late, 1);
    StreamSnapshot *now = stream_snapshot_get(w.stream);
    CryptoHash after = stream_manifest_hash(now);
    assert_memory_not_equal(&before, &after, sizeof before);
    uint64_t position;
    assert_true(stream_transfer_find(now, STR("late"), &position));
    assert_true(position > 5ULL << 24 && position < 7ULL << 24);
    stream_snapshot_put(now);
    assert_ok(&w.ctx, stream_seal(&w.ctx, w.stream));
    // The old snapshot still reads files that have been replaced since.
    assert_false(stream_transfer_find(snap, STR("late"), &position));
    assert_true(stream_transfer_find(snap, STR("s15999"), &position));
    assert_int_equal(stream_counts(snap).transfers, 16200);
    world_verify_good(&w);
    stream_snapshot_put(snap);
    snap = NULL;
    Str *names;
    size_t n;
    Str folder;
    assert_ok(&w.ctx, str_format(&w.ctx, &folder, "%s/stream", w.dir));
    assert_ok(&w.ctx, dir_list(&w.ctx, folder, &names, &n));
    assert_int_equal(n, 1 + 1); // one segment took its small neighbour; replaced files are gone
    world_done(&w);
}

// --- readers beside the writer
// ------------------------------------------------------------------------

typedef struct Reader {
    World *w;
    bool *stop;
    uint64_t seen, last;
    bool shrank;
} Reader;

static void *reader_run(void *self) {
    Reader *r = self;
    while (!__atomic_load_n(r->stop, __ATOMIC_ACQUIRE)) {
        AUTO(StreamSnapshotPtr) snap = stream_snapshot_get(r->w->stream);
        uint64_t n = 0, want = stream_counts(snap).transfers;
        for (uint64_t p = stream_position_next(snap, 0); p != TRACE_POSITION_NONE;
             p = stream_position_next(snap, p + 1))
            n++;
        r->shrank = r->shrank || want < r->last || n != want;
        r->last = want;
        r->seen++;
    }
    return NULL;
}

static void test_readers(void **state) {
    (void)state;
    World w;
    world_make(&w);
    Rng rng;
    rng_seed(&rng, 3);
    AUTO(WorldSet) set = {0};
    world_random(&rng, 3000, false, &set);
    bool stop = false;
    Reader r = {.w = &w, .stop = &stop};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, reader_run, &r), 0);
    for (size_t i = 0; i < set.n; i += 100) {
        world_import(&w, set.items + i, 100);
        if (i % 700 == 0)
            assert_ok(&w.ctx, stream_seal(&w.ctx, w.stream));
    }
    __atomic_store_n(&stop, true, __ATOMIC_RELEASE);
    pthread_join(thread, NULL);
    assert_false(r.shrank);
    assert_true(r.seen > 0);
    world_verify_good(&w);
    world_done(&w);
}

int run_import(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outcomes),    cmocka_unit_test(test_pick),
        cmocka_unit_test(test_pick_filled), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_accounts),    cmocka_unit_test(test_segments),
        cmocka_unit_test(test_readers),
    };
    return cmocka_run_group_tests_name("stream import", tests, NULL, NULL);
}
