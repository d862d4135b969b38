// Facts of orders, refunds, grievances, shifts and of people who act: one row of a table for each
// kind, since all they need is to be copied into columns.
#include "picture/picture_priv.h"

typedef enum FactType {
    FACT_TEXT,
    FACT_INT,
    FACT_FLAG,
    FACT_TIME,
    FACT_HASH,
    FACT_ID,
    FACT_LENGTH,    // how many items a list has
    FACT_ACCOUNT,   // three columns: country, institution, account
    FACT_ADDRESSEE, // four columns: agency, country, institution, kind
    FACT_LAW,       // two columns: the row's id and standing
    FACT_OFFICER,   // the record's, not a member of the body
    FACT_RECIPIENT, // the mark's
    FACT_FOR_US,    // whether the mark's `to` names us; with a member, whether that list does
    FACT_DEFAULTS   // four columns: tlp, pap, handling, days
} FactType;

typedef struct FactColumn {
    const char *member;
    FactType type;
} FactColumn;

#define FACT_COLUMNS_MAX 20
typedef struct FactRow {
    PictureWrite add;
    bool counted;
    PictureTable table; // of the counts
    const char *state;  // first one there
    bool bare;          // no mark and time behind the place: they are the record's
    FactColumn columns[FACT_COLUMNS_MAX];
} FactRow;

#define NOT_COUNTED false, TABLE_RECORD, NULL, false
#define BARE false, TABLE_RECORD, NULL, true
#define COUNTED(table, state) true, table, state, false

// What order_act and order_note say.
#define EVENT_COLUMNS                                                                              \
    {                                                                                              \
        {"act", FACT_TEXT}, {"party", FACT_TEXT}, {"outcome", FACT_TEXT}, {"amount", FACT_INT},    \
            {"balance", FACT_INT}, {"code", FACT_TEXT}, {"ends_at", FACT_TIME},                    \
            {"happened_at", FACT_TIME}, {"target", FACT_ID}, {"persons", FACT_INT},                \
            {"on_behalf_of", FACT_TEXT}, {"document", FACT_HASH}, {                                \
            "to", FACT_ACCOUNT                                                                     \
        }                                                                                          \
    }

