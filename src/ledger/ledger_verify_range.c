// One run of leaves: content against commitment, commitment against tree, tree against checkpoints.
#include "ledger/ledger_verify_priv.h"

bool ledger_is_fault(Err e) {
    return e == E_CORRUPT || e == E_INVALID || e == E_CRYPTO || e == E_LIMIT || e == E_NOT_FOUND ||
           e == E_EXISTS || e == E_STATE || e == E_UNSUPPORTED;
}

void VerifyRange_cleanup(VerifyRange *v) {
    buf_done(&v->note);
    json_reader_close(&v->json);
    ctx_done(&v->ctx);
}

// --- checkpoints --------------------------------------------------------------------------------

// The next checkpoint above the tree; note_size is INT64_MAX when there is none in the range.
static Err next_checkpoint(Ctx *c, VerifyRange *v) {
    AUTO(StoreQuery) q = store_stmt(v->reader->db, LQ_CHECKPOINT_RANGE);
    store_bind_i64(q, ":log_id", v->log);
    store_bind_i64(q, ":above", (int64_t)v->tree.size);
    store_bind_i64(q, ":up_to", v->upto);
    bool row;
    TRY(store_step(c, q, &row));
    v->note_size = row ? store_col_i64(q, 0) : INT64_MAX;
    buf_clear(&v->note);
    if (row)
        buf_str(&v->note, store_col_str(q, 2));
    return buf_check(c, &v->note);
}

static Err check_checkpoint(Ctx *c, VerifyRange *v) {
    CryptoPublicKey key;
    TRY(ledger_db_key_at(c, v->reader->db, v->log, v->note_size, &key));
    LedgerCheckpoint cp;
    TRY(ledger_note_verify(c, buf_view(&v->note), str_of(v->origin), &key, &cp));
    CryptoHash root = ledger_tree_root(&v->tree);
    if (cp.size != v->note_size || memcmp(cp.root.b, root.b, sizeof root.b) != 0) {
        v->place = v->last_good;
        return fail(c, E_CORRUPT,
                    "leaves %lld to %lld do not give the root of the checkpoint of size %lld: one "
                    "of them was changed or put elsewhere",
                    (long long)v->last_good.seq, (long long)v->tree.size - 1,
                    (long long)v->note_size);
    }
    v->checkpoints++;
    v->last_good.seq = (int64_t)v->tree.size;
    return next_checkpoint(c, v);
}

// --- nodes --------------------------------------------------------------------------------------

static Err check_node(void *self, Ctx *c, unsigned level, uint64_t number, const CryptoHash *hash) {
    VerifyRange *v = self;
    AUTO(StoreQuery) q = store_stmt(v->reader->db, LQ_NODE_HASHES);
    store_bind_i64(q, ":log_id", v->log);
    store_bind_i64(q, ":level", level);
    store_bind_i64(q, ":first", (int64_t)number);
    store_bind_i64(q, ":beyond", (int64_t)number + 1);
    bool row;
    TRY(store_step(c, q, &row));
    Str stored = row ? store_col_str(q, 1) : (Str){0};
    if (stored.n == sizeof hash->b && memcmp(stored.p, hash->b, stored.n) == 0)
        return OK;
    v->place = v->last_good;
    return fail(c, E_CORRUPT,
                "the stored hash of leaves %lld to %lld is %s: one of the leaves or the hash was "
                "changed",
                (long long)(number << level), (long long)((number + 1) << level) - 1,
                row ? "not theirs" : "missing");
}

// --- records ------------------------------------------------------------------------------------

static Err is_clash(Ctx *c, VerifyRange *v, LedgerPlace place, bool *ret_clash) {
    AUTO(StoreQuery) q = store_stmt(v->reader->db, LQ_CLASH_GET);
    store_bind_i64(q, ":place", ledger_place_key(place));
    return store_step(c, q, ret_clash);
}

// The id is listed for this place, or it is told that it belongs to another.
static Err check_index(Ctx *c, VerifyRange *v, const Record *r, LedgerPlace place) {
    LedgerPlace listed;
    bool clash;
    TRY(ledger_find(c, v->reader, r->id, &listed));
    bool here = ledger_place_key(listed) == ledger_place_key(place);
    if (!here) {
        TRY(is_clash(c, v, place, &clash));
        here = clash;
    }
    if (!here)
        return fail(c, E_CORRUPT, "its id belongs to leaf %lld of log %s: the two changed places",
                    (long long)listed.seq, ledger_log_name(listed.log));
    return OK;
}

