// Mappings: how a bank's columns become ours, read from JSON and checked to the last key.
#include "format/format_priv.h"

#include "json/json.h"

#include <stdio.h>

#define NAME_BYTES_MAX 64
#define SEPARATOR_BYTES_MAX 4
#define STEP_SECONDS_MAX (366LL * 86400)

// --- native columns
// ---------------------------------------------------------------------------------

static const char *const transfer_names[T_COUNT] = {"id",
                                                    "booked_at",
                                                    "from_country",
                                                    "from_institution",
                                                    "from_account",
                                                    "to_country",
                                                    "to_institution",
                                                    "to_account",
                                                    "amount",
                                                    "currency",
                                                    "credited_amount",
                                                    "credited_currency",
                                                    "from_balance",
                                                    "to_balance",
                                                    "seq",
                                                    "channel",
                                                    "memo"};

static const char *const report_names[R_COUNT] = {
    "id",        "reported_at", "victim", "country", "channel", "loss",       "currency",
    "transfers", "accounts",    "phones", "urls",    "story",   "happened_at"};

const char *format_kind_name(FormatKind kind) {
    return kind == FORMAT_TRANSFERS ? "transfers" : "reports";
}

size_t targets_count(FormatKind kind) {
    return kind == FORMAT_TRANSFERS ? T_COUNT : R_COUNT;
}

const char *target_name(FormatKind kind, size_t target) {
    ASSERT(target < targets_count(kind));
    return kind == FORMAT_TRANSFERS ? transfer_names[target] : report_names[target];
}

bool target_find(FormatKind kind, Str name, size_t *ret_target) {
    for (size_t i = 0; i < targets_count(kind); i++) {
        if (str_eq_c(name, target_name(kind, i))) {
            *ret_target = i;
            return true;
        }
    }
    return false;
}

size_t targets_needed(FormatKind kind) {
    return kind == FORMAT_TRANSFERS ? T_CREDITED_AMOUNT : R_HAPPENED_AT;
}

Str format_transfer_header(void) {
    return STR("id,booked_at,from_country,from_institution,from_account,to_country,"
               "to_institution,to_account,amount,currency,credited_amount,credited_currency,"
               "from_balance,to_balance,seq,channel,memo");
}

Str format_report_header(void) {
    return STR("id,reported_at,victim,country,channel,loss,currency,transfers,accounts,phones,"
               "urls,story,happened_at");
}

// --- memory of a mapping
// ----------------------------------------------------------------------------

static Err mapping_new(Ctx *c, FormatMapping **ret_mapping) {
    FormatMapping *m = mem_alloc_zero(1, sizeof *m);
    if (m == NULL)
        return fail(c, E_MEMORY, "no memory for a mapping");
    m->delimiter = ',';
    m->decimal = '.';
    for (size_t i = 0; i < TARGETS_MAX; i++)
        dict_init(&m->columns[i].keys, 0x6d6170);
    *ret_mapping = m;
    return OK;
}

void format_mapping_close(FormatMapping *m) {
    if (m == NULL)
        return;
    for (size_t i = 0; i < TARGETS_MAX; i++)
        dict_done(&m->columns[i].keys);
    arena_done(&m->memory);
    mem_free(m);
}

void FormatMappingPtr_cleanup(FormatMappingPtr *m) {
    format_mapping_close(*m);
}

static Err mapping_alloc(Ctx *c, FormatMapping *m, size_t bytes, void *ret_ptr) {
    void *p = arena_alloc(&m->memory, bytes);
    if (p == NULL)
        return fail(c, E_MEMORY, "no memory for a mapping");
    memset(p, 0, bytes);
    memcpy(ret_ptr, &p, sizeof p);
    return OK;
}

static Err keep(Ctx *c, FormatMapping *m, Str s, Str *ret_s) {
    char *p = NULL;
    TRY(mapping_alloc(c, m, s.n + 1, &p));
    if (s.n)
        memcpy(p, s.p, s.n);
    *ret_s = (Str){p, s.n};
    return OK;
}

const FormatMapping *format_mapping_at(const FormatTables *t, size_t i) {
    return i < t->mapping_count ? t->mappings[i] : NULL;
}

Str format_mapping_name(const FormatMapping *m) {
    return m->name;
}

FormatKind format_mapping_kind(const FormatMapping *m) {
    return m->kind;
}

Err mapping_native(Ctx *c, FormatKind kind, FormatMapping **ret_mapping) {
    FormatMapping *m = NULL;
    TRY(mapping_new(c, &m));
    m->kind = kind;
    m->native = true;
    m->name = str_of(format_kind_name(kind));
    for (size_t i = 0; i < targets_count(kind); i++) {
        m->columns[i].set = true;
        m->columns[i].source_count = 1;
        m->columns[i].sources[0] =
            (Source){.kind = SOURCE_NAME, .name = str_of(target_name(kind, i))};
    }
    *ret_mapping = m;
    return OK;
}

