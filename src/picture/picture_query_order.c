// Questions about orders and the reports, accounts and banks that they are about.
#include "picture/picture_read_priv.h"

// --- orders -------------------------------------------------------------------------------------

static Err account_read(Ctx *c, StoreStmt *q, int column, PictureAccount *ret_account) {
    TRY(col_text(c, q, column, &ret_account->country));
    TRY(col_text(c, q, column + 1, &ret_account->institution));
    return col_text(c, q, column + 2, &ret_account->account);
}

// Columns of v_order stand two further, behind sort key and place.
enum {
    AT = 4,
    ID,
    NUMBER,
    WHAT,
    AGENCY,
    MARK,
    OFFICER,
    REQUEST,
    TO_AGENCY,
    TO_COUNTRY,
    TO_INSTITUTION,
    TO_KIND,
    COUNTRY,
    CURRENCY = COUNTRY + 3,
    AMOUNT,
    LEVEL,
    TRACE,
    CASE,
    REPORT,
    REPLACES,
    LAW,
    LAW_STANDING,
    CLOCK_FROM,
    ANSWER_HOURS,
    PERSONS,
    VIEW
};

static Err order_texts(Ctx *c, StoreStmt *q, PictureOrder *k) {
    const struct {
        int column;
        Str *text;
    } texts[] = {{NUMBER, &k->number},
                 {WHAT, &k->order},
                 {AGENCY, &k->agency},
                 {MARK, &k->mark},
                 {TO_AGENCY, &k->addressee_agency},
                 {TO_COUNTRY, &k->addressee_country},
                 {TO_INSTITUTION, &k->addressee_institution},
                 {TO_KIND, &k->addressee_kind},
                 {CURRENCY, &k->currency},
                 {LAW, &k->law},
                 {LAW_STANDING, &k->law_standing}};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        TRY(col_text(c, q, texts[i].column, texts[i].text));
    TRY(account_read(c, q, COUNTRY, &k->account));
    k->has_account = k->account.account.n > 0;
    return OK;
}

static Err order_read(Ctx *c, StoreStmt *q, void *item) {
    PictureOrder *k = item;
    TRY(order_texts(c, q, k));
    k->at = store_col_i64(q, AT);
    k->id = col_id(q, ID);
    k->has_officer = col_has_id(q, OFFICER, &k->officer);
    k->has_trace = col_has_id(q, TRACE, &k->trace);
    k->has_case = col_has_id(q, CASE, &k->case_id);
    k->has_report = col_has_id(q, REPORT, &k->report);
    k->has_replaces = col_has_id(q, REPLACES, &k->replaces);
    k->has_level = col_i64(q, LEVEL, &k->level);
    k->persons = store_col_i64(q, PERSONS) >= 2 ? 2 : 1;
    k->facts = (OrderFacts){.request = store_col_i64(q, REQUEST) != 0,
                            .hold = !store_col_is_null(q, AMOUNT),
                            .amount = store_col_i64(q, AMOUNT),
                            .answer_hours = store_col_i64(q, ANSWER_HOURS),
                            .made_at = k->at};
    if (!order_clock_from_find(store_col_str(q, CLOCK_FROM), &k->facts.clock_from) ||
        !order_view_get(store_col_str(q, VIEW), &k->view))
        return fail(c, E_CORRUPT, "order " STR_FMT " is kept in another form; run moei rebuild",
                    STR_ARG(k->number));
    return OK;
}

static const ReadList order_list = {R_ORDER_LIST, TABLE_ORDER, true, sizeof(PictureOrder),
                                    order_read};
static const ReadList order_board = {R_ORDER_BOARD, TABLE_BOARD, false, sizeof(PictureOrder),
                                     order_read};

Err picture_order_list(Ctx *c, PictureReader *r, Str state, PicturePage page,
                       const PictureOrder **ret_items, size_t *ret_n, bool *ret_more) {
    ReadItems found;
    TRY(read_list(c, r, &order_list, state, &page, &found));
    READ_GIVE(found, ret_items, ret_n);
    *ret_more = found.more;
    return OK;
}

