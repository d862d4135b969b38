// After a loss: another agency's log that a recovery statement begins anew, our own log put
// together again from what peers hold, and our own recovery statement.
#include "ledger/ledger_priv.h"

#include <stdio.h>

// --- another agency's log -----------------------------------------------------------------------

typedef struct Rewound {
    Ledger *l;
    const LedgerRewind *in;
    CryptoHash agency;
    char text[LEDGER_AGENCY_TEXT_BYTES];
    uint32_t log; // that goes on until now
} Rewound;

static Err find_statement(Ctx *c, const Rewound *w, uint32_t *ret_log) {
    AUTO(StoreQuery) q = store_stmt(w->l->db, LQ_REWIND_FIND);
    store_bind_blob(q, ":statement", w->in->statement.p, w->in->statement.n);
    store_bind_blob(q, ":agency", w->agency.b, sizeof w->agency.b);
    bool row;
    TRY(store_step(c, q, &row));
    if (!row)
        return E_NOT_FOUND;
    *ret_log = (uint32_t)store_col_i64(q, 0);
    return OK;
}

static Err check_order(Ctx *c, const Rewound *w) {
    AUTO(StoreQuery) q = store_stmt(w->l->db, LQ_REWIND_LAST);
    store_bind_blob(q, ":agency", w->agency.b, sizeof w->agency.b);
    bool row;
    TRY(store_step(c, q, &row));
    if (row && !store_col_is_null(q, 0) && store_col_i64(q, 0) >= w->in->at_us)
        return fail(c, E_STATE, "agency %.12s made a later recovery statement", w->text);
    return OK;
}

// Where the tree of the good size is known, it must be the one of the statement.
static Err check_root(Ctx *c, const Rewound *w) {
    LedgerTree tree;
    Err e = ledger_db_tree(c, w->l->db, w->log, w->in->good_size, &tree);
    if (e == E_NOT_FOUND)
        return OK;
    TRY(e);
    CryptoHash root = ledger_tree_root(&tree);
    if (memcmp(root.b, w->in->root.b, sizeof root.b) != 0)
        return fail(c, E_CRYPTO,
                    "agency %.12s: its log of size %lld is not the one of its statement", w->text,
                    (long long)w->in->good_size);
    return OK;
}

static Err any_row(Ctx *c, const Rewound *w, LedgerStatement what, bool *any) {
    AUTO(StoreQuery) q = store_stmt(w->l->db, what);
    store_bind_i64(q, ":log_id", w->log);
    store_bind_i64(q, ":size", w->in->good_size);
    bool row;
    TRY(store_step(c, q, &row));
    *any = *any || row;
    return OK;
}

// Whether anything lies behind the good size: head, leaves, loose checkpoints or keys.
static Err goes_beyond(Ctx *c, const Rewound *w, bool *ret_beyond) {
    int64_t head;
    TRY(ledger_db_size(c, w->l->db, w->log, &head));
    bool beyond = head > w->in->good_size;
    TRY(any_row(c, w, LQ_LOOSE_ABOVE, &beyond));
    TRY(any_row(c, w, LQ_LOG_KEY_NEXT, &beyond));
    AUTO(StoreQuery) q = store_stmt(w->l->db, LQ_LEAF_LAST);
    bool row;
    store_bind_i64(q, ":first", ledger_place_key((LedgerPlace){w->log, w->in->good_size}));
    store_bind_i64(q, ":beyond", ledger_place_key((LedgerPlace){w->log + 1, 0}));
    TRY(store_step(c, q, &row));
    *ret_beyond = beyond || row;
    return OK;
}

static Err begin_anew(Ctx *c, const Rewound *w, uint32_t *ret_log) {
    AUTO(StoreQuery) count = store_stmt(w->l->db, LQ_LOG_COUNT);
    bool row;
    char name[32];
    store_bind_blob(count, ":agency", w->agency.b, sizeof w->agency.b);
    TRY(store_step(c, count, &row));
    int n = snprintf(name, sizeof name, "main/%lld", (long long)store_col_i64(count, 0));
    TRY(ledger_foreign_add(c, w->l, &w->agency, (Str){name, (size_t)n}, ret_log));
    StoreStmt *q = store_stmt(w->l->db, LQ_LOG_KEY_COPY);
    store_bind_i64(q, ":next_log", *ret_log);
    store_bind_i64(q, ":log_id", w->log);
    store_bind_i64(q, ":size", w->in->good_size);
    return store_run(c, q);
}

