// What one record states, kind by kind, into the tables of facts, and out of them again.
#include "picture/picture_priv.h"

// --- bodies -------------------------------------------------------------------------------------

// Values of the named members in one walk: names and members are both sorted, unknown ones between
// them are passed over. NULL where there is none.
static void body_members(const JsonValue *body, const char *const *names, size_t n,
                         const JsonValue **ret_values) {
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        ret_values[i] = NULL;
        while (at < body->count && str_cmp(body->members[at].key, str_of(names[i])) < 0)
            at++;
        if (at < body->count && str_eq_c(body->members[at].key, names[i]))
            ret_values[i] = &body->members[at++].value;
    }
}

// record_parse has checked types, so that what is not there is null.
static bool told(const JsonValue *v) {
    return v && v->type != JSON_NULL;
}

static void bind_text(StoreStmt *s, int at, const JsonValue *v) {
    if (told(v))
        store_bind_at_str(s, at, v->s);
    else
        store_bind_at_null(s, at);
}

static void bind_int(StoreStmt *s, int at, const JsonValue *v) {
    if (told(v))
        store_bind_at_i64(s, at, v->i);
    else
        store_bind_at_null(s, at);
}

static bool time_of(const JsonValue *v, int64_t *ret_at) {
    return told(v) && time_parse(v->s, ret_at);
}

static void bind_time(StoreStmt *s, int at, const JsonValue *v) {
    int64_t t;
    if (time_of(v, &t))
        store_bind_at_i64(s, at, t);
    else
        store_bind_at_null(s, at);
}

// The hash must live until the statement ran: the caller keeps the room for it.
static void bind_hash(StoreStmt *s, int at, const JsonValue *v, CryptoHash *room) {
    if (told(v) && hex_decode(v->s, room->b, sizeof room->b))
        store_bind_at_blob(s, at, room->b, sizeof room->b);
    else
        store_bind_at_null(s, at);
}

static void bind_id(StoreStmt *s, int at, const JsonValue *v, RecordId *room) {
    if (told(v) && record_id_parse(v->s, room))
        store_bind_at_blob(s, at, room->b, sizeof room->b);
    else
        store_bind_at_null(s, at);
}

// A statement whose first values are place, mark and time.
static StoreStmt *begin_listed(Picture *p, PictureWrite which, const PictureFact *f) {
    StoreStmt *s = write_stmt(p, which);
    store_bind_at_i64(s, 1, f->pos);
    store_bind_at_i64(s, 2, f->mark_id);
    store_bind_at_i64(s, 3, f->record->at_us);
    return s;
}

// --- agencies and officers ----------------------------------------------------------------------

static Err genesis_add(Picture *p, const PictureFact *f) {
    static const char *const names[] = {"agency_kind",  "country",  "log_key", "name",
                                        "recovery_key", "timezone", "title"};
    const JsonValue *v[COUNT_OF(names)];
    body_members(f->record->body, names, COUNT_OF(names), v);
    CryptoHash log_key, recovery_key;
    StoreStmt *s = begin_listed(p, W_GENESIS_ADD, f);
    bind_text(s, 4, v[3]);
    bind_text(s, 5, v[6]);
    bind_text(s, 6, v[1]);
    bind_text(s, 7, v[0]);
    bind_text(s, 8, v[5]);
    bind_hash(s, 9, v[2], &log_key);
    bind_hash(s, 10, v[4], &recovery_key);
    TRY(store_run(&p->work, s));
    return count_add(p, TABLE_AGENCY, STR("held"), f->mark_id, 1);
}

static Err key_add(Picture *p, const PictureFact *f) {
    static const char *const names[] = {"from_size", "log", "log_key"};
    const JsonValue *v[COUNT_OF(names)];
    body_members(f->record->body, names, COUNT_OF(names), v);
    CryptoHash log_key;
    StoreStmt *s = write_stmt(p, W_KEY_ADD);
    store_bind_at_i64(s, 1, f->pos);
    bind_text(s, 2, v[1]);
    bind_hash(s, 3, v[2], &log_key);
    bind_int(s, 4, v[0]);
    return store_run(&p->work, s);
}

