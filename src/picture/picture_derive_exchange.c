// Which mark counts, which of several records with one id counts, and what we let go of: derived
// from facts alone, so that any order of arrival ends in the same rows.
#include "picture/picture_priv.h"

static bool end_same(PictureEnd a, PictureEnd b) {
    return a.has_until == b.has_until && (!a.has_until || a.until == b.until);
}

static PictureEnd col_end(StoreStmt *q, int column) {
    return (PictureEnd){!store_col_is_null(q, column), store_col_i64(q, column)};
}

// --- marks --------------------------------------------------------------------------------------

void PictureMarkings_cleanup(PictureMarkings *k) {
    mem_free(k->items);
}

static Err marking_append(Picture *p, PictureMarkings *k, PictureMarking m) {
    TRY(mem_grow(&p->work, &k->items, &k->cap, k->count + 1, sizeof *k->items));
    k->items[k->count++] = m;
    return OK;
}

Err markings_get(Picture *p, Str id, const PictureRoot *root, PictureMarkings *ret_markings) {
    PictureMarkings *k = ret_markings;
    if (root->here && !root->is_root)
        return OK;
    k->has_root = root->here;
    if (root->here)
        TRY(marking_append(p, k,
                           (PictureMarking){.mark_id = root->own_mark, .end = root->own_end}));
    if (p->shares == 0)
        return OK;
    AUTO(StoreQuery) q = write_stmt(p, W_SHARES_OF);
    store_bind_at_blob(q, 1, id.p, id.n);
    for (bool row;;) {
        TRY(store_step(&p->work, q, &row));
        if (!row)
            return OK;
        const PictureMarking m = {.mark_id = (uint32_t)store_col_i64(q, 0),
                                  .end = col_end(q, 1),
                                  .for_us = store_col_i64(q, 2) != 0,
                                  .agency_n = (uint32_t)store_col_i64(q, 3)};
        if (!root->here || m.agency_n == root->agency_n)
            TRY(marking_append(p, k, m));
    }
}

// The last share for us counts: of the root's author, for records that carry the object's marking;
// while the root is not here, of the record's own author.
static const PictureMarking *marking_of(const PictureMarkings *k, uint32_t agency_n,
                                        uint32_t own_mark, PictureEnd own_end) {
    if (k->has_root && !markings_fit(k, own_mark, own_end))
        return NULL;
    for (size_t i = k->count; i > 0; i--)
        if (k->items[i - 1].for_us && (k->has_root || k->items[i - 1].agency_n == agency_n))
            return &k->items[i - 1];
    return NULL;
}

bool markings_fit(const PictureMarkings *k, uint32_t own_mark, PictureEnd own_end) {
    for (size_t i = 0; i < k->count; i++)
        if (k->items[i].mark_id == own_mark && end_same(k->items[i].end, own_end))
            return true;
    return false;
}

typedef struct Marked {
    int64_t pos;
    uint32_t own_mark, *mark_id;
    PictureEnd own_end, *end;
} Marked;

static Err marked_set(Picture *p, const PictureMarkings *k, const Marked *m) {
    uint32_t mark = m->own_mark;
    PictureEnd end = m->own_end;
    uint32_t agency_n = p->logs[m->pos >> 40].agency_n;
    const PictureMarking *counts = marking_of(k, agency_n, m->own_mark, m->own_end);
    if (counts) {
        // The compartment is that of the record's kind, which its own mark has.
        Str own = dict_get(&p->marks, m->own_mark), name, compartment;
        bool found = str_split(&own, ' ', &name);
        ASSERT(found);
        TRY(str_copy(&p->work, name, &compartment));
        TRY(mark_moved(p, counts->mark_id, compartment, &mark));
        end = counts->end;
    }
    if (mark == *m->mark_id && end_same(end, *m->end))
        return OK;
    *m->mark_id = mark;
    *m->end = end;
    return fact_remark(p, m->pos, mark, end);
}

Err markings_apply(Picture *p, const PictureMarkings *k, PictureRoot *root,
                   PictureChildren *children) {
    // What speaks of a record that itself speaks of an object changes nothing about it.
    if (root->here && root->is_root) {
        const Marked m = {root->pos, root->own_mark, &root->mark_id, root->own_end, &root->end};
        TRY(marked_set(p, k, &m));
    }
    for (size_t i = 0; i < children->count; i++) {
        PictureChild *child = &children->items[i];
        const Marked m = {child->pos, child->own_mark, &child->mark_id, child->own_end,
                          &child->end};
        TRY(marked_set(p, k, &m));
    }
    return OK;
}

