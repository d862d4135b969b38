// With a ledger behind: forward, anew, after an erasure, after faults: always the same tables.
#include "groups.h"

#include "folder.h"
#include "world.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#ifdef __SANITIZE_ADDRESS__ // as much of the time as the others take without
#define WORLDS 16
#define ALLOC_STEP 241
#else
#define WORLDS 40
#define ALLOC_STEP 61
#endif

typedef struct Node {
    Folder folder;
    Ctx c;
    CryptoRandomSeeded state;
    CryptoRandom random;
    CryptoSignKey key;
    Ledger *ledger;
    Picture *picture;
    LedgerReader *reader;
} Node;

static void node_open(Node *n, uint64_t seed) {
    memset(n, 0, sizeof *n);
    ctx_init(&n->c);
    Str dir = folder_make(&n->folder);
    CryptoSeed secret = {{7}};
    CryptoPublicKey public;
    crypto_sign_key_from_seed(&secret, &n->key, &public);
    n->random = crypto_random_seeded(&n->state, seed ^ 0x5151);
    LedgerOptions o = {.dir = dir, .random = n->random, .log_key = &n->key};
    LedgerGenesis g = {.name = STR("th-centre"),
                       .title = STR("Centre"),
                       .country = STR("TH"),
                       .agency_kind = STR("police"),
                       .timezone = STR("Asia/Bangkok"),
                       .recovery_key = public,
                       .mark = record_mark_default(),
                       .at_us = 1600000000000000};
    assert_ok(&n->c, ledger_create(&n->c, &o, &g, &n->ledger));
    assert_ok(&n->c, picture_open(&n->c, dir, ledger_agency(n->ledger), &n->picture));
    assert_ok(&n->c, ledger_reader_open(&n->c, dir, &n->reader));
}

static void node_close(Node *n) {
    ledger_reader_close(n->reader);
    picture_close(n->picture);
    ledger_close(n->ledger);
    folder_remove(&n->c, &n->folder);
    ctx_done(&n->c);
}

static void append(Node *n, World *w, size_t i, Str envelope) {
    LedgerEntry e = {
        .envelope = envelope, .id = w->plans[i].id, .at_us = 1700000000000000 + w->plans[i].at};
    uint32_t log = strcmp(w->plans[i].log, "main") == 0 ? LEDGER_MAIN : LEDGER_READS;
    assert_ok(&n->c, ledger_append_group(&n->c, n->ledger, log, &e, 1, NULL));
}

static void same_as(Node *n, const Buf *want, const char *what) {
    AUTO(Buf) have = {0};
    assert_ok(&n->c, picture_dump(&n->c, n->picture, &have));
    Str a = buf_view(want), b = buf_view(&have);
    size_t line = 0, at = 0;
    while (at < a.n && at < b.n && a.p[at] == b.p[at])
        line = a.p[at++] == '\n' ? at : line;
    if (!str_eq(a, b))
        fail_msg("%s: the dumps differ:\n%.*s\n%.*s", what,
                 (int)(a.n - line < 300 ? a.n - line : 300), a.p + line,
                 (int)(b.n - line < 300 ? b.n - line : 300), b.p + line);
}

static void catch_up(Node *n) {
    assert_ok(&n->c, picture_catch_up(&n->c, n->picture, n->reader, (PictureProgress){0}));
}

static void reopen_empty(Node *n) {
    Str path;
    picture_close(n->picture);
    n->picture = NULL;
    static const char *const tails[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < COUNT_OF(tails); i++) {
        assert_ok(&n->c, str_format(&n->c, &path, "%s/picture-%d.db%s", n->folder.path,
                                    PICTURE_VERSION, tails[i]));
        assert_ok(&n->c, file_remove(&n->c, path));
    }
    assert_ok(&n->c,
              picture_open(&n->c, str_of(n->folder.path), ledger_agency(n->ledger), &n->picture));
}

