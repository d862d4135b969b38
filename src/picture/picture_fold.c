// One leaf into the tables: place, mark, record, facts; what it touches is derived afterwards.
#include "picture/picture_priv.h"

// --- places and marks ---------------------------------------------------------------------------

static Err agency_number(Picture *p, Str agency, uint32_t *ret_n) {
    size_t before = p->agencies.count;
    uint32_t n;
    TRY(dict_intern(&p->work, &p->agencies, agency, &n));
    if (p->agencies.count > before) {
        StoreStmt *s = write_stmt(p, W_AGENCY_ADD);
        store_bind_at_i64(s, 1, n);
        store_bind_at_str(s, 2, agency);
        TRY(store_run(&p->work, s));
    }
    *ret_n = n;
    return OK;
}

static Err log_number(Picture *p, const PictureItem *item, uint32_t *ret_n) {
    uint32_t agency_n;
    TRY(agency_number(p, item->agency, &agency_n));
    for (uint32_t i = 0; i < p->log_count; i++)
        if (p->logs[i].agency_n == agency_n && str_eq_c(item->log, p->logs[i].name)) {
            *ret_n = i;
            return OK;
        }
    if (item->log.n == 0 || item->log.n >= PICTURE_LOG_NAME_BYTES_MAX)
        return fail(&p->work, E_INVALID, "a log's name is empty or too long");
    if (p->log_count >= LEDGER_LOGS_MAX)
        return fail(&p->work, E_LIMIT, "more than %d logs", LEDGER_LOGS_MAX);
    TRY(mem_grow(&p->work, &p->logs, &p->log_cap, p->log_count + 1, sizeof *p->logs));
    PictureLog *log = &p->logs[p->log_count];
    *log = (PictureLog){.agency_n = agency_n, .ledger_log = item->ledger_log};
    memcpy(log->name, item->log.p, item->log.n);
    StoreStmt *s = write_stmt(p, W_LOG_ADD);
    store_bind_at_i64(s, 1, (int64_t)p->log_count);
    store_bind_at_i64(s, 2, agency_n);
    store_bind_at_str(s, 3, item->log);
    store_bind_at_i64(s, 4, item->ledger_log);
    TRY(store_run(&p->work, s));
    *ret_n = (uint32_t)p->log_count++;
    return OK;
}

Err fold_own(Picture *p) {
    Str own = str_of(p->own);
    if (p->agencies.count) {
        if (str_eq(dict_get(&p->agencies, OWN_AGENCY), own))
            return OK;
        return fail(&p->work, E_STATE,
                    "%s is the picture of another agency; move it away, and a new one is made",
                    store_path(p->db));
    }
    static const char *const names[] = {[OWN_MAIN] = "main", [OWN_READS] = "reads"};
    AUTO(StoreTx) tx = {0};
    TRY(store_tx_begin(&p->work, p->db, &tx));
    for (uint32_t i = 0; i < COUNT_OF(names); i++) {
        uint32_t n;
        const PictureItem item = {.agency = own, .log = str_of(names[i]), .ledger_log = i};
        TRY(log_number(p, &item, &n));
        ASSERT(n == i);
    }
    return store_tx_commit(&p->work, &tx);
}

// By name, so that the same holds for a newer version of the kind and for one in another's log,
// whose content is not read.
Str compartment_of(Str kind_name) {
    return str_eq_c(kind_name, "victim")      ? STR("victim")
           : str_eq_c(kind_name, "grievance") ? STR("grievance")
           : str_eq_c(kind_name, "read")      ? STR("reads")
                                              : STR("");
}

