// The listener for peers: who is answered, what is said to a message, and waiting for news.
#include "desk/exchange_priv.h"
#include "tls/tls.h"
#include "world.h"

#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

// Two nodes: `us` listens, `them` calls.
typedef struct Pair {
    World us, them;
    WebPeers *peers;
    uint16_t port;
    CryptoHash us_agency, them_agency;
    int polled; // peers that keep a request open
    pthread_mutex_t lock;
} Pair;

static void polled(void *self, const CryptoHash *agency, bool on) {
    Pair *p = self;
    (void)agency;
    pthread_mutex_lock(&p->lock);
    p->polled += on ? 1 : -1;
    pthread_mutex_unlock(&p->lock);
}

static int polled_now(Pair *p) {
    pthread_mutex_lock(&p->lock);
    int n = p->polled;
    pthread_mutex_unlock(&p->lock);
    return n;
}

// The officer of `a` confirms the card of `b`.
static void confirm(World *a, World *b, const char *name) {
    AUTO(Buf) card = {0};
    AUTO(Buf) out = {0};
    AUTO(JsonReader) reader = {0};
    const JsonValue *v;
    Desk officer;
    Str text;
    assert_ok(&b->c, desk_as(&b->c, b->node, STR("officer"), &officer));
    assert_ok(&b->c, desk_card_json(&b->c, &officer, &card));
    assert_ok(&a->c, json_reader_open(&a->c, &reader));
    assert_ok(&a->c, json_read(&a->c, &reader, buf_view(&card), &v));
    assert_ok(&a->c, json_get_str(&a->c, v, "card", &text));
    assert_ok(&a->c, desk_as(&a->c, a->node, STR("officer"), &officer));
    assert_ok(&a->c, desk_peer_add(&a->c, &officer,
                                   &(DeskPeerDraft){.card = text, .name = str_of(name)}, &out));
}

static void pair_open(Pair *p, bool confirmed) {
    DeskLinkIdentity identity;
    memset(p, 0, sizeof *p);
    pthread_mutex_init(&p->lock, NULL);
    world_open(&p->us, false, &world_wide);
    world_open(&p->them, false, &world_wide);
    assert_ok(&p->us.c, desk_link_identity(&p->us.c, p->us.node, &identity));
    p->us_agency = identity.agency;
    assert_ok(&p->them.c, desk_link_identity(&p->them.c, p->them.node, &identity));
    p->them_agency = identity.agency;
    if (confirmed) {
        confirm(&p->us, &p->them, "them");
        confirm(&p->them, &p->us, "us");
    }
    WebPeerConfig config = {
        .node = p->us.node, .listen = STR("127.0.0.1:0"), .on_polled = polled, .self = p};
    assert_ok(&p->us.c, web_peers_open(&p->us.c, &config, &p->peers));
    int64_t port;
    assert_true(str_to_i64(str_of(strrchr(web_peers_url(p->peers), ':') + 1), &port));
    p->port = (uint16_t)port;
}

static void pair_close(Pair *p) {
    web_peers_close(p->peers);
    world_close(&p->us);
    world_close(&p->them);
    pthread_mutex_destroy(&p->lock);
}

// --- a caller
// --------------------------------------------------------------------------------------

typedef struct Caller {
    Pair *p;
    World *as; // whose certificate; NULL: without one
    const char *priorities;
    const char *head; // with its empty line; "%zu" for the length of the body
    Str body;
    Buf out; // whole answer
    int status;
    bool connected;
} Caller;

static bool whole(const Buf *out) {
    Str s = buf_view(out);
    size_t at, length_at;
    int64_t length = 0;
    if (!str_find(s, STR("\r\n\r\n"), &at))
        return false;
    if (str_find(s, STR("Content-Length: "), &length_at)) {
        Str rest = {s.p + length_at + 16, s.n - length_at - 16}, number;
        str_split(&rest, '\r', &number);
        str_to_i64(number, &length);
    }
    return s.n - at - 4 >= (size_t)length;
}

