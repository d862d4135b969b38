// The listener for peers: a second daemon that knows its callers by their certificates.
#include "web/peer_priv.h"

#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define SYNC_TYPE "application/vnd.moei.sync"
#define RECOVER_TYPE "application/vnd.moei.recover"

// --- who calls ----------------------------------------------------------------------------------

// *ret_key: a key was shown, be it that of a stranger: then E_DENIED is returned.
static Err who_calls(Ctx *c, PeerRequest *r, bool *ret_key) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    *ret_key = false;
    if (!info)
        return fail(c, E_DENIED, "no session");
    TRY(tls_peer_key(c, info->tls_session, &r->key));
    *ret_key = true;
    return desk_link_peer(c, r->s->node, &r->key, &r->agency);
}

// The bytes by which callers from one place are counted together; n: of the address, 0: by its
// family.
static Str place_of(const struct sockaddr *address, socklen_t n) {
    const void *any = address;
    const struct sockaddr_in *a4 = any;
    const struct sockaddr_in6 *a6 = any;
    if (address->sa_family == AF_INET && (n == 0 || n >= sizeof *a4)) {
        const void *bytes = &a4->sin_addr;
        return (Str){bytes, sizeof a4->sin_addr};
    }
    if (address->sa_family == AF_INET6 && (n == 0 || n >= sizeof *a6)) {
        const void *bytes = &a6->sin6_addr;
        return (Str){bytes, 8}; // one household has a whole /64
    }
    return (Str){0};
}

// A stranger may not even make the node shake hands without end.
static enum MHD_Result may_connect(void *self, const struct sockaddr *address, socklen_t n) {
    WebPeers *s = self;
    unsigned wait_s;
    WebRate rate = {WEB_PEER_CONNECTIONS_PER_S, WEB_PEER_CONNECTIONS_BURST};
    Str who = place_of(address, n);
    return web_rate_take(&s->rates, 'c', who, rate, clock_monotonic_us(), &wait_s) ? MHD_YES
                                                                                   : MHD_NO;
}

// The gate of a connection, from its first byte to its end. Without one it is not to be trusted to
// keep silent: it is closed.
static void on_connection(void *self, struct MHD_Connection *connection, void **gate,
                          enum MHD_ConnectionNotificationCode code) {
    (void)self;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        tls_gate_free(*gate);
        *gate = NULL;
        return;
    }
    AUTO(Ctx) c = {0};
    TlsGate *made = NULL;
    const union MHD_ConnectionInfo *session =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    void *tls = session ? session->tls_session : NULL;
    const union MHD_ConnectionInfo *socket =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (!tls || !socket || tls_gate_make(&c, tls, socket->connect_fd, &made) != OK) {
        log_line(LOG_ERROR, "web", NULL, "peer=unknown connection without a gate");
        if (socket)
            shutdown(socket->connect_fd, SHUT_RDWR);
    }
    *gate = made;
}

static void answer_from_now(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    tls_gate_open(info ? info->socket_context : NULL);
}

// --- a request ----------------------------------------------------------------------------------

static Str header(struct MHD_Connection *connection, const char *name) {
    return str_of(MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name));
}

// --- recovery statements ------------------------------------------------------------------------

// All that a stranger may bring: after its keys were stolen an agency calls with a link key that
// nobody knows yet. What it brings proves itself or is worth nothing; it is not looked at before
// the connection has ended, so that who calls learns nothing, not even by the time that it takes.
static bool stranger_may(PeerRequest *r, const char *url, const char *method) {
    WebRate mine = {WEB_PEER_OFFERS_PER_S, WEB_PEER_OFFERS_BURST};
    WebRate all = {WEB_PEER_OFFERS_ALL_PER_S, WEB_PEER_OFFERS_ALL_BURST};
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    int64_t length = 0, now = clock_monotonic_us();
    unsigned wait_s;
    return strcmp(url, "/recover/v1") == 0 && strcmp(method, "POST") == 0 &&
           str_eq_c(header(r->connection, "Content-Type"), RECOVER_TYPE) &&
           str_to_i64(header(r->connection, "Content-Length"), &length) && length > 0 &&
           length <= WEB_PEER_OFFER_BYTES_MAX && info &&
           web_rate_take(&r->s->rates, 'o', place_of(info->client_addr, 0), mine, now, &wait_s) &&
           web_rate_take(&r->s->rates, 'O', (Str){0}, all, now, &wait_s);
}

// A peer that found another key than the one it pinned at our address asks why.
static unsigned tell_statements(PeerRequest *r, const char *method) {
    if (strcmp(method, "GET") != 0)
        return MHD_HTTP_METHOD_NOT_ALLOWED;
    buf_str(&r->answer, desk_statements_own(r->s->node));
    r->type = RECOVER_TYPE;
    return r->answer.n > 0 ? MHD_HTTP_OK : MHD_HTTP_NOT_FOUND;
}

