// Server-sent events: what is new, to each who may see it, until their session ends.
#include "crypto/crypto.h"
#include "web/web_priv.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>

// One open answer. The thread of events fills `out`; the connection's thread takes from it.
struct WebStream {
    WebServer *server;
    struct MHD_Connection *connection;
    char token[DESK_TOKEN_TEXT_BYTES]; // asked again each time: rights may have changed
    int64_t user;
    bool by_cookie;
    Buf out;
    size_t taken;
    Buf place; // where to go on
    int64_t spoke_us;
    bool suspended, ending, gone;
    bool listed; // else it is freed with its response
    WebStream *next;
};

static void stream_free(WebStream *t) {
    crypto_wipe(t->token, sizeof t->token);
    buf_done(&t->out);
    buf_done(&t->place);
    mem_free(t);
}

static void wake(WebStream *t) {
    if (!t->suspended)
        return;
    t->suspended = false;
    MHD_resume_connection(t->connection);
}

// --- the connection's side
// ------------------------------------------------------------------------

static ssize_t stream_read(void *self, uint64_t pos, char *bytes, size_t max) {
    (void)pos;
    WebStream *t = self;
    WebEvents *all = &t->server->events;
    ssize_t n = 0;
    pthread_mutex_lock(&all->lock);
    size_t left = t->out.n - t->taken;
    if (left > 0) {
        size_t k = left < max ? left : max;
        memcpy(bytes, t->out.p + t->taken, k);
        t->taken += k;
        n = (ssize_t)k;
        if (t->taken == t->out.n) {
            buf_clear(&t->out);
            t->taken = 0;
        }
    } else if (t->ending || all->ending) {
        n = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        MHD_suspend_connection(t->connection);
        t->suspended = true;
    }
    pthread_mutex_unlock(&all->lock);
    return n;
}

// MHD has done with the answer. The thread of events takes the stream out of its list.
static void stream_gone(void *self) {
    WebStream *t = self;
    WebEvents *all = &t->server->events;
    pthread_mutex_lock(&all->lock);
    t->gone = true;
    t->suspended = false;
    bool alone = !all->running || !t->listed;
    pthread_mutex_unlock(&all->lock);
    if (alone)
        stream_free(t);
}

static Err stream_first(WebRequest *r, WebStream *t) {
    const DeskNews *items;
    size_t n;
    Str place = r->last_event_id;
    // A place that is not this user's, or too old to be known, is refused before the stream is.
    TRY(desk_news(&r->c, &r->desk, place, 1, &items, &n, &place));
    if (r->last_event_id.n)
        place = r->last_event_id;
    buf_str(&t->place, place);
    buf_text(&t->out, "retry: 3000\n\n");
    return buf_check(&r->c, &t->place);
}

static Err stream_add(WebRequest *r, WebStream *t) {
    WebEvents *all = &r->server->events;
    size_t mine = 0;
    Err e = OK;
    pthread_mutex_lock(&all->lock);
    for (const WebStream *o = all->first; o; o = o->next)
        mine += !o->gone && !o->ending && o->user == t->user;
    if (mine >= WEB_USER_STREAMS_MAX || all->count >= WEB_STREAMS_MAX || all->ending) {
        e = fail(&r->c, E_LIMIT, "this user has enough event streams open");
    } else {
        t->listed = true;
        t->next = all->first;
        all->first = t;
        all->count++;
    }
    pthread_mutex_unlock(&all->lock);
    return e;
}

struct MHD_Response *web_events_begin(WebRequest *r) {
    WebStream *t = mem_alloc_zero(1, sizeof *t);
    if (!t) {
        web_problem_err(r, &r->answer, E_MEMORY);
        return NULL;
    }
    t->server = r->server;
    t->connection = r->connection;
    t->user = r->desk.user;
    t->by_cookie = r->by_cookie;
    t->spoke_us = clock_monotonic_us();
    memcpy(t->token, r->token, sizeof t->token);
    Err e = stream_first(r, t);
    struct MHD_Response *response = NULL;
    if (e == OK)
        response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, WEB_STREAM_BLOCK_BYTES,
                                                     stream_read, t, stream_gone);
    if (!response) {
        stream_free(t);
        web_problem_err(r, &r->answer, e == OK ? E_MEMORY : e);
        return NULL;
    }
    if (MHD_add_response_header(response, "Content-Type", "text/event-stream") != MHD_YES ||
        MHD_add_response_header(response, "Cache-Control", "no-store") != MHD_YES ||
        !web_response_guard(response, (Str){0}, r->server->tls))
        e = E_MEMORY;
    if (e == OK)
        e = stream_add(r, t);
    if (e == OK)
        return response;
    // Not in the list: whoever destroys the response frees it.
    if (e == E_LIMIT) {
        r->answer.wait_s = 30;
        web_problem(&r->answer, MHD_HTTP_TOO_MANY_REQUESTS, "too_many", str_of(r->c.error), r->id);
    } else {
        web_problem_err(r, &r->answer, e);
    }
    MHD_destroy_response(response);
    return NULL;
}

// --- the thread of events
// -------------------------------------------------------------------------

