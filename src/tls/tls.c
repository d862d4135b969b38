// Certificates of link keys, and the keys in certificates.
#include "tls/tls.h"

#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <sys/socket.h>
#include <time.h>

typedef gnutls_x509_privkey_t PrivateKey;
static void PrivateKey_cleanup(PrivateKey *k) {
    if (*k)
        gnutls_x509_privkey_deinit(*k);
}
typedef gnutls_x509_crt_t Certificate;
static void Certificate_cleanup(Certificate *k) {
    if (*k)
        gnutls_x509_crt_deinit(*k);
}
typedef gnutls_pubkey_t PublicKey;
static void PublicKey_cleanup(PublicKey *k) {
    if (*k)
        gnutls_pubkey_deinit(*k);
}
typedef gnutls_datum_t Datum;
static void Datum_cleanup(Datum *d) {
    if (d->data) {
        crypto_wipe(d->data, d->size);
        gnutls_free(d->data);
    }
}

// Words for a failure of the library, GnuTLS' own behind them.
static Err check(Ctx *c, int result, const char *what) {
    if (result == GNUTLS_E_MEMORY_ERROR)
        return fail(c, E_MEMORY, "no memory to %s", what);
    if (result < 0)
        return fail(c, E_CRYPTO, "cannot %s: %s", what, gnutls_strerror(result));
    return OK;
}

static Err key_import(Ctx *c, const CryptoSignKey *link_key, PrivateKey *ret_key) {
    // libsodium's secret key is the seed and the public key behind it.
    uint8_t seed[32], open[32];
    memcpy(seed, link_key->b, sizeof seed);
    memcpy(open, link_key->b + sizeof seed, sizeof open);
    gnutls_datum_t k = {seed, sizeof seed}, x = {open, sizeof open};
    int result =
        gnutls_x509_privkey_import_ecc_raw(*ret_key, GNUTLS_ECC_CURVE_ED25519, &x, NULL, &k);
    crypto_wipe(seed, sizeof seed);
    return check(c, result, "take the link key for TLS");
}

static Err certificate_fill(Ctx *c, Certificate crt, PrivateKey key) {
    static const uint8_t serial[] = {1};
    const char *what = "make the certificate of the link key";
    TRY(check(c, gnutls_x509_crt_set_version(crt, 3), what));
    TRY(check(c, gnutls_x509_crt_set_key(crt, key), what));
    // All nodes have one name, so that a caller finds its certificate among those that the
    // listener asks for.
    TRY(check(c, gnutls_x509_crt_set_dn(crt, "CN=moei", NULL), what));
    TRY(check(c, gnutls_x509_crt_set_serial(crt, serial, sizeof serial), what));
    TRY(check(c, gnutls_x509_crt_set_activation_time(crt, 0), what));
    // The key ends by records, not by a date (RFC 5280: no well-defined expiration).
    TRY(check(c, gnutls_x509_crt_set_expiration_time(crt, (time_t)-1), what));
    return check(c, gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA512, 0), what);
}

static Err text_of(Ctx *c, const Datum *pem, char **ret_text) {
    char *text = mem_alloc((size_t)pem->size + 1);
    if (!text)
        return fail(c, E_MEMORY, "no memory for a certificate");
    memcpy(text, pem->data, pem->size);
    text[pem->size] = 0;
    *ret_text = text;
    return OK;
}

Err tls_identity_make(Ctx *c, const CryptoSignKey *link_key, TlsIdentity *ret_identity) {
    AUTO(PrivateKey) key = NULL;
    AUTO(Certificate) crt = NULL;
    AUTO(Datum) crt_pem = {0};
    AUTO(Datum) key_pem = {0};
    AUTO(TlsIdentity) made = {0};
    TRY(check(c, gnutls_x509_privkey_init(&key), "make a key for TLS"));
    TRY(key_import(c, link_key, &key));
    TRY(check(c, gnutls_x509_crt_init(&crt), "make a certificate"));
    TRY(certificate_fill(c, crt, key));
    TRY(check(c, gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &crt_pem),
              "write the certificate of the link key"));
    TRY(check(c,
              gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN,
                                                &key_pem),
              "write the link key for TLS"));
    TRY(text_of(c, &crt_pem, &made.certificate));
    TRY(text_of(c, &key_pem, &made.key));
    *ret_identity = made;
    made = (TlsIdentity){0};
    return OK;
}