// Step by step, anew, and from nothing: equal.
static void test_rebuild_is_equal(void **state) {
    (void)state;
    static World w;
    for (uint64_t seed = 1000; seed < 1000 + WORLDS; seed++) {
        print_message("world %llu\r", (unsigned long long)seed);
        Node n;
        node_open(&n, seed);
        world_make_own(&w, seed, ledger_agency(n.ledger));
        for (size_t i = 0; i < w.count; i++) {
            append(&n, &w, i, w.items[i].envelope);
            if (rng_below(&w.rng, 5) == 0)
                catch_up(&n);
        }
        catch_up(&n);
        AUTO(Buf) dump = {0};
        assert_ok(&n.c, picture_dump(&n.c, n.picture, &dump));
        assert_true(dump.n > 1000);
        assert_ok(&n.c, picture_rebuild(&n.c, n.picture, n.reader, (PictureProgress){0}));
        same_as(&n, &dump, "rebuilt");
        catch_up(&n);
        same_as(&n, &dump, "caught up after a rebuild");
        reopen_empty(&n);
        catch_up(&n);
        same_as(&n, &dump, "from nothing");
        uint64_t upto;
        assert_ok(&n.c, picture_upto(&n.c, n.picture, ledger_agency(n.ledger), STR("main"), &upto));
        assert_int_equal(upto, ledger_size(n.ledger, LEDGER_MAIN));
        world_done(&w);
        node_close(&n);
    }
}

// --- with another agency's log -------------------------------------------------------------------

// The other agency's log as it comes to us: some leaves now, others later, some never.
typedef struct Coming {
    Node *from, *to;
    uint32_t log; // here
    bool sent[WORLD_RECORDS_MAX + 1];
} Coming;

static void coming_open(Coming *k) {
    LedgerItem genesis;
    Ctx *c = &k->to->c;
    assert_ok(c, ledger_get(c, k->from->reader, (LedgerPlace){LEDGER_MAIN, 0}, &genesis));
    assert_ok(c, ledger_begin(c, k->to->ledger));
    assert_ok(c, ledger_foreign_open(c, k->to->ledger, genesis.envelope, genesis.salt, &k->log));
    assert_ok(c, ledger_commit(c, k->to->ledger));
}

static size_t leaves_choose(Coming *k, World *w, unsigned percent, LedgerLeaf *leaves,
                            int64_t *seqs) {
    size_t n = 0;
    int64_t size = ledger_size(k->from->ledger, LEDGER_MAIN);
    for (int64_t i = 0; i < size; i++) {
        LedgerItem item;
        if (k->sent[i] || rng_below(&w->rng, 100) >= percent)
            continue;
        assert_ok(&k->to->c,
                  ledger_get(&k->to->c, k->from->reader, (LedgerPlace){LEDGER_MAIN, i}, &item));
        leaves[n] = (LedgerLeaf){.seq = i, .envelope = item.envelope};
        memcpy(leaves[n].salt, item.salt, sizeof item.salt);
        seqs[n++] = i;
        k->sent[i] = true;
    }
    return n;
}

static void come(Coming *k, World *w, unsigned percent) {
    static LedgerLeaf leaves[WORLD_RECORDS_MAX + 1];
    static int64_t seqs[WORLD_RECORDS_MAX + 1];
    Ctx *c = &k->to->c;
    LedgerCheckpoint head = {0}, now;
    LedgerTaken taken;
    LedgerTake take = {.log = k->log, .leaves = leaves, .at_us = 1};
    take.leaf_count = leaves_choose(k, w, percent, leaves, seqs);
    (void)!ledger_checkpoint(c, k->to->reader, k->log, &head);
    assert_ok(c, ledger_checkpoint(c, k->from->reader, LEDGER_MAIN, &now));
    const LedgerLeaves chosen = {seqs, take.leaf_count};
    const LedgerSpan span = {head.size, now.size};
    take.old_size = head.size;
    take.note = now.note;
    assert_ok(c, ledger_multiproof(c, k->from->reader, LEDGER_MAIN, span, &chosen, &take.proof));
    assert_ok(c, ledger_begin(c, k->to->ledger));
    assert_ok(c, ledger_take(c, k->to->ledger, &take, &taken));
    assert_ok(c, ledger_commit(c, k->to->ledger));
}