static Err officer_add(Picture *p, const PictureFact *f) {
    static const char *const names[] = {"key", "name", "role"};
    const JsonValue *v[COUNT_OF(names)];
    body_members(f->record->body, names, COUNT_OF(names), v);
    CryptoHash key;
    StoreStmt *s = begin_listed(p, W_OFFICER_ADD, f);
    bind_text(s, 4, v[1]);
    bind_text(s, 5, v[2]);
    bind_hash(s, 6, v[0], &key);
    TRY(store_run(&p->work, s));
    return count_add(p, TABLE_OFFICER, STR("held"), f->mark_id, 1);
}

// --- reports ------------------------------------------------------------------------------------

enum {
    REPORT_ACCOUNTS,
    REPORT_CHANNEL,
    REPORT_COUNTRY,
    REPORT_CURRENCY,
    REPORT_HAPPENED_AT,
    REPORT_LOSS,
    REPORT_PHONES,
    REPORT_REPORT,
    REPORT_REPORTED_AT,
    REPORT_ROW,
    REPORT_TRANSFERS,
    REPORT_URLS,
    REPORT_MEMBERS
};
static const char *const report_names[REPORT_MEMBERS] = {
    "accounts", "channel", "country",     "currency", "happened_at", "loss",
    "phones",   "report",  "reported_at", "row",      "transfers",   "urls"};

// SQLite's JSON ends a text at a NUL: the mark of no character stands in its place.
static Err plain_text(Picture *p, Str text, Str *ret_text) {
    *ret_text = text;
    if (!memchr(text.p, 0, text.n))
        return OK;
    AUTO(Buf) b = {0};
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i])
            buf_char(&b, text.p[i]);
        else
            buf_str(&b, STR("\xef\xbf\xbd"));
    TRY(buf_check(&p->work, &b));
    return str_copy(&p->work, buf_view(&b), ret_text);
}

enum { FIND_NOT = -1 }; // beside PictureFind

// One list of what a report names: of each item the text itself, or that of a member.
static Err named_list(Picture *p, int64_t pos, const JsonValue *list, const char *member,
                      int find) {
    JsonWriter *w = &p->named_writer;
    json_put_array_begin(w);
    for (uint32_t i = 0; told(list) && i < list->count; i++) {
        const JsonValue *v = &list->items[i];
        Str text;
        if (member)
            v = json_find(v, str_of(member));
        if (!told(v)) {
            json_put_null(w);
            continue;
        }
        TRY(plain_text(p, v->s, &text));
        json_put_str(w, text);
        if (find != FIND_NOT)
            TRY(find_add(p, (PictureFind)find, text, pos));
    }
    json_put_array_end(w);
    return OK;
}

// What the report names, as raw_report keeps it; empty where it names nothing.
static Err named_put(Picture *p, int64_t pos, const JsonValue *const v[REPORT_MEMBERS]) {
    static const struct {
        int from;
        const char *member;
        int find;
    } lists[] = {{REPORT_ACCOUNTS, "account", FIND_ACCOUNT}, {REPORT_ACCOUNTS, "country", FIND_NOT},
                 {REPORT_ACCOUNTS, "institution", FIND_NOT}, {REPORT_TRANSFERS, NULL, FIND_NOT},
                 {REPORT_PHONES, NULL, FIND_PHONE},          {REPORT_URLS, NULL, FIND_NOT}};
    uint32_t n = 0;
    for (size_t i = 0; i < COUNT_OF(lists); i++)
        n += told(v[lists[i].from]) ? v[lists[i].from]->count : 0;
    buf_clear(&p->named);
    if (n == 0)
        return OK;
    p->named_writer = json_writer_start(&p->named);
    json_put_array_begin(&p->named_writer);
    for (size_t i = 0; i < COUNT_OF(lists); i++)
        TRY(named_list(p, pos, v[lists[i].from], lists[i].member, lists[i].find));
    json_put_array_end(&p->named_writer);
    return json_writer_end(&p->work, &p->named_writer);
}

// Another report of this id and agency that is here already decides together with this one.
static Err twin_touch(Picture *p, const PictureFact *f, Str report) {
    if (p->bulk)
        return OK;
    AUTO(StoreQuery) q = write_stmt(p, W_REPORT_TWIN);
    store_bind_at_str(q, 1, report);
    store_bind_at_i64(q, 2, f->agency_n);
    bool row;
    TRY(store_step(&p->work, q, &row));
    return row ? touch_name(p, &p->touched.names, f->agency_n, report) : OK;
}

