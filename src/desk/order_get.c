// One order as people see it: what the picture says, what its record says, and what is allowed now.
#include "desk/order_priv.h"

static Err find_of_peer(Ctx *c, DeskSlot *s, Str id, PictureOrder *ret_order) {
    const Str *agencies;
    size_t n;
    TRY(desk_agencies_called(c, s, &id, &agencies, &n));
    Err e = E_NOT_FOUND;
    for (size_t i = 0; e == E_NOT_FOUND && i < n; i++)
        e = picture_order_find_of(c, s->picture, agencies[i], id, ret_order);
    return e;
}

Err desk_order_find(Ctx *c, DeskSlot *s, Str id, PictureOrder *ret_order) {
    RecordId record;
    size_t slash;
    Err e;
    id = str_trim(id);
    if (record_id_parse(id, &record))
        e = picture_order_get(c, s->picture, record, ret_order);
    else if (str_find(id, STR("/"), &slash))
        e = find_of_peer(c, s, id, ret_order);
    else
        e = picture_order_find(c, s->picture, id, ret_order);
    if (e == E_NOT_FOUND)
        return fail(c, E_NOT_FOUND,
                    "there is no order " STR_FMT ": `moei order list` shows those that are here",
                    STR_ARG(id));
    return e;
}

Err desk_order_body_get(Ctx *c, const DeskNode *n, DeskSlot *s, RecordId id,
                        DeskOrderBody *ret_body) {
    Record r;
    DeskOrderBody b = {0};
    Str asks_end = {0}, adopts = {0};
    TRY(desk_body_get(c, s, id, &r));
    TRY(json_find_str(c, r.body, "rule", &b.rule));
    TRY(json_find_str(c, r.body, "policy", &b.policy));
    TRY(json_find_str(c, r.body, "subject", &b.subject));
    TRY(json_find_str(c, r.body, "pack", &b.pack));
    TRY(json_find_str(c, r.body, "note", &b.note));
    TRY(json_find_str(c, r.body, "addressee.kind", &b.addressee_kind));
    TRY(json_find_str(c, r.body, "asks_end", &asks_end));
    TRY(json_find_str(c, r.body, "adopts", &adopts));
    b.has_adopts = adopts.n > 0 && record_id_parse(adopts, &b.adopts);
    b.has_asks_end = asks_end.n > 0 && time_parse(asks_end, &b.asks_end);
    TRY(desk_law_read(c, n, json_find(r.body, STR("law")), &b.law));
    b.mark = r.mark;
    *ret_body = b;
    return OK;
}

DeskAct desk_order_act_needs(OrderAct act, bool request) {
    switch (act) {
    case ORDER_ISSUE:
        return request ? DESK_ORDER_REQUEST : DESK_ORDER_ISSUE;
    case ORDER_COMPLAINT:
    case ORDER_EXTEND:
    case ORDER_SUPERSEDE:
    case ORDER_SETTLE:
    case ORDER_SECOND:
        return DESK_ORDER_ISSUE;
    case ORDER_REDUCE:
    case ORDER_RELEASE:
        return DESK_ORDER_RELEASE;
    case ORDER_WITHDRAW:
        return request ? DESK_ORDER_REQUEST : DESK_ORDER_RELEASE;
    case ORDER_RECEIVE:
    case ORDER_ANSWER:
    case ORDER_ADOPT:
    case ORDER_UNDONE:
    case ORDER_ATTEMPT:
    case ORDER_TELL:
        return DESK_ORDER_ANSWER;
    case ORDER_APPEAL:
        return DESK_GRIEVANCE_WRITE;
    case ORDER_REVIEW:
        return DESK_GRIEVANCE_REVIEW;
    }
    UNREACHABLE();
}

// --- the short form -----------------------------------------------------------------------------

static Err report_name(Ctx *c, DeskSlot *s, RecordId id, Str *ret_name) {
    PictureReport r;
    Err e = picture_report_get(c, s->picture, id, &r);
    if (e == E_NOT_FOUND)
        return desk_id_text(c, id, ret_name);
    TRY(e);
    *ret_name = r.report;
    return OK;
}

static Err opt_id(Ctx *c, bool has, RecordId id, Str *ret_text) {
    return has ? desk_id_text(c, id, ret_text) : OK;
}

