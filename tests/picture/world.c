// The random world: chains, forks, waiting children, twins, rings, erasures, foreign words.
#include "world.h"

static const char *const report_names[] = {"R-1", "R-2", "R-3", "R-4", "R-5"};
static const char *const transfer_names[] = {"t1", "t2", "t3"};
static const char *const table_names[] = {"sources", "events", "parties"};
static const char *const text_names[] = {"t1", "t2", "t3", "x-9", "it's"};

static bool chance(World *w, unsigned percent) {
    return rng_below(&w->rng, 100) < percent;
}

static const char *pick(World *w, const char *const *names, size_t n) {
    return names[rng_below(&w->rng, n)];
}

// A record of the world of this kind, whenever it is to come; an unknown id where there is none or
// by chance.
static RecordId some_of(World *w, RecordKind kind) {
    size_t from = (size_t)rng_below(&w->rng, w->count);
    for (size_t k = 0; k < w->count && !chance(w, 5); k++) {
        const Plan *p = &w->plans[(from + k) % w->count];
        if (p->kind == kind)
            return p->id;
    }
    return record_id_new(1000000, w->random);
}

static RecordKind some_kind(World *w) {
    static const RecordKind often[] = {
        RECORD_REPORT,     RECORD_REPORT,   RECORD_REPORT,        RECORD_SEED,
        RECORD_SEED,       RECORD_CASE,     RECORD_CASE_ADD,      RECORD_CASE_ADD,
        RECORD_CASE_ADD,   RECORD_CASE_ADD, RECORD_CASE_ADD,      RECORD_CASE_REMOVE,
        RECORD_CASE_CLOSE, RECORD_BATCH,    RECORD_TRANSFER_PICK, RECORD_TRANSFER_PICK,
        RECORD_CLAIM,      RECORD_ERASE,    RECORD_ERASE,         RECORD_OFFICER,
        RECORD_KEY,        RECORD_UNKNOWN};
    return often[rng_below(&w->rng, COUNT_OF(often))];
}

// Places, kinds, ids and times first, so that later choices may name any record.
static void plan_places(World *w, size_t agencies, uint64_t first_seq) {
    uint64_t next[WORLD_AGENCIES][2] = {{first_seq}};
    int64_t last[WORLD_AGENCIES][2] = {{0}};
    for (size_t i = 0; i < w->count; i++) {
        Plan *p = &w->plans[i];
        p->agency = (size_t)rng_below(&w->rng, agencies);
        size_t log = chance(w, 8) && next[p->agency][0] > 0;
        p->log = log ? "reads" : "main";
        p->seq = next[p->agency][log]++;
        // Steps are small, so that agencies often speak at the same instant.
        p->at = last[p->agency][log] += 1 + (int64_t)rng_below(&w->rng, 3);
        p->id = record_id_new(1700000000000000 + p->at, w->random);
        p->kind = p->seq == 0 && !log ? RECORD_GENESIS : some_kind(w);
        p->newer = p->kind != RECORD_GENESIS && chance(w, 2);
        p->foreign = p->kind != RECORD_GENESIS && agencies > 1 && chance(w, 2);
        p->mark = chance(w, 4) ? 1 + (size_t)rng_below(&w->rng, 2) : 0;
        p->has_until = chance(w, 3);
    }
}

static void plan_erase(World *w, size_t i) {
    Plan *p = &w->plans[i];
    const Plan *t = &w->plans[rng_below(&w->rng, w->count)];
    // Mostly of one's own log and with the right place.
    for (size_t k = 0; k < 20 && t->agency != p->agency && !chance(w, 5); k++)
        t = &w->plans[rng_below(&w->rng, w->count)];
    p->target = t == p ? record_id_new(1, w->random) : t->id;
    p->target_log = chance(w, 90) ? t->log : "reads";
    p->target_seq = chance(w, 90) ? t->seq : t->seq + 1;
    p->has_of = t->has_of;
    p->of = t->of;
}

static void plan_relations(World *w, size_t i) {
    Plan *p = &w->plans[i];
    RecordKind of = p->kind < RECORD_UNKNOWN ? record_kind_row(p->kind)->of_kind : RECORD_UNKNOWN;
    if (of != RECORD_UNKNOWN) {
        p->has_of = true;
        p->of = some_of(w, chance(w, 95) ? of : RECORD_CASE);
    }
    p->report = some_of(w, RECORD_REPORT);
    // What is removed was mostly added.
    for (size_t k = 0; k < i && p->kind == RECORD_CASE_REMOVE && !chance(w, 10); k++) {
        const Plan *add = &w->plans[rng_below(&w->rng, i)];
        if (add->kind == RECORD_CASE_ADD) {
            p->of = add->of;
            p->report = add->report;
            p->mark = add->mark;
            break;
        }
    }
    p->name = p->kind == RECORD_REPORT  ? pick(w, report_names, COUNT_OF(report_names))
              : p->kind == RECORD_CLAIM ? pick(w, table_names, COUNT_OF(table_names))
                                        : pick(w, transfer_names, COUNT_OF(transfer_names));
    p->text_count = (size_t)rng_below(&w->rng, WORLD_TEXTS_MAX);
    for (size_t k = 0; k < p->text_count; k++)
        p->texts[k] = pick(w, text_names, COUNT_OF(text_names));
    // Records relied on: any, also such as come later, which makes rings possible.
    p->ref_count = chance(w, 30) ? 1 + (size_t)rng_below(&w->rng, 2) : 0;
    for (size_t k = 0; k < p->ref_count; k++)
        p->refs[k] = some_of(w, some_kind(w));
    if (p->ref_count == 2 && record_id_eq(p->refs[0], p->refs[1]))
        p->ref_count = 1;
    for (size_t k = 0; k < p->ref_count; k++)
        if (record_id_eq(p->refs[k], p->id))
            p->ref_count = 0;
}

