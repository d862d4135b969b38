// The API under constant load: 2,000 reads a second beside 50 writes a second, from an open loop.
// A request's time runs from the moment at which it was due, so that a stall counts for all that
// waited for it (no coordinated omission). Of eight reads each one is a list of reports, a list of
// cases, the board, a case, an order, a search, the session, and a report with its victim, whose
// read is durable in the log of reads before the answer. Writes are typed reports with a victim.
#include "crypto/crypto.h"
#include "web/web.h"

#include <errno.h>
#include <ftw.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { READERS = 16, WRITERS = 4, READS_S = 2000, WRITES_S = 50, SECONDS = 5, RUNS = 3 };

typedef struct Load {
    pthread_t thread;
    uint16_t port;
    int64_t start_us, every_us, count;
    bool writes;
    char token[DESK_TOKEN_TEXT_BYTES], report[64], one[64], order[64];
    int64_t *took_us;
    int64_t bad;
    int index;
} Load;

static void until_us(int64_t at_us) {
    for (int64_t left; (left = at_us - clock_monotonic_us()) > 0;) {
        struct timespec pause = {.tv_sec = left / 1000000, .tv_nsec = left % 1000000 * 1000};
        nanosleep(&pause, NULL);
    }
}

// Sends and reads one whole answer; true for a 2xx.
static bool ask(int fd, const char *request, size_t n) {
    static _Thread_local char room[1 << 18];
    size_t got = 0, want = 0;
    if (send(fd, request, n, MSG_NOSIGNAL) != (ssize_t)n)
        return false;
    while (want == 0 || got < want) {
        ssize_t k = recv(fd, room + got, sizeof room - 1 - got, 0);
        if (k <= 0)
            return false;
        got += (size_t)k;
        room[got] = 0;
        const char *end = want ? NULL : strstr(room, "\r\n\r\n");
        const char *length = end ? strstr(room, "Content-Length: ") : NULL;
        if (end)
            want = (size_t)(end + 4 - room) + (length ? strtoul(length + 16, NULL, 10) : 0);
    }
    return room[9] == '2';
}

static size_t request_of(const Load *l, int64_t i, char *ret_text, size_t bytes) {
    static const struct {
        const char *path;
        size_t id; // of what is asked for, in a Load
    } reads[] = {
        {"/api/v1/reports?limit=20", 0},
        {"/api/v1/cases?limit=20", 0},
        {"/api/v1/orders?board=1&limit=20", 0},
        {"/api/v1/session", 0},
        {"/api/v1/reports/", offsetof(Load, report)},
        {"/api/v1/cases/", offsetof(Load, one)},
        {"/api/v1/orders/", offsetof(Load, order)},
        {"/api/v1/search?q=case", 0},
    };
    size_t which = (size_t)i % COUNT_OF(reads);
    char path[128];
    snprintf(path, sizeof path, "%s%s", reads[which].path,
             reads[which].id ? (const char *)l + reads[which].id : "");
    static const char body[] = "{\"currency\":\"THB\",\"loss\":\"500.00\",\"story\":\"A man "
                               "called.\",\"victim\":\"Somchai\"}";
    int n = l->writes
                ? snprintf(ret_text, bytes,
                           "POST /api/v1/reports HTTP/1.1\r\nHost: localhost\r\nAuthorization: "
                           "Bearer %s\r\nIdempotency-Key: b%d-%lld-%lld\r\nContent-Type: "
                           "application/json\r\nContent-Length: %zu\r\n\r\n%s",
                           l->token, l->index, (long long)l->start_us, (long long)i,
                           sizeof body - 1, body)
                : snprintf(ret_text, bytes,
                           "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n",
                           path, l->token);
    return (size_t)n;
}

