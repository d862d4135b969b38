// The room dial: one request to a peer, against a small server of the test's own; sizes and times.
// Whole links between nodes are tested with the commands (tests/cli/test_links.c).
#include "dial/dial_priv.h"
#include "tls/tls.h"

#include "test.h"

#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

// --- a server that says what it is told to
// ---------------------------------------------------------

typedef struct Server {
    int fd, port;
    pthread_t thread;
    TlsIdentity id;
    CryptoPublicKey key;
    const char *priorities;
    const char *answer; // whole, with its head; NULL: the connection is closed
    size_t filler;      // bytes behind the answer
    // What it saw.
    size_t got;
    CryptoPublicKey caller;
    Err caller_seen;
} Server;

static CryptoSignKey key_of(uint8_t n, CryptoPublicKey *ret_public) {
    CryptoSeed seed = {{n, 9}};
    CryptoSignKey key;
    crypto_sign_key_from_seed(&seed, &key, ret_public);
    return key;
}

static void say(gnutls_session_t session, const char *bytes, size_t n) {
    while (n > 0) {
        ssize_t k = gnutls_record_send(session, bytes, n);
        if (k < 0)
            return;
        bytes += k;
        n -= (size_t)k;
    }
}

static void talk(Server *s, gnutls_session_t session) {
    AUTO(Ctx) c = {0};
    char part[4096];
    s->caller_seen = tls_peer_key(&c, session, &s->caller);
    while (s->got < 4 || s->answer) {
        ssize_t k = gnutls_record_recv(session, part, sizeof part);
        if (k <= 0)
            return;
        s->got += (size_t)k;
        // The test's message ends in "END".
        if (k >= 3 && memcmp(part + k - 3, "END", 3) == 0)
            break;
    }
    if (!s->answer)
        return;
    say(session, s->answer, strlen(s->answer));
    memset(part, 'x', sizeof part);
    for (size_t left = s->filler; left > 0;) {
        size_t n = left < sizeof part ? left : sizeof part;
        say(session, part, n);
        left -= n;
    }
    gnutls_bye(session, GNUTLS_SHUT_WR);
}

static void *serve(void *self) {
    Server *s = self;
    gnutls_certificate_credentials_t own;
    gnutls_session_t session;
    gnutls_datum_t crt = {(void *)s->id.certificate, (unsigned)strlen(s->id.certificate)};
    gnutls_datum_t key = {(void *)s->id.key, (unsigned)strlen(s->id.key)};
    int fd = accept(s->fd, NULL, NULL);
    gnutls_certificate_allocate_credentials(&own);
    gnutls_certificate_set_x509_key_mem(own, &crt, &key, GNUTLS_X509_FMT_PEM);
    gnutls_init(&session, GNUTLS_SERVER);
    gnutls_priority_set_direct(session, s->priorities, NULL);
    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, own);
    gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUEST);
    gnutls_transport_set_int(session, fd);
    gnutls_handshake_set_timeout(session, 5000);
    int done;
    do
        done = gnutls_handshake(session);
    while (done < 0 && !gnutls_error_is_fatal(done));
    if (done == 0)
        talk(s, session);
    gnutls_deinit(session);
    gnutls_certificate_free_credentials(own);
    close(fd);
    return NULL;
}

