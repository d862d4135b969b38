// Reading leaves, openings and checkpoints.
#include "ledger/ledger_priv.h"

Err ledger_item_of_row(Ctx *c, StoreStmt *q, LedgerItem *ret_item) {
    LedgerItem item = {.place = ledger_place_of_key(store_col_i64(q, COL_PLACE))};
    Str commitment = store_col_str(q, COL_COMMITMENT);
    if (commitment.n != CRYPTO_HASH_BYTES)
        return fail(c, E_CORRUPT, "leaf %lld of log %s has no commitment of 32 bytes",
                    (long long)item.place.seq, ledger_log_name(item.place.log));
    memcpy(item.commitment.b, commitment.p, commitment.n);
    item.arrival = store_col_i64(q, COL_OPENING);
    if (!store_col_is_null(q, COL_BY)) {
        item.state = LEDGER_ERASED;
        item.erased_by = ledger_place_of_key(store_col_i64(q, COL_BY));
    } else if (store_col_is_null(q, COL_OPENING)) {
        item.state = LEDGER_WITHHELD;
    } else {
        Str salt = store_col_str(q, COL_SALT);
        if (store_col_is_null(q, COL_OPENING_FOUND))
            return fail(c, E_CORRUPT, "the content of leaf %lld of log %s is missing",
                        (long long)item.place.seq, ledger_log_name(item.place.log));
        if (salt.n != RECORD_SALT_BYTES)
            return fail(c, E_CORRUPT, "leaf %lld of log %s has no salt of 32 bytes",
                        (long long)item.place.seq, ledger_log_name(item.place.log));
        item.state = LEDGER_HELD;
        memcpy(item.salt, salt.p, salt.n);
        item.envelope = store_col_str(q, COL_ENVELOPE);
    }
    *ret_item = item;
    return OK;
}

Err ledger_item_read(Ctx *c, StoreDb *db, LedgerPlace place, LedgerItem *ret_item) {
    AUTO(StoreQuery) q = store_stmt(db, LQ_ITEM_GET);
    store_bind_i64(q, ":place", ledger_place_key(place));
    bool row;
    TRY(store_step(c, q, &row));
    if (!row)
        return fail(c, E_NOT_FOUND, "log %s has no leaf %lld", ledger_log_name(place.log),
                    (long long)place.seq);
    LedgerItem item;
    TRY(ledger_item_of_row(c, q, &item));
    TRY(str_copy(c, item.envelope, &item.envelope));
    *ret_item = item;
    return OK;
}

Err ledger_get(Ctx *c, LedgerReader *r, LedgerPlace place, LedgerItem *ret_item) {
    return ledger_item_read(c, r->db, place, ret_item);
}

Err ledger_find(Ctx *c, LedgerReader *r, RecordId id, LedgerPlace *ret_place) {
    AUTO(StoreQuery) q = store_stmt(r->db, LQ_RECORD_FIND);
    store_bind_blob(q, ":id", id.b, sizeof id.b);
    bool row;
    TRY(store_step(c, q, &row));
    if (!row) {
        char text[RECORD_ID_TEXT_BYTES];
        record_id_text(id, text);
        return fail(c, E_NOT_FOUND, "record %s is not in the ledger", text);
    }
    *ret_place = ledger_place_of_key(store_col_i64(q, 0));
    return OK;
}

Err ledger_reader_size(Ctx *c, LedgerReader *r, uint32_t log, int64_t *ret_size) {
    return ledger_db_size(c, r->db, log, ret_size);
}

// Rows of one statement are one read transaction, so a scan goes in steps of LEDGER_SCAN_ROWS. Own
// logs have no gaps.
static Err scan_step(Ctx *c, LedgerReader *r, LedgerPlace from, LedgerVisit visit,
                     int64_t *ret_next) {
    AUTO(StoreQuery) q = store_stmt(r->db, LQ_SCAN);
    int64_t beyond = ledger_place_key((LedgerPlace){from.log + 1, 0});
    store_bind_i64(q, ":first", ledger_place_key(from));
    store_bind_i64(q, ":beyond", beyond);
    *ret_next = -1;
    for (int64_t rows = 0; rows < LEDGER_SCAN_ROWS; rows++) {
        bool row;
        TRY(store_step(c, q, &row));
        if (!row)
            return OK;
        LedgerItem item;
        TRY(ledger_item_of_row(c, q, &item));
        if (from.log < LEDGER_OWN_LOGS && item.place.seq != from.seq + rows)
            return fail(c, E_CORRUPT, "leaf %lld of log %s is missing; run moei verify",
                        (long long)(from.seq + rows), ledger_log_name(from.log));
        TRY(visit.visit(visit.self, c, &item));
        *ret_next = item.place.seq + 1;
    }
    return OK;
}

