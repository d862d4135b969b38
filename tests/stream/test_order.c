// Any order of arrival, any split into files, tail and segments: the same view.
#include "groups.h"
#include "world.h"

static uint64_t seeds_from_env(const char *name, uint64_t standard) {
    const char *text = getenv(name);
    int64_t v;
    return text && str_to_i64(str_of(text), &v) && v > 0 ? (uint64_t)v : standard;
}

static void shuffle(Rng *r, StreamTransfer *items, size_t n) {
    for (size_t i = n; i-- > 1;) {
        size_t k = rng_below(r, i + 1);
        StreamTransfer t = items[i];
        items[i] = items[k];
        items[k] = t;
    }
}

static void import_split(World *w, Rng *r, const StreamTransfer *items, size_t n) {
    for (size_t at = 0; at < n;) {
        size_t part = 1 + rng_below(r, n - at);
        world_import(w, items + at, part);
        at += part;
        if (rng_below(r, 3) == 0)
            assert_ok(&w->ctx, stream_seal(&w->ctx, w->stream));
        if (rng_below(r, 4) == 0) {
            world_shut(w);
            world_open(w);
        }
        // Told once more: known, and nothing changes.
        if (rng_below(r, 4) == 0) {
            StreamBatch b = world_import(w, items, 1 + rng_below(r, at));
            assert_int_equal(b.taken, 0);
        }
    }
}

static void compare(World *w, const Buf *want, uint64_t seed, int round) {
    AUTO(Buf) got = {0};
    world_dump(w, &got);
    if (str_eq(buf_view(&got), buf_view(want)))
        return;
    size_t i = 0;
    while (i < got.n && i < want->n && got.p[i] == want->p[i])
        i++;
    size_t from = i > 200 ? i - 200 : 0;
    print_error("want …%.*s\ngot …%.*s\n", (int)(want->n - from > 600 ? 600 : want->n - from),
                want->p + from, (int)(got.n - from > 600 ? 600 : got.n - from), got.p + from);
    fail_msg("seed %llu, round %d: the view depends on the order of arrival",
             (unsigned long long)seed, round);
}

static void one_ledger(uint64_t seed) {
    Rng r;
    rng_seed(&r, seed);
    AUTO(WorldSet) set = {0};
    AUTO(Buf) want = {0};
    world_random(&r, 2 + rng_below(&r, seed % 5 ? 60 : 400), seed % 3 != 0, &set);
    for (int round = 0; round < 3; round++) {
        World w;
        world_make(&w);
        if (round == 0) {
            world_import(&w, set.items, set.n);
            assert_ok(&w.ctx, stream_seal(&w.ctx, w.stream));
            world_dump(&w, &want);
        } else {
            shuffle(&r, set.items, set.n);
            import_split(&w, &r, set.items, set.n);
            compare(&w, &want, seed, round);
            assert_ok(&w.ctx, stream_seal(&w.ctx, w.stream));
            world_shut(&w);
            world_open(&w);
            compare(&w, &want, seed, round);
        }
        world_verify_good(&w);
        world_done(&w);
    }
}

static void test_any_order(void **state) {
    (void)state;
    uint64_t first = seeds_from_env("MOEI_SEED", 1), n = seeds_from_env("MOEI_SEEDS", 60);
    print_message("seeds %llu to %llu\n", (unsigned long long)first,
                  (unsigned long long)(first + n - 1));
    for (uint64_t seed = first; seed < first + n; seed++)
        one_ledger(seed);
}

// Three tellings of which two merge and one contradicts one of these.
static void test_three(void **state) {
    (void)state;
    StreamTransfer t[4];
    for (size_t i = 0; i < 4; i++)
        t[i] = world_transfer("x", 5, "1", "2", 300);
    t[0].memo = STR("left");
    t[1].channel = STR("app");
    t[2].memo = STR("right");
    t[3].memo = STR("left");
    t[3].channel = STR("app");
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                     {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    AUTO(Buf) first = {0};
    for (int o = 0; o < 12; o++) {
        World w;
        AUTO(Buf) dump = {0};
        world_make(&w);
        // With t[3], which is t[0] and t[1] in one, told before or after: still the same.
        for (int i = 0; i < 3; i++)
            world_import(&w, &t[orders[o % 6][i]], 1);
        world_dump(&w, &dump);
        if (o == 0)
            buf_append(&first, dump.p, dump.n);
        assert_true(str_eq(buf_view(&first), buf_view(&dump)));
        world_verify_good(&w);
        world_done(&w);
    }
    AUTO(Buf) with = {0};
    for (int o = 0; o < 6; o++) {
        World w;
        AUTO(Buf) dump = {0};
        world_make(&w);
        if (o % 2)
            world_import(&w, &t[3], 1);
        for (int i = 0; i < 3; i++)
            world_import(&w, &t[orders[o][i]], 1);
        if (!(o % 2))
            world_import(&w, &t[3], 1);
        world_dump(&w, &dump);
        if (o == 0)
            buf_append(&with, dump.p, dump.n);
        assert_true(str_eq(buf_view(&with), buf_view(&dump)));
        world_verify_good(&w);
        world_done(&w);
    }
}

// The opening of an account that late rows touch: first given balance in Order.
static void test_opening(void **state) {
    (void)state;
    World w;
    world_make(&w);
    StreamTransfer t[3] = {world_transfer("b", 20, "1", "2", 300),
                           world_transfer("c", 30, "1", "2", 300),
                           world_transfer("a", 10, "1", "2", 100)};
    t[1].has_from_balance = true;
    t[1].from_balance = 5000;
    world_import(&w, t, 2);
    assert_ok(&w.ctx, stream_seal(&w.ctx, w.stream));
    const int64_t openings[2] = {5600, 1000};
    t[2].has_from_balance = true;
    t[2].from_balance = 900;
    for (int late = 0; late < 2; late++) {
        AUTO(StreamSnapshotPtr) snap = stream_snapshot_get(w.stream);
        StreamAccount key = {.party = t[0].from, .currency = STR("THB")};
        uint32_t id;
        int64_t opening, balance;
        assert_true(stream_account_find(snap, &key, &id));
        assert_ok(&w.ctx, trace_view_balance(&w.ctx, stream_view(snap), id, TRACE_POSITION_NONE,
                                             &opening, &balance));
        assert_int_equal(opening, openings[late]);
        assert_int_equal(balance, openings[late] - (late ? 700 : 600));
        stream_snapshot_put(snap);
        snap = NULL;
        if (!late)
            world_import(&w, &t[2], 1);
    }
    world_done(&w);
}

int run_order(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_three),
        cmocka_unit_test(test_opening),
        cmocka_unit_test(test_any_order),
    };
    return cmocka_run_group_tests_name("stream order", tests, NULL, NULL);
}
