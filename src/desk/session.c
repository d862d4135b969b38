// Sessions of people at a browser, and tokens of programs. Only hashes of either are kept; the
// officer's key lies sealed under the token itself, so that a copy of local.db opens nothing.
#include "desk/desk_priv.h"

#define TOKEN_PREFIX "moei_"
#define TOKEN_BYTES 32

typedef struct Token {
    uint8_t b[TOKEN_BYTES];
    CryptoHash hash;
    bool program; // an API token
} Token;

static CryptoHash derived(const char *purpose, const Token *t) {
    CryptoHmacKey key;
    crypto_hmac_key_init(&key, t->b, sizeof t->b);
    CryptoHash h = crypto_hmac(&key, purpose, strlen(purpose));
    crypto_wipe(&key, sizeof key);
    return h;
}

static void token_hash(Token *t) {
    t->hash = derived(t->program ? "moei/token/v1" : "moei/session/v1", t);
}

static void token_new(CryptoRandom random, bool program, Token *ret_token) {
    ret_token->program = program;
    crypto_random_fill(random, ret_token->b, sizeof ret_token->b);
    token_hash(ret_token);
}

static bool token_parse(Str text, Token *ret_token) {
    ret_token->program = str_starts(text, STR(TOKEN_PREFIX));
    size_t head = ret_token->program ? sizeof TOKEN_PREFIX - 1 : 0;
    if (!hex_decode((Str){text.p + head, text.n - head}, ret_token->b, sizeof ret_token->b))
        return false;
    token_hash(ret_token);
    return true;
}

static void text_put(const char *head, const uint8_t *bytes, char ret_text[DESK_TOKEN_TEXT_BYTES]) {
    static const char digits[] = "0123456789abcdef";
    size_t at = strlen(head);
    memcpy(ret_text, head, at);
    for (size_t i = 0; i < TOKEN_BYTES; i++) {
        ret_text[at++] = digits[bytes[i] >> 4];
        ret_text[at++] = digits[bytes[i] & 15];
    }
    ret_text[at] = 0;
}
static_assert(sizeof TOKEN_PREFIX + 2 * TOKEN_BYTES <= DESK_TOKEN_TEXT_BYTES, "the text fits");

static Err key_seal(Ctx *c, const DeskNode *n, const Token *t, const CryptoSignKey *key, Buf *out) {
    CryptoHash h = derived("moei/token-key/v1", t);
    CryptoKey k;
    memcpy(k.b, h.b, sizeof k.b);
    Err e = crypto_seal(c, &k, STR("moei/token-key/v1"), (Str){(const char *)key->b, sizeof key->b},
                        n->env.random, out);
    crypto_wipe(&k, sizeof k);
    crypto_wipe(&h, sizeof h);
    return e;
}

// `sealed` empty: there is no key. *ret_key is zeros then.
static Err key_open(Ctx *c, const Token *t, Str sealed, CryptoSignKey *ret_key) {
    memset(ret_key, 0, sizeof *ret_key);
    if (sealed.n == 0)
        return OK;
    CryptoHash h = derived("moei/token-key/v1", t);
    CryptoKey k;
    memcpy(k.b, h.b, sizeof k.b);
    AUTO(Buf) plain = {0};
    Err e = crypto_open(c, &k, STR("moei/token-key/v1"), sealed, &plain);
    crypto_wipe(&k, sizeof k);
    crypto_wipe(&h, sizeof h);
    TRY(e);
    if (plain.n != sizeof ret_key->b)
        return fail(c, E_CORRUPT, "local.db: the key of a session is none");
    memcpy(ret_key->b, plain.p, sizeof ret_key->b);
    crypto_wipe(plain.p, plain.n);
    return OK;
}

// --- open ---------------------------------------------------------------------------------------

typedef struct User {
    bool found;
    int64_t id;
    Str password, sealed;
} User;

static Err user_get(Ctx *c, DeskNode *n, Str name, User *ret_user) {
    AUTO(StoreQuery) q = store_stmt(n->local, LOCAL_USER_GET);
    store_bind_str(q, ":name", name);
    bool row;
    TRY(store_step(c, q, &row));
    if (!row || !store_col_is_null(q, 8))
        return OK;
    User u = {.found = true, .id = store_col_i64(q, 0)};
    TRY(str_copy(c, store_col_str(q, 5), &u.password));
    TRY(str_copy(c, store_col_str(q, 6), &u.sealed));
    *ret_user = u;
    return OK;
}

