// What was acknowledged stays: kill -9, full and read-only disks, no memory, readers beside.
#include "peer.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "suites.h"

static int rounds(void) {
    const char *text = getenv("MOEI_ROUNDS");
    int64_t n;
    return text && str_to_i64(str_of(text), &n) && n > 0 && n < 100000 ? (int)n : 10;
}

// --- a batch of another agency ------------------------------------------------------------------

// The agency that speaks in these tests; each record has a checkpoint of its own.
static Node speaker;
static Source speaks;

static void speaker_start(void) {
    AUTO(Ctx) c;
    ctx_init(&c);
    node_prepare(&speaker, 14);
    assert_ok(&c, node_create(&c, &speaker));
    for (int i = 0; i < 120; i++)
        assert_ok(&c, node_append(&c, &speaker, 3, 700 + 100 * (size_t)(i % 9)));
    speaks = (Source){NULL, LEDGER_MAIN};
    assert_ok(&c, ledger_reader_open(&c, str_of(speaker.dir), &speaks.r));
}

static void speaker_end(void) {
    ledger_reader_close(speaks.r);
    node_remove(&speaker);
}

// The next batch that `n` lacks; begins anew in a ledger of its own when it has all.
typedef struct NextBatch {
    Ctx c; // holds the batch
    LedgerTake take;
    LedgerItem genesis;
    LedgerPlace goes; // a leaf that is let go again
} NextBatch;

static int64_t head_at(Ctx *c, Node *n) {
    AUTO(LedgerReaderOwned) r = NULL;
    CryptoHash agency;
    uint32_t log;
    int64_t size;
    assert_true(hex_decode(ledger_agency(speaker.ledger), agency.b, sizeof agency.b));
    assert_ok(c, ledger_reader_open(c, str_of(n->dir), &r));
    if (ledger_log_find(c, r, &agency, &log) != OK)
        return 0;
    assert_ok(c, ledger_reader_size(c, r, log, &size));
    return size;
}

static void next_batch(Node *n, Source s, NextBatch *b) {
    Ctx *c = &b->c;
    ctx_reset(c);
    int64_t head = head_at(c, n), next = head == 0 ? 4 : head + 3;
    int64_t seqs[] = {next - 3, next - 1, 0};
    LedgerLeaves list = {seqs, 2};
    assert_ok(c, peer_batch(c, s, (LedgerSpan){head, next}, &list, &b->take));
    assert_ok(c, ledger_get(c, s.r, (LedgerPlace){s.log, 0}, &b->genesis));
    b->goes.seq = next - 1;
}

static Err take_and_let_go(Ctx *c, Node *n, NextBatch *b) {
    AUTO(Buf) body = {0};
    AUTO(Buf) out = {0};
    LedgerTaken taken;
    LedgerPlace by;
    TRY(ledger_foreign_open(c, n->ledger, b->genesis.envelope, b->genesis.salt, &b->take.log));
    TRY(ledger_take(c, n->ledger, &b->take, &taken));
    b->goes.log = b->take.log;
    buf_format(&body,
               "{\"agency\":\"" STR_FMT "\",\"because\":\"until\",\"by\":null,\"leaves\":[%lld],"
               "\"record\":\"01a00000-0000-7000-8000-000000000000\"}",
               STR_ARG(ledger_agency(speaker.ledger)), (long long)b->goes.seq);
    TRY(buf_check(c, &body));
    n->now_us = ledger_next_at(n->ledger, LEDGER_MAIN, n->now_us + 10);
    RecordDraft d = {.kind = RECORD_LET_GO,
                     .id = record_id_new(n->now_us, n->random),
                     .at_us = n->now_us,
                     .agency = ledger_agency(n->ledger),
                     .mark = record_mark_default(),
                     .purpose = STR("test"),
                     .body_json = buf_view(&body)};
    TRY(record_write(c, &d, &out));
    LedgerEntry e = {buf_view(&out), d.id, d.at_us};
    TRY(ledger_append(c, n->ledger, LEDGER_MAIN, &e, &by));
    return ledger_let_go(c, n->ledger, &b->goes, 1, by);
}

