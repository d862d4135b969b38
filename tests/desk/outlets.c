#include "outlets.h"
#include "naive_sight.h"

#define FAMILIES 14
#define ELSEWHERE "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

// --- marks and words ----------------------------------------------------------------------------

// `room` holds the lists of the mark.
static RecordMark any_mark(Sea *s, Str room[3]) {
    static const char *const purposes[] = {"audit", "intake", "investigation", "refund"};
    RecordMark m = record_mark_default();
    if (s->plain || rng_below(&s->rng, 3) == 0)
        return m;
    m.tlp = (RecordTlp)rng_below(&s->rng, 5);
    room[0] = rng_below(&s->rng, 2) ? str_of(s->m.w.node->agency_id) : STR(ELSEWHERE);
    m.to = room;
    m.to_count = rng_below(&s->rng, 5) == 0;
    size_t first = rng_below(&s->rng, COUNT_OF(purposes) - 1);
    room[1] = str_of(purposes[first]);
    room[2] = str_of(purposes[first + 1]);
    m.purposes = room + 1;
    m.purpose_count = rng_below(&s->rng, 2) ? 0 : 1 + rng_below(&s->rng, 2);
    return m;
}

static const char *word(Sea *s, uint64_t asks) {
    size_t i = s->word_count++;
    assert_true(i < SEA_RECORDS_MAX);
    snprintf(s->words[i].word, sizeof s->words[i].word, "zq%03zuxw", i);
    s->words[i].asks = asks;
    return s->words[i].word;
}

