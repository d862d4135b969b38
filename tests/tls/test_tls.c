// The room tls: certificates of link keys, and two sides that see each other's key.
#include "tls/tls.h"

#include "test.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

static CryptoSignKey key_of(uint8_t n, CryptoPublicKey *ret_public) {
    CryptoSeed seed = {{n, 2, 3}};
    CryptoSignKey key;
    crypto_sign_key_from_seed(&seed, &key, ret_public);
    return key;
}

static Str der_of(Ctx *c, const char *pem) {
    gnutls_datum_t text = {0}, der = {0};
    void *copy = NULL;
    AUTO(Buf) b = {0};
    buf_text(&b, pem);
    void *bytes = b.p;
    text = (gnutls_datum_t){bytes, (unsigned)b.n};
    assert_int_equal(gnutls_pem_base64_decode2("CERTIFICATE", &text, &der), 0);
    assert_ok(c, ctx_alloc(c, der.size, &copy));
    memcpy(copy, der.data, der.size);
    Str s = {copy, der.size};
    gnutls_free(der.data);
    return s;
}

static void a_certificate_holds_its_key(void **state) {
    (void)state;
    AUTO(Ctx) c = {0};
    for (uint8_t i = 0; i < 20; i++) {
        CryptoPublicKey open, read;
        CryptoSignKey key = key_of(i, &open);
        AUTO(TlsIdentity) one = {0};
        AUTO(TlsIdentity) two = {0};
        assert_ok(&c, tls_identity_make(&c, &key, &one));
        assert_ok(&c, tls_identity_make(&c, &key, &two));
        assert_string_equal(one.certificate, two.certificate);
        Str der = der_of(&c, one.certificate);
        assert_ok(&c, tls_certificate_key(&c, der, &read));
        assert_memory_equal(read.b, open.b, 32);
    }
}

static void what_is_no_certificate_of_ours_is_refused(void **state) {
    (void)state;
    AUTO(Ctx) c = {0};
    CryptoPublicKey open, read;
    CryptoSignKey key = key_of(7, &open);
    AUTO(TlsIdentity) id = {0};
    assert_ok(&c, tls_identity_make(&c, &key, &id));
    Str der = der_of(&c, id.certificate);
    for (size_t n = 0; n < der.n; n++)
        assert_int_equal(tls_certificate_key(&c, (Str){der.p, n}, &read), E_DENIED);
    AUTO(Buf) long_one = {0};
    while (long_one.n <= TLS_CERTIFICATE_BYTES_MAX)
        buf_str(&long_one, der);
    assert_int_equal(tls_certificate_key(&c, buf_view(&long_one), &read), E_DENIED);

    // An EC key of another curve.
    gnutls_x509_privkey_t other;
    gnutls_x509_crt_t crt;
    gnutls_datum_t out;
    uint8_t serial[] = {1};
    gnutls_x509_privkey_init(&other);
    assert_int_equal(gnutls_x509_privkey_generate(other, GNUTLS_PK_ECDSA,
                                                  GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
                                                  0),
                     0);
    gnutls_x509_crt_init(&crt);
    gnutls_x509_crt_set_version(crt, 3);
    gnutls_x509_crt_set_key(crt, other);
    gnutls_x509_crt_set_dn(crt, "CN=moei", NULL);
    gnutls_x509_crt_set_serial(crt, serial, 1);
    gnutls_x509_crt_set_activation_time(crt, 0);
    gnutls_x509_crt_set_expiration_time(crt, (time_t)-1);
    assert_int_equal(gnutls_x509_crt_sign2(crt, crt, other, GNUTLS_DIG_SHA256, 0), 0);
    assert_int_equal(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &out), 0);
    const void *bytes = out.data;
    assert_int_equal(tls_certificate_key(&c, (Str){bytes, out.size}, &read), E_DENIED);
    gnutls_free(out.data);
    gnutls_x509_crt_deinit(crt);
    gnutls_x509_privkey_deinit(other);
}

