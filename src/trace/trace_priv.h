// Inside the room trace only: state of accounts, trees of parts, and one leg of the way.
//
// Both drivers (sparse.c, whole.c) keep a Holding an account and call leg_apply for each transfer
// that lets out tags or is a seed, so that they cannot come to different answers.
#ifndef MOEI_TRACE_PRIV_H
#define MOEI_TRACE_PRIV_H

#include "trace/trace.h"

#define TAG_CLEAN UINT32_MAX // the tag of money that no report claims
#define SEED_NONE UINT32_MAX // the transfer is no seed
#define SLAB_LOG2_MIN 2      // smallest list of parts: 4 items of 16 bytes, one cache line
#define SLAB_LOG2_MAX 5      // larger lists come from the heap one by one
#define FLOW_FX_IN 4         // beside TraceFlow: credited by a leg between two currencies
#define FLOW_FX_OUT 5        // debited by such a leg; both only for the check of conservation

// An amount under one tag; or, where rope is not 0, a whole tree of them.
typedef struct Part {
    int64_t amount;
    uint32_t tag;
    uint32_t rope;
} Part;

// What lies at an account. `tagged` is 0 where no tag lies there, and then nothing is stored but
// the total. Queue rules (fifo, lifo) keep parts[head .. head + count) as a ring, oldest first,
// and leave the clean money that came after them implicit: total - listed. Share rules (pro_rata,
// libr) and poison keep `count` tags sorted by report; one alone is kept as (report, tagged).
typedef struct Holding {
    int64_t total;    // everything that lies here
    int64_t tagged;   // of it under tags; under poison the number of reports
    int64_t listed;   // of it in the ring (queue rules)
    uint32_t level;   // lowest level by which tags came, 0 before
    uint32_t touched; // 1 + index in result.accounts, 0 before
    void *parts;      // Part * (queue rules) or TraceTag *
    uint32_t head, count;
    uint32_t report;
    uint16_t currency;
    uint8_t cap_log2;  // 0: no memory
    uint8_t unused[9]; // makes it a cache line
} Holding;

static_assert(sizeof(Part) == 16 && sizeof(TraceTag) == 16, "lists share their memory classes");
static_assert(sizeof(Holding) == 64, "one cache line an account");

// --- rope.c: balanced trees of parts

// A block of parts in a treap; `reversed` means that the whole subtree is to be read backwards.
typedef struct RopeNode {
    uint32_t left, right, priority;
    uint16_t n;
    bool reversed;
    int64_t own, sum;        // of the block, of the subtree
    uint32_t tag_n, tag_cap; // sums by report over the subtree, sorted
    TraceTag *tags;          // NULL while `few` suffices
    TraceTag few[2];
    int64_t amounts[TRACE_ROPE_BLOCK_PARTS];
    uint32_t part_tags[TRACE_ROPE_BLOCK_PARTS];
} RopeNode;

typedef struct RopePool {
    RopeNode **chunks;
    size_t chunk_n, chunk_cap;
    uint32_t used, free_first; // ids; 0 is none
    uint64_t drawn;            // priorities handed out
    uint64_t steps;            // nodes visited
} RopePool;

void rope_pool_done(RopePool *p);
RopeNode *rope_node(const RopePool *p, uint32_t id);
// Sums by report of a tree, sorted by report; *ret_n of them.
const TraceTag *rope_tags(const RopePool *p, uint32_t id, uint32_t *ret_n);
// One tree of `n` parts (which may be trees themselves), in order. n > 0.
Err rope_pack(Ctx *c, RopePool *p, const Part *parts, size_t n, uint32_t *ret_root) MUST_USE;
// Cuts the first `amount` off, 0 < amount < sum of the tree.
Err rope_split(Ctx *c, RopePool *p, uint32_t root, int64_t amount, uint32_t *ret_left,
               uint32_t *ret_right) MUST_USE;