static Err report_add(Picture *p, const PictureFact *f) {
    const JsonValue *v[REPORT_MEMBERS];
    body_members(f->record->body, report_names, REPORT_MEMBERS, v);
    TRY(twin_touch(p, f, v[REPORT_REPORT]->s));
    TRY(named_put(p, f->pos, v));
    CryptoHash row;
    StoreStmt *s = write_stmt(p, W_REPORT_ADD);
    store_bind_at_i64(s, 1, f->pos);
    store_bind_at_i64(s, 2, f->mark_id);
    store_bind_at_i64(s, 3, f->record->at_us);
    store_bind_at_i64(s, 4, f->agency_n);
    bind_text(s, 5, v[REPORT_REPORT]);
    bind_time(s, 6, v[REPORT_REPORTED_AT]);
    bind_time(s, 7, v[REPORT_HAPPENED_AT]);
    bind_text(s, 8, v[REPORT_COUNTRY]);
    bind_text(s, 9, v[REPORT_CHANNEL]);
    bind_int(s, 10, v[REPORT_LOSS]);
    bind_text(s, 11, v[REPORT_CURRENCY]);
    bind_hash(s, 12, v[REPORT_ROW], &row);
    if (p->named.n)
        store_bind_at_str(s, 13, buf_view(&p->named));
    TRY(store_run(&p->work, s));
    return count_add(p, TABLE_REPORT, STR("held"), f->mark_id, 1);
}

static Err seed_add(Picture *p, const PictureFact *f) {
    const JsonValue *list = json_find(f->record->body, STR("transfers"));
    for (uint32_t i = 0; told(list) && i < list->count; i++) {
        StoreStmt *s = write_stmt(p, W_SEED_ADD);
        store_bind_at_i64(s, 1, f->pos);
        store_bind_at_i64(s, 2, i);
        store_bind_at_str(s, 3, list->items[i].s);
        TRY(store_run(&p->work, s));
    }
    return OK;
}

// --- cases --------------------------------------------------------------------------------------

static Err case_add(Picture *p, const PictureFact *f) {
    StoreStmt *s = begin_listed(p, W_CASE_ADD, f);
    bind_text(s, 4, json_find(f->record->body, STR("title")));
    TRY(store_run(&p->work, s));
    return count_add(p, TABLE_CASE, STR("open"), f->mark_id, 1);
}

static Err case_event_add(Picture *p, const PictureFact *f) {
    RecordId report;
    StoreStmt *s = write_stmt(p, W_CASE_EVENT_ADD);
    store_bind_at_i64(s, 1, f->pos);
    bind_id(s, 2, json_find(f->record->body, STR("report")), &report);
    bind_text(s, 3, json_find(f->record->body, STR("reason")));
    return store_run(&p->work, s);
}

// --- batches, picks, claims, erasures -----------------------------------------------------------

static Err batch_add(Picture *p, const PictureFact *f) {
    static const char *const names[] = {"bad",  "conflicts", "filled", "known", "mapping", "part",
                                        "root", "rows",      "sha256", "taken", "what"};
    const JsonValue *v[COUNT_OF(names)];
    body_members(f->record->body, names, COUNT_OF(names), v);
    CryptoHash sha256, root;
    StoreStmt *s = begin_listed(p, W_BATCH_ADD, f);
    bind_text(s, 4, v[10]);
    bind_hash(s, 5, v[8], &sha256);
    bind_int(s, 6, v[5]);
    bind_int(s, 7, v[7]);
    bind_int(s, 8, v[9]);
    bind_int(s, 9, v[3]);
    bind_int(s, 10, v[2]);
    bind_int(s, 11, v[1]);
    bind_int(s, 12, v[0]);
    bind_hash(s, 13, v[6], &root);
    bind_text(s, 14, v[4]);
    TRY(store_run(&p->work, s));
    return count_add(p, TABLE_BATCH, STR("held"), f->mark_id, 1);
}