Err mark_intern(Picture *p, Str compartment, Str mark, uint32_t *ret_mark) {
    buf_clear(&p->mark_text);
    buf_str(&p->mark_text, compartment);
    buf_char(&p->mark_text, ' ');
    buf_str(&p->mark_text, mark);
    TRY(buf_check(&p->work, &p->mark_text));
    Str key = buf_view(&p->mark_text);
    size_t before = p->marks.count, head = compartment.n + 1;
    TRY(dict_intern(&p->work, &p->marks, key, ret_mark));
    if (p->marks.count == before)
        return OK;
    StoreStmt *s = write_stmt(p, W_MARK_ADD);
    store_bind_at_i64(s, 1, *ret_mark);
    store_bind_at_str(s, 2, (Str){key.p + head, key.n - head});
    store_bind_at_str(s, 3, compartment);
    return store_run(&p->work, s);
}

Err mark_moved(Picture *p, uint32_t mark_id, Str compartment, uint32_t *ret_mark) {
    Str mark = dict_get(&p->marks, mark_id), had, copy;
    bool found = str_split(&mark, ' ', &had);
    ASSERT(found);
    // The text lies in the dictionary, which may move when the new one comes in.
    TRY(str_copy(&p->work, mark, &copy));
    return mark_intern(p, compartment, copy, ret_mark);
}

// The number of the mark and compartment. `until` is the last member of the canonical text and is
// left out.
static Err mark_number(Picture *p, const Record *r, uint32_t *ret_mark) {
    if (!r->mark.has_until)
        return mark_intern(p, compartment_of(r->kind_name), r->mark_bytes, ret_mark);
    size_t tail = sizeof("\"2026-11-22T08:15:00.000000Z\"}") - 1;
    ASSERT(r->mark_bytes.n > tail);
    Str mark;
    TRY(str_format(&p->work, &mark, STR_FMT "null}", (int)(r->mark_bytes.n - tail),
                   r->mark_bytes.p));
    return mark_intern(p, compartment_of(r->kind_name), mark, ret_mark);
}

static Err present(Picture *p, int64_t pos, bool *ret_present) {
    AUTO(StoreQuery) q = write_stmt(p, W_RECORD_AT);
    store_bind_at_i64(q, 1, pos);
    return store_step(&p->work, q, ret_present);
}

// Counts the leaf as seen: `upto` moves over it and over all behind it that are here already.
static Err log_seen(Picture *p, uint32_t log_n, int64_t seq) {
    PictureLog *log = &p->logs[log_n];
    log->changed = true;
    if (seq >= log->top)
        log->top = seq + 1;
    if (seq == log->upto)
        log->upto++;
    for (bool here = true; here && log->upto < log->top && seq < log->upto;) {
        TRY(present(p, place_key(log_n, (uint64_t)log->upto), &here));
        log->upto += here;
    }
    return OK;
}

// --- records ------------------------------------------------------------------------------------

// Whether erase records that are here already name this id, and whether one of them speaks of this
// very leaf: then its content does not come back.
static Err erased_before(Picture *p, const Record *r, int64_t pos, bool *ret_named,
                         bool *ret_erased) {
    *ret_named = *ret_erased = false;
    if (p->erases == 0)
        return OK;
    LedgerPlace place = ledger_place_of_key(pos);
    const PictureLog *log = &p->logs[place.log];
    AUTO(StoreQuery) q = write_stmt(p, W_ERASE_NAMING);
    store_bind_at_blob(q, 1, r->id.b, sizeof r->id.b);
    for (bool row;;) {
        TRY(store_step(&p->work, q, &row));
        if (!row)
            return OK;
        *ret_named = true;
        if (kind_erasable(r->kind) && str_eq_c(store_col_str(q, 0), log->name) &&
            store_col_i64(q, 1) == place.seq && store_col_i64(q, 2) == log->agency_n)
            *ret_erased = true;
    }
}

static Str first_state(const PictureFact *f) {
    const Record *r = f->record;
    if (r->kind == RECORD_UNKNOWN)
        return STR("unknown");
    return r->has_of && r->kind != RECORD_ERASE ? STR("waiting") : STR("held");
}

