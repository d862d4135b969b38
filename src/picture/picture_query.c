// The questions that desks, pages and exports ask: one function each, through the reader's views.
#include "picture/picture_read_priv.h"

// --- records ------------------------------------------------------------------------------------

static Err record_read(Ctx *c, StoreStmt *q, void *item) {
    PictureRecord *k = item;
    k->id = col_id(q, 2);
    k->root = col_id(q, 3);
    TRY(col_text(c, q, 4, &k->kind));
    TRY(col_text(c, q, 5, &k->state));
    TRY(col_text(c, q, 6, &k->agency));
    TRY(col_text(c, q, 7, &k->log));
    k->seq = (uint64_t)store_col_i64(q, 8);
    k->has_officer = col_has_id(q, 9, &k->officer);
    k->has_until = col_i64(q, 10, &k->until);
    TRY(col_text(c, q, 11, &k->mark));
    k->at = store_col_i64(q, 12);
    k->has_erased_by = col_has_id(q, 13, &k->erased_by);
    k->place = (LedgerPlace){(uint32_t)store_col_i64(q, 14), (int64_t)k->seq};
    return OK;
}

const ReadList record_read_list = {R_RECORD_LIST, TABLE_RECORD, true, sizeof(PictureRecord),
                                   record_read};

Err picture_record_list(Ctx *c, PictureReader *r, Str kind, PicturePage page,
                        const PictureRecord **ret_items, size_t *ret_n, bool *ret_more) {
    ReadItems found;
    TRY(read_list(c, r, &record_read_list, kind, &page, &found));
    READ_GIVE(found, ret_items, ret_n);
    *ret_more = found.more;
    return OK;
}

Err picture_record_get(Ctx *c, PictureReader *r, RecordId id, PictureRecord *ret_record) {
    static const PictureRead ways[] = {R_RECORD_GET, R_RECORD_ERASED, R_RECORD_LET_GONE};
    PictureRecord record = {0};
    Err e = E_NOT_FOUND;
    for (size_t i = 0; i < COUNT_OF(ways) && e == E_NOT_FOUND; i++) {
        StoreStmt *q;
        TRY(read_begin(c, r, ways[i], &q));
        store_bind_blob(q, ":id", id.b, sizeof id.b);
        e = read_one(c, q, record_read, &record);
    }
    TRY(e);
    *ret_record = record;
    return OK;
}

Err picture_record_object(Ctx *c, PictureReader *r, RecordId root, const PictureRecord **ret_items,
                          size_t *ret_n) {
    StoreStmt *q;
    ReadItems roots, children;
    TRY(read_begin(c, r, R_RECORD_GET, &q));
    store_bind_blob(q, ":id", root.b, sizeof root.b);
    TRY(read_rows(c, q, &record_read_list, 1, &roots));
    TRY(read_begin(c, r, R_RECORD_CHILDREN, &q));
    store_bind_blob(q, ":id", root.b, sizeof root.b);
    store_bind_i64(q, ":limit", LIST_PAGE_ITEMS_MAX - 1);
    TRY(read_rows(c, q, &record_read_list, LIST_PAGE_ITEMS_MAX, &children));
    PictureRecord *all;
    TRY(ctx_alloc(c, (roots.n + children.n + 1) * sizeof *all, &all));
    memcpy(all, roots.items, roots.n * sizeof *all);
    memcpy(all + roots.n, children.items, children.n * sizeof *all);
    *ret_items = all;
    *ret_n = roots.n + children.n;
    return OK;
}

Err picture_record_quotes(Ctx *c, PictureReader *r, RecordId id, const PictureRecord **ret_items,
                          size_t *ret_n) {
    StoreStmt *q;
    ReadItems found;
    TRY(read_begin(c, r, R_RECORD_QUOTES, &q));
    store_bind_blob(q, ":id", id.b, sizeof id.b);
    store_bind_i64(q, ":limit", RECORD_REFS_MAX);
    TRY(read_rows(c, q, &record_read_list, RECORD_REFS_MAX, &found));
    READ_GIVE(found, ret_items, ret_n);
    return OK;
}

