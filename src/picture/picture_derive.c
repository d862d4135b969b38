// What several records decide together, derived from facts alone, one object at a time. Each step
// gives the same rows whatever order the facts came in, because it looks at all of them again.
#include "picture/picture_priv.h"

// --- what was touched ---------------------------------------------------------------------------

Err touch(Picture *p, Dict *set, Str key) {
    uint32_t id;
    return dict_intern(&p->work, set, key, &id);
}

Err touch_name(Picture *p, Dict *set, uint32_t agency_n, Str name) {
    char *key;
    TRY(ctx_alloc(&p->work, 4 + name.n, &key));
    store_u32le(key, agency_n);
    memcpy(key + 4, name.p, name.n);
    return touch(p, set, (Str){key, 4 + name.n});
}

static void set_clear(Dict *d) {
    if (d->count == 0)
        return;
    dict_done(d);
    dict_init(d, 0);
}

void touched_clear(PictureTouched *t) {
    set_clear(&t->erased);
    set_clear(&t->gone);
    set_clear(&t->clashes);
    set_clear(&t->objects);
    set_clear(&t->names);
    set_clear(&t->transfers);
    set_clear(&t->reports);
    set_clear(&t->orders);
    set_clear(&t->owed);
}

// --- states -------------------------------------------------------------------------------------

Err derive_state(Picture *p, int64_t pos, uint32_t mark_id, Str from, Str to) {
    if (str_eq(from, to))
        return OK;
    StoreStmt *s = write_stmt(p, W_RECORD_STATE);
    store_bind_at_str(s, 1, to);
    store_bind_at_i64(s, 2, pos);
    TRY(store_run(&p->work, s));
    if (!str_eq_c(from, "held"))
        TRY(count_add(p, TABLE_FOLD, from, mark_id, -1));
    return str_eq_c(to, "held") ? OK : count_add(p, TABLE_FOLD, to, mark_id, 1);
}

// A row of a list whose first is in force and whose others are not, or the other way round.
typedef struct Ranked {
    int64_t pos;
    uint32_t mark_id;
    char state[PICTURE_STATE_BYTES_MAX];
} Ranked;

typedef struct RankedList {
    Ranked *items;
    size_t count, cap;
} RankedList;

static void RankedList_cleanup(RankedList *k) {
    mem_free(k->items);
}

static void state_copy(char ret_state[PICTURE_STATE_BYTES_MAX], Str state) {
    ASSERT(state.n < PICTURE_STATE_BYTES_MAX);
    memcpy(ret_state, state.p, state.n);
    ret_state[state.n] = 0;
}

// Rows (place, state, mark) of a query whose values are bound.
static Err ranked_read(Picture *p, StoreStmt *q, RankedList *ret_list) {
    for (bool row;;) {
        TRY(store_step(&p->work, q, &row));
        if (!row)
            return OK;
        TRY(mem_grow(&p->work, &ret_list->items, &ret_list->cap, ret_list->count + 1,
                     sizeof *ret_list->items));
        Ranked *r = &ret_list->items[ret_list->count++];
        *r = (Ranked){.pos = store_col_i64(q, 0), .mark_id = (uint32_t)store_col_i64(q, 2)};
        state_copy(r->state, store_col_str(q, 1));
    }
}

typedef struct RankedRule {
    PictureWrite update;
    PictureTable table;
    Str others; // the state of all but the first
} RankedRule;

static Err ranked_write(Picture *p, const RankedList *list, const RankedRule *rule) {
    for (size_t i = 0; i < list->count; i++) {
        const Ranked *r = &list->items[i];
        Str from = str_of(r->state), to = i == 0 ? STR("held") : rule->others;
        if (str_eq(from, to))
            continue;
        StoreStmt *s = write_stmt(p, rule->update);
        store_bind_at_str(s, 1, to);
        store_bind_at_i64(s, 2, r->pos);
        TRY(store_run(&p->work, s));
        TRY(count_move(p, rule->table, from, to, r->mark_id));
        TRY(derive_state(p, r->pos, r->mark_id, from, to));
    }
    return OK;
}

