// Grievances: who was held wrongly says so, with the code of the letter or through an officer.
#include "desk/money_priv.h"

// --- what the holder sees -----------------------------------------------------------------------

static const char *holder_stage(OrderState s) {
    switch (s) {
    case ORDER_EXECUTED:
    case ORDER_PARTLY:
        return "held";
    case ORDER_DRAFT:
    case ORDER_ISSUED:
    case ORDER_RECEIVED:
        return "asked";
    case ORDER_LAPSED:
    case ORDER_VOID:
        return "lapsed";
    case ORDER_RELEASED:
        return "released";
    case ORDER_REFUSED:
        return "not_held";
    case ORDER_ADOPTED:
    case ORDER_WITHDRAWN:
    case ORDER_SUPERSEDED:
    case ORDER_SETTLED:
        return "ended";
    }
    UNREACHABLE();
}

static Err order_of_code(Ctx *c, DeskNode *n, DeskSlot *s, Str code, PictureOrder *ret_order) {
    RecordId id;
    TRY(desk_code_find(c, n, 'h', code, &id));
    Err e = picture_order_get(c, s->picture, id, ret_order);
    // What was erased is answered like a code that never was.
    return e == E_NOT_FOUND ? fail(c, E_NOT_FOUND, "there is nothing here by this code") : e;
}

static bool may_contest(const DeskNode *n, const PictureOrder *o) {
    OrderChoice choices[ORDER_CHOICES_MAX];
    size_t count =
        order_allowed(&o->facts, &o->view, clock_now(n->env.clock), ORDER_HOLDER, choices);
    for (size_t i = 0; i < count; i++) {
        if (choices[i].act == ORDER_APPEAL)
            return true;
    }
    return false;
}

// The phone of the agency itself: the contact whose institution is the agency's short name.
static Err own_phone(Ctx *c, const DeskNode *n, DeskSlot *s, Str *ret_phone) {
    const PictureContact *items;
    size_t count;
    TRY(picture_contacts(c, s->picture, n->country, n->agency, &items, &count));
    *ret_phone = count > 0 ? items[0].phone : (Str){0};
    return OK;
}

Err desk_holder_view(Ctx *c, DeskNode *n, Str code, DeskHolderView *ret_view) {
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_machine(c, n, &r));
    PictureOrder o;
    TRY(order_of_code(c, n, r.slot, code, &o));
    OrderNow now = order_now(&o.facts, &o.view, clock_now(n->env.clock));
    const FormatInstitution *bank =
        format_institution_find(n->tables, o.addressee_country, o.addressee_institution);
    Str account = o.account.account;
    size_t tail = account.n > HOLDER_ACCOUNT_TAIL_BYTES ? HOLDER_ACCOUNT_TAIL_BYTES : 0;
    DeskHolderView v = {
        .number = o.number,
        .institution = bank ? bank->name : o.addressee_institution,
        .account_tail = {tail ? account.p + account.n - tail : NULL, tail},
        .stage = str_of(holder_stage(now.state)),
        .appeal = str_of(order_appeal_name(o.view.appeal)),
        .ends_at = o.view.has_ends_at ? o.view.ends_at : 0,
        .may_contest = may_contest(n, &o),
        .agency = n->name,
    };
    TRY(own_phone(c, n, r.slot, &v.agency_phone));
    *ret_view = v;
    return OK;
}

// --- contest ------------------------------------------------------------------------------------

typedef struct Contest {
    const PictureOrder *order;
    RecordMark mark;
    Str text, contact;
    const DeskUpload *uploads;
    size_t count;
} Contest;

static bool type_known(Str type) {
    static const char *const types[] = {"application/pdf", "image/jpeg", "image/png", "image/webp",
                                        "text/plain"};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        if (str_eq_c(type, types[i]))
            return true;
    }
    return false;
}

static Err uploads_check(Ctx *c, const DeskUpload *uploads, size_t count) {
    if (count > GRIEVANCE_FILES_MAX)
        return fail(c, E_LIMIT, "at most %d documents", GRIEVANCE_FILES_MAX);
    for (size_t i = 0; i < count; i++) {
        if (!type_known(uploads[i].type))
            return fail(c, E_INVALID, "a document is a PDF, a picture (JPEG, PNG, WebP) or a text");
        if (uploads[i].bytes.n == 0 || uploads[i].bytes.n > ATTACHMENT_BYTES_MAX)
            return fail(c, E_LIMIT, "a document has 1 byte to %d MiB", ATTACHMENT_BYTES_MAX >> 20);
    }
    return OK;
}

