// The head of a request: from where, for whom, to which route, who asks, what is sent.
#include "crypto/crypto.h"
#include "text/text.h"
#include "web/upload_priv.h"
#include <stdio.h>

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>

WebRequest *web_request_new(WebServer *s, struct MHD_Connection *connection) {
    WebRequest *r = mem_alloc_zero(1, sizeof *r);
    if (!r)
        return NULL;
    ctx_init(&r->c);
    r->server = s;
    r->node = s->node;
    r->connection = connection;
    r->started_us = clock_monotonic_us();
    web_answer_init(&r->answer);
    snprintf(r->id, sizeof r->id, "w%llu", atomic_fetch_add(&s->requests, 1) + 1);
    return r;
}

void web_request_free(WebRequest *r) {
    web_upload_end(r);
    if (r->counted)
        atomic_fetch_sub(&r->server->forms, 1);
    // Bodies may hold passwords.
    if (r->body.p)
        crypto_wipe(r->body.p, r->body.n);
    buf_done(&r->body);
    web_answer_done(&r->answer);
    json_reader_close(&r->reader);
    crypto_wipe(&r->key, sizeof r->key);
    crypto_wipe(&r->session, sizeof r->session);
    crypto_wipe(r->token, sizeof r->token);
    ctx_done(&r->c);
    mem_free(r);
}

static bool refuse(WebRequest *r, unsigned status, const char *code, const char *words) {
    web_problem(&r->answer, status, code, str_of(words), r->id);
    r->refused = true;
    return false;
}

static bool refuse_err(WebRequest *r, Err e) {
    web_problem_err(r, &r->answer, e);
    r->refused = true;
    return false;
}

static Str header(const WebRequest *r, const char *name) {
    return str_of(MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name));
}

static void take_address(WebRequest *r) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (!info || !info->client_addr)
        return;
    const void *any = info->client_addr;
    const struct sockaddr_in *a4 = any;
    const struct sockaddr_in6 *a6 = any;
    if (info->client_addr->sa_family == AF_INET) {
        inet_ntop(AF_INET, &a4->sin_addr, r->address, sizeof r->address);
    } else {
        struct in6_addr network = a6->sin6_addr;
        // One household has a whole /64.
        memset(network.s6_addr + 8, 0, 8);
        inet_ntop(AF_INET6, IN6_IS_ADDR_LOOPBACK(&a6->sin6_addr) ? &a6->sin6_addr : &network,
                  r->address, sizeof r->address);
    }
}

bool web_same_origin(Str origin, Str site, Str host, bool tls) {
    if (site.n && !str_eq_c(site, "same-origin") && !str_eq_c(site, "none"))
        return false;
    if (!origin.n)
        return true;
    Str scheme = tls ? STR("https://") : STR("http://");
    return str_starts(origin, scheme) &&
           str_eq((Str){origin.p + scheme.n, origin.n - scheme.n}, host);
}

// --- rates
// ----------------------------------------------------------------------------------------

static bool take(WebRequest *r, char kind, Str who, WebRate rate) {
    unsigned wait_s = 1;
    if (web_rate_take(&r->server->rates, kind, who, rate, clock_monotonic_us(), &wait_s))
        return true;
    r->answer.wait_s = wait_s;
    if (r->route && (r->route->flags & WEB_PAGE)) {
        web_public_message(r, &r->answer, MHD_HTTP_TOO_MANY_REQUESTS, "too_many");
        r->refused = true;
        return false;
    }
    return refuse(r, MHD_HTTP_TOO_MANY_REQUESTS, "too_many",
                  "Too many requests; wait as long as Retry-After says.");
}

static bool rates_allow(WebRequest *r) {
    const WebLimits *l = &r->server->limits;
    Str address = str_of(r->address);
    if (!take(r, 'a', address, (WebRate){l->address_per_s, l->address_burst}))
        return false;
    if (r->route->flags & WEB_PAGE)
        return take(r, 'o', address, (WebRate){l->open_per_s, l->open_burst}) &&
               take(r, 'p', STR("all"), (WebRate){l->public_per_s, l->public_burst});
    // A reader of the log takes nothing from victims and holders, who have buckets of their own.
    if (r->route->flags & WEB_PUBLIC)
        return take(r, 'l', address, (WebRate){l->public_per_s, l->public_burst}) &&
               take(r, 'm', STR("all"), (WebRate){l->public_per_s, l->public_burst});
    if (r->route->act == WEB_ANYONE && r->route->method != WEB_GET)
        return take(r, 'o', address, (WebRate){l->open_per_s, l->open_burst});
    return true;
}

