// Opening the writer's file, and what it keeps of it in memory.
#include "picture/picture_priv.h"

#include "picture_sql.h"

static_assert(COUNT_OF(picture_sql) <= PICTURE_SQL_FILES_MAX, "every file of SQL has a place");

static const char *const write_names[W_COUNT] = {
#define X(name, text) #text,
    PICTURE_WRITES(X)
#undef X
};

static const StoreSchema full_schema = {"picture", picture_sql, COUNT_OF(picture_sql), write_names,
                                        W_COUNT};

#define TEXT_OF(n) TEXT_OF_(n)
#define TEXT_OF_(n) #n
#define PICTURE_NAME "picture-" TEXT_OF(PICTURE_VERSION) ".db"

Err picture_file(Ctx *c, Str dir, const char *suffix, Str *ret_path) {
    return str_format(c, ret_path, STR_FMT "/" PICTURE_NAME "%s", STR_ARG(dir), suffix);
}

// The tables alone, without the indexes and views of later migrations.
static void load_schema_make(Picture *p) {
    size_t n = 0;
    for (size_t i = 0; i < COUNT_OF(picture_sql); i++) {
        char first = picture_sql[i].name[0];
        if (first < '0' || first > '9' || str_ends(str_of(picture_sql[i].name), STR("_tables")))
            p->load_sql[n++] = picture_sql[i];
    }
    p->load_schema = (StoreSchema){"picture", p->load_sql, n, write_names, W_COUNT};
}

Err picture_make(Ctx *c, Str dir, Str own_agency, Picture **ret_picture) {
    if (dir.n == 0 || dir.n >= BASE_PATH_BYTES_MAX)
        return fail(c, E_INVALID, "the path of the picture's folder is empty or too long");
    AUTO(PictureOwned) p = mem_alloc_zero(1, sizeof *p);
    if (!p)
        return fail(c, E_MEMORY, "not enough memory for the picture");
    ASSERT(own_agency.n == sizeof p->own - 1);
    memcpy(p->own, own_agency.p, own_agency.n);
    memcpy(p->dir, dir.p, dir.n);
    p->find.fresh_max = PICTURE_FIND_FRESH_MAX;
    ctx_init(&p->work);
    load_schema_make(p);
    TRY(json_reader_open(c, &p->json));
    TRY(json_reader_open(c, &p->ahead_json));
    *ret_picture = p;
    p = NULL;
    return OK;
}

static void memory_forget(Picture *p) {
    dict_done(&p->agencies);
    dict_done(&p->marks);
    p->log_count = 0;
    count_clear(&p->counts);
    touched_clear(&p->touched);
    p->find.what = -1;
    p->find.pos = 0;
    buf_clear(&p->find.text);
    p->stale = true;
}

Err picture_attach(Ctx *c, Picture *p, Str path, PictureOpenMode mode) {
    ASSERT(!p->db);
    const StoreSchema *schema = mode == OPEN_BULK ? &p->load_schema : &full_schema;
    const StoreOptions options = {.mode = STORE_CREATE,
                                  .sync = STORE_SYNC_NORMAL,
                                  .schemas = &schema,
                                  .schema_count = 1,
                                  .cache_kib = mode == OPEN_BULK ? PICTURE_LOAD_CACHE_KIB
                                                                 : PICTURE_CACHE_KIB};
    memory_forget(p);
    TRY(store_open(c, path, &options, &p->db));
    p->bulk = mode == OPEN_BULK;
    return OK;
}

void picture_detach(Picture *p) {
    store_close(p->db);
    p->db = NULL;
}

static bool is_left_over(Str name) {
    if (!str_starts(name, STR("picture-")))
        return false;
    return !str_eq_c(name, PICTURE_NAME) && !str_eq_c(name, PICTURE_NAME "-wal") &&
           !str_eq_c(name, PICTURE_NAME "-shm");
}

Err picture_open(Ctx *c, Str dir, Str own_agency, Picture **ret_picture) {
    AUTO(PictureOwned) p = NULL;
    TRY(picture_make(c, dir, own_agency, &p));
    Str *names, path;
    size_t n;
    TRY(dir_list(c, dir, &names, &n));
    for (size_t i = 0; i < n; i++)
        if (is_left_over(names[i])) {
            TRY(str_format(c, &path, "%s/" STR_FMT, p->dir, STR_ARG(names[i])));
            TRY(file_remove(c, path));
        }
    TRY(picture_file(c, dir, "", &path));
    TRY(picture_attach(c, p, path, OPEN_FULL));
    TRY(picture_reload(c, p));
    *ret_picture = p;
    p = NULL;
    return OK;
}