static Err add_statement(Ctx *c, Ledger *l, const LedgerRewind *in, uint32_t from, uint32_t next) {
    StoreStmt *q = store_stmt(l->db, LQ_REWIND_ADD);
    store_bind_i64(q, ":log_id", from);
    store_bind_i64(q, ":at_us", in->at_us);
    store_bind_i64(q, ":good_size", in->good_size);
    store_bind_blob(q, ":statement", in->statement.p, in->statement.n);
    store_bind_i64(q, ":next_log", next);
    return store_run(c, q);
}

static Err rewind_log(Ctx *c, const Rewound *w, uint32_t *ret_log) {
    bool beyond;
    *ret_log = w->log;
    TRY(goes_beyond(c, w, &beyond));
    if (beyond)
        TRY(begin_anew(c, w, ret_log));
    TRY(ledger_foreign_key_add(c, w->l, (LedgerPlace){*ret_log, w->in->good_size},
                               w->in->good_size + 1, &w->in->next_key));
    return add_statement(c, w->l, w->in, w->log, *ret_log);
}

Err ledger_rewound(Ctx *c, Ledger *l, const LedgerRewind *rewind, uint32_t *ret_log) {
    ASSERT(l->in_group);
    if (rewind->log < LEDGER_OWN_LOGS || rewind->good_size < 1 ||
        rewind->good_size > LEDGER_SEQ_MAX)
        return fail(c, E_INVALID, "a recovery statement is of another agency's log with a genesis");
    Rewound w = {.l = l, .in = rewind};
    uint32_t log;
    TRY(ledger_read_agency(c, l->db, rewind->log, w.text));
    ASSERT(hex_decode(str_of(w.text), w.agency.b, sizeof w.agency.b));
    TRY(ledger_db_find(c, l->db, &w.agency, &w.log));
    Err e = find_statement(c, &w, &log);
    if (e == E_NOT_FOUND) {
        TRY(check_order(c, &w));
        TRY(check_root(c, &w));
        e = rewind_log(c, &w, &log);
        l->broken = l->broken || e != OK;
    }
    TRY(e);
    *ret_log = log;
    return OK;
}

// --- our own log, from peers
// ----------------------------------------------------------------------

Err ledger_restore_begin(Ctx *c, Ledger *l) {
    ASSERT(!l->in_group);
    if (l->key_count == 0)
        return fail(c, E_READ_ONLY, "the ledger is open for reading only");
    TRY(store_begin(c, l->db));
    l->in_group = l->restoring = true;
    l->broken = false;
    l->group_records = 0;
    l->key_count_committed = l->key_count;
    return OK;
}

typedef struct Restored {
    RecordId id;
    int64_t at_us;
    bool names_key;
    KeyBody key;
} Restored;

static Err read_restored(Ctx *c, Ledger *l, const LedgerLeaf *leaf, Restored *ret) {
    AUTO(JsonReader) reader = {0};
    TRY(json_reader_open(c, &reader));
    Record r;
    TRY(record_parse(c, &reader, leaf->envelope, &r));
    if (r.kind == RECORD_GENESIS || !str_eq_c(r.agency, l->agency))
        return fail(c, E_INVALID, "leaf %lld is no record of ours", (long long)leaf->seq);
    if (r.at_us <= l->logs[LEDGER_MAIN].last_at_us)
        return fail(c, E_INVALID, "leaf %lld is not later than what is before it",
                    (long long)leaf->seq);
    TRY(record_verify_sigs(c, &r));
    *ret = (Restored){.id = r.id, .at_us = r.at_us, .names_key = r.kind == RECORD_KEY};
    return ret->names_key ? ledger_key_body(c, &r, &ret->key) : OK;
}

static Err restore_leaf(Ctx *c, Ledger *l, const LedgerLeaf *leaf, const Restored *r) {
    LedgerLog *own = &l->logs[LEDGER_MAIN];
    bool content = leaf->envelope.n > 0, clash;
    CryptoHash commitment =
        content ? record_commitment(leaf->envelope, leaf->salt) : leaf->commitment;
    ForeignLeaf row = {.place = {LEDGER_MAIN, leaf->seq},
                       .commitment = &commitment,
                       .salt = leaf->salt,
                       .envelope = leaf->envelope,
                       .id = r->id};
    TRY(ledger_foreign_store(c, l, &row, &clash));
    if (content && r->names_key)
        TRY(ledger_key_row(c, l, &r->key, row.place));
    CryptoHash hash = ledger_merkle_leaf(commitment.b, sizeof commitment.b);
    NodeWriter w = {l, LEDGER_MAIN};
    TRY(ledger_tree_add_to(c, &own->tree, &hash, (NodeSink){ledger_node_add, &w}));
    if (content)
        own->last_at_us = r->at_us;
    return OK;
}

