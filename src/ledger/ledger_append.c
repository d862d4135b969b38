// The one writer: groups of records, each durable and provable when its commit returns.
#include "ledger/ledger_priv.h"

// --- the group as a whole -----------------------------------------------------------------------

int64_t ledger_next_at(const Ledger *l, uint32_t log, int64_t now_us) {
    ASSERT(log < LEDGER_OWN_LOGS);
    int64_t last = l->logs[log].last_at_us;
    return now_us > last ? now_us : last + 1;
}

static Err check_writable(Ctx *c, const Ledger *l) {
    if (l->rolled_back)
        return fail(c, E_READ_ONLY,
                    "this node was restored from an older copy and may not write: records that it "
                    "gave out are missing; run moei recover");
    if (l->key_count == 0)
        return fail(c, E_READ_ONLY, "the ledger is open for reading only");
    return OK;
}

Err ledger_begin(Ctx *c, Ledger *l) {
    ASSERT(!l->in_group);
    TRY(check_writable(c, l));
    TRY(store_begin(c, l->db));
    l->in_group = true;
    l->broken = false;
    l->group_records = 0;
    l->group_wal_pages = store_wal_pages(l->db);
    l->key_count_committed = l->key_count;
    return OK;
}

void ledger_rollback(Ledger *l) {
    if (!l->in_group)
        return;
    store_rollback(l->db);
    memcpy(l->logs, l->committed, sizeof l->logs);
    l->next_opening = l->next_opening_committed;
    l->key_count = l->key_count_committed;
    l->in_group = l->broken = l->restoring = false;
    l->group_records = 0;
    l->erasing = 0;
}

// --- append -------------------------------------------------------------------------------------

// The envelope is canonical, so `at` stands first and the id behind `"id":`. This keeps an index
// from saying other than the record does; that the whole is well-formed is the author's matter.
static Err check_entry(Ctx *c, const LedgerEntry *e) {
    char head[64] = "{\"record\":{\"at\":\"", at[TIME_TEXT_BYTES];
    char id[64] = "\"id\":\"", text[RECORD_ID_TEXT_BYTES];
    size_t place;
    if (e->at_us < BASE_TIME_US_MIN || e->at_us > BASE_TIME_US_MAX)
        return fail(c, E_INVALID, "a record's time is out of range");
    time_format_record(e->at_us, at);
    memcpy(head + 17, at, 27);
    record_id_text(e->id, text);
    memcpy(id + 6, text, 36);
    id[42] = '"';
    if (!str_starts(e->envelope, (Str){head, 44}) || !str_find(e->envelope, (Str){id, 43}, &place))
        return fail(c, E_INVALID, "an entry has another time or id than its envelope");
    if (e->envelope.n > RECORD_BYTES_MAX)
        return fail(c, E_LIMIT, "an envelope is longer than %d bytes", RECORD_BYTES_MAX);
    return OK;
}

static Err check_append(Ctx *c, const Ledger *l, uint32_t log, const LedgerEntry *e) {
    ASSERT(l->in_group && log < LEDGER_OWN_LOGS);
    if (l->broken)
        return fail(c, E_STATE, "the group failed before; nothing can be added to it");
    if (l->restoring)
        return fail(c, E_STATE, "the log is being restored; nothing new can be added to it yet");
    if (l->group_records >= LEDGER_GROUP_RECORDS_MAX)
        return fail(c, E_LIMIT, "a group holds %d records", LEDGER_GROUP_RECORDS_MAX);
    TRY(check_entry(c, e));
    if (e->at_us <= l->logs[log].last_at_us)
        return fail(c, E_STATE, "a record's time must be later than that of the one before it");
    if (l->logs[log].tree.size >= LEDGER_SEQ_MAX)
        return fail(c, E_LIMIT, "the log is full");
    return OK;
}