// --- revoked ------------------------------------------------------------------------------------

// Whatever it brings: that the exchange has ended.
static unsigned tell_revoked(PeerRequest *r) {
    AUTO(Ctx) c = {0};
    Err e = desk_sync_refuse(&c, r->s->node, &r->agency, E_DENIED, &r->answer);
    log_line(LOG_INFO, "web", NULL, "peer=revoked refused");
    return e == OK && !r->answer.failed ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
}

// --- heads --------------------------------------------------------------------------------------

// What is wrong with the head, as a status; 0: nothing.
static unsigned look_at_head(PeerRequest *r, const char *url, const char *method) {
    WebRate rate = {WEB_PEER_PER_S, WEB_PEER_BURST};
    unsigned wait_s;
    int64_t length = -1, wait = 0;
    Str who = {(const char *)r->agency.b, sizeof r->agency.b};
    const void *asked = MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND, "wait");
    if (!web_rate_take(&r->s->rates, 'n', who, rate, clock_monotonic_us(), &wait_s))
        return MHD_HTTP_TOO_MANY_REQUESTS;
    if (strcmp(url, "/recover/v1") == 0 && !r->revoked)
        return tell_statements(r, method);
    if (strcmp(url, "/sync/v1") != 0)
        return MHD_HTTP_NOT_FOUND;
    if (strcmp(method, "POST") != 0)
        return MHD_HTTP_METHOD_NOT_ALLOWED;
    if (!str_eq_c(header(r->connection, "Content-Type"), SYNC_TYPE))
        return MHD_HTTP_UNSUPPORTED_MEDIA_TYPE;
    if (!str_to_i64(header(r->connection, "Content-Length"), &length) || length < 1)
        return MHD_HTTP_LENGTH_REQUIRED;
    if (length > WEB_PEER_BODY_BYTES_MAX)
        return MHD_HTTP_CONTENT_TOO_LARGE;
    if (asked && (!str_to_i64(str_of(asked), &wait) || wait < 0))
        return MHD_HTTP_BAD_REQUEST;
    r->wait_s = wait < SYNC_WAIT_S ? (int)wait : SYNC_WAIT_S;
    if (r->revoked)
        return tell_revoked(r);
    if (!web_peer_enter(r))
        return MHD_HTTP_SERVICE_UNAVAILABLE;
    return web_peer_hold(r, (size_t)length) ? 0 : MHD_HTTP_SERVICE_UNAVAILABLE;
}

static enum MHD_Result send_answer(PeerRequest *r) {
    struct MHD_Response *response =
        MHD_create_response_from_buffer(r->answer.n, r->answer.p, MHD_RESPMEM_PERSISTENT);
    if (!response)
        return MHD_NO;
    bool made = r->status != MHD_HTTP_OK ||
                MHD_add_response_header(response, "Content-Type", r->type) == MHD_YES;
    if (r->status == MHD_HTTP_TOO_MANY_REQUESTS || r->status == MHD_HTTP_SERVICE_UNAVAILABLE)
        made = made && MHD_add_response_header(response, "Retry-After", "5") == MHD_YES;
    enum MHD_Result sent = made ? MHD_queue_response(r->connection, r->status, response) : MHD_NO;
    MHD_destroy_response(response);
    return sent;
}

static PeerRequest *begin(WebPeers *s, struct MHD_Connection *connection) {
    AUTO(Ctx) c = {0};
    bool has_key;
    PeerRequest *r = mem_alloc_zero(1, sizeof *r);
    if (!r)
        return NULL;
    *r = (PeerRequest){.s = s, .connection = connection, .type = SYNC_TYPE};
    Err e = who_calls(&c, r, &has_key);
    r->revoked = e == E_DENIED && has_key && desk_link_revoked(s->node, &r->key, &r->agency);
    r->stranger = e == E_DENIED && has_key && !r->revoked;
    if (e == OK || r->revoked)
        answer_from_now(connection);
    if (e == OK || r->stranger || r->revoked)
        return r;
    log_line(LOG_INFO, "web", NULL, "peer=unknown refused");
    mem_free(r);
    return NULL;
}

// A stranger's whole request. Whatever comes of it, the connection ends without a word.
static enum MHD_Result stranger(PeerRequest *r, const char *upload_data, size_t *upload_data_size) {
    if (*upload_data_size > 0 && r->body.n + *upload_data_size <= WEB_PEER_OFFER_BYTES_MAX) {
        buf_append(&r->body, upload_data, *upload_data_size);
        *upload_data_size = 0;
        return MHD_YES;
    }
    if (*upload_data_size == 0 && !r->body.failed)
        web_peer_offer(r->s, buf_view(&r->body));
    return MHD_NO;
}

