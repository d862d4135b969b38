// Orders as the JSON of docs/api.md, section 6.
#include "desk/order_priv.h"

static void put_amount(JsonWriter *w, const char *key, bool has, int64_t v) {
    desk_put_opt_i64(w, key, has, v);
}

static void put_addressee(JsonWriter *w, const DeskOrder *o) {
    json_put_key(w, STR("addressee"));
    json_put_object_begin(w);
    desk_put_opt_str(w, "agency", o->addressee_agency);
    json_put_key_str(w, "country", o->addressee_country);
    desk_put_opt_str(w, "institution", o->addressee_institution);
    json_put_key_str(w, "kind", o->addressee_kind);
    json_put_key_str(w, "name", o->addressee_name);
    json_put_object_end(w);
}

static const char *party_name(OrderParty p) {
    return p == ORDER_ISSUER      ? "issuer"
           : p == ORDER_ADDRESSEE ? "addressee"
           : p == ORDER_HOLDER    ? "holder"
                                  : "court";
}

static const char *act_words(OrderAct a) {
    static const char *const words[] = {
        [ORDER_ISSUE] = "Issue it",
        [ORDER_RECEIVE] = "The addressee has it",
        [ORDER_ANSWER] = "The addressee answers",
        [ORDER_ADOPT] = "The addressee makes it an order of its own",
        [ORDER_COMPLAINT] = "The police complaint was filed",
        [ORDER_EXTEND] = "Extend it",
        [ORDER_REDUCE] = "Hold less",
        [ORDER_WITHDRAW] = "Withdraw it",
        [ORDER_RELEASE] = "Release it",
        [ORDER_SUPERSEDE] = "A court or a newer order takes its place",
        [ORDER_SETTLE] = "What is held was paid out",
        [ORDER_UNDONE] = "The addressee set the amount free",
        [ORDER_APPEAL] = "The holder contests it",
        [ORDER_REVIEW] = "Decide about the appeal",
        [ORDER_ATTEMPT] = "Note an attempt to reach the addressee",
        [ORDER_SECOND] = "Sign as the second officer",
        [ORDER_TELL] = "What became of it",
    };
    return words[a];
}

// One item an act and party; its outcomes beside.
static void put_allowed(JsonWriter *w, const DeskOrder *o) {
    json_put_key(w, STR("allowed"));
    json_put_array_begin(w);
    for (size_t i = 0; i < o->allowed_count; i++) {
        bool known = false;
        for (size_t k = 0; k < i; k++)
            known |= o->allowed[k].act == o->allowed[i].act &&
                     o->allowed_parties[k] == o->allowed_parties[i];
        if (known)
            continue;
        json_put_object_begin(w);
        json_put_key_str(w, "act", str_of(order_act_name(o->allowed[i].act)));
        json_put_key(w, STR("outcomes"));
        json_put_array_begin(w);
        for (size_t k = i; k < o->allowed_count; k++) {
            if (o->allowed[k].act == o->allowed[i].act &&
                o->allowed_parties[k] == o->allowed_parties[i] &&
                o->allowed[k].outcome != ORDER_NO_OUTCOME)
                json_put_str(w, str_of(order_outcome_name(o->allowed[k].outcome)));
        }
        json_put_array_end(w);
        json_put_key_str(w, "party", str_of(party_name(o->allowed_parties[i])));
        json_put_key_str(w, "words", str_of(act_words(o->allowed[i].act)));
        json_put_object_end(w);
    }
    json_put_array_end(w);
}

static void put_contact(JsonWriter *w, const DeskContact *k) {
    json_put_object_begin(w);
    json_put_key_str(w, "country", k->country);
    json_put_key_str(w, "desk", k->desk);
    json_put_key_str(w, "email", k->email);
    json_put_key_str(w, "hours", k->hours);
    json_put_key_str(w, "id", k->id);
    json_put_key_str(w, "institution", k->institution);
    json_put_key_str(w, "language", k->language);
    json_put_key_str(w, "note", k->note);
    json_put_key_str(w, "phone", k->phone);
    json_put_object_end(w);
}