// The table of log keys knows what a key record of another agency says.
static Err check_foreign_key(Ctx *c, VerifyRange *v, const Record *r) {
    KeyBody body;
    CryptoPublicKey listed;
    TRY(ledger_key_body(c, r, &body));
    if (body.log != LEDGER_MAIN)
        return OK;
    TRY(ledger_db_key_at(c, v->reader->db, v->log, body.from_size, &listed));
    if (!crypto_equal(listed.b, body.key.b, sizeof listed.b))
        return fail(c, E_CORRUPT, "the table of log keys lacks the key that it names");
    return OK;
}

static Err check_author(Ctx *c, VerifyRange *v, const Record *r, LedgerPlace place) {
    bool first = v->is_main && place.seq == 0;
    if ((r->kind == RECORD_GENESIS) != first)
        return fail(c, E_CORRUPT, first ? "it is no genesis" : "it is a second genesis");
    if (!first && !str_eq_c(r->agency, v->agency))
        return fail(c, E_CORRUPT, "it is a record of another agency");
    if (r->kind == RECORD_KEY && place.log < LEDGER_OWN_LOGS)
        v->keys++;
    else if (r->kind == RECORD_KEY)
        return check_foreign_key(c, v, r);
    return OK;
}

static Err check_held(Ctx *c, VerifyRange *v, const LedgerItem *item) {
    CryptoHash h = record_commitment(item->envelope, item->salt);
    if (memcmp(h.b, item->commitment.b, sizeof h.b) != 0)
        return fail(c, E_CORRUPT,
                    "its content does not give its commitment: text, salt or "
                    "commitment was changed or cut");
    Record r;
    TRY(record_parse(c, &v->json, item->envelope, &r));
    // Batches of another agency come in any order, and are looked at one by one.
    if (r.at_us <= v->last_at && item->place.log < LEDGER_OWN_LOGS)
        return fail(c, E_CORRUPT,
                    "its time is not later than that of the record before it: the "
                    "order was changed");
    TRY(record_verify_sigs(c, &r));
    TRY(check_index(c, v, &r, item->place));
    TRY(check_author(c, v, &r, item->place));
    if (v->held == 0)
        v->first_at = r.at_us;
    v->last_at = r.at_us;
    v->held++;
    return OK;
}

static bool all_zero(Str s) {
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i])
            return false;
    return true;
}

static Err names_leaf(Ctx *c, const Record *r, const char *agency, int64_t seq, bool *ret_names) {
    Str of;
    const JsonValue *leaves;
    *ret_names = false;
    if (r->kind != RECORD_LET_GO)
        return OK;
    TRY(json_get_str(c, r->body, "agency", &of));
    TRY(json_get_array(c, r->body, "leaves", &leaves));
    for (size_t i = 0; i < leaves->count && str_eq_c(of, agency); i++)
        *ret_names = *ret_names || leaves->items[i].i == seq;
    return OK;
}

static Err erases_leaf(Ctx *c, const Record *r, LedgerPlace place, bool *ret_names) {
    int64_t leaf = -1;
    Str log = {0};
    if (r->kind == RECORD_ERASE) {
        TRY(json_get_int(c, r->body, "leaf", &leaf));
        TRY(json_get_str(c, r->body, "log", &log));
    }
    *ret_names = leaf == place.seq && str_eq_c(log, ledger_log_name(place.log));
    return OK;
}

// What erased it must be a record of ours that names it: of kind erase, for another agency's
// let_go.
static Err check_erased(Ctx *c, VerifyRange *v, const LedgerItem *item, Str salt, Str envelope) {
    if (!all_zero(salt) || !all_zero(envelope))
        return fail(c, E_CORRUPT, "it is erased, but its content is still there");
    LedgerItem by;
    TRY(ledger_get(c, v->reader, item->erased_by, &by));
    Record r;
    if (by.state != LEDGER_HELD)
        return fail(c, E_CORRUPT, "the record that erased it is not there");
    TRY(record_parse(c, &v->json, by.envelope, &r));
    bool names;
    if (item->place.log < LEDGER_OWN_LOGS)
        TRY(erases_leaf(c, &r, item->place, &names));
    else
        TRY(names_leaf(c, &r, v->agency, item->place.seq, &names));
    if (!names || item->erased_by.log >= LEDGER_OWN_LOGS)
        return fail(c, E_CORRUPT, "leaf %lld, which should say that it is erased, does not",
                    (long long)item->erased_by.seq);
    v->erased++;
    return OK;
}

