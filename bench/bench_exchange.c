// A backlog goes from one node to another in one process: records a second, bytes a record, memory,
// and what "nothing new" costs beside logs of 10^3 to 10^5 records (FULL=1: to 10^6).
// Usage: bench_exchange [records]
//        bench_exchange nothing RECORDS   only "nothing new", beside a log and a journal of so many
//                                         records that say nothing; 10 minutes at the most
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "desk/exchange_priv.h"

#define GROUP LEDGER_GROUP_RECORDS_MAX
#define NOTHING_ROUNDS 2000
#define NOTHING_FILL_US (600 * 1000000LL)

typedef struct Side {
    Ctx c;
    char dir[96];
    CryptoRandomSeeded random;
    DeskEnv env;
    DeskNode *node;
    Desk desk;
    CryptoSignKey key;
    CryptoHash agency;
} Side;

static void done(Ctx *c, Err e, const char *what) {
    if (e == OK)
        return;
    fprintf(stderr, "bench_exchange: %s: %s: %s\n", what, err_name(e), c->error);
    exit(3);
}

static void side_open(Side *s, const char *folder, const char *name, uint64_t seed) {
    DeskSecrets secrets;
    ctx_init(&s->c);
    done(&s->c, crypto_init(&s->c), "crypto");
    snprintf(s->dir, sizeof s->dir, "%s/%s", folder, name);
    s->env = (DeskEnv){.clock = clock_system(),
                       .random = crypto_random_seeded(&s->random, seed),
                       .cost = crypto_cost_least()};
    DeskInit init = {.dir = str_of(s->dir),
                     .agency = str_of(name),
                     .name = str_of(name),
                     .country = STR("TH"),
                     .kind = STR("centre")};
    done(&s->c, desk_init(&s->c, &s->env, &init, &secrets), "init");
    done(&s->c, desk_open(&s->c, &s->env, str_of(s->dir), &s->node), "open");
    done(&s->c, desk_as(&s->c, s->node, (Str){0}, &s->desk), "as");
    done(&s->c, desk_unlock(&s->c, &s->desk, str_of(secrets.officer_password), &s->key), "unlock");
    (void)desk_unhex(str_of(s->node->agency_id), &s->agency);
}

static RecordId add(Side *s, const DeskDraft *draft) {
    RecordId id;
    AUTO(DeskWriting) w = {0};
    done(&s->c, desk_writing_begin(&s->c, s->node, &s->desk, &w), "writing");
    done(&s->c, desk_record_add(&s->c, &w, draft, &id), "record");
    return id;
}

static void confirm(Side *s, Side *other) {
    SyncCard card = {.agency = other->agency, .link_key = other->node->exchange->link_public};
    LedgerItem genesis;
    Str body;
    AUTO(DeskReading) r = {0};
    done(&s->c, desk_reading_machine(&s->c, other->node, &r), "reading");
    done(&s->c, ledger_get(&s->c, r.slot->ledger, (LedgerPlace){0, 0}, &genesis), "genesis");
    card.genesis = genesis.envelope;
    memcpy(card.salt, genesis.salt, sizeof card.salt);
    done(&s->c,
         str_format(&s->c, &body,
                    "{\"address\":null,\"agency\":\"%s\",\"institutions\":[],\"name\":\"other\","
                    "\"reason\":null,\"relay\":false,\"state\":\"confirmed\"}",
                    other->node->agency_id),
         "body");
    DeskDraft draft = {.kind = RECORD_PEER, .body = body};
    AUTO(DeskWriting) w = {0};
    done(&s->c, desk_writing_begin(&s->c, s->node, &s->desk, &w), "writing");
    done(&s->c, desk_group_begin(&s->c, &w), "begin");
    done(&s->c, desk_exchange_meet(&s->c, &w, &card), "meet");
    done(&s->c, desk_group_add(&s->c, &w, &draft, NULL), "peer");
    done(&s->c, desk_group_commit(&s->c, &w), "commit");
}

static RecordMark mark_of(Side *a, Side *b, Str *to) {
    Str one = str_of(a->node->agency_id), two = str_of(b->node->agency_id);
    bool first = str_cmp(one, two) < 0;
    to[0] = first ? one : two;
    to[1] = first ? two : one;
    RecordMark m = record_mark_default();
    m.to = to;
    m.to_count = 2;
    return m;
}

