// Who acts: a user of local.db as a Desk, and the officer's key.
#include "desk/desk_priv.h"

const uint64_t desk_reading_acts =
    (uint64_t)1 << DESK_REPORT_READ | (uint64_t)1 << DESK_TRANSFER_READ |
    (uint64_t)1 << DESK_CASE_READ | (uint64_t)1 << DESK_ORDER_READ |
    (uint64_t)1 << DESK_GRIEVANCE_READ | (uint64_t)1 << DESK_REFUND_READ |
    (uint64_t)1 << DESK_RECORD_READ | (uint64_t)1 << DESK_PUBLIC_READ;

// A name that stays as long as the node is open; users are few. Under local_lock.
static Err name_keep(Ctx *c, DeskNode *n, Str name, Str *ret_name) {
    for (DeskName *each = n->names; each; each = each->next) {
        if (str_eq(each->name, name)) {
            *ret_name = each->name;
            return OK;
        }
    }
    DeskName *new = arena_alloc(&n->words, sizeof *new);
    char *bytes = arena_alloc(&n->words, name.n + 1);
    if (!new || !bytes)
        return fail(c, E_MEMORY, "no memory for the user's name");
    if (name.n)
        memcpy(bytes, name.p, name.n);
    bytes[name.n] = 0;
    *new = (DeskName){{bytes, name.n}, n->names};
    n->names = new;
    *ret_name = new->name;
    return OK;
}

// Columns id, name, role, officer, clearance of a row of `user`.
Err desk_of_row(Ctx *c, DeskNode *n, StoreStmt *q, Str purpose, Desk *ret_desk) {
    Desk d = {.node = n, .user = store_col_i64(q, 0), .outlet = "cli"};
    TRY(name_keep(c, n, store_col_str(q, 1), &d.name));
    size_t role = desk_role_find(n, store_col_str(q, 2));
    if (role == n->role_count)
        return fail(c, E_CORRUPT, "local.db: the role of user " STR_FMT " is none",
                    STR_ARG(d.name));
    Str officer = store_col_str(q, 3);
    if (officer.n != sizeof d.officer.b)
        return fail(c, E_CORRUPT, "local.db: the user has no officer record");
    memcpy(d.officer.b, officer.p, officer.n);
    d.clearance = (int)store_col_i64(q, 4);
    d.role = n->roles[role].role;
    d.acts = n->roles[role].acts;
    desk_glass_apply(n, &d);
    TRY(desk_purpose_of(c, n, role, purpose, &d.purpose));
    *ret_desk = d;
    return OK;
}

static Err find(Ctx *c, DeskNode *n, Str user, Str purpose, Desk *ret_desk) {
    AUTO(StoreQuery) q = store_stmt(n->local, user.n ? LOCAL_USER_FIND : LOCAL_USER_FIRST);
    if (user.n)
        store_bind_str(q, ":name", user);
    bool row;
    TRY(store_step(c, q, &row));
    if (!row)
        return fail(c, E_NOT_FOUND, "there is no user " STR_FMT " on this node", STR_ARG(user));
    return desk_of_row(c, n, q, purpose, ret_desk);
}

Err desk_as_for(Ctx *c, DeskNode *n, Str user, Str purpose, Desk *ret_desk) {
    desk_local_lock(n);
    Err e = find(c, n, user, purpose, ret_desk);
    desk_local_unlock(n);
    return e;
}

Err desk_as(Ctx *c, DeskNode *n, Str user, Desk *ret_desk) {
    return desk_as_for(c, n, user, (Str){0}, ret_desk);
}

// --- the key ------------------------------------------------------------------------------------

static Err sealed_of(Ctx *c, const Desk *d, Str *ret_sealed, Str *ret_hash) {
    AUTO(StoreQuery) q = store_stmt(d->node->local, LOCAL_USER_KEY);
    store_bind_i64(q, ":id", d->user);
    bool row;
    TRY(store_step(c, q, &row));
    if (!row)
        return fail(c, E_NOT_FOUND, "this user is not here any more, or is disabled");
    TRY(str_copy(c, store_col_str(q, 0), ret_sealed));
    return str_copy(c, store_col_str(q, 1), ret_hash);
}

Err desk_key_open(Ctx *c, Str sealed, Str password, CryptoSignKey *ret_key) {
    CryptoLock lock = {.password = password, .purpose = STR(DESK_KEY_PURPOSE)};
    AUTO(Buf) seed = {0};
    TRY(crypto_open_with_password(c, &lock, sealed, &seed));
    CryptoSeed s;
    if (seed.n != sizeof s.b)
        return fail(c, E_CORRUPT, "local.db: the officer's key is none");
    memcpy(s.b, seed.p, sizeof s.b);
    crypto_wipe(seed.p, seed.n);
    CryptoPublicKey public;
    crypto_sign_key_from_seed(&s, ret_key, &public);
    crypto_wipe(&s, sizeof s);
    return OK;
}

Err desk_unlock(Ctx *c, Desk *d, Str password, CryptoSignKey *key) {
    Str sealed, hash;
    desk_local_lock(d->node);
    Err e = sealed_of(c, d, &sealed, &hash);
    desk_local_unlock(d->node);
    TRY(e);
    DeskLogin login = {.user = d->name, .password = password};
    TRY(desk_password_try(c, d->node, &login, hash));
    CryptoSignKey opened;
    TRY(desk_key_open(c, sealed, password, &opened));
    *key = opened;
    crypto_wipe(&opened, sizeof opened);
    d->key = key;
    return OK;
}