// --- one id, several records --------------------------------------------------------------------

typedef struct Twin {
    int64_t pos;
    uint32_t mark_id, own_mark;
    PictureEnd own_end;
    RecordKind kind;
    bool is_clash, folded, has_of;
    uint8_t of[16];
    char state[PICTURE_STATE_BYTES_MAX];
} Twin;

typedef struct TwinList {
    Twin *items;
    size_t count, cap;
} TwinList;

static void TwinList_cleanup(TwinList *k) {
    mem_free(k->items);
}

static Err twins_get(Picture *p, Str id, TwinList *ret_list) {
    AUTO(StoreQuery) q = write_stmt(p, W_TWINS_OF_ID);
    store_bind_at_blob(q, 1, id.p, id.n);
    for (bool row;;) {
        TRY(store_step(&p->work, q, &row));
        if (!row)
            return OK;
        TwinList *k = ret_list;
        TRY(mem_grow(&p->work, &k->items, &k->cap, k->count + 1, sizeof *k->items));
        Twin *t = &k->items[k->count++];
        Str state = store_col_str(q, 1);
        *t = (Twin){.pos = store_col_i64(q, 0),
                    .is_clash = str_eq_c(state, "clash"),
                    .mark_id = (uint32_t)store_col_i64(q, 2),
                    .kind = record_kind_of(store_col_str(q, 3)),
                    .has_of = !store_col_is_null(q, 4),
                    .own_mark = (uint32_t)store_col_i64(q, 5),
                    .own_end = col_end(q, 6),
                    .folded = store_col_i64(q, 7) != 0};
        ASSERT(state.n < sizeof t->state);
        memcpy(t->state, state.p, state.n);
        if (t->has_of)
            memcpy(t->of, store_col_str(q, 4).p, sizeof t->of);
    }
}

// A report or a pick that steps back is neither a duplicate nor superseded.
static Err twin_plain(Picture *p, const Twin *t) {
    PictureContent k;
    bool found;
    TRY(content_get(p, t->pos, &found, &k));
    bool report = k.kind == RECORD_REPORT, pick = k.kind == RECORD_TRANSFER_PICK;
    Str from = report ? k.report_state : k.pick_state;
    if ((!report && !pick) || str_eq_c(from, "held"))
        return OK;
    StoreStmt *s = write_stmt(p, report ? W_REPORT_STATE : W_PICK_STATE);
    store_bind_at_str(s, 1, STR("held"));
    store_bind_at_i64(s, 2, t->pos);
    TRY(store_run(&p->work, s));
    return count_move(p, report ? TABLE_REPORT : TABLE_PICK, from, STR("held"), t->mark_id);
}

// It keeps its rows, under a mark that nobody may see, and has a part in nothing.
static Err twin_back(Picture *p, Str id, const Twin *t) {
    TRY(twin_plain(p, t));
    StoreStmt *s = write_stmt(p, W_DROP_CHILD);
    store_bind_at_i64(s, 1, t->pos);
    TRY(store_run(&p->work, s));
    TRY(derive_state(p, t->pos, t->mark_id, str_of(t->state), STR("clash")));
    uint32_t mark;
    TRY(mark_moved(p, t->own_mark, STR("clash"), &mark));
    TRY(fact_remark(p, t->pos, mark, t->own_end));
    if (!t->folded || t->has_of)
        return OK;
    const PictureRoot root = {.pos = t->pos, .kind = t->kind, .mark_id = mark};
    const PictureChildren none = {0};
    return derive_root(p, &root, id, &none);
}

static Err twin_first(Picture *p, const Twin *t) {
    PictureContent k;
    bool found;
    TRY(content_get(p, t->pos, &found, &k));
    Str to = !t->folded                             ? STR("unknown")
             : t->has_of && t->kind != RECORD_ERASE ? STR("waiting")
                                                    : STR("held");
    TRY(derive_state(p, t->pos, t->mark_id, STR("clash"), to));
    uint32_t mark;
    TRY(mark_moved(p, t->own_mark, compartment_of(k.kind_name), &mark));
    return fact_remark(p, t->pos, mark, t->own_end);
}

