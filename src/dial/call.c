// One request to a peer: libcurl with GnuTLS, and our own look at the key of the other side.
#include "dial/dial_priv.h"
#include "tls/tls.h"

#include <stdio.h>

#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

// --- our certificate ----------------------------------------------------------------------------

Err dial_own_open(Ctx *c, DialOwn *ret_own) {
    DialOwn own = {.certificate_fd = memfd_create("moei-certificate", MFD_CLOEXEC),
                   .key_fd = memfd_create("moei-link-key", MFD_CLOEXEC)};
    if (own.certificate_fd < 0 || own.key_fd < 0) {
        Err e = fail_errno(c, "cannot hold the certificate in memory");
        dial_own_close(&own);
        return e;
    }
    snprintf(own.certificate_path, sizeof own.certificate_path, "/proc/self/fd/%d",
             own.certificate_fd);
    snprintf(own.key_path, sizeof own.key_path, "/proc/self/fd/%d", own.key_fd);
    *ret_own = own;
    return OK;
}

static Err put_whole(Ctx *c, int fd, const char *text) {
    size_t n = strlen(text);
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, n, 0) != (ssize_t)n)
        return fail_errno(c, "cannot hold the certificate in memory");
    return OK;
}

Err dial_own_set(Ctx *c, DialOwn *own, const CryptoSignKey *link_key) {
    AUTO(TlsIdentity) identity = {0};
    TRY(tls_identity_make(c, link_key, &identity));
    TRY(put_whole(c, own->key_fd, identity.key));
    TRY(put_whole(c, own->certificate_fd, identity.certificate));
    own->key = crypto_sign_key_public(link_key);
    return OK;
}

void dial_own_close(DialOwn *own) {
    if (own->certificate_fd >= 0)
        close(own->certificate_fd);
    if (own->key_fd >= 0)
        close(own->key_fd);
    *own = (DialOwn){.certificate_fd = -1, .key_fd = -1};
}

void DialOwnOpen_cleanup(DialOwnOpen *own) {
    dial_own_close(own);
}

// --- sizes and times ----------------------------------------------------------------------------

uint32_t dial_bytes_more(uint32_t bytes) {
    return bytes > DIAL_BYTES_MAX / 2 ? DIAL_BYTES_MAX : bytes * 2;
}

uint32_t dial_bytes_less(uint32_t bytes) {
    return bytes / 2 < DIAL_BYTES_MIN ? DIAL_BYTES_MIN : bytes / 2;
}

uint32_t dial_bytes_max(size_t links) {
    size_t each = DIAL_MEMORY_BYTES / (links ? links : 1);
    each = each < DIAL_BYTES_MAX ? each : DIAL_BYTES_MAX;
    return each > SYNC_MESSAGE_BYTES_MIN ? (uint32_t)each : SYNC_MESSAGE_BYTES_MIN;
}

int64_t dial_retry_us(unsigned tries, uint64_t random) {
    int64_t ms = DIAL_RETRY_MS_MIN;
    for (unsigned i = 1; i < tries && ms < DIAL_RETRY_MS_MAX; i++)
        ms *= 2;
    ms = ms < DIAL_RETRY_MS_MAX ? ms : DIAL_RETRY_MS_MAX;
    // Between a half and the whole of it, so that many callers do not come at once.
    return ms * 500 + (int64_t)(random % (uint64_t)(ms * 500 + 1));
}

// --- what libcurl asks --------------------------------------------------------------------------

// Called with the handshake done, and before anything of the request is sent; for each request,
// also on a connection that stands.
static int before_request(void *self, char *peer_address, char *own_address, int peer_port,
                          int own_port) {
    (void)peer_address;
    (void)own_address;
    (void)peer_port;
    (void)own_port;
    DialCall *call = self;
    struct curl_tlssessioninfo *info = NULL;
    CryptoPublicKey shown;
    AUTO(Ctx) c = {0};
    if (call->any_key)
        return CURL_PREREQFUNC_OK;
    if (curl_easy_getinfo(call->curl, CURLINFO_TLS_SSL_PTR, &info) == CURLE_OK && info &&
        info->backend == CURLSSLBACKEND_GNUTLS && info->internals &&
        tls_peer_key(&c, info->internals, &shown) == OK &&
        (crypto_equal(shown.b, call->pinned.b, sizeof shown.b) ||
         crypto_equal(shown.b, call->before.b, sizeof shown.b)))
        return CURL_PREREQFUNC_OK;
    call->other_key = true;
    return CURL_PREREQFUNC_ABORT;
}

static size_t take_answer(char *bytes, size_t size, size_t count, void *self) {
    DialCall *call = self;
    size_t n = size * count;
    size_t most = call->any_key ? WEB_PEER_OFFER_BYTES_MAX : WEB_PEER_BODY_BYTES_MAX;
    if (call->answer.n + n > most) {
        call->too_long = true;
        return CURL_WRITEFUNC_ERROR;
    }
    buf_append(&call->answer, bytes, n);
    return call->answer.failed ? CURL_WRITEFUNC_ERROR : n;
}

// A link that is silent for long is dead, and the system is to say so.
static int set_socket(void *self, curl_socket_t fd, curlsocktype purpose) {
    (void)self;
    (void)purpose;
    unsigned ms = DIAL_SILENT_S * 1000, waiting = DIAL_UNSENT_BYTES;
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms);
    // Little waits in the kernel: a slow link shows while the message goes out.
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &waiting, sizeof waiting);
    return CURL_SOCKOPT_OK;
}

// --- a request ----------------------------------------------------------------------------------

