// How fast are transfers taken in? Generated rows go straight into the import session (no CSV), to
// durable; then the time to open, idle memory, looking up, taking in the same once more, verifying.
// Usage: bench_stream [transfers] [accounts] [sorted|shuffled]. 5,000,000, 100,000, sorted.
#include "stream/stream.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 3

typedef struct Bench {
    Ctx c;
    char dir[64];
    StoreDb *db;
    Stream *stream;
    uint64_t transfers, accounts;
    bool shuffled;
    char (*numbers)[12];
} Bench;

static void check(Bench *b, Err e, const char *what) {
    if (e == OK)
        return;
    fprintf(stderr, "%s: %s\n", what, b->c.error);
    exit(1);
}

static double seconds_since(int64_t start_us) {
    return (double)(clock_monotonic_us() - start_us) / 1e6;
}

// Time of this process on a core: other work on the machine is not in it.
static double cpu_seconds(void) {
    return (double)clock() / CLOCKS_PER_SEC;
}

static void bench_open(Bench *b) {
    const StoreSchema *schemas[] = {stream_schema()};
    StoreOptions options = {.mode = STORE_CREATE, .schemas = schemas, .schema_count = 1};
    Str path;
    check(b, str_format(&b->c, &path, "%s/ledger.db", b->dir), "path");
    check(b, store_open(&b->c, path, &options, &b->db), "store_open");
    StreamOptions stream = {str_of(b->dir), b->db, crypto_random_system()};
    check(b, stream_open(&b->c, &stream, &b->stream), "stream_open");
}

static void bench_shut(Bench *b) {
    stream_close(b->stream);
    store_close(b->db);
    ctx_reset(&b->c);
}

// The i-th transfer. Its number in the file is scattered by a bijection where shuffled.
static void make_row(const Bench *b, uint64_t i, char id[24], StreamTransfer *t) {
    static const Str institutions[12] = {{"002", 3}, {"004", 3},  {"006", 3},  {"011", 3},
                                         {"014", 3}, {"025", 3},  {"030", 3},  {"ABA", 3},
                                         {"KBZ", 3}, {"BCEL", 4}, {"ICBC", 4}, {"VCB", 3}};
    static const Str countries[5] = {{"TH", 2}, {"KH", 2}, {"MM", 2}, {"LA", 2}, {"CN", 2}};
    if (b->shuffled)
        i = i * 2654435761 % b->transfers;
    uint64_t h = hash_u64(i + 1), from = h % b->accounts, to = (h >> 32) % b->accounts;
    if (to == from)
        to = (to + 1) % b->accounts;
    static const char hex[] = "0123456789abcdef";
    memcpy(id, "tx-", 3);
    for (int k = 0; k < 16; k++)
        id[3 + k] = hex[(h * 0x9e3779b97f4a7c15ULL) >> (60 - 4 * k) & 15];
    *t = (StreamTransfer){
        .id = {id, 19},
        .booked_at_us = 1750000000000000 + (int64_t)i * 777000,
        .from = {countries[from % 5], institutions[from % 12], {b->numbers[from], 10}},
        .to = {countries[to % 5], institutions[to % 12], {b->numbers[to], 10}},
        .amount = 100 + (int64_t)(h % 5000000),
        .currency = {"THB", 3},
        .has_from_balance = h % 2,
        .from_balance = (int64_t)(h % 90000000),
        .channel = {"mobile", h % 3 ? 6 : 0},
        .exponent = 2,
        .credited_exponent = 2};
}

static double generate_only(const Bench *b) {
    volatile int64_t sum = 0;
    int64_t start = clock_monotonic_us();
    for (uint64_t i = 0; i < b->transfers; i++) {
        char id[24];
        StreamTransfer t;
        make_row(b, i, id, &t);
        sum += t.amount + id[5];
    }
    return seconds_since(start);
}

static void commit_part(Bench *b, StreamImport *imp) {
    StreamBatch batch;
    check(b, stream_import_seal(&b->c, imp, &batch), "seal");
    check(b, store_begin(&b->c, b->db), "begin");
    check(b, stream_import_commit(&b->c, imp), "commit");
    check(b, store_commit(&b->c, b->db), "store_commit");
    stream_import_publish(imp);
}

static double import_all(Bench *b) {
    StreamImport *imp;
    int64_t start = clock_monotonic_us();
    check(b, stream_import_begin(&b->c, b->stream, &imp), "begin");
    for (uint64_t i = 0; i < b->transfers; i++) {
        char id[24];
        StreamTransfer t;
        make_row(b, i, id, &t);
        if (stream_import_full(imp))
            commit_part(b, imp);
        check(b, stream_import_add(&b->c, imp, &t), "add");
    }
    commit_part(b, imp);
    stream_import_close(imp);
    return seconds_since(start);
}