// --- who asks
// -------------------------------------------------------------------------------------

static bool log_in_first(WebRequest *r) {
    const WebLimits *l = &r->server->limits;
    if (!take(r, 'o', str_of(r->address), (WebRate){l->open_per_s, l->open_burst}))
        return false;
    return refuse(r, MHD_HTTP_UNAUTHORIZED, "login", "Log in first.");
}

static bool token_take(WebRequest *r, Str token) {
    if (token.n == 0 || token.n >= sizeof r->token || memchr(token.p, 0, token.n))
        return false;
    memcpy(r->token, token.p, token.n);
    r->token[token.n] = 0;
    return true;
}

// A cookie is a session's, a bearer token an API token: neither serves as the other.
static bool find_who(WebRequest *r) {
    Str cookie = str_of(MHD_lookup_connection_value(r->connection, MHD_COOKIE_KIND, "moei"));
    Str authorization = header(r, "Authorization");
    Str bearer = {0};
    if (cookie.n && authorization.n)
        return refuse(r, MHD_HTTP_BAD_REQUEST, "invalid",
                      "A request has a session's cookie or a token, not both.");
    if (str_starts(authorization, STR("Bearer ")))
        bearer = str_trim((Str){authorization.p + 7, authorization.n - 7});
    r->by_cookie = cookie.n && !str_starts(cookie, STR("moei_"));
    r->by_token = str_starts(bearer, STR("moei_"));
    if (!r->by_cookie && !r->by_token)
        return log_in_first(r);
    if (!token_take(r, r->by_cookie ? cookie : bearer))
        return log_in_first(r);
    Err e = desk_session_find(&r->c, r->node, str_of(r->token), &r->desk, &r->key, &r->session);
    if (e == E_DENIED || e == E_NOT_FOUND || e == E_INVALID)
        return log_in_first(r);
    if (e != OK)
        return refuse_err(r, e);
    r->desk.outlet = r->by_cookie ? "page" : "api";
    return take(r, 'u', r->desk.name,
                (WebRate){r->server->limits.user_per_s, r->server->limits.user_burst});
}

static bool csrf_fits(const WebRequest *r) {
    Str given = header(r, "X-Moei-CSRF"), want = str_of(r->session.csrf);
    return want.n > 0 && given.n == want.n && crypto_equal(given.p, want.p, want.n);
}

static bool may_act(WebRequest *r) {
    int act = r->route->act;
    if (act < 0 && act != WEB_HERE)
        return true;
    Err e = desk_need(&r->c, &r->desk, act == WEB_HERE ? DESK_NODE_READ : (DeskAct)act);
    return e == OK || refuse_err(r, e);
}

// This machine's own monitoring, not what a proxy on it hands on.
static bool from_here(const WebRequest *r) {
    bool loopback =
        str_starts(str_of(r->address), STR("127.")) || str_eq_c(str_of(r->address), "::1");
    return loopback && !header(r, "X-Forwarded-For").n && !header(r, "Forwarded").n &&
           !header(r, "Authorization").n;
}

// Who logs in with a password that somebody else made does nothing before they have their own.
static bool password_is_own(WebRequest *r) {
    static const char *const open[] = {"sessionGet", "sessionClose", "passwordChange"};
    if (!r->by_cookie || !r->session.must_change_password)
        return true;
    for (size_t i = 0; i < COUNT_OF(open); i++) {
        if (strcmp(r->route->name, open[i]) == 0)
            return true;
    }
    return refuse(r, MHD_HTTP_FORBIDDEN, "denied",
                  "Choose a password of your own first: the one you logged in with was made by "
                  "somebody else.");
}

static bool who_may(WebRequest *r) {
    const WebRoute *route = r->route;
    bool writes = route->method != WEB_GET;
    if (writes && !(route->flags & WEB_PAGE) &&
        !web_same_origin(header(r, "Origin"), header(r, "Sec-Fetch-Site"), header(r, "Host"),
                         r->server->tls))
        return refuse(r, MHD_HTTP_FORBIDDEN, "denied", "The request comes from another site.");
    if (route->act == WEB_ANYONE || (route->act == WEB_HERE && from_here(r)))
        return true;
    if (!find_who(r))
        return false;
    if (writes && r->by_cookie && !csrf_fits(r))
        return refuse(r, MHD_HTTP_FORBIDDEN, "denied",
                      "The header X-Moei-CSRF must carry the session's csrf.");
    return password_is_own(r) && may_act(r);
}