static void talk(Caller *k, gnutls_session_t session) {
    AUTO(Buf) request = {0};
    char part[4096];
    char head[512];
    int64_t status = 0;
    const char *hole = strstr(k->head, "%zu");
    if (hole) {
        snprintf(head, sizeof head, "%.*s%zu%s", (int)(hole - k->head), k->head, k->body.n,
                 hole + 3);
        buf_text(&request, head);
    } else {
        buf_text(&request, k->head);
    }
    buf_str(&request, k->body);
    for (size_t sent = 0; sent < request.n;) {
        ssize_t n = gnutls_record_send(session, request.p + sent, request.n - sent);
        if (n <= 0)
            break;
        sent += (size_t)n;
    }
    while (!whole(&k->out)) {
        ssize_t n = gnutls_record_recv(session, part, sizeof part);
        if (n <= 0)
            break;
        buf_append(&k->out, part, (size_t)n);
    }
    if (k->out.n > 12 && str_to_i64((Str){k->out.p + 9, 3}, &status))
        k->status = (int)status;
}

static void *call(void *self) {
    Caller *k = self;
    AUTO(Ctx) c = {0};
    AUTO(TlsIdentity) id = {0};
    gnutls_certificate_credentials_t own;
    gnutls_session_t session;
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_port = htons(k->p->port)};
    void *any = &a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, any, sizeof a) != 0)
        fail_msg("cannot connect");
    gnutls_certificate_allocate_credentials(&own);
    if (k->as) {
        DeskLinkIdentity identity;
        assert_ok(&c, desk_link_identity(&c, k->as->node, &identity));
        assert_ok(&c, tls_identity_make(&c, &identity.link_key, &id));
        gnutls_datum_t crt = {(void *)id.certificate, (unsigned)strlen(id.certificate)};
        gnutls_datum_t key = {(void *)id.key, (unsigned)strlen(id.key)};
        gnutls_certificate_set_x509_key_mem(own, &crt, &key, GNUTLS_X509_FMT_PEM);
    }
    gnutls_init(&session, GNUTLS_CLIENT);
    gnutls_priority_set_direct(session, k->priorities ? k->priorities : TLS_PRIORITIES, NULL);
    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, own);
    gnutls_transport_set_int(session, fd);
    gnutls_handshake_set_timeout(session, 5000);
    int done;
    do
        done = gnutls_handshake(session);
    while (done < 0 && !gnutls_error_is_fatal(done));
    k->connected = done == 0;
    if (done == 0)
        talk(k, session);
    gnutls_deinit(session);
    gnutls_certificate_free_credentials(own);
    close(fd);
    return NULL;
}

#define POST(path)                                                                                 \
    "POST " path " HTTP/1.1\r\nHost: x\r\nContent-Type: application/vnd.moei.sync\r\n"             \
    "Content-Length: %zu\r\n\r\n"

static Str body_of(const Caller *k) {
    size_t at;
    Str s = buf_view(&k->out);
    if (!str_find(s, STR("\r\n\r\n"), &at))
        return (Str){0};
    return (Str){s.p + at + 4, s.n - at - 4};
}

// What `them` has to say to `us` now.
static void message_of(Pair *p, bool wants_answer, Buf *out) {
    bool news;
    DeskSyncAsk ask = {.wants_answer = wants_answer};
    assert_ok(&p->them.c,
              desk_sync_make(&p->them.c, p->them.node, &p->us_agency, &ask, out, &news));
}

// --- who is answered
// -------------------------------------------------------------------------------

