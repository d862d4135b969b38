// What orders rest on: contacts of institutions, classes of accounts, standing of reports.
#include "desk/order_priv.h"

// --- contacts -----------------------------------------------------------------------------------

static bool line_fits(Str s) {
    return s.n <= DESK_TITLE_BYTES_MAX && text_utf8_valid(s) && !text_has_control(s, "");
}

static Err contact_check(Ctx *c, const DeskNode *n, const DeskContact *k) {
    const Str texts[] = {k->institution, k->desk,     k->phone, k->email,
                         k->hours,       k->language, k->note};
    if (!format_country_known(n->tables, k->country))
        return fail(c, E_INVALID, "country: \"" STR_FMT "\" is none (ISO 3166-1, such as TH)",
                    STR_ARG(k->country));
    if (k->institution.n == 0 || k->desk.n == 0)
        return fail(c, E_INVALID,
                    "a contact names an institution (its code; for a centre or FIU: centre, fiu) "
                    "and a desk");
    if (k->phone.n == 0 && k->email.n == 0)
        return fail(c, E_INVALID, "a contact has a phone or an e-mail address");
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        if (!line_fits(texts[i]))
            return fail(c, E_INVALID, "a field of a contact is one line of at most %d bytes",
                        DESK_TITLE_BYTES_MAX);
    }
    return OK;
}

