// The listener for peers: a second daemon that knows its callers by their certificates.
#include "web/peer_priv.h"

#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <unistd.h>

#define SYNC_TYPE "application/vnd.moei.sync"

// --- who calls ----------------------------------------------------------------------------------

static Err who_calls(Ctx *c, WebPeers *s, struct MHD_Connection *connection, CryptoHash *ret_who) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    CryptoPublicKey key;
    if (!info)
        return fail(c, E_DENIED, "no session");
    TRY(tls_peer_key(c, info->tls_session, &key));
    return desk_link_peer(c, s->node, &key, ret_who);
}

// A stranger may not even make the node shake hands without end.
static enum MHD_Result may_connect(void *self, const struct sockaddr *address, socklen_t n) {
    WebPeers *s = self;
    const void *any = address;
    const struct sockaddr_in *a4 = any;
    const struct sockaddr_in6 *a6 = any;
    unsigned wait_s;
    WebRate rate = {WEB_PEER_CONNECTIONS_PER_S, WEB_PEER_CONNECTIONS_BURST};
    Str who = {0};
    if (address->sa_family == AF_INET && n >= sizeof *a4) {
        const void *bytes = &a4->sin_addr;
        who = (Str){bytes, sizeof a4->sin_addr};
    } else if (address->sa_family == AF_INET6 && n >= sizeof *a6) {
        const void *bytes = &a6->sin6_addr;
        who = (Str){bytes, 8}; // one household has a whole /64
    }
    return web_rate_take(&s->rates, 'c', who, rate, clock_monotonic_us(), &wait_s) ? MHD_YES
                                                                                   : MHD_NO;
}

// --- a request ----------------------------------------------------------------------------------

static Str header(struct MHD_Connection *connection, const char *name) {
    return str_of(MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name));
}

// What is wrong with the head, as a status; 0: nothing.
static unsigned look_at_head(PeerRequest *r, const char *url, const char *method) {
    WebRate rate = {WEB_PEER_PER_S, WEB_PEER_BURST};
    unsigned wait_s;
    int64_t length = -1, wait = 0;
    Str who = {(const char *)r->agency.b, sizeof r->agency.b};
    const void *asked = MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND, "wait");
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
    if (!web_rate_take(&r->s->rates, 'n', who, rate, clock_monotonic_us(), &wait_s))
        return MHD_HTTP_TOO_MANY_REQUESTS;
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
                MHD_add_response_header(response, "Content-Type", SYNC_TYPE) == MHD_YES;
    if (r->status == MHD_HTTP_TOO_MANY_REQUESTS || r->status == MHD_HTTP_SERVICE_UNAVAILABLE)
        made = made && MHD_add_response_header(response, "Retry-After", "5") == MHD_YES;
    enum MHD_Result sent = made ? MHD_queue_response(r->connection, r->status, response) : MHD_NO;
    MHD_destroy_response(response);
    return sent;
}

static PeerRequest *begin(WebPeers *s, struct MHD_Connection *connection) {
    AUTO(Ctx) c = {0};
    CryptoHash who;
    if (who_calls(&c, s, connection, &who) != OK) {
        log_line(LOG_INFO, "web", NULL, "peer=unknown refused");
        return NULL;
    }
    PeerRequest *r = mem_alloc_zero(1, sizeof *r);
    if (!r)
        return NULL;
    r->s = s;
    r->connection = connection;
    r->agency = who;
    return r;
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
        r->status = look_at_head(r, url, method);
        return r->status ? send_answer(r) : MHD_YES;
    }
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
        MHD_OPTION_HTTPS_MEM_KEY, s->identity.key, MHD_OPTION_HTTPS_MEM_CERT,
        s->identity.certificate, MHD_OPTION_HTTPS_MEM_TRUST, s->identity.certificate,
        MHD_OPTION_HTTPS_PRIORITIES, TLS_PRIORITIES, MHD_OPTION_END);
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
