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
        return desk_time_zoned(call->c, call->node, at_us, ret_text);
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

bool cli_json_true(const JsonValue *v, const char *key) {
    const JsonValue *m = json_find(v, str_of(key));
    return m && m->type == JSON_BOOL && m->b;
}

const JsonValue *cli_json_part(const JsonValue *v, const char *key) {
    static const JsonValue empty = {.type = JSON_OBJECT};
    const JsonValue *m = json_find(v, str_of(key));
    return m && m->type == JSON_OBJECT ? m : &empty;
}

Err cli_json_texts(Ctx *c, const JsonValue *list, Str *ret_text) {
    AUTO(Buf) b = {0};
    for (uint32_t i = 0; i < list->count; i++)
        if (list->items[i].type == JSON_STR)
            buf_format(&b, "%s" STR_FMT, b.n ? ", " : "", STR_ARG(list->items[i].s));
    TRY(buf_check(c, &b));
    return str_copy(c, buf_view(&b), ret_text);
}

Err cli_field_list(CliCall *call, const char *name, const JsonValue *v, const char *key) {
    Str text;
    TRY(cli_json_texts(call->c, cli_json_list(v, key), &text));
    cli_field(call, name, text);
    return OK;
}

Err cli_field_when(CliCall *call, const char *name, const JsonValue *v, const char *key) {
    Str text;
    TRY(cli_json_time(call, v, key, &text));
    cli_field(call, name, text);
    return OK;
}

Err cli_answer_print(CliCall *call, const Buf *json, CliPrint print) {
    const JsonValue *v;
    TRY(buf_check(call->c, json));
    if (call->json) {
        buf_str(&call->out, buf_view(json));
        cli_end_json(call);
        return OK;
    }
    TRY(cli_answer_read(call, json, &v));
    return print(call, v);
}
