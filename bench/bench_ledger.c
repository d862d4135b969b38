// How fast is a group of 256 records of 1 KB durable and provable, against SQLite with the same
// tables and indexes and neither hashes nor signatures? And how fast is the whole verified?
// Usage: bench_ledger [records a round] [rounds]
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ledger/ledger.h"

#define GROUP LEDGER_GROUP_RECORDS_MAX
#define ROUNDS_MAX 32

typedef struct Bench {
    Ctx c;
    char dir[64], plain[80];
    CryptoRandom random;
    CryptoRandomSeeded state;
    CryptoSignKey key;
    Ledger *ledger;
    sqlite3 *db;
    sqlite3_stmt *add_id, *add_opening, *add_leaf;
    int64_t plain_next, at;
    Buf envelopes;
    LedgerEntry entries[GROUP];
    size_t ends[GROUP];
    int64_t *group_us; // of our groups
    size_t groups;
} Bench;

static void done(Ctx *c, Err e) {
    if (e == OK)
        return;
    fprintf(stderr, "bench_ledger: %s: %s\n", err_name(e), c->error);
    exit(3);
}

static void plain_done(Bench *b, int code) {
    if (code == SQLITE_OK || code == SQLITE_DONE)
        return;
    fprintf(stderr, "bench_ledger: %s\n", sqlite3_errmsg(b->db));
    exit(3);
}

// --- records, made before the clock runs --------------------------------------------------------

static void envelope_put(Bench *b, size_t n) {
    char body[1024];
    RecordId id = record_id_new(b->at, b->random);
    int length = snprintf(
        body, sizeof body,
        "{\"accounts\":[{\"account\":\"%010zu\",\"country\":\"TH\",\"institution\":\"KBANK\"}],"
        "\"channel\":\"phone\",\"country\":\"TH\",\"currency\":\"THB\",\"happened_at\":null,"
        "\"loss\":%zu,\"phones\":[\"+66812345678\"],\"report\":\"R-%lld\",\"reported_at\":"
        "\"2026-11-22T08:10:00.000000Z\",\"row\":\"%064zu\",\"story\":\"A caller said he was an "
        "officer of the anti-money-laundering office and that my account was used for a crime. "
        "I was to move all of it to a safe account and to stay on the line.\","
        "\"transfers\":[\"T%zu\"],\"urls\":[],\"victim\":null}",
        n * 7919 % 9999999999, n % 100000, (long long)b->at, n, n);
    RecordDraft d = {.kind = RECORD_REPORT,
                     .id = id,
                     .at_us = b->at,
                     .agency = ledger_agency(b->ledger),
                     .mark = record_mark_default(),
                     .purpose = STR("trace"),
                     .body_json = {body, (size_t)length}};
    done(&b->c, record_write(&b->c, &d, &b->envelopes));
    b->ends[n] = b->envelopes.n;
    b->entries[n] = (LedgerEntry){{0}, id, b->at};
    b->at += 1000;
}

static void group_make(Bench *b) {
    buf_clear(&b->envelopes);
    for (size_t i = 0; i < GROUP; i++)
        envelope_put(b, i);
    for (size_t i = 0, from = 0; i < GROUP; from = b->ends[i++])
        b->entries[i].envelope = (Str){b->envelopes.p + from, b->ends[i] - from};
}

// --- both sides ---------------------------------------------------------------------------------

static void ours(Bench *b) {
    done(&b->c, ledger_append_group(&b->c, b->ledger, LEDGER_MAIN, b->entries, GROUP, NULL));
}

static void plain_row(Bench *b, const LedgerEntry *e) {
    static const uint8_t salt[RECORD_SALT_BYTES], commitment[CRYPTO_HASH_BYTES];
    int64_t n = b->plain_next++;
    sqlite3_bind_blob(b->add_id, 1, e->id.b, sizeof e->id.b, SQLITE_STATIC);
    sqlite3_bind_int64(b->add_id, 2, n);
    sqlite3_bind_int64(b->add_opening, 1, n);
    sqlite3_bind_blob(b->add_opening, 2, salt, sizeof salt, SQLITE_STATIC);
    sqlite3_bind_blob64(b->add_opening, 3, e->envelope.p, e->envelope.n, SQLITE_STATIC);
    sqlite3_bind_int64(b->add_leaf, 1, n);
    sqlite3_bind_blob(b->add_leaf, 2, commitment, sizeof commitment, SQLITE_STATIC);
    sqlite3_bind_int64(b->add_leaf, 3, n);
    sqlite3_stmt *all[] = {b->add_id, b->add_opening, b->add_leaf};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        plain_done(b, sqlite3_step(all[i]));
        plain_done(b, sqlite3_reset(all[i]));
    }
}

