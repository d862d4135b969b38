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
    static const RecordKind later[] = {
        RECORD_ORDER,       RECORD_ORDER,          RECORD_ORDER_ACT,      RECORD_ORDER_ACT,
        RECORD_ORDER_ACT,   RECORD_ORDER_ACT,      RECORD_ORDER_ACT,      RECORD_ORDER_ACT,
        RECORD_ORDER_NOTE,  RECORD_VICTIM,         RECORD_STANDING,       RECORD_CLAIMANT,
        RECORD_ATTACHMENT,  RECORD_TRACE,          RECORD_CONTACT,        RECORD_ACCOUNT_CLASS,
        RECORD_GRIEVANCE,   RECORD_REFUND_PLAN,    RECORD_REFUND_SIGN,    RECORD_REFUND_SIGN,
        RECORD_REFUND_PAID, RECORD_REFUND_ACCOUNT, RECORD_REFUND_ACCOUNT, RECORD_SECOND,
        RECORD_SECOND,      RECORD_SHIFT,          RECORD_SHIFT_SIGN,     RECORD_READ,
        RECORD_GLASS,       RECORD_GLASS_RATIFY,   RECORD_OFFICER_CHANGE, RECORD_EXPORT_DECISION,
        RECORD_CASE_EXPORT};
    static const RecordKind exchange[] = {
        RECORD_LINK,        RECORD_RECOVER,     RECORD_PEER,   RECORD_FLAG,      RECORD_ACCORD,
        RECORD_ACCORD_SIGN, RECORD_ACCORD_SIGN, RECORD_SHARE,  RECORD_SHARE,     RECORD_SHARE,
        RECORD_SHARE,       RECORD_SHARE,       RECORD_SHARE,  RECORD_SHARE_ACT, RECORD_SHARE_ACT,
        RECORD_RETRACT,     RECORD_RETRACT,     RECORD_LET_GO, RECORD_LET_GO,    RECORD_LET_GO,
        RECORD_DISCLOSED,   RECORD_DISCLOSED,   RECORD_PASSED, RECORD_NOTICE,    RECORD_NOTICE_ACT,
        RECORD_FORK};
    if (chance(w, w->exchange))
        return exchange[rng_below(&w->rng, COUNT_OF(exchange))];
    if (chance(w, w->later))
        return later[rng_below(&w->rng, COUNT_OF(later))];
    return often[rng_below(&w->rng, COUNT_OF(often))];
}

// The id of an earlier record; a ledger takes no id twice from its own agency.
static void copy_id(World *w, size_t i) {
    RecordId id = w->plans[rng_below(&w->rng, i)].id;
    if (w->real && w->plans[i].agency == 0)
        return;
    for (size_t k = 0; k < i && w->real; k++)
        if (w->plans[k].agency == w->plans[i].agency && record_id_eq(w->plans[k].id, id))
            return;
    w->plans[i].id = id;
}