// Anonymous memory of the process, in MiB: mapped files are not counted.
static double resident_mib(const char *field) {
    char line[256];
    double kib = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, field, strlen(field)) == 0)
            kib = strtod(line + strlen(field) + 1, NULL);
    if (f)
        fclose(f);
    return kib / 1024;
}

static int remove_one(const char *path, const struct stat *s, int kind, struct FTW *walk) {
    (void)s;
    (void)kind;
    (void)walk;
    return remove(path);
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void report(const Bench *b, const char *what, double *s, size_t n) {
    qsort(s, n, sizeof *s, by_value);
    printf("%-34s %9.0f rows/s  (%.0f … %.0f)  %.2f s\n", what, (double)b->transfers / s[n / 2],
           (double)b->transfers / s[n - 1], (double)b->transfers / s[0], s[n / 2]);
    fflush(stdout);
}

static void look_up(Bench *b) {
    StreamSnapshot *snap = stream_snapshot_get(b->stream);
    uint64_t found = 0, n = 200000, position;
    int64_t start = clock_monotonic_us();
    for (uint64_t i = 0; i < n; i++) {
        char id[24];
        StreamTransfer t;
        make_row(b, hash_u64(i) % b->transfers, id, &t);
        found += stream_transfer_find(snap, t.id, &position);
    }
    printf("%-34s %9.2f µs  (%llu of %llu found)\n", "find a transfer by id",
           seconds_since(start) / (double)n * 1e6, (unsigned long long)found,
           (unsigned long long)n);
    StreamCounts k = stream_counts(snap);
    printf("%-34s %llu transfers, %llu accounts, %llu segments\n", "holds",
           (unsigned long long)k.transfers, (unsigned long long)k.accounts,
           (unsigned long long)k.segments);
    stream_snapshot_put(snap);
}

// What `bench_stream open DIR` does: a process that has done nothing else.
static int open_only(Bench *b, const char *dir) {
    snprintf(b->dir, sizeof b->dir, "%s", dir);
    int64_t start = clock_monotonic_us();
    bench_open(b);
    printf("%-34s %9.2f ms\n", "open", seconds_since(start) * 1e3);
    printf("%-34s %9.1f MiB\n", "idle memory beside mapped files", resident_mib("RssAnon:"));
    fflush(stdout);
    bench_shut(b);
    return 0;
}

static void open_apart(char *dir, char *program) {
    char word[] = "open";
    char *args[] = {program, word, dir, NULL};
    int status;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        execv("/proc/self/exe", args);
        _exit(1);
    }
    waitpid(pid, &status, 0);
}

int main(int argc, char **argv) {
    static Bench b;
    int64_t v;
    double took[ROUNDS], cpu[ROUNDS], again[1], verify[1];
    b.transfers = argc > 1 && str_to_i64(str_of(argv[1]), &v) ? (uint64_t)v : 5000000;
    b.accounts = argc > 2 && str_to_i64(str_of(argv[2]), &v) ? (uint64_t)v : 100000;
    b.shuffled = argc > 3 && strcmp(argv[3], "shuffled") == 0;
    check(&b, crypto_init(&b.c), "crypto_init");
    if (argc > 2 && strcmp(argv[1], "open") == 0)
        return open_only(&b, argv[2]);
    b.numbers = mem_alloc(b.accounts * sizeof *b.numbers);
    if (!b.numbers)
        return 1;
    for (uint64_t i = 0; i < b.accounts; i++)
        snprintf(b.numbers[i], sizeof b.numbers[i], "%010llu", (unsigned long long)(i * 97 + 13));
    printf("generating alone %.2f s (inside the figures below)\n", generate_only(&b));
    for (int round = 0; round < ROUNDS; round++) {
        snprintf(b.dir, sizeof b.dir, "/tmp/moei-bench-XXXXXX");
        if (!mkdtemp(b.dir))
            return 1;
        bench_open(&b);
        double cpu_before = cpu_seconds();
        took[round] = import_all(&b);
        cpu[round] = cpu_seconds() - cpu_before;
        bench_shut(&b);
        if (round + 1 < ROUNDS)
            nftw(b.dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    }
    report(&b, "import to durable", took, ROUNDS);
    report(&b, "the same by time on the cores", cpu, ROUNDS);
    printf("%-34s %9.0f MiB\n", "peak memory of importing", resident_mib("VmHWM:"));
    open_apart(b.dir, argv[0]);
    bench_open(&b);
    look_up(&b);
    again[0] = import_all(&b);
    report(&b, "the same rows once more (known)", again, 1);
    StreamVerdict verdict;
    int64_t start = clock_monotonic_us();
    check(&b, stream_verify(&b.c, b.stream, NULL, NULL, &verdict), "verify");
    verify[0] = seconds_since(start);
    report(&b, verdict.good ? "verify: good" : verdict.words, verify, 1);
    bench_shut(&b);
    nftw(b.dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    mem_free(b.numbers);
    return verdict.good ? 0 : 1;
}
