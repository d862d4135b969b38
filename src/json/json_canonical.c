// RFC 8785: going through a tree in the order of its text or of its sorted keys, and telling
// whether a text is canonical by comparing it with its own tree, without writing anything.
#include "json/json.h"
#include "json/json_priv.h"

// A place in a container that is being gone through.
typedef struct Level {
    const JsonValue *v;
    const JsonMember **sorted; // NULL: members in their own order
    uint32_t next;
} Level;

typedef struct Walk {
    Level levels[JSON_DEPTH_MAX];
    uint32_t depth;
} Walk;

// --- the order of keys ------------------------------------------------------------------------

// Bytes of UTF-8 compare like UTF-16 code units, but that the surrogates of F0-F4 (U+10000 and up)
// come before EE and EF (U+E000 to U+FFFF). Where two keys first differ, both bytes are either
// first bytes or continuations, so that moving these few is enough.
static int unit_weight(uint8_t b) {
    if (b < 0xEE)
        return b;
    return b >= 0xF0 ? b - 2 : b + 5;
}

int json_key_cmp(Str a, Str b) {
    size_t n = a.n < b.n ? a.n : b.n;
    for (size_t i = 0; i < n; i++)
        if (a.p[i] != b.p[i])
            return unit_weight((uint8_t)a.p[i]) - unit_weight((uint8_t)b.p[i]);
    return (a.n > b.n) - (a.n < b.n);
}

bool json_members_rise(const JsonMember *members, size_t n, JsonKeyOrder order) {
    for (size_t i = 1; i < n; i++)
        if (order(members[i - 1].key, members[i].key) >= 0)
            return false;
    return true;
}

static void merge(const JsonMember **from, const JsonMember **to, const size_t bounds[3],
                  JsonKeyOrder order) {
    size_t left = bounds[0];
    size_t right = bounds[1];
    for (size_t i = bounds[0]; i < bounds[2]; i++) {
        bool take_left = right == bounds[2] ||
                         (left < bounds[1] && order(from[left]->key, from[right]->key) <= 0);
        to[i] = take_left ? from[left++] : from[right++];
    }
}

void json_sort_members(const JsonMember **members, const JsonMember **spare, size_t n,
                       JsonKeyOrder order) {
    const JsonMember **from = members;
    const JsonMember **to = spare;
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t at = 0; at < n; at += 2 * width) {
            size_t middle = at + width < n ? at + width : n;
            size_t stop = at + 2 * width < n ? at + 2 * width : n;
            merge(from, to, (const size_t[3]){at, middle, stop}, order);
        }
        const JsonMember **other = from;
        from = to;
        to = other;
    }
    if (from != members)
        memcpy(members, from, n * sizeof *members);
}

// --- writing a tree ---------------------------------------------------------------------------

static Err sort_keys(Ctx *c, const JsonValue *v, const JsonMember ***ret_sorted) {
    *ret_sorted = NULL;
    if (v->type != JSON_OBJECT || json_members_rise(v->members, v->count, json_key_cmp))
        return OK;
    const JsonMember **sorted;
    TRY(ctx_alloc(c, 2 * (size_t)v->count * sizeof(JsonMember *), &sorted));
    for (uint32_t i = 0; i < v->count; i++)
        sorted[i] = &v->members[i];
    json_sort_members(sorted, sorted + v->count, v->count, json_key_cmp);
    *ret_sorted = sorted;
    return OK;
}

static bool is_container(const JsonValue *v) {
    return v->type == JSON_ARRAY || v->type == JSON_OBJECT;
}

static void put_scalar(JsonWriter *w, const JsonValue *v) {
    switch (v->type) {
    case JSON_NULL:
        json_put_null(w);
        return;
    case JSON_BOOL:
        json_put_bool(w, v->b);
        return;
    case JSON_INT:
        json_put_i64(w, v->i);
        return;
    case JSON_DOUBLE:
        json_put_double(w, v->d);
        return;
    case JSON_STR:
        json_put_str(w, v->s);
        return;
    case JSON_ARRAY:
    case JSON_OBJECT:
        break;
    }
    UNREACHABLE();
}

static void leave(JsonWriter *w, Walk *k) {
    ASSERT(k->depth > 0);
    if (k->levels[--k->depth].v->type == JSON_OBJECT)
        json_put_object_end(w);
    else
        json_put_array_end(w);
}

// The next item of the container on top, its key written; NULL at the container's end.
static const JsonValue *put_next(JsonWriter *w, Level *l) {
    if (l->next == l->v->count)
        return NULL;
    uint32_t i = l->next++;
    if (l->v->type == JSON_ARRAY)
        return &l->v->items[i];
    const JsonMember *m = l->sorted ? l->sorted[i] : &l->v->members[i];
    json_put_key(w, m->key);
    return &m->value;
}

// With c NULL the members stay in their own order, and nothing can fail.
static Err put_tree(Ctx *c, JsonWriter *w, const JsonValue *root) {
    Walk k;
    k.depth = 0;
    const JsonValue *v = root;
    for (;;) {
        if (v && is_container(v)) {
            ASSERT(k.depth < JSON_DEPTH_MAX);
            Level *l = &k.levels[k.depth++];
            *l = (Level){.v = v};
            if (c)
                TRY(sort_keys(c, v, &l->sorted));
            if (v->type == JSON_OBJECT)
                json_put_object_begin(w);
            else
                json_put_array_begin(w);
        } else if (v) {
            put_scalar(w, v);
        } else {
            leave(w, &k);
        }
        if (k.depth == 0)
            return OK;
        v = put_next(w, &k.levels[k.depth - 1]);
    }
}

