// Of the random world: what agencies say to one another.
#include "world.h"

static bool chance(World *w, unsigned percent) {
    return rng_below(&w->rng, 100) < percent;
}

bool world_is_exchange(RecordKind kind) {
    return kind >= RECORD_LINK && kind < RECORD_UNKNOWN;
}

// --- plans --------------------------------------------------------------------------------------

static bool is_root(const Plan *p) {
    return !p->has_of && p->kind != RECORD_GENESIS && p->kind != RECORD_ERASE;
}

// A root, mostly of this agency and mostly no record of the exchange.
static const Plan *some_root(World *w, size_t agency) {
    const Plan *p = &w->plans[0];
    for (size_t k = 0; k < 60; k++) {
        p = &w->plans[rng_below(&w->rng, w->count)];
        if (is_root(p) && (p->agency == agency || chance(w, 5)) &&
            (!world_is_exchange(p->kind) || chance(w, 10)))
            break;
    }
    return p;
}

static void plan_share(World *w, Plan *p) {
    p->record = some_root(w, p->agency)->id;
    // The same few objects often, so that one share follows another.
    for (size_t k = 0; k < w->count && chance(w, 60); k++) {
        const Plan *other = &w->plans[k];
        if (other != p && other->kind == RECORD_SHARE && other->agency == p->agency &&
            other->record.b[0]) {
            p->record = other->record;
            break;
        }
    }
    p->mark = (size_t)rng_below(&w->rng, 3);
    p->has_until = chance(w, 30);
    p->to_bits = 1U << p->agency | 1U << rng_below(&w->rng, WORLD_AGENCIES);
}

static void plan_let_go(World *w, Plan *p) {
    const Plan *t = &w->plans[0];
    for (size_t k = 0; k < 60; k++) {
        t = &w->plans[rng_below(&w->rng, w->count)];
        if (t->agency != p->agency || chance(w, 5))
            break;
    }
    p->whose = t->agency;
    p->target_seq = t->seq;
    p->record = t->has_of ? t->of : t->id;
    if (chance(w, 10))
        p->record = some_root(w, p->whose)->id;
    p->has_target = chance(w, 80);
    for (size_t k = 0; k < 60; k++) {
        const Plan *by = &w->plans[rng_below(&w->rng, w->count)];
        p->target = by->id;
        if (by->kind == RECORD_RETRACT || by->kind == RECORD_ERASE)
            break;
    }
}

// A record that speaks of a shared object carries the mark of its object or of a share of it.
static void plan_marking(World *w, Plan *p) {
    const Plan *of[8];
    size_t n = 0;
    for (size_t k = 0; k < w->count && n < COUNT_OF(of); k++) {
        const Plan *t = &w->plans[k];
        bool share = t->kind == RECORD_SHARE && record_id_eq(t->record, p->of);
        if (share || record_id_eq(t->id, p->of))
            of[n++] = t;
    }
    if (n == 0 || chance(w, 5))
        return;
    const Plan *t = of[rng_below(&w->rng, n)];
    p->mark = t->mark;
    p->has_until = t->has_until;
    p->until_n = t->until_n;
    p->to_bits = t->to_bits;
}

void world_plan_exchange(World *w, size_t i) {
    Plan *p = &w->plans[i];
    if (p->kind == RECORD_SHARE)
        plan_share(w, p);
    else if (p->kind == RECORD_LET_GO)
        plan_let_go(w, p);
    else if (p->kind == RECORD_RETRACT || p->kind == RECORD_PASSED)
        p->record = some_root(w, p->agency)->id;
    if (p->kind == RECORD_RETRACT || p->kind == RECORD_PASSED || p->kind == RECORD_DISCLOSED)
        p->whose = (size_t)rng_below(&w->rng, WORLD_AGENCIES);
    if (p->kind == RECORD_NOTICE || p->kind == RECORD_ACCORD)
        p->to_bits = 1U << p->agency | 1U << rng_below(&w->rng, WORLD_AGENCIES);
    if (i + 1 < w->count)
        return;
    // Marks of children last: those of all objects and shares are known.
    for (size_t k = 0; k < w->count; k++)
        if (w->plans[k].has_of)
            plan_marking(w, &w->plans[k]);
}

