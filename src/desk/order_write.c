// The records of an order: its draft, and the acts about it.
#include "desk/exchange_priv.h"
#include "desk/order_priv.h"

// --- numbers ------------------------------------------------------------------------------------

static int64_t year_now(const DeskNode *n) {
    int64_t year;
    unsigned month, day;
    int64_t local = text_zone_to_local(n->zone, clock_now(n->env.clock));
    civil_from_days(time_day(local), &year, &month, &day);
    return year;
}

// O-YYYY-NNNNNN, the year as the node's wall clock shows it. One writer at a time, so the last one
// of the picture is the last one there is.
static Err number_next(Ctx *c, DeskNode *n, DeskNumbers *numbers, Str *ret_number) {
    if (numbers->year == 0) {
        Str prefix, last;
        int64_t year = year_now(n), count = 0;
        TRY(str_format(c, &prefix, "O-%04lld-", (long long)year));
        Err e = picture_order_last(c, n->picture, str_of(n->agency_id), prefix, &last);
        if (e != OK && e != E_NOT_FOUND)
            return e;
        if (e == OK && !str_to_i64((Str){last.p + prefix.n, last.n - prefix.n}, &count))
            return fail(c, E_CORRUPT, "order number " STR_FMT " is none", STR_ARG(last));
        *numbers = (DeskNumbers){year, count};
    }
    numbers->last++;
    return str_format(c, ret_number, "O-%04lld-%06lld", (long long)numbers->year,
                      (long long)numbers->last);
}

void desk_group_drop(DeskWriting *w) {
    ASSERT(w->group);
    ledger_rollback(w->node->ledger);
    w->group = false;
}

// --- drafts -------------------------------------------------------------------------------------

static void put_addressee(JsonWriter *w, const DeskOrderNew *o) {
    json_put_key(w, STR("addressee"));
    json_put_object_begin(w);
    desk_put_opt_str(w, "agency", o->addressee_agency);
    json_put_key_str(w, "country", o->addressee_country);
    desk_put_opt_str(w, "institution", o->addressee_institution);
    json_put_key_str(w, "kind", o->addressee_kind);
    json_put_object_end(w);
}

static void put_tags(JsonWriter *w, const DeskOrderNew *o) {
    json_put_key(w, STR("tags"));
    json_put_array_begin(w);
    for (size_t i = 0; i < o->tag_count; i++) {
        json_put_object_begin(w);
        json_put_key_i64(w, "amount", o->tags[i].amount);
        desk_put_opt_id(w, "report", true, o->tags[i].report);
        json_put_object_end(w);
    }
    json_put_array_end(w);
}

