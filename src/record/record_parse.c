// Reading an envelope: strict form, exact members, body against its kind's row.
#include "record/record_priv.h"

// --- ids ----------------------------------------------------------------------------------------

void record_id_text(RecordId id, char ret_text[RECORD_ID_TEXT_BYTES]) {
    crypto_uuid_format(id, ret_text);
}

bool record_id_parse(Str text, RecordId *ret_id) {
    RecordId id;
    if (!crypto_uuid_parse(text, &id) || !crypto_uuid_is_v7(id))
        return false;
    *ret_id = id;
    return true;
}

bool record_id_eq(RecordId a, RecordId b) {
    return memcmp(a.b, b.b, sizeof a.b) == 0;
}

int record_id_cmp(RecordId a, RecordId b) {
    return memcmp(a.b, b.b, sizeof a.b);
}

RecordId record_id_new(int64_t at_us, CryptoRandom random) {
    return crypto_uuid7(at_us > 0 ? at_us / 1000 : 0, random);
}

CryptoHash record_commitment(Str envelope, const uint8_t salt[RECORD_SALT_BYTES]) {
    CryptoSha256 s;
    crypto_sha256_init(&s);
    crypto_sha256_add(&s, "moei/record/v1\n", 15);
    crypto_sha256_add(&s, salt, RECORD_SALT_BYTES);
    crypto_sha256_add(&s, envelope.p, envelope.n);
    return crypto_sha256_finish(&s);
}

// --- members ------------------------------------------------------------------------------------

// Values of the record's members; those that a newer version left out are NULL.
typedef struct Members {
    const JsonValue *at, *basis, *body, *by, *grade, *id, *kind, *mark, *of, *refs;
} Members;

static Err get_id(Ctx *c, const JsonValue *v, const char *name, RecordId *ret_id) {
    Str s;
    TRY(record_need_str(c, v, name, &s));
    if (!record_id_parse(s, ret_id))
        return fail(c, E_INVALID, "\"%s\" must be the id of a record (UUIDv7, lower case)", name);
    return OK;
}

static Err get_refs(Ctx *c, const JsonValue *v, Record *r) {
    if (v->type != JSON_ARRAY)
        return fail(c, E_INVALID, "\"record.refs\" must be a list, not %s",
                    json_type_words(v->type));
    if (v->count > RECORD_REFS_MAX)
        return fail(c, E_LIMIT, "\"record.refs\" has more than %d ids", RECORD_REFS_MAX);
    if (v->count == 0)
        return OK;
    RecordId *refs;
    TRY(ctx_alloc(c, v->count * sizeof *refs, &refs));
    for (uint32_t i = 0; i < v->count; i++) {
        TRY(get_id(c, &v->items[i], "record.refs", &refs[i]));
        for (uint32_t k = 0; k < i; k++)
            if (record_id_eq(refs[k], refs[i]))
                return fail(c, E_INVALID, "\"record.refs\" names one id twice");
    }
    r->refs = refs;
    r->ref_count = v->count;
    return OK;
}

static Err get_by(Ctx *c, const JsonValue *v, Record *r) {
    static const char *const keys[] = {"agency", "officer"};
    TRY(record_exact_keys(c, v, "record.by", keys, COUNT_OF(keys)));
    const JsonValue *agency = &v->members[0].value, *officer = &v->members[1].value;
    if (agency->type != JSON_NULL) {
        TRY(record_need_str(c, agency, "record.by.agency", &r->agency));
        if (!record_is_hash(r->agency))
            return fail(c, E_INVALID, "\"record.by.agency\" must be 64 hex digits");
    }
    if ((r->kind == RECORD_GENESIS) != (r->agency.n == 0))
        return fail(c, E_INVALID, "\"record.by.agency\" is null in a genesis, and only there");
    if (officer->type != JSON_NULL) {
        TRY(get_id(c, officer, "record.by.officer", &r->officer));
        r->has_officer = true;
    }
    return OK;
}

static Err get_basis(Ctx *c, const JsonValue *v, Record *r) {
    static const char *const keys[] = {"law", "purpose"};
    TRY(record_exact_keys(c, v, "record.basis", keys, COUNT_OF(keys)));
    const JsonValue *law = &v->members[0].value;
    if (law->type != JSON_NULL) {
        TRY(record_need_str(c, law, "record.basis.law", &r->law));
        if (r->law.n == 0)
            return fail(c, E_INVALID, "\"record.basis.law\" must be null rather than empty");
    }
    TRY(record_need_str(c, &v->members[1].value, "record.basis.purpose", &r->purpose));
    if (!record_is_word(r->purpose))
        return fail(c, E_INVALID, "\"record.basis.purpose\" must be one word of a-z 0-9 _ -");
    return OK;
}

