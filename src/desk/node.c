// Opening and closing a node: one folder, one owner.
#include "desk/exchange_priv.h"
#include "desk/order_priv.h"

Err desk_path(Ctx *c, Str dir, const char *name, Str *ret_path) {
    return str_format(c, ret_path, STR_FMT "/%s", STR_ARG(dir), name);
}

Err desk_pass(Ctx *c, const Ctx *from, Err e) {
    return e == OK ? OK : fail(c, e, "%s", from->error);
}

bool desk_step(const DeskProgress *p, const char *what, uint64_t done, uint64_t total) {
    return !p->step || p->step(p->self, what, done, total);
}

Err desk_cancelled(Ctx *c) {
    return fail(c, E_CANCELLED,
                "stopped on request: what was taken so far is kept; the same "
                "command goes on from there");
}

Err desk_lock_take(Ctx *c, Str dir, File *ret_lock) {
    Str path;
    TRY(desk_path(c, dir, "lock", &path));
    AUTO(File) lock = {0};
    Err e = file_open(c, path, FILE_READ_WRITE, &lock);
    if (e == E_READ_ONLY)
        return fail(c, e,
                    STR_FMT " lies on a disk that is mounted read-only: a node writes into its "
                            "folder, also to answer; nothing of it was changed",
                    STR_ARG(dir));
    TRY(e);
    if (file_lock(c, &lock) != OK)
        return fail(c, E_BUSY,
                    STR_FMT " is in use by another moei: wait until that command ends; a server "
                            "has to be ended before this",
                    STR_ARG(dir));
    *ret_lock = lock;
    lock = (File){0};
    return OK;
}

// --- open ---------------------------------------------------------------------------------------

Err desk_node_exists(Ctx *c, Str dir) {
    Str ledger, local;
    TRY(desk_path(c, dir, "ledger.db", &ledger));
    TRY(desk_path(c, dir, "local.db", &local));
    if (!file_exists(ledger) && !file_exists(local))
        return fail(c, E_NOT_FOUND, "there is no node in " STR_FMT ": make one with `moei init`",
                    STR_ARG(dir));
    if (!file_exists(ledger))
        return fail(c, E_CORRUPT,
                    STR_FMT "/ledger.db is gone: the records were in it; bring the node back with "
                            "`moei recover` from a backup",
                    STR_ARG(dir));
    if (!file_exists(local))
        return fail(c, E_CORRUPT,
                    STR_FMT "/local.db is gone: the keys were in it; bring the node back with "
                            "`moei recover` from a backup",
                    STR_ARG(dir));
    return OK;
}

// What file_replace and an interrupted recovery leave behind in the folder.
static Err clean(Ctx *c, Str dir) {
    static const char *const names[] = {"checkpoint.new", "backup.db", "backup-ledger.db",
                                        "backup-local.db"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        Str path;
        TRY(desk_path(c, dir, names[i], &path));
        TRY(file_remove(c, path));
    }
    return OK;
}

static Err keep(Ctx *c, DeskNode *n, Str s, Str *ret_s) {
    char *p = arena_alloc(&n->words, s.n + 1);
    if (!p)
        return fail(c, E_MEMORY, "no memory for the node's name");
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = 0;
    *ret_s = (Str){p, s.n};
    return OK;
}

static Err open_stores(Ctx *c, DeskNode *n, Str dir) {
    TRY(desk_local_open(c, dir, false, &n->local));
    CryptoSignKey *keys;
    size_t count;
    TRY(desk_log_key_list(c, n->local, &keys, &count));
    const StoreSchema *schemas[] = {stream_schema(), shelf_schema(), journal_schema()};
    LedgerOptions options = {
        .dir = dir,
        .random = n->env.random,
        .log_key = keys,
        .earlier = keys + 1,
        .earlier_count = count - 1,
        .schemas = schemas,
        .schema_count = COUNT_OF(schemas),
    };
    Err e = ledger_open(c, &options, &n->ledger);
    crypto_wipe(keys, count * sizeof *keys);
    TRY(e);
    StreamOptions stream = {.dir = dir, .ledger_db = ledger_db(n->ledger), .random = n->env.random};
    TRY(stream_open(c, &stream, &n->stream));
    return picture_open(c, dir, ledger_agency(n->ledger), &n->picture);
}

