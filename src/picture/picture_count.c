// Counts of rows by table, state and mark, so that a number on a page costs one look-up and counts
// only what its reader may see. Summed up in memory and written once a group.
#include "picture/picture_priv.h"

static const char *const table_names[TABLE_COUNT] = {
    [TABLE_REPORT] = "report",   [TABLE_CASE] = "case",       [TABLE_BATCH] = "batch",
    [TABLE_PICK] = "pick",       [TABLE_OFFICER] = "officer", [TABLE_AGENCY] = "agency",
    [TABLE_CLAIM] = "claim",     [TABLE_RECORD] = "record",   [TABLE_FOLD] = "fold",
    [TABLE_ORDER] = "order",     [TABLE_BOARD] = "board",     [TABLE_GRIEVANCE] = "grievance",
    [TABLE_PLAN] = "plan",       [TABLE_SHIFT] = "shift",     [TABLE_ATTACHMENT] = "attachment",
    [TABLE_CONTACT] = "contact", [TABLE_READ] = "read",       [TABLE_GLASS] = "glass",
};

// A key in memory: table, mark, state.
#define COUNT_HEAD_BYTES 5

const char *count_table_name(PictureTable t) {
    return table_names[t];
}

Err count_add(Picture *p, PictureTable t, Str state, uint32_t mark_id, int64_t change) {
    PictureCounts *k = &p->counts;
    char head[COUNT_HEAD_BYTES] = {(char)t};
    store_u32le(head + 1, mark_id);
    buf_clear(&k->key);
    buf_append(&k->key, head, sizeof head);
    buf_str(&k->key, state);
    TRY(buf_check(&p->work, &k->key));
    uint32_t at;
    size_t before = k->keys.count;
    TRY(mem_grow(&p->work, &k->changes, &k->cap, before + 1, sizeof *k->changes));
    TRY(dict_intern(&p->work, &k->keys, buf_view(&k->key), &at));
    if (k->keys.count > before)
        k->changes[at] = 0;
    k->changes[at] += change;
    if (t == TABLE_FOLD && str_eq_c(state, "waiting"))
        p->waiting += change;
    if (t == TABLE_FOLD && str_eq_c(state, "clash"))
        p->clashes += change;
    if (t == TABLE_RECORD && str_eq_c(state, "erase"))
        p->erases += change;
    if (t == TABLE_RECORD && str_eq_c(state, "let_go"))
        p->let_gos += change;
    if (t == TABLE_RECORD && str_eq_c(state, "share") && change > 0)
        p->shares += change;
    return OK;
}

Err count_move(Picture *p, PictureTable t, Str from, Str to, uint32_t mark_id) {
    TRY(count_add(p, t, from, mark_id, -1));
    return count_add(p, t, to, mark_id, 1);
}

static void bind_key(StoreStmt *s, Str key) {
    PictureTable t = (PictureTable)key.p[0];
    store_bind_at_str(s, 1, str_of(table_names[t]));
    store_bind_at_str(s, 2, (Str){key.p + COUNT_HEAD_BYTES, key.n - COUNT_HEAD_BYTES});
    store_bind_at_i64(s, 3, load_u32le(key.p + 1));
}

Err count_flush(Picture *p) {
    PictureCounts *k = &p->counts;
    for (uint32_t i = 0; i < k->keys.count; i++) {
        if (k->changes[i] == 0)
            continue;
        Str key = dict_get(&k->keys, i);
        StoreStmt *s = write_stmt(p, W_COUNT_CHANGE);
        bind_key(s, key);
        store_bind_at_i64(s, 4, k->changes[i]);
        TRY(store_run(&p->work, s));
        if (k->changes[i] < 0) {
            s = write_stmt(p, W_COUNT_TRIM);
            bind_key(s, key);
            TRY(store_run(&p->work, s));
        }
        k->changes[i] = 0;
    }
    // The keys stay for the next group unless marks and claims' tables made very many.
    if (k->keys.count > PICTURE_COUNT_KEYS_KEPT_MAX)
        count_clear(k);
    return OK;
}

void count_clear(PictureCounts *k) {
    dict_done(&k->keys);
    dict_init(&k->keys, 0);
}

void count_done(PictureCounts *k) {
    dict_done(&k->keys);
    mem_free(k->changes);
    buf_done(&k->key);
    *k = (PictureCounts){0};
}
