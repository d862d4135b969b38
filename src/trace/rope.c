// Trees of parts: a treap of small blocks with sums by report, so that a hundred thousand parts
// that move together cost a logarithm. Priorities are a counter spread by hash_u64, so a run is
// repeatable; paths are kept in arrays, so nothing recurses.
#include "trace/trace_priv.h"

#define CHUNK_LOG2 8
#define CHUNK_NODES (1U << CHUNK_LOG2)

RopeNode *rope_node(const RopePool *p, uint32_t id) {
    return &p->chunks[id >> CHUNK_LOG2][id & (CHUNK_NODES - 1)];
}

void rope_pool_done(RopePool *p) {
    for (size_t i = 0; i < p->chunk_n; i++) {
        for (uint32_t k = 0; k < CHUNK_NODES; k++)
            mem_free(p->chunks[i][k].tags);
        mem_free(p->chunks[i]);
    }
    mem_free(p->chunks);
    *p = (RopePool){0};
}

static Err node_new(Ctx *c, RopePool *p, uint32_t *ret_id) {
    uint32_t id = p->free_first;
    if (id != 0) {
        p->free_first = rope_node(p, id)->left;
    } else {
        id = p->used + 1;
        if (id >> CHUNK_LOG2 >= p->chunk_n) {
            TRY(mem_grow(c, &p->chunks, &p->chunk_cap, p->chunk_n + 1, sizeof *p->chunks));
            RopeNode *chunk = mem_alloc_zero(CHUNK_NODES, sizeof *chunk);
            if (chunk == NULL)
                return fail(c, E_MEMORY, "no memory for the parts of a trace");
            p->chunks[p->chunk_n++] = chunk;
        }
        p->used = id;
    }
    RopeNode *node = rope_node(p, id);
    node->left = node->right = 0;
    node->n = 0;
    node->reversed = false;
    node->priority = (uint32_t)hash_u64(++p->drawn * 0x9e3779b97f4a7c15ULL);
    *ret_id = id;
    return OK;
}

static void node_free(RopePool *p, uint32_t id) {
    rope_node(p, id)->left = p->free_first;
    p->free_first = id;
}

static const TraceTag *node_tags(const RopeNode *node) {
    return node->tags != NULL ? node->tags : node->few;
}

const TraceTag *rope_tags(const RopePool *p, uint32_t id, uint32_t *ret_n) {
    const RopeNode *node = rope_node(p, id);
    *ret_n = node->tag_n;
    return node_tags(node);
}

// Sums of the block itself by report, sorted.
static uint32_t block_tags(const RopeNode *node, TraceTag own[TRACE_ROPE_BLOCK_PARTS]) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < node->n; i++) {
        uint32_t tag = node->part_tags[i];
        if (tag == TAG_CLEAN)
            continue;
        uint32_t k = n;
        while (k > 0 && own[k - 1].report > tag)
            k--;
        if (k > 0 && own[k - 1].report == tag) {
            own[k - 1].amount += node->amounts[i];
            continue;
        }
        memmove(&own[k + 1], &own[k], (n - k) * sizeof *own);
        own[k] = (TraceTag){.report = tag, .amount = node->amounts[i]};
        n++;
    }
    return n;
}

static Err node_reserve_tags(Ctx *c, RopeNode *node, uint32_t need) {
    if (need <= COUNT_OF(node->few) && node->tags == NULL)
        return OK;
    if (need <= node->tag_cap)
        return OK;
    uint32_t cap = need + need / 2;
    TraceTag *tags = mem_realloc(node->tags, cap * sizeof *tags);
    if (tags == NULL)
        return fail(c, E_MEMORY, "no memory for the parts of a trace");
    node->tags = tags;
    node->tag_cap = cap;
    return OK;
}

// Takes the smallest report of up to three sorted lists, until all are used up.
static uint32_t tags_merge(const TraceTag *lists[3], const uint32_t counts[3], TraceTag *ret_tags) {
    uint32_t at[3] = {0, 0, 0};
    uint32_t n = 0;
    for (;;) {
        uint32_t report = UINT32_MAX;
        for (int i = 0; i < 3; i++)
            if (at[i] < counts[i] && lists[i][at[i]].report < report)
                report = lists[i][at[i]].report;
        if (report == UINT32_MAX)
            return n;
        int64_t amount = 0;
        for (int i = 0; i < 3; i++)
            if (at[i] < counts[i] && lists[i][at[i]].report == report)
                amount += lists[i][at[i]++].amount;
        ret_tags[n++] = (TraceTag){.report = report, .amount = amount};
    }
}