// Reports of one id and agency: the first counts.
static Err derive_name(Picture *p, Str key) {
    static const RankedRule rule = {W_REPORT_STATE, TABLE_REPORT, {"duplicate", 9}};
    AUTO(RankedList) list = {0};
    AUTO(StoreQuery) q = write_stmt(p, W_TWINS);
    store_bind_at_str(q, 1, (Str){key.p + 4, key.n - 4});
    store_bind_at_i64(q, 2, load_u32le(key.p));
    TRY(ranked_read(p, q, &list));
    store_reset(q);
    return ranked_write(p, &list, &rule);
}

// Picks of one transfer by one agency: the last counts (the query gives it first).
static Err derive_pick(Picture *p, Str key) {
    static const RankedRule rule = {W_PICK_STATE, TABLE_PICK, {"superseded", 10}};
    AUTO(RankedList) list = {0};
    AUTO(StoreQuery) q = write_stmt(p, W_PICKS);
    store_bind_at_str(q, 1, (Str){key.p + 4, key.n - 4});
    store_bind_at_i64(q, 2, load_u32le(key.p));
    TRY(ranked_read(p, q, &list));
    store_reset(q);
    return ranked_write(p, &list, &rule);
}

// --- objects ------------------------------------------------------------------------------------

void PictureChildren_cleanup(PictureChildren *k) {
    mem_free(k->items);
}

static PictureEnd col_end(StoreStmt *q, int column) {
    return (PictureEnd){!store_col_is_null(q, column), store_col_i64(q, column)};
}

// Whether a record that is not here was erased, or let go by us.
static Err root_gone(Picture *p, Str id, bool *ret_gone) {
    static const PictureWrite asked[] = {W_ERASED_GET, W_LET_GO_OF_ID};
    *ret_gone = false;
    for (size_t i = 0; i < COUNT_OF(asked) && !*ret_gone; i++) {
        AUTO(StoreQuery) q = write_stmt(p, asked[i]);
        store_bind_at_blob(q, 1, id.p, id.n);
        TRY(store_step(&p->work, q, ret_gone));
    }
    return OK;
}

static Err root_get(Picture *p, Str id, PictureRoot *ret_root) {
    PictureRoot root = {.kind = RECORD_UNKNOWN};
    {
        AUTO(StoreQuery) q = write_stmt(p, W_ROOT_GET);
        store_bind_at_blob(q, 1, id.p, id.n);
        TRY(store_step(&p->work, q, &root.here));
        if (root.here) {
            root.pos = store_col_i64(q, 0);
            root.agency_n = p->logs[root.pos >> 40].agency_n;
            root.kind = record_kind_of(store_col_str(q, 1));
            root.is_root = !store_col_i64(q, 5);
            root.folded = root.is_root && !str_eq_c(store_col_str(q, 2), "unknown");
            root.mark_id = (uint32_t)store_col_i64(q, 3);
            root.end = col_end(q, 4);
            root.own_mark = (uint32_t)store_col_i64(q, 6);
            root.own_end = col_end(q, 7);
        }
    }
    if (!root.here)
        TRY(root_gone(p, id, &root.gone));
    *ret_root = root;
    return OK;
}

static Err children_get(Picture *p, Str root, PictureChildren *ret_children) {
    AUTO(StoreQuery) q = write_stmt(p, W_CHILDREN);
    store_bind_at_blob(q, 1, root.p, root.n);
    for (bool row;;) {
        TRY(store_step(&p->work, q, &row));
        if (!row)
            return OK;
        PictureChildren *k = ret_children;
        TRY(mem_grow(&p->work, &k->items, &k->cap, k->count + 1, sizeof *k->items));
        PictureChild *child = &k->items[k->count++];
        *child = (PictureChild){.pos = store_col_i64(q, 0),
                                .kind = record_kind_of(store_col_str(q, 2)),
                                .mark_id = (uint32_t)store_col_i64(q, 5),
                                .end = col_end(q, 6),
                                .has_report = !store_col_is_null(q, 7),
                                .own_mark = (uint32_t)store_col_i64(q, 8),
                                .own_end = col_end(q, 9),
                                .folded = store_col_i64(q, 10) != 0};
        memcpy(child->id, store_col_str(q, 1).p, sizeof child->id);
        state_copy(child->state, store_col_str(q, 3));
        if (child->has_report)
            memcpy(child->report, store_col_str(q, 7).p, sizeof child->report);
    }
}

