#include "node.h"

#include <unistd.h>

#include "store/store.h"

// --- folder and life ----------------------------------------------------------------------------

void node_empty(Ctx *c, const char *dir) {
    Str *names, path;
    size_t n;
    assert_ok(c, dir_list(c, str_of(dir), &names, &n));
    for (size_t i = 0; i < n; i++) {
        assert_ok(c, str_format(c, &path, "%s/" STR_FMT, dir, STR_ARG(names[i])));
        assert_ok(c, file_remove(c, path));
    }
}

void node_prepare(Node *n, uint64_t seed) {
    *n = (Node){.now_us = NODE_START_US};
    test_folder(n->dir, sizeof n->dir);
    n->random = crypto_random_seeded(&n->random_state, seed);
    CryptoSeed key_seed;
    crypto_random_fill(n->random, key_seed.b, sizeof key_seed.b);
    crypto_sign_key_from_seed(&key_seed, &n->key, &n->public_key);
}

LedgerOptions node_options(Node *n) {
    return (LedgerOptions){.dir = str_of(n->dir), .random = n->random, .log_key = &n->key};
}

Err node_create(Ctx *c, Node *n) {
    LedgerOptions o = node_options(n);
    LedgerGenesis g = {.name = STR("th-centre"),
                       .title = STR("Centre"),
                       .country = STR("TH"),
                       .agency_kind = STR("centre"),
                       .timezone = STR("Asia/Bangkok"),
                       .recovery_key = n->public_key,
                       .mark = record_mark_default(),
                       .at_us = n->now_us++};
    return ledger_create(c, &o, &g, &n->ledger);
}

void node_start(Ctx *c, Node *n, uint64_t seed) {
    node_prepare(n, seed);
    assert_ok(c, node_create(c, n));
}

void node_open(Ctx *c, Node *n) {
    LedgerOptions o = node_options(n);
    assert_null(n->ledger);
    assert_ok(c, ledger_open(c, &o, &n->ledger));
}

void node_close(Node *n) {
    ledger_close(n->ledger);
    n->ledger = NULL;
}

void node_remove(Node *n) {
    AUTO(Ctx) c;
    ctx_init(&c);
    node_close(n);
    node_empty(&c, n->dir);
    rmdir(n->dir);
}

// --- records ------------------------------------------------------------------------------------

Err node_envelope(Ctx *c, Node *n, const char *story, size_t bytes, Buf *out, LedgerEntry *ret) {
    AUTO(Buf) body = {0};
    buf_format(&body,
               "{\"accounts\":[],\"channel\":null,\"country\":null,\"currency\":null,"
               "\"happened_at\":null,\"loss\":null,\"phones\":[],\"report\":\"R-%lld\","
               "\"reported_at\":null,\"row\":\"%064lld\",\"story\":\"%s",
               (long long)n->made, (long long)n->made, story);
    while (!body.failed && body.n + 700 < bytes)
        buf_char(&body, (char)('a' + body.n % 23));
    buf_text(&body, "\",\"transfers\":[],\"urls\":[],\"victim\":null}");
    TRY(buf_check(c, &body));
    n->now_us = ledger_next_at(n->ledger, LEDGER_MAIN, n->now_us + 10);
    RecordDraft d = {.kind = RECORD_REPORT,
                     .id = record_id_new(n->now_us, n->random),
                     .at_us = n->now_us,
                     .agency = ledger_agency(n->ledger),
                     .mark = record_mark_default(),
                     .purpose = STR("trace"),
                     .body_json = buf_view(&body)};
    size_t from = out->n;
    TRY(record_write(c, &d, out));
    *ret = (LedgerEntry){(Str){out->p + from, out->n - from}, d.id, d.at_us};
    n->made++;
    return OK;
}

