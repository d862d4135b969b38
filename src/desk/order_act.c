// Acts about orders: what a person types becomes one record, or words that say why not.
#include "desk/act_priv.h"

// --- what was typed -----------------------------------------------------------------------------

static Err typed_time(Ctx *c, const DeskNode *n, const char *field, Str text, int64_t *ret_at) {
    Err e = format_time_parse(c, str_trim(text), n->zone, ret_at);
    if (e == OK)
        return OK;
    Str why;
    TRY(str_copy(c, str_of(c->error), &why));
    return fail(c, e, "%s: " STR_FMT, field, STR_ARG(why));
}

static Err typed_amount(Ctx *c, const DeskActing *k, const char *field, Str text,
                        int64_t *ret_minor) {
    int64_t minor;
    if (!k->currency)
        return fail(c, E_INVALID, "%s: this order asks for no amount", field);
    Err e = format_amount_parse(c, str_trim(text), k->currency, &minor);
    if (e != OK) {
        Str why;
        TRY(str_copy(c, str_of(c->error), &why));
        return fail(c, e, "%s: " STR_FMT, field, STR_ARG(why));
    }
    if (minor < 0 || minor > BASE_AMOUNT_MINOR_MAX)
        return fail(c, E_INVALID, "%s: an amount is not negative", field);
    *ret_minor = minor;
    return OK;
}

static Err typed_times(Ctx *c, DeskActing *k) {
    const DeskOrderActDraft *t = k->draft;
    OrderEvent *e = &k->a.event;
    e->happened_at = k->now;
    if (t->happened_at.n > 0) {
        TRY(typed_time(c, k->node, "happened_at", t->happened_at, &e->happened_at));
        if (e->happened_at > k->now)
            return fail(c, E_INVALID, "happened_at: this has not happened yet");
        k->a.told = true;
    }
    if (t->ends_at.n > 0) {
        TRY(typed_time(c, k->node, "ends_at", t->ends_at, &e->ends_at));
        e->has_ends_at = true;
    }
    return OK;
}

static Err typed_target(Ctx *c, DeskActing *k) {
    if (k->draft->target.n == 0)
        return OK;
    if (!record_id_parse(k->draft->target, &k->a.target))
        return fail(c, E_INVALID, "target: \"" STR_FMT "\" is no record id",
                    STR_ARG(k->draft->target));
    for (size_t i = 0; i < k->event_count; i++) {
        if (!record_id_eq(k->events[i].id, k->a.target))
            continue;
        k->a.has_target_id = k->a.event.has_target = true;
        k->a.event.target = i;
        return OK;
    }
    return fail(c, E_INVALID, "target: this order has no act " STR_FMT, STR_ARG(k->draft->target));
}

// The way by which it was told stands in front of the note.
static Err typed_note(Ctx *c, DeskActing *k) {
    Str note = str_trim(k->draft->note), channel = str_trim(k->draft->channel);
    TRY(desk_note_check(c, "note", note));
    TRY(desk_note_check(c, "channel", channel));
    if (channel.n == 0) {
        k->a.note = note;
        return OK;
    }
    return str_format(c, &k->a.note, STR_FMT "%s" STR_FMT, STR_ARG(channel), note.n ? ": " : "",
                      STR_ARG(note));
}

static Err typed(Ctx *c, DeskActing *k) {
    const DeskOrderActDraft *t = k->draft;
    OrderEvent *e = &k->a.event;
    TRY(typed_times(c, k));
    TRY(typed_target(c, k));
    TRY(typed_note(c, k));
    if (t->amount.n > 0) {
        TRY(typed_amount(c, k, "amount", t->amount, &e->amount));
        e->has_amount = true;
    }
    if (t->balance.n > 0) {
        TRY(typed_amount(c, k, "balance", t->balance, &k->a.balance));
        k->a.has_balance = true;
    }
    if (t->document.n > 0)
        TRY(desk_document_check(c, k->slot, t->document));
    if (t->to.n > 0)
        TRY(desk_account_typed(c, k->node, t->to, &k->a.to));
    TRY(desk_note_check(c, "on_behalf_of", t->on_behalf_of));
    k->a.document = k->document_follows.n > 0 ? k->document_follows : t->document;
    k->a.on_behalf_of = str_trim(t->on_behalf_of);
    k->a.code = str_trim(t->code);
    return OK;
}

