// Documents as large as the shelf takes go from node to node in parts: no more than a message of
// them is in memory, what has come stays over a restart, and what is taken back on its way goes.
#include "duo.h"
#include "groups.h"
#include "shelf/shelf.h"

#define MIB (1 << 20)
#define MARKER "zqdocument"

// A document of so many MiB, which is never whole in memory, shared with MM.
static Str document(Duo *d, int mib, CryptoHash *ret_sha256) {
    Ctx *c = &d->c;
    Side *th = &d->th;
    CryptoSha256 sum;
    RecordId id;
    Rng rng;
    char text[RECORD_ID_TEXT_BYTES];
    AUTO(Buf) block = {0}, body = {0};
    for (int turn = 0; turn < 2; turn++) { // its hash first, then its parts under that
        AUTO(DeskWriting) w = {0};
        if (turn == 1) {
            buf_format(&body, "{\"bytes\":%lld,\"name\":\"pack\",\"sha256\":\"",
                       (long long)mib * MIB);
            buf_hex(&body, ret_sha256->b, sizeof ret_sha256->b);
            buf_text(&body, "\",\"type\":\"application/zip\"}");
            assert_ok(c, desk_writing_begin(c, th->w.node, &th->w.desk, &w));
            assert_ok(c, desk_group_begin(c, &w));
        }
        rng_seed(&rng, 7);
        crypto_sha256_init(&sum);
        for (int i = 0; i < mib; i++) {
            buf_clear(&block);
            buf_text(&block, MARKER);
            while (block.n < MIB) {
                uint64_t v = rng_next(&rng);
                buf_append(&block, &v, block.n + sizeof v <= MIB ? sizeof v : MIB - block.n);
            }
            crypto_sha256_add(&sum, block.p, block.n);
            if (turn == 1)
                assert_ok(c, shelf_part_add(c, ledger_db(th->w.node->ledger), ret_sha256,
                                            (int64_t)i * MIB, buf_view(&block)));
        }
        if (turn == 0) {
            *ret_sha256 = crypto_sha256_finish(&sum);
            continue;
        }
        DeskDraft draft = {.kind = RECORD_ATTACHMENT, .body = buf_view(&body)};
        assert_ok(c,
                  shelf_part_end(c, ledger_db(th->w.node->ledger), ret_sha256, (int64_t)mib * MIB));
        assert_ok(c, desk_group_add(c, &w, &draft, &id));
        assert_ok(c, desk_group_commit(c, &w));
    }
    record_id_text(id, text);
    Str record;
    assert_ok(c, str_copy(c, str_of(text), &record));
    duo_share(d, th, record, (DeskShareDraft){.tlp = STR("AMBER")});
    return record;
}

// One message each way; *bytes grows by what went. False: nothing was said any more.
static bool turn(Duo *d, size_t *bytes) {
    Side *sides[] = {&d->th, &d->mm};
    bool any = false;
    for (int i = 0; i < 2; i++) {
        AUTO(Ctx) c;
        AUTO(Buf) message = {0};
        DeskSyncAsk ask = {0};
        DeskSyncTaken taken;
        CryptoHash from = duo_id(sides[i]), to = duo_id(sides[1 - i]);
        int64_t next;
        bool news;
        ctx_init(&c);
        assert_ok(&c, desk_exchange_tick(&c, sides[i]->w.node, &next));
        assert_ok(&c, desk_sync_make(&c, sides[i]->w.node, &to, &ask, &message, &news));
        assert_ok(&c, desk_sync_take(&c, sides[1 - i]->w.node, &from, buf_view(&message), &taken));
        *bytes += message.n;
        any = any || news;
    }
    return any;
}

static bool there(Duo *d, const CryptoHash *sha256, int64_t bytes) {
    int64_t n;
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(StoreDbOwned) db = NULL;
    assert_ok(&c, shelf_reader_open(&c, str_of(d->mm.w.dir), &db));
    if (shelf_size(&c, db, sha256, &n) != OK)
        return false;
    assert_int_equal(n, bytes);
    assert_ok(&c, shelf_check(&c, db, sha256));
    return true;
}

// kB of this process, by the kernel.
static long memory(const char *what) {
    char line[256];
    long kb = -1;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, what, strlen(what)) == 0)
            kb = strtol(line + strlen(what), NULL, 10);
    if (f)
        fclose(f);
    return kb;
}