void json_put_value(JsonWriter *w, const JsonValue *v) {
    Err e = put_tree(NULL, w, v);
    ASSERT(e == OK);
}

Err json_canonical(Ctx *c, const JsonValue *v, Buf *out) {
    JsonWriter w = json_writer_start(out);
    TRY(put_tree(c, &w, v));
    return json_writer_end(c, &w);
}

// --- comparing a text with its tree -----------------------------------------------------------

typedef struct Match {
    Str text;
    size_t at;
    Buf scratch;
} Match;

static void Match_cleanup(Match *m) {
    buf_done(&m->scratch);
}

static bool match_bytes(Match *m, Str want) {
    if (m->text.n - m->at < want.n || memcmp(m->text.p + m->at, want.p, want.n) != 0)
        return false;
    m->at += want.n;
    return true;
}

static bool match_char(Match *m, char ch) {
    if (m->at == m->text.n || m->text.p[m->at] != ch)
        return false;
    m->at++;
    return true;
}

// Most strings stand in the text as they are. If all bytes and the closing quote agree, there was
// no escape between: with one, the text would be longer than the string.
static bool match_string(Match *m, Str s) {
    if (m->text.n - m->at >= s.n + 2 && m->text.p[m->at] == '"' &&
        m->text.p[m->at + 1 + s.n] == '"' && memcmp(m->text.p + m->at + 1, s.p, s.n) == 0) {
        m->at += s.n + 2;
        return true;
    }
    buf_clear(&m->scratch);
    json_escape(&m->scratch, s);
    return !m->scratch.failed && match_bytes(m, buf_view(&m->scratch));
}

static bool match_int(Match *m, int64_t v) {
    char digits[24];
    size_t from = sizeof digits;
    uint64_t rest = v < 0 ? (uint64_t)-v : (uint64_t)v; // |v| <= 2^53 - 1
    do {
        digits[--from] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (v < 0)
        digits[--from] = '-';
    return match_bytes(m, (Str){digits + from, sizeof digits - from});
}

static bool match_double(Match *m, double v) {
    char text[JSON_NUMBER_TEXT_BYTES];
    size_t n = json_format_double(v, text);
    return match_bytes(m, (Str){text, n});
}

static bool match_scalar(Match *m, const JsonValue *v) {
    switch (v->type) {
    case JSON_NULL:
        return match_bytes(m, STR("null"));
    case JSON_BOOL:
        return match_bytes(m, v->b ? STR("true") : STR("false"));
    case JSON_INT:
        return match_int(m, v->i);
    case JSON_DOUBLE:
        return match_double(m, v->d);
    case JSON_STR:
        return match_string(m, v->s);
    case JSON_ARRAY:
    case JSON_OBJECT:
        break;
    }
    UNREACHABLE();
}

typedef enum Step { STEP_VALUE, STEP_END, STEP_MISMATCH } Step;

// Comma and key of the next item in the container on top, or its end.
static Step match_next(Match *m, Level *l, const JsonValue **ret_v) {
    bool object = l->v->type == JSON_OBJECT;
    if (l->next == l->v->count)
        return match_char(m, object ? '}' : ']') ? STEP_END : STEP_MISMATCH;
    uint32_t i = l->next++;
    if (i > 0 && !match_char(m, ','))
        return STEP_MISMATCH;
    if (!object) {
        *ret_v = &l->v->items[i];
        return STEP_VALUE;
    }
    const JsonMember *member = &l->v->members[i];
    if (i > 0 && json_key_cmp(l->v->members[i - 1].key, member->key) >= 0)
        return STEP_MISMATCH;
    *ret_v = &member->value;
    return match_string(m, member->key) && match_char(m, ':') ? STEP_VALUE : STEP_MISMATCH;
}

static bool match_tree(Match *m, const JsonValue *root) {
    Walk k;
    k.depth = 0;
    const JsonValue *v = root;
    for (;;) {
        if (is_container(v)) {
            ASSERT(k.depth < JSON_DEPTH_MAX);
            k.levels[k.depth++] = (Level){.v = v};
            if (!match_char(m, v->type == JSON_OBJECT ? '{' : '['))
                return false;
        } else if (!match_scalar(m, v)) {
            return false;
        }
        Step step = STEP_END;
        while (k.depth > 0) {
            step = match_next(m, &k.levels[k.depth - 1], &v);
            if (step != STEP_END)
                break;
            k.depth--;
        }
        if (step == STEP_MISMATCH)
            return false;
        if (k.depth == 0)
            return m->at == m->text.n;
    }
}

Err json_match_canonical(Ctx *c, Str text, const JsonValue *v) {
    AUTO(Match) m = {.text = text};
    bool same = match_tree(&m, v);
    TRY(buf_check(c, &m.scratch));
    if (!same)
        return fail(c, E_INVALID, "not in the canonical form of RFC 8785 at byte %zu", m.at);
    return OK;
}