// Makes the sums of a node anew from its block and its children.
static Err node_pull(Ctx *c, RopePool *p, uint32_t id) {
    RopeNode *node = rope_node(p, id);
    TraceTag own[TRACE_ROPE_BLOCK_PARTS + 1];
    p->steps++;
    node->own = 0;
    for (uint32_t i = 0; i < node->n; i++)
        node->own += node->amounts[i];
    node->sum = node->own;
    const TraceTag *lists[3] = {own, own, own};
    uint32_t counts[3] = {0, block_tags(node, own), 0};
    if (node->left != 0) {
        lists[0] = rope_tags(p, node->left, &counts[0]);
        node->sum += rope_node(p, node->left)->sum;
    }
    if (node->right != 0) {
        lists[2] = rope_tags(p, node->right, &counts[2]);
        node->sum += rope_node(p, node->right)->sum;
    }
    uint32_t most = counts[0] > counts[2] ? counts[0] : counts[2];
    if (counts[0] + counts[1] + counts[2] <= COUNT_OF(node->few) || node->tags != NULL ||
        most > COUNT_OF(node->few)) {
        TRY(node_reserve_tags(c, node, counts[0] + counts[1] + counts[2]));
        node->tag_n = tags_merge(lists, counts, node->tags != NULL ? node->tags : node->few);
        return OK;
    }
    // The lists are short and mostly of the same reports: memory is taken only if it is needed.
    TraceTag all[TRACE_ROPE_BLOCK_PARTS + 2 * COUNT_OF(node->few)];
    uint32_t n = tags_merge(lists, counts, all);
    TRY(node_reserve_tags(c, node, n));
    memcpy(node->tags != NULL ? node->tags : node->few, all, n * sizeof *all);
    node->tag_n = n;
    return OK;
}

// Carries a pending reversal one level down.
static void node_push(RopePool *p, RopeNode *node) {
    if (!node->reversed)
        return;
    node->reversed = false;
    uint32_t left = node->left;
    node->left = node->right;
    node->right = left;
    for (uint32_t i = 0, k = node->n; i + 1 < k--; i++) {
        int64_t amount = node->amounts[i];
        node->amounts[i] = node->amounts[k];
        node->amounts[k] = amount;
        uint32_t tag = node->part_tags[i];
        node->part_tags[i] = node->part_tags[k];
        node->part_tags[k] = tag;
    }
    if (node->left != 0)
        rope_reverse(p, node->left);
    if (node->right != 0)
        rope_reverse(p, node->right);
}

void rope_reverse(RopePool *p, uint32_t root) {
    RopeNode *node = rope_node(p, root);
    node->reversed = !node->reversed;
}

bool rope_is_block(const RopePool *p, uint32_t root) {
    const RopeNode *node = rope_node(p, root);
    return node->left == 0 && node->right == 0;
}

// The nodes on the way down, whose sums are made anew from the last to the first.
typedef struct Path {
    uint32_t ids[TRACE_ROPE_DEPTH_MAX];
    uint32_t n;
} Path;

static Err path_add(Ctx *c, Path *path, uint32_t id) {
    if (path->n == TRACE_ROPE_DEPTH_MAX)
        return fail(c, E_LIMIT, "a tree of parts is deeper than %d", TRACE_ROPE_DEPTH_MAX);
    path->ids[path->n++] = id;
    return OK;
}

static Err path_pull(Ctx *c, RopePool *p, const Path *path) {
    for (uint32_t i = path->n; i > 0; i--)
        TRY(node_pull(c, p, path->ids[i - 1]));
    return OK;
}

static Err rope_concat(Ctx *c, RopePool *p, uint32_t a, uint32_t b, uint32_t *ret_root) {
    Path path;
    path.n = 0;
    uint32_t root = 0;
    uint32_t *hook = &root;
    while (a != 0 && b != 0) {
        RopeNode *left = rope_node(p, a), *right = rope_node(p, b);
        if (left->priority >= right->priority) {
            node_push(p, left);
            TRY(path_add(c, &path, a));
            *hook = a;
            hook = &left->right;
            a = left->right;
        } else {
            node_push(p, right);
            TRY(path_add(c, &path, b));
            *hook = b;
            hook = &right->left;
            b = right->left;
        }
    }
    *hook = a != 0 ? a : b;
    TRY(path_pull(c, p, &path));
    *ret_root = root;
    return OK;
}

