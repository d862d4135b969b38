// The n-th allocation fails, the n-th write fails, the process is killed: nothing is lost.
#include "groups.h"
#include "world.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static uint64_t number_from_env(const char *name, uint64_t standard) {
    const char *text = getenv(name);
    int64_t v;
    return text && str_to_i64(str_of(text), &v) && v > 0 ? (uint64_t)v : standard;
}

#define PARTS 3

// Takes in the parts that are not there yet, sealing after the second. Stops at the first error.
static Err small_run(World *w, const WorldSet *set, size_t *ret_done) {
    AUTO(Ctx) c = {0};
    size_t part = set->n / PARTS;
    for (size_t i = 0; i < PARTS; i++) {
        StreamBatch batch;
        TRY(world_try_import(&c, w, set->items + i * part, part, &batch));
        *ret_done = i + 1;
        if (i == 1)
            TRY(stream_seal(&c, w->stream));
        StreamVerdict v;
        TRY(stream_verify(&c, w->stream, NULL, NULL, &v));
        assert_true(v.good);
    }
    return OK;
}

// What the run leaves behind must be a prefix of it, and running it again must complete it.
static void complete(World *w, const WorldSet *set, const Buf *want, size_t acknowledged) {
    size_t part = set->n / PARTS, done = 0;
    world_shut(w);
    world_open(w);
    world_verify_good(w);
    AUTO(StreamImportPtr) imp = NULL;
    StreamBatch batch;
    assert_ok(&w->ctx, stream_import_begin(&w->ctx, w->stream, &imp));
    for (size_t i = 0; i < acknowledged * part; i++)
        assert_ok(&w->ctx, stream_import_add(&w->ctx, imp, &set->items[i]));
    assert_ok(&w->ctx, stream_import_count(&w->ctx, imp, &batch));
    assert_int_equal(batch.taken, 0); // all of it is known
    stream_import_close(imp);
    imp = NULL;
    assert_int_equal(small_run(w, set, &done), OK);
    AUTO(Buf) got = {0};
    world_dump(w, &got);
    assert_true(str_eq(buf_view(&got), buf_view(want)));
}

static void fail_each(bool writes, int number) {
    Rng r;
    rng_seed(&r, 17);
    AUTO(WorldSet) set = {0};
    AUTO(Buf) want = {0};
    World w;
    size_t done = 0;
    world_random(&r, 36, true, &set);
    world_make(&w);
    assert_int_equal(small_run(&w, &set, &done), OK);
    world_dump(&w, &want);
    world_done(&w);
    uint64_t step = writes ? 1 : 3, failures = 0;
    for (uint64_t n = 1;; n += step) {
        FaultPlan plan = {.once = n % 2, .write_errno = number};
        if (writes)
            plan.write_nth = n;
        else
            plan.alloc_nth = n;
        world_make(&w);
        done = 0;
        fault_plan_set(plan);
        Err e = small_run(&w, &set, &done);
        fault_plan_set((FaultPlan){0});
        if (e != OK)
            failures++;
        complete(&w, &set, &want, done);
        world_done(&w);
        if (e == OK && !(n % 2 && writes))
            break;
        assert_true(n < 100000);
    }
    assert_true(failures > 10);
    print_message("%llu runs failed and were completed\n", (unsigned long long)failures);
}

static void test_writes_fail(void **state) {
    (void)state;
    fail_each(true, ENOSPC);
}

static void test_allocations_fail(void **state) {
    (void)state;
    fail_each(false, 0);
}

// --- kill -9
// ------------------------------------------------------------------------------------------

static void child(const char *dir, const WorldSet *set, size_t part, int out) {
    World w;
    memset(&w, 0, sizeof w);
    snprintf(w.dir, sizeof w.dir, "%s", dir);
    if (world_try_open(&w) != OK)
        _exit(1);
    for (size_t i = 0; i < set->n; i += part) {
        StreamBatch batch;
        size_t n = set->n - i < part ? set->n - i : part;
        if (world_try_import(&w.ctx, &w, set->items + i, n, &batch) != OK)
            _exit(2);
        uint64_t acknowledged = i + n;
        if (write(out, &acknowledged, sizeof acknowledged) != sizeof acknowledged)
            _exit(3);
        if (i / part % 3 == 1 && stream_seal(&w.ctx, w.stream) != OK)
            _exit(4);
    }
    _exit(0);
}

static uint64_t run_and_kill(const World *w, const WorldSet *set, size_t part, Rng *r) {
    int pipes[2];
    uint64_t acknowledged = 0, told;
    assert_int_equal(pipe(pipes), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(pipes[0]);
        child(w->dir, set, part, pipes[1]);
    }
    close(pipes[1]);
    usleep((useconds_t)(1000 + rng_below(r, 120000)));
    kill(pid, SIGKILL);
    while (read(pipes[0], &told, sizeof told) == sizeof told)
        acknowledged = told;
    close(pipes[0]);
    int status;
    waitpid(pid, &status, 0);
    assert_true(WIFSIGNALED(status) || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
    return acknowledged;
}

static void test_killed(void **state) {
    (void)state;
    uint64_t rounds = number_from_env("MOEI_ROUNDS", 10);
    uint64_t seed = number_from_env("MOEI_SEED", 1);
    print_message("seed %llu, %llu rounds\n", (unsigned long long)seed, (unsigned long long)rounds);
    Rng r;
    rng_seed(&r, seed);
    AUTO(WorldSet) set = {0};
    AUTO(Buf) want = {0};
    World w;
    world_random(&r, 2400, true, &set);
    world_make(&w);
    world_import(&w, set.items, set.n);
    world_dump(&w, &want);
    world_done(&w);
    for (uint64_t round = 0; round < rounds; round++) {
        AUTO(Buf) got = {0};
        AUTO(StreamImportPtr) imp = NULL;
        StreamBatch batch;
        world_make(&w);
        world_shut(&w);
        uint64_t acknowledged = run_and_kill(&w, &set, 30 + rng_below(&r, 300), &r);
        world_open(&w);
        world_verify_good(&w);
        assert_ok(&w.ctx, stream_import_begin(&w.ctx, w.stream, &imp));
        for (size_t i = 0; i < acknowledged; i++)
            assert_ok(&w.ctx, stream_import_add(&w.ctx, imp, &set.items[i]));
        assert_ok(&w.ctx, stream_import_count(&w.ctx, imp, &batch));
        assert_int_equal(batch.taken, 0);
        stream_import_close(imp);
        imp = NULL;
        world_import(&w, set.items, set.n);
        world_dump(&w, &got);
        assert_true(str_eq(buf_view(&got), buf_view(&want)));
        world_verify_good(&w);
        world_done(&w);
    }
}

int run_faults(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writes_fail),
        cmocka_unit_test(test_allocations_fail),
        cmocka_unit_test(test_killed),
    };
    return cmocka_run_group_tests_name("stream faults", tests, NULL, NULL);
}
