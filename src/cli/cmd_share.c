// share, shared, retract: what goes to other agencies, what came from them, what is taken back.
#include "cli/cli_priv.h"

static Err mark_field(CliCall *call, const char *name, const JsonValue *v) {
    const JsonValue *m = cli_json_part(v, "mark");
    AUTO(Buf) b = {0};
    Str purposes, until, note = cli_json_str(m, "note");
    TRY(cli_json_texts(call->c, cli_json_list(m, "purposes"), &purposes));
    TRY(cli_json_time(call, m, "until", &until));
    buf_format(&b, "TLP:" STR_FMT ", PAP:" STR_FMT ", " STR_FMT, STR_ARG(cli_json_str(m, "tlp")),
               STR_ARG(cli_json_str(m, "pap")), STR_ARG(cli_json_str(m, "handling")));
    if (note.n)
        buf_format(&b, " (" STR_FMT ")", STR_ARG(note));
    if (purposes.n)
        buf_format(&b, ", for " STR_FMT, STR_ARG(purposes));
    if (until.n)
        buf_format(&b, ", until " STR_FMT, STR_ARG(until));
    cli_field_buf(call, name, &b);
    return OK;
}

static void words_of(CliCall *call, const char *title, const JsonValue *list) {
    for (uint32_t i = 0; i < list->count; i++) {
        AUTO(Buf) b = {0};
        Str name = cli_json_str(&list->items[i], "name");
        buf_format(&b, STR_FMT ": " STR_FMT, STR_ARG(name),
                   STR_ARG(cli_json_str(&list->items[i], "words")));
        cli_field_buf(call, i ? "" : title, &b);
    }
}

Err cli_say_sees(CliCall *call, const char *kind) {
    AUTO(Buf) json = {0};
    const JsonValue *v;
    Str accord = cli_option_str(call, "accord");
    if (accord.n == 0 || call->json)
        return OK;
    TRY(desk_accord_sees_json(call->c, &call->desk, accord, str_of(kind), &json));
    TRY(cli_answer_read(call, &json, &v));
    TRY(mark_field(call, "Marked", v));
    words_of(call, "Will see it", cli_json_list(v, "sees"));
    cli_field(call, "Note", cli_json_str(v, "words"));
    cli_print(call, "\n");
    return OK;
}

// --- share --------------------------------------------------------------------------------------

static Err preview_print(CliCall *call, const JsonValue *v) {
    Str text;
    TRY(str_format(call->c, &text, STR_FMT " (" STR_FMT ", %lld record%s)",
                   STR_ARG(cli_json_str(v, "record")), STR_ARG(cli_json_str(v, "kind")),
                   (long long)cli_json_i64(v, "records"),
                   cli_json_i64(v, "records") == 1 ? "" : "s"));
    cli_field(call, "Record", text);
    TRY(mark_field(call, "Granted", v));
    words_of(call, "Will see it", cli_json_list(v, "sees"));
    words_of(call, "Lose it", cli_json_list(v, "loses"));
    cli_field(call, "Note", cli_json_str(v, "words"));
    return OK;
}

static Err draft_of(CliCall *call, DeskShareDraft *ret_draft) {
    DeskShareDraft d = {.accord = cli_option_str(call, "accord"),
                        .tlp = cli_option_str(call, "tlp"),
                        .pap = cli_option_str(call, "pap"),
                        .handling = cli_option_str(call, "handling"),
                        .handling_words = cli_option_str(call, "handling-words"),
                        .until = cli_option_str(call, "until"),
                        .title = cli_option_str(call, "title"),
                        .due_at = cli_option_str(call, "due-at"),
                        .contact = cli_option_str(call, "contact"),
                        .answers = cli_option_str(call, "answers"),
                        .only = cli_flag(call, "only")};
    Str *to, *purposes;
    TRY(cli_option_list(call, "to", &to, &d.to_count));
    TRY(cli_option_list(call, "purpose", &purposes, &d.purpose_count));
    d.to = to;
    d.purposes = purposes;
    *ret_draft = d;
    return OK;
}

static Err shared_print(CliCall *call, const JsonValue *v) {
    TRY(preview_print(call, v));
    const JsonValue *shares = cli_json_list(v, "shares"), *back = cli_json_list(v, "retracts");
    for (uint32_t i = 0; i < shares->count; i++) {
        AUTO(Buf) b = {0};
        const JsonValue *s = &shares->items[i];
        buf_format(&b, STR_FMT " to " STR_FMT ": " STR_FMT, STR_ARG(cli_json_str(s, "id")),
                   STR_ARG(cli_json_str(s, "name")), STR_ARG(cli_json_str(s, "state")));
        cli_field_buf(call, i ? "" : "Shares", &b);
    }
    TRY(cli_field_list(call, "Retractions", v, "retracts"));
    if (cli_json_true(v, "needs_second"))
        cli_print(call, "\nIt names a flagged party: nothing goes out before another officer signs "
                        "it with\n`moei shared act DIR SHARE second`.\n");
    if (back->count > 0)
        cli_print(call, "\nWho lost it is asked to let go; `moei shared retractions` shows who "
                        "acknowledged.\n");
    return OK;
}

