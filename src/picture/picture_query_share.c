// What was shared, taken back, asked and answered.
#include "picture/picture_read_priv.h"

static Err box_list(Ctx *c, PictureReader *r, const ReadList lists[3], PictureBox box,
                    const char *kind, const PicturePage *page, ReadItems *ret_found) {
    ASSERT(box >= PICTURE_ANY && box <= PICTURE_OUT);
    return read_list(c, r, &lists[box], str_of(kind), page, ret_found);
}

// --- shares -------------------------------------------------------------------------------------

// Columns of v_share behind sort key and place.
enum {
    SHARE_ID = 5,
    SHARE_WHAT,
    SHARE_RECORD,
    SHARE_AGENCY,
    SHARE_TO,
    SHARE_KIND,
    SHARE_TITLE,
    SHARE_CONTACT,
    SHARE_MARK,
    SHARE_ACCEPT,
    SHARE_ANSWERS,
    SHARE_DUE,
    SHARE_UNTIL,
    SHARE_OFFICER,
    SHARE_SEQ,
    SHARE_ACT,
    SHARE_HANDLING,
    SHARE_CODE,
    SHARE_ACT_ID,
    SHARE_ACT_AT,
    SHARE_RETRACT,
    SHARE_RETRACTED_AT,
    SHARE_FOR_US,
    SHARE_OWN,
    SHARE_IS_LAST
};

static Err share_read(Ctx *c, StoreStmt *q, void *item) {
    PictureShare *k = item;
    k->at = store_col_i64(q, 0);
    k->id = col_id(q, SHARE_ID);
    k->record = col_id(q, SHARE_RECORD);
    const struct {
        int column;
        Str *text;
    } texts[] = {
        {SHARE_AGENCY, &k->agency}, {SHARE_TO, &k->to},           {SHARE_KIND, &k->kind},
        {SHARE_TITLE, &k->title},   {SHARE_CONTACT, &k->contact}, {SHARE_MARK, &k->mark},
        {SHARE_ACT, &k->act},       {SHARE_CODE, &k->code},       {SHARE_HANDLING, &k->handling}};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        TRY(col_text(c, q, texts[i].column, texts[i].text));
    k->accept = store_col_i64(q, SHARE_ACCEPT) != 0;
    k->has_answers = col_has_id(q, SHARE_ANSWERS, &k->answers);
    k->has_due = col_i64(q, SHARE_DUE, &k->due_at);
    k->has_until = col_i64(q, SHARE_UNTIL, &k->until);
    k->has_officer = col_has_id(q, SHARE_OFFICER, &k->officer);
    k->seq = (uint64_t)store_col_i64(q, SHARE_SEQ);
    k->act_id = col_id(q, SHARE_ACT_ID);
    k->act_at = store_col_i64(q, SHARE_ACT_AT);
    k->is_retracted = col_has_id(q, SHARE_RETRACT, &k->retract);
    k->retracted_at = store_col_i64(q, SHARE_RETRACTED_AT);
    k->is_last = store_col_i64(q, SHARE_IS_LAST) != 0;
    return OK;
}

static const ReadList share_lists[] = {
    {R_SHARE_LIST, TABLE_RECORD, true, sizeof(PictureShare), share_read},
    {R_SHARE_LIST_IN, TABLE_RECORD, true, sizeof(PictureShare), share_read},
    {R_SHARE_LIST_OUT, TABLE_RECORD, true, sizeof(PictureShare), share_read}};
static const ReadList share_of_list = {R_SHARE_OF, TABLE_RECORD, false, sizeof(PictureShare),
                                       share_read};

Err picture_share_list(Ctx *c, PictureReader *r, PictureBox box, PicturePage page,
                       const PictureShare **ret_items, size_t *ret_n, bool *ret_more) {
    ReadItems found;
    TRY(box_list(c, r, share_lists, box, "share", &page, &found));
    READ_GIVE(found, ret_items, ret_n);
    *ret_more = found.more;
    return OK;
}

Err picture_share_get(Ctx *c, PictureReader *r, RecordId id, PictureShare *ret_share) {
    PictureShare found = {0};
    TRY(read_by_id(c, r, R_SHARE_GET, id, share_read, &found));
    *ret_share = found;
    return OK;
}