static Err get_grade(Ctx *c, const JsonValue *v, Record *r) {
    static const char *const keys[] = {"info", "source"};
    if (v->type == JSON_NULL)
        return OK;
    TRY(record_exact_keys(c, v, "record.grade", keys, COUNT_OF(keys)));
    Str info, source;
    TRY(record_need_str(c, &v->members[0].value, "record.grade.info", &info));
    TRY(record_need_str(c, &v->members[1].value, "record.grade.source", &source));
    if (info.n != 1 || info.p[0] < '1' || info.p[0] > '6')
        return fail(c, E_INVALID, "\"record.grade.info\" must be \"1\" to \"6\"");
    if (source.n != 1 || source.p[0] < 'A' || source.p[0] > 'F')
        return fail(c, E_INVALID, "\"record.grade.source\" must be \"A\" to \"F\"");
    r->has_grade = true;
    r->grade_info = info.p[0];
    r->grade_source = source.p[0];
    return OK;
}

static Err get_head(Ctx *c, const Members *m, Record *r) {
    TRY(record_need_str(c, m->kind, "record.kind", &r->kind_name));
    if (!record_is_kind(r->kind_name))
        return fail(c, E_INVALID, "\"record.kind\" must match [a-z][a-z0-9_]{0,31}");
    r->kind = r->v == 1 ? record_kind_of(r->kind_name) : RECORD_UNKNOWN;
    TRY(get_id(c, m->id, "record.id", &r->id));
    r->root = r->id;
    if (m->of->type != JSON_NULL) {
        TRY(get_id(c, m->of, "record.of", &r->of));
        if (record_id_eq(r->of, r->id))
            return fail(c, E_INVALID, "\"record.of\" names the record itself");
        r->has_of = true;
        r->root = r->of;
    }
    Str at;
    TRY(record_need_str(c, m->at, "record.at", &at));
    if (!record_time_parse(at, &r->at_us))
        return fail(c, E_INVALID,
                    "\"record.at\" must be a time such as 2026-01-31T08:00:00.000000Z");
    TRY(get_refs(c, m->refs, r));
    return get_by(c, m->by, r);
}

static Err check_kind(Ctx *c, const Record *r) {
    if (r->kind == RECORD_UNKNOWN)
        return OK;
    const RecordKindRow *row = record_kind_row(r->kind);
    if (row->of == RECORD_OF_NULL && r->has_of)
        return fail(c, E_INVALID, "\"record.of\" must be null: a %s is a root", row->name);
    if (row->of == RECORD_OF_ROOT && !r->has_of)
        return fail(c, E_INVALID, "\"record.of\" of a %s must name a %s", row->name,
                    record_kind_row(row->of_kind)->name);
    return record_body_check(c, row, r->body);
}

// --- the parts of the text ----------------------------------------------------------------------

#define SIG_TEXT_BYTES 260 // {"key":64,"officer":36,"sig":128}

static Err get_sigs(Ctx *c, const JsonValue *v, Record *r) {
    static const char *const keys[] = {"key", "officer", "sig"};
    if (v->type != JSON_ARRAY)
        return fail(c, E_INVALID, "\"sigs\" must be a list, not %s", json_type_words(v->type));
    if (v->count > RECORD_SIGS_MAX)
        return fail(c, E_LIMIT, "\"sigs\" has more than %d signatures", RECORD_SIGS_MAX);
    if (v->count == 0)
        return OK;
    RecordSig *sigs;
    TRY(ctx_alloc(c, v->count * sizeof *sigs, &sigs));
    for (uint32_t i = 0; i < v->count; i++) {
        TRY(record_exact_keys(c, &v->items[i], "sigs", keys, COUNT_OF(keys)));
        const JsonMember *m = v->items[i].members;
        Str key, sig;
        TRY(record_need_str(c, &m[0].value, "sigs.key", &key));
        TRY(get_id(c, &m[1].value, "sigs.officer", &sigs[i].officer));
        TRY(record_need_str(c, &m[2].value, "sigs.sig", &sig));
        if (!hex_decode(key, sigs[i].key.b, sizeof sigs[i].key.b) || !record_is_hash(key))
            return fail(c, E_INVALID, "\"sigs.key\" must be 64 hex digits");
        if (!hex_decode(sig, sigs[i].sig.b, sizeof sigs[i].sig.b))
            return fail(c, E_INVALID, "\"sigs.sig\" must be 128 hex digits");
        if (i > 0 && record_id_cmp(sigs[i - 1].officer, sigs[i].officer) >= 0)
            return fail(c, E_INVALID, "\"sigs\" must be sorted by officer, each once");
    }
    r->sigs = sigs;
    r->sig_count = v->count;
    return OK;
}

static Err check_signed_by_author(Ctx *c, const Record *r) {
    if (r->kind == RECORD_UNKNOWN || !record_kind_row(r->kind)->binds)
        return OK;
    for (size_t i = 0; i < r->sig_count; i++)
        if (r->has_officer && record_id_eq(r->sigs[i].officer, r->officer))
            return OK;
    return fail(c, E_INVALID, "a " STR_FMT " binds: it needs its author's signature in \"sigs\"",
                STR_ARG(r->kind_name));
}

