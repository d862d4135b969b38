// What is done with peers' requests: messages taken and made, and waiting for news.
#include "web/peer_priv.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>

// --- lists; all under the lock ------------------------------------------------------------------

static void list_put(PeerList *list, PeerRequest *r) {
    r->next = NULL;
    if (list->last)
        list->last->next = r;
    else
        list->first = r;
    list->last = r;
    list->count++;
}

static PeerRequest *list_take(PeerList *list) {
    PeerRequest *r = list->first;
    if (!r)
        return NULL;
    list->first = r->next;
    if (!list->first)
        list->last = NULL;
    list->count--;
    r->next = NULL;
    return r;
}

// Moves those for whom `over` says so from the waiting to the queue.
typedef bool (*PeerOver)(const PeerRequest *r, const void *self);
static void release(WebPeers *s, PeerOver over, const void *self) {
    PeerList waiting = s->waiting;
    s->waiting = (PeerList){0};
    PeerRequest *r;
    while ((r = list_take(&waiting)) != NULL) {
        bool goes = over(r, self);
        list_put(goes ? &s->queue : &s->waiting, r);
        if (goes)
            r->wait_s = 0;
    }
    if (s->queue.count)
        pthread_cond_broadcast(&s->come);
}

// --- peers --------------------------------------------------------------------------------------

static PeerSeen *seen_of(WebPeers *s, const CryptoHash *agency) {
    for (size_t i = 0; i < s->seen_count; i++)
        if (memcmp(s->seen[i].agency.b, agency->b, sizeof agency->b) == 0)
            return &s->seen[i];
    AUTO(Ctx) c = {0};
    if (s->seen_count >= PEERS_MAX ||
        mem_grow(&c, &s->seen, &s->seen_cap, s->seen_count + 1, sizeof *s->seen) != OK)
        return NULL;
    s->seen[s->seen_count] = (PeerSeen){.agency = *agency};
    return &s->seen[s->seen_count++];
}

bool web_peer_enter(PeerRequest *r) {
    WebPeers *s = r->s;
    pthread_mutex_lock(&s->lock);
    PeerSeen *p = seen_of(s, &r->agency);
    bool room = p && p->requests < WEB_PEER_REQUESTS_MAX && !s->ending;
    bool first = false;
    if (room) {
        r->entered = true;
        r->polls = r->wait_s > 0;
        first = r->polls && p->polls == 0;
        p->requests++;
        p->polls += r->polls;
        p->last_us = clock_monotonic_us();
    }
    pthread_mutex_unlock(&s->lock);
    if (first && s->config.on_polled)
        s->config.on_polled(s->config.self, &r->agency, true);
    return room;
}

void web_peer_leave(PeerRequest *r) {
    WebPeers *s = r->s;
    if (!r->entered)
        return;
    bool last = false;
    pthread_mutex_lock(&s->lock);
    PeerSeen *p = seen_of(s, &r->agency);
    if (p) {
        p->requests--;
        p->polls -= r->polls;
        p->last_us = clock_monotonic_us();
        last = r->polls && p->polls == 0;
    }
    pthread_mutex_unlock(&s->lock);
    r->entered = false;
    if (last && s->config.on_polled)
        s->config.on_polled(s->config.self, &r->agency, false);
}

bool web_peer_hold(PeerRequest *r, size_t n) {
    long long held = atomic_fetch_add(&r->s->held, (long long)n) + (long long)n;
    r->held += n;
    return held <= WEB_PEER_BYTES_MAX;
}

void web_peer_let_go(PeerRequest *r) {
    atomic_fetch_sub(&r->s->held, (long long)r->held);
    r->held = 0;
}

// --- messages -----------------------------------------------------------------------------------

// `words`: what of it was refused, or NULL.
static void went_through(PeerRequest *r, const char *words) {
    WebPeers *s = r->s;
    DeskLinkState state = {.connected = true, .at_us = desk_now(s->node)};
    pthread_mutex_lock(&s->lock);
    PeerSeen *p = seen_of(s, &r->agency);
    if (p)
        p->connected = true;
    pthread_mutex_unlock(&s->lock);
    if (words) {
        state.failed_at = state.at_us;
        str_fit(state.words, sizeof state.words, str_of(words));
    }
    desk_link_state_set(s->node, &r->agency, &state);
}

static void log_refused(const PeerRequest *r, const char *what, Err why) {
    char peer[17] = "";
    for (size_t i = 0; i < 8; i++)
        snprintf(peer + 2 * i, 3, "%02x", r->agency.b[i]);
    log_line(LOG_WARN, "web", NULL, "peer=%s %s refused error=%s", peer, what, err_name(why));
}

