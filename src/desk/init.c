// Making a node: folder, keys, first records, the two users.
#include "desk/exchange_priv.h"

static const char *const kinds[] = {
    "centre",   "police", "court",  "prosecutor",  "regulator", "bank",    "operator", "exchange",
    "platform", "fiu",    "border", "immigration", "customs",   "embassy", "shelter",  "utility",
};

const char *desk_kind_at(size_t i) {
    return i < COUNT_OF(kinds) ? kinds[i] : NULL;
}

// Zones of countries that have one, where nobody names a zone.
static const struct {
    const char *country, *zone;
} zones[] = {
    {"TH", "Asia/Bangkok"},      {"MM", "Asia/Yangon"},      {"LA", "Asia/Vientiane"},
    {"KH", "Asia/Phnom_Penh"},   {"VN", "Asia/Ho_Chi_Minh"}, {"CN", "Asia/Shanghai"},
    {"MY", "Asia/Kuala_Lumpur"}, {"SG", "Asia/Singapore"},   {"PH", "Asia/Manila"},
    {"JP", "Asia/Tokyo"},        {"KR", "Asia/Seoul"},       {"TW", "Asia/Taipei"},
    {"HK", "Asia/Hong_Kong"},    {"IN", "Asia/Kolkata"},     {"BD", "Asia/Dhaka"},
    {"AE", "Asia/Dubai"},        {"GB", "Europe/London"},
};

static Str zone_of(const DeskInit *init) {
    if (init->timezone.n > 0)
        return init->timezone;
    for (size_t i = 0; i < COUNT_OF(zones); i++) {
        if (str_eq_c(init->country, zones[i].country))
            return str_of(zones[i].zone);
    }
    return STR("UTC");
}

// --- checks -------------------------------------------------------------------------------------

static bool agency_valid(Str s) {
    if (s.n == 0 || s.n > DESK_AGENCY_BYTES_MAX || s.p[0] < 'a' || s.p[0] > 'z')
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char ch = s.p[i];
        if (!((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch == '-'))
            return false;
    }
    return true;
}

static Err kind_check(Ctx *c, Str kind) {
    AUTO(Buf) all = {0};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (str_eq_c(kind, kinds[i]))
            return OK;
        buf_format(&all, "%s%s", i ? ", " : "", kinds[i]);
    }
    TRY(buf_check(c, &all));
    return fail(c, E_INVALID, "there is no kind of agency \"" STR_FMT "\": it is one of " STR_FMT,
                STR_ARG(kind), STR_ARG(buf_view(&all)));
}

static Err init_check(Ctx *c, const DeskInit *init) {
    if (!agency_valid(init->agency))
        return fail(c, E_INVALID,
                    "the short name \"" STR_FMT "\" must be a small letter and up to %d small "
                    "letters, digits and hyphens, such as th-centre",
                    STR_ARG(init->agency), DESK_AGENCY_BYTES_MAX - 1);
    Str name = str_trim(init->name);
    if (name.n == 0 || name.n > DESK_TITLE_BYTES_MAX || !text_utf8_valid(name) ||
        text_has_control(name, ""))
        return fail(c, E_INVALID,
                    "the name must be 1 to %d bytes of UTF-8 without control "
                    "characters",
                    DESK_TITLE_BYTES_MAX);
    TRY(kind_check(c, init->kind));
    AUTO(FormatTablesPtr) tables = NULL;
    TRY(format_tables_open(c, &tables));
    if (!format_country_known(tables, init->country))
        return fail(c, E_INVALID,
                    "there is no country \"" STR_FMT "\": write two capital letters "
                    "of ISO 3166-1, such as TH",
                    STR_ARG(init->country));
    if (!text_zone_known(zone_of(init)))
        return fail(c, E_INVALID,
                    "there is no time zone \"" STR_FMT "\": write an IANA name, such "
                    "as Asia/Bangkok",
                    STR_ARG(init->timezone));
    return OK;
}