// Cuts `want` off the front of one block; the rest becomes a new node of its own.
static Err node_cut(Ctx *c, RopePool *p, uint32_t id, int64_t want, uint32_t *ret_rest) {
    uint32_t rest_id;
    TRY(node_new(c, p, &rest_id));
    RopeNode *node = rope_node(p, id), *rest = rope_node(p, rest_id);
    uint32_t i = 0;
    while (node->amounts[i] <= want)
        want -= node->amounts[i++];
    uint32_t kept = want > 0 ? i + 1 : i;
    for (uint32_t k = i; k < node->n; k++) {
        rest->amounts[k - i] = node->amounts[k];
        rest->part_tags[k - i] = node->part_tags[k];
    }
    rest->n = (uint16_t)(node->n - i);
    rest->amounts[0] -= want;
    if (want > 0)
        node->amounts[i] = want;
    node->n = (uint16_t)kept;
    TRY(node_pull(c, p, rest_id));
    *ret_rest = rest_id;
    return OK;
}

Err rope_split(Ctx *c, RopePool *p, uint32_t root, int64_t amount, uint32_t *ret_left,
               uint32_t *ret_right) {
    Path path;
    path.n = 0;
    uint32_t left = 0, right = 0, rest = 0, id = root;
    uint32_t *left_hook = &left, *right_hook = &right;
    while (id != 0) {
        RopeNode *node = rope_node(p, id);
        node_push(p, node);
        TRY(path_add(c, &path, id));
        int64_t before = node->left != 0 ? rope_node(p, node->left)->sum : 0;
        if (amount <= before) {
            *right_hook = id;
            right_hook = &node->left;
            id = node->left;
            continue;
        }
        amount -= before;
        *left_hook = id;
        left_hook = &node->right;
        id = node->right;
        if (amount < node->own) {
            TRY(node_cut(c, p, path.ids[path.n - 1], amount, &rest));
            break;
        }
        amount -= node->own;
        if (amount == 0)
            break;
    }
    // What stands behind the cut belongs to the right side as it is.
    *left_hook = 0;
    *right_hook = id;
    TRY(path_pull(c, p, &path));
    if (rest != 0)
        TRY(rope_concat(c, p, rest, right, &right));
    *ret_left = left;
    *ret_right = right;
    return OK;
}

Err rope_pack(Ctx *c, RopePool *p, const Part *parts, size_t n, uint32_t *ret_root) {
    uint32_t root = 0;
    for (size_t i = 0; i < n;) {
        uint32_t id = parts[i].rope;
        if (id != 0) {
            i++;
        } else {
            TRY(node_new(c, p, &id));
            RopeNode *node = rope_node(p, id);
            for (; i < n && parts[i].rope == 0 && node->n < TRACE_ROPE_BLOCK_PARTS; i++) {
                node->amounts[node->n] = parts[i].amount;
                node->part_tags[node->n++] = parts[i].tag;
            }
            TRY(node_pull(c, p, id));
        }
        TRY(rope_concat(c, p, root, id, &root));
    }
    *ret_root = root;
    return OK;
}

Err rope_unpack(Ctx *c, RopePool *p, uint32_t root, Err (*visit)(void *self, Part part),
                void *self) {
    Path path;
    path.n = 0;
    uint32_t id = root;
    while (id != 0 || path.n > 0) {
        for (; id != 0; id = rope_node(p, id)->left) {
            node_push(p, rope_node(p, id));
            TRY(path_add(c, &path, id));
        }
        id = path.ids[--path.n];
        p->steps++;
        RopeNode *node = rope_node(p, id);
        for (uint32_t i = 0; i < node->n && visit != NULL; i++)
            TRY(visit(self, (Part){.amount = node->amounts[i], .tag = node->part_tags[i]}));
        uint32_t next = node->right;
        node_free(p, id);
        id = next;
    }
    return OK;
}

Err rope_free(Ctx *c, RopePool *p, uint32_t root) {
    return rope_unpack(c, p, root, NULL, NULL);
}