// --- bytes --------------------------------------------------------------------------------------

static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";

static void put_texts(JsonWriter *j, const char *key, const Plan *p, size_t n) {
    json_put_key(j, str_of(key));
    json_put_array_begin(j);
    for (size_t i = 0; i < n; i++)
        json_put_str(j, str_of(p->texts[i]));
    json_put_array_end(j);
}

static void put_id(JsonWriter *j, const char *key, RecordId id) {
    char text[RECORD_ID_TEXT_BYTES];
    record_id_text(id, text);
    json_put_key_str(j, key, str_of(text));
}

static void put_hash(JsonWriter *j, const char *key, uint64_t v) {
    char text[65];
    snprintf(text, sizeof text, "%.48s%016llx", zeros, (unsigned long long)v);
    json_put_key_str(j, key, str_of(text));
}

static void put_report(JsonWriter *j, const Plan *p) {
    char at[TIME_TEXT_BYTES];
    time_format_record(1700000000000000 + (p->at * 7919) % 1000, at);
    json_put_key(j, STR("accounts"));
    json_put_array_begin(j);
    for (size_t i = 0; i < p->text_count; i++) {
        json_put_object_begin(j);
        json_put_key_str(j, "account", str_of(p->texts[i]));
        if (i)
            json_put_key_str(j, "country", STR("TH"));
        else
            json_put_key_null(j, "country");
        json_put_key_null(j, "institution");
        json_put_object_end(j);
    }
    json_put_array_end(j);
    json_put_key_null(j, "channel");
    json_put_key_str(j, "country", STR("TH"));
    json_put_key_str(j, "currency", STR("THB"));
    json_put_key_null(j, "happened_at");
    json_put_key_i64(j, "loss", (int64_t)p->seq * 100);
    put_texts(j, "phones", p, p->text_count / 2);
    json_put_key_str(j, "report", str_of(p->name));
    if (p->seq % 3)
        json_put_key_str(j, "reported_at", str_of(at));
    else
        json_put_key_null(j, "reported_at");
    put_hash(j, "row", p->seq);
    json_put_key_str(j, "story", STR("he said he was from the bank"));
    put_texts(j, "transfers", p, p->text_count);
    put_texts(j, "urls", p, p->text_count / 3);
    json_put_key_str(j, "victim", STR("somebody"));
}

static void put_genesis(JsonWriter *j, const Plan *p) {
    json_put_key_str(j, "agency_kind", STR("police"));
    json_put_key_str(j, "country", STR("TH"));
    put_hash(j, "log_key", p->agency);
    json_put_key_str(j, "name", STR("th-centre"));
    put_hash(j, "recovery_key", p->agency + 1);
    json_put_key_str(j, "timezone", STR("Asia/Bangkok"));
    json_put_key_str(j, "title", STR("Centre"));
}

static void put_batch(JsonWriter *j, const Plan *p) {
    static const char *const counts[] = {"bad", "conflicts", "filled", "known"};
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        json_put_key_i64(j, counts[i], (int64_t)i);
    json_put_key_null(j, "mapping");
    json_put_key_i64(j, "part", (int64_t)p->seq % 2);
    put_hash(j, "root", p->seq);
    json_put_key_i64(j, "rows", 9);
    put_hash(j, "sha256", p->seq % 3);
    json_put_key_i64(j, "taken", 9);
    json_put_key_str(j, "what", STR("transfers"));
}

static void put_claim(JsonWriter *j, const Plan *p) {
    json_put_key_str(j, "key", STR("e1"));
    json_put_key(j, STR("row"));
    json_put_object_begin(j);
    json_put_key_str(j, "id", STR("e1"));
    json_put_key_str(j, "what", STR("a thing"));
    json_put_object_end(j);
    json_put_key_str(j, "source", STR("s1"));
    json_put_key_str(j, "table", str_of(p->name));
}

