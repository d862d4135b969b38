// Answers of the desk that are JSON, read again to be printed for people.
#include "cli/cli_priv.h"

Err cli_answer_read(CliCall *call, const Buf *json, const JsonValue **ret_value) {
    AUTO(JsonReader) reader = {0};
    TRY(json_reader_open(call->c, &reader));
    return json_read(call->c, &reader, buf_view(json), ret_value);
}

Str cli_json_str(const JsonValue *v, const char *key) {
    const JsonValue *m = json_find(v, str_of(key));
    return m && m->type == JSON_STR ? m->s : (Str){0};
}

Err cli_json_time(CliCall *call, const JsonValue *v, const char *key, Str *ret_text) {
    int64_t at_us;
    if (time_parse(cli_json_str(v, key), &at_us))
        return desk_time_local(call->c, call->node, at_us, ret_text);
    *ret_text = (Str){0};
    return OK;
}

int64_t cli_json_i64(const JsonValue *v, const char *key) {
    const JsonValue *m = json_find(v, str_of(key));
    return m && m->type == JSON_INT ? m->i : 0;
}

const JsonValue *cli_json_list(const JsonValue *v, const char *key) {
    static const JsonValue empty = {.type = JSON_ARRAY};
    const JsonValue *m = json_find(v, str_of(key));
    return m && m->type == JSON_ARRAY ? m : &empty;
}
