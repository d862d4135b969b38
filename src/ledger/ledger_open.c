// Making, opening and closing a ledger, and the checkpoint file beside the database.
#include "ledger/ledger_priv.h"

#include <stdio.h>

#include "ledger_sql.h"

static const char *const statement_names[LQ_COUNT] = {
    [LQ_LOG_GET] = "log_get",
    [LQ_LOG_KEY_AT] = "log_key_at",
    [LQ_LOG_KEY_LIST] = "log_key_list",
    [LQ_LOG_LIST] = "log_list",
    [LQ_LEAF_LAST] = "leaf_last",
    [LQ_LEAF_HASHES] = "leaf_hashes",
    [LQ_NODE_HASHES] = "node_hashes",
    [LQ_RECORD_FIND] = "record_find",
    [LQ_CHECKPOINT_LAST] = "checkpoint_last",
    [LQ_CHECKPOINT_AT] = "checkpoint_at",
    [LQ_CHECKPOINT_RANGE] = "checkpoint_range",
    [LQ_COUNTS] = "counts",
    [LQ_ITEM_GET] = "item_get",
    [LQ_SCAN] = "scan",
    [LQ_LOG_ALL] = "log_all",
    [LQ_LOG_FIND] = "log_find",
    [LQ_LOG_STATE_GET] = "log_state_get",
    [LQ_LOG_ENDED] = "log_ended",
    [LQ_REWIND_TO] = "rewind_to",
    [LQ_REWIND_ALL] = "rewind_all",
    [LQ_LOG_FIRST] = "log_first",
    [LQ_LOG_KEY_NEXT] = "log_key_next",
    [LQ_CHECKPOINT_BELOW] = "checkpoint_below",
    [LQ_LOOSE_AT] = "loose_at",
    [LQ_LOOSE_ABOVE] = "loose_above",
    [LQ_LOOSE_LEAF_GET] = "loose_leaf_get",
    [LQ_LOOSE_LEAF_NEXT] = "loose_leaf_next",
    [LQ_LEAF_GET] = "leaf_get",
    [LQ_CLASH_GET] = "clash_get",
    [LQ_RESTORED_AT] = "restored_at",
    [LQ_ARRIVALS] = "arrivals",
    [LQ_LOG_ADD] = "log_add",
    [LQ_LOG_KEY_ADD] = "log_key_add",
    [LQ_RECORD_ADD] = "record_add",
    [LQ_OPENING_ADD] = "opening_add",
    [LQ_LEAF_ADD] = "leaf_add",
    [LQ_NODE_ADD] = "node_add",
    [LQ_CHECKPOINT_ADD] = "checkpoint_add",
    [LQ_GROUP_CHECK] = "group_check",
    [LQ_OPENING_ERASE] = "opening_erase",
    [LQ_ERASURE_ADD] = "erasure_add",
    [LQ_ID_ADD] = "id_add",
    [LQ_CLASH_ADD] = "clash_add",
    [LQ_LEAF_OPEN] = "leaf_open",
    [LQ_LATE_ADD] = "late_add",
    [LQ_NODE_KEEP] = "node_keep",
    [LQ_LOG_STATE_ADD] = "log_state_add",
    [LQ_OPENING_CHECK] = "opening_check",
    [LQ_LOOSE_ADD] = "loose_add",
    [LQ_LOOSE_LEAF_ADD] = "loose_leaf_add",
    [LQ_LOOSE_LEAF_REMOVE] = "loose_leaf_remove",
    [LQ_LOG_KEY_FIND] = "log_key_find",
    [LQ_LOG_KEY_COPY] = "log_key_copy",
    [LQ_LOG_LAST] = "log_last",
    [LQ_LOG_COUNT] = "log_count",
    [LQ_REWIND_FIND] = "rewind_find",
    [LQ_REWIND_LAST] = "rewind_last",
    [LQ_REWIND_ADD] = "rewind_add",
    [LQ_RESTORED_ADD] = "restored_add",
    [LQ_LOG_KEY_PLACE] = "log_key_place",
};
static const StoreSchema schema_write = {"ledger", ledger_sql, COUNT_OF(ledger_sql),
                                         statement_names, LQ_COUNT};