Err desk_folder_empty(Ctx *c, Str dir, bool *ret_empty) {
    if (!file_exists(dir)) {
        *ret_empty = true;
        return OK;
    }
    Str *names;
    size_t n;
    TRY(dir_list(c, dir, &names, &n));
    *ret_empty = n == 0;
    return OK;
}

// --- secrets ------------------------------------------------------------------------------------

// The seed of the recovery key and three bytes of its hash, against slips of the pen.
static void put_recovery(const CryptoSeed *seed, char ret_text[DESK_RECOVERY_BYTES]) {
    uint8_t bytes[35];
    memcpy(bytes, seed->b, 32);
    CryptoHash check = crypto_sha256(seed->b, 32);
    memcpy(bytes + 32, check.b, 3);
    desk_letters_put(bytes, 280, 4, ret_text);
    crypto_wipe(bytes, sizeof bytes);
}

static void make_key(CryptoRandom random, CryptoSeed *ret_seed, CryptoSignKey *ret_key,
                     CryptoPublicKey *ret_public) {
    crypto_random_fill(random, ret_seed->b, sizeof ret_seed->b);
    crypto_sign_key_from_seed(ret_seed, ret_key, ret_public);
}

// --- first records ------------------------------------------------------------------------------

typedef struct Maker {
    const DeskEnv *env;
    const DeskInit *init;
    DeskSecrets *secrets;
} Maker;

static Err put_settings(Ctx *c, const Maker *m, StoreDb *db, const CryptoSignKey *log_key) {
    CryptoPublicKey public = crypto_sign_key_public(log_key);
    StoreStmt *q = store_stmt(db, LOCAL_LOG_KEY_ADD);
    store_bind_blob(q, ":public", public.b, sizeof public.b);
    store_bind_blob(q, ":secret", log_key->b, sizeof log_key->b);
    store_bind_i64(q, ":from_size", 0);
    TRY(store_run(c, q));
    CryptoKey cursor;
    crypto_key_random(m->env->random, &cursor);
    AUTO(Buf) hex = {0};
    buf_hex(&hex, cursor.b, sizeof cursor.b);
    TRY(buf_check(c, &hex));
    TRY(desk_setting_put(c, db, STR("cursor_key"), buf_view(&hex)));
    return desk_setting_put(c, db, STR("demo"), m->init->demo ? STR("1") : STR("0"));
}

static Err make_stores(Ctx *c, const Maker *m) {
    CryptoSeed seed;
    CryptoSignKey log_key, recovery_key;
    CryptoPublicKey public, recovery;
    make_key(m->env->random, &seed, &recovery_key, &recovery);
    put_recovery(&seed, m->secrets->recovery_key);
    make_key(m->env->random, &seed, &log_key, &public);
    crypto_wipe(&seed, sizeof seed);
    crypto_wipe(&recovery_key, sizeof recovery_key);

    AUTO(StoreDbOwned) local = NULL;
    TRY(desk_local_open(c, m->init->dir, true, &local));
    AUTO(StoreTx) tx = {0};
    TRY(store_tx_begin(c, local, &tx));
    TRY(put_settings(c, m, local, &log_key));
    TRY(store_tx_commit(c, &tx));
    const StoreSchema *schemas[] = {stream_schema(), shelf_schema(), journal_schema()};
    LedgerOptions options = {
        .dir = m->init->dir,
        .random = m->env->random,
        .log_key = &log_key,
        .schemas = schemas,
        .schema_count = COUNT_OF(schemas),
    };
    LedgerGenesis genesis = {
        .name = m->init->agency,
        .title = str_trim(m->init->name),
        .country = m->init->country,
        .agency_kind = m->init->kind,
        .timezone = zone_of(m->init),
        .recovery_key = recovery,
        .mark = record_mark_default(),
        .at_us = clock_now(m->env->clock),
    };
    AUTO(LedgerOwned) ledger = NULL;
    Err e = ledger_create(c, &options, &genesis, &ledger);
    crypto_wipe(&log_key, sizeof log_key);
    return e;
}