// --- reports ------------------------------------------------------------------------------------

static Err report_read(Ctx *c, StoreStmt *q, void *item) {
    PictureReport *k = item;
    k->id = col_id(q, 2);
    TRY(col_text(c, q, 3, &k->report));
    TRY(col_text(c, q, 4, &k->state));
    TRY(col_text(c, q, 5, &k->agency));
    k->at = store_col_i64(q, 6);
    k->has_reported_at = col_i64(q, 7, &k->reported_at);
    k->has_happened_at = col_i64(q, 8, &k->happened_at);
    TRY(col_text(c, q, 9, &k->country));
    TRY(col_text(c, q, 10, &k->channel));
    k->has_loss = col_i64(q, 11, &k->loss);
    TRY(col_text(c, q, 12, &k->currency));
    k->has_row = !store_col_is_null(q, 13);
    col_hash(q, 13, k->row);
    k->has_seed = col_has_id(q, 14, &k->seed);
    return col_text(c, q, 15, &k->mark);
}

static const ReadList report_list = {R_REPORT_LIST, TABLE_REPORT, true, sizeof(PictureReport),
                                     report_read};

Err picture_report_list(Ctx *c, PictureReader *r, Str state, PicturePage page,
                        const PictureReport **ret_items, size_t *ret_n, bool *ret_more) {
    ReadItems found;
    TRY(read_list(c, r, &report_list, state, &page, &found));
    READ_GIVE(found, ret_items, ret_n);
    *ret_more = found.more;
    return OK;
}

Err picture_report_get(Ctx *c, PictureReader *r, RecordId id, PictureReport *ret_report) {
    PictureReport report = {0};
    TRY(read_by_id(c, r, R_REPORT_GET, id, report_read, &report));
    *ret_report = report;
    return OK;
}

Err picture_report_find(Ctx *c, PictureReader *r, Str agency, Str report,
                        PictureReport *ret_report) {
    StoreStmt *stmt;
    TRY(read_begin(c, r, R_REPORT_FIND, &stmt));
    AUTO(StoreQuery) q = stmt;
    store_bind_str(q, ":report", report);
    for (bool row;;) {
        TRY(store_step(c, q, &row));
        if (!row)
            return read_not_found(c);
        if (agency.n && !str_eq(agency, store_col_str(q, 5)))
            continue;
        PictureReport found = {.key = col_key(q)};
        TRY(report_read(c, q, &found));
        *ret_report = found;
        return OK;
    }
}

static Err texts_read(Ctx *c, PictureReader *r, PictureRead which, int64_t pos,
                      const Str **ret_texts, size_t *ret_n) {
    StoreStmt *stmt;
    TRY(read_begin(c, r, which, &stmt));
    AUTO(StoreQuery) q = stmt;
    AUTO(Buf) bytes = {0};
    store_bind_i64(q, ":pos", pos);
    size_t n = 0;
    for (bool row;; n++) {
        TRY(store_step(c, q, &row));
        if (!row)
            break;
        Str text;
        TRY(col_text(c, q, 0, &text));
        buf_append(&bytes, &text, sizeof text);
    }
    TRY(buf_check(c, &bytes));
    Str *texts;
    TRY(ctx_alloc(c, bytes.n + 1, &texts));
    if (bytes.n)
        memcpy(texts, bytes.p, bytes.n);
    *ret_texts = texts;
    *ret_n = n;
    return OK;
}

static Err accounts_read(Ctx *c, PictureReader *r, int64_t pos, PictureNamed *named) {
    StoreStmt *stmt;
    TRY(read_begin(c, r, R_NAMED_ACCOUNTS, &stmt));
    AUTO(StoreQuery) q = stmt;
    AUTO(Buf) bytes = {0};
    store_bind_i64(q, ":pos", pos);
    size_t n = 0;
    for (bool row;; n++) {
        TRY(store_step(c, q, &row));
        if (!row)
            break;
        PictureAccount a;
        TRY(col_text(c, q, 0, &a.country));
        TRY(col_text(c, q, 1, &a.institution));
        TRY(col_text(c, q, 2, &a.account));
        buf_append(&bytes, &a, sizeof a);
    }
    TRY(buf_check(c, &bytes));
    PictureAccount *accounts;
    TRY(ctx_alloc(c, bytes.n + 1, &accounts));
    if (bytes.n)
        memcpy(accounts, bytes.p, bytes.n);
    named->accounts = accounts;
    named->account_count = n;
    return OK;
}