Err picture_order_board(Ctx *c, PictureReader *r, int64_t now_us, PicturePage page,
                        const PictureOrder **ret_items, size_t *ret_n, bool *ret_more) {
    ReadItems found;
    r->now_us = now_us;
    TRY(read_list(c, r, &order_board, STR("open"), &page, &found));
    READ_GIVE(found, ret_items, ret_n);
    *ret_more = found.more;
    return OK;
}

Err picture_order_get(Ctx *c, PictureReader *r, RecordId id, PictureOrder *ret_order) {
    PictureOrder order = {0};
    TRY(read_by_id(c, r, R_ORDER_GET, id, order_read, &order));
    *ret_order = order;
    return OK;
}

Err picture_order_find(Ctx *c, PictureReader *r, Str number, PictureOrder *ret_order) {
    StoreStmt *q;
    PictureOrder order = {0};
    TRY(read_begin(c, r, R_ORDER_FIND, &q));
    store_bind_str(q, ":number", number);
    TRY(read_one(c, q, order_read, &order));
    *ret_order = order;
    return OK;
}

Err picture_order_find_of(Ctx *c, PictureReader *r, Str agency, Str number,
                          PictureOrder *ret_order) {
    StoreStmt *q;
    PictureOrder order = {0};
    TRY(read_begin(c, r, R_ORDER_FIND_OF, &q));
    store_bind_str(q, ":agency", agency);
    store_bind_str(q, ":number", number);
    TRY(read_one(c, q, order_read, &order));
    *ret_order = order;
    return OK;
}

static Err orders_by_id(Ctx *c, PictureReader *r, PictureRead which, const char *name, RecordId id,
                        ReadItems *ret_found) {
    StoreStmt *q;
    TRY(read_begin(c, r, which, &q));
    store_bind_blob(q, name, id.b, sizeof id.b);
    return read_rows(c, q, &order_list, PICTURE_ORDERS_MAX, ret_found);
}

Err picture_orders_of_case(Ctx *c, PictureReader *r, RecordId case_id,
                           const PictureOrder **ret_items, size_t *ret_n) {
    ReadItems found;
    TRY(orders_by_id(c, r, R_ORDERS_OF_CASE, ":case_id", case_id, &found));
    READ_GIVE(found, ret_items, ret_n);
    return OK;
}

Err picture_orders_of_report(Ctx *c, PictureReader *r, RecordId report,
                             const PictureOrder **ret_items, size_t *ret_n) {
    ReadItems found;
    TRY(orders_by_id(c, r, R_ORDERS_OF_REPORT, ":report", report, &found));
    READ_GIVE(found, ret_items, ret_n);
    return OK;
}

static bool same_or_any(Str a, Str b) {
    return a.n == 0 || b.n == 0 || str_eq(a, b);
}

static bool account_fits(const PictureAccount *want, const PictureAccount *have) {
    return same_or_any(want->country, have->country) &&
           same_or_any(want->institution, have->institution);
}

Err picture_orders_of_account(Ctx *c, PictureReader *r, PictureAccount account,
                              const PictureOrder **ret_items, size_t *ret_n) {
    StoreStmt *q;
    ReadItems found;
    TRY(read_begin(c, r, R_ORDERS_OF_ACCOUNT, &q));
    store_bind_str(q, ":account", account.account);
    TRY(read_rows(c, q, &order_list, PICTURE_ORDERS_MAX, &found));
    PictureOrder *orders = found.items;
    size_t n = 0;
    for (size_t i = 0; i < found.n; i++)
        if (account_fits(&account, &orders[i].account))
            orders[n++] = orders[i];
    *ret_items = orders;
    *ret_n = n;
    return OK;
}

// --- what belongs to an order -------------------------------------------------------------------

// Rows that belong to the visible object `id`, found by its place.
static Err rows_of(Ctx *c, PictureReader *r, PictureRead object, PictureRead which, RecordId id,
                   const ReadList *list, ReadItems *ret_found) {
    StoreStmt *q;
    int64_t pos;
    TRY(read_pos(c, r, object, id, &pos));
    TRY(read_begin(c, r, which, &q));
    store_bind_i64(q, ":pos", pos);
    return read_rows(c, q, list, PICTURE_CHILDREN_MAX, ret_found);
}

// Items of read_rows begin with a key; what is given out need not have one.
typedef struct TagRow {
    PictureKey key;
    PictureTag tag;
} TagRow;

