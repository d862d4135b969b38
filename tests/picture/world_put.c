// Of the random world: the bytes of its records.
#include "world.h"

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
    if (p->act == ORDER_TELL && p->flag)
        json_put_key_str(j, "code", STR("released"));
    else
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
