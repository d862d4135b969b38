// Logs of other agencies: making, finding and listing them, and the rows of one leaf.
#include "ledger/ledger_priv.h"

#include <stdio.h>

// --- find ---------------------------------------------------------------------------------------

Err ledger_db_find(Ctx *c, StoreDb *db, const CryptoHash *agency, uint32_t *ret_log) {
    AUTO(StoreQuery) q = store_stmt(db, LQ_LOG_FIND);
    store_bind_blob(q, ":agency", agency->b, sizeof agency->b);
    bool row;
    TRY(store_step(c, q, &row));
    if (!row)
        return fail(c, E_NOT_FOUND, "no log of that agency is here");
    *ret_log = (uint32_t)store_col_i64(q, 0);
    return OK;
}

Err ledger_log_find(Ctx *c, LedgerReader *r, const CryptoHash *agency, uint32_t *ret_log) {
    return ledger_db_find(c, r->db, agency, ret_log);
}

Err ledger_db_ended(Ctx *c, StoreDb *db, uint32_t log, bool *ret_ended) {
    AUTO(StoreQuery) q = store_stmt(db, LQ_LOG_ENDED);
    store_bind_i64(q, ":log_id", log);
    return store_step(c, q, ret_ended);
}

// --- list ---------------------------------------------------------------------------------------

static Err read_head(Ctx *c, StoreDb *db, LedgerLogInfo *info) {
    AUTO(StoreQuery) q = store_stmt(db, LQ_CHECKPOINT_LAST);
    store_bind_i64(q, ":log_id", info->log);
    bool row;
    TRY(store_step(c, q, &row));
    info->root = ledger_merkle_empty();
    if (!row)
        return OK;
    LedgerCheckpoint cp;
    TRY(ledger_note_parse(c, store_col_str(q, 2), &cp));
    info->size = cp.size;
    info->root = cp.root;
    info->at_us = store_col_i64(q, 1);
    return OK;
}

static Err read_openings(Ctx *c, StoreDb *db, LedgerLogInfo *info) {
    if (info->log < LEDGER_OWN_LOGS) {
        info->openings = info->size;
        return OK;
    }
    AUTO(StoreQuery) q = store_stmt(db, LQ_LOG_STATE_GET);
    store_bind_i64(q, ":log_id", info->log);
    bool row;
    TRY(store_step(c, q, &row));
    info->openings = row ? store_col_i64(q, 0) : 0;
    return OK;
}

static Err read_names(Ctx *c, LedgerReader *r, LedgerLogInfo **ret_logs, size_t *ret_n) {
    LedgerLogInfo *logs = NULL;
    size_t n = 0, cap = 0;
    AUTO(StoreQuery) q = store_stmt(r->db, LQ_LOG_ALL);
    for (;;) {
        bool row;
        TRY(store_step(c, q, &row));
        if (!row)
            break;
        TRY(ctx_grow(c, &logs, &cap, n + 1, sizeof *logs));
        Str agency = store_col_str(q, 1);
        logs[n].log = (uint32_t)store_col_i64(q, 0);
        logs[n].name = str_eq_c(store_col_str(q, 2), "reads") ? STR("reads") : STR("main");
        ASSERT(agency.n == sizeof logs[n].agency.b); // a CHECK of the table
        memcpy(logs[n++].agency.b, agency.p, agency.n);
    }
    *ret_logs = logs;
    *ret_n = n;
    return OK;
}

Err ledger_log_list(Ctx *c, LedgerReader *r, const LedgerLogInfo **ret_logs, size_t *ret_n) {
    LedgerLogInfo *logs;
    size_t n;
    TRY(read_names(c, r, &logs, &n));
    for (size_t i = 0; i < n; i++) {
        TRY(read_head(c, r->db, &logs[i]));
        TRY(read_openings(c, r->db, &logs[i]));
        TRY(ledger_db_ended(c, r->db, logs[i].log, &logs[i].frozen));
    }
    *ret_logs = logs;
    *ret_n = n;
    return OK;
}

// --- began anew ---------------------------------------------------------------------------------