static RecordId put(Sea *s, DeskDraft draft, const char *format, ...) PRINTF_LIKE(3, 4);
static RecordId put(Sea *s, DeskDraft draft, const char *format, ...) {
    Ctx *c = &s->m.w.c;
    char body[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(body, sizeof body, format, args);
    va_end(args);
    draft.body = str_of(body);
    AUTO(DeskWriting) w = {0};
    RecordId id;
    assert_ok(c, desk_writing_begin(c, s->m.w.node, &s->m.ann, &w));
    assert_ok(c, desk_record_add(c, &w, &draft, &id));
    return id;
}

// --- one family: reports with their victims, a case, orders, what hangs on them ------------------

static RecordId put_report(Sea *s, size_t family, const RecordMark *mark) {
    static const char *const transfers[] = {"", "\"p1\"", "\"m1\"", "\"k1\""};
    char old[64] = "null";
    // Of an older node, which kept the victim in the report.
    if (rng_below(&s->rng, 6) == 0)
        snprintf(old, sizeof old, "\"%s\"", word(s, (uint64_t)1 << DESK_VICTIM_READ));
    return put(s, (DeskDraft){.kind = RECORD_REPORT, .mark = mark},
               "{\"accounts\":[{\"account\":\"A%zu\",\"country\":\"TH\",\"institution\":\"014\"}],"
               "\"channel\":null,\"country\":\"TH\",\"currency\":\"THB\",\"happened_at\":null,"
               "\"loss\":100000,\"phones\":[],\"report\":\"%s\",\"reported_at\":"
               "\"2026-01-01T07:00:00.000000Z\",\"row\":\"" ELSEWHERE "\",\"story\":null,"
               "\"transfers\":[%s],\"urls\":[],\"victim\":%s}",
               family % 3, word(s, 0),
               transfers[s->plain ? 1 + family : rng_below(&s->rng, COUNT_OF(transfers))], old);
}

static void act(Sea *s, RecordId order, const RecordMark *mark, OrderEvent event) {
    Ctx *c = &s->m.w.c;
    AUTO(DeskWriting) w = {0};
    DeskActNew a = {.order = order, .event = event, .mark = mark, .note = str_of(word(s, 0))};
    a.event.persons = 1;
    a.event.happened_at = s->m.w.now;
    if (event.party == ORDER_ADDRESSEE)
        a.on_behalf_of = STR("TH/014");
    assert_ok(c, desk_writing_begin(c, s->m.w.node, &s->m.ann, &w));
    assert_ok(c, desk_group_begin(c, &w));
    assert_ok(c, desk_order_act_add(c, &w, &a, NULL));
    assert_ok(c, desk_group_commit(c, &w));
}

static RecordId put_order(Sea *s, size_t family, RecordId k, RecordId report,
                          const RecordMark *mark) {
    Ctx *c = &s->m.w.c;
    char account[8];
    RecordId id;
    PictureTag tag = {report, 5000};
    snprintf(account, sizeof account, "A%zu", family % 3);
    {
        AUTO(DeskWriting) w = {0};
        DeskNumbers numbers = {0};
        DeskOrderNew o = {.account = {STR("TH"), STR("014"), str_of(account)},
                          .currency = STR("THB"),
                          .addressee_country = STR("TH"),
                          .addressee_institution = STR("014"),
                          .addressee_kind = STR("bank"),
                          .amount = 5000,
                          .tags = &tag,
                          .tag_count = 1,
                          .has_case = true,
                          .case_id = k,
                          .persons = 1,
                          .note = str_of(word(s, 0)),
                          .mark = *mark};
        assert_ok(c, desk_writing_begin(c, s->m.w.node, &s->m.ann, &w));
        assert_ok(c, desk_group_begin(c, &w));
        assert_ok(c, desk_order_add(c, &w, &numbers, &o, &id));
        assert_ok(c, desk_group_commit(c, &w));
    }
    if (!s->plain && rng_below(&s->rng, 3) == 0)
        return id;
    act(s, id, mark,
        (OrderEvent){.act = ORDER_ISSUE,
                     .party = ORDER_ISSUER,
                     .has_ends_at = true,
                     .ends_at = s->m.w.now + 72 * HOUR_US});
    act(s, id, mark,
        (OrderEvent){.act = ORDER_ANSWER,
                     .outcome = ORDER_DID_EXECUTE,
                     .party = ORDER_ADDRESSEE,
                     .has_amount = true,
                     .amount = 5000});
    return id;
}

static void put_document(Sea *s, RecordId about, const RecordMark *mark) {
    Ctx *c = &s->m.w.c;
    AUTO(DeskWriting) w = {0};
    CryptoHash sha256;
    RecordId id;
    char bytes[64];
    snprintf(bytes, sizeof bytes, "%s.txt", word(s, 0));
    DeskAttach a = {str_of(bytes), STR("text/plain"), str_of(bytes), &about, 1, mark};
    assert_ok(c, desk_writing_begin(c, s->m.w.node, &s->m.ann, &w));
    assert_ok(c, desk_group_begin(c, &w));
    assert_ok(c, desk_attach(c, &w, &a, &sha256, &id));
    assert_ok(c, desk_group_commit(c, &w));
}

static void put_around(Sea *s, size_t i, RecordId report, RecordId order) {
    Str room[3];
    char about[RECORD_ID_TEXT_BYTES], of[RECORD_ID_TEXT_BYTES];
    record_id_text(report, about);
    record_id_text(order, of);
    RecordMark mark = any_mark(s, room);
    put(s, (DeskDraft){.kind = RECORD_VICTIM, .mark = &mark, .refs = &report, .ref_count = 1},
        "{\"contact\":null,\"report\":\"%s\",\"story\":null,\"victim\":\"%s\"}", about, word(s, 0));
    mark = any_mark(s, room);
    put(s, (DeskDraft){.kind = RECORD_GRIEVANCE, .mark = &mark, .refs = &order, .ref_count = 1},
        "{\"contact\":null,\"documents\":[],\"order\":\"%s\",\"text\":\"%s\"}", of, word(s, 0));
    mark = any_mark(s, room);
    put(s, (DeskDraft){.kind = RECORD_CONTACT, .mark = &mark},
        "{\"country\":\"TH\",\"desk\":\"%s\",\"email\":null,\"hours\":null,\"institution\":\"014\","
        "\"language\":\"th\",\"note\":null,\"phone\":null}",
        word(s, 0));
    mark = any_mark(s, room);
    put(s, (DeskDraft){.kind = RECORD_SHIFT, .mark = &mark},
        "{\"began_at\":\"2026-01-01T06:00:00.000000Z\",\"ended_at\":"
        "\"2026-01-01T07:00:00.000000Z\",\"items\":[],\"next\":\"ann\",\"note\":\"%s\"}",
        word(s, 0));
    mark = any_mark(s, room);
    put(s, (DeskDraft){.kind = RECORD_CLAIM, .mark = &mark},
        "{\"key\":\"%s\",\"row\":{\"url\":\"https://a.example/\"},\"source\":\"bot\","
        "\"table\":\"sources\"}",
        word(s, 0));
    mark = any_mark(s, room);
    put_document(s, order, &mark);
    if (i % 4 == 0)
        put(s, (DeskDraft){.kind = RECORD_GLASS},
            "{\"grants\":\"victim.read\",\"reason\":\"%s\",\"until\":"
            "\"2026-01-01T09:00:00.000000Z\"}",
            word(s, (uint64_t)1 << DESK_GLASS_RATIFY | (uint64_t)1 << DESK_READS_READ));
}

// What is said between agencies, each with a mark of its own.
static void put_exchange(Sea *s, size_t i, RecordId report) {
    Str room[3];
    char about[RECORD_ID_TEXT_BYTES];
    const char *us = s->m.w.node->agency_id;
    record_id_text(report, about);
    RecordMark mark = any_mark(s, room);
    put(s, (DeskDraft){.kind = RECORD_PEER, .mark = &mark},
        "{\"address\":null,\"agency\":\"%064zx\",\"institutions\":[],\"name\":\"%s\","
        "\"reason\":null,\"relay\":false,\"state\":\"revoked\"}",
        i + 1, word(s, 0));
    mark = any_mark(s, room);
    put(s, (DeskDraft){.kind = RECORD_FLAG, .mark = &mark},
        "{\"active\":true,\"country\":null,\"party\":\"%s\",\"reason\":null,\"source\":\"list\"}",
        word(s, 0));
    mark = any_mark(s, room);
    put(s, (DeskDraft){.kind = RECORD_ACCORD, .mark = &mark},
        "{\"begins_at\":\"2026-01-01T06:00:00.000000Z\",\"ends_at\":null,\"kinds\":[\"report\"],"
        "\"mark\":{\"days\":0,\"handling\":\"H0\",\"pap\":\"AMBER\",\"tlp\":\"AMBER\"},"
        "\"members\":[{\"agency\":\"%s\",\"law\":null,\"mirror\":false},{\"agency\":\"" ELSEWHERE
        "\",\"law\":null,\"mirror\":false}],\"name\":\"a%zu\",\"purposes\":[],\"title\":\"%s\"}",
        us, i, word(s, 0));
    mark = any_mark(s, room);
    put(s, (DeskDraft){.kind = RECORD_SHARE, .mark = &mark, .refs = &report, .ref_count = 1},
        "{\"accept\":false,\"answers\":null,\"contact\":null,\"due_at\":null,\"kind\":\"report\","
        "\"record\":\"%s\",\"title\":\"%s\"}",
        about, word(s, 0));
    mark = any_mark(s, room);
    put(s, (DeskDraft){.kind = RECORD_RETRACT, .mark = &mark, .refs = &report, .ref_count = 1},
        "{\"from\":[\"" ELSEWHERE "\"],\"reason\":\"%s\",\"record\":\"%s\"}", word(s, 0), about);
    mark = any_mark(s, room);
    put(s, (DeskDraft){.kind = RECORD_NOTICE, .mark = &mark},
        "{\"act\":\"request\",\"contact\":\"desk\",\"due_at\":\"2026-01-02T07:00:00.000000Z\","
        "\"handling\":\"H0\",\"recipient\":null,\"records\":[],\"text\":\"%s\",\"title\":\"ask\"}",
        word(s, 0));
}

static void put_family(Sea *s, size_t i) {
    Str room[3], case_room[3];
    RecordMark of_case = any_mark(s, case_room);
    RecordId reports[2];
    RecordId k = put(s, (DeskDraft){.kind = RECORD_CASE, .mark = &of_case}, "{\"title\":\"%s\"}",
                     word(s, 0));
    for (size_t r = 0; r < 2; r++) {
        char id[RECORD_ID_TEXT_BYTES];
        RecordMark mark = any_mark(s, room);
        reports[r] = put_report(s, i + r, &mark);
        record_id_text(reports[r], id);
        put(s,
            (DeskDraft){.kind = RECORD_STANDING, .has_of = true, .of = reports[r], .mark = &mark},
            "{\"document\":null,\"note\":\"%s\",\"standing\":\"claimed\"}", word(s, 0));
        put(s, (DeskDraft){.kind = RECORD_CASE_ADD, .has_of = true, .of = k, .mark = &of_case},
            "{\"report\":\"%s\"}", id);
    }
    RecordMark mark = any_mark(s, room);
    RecordId order = put_order(s, i, k, reports[0], &mark);
    put_around(s, i, reports[1], order);
    put_exchange(s, i, reports[0]);
}

// What the desk itself derives from what an officer with these eyes sees.
static void derive(Sea *s) {
    Ctx *c = &s->m.w.c;
    sea_read(s);
    size_t proposed = 0, planned = 0, before = s->count;
    for (size_t i = 0; i < before; i++) {
        if (strcmp(s->all[i].kind, "case") != 0)
            continue;
        Desk d = s->m.ann;
        bool first = proposed + planned == 0;
        d.clearance = first ? RECORD_TLP_AMBER_STRICT : (int)rng_below(&s->rng, 5);
        d.purpose = first || rng_below(&s->rng, 2) ? STR("investigation") : STR("refund");
        Str named[] = {STR("TH/006/Y"), STR("TH/014/X")};
        DeskPropose ask = {.case_id = str_of(s->all[i].text),
                           .rule = TRACE_FIFO,
                           .accounts = named,
                           .account_count = COUNT_OF(named)};
        DeskProposed made;
        Err e = desk_order_propose(c, &d, &ask, &made);
        proposed += e == OK && made.created_count > 0;
        if (first && !proposed)
            fail_msg("nothing is proposed: %s", e == OK ? "left out" : c->error);
        DeskRefundQuery q = {.case_id = ask.case_id};
        Str id;
        planned += desk_refund_plan(c, &d, &q, STR("pro_rata_loss"), &id) == OK;
    }
    assert_true(proposed > 0 && planned > 0);
}

void sea_open(Sea *s, uint64_t seed) {
    memset(s, 0, sizeof *s);
    rng_seed(&s->rng, seed);
    money_open(&s->m);
    (void)world_transfers(&s->m.w, "t.csv", golden_transfers);
    assert_ok(&s->m.w.c, ctx_alloc(&s->m.w.c, SEA_RECORDS_MAX * sizeof *s->all, &s->all));
    for (size_t i = 0; i < FAMILIES; i++) {
        s->plain = i == 0; // there is something that all may see
        put_family(s, i);
    }
    derive(s);
    sea_read(s);
}

void sea_done(Sea *s) {
    money_done(&s->m);
}

// --- what there is ------------------------------------------------------------------------------

static void own_word(Sea *s, SeaRecord *r, Str envelope) {
    size_t at;
    for (size_t i = 0; i < s->word_count; i++) {
        if (!s->words[i].word[0] || !str_find(envelope, str_of(s->words[i].word), &at))
            continue;
        // A report of an older node has two words; the victim's is told by what it asks.
        if (s->words[i].asks && strcmp(r->kind, "report") == 0)
            continue;
        memcpy(r->word, s->words[i].word, sizeof r->word);
        r->asks = s->words[i].asks;
        return;
    }
}

// True where a record before this one holds the word already: this one is derived from it.
static bool word_taken(const Sea *s, const char *w) {
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->all[i].word, w) == 0)
            return true;
    return false;
}