// Columns in the order of sql/fold_order.sql, behind place, mark and time.
static const FactRow rows[RECORD_KINDS] = {
    [RECORD_VICTIM] = {W_VICTIM_ADD, NOT_COUNTED, {{"report", FACT_ID}}},
    [RECORD_STANDING] = {W_STANDING_ADD, NOT_COUNTED, {{"standing", FACT_TEXT}}},
    [RECORD_ATTACHMENT] =
        {W_ATTACHMENT_ADD,
         COUNTED(TABLE_ATTACHMENT, "held"),
         {{"sha256", FACT_HASH}, {"bytes", FACT_INT}, {"type", FACT_TEXT}, {"name", FACT_TEXT}}},
    [RECORD_ORDER] = {W_ORDER_ADD,
                      COUNTED(TABLE_ORDER, "draft"),
                      {{"number", FACT_TEXT},
                       {"order", FACT_TEXT},
                       {"request", FACT_FLAG},
                       {"addressee", FACT_ADDRESSEE},
                       {"account", FACT_ACCOUNT},
                       {"currency", FACT_TEXT},
                       {"amount", FACT_INT},
                       {"level", FACT_INT},
                       {"trace", FACT_ID},
                       {"case", FACT_ID},
                       {"report", FACT_ID},
                       {"replaces", FACT_ID},
                       {"law", FACT_LAW},
                       {"clock_from", FACT_TEXT},
                       {"answer_hours", FACT_INT},
                       {"persons", FACT_INT}}},
    [RECORD_ORDER_ACT] = {W_ORDER_EVENT_ADD, NOT_COUNTED, EVENT_COLUMNS},
    [RECORD_ORDER_NOTE] = {W_ORDER_EVENT_ADD, NOT_COUNTED, EVENT_COLUMNS},
    [RECORD_CONTACT] = {W_CONTACT_ADD,
                        COUNTED(TABLE_CONTACT, "held"),
                        {{"country", FACT_TEXT},
                         {"institution", FACT_TEXT},
                         {"desk", FACT_TEXT},
                         {"phone", FACT_TEXT},
                         {"email", FACT_TEXT},
                         {"hours", FACT_TEXT},
                         {"language", FACT_TEXT},
                         {"note", FACT_TEXT}}},
    [RECORD_ACCOUNT_CLASS] = {W_CLASS_ADD,
                              NOT_COUNTED,
                              {{"account", FACT_ACCOUNT},
                               {"class", FACT_TEXT},
                               {"on_behalf_of", FACT_TEXT}}},
    [RECORD_GRIEVANCE] = {W_GRIEVANCE_ADD,
                          COUNTED(TABLE_GRIEVANCE, "closed"),
                          {{"order", FACT_ID}, {"documents", FACT_LENGTH}}},
    [RECORD_REFUND_PLAN] = {W_PLAN_ADD,
                            COUNTED(TABLE_PLAN, "held"),
                            {{"case", FACT_ID}, {"plan_hash", FACT_HASH}, {"inputs", FACT_HASH}}},
    [RECORD_REFUND_SIGN] = {W_PLAN_SIGN_ADD, NOT_COUNTED, {{"plan_hash", FACT_HASH}}},
    [RECORD_REFUND_PAID] = {W_PAID_ADD,
                            NOT_COUNTED,
                            {{"report", FACT_ID},
                             {"account", FACT_ACCOUNT},
                             {"currency", FACT_TEXT},
                             {"amount", FACT_INT},
                             {"reference", FACT_TEXT}}},
    [RECORD_REFUND_ACCOUNT] = {W_REFUND_ACCOUNT_ADD,
                               NOT_COUNTED,
                               {{"account", FACT_ACCOUNT}, {"persons", FACT_INT}}},
    [RECORD_SECOND] = {W_SECOND_ADD, NOT_COUNTED, {{"target", FACT_ID}}},
    [RECORD_SHIFT] = {W_SHIFT_ADD,
                      COUNTED(TABLE_SHIFT, "held"),
                      {{"began_at", FACT_TIME}, {"ended_at", FACT_TIME}, {"next", FACT_TEXT}}},
    [RECORD_READ] = {W_READ_ADD,
                     COUNTED(TABLE_READ, "held"),
                     {{"", FACT_OFFICER}, {"outlet", FACT_TEXT}}},
    [RECORD_GLASS] = {W_GLASS_ADD,
                      COUNTED(TABLE_GLASS, "held"),
                      {{"grants", FACT_TEXT}, {"until", FACT_TIME}}},
    [RECORD_GLASS_RATIFY] = {W_GLASS_DECISION_ADD, NOT_COUNTED, {{"ratified", FACT_FLAG}}},
    [RECORD_OFFICER_CHANGE] = {W_OFFICER_CHANGE_ADD,
                               NOT_COUNTED,
                               {{"role", FACT_TEXT}, {"active", FACT_FLAG}, {"key", FACT_HASH}}},
    [RECORD_LINK] = {W_LINK_ADD, BARE, {{"key", FACT_HASH}, {"address", FACT_TEXT}}},
    [RECORD_PEER] = {W_PEER_ADD,
                     BARE,
                     {{"agency", FACT_TEXT},
                      {"name", FACT_TEXT},
                      {"state", FACT_TEXT},
                      {"address", FACT_TEXT},
                      {"reason", FACT_TEXT},
                      {"relay", FACT_FLAG}}},
    [RECORD_FLAG] = {W_FLAG_ADD,
                     BARE,
                     {{"party", FACT_TEXT},
                      {"country", FACT_TEXT},
                      {"source", FACT_TEXT},
                      {"reason", FACT_TEXT},
                      {"active", FACT_FLAG}}},
    [RECORD_ACCORD] = {W_ACCORD_ADD,
                       BARE,
                       {{"name", FACT_TEXT},
                        {"title", FACT_TEXT},
                        {"mark", FACT_DEFAULTS},
                        {"begins_at", FACT_TIME},
                        {"ends_at", FACT_TIME}}},
    [RECORD_ACCORD_SIGN] = {W_ACCORD_SIGN_ADD, BARE, {{"signed", FACT_FLAG}}},
    [RECORD_SHARE] = {W_SHARE_ADD,
                      BARE,
                      {{"record", FACT_ID},
                       {"", FACT_RECIPIENT},
                       {"", FACT_FOR_US},
                       {"kind", FACT_TEXT},
                       {"title", FACT_TEXT},
                       {"accept", FACT_FLAG},
                       {"answers", FACT_ID},
                       {"due_at", FACT_TIME},
                       {"contact", FACT_TEXT}}},
    [RECORD_SHARE_ACT] = {W_SHARE_ACT_ADD,
                          BARE,
                          {{"act", FACT_TEXT}, {"handling", FACT_TEXT}, {"code", FACT_TEXT}}},
    [RECORD_RETRACT] = {W_RETRACT_ADD, BARE, {{"record", FACT_ID}, {"from", FACT_FOR_US}}},
    [RECORD_LET_GO] =
        {W_LET_GO_ADD,
         BARE,
         {{"agency", FACT_TEXT}, {"record", FACT_ID}, {"because", FACT_TEXT}, {"by", FACT_ID}}},
    [RECORD_DISCLOSED] = {W_DISCLOSED_ADD, BARE, {{"to", FACT_TEXT}, {"from", FACT_INT}}},
    [RECORD_PASSED] =
        {W_PASSED_ADD,
         BARE,
         {{"agency", FACT_TEXT}, {"to", FACT_TEXT}, {"record", FACT_ID}, {"by", FACT_ID}}},
    [RECORD_NOTICE] = {W_NOTICE_ADD,
                       BARE,
                       {{"act", FACT_TEXT},
                        {"title", FACT_TEXT},
                        {"handling", FACT_TEXT},
                        {"contact", FACT_TEXT},
                        {"recipient", FACT_TEXT},
                        {"due_at", FACT_TIME},
                        {"", FACT_FOR_US}}},
    [RECORD_NOTICE_ACT] = {W_NOTICE_ACT_ADD,
                           BARE,
                           {{"act", FACT_TEXT}, {"until", FACT_TIME}, {"code", FACT_TEXT}}},
    [RECORD_FORK] = {W_FORK_ADD, BARE, {{"agency", FACT_TEXT}, {"why", FACT_TEXT}}},
};