// A transition carries its object's marking, its own or a share's, and speaks of an object of the
// kind it is made for.
static Str child_state(const PictureRoot *root, const PictureMarkings *markings,
                       const PictureChild *k) {
    if (!root->here)
        return root->gone ? STR("stray") : STR("waiting");
    const RecordKindRow *row = record_kind_row(k->kind);
    bool kind =
        row->of == RECORD_OF_ANY || (row->of == RECORD_OF_ROOT && row->of_kind == root->kind);
    bool fits = root->folded && kind && markings_fit(markings, k->own_mark, k->own_end);
    return fits ? STR("held") : STR("stray");
}

// Sets the state of each child and leaves only those that are held. What is not folded keeps its
// state, and an erase record's follows from what it erases.
static Err children_sift(Picture *p, const PictureRoot *root, const PictureMarkings *markings,
                         PictureChildren *children) {
    size_t kept = 0;
    for (size_t i = 0; i < children->count; i++) {
        PictureChild *k = &children->items[i];
        if (!k->folded || k->kind == RECORD_ERASE)
            continue;
        Str to = child_state(root, markings, k);
        TRY(derive_state(p, k->pos, k->mark_id, str_of(k->state), to));
        if (str_eq_c(to, "held"))
            children->items[kept++] = *k;
    }
    children->count = kept;
    return OK;
}

// Of the report's own agency only.
static Err derive_seed(Picture *p, int64_t report_pos, const PictureChildren *children) {
    StoreStmt *s = write_stmt(p, W_REPORT_SEED);
    uint32_t agency_n = p->logs[report_pos >> 40].agency_n;
    for (size_t i = 0; i < children->count; i++)
        if (children->items[i].kind == RECORD_SEED &&
            p->logs[children->items[i].pos >> 40].agency_n == agency_n)
            store_bind_at_i64(s, 1, children->items[i].pos);
    store_bind_at_i64(s, 2, report_pos);
    return store_run(&p->work, s);
}

Err derive_root(Picture *p, const PictureRoot *root, Str id, const PictureChildren *children) {
    const PictureObject object = {root->pos, root->kind, root->mark_id, id};
    TRY(derive_children(p, &object, children));
    if (root->kind == RECORD_REPORT)
        return derive_seed(p, root->pos, children);
    if (root->kind == RECORD_CASE)
        return derive_case(p, root->pos, root->mark_id, children);
    return OK;
}

static Err derive_object(Picture *p, Str id) {
    PictureRoot root;
    AUTO(PictureChildren) children = {0};
    AUTO(PictureMarkings) markings = {0};
    TRY(root_get(p, id, &root));
    TRY(children_get(p, id, &children));
    TRY(markings_get(p, id, &root, &markings));
    TRY(markings_apply(p, &markings, &root, &children));
    TRY(children_sift(p, &root, &markings, &children));
    if (!root.here || !root.folded)
        return OK;
    TRY(order_children(p, id, &children));
    return derive_root(p, &root, id, &children);
}

// --- erasure ------------------------------------------------------------------------------------

// Takes the content of the very leaf that an erase record of that log's agency names.
static Err erasure_acts(Picture *p, Str id, StoreStmt *erase, bool *ret_acts) {
    int64_t pos;
    {
        AUTO(StoreQuery) q = write_stmt(p, W_ERASABLE);
        store_bind_at_blob(q, 1, id.p, id.n);
        store_bind_at_str(q, 2, store_col_str(erase, 1));
        store_bind_at_i64(q, 3, store_col_i64(erase, 3));
        store_bind_at_i64(q, 4, store_col_i64(erase, 2));
        bool row;
        TRY(store_step(&p->work, q, &row));
        *ret_acts =
            row && (!store_col_i64(q, 2) || kind_erasable(record_kind_of(store_col_str(q, 1))));
        pos = row ? store_col_i64(q, 0) : 0;
    }
    return *ret_acts ? fact_drop(p, pos) : OK;
}