// --- bytes --------------------------------------------------------------------------------------

static void put_id(JsonWriter *j, const char *key, RecordId id) {
    char text[RECORD_ID_TEXT_BYTES];
    record_id_text(id, text);
    json_put_key_str(j, key, str_of(text));
}

static void put_i64s(JsonWriter *j, const char *key, const int64_t *items, size_t n) {
    if (key)
        json_put_key(j, str_of(key));
    json_put_array_begin(j);
    for (size_t i = 0; i < n; i++)
        json_put_i64(j, items[i]);
    json_put_array_end(j);
}

static void put_strs(JsonWriter *j, const char *key, const char *a, const char *b) {
    json_put_key(j, str_of(key));
    json_put_array_begin(j);
    if (a)
        json_put_str(j, str_of(a));
    if (b)
        json_put_str(j, str_of(b));
    json_put_array_end(j);
}

static const char hash[] = "00000000000000000000000000000000000000000000000000000000000000ab";
static const char moment[] = "2026-11-22T08:15:00.000000Z";

static void put_links(JsonWriter *j, const World *w, const Plan *p) {
    if (p->kind == RECORD_LINK) {
        json_put_key_null(j, "address");
        json_put_key_str(j, "key", str_of(hash));
    } else if (p->kind == RECORD_RECOVER) {
        json_put_key_str(j, "reason", STR("lost"));
        json_put_key_str(j, "statement", str_of(hash));
    } else if (p->kind == RECORD_PEER) {
        json_put_key_str(j, "address", STR("https://x:8442"));
        json_put_key_str(j, "agency", str_of(w->agency[p->seq % WORLD_AGENCIES]));
        put_strs(j, "institutions", "TH/004", NULL);
        json_put_key_str(j, "name", str_of(p->name));
        json_put_key_null(j, "reason");
        json_put_key_bool(j, "relay", p->flag);
        json_put_key_str(j, "state", p->seq % 4 ? STR("confirmed") : STR("revoked"));
    } else if (p->kind == RECORD_FLAG) {
        json_put_key_bool(j, "active", p->flag);
        json_put_key_null(j, "country");
        json_put_key_str(j, "party", str_of(p->name));
        json_put_key_null(j, "reason");
        json_put_key_str(j, "source", STR("list"));
    } else {
        json_put_key_str(j, "agency", str_of(w->agency[p->seq % WORLD_AGENCIES]));
        json_put_key_str(j, "log", STR("main"));
        put_strs(j, "notes", "note a", "note b");
        json_put_key_str(j, "why", STR("two_roots"));
    }
}

static void put_accords(JsonWriter *j, const World *w, const Plan *p) {
    if (p->kind == RECORD_ACCORD_SIGN) {
        json_put_key_null(j, "note");
        json_put_key_bool(j, "signed", p->flag);
        return;
    }
    json_put_key_str(j, "begins_at", str_of(moment));
    json_put_key_null(j, "ends_at");
    put_strs(j, "kinds", "report", "case");
    json_put_key(j, STR("mark"));
    json_put_object_begin(j);
    json_put_key_i64(j, "days", 30);
    json_put_key_str(j, "handling", STR("H0"));
    json_put_key_str(j, "pap", STR("AMBER"));
    json_put_key_str(j, "tlp", STR("AMBER"));
    json_put_object_end(j);
    json_put_key(j, STR("members"));
    json_put_array_begin(j);
    for (size_t a = 0; a < WORLD_AGENCIES; a++)
        if (p->to_bits >> a & 1) {
            json_put_object_begin(j);
            json_put_key_str(j, "agency", str_of(w->agency[a]));
            json_put_key_str(j, "law", STR("Act 1"));
            json_put_key_bool(j, "mirror", a == 1);
            json_put_object_end(j);
        }
    json_put_array_end(j);
    json_put_key_str(j, "name", STR("river"));
    put_strs(j, "purposes", NULL, NULL);
    json_put_key_str(j, "title", STR("River accord"));
}

