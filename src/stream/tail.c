// Rows that are not sealed yet: in Order, with their positions among the sealed ones.
#include <stdlib.h>

#include "stream/stream_priv.h"

void tail_put(Tail *t) {
    if (!t || atomic_fetch_sub(&t->refs, 1) != 1)
        return;
    mem_free(t->rows);
    mem_free(t->gaps);
    mem_free(t->details);
    mem_free(t->slots);
    mem_free(t->positions);
    mem_free(t->transfers);
    mem_free(t->booked_at);
    mem_free(t->replaced);
    mem_free(t->touches);
    mem_free(t);
}

typedef Tail *TailPtr;
static void TailPtr_cleanup(TailPtr *t) {
    tail_put(*t);
}

Tail *tail_ref(Tail *t) {
    atomic_fetch_add(&t->refs, 1);
    return t;
}

bool tail_find(const Tail *t, Str id, uint64_t hash, uint32_t *ret_index) {
    if (t->n == 0)
        return false;
    for (size_t i = hash & (t->slot_count - 1);; i = (i + 1) & (t->slot_count - 1)) {
        uint32_t slot = t->slots[i];
        if (!slot)
            return false;
        const Row *r = &t->rows[slot - 1];
        if (r->id_hash == hash && str_eq(details_id(t->details + r->details_at), id)) {
            *ret_index = slot - 1;
            return true;
        }
    }
}

bool tail_at(const Tail *t, uint64_t position, uint32_t *ret_index) {
    size_t low = 0, high = t->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->positions[middle] < position)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_index = (uint32_t)low;
    return low < t->n && t->positions[low] == position;
}

// --- building
// ---------------------------------------------------------------------------------------

static Err tail_memory(Ctx *c, size_t n, size_t details, Tail *t) {
    t->slot_count = 2;
    while (t->slot_count < 2 * n)
        t->slot_count *= 2;
    t->rows = mem_alloc(n * sizeof *t->rows);
    t->gaps = mem_alloc(n * sizeof *t->gaps);
    t->details = mem_alloc(details);
    t->slots = mem_alloc_zero(t->slot_count, sizeof *t->slots);
    t->positions = mem_alloc(n * sizeof *t->positions);
    t->transfers = mem_alloc(n * sizeof *t->transfers);
    t->booked_at = mem_alloc(n * sizeof *t->booked_at);
    t->replaced = mem_alloc(n * sizeof *t->replaced);
    t->touches = mem_alloc(4 * n * sizeof *t->touches);
    if (!t->rows || !t->gaps || !t->details || !t->slots || !t->positions || !t->transfers ||
        !t->booked_at || !t->replaced || !t->touches)
        return fail(c, E_MEMORY, "not enough memory for %zu rows that are not sealed", n);
    return OK;
}

// Sealed rows before a place in Order.
static uint64_t gap_of(const TailInput *in, const OrderKey *key) {
    uint64_t before = 0;
    for (size_t k = 0; k < in->sealed.n; k++) {
        const StreamFile *f = in->sealed.files[k];
        uint32_t n = f->segment.transfer_count;
        bool behind = f->segment.booked_at[n - 1] < key->booked_at;
        uint32_t here = behind ? n : segment_lower_bound(f, &in->keys, key);
        before += here;
        if (here < n)
            break;
    }
    return before;
}

static void take(Tail *t, const Row *r, const uint8_t *details, uint64_t gap) {
    Row copy = *r;
    copy.details_at = t->details_n;
    memcpy(t->details + t->details_n, details + r->details_at, r->details_n);
    t->details_n += r->details_n;
    t->rows[t->n] = copy;
    t->gaps[t->n++] = gap;
}

static bool superseded(const Tail *old, const TailInput *in, const bool *gone, size_t i) {
    (void)in;
    return old && gone[i];
}

// New rows that replace a late row take over the sealed row that this one replaced.
static void mark_superseded(const TailInput *in, Row *rows, bool *gone) {
    for (size_t i = 0; i < in->n; i++) {
        uint32_t index;
        if (in->old && (rows[i].prior & ((1U << TRACE_POSITION_SHIFT) - 1)) != 0 &&
            tail_at(in->old, rows[i].prior, &index)) {
            gone[index] = true;
            rows[i].prior = in->old->rows[index].prior;
        }
    }
}