Err picture_share_of(Ctx *c, PictureReader *r, RecordId record, const PictureShare **ret_items,
                     size_t *ret_n) {
    ReadItems found;
    TRY(read_of(c, r, &share_of_list, ":record", record, &found));
    READ_GIVE(found, ret_items, ret_n);
    return OK;
}

static Err share_act_read(Ctx *c, StoreStmt *q, void *item) {
    PictureShareAct *k = item;
    k->id = col_id(q, 2);
    Str *const texts[] = {&k->agency, &k->act, &k->handling, &k->code};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        TRY(col_text(c, q, 3 + (int)i, texts[i]));
    k->has_officer = col_has_id(q, 7, &k->officer);
    k->at = store_col_i64(q, 8);
    return OK;
}

static const ReadList share_act_list = {R_SHARE_ACTS, TABLE_RECORD, false, sizeof(PictureShareAct),
                                        share_act_read};

Err picture_share_acts(Ctx *c, PictureReader *r, RecordId share, const PictureShareAct **ret_items,
                       size_t *ret_n) {
    int64_t pos;
    ReadItems found;
    TRY(read_pos(c, r, R_SHARE_GET, share, &pos));
    TRY(read_at(c, r, &share_act_list, pos, &found));
    READ_GIVE(found, ret_items, ret_n);
    return OK;
}

// --- taking back --------------------------------------------------------------------------------

static Err retract_read(Ctx *c, StoreStmt *q, void *item) {
    PictureRetract *k = item;
    k->at = store_col_i64(q, 0);
    k->id = col_id(q, 2);
    k->record = col_id(q, 3);
    return col_text(c, q, 4, &k->agency);
}

static const ReadList retract_lists[] = {
    {R_RETRACT_LIST, TABLE_RECORD, true, sizeof(PictureRetract), retract_read},
    {R_RETRACT_LIST_IN, TABLE_RECORD, true, sizeof(PictureRetract), retract_read},
    {R_RETRACT_LIST_OUT, TABLE_RECORD, true, sizeof(PictureRetract), retract_read}};
static const ReadList retract_of_list = {R_RETRACT_OF, TABLE_RECORD, false, sizeof(PictureRetract),
                                         retract_read};

typedef struct TargetRow {
    PictureKey key;
    PictureTarget target;
} TargetRow;

static Err target_read(Ctx *c, StoreStmt *q, void *item) {
    PictureTarget *k = &((TargetRow *)item)->target;
    k->has_let_go = col_has_id(q, 3, &k->let_go);
    k->let_go_at = store_col_i64(q, 4);
    return col_text(c, q, 2, &k->agency);
}

static const ReadList target_list = {R_TARGETS_OF, TABLE_RECORD, false, sizeof(TargetRow),
                                     target_read};

static Err retracts_fill(Ctx *c, PictureReader *r, ReadItems *found) {
    for (size_t i = 0; i < found->n; i++) {
        PictureRetract *k = &((PictureRetract *)found->items)[i];
        ReadItems rows;
        PictureTarget *targets;
        TRY(read_at(c, r, &target_list, k->key.pos, &rows));
        TRY(ctx_alloc(c, (rows.n + 1) * sizeof *targets, &targets));
        for (size_t t = 0; t < rows.n; t++) {
            targets[t] = ((const TargetRow *)rows.items)[t].target;
            k->waits = k->waits || !targets[t].has_let_go;
        }
        k->from = targets;
        k->from_count = rows.n;
    }
    return OK;
}

Err picture_retract_list(Ctx *c, PictureReader *r, PictureBox box, PicturePage page,
                         const PictureRetract **ret_items, size_t *ret_n, bool *ret_more) {
    ReadItems found;
    bool own;
    TRY(read_together(c, r, &own));
    Err e = box_list(c, r, retract_lists, box, "retract", &page, &found);
    if (e == OK)
        e = retracts_fill(c, r, &found);
    read_apart(r, own);
    TRY(e);
    READ_GIVE(found, ret_items, ret_n);
    *ret_more = found.more;
    return OK;
}

