// What is new, and looking for something.
#include "desk/desk_priv.h"

#include <errno.h>
#include <time.h>

// --- commits counted ----------------------------------------------------------------------------

Err desk_bell_open(Ctx *c, DeskBell *bell) {
    pthread_condattr_t attr;
    // The monotonic clock, so that a wait ends when the machine's clock is set.
    if (pthread_condattr_init(&attr) != 0)
        return fail(c, E_MEMORY, "no memory for a condition");
    bool made = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0 &&
                pthread_cond_init(&bell->rung, &attr) == 0;
    pthread_condattr_destroy(&attr);
    if (made && pthread_mutex_init(&bell->lock, NULL) == 0) {
        bell->made = true;
        return OK;
    }
    if (made)
        pthread_cond_destroy(&bell->rung);
    return fail(c, E_MEMORY, "no memory for a condition");
}

void desk_bell_done(DeskBell *bell) {
    if (!bell->made)
        return;
    pthread_cond_destroy(&bell->rung);
    pthread_mutex_destroy(&bell->lock);
    bell->made = false;
}

void desk_bell_ring(DeskBell *bell) {
    pthread_mutex_lock(&bell->lock);
    bell->count++;
    pthread_cond_broadcast(&bell->rung);
    pthread_mutex_unlock(&bell->lock);
}

uint64_t desk_news_count(DeskNode *n) {
    pthread_mutex_lock(&n->bell.lock);
    uint64_t count = n->bell.count;
    pthread_mutex_unlock(&n->bell.lock);
    return count;
}

uint64_t desk_news_wait(DeskNode *n, uint64_t seen, int timeout_ms) {
    int64_t until = clock_monotonic_us() + (int64_t)timeout_ms * 1000;
    struct timespec at = {.tv_sec = (time_t)(until / 1000000),
                          .tv_nsec = (long)(until % 1000000) * 1000};
    pthread_mutex_lock(&n->bell.lock);
    while (n->bell.count <= seen) {
        if (pthread_cond_timedwait(&n->bell.rung, &n->bell.lock, &at) == ETIMEDOUT)
            break;
    }
    uint64_t count = n->bell.count;
    pthread_mutex_unlock(&n->bell.lock);
    return count;
}

// --- new records --------------------------------------------------------------------------------

static Err place_seal(Ctx *c, const Desk *d, PictureKey at, Str *ret_place) {
    return desk_cursor_seal(c, d, "news", at, ret_place);
}

static Err place_open(Ctx *c, const Desk *d, DeskSlot *s, Str place, PictureKey *ret_at) {
    PicturePage page;
    if (place.n == 0)
        return picture_news_end(c, s->picture, ret_at);
    TRY(desk_cursor_open(c, d, "news", (DeskPage){.cursor = place}, &page));
    *ret_at = page.after;
    return OK;
}

Err desk_news(Ctx *c, const Desk *d, Str place, size_t limit, const DeskNews **ret_items,
              size_t *ret_n, Str *ret_place) {
    TRY(desk_need(c, d, DESK_RECORD_READ));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    TRY(desk_reading_snapshot(c, &r));
    PictureKey after, next;
    const PictureRecord *found;
    size_t n = 0;
    TRY(place_open(c, d, r.slot, place, &after));
    TRY(picture_news(c, r.slot->picture, after, limit, &found, &n, &next));
    DeskNews *items;
    TRY(ctx_alloc(c, (n + 1) * sizeof *items, &items));
    for (size_t i = 0; i < n; i++) {
        // A resume from the middle sees the rest: each item has the place behind itself.
        TRY(place_seal(c, d, found[i].key, &items[i].place));
        TRY(desk_id_text(c, found[i].id, &items[i].id));
        TRY(desk_id_text(c, found[i].root, &items[i].root));
        items[i].kind = found[i].kind;
        items[i].at = found[i].at;
    }
    TRY(place_seal(c, d, next, ret_place));
    *ret_items = items;
    *ret_n = n;
    return OK;
}

// --- search -------------------------------------------------------------------------------------

Err desk_search_json(Ctx *c, const Desk *d, Str text, Buf *out) {
    TRY(desk_need(c, d, DESK_RECORD_READ));
    TRY(desk_words(c, "what is looked for", text, DESK_TITLE_BYTES_MAX, &text));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    const PictureHit *hits;
    size_t n;
    TRY(picture_search(c, r.slot->picture, text, SEARCH_HITS_MAX, &hits, &n));
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("items"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < n; i++) {
        json_put_object_begin(&w);
        desk_put_time(&w, "at", hits[i].at);
        desk_put_id(&w, "id", hits[i].id);
        json_put_key_str(&w, "what", hits[i].what);
        json_put_key_str(&w, "words", hits[i].words);
        json_put_object_end(&w);
    }
    json_put_array_end(&w);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}