// --- parameters
// -----------------------------------------------------------------------------------

static const char list_names[] = "after limit";

static size_t name_place(const char *names, Str name, size_t before) {
    Str rest = str_of(names), one;
    for (size_t i = before; rest.n && str_split(&rest, ' ', &one); i++)
        if (str_eq(one, name))
            return i;
    return SIZE_MAX;
}

static size_t name_count(const char *names) {
    size_t n = *names != 0;
    for (const char *p = names; *p; p++)
        n += *p == ' ';
    return n;
}

static size_t param_place(const WebRoute *route, Str name) {
    size_t i = name_place(route->params, name, 0);
    if (i == SIZE_MAX && (route->flags & WEB_LIST))
        i = name_place(list_names, name, name_count(route->params));
    return i;
}

static enum MHD_Result one_param(void *self, enum MHD_ValueKind kind, const char *key,
                                 const char *value) {
    (void)kind;
    WebRequest *r = self;
    Str name, text;
    if (!web_unescape(&r->c, str_of(key), &name) || !web_unescape(&r->c, str_of(value), &text)) {
        (void)refuse(r, MHD_HTTP_BAD_REQUEST, "invalid", "A parameter is not UTF-8.");
        return MHD_NO;
    }
    size_t place = param_place(r->route, name);
    if (place == SIZE_MAX || place >= WEB_PARAMS_MAX) {
        (void)refuse(r, MHD_HTTP_BAD_REQUEST, "invalid",
                     "A parameter is not among those of this address; see the OpenAPI document.");
        return MHD_NO;
    }
    if (r->params[place].n) {
        (void)refuse(r, MHD_HTTP_BAD_REQUEST, "invalid", "A parameter stands twice.");
        return MHD_NO;
    }
    r->params[place] = text;
    return MHD_YES;
}

Str web_param(const WebRequest *r, const char *name) {
    size_t place = param_place(r->route, str_of(name));
    ASSERT(place < WEB_PARAMS_MAX);
    return r->params[place];
}

bool web_param_yes(const WebRequest *r, const char *name) {
    Str v = web_param(r, name);
    return str_eq_c(v, "1") || str_eq_c(v, "true");
}

static bool take_params(WebRequest *r) {
    MHD_get_connection_values(r->connection, MHD_GET_ARGUMENT_KIND, one_param, r);
    if (r->refused)
        return false;
    Str limit = r->route->flags & WEB_LIST ? web_param(r, "limit") : (Str){0};
    int64_t n;
    if (limit.n && (!str_to_i64(limit, &n) || n < 1 || n > LIST_PAGE_ITEMS_MAX))
        return refuse(r, MHD_HTTP_BAD_REQUEST, "invalid", "limit is a number from 1 to 1000.");
    return true;
}

DeskPage web_page_of(WebRequest *r) {
    int64_t limit = 0;
    Str text = web_param(r, "limit");
    if (text.n && !str_to_i64(text, &limit))
        limit = 0; // was looked at with the head
    return (DeskPage){.cursor = web_param(r, "after"), .limit = (size_t)limit};
}

// --- what is sent
// ---------------------------------------------------------------------------------

// "text/csv; charset=utf-8" → "text/csv"; the boundary of a multipart form.
static void take_type(WebRequest *r) {
    Str rest = header(r, "Content-Type"), part;
    size_t n = 0;
    char *lower = NULL;
    if (!rest.n || !str_split(&rest, ';', &part))
        return;
    part = str_trim(part);
    if (ctx_alloc(&r->c, part.n + 1, &lower) != OK)
        return;
    for (; n < part.n; n++)
        lower[n] = (char)(part.p[n] >= 'A' && part.p[n] <= 'Z' ? part.p[n] | 0x20 : part.p[n]);
    r->type = (Str){lower, n};
    while (rest.n && str_split(&rest, ';', &part)) {
        part = str_trim(part);
        if (!str_starts(part, STR("boundary=")))
            continue;
        part = (Str){part.p + 9, part.n - 9};
        if (part.n >= 2 && part.p[0] == '"' && part.p[part.n - 1] == '"')
            part = (Str){part.p + 1, part.n - 2};
        r->boundary = part;
    }
}