Err ledger_restore_add(Ctx *c, Ledger *l, const LedgerLeaf *leaf) {
    ASSERT(l->in_group && l->restoring);
    Restored r = {0};
    if (l->broken)
        return fail(c, E_STATE, "the restoration failed before; it can only be rolled back");
    if (leaf->seq != (int64_t)l->logs[LEDGER_MAIN].tree.size || leaf->seq >= LEDGER_SEQ_MAX)
        return fail(c, E_INVALID, "leaf %lld does not come next", (long long)leaf->seq);
    if (leaf->envelope.n > 0)
        TRY(read_restored(c, l, leaf, &r));
    Err e = restore_leaf(c, l, leaf, &r);
    l->broken = e != OK;
    return e;
}

static Err check_restored(Ctx *c, Ledger *l, Str note) {
    const LedgerLog *own = &l->logs[LEDGER_MAIN];
    LedgerCheckpoint cp;
    CryptoPublicKey key;
    char text[LEDGER_ORIGIN_BYTES_MAX];
    TRY(ledger_db_key_at(c, l->db, LEDGER_MAIN, (int64_t)own->tree.size, &key));
    TRY(ledger_note_verify(c, note, ledger_origin(l->agency, LEDGER_MAIN, text), &key, &cp));
    CryptoHash root = ledger_tree_root(&own->tree);
    if ((uint64_t)cp.size != own->tree.size || memcmp(root.b, cp.root.b, sizeof root.b) != 0)
        return fail(c, E_CRYPTO,
                    "what peers gave back does not lead to the checkpoint of size %lld",
                    (long long)cp.size);
    return OK;
}

static Err finish_restore(Ctx *c, Ledger *l, Str note) {
    const LedgerLog *own = &l->logs[LEDGER_MAIN];
    TRY(check_restored(c, l, note));
    StoreStmt *q = store_stmt(l->db, LQ_CHECKPOINT_ADD);
    store_bind_i64(q, ":log_id", LEDGER_MAIN);
    store_bind_i64(q, ":size", (int64_t)own->tree.size);
    store_bind_i64(q, ":at_us", own->last_at_us);
    store_bind_str(q, ":note", note);
    TRY(store_run(c, q));
    q = store_stmt(l->db, LQ_RESTORED_ADD);
    store_bind_i64(q, ":log_id", LEDGER_MAIN);
    store_bind_i64(q, ":from_seq", (int64_t)l->committed[LEDGER_MAIN].tree.size);
    store_bind_i64(q, ":upto_seq", (int64_t)own->tree.size);
    TRY(store_run(c, q));
    return store_commit(c, l->db);
}

Err ledger_restore_end(Ctx *c, Ledger *l, Str note, int64_t at_us) {
    ASSERT(l->in_group && l->restoring);
    LedgerLog *own = &l->logs[LEDGER_MAIN];
    if (at_us > own->last_at_us)
        own->last_at_us = at_us;
    Err e = l->broken ? fail(c, E_STATE, "the restoration failed before; it is rolled back") : OK;
    if (e == OK && own->tree.size == l->committed[LEDGER_MAIN].tree.size)
        e = fail(c, E_INVALID, "nothing was given back");
    if (e == OK)
        e = finish_restore(c, l, note);
    if (e != OK) {
        ledger_rollback(l);
        return e;
    }
    memcpy(l->committed, l->logs, sizeof l->logs);
    l->next_opening_committed = l->next_opening;
    l->in_group = l->restoring = false;
    return ledger_saved_compare(c, l, &l->rolled_back);
}

// Where it is a leaf that waits for its content.
static Err find_open(Ctx *c, Ledger *l, const LedgerLeaf *leaf, bool *ret_waits) {
    CryptoHash commitment = record_commitment(leaf->envelope, leaf->salt);
    AUTO(StoreQuery) q = store_stmt(l->db, LQ_LEAF_GET);
    store_bind_i64(q, ":place", ledger_place_key((LedgerPlace){LEDGER_MAIN, leaf->seq}));
    bool row;
    *ret_waits = false;
    TRY(store_step(c, q, &row));
    if (!row || !store_col_is_null(q, 1))
        return OK;
    Str have = store_col_str(q, 0);
    if (have.n != sizeof commitment.b || memcmp(have.p, commitment.b, have.n) != 0)
        return fail(c, E_CRYPTO, "leaf %lld is not what was given back", (long long)leaf->seq);
    *ret_waits = true;
    return OK;
}