Err ledger_log_first(Ctx *c, LedgerReader *r, uint32_t log, uint32_t *ret_first) {
    AUTO(StoreQuery) q = store_stmt(r->db, LQ_LOG_FIRST);
    store_bind_i64(q, ":log_id", log);
    bool row;
    TRY(store_step(c, q, &row));
    *ret_first = row && !store_col_is_null(q, 0) ? (uint32_t)store_col_i64(q, 0) : log;
    return OK;
}

Err ledger_statement_list(Ctx *c, LedgerReader *r, const CryptoHash *agency,
                          const LedgerStated **ret_items, size_t *ret_n) {
    LedgerStated *items = NULL;
    size_t n = 0, cap = 0;
    AUTO(StoreQuery) q = store_stmt(r->db, LQ_REWIND_ALL);
    store_bind_blob(q, ":agency", agency->b, sizeof agency->b);
    for (;;) {
        bool row;
        TRY(store_step(c, q, &row));
        if (!row)
            break;
        TRY(ctx_grow(c, &items, &cap, n + 1, sizeof *items));
        LedgerStated *s = &items[n++];
        *s = (LedgerStated){.log = (uint32_t)store_col_i64(q, 0),
                            .next_log = (uint32_t)store_col_i64(q, 1),
                            .good_size = store_col_i64(q, 2),
                            .at_us = store_col_i64(q, 3)};
        TRY(str_copy(c, store_col_str(q, 4), &s->statement));
    }
    *ret_items = items;
    *ret_n = n;
    return OK;
}

// --- rows ---------------------------------------------------------------------------------------

static Err add_opening(Ctx *c, Ledger *l, const ForeignLeaf *leaf) {
    StoreStmt *q = store_stmt(l->db, LQ_OPENING_ADD);
    store_bind_at_i64(q, 1, l->next_opening);
    store_bind_at_blob(q, 2, leaf->salt, RECORD_SALT_BYTES);
    store_bind_at_blob(q, 3, leaf->envelope.p, leaf->envelope.n);
    return store_run(c, q);
}

static Err add_id(Ctx *c, Ledger *l, const ForeignLeaf *leaf, bool *ret_clash) {
    StoreStmt *q = store_stmt(l->db, LQ_ID_ADD);
    store_bind_at_blob(q, 1, leaf->id.b, sizeof leaf->id.b);
    store_bind_at_i64(q, 2, ledger_place_key(leaf->place));
    TRY(store_run(c, q));
    *ret_clash = store_changes(l->db) == 0;
    if (!*ret_clash)
        return OK;
    q = store_stmt(l->db, LQ_CLASH_ADD);
    store_bind_i64(q, ":place", ledger_place_key(leaf->place));
    return store_run(c, q);
}

Err ledger_foreign_store(Ctx *c, Ledger *l, const ForeignLeaf *leaf, bool *ret_clash) {
    bool content = leaf->envelope.n > 0;
    *ret_clash = false;
    if (content) {
        TRY(add_opening(c, l, leaf));
        TRY(add_id(c, l, leaf, ret_clash));
    }
    StoreStmt *q = store_stmt(l->db, leaf->leaf_here ? LQ_LEAF_OPEN : LQ_LEAF_ADD);
    store_bind_i64(q, ":place", ledger_place_key(leaf->place));
    if (!leaf->leaf_here)
        store_bind_blob(q, ":commitment", leaf->commitment->b, sizeof leaf->commitment->b);
    if (content)
        store_bind_i64(q, ":opening_id", l->next_opening);
    else
        store_bind_null(q, ":opening_id");
    TRY(store_run(c, q));
    l->next_opening += content;
    return OK;
}

Err ledger_foreign_count(Ctx *c, Ledger *l, uint32_t log, size_t openings) {
    StoreStmt *q = store_stmt(l->db, LQ_LOG_STATE_ADD);
    store_bind_i64(q, ":log_id", log);
    store_bind_i64(q, ":openings", (int64_t)openings);
    return store_run(c, q);
}