// The same records without a ledger, in one group: a genesis each, ours, and what came.
static void same_folded(Coming *k, World *w, const Buf *want) {
    Folder f;
    Str dir = folder_make(&f);
    Ctx *c = &k->to->c;
    Picture *p;
    AUTO(Buf) have = {0};
    static PictureItem items[WORLD_RECORDS_MAX + 2];
    size_t n = 0;
    for (size_t i = 0; i < w->count; i++)
        if (w->plans[i].agency == 0 || k->sent[w->plans[i].seq])
            items[n++] = w->items[i];
    Node *const nodes[] = {k->to, k->from};
    for (size_t a = 0; a < COUNT_OF(nodes); a++) {
        LedgerItem genesis;
        if (a == 1 && !k->sent[0])
            continue;
        assert_ok(c, ledger_get(c, nodes[a]->reader, (LedgerPlace){LEDGER_MAIN, 0}, &genesis));
        items[n++] = (PictureItem){.agency = str_of(w->agency[a]),
                                   .log = STR("main"),
                                   .ledger_log = a ? 2 : 0,
                                   .envelope = genesis.envelope};
    }
    assert_ok(c, picture_open(c, dir, world_own(w), &p));
    assert_ok(c, picture_fold(c, p, items, n));
    assert_ok(c, picture_dump(c, p, &have));
    picture_close(p);
    folder_remove(c, &f);
    if (!str_eq(buf_view(want), buf_view(&have)))
        fail_msg("folded without a ledger: the dump differs");
}

static void one_pair(uint64_t seed) {
    static World w;
    Node us, them;
    node_open(&us, seed);
    node_open(&them, seed + 100000);
    world_make_real(&w, seed, ledger_agency(us.ledger), ledger_agency(them.ledger));
    Coming k = {.from = &them, .to = &us};
    coming_open(&k);
    for (size_t i = 0; i < w.count; i++) {
        append(w.plans[i].agency ? &them : &us, &w, i, w.items[i].envelope);
        if (rng_below(&w.rng, 6) == 0)
            come(&k, &w, 60);
        if (rng_below(&w.rng, 6) == 0)
            catch_up(&us);
    }
    come(&k, &w, 90);
    catch_up(&us);
    AUTO(Buf) dump = {0};
    assert_ok(&us.c, picture_dump(&us.c, us.picture, &dump));
    same_folded(&k, &w, &dump);
    assert_ok(&us.c, picture_rebuild(&us.c, us.picture, us.reader, (PictureProgress){0}));
    same_as(&us, &dump, "rebuilt");
    catch_up(&us);
    same_as(&us, &dump, "caught up after a rebuild");
    reopen_empty(&us);
    catch_up(&us);
    same_as(&us, &dump, "from nothing");
    world_done(&w);
    node_close(&them);
    node_close(&us);
}

static void test_with_another_log(void **state) {
    (void)state;
    for (uint64_t seed = 1500; seed < 1500 + WORLDS / 2; seed++) {
        print_message("world %llu\r", (unsigned long long)seed);
        one_pair(seed);
    }
}

// --- erasure ------------------------------------------------------------------------------------

static bool in_any_file(Node *n, const char *needle) {
    Str *names, path, bytes;
    size_t count, at;
    bool found = false;
    assert_ok(&n->c, dir_list(&n->c, str_of(n->folder.path), &names, &count));
    for (size_t i = 0; i < count; i++) {
        if (!str_starts(names[i], STR("picture-")))
            continue;
        assert_ok(&n->c,
                  str_format(&n->c, &path, "%s/" STR_FMT, n->folder.path, STR_ARG(names[i])));
        assert_ok(&n->c, file_read_all(&n->c, path, 64 << 20, &bytes));
        found = found || str_find(bytes, str_of(needle), &at);
    }
    return found;
}

static void secret_record(Node *n, World *w, Plan *p, RecordKind kind) {
    bool child = record_kind_row(kind)->of == RECORD_OF_ROOT;
    *p = (Plan){.kind = kind,
                .id = record_id_new(1700000000000000, w->random),
                // Of an object that is not here: what waits is kept as well.
                .has_of = child,
                .of = child ? record_id_new(1700000000000000, w->random) : (RecordId){{0}},
                .officer = record_kind_row(kind)->binds ? 1 : 0,
                .report = record_id_new(1700000000000000, w->random),
                .case_id = record_id_new(1700000000000000, w->random),
                .target = record_id_new(1700000000000000, w->random),
                .act = ORDER_ANSWER,
                .party = ORDER_ADDRESSEE,
                .log = "main",
                .at = 1000000,
                .seq = (uint64_t)ledger_size(n->ledger, LEDGER_MAIN),
                .name = "R-SECRET-77",
                .texts = {"acct-SECRET-77", "acct-SECRET-78"},
                .text_count = 2};
}