// --- who does what ------------------------------------------------------------------------------

static OrderParty party_of(OrderAct act, Str on_behalf_of, bool is_ours) {
    switch (act) {
    case ORDER_RECEIVE:
    case ORDER_ANSWER:
    case ORDER_ADOPT:
    case ORDER_UNDONE:
    case ORDER_TELL:
        return ORDER_ADDRESSEE;
    case ORDER_APPEAL:
        return ORDER_HOLDER;
    case ORDER_EXTEND:
    case ORDER_REDUCE:
    case ORDER_RELEASE:
    case ORDER_SUPERSEDE:
        return str_eq_c(on_behalf_of, "court") ? ORDER_COURT : ORDER_ISSUER;
    case ORDER_ISSUE:
    case ORDER_COMPLAINT:
    case ORDER_WITHDRAW:
    case ORDER_SETTLE:
    case ORDER_REVIEW:
    case ORDER_ATTEMPT:
        return ORDER_ISSUER;
    case ORDER_SECOND: // each side for its own acts
        return is_ours ? ORDER_ISSUER : ORDER_ADDRESSEE;
    }
    UNREACHABLE();
}

static Err act_find(Ctx *c, const DeskOrderActDraft *t, OrderEvent *e) {
    Str outcome = str_trim(t->outcome);
    if (!order_act_find(str_trim(t->act), &e->act) || e->act == ORDER_TELL) {
        AUTO(Buf) names = {0};
        for (int i = 0; i < ORDER_TELL; i++) // that is the node's own
            buf_format(&names, "%s%s", i ? ", " : "", order_act_name((OrderAct)i));
        TRY(buf_check(c, &names));
        return fail(c, E_INVALID, "there is no act \"" STR_FMT "\": the acts are " STR_FMT,
                    STR_ARG(t->act), STR_ARG(buf_view(&names)));
    }
    if (outcome.n > 0 && !order_outcome_find(outcome, &e->outcome))
        return fail(c, E_INVALID,
                    "there is no outcome \"" STR_FMT "\": an answer is executed, partly or "
                    "refused; a review upheld, reduced or overturned",
                    STR_ARG(outcome));
    if (outcome.n == 0 && e->act == ORDER_ANSWER)
        return fail(c, E_INVALID, "say the outcome of the answer: executed, partly or refused");
    if (outcome.n == 0 && e->act == ORDER_REVIEW)
        return fail(c, E_INVALID, "say the outcome of the review: upheld, reduced or overturned");
    return OK;
}

static Err load(Ctx *c, DeskActing *k, Str id) {
    TRY(desk_order_find(c, k->slot, id, &k->o));
    TRY(desk_order_body_get(c, k->node, k->slot, k->o.id, &k->body));
    TRY(picture_order_events(c, k->slot->picture, k->o.id, &k->events, &k->event_count));
    k->is_ours = str_eq_c(k->o.agency, k->node->agency_id);
    k->a.ref_count = desk_act_heads(&k->o, k->events, k->event_count, k->a.refs);
    k->currency = format_currency_find(k->node->tables, k->o.currency);
    k->now = ledger_next_at(k->node->ledger, LEDGER_MAIN, clock_now(k->node->env.clock));
    return OK;
}

