#include "net.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

static void remove_all(Ctx *c, Str path) {
    Str *names;
    size_t n;
    if (dir_list(c, path, &names, &n) != OK)
        return;
    for (size_t i = 0; i < n; i++) {
        Str inside;
        if (str_format(c, &inside, STR_FMT "/" STR_FMT, STR_ARG(path), STR_ARG(names[i])) == OK &&
            unlink(inside.p) != 0)
            remove_all(c, inside);
    }
    (void)!rmdir(path.p);
}

// --- what failed
// ----------------------------------------------------------------------------------

void net_say(Net *net, const char *format, ...) {
    char line[4096];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    buf_format(&net->script, "%6.1f s  %s\n", (double)(net->now % NET_HOUR) / 1e6, line);
}

void net_fail(Net *net, const char *format, ...) {
    char words[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    printf("%.*s", STR_ARG(buf_view(&net->script)));
    printf("network of seed %llu, %d nodes: %s\n", (unsigned long long)net->seed, net->count,
           words);
    if (getenv("MOEI_KEEP"))
        printf("the nodes are left in %s\n", net->folder);
    else
        remove_all(&net->c, str_of(net->folder));
    fflush(stdout);
    _exit(1);
}

// --- nodes
// ----------------------------------------------------------------------------------------

static int64_t now_of(void *self) {
    NetNode *n = self;
    n->net->now += 20;
    return n->net->now + n->skew;
}

static void node_as(Net *net, NetNode *n) {
    net_ok(net, desk_as(&net->c, n->node, (Str){0}, &n->desk));
    net_ok(net, desk_unlock(&net->c, &n->desk, str_of(n->secrets.officer_password), &n->key));
}

bool net_far(const Net *net) {
    return net->seed % 5 == 3;
}

static void node_open(Net *net, int number) {
    static const char *const countries[] = {"TH", "MM", "KH", "LA", "CN", "MY", "VN", "SG"};
    static const char *const kinds[] = {"centre", "bank", "police", "operator", "fiu", "shelter"};
    NetNode *n = &net->nodes[number];
    n->net = net;
    n->number = number;
    char dir[sizeof n->dir];
    snprintf(n->name, sizeof n->name, "a%02d", number);
    snprintf(dir, sizeof dir, "%s/a%02d", net->folder, number);
    memcpy(n->dir, dir, sizeof dir);
    // In some, a clock that nobody looks after.
    int64_t most = net_far(net) ? 2 * 86400 : 90;
    n->skew = ((int64_t)rng_below(&net->rng, 2 * (uint64_t)most) - most) * 1000000;
    n->env =
        (DeskEnv){.clock = {now_of, n},
                  .random = crypto_random_seeded(&n->random, net->seed * 100 + (uint64_t)number),
                  .cost = crypto_cost_least()};
    DeskInit init = {.dir = str_of(n->dir),
                     .agency = str_of(n->name),
                     .name = str_of(n->name),
                     .country = str_of(countries[rng_below(&net->rng, COUNT_OF(countries))]),
                     .kind = str_of(kinds[rng_below(&net->rng, COUNT_OF(kinds))])};
    net_ok(net, desk_init(&net->c, &n->env, &init, &n->secrets));
    net_ok(net, desk_open(&net->c, &n->env, str_of(n->dir), &n->node));
    node_as(net, n);
    memcpy(n->hex, n->node->agency_id, sizeof n->hex);
    if (!hex_decode(str_of(n->hex), n->agency.b, sizeof n->agency.b))
        net_fail(net, "an agency id that is no hash");
}

void net_open(Net *net, uint64_t seed, int count) {
    memset(net, 0, sizeof *net);
    ctx_init(&net->c);
    ctx_init(&net->keep);
    net->seed = seed;
    rng_seed(&net->rng, seed);
    net->now = 1767250800000000; // 2026-01-01T07:00:00Z
    net_ok(net, crypto_init(&net->c));
    net_ok(net, json_reader_open(&net->c, &net->json));
    test_folder(net->folder, sizeof net->folder);
    for (int i = 0; i < count; i++) {
        net->count = i + 1;
        node_open(net, i);
    }
    net->flow.nodes = count;
    net_absorb(net);
}

void net_done(Net *net) {
    for (int i = 0; i < net->count; i++)
        desk_close(net->nodes[i].node);
    for (size_t i = 0; i < COUNT_OF(net->packets); i++)
        mem_free(net->packets[i].bytes);
    remove_all(&net->c, str_of(net->folder));
    mem_free(net->flow.items);
    mem_free(net->flow.said);
    json_reader_close(&net->json);
    buf_done(&net->script);
    buf_done(&net->plain);
    ctx_done(&net->keep);
    ctx_done(&net->c);
}

void net_restart(Net *net, NetNode *n) {
    desk_close(n->node);
    n->node = NULL;
    net_ok(net, desk_open(&net->c, &n->env, str_of(n->dir), &n->node));
    node_as(net, n);
    net->tally.restarts++;
}

static Str card_of(Net *net, NetNode *n) {
    AUTO(Buf) out = {0};
    const JsonValue *v;
    Str card;
    net_ok(net, desk_card_json(&net->c, &n->desk, &out));
    net_ok(net, json_read(&net->c, &net->json, buf_view(&out), &v));
    net_ok(net, json_get_str(&net->c, v, "card", &card));
    return card;
}

void net_confirm(Net *net, int a, int b, bool relay) {
    AUTO(Buf) out = {0};
    NetNode *n = &net->nodes[a];
    DeskPeerDraft draft = {
        .card = card_of(net, &net->nodes[b]), .name = str_of(net->nodes[b].name), .relay = relay};
    net_ok(net, desk_peer_add(&net->c, &n->desk, &draft, &out));
    net_say(net, "%s confirms %s%s", n->name, net->nodes[b].name, relay ? ", also as a relay" : "");
    net_absorb_node(net, n);
}

RecordId net_record(Net *net, int node, const DeskDraft *draft) {
    NetNode *n = &net->nodes[node];
    RecordId id;
    {
        AUTO(DeskWriting) w = {0};
        net_ok(net, desk_writing_begin(&net->c, n->node, &n->desk, &w));
        net_ok(net, desk_record_add(&net->c, &w, draft, &id));
    }
    desk_exchange_touch(n->node);
    net_absorb_node(net, n);
    return id;
}

// --- packets
// --------------------------------------------------------------------------------------

static bool chance(Net *net, unsigned thousandths) {
    return rng_below(&net->rng, 1000) < thousandths;
}

static void clocks(Net *net) {
    for (int i = 0; i < net->count; i++)
        net->flow.now[i] = net->now + net->nodes[i].skew;
}

static void packet_put(Net *net, int from, int to, Str message) {
    for (size_t i = 0; i < COUNT_OF(net->packets); i++) {
        NetPacket *p = &net->packets[i];
        if (p->bytes)
            continue;
        p->bytes = mem_alloc(message.n);
        if (!p->bytes)
            net_fail(net, "no memory");
        memcpy(p->bytes, message.p, message.n);
        p->n = message.n;
        p->from = from;
        p->to = to;
        p->due = net->now;
        if (chance(net, net->weather.late))
            p->due += (int64_t)rng_below(&net->rng, 5000000);
        if (chance(net, net->weather.cut)) {
            p->n = 1 + rng_below(&net->rng, p->n);
            p->damaged = true;
        }
        if (chance(net, net->weather.flipped)) {
            p->bytes[rng_below(&net->rng, p->n)] ^= (char)(1 << rng_below(&net->rng, 8));
            p->damaged = true;
        }
        net->in_flight++;
        return;
    }
    net->tally.lost++; // the queue is full
}

static void send(Net *net, int from, int to, Str message) {
    clocks(net);
    if (getenv("MOEI_TALK") && net_unpack(net, message))
        net_talk(net, from, to);
    net_check_packet(net, from, to, message);
    net->tally.sent++;
    if (chance(net, net->weather.lost)) {
        net->tally.lost++;
        return;
    }
    packet_put(net, from, to, message);
    if (chance(net, net->weather.doubled))
        packet_put(net, from, to, message);
}

// *ret_news: it says something.
static void make(Net *net, int from, int to, const DeskSyncAsk *ask, bool *ret_news) {
    AUTO(Buf) message = {0};
    NetNode *n = &net->nodes[from];
    bool full = chance(net, net->weather.full_disk);
    if (full)
        fault_plan_set(
            (FaultPlan){.write_nth = 1 + rng_below(&net->rng, 20), .write_errno = ENOSPC});
    Err e = desk_sync_make(&net->c, n->node, &net->nodes[to].agency, ask, &message, ret_news);
    fault_plan_set((FaultPlan){0});
    if (e != OK && e != E_DENIED && !full)
        net_fail(net, "%s cannot speak to %s: %s: %s", n->name, net->nodes[to].name, err_name(e),
                 net->c.error);
    net->tally.full += full && e != OK;
    net_absorb_node(net, n);
    if (e == OK)
        send(net, from, to, buf_view(&message));
    ctx_reset(&net->c);
}

// What this packet brought is known now, where the ledger holds it.
static void learn(Net *net, NetNode *n, Str message) {
    AUTO(DeskReading) r = {0};
    if (!net_unpack(net, message))
        return;
    net_ok(net, desk_reading_machine(&net->c, n->node, &r));
    Str plain = buf_view(&net->plain);
    for (size_t at = 0; at + 5 <= plain.n;) {
        size_t bytes = load_u32le(plain.p + at + 1);
        Str envelope = {plain.p + at + 46, bytes > 41 ? bytes - 41 : 0};
        if (plain.p[at] == 5 && envelope.n > 0) {
            Record record;
            LedgerPlace place;
            LedgerItem item;
            Err e = record_parse(&net->c, &net->json, envelope, &record);
            if (e == OK)
                e = ledger_find(&net->c, r.slot->ledger, record.id, &place);
            if (e == OK)
                e = ledger_get(&net->c, r.slot->ledger, place, &item);
            for (size_t i = 0; e == OK && item.state == LEDGER_HELD && i < net->flow.count; i++)
                if (record_id_eq(net->flow.items[i].id, record.id)) {
                    net->flow.items[i].know |= 1U << n->number;
                    net->flow.items[i].had |= 1U << n->number;
                }
        }
        at += 5 + bytes;
    }
}

static void deliver(Net *net, NetPacket *p) {
    NetNode *n = &net->nodes[p->to];
    DeskSyncTaken taken = {0};
    Str message = {p->bytes, p->n};
    if (chance(net, net->weather.restart))
        net_restart(net, n);
    bool full = chance(net, net->weather.full_disk);
    if (full)
        fault_plan_set(
            (FaultPlan){.write_nth = 1 + rng_below(&net->rng, 30), .write_errno = ENOSPC});
    Err e = desk_sync_take(&net->c, n->node, &net->nodes[p->from].agency, message, &taken);
    fault_plan_set((FaultPlan){0});
    net->tally.full += full && e != OK;
    if (getenv("MOEI_TALK"))
        net_say(net, "%s takes of %s: %s %s fresh %llu known %llu gap %lld", n->name,
                net->nodes[p->from].name, err_name(e), e ? net->c.error : "",
                (unsigned long long)taken.fresh, (unsigned long long)taken.known,
                (long long)taken.gap_at);
    if (e != OK && e != E_DENIED && !full && !p->damaged)
        net_fail(net, "%s does not take what %s says: %s: %s", n->name, net->nodes[p->from].name,
                 err_name(e), net->c.error);
    net_absorb_node(net, n);
    // Also after an error: what was committed is kept, though the picture could not follow.
    learn(net, n, message);
    net->brought = net->brought || (e == OK && net_brings(net));
    if (e == OK)
        net_heard(net, p->to, p->from);
    ctx_reset(&net->c);
    int from = p->from, to = p->to;
    mem_free(p->bytes);
    *p = (NetPacket){0};
    net->in_flight--;
    bool news;
    if (e == OK && taken.wants_answer)
        make(net, to, from, &(DeskSyncAsk){.bytes_max = taken.answer_max}, &news);
}

static void deliver_due(Net *net) {
    // In any order: what is due is picked from a place of its own.
    size_t begin = rng_below(&net->rng, COUNT_OF(net->packets));
    for (size_t i = 0; i < COUNT_OF(net->packets); i++) {
        NetPacket *p = &net->packets[(begin + i) % COUNT_OF(net->packets)];
        if (p->bytes && p->due <= net->now)
            deliver(net, p);
    }
}

static void tick(Net *net, NetNode *n) {
    int64_t next;
    Err e = desk_exchange_tick(&net->c, n->node, &next);
    if (e != OK)
        net_fail(net, "%s: the clock brings %s: %s", n->name, err_name(e), net->c.error);
    net_absorb_node(net, n);
    ctx_reset(&net->c);
}

// One node looks at its links. *ret_said: it had something to say.
static void call_all(Net *net, NetNode *n, unsigned idle, bool *ret_said) {
    AUTO(Ctx) c;
    ctx_init(&c);
    const DeskLink *links;
    size_t count;
    if (desk_link_list(&c, n->node, &links, &count) != OK)
        net_fail(net, "%s: its links: %s", n->name, c.error);
    for (size_t i = 0; i < count; i++) {
        AUTO(Buf) hex = {0};
        buf_hex(&hex, links[i].agency.b, sizeof links[i].agency.b);
        int to = net_node_of(net, buf_view(&hex));
        if (to < 0 || links[i].stopped ||
            (!desk_sync_waits(n->node, &links[i].agency) && !chance(net, idle)))
            continue;
        bool news = false;
        static const uint32_t sizes[] = {SYNC_MESSAGE_BYTES_MIN, 4 * SYNC_MESSAGE_BYTES_MIN, 0};
        DeskSyncAsk ask = {.bytes_max = sizes[rng_below(&net->rng, 3)],
                           .answer_max = SYNC_MESSAGE_BYTES_MIN,
                           .wants_answer = rng_below(&net->rng, 2)};
        make(net, n->number, to, &ask, &news);
        *ret_said |= news;
    }
}

void net_run(Net *net, int rounds) {
    for (int i = 0; i < rounds; i++) {
        bool said = false;
        net->now += (int64_t)rng_below(&net->rng, 400000);
        NetNode *n = &net->nodes[rng_below(&net->rng, (uint64_t)net->count)];
        if (rng_below(&net->rng, 2))
            tick(net, n);
        call_all(net, n, 100, &said);
        deliver_due(net);
    }
}

void net_settle(Net *net) {
    net->weather = (NetWeather){0};
    int quiet = 0;
    // Longer than it takes until what was lost is asked for again.
    for (int round = 0; quiet < 4; round++) {
        bool said = false;
        net->brought = false;
        if (round > 200)
            net_fail(net, "the network does not come to rest");
        net->now += 15000000; // what was late has come
        for (int i = 0; i < net->count; i++)
            tick(net, &net->nodes[i]);
        size_t before = net->flow.count;
        for (int i = 0; i < net->count; i++)
            call_all(net, &net->nodes[i], 1000, &said);
        while (net->in_flight > 0)
            deliver_due(net); // answers, too
        quiet = net->brought || net->flow.count != before ? 0 : quiet + 1;
    }
}

// --- many networks
// --------------------------------------------------------------------------------

static bool run_share(uint64_t first, size_t count, size_t step,
                      void (*one)(uint64_t seed, NetTally *tally)) {
    NetTally t = {0};
    bool lied = true;
    for (size_t i = 0; i < count; i += step)
        one(first + i, &t);
    printf("%zu networks: %zu records, %zu copies of objects at others, %zu of them through a "
           "third; %zu let go, %zu raced; %zu messages, %zu lost, %zu restarts, %zu full disks\n",
           t.networks, t.records, t.abroad, t.relayed, t.gone, t.raced, t.sent, t.lost, t.restarts,
           t.full);
    printf("%zu networks whose clocks differ by days; %zu leaves mirrored\n", t.far, t.mirrored);
    printf("frames:");
    for (int i = 0; i < 256; i++)
        if (t.frames[i] > 0)
            printf(" %s %zu", frames_name((Frame)i), t.frames[i]);
    printf("; lies:");
    for (int i = 0; i < NET_LIES; i++)
        printf(" %zu", t.lies[i]);
    printf("\n");
    for (int i = 0; i < NET_LIES; i++)
        lied = lied && t.lies[i] > 0;
    return t.networks < 10 ||
           (lied && t.relayed > 0 && t.gone > 0 && t.lost > 0 && t.restarts > 0 && t.full > 0 &&
            t.far > 0 && t.mirrored > 0 && t.abroad > 10 * t.networks);
}

bool net_each_seed(uint64_t first, size_t count, void (*one)(uint64_t seed, NetTally *tally)) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t children = cores < 1 ? 1 : cores > 16 ? 16 : (size_t)cores;
    pid_t pids[16];
    bool good = true;
    if (children > count)
        children = count;
    fflush(stdout);
    fflush(stderr);
    for (size_t i = 0; i < children; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            exit(run_share(first + i, count - i, children, one) ? 0 : 1);
        good = good && pids[i] > 0;
    }
    for (size_t i = 0; i < children; i++) {
        int status = 1;
        if (pids[i] > 0 && waitpid(pids[i], &status, 0) != pids[i])
            good = false;
        good = good && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }
    return good;
}