static Err named_read(Ctx *c, PictureReader *r, RecordId report, PictureNamed *named) {
    PictureReport found;
    TRY(picture_report_get(c, r, report, &found));
    int64_t pos = found.key.pos;
    TRY(accounts_read(c, r, pos, named));
    TRY(texts_read(c, r, R_NAMED_TRANSFERS, pos, &named->transfers, &named->transfer_count));
    TRY(texts_read(c, r, R_NAMED_SEEDS, pos, &named->seeds, &named->seed_count));
    TRY(texts_read(c, r, R_NAMED_PHONES, pos, &named->phones, &named->phone_count));
    return texts_read(c, r, R_NAMED_URLS, pos, &named->urls, &named->url_count);
}

Err picture_report_named(Ctx *c, PictureReader *r, RecordId report, PictureNamed *ret_named) {
    PictureNamed named = {0};
    bool own = r->began_us == 0;
    if (own)
        TRY(picture_read_begin(c, r));
    Err e = named_read(c, r, report, &named);
    if (own)
        picture_read_end(r);
    TRY(e);
    *ret_named = named;
    return OK;
}

Err picture_report_case(Ctx *c, PictureReader *r, RecordId report, RecordId *ret_case) {
    StoreStmt *stmt;
    TRY(read_begin(c, r, R_REPORT_CASE, &stmt));
    AUTO(StoreQuery) q = stmt;
    store_bind_blob(q, ":report", report.b, sizeof report.b);
    bool row;
    TRY(store_step(c, q, &row));
    if (!row)
        return read_not_found(c);
    *ret_case = col_id(q, 0);
    return OK;
}

// --- cases --------------------------------------------------------------------------------------

static Err case_read(Ctx *c, StoreStmt *q, void *item) {
    PictureCase *k = item;
    k->at = store_col_i64(q, 0);
    k->id = col_id(q, 2);
    TRY(col_text(c, q, 3, &k->title));
    TRY(col_text(c, q, 4, &k->state));
    TRY(col_text(c, q, 5, &k->agency));
    k->has_closed_at = col_i64(q, 6, &k->closed_at);
    TRY(col_text(c, q, 7, &k->reason));
    k->reports = store_col_i64(q, 8);
    return col_text(c, q, 9, &k->mark);
}

static const ReadList case_list = {R_CASE_LIST, TABLE_CASE, true, sizeof(PictureCase), case_read};

Err picture_case_list(Ctx *c, PictureReader *r, Str state, PicturePage page,
                      const PictureCase **ret_items, size_t *ret_n, bool *ret_more) {
    ReadItems found;
    TRY(read_list(c, r, &case_list, state, &page, &found));
    READ_GIVE(found, ret_items, ret_n);
    *ret_more = found.more;
    return OK;
}

Err picture_case_get(Ctx *c, PictureReader *r, RecordId id, PictureCase *ret_case) {
    PictureCase found = {0};
    TRY(read_by_id(c, r, R_CASE_GET, id, case_read, &found));
    *ret_case = found;
    return OK;
}

static Err case_report_read(Ctx *c, StoreStmt *q, void *item) {
    PictureCaseReport *k = item;
    k->at = store_col_i64(q, 0);
    k->report = col_id(q, 2);
    k->added_by = col_id(q, 3);
    TRY(col_text(c, q, 4, &k->state));
    TRY(col_text(c, q, 5, &k->reason));
    k->has_report = !store_col_is_null(q, 6);
    return col_text(c, q, 6, &k->report_id);
}

static const ReadList case_report_list = {R_CASE_REPORTS, TABLE_CASE, false,
                                          sizeof(PictureCaseReport), case_report_read};

