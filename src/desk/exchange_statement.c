// A node's own recovery statement: made with the recovery key from its paper, on the folder alone.
//
// What it needs later, the next keys and the statement, is in local.db before the record is in the
// ledger: the command can be given again wherever it was broken off.
#include "desk/exchange_priv.h"

#define LETTERS 56 // of a recovery key: 32 bytes and three of their hash

// --- the key on paper ---------------------------------------------------------------------------

// Hyphens, blanks and the letters that are taken for digits are put up with.
static int letter_value(char ch) {
    static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
    char low = ch >= 'A' && ch <= 'Z' ? (char)(ch - 'A' + 'a') : ch;
    low = low == 'o' ? '0' : low == 'i' || low == 'l' ? '1' : low;
    const char *at = low ? strchr(letters, low) : NULL;
    return at ? (int)(at - letters) : -1;
}

static Err key_of_paper(Ctx *c, Str text, CryptoSignKey *ret_key, CryptoPublicKey *ret_public) {
    uint8_t bytes[LETTERS * 5 / 8] = {0};
    size_t n = 0;
    bool good = true;
    for (size_t i = 0; i < text.n && good; i++) {
        if (text.p[i] == '-' || text.p[i] == ' ')
            continue;
        int v = letter_value(text.p[i]);
        good = v >= 0 && n < LETTERS;
        for (size_t b = 0; good && b < 5; b++)
            if (v >> (4 - b) & 1)
                bytes[(n * 5 + b) / 8] |= (uint8_t)(0x80 >> ((n * 5 + b) % 8));
        n += good;
    }
    CryptoHash check = crypto_sha256(bytes, 32);
    good = good && n == LETTERS && memcmp(check.b, bytes + 32, 3) == 0;
    CryptoSeed seed;
    memcpy(seed.b, bytes, sizeof seed.b);
    if (good)
        crypto_sign_key_from_seed(&seed, ret_key, ret_public);
    crypto_wipe(&seed, sizeof seed);
    crypto_wipe(bytes, sizeof bytes);
    if (!good)
        return fail(c, E_INVALID,
                    "this is no recovery key: it has %d letters and digits in groups of four; one "
                    "may be read wrong",
                    LETTERS);
    return OK;
}

// --- what is kept until it is done --------------------------------------------------------------

typedef struct Stating {
    const DeskEnv *env;
    const DeskRecoverAsk *ask;
    StoreDb *local;
    Ledger *ledger;
    CryptoSignKey recovery, next_log, link;
    CryptoPublicKey recovery_public;
    Record genesis;
    SyncRecovery said;
    uint8_t statement[SYNC_RECOVER_BYTES];
} Stating;

static void Stating_cleanup(Stating *k) {
    ledger_close(k->ledger);
    store_close(k->local);
    crypto_wipe(k, sizeof *k);
}

static Err kept_key(Ctx *c, Stating *k, const char *name, CryptoSignKey *ret_key) {
    Str hex;
    CryptoSeed seed;
    CryptoPublicKey public;
    Err e = desk_setting_get(c, k->local, str_of(name), &hex);
    if (e != OK && e != E_NOT_FOUND)
        return e;
    if (e == E_NOT_FOUND || !hex_decode(hex, seed.b, sizeof seed.b)) {
        AUTO(Buf) text = {0};
        crypto_random_fill(k->env->random, seed.b, sizeof seed.b);
        buf_hex(&text, seed.b, sizeof seed.b);
        TRY(buf_check(c, &text));
        TRY(desk_setting_put(c, k->local, str_of(name), buf_view(&text)));
        crypto_wipe(text.p, text.n);
    }
    crypto_sign_key_from_seed(&seed, ret_key, &public);
    crypto_wipe(&seed, sizeof seed);
    return OK;
}

static Err link_add(Ctx *c, Stating *k) {
    CryptoPublicKey public = crypto_sign_key_public(&k->link);
    StoreStmt *q = store_stmt(k->local, LOCAL_LINK_KEY_ADD);
    store_bind_blob(q, ":public", public.b, sizeof public.b);
    store_bind_blob(q, ":secret", k->link.b, sizeof k->link.b);
    store_bind_i64(q, ":at", clock_now(k->env->clock));
    store_bind_i64(q, ":recorded", DESK_KEY_NEW);
    return store_run(c, q);
}

