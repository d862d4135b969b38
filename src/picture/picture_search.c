// What is new, and looking for something by how it begins.
#include "picture/picture_read_priv.h"

// --- news ---------------------------------------------------------------------------------------

Err picture_news_end(Ctx *c, PictureReader *r, PictureKey *ret_after) {
    StoreStmt *stmt;
    TRY(read_begin(c, r, R_NEWS_END, &stmt));
    AUTO(StoreQuery) q = stmt;
    bool row;
    TRY(store_step(c, q, &row));
    *ret_after = (PictureKey){.set = true};
    if (row)
        *ret_after = (PictureKey){true, store_col_i64(q, 0), store_col_i64(q, 1)};
    return OK;
}

// Where a look that begins at `from` ends: a reader who sees little does not make one call walk
// the whole log.
static int64_t look_end(int64_t from, int64_t end) {
    return end - from > PICTURE_NEWS_PLACES_MAX ? from + PICTURE_NEWS_PLACES_MAX
           : end > from                         ? end
                                                : from;
}

// One of the two lists: rows behind `from` up to `upto`, at most `limit`.
static Err news_rows(Ctx *c, PictureReader *r, PictureRead which, PictureKey span, size_t limit,
                     ReadItems *ret_found) {
    StoreStmt *q;
    TRY(read_begin(c, r, which, &q));
    store_bind_i64(q, ":after", span.sort);
    store_bind_i64(q, ":upto", span.pos);
    store_bind_i64(q, ":limit", (int64_t)limit);
    return read_rows(c, q, &record_read_list, limit, ret_found);
}

static Err news(Ctx *c, PictureReader *r, PictureKey after, size_t limit, PictureRecord **ret_items,
                size_t *ret_n, PictureKey *ret_after) {
    PictureKey end, at = {true, after.sort, after.pos};
    ReadItems own, others = {0};
    TRY(picture_news_end(c, r, &end));
    end = (PictureKey){true, look_end(at.sort, end.sort), look_end(at.pos, end.pos)};
    PictureKey span = {.sort = at.sort, .pos = end.sort};
    TRY(news_rows(c, r, R_NEWS, span, limit, &own));
    if (own.n < limit) {
        span = (PictureKey){.sort = at.pos, .pos = end.pos};
        TRY(news_rows(c, r, R_NEWS_ARRIVALS, span, limit - own.n, &others));
    }
    PictureRecord *items;
    TRY(ctx_alloc(c, (own.n + others.n + 1) * sizeof *items, &items));
    memcpy(items, own.items, own.n * sizeof *items);
    if (others.n)
        memcpy(items + own.n, others.items, others.n * sizeof *items);
    for (size_t i = 0; i < own.n; i++)
        items[i].key = at = (PictureKey){true, items[i].key.pos + 1, at.pos};
    if (own.n < limit)
        at.sort = end.sort;
    // The sort key of an arrival is its number.
    for (size_t i = own.n; i < own.n + others.n; i++)
        items[i].key = at = (PictureKey){true, at.sort, items[i].key.sort};
    if (own.n + others.n < limit)
        at.pos = end.pos;
    *ret_items = items;
    *ret_n = own.n + others.n;
    *ret_after = at;
    return OK;
}

Err picture_news(Ctx *c, PictureReader *r, PictureKey after, size_t limit,
                 const PictureRecord **ret_items, size_t *ret_n, PictureKey *ret_after) {
    if (limit == 0 || limit > LIST_PAGE_ITEMS_MAX || after.sort < 0 || after.pos < 0)
        return fail(c, E_INVALID, "news are asked for 1 to %d at a time, from a place given before",
                    LIST_PAGE_ITEMS_MAX);
    PictureRecord *items;
    size_t n;
    PictureKey next;
    bool own = r->began_us == 0;
    if (own)
        TRY(picture_read_begin(c, r));
    Err e = news(c, r, after, limit, &items, &n, &next);
    if (own)
        picture_read_end(r);
    TRY(e);
    *ret_items = items;
    *ret_n = n;
    *ret_after = next;
    return OK;
}

// --- search -------------------------------------------------------------------------------------

typedef struct HitRow {
    PictureKey key; // sort: at
    PictureHit hit;
} HitRow;

static Err hit_read(Ctx *c, StoreStmt *q, void *item) {
    PictureHit *k = &((HitRow *)item)->hit;
    k->at = store_col_i64(q, 0);
    k->id = col_id(q, 2);
    return col_text(c, q, 3, &k->words);
}