Err cli_share(CliCall *call) {
    AUTO(Buf) json = {0};
    DeskShareDraft d;
    TRY(draft_of(call, &d));
    if (cli_flag(call, "dry-run")) {
        TRY(desk_share_preview_json(call->c, &call->desk, call->args[1], &d, &json));
        return cli_answer_print(call, &json, preview_print);
    }
    TRY(desk_share(call->c, &call->desk, call->args[1], &d, &json));
    return cli_answer_print(call, &json, shared_print);
}

// --- what is shared -----------------------------------------------------------------------------

static Err share_print(CliCall *call, const JsonValue *v) {
    const JsonValue *acts = cli_json_list(v, "acts");
    bool in = str_eq_c(cli_json_str(v, "box"), "in");
    cli_field(call, "Share", cli_json_str(v, "id"));
    cli_field(call, in ? "From" : "To", cli_json_str(v, "name"));
    cli_field(call, "Title", cli_json_str(v, "title"));
    cli_field(call, "Kind", cli_json_str(v, "kind"));
    cli_field(call, "Record", cli_json_str(v, "record"));
    TRY(mark_field(call, "Granted", v));
    cli_field(call, "State", cli_json_str(v, "state"));
    TRY(cli_field_when(call, "Shared", v, "at"));
    TRY(cli_field_when(call, cli_json_true(v, "overdue") ? "OVERDUE since" : "Answer by", v,
                       "due_at"));
    cli_field(call, "Contact", cli_json_str(v, "contact"));
    cli_field(call, "Answers", cli_json_str(v, "answers"));
    for (uint32_t i = 0; i < acts->count; i++) {
        AUTO(Buf) b = {0};
        Str at;
        TRY(cli_json_time(call, &acts->items[i], "at", &at));
        Str code = cli_json_str(&acts->items[i], "code"),
            note = cli_json_str(&acts->items[i], "note");
        buf_format(&b, STR_FMT " by " STR_FMT ", " STR_FMT "%s" STR_FMT "%s" STR_FMT,
                   STR_ARG(cli_json_str(&acts->items[i], "act")),
                   STR_ARG(cli_json_str(&acts->items[i], "name")), STR_ARG(at), code.n ? ", " : "",
                   STR_ARG(code), note.n ? ": " : "", STR_ARG(note));
        cli_field_buf(call, i ? "" : "Acts", &b);
    }
    return cli_field_list(call, "You may", v, "may");
}

static Err shares_print(CliCall *call, const JsonValue *v) {
    static const char *const titles[] = {"Share", "With",      "",     "Kind",
                                         "State", "Answer by", "Title"};
    static const bool right[COUNT_OF(titles)] = {false};
    const JsonValue *items = cli_json_list(v, "items");
    AUTO(CliTable) t = {0};
    if (items->count == 0) {
        cli_print(call, "Nothing is shared here.\n");
        return OK;
    }
    cli_table_start(&t, titles, right, COUNT_OF(titles));
    for (uint32_t i = 0; i < items->count; i++) {
        const JsonValue *s = &items->items[i];
        Str due;
        TRY(cli_json_time(call, s, "due_at", &due));
        if (cli_json_true(s, "overdue"))
            TRY(str_format(call->c, &due, "OVERDUE since " STR_FMT, STR_ARG(due)));
        cli_table_cell(&t, cli_json_str(s, "id"));
        cli_table_cell(&t, cli_json_str(s, "name"));
        cli_table_cell(&t, cli_json_str(s, "box"));
        cli_table_cell(&t, cli_json_str(s, "kind"));
        cli_table_cell(&t, cli_json_str(s, "state"));
        cli_table_cell(&t, due);
        cli_table_cell(&t, cli_json_str(s, "title"));
    }
    TRY(cli_table_print(call, &t));
    cli_say_next(call, cli_json_str(v, "next"));
    return OK;
}

Err cli_shared_list(CliCall *call) {
    AUTO(Buf) json = {0};
    DeskPage page;
    DeskBox box;
    TRY(cli_page(call, &page));
    TRY(desk_box_find(call->c, cli_option_str(call, "box"), &box));
    TRY(desk_share_list_json(call->c, &call->desk, box, page, &json));
    return cli_answer_print(call, &json, shares_print);
}