static void accord(Side *a, Side *b) {
    Str names[2], body;
    RecordMark m = mark_of(a, b, names);
    done(
        &a->c,
        str_format(&a->c, &body,
                   "{\"begins_at\":\"2020-01-01T00:00:00.000000Z\",\"ends_at\":null,\"kinds\":[\"*"
                   "\"],\"mark\":{\"days\":0,\"handling\":\"H0\",\"pap\":\"AMBER\",\"tlp\":"
                   "\"AMBER\"},\"members\":[{\"agency\":\"%s\",\"law\":\"a law\",\"mirror\":false},"
                   "{\"agency\":\"%s\",\"law\":\"a law\",\"mirror\":false}],\"name\":\"both\","
                   "\"purposes\":[],\"title\":\"Both\"}",
                   a->node->agency_id, b->node->agency_id),
        "accord");
    DeskDraft draft = {.kind = RECORD_ACCORD, .mark = &m, .body = body};
    RecordId id = add(a, &draft);
    DeskDraft sign = {.kind = RECORD_ACCORD_SIGN,
                      .has_of = true,
                      .of = id,
                      .mark = &m,
                      .body = STR("{\"note\":null,\"signed\":true}")};
    add(a, &sign);
    add(b, &sign);
}

static void backlog(Side *a, Side *b, size_t records) {
    Str names[2];
    RecordMark m = mark_of(a, b, names);
    char body[1024];
    AUTO(DeskWriting) w = {0};
    done(&a->c, desk_writing_begin(&a->c, a->node, &a->desk, &w), "writing");
    for (size_t i = 0; i < records; i++) {
        if (i % GROUP == 0)
            done(&a->c, desk_group_begin(&a->c, &w), "begin");
        int n = snprintf(
            body, sizeof body,
            "{\"accounts\":[{\"account\":\"%010zu\",\"country\":\"TH\",\"institution\":\"004\"}],"
            "\"channel\":\"phone\",\"country\":\"TH\",\"currency\":\"THB\",\"happened_at\":null,"
            "\"loss\":%zu,\"phones\":[\"+66812345678\"],\"report\":\"R-%zu\",\"reported_at\":"
            "\"2026-11-22T08:10:00.000000Z\",\"row\":\"%064zu\",\"transfers\":[\"T%zu\"],\"urls\":"
            "[]}",
            i * 7919 % 9999999999, i % 100000, i, i, i);
        DeskDraft draft = {.kind = RECORD_REPORT, .mark = &m, .body = {body, (size_t)n}};
        done(&a->c, desk_group_add(&a->c, &w, &draft, NULL), "report");
        if ((i + 1) % GROUP == 0 || i + 1 == records)
            done(&a->c, desk_group_commit(&a->c, &w), "commit");
        ctx_reset(&a->c);
    }
}

// --- carrying -----------------------------------------------------------------------------------

typedef struct Pipe {
    Side *a, *b;
    uint64_t bytes, fresh, messages;
    int64_t make_us, take_us, make_cpu, take_cpu;
    bool brief; // the last message brought records: its answer only acknowledges
} Pipe;

// What the work itself costs, also on a machine that is busy with other things.
static int64_t cpu_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static bool there(Pipe *p, Side *from, Side *to) {
    AUTO(Buf) message = {0};
    DeskSyncAsk ask = {.brief = p->brief};
    DeskSyncTaken taken;
    bool news;
    int64_t t = clock_monotonic_us(), cpu = cpu_us();
    done(&from->c, desk_sync_make(&from->c, from->node, &to->agency, &ask, &message, &news),
         "make");
    int64_t u = clock_monotonic_us(), then = cpu_us();
    done(&to->c, desk_sync_take(&to->c, to->node, &from->agency, buf_view(&message), &taken),
         "take");
    p->make_us += u - t;
    p->take_us += clock_monotonic_us() - u;
    p->make_cpu += then - cpu;
    p->take_cpu += cpu_us() - then;
    p->bytes += message.n;
    p->fresh += taken.fresh;
    p->messages++;
    p->brief = taken.fresh > 0;
    ctx_reset(&from->c);
    ctx_reset(&to->c);
    return news;
}