static void put_shares(JsonWriter *j, const World *w, const Plan *p) {
    if (p->kind == RECORD_SHARE) {
        json_put_key_bool(j, "accept", p->flag);
        json_put_key_null(j, "answers");
        json_put_key_null(j, "contact");
        json_put_key_null(j, "due_at");
        json_put_key_str(j, "kind", STR("report"));
        put_id(j, "record", p->record);
        json_put_key_str(j, "title", STR("a report"));
    } else if (p->kind == RECORD_SHARE_ACT) {
        json_put_key_str(j, "act", p->flag ? STR("accept") : STR("refuse"));
        json_put_key_null(j, "code");
        json_put_key_str(j, "handling", STR("H1"));
        json_put_key_null(j, "note");
    } else if (p->kind == RECORD_RETRACT) {
        put_strs(j, "from", w->agency[p->whose], NULL);
        json_put_key_str(j, "reason", STR("wrong"));
        put_id(j, "record", p->record);
    } else {
        int64_t leaf = (int64_t)p->target_seq;
        json_put_key_str(j, "agency", str_of(w->agency[p->whose]));
        json_put_key_str(j, "because", STR("retract"));
        if (p->has_target)
            put_id(j, "by", p->target);
        else
            json_put_key_null(j, "by");
        put_i64s(j, "leaves", &leaf, 1);
        put_id(j, "record", p->record);
    }
}

static void put_flow(JsonWriter *j, const World *w, const Plan *p) {
    int64_t first = (int64_t)(p->seq > 9 ? p->seq - 9 : 0), range[] = {first, (int64_t)p->seq};
    if (p->kind == RECORD_DISCLOSED) {
        json_put_key_i64(j, "from", (int64_t)p->seq);
        json_put_key(j, STR("logs"));
        json_put_array_begin(j);
        json_put_object_begin(j);
        json_put_key_str(j, "agency", str_of(w->agency[p->agency]));
        json_put_key(j, STR("leaves"));
        json_put_array_begin(j);
        put_i64s(j, NULL, range, 2);
        json_put_array_end(j);
        json_put_object_end(j);
        json_put_array_end(j);
        json_put_key_str(j, "to", str_of(w->agency[p->whose]));
    } else {
        json_put_key_str(j, "agency", str_of(w->agency[p->agency]));
        put_id(j, "by", p->target);
        put_i64s(j, "leaves", range, 2);
        put_id(j, "record", p->record);
        json_put_key_str(j, "to", str_of(w->agency[p->whose]));
    }
}

static void put_notices(JsonWriter *j, const World *w, const Plan *p) {
    if (p->kind == RECORD_NOTICE_ACT) {
        json_put_key_str(j, "act", p->flag ? STR("grant") : STR("refuse"));
        json_put_key_null(j, "code");
        json_put_key_null(j, "note");
        put_strs(j, "shares", NULL, NULL);
        json_put_key_null(j, "until");
        return;
    }
    json_put_key_str(j, "act", p->flag ? STR("pass_on") : STR("request"));
    json_put_key_str(j, "contact", STR("duty"));
    json_put_key_str(j, "due_at", str_of(moment));
    json_put_key_str(j, "handling", STR("H0"));
    json_put_key_str(j, "recipient", str_of(w->agency[p->seq % WORLD_AGENCIES]));
    char id[RECORD_ID_TEXT_BYTES];
    record_id_text(p->report, id);
    put_strs(j, "records", id, NULL);
    json_put_key_str(j, "text", STR("who is it"));
    json_put_key_str(j, "title", STR("a question"));
}

void world_put_exchange(JsonWriter *j, const World *w, const Plan *p) {
    if (p->kind == RECORD_ACCORD || p->kind == RECORD_ACCORD_SIGN)
        put_accords(j, w, p);
    else if (p->kind == RECORD_SHARE || p->kind == RECORD_SHARE_ACT || p->kind == RECORD_RETRACT ||
             p->kind == RECORD_LET_GO)
        put_shares(j, w, p);
    else if (p->kind == RECORD_DISCLOSED || p->kind == RECORD_PASSED)
        put_flow(j, w, p);
    else if (p->kind == RECORD_NOTICE || p->kind == RECORD_NOTICE_ACT)
        put_notices(j, w, p);
    else
        put_links(j, w, p);
}
