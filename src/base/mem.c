#include "base/base.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

// --- fault plan: shared by memory and files -----------------------------------------------------

static FaultPlan fault_plan;
static atomic_uint_fast64_t alloc_count, write_count;

void fault_plan_set(FaultPlan plan) {
    fault_plan = plan;
    atomic_store(&alloc_count, 0);
    atomic_store(&write_count, 0);
}

void fault_counts(uint64_t *ret_allocs, uint64_t *ret_writes) {
    *ret_allocs = atomic_load(&alloc_count);
    *ret_writes = atomic_load(&write_count);
}

static bool fault_due(uint64_t count, uint64_t nth) {
    return nth != 0 && (fault_plan.once ? count == nth : count >= nth);
}

bool fault_write_now(void) {
    if (fault_plan.write_nth == 0)
        return false;
    return fault_due(atomic_fetch_add(&write_count, 1) + 1, fault_plan.write_nth);
}

int fault_write_errno(void) {
    return fault_plan.write_errno;
}

static bool alloc_fails(void) {
    if (__builtin_expect(fault_plan.alloc_nth == 0, 1))
        return false;
    return fault_due(atomic_fetch_add(&alloc_count, 1) + 1, fault_plan.alloc_nth);
}

// --- heap ---------------------------------------------------------------------------------------

void mem_settle(void) {
    // Hints: without them it only needs more. To say the first ends the guessing by what was freed.
    (void)mallopt(M_MMAP_THRESHOLD, BASE_HEAP_PART_BYTES);
    (void)mallopt(M_TRIM_THRESHOLD, BASE_HEAP_PART_BYTES);
    (void)mallopt(M_ARENA_MAX, BASE_HEAPS);
}

void *mem_alloc(size_t bytes) {
    return alloc_fails() ? NULL : malloc(bytes ? bytes : 1);
}

void *mem_alloc_zero(size_t count, size_t bytes_each) {
    return alloc_fails() ? NULL : calloc(count ? count : 1, bytes_each ? bytes_each : 1);
}

void *mem_map_zero(size_t bytes) {
    if (alloc_fails())
        return NULL;
    void *p =
        mmap(NULL, bytes ? bytes : 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

void mem_unmap(void *p, size_t bytes) {
    if (p)
        munmap(p, bytes ? bytes : 1);
}

void mem_advise_huge(void *p, size_t bytes) {
    const uintptr_t page = 4096;
    if (bytes < (size_t)4 << 20)
        return;
    // Whole pages around it: a mapping that is advised in part could no longer be moved in one
    // piece when it grows. A system without large pages refuses, and that is no error.
    uintptr_t first = (uintptr_t)p & ~(page - 1);
    uintptr_t end = ((uintptr_t)p + bytes + page - 1) & ~(page - 1);
    (void)madvise((void *)first, end - first, MADV_HUGEPAGE);
}

void *mem_realloc(void *p, size_t bytes) {
    return alloc_fails() ? NULL : realloc(p, bytes ? bytes : 1);
}

void mem_free(void *p) {
    free(p);
}

Err mem_grow(Ctx *c, void *items_ptr, size_t *cap, size_t need, size_t item_bytes) {
    if (need <= *cap)
        return OK;
    size_t next = *cap + *cap / 2;
    if (next < need)
        next = need;
    if (next < 8)
        next = 8;
    if (next > SIZE_MAX / 2 / item_bytes)
        return fail(c, E_MEMORY, "not enough memory for %zu items", need);
    void *old;
    memcpy(&old, items_ptr, sizeof old);
    void *p = mem_realloc(old, next * item_bytes);
    if (!p)
        return fail(c, E_MEMORY, "not enough memory for %zu bytes", next * item_bytes);
    memcpy(items_ptr, &p, sizeof p);
    *cap = next;
    return OK;
}

// --- arena --------------------------------------------------------------------------------------

struct ArenaBlock {
    ArenaBlock *before;
    size_t used, bytes;
    _Alignas(16) char data[];
};

static size_t round_up_16(size_t n) {
    return (n + 15) & ~(size_t)15;
}

static bool arena_has_room(const Arena *a, size_t bytes) {
    size_t limit = a->bytes_max ? a->bytes_max : (size_t)BASE_ARENA_BYTES_MAX;
    return bytes <= limit && a->used <= limit && round_up_16(bytes ? bytes : 1) <= limit - a->used;
}

void *arena_alloc(Arena *a, size_t bytes) {
    if (!arena_has_room(a, bytes))
        return NULL;
    size_t n = round_up_16(bytes ? bytes : 1);
    if (!a->last || a->last->bytes - a->last->used < n) {
        size_t room = n > BASE_ARENA_BLOCK_BYTES ? n : BASE_ARENA_BLOCK_BYTES;
        // Blocks double with use, so that a large request costs few allocations.
        if (room < a->used / 2)
            room = round_up_16(a->used / 2);
        ArenaBlock *b = mem_alloc(sizeof *b + room);
        if (!b)
            return NULL;
        b->before = a->last;
        b->used = 0;
        b->bytes = room;
        a->last = b;
    }
    void *p = a->last->data + a->last->used;
    a->last->used += n;
    a->used += n;
    return p;
}

void arena_reset(Arena *a) {
    while (a->last && a->last->before) {
        ArenaBlock *b = a->last;
        a->last = b->before;
        mem_free(b);
    }
    if (a->last)
        a->last->used = 0;
    a->used = 0;
}

void arena_done(Arena *a) {
    arena_reset(a);
    mem_free(a->last);
    a->last = NULL;
}

void Arena_cleanup(Arena *a) {
    arena_done(a);
}

void ctx_init(Ctx *c) {
    *c = (Ctx){0};
}

void ctx_reset(Ctx *c) {
    arena_reset(&c->arena);
    c->err = OK;
    c->error[0] = 0;
}

void ctx_done(Ctx *c) {
    arena_done(&c->arena);
}

void Ctx_cleanup(Ctx *c) {
    ctx_done(c);
}

Err ctx_alloc(Ctx *c, size_t bytes, void *ret_ptr) {
    void *p = arena_alloc(&c->arena, bytes);
    // Who is to blame for a failure asks: the machine, or what was to be worked on.
    if (!p && arena_has_room(&c->arena, bytes))
        return fail(c, E_MEMORY, "not enough memory");
    if (!p)
        return fail(c, E_LIMIT, "the request needs more working memory than it may take");
    memset(p, 0, bytes);
    memcpy(ret_ptr, &p, sizeof p);
    return OK;
}

Err ctx_grow(Ctx *c, void *items_ptr, size_t *cap, size_t need, size_t item_bytes) {
    if (need <= *cap)
        return OK;
    size_t next = *cap < need / 2 ? need : 2 * *cap;
    if (next < 8)
        next = 8;
    void *old, *p;
    TRY(ctx_alloc(c, next * item_bytes, &p));
    memcpy(&old, items_ptr, sizeof old);
    if (*cap > 0)
        memcpy(p, old, *cap * item_bytes);
    memcpy(items_ptr, &p, sizeof p);
    *cap = next;
    return OK;
}