Err picture_case_reports(Ctx *c, PictureReader *r, RecordId case_id, PicturePage page,
                         const PictureCaseReport **ret_items, size_t *ret_n, bool *ret_more) {
    size_t limit = page.limit ? page.limit : LIST_PAGE_ITEMS_DEFAULT;
    if (limit > LIST_PAGE_ITEMS_MAX)
        return fail(c, E_LIMIT, "a page has at most %d items", LIST_PAGE_ITEMS_MAX);
    PictureCase found;
    TRY(picture_case_get(c, r, case_id, &found));
    StoreStmt *q;
    ReadItems items;
    TRY(read_begin(c, r, R_CASE_REPORTS, &q));
    store_bind_i64(q, ":case_pos", found.key.pos);
    store_bind_i64(q, ":sort", page.after.set ? page.after.sort : INT64_MIN);
    store_bind_i64(q, ":pos", page.after.set ? page.after.pos : INT64_MIN);
    store_bind_i64(q, ":limit", (int64_t)limit + 1);
    TRY(read_rows(c, q, &case_report_list, limit + 1, &items));
    *ret_items = items.items;
    *ret_more = items.n > limit;
    *ret_n = *ret_more ? limit : items.n;
    return OK;
}

// --- claims, batches, picks ---------------------------------------------------------------------

static Err claim_read(Ctx *c, StoreStmt *q, void *item) {
    PictureClaim *k = item;
    k->at = store_col_i64(q, 0);
    k->id = col_id(q, 2);
    TRY(col_text(c, q, 3, &k->table));
    TRY(col_text(c, q, 4, &k->name));
    TRY(col_text(c, q, 5, &k->source));
    TRY(col_text(c, q, 6, &k->row));
    TRY(col_text(c, q, 7, &k->agency));
    return col_text(c, q, 8, &k->mark);
}

static const ReadList claim_list = {R_CLAIM_LIST, TABLE_CLAIM, false, sizeof(PictureClaim),
                                    claim_read};

Err picture_claim_list(Ctx *c, PictureReader *r, Str table, PicturePage page,
                       const PictureClaim **ret_items, size_t *ret_n, bool *ret_more) {
    ReadItems found;
    TRY(read_list(c, r, &claim_list, table, &page, &found));
    READ_GIVE(found, ret_items, ret_n);
    *ret_more = found.more;
    return OK;
}

static Err batch_read(Ctx *c, StoreStmt *q, void *item) {
    PictureBatch *k = item;
    k->at = store_col_i64(q, 0);
    k->id = col_id(q, 2);
    TRY(col_text(c, q, 3, &k->what));
    TRY(col_text(c, q, 4, &k->mapping));
    TRY(col_text(c, q, 5, &k->agency));
    col_hash(q, 6, k->sha256);
    col_hash(q, 7, k->root);
    int64_t *const numbers[] = {&k->part,   &k->rows,      &k->taken, &k->known,
                                &k->filled, &k->conflicts, &k->bad};
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        *numbers[i] = store_col_i64(q, 8 + (int)i);
    return col_text(c, q, 15, &k->mark);
}

static const ReadList batch_list = {R_BATCH_LIST, TABLE_BATCH, true, sizeof(PictureBatch),
                                    batch_read};

Err picture_batch_list(Ctx *c, PictureReader *r, PicturePage page, const PictureBatch **ret_items,
                       size_t *ret_n, bool *ret_more) {
    ReadItems found;
    TRY(read_list(c, r, &batch_list, STR("held"), &page, &found));
    READ_GIVE(found, ret_items, ret_n);
    *ret_more = found.more;
    return OK;
}

Err picture_batch_of_file(Ctx *c, PictureReader *r, const uint8_t sha256[32],
                          const PictureBatch **ret_items, size_t *ret_n) {
    StoreStmt *q;
    ReadItems found;
    TRY(read_begin(c, r, R_BATCH_OF_FILE, &q));
    store_bind_blob(q, ":sha256", sha256, 32);
    TRY(read_rows(c, q, &batch_list, PICTURE_FILE_PARTS_MAX, &found));
    READ_GIVE(found, ret_items, ret_n);
    return OK;
}