static void put_body(JsonWriter *j, const Plan *p) {
    switch (p->kind) {
    case RECORD_GENESIS:
        put_genesis(j, p);
        break;
    case RECORD_KEY:
        json_put_key_i64(j, "from_size", (int64_t)p->seq + 2);
        json_put_key_str(j, "log", STR("main"));
        put_hash(j, "log_key", p->seq);
        break;
    case RECORD_OFFICER:
        put_hash(j, "key", p->seq);
        json_put_key_str(j, "name", STR("owl"));
        json_put_key_str(j, "role", STR("officer"));
        break;
    case RECORD_REPORT:
        put_report(j, p);
        break;
    case RECORD_SEED:
        put_texts(j, "transfers", p, p->text_count);
        break;
    case RECORD_CASE:
        json_put_key_str(j, "title", STR("Mule ring"));
        break;
    case RECORD_CASE_ADD:
        put_id(j, "report", p->report);
        break;
    case RECORD_CASE_REMOVE:
        json_put_key_str(j, "reason", STR("wrong one"));
        put_id(j, "report", p->report);
        break;
    case RECORD_CASE_CLOSE:
        json_put_key_str(j, "reason", STR("done"));
        break;
    case RECORD_BATCH:
        put_batch(j, p);
        break;
    case RECORD_TRANSFER_PICK:
        put_hash(j, "row", p->seq);
        json_put_key_str(j, "transfer", str_of(p->name));
        break;
    case RECORD_CLAIM:
    case RECORD_UNKNOWN:
        put_claim(j, p);
        break;
    case RECORD_ERASE:
        json_put_key_i64(j, "leaf", (int64_t)p->target_seq);
        json_put_key_str(j, "log", str_of(p->target_log));
        json_put_key_str(j, "reason", STR("asked for"));
        put_id(j, "record", p->target);
        break;
    }
}

static RecordMark mark_of(const Plan *p) {
    RecordMark m = p->mark == 0 ? record_mark_default() : record_mark_clear();
    if (p->mark == 2)
        m.pap = RECORD_PAP_GREEN;
    m.has_until = p->has_until;
    m.until_us = 1900000000000000 + (int64_t)(p->at % 2);
    return m;
}

static Str replaced(World *w, Str s, const char *from, const char *to) {
    size_t at;
    Str out;
    assert_true(str_find(s, str_of(from), &at));
    assert_ok(&w->memory, str_format(&w->memory, &out, "%.*s%s%.*s", (int)at, s.p, to,
                                     (int)(s.n - at - strlen(from)), s.p + at + strlen(from)));
    return out;
}

Str world_envelope(World *w, size_t i) {
    const Plan *p = &w->plans[i];
    AUTO(Buf) body = {0}, out = {0};
    JsonWriter j = json_writer_start(&body);
    json_put_object_begin(&j);
    put_body(&j, p);
    json_put_object_end(&j);
    assert_ok(&w->memory, json_writer_end(&w->memory, &j));
    size_t by = p->foreign ? (p->agency + 1) % WORLD_AGENCIES : p->agency;
    RecordDraft d = {.kind = p->kind == RECORD_UNKNOWN ? RECORD_CLAIM : p->kind,
                     .id = p->id,
                     .has_of = p->has_of,
                     .of = p->of,
                     .refs = p->refs,
                     .ref_count = p->ref_count,
                     .at_us = 1700000000000000 + p->at,
                     .agency = p->kind == RECORD_GENESIS ? (Str){0} : str_of(w->agency[by]),
                     .mark = mark_of(p),
                     .purpose = STR("fraud"),
                     .body_json = buf_view(&body)};
    assert_ok(&w->memory, record_write(&w->memory, &d, &out));
    Str s;
    assert_ok(&w->memory, str_copy(&w->memory, buf_view(&out), &s));
    if (p->kind == RECORD_UNKNOWN)
        s = replaced(w, s, "\"kind\":\"claim\"", "\"kind\":\"novelty\"");
    if (p->newer)
        s = replaced(w, s, "\"v\":1}", "\"v\":2}");
    return s;
}

static void world_start(World *w, uint64_t seed) {
    memset(w, 0, sizeof *w);
    ctx_init(&w->memory);
    rng_seed(&w->rng, seed);
    w->random = crypto_random_seeded(&w->random_state, seed);
    for (size_t a = 0; a < WORLD_AGENCIES; a++)
        snprintf(w->agency[a], sizeof w->agency[a], "%.63s%zu", zeros, 9 - a);
    w->count = 20 + (size_t)rng_below(&w->rng, WORLD_RECORDS_MAX - 20);
}

static void world_finish(World *w) {
    for (size_t i = 0; i < w->count; i++)
        plan_relations(w, i);
    for (size_t i = 0; i < w->count; i++)
        if (w->plans[i].kind == RECORD_ERASE)
            plan_erase(w, i);
    for (size_t i = 0; i < w->count; i++)
        w->items[i] = (PictureItem){.agency = str_of(w->agency[w->plans[i].agency]),
                                    .log = str_of(w->plans[i].log),
                                    .seq = w->plans[i].seq,
                                    .envelope = world_envelope(w, i)};
}

void world_make(World *w, uint64_t seed, size_t agencies) {
    world_start(w, seed);
    plan_places(w, agencies, 0);
    world_finish(w);
}

void world_make_own(World *w, uint64_t seed, Str agency) {
    world_start(w, seed);
    memcpy(w->agency[0], agency.p, agency.n);
    plan_places(w, 1, 1);
    world_finish(w);
}

void world_done(World *w) {
    ctx_done(&w->memory);
}