// Places, kinds, ids and times first, so that later choices may name any record.
static void plan_places(World *w, size_t agencies, uint64_t first_seq) {
    uint64_t next[WORLD_AGENCIES][2] = {{first_seq}, {w->real ? first_seq : 0}};
    int64_t last[WORLD_AGENCIES][2] = {{0}};
    for (size_t i = 0; i < w->count; i++) {
        Plan *p = &w->plans[i];
        p->agency = (size_t)rng_below(&w->rng, agencies);
        size_t log = chance(w, 8) && next[p->agency][0] > 0 && !(w->real && p->agency > 0);
        p->log = log ? "reads" : "main";
        p->seq = next[p->agency][log]++;
        // Steps are small, so that agencies often speak at the same instant.
        p->at = last[p->agency][log] += 1 + (int64_t)rng_below(&w->rng, 3);
        p->id = record_id_new(1700000000000000 + p->at, w->random);
        p->until_n = p->at % 2;
        if (w->clashes && i > 0 && p->seq > 0 && chance(w, 6))
            copy_id(w, i);
        p->kind = p->seq == 0 && !log ? RECORD_GENESIS : some_kind(w);
        if (w->real && (p->kind == RECORD_KEY || p->kind == RECORD_RECOVER))
            p->kind = RECORD_CLAIM;
        p->newer = p->kind != RECORD_GENESIS && !w->real && chance(w, 2);
        p->foreign = p->kind != RECORD_GENESIS && agencies > 1 && !w->real && chance(w, 2);
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

// Acts as they come in life more often than not, so that orders get somewhere.
static void plan_act(World *w, Plan *p) {
    // Mostly of the same order, so that it lives through something.
    for (size_t k = 0; k < w->count && chance(w, 97); k++)
        if (w->plans[k].kind == RECORD_ORDER) {
            p->of = w->plans[k].id;
            break;
        }
    static const OrderAct often[] = {ORDER_ISSUE,  ORDER_ISSUE,   ORDER_ISSUE,  ORDER_RECEIVE,
                                     ORDER_ANSWER, ORDER_ANSWER,  ORDER_ANSWER, ORDER_APPEAL,
                                     ORDER_REVIEW, ORDER_RELEASE, ORDER_EXTEND, ORDER_UNDONE};
    p->act = chance(w, 70) ? often[rng_below(&w->rng, COUNT_OF(often))]
                           : (OrderAct)rng_below(&w->rng, ORDER_ACTS);
    if (p->act == ORDER_ATTEMPT)
        p->act = ORDER_APPEAL;
    if (p->kind == RECORD_ORDER_NOTE)
        p->act = chance(w, 50) ? ORDER_ATTEMPT : ORDER_APPEAL;
    p->outcome = p->act == ORDER_ANSWER ? (OrderOutcome)(ORDER_DID_EXECUTE + rng_below(&w->rng, 3))
                 : p->act == ORDER_REVIEW ? (OrderOutcome)(ORDER_UPHELD + rng_below(&w->rng, 3))
                                          : ORDER_NO_OUTCOME;
    p->party = p->act == ORDER_ANSWER || p->act == ORDER_RECEIVE || p->act == ORDER_UNDONE
                   ? ORDER_ADDRESSEE
               : p->act == ORDER_APPEAL ? ORDER_HOLDER
               : chance(w, 90)          ? ORDER_ISSUER
                                        : ORDER_COURT;
    p->persons = chance(w, 80) ? 1 : 2;
    p->has_ends_at = chance(w, 80);
    p->ends_at = 1700000000000000 + p->at - 5 + (int64_t)rng_below(&w->rng, 60);
    p->happened_at = chance(w, 8) ? 1700000000000000 + (int64_t)rng_below(&w->rng, 400) : 0;
}

static void plan_order(World *w, size_t i) {
    Plan *p = &w->plans[i];
    bool binds = p->kind < RECORD_UNKNOWN && record_kind_row(p->kind)->binds;
    p->officer = binds || chance(w, 60) ? 1 + (size_t)rng_below(&w->rng, WORLD_OFFICERS) : 0;
    // What is made another kind after it was signed has no signature that holds.
    if (w->real && p->kind == RECORD_UNKNOWN)
        p->officer = 0;
    p->has_amount = chance(w, 70);
    p->amount = p->kind == RECORD_ORDER ? 4 : 1 + (int64_t)rng_below(&w->rng, 5);
    p->request = chance(w, 10);
    p->flag = chance(w, 80);
    p->persons = 1 + (int)rng_below(&w->rng, 2);
    p->order = some_of(w, RECORD_ORDER);
    p->case_id = some_of(w, RECORD_CASE);
    p->to_agency = (size_t)rng_below(&w->rng, WORLD_AGENCIES);
    if (p->kind == RECORD_ORDER_ACT || p->kind == RECORD_ORDER_NOTE)
        plan_act(w, p);
    p->target = some_of(w, p->kind == RECORD_SECOND ? RECORD_REFUND_ACCOUNT : RECORD_ORDER_ACT);
    p->has_target = p->act == ORDER_SECOND || chance(w, 5);
    // Mostly of the same object.
    for (size_t k = 0; k < 40 && chance(w, 90); k++) {
        const Plan *t = &w->plans[rng_below(&w->rng, w->count)];
        if (t != p && t->kind == (p->kind == RECORD_SECOND ? RECORD_REFUND_ACCOUNT : p->kind) &&
            (p->kind == RECORD_SECOND || (t->has_of && record_id_eq(t->of, p->of)))) {
            p->target = t->id;
            break;
        }
    }
    if (p->kind != RECORD_SECOND)
        return;
    p->has_of = true;
    p->of = some_of(w, RECORD_REPORT);
    for (size_t k = 0; k < w->count; k++)
        if (record_id_eq(w->plans[k].id, p->target) && w->plans[k].has_of)
            p->of = w->plans[k].of;
}

static void plan_relations(World *w, size_t i) {
    Plan *p = &w->plans[i];
    RecordKind of = p->kind < RECORD_UNKNOWN ? record_kind_row(p->kind)->of_kind : RECORD_UNKNOWN;
    if (of != RECORD_UNKNOWN) {
        p->has_of = true;
        p->of = some_of(w, chance(w, 95) ? of : RECORD_CASE);
    }
    // An object is mostly spoken of by its own agency.
    for (size_t k = 0; k < 40 && p->has_of && chance(w, 95); k++) {
        const Plan *t = &w->plans[rng_below(&w->rng, w->count)];
        if (t->kind == of && t->agency == p->agency) {
            p->of = t->id;
            break;
        }
    }
    p->report = some_of(w, RECORD_REPORT);
    // What is removed was mostly added.
    for (size_t k = 0; k < 4 * i && p->kind == RECORD_CASE_REMOVE && !chance(w, 4); k++) {
        const Plan *add = &w->plans[rng_below(&w->rng, i)];
        if (add->kind == RECORD_CASE_ADD && add->agency == p->agency) {
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
    put_texts(j, "transfers", p, p->text_count);
    put_texts(j, "urls", p, p->text_count / 3);
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

static void put_account(JsonWriter *j, const char *key, const Plan *p) {
    json_put_key(j, str_of(key));
    json_put_object_begin(j);
    json_put_key_str(j, "account", str_of(p->name));
    if (p->seq % 2)
        json_put_key_str(j, "country", STR("TH"));
    else
        json_put_key_null(j, "country");
    if (p->seq % 3)
        json_put_key_str(j, "institution", STR("krungsri"));
    else
        json_put_key_null(j, "institution");
    json_put_object_end(j);
}

static void put_time(JsonWriter *j, const char *key, bool has, int64_t at) {
    char text[TIME_TEXT_BYTES];
    time_format_record(at, text);
    if (has)
        json_put_key_str(j, key, str_of(text));
    else
        json_put_key_null(j, key);
}

static void put_ids(JsonWriter *j, const char *key, const RecordId *ids, size_t n) {
    char text[RECORD_ID_TEXT_BYTES];
    json_put_key(j, str_of(key));
    json_put_array_begin(j);
    for (size_t i = 0; i < n; i++) {
        record_id_text(ids[i], text);
        json_put_str(j, str_of(text));
    }
    json_put_array_end(j);
}

static void put_opt_i64(JsonWriter *j, const char *key, bool has, int64_t v) {
    if (has)
        json_put_key_i64(j, key, v);
    else
        json_put_key_null(j, key);
}

static void put_act(JsonWriter *j, const Plan *p) {
    static const char *const parties[] = {[ORDER_ISSUER] = "issuer",
                                          [ORDER_ADDRESSEE] = "addressee",
                                          [ORDER_HOLDER] = "holder",
                                          [ORDER_COURT] = "court"};
    json_put_key_str(j, "act", str_of(order_act_name(p->act)));
    put_opt_i64(j, "amount", p->has_amount, p->amount);
    put_opt_i64(j, "balance", p->flag, p->amount + 5);
    json_put_key_null(j, "code");
    put_hash(j, "document", p->seq);
    put_time(j, "ends_at", p->has_ends_at, p->ends_at);
    put_time(j, "happened_at", p->happened_at != 0, p->happened_at);
    json_put_key_null(j, "note");
    json_put_key_str(j, "on_behalf_of", STR("krungsri"));
    if (p->outcome)
        json_put_key_str(j, "outcome", str_of(order_outcome_name(p->outcome)));
    else
        json_put_key_null(j, "outcome");
    json_put_key_str(j, "party", str_of(parties[p->party]));
    json_put_key_i64(j, "persons", p->persons);
    if (p->has_target)
        put_id(j, "target", p->target);
    else
        json_put_key_null(j, "target");
    put_account(j, "to", p);
}

static void put_order(JsonWriter *j, const World *w, const Plan *p) {
    static const char *const nulls[] = {"policy", "replaces"};
    static const char *const from[] = {"issued", "received", "executed", "complaint_filed"};
    put_account(j, "account", p);
    json_put_key(j, STR("addressee"));
    json_put_object_begin(j);
    json_put_key_str(j, "agency", str_of(w->agency[p->to_agency]));
    json_put_key_str(j, "country", STR("TH"));
    json_put_key_str(j, "institution", STR("krungsri"));
    json_put_key_str(j, "kind", STR("bank"));
    json_put_object_end(j);
    put_opt_i64(j, "amount", p->has_amount, p->amount);
    json_put_key_i64(j, "answer_hours", 24);
    json_put_key_null(j, "asks_end");
    put_id(j, "case", p->case_id);
    json_put_key_str(j, "clock_from", str_of(from[p->seq % 8 < 5 ? 0 : p->seq % 4]));
    json_put_key_str(j, "currency", STR("THB"));
    json_put_key(j, STR("law"));
    json_put_object_begin(j);
    json_put_key_str(j, "id", STR("TH-hold-3"));
    json_put_key_str(j, "standing", STR("second-hand"));
    json_put_object_end(j);
    put_opt_i64(j, "level", p->flag, 2);
    json_put_key_null(j, "note");
    json_put_key_str(j, "number", str_of(p->name));
    json_put_key_str(j, "order", STR("hold_account"));
    json_put_key_null(j, "pack");
    json_put_key_i64(j, "persons", p->persons);
    for (size_t i = 0; i < COUNT_OF(nulls); i++)
        json_put_key_null(j, nulls[i]);
    put_id(j, "report", p->report);
    json_put_key_bool(j, "request", p->request);
    json_put_key_null(j, "rule");
    json_put_key_null(j, "subject");
    json_put_key(j, STR("tags"));
    json_put_array_begin(j);
    for (size_t i = 0; i < p->text_count; i++) {
        json_put_object_begin(j);
        json_put_key_i64(j, "amount", 1 + (int64_t)i);
        put_id(j, "report", i % 2 ? p->report : p->target);
        json_put_object_end(j);
    }
    json_put_array_end(j);
    json_put_key_null(j, "trace");
}

static void put_contact(JsonWriter *j, const Plan *p) {
    static const char *const nulls[] = {"email", "hours"};
    json_put_key_str(j, "country", STR("TH"));
    json_put_key_str(j, "desk", STR("fraud"));
    for (size_t i = 0; i < COUNT_OF(nulls); i++)
        json_put_key_null(j, nulls[i]);
    json_put_key_str(j, "institution", str_of(p->name));
    json_put_key_str(j, "language", STR("th"));
    json_put_key_null(j, "note");
    json_put_key_str(j, "phone", STR("+6621234567"));
}

static void put_empty_list(JsonWriter *j, const char *key) {
    json_put_key(j, str_of(key));
    json_put_array_begin(j);
    json_put_array_end(j);
}

static void put_trace(JsonWriter *j, const Plan *p) {
    json_put_key_str(j, "engine", STR("1"));
    put_hash(j, "manifest", p->seq);
    put_hash(j, "pack", p->seq);
    put_ids(j, "reports", &p->report, 1);
    put_hash(j, "result", p->seq);
    json_put_key_str(j, "rule", STR("fifo"));
    put_empty_list(j, "seeds");
    json_put_key_null(j, "until");
}

static void put_case_export(JsonWriter *j, const Plan *p) {
    put_id(j, "case", p->case_id);
    json_put_key_null(j, "decision");
    json_put_key_i64(j, "items", 3);
    put_hash(j, "manifest", p->seq);
    json_put_key_null(j, "to");
}

// Kinds of refunds: a plan's hash is that of its seq; a signature with `flag` names it.
static void put_refund(JsonWriter *j, const World *w, const Plan *p) {
    uint64_t hash = p->seq;
    for (size_t i = 0; i < w->count; i++)
        if (p->has_of && p->flag && record_id_eq(w->plans[i].id, p->of))
            hash = w->plans[i].seq;
    if (p->kind == RECORD_REFUND_SIGN) {
        put_hash(j, "plan_hash", p->flag ? hash : hash + 1000);
    } else if (p->kind == RECORD_REFUND_PLAN) {
        put_id(j, "case", p->case_id);
        put_hash(j, "inputs", 7);
        json_put_key(j, STR("plan"));
        json_put_object_begin(j);
        json_put_object_end(j);
        put_hash(j, "plan_hash", p->seq);
    } else if (p->kind == RECORD_REFUND_PAID) {
        put_account(j, "account", p);
        json_put_key_i64(j, "amount", p->amount);
        json_put_key_str(j, "currency", STR("THB"));
        json_put_key_str(j, "reference", STR("ref-1"));
        put_id(j, "report", p->report);
    } else {
        put_account(j, "account", p);
        json_put_key_null(j, "document");
        json_put_key_i64(j, "persons", p->persons);
    }
}

// Kinds of people: victims, readers, shifts, officers.
static void put_person(JsonWriter *j, const Plan *p) {
    static const char *const standings[] = {"claimed", "bank", "police"};
    if (p->kind == RECORD_VICTIM) {
        json_put_key_null(j, "contact");
        put_id(j, "report", p->report);
        json_put_key_str(j, "story", STR("he said he was from the bank"));
        json_put_key_str(j, "victim", STR("somebody"));
    } else if (p->kind == RECORD_STANDING) {
        json_put_key_null(j, "document");
        json_put_key_null(j, "note");
        json_put_key_str(j, "standing", str_of(standings[p->seq % 3]));
    } else if (p->kind == RECORD_SHIFT) {
        put_time(j, "began_at", true, 1700000000000000);
        put_time(j, "ended_at", true, 1700000000000000 + p->at);
        put_empty_list(j, "items");
        json_put_key_str(j, "next", STR("owl"));
        json_put_key_null(j, "note");
    } else if (p->kind == RECORD_READ) {
        put_empty_list(j, "fields");
        json_put_key_str(j, "outlet", STR("report"));
        put_ids(j, "records", (const RecordId[]){p->report, p->case_id}, p->flag ? 2 : 1);
    } else if (p->kind == RECORD_GLASS) {
        json_put_key_str(j, "grants", STR("victim"));
        json_put_key_str(j, "reason", STR("life in danger"));
        put_time(j, "until", true, 1700000000000000 + p->at + 5);
    } else if (p->kind == RECORD_GLASS_RATIFY) {
        json_put_key_null(j, "note");
        json_put_key_bool(j, "ratified", p->flag);
    } else {
        json_put_key_bool(j, "active", p->flag);
        put_hash(j, "key", p->seq + 77);
        json_put_key_str(j, "role", str_of(p->seq % 2 ? "duty" : "liaison"));
    }
}

static void put_later(JsonWriter *j, const World *w, const Plan *p) {
    if (p->kind == RECORD_CLAIMANT) {
        put_ids(j, "reports", (const RecordId[]){p->report, p->case_id}, p->flag ? 2 : 1);
    } else if (p->kind == RECORD_ATTACHMENT) {
        json_put_key_i64(j, "bytes", 10);
        json_put_key_str(j, "name", STR("letter.pdf"));
        put_hash(j, "sha256", p->seq % 3);
        json_put_key_str(j, "type", STR("application/pdf"));
    } else if (p->kind == RECORD_ACCOUNT_CLASS) {
        put_account(j, "account", p);
        json_put_key_str(j, "class", str_of(p->flag ? "merchant" : "wallet"));
        json_put_key_null(j, "document");
        json_put_key_null(j, "on_behalf_of");
    } else if (p->kind == RECORD_GRIEVANCE) {
        json_put_key_null(j, "contact");
        put_texts(j, "documents", p, p->text_count);
        put_id(j, "order", p->order);
        json_put_key_str(j, "text", STR("it is my salary"));
    } else if (p->kind == RECORD_SECOND) {
        put_id(j, "target", p->target);
    } else if (p->kind == RECORD_SHIFT_SIGN) {
        json_put_key_null(j, "note");
    } else if (p->kind == RECORD_EXPORT_DECISION) {
        put_id(j, "case", p->case_id);
        json_put_key_str(j, "reason", STR("court asked"));
        put_ids(j, "records", &p->report, 1);
        json_put_key_str(j, "to", STR("court"));
    } else {
        put_refund(j, w, p);
    }
}

static void put_body(JsonWriter *j, const World *w, const Plan *p) {
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
    case RECORD_ORDER:
        put_order(j, w, p);
        break;
    case RECORD_ORDER_ACT:
    case RECORD_ORDER_NOTE:
        put_act(j, p);
        break;
    case RECORD_CONTACT:
        put_contact(j, p);
        break;
    case RECORD_TRACE:
        put_trace(j, p);
        break;
    case RECORD_CASE_EXPORT:
        put_case_export(j, p);
        break;
    case RECORD_VICTIM:
    case RECORD_STANDING:
    case RECORD_SHIFT:
    case RECORD_READ:
    case RECORD_GLASS:
    case RECORD_GLASS_RATIFY:
    case RECORD_OFFICER_CHANGE:
        put_person(j, p);
        break;
    case RECORD_CLAIMANT:
    case RECORD_ATTACHMENT:
    case RECORD_ACCOUNT_CLASS:
    case RECORD_GRIEVANCE:
    case RECORD_SECOND:
    case RECORD_SHIFT_SIGN:
    case RECORD_EXPORT_DECISION:
    case RECORD_REFUND_PLAN:
    case RECORD_REFUND_SIGN:
    case RECORD_REFUND_PAID:
    case RECORD_REFUND_ACCOUNT:
        put_later(j, w, p);
        break;
    case RECORD_LINK:
    case RECORD_RECOVER:
    case RECORD_PEER:
    case RECORD_FLAG:
    case RECORD_ACCORD:
    case RECORD_ACCORD_SIGN:
    case RECORD_SHARE:
    case RECORD_SHARE_ACT:
    case RECORD_RETRACT:
    case RECORD_LET_GO:
    case RECORD_DISCLOSED:
    case RECORD_PASSED:
    case RECORD_NOTICE:
    case RECORD_NOTICE_ACT:
    case RECORD_FORK:
        world_put_exchange(j, w, p);
        break;
    }
}

// `to` points into room.
static RecordMark mark_of(const World *w, const Plan *p, Str room[WORLD_AGENCIES]) {
    RecordMark m = p->mark == 0 ? record_mark_default() : record_mark_clear();
    if (p->mark == 2)
        m.pap = RECORD_PAP_GREEN;
    m.to = room;
    for (size_t a = 0; a < WORLD_AGENCIES; a++) {
        size_t at = m.to_count;
        if (!(p->to_bits >> a & 1))
            continue;
        for (; at > 0 && strcmp(room[at - 1].p, w->agency[a]) > 0; at--)
            room[at] = room[at - 1];
        room[at] = str_of(w->agency[a]);
        m.to_count++;
    }
    m.has_until = p->has_until;
    m.until_us = 1900000000000000 + p->until_n;
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
    put_body(&j, w, p);
    json_put_object_end(&j);
    assert_ok(&w->memory, json_writer_end(&w->memory, &j));
    size_t by_officer = p->officer ? p->officer - 1 : 0;
    const RecordSigner signer = {w->officers[by_officer], &w->keys[by_officer]};
    Str room[WORLD_AGENCIES];
    size_t by = p->foreign ? (p->agency + 1) % WORLD_AGENCIES : p->agency;
    RecordDraft d = {.kind = p->kind == RECORD_UNKNOWN ? RECORD_CLAIM : p->kind,
                     .id = p->id,
                     .has_of = p->has_of,
                     .of = p->of,
                     .refs = p->refs,
                     .ref_count = p->ref_count,
                     .at_us = 1700000000000000 + p->at,
                     .agency = p->kind == RECORD_GENESIS ? (Str){0} : str_of(w->agency[by]),
                     .has_officer = p->officer != 0,
                     .officer = p->officer ? w->officers[p->officer - 1] : (RecordId){{0}},
                     .signers = &signer,
                     .signer_count = p->officer ? 1 : 0,
                     .mark = mark_of(w, p, room),
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
    w->later = seed % 2 ? 15 : 65;
    w->random = crypto_random_seeded(&w->random_state, seed);
    for (size_t a = 0; a < WORLD_AGENCIES; a++)
        snprintf(w->agency[a], sizeof w->agency[a], "%.63s%zu", zeros, 9 - a);
    for (size_t i = 0; i < WORLD_OFFICERS; i++) {
        CryptoSeed secret = {{(uint8_t)(i + 1)}};
        CryptoPublicKey public;
        crypto_sign_key_from_seed(&secret, &w->keys[i], &public);
        w->officers[i] = record_id_new(1600000000000000 + (int64_t)i, w->random);
    }
    w->count = 20 + (size_t)rng_below(&w->rng, WORLD_RECORDS_MAX - 20);
}

static void world_finish(World *w) {
    for (size_t i = 0; i < w->count; i++)
        plan_relations(w, i);
    for (size_t i = 0; i < w->count; i++)
        plan_order(w, i);
    for (size_t i = 0; i < w->count; i++)
        if (w->plans[i].kind == RECORD_ERASE)
            plan_erase(w, i);
    for (size_t i = 0; i < w->count && w->exchange; i++)
        world_plan_exchange(w, i);
    // A copied id may be that of what the record speaks of.
    for (size_t i = 0; i < w->count; i++)
        if (w->plans[i].has_of && record_id_eq(w->plans[i].of, w->plans[i].id))
            w->plans[i].of = record_id_new(1, w->random);
    for (size_t i = 0; i < w->count; i++) {
        const Plan *p = &w->plans[i];
        uint32_t log = strcmp(p->log, "main") != 0;
        if (p->agency != w->own)
            log += 2 * (uint32_t)p->agency + 2;
        w->items[i] = (PictureItem){.agency = str_of(w->agency[p->agency]),
                                    .log = str_of(p->log),
                                    .seq = p->seq,
                                    .ledger_log = log,
                                    .arrival = (int64_t)i + 1,
                                    .envelope = world_envelope(w, i)};
    }
}

Str world_own(const World *w) {
    return str_of(w->agency[w->own]);
}

void world_make(World *w, uint64_t seed, size_t agencies) {
    world_start(w, seed);
    w->own = seed % agencies;
    plan_places(w, agencies, 0);
    world_finish(w);
}

void world_make_exchange(World *w, uint64_t seed, size_t agencies, bool clashes) {
    world_start(w, seed);
    w->exchange = 45;
    w->clashes = clashes;
    w->own = seed % agencies;
    plan_places(w, agencies, 0);
    world_finish(w);
}

void world_make_own(World *w, uint64_t seed, Str agency) {
    world_start(w, seed);
    memcpy(w->agency[0], agency.p, agency.n);
    w->exchange = seed % 2 ? 30 : 0;
    plan_places(w, 1, 1);
    world_finish(w);
}

void world_make_real(World *w, uint64_t seed, Str own, Str other) {
    world_start(w, seed);
    memcpy(w->agency[0], own.p, own.n);
    memcpy(w->agency[1], other.p, other.n);
    w->real = true;
    w->clashes = seed % 2;
    w->exchange = 40;
    plan_places(w, 2, 1);
    world_finish(w);
}

void world_done(World *w) {
    ctx_done(&w->memory);
}