// The present link key, where it was not stolen and there is one.
static Err link_key(Ctx *c, Stating *k, bool *ret_new) {
    {
        AUTO(StoreQuery) q = store_stmt(k->local, LOCAL_LINK_KEY_LIST);
        bool row;
        TRY(store_step(c, q, &row));
        Str secret = row ? store_col_str(q, 0) : (Str){0};
        *ret_new = k->ask->compromised || secret.n != sizeof k->link.b;
        if (!*ret_new)
            memcpy(k->link.b, secret.p, sizeof k->link.b);
    }
    return *ret_new ? kept_key(c, k, "next_link_key", &k->link) : OK;
}

// --- the ledger ---------------------------------------------------------------------------------

static Err open_by(Ctx *c, Stating *k, Str dir, const CryptoSignKey *keys, size_t n) {
    const StoreSchema *schemas[] = {stream_schema(), shelf_schema(), journal_schema()};
    LedgerOptions options = {.dir = dir,
                             .random = k->env->random,
                             .log_key = keys,
                             .earlier = keys + 1,
                             .earlier_count = n - 1,
                             .schemas = schemas,
                             .schema_count = COUNT_OF(schemas)};
    return ledger_open(c, &options, &k->ledger);
}

// *ret_done: the statement is in the ledger already, and signs.
static Err open_ledger(Ctx *c, Stating *k, Str dir, bool *ret_done) {
    AUTO(Ctx) quiet;
    ctx_init(&quiet);
    CryptoSignKey *keys;
    size_t n;
    TRY(desk_log_key_list(c, k->local, &keys, &n));
    TRY(kept_key(c, k, "next_log_key", &k->next_log));
    *ret_done = false;
    Err e = open_by(&quiet, k, dir, keys, n);
    crypto_wipe(keys, n * sizeof *keys);
    if (e == E_CRYPTO) {
        *ret_done = true;
        return open_by(c, k, dir, &k->next_log, 1);
    }
    return desk_pass(c, &quiet, e);
}

static Err read_genesis(Ctx *c, Stating *k, LedgerReader *r, JsonReader *json) {
    LedgerItem item;
    CryptoPublicKey named;
    Str hex;
    TRY(ledger_get(c, r, (LedgerPlace){LEDGER_MAIN, 0}, &item));
    TRY(record_parse(c, json, item.envelope, &k->genesis));
    TRY(json_get_str(c, k->genesis.body, "recovery_key", &hex));
    if (!hex_decode(hex, named.b, sizeof named.b) ||
        !crypto_equal(named.b, k->recovery_public.b, sizeof named.b))
        return fail(c, E_CRYPTO, "this recovery key is of another node");
    return OK;
}

static Err make_statement(Ctx *c, Stating *k, LedgerReader *r) {
    LedgerCheckpoint head;
    TRY(ledger_checkpoint(c, r, LEDGER_MAIN, &head));
    if (head.size != k->ask->good_size)
        return fail(c, E_STATE,
                    "the log of this folder has %lld records, not %lld: restore the backup that "
                    "ends with the last good one, or give the number %lld",
                    (long long)head.size, (long long)k->ask->good_size, (long long)head.size);
    k->said =
        (SyncRecovery){.good_size = head.size,
                       .root = head.root,
                       .next_log_key = crypto_sign_key_public(&k->next_log),
                       .next_link_key = crypto_sign_key_public(&k->link),
                       .at_us = ledger_next_at(k->ledger, LEDGER_MAIN, clock_now(k->env->clock)),
                       .reason = k->ask->compromised ? SYNC_COMPROMISED : SYNC_LOST};
    if (!desk_unhex(ledger_agency(k->ledger), &k->said.agency))
        return fail(c, E_CORRUPT, "the ledger names no agency");
    sync_recover_make(&k->said, &k->recovery, k->statement);
    return OK;
}

static Err write_record(Ctx *c, Stating *k, Buf *envelope, LedgerEntry *ret_entry) {
    AUTO(Buf) body = {0};
    buf_format(&body, "{\"reason\":\"%s\",\"statement\":\"",
               k->ask->compromised ? "compromised" : "lost");
    buf_hex(&body, k->statement, sizeof k->statement);
    buf_text(&body, "\"}");
    TRY(buf_check(c, &body));
    RecordDraft draft = {.kind = RECORD_RECOVER,
                         .id = record_id_new(k->said.at_us, k->env->random),
                         .has_of = true,
                         .of = k->genesis.id,
                         .at_us = k->said.at_us,
                         .agency = ledger_agency(k->ledger),
                         .mark = k->genesis.mark,
                         .purpose = STR("exchange"),
                         .body_json = buf_view(&body)};
    TRY(record_write(c, &draft, envelope));
    *ret_entry = (LedgerEntry){buf_view(envelope), draft.id, draft.at_us};
    return OK;
}