static Err take_group(Ctx *c, Node *n, NextBatch *b) {
    TRY(ledger_begin(c, n->ledger));
    Err e = take_and_let_go(c, n, b);
    if (e == OK)
        return ledger_commit(c, n->ledger);
    ledger_rollback(n->ledger);
    return e;
}

// --- kill -9 ------------------------------------------------------------------------------------

static Node listener; // the node whose child takes batches as well

// Appends groups for ever and tells the size that was acknowledged after each.
static void child(Node *n, int pipe_fd, uint64_t seed) {
    AUTO(Ctx) c;
    ctx_init(&c);
    Rng rng;
    rng_seed(&rng, seed);
    LedgerOptions o = node_options(n);
    if (ledger_open(&c, &o, &n->ledger) != OK)
        _exit(3);
    static NextBatch b;
    Source s = {NULL, LEDGER_MAIN};
    if (n == &listener && ledger_reader_open(&c, str_of(speaker.dir), &s.r) != OK)
        _exit(7);
    for (;;) {
        if (s.r && head_at(&c, n) < 300) {
            next_batch(n, s, &b);
            if (take_group(&c, n, &b) != OK)
                _exit(8);
        }
        if (node_append(&c, n, 1 + rng_below(&rng, 60), 700 + rng_below(&rng, 3000)) != OK)
            _exit(4);
        int64_t size = ledger_size(n->ledger, LEDGER_MAIN);
        if (write(pipe_fd, &size, sizeof size) != (ssize_t)sizeof size)
            _exit(5);
        ctx_reset(&c);
    }
}

static int64_t kill_round(Node *n, Rng *rng) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(ends[0]);
        child(n, ends[1], rng_next(rng));
        _exit(6);
    }
    close(ends[1]);
    struct timespec nap = {0, (long)(5000000 + rng_below(rng, 150000000))};
    nanosleep(&nap, NULL);
    kill(pid, SIGKILL);
    int64_t acknowledged = 0, size;
    while (read(ends[0], &size, sizeof size) == (ssize_t)sizeof size)
        acknowledged = size;
    close(ends[0]);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!WIFSIGNALED(status))
        fail_msg("the child ended by itself with %d", WEXITSTATUS(status));
    return acknowledged;
}

static void run_kills(bool takes) {
    static Node own;
    uint64_t seed = (uint64_t)time(NULL);
    print_message("kill: seed %llu, %d rounds\n", (unsigned long long)seed, rounds());
    AUTO(Ctx) c;
    ctx_init(&c);
    Rng rng;
    rng_seed(&rng, seed);
    Node *n = takes ? &listener : &own;
    node_start(&c, n, seed);
    int64_t size = 1;
    for (int i = 0; i < rounds(); i++) {
        node_close(n);
        n->random_state.calls += 1000000ULL; // the child's ids and salts are not made again
        int64_t acknowledged = kill_round(n, &rng);
        node_open(&c, n);
        int64_t now = ledger_size(n->ledger, LEDGER_MAIN);
        if (now < size || now < acknowledged)
            fail_msg("round %d: %lld records of %lld acknowledged", i, (long long)now,
                     (long long)acknowledged);
        size = now;
        LedgerVerdict v = node_verify(&c, n);
        if (!v.sound || v.held < size || (v.held > size && !takes))
            fail_msg("round %d: %s", i, v.words);
        ctx_reset(&c);
    }
    assert_true(size > 1);
    assert_true(!takes || head_at(&c, n) > 1);
    n->random_state.calls += 1000000ULL;
    assert_ok(&c, node_append(&c, n, 5, 900));
    node_remove(n);
}

void test_kill_during_append(void **state) {
    (void)state;
    run_kills(false);
}

void test_kill_during_take(void **state) {
    (void)state;
    speaker_start();
    run_kills(true);
    speaker_end();
}

// --- the n-th write, the n-th allocation --------------------------------------------------------

// What a series of faults goes through. Each returns the error; the size that was acknowledged
// stands in the node's memory of it.
typedef struct Story {
    const char *name;
    Err (*tell)(Ctx *c, Node *n, int64_t *size);
    bool fresh; // begins with an empty folder
} Story;

