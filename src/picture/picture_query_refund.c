// Questions about grievances, refunds, shifts, attachments, break-glass and the log of reads.
#include "picture/picture_read_priv.h"

// --- grievances ---------------------------------------------------------------------------------

static Err grievance_read(Ctx *c, StoreStmt *q, void *item) {
    PictureGrievance *k = item;
    k->at = store_col_i64(q, 0);
    k->id = col_id(q, 2);
    k->order = col_id(q, 3);
    k->documents = store_col_i64(q, 4);
    TRY(col_text(c, q, 5, &k->number));
    k->appeal = (OrderAppeal)store_col_i64(q, 6);
    k->has_reviewed_at = col_i64(q, 7, &k->reviewed_at);
    return OK;
}

static const ReadList grievance_list = {R_GRIEVANCE_LIST, TABLE_GRIEVANCE, false,
                                        sizeof(PictureGrievance), grievance_read};

Err picture_grievance_list(Ctx *c, PictureReader *r, bool open, PicturePage page,
                           const PictureGrievance **ret_items, size_t *ret_n, bool *ret_more) {
    ReadItems found;
    TRY(read_list(c, r, &grievance_list, open ? STR("open") : STR(""), &page, &found));
    READ_GIVE(found, ret_items, ret_n);
    *ret_more = found.more;
    return OK;
}

Err picture_grievance_get(Ctx *c, PictureReader *r, RecordId id, PictureGrievance *ret_grievance) {
    PictureGrievance found = {0};
    TRY(read_by_id(c, r, R_GRIEVANCE_GET, id, grievance_read, &found));
    *ret_grievance = found;
    return OK;
}

// --- plans --------------------------------------------------------------------------------------

static Err plan_read(Ctx *c, StoreStmt *q, void *item) {
    (void)c;
    PicturePlan *k = item;
    k->at = store_col_i64(q, 0);
    k->id = col_id(q, 2);
    k->case_id = col_id(q, 3);
    col_hash(q, 4, k->plan_hash);
    col_hash(q, 5, k->inputs);
    k->has_officer = col_has_id(q, 6, &k->officer);
    return OK;
}

static const ReadList plan_list = {R_PLAN_LIST, TABLE_PLAN, true, sizeof(PicturePlan), plan_read};

// An officer signs a plan once, however often.
static Err signers_read(Ctx *c, PictureReader *r, PicturePlan *plan) {
    StoreStmt *stmt;
    TRY(read_begin(c, r, R_PLAN_SIGNERS, &stmt));
    AUTO(StoreQuery) q = stmt;
    store_bind_i64(q, ":pos", plan->key.pos);
    RecordId *signers;
    TRY(ctx_alloc(c, PICTURE_SIGNERS_MAX * sizeof *signers, &signers));
    size_t n = 0;
    for (bool row = true; row && n < PICTURE_SIGNERS_MAX;) {
        TRY(store_step(c, q, &row));
        if (!row)
            break;
        RecordId id = col_id(q, 0);
        size_t i = 0;
        while (i < n && !record_id_eq(signers[i], id))
            i++;
        if (i == n)
            signers[n++] = id;
    }
    plan->signers = signers;
    plan->signer_count = n;
    return OK;
}

static Err plans_read(Ctx *c, PictureReader *r, const RecordId *case_id, const PicturePage *page,
                      ReadItems *ret_found) {
    if (case_id)
        TRY(read_page_of(c, r, &plan_list, R_PLANS_OF_CASE, ":case_id", *case_id, page, ret_found));
    else
        TRY(read_list(c, r, &plan_list, STR("held"), page, ret_found));
    PicturePlan *plans = ret_found->items;
    for (size_t i = 0; i < ret_found->n; i++)
        TRY(signers_read(c, r, &plans[i]));
    return OK;
}

Err picture_plan_list(Ctx *c, PictureReader *r, const RecordId *case_id, PicturePage page,
                      const PicturePlan **ret_items, size_t *ret_n, bool *ret_more) {
    ReadItems found;
    bool own = r->began_us == 0;
    if (own)
        TRY(picture_read_begin(c, r));
    Err e = plans_read(c, r, case_id, &page, &found);
    if (own)
        picture_read_end(r);
    TRY(e);
    READ_GIVE(found, ret_items, ret_n);
    *ret_more = found.more;
    return OK;
}

