// The reader: a connection that sees views only, and lists merged over the marks that it may see.
#include "picture/picture_read_priv.h"

#include "picture_sql.h"

static const char *const read_names[R_COUNT] = {
#define X(name, text) #text,
    PICTURE_READS(X)
#undef X
};

static const StoreSchema read_schema = {"picture", picture_sql, COUNT_OF(picture_sql), read_names,
                                        R_COUNT};

static const char *const views[] = {"v_mark",
                                    "v_count",
                                    "v_record",
                                    "v_quote",
                                    "v_erased",
                                    "v_report",
                                    "v_report_account",
                                    "v_report_transfer",
                                    "v_report_phone",
                                    "v_report_url",
                                    "v_seed",
                                    "v_case",
                                    "v_case_report",
                                    "v_batch",
                                    "v_pick",
                                    "v_claim",
                                    "v_agency",
                                    "v_officer",
                                    "v_log",
                                    "v_order",
                                    "v_order_tag",
                                    "v_order_event",
                                    "v_victim",
                                    "v_find",
                                    "v_claimant",
                                    "v_contact",
                                    "v_account_class",
                                    "v_grievance",
                                    "v_plan",
                                    "v_plan_sign",
                                    "v_paid",
                                    "v_refund_account",
                                    "v_shift",
                                    "v_attachment",
                                    "v_glass",
                                    "v_read",
                                    "v_read_item",
                                    "v_let_gone",
                                    "v_arrival",
                                    "v_word",
                                    "v_named",
                                    "v_link",
                                    "v_peer",
                                    "v_flag",
                                    "v_accord",
                                    "v_member",
                                    "v_accord_sign",
                                    "v_share",
                                    "v_share_of",
                                    "v_share_act",
                                    "v_retract",
                                    "v_retract_of",
                                    "v_target",
                                    "v_erasure",
                                    "v_let_go",
                                    "v_owed",
                                    "v_ended",
                                    "v_disclosed",
                                    "v_range",
                                    "v_passed",
                                    "v_notice",
                                    "v_notice_act",
                                    "v_grant",
                                    "v_fork",
                                    "v_scan",
                                    "v_identity"};
static const char *const functions[] = {"may",   "coalesce", "count", "sum",
                                        "instr", "lower",    "max",   "min"};
static const StoreAllow allow = {views, COUNT_OF(views), functions, COUNT_OF(functions)};

// --- open ---------------------------------------------------------------------------------------

static int64_t may(void *self, const int64_t *args) {
    const PictureSight *s = &((const PictureReader *)self)->sight;
    if (s->all)
        return 1;
    uint64_t mark = (uint64_t)args[0];
    return mark < s->marks && (s->bits[mark / 64] >> (mark % 64) & 1);
}

Err reader_connect(Ctx *c, PictureReader *r, Str path, const StoreSchema *schema) {
    const StoreFunction function = {"may", 1, may, r};
    const StoreOptions options = {.mode = STORE_READ,
                                  .sync = STORE_SYNC_NORMAL,
                                  .schemas = &schema,
                                  .schema_count = 1,
                                  .functions = &function,
                                  .function_count = 1,
                                  .allow = &allow,
                                  .cache_kib = PICTURE_READER_CACHE_KIB};
    return store_open(c, path, &options, &r->db);
}

Err picture_reader_open(Ctx *c, Str dir, PictureReader **ret_reader) {
    AUTO(PictureReaderOwned) r = mem_alloc_zero(1, sizeof *r);
    if (!r)
        return fail(c, E_MEMORY, "not enough memory to read the picture");
    Str path;
    TRY(picture_file(c, dir, "", &path));
    TRY(reader_connect(c, r, path, &read_schema));
    *ret_reader = r;
    r = NULL;
    return OK;
}

void picture_reader_close(PictureReader *r) {
    if (!r)
        return;
    store_close(r->db);
    mem_free(r);
}

void PictureReaderOwned_cleanup(PictureReaderOwned *r) {
    picture_reader_close(*r);
}

void picture_reader_sight(PictureReader *r, PictureSight sight) {
    r->sight = sight;
}

Err picture_read_begin(Ctx *c, PictureReader *r) {
    TRY(store_begin_read(c, r->db));
    r->began_us = clock_monotonic_us();
    return OK;
}

