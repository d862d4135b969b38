// Reading: simdjson checks the text and lays out a tape; this file copies the tape into a tree of
// the request's arena and checks what simdjson leaves open: duplicate keys, depth, lone surrogates.
#include "json/json.h"
#include "json/json_priv.h"

// The tape has 24 bits for the number of items; no document may come near.
static_assert(JSON_DOCUMENT_BYTES_MAX / 2 < 0xFFFFFF, "item counts fit the tape");
// Integers with fewer digits always fit into 64 bits.
#define INTEGER_DIGITS_SAFE 18
// Up to this many keys, comparing all pairs is quicker than sorting.
#define PAIRWISE_KEYS_MAX 12

typedef struct Frame {
    JsonValue *items;    // of an array
    JsonMember *members; // of an object
    uint32_t count, next;
} Frame;

typedef struct Builder {
    Ctx *c;
    const uint64_t *tape;
    const uint8_t *strings; // simdjson's: 4 bytes of length, the bytes, NUL
    size_t at;              // in the tape
    char *text;             // where the next string is copied to
    Frame frames[JSON_DEPTH_MAX];
    uint32_t depth;
} Builder;

Err json_reader_open(Ctx *c, JsonReader *ret_reader) {
    void *parser = json_shim_open();
    if (!parser)
        return fail(c, E_MEMORY, "no memory for a JSON parser");
    *ret_reader = (JsonReader){.parser = parser};
    return OK;
}

void json_reader_close(JsonReader *r) {
    json_shim_close(r->parser);
    *r = (JsonReader){0};
}

void JsonReader_cleanup(JsonReader *r) {
    json_reader_close(r);
}

bool json_utf8_valid(Str bytes) {
    return bytes.n == 0 || json_shim_utf8_valid(bytes.p, bytes.n);
}

static Str take_string(Builder *b, uint64_t word) {
    const uint8_t *from = b->strings + (word & 0x00FFFFFFFFFFFFFFULL);
    size_t n = load_u32le(from);
    char *to = b->text;
    memcpy(to, from + 4, n);
    to[n] = '\0';
    b->text += n + 1;
    return (Str){to, n};
}

static void set_double(JsonValue *v, double d) {
    if (d >= -(double)BASE_INT_SAFE_MAX && d <= (double)BASE_INT_SAFE_MAX &&
        (double)(int64_t)d == d) {
        v->type = JSON_INT;
        v->i = (int64_t)d;
        return;
    }
    v->type = JSON_DOUBLE;
    v->d = d;
}

static void set_number(JsonValue *v, char kind, uint64_t bits) {
    if (kind == 'd') {
        double d;
        memcpy(&d, &bits, sizeof d);
        set_double(v, d);
        return;
    }
    int64_t i = (int64_t)bits;
    if (kind == 'u') {
        set_double(v, (double)bits);
    } else if (i < -BASE_INT_SAFE_MAX || i > BASE_INT_SAFE_MAX) {
        set_double(v, (double)i);
    } else {
        v->type = JSON_INT;
        v->i = i;
    }
}

static Err enter_container(Builder *b, JsonValue *v, uint64_t word) {
    if (b->depth == JSON_DEPTH_MAX)
        return fail(b->c, E_LIMIT, "the JSON is nested deeper than %d levels", JSON_DEPTH_MAX);
    bool object = (word >> 56) == '{';
    uint32_t count = (uint32_t)(word >> 32) & 0xFFFFFF;
    if (object && count > JSON_KEYS_MAX)
        return fail(b->c, E_LIMIT, "a JSON object has more than %d keys", JSON_KEYS_MAX);
    Frame f = {.count = count};
    size_t bytes = (size_t)count * (object ? sizeof(JsonMember) : sizeof(JsonValue));
    void *memory = NULL;
    if (count > 0)
        TRY(ctx_alloc(b->c, bytes, &memory));
    v->count = count;
    if (object) {
        v->type = JSON_OBJECT;
        f.members = memory;
        v->members = f.members;
    } else {
        v->type = JSON_ARRAY;
        f.items = memory;
        v->items = f.items;
    }
    b->frames[b->depth++] = f;
    return OK;
}

