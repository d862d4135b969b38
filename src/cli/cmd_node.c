// The machine's commands: init, verify, rebuild, backup, recover, version.
#include "cli/cli_priv.h"
#include "json/json.h"

Err cli_version(CliCall *call) {
    if (call->json)
        cli_print(call, "{\"version\":\"%s\"}\n", CLI_VERSION);
    else
        cli_print(call, "moei %s\n", CLI_VERSION);
    return OK;
}

static Err init_json(CliCall *call, const DeskSecrets *secrets) {
    JsonWriter w = json_writer_start(&call->out);
    json_put_object_begin(&w);
    json_put_key_str(&w, "admin_password", str_of(secrets->admin_password));
    json_put_key_str(&w, "agency_id", str_of(secrets->agency_id));
    json_put_key_str(&w, "officer_password", str_of(secrets->officer_password));
    json_put_key_str(&w, "recovery_key", str_of(secrets->recovery_key));
    json_put_object_end(&w);
    TRY(json_writer_end(call->c, &w));
    cli_end_json(call);
    return OK;
}

Err cli_init(CliCall *call) {
    DeskEnv env = cli_env();
    DeskInit init = {.dir = call->args[0],
                     .agency = cli_option_str(call, "agency"),
                     .name = cli_option_str(call, "name"),
                     .country = cli_option_str(call, "country"),
                     .kind = cli_option_str(call, "kind"),
                     .timezone = cli_option_str(call, "timezone")};
    DeskSecrets secrets;
    TRY(desk_init(call->c, &env, &init, &secrets));
    Err e = OK;
    if (call->json) {
        e = init_json(call, &secrets);
    } else {
        cli_print(call, "Made the node " STR_FMT " in " STR_FMT ".\n\n", STR_ARG(init.agency),
                  STR_ARG(init.dir));
        cli_field(call, "Agency id", str_of(secrets.agency_id));
        cli_field(call, "admin", str_of(secrets.admin_password));
        cli_field(call, "officer", str_of(secrets.officer_password));
        cli_field(call, "Recovery key", str_of(secrets.recovery_key));
        cli_print(call, "\nThe passwords and the recovery key are shown this once. Write the "
                        "recovery key on paper\nand keep it away from this machine.\n");
    }
    crypto_wipe(&secrets, sizeof secrets);
    return e;
}

Err cli_verify(CliCall *call) {
    DeskEnv env = cli_env();
    CliProgress p;
    DeskVerdict v;
    cli_progress_start(&p, call, "verify");
    if (call->node)
        TRY(desk_verify(call->c, call->node, cli_progress_desk(&p), &v));
    else
        TRY(desk_verify_folder(call->c, &env, call->args[0], cli_progress_desk(&p), &v));
    if (p.call->io.err_tty)
        cli_progress_end(&p, "checked");
    if (call->json) {
        TRY(desk_verdict_json(call->c, &v, &call->out));
        cli_end_json(call);
    } else {
        AUTO(Buf) b = {0};
        cli_put_count(&b, (int64_t)v.records);
        buf_text(&b, " records, ");
        cli_put_count(&b, (int64_t)v.transfers);
        buf_text(&b, " transfers in ");
        cli_put_count(&b, (int64_t)v.segments);
        buf_text(&b, " segments checked.\n");
        cli_print(call, "%s", v.ok ? "All fits: " : "");
        cli_print_buf(call, &b);
    }
    if (!v.ok)
        return fail(call->c, E_CORRUPT,
                    STR_FMT ": " STR_FMT ". Keep this folder as it is and run `moei recover` from "
                            "a backup into a new one",
                    STR_ARG(v.where), STR_ARG(v.what));
    return OK;
}