static Err tag_read(Ctx *c, StoreStmt *q, void *item) {
    (void)c;
    TagRow *k = item;
    k->tag = (PictureTag){.report = col_id(q, 2), .amount = store_col_i64(q, 3)};
    return OK;
}

static const ReadList tag_list = {R_ORDER_TAGS, TABLE_ORDER, false, sizeof(TagRow), tag_read};

Err picture_order_tags(Ctx *c, PictureReader *r, RecordId order, const PictureTag **ret_items,
                       size_t *ret_n) {
    ReadItems found;
    TRY(rows_of(c, r, R_ORDER_GET, R_ORDER_TAGS, order, &tag_list, &found));
    PictureTag *tags;
    TRY(ctx_alloc(c, (found.n + 1) * sizeof *tags, &tags));
    for (size_t i = 0; i < found.n; i++)
        tags[i] = ((const TagRow *)found.items)[i].tag;
    *ret_items = tags;
    *ret_n = found.n;
    return OK;
}

typedef struct EventRow {
    PictureKey key;
    PictureOrderEvent k;
} EventRow;

static Err event_words(Ctx *c, StoreStmt *q, OrderEvent *e) {
    if (!order_act_find(store_col_str(q, 7), &e->act) ||
        !event_party_find(store_col_str(q, 8), &e->party) ||
        (!store_col_is_null(q, 9) && !order_outcome_find(store_col_str(q, 9), &e->outcome)))
        return fail(c, E_CORRUPT, "an order's event is kept in another form; run moei rebuild");
    return OK;
}

static Err event_read(Ctx *c, StoreStmt *q, void *item) {
    PictureOrderEvent *k = &((EventRow *)item)->k;
    OrderEvent *e = &k->event;
    k->id = col_id(q, 2);
    k->effect = (OrderEffect)store_col_i64(q, 3);
    e->at = store_col_i64(q, 4);
    k->has_officer = col_has_id(q, 5, &k->officer);
    memcpy(e->officer, k->officer.b, sizeof e->officer);
    TRY(col_text(c, q, 6, &k->agency));
    TRY(event_words(c, q, e));
    e->has_amount = col_i64(q, 10, &e->amount);
    k->has_balance = col_i64(q, 11, &k->balance);
    TRY(col_text(c, q, 12, &k->code));
    e->over = e->act == ORDER_TELL && k->code.n > 0;
    e->has_ends_at = col_i64(q, 13, &e->ends_at);
    if (!col_i64(q, 14, &e->happened_at) || e->happened_at > e->at)
        e->happened_at = e->at;
    k->has_target = col_has_id(q, 15, &k->target);
    e->persons = store_col_i64(q, 16) >= 2 ? 2 : 1;
    TRY(col_text(c, q, 17, &k->on_behalf_of));
    k->has_document = !store_col_is_null(q, 18);
    col_hash(q, 18, k->document);
    TRY(account_read(c, q, 19, &k->to));
    k->has_to = k->to.account.n > 0;
    return OK;
}

static const ReadList event_list = {R_ORDER_EVENTS_OF, TABLE_ORDER, false, sizeof(EventRow),
                                    event_read};

Err picture_order_events(Ctx *c, PictureReader *r, RecordId order,
                         const PictureOrderEvent **ret_items, size_t *ret_n) {
    ReadItems found;
    TRY(rows_of(c, r, R_ORDER_GET, R_ORDER_EVENTS_OF, order, &event_list, &found));
    PictureOrderEvent *events;
    TRY(ctx_alloc(c, (found.n + 1) * sizeof *events, &events));
    for (size_t i = 0; i < found.n; i++) {
        events[i] = ((const EventRow *)found.items)[i].k;
        for (size_t t = 0; events[i].has_target && t < i; t++)
            if (record_id_eq(events[t].id, events[i].target)) {
                events[i].event.has_target = true;
                events[i].event.target = t;
            }
    }
    *ret_items = events;
    *ret_n = found.n;
    return OK;
}

// --- reports ------------------------------------------------------------------------------------

