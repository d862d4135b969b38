// bundle, log: the exchange by file, and proofs that stand without this program.
#include "cli/cli_priv.h"

static Err export_print(CliCall *call, const JsonValue *v) {
    int64_t messages = cli_json_i64(v, "messages"), records = cli_json_i64(v, "records");
    if (cli_json_true(v, "revoked")) {
        cli_print(call,
                  "Wrote " STR_FMT ", sealed to " STR_FMT ", which is revoked: it says that the "
                  "exchange has ended, and nothing else.\n",
                  STR_ARG(cli_json_str(v, "file")), STR_ARG(cli_json_str(v, "name")));
        return OK;
    }
    if (records == 0) {
        cli_print(call,
                  "Wrote " STR_FMT ", sealed to " STR_FMT ": no new records; it says what came.\n",
                  STR_ARG(cli_json_str(v, "file")), STR_ARG(cli_json_str(v, "name")));
        return OK;
    }
    cli_print(call,
              "Wrote " STR_FMT ": %lld message%s with %lld record%s, sealed to " STR_FMT ".\n",
              STR_ARG(cli_json_str(v, "file")), (long long)messages, messages == 1 ? "" : "s",
              (long long)records, records == 1 ? "" : "s", STR_ARG(cli_json_str(v, "name")));
    return OK;
}

// Only where a bar was shown: a small bundle is told in one line.
static void bar_end(CliProgress *p) {
    if (p->line_open)
        cli_progress_end(p, "records");
}

Err cli_bundle_export(CliCall *call) {
    AUTO(Buf) json = {0};
    Str path;
    CliProgress progress;
    cli_progress_start(&progress, call, "bundle");
    TRY(cli_path(call, call->args[1], &path));
    TRY(desk_bundle_export(call->c, &call->desk, cli_option_str(call, "to"), path,
                           cli_progress_desk(&progress), &json));
    bar_end(&progress);
    return cli_answer_print(call, &json, export_print);
}

static Err import_print(CliCall *call, const JsonValue *v) {
    Str name = cli_json_str(v, "name");
    int64_t fresh = cli_json_i64(v, "new"), refused = cli_json_i64(v, "refused");
    if (name.n == 0)
        return OK; // nothing of it could be read: the failure says why
    cli_print(call, "From " STR_FMT ": %lld new record%s, %lld known", STR_ARG(name),
              (long long)fresh, fresh == 1 ? "" : "s", (long long)cli_json_i64(v, "known"));
    if (refused > 0)
        cli_print(call, ", %lld message%s refused", (long long)refused, refused == 1 ? "" : "s");
    cli_print(call, ".\n");
    const JsonValue *gap = json_find(v, STR("gap"));
    if (gap && gap->type == JSON_INT)
        cli_print(call,
                  "What stands before these is missing here. Send " STR_FMT " a bundle of ours "
                  "(`moei bundle export`):\nit tells them from where on, and their next one has "
                  "it.\n",
                  STR_ARG(name));
    return OK;
}

// What was whole is taken and told; that the rest was not is an error to who calls us in a script.
Err cli_bundle_import(CliCall *call) {
    AUTO(Buf) json = {0};
    const JsonValue *v;
    Str path;
    CliProgress progress;
    cli_progress_start(&progress, call, "bundle");
    TRY(cli_path(call, call->args[1], &path));
    TRY(desk_bundle_import(call->c, &call->desk, path, cli_progress_desk(&progress), &json));
    bar_end(&progress);
    TRY(cli_answer_print(call, &json, import_print));
    TRY(cli_answer_read(call, &json, &v));
    Str words = cli_json_str(v, "words");
    if (words.n > 0)
        return fail(call->c, E_INVALID, STR_FMT, STR_ARG(words));
    return OK;
}

// --- proofs -------------------------------------------------------------------------------------

// Its bytes: canonical JSON, so that writing it again gives them back.
static Err envelope_text(CliCall *call, const JsonValue *v, Str *ret_text) {
    AUTO(Buf) b = {0};
    if (!v || v->type != JSON_OBJECT) {
        *ret_text = (Str){0};
        return OK;
    }
    JsonWriter w = json_writer_start(&b);
    json_put_value(&w, v);
    TRY(json_writer_end(call->c, &w));
    return str_copy(call->c, buf_view(&b), ret_text);
}

static Err proof_print(CliCall *call, const JsonValue *v) {
    const JsonValue *path = cli_json_list(v, "path"), *cosigned = cli_json_list(v, "cosignatures");
    Str text;
    cli_field(call, "Record", cli_json_str(v, "record"));
    cli_field(call, "Agency", cli_json_str(v, "agency"));
    TRY(str_format(call->c, &text, "%lld of a tree of %lld, log " STR_FMT,
                   (long long)cli_json_i64(v, "leaf"), (long long)cli_json_i64(v, "size"),
                   STR_ARG(cli_json_str(v, "log"))));
    cli_field(call, "Leaf", text);
    TRY(envelope_text(call, json_find(v, STR("envelope")), &text));
    cli_field(call, "Envelope", text);
    cli_field(call, "Salt", cli_json_str(v, "salt"));
    cli_field(call, "Commitment", cli_json_str(v, "commitment"));
    for (uint32_t i = 0; i < path->count; i++)
        cli_field(call, i ? "" : "Path", path->items[i].s);
    cli_field(call, "Root", cli_json_str(v, "root"));
    cli_field(call, "Checkpoint", str_trim(cli_json_str(v, "checkpoint")));
    cli_field(call, "Log key", cli_json_str(v, "log_key"));
    for (uint32_t i = 0; i < cosigned->count; i++)
        cli_field(call, i ? "" : "Cosigned", str_trim(cosigned->items[i].s));
    cli_field(call, "Verified",
              cli_json_true(v, "verified") ? STR("yes: commitment, path and signature fit")
                                           : STR("NO: it does not fit; run `moei verify`"));
    return OK;
}

Err cli_log_proof(CliCall *call) {
    AUTO(Buf) json = {0};
    TRY(desk_log_proof_json(call->c, &call->desk, call->args[1], &json));
    return cli_answer_print(call, &json, proof_print);
}