// --- binding ------------------------------------------------------------------------------------

// Bytes that a statement borrows until it ran.
typedef struct Binding {
    StoreStmt *s;
    int at;
    size_t used;
    uint8_t room[FACT_COLUMNS_MAX][32];
} Binding;

static void bind_text_of(Binding *b, const JsonValue *object, const char *member) {
    const JsonValue *v = object ? json_find(object, str_of(member)) : NULL;
    if (v && v->type == JSON_STR && v->s.n)
        store_bind_at_str(b->s, b->at++, v->s);
    else
        store_bind_at_null(b->s, b->at++);
}

static void bind_texts_of(Binding *b, const JsonValue *v, const char *const *members, size_t n) {
    const JsonValue *object = v && v->type == JSON_OBJECT ? v : NULL;
    for (size_t i = 0; i < n; i++)
        bind_text_of(b, object, members[i]);
}

static void bind_bytes(Binding *b, const void *bytes, size_t n) {
    uint8_t *room = b->room[b->used++];
    memcpy(room, bytes, n);
    store_bind_at_blob(b->s, b->at++, room, n);
}

// A scalar that record_parse has checked; false leaves the column to be NULL.
static bool bind_scalar(Binding *b, FactType type, const JsonValue *v) {
    int64_t t;
    CryptoHash hash;
    RecordId id;
    switch (type) {
    case FACT_TEXT:
        store_bind_at_str(b->s, b->at++, v->s);
        return true;
    case FACT_INT:
        store_bind_at_i64(b->s, b->at++, v->i);
        return true;
    case FACT_FLAG:
        store_bind_at_i64(b->s, b->at++, v->b);
        return true;
    case FACT_LENGTH:
        store_bind_at_i64(b->s, b->at++, v->count);
        return true;
    case FACT_TIME:
        if (!time_parse(v->s, &t))
            return false;
        store_bind_at_i64(b->s, b->at++, t);
        return true;
    case FACT_HASH:
        if (!hex_decode(v->s, hash.b, sizeof hash.b))
            return false;
        bind_bytes(b, hash.b, sizeof hash.b);
        return true;
    case FACT_ID:
        if (!record_id_parse(v->s, &id))
            return false;
        bind_bytes(b, id.b, sizeof id.b);
        return true;
    case FACT_ACCOUNT:
    case FACT_ADDRESSEE:
    case FACT_LAW:
    case FACT_OFFICER:
    case FACT_RECIPIENT:
    case FACT_FOR_US:
    case FACT_DEFAULTS:
        return false;
    }
    UNREACHABLE();
}