static void merge(Tail *t, const TailInput *in, const Row *rows, const uint32_t *sorted,
                  const bool *gone) {
    const Tail *old = in->old;
    size_t a = 0, b = 0, old_n = old ? old->n : 0;
    while (a < old_n || b < in->n) {
        if (a < old_n && superseded(old, in, gone, a)) {
            a++;
            continue;
        }
        OrderKey x, y;
        if (a < old_n)
            x = order_of_row(&in->keys, &old->rows[a], old->details);
        if (b < in->n)
            y = order_of_row(&in->keys, &rows[sorted[b]], in->details);
        if (b == in->n || (a < old_n && order_cmp(&x, &y) < 0)) {
            take(t, &old->rows[a], old->details, old->gaps[a]);
            a++;
        } else {
            take(t, &rows[sorted[b]], in->details, gap_of(in, &y));
            b++;
        }
    }
}

static int by_position(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static int by_account(const void *a, const void *b) {
    const Touch *x = a, *y = b;
    if (x->account != y->account)
        return x->account < y->account ? -1 : 1;
    return x->position < y->position ? -1 : x->position > y->position;
}

const TraceTransfer *sealed_at(const Sealed *sealed, uint64_t position, const StreamFile **ret_file,
                               uint32_t *ret_row) {
    uint64_t number = (position >> TRACE_POSITION_SHIFT) - 1;
    for (size_t k = 0; k < sealed->n; k++) {
        const StreamFile *f = sealed->files[k];
        if (number < f->segment.transfer_count) {
            *ret_file = f;
            *ret_row = (uint32_t)number;
            return &f->segment.transfers[number];
        }
        number -= f->segment.transfer_count;
    }
    return NULL;
}

static void touch(Tail *t, const TraceTransfer *row, const Touch *what) {
    const uint32_t sides[2] = {row->from, row->to};
    for (int side = 0; side < 2; side++) {
        if (sides[side] & TRACE_OUTSIDE)
            continue;
        Touch add = *what;
        add.account = sides[side];
        add.debit = side == 0;
        t->touches[t->touch_count++] = add;
    }
}

static void finish(Tail *t, const TailInput *in) {
    for (size_t i = 0; i < t->n; i++) {
        const Row *r = &t->rows[i];
        bool same_gap = i && t->gaps[i] == t->gaps[i - 1];
        t->positions[i] =
            same_gap ? t->positions[i - 1] + 1 : (t->gaps[i] << TRACE_POSITION_SHIFT) + 1;
        t->transfers[i] = (TraceTransfer){r->from, r->to, r->amount, r->credited};
        t->booked_at[i] = r->booked_at;
        size_t slot = r->id_hash & (t->slot_count - 1);
        while (t->slots[slot])
            slot = (slot + 1) & (t->slot_count - 1);
        t->slots[slot] = (uint32_t)i + 1;
        Touch late = {.position = t->positions[i], .tail = (uint32_t)i};
        touch(t, &t->transfers[i], &late);
        const StreamFile *f;
        uint32_t row;
        const TraceTransfer *was = r->prior ? sealed_at(&in->sealed, r->prior, &f, &row) : NULL;
        if (was) {
            Touch gone = {.position = r->prior, .replaced = true};
            touch(t, was, &gone);
            t->replaced[t->replaced_count++] = r->prior;
        }
    }
    if (t->replaced_count)
        qsort(t->replaced, t->replaced_count, sizeof *t->replaced, by_position);
    if (t->touch_count)
        qsort(t->touches, t->touch_count, sizeof *t->touches, by_account);
}

typedef void *Heap;
static void Heap_cleanup(Heap *p) {
    mem_free(*p);
}

Err tail_build(Ctx *c, const TailInput *in, Tail **ret_tail) {
    size_t old_n = in->old ? in->old->n : 0, details = in->old ? in->old->details_n : 0;
    AUTO(TailPtr) t = mem_alloc_zero(1, sizeof *t);
    if (!t)
        return fail(c, E_MEMORY, "not enough memory for rows that are not sealed");
    atomic_store(&t->refs, 1);
    for (size_t i = 0; i < in->n; i++)
        details += in->rows[i].details_n;
    if (old_n + in->n > 0) {
        AUTO(Heap) rows = mem_alloc((in->n + 1) * sizeof(Row));
        AUTO(Heap) sorted = mem_alloc((in->n + 1) * sizeof(uint32_t));
        AUTO(Heap) gone = mem_alloc_zero(old_n + 1, sizeof(bool));
        TRY(tail_memory(c, old_n + in->n, details, t));
        if (!rows || !sorted || !gone)
            return fail(c, E_MEMORY, "not enough memory for rows that are not sealed");
        if (in->n)
            memcpy(rows, in->rows, in->n * sizeof(Row));
        mark_superseded(in, rows, gone);
        TRY(rows_sort(c, &in->keys, rows, in->details, in->n, sorted));
        merge(t, in, rows, sorted, gone);
        finish(t, in);
    }
    *ret_tail = t;
    t = NULL;
    return OK;
}
