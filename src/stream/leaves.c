// The leaves of a batch: hashed on a second thread once there are enough of them.
#include "stream/stream_priv.h"

void leaves_begin(Leaves *l, const CryptoHash *batch_salt) {
    leaf_key_init(&l->key, batch_salt);
    l->merkle.n = 0;
    for (int k = 0; k < 2; k++) {
        buf_clear(&l->chunks[k].text);
        l->chunks[k].n = 0;
    }
}

static void chunk_hash(Leaves *l, LeafChunk *k) {
    uint32_t from = 0;
    for (uint32_t i = 0; i < k->n; i++) {
        Str row = {k->text.p + from, k->ends[i] - from};
        from = k->ends[i];
        CryptoHash leaf = leaf_of_row(&l->key, l->merkle.n, row, &l->scratch);
        merkle_add(&l->merkle, &leaf);
    }
    k->n = 0;
    buf_clear(&k->text);
}

static void *worker(void *self) {
    Leaves *l = self;
    pthread_mutex_lock(&l->lock);
    while (!l->stop) {
        if (!l->busy) {
            pthread_cond_wait(&l->turn, &l->lock);
            continue;
        }
        pthread_mutex_unlock(&l->lock);
        chunk_hash(l, &l->chunks[!l->filling]);
        pthread_mutex_lock(&l->lock);
        l->busy = false;
        pthread_cond_broadcast(&l->turn);
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

static void wait_idle(Leaves *l) {
    if (!l->running)
        return;
    pthread_mutex_lock(&l->lock);
    while (l->busy)
        pthread_cond_wait(&l->turn, &l->lock);
    pthread_mutex_unlock(&l->lock);
}

// Without a second thread all is done here: slower, never wrong.
static void start(Leaves *l) {
    if (l->running || pthread_mutex_init(&l->lock, NULL) != 0)
        return;
    l->running = pthread_cond_init(&l->turn, NULL) == 0;
    if (l->running && pthread_create(&l->thread, NULL, worker, l) != 0) {
        pthread_cond_destroy(&l->turn);
        l->running = false;
    }
    if (!l->running)
        pthread_mutex_destroy(&l->lock);
}

static void hand_over(Leaves *l) {
    start(l);
    wait_idle(l);
    if (!l->running) {
        chunk_hash(l, &l->chunks[l->filling]);
        return;
    }
    pthread_mutex_lock(&l->lock);
    l->filling = !l->filling;
    l->busy = true;
    pthread_cond_broadcast(&l->turn);
    pthread_mutex_unlock(&l->lock);
}

Err leaves_add(Ctx *c, Leaves *l, Str row) {
    LeafChunk *k = &l->chunks[l->filling];
    buf_str(&k->text, row);
    TRY(buf_check(c, &k->text));
    k->ends[k->n++] = (uint32_t)k->text.n;
    if (k->n == LEAF_CHUNK_ROWS)
        hand_over(l);
    return OK;
}

Err leaves_root(Ctx *c, Leaves *l, CryptoHash *ret_root) {
    wait_idle(l);
    chunk_hash(l, &l->chunks[l->filling]);
    TRY(buf_check(c, &l->scratch));
    *ret_root = merkle_root(&l->merkle);
    return OK;
}

void leaves_done(Leaves *l) {
    if (l->running) {
        wait_idle(l);
        pthread_mutex_lock(&l->lock);
        l->stop = true;
        pthread_cond_broadcast(&l->turn);
        pthread_mutex_unlock(&l->lock);
        pthread_join(l->thread, NULL);
        pthread_cond_destroy(&l->turn);
        pthread_mutex_destroy(&l->lock);
        l->running = false;
    }
    for (int k = 0; k < 2; k++)
        buf_done(&l->chunks[k].text);
    buf_done(&l->scratch);
    crypto_wipe(&l->key, sizeof l->key);
}