Err picture_plan_get(Ctx *c, PictureReader *r, RecordId id, PicturePlan *ret_plan) {
    PicturePlan plan = {0};
    TRY(read_by_id(c, r, R_PLAN_GET, id, plan_read, &plan));
    TRY(signers_read(c, r, &plan));
    *ret_plan = plan;
    return OK;
}

// --- paying -------------------------------------------------------------------------------------

// Rows are read with a key before what is given out.
typedef struct PaidRow {
    PictureKey key;
    PicturePaid k;
} PaidRow;

static Err paid_read(Ctx *c, StoreStmt *q, void *item) {
    PicturePaid *k = &((PaidRow *)item)->k;
    k->at = store_col_i64(q, 0);
    k->id = col_id(q, 2);
    k->plan = col_id(q, 3);
    k->report = col_id(q, 4);
    TRY(col_text(c, q, 5, &k->account.country));
    TRY(col_text(c, q, 6, &k->account.institution));
    TRY(col_text(c, q, 7, &k->account.account));
    TRY(col_text(c, q, 8, &k->currency));
    k->amount = store_col_i64(q, 9);
    return col_text(c, q, 10, &k->reference);
}

static const ReadList paid_list = {R_PAID_OF_PLAN, TABLE_PLAN, false, sizeof(PaidRow), paid_read};

static Err paid(Ctx *c, PictureReader *r, PictureRead which, RecordId id,
                const PicturePaid **ret_items, size_t *ret_n) {
    StoreStmt *q;
    ReadItems found;
    TRY(read_begin(c, r, which, &q));
    store_bind_blob(q, ":id", id.b, sizeof id.b);
    TRY(read_rows(c, q, &paid_list, PICTURE_CHILDREN_MAX, &found));
    PicturePaid *items;
    TRY(ctx_alloc(c, (found.n + 1) * sizeof *items, &items));
    for (size_t i = 0; i < found.n; i++)
        items[i] = ((const PaidRow *)found.items)[i].k;
    *ret_items = items;
    *ret_n = found.n;
    return OK;
}

Err picture_paid_of_plan(Ctx *c, PictureReader *r, RecordId plan, const PicturePaid **ret_items,
                         size_t *ret_n) {
    return paid(c, r, R_PAID_OF_PLAN, plan, ret_items, ret_n);
}

Err picture_paid_to_report(Ctx *c, PictureReader *r, RecordId report, const PicturePaid **ret_items,
                           size_t *ret_n) {
    return paid(c, r, R_PAID_TO_REPORT, report, ret_items, ret_n);
}

// --- where a refund goes ------------------------------------------------------------------------

typedef struct RefundRow {
    PictureKey key;
    PictureRefundAccount k;
    bool has_officer, is_second, confirmed;
    int64_t persons;
    RecordId target;
} RefundRow;

static Err refund_read(Ctx *c, StoreStmt *q, void *item) {
    RefundRow *k = item;
    k->k.id = col_id(q, 2);
    k->k.at = store_col_i64(q, 3);
    k->has_officer = col_has_id(q, 4, &k->k.officer);
    TRY(col_text(c, q, 5, &k->k.account.country));
    TRY(col_text(c, q, 6, &k->k.account.institution));
    TRY(col_text(c, q, 7, &k->k.account.account));
    k->persons = store_col_i64(q, 8);
    k->is_second = col_has_id(q, 9, &k->target);
    return OK;
}

static const ReadList refund_list = {R_REFUND_ACCOUNTS, TABLE_REPORT, false, sizeof(RefundRow),
                                     refund_read};

// Confirmed by its own officer where it asks for one, else by another one later.
static bool confirmed(const RefundRow *rows, size_t n, size_t at) {
    if (rows[at].persons < 2)
        return true;
    for (size_t i = at + 1; i < n; i++)
        if (rows[i].is_second && rows[i].has_officer && rows[at].has_officer &&
            record_id_eq(rows[i].target, rows[at].k.id) &&
            !record_id_eq(rows[i].k.officer, rows[at].k.officer))
            return true;
    return false;
}