static Err make_users(Ctx *c, DeskNode *n, DeskNewUser *users, size_t count) {
    for (size_t i = 0; i < count; i++)
        desk_new_user_secrets(n, &users[i]);
    {
        AUTO(DeskWriting) w = {0};
        TRY(desk_writing_begin(c, n, NULL, &w));
        TRY(desk_group_begin(c, &w));
        for (size_t i = 0; i < count; i++)
            TRY(desk_new_user_record(c, &w, &users[i]));
        TRY(desk_group_commit(c, &w));
    }
    AUTO(StoreTx) tx = {0};
    TRY(store_tx_begin(c, n->local, &tx));
    for (size_t i = 0; i < count; i++)
        TRY(desk_new_user_row(c, n, &users[i]));
    return store_tx_commit(c, &tx);
}

static Err make_node(Ctx *c, const Maker *m) {
    TRY(make_stores(c, m));
    AUTO(DeskNodePtr) n = NULL;
    TRY(desk_open(c, m->env, m->init->dir, &n));
    memcpy(m->secrets->agency_id, n->agency_id, sizeof n->agency_id);
    DeskNewUser users[] = {
        {.name = STR("admin"), .role = STR("admin"), .password = m->secrets->admin_password},
        {.name = STR("officer"),
         .role = STR("investigator"),
         .password = m->secrets->officer_password},
    };
    for (size_t i = 0; i < COUNT_OF(users); i++)
        users[i].clearance = RECORD_TLP_AMBER_STRICT;
    Err e = make_users(c, n, users, COUNT_OF(users));
    for (size_t i = 0; i < COUNT_OF(users); i++)
        crypto_wipe(&users[i].seed, sizeof users[i].seed);
    return e;
}

// A new folder is made beside and gets its name when it is whole, so that a crash leaves nothing
// that looks like a node. A folder that stands there empty is filled in place: the one above it may
// not be ours to write.
static Err make_beside(Ctx *c, const DeskEnv *env, const DeskInit *init, DeskSecrets *secrets) {
    DeskInit inside = *init;
    while (inside.dir.n > 1 && inside.dir.p[inside.dir.n - 1] == '/')
        inside.dir.n--;
    Str dir = inside.dir, parent = STR(".");
    for (size_t i = dir.n; i > 0; i--)
        if (dir.p[i - 1] == '/') {
            parent = (Str){dir.p, i};
            break;
        }
    TRY(str_format(c, &inside.dir, STR_FMT ".moei-making", STR_ARG(dir)));
    desk_folder_clear(inside.dir, true);
    TRY(dir_make(c, inside.dir));
    Maker m = {env, &inside, secrets};
    Err e = make_node(c, &m);
    if (e == OK)
        e = file_rename(c, inside.dir, dir);
    if (e != OK) {
        desk_folder_clear(inside.dir, true);
        return e;
    }
    return dir_sync(c, parent);
}

static Err make_in_place(Ctx *c, const DeskEnv *env, const DeskInit *init, DeskSecrets *secrets) {
    Maker m = {env, init, secrets};
    Err e = make_node(c, &m);
    if (e != OK) // half a node is of no use, and the folder was empty before
        desk_folder_clear(init->dir, false);
    return e;
}

Err desk_init(Ctx *c, const DeskEnv *env, const DeskInit *init, DeskSecrets *ret_secrets) {
    TRY(init_check(c, init));
    bool empty;
    TRY(desk_folder_empty(c, init->dir, &empty));
    if (!empty)
        return fail(c, E_EXISTS, STR_FMT " is not empty: a node wants a folder of its own",
                    STR_ARG(init->dir));
    DeskSecrets secrets = {0};
    Err e = file_exists(init->dir) ? make_in_place(c, env, init, &secrets)
                                   : make_beside(c, env, init, &secrets);
    if (e == OK)
        *ret_secrets = secrets;
    crypto_wipe(&secrets, sizeof secrets);
    return e;
}