// Whether a let_go of ours that is here already names this leaf of another agency's log.
static Err let_go_before(Picture *p, const Record *r, const PictureItem *item, uint32_t log_n,
                         bool *ret_gone) {
    *ret_gone = false;
    bool other = p->logs[log_n].agency_n != OWN_AGENCY;
    bool kept = str_eq_c(r->kind_name, "genesis") || str_eq_c(r->kind_name, "erase");
    if (p->let_gos == 0 || !other || kept)
        return OK;
    AUTO(StoreQuery) q = write_stmt(p, W_LET_GO_NAMING);
    store_bind_at_i64(q, 1, (int64_t)item->seq);
    store_bind_at_str(q, 2, item->agency);
    store_bind_at_blob(q, 3, r->id.b, sizeof r->id.b);
    store_bind_at_blob(q, 4, r->root.b, sizeof r->root.b);
    return store_step(&p->work, q, ret_gone);
}

// Another record with this id is here: which of them counts is derived.
static Err twin_of_id(Picture *p, const Record *r, int64_t pos) {
    if (p->bulk)
        return OK;
    if (record_id_cmp(r->id, p->id_last) > 0) {
        p->id_last = r->id;
        return OK;
    }
    AUTO(StoreQuery) q = write_stmt(p, W_RECORD_TWIN);
    store_bind_at_blob(q, 1, r->id.b, sizeof r->id.b);
    store_bind_at_i64(q, 2, pos);
    bool row;
    TRY(store_step(&p->work, q, &row));
    return row ? touch(p, &p->touched.clashes, (Str){(const char *)r->id.b, sizeof r->id.b}) : OK;
}

static Err record_add(Picture *p, const PictureFact *f) {
    const Record *r = f->record;
    Str state = first_state(f);
    StoreStmt *s = write_stmt(p, W_RECORD_ADD);
    store_bind_at_i64(s, 1, f->pos);
    store_bind_at_blob(s, 2, r->id.b, sizeof r->id.b);
    if (r->has_of)
        store_bind_at_blob(s, 3, r->of.b, sizeof r->of.b);
    store_bind_at_str(s, 4, r->kind_name);
    store_bind_at_str(s, 5, state);
    store_bind_at_i64(s, 6, r->at_us);
    if (r->has_officer)
        store_bind_at_blob(s, 7, r->officer.b, sizeof r->officer.b);
    store_bind_at_i64(s, 8, f->mark_id);
    if (r->mark.has_until)
        store_bind_at_i64(s, 9, r->mark.until_us);
    store_bind_at_i64(s, 10, r->kind != RECORD_UNKNOWN);
    TRY(store_run(&p->work, s));
    TRY(twin_of_id(p, r, f->pos));
    TRY(count_add(p, TABLE_RECORD, r->kind_name, f->mark_id, 1));
    if (!str_eq_c(state, "held"))
        TRY(count_add(p, TABLE_FOLD, state, f->mark_id, 1));
    for (size_t i = 0; i < r->ref_count; i++) {
        s = write_stmt(p, W_REF_ADD);
        store_bind_at_i64(s, 1, f->pos);
        store_bind_at_blob(s, 2, r->refs[i].b, sizeof r->refs[i].b);
        TRY(store_run(&p->work, s));
    }
    return fact_add(p, f);
}

// What the new record may change about others: children that wait for it, a share that came before.
static Err touch_around(Picture *p, const Record *r) {
    if (r->has_of)
        return touch(p, &p->touched.objects, (Str){(const char *)r->of.b, sizeof r->of.b});
    Str id = {(const char *)r->id.b, sizeof r->id.b};
    bool row = false;
    if (p->waiting > 0) {
        AUTO(StoreQuery) q = write_stmt(p, W_CHILD_ANY);
        store_bind_at_blob(q, 1, id.p, id.n);
        TRY(store_step(&p->work, q, &row));
    }
    if (!row && p->shares > 0) {
        AUTO(StoreQuery) q = write_stmt(p, W_SHARE_HERE);
        store_bind_at_blob(q, 1, id.p, id.n);
        TRY(store_step(&p->work, q, &row));
    }
    return row ? touch(p, &p->touched.objects, id) : OK;
}