Err ledger_node_add(void *self, Ctx *c, unsigned level, uint64_t number, const CryptoHash *hash) {
    const NodeWriter *w = self;
    StoreStmt *q = store_stmt(w->l->db, LQ_NODE_ADD);
    store_bind_i64(q, ":log_id", w->log);
    store_bind_i64(q, ":level", level);
    store_bind_i64(q, ":number", (int64_t)number);
    store_bind_blob(q, ":hash", hash->b, sizeof hash->b);
    return store_run(c, q);
}

static Err insert_rows(Ctx *c, Ledger *l, int64_t place, const LedgerEntry *e,
                       const CryptoHash *commitment, const uint8_t *salt) {
    StoreStmt *q = store_stmt(l->db, LQ_OPENING_ADD);
    store_bind_at_i64(q, 1, l->next_opening);
    store_bind_at_blob(q, 2, salt, RECORD_SALT_BYTES);
    store_bind_at_blob(q, 3, e->envelope.p, e->envelope.n);
    TRY(store_run(c, q));
    q = store_stmt(l->db, LQ_LEAF_ADD);
    store_bind_at_i64(q, 1, place);
    store_bind_at_blob(q, 2, commitment->b, sizeof commitment->b);
    store_bind_at_i64(q, 3, l->next_opening);
    return store_run(c, q);
}

static Err insert_id(Ctx *c, Ledger *l, int64_t place, const LedgerEntry *e) {
    StoreStmt *q = store_stmt(l->db, LQ_RECORD_ADD);
    store_bind_at_blob(q, 1, e->id.b, sizeof e->id.b);
    store_bind_at_i64(q, 2, place);
    Err err = store_run(c, q);
    if (err != E_EXISTS)
        return err;
    char text[RECORD_ID_TEXT_BYTES];
    record_id_text(e->id, text);
    return fail(c, E_EXISTS, "record %s is in the ledger already", text);
}

static Err append(Ctx *c, Ledger *l, uint32_t log, const LedgerEntry *e, int64_t place) {
    LedgerLog *own = &l->logs[log];
    uint8_t salt[RECORD_SALT_BYTES];
    crypto_random_fill(l->random, salt, sizeof salt);
    CryptoHash commitment = record_commitment(e->envelope, salt);
    TRY(insert_rows(c, l, place, e, &commitment, salt));
    size_t in_group = (size_t)(own->tree.size - l->committed[log].tree.size);
    l->group_commitments[log][in_group] = commitment;
    CryptoHash leaf = ledger_merkle_leaf(commitment.b, sizeof commitment.b);
    NodeWriter w = {l, log};
    return ledger_tree_add_to(c, &own->tree, &leaf, (NodeSink){ledger_node_add, &w});
}

Err ledger_append(Ctx *c, Ledger *l, uint32_t log, const LedgerEntry *entry,
                  LedgerPlace *ret_place) {
    TRY(check_append(c, l, log, entry));
    LedgerPlace place = {log, (int64_t)l->logs[log].tree.size};
    int64_t key = ledger_place_key(place);
    // The id goes first: where it is known, nothing was written and the group can go on.
    Err e = insert_id(c, l, key, entry);
    if (e == E_EXISTS)
        return e;
    if (e == OK)
        e = append(c, l, log, entry, key);
    if (e != OK) {
        l->broken = true;
        return e;
    }
    l->next_opening++;
    l->group_records++;
    l->logs[log].last_at_us = entry->at_us;
    *ret_place = place;
    return OK;
}

// --- commit -------------------------------------------------------------------------------------

