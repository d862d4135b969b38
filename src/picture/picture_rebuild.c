// From the ledger into the picture: forward from where it stands, or all of it anew beside.
#include "picture/picture_priv.h"

// --- forward ------------------------------------------------------------------------------------

// Leaves copied out of a scan until a group is full.
typedef struct Gather {
    Picture *picture;
    PictureProgress progress;
    LedgerReader *ledger;
    PictureLogNames names;
    PictureItem items[PICTURE_GROUP_RECORDS_MAX];
    size_t offsets[PICTURE_GROUP_RECORDS_MAX];
    size_t count;
    Buf bytes;
    uint64_t done, all;
} Gather;
typedef Gather *GatherOwned;

static void GatherOwned_cleanup(GatherOwned *g) {
    if (!*g)
        return;
    buf_done(&(*g)->bytes);
    PictureLogNames_cleanup(&(*g)->names);
    mem_free(*g);
}

static Err gather_fold(Ctx *c, Gather *g) {
    TRY(buf_check(c, &g->bytes));
    for (size_t i = 0; i < g->count; i++)
        g->items[i].envelope.p = g->bytes.p + g->offsets[i];
    if (g->count)
        TRY(picture_fold(c, g->picture, g->items, g->count));
    g->done += g->count;
    g->count = 0;
    buf_clear(&g->bytes);
    if (g->progress.step)
        g->progress.step(g->progress.self, g->done, g->all);
    return OK;
}

static Err gather_visit(void *self, Ctx *c, const LedgerItem *item) {
    Gather *g = self;
    if (g->count == PICTURE_GROUP_RECORDS_MAX || g->bytes.n > PICTURE_GROUP_BYTES_MAX)
        TRY(gather_fold(c, g));
    Str envelope = item->state == LEDGER_HELD ? item->envelope : (Str){0};
    g->offsets[g->count] = g->bytes.n;
    PictureItem *k = &g->items[g->count];
    *k = (PictureItem){.seq = (uint64_t)item->place.seq,
                       .arrival = item->arrival,
                       .late = item->late,
                       .envelope = {NULL, envelope.n}};
    TRY(log_names_put(c, &g->names, g->ledger, item->place.log, k));
    g->count++;
    buf_str(&g->bytes, envelope);
    return OK;
}

Err picture_catch_up(Ctx *c, Picture *p, LedgerReader *ledger, PictureProgress progress) {
    AUTO(GatherOwned) g = mem_alloc_zero(1, sizeof *g);
    if (!g)
        return fail(c, E_MEMORY, "not enough memory to bring the picture forward");
    ctx_init(&g->names.memory);
    g->picture = p;
    g->progress = progress;
    g->ledger = ledger;
    if (progress.step)
        TRY(load_leaves(c, p, ledger, &g->done, &g->all));
    const LedgerVisit visit = {gather_visit, g};
    for (size_t i = 0; i < PICTURE_OWN_LOGS; i++) {
        uint64_t upto;
        TRY(picture_upto(c, p, ledger_reader_agency(ledger), str_of(picture_own_logs[i].name),
                         &upto));
        TRY(ledger_scan(c, ledger, picture_own_logs[i].log, (int64_t)upto, visit));
        TRY(gather_fold(c, g));
    }
    TRY(picture_ready(c, p));
    TRY(ledger_scan_arrivals(c, ledger, p->arrival, visit));
    return gather_fold(c, g);
}

// --- anew ---------------------------------------------------------------------------------------

// Ids page by page, so that no statement reads a table that is being changed.
static Err all_ids(Picture *p, PictureWrite which, Dict *set) {
    uint8_t after[16] = {0};
    for (size_t n = 1; n > 0;) {
        TRY(store_begin(&p->work, p->db));
        {
            AUTO(StoreQuery) q = write_stmt(p, which);
            store_bind_at_blob(q, 1, after, sizeof after);
            n = 0;
            for (bool row = true; row;) {
                TRY(store_step(&p->work, q, &row));
                if (!row)
                    break;
                TRY(touch(p, set, store_col_str(q, 0)));
                n++;
            }
        }
        if (n)
            memcpy(after, dict_get(set, (uint32_t)set->count - 1).p, sizeof after);
        TRY(derive_touched(p));
        TRY(fold_finish(p));
        TRY(store_commit(&p->work, p->db));
        TRY(picture_tidy(&p->work, p, n));
    }
    return OK;
}

static Err all_names(Picture *p) {
    AUTO(StoreQuery) q = write_stmt(p, W_ALL_TWINS);
    for (bool row;;) {
        TRY(store_step(&p->work, q, &row));
        if (!row)
            return OK;
        TRY(touch_name(p, &p->touched.names, (uint32_t)store_col_i64(q, 1), store_col_str(q, 0)));
    }
}

