// How fast does the picture follow? Reports of 1 KB in groups of 256: appended to a ledger with the
// picture current, folded alone, rebuilt, opened; orders and their board. Usage: bench_picture
// [reports] (1,000,000).
#include "picture/picture.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define GROUP 256
#define START_ROUNDS 7
#define ORDERS 20000
#define BOARD_ROUNDS 201

// Time that passed and time of processors: the two differ where the machine is shared.
typedef struct Span {
    int64_t wall_us, cpu_us;
} Span;

static Span span_now(void) {
    return (Span){clock_monotonic_us(), (int64_t)clock() * 1000000 / CLOCKS_PER_SEC};
}

static void span_add(Span *sum, Span from, Span to) {
    sum->wall_us += to.wall_us - from.wall_us;
    sum->cpu_us += to.cpu_us - from.cpu_us;
}

typedef struct Bench {
    Ctx c;
    char dir[64];
    size_t reports;
    CryptoRandom random;
    CryptoRandomSeeded state;
    CryptoSignKey key;
    char agency[65];
    Buf envelopes;
    size_t ends[GROUP];
    LedgerEntry entries[GROUP];
    PictureItem items[GROUP];
    int64_t *group_us;
    Span append, fold;
} Bench;

static void done(Ctx *c, Err e) {
    if (e == OK)
        return;
    fprintf(stderr, "bench_picture: %s: %s\n", err_name(e), c->error);
    exit(3);
}

// About 1 KB, as a victim's report of real form is.
static void envelope_put(Bench *b, size_t n, RecordId id, int64_t at) {
    char body[2048], told[TIME_TEXT_BYTES];
    time_format_record(at - (int64_t)(n * 7919 % 86400) * 1000000, told);
    int len = snprintf(
        body, sizeof body,
        "{\"accounts\":[{\"account\":\"%010zu\",\"country\":\"TH\",\"institution\":\"bank-%02zu\"}]"
        ","
        "\"channel\":\"hotline\",\"country\":\"TH\",\"currency\":\"THB\",\"happened_at\":null,"
        "\"loss\":%zu,\"phones\":[\"+668%08zu\"],\"report\":\"R-2026-%07zu\",\"reported_at\":\"%"
        "s\","
        "\"row\":\"%064zx\",\"story\":\"%.160s\",\"transfers\":[\"x%016zx\"],"
        "\"urls\":[\"https://shop-%zu.example/pay\"],\"victim\":\"a person of %zu years\"}",
        n * 37 % 9999999999, n % 40, n * 100 + 1, n * 31 % 100000000, n, told, n,
        "He said that he was calling from the bank and that my account had been used by criminals. "
        "I was to move the money to a safe account at once, and to stay on the line. I sent it in "
        "two parts, and then he asked for more. When I called the bank itself they knew nothing of "
        "it. I have the messages and the number, and the name of the account that I sent it to, "
        "which is not a name that I know.",
        n * 104729, n, 20 + n % 60);
    RecordDraft d = {.kind = RECORD_REPORT,
                     .id = id,
                     .at_us = at,
                     .agency = str_of(b->agency),
                     .mark = record_mark_default(),
                     .purpose = STR("fraud"),
                     .body_json = {body, (size_t)len}};
    done(&b->c, record_write(&b->c, &d, &b->envelopes));
}

static void group_make(Bench *b, size_t first, size_t n, int64_t at, uint64_t seq) {
    ctx_reset(&b->c);
    buf_clear(&b->envelopes);
    for (size_t i = 0; i < n; i++) {
        b->entries[i].id = record_id_new(at + (int64_t)i, b->random);
        b->entries[i].at_us = at + (int64_t)i;
        envelope_put(b, first + i, b->entries[i].id, at + (int64_t)i);
        b->ends[i] = b->envelopes.n;
    }
    for (size_t i = 0; i < n; i++) {
        size_t from = i ? b->ends[i - 1] : 0;
        b->entries[i].envelope = (Str){b->envelopes.p + from, b->ends[i] - from};
        b->items[i] = (PictureItem){.agency = str_of(b->agency),
                                    .log = STR("main"),
                                    .seq = seq + i,
                                    .envelope = b->entries[i].envelope};
    }
}