static Err pick_add(Picture *p, const PictureFact *f) {
    const JsonValue *transfer = json_find(f->record->body, STR("transfer"));
    CryptoHash row;
    StoreStmt *s = begin_listed(p, W_PICK_ADD, f);
    bind_text(s, 4, transfer);
    bind_hash(s, 5, json_find(f->record->body, STR("row")), &row);
    TRY(store_run(&p->work, s));
    TRY(count_add(p, TABLE_PICK, STR("held"), f->mark_id, 1));
    return p->bulk ? OK : touch_name(p, &p->touched.transfers, f->agency_n, transfer->s);
}

static Err claim_add(Picture *p, const PictureFact *f) {
    const JsonValue *body = f->record->body, *table = json_find(body, STR("table"));
    AUTO(Buf) row = {0};
    TRY(json_canonical(&p->work, json_find(body, STR("row")), &row));
    StoreStmt *s = write_stmt(p, W_CLAIM_ADD);
    store_bind_at_i64(s, 1, f->pos);
    store_bind_at_i64(s, 2, f->mark_id);
    bind_text(s, 3, table);
    store_bind_at_i64(s, 4, f->record->at_us);
    bind_text(s, 5, json_find(body, STR("key")));
    bind_text(s, 6, json_find(body, STR("source")));
    store_bind_at_str(s, 7, buf_view(&row));
    TRY(store_run(&p->work, s));
    return count_add(p, TABLE_CLAIM, table->s, f->mark_id, 1);
}

static Err erase_add(Picture *p, const PictureFact *f) {
    const JsonValue *body = f->record->body;
    RecordId target;
    StoreStmt *s = write_stmt(p, W_ERASE_ADD);
    store_bind_at_i64(s, 1, f->pos);
    bind_id(s, 2, json_find(body, STR("record")), &target);
    bind_text(s, 3, json_find(body, STR("log")));
    bind_int(s, 4, json_find(body, STR("leaf")));
    TRY(store_run(&p->work, s));
    Str id = {(const char *)target.b, sizeof target.b};
    return p->bulk ? OK : touch(p, &p->touched.erased, id);
}

Err fact_add(Picture *p, const PictureFact *f) {
    switch (f->record->kind) {
    case RECORD_GENESIS:
        return genesis_add(p, f);
    case RECORD_KEY:
        return key_add(p, f);
    case RECORD_OFFICER:
        return officer_add(p, f);
    case RECORD_REPORT:
        return report_add(p, f);
    case RECORD_SEED:
        return seed_add(p, f);
    case RECORD_CASE:
        return case_add(p, f);
    case RECORD_CASE_ADD:
    case RECORD_CASE_REMOVE:
    case RECORD_CASE_CLOSE:
        return case_event_add(p, f);
    case RECORD_BATCH:
        return batch_add(p, f);
    case RECORD_TRANSFER_PICK:
        return pick_add(p, f);
    case RECORD_CLAIM:
        return claim_add(p, f);
    case RECORD_ERASE:
        return erase_add(p, f);
    case RECORD_VICTIM:
    case RECORD_STANDING:
    case RECORD_CLAIMANT:
    case RECORD_ATTACHMENT:
    case RECORD_TRACE:
    case RECORD_ORDER:
    case RECORD_ORDER_ACT:
    case RECORD_ORDER_NOTE:
    case RECORD_CONTACT:
    case RECORD_ACCOUNT_CLASS:
    case RECORD_GRIEVANCE:
    case RECORD_REFUND_PLAN:
    case RECORD_REFUND_SIGN:
    case RECORD_REFUND_PAID:
    case RECORD_REFUND_ACCOUNT:
    case RECORD_SECOND:
    case RECORD_SHIFT:
    case RECORD_SHIFT_SIGN:
    case RECORD_READ:
    case RECORD_GLASS:
    case RECORD_GLASS_RATIFY:
    case RECORD_OFFICER_CHANGE:
    case RECORD_EXPORT_DECISION:
    case RECORD_CASE_EXPORT:
    case RECORD_RECOVER:
        return fact_add_order(p, f);
    case RECORD_LINK:
    case RECORD_PEER:
    case RECORD_FLAG:
    case RECORD_ACCORD:
    case RECORD_ACCORD_SIGN:
    case RECORD_SHARE:
    case RECORD_SHARE_ACT:
    case RECORD_RETRACT:
    case RECORD_LET_GO:
    case RECORD_DISCLOSED:
    case RECORD_PASSED:
    case RECORD_NOTICE:
    case RECORD_NOTICE_ACT:
    case RECORD_FORK:
        return fact_add_exchange(p, f);
    case RECORD_UNKNOWN:
        return OK;
    }
    UNREACHABLE();
}