static const ReadList hit_list = {R_SEARCH_REPORT, TABLE_REPORT, true, sizeof(HitRow), hit_read};

// Newest first; of the same moment by id, so that the order is the same everywhere.
static int hit_cmp(const HitRow *a, const HitRow *b) {
    if (a->hit.at != b->hit.at)
        return a->hit.at > b->hit.at ? -1 : 1;
    int by_id = record_id_cmp(a->hit.id, b->hit.id);
    return by_id ? by_id : str_cmp(a->hit.words, b->hit.words);
}

typedef struct Search {
    Str from, behind;
    PictureHit *hits;
    size_t n, limit;
} Search;

static Err rows_get(Ctx *c, PictureReader *r, const Search *s, PictureRead which,
                    ReadItems *ret_found) {
    StoreStmt *q;
    TRY(read_begin(c, r, which, &q));
    if (which == R_SEARCH_CASE) {
        store_bind_str(q, ":text", s->from);
    } else {
        store_bind_str(q, ":from", s->from);
        store_bind_str(q, ":behind", s->behind);
    }
    store_bind_i64(q, ":limit", PICTURE_SEARCH_ROWS_MAX);
    return read_rows(c, q, &hit_list, PICTURE_SEARCH_ROWS_MAX, ret_found);
}

// Takes the newest of the rows that are left, again and again; what has the same words as one taken
// before is the same account or phone.
static void take_newest(Search *s, HitRow *rows, size_t n, const char *what, bool once) {
    size_t first = s->n;
    while (s->n < s->limit && n > 0) {
        size_t best = 0;
        for (size_t i = 1; i < n; i++)
            if (hit_cmp(&rows[i], &rows[best]) < 0)
                best = i;
        HitRow row = rows[best];
        rows[best] = rows[--n];
        bool seen = false;
        for (size_t i = first; once && i < s->n; i++)
            seen = seen || str_eq(s->hits[i].words, row.hit.words);
        if (seen)
            continue;
        row.hit.what = str_of(what);
        s->hits[s->n++] = row.hit;
    }
}

static Err search_one(Ctx *c, PictureReader *r, Search *s, PictureRead which, const char *what) {
    ReadItems found;
    TRY(rows_get(c, r, s, which, &found));
    take_newest(s, found.items, found.n, what, which == R_SEARCH_PHONE);
    return OK;
}

// Accounts stand in reports and in orders.
static Err search_accounts(Ctx *c, PictureReader *r, Search *s) {
    ReadItems reports, orders;
    HitRow *rows;
    TRY(rows_get(c, r, s, R_SEARCH_ACCOUNT, &reports));
    TRY(rows_get(c, r, s, R_SEARCH_ORDER_ACCOUNT, &orders));
    TRY(ctx_alloc(c, (reports.n + orders.n + 1) * sizeof *rows, &rows));
    memcpy(rows, reports.items, reports.n * sizeof *rows);
    memcpy(rows + reports.n, orders.items, orders.n * sizeof *rows);
    take_newest(s, rows, reports.n + orders.n, "account", true);
    return OK;
}

static Err search(Ctx *c, PictureReader *r, Search *s) {
    TRY(search_one(c, r, s, R_SEARCH_REPORT, "report"));
    TRY(search_one(c, r, s, R_SEARCH_CASE, "case"));
    TRY(search_one(c, r, s, R_SEARCH_ORDER, "order"));
    TRY(search_accounts(c, r, s));
    return search_one(c, r, s, R_SEARCH_PHONE, "phone");
}

Err picture_search(Ctx *c, PictureReader *r, Str text, size_t limit, const PictureHit **ret_items,
                   size_t *ret_n) {
    if (limit == 0 || limit > PICTURE_SEARCH_HITS_MAX)
        return fail(c, E_INVALID, "1 to %d hits are given at a time", PICTURE_SEARCH_HITS_MAX);
    Search s = {.from = str_trim(text), .limit = limit};
    TRY(ctx_alloc(c, limit * sizeof *s.hits, &s.hits));
    // No text is greater than one that goes on with the last character of Unicode.
    TRY(str_format(c, &s.behind, STR_FMT "\xf4\x8f\xbf\xbf", STR_ARG(s.from)));
    if (s.from.n) {
        bool own = r->began_us == 0;
        if (own)
            TRY(picture_read_begin(c, r));
        Err e = search(c, r, &s);
        if (own)
            picture_read_end(r);
        TRY(e);
    }
    *ret_items = s.hits;
    *ret_n = s.n;
    return OK;
}