// Of another agency's order we are the addressee, or nobody who may say anything about it.
static Err theirs(Ctx *c, DeskActing *k) {
    Str who;
    OrderParty party = k->a.event.party;
    if (k->is_ours)
        return OK;
    TRY(desk_order_agency(c, k->node, k->slot, k->o.agency, &who));
    if (!str_eq_c(k->o.addressee_agency, k->node->agency_id))
        return fail(c, E_DENIED,
                    "order " STR_FMT " is " STR_FMT "'s and not to us: we may see it, and say "
                    "nothing about it",
                    STR_ARG(k->o.number), STR_ARG(who));
    if (party != ORDER_ADDRESSEE && party != ORDER_HOLDER)
        return fail(c, E_DENIED,
                    "order " STR_FMT " is " STR_FMT "'s: to %s it is for " STR_FMT
                    ". Its addressee, this agency, may receive it, answer, adopt a request, and "
                    "say that it is undone",
                    STR_ARG(k->o.number), STR_ARG(who), order_act_name(k->a.event.act),
                    STR_ARG(who));
    if (str_trim(k->draft->on_behalf_of).n > 0 && party == ORDER_ADDRESSEE)
        return fail(c, E_INVALID,
                    "on_behalf_of: this agency is the addressee and speaks for itself");
    return OK;
}

Err desk_act_try(Ctx *c, DeskActing *k, OrderEffect *ret_effect) {
    OrderEvent *events;
    TRY(ctx_alloc(c, (k->event_count + 1) * sizeof *events, &events));
    for (size_t i = 0; i < k->event_count; i++)
        events[i] = k->events[i].event;
    return order_try(c, &k->o.facts, events, k->event_count, &k->a.event, ret_effect);
}

// --- write --------------------------------------------------------------------------------------

// The document of the act that a second brings to count.
static Err seconded_document(Ctx *c, const DeskActing *k, Str *ret_document) {
    size_t i = k->a.event.target;
    *ret_document = (Str){0};
    if (i >= k->event_count || !k->events[i].has_document)
        return OK;
    return desk_hex_text(c, k->events[i].document, sizeof k->events[i].document, ret_document);
}

// Whoever reads the act at the other node must be able to open what it stands on. What asks for two
// officers leaves with the word of the second, and so does its document.
static Err share_document(Ctx *c, DeskActing *k) {
    Str document = k->a.document, first = {0};
    bool seconds = k->a.event.act == ORDER_SECOND, on_behalf, waits;
    if (seconds)
        TRY(seconded_document(c, k, &first));
    waits = k->a.event.persons > 1 && !seconds;
    on_behalf = k->is_ours && k->a.event.party == ORDER_ADDRESSEE; // the addressee has it
    Str other = k->is_ours ? k->o.addressee_agency : k->o.agency;
    if (on_behalf || k->is_one_of_many || waits || !(k->issues || k->o.view.has_issued_at))
        return OK;
    if (first.n > 0)
        TRY(desk_document_share(c, k->w, k->slot, first, other));
    if (document.n == 0 || str_eq(document, first))
        return OK;
    return desk_document_share(c, k->w, k->slot, document, other);
}

static Err write_act(Ctx *c, DeskActing *k) {
    OrderEffect effect;
    DeskReplaced replaced = {0};
    if (k->a.event.act == ORDER_ADOPT && !k->is_ours)
        return desk_adopt_draft(c, k);
    if (k->issues)
        TRY(desk_replaced_find(c, k, &replaced));
    if (k->redrafts)
        TRY(desk_redraft(c, k));
    TRY(desk_act_try(c, k, &effect));
    k->a.order = k->o.id;
    k->a.mark = &k->body.mark;
    k->a.law = k->body.law.id;
    TRY(desk_order_act_add(c, k->w, &k->a, NULL));
    if (k->issues && effect == ORDER_COUNTED) {
        TRY(desk_replaced_write(c, k, &replaced));
        TRY(desk_share_order(c, k->w, k->slot, &k->o, &k->body));
        TRY(desk_adopt_answer(c, k));
    } else if (k->to_flagged && effect == ORDER_COUNTED && k->o.view.has_issued_at) {
        // What was shared before the flag brings nothing more there: two officers share it anew.
        TRY(desk_share_order(c, k->w, k->slot, &k->o, &k->body));
    }
    TRY(share_document(c, k));
    // Where the money went is for who issued it: at the addressee's node nothing is drafted.
    if (k->is_ours && k->a.event.act == ORDER_ANSWER && str_eq_c(k->a.code, "moved_to"))
        TRY(desk_moved_draft(c, k));
    return OK;
}