static Err tell_create(Ctx *c, Node *n, int64_t *size) {
    TRY(node_create(c, n));
    *size = 1;
    return OK;
}

static Err tell_open(Ctx *c, Node *n, int64_t *size) {
    (void)size;
    LedgerOptions o = node_options(n);
    return ledger_open(c, &o, &n->ledger);
}

// A group, a record, its erasure, the checkpoint file, moving all pages.
static Err tell_append(Ctx *c, Node *n, int64_t *size) {
    AUTO(Buf) out = {0};
    LedgerEntry entry;
    LedgerPlace place, by;
    TRY(node_append(c, n, 3, 900));
    *size += 3;
    TRY(node_envelope(c, n, "secret", 900, &out, &entry));
    TRY(ledger_append_group(c, n->ledger, LEDGER_MAIN, &entry, 1, &place));
    *size += 1;
    Err e = node_erase(c, n, place, entry.id, &by);
    *size += e == OK;
    TRY(e);
    TRY(ledger_checkpoint_save(c, n->ledger));
    return ledger_erase_finish(c, n->ledger);
}

// The batch was made before the fault was set.
static NextBatch batch;

static Err tell_take(Ctx *c, Node *n, int64_t *size) {
    TRY(take_group(c, n, &batch));
    *size += 1;
    return ledger_erase_finish(c, n->ledger);
}

static const Story stories[] = {{"create", tell_create, true},
                                {"open", tell_open, false},
                                {"append", tell_append, false},
                                {"take", tell_take, false}};

typedef struct Series {
    const Story *story;
    FaultPlan plan; // the n is filled in
    bool of_writes;
} Series;

static bool error_fits(const Series *s, Err e) {
    if (e == OK)
        return true;
    if (!s->of_writes)
        return e == E_MEMORY;
    int number = s->plan.write_errno;
    return number == ENOSPC ? e == E_NO_SPACE : number == EROFS ? e == E_READ_ONLY : e == E_IO;
}

// Opens what the fault left, adds to it, and now and then verifies the whole.
static void check_after(Node *n, int64_t acknowledged, const char *what, int nth) {
    AUTO(Ctx) c;
    ctx_init(&c);
    LedgerOptions o = node_options(n);
    Err e = n->ledger ? OK : ledger_open(&c, &o, &n->ledger);
    if (acknowledged == 0 && e == E_NOT_FOUND)
        e = node_create(&c, n);
    if (e != OK || ledger_size(n->ledger, LEDGER_MAIN) < acknowledged)
        fail_msg("%s %d: %s: %s", what, nth, err_name(e), c.error);
    if (nth % 16 != 1)
        return;
    assert_ok(&c, node_append(&c, n, 1, 900));
    LedgerVerdict v = node_verify(&c, n);
    if (!v.sound)
        fail_msg("%s %d: %s", what, nth, v.words);
}

// One fault: true while the plan was reached.
static bool fault_once(Node *n, const Series *s, int nth, int64_t *size, int *failures) {
    AUTO(Ctx) c;
    ctx_init(&c);
    if (s->story->fresh) {
        node_close(n);
        node_empty(&c, n->dir);
        *size = 0;
    } else if (s->story->tell == tell_open)
        node_close(n);
    else if (!s->of_writes && nth % 64 == 0) { // keeps the series from growing long
        node_close(n);
        node_empty(&c, n->dir);
        assert_ok(&c, node_create(&c, n));
        *size = 1;
    } else if (!n->ledger || nth % 8 == 0) { // mostly the same writer goes on after a fault
        node_close(n);
        node_open(&c, n);
    }
    if (s->story->tell == tell_take)
        next_batch(n, speaks, &batch);
    FaultPlan plan = s->plan;
    if (s->of_writes)
        plan.write_nth = (uint64_t)nth;
    else
        plan.alloc_nth = (uint64_t)nth;
    fault_plan_set(plan);
    Err e = s->story->tell(&c, n, size);
    uint64_t allocs, writes;
    fault_counts(&allocs, &writes);
    fault_plan_set((FaultPlan){0});
    if (!error_fits(s, e))
        fail_msg("%s, fault %d: %s: %s", s->story->name, nth, err_name(e), c.error);
    *failures += e != OK;
    check_after(n, *size, s->story->name, nth);
    return (s->of_writes ? writes : allocs) >= (uint64_t)nth;
}