void rope_reverse(RopePool *p, uint32_t root);
bool rope_is_block(const RopePool *p, uint32_t root); // small enough to be listed part by part
// Calls `visit` for each part in order and gives the nodes back.
Err rope_unpack(Ctx *c, RopePool *p, uint32_t root, Err (*visit)(void *self, Part part),
                void *self) MUST_USE;
Err rope_free(Ctx *c, RopePool *p, uint32_t root) MUST_USE;

// --- slab.c: memory of small lists

typedef struct Slab {
    struct Slab *before;
    size_t used;
} Slab;

typedef struct SlabPool {
    Slab *last;
    void *free_first[SLAB_LOG2_MAX + 1];
} SlabPool;

void *slab_take(SlabPool *p, unsigned cap_log2); // room for 1 << cap_log2 items, or NULL
void slab_give(SlabPool *p, void *items, unsigned cap_log2);
void slab_done(SlabPool *p);

// --- scale.c: largest remainder

typedef struct Scale {
    uint64_t *rest, *order;
    size_t rest_cap, order_cap;
} Scale;

// Makes the n amounts, which sum to `from_sum` > 0, sum to `to_sum` in proportion; the units left
// over go to the largest remainders, ties to the earlier. Amounts that become 0 stay as 0.
Err scale_parts(Ctx *c, Scale *s, Part *parts, size_t n, int64_t from_sum, int64_t to_sum) MUST_USE;
void scale_done(Scale *s);
// floor(a * b / d) and the remainder, for a <= d or b <= d.
static inline uint64_t mul_div(uint64_t a, uint64_t b, uint64_t d, uint64_t *ret_rest) {
    U128 product = (U128)a * b;
    if ((uint64_t)(product >> 64) == 0) {
        *ret_rest = (uint64_t)product % d;
        return (uint64_t)product / d;
    }
    uint64_t quotient = (uint64_t)(product / d);
    *ret_rest = (uint64_t)(product - (U128)quotient * d);
    return quotient;
}

// --- totals.c

typedef struct TotalSlot {
    uint64_t key; // 1 + (report << 24 | flow << 16 | currency)
    int64_t amount;
} TotalSlot;

typedef struct Totals {
    TotalSlot *slots;
    size_t slot_count, used;
} Totals;

Err totals_add(Ctx *c, Totals *t, uint32_t report, unsigned flow, uint16_t currency,
               int64_t amount) MUST_USE;
void totals_done(Totals *t);
// Checks that each report's money in each currency came from and went to somewhere, then lists.
Err totals_finish(Ctx *c, const Totals *t, TraceResult *r) MUST_USE;

// --- engine.c: what both drivers share

typedef struct Engine {
    Ctx *c;
    const TraceView *view;
    const TraceQuery *query;
    TraceResult result;
    Part *out; // what leaves, in the order of leaving (share rules: by report, clean last)
    size_t out_n, out_cap;
    int64_t out_tagged;
    TraceTag *sums, *sums_debited; // of `out` by report, sorted
    size_t sum_n, sum_cap, debited_n, debited_cap;
    uint32_t *sum_slot; // by report: 1 + index in sums while they are made
    RopePool ropes;
    SlabPool slabs;
    Scale scale;
    Totals totals;
} Engine;

// One transfer. `from` is NULL outside and where no tag lies. `to` is NULL at first: `reach` finds
// it once tags are sure to come there, so that a transfer of clean money needs no look at it.
typedef struct Leg {
    const TraceTransfer *transfer;
    const int64_t *booked_at;
    uint64_t position;
    Holding *from, *to;
    uint32_t seed; // report or SEED_NONE
    Err (*reach)(void *self, struct Leg *leg);
    void *self;
} Leg;

Err engine_init(Ctx *c, const TraceView *v, const TraceQuery *q, Engine *ret_e) MUST_USE;
void Engine_cleanup(Engine *e);
// Memory for `need` items of a list of the result, with large pages once it is large.
Err result_grow(Engine *e, void *items_ptr, size_t *cap, size_t need, size_t item_bytes) MUST_USE;
// Tags that lie at a touched account, its balance; adds what is left to the totals.
Err engine_account_finish(Engine *e, const Holding *h, int64_t balance) MUST_USE;
Err out_push(Engine *e, Part part) MUST_USE; // joins with the last; never empty parts
Err out_sums(Engine *e) MUST_USE;            // fills sums and out_tagged from out
Err out_unpack(Engine *e) MUST_USE;          // replaces trees by their parts