static Err refuse_duplicate(Ctx *c, Str key) {
    Str shown = key.n > 80 ? (Str){key.p, 80} : key;
    while (shown.n < key.n && shown.n > 0 && ((uint8_t)key.p[shown.n] & 0xC0) == 0x80)
        shown.n--;
    return fail(c, E_INVALID, "the key \"" STR_FMT "\" stands twice in one JSON object",
                STR_ARG(shown));
}

static Err check_duplicates(Ctx *c, const JsonMember *m, uint32_t n) {
    if (json_members_rise(m, n, str_cmp))
        return OK;
    if (n <= PAIRWISE_KEYS_MAX) {
        for (uint32_t i = 1; i < n; i++)
            for (uint32_t k = 0; k < i; k++)
                if (str_eq(m[i].key, m[k].key))
                    return refuse_duplicate(c, m[i].key);
        return OK;
    }
    // Sorting keeps hostile documents at n log n, and needs no secret as a hash table would.
    const JsonMember **order;
    TRY(ctx_alloc(c, 2 * (size_t)n * sizeof(JsonMember *), &order));
    for (uint32_t i = 0; i < n; i++)
        order[i] = &m[i];
    json_sort_members(order, order + n, n, str_cmp);
    for (uint32_t i = 1; i < n; i++)
        if (str_eq(order[i - 1]->key, order[i]->key))
            return refuse_duplicate(c, order[i]->key);
    return OK;
}

// Takes the value at the tape's place into *v; a container is entered, its content comes later.
static Err take_value(Builder *b, JsonValue *v) {
    uint64_t word = b->tape[b->at++];
    char kind = (char)(word >> 56);
    *v = (JsonValue){.type = JSON_NULL};
    switch (kind) {
    case '"':
        v->type = JSON_STR;
        v->s = take_string(b, word);
        return OK;
    case 'l':
    case 'u':
    case 'd':
        set_number(v, kind, b->tape[b->at++]);
        return OK;
    case 't':
    case 'f':
        v->type = JSON_BOOL;
        v->b = kind == 't';
        return OK;
    case 'n':
        return OK;
    case '{':
    case '[':
        return enter_container(b, v, word);
    }
    UNREACHABLE();
}

static Err build_tree(Builder *b, JsonValue *root) {
    b->at = 1; // word 0 is the root's own
    TRY(take_value(b, root));
    while (b->depth > 0) {
        Frame *f = &b->frames[b->depth - 1];
        if (f->next == f->count) {
            if (f->members)
                TRY(check_duplicates(b->c, f->members, f->count));
            b->at++; // the closing word
            b->depth--;
            continue;
        }
        JsonValue *v;
        ASSERT(f->members || f->items);
        if (f->members) {
            JsonMember *m = &f->members[f->next++];
            m->key = take_string(b, b->tape[b->at++]);
            v = &m->value;
        } else {
            v = &f->items[f->next++];
        }
        TRY(take_value(b, v));
    }
    return OK;
}

static size_t line_of(Str text, size_t at) {
    size_t line = 1;
    for (size_t i = 0; i < at; i++)
        line += text.p[i] == '\n';
    return line;
}

static Err fail_at_fault(Ctx *c, Str text, ShimResult r) {
    size_t at;
    const char *what;
    if (json_locate_fault(text, &at, &what))
        return fail(c, E_INVALID, "not JSON at byte %zu (line %zu): %s", at, line_of(text, at),
                    what);
    if (r == SHIM_NUMBER)
        return fail(c, E_INVALID, "not JSON: a number is too large for a double");
    return fail(c, E_INVALID, "not JSON");
}

static bool is_exponent_mark(char ch) {
    return ch == 'e' || ch == 'E';
}