static const StoreSchema schema_read = {"ledger", ledger_sql, COUNT_OF(ledger_sql), statement_names,
                                        LQ_WRITER};

// --- small things -------------------------------------------------------------------------------

const char *ledger_log_name(uint32_t log) {
    return log == LEDGER_MAIN ? "main" : log == LEDGER_READS ? "reads" : "of another agency";
}

Str ledger_origin(const char *agency, uint32_t log, char ret_text[LEDGER_ORIGIN_BYTES_MAX]) {
    const char *name = log < LEDGER_OWN_LOGS ? ledger_log_name(log) : "main";
    int n = snprintf(ret_text, LEDGER_ORIGIN_BYTES_MAX, "moei/%s/%s", agency, name);
    ASSERT(n > 0 && n < LEDGER_ORIGIN_BYTES_MAX);
    return (Str){ret_text, (size_t)n};
}

static Err path_in(Ctx *c, Str dir, const char *name, Str *ret_path) {
    return str_format(c, ret_path, STR_FMT "/%s", STR_ARG(dir), name);
}

static Err keep_dir(Ctx *c, Str dir, char ret_dir[BASE_PATH_BYTES_MAX]) {
    // Room is left for the names of the files inside.
    if (dir.n == 0 || dir.n + 32 >= BASE_PATH_BYTES_MAX)
        return fail(c, E_INVALID, "the path of the node's folder is empty or too long");
    memcpy(ret_dir, dir.p, dir.n);
    ret_dir[dir.n] = 0;
    return OK;
}

Err ledger_db_open(Ctx *c, Str dir, const LedgerOptions *o, StoreFunction *may_erase,
                   StoreDb **ret_db) {
    const StoreSchema *schemas[STORE_SCHEMAS_MAX] = {may_erase ? &schema_write : &schema_read};
    StoreOptions options = {.mode = may_erase ? STORE_CREATE : STORE_READ,
                            .sync = STORE_SYNC_FULL,
                            .schemas = schemas,
                            .schema_count = 1,
                            .functions = may_erase,
                            .function_count = may_erase ? 1 : 0,
                            .cache_kib = o ? LEDGER_CACHE_KIB : LEDGER_READER_CACHE_KIB};
    if (o) {
        ASSERT(o->schema_count < STORE_SCHEMAS_MAX);
        for (size_t i = 0; i < o->schema_count; i++)
            schemas[options.schema_count++] = o->schemas[i];
    }
    Str path;
    TRY(path_in(c, dir, "ledger.db", &path));
    return store_open(c, path, &options, ret_db);
}

// E_NOT_FOUND when there is no such log.
Err ledger_read_agency(Ctx *c, StoreDb *db, uint32_t log,
                       char ret_agency[LEDGER_AGENCY_TEXT_BYTES]) {
    AUTO(StoreQuery) q = store_stmt(db, LQ_LOG_GET);
    store_bind_i64(q, ":log_id", log);
    bool row;
    TRY(store_step(c, q, &row));
    Str agency = row ? store_col_str(q, 0) : (Str){0};
    if (agency.n != CRYPTO_HASH_BYTES)
        return fail(c, E_NOT_FOUND, "%s holds no log %s", store_path(db), ledger_log_name(log));
    for (size_t i = 0; i < agency.n; i++)
        snprintf(ret_agency + 2 * i, 3, "%02x", (unsigned char)agency.p[i]);
    return OK;
}

static Err head_size(Ctx *c, StoreDb *db, uint32_t log, int64_t *ret_size) {
    AUTO(StoreQuery) q = store_stmt(db, LQ_CHECKPOINT_LAST);
    store_bind_i64(q, ":log_id", log);
    bool row;
    TRY(store_step(c, q, &row));
    *ret_size = row ? store_col_i64(q, 0) : 0;
    return OK;
}

