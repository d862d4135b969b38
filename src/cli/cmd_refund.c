// refund: what was held is shared among those who lost it.
#include "cli/cli_priv.h"

static Err amount_cell(CliCall *call, CliTable *t, int64_t minor, Str currency) {
    Str text;
    TRY(desk_amount_text(call->c, call->node, minor, currency, &text));
    cli_table_cell(t, text);
    return OK;
}

static Err account_cell(CliCall *call, CliTable *t, const JsonValue *holder) {
    const JsonValue *a = json_find(holder, STR("account"));
    FormatAccount account = {cli_json_str(a, "country"), cli_json_str(a, "institution"),
                             cli_json_str(a, "account")};
    Str text;
    TRY(cli_account_text(call->c, &account, &text));
    cli_table_cell(t, text);
    return OK;
}

static void print_words(CliCall *call, const char *title, const JsonValue *list) {
    for (uint32_t i = 0; i < list->count; i++)
        cli_print(call, "%s: " STR_FMT "\n", title,
                  STR_ARG(cli_json_str(&list->items[i], "words")));
}

static Err print_pays(CliCall *call, const JsonValue *pays, Str currency, bool paid) {
    static const char *const titles[] = {"Order", "From account", "Pays", "To report", "Paid"};
    static const bool right[] = {false, false, true, false, true};
    AUTO(CliTable) t = {0};
    if (pays->count == 0)
        return OK;
    cli_table_start(&t, titles, right, paid ? 5 : 4);
    for (uint32_t i = 0; i < pays->count; i++) {
        const JsonValue *p = &pays->items[i];
        cli_table_cell(&t, cli_json_str(p, "order"));
        TRY(account_cell(call, &t, p));
        TRY(amount_cell(call, &t, cli_json_i64(p, "amount"), currency));
        cli_table_cell(&t, cli_json_str(p, "report"));
        if (paid)
            TRY(amount_cell(call, &t, cli_json_i64(p, "paid"), currency));
    }
    return cli_table_print(call, &t);
}

// --- rates --------------------------------------------------------------------------------------

static Err query_of(CliCall *call, Str case_id, DeskRefundQuery *ret_query) {
    DeskRefundQuery q = {.case_id = case_id};
    Str file = cli_option_str(call, "rates");
    if (file.n > 0) {
        TRY(cli_path(call, file, &file));
        TRY(desk_rates_read(call->c, call->node, file, &q.rates, &q.rate_count));
    }
    *ret_query = q;
    return OK;
}

// --- compare ------------------------------------------------------------------------------------

static Err compare_table(CliCall *call, const JsonValue *m) {
    static const char *titles[7] = {"Report", "Lost", "Claims"};
    static const bool right[] = {false, true, true, true, true, true, true};
    const JsonValue *rules = cli_json_list(m, "rules"), *claims = cli_json_list(m, "claims");
    Str currency = cli_json_str(m, "currency");
    size_t columns = 3;
    for (uint32_t i = 0; i < rules->count && columns < COUNT_OF(titles); i++)
        titles[columns++] = cli_json_str(&rules->items[i], "rule").p;
    AUTO(CliTable) t = {0};
    cli_table_start(&t, titles, right, columns);
    for (uint32_t i = 0; i < claims->count; i++) {
        const JsonValue *k = &claims->items[i];
        cli_table_cell(&t, cli_json_str(k, "report"));
        TRY(amount_cell(call, &t, cli_json_i64(k, "loss"), currency));
        TRY(amount_cell(call, &t, cli_json_i64(k, "claim"), currency));
        for (uint32_t r = 0; r + 3 < columns; r++)
            TRY(amount_cell(call, &t, cli_json_list(&rules->items[r], "shares")->items[i].i,
                            currency));
    }
    cli_table_cell(&t, STR("unassigned"));
    cli_table_cell(&t, STR(""));
    cli_table_cell(&t, STR(""));
    for (uint32_t r = 0; r + 3 < columns; r++)
        TRY(amount_cell(call, &t, cli_json_i64(&rules->items[r], "unassigned"), currency));
    return cli_table_print(call, &t);
}

