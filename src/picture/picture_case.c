// The order of an object's records, and what the records of a case come to.
#include "picture/picture_priv.h"

#include <stdlib.h>

// --- order --------------------------------------------------------------------------------------

// `before` must stand before `after`; both are places in the list of children.
typedef struct Edge {
    uint32_t before, after;
} Edge;

typedef struct EdgeList {
    Edge *items;
    size_t count, cap;
} EdgeList;

static void EdgeList_cleanup(EdgeList *k) {
    mem_free(k->items);
}

typedef struct PosIndex {
    int64_t pos;
    uint32_t index;
} PosIndex;

static int pos_cmp(const void *a, const void *b) {
    int64_t x = ((const PosIndex *)a)->pos, y = ((const PosIndex *)b)->pos;
    return (x > y) - (x < y);
}

static int edge_cmp(const void *a, const void *b) {
    const Edge *x = a, *y = b;
    return x->before != y->before ? (x->before > y->before) - (x->before < y->before)
                                  : (x->after > y->after) - (x->after < y->after);
}

static Err edges_read(Picture *p, Str root, const PosIndex *index, size_t n, EdgeList *ret_edges) {
    AUTO(StoreQuery) q = write_stmt(p, W_REFS_OF_CHILDREN);
    store_bind_at_blob(q, 1, root.p, root.n);
    for (bool row;;) {
        TRY(store_step(&p->work, q, &row));
        if (!row)
            return OK;
        PosIndex from = {.pos = store_col_i64(q, 0)}, to = {.pos = store_col_i64(q, 1)};
        const PosIndex *after = bsearch(&from, index, n, sizeof *index, pos_cmp);
        const PosIndex *before = bsearch(&to, index, n, sizeof *index, pos_cmp);
        if (!after || !before || after == before)
            continue;
        EdgeList *k = ret_edges;
        TRY(mem_grow(&p->work, &k->items, &k->cap, k->count + 1, sizeof *k->items));
        k->items[k->count++] = (Edge){before->index, after->index};
    }
}

// A heap of indexes, the smallest on top.
typedef struct Heap {
    uint32_t *items;
    size_t count;
} Heap;

static void heap_put(Heap *h, uint32_t v) {
    size_t i = h->count++;
    for (; i && h->items[(i - 1) / 2] > v; i = (i - 1) / 2)
        h->items[i] = h->items[(i - 1) / 2];
    h->items[i] = v;
}

static uint32_t heap_take(Heap *h) {
    uint32_t top = h->items[0], v = h->items[--h->count];
    size_t i = 0;
    for (size_t k; (k = 2 * i + 1) < h->count; i = k) {
        if (k + 1 < h->count && h->items[k + 1] < h->items[k])
            k++;
        if (h->items[k] >= v)
            break;
        h->items[i] = h->items[k];
    }
    h->items[i] = v;
    return top;
}

typedef struct Sorting {
    const EdgeList *edges; // sorted by `before`
    size_t n;
    uint32_t *first; // n + 1: where the edges of each start
    uint32_t *open;  // how many must still come before each
    bool *done;
    Heap ready;
    uint32_t *order;
} Sorting;

// Takes the earliest that waits for none. Where records refer to each other in a ring, which only a
// forged one can, the earliest of those left goes first.
static void sort_run(Sorting *s) {
    size_t left_from = 0;
    for (size_t placed = 0; placed < s->n; placed++) {
        if (s->ready.count == 0) {
            while (s->done[left_from])
                left_from++;
            heap_put(&s->ready, (uint32_t)left_from);
            s->open[left_from] = 0;
        }
        uint32_t at = heap_take(&s->ready);
        s->done[at] = true;
        s->order[placed] = at;
        for (uint32_t e = s->first[at]; e < s->first[at + 1]; e++) {
            uint32_t after = s->edges->items[e].after;
            if (s->open[after] > 0 && --s->open[after] == 0 && !s->done[after])
                heap_put(&s->ready, after);
        }
    }
}

static Err sort_children(Picture *p, EdgeList *edges, PictureChildren *children) {
    size_t n = children->count;
    Sorting s = {.edges = edges, .n = n};
    PictureChild *sorted;
    TRY(ctx_alloc(&p->work, (n + 1) * sizeof *s.first, &s.first));
    TRY(ctx_alloc(&p->work, n * sizeof *s.open, &s.open));
    TRY(ctx_alloc(&p->work, n * sizeof *s.done, &s.done));
    TRY(ctx_alloc(&p->work, n * sizeof *s.order, &s.order));
    TRY(ctx_alloc(&p->work, n * sizeof *s.ready.items, &s.ready.items));
    TRY(ctx_alloc(&p->work, n * sizeof *sorted, &sorted));
    qsort(edges->items, edges->count, sizeof *edges->items, edge_cmp);
    for (size_t e = 0; e < edges->count; e++) {
        s.first[edges->items[e].before + 1]++;
        s.open[edges->items[e].after]++;
    }
    for (size_t i = 0; i < n; i++) {
        s.first[i + 1] += s.first[i];
        if (s.open[i] == 0)
            heap_put(&s.ready, (uint32_t)i);
    }
    sort_run(&s);
    for (size_t i = 0; i < n; i++)
        sorted[i] = children->items[s.order[i]];
    memcpy(children->items, sorted, n * sizeof *sorted);
    return OK;
}