static Err session_put(Ctx *c, DeskNode *n, const Desk *d, const Token *t, Str sealed) {
    int64_t now = clock_now(n->env.clock);
    AUTO(StoreTx) tx = {0};
    TRY(store_tx_begin(c, n->local, &tx));
    StoreStmt *q = store_stmt(n->local, LOCAL_SESSION_PRUNE);
    store_bind_i64(q, ":at", now);
    store_bind_i64(q, ":idle", now - SESSION_IDLE_MINUTES * TIME_MINUTE_US);
    TRY(store_run(c, q));
    q = store_stmt(n->local, LOCAL_SESSION_SPARE);
    store_bind_i64(q, ":user", d->user);
    store_bind_i64(q, ":keep", SESSIONS_MAX - 1);
    TRY(store_run(c, q));
    q = store_stmt(n->local, LOCAL_SESSION_ADD);
    store_bind_blob(q, ":hash", t->hash.b, sizeof t->hash.b);
    store_bind_i64(q, ":user", d->user);
    store_bind_str(q, ":purpose", d->purpose);
    store_bind_blob(q, ":key", sealed.p, sealed.n);
    store_bind_i64(q, ":at", now);
    store_bind_i64(q, ":expires_at", now + SESSION_HOURS_MAX * TIME_HOUR_US);
    TRY(store_run(c, q));
    q = store_stmt(n->local, LOCAL_USER_LOGIN);
    store_bind_i64(q, ":at", now);
    store_bind_i64(q, ":id", d->user);
    TRY(store_run(c, q));
    return store_tx_commit(c, &tx);
}

static Err session_make(Ctx *c, DeskNode *n, const DeskLogin *login, const User *u,
                        const CryptoSignKey *key, Token *t) {
    Desk d;
    TRY(desk_as_for(c, n, login->user, login->purpose, &d));
    if (d.user != u->id)
        return fail(c, E_DENIED, "the user's name or the password is wrong");
    AUTO(Buf) sealed = {0};
    TRY(key_seal(c, n, t, key, &sealed));
    desk_local_lock(n);
    Err e = session_put(c, n, &d, t, buf_view(&sealed));
    desk_access_changed(n); // an older one of this user may have ended
    desk_local_unlock(n);
    return e;
}

Err desk_session_open(Ctx *c, DeskNode *n, const DeskLogin *login, DeskSession *ret_session) {
    User u = {0};
    desk_local_lock(n);
    Err e = user_get(c, n, login->user, &u);
    desk_local_unlock(n);
    TRY(e);
    TRY(desk_password_try(c, n, login, u.password));
    CryptoSignKey key, again;
    TRY(desk_key_open(c, u.sealed, login->password, &key));
    Token t;
    token_new(n->env.random, false, &t);
    e = session_make(c, n, login, &u, &key, &t);
    crypto_wipe(&key, sizeof key);
    if (e == OK) {
        char text[DESK_TOKEN_TEXT_BYTES];
        Desk d;
        text_put("", t.b, text);
        e = desk_session_find(c, n, str_of(text), &d, &again, ret_session);
        crypto_wipe(&again, sizeof again);
        crypto_wipe(text, sizeof text);
    }
    crypto_wipe(&t, sizeof t);
    return e;
}

// --- find ---------------------------------------------------------------------------------------

static Err ended(Ctx *c, const Token *t) {
    if (t->program)
        return fail(c, E_DENIED, "this token is none, has ended or was revoked");
    return fail(c, E_DENIED, "the session has ended: log in again");
}

static Err session_seen(Ctx *c, DeskNode *n, const Token *t, int64_t now) {
    StoreStmt *q = store_stmt(n->local, LOCAL_SESSION_SEEN);
    store_bind_i64(q, ":at", now);
    store_bind_blob(q, ":hash", t->hash.b, sizeof t->hash.b);
    return store_run(c, q);
}

static Err token_used(Ctx *c, DeskNode *n, int64_t id, int64_t now) {
    StoreStmt *q = store_stmt(n->local, LOCAL_TOKEN_USED);
    store_bind_i64(q, ":at", now);
    store_bind_i64(q, ":id", id);
    return store_run(c, q);
}