Err ledger_db_size(Ctx *c, StoreDb *db, uint32_t log, int64_t *ret_size) {
    if (log >= LEDGER_OWN_LOGS)
        return head_size(c, db, log, ret_size);
    AUTO(StoreQuery) q = store_stmt(db, LQ_LEAF_LAST);
    store_bind_i64(q, ":first", ledger_place_key((LedgerPlace){log, 0}));
    store_bind_i64(q, ":beyond", ledger_place_key((LedgerPlace){log + 1, 0}));
    bool row;
    TRY(store_step(c, q, &row));
    *ret_size = row ? ledger_place_of_key(store_col_i64(q, 0)).seq + 1 : 0;
    return OK;
}

Err ledger_db_key_at(Ctx *c, StoreDb *db, uint32_t log, int64_t size, CryptoPublicKey *ret_key) {
    AUTO(StoreQuery) q = store_stmt(db, LQ_LOG_KEY_AT);
    store_bind_i64(q, ":log_id", log);
    store_bind_i64(q, ":size", size);
    bool row;
    TRY(store_step(c, q, &row));
    Str key = row ? store_col_str(q, 0) : (Str){0};
    if (key.n != sizeof ret_key->b)
        return fail(c, E_CORRUPT, "%s: log %s has no key for size %lld", store_path(db),
                    ledger_log_name(log), (long long)size);
    memcpy(ret_key->b, key.p, key.n);
    return OK;
}

// --- the writer's memory of its logs ------------------------------------------------------------

// The stored checkpoint must be the one of this tree: else the database was changed by others.
static Err check_last(Ctx *c, Ledger *l, uint32_t log) {
    LedgerLog *own = &l->logs[log];
    if (own->tree.size == 0)
        return OK;
    AUTO(StoreQuery) q = store_stmt(l->db, LQ_CHECKPOINT_LAST);
    store_bind_i64(q, ":log_id", log);
    bool row;
    TRY(store_step(c, q, &row));
    LedgerCheckpoint cp = {.size = -1};
    Err e = row ? ledger_note_parse(c, store_col_str(q, 2), &cp) : E_NOT_FOUND;
    CryptoHash root = ledger_tree_root(&own->tree);
    if (e != OK || (uint64_t)cp.size != own->tree.size || store_col_i64(q, 0) != cp.size ||
        memcmp(cp.root.b, root.b, sizeof root.b) != 0)
        return fail(c, E_CORRUPT,
                    "%s: the newest checkpoint of log %s does not fit its %llu records; run moei "
                    "verify",
                    store_path(l->db), ledger_log_name(log), (unsigned long long)own->tree.size);
    own->last_at_us = store_col_i64(q, 1);
    return OK;
}

static Err load_log(Ctx *c, Ledger *l, uint32_t log) {
    LedgerLog *own = &l->logs[log];
    int64_t size;
    TRY(ledger_db_size(c, l->db, log, &size));
    TRY(ledger_db_tree(c, l->db, log, size, &own->tree));
    own->last_at_us = BASE_TIME_US_MIN - 1;
    TRY(check_last(c, l, log));
    l->committed[log] = *own;
    return OK;
}

static Err load_next_opening(Ctx *c, Ledger *l) {
    AUTO(StoreQuery) q = store_stmt(l->db, LQ_COUNTS);
    bool row;
    TRY(store_step(c, q, &row));
    l->next_opening = l->next_opening_committed = store_col_i64(q, 1) + 1;
    return OK;
}

static void add_key(Ledger *l, const CryptoSignKey *key) {
    ASSERT(l->key_count < LEDGER_SIGN_KEYS_MAX);
    l->keys[l->key_count].key = *key;
    l->keys[l->key_count++].public_key = crypto_sign_key_public(key);
}

static Err check_key(Ctx *c, Ledger *l, bool recovering) {
    if (l->key_count == 0 || recovering)
        return OK;
    CryptoPublicKey want;
    TRY(ledger_db_key_at(c, l->db, LEDGER_MAIN, ledger_size(l, LEDGER_MAIN) + 1, &want));
    bool found = false;
    for (size_t i = 0; i < l->key_count; i++)
        found |= crypto_equal(want.b, l->keys[i].public_key.b, sizeof want.b);
    if (!found)
        return fail(c, E_CRYPTO, "the log key at hand is not the one that %s names",
                    store_path(l->db));
    return OK;
}