Err picture_refund_accounts(Ctx *c, PictureReader *r, RecordId report,
                            const PictureRefundAccount **ret_items, size_t *ret_n) {
    StoreStmt *q;
    ReadItems found;
    int64_t pos;
    TRY(read_pos(c, r, R_REPORT_GET, report, &pos));
    TRY(read_begin(c, r, R_REFUND_ACCOUNTS, &q));
    store_bind_i64(q, ":pos", pos);
    TRY(read_rows(c, q, &refund_list, PICTURE_CHILDREN_MAX, &found));
    RefundRow *rows = found.items;
    PictureRefundAccount *items;
    TRY(ctx_alloc(c, (found.n + 1) * sizeof *items, &items));
    bool replaced = false;
    size_t n = 0, from = found.n;
    // From the last: the latest that is confirmed is in force and leaves nothing before it waiting.
    for (size_t i = found.n; i-- > 0;) {
        if (rows[i].is_second)
            continue;
        PictureRefundAccount *k = &items[--from];
        *k = rows[i].k;
        bool good = confirmed(rows, found.n, i);
        k->in_force = good && !replaced;
        k->waits = !good && !replaced;
        replaced = replaced || good;
        n++;
    }
    *ret_items = items + from;
    *ret_n = n;
    return OK;
}

// --- shifts, attachments, break-glass -----------------------------------------------------------

static Err shift_read(Ctx *c, StoreStmt *q, void *item) {
    PictureShift *k = item;
    k->at = store_col_i64(q, 0);
    k->id = col_id(q, 2);
    k->officer = col_id(q, 3);
    k->began_at = store_col_i64(q, 4);
    k->ended_at = store_col_i64(q, 5);
    TRY(col_text(c, q, 6, &k->next));
    k->is_signed = col_has_id(q, 7, &k->signer);
    k->signed_at = store_col_i64(q, 8);
    return OK;
}

static const ReadList shift_list = {R_SHIFT_LIST, TABLE_SHIFT, true, sizeof(PictureShift),
                                    shift_read};

Err picture_shift_list(Ctx *c, PictureReader *r, PicturePage page, const PictureShift **ret_items,
                       size_t *ret_n, bool *ret_more) {
    ReadItems found;
    TRY(read_list(c, r, &shift_list, STR("held"), &page, &found));
    READ_GIVE(found, ret_items, ret_n);
    *ret_more = found.more;
    return OK;
}

typedef struct AttachmentRow {
    PictureKey key;
    PictureAttachment k;
} AttachmentRow;

static Err attachment_read(Ctx *c, StoreStmt *q, void *item) {
    PictureAttachment *k = &((AttachmentRow *)item)->k;
    k->at = store_col_i64(q, 0);
    k->id = col_id(q, 2);
    col_hash(q, 3, k->sha256);
    k->bytes = store_col_i64(q, 4);
    TRY(col_text(c, q, 5, &k->type));
    return col_text(c, q, 6, &k->name);
}

static const ReadList attachment_list = {R_ATTACHMENTS_OF, TABLE_ATTACHMENT, false,
                                         sizeof(AttachmentRow), attachment_read};

Err picture_attachments_of(Ctx *c, PictureReader *r, RecordId id,
                           const PictureAttachment **ret_items, size_t *ret_n) {
    StoreStmt *q;
    ReadItems found;
    TRY(read_begin(c, r, R_ATTACHMENTS_OF, &q));
    store_bind_blob(q, ":id", id.b, sizeof id.b);
    store_bind_i64(q, ":limit", LIST_PAGE_ITEMS_MAX);
    TRY(read_rows(c, q, &attachment_list, LIST_PAGE_ITEMS_MAX, &found));
    PictureAttachment *items;
    TRY(ctx_alloc(c, (found.n + 1) * sizeof *items, &items));
    for (size_t i = 0; i < found.n; i++)
        items[i] = ((const AttachmentRow *)found.items)[i].k;
    *ret_items = items;
    *ret_n = found.n;
    return OK;
}