static Err open_cursor_key(Ctx *c, DeskNode *n) {
    Str hex, demo, unswept;
    TRY(desk_setting_get(c, n->local, STR("cursor_key"), &hex));
    if (!hex_decode(hex, n->cursor_key.b, sizeof n->cursor_key.b))
        return fail(c, E_CORRUPT, "the setting cursor_key of local.db is no key");
    TRY(desk_setting_get(c, n->local, STR("demo"), &demo));
    n->demo = str_eq_c(demo, "1");
    Err e = desk_setting_get(c, n->local, STR("shelf_unswept"), &unswept);
    n->shelf_unswept = e == OK && str_eq_c(unswept, "1");
    return e == E_NOT_FOUND ? OK : e;
}

// Brings the picture to what the ledger holds. One that shows more than the ledger belongs to a
// ledger that was set back: it is made anew.
static Err open_picture(Ctx *c, DeskNode *n, LedgerReader *reader) {
    int64_t size;
    uint64_t upto;
    TRY(ledger_reader_size(c, reader, LEDGER_MAIN, &size));
    TRY(picture_upto(c, n->picture, str_of(n->agency_id), STR("main"), &upto));
    if (upto > (uint64_t)size) {
        TRY(picture_rebuild(c, n->picture, reader, (PictureProgress){0}));
        n->generation++;
    }
    TRY(picture_catch_up(c, n->picture, reader, (PictureProgress){0}));
    if (ledger_rolled_back(n->ledger))
        return OK;
    // A crash may have come between an erasure and the emptying of the WALs.
    TRY(ledger_erase_finish(c, n->ledger));
    return picture_purge(c, n->picture);
}

// A crash may have come between an erasure and the sweeping of the shelf.
static Err sweep(Ctx *c, DeskNode *n, DeskSlot *s) {
    if (ledger_rolled_back(n->ledger))
        return OK;
    TRY(desk_shelf_sweep(c, n, s));
    if (!n->erase_unfinished)
        return OK;
    TRY(ledger_erase_finish(c, n->ledger));
    n->erase_unfinished = false;
    return OK;
}

static Err open_words(Ctx *c, DeskNode *n) {
    Str id = ledger_agency(n->ledger);
    if (id.n != sizeof n->agency_id - 1)
        return fail(c, E_CORRUPT, "the ledger names no agency");
    memcpy(n->agency_id, id.p, id.n);
    {
        AUTO(DeskReading) first = {0};
        TRY(desk_reading_machine(c, n, &first));
        TRY(open_picture(c, n, first.slot->ledger));
    }
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_machine(c, n, &r));
    TRY(sweep(c, n, r.slot));
    PictureAgency a;
    TRY(picture_agency_get(c, r.slot->picture, id, &a));
    TRY(keep(c, n, a.name, &n->agency));
    TRY(keep(c, n, a.title, &n->name));
    TRY(keep(c, n, a.country, &n->country));
    TRY(keep(c, n, a.agency_kind, &n->kind));
    TRY(keep(c, n, a.timezone, &n->timezone));
    return text_zone_open(c, n->timezone, &n->zone);
}