static void put_news(Buf *b, const DeskNews *news) {
    buf_text(b, "id: ");
    buf_str(b, news->place);
    buf_text(b, "\nevent: record\ndata: ");
    JsonWriter w = json_writer_start(b);
    json_put_object_begin(&w);
    web_put_time(&w, "at", news->at);
    json_put_key_str(&w, "id", news->id);
    json_put_key_str(&w, "kind", news->kind);
    json_put_key_str(&w, "root", news->root);
    json_put_object_end(&w);
    buf_text(b, "\n\n");
}

// What is new for one stream since its place. The lock is held only where `out` is touched; the
// list is changed by this thread alone, but for new streams in front.
static Err stream_feed(Ctx *c, WebStream *t) {
    WebEvents *all = &t->server->events;
    AUTO(Buf) text = {0};
    Desk desk;
    const DeskNews *items;
    size_t n;
    Str place;
    // An open page is no use of the session: it ends when nobody does anything.
    TRY(desk_session_look(c, t->server->node, str_of(t->token), &desk));
    desk.outlet = t->by_cookie ? "page" : "api";
    TRY(desk_need(c, &desk, DESK_RECORD_READ));
    TRY(desk_news(c, &desk, buf_view(&t->place), WEB_NEWS_MAX, &items, &n, &place));
    for (size_t i = 0; i < n; i++)
        put_news(&text, &items[i]);
    buf_clear(&t->place);
    buf_str(&t->place, place);
    int64_t now = clock_monotonic_us();
    if (n == 0 && now - t->spoke_us >= (int64_t)all->heartbeat_ms * 1000)
        buf_text(&text, ": here\n\n");
    if (text.failed || t->place.failed)
        return fail(c, E_MEMORY, "no memory for events");
    pthread_mutex_lock(&all->lock);
    if (text.n) {
        t->spoke_us = now;
        buf_append(&t->out, text.p, text.n);
        // Who does not read comes back with Last-Event-ID when he does.
        if (t->out.failed || t->out.n - t->taken > WEB_STREAM_BYTES_MAX)
            t->ending = true;
        wake(t);
    }
    pthread_mutex_unlock(&all->lock);
    return OK;
}

// Takes out what MHD has done with.
static void streams_sweep(WebEvents *all) {
    pthread_mutex_lock(&all->lock);
    WebStream **at = &all->first;
    while (*at) {
        WebStream *t = *at;
        if (!t->gone) {
            at = &t->next;
            continue;
        }
        *at = t->next;
        all->count--;
        stream_free(t);
    }
    pthread_mutex_unlock(&all->lock);
}

static void streams_feed(WebEvents *all) {
    AUTO(Ctx) c;
    ctx_init(&c);
    pthread_mutex_lock(&all->lock);
    WebStream *t = all->first;
    pthread_mutex_unlock(&all->lock);
    for (; t; t = t->next) {
        pthread_mutex_lock(&all->lock);
        bool over = t->ending || t->gone;
        pthread_mutex_unlock(&all->lock);
        if (over)
            continue;
        ctx_reset(&c);
        Err e = stream_feed(&c, t);
        // A full pool of readers is over in a moment; all else is the end of this stream.
        if (e == OK || e == E_BUSY)
            continue;
        pthread_mutex_lock(&all->lock);
        t->ending = true;
        wake(t);
        pthread_mutex_unlock(&all->lock);
    }
}

static void *events_run(void *self) {
    WebServer *s = self;
    WebEvents *all = &s->events;
    uint64_t seen = desk_news_count(s->node);
    int64_t fed_us = 0;
    for (;;) {
        pthread_mutex_lock(&all->lock);
        bool ending = all->ending;
        pthread_mutex_unlock(&all->lock);
        if (ending)
            return NULL;
        streams_sweep(all);
        uint64_t now = desk_news_wait(s->node, seen, WEB_NEWS_WAIT_MS);
        int64_t at = clock_monotonic_us();
        // Sessions end and hearts beat without news, too.
        if (now == seen && at - fed_us < (int64_t)WEB_NEWS_WAIT_MS * 1000)
            continue;
        seen = now;
        fed_us = at;
        streams_feed(all);
    }
}

Err web_events_open(Ctx *c, WebServer *s) {
    pthread_mutex_init(&s->events.lock, NULL);
    s->events.heartbeat_ms = s->limits.heartbeat_ms;
    s->events.running = true;
    errno = pthread_create(&s->events.thread, NULL, events_run, s);
    if (errno == 0)
        return OK;
    s->events.running = false;
    return fail_errno(c, "cannot start the thread of events");
}

void web_events_close(WebServer *s) {
    WebEvents *all = &s->events;
    if (!all->running)
        return;
    pthread_mutex_lock(&all->lock);
    all->ending = true;
    pthread_mutex_unlock(&all->lock);
    pthread_join(all->thread, NULL);
    streams_sweep(all);
    pthread_mutex_lock(&all->lock);
    all->running = false;
    // From here on each stream is freed with its response; one that is gone was just swept, or
    // is freed here.
    WebStream *t = all->first;
    all->first = NULL;
    while (t) {
        WebStream *next = t->next;
        t->ending = true;
        if (t->gone)
            stream_free(t);
        else
            wake(t);
        t = next;
    }
    pthread_mutex_unlock(&all->lock);
}