static void append_all(Bench *b, Ledger *l, Picture *p) {
    int64_t now = 1790000000000000;
    for (size_t at = 0; at < b->reports; at += GROUP) {
        size_t n = b->reports - at < GROUP ? b->reports - at : GROUP;
        now = ledger_next_at(l, LEDGER_MAIN, now + 1000);
        group_make(b, at, n, now, (uint64_t)ledger_size(l, LEDGER_MAIN));
        Span t1 = span_now();
        done(&b->c, ledger_append_group(&b->c, l, LEDGER_MAIN, b->entries, n, NULL));
        Span t2 = span_now();
        done(&b->c, picture_fold(&b->c, p, b->items, n));
        Span t3 = span_now();
        span_add(&b->append, t1, t2);
        span_add(&b->fold, t2, t3);
        b->group_us[at / GROUP] = t3.wall_us - t1.wall_us;
        now += (int64_t)n;
    }
}

static int by_size(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void rate(const char *what, size_t n, Span took) {
    printf("%-36s %9.0f records/s  %6.2f us each, %6.2f us of processors\n", what,
           (double)n * 1e6 / (double)took.wall_us, (double)took.wall_us / (double)n,
           (double)took.cpu_us / (double)n);
}

static void append_bench(Bench *b) {
    LedgerOptions o = {.dir = str_of(b->dir), .random = b->random, .log_key = &b->key};
    CryptoPublicKey recovery = crypto_sign_key_public(&b->key);
    LedgerGenesis g = {.name = STR("bench"),
                       .title = STR("Bench"),
                       .country = STR("TH"),
                       .agency_kind = STR("police"),
                       .timezone = STR("Asia/Bangkok"),
                       .recovery_key = recovery,
                       .mark = record_mark_default(),
                       .at_us = 1780000000000000};
    AUTO(LedgerOwned) l = NULL;
    AUTO(PictureOwned) p = NULL;
    AUTO(LedgerReaderOwned) r = NULL;
    done(&b->c, ledger_create(&b->c, &o, &g, &l));
    snprintf(b->agency, sizeof b->agency, STR_FMT, STR_ARG(ledger_agency(l)));
    done(&b->c, picture_open(&b->c, str_of(b->dir), str_of(b->agency), &p));
    done(&b->c, ledger_reader_open(&b->c, str_of(b->dir), &r));
    done(&b->c, picture_catch_up(&b->c, p, r, (PictureProgress){0}));
    append_all(b, l, p);
    size_t groups = (b->reports + GROUP - 1) / GROUP;
    qsort(b->group_us, groups, sizeof *b->group_us, by_size);
    printf("a report is %zu bytes\n", b->ends[0]);
    Span both = b->append;
    span_add(&both, (Span){0}, b->fold);
    rate("append and fold, groups of 256", b->reports, both);
    rate("  of it the ledger", b->reports, b->append);
    rate("  of it the picture", b->reports, b->fold);
    printf("%-36s median %.2f ms, p99 %.2f ms\n", "  one group",
           (double)b->group_us[groups / 2] / 1e3, (double)b->group_us[groups * 99 / 100] / 1e3);
}

static void rebuild_bench(Bench *b) {
    AUTO(PictureOwned) p = NULL;
    AUTO(LedgerReaderOwned) r = NULL;
    done(&b->c, ledger_reader_open(&b->c, str_of(b->dir), &r));
    done(&b->c, picture_open(&b->c, str_of(b->dir), str_of(b->agency), &p));
    Span took = {0}, from = span_now();
    done(&b->c, picture_rebuild(&b->c, p, r, (PictureProgress){0}));
    span_add(&took, from, span_now());
    rate("rebuild", b->reports, took);
}

static void start_bench(Bench *b) {
    int64_t us[START_ROUNDS];
    for (size_t i = 0; i < START_ROUNDS; i++) {
        AUTO(PictureOwned) p = NULL;
        AUTO(PictureReaderOwned) q = NULL;
        AUTO(LedgerReaderOwned) r = NULL;
        const PictureReport *reports;
        size_t n;
        bool more;
        int64_t t0 = clock_monotonic_us();
        done(&b->c, ledger_reader_open(&b->c, str_of(b->dir), &r));
        done(&b->c, picture_open(&b->c, str_of(b->dir), str_of(b->agency), &p));
        done(&b->c, picture_catch_up(&b->c, p, r, (PictureProgress){0}));
        done(&b->c, picture_reader_open(&b->c, str_of(b->dir), &q));
        picture_reader_sight(q, (PictureSight){.all = true});
        done(&b->c, picture_report_list(&b->c, q, STR(""), (PicturePage){.limit = 50}, &reports, &n,
                                        &more));
        us[i] = clock_monotonic_us() - t0;
    }
    qsort(us, START_ROUNDS, sizeof *us, by_size);
    printf("%-36s median %.2f ms (%.2f to %.2f)\n", "open, catch up, list the newest 50",
           (double)us[START_ROUNDS / 2] / 1e3, (double)us[0] / 1e3,
           (double)us[START_ROUNDS - 1] / 1e3);
}

// --- orders -------------------------------------------------------------------------------------

#define NO "null"

static void order_body(Buf *out, size_t n, RecordId case_id) {
    char id[RECORD_ID_TEXT_BYTES];
    record_id_text(case_id, id);
    buf_format(
        out,
        "{\"account\":{\"account\":\"%010zu\",\"country\":\"TH\",\"institution\":\"bank-%02zu\"},"
        "\"addressee\":{\"agency\":null,\"country\":\"TH\",\"institution\":\"bank-%02zu\","
        "\"kind\":\"bank\"},\"amount\":%zu,\"answer_hours\":24,\"asks_end\":" NO
        ",\"case\":\"%s\",\"clock_from\":\"issued\",\"currency\":\"THB\","
        "\"law\":{\"id\":\"TH-hold-3\",\"standing\":\"second-hand\"},\"level\":2,\"note\":" NO
        ",\"number\":\"O-2026-%06zu\",\"order\":\"hold_account\",\"pack\":" NO
        ",\"persons\":1,\"policy\":" NO ",\"replaces\":" NO ",\"report\":" NO
        ",\"request\":false,\"rule\":\"fifo\",\"subject\":" NO ",\"tags\":[],\"trace\":" NO "}",
        n * 37 % 9999999999, n % 40, n % 40, 100 + n % 5000, id, n);
}

static void issue_body(Buf *out, int64_t ends_at) {
    char text[TIME_TEXT_BYTES];
    time_format_record(ends_at, text);
    buf_format(out,
               "{\"act\":\"issue\",\"amount\":" NO ",\"balance\":" NO ",\"code\":" NO
               ",\"document\":" NO ",\"ends_at\":\"%s\",\"happened_at\":" NO ",\"note\":" NO
               ",\"on_behalf_of\":" NO ",\"outcome\":" NO
               ",\"party\":\"issuer\",\"persons\":1,\"target\":" NO ",\"to\":" NO "}",
               text);
}

// Order n and its issue, as two items of the group.
static void order_put(Bench *b, size_t at, size_t n, RecordId case_id, int64_t now) {
    const RecordId officer = {.b = {1, 2, 3, 4, 5, 6, 0x70, 0, 0x80}};
    const RecordSigner signer = {officer, &b->key};
    RecordId order = record_id_new(now, b->random);
    for (size_t k = 0; k < 2; k++) {
        AUTO(Buf) body = {0};
        if (k == 0)
            order_body(&body, n, case_id);
        else
            issue_body(&body, now + (int64_t)(n * 7919 % 259200) * 1000000);
        RecordDraft d = {.kind = k ? RECORD_ORDER_ACT : RECORD_ORDER,
                         .id = k ? record_id_new(now + 1, b->random) : order,
                         .has_of = k == 1,
                         .of = order,
                         .at_us = now + (int64_t)k,
                         .agency = str_of(b->agency),
                         .has_officer = true,
                         .officer = officer,
                         .signers = &signer,
                         .signer_count = 1,
                         .mark = record_mark_default(),
                         .purpose = STR("fraud"),
                         .body_json = buf_view(&body)};
        done(&b->c, record_write(&b->c, &d, &b->envelopes));
        b->ends[at + k] = b->envelopes.n;
    }
}

static void orders_fold(Bench *b, Picture *p, int64_t now) {
    RecordId case_id = record_id_new(now, b->random);
    uint64_t seq;
    Span took = {0};
    done(&b->c, picture_upto(&b->c, p, str_of(b->agency), STR("main"), &seq));
    for (size_t n = 0; n < ORDERS; n += GROUP / 2, seq += GROUP) {
        ctx_reset(&b->c);
        buf_clear(&b->envelopes);
        if (n % 64 == 0)
            case_id = record_id_new(now, b->random);
        for (size_t i = 0; i < GROUP / 2; i++, now += 1000)
            order_put(b, 2 * i, n + i, case_id, now);
        for (size_t i = 0; i < GROUP; i++) {
            size_t from = i ? b->ends[i - 1] : 0;
            b->items[i] = (PictureItem){.agency = str_of(b->agency),
                                        .log = STR("main"),
                                        .seq = seq + i,
                                        .envelope = {b->envelopes.p + from, b->ends[i] - from}};
        }
        Span from = span_now();
        done(&b->c, picture_fold(&b->c, p, b->items, GROUP));
        span_add(&took, from, span_now());
    }
    rate("fold orders and their issue", 2 * ORDERS, took);
}

static void board_bench(Bench *b) {
    static int64_t us[BOARD_ROUNDS];
    AUTO(PictureOwned) p = NULL;
    AUTO(PictureReaderOwned) q = NULL;
    const int64_t now = 1800000000000000;
    done(&b->c, picture_open(&b->c, str_of(b->dir), str_of(b->agency), &p));
    orders_fold(b, p, now);
    done(&b->c, picture_reader_open(&b->c, str_of(b->dir), &q));
    picture_reader_sight(q, (PictureSight){.all = true});
    PicturePage page = {.limit = 100};
    for (size_t i = 0; i < BOARD_ROUNDS; i++) {
        const PictureOrder *orders;
        size_t n;
        bool more;
        ctx_reset(&b->c);
        int64_t t0 = clock_monotonic_us();
        // A day and a half later half of them are over, and no page shows them.
        done(&b->c, picture_order_board(&b->c, q, now + 129600000000, page, &orders, &n, &more));
        us[i] = clock_monotonic_us() - t0;
        page.after = more && i % 20 ? orders[n - 1].key : (PictureKey){0};
    }
    qsort(us, BOARD_ROUNDS, sizeof *us, by_size);
    printf("%-36s median %.2f ms, p99 %.2f ms\n", "board page of 100 among 20,000",
           (double)us[BOARD_ROUNDS / 2] / 1e3, (double)us[BOARD_ROUNDS * 99 / 100] / 1e3);
}

static void folder_remove(Bench *b) {
    Str *names, path;
    size_t n;
    done(&b->c, dir_list(&b->c, str_of(b->dir), &names, &n));
    for (size_t i = 0; i < n; i++) {
        done(&b->c, str_format(&b->c, &path, "%s/" STR_FMT, b->dir, STR_ARG(names[i])));
        done(&b->c, file_remove(&b->c, path));
    }
    rmdir(b->dir);
}

int main(int argc, char **argv) {
    static Bench b;
    ctx_init(&b.c);
    int64_t reports = 1000000;
    if (argc > 1 && (!str_to_i64(str_of(argv[1]), &reports) || reports < 1)) {
        fprintf(stderr, "usage: bench_picture [reports]\n");
        return 2;
    }
    done(&b.c, crypto_init(&b.c));
    b.reports = (size_t)reports;
    b.random = crypto_random_seeded(&b.state, 1);
    CryptoSeed seed = {{1}};
    CryptoPublicKey public;
    crypto_sign_key_from_seed(&seed, &b.key, &public);
    b.group_us = mem_alloc_zero(b.reports / GROUP + 1, sizeof *b.group_us);
    snprintf(b.dir, sizeof b.dir, "/tmp/moei-bench-XXXXXX");
    if (!b.group_us || !mkdtemp(b.dir)) {
        fprintf(stderr, "bench_picture: no memory or no folder\n");
        return 3;
    }
    append_bench(&b);
    rebuild_bench(&b);
    start_bench(&b);
    board_bench(&b);
    folder_remove(&b);
    buf_done(&b.envelopes);
    mem_free(b.group_us);
    ctx_done(&b.c);
    return 0;
}
