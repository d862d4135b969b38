// Writes that are asked for twice, and codes for people without a log-in.
#include "desk/desk_priv.h"

#define EMPTIED (-1) // status: done, and its answer was taken away

static Err key_check(Ctx *c, Str key) {
    bool good = key.n > 0 && key.n <= REPLAY_KEY_BYTES_MAX;
    for (size_t i = 0; good && i < key.n; i++) {
        char ch = key.p[i];
        good = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
               ch == '.' || ch == '_' || ch == ':' || ch == '-';
    }
    return good ? OK
                : fail(c, E_INVALID, "a key has 1 to %d of A-Z a-z 0-9 . _ : -",
                       REPLAY_KEY_BYTES_MAX);
}

// What an earlier call left under the key.
static Err replay_look(Ctx *c, const Desk *d, Str key, const CryptoHash *request,
                       DeskReplay *ret_replay) {
    AUTO(StoreQuery) q = store_stmt(d->node->local, LOCAL_REPLAY_GET);
    store_bind_i64(q, ":user", d->user);
    store_bind_str(q, ":key", key);
    bool row;
    TRY(store_step(c, q, &row));
    if (!row) {
        *ret_replay = (DeskReplay){0};
        return OK;
    }
    Str hash = store_col_str(q, 0);
    if (hash.n != sizeof request->b || !crypto_equal(hash.p, request->b, hash.n))
        return fail(c, E_EXISTS, "this key was used for another request: take a new one");
    int64_t status = store_col_i64(q, 1);
    if (status == 0 && store_col_i64(q, 3) < d->node->opened_at)
        return fail(c, E_STATE,
                    "the first request under this key was broken off: look whether it was done, "
                    "and ask again under a new key");
    if (status == 0)
        return fail(c, E_BUSY, "the first request under this key is still at work");
    if (status == EMPTIED)
        return fail(c, E_STATE,
                    "the first request under this key was done; its answer went with an erasure: "
                    "look it up, and do not ask again");
    DeskReplay found = {.known = true, .status = (int)status};
    TRY(str_copy(c, store_col_str(q, 2), &found.answer));
    *ret_replay = found;
    return OK;
}

static Err replay_begin(Ctx *c, const Desk *d, Str key, const CryptoHash *request,
                        DeskReplay *ret_replay) {
    StoreDb *db = d->node->local;
    int64_t now = clock_now(d->node->env.clock);
    StoreStmt *q = store_stmt(db, LOCAL_REPLAY_PRUNE);
    store_bind_i64(q, ":before", now - REPLAY_DAYS * TIME_DAY_US);
    TRY(store_run(c, q));
    DeskReplay found;
    TRY(replay_look(c, d, key, request, &found));
    if (!found.known) {
        q = store_stmt(db, LOCAL_REPLAY_ADD);
        store_bind_i64(q, ":user", d->user);
        store_bind_str(q, ":key", key);
        store_bind_blob(q, ":request", request->b, sizeof request->b);
        store_bind_i64(q, ":at", now);
        TRY(store_run(c, q));
    }
    *ret_replay = found;
    return OK;
}

Err desk_replay_begin(Ctx *c, const Desk *d, Str key, const CryptoHash *request,
                      DeskReplay *ret_replay) {
    TRY(key_check(c, key));
    desk_local_lock(d->node);
    Err e = replay_begin(c, d, key, request, ret_replay);
    desk_local_unlock(d->node);
    return e;
}

// Whether an erasure came while the request was at work: its answer may hold what is gone.
static Err erased_since(Ctx *c, const Desk *d, Str key, bool *ret_erased) {
    AUTO(StoreQuery) q = store_stmt(d->node->local, LOCAL_REPLAY_BEGUN);
    store_bind_i64(q, ":user", d->user);
    store_bind_str(q, ":key", key);
    bool row;
    TRY(store_step(c, q, &row));
    *ret_erased = row && store_col_i64(q, 0) <= d->node->emptied_at;
    return OK;
}

static Err replay_end(Ctx *c, const Desk *d, Str key, int status, Str answer) {
    bool erased;
    TRY(erased_since(c, d, key, &erased));
    if (erased)
        answer = (Str){0};
    StoreStmt *q = store_stmt(d->node->local, status ? LOCAL_REPLAY_END : LOCAL_REPLAY_FORGET);
    store_bind_i64(q, ":user", d->user);
    store_bind_str(q, ":key", key);
    if (status) {
        store_bind_i64(q, ":status", erased ? EMPTIED : status);
        store_bind_blob(q, ":answer", answer.n ? answer.p : "", answer.n);
    }
    return store_run(c, q);
}

Err desk_replay_end(Ctx *c, const Desk *d, Str key, int status, Str answer) {
    if (answer.n > REPLAY_ANSWER_BYTES_MAX)
        return fail(c, E_LIMIT, "the answer is too large to be kept");
    desk_local_lock(d->node);
    Err e = replay_end(c, d, key, status, answer);
    desk_local_unlock(d->node);
    return e;
}

Err desk_replay_empty(Ctx *c, DeskNode *n) {
    desk_local_lock(n);
    n->emptied_at = clock_now(n->env.clock);
    StoreStmt *q = store_stmt(n->local, LOCAL_REPLAY_EMPTY);
    store_bind_i64(q, ":emptied", EMPTIED);
    Err e = store_run(c, q);
    if (e == OK)
        e = store_checkpoint(c, n->local, STORE_CHECKPOINT_TRUNCATE);
    desk_local_unlock(n);
    return e;
}

