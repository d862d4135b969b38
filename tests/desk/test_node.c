// The node as a whole: its beginning, its lock, proofs, erasure, rebuild, backup, crashes.
#include "groups.h"
#include "node.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECRET "Ubolratana of the seventh lane"

static void fill(World *w) {
    world_transfers(w, "t.csv", golden_transfers);
    world_reports(w, "r.csv", golden_reports);
}

static DeskVerdict verify(World *w) {
    DeskVerdict v;
    assert_ok(&w->c, desk_verify(&w->c, w->node, (DeskProgress){0}, &v));
    return v;
}

static void assert_sound(World *w) {
    DeskVerdict v = verify(w);
    if (!v.ok)
        fail_msg(STR_FMT ": " STR_FMT, STR_ARG(v.where), STR_ARG(v.what));
}

static void test_init(void **state) {
    (void)state;
    World w;
    world_folder(&w);
    DeskInit good = {.dir = str_of(w.dir),
                     .agency = STR("th-centre"),
                     .name = STR("N"),
                     .country = STR("TH"),
                     .kind = STR("centre")};
    DeskInit bad[6] = {good, good, good, good, good, good};
    bad[0].agency = STR("Th Centre");
    bad[1].name = STR("  ");
    bad[2].country = STR("ZZ");
    bad[3].kind = STR("shop");
    bad[4].timezone = STR("Asia/Nowhere");
    bad[5].country = STR("th");
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_int_equal(desk_init(&w.c, &w.env, &bad[i], &w.secrets), E_INVALID);
        assert_false(file_exists(str_of(w.dir)));
    }
    DeskNode *n = NULL;
    assert_int_equal(desk_open(&w.c, &w.env, str_of(w.dir), &n), E_NOT_FOUND);
    assert_ok(&w.c, desk_init(&w.c, &w.env, &good, &w.secrets));
    assert_int_equal(strlen(w.secrets.agency_id), 64);
    assert_int_equal(strlen(w.secrets.officer_password), 23);
    assert_int_equal(strlen(w.secrets.recovery_key), 69);
    assert_string_not_equal(w.secrets.officer_password, w.secrets.admin_password);
    assert_int_equal(desk_init(&w.c, &w.env, &good, &w.secrets), E_EXISTS);
    struct stat s;
    assert_int_equal(stat(w.dir, &s), 0);
    assert_int_equal(s.st_mode & 0777, 0700);
    Str local;
    assert_ok(&w.c, str_format(&w.c, &local, "%s/local.db", w.dir));
    assert_int_equal(stat(local.p, &s), 0);
    assert_int_equal(s.st_mode & 0777, 0600);
    // No password or recovery key lies anywhere in plain.
    assert_false(world_grep(&w, w.dir, str_of(w.secrets.officer_password), NULL));
    assert_false(world_grep(&w, w.dir, str_of(w.secrets.recovery_key), NULL));
    assert_ok(&w.c, desk_open(&w.c, &w.env, str_of(w.dir), &w.node));
    DeskInfo info;
    assert_ok(&w.c, desk_info(&w.c, w.node, &info));
    assert_int_equal(info.records, 4); // genesis, link key and two officers
    assert_true(str_eq_c(info.timezone, "Asia/Bangkok"));
    DeskNode *second = NULL;
    assert_int_equal(desk_open(&w.c, &w.env, str_of(w.dir), &second), E_BUSY);
    world_done(&w);
}

