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
    if (p->act == ORDER_ATTEMPT || p->act == ORDER_TELL)
        p->act = chance(w, 50) ? ORDER_ADOPT : ORDER_APPEAL;
    if (p->kind == RECORD_ORDER_NOTE)
        p->act = chance(w, 35) ? ORDER_TELL : chance(w, 50) ? ORDER_ATTEMPT : ORDER_APPEAL;
    p->outcome = p->act == ORDER_ANSWER ? (OrderOutcome)(ORDER_DID_EXECUTE + rng_below(&w->rng, 3))
                 : p->act == ORDER_REVIEW ? (OrderOutcome)(ORDER_UPHELD + rng_below(&w->rng, 3))
                 : p->act == ORDER_TELL   ? (OrderOutcome)rng_below(&w->rng, 4)
                                          : ORDER_NO_OUTCOME;
    p->party = p->act == ORDER_ANSWER || p->act == ORDER_RECEIVE || p->act == ORDER_UNDONE ||
                       p->act == ORDER_ADOPT || p->act == ORDER_TELL
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

// --- worlds -------------------------------------------------------------------------------------

static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";

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
