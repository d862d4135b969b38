// shift: what is open when one officer hands over to the next.
#include "cli/cli_priv.h"

static void print_items(CliCall *call, const char *title, const JsonValue *list, const char *name,
                        const char *words) {
    if (!list || list->type != JSON_ARRAY || list->count == 0)
        return;
    cli_print(call, "\n%s\n", title);
    for (uint32_t i = 0; i < list->count; i++)
        cli_print(call, "  " STR_FMT "  " STR_FMT "\n",
                  STR_ARG(cli_json_str(&list->items[i], name)),
                  STR_ARG(cli_json_str(&list->items[i], words)));
}

static Err print_shift(CliCall *call, const JsonValue *v) {
    static const char *const whats[][2] = {
        {"open", "Open clocks"},          {"night", "Ends at night or on a day off"},
        {"silent", "Silent banks"},       {"half", "Half reports"},
        {"exchange", "Between agencies"}, {"audit", "To be audited, drawn by chance"}};
    const JsonValue *items = json_find(v, STR("items"));
    Str signer = cli_json_str(v, "signer"), began, ended;
    cli_field(call, "Shift", cli_json_str(v, "id"));
    TRY(cli_json_time(call, v, "began_at", &began));
    TRY(cli_json_time(call, v, "ended_at", &ended));
    cli_field(call, "From", began);
    cli_field(call, "Until", ended);
    cli_field(call, "Closed by", cli_json_str(v, "officer"));
    cli_field(call, "Handed to", cli_json_str(v, "next"));
    cli_field(call, "Signed by", signer.n ? signer : STR("nobody yet: `moei shift sign`"));
    cli_field(call, "Note", cli_json_str(v, "note"));
    for (size_t k = 0; k < COUNT_OF(whats); k++) {
        bool titled = false;
        for (uint32_t i = 0; items && i < items->count; i++) {
            const JsonValue *item = &items->items[i];
            if (!str_eq_c(cli_json_str(item, "what"), whats[k][0]))
                continue;
            if (!titled)
                cli_print(call, "\n%s\n", whats[k][1]);
            titled = true;
            cli_print(call, "  " STR_FMT "  " STR_FMT "\n", STR_ARG(cli_json_str(item, "id")),
                      STR_ARG(cli_json_str(item, "words")));
        }
    }
    return OK;
}

static Err shift_answer(CliCall *call, Str id) {
    AUTO(Buf) json = {0};
    const JsonValue *v;
    TRY(desk_shift_get_json(call->c, &call->desk, id, &json));
    if (call->json) {
        cli_print_buf(call, &json);
        cli_end_json(call);
        return OK;
    }
    TRY(cli_answer_read(call, &json, &v));
    return print_shift(call, v);
}

Err cli_shift_close(CliCall *call) {
    Str id;
    TRY(desk_shift_close(call->c, &call->desk, cli_option_str(call, "next"),
                         cli_option_str(call, "note"), &id));
    return shift_answer(call, id);
}

Err cli_shift_sign(CliCall *call) {
    TRY(desk_shift_sign(call->c, &call->desk, call->args[1], cli_option_str(call, "note")));
    return shift_answer(call, call->args[1]);
}

Err cli_shift_show(CliCall *call) {
    AUTO(Buf) json = {0};
    const JsonValue *v;
    if (call->arg_count > 1)
        return shift_answer(call, call->args[1]);
    TRY(desk_shift_json(call->c, &call->desk, &json));
    if (call->json) {
        cli_print_buf(call, &json);
        cli_end_json(call);
        return OK;
    }
    TRY(cli_answer_read(call, &json, &v));
    const JsonValue *unsigned_one = json_find(v, STR("unsigned"));
    Str began;
    TRY(cli_json_time(call, v, "began_at", &began));
    cli_field(call, "Shift since", began);
    if (unsigned_one && unsigned_one->type == JSON_OBJECT)
        cli_print(call, "The shift before was handed to " STR_FMT " and is not signed.\n",
                  STR_ARG(cli_json_str(unsigned_one, "next")));
    print_items(call, "Open clocks", json_find(v, STR("open")), "number", "words");
    print_items(call, "Ends at night or on a day off", json_find(v, STR("night")), "number",
                "words");
    print_items(call, "Silent banks", json_find(v, STR("silent")), "number", "words");
    print_items(call, "Half reports", json_find(v, STR("half_reports")), "id", "standing");
    print_items(call, "Between agencies", json_find(v, STR("exchange")), "title", "detail");
    print_items(call, "To be audited", json_find(v, STR("audit")), "id", "words");
    return OK;
}

Err cli_shift_list(CliCall *call) {
    static const char *const titles[] = {"Shift",     "From",      "Until",
                                         "Closed by", "Handed to", "Signed by"};
    static const char *const keys[] = {"id", "began_at", "ended_at", "officer", "next", "signer"};
    static const bool right[COUNT_OF(titles)] = {false};
    AUTO(Buf) json = {0};
    DeskPage page;
    const JsonValue *v;
    TRY(cli_page(call, &page));
    TRY(desk_shift_list_json(call->c, &call->desk, page, &json));
    if (call->json) {
        cli_print_buf(call, &json);
        cli_end_json(call);
        return OK;
    }
    TRY(cli_answer_read(call, &json, &v));
    const JsonValue *items = json_find(v, STR("items"));
    AUTO(CliTable) t = {0};
    cli_table_start(&t, titles, right, COUNT_OF(titles));
    for (uint32_t i = 0; i < items->count; i++) {
        for (size_t k = 0; k < COUNT_OF(keys); k++) {
            Str cell = cli_json_str(&items->items[i], keys[k]);
            if (str_ends(str_of(keys[k]), STR("_at")))
                TRY(cli_json_time(call, &items->items[i], keys[k], &cell));
            cli_table_cell(&t, cell);
        }
    }
    if (items->count == 0)
        cli_print(call, "No shift was closed yet.\n");
    else
        TRY(cli_table_print(call, &t));
    cli_say_next(call, cli_json_str(v, "next"));
    return OK;
}