Err ledger_scan(Ctx *c, LedgerReader *r, uint32_t log, int64_t from_seq, LedgerVisit visit) {
    while (from_seq >= 0)
        TRY(scan_step(c, r, (LedgerPlace){log, from_seq}, visit, &from_seq));
    return OK;
}

static Err arrivals_step(Ctx *c, LedgerReader *r, int64_t *arrival, LedgerVisit visit,
                         int64_t *ret_rows) {
    AUTO(StoreQuery) q = store_stmt(r->db, LQ_ARRIVALS);
    store_bind_i64(q, ":arrival", *arrival);
    store_bind_i64(q, ":rows", LEDGER_SCAN_ROWS);
    for (*ret_rows = 0;; ++*ret_rows) {
        bool row;
        TRY(store_step(c, q, &row));
        if (!row)
            return OK;
        LedgerItem item;
        TRY(ledger_item_of_row(c, q, &item));
        item.late = item.place.log < LEDGER_OWN_LOGS;
        TRY(visit.visit(visit.self, c, &item));
        *arrival = item.arrival;
    }
}

Err ledger_scan_arrivals(Ctx *c, LedgerReader *r, int64_t arrival, LedgerVisit visit) {
    int64_t rows = LEDGER_SCAN_ROWS;
    while (rows == LEDGER_SCAN_ROWS)
        TRY(arrivals_step(c, r, &arrival, visit, &rows));
    return OK;
}

static Err checkpoint_of(Ctx *c, StoreStmt *q, uint32_t log, LedgerCheckpoint *ret_cp) {
    bool row;
    TRY(store_step(c, q, &row));
    if (!row)
        return fail(c, E_NOT_FOUND, "log %s has no such checkpoint", ledger_log_name(log));
    Str note;
    TRY(str_copy(c, store_col_str(q, 2), &note));
    return ledger_note_parse(c, note, ret_cp);
}

Err ledger_checkpoint(Ctx *c, LedgerReader *r, uint32_t log, LedgerCheckpoint *ret_cp) {
    AUTO(StoreQuery) q = store_stmt(r->db, LQ_CHECKPOINT_LAST);
    store_bind_i64(q, ":log_id", log);
    return checkpoint_of(c, q, log, ret_cp);
}

Err ledger_checkpoint_at(Ctx *c, LedgerReader *r, uint32_t log, int64_t size,
                         LedgerCheckpoint *ret_cp) {
    AUTO(StoreQuery) q = store_stmt(r->db, LQ_CHECKPOINT_AT);
    store_bind_i64(q, ":log_id", log);
    store_bind_i64(q, ":size", size);
    return checkpoint_of(c, q, log, ret_cp);
}

Err ledger_head_below(Ctx *c, LedgerReader *r, uint32_t log, int64_t size,
                      LedgerCheckpoint *ret_cp) {
    AUTO(StoreQuery) q = store_stmt(r->db, LQ_CHECKPOINT_BELOW);
    store_bind_i64(q, ":log_id", log);
    store_bind_i64(q, ":size", size);
    return checkpoint_of(c, q, log, ret_cp);
}

// The size of the loose checkpoint that alone proves the leaf, or 0.
static Err loose_size(Ctx *c, LedgerReader *r, LedgerPlace place, int64_t *ret_size) {
    AUTO(StoreQuery) q = store_stmt(r->db, LQ_LOOSE_LEAF_GET);
    store_bind_i64(q, ":place", ledger_place_key(place));
    bool row;
    TRY(store_step(c, q, &row));
    *ret_size = row ? store_col_i64(q, 0) : 0;
    return OK;
}

Err ledger_leaf_head(Ctx *c, LedgerReader *r, LedgerPlace place, LedgerCheckpoint *ret_cp) {
    int64_t size;
    TRY(loose_size(c, r, place, &size));
    if (size == 0)
        return ledger_checkpoint(c, r, place.log, ret_cp);
    AUTO(StoreQuery) q = store_stmt(r->db, LQ_LOOSE_AT);
    store_bind_i64(q, ":log_id", place.log);
    store_bind_i64(q, ":size", size);
    return checkpoint_of(c, q, place.log, ret_cp);
}

Err ledger_key_next(Ctx *c, LedgerReader *r, uint32_t log, int64_t size, int64_t *ret_from_size) {
    AUTO(StoreQuery) q = store_stmt(r->db, LQ_LOG_KEY_NEXT);
    store_bind_i64(q, ":log_id", log);
    store_bind_i64(q, ":size", size);
    bool row;
    TRY(store_step(c, q, &row));
    *ret_from_size = row ? store_col_i64(q, 0) : INT64_MAX;
    return OK;
}

Err ledger_log_key(Ctx *c, LedgerReader *r, uint32_t log, int64_t size, CryptoPublicKey *ret_key) {
    return ledger_db_key_at(c, r->db, log, size, ret_key);
}
