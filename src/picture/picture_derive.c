// What several records decide together, derived from facts alone, one object at a time. Each step
// gives the same rows whatever order the facts came in, because it looks at all of them again.
#include "picture/picture_priv.h"

// --- what was touched ---------------------------------------------------------------------------

Err touch(Picture *p, Dict *set, Str key) {
    uint32_t id;
    return dict_intern(&p->work, set, key, &id);
}

Err touch_name(Picture *p, uint32_t agency_n, Str report) {
    char key[4 + REPORT_ID_BYTES_MAX];
    if (report.n > REPORT_ID_BYTES_MAX)
        return fail(&p->work, E_LIMIT, "a report's id has more than %d bytes", REPORT_ID_BYTES_MAX);
    store_u32le(key, agency_n);
    memcpy(key + 4, report.p, report.n);
    return touch(p, &p->touched.names, (Str){key, 4 + report.n});
}

static void set_clear(Dict *d) {
    if (d->count == 0)
        return;
    dict_done(d);
    dict_init(d, 0);
}

void touched_clear(PictureTouched *t) {
    set_clear(&t->erased);
    set_clear(&t->objects);
    set_clear(&t->names);
    set_clear(&t->transfers);
    set_clear(&t->reports);
    set_clear(&t->orders);
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

// Picks of one transfer: the last counts (the query gives it first).
static Err derive_pick(Picture *p, Str transfer) {
    static const RankedRule rule = {W_PICK_STATE, TABLE_PICK, {"superseded", 10}};
    AUTO(RankedList) list = {0};
    AUTO(StoreQuery) q = write_stmt(p, W_PICKS);
    store_bind_at_str(q, 1, transfer);
    TRY(ranked_read(p, q, &list));
    store_reset(q);
    return ranked_write(p, &list, &rule);
}

// --- objects ------------------------------------------------------------------------------------

typedef struct Root {
    bool here, gone; // gone: an erase record took it
    bool folded;     // a root whose kind and version are known
    int64_t pos, until;
    RecordKind kind;
    uint32_t mark_id;
    bool has_until;
} Root;

void PictureChildren_cleanup(PictureChildren *k) {
    mem_free(k->items);
}

static Err root_get(Picture *p, Str id, Root *ret_root) {
    Root root = {.kind = RECORD_UNKNOWN};
    {
        AUTO(StoreQuery) q = write_stmt(p, W_ROOT_GET);
        store_bind_at_blob(q, 1, id.p, id.n);
        TRY(store_step(&p->work, q, &root.here));
        if (root.here) {
            root.pos = store_col_i64(q, 0);
            root.kind = record_kind_of(store_col_str(q, 1));
            root.folded = !str_eq_c(store_col_str(q, 2), "unknown") && !store_col_i64(q, 5);
            root.mark_id = (uint32_t)store_col_i64(q, 3);
            root.has_until = !store_col_is_null(q, 4);
            root.until = store_col_i64(q, 4);
        }
    }
    if (!root.here) {
        AUTO(StoreQuery) q = write_stmt(p, W_ERASED_GET);
        store_bind_at_blob(q, 1, id.p, id.n);
        TRY(store_step(&p->work, q, &root.gone));
    }
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
                                .has_until = !store_col_is_null(q, 6),
                                .until = store_col_i64(q, 6),
                                .has_report = !store_col_is_null(q, 7)};
        memcpy(child->id, store_col_str(q, 1).p, sizeof child->id);
        state_copy(child->state, store_col_str(q, 3));
        if (child->has_report)
            memcpy(child->report, store_col_str(q, 7).p, sizeof child->report);
    }
}

// A transition carries exactly its object's marking, and speaks of an object of the kind it is made
// for.
static Str child_state(const Root *root, const PictureChild *k) {
    if (!root->here)
        return root->gone ? STR("stray") : STR("waiting");
    const RecordKindRow *row = record_kind_row(k->kind);
    bool kind =
        row->of == RECORD_OF_ANY || (row->of == RECORD_OF_ROOT && row->of_kind == root->kind);
    bool fits = root->folded && kind && root->mark_id == k->mark_id &&
                root->has_until == k->has_until && (!root->has_until || root->until == k->until);
    return fits ? STR("held") : STR("stray");
}

// Sets the state of each child and leaves only those that are held.
static Err children_sift(Picture *p, const Root *root, PictureChildren *children) {
    size_t kept = 0;
    for (size_t i = 0; i < children->count; i++) {
        PictureChild *k = &children->items[i];
        Str to = child_state(root, k);
        TRY(derive_state(p, k->pos, k->mark_id, str_of(k->state), to));
        if (str_eq_c(to, "held"))
            children->items[kept++] = *k;
    }
    children->count = kept;
    return OK;
}

static Err derive_seed(Picture *p, int64_t report_pos, const PictureChildren *children) {
    StoreStmt *s = write_stmt(p, W_REPORT_SEED);
    for (size_t i = 0; i < children->count; i++)
        if (children->items[i].kind == RECORD_SEED)
            store_bind_at_i64(s, 1, children->items[i].pos);
    store_bind_at_i64(s, 2, report_pos);
    return store_run(&p->work, s);
}