static void test_record_proof(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    fill(&w);
    DeskRecordList list;
    assert_ok(&w.c, desk_record_list(&w.c, &w.desk, STR("report"), (DeskPage){0}, &list));
    assert_int_equal(list.count, 3);
    DeskRecord r;
    assert_ok(&w.c, desk_record_get(&w.c, &w.desk, list.items[0].id, &r));
    assert_true(r.verified);
    assert_true(r.proof_count > 0);
    assert_true(str_starts(r.checkpoint, STR("moei/")));
    size_t at;
    assert_true(str_find(r.envelope, STR("\"kind\":\"report\""), &at));
    AUTO(Buf) out = {0};
    assert_ok(&w.c, desk_record_json(&w.c, &r, &out));
    assert_ok(&w.c, desk_record_get(&w.c, &w.desk, STR("P"), &r)); // by the report's own id
    assert_true(str_eq_c(r.kind, "report"));
    assert_int_equal(desk_record_get(&w.c, &w.desk, STR("nope"), &r), E_NOT_FOUND);
    assert_int_equal(desk_record_list(&w.c, &w.desk, STR("nope"), (DeskPage){0}, &list), E_INVALID);
    assert_ok(&w.c, desk_record_list(&w.c, &w.desk, (Str){0}, (DeskPage){.limit = 2}, &list));
    size_t seen = list.count;
    while (list.next.n > 0) {
        DeskPage next = {.cursor = list.next, .limit = 2};
        assert_ok(&w.c, desk_record_list(&w.c, &w.desk, (Str){0}, next, &list));
        seen += list.count;
    }
    // Genesis, link key, two officers, batch, three reports and their victims.
    assert_int_equal(seen, 11);
    world_done(&w);
}

static void test_erase(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    fill(&w);
    DeskReportDraft d = {.id = STR("E"),
                         .victim = STR(SECRET),
                         .story = STR("It is " SECRET " who tells"),
                         .transfers = STR("p1"),
                         .accounts = STR("TH/004/771177117711")};
    DeskReport report;
    DeskCase k;
    Str id = STR("E");
    assert_ok(&w.c, desk_report_add(&w.c, &w.desk, &d, &report));
    assert_ok(&w.c, desk_case_new(&w.c, &w.desk, STR("Ring"), &k));
    assert_ok(&w.c, desk_case_add(&w.c, &w.desk, k.id, &id, 1));
    assert_ok(&w.c, desk_report_pick(&w.c, &w.desk, id, &(Str){"m1", 2}, 1));
    assert_true(world_grep(&w, w.dir, STR(SECRET), NULL));
    DeskRecord erase;
    assert_int_equal(desk_erase(&w.c, &w.desk, id, STR(" "), &erase), E_INVALID);
    assert_ok(&w.c, desk_erase(&w.c, &w.desk, id, STR("asked for by the victim"), &erase));
    assert_true(str_eq_c(erase.kind, "erase"));
    Str where = {0};
    if (world_grep(&w, w.dir, STR(SECRET), &where) ||
        world_grep(&w, w.dir, STR("771177117711"), &where))
        fail_msg("erased content is still in " STR_FMT, STR_ARG(where));
    assert_sound(&w);
    assert_int_equal(desk_report_get(&w.c, &w.desk, id, &report), E_NOT_FOUND);
    DeskRecord r;
    assert_ok(&w.c, desk_record_get(&w.c, &w.desk, report.record, &r));
    assert_true(str_eq_c(r.state, "erased"));
    assert_true(r.verified); // the leaf is proven all the same
    assert_int_equal(r.envelope.n, 0);
    assert_int_equal(desk_erase(&w.c, &w.desk, report.record, STR("again"), &erase), E_STATE);
    DeskRecordList list;
    assert_ok(&w.c, desk_record_list(&w.c, &w.desk, STR("officer"), (DeskPage){0}, &list));
    assert_int_equal(desk_erase(&w.c, &w.desk, list.items[0].id, STR("x"), &erase), E_DENIED);
    DeskRebuild rebuilt;
    assert_ok(&w.c, desk_rebuild(&w.c, w.node, (DeskProgress){0}, &rebuilt));
    assert_true(rebuilt.compared && rebuilt.equal);
    world_reopen(&w);
    assert_false(world_grep(&w, w.dir, STR(SECRET), NULL));
    assert_sound(&w);
    world_done(&w);
}