static Err pick_read(Ctx *c, StoreStmt *q, void *item) {
    PicturePick *k = item;
    k->at = store_col_i64(q, 0);
    k->id = col_id(q, 2);
    TRY(col_text(c, q, 3, &k->transfer));
    col_hash(q, 4, k->row);
    k->own = store_col_i64(q, 6) != 0;
    return col_text(c, q, 5, &k->state);
}

static const ReadList pick_list = {R_PICK_LIST, TABLE_PICK, false, sizeof(PicturePick), pick_read};

Err picture_pick_list(Ctx *c, PictureReader *r, PicturePage page, const PicturePick **ret_items,
                      size_t *ret_n, bool *ret_more) {
    ReadItems found;
    TRY(read_list(c, r, &pick_list, STR(""), &page, &found));
    READ_GIVE(found, ret_items, ret_n);
    *ret_more = found.more;
    return OK;
}

Err picture_pick_find(Ctx *c, PictureReader *r, Str transfer, PicturePick *ret_pick) {
    StoreStmt *q;
    PicturePick pick = {0};
    TRY(read_begin(c, r, R_PICK_FIND, &q));
    store_bind_str(q, ":transfer", transfer);
    TRY(read_one(c, q, pick_read, &pick));
    *ret_pick = pick;
    return OK;
}

// --- agencies and officers ----------------------------------------------------------------------

static Err agency_read(Ctx *c, StoreStmt *q, void *item) {
    PictureAgency *k = item;
    k->at = store_col_i64(q, 0);
    k->id = col_id(q, 2);
    Str *const texts[] = {&k->agency,  &k->name,        &k->title,
                          &k->country, &k->agency_kind, &k->timezone};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        TRY(col_text(c, q, 3 + (int)i, texts[i]));
    col_hash(q, 9, k->log_key);
    col_hash(q, 10, k->recovery_key);
    return OK;
}

static const ReadList agency_list = {R_AGENCY_LIST, TABLE_AGENCY, false, sizeof(PictureAgency),
                                     agency_read};

Err picture_agency_list(Ctx *c, PictureReader *r, PicturePage page, const PictureAgency **ret_items,
                        size_t *ret_n, bool *ret_more) {
    ReadItems found;
    TRY(read_list(c, r, &agency_list, STR("held"), &page, &found));
    READ_GIVE(found, ret_items, ret_n);
    *ret_more = found.more;
    return OK;
}

Err picture_agency_get(Ctx *c, PictureReader *r, Str agency, PictureAgency *ret_agency) {
    StoreStmt *q;
    PictureAgency found = {0};
    TRY(read_begin(c, r, R_AGENCY_GET, &q));
    store_bind_str(q, ":agency", agency);
    TRY(read_one(c, q, agency_read, &found));
    *ret_agency = found;
    return OK;
}

static Err officer_read(Ctx *c, StoreStmt *q, void *item) {
    PictureOfficer *k = item;
    k->at = store_col_i64(q, 0);
    k->id = col_id(q, 2);
    TRY(col_text(c, q, 3, &k->agency));
    TRY(col_text(c, q, 4, &k->name));
    TRY(col_text(c, q, 5, &k->role));
    col_hash(q, 6, k->officer_key);
    k->active = store_col_i64(q, 7) != 0;
    return OK;
}

static const ReadList officer_list = {R_OFFICER_LIST, TABLE_OFFICER, false, sizeof(PictureOfficer),
                                      officer_read};

Err picture_officer_list(Ctx *c, PictureReader *r, PicturePage page,
                         const PictureOfficer **ret_items, size_t *ret_n, bool *ret_more) {
    ReadItems found;
    TRY(read_list(c, r, &officer_list, STR("held"), &page, &found));
    READ_GIVE(found, ret_items, ret_n);
    *ret_more = found.more;
    return OK;
}

Err picture_officer_get(Ctx *c, PictureReader *r, RecordId id, PictureOfficer *ret_officer) {
    PictureOfficer found = {0};
    TRY(read_by_id(c, r, R_OFFICER_GET, id, officer_read, &found));
    *ret_officer = found;
    return OK;
}