static Err append(Ctx *c, Stating *k) {
    AUTO(Buf) envelope = {0};
    LedgerEntry entry;
    LedgerRewind rewind = {.log = LEDGER_MAIN,
                           .good_size = k->said.good_size,
                           .root = k->said.root,
                           .next_key = k->said.next_log_key,
                           .statement = {(const char *)k->statement, sizeof k->statement},
                           .at_us = k->said.at_us};
    TRY(write_record(c, k, &envelope, &entry));
    if (ledger_rolled_back(k->ledger))
        TRY(ledger_accept_loss(c, k->ledger));
    TRY(ledger_begin(c, k->ledger));
    Err e = ledger_append_recover(c, k->ledger, &entry, &rewind, &k->next_log);
    if (e != OK) {
        ledger_rollback(k->ledger);
        return e;
    }
    TRY(ledger_commit(c, k->ledger));
    return ledger_checkpoint_save(c, k->ledger);
}

// The next keys become the present ones.
static Err keep_keys(Ctx *c, Stating *k, bool new_link) {
    CryptoPublicKey public = crypto_sign_key_public(&k->next_log);
    AUTO(StoreTx) tx = {0};
    TRY(store_tx_begin(c, k->local, &tx));
    StoreStmt *q = store_stmt(k->local, LOCAL_LOG_KEY_ADD);
    store_bind_blob(q, ":public", public.b, sizeof public.b);
    store_bind_blob(q, ":secret", k->next_log.b, sizeof k->next_log.b);
    store_bind_i64(q, ":from_size", ledger_size(k->ledger, LEDGER_MAIN));
    TRY(store_run(c, q));
    if (new_link)
        TRY(link_add(c, k));
    static const char *const done[] = {"next_log_key", "next_link_key", "ahead", "restore"};
    for (size_t i = 0; i < COUNT_OF(done); i++)
        TRY(desk_setting_put(c, k->local, str_of(done[i]), STR("")));
    return store_tx_commit(c, &tx);
}

static Err state(Ctx *c, Stating *k, Str dir) {
    bool done, new_link;
    TRY(open_ledger(c, k, dir, &done));
    TRY(link_key(c, k, &new_link));
    if (!done) {
        AUTO(LedgerReaderOwned) r = NULL;
        AUTO(JsonReader) json = {0};
        TRY(ledger_reader_open(c, dir, &r));
        TRY(json_reader_open(c, &json));
        TRY(read_genesis(c, k, r, &json));
        TRY(make_statement(c, k, r));
    }
    if (!done)
        TRY(append(c, k));
    return keep_keys(c, k, new_link);
}

Err desk_recover_statement(Ctx *c, const DeskEnv *env, Str dir, const DeskRecoverAsk *ask) {
    AUTO(File) lock = {0};
    AUTO(Stating) k = {.env = env, .ask = ask};
    TRY(key_of_paper(c, ask->recovery_key, &k.recovery, &k.recovery_public));
    TRY(desk_node_exists(c, dir));
    TRY(desk_lock_take(c, dir, &lock));
    TRY(desk_local_open(c, dir, false, &k.local));
    return state(c, &k, dir);
}

Err desk_recover_from_peers(Ctx *c, const DeskEnv *env, Str dir) {
    AUTO(DeskNodePtr) n = NULL;
    TRY(desk_open(c, env, dir, &n));
    if (!desk_exchange_silent(n))
        return fail(c, E_STATE,
                    STR_FMT " is as new as what its peers have of it, as far as it knows: there is "
                            "nothing to fetch",
                    STR_ARG(dir));
    Str size;
    TRY(str_format(c, &size, "%lld", (long long)ledger_size(n->ledger, LEDGER_MAIN)));
    desk_local_lock(n);
    Err e = OK;
    if (!n->exchange->restoring) // given again in the middle, it still began there
        e = desk_setting_put(c, n->local, STR("restore_from"), size);
    if (e == OK)
        e = desk_setting_put(c, n->local, STR("restore"), STR("1"));
    desk_local_unlock(n);
    return e;
}