Err picture_report_standing(Ctx *c, PictureReader *r, RecordId report, Str *ret_standing) {
    int64_t pos;
    StoreStmt *stmt;
    TRY(read_pos(c, r, R_REPORT_GET, report, &pos));
    TRY(read_begin(c, r, R_REPORT_STANDING_GET, &stmt));
    AUTO(StoreQuery) q = stmt;
    store_bind_i64(q, ":pos", pos);
    bool row;
    TRY(store_step(c, q, &row));
    return row ? col_text(c, q, 0, ret_standing) : read_not_found(c);
}

Err picture_report_victim(Ctx *c, PictureReader *r, RecordId report, RecordId *ret_victim) {
    StoreStmt *stmt;
    TRY(read_begin(c, r, R_REPORT_VICTIM, &stmt));
    AUTO(StoreQuery) q = stmt;
    store_bind_blob(q, ":report", report.b, sizeof report.b);
    bool row;
    TRY(store_step(c, q, &row));
    if (!row)
        return read_not_found(c);
    *ret_victim = col_id(q, 2);
    return OK;
}

Err picture_reports_of_account(Ctx *c, PictureReader *r, PictureAccount account,
                               const PictureReportOfAccount **ret_items, size_t *ret_n) {
    StoreStmt *stmt;
    TRY(read_begin(c, r, R_REPORTS_OF_ACCOUNT, &stmt));
    AUTO(StoreQuery) q = stmt;
    store_bind_str(q, ":account", account.account);
    PictureReportOfAccount *items;
    TRY(ctx_alloc(c, LIST_PAGE_ITEMS_MAX * sizeof *items, &items));
    size_t n = 0;
    for (bool row = true; row && n < LIST_PAGE_ITEMS_MAX;) {
        TRY(store_step(c, q, &row));
        PictureAccount have = {store_col_str(q, 5), store_col_str(q, 6), {0}};
        if (!row || !account_fits(&account, &have))
            continue;
        // A report that names the account twice is one report.
        RecordId id = col_id(q, 2);
        if (n && record_id_eq(items[n - 1].id, id))
            continue;
        items[n] = (PictureReportOfAccount){.id = id, .at = store_col_i64(q, 0)};
        TRY(col_text(c, q, 3, &items[n].report));
        TRY(col_text(c, q, 4, &items[n].standing));
        n++;
    }
    *ret_items = items;
    *ret_n = n;
    return OK;
}

// --- claimants ----------------------------------------------------------------------------------

typedef struct ClaimantRow {
    PictureKey key; // sort: the claimant record's rank
    RecordId id, report;
} ClaimantRow;

static Err claimant_read(Ctx *c, StoreStmt *q, void *item) {
    (void)c;
    ClaimantRow *k = item;
    k->id = col_id(q, 2);
    k->report = col_id(q, 3);
    return OK;
}

static const ReadList claimant_list = {R_CASE_CLAIMANTS, TABLE_CASE, false, sizeof(ClaimantRow),
                                       claimant_read};

static Str id_key(const RecordId *id) {
    return (Str){(const char *)id->b, sizeof id->b};
}

// `last` says for each report in which row it stands last.
static Err claimants_make(Ctx *c, const ClaimantRow *rows, size_t n, const size_t *last,
                          const Dict *reports, const PictureClaimant **ret_items, size_t *ret_n) {
    PictureClaimant *items;
    RecordId *ids;
    TRY(ctx_alloc(c, (n + 1) * sizeof *items, &items));
    TRY(ctx_alloc(c, (n + 1) * sizeof *ids, &ids));
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t at;
        if (!dict_find(reports, id_key(&rows[i].report), &at) || last[at] != i)
            continue;
        if (count == 0 || !record_id_eq(items[count - 1].id, rows[i].id))
            items[count++] = (PictureClaimant){.id = rows[i].id, .reports = ids};
        *ids++ = rows[i].report;
        items[count - 1].report_count++;
    }
    *ret_items = items;
    *ret_n = count;
    return OK;
}

Err picture_case_claimants(Ctx *c, PictureReader *r, RecordId case_id,
                           const PictureClaimant **ret_items, size_t *ret_n) {
    ReadItems found;
    TRY(rows_of(c, r, R_CASE_GET, R_CASE_CLAIMANTS, case_id, &claimant_list, &found));
    const ClaimantRow *rows = found.items;
    size_t *last;
    TRY(ctx_alloc(c, (found.n + 1) * sizeof *last, &last));
    AUTO(Dict) reports = {0};
    dict_init(&reports, 0);
    for (size_t i = 0; i < found.n; i++) {
        uint32_t at;
        TRY(dict_intern(c, &reports, id_key(&rows[i].report), &at));
        last[at] = i;
    }
    return claimants_make(c, rows, found.n, last, &reports, ret_items, ret_n);
}

