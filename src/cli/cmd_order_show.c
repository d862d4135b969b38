// order list, order show: the board and one order, with the clock in words.
#include "cli/cli_priv.h"

Err cli_order_name(Ctx *c, const DeskOrder *o, Str *ret_name) {
    if (o->is_ours)
        return str_copy(c, o->number, ret_name);
    return str_format(c, ret_name, STR_FMT "/" STR_FMT, STR_ARG(o->agency_name),
                      STR_ARG(o->number));
}

static Err list_row(CliCall *call, CliTable *t, const DeskOrder *o) {
    Str clock, account, amount;
    TRY(desk_order_clock(call->c, call->node, o, &clock));
    TRY(cli_account_text(call->c, &o->account, &account));
    TRY(desk_amount_text(call->c, call->node,
                         o->view.has_executed_at ? o->view.held : o->view.asked, o->currency,
                         &amount));
    TRY(str_format(call->c, &amount, STR_FMT " " STR_FMT, STR_ARG(amount), STR_ARG(o->currency)));
    Str number, to = o->addressee_name;
    TRY(cli_order_name(call->c, o, &number));
    if (o->is_to_us)
        to = STR("us");
    cli_table_cell(t, number);
    cli_table_cell(t, str_of(order_state_name(o->now.state)));
    cli_table_cell(t, clock);
    cli_table_cell(t, account);
    cli_table_cell(t, amount);
    cli_table_cell(t, to);
    return OK;
}

// Ends that fall at night or on a day off warn the last working shift before them.
static Err list_warnings(CliCall *call, const DeskOrderList *l) {
    for (size_t i = 0; i < l->count; i++) {
        const DeskOrder *o = &l->items[i];
        Str warn, end, number;
        if (!o->now.alive || !(o->night || o->day_off))
            continue;
        TRY(desk_time_local(call->c, call->node, o->warn_at, &warn));
        TRY(desk_time_local(call->c, call->node, o->view.ends_at, &end));
        TRY(cli_order_name(call->c, o, &number));
        cli_print(call,
                  STR_FMT " ends " STR_FMT "%s: the shift that begins " STR_FMT " must decide.\n",
                  STR_ARG(number), STR_ARG(end), o->day_off ? ", a day off" : ", at night",
                  STR_ARG(warn));
    }
    return OK;
}

Err cli_order_list(CliCall *call) {
    static const char *const titles[] = {"Order", "State", "Clock", "Account", "Amount", "To"};
    static const bool right[] = {false, false, false, false, true, false};
    DeskOrderFilter f = {.state = cli_option_str(call, "state"),
                         .case_id = cli_option_str(call, "case"),
                         .account = cli_option_str(call, "account"),
                         .box = cli_option_str(call, "box")};
    f.board = f.state.n == 0 && f.case_id.n == 0 && f.account.n == 0 && !cli_flag(call, "all");
    DeskPage page;
    DeskOrderList list;
    TRY(cli_page(call, &page));
    TRY(desk_order_list(call->c, &call->desk, &f, page, &list));
    if (call->json) {
        TRY(desk_order_list_json(call->c, &list, &call->out));
        cli_end_json(call);
        return OK;
    }
    AUTO(CliTable) t = {0};
    cli_table_start(&t, titles, right, COUNT_OF(titles));
    for (size_t i = 0; i < list.count; i++)
        TRY(list_row(call, &t, &list.items[i]));
    if (list.count == 0)
        cli_print(call, "%s\n", f.board ? "Nothing is open." : "There are no such orders.");
    else
        TRY(cli_table_print(call, &t));
    TRY(list_warnings(call, &list));
    cli_say_next(call, list.next);
    return OK;
}

// --- one order ----------------------------------------------------------------------------------

static Err field_amount(CliCall *call, const char *name, int64_t amount, Str currency) {
    Str text;
    TRY(desk_amount_text(call->c, call->node, amount, currency, &text));
    TRY(str_format(call->c, &text, STR_FMT " " STR_FMT, STR_ARG(text), STR_ARG(currency)));
    cli_field(call, name, text);
    return OK;
}

static Err print_amounts(CliCall *call, const DeskOrder *o) {
    TRY(field_amount(call, "Asked", o->view.asked, o->currency));
    if (o->view.has_executed_at || o->view.has_told_at)
        TRY(field_amount(call, "Held", o->view.held, o->currency));
    if (o->has_balance) {
        TRY(field_amount(call, "Balance", o->balance, o->currency));
        TRY(field_amount(call, "Covered", o->covered, o->currency));
    }
    AUTO(Buf) behind = {0};
    cli_put_list(&behind, o->queued_behind, o->queued_count);
    cli_field_buf(call, "Queued behind", &behind);
    AUTO(Buf) tags = {0};
    for (size_t i = 0; i < o->tag_count; i++) {
        Str text;
        TRY(desk_amount_text(call->c, call->node, o->tags[i].amount, o->currency, &text));
        buf_format(&tags, "%s" STR_FMT " " STR_FMT, i ? "; " : "", STR_ARG(o->tags[i].report),
                   STR_ARG(text));
    }
    cli_field_buf(call, "Reports", &tags);
    return OK;
}

