// Looking into a tree, with errors that name the place in the words of who wrote the document.
#include "json/json.h"
#include "json/json_priv.h"

const char *json_type_words(JsonType t) {
    switch (t) {
    case JSON_NULL:
        return "null";
    case JSON_BOOL:
        return "true or false";
    case JSON_INT:
        return "a whole number";
    case JSON_DOUBLE:
        return "a number";
    case JSON_STR:
        return "a text";
    case JSON_ARRAY:
        return "a list";
    case JSON_OBJECT:
        return "an object";
    }
    UNREACHABLE();
}

const JsonValue *json_find(const JsonValue *object, Str key) {
    if (!object || object->type != JSON_OBJECT)
        return NULL;
    for (uint32_t i = 0; i < object->count; i++)
        if (str_eq(object->members[i].key, key))
            return &object->members[i].value;
    return NULL;
}

const JsonValue *json_find_path(const JsonValue *object, const char *path) {
    Str rest = str_of(path);
    Str key;
    const JsonValue *v = object;
    while (v && str_split(&rest, '.', &key))
        v = json_find(v, key);
    return v;
}

static const char *shown_name(const char *name) {
    return name[0] ? name : "the document";
}

static bool is_type(const JsonValue *v, JsonType t) {
    return v && v->type == t;
}

// The words for a value that is absent or not of the type wanted.
static Err refuse(Ctx *c, const JsonValue *v, const char *name, JsonType want) {
    if (!v)
        return fail(c, E_INVALID, "\"%s\" is missing", shown_name(name));
    if (want == JSON_INT && v->type == JSON_DOUBLE)
        return fail(c, E_INVALID, "\"%s\" must be a whole number within ±(2^53 - 1)",
                    shown_name(name));
    return fail(c, E_INVALID, "\"%s\" must be %s, not %s", shown_name(name), json_type_words(want),
                v->type == JSON_BOOL ? (v->b ? "true" : "false") : json_type_words(v->type));
}

Err json_as_str(Ctx *c, const JsonValue *v, const char *name, Str *ret_s) {
    if (!is_type(v, JSON_STR))
        return refuse(c, v, name, JSON_STR);
    *ret_s = v->s;
    return OK;
}

Err json_as_int(Ctx *c, const JsonValue *v, const char *name, int64_t *ret_i) {
    if (!is_type(v, JSON_INT))
        return refuse(c, v, name, JSON_INT);
    *ret_i = v->i;
    return OK;
}

Err json_as_double(Ctx *c, const JsonValue *v, const char *name, double *ret_d) {
    if (is_type(v, JSON_INT)) {
        *ret_d = (double)v->i;
        return OK;
    }
    if (!is_type(v, JSON_DOUBLE))
        return refuse(c, v, name, JSON_DOUBLE);
    *ret_d = v->d;
    return OK;
}

Err json_as_bool(Ctx *c, const JsonValue *v, const char *name, bool *ret_b) {
    if (!is_type(v, JSON_BOOL))
        return refuse(c, v, name, JSON_BOOL);
    *ret_b = v->b;
    return OK;
}

Err json_as_array(Ctx *c, const JsonValue *v, const char *name, const JsonValue **ret_v) {
    if (!is_type(v, JSON_ARRAY))
        return refuse(c, v, name, JSON_ARRAY);
    *ret_v = v;
    return OK;
}

Err json_as_object(Ctx *c, const JsonValue *v, const char *name, const JsonValue **ret_v) {
    if (!is_type(v, JSON_OBJECT))
        return refuse(c, v, name, JSON_OBJECT);
    *ret_v = v;
    return OK;
}

Err json_get_str(Ctx *c, const JsonValue *object, const char *path, Str *ret_s) {
    return json_as_str(c, json_find_path(object, path), path, ret_s);
}

Err json_get_int(Ctx *c, const JsonValue *object, const char *path, int64_t *ret_i) {
    return json_as_int(c, json_find_path(object, path), path, ret_i);
}

Err json_get_bool(Ctx *c, const JsonValue *object, const char *path, bool *ret_b) {
    return json_as_bool(c, json_find_path(object, path), path, ret_b);
}

Err json_get_array(Ctx *c, const JsonValue *object, const char *path, const JsonValue **ret_v) {
    return json_as_array(c, json_find_path(object, path), path, ret_v);
}

Err json_get_object(Ctx *c, const JsonValue *object, const char *path, const JsonValue **ret_v) {
    return json_as_object(c, json_find_path(object, path), path, ret_v);
}

// The value at the path unless it is absent or null.
static const JsonValue *find_given(const JsonValue *object, const char *path) {
    const JsonValue *v = json_find_path(object, path);
    return v && v->type != JSON_NULL ? v : NULL;
}

Err json_find_str(Ctx *c, const JsonValue *object, const char *path, Str *ret_s) {
    const JsonValue *v = find_given(object, path);
    return v ? json_as_str(c, v, path, ret_s) : OK;
}

Err json_find_int(Ctx *c, const JsonValue *object, const char *path, int64_t *ret_i) {
    const JsonValue *v = find_given(object, path);
    return v ? json_as_int(c, v, path, ret_i) : OK;
}

Err json_find_bool(Ctx *c, const JsonValue *object, const char *path, bool *ret_b) {
    const JsonValue *v = find_given(object, path);
    return v ? json_as_bool(c, v, path, ret_b) : OK;
}

Err json_find_array(Ctx *c, const JsonValue *object, const char *path, const JsonValue **ret_v) {
    const JsonValue *v = find_given(object, path);
    return v ? json_as_array(c, v, path, ret_v) : OK;
}

Err json_find_object(Ctx *c, const JsonValue *object, const char *path, const JsonValue **ret_v) {
    const JsonValue *v = find_given(object, path);
    return v ? json_as_object(c, v, path, ret_v) : OK;
}

static bool among(Str key, const char *const *keys, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (str_eq_c(key, keys[i]))
            return true;
    return false;
}

Err json_check_keys(Ctx *c, const JsonValue *object, const char *name, const char *const *keys,
                    size_t n) {
    if (!is_type(object, JSON_OBJECT))
        return refuse(c, object, name, JSON_OBJECT);
    for (uint32_t i = 0; i < object->count; i++) {
        Str key = object->members[i].key;
        if (among(key, keys, n))
            continue;
        return fail(c, E_INVALID, "the key \"" STR_FMT "\" is not known in \"%s\"", STR_ARG(key),
                    shown_name(name));
    }
    return OK;
}