static Err addressee_name(Ctx *c, const DeskNode *n, DeskOrder *o) {
    if (o->addressee_institution.n > 0) {
        o->addressee_name = desk_bank_name(n, o->addressee_country, o->addressee_institution);
        return OK;
    }
    Str country = format_country_name(n->tables, o->addressee_country);
    return str_format(c, &o->addressee_name, "%s of " STR_FMT,
                      str_eq_c(o->addressee_kind, "centre") ? "the centre" : "the FIU",
                      STR_ARG(country.n ? country : o->addressee_country));
}

// How the request stands that it adopts, where that is still here.
static Err fill_request(Ctx *c, DeskSlot *s, RecordId request, DeskOrder *o) {
    PictureOrder r;
    Err e = picture_order_get(c, s->picture, request, &r);
    if (e == E_NOT_FOUND)
        return OK;
    TRY(e);
    o->adopts_state = str_of(order_state_name(r.view.state));
    return OK;
}

Err desk_order_fill(Ctx *c, const DeskNode *n, DeskSlot *s, const PictureOrder *p,
                    DeskOrder *ret_order) {
    DeskOrderBody b;
    TRY(desk_order_body_get(c, n, s, p->id, &b));
    DeskOrder o = {.number = p->number,
                   .order = p->order,
                   .at = p->at,
                   .request = p->facts.request,
                   .account = desk_account_of(p->account),
                   .currency = p->currency,
                   .addressee_country = p->addressee_country,
                   .addressee_institution = p->addressee_institution,
                   .addressee_kind = p->addressee_kind,
                   .addressee_agency = p->addressee_agency,
                   .agency = p->agency,
                   .is_ours = str_eq_c(p->agency, n->agency_id),
                   .level = p->has_level ? p->level : 0,
                   .persons = p->persons,
                   .rule = b.rule,
                   .policy = b.policy,
                   .subject = b.subject,
                   .pack = b.pack,
                   .note = b.note,
                   .law_id = p->law,
                   .law_standing = p->law_standing,
                   .facts = p->facts,
                   .view = p->view,
                   .has_asks_end = b.has_asks_end,
                   .asks_end = b.asks_end};
    TRY(desk_id_text(c, p->id, &o.id));
    TRY(opt_id(c, p->has_case, p->case_id, &o.case_id));
    TRY(opt_id(c, p->has_trace, p->trace, &o.trace));
    TRY(opt_id(c, p->has_replaces, p->replaces, &o.replaces));
    if (p->has_report)
        TRY(report_name(c, s, p->report, &o.report));
    TRY(opt_id(c, b.has_adopts, b.adopts, &o.adopts));
    if (b.has_adopts)
        TRY(fill_request(c, s, b.adopts, &o));
    o.is_to_us = !o.is_ours && str_eq_c(o.addressee_agency, n->agency_id);
    TRY(desk_order_agency(c, n, s, o.agency, &o.agency_name));
    TRY(addressee_name(c, n, &o));
    o.now = order_now(&o.facts, &o.view, clock_now(n->env.clock));
    if (o.view.has_ends_at) {
        OrderEndNote note = desk_end_note(n, o.addressee_country, o.view.ends_at);
        o.night = note.night;
        o.day_off = note.day_off;
        o.warn_at = note.warn_at;
    }
    TRY(desk_order_words(c, n, &o, &o.words));
    *ret_order = o;
    return OK;
}

// --- the whole ----------------------------------------------------------------------------------

static Err fill_tags(Ctx *c, DeskSlot *s, RecordId id, DeskOrder *o) {
    const PictureTag *tags;
    TRY(picture_order_tags(c, s->picture, id, &tags, &o->tag_count));
    DeskOrderTag *items;
    TRY(ctx_alloc(c, (o->tag_count + 1) * sizeof *items, &items));
    for (size_t i = 0; i < o->tag_count; i++) {
        items[i].amount = tags[i].amount;
        TRY(report_name(c, s, tags[i].report, &items[i].report));
        TRY(desk_id_text(c, tags[i].report, &items[i].record));
    }
    o->tags = items;
    return OK;
}

