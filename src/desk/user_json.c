// Users, roles, tokens and broken glass as JSON: the same for the command line and the API.
#include "desk/desk_priv.h"

static void put_when(JsonWriter *w, const char *key, int64_t at_us) { // 0: never
    desk_put_opt_time(w, key, at_us != 0, at_us);
}

// --- roles --------------------------------------------------------------------------------------

Err desk_roles_json(Ctx *c, const DeskNode *n, Buf *out) {
    size_t count;
    const DeskRole *roles = desk_roles(n, &count);
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("acts"));
    json_put_array_begin(&w);
    for (int a = 0; a < DESK_ACT_COUNT; a++) {
        json_put_object_begin(&w);
        json_put_key_str(&w, "act", str_of(desk_act_name((DeskAct)a)));
        json_put_key(&w, STR("roles"));
        json_put_array_begin(&w);
        for (size_t i = 0; i < count; i++)
            if (roles[i].acts >> a & 1)
                json_put_str(&w, roles[i].role);
        json_put_array_end(&w);
        json_put_key_str(&w, "words", desk_act_words(n, (DeskAct)a));
        json_put_object_end(&w);
    }
    json_put_array_end(&w);
    json_put_key(&w, STR("roles"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < count; i++) {
        json_put_object_begin(&w);
        json_put_key_str(&w, "role", roles[i].role);
        json_put_key_str(&w, "words", roles[i].words);
        json_put_object_end(&w);
    }
    json_put_array_end(&w);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

// --- one of each, and lists of them --------------------------------------------------------------

Err desk_user_json(Ctx *c, const DeskUser *u, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key_bool(&w, "active", u->active);
    json_put_key_str(&w, "clearance", u->clearance);
    desk_put_time(&w, "created_at", u->created_at);
    put_when(&w, "last_login_at", u->last_login_at);
    json_put_key_str(&w, "name", u->name);
    json_put_key_str(&w, "officer", u->officer);
    json_put_key_str(&w, "role", u->role);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

Err desk_user_list_json(Ctx *c, const DeskUser *items, size_t n, Buf *out) {
    buf_text(out, "{\"items\":[");
    for (size_t i = 0; i < n; i++) {
        buf_text(out, i ? "," : "");
        TRY(desk_user_json(c, &items[i], out));
    }
    buf_text(out, "],\"next\":null}");
    return buf_check(c, out);
}

Err desk_glass_json(Ctx *c, const DeskGlass *g, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key_bool(&w, "active", g->active);
    desk_put_time(&w, "at", g->at);
    desk_put_opt_str(&w, "decided_by", g->decided_by);
    json_put_key_str(&w, "grants", g->grants);
    json_put_key_str(&w, "id", g->id);
    json_put_key_str(&w, "officer", g->officer);
    if (g->decided)
        json_put_key_bool(&w, "ratified", g->ratified);
    else
        json_put_key_null(&w, "ratified");
    desk_put_opt_str(&w, "reason", g->reason);
    desk_put_time(&w, "until", g->until);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

Err desk_glass_list_json(Ctx *c, const DeskGlass *items, size_t n, Buf *out) {
    buf_text(out, "{\"items\":[");
    for (size_t i = 0; i < n; i++) {
        buf_text(out, i ? "," : "");
        TRY(desk_glass_json(c, &items[i], out));
    }
    buf_text(out, "],\"next\":null}");
    return buf_check(c, out);
}

Err desk_token_list_json(Ctx *c, const DeskToken *items, size_t n, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("items"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < n; i++) {
        json_put_object_begin(&w);
        desk_put_time(&w, "created_at", items[i].created_at);
        put_when(&w, "expires_at", items[i].expires_at);
        json_put_key_i64(&w, "id", items[i].id);
        put_when(&w, "last_used_at", items[i].last_used_at);
        json_put_key_str(&w, "name", items[i].name);
        json_put_key_str(&w, "purpose", items[i].purpose);
        json_put_key_str(&w, "user", items[i].user);
        json_put_object_end(&w);
    }
    json_put_array_end(&w);
    desk_put_next(&w, (Str){0});
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}
