// Reads the envelopes of a group on a second thread, ahead of the one that fills the tables.
// Reading is a fifth of a group's work, and needs nothing that filling changes.
#include "picture/picture_priv.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

typedef struct Ahead {
    const PictureItem *items;
    size_t n;
    JsonReader *json;
    Ctx *memory;
    Record records[PICTURE_AHEAD_RECORDS_MAX];
    bool good[PICTURE_AHEAD_RECORDS_MAX]; // else whoever fills reads it again and says why
    atomic_bool read[PICTURE_AHEAD_RECORDS_MAX];
    atomic_size_t next; // nobody reads it, or what is behind it, yet
    atomic_bool stop;
} Ahead;

// Whether item i is the caller's to read.
static bool claim(Ahead *a, size_t i) {
    return i < a->n && atomic_compare_exchange_strong(&a->next, &i, i + 1);
}

static void *ahead_run(void *self) {
    Ahead *a = self;
    for (;;) {
        size_t i = atomic_load(&a->next);
        if (i >= a->n || atomic_load_explicit(&a->stop, memory_order_relaxed))
            return NULL;
        if (!claim(a, i))
            continue;
        a->good[i] = a->items[i].envelope.n &&
                     fold_parse(a->memory, a->json, &a->items[i], &a->records[i]) == OK;
        atomic_store_explicit(&a->read[i], true, memory_order_release);
    }
}

// Where the other thread has not come yet, who fills reads for itself: it waits for one record at
// the most, also where there are fewer processors than work.
static Err fill(Picture *p, Ahead *a) {
    for (size_t i = 0; i < a->n; i++) {
        if (claim(a, i)) {
            TRY(fold_item(p, &a->items[i], NULL));
            continue;
        }
        while (!atomic_load_explicit(&a->read[i], memory_order_acquire))
            sched_yield();
        TRY(fold_item(p, &a->items[i], a->good[i] ? &a->records[i] : NULL));
    }
    return OK;
}

Err fold_items_ahead(Picture *p, const PictureItem *items, size_t n) {
    ASSERT(n <= PICTURE_AHEAD_RECORDS_MAX);
    ctx_reset(&p->ahead);
    Ahead *a;
    if (ctx_alloc(&p->ahead, sizeof *a, &a) != OK)
        return fail(&p->work, E_MEMORY, "not enough memory to read a group of records");
    a->items = items;
    a->n = n;
    a->json = &p->ahead_json;
    a->memory = &p->ahead;
    pthread_t thread;
    if (pthread_create(&thread, NULL, ahead_run, a) != 0) {
        for (size_t i = 0; i < n; i++)
            TRY(fold_item(p, &items[i], NULL));
        return OK;
    }
    Err e = fill(p, a);
    atomic_store(&a->stop, true);
    pthread_join(thread, NULL);
    return e;
}