static void run_series(Node *n, const Series *s, int step) {
    int failures = 0, nth = 1;
    AUTO(Ctx) c;
    ctx_init(&c);
    node_close(n);
    node_empty(&c, n->dir);
    assert_ok(&c, node_create(&c, n));
    assert_ok(&c, ledger_checkpoint_save(&c, n->ledger));
    int64_t size = 1;
    while (nth < 100000 && fault_once(n, s, nth, &size, &failures))
        nth += step;
    print_message("%s: every %d of %d faults, %d failures\n", s->story->name, step, nth, failures);
    assert_true(nth < 100000);
    // Opening writes nothing; a migration would.
    assert_true(failures > 0 || (s->of_writes && s->story->tell == tell_open));
}

static void end_series(void) {
    ctx_done(&batch.c);
    speaker_end();
}

void test_every_write_fails(void **state) {
    (void)state;
    static const FaultPlan plans[] = {
        {.write_errno = ENOSPC}, {.write_errno = EIO, .once = true}, {.write_errno = EROFS}};
    Node n;
    speaker_start();
    node_prepare(&n, 11);
    for (size_t i = 0; i < COUNT_OF(stories); i++)
        for (size_t k = 0; k < COUNT_OF(plans); k++) {
            Series s = {&stories[i], plans[k], true};
            run_series(&n, &s, 1);
        }
    node_remove(&n);
    end_series();
}

// Opening compiles all statements and takes thousands of allocations: in a short run every 29th of
// those fails, with MOEI_ROUNDS above 10 each one. Of an append each one always does.
void test_every_allocation_fails(void **state) {
    (void)state;
    Node n;
    speaker_start();
    node_prepare(&n, 12);
    for (size_t i = 0; i < COUNT_OF(stories); i++) {
        Series s = {&stories[i], {.once = true}, false};
        int coarse = rounds() > 10 ? 1 : 29;
        run_series(&n, &s, stories[i].fresh || stories[i].tell == tell_open ? coarse : 1);
    }
    node_remove(&n);
    end_series();
}

// --- a reader beside the writer -----------------------------------------------------------------

typedef struct Scanner {
    const char *dir;
    atomic_bool stop;
    int64_t seen, scans;
    int64_t next;
    bool bad;
} Scanner;

static Err visit(void *self, Ctx *c, const LedgerItem *item) {
    Scanner *s = self;
    CryptoHash h = record_commitment(item->envelope, item->salt);
    if (item->place.seq != s->next || memcmp(h.b, item->commitment.b, sizeof h.b) != 0)
        return fail(c, E_CORRUPT, "leaf %lld", (long long)item->place.seq);
    s->next++;
    s->seen++;
    return OK;
}

static void *scan_loop(void *self) {
    Scanner *s = self;
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(LedgerReaderOwned) r = NULL;
    bool good = ledger_reader_open(&c, str_of(s->dir), &r) == OK;
    while (good && !atomic_load(&s->stop)) {
        s->next = 0;
        good = ledger_scan(&c, r, LEDGER_MAIN, 0, (LedgerVisit){visit, s}) == OK;
        s->scans++;
    }
    s->bad = !good;
    return NULL;
}

void test_scan_beside_writer(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Node n;
    node_start(&c, &n, 13);
    Scanner s = {.dir = n.dir};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, scan_loop, &s), 0);
    for (int i = 0; i < 40; i++)
        assert_ok(&c, node_append(&c, &n, 200, 900));
    atomic_store(&s.stop, true);
    pthread_join(thread, NULL);
    assert_false(s.bad);
    assert_true(s.scans > 0);
    s.next = s.seen = 0;
    AUTO(LedgerReaderOwned) r = NULL;
    assert_ok(&c, ledger_reader_open(&c, str_of(n.dir), &r));
    assert_ok(&c, ledger_scan(&c, r, LEDGER_MAIN, 0, (LedgerVisit){visit, &s}));
    assert_int_equal(s.seen, 8001);
    node_remove(&n);
}
