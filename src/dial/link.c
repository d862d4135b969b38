// The thread of one peer that can be called: a request in which the peer waits for news, and pushes
// beside it.
#include "dial/dial_priv.h"

#include <stdio.h>

// What the rest of the dial wants of this link now.
typedef struct Wishes {
    DeskLink link;
    char address[DIAL_URL_BYTES_MAX];
    bool end, rest; // rest: no calls for now
    bool stopped;   // because the peer said something false, or has two histories
    uint64_t own_generation;
    uint32_t bytes_max;
} Wishes;

static void wishes_take(DialPeer *p, Wishes *ret_w) {
    Dial *d = p->dial;
    pthread_mutex_lock(&d->lock);
    memcpy(ret_w->address, p->address, sizeof ret_w->address);
    ret_w->link = (DeskLink){.agency = p->agency, .key = p->key, .before = p->before};
    ret_w->end = d->ending || p->gone;
    // Where both could call, the smaller agency id does; the other steps in when it does not.
    bool polled = p->polled || clock_monotonic_us() - p->polled_us < 2 * DIAL_TICK_MS * 1000;
    bool greater = memcmp(d->agency.b, p->agency.b, sizeof d->agency.b) > 0;
    ret_w->stopped = p->stopped;
    ret_w->rest = p->stopped || !p->address[0] || (polled && greater);
    ret_w->own_generation = d->own_generation;
    ret_w->bytes_max = dial_bytes_max(d->count);
    pthread_mutex_unlock(&d->lock);
    ret_w->link.address = str_of(ret_w->address);
}

static void tell(DialPeer *p) {
    desk_link_state_set(p->dial->node, &p->agency, &p->state);
}

static void drop(DialPeer *p, DialCall *call) {
    if (call->active)
        curl_multi_remove_handle(p->multi, call->curl);
    call->active = false;
}

// A long message's memory is not kept while the link is quiet.
static void trim(DialCall *call) {
    if (call->message.cap > SYNC_MESSAGE_BYTES_MIN)
        buf_done(&call->message);
    if (call->answer.cap > SYNC_MESSAGE_BYTES_MIN)
        buf_done(&call->answer);
}

static void pause_for(DialPeer *p, int64_t us) {
    p->next_us = clock_monotonic_us() + us;
}

// Each time later than the last.
static void try_later(DialPeer *p) {
    if (p->tries < 30)
        p->tries++;
    pause_for(p, dial_retry_us(p->tries, rng_next(&p->rng)));
}

// After a failure: nothing stays open, and the next try comes later than the last one. `refused`:
// the code of its REFUSE, 0 where it said none.
static void broken_by(DialPeer *p, const char *words, int refused) {
    drop(p, &p->poll);
    drop(p, &p->push);
    p->up = p->brief = false;
    try_later(p);
    p->state.connected = false;
    p->state.failed_at = desk_now(p->dial->node);
    p->state.refused = refused;
    str_fit(p->state.words, sizeof p->state.words, str_of(words));
    tell(p);
}

static void broken(DialPeer *p, const char *words) {
    broken_by(p, words, 0);
}

// `words`: what of it, or of what we said (`refused`), was too much for one day; or empty.
static void went_through(DialPeer *p, const char *words, int refused) {
    p->up = true;
    p->tries = words[0] ? p->tries : 0;
    p->state.connected = true;
    str_fit(p->state.words, sizeof p->state.words, str_of(words));
    p->state.refused = refused;
    p->state.at_us = desk_now(p->dial->node);
    p->state.failed_at = words[0] ? p->state.at_us : 0;
    tell(p);
}

// Records were refused, ours there or theirs here, and what is small goes on. Who answers so at
// once, in place of waiting for news, is not asked in a circle.
static void too_much(DialPeer *p, const DialCall *call) {
    if (clock_monotonic_us() - call->begun_us > SYNC_WAIT_S * 1000000LL / 2) {
        p->tries = 0;
        return;
    }
    try_later(p);
    p->push_us = p->next_us;
}

// --- requests -----------------------------------------------------------------------------------

