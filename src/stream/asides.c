// Tellings that do not belong to the current row of their transfer, and picks: by id.
#include <stdlib.h>

#include "stream/stream_priv.h"

Err asides_new(Ctx *c, Asides **ret_asides) {
    Asides *a = mem_alloc_zero(1, sizeof *a);
    if (!a)
        return fail(c, E_MEMORY, "not enough memory for tellings");
    atomic_store(&a->refs, 1);
    *ret_asides = a;
    return OK;
}

static Err keep(Ctx *c, Asides *a, Str s, Str *ret_kept) {
    char *p = arena_alloc(&a->bytes, s.n);
    if (!p)
        return fail(c, E_LIMIT, "too many transfers are told in contradicting ways");
    if (s.n)
        memcpy(p, s.p, s.n);
    *ret_kept = (Str){p, s.n};
    return OK;
}

Err asides_add(Ctx *c, Asides *a, Str id, Str packed) {
    Aside add;
    if (a->n >= STREAM_VERSION_TELLINGS_MAX)
        return fail(c, E_LIMIT, "more than %d contradicting tellings", STREAM_VERSION_TELLINGS_MAX);
    TRY(mem_grow(c, &a->items, &a->cap, a->n + 1, sizeof *a->items));
    TRY(keep(c, a, id, &add.id));
    TRY(keep(c, a, packed, &add.packed));
    a->items[a->n++] = add;
    return OK;
}

Err asides_add_pick(Ctx *c, Asides *a, Str id, Str packed) {
    Pick add;
    TRY(mem_grow(c, &a->picks, &a->pick_cap, a->pick_count + 1, sizeof *a->picks));
    TRY(keep(c, a, id, &add.id));
    TRY(keep(c, a, packed, &add.packed));
    a->picks[a->pick_count++] = add;
    return OK;
}

static int by_id(const void *a, const void *b) {
    const Aside *x = a, *y = b;
    int d = str_cmp(x->id, y->id);
    return d ? d : str_cmp(x->packed, y->packed);
}

static int picks_by_id(const void *a, const void *b) {
    const Pick *x = a, *y = b;
    return str_cmp(x->id, y->id);
}

void asides_sort(Asides *a) {
    if (a->n)
        qsort(a->items, a->n, sizeof *a->items, by_id);
    if (a->pick_count)
        qsort(a->picks, a->pick_count, sizeof *a->picks, picks_by_id);
    a->conflicts = a->n > 0;
    for (size_t i = 1; i < a->n; i++)
        a->conflicts += !str_eq(a->items[i - 1].id, a->items[i].id);
}

Asides *asides_ref(Asides *a) {
    atomic_fetch_add(&a->refs, 1);
    return a;
}

void asides_put(Asides *a) {
    if (!a || atomic_fetch_sub(&a->refs, 1) != 1)
        return;
    mem_free(a->items);
    mem_free(a->picks);
    arena_done(&a->bytes);
    mem_free(a);
}

size_t asides_find(const Asides *a, Str id, size_t *ret_n) {
    size_t low = 0, high = a->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (str_cmp(a->items[middle].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    size_t end = low;
    while (end < a->n && str_eq(a->items[end].id, id))
        end++;
    *ret_n = end - low;
    return low;
}

bool asides_pick(const Asides *a, Str id, StreamTransfer *ret_pick) {
    size_t low = 0, high = a->pick_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int d = str_cmp(a->picks[middle].id, id);
        Str details;
        if (d == 0)
            return row_unpack(a->picks[middle].packed, ret_pick, &details);
        if (d < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}
