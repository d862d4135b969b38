// OpenAPI 3.1, made from the table of routes and the schemas of data/api/schemas.json.
#include "web/web_priv.h"
#include <stdio.h>

static void put_type(JsonWriter *w, const char *type) {
    json_put_key_str(w, "type", str_of(type));
}

static void put_ref(JsonWriter *w, const char *kind, const char *name) {
    char text[128];
    snprintf(text, sizeof text, "#/components/%s/%s", kind, name);
    json_put_object_begin(w);
    json_put_key_str(w, "$ref", str_of(text));
    json_put_object_end(w);
}

// A type or null, as what is not known is sent.
static void put_or_null(JsonWriter *w, const char *type) {
    json_put_key(w, STR("type"));
    json_put_array_begin(w);
    json_put_str(w, str_of(type));
    json_put_str(w, STR("null"));
    json_put_array_end(w);
}

static void put_field(JsonWriter *w, const WebField *f) {
    static const char *const types[] = {"string", "array", "integer", "boolean", "array"};
    json_put_key(w, str_of(f->name));
    json_put_object_begin(w);
    if (f->kind == WEB_FIELD_TEXTS || f->kind == WEB_FIELD_JSON) {
        json_put_key(w, STR("items"));
        if (f->kind == WEB_FIELD_JSON) {
            put_ref(w, "schemas", f->schema);
        } else {
            json_put_object_begin(w);
            put_type(w, "string");
            json_put_object_end(w);
        }
    }
    if (f->needed)
        put_type(w, types[f->kind]);
    else
        put_or_null(w, types[f->kind]);
    json_put_object_end(w);
}

static void put_fields(JsonWriter *w, const WebRoute *route) {
    json_put_object_begin(w);
    json_put_key_bool(w, "additionalProperties", false);
    json_put_key(w, STR("properties"));
    json_put_object_begin(w);
    for (size_t i = 0; i < route->field_count; i++)
        put_field(w, &route->fields[i]);
    json_put_object_end(w);
    json_put_key(w, STR("required"));
    json_put_array_begin(w);
    for (size_t i = 0; i < route->field_count; i++)
        if (route->fields[i].needed)
            json_put_str(w, str_of(route->fields[i].name));
    json_put_array_end(w);
    put_type(w, "object");
    json_put_object_end(w);
}

static void put_media(JsonWriter *w, const char *type, bool binary) {
    json_put_key(w, str_of(type));
    json_put_object_begin(w);
    json_put_key(w, STR("schema"));
    json_put_object_begin(w);
    put_type(w, "string");
    if (binary)
        json_put_key_str(w, "contentMediaType", STR("application/octet-stream"));
    json_put_object_end(w);
    json_put_object_end(w);
}