typedef struct Found {
    Desk desk;
    Str sealed;
    int64_t seen_at, expires_at, id;
    bool must_change;
} Found;

// Both statements give the same columns in the same places.
static Err row_find(Ctx *c, DeskNode *n, const Token *t, int64_t now, Found *ret_found) {
    AUTO(StoreQuery)
    q = store_stmt(n->local, t->program ? LOCAL_TOKEN_FIND : LOCAL_SESSION_FIND);
    store_bind_blob(q, ":hash", t->hash.b, sizeof t->hash.b);
    if (t->program)
        store_bind_i64(q, ":at", now);
    bool row;
    TRY(store_step(c, q, &row));
    if (!row)
        return ended(c, t);
    Found f = {.seen_at = store_col_i64(q, 7), .expires_at = store_col_i64(q, 8)};
    if (t->program)
        f.id = store_col_i64(q, 9);
    else
        f.must_change = store_col_i64(q, 9) != 0;
    int64_t idle = f.seen_at + SESSION_IDLE_MINUTES * TIME_MINUTE_US;
    if (!t->program && idle < f.expires_at)
        f.expires_at = idle;
    if (f.expires_at <= now)
        return ended(c, t);
    Str purpose;
    TRY(str_copy(c, store_col_str(q, 5), &purpose));
    TRY(str_copy(c, store_col_str(q, 6), &f.sealed));
    TRY(desk_of_row(c, n, q, purpose, &f.desk));
    *ret_found = f;
    return OK;
}

// --- kept for a moment --------------------------------------------------------------------------

void desk_access_changed(DeskNode *n) {
    pthread_mutex_lock(&n->sessions.lock);
    n->sessions.epoch++;
    pthread_mutex_unlock(&n->sessions.lock);
}

static DeskSessionKept *kept_place(DeskSessions *all, const CryptoHash *hash) {
    return &all->items[load_u64le(hash->b) % SESSIONS_KEPT];
}

static bool kept_find(Ctx *c, DeskNode *n, const Token *t, Found *ret_found) {
    DeskSessions *all = &n->sessions;
    int64_t now = clock_now(n->env.clock);
    pthread_mutex_lock(&all->lock);
    const DeskSessionKept *k = kept_place(all, &t->hash);
    bool good = k->epoch && k->epoch == all->epoch + 1 && now >= k->at &&
                now - k->at < SESSION_KEPT_MS * 1000LL && now < k->expires_at &&
                now - k->seen_at < SESSION_SEEN_EVERY_S * 1000000LL &&
                crypto_equal(k->hash.b, t->hash.b, sizeof t->hash.b);
    Found f = {.desk = k->desk,
               .seen_at = k->seen_at,
               .expires_at = k->expires_at,
               .must_change = k->must_change};
    good = good && str_copy(c, (Str){(const char *)k->sealed, k->sealed_n}, &f.sealed) == OK;
    pthread_mutex_unlock(&all->lock);
    if (good)
        *ret_found = f;
    return good;
}

// A grant ends by the clock alone, so that its officer is looked up each time.
static bool has_grant(const DeskNode *n, const Desk *d) {
    for (size_t i = 0; i < n->grant_count; i++) {
        if (record_id_eq(n->grants[i].officer, d->officer))
            return true;
    }
    return false;
}

// Under local_lock, so that what was found belongs to the present epoch.
static void kept_put(DeskNode *n, const Token *t, const Found *f) {
    DeskSessions *all = &n->sessions;
    DeskSessionKept k = {.hash = t->hash,
                         .at = clock_now(n->env.clock),
                         .seen_at = f->seen_at,
                         .expires_at = f->expires_at,
                         .desk = f->desk,
                         .sealed_n = f->sealed.n,
                         .must_change = f->must_change};
    if (f->sealed.n > sizeof k.sealed || has_grant(n, &f->desk))
        return;
    if (f->sealed.n)
        memcpy(k.sealed, f->sealed.p, f->sealed.n);
    pthread_mutex_lock(&all->lock);
    k.epoch = all->epoch + 1;
    *kept_place(all, &t->hash) = k;
    pthread_mutex_unlock(&all->lock);
}