// Columns that follow from more than one scalar member.
static void bind_defaults(Binding *b, const JsonValue *mark) {
    static const char *const words[] = {"tlp", "pap", "handling"};
    bind_texts_of(b, mark, words, COUNT_OF(words));
    const JsonValue *days = mark && mark->type == JSON_OBJECT ? json_find(mark, STR("days")) : NULL;
    if (days && days->type == JSON_INT)
        store_bind_at_i64(b->s, b->at++, days->i);
    else
        store_bind_at_null(b->s, b->at++);
}

static void bind_recipient(Binding *b, const Record *r) {
    Str recipient = fact_recipient(r);
    if (recipient.n)
        store_bind_at_str(b->s, b->at++, recipient);
    else
        store_bind_at_null(b->s, b->at++);
}

static void bind_column(Binding *b, const Picture *p, const PictureFact *f,
                        const FactColumn *column) {
    const Record *r = f->record;
    static const char *const account[] = {"country", "institution", "account"};
    static const char *const addressee[] = {"agency", "country", "institution", "kind"};
    static const char *const law[] = {"id", "standing"};
    const JsonValue *v =
        column->type == FACT_OFFICER ? NULL : json_find(r->body, str_of(column->member));
    if (column->type == FACT_ACCOUNT)
        bind_texts_of(b, v, account, COUNT_OF(account));
    else if (column->type == FACT_ADDRESSEE)
        bind_texts_of(b, v, addressee, COUNT_OF(addressee));
    else if (column->type == FACT_LAW)
        bind_texts_of(b, v, law, COUNT_OF(law));
    else if (column->type == FACT_DEFAULTS)
        bind_defaults(b, v);
    else if (column->type == FACT_RECIPIENT)
        bind_recipient(b, r);
    else if (column->type == FACT_FOR_US)
        store_bind_at_i64(b->s, b->at++, fact_for_us(p, f, v));
    else if (column->type == FACT_OFFICER && r->has_officer)
        bind_bytes(b, r->officer.b, sizeof r->officer.b);
    else if (!v || v->type == JSON_NULL || !bind_scalar(b, column->type, v))
        store_bind_at_null(b->s, b->at++);
}

static Err row_add(Picture *p, const PictureFact *f, const FactRow *row) {
    Binding b = {.s = write_stmt(p, row->add), .at = row->bare ? 2 : 4};
    store_bind_at_i64(b.s, 1, f->pos);
    if (!row->bare) {
        store_bind_at_i64(b.s, 2, f->mark_id);
        store_bind_at_i64(b.s, 3, f->record->at_us);
    }
    for (size_t i = 0; i < FACT_COLUMNS_MAX && row->columns[i].member; i++)
        bind_column(&b, p, f, &row->columns[i]);
    return store_run(&p->work, b.s);
}

// --- lists within a record ----------------------------------------------------------------------

// Rows (place, n, id) of a list of ids.
static Err ids_add(Picture *p, PictureWrite which, int64_t pos, const JsonValue *list) {
    for (uint32_t i = 0; list && i < list->count; i++) {
        RecordId id;
        if (!record_id_parse(list->items[i].s, &id))
            continue;
        StoreStmt *s = write_stmt(p, which);
        store_bind_at_i64(s, 1, pos);
        store_bind_at_i64(s, 2, i);
        store_bind_at_blob(s, 3, id.b, sizeof id.b);
        TRY(store_run(&p->work, s));
    }
    return OK;
}

