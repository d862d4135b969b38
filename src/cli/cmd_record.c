// record, erase: the ledger as it is.
#include "cli/cli_priv.h"

Err cli_record_list(CliCall *call) {
    static const char *const titles[] = {"Leaf", "At", "Kind", "Record", "Of", "State"};
    static const bool right[] = {true, false, false, false, false, false};
    DeskPage page;
    DeskRecordList list;
    TRY(cli_page(call, &page));
    TRY(desk_record_list(call->c, &call->desk, cli_option_str(call, "kind"), page, &list));
    if (call->json) {
        TRY(desk_record_list_json(call->c, &list, &call->out));
        cli_end_json(call);
        return OK;
    }
    AUTO(CliTable) t = {0};
    cli_table_start(&t, titles, right, COUNT_OF(titles));
    for (size_t i = 0; i < list.count; i++) {
        const DeskRecord *r = &list.items[i];
        Str when;
        TRY(desk_time_local(call->c, call->node, r->at, &when));
        cli_table_cell_i64(&t, (int64_t)r->leaf);
        cli_table_cell(&t, when);
        cli_table_cell(&t, r->kind);
        cli_table_cell(&t, r->id);
        cli_table_cell(&t, r->of);
        cli_table_cell(&t, r->state);
    }
    if (list.count == 0)
        cli_print(call, "There are no such records%s.\n", page.cursor.n ? " behind this one" : "");
    else
        TRY(cli_table_print(call, &t));
    cli_say_next(call, list.next);
    return OK;
}

static Str signature_words(Str state) {
    static const struct {
        const char *state, *words;
    } rows[] = {{"checked", "by the key of that officer"},
                {"key_unknown", "key not known here: the agency's log alone vouches for it"},
                {"other_key", "NOT BY THAT OFFICER'S KEY"},
                {"false", "THE SIGNATURE DOES NOT HOLD"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (str_eq_c(state, rows[i].state))
            return str_of(rows[i].words);
    return state;
}

static Err record_print(CliCall *call, const DeskRecord *r) {
    Str text;
    cli_field(call, "Record", r->id);
    cli_field(call, "Kind", r->kind);
    TRY(cli_field_time(call, "At", r->at));
    cli_field(call, "Of", r->of);
    cli_field(call, "Agency", r->agency);
    cli_field(call, "Officer", r->officer.n ? r->officer : STR("the machine"));
    cli_field(call, "State", r->state);
    for (size_t i = 0; i < r->sig_count; i++) {
        TRY(str_format(call->c, &text, STR_FMT ", " STR_FMT, STR_ARG(r->sigs[i].officer),
                       STR_ARG(signature_words(r->sigs[i].state))));
        cli_field(call, i ? "" : "Signed by", text);
    }
    cli_field(call, "Envelope", r->envelope);
    cli_field(call, "Salt", r->salt);
    cli_field(call, "Commitment", r->commitment);
    TRY(str_format(call->c, &text, "leaf %llu of log " STR_FMT ", in a tree of %llu",
                   (unsigned long long)r->leaf, STR_ARG(r->log), (unsigned long long)r->tree_size));
    cli_field(call, "Place", text);
    for (size_t i = 0; i < r->proof_count; i++)
        cli_field(call, i ? "" : "Path", r->proof[i]);
    cli_field(call, "Checkpoint", str_trim(r->checkpoint));
    cli_field(call, "Verified",
              r->verified ? STR("yes: commitment, path and the log's signature fit")
                          : STR("NO: it does not fit; run `moei verify`"));
    return OK;
}

static Err record_answer(CliCall *call, const DeskRecord *r) {
    if (!call->json)
        return record_print(call, r);
    TRY(desk_record_json(call->c, r, &call->out));
    cli_end_json(call);
    return OK;
}

Err cli_record_show(CliCall *call) {
    DeskRecord r;
    TRY(desk_record_get(call->c, &call->desk, call->args[1], &r));
    TRY(record_answer(call, &r));
    // An erased record has no opening to check; its leaf is proven all the same.
    if (!r.verified && !str_eq_c(r.state, "erased"))
        return fail(call->c, E_CORRUPT,
                    "record " STR_FMT " does not fit its proof; run `moei "
                    "verify` and keep the folder as it is",
                    STR_ARG(r.id));
    return OK;
}

// Which agencies have it, and will be asked to let go: by name, before it is gone.
static Err erase_asks(CliCall *call, Str *ret_names) {
    AUTO(Buf) json = {0}, names = {0};
    const JsonValue *v;
    *ret_names = (Str){0};
    Err e = desk_sharing_json(call->c, &call->desk, call->args[1], &json);
    if (e == E_DENIED || e == E_NOT_FOUND) // the erasure itself says why
        return OK;
    TRY(e);
    TRY(cli_answer_read(call, &json, &v));
    const JsonValue *holders = cli_json_list(v, "holders");
    for (uint32_t i = 0; i < holders->count; i++)
        if (cli_json_str(&holders->items[i], "let_go_at").n == 0)
            buf_format(&names, "%s" STR_FMT, names.n ? ", " : "",
                       STR_ARG(cli_json_str(&holders->items[i], "name")));
    TRY(buf_check(call->c, &names));
    return str_copy(call->c, buf_view(&names), ret_names);
}

Err cli_erase(CliCall *call) {
    DeskRecord r;
    Str asked;
    TRY(erase_asks(call, &asked));
    TRY(desk_erase(call->c, &call->desk, call->args[1], cli_option_str(call, "reason"), &r));
    if (!call->json) {
        cli_print(call, "Erased for ever: " STR_FMT ". Record " STR_FMT " says that and why.\n",
                  STR_ARG(call->args[1]), STR_ARG(r.id));
        if (asked.n > 0)
            cli_print(call,
                      "These agencies have it and are asked to let go: " STR_FMT
                      ". `moei shared retractions` shows who did.\n",
                      STR_ARG(asked));
        return OK;
    }
    return record_answer(call, &r);
}