// A document's name without folders and controls; it is shown to officers.
static Err upload_name(Ctx *c, Str name, Str *ret_name) {
    size_t from = name.n;
    while (from > 0 && name.p[from - 1] != '/' && name.p[from - 1] != '\\')
        from--;
    Str last = str_trim((Str){name.p + from, name.n - from});
    if (last.n == 0 || last.n > DESK_TITLE_BYTES_MAX || !text_utf8_valid(last) ||
        text_has_control(last, ""))
        last = STR("document");
    return text_nfc(c, last, ret_name);
}

// At most so many, because anybody with the letter can write here.
static Err not_too_many(Ctx *c, DeskSlot *s, RecordId order) {
    const PictureRecord *items;
    size_t n, count = 0;
    TRY(picture_record_quotes(c, s->picture, order, &items, &n));
    for (size_t i = 0; i < n; i++)
        count += str_eq_c(items[i].kind, "grievance");
    if (count >= GRIEVANCE_OF_ORDER_MAX)
        return fail(c, E_LIMIT, "this was contested %d times already: call the agency",
                    GRIEVANCE_OF_ORDER_MAX);
    return OK;
}

static Err grievance_body(Ctx *c, const Contest *k, const Str *documents, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    desk_put_opt_str(&w, "contact", k->contact);
    desk_put_strs(&w, "documents", documents, k->count);
    desk_put_id(&w, "order", k->order->id);
    json_put_key_str(&w, "text", k->text);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

// Documents, grievance and appeal in one group: none is there without the others.
static Err contest_add(Ctx *c, DeskWriting *w, const Contest *k, RecordId *ret_id) {
    Str documents[GRIEVANCE_FILES_MAX];
    RecordId refs[GRIEVANCE_FILES_MAX + 1];
    TRY(desk_group_begin(c, w));
    refs[0] = k->order->id;
    for (size_t i = 0; i < k->count; i++) {
        CryptoHash hash;
        DeskAttach a = {.type = k->uploads[i].type,
                        .bytes = k->uploads[i].bytes,
                        .about = &k->order->id,
                        .about_count = 1,
                        .mark = &k->mark};
        TRY(upload_name(c, k->uploads[i].name, &a.name));
        TRY(desk_attach(c, w, &a, &hash, &refs[i + 1]));
        TRY(desk_hex_text(c, hash.b, sizeof hash.b, &documents[i]));
    }
    AUTO(Buf) body = {0};
    RecordId id;
    TRY(grievance_body(c, k, documents, &body));
    DeskDraft draft = {.kind = RECORD_GRIEVANCE,
                       .refs = refs,
                       .ref_count = k->count + 1,
                       .mark = &k->mark,
                       .purpose = "grievance",
                       .body = buf_view(&body)};
    TRY(desk_group_add(c, w, &draft, &id));
    DeskActNew appeal = {.order = k->order->id,
                         .event = {.act = ORDER_APPEAL, .party = ORDER_HOLDER, .persons = 1},
                         .mark = &k->mark};
    TRY(desk_order_act_add(c, w, &appeal, NULL));
    TRY(desk_group_commit(c, w));
    *ret_id = id;
    return OK;
}

static Err contest_check(Ctx *c, DeskNode *n, DeskSlot *s, Contest *k) {
    TRY(desk_words(c, "what you say", k->text, GRIEVANCE_TEXT_BYTES_MAX, &k->text));
    if (str_trim(k->contact).n > 0)
        TRY(desk_words(c, "how to reach you", k->contact, DESK_TITLE_BYTES_MAX, &k->contact));
    else
        k->contact = (Str){0};
    TRY(uploads_check(c, k->uploads, k->count));
    TRY(not_too_many(c, s, k->order->id));
    TRY(desk_mark_of(c, s, k->order->id, &k->mark));
    if (may_contest(n, k->order))
        return OK;
    return order_check(c, &k->order->facts, &k->order->view, clock_now(n->env.clock),
                       (OrderChoice){ORDER_APPEAL, ORDER_NO_OUTCOME}, ORDER_HOLDER);
}

Err desk_holder_contest(Ctx *c, DeskNode *n, Str code, Str text, Str contact,
                        const DeskUpload *uploads, size_t count) {
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_machine(c, n, &r));
    AUTO(DeskWriting) w = {0};
    TRY(desk_writing_begin(c, n, NULL, &w));
    PictureOrder o;
    TRY(order_of_code(c, n, r.slot, code, &o));
    Contest k = {.order = &o, .text = text, .contact = contact, .uploads = uploads, .count = count};
    RecordId id;
    Err e = contest_check(c, n, r.slot, &k);
    if (e == E_STATE || e == E_DENIED) // in the holder's words: no state of ours, no acts
        return fail(c, E_STATE,
                    "this cannot be contested here (any more): it is over, it is at court, or it "
                    "never took effect. Call the agency whose number stands in the letter");
    TRY(e);
    return contest_add(c, &w, &k, &id);
}

