// The HTTP server: routes, headers, limits. libmicrohttpd with epoll, one thread a core.
#include "text/text.h"
#include "web/web_priv.h"
#include "json/json.h"

#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

struct WebServer {
    struct MHD_Daemon *daemon;
    DeskNode *node;
    const char *version;
    char url[80];
    atomic_ullong requests;
};

typedef struct Route {
    const char *path;
    const char *name; // for the log
    bool demo;        // only on a demo node
    Err (*answer)(WebRequest *r, Buf *out);
} Route;

static const Route routes[] = {
    {"/healthz", "health", false, web_health},
    {"/api/demo/trace", "demo-trace", true, web_demo_trace},
    {"/api/demo/public-record", "demo-public-record", true, web_demo_public_record},
};

static const struct {
    const char *name, *value;
} security_headers[] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src "
     "'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
};

// --- answers
// --------------------------------------------------------------------------------------

typedef struct Answer {
    unsigned status;
    const char *type, *cache;
    const char *name;           // of the route, for the log
    const unsigned char *fixed; // bytes of the program, or NULL: body
    size_t fixed_n;
    Buf body;
} Answer;

static void answer_error(Answer *a, unsigned status, const char *word, const char *message) {
    buf_clear(&a->body);
    a->status = status;
    a->type = "application/json";
    a->cache = "no-store";
    a->fixed = NULL;
    JsonWriter w = json_writer_start(&a->body);
    json_put_object_begin(&w);
    json_put_key_str(&w, "error", str_of(word));
    json_put_key_str(&w, "message", str_of(message));
    json_put_object_end(&w);
    buf_char(&a->body, '\n');
}

static void answer_nothing(Answer *a) {
    answer_error(a, MHD_HTTP_NOT_FOUND, "not_found", "There is nothing here.");
}

static void answer_failure(Answer *a, Err e, const char *words) {
    switch (e) {
    case E_INVALID:
    case E_USAGE:
    case E_UNSUPPORTED:
        answer_error(a, MHD_HTTP_BAD_REQUEST, "invalid", words);
        return;
    case E_NOT_FOUND:
    case E_DENIED:
        answer_nothing(a);
        return;
    case E_STATE:
    case E_EXISTS:
        answer_error(a, MHD_HTTP_CONFLICT, "state", words);
        return;
    case E_BUSY:
    case E_LIMIT:
    case E_CANCELLED:
    case E_MEMORY:
        answer_error(a, MHD_HTTP_SERVICE_UNAVAILABLE, "fault", "Too much at once; try again.");
        return;
    case OK:
    case E_IO:
    case E_NO_SPACE:
    case E_READ_ONLY:
    case E_CORRUPT:
    case E_CRYPTO:
        // The words may name files; they are for the log of the operator.
        answer_error(a, MHD_HTTP_INTERNAL_SERVER_ERROR, "fault", "The node has a fault.");
        return;
    }
    UNREACHABLE();
}

