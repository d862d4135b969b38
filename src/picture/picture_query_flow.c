// What the rules of flow ask, who holds what, and what is owed or over.
#include "picture/picture_read_priv.h"

// --- records as the rules ask for them ----------------------------------------------------------

// Columns of v_scan behind sort key and place.
enum {
    SCAN_SEQ = 3,
    SCAN_LOG,
    SCAN_ID,
    SCAN_OF,
    SCAN_ROOT,
    SCAN_AGENCY,
    SCAN_LOG_NAME,
    SCAN_ROOT_AGENCY,
    SCAN_ROOT_KIND,
    SCAN_KIND,
    SCAN_STATE,
    SCAN_OWN,
    SCAN_EFFECTIVE,
    SCAN_OWN_UNTIL,
    SCAN_UNTIL,
    SCAN_AT,
    SCAN_TARGET,
    SCAN_LEAF,
    SCAN_ROOT_MARK,
    SCAN_ROOT_UNTIL
};

// Marks and agencies repeat from row to row, and stand once.
static Err repeated(Ctx *c, StoreStmt *q, int column, Str before, Str *ret_text) {
    if (before.n > 0 && str_eq(store_col_str(q, column), before)) {
        *ret_text = before;
        return OK;
    }
    return col_text(c, q, column, ret_text);
}

static Err scan_read(Ctx *c, StoreStmt *q, const PictureScan *before, PictureScan *k) {
    k->place = (LedgerPlace){(uint32_t)store_col_i64(q, SCAN_LOG), store_col_i64(q, SCAN_SEQ)};
    k->id = col_id(q, SCAN_ID);
    k->root = col_id(q, SCAN_ROOT);
    TRY(repeated(c, q, SCAN_AGENCY, before->agency, &k->agency));
    TRY(repeated(c, q, SCAN_ROOT_AGENCY, before->root_agency, &k->root_agency));
    TRY(repeated(c, q, SCAN_ROOT_KIND, before->root_kind, &k->root_kind));
    TRY(repeated(c, q, SCAN_KIND, before->kind, &k->kind));
    TRY(repeated(c, q, SCAN_STATE, before->state, &k->state));
    TRY(repeated(c, q, SCAN_OWN, before->mark, &k->mark));
    TRY(repeated(c, q, SCAN_EFFECTIVE, k->mark, &k->effective));
    TRY(repeated(c, q, SCAN_ROOT_MARK, k->mark, &k->root_mark));
    k->has_until = col_i64(q, SCAN_OWN_UNTIL, &k->until);
    k->has_effective_until = col_i64(q, SCAN_UNTIL, &k->effective_until);
    k->has_root_until = col_i64(q, SCAN_ROOT_UNTIL, &k->root_until);
    k->at = store_col_i64(q, SCAN_AT);
    k->has_target = col_has_id(q, SCAN_TARGET, &k->target);
    k->target_leaf = (uint64_t)store_col_i64(q, SCAN_LEAF);
    return OK;
}

static Err scan_rows(Ctx *c, StoreStmt *q, size_t max, ReadItems *ret_items) {
    AUTO(StoreQuery) query = q;
    AUTO(Buf) bytes = {0};
    PictureScan item = {0};
    size_t n = 0;
    for (bool row;; n++) {
        TRY(store_step(c, query, &row));
        if (!row)
            break;
        if (n == max)
            return fail(c, E_LIMIT, "more than %zu rows; ask for less at once", max);
        PictureScan before = item;
        item = (PictureScan){.key = col_key(query)};
        TRY(scan_read(c, query, &before, &item));
        buf_append(&bytes, &item, sizeof item);
    }
    TRY(buf_check(c, &bytes));
    *ret_items = (ReadItems){NULL, n, false};
    TRY(ctx_alloc(c, bytes.n + 1, &ret_items->items));
    if (bytes.n)
        memcpy(ret_items->items, bytes.p, bytes.n);
    return OK;
}

Err picture_scan(Ctx *c, PictureReader *r, uint64_t from, size_t max, const PictureScan **ret_items,
                 size_t *ret_n, uint64_t *ret_next) {
    StoreStmt *q;
    ReadItems found;
    TRY(read_begin(c, r, R_SCAN_OWN, &q));
    store_bind_i64(q, ":from", (int64_t)from);
    store_bind_i64(q, ":limit", (int64_t)max);
    TRY(scan_rows(c, q, max, &found));
    const PictureScan *items = found.items;
    uint64_t next = found.n ? (uint64_t)items[found.n - 1].place.seq + 1 : from;
    READ_GIVE(found, ret_items, ret_n);
    *ret_next = next;
    return OK;
}

