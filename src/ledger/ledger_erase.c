// Erasure: zeros over salt and envelope, in place, and nothing left in the WAL. The row keeps its
// size, so that SQLite writes over it where it lies and moves nothing.
#include "ledger/ledger_priv.h"

// What is erased must be a record that may go, and what erases it must name it.
static Err check_target(Ctx *c, Ledger *l, LedgerPlace place, RecordId *ret_id) {
    LedgerItem item;
    TRY(ledger_item_read(c, l->db, place, &item));
    if (item.state != LEDGER_HELD)
        return fail(c, E_STATE, "leaf %lld of log %s is erased already", (long long)place.seq,
                    ledger_log_name(place.log));
    AUTO(JsonReader) reader = {0};
    TRY(json_reader_open(c, &reader));
    Record r;
    TRY(record_parse(c, &reader, item.envelope, &r));
    if (r.kind == RECORD_GENESIS || r.kind == RECORD_KEY || r.kind == RECORD_ERASE)
        return fail(c, E_STATE, "a %s record holds the log together and cannot be erased",
                    record_kind_row(r.kind)->name);
    *ret_id = r.id;
    return OK;
}

static Err check_erase_record(Ctx *c, Str envelope, LedgerPlace place, RecordId target) {
    AUTO(JsonReader) reader = {0};
    TRY(json_reader_open(c, &reader));
    Record r;
    TRY(record_parse(c, &reader, envelope, &r));
    if (r.kind != RECORD_ERASE)
        return fail(c, E_INVALID, "a record is erased by a record of kind erase");
    Str id, log;
    int64_t leaf;
    TRY(json_get_str(c, r.body, "record", &id));
    TRY(json_get_str(c, r.body, "log", &log));
    TRY(json_get_int(c, r.body, "leaf", &leaf));
    char text[RECORD_ID_TEXT_BYTES];
    record_id_text(target, text);
    if (!str_eq_c(id, text) || !str_eq_c(log, ledger_log_name(place.log)) || leaf != place.seq)
        return fail(c, E_INVALID, "the erase record names another record than leaf %lld of %s",
                    (long long)place.seq, ledger_log_name(place.log));
    return OK;
}

static Err overwrite(Ctx *c, Ledger *l, LedgerPlace place, LedgerPlace by) {
    StoreStmt *q = store_stmt(l->db, LQ_OPENING_ERASE);
    store_bind_i64(q, ":place", ledger_place_key(place));
    l->erasing = 1;
    Err e = store_run(c, q);
    l->erasing = 0;
    TRY(e);
    if (store_changes(l->db) != 1)
        return fail(c, E_CORRUPT, "leaf %lld of log %s has no opening", (long long)place.seq,
                    ledger_log_name(place.log));
    q = store_stmt(l->db, LQ_ERASURE_ADD);
    store_bind_i64(q, ":place", ledger_place_key(place));
    store_bind_i64(q, ":by_place", ledger_place_key(by));
    return store_run(c, q);
}

static Err erase_in_group(Ctx *c, Ledger *l, LedgerPlace place, const LedgerEntry *entry,
                          LedgerPlace *ret_by) {
    TRY(ledger_append(c, l, LEDGER_MAIN, entry, ret_by));
    return overwrite(c, l, place, *ret_by);
}

Err ledger_erase(Ctx *c, Ledger *l, LedgerPlace place, const LedgerEntry *entry,
                 LedgerPlace *ret_place) {
    if (place.log >= LEDGER_OWN_LOGS)
        return fail(c, E_INVALID, "only records of the own logs are erased here");
    RecordId target;
    TRY(check_target(c, l, place, &target));
    TRY(check_erase_record(c, entry->envelope, place, target));
    TRY(ledger_begin(c, l));
    LedgerPlace by;
    Err e = erase_in_group(c, l, place, entry, &by);
    if (e != OK) {
        ledger_rollback(l);
        return e;
    }
    TRY(ledger_commit(c, l));
    *ret_place = by;
    return ledger_erase_finish(c, l);
}

