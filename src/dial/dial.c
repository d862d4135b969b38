// Start and end, the ticks, and which peers are called.
#include "dial/dial_priv.h"

// --- the list of links
// ----------------------------------------------------------------------------

static void wake(Dial *d) {
    pthread_mutex_lock(&d->lock);
    for (size_t i = 0; i < d->count; i++)
        if (!d->peers[i]->ended)
            curl_multi_wakeup(d->peers[i]->multi);
    pthread_mutex_unlock(&d->lock);
}

static DialPeer *find(Dial *d, const CryptoHash *agency) {
    for (size_t i = 0; i < d->count; i++)
        if (memcmp(d->peers[i]->agency.b, agency->b, sizeof agency->b) == 0)
            return d->peers[i];
    return NULL;
}

static void adopt(DialPeer *p, const DeskLink *link) {
    p->key = link->key;
    p->before = link->before;
    p->stopped = link->stopped;
    size_t n = link->address.n < sizeof p->address ? link->address.n : 0;
    memcpy(p->address, link->address.p ? link->address.p : "", n);
    p->address[n] = 0;
}

static Err start_peer(Ctx *c, Dial *d, const DeskLink *link) {
    DialPeer *p = mem_alloc_zero(1, sizeof *p);
    if (!p)
        return fail(c, E_MEMORY, "no memory for a link");
    p->dial = d;
    p->agency = link->agency;
    p->own_generation = d->own_generation;
    p->polled_us = INT64_MIN / 2;
    p->listed = true;
    adopt(p, link);
    Err e = dial_peer_start(c, p);
    if (e == OK) {
        pthread_mutex_lock(&d->lock);
        e = mem_grow(c, &d->peers, &d->cap, d->count + 1, sizeof *d->peers);
        if (e == OK)
            d->peers[d->count++] = p;
        else
            p->gone = true;
        pthread_mutex_unlock(&d->lock);
        if (e == OK)
            return OK;
        curl_multi_wakeup(p->multi);
        dial_peer_join(p);
    }
    mem_free(p);
    return e;
}

// Joins the threads whose peers are gone.
static void sweep(Dial *d) {
    for (;;) {
        DialPeer *over = NULL;
        pthread_mutex_lock(&d->lock);
        for (size_t i = 0; i < d->count && !over; i++)
            if (d->peers[i]->ended) {
                over = d->peers[i];
                d->peers[i] = d->peers[--d->count];
            }
        pthread_mutex_unlock(&d->lock);
        if (!over)
            return;
        dial_peer_join(over);
        mem_free(over);
    }
}

static Err refresh_own(Ctx *c, Dial *d) {
    DeskLinkIdentity identity;
    TRY(desk_link_identity(c, d->node, &identity));
    CryptoPublicKey key = crypto_sign_key_public(&identity.link_key);
    Err e = OK;
    pthread_mutex_lock(&d->lock);
    if (d->own_generation == 0 || memcmp(key.b, d->own.key.b, sizeof key.b) != 0) {
        e = dial_own_set(c, &d->own, &identity.link_key);
        d->own_generation += e == OK;
    }
    d->agency = identity.agency;
    pthread_mutex_unlock(&d->lock);
    crypto_wipe(&identity, sizeof identity);
    return e;
}

static Err refresh(Ctx *c, Dial *d) {
    const DeskLink *links;
    size_t n;
    TRY(refresh_own(c, d));
    TRY(desk_link_list(c, d->node, &links, &n));
    // A thread that looks in between must not take itself for gone: that is said at the end.
    for (size_t i = 0; i < d->count; i++)
        d->peers[i]->listed = false;
    for (size_t i = 0; i < n; i++) {
        pthread_mutex_lock(&d->lock);
        DialPeer *p = find(d, &links[i].agency);
        if (p && links[i].address.n) {
            p->listed = true;
            adopt(p, &links[i]);
        }
        size_t count = d->count;
        pthread_mutex_unlock(&d->lock);
        if (!p && links[i].address.n && count < DIAL_LINKS_MAX)
            TRY(start_peer(c, d, &links[i]));
    }
    pthread_mutex_lock(&d->lock);
    for (size_t i = 0; i < d->count; i++)
        d->peers[i]->gone = !d->peers[i]->listed;
    pthread_mutex_unlock(&d->lock);
    sweep(d);
    return OK;
}