Err picture_retract_get(Ctx *c, PictureReader *r, RecordId id, PictureRetract *ret_retract) {
    PictureRetract k = {0};
    ReadItems found = {&k, 1, false};
    TRY(read_by_id(c, r, R_RETRACT_GET, id, retract_read, &k));
    TRY(retracts_fill(c, r, &found));
    *ret_retract = k;
    return OK;
}

Err picture_retract_of(Ctx *c, PictureReader *r, RecordId record, const PictureRetract **ret_items,
                       size_t *ret_n) {
    ReadItems found;
    TRY(read_of(c, r, &retract_of_list, ":record", record, &found));
    TRY(retracts_fill(c, r, &found));
    READ_GIVE(found, ret_items, ret_n);
    return OK;
}

static Err erasure_read(Ctx *c, StoreStmt *q, void *item) {
    (void)c;
    PictureErasure *k = item;
    k->at = store_col_i64(q, 0);
    k->id = col_id(q, 2);
    k->record = col_id(q, 3);
    k->root = col_id(q, 4);
    k->leaf = (uint64_t)store_col_i64(q, 5);
    return OK;
}

static const ReadList erasure_list = {R_ERASURE_LIST, TABLE_RECORD, true, sizeof(PictureErasure),
                                      erasure_read};

Err picture_erasure_list(Ctx *c, PictureReader *r, PicturePage page,
                         const PictureErasure **ret_items, size_t *ret_n, bool *ret_more) {
    ReadItems found;
    TRY(read_list(c, r, &erasure_list, STR("erase"), &page, &found));
    READ_GIVE(found, ret_items, ret_n);
    *ret_more = found.more;
    return OK;
}

static Err let_go_read(Ctx *c, StoreStmt *q, void *item) {
    PictureLetGo *k = item;
    k->at = store_col_i64(q, 0);
    k->id = col_id(q, 2);
    k->record = col_id(q, 3);
    TRY(col_text(c, q, 4, &k->agency));
    TRY(col_text(c, q, 5, &k->whose));
    TRY(col_text(c, q, 6, &k->because));
    k->has_by = col_has_id(q, 7, &k->by);
    k->leaves = store_col_i64(q, 8);
    return OK;
}

static const ReadList let_go_list = {R_LET_GO_LIST, TABLE_RECORD, false, sizeof(PictureLetGo),
                                     let_go_read};

Err picture_let_go_of(Ctx *c, PictureReader *r, RecordId record, const PictureLetGo **ret_items,
                      size_t *ret_n) {
    ReadItems found;
    TRY(read_of(c, r, &let_go_list, ":record", record, &found));
    READ_GIVE(found, ret_items, ret_n);
    return OK;
}

// --- notices ------------------------------------------------------------------------------------

// Columns of v_notice behind sort key and place.
enum {
    NOTICE_ID = 5,
    NOTICE_WHAT,
    NOTICE_AGENCY,
    NOTICE_ACT,
    NOTICE_TITLE,
    NOTICE_HANDLING,
    NOTICE_CONTACT,
    NOTICE_RECIPIENT,
    NOTICE_OFFICER,
    NOTICE_DUE,
    NOTICE_ANSWER,
    NOTICE_ANSWERED_AT,
    NOTICE_MARK
};

static Err notice_read(Ctx *c, StoreStmt *q, void *item) {
    PictureNotice *k = item;
    k->at = store_col_i64(q, 0);
    k->id = col_id(q, NOTICE_ID);
    const struct {
        int column;
        Str *text;
    } texts[] = {{NOTICE_AGENCY, &k->agency},   {NOTICE_ACT, &k->act},
                 {NOTICE_TITLE, &k->title},     {NOTICE_HANDLING, &k->handling},
                 {NOTICE_CONTACT, &k->contact}, {NOTICE_RECIPIENT, &k->recipient},
                 {NOTICE_ANSWER, &k->answer},   {NOTICE_MARK, &k->mark}};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        TRY(col_text(c, q, texts[i].column, texts[i].text));
    k->has_officer = col_has_id(q, NOTICE_OFFICER, &k->officer);
    k->due_at = store_col_i64(q, NOTICE_DUE);
    k->answered_at = store_col_i64(q, NOTICE_ANSWERED_AT);
    return OK;
}