// A share is shown as one, any other record by who holds it.
static Err sharing_print(CliCall *call, const JsonValue *v) {
    static const char *const titles[] = {"Held by", "Since", "By", "Taken back", "Let go"};
    static const bool right[COUNT_OF(titles)] = {false};
    const JsonValue *holders = cli_json_list(v, "holders");
    cli_field(call, "Record", cli_json_str(v, "record"));
    cli_field(call, "Kind", cli_json_str(v, "kind"));
    TRY(mark_field(call, "Mark", v));
    TRY(cli_field_list(call, "You may", v, "may"));
    if (holders->count == 0) {
        cli_print(call, "No other agency holds it, as far as we know.\n");
        return OK;
    }
    AUTO(CliTable) t = {0};
    cli_print(call, "\n");
    cli_table_start(&t, titles, right, COUNT_OF(titles));
    for (uint32_t i = 0; i < holders->count; i++) {
        const JsonValue *h = &holders->items[i];
        Str since, retracted, gone;
        TRY(cli_json_time(call, h, "since", &since));
        TRY(cli_json_time(call, h, "retracted_at", &retracted));
        TRY(cli_json_time(call, h, "let_go_at", &gone));
        if (gone.n == 0 && cli_json_true(h, "overdue"))
            gone = STR("OVERDUE");
        cli_table_cell(&t, cli_json_str(h, "name"));
        cli_table_cell(&t, since);
        cli_table_cell(&t, cli_json_str(h, "by"));
        cli_table_cell(&t, retracted);
        cli_table_cell(&t, gone);
    }
    return cli_table_print(call, &t);
}

Err cli_shared_show(CliCall *call) {
    AUTO(Buf) json = {0};
    Err e = desk_share_json(call->c, &call->desk, call->args[1], &json);
    if (e == OK)
        return cli_answer_print(call, &json, share_print);
    if (e != E_NOT_FOUND)
        return e;
    buf_clear(&json);
    TRY(desk_sharing_json(call->c, &call->desk, call->args[1], &json));
    return cli_answer_print(call, &json, sharing_print);
}

Err cli_shared_act(CliCall *call) {
    AUTO(Buf) json = {0};
    DeskShareActDraft d = {.act = call->args[2],
                           .handling = cli_option_str(call, "handling"),
                           .code = cli_option_str(call, "code"),
                           .note = cli_option_str(call, "note")};
    TRY(desk_share_act(call->c, &call->desk, call->args[1], &d, &json));
    return cli_answer_print(call, &json, share_print);
}

// --- taken back ---------------------------------------------------------------------------------

static Err back_row(CliCall *call, CliTable *t, const JsonValue *r) {
    const JsonValue *from = cli_json_list(r, "from");
    Str at, due;
    TRY(cli_json_time(call, r, "at", &at));
    TRY(cli_json_time(call, r, "due_at", &due));
    for (uint32_t i = 0; i < from->count; i++) {
        const JsonValue *f = &from->items[i];
        Str gone;
        TRY(cli_json_time(call, f, "let_go_at", &gone));
        if (gone.n == 0)
            TRY(str_format(
                call->c, &gone, STR_FMT " " STR_FMT,
                STR_ARG(cli_json_true(f, "overdue") ? STR("OVERDUE since") : STR("waiting, due")),
                STR_ARG(due)));
        cli_table_cell(t, at);
        cli_table_cell(t, cli_json_str(r, "what"));
        cli_table_cell(t, cli_json_str(r, "kind"));
        cli_table_cell(t, cli_json_str(r, "title"));
        cli_table_cell(t, cli_json_str(f, "name"));
        cli_table_cell(t, gone);
    }
    return OK;
}

static Err back_table(CliCall *call, const JsonValue *items, size_t count) {
    static const char *const titles[] = {"At", "What", "Kind", "Record", "From", "Acknowledged"};
    static const bool right[COUNT_OF(titles)] = {false};
    AUTO(CliTable) t = {0};
    cli_table_start(&t, titles, right, COUNT_OF(titles));
    for (size_t i = 0; i < count; i++)
        TRY(back_row(call, &t, &items[i]));
    return cli_table_print(call, &t);
}

static Err retract_print(CliCall *call, const JsonValue *v) {
    cli_field(call, "Retraction", cli_json_str(v, "id"));
    cli_field(call, "Now", cli_json_str(v, "words"));
    return back_table(call, v, 1);
}

static Err back_print(CliCall *call, const JsonValue *v) {
    const JsonValue *items = cli_json_list(v, "items");
    if (items->count == 0)
        cli_print(call, "Nothing was taken back.\n");
    else
        TRY(back_table(call, items->items, items->count));
    cli_say_next(call, cli_json_str(v, "next"));
    return OK;
}

Err cli_retract(CliCall *call) {
    AUTO(Buf) json = {0};
    DeskRetractDraft d = {.reason = cli_option_str(call, "reason")};
    Str *from;
    TRY(cli_option_list(call, "from", &from, &d.from_count));
    d.from = from;
    TRY(desk_retract(call->c, &call->desk, call->args[1], &d, &json));
    return cli_answer_print(call, &json, retract_print);
}

Err cli_shared_back(CliCall *call) {
    AUTO(Buf) json = {0};
    DeskPage page;
    TRY(cli_page(call, &page));
    TRY(desk_retraction_list_json(call->c, &call->desk, page, &json));
    return cli_answer_print(call, &json, back_print);
}
