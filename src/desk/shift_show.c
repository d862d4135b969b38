// Shifts and the front page as JSON: what needs somebody now.
#include "desk/shift_priv.h"

#include <stdlib.h>

// --- pieces -------------------------------------------------------------------------------------

Err desk_report_short_put(Ctx *c, DeskSlot *s, JsonWriter *w, const PictureReport *r) {
    PictureNamed named;
    Str standing;
    TRY(picture_report_named(c, s->picture, r->id, &named));
    TRY(picture_report_standing(c, s->picture, r->id, &standing));
    json_put_object_begin(w);
    desk_put_opt_str(w, "currency", r->currency);
    json_put_key_str(w, "id", r->report);
    desk_put_opt_i64(w, "loss", r->has_loss, r->loss);
    desk_put_id(w, "record", r->id);
    json_put_key_bool(w, "seeded", named.transfer_count + named.seed_count > 0);
    json_put_key_str(w, "standing", standing);
    json_put_object_end(w);
    return OK;
}

static void put_order_list(JsonWriter *w, const char *key, const DeskOrder *items, size_t n) {
    json_put_key(w, str_of(key));
    json_put_array_begin(w);
    for (size_t i = 0; i < n; i++)
        desk_order_put(w, &items[i], false);
    json_put_array_end(w);
}

// `items` of a shift's record, all of them or those of one `what`.
static Err put_items(Ctx *c, DeskSlot *s, JsonWriter *w, const char *key, RecordId shift,
                     const char *what) {
    Record body;
    const JsonValue *list;
    TRY(desk_body_get(c, s, shift, &body));
    TRY(json_get_array(c, body.body, "items", &list));
    json_put_key(w, str_of(key));
    json_put_array_begin(w);
    for (uint32_t i = 0; i < list->count; i++) {
        Str is;
        TRY(json_get_str(c, &list->items[i], "what", &is));
        if (!what || str_eq_c(is, what))
            json_put_value(w, &list->items[i]);
    }
    json_put_array_end(w);
    return OK;
}

static Err put_shift(Ctx *c, DeskSlot *s, JsonWriter *w, const PictureShift *k) {
    Record body;
    Str name, note = {0};
    TRY(desk_body_get(c, s, k->id, &body));
    TRY(json_find_str(c, body.body, "note", &note));
    TRY(desk_officer_name(c, s, k->officer, &name));
    json_put_object_begin(w);
    desk_put_time(w, "began_at", k->began_at);
    desk_put_time(w, "ended_at", k->ended_at);
    desk_put_id(w, "id", k->id);
    TRY(put_items(c, s, w, "items", k->id, NULL));
    json_put_key_str(w, "next", k->next);
    desk_put_opt_str(w, "note", note);
    json_put_key_str(w, "officer", name);
    if (k->is_signed) {
        TRY(desk_officer_name(c, s, k->signer, &name));
        desk_put_time(w, "signed_at", k->signed_at);
        json_put_key_str(w, "signer", name);
    } else {
        json_put_key_null(w, "signed_at");
        json_put_key_null(w, "signer");
    }
    json_put_object_end(w);
    return OK;
}

static Err put_officers(Ctx *c, const DeskNode *node, DeskSlot *s, JsonWriter *w) {
    PicturePage page = {.limit = LIST_PAGE_ITEMS_MAX};
    json_put_key(w, STR("officers"));
    json_put_array_begin(w);
    for (bool more = true; more;) {
        const PictureOfficer *items;
        size_t n;
        TRY(picture_officer_list(c, s->picture, page, &items, &n, &more));
        for (size_t i = 0; i < n; i++) {
            if (items[i].active && str_eq_c(items[i].agency, node->agency_id) &&
                !str_eq_c(items[i].role, "admin") && !str_eq_c(items[i].role, "auditor"))
                json_put_str(w, items[i].name);
        }
        if (n == 0)
            break;
        page.after = items[n - 1].key;
    }
    json_put_array_end(w);
    return OK;
}

// What of the exchange falls due in this shift.
static void put_tasks(JsonWriter *w, const ShiftItems *items) {
    json_put_key(w, STR("exchange"));
    json_put_array_begin(w);
    for (size_t i = 0; i < items->task_count; i++) {
        const DeskTask *t = &items->tasks[i];
        json_put_object_begin(w);
        json_put_key_str(w, "detail", t->detail);
        if (t->due_at == INT64_MAX)
            json_put_key_null(w, "due_at");
        else
            desk_put_time(w, "due_at", t->due_at);
        json_put_key_str(w, "id", t->id);
        json_put_key_str(w, "kind", str_of(t->kind));
        json_put_key_bool(w, "red", t->red);
        json_put_key_str(w, "title", t->title);
        json_put_key_str(w, "what", str_of(t->what));
        json_put_object_end(w);
    }
    json_put_array_end(w);
}