static enum MHD_Result answer_send(struct MHD_Connection *connection, Answer *a) {
    static const char sorry[] = "{\"error\":\"fault\",\"message\":\"No memory.\"}\n";
    struct MHD_Response *response;
    if (a->body.failed) {
        a->status = MHD_HTTP_SERVICE_UNAVAILABLE;
        a->fixed = (const unsigned char *)sorry;
        a->fixed_n = sizeof sorry - 1;
    }
    // MHD takes a pointer without const, and does not write through it.
    union {
        const void *in;
        void *out;
    } bytes = {a->fixed ? (const void *)a->fixed : (const void *)a->body.p};
    response =
        MHD_create_response_from_buffer(a->fixed ? a->fixed_n : a->body.n, bytes.out,
                                        a->fixed ? MHD_RESPMEM_PERSISTENT : MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    bool whole = MHD_add_response_header(response, "Content-Type", a->type) == MHD_YES &&
                 MHD_add_response_header(response, "Cache-Control", a->cache) == MHD_YES;
    for (size_t i = 0; i < COUNT_OF(security_headers); i++)
        whole = whole && MHD_add_response_header(response, security_headers[i].name,
                                                 security_headers[i].value) == MHD_YES;
    if (a->status == MHD_HTTP_METHOD_NOT_ALLOWED)
        whole = whole && MHD_add_response_header(response, "Allow", "GET, HEAD") == MHD_YES;
    // An answer without its protecting headers is not sent.
    enum MHD_Result sent = whole ? MHD_queue_response(connection, a->status, response) : MHD_NO;
    MHD_destroy_response(response);
    return sent;
}

// --- requests
// -------------------------------------------------------------------------------------

static bool parameter(struct MHD_Connection *connection, const char *name, Str *ret_value) {
    const char *value = NULL;
    size_t n = 0;
    *ret_value = (Str){0};
    if (MHD_lookup_connection_value_n(connection, MHD_GET_ARGUMENT_KIND, name, strlen(name), &value,
                                      &n) != MHD_YES ||
        !value)
        return true;
    *ret_value = (Str){value, n};
    return text_utf8_valid(*ret_value) && !memchr(value, 0, n);
}

static void answer_route(WebServer *s, struct MHD_Connection *connection, const Route *route,
                         Answer *a) {
    AUTO(Ctx) c;
    ctx_init(&c);
    DeskInfo info;
    WebRequest r = {.c = &c, .node = s->node, .version = s->version};
    a->name = route->name;
    if (!parameter(connection, "case", &r.case_id) || !parameter(connection, "rule", &r.rule) ||
        !parameter(connection, "until", &r.until)) {
        answer_error(a, MHD_HTTP_BAD_REQUEST, "invalid", "A parameter is not UTF-8.");
        return;
    }
    Err e = route->demo ? desk_info(&c, s->node, &info) : OK;
    if (e == OK && route->demo && !info.demo) {
        answer_nothing(a);
        return;
    }
    if (e == OK)
        e = route->answer(&r, &a->body);
    if (e == OK)
        e = buf_check(&c, &a->body);
    if (e != OK)
        answer_failure(a, e, c.error);
    // The code, not the words: those may name a case or a file.
    if (a->status >= 500)
        log_line(LOG_ERROR, "web", NULL, "route=%s error=%s", route->name, err_name(e));
}

static void answer_path(WebServer *s, struct MHD_Connection *connection, const char *url,
                        Answer *a) {
    for (size_t i = 0; i < COUNT_OF(routes); i++)
        if (strcmp(url, routes[i].path) == 0) {
            answer_route(s, connection, &routes[i], a);
            return;
        }
    WebPage page;
    Str name = strcmp(url, "/") == 0 ? STR("index.html") : str_of(url + (url[0] == '/'));
    a->name = "page";
    if (!web_page_find(name, &page)) {
        answer_nothing(a);
        return;
    }
    a->type = page.type;
    a->cache = page.forever ? "public, max-age=31536000, immutable" : "no-cache";
    a->fixed = page.bytes;
    a->fixed_n = page.n;
}

static bool has_body(struct MHD_Connection *connection) {
    const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
    return (length && strcmp(length, "0") != 0) ||
           MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Transfer-Encoding");
}

static enum MHD_Result on_request(void *self, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload_data,
                                  size_t *upload_data_size, void **request_state) {
    (void)version;
    (void)upload_data;
    (void)upload_data_size;
    static char head_seen;
    bool get = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
    // The first call comes with the head alone. To answer it then would end the connection, which
    // is right for whoever sends a body or another method, and too dear for everybody else.
    if (!*request_state && get && !has_body(connection)) {
        *request_state = &head_seen;
        return MHD_YES;
    }
    WebServer *s = self;
    int64_t start = clock_monotonic_us();
    char id[24];
    snprintf(id, sizeof id, "w%llu", atomic_fetch_add(&s->requests, 1) + 1);
    Answer a = {.status = MHD_HTTP_OK, .type = "application/json", .cache = "no-store"};
    a.name = "none";
    const char *host = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Host");
    if (!host || !web_host_is_loopback(str_of(host)))
        answer_error(&a, MHD_HTTP_MISDIRECTED_REQUEST, "host",
                     "This server answers on this machine only.");
    else if (!get)
        answer_error(&a, MHD_HTTP_METHOD_NOT_ALLOWED, "method", "Only GET and HEAD.");
    else if (*request_state != &head_seen)
        answer_error(&a, MHD_HTTP_BAD_REQUEST, "invalid", "A GET has no body.");
    else
        answer_path(s, connection, url, &a);
    enum MHD_Result sent = answer_send(connection, &a);
    log_line(LOG_DEBUG, "web", id, "route=%s status=%u us=%lld", a.name, a.status,
             (long long)(clock_monotonic_us() - start));
    buf_done(&a.body);
    return sent;
}

// --- start and end
// --------------------------------------------------------------------------------

static Err listen_on(Ctx *c, Str listen_text, int *ret_fd, char ret_url[80]) {
    struct sockaddr_storage address;
    size_t bytes;
    TRY(web_address_parse(c, listen_text, &address, &bytes));
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
                        STR_FMT " is in use; choose another with --listen 127.0.0.1:PORT",
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
    snprintf(ret_url, 80, "http://%.*s%u", (int)(host.n < 60 ? host.n : 60), host.p,
             (unsigned)ntohs(six ? a6->sin6_port : a4->sin_port));
    *ret_fd = fd;
    return OK;
}

Err web_open(Ctx *c, const WebConfig *config, WebServer **ret_server) {
    WebServer *s = mem_alloc_zero(1, sizeof *s);
    if (!s)
        return fail(c, E_MEMORY, "no memory for the server");
    s->node = config->node;
    s->version = config->version;
    int fd = -1;
    Err e = listen_on(c, config->listen, &fd, s->url);
    if (e != OK) {
        mem_free(s);
        return e;
    }
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned threads = config->threads ? config->threads : cores > 0 ? (unsigned)cores : 1;
    threads = threads < WEB_THREADS_MAX ? threads : WEB_THREADS_MAX;
    // A pool of one is refused by MHD: one thread needs no pool.
    unsigned pool = threads > 1 ? threads : 0;
    s->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, on_request, s, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_THREAD_POOL_SIZE, pool, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)WEB_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)WEB_CONNECTION_IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)WEB_CONNECTION_BYTES_MAX, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    if (!s->daemon) {
        close(fd);
        mem_free(s);
        return fail(c, E_IO, "the server cannot start: %s", strerror(errno));
    }
    *ret_server = s;
    return OK;
}

void web_close(WebServer *s) {
    if (!s)
        return;
    MHD_stop_daemon(s->daemon);
    mem_free(s);
}

const char *web_url(const WebServer *s) {
    return s->url;
}

Err web_health(WebRequest *r, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key_bool(&w, "ok", true);
    json_put_key_str(&w, "version", str_of(r->version));
    json_put_object_end(&w);
    TRY(json_writer_end(r->c, &w));
    buf_char(out, '\n');
    return OK;
}
