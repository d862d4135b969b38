// The HTTP server: libmicrohttpd with epoll, one thread a core, TLS by GnuTLS.
#include "crypto/crypto.h"
#include "web/upload_priv.h"
#include <stdio.h>

#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

// --- requests
// -------------------------------------------------------------------------------------

static enum MHD_Result send_answer(WebServer *s, WebRequest *r) {
    static const char sorry[] = "{\"code\":\"fault\",\"detail\":\"No memory.\",\"status\":503,"
                                "\"title\":\"Service Unavailable\",\"type\":\"about:blank\"}\n";
    WebAnswer *a = &r->answer;
    if (a->body.failed) {
        web_answer_done(a);
        web_answer_init(a);
        a->status = MHD_HTTP_SERVICE_UNAVAILABLE;
        a->type = "application/problem+json";
        a->fixed = (const unsigned char *)sorry;
        a->fixed_n = sizeof sorry - 1;
    }
    struct MHD_Response *response = web_response(a, desk_now(s->node), s->tls);
    if (!response)
        return MHD_NO;
    web_count(s, r, a->status);
    enum MHD_Result sent = MHD_queue_response(r->connection, a->status, response);
    MHD_destroy_response(response);
    log_line(LOG_DEBUG, "web", r->id, "route=%s status=%u us=%lld",
             r->route ? r->route->name : "none", a->status,
             (long long)(clock_monotonic_us() - r->started_us));
    return sent;
}