Err picture_scan_arrivals(Ctx *c, PictureReader *r, int64_t arrival, size_t max,
                          const PictureScan **ret_items, size_t *ret_n, int64_t *ret_next) {
    StoreStmt *q;
    ReadItems found;
    TRY(read_begin(c, r, R_SCAN_ARRIVALS, &q));
    store_bind_i64(q, ":after", arrival);
    store_bind_i64(q, ":limit", (int64_t)max);
    TRY(scan_rows(c, q, max, &found));
    const PictureScan *items = found.items;
    int64_t next = found.n ? items[found.n - 1].key.sort : arrival;
    READ_GIVE(found, ret_items, ret_n);
    *ret_next = next;
    return OK;
}

static Err arrival_newest(Ctx *c, PictureReader *r, int64_t *ret_newest) {
    StoreStmt *stmt;
    bool row;
    TRY(read_begin(c, r, R_ARRIVAL_NEWEST, &stmt));
    AUTO(StoreQuery) q = stmt;
    TRY(store_step(c, q, &row));
    *ret_newest = row ? store_col_i64(q, 0) : 0;
    return OK;
}

Err picture_scan_opening(Ctx *c, PictureReader *r, int64_t arrival, size_t max,
                         const PictureScan **ret_items, size_t *ret_n, int64_t *ret_next) {
    StoreStmt *q;
    ReadItems found;
    int64_t newest, upto = arrival + (int64_t)max;
    // Asked first: what comes meanwhile is looked through by the next call.
    TRY(arrival_newest(c, r, &newest));
    upto = upto < newest ? upto : newest;
    TRY(read_begin(c, r, R_SCAN_OPENING, &q));
    store_bind_i64(q, ":after", arrival);
    store_bind_i64(q, ":upto", upto);
    store_bind_i64(q, ":limit", (int64_t)max);
    TRY(scan_rows(c, q, max, &found));
    READ_GIVE(found, ret_items, ret_n);
    *ret_next = upto > arrival ? upto : arrival;
    return OK;
}

static Err leaves_of(Ctx *c, PictureReader *r, RecordId root, size_t max, ReadItems *ret_items) {
    StoreStmt *q;
    ReadItems roots, children;
    TRY(read_begin(c, r, R_SCAN_ROOT, &q));
    store_bind_blob(q, ":id", root.b, sizeof root.b);
    TRY(scan_rows(c, q, 1, &roots));
    TRY(read_begin(c, r, R_SCAN_CHILDREN, &q));
    store_bind_blob(q, ":id", root.b, sizeof root.b);
    store_bind_i64(q, ":limit", (int64_t)max);
    TRY(scan_rows(c, q, max, &children));
    PictureScan *all;
    TRY(ctx_alloc(c, (roots.n + children.n + 1) * sizeof *all, &all));
    memcpy(all, roots.items, roots.n * sizeof *all);
    memcpy(all + roots.n, children.items, children.n * sizeof *all);
    *ret_items = (ReadItems){all, roots.n + children.n, roots.n > 0};
    return OK;
}

Err picture_object_leaves(Ctx *c, PictureReader *r, RecordId root, const PictureScan **ret_items,
                          size_t *ret_n) {
    ReadItems found;
    bool own;
    TRY(read_together(c, r, &own));
    Err e = leaves_of(c, r, root, PICTURE_CHILDREN_MAX, &found);
    read_apart(r, own);
    TRY(e);
    READ_GIVE(found, ret_items, ret_n);
    return OK;
}

Err picture_scan_kind(Ctx *c, PictureReader *r, Str agency, Str kind, const PictureScan **ret_items,
                      size_t *ret_n) {
    StoreStmt *q;
    ReadItems found;
    TRY(read_begin(c, r, R_SCAN_KIND, &q));
    store_bind_str(q, ":agency", agency);
    store_bind_str(q, ":kind", kind);
    TRY(scan_rows(c, q, PICTURE_CHILDREN_MAX, &found));
    READ_GIVE(found, ret_items, ret_n);
    return OK;
}