// --- out again ----------------------------------------------------------------------------------

Err content_get(Picture *p, int64_t pos, bool *ret_found, PictureContent *ret_content) {
    AUTO(StoreQuery) q = write_stmt(p, W_CONTENT_GET);
    store_bind_at_i64(q, 1, pos);
    TRY(store_step(&p->work, q, ret_found));
    PictureContent k = {.pos = pos, .kind = RECORD_UNKNOWN};
    if (*ret_found) {
        k.agency_n = p->logs[pos >> 40].agency_n;
        k.mark_id = (uint32_t)store_col_i64(q, 3);
        k.folded = store_col_i64(q, 5) != 0;
        Str *const texts[] = {&k.id,         &k.kind_name,    &k.state,      &k.of,
                              &k.report,     &k.report_state, &k.case_state, &k.transfer,
                              &k.pick_state, &k.claim_table};
        static const int columns[COUNT_OF(texts)] = {0, 1, 2, 4, 6, 7, 8, 9, 10, 11};
        for (size_t i = 0; i < COUNT_OF(texts); i++)
            TRY(str_copy(&p->work, store_col_str(q, columns[i]), texts[i]));
        if (k.folded)
            k.kind = record_kind_of(k.kind_name);
    }
    *ret_content = k;
    return OK;
}

// A case that goes lets go of its reports.
static Err members_drop(Picture *p, int64_t case_pos) {
    for (bool row = true; row;) {
        int64_t add_pos = 0;
        {
            AUTO(StoreQuery) q = write_stmt(p, W_MEMBERS);
            store_bind_at_i64(q, 1, case_pos);
            TRY(store_step(&p->work, q, &row));
            if (row) {
                add_pos = store_col_i64(q, 0);
                TRY(touch(p, &p->touched.reports, store_col_str(q, 1)));
            }
        }
        if (row) {
            StoreStmt *s = write_stmt(p, W_MEMBER_DROP);
            store_bind_at_i64(s, 1, add_pos);
            TRY(store_run(&p->work, s));
        }
    }
    return OK;
}

// Adds `change` to every count in which the record stands.
static Err content_count(Picture *p, const PictureContent *k, uint32_t mark_id, int64_t change) {
    TRY(count_add(p, TABLE_RECORD, k->kind_name, mark_id, change));
    if (!str_eq_c(k->state, "held"))
        TRY(count_add(p, TABLE_FOLD, k->state, mark_id, change));
    if (k->kind == RECORD_UNKNOWN)
        return OK;
    static const struct {
        RecordKind kind;
        PictureTable table;
    } listed[] = {{RECORD_GENESIS, TABLE_AGENCY}, {RECORD_OFFICER, TABLE_OFFICER},
                  {RECORD_REPORT, TABLE_REPORT},  {RECORD_CASE, TABLE_CASE},
                  {RECORD_BATCH, TABLE_BATCH},    {RECORD_TRANSFER_PICK, TABLE_PICK},
                  {RECORD_CLAIM, TABLE_CLAIM}};
    for (size_t i = 0; i < COUNT_OF(listed); i++) {
        if (listed[i].kind != k->kind)
            continue;
        Str state = k->kind == RECORD_REPORT          ? k->report_state
                    : k->kind == RECORD_CASE          ? k->case_state
                    : k->kind == RECORD_TRANSFER_PICK ? k->pick_state
                    : k->kind == RECORD_CLAIM         ? k->claim_table
                                                      : STR("held");
        return count_add(p, listed[i].table, state, mark_id, change);
    }
    return fact_count_order(p, k->pos, k->kind, mark_id, change);
}