static Err tags_add(Picture *p, int64_t pos, const JsonValue *list) {
    for (uint32_t i = 0; list && i < list->count; i++) {
        const JsonValue *report = json_find(&list->items[i], STR("report"));
        const JsonValue *amount = json_find(&list->items[i], STR("amount"));
        RecordId id;
        if (!report || !amount || !record_id_parse(report->s, &id))
            continue;
        StoreStmt *s = write_stmt(p, W_ORDER_TAG_ADD);
        store_bind_at_i64(s, 1, pos);
        store_bind_at_i64(s, 2, i);
        store_bind_at_blob(s, 3, id.b, sizeof id.b);
        store_bind_at_i64(s, 4, amount->i);
        TRY(store_run(&p->work, s));
    }
    return OK;
}

static Err order_rest(Picture *p, const PictureFact *f) {
    const Record *r = f->record;
    TRY(tags_add(p, f->pos, json_find(r->body, STR("tags"))));
    TRY(count_add(p, TABLE_BOARD, STR("open"), f->mark_id, 1));
    Str id = {(const char *)r->id.b, sizeof r->id.b};
    if (p->bulk)
        return OK;
    // An order of which nothing was said yet has a view as well, and a grievance may wait for it.
    TRY(touch(p, &p->touched.objects, id));
    return touch(p, &p->touched.orders, id);
}

static Err grievance_touch(Picture *p, const PictureFact *f) {
    RecordId order;
    const JsonValue *v = json_find(f->record->body, STR("order"));
    if (p->bulk || !v || !record_id_parse(v->s, &order))
        return OK;
    return touch(p, &p->touched.orders, (Str){(const char *)order.b, sizeof order.b});
}

Err fact_add_order(Picture *p, const PictureFact *f) {
    const Record *r = f->record;
    if (r->kind == RECORD_CLAIMANT)
        return ids_add(p, W_CLAIMANT_ADD, f->pos, json_find(r->body, STR("reports")));
    const FactRow *row = &rows[r->kind];
    if (!row->columns[0].member)
        return OK;
    TRY(row_add(p, f, row));
    if (row->counted)
        TRY(count_add(p, row->table, str_of(row->state), f->mark_id, 1));
    if (r->kind == RECORD_READ)
        return ids_add(p, W_READ_ITEM_ADD, f->pos, json_find(r->body, STR("records")));
    if (r->kind == RECORD_GRIEVANCE)
        return grievance_touch(p, f);
    return r->kind == RECORD_ORDER ? order_rest(p, f) : OK;
}

// --- out again ----------------------------------------------------------------------------------

Err fact_count_order(Picture *p, int64_t pos, RecordKind kind, uint32_t mark_id, int64_t change) {
    const FactRow *row = &rows[kind];
    if (!row->counted)
        return OK;
    if (kind != RECORD_ORDER && kind != RECORD_GRIEVANCE)
        return count_add(p, row->table, str_of(row->state), mark_id, change);
    Str order_state, grievance_state;
    bool open = false, found;
    {
        AUTO(StoreQuery) q = write_stmt(p, W_CONTENT_ORDER);
        store_bind_at_i64(q, 1, pos);
        TRY(store_step(&p->work, q, &found));
        if (!found)
            return OK;
        TRY(str_copy(&p->work, store_col_str(q, 0), &order_state));
        open = store_col_i64(q, 1) != 0;
        TRY(str_copy(&p->work, store_col_str(q, 3), &grievance_state));
    }
    if (kind == RECORD_GRIEVANCE)
        return count_add(p, TABLE_GRIEVANCE, grievance_state, mark_id, change);
    TRY(count_add(p, TABLE_ORDER, order_state, mark_id, change));
    return open ? count_add(p, TABLE_BOARD, STR("open"), mark_id, change) : OK;
}

Err fact_touch_order(Picture *p, RecordKind kind, Str id) {
    return kind == RECORD_ORDER ? touch(p, &p->touched.orders, id) : OK;
}