// --- codes --------------------------------------------------------------------------------------

#define CODE_LETTERS 26
static_assert(CODE_LETTERS < DESK_CODE_TEXT_BYTES, "a code fits with its NUL");

static CryptoHash code_hash(char kind, const char code[CODE_LETTERS]) {
    char bytes[sizeof "moei/code/v1/?/" - 1 + CODE_LETTERS];
    memcpy(bytes, "moei/code/v1/?/", sizeof bytes - CODE_LETTERS);
    bytes[sizeof "moei/code/v1/" - 1] = kind;
    memcpy(bytes + sizeof bytes - CODE_LETTERS, code, CODE_LETTERS);
    return crypto_sha256(bytes, sizeof bytes);
}

// Who shows a report asks for its code each time: those known to stand there are remembered, so
// that reading waits for no write of local.db.
static bool code_known(DeskNode *n, const CryptoHash *hash, bool add) {
    CryptoHash *place = &n->sessions.codes[load_u64le(hash->b) % CODES_KEPT];
    pthread_mutex_lock(&n->sessions.lock);
    if (add)
        *place = *hash;
    bool known = crypto_equal(place->b, hash->b, sizeof hash->b);
    pthread_mutex_unlock(&n->sessions.lock);
    return known;
}

static Err code_keep(Ctx *c, DeskNode *n, char kind, CryptoUuid record, const CryptoHash *hash) {
    if (code_known(n, hash, false))
        return OK;
    char kind_text[2] = {kind, 0};
    desk_local_lock(n);
    StoreStmt *q = store_stmt(n->local, LOCAL_CODE_ADD);
    store_bind_blob(q, ":hash", hash->b, sizeof hash->b);
    store_bind_str(q, ":kind", str_of(kind_text));
    store_bind_blob(q, ":record", record.b, sizeof record.b);
    Err e = store_run(c, q);
    desk_local_unlock(n);
    if (e == OK)
        (void)code_known(n, hash, true);
    return e;
}

Err desk_code_of(Ctx *c, DeskNode *n, char kind, CryptoUuid record,
                 char ret_code[DESK_CODE_TEXT_BYTES]) {
    ASSERT(kind == 'h' || kind == 'r');
    uint8_t bytes[] = "moei/code/v1/?/0123456789abcdef";
    bytes[13] = (uint8_t)kind;
    memcpy(bytes + 15, record.b, sizeof record.b);
    CryptoHmacKey key;
    crypto_hmac_key_init(&key, n->cursor_key.b, sizeof n->cursor_key.b);
    CryptoHash h = crypto_hmac(&key, bytes, sizeof bytes - 1);
    crypto_wipe(&key, sizeof key);
    char code[DESK_CODE_TEXT_BYTES];
    desk_letters_put(h.b, 128, 0, code);
    CryptoHash kept = code_hash(kind, code);
    TRY(code_keep(c, n, kind, record, &kept));
    memcpy(ret_code, code, sizeof code);
    return OK;
}

// Small letters; o, i, l as people misread them; blanks and hyphens passed over. False when it is
// no code at all.
static bool code_clean(Str text, char ret_code[CODE_LETTERS]) {
    static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        char ch = text.p[i];
        if (ch == ' ' || ch == '-')
            continue;
        if (ch >= 'A' && ch <= 'Z')
            ch = (char)(ch - 'A' + 'a');
        ch = ch == 'o' ? '0' : ch == 'i' || ch == 'l' ? '1' : ch;
        if (n == CODE_LETTERS || ch == 0 || !strchr(letters, ch))
            return false;
        ret_code[n++] = ch;
    }
    return n == CODE_LETTERS;
}

static Err code_find(Ctx *c, DeskNode *n, char kind, const CryptoHash *hash, bool *ret_found,
                     CryptoUuid *ret_record) {
    char kind_text[2] = {kind, 0};
    AUTO(StoreQuery) q = store_stmt(n->local, LOCAL_CODE_FIND);
    store_bind_blob(q, ":hash", hash->b, sizeof hash->b);
    store_bind_str(q, ":kind", str_of(kind_text));
    TRY(store_step(c, q, ret_found));
    Str record = *ret_found ? store_col_str(q, 0) : (Str){0};
    *ret_found = record.n == sizeof ret_record->b;
    if (*ret_found)
        memcpy(ret_record->b, record.p, record.n);
    return OK;
}

Err desk_code_find(Ctx *c, DeskNode *n, char kind, Str code, CryptoUuid *ret_record) {
    // What is no code is looked up all the same, under a text that no code has.
    char clean[CODE_LETTERS];
    memset(clean, '!', sizeof clean);
    if (!code_clean(code, clean))
        memset(clean, '!', sizeof clean);
    CryptoHash hash = code_hash(kind, clean);
    bool found = false;
    CryptoUuid record;
    desk_local_lock(n);
    Err e = code_find(c, n, kind, &hash, &found, &record);
    desk_local_unlock(n);
    TRY(e);
    if (!found)
        return fail(c, E_NOT_FOUND, "there is no such code");
    *ret_record = record;
    return OK;
}