Err cli_rebuild(CliCall *call) {
    CliProgress p;
    DeskRebuild r;
    cli_progress_start(&p, call, "rebuild");
    TRY(desk_rebuild(call->c, call->node, cli_progress_desk(&p), &r));
    if (call->json) {
        TRY(desk_rebuild_json(call->c, &r, &call->out));
        cli_end_json(call);
        return OK;
    }
    AUTO(Buf) b = {0};
    cli_put_count(&b, (int64_t)r.records);
    const char *compared = !r.compared ? "was too large to be compared with"
                           : r.equal   ? "equals"
                                       : "differs from";
    if (r.others > 0) {
        buf_text(&b, " records of our own and ");
        cli_put_count(&b, (int64_t)r.others);
        buf_text(&b, " of other agencies");
    } else {
        buf_text(&b, " records");
    }
    TRY(buf_check(call->c, &b));
    cli_print(call, "The picture was made anew from " STR_FMT "; it %s the old one.\n",
              STR_ARG(buf_view(&b)), compared);
    if (r.compared && !r.equal)
        cli_note(call, "moei: the old picture was wrong; the new one is in place");
    return OK;
}

static Err say_file(CliCall *call, const char *what, Str file) {
    if (!call->json) {
        cli_print(call, "%s " STR_FMT ".\n", what, STR_ARG(file));
        return OK;
    }
    JsonWriter w = json_writer_start(&call->out);
    json_put_object_begin(&w);
    json_put_key_bool(&w, "done", true);
    json_put_key_str(&w, "path", file);
    json_put_object_end(&w);
    TRY(json_writer_end(call->c, &w));
    cli_end_json(call);
    return OK;
}

Err cli_backup(CliCall *call) {
    Str file, passphrase;
    TRY(cli_path(call, call->args[1], &file));
    TRY(cli_passphrase(call, true, &passphrase));
    CliProgress p;
    cli_progress_start(&p, call, "backup");
    TRY(desk_backup(call->c, call->node, file, passphrase, cli_progress_desk(&p)));
    return say_file(call, "Written:", file);
}

// The statement by which a log goes on behind its last good record.
static Err recover_by_key(CliCall *call, const DeskEnv *env) {
    DeskRecoverAsk ask = {.compromised = cli_flag(call, "compromised")};
    Str file = cli_option_str(call, "recovery-key"), path, text, line;
    TRY(cli_option_int(call, "good-size", 1, BASE_INT_SAFE_MAX, 0, &ask.good_size));
    if (ask.good_size == 0 || file.n == 0)
        return fail(call->c, E_USAGE, "--good-size N and --recovery-key FILE belong together");
    TRY(cli_path(call, file, &path));
    TRY(file_read_all(call->c, path, CLI_PASSPHRASE_FILE_BYTES_MAX, &text));
    if (str_split(&text, '\n', &line))
        ask.recovery_key = str_trim(line);
    TRY(desk_recover_statement(call->c, env, call->args[0], &ask));
    TRY(say_file(call, "The log goes on with new keys in", call->args[0]));
    if (!call->json)
        cli_print(call,
                  "Behind record %lld nothing counts that was said before. Peers hear it at the "
                  "next contact (serve,\nsync or a bundle), let go of what they have from there "
                  "on%s.\n",
                  (long long)ask.good_size,
                  ask.compromised ? ", and answer the old keys no more" : "");
    return OK;
}

Err cli_recover(CliCall *call) {
    DeskEnv env = cli_env();
    if (call->arg_count == 1 && (cli_flag(call, "good-size") || cli_flag(call, "recovery-key")))
        return recover_by_key(call, &env);
    if (call->arg_count == 1 && cli_flag(call, "from-peers")) {
        TRY(desk_recover_from_peers(call->c, &env, call->args[0]));
        return say_file(call, "What is missing is fetched from peers by the next exchange of",
                        call->args[0]);
    }
    if (call->arg_count == 1) {
        TRY(desk_recover_unlock(call->c, &env, call->args[0], cli_flag(call, "accept-loss")));
        return say_file(call, "The node goes on from what it has:", call->args[0]);
    }
    Str passphrase;
    TRY(cli_passphrase(call, false, &passphrase));
    CliProgress p;
    cli_progress_start(&p, call, "recover");
    TRY(desk_recover(call->c, &env, call->args[0], call->args[1], passphrase,
                     cli_progress_desk(&p)));
    TRY(say_file(call, "The node is back in", call->args[0]));
    if (!call->json)
        cli_print(call, "Where it exchanges with other agencies, do that before anything is "
                        "written: they may have more of\nits log than this backup "
                        "(docs/exchange.md, A lost disk).\n");
    return OK;
}