static void put_event(JsonWriter *w, const DeskOrderEvent *e) {
    json_put_object_begin(w);
    json_put_key_str(w, "act", e->act);
    json_put_key_str(w, "agency", e->agency);
    json_put_key_str(w, "agency_name", e->agency_name);
    put_amount(w, "amount", e->has_amount, e->amount);
    desk_put_time(w, "at", e->at);
    put_amount(w, "balance", e->has_balance, e->balance);
    desk_put_opt_str(w, "code", e->code);
    desk_put_opt_str(w, "document", e->document);
    json_put_key_str(w, "effect", e->effect);
    desk_put_opt_time(w, "ends_at", e->has_ends_at, e->ends_at);
    desk_put_time(w, "happened_at", e->happened_at);
    json_put_key_str(w, "id", e->id);
    desk_put_opt_str(w, "note", e->note);
    desk_put_opt_str(w, "officer", e->officer);
    desk_put_opt_str(w, "officer_name", e->officer_name);
    desk_put_opt_str(w, "on_behalf_of", e->on_behalf_of);
    desk_put_opt_str(w, "order", e->order);
    desk_put_opt_str(w, "outcome", e->outcome);
    json_put_key_str(w, "party", e->party);
    desk_put_opt_str(w, "target", e->target);
    desk_put_opt_account(w, "to", &e->to);
    json_put_object_end(w);
}

static void put_flag(JsonWriter *w, const DeskFlag *f) {
    json_put_object_begin(w);
    json_put_key_str(w, "account", f->account);
    json_put_key_i64(w, "reports", (int64_t)f->reports);
    json_put_key_str(w, "what", f->what);
    json_put_key_str(w, "words", f->words);
    json_put_object_end(w);
}

void desk_flags_put(JsonWriter *w, const DeskFlag *flags, size_t n) {
    json_put_key(w, STR("flags"));
    json_put_array_begin(w);
    for (size_t i = 0; i < n; i++)
        put_flag(w, &flags[i]);
    json_put_array_end(w);
}

static void put_term(JsonWriter *w, const OrderLaw *law) {
    AUTO(Buf) b = {0};
    if (law->has_term)
        buf_format(&b, "%lld %s from %s", (long long)law->term.count,
                   order_unit_name(law->term.unit), order_clock_from_name(law->clock_from));
    desk_put_opt_str(w, "term", buf_view(&b));
}

static void put_law(JsonWriter *w, const DeskLawRow *row) {
    const OrderLaw *law = row->law;
    json_put_object_begin(w);
    json_put_key_str(w, "appeal", law->appeal);
    json_put_key_str(w, "country", law->country);
    json_put_key_str(w, "document", law->document);
    desk_put_opt_time(w, "ends_at", row->has_ends_at, row->ends_at);
    json_put_key_str(w, "exempt_amount", law->exempt_amount);
    json_put_key_str(w, "extended_by", law->extended_by);
    json_put_key_str(w, "ground", law->ground);
    json_put_key_str(w, "id", law->id);
    json_put_key_str(w, "notice", law->notice);
    json_put_key_str(w, "source", law->source);
    json_put_key_str(w, "standing", law->standing);
    put_term(w, law);
    json_put_object_end(w);
}

static void put_laws(JsonWriter *w, const DeskOrder *o) {
    bool draft = o->view.state == ORDER_DRAFT;
    json_put_key(w, STR("law"));
    if (o->law_count > 0 && (!draft || o->law_id.n > 0))
        put_law(w, &o->laws[0]);
    else
        json_put_null(w);
    json_put_key(w, STR("laws"));
    json_put_array_begin(w);
    for (size_t i = 0; draft && i < o->law_count; i++)
        put_law(w, &o->laws[i]);
    json_put_array_end(w);
}