static SeaRecord *record_new(Sea *s, const Record *r) {
    assert_true(s->count < SEA_RECORDS_MAX);
    SeaRecord *h = &s->all[s->count];
    memset(h, 0, sizeof *h);
    h->id = r->id;
    record_id_text(r->id, h->text);
    snprintf(h->kind, sizeof h->kind, STR_FMT, STR_ARG(r->kind_name));
    assert_ok(&s->m.w.c, str_copy(&s->m.w.c, r->mark_bytes, &h->mark));
    return h;
}

static Err hold(void *self, Ctx *c, const LedgerItem *item) {
    Sea *s = self;
    AUTO(JsonReader) json = {0};
    Record r;
    TRY(json_reader_open(c, &json));
    TRY(record_parse(c, &json, item->envelope, &r));
    SeaRecord *h = record_new(s, &r);
    size_t at;
    own_word(s, h, item->envelope);
    if (h->word[0] && word_taken(s, h->word))
        h->word[0] = 0;
    if (strcmp(h->kind, "order") == 0) {
        assert_true(str_find(item->envelope, STR("\"number\":\""), &at));
        memcpy(h->number, item->envelope.p + at + 10, strlen("O-2026-000001"));
    }
    if (strcmp(h->kind, "attachment") == 0) {
        assert_true(str_find(item->envelope, STR("\"sha256\":\""), &at));
        memcpy(h->sha256, item->envelope.p + at + 10, 64);
    }
    s->count++;
    // The victim in an old report, as if it were a record of its own that nothing else names.
    for (size_t i = 0; strcmp(h->kind, "report") == 0 && i < s->word_count; i++) {
        if (!s->words[i].asks || !str_find(item->envelope, str_of(s->words[i].word), &at))
            continue;
        SeaRecord *v = record_new(s, &r);
        snprintf(v->kind, sizeof v->kind, "(victim)");
        memcpy(v->word, s->words[i].word, sizeof v->word);
        v->asks = s->words[i].asks;
        s->count++;
    }
    return OK;
}