Err picture_attachment_find(Ctx *c, PictureReader *r, const uint8_t sha256[32],
                            PictureAttachment *ret_attachment) {
    StoreStmt *q;
    AttachmentRow row = {0};
    TRY(read_begin(c, r, R_ATTACHMENT_FIND, &q));
    store_bind_blob(q, ":sha256", sha256, 32);
    TRY(read_one(c, q, attachment_read, &row));
    *ret_attachment = row.k;
    return OK;
}

static Err glass_read(Ctx *c, StoreStmt *q, void *item) {
    PictureGlass *k = item;
    k->at = store_col_i64(q, 0);
    k->id = col_id(q, 2);
    k->officer = col_id(q, 3);
    k->until = store_col_i64(q, 4);
    TRY(col_text(c, q, 5, &k->grants));
    k->decided = !store_col_is_null(q, 6);
    k->ratified = store_col_i64(q, 6) != 0;
    k->decided_by = col_id(q, 7);
    return OK;
}

static const ReadList glass_list = {R_GLASS_LIST, TABLE_GLASS, true, sizeof(PictureGlass),
                                    glass_read};

Err picture_glass_list(Ctx *c, PictureReader *r, PicturePage page, const PictureGlass **ret_items,
                       size_t *ret_n, bool *ret_more) {
    ReadItems found;
    TRY(read_list(c, r, &glass_list, STR("held"), &page, &found));
    READ_GIVE(found, ret_items, ret_n);
    *ret_more = found.more;
    return OK;
}

// --- the log of reads ---------------------------------------------------------------------------

static Err entry_read(Ctx *c, StoreStmt *q, void *item) {
    PictureReadEntry *k = item;
    k->at = store_col_i64(q, 0);
    k->id = col_id(q, 2);
    k->has_officer = col_has_id(q, 3, &k->officer);
    return col_text(c, q, 4, &k->outlet);
}

static const ReadList entry_list = {R_READ_LIST, TABLE_READ, true, sizeof(PictureReadEntry),
                                    entry_read};

static Err entry_items(Ctx *c, PictureReader *r, PictureReadEntry *k) {
    StoreStmt *stmt;
    TRY(read_begin(c, r, R_READ_ITEMS, &stmt));
    AUTO(StoreQuery) q = stmt;
    AUTO(Buf) ids = {0};
    store_bind_i64(q, ":pos", k->key.pos);
    for (bool row = true; row;) {
        TRY(store_step(c, q, &row));
        if (!row)
            break;
        RecordId id = col_id(q, 0);
        buf_append(&ids, &id, sizeof id);
        k->record_count++;
    }
    TRY(buf_check(c, &ids));
    RecordId *records;
    TRY(ctx_alloc(c, ids.n + 1, &records));
    if (ids.n)
        memcpy(records, ids.p, ids.n);
    k->records = records;
    return OK;
}

static Err entries_read(Ctx *c, PictureReader *r, PictureReadFilter by, const PicturePage *page,
                        ReadItems *ret_found) {
    if (by.record)
        TRY(read_page_of(c, r, &entry_list, R_READS_OF_RECORD, ":record", *by.record, page,
                         ret_found));
    else if (by.officer)
        TRY(read_page_of(c, r, &entry_list, R_READS_BY_OFFICER, ":officer", *by.officer, page,
                         ret_found));
    else
        TRY(read_list(c, r, &entry_list, STR("held"), page, ret_found));
    PictureReadEntry *entries = ret_found->items;
    for (size_t i = 0; i < ret_found->n; i++)
        TRY(entry_items(c, r, &entries[i]));
    return OK;
}

Err picture_read_list(Ctx *c, PictureReader *r, PictureReadFilter by, PicturePage page,
                      const PictureReadEntry **ret_items, size_t *ret_n, bool *ret_more) {
    ReadItems found;
    if (by.record && by.officer)
        return fail(c, E_INVALID, "reads are asked for by record or by officer, not by both");
    bool own = r->began_us == 0;
    if (own)
        TRY(picture_read_begin(c, r));
    Err e = entries_read(c, r, by, &page, &found);
    if (own)
        picture_read_end(r);
    TRY(e);
    READ_GIVE(found, ret_items, ret_n);
    *ret_more = found.more;
    return OK;
}