// Erase records that name the target, the first first. Each acts on the leaf of its own agency that
// it names; what has the same id elsewhere stays.
static Err erasures_get(Picture *p, Str id, RankedList *ret_list) {
    AUTO(StoreQuery) q = write_stmt(p, W_ERASES_OF);
    store_bind_at_blob(q, 1, id.p, id.n);
    for (bool row, acts;;) {
        TRY(store_step(&p->work, q, &row));
        if (!row)
            return OK;
        RankedList *k = ret_list;
        TRY(mem_grow(&p->work, &k->items, &k->cap, k->count + 1, sizeof *k->items));
        Ranked *r = &k->items[k->count++];
        *r = (Ranked){.pos = store_col_i64(q, 0), .mark_id = (uint32_t)store_col_i64(q, 5)};
        state_copy(r->state, store_col_str(q, 4));
        TRY(touch(p, &p->touched.owed, store_col_str(q, 6)));
        TRY(erasure_acts(p, id, q, &acts));
    }
}

// What is left of an erased record: its id, and by which record it went.
static Err erased_set(Picture *p, Str id, const RankedList *k, bool gone) {
    bool was;
    {
        AUTO(StoreQuery) q = write_stmt(p, W_ERASED_GET);
        store_bind_at_blob(q, 1, id.p, id.n);
        TRY(store_step(&p->work, q, &was));
    }
    StoreStmt *s = write_stmt(p, gone ? W_ERASED_PUT : W_ERASED_DROP);
    store_bind_at_blob(s, 1, id.p, id.n);
    if (gone)
        store_bind_at_i64(s, 2, k->items[0].pos);
    TRY(store_run(&p->work, s));
    return was == gone ? OK : touch(p, &p->touched.objects, id);
}

// Once no record with the id is here, the erase records are all there is, and the first of them is
// the one that is shown.
static Err derive_erased(Picture *p, Str id) {
    AUTO(RankedList) k = {0};
    bool here;
    TRY(erasures_get(p, id, &k));
    {
        AUTO(StoreQuery) q = write_stmt(p, W_ROOT_GET);
        store_bind_at_blob(q, 1, id.p, id.n);
        TRY(store_step(&p->work, q, &here));
    }
    bool gone = k.count > 0 && !here;
    for (size_t i = 0; i < k.count; i++) {
        const Ranked *r = &k.items[i];
        if (!str_eq_c(str_of(r->state), "clash"))
            TRY(derive_state(p, r->pos, r->mark_id, str_of(r->state),
                             gone ? STR("held") : STR("stray")));
    }
    return erased_set(p, id, &k, gone);
}

// --- in this order ------------------------------------------------------------------------------

typedef Err (*DeriveStep)(Picture *p, Str key);

static Err derive_set(Picture *p, const Dict *set, DeriveStep step) {
    for (uint32_t i = 0; i < set->count; i++) {
        ctx_reset(&p->work);
        TRY(step(p, dict_get(set, i)));
    }
    return OK;
}

// What is erased or let go touches all that follows; which record has an id decides again on what
// erase records say of it. An object touches reports of cases and orders of grievances; nothing
// touches back, so that one pass is enough.
Err derive_touched(Picture *p) {
    PictureTouched *t = &p->touched;
    TRY(derive_set(p, &t->erased, derive_erased));
    TRY(derive_set(p, &t->gone, derive_gone));
    TRY(derive_set(p, &t->clashes, derive_clash));
    if (t->clashes.count || t->gone.count)
        TRY(derive_set(p, &t->erased, derive_erased));
    TRY(derive_set(p, &t->objects, derive_object));
    TRY(derive_set(p, &t->names, derive_name));
    TRY(derive_set(p, &t->transfers, derive_pick));
    TRY(derive_set(p, &t->reports, derive_member));
    TRY(derive_set(p, &t->orders, derive_grievances));
    TRY(derive_set(p, &t->owed, derive_owed));
    touched_clear(t);
    return OK;
}
