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

Err ledger_erase_finish(Ctx *c, Ledger *l) {
    return store_checkpoint(c, l->db, STORE_CHECKPOINT_TRUNCATE);
}