// --- GET /shift ---------------------------------------------------------------------------------

static Err put_shift_now(Ctx *c, const Desk *d, DeskSlot *s, const ShiftItems *items,
                         JsonWriter *w) {
    ShiftNow now;
    TRY(desk_shift_last(c, d->node, s, &now));
    json_put_object_begin(w);
    if (now.has_last) {
        TRY(put_items(c, s, w, "audit", now.last.id, "audit"));
    } else {
        json_put_key(w, STR("audit"));
        json_put_array_begin(w);
        json_put_array_end(w);
    }
    desk_put_time(w, "began_at", now.began_at);
    put_tasks(w, items);
    json_put_key(w, STR("half_reports"));
    json_put_array_begin(w);
    for (size_t i = 0; i < items->half_count; i++)
        TRY(desk_report_short_put(c, s, w, &items->half[i]));
    json_put_array_end(w);
    put_order_list(w, "night", items->night, items->night_count);
    TRY(put_officers(c, d->node, s, w));
    put_order_list(w, "open", items->open, items->open_count);
    put_order_list(w, "silent", items->silent, items->silent_count);
    json_put_key(w, STR("unsigned"));
    if (now.has_last && !now.last.is_signed)
        TRY(put_shift(c, s, w, &now.last));
    else
        json_put_null(w);
    json_put_object_end(w);
    return OK;
}

Err desk_shift_json(Ctx *c, const Desk *d, Buf *out) {
    TRY(desk_need(c, d, DESK_SHIFT_CLOSE));
    ShiftItems items;
    TRY(desk_shift_items(c, d, &items));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    JsonWriter w = json_writer_start(out);
    TRY(put_shift_now(c, d, r.slot, &items, &w));
    return json_writer_end(c, &w);
}

Err desk_shift_get_json(Ctx *c, const Desk *d, Str id, Buf *out) {
    TRY(desk_need(c, d, DESK_SHIFT_CLOSE));
    AUTO(DeskReading) r = {0};
    PictureShift shift;
    TRY(desk_reading_begin(c, d, &r));
    TRY(desk_shift_of(c, r.slot, id, &shift));
    JsonWriter w = json_writer_start(out);
    TRY(put_shift(c, r.slot, &w, &shift));
    return json_writer_end(c, &w);
}