static void put_tags(JsonWriter *w, const DeskOrder *o) {
    json_put_key(w, STR("tags"));
    json_put_array_begin(w);
    for (size_t i = 0; i < o->tag_count; i++) {
        json_put_object_begin(w);
        json_put_key_i64(w, "amount", o->tags[i].amount);
        json_put_key_str(w, "record", o->tags[i].record);
        json_put_key_str(w, "report", o->tags[i].report);
        json_put_object_end(w);
    }
    json_put_array_end(w);
}

// Members up to "events", in bytewise order; `whole` has those of the single order as well.
static void put_first(JsonWriter *w, const DeskOrder *o, bool whole) {
    json_put_key(w, STR("account"));
    desk_put_account(w, &o->account);
    put_addressee(w, o);
    desk_put_opt_str(w, "adopts", o->adopts);
    desk_put_opt_str(w, "adopts_state", o->adopts_state);
    json_put_key_str(w, "agency", o->agency);
    json_put_key_str(w, "agency_name", o->agency_name);
    if (whole)
        put_allowed(w, o);
    json_put_key_str(w, "appeal", str_of(order_appeal_name(o->view.appeal)));
    json_put_key_i64(w, "asked", o->view.asked);
    desk_put_opt_time(w, "asks_end", o->has_asks_end, o->asks_end);
    desk_put_time(w, "at", o->at);
    if (whole)
        put_amount(w, "balance", o->has_balance, o->balance);
    desk_put_opt_str(w, "box", o->is_ours ? STR("out") : o->is_to_us ? STR("in") : (Str){0});
    desk_put_opt_str(w, "case_id", o->case_id);
    if (whole) {
        json_put_key(w, STR("contact"));
        if (o->has_contact)
            put_contact(w, &o->contact);
        else
            json_put_null(w);
        put_amount(w, "covered", o->has_balance, o->covered);
    }
    json_put_key_str(w, "currency", o->currency);
    json_put_key_bool(w, "day_off", o->day_off);
    desk_put_opt_str(w, "due", o->now.has_due ? str_of(o->now.due) : (Str){0});
    desk_put_opt_time(w, "due_at", o->now.has_due, o->now.due_at);
    desk_put_opt_time(w, "ends_at", o->view.has_ends_at, o->view.ends_at);
    json_put_key_bool(w, "ends_soon", o->now.ends_soon);
}

static void put_middle(JsonWriter *w, const DeskOrder *o, bool whole) {
    if (whole) {
        json_put_key(w, STR("events"));
        json_put_array_begin(w);
        for (size_t i = 0; i < o->event_count; i++)
            put_event(w, &o->events[i]);
        json_put_array_end(w);
    }
    json_put_key_i64(w, "executed", o->view.executed);
    desk_flags_put(w, o->flags, o->flag_count);
    json_put_key_i64(w, "held", o->view.held);
    json_put_key_str(w, "id", o->id);
    desk_put_opt_time(w, "issued_at", o->view.has_issued_at, o->view.issued_at);
    if (whole)
        put_laws(w, o);
    AUTO(Buf) letter = {0};
    buf_format(&letter, "/api/v1/orders/" STR_FMT "/letter", STR_ARG(o->id));
    json_put_key_str(w, "letter", buf_view(&letter));
    desk_put_opt_i64(w, "level", o->level > 0, o->level);
    json_put_key_bool(w, "night", o->night);
    json_put_key_bool(w, "not_confirmed", o->now.not_confirmed);
    if (whole)
        desk_put_opt_str(w, "note", o->note);
    json_put_key_str(w, "number", o->number);
    json_put_key_str(w, "order", o->order);
    json_put_key_bool(w, "overdue", o->now.overdue);
    desk_put_opt_str(w, "pack", o->pack);
    json_put_key_i64(w, "persons", o->persons);
    desk_put_opt_str(w, "policy", o->policy);
}