// Whether the peak is counted from now on.
static bool memory_again(void) {
    FILE *f = fopen("/proc/self/clear_refs", "w");
    bool done = f && fputs("5", f) >= 0;
    return f && fclose(f) == 0 && done && !getenv("MOEI_SANITIZED");
}

static void test_large(void **state) {
    (void)state;
    Duo d;
    CryptoHash sha256;
    size_t bytes = 0;
    duo_open(&d);
    (void)document(&d, 40, &sha256);
    for (int i = 0; i < 20; i++)
        assert_true(turn(&d, &bytes));
    assert_false(there(&d, &sha256, 40LL * MIB));
    world_reopen(&d.mm.w); // what has come stays
    bool counted = memory_again();
    long before = memory("VmRSS:");
    for (int i = 0; i < 60 && turn(&d, &bytes); i++)
        d.th.w.now = d.mm.w.now += 1000000;
    long grew = memory("VmHWM:") - before;
    assert_true(there(&d, &sha256, 40LL * MIB));
    assert_in_range(bytes, 40 * MIB, 42 * MIB);
    if (counted && grew > 24 * 1024)
        fail_msg("a document of 40 MiB took %ld KiB of memory on its way", grew);
    duo_done(&d);
}

static void test_taken_back_on_its_way(void **state) {
    (void)state;
    Duo d;
    CryptoHash sha256;
    size_t bytes = 0;
    AUTO(Buf) json = {0};
    duo_open(&d);
    Str record = document(&d, 5, &sha256);
    while (bytes < 3 * MIB)
        assert_true(turn(&d, &bytes));
    assert_false(there(&d, &sha256, 5 * MIB));
    assert_true(world_grep(&d.mm.w, d.mm.w.dir, STR(MARKER), NULL));
    DeskRetractDraft back = {.reason = STR("wrong")};
    assert_ok(&d.c, desk_retract(&d.c, &d.th.w.desk, record, &back, &json));
    for (int i = 0; i < 20; i++)
        (void)turn(&d, &bytes);
    assert_false(there(&d, &sha256, 5 * MIB));
    assert_false(world_grep(&d.mm.w, d.mm.w.dir, STR(MARKER), NULL));
    assert_true(bytes < 5 * MIB);
    duo_done(&d);
}

static DeskPeer *row(Side *s) {
    return &s->w.node->exchange->peers[0];
}

// Where no more of TH's bytes are taken today a document waits, and what asked for it is kept.
static void test_waits_for_the_next_day(void **state) {
    (void)state;
    Duo d;
    CryptoHash sha256;
    size_t bytes = 0;
    AUTO(Buf) message = {0};
    bool news;
    duo_open(&d);
    (void)document(&d, 1, &sha256);
    for (int i = 0; i < 8 && row(&d.th)->asked_n == 0; i++)
        assert_true(turn(&d, &bytes));
    assert_int_equal(row(&d.th)->asked_n, 1);
    assert_false(there(&d, &sha256, MIB));
    CryptoHash th = duo_id(&d.th), mm = duo_id(&d.mm);
    JournalPeer *j = &row(&d.mm)->j;
    j->day = time_day(d.mm.w.now);
    j->bytes = SYNC_QUOTA_BYTES_DAY - 1;
    for (int i = 0; i < 2; i++) { // bare, and as who does not know that the day is full
        DeskSyncAsk ask = {.bare = i == 0};
        DeskSyncTaken taken;
        assert_ok(&d.c, desk_sync_make(&d.c, d.th.w.node, &mm, &ask, &message, &news));
        assert_true((message.n < 4096) == (i == 0));
        assert_int_equal(row(&d.th)->asked_n, i == 0 ? 1 : 0);
        assert_ok(&d.c, desk_sync_take(&d.c, d.mm.w.node, &th, buf_view(&message), &taken));
        assert_true(taken.over == (i == 1));
        buf_clear(&message);
    }
    assert_false(there(&d, &sha256, MIB));
    duo_pass(&d, 24 * 3600000000LL);
    for (int i = 0; i < 8 && turn(&d, &bytes); i++)
        ;
    assert_true(there(&d, &sha256, MIB));
    duo_done(&d);
}

int run_desk_document_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_large),
        cmocka_unit_test(test_taken_back_on_its_way),
        cmocka_unit_test(test_waits_for_the_next_day),
    };
    return cmocka_run_group_tests_name("large documents", tests, NULL, NULL);
}