static Err contact_body(Ctx *c, const DeskContact *k, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key_str(&w, "country", k->country);
    json_put_key_str(&w, "desk", k->desk);
    desk_put_opt_str(&w, "email", k->email);
    desk_put_opt_str(&w, "hours", k->hours);
    json_put_key_str(&w, "institution", k->institution);
    desk_put_opt_str(&w, "language", k->language);
    desk_put_opt_str(&w, "note", k->note);
    desk_put_opt_str(&w, "phone", k->phone);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

static Err record_put(Ctx *c, const Desk *d, const DeskDraft *draft, RecordId *ret_id) {
    AUTO(DeskWriting) w = {0};
    TRY(desk_writing_begin(c, d->node, d, &w));
    return desk_record_add(c, &w, draft, ret_id);
}

Err desk_contact_put(Ctx *c, const Desk *d, const DeskContact *contact, DeskContact *ret_contact) {
    TRY(desk_need(c, d, DESK_CONTACT_WRITE));
    TRY(contact_check(c, d->node, contact));
    AUTO(Buf) body = {0};
    TRY(contact_body(c, contact, &body));
    DeskDraft draft = {.kind = RECORD_CONTACT, .body = buf_view(&body)};
    RecordId id;
    TRY(record_put(c, d, &draft, &id));
    DeskContact k = *contact;
    TRY(desk_id_text(c, id, &k.id));
    *ret_contact = k;
    return OK;
}

Err desk_contact_list(Ctx *c, const Desk *d, Str country, Str institution,
                      const DeskContact **ret_items, size_t *ret_n) {
    TRY(desk_need(c, d, DESK_ORDER_READ));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    const PictureContact *found;
    size_t n;
    TRY(picture_contacts(c, r.slot->picture, country, institution, &found, &n));
    DeskContact *items;
    TRY(ctx_alloc(c, (n + 1) * sizeof *items, &items));
    for (size_t i = 0; i < n; i++) {
        items[i] = desk_contact_of(&found[i]);
        TRY(desk_id_text(c, found[i].id, &items[i].id));
    }
    *ret_items = items;
    *ret_n = n;
    return OK;
}

// --- classes ------------------------------------------------------------------------------------

static Err class_check(Ctx *c, const DeskNode *n, Str class_name) {
    size_t rows;
    const OrderPolicy *policy = format_policy(n->tables, &rows);
    AUTO(Buf) names = {0};
    for (size_t i = 0; i < rows; i++) {
        if (str_eq(policy[i].class_name, class_name))
            return OK;
        if (i == 0 || !str_eq(policy[i].class_name, policy[i - 1].class_name))
            buf_format(&names, "%s" STR_FMT, names.n ? ", " : "", STR_ARG(policy[i].class_name));
    }
    TRY(buf_check(c, &names));
    return fail(c, E_INVALID, "there is no class \"" STR_FMT "\": the classes are " STR_FMT,
                STR_ARG(class_name), STR_ARG(buf_view(&names)));
}

Err desk_account_class(Ctx *c, const Desk *d, Str account, Str class_name, Str document,
                       Str on_behalf_of) {
    TRY(desk_need(c, d, DESK_ORDER_ANSWER));
    FormatAccount a;
    TRY(desk_account_typed(c, d->node, account, &a));
    TRY(class_check(c, d->node, class_name));
    if (on_behalf_of.n > 0 && document.n == 0)
        return fail(c, E_INVALID, "what the bank says needs its document (--document FILE)");
    if (document.n > 0) {
        AUTO(DeskReading) r = {0};
        TRY(desk_reading_begin(c, d, &r));
        TRY(desk_document_check(c, r.slot, document));
    }
    TRY(desk_note_check(c, "on_behalf_of", on_behalf_of));
    AUTO(Buf) body = {0};
    JsonWriter w = json_writer_start(&body);
    json_put_object_begin(&w);
    desk_put_opt_account(&w, "account", &a);
    json_put_key_str(&w, "class", class_name);
    desk_put_opt_str(&w, "document", document);
    desk_put_opt_str(&w, "on_behalf_of", on_behalf_of);
    json_put_object_end(&w);
    TRY(json_writer_end(c, &w));
    DeskDraft draft = {.kind = RECORD_ACCOUNT_CLASS, .body = buf_view(&body)};
    return record_put(c, d, &draft, NULL);
}

// --- one account --------------------------------------------------------------------------------

static Err put_balances(Ctx *c, const Desk *d, DeskSlot *s, FormatAccount a, JsonWriter *w) {
    AUTO(StreamSnapshotPtr) snap = stream_snapshot_get(d->node->stream);
    StreamParty party = {a.country, a.institution, a.account};
    uint32_t *ids;
    size_t n;
    TRY(stream_accounts_search(c, snap, &party, &ids, &n));
    json_put_key(w, STR("balances"));
    json_put_array_begin(w);
    for (size_t i = 0; i < n; i++) {
        StreamAccount found = stream_account(snap, ids[i]);
        Str currency;
        int64_t balance = 0;
        bool has;
        TRY(str_copy(c, found.currency, &currency));
        TRY(desk_balance_of(c, d->node, s, a, currency, &has, &balance));
        json_put_object_begin(w);
        json_put_key_i64(w, "amount", balance);
        json_put_key_null(w, "at");
        json_put_key_str(w, "currency", currency);
        json_put_object_end(w);
    }
    json_put_array_end(w);
    return OK;
}

static Err put_orders(Ctx *c, const Desk *d, DeskSlot *s, FormatAccount a, JsonWriter *w) {
    const PictureOrder *orders;
    size_t n;
    TRY(picture_orders_of_account(c, s->picture, desk_picture_account(a), &orders, &n));
    json_put_key(w, STR("orders"));
    json_put_array_begin(w);
    for (size_t i = 0; i < n; i++) {
        DeskOrder o;
        TRY(desk_order_fill(c, d->node, s, &orders[i], &o));
        desk_order_put(w, &o, false);
    }
    json_put_array_end(w);
    return OK;
}

static Err put_reports(Ctx *c, DeskSlot *s, FormatAccount a, JsonWriter *w) {
    const PictureReportOfAccount *items;
    size_t n;
    TRY(picture_reports_of_account(c, s->picture, desk_picture_account(a), &items, &n));
    json_put_key(w, STR("reports"));
    json_put_array_begin(w);
    for (size_t i = 0; i < n; i++) {
        json_put_object_begin(w);
        desk_put_time(w, "at", items[i].at);
        json_put_key_str(w, "id", items[i].report);
        json_put_key_str(w, "standing", items[i].standing);
        json_put_object_end(w);
    }
    json_put_array_end(w);
    return OK;
}

Err desk_account_json(Ctx *c, const Desk *d, Str account, Buf *out) {
    TRY(desk_need(c, d, DESK_ORDER_READ));
    FormatAccount a;
    TRY(desk_account_typed(c, d->node, account, &a));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    const Str *classes;
    size_t n;
    DeskFlag flag;
    bool has_flag;
    TRY(picture_account_classes(c, r.slot->picture, desk_picture_account(a), &classes, &n));
    TRY(desk_account_flag(c, r.slot, a, &flag, &has_flag));
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("account"));
    desk_put_account(&w, &a);
    TRY(put_balances(c, d, r.slot, a, &w));
    desk_put_strs(&w, "classes", classes, n);
    desk_flags_put(&w, &flag, has_flag);
    TRY(put_orders(c, d, r.slot, a, &w));
    TRY(put_reports(c, r.slot, a, &w));
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

Err desk_refusals_json(Ctx *c, const Desk *d, Buf *out) {
    TRY(desk_need(c, d, DESK_ORDER_READ));
    size_t n;
    const FormatRefusal *rows = format_refusals(d->node->tables, &n);
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("items"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < n; i++) {
        json_put_object_begin(&w);
        json_put_key_str(&w, "code", rows[i].code);
        json_put_key_str(&w, "meaning", rows[i].meaning);
        json_put_key_str(&w, "order", rows[i].order);
        desk_put_opt_str(&w, "undoes", rows[i].partly ? STR("partly") : (Str){0});
        json_put_object_end(&w);
    }
    json_put_array_end(&w);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

// --- reports ------------------------------------------------------------------------------------

static Err standing_check(Ctx *c, DeskSlot *s, Str standing, Str document) {
    bool confirmed = str_eq_c(standing, "bank") || str_eq_c(standing, "police");
    if (!confirmed && !str_eq_c(standing, "claimed"))
        return fail(c, E_INVALID,
                    "standing is claimed, bank (the sending bank confirms) or police (a complaint "
                    "was filed), not \"" STR_FMT "\"",
                    STR_ARG(standing));
    if (confirmed && document.n == 0)
        return fail(c, E_INVALID,
                    "who confirms says so in a document: give it with --document FILE");
    return document.n > 0 ? desk_document_check(c, s, document) : OK;
}

// Another agency's report stands as its own agency and we say: our word and its document go there,
// to one that would never learn of it we say nothing.
static Err standing_reaches(Ctx *c, const Desk *d, DeskSlot *s, const PictureReport *p) {
    PicturePeer peer;
    Str name;
    if (str_eq_c(p->agency, d->node->agency_id))
        return OK;
    Err e = picture_peer_get(c, s->picture, p->agency, &peer);
    if (e != E_NOT_FOUND)
        TRY(e);
    if (e == OK && str_eq_c(peer.state, "confirmed"))
        return OK;
    TRY(desk_order_agency(c, d->node, s, p->agency, &name));
    return fail(c, E_STATE,
                "this report is of " STR_FMT ", which is no confirmed peer of ours and would never "
                "learn how it stands: tell them another way",
                STR_ARG(name));
}

Err desk_report_standing(Ctx *c, const Desk *d, Str report, Str standing, Str document, Str note) {
    TRY(desk_need(c, d, DESK_REPORT_STANDING));
    TRY(desk_note_check(c, "note", note));
    AUTO(DeskWriting) writing = {0};
    TRY(desk_writing_begin(c, d->node, d, &writing));
    AUTO(DeskReading) r = {0};
    PictureReport p;
    RecordMark mark;
    TRY(desk_reading_begin(c, d, &r));
    TRY(desk_report_find(c, d->node, r.slot, report, &p));
    TRY(standing_check(c, r.slot, standing, document));
    TRY(standing_reaches(c, d, r.slot, &p));
    TRY(desk_mark_of(c, r.slot, p.id, &mark));
    AUTO(Buf) body = {0};
    JsonWriter w = json_writer_start(&body);
    json_put_object_begin(&w);
    desk_put_opt_str(&w, "document", document);
    desk_put_opt_str(&w, "note", note);
    json_put_key_str(&w, "standing", standing);
    json_put_object_end(&w);
    TRY(json_writer_end(c, &w));
    DeskDraft draft = {.kind = RECORD_STANDING,
                       .has_of = true,
                       .of = p.id,
                       .mark = &mark,
                       .body = buf_view(&body)};
    TRY(desk_group_begin(c, &writing));
    TRY(desk_group_add(c, &writing, &draft, NULL));
    TRY(desk_document_share(c, &writing, r.slot, document, p.agency));
    return desk_group_commit(c, &writing);
}

Err desk_flags_of(Ctx *c, DeskSlot *s, const FormatAccount *accounts, size_t count,
                  const DeskFlag **ret_items, size_t *ret_n) {
    DeskFlag *items;
    size_t n = 0;
    TRY(ctx_alloc(c, (count + 1) * sizeof *items, &items));
    for (size_t i = 0; i < count; i++) {
        bool has;
        TRY(desk_account_flag(c, s, accounts[i], &items[n], &has));
        n += has;
    }
    *ret_items = items;
    *ret_n = n;
    return OK;
}

Err desk_report_flags(Ctx *c, const Desk *d, Str report, const DeskFlag **ret_items,
                      size_t *ret_n) {
    TRY(desk_need(c, d, DESK_REPORT_READ));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    PictureReport p;
    PictureNamed named;
    TRY(desk_report_find(c, d->node, r.slot, report, &p));
    TRY(picture_report_named(c, r.slot->picture, p.id, &named));
    FormatAccount *accounts;
    TRY(ctx_alloc(c, (named.account_count + 1) * sizeof *accounts, &accounts));
    for (size_t i = 0; i < named.account_count; i++)
        accounts[i] = desk_account_of(named.accounts[i]);
    return desk_flags_of(c, r.slot, accounts, named.account_count, ret_items, ret_n);
}