static void test_backup(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    fill(&w);
    Str before = world_trace(&w, "P,M,K", TRACE_FIFO);
    Str file = world_path(&w, "node.backup"), pass = STR("correct horse");
    DeskProgress quiet = {0};
    assert_int_equal(desk_backup(&w.c, w.node, file, STR("short"), quiet), E_INVALID);
    assert_ok(&w.c, desk_backup(&w.c, w.node, file, pass, quiet));
    assert_int_equal(desk_backup(&w.c, w.node, file, pass, quiet), E_EXISTS);
    Str content;
    size_t at;
    assert_ok(&w.c, file_read_all(&w.c, file, 1 << 24, &content));
    assert_false(str_find(content, STR("Somchai"), &at));
    Str *names;
    size_t n;
    assert_ok(&w.c, dir_list(&w.c, str_of(w.dir), &names, &n));
    for (size_t i = 0; i < n; i++)
        assert_false(str_starts(names[i], STR("backup")));

    Str dir = world_path(&w, "second");
    assert_int_equal(desk_recover(&w.c, &w.env, dir, file, STR("wrong horse"), quiet), E_CRYPTO);
    assert_false(file_exists(dir));
    assert_int_equal(desk_recover(&w.c, &w.env, str_of(w.dir), file, pass, quiet), E_EXISTS);
    assert_ok(&w.c, desk_recover(&w.c, &w.env, dir, file, pass, quiet));
    desk_close(w.node);
    w.node = NULL;
    assert_ok(&w.c, desk_open(&w.c, &w.env, dir, &w.node));
    assert_ok(&w.c, desk_as(&w.c, w.node, (Str){0}, &w.desk));
    assert_true(str_eq(world_trace(&w, "P,M,K", TRACE_FIFO), before));
    assert_sound(&w);
    // Cut and changed files are refused, and leave nothing behind.
    Str third = world_path(&w, "third"), cut = world_path(&w, "cut.backup");
    assert_ok(&w.c, file_replace(&w.c, cut, (Str){content.p, content.n - 30}));
    assert_true(desk_recover(&w.c, &w.env, third, cut, pass, quiet) != OK);
    assert_false(file_exists(third));
    char *changed;
    assert_ok(&w.c, ctx_alloc(&w.c, content.n, &changed));
    memcpy(changed, content.p, content.n);
    changed[content.n / 2] ^= 1;
    assert_ok(&w.c, file_replace(&w.c, cut, (Str){changed, content.n}));
    assert_true(desk_recover(&w.c, &w.env, third, cut, pass, quiet) != OK);
    assert_false(file_exists(third));
    world_done(&w);
}

static void copy_file(World *w, const char *from, const char *to) {
    Str bytes;
    assert_ok(&w->c, file_read_all(&w->c, str_of(from), 1 << 24, &bytes));
    assert_ok(&w->c, file_replace(&w->c, str_of(to), bytes));
}