static bool type_fits(const WebRequest *r) {
    switch (r->route->body) {
    case WEB_BODY_NONE:
        return true;
    case WEB_BODY_JSON:
        return str_eq_c(r->type, "application/json");
    case WEB_BODY_FILE:
        return str_starts(r->type, STR("text/")) || str_eq_c(r->type, "application/octet-stream") ||
               str_eq_c(r->type, "application/vnd.ms-excel") || str_eq_c(r->type, WEB_XLSX);
    case WEB_BODY_BYTES:
        return r->type.n > 0;
    case WEB_BODY_FORM:
        return str_eq_c(r->type, "application/x-www-form-urlencoded") ||
               (str_eq_c(r->type, "multipart/form-data") && r->boundary.n > 0);
    }
    UNREACHABLE();
}

static uint64_t body_limit(const WebRequest *r) {
    switch (r->route->body) {
    case WEB_BODY_NONE:
        return 0;
    case WEB_BODY_JSON:
        return WEB_BODY_BYTES_MAX;
    case WEB_BODY_FILE:
        return WEB_UPLOAD_BYTES_MAX;
    case WEB_BODY_BYTES:
        return WEB_ATTACHMENT_BYTES_MAX;
    case WEB_BODY_FORM:
        return WEB_FORM_BYTES_MAX;
    }
    UNREACHABLE();
}

static bool too_large(WebRequest *r) {
    if (r->route->flags & WEB_PAGE) {
        web_public_message(r, &r->answer, MHD_HTTP_CONTENT_TOO_LARGE, "contest_too_large");
        r->refused = true;
        return false;
    }
    return refuse(r, MHD_HTTP_CONTENT_TOO_LARGE, "too_large", "The body is too large.");
}

static bool body_allowed(WebRequest *r) {
    Str length = header(r, "Content-Length");
    int64_t n = 0;
    bool chunked = header(r, "Transfer-Encoding").n > 0;
    r->length = chunked ? UINT64_MAX : 0;
    if (length.n && str_to_i64(length, &n) && n > 0)
        r->length = (uint64_t)n;
    if (r->route->body == WEB_BODY_NONE)
        return r->length == 0 ||
               refuse(r, MHD_HTTP_BAD_REQUEST, "invalid", "This request has no body.");
    take_type(r);
    if (!type_fits(r))
        return refuse(r, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, "invalid",
                      r->route->body == WEB_BODY_JSON
                          ? "The body must be JSON: Content-Type: application/json."
                          : "The Content-Type is not one that this address takes.");
    if (!chunked && r->length > body_limit(r))
        return too_large(r);
    if (r->route->body == WEB_BODY_FORM) {
        r->counted = true;
        if (atomic_fetch_add(&r->server->forms, 1) >= WEB_FORMS_MAX)
            return refuse_err(r, fail(&r->c, E_BUSY, "other forms are being sent"));
    }
    if (r->route->body == WEB_BODY_FILE) {
        Err e = web_upload_begin(
            r, web_names_have(r->route->params, STR("name")) ? web_param(r, "name") : (Str){0});
        return e == OK || refuse_err(r, e);
    }
    return true;
}

void web_request_take(WebRequest *r, const char *bytes, size_t n) {
    if (r->refused)
        return; // read and thrown away
    uint64_t limit = body_limit(r);
    if (r->route->body == WEB_BODY_FILE) {
        r->body.n += n; // counts only: these bytes lie in the file
        if (r->body.n > limit) {
            r->body.n = 0;
            (void)too_large(r);
            return;
        }
        Err e = file_write(&r->c, &r->upload, bytes, n);
        if (e != OK) {
            r->body.n = 0;
            (void)refuse_err(r, e);
        }
        return;
    }
    if (r->body.n + n > limit) {
        (void)too_large(r);
        return;
    }
    buf_append(&r->body, bytes, n);
}

// --- keys of writes
// ---------------------------------------------------------------------------------

static bool take_key(WebRequest *r) {
    Str key = header(r, "Idempotency-Key");
    if (r->route->method == WEB_GET || r->route->act == WEB_ANYONE)
        return true;
    if (!key.n)
        return !r->by_token || (r->route->flags & WEB_NO_REPLAY) ||
               refuse(r, MHD_HTTP_BAD_REQUEST, "invalid",
                      "A write by a token carries an Idempotency-Key.");
    bool good = key.n <= WEB_KEY_BYTES_MAX;
    for (size_t i = 0; good && i < key.n; i++) {
        char ch = key.p[i];
        good = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
               ch == '_' || ch == '.' || ch == ':' || ch == '-';
    }
    if (!good)
        return refuse(r, MHD_HTTP_BAD_REQUEST, "invalid",
                      "An Idempotency-Key has 1 to 64 of A-Z a-z 0-9 . _ : -");
    memcpy(r->idempotency, key.p, key.n);
    r->idempotency[key.n] = 0;
    return true;
}