// Ours counts, else the first by (at, agency, log, leaf); the others clash.
Err derive_clash(Picture *p, Str id) {
    AUTO(TwinList) k = {0};
    TRY(twins_get(p, id, &k));
    for (size_t i = 0; i < k.count; i++) {
        const Twin *t = &k.items[i];
        bool back = i > 0;
        if (back == t->is_clash)
            continue;
        PictureContent content;
        bool found;
        TRY(content_get(p, t->pos, &found, &content));
        TRY(fact_touch(p, &content));
        TRY(back ? twin_back(p, id, t) : twin_first(p, t));
        if (t->has_of)
            TRY(touch(p, &p->touched.objects, (Str){(const char *)t->of, sizeof t->of}));
    }
    return touch(p, &p->touched.objects, id);
}

// --- let go -------------------------------------------------------------------------------------

static Err leaf_drop(Picture *p, int64_t pos, Str record) {
    bool here;
    {
        AUTO(StoreQuery) q = write_stmt(p, W_OF_OBJECT);
        store_bind_at_i64(q, 1, pos);
        store_bind_at_blob(q, 2, record.p, record.n);
        TRY(store_step(&p->work, q, &here));
    }
    return here ? fact_drop(p, pos) : OK;
}

static Err leaves_get(Picture *p, int64_t pos, int64_t **ret_leaves, size_t *ret_n) {
    AUTO(Buf) bytes = {0};
    AUTO(StoreQuery) q = write_stmt(p, W_LET_GO_LEAVES);
    store_bind_at_i64(q, 1, pos);
    size_t n = 0;
    for (bool row;; n++) {
        TRY(store_step(&p->work, q, &row));
        if (!row)
            break;
        int64_t leaf = store_col_i64(q, 0);
        buf_append(&bytes, &leaf, sizeof leaf);
    }
    TRY(buf_check(&p->work, &bytes));
    TRY(ctx_alloc(&p->work, bytes.n + 1, ret_leaves));
    if (bytes.n)
        memcpy(*ret_leaves, bytes.p, bytes.n);
    *ret_n = n;
    return OK;
}

// Our let_go takes the content of the leaves it names, in each log of that agency, where they are
// of the object it names: after a recovery two logs have leaves of one number.
Err derive_gone(Picture *p, Str place) {
    int64_t pos = (int64_t)load_u64le(place.p), *leaves;
    Str whose, record;
    uint32_t agency_n;
    size_t n;
    {
        AUTO(StoreQuery) q = write_stmt(p, W_LET_GO_GET);
        store_bind_at_i64(q, 1, pos);
        bool row;
        TRY(store_step(&p->work, q, &row));
        if (!row || store_col_i64(q, 3) != OWN_AGENCY)
            return OK;
        TRY(str_copy(&p->work, store_col_str(q, 0), &whose));
        TRY(str_copy(&p->work, store_col_str(q, 1), &record));
    }
    TRY(touch(p, &p->touched.objects, record));
    TRY(leaves_get(p, pos, &leaves, &n));
    if (!dict_find(&p->agencies, whose, &agency_n) || agency_n == OWN_AGENCY)
        return OK;
    for (uint32_t log = 0; log < p->log_count; log++)
        for (size_t i = 0; p->logs[log].agency_n == agency_n && i < n; i++)
            TRY(leaf_drop(p, place_key(log, (uint64_t)leaves[i]), record));
    return OK;
}

// A record of another agency that asks us to let go is owed an answer until a let_go of ours names
// it.
Err derive_owed(Picture *p, Str id) {
    bool asks;
    int64_t pos;
    {
        AUTO(StoreQuery) q = write_stmt(p, W_OWED_ASKS);
        store_bind_at_blob(q, 1, id.p, id.n);
        TRY(store_step(&p->work, q, &asks));
        pos = asks ? store_col_i64(q, 0) : 0;
    }
    StoreStmt *s = write_stmt(p, W_OWED_CLEAR);
    store_bind_at_blob(s, 1, id.p, id.n);
    TRY(store_run(&p->work, s));
    if (!asks)
        return OK;
    s = write_stmt(p, W_OWED_PUT);
    store_bind_at_i64(s, 1, pos);
    return store_run(&p->work, s);
}