// ledger.db set back to an older copy, while the checkpoint file is of today.
static void test_rolled_back(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    char ledger[128], old[128];
    snprintf(ledger, sizeof ledger, "%s/ledger.db", w.dir);
    snprintf(old, sizeof old, "%s/old.db", w.folder);
    world_transfers(&w, "t.csv", golden_transfers);
    world_reopen(&w);
    desk_close(w.node);
    w.node = NULL;
    copy_file(&w, ledger, old);
    assert_ok(&w.c, desk_open(&w.c, &w.env, str_of(w.dir), &w.node));
    assert_ok(&w.c, desk_as(&w.c, w.node, (Str){0}, &w.desk));
    world_reports(&w, "r.csv", golden_reports);
    assert_int_equal(desk_recover_unlock(&w.c, &w.env, str_of(w.dir), true), E_BUSY);
    desk_close(w.node);
    w.node = NULL;
    assert_int_equal(desk_recover_unlock(&w.c, &w.env, str_of(w.dir), true), E_STATE);
    char wal[140], shm[140];
    snprintf(wal, sizeof wal, "%s-wal", ledger);
    snprintf(shm, sizeof shm, "%s-shm", ledger);
    (void)!unlink(wal);
    (void)!unlink(shm);
    copy_file(&w, old, ledger);
    assert_ok(&w.c, desk_open(&w.c, &w.env, str_of(w.dir), &w.node));
    assert_ok(&w.c, desk_as(&w.c, w.node, (Str){0}, &w.desk));
    DeskInfo info;
    assert_ok(&w.c, desk_info(&w.c, w.node, &info));
    assert_true(info.read_only);
    DeskReportDraft d = {.id = STR("new")};
    DeskReport report;
    assert_int_equal(desk_report_add(&w.c, &w.desk, &d, &report), E_READ_ONLY);
    assert_non_null(strstr(w.c.error, "moei recover"));
    desk_close(w.node);
    w.node = NULL;
    assert_int_equal(desk_recover_unlock(&w.c, &w.env, str_of(w.dir), false), E_STATE);
    assert_non_null(strstr(w.c.error, "--accept-loss"));
    assert_ok(&w.c, desk_recover_unlock(&w.c, &w.env, str_of(w.dir), true));
    assert_ok(&w.c, desk_open(&w.c, &w.env, str_of(w.dir), &w.node));
    assert_ok(&w.c, desk_as(&w.c, w.node, (Str){0}, &w.desk));
    assert_ok(&w.c, desk_report_add(&w.c, &w.desk, &d, &report));
    assert_sound(&w);
    world_done(&w);
}