// The order that a request became is named by the act that says so; whether it may be seen here is
// its own matter.
static Err fill_adopted(Ctx *c, DeskSlot *s, const Record *r, DeskOrderEvent *e) {
    for (size_t i = 0; i < r->ref_count; i++) {
        PictureOrder o;
        Err found = picture_order_get(c, s->picture, r->refs[i], &o);
        if (found == OK)
            e->order = o.number;
        else if (found != E_NOT_FOUND)
            return found;
    }
    return OK;
}

static Err fill_event(Ctx *c, const DeskNode *n, DeskSlot *s, const PictureOrderEvent *p,
                      DeskOrderEvent *ret_event) {
    static const char *const parties[] = {[ORDER_ISSUER] = "issuer",
                                          [ORDER_ADDRESSEE] = "addressee",
                                          [ORDER_HOLDER] = "holder",
                                          [ORDER_COURT] = "court"};
    const OrderEvent *v = &p->event;
    DeskOrderEvent e = {.act = str_of(order_act_name(v->act)),
                        .party = str_of(parties[v->party]),
                        .outcome = str_of(order_outcome_name(v->outcome)),
                        .effect = str_of(order_effect_name(p->effect)),
                        .code = p->code,
                        .on_behalf_of = p->on_behalf_of,
                        .agency = p->agency,
                        .at = v->at,
                        .happened_at = v->happened_at,
                        .has_amount = v->has_amount,
                        .has_ends_at = v->has_ends_at,
                        .has_balance = p->has_balance,
                        .amount = v->amount,
                        .ends_at = v->ends_at,
                        .balance = p->balance};
    TRY(desk_id_text(c, p->id, &e.id));
    TRY(opt_id(c, p->has_target, p->target, &e.target));
    if (p->has_to)
        e.to = desk_account_of(p->to);
    if (p->has_document)
        TRY(desk_hex_text(c, p->document, sizeof p->document, &e.document));
    if (p->has_officer) {
        PictureOfficer officer;
        TRY(desk_id_text(c, p->officer, &e.officer));
        Err found = picture_officer_get(c, s->picture, p->officer, &officer);
        if (found == OK)
            e.officer_name = officer.name;
        else if (found != E_NOT_FOUND)
            return found;
    }
    Record r;
    TRY(desk_body_get(c, s, p->id, &r));
    TRY(json_find_str(c, r.body, "note", &e.note));
    TRY(desk_order_agency(c, n, s, p->agency, &e.agency_name));
    if (v->act == ORDER_ADOPT)
        TRY(fill_adopted(c, s, &r, &e));
    *ret_event = e;
    return OK;
}

static Err fill_events(Ctx *c, const DeskNode *n, DeskSlot *s, RecordId id, DeskOrder *o) {
    const PictureOrderEvent *events;
    TRY(picture_order_events(c, s->picture, id, &events, &o->event_count));
    DeskOrderEvent *items;
    TRY(ctx_alloc(c, (o->event_count + 1) * sizeof *items, &items));
    for (size_t i = 0; i < o->event_count; i++)
        TRY(fill_event(c, n, s, &events[i], &items[i]));
    o->events = items;
    return OK;
}

static Err fill_laws(Ctx *c, const DeskNode *n, DeskSlot *s, RecordId id, DeskOrder *o) {
    DeskLawQuery q = {o->account.country, o->order, o->currency, o->view.asked,
                      clock_now(n->env.clock)};
    const FormatLaw **serving;
    size_t count = 0;
    DeskLawRow *rows;
    if (o->view.state == ORDER_DRAFT && !o->request && o->is_ours) {
        TRY(desk_laws_serving(c, n, &q, &serving, &count));
        TRY(ctx_alloc(c, (count + 1) * sizeof *rows, &rows));
        for (size_t i = 0; i < count; i++) {
            rows[i].law = &serving[i]->law;
            rows[i].has_ends_at =
                serving[i]->law.has_term && serving[i]->law.clock_from == ORDER_FROM_ISSUED &&
                desk_law_end(c, n, rows[i].law, rows[i].law->term, q.at, &rows[i].ends_at) == OK;
        }
    } else {
        DeskOrderBody b;
        OrderLaw *law;
        TRY(desk_order_body_get(c, n, s, id, &b));
        TRY(ctx_alloc(c, sizeof *law, &law));
        TRY(ctx_alloc(c, sizeof *rows, &rows));
        *law = b.law;
        count = law->id.n > 0;
        rows[0] = (DeskLawRow){law, o->view.has_ends_at, o->view.ends_at};
    }
    o->laws = rows;
    o->law_count = count;
    return OK;
}

