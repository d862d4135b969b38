// order: drafts, acts, letters, answers. One runner serves all acts: the noun is the act.
#include "cli/cli_priv.h"

// --- documents ----------------------------------------------------------------------------------

static Str type_of(Str name) {
    static const char *const types[][2] = {{".pdf", "application/pdf"}, {".png", "image/png"},
                                           {".jpg", "image/jpeg"},      {".jpeg", "image/jpeg"},
                                           {".csv", "text/csv"},        {".txt", "text/plain"},
                                           {".html", "text/html"}};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        if (str_ends(name, str_of(types[i][0])))
            return str_of(types[i][1]);
    }
    return STR("application/octet-stream");
}

Err cli_document(CliCall *call, Str *ret_sha256) {
    Str file = cli_option_str(call, "document"), path, bytes;
    *ret_sha256 = (Str){0};
    if (file.n == 0)
        return OK;
    TRY(cli_path(call, file, &path));
    TRY(file_read_all(call->c, path, ATTACHMENT_BYTES_MAX, &bytes));
    size_t at = path.n;
    while (at > 0 && path.p[at - 1] != '/')
        at--;
    Str name = {path.p + at, path.n - at};
    DeskAttachment a;
    TRY(desk_attachment_put(call->c, &call->desk, name, type_of(name), bytes, NULL, 0, &a));
    return str_copy(call->c, str_of(a.sha256), ret_sha256);
}

// --- propose ------------------------------------------------------------------------------------

static Err left_out_print(CliCall *call, const DeskProposed *p) {
    if (p->left_out_count > 0)
        cli_print(call, "Left out:\n");
    for (size_t i = 0; i < p->left_out_count; i++) {
        const DeskLeftOut *l = &p->left_out[i];
        Str account, amount = {0};
        TRY(cli_account_text(call->c, &l->account, &account));
        if (l->amount > 0) {
            TRY(desk_amount_text(call->c, call->node, l->amount, l->currency, &amount));
            TRY(str_format(call->c, &amount, " " STR_FMT " " STR_FMT ",", STR_ARG(amount),
                           STR_ARG(l->currency)));
        }
        cli_print(call, "  " STR_FMT STR_FMT " " STR_FMT ": " STR_FMT "\n", STR_ARG(account),
                  STR_ARG(amount), STR_ARG(l->why), STR_ARG(l->words));
    }
    for (size_t i = 0; i < p->flag_count; i++)
        cli_print(call, "Flag: " STR_FMT ": " STR_FMT "\n", STR_ARG(p->flags[i].account),
                  STR_ARG(p->flags[i].words));
    return OK;
}

Err cli_proposed_print(CliCall *call, const DeskProposed *p) {
    for (size_t i = 0; i < p->created_count; i++) {
        const DeskOrder *o = &p->created[i];
        cli_print(call, "Draft " STR_FMT ": " STR_FMT "%s\n", STR_ARG(o->number), STR_ARG(o->words),
                  o->replaces.n > 0 ? " It takes the place of the first hop." : "");
    }
    TRY(left_out_print(call, p));
    if (p->created_count > 0)
        cli_print(call,
                  "A draft binds nobody: `moei order issue " STR_FMT " " STR_FMT "` issues %s.\n",
                  STR_ARG(call->args[0]), STR_ARG(p->created[0].number),
                  p->created_count == 1 ? "it" : "the first");
    else if (p->left_out_count == 0)
        cli_print(call, "Nothing is proposed.\n");
    return OK;
}

Err cli_order_propose(CliCall *call) {
    DeskPropose p = {.case_id = cli_option_str(call, "case"),
                     .report = cli_option_str(call, "report"),
                     .rule = TRACE_FIFO};
    Str *accounts, until = cli_option_str(call, "until"), rule = cli_option_str(call, "rule");
    TRY(cli_option_list(call, "account", &accounts, &p.account_count));
    p.accounts = accounts;
    if (rule.n > 0 && !trace_rule_find(rule, &p.rule))
        return fail(call->c, E_USAGE, "there is no rule " STR_FMT ": fifo, lifo, pro_rata or libr",
                    STR_ARG(rule));
    if (until.n > 0) {
        DeskTraceQuery q = {0};
        TRY(desk_trace_until(call->c, until, &q));
        p.has_until = q.has_until;
        p.until_us = q.until_us;
    }
    DeskProposed made;
    TRY(desk_order_propose(call->c, &call->desk, &p, &made));
    if (!call->json)
        return cli_proposed_print(call, &made);
    TRY(desk_proposed_json(call->c, &made, &call->out));
    cli_end_json(call);
    return OK;
}

// --- acts ---------------------------------------------------------------------------------------

