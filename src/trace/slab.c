// Memory of the accounts' small lists: classes of 4 … 32 items cut from large blocks, aligned to
// cache lines; larger lists come from the heap.
#include "trace/trace_priv.h"

#define SLAB_BYTES ((size_t)1 << 16)
#define ITEM_BYTES sizeof(Part)
#define LINE ((size_t)64)

void *slab_take(SlabPool *p, unsigned cap_log2) {
    size_t bytes = ITEM_BYTES << cap_log2;
    if (cap_log2 > SLAB_LOG2_MAX)
        return mem_alloc(bytes);
    void *items = p->free_first[cap_log2];
    if (items != NULL) {
        memcpy(&p->free_first[cap_log2], items, sizeof items);
        return items;
    }
    if (p->last == NULL || p->last->used + bytes > SLAB_BYTES) {
        Slab *slab = mem_alloc(SLAB_BYTES);
        if (slab == NULL)
            return NULL;
        slab->before = p->last;
        slab->used = LINE * 2 - ((uintptr_t)slab & (LINE - 1));
        p->last = slab;
    }
    items = (char *)p->last + p->last->used;
    p->last->used += bytes;
    return items;
}

void slab_give(SlabPool *p, void *items, unsigned cap_log2) {
    if (items == NULL)
        return;
    if (cap_log2 > SLAB_LOG2_MAX) {
        mem_free(items);
        return;
    }
    memcpy(items, &p->free_first[cap_log2], sizeof items);
    p->free_first[cap_log2] = items;
}

void slab_done(SlabPool *p) {
    while (p->last != NULL) {
        Slab *before = p->last->before;
        mem_free(p->last);
        p->last = before;
    }
    *p = (SlabPool){0};
}