// --- leg.c, queue.c, shares.c

// Takes from leg->from and gives to leg->to, if tags reach it; else its total stays as it is.
Err leg_apply(Engine *e, Leg *leg) MUST_USE;
Err queue_take(Engine *e, Holding *h, int64_t amount) MUST_USE; // into out; tagged stays
Err queue_give(Engine *e, Holding *h) MUST_USE;                 // out, onto the back
Err queue_clear(Engine *e, Holding *h) MUST_USE;                // no tag lies here any more
Err queue_sums(Engine *e, const Holding *h) MUST_USE;           // into sums
Err shares_take(Engine *e, Holding *h, int64_t amount) MUST_USE;
Err shares_give(Engine *e, Holding *h, const TraceTag *tags, size_t n) MUST_USE;
TraceTag *shares_list(Holding *h, TraceTag *one); // its tags; `one` is room for a lone one
void holding_done(Engine *e, Holding *h);
Err holding_reserve(Engine *e, Holding *h, size_t items) MUST_USE; // share rules' list

// Amount of the lone tag of h that a debit of `amount` lets out under a share rule.
static inline int64_t shares_lone(TraceRule rule, const Holding *h, int64_t amount) {
    if (amount >= h->total)
        return h->tagged;
    int64_t clean = h->total - h->tagged;
    if (rule == TRACE_LIBR)
        return amount > clean ? amount - clean : 0;
    uint64_t rest;
    uint64_t share = mul_div((uint64_t)amount, (uint64_t)h->tagged, (uint64_t)h->total, &rest);
    // The clean part's remainder is total - rest, and a tie goes to the report.
    // Without a branch, which would be guessed wrong every second time.
    return (int64_t)share + ((rest != 0) & (rest >= (uint64_t)h->total - rest));
}

// --- view.c

// Bits set in the low `bits` (0 … 511) of a block of eight words. Summed in bytes by hand, because
// the plain instruction is not in every processor that the product runs on.
static inline uint32_t bits_before(const uint64_t *block, uint32_t bits) {
    uint64_t sum = 0;
    for (uint32_t w = 0; w * 64 < bits; w++) {
        uint64_t x = block[w];
        if (bits - w * 64 < 64)
            x &= (1ULL << (bits - w * 64)) - 1;
        x -= x >> 1 & 0x5555555555555555ULL;
        x = (x & 0x3333333333333333ULL) + (x >> 2 & 0x3333333333333333ULL);
        sum += ((x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fULL) * 0x0101010101010101ULL >> 56;
    }
    return (uint32_t)sum;
}

// The account's history over all segments or from the overlay. `runs` is room for
// STREAM_SEGMENTS_MAX; ret_history may point into it.
Err view_history(Ctx *c, const TraceView *v, uint32_t account, TraceRun *runs,
                 TraceHistory *ret_history) MUST_USE;
// Opening of account 0, 1, 2 … in turn; `ranks`, zeros at first, keeps the place in each segment.
Err view_opening_next(Ctx *c, const TraceView *v, uint32_t account,
                      uint32_t ranks[STREAM_SEGMENTS_MAX], int64_t *ret_opening) MUST_USE;
// NULL where no such position exists.
const TraceTransfer *view_find(const TraceView *v, uint64_t position, const int64_t **ret_booked);
// opening + net of the entries before position_end.
Err history_balance(Ctx *c, const TraceHistory *h, uint64_t position_end,
                    int64_t *ret_balance) MUST_USE;
// First entry of the run at or after index `from` whose position is not before `position`.
uint32_t run_search(const TraceRun *run, uint32_t from, uint64_t position);

#endif