static CURLcode set_tls(CURL *curl, const DialOwn *own) {
    CURLcode bad = CURLE_OK;
    // No authority is asked and no name compared: before_request compares the key.
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_CAINFO, NULL);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_3);
    // A session that is taken up again would not show the key again.
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_SSLCERT, own->certificate_path);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_SSLKEY, own->key_path);
    return bad;
}

static CURLcode set_all(DialCall *call, const DialOwn *own) {
    CURL *curl = call->curl;
    CURLcode bad = set_tls(curl, own);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_PROXY, "");
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_POST, 1L);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_HTTPHEADER, call->headers);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, call->error);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_answer);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, set_socket);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, before_request);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)DIAL_CONNECT_S);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)DIAL_SILENT_S);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_TCP_KEEPIDLE, 20L);
    bad = bad ? bad : curl_easy_setopt(curl, CURLOPT_TCP_KEEPINTVL, 10L);
    return bad;
}

Err dial_call_open(Ctx *c, const DialOwn *own, DialCall *ret_call) {
    DialCall call = {.curl = curl_easy_init()};
    struct curl_slist *more;
    call.headers = curl_slist_append(NULL, "Content-Type: application/vnd.moei.sync");
    // To wait for "100 Continue" would cost a round trip.
    more = call.headers ? curl_slist_append(call.headers, "Expect:") : NULL;
    if (!call.curl || !more || set_all(&call, own) != CURLE_OK) {
        dial_call_close(&call);
        return fail(c, E_MEMORY, "no memory for a call to a peer");
    }
    *ret_call = call;
    return OK;
}

void dial_call_close(DialCall *call) {
    if (call->curl)
        curl_easy_cleanup(call->curl);
    curl_slist_free_all(call->headers);
    buf_done(&call->message);
    buf_done(&call->answer);
    *call = (DialCall){0};
}

void DialCallOpen_cleanup(DialCallOpen *call) {
    dial_call_close(call);
}

Err dial_url(Ctx *c, const DeskLink *link, const char *path, char *ret_url) {
    Str base = link->address;
    while (base.n && base.p[base.n - 1] == '/')
        base.n--;
    if (!str_starts(base, STR("https://")) || base.n >= DIAL_URL_BYTES_MAX ||
        memchr(base.p, 0, base.n) || memchr(base.p, '?', base.n) || memchr(base.p, '#', base.n))
        return fail(c, E_INVALID, "the peer's address is none: https://HOST:PORT is wanted");
    snprintf(ret_url, DIAL_URL_BYTES_MAX + 32, STR_FMT "%s", STR_ARG(base), path);
    return OK;
}

Err dial_call_begin(Ctx *c, DialCall *call, const DeskLink *link, int wait_s) {
    char url[DIAL_URL_BYTES_MAX + 32], path[32];
    snprintf(path, sizeof path, wait_s ? "/sync/v1?wait=%d" : "/sync/v1", wait_s);
    TRY(dial_url(c, link, path, url));
    call->pinned = link->key;
    call->before = link->before;
    call->other_key = call->too_long = call->no_word = false;
    call->error[0] = 0;
    buf_clear(&call->answer);
    CURL *curl = call->curl;
    // The addresses of the call may have changed since it was opened.
    if (curl_easy_setopt(curl, CURLOPT_URL, url) != CURLE_OK ||
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, call) != CURLE_OK ||
        curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, call->error) != CURLE_OK ||
        curl_easy_setopt(curl, CURLOPT_PREREQDATA, call) != CURLE_OK ||
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->message.p) != CURLE_OK ||
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)call->message.n) != CURLE_OK)
        return fail(c, E_MEMORY, "no memory for a call to a peer");
    return OK;
}

static Err words_of_status(Ctx *c, long status) {
    if (status == 429 || status == 503)
        return fail(c, E_LIMIT, "the peer has no room for us now (HTTP %ld)", status);
    return fail(c, E_IO, "what answers at the peer's address is no node's listener (HTTP %ld)",
                status);
}

Err dial_call_end(Ctx *c, DialCall *call, CURLcode code) {
    long status = 0;
    char *type = NULL;
    if (call->other_key)
        return fail(c, E_DENIED,
                    "who answers at the peer's address has another key than the peer's card says");
    if (call->too_long)
        return fail(c, E_IO, "the peer's answer is longer than a message may be");
    call->no_word = code == CURLE_GOT_NOTHING;
    if (call->no_word)
        return fail(c, E_IO,
                    "the peer ends the connection without a word: it has not confirmed us, or not "
                    "any more");
    if (code != CURLE_OK)
        return fail(c, E_IO, "the peer is not reached: %s; what waits goes with the next try",
                    call->error[0] ? call->error : curl_easy_strerror(code));
    curl_easy_getinfo(call->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status == 204)
        return OK;
    if (status != 200)
        return words_of_status(c, status);
    curl_easy_getinfo(call->curl, CURLINFO_CONTENT_TYPE, &type);
    if (!type || strcmp(type, "application/vnd.moei.sync") != 0)
        return fail(c, E_IO, "what answers at the peer's address is no node's listener");
    return OK;
}

int64_t dial_call_took_us(const DialCall *call) {
    curl_off_t ready = 0, first = 0, whole = 0;
    curl_easy_getinfo(call->curl, CURLINFO_PRETRANSFER_TIME_T, &ready);
    curl_easy_getinfo(call->curl, CURLINFO_STARTTRANSFER_TIME_T, &first);
    curl_easy_getinfo(call->curl, CURLINFO_TOTAL_TIME_T, &whole);
    // A push is timed with the answer to it: that is when all of it had arrived.
    return call->news ? whole - ready : whole - first;
}