Err order_children(Picture *p, Str root, PictureChildren *children) {
    if (children->count < 2)
        return OK;
    PosIndex *index;
    TRY(ctx_alloc(&p->work, children->count * sizeof *index, &index));
    for (size_t i = 0; i < children->count; i++)
        index[i] = (PosIndex){children->items[i].pos, (uint32_t)i};
    qsort(index, children->count, sizeof *index, pos_cmp);
    AUTO(EdgeList) edges = {0};
    TRY(edges_read(p, root, index, children->count, &edges));
    return edges.count ? sort_children(p, &edges, children) : OK;
}

// --- a case -------------------------------------------------------------------------------------

// One case_add that had an effect.
typedef struct Member {
    int64_t add_pos, out_pos; // out_pos 0 with out false
    uint8_t report[16];
    char state[PICTURE_STATE_BYTES_MAX]; // "" for a live one: the reports' rule decides
    bool live, out;
} Member;

typedef struct MemberList {
    Member *items;
    size_t count, cap;
} MemberList;

static void MemberList_cleanup(MemberList *k) {
    mem_free(k->items);
}

static Err member_append(Picture *p, MemberList *list, Member **ret_member) {
    TRY(mem_grow(&p->work, &list->items, &list->cap, list->count + 1, sizeof *list->items));
    *ret_member = &list->items[list->count++];
    **ret_member = (Member){0};
    return OK;
}

// Where each report stands while the events of a case are gone through.
typedef struct Standing {
    Dict reports;
    int64_t *member; // index into the list, or -1
    size_t cap;
    bool closed;
    int64_t closed_pos;
} Standing;

static void Standing_cleanup(Standing *s) {
    dict_done(&s->reports);
    mem_free(s->member);
}

static Err case_event(Picture *p, Standing *s, const PictureChild *event, MemberList *list) {
    if (event->kind == RECORD_CASE_CLOSE) {
        s->closed_pos = s->closed ? s->closed_pos : event->pos;
        s->closed = true;
        return OK;
    }
    if (!event->has_report)
        return OK;
    uint32_t id;
    size_t before = s->reports.count;
    TRY(mem_grow(&p->work, &s->member, &s->cap, before + 1, sizeof *s->member));
    TRY(dict_intern(&p->work, &s->reports, (Str){(const char *)event->report, 16}, &id));
    if (s->reports.count > before)
        s->member[id] = -1;
    if (event->kind == RECORD_CASE_REMOVE) {
        if (s->member[id] >= 0 && !s->closed) {
            Member *m = &list->items[s->member[id]];
            m->out = true;
            m->out_pos = event->pos;
            s->member[id] = -1;
        }
        return OK;
    }
    if (event->kind != RECORD_CASE_ADD || s->member[id] >= 0)
        return OK;
    Member *m;
    TRY(member_append(p, list, &m));
    m->add_pos = event->pos;
    memcpy(m->report, event->report, sizeof m->report);
    if (s->closed)
        memcpy(m->state, "refused", sizeof "refused");
    else
        s->member[id] = (int64_t)list->count - 1;
    return OK;
}

static int member_cmp(const void *a, const void *b) {
    const Member *x = a, *y = b;
    return (x->add_pos > y->add_pos) - (x->add_pos < y->add_pos);
}

static Err members_read(Picture *p, int64_t case_pos, MemberList *ret_list) {
    AUTO(StoreQuery) q = write_stmt(p, W_MEMBERS);
    store_bind_at_i64(q, 1, case_pos);
    for (bool row;;) {
        TRY(store_step(&p->work, q, &row));
        if (!row)
            return OK;
        Member *m;
        TRY(member_append(p, ret_list, &m));
        m->add_pos = store_col_i64(q, 0);
        memcpy(m->report, store_col_str(q, 1).p, sizeof m->report);
        Str state = store_col_str(q, 2);
        m->live = store_col_i64(q, 3) != 0;
        if (!m->live)
            memcpy(m->state, state.p, state.n);
        m->out = !store_col_is_null(q, 4);
        m->out_pos = store_col_i64(q, 4);
    }
}

static Err member_write(Picture *p, int64_t case_pos, const Member *m) {
    StoreStmt *s = write_stmt(p, W_MEMBER_PUT);
    store_bind_at_i64(s, 1, m->add_pos);
    store_bind_at_i64(s, 2, case_pos);
    store_bind_at_blob(s, 3, m->report, sizeof m->report);
    store_bind_at_str(s, 4, m->state[0] ? str_of(m->state) : STR("in"));
    store_bind_at_i64(s, 5, m->live);
    if (m->out)
        store_bind_at_i64(s, 6, m->out_pos);
    return store_run(&p->work, s);
}