// --- columns
// ----------------------------------------------------------------------------------------

typedef struct Place {
    FormatMapping *m;
    size_t target;
    char name[96]; // "columns.amount.from", for the words of errors
} Place;

static const char *place_key(Place *p, const char *key) {
    snprintf(p->name, sizeof p->name, "columns.%s.%s", target_name(p->m->kind, p->target), key);
    return p->name;
}

// How often a name stands in the header; 1 where the header is not told.
static size_t header_times(const FormatMapping *m, Str name) {
    size_t times = m->header_count == 0;
    for (size_t i = 0; i < m->header_count; i++)
        times += str_eq(m->header[i], name);
    return times;
}

static Err source_parse(Ctx *c, Place *p, const JsonValue *v, Source *ret_source) {
    Str text;
    const FormatMapping *m = p->m;
    TRY(json_as_str(c, v, place_key(p, "from"), &text));
    if (str_eq_c(text, "#row")) {
        *ret_source = (Source){.kind = SOURCE_ROW};
        return OK;
    }
    int64_t number = 0;
    if (text.n && text.p[0] == '#') {
        int64_t most = m->header_count ? (int64_t)m->header_count : CSV_COLUMNS_MAX;
        if (!str_to_i64((Str){text.p + 1, text.n - 1}, &number) || number < 1 || number > most)
            return fail(c, E_INVALID, "\"%s\": " STR_FMT " is no column (#1 to #%lld, or #row)",
                        place_key(p, "from"), STR_ARG(text), (long long)most);
        *ret_source = (Source){.kind = SOURCE_NUMBER, .number = (uint32_t)number};
        return OK;
    }
    size_t times = header_times(m, text);
    if (times == 0)
        return fail(c, E_INVALID, "\"%s\": \"" STR_FMT "\" is not in \"header\"",
                    place_key(p, "from"), STR_ARG(text));
    if (times > 1)
        return fail(c, E_INVALID,
                    "\"%s\": \"" STR_FMT "\" stands %zu times in \"header\": say #n for the n-th "
                    "column",
                    place_key(p, "from"), STR_ARG(text), times);
    *ret_source = (Source){.kind = SOURCE_NAME};
    return keep(c, p->m, text, &ret_source->name);
}

static Err from_parse(Ctx *c, Place *p, const JsonValue *v, MapColumn *col) {
    const JsonValue *items = v;
    size_t n = 1;
    if (v->type == JSON_ARRAY) {
        items = v->items;
        n = v->count;
    }
    if (n == 0 || n > MAPPING_FROM_MAX)
        return fail(c, E_INVALID, "\"%s\" must name 1 to %d columns", place_key(p, "from"),
                    MAPPING_FROM_MAX);
    for (size_t i = 0; i < n; i++)
        TRY(source_parse(c, p, &items[i], &col->sources[i]));
    col->source_count = (uint32_t)n;
    return OK;
}

static Err map_parse(Ctx *c, Place *p, const JsonValue *v, MapColumn *col) {
    TRY(json_as_object(c, v, place_key(p, "map"), &v));
    if (v->count == 0 || v->count > MAPPING_MAP_ITEMS_MAX)
        return fail(c, E_INVALID, "\"%s\" must have 1 to %d members", place_key(p, "map"),
                    MAPPING_MAP_ITEMS_MAX);
    TRY(mapping_alloc(c, p->m, v->count * sizeof *col->values, &col->values));
    for (uint32_t i = 0; i < v->count; i++) {
        uint32_t id = 0;
        Str value;
        TRY(json_as_str(c, &v->members[i].value, place_key(p, "map"), &value));
        TRY(dict_intern(c, &col->keys, v->members[i].key, &id));
        TRY(keep(c, p->m, value, &col->values[id]));
    }
    col->has_map = true;
    return OK;
}