static void flip(const char *path, off_t at) {
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    char byte;
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte = (char)(byte ^ 0x20);
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

// A changed byte in a record is found and its leaf is named.
static void test_tamper(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    fill(&w);
    world_reopen(&w); // everything is in the file, not in the WAL
    desk_close(w.node);
    w.node = NULL;
    char ledger[128];
    snprintf(ledger, sizeof ledger, "%s/ledger.db", w.dir);
    Str bytes;
    size_t at;
    assert_ok(&w.c, file_read_all(&w.c, str_of(ledger), 1 << 24, &bytes));
    assert_true(str_find(bytes, STR("Somchai"), &at));
    flip(ledger, (off_t)at);
    DeskVerdict v;
    assert_ok(&w.c, desk_verify_folder(&w.c, &w.env, str_of(w.dir), (DeskProgress){0}, &v));
    assert_false(v.ok);
    // Genesis, link key, two officers, batch, report P, its victim.
    assert_true(str_find(v.where, STR("leaf 6"), &at));
    AUTO(Buf) out = {0};
    assert_ok(&w.c, desk_verdict_json(&w.c, &v, &out));
    flip(ledger, 0); // the header: no database any more
    assert_ok(&w.c, desk_verify_folder(&w.c, &w.env, str_of(w.dir), (DeskProgress){0}, &v));
    assert_false(v.ok);
    world_done(&w);
}

static Str segment_path(World *w) {
    Str folder, *names, path = {0};
    size_t n;
    assert_ok(&w->c, str_format(&w->c, &folder, "%s/stream", w->dir));
    assert_ok(&w->c, dir_list(&w->c, folder, &names, &n));
    for (size_t i = 0; i < n; i++) {
        if (str_ends(names[i], STR(".seg")))
            assert_ok(&w->c, str_format(&w->c, &path, STR_FMT "/" STR_FMT, STR_ARG(folder),
                                        STR_ARG(names[i])));
    }
    assert_true(path.n > 0);
    return path;
}

static void assert_unsound(World *w, const char *word) {
    DeskVerdict v;
    size_t at;
    assert_ok(&w->c, desk_verify_folder(&w->c, &w->env, str_of(w->dir), (DeskProgress){0}, &v));
    assert_false(v.ok);
    if (!str_find(v.what, str_of(word), &at) && !str_find(v.where, str_of(word), &at))
        fail_msg("the verdict does not name %s: " STR_FMT ": " STR_FMT, word, STR_ARG(v.where),
                 STR_ARG(v.what));
}

// A flipped byte in a segment, a cut segment and an absent one.
static void test_tamper_segment(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    AUTO(Buf) text = {0};
    buf_text(&text, TRANSFER_HEADER);
    for (int i = 0; i < 6000; i++)
        buf_format(&text, "s%d,2026-01-01T%02d:%02d:%02dZ,TH,004,A%d,TH,014,B%d,1.00,THB,,,,,,,\n",
                   i, i / 3600, i / 60 % 60, i % 60, i % 97, i % 89);
    buf_char(&text, 0);
    world_transfers(&w, "t.csv", text.p);
    assert_sound(&w);
    desk_close(w.node);
    w.node = NULL;
    Str path = segment_path(&w), whole;
    assert_ok(&w.c, file_read_all(&w.c, path, 1 << 24, &whole));
    flip(path.p, (off_t)(whole.n / 2));
    assert_unsound(&w, ".seg");
    assert_ok(&w.c, file_replace(&w.c, path, (Str){whole.p, whole.n - 64}));
    assert_unsound(&w, ".seg");
    assert_int_equal(unlink(path.p), 0);
    assert_unsound(&w, ".seg");
    assert_ok(&w.c, file_replace(&w.c, path, whole));
    assert_ok(&w.c, desk_open(&w.c, &w.env, str_of(w.dir), &w.node));
    assert_sound(&w);
    world_done(&w);
}

// --- kill -9 ------------------------------------------------------------------------------------

static int rounds(void) {
    const char *text = getenv("MOEI_ROUNDS");
    int64_t n;
    return text && str_to_i64(str_of(text), &n) && n > 0 && n < 100000 ? (int)n : 10;
}

typedef void (*Work)(World *w, int round);

// Runs `work` on the node in a child that is killed after a random time.
static void killed(World *w, Work work, int round, unsigned us) {
    desk_close(w->node);
    w->node = NULL;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (desk_open(&w->c, &w->env, str_of(w->dir), &w->node) == OK &&
            desk_as(&w->c, w->node, (Str){0}, &w->desk) == OK)
            work(w, round);
        _exit(0);
    }
    usleep(us);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    w->now += 10000000; // the child's clock is gone with it
    assert_ok(&w->c, desk_open(&w->c, &w->env, str_of(w->dir), &w->node));
    assert_ok(&w->c, desk_as(&w->c, w->node, (Str){0}, &w->desk));
}

static void work_rebuild(World *w, int round) {
    (void)round;
    DeskRebuild r;
    for (;;)
        (void)!desk_rebuild(&w->c, w->node, (DeskProgress){0}, &r);
}

static void work_erase(World *w, int round) {
    Str id;
    DeskRecord r;
    if (str_format(&w->c, &id, "E%d", round) == OK)
        (void)!desk_erase(&w->c, &w->desk, id, STR("test"), &r);
    for (;;)
        pause();
}

static void work_import(World *w, int round) {
    (void)round;
    DeskImport in = {.path = world_path(w, "big.csv")};
    DeskImportResult r;
    (void)!desk_import_transfers(&w->c, &w->desk, &in, &r);
    in.path = world_path(w, "many.csv");
    (void)!desk_import_reports(&w->c, &w->desk, &in, &r);
    for (;;)
        pause();
}

static void test_kill_rebuild(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    fill(&w);
    Str before = world_trace(&w, "P,M,K", TRACE_FIFO);
    Rng rng;
    rng_seed(&rng, 11);
    for (int i = 0; i < rounds(); i++) {
        killed(&w, work_rebuild, i, (unsigned)rng_below(&rng, 60000));
        assert_sound(&w);
        assert_true(str_eq(world_trace(&w, "P,M,K", TRACE_FIFO), before));
        DeskRebuild r;
        assert_ok(&w.c, desk_rebuild(&w.c, w.node, (DeskProgress){0}, &r));
        assert_true(r.equal);
    }
    world_done(&w);
}