static Err hold_read(void *self, Ctx *c, const LedgerItem *item) {
    Sea *s = self;
    TRY(hold(s, c, item));
    s->all[s->count - 1].reads = true;
    return OK;
}

void sea_read(Sea *s) {
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(DeskReading) r = {0};
    assert_ok(&c, desk_reading_machine(&c, s->m.w.node, &r));
    s->count = 0;
    assert_ok(&c, ledger_scan(&c, r.slot->ledger, LEDGER_MAIN, 0, (LedgerVisit){hold, s}));
    assert_ok(&c, ledger_scan(&c, r.slot->ledger, LEDGER_READS, 0, (LedgerVisit){hold_read, s}));
}

const SeaRecord *sea_find(const Sea *s, Str id) {
    for (size_t i = 0; i < s->count; i++)
        if (str_eq_c(id, s->all[i].text))
            return &s->all[i];
    return NULL;
}

bool sea_may(const Sea *s, const SeaRecord *r, const Desk *d) {
    if (r->reads && !desk_may(d, DESK_READS_READ))
        return false;
    return naive_may(r->mark, r->kind, d, str_of(s->m.w.node->agency_id));
}

bool sea_word_may(const Sea *s, const SeaRecord *r, const Desk *d) {
    return sea_may(s, r, d) && (r->asks == 0 || (d->acts & r->asks));
}

