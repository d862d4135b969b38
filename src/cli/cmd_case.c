// case: reports that belong together.
#include "cli/cli_priv.h"

static Err case_print(CliCall *call, const DeskCase *k) {
    AUTO(Buf) b = {0};
    cli_field(call, "Case", k->id);
    cli_field(call, "Title", k->title);
    TRY(cli_field_time(call, "Opened", k->at));
    cli_field(call, "State", k->open ? STR("open") : STR("closed"));
    cli_put_list(&b, k->reports, k->report_count);
    if (b.n == 0)
        buf_text(&b, "none");
    cli_field_buf(call, "Reports", &b);
    buf_clear(&b);
    cli_put_list(&b, k->refused, k->refused_count);
    if (b.n)
        buf_text(&b, " (they stand in another open case)");
    cli_field_buf(call, "Refused", &b);
    return OK;
}

// Shows the case after a change.
static Err case_answer(CliCall *call, Str id) {
    DeskCase k;
    TRY(desk_case_get(call->c, &call->desk, id, &k));
    if (!call->json)
        return case_print(call, &k);
    TRY(desk_case_json(call->c, &k, &call->out));
    cli_end_json(call);
    return OK;
}

Err cli_case_new(CliCall *call) {
    DeskCase k;
    TRY(cli_say_sees(call, "case"));
    TRY(desk_case_new_under(call->c, &call->desk, cli_option_str(call, "title"),
                            cli_option_str(call, "accord"), &k));
    return case_answer(call, k.id);
}

Err cli_case_add(CliCall *call) {
    TRY(desk_case_add(call->c, &call->desk, call->args[1], call->args + 2, call->arg_count - 2));
    return case_answer(call, call->args[1]);
}

Err cli_case_remove(CliCall *call) {
    Str reason = cli_option_str(call, "reason");
    for (size_t i = 2; i < call->arg_count; i++)
        TRY(desk_case_remove(call->c, &call->desk, call->args[1], call->args[i], reason));
    return case_answer(call, call->args[1]);
}

Err cli_case_show(CliCall *call) {
    return case_answer(call, call->args[1]);
}

Err cli_case_list(CliCall *call) {
    static const char *const titles[] = {"Case", "Title", "Opened", "State", "Reports"};
    static const bool right[] = {false, false, false, false, true};
    DeskPage page;
    DeskCaseList list;
    TRY(cli_page(call, &page));
    TRY(desk_case_list(call->c, &call->desk, page, &list));
    if (call->json) {
        TRY(desk_case_list_json(call->c, &list, &call->out));
        cli_end_json(call);
        return OK;
    }
    AUTO(CliTable) t = {0};
    cli_table_start(&t, titles, right, COUNT_OF(titles));
    for (size_t i = 0; i < list.count; i++) {
        const DeskCase *k = &list.items[i];
        Str when;
        TRY(desk_time_local(call->c, call->node, k->at, &when));
        cli_table_cell(&t, k->id);
        cli_table_cell(&t, k->title);
        cli_table_cell(&t, when);
        cli_table_cell(&t, k->open ? STR("open") : STR("closed"));
        cli_table_cell_i64(&t, (int64_t)k->report_count);
    }
    if (list.count == 0)
        cli_print(call, "There are no cases%s.\n", page.cursor.n ? " behind this one" : "");
    else
        TRY(cli_table_print(call, &t));
    cli_say_next(call, list.next);
    return OK;
}