static void took_not(Ctx *c, PeerRequest *r, Err why) {
    WebPeers *s = r->s;
    DeskLinkState state = {.connected = true, .failed_at = desk_now(s->node)};
    snprintf(state.words, sizeof state.words, "%.255s", c->error);
    desk_link_state_set(s->node, &r->agency, &state);
    log_refused(r, "message", why);
    ctx_reset(c);
    buf_clear(&r->answer);
    bool said = desk_sync_refuse(c, s->node, &r->agency, why, &r->answer) == OK &&
                !r->answer.failed && r->answer.n > 0;
    if (!said)
        buf_clear(&r->answer);
    r->status = said ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
}

// Takes the message. False when the answer is there already.
static bool take(Ctx *c, PeerRequest *r) {
    DeskSyncTaken taken = {.gap_at = UINT64_MAX};
    Err e = desk_sync_take(c, r->s->node, &r->agency, buf_view(&r->body), &taken);
    r->taken = true;
    buf_done(&r->body);
    web_peer_let_go(r);
    if (e != OK) {
        took_not(c, r, e);
        return false;
    }
    if (taken.over) {
        e = desk_sync_over(c, r->s->node, &r->agency);
        log_refused(r, "records", e);
    }
    went_through(r, taken.over ? c->error : NULL);
    r->answer_max = taken.answer_max;
    r->brief = taken.fresh > 0;
    r->bare = taken.bare;
    // Who has sent something wants to know at once that it has come, or has not.
    if (taken.fresh || taken.known || taken.over || taken.gap_at != UINT64_MAX)
        r->wait_s = 0;
    if (!taken.wants_answer)
        r->status = MHD_HTTP_NO_CONTENT;
    return taken.wants_answer;
}

static bool is_of(const PeerRequest *r, const void *self) {
    const CryptoHash *agency = self;
    return memcmp(r->agency.b, agency->b, sizeof agency->b) == 0;
}

static void make(Ctx *c, PeerRequest *r) {
    DeskSyncAsk ask = {.bytes_max = r->answer_max, .brief = r->brief, .bare = r->bare};
    CryptoHash who;
    bool news;
    // While it waited, its key may have become that of a thief.
    Err e = desk_link_peer(c, r->s->node, &r->key, &who);
    if (e == OK && !is_of(r, &who))
        e = fail(c, E_DENIED, "this link key is another agency's now");
    if (e == OK)
        e = desk_sync_make(c, r->s->node, &r->agency, &ask, &r->answer, &news);
    if (e == OK && web_peer_hold(r, r->answer.n)) {
        r->status = MHD_HTTP_OK;
        return;
    }
    buf_done(&r->answer);
    r->status = MHD_HTTP_SERVICE_UNAVAILABLE;
}

// --- waiting ------------------------------------------------------------------------------------

static bool has_news(const PeerRequest *r) {
    return !r->bare && desk_sync_waits(r->s->node, &r->agency);
}

// Puts a request among those that wait. False when there is nothing to wait for. An older one of
// the same peer is answered: its caller is most likely gone.
static bool park(PeerRequest *r) {
    WebPeers *s = r->s;
    CryptoHash agency = r->agency;
    if (r->wait_s == 0 || has_news(r))
        return false;
    pthread_mutex_lock(&s->lock);
    bool parked = !s->ending;
    if (parked) {
        release(s, is_of, &agency);
        r->until_us = clock_monotonic_us() + (int64_t)r->wait_s * 1000000;
        list_put(&s->waiting, r);
    }
    pthread_mutex_unlock(&s->lock);
    // From here on the request may be answered by another worker.
    return parked;
}

static bool is_over(const PeerRequest *r, const void *self) {
    const int64_t *now_us = self;
    return *now_us >= r->until_us || has_news(r);
}

#define SILENT_US ((SYNC_WAIT_S + 10) * 1000000LL)

// Peers that have not called for longer than a request may wait are no longer connected.
static void look_for_silent(WebPeers *s, int64_t now_us) {
    for (;;) {
        CryptoHash agency;
        bool silent = false;
        pthread_mutex_lock(&s->lock);
        for (size_t i = 0; i < s->seen_count && !silent; i++) {
            PeerSeen *p = &s->seen[i];
            silent = p->connected && p->requests == 0 && now_us - p->last_us > SILENT_US;
            if (silent) {
                p->connected = false;
                agency = p->agency;
            }
        }
        pthread_mutex_unlock(&s->lock);
        if (!silent)
            return;
        DeskLinkState state = {.connected = false,
                               .failed_at = desk_now(s->node),
                               .words = "the peer has stopped calling"};
        desk_link_state_set(s->node, &agency, &state);
    }
}