static Err derive_object(Picture *p, Str id) {
    Root root;
    AUTO(PictureChildren) children = {0};
    TRY(root_get(p, id, &root));
    TRY(children_get(p, id, &children));
    TRY(children_sift(p, &root, &children));
    if (!root.here || !root.folded)
        return OK;
    TRY(order_children(p, id, &children));
    const PictureObject object = {root.pos, root.kind, root.mark_id, id};
    TRY(derive_children(p, &object, &children));
    if (root.kind == RECORD_REPORT)
        return derive_seed(p, root.pos, &children);
    if (root.kind == RECORD_CASE)
        return derive_case(p, root.pos, root.mark_id, &children);
    return OK;
}

// --- erasure ------------------------------------------------------------------------------------

typedef struct Target {
    bool here, erasable;
    Str agency, log;
    int64_t seq;
} Target;

static Err target_get(Picture *p, Str id, Target *ret_target) {
    AUTO(StoreQuery) q = write_stmt(p, W_CONTENT_GET);
    store_bind_at_blob(q, 1, id.p, id.n);
    Target t = {0};
    TRY(store_step(&p->work, q, &t.here));
    if (t.here) {
        t.erasable = str_eq_c(store_col_str(q, 2), "unknown") ||
                     kind_erasable(record_kind_of(store_col_str(q, 1)));
        t.seq = store_col_i64(q, 0) & ((1LL << 40) - 1);
        TRY(str_copy(&p->work, store_col_str(q, 5), &t.agency));
        TRY(str_copy(&p->work, store_col_str(q, 6), &t.log));
    }
    *ret_target = t;
    return OK;
}

// Erase records that name the target, the first first. `fits`: an author erases the very leaf of
// his own log that the target stands at.
typedef struct Erasures {
    RankedList list;
    bool any_fits;
    bool *fits;
    size_t fits_cap;
} Erasures;

static void Erasures_cleanup(Erasures *k) {
    RankedList_cleanup(&k->list);
    mem_free(k->fits);
}

static Err erasures_get(Picture *p, Str id, const Target *t, Erasures *ret_erasures) {
    Erasures *k = ret_erasures;
    AUTO(StoreQuery) q = write_stmt(p, W_ERASES_OF);
    store_bind_at_blob(q, 1, id.p, id.n);
    for (bool row;;) {
        TRY(store_step(&p->work, q, &row));
        if (!row)
            return OK;
        size_t i = k->list.count;
        TRY(mem_grow(&p->work, &k->list.items, &k->list.cap, i + 1, sizeof *k->list.items));
        TRY(mem_grow(&p->work, &k->fits, &k->fits_cap, i + 1, sizeof *k->fits));
        k->list.items[i] =
            (Ranked){.pos = store_col_i64(q, 0), .mark_id = (uint32_t)store_col_i64(q, 5)};
        state_copy(k->list.items[i].state, store_col_str(q, 4));
        k->fits[i] = t->here && t->erasable && str_eq(store_col_str(q, 1), t->log) &&
                     store_col_i64(q, 2) == t->seq && str_eq(store_col_str(q, 3), t->agency);
        k->any_fits = k->any_fits || k->fits[i];
        k->list.count++;
    }
}

// What is left of an erased record: its id, and by which record it went.
static Err erased_set(Picture *p, Str id, const Erasures *k, bool gone) {
    bool was;
    {
        AUTO(StoreQuery) q = write_stmt(p, W_ERASED_GET);
        store_bind_at_blob(q, 1, id.p, id.n);
        TRY(store_step(&p->work, q, &was));
    }
    StoreStmt *s = write_stmt(p, gone ? W_ERASED_PUT : W_ERASED_DROP);
    store_bind_at_blob(s, 1, id.p, id.n);
    if (gone)
        store_bind_at_i64(s, 2, k->list.items[0].pos);
    TRY(store_run(&p->work, s));
    return was == gone ? OK : touch(p, &p->touched.objects, id);
}

// While the target is here, only an erase record that fits it acts. Once it is gone, the erase
// records are all there is, and the first of them is the one that is shown.
static Err derive_erased(Picture *p, Str id) {
    Target t;
    AUTO(Erasures) k = {0};
    TRY(target_get(p, id, &t));
    TRY(erasures_get(p, id, &t, &k));
    if (k.any_fits)
        TRY(fact_drop(p, id));
    bool gone = k.list.count > 0 && (!t.here || k.any_fits);
    for (size_t i = 0; i < k.list.count; i++) {
        const Ranked *r = &k.list.items[i];
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

// An erasure touches objects, names and picks; an object touches reports of cases and orders of
// grievances; nothing touches back, so that one pass is enough.
Err derive_touched(Picture *p) {
    PictureTouched *t = &p->touched;
    TRY(derive_set(p, &t->erased, derive_erased));
    TRY(derive_set(p, &t->objects, derive_object));
    TRY(derive_set(p, &t->names, derive_name));
    TRY(derive_set(p, &t->transfers, derive_pick));
    TRY(derive_set(p, &t->reports, derive_member));
    TRY(derive_set(p, &t->orders, derive_grievances));
    touched_clear(t);
    return OK;
}