// --- the head
// -------------------------------------------------------------------------------------

static WebMethod method_of(const char *method) {
    if (strcmp(method, "HEAD") == 0)
        return WEB_GET;
    for (int m = 0; m < WEB_NO_METHOD; m++)
        if (strcmp(method, web_method_name((WebMethod)m)) == 0)
            return (WebMethod)m;
    return WEB_NO_METHOD;
}

// First segments of the pages' own addresses: the one page shows them all.
static const char *const pages[] = {
    "",           "account", "accounts", "answers", "cases",  "contacts", "exchange", "glass",
    "grievances", "intake",  "ledger",   "login",   "orders", "password", "reads",    "record",
    "refunds",    "reports", "search",   "session", "shift",  "shifts",   "tokens",   "users",
};

static bool names_page(Str name) {
    Str first;
    if (!str_split(&name, '/', &first))
        return false;
    for (size_t i = 0; i < COUNT_OF(pages); i++)
        if (str_eq_c(first, pages[i]))
            return first.n > 0 || !name.p;
    return false;
}

static bool static_file(WebRequest *r, Str url) {
    WebPage page;
    Str name;
    if (!web_unescape(&r->c, url, &name) || !name.n || name.p[0] != '/')
        return false;
    name = (Str){name.p + 1, name.n - 1};
    if (!web_page_find(name, &page) &&
        (!names_page(name) || !web_page_find(STR("index.html"), &page)))
        return false;
    r->answer.type = page.type;
    r->answer.cache = page.forever ? "public, max-age=31536000, immutable" : "no-cache";
    r->answer.fixed = page.bytes;
    r->answer.fixed_n = page.n;
    if (!page.forever)
        web_answer_etag(&r->answer, r->if_none_match);
    return true;
}

static bool not_this_method(WebRequest *r, WebMethod method, Str url) {
    AUTO(Buf) allow = {0};
    for (int m = 0; m < WEB_NO_METHOD; m++) {
        const WebRoute *route;
        WebPlaces places;
        if (web_route_find(&r->c, (WebMethod)m, url, &route, &places) == WEB_FOUND)
            buf_format(&allow, "%s%s", allow.n ? ", " : "",
                       m == WEB_GET ? "GET, HEAD" : web_method_name((WebMethod)m));
    }
    Str text;
    (void)method;
    if (str_copy(&r->c, allow.n ? buf_view(&allow) : STR("GET, HEAD"), &text) == OK)
        r->answer.allow = text.p;
    r->route = NULL;
    return refuse(r, MHD_HTTP_METHOD_NOT_ALLOWED, "method", "This address has no such method.");
}

static bool find_route(WebRequest *r, Str url, WebMethod method) {
    switch (web_route_find(&r->c, method, url, &r->route, &r->places)) {
    case WEB_FOUND:
        return true;
    case WEB_OTHER_METHOD:
        return not_this_method(r, method, url);
    case WEB_BAD_PATH:
        r->route = NULL;
        return refuse(r, MHD_HTTP_BAD_REQUEST, "invalid", "The address is not UTF-8.");
    case WEB_NO_PATH:
        r->refused = true;
        if (method != WEB_GET)
            return not_this_method(r, method, url);
        if (!static_file(r, url))
            web_problem_nothing(&r->answer);
        return false;
    }
    UNREACHABLE();
}

static bool head_allowed(WebRequest *r, Str url, const char *method) {
    Str host = header(r, "Host");
    if (!host.n || (!r->server->tls && !web_host_is_loopback(host)))
        return refuse(r, MHD_HTTP_MISDIRECTED_REQUEST, "invalid",
                      "This server answers on this machine only.");
    r->if_none_match = header(r, "If-None-Match");
    r->last_event_id = header(r, "Last-Event-ID");
    r->languages = header(r, "Accept-Language");
    return find_route(r, url, method_of(method)) && rates_allow(r) && who_may(r) &&
           take_params(r) && take_key(r) && body_allowed(r);
}

void web_request_head(WebRequest *r, Str url, const char *method) {
    Str path;
    take_address(r);
    if (str_copy(&r->c, url, &path) != OK) {
        (void)refuse_err(r, E_MEMORY);
        return;
    }
    r->path = path;
    (void)head_allowed(r, path, method);
    // Who sends more than is worth reading is told so at once, and cut off.
    if (r->refused && (r->length > WEB_BODY_BYTES_MAX))
        r->answer.last = true;
}