static Err prepare(Ctx *c, DeskActing *k, Str id) {
    OrderEvent *e = &k->a.event;
    TRY(act_find(c, k->draft, e));
    TRY(load(c, k, id));
    TRY(desk_need(c, k->d, desk_order_act_needs(e->act, k->o.facts.request)));
    e->at = k->now;
    e->persons = 1;
    e->party = party_of(e->act, str_trim(k->draft->on_behalf_of), k->is_ours);
    memcpy(e->officer, k->d->officer.b, sizeof e->officer);
    TRY(theirs(c, k));
    TRY(order_check(c, &k->o.facts, &k->o.view, k->now, (OrderChoice){e->act, e->outcome},
                    e->party));
    TRY(typed(c, k));
    return desk_act_prepare(c, k);
}

// A place to work in, on the request's arena.
static Err acting(Ctx *c, const Desk *d, DeskWriting *w, DeskSlot *s,
                  const DeskOrderActDraft *draft, DeskActing **ret_acting) {
    TRY(ctx_alloc(c, sizeof **ret_acting, ret_acting));
    **ret_acting = (DeskActing){.d = d, .node = d->node, .slot = s, .w = w, .draft = draft};
    return OK;
}

Err desk_order_act_check(Ctx *c, const Desk *d, Str id, const DeskOrderActDraft *draft) {
    AUTO(DeskWriting) w = {0};
    TRY(desk_writing_begin(c, d->node, d, &w));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    DeskActing *k;
    OrderEffect effect;
    DeskOrderActDraft without = *draft;
    Str document = draft->document;
    without.document = (Str){0}; // it is kept when all rows were looked at
    TRY(acting(c, d, &w, r.slot, &without, &k));
    k->document_follows = document;
    TRY(prepare(c, k, id));
    return desk_act_try(c, k, &effect);
}

Err desk_order_acts(Ctx *c, const Desk *d, const Str *ids, const DeskOrderActDraft *drafts,
                    size_t n) {
    AUTO(DeskWriting) w = {0};
    TRY(desk_writing_begin(c, d->node, d, &w));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    TRY(desk_group_begin(c, &w));
    for (size_t i = 0; i < n; i++) {
        DeskActing *k;
        // An answer may bring a draft with it: a group is closed while there is room for both.
        if (w.count + DESK_ACT_RECORDS_MAX > LEDGER_GROUP_RECORDS_MAX) {
            TRY(desk_group_commit(c, &w));
            TRY(desk_group_begin(c, &w));
        }
        TRY(acting(c, d, &w, r.slot, &drafts[i], &k));
        k->is_one_of_many = n > 1;
        TRY(prepare(c, k, ids[i]));
        TRY(write_act(c, k));
    }
    return desk_group_commit(c, &w);
}

Err desk_order_act(Ctx *c, const Desk *d, Str id, const DeskOrderActDraft *draft,
                   DeskOrder *ret_order) {
    RecordId done;
    TRY(desk_need(c, d, DESK_ORDER_READ));
    {
        AUTO(DeskWriting) w = {0};
        TRY(desk_writing_begin(c, d->node, d, &w));
        AUTO(DeskReading) r = {0};
        TRY(desk_reading_begin(c, d, &r));
        DeskActing *k;
        TRY(acting(c, d, &w, r.slot, draft, &k));
        TRY(prepare(c, k, id));
        TRY(desk_group_begin(c, &w));
        TRY(write_act(c, k));
        TRY(desk_group_commit(c, &w));
        done = k->o.id;
    }
    desk_exchange_touch(d->node); // an order that is shared, or a document
    AUTO(DeskReading) r = {0};    // one that sees what was written
    TRY(desk_reading_begin(c, d, &r));
    PictureOrder o;
    TRY(picture_order_get(c, r.slot->picture, done, &o));
    return desk_order_whole(c, d, r.slot, &o, ret_order);
}