// --- other agencies' records --------------------------------------------------------------------

static Err check_names(Ctx *c, Ledger *l, const JsonValue *body, const LedgerPlace *place) {
    char agency[LEDGER_AGENCY_TEXT_BYTES];
    const JsonValue *leaves;
    Str of;
    if (place->log < LEDGER_OWN_LOGS)
        return fail(c, E_INVALID, "our own records are erased, not let go");
    TRY(ledger_read_agency(c, l->db, place->log, agency));
    TRY(json_get_str(c, body, "agency", &of));
    TRY(json_get_array(c, body, "leaves", &leaves));
    for (size_t i = 0; i < leaves->count && str_eq_c(of, agency); i++)
        if (leaves->items[i].i == place->seq)
            return OK;
    return fail(c, E_INVALID, "the let_go record does not name leaf %lld of agency %.12s",
                (long long)place->seq, agency);
}

static Err check_let_go(Ctx *c, Ledger *l, const LedgerPlace *places, size_t n, LedgerPlace by) {
    LedgerItem item;
    if (by.log != LEDGER_MAIN)
        return fail(c, E_INVALID, "records are let go by a record of our own log");
    TRY(ledger_item_read(c, l->db, by, &item));
    AUTO(JsonReader) reader = {0};
    TRY(json_reader_open(c, &reader));
    Record r;
    TRY(record_parse(c, &reader, item.envelope, &r));
    if (r.kind != RECORD_LET_GO)
        return fail(c, E_INVALID, "records are let go by a record of kind let_go");
    for (size_t i = 0; i < n; i++)
        TRY(check_names(c, l, r.body, &places[i]));
    return OK;
}

// Genesis and `key` records. What a recovery statement says stands in a table of its own.
static Err holds_together(Ctx *c, Ledger *l, LedgerPlace place, bool *ret_yes) {
    AUTO(StoreQuery) q = store_stmt(l->db, LQ_LOG_KEY_PLACE);
    store_bind_i64(q, ":place", ledger_place_key(place));
    TRY(store_step(c, q, ret_yes));
    *ret_yes = *ret_yes || place.seq == 0;
    return OK;
}

static Err is_held(Ctx *c, Ledger *l, LedgerPlace place, bool *ret_held) {
    AUTO(StoreQuery) q = store_stmt(l->db, LQ_ITEM_GET);
    store_bind_i64(q, ":place", ledger_place_key(place));
    bool row;
    TRY(store_step(c, q, &row));
    *ret_held = row && store_col_is_null(q, COL_BY) && !store_col_is_null(q, COL_OPENING);
    return OK;
}

static Err let_go_one(Ctx *c, Ledger *l, LedgerPlace place, LedgerPlace by) {
    bool held, keeps;
    TRY(is_held(c, l, place, &held));
    if (!held)
        return OK;
    TRY(holds_together(c, l, place, &keeps));
    if (keeps)
        return fail(c, E_STATE, "leaf %lld holds the log of its agency together and stays",
                    (long long)place.seq);
    return overwrite(c, l, place, by);
}

Err ledger_let_go(Ctx *c, Ledger *l, const LedgerPlace *places, size_t n, LedgerPlace by) {
    ASSERT(l->in_group);
    if (l->broken)
        return fail(c, E_STATE, "the group failed before; nothing can be added to it");
    TRY(check_let_go(c, l, places, n, by));
    for (size_t i = 0; i < n; i++) {
        Err e = let_go_one(c, l, places[i], by);
        if (e != OK) {
            l->broken = true;
            return e;
        }
    }
    return OK;
}

Err ledger_erase_finish(Ctx *c, Ledger *l) {
    return store_checkpoint(c, l->db, STORE_CHECKPOINT_TRUNCATE);
}
