// key, peer quota: what who runs the node does about links.
#include "cli/cli_priv.h"

// --- keys ---------------------------------------------------------------------------------------

static Err key_print(CliCall *call, const JsonValue *k) {
    bool log = str_eq_c(cli_json_str(k, "what"), "log");
    cli_field(call, log ? "Log key" : "Link key", cli_json_str(k, "key"));
    TRY(cli_field_when(call, "Said on", k, "at"));
    cli_field(call, "Next", cli_json_str(k, "next"));
    TRY(cli_field_list(call, "Known by", k, "known_by"));
    return cli_field_list(call, "Waits for", k, "waits_for");
}

static Err keys_print(CliCall *call, const JsonValue *v) {
    const JsonValue *keys = cli_json_list(v, "keys");
    for (uint32_t i = 0; i < keys->count; i++) {
        TRY(key_print(call, &keys->items[i]));
        cli_print(call, "\n");
    }
    cli_print(call, "The log key signs what this node says, the link key is its name on the wire. "
                    "Both live in\nlocal.db, and change by `moei key roll`.\n");
    return OK;
}

Err cli_key_show(CliCall *call) {
    AUTO(Buf) json = {0};
    TRY(desk_links_json(call->c, &call->desk, &json));
    return cli_answer_print(call, &json, keys_print);
}

static Err roll_print(CliCall *call, const JsonValue *v) {
    bool log = str_eq_c(cli_json_str(v, "what"), "log");
    cli_field(call, log ? "New log key" : "New link key", cli_json_str(v, "key"));
    if (log)
        cli_print(call, "It signs from record %lld on.\n", (long long)cli_json_i64(v, "from_size"));
    TRY(cli_field_list(call, "Waits for", v, "waits_for"));
    cli_print(call, log ? "\nPeers learn it by the next exchange.\n"
                        : "\nIt comes into use when all peers have its record, with the next start "
                          "of this node.\n");
    return OK;
}

Err cli_key_roll(CliCall *call) {
    AUTO(Buf) json = {0};
    bool log = cli_flag(call, "log");
    if (log == cli_flag(call, "link"))
        return fail(call->c, E_USAGE, "give one of --log and --link");
    TRY(desk_key_roll(call->c, &call->desk, log ? DESK_KEY_OF_LOG : DESK_KEY_OF_LINK, &json));
    return cli_answer_print(call, &json, roll_print);
}

// --- quotas -------------------------------------------------------------------------------------

static void quota_row(CliTable *t, const JsonValue *quota, const char *key) {
    const JsonValue *one = cli_json_part(quota, key);
    AUTO(Buf) today = {0}, limit = {0};
    cli_put_count(&today, cli_json_i64(one, "today"));
    cli_put_count(&limit, cli_json_i64(one, "limit"));
    cli_table_cell(t, str_of(key));
    cli_table_cell(t, buf_view(&today));
    cli_table_cell(t, buf_view(&limit));
}

static Err quota_print(CliCall *call, const JsonValue *v) {
    static const char *const titles[] = {"What came", "Today", "May come in a day"};
    static const bool right[COUNT_OF(titles)] = {[1] = true, [2] = true};
    const JsonValue *quota = cli_json_part(v, "quota");
    AUTO(CliTable) t = {0};
    cli_field(call, "Peer", cli_json_str(v, "name"));
    TRY(cli_field_when(call, "Set on", quota, "set_at"));
    cli_field(call, "Set by", cli_json_str(quota, "set_by"));
    if (cli_json_true(quota, "full"))
        TRY(cli_field_when(call, "Refused until", quota, "opens_at"));
    cli_print(call, "\n");
    cli_table_start(&t, titles, right, COUNT_OF(titles));
    quota_row(&t, quota, "records");
    quota_row(&t, quota, "bytes");
    quota_row(&t, quota, "messages");
    return cli_table_print(call, &t);
}

Err cli_peer_quota(CliCall *call) {
    AUTO(Buf) json = {0};
    DeskQuotaDraft draft;
    bool standard = cli_flag(call, "default"), changes = standard;
    int64_t otherwise = standard ? 0 : -1;
    static const char *const names[] = {"records", "bytes", "messages"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        bool given = cli_option(call, names[i]) != NULL;
        if (given && standard)
            return fail(call->c, E_USAGE, "give --default or limits, not both");
        changes |= given;
    }
    TRY(cli_option_int(call, "records", 1, INT64_MAX, otherwise, &draft.records));
    TRY(cli_option_int(call, "bytes", 1, INT64_MAX, otherwise, &draft.bytes));
    TRY(cli_option_int(call, "messages", 1, INT64_MAX, otherwise, &draft.messages));
    TRY(desk_peer_quota(call->c, &call->desk, call->args[1], changes ? &draft : NULL, &json));
    return cli_answer_print(call, &json, quota_print);
}