static Err fold_record(Picture *p, const PictureItem *item, uint32_t log_n, Record *r) {
    // A record in another's log, or a genesis that is not a log's first leaf, is kept as unknown.
    bool own = r->kind == RECORD_GENESIS ? item->seq == 0 : str_eq(r->agency, item->agency);
    if (!own)
        r->kind = RECORD_UNKNOWN;
    PictureFact f = {
        .pos = place_key(log_n, item->seq), .agency_n = p->logs[log_n].agency_n, .record = r};
    bool named = false, erased = false, gone = false;
    if (!p->bulk) {
        TRY(erased_before(p, r, f.pos, &named, &erased));
        TRY(let_go_before(p, r, item, log_n, &gone));
    }
    if (named)
        TRY(touch(p, &p->touched.erased, (Str){(const char *)r->id.b, sizeof r->id.b}));
    if (erased || gone)
        return OK;
    TRY(mark_number(p, r, &f.mark_id));
    TRY(record_add(p, &f));
    return p->bulk ? OK : touch_around(p, r);
}

Err fold_parse(Ctx *c, JsonReader *json, const PictureItem *item, Record *ret_record) {
    Err e = record_parse(c, json, item->envelope, ret_record);
    if (e != E_INVALID)
        return e;
    Str why;
    TRY(str_copy(c, str_of(c->error), &why));
    return fail(
        c, E_CORRUPT,
        "leaf %llu of log " STR_FMT " of agency " STR_FMT " does not read as a record: " STR_FMT,
        (unsigned long long)item->seq, STR_ARG(item->log), STR_ARG(item->agency), STR_ARG(why));
}

// Where what came from others stands in the order in which it came.
static Err arrival_add(Picture *p, const PictureItem *item, uint32_t log_n) {
    if (item->arrival <= 0)
        return OK;
    StoreStmt *s = write_stmt(p, W_ARRIVAL_ADD);
    store_bind_at_i64(s, 1, item->arrival);
    store_bind_at_i64(s, 2, place_key(log_n, item->seq));
    TRY(store_run(&p->work, s));
    if (item->arrival > p->arrival)
        p->arrival = item->arrival;
    return OK;
}

Err fold_item(Picture *p, const PictureItem *item, const Record *parsed) {
    ctx_reset(&p->work);
    uint32_t log_n;
    if (item->seq >> 40)
        return fail(&p->work, E_LIMIT, "a log has more than 2^40 leaves");
    TRY(log_number(p, item, &log_n));
    if (p->logs[log_n].agency_n != OWN_AGENCY || item->late)
        TRY(arrival_add(p, item, log_n));
    int64_t seq = (int64_t)item->seq;
    if (seq < p->logs[log_n].upto && !item->late)
        return OK;
    bool here = false;
    if (seq < p->logs[log_n].top)
        TRY(present(p, place_key(log_n, item->seq), &here));
    if (here)
        return OK;
    if (item->envelope.n) {
        Record r;
        if (parsed)
            r = *parsed;
        else
            TRY(fold_parse(&p->work, &p->json, item, &r));
        TRY(fold_record(p, item, log_n, &r));
    }
    return log_seen(p, log_n, seq);
}

Err fold_finish(Picture *p) {
    TRY(count_flush(p));
    for (uint32_t i = 0; i < p->log_count; i++) {
        PictureLog *log = &p->logs[i];
        if (!log->changed)
            continue;
        StoreStmt *s = write_stmt(p, W_LOG_SET);
        store_bind_at_i64(s, 1, log->upto);
        store_bind_at_i64(s, 2, log->top);
        store_bind_at_i64(s, 3, i);
        TRY(store_run(&p->work, s));
        log->changed = false;
    }
    return OK;
}