// --- what is owed, what is over -----------------------------------------------------------------

static Err owed_read(Ctx *c, StoreStmt *q, void *item) {
    PictureOwed *k = item;
    k->by = col_id(q, 2);
    TRY(col_text(c, q, 3, &k->agency));
    TRY(col_text(c, q, 4, &k->because));
    k->record = col_id(q, 5);
    k->root = col_id(q, 6);
    k->leaf = (uint64_t)store_col_i64(q, 7);
    return OK;
}

static const ReadList owed_list = {R_OWED_LIST, TABLE_RECORD, false, sizeof(PictureOwed),
                                   owed_read};

Err picture_owed_list(Ctx *c, PictureReader *r, size_t max, const PictureOwed **ret_items,
                      size_t *ret_n) {
    StoreStmt *q;
    ReadItems found;
    TRY(read_begin(c, r, R_OWED_LIST, &q));
    store_bind_i64(q, ":limit", (int64_t)max);
    TRY(read_rows(c, q, &owed_list, max, &found));
    READ_GIVE(found, ret_items, ret_n);
    return OK;
}

static Err ended_read(Ctx *c, StoreStmt *q, void *item) {
    PictureEnded *k = item;
    k->until = store_col_i64(q, 0);
    k->root = col_id(q, 2);
    return col_text(c, q, 3, &k->agency);
}

static const ReadList ended_list = {R_ENDED_LIST, TABLE_RECORD, false, sizeof(PictureEnded),
                                    ended_read};

Err picture_ended(Ctx *c, PictureReader *r, int64_t upto_us, size_t max,
                  const PictureEnded **ret_items, size_t *ret_n) {
    StoreStmt *q;
    ReadItems found;
    TRY(read_begin(c, r, R_ENDED_LIST, &q));
    store_bind_i64(q, ":upto", upto_us);
    store_bind_i64(q, ":limit", (int64_t)max);
    TRY(read_rows(c, q, &ended_list, max, &found));
    READ_GIVE(found, ret_items, ret_n);
    return OK;
}

// --- disclosed and passed -----------------------------------------------------------------------

Err picture_disclosed_has(Ctx *c, PictureReader *r, Str to, Str agency, uint64_t leaf,
                          bool *ret_has) {
    StoreStmt *stmt;
    TRY(read_begin(c, r, R_DISCLOSED_HAS, &stmt));
    AUTO(StoreQuery) q = stmt;
    store_bind_str(q, ":agency", agency);
    store_bind_i64(q, ":leaf", (int64_t)leaf);
    store_bind_str(q, ":recipient", to);
    return store_step(c, q, ret_has);
}

typedef struct RangeRow {
    PictureKey key;
    PictureRange range;
} RangeRow;

static Err range_read(Ctx *c, StoreStmt *q, void *item) {
    PictureRange *k = &((RangeRow *)item)->range;
    k->first = store_col_i64(q, 3);
    k->last = store_col_i64(q, 4);
    return col_text(c, q, 2, &k->agency);
}

static const ReadList range_list = {R_RANGES_OF, TABLE_RECORD, false, sizeof(RangeRow), range_read};

static Err disclosed_read(Ctx *c, StoreStmt *q, void *item) {
    (void)c;
    PictureDisclosed *k = item;
    k->from = store_col_i64(q, 0);
    k->id = col_id(q, 2);
    k->at = store_col_i64(q, 3);
    k->seq = (uint64_t)store_col_i64(q, 4);
    return OK;
}

static const ReadList disclosed_list = {R_DISCLOSED_LIST, TABLE_RECORD, false,
                                        sizeof(PictureDisclosed), disclosed_read};

static Err disclosed_fill(Ctx *c, PictureReader *r, PictureDisclosed *k) {
    ReadItems rows;
    PictureRange *ranges;
    TRY(read_at(c, r, &range_list, k->key.pos, &rows));
    TRY(ctx_alloc(c, (rows.n + 1) * sizeof *ranges, &ranges));
    for (size_t i = 0; i < rows.n; i++)
        ranges[i] = ((const RangeRow *)rows.items)[i].range;
    k->ranges = ranges;
    k->range_count = rows.n;
    return OK;
}