static void test_strangers_get_no_word(void **state) {
    (void)state;
    Pair p;
    pair_open(&p, false);
    AUTO(Buf) nothing = {0};
    World *callers[] = {NULL, &p.them, &p.us};
    // What is no HTTP, and what the library that reads it would answer by itself.
    static const char *const heads[] = {POST("/sync/v1"),
                                        "hello\r\n\r\n",
                                        "\x16\x03\x01\r\n\r\n",
                                        "GET / HTTP/9.9\r\n\r\n",
                                        "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
                                        "GET / HTTP/1.1\r\n\r\n",
                                        "OPTIONS * HTTP/1.1\r\n\r\n"};
    for (size_t i = 0; i < COUNT_OF(callers) * COUNT_OF(heads); i++) {
        Caller k = {.p = &p,
                    .as = callers[i / COUNT_OF(heads)],
                    .head = heads[i % COUNT_OF(heads)],
                    .body = STR("x")};
        call(&k);
        assert_int_equal(k.status, 0);
        assert_int_equal(k.out.n, 0);
        buf_done(&k.out);
    }
    // One side alone has confirmed: still nobody.
    confirm(&p.them, &p.us, "us");
    Caller k = {.p = &p, .as = &p.them, .head = POST("/sync/v1"), .body = STR("x")};
    call(&k);
    assert_int_equal(k.out.n, 0);
    buf_done(&k.out);
    confirm(&p.us, &p.them, "them");
    k = (Caller){.p = &p,
                 .as = &p.them,
                 .head = POST("/sync/v1"),
                 .body = STR("x"),
                 .priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.2"};
    call(&k);
    assert_false(k.connected);
    buf_done(&k.out);
    pair_close(&p);
}

static void test_only_messages_are_taken(void **state) {
    (void)state;
    static const struct {
        const char *head;
        int status;
    } cases[] = {
        {"GET /sync/v1 HTTP/1.1\r\nHost: x\r\n\r\n", 405},
        {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 404},
        {"GET /log/checkpoint HTTP/1.1\r\nHost: x\r\n\r\n", 404},
        {POST("/sync/v2"), 404},
        {"POST /sync/v1 HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: "
         "%zu\r\n\r\n",
         415},
        {"POST /sync/v1 HTTP/1.1\r\nHost: x\r\nContent-Type: "
         "application/vnd.moei.sync\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         411},
        {"POST /sync/v1 HTTP/1.1\r\nHost: x\r\nContent-Type: "
         "application/vnd.moei.sync\r\nContent-Length: 1000000000\r\n\r\n",
         413},
        {POST("/sync/v1?wait=x"), 400},
        {POST("/sync/v1?wait=-1"), 400},
    };
    Pair p;
    pair_open(&p, true);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Caller k = {.p = &p, .as = &p.them, .head = cases[i].head};
        if (strstr(cases[i].head, "%zu"))
            k.body = STR("x");
        call(&k);
        if (k.status != cases[i].status)
            fail_msg("%.60s: %d", cases[i].head, k.status);
        assert_int_equal(body_of(&k).n, 0);
        buf_done(&k.out);
    }
    pair_close(&p);
}

static void test_a_message_is_answered(void **state) {
    (void)state;
    Pair p;
    pair_open(&p, true);
    AUTO(Buf) message = {0};
    DeskSyncTaken taken;
    message_of(&p, true, &message);
    Caller k = {.p = &p, .as = &p.them, .head = POST("/sync/v1"), .body = buf_view(&message)};
    call(&k);
    assert_int_equal(k.status, 200);
    assert_true(str_find(buf_view(&k.out), STR("application/vnd.moei.sync"), &(size_t){0}));
    assert_ok(&p.them.c, desk_sync_take(&p.them.c, p.them.node, &p.us_agency, body_of(&k), &taken));
    assert_int_equal(taken.refused_us, 0);
    buf_done(&k.out);

    // One that wants no answer gets none.
    buf_clear(&message);
    message_of(&p, false, &message);
    k = (Caller){.p = &p, .as = &p.them, .head = POST("/sync/v1"), .body = buf_view(&message)};
    call(&k);
    assert_int_equal(k.status, 204);
    buf_done(&k.out);

    // Noise is refused in words that are signed.
    k = (Caller){.p = &p, .as = &p.them, .head = POST("/sync/v1"), .body = STR("noise")};
    call(&k);
    assert_int_equal(k.status, 200);
    assert_ok(&p.them.c, desk_sync_take(&p.them.c, p.them.node, &p.us_agency, body_of(&k), &taken));
    assert_int_equal(taken.refused_us, 4);
    buf_done(&k.out);
    pair_close(&p);
}

// --- recovery statements
// ---------------------------------------------------------------------------

#define BRING                                                                                      \
    "POST /recover/v1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/vnd.moei.recover\r\n"       \
    "Content-Length: %zu\r\n\r\n"

// The keys of `them` were stolen: the node goes on by its recovery key.
static void goes_on(Pair *p) {
    World *w = &p->them;
    DeskEnv env = {
        .clock = clock_system(), .random = crypto_random_system(), .cost = crypto_cost_least()};
    DeskRecoverAsk ask = {.recovery_key = str_of(w->secrets.recovery_key), .compromised = true};
    Str note, line, dir;
    assert_ok(&w->c, str_format(&w->c, &dir, "%s/node", w->dir));
    assert_ok(&w->c, desk_log_checkpoint(&w->c, w->node, &note));
    assert_true(str_split(&note, '\n', &line) && str_split(&note, '\n', &line));
    assert_true(str_to_i64(line, &ask.good_size));
    web_close(w->server);
    desk_close(w->node);
    w->server = NULL;
    w->node = NULL;
    assert_ok(&w->c, desk_recover_statement(&w->c, &env, dir, &ask));
    assert_ok(&w->c, desk_open(&w->c, &env, dir, &w->node));
}

static bool knows(Pair *p) {
    DeskLinkIdentity i;
    CryptoHash agency;
    assert_ok(&p->them.c, desk_link_identity(&p->them.c, p->them.node, &i));
    CryptoPublicKey key = crypto_sign_key_public(&i.link_key);
    return desk_link_peer(&p->us.c, p->us.node, &key, &agency) == OK;
}

static void no_word(Pair *p, const char *head, Str body) {
    Caller k = {.p = p, .as = &p->them, .head = head, .body = body};
    call(&k);
    assert_int_equal(k.out.n, 0);
    buf_done(&k.out);
}

static bool soon_known(Pair *p, int ms) {
    for (int i = 0; i < ms / 20 && !knows(p); i++)
        usleep(20000);
    return knows(p);
}

static void test_a_stranger_brings_a_statement(void **state) {
    (void)state;
    Pair p;
    pair_open(&p, true);
    AUTO(Buf) message = {0}, noise = {0};
    message_of(&p, true, &message);
    goes_on(&p);
    assert_false(knows(&p));
    Str statement = desk_statements_own(p.them.node);
    assert_true(statement.n > 0);
    // Anything else ends as before, the message of a peer too.
    no_word(&p, POST("/sync/v1"), buf_view(&message));
    no_word(&p, "GET /recover/v1 HTTP/1.1\r\nHost: x\r\n\r\n", (Str){0});
    no_word(&p, POST("/recover/v1"), statement); // of the type of messages
    while (noise.n <= WEB_PEER_OFFER_BYTES_MAX)
        buf_char(&noise, 'x');
    no_word(&p, BRING, buf_view(&noise));
    assert_false(soon_known(&p, 200));
    // So many from one address, and no more for a while.
    for (int i = 0; i < WEB_PEER_OFFERS_BURST; i++)
        no_word(&p, BRING, (Str){noise.p, statement.n - (size_t)i});
    no_word(&p, BRING, statement);
    assert_false(soon_known(&p, 300));
    usleep(1200000);
    no_word(&p, BRING, statement);
    assert_true(soon_known(&p, 5000));
    // Now it is a peer again: it is answered, and asked for nothing.
    buf_clear(&message);
    message_of(&p, true, &message);
    Caller k = {.p = &p, .as = &p.them, .head = POST("/sync/v1"), .body = buf_view(&message)};
    call(&k);
    assert_int_equal(k.status, 200);
    buf_done(&k.out);
    k = (Caller){.p = &p, .as = &p.them, .head = "GET /recover/v1 HTTP/1.1\r\nHost: x\r\n\r\n"};
    call(&k);
    assert_int_equal(k.status, 404); // we never lost anything
    buf_done(&k.out);
    pair_close(&p);
}

// A peer that finds another key asks, and is told by who was robbed; nobody else is.
static void test_statements_are_told(void **state) {
    (void)state;
    Pair p;
    int64_t port;
    WebPeers *theirs;
    pair_open(&p, true);
    goes_on(&p);
    WebPeerConfig config = {.node = p.them.node, .listen = STR("127.0.0.1:0")};
    assert_ok(&p.them.c, web_peers_open(&p.them.c, &config, &theirs));
    assert_true(str_to_i64(str_of(strrchr(web_peers_url(theirs), ':') + 1), &port));
    p.port = (uint16_t)port;
    Caller k = {.p = &p, .as = &p.us, .head = "GET /recover/v1 HTTP/1.1\r\nHost: x\r\n\r\n"};
    call(&k);
    assert_int_equal(k.status, 200);
    assert_true(str_eq(body_of(&k), desk_statements_own(p.them.node)));
    bool taken;
    assert_ok(&p.us.c,
              desk_statements_offer(&p.us.c, p.us.node, &p.them_agency, body_of(&k), &taken));
    assert_true(taken && knows(&p));
    buf_done(&k.out);
    web_peers_close(theirs);
    pair_close(&p);
}

// Who was revoked is told so, and learns nothing else.
static void test_revoked(void **state) {
    (void)state;
    Pair p;
    pair_open(&p, true);
    Desk officer;
    DeskSyncTaken taken;
    AUTO(Buf) message = {0}, out = {0};
    message_of(&p, true, &message);
    assert_ok(&p.us.c, desk_as(&p.us.c, p.us.node, STR("officer"), &officer));
    assert_ok(&p.us.c, desk_peer_revoke(&p.us.c, &officer, STR("them"), STR("it ended"), &out));
    Caller k = {.p = &p, .as = &p.them, .head = POST("/sync/v1"), .body = buf_view(&message)};
    call(&k);
    assert_int_equal(k.status, 200);
    assert_ok(&p.them.c, desk_sync_take(&p.them.c, p.them.node, &p.us_agency, body_of(&k), &taken));
    assert_int_equal(taken.refused_us, 1);
    assert_true(taken.fresh == 0 && taken.known == 0);
    buf_done(&k.out);
    k = (Caller){.p = &p, .as = &p.them, .head = "GET /recover/v1 HTTP/1.1\r\nHost: x\r\n\r\n"};
    call(&k);
    assert_int_equal(k.status, 404);
    buf_done(&k.out);
    pair_close(&p);
}

// --- waiting
// ---------------------------------------------------------------------------------------

// Goes on until nothing waits on either side, so that a request that comes then has to wait.
static void settle(Pair *p) {
    for (int i = 0; i < 20; i++) {
        AUTO(Buf) message = {0};
        DeskSyncTaken taken;
        int64_t next;
        assert_ok(&p->us.c, desk_exchange_tick(&p->us.c, p->us.node, &next));
        assert_ok(&p->them.c, desk_exchange_tick(&p->them.c, p->them.node, &next));
        message_of(p, true, &message);
        Caller k = {.p = p, .as = &p->them, .head = POST("/sync/v1"), .body = buf_view(&message)};
        call(&k);
        assert_int_equal(k.status, 200);
        assert_ok(&p->them.c,
                  desk_sync_take(&p->them.c, p->them.node, &p->us_agency, body_of(&k), &taken));
        buf_done(&k.out);
        if (!desk_sync_waits(p->us.node, &p->them_agency) &&
            !desk_sync_waits(p->them.node, &p->us_agency) && !taken.fresh)
            return;
    }
    fail_msg("the two do not come to rest");
}

static void wait_until_polled(Pair *p, int n) {
    for (int i = 0; i < 500 && polled_now(p) != n; i++)
        usleep(10000);
    assert_int_equal(polled_now(p), n);
}

// --- too much for one day
// ---------------------------------------------------------------------------------------

static void notice(World *w, const char *to) {
    AUTO(Buf) out = {0};
    Desk officer;
    int64_t next;
    Str name = str_of(to);
    DeskNoticeDraft draft = {.act = STR("alert"),
                             .to = &name,
                             .to_count = 1,
                             .title = STR("Look out"),
                             .text = STR("a new kind of call"),
                             .contact = STR("the desk")};
    assert_ok(&w->c, desk_as(&w->c, w->node, STR("officer"), &officer));
    assert_ok(&w->c, desk_notice_new(&w->c, &officer, &draft, &out));
    assert_ok(&w->c, desk_exchange_tick(&w->c, w->node, &next));
}

static void use_up(World *w) {
    JournalPeer *j = &w->node->exchange->peers[0].j;
    j->day = time_day(desk_now(w->node));
    j->records = SYNC_QUOTA_RECORDS_DAY;
}

// One call of `them`; how long it took, in ms.
static int64_t exchange(Pair *p, bool bare, const char *head, DeskSyncTaken *ret_taken) {
    AUTO(Buf) message = {0};
    DeskSyncAsk ask = {.wants_answer = true, .bare = bare};
    World *w = &p->them;
    bool news;
    assert_ok(&w->c, desk_sync_make(&w->c, w->node, &p->us_agency, &ask, &message, &news));
    Caller k = {.p = p, .as = w, .head = head, .body = buf_view(&message)};
    int64_t begun = clock_monotonic_us();
    call(&k);
    int64_t took = (clock_monotonic_us() - begun) / 1000;
    assert_int_equal(k.status, 200);
    assert_ok(&w->c, desk_sync_take(&w->c, w->node, &p->us_agency, body_of(&k), ret_taken));
    buf_done(&k.out);
    return took;
}

// Who sent too many records is answered at once with our news, and with nothing in a circle.
static void test_too_much_is_answered(void **state) {
    (void)state;
    Pair p;
    DeskSyncTaken taken;
    pair_open(&p, true);
    settle(&p);
    notice(&p.them, "us");
    notice(&p.us, "them");
    use_up(&p.us);
    (void)exchange(&p, false, POST("/sync/v1?wait=25"), &taken);
    assert_true(taken.bare && taken.refused_us == SYNC_REFUSED_QUOTA && taken.fresh > 0);
    (void)exchange(&p, true, POST("/sync/v1"), &taken); // what came has come
    assert_true(taken.bare && taken.fresh == 0);
    assert_true(exchange(&p, true, POST("/sync/v1?wait=1"), &taken) > 900);
    notice(&p.us, "them");
    assert_true(exchange(&p, true, POST("/sync/v1?wait=25"), &taken) < 10000);
    assert_true(taken.fresh > 0);

    // A caller that takes none of our records waits like one for whom there are none.
    use_up(&p.them);
    notice(&p.us, "them");
    (void)exchange(&p, true, POST("/sync/v1"), &taken);
    assert_true(taken.over && taken.fresh == 0);
    assert_true(exchange(&p, true, POST("/sync/v1?wait=1"), &taken) > 900);
    assert_true(!taken.over && taken.fresh == 0);
    pair_close(&p);
}

static void test_news_end_the_waiting(void **state) {
    (void)state;
    Pair p;
    pair_open(&p, true);
    settle(&p);
    AUTO(Buf) message = {0};
    message_of(&p, true, &message);
    Caller k = {
        .p = &p, .as = &p.them, .head = POST("/sync/v1?wait=25"), .body = buf_view(&message)};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, call, &k), 0);
    wait_until_polled(&p, 1);
    usleep(300000);
    assert_int_equal(polled_now(&p), 1); // nothing came

    AUTO(Buf) out = {0};
    Desk officer;
    int64_t next, begun = clock_monotonic_us();
    Str to = STR("them");
    assert_ok(&p.us.c, desk_as(&p.us.c, p.us.node, STR("officer"), &officer));
    assert_ok(&p.us.c, desk_notice_new(&p.us.c, &officer,
                                       &(DeskNoticeDraft){.act = STR("alert"),
                                                          .to = &to,
                                                          .to_count = 1,
                                                          .title = STR("Look out"),
                                                          .text = STR("a new kind of call"),
                                                          .contact = STR("the desk")},
                                       &out));
    assert_ok(&p.us.c, desk_exchange_tick(&p.us.c, p.us.node, &next));
    pthread_join(thread, NULL);
    int64_t took = clock_monotonic_us() - begun;
    assert_int_equal(k.status, 200);
    if (took > 1000000)
        fail_msg("the news took %lld us", (long long)took);
    DeskSyncTaken taken;
    assert_ok(&p.them.c, desk_sync_take(&p.them.c, p.them.node, &p.us_agency, body_of(&k), &taken));
    assert_true(taken.fresh > 0);
    buf_done(&k.out);
    wait_until_polled(&p, 0);
    pair_close(&p);
}