// Reads back what the group stored and hashes it: what is acknowledged has been seen in the tables.
static Err check_stored(Ctx *c, Ledger *l, uint32_t log) {
    int64_t from = (int64_t)l->committed[log].tree.size, upto = (int64_t)l->logs[log].tree.size;
    AUTO(StoreQuery) q = store_stmt(l->db, LQ_GROUP_CHECK);
    store_bind_i64(q, ":first", ledger_place_key((LedgerPlace){log, from}));
    store_bind_i64(q, ":beyond", ledger_place_key((LedgerPlace){log, upto}));
    for (int64_t seq = from; seq < upto; seq++) {
        bool row;
        TRY(store_step(c, q, &row));
        Str commitment = row ? store_col_str(q, 0) : (Str){0}, salt = {0};
        if (row)
            salt = store_col_str(q, 1);
        bool good = commitment.n == CRYPTO_HASH_BYTES && salt.n == RECORD_SALT_BYTES;
        if (good) {
            CryptoHash h = record_commitment(store_col_str(q, 2), (const uint8_t *)salt.p);
            good = memcmp(h.b, commitment.p, sizeof h.b) == 0 &&
                   memcmp(h.b, l->group_commitments[log][seq - from].b, sizeof h.b) == 0;
        }
        if (!good)
            return fail(c, E_CORRUPT, "%s: what was stored as leaf %lld is not what was given",
                        store_path(l->db), (long long)seq);
    }
    return OK;
}

static const CryptoSignKey *key_for(const Ledger *l, const CryptoPublicKey *public_key) {
    for (size_t i = 0; i < l->key_count; i++)
        if (crypto_equal(l->keys[i].public_key.b, public_key->b, sizeof public_key->b))
            return &l->keys[i].key;
    return NULL;
}

static Err add_checkpoint(Ctx *c, Ledger *l, uint32_t log) {
    const LedgerLog *own = &l->logs[log];
    LedgerTreeHead head = {own->tree.size, ledger_tree_root(&own->tree)};
    CryptoPublicKey public_key;
    TRY(ledger_db_key_at(c, l->db, log, (int64_t)head.size, &public_key));
    const CryptoSignKey *key = key_for(l, &public_key);
    if (!key)
        return fail(c, E_CRYPTO, "the log key for size %llu is not at hand",
                    (unsigned long long)head.size);
    AUTO(Buf) note = {0};
    char text[LEDGER_ORIGIN_BYTES_MAX];
    Str origin = ledger_origin(l->agency, log, text);
    TRY(ledger_note_write(c, origin, &head, key, &note));
    StoreStmt *q = store_stmt(l->db, LQ_CHECKPOINT_ADD);
    store_bind_i64(q, ":log_id", log);
    store_bind_i64(q, ":size", (int64_t)head.size);
    store_bind_i64(q, ":at_us", own->last_at_us);
    store_bind_str(q, ":note", buf_view(&note));
    return store_run(c, q);
}

static Err finish_group(Ctx *c, Ledger *l) {
    for (uint32_t log = 0; log < LEDGER_OWN_LOGS; log++) {
        if (l->logs[log].tree.size == l->committed[log].tree.size)
            continue;
        TRY(check_stored(c, l, log));
        TRY(add_checkpoint(c, l, log));
    }
    return store_commit(c, l->db);
}

// A checkpoint of the WAL that fails takes nothing back: what was committed lies in the WAL, and
// the next group tries again. Its words must not stand as the words of a commit that went well.
// After a large group more may wait: those of a backlog write the same pages again and again.
static void move_pages(Ledger *l) {
    int64_t pages = store_wal_pages(l->db), group = pages - l->group_wal_pages;
    bool large = (group < 0 ? pages : group) > LEDGER_BACKLOG_GROUP_PAGES_MIN;
    if (pages < (large ? LEDGER_BACKLOG_WAL_PAGES_MAX : LEDGER_WAL_PAGES_MAX))
        return;
    AUTO(Ctx) quiet;
    ctx_init(&quiet);
    Err e = store_checkpoint(&quiet, l->db, STORE_CHECKPOINT_PASSIVE);
    (void)e;
}

Err ledger_commit(Ctx *c, Ledger *l) {
    ASSERT(l->in_group);
    Err e = l->broken ? fail(c, E_STATE, "the group failed before; it is rolled back")
                      : finish_group(c, l);
    if (e != OK) {
        ledger_rollback(l);
        return e;
    }
    memcpy(l->committed, l->logs, sizeof l->logs);
    l->next_opening_committed = l->next_opening;
    l->in_group = false;
    move_pages(l);
    return OK;
}

