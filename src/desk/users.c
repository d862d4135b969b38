// Users: adding, changing, new secrets. What others must know of an officer (key, role, whether
// active) is a record; the password and the sealed key are local.
#include "desk/desk_priv.h"

// --- secrets ------------------------------------------------------------------------------------

void desk_letters_put(const uint8_t *bytes, size_t bits, size_t group, char *ret_text) {
    static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
    size_t at = 0;
    for (size_t i = 0; i * 5 < bits; i++) {
        if (group > 0 && i > 0 && i % group == 0)
            ret_text[at++] = '-';
        unsigned v = 0;
        for (size_t k = i * 5; k < i * 5 + 5; k++)
            v = v << 1 | (k < bits && (bytes[k / 8] >> (7 - k % 8) & 1));
        ret_text[at++] = letters[v];
    }
    ret_text[at] = 0;
}

void desk_new_user_secrets(DeskNode *n, DeskNewUser *u) {
    uint8_t bytes[13];
    crypto_random_fill(n->env.random, bytes, sizeof bytes);
    desk_letters_put(bytes, 100, 5, u->password);
    crypto_wipe(bytes, sizeof bytes);
    CryptoSignKey key;
    crypto_random_fill(n->env.random, u->seed.b, sizeof u->seed.b);
    crypto_sign_key_from_seed(&u->seed, &key, &u->public);
    crypto_wipe(&key, sizeof key);
}

Err desk_new_user_record(Ctx *c, DeskWriting *w, DeskNewUser *u) {
    AUTO(Buf) body = {0};
    JsonWriter j = json_writer_start(&body);
    AUTO(Buf) key = {0};
    buf_hex(&key, u->public.b, sizeof u->public.b);
    TRY(buf_check(c, &key));
    json_put_object_begin(&j);
    json_put_key_str(&j, "key", buf_view(&key));
    json_put_key_str(&j, "name", u->name);
    json_put_key_str(&j, "role", u->role);
    json_put_object_end(&j);
    TRY(json_writer_end(c, &j));
    DeskDraft draft = {
        .kind = RECORD_OFFICER, .purpose = "administration", .body = buf_view(&body)};
    return desk_group_add(c, w, &draft, &u->record);
}

typedef struct Secret {
    char hash[CRYPTO_PASSWORD_HASH_TEXT_BYTES];
    Buf sealed;
} Secret;
static void Secret_cleanup(Secret *s) {
    buf_done(&s->sealed);
}

static Err secret_make(Ctx *c, DeskNode *n, Str password, const CryptoSeed *seed,
                       Secret *ret_secret) {
    TRY(crypto_password_hash(c, password, n->env.cost, n->env.random, ret_secret->hash));
    CryptoLock lock = {password, STR(DESK_KEY_PURPOSE), n->env.cost};
    return crypto_seal_with_password(c, &lock, (Str){(const char *)seed->b, sizeof seed->b},
                                     n->env.random, &ret_secret->sealed);
}

Err desk_new_user_row(Ctx *c, DeskNode *n, const DeskNewUser *u) {
    AUTO(Secret) secret = {0};
    TRY(secret_make(c, n, str_of(u->password), &u->seed, &secret));
    StoreStmt *q = store_stmt(n->local, LOCAL_USER_ADD);
    store_bind_str(q, ":name", u->name);
    store_bind_str(q, ":role", u->role);
    store_bind_str(q, ":password", str_of(secret.hash));
    store_bind_blob(q, ":officer", u->record.b, sizeof u->record.b);
    store_bind_blob(q, ":officer_key", secret.sealed.p, secret.sealed.n);
    store_bind_blob(q, ":public", u->public.b, sizeof u->public.b);
    store_bind_i64(q, ":clearance", u->clearance);
    store_bind_i64(q, ":must_change", u->must_change);
    store_bind_i64(q, ":at", clock_now(n->env.clock));
    return store_run(c, q);
}

// --- checks -------------------------------------------------------------------------------------