static void *listen_to_bell(void *self) {
    WebPeers *s = self;
    uint64_t seen = desk_news_count(s->node);
    for (;;) {
        // What is to be disclosed is looked for behind the bell: so it is looked at again soon,
        // rung or not.
        seen = desk_news_wait(s->node, seen, WEB_PEER_TURN_MS);
        int64_t now_us = clock_monotonic_us();
        pthread_mutex_lock(&s->lock);
        bool end = s->ending;
        release(s, is_over, &now_us);
        pthread_mutex_unlock(&s->lock);
        if (end)
            return NULL;
        look_for_silent(s, now_us);
    }
}

// --- recovery statements ------------------------------------------------------------------------

void web_peer_offer(WebPeers *s, Str statements) {
    pthread_mutex_lock(&s->lock);
    if (s->offer_count < COUNT_OF(s->offers) && statements.n <= sizeof s->offers->bytes &&
        !s->ending) {
        PeerOffer *o = &s->offers[s->offer_count++];
        memcpy(o->bytes, statements.p, statements.n);
        o->n = statements.n;
        pthread_cond_signal(&s->come);
    }
    pthread_mutex_unlock(&s->lock);
}

// Under the lock.
static bool offer_next(WebPeers *s, PeerOffer *ret_offer) {
    if (s->offer_count == 0)
        return false;
    *ret_offer = s->offers[0];
    s->offer_count--;
    memmove(&s->offers[0], &s->offers[1], s->offer_count * sizeof *s->offers);
    return true;
}

static void look_at_offer(Ctx *c, WebPeers *s, const PeerOffer *o) {
    bool taken = false;
    Str statements = {(const char *)o->bytes, o->n};
    Err e = desk_statements_offer(c, s->node, NULL, statements, &taken);
    if (taken)
        log_line(LOG_WARN, "web", NULL, "recovery statement taken");
    else
        log_line(LOG_INFO, "web", NULL, "recovery statement error=%s", err_name(e));
}

// --- workers ------------------------------------------------------------------------------------

static void *work(void *self) {
    WebPeers *s = self;
    AUTO(Ctx) c = {0};
    pthread_mutex_lock(&s->lock);
    for (;;) {
        PeerRequest *r = list_take(&s->queue);
        PeerOffer offer;
        if (!r && s->ending)
            break;
        if (!r && offer_next(s, &offer)) {
            pthread_mutex_unlock(&s->lock);
            look_at_offer(&c, s, &offer);
            ctx_reset(&c);
            pthread_mutex_lock(&s->lock);
            continue;
        }
        if (!r) {
            pthread_cond_wait(&s->come, &s->lock);
            continue;
        }
        pthread_mutex_unlock(&s->lock);
        bool parked = false;
        if (r->taken || take(&c, r)) {
            parked = park(r);
            if (!parked)
                make(&c, r);
        }
        if (!parked)
            MHD_resume_connection(r->connection);
        ctx_reset(&c);
        pthread_mutex_lock(&s->lock);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

bool web_peer_push(PeerRequest *r) {
    WebPeers *s = r->s;
    pthread_mutex_lock(&s->lock);
    bool room = s->queue.count < WEB_QUEUE_MAX && !s->ending;
    if (room) {
        // Before a worker can see it: resuming comes after suspending.
        MHD_suspend_connection(r->connection);
        r->at_work = true;
        list_put(&s->queue, r);
        pthread_cond_signal(&s->come);
    }
    pthread_mutex_unlock(&s->lock);
    return room;
}

Err web_peer_work_open(Ctx *c, WebPeers *s) {
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->come, NULL);
    s->made = true;
    for (size_t i = 0; i < WEB_PEER_WORKERS; i++) {
        errno = pthread_create(&s->workers[i], NULL, work, s);
        if (errno != 0)
            return fail_errno(c, "cannot start a thread of the listener");
        s->worker_count++;
    }
    errno = pthread_create(&s->bell, NULL, listen_to_bell, s);
    if (errno != 0)
        return fail_errno(c, "cannot start a thread of the listener");
    s->listens = true;
    return OK;
}

static bool all_of_them(const PeerRequest *r, const void *self) {
    (void)r;
    (void)self;
    return true;
}

void web_peer_work_close(WebPeers *s) {
    if (!s->made)
        return;
    pthread_mutex_lock(&s->lock);
    s->ending = true;
    release(s, all_of_them, NULL);
    pthread_cond_broadcast(&s->come);
    pthread_mutex_unlock(&s->lock);
    for (size_t i = 0; i < s->worker_count; i++)
        pthread_join(s->workers[i], NULL);
    if (s->listens)
        pthread_join(s->bell, NULL);
    s->worker_count = 0;
    s->listens = false;
}