static void plain(Bench *b) {
    plain_done(b, sqlite3_exec(b->db, "BEGIN IMMEDIATE", NULL, NULL, NULL));
    for (size_t i = 0; i < GROUP; i++)
        plain_row(b, &b->entries[i]);
    plain_done(b, sqlite3_exec(b->db, "COMMIT", NULL, NULL, NULL));
}

static void plain_open(Bench *b) {
    snprintf(b->plain, sizeof b->plain, "%s/plain.db", b->dir);
    plain_done(b, sqlite3_open(b->plain, &b->db));
    plain_done(b, sqlite3_exec(b->db,
                               "PRAGMA page_size=8192; PRAGMA journal_mode=WAL;"
                               "PRAGMA synchronous=FULL; PRAGMA cache_size=-16384;"
                               "CREATE TABLE record_id(id BLOB PRIMARY KEY, place INTEGER NOT NULL)"
                               " STRICT, WITHOUT ROWID;"
                               "CREATE TABLE opening(opening_id INTEGER PRIMARY KEY, salt BLOB NOT "
                               "NULL, envelope BLOB NOT NULL) STRICT;"
                               "CREATE TABLE leaf(place INTEGER PRIMARY KEY, commitment BLOB NOT "
                               "NULL, opening_id INTEGER) STRICT",
                               NULL, NULL, NULL));
    static const char *const sql[] = {"INSERT INTO record_id VALUES(?,?)",
                                      "INSERT INTO opening VALUES(?,?,?)",
                                      "INSERT INTO leaf VALUES(?,?,?)"};
    sqlite3_stmt **all[] = {&b->add_id, &b->add_opening, &b->add_leaf};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        plain_done(b, sqlite3_prepare_v2(b->db, sql[i], -1, all[i], NULL));
}

static void open_all(Bench *b) {
    snprintf(b->dir, sizeof b->dir, "/tmp/moei-bench-XXXXXX");
    if (!mkdtemp(b->dir) || crypto_init(&b->c) != OK)
        exit(3);
    b->random = crypto_random_seeded(&b->state, 1);
    CryptoSeed seed = {{1}};
    CryptoPublicKey public;
    crypto_sign_key_from_seed(&seed, &b->key, &public);
    b->at = 1795334400000000;
    LedgerOptions o = {.dir = str_of(b->dir), .random = b->random, .log_key = &b->key};
    LedgerGenesis g = {.name = STR("bench"),
                       .title = STR("Bench"),
                       .country = STR("TH"),
                       .agency_kind = STR("centre"),
                       .timezone = STR("Asia/Bangkok"),
                       .recovery_key = public,
                       .mark = record_mark_default(),
                       .at_us = b->at++};
    done(&b->c, ledger_create(&b->c, &o, &g, &b->ledger));
    plain_open(b);
}

static void remove_all(Bench *b) {
    Str *names, path;
    size_t n;
    done(&b->c, dir_list(&b->c, str_of(b->dir), &names, &n));
    for (size_t i = 0; i < n; i++) {
        done(&b->c, str_format(&b->c, &path, "%s/" STR_FMT, b->dir, STR_ARG(names[i])));
        done(&b->c, file_remove(&b->c, path));
    }
    rmdir(b->dir);
}

// --- figures ------------------------------------------------------------------------------------