void picture_read_end(PictureReader *r) {
    store_rollback(r->db);
    r->began_us = 0;
}

// --- rows ---------------------------------------------------------------------------------------

Err read_begin(Ctx *c, PictureReader *r, PictureRead which, StoreStmt **ret_stmt) {
    if (r->began_us && clock_monotonic_us() - r->began_us > READ_TRANSACTION_MS_MAX * (int64_t)1000)
        return fail(c, E_LIMIT, "reading took longer than %d ms; ask for less at once",
                    READ_TRANSACTION_MS_MAX);
    *ret_stmt = store_stmt(r->db, which);
    return OK;
}

Err read_not_found(Ctx *c) {
    return fail(c, E_NOT_FOUND, "there is no such thing, or it is not for you to see");
}

Err col_text(Ctx *c, StoreStmt *q, int column, Str *ret_text) {
    Str s = store_col_str(q, column);
    if (s.n == 0) {
        *ret_text = STR("");
        return OK;
    }
    return str_copy(c, s, ret_text);
}

RecordId col_id(StoreStmt *q, int column) {
    RecordId id = {{0}};
    Str s = store_col_str(q, column);
    if (s.n == sizeof id.b)
        memcpy(id.b, s.p, sizeof id.b);
    return id;
}

bool col_has_id(StoreStmt *q, int column, RecordId *ret_id) {
    *ret_id = col_id(q, column);
    return !store_col_is_null(q, column);
}

void col_hash(StoreStmt *q, int column, uint8_t ret_hash[32]) {
    Str s = store_col_str(q, column);
    memset(ret_hash, 0, 32);
    if (s.n == 32)
        memcpy(ret_hash, s.p, 32);
}

bool col_i64(StoreStmt *q, int column, int64_t *ret_v) {
    if (store_col_is_null(q, column))
        return false;
    *ret_v = store_col_i64(q, column);
    return true;
}

PictureKey col_key(StoreStmt *q) {
    return (PictureKey){true, store_col_i64(q, 0), store_col_i64(q, 1)};
}

Err read_one(Ctx *c, StoreStmt *q, ReadRow read, void *ret_item) {
    AUTO(StoreQuery) query = q;
    bool row;
    TRY(store_step(c, query, &row));
    if (!row)
        return read_not_found(c);
    PictureKey key = col_key(query);
    memcpy(ret_item, &key, sizeof key);
    return read(c, query, ret_item);
}

static Err record_pos(Ctx *c, PictureReader *r, RecordId id, int64_t *ret_pos) {
    StoreStmt *stmt;
    TRY(read_begin(c, r, R_RECORD_POS, &stmt));
    AUTO(StoreQuery) q = stmt;
    store_bind_blob(q, ":id", id.b, sizeof id.b);
    bool row;
    TRY(store_step(c, q, &row));
    if (!row)
        return read_not_found(c);
    *ret_pos = store_col_i64(q, 0);
    return OK;
}

Err read_by_id(Ctx *c, PictureReader *r, PictureRead which, RecordId id, ReadRow read,
               void *ret_item) {
    StoreStmt *stmt;
    int64_t pos;
    TRY(record_pos(c, r, id, &pos));
    TRY(read_begin(c, r, which, &stmt));
    store_bind_i64(stmt, ":pos", pos);
    return read_one(c, stmt, read, ret_item);
}

Err read_pos(Ctx *c, PictureReader *r, PictureRead which, RecordId id, int64_t *ret_pos) {
    StoreStmt *stmt;
    int64_t pos;
    TRY(record_pos(c, r, id, &pos));
    TRY(read_begin(c, r, which, &stmt));
    AUTO(StoreQuery) q = stmt;
    store_bind_i64(q, ":pos", pos);
    bool row;
    TRY(store_step(c, q, &row));
    if (!row)
        return read_not_found(c);
    *ret_pos = pos;
    return OK;
}