static void carry(Pipe *p) {
    bool news = true;
    while (news) {
        news = there(p, p->a, p->b);
        news |= there(p, p->b, p->a);
    }
}

// The clock of a server: it folds what came while the other side makes its next message.
typedef struct Ticker {
    DeskNode *node;
    atomic_bool over;
} Ticker;

static void *ticker(void *self) {
    Ticker *t = self;
    AUTO(Ctx) c;
    ctx_init(&c);
    uint64_t seen = desk_news_count(t->node);
    while (!atomic_load(&t->over)) {
        int64_t next;
        seen = desk_news_wait(t->node, seen, 50);
        done(&c, desk_exchange_tick(&c, t->node, &next), "tick");
        ctx_reset(&c);
    }
    return NULL;
}

// What a message and a tick take with nothing new: on the clock, and of a core, which says the same
// on a machine that does other things beside.
typedef struct Cost {
    double us, core_us;
} Cost;

static Cost nothing_new(Side *a, Side *b) {
    Pipe p = {.a = a, .b = b};
    int64_t next;
    carry(&p);
    int64_t t = clock_monotonic_us(), cpu = cpu_us();
    for (int i = 0; i < NOTHING_ROUNDS; i++) {
        done(&a->c, desk_exchange_tick(&a->c, a->node, &next), "tick");
        there(&p, a, b);
        there(&p, b, a);
    }
    return (Cost){(double)(clock_monotonic_us() - t) / NOTHING_ROUNDS / 3,
                  (double)(cpu_us() - cpu) / NOTHING_ROUNDS / 3};
}

static void pair_open(Side *a, Side *b, const char *folder) {
    side_open(a, folder, "one", 1);
    side_open(b, folder, "two", 2);
    confirm(a, b);
    confirm(b, a);
    Pipe p = {.a = a, .b = b};
    carry(&p);
    accord(a, b);
    carry(&p);
}

static void pair_close(Side *a, Side *b) {
    desk_close(a->node);
    desk_close(b->node);
    ctx_done(&a->c);
    ctx_done(&b->c);
}

// Returns what "nothing new" costs behind it.
static Cost one_size(const char *folder, int64_t records) {
    static Side a, b;
    pair_open(&a, &b, folder);
    backlog(&a, &b, (size_t)records);
    Pipe p = {.a = &a, .b = &b};
    Ticker clock = {.node = b.node};
    pthread_t thread;
    int64_t next, t = clock_monotonic_us();
    if (pthread_create(&thread, NULL, ticker, &clock) != 0)
        exit(3);
    carry(&p);
    done(&b.c, desk_exchange_tick(&b.c, b.node, &next), "tick");
    double s = (double)(clock_monotonic_us() - t) / 1e6;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%lld records: %.1f s, %.0f records/s, %.0f bytes a record, %llu messages (make %.1f s, "
           "of CPU %.1f; take %.1f s, of CPU %.1f), %ld MiB for both nodes at the most\n",
           (long long)records, s, (double)p.fresh / s, (double)p.bytes / (double)p.fresh,
           (unsigned long long)p.messages, (double)p.make_us / 1e6, (double)p.make_cpu / 1e6,
           (double)p.take_us / 1e6, (double)p.take_cpu / 1e6, usage.ru_maxrss / 1024);
    atomic_store(&clock.over, true);
    pthread_join(thread, NULL);
    Cost cost = nothing_new(&a, &b);
    printf("nothing new beside %lld records: %.0f us a message and tick, of a core %.0f\n",
           (long long)records, cost.us, cost.core_us);
    pair_close(&a, &b);
    return cost;
}

// --- "nothing new" beside a log that is too long to be made of records --------------------------