static Err append_all(Ctx *c, Ledger *l, uint32_t log, const LedgerEntry *entries, size_t n,
                      LedgerPlace *ret_places) {
    LedgerPlace place;
    for (size_t i = 0; i < n; i++)
        TRY(ledger_append(c, l, log, &entries[i], ret_places ? &ret_places[i] : &place));
    return OK;
}

Err ledger_append_group(Ctx *c, Ledger *l, uint32_t log, const LedgerEntry *entries, size_t n,
                        LedgerPlace *ret_places) {
    TRY(ledger_begin(c, l));
    Err e = append_all(c, l, log, entries, n, ret_places);
    if (e == OK)
        return ledger_commit(c, l);
    ledger_rollback(l);
    return e;
}

// --- keys ---------------------------------------------------------------------------------------

Err ledger_key_body(Ctx *c, const Record *r, KeyBody *ret_body) {
    KeyBody body;
    Str log, key;
    TRY(json_get_str(c, r->body, "log", &log));
    TRY(json_get_str(c, r->body, "log_key", &key));
    TRY(json_get_int(c, r->body, "from_size", &body.from_size));
    body.log = str_eq_c(log, "reads") ? LEDGER_READS : LEDGER_MAIN;
    ASSERT(hex_decode(key, body.key.b, sizeof body.key.b));
    *ret_body = body;
    return OK;
}

static Err read_key_body(Ctx *c, Str envelope, KeyBody *ret_body) {
    AUTO(JsonReader) reader = {0};
    TRY(json_reader_open(c, &reader));
    Record r;
    TRY(record_parse(c, &reader, envelope, &r));
    if (r.kind != RECORD_KEY)
        return fail(c, E_INVALID, "a record that names a log key is of kind key");
    return ledger_key_body(c, &r, ret_body);
}

Err ledger_key_row(Ctx *c, Ledger *l, const KeyBody *body, LedgerPlace place) {
    StoreStmt *q = store_stmt(l->db, LQ_LOG_KEY_ADD);
    store_bind_i64(q, ":log_id", body->log);
    store_bind_i64(q, ":from_size", body->from_size);
    store_bind_blob(q, ":public_key", body->key.b, sizeof body->key.b);
    store_bind_i64(q, ":place", ledger_place_key(place));
    return store_run(c, q);
}

Err ledger_hold_key(Ctx *c, Ledger *l, const CryptoSignKey *key) {
    if (l->key_count == LEDGER_SIGN_KEYS_MAX)
        return fail(c, E_LIMIT, "too many new log keys at once; open the ledger again first");
    l->keys[l->key_count].key = *key;
    l->keys[l->key_count++].public_key = crypto_sign_key_public(key);
    return OK;
}

Err ledger_append_key(Ctx *c, Ledger *l, const LedgerEntry *entry, const CryptoSignKey *next) {
    KeyBody body;
    TRY(read_key_body(c, entry->envelope, &body));
    CryptoPublicKey public_key = crypto_sign_key_public(next);
    if (!crypto_equal(public_key.b, body.key.b, sizeof body.key.b))
        return fail(c, E_INVALID, "the key record names another key than the one at hand");
    int64_t size = ledger_size(l, body.log) + (body.log == LEDGER_MAIN);
    if (body.from_size <= size)
        return fail(c, E_INVALID, "a new log key holds from a size above %lld", (long long)size);
    if (l->key_count == LEDGER_SIGN_KEYS_MAX)
        return fail(c, E_LIMIT, "too many new log keys at once; open the ledger again first");
    LedgerPlace place;
    TRY(ledger_append(c, l, LEDGER_MAIN, entry, &place));
    Err e = ledger_key_row(c, l, &body, place);
    if (e == OK)
        e = ledger_hold_key(c, l, next);
    l->broken = l->broken || e != OK;
    return e;
}