static void erase_of_kind(RecordKind kind) {
    static World w;
    Node n;
    node_open(&n, 1);
    world_make_own(&w, 5, ledger_agency(n.ledger));
    for (size_t i = 0; i < w.count - 2; i++)
        append(&n, &w, i, w.items[i].envelope);
    size_t at = w.count - 2;
    secret_record(&n, &w, &w.plans[at], kind);
    append(&n, &w, at, world_envelope(&w, at));
    catch_up(&n);
    assert_true(in_any_file(&n, "SECRET-77"));
    // A reader that was there before does not keep it.
    w.plans[at + 1] = (Plan){.kind = RECORD_ERASE,
                             .id = record_id_new(1700000000000001, w.random),
                             .log = "main",
                             .at = 1000001,
                             .has_of = w.plans[at].has_of,
                             .of = w.plans[at].of,
                             .target = w.plans[at].id,
                             .target_log = "main",
                             .target_seq = w.plans[at].seq};
    LedgerEntry e = {.envelope = world_envelope(&w, at + 1),
                     .id = w.plans[at + 1].id,
                     .at_us = 1700000000000000 + 1000001};
    LedgerPlace by, place = {LEDGER_MAIN, (int64_t)w.plans[at].seq};
    ledger_reader_close(n.reader);
    assert_ok(&n.c, ledger_erase(&n.c, n.ledger, place, &e, &by));
    assert_ok(&n.c, ledger_reader_open(&n.c, str_of(n.folder.path), &n.reader));
    catch_up(&n);
    assert_ok(&n.c, picture_purge(&n.c, n.picture));
    assert_false(in_any_file(&n, "SECRET-77"));
    assert_false(in_any_file(&n, "SECRET-78"));
    AUTO(PictureReaderOwned) r = NULL;
    PictureRecord record;
    PictureReport report;
    assert_ok(&n.c, picture_reader_open(&n.c, str_of(n.folder.path), &r));
    picture_reader_sight(r, (PictureSight){.all = true});
    assert_ok(&n.c, picture_record_get(&n.c, r, w.plans[at].id, &record));
    assert_true(str_eq_c(record.state, "erased"));
    assert_true(record_id_eq(record.erased_by, e.id));
    assert_int_equal(picture_report_get(&n.c, r, w.plans[at].id, &report), E_NOT_FOUND);
    AUTO(Buf) dump = {0};
    assert_ok(&n.c, picture_dump(&n.c, n.picture, &dump));
    assert_ok(&n.c, picture_rebuild(&n.c, n.picture, n.reader, (PictureProgress){0}));
    same_as(&n, &dump, "rebuilt after an erasure");
    world_done(&w);
    picture_reader_close(r);
    r = NULL;
    node_close(&n);
}

// Every kind whose content lists and search need.
static void test_erasure_leaves_nothing(void **state) {
    (void)state;
    static const RecordKind kinds[] = {
        RECORD_REPORT,      RECORD_ORDER,          RECORD_ORDER_ACT,    RECORD_CONTACT,
        RECORD_REFUND_PAID, RECORD_REFUND_ACCOUNT, RECORD_ACCOUNT_CLASS};
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        erase_of_kind(kinds[i]);
}

// --- faults -------------------------------------------------------------------------------------

// Folds, and now and then rebuilds, until it is killed or done.
static void child_run(const char *dir, const char *own) {
    Ctx c;
    ctx_init(&c);
    Picture *p;
    LedgerReader *r;
    if (picture_open(&c, str_of(dir), str_of(own), &p) != OK ||
        ledger_reader_open(&c, str_of(dir), &r) != OK)
        _exit(1);
    for (int i = 0; i < 20; i++)
        if (picture_catch_up(&c, p, r, (PictureProgress){0}) != OK ||
            picture_rebuild(&c, p, r, (PictureProgress){0}) != OK)
            _exit(1);
    _exit(0);
}

static void test_killed(void **state) {
    (void)state;
    static World w;
    const char *asked = getenv("MOEI_ROUNDS");
    int64_t rounds = 10;
    if (asked)
        assert_true(str_to_i64(str_of(asked), &rounds));
    for (int64_t round = 0; round < rounds; round++) {
        Node n;
        node_open(&n, (uint64_t)round);
        world_make_own(&w, 3000 + (uint64_t)round, ledger_agency(n.ledger));
        for (size_t i = 0; i < w.count; i++)
            append(&n, &w, i, w.items[i].envelope);
        catch_up(&n);
        AUTO(Buf) dump = {0};
        assert_ok(&n.c, picture_dump(&n.c, n.picture, &dump));
        if (round % 2)
            reopen_empty(&n);
        picture_close(n.picture);
        n.picture = NULL;
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
            child_run(n.folder.path, ledger_agency(n.ledger).p);
        usleep((useconds_t)rng_below(&w.rng, 60000));
        kill(pid, SIGKILL);
        int status;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
        assert_ok(&n.c,
                  picture_open(&n.c, str_of(n.folder.path), ledger_agency(n.ledger), &n.picture));
        catch_up(&n);
        same_as(&n, &dump, "after kill -9");
        world_done(&w);
        node_close(&n);
    }
}