static void *run(void *self) {
    Load *l = self;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(l->port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    void *any = &a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT(fd >= 0 && connect(fd, any, sizeof a) == 0);
    for (int64_t i = 0; i < l->count; i++) {
        char text[1024];
        int64_t due = l->start_us + i * l->every_us;
        size_t n = request_of(l, i + l->index, text, sizeof text);
        until_us(due);
        l->bad += !ask(fd, text, n);
        l->took_us[i] = clock_monotonic_us() - due;
    }
    close(fd);
    return NULL;
}

static int by_size(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

// One run; the p99 of the reads in µs.
static int64_t measure(Load *loads, int64_t *all) {
    int64_t start = clock_monotonic_us() + 100000, n[2] = {0, 0}, bad = 0, p99 = 0;
    int64_t *at[2] = {all, all + READS_S * SECONDS + READERS};
    for (int i = 0; i < READERS + WRITERS; i++) {
        Load *l = &loads[i];
        int64_t many = l->writes ? WRITERS : READERS, rate = l->writes ? WRITES_S : READS_S;
        l->every_us = 1000000 * many / rate;
        l->count = rate * SECONDS / many;
        l->start_us = start + l->every_us * l->index / many;
        l->bad = 0;
        ASSERT(pthread_create(&l->thread, NULL, run, l) == 0);
    }
    for (int i = 0; i < READERS + WRITERS; i++) {
        pthread_join(loads[i].thread, NULL);
        int k = loads[i].writes;
        memcpy(at[k] + n[k], loads[i].took_us, (size_t)loads[i].count * sizeof *all);
        n[k] += loads[i].count;
        bad += loads[i].bad;
    }
    for (int k = 0; k < 2; k++) {
        qsort(at[k], (size_t)n[k], sizeof *all, by_size);
        printf("%s %lld: p50 %.2f ms, p99 %.2f ms, most %.2f ms%s", k ? "writes" : "reads",
               (long long)n[k], (double)at[k][n[k] / 2] / 1e3, (double)at[k][n[k] * 99 / 100] / 1e3,
               (double)at[k][n[k] - 1] / 1e3, k ? "" : "; ");
        p99 = k ? p99 : at[k][n[k] * 99 / 100];
    }
    printf("; not answered well: %lld\n", (long long)bad);
    return p99;
}

static int remove_one(const char *path, const struct stat *s, int kind, struct FTW *where) {
    (void)s;
    (void)kind;
    (void)where;
    return remove(path);
}

// 500 reports with victims, 50 cases, 20 orders; a token.
static Err prepare(Ctx *c, DeskNode *node, Load *loads, uint16_t port) {
    Desk desk;
    DeskReport report;
    DeskCase one = {0};
    DeskProposed proposed = {0};
    char token[DESK_TOKEN_TEXT_BYTES];
    TRY(desk_as(c, node, (Str){0}, &desk));
    for (int i = 0; i < 500; i++) {
        Str account = {0};
        if (i % 25 == 0)
            TRY(str_format(c, &account, "TH/004/%010d", 1000000000 + i));
        DeskReportDraft draft = {.loss = STR("1000.00"),
                                 .currency = STR("THB"),
                                 .victim = STR("Somchai"),
                                 .story = STR("A man called."),
                                 .accounts = account};
        TRY(desk_report_add(c, &desk, &draft, &report));
        DeskPropose ask = {.report = report.id, .rule = TRACE_FIFO};
        if (account.n)
            TRY(desk_order_propose(c, &desk, &ask, &proposed));
        if (i % 10 == 0)
            TRY(desk_case_new(c, &desk, STR("case"), &one));
    }
    if (proposed.created_count == 0)
        return fail(c, E_INVALID, "no order was proposed");
    TRY(desk_token_add(c, &desk, STR("bench"), (Str){0}, 1, token));
    for (int i = 0; i < READERS + WRITERS; i++) {
        Load *l = &loads[i];
        l->port = port;
        l->writes = i >= READERS;
        l->index = l->writes ? i - READERS : i;
        memcpy(l->token, token, sizeof token);
        snprintf(l->report, sizeof l->report, STR_FMT, STR_ARG(report.id));
        snprintf(l->order, sizeof l->order, STR_FMT, STR_ARG(proposed.created[0].id));
        snprintf(l->one, sizeof l->one, STR_FMT, STR_ARG(one.id));
        l->took_us = mem_alloc_zero(READS_S * SECONDS, sizeof *l->took_us);
        if (!l->took_us)
            return fail(c, E_MEMORY, "no memory");
    }
    return OK;
}

static Err bench(Ctx *c, const char *dir) {
    static Load loads[READERS + WRITERS];
    AUTO(DeskNodePtr) node = NULL;
    WebServer *server = NULL;
    DeskSecrets secrets;
    Str path;
    int64_t p99[RUNS], port = 0;
    TRY(crypto_init(c));
    TRY(str_format(c, &path, "%s/node", dir));
    DeskEnv env = {
        .clock = clock_system(), .random = crypto_random_system(), .cost = crypto_cost_least()};
    DeskInit init = {.dir = path,
                     .agency = STR("bench"),
                     .name = STR("Bench"),
                     .country = STR("TH"),
                     .kind = STR("centre"),
                     .timezone = STR("Asia/Bangkok")};
    TRY(desk_init(c, &env, &init, &secrets));
    TRY(desk_open(c, &env, path, &node));
    WebConfig config = {.node = node,
                        .listen = STR("127.0.0.1:0"),
                        .version = "bench",
                        .limits = {.user_per_s = 100000, .user_burst = 100000}};
    TRY(web_open(c, &config, &server));
    ASSERT(str_to_i64(str_of(strrchr(web_url(server), ':') + 1), &port));
    TRY(prepare(c, node, loads, (uint16_t)port));
    int64_t *all = mem_alloc_zero((READS_S + WRITES_S) * SECONDS + 2 * READERS, sizeof *all);
    ASSERT(all);
    for (int i = 0; i < RUNS; i++)
        p99[i] = measure(loads, all);
    qsort(p99, RUNS, sizeof p99[0], by_size);
    printf("api reads: p99 %.2f ms, median of %d runs (target 5)\n", (double)p99[RUNS / 2] / 1e3,
           RUNS);
    mem_free(all);
    for (int i = 0; i < READERS + WRITERS; i++)
        mem_free(loads[i].took_us);
    web_close(server);
    return OK;
}

int main(void) {
    AUTO(Ctx) c;
    char dir[] = "/tmp/moei-bench-XXXXXX";
    ctx_init(&c);
    log_level_set(LOG_ERROR);
    if (!mkdtemp(dir))
        return 1;
    Err e = bench(&c, dir);
    if (e != OK)
        fprintf(stderr, "%s: %s\n", err_name(e), c.error);
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return e != OK;
}
