// contact, account, report standing: what orders rest on.
#include "cli/cli_priv.h"

static Err contacts_print(CliCall *call, const DeskContact *items, size_t n) {
    static const char *const titles[] = {"Institution", "Desk", "Phone", "E-mail", "Hours", "Note"};
    static const bool right[] = {false, false, false, false, false, false};
    AUTO(CliTable) t = {0};
    if (call->json) {
        TRY(desk_contact_list_json(call->c, items, n, &call->out));
        cli_end_json(call);
        return OK;
    }
    cli_table_start(&t, titles, right, COUNT_OF(titles));
    for (size_t i = 0; i < n; i++) {
        Str name;
        TRY(str_format(call->c, &name, STR_FMT "/" STR_FMT, STR_ARG(items[i].country),
                       STR_ARG(items[i].institution)));
        cli_table_cell(&t, name);
        cli_table_cell(&t, items[i].desk);
        cli_table_cell(&t, items[i].phone);
        cli_table_cell(&t, items[i].email);
        cli_table_cell(&t, items[i].hours);
        cli_table_cell(&t, items[i].note);
    }
    if (n > 0)
        return cli_table_print(call, &t);
    cli_print(call, "There are no contacts.\n");
    return OK;
}

Err cli_contact_add(CliCall *call) {
    DeskContact k = {.country = cli_option_str(call, "country"),
                     .institution = cli_option_str(call, "institution"),
                     .desk = cli_option_str(call, "desk"),
                     .phone = cli_option_str(call, "phone"),
                     .email = cli_option_str(call, "email"),
                     .hours = cli_option_str(call, "hours"),
                     .language = cli_option_str(call, "language"),
                     .note = cli_option_str(call, "note")};
    TRY(desk_contact_put(call->c, &call->desk, &k, &k));
    return contacts_print(call, &k, 1);
}

Err cli_contact_list(CliCall *call) {
    const DeskContact *items;
    size_t n;
    TRY(desk_contact_list(call->c, &call->desk, cli_option_str(call, "country"),
                          cli_option_str(call, "institution"), &items, &n));
    return contacts_print(call, items, n);
}

Err cli_account_show(CliCall *call) {
    TRY(desk_account_json(call->c, &call->desk, call->args[1], &call->out));
    cli_end_json(call);
    return OK;
}

Err cli_account_class(CliCall *call) {
    Str document;
    TRY(cli_document(call, &document));
    TRY(desk_account_class(call->c, &call->desk, call->args[1], call->args[2], document,
                           cli_option_str(call, "on-behalf-of")));
    cli_print(call, STR_FMT " is " STR_FMT " from now on.\n", STR_ARG(call->args[1]),
              STR_ARG(call->args[2]));
    return OK;
}

Err cli_report_standing(CliCall *call) {
    Str document;
    TRY(cli_document(call, &document));
    TRY(desk_report_standing(call->c, &call->desk, call->args[1], call->args[2], document,
                             cli_option_str(call, "note")));
    cli_print(call, "Report " STR_FMT " stands as " STR_FMT ".\n", STR_ARG(call->args[1]),
              STR_ARG(call->args[2]));
    return OK;
}