void tls_identity_done(TlsIdentity *identity) {
    mem_free(identity->certificate);
    if (identity->key)
        crypto_wipe(identity->key, strlen(identity->key));
    mem_free(identity->key);
    *identity = (TlsIdentity){0};
}

void TlsIdentity_cleanup(TlsIdentity *identity) {
    tls_identity_done(identity);
}

Err tls_certificate_key(Ctx *c, Str der, CryptoPublicKey *ret_key) {
    AUTO(Certificate) crt = NULL;
    AUTO(PublicKey) key = NULL;
    AUTO(Datum) x = {0};
    AUTO(Datum) y = {0};
    gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;
    if (der.n == 0 || der.n > TLS_CERTIFICATE_BYTES_MAX)
        return fail(c, E_DENIED, "a certificate of %zu bytes is none of a node", der.n);
    // GnuTLS takes bytes that it does not change by a pointer that could.
    union {
        const char *given;
        unsigned char *taken;
    } bytes = {der.p};
    gnutls_datum_t d = {bytes.taken, (unsigned)der.n};
    TRY(check(c, gnutls_x509_crt_init(&crt), "read a certificate"));
    TRY(check(c, gnutls_pubkey_init(&key), "read a certificate"));
    if (gnutls_x509_crt_import(crt, &d, GNUTLS_X509_FMT_DER) < 0 ||
        gnutls_pubkey_import_x509(key, crt, 0) < 0)
        return fail(c, E_DENIED, "the certificate cannot be read");
    if (gnutls_pubkey_get_pk_algorithm(key, NULL) != GNUTLS_PK_EDDSA_ED25519 ||
        gnutls_pubkey_export_ecc_raw(key, &curve, &x, &y) < 0 ||
        curve != GNUTLS_ECC_CURVE_ED25519 || x.size != sizeof ret_key->b)
        return fail(c, E_DENIED, "the certificate is not of an Ed25519 key");
    memcpy(ret_key->b, x.data, sizeof ret_key->b);
    return OK;
}

Err tls_peer_key(Ctx *c, void *session, CryptoPublicKey *ret_key) {
    gnutls_session_t s = session;
    unsigned n = 0;
    if (!s || gnutls_protocol_get_version(s) != GNUTLS_TLS1_3)
        return fail(c, E_DENIED, "the connection is not TLS 1.3");
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(s, &n);
    if (!chain || n == 0)
        return fail(c, E_DENIED, "the other side showed no certificate");
    const void *bytes = chain[0].data;
    return tls_certificate_key(c, (Str){bytes, chain[0].size}, ret_key);
}

// --- gates --------------------------------------------------------------------------------------

struct TlsGate {
    gnutls_session_t session;
    int fd;
    bool shaken, open;
};

// The caller's Finished is the last word of a handshake.
static int on_finished(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
                       const gnutls_datum_t *message) {
    (void)type;
    (void)when;
    (void)message;
    gnutls_transport_ptr_t in, out;
    gnutls_transport_get_ptr2(session, &in, &out);
    TlsGate *g = out;
    if (incoming)
        g->shaken = true;
    return 0;
}

// What the session writes. It has no tickets, so that between the caller's Finished and the first
// answer there is nothing that it has to say.
static ssize_t gate_push(gnutls_transport_ptr_t self, const void *bytes, size_t n) {
    const TlsGate *g = self;
    if (g->shaken && !g->open) {
        gnutls_transport_set_errno(g->session, EPIPE);
        return -1;
    }
    ssize_t sent = send(g->fd, bytes, n, MSG_NOSIGNAL);
    if (sent < 0)
        gnutls_transport_set_errno(g->session, errno);
    return sent;
}

Err tls_gate_make(Ctx *c, void *session, int fd, TlsGate **ret_gate) {
    TlsGate *g = mem_alloc_zero(1, sizeof *g);
    if (!g)
        return fail(c, E_MEMORY, "no memory for a connection");
    *g = (TlsGate){.session = session, .fd = fd};
    gnutls_certificate_server_set_request(g->session, GNUTLS_CERT_REQUIRE);
    gnutls_transport_set_ptr2(g->session, gnutls_transport_get_ptr(g->session), g);
    gnutls_transport_set_push_function(g->session, gate_push);
    gnutls_handshake_set_hook_function(g->session, GNUTLS_HANDSHAKE_FINISHED, GNUTLS_HOOK_POST,
                                       on_finished);
    *ret_gate = g;
    return OK;
}

void tls_gate_open(TlsGate *g) {
    if (g)
        g->open = true;
}

void tls_gate_free(TlsGate *g) {
    mem_free(g);
}