static void put_command(CliCall *call, const char *before, const char *verb, Str name,
                        const char *after) {
    cli_print(call, "%s`moei order %s " STR_FMT " " STR_FMT "`%s", before, verb,
              STR_ARG(call->args[0]), STR_ARG(name), after);
}

static void print_next_of_state(CliCall *call, const DeskOrder *o, Str name) {
    switch (o->now.state) {
    case ORDER_DRAFT:
        put_command(call, "It binds nobody yet: ", "issue", name, " issues it.\n");
        return;
    case ORDER_ISSUED:
    case ORDER_RECEIVED:
        put_command(call, "Send the letter: ", "letter", name, ".");
        put_command(call, " Then write down what the addressee says: ", "answer", name,
                    ", or `moei order answers` with its table.\n");
        return;
    case ORDER_EXECUTED:
    case ORDER_PARTLY:
        cli_print(call, "Before it ends, decide: extend, release or settle it.\n");
        return;
    case ORDER_ADOPTED:
    case ORDER_REFUSED:
    case ORDER_WITHDRAWN:
    case ORDER_RELEASED:
    case ORDER_SUPERSEDED:
    case ORDER_SETTLED:
    case ORDER_LAPSED:
    case ORDER_VOID:
        cli_print(call, "Nothing more is to be done.\n");
        return;
    }
    UNREACHABLE();
}

// Of another agency's order to us: what it waits for from us.
static void print_next_to_us(CliCall *call, const DeskOrder *o, Str name) {
    if (o->view.waits_second & ORDER_ADDRESSEE) {
        put_command(call, "It waits for another officer, who signs: ", "second", name,
                    " --as NAME --password-file FILE.\n");
    } else if (o->now.state == ORDER_ISSUED || o->now.state == ORDER_RECEIVED) {
        put_command(call, "Answer it: ", o->request ? "adopt" : "answer", name, ", or ");
        put_command(call, "", "refuse", name, " --code CODE.\n");
    } else if (o->now.not_confirmed) {
        put_command(call, "They must know: ",
                    o->view.waits_reduction && o->now.alive ? "receive" : "undone", name, ".\n");
    } else if (o->view.waits_receipt) {
        put_command(call, "It is longer once we say that we have it: ", "receive", name, ".\n");
    } else {
        cli_print(call, "It goes to " STR_FMT " by the network.\n", STR_ARG(o->agency_name));
    }
}

// What to do next, by what the order is now: a command that can be copied.
static void print_next(CliCall *call, const DeskOrder *o, Str name) {
    if (o->is_to_us) {
        print_next_to_us(call, o, name);
        return;
    }
    if (o->addressee_agency.n > 0 && o->view.has_issued_at && !o->view.waits_second) {
        cli_print(call, "Its addressee has a node, and gets this by the network.\n");
        return;
    }
    if (o->view.waits_second) {
        put_command(call, "It waits for another officer, who signs: ", "second", name,
                    " --as NAME --password-file FILE.\n");
        return;
    }
    if (o->view.waits_receipt) {
        put_command(call, "It counts when the addressee has it before the end. Send the letter: ",
                    "letter", name, ".");
        put_command(call, " Then: ", "receive", name, ".\n");
        return;
    }
    if (o->now.not_confirmed) {
        put_command(call, "The addressee must confirm that money was set free. Send the letter: ",
                    "letter", name, ".");
        put_command(call, " Then: ", o->view.waits_reduction && o->now.alive ? "receive" : "undone",
                    name, ".\n");
        return;
    }
    print_next_of_state(call, o, name);
}

static const char *in_words(OrderState s) {
    return s == ORDER_PARTLY ? "held in part" : s == ORDER_EXECUTED ? "held" : order_state_name(s);
}

static Err act_print(CliCall *call, const DeskOrder *o) {
    Str clock, held, name;
    TRY(desk_order_clock(call->c, call->node, o, &clock));
    TRY(cli_order_name(call->c, o, &name));
    cli_print(call, STR_FMT ": ", STR_ARG(name));
    if (o->now.state != ORDER_DRAFT && !o->view.has_ended_at && o->now.state != ORDER_LAPSED &&
        o->now.state != ORDER_VOID)
        cli_print(call, "%s, ", in_words(o->now.state)); // else the clock says it
    cli_print(call, STR_FMT ".\n", STR_ARG(clock));
    if (o->now.alive || o->now.state == ORDER_DRAFT || o->facts.request)
        cli_print(call, STR_FMT "\n", STR_ARG(o->words));
    if (o->view.has_executed_at) {
        TRY(desk_amount_text(call->c, call->node, o->view.held, o->currency, &held));
        cli_print(call, "Held: " STR_FMT " " STR_FMT ".\n", STR_ARG(held), STR_ARG(o->currency));
    }
    if (o->law_id.n > 0 && !str_eq_c(o->law_standing, "confirmed"))
        cli_print(call, "Law row " STR_FMT " is not confirmed by a lawyer (" STR_FMT ").\n",
                  STR_ARG(o->law_id), STR_ARG(o->law_standing));
    print_next(call, o, name);
    return OK;
}

