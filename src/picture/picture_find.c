// What a search finds by how it begins: accounts and phones that reports name. They come in any
// order, so that each would cost a page of the large table. They are put into a small table that
// stays in memory, and when that is full they go on, a run of neighbours at a time.
#include "picture/picture_priv.h"

Err find_add(Picture *p, PictureFind what, Str text, int64_t pos) {
    if (p->bulk)
        return OK;
    StoreStmt *s = write_stmt(p, W_FIND_ADD);
    store_bind_at_i64(s, 1, what);
    store_bind_at_str(s, 2, text);
    store_bind_at_i64(s, 3, pos);
    TRY(store_run(&p->work, s));
    p->find.fresh += store_changes(p->db);
    p->find.added++;
    return OK;
}

static void bind_key(StoreStmt *s, int at, const PictureFindKey *k) {
    store_bind_at_i64(s, at, k->what);
    store_bind_at_str(s, at + 1, k->text);
    store_bind_at_i64(s, at + 2, k->pos);
}

// The n-th row behind `from`. *ret_found false: there are fewer.
static Err key_behind(Picture *p, const PictureFindKey *from, int64_t n, bool *ret_found,
                      PictureFindKey *ret_key) {
    AUTO(StoreQuery) q = write_stmt(p, W_FIND_END);
    bind_key(q, 1, from);
    store_bind_at_i64(q, 4, n - 1);
    TRY(store_step(&p->work, q, ret_found));
    if (!*ret_found)
        return OK;
    ret_key->what = store_col_i64(q, 0);
    ret_key->pos = store_col_i64(q, 2);
    return str_copy(&p->work, store_col_str(q, 1), &ret_key->text);
}

// The rows behind `from`, up to `to`.
static Err range_run(Picture *p, PictureWrite which, const PictureFindKey *from,
                     const PictureFindKey *to) {
    StoreStmt *s = write_stmt(p, which);
    bind_key(s, 1, from);
    bind_key(s, 4, to);
    return store_run(&p->work, s);
}

Err find_settle(Picture *p) {
    int64_t n = p->find.added + p->find.added / 8 + 1;
    p->find.added = 0;
    if (p->find.fresh <= p->find.fresh_max)
        return OK;
    bool found;
    PictureFindKey from = {p->find.what, buf_view(&p->find.text), p->find.pos};
    PictureFindKey to = {.what = INT64_MAX};
    TRY(key_behind(p, &from, n, &found, &to));
    TRY(range_run(p, W_FIND_MOVE, &from, &to));
    TRY(range_run(p, W_FIND_MOVED, &from, &to));
    p->find.fresh -= store_changes(p->db);
    // Erasures take rows that are not counted: a whole round that is short of them counts anew.
    if (!found)
        TRY(find_reload(&p->work, p));
    p->find.what = found ? to.what : -1;
    p->find.pos = to.pos;
    buf_clear(&p->find.text);
    buf_str(&p->find.text, to.text);
    return buf_check(&p->work, &p->find.text);
}

Err find_load(Picture *p) {
    TRY(store_begin(&p->work, p->db));
    TRY(store_run(&p->work, write_stmt(p, W_FIND_LOAD)));
    TRY(store_commit(&p->work, p->db));
    return store_checkpoint(&p->work, p->db, STORE_CHECKPOINT_PASSIVE);
}

Err find_reload(Ctx *c, Picture *p) {
    AUTO(StoreQuery) q = write_stmt(p, W_FIND_COUNT);
    bool row;
    TRY(store_step(c, q, &row));
    p->find.fresh = row ? store_col_i64(q, 0) : 0;
    return OK;
}