Err read_rows(Ctx *c, StoreStmt *q, const ReadList *list, size_t max, ReadItems *ret_items) {
    AUTO(StoreQuery) query = q;
    AUTO(Buf) bytes = {0};
    size_t n = 0;
    char *item;
    TRY(ctx_alloc(c, list->item_bytes, &item));
    for (bool row;; n++) {
        TRY(store_step(c, query, &row));
        if (!row)
            break;
        if (n == max)
            return fail(c, E_LIMIT, "more than %zu rows; ask for less at once", max);
        PictureKey key = col_key(query);
        memset(item, 0, list->item_bytes);
        memcpy(item, &key, sizeof key);
        TRY(list->read(c, query, item));
        buf_append(&bytes, item, list->item_bytes);
    }
    TRY(buf_check(c, &bytes));
    *ret_items = (ReadItems){NULL, n, false};
    TRY(ctx_alloc(c, bytes.n + 1, &ret_items->items));
    if (bytes.n)
        memcpy(ret_items->items, bytes.p, bytes.n);
    return OK;
}

// --- lists --------------------------------------------------------------------------------------

// A page in the making: pointers to items, best first. One slot more than the page has, to know
// whether more follow.
typedef struct Merge {
    const ReadList *list;
    void **slots;
    size_t count, cap;
    int64_t now_us;
} Merge;

// True when a comes before b in the list.
static bool key_before(const ReadList *list, const PictureKey *a, const PictureKey *b) {
    if (a->sort != b->sort)
        return list->newest_first ? a->sort > b->sort : a->sort < b->sort;
    return list->newest_first ? a->pos > b->pos : a->pos < b->pos;
}

static void key_get(const void *item, PictureKey *ret_key) {
    memcpy(ret_key, item, sizeof *ret_key);
}

// Takes the row in if it belongs to the page; *ret_full when no later row of this statement can.
static Err merge_row(Ctx *c, Merge *m, StoreStmt *q, bool *ret_full) {
    PictureKey key = col_key(q), other;
    *ret_full = false;
    void *item = NULL;
    if (m->count == m->cap) {
        key_get(m->slots[m->count - 1], &other);
        if (!key_before(m->list, &key, &other)) {
            *ret_full = true;
            return OK;
        }
        item = m->slots[--m->count];
    } else {
        TRY(ctx_alloc(c, m->list->item_bytes, &item));
    }
    memset(item, 0, m->list->item_bytes);
    memcpy(item, &key, sizeof key);
    TRY(m->list->read(c, q, item));
    size_t at = m->count++;
    for (; at > 0; at--) {
        key_get(m->slots[at - 1], &other);
        if (key_before(m->list, &other, &key))
            break;
        m->slots[at] = m->slots[at - 1];
    }
    m->slots[at] = item;
    return OK;
}

static Err merge_pair(Ctx *c, Merge *m, StoreStmt *q, const PicturePage *page, const Str *state,
                      int64_t mark) {
    AUTO(StoreQuery) query = q;
    bool newest = m->list->newest_first;
    store_bind_i64(query, ":mark", mark);
    if (m->list->statement == R_ORDER_BOARD)
        store_bind_i64(query, ":now", m->now_us);
    store_bind_str(query, ":state", *state);
    store_bind_i64(query, ":sort",
                   page->after.set ? page->after.sort
                   : newest        ? INT64_MAX
                                   : INT64_MIN);
    store_bind_i64(query, ":pos",
                   page->after.set ? page->after.pos
                   : newest        ? INT64_MAX
                                   : INT64_MIN);
    for (bool row = true, full = false; row && !full;) {
        TRY(store_step(c, query, &row));
        if (row)
            TRY(merge_row(c, m, query, &full));
    }
    return OK;
}

static Err merge_all(Ctx *c, PictureReader *r, Merge *m, Str state, const PicturePage *page) {
    StoreStmt *pairs_stmt, *q;
    TRY(read_begin(c, r, state.n ? R_PAIRS_OF : R_PAIRS, &pairs_stmt));
    AUTO(StoreQuery) pairs = pairs_stmt;
    store_bind_str(pairs, ":tbl", str_of(count_table_name(m->list->table)));
    if (state.n)
        store_bind_str(pairs, ":state", state);
    for (bool row;;) {
        TRY(store_step(c, pairs, &row));
        if (!row)
            return OK;
        Str pair_state = store_col_str(pairs, 1);
        TRY(read_begin(c, r, m->list->statement, &q));
        TRY(merge_pair(c, m, q, page, &pair_state, store_col_i64(pairs, 0)));
    }
}