static int compare_rates(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int compare_us(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void print_rates(const char *name, double *rates, size_t n) {
    qsort(rates, n, sizeof *rates, compare_rates);
    printf("%-44s %9.0f records/s  (%.0f to %.0f in %zu rounds)\n", name, rates[n / 2], rates[0],
           rates[n - 1], n);
}

// Both take the same groups in turn; only the writing is timed.
static void round_run(Bench *b, size_t groups, double *ret_ours, double *ret_plain) {
    int64_t ours_us = 0, plain_us = 0;
    for (size_t g = 0; g < groups; g++) {
        group_make(b);
        int64_t t0 = clock_monotonic_us();
        ours(b);
        int64_t t1 = clock_monotonic_us();
        plain(b);
        int64_t t2 = clock_monotonic_us();
        b->group_us[b->groups++] = t1 - t0;
        ours_us += t1 - t0;
        plain_us += t2 - t1;
        ctx_reset(&b->c);
    }
    *ret_ours = (double)(groups * GROUP) * 1e6 / (double)ours_us;
    *ret_plain = (double)(groups * GROUP) * 1e6 / (double)plain_us;
}

static void verify_run(Bench *b) {
    AUTO(LedgerReaderOwned) r = NULL;
    LedgerVerdict v;
    double rates[5];
    done(&b->c, ledger_reader_open(&b->c, str_of(b->dir), &r));
    for (size_t i = 0; i < COUNT_OF(rates); i++) {
        int64_t t0 = clock_monotonic_us();
        done(&b->c, ledger_verify(&b->c, r, (LedgerProgress){0}, &v));
        rates[i] = (double)v.held * 1e6 / (double)(clock_monotonic_us() - t0);
        if (!v.sound) {
            fprintf(stderr, "bench_ledger: %s\n", v.words);
            exit(3);
        }
    }
    print_rates("verify, two threads", rates, COUNT_OF(rates));
}

static void open_run(Bench *b) {
    LedgerOptions o = {.dir = str_of(b->dir), .random = b->random, .log_key = &b->key};
    ledger_close(b->ledger);
    b->ledger = NULL;
    int64_t t0 = clock_monotonic_us();
    done(&b->c, ledger_open(&b->c, &o, &b->ledger));
    printf("%-44s %9.1f ms\n", "open", (double)(clock_monotonic_us() - t0) / 1000);
}

int main(int argc, char **argv) {
    static Bench b;
    double ours_rates[ROUNDS_MAX], plain_rates[ROUNDS_MAX];
    int64_t records = 100000, rounds = 7;
    ctx_init(&b.c);
    if ((argc > 1 && !str_to_i64(str_of(argv[1]), &records)) ||
        (argc > 2 && !str_to_i64(str_of(argv[2]), &rounds)) || records < GROUP || rounds < 1 ||
        rounds > ROUNDS_MAX) {
        fprintf(stderr, "usage: bench_ledger [records a round] [rounds, at most %d]\n", ROUNDS_MAX);
        return 2;
    }
    size_t groups = (size_t)records / GROUP, n = (size_t)rounds;
    b.group_us = mem_alloc_zero(groups * n, sizeof *b.group_us);
    if (!b.group_us)
        return 3;
    open_all(&b);
    for (size_t i = 0; i < n; i++)
        round_run(&b, groups, &ours_rates[i], &plain_rates[i]);
    printf("records of %zu bytes in groups of %d\n", b.envelopes.n / GROUP, GROUP);
    print_rates("append, hashed, signed, provable, durable", ours_rates, n);
    print_rates("SQLite, same tables, no hashes, no signature", plain_rates, n);
    qsort(b.group_us, b.groups, sizeof *b.group_us, compare_us);
    printf("%-44s %9.2f ms median, %.2f ms p99, %.2f ms longest\n",
           "a group, with what is moved "
           "out of the WAL",
           (double)b.group_us[b.groups / 2] / 1000, (double)b.group_us[b.groups * 99 / 100] / 1000,
           (double)b.group_us[b.groups - 1] / 1000);
    verify_run(&b);
    open_run(&b);
    ledger_close(b.ledger);
    sqlite3_stmt *all[] = {b.add_id, b.add_opening, b.add_leaf};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        sqlite3_finalize(all[i]);
    sqlite3_close(b.db);
    remove_all(&b);
    buf_done(&b.envelopes);
    mem_free(b.group_us);
    ctx_done(&b.c);
    return 0;
}