static enum MHD_Result send_stream(WebServer *s, WebRequest *r) {
    struct MHD_Response *response = web_events_begin(r);
    if (!response)
        return send_answer(s, r);
    web_count(s, r, MHD_HTTP_OK);
    enum MHD_Result sent = MHD_queue_response(r->connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return sent;
}

static enum MHD_Result answer(WebServer *s, WebRequest *r) {
    if (r->refused || r->answered)
        return send_answer(s, r);
    if (r->route->flags & WEB_STREAM)
        return send_stream(s, r);
    if (r->route->method != WEB_GET || (r->route->flags & WEB_SLOW)) {
        if (web_jobs_push(s, r))
            return MHD_YES;
        web_problem_err(r, &r->answer, fail(&r->c, E_BUSY, "too many requests wait"));
        return send_answer(s, r);
    }
    web_request_run(r);
    return send_answer(s, r);
}

static enum MHD_Result on_request(void *self, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload_data,
                                  size_t *upload_data_size, void **request_state) {
    (void)version;
    WebServer *s = self;
    WebRequest *r = *request_state;
    if (!r) {
        r = web_request_new(s, connection);
        if (!r)
            return MHD_NO;
        *request_state = r;
        web_request_head(r, str_of(url), method);
        // To answer with the head ends the connection, which is right for whoever sends much in
        // vain, and too dear for everybody else.
        return r->refused && r->answer.last ? send_answer(s, r) : MHD_YES;
    }
    if (*upload_data_size > 0) {
        web_request_take(r, upload_data, *upload_data_size);
        *upload_data_size = 0;
        return MHD_YES;
    }
    if (r->at_work && !r->answered)
        return MHD_YES;
    return answer(s, r);
}

static void on_completed(void *self, struct MHD_Connection *connection, void **request_state,
                         enum MHD_RequestTerminationCode code) {
    (void)self;
    (void)connection;
    (void)code;
    if (*request_state)
        web_request_free(*request_state);
    *request_state = NULL;
}

// Escapes are undone by the routes, segment by segment: "%2F" in an id is no slash of the path.
static size_t keep_escapes(void *self, struct MHD_Connection *connection, char *s) {
    (void)self;
    (void)connection;
    return strlen(s);
}

// --- start and end
// --------------------------------------------------------------------------------

Err web_listen(Ctx *c, Str listen_text, bool tls, int *ret_fd, char ret_url[80]) {
    struct sockaddr_storage address;
    size_t bytes;
    TRY(web_address_parse(c, listen_text, tls, &address, &bytes));
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return fail_errno(c, "cannot make a socket");
    int on = 1;
    socklen_t n = (socklen_t)bytes;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    // The address goes through void because its two forms share only their beginning.
    void *any = &address;
    if (bind(fd, any, n) != 0 || listen(fd, 256) != 0) {
        int why = errno;
        close(fd);
        errno = why;
        if (why == EADDRINUSE)
            return fail(c, E_BUSY,
                        STR_FMT " is in use; choose another for --listen (of peers: --peer-listen)",
                        STR_ARG(listen_text));
        return fail_errno(c, "cannot listen on " STR_FMT, STR_ARG(listen_text));
    }
    n = sizeof address;
    if (getsockname(fd, any, &n) != 0) {
        close(fd);
        return fail_errno(c, "cannot tell the port");
    }
    bool six = address.ss_family == AF_INET6;
    const struct sockaddr_in *a4 = any;
    const struct sockaddr_in6 *a6 = any;
    Str host = listen_text;
    while (host.n && host.p[host.n - 1] != ':')
        host.n--;
    snprintf(ret_url, 80, "http%s://%.*s%u", tls ? "s" : "", (int)(host.n < 60 ? host.n : 60),
             host.p, (unsigned)ntohs(six ? a6->sin6_port : a4->sin_port));
    *ret_fd = fd;
    return OK;
}

// A PEM file as text with a NUL behind, on the heap.
static Err pem_read(Ctx *c, Str path, char **ret_text) {
    Str bytes;
    TRY(file_read_all(c, path, WEB_PEM_BYTES_MAX, &bytes));
    if (bytes.n && memchr(bytes.p, 0, bytes.n))
        return fail(c, E_INVALID, STR_FMT " is no PEM file", STR_ARG(path));
    char *text = mem_alloc(bytes.n + 1);
    if (!text)
        return fail(c, E_MEMORY, "no memory for a certificate");
    memcpy(text, bytes.p, bytes.n);
    text[bytes.n] = 0;
    *ret_text = text;
    return OK;
}

static int64_t or_else(int64_t given, int64_t otherwise) {
    return given > 0 ? given : otherwise;
}

static void limits_take(WebServer *s, const WebLimits *given) {
    s->limits = (WebLimits){
        .user_per_s = or_else(given->user_per_s, WEB_RATE_USER_PER_S),
        .user_burst = or_else(given->user_burst, WEB_RATE_USER_BURST),
        .address_per_s = or_else(given->address_per_s, WEB_RATE_ADDRESS_PER_S),
        .address_burst = or_else(given->address_burst, WEB_RATE_ADDRESS_BURST),
        .open_per_s = or_else(given->open_per_s, WEB_RATE_OPEN_PER_S),
        .open_burst = or_else(given->open_burst, WEB_RATE_OPEN_BURST),
        .public_per_s = or_else(given->public_per_s, WEB_RATE_PUBLIC_PER_S),
        .public_burst = or_else(given->public_burst, WEB_RATE_PUBLIC_BURST),
        .heartbeat_ms = given->heartbeat_ms > 0 ? given->heartbeat_ms : WEB_HEARTBEAT_MS,
    };
}

static Err prepare(Ctx *c, WebServer *s, const WebConfig *config) {
    DeskInfo info;
    uint64_t secret;
    s->node = config->node;
    s->version = config->version;
    if (config->tls_cert.n != 0 && config->tls_key.n != 0) {
        s->tls = true;
        TRY(pem_read(c, config->tls_cert, &s->certificate));
        TRY(pem_read(c, config->tls_key, &s->certificate_key));
    } else if (config->tls_cert.n || config->tls_key.n) {
        return fail(c, E_INVALID, "TLS needs both --tls-cert FILE and --tls-key FILE");
    }
    limits_take(s, &config->limits);
    crypto_random_fill(crypto_random_system(), &secret, sizeof secret);
    web_rates_init(&s->rates, secret);
    s->counters = mem_alloc_zero(web_route_count() + 1, sizeof *s->counters);
    if (!s->counters)
        return fail(c, E_MEMORY, "no memory for the server");
    TRY(desk_info(c, s->node, &info));
    TRY(web_uploads_open(c, s, info.dir));
    TRY(web_words_open(c, &s->words));
    TRY(web_openapi(c, s->version, &s->openapi));
    TRY(web_jobs_open(c, s));
    return web_events_open(c, s);
}

static Err start(Ctx *c, WebServer *s, const WebConfig *config) {
    int fd = -1;
    TRY(prepare(c, s, config));
    TRY(web_listen(c, config->listen, s->tls, &fd, s->url));
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned threads = config->threads ? config->threads : cores > 0 ? (unsigned)cores : 1;
    threads = threads < WEB_THREADS_MAX ? threads : WEB_THREADS_MAX;
    // A pool of one is refused by MHD: one thread needs no pool.
    unsigned pool = threads > 1 ? threads : 0;
    struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_MEM_KEY, 0, s->certificate_key},
                                   {MHD_OPTION_HTTPS_MEM_CERT, 0, s->certificate},
                                   {MHD_OPTION_END, 0, NULL}};
    struct MHD_OptionItem plain[] = {{MHD_OPTION_END, 0, NULL}};
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
                     (s->tls ? (unsigned)MHD_USE_TLS : 0);
    s->daemon =
        MHD_start_daemon(flags, 0, NULL, NULL, on_request, s, MHD_OPTION_LISTEN_SOCKET, fd,
                         MHD_OPTION_THREAD_POOL_SIZE, pool, MHD_OPTION_CONNECTION_LIMIT,
                         (unsigned)WEB_CONNECTIONS_MAX, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
                         (unsigned)WEB_ADDRESS_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
                         (unsigned)WEB_CONNECTION_IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                         (size_t)WEB_CONNECTION_BYTES_MAX, MHD_OPTION_STRICT_FOR_CLIENT, 1,
                         MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_UNESCAPE_CALLBACK,
                         keep_escapes, s, MHD_OPTION_ARRAY, s->tls ? tls : plain, MHD_OPTION_END);
    if (s->daemon)
        return OK;
    int why = errno;
    close(fd);
    if (s->tls)
        return fail(c, E_INVALID, "the server cannot start: look at the certificate and its key");
    return fail(c, E_IO, "the server cannot start: %s", strerror(why));
}

Err web_open(Ctx *c, const WebConfig *config, WebServer **ret_server) {
    WebServer *s = mem_alloc_zero(1, sizeof *s);
    if (!s)
        return fail(c, E_MEMORY, "no memory for the server");
    Err e = start(c, s, config);
    if (e != OK) {
        web_close(s);
        return e;
    }
    *ret_server = s;
    return OK;
}

void web_close(WebServer *s) {
    if (!s)
        return;
    // No connection may be suspended when the daemon stops: work is finished, streams are ended.
    int fd = s->daemon ? MHD_quiesce_daemon(s->daemon) : -1;
    web_jobs_close(s);
    web_events_close(s);
    if (s->daemon)
        MHD_stop_daemon(s->daemon);
    // MHD hands the listening socket back.
    if (fd >= 0)
        close(fd);
    web_words_done(&s->words);
    web_rates_done(&s->rates);
    buf_done(&s->openapi);
    mem_free(s->counters);
    mem_free(s->certificate);
    if (s->certificate_key)
        crypto_wipe(s->certificate_key, strlen(s->certificate_key));
    mem_free(s->certificate_key);
    mem_free(s);
}

const char *web_url(const WebServer *s) {
    return s->url;
}