Err picture_disclosed_list(Ctx *c, PictureReader *r, Str to, int64_t from, size_t max,
                           const PictureDisclosed **ret_items, size_t *ret_n) {
    StoreStmt *q;
    ReadItems found;
    TRY(read_begin(c, r, R_DISCLOSED_LIST, &q));
    store_bind_str(q, ":recipient", to);
    store_bind_i64(q, ":from", from);
    store_bind_i64(q, ":limit", (int64_t)max);
    TRY(read_rows(c, q, &disclosed_list, max, &found));
    for (size_t i = 0; i < found.n; i++)
        TRY(disclosed_fill(c, r, &((PictureDisclosed *)found.items)[i]));
    READ_GIVE(found, ret_items, ret_n);
    return OK;
}

static Err passed_read(Ctx *c, StoreStmt *q, void *item) {
    PicturePassed *k = item;
    k->at = store_col_i64(q, 0);
    k->id = col_id(q, 2);
    k->record = col_id(q, 3);
    k->by = col_id(q, 4);
    TRY(col_text(c, q, 5, &k->agency));
    TRY(col_text(c, q, 6, &k->whose));
    return col_text(c, q, 7, &k->to);
}

static const ReadList passed_list = {R_PASSED_OF, TABLE_RECORD, false, sizeof(PicturePassed),
                                     passed_read};

Err picture_passed_of(Ctx *c, PictureReader *r, RecordId record, const PicturePassed **ret_items,
                      size_t *ret_n) {
    ReadItems found;
    TRY(read_of(c, r, &passed_list, ":record", record, &found));
    READ_GIVE(found, ret_items, ret_n);
    return OK;
}

// --- who holds it -------------------------------------------------------------------------------

typedef struct Given {
    PictureKey key;
    Str to;
} Given;

static Err given_read(Ctx *c, StoreStmt *q, void *item) {
    return col_text(c, q, 2, &((Given *)item)->to);
}

static const ReadList given_list = {R_RANGES_AT, TABLE_RECORD, false, sizeof(Given), given_read};

typedef struct Holders {
    PictureHolder *items;
    size_t n;
} Holders;

// The holder of this agency, kept in order of agencies.
static PictureHolder *holder_of(Holders *k, Str agency, int64_t at) {
    size_t i = 0;
    while (i < k->n && str_cmp(k->items[i].agency, agency) < 0)
        i++;
    if (i == k->n || !str_eq(k->items[i].agency, agency)) {
        if (k->n == PEERS_MAX)
            return NULL;
        memmove(&k->items[i + 1], &k->items[i], (k->n - i) * sizeof *k->items);
        k->items[i] = (PictureHolder){.agency = agency, .since = at, .how = STR("accord")};
        k->n++;
    }
    if (at < k->items[i].since)
        k->items[i].since = at;
    return &k->items[i];
}

static Err holders_given(Ctx *c, PictureReader *r, const PictureScan *leaf, Holders *k) {
    StoreStmt *q;
    ReadItems found;
    // Ranges are of logs main; nothing of the other one is given to anybody.
    if (leaf->place.log == LEDGER_READS)
        return OK;
    TRY(read_begin(c, r, R_RANGES_AT, &q));
    store_bind_str(q, ":agency", leaf->agency);
    store_bind_i64(q, ":leaf", leaf->place.seq);
    TRY(read_rows(c, q, &given_list, PICTURE_CHILDREN_MAX, &found));
    for (size_t i = 0; i < found.n; i++) {
        const Given *g = &((const Given *)found.items)[i];
        PictureHolder *h = holder_of(k, g->to, g->key.sort);
        if (h && str_eq(leaf->root_agency, g->to))
            h->how = STR("answer");
    }
    return OK;
}

static Err holders_passed(Ctx *c, PictureReader *r, RecordId root, Holders *k) {
    const PicturePassed *items;
    size_t n;
    TRY(picture_passed_of(c, r, root, &items, &n));
    for (size_t i = 0; i < n; i++) {
        size_t before = k->n;
        PictureHolder *h = holder_of(k, items[i].to, items[i].at);
        if (!h || (k->n == before && !str_eq_c(h->how, "accord")))
            continue;
        h->how = STR("passed");
        h->has_by = true;
        h->by = items[i].id;
        h->passed_by = items[i].agency;
    }
    return OK;
}

static PictureHolder *holder_find(Holders *k, Str agency) {
    for (size_t i = 0; i < k->n; i++)
        if (str_eq(k->items[i].agency, agency))
            return &k->items[i];
    return NULL;
}