Err node_append(Ctx *c, Node *n, size_t count, size_t bytes) {
    TRY(ledger_begin(c, n->ledger));
    Err e = OK;
    for (size_t i = 0; i < count && e == OK; i++) {
        AUTO(Buf) out = {0};
        LedgerEntry entry;
        LedgerPlace place;
        e = node_envelope(c, n, "x", bytes, &out, &entry);
        if (e == OK)
            e = ledger_append(c, n->ledger, LEDGER_MAIN, &entry, &place);
    }
    if (e == OK)
        return ledger_commit(c, n->ledger);
    ledger_rollback(n->ledger);
    return e;
}

Err node_erase(Ctx *c, Node *n, LedgerPlace place, RecordId id, LedgerPlace *ret_by) {
    char text[RECORD_ID_TEXT_BYTES];
    record_id_text(id, text);
    AUTO(Buf) body = {0};
    AUTO(Buf) out = {0};
    buf_format(&body,
               "{\"leaf\":%lld,\"log\":\"main\",\"reason\":\"court order\",\"record\":\"%s\"}",
               (long long)place.seq, text);
    TRY(buf_check(c, &body));
    n->now_us = ledger_next_at(n->ledger, LEDGER_MAIN, n->now_us + 10);
    RecordDraft d = {.kind = RECORD_ERASE,
                     .id = record_id_new(n->now_us, n->random),
                     .at_us = n->now_us,
                     .agency = ledger_agency(n->ledger),
                     .mark = record_mark_default(),
                     .purpose = STR("erasure"),
                     .body_json = buf_view(&body)};
    TRY(record_write(c, &d, &out));
    LedgerEntry entry = {buf_view(&out), d.id, d.at_us};
    return ledger_erase(c, n->ledger, place, &entry, ret_by);
}

RecordId node_id_at(Ctx *c, Node *n, LedgerPlace place) {
    AUTO(LedgerReaderOwned) r = NULL;
    AUTO(JsonReader) json = {0};
    LedgerItem item;
    Record record;
    assert_ok(c, ledger_reader_open(c, str_of(n->dir), &r));
    assert_ok(c, ledger_get(c, r, place, &item));
    assert_ok(c, json_reader_open(c, &json));
    assert_ok(c, record_parse(c, &json, item.envelope, &record));
    return record.id;
}

// --- looking and tampering ----------------------------------------------------------------------

LedgerVerdict node_verify(Ctx *c, Node *n) {
    AUTO(LedgerReaderOwned) r = NULL;
    LedgerVerdict v;
    assert_ok(c, ledger_reader_open(c, str_of(n->dir), &r));
    assert_ok(c, ledger_verify(c, r, (LedgerProgress){0}, &v));
    return v;
}

static int64_t never(void *self, const int64_t *args) {
    (void)self, (void)args;
    return 0;
}

Err node_sql(Ctx *c, Node *n, const char *sql) {
    static const char *const names[] = {"s"};
    static const StoreFunction function = {"ledger_may_erase", 0, never, NULL};
    AUTO(Buf) text = {0};
    buf_format(&text, "-- :s\n%s\n", sql);
    buf_char(&text, 0);
    StoreSql list = {"statements", text.p};
    StoreSchema schema = {"tamper", &list, 1, names, 1};
    const StoreSchema *const schemas[] = {&schema};
    StoreOptions o = {.mode = STORE_WRITE,
                      .schemas = schemas,
                      .schema_count = 1,
                      .functions = &function,
                      .function_count = 1};
    AUTO(StoreDbOwned) db = NULL;
    Str path;
    TRY(str_format(c, &path, "%s/ledger.db", n->dir));
    TRY(store_open(c, path, &o, &db));
    TRY(store_run(c, store_stmt(db, 0)));
    return store_changes(db) > 0 || strncmp(sql, "DROP", 4) == 0
               ? OK
               : fail(c, E_NOT_FOUND, "nothing changed");
}

void node_tamper(Ctx *c, Node *n, const char *trigger, const char *sql) {
    char drop[64];
    assert_int_equal(node_sql(c, n, sql), E_STATE); // the trigger holds
    snprintf(drop, sizeof drop, "DROP TRIGGER %s", trigger);
    assert_ok(c, node_sql(c, n, drop));
    assert_ok(c, node_sql(c, n, sql));
}