// One group of leaves that say nothing, and their places in the journal of the peer.
static void fill_group(Side *a, JournalPeer *j, size_t n) {
    int64_t places[GROUP];
    Ledger *l = a->node->ledger;
    done(&a->c, ledger_begin(&a->c, l), "begin");
    for (size_t i = 0; i < n; i++) {
        char text[256], at[TIME_TEXT_BYTES], id_text[RECORD_ID_TEXT_BYTES];
        LedgerPlace place;
        int64_t at_us = ledger_next_at(l, LEDGER_MAIN, clock_now(a->env.clock));
        RecordId id = record_id_new(at_us, a->env.random);
        time_format_record(at_us, at);
        record_id_text(id, id_text);
        int len =
            snprintf(text, sizeof text, "{\"record\":{\"at\":\"%s\",\"id\":\"%s\"}}", at, id_text);
        LedgerEntry entry = {{text, (size_t)len}, id, at_us};
        done(&a->c, ledger_append(&a->c, l, LEDGER_MAIN, &entry, &place), "append");
        places[i] = ledger_place_key(place);
    }
    done(&a->c, journal_add(&a->c, ledger_db(l), j, places, n), "journal");
    done(&a->c, journal_peer_save(&a->c, ledger_db(l), j), "row");
    done(&a->c, ledger_commit(&a->c, l), "commit");
    ctx_reset(&a->c);
}

// Both count the journal as taken.
static void fill(Side *a, Side *b, int64_t records) {
    DeskPeer of_a, of_b;
    int64_t begun = clock_monotonic_us(), n = 0;
    done(&a->c, desk_exchange_peer(&a->c, a->node, &b->agency, &of_a), "peer");
    done(&b->c, desk_exchange_peer(&b->c, b->node, &a->agency, &of_b), "peer");
    while (n < records && clock_monotonic_us() - begun < NOTHING_FILL_US) {
        fill_group(a, &of_a.j, GROUP);
        n += GROUP;
    }
    of_a.j.told = of_b.j.taken = of_b.j.ends = of_a.j.entries;
    desk_exchange_publish(a->node, &of_a);
    desk_exchange_publish(b->node, &of_b);
    printf("a log and a journal of %lld leaves in %.0f s\n", (long long)n,
           (double)(clock_monotonic_us() - begun) / 1e6);
}

static void nothing(const char *folder, int64_t records) {
    static Side a, b;
    pair_open(&a, &b, folder);
    Cost few = nothing_new(&a, &b);
    fill(&a, &b, records);
    Cost many = nothing_new(&a, &b);
    printf("nothing new: %.0f us a message and tick beside a few records, %.0f beside these; of a "
           "core %.0f and %.0f: x%.2f (aim: it does not grow)\n",
           few.us, many.us, few.core_us, many.core_us, many.core_us / few.core_us);
    pair_close(&a, &b);
}

// --- all ----------------------------------------------------------------------------------------

static void sizes(const char *folder, int64_t most) {
    double first = 0, last = 0;
    for (int64_t n = 1000; n <= most; n *= 10) {
        char each[96];
        snprintf(each, sizeof each, "%s/%lld", folder, (long long)n);
        if (mkdir(each, 0700) != 0)
            exit(3);
        last = one_size(each, n).core_us;
        first = first > 0 ? first : last;
    }
    printf("nothing new: x%.2f from 10^3 to the longest log (aim: it does not grow)\n",
           last / first);
}

int main(int argc, char **argv) {
    int64_t records = getenv("FULL") && *getenv("FULL") ? 1000000 : 100000;
    bool only_nothing = argc == 3 && strcmp(argv[1], "nothing") == 0;
    if (argc > 1 && (!str_to_i64(str_of(argv[argc - 1]), &records) || records < 1 ||
                     (argc > 2 && !only_nothing)))
        return 2;
    // TMPDIR in memory fills the log of `nothing` in a tenth of the time.
    const char *parent = getenv("TMPDIR");
    char folder[64], command[80];
    int n = snprintf(folder, sizeof folder, "%s/moei-bench-exchange-XXXXXX",
                     parent && *parent ? parent : "/tmp");
    if (n < 0 || (size_t)n >= sizeof folder || !mkdtemp(folder))
        return 3;
    if (only_nothing)
        nothing(folder, records);
    else if (argc > 1)
        one_size(folder, records);
    else
        sizes(folder, records);
    snprintf(command, sizeof command, "rm -r %s", folder);
    fflush(stdout);
    return execl("/bin/sh", "sh", "-c", command, (char *)NULL);
}
