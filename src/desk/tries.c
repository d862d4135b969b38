// Passwords tried: one at a time, in equal time, and slower with each wrong one.
#include "desk/desk_priv.h"

void desk_local_lock(DeskNode *n) {
    pthread_mutex_lock(&n->local_lock);
}

void desk_local_unlock(DeskNode *n) {
    if (store_wal_pages(n->local) > LOCAL_WAL_PAGES_MAX) {
        // What it leaves in the WAL is moved the next time: nothing is lost by a failure.
        AUTO(Ctx) c;
        ctx_init(&c);
        (void)!store_checkpoint(&c, n->local, STORE_CHECKPOINT_PASSIVE);
    }
    pthread_mutex_unlock(&n->local_lock);
}

// Names and addresses are kept as a hash: people type their password into the wrong field.
static Err who_of(Ctx *c, const char *what, Str who, CryptoHash *ret_hash) {
    AUTO(Buf) b = {0};
    buf_format(&b, "moei/tries/v1/%s/" STR_FMT, what, STR_ARG(who));
    TRY(buf_check(c, &b));
    *ret_hash = crypto_sha256(b.p, b.n);
    return OK;
}

Err desk_tries_check(Ctx *c, DeskNode *n, const char *what, Str who, int64_t free) {
    CryptoHash hash;
    TRY(who_of(c, what, who, &hash));
    AUTO(StoreQuery) q = store_stmt(n->local, LOCAL_TRIES_GET);
    store_bind_blob(q, ":who", hash.b, sizeof hash.b);
    bool row;
    TRY(store_step(c, q, &row));
    int64_t failed = row ? store_col_i64(q, 0) : 0, last = row ? store_col_i64(q, 1) : 0;
    int64_t now = clock_now(n->env.clock);
    if (failed < free || now - last > LOGIN_TRIES_FORGET_HOURS * TIME_HOUR_US)
        return OK;
    int64_t wait = LOGIN_WAIT_S_MAX;
    if (failed - free < 20 && (int64_t)1 << (failed - free) < wait)
        wait = (int64_t)1 << (failed - free);
    int64_t left = wait - (now - last) / 1000000;
    if (left <= 0)
        return OK;
    return fail(c, E_LIMIT, "too many wrong passwords: try again in %lld seconds",
                (long long)(left < wait ? left : wait));
}

Err desk_tries_failed(Ctx *c, DeskNode *n, const char *what, Str who) {
    CryptoHash hash;
    TRY(who_of(c, what, who, &hash));
    int64_t now = clock_now(n->env.clock);
    StoreStmt *q = store_stmt(n->local, LOCAL_TRIES_PRUNE);
    store_bind_i64(q, ":before", now - LOGIN_TRIES_FORGET_HOURS * TIME_HOUR_US);
    TRY(store_run(c, q));
    q = store_stmt(n->local, LOCAL_TRIES_ADD);
    store_bind_blob(q, ":who", hash.b, sizeof hash.b);
    store_bind_i64(q, ":at", now);
    return store_run(c, q);
}

Err desk_tries_clear(Ctx *c, DeskNode *n, const char *what, Str who) {
    CryptoHash hash;
    TRY(who_of(c, what, who, &hash));
    StoreStmt *q = store_stmt(n->local, LOCAL_TRIES_CLEAR);
    store_bind_blob(q, ":who", hash.b, sizeof hash.b);
    return store_run(c, q);
}

// --- one try ------------------------------------------------------------------------------------

static Err tries_allowed(Ctx *c, DeskNode *n, const DeskLogin *login) {
    TRY(desk_tries_check(c, n, "user", login->user, LOGIN_TRIES_USER));
    if (login->from.n == 0)
        return OK;
    return desk_tries_check(c, n, "from", login->from, LOGIN_TRIES_ADDRESS);
}

static Err tries_done(Ctx *c, DeskNode *n, const DeskLogin *login, bool right) {
    if (right)
        return desk_tries_clear(c, n, "user", login->user);
    TRY(desk_tries_failed(c, n, "user", login->user));
    return login->from.n ? desk_tries_failed(c, n, "from", login->from) : OK;
}

// Under password_lock, so that tries made at once are counted one after the other.
static Err password_try(Ctx *c, DeskNode *n, const DeskLogin *login, Str hash) {
    desk_local_lock(n);
    Err e = tries_allowed(c, n, login);
    desk_local_unlock(n);
    TRY(e);
    if (n->nobody[0] == 0)
        TRY(crypto_password_hash(c, STR("nobody"), n->env.cost, n->env.random, n->nobody));
    bool sane = login->password.n > 0 && login->password.n <= CRYPTO_PASSWORD_BYTES_MAX;
    e = crypto_password_check(c, sane ? login->password : STR("-"),
                              hash.n > 0 ? hash : str_of(n->nobody));
    bool right = e == OK && hash.n > 0 && sane;
    if (e != OK && e != E_DENIED)
        return e;
    desk_local_lock(n);
    e = tries_done(c, n, login, right);
    desk_local_unlock(n);
    TRY(e);
    return right ? OK : fail(c, E_DENIED, "the user's name or the password is wrong");
}

Err desk_password_try(Ctx *c, DeskNode *n, const DeskLogin *login, Str hash) {
    pthread_mutex_lock(&n->password_lock);
    Err e = password_try(c, n, login, hash);
    pthread_mutex_unlock(&n->password_lock);
    return e;
}