static Err order_answer(CliCall *call, const DeskOrder *o) {
    if (!call->json)
        return act_print(call, o);
    TRY(desk_order_json(call->c, o, &call->out));
    cli_end_json(call);
    return OK;
}

Err cli_order_act(CliCall *call) {
    DeskOrderActDraft t = {.act = str_of(call->command->noun),
                           .outcome = cli_option_str(call, "outcome"),
                           .amount = cli_option_str(call, "amount"),
                           .balance = cli_option_str(call, "balance"),
                           .code = cli_option_str(call, "code"),
                           .ends_at = cli_option_str(call, "ends-at"),
                           .happened_at = cli_option_str(call, "at"),
                           .law = cli_option_str(call, "law"),
                           .note = cli_option_str(call, "note"),
                           .on_behalf_of = cli_option_str(call, "on-behalf-of"),
                           .target = cli_option_str(call, "target"),
                           .to = cli_option_str(call, "to"),
                           .channel = cli_option_str(call, "channel")};
    DeskOrder o;
    if (strcmp(call->command->noun, "refuse") == 0) { // an answer with a code
        t.act = STR("answer");
        t.outcome = STR("refused");
    }
    TRY(cli_document(call, &t.document));
    TRY(desk_order_act(call->c, &call->desk, call->args[1], &t, &o));
    if (str_eq_c(t.act, "second") && o.now.state == ORDER_DRAFT && !call->json)
        cli_print(call, "Its addressee has a node since the first officer signed: the same order "
                        "goes there, with a new number, when another officer has signed it.\n");
    return order_answer(call, &o);
}

// --- letters, answers ---------------------------------------------------------------------------

Err cli_order_letter(CliCall *call) {
    Str out = cli_option_str(call, "out"), path, form = cli_option_str(call, "form");
    DeskLetterForm f = DESK_LETTER_HTML;
    if (str_eq_c(form, "csv"))
        f = DESK_LETTER_CSV;
    else if (str_eq_c(form, "xlsx"))
        f = DESK_LETTER_XLSX;
    else if (form.n > 0 && !str_eq_c(form, "html"))
        return fail(call->c, E_USAGE, "--form is html, csv or xlsx");
    AUTO(Buf) letter = {0};
    TRY(desk_order_letter(call->c, &call->desk, call->args + 1, call->arg_count - 1, f, &letter));
    if (f == DESK_LETTER_HTML)
        TRY(cli_note_public_url(call, "the holder of the account"));
    if (out.n == 0 && f == DESK_LETTER_XLSX)
        return fail(call->c, E_USAGE, "a spreadsheet goes into a file: --out FILE");
    if (out.n == 0) {
        cli_print_buf(call, &letter);
        return OK;
    }
    TRY(cli_path(call, out, &path));
    TRY(file_replace(call->c, path, buf_view(&letter)));
    cli_print(call, "Written: " STR_FMT "\n", STR_ARG(out));
    return OK;
}

Err cli_order_answers(CliCall *call) {
    Str path;
    DeskAnswers a;
    bool dry_run = cli_flag(call, "dry-run");
    TRY(cli_path(call, call->args[1], &path));
    TRY(desk_answers_import(call->c, &call->desk, path, dry_run, &a));
    if (call->json) {
        TRY(desk_answers_json(call->c, &a, &call->out));
        cli_end_json(call);
        return OK;
    }
    cli_print(call, "%llu row%s: %llu answer%s %s, %zu bad row%s left out.\n",
              (unsigned long long)a.rows, a.rows == 1 ? "" : "s", (unsigned long long)a.good,
              a.good == 1 ? "" : "s", dry_run ? "would be taken" : "taken", a.bad_row_count,
              a.bad_row_count == 1 ? "" : "s");
    for (size_t i = 0; i < a.order_count; i++)
        cli_print(call, "  " STR_FMT "\n", STR_ARG(a.orders[i]));
    for (size_t i = 0; i < a.bad_row_count; i++)
        cli_print(call, "  line %llu: " STR_FMT "%s" STR_FMT "\n",
                  (unsigned long long)a.bad_rows[i].line, STR_ARG(a.bad_rows[i].column),
                  a.bad_rows[i].column.n ? ": " : "", STR_ARG(a.bad_rows[i].reason));
    return OK;
}