static void server_start(Ctx *c, Server *s, uint8_t key) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t n = sizeof a;
    CryptoSignKey secret = key_of(key, &s->key);
    void *any = &a;
    assert_ok(c, tls_identity_make(c, &secret, &s->id));
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(s->fd, any, n), 0);
    assert_int_equal(listen(s->fd, 1), 0);
    assert_int_equal(getsockname(s->fd, any, &n), 0);
    s->port = ntohs(a.sin_port);
    if (!s->priorities)
        s->priorities = TLS_PRIORITIES;
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void server_end(Server *s) {
    // A server that nobody has called is woken.
    shutdown(s->fd, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    close(s->fd);
    tls_identity_done(&s->id);
}

// --- calls
// -----------------------------------------------------------------------------------------

// Calls the server as the node with key 1, and takes it to be the one with key `pinned`.
static Err call_it(Ctx *c, const Server *s, uint8_t pinned, Buf *out) {
    DialOwn own;
    DialCall call = {0};
    DeskLink link = {0};
    CryptoPublicKey open;
    CryptoSignKey secret = key_of(1, &open);
    assert_ok(c, dial_own_open(c, &own));
    assert_ok(c, dial_own_set(c, &own, &secret));
    assert_memory_equal(own.key.b, open.b, 32);
    assert_ok(c, dial_call_open(c, &own, &call));
    key_of(pinned, &link.key);
    assert_ok(c, str_format(c, &link.address, "https://127.0.0.1:%d/", s->port));
    buf_text(&call.message, "what only the peer may read END");
    assert_ok(c, dial_call_begin(c, &call, &link, 0));
    Err e = dial_call_end(c, &call, curl_easy_perform(call.curl));
    if (e == OK)
        buf_str(out, buf_view(&call.answer));
    dial_call_close(&call);
    dial_own_close(&own);
    return e;
}

#define GOOD                                                                                       \
    "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.moei.sync\r\nContent-Length: 5\r\n\r\nhello"

static void a_peer_is_who_has_its_key(void **state) {
    (void)state;
    AUTO(Ctx) c = {0};
    AUTO(Buf) out = {0};
    Server s = {.answer = GOOD};
    CryptoPublicKey open;
    server_start(&c, &s, 2);
    assert_ok(&c, call_it(&c, &s, 2, &out));
    server_end(&s);
    assert_true(str_eq_c(buf_view(&out), "hello"));
    assert_int_equal(s.caller_seen, OK);
    key_of(1, &open);
    assert_memory_equal(s.caller.b, open.b, 32);
    assert_true(s.got > 0);
}

static void nothing_is_said_to_another_key(void **state) {
    (void)state;
    AUTO(Ctx) c = {0};
    AUTO(Buf) out = {0};
    Server s = {.answer = GOOD};
    server_start(&c, &s, 3);
    assert_int_equal(call_it(&c, &s, 2, &out), E_DENIED);
    server_end(&s);
    assert_int_equal(s.got, 0);
}

static void only_tls_1_3_is_spoken(void **state) {
    (void)state;
    AUTO(Ctx) c = {0};
    AUTO(Buf) out = {0};
    Server s = {.answer = GOOD, .priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.2"};
    server_start(&c, &s, 2);
    assert_int_equal(call_it(&c, &s, 2, &out), E_IO);
    server_end(&s);
    assert_int_equal(s.got, 0);
}

static void other_answers_are_errors(void **state) {
    (void)state;
    static const struct {
        const char *answer;
        size_t filler;
        Err err;
    } cases[] = {
        {"HTTP/1.1 204 No Content\r\n\r\n", 0, OK},
        {"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n", 0, E_LIMIT},
        {"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", 0, E_LIMIT},
        {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 0, E_IO},
        {"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", 0,
         E_IO},
        {"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi", 0, E_IO},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 0, E_IO},
        // Shorter than said.
        {"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.moei.sync\r\nContent-Length: "
         "9\r\n\r\nhi",
         0, E_IO},
        // Longer than a message may be: 1 GB is announced and never taken.
        {"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.moei.sync\r\nContent-Length: "
         "1000000000\r\n\r\n",
         WEB_PEER_BODY_BYTES_MAX + (1 << 20), E_IO},
        {"no HTTP at all", 0, E_IO},
        {NULL, 0, E_IO},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(Ctx) c = {0};
        AUTO(Buf) out = {0};
        Server s = {.answer = cases[i].answer, .filler = cases[i].filler};
        server_start(&c, &s, 2);
        Err e = call_it(&c, &s, 2, &out);
        server_end(&s);
        if (e != cases[i].err)
            fail_msg("case %zu: %s: %s", i, err_name(e), c.error);
        assert_int_equal(out.n, 0);
        assert_true(e == OK || c.error[0]);
    }
}

static void an_address_is_a_url_of_a_node(void **state) {
    (void)state;
    static const char *const bad[] = {
        "", "http://127.0.0.1:1", "127.0.0.1:8442", "file:///etc", "https://a?b=c", "https://a#b"};
    AUTO(Ctx) c = {0};
    DialOwn own;
    DialCall call = {0};
    assert_ok(&c, dial_own_open(&c, &own));
    assert_ok(&c, dial_call_open(&c, &own, &call));
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        DeskLink link = {.address = str_of(bad[i])};
        assert_int_equal(dial_call_begin(&c, &call, &link, 0), E_INVALID);
    }
    AUTO(Buf) long_one = {0};
    buf_text(&long_one, "https://");
    while (long_one.n < DIAL_URL_BYTES_MAX)
        buf_char(&long_one, 'a');
    DeskLink link = {.address = buf_view(&long_one)};
    assert_int_equal(dial_call_begin(&c, &call, &link, 0), E_INVALID);
    dial_call_close(&call);
    dial_own_close(&own);
}

// --- sizes and times
// -------------------------------------------------------------------------------

static void tries_come_later_and_later(void **state) {
    (void)state;
    Rng rng;
    rng_seed(&rng, test_seed());
    for (unsigned tries = 1; tries < 40; tries++) {
        int64_t whole_ms = 250;
        for (unsigned i = 1; i < tries; i++)
            whole_ms = whole_ms * 2 < 30000 ? whole_ms * 2 : 30000;
        int64_t least = INT64_MAX, most = 0;
        for (int i = 0; i < 200; i++) {
            int64_t us = dial_retry_us(tries, rng_next(&rng));
            least = us < least ? us : least;
            most = us > most ? us : most;
        }
        assert_true(least >= whole_ms * 500 && most <= whole_ms * 1000);
        // It differs from call to call.
        assert_true(most - least > whole_ms * 300);
    }
}

static void sizes_stay_within_their_limits(void **state) {
    (void)state;
    uint32_t bytes = SYNC_MESSAGE_BYTES_MIN;
    for (int i = 0; i < 40; i++) {
        uint32_t more = dial_bytes_more(bytes);
        assert_true(more == bytes * 2 || more == DIAL_BYTES_MAX);
        bytes = more;
    }
    assert_int_equal(bytes, DIAL_BYTES_MAX);
    for (int i = 0; i < 40; i++)
        bytes = dial_bytes_less(bytes);
    assert_int_equal(bytes, DIAL_BYTES_MIN);
    for (size_t links = 0; links <= DIAL_LINKS_MAX; links++) {
        uint32_t most = dial_bytes_max(links);
        assert_true(most >= SYNC_MESSAGE_BYTES_MIN && most <= SYNC_MESSAGE_BYTES_MAX);
        assert_true(links * most <= DIAL_MEMORY_BYTES);
    }
}

int main(void) {
    AUTO(Ctx) c = {0};
    if (crypto_init(&c) != OK || curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_peer_is_who_has_its_key),
        cmocka_unit_test(nothing_is_said_to_another_key),
        cmocka_unit_test(only_tls_1_3_is_spoken),
        cmocka_unit_test(other_answers_are_errors),
        cmocka_unit_test(an_address_is_a_url_of_a_node),
        cmocka_unit_test(tries_come_later_and_later),
        cmocka_unit_test(sizes_stay_within_their_limits),
    };
    return cmocka_run_group_tests_name("dial", tests, NULL, NULL);
}