// What became of a request that was adopted; `over` in the single order alone.
static void put_told(JsonWriter *w, const DeskOrder *o) {
    json_put_key(w, STR("told"));
    if (!o->view.has_told_at) {
        json_put_null(w);
        return;
    }
    json_put_object_begin(w);
    desk_put_time(w, "at", o->view.told_at);
    desk_put_opt_time(w, "ends_at", o->view.has_ends_at, o->view.ends_at);
    put_amount(w, "held", o->facts.hold, o->view.held);
    desk_put_opt_str(w, "outcome", str_of(order_outcome_name(o->view.told)));
    desk_put_opt_str(w, "over", o->told_code);
    json_put_key_bool(w, "is_over", o->view.told_over);
    json_put_object_end(w);
}

static void put_last(JsonWriter *w, const DeskOrder *o, bool whole) {
    if (whole)
        desk_put_strs(w, "queued_behind", o->queued_behind, o->queued_count);
    desk_put_opt_str(w, "replaces", o->replaces);
    desk_put_opt_str(w, "report", o->report);
    json_put_key_bool(w, "request", o->request);
    json_put_key_bool(w, "review_overdue", o->now.review_overdue);
    desk_put_opt_str(w, "rule", o->rule);
    json_put_key_str(w, "state", str_of(order_state_name(o->now.state)));
    if (whole)
        put_tags(w, o);
    put_told(w, o);
    desk_put_opt_str(w, "trace", o->trace);
    json_put_key_bool(w, "unanswered", o->now.unanswered);
    desk_put_opt_str(w, "waits",
                     o->view.waits_second    ? STR("second")
                     : o->view.waits_receipt ? STR("receipt")
                                             : (Str){0});
    desk_put_opt_time(w, "warn_at", o->night || o->day_off, o->warn_at);
    json_put_key_str(w, "words", o->words);
}

void desk_order_put(JsonWriter *w, const DeskOrder *o, bool whole) {
    json_put_object_begin(w);
    put_first(w, o, whole);
    put_middle(w, o, whole);
    put_last(w, o, whole);
    json_put_object_end(w);
}

void desk_orders_put(JsonWriter *w, const char *key, const DeskOrder *items, size_t n, bool whole) {
    json_put_key(w, str_of(key));
    json_put_array_begin(w);
    for (size_t i = 0; i < n; i++)
        desk_order_put(w, &items[i], whole);
    json_put_array_end(w);
}

void desk_left_outs_put(JsonWriter *w, const DeskLeftOut *items, size_t n) {
    json_put_key(w, STR("left_out"));
    json_put_array_begin(w);
    for (size_t i = 0; i < n; i++) {
        const DeskLeftOut *l = &items[i];
        json_put_object_begin(w);
        json_put_key(w, STR("account"));
        desk_put_account(w, &l->account);
        json_put_key_i64(w, "amount", l->amount);
        desk_put_opt_str(w, "currency", l->currency);
        json_put_key_str(w, "why", l->why);
        json_put_key_str(w, "words", l->words);
        json_put_object_end(w);
    }
    json_put_array_end(w);
}

Err desk_order_json(Ctx *c, const DeskOrder *o, Buf *out) {
    JsonWriter w = json_writer_start(out);
    desk_order_put(&w, o, true);
    return json_writer_end(c, &w);
}

Err desk_order_list_json(Ctx *c, const DeskOrderList *l, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    desk_orders_put(&w, "items", l->items, l->count, false);
    desk_put_next(&w, l->next);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

Err desk_proposed_json(Ctx *c, const DeskProposed *p, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    desk_orders_put(&w, "created", p->created, p->created_count, true);
    desk_flags_put(&w, p->flags, p->flag_count);
    desk_left_outs_put(&w, p->left_out, p->left_out_count);
    desk_put_opt_str(&w, "trace", p->trace);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

Err desk_contact_list_json(Ctx *c, const DeskContact *items, size_t n, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("items"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < n; i++)
        put_contact(&w, &items[i]);
    json_put_array_end(&w);
    json_put_key_null(&w, "next");
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}