static void put_body(JsonWriter *w, const WebRoute *route) {
    if (route->body == WEB_BODY_NONE)
        return;
    json_put_key(w, STR("requestBody"));
    json_put_object_begin(w);
    json_put_key(w, STR("content"));
    json_put_object_begin(w);
    switch (route->body) {
    case WEB_BODY_JSON:
        json_put_key(w, STR("application/json"));
        json_put_object_begin(w);
        json_put_key(w, STR("schema"));
        put_fields(w, route);
        json_put_object_end(w);
        break;
    case WEB_BODY_FILE:
        put_media(w, "application/octet-stream", true);
        put_media(w, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", true);
        put_media(w, "text/csv", false);
        break;
    case WEB_BODY_BYTES:
        put_media(w, "*/*", true);
        break;
    case WEB_BODY_FORM:
        put_media(w, "application/x-www-form-urlencoded", false);
        put_media(w, "multipart/form-data", true);
        break;
    case WEB_BODY_NONE:
        break;
    }
    json_put_object_end(w);
    json_put_key_bool(w, "required", true);
    json_put_object_end(w);
}

static void put_param(JsonWriter *w, Str name, const char *where) {
    bool path = strcmp(where, "path") == 0;
    json_put_object_begin(w);
    json_put_key_str(w, "in", str_of(where));
    json_put_key_str(w, "name", name);
    if (path)
        json_put_key_bool(w, "required", true);
    json_put_key(w, STR("schema"));
    json_put_object_begin(w);
    put_type(w, "string");
    json_put_object_end(w);
    json_put_object_end(w);
}

static void put_params(JsonWriter *w, const WebRoute *route) {
    Str rest = str_of(route->path), part;
    json_put_key(w, STR("parameters"));
    json_put_array_begin(w);
    while (str_split(&rest, '/', &part))
        if (part.n > 2 && part.p[0] == '{') {
            const char *close = memchr(part.p, '}', part.n);
            if (close)
                put_param(w, (Str){part.p + 1, (size_t)(close - part.p) - 1}, "path");
        }
    rest = str_of(route->params);
    while (rest.n && str_split(&rest, ' ', &part))
        put_param(w, part, "query");
    if (route->flags & WEB_LIST) {
        put_ref(w, "parameters", "after");
        put_ref(w, "parameters", "limit");
    }
    if (route->method != WEB_GET && route->act != WEB_ANYONE && !(route->flags & WEB_NO_REPLAY))
        put_ref(w, "parameters", "idempotencyKey");
    json_put_array_end(w);
}

static void put_answers(JsonWriter *w, const WebRoute *route) {
    bool media = strchr(route->answer, '/') != NULL;
    json_put_key(w, STR("responses"));
    json_put_object_begin(w);
    json_put_key(w, STR("2XX"));
    json_put_object_begin(w);
    if (route->answer[0]) {
        json_put_key(w, STR("content"));
        json_put_object_begin(w);
        if (media) {
            put_media(w, route->answer, strncmp(route->answer, "text/", 5) != 0);
        } else {
            json_put_key(w, STR("application/json"));
            json_put_object_begin(w);
            json_put_key(w, STR("schema"));
            put_ref(w, "schemas", route->answer);
            json_put_object_end(w);
        }
        json_put_object_end(w);
    }
    json_put_key_str(w, "description", STR("Done."));
    json_put_object_end(w);
    if (!(route->flags & WEB_PAGE)) {
        json_put_key(w, STR("default"));
        put_ref(w, "responses", "Problem");
    }
    json_put_object_end(w);
}

static void put_operation(JsonWriter *w, const WebRoute *route) {
    static const char *const keys[] = {"get", "post", "put", "patch", "delete"};
    json_put_key(w, str_of(keys[route->method]));
    json_put_object_begin(w);
    json_put_key_str(w, "operationId", str_of(route->name));
    put_params(w, route);
    put_body(w, route);
    put_answers(w, route);
    if (route->act == WEB_ANYONE) {
        json_put_key(w, STR("security"));
        json_put_array_begin(w);
        json_put_array_end(w);
    }
    json_put_key_str(w, "summary", str_of(route->words));
    if (route->act >= 0)
        json_put_key_str(w, "x-moei-act", str_of(desk_act_name((DeskAct)route->act)));
    json_put_object_end(w);
}

// The routes of one path stand together in the document, wherever they stand in the table.
static void put_paths(JsonWriter *w) {
    size_t n = web_route_count();
    json_put_key(w, STR("paths"));
    json_put_object_begin(w);
    for (size_t i = 0; i < n; i++) {
        const WebRoute *first = web_route_at(i);
        bool done = false;
        for (size_t k = 0; k < i && !done; k++)
            done = strcmp(web_route_at(k)->path, first->path) == 0;
        if (done)
            continue;
        json_put_key(w, str_of(first->path));
        json_put_object_begin(w);
        for (size_t k = i; k < n; k++)
            if (strcmp(web_route_at(k)->path, first->path) == 0)
                put_operation(w, web_route_at(k));
        json_put_object_end(w);
    }
    json_put_object_end(w);
}

Err web_openapi(Ctx *c, const char *version, Buf *out) {
    AUTO(JsonReader) reader = {0};
    const JsonValue *components;
    Str text;
    TRY(format_data_get(c, STR("data/api/components.json"), &text));
    TRY(json_reader_open(c, &reader));
    TRY(json_read(c, &reader, text, &components));
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("components"));
    json_put_value(&w, components);
    json_put_key(&w, STR("info"));
    json_put_object_begin(&w);
    json_put_key_str(
        &w, "description",
        STR("What agencies need to hold stolen money and give it back. docs/api.md has "
            "the meaning of each shape."));
    json_put_key_str(&w, "title", STR("Moei"));
    json_put_key_str(&w, "version", str_of(version));
    json_put_object_end(&w);
    json_put_key_str(&w, "openapi", STR("3.1.0"));
    put_paths(&w);
    json_put_key(&w, STR("security"));
    json_put_array_begin(&w);
    for (int i = 0; i < 2; i++) {
        json_put_object_begin(&w);
        json_put_key(&w, i ? STR("token") : STR("session"));
        json_put_array_begin(&w);
        json_put_array_end(&w);
        json_put_object_end(&w);
    }
    json_put_array_end(&w);
    json_put_object_end(&w);
    TRY(json_writer_end(c, &w));
    buf_char(out, '\n');
    return buf_check(c, out);
}