Desk sea_viewer(Sea *s) {
    static const DeskAct compartments[] = {DESK_VICTIM_READ, DESK_GRIEVANCE_READ, DESK_READS_READ,
                                           DESK_GLASS_RATIFY};
    size_t roles, purposes;
    const DeskRole *role = desk_roles(s->m.w.node, &roles);
    const DeskPurpose *purpose = desk_purposes(s->m.w.node, &purposes);
    Desk d = s->m.bea;                                        // wrote nothing
    const DeskRole *r = &role[rng_below(&s->rng, roles - 1)]; // but the admin, who reads nothing
    d.role = r->role;
    d.acts = r->acts;
    if (rng_below(&s->rng, 2)) {
        d.acts = ((uint64_t)1 << DESK_ACT_COUNT) - 1;
        for (size_t i = 0; i < COUNT_OF(compartments); i++)
            if (rng_below(&s->rng, 2))
                d.acts &= ~((uint64_t)1 << compartments[i]);
    } else if (rng_below(&s->rng, 3) == 0) {
        d.acts |= (uint64_t)1 << compartments[rng_below(&s->rng, 3)]; // the glass is broken
    }
    d.purpose = purpose[rng_below(&s->rng, purposes)].purpose;
    d.clearance = (int)rng_below(&s->rng, 5);
    return d;
}