#define COUNT_ONLY ((FaultPlan){.alloc_nth = UINT64_MAX, .write_nth = UINT64_MAX})

// What fails leaves the tables as they were; the next attempt succeeds and ends in the same tables.
static void fault_fold(Node *n, World *w, FaultPlan plan) {
    fault_plan_set(plan);
    Err e = picture_fold(&n->c, n->picture, w->items, w->count);
    fault_plan_set((FaultPlan){0});
    if (e != OK)
        assert_true(e == E_MEMORY || e == E_NO_SPACE || e == E_IO || e == E_BUSY);
    assert_ok(&n->c, picture_fold(&n->c, n->picture, w->items, w->count));
}

static void test_faults(void **state) {
    (void)state;
    static World w;
    Node n;
    node_open(&n, 3);
    world_make(&w, 11, 2);
    assert_ok(&n.c, picture_fold(&n.c, n.picture, w.items, w.count));
    AUTO(Buf) dump = {0};
    assert_ok(&n.c, picture_dump(&n.c, n.picture, &dump));
    uint64_t allocs, writes;
    reopen_empty(&n);
    fault_plan_set(COUNT_ONLY);
    assert_ok(&n.c, picture_fold(&n.c, n.picture, w.items, w.count));
    fault_counts(&allocs, &writes);
    fault_plan_set((FaultPlan){0});
    assert_true(writes > 3 && allocs > 100);
    for (uint64_t i = 1; i <= writes; i++) {
        reopen_empty(&n);
        fault_fold(&n, &w, (FaultPlan){.write_nth = i, .once = true, .write_errno = ENOSPC});
        same_as(&n, &dump, "after a failed write");
    }
    // Every allocation of a small run would take minutes: a prime step meets each kind of place.
    for (uint64_t i = 1; i <= allocs; i += ALLOC_STEP) {
        reopen_empty(&n);
        fault_fold(&n, &w, (FaultPlan){.alloc_nth = i, .once = true});
        same_as(&n, &dump, "after a failed allocation");
    }
    world_done(&w);
    node_close(&n);
}

// A rebuild that fails leaves the picture in use as it was.
static void test_failed_rebuild(void **state) {
    (void)state;
    static World w;
    Node n;
    node_open(&n, 4);
    world_make_own(&w, 21, ledger_agency(n.ledger));
    for (size_t i = 0; i < w.count; i++)
        append(&n, &w, i, w.items[i].envelope);
    catch_up(&n);
    AUTO(Buf) dump = {0};
    assert_ok(&n.c, picture_dump(&n.c, n.picture, &dump));
    uint64_t writes, allocs;
    fault_plan_set(COUNT_ONLY);
    assert_ok(&n.c, picture_rebuild(&n.c, n.picture, n.reader, (PictureProgress){0}));
    fault_counts(&allocs, &writes);
    fault_plan_set((FaultPlan){0});
    assert_true(writes > 10);
    for (uint64_t i = 1; i <= writes; i++) {
        fault_plan_set((FaultPlan){.write_nth = i, .once = true, .write_errno = EIO});
        Err e = picture_rebuild(&n.c, n.picture, n.reader, (PictureProgress){0});
        fault_plan_set((FaultPlan){0});
        // A swap that failed half way leaves an empty picture, which is folded again.
        if (e != OK)
            catch_up(&n);
        same_as(&n, &dump, "after a failed rebuild");
    }
    world_done(&w);
    node_close(&n);
}

int run_picture_rebuild_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rebuild_is_equal),       cmocka_unit_test(test_with_another_log),
        cmocka_unit_test(test_erasure_leaves_nothing), cmocka_unit_test(test_faults),
        cmocka_unit_test(test_failed_rebuild),         cmocka_unit_test(test_killed),
    };
    return cmocka_run_group_tests_name("picture rebuild", tests, NULL, NULL);
}
