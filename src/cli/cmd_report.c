// report: what a victim says; and the transfers that it may be about.
#include "cli/cli_priv.h"

static Err accounts_text(Ctx *c, const DeskReport *r, Str *ret_text) {
    AUTO(Buf) b = {0};
    for (size_t i = 0; i < r->account_count; i++) {
        Str one;
        TRY(cli_account_text(c, &r->accounts[i], &one));
        buf_format(&b, "%s" STR_FMT, i ? "; " : "", STR_ARG(one));
    }
    TRY(buf_check(c, &b));
    return str_copy(c, buf_view(&b), ret_text);
}

static void field_list(CliCall *call, const char *name, const Str *items, size_t count) {
    AUTO(Buf) b = {0};
    cli_put_list(&b, items, count);
    cli_field_buf(call, name, &b);
}

static Err report_print(CliCall *call, const DeskReport *r) {
    Str text;
    cli_field(call, "Report", r->name);
    if (r->duplicate)
        cli_field(call, "", STR("another report of this id came first; this one is not traced"));
    TRY(cli_field_time(call, "Reported", r->reported_at));
    if (r->has_happened_at)
        TRY(cli_field_time(call, "Happened", r->happened_at));
    cli_field(call, "Victim", r->victim);
    cli_field(call, "Country", r->country);
    cli_field(call, "Channel", r->channel);
    if (r->has_loss) {
        DeskMoney loss = {.currency = r->currency, .amount = r->loss};
        TRY(cli_money_text(call->c, call->node, &loss, 1, &text));
        cli_field(call, "Loss", text);
    }
    TRY(str_format(call->c, &text, STR_FMT "%s" STR_FMT, STR_ARG(r->standing),
                   r->standing_by.n ? ", says " : "", STR_ARG(r->standing_by)));
    cli_field(call, "Standing", text);
    field_list(call, "Transfers", r->transfers, r->transfer_count);
    field_list(call, "Picked", r->seeds, r->seed_count);
    TRY(accounts_text(call->c, r, &text));
    cli_field(call, "Accounts", text);
    field_list(call, "Phones", r->phones, r->phone_count);
    field_list(call, "Links", r->urls, r->url_count);
    cli_field(call, "Story", r->story);
    cli_field(call, "Case", r->case_id);
    cli_field(call, "Record", r->record);
    return OK;
}

// What is missing before something can be held, or how to hold it.
static void report_next(CliCall *call, const DeskReport *r) {
    Str dir = call->args[0];
    if (r->account_count == 0 && r->transfer_count == 0) {
        cli_print(call, "Nothing can be held yet: ask for the account that the money went to.\n");
        return;
    }
    if (r->account_count > 0 && !r->has_loss)
        cli_print(call, "No first hop can be held yet: ask how much was lost.\n");
    else if (r->account_count > 0)
        cli_print(call,
                  "Hold the first hop now: `moei order propose " STR_FMT " --report " STR_FMT
                  "` drafts the order.\n",
                  STR_ARG(dir), STR_ARG(r->id));
    if (r->transfer_count == 0)
        cli_print(call,
                  "Then find the transfer: `moei report match " STR_FMT " " STR_FMT
                  "` proposes those that fit.\n",
                  STR_ARG(dir), STR_ARG(r->id));
    cli_print(call,
              "For the victim: `moei report code " STR_FMT " " STR_FMT
              "` prints the address of a page that shows how far it is.\n",
              STR_ARG(dir), STR_ARG(r->id));
}

Err cli_report_add(CliCall *call) {
    DeskReportDraft draft = {.id = cli_option_str(call, "id"),
                             .reported_at = cli_option_str(call, "reported-at"),
                             .happened_at = cli_option_str(call, "happened-at"),
                             .victim = cli_option_str(call, "victim"),
                             .country = cli_option_str(call, "country"),
                             .channel = cli_option_str(call, "channel"),
                             .loss = cli_option_str(call, "loss"),
                             .currency = cli_option_str(call, "currency"),
                             .transfers = cli_option_str(call, "transfers"),
                             .accounts = cli_option_str(call, "accounts"),
                             .phones = cli_option_str(call, "phones"),
                             .urls = cli_option_str(call, "urls"),
                             .story = cli_option_str(call, "story"),
                             .accord = cli_option_str(call, "accord")};
    DeskReport r;
    TRY(cli_say_sees(call, "report"));
    TRY(desk_report_add(call->c, &call->desk, &draft, &r));
    if (call->json) {
        TRY(desk_report_json(call->c, &r, &call->out));
        cli_end_json(call);
        return OK;
    }
    cli_print(call, "Saved as " STR_FMT ".\n", STR_ARG(r.id));
    report_next(call, &r);
    return OK;
}

Err cli_note_public_url(CliCall *call, const char *whom) {
    Str url;
    TRY(desk_public_url(call->c, call->node, &url));
    if (url.n == 0)
        cli_note(call,
                 "moei: the address for %s has no host yet: `moei serve " STR_FMT
                 " --public-url https://HOST` sets it",
                 whom, STR_ARG(call->args[0]));
    return OK;
}

Err cli_report_code(CliCall *call) {
    Str address;
    TRY(desk_report_address(call->c, &call->desk, call->args[1], &address));
    if (call->json) {
        JsonWriter w = json_writer_start(&call->out);
        json_put_object_begin(&w);
        json_put_key_str(&w, "victim_url", address);
        json_put_object_end(&w);
        TRY(json_writer_end(call->c, &w));
        cli_end_json(call);
        return OK;
    }
    cli_print(call, STR_FMT "\n", STR_ARG(address));
    return cli_note_public_url(call, "the victim");
}