// Peers gave back places of our own log, some of them without content.
static Err check_restored(Ctx *c, VerifyRange *v, LedgerPlace place) {
    AUTO(StoreQuery) q = store_stmt(v->reader->db, LQ_RESTORED_AT);
    store_bind_i64(q, ":log_id", place.log);
    store_bind_i64(q, ":seq", place.seq);
    bool row;
    TRY(store_step(c, q, &row));
    if (!row || store_col_i64(q, 0) <= place.seq)
        return fail(c, E_CORRUPT, "its content is missing");
    return OK;
}

Err ledger_verify_content(Ctx *c, VerifyRange *v, StoreStmt *q, const LedgerItem *item) {
    switch (item->state) {
    case LEDGER_HELD:
        return check_held(c, v, item);
    case LEDGER_WITHHELD:
        v->withheld++;
        return item->place.log < LEDGER_OWN_LOGS ? check_restored(c, v, item->place) : OK;
    case LEDGER_ERASED:
        return check_erased(c, v, item, store_col_str(q, COL_SALT), store_col_str(q, COL_ENVELOPE));
    }
    UNREACHABLE();
}

static Err check_item(Ctx *c, VerifyRange *v, StoreStmt *q) {
    LedgerItem item;
    TRY(ledger_item_of_row(c, q, &item));
    TRY(ledger_verify_content(c, v, q, &item));
    CryptoHash leaf = ledger_merkle_leaf(item.commitment.b, sizeof item.commitment.b);
    TRY(ledger_tree_add_to(c, &v->tree, &leaf, (NodeSink){check_node, v}));
    return (int64_t)v->tree.size == v->note_size ? check_checkpoint(c, v) : OK;
}

// --- the run ------------------------------------------------------------------------------------

static Err check_row(Ctx *c, VerifyRange *v, StoreStmt *q, bool row) {
    int64_t seq = (int64_t)v->tree.size;
    v->place = (LedgerPlace){v->log, seq};
    if (!row || ledger_place_of_key(store_col_i64(q, COL_PLACE)).seq != seq)
        return fail(c, E_CORRUPT, "it is missing");
    return check_item(c, v, q);
}

// A step is one short read transaction.
static Err run_step(Ctx *c, VerifyRange *v, int64_t beyond) {
    AUTO(StoreQuery) q = store_stmt(v->reader->db, LQ_SCAN);
    store_bind_i64(q, ":first", ledger_place_key((LedgerPlace){v->log, (int64_t)v->tree.size}));
    store_bind_i64(q, ":beyond", ledger_place_key((LedgerPlace){v->log, beyond}));
    while ((int64_t)v->tree.size < beyond) {
        bool row;
        v->place = (LedgerPlace){v->log, (int64_t)v->tree.size};
        TRY(store_step(c, q, &row));
        TRY(check_row(c, v, q, row));
        arena_reset(&c->arena);
    }
    return OK;
}

Err ledger_verify_names(Ctx *c, VerifyRange *v) {
    TRY(json_reader_open(c, &v->json));
    TRY(ledger_read_agency(c, v->reader->db, v->log, v->agency));
    ledger_origin(v->agency, v->log, v->origin);
    v->is_main = v->log != LEDGER_READS;
    return OK;
}

static Err run(Ctx *c, VerifyRange *v) {
    TRY(ledger_verify_names(c, v));
    TRY(next_checkpoint(c, v));
    while ((int64_t)v->tree.size < v->upto) {
        int64_t beyond = (int64_t)v->tree.size + LEDGER_SCAN_ROWS;
        if (beyond > v->upto)
            beyond = v->upto;
        int64_t rows = beyond - (int64_t)v->tree.size;
        TRY(run_step(c, v, beyond));
        int64_t done = atomic_fetch_add(v->done, rows) + rows;
        if (v->progress.report)
            v->progress.report(v->progress.self, done, v->total);
    }
    return OK;
}

Err ledger_verify_begin(VerifyRange *v, Err (*run_it)(Ctx *c, VerifyRange *v)) {
    Ctx *c = &v->ctx;
    v->tree.size = (uint64_t)v->from;
    v->last_at = BASE_TIME_US_MIN - 1;
    v->first_at = INT64_MAX;
    v->place = v->last_good = (LedgerPlace){v->log, v->from};
    Err e = run_it(c, v);
    v->faulty = ledger_is_fault(e);
    if (v->faulty)
        memcpy(v->words, c->error, sizeof v->words);
    v->err = v->faulty ? OK : e;
    return v->err;
}

Err ledger_verify_range(VerifyRange *v) {
    return ledger_verify_begin(v, run);
}