Err read_list(Ctx *c, PictureReader *r, const ReadList *list, Str state, const PicturePage *page,
              ReadItems *ret_items) {
    size_t limit = page->limit ? page->limit : LIST_PAGE_ITEMS_DEFAULT;
    if (limit > LIST_PAGE_ITEMS_MAX)
        return fail(c, E_LIMIT, "a page has at most %d items", LIST_PAGE_ITEMS_MAX);
    Merge m = {.list = list, .cap = limit + 1, .now_us = r->now_us};
    TRY(ctx_alloc(c, m.cap * sizeof *m.slots, &m.slots));
    // Pairs and rows must be of one state of the file.
    bool own = r->began_us == 0;
    if (own)
        TRY(picture_read_begin(c, r));
    Err e = merge_all(c, r, &m, state, page);
    if (own)
        picture_read_end(r);
    TRY(e);
    ReadItems items = {.n = m.count > limit ? limit : m.count, .more = m.count > limit};
    char *bytes;
    TRY(ctx_alloc(c, items.n * list->item_bytes + 1, &bytes));
    for (size_t i = 0; i < items.n; i++)
        memcpy(bytes + i * list->item_bytes, m.slots[i], list->item_bytes);
    items.items = bytes;
    *ret_items = items;
    return OK;
}

Err read_page_of(Ctx *c, PictureReader *r, const ReadList *list, PictureRead which,
                 const char *name, RecordId id, const PicturePage *page, ReadItems *ret_items) {
    size_t limit = page->limit ? page->limit : LIST_PAGE_ITEMS_DEFAULT;
    if (limit > LIST_PAGE_ITEMS_MAX)
        return fail(c, E_LIMIT, "a page has at most %d items", LIST_PAGE_ITEMS_MAX);
    StoreStmt *q;
    TRY(read_begin(c, r, which, &q));
    store_bind_blob(q, name, id.b, sizeof id.b);
    store_bind_i64(q, ":sort", page->after.set ? page->after.sort : INT64_MAX);
    store_bind_i64(q, ":pos", page->after.set ? page->after.pos : INT64_MAX);
    store_bind_i64(q, ":limit", (int64_t)limit + 1);
    ReadItems items;
    TRY(read_rows(c, q, list, limit + 1, &items));
    items.more = items.n > limit;
    items.n = items.more ? limit : items.n;
    *ret_items = items;
    return OK;
}

// --- marks and counts ---------------------------------------------------------------------------

Err picture_marks(Ctx *c, PictureReader *r, const PictureMark **ret_marks, size_t *ret_n) {
    StoreStmt *stmt;
    TRY(read_begin(c, r, R_MARK_LIST, &stmt));
    AUTO(StoreQuery) q = stmt;
    AUTO(Buf) bytes = {0};
    size_t n = 0;
    for (bool row;; n++) {
        TRY(store_step(c, q, &row));
        if (!row)
            break;
        PictureMark m = {.id = (uint32_t)store_col_i64(q, 0)};
        TRY(col_text(c, q, 1, &m.mark));
        TRY(col_text(c, q, 2, &m.compartment));
        buf_append(&bytes, &m, sizeof m);
    }
    TRY(buf_check(c, &bytes));
    PictureMark *marks;
    TRY(ctx_alloc(c, bytes.n + 1, &marks));
    if (bytes.n)
        memcpy(marks, bytes.p, bytes.n);
    *ret_marks = marks;
    *ret_n = n;
    return OK;
}

Err picture_counts(Ctx *c, PictureReader *r, Str table, const PictureCount **ret_items,
                   size_t *ret_n) {
    StoreStmt *stmt;
    TRY(read_begin(c, r, table.n ? R_COUNTS_OF : R_COUNTS, &stmt));
    AUTO(StoreQuery) q = stmt;
    AUTO(Buf) bytes = {0};
    if (table.n)
        store_bind_str(q, ":tbl", table);
    size_t n = 0;
    for (bool row;; n++) {
        TRY(store_step(c, q, &row));
        if (!row)
            break;
        PictureCount k = {.n = store_col_i64(q, 2)};
        TRY(col_text(c, q, 0, &k.table));
        TRY(col_text(c, q, 1, &k.state));
        buf_append(&bytes, &k, sizeof k);
    }
    TRY(buf_check(c, &bytes));
    PictureCount *counts;
    TRY(ctx_alloc(c, bytes.n + 1, &counts));
    if (bytes.n)
        memcpy(counts, bytes.p, bytes.n);
    *ret_items = counts;
    *ret_n = n;
    return OK;
}