// --- contacts and classes -----------------------------------------------------------------------

static Err contact_read(Ctx *c, StoreStmt *q, void *item) {
    PictureContact *k = item;
    Str *const texts[] = {&k->country, &k->institution, &k->desk,     &k->phone,
                          &k->email,   &k->hours,       &k->language, &k->note};
    k->at = store_col_i64(q, 0);
    k->id = col_id(q, 2);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        TRY(col_text(c, q, 3 + (int)i, texts[i]));
    return OK;
}

static const ReadList contact_list = {R_CONTACTS_ALL, TABLE_CONTACT, false, sizeof(PictureContact),
                                      contact_read};

static bool same_desk(const PictureContact *a, const PictureContact *b) {
    return str_eq(a->country, b->country) && str_eq(a->institution, b->institution) &&
           str_eq(a->desk, b->desk);
}

Err picture_contacts(Ctx *c, PictureReader *r, Str country, Str institution,
                     const PictureContact **ret_items, size_t *ret_n) {
    StoreStmt *q;
    ReadItems found;
    TRY(read_begin(c, r, country.n ? R_CONTACTS_OF_COUNTRY : R_CONTACTS_ALL, &q));
    if (country.n)
        store_bind_str(q, ":country", country);
    TRY(read_rows(c, q, &contact_list, PICTURE_CONTACTS_MAX, &found));
    PictureContact *items = found.items;
    size_t n = 0;
    // Of each desk the last that this reader sees.
    for (size_t i = 0; i < found.n; i++) {
        if (institution.n && !str_eq(items[i].institution, institution))
            continue;
        if (n && same_desk(&items[n - 1], &items[i]))
            n--;
        items[n++] = items[i];
    }
    *ret_items = items;
    *ret_n = n;
    return OK;
}

typedef struct ClassRow {
    PictureKey key;
    PictureAccount account;
    Str class_name, speaker;
    bool replaced;
} ClassRow;

static Err class_read(Ctx *c, StoreStmt *q, void *item) {
    ClassRow *k = item;
    TRY(col_text(c, q, 2, &k->account.country));
    TRY(col_text(c, q, 3, &k->account.institution));
    TRY(col_text(c, q, 4, &k->class_name));
    return col_text(c, q, 5, &k->speaker);
}

static const ReadList class_list = {R_CLASSES_OF, TABLE_CONTACT, false, sizeof(ClassRow),
                                    class_read};

// Puts the name into a sorted list in which each stands once.
static void put_sorted(Str *names, size_t *n, Str name) {
    size_t at = *n;
    for (; at > 0 && str_cmp(names[at - 1], name) >= 0; at--)
        if (str_eq(names[at - 1], name))
            return;
    for (size_t i = *n; i > at; i--)
        names[i] = names[i - 1];
    names[at] = name;
    *n += 1;
}

Err picture_account_classes(Ctx *c, PictureReader *r, PictureAccount account,
                            const Str **ret_classes, size_t *ret_n) {
    StoreStmt *q;
    ReadItems found;
    TRY(read_begin(c, r, R_CLASSES_OF, &q));
    store_bind_str(q, ":account", account.account);
    TRY(read_rows(c, q, &class_list, LIST_PAGE_ITEMS_MAX, &found));
    ClassRow *rows = found.items;
    Str *names;
    size_t n = 0;
    TRY(ctx_alloc(c, (found.n + 1) * sizeof *names, &names));
    for (size_t i = 0; i < found.n; i++) {
        bool last = account_fits(&account, &rows[i].account);
        for (size_t k = i + 1; last && k < found.n; k++)
            last = !(str_eq(rows[i].speaker, rows[k].speaker) &&
                     str_eq(rows[i].account.country, rows[k].account.country) &&
                     str_eq(rows[i].account.institution, rows[k].account.institution));
        if (last)
            put_sorted(names, &n, rows[i].class_name);
    }
    *ret_classes = names;
    *ret_n = n;
    return OK;
}
