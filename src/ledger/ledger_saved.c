// DIR/checkpoint: the newest checkpoints that were given out, outside the database, so that a copy
// restored from an older backup is noticed before it signs a second history.
#include "ledger/ledger_priv.h"

static Err saved_path(Ctx *c, const Ledger *l, Str *ret_path) {
    return str_format(c, ret_path, "%s/checkpoint", l->dir);
}

Err ledger_checkpoint_save(Ctx *c, Ledger *l) {
    if (l->rolled_back)
        return fail(c, E_READ_ONLY, "this node was restored from an older copy; run moei recover");
    bool grew = false;
    for (uint32_t log = 0; log < LEDGER_OWN_LOGS; log++)
        grew = grew || l->saved_sizes[log] != (int64_t)l->committed[log].tree.size;
    if (!grew)
        return OK;
    AUTO(Buf) text = {0};
    for (uint32_t log = 0; log < LEDGER_OWN_LOGS; log++) {
        AUTO(StoreQuery) q = store_stmt(l->db, LQ_CHECKPOINT_LAST);
        store_bind_i64(q, ":log_id", log);
        bool row;
        TRY(store_step(c, q, &row));
        if (row)
            buf_str(&text, store_col_str(q, 2));
    }
    TRY(buf_check(c, &text));
    Str path;
    TRY(saved_path(c, l, &path));
    TRY(file_replace(c, path, buf_view(&text)));
    for (uint32_t log = 0; log < LEDGER_OWN_LOGS; log++)
        l->saved_sizes[log] = (int64_t)l->committed[log].tree.size;
    return OK;
}

Err ledger_accept_loss(Ctx *c, Ledger *l) {
    if (l->key_count == 0)
        return fail(c, E_READ_ONLY, "the ledger is open for reading only");
    bool before = l->rolled_back;
    l->rolled_back = false;
    memset(l->saved_sizes, 0xff, sizeof l->saved_sizes);
    Err e = ledger_checkpoint_save(c, l);
    if (e != OK)
        l->rolled_back = before;
    return e;
}

// One note off the front: it ends with the line behind the empty one.
static bool take_note(Str *rest, Str *ret_note) {
    size_t at;
    if (!str_find(*rest, STR("\n\n"), &at))
        return false;
    for (size_t i = at + 2; i < rest->n; i++)
        if (rest->p[i] == '\n') {
            *ret_note = (Str){rest->p, i + 1};
            *rest = (Str){rest->p + i + 1, rest->n - i - 1};
            return true;
        }
    return false;
}

static Err damaged(Ctx *c, Str path, const char *why) {
    return fail(c, E_CORRUPT,
                STR_FMT " is damaged (%s); it guards against a restored copy: take it from a "
                        "backup, or remove it if you know that none was restored",
                STR_ARG(path), why);
}

static Err compare_one(Ctx *c, Ledger *l, Str path, Str note, bool *ret_other) {
    LedgerCheckpoint cp;
    uint32_t log = 0;
    for (;; log++) {
        if (log == LEDGER_OWN_LOGS)
            return damaged(c, path, "a checkpoint of another log");
        char text[LEDGER_ORIGIN_BYTES_MAX];
        Str origin = ledger_origin(l->agency, log, text);
        if (ledger_note_parse(c, note, &cp) != OK)
            return damaged(c, path, "no checkpoint");
        if (str_eq(cp.origin, origin))
            break;
    }
    if (cp.size > (int64_t)l->committed[log].tree.size) {
        *ret_other = true;
        return OK;
    }
    CryptoPublicKey key;
    TRY(ledger_db_key_at(c, l->db, log, cp.size, &key));
    if (ledger_note_verify(c, note, cp.origin, &key, &cp) != OK)
        return damaged(c, path, "a signature that does not hold");
    LedgerTree tree;
    TRY(ledger_db_tree(c, l->db, log, cp.size, &tree));
    CryptoHash root = ledger_tree_root(&tree);
    if (memcmp(root.b, cp.root.b, sizeof root.b) != 0)
        *ret_other = true;
    l->saved_sizes[log] = cp.size;
    return OK;
}

Err ledger_saved_compare(Ctx *c, Ledger *l, bool *ret_rolled_back) {
    Str path, text, note;
    TRY(saved_path(c, l, &path));
    bool other = false;
    if (file_exists(path)) {
        TRY(file_read_all(c, path, LEDGER_OWN_LOGS * LEDGER_NOTE_BYTES_MAX, &text));
        while (text.n > 0) {
            if (!take_note(&text, &note))
                return damaged(c, path, "it is cut");
            TRY(compare_one(c, l, path, note, &other));
        }
    }
    *ret_rolled_back = other;
    return OK;
}