static Err open_late(Ctx *c, Ledger *l, const LedgerLeaf *leaf, RecordId id) {
    bool clash;
    LedgerPlace place = {LEDGER_MAIN, leaf->seq};
    ForeignLeaf row = {.place = place,
                       .salt = leaf->salt,
                       .envelope = leaf->envelope,
                       .id = id,
                       .leaf_here = true};
    StoreStmt *q = store_stmt(l->db, LQ_LATE_ADD);
    store_bind_i64(q, ":opening_id", l->next_opening);
    store_bind_i64(q, ":place", ledger_place_key(place));
    TRY(store_run(c, q));
    return ledger_foreign_store(c, l, &row, &clash);
}

Err ledger_restore_open(Ctx *c, Ledger *l, const LedgerLeaf *leaf, bool *ret_opened) {
    ASSERT(l->in_group && !l->restoring && leaf->envelope.n > 0);
    AUTO(JsonReader) reader = {0};
    Record r;
    bool waits;
    TRY(find_open(c, l, leaf, &waits));
    if (waits) {
        TRY(json_reader_open(c, &reader));
        TRY(record_parse(c, &reader, leaf->envelope, &r));
        waits = r.kind != RECORD_KEY;
    }
    if (waits) {
        Err e = open_late(c, l, leaf, r.id);
        l->broken = l->broken || e != OK;
        TRY(e);
    }
    *ret_opened = waits;
    return OK;
}

// --- our own statement --------------------------------------------------------------------------

static Err check_recover_entry(Ctx *c, const LedgerEntry *entry, const LedgerRewind *rewind) {
    AUTO(JsonReader) reader = {0};
    AUTO(Buf) want = {0};
    TRY(json_reader_open(c, &reader));
    Record r;
    Str hex;
    TRY(record_parse(c, &reader, entry->envelope, &r));
    if (r.kind != RECORD_RECOVER)
        return fail(c, E_INVALID, "a recovery statement stands in a record of kind recover");
    TRY(json_get_str(c, r.body, "statement", &hex));
    buf_hex(&want, rewind->statement.p, rewind->statement.n);
    TRY(buf_check(c, &want));
    if (!str_eq(buf_view(&want), hex))
        return fail(c, E_INVALID, "the recover record holds another statement");
    return OK;
}

static Err check_good_size(Ctx *c, const Ledger *l, const LedgerRewind *rewind) {
    const LedgerTree *tree = &l->logs[LEDGER_MAIN].tree;
    CryptoHash root = ledger_tree_root(tree);
    if ((int64_t)tree->size != rewind->good_size)
        return fail(c, E_STATE,
                    "this copy of the log has %llu records, not %lld; restore the one that ends "
                    "there",
                    (unsigned long long)tree->size, (long long)rewind->good_size);
    if (memcmp(root.b, rewind->root.b, sizeof root.b) != 0)
        return fail(c, E_INVALID, "the recovery statement is of another history");
    return OK;
}

// The old key signs neither log any more.
static Err add_next_key(Ctx *c, Ledger *l, const LedgerRewind *rewind, const CryptoSignKey *next,
                        LedgerPlace place) {
    for (uint32_t log = 0; log < LEDGER_OWN_LOGS; log++) {
        KeyBody body = {log, (int64_t)l->logs[log].tree.size, rewind->next_key};
        body.from_size += log != LEDGER_MAIN; // in main the record itself was counted
        TRY(ledger_key_row(c, l, &body, place));
    }
    TRY(add_statement(c, l, rewind, LEDGER_MAIN, LEDGER_MAIN));
    if (crypto_equal(l->keys[0].public_key.b, rewind->next_key.b, sizeof rewind->next_key.b))
        return OK; // it was opened with it
    return ledger_hold_key(c, l, next);
}

Err ledger_append_recover(Ctx *c, Ledger *l, const LedgerEntry *entry, const LedgerRewind *rewind,
                          const CryptoSignKey *next) {
    CryptoPublicKey public_key = crypto_sign_key_public(next);
    LedgerPlace place;
    if (!crypto_equal(public_key.b, rewind->next_key.b, sizeof public_key.b))
        return fail(c, E_INVALID, "the statement names another key than the one at hand");
    TRY(check_good_size(c, l, rewind));
    TRY(check_recover_entry(c, entry, rewind));
    TRY(ledger_append(c, l, LEDGER_MAIN, entry, &place));
    Err e = add_next_key(c, l, rewind, next, place);
    l->broken = l->broken || e != OK;
    return e;
}