static Err order_body(Ctx *c, const DeskOrderNew *o, Buf *out) {
    JsonWriter w = json_writer_start(out);
    const OrderLaw *law = o->law ? &o->law->law : NULL;
    OrderClockFrom from = law ? law->clock_from : ORDER_FROM_ISSUED;
    json_put_object_begin(&w);
    desk_put_opt_account(&w, "account", &o->account);
    put_addressee(&w, o);
    if (o->has_adopts)
        desk_put_id(&w, "adopts", o->adopts);
    json_put_key_i64(&w, "amount", o->amount);
    json_put_key_i64(&w, "answer_hours", law ? law->answer_hours : ORDER_ANSWER_HOURS);
    desk_put_record_time(&w, "asks_end", o->has_asks_end, o->asks_end);
    desk_put_opt_id(&w, "case", o->has_case, o->case_id);
    json_put_key_str(&w, "clock_from", str_of(order_clock_from_name(from)));
    json_put_key_str(&w, "currency", o->currency);
    json_put_key(&w, STR("law"));
    desk_law_put(&w, o->law);
    desk_put_opt_i64(&w, "level", o->has_level, o->level);
    desk_put_opt_str(&w, "note", o->note);
    json_put_key_str(&w, "number", o->number);
    json_put_key_str(&w, "order", STR("hold_account"));
    desk_put_opt_str(&w, "pack", o->pack);
    json_put_key_i64(&w, "persons", o->persons);
    desk_put_opt_str(&w, "policy", o->policy);
    desk_put_opt_id(&w, "replaces", o->has_replaces, o->replaces);
    desk_put_opt_id(&w, "report", o->has_report, o->report);
    json_put_key_bool(&w, "request", o->request);
    desk_put_opt_str(&w, "rule", o->rule);
    json_put_key_null(&w, "subject");
    put_tags(&w, o);
    desk_put_opt_id(&w, "trace", o->has_trace, o->trace);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

Err desk_order_add(Ctx *c, DeskWriting *w, DeskNumbers *numbers, DeskOrderNew *o,
                   RecordId *ret_id) {
    TRY(number_next(c, w->node, numbers, &o->number));
    AUTO(Buf) body = {0};
    TRY(order_body(c, o, &body));
    RecordId refs[5];
    size_t n = 0;
    if (o->has_adopts)
        refs[n++] = o->adopts;
    if (o->has_case)
        refs[n++] = o->case_id;
    if (o->has_report)
        refs[n++] = o->report;
    if (o->has_trace)
        refs[n++] = o->trace;
    if (o->has_replaces)
        refs[n++] = o->replaces;
    DeskDraft draft = {.kind = RECORD_ORDER,
                       .refs = refs,
                       .ref_count = n,
                       .mark = &o->mark,
                       .law = o->law ? o->law->law.id : (Str){0},
                       .at_us = o->at_us,
                       .body = buf_view(&body)};
    return desk_group_add(c, w, &draft, ret_id);
}

// --- acts ---------------------------------------------------------------------------------------

static const char *party_name(OrderParty p) {
    switch (p) {
    case ORDER_ISSUER:
        return "issuer";
    case ORDER_ADDRESSEE:
        return "addressee";
    case ORDER_HOLDER:
        return "holder";
    case ORDER_COURT:
        return "court";
    }
    UNREACHABLE();
}

static Err act_body(Ctx *c, const DeskActNew *a, Buf *out) {
    JsonWriter w = json_writer_start(out);
    const OrderEvent *e = &a->event;
    json_put_object_begin(&w);
    json_put_key_str(&w, "act", str_of(order_act_name(e->act)));
    desk_put_opt_i64(&w, "amount", e->has_amount, e->amount);
    desk_put_opt_i64(&w, "balance", a->has_balance, a->balance);
    desk_put_opt_str(&w, "code", a->code);
    desk_put_opt_str(&w, "document", a->document);
    desk_put_record_time(&w, "ends_at", e->has_ends_at, e->ends_at);
    desk_put_record_time(&w, "happened_at", a->told, e->happened_at);
    desk_put_opt_str(&w, "note", a->note);
    desk_put_opt_str(&w, "on_behalf_of", a->on_behalf_of);
    desk_put_opt_str(&w, "outcome", str_of(order_outcome_name(e->outcome)));
    json_put_key_str(&w, "party", str_of(party_name(e->party)));
    json_put_key_i64(&w, "persons", e->persons);
    desk_put_opt_id(&w, "target", a->has_target_id, a->target);
    desk_put_opt_account(&w, "to", &a->to);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

Err desk_order_act_add(Ctx *c, DeskWriting *w, const DeskActNew *a, RecordId *ret_id) {
    AUTO(Buf) body = {0};
    TRY(act_body(c, a, &body));
    RecordId refs[DESK_ACT_REFS_MAX + 1];
    size_t n = 0;
    if (a->has_target_id)
        refs[n++] = a->target;
    for (size_t i = 0; i < a->ref_count; i++) {
        if (!a->has_target_id || !record_id_eq(a->refs[i], a->target))
            refs[n++] = a->refs[i];
    }
    bool note =
        a->event.act == ORDER_ATTEMPT || a->event.act == ORDER_APPEAL || a->event.act == ORDER_TELL;
    if (!note)
        desk_tell_note(w->node, a->order);
    DeskDraft draft = {.kind = note ? RECORD_ORDER_NOTE : RECORD_ORDER_ACT,
                       .has_of = true,
                       .of = a->order,
                       .refs = refs,
                       .ref_count = n,
                       .mark = a->mark,
                       .law = a->law,
                       .at_us = a->event.at,
                       .body = buf_view(&body)};
    return desk_group_add(c, w, &draft, ret_id);
}