static void begin(DialPeer *p, const Wishes *w, DialCall *call) {
    DeskNode *node = p->dial->node;
    bool pushes = call == &p->push;
    uint32_t bytes = p->bytes < w->bytes_max ? p->bytes : w->bytes_max;
    DeskSyncAsk ask = {.bytes_max = bytes,
                       .answer_max = pushes ? DIAL_ACK_BYTES : bytes,
                       .wants_answer = true,
                       .brief = !pushes && p->brief,
                       .bare = p->bare};
    bool news = false;
    buf_clear(&call->message);
    Err e = desk_sync_make(&p->c, node, &p->agency, &ask, &call->message, &news);
    if (e != OK) {
        broken(p, p->c.error);
        return;
    }
    if (pushes && !news) {
        // The bell rang for what another message took along.
        p->push_us = clock_monotonic_us() + DIAL_TICK_SPACE_MS * 10 * 1000;
        return;
    }
    call->news = news;
    int wait_s = !news && p->up ? SYNC_WAIT_S : 0;
    e = dial_call_begin(&p->c, call, &w->link, wait_s);
    if (e == OK && curl_multi_add_handle(p->multi, call->curl) != CURLM_OK)
        e = fail(&p->c, E_MEMORY, "no memory for a call to a peer");
    if (e != OK) {
        broken(p, p->c.error);
        return;
    }
    call->active = true;
    call->begun_us = clock_monotonic_us();
}

static void take(DialPeer *p, DialCall *call, int64_t took_us) {
    DeskSyncTaken taken = {.gap_at = UINT64_MAX};
    Err e = OK;
    if (call->answer.n > 0)
        e = desk_sync_take(&p->c, p->dial->node, &p->agency, buf_view(&call->answer), &taken);
    if (e != OK) {
        broken(p, p->c.error);
        return;
    }
    if (taken.refused_us && !taken.bare) {
        broken_by(p, desk_refusal_words(taken.refused_us), taken.refused_us);
        return;
    }
    p->bare = taken.bare;
    if (taken.over)
        (void)!desk_sync_over(&p->c, p->dial->node, &p->agency);
    const char *refusal = p->bare ? desk_refusal_words(taken.refused_us) : "";
    went_through(p, taken.over ? p->c.error : refusal, taken.refused_us);
    if (taken.over || (p->bare && !taken.fresh))
        too_much(p, call);
    if (call == &p->poll)
        p->brief = taken.fresh > 0;
    if ((call->news || taken.fresh) && took_us < DIAL_SLOW_US)
        p->bytes = dial_bytes_more(p->bytes);
    else if (took_us > 5 * DIAL_SLOW_US)
        p->bytes = dial_bytes_less(p->bytes);
    // Nothing said and nothing heard: the peer does not wait. It is not asked in a circle.
    if (!call->news && !taken.fresh && !taken.more && took_us < DIAL_TICK_SPACE_MS * 1000)
        pause_for(p, DIAL_TICK_SPACE_MS * 1000);
}

// The peer does not know our key, or we not its: a recovery statement may be why.
static void state_recovery(DialPeer *p, const Wishes *w, bool other_key) {
    DialStatement s = {.node = p->dial->node,
                       .dial = p->dial,
                       .own = &p->dial->own,
                       .link = &w->link,
                       .other_key = other_key};
    bool done = false;
    ctx_reset(&p->c);
    if (dial_statement(&p->c, &s, &done) == OK && done)
        pause_for(p, DIAL_TICK_MS * 1000); // by then the keys that are pinned are the new ones
}

// A link that two histories stopped goes on by the agency's statement alone, and one that only we
// can call has no other way to hear it.
static void ask_stopped(DialPeer *p, const Wishes *w, int64_t now) {
    if (!w->stopped || !w->address[0] || now < p->ask_us)
        return;
    p->ask_us = now + DIAL_ASK_STOPPED_S * 1000000LL;
    state_recovery(p, w, true);
}

static void ended(DialPeer *p, const Wishes *w, DialCall *call, CURLcode code) {
    curl_multi_remove_handle(p->multi, call->curl);
    call->active = false;
    int64_t took_us = dial_call_took_us(call);
    Err e = dial_call_end(&p->c, call, code);
    if (e == OK) {
        take(p, call, took_us);
    } else {
        if (code == CURLE_OPERATION_TIMEDOUT && p->bytes > SYNC_MESSAGE_BYTES_MIN)
            p->bytes = SYNC_MESSAGE_BYTES_MIN; // the link is no longer what it was
        else if (p->up || call->answer.n > 0)
            p->bytes = dial_bytes_less(p->bytes);
        broken(p, p->c.error);
        if (call->other_key || call->no_word)
            state_recovery(p, w, call->other_key);
    }
    trim(call);
}