static Err column_parse(Ctx *c, FormatMapping *m, const JsonMember *member) {
    static const char *const keys[] = {"from", "const", "default", "join", "map"};
    Place p = {.m = m};
    if (!target_find(m->kind, member->key, &p.target))
        return fail(c, E_INVALID, "\"columns\": " STR_FMT " is no column of %s",
                    STR_ARG(member->key), format_kind_name(m->kind));
    MapColumn *col = &m->columns[p.target];
    const JsonValue *v = NULL;
    Str text = {0};
    char name[96];
    snprintf(name, sizeof name, "columns.%s", target_name(m->kind, p.target));
    TRY(json_as_object(c, &member->value, name, &v));
    TRY(json_check_keys(c, v, name, keys, COUNT_OF(keys)));
    const JsonValue *from = json_find(v, STR("from")), *constant = json_find(v, STR("const"));
    const JsonValue *map = json_find(v, STR("map")), *join = json_find(v, STR("join"));
    const JsonValue *fallback = json_find(v, STR("default"));
    if (!from == !constant)
        return fail(c, E_INVALID, "\"%s\" must have either \"from\" or \"const\"", name);
    if (constant && (map || join || fallback))
        return fail(c, E_INVALID, "\"%s\": beside \"const\" nothing else may stand", name);
    if (constant) {
        TRY(json_as_str(c, constant, place_key(&p, "const"), &text));
        TRY(keep(c, m, text, &col->constant));
        col->has_const = true;
    } else {
        TRY(from_parse(c, &p, from, col));
    }
    if (join) {
        TRY(json_as_str(c, join, place_key(&p, "join"), &text));
        TRY(keep(c, m, text, &col->join));
    }
    if (fallback) {
        TRY(json_as_str(c, fallback, place_key(&p, "default"), &text));
        TRY(keep(c, m, text, &col->fallback));
    }
    if (map)
        TRY(map_parse(c, &p, map, col));
    col->set = true;
    return OK;
}

static Err columns_parse(Ctx *c, FormatMapping *m, const JsonValue *root) {
    static const size_t transfers_need[] = {T_BOOKED_AT, T_AMOUNT, T_CURRENCY};
    static const size_t reports_need[] = {R_REPORTED_AT};
    const JsonValue *v = NULL;
    TRY(json_get_object(c, root, "columns", &v));
    for (uint32_t i = 0; i < v->count; i++)
        TRY(column_parse(c, m, &v->members[i]));
    bool transfers = m->kind == FORMAT_TRANSFERS;
    const size_t *need = transfers ? transfers_need : reports_need;
    size_t need_count = transfers ? COUNT_OF(transfers_need) : COUNT_OF(reports_need);
    for (size_t i = 0; i < need_count; i++)
        if (!m->columns[need[i]].set)
            return fail(c, E_INVALID, "\"columns\": %s is missing", target_name(m->kind, need[i]));
    if (transfers && !m->columns[T_FROM_ACCOUNT].set && !m->columns[T_TO_ACCOUNT].set)
        return fail(c, E_INVALID, "\"columns\": from_account and to_account are missing");
    return OK;
}

// --- the rest
// ---------------------------------------------------------------------------------------

static Err name_parse(Ctx *c, FormatMapping *m, const JsonValue *root) {
    Str text;
    TRY(json_get_str(c, root, "name", &text));
    bool plain = text.n > 0 && text.n <= NAME_BYTES_MAX;
    for (size_t i = 0; plain && i < text.n; i++) {
        char ch = text.p[i];
        plain = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
                ch == '-' || ch == '_';
    }
    if (!plain || str_eq_c(text, "transfers") || str_eq_c(text, "reports"))
        return fail(c, E_INVALID,
                    "\"name\" must be 1 to %d letters, digits, '-' or '_', and not the name of "
                    "our own form",
                    NAME_BYTES_MAX);
    TRY(keep(c, m, text, &m->name));
    TRY(json_get_str(c, root, "kind", &text));
    if (!str_eq_c(text, "transfers") && !str_eq_c(text, "reports"))
        return fail(c, E_INVALID, "\"kind\" must be transfers or reports");
    m->kind = str_eq_c(text, "transfers") ? FORMAT_TRANSFERS : FORMAT_REPORTS;
    return OK;
}

static Err header_parse(Ctx *c, FormatMapping *m, const JsonValue *root) {
    const JsonValue *v = NULL;
    Str *header = NULL;
    TRY(json_find_array(c, root, "header", &v));
    if (v == NULL)
        return OK;
    if (v->count == 0 || v->count > CSV_COLUMNS_MAX)
        return fail(c, E_INVALID, "\"header\" must have 1 to %d names", CSV_COLUMNS_MAX);
    TRY(mapping_alloc(c, m, v->count * sizeof *header, &header));
    for (uint32_t i = 0; i < v->count; i++) {
        Str text;
        TRY(json_as_str(c, &v->items[i], "header", &text));
        TRY(keep(c, m, text, &header[i]));
    }
    m->header = header;
    m->header_count = v->count;
    return OK;
}