static Err find_locked(Ctx *c, DeskNode *n, const Token *t, bool used, Found *ret_found) {
    int64_t now = clock_now(n->env.clock);
    Found f;
    TRY(row_find(c, n, t, now, &f));
    if (used && now - f.seen_at >= SESSION_SEEN_EVERY_S * 1000000LL &&
        !ledger_rolled_back(n->ledger))
        TRY(t->program ? token_used(c, n, f.id, now) : session_seen(c, n, t, now));
    kept_put(n, t, &f);
    *ret_found = f;
    return OK;
}

static bool is_zero(const CryptoSignKey *key) {
    static const CryptoSignKey none;
    return crypto_equal(key->b, none.b, sizeof none.b);
}

static Err find(Ctx *c, DeskNode *n, Str token, bool used, Desk *ret_desk, CryptoSignKey *key,
                DeskSession *ret_session) {
    Token t = {0};
    if (!token_parse(token, &t))
        return ended(c, &t);
    Found f;
    Err e = OK;
    if (!kept_find(c, n, &t, &f)) {
        desk_local_lock(n);
        e = find_locked(c, n, &t, used, &f);
        desk_local_unlock(n);
    }
    if (e == OK)
        e = key_open(c, &t, f.sealed, key);
    if (e != OK) {
        crypto_wipe(&t, sizeof t);
        return e;
    }
    f.desk.key = is_zero(key) ? NULL : key;
    f.desk.outlet = t.program ? "api" : "page";
    f.desk.session = t.hash;
    DeskSession s = {.expires_at = f.expires_at, .must_change_password = f.must_change};
    text_put(t.program ? TOKEN_PREFIX : "", t.b, s.token);
    if (!t.program)
        text_put("", derived("moei/csrf/v1", &t).b, s.csrf);
    crypto_wipe(&t, sizeof t);
    *ret_desk = f.desk;
    *ret_session = s;
    return OK;
}

Err desk_session_find(Ctx *c, DeskNode *n, Str token, Desk *ret_desk, CryptoSignKey *key,
                      DeskSession *ret_session) {
    return find(c, n, token, true, ret_desk, key, ret_session);
}

Err desk_session_look(Ctx *c, DeskNode *n, Str token, Desk *ret_desk) {
    CryptoSignKey key;
    DeskSession session;
    Desk d;
    Err e = find(c, n, token, false, &d, &key, &session);
    crypto_wipe(&key, sizeof key);
    crypto_wipe(&session, sizeof session);
    TRY(e);
    d.key = NULL;
    *ret_desk = d;
    return OK;
}

Err desk_session_close(Ctx *c, DeskNode *n, Str token) {
    Token t;
    if (!token_parse(token, &t) || t.program)
        return OK; // what is no session is closed already
    desk_local_lock(n);
    StoreStmt *q = store_stmt(n->local, LOCAL_SESSION_END);
    store_bind_blob(q, ":hash", t.hash.b, sizeof t.hash.b);
    Err e = store_run(c, q);
    desk_access_changed(n);
    desk_local_unlock(n);
    crypto_wipe(&t, sizeof t);
    return e;
}

// --- tokens of programs -------------------------------------------------------------------------

static Err token_count(Ctx *c, const Desk *d, int64_t now) {
    AUTO(StoreQuery) q = store_stmt(d->node->local, LOCAL_TOKEN_COUNT);
    store_bind_i64(q, ":user", d->user);
    store_bind_i64(q, ":at", now);
    bool row;
    TRY(store_step(c, q, &row));
    if (row && store_col_i64(q, 0) >= TOKENS_MAX)
        return fail(c, E_LIMIT, "you have %d tokens: revoke one first", TOKENS_MAX);
    return OK;
}

typedef struct NewToken {
    Str name, purpose, sealed;
    int64_t days;
} NewToken;

static Err token_put(Ctx *c, const Desk *d, const Token *t, const NewToken *new) {
    int64_t now = clock_now(d->node->env.clock);
    TRY(token_count(c, d, now));
    StoreStmt *q = store_stmt(d->node->local, LOCAL_TOKEN_ADD);
    store_bind_blob(q, ":hash", t->hash.b, sizeof t->hash.b);
    store_bind_i64(q, ":user", d->user);
    store_bind_str(q, ":name", new->name);
    store_bind_str(q, ":purpose", new->purpose);
    if (new->sealed.n > 0)
        store_bind_blob(q, ":key", new->sealed.p, new->sealed.n);
    else
        store_bind_null(q, ":key");
    store_bind_i64(q, ":at", now);
    store_bind_i64(q, ":expires_at", now + TIME_DAY_US * new->days);
    return store_run(c, q);
}