static enum MHD_Result on_request(void *self, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload_data,
                                  size_t *upload_data_size, void **request_state) {
    (void)version;
    WebPeers *s = self;
    PeerRequest *r = *request_state;
    if (!r) {
        r = begin(s, connection);
        if (!r)
            return MHD_NO;
        *request_state = r;
        if (r->stranger) {
            bool may = stranger_may(r, url, method);
            log_line(LOG_INFO, "web", NULL, "peer=unknown %s", may ? "offers" : "refused");
            return may ? MHD_YES : MHD_NO;
        }
        r->status = look_at_head(r, url, method);
        return r->status ? send_answer(r) : MHD_YES;
    }
    if (r->stranger)
        return stranger(r, upload_data, upload_data_size);
    if (*upload_data_size > 0) {
        // No more than was said comes: MHD ends the body at Content-Length.
        buf_append(&r->body, upload_data, *upload_data_size);
        *upload_data_size = 0;
        return MHD_YES;
    }
    if (r->status)
        return send_answer(r);
    if (r->at_work)
        return MHD_YES;
    if (r->body.failed || !web_peer_push(r)) {
        r->status = MHD_HTTP_SERVICE_UNAVAILABLE;
        return send_answer(r);
    }
    return MHD_YES;
}

static void on_completed(void *self, struct MHD_Connection *connection, void **request_state,
                         enum MHD_RequestTerminationCode code) {
    (void)self;
    (void)connection;
    (void)code;
    PeerRequest *r = *request_state;
    *request_state = NULL;
    if (!r)
        return;
    web_peer_leave(r);
    web_peer_let_go(r);
    buf_done(&r->body);
    buf_done(&r->answer);
    mem_free(r);
}

// --- start and end ------------------------------------------------------------------------------

static Err start(Ctx *c, WebPeers *s) {
    DeskLinkIdentity identity;
    int fd = -1;
    uint64_t secret;
    crypto_random_fill(crypto_random_system(), &secret, sizeof secret);
    web_rates_init(&s->rates, secret);
    TRY(desk_link_identity(c, s->node, &identity));
    Err e = tls_identity_make(c, &identity.link_key, &s->identity);
    crypto_wipe(&identity, sizeof identity);
    TRY(e);
    TRY(web_peer_work_open(c, s));
    TRY(web_listen(c, s->config.listen, true, &fd, s->url));
    // To name an authority is how MHD asks for a certificate; whose it is, is looked at by the
    // handler, and nothing is handled before.
    s->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TLS, 0, may_connect, s,
        on_request, s, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)WEB_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)WEB_PEER_IDLE_S,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)WEB_CONNECTION_BYTES_MAX,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED, on_completed, s,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, s, MHD_OPTION_HTTPS_MEM_KEY, s->identity.key,
        MHD_OPTION_HTTPS_MEM_CERT, s->identity.certificate, MHD_OPTION_HTTPS_MEM_TRUST,
        s->identity.certificate, MHD_OPTION_HTTPS_PRIORITIES, TLS_PRIORITIES, MHD_OPTION_END);
    if (s->daemon)
        return OK;
    int why = errno;
    close(fd);
    return fail(c, E_IO, "the listener for peers cannot start: %s", strerror(why));
}

Err web_peers_open(Ctx *c, const WebPeerConfig *config, WebPeers **ret_peers) {
    WebPeers *s = mem_alloc_zero(1, sizeof *s);
    if (!s)
        return fail(c, E_MEMORY, "no memory for the listener");
    s->node = config->node;
    s->config = *config;
    Err e = start(c, s);
    if (e != OK) {
        web_peers_close(s);
        return e;
    }
    *ret_peers = s;
    return OK;
}

void web_peers_close(WebPeers *s) {
    if (!s)
        return;
    // No connection may be suspended when the daemon stops.
    int fd = s->daemon ? MHD_quiesce_daemon(s->daemon) : -1;
    web_peer_work_close(s);
    if (s->daemon)
        MHD_stop_daemon(s->daemon);
    if (fd >= 0)
        close(fd);
    if (s->made) {
        pthread_cond_destroy(&s->come);
        pthread_mutex_destroy(&s->lock);
    }
    web_rates_done(&s->rates);
    tls_identity_done(&s->identity);
    mem_free(s->seen);
    mem_free(s);
}

const char *web_peers_url(const WebPeers *s) {
    return s->url;
}
