// user, role, token, glass, reads: who may do and see what, and who did.
#include "cli/cli_priv.h"
#include "json/json.h"

// --- users --------------------------------------------------------------------------------------

static Err user_answer(CliCall *call, const DeskUser *u, const char *password) {
    if (call->json) {
        buf_text(&call->out, "{\"password\":");
        if (password)
            buf_format(&call->out, "\"%s\"", password); // letters, digits, hyphens
        else
            buf_text(&call->out, "null");
        buf_text(&call->out, ",\"user\":");
        TRY(desk_user_json(call->c, u, &call->out));
        buf_text(&call->out, "}");
        cli_end_json(call);
        return OK;
    }
    cli_field(call, "User", u->name);
    cli_field(call, "Role", u->role);
    cli_field(call, "Clearance", u->clearance);
    cli_field(call, "Officer", u->officer);
    cli_field(call, "State", u->active ? STR("active") : STR("disabled"));
    if (password) {
        cli_field(call, "Password", str_of(password));
        cli_print(call, "\nThe password is shown this once; the user changes it at the first "
                        "log-in.\n");
    }
    return OK;
}

static DeskUserDraft draft_of(const CliCall *call) {
    return (DeskUserDraft){.name = call->args[1],
                           .role = cli_option_str(call, "role"),
                           .clearance = cli_option_str(call, "clearance")};
}

Err cli_user_add(CliCall *call) {
    DeskUserDraft draft = draft_of(call);
    DeskUser u;
    char password[DESK_PASSWORD_BYTES];
    TRY(desk_user_add(call->c, &call->desk, &draft, &u, password));
    Err e = user_answer(call, &u, password);
    crypto_wipe(password, sizeof password);
    return e;
}

Err cli_user_set(CliCall *call) {
    DeskUserDraft draft = draft_of(call);
    DeskUser u;
    TRY(desk_user_set(call->c, &call->desk, &draft, !cli_flag(call, "disable"), &u));
    return user_answer(call, &u, NULL);
}

Err cli_user_password(CliCall *call) {
    char password[DESK_PASSWORD_BYTES];
    TRY(desk_user_password(call->c, call->node, call->args[1], password));
    if (call->json) {
        cli_print(call, "{\"password\":\"%s\"}", password);
        cli_end_json(call);
    } else {
        cli_field(call, "Password", str_of(password));
    }
    crypto_wipe(password, sizeof password);
    return OK;
}

static Err time_cell(CliCall *call, CliTable *t, int64_t at_us) {
    Str text = {0};
    if (at_us)
        TRY(desk_time_local(call->c, call->node, at_us, &text));
    cli_table_cell(t, text);
    return OK;
}

Err cli_user_list(CliCall *call) {
    static const char *const titles[] = {"User", "Role", "Clearance", "State", "Last log-in"};
    static const bool right[] = {false, false, false, false, false};
    const DeskUser *items;
    size_t n;
    TRY(desk_user_list(call->c, &call->desk, &items, &n));
    if (call->json) {
        TRY(desk_user_list_json(call->c, items, n, &call->out));
        cli_end_json(call);
        return OK;
    }
    AUTO(CliTable) t = {0};
    cli_table_start(&t, titles, right, COUNT_OF(titles));
    for (size_t i = 0; i < n; i++) {
        cli_table_cell(&t, items[i].name);
        cli_table_cell(&t, items[i].role);
        cli_table_cell(&t, items[i].clearance);
        cli_table_cell(&t, items[i].active ? STR("active") : STR("disabled"));
        TRY(time_cell(call, &t, items[i].last_login_at));
    }
    return cli_table_print(call, &t);
}

// --- roles --------------------------------------------------------------------------------------

Err cli_role_list(CliCall *call) {
    size_t n;
    const DeskRole *roles = desk_roles(call->node, &n);
    if (call->json) {
        TRY(desk_roles_json(call->c, call->node, &call->out));
        cli_end_json(call);
        return OK;
    }
    for (size_t i = 0; i < n; i++) {
        cli_print(call, "%s" STR_FMT " (" STR_FMT ")\n", i ? "\n" : "", STR_ARG(roles[i].role),
                  STR_ARG(roles[i].words));
        for (int a = 0; a < DESK_ACT_COUNT; a++)
            if (roles[i].acts >> a & 1)
                cli_print(call, "  %-18s" STR_FMT "\n", desk_act_name((DeskAct)a),
                          STR_ARG(desk_act_words(call->node, (DeskAct)a)));
    }
    return OK;
}

// --- tokens -------------------------------------------------------------------------------------

Err cli_token_add(CliCall *call) {
    int64_t days;
    char token[DESK_TOKEN_TEXT_BYTES];
    TRY(cli_option_int(call, "days", 1, TOKEN_DAYS_MAX, TOKEN_DAYS_DEFAULT, &days));
    TRY(desk_token_add(call->c, &call->desk, call->args[1], (Str){0}, days, token));
    if (call->json) {
        cli_print(call, "{\"token\":\"%s\"}", token);
        cli_end_json(call);
    } else {
        cli_field(call, "Token", str_of(token));
        cli_print(call, "\nIt is shown this once; whoever has it acts as you for %lld days.\n",
                  (long long)days);
    }
    crypto_wipe(token, sizeof token);
    return OK;
}

Err cli_token_list(CliCall *call) {
    static const char *const titles[] = {"Number", "Name", "User", "Purpose", "Ends", "Last used"};
    static const bool right[] = {true, false, false, false, false, false};
    const DeskToken *items;
    size_t n;
    TRY(desk_token_list(call->c, &call->desk, &items, &n));
    if (call->json) {
        TRY(desk_token_list_json(call->c, items, n, &call->out));
        cli_end_json(call);
        return OK;
    }
    AUTO(CliTable) t = {0};
    cli_table_start(&t, titles, right, COUNT_OF(titles));
    for (size_t i = 0; i < n; i++) {
        cli_table_cell_i64(&t, items[i].id);
        cli_table_cell(&t, items[i].name);
        cli_table_cell(&t, items[i].user);
        cli_table_cell(&t, items[i].purpose);
        TRY(time_cell(call, &t, items[i].expires_at));
        TRY(time_cell(call, &t, items[i].last_used_at));
    }
    return cli_table_print(call, &t);
}

Err cli_token_revoke(CliCall *call) {
    int64_t id;
    if (!str_to_i64(call->args[1], &id))
        return fail(call->c, E_USAGE, "the number of a token, as `moei token list` shows it");
    TRY(desk_token_revoke(call->c, &call->desk, id));
    if (call->json) {
        cli_print(call, "{\"id\":%lld}", (long long)id);
        cli_end_json(call);
    } else {
        cli_print(call, "Token %lld is revoked.\n", (long long)id);
    }
    return OK;
}