// --- two sides of one connection
// ------------------------------------------------------------------

typedef struct Side {
    int fd;
    bool server, shows;
    const char *priorities;
    TlsIdentity *id;
    Err seen;
    CryptoPublicKey key;
    int handshake;
} Side;

static void *one_side(void *self) {
    Side *s = self;
    AUTO(Ctx) c = {0};
    gnutls_certificate_credentials_t own;
    gnutls_session_t session;
    gnutls_datum_t crt = {(void *)s->id->certificate, (unsigned)strlen(s->id->certificate)};
    gnutls_datum_t key = {(void *)s->id->key, (unsigned)strlen(s->id->key)};
    gnutls_certificate_allocate_credentials(&own);
    if (s->shows)
        gnutls_certificate_set_x509_key_mem(own, &crt, &key, GNUTLS_X509_FMT_PEM);
    gnutls_init(&session, s->server ? GNUTLS_SERVER : GNUTLS_CLIENT);
    gnutls_priority_set_direct(session, s->priorities, NULL);
    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, own);
    if (s->server)
        gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUEST);
    gnutls_transport_set_int(session, s->fd);
    gnutls_handshake_set_timeout(session, 5000);
    do
        s->handshake = gnutls_handshake(session);
    while (s->handshake < 0 && !gnutls_error_is_fatal(s->handshake));
    s->seen = s->handshake == 0 ? tls_peer_key(&c, session, &s->key) : E_IO;
    char byte = 1;
    gnutls_record_send(session, &byte, 1);
    gnutls_record_recv(session, &byte, 1);
    gnutls_deinit(session);
    gnutls_certificate_free_credentials(own);
    shutdown(s->fd, SHUT_RDWR);
    return NULL;
}

static void meet(Side *server, Side *client) {
    int pair[2];
    pthread_t other;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    server->fd = pair[0];
    client->fd = pair[1];
    server->server = true;
    assert_int_equal(pthread_create(&other, NULL, one_side, server), 0);
    one_side(client);
    pthread_join(other, NULL);
    close(pair[0]);
    close(pair[1]);
}

static void both_sides_see_the_key_of_the_other(void **state) {
    (void)state;
    AUTO(Ctx) c = {0};
    CryptoPublicKey open[2];
    CryptoSignKey key[2] = {key_of(1, &open[0]), key_of(2, &open[1])};
    AUTO(TlsIdentity) a = {0};
    AUTO(TlsIdentity) b = {0};
    assert_ok(&c, tls_identity_make(&c, &key[0], &a));
    assert_ok(&c, tls_identity_make(&c, &key[1], &b));

    Side server = {.id = &a, .shows = true, .priorities = TLS_PRIORITIES};
    Side client = {.id = &b, .shows = true, .priorities = TLS_PRIORITIES};
    meet(&server, &client);
    assert_int_equal(server.seen, OK);
    assert_int_equal(client.seen, OK);
    assert_memory_equal(server.key.b, open[1].b, 32);
    assert_memory_equal(client.key.b, open[0].b, 32);

    // A caller without a certificate is seen as nobody.
    client.shows = false;
    meet(&server, &client);
    assert_int_equal(server.seen, E_DENIED);
    client.shows = true;

    // What is older than TLS 1.3 finds no way in, and would not count if it did.
    client.priorities = "NORMAL:-VERS-ALL:+VERS-TLS1.2";
    meet(&server, &client);
    assert_int_not_equal(server.handshake, 0);
    server.priorities = client.priorities;
    meet(&server, &client);
    assert_int_equal(server.handshake, 0);
    assert_int_equal(server.seen, E_DENIED);
}

int main(void) {
    AUTO(Ctx) c = {0};
    if (crypto_init(&c) != OK)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_holds_its_key),
        cmocka_unit_test(what_is_no_certificate_of_ours_is_refused),
        cmocka_unit_test(both_sides_see_the_key_of_the_other),
    };
    return cmocka_run_group_tests_name("tls", tests, NULL, NULL);
}