// After the kill the record is either whole or gone, and gone means gone from every file. The
// record of the victim goes first.
static void test_kill_erase(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    fill(&w);
    Rng rng;
    rng_seed(&rng, 12);
    int erased = 0;
    for (int i = 0; i < rounds(); i++) {
        Str id, secret;
        assert_ok(&w.c, str_format(&w.c, &id, "E%d", i));
        assert_ok(&w.c, str_format(&w.c, &secret, SECRET " %d.", i));
        DeskReportDraft d = {.id = id, .victim = secret};
        DeskReport report;
        assert_ok(&w.c, desk_report_add(&w.c, &w.desk, &d, &report));
        killed(&w, work_erase, i, (unsigned)rng_below(&rng, 200000));
        assert_sound(&w);
        Err e = desk_report_get(&w.c, &w.desk, id, &report);
        assert_true(e == OK || e == E_NOT_FOUND);
        erased += e != OK;
        bool named = e == OK && report.victim.n > 0;
        assert_int_equal(world_grep(&w, w.dir, secret, NULL), named);
    }
    print_message("%d of %d records were erased before the kill\n", erased, rounds());
    world_done(&w);
}

static void test_kill_import(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    AUTO(Buf) text = {0};
    buf_text(&text, TRANSFER_HEADER);
    for (int i = 0; i < 20000; i++)
        buf_format(&text, "t%d,2026-01-01T%02d:%02d:%02dZ,TH,004,A%d,TH,014,B%d,%d.00,THB,,,,,,,\n",
                   i, i / 3600, i / 60 % 60, i % 60, i % 97, i % 89, i % 1000 + 1);
    assert_ok(&w.c, file_replace(&w.c, world_path(&w, "big.csv"), buf_view(&text)));
    buf_clear(&text);
    buf_text(&text, REPORT_HEADER);
    for (int i = 0; i < 2000; i++)
        buf_format(&text, "r%d,2026-01-02T00:00:00Z,,,,,,t%d,,,,\n", i, i * 7);
    assert_ok(&w.c, file_replace(&w.c, world_path(&w, "many.csv"), buf_view(&text)));
    w.env.import_rows = 1500; // of 20,000: kills come between parts too
    Rng rng;
    rng_seed(&rng, 13);
    for (int i = 0; i < rounds(); i++) {
        killed(&w, work_import, i, (unsigned)rng_below(&rng, 400000));
        assert_sound(&w);
    }
    DeskImport in = {.path = world_path(&w, "big.csv")};
    DeskImportResult r;
    assert_ok(&w.c, desk_import_transfers(&w.c, &w.desk, &in, &r));
    in.path = world_path(&w, "many.csv");
    assert_ok(&w.c, desk_import_reports(&w.c, &w.desk, &in, &r));
    DeskInfo info;
    assert_ok(&w.c, desk_info(&w.c, w.node, &info));
    assert_int_equal(info.transfers, 20000);
    assert_int_equal(info.reports, 2000);
    assert_sound(&w);
    world_done(&w);
}

int run_desk_node_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_init),           cmocka_unit_test(test_record_proof),
        cmocka_unit_test(test_erase),          cmocka_unit_test(test_backup),
        cmocka_unit_test(test_rolled_back),    cmocka_unit_test(test_tamper),
        cmocka_unit_test(test_tamper_segment), cmocka_unit_test(test_kill_rebuild),
        cmocka_unit_test(test_kill_erase),     cmocka_unit_test(test_kill_import),
    };
    return cmocka_run_group_tests_name("desk: the node", tests, NULL, NULL);
}