static const ReadList notice_lists[] = {
    {R_NOTICE_LIST, TABLE_RECORD, true, sizeof(PictureNotice), notice_read},
    {R_NOTICE_LIST_IN, TABLE_RECORD, true, sizeof(PictureNotice), notice_read},
    {R_NOTICE_LIST_OUT, TABLE_RECORD, true, sizeof(PictureNotice), notice_read}};

static Err notices_fill(Ctx *c, PictureReader *r, ReadItems *found) {
    for (size_t i = 0; i < found->n; i++) {
        PictureNotice *k = &((PictureNotice *)found->items)[i];
        TRY(read_words(c, r, k->key.pos, "to", &k->to, &k->to_count));
        TRY(read_named(c, r, k->key.pos, &k->records, &k->record_count));
    }
    return OK;
}

Err picture_notice_list(Ctx *c, PictureReader *r, PictureBox box, PicturePage page,
                        const PictureNotice **ret_items, size_t *ret_n, bool *ret_more) {
    ReadItems found;
    bool own;
    TRY(read_together(c, r, &own));
    Err e = box_list(c, r, notice_lists, box, "notice", &page, &found);
    if (e == OK)
        e = notices_fill(c, r, &found);
    read_apart(r, own);
    TRY(e);
    READ_GIVE(found, ret_items, ret_n);
    *ret_more = found.more;
    return OK;
}

Err picture_notice_get(Ctx *c, PictureReader *r, RecordId id, PictureNotice *ret_notice) {
    PictureNotice k = {0};
    ReadItems found = {&k, 1, false};
    TRY(read_by_id(c, r, R_NOTICE_GET, id, notice_read, &k));
    TRY(notices_fill(c, r, &found));
    *ret_notice = k;
    return OK;
}

static const ReadList notices_naming = {R_NOTICES_NAMING, TABLE_RECORD, false,
                                        sizeof(PictureNotice), notice_read};

Err picture_notices_naming(Ctx *c, PictureReader *r, RecordId record,
                           const PictureNotice **ret_items, size_t *ret_n) {
    ReadItems found;
    TRY(read_of(c, r, &notices_naming, ":record", record, &found));
    TRY(notices_fill(c, r, &found));
    READ_GIVE(found, ret_items, ret_n);
    return OK;
}

static Err notice_act_read(Ctx *c, StoreStmt *q, void *item) {
    PictureNoticeAct *k = item;
    k->id = col_id(q, 2);
    TRY(col_text(c, q, 3, &k->agency));
    TRY(col_text(c, q, 4, &k->act));
    TRY(col_text(c, q, 5, &k->code));
    k->has_officer = col_has_id(q, 6, &k->officer);
    k->has_until = col_i64(q, 7, &k->until);
    k->at = store_col_i64(q, 8);
    return OK;
}

static const ReadList notice_act_list = {R_NOTICE_ACTS, TABLE_RECORD, false,
                                         sizeof(PictureNoticeAct), notice_act_read};

Err picture_notice_acts(Ctx *c, PictureReader *r, RecordId notice,
                        const PictureNoticeAct **ret_items, size_t *ret_n) {
    int64_t pos;
    ReadItems found;
    TRY(read_pos(c, r, R_NOTICE_GET, notice, &pos));
    TRY(read_at(c, r, &notice_act_list, pos, &found));
    PictureNoticeAct *items = found.items;
    for (size_t i = 0; i < found.n; i++)
        TRY(read_named(c, r, items[i].key.pos, &items[i].shares, &items[i].share_count));
    READ_GIVE(found, ret_items, ret_n);
    return OK;
}

static Err grant_read(Ctx *c, StoreStmt *q, void *item) {
    PictureGrant *k = item;
    k->at = store_col_i64(q, 0);
    k->notice = col_id(q, 2);
    k->grant = col_id(q, 3);
    k->has_until = col_i64(q, 5, &k->until);
    return col_text(c, q, 4, &k->recipient);
}

static const ReadList grant_list = {R_GRANT_OF, TABLE_RECORD, false, sizeof(PictureGrant),
                                    grant_read};

Err picture_grant_of(Ctx *c, PictureReader *r, RecordId record, const PictureGrant **ret_items,
                     size_t *ret_n) {
    ReadItems found;
    TRY(read_of(c, r, &grant_list, ":record", record, &found));
    READ_GIVE(found, ret_items, ret_n);
    return OK;
}