// --- ticks
// ----------------------------------------------------------------------------------------

static bool ending(Dial *d) {
    pthread_mutex_lock(&d->lock);
    bool end = d->ending;
    pthread_mutex_unlock(&d->lock);
    return end;
}

// Waits for the bell in short turns, so that an end is not waited for. Returns the bell's count.
static uint64_t wait_for_news(Dial *d, uint64_t seen, int64_t until_us) {
    for (;;) {
        int64_t left_us = until_us - clock_monotonic_us();
        if (left_us <= 0 || ending(d))
            return seen;
        int64_t turn_ms = left_us / 1000 + 1;
        turn_ms = turn_ms < DIAL_TICK_MS / 4 ? turn_ms : DIAL_TICK_MS / 4;
        uint64_t now = desk_news_wait(d->node, seen, (int)turn_ms);
        if (now != seen)
            return now;
    }
}

static void *tick(void *self) {
    Dial *d = self;
    uint64_t seen = desk_news_count(d->node);
    int64_t looked_us = INT64_MIN / 2;
    AUTO(Ctx) c = {0};
    while (!ending(d)) {
        int64_t begun = clock_monotonic_us();
        int64_t next_us = INT64_MAX;
        // What fails here is shown where it belongs (the node, its peers), and tried again.
        Err e = desk_exchange_tick(&c, d->node, &next_us);
        if (begun - looked_us >= DIAL_TICK_MS * 1000) {
            e = e == OK ? refresh(&c, d) : e;
            looked_us = begun;
        }
        (void)e;
        ctx_reset(&c);
        wake(d);
        int64_t left_us = DIAL_TICK_MS * 1000;
        if (next_us != INT64_MAX && next_us - desk_now(d->node) < left_us)
            left_us = next_us - desk_now(d->node);
        left_us = left_us > DIAL_TICK_SPACE_MS * 1000 ? left_us : DIAL_TICK_SPACE_MS * 1000;
        uint64_t rung = wait_for_news(d, seen, begun + left_us);
        // Many commits in a row are looked at together.
        if (rung != seen)
            rung = wait_for_news(d, rung, begun + DIAL_TICK_SPACE_MS * 1000);
        seen = rung;
    }
    return NULL;
}

// --- start and end
// ----------------------------------------------------------------------------------

Err dial_open(Ctx *c, DeskNode *node, Dial **ret_dial) {
    Dial *d = mem_alloc_zero(1, sizeof *d);
    if (!d)
        return fail(c, E_MEMORY, "no memory for the links");
    d->node = node;
    d->own = (DialOwn){.certificate_fd = -1, .key_fd = -1};
    pthread_mutex_init(&d->lock, NULL);
    Err e = curl_global_init(CURL_GLOBAL_ALL) == CURLE_OK
                ? dial_own_open(c, &d->own)
                : fail(c, E_MEMORY, "no memory for the links");
    e = e == OK ? refresh_own(c, d) : e;
    if (e == OK && pthread_create(&d->ticker, NULL, tick, d) != 0)
        e = fail(c, E_IO, "cannot start the thread of the exchange");
    d->ticking = e == OK;
    if (e != OK) {
        dial_close(d);
        return e;
    }
    *ret_dial = d;
    return OK;
}

void dial_close(Dial *d) {
    if (!d)
        return;
    pthread_mutex_lock(&d->lock);
    d->ending = true;
    pthread_mutex_unlock(&d->lock);
    wake(d);
    if (d->ticking)
        pthread_join(d->ticker, NULL);
    // A thread that the ticker started last has not been woken yet.
    wake(d);
    for (size_t i = 0; i < d->count; i++) {
        dial_peer_join(d->peers[i]);
        mem_free(d->peers[i]);
    }
    mem_free(d->peers);
    dial_own_close(&d->own);
    pthread_mutex_destroy(&d->lock);
    mem_free(d);
}

void dial_polled(Dial *d, const CryptoHash *agency, bool polled) {
    pthread_mutex_lock(&d->lock);
    DialPeer *p = find(d, agency);
    if (p) {
        p->polled = polled;
        p->polled_us = clock_monotonic_us();
        if (!p->ended)
            curl_multi_wakeup(p->multi);
    }
    pthread_mutex_unlock(&d->lock);
}