static int64_t may_erase(void *self, const int64_t *args) {
    (void)args;
    return *(int64_t *)self;
}

static Err start(Ctx *c, const LedgerOptions *o, Ledger **ret_ledger) {
    AUTO(LedgerOwned) l = mem_alloc_zero(1, sizeof *l);
    if (!l)
        return fail(c, E_MEMORY, "not enough memory to open the ledger");
    TRY(keep_dir(c, o->dir, l->dir));
    l->random = o->random;
    if (o->log_key)
        add_key(l, o->log_key);
    if (o->earlier_count >= LEDGER_SIGN_KEYS_MAX)
        return fail(c, E_LIMIT, "more than %d log keys", LEDGER_SIGN_KEYS_MAX);
    for (size_t i = 0; i < o->earlier_count; i++)
        add_key(l, &o->earlier[i]);
    StoreFunction function = {"ledger_may_erase", 0, may_erase, &l->erasing};
    TRY(ledger_db_open(c, o->dir, o, &function, &l->db));
    *ret_ledger = l;
    l = NULL;
    return OK;
}

// --- create -------------------------------------------------------------------------------------

static Err write_genesis(Ctx *c, const LedgerOptions *o, const LedgerGenesis *g, RecordId id,
                         Buf *envelope) {
    CryptoPublicKey log_key = crypto_sign_key_public(o->log_key);
    AUTO(Buf) body = {0};
    AUTO(Buf) hex = {0};
    buf_hex(&hex, log_key.b, sizeof log_key.b);
    buf_hex(&hex, g->recovery_key.b, sizeof g->recovery_key.b);
    TRY(buf_check(c, &hex));
    JsonWriter w = json_writer_start(&body);
    json_put_object_begin(&w);
    json_put_key_str(&w, "agency_kind", g->agency_kind);
    json_put_key_str(&w, "country", g->country);
    json_put_key_str(&w, "log_key", (Str){hex.p, 64});
    json_put_key_str(&w, "name", g->name);
    json_put_key_str(&w, "recovery_key", (Str){hex.p + 64, 64});
    json_put_key_str(&w, "timezone", g->timezone);
    json_put_key_str(&w, "title", g->title);
    json_put_object_end(&w);
    TRY(json_writer_end(c, &w));
    RecordDraft d = {.kind = RECORD_GENESIS,
                     .id = id,
                     .at_us = g->at_us,
                     .mark = g->mark,
                     .purpose = STR("genesis"),
                     .body_json = buf_view(&body)};
    TRY(record_write(c, &d, envelope));
    AUTO(JsonReader) reader = {0};
    TRY(json_reader_open(c, &reader));
    Record r;
    return record_parse(c, &reader, buf_view(envelope), &r);
}

static Err add_log(Ctx *c, Ledger *l, uint32_t log, const CryptoHash *agency) {
    StoreStmt *q = store_stmt(l->db, LQ_LOG_ADD);
    store_bind_i64(q, ":log_id", log);
    store_bind_blob(q, ":agency", agency->b, sizeof agency->b);
    store_bind_str(q, ":name", str_of(ledger_log_name(log)));
    TRY(store_run(c, q));
    q = store_stmt(l->db, LQ_LOG_KEY_ADD);
    store_bind_i64(q, ":log_id", log);
    store_bind_i64(q, ":from_size", 0);
    store_bind_blob(q, ":public_key", l->keys[0].public_key.b, sizeof l->keys[0].public_key.b);
    store_bind_i64(q, ":place", ledger_place_key((LedgerPlace){LEDGER_MAIN, 0}));
    return store_run(c, q);
}

static Err found(Ctx *c, Ledger *l, const LedgerEntry *genesis) {
    TRY(ledger_begin(c, l));
    LedgerPlace place;
    TRY(ledger_append(c, l, LEDGER_MAIN, genesis, &place));
    // A tree of one leaf: its root is the leaf hash, which is the agency id.
    CryptoHash agency = ledger_tree_root(&l->logs[LEDGER_MAIN].tree);
    for (size_t i = 0; i < sizeof agency.b; i++)
        snprintf(l->agency + 2 * i, 3, "%02x", agency.b[i]);
    TRY(add_log(c, l, LEDGER_MAIN, &agency));
    TRY(add_log(c, l, LEDGER_READS, &agency));
    return ledger_commit(c, l);
}

