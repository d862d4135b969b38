// glass, reads: seeing more than one's role for some hours, and the log of who read what.
#include "cli/cli_priv.h"

static const char *glass_state(const DeskGlass *g) {
    if (g->decided)
        return g->ratified ? g->active ? "ratified" : "ratified, over" : "refused";
    return g->active ? "waits for a second officer" : "undone: nobody ratified it";
}

static Err glass_answer(CliCall *call, const DeskGlass *g) {
    if (call->json) {
        TRY(desk_glass_json(call->c, g, &call->out));
        cli_end_json(call);
        return OK;
    }
    cli_field(call, "Id", g->id);
    cli_field(call, "Grants", g->grants);
    cli_field(call, "Officer", g->officer);
    TRY(cli_field_time(call, "Broken", g->at));
    TRY(cli_field_time(call, "Until", g->until));
    cli_field(call, "State", str_of(glass_state(g)));
    cli_field(call, "Decided by", g->decided_by);
    cli_field(call, "Reason", g->reason);
    return OK;
}

Err cli_glass_break(CliCall *call) {
    int64_t hours;
    DeskGlass g;
    TRY(cli_option_int(call, "hours", 1, GLASS_HOURS_MAX, 2, &hours));
    TRY(desk_glass_break(call->c, &call->desk, call->args[1], cli_option_str(call, "reason"), hours,
                         &g));
    return glass_answer(call, &g);
}

Err cli_glass_ratify(CliCall *call) {
    DeskGlass g;
    TRY(desk_glass_ratify(call->c, &call->desk, call->args[1], !cli_flag(call, "refuse"),
                          cli_option_str(call, "note"), &g));
    return glass_answer(call, &g);
}

Err cli_glass_list(CliCall *call) {
    static const char *const titles[] = {"Id", "Grants", "Broken", "Until", "State"};
    static const bool right[] = {false, false, false, false, false};
    const DeskGlass *items;
    size_t n;
    TRY(desk_glass_list(call->c, &call->desk, &items, &n));
    if (call->json) {
        TRY(desk_glass_list_json(call->c, items, n, &call->out));
        cli_end_json(call);
        return OK;
    }
    AUTO(CliTable) t = {0};
    cli_table_start(&t, titles, right, COUNT_OF(titles));
    for (size_t i = 0; i < n; i++) {
        Str at, until;
        TRY(desk_time_local(call->c, call->node, items[i].at, &at));
        TRY(desk_time_local(call->c, call->node, items[i].until, &until));
        cli_table_cell(&t, items[i].id);
        cli_table_cell(&t, items[i].grants);
        cli_table_cell(&t, at);
        cli_table_cell(&t, until);
        cli_table_cell(&t, str_of(glass_state(&items[i])));
    }
    return cli_table_print(call, &t);
}

Err cli_reads_list(CliCall *call) {
    static const char *const titles[] = {"When", "Officer", "For", "By", "Fields", "Records"};
    static const bool right[] = {false, false, false, false, false, false};
    DeskPage page;
    DeskReadList list;
    TRY(cli_page(call, &page));
    TRY(desk_reads_list(call->c, &call->desk, page, &list));
    if (call->json) {
        TRY(desk_reads_list_json(call->c, &list, &call->out));
        cli_end_json(call);
        return OK;
    }
    AUTO(CliTable) t = {0};
    cli_table_start(&t, titles, right, COUNT_OF(titles));
    for (size_t i = 0; i < list.count; i++) {
        const DeskRead *r = &list.items[i];
        AUTO(Buf) fields = {0};
        AUTO(Buf) records = {0};
        Str at;
        TRY(desk_time_local(call->c, call->node, r->at, &at));
        cli_put_list(&fields, r->fields, r->field_count);
        cli_put_list(&records, r->records, r->record_count);
        TRY(buf_check(call->c, &fields));
        TRY(buf_check(call->c, &records));
        cli_table_cell(&t, at);
        cli_table_cell(&t, r->officer);
        cli_table_cell(&t, r->purpose);
        cli_table_cell(&t, r->outlet);
        cli_table_cell(&t, buf_view(&fields));
        cli_table_cell(&t, buf_view(&records));
    }
    TRY(cli_table_print(call, &t));
    cli_say_next(call, list.next);
    return OK;
}