static Err form_parse(Ctx *c, FormatMapping *m, const JsonValue *root) {
    Str text = {0};
    TRY(json_find_str(c, root, "encoding", &text));
    if (text.n) {
        TextEncoding ignored;
        TRY(text_encoding_choose(c, STR("a\0b\0c\0d\0"), text, &ignored));
        TRY(keep(c, m, text, &m->encoding));
    }
    text = STR(",");
    TRY(json_find_str(c, root, "delimiter", &text));
    if (text.n != 1 || (uint8_t)text.p[0] >= 0x7f || !strchr(",;|\t:^~", text.p[0]))
        return fail(c, E_INVALID, "\"delimiter\" must be one of , ; | : ^ ~ or a tab");
    m->delimiter = text.p[0];
    const JsonValue *amount = NULL;
    TRY(json_find_object(c, root, "amount", &amount));
    if (amount == NULL)
        return OK;
    static const char *const keys[] = {"decimal", "thousands"};
    TRY(json_check_keys(c, amount, "amount", keys, COUNT_OF(keys)));
    text = STR(".");
    TRY(json_find_str(c, root, "amount.decimal", &text));
    if (text.n != 1 || (text.p[0] != '.' && text.p[0] != ','))
        return fail(c, E_INVALID, "\"amount.decimal\" must be \".\" or \",\"");
    m->decimal = text.p[0];
    text = STR("");
    TRY(json_find_str(c, root, "amount.thousands", &text));
    bool digit = text.n && ((text.p[0] >= '0' && text.p[0] <= '9') || text.p[0] == '-');
    if (text.n > SEPARATOR_BYTES_MAX || digit || (text.n && text.p[0] == m->decimal))
        return fail(c, E_INVALID, "\"amount.thousands\" must be one sign other than the decimal");
    return keep(c, m, text, &m->thousands);
}

static Err step_parse(Ctx *c, FormatMapping *m, const JsonValue *root) {
    const JsonValue *step = NULL;
    Str origin;
    TRY(json_find_object(c, root, "time_step", &step));
    if (step == NULL)
        return OK;
    static const char *const keys[] = {"origin", "seconds"};
    TRY(json_check_keys(c, step, "time_step", keys, COUNT_OF(keys)));
    TRY(json_get_str(c, root, "time_step.origin", &origin));
    if (!time_parse(origin, &m->step_origin_us))
        return fail(c, E_INVALID,
                    "\"time_step.origin\" must be a time such as "
                    "2025-01-01T00:00:00Z");
    TRY(json_get_int(c, root, "time_step.seconds", &m->step_seconds));
    if (m->step_seconds < 1 || m->step_seconds > STEP_SECONDS_MAX)
        return fail(c, E_INVALID, "\"time_step.seconds\" must be 1 to %lld",
                    (long long)STEP_SECONDS_MAX);
    m->has_step = true;
    return OK;
}

static Err times_parse(Ctx *c, FormatMapping *m, const JsonValue *root) {
    Str text = {0};
    bool has_offset = false;
    TRY(json_find_str(c, root, "timezone", &text));
    if (text.n) {
        if (!text_zone_known(text))
            return fail(c, E_INVALID,
                        "\"timezone\": \"" STR_FMT "\" is no time zone such as Asia/Bangkok",
                        STR_ARG(text));
        TRY(keep(c, m, text, &m->timezone));
    }
    text = (Str){0};
    TRY(json_find_str(c, root, "time_format", &text));
    if (text.n) {
        TRY(time_format_check(c, text, &has_offset));
        TRY(keep(c, m, text, &m->time_format));
        if (!has_offset && m->timezone.n == 0)
            return fail(c, E_INVALID, "\"time_format\" has no %%z: then \"timezone\" is needed");
    }
    TRY(step_parse(c, m, root));
    if (m->has_step && (m->time_format.n || m->timezone.n))
        return fail(c, E_INVALID,
                    "beside \"time_step\" neither \"time_format\" nor \"timezone\" "
                    "may stand");
    return OK;
}

Err format_mapping_parse(Ctx *c, Str json, FormatMapping **ret_mapping) {
    static const char *const keys[] = {"name",      "kind",     "header",      "encoding",
                                       "delimiter", "timezone", "time_format", "columns",
                                       "amount",    "time_step"};
    if (json.n > MAPPING_BYTES_MAX)
        return fail(c, E_LIMIT, "a mapping is at most %d bytes long", MAPPING_BYTES_MAX);
    AUTO(JsonReader) reader = {0};
    AUTO(FormatMappingPtr) m = NULL;
    const JsonValue *root = NULL;
    TRY(json_reader_open(c, &reader));
    TRY(json_read(c, &reader, json, &root));
    TRY(json_as_object(c, root, "mapping", &root));
    TRY(json_check_keys(c, root, "", keys, COUNT_OF(keys)));
    TRY(mapping_new(c, &m));
    TRY(name_parse(c, m, root));
    TRY(header_parse(c, m, root));
    TRY(form_parse(c, m, root));
    TRY(times_parse(c, m, root));
    TRY(columns_parse(c, m, root));
    *ret_mapping = m;
    m = NULL;
    return OK;
}