static Err fill_allowed(Ctx *c, const Desk *d, DeskOrder *o) {
    static const OrderParty parties[] = {ORDER_ISSUER, ORDER_ADDRESSEE, ORDER_HOLDER};
    OrderChoice *choices;
    OrderParty *who;
    size_t n = 0, room = COUNT_OF(parties) * ORDER_CHOICES_MAX;
    TRY(ctx_alloc(c, room * sizeof *choices, &choices));
    TRY(ctx_alloc(c, room * sizeof *who, &who));
    for (size_t i = 0; i < COUNT_OF(parties) && (o->is_ours || o->is_to_us); i++) {
        if (parties[i] == ORDER_ISSUER && !o->is_ours)
            continue;
        OrderChoice found[ORDER_CHOICES_MAX];
        size_t count =
            order_allowed(&o->facts, &o->view, clock_now(d->node->env.clock), parties[i], found);
        for (size_t k = 0; k < count; k++) {
            if (found[k].act == ORDER_TELL ||
                !desk_may(d, desk_order_act_needs(found[k].act, o->request)))
                continue;
            choices[n] = found[k];
            who[n++] = parties[i];
        }
    }
    o->allowed = choices;
    o->allowed_parties = who;
    o->allowed_count = n;
    return OK;
}

Err desk_order_contact(Ctx *c, DeskSlot *s, DeskOrder *o) {
    const PictureContact *items;
    size_t n;
    Str institution = o->addressee_institution.n > 0 ? o->addressee_institution : o->addressee_kind;
    TRY(picture_contacts(c, s->picture, o->addressee_country, institution, &items, &n));
    if (n == 0)
        return OK;
    const PictureContact *p = &items[0];
    o->contact = desk_contact_of(p);
    o->has_contact = true;
    return desk_id_text(c, p->id, &o->contact.id);
}

// The end that a request asks for is told by its draft or, then that counts, by its issue.
static Err fill_asked_end(Ctx *c, const DeskNode *n, DeskOrder *o) {
    for (size_t i = 0; o->request && i < o->event_count; i++) {
        const DeskOrderEvent *e = &o->events[i];
        if (!str_eq_c(e->act, "issue") || !str_eq_c(e->effect, "counted") || !e->has_ends_at)
            continue;
        o->has_asks_end = true;
        o->asks_end = e->ends_at;
        TRY(desk_order_words(c, n, o, &o->words));
    }
    return OK;
}

Err desk_order_whole(Ctx *c, const Desk *d, DeskSlot *s, const PictureOrder *p,
                     DeskOrder *ret_order) {
    DeskOrder o;
    TRY(desk_order_fill(c, d->node, s, p, &o));
    TRY(fill_tags(c, s, p->id, &o));
    TRY(fill_events(c, d->node, s, p->id, &o));
    TRY(fill_asked_end(c, d->node, &o));
    for (size_t i = 0; i < o.event_count; i++)
        if (str_eq_c(o.events[i].act, "tell") && str_eq_c(o.events[i].effect, "counted"))
            o.told_code = o.events[i].code;
    TRY(fill_laws(c, d->node, s, p->id, &o));
    TRY(fill_allowed(c, d, &o));
    TRY(desk_order_contact(c, s, &o));
    TRY(desk_order_queue_fill(c, d->node, s, p, &o));
    DeskFlag *flag;
    bool has = false;
    TRY(ctx_alloc(c, sizeof *flag, &flag));
    if (p->has_account)
        TRY(desk_account_flag(c, s, o.account, flag, &has));
    o.flags = flag;
    o.flag_count = has;
    *ret_order = o;
    return OK;
}

Err desk_order_get(Ctx *c, const Desk *d, Str id, DeskOrder *ret_order) {
    TRY(desk_need(c, d, DESK_ORDER_READ));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    PictureOrder p;
    TRY(desk_order_find(c, r.slot, id, &p));
    return desk_order_whole(c, d, r.slot, &p, ret_order);
}