// --- what the victim sees -----------------------------------------------------------------------

// What a plan gives the victim of this report, and what of it is paid. A victim who made several
// reports sees the same at each.
static void plan_gives(const MoneyPlan *p, Str report, bool *gives, bool *paid) {
    for (size_t i = 0; i < p->inputs.currency_count; i++) {
        const MoneyCurrency *m = &p->inputs.currencies[i];
        for (size_t k = 0; k < p->shares[i].pay_count; k++) {
            const MoneyClaim *claim = &m->claims[p->shares[i].pays[k].claim];
            for (size_t j = 0; j < claim->report_count; j++) {
                bool same = str_eq(claim->reports[j], report);
                *gives |= same;
                *paid |= same && p->shares[i].pays[k].paid > 0;
            }
        }
    }
}

static Err sharing(Ctx *c, DeskSlot *s, RecordId case_id, Str report, bool *ret_sharing,
                   bool *ret_paid) {
    const PicturePlan *plans;
    size_t n;
    bool more;
    PicturePage page = {.limit = LIST_PAGE_ITEMS_DEFAULT};
    *ret_sharing = *ret_paid = false;
    TRY(picture_plan_list(c, s->picture, &case_id, page, &plans, &n, &more));
    for (size_t i = 0; i < n; i++) {
        MoneyPlan plan;
        if (plans[i].signer_count < REFUND_SIGNATURES)
            continue;
        TRY(money_plan_load(c, s, &plans[i], &plan));
        plan_gives(&plan, report, ret_sharing, ret_paid);
    }
    return OK;
}

static Err held_for(Ctx *c, DeskSlot *s, RecordId report, bool *ret_held) {
    const PictureOrder *orders;
    size_t n;
    TRY(picture_orders_of_report(c, s->picture, report, &orders, &n));
    *ret_held = false;
    for (size_t i = 0; i < n; i++)
        *ret_held |= orders[i].view.held > 0 && (orders[i].view.state == ORDER_EXECUTED ||
                                                 orders[i].view.state == ORDER_PARTLY);
    return OK;
}

// The last case that took the report in, open or closed.
static Err case_of(Ctx *c, DeskSlot *s, RecordId report, PictureCase *ret_case) {
    const PictureRecord *items;
    size_t n;
    TRY(picture_record_quotes(c, s->picture, report, &items, &n));
    for (size_t i = n; i-- > 0;) {
        if (str_eq_c(items[i].kind, "case_add"))
            return picture_case_get(c, s->picture, items[i].root, ret_case);
    }
    return E_NOT_FOUND;
}

static Err stage_of(Ctx *c, DeskSlot *s, const PictureReport *report, const char **ret_stage) {
    PictureCase k;
    RecordId open;
    bool shares = false, paid = false, held;
    Err e = case_of(c, s, report->id, &k);
    if (e == OK)
        TRY(sharing(c, s, k.id, report->report, &shares, &paid));
    else if (e != E_NOT_FOUND)
        return e;
    TRY(held_for(c, s, report->id, &held));
    Err in = picture_report_case(c, s->picture, report->id, &open);
    if (in != OK && in != E_NOT_FOUND)
        return in;
    bool closed = in != OK && e == OK && str_eq_c(k.state, "closed");
    *ret_stage = paid       ? "paid"
                 : shares   ? "sharing"
                 : held     ? "held"
                 : closed   ? "closed"
                 : in == OK ? "looked_at"
                            : "received";
    return OK;
}