static Err print_law(CliCall *call, const DeskOrder *o) {
    for (size_t i = 0; i < o->law_count; i++) {
        const OrderLaw *law = o->laws[i].law;
        Str text;
        TRY(str_format(call->c, &text, STR_FMT ": " STR_FMT " [" STR_FMT "]", STR_ARG(law->id),
                       STR_ARG(law->ground), STR_ARG(law->standing)));
        cli_field(call, i == 0 ? "Law" : "or", text);
    }
    return OK;
}

static Err print_events(CliCall *call, const DeskOrder *o) {
    static const char *const titles[] = {"When", "Act", "By", "Amount", "Effect", "Note"};
    static const bool right[] = {false, false, false, true, false, false};
    AUTO(CliTable) t = {0};
    cli_table_start(&t, titles, right, COUNT_OF(titles));
    for (size_t i = 0; i < o->event_count; i++) {
        const DeskOrderEvent *e = &o->events[i];
        Str when, amount = {0}, act, by, note = e->note;
        TRY(desk_time_local(call->c, call->node, e->happened_at, &when));
        if (e->has_amount)
            TRY(desk_amount_text(call->c, call->node, e->amount, o->currency, &amount));
        TRY(str_format(call->c, &act, STR_FMT "%s" STR_FMT "%s" STR_FMT, STR_ARG(e->act),
                       e->outcome.n ? " " : "", STR_ARG(e->outcome), e->code.n ? " " : "",
                       STR_ARG(e->code)));
        TRY(str_format(call->c, &by, STR_FMT "%s" STR_FMT "%s" STR_FMT, STR_ARG(e->agency_name),
                       e->officer_name.n ? " " : "", STR_ARG(e->officer_name),
                       e->on_behalf_of.n ? " for " : "", STR_ARG(e->on_behalf_of)));
        cli_table_cell(&t, when);
        cli_table_cell(&t, act);
        cli_table_cell(&t, by);
        cli_table_cell(&t, amount);
        cli_table_cell(&t, e->effect);
        if (e->order.n > 0)
            TRY(str_format(call->c, &note, "as " STR_FMT ". " STR_FMT, STR_ARG(e->order),
                           STR_ARG(e->note)));
        cli_table_cell(&t, note);
    }
    return o->event_count > 0 ? cli_table_print(call, &t) : OK;
}

static Err print_allowed(CliCall *call, const DeskOrder *o) {
    AUTO(Buf) b = {0};
    for (size_t i = 0; i < o->allowed_count; i++) {
        bool known = false;
        for (size_t k = 0; k < i; k++)
            known |= o->allowed[k].act == o->allowed[i].act;
        if (!known)
            buf_format(&b, "%s%s", b.n ? ", " : "", order_act_name(o->allowed[i].act));
    }
    if (b.n == 0)
        buf_text(&b, "nothing");
    cli_field_buf(call, "You may", &b);
    return OK;
}

Err cli_order_show(CliCall *call) {
    DeskOrder o;
    Str clock, account, number;
    TRY(desk_order_get(call->c, &call->desk, call->args[1], &o));
    if (call->json) {
        TRY(desk_order_json(call->c, &o, &call->out));
        cli_end_json(call);
        return OK;
    }
    TRY(desk_order_clock(call->c, call->node, &o, &clock));
    TRY(cli_account_text(call->c, &o.account, &account));
    TRY(cli_order_name(call->c, &o, &number));
    cli_field(call, o.request ? "Request" : "Order", number);
    cli_field(call, "Says", o.words);
    cli_field(call, "State", str_of(order_state_name(o.now.state)));
    cli_field(call, "Clock", clock);
    cli_field(call, "Account", account);
    cli_field(call, "From", o.is_ours ? (Str){0} : o.agency_name);
    cli_field(call, "To", o.is_to_us ? STR("us") : o.addressee_name);
    cli_field(call, "Adopts", o.adopts);
    TRY(print_amounts(call, &o));
    TRY(print_law(call, &o));
    cli_field(call, "Policy", o.policy);
    cli_field(call, "Case", o.case_id);
    cli_field(call, "First hop of", o.report);
    cli_field(call, "Evidence", o.pack);
    cli_field(call, "Note", o.note);
    for (size_t i = 0; i < o.flag_count; i++)
        cli_field(call, "Flag", o.flags[i].words);
    if (o.has_contact) {
        Str contact;
        TRY(str_format(call->c, &contact, STR_FMT ", " STR_FMT " " STR_FMT, STR_ARG(o.contact.desk),
                       STR_ARG(o.contact.phone), STR_ARG(o.contact.email)));
        cli_field(call, "Contact", contact);
    }
    TRY(print_allowed(call, &o));
    return print_events(call, &o);
}