static Err name_check(Ctx *c, Str name) {
    bool good =
        name.n >= 2 && name.n <= DESK_USER_NAME_BYTES_MAX && name.p[0] >= 'a' && name.p[0] <= 'z';
    for (size_t i = 0; good && i < name.n; i++) {
        char ch = name.p[i];
        good = (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || ch == '-' || ch == '_' ||
               ch == '.';
    }
    if (!good)
        return fail(c, E_INVALID,
                    "a user's name is a small letter and 1 to %d small letters, digits and -_. "
                    "(other agencies see it: take no person's own name)",
                    DESK_USER_NAME_BYTES_MAX - 1);
    return OK;
}

static Err role_check(Ctx *c, const DeskNode *n, Str role) {
    if (desk_role_find(n, role) < n->role_count)
        return OK;
    AUTO(Buf) all = {0};
    for (size_t i = 0; i < n->role_count; i++)
        buf_format(&all, "%s" STR_FMT, i ? ", " : "", STR_ARG(n->roles[i].role));
    TRY(buf_check(c, &all));
    return fail(c, E_INVALID, "there is no role \"" STR_FMT "\": it is one of " STR_FMT,
                STR_ARG(role), STR_ARG(buf_view(&all)));
}

bool desk_clearance_find(Str text, int *ret_clearance) {
    for (int i = RECORD_TLP_CLEAR; i <= RECORD_TLP_RED; i++) {
        if (str_eq_c(text, record_tlp_text((RecordTlp)i))) {
            *ret_clearance = i;
            return true;
        }
    }
    return false;
}

static Err clearance_of(Ctx *c, Str text, int *ret_clearance) {
    *ret_clearance = RECORD_TLP_AMBER_STRICT;
    if (text.n == 0 || desk_clearance_find(text, ret_clearance))
        return OK;
    return fail(c, E_INVALID, "a clearance is CLEAR, GREEN, AMBER, AMBER+STRICT or RED");
}

// --- reading users ------------------------------------------------------------------------------

typedef struct Row {
    DeskUser user;
    int64_t id;
    int clearance;
    RecordId officer;
    Str password, sealed;
    bool has_public;
    CryptoPublicKey public;
} Row;

static Err row_read(Ctx *c, StoreStmt *q, Row *ret_row) {
    Row r = {.id = store_col_i64(q, 0), .clearance = (int)store_col_i64(q, 4)};
    Str officer = store_col_str(q, 3), public = store_col_str(q, 7);
    if (officer.n != sizeof r.officer.b || r.clearance < RECORD_TLP_CLEAR ||
        r.clearance > RECORD_TLP_RED)
        return fail(c, E_CORRUPT, "local.db: a user without officer record or clearance");
    memcpy(r.officer.b, officer.p, officer.n);
    r.has_public = public.n == sizeof r.public.b;
    if (r.has_public)
        memcpy(r.public.b, public.p, public.n);
    char text[RECORD_ID_TEXT_BYTES];
    record_id_text(r.officer, text);
    TRY(str_copy(c, str_of(text), &r.user.officer));
    TRY(str_copy(c, store_col_str(q, 1), &r.user.name));
    TRY(str_copy(c, store_col_str(q, 2), &r.user.role));
    TRY(str_copy(c, store_col_str(q, 5), &r.password));
    TRY(str_copy(c, store_col_str(q, 6), &r.sealed));
    r.user.clearance = str_of(record_tlp_text((RecordTlp)r.clearance));
    r.user.active = store_col_is_null(q, 8);
    r.user.created_at = store_col_i64(q, 9);
    r.user.last_login_at = store_col_i64(q, 10);
    *ret_row = r;
    return OK;
}

static Err row_find(Ctx *c, DeskNode *n, Str name, bool *ret_found, Row *ret_row) {
    AUTO(StoreQuery) q = store_stmt(n->local, LOCAL_USER_GET);
    store_bind_str(q, ":name", name);
    TRY(store_step(c, q, ret_found));
    return *ret_found ? row_read(c, q, ret_row) : OK;
}

static Err row_get(Ctx *c, DeskNode *n, Str name, Row *ret_row) {
    bool found = false;
    desk_local_lock(n);
    Err e = row_find(c, n, name, &found, ret_row);
    desk_local_unlock(n);
    TRY(e);
    if (!found)
        return fail(c, E_NOT_FOUND, "there is no user " STR_FMT " on this node", STR_ARG(name));
    return OK;
}

static Err rows_list(Ctx *c, DeskNode *n, const DeskUser **ret_items, size_t *ret_n) {
    AUTO(StoreQuery) q = store_stmt(n->local, LOCAL_USER_LIST);
    DeskUser *items;
    size_t count = 0;
    TRY(ctx_alloc(c, DESK_USERS_MAX * sizeof *items, &items));
    for (bool more = true; count < DESK_USERS_MAX; count++) {
        Row r;
        TRY(store_step(c, q, &more));
        if (!more)
            break;
        TRY(row_read(c, q, &r));
        items[count] = r.user;
    }
    *ret_items = items;
    *ret_n = count;
    return OK;
}

Err desk_user_list(Ctx *c, const Desk *d, const DeskUser **ret_items, size_t *ret_n) {
    TRY(desk_need(c, d, DESK_USER_READ));
    desk_local_lock(d->node);
    Err e = rows_list(c, d->node, ret_items, ret_n);
    desk_local_unlock(d->node);
    return e;
}

// --- changing users -----------------------------------------------------------------------------

// The key of an officer of an older node is in the record of the officer.
static Err public_of(Ctx *c, DeskNode *n, Row *r) {
    if (r->has_public)
        return OK;
    AUTO(DeskReading) reading = {0};
    TRY(desk_reading_machine(c, n, &reading));
    Record record;
    Str hex;
    TRY(desk_body_get(c, reading.slot, r->officer, &record));
    TRY(json_get_str(c, record.body, "key", &hex));
    if (!hex_decode(hex, r->public.b, sizeof r->public.b))
        return fail(c, E_CORRUPT, "the officer's record has no key");
    r->has_public = true;
    return OK;
}

// Says to all who hold our records what the officer is now. `by` NULL: the machine.
static Err change_record(Ctx *c, DeskNode *n, const Desk *by, const Row *r) {
    AUTO(Buf) body = {0};
    AUTO(Buf) key = {0};
    buf_hex(&key, r->public.b, sizeof r->public.b);
    TRY(buf_check(c, &key));
    JsonWriter j = json_writer_start(&body);
    json_put_object_begin(&j);
    json_put_key_bool(&j, "active", r->user.active);
    json_put_key_str(&j, "key", buf_view(&key));
    json_put_key_str(&j, "role", r->user.role);
    json_put_object_end(&j);
    TRY(json_writer_end(c, &j));
    RecordMark mark;
    {
        AUTO(DeskReading) reading = {0};
        TRY(desk_reading_machine(c, n, &reading));
        TRY(desk_mark_of(c, reading.slot, r->officer, &mark));
    }
    DeskDraft draft = {.kind = RECORD_OFFICER_CHANGE,
                       .has_of = true,
                       .of = r->officer,
                       .mark = &mark,
                       .purpose = "administration",
                       .body = buf_view(&body)};
    AUTO(DeskWriting) w = {0};
    TRY(desk_writing_begin(c, n, by, &w));
    return desk_record_add(c, &w, &draft, NULL);
}

static Err sessions_end(Ctx *c, DeskNode *n, int64_t user, const CryptoHash *but) {
    desk_access_changed(n);
    StoreStmt *q = store_stmt(n->local, LOCAL_SESSION_END_USER);
    store_bind_i64(q, ":user", user);
    store_bind_blob(q, ":but", but->b, sizeof but->b);
    return store_run(c, q);
}

static Err tokens_end(Ctx *c, DeskNode *n, int64_t user) {
    desk_access_changed(n);
    StoreStmt *q = store_stmt(n->local, LOCAL_TOKEN_END_USER);
    store_bind_i64(q, ":at", clock_now(n->env.clock));
    store_bind_i64(q, ":user", user);
    return store_run(c, q);
}

static Err add_check(Ctx *c, const Desk *d, const DeskUserDraft *draft, int *ret_clearance) {
    DeskNode *n = d->node;
    TRY(name_check(c, draft->name));
    TRY(role_check(c, n, draft->role));
    TRY(clearance_of(c, draft->clearance, ret_clearance));
    AUTO(StoreQuery) q = store_stmt(n->local, LOCAL_USER_COUNT);
    bool row, found;
    TRY(store_step(c, q, &row));
    if (row && store_col_i64(q, 0) >= DESK_USERS_MAX)
        return fail(c, E_LIMIT, "a node has at most %d users", DESK_USERS_MAX);
    Row other;
    TRY(row_find(c, n, draft->name, &found, &other));
    if (found)
        return fail(c, E_EXISTS, "there is a user " STR_FMT " already", STR_ARG(draft->name));
    return OK;
}

static Err add(Ctx *c, const Desk *d, DeskNewUser *u) {
    DeskNode *n = d->node;
    desk_new_user_secrets(n, u);
    {
        AUTO(DeskWriting) w = {0};
        TRY(desk_writing_begin(c, n, d, &w));
        TRY(desk_group_begin(c, &w));
        TRY(desk_new_user_record(c, &w, u));
        TRY(desk_group_commit(c, &w));
    }
    desk_local_lock(n);
    Err e = desk_new_user_row(c, n, u);
    desk_local_unlock(n);
    return e;
}

Err desk_user_add(Ctx *c, const Desk *d, const DeskUserDraft *draft, DeskUser *ret_user,
                  char ret_password[DESK_PASSWORD_BYTES]) {
    TRY(desk_need(c, d, DESK_USER_WRITE));
    char password[DESK_PASSWORD_BYTES] = {0};
    DeskNewUser u = {
        .name = draft->name, .role = draft->role, .must_change = true, .password = password};
    desk_local_lock(d->node);
    Err e = add_check(c, d, draft, &u.clearance);
    desk_local_unlock(d->node);
    TRY(e);
    e = add(c, d, &u);
    crypto_wipe(&u.seed, sizeof u.seed);
    Row r;
    if (e == OK)
        e = row_get(c, d->node, draft->name, &r);
    if (e == OK) {
        memcpy(ret_password, password, sizeof password);
        *ret_user = r.user;
    }
    crypto_wipe(password, sizeof password);
    return e;
}

// Somebody must stay who can add users.
static Err admins_left(Ctx *c, DeskNode *n, const Row *r) {
    AUTO(StoreQuery) q = store_stmt(n->local, LOCAL_USER_ADMINS);
    store_bind_i64(q, ":id", r->id);
    bool row;
    TRY(store_step(c, q, &row));
    if (row && store_col_i64(q, 0) > 0)
        return OK;
    return fail(c, E_STATE, "the last administrator stays: make another one first");
}

static Err set_row(Ctx *c, DeskNode *n, const Row *r) {
    static const CryptoHash none;
    desk_access_changed(n);
    AUTO(StoreTx) tx = {0};
    TRY(store_tx_begin(c, n->local, &tx));
    StoreStmt *q = store_stmt(n->local, LOCAL_USER_SET);
    store_bind_str(q, ":role", r->user.role);
    store_bind_i64(q, ":clearance", r->clearance);
    if (r->user.active)
        store_bind_null(q, ":disabled_at");
    else
        store_bind_i64(q, ":disabled_at", clock_now(n->env.clock));
    store_bind_i64(q, ":id", r->id);
    TRY(store_run(c, q));
    if (!r->user.active) {
        TRY(sessions_end(c, n, r->id, &none));
        TRY(tokens_end(c, n, r->id));
    }
    return store_tx_commit(c, &tx);
}

Err desk_user_set(Ctx *c, const Desk *d, const DeskUserDraft *draft, bool active,
                  DeskUser *ret_user) {
    TRY(desk_need(c, d, DESK_USER_WRITE));
    DeskNode *n = d->node;
    Row r;
    TRY(row_get(c, n, draft->name, &r));
    bool was_admin = str_eq_c(r.user.role, "admin") && r.user.active;
    if (draft->role.n > 0) {
        TRY(role_check(c, n, draft->role));
        r.user.role = draft->role;
    }
    if (draft->clearance.n > 0)
        TRY(clearance_of(c, draft->clearance, &r.clearance));
    r.user.active = active;
    if (was_admin && (!active || !str_eq_c(r.user.role, "admin"))) {
        desk_local_lock(n);
        Err e = admins_left(c, n, &r);
        desk_local_unlock(n);
        TRY(e);
    }
    TRY(public_of(c, n, &r));
    // Access ends first: a failure behind it leaves less than was asked for, never more.
    desk_local_lock(n);
    Err e = set_row(c, n, &r);
    desk_local_unlock(n);
    TRY(e);
    TRY(change_record(c, n, d, &r));
    TRY(row_get(c, n, draft->name, &r));
    *ret_user = r.user;
    return OK;
}

// --- new secrets --------------------------------------------------------------------------------

typedef struct NewSecret {
    bool must_change;
    const CryptoHash *but; // the session that goes on
} NewSecret;

// Under local_lock; the secret was made before, because that takes a while.
static Err secret_put(Ctx *c, DeskNode *n, const Row *r, const Secret *secret,
                      const NewSecret *new) {
    AUTO(StoreTx) tx = {0};
    TRY(store_tx_begin(c, n->local, &tx));
    StoreStmt *q = store_stmt(n->local, LOCAL_USER_SECRET);
    store_bind_str(q, ":password", str_of(secret->hash));
    store_bind_blob(q, ":officer_key", secret->sealed.p, secret->sealed.n);
    store_bind_blob(q, ":public", r->public.b, sizeof r->public.b);
    store_bind_i64(q, ":must_change", new->must_change);
    store_bind_i64(q, ":id", r->id);
    TRY(store_run(c, q));
    TRY(sessions_end(c, n, r->id, new->but));
    return store_tx_commit(c, &tx);
}

static Err password_new(Ctx *c, DeskNode *n, Row *r, DeskNewUser *u) {
    static const CryptoHash none;
    desk_new_user_secrets(n, u);
    r->public = u->public;
    // The record first: a key that nobody was told of would sign what nobody can check.
    TRY(change_record(c, n, NULL, r));
    NewSecret new = {true, &none};
    AUTO(Secret) secret = {0};
    TRY(secret_make(c, n, str_of(u->password), &u->seed, &secret));
    desk_local_lock(n);
    Err e = secret_put(c, n, r, &secret, &new);
    if (e == OK)
        e = tokens_end(c, n, r->id);
    if (e == OK)
        e = desk_tries_clear(c, n, "user", r->user.name);
    desk_local_unlock(n);
    return e;
}

Err desk_user_password(Ctx *c, DeskNode *n, Str name, char ret_password[DESK_PASSWORD_BYTES]) {
    Row r;
    TRY(row_get(c, n, name, &r));
    if (!r.user.active)
        return fail(c, E_STATE, "user " STR_FMT " is disabled", STR_ARG(name));
    char password[DESK_PASSWORD_BYTES] = {0};
    DeskNewUser u = {.password = password};
    Err e = password_new(c, n, &r, &u);
    crypto_wipe(&u.seed, sizeof u.seed);
    if (e == OK)
        memcpy(ret_password, password, sizeof password);
    crypto_wipe(password, sizeof password);
    return e;
}

Err desk_password_change(Ctx *c, const Desk *d, Str old, Str new_password) {
    if (!d->node || !d->user)
        return fail(c, E_DENIED, "nobody is logged in: log in first");
    if (new_password.n < DESK_PASSWORD_BYTES_MIN || new_password.n > CRYPTO_PASSWORD_BYTES_MAX)
        return fail(c, E_INVALID, "a password has %d to %d bytes", DESK_PASSWORD_BYTES_MIN,
                    CRYPTO_PASSWORD_BYTES_MAX);
    if (str_eq(old, new_password) || str_eq(new_password, d->name))
        return fail(c, E_INVALID, "the new password must be another one, and not your name");
    DeskNode *n = d->node;
    Row r;
    TRY(row_get(c, n, d->name, &r));
    DeskLogin login = {.user = d->name, .password = old};
    TRY(desk_password_try(c, n, &login, r.password));
    TRY(public_of(c, n, &r));
    CryptoSignKey key;
    TRY(desk_key_open(c, r.sealed, old, &key));
    CryptoSeed seed; // the first half of an Ed25519 key is its seed (RFC 8032 as libsodium has it)
    memcpy(seed.b, key.b, sizeof seed.b);
    crypto_wipe(&key, sizeof key);
    NewSecret new = {false, &d->session};
    AUTO(Secret) secret = {0};
    Err e = secret_make(c, n, new_password, &seed, &secret);
    crypto_wipe(&seed, sizeof seed);
    TRY(e);
    desk_local_lock(n);
    e = secret_put(c, n, &r, &secret, &new);
    desk_local_unlock(n);
    return e;
}