static Err member_remove(Picture *p, const Member *m) {
    StoreStmt *s = write_stmt(p, W_MEMBER_DROP);
    store_bind_at_i64(s, 1, m->add_pos);
    return store_run(&p->work, s);
}

static bool member_same(const Member *a, const Member *b) {
    return a->live == b->live && a->out == b->out && a->out_pos == b->out_pos &&
           strcmp(a->state, b->state) == 0 && memcmp(a->report, b->report, sizeof a->report) == 0;
}

// Writes only what differs, so that a large case costs what changed in it. Both sorted by add_pos.
static Err members_write(Picture *p, int64_t case_pos, const MemberList *old,
                         const MemberList *now) {
    size_t i = 0, k = 0;
    while (i < old->count || k < now->count) {
        const Member *a = i < old->count ? &old->items[i] : NULL;
        const Member *b = k < now->count ? &now->items[k] : NULL;
        int order = !a ? 1 : !b ? -1 : member_cmp(a, b);
        i += order <= 0;
        k += order >= 0;
        if (order == 0 && member_same(a, b))
            continue;
        if (order < 0)
            TRY(member_remove(p, a));
        else
            TRY(member_write(p, case_pos, b));
        if (order <= 0)
            TRY(touch(p, &p->touched.reports, (Str){(const char *)a->report, sizeof a->report}));
        if (order >= 0)
            TRY(touch(p, &p->touched.reports, (Str){(const char *)b->report, sizeof b->report}));
    }
    return OK;
}

static Err case_write(Picture *p, int64_t case_pos, uint32_t mark_id, const Standing *s) {
    Str to = s->closed ? STR("closed") : STR("open");
    bool was_closed = false, row, same_pos = true;
    {
        AUTO(StoreQuery) q = write_stmt(p, W_CASE_NOW);
        store_bind_at_i64(q, 1, case_pos);
        TRY(store_step(&p->work, q, &row));
        if (!row)
            return OK;
        was_closed = str_eq_c(store_col_str(q, 0), "closed");
        same_pos = !was_closed || store_col_i64(q, 1) == s->closed_pos;
    }
    if (was_closed == s->closed && same_pos)
        return OK;
    StoreStmt *u = write_stmt(p, W_CASE_SET);
    store_bind_at_str(u, 1, to);
    if (s->closed)
        store_bind_at_i64(u, 2, s->closed_pos);
    store_bind_at_i64(u, 3, case_pos);
    TRY(store_run(&p->work, u));
    return was_closed == s->closed
               ? OK
               : count_move(p, TABLE_CASE, was_closed ? STR("closed") : STR("open"), to, mark_id);
}

Err derive_case(Picture *p, int64_t case_pos, uint32_t mark_id, const PictureChildren *children) {
    AUTO(Standing) standing = {0};
    AUTO(MemberList) old = {0};
    AUTO(MemberList) now = {0};
    dict_init(&standing.reports, 0);
    // A case is its agency's: nobody else adds to it or closes it.
    uint32_t agency_n = p->logs[case_pos >> 40].agency_n;
    for (size_t i = 0; i < children->count; i++)
        if (p->logs[children->items[i].pos >> 40].agency_n == agency_n)
            TRY(case_event(p, &standing, &children->items[i], &now));
    for (size_t i = 0; i < now.count; i++) {
        Member *m = &now.items[i];
        if (m->out)
            memcpy(m->state, "removed", sizeof "removed");
        m->live = !m->state[0] && !standing.closed;
        if (!m->state[0] && standing.closed)
            memcpy(m->state, "in", sizeof "in");
    }
    if (now.count)
        qsort(now.items, now.count, sizeof *now.items, member_cmp);
    TRY(members_read(p, case_pos, &old));
    TRY(members_write(p, case_pos, &old, &now));
    return case_write(p, case_pos, mark_id, &standing);
}

// A report stands in at most one open case of each agency: of those that hold it, the first add
// counts. The query gives them by agency.
Err derive_member(Picture *p, Str report) {
    AUTO(MemberList) list = {0};
    int64_t agency_n = -1;
    {
        AUTO(StoreQuery) q = write_stmt(p, W_MEMBERS_OF_REPORT);
        store_bind_at_blob(q, 1, report.p, report.n);
        for (bool row = true; row;) {
            TRY(store_step(&p->work, q, &row));
            if (!row)
                break;
            Member *m;
            TRY(member_append(p, &list, &m));
            m->add_pos = store_col_i64(q, 0);
            Str state = store_col_str(q, 1);
            memcpy(m->state, state.p, state.n);
            m->live = store_col_i64(q, 2) != agency_n;
            agency_n = store_col_i64(q, 2);
        }
    }
    for (size_t i = 0; i < list.count; i++) {
        Str to = list.items[i].live ? STR("in") : STR("refused");
        if (str_eq(to, str_of(list.items[i].state)))
            continue;
        StoreStmt *s = write_stmt(p, W_MEMBER_STATE);
        store_bind_at_str(s, 1, to);
        store_bind_at_i64(s, 2, list.items[i].add_pos);
        TRY(store_run(&p->work, s));
    }
    return OK;
}