// By shares of the root's author: how it came, and whether it was taken back since the last one.
static Err holders_shared(Ctx *c, PictureReader *r, RecordId root, Str author, Holders *k) {
    const PictureShare *shares;
    const PictureRetract *retracts;
    size_t n;
    TRY(picture_retract_of(c, r, root, &retracts, &n));
    for (size_t i = 0; i < n; i++)
        for (size_t t = 0; str_eq(retracts[i].agency, author) && t < retracts[i].from_count; t++) {
            PictureHolder *h = holder_find(k, retracts[i].from[t].agency);
            if (!h)
                continue;
            h->has_retracted = true;
            h->retract = retracts[i].id;
            h->retracted_at = retracts[i].at;
        }
    TRY(picture_share_of(c, r, root, &shares, &n));
    for (size_t i = 0; i < n; i++) {
        PictureHolder *h = holder_find(k, shares[i].to);
        if (!h || !str_eq(shares[i].agency, author))
            continue;
        h->how = STR("share");
        h->has_by = true;
        h->by = shares[i].id;
        h->passed_by = STR("");
        if (h->has_retracted && h->retracted_at < shares[i].at)
            h->has_retracted = false;
    }
    return OK;
}

// What it let go of does not come back to it, whatever is shared later.
static Err holders_let_go(Ctx *c, PictureReader *r, RecordId root, Holders *k) {
    const PictureLetGo *items;
    size_t n;
    TRY(picture_let_go_of(c, r, root, &items, &n));
    for (size_t i = 0; i < n; i++) {
        PictureHolder *h = holder_find(k, items[i].agency);
        if (!h || h->has_let_go)
            continue;
        h->has_let_go = true;
        h->let_go_at = items[i].at;
    }
    return OK;
}

static Err targets_get(Ctx *c, PictureReader *r, const PictureErasure *e, Str own, Holders *k) {
    PictureScan leaf = {.agency = own, .place = {.log = LEDGER_MAIN, .seq = (int64_t)e->leaf}};
    TRY(holders_given(c, r, &leaf, k));
    TRY(holders_passed(c, r, e->root, k));
    TRY(holders_let_go(c, r, e->record, k));
    return record_id_eq(e->root, e->record) ? OK : holders_let_go(c, r, e->root, k);
}

Err picture_erasure_targets(Ctx *c, PictureReader *r, const PictureErasure *erasure, Str own,
                            const PictureTarget **ret_items, size_t *ret_n) {
    Holders k = {0};
    PictureTarget *items;
    bool together;
    TRY(ctx_alloc(c, (PEERS_MAX + 1) * sizeof *k.items, &k.items));
    TRY(read_together(c, r, &together));
    Err e = targets_get(c, r, erasure, own, &k);
    read_apart(r, together);
    TRY(e);
    TRY(ctx_alloc(c, (k.n + 1) * sizeof *items, &items));
    for (size_t i = 0; i < k.n; i++)
        items[i] = (PictureTarget){.agency = k.items[i].agency,
                                   .has_let_go = k.items[i].has_let_go,
                                   .let_go_at = k.items[i].let_go_at};
    *ret_items = items;
    *ret_n = k.n;
    return OK;
}

static Err holders_get(Ctx *c, PictureReader *r, RecordId root, Holders *k) {
    ReadItems leaves;
    TRY(leaves_of(c, r, root, LIST_PAGE_ITEMS_MAX, &leaves));
    if (!leaves.more)
        return read_not_found(c);
    const PictureScan *items = leaves.items;
    for (size_t i = 0; i < leaves.n; i++)
        TRY(holders_given(c, r, &items[i], k));
    TRY(holders_passed(c, r, root, k));
    TRY(holders_shared(c, r, root, items[0].agency, k));
    return holders_let_go(c, r, root, k);
}

Err picture_holders(Ctx *c, PictureReader *r, RecordId root, const PictureHolder **ret_items,
                    size_t *ret_n) {
    Holders k = {0};
    bool own;
    TRY(ctx_alloc(c, (PEERS_MAX + 1) * sizeof *k.items, &k.items));
    TRY(read_together(c, r, &own));
    Err e = holders_get(c, r, root, &k);
    read_apart(r, own);
    TRY(e);
    *ret_items = k.items;
    *ret_n = k.n;
    return OK;
}