Err desk_token_add(Ctx *c, const Desk *d, Str name, Str purpose, int64_t days,
                   char ret_token[DESK_TOKEN_TEXT_BYTES]) {
    NewToken new = {.name = str_trim(name), .days = days ? days : TOKEN_DAYS_DEFAULT};
    if (!d->node || !d->user)
        return fail(c, E_DENIED, "nobody is logged in: log in first");
    if (new.name.n == 0 || new.name.n > DESK_TITLE_BYTES_MAX || !text_utf8_valid(new.name) ||
        text_has_control(new.name, ""))
        return fail(c, E_INVALID, "a token has a name that says which program has it");
    if (new.days < 1 || new.days > TOKEN_DAYS_MAX)
        return fail(c, E_INVALID, "a token lives 1 to %d days", TOKEN_DAYS_MAX);
    size_t role = desk_role_find(d->node, d->role);
    TRY(desk_purpose_of(c, d->node, role, purpose.n ? purpose : d->purpose, &new.purpose));
    Token t;
    token_new(d->node->env.random, true, &t);
    AUTO(Buf) sealed = {0};
    Err e = d->key ? key_seal(c, d->node, &t, d->key, &sealed) : OK;
    new.sealed = buf_view(&sealed);
    if (e == OK) {
        desk_local_lock(d->node);
        e = token_put(c, d, &t, &new);
        desk_local_unlock(d->node);
    }
    if (e == OK)
        text_put(TOKEN_PREFIX, t.b, ret_token);
    crypto_wipe(&t, sizeof t);
    return e;
}

static Err tokens_read(Ctx *c, const Desk *d, const DeskToken **ret_items, size_t *ret_n) {
    AUTO(StoreQuery) q = store_stmt(d->node->local, LOCAL_TOKEN_LIST);
    store_bind_i64(q, ":at", clock_now(d->node->env.clock));
    store_bind_i64(q, ":all", desk_may(d, DESK_USER_WRITE));
    store_bind_i64(q, ":user", d->user);
    DeskToken *items;
    size_t n = 0;
    TRY(ctx_alloc(c, TOKENS_LISTED_MAX * sizeof *items, &items));
    for (bool row = true; n < TOKENS_LISTED_MAX; n++) {
        TRY(store_step(c, q, &row));
        if (!row)
            break;
        DeskToken t = {.id = store_col_i64(q, 0),
                       .created_at = store_col_i64(q, 4),
                       .expires_at = store_col_i64(q, 5),
                       .last_used_at = store_col_i64(q, 6)};
        TRY(str_copy(c, store_col_str(q, 1), &t.name));
        TRY(str_copy(c, store_col_str(q, 2), &t.purpose));
        TRY(str_copy(c, store_col_str(q, 3), &t.user));
        items[n] = t;
    }
    *ret_items = items;
    *ret_n = n;
    return OK;
}

Err desk_token_list(Ctx *c, const Desk *d, const DeskToken **ret_items, size_t *ret_n) {
    desk_local_lock(d->node);
    Err e = tokens_read(c, d, ret_items, ret_n);
    desk_local_unlock(d->node);
    return e;
}

Err desk_token_revoke(Ctx *c, const Desk *d, int64_t id) {
    desk_local_lock(d->node);
    StoreStmt *q = store_stmt(d->node->local, LOCAL_TOKEN_REVOKE);
    store_bind_i64(q, ":at", clock_now(d->node->env.clock));
    store_bind_i64(q, ":id", id);
    store_bind_i64(q, ":all", desk_may(d, DESK_USER_WRITE));
    store_bind_i64(q, ":user", d->user);
    Err e = store_run(c, q);
    int64_t changed = store_changes(d->node->local);
    desk_access_changed(d->node);
    desk_local_unlock(d->node);
    if (e == OK && changed == 0)
        return fail(c, E_NOT_FOUND, "there is no token %lld of yours: `moei token list` shows them",
                    (long long)id);
    return e;
}