Err desk_victim_stage(Ctx *c, DeskNode *n, Str code, Str *ret_stage) {
    AUTO(DeskReading) r = {0};
    RecordId report;
    PictureReport p;
    const char *stage;
    TRY(desk_code_find(c, n, 'r', code, &report));
    TRY(desk_reading_machine(c, n, &r));
    Err e = picture_report_get(c, r.slot->picture, report, &p);
    if (e == E_NOT_FOUND)
        return fail(c, E_NOT_FOUND, "there is nothing here by this code");
    TRY(e);
    TRY(stage_of(c, r.slot, &p, &stage));
    *ret_stage = str_of(stage);
    return OK;
}

// --- the desk's side ----------------------------------------------------------------------------

static const char *grievance_stage(OrderAppeal a) {
    switch (a) {
    case ORDER_NO_APPEAL:
    case ORDER_APPEALED:
        return "received";
    case ORDER_IS_UPHELD:
        return "upheld";
    case ORDER_IS_REDUCED:
        return "reduced";
    case ORDER_IS_OVERTURNED:
        return "released";
    }
    UNREACHABLE();
}

static Err fill(Ctx *c, const Desk *d, const PictureGrievance *p, DeskGrievance *ret_grievance) {
    DeskGrievance g = {.number = p->number,
                       .stage = str_of(grievance_stage(p->appeal)),
                       .appeal = str_of(order_appeal_name(p->appeal)),
                       .at = p->at,
                       .due_at = p->at + ORDER_REVIEW_HOURS * TIME_HOUR_US,
                       .documents = p->documents};
    g.overdue = p->appeal == ORDER_APPEALED && clock_now(d->node->env.clock) > g.due_at;
    TRY(desk_id_text(c, p->id, &g.id));
    TRY(desk_id_text(c, p->order, &g.order));
    *ret_grievance = g;
    return OK;
}

Err desk_grievance_add(Ctx *c, const Desk *d, Str order, Str text, Str contact,
                       const DeskUpload *uploads, size_t count, DeskGrievance *ret_grievance) {
    TRY(desk_need(c, d, DESK_GRIEVANCE_WRITE));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    AUTO(DeskWriting) w = {0};
    TRY(desk_writing_begin(c, d->node, d, &w));
    PictureOrder o;
    TRY(desk_order_find(c, r.slot, order, &o));
    Contest k = {.order = &o, .text = text, .contact = contact, .uploads = uploads, .count = count};
    RecordId id;
    TRY(contest_check(c, d->node, r.slot, &k));
    TRY(contest_add(c, &w, &k, &id));
    int64_t now = clock_now(d->node->env.clock);
    DeskGrievance g = {.number = o.number,
                       .stage = STR("received"),
                       .appeal = STR("appealed"),
                       .at = now,
                       .due_at = now + ORDER_REVIEW_HOURS * TIME_HOUR_US,
                       .documents = (int64_t)count,
                       .text = k.text,
                       .contact = k.contact};
    TRY(desk_id_text(c, id, &g.id));
    TRY(desk_id_text(c, o.id, &g.order));
    *ret_grievance = g;
    return OK;
}

Err desk_grievance_list(Ctx *c, const Desk *d, bool open, DeskPage page,
                        DeskGrievanceList *ret_list) {
    TRY(desk_need(c, d, DESK_GRIEVANCE_READ));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    const char *name = open ? "grievance-open" : "grievance";
    PicturePage p;
    const PictureGrievance *found;
    size_t n;
    bool more;
    TRY(desk_cursor_open(c, d, name, page, &p));
    TRY(picture_grievance_list(c, r.slot->picture, open, p, &found, &n, &more));
    DeskGrievance *items;
    TRY(ctx_alloc(c, (n + 1) * sizeof *items, &items));
    for (size_t i = 0; i < n; i++)
        TRY(fill(c, d, &found[i], &items[i]));
    DeskGrievanceList list = {items, n, {0}};
    if (more && n > 0)
        TRY(desk_cursor_seal(c, d, name, found[n - 1].key, &list.next));
    *ret_list = list;
    return OK;
}