Err cli_report_show(CliCall *call) {
    DeskReport r;
    TRY(desk_report_get(call->c, &call->desk, call->args[1], &r));
    if (!call->json)
        return report_print(call, &r);
    TRY(desk_report_json(call->c, &r, &call->out));
    cli_end_json(call);
    return OK;
}

Err cli_report_list(CliCall *call) {
    static const char *const titles[] = {"Report", "Reported", "Country",   "Loss",
                                         "",       "Seeds",    "Transfers", "Case"};
    static const bool right[] = {false, false, false, true, false, true, true, false};
    DeskPage page;
    DeskReportList list;
    TRY(cli_page(call, &page));
    TRY(desk_report_list(call->c, &call->desk, page, &list));
    if (call->json) {
        TRY(desk_report_list_json(call->c, &list, &call->out));
        cli_end_json(call);
        return OK;
    }
    AUTO(CliTable) t = {0};
    cli_table_start(&t, titles, right, COUNT_OF(titles));
    for (size_t i = 0; i < list.count; i++) {
        const DeskReport *r = &list.items[i];
        Str when, loss = {0};
        TRY(desk_time_local(call->c, call->node, r->reported_at, &when));
        if (r->has_loss)
            TRY(desk_amount_text(call->c, call->node, r->loss, r->currency, &loss));
        cli_table_cell(&t, r->name);
        cli_table_cell(&t, when);
        cli_table_cell(&t, r->country);
        cli_table_cell(&t, loss);
        cli_table_cell(&t, r->has_loss ? r->currency : (Str){0});
        cli_table_cell_i64(&t, (int64_t)r->seed_count);
        cli_table_cell_i64(&t, (int64_t)r->transfer_count);
        cli_table_cell(&t, r->case_id);
    }
    if (list.count == 0)
        cli_print(call, "There are no reports%s.\n", page.cursor.n ? " behind this one" : "");
    else
        TRY(cli_table_print(call, &t));
    cli_say_next(call, list.next);
    return OK;
}

static Err match_print(CliCall *call, const DeskMatch *m) {
    static const char *const titles[] = {"Transfer", "Booked", "From",  "To",
                                         "Amount",   "",       "Score", "Why"};
    static const bool right[] = {false, false, false, false, true, false, true, false};
    AUTO(CliTable) t = {0};
    cli_table_start(&t, titles, right, COUNT_OF(titles));
    for (size_t i = 0; i < m->count; i++) {
        const DeskProposal *p = &m->items[i];
        Str when, from, to, amount, id;
        TRY(desk_time_local(call->c, call->node, p->booked_at, &when));
        TRY(cli_account_text(call->c, &p->from, &from));
        TRY(cli_account_text(call->c, &p->to, &to));
        TRY(desk_amount_text(call->c, call->node, p->amount.amount, p->amount.currency, &amount));
        TRY(str_format(call->c, &id, "%s" STR_FMT, p->picked ? "* " : "", STR_ARG(p->transfer)));
        cli_table_cell(&t, id);
        cli_table_cell(&t, when);
        cli_table_cell(&t, from);
        cli_table_cell(&t, to);
        cli_table_cell(&t, amount);
        cli_table_cell(&t, p->amount.currency);
        cli_table_cell_i64(&t, p->score);
        cli_table_cell(&t, p->why);
    }
    TRY(cli_table_print(call, &t));
    if (m->more)
        cli_print(call, "There are more; a report with an amount and a time finds fewer.\n");
    cli_print(call,
              "\nNone is traced until you pick it: `moei report match " STR_FMT " " STR_FMT
              " --pick TRANSFER[,…]`. Picked ones carry a star.\n",
              STR_ARG(call->args[0]), STR_ARG(m->report));
    return OK;
}

Err cli_report_match(CliCall *call) {
    DeskMatch m;
    if (cli_flag(call, "pick")) {
        Str *picks;
        size_t count;
        TRY(cli_option_list(call, "pick", &picks, &count));
        if (count == 1 && str_eq_c(picks[0], "none"))
            count = 0;
        else if (count == 0)
            return fail(call->c, E_USAGE, "--pick wants ids of transfers, or `none`");
        TRY(desk_report_pick(call->c, &call->desk, call->args[1], picks, count));
        if (!call->json) {
            cli_print(call, "Report " STR_FMT " has %zu picked transfer%s now.\n",
                      STR_ARG(call->args[1]), count, count == 1 ? "" : "s");
            return OK;
        }
    }
    TRY(desk_report_match(call->c, &call->desk, call->args[1], &m));
    if (call->json) {
        TRY(desk_match_json(call->c, &m, &call->out));
        cli_end_json(call);
    } else if (m.count > 0) {
        TRY(match_print(call, &m));
    }
    if (m.count == 0 && !cli_flag(call, "pick")) {
        char from[TIME_TEXT_BYTES], until[TIME_TEXT_BYTES];
        time_format(m.from_us, from);
        time_format(m.until_us, until);
        return fail(call->c, E_NOT_FOUND,
                    "no transfer fits report " STR_FMT " between %s and %s; check account, amount "
                    "and time, or import the bank's file",
                    STR_ARG(call->args[1]), from, until);
    }
    return OK;
}
