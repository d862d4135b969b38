// Accounts under fifo and lifo: a ring of parts, oldest first. Few parts move one by one; many at
// once become one tree, which then moves as one item.
#include "trace/trace_priv.h"

static Part *ring_at(const Holding *h, uint32_t i) {
    Part *parts = h->parts;
    return &parts[(h->head + i) & ((1U << h->cap_log2) - 1)];
}

static Err ring_grow(Engine *e, Holding *h) {
    unsigned log2 = h->cap_log2 == 0 ? SLAB_LOG2_MIN : h->cap_log2 + 1U;
    if (log2 > 30)
        return fail(e->c, E_LIMIT, "an account holds more than 2^30 parts");
    Part *parts = slab_take(&e->slabs, log2);
    if (parts == NULL)
        return fail(e->c, E_MEMORY, "no memory for the parts at an account");
    for (uint32_t i = 0; i < h->count; i++)
        parts[i] = *ring_at(h, i);
    slab_give(&e->slabs, h->parts, h->cap_log2);
    h->parts = parts;
    h->head = 0;
    h->cap_log2 = (uint8_t)log2;
    return OK;
}

static Err ring_push(Engine *e, Holding *h, Part part) {
    h->listed += part.amount;
    if (h->count > 0) {
        Part *last = ring_at(h, h->count - 1);
        if (part.rope == 0 && last->rope == 0 && last->tag == part.tag) {
            last->amount += part.amount;
            return OK;
        }
    }
    if (h->cap_log2 == 0 || h->count == 1U << h->cap_log2)
        TRY(ring_grow(e, h));
    h->count++;
    *ring_at(h, h->count - 1) = part;
    return OK;
}

void holding_done(Engine *e, Holding *h) {
    if (h->cap_log2 != 0)
        slab_give(&e->slabs, h->parts, h->cap_log2);
    h->parts = NULL;
    h->cap_log2 = 0;
    h->count = h->head = 0;
}

Err queue_clear(Engine *e, Holding *h) {
    for (uint32_t i = 0; i < h->count; i++) {
        uint32_t rope = ring_at(h, i)->rope;
        if (rope != 0)
            TRY(rope_free(e->c, &e->ropes, rope));
    }
    h->count = h->head = 0;
    h->listed = 0;
    if (h->cap_log2 > SLAB_LOG2_MAX)
        holding_done(e, h);
    return OK;
}

static Err push_part(void *self, Part part) {
    return out_push(self, part);
}

// A tree that is one block leaves as its parts: they are cheaper to move than the node.
static Err out_rope(Engine *e, uint32_t root, int64_t amount) {
    if (rope_is_block(&e->ropes, root))
        return rope_unpack(e->c, &e->ropes, root, push_part, e);
    return out_push(e, (Part){.amount = amount, .rope = root});
}

static Err take_front(Engine *e, Holding *h, int64_t need) {
    while (need > 0 && h->count > 0) {
        Part *front = ring_at(h, 0);
        int64_t amount = front->amount < need ? front->amount : need;
        if (front->amount <= need) {
            Part whole = *front;
            h->head++;
            h->count--;
            TRY(whole.rope == 0 ? out_push(e, whole) : out_rope(e, whole.rope, amount));
        } else if (front->rope == 0) {
            front->amount -= need;
            TRY(out_push(e, (Part){.amount = need, .tag = front->tag}));
        } else {
            uint32_t left;
            TRY(rope_split(e->c, &e->ropes, front->rope, need, &left, &front->rope));
            front->amount -= need;
            TRY(out_rope(e, left, need));
        }
        h->listed -= amount;
        need -= amount;
    }
    // The clean money that came last leaves last, and so does what is missing.
    return need > 0 ? out_push(e, (Part){.amount = need, .tag = TAG_CLEAN}) : OK;
}

static Err take_back(Engine *e, Holding *h, int64_t need) {
    int64_t last = h->total - h->listed;
    if (last > 0) {
        int64_t amount = last < need ? last : need;
        TRY(out_push(e, (Part){.amount = amount, .tag = TAG_CLEAN}));
        need -= amount;
    }
    while (need > 0 && h->count > 0) {
        Part *back = ring_at(h, h->count - 1);
        int64_t amount = back->amount < need ? back->amount : need;
        if (back->amount <= need) {
            Part whole = *back;
            h->count--;
            if (whole.rope != 0)
                rope_reverse(&e->ropes, whole.rope);
            TRY(whole.rope == 0 ? out_push(e, whole) : out_rope(e, whole.rope, amount));
        } else if (back->rope == 0) {
            back->amount -= need;
            TRY(out_push(e, (Part){.amount = need, .tag = back->tag}));
        } else {
            uint32_t right;
            back->amount -= need;
            TRY(rope_split(e->c, &e->ropes, back->rope, back->amount, &back->rope, &right));
            rope_reverse(&e->ropes, right);
            TRY(out_rope(e, right, need));
        }
        h->listed -= amount;
        need -= amount;
    }
    return need > 0 ? out_push(e, (Part){.amount = need, .tag = TAG_CLEAN}) : OK;
}

Err queue_take(Engine *e, Holding *h, int64_t amount) {
    e->out_n = 0;
    TRY(e->query->rule == TRACE_FIFO ? take_front(e, h, amount) : take_back(e, h, amount));
    h->total = amount < h->total ? h->total - amount : 0;
    return OK;
}

Err queue_give(Engine *e, Holding *h) {
    // Clean money at the end stays implicit; something in front of it is tagged.
    size_t n = e->out_n;
    while (n > 0 && e->out[n - 1].rope == 0 && e->out[n - 1].tag == TAG_CLEAN)
        n--;
    int64_t clean = h->total - h->listed;
    if (clean > 0)
        TRY(ring_push(e, h, (Part){.amount = clean, .tag = TAG_CLEAN}));
    if (n > TRACE_QUEUE_PACK_PARTS) {
        Part packed = {.tag = TAG_CLEAN};
        TRY(rope_pack(e->c, &e->ropes, e->out, n, &packed.rope));
        packed.amount = rope_node(&e->ropes, packed.rope)->sum;
        return ring_push(e, h, packed);
    }
    for (size_t i = 0; i < n; i++)
        TRY(ring_push(e, h, e->out[i]));
    return OK;
}