static Err files_of(Ctx *c, DeskSlot *s, const JsonValue *body, DeskGrievance *g) {
    const JsonValue *list;
    TRY(json_get_array(c, body, "documents", &list));
    DeskAttachment *files;
    TRY(ctx_alloc(c, (list->count + 1) * sizeof *files, &files));
    size_t n = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        Str hex;
        CryptoHash hash;
        PictureAttachment a;
        TRY(json_as_str(c, &list->items[i], "documents", &hex));
        if (!hex_decode(hex, hash.b, sizeof hash.b))
            continue;
        Err e = picture_attachment_find(c, s->picture, hash.b, &a);
        if (e == E_NOT_FOUND)
            continue; // erased since
        TRY(e);
        files[n] = (DeskAttachment){.name = a.name, .type = a.type, .bytes = a.bytes};
        TRY(desk_id_text(c, a.id, &files[n].id));
        memcpy(files[n].sha256, hex.p, hex.n);
        n++;
    }
    g->files = files;
    g->file_count = n;
    return OK;
}

Err desk_grievance_get(Ctx *c, const Desk *d, Str id, DeskGrievance *ret_grievance) {
    TRY(desk_need(c, d, DESK_GRIEVANCE_READ));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    RecordId record;
    PictureGrievance p;
    Err e = record_id_parse(id, &record) ? picture_grievance_get(c, r.slot->picture, record, &p)
                                         : E_NOT_FOUND;
    if (e == E_NOT_FOUND)
        return fail(c, E_NOT_FOUND,
                    "there is no grievance " STR_FMT ": `moei grievance list` shows those that are "
                    "here",
                    STR_ARG(id));
    TRY(e);
    TRY(desk_reads_note(c, d, &record, 1, "text,contact"));
    Record body;
    DeskGrievance g;
    TRY(fill(c, d, &p, &g));
    TRY(desk_body_get(c, r.slot, record, &body));
    TRY(json_get_str(c, body.body, "text", &g.text));
    TRY(json_find_str(c, body.body, "contact", &g.contact));
    TRY(files_of(c, r.slot, body.body, &g));
    *ret_grievance = g;
    return OK;
}

// --- JSON ---------------------------------------------------------------------------------------

static void put_files(JsonWriter *w, const DeskGrievance *g) {
    json_put_key(w, STR("files"));
    json_put_array_begin(w);
    for (size_t i = 0; i < g->file_count; i++) {
        json_put_object_begin(w);
        json_put_key_i64(w, "bytes", g->files[i].bytes);
        json_put_key_str(w, "name", g->files[i].name);
        json_put_key_str(w, "sha256", str_of(g->files[i].sha256));
        json_put_key_str(w, "type", g->files[i].type);
        json_put_object_end(w);
    }
    json_put_array_end(w);
}

// `whole`: not as it stands in a list. `order` NULL: its id, or null where it is hidden.
static void put_grievance(JsonWriter *w, const DeskGrievance *g, bool whole,
                          const DeskOrder *order) {
    json_put_object_begin(w);
    json_put_key_str(w, "appeal", g->appeal);
    desk_put_time(w, "at", g->at);
    if (whole)
        json_put_key_str(w, "contact", g->contact);
    json_put_key_i64(w, "documents", g->documents);
    desk_put_time(w, "due_at", g->due_at);
    if (whole)
        put_files(w, g);
    json_put_key_str(w, "id", g->id);
    json_put_key_str(w, "number", g->number);
    if (order) {
        json_put_key(w, STR("order"));
        desk_order_put(w, order, true);
    } else if (whole) {
        json_put_key_null(w, "order");
    } else {
        json_put_key_str(w, "order", g->order);
    }
    json_put_key_bool(w, "overdue", g->overdue);
    json_put_key_str(w, "stage", g->stage);
    if (whole)
        json_put_key_str(w, "text", g->text);
    json_put_object_end(w);
}

Err desk_grievance_list_json(Ctx *c, const DeskGrievanceList *l, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("items"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < l->count; i++)
        put_grievance(&w, &l->items[i], false, NULL);
    json_put_array_end(&w);
    desk_put_next(&w, l->next);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

Err desk_grievance_json(Ctx *c, const Desk *d, const DeskGrievance *g, Buf *out) {
    DeskOrder order;
    Err e = desk_order_get(c, d, g->order, &order);
    if (e != E_NOT_FOUND)
        TRY(e);
    JsonWriter w = json_writer_start(out);
    put_grievance(&w, g, true, e == OK ? &order : NULL);
    return json_writer_end(c, &w);
}