static Err compare_print(CliCall *call, const JsonValue *v) {
    const JsonValue *currencies = cli_json_list(v, "currencies"), *laws = cli_json_list(v, "law");
    for (uint32_t i = 0; i < laws->count; i++) {
        Str rule = cli_json_str(&laws->items[i], "rule");
        cli_print(call, "The law of " STR_FMT " names: " STR_FMT " (" STR_FMT ")\n",
                  STR_ARG(cli_json_str(&laws->items[i], "country")),
                  STR_ARG(rule.n ? rule : STR("no rule")),
                  STR_ARG(cli_json_str(&laws->items[i], "standing")));
    }
    if (currencies->count == 0)
        cli_print(call, "No order of this case holds money that can be shared now.\n");
    for (uint32_t i = 0; i < currencies->count; i++) {
        const JsonValue *m = &currencies->items[i];
        Str total, currency = cli_json_str(m, "currency");
        TRY(desk_amount_text(call->c, call->node, cli_json_i64(m, "total"), currency, &total));
        cli_print(call, "\n" STR_FMT " " STR_FMT " are held in %u pot%s.\n", STR_ARG(total),
                  STR_ARG(currency), cli_json_list(m, "pots")->count,
                  cli_json_list(m, "pots")->count == 1 ? "" : "s");
        TRY(compare_table(call, m));
        const JsonValue *rules = cli_json_list(m, "rules");
        for (uint32_t r = 0; r < rules->count; r++) {
            cli_print(call, "\nWho pays whom by " STR_FMT ":\n",
                      STR_ARG(cli_json_str(&rules->items[r], "rule")));
            TRY(print_pays(call, cli_json_list(&rules->items[r], "pays"), currency, false));
        }
    }
    print_words(call, "Left out", cli_json_list(v, "left_out"));
    print_words(call, "Waits", cli_json_list(v, "waiting"));
    return OK;
}

Err cli_refund_compare(CliCall *call) {
    DeskRefundQuery q;
    AUTO(Buf) json = {0};
    const JsonValue *v;
    TRY(query_of(call, call->args[1], &q));
    TRY(desk_refund_compare(call->c, &call->desk, &q, &json));
    if (call->json) {
        cli_print_buf(call, &json);
        cli_end_json(call);
        return OK;
    }
    TRY(cli_answer_read(call, &json, &v));
    return compare_print(call, v);
}

// --- a plan -------------------------------------------------------------------------------------

static void print_next_step(CliCall *call, Str state) {
    if (str_eq_c(state, "draft"))
        cli_print(call, "Next: two different officers sign it (`moei refund sign`).\n");
    else if (str_eq_c(state, "signed"))
        cli_print(call,
                  "Next: the banks pay (`moei refund export`), and each payment is noted with "
                  "the bank's\nreference (`moei refund paid`).\n");
    else if (str_eq_c(state, "void"))
        cli_print(call, "Next: make a new plan (`moei refund plan`).\n");
    else
        cli_print(call, "Next: settle the orders whose money was paid (`moei order settle`).\n");
}

static Err plan_print(CliCall *call, const JsonValue *v) {
    AUTO(Buf) names = {0};
    const JsonValue *signers = cli_json_list(v, "signers"),
                    *currencies = cli_json_list(v, "currencies");
    for (uint32_t i = 0; i < signers->count; i++) {
        Str name = cli_json_str(&signers->items[i], "name");
        buf_format(&names, "%s" STR_FMT, i ? ", " : "", STR_ARG(name));
    }
    if (names.n == 0)
        buf_text(&names, "nobody yet");
    cli_field(call, "Plan", cli_json_str(v, "id"));
    cli_field(call, "Case", cli_json_str(v, "case_id"));
    cli_field(call, "Rule", cli_json_str(v, "rule"));
    cli_field(call, "State", cli_json_str(v, "state"));
    cli_field(call, "Void because", cli_json_str(v, "void_because"));
    cli_field_buf(call, "Signed by", &names);
    cli_field(call, "SHA-256", cli_json_str(v, "hash"));
    for (uint32_t i = 0; i < currencies->count; i++) {
        const JsonValue *m = &currencies->items[i];
        Str left, currency = cli_json_str(m, "currency");
        cli_print(call, "\n");
        TRY(print_pays(call, cli_json_list(m, "pays"), currency, true));
        TRY(desk_amount_text(call->c, call->node, cli_json_i64(m, "unassigned"), currency, &left));
        cli_print(call, "Unassigned, stays held: " STR_FMT " " STR_FMT "\n", STR_ARG(left),
                  STR_ARG(currency));
    }
    print_words(call, "Left out", cli_json_list(v, "left_out"));
    print_words(call, "Waits", cli_json_list(v, "waiting"));
    print_next_step(call, cli_json_str(v, "state"));
    return OK;
}

static Err plan_answer(CliCall *call, Str id) {
    AUTO(Buf) json = {0};
    const JsonValue *v;
    TRY(desk_refund_json(call->c, &call->desk, id, &json));
    if (call->json) {
        cli_print_buf(call, &json);
        cli_end_json(call);
        return OK;
    }
    TRY(cli_answer_read(call, &json, &v));
    return plan_print(call, v);
}