Err fact_touch(Picture *p, const PictureContent *k) {
    TRY(touch(p, &p->touched.objects, k->of.n ? k->of : k->id));
    // Others that have its id may count in its place.
    if (p->clashes)
        TRY(touch(p, &p->touched.clashes, k->id));
    if (k->kind == RECORD_CASE)
        TRY(members_drop(p, k->pos));
    if (k->kind == RECORD_REPORT && k->report.n)
        TRY(touch_name(p, &p->touched.names, k->agency_n, k->report));
    if (k->kind == RECORD_TRANSFER_PICK && k->transfer.n)
        TRY(touch_name(p, &p->touched.transfers, k->agency_n, k->transfer));
    TRY(fact_touch_exchange(p, k->pos, k->kind, k->id));
    return fact_touch_order(p, k->kind, k->id);
}

Err fact_drop(Picture *p, int64_t pos) {
    bool found;
    PictureContent k;
    TRY(content_get(p, pos, &found, &k));
    if (!found)
        return OK;
    TRY(content_count(p, &k, k.mark_id, -1));
    TRY(fact_touch(p, &k));
    for (PictureWrite w = W_DROP_RECORD; w <= W_DROP_FORK; w++) {
        StoreStmt *s = write_stmt(p, w);
        store_bind_at_i64(s, 1, pos);
        TRY(store_run(&p->work, s));
    }
    return OK;
}

// --- marks --------------------------------------------------------------------------------------

// Tables of facts that carry the mark. 0: those of the kind are read by the record's.
static const PictureWrite mark_writes[RECORD_KINDS] = {
    [RECORD_GENESIS] = W_MARK_GENESIS,
    [RECORD_OFFICER] = W_MARK_OFFICER,
    [RECORD_REPORT] = W_MARK_REPORT,
    [RECORD_CASE] = W_MARK_CASE,
    [RECORD_BATCH] = W_MARK_BATCH,
    [RECORD_TRANSFER_PICK] = W_MARK_PICK,
    [RECORD_CLAIM] = W_MARK_CLAIM,
    [RECORD_VICTIM] = W_MARK_VICTIM,
    [RECORD_STANDING] = W_MARK_STANDING,
    [RECORD_ATTACHMENT] = W_MARK_ATTACHMENT,
    [RECORD_ORDER] = W_MARK_ORDER,
    [RECORD_ORDER_ACT] = W_MARK_ORDER_EVENT,
    [RECORD_ORDER_NOTE] = W_MARK_ORDER_EVENT,
    [RECORD_CONTACT] = W_MARK_CONTACT,
    [RECORD_ACCOUNT_CLASS] = W_MARK_ACCOUNT_CLASS,
    [RECORD_GRIEVANCE] = W_MARK_GRIEVANCE,
    [RECORD_REFUND_PLAN] = W_MARK_PLAN,
    [RECORD_REFUND_SIGN] = W_MARK_PLAN_SIGN,
    [RECORD_REFUND_PAID] = W_MARK_PAID,
    [RECORD_REFUND_ACCOUNT] = W_MARK_REFUND_ACCOUNT,
    [RECORD_SECOND] = W_MARK_SECOND,
    [RECORD_SHIFT] = W_MARK_SHIFT,
    [RECORD_READ] = W_MARK_READ,
    [RECORD_GLASS] = W_MARK_GLASS,
    [RECORD_GLASS_RATIFY] = W_MARK_GLASS_DECISION,
    [RECORD_OFFICER_CHANGE] = W_MARK_OFFICER_CHANGE,
};

Err fact_remark(Picture *p, int64_t pos, uint32_t mark_id, PictureEnd end) {
    bool found;
    PictureContent k;
    TRY(content_get(p, pos, &found, &k));
    ASSERT(found);
    if (k.mark_id != mark_id) {
        TRY(content_count(p, &k, k.mark_id, -1));
        TRY(content_count(p, &k, mark_id, 1));
    }
    StoreStmt *s = write_stmt(p, W_MARK_RECORD);
    store_bind_at_i64(s, 1, mark_id);
    if (end.has_until)
        store_bind_at_i64(s, 2, end.until);
    store_bind_at_i64(s, 3, pos);
    TRY(store_run(&p->work, s));
    if (k.kind == RECORD_UNKNOWN || !mark_writes[k.kind])
        return OK;
    s = write_stmt(p, mark_writes[k.kind]);
    store_bind_at_i64(s, 1, mark_id);
    store_bind_at_i64(s, 2, pos);
    return store_run(&p->work, s);
}
