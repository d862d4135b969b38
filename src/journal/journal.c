// Statements, and the one row of each peer.
#include "journal/journal_priv.h"

#include "journal_sql.h"

static const char *const statement_names[] = {
    [JQ_PEER_FIND] = "peer_find",       [JQ_PEER_LIST] = "peer_list",
    [JQ_PEER_ADD] = "peer_add",         [JQ_PEER_SAVE] = "peer_save",
    [JQ_PEER_RETURNS] = "peer_returns", [JQ_RUN_LAST] = "run_last",
    [JQ_RUN_BEFORE] = "run_before",     [JQ_RUN_FROM] = "run_from",
    [JQ_RUN_PUT] = "run_put",           [JQ_BITS_GET] = "bits_get",
    [JQ_BITS_PUT] = "bits_put",         [JQ_NAME_ADD] = "name_add",
    [JQ_NAME_LIST] = "name_list",       [JQ_SEEN_GET] = "seen_get",
    [JQ_SEEN_PUT] = "seen_put",         [JQ_ORIGIN_GET] = "origin_get",
    [JQ_ORIGIN_PUT] = "origin_put",     [JQ_ORIGIN_FORKED] = "origin_forked",
    [JQ_COSIGN_PUT] = "cosign_put",     [JQ_COSIGN_LIST] = "cosign_list",
    [JQ_WANT_ADD] = "want_add",         [JQ_WANT_TURN] = "want_turn",
    [JQ_WANT_GET] = "want_get",         [JQ_WANT_LIST] = "want_list",
    [JQ_WANT_SET] = "want_set",         [JQ_WANT_DONE] = "want_done",
    [JQ_ASKED_ADD] = "asked_add",       [JQ_ASKED_LIST] = "asked_list",
    [JQ_ASKED_DONE] = "asked_done",
};

static const StoreSchema schema = {.room = "journal",
                                   .sql = journal_sql,
                                   .sql_count = COUNT_OF(journal_sql),
                                   .statements = statement_names,
                                   .statement_count = COUNT_OF(statement_names)};

const StoreSchema *journal_schema(void) {
    return &schema;
}

StoreStmt *journal_stmt(StoreDb *db, JournalStatement index) {
    return store_stmt_of(db, &schema, (size_t)index);
}

Err journal_col_bytes(Ctx *c, StoreStmt *q, int column, void *ret_bytes, size_t n) {
    Str s = store_col_str(q, column);
    if (s.n != n)
        return fail(c, E_CORRUPT, "the journal of a peer is damaged");
    memcpy(ret_bytes, s.p, n);
    return OK;
}

// --- peers --------------------------------------------------------------------------------------

static Err peer_of_row(Ctx *c, StoreStmt *q, JournalPeer *ret_peer) {
    JournalPeer p = {
        .peer = store_col_i64(q, 0),
        .has_card_key = store_col_str(q, 2).n > 0,
        .entries = store_col_i64(q, 3),
        .told = store_col_i64(q, 4),
        .head_size = store_col_i64(q, 5),
        .looked = store_col_i64(q, 7),
        .arrived = store_col_i64(q, 8),
        .taken = store_col_i64(q, 10),
        .ends = store_col_i64(q, 11),
        .relay = store_col_i64(q, 12) != 0,
        .fault = (JournalFault)store_col_i64(q, 13),
        .fault_at = store_col_i64(q, 14),
        .day = store_col_i64(q, 16),
        .records = store_col_i64(q, 17),
        .bytes = store_col_i64(q, 18),
        .messages = store_col_i64(q, 19),
        .skew_us = store_col_i64(q, 20),
        .card_from = store_col_i64(q, 21),
        .restore_from = store_col_i64(q, 22),
        .has_spoke_key = store_col_str(q, 23).n > 0,
        .returns_from = store_col_i64(q, 24),
        .quota_records = store_col_i64(q, 25),
        .quota_bytes = store_col_i64(q, 26),
        .quota_messages = store_col_i64(q, 27),
        .quota_at = store_col_i64(q, 28),
        .over_at = store_col_i64(q, 30),
        .address_from = store_col_i64(q, 31),
        .prove_since = store_col_i64(q, 32),
        .prove_silent = store_col_i64(q, 33),
        .refused = (int)store_col_i64(q, 34),
    };
    TRY(journal_col_bytes(c, q, 9, p.accords.b, sizeof p.accords.b));
    TRY(journal_col_bytes(c, q, 1, p.agency.b, sizeof p.agency.b));
    if (p.has_card_key)
        TRY(journal_col_bytes(c, q, 2, p.card_key.b, sizeof p.card_key.b));
    if (p.has_spoke_key)
        TRY(journal_col_bytes(c, q, 23, p.spoke_key.b, sizeof p.spoke_key.b));
    if (p.head_size > 0)
        TRY(journal_col_bytes(c, q, 6, p.head_root.b, sizeof p.head_root.b));
    str_fit(p.words, sizeof p.words, store_col_str(q, 15));
    str_fit(p.quota_by, sizeof p.quota_by, store_col_str(q, 29));
    *ret_peer = p;
    return OK;
}