Err ledger_foreign_key_add(Ctx *c, Ledger *l, LedgerPlace place, int64_t from_size,
                           const CryptoPublicKey *key) {
    StoreStmt *q = store_stmt(l->db, LQ_LOG_KEY_ADD);
    store_bind_i64(q, ":log_id", place.log);
    store_bind_i64(q, ":from_size", from_size);
    store_bind_blob(q, ":public_key", key->b, sizeof key->b);
    store_bind_i64(q, ":place", ledger_place_key(place));
    return store_run(c, q);
}

// --- open ---------------------------------------------------------------------------------------

static Err next_number(Ctx *c, Ledger *l, uint32_t *ret_log) {
    AUTO(StoreQuery) q = store_stmt(l->db, LQ_LOG_LAST);
    bool row;
    TRY(store_step(c, q, &row));
    int64_t last = store_col_i64(q, 0);
    if (last + 1 >= LEDGER_LOGS_MAX)
        return fail(c, E_LIMIT, "a node holds logs of at most %d", LEDGER_LOGS_MAX);
    *ret_log = (uint32_t)last + 1;
    return OK;
}

Err ledger_foreign_add(Ctx *c, Ledger *l, const CryptoHash *agency, Str name, uint32_t *ret_log) {
    uint32_t log;
    TRY(next_number(c, l, &log));
    StoreStmt *q = store_stmt(l->db, LQ_LOG_ADD);
    store_bind_i64(q, ":log_id", log);
    store_bind_blob(q, ":agency", agency->b, sizeof agency->b);
    store_bind_str(q, ":name", name);
    TRY(store_run(c, q));
    *ret_log = log;
    return OK;
}

typedef struct Genesis {
    ForeignLeaf leaf;
    CryptoHash commitment, agency;
    CryptoPublicKey log_key;
} Genesis;

static Err read_genesis(Ctx *c, Str envelope, const uint8_t *salt, Genesis *g) {
    AUTO(JsonReader) reader = {0};
    TRY(json_reader_open(c, &reader));
    Record r;
    Str key;
    TRY(record_parse(c, &reader, envelope, &r));
    if (r.kind != RECORD_GENESIS)
        return fail(c, E_INVALID, "a log begins with a genesis");
    TRY(record_verify_sigs(c, &r));
    TRY(json_get_str(c, r.body, "log_key", &key));
    ASSERT(hex_decode(key, g->log_key.b, sizeof g->log_key.b)); // a rule of the kind
    g->commitment = record_commitment(envelope, salt);
    g->agency = ledger_merkle_leaf(g->commitment.b, sizeof g->commitment.b);
    g->leaf = (ForeignLeaf){.salt = salt, .envelope = envelope, .id = r.id};
    return OK;
}

static Err add_genesis(Ctx *c, Ledger *l, Genesis *g, uint32_t *ret_log) {
    bool clash;
    TRY(ledger_foreign_add(c, l, &g->agency, STR("main"), ret_log));
    g->leaf.place = (LedgerPlace){*ret_log, 0};
    g->leaf.commitment = &g->commitment;
    TRY(ledger_foreign_key_add(c, l, g->leaf.place, 0, &g->log_key));
    TRY(ledger_foreign_store(c, l, &g->leaf, &clash));
    return ledger_foreign_count(c, l, *ret_log, 1);
}

Err ledger_foreign_open(Ctx *c, Ledger *l, Str genesis_envelope,
                        const uint8_t salt[RECORD_SALT_BYTES], uint32_t *ret_log) {
    ASSERT(l->in_group);
    Genesis g;
    TRY(read_genesis(c, genesis_envelope, salt, &g));
    uint32_t log;
    Err e = ledger_db_find(c, l->db, &g.agency, &log);
    if (e == OK && log == LEDGER_MAIN)
        return fail(c, E_INVALID, "this genesis is our own");
    if (e == E_NOT_FOUND) {
        e = add_genesis(c, l, &g, &log);
        l->broken = l->broken || e != OK;
    }
    TRY(e);
    *ret_log = log;
    return OK;
}