static void collect(DialPeer *p, const Wishes *w) {
    int running = 0, left = 0;
    curl_multi_perform(p->multi, &running);
    for (;;) {
        const CURLMsg *m = curl_multi_info_read(p->multi, &left);
        if (!m)
            return;
        if (m->msg != CURLMSG_DONE)
            continue;
        // What the message points to goes with its handle.
        CURLcode code = m->data.result;
        ended(p, w, m->easy_handle == p->push.curl ? &p->push : &p->poll, code);
    }
}

// --- the thread ---------------------------------------------------------------------------------

// A new link key: all connections under the old one end. False when there is no memory for it.
static bool renew(DialPeer *p, uint64_t generation) {
    drop(p, &p->poll);
    drop(p, &p->push);
    pthread_mutex_lock(&p->dial->lock);
    CURLM *fresh = curl_multi_init();
    if (fresh) {
        curl_multi_cleanup(p->multi);
        p->multi = fresh;
        p->own_generation = generation;
    }
    pthread_mutex_unlock(&p->dial->lock);
    return fresh != NULL;
}

// A push may go out beside a request in which the peer waits, and beside nothing else.
static bool may_push(const DialPeer *p, int64_t now) {
    return p->poll.active && !p->poll.news && !p->push.active && p->up && !p->bare &&
           now >= p->push_us && desk_sync_waits(p->dial->node, &p->agency);
}

// One look at everything; returns for how long nothing needs to be done, µs.
static int64_t look(DialPeer *p, const Wishes *w) {
    int64_t now = clock_monotonic_us();
    if (w->own_generation != p->own_generation && !renew(p, w->own_generation))
        return DIAL_TICK_MS * 1000;
    if (w->rest) {
        drop(p, &p->poll);
        drop(p, &p->push);
        p->up = false;
        ask_stopped(p, w, now);
        return DIAL_TICK_MS * 1000;
    }
    if (now < p->next_us && !p->poll.active && !p->push.active)
        return p->next_us - now;
    if (!p->poll.active && !p->push.active)
        begin(p, w, &p->poll);
    else if (may_push(p, now))
        begin(p, w, &p->push);
    collect(p, w);
    if ((!p->poll.active && !p->push.active) || may_push(p, now))
        return 0;
    return p->push_us > now ? p->push_us - now : DIAL_TICK_MS * 1000;
}

static void *run(void *self) {
    DialPeer *p = self;
    for (;;) {
        Wishes w;
        wishes_take(p, &w);
        if (w.end)
            break;
        int64_t us = look(p, &w);
        ctx_reset(&p->c);
        if (us > 0)
            curl_multi_poll(p->multi, NULL, 0, (int)(us / 1000) + 1, NULL);
    }
    drop(p, &p->poll);
    drop(p, &p->push);
    p->state.connected = false;
    tell(p);
    pthread_mutex_lock(&p->dial->lock);
    p->ended = true;
    pthread_mutex_unlock(&p->dial->lock);
    return NULL;
}

static Err open_parts(Ctx *c, DialPeer *p) {
    p->multi = curl_multi_init();
    if (!p->multi)
        return fail(c, E_MEMORY, "no memory for a link");
    TRY(dial_call_open(c, &p->dial->own, &p->poll));
    TRY(dial_call_open(c, &p->dial->own, &p->push));
    ctx_init(&p->c);
    return OK;
}

static void close_parts(DialPeer *p) {
    dial_call_close(&p->poll);
    dial_call_close(&p->push);
    if (p->multi)
        curl_multi_cleanup(p->multi);
    p->multi = NULL;
    ctx_done(&p->c);
}

Err dial_peer_start(Ctx *c, DialPeer *p) {
    pthread_attr_t attr;
    p->bytes = SYNC_MESSAGE_BYTES_MIN;
    rng_seed(&p->rng, load_u64le(p->agency.b) ^ (uint64_t)clock_monotonic_us());
    Err e = open_parts(c, p);
    if (e != OK) {
        close_parts(p);
        return e;
    }
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, DIAL_STACK_BYTES);
    int bad = pthread_create(&p->thread, &attr, run, p);
    pthread_attr_destroy(&attr);
    if (bad != 0) {
        close_parts(p);
        return fail(c, E_IO, "cannot start a thread for a link");
    }
    p->used = true;
    return OK;
}

void dial_peer_join(DialPeer *p) {
    if (p->used)
        pthread_join(p->thread, NULL);
    p->used = false;
    close_parts(p);
}
