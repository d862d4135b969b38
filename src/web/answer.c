// Answers: problems (RFC 9457), headers, ETags, responses.
#include "crypto/crypto.h"
#include "web/web_priv.h"
#include "json/json.h"
#include <stdio.h>

#include <microhttpd.h>
#include <unistd.h>

static const char page_policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src "
    "'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

static const struct {
    const char *name, *value;
} security_headers[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
};

void web_answer_init(WebAnswer *a) {
    *a = (WebAnswer){
        .status = MHD_HTTP_OK, .type = "application/json", .cache = "no-store", .fd = -1};
}

void web_answer_done(WebAnswer *a) {
    if (a->fd >= 0)
        close(a->fd);
    a->fd = -1;
    // It may hold a password that is shown once.
    if (a->body.p)
        crypto_wipe(a->body.p, a->body.n);
    buf_done(&a->body);
}

// --- problems
// -------------------------------------------------------------------------------------

void web_problem(WebAnswer *a, unsigned status, const char *code, Str detail, const char *request) {
    web_answer_done(a);
    WebAnswer fresh;
    web_answer_init(&fresh);
    fresh.allow = a->allow;
    fresh.wait_s = a->wait_s;
    fresh.last = a->last;
    fresh.status = status;
    fresh.type = "application/problem+json";
    JsonWriter w = json_writer_start(&fresh.body);
    json_put_object_begin(&w);
    json_put_key_str(&w, "code", str_of(code));
    json_put_key_str(&w, "detail", detail);
    if (request)
        json_put_key_str(&w, "request", str_of(request));
    json_put_key_i64(&w, "status", status);
    const char *title = MHD_get_reason_phrase_for(status);
    json_put_key_str(&w, "title", str_of(title ? title : "Error"));
    json_put_key_str(&w, "type", STR("about:blank"));
    json_put_object_end(&w);
    buf_char(&fresh.body, '\n');
    *a = fresh;
}

// Without the number of the request: what is hidden and what is absent have the same bytes.
void web_problem_nothing(WebAnswer *a) {
    web_problem(a, MHD_HTTP_NOT_FOUND, "not_found", STR("There is nothing here."), NULL);
}

static void problem_busy(WebAnswer *a, const char *request) {
    a->wait_s = 1;
    web_problem(a, MHD_HTTP_SERVICE_UNAVAILABLE, "busy", STR("Too much at once; try again."),
                request);
}

void web_problem_err(WebRequest *r, WebAnswer *a, Err e) {
    Str words = str_of(r->c.error);
    switch (e) {
    case E_INVALID:
    case E_USAGE:
    case E_UNSUPPORTED:
        web_problem(a, MHD_HTTP_BAD_REQUEST, "invalid", words, r->id);
        return;
    case E_NOT_FOUND:
        web_problem_nothing(a);
        return;
    case E_DENIED:
        web_problem(a, MHD_HTTP_FORBIDDEN, "denied", words, r->id);
        return;
    case E_STATE:
        web_problem(a, MHD_HTTP_CONFLICT, "state", words, r->id);
        return;
    case E_EXISTS:
        web_problem(a, MHD_HTTP_CONFLICT, "exists", words, r->id);
        return;
    case E_LIMIT:
        web_problem(a, MHD_HTTP_CONTENT_TOO_LARGE, "too_large", words, r->id);
        return;
    case E_READ_ONLY:
        web_problem(a, MHD_HTTP_SERVICE_UNAVAILABLE, "read_only",
                    STR("The node is read-only; its operator knows why."), r->id);
        return;
    case E_BUSY:
    case E_CANCELLED:
    case E_MEMORY:
        problem_busy(a, r->id);
        return;
    case OK:
    case E_IO:
    case E_NO_SPACE:
    case E_CORRUPT:
    case E_CRYPTO:
        // The words may name files; they are for the operator.
        web_problem(a, MHD_HTTP_INTERNAL_SERVER_ERROR, "fault",
                    STR("The node has a fault; its operator finds the request in the log."), r->id);
        return;
    }
    UNREACHABLE();
}

// --- ETag
// -----------------------------------------------------------------------------------------

// True when the list of a If-None-Match header names the tag; weak ones compare alike.
static bool tag_listed(Str list, Str tag) {
    Str one;
    if (str_eq_c(str_trim(list), "*"))
        return true;
    while (list.n && str_split(&list, ',', &one)) {
        one = str_trim(one);
        if (str_starts(one, STR("W/")))
            one = (Str){one.p + 2, one.n - 2};
        if (str_eq(one, tag))
            return true;
    }
    return false;
}

void web_answer_etag(WebAnswer *a, Str if_none_match) {
    const void *bytes = a->fixed ? (const void *)a->fixed : a->body.p;
    size_t n = a->fixed ? a->fixed_n : a->body.n;
    if (a->etag[0] == 0) {
        CryptoHash hash = crypto_sha256(bytes, n);
        static const char digits[] = "0123456789abcdef";
        a->etag[0] = '"';
        for (size_t i = 0; i < 16; i++) {
            a->etag[1 + 2 * i] = digits[hash.b[i] >> 4];
            a->etag[2 + 2 * i] = digits[hash.b[i] & 15];
        }
        a->etag[33] = '"';
        a->etag[34] = 0;
    }
    if (!if_none_match.n || !tag_listed(if_none_match, str_of(a->etag)))
        return;
    a->status = MHD_HTTP_NOT_MODIFIED;
    a->fixed = NULL;
    buf_clear(&a->body);
}