Err journal_peer_find(Ctx *c, StoreDb *db, const CryptoHash *agency, JournalPeer *ret_peer) {
    AUTO(StoreQuery) q = journal_stmt(db, JQ_PEER_FIND);
    store_bind_blob(q, ":agency", agency->b, sizeof agency->b);
    bool row;
    TRY(store_step(c, q, &row));
    if (!row)
        return fail(c, E_NOT_FOUND, "there is no such peer");
    return peer_of_row(c, q, ret_peer);
}

Err journal_peer_add(Ctx *c, StoreDb *db, const CryptoHash *agency, JournalPeer *ret_peer) {
    StoreStmt *q = journal_stmt(db, JQ_PEER_ADD);
    store_bind_blob(q, ":agency", agency->b, sizeof agency->b);
    TRY(store_run(c, q));
    return journal_peer_find(c, db, agency, ret_peer);
}

Err journal_returns_set(Ctx *c, StoreDb *db, int64_t from) {
    StoreStmt *q = journal_stmt(db, JQ_PEER_RETURNS);
    store_bind_i64(q, ":from", from);
    return store_run(c, q);
}

Err journal_peer_save(Ctx *c, StoreDb *db, const JournalPeer *p) {
    StoreStmt *q = journal_stmt(db, JQ_PEER_SAVE);
    store_bind_i64(q, ":peer", p->peer);
    store_bind_blob(q, ":card_key", p->card_key.b, p->has_card_key ? sizeof p->card_key.b : 0);
    store_bind_i64(q, ":card_from", p->card_from);
    store_bind_i64(q, ":restore_from", p->restore_from);
    store_bind_i64(q, ":returns_from", p->returns_from);
    store_bind_blob(q, ":spoke_key", p->spoke_key.b, p->has_spoke_key ? sizeof p->spoke_key.b : 0);
    store_bind_i64(q, ":entries", p->entries);
    store_bind_i64(q, ":told", p->told);
    store_bind_i64(q, ":head_size", p->head_size);
    store_bind_blob(q, ":head_root", p->head_root.b, p->head_size ? sizeof p->head_root.b : 0);
    store_bind_i64(q, ":looked", p->looked);
    store_bind_i64(q, ":arrived", p->arrived);
    store_bind_blob(q, ":accords", p->accords.b, sizeof p->accords.b);
    store_bind_i64(q, ":taken", p->taken);
    store_bind_i64(q, ":ends", p->ends);
    store_bind_i64(q, ":relay", p->relay);
    store_bind_i64(q, ":fault", p->fault);
    store_bind_i64(q, ":fault_at", p->fault_at);
    store_bind_str(q, ":words", str_of(p->words));
    store_bind_i64(q, ":day", p->day);
    store_bind_i64(q, ":records", p->records);
    store_bind_i64(q, ":bytes", p->bytes);
    store_bind_i64(q, ":messages", p->messages);
    store_bind_i64(q, ":skew", p->skew_us);
    store_bind_i64(q, ":quota_records", p->quota_records);
    store_bind_i64(q, ":quota_bytes", p->quota_bytes);
    store_bind_i64(q, ":quota_messages", p->quota_messages);
    store_bind_i64(q, ":quota_at", p->quota_at);
    store_bind_str(q, ":quota_by", str_of(p->quota_by));
    store_bind_i64(q, ":over_at", p->over_at);
    store_bind_i64(q, ":address_from", p->address_from);
    store_bind_i64(q, ":prove_since", p->prove_since);
    store_bind_i64(q, ":prove_silent", p->prove_silent);
    store_bind_i64(q, ":refused", p->refused);
    return store_run(c, q);
}

Err journal_peer_list(Ctx *c, StoreDb *db, JournalPeer **ret_peers, size_t *ret_n) {
    JournalPeer *peers;
    size_t n = 0;
    TRY(ctx_alloc(c, (PEERS_MAX + 1) * sizeof *peers, &peers));
    AUTO(StoreQuery) q = journal_stmt(db, JQ_PEER_LIST);
    for (bool row = true; row;) {
        TRY(store_step(c, q, &row));
        if (!row)
            break;
        if (n == PEERS_MAX)
            return fail(c, E_LIMIT, "a node has at most %d peers", PEERS_MAX);
        TRY(peer_of_row(c, q, &peers[n]));
        n++;
    }
    *ret_peers = peers;
    *ret_n = n;
    return OK;
}