Err desk_shift_list_json(Ctx *c, const Desk *d, DeskPage page, Buf *out) {
    TRY(desk_need(c, d, DESK_SHIFT_CLOSE));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    PicturePage p;
    const PictureShift *items;
    size_t n;
    bool more;
    Str next = {0};
    TRY(desk_cursor_open(c, d, "shift", page, &p));
    TRY(picture_shift_list(c, r.slot->picture, p, &items, &n, &more));
    if (more && n > 0)
        TRY(desk_cursor_seal(c, d, "shift", items[n - 1].key, &next));
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("items"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < n; i++)
        TRY(put_shift(c, r.slot, &w, &items[i]));
    json_put_array_end(&w);
    desk_put_next(&w, next);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

// --- GET /front ---------------------------------------------------------------------------------

typedef struct FrontItem {
    const char *kind, *what;
    Str id, title, detail;
    int64_t due_at; // INT64_MAX: none
    bool red;
} FrontItem;

typedef struct Front {
    FrontItem *items;
    size_t count;
    int64_t now;
    size_t orders, grievances, reports, cases;
} Front;

static void front_add(Front *f, FrontItem item) {
    if (f->count < FRONT_ITEMS_MAX)
        f->items[f->count++] = item;
}

static int by_due(const void *a, const void *b) {
    const FrontItem *x = a, *y = b;
    if (x->due_at != y->due_at)
        return x->due_at < y->due_at ? -1 : 1;
    int order = strcmp(x->kind, y->kind);
    return order ? order : str_cmp(x->title, y->title);
}

static Err front_orders(Ctx *c, const Desk *d, Front *f) {
    if (!desk_may(d, DESK_ORDER_READ))
        return OK;
    DeskOrderList list;
    TRY(desk_order_list(c, d, &(DeskOrderFilter){.board = true},
                        (DeskPage){.limit = LIST_PAGE_ITEMS_MAX}, &list));
    f->orders = list.count;
    for (size_t i = 0; i < list.count; i++) {
        const DeskOrder *o = &list.items[i];
        bool draft = o->now.state == ORDER_DRAFT && !o->view.waits_second;
        FrontItem item = {.kind = "order",
                          .what = draft ? "issue" : o->now.due,
                          .id = o->id,
                          .title = o->number,
                          .detail = o->words,
                          .due_at = o->now.has_due ? o->now.due_at : INT64_MAX,
                          .red = o->now.overdue || o->now.unanswered || o->now.review_overdue ||
                                 (o->now.has_due && o->now.due_at <= f->now)};
        // A second is another officer's to give, and has its own kind of item.
        if (o->view.waits_second & (o->is_ours ? ORDER_ISSUER : ORDER_ADDRESSEE)) {
            item.kind = "second";
            item.what = "second";
        }
        if (draft && !desk_may(d, DESK_ORDER_ISSUE))
            continue;
        if (item.what == NULL)
            item.what = "look";
        front_add(f, item);
    }
    return OK;
}

static Err front_grievances(Ctx *c, const Desk *d, Front *f) {
    if (!desk_may(d, DESK_GRIEVANCE_READ))
        return OK;
    DeskGrievanceList list;
    TRY(desk_grievance_list(c, d, true, (DeskPage){.limit = FRONT_ITEMS_MAX}, &list));
    f->grievances = list.count;
    for (size_t i = 0; i < list.count; i++) {
        const DeskGrievance *g = &list.items[i];
        front_add(f, (FrontItem){"grievance", "review", g->id, g->number,
                                 STR("the holder contests this order"), g->due_at, g->overdue});
    }
    return OK;
}

static Err front_reports(Ctx *c, const Desk *d, DeskSlot *s, Front *f) {
    const PictureReport *found;
    size_t n;
    bool more;
    if (!desk_may(d, DESK_REPORT_READ))
        return OK;
    TRY(picture_report_list(c, s->picture, STR("held"), (PicturePage){.limit = LIST_PAGE_ITEMS_MAX},
                            &found, &n, &more));
    for (size_t i = 0; i < n; i++) {
        bool half;
        TRY(desk_report_is_half(c, s, &found[i], &half));
        if (!half)
            continue;
        // An hour, then it is red: money that is followed late is gone.
        int64_t due = found[i].at + TIME_HOUR_US;
        FrontItem item = {.kind = "report",
                          .what = "follow",
                          .title = found[i].report,
                          .detail = STR("typed, and nothing done yet"),
                          .due_at = due,
                          .red = due <= f->now};
        TRY(desk_id_text(c, found[i].id, &item.id));
        front_add(f, item);
    }
    return OK;
}

static Err front_plans(Ctx *c, const Desk *d, DeskSlot *s, Front *f) {
    const PicturePlan *plans;
    size_t n;
    bool more;
    if (!desk_may(d, DESK_REFUND_SIGN))
        return OK;
    TRY(picture_plan_list(c, s->picture, NULL, (PicturePage){.limit = LIST_PAGE_ITEMS_DEFAULT},
                          &plans, &n, &more));
    for (size_t i = 0; i < n; i++) {
        MoneyPlan plan;
        bool mine = false;
        for (size_t k = 0; k < plans[i].signer_count; k++)
            mine |= record_id_eq(plans[i].signers[k], d->officer);
        if (mine || plans[i].signer_count >= REFUND_SIGNATURES)
            continue;
        TRY(money_plan_load(c, s, &plans[i], &plan));
        TRY(money_plan_check(c, d, s, &plan));
        if (plan.void_because.n > 0)
            continue;
        FrontItem item = {.kind = "plan",
                          .what = "sign",
                          .title = plan.rule,
                          .detail = STR("a refund plan waits for a signature"),
                          .due_at = INT64_MAX};
        TRY(desk_id_text(c, plans[i].id, &item.id));
        front_add(f, item);
    }
    return OK;
}

static Err front_glass(Ctx *c, const Desk *d, DeskSlot *s, Front *f) {
    const PictureGlass *glass;
    size_t n;
    bool more;
    if (!desk_may(d, DESK_GLASS_RATIFY))
        return OK;
    TRY(picture_glass_list(c, s->picture, (PicturePage){.limit = LIST_PAGE_ITEMS_DEFAULT}, &glass,
                           &n, &more));
    for (size_t i = 0; i < n; i++) {
        int64_t due = glass[i].at + GLASS_RATIFY_HOURS * TIME_HOUR_US;
        if (glass[i].decided || due <= f->now || record_id_eq(glass[i].officer, d->officer))
            continue;
        FrontItem item = {.kind = "glass",
                          .what = "ratify",
                          .title = glass[i].grants,
                          .detail = STR("an officer broke the glass: ratify it or undo it"),
                          .due_at = due};
        TRY(desk_id_text(c, glass[i].id, &item.id));
        front_add(f, item);
    }
    return OK;
}

static Err front_shift(Ctx *c, const Desk *d, const ShiftNow *shift, Front *f) {
    if (!shift->has_last || shift->last.is_signed || !desk_may(d, DESK_SHIFT_CLOSE) ||
        record_id_eq(shift->last.officer, d->officer))
        return OK;
    FrontItem item = {.kind = "shift",
                      .what = "sign",
                      .title = shift->last.next,
                      .detail = STR("a shift was handed over and nobody has signed it"),
                      .due_at = shift->last.ended_at,
                      .red = shift->last.ended_at + TIME_HOUR_US <= f->now};
    TRY(desk_id_text(c, shift->last.id, &item.id));
    front_add(f, item);
    return OK;
}

static Err front_exchange(Ctx *c, const Desk *d, Front *f) {
    DeskTask *tasks;
    size_t n;
    TRY(desk_exchange_tasks(c, d, FRONT_ITEMS_MAX, &tasks, &n));
    for (size_t i = 0; i < n; i++)
        front_add(f, (FrontItem){tasks[i].kind, tasks[i].what, tasks[i].id, tasks[i].title,
                                 tasks[i].detail, tasks[i].due_at, tasks[i].red});
    return OK;
}

// How many of each the user may see.
static Err front_counts(Ctx *c, DeskSlot *s, Front *f) {
    const PictureCount *counts;
    size_t n;
    TRY(picture_counts(c, s->picture, (Str){0}, &counts, &n));
    for (size_t i = 0; i < n; i++) {
        const PictureCount *k = &counts[i];
        if (str_eq_c(k->table, "case") && str_eq_c(k->state, "open"))
            f->cases = (size_t)k->n;
        if (str_eq_c(k->table, "report") && str_eq_c(k->state, "held"))
            f->reports = (size_t)k->n;
    }
    return OK;
}

static void put_front(JsonWriter *w, const Front *f, const ShiftNow *shift, Str officer) {
    json_put_object_begin(w);
    json_put_key(w, STR("counts"));
    json_put_object_begin(w);
    json_put_key_i64(w, "cases", (int64_t)f->cases);
    json_put_key_i64(w, "grievances", (int64_t)f->grievances);
    json_put_key_i64(w, "orders", (int64_t)f->orders);
    json_put_key_i64(w, "reports", (int64_t)f->reports);
    json_put_object_end(w);
    json_put_key(w, STR("items"));
    json_put_array_begin(w);
    for (size_t i = 0; i < f->count; i++) {
        const FrontItem *item = &f->items[i];
        json_put_object_begin(w);
        json_put_key_str(w, "detail", item->detail);
        if (item->due_at == INT64_MAX)
            json_put_key_null(w, "due_at");
        else
            desk_put_time(w, "due_at", item->due_at);
        json_put_key_str(w, "id", item->id);
        json_put_key_str(w, "kind", str_of(item->kind));
        json_put_key_bool(w, "red", item->red);
        json_put_key_str(w, "title", item->title);
        json_put_key_str(w, "what", str_of(item->what));
        json_put_object_end(w);
    }
    json_put_array_end(w);
    desk_put_time(w, "now", f->now);
    json_put_key(w, STR("shift"));
    json_put_object_begin(w);
    desk_put_time(w, "began_at", shift->began_at);
    desk_put_opt_str(w, "officer", officer);
    json_put_object_end(w);
    json_put_object_end(w);
}

Err desk_front_json(Ctx *c, const Desk *d, Buf *out) {
    Front f = {.now = clock_now(d->node->env.clock)};
    ShiftNow shift;
    Str officer = {0};
    TRY(ctx_alloc(c, FRONT_ITEMS_MAX * sizeof *f.items, &f.items));
    if (!d->may_read) { // the admin: nothing of what is done here
        JsonWriter empty = json_writer_start(out);
        put_front(&empty, &f, &(ShiftNow){.began_at = f.now}, officer);
        return json_writer_end(c, &empty);
    }
    TRY(front_orders(c, d, &f));
    TRY(front_grievances(c, d, &f));
    TRY(front_exchange(c, d, &f));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    TRY(front_reports(c, d, r.slot, &f));
    TRY(front_plans(c, d, r.slot, &f));
    TRY(front_glass(c, d, r.slot, &f));
    TRY(desk_shift_last(c, d->node, r.slot, &shift));
    TRY(front_shift(c, d, &shift, &f));
    TRY(front_counts(c, r.slot, &f));
    if (shift.has_last && shift.last.is_signed)
        TRY(desk_officer_name(c, r.slot, shift.last.signer, &officer));
    if (f.count > 1)
        qsort(f.items, f.count, sizeof *f.items, by_due);
    JsonWriter w = json_writer_start(out);
    put_front(&w, &f, &shift, officer);
    return json_writer_end(c, &w);
}