// --- responses
// ------------------------------------------------------------------------------------

static bool header(struct MHD_Response *response, const char *name, Str value) {
    char text[1024];
    if (value.n >= sizeof text)
        return false;
    memcpy(text, value.p, value.n);
    text[value.n] = 0;
    // A line end would begin a header of somebody else's choice.
    for (size_t i = 0; i < value.n; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return false;
    return MHD_add_response_header(response, name, text) == MHD_YES;
}

bool web_response_guard(struct MHD_Response *response, Str policy, bool tls) {
    bool whole = header(response, "Content-Security-Policy",
                        policy.n ? policy : (Str){page_policy, sizeof page_policy - 1});
    for (size_t i = 0; i < COUNT_OF(security_headers); i++)
        whole =
            whole && header(response, security_headers[i].name, str_of(security_headers[i].value));
    if (tls)
        whole = whole && header(response, "Strict-Transport-Security",
                                STR("max-age=31536000; includeSubDomains"));
    return whole;
}

static struct MHD_Response *response_of(const WebAnswer *a) {
    if (a->fd >= 0) {
        // MHD closes its descriptor with the response, this answer its own.
        int fd = dup(a->fd);
        struct MHD_Response *response =
            fd < 0 ? NULL : MHD_create_response_from_fd64(a->fd_bytes, fd);
        if (!response && fd >= 0)
            close(fd);
        return response;
    }
    // MHD takes a pointer without const, and does not write through it.
    union {
        const void *in;
        void *out;
    } bytes = {a->fixed ? (const void *)a->fixed : (const void *)a->body.p};
    return MHD_create_response_from_buffer(a->fixed ? a->fixed_n : a->body.n, bytes.out,
                                           a->fixed ? MHD_RESPMEM_PERSISTENT
                                                    : MHD_RESPMEM_MUST_COPY);
}

static bool optional(struct MHD_Response *response, const char *name, Str value) {
    return !value.n || header(response, name, value);
}

// "Sun, 22 Nov 2026 22:56:46 GMT" (RFC 9110, 5.6.7), whatever the locale.
static bool put_date(struct MHD_Response *response, int64_t now_us) {
    static const char days[] = "ThuFriSatSunMonTueWed"; // from 1970-01-01
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char at[TIME_TEXT_BYTES], text[32];
    time_format_record(now_us, at);
    size_t day = (size_t)(now_us / TIME_DAY_US % 7) * 3;
    size_t month = (size_t)((at[5] - '0') * 10 + (at[6] - '0') - 1) * 3;
    snprintf(text, sizeof text, "%.3s, %.2s %.3s %.4s %.8s GMT", days + day, at + 8, months + month,
             at, at + 11);
    return header(response, MHD_HTTP_HEADER_DATE, str_of(text));
}

struct MHD_Response *web_response(const WebAnswer *a, int64_t now_us, bool tls) {
    struct MHD_Response *response = response_of(a);
    char text[64];
    if (!response)
        return NULL;
    bool whole = web_response_guard(response, a->policy, tls) && put_date(response, now_us) &&
                 header(response, "Cache-Control", str_of(a->cache)) &&
                 optional(response, "Location", a->location) &&
                 optional(response, "Set-Cookie", a->cookie) &&
                 optional(response, "Content-Language", a->language) &&
                 optional(response, "ETag", str_of(a->etag)) &&
                 optional(response, "Allow", str_of(a->allow));
    if (a->status != MHD_HTTP_NOT_MODIFIED && a->status != MHD_HTTP_NO_CONTENT)
        whole = whole && header(response, "Content-Type", str_of(a->type));
    if (a->replayed)
        whole = whole && header(response, "Idempotency-Replayed", STR("true"));
    if (a->last)
        whole = whole && header(response, "Connection", STR("close"));
    if (a->wait_s) {
        snprintf(text, sizeof text, "%u", a->wait_s);
        whole = whole && header(response, "Retry-After", str_of(text));
    }
    if (a->filename.n) {
        char name[256];
        snprintf(name, sizeof name, "attachment; filename=\"%.*s\"",
                 (int)(a->filename.n < 128 ? a->filename.n : 128), a->filename.p);
        whole = whole && header(response, "Content-Disposition", str_of(name));
    }
    if (whole)
        return response;
    // An answer without its protecting headers is not sent.
    MHD_destroy_response(response);
    return NULL;
}

Err web_policy_of(Ctx *c, Str html, Str *ret_policy) {
    AUTO(Buf) b = {0};
    Str rest = html;
    size_t at, end, styles = 0;
    buf_text(&b, "default-src 'none'; img-src data:; base-uri 'none'; form-action 'self'; "
                 "frame-ancestors 'none'; style-src");
    while (styles < WEB_STYLES_MAX && str_find(rest, STR("<style>"), &at)) {
        rest = (Str){rest.p + at + 7, rest.n - at - 7};
        if (!str_find(rest, STR("</style>"), &end))
            break;
        CryptoHash hash = crypto_sha256(rest.p, end);
        buf_text(&b, " 'sha256-");
        crypto_base64_put(&b, hash.b, sizeof hash.b);
        buf_char(&b, '\'');
        rest = (Str){rest.p + end, rest.n - end};
        styles++;
    }
    if (!styles)
        buf_text(&b, " 'none'");
    TRY(buf_check(c, &b));
    return str_copy(c, buf_view(&b), ret_policy);
}
