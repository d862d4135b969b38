// notice: requests, alerts and permission to pass on, between agencies.
#include "cli/cli_priv.h"

static Err list_of(CliCall *call, const char *name, const Str **ret_items, size_t *ret_n) {
    Str *items;
    TRY(cli_option_list(call, name, &items, ret_n));
    *ret_items = items;
    return OK;
}

static Err notice_acts(CliCall *call, const JsonValue *acts) {
    for (uint32_t i = 0; i < acts->count; i++) {
        const JsonValue *a = &acts->items[i];
        AUTO(Buf) b = {0};
        Str at, until, shares;
        TRY(cli_json_time(call, a, "at", &at));
        TRY(cli_json_time(call, a, "until", &until));
        TRY(cli_json_texts(call->c, cli_json_list(a, "shares"), &shares));
        buf_format(&b, STR_FMT " by " STR_FMT ", " STR_FMT, STR_ARG(cli_json_str(a, "act")),
                   STR_ARG(cli_json_str(a, "name")), STR_ARG(at));
        if (until.n)
            buf_format(&b, ", until " STR_FMT, STR_ARG(until));
        if (cli_json_str(a, "code").n)
            buf_format(&b, ", " STR_FMT, STR_ARG(cli_json_str(a, "code")));
        if (shares.n)
            buf_format(&b, ", shares " STR_FMT, STR_ARG(shares));
        if (cli_json_str(a, "note").n)
            buf_format(&b, ": " STR_FMT, STR_ARG(cli_json_str(a, "note")));
        cli_field_buf(call, i ? "" : "Acts", &b);
    }
    return OK;
}

static Err notice_print(CliCall *call, const JsonValue *v) {
    const JsonValue *to = cli_json_list(v, "to");
    cli_field(call, "Notice", cli_json_str(v, "id"));
    cli_field(call, "Act", cli_json_str(v, "act"));
    cli_field(call, "From", cli_json_str(v, "name"));
    for (uint32_t i = 0; i < to->count; i++) {
        AUTO(Buf) b = {0};
        buf_str(&b, cli_json_str(&to->items[i], "name")); // what it said stands with the acts
        cli_field_buf(call, i ? "" : "To", &b);
    }
    cli_field(call, "Title", cli_json_str(v, "title"));
    cli_field(call, "State", cli_json_str(v, "state"));
    cli_field(call, "Passed to", cli_json_str(cli_json_part(v, "recipient"), "name"));
    TRY(cli_field_list(call, "Records", v, "records"));
    cli_field(call, "Handling", cli_json_str(v, "handling"));
    TRY(cli_field_when(call, "At", v, "at"));
    TRY(cli_field_when(call, cli_json_true(v, "overdue") ? "OVERDUE since" : "Answer by", v,
                       "due_at"));
    cli_field(call, "Contact", cli_json_str(v, "contact"));
    TRY(notice_acts(call, cli_json_list(v, "acts")));
    TRY(cli_field_list(call, "You may", v, "may"));
    Str text = cli_json_str(v, "text");
    if (text.n > 0)
        cli_print(call, "\n" STR_FMT "\n", STR_ARG(text));
    return OK;
}

Err cli_notice_new(CliCall *call) {
    AUTO(Buf) json = {0};
    DeskNoticeDraft d = {.act = call->args[1],
                         .title = cli_option_str(call, "title"),
                         .text = cli_option_str(call, "text"),
                         .recipient = cli_option_str(call, "recipient"),
                         .handling = cli_option_str(call, "handling"),
                         .due_at = cli_option_str(call, "due-at"),
                         .contact = cli_option_str(call, "contact")};
    TRY(list_of(call, "to", &d.to, &d.to_count));
    TRY(list_of(call, "record", &d.records, &d.record_count));
    TRY(desk_notice_new(call->c, &call->desk, &d, &json));
    return cli_answer_print(call, &json, notice_print);
}

Err cli_notice_show(CliCall *call) {
    AUTO(Buf) json = {0};
    TRY(desk_notice_json(call->c, &call->desk, call->args[1], &json));
    return cli_answer_print(call, &json, notice_print);
}

Err cli_notice_act(CliCall *call) {
    AUTO(Buf) json = {0};
    DeskNoticeActDraft d = {.act = call->args[2],
                            .until = cli_option_str(call, "until"),
                            .code = cli_option_str(call, "code"),
                            .note = cli_option_str(call, "note")};
    TRY(list_of(call, "share", &d.shares, &d.share_count));
    TRY(desk_notice_act(call->c, &call->desk, call->args[1], &d, &json));
    return cli_answer_print(call, &json, notice_print);
}

static Err names_of(CliCall *call, const JsonValue *to, Str *ret_names) {
    AUTO(Buf) b = {0};
    for (uint32_t i = 0; i < to->count; i++)
        buf_format(&b, "%s" STR_FMT, i ? ", " : "", STR_ARG(cli_json_str(&to->items[i], "name")));
    TRY(buf_check(call->c, &b));
    return str_copy(call->c, buf_view(&b), ret_names);
}

static Err notices_print(CliCall *call, const JsonValue *v) {
    static const char *const titles[] = {"Notice", "",          "Act",  "With",
                                         "State",  "Answer by", "Title"};
    static const bool right[COUNT_OF(titles)] = {false};
    const JsonValue *items = cli_json_list(v, "items");
    AUTO(CliTable) t = {0};
    if (items->count == 0) {
        cli_print(call, "There are no requests and no alerts.\n");
        return OK;
    }
    cli_table_start(&t, titles, right, COUNT_OF(titles));
    for (uint32_t i = 0; i < items->count; i++) {
        const JsonValue *n = &items->items[i];
        Str due, with = cli_json_str(n, "name");
        if (str_eq_c(cli_json_str(n, "box"), "out"))
            TRY(names_of(call, cli_json_list(n, "to"), &with));
        TRY(cli_json_time(call, n, "due_at", &due));
        if (cli_json_true(n, "overdue"))
            TRY(str_format(call->c, &due, "OVERDUE since " STR_FMT, STR_ARG(due)));
        cli_table_cell(&t, cli_json_str(n, "id"));
        cli_table_cell(&t, cli_json_str(n, "box"));
        cli_table_cell(&t, cli_json_str(n, "act"));
        cli_table_cell(&t, with);
        cli_table_cell(&t, cli_json_str(n, "state"));
        cli_table_cell(&t, due);
        cli_table_cell(&t, cli_json_str(n, "title"));
    }
    TRY(cli_table_print(call, &t));
    cli_say_next(call, cli_json_str(v, "next"));
    return OK;
}

Err cli_notice_list(CliCall *call) {
    AUTO(Buf) json = {0};
    DeskPage page;
    DeskBox box;
    TRY(cli_page(call, &page));
    TRY(desk_box_find(call->c, cli_option_str(call, "box"), &box));
    TRY(desk_notice_list_json(call->c, &call->desk, box, page, &json));
    return cli_answer_print(call, &json, notices_print);
}