Err ledger_create(Ctx *c, const LedgerOptions *options, const LedgerGenesis *genesis,
                  Ledger **ret_ledger) {
    if (!options->log_key)
        return fail(c, E_INVALID, "a new ledger needs a log key");
    AUTO(Buf) envelope = {0};
    RecordId id = record_id_new(genesis->at_us, options->random);
    TRY(write_genesis(c, options, genesis, id, &envelope));
    AUTO(LedgerOwned) l = NULL;
    TRY(start(c, options, &l));
    // A database without logs is what a crash left of an earlier attempt.
    char agency[LEDGER_AGENCY_TEXT_BYTES];
    Err e = ledger_read_agency(c, l->db, LEDGER_MAIN, agency);
    if (e == OK)
        return fail(c, E_EXISTS, "%s is there already", store_path(l->db));
    if (e != E_NOT_FOUND)
        return e;
    for (uint32_t log = 0; log < LEDGER_OWN_LOGS; log++)
        TRY(load_log(c, l, log));
    TRY(load_next_opening(c, l));
    LedgerEntry entry = {buf_view(&envelope), id, genesis->at_us};
    TRY(found(c, l, &entry));
    *ret_ledger = l;
    l = NULL;
    return OK;
}

// --- open ---------------------------------------------------------------------------------------

Err ledger_open(Ctx *c, const LedgerOptions *options, Ledger **ret_ledger) {
    Str path;
    TRY(path_in(c, options->dir, "ledger.db", &path));
    if (!file_exists(path))
        return fail(c, E_NOT_FOUND, STR_FMT " is not there; moei init makes a node", STR_ARG(path));
    AUTO(LedgerOwned) l = NULL;
    TRY(start(c, options, &l));
    TRY(ledger_read_agency(c, l->db, LEDGER_MAIN, l->agency));
    for (uint32_t log = 0; log < LEDGER_OWN_LOGS; log++)
        TRY(load_log(c, l, log));
    TRY(load_next_opening(c, l));
    TRY(check_key(c, l, options->recovering));
    TRY(ledger_saved_compare(c, l, &l->rolled_back));
    *ret_ledger = l;
    l = NULL;
    return OK;
}

void ledger_close(Ledger *l) {
    if (!l)
        return;
    store_close(l->db);
    crypto_wipe(l->keys, sizeof l->keys);
    mem_free(l);
}

void LedgerOwned_cleanup(LedgerOwned *l) {
    ledger_close(*l);
}

Str ledger_agency(const Ledger *l) {
    return str_of(l->agency);
}

int64_t ledger_size(const Ledger *l, uint32_t log) {
    ASSERT(log < LEDGER_OWN_LOGS);
    return (int64_t)l->logs[log].tree.size;
}

StoreDb *ledger_db(Ledger *l) {
    return l->db;
}

bool ledger_rolled_back(const Ledger *l) {
    return l->rolled_back;
}

// --- readers ------------------------------------------------------------------------------------

Err ledger_reader_open(Ctx *c, Str dir, LedgerReader **ret_reader) {
    AUTO(LedgerReaderOwned) r = mem_alloc_zero(1, sizeof *r);
    if (!r)
        return fail(c, E_MEMORY, "not enough memory to open the ledger");
    TRY(keep_dir(c, dir, r->dir));
    TRY(ledger_db_open(c, dir, NULL, NULL, &r->db));
    TRY(ledger_read_agency(c, r->db, LEDGER_MAIN, r->agency));
    *ret_reader = r;
    r = NULL;
    return OK;
}

void ledger_reader_close(LedgerReader *r) {
    if (!r)
        return;
    store_close(r->db);
    mem_free(r);
}

void LedgerReaderOwned_cleanup(LedgerReaderOwned *r) {
    ledger_reader_close(*r);
}

Str ledger_reader_agency(const LedgerReader *r) {
    return str_of(r->agency);
}