static Err all_picks(Picture *p) {
    AUTO(StoreQuery) q = write_stmt(p, W_ALL_PICKS);
    for (bool row;;) {
        TRY(store_step(&p->work, q, &row));
        if (!row)
            return OK;
        TRY(touch_name(p, &p->touched.transfers, (uint32_t)store_col_i64(q, 1),
                       store_col_str(q, 0)));
    }
}

// Places of our let_go records, page by page.
static Err all_let_go(Picture *p) {
    int64_t after = -1;
    for (size_t n = 1; n > 0;) {
        TRY(store_begin(&p->work, p->db));
        {
            AUTO(StoreQuery) q = write_stmt(p, W_ALL_LET_GO);
            store_bind_at_i64(q, 1, after);
            n = 0;
            for (bool row = true; row;) {
                TRY(store_step(&p->work, q, &row));
                if (!row)
                    break;
                char place[8];
                after = store_col_i64(q, 0);
                store_u64le(place, (uint64_t)after);
                TRY(touch(p, &p->touched.gone, (Str){place, sizeof place}));
                n++;
            }
        }
        TRY(derive_touched(p));
        TRY(fold_finish(p));
        TRY(store_commit(&p->work, p->db));
        TRY(picture_tidy(&p->work, p, n));
    }
    return OK;
}

static Err derive_all(Picture *p) {
    // Which record has an id is decided among those whose content stays.
    TRY(all_ids(p, W_ALL_ERASED, &p->touched.erased));
    TRY(all_let_go(p));
    TRY(all_ids(p, W_ALL_CLASHES, &p->touched.clashes));
    TRY(all_ids(p, W_ALL_OBJECTS, &p->touched.objects));
    TRY(all_ids(p, W_ALL_ORDERS, &p->touched.objects));
    TRY(all_ids(p, W_ALL_GRIEVANCES, &p->touched.orders));
    TRY(all_ids(p, W_ALL_SHARED, &p->touched.objects));
    TRY(all_ids(p, W_ALL_ASKING, &p->touched.owed));
    TRY(store_begin(&p->work, p->db));
    TRY(all_names(p));
    TRY(all_picks(p));
    TRY(derive_touched(p));
    TRY(fold_finish(p));
    return store_commit(&p->work, p->db);
}

// `p` is a picture of its own that stands on nothing yet; it keeps the words of an error.
static Err build(Picture *p, Str path, LedgerReader *ledger, PictureProgress progress) {
    TRY(picture_attach(&p->work, p, path, OPEN_BULK));
    TRY(picture_reload(&p->work, p));
    TRY(load_all(p, ledger, progress));
    TRY(find_load(p));
    picture_detach(p);
    TRY(picture_attach(&p->work, p, path, OPEN_FULL));
    TRY(picture_reload(&p->work, p));
    TRY(derive_all(p));
    TRY(store_checkpoint(&p->work, p->db, STORE_CHECKPOINT_TRUNCATE));
    picture_detach(p);
    return OK;
}

static Err remove_with_wal(Ctx *c, Str dir, const char *suffix) {
    static const char *const tails[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < COUNT_OF(tails); i++) {
        Str base, path;
        TRY(picture_file(c, dir, suffix, &base));
        TRY(str_format(c, &path, STR_FMT "%s", STR_ARG(base), tails[i]));
        TRY(file_remove(c, path));
    }
    return OK;
}

static Err sync_file(Ctx *c, Str path) {
    AUTO(File) f = {0};
    TRY(file_open(c, path, FILE_READ_WRITE, &f));
    return file_sync(c, &f);
}

// The old file goes with its WAL before the new one takes its name: a crash between leaves no
// picture, and the next start folds the ledger again.
static Err swap(Ctx *c, Picture *p, Str dir, Str fresh, Str path) {
    TRY(sync_file(c, fresh));
    picture_detach(p);
    TRY(remove_with_wal(c, dir, ""));
    TRY(file_rename(c, fresh, path));
    TRY(dir_sync(c, dir));
    return remove_with_wal(c, dir, ".new");
}

Err picture_rebuild(Ctx *c, Picture *p, LedgerReader *ledger, PictureProgress progress) {
    Str dir = str_of(p->dir), fresh, path;
    TRY(picture_file(c, dir, ".new", &fresh));
    TRY(picture_file(c, dir, "", &path));
    TRY(remove_with_wal(c, dir, ".new"));
    AUTO(PictureOwned) other = NULL;
    TRY(picture_make(c, dir, str_of(p->own), &other));
    Err e = build(other, fresh, ledger, progress);
    if (e != OK) {
        (void)fail(c, e, "%s", other->work.error);
        picture_detach(other);
        AUTO(Ctx) quiet;
        ctx_init(&quiet);
        (void)!remove_with_wal(&quiet, dir, ".new");
        return e;
    }
    e = swap(c, p, dir, fresh, path);
    Err again = picture_ready(c, p);
    return e != OK ? e : again;
}