static Err open_in(Ctx *c, DeskNode *n, Str dir) {
    if (dir.n >= sizeof n->dir)
        return fail(c, E_INVALID, "the path of the folder is too long");
    memcpy(n->dir, dir.p, dir.n);
    if (pthread_mutex_init(&n->write_lock, NULL) != 0 ||
        pthread_mutex_init(&n->pool_lock, NULL) != 0 ||
        pthread_mutex_init(&n->fold_lock, NULL) != 0 ||
        pthread_mutex_init(&n->local_lock, NULL) != 0 ||
        pthread_mutex_init(&n->password_lock, NULL) != 0 ||
        pthread_mutex_init(&n->reads.lock, NULL) != 0 ||
        pthread_mutex_init(&n->sessions.lock, NULL) != 0 ||
        pthread_mutex_init(&n->sights.lock, NULL) != 0 ||
        pthread_cond_init(&n->reads.done, NULL) != 0)
        return fail(c, E_MEMORY, "no memory for a lock");
    n->locks_made = true;
    TRY(desk_bell_open(c, &n->bell));
    TRY(desk_lock_take(c, dir, &n->lock));
    TRY(clean(c, dir));
    TRY(format_tables_open(c, &n->tables));
    TRY(desk_roles_open(c, n));
    TRY(open_stores(c, n, dir));
    TRY(open_cursor_key(c, n));
    TRY(open_words(c, n));
    TRY(desk_glass_open(c, n));
    return desk_exchange_open(c, n);
}

int64_t desk_now(const DeskNode *n) {
    return clock_now(n->env.clock);
}

Err desk_open(Ctx *c, const DeskEnv *env, Str dir, DeskNode **ret_node) {
    TRY(desk_node_exists(c, dir));
    AUTO(DeskNodePtr) n = mem_alloc_zero(1, sizeof *n);
    if (!n)
        return fail(c, E_MEMORY, "no memory for the node");
    n->env = *env;
    n->opened_at = clock_now(env->clock);
    TRY(open_in(c, n, dir));
    *ret_node = n;
    n = NULL;
    return OK;
}

void desk_close(DeskNode *n) {
    if (!n)
        return;
    if (n->ledger && !ledger_rolled_back(n->ledger)) {
        // The file is written again at the next start where this fails: nothing is lost by it.
        AUTO(Ctx) c;
        ctx_init(&c);
        (void)!ledger_checkpoint_save(&c, n->ledger);
    }
    for (size_t i = 0; i < COUNT_OF(n->slots); i++) {
        DeskSlot *s = &n->slots[i];
        picture_reader_close(s->picture);
        ledger_reader_close(s->ledger);
        json_reader_close(&s->json);
        mem_free(s->bits);
    }
    desk_exchange_close(n);
    desk_sights_done(&n->sights);
    picture_close(n->picture);
    stream_close(n->stream);
    ledger_close(n->ledger);
    store_close(n->local);
    format_tables_close(n->tables);
    text_zone_close(n->zone);
    arena_done(&n->words);
    file_close(&n->lock);
    if (n->locks_made) {
        pthread_mutex_destroy(&n->write_lock);
        pthread_mutex_destroy(&n->pool_lock);
        pthread_mutex_destroy(&n->fold_lock);
        pthread_mutex_destroy(&n->local_lock);
        pthread_mutex_destroy(&n->password_lock);
        pthread_mutex_destroy(&n->reads.lock);
        pthread_mutex_destroy(&n->sessions.lock);
        pthread_mutex_destroy(&n->sights.lock);
        pthread_cond_destroy(&n->reads.done);
    }
    desk_bell_done(&n->bell);
    crypto_wipe(&n->cursor_key, sizeof n->cursor_key);
    mem_free(n);
}

void DeskNodePtr_cleanup(DeskNodePtr *n) {
    desk_close(*n);
}

Err desk_checkpoint_save(Ctx *c, DeskNode *n) {
    if (ledger_rolled_back(n->ledger))
        return OK;
    // A long import saves it when it ends; the server's clock must not wait for that.
    if (pthread_mutex_trylock(&n->write_lock) != 0)
        return OK;
    Err e = ledger_checkpoint_save(c, n->ledger);
    pthread_mutex_unlock(&n->write_lock);
    return e;
}