// simdjson refuses integers of more than 64 bits, which are good JSON and read as doubles. Writing
// ".0" behind them says the same number in a form that it takes.
static void widen_integers(Str text, Buf *out) {
    size_t i = 0;
    while (i < text.n) {
        size_t from = i;
        if (text.p[i] == '"') {
            for (i++; i < text.n && text.p[i] != '"'; i++)
                i += text.p[i] == '\\';
            i = i < text.n ? i + 1 : text.n;
            buf_append(out, text.p + from, i - from);
            continue;
        }
        while (i < text.n && text.p[i] >= '0' && text.p[i] <= '9')
            i++;
        // What follows a point or an exponent is no integer; a '-' there is told from a sign by
        // what stands before it.
        char before = from > 0 ? text.p[from - 1] : '[';
        bool in_exponent = is_exponent_mark(before) || before == '+' ||
                           (before == '-' && from > 1 && is_exponent_mark(text.p[from - 2]));
        char after = i < text.n ? text.p[i] : ']';
        bool plain = before != '.' && !in_exponent && after != '.' && !is_exponent_mark(after);
        size_t digits = i - from;
        i += digits == 0;
        buf_append(out, text.p + from, i - from);
        if (plain && digits > INTEGER_DIGITS_SAFE)
            buf_str(out, STR(".0"));
    }
}

static Err parse_wide(Ctx *c, JsonReader *r, Str text, Builder *b) {
    AUTO(Buf) wide = {0};
    widen_integers(text, &wide);
    TRY(buf_check(c, &wide));
    ShimResult result = json_shim_parse(r->parser, wide.p, wide.n, &b->tape, &b->strings);
    if (result == SHIM_MEMORY)
        return fail(c, E_MEMORY, "no memory to read JSON of %zu bytes", text.n);
    return result == SHIM_OK ? OK : fail_at_fault(c, text, result);
}

static Err parse_text(Ctx *c, JsonReader *r, Str text, Builder *b) {
    if (text.n > JSON_DOCUMENT_BYTES_MAX)
        return fail(c, E_LIMIT, "the JSON is longer than %d bytes", JSON_DOCUMENT_BYTES_MAX);
    switch (json_shim_parse(r->parser, text.p, text.n, &b->tape, &b->strings)) {
    case SHIM_OK:
        return OK;
    case SHIM_NUMBER:
        return parse_wide(c, r, text, b);
    case SHIM_DEPTH:
        return fail(c, E_LIMIT, "the JSON is nested deeper than %d levels", JSON_DEPTH_MAX);
    case SHIM_MEMORY:
        return fail(c, E_MEMORY, "no memory to read JSON of %zu bytes", text.n);
    case SHIM_SYNTAX:
        return fail_at_fault(c, text, SHIM_SYNTAX);
    }
    UNREACHABLE();
}

Err json_read(Ctx *c, JsonReader *r, Str text, const JsonValue **ret_value) {
    ASSERT(r->parser);
    Builder b;
    b.c = c;
    b.depth = 0;
    b.tape = NULL;
    TRY(parse_text(c, r, text, &b));
    ASSERT(b.tape);
    // A string of the text has two quotes where its copy has one NUL, and no escape is shorter than
    // what it stands for: the copies together are never longer than the text.
    JsonValue *root;
    char *strings;
    TRY(ctx_alloc(c, sizeof *root, &root));
    TRY(ctx_alloc(c, text.n + 1, &strings));
    b.text = strings;
    TRY(build_tree(&b, root));
    // simdjson lets a lone low surrogate pass when it is written as \uDC00.
    if (!json_utf8_valid((Str){strings, (size_t)(b.text - strings)}))
        return fail_at_fault(c, text, SHIM_SYNTAX);
    *ret_value = root;
    return OK;
}

Err json_read_canonical(Ctx *c, JsonReader *r, Str text, const JsonValue **ret_value) {
    const JsonValue *v = NULL;
    TRY(json_read(c, r, text, &v));
    TRY(json_match_canonical(c, text, v));
    *ret_value = v;
    return OK;
}

Err json_is_canonical(Ctx *c, JsonReader *r, Str text) {
    const JsonValue *v;
    return json_read_canonical(c, r, text, &v);
}