static void test_waiting_ends(void **state) {
    (void)state;
    Pair p;
    pair_open(&p, true);
    settle(&p);
    AUTO(Buf) message = {0};
    message_of(&p, true, &message);
    // After the time that was asked for.
    Caller k = {
        .p = &p, .as = &p.them, .head = POST("/sync/v1?wait=1"), .body = buf_view(&message)};
    int64_t begun = clock_monotonic_us();
    call(&k);
    int64_t took = clock_monotonic_us() - begun;
    assert_int_equal(k.status, 200);
    assert_true(took > 900000 && took < 3000000);
    buf_done(&k.out);
    // By the next request of the same peer, and by the end of the listener.
    Caller two[2];
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) {
        two[i] = (Caller){
            .p = &p, .as = &p.them, .head = POST("/sync/v1?wait=25"), .body = buf_view(&message)};
        assert_int_equal(pthread_create(&threads[i], NULL, call, &two[i]), 0);
        wait_until_polled(&p, 1);
        usleep(200000);
    }
    pthread_join(threads[0], NULL);
    assert_int_equal(two[0].status, 200);
    begun = clock_monotonic_us();
    web_peers_close(p.peers);
    p.peers = NULL;
    pthread_join(threads[1], NULL);
    assert_true(clock_monotonic_us() - begun < 3000000);
    buf_done(&two[0].out);
    buf_done(&two[1].out);
    pair_close(&p);
}

int suite_peers(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strangers_get_no_word),
        cmocka_unit_test(test_only_messages_are_taken),
        cmocka_unit_test(test_a_message_is_answered),
        cmocka_unit_test(test_a_stranger_brings_a_statement),
        cmocka_unit_test(test_statements_are_told),
        cmocka_unit_test(test_revoked),
        cmocka_unit_test(test_too_much_is_answered),
        cmocka_unit_test(test_news_end_the_waiting),
        cmocka_unit_test(test_waiting_ends),
    };
    return cmocka_run_group_tests_name("web, peers", tests, NULL, NULL);
}