// --- groups -------------------------------------------------------------------------------------

static Err fold_group(Picture *p, const PictureItem *items, size_t n) {
    AUTO(StoreTx) tx = {0};
    TRY(store_tx_begin(&p->work, p->db, &tx));
    for (size_t i = 0; i < n;) {
        size_t part = n - i < PICTURE_AHEAD_RECORDS_MAX ? n - i : PICTURE_AHEAD_RECORDS_MAX;
        // A thread costs as much as reading a dozen records.
        if (part < PICTURE_AHEAD_RECORDS_MIN)
            for (size_t k = 0; k < part; k++)
                TRY(fold_item(p, &items[i + k], NULL));
        else
            TRY(fold_items_ahead(p, &items[i], part));
        i += part;
    }
    TRY(derive_touched(p));
    TRY(find_settle(p));
    TRY(fold_finish(p));
    return store_tx_commit(&p->work, &tx);
}

Err picture_fold(Ctx *c, Picture *p, const PictureItem *items, size_t n) {
    TRY(picture_ready(c, p));
    ctx_reset(&p->work);
    Err e = fold_group(p, items, n);
    if (e != OK) {
        p->stale = true;
        return fail(c, e, "%s", p->work.error);
    }
    return picture_tidy(c, p, n);
}

Err picture_tidy(Ctx *c, Picture *p, size_t folded) {
    int64_t pages = folded < PICTURE_BACKLOG_RECORDS_MIN ? PICTURE_WAL_PAGES_MAX
                                                         : PICTURE_BACKLOG_WAL_PAGES_MAX;
    return p->db && store_wal_pages(p->db) > pages
               ? store_checkpoint(c, p->db, STORE_CHECKPOINT_PASSIVE)
               : OK;
}

Err picture_purge(Ctx *c, Picture *p) {
    TRY(picture_ready(c, p));
    return store_checkpoint(c, p->db, STORE_CHECKPOINT_TRUNCATE);
}

Err picture_upto(Ctx *c, Picture *p, Str agency, Str log, uint64_t *ret_upto) {
    TRY(picture_ready(c, p));
    *ret_upto = 0;
    uint32_t n;
    if (dict_find(&p->agencies, agency, &n))
        for (size_t i = 0; i < p->log_count; i++)
            if (p->logs[i].agency_n == n && str_eq_c(log, p->logs[i].name))
                *ret_upto = (uint64_t)p->logs[i].upto;
    return OK;
}

Err picture_order_last(Ctx *c, Picture *p, Str agency, Str prefix, Str *ret_number) {
    TRY(picture_ready(c, p));
    Str behind;
    TRY(str_format(c, &behind, STR_FMT "\x7f", STR_ARG(prefix)));
    AUTO(StoreQuery) q = write_stmt(p, W_ORDER_LAST);
    store_bind_str(q, ":agency", agency);
    store_bind_str(q, ":prefix", prefix);
    store_bind_str(q, ":behind", behind);
    bool row;
    TRY(store_step(c, q, &row));
    if (!row)
        return fail(c, E_NOT_FOUND, "no id begins with " STR_FMT, STR_ARG(prefix));
    return str_copy(c, store_col_str(q, 0), ret_number);
}

// --- dump ---------------------------------------------------------------------------------------

Err picture_dump(Ctx *c, Picture *p, Buf *out) {
    TRY(picture_ready(c, p));
    for (PictureWrite w = W_DUMP_RECORD; w <= W_DUMP_COUNT; w++) {
        AUTO(StoreQuery) q = write_stmt(p, w);
        for (bool row = true; row;) {
            TRY(store_step(c, q, &row));
            if (row) {
                buf_str(out, store_col_str(q, 0));
                buf_char(out, '\n');
            }
        }
    }
    return buf_check(c, out);
}