Err cli_refund_plan(CliCall *call) {
    DeskRefundQuery q;
    Str id;
    TRY(query_of(call, call->args[1], &q));
    TRY(desk_refund_plan(call->c, &call->desk, &q, cli_option_str(call, "rule"), &id));
    return plan_answer(call, id);
}

Err cli_refund_sign(CliCall *call) {
    TRY(desk_refund_sign(call->c, &call->desk, call->args[1]));
    return plan_answer(call, call->args[1]);
}

Err cli_refund_show(CliCall *call) {
    return plan_answer(call, call->args[1]);
}

Err cli_refund_paid(CliCall *call) {
    DeskPaidDraft draft = {.report = cli_option_str(call, "report"),
                           .account = cli_option_str(call, "account"),
                           .currency = cli_option_str(call, "currency"),
                           .amount = cli_option_str(call, "amount"),
                           .reference = cli_option_str(call, "reference")};
    TRY(desk_refund_paid(call->c, &call->desk, call->args[1], &draft));
    return plan_answer(call, call->args[1]);
}

Err cli_refund_list(CliCall *call) {
    static const char *const titles[] = {"Plan", "Made", "Rule", "State", "Signed by"};
    static const bool right[] = {false, false, false, false, true};
    AUTO(Buf) json = {0};
    DeskPage page;
    const JsonValue *v;
    TRY(cli_page(call, &page));
    TRY(desk_refund_list_json(call->c, &call->desk, cli_option_str(call, "case"), page, &json));
    if (call->json) {
        cli_print_buf(call, &json);
        cli_end_json(call);
        return OK;
    }
    TRY(cli_answer_read(call, &json, &v));
    const JsonValue *items = cli_json_list(v, "items");
    AUTO(CliTable) t = {0};
    cli_table_start(&t, titles, right, COUNT_OF(titles));
    for (uint32_t i = 0; i < items->count; i++) {
        const JsonValue *p = &items->items[i];
        cli_table_cell(&t, cli_json_str(p, "id"));
        Str at;
        TRY(cli_json_time(call, p, "at", &at));
        cli_table_cell(&t, at);
        cli_table_cell(&t, cli_json_str(p, "rule"));
        cli_table_cell(&t, cli_json_str(p, "state"));
        cli_table_cell_i64(&t, (int64_t)cli_json_list(p, "signers")->count);
    }
    if (items->count == 0)
        cli_print(call, "There are no refund plans.\n");
    else
        TRY(cli_table_print(call, &t));
    cli_say_next(call, cli_json_str(v, "next"));
    return OK;
}

// --- accounts, files ----------------------------------------------------------------------------

Err cli_refund_account(CliCall *call) {
    Str report = call->args[1];
    if (cli_flag(call, "second")) {
        if (call->arg_count > 2)
            return fail(call->c, E_USAGE, "--second confirms what was entered: give no account");
        TRY(desk_refund_account_second(call->c, &call->desk, report,
                                       cli_option_str(call, "target")));
        cli_print(call, call->json ? "{\"in_force\":true}\n" : "The refund account is in force.\n");
        return OK;
    }
    if (call->arg_count < 3)
        return fail(call->c, E_USAGE, "which account? COUNTRY/INSTITUTION/ACCOUNT, or --second");
    TRY(desk_refund_account(call->c, &call->desk, report, call->args[2],
                            cli_option_str(call, "document")));
    cli_print(call, call->json ? "{\"in_force\":false}\n"
                               : "Noted. It counts once another officer has confirmed it:\n"
                                 "`moei refund account DIR REPORT --second`.\n");
    return OK;
}

Err cli_refund_export(CliCall *call) {
    static const char *const names[] = {"csv", "xlsx", "html"};
    Str form = cli_option_str(call, "form"), path = cli_option_str(call, "out");
    size_t i = 0;
    AUTO(Buf) bytes = {0};
    while (i < COUNT_OF(names) && !str_eq_c(form, names[i]))
        i++;
    if (i == COUNT_OF(names))
        return fail(call->c, E_USAGE, "--form is csv, xlsx or html (to print)");
    TRY(desk_refund_export(call->c, &call->desk, call->args[1], (DeskRefundForm)i, &bytes));
    TRY(cli_path(call, path, &path));
    TRY(file_replace(call->c, path, buf_view(&bytes)));
    cli_note(call, "written: " STR_FMT " (%zu bytes)", STR_ARG(path), bytes.n);
    return OK;
}