void picture_close(Picture *p) {
    if (!p)
        return;
    picture_detach(p);
    memory_forget(p);
    count_done(&p->counts);
    mem_free(p->logs);
    buf_done(&p->mark_text);
    buf_done(&p->named);
    buf_done(&p->find.text);
    json_reader_close(&p->json);
    json_reader_close(&p->ahead_json);
    ctx_done(&p->ahead);
    ctx_done(&p->work);
    mem_free(p);
}

void PictureOwned_cleanup(PictureOwned *p) {
    picture_close(*p);
}

// --- memory -------------------------------------------------------------------------------------

// Rows (id, text) whose ids count from 0.
static Err reload_dict(Ctx *c, Picture *p, PictureWrite which, Dict *dict) {
    dict_done(dict);
    dict_init(dict, 0);
    AUTO(StoreQuery) q = write_stmt(p, which);
    for (bool row;;) {
        TRY(store_step(c, q, &row));
        if (!row)
            return OK;
        uint32_t id;
        TRY(dict_intern(c, dict, store_col_str(q, 1), &id));
        if (id != store_col_i64(q, 0))
            return fail(c, E_CORRUPT,
                        "%s: its numbers of agencies or marks have a gap; run moei rebuild",
                        store_path(p->db));
    }
}

static Err reload_logs(Ctx *c, Picture *p) {
    p->log_count = 0;
    AUTO(StoreQuery) q = write_stmt(p, W_LOG_ALL);
    for (bool row;;) {
        TRY(store_step(c, q, &row));
        if (!row)
            return OK;
        TRY(mem_grow(c, &p->logs, &p->log_cap, p->log_count + 1, sizeof *p->logs));
        Str name = store_col_str(q, 3);
        if (store_col_i64(q, 0) != (int64_t)p->log_count || name.n >= PICTURE_LOG_NAME_BYTES_MAX)
            return fail(c, E_CORRUPT, "%s: its table of logs is damaged; run moei rebuild",
                        store_path(p->db));
        PictureLog *log = &p->logs[p->log_count++];
        *log = (PictureLog){.agency_n = (uint32_t)store_col_i64(q, 1),
                            .ledger_log = (uint32_t)store_col_i64(q, 6),
                            .upto = store_col_i64(q, 4),
                            .top = store_col_i64(q, 5)};
        memcpy(log->name, name.p, name.n);
    }
}

static Err total(Ctx *c, Picture *p, PictureTable table, Str state, int64_t *ret_n) {
    AUTO(StoreQuery) q = write_stmt(p, W_COUNT_TOTAL);
    store_bind_at_str(q, 1, str_of(count_table_name(table)));
    store_bind_at_str(q, 2, state);
    bool row;
    TRY(store_step(c, q, &row));
    *ret_n = row ? store_col_i64(q, 0) : 0;
    return OK;
}

static Err arrival_reload(Ctx *c, Picture *p) {
    AUTO(StoreQuery) q = write_stmt(p, W_ARRIVAL_LAST);
    bool row;
    TRY(store_step(c, q, &row));
    p->arrival = row ? store_col_i64(q, 0) : 0;
    return OK;
}

static Err id_reload(Ctx *c, Picture *p) {
    if (p->bulk) // without an index, and nothing asks
        return OK;
    AUTO(StoreQuery) q = write_stmt(p, W_RECORD_LAST);
    bool row;
    p->id_last = (RecordId){{0}};
    TRY(store_step(c, q, &row));
    if (row)
        memcpy(p->id_last.b, store_col_str(q, 0).p, sizeof p->id_last.b);
    return OK;
}

Err picture_ready(Ctx *c, Picture *p) {
    if (!p->db) {
        Str path;
        TRY(picture_file(c, str_of(p->dir), "", &path));
        TRY(picture_attach(c, p, path, OPEN_FULL));
    }
    return p->stale ? picture_reload(c, p) : OK;
}

Err picture_reload(Ctx *c, Picture *p) {
    memory_forget(p);
    TRY(reload_dict(c, p, W_AGENCY_ALL, &p->agencies));
    TRY(reload_dict(c, p, W_MARK_ALL, &p->marks));
    TRY(reload_logs(c, p));
    TRY(total(c, p, TABLE_FOLD, STR("waiting"), &p->waiting));
    TRY(total(c, p, TABLE_FOLD, STR("clash"), &p->clashes));
    TRY(total(c, p, TABLE_RECORD, STR("erase"), &p->erases));
    TRY(total(c, p, TABLE_RECORD, STR("let_go"), &p->let_gos));
    TRY(total(c, p, TABLE_RECORD, STR("share"), &p->shares));
    TRY(arrival_reload(c, p));
    TRY(find_reload(c, p));
    TRY(id_reload(c, p));
    Err e = fold_own(p);
    if (e != OK) {
        memory_forget(p);
        return c == &p->work ? e : fail(c, e, "%s", p->work.error);
    }
    p->stale = false;
    return OK;
}