// The text is canonical, so what stands behind a member has a known length.
static void cut_bytes(Str envelope, Record *r) {
    size_t head = sizeof "{\"record\":" - 1;
    size_t sigs = r->sig_count ? r->sig_count * (SIG_TEXT_BYTES + 1) - 1 : 0;
    size_t tail = sizeof ",\"sigs\":[" - 1 + sigs + sizeof "]}" - 1;
    r->bytes = (Str){envelope.p + head, envelope.n - head - tail};
}

static Err cut_mark(Ctx *c, const JsonValue *mark, Record *r) {
    if (r->v != 1) {
        AUTO(Buf) out = {0};
        TRY(json_canonical(c, mark, &out));
        return str_copy(c, buf_view(&out), &r->mark_bytes);
    }
    size_t refs = r->ref_count ? r->ref_count * 39 - 1 : 0;
    size_t tail = sizeof ",\"of\":" - 1 + (r->has_of ? 38 : 4) + sizeof ",\"refs\":[" - 1 + refs +
                  sizeof "],\"v\":1}" - 1;
    size_t end = r->bytes.n - tail, from = end;
    // A text inside the mark has its quotes escaped, so this is the member and nothing else.
    static const char key[] = ",\"mark\":{";
    do {
        ASSERT(from > 0);
        from--;
    } while (r->bytes.p[from] != ',' || memcmp(r->bytes.p + from, key, sizeof key - 1) != 0);
    from += sizeof key - 2;
    r->mark_bytes = (Str){r->bytes.p + from, end - from};
    return OK;
}

// --- whole --------------------------------------------------------------------------------------

static Err find_members_newer(Ctx *c, const JsonValue *v, Members *ret_m) {
    *ret_m = (Members){.at = json_find(v, STR("at")),
                       .by = json_find(v, STR("by")),
                       .id = json_find(v, STR("id")),
                       .kind = json_find(v, STR("kind")),
                       .mark = json_find(v, STR("mark")),
                       .of = json_find(v, STR("of")),
                       .refs = json_find(v, STR("refs"))};
    if (!ret_m->at || !ret_m->by || !ret_m->id || !ret_m->kind || !ret_m->mark || !ret_m->of ||
        !ret_m->refs)
        return fail(c, E_INVALID, "\"record\" lacks one of at, by, id, kind, mark, of, refs");
    return OK;
}

static Err find_members(Ctx *c, const JsonValue *v, int64_t version, Members *ret_m) {
    static const char *const keys[] = {"at",   "basis", "body", "by",   "grade", "id",
                                       "kind", "mark",  "of",   "refs", "v"};
    if (version > 1)
        return find_members_newer(c, v, ret_m);
    TRY(record_exact_keys(c, v, "record", keys, COUNT_OF(keys)));
    const JsonMember *m = v->members;
    *ret_m = (Members){.at = &m[0].value,
                       .basis = &m[1].value,
                       .body = &m[2].value,
                       .by = &m[3].value,
                       .grade = &m[4].value,
                       .id = &m[5].value,
                       .kind = &m[6].value,
                       .mark = &m[7].value,
                       .of = &m[8].value,
                       .refs = &m[9].value};
    return OK;
}

static Err get_version(Ctx *c, const JsonValue *record, int64_t *ret_v) {
    if (record->type != JSON_OBJECT)
        return fail(c, E_INVALID, "\"record\" must be an object, not %s",
                    json_type_words(record->type));
    int64_t v;
    TRY(json_as_int(c, json_find(record, STR("v")), "record.v", &v));
    if (v < 1)
        return fail(c, E_INVALID, "\"record.v\" must be 1 or more");
    *ret_v = v;
    return OK;
}

Err record_parse(Ctx *c, JsonReader *reader, Str envelope, Record *ret_record) {
    static const char *const keys[] = {"record", "sigs"};
    if (envelope.n > RECORD_BYTES_MAX)
        return fail(c, E_LIMIT, "an envelope is longer than %d bytes", RECORD_BYTES_MAX);
    const JsonValue *root;
    TRY(json_read_canonical(c, reader, envelope, &root));
    TRY(record_exact_keys(c, root, "envelope", keys, COUNT_OF(keys)));
    const JsonValue *record = &root->members[0].value;
    Record r = {0};
    Members m;
    TRY(get_version(c, record, &r.v));
    TRY(find_members(c, record, r.v, &m));
    TRY(get_head(c, &m, &r));
    TRY(record_mark_parse(c, m.mark, &r.mark));
    TRY(get_sigs(c, &root->members[1].value, &r));
    if (r.v == 1) {
        TRY(get_basis(c, m.basis, &r));
        TRY(get_grade(c, m.grade, &r));
        TRY(json_as_object(c, m.body, "record.body", &r.body));
        TRY(check_kind(c, &r));
        TRY(check_signed_by_author(c, &r));
    }
    cut_bytes(envelope, &r);
    TRY(cut_mark(c, m.mark, &r));
    *ret_record = r;
    return OK;
}
