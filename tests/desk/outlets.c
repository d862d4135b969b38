#include "outlets.h"
#include "naive_sight.h"

#define FAMILIES 14
#define ELSEWHERE "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

// --- marks and words ----------------------------------------------------------------------------

// All that take part, in the order of a mark.
static size_t all_agencies(Sea *s, Str *ret_to) {
    for (size_t i = 0; i < s->nodes; i++) {
        Str one = str_of(sea_world(s, i)->node->agency_id);
        size_t at = i;
        for (; at > 0 && str_cmp(ret_to[at - 1], one) > 0; at--)
            ret_to[at] = ret_to[at - 1];
        ret_to[at] = one;
    }
    return s->nodes;
}

RecordMark sea_any_mark(Sea *s, Str room[SEA_MARK_TEXTS]) {
    static const char *const purposes[] = {"audit", "intake", "investigation", "refund"};
    RecordMark m = record_mark_default();
    if (s->plain || rng_below(&s->rng, 3) == 0)
        return m;
    m.tlp = (RecordTlp)rng_below(&s->rng, 5);
    m.to = room;
    switch (rng_below(&s->rng, 10)) {
    case 0:
        room[0] = str_of(sea_world(s, s->writes)->node->agency_id);
        m.to_count = 1;
        break;
    case 1:
        room[0] = STR(ELSEWHERE);
        m.to_count = 1;
        break;
    case 2:
    case 3:
    case 4:
        m.to_count = s->nodes > 1 ? all_agencies(s, room) : 0;
        break;
    default:
        break; // open
    }
    size_t first = rng_below(&s->rng, COUNT_OF(purposes) - 1);
    room[SEA_NODES_MAX] = str_of(purposes[first]);
    room[SEA_NODES_MAX + 1] = str_of(purposes[first + 1]);
    m.purposes = room + SEA_NODES_MAX;
    m.purpose_count = rng_below(&s->rng, 2) ? 0 : 1 + rng_below(&s->rng, 2);
    return m;
}

const char *sea_word(Sea *s, uint64_t asks) {
    size_t i = s->word_count++;
    assert_true(i < SEA_RECORDS_MAX);
    snprintf(s->words[i].word, sizeof s->words[i].word, "zq%04zuxw", i);
    s->words[i].asks = asks;
    s->words[i].author = s->writes;
    return s->words[i].word;
}

RecordId sea_put(Sea *s, DeskDraft draft, const char *format, ...) {
    Ctx *c = &s->m.w.c;
    char body[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(body, sizeof body, format, args);
    va_end(args);
    draft.body = str_of(body);
    AUTO(DeskWriting) w = {0};
    Desk by = sea_officer(s, s->writes);
    RecordId id;
    assert_ok(c, desk_writing_begin(c, by.node, &by, &w));
    assert_ok(c, desk_record_add(c, &w, &draft, &id));
    return id;
}

// --- one family: reports with their victims, a case, orders, what hangs on them ------------------

static RecordId put_report(Sea *s, size_t family, const RecordMark *mark) {
    static const char *const transfers[] = {"", "\"p1\"", "\"m1\"", "\"k1\""};
    char old[64] = "null";
    // Of an older node, which kept the victim in the report.
    if (rng_below(&s->rng, 6) == 0)
        snprintf(old, sizeof old, "\"%s\"", sea_word(s, (uint64_t)1 << DESK_VICTIM_READ));
    return sea_put(
        s, (DeskDraft){.kind = RECORD_REPORT, .mark = mark},
        "{\"accounts\":[{\"account\":\"A%zu\",\"country\":\"TH\",\"institution\":\"014\"}],"
        "\"channel\":null,\"country\":\"TH\",\"currency\":\"THB\",\"happened_at\":null,"
        "\"loss\":100000,\"phones\":[],\"report\":\"%s\",\"reported_at\":"
        "\"2026-01-01T07:00:00.000000Z\",\"row\":\"" ELSEWHERE "\",\"story\":null,"
        "\"transfers\":[%s],\"urls\":[],\"victim\":%s}",
        family % 3, sea_word(s, 0),
        transfers[s->plain ? 1 + family : rng_below(&s->rng, COUNT_OF(transfers))], old);
}

static void act(Sea *s, RecordId order, const RecordMark *mark, OrderEvent event) {
    Ctx *c = &s->m.w.c;
    AUTO(DeskWriting) w = {0};
    Desk by = sea_officer(s, s->writes);
    DeskActNew a = {.order = order, .event = event, .mark = mark, .note = str_of(sea_word(s, 0))};
    a.event.persons = 1;
    a.event.happened_at = sea_world(s, s->writes)->now;
    if (event.party == ORDER_ADDRESSEE)
        a.on_behalf_of = STR("TH/014");
    assert_ok(c, desk_writing_begin(c, by.node, &by, &w));
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
        Desk by = sea_officer(s, s->writes);
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
                          .note = str_of(sea_word(s, 0)),
                          .mark = *mark};
        assert_ok(c, desk_writing_begin(c, by.node, &by, &w));
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
                     .ends_at = sea_world(s, s->writes)->now + 72 * HOUR_US});
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
    Desk by = sea_officer(s, s->writes);
    CryptoHash sha256;
    RecordId id;
    char bytes[64];
    snprintf(bytes, sizeof bytes, "%s.txt", sea_word(s, 0));
    DeskAttach a = {str_of(bytes), STR("text/plain"), str_of(bytes), &about, 1, mark};
    assert_ok(c, desk_writing_begin(c, by.node, &by, &w));
    assert_ok(c, desk_group_begin(c, &w));
    assert_ok(c, desk_attach(c, &w, &a, &sha256, &id));
    assert_ok(c, desk_group_commit(c, &w));
}

static void put_around(Sea *s, size_t i, RecordId report, RecordId order) {
    Str room[SEA_MARK_TEXTS];
    char about[RECORD_ID_TEXT_BYTES], of[RECORD_ID_TEXT_BYTES];
    record_id_text(report, about);
    record_id_text(order, of);
    RecordMark mark = sea_any_mark(s, room);
    sea_put(s, (DeskDraft){.kind = RECORD_VICTIM, .mark = &mark, .refs = &report, .ref_count = 1},
            "{\"contact\":null,\"report\":\"%s\",\"story\":null,\"victim\":\"%s\"}", about,
            sea_word(s, 0));
    mark = sea_any_mark(s, room);
    sea_put(s, (DeskDraft){.kind = RECORD_GRIEVANCE, .mark = &mark, .refs = &order, .ref_count = 1},
            "{\"contact\":null,\"documents\":[],\"order\":\"%s\",\"text\":\"%s\"}", of,
            sea_word(s, 0));
    mark = sea_any_mark(s, room);
    sea_put(
        s, (DeskDraft){.kind = RECORD_CONTACT, .mark = &mark},
        "{\"country\":\"TH\",\"desk\":\"%s\",\"email\":null,\"hours\":null,\"institution\":\"014\","
        "\"language\":\"th\",\"note\":null,\"phone\":null}",
        sea_word(s, 0));
    mark = sea_any_mark(s, room);
    sea_put(s, (DeskDraft){.kind = RECORD_SHIFT, .mark = &mark},
            "{\"began_at\":\"2026-01-01T06:00:00.000000Z\",\"ended_at\":"
            "\"2026-01-01T07:00:00.000000Z\",\"items\":[],\"next\":\"ann\",\"note\":\"%s\"}",
            sea_word(s, 0));
    mark = sea_any_mark(s, room);
    sea_put(s, (DeskDraft){.kind = RECORD_CLAIM, .mark = &mark},
            "{\"key\":\"%s\",\"row\":{\"url\":\"https://a.example/\"},\"source\":\"bot\","
            "\"table\":\"sources\"}",
            sea_word(s, 0));
    mark = sea_any_mark(s, room);
    put_document(s, order, &mark);
    if (i % 4 == 0)
        sea_put(s, (DeskDraft){.kind = RECORD_GLASS},
                "{\"grants\":\"victim.read\",\"reason\":\"%s\",\"until\":"
                "\"2026-01-01T09:00:00.000000Z\"}",
                sea_word(s, (uint64_t)1 << DESK_GLASS_RATIFY | (uint64_t)1 << DESK_READS_READ));
}

// What is said between agencies, each with a mark of its own.
static void put_exchange(Sea *s, size_t i, RecordId report) {
    Str room[SEA_MARK_TEXTS];
    char about[RECORD_ID_TEXT_BYTES];
    const char *us = sea_world(s, s->writes)->node->agency_id;
    record_id_text(report, about);
    RecordMark mark = sea_any_mark(s, room);
    sea_put(s, (DeskDraft){.kind = RECORD_PEER, .mark = &mark},
            "{\"address\":null,\"agency\":\"%064zx\",\"institutions\":[],\"name\":\"%s\","
            "\"reason\":null,\"relay\":false,\"state\":\"revoked\"}",
            i + 1, sea_word(s, 0));
    mark = sea_any_mark(s, room);
    sea_put(
        s, (DeskDraft){.kind = RECORD_FLAG, .mark = &mark},
        "{\"active\":true,\"country\":null,\"party\":\"%s\",\"reason\":null,\"source\":\"list\"}",
        sea_word(s, 0));
    mark = sea_any_mark(s, room);
    sea_put(
        s, (DeskDraft){.kind = RECORD_ACCORD, .mark = &mark},
        "{\"begins_at\":\"2026-01-01T06:00:00.000000Z\",\"ends_at\":null,\"kinds\":[\"report\"],"
        "\"mark\":{\"days\":0,\"handling\":\"H0\",\"pap\":\"AMBER\",\"tlp\":\"AMBER\"},"
        "\"members\":[{\"agency\":\"%s\",\"law\":null,\"mirror\":false},{\"agency\":\"" ELSEWHERE
        "\",\"law\":null,\"mirror\":false}],\"name\":\"a%zu\",\"purposes\":[],\"title\":\"%s\"}",
        us, i, sea_word(s, 0));
    mark = sea_any_mark(s, room);
    sea_put(
        s, (DeskDraft){.kind = RECORD_SHARE, .mark = &mark, .refs = &report, .ref_count = 1},
        "{\"accept\":false,\"answers\":null,\"contact\":null,\"due_at\":null,\"kind\":\"report\","
        "\"record\":\"%s\",\"title\":\"%s\"}",
        about, sea_word(s, 0));
    mark = sea_any_mark(s, room);
    sea_put(s, (DeskDraft){.kind = RECORD_RETRACT, .mark = &mark, .refs = &report, .ref_count = 1},
            "{\"from\":[\"" ELSEWHERE "\"],\"reason\":\"%s\",\"record\":\"%s\"}", sea_word(s, 0),
            about);
    mark = sea_any_mark(s, room);
    sea_put(
        s, (DeskDraft){.kind = RECORD_NOTICE, .mark = &mark},
        "{\"act\":\"request\",\"contact\":\"desk\",\"due_at\":\"2026-01-02T07:00:00.000000Z\","
        "\"handling\":\"H0\",\"recipient\":null,\"records\":[],\"text\":\"%s\",\"title\":\"ask\"}",
        sea_word(s, 0));
}

void sea_put_family(Sea *s, size_t i) {
    Str room[SEA_MARK_TEXTS], case_room[SEA_MARK_TEXTS];
    RecordMark of_case = sea_any_mark(s, case_room);
    RecordId reports[2];
    RecordId k = sea_put(s, (DeskDraft){.kind = RECORD_CASE, .mark = &of_case},
                         "{\"title\":\"%s\"}", sea_word(s, 0));
    for (size_t r = 0; r < 2; r++) {
        char id[RECORD_ID_TEXT_BYTES];
        RecordMark mark = sea_any_mark(s, room);
        reports[r] = put_report(s, i + r, &mark);
        record_id_text(reports[r], id);
        sea_put(
            s,
            (DeskDraft){.kind = RECORD_STANDING, .has_of = true, .of = reports[r], .mark = &mark},
            "{\"document\":null,\"note\":\"%s\",\"standing\":\"claimed\"}", sea_word(s, 0));
        sea_put(s, (DeskDraft){.kind = RECORD_CASE_ADD, .has_of = true, .of = k, .mark = &of_case},
                "{\"report\":\"%s\"}", id);
    }
    RecordMark mark = sea_any_mark(s, room);
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
    ctx_init(&s->texts);
    money_open(&s->m);
    s->nodes = 1;
    (void)world_transfers(&s->m.w, "t.csv", golden_transfers);
    assert_ok(&s->m.w.c, ctx_alloc(&s->m.w.c, SEA_RECORDS_MAX * sizeof *s->all, &s->all));
    assert_ok(&s->m.w.c, ctx_alloc(&s->m.w.c, SEA_SENT_MAX * sizeof *s->sent, &s->sent));
    sea_agencies(s);
    for (size_t i = 0; i < FAMILIES; i++) {
        s->plain = i == 0; // there is something that all may see
        sea_put_family(s, i);
    }
    derive(s);
    sea_across(s);
    sea_read(s);
}

void sea_done(Sea *s) {
    for (size_t i = 1; i < s->nodes; i++)
        world_done(sea_world(s, i));
    ctx_done(&s->texts);
    money_done(&s->m);
}

World *sea_world(Sea *s, size_t node) {
    return node == 0 ? &s->m.w : &s->others[node - 1].w;
}

Desk sea_officer(Sea *s, size_t node) {
    return node == 0 ? s->m.ann : s->others[node - 1].w.desk;
}

Desk sea_second(Sea *s, size_t node) {
    return node == 0 ? s->m.bea : s->others[node - 1].second;
}

// --- what there is ------------------------------------------------------------------------------

static void own_word(Sea *s, SeaRecord *r, Str envelope) {
    size_t at;
    for (size_t i = 0; i < s->word_count; i++) {
        if (s->words[i].author != r->author || !str_find(envelope, str_of(s->words[i].word), &at))
            continue;
        // A report of an older node has two words; the victim's is told by what it asks.
        if (s->words[i].asks && strcmp(r->kind, "report") == 0)
            continue;
        memcpy(r->word, s->words[i].word, sizeof r->word);
        r->asks = s->words[i].asks;
        s->words[i].here = true;
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
    h->root = r->root;
    for (size_t i = 0; i < s->nodes; i++)
        if (str_eq_c(r->agency, sea_world(s, i)->node->agency_id))
            h->author = i;
    record_id_text(r->id, h->text);
    snprintf(h->kind, sizeof h->kind, STR_FMT, STR_ARG(r->kind_name));
    assert_ok(&s->texts, str_copy(&s->texts, r->mark_bytes, &h->own_mark));
    h->mark = h->own_mark;
    return h;
}

// A plan names reports by their own ids: where they are not here, they are told by the plan alone.
static void hold_quoted(Sea *s, const Record *r, size_t author, Str envelope) {
    size_t at;
    for (size_t i = 0; i < s->word_count; i++) {
        if (s->words[i].author != author || s->words[i].asks ||
            !str_find(envelope, str_of(s->words[i].word), &at) || word_taken(s, s->words[i].word))
            continue;
        SeaRecord *q = record_new(s, r);
        snprintf(q->kind, sizeof q->kind, "(quoted)");
        memcpy(q->word, s->words[i].word, sizeof q->word);
        s->words[i].here = true;
        s->count++;
    }
}

static Err hold(void *self, Ctx *c, const LedgerItem *item) {
    Sea *s = self;
    AUTO(JsonReader) json = {0};
    Record r;
    if (item->state != LEDGER_HELD)
        return OK;
    TRY(json_reader_open(c, &json));
    TRY(record_parse(c, &json, item->envelope, &r));
    SeaRecord *h = record_new(s, &r);
    size_t at;
    own_word(s, h, item->envelope);
    if (h->word[0] && word_taken(s, h->word))
        h->word[0] = 0;
    if (strcmp(h->kind, "share") == 0) {
        assert_true(str_find(item->envelope, STR("\"record\":\""), &at));
        h->about = money_id((Str){item->envelope.p + at + 10, RECORD_ID_TEXT_BYTES - 1});
    }
    if (strcmp(h->kind, "order") == 0) {
        assert_true(str_find(item->envelope, STR("\"number\":\""), &at));
        memcpy(h->number, item->envelope.p + at + 10, strlen("O-2026-000001"));
    }
    if (strcmp(h->kind, "attachment") == 0) {
        assert_true(str_find(item->envelope, STR("\"sha256\":\""), &at));
        memcpy(h->sha256, item->envelope.p + at + 10, 64);
    }
    s->count++;
    if (strcmp(h->kind, "refund_plan") == 0 && h->author != s->at)
        hold_quoted(s, &r, h->author, item->envelope);
    // The victim in an old report, as if it were a record of its own that nothing else names.
    for (size_t i = 0; strcmp(h->kind, "report") == 0 && i < s->word_count; i++) {
        if (!s->words[i].asks || s->words[i].author != h->author ||
            !str_find(item->envelope, str_of(s->words[i].word), &at))
            continue;
        s->words[i].here = true;
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
    size_t before = s->count;
    TRY(hold(s, c, item));
    for (; before < s->count; before++)
        s->all[before].reads = true;
    return OK;
}

// Of what came by a share the share's mark counts: that of the last one for whoever looks.
static void share_marks(Sea *s) {
    Str us = str_of(sea_world(s, s->at)->node->agency_id);
    for (size_t i = 0; i < s->count; i++) {
        const SeaRecord *share = &s->all[i];
        if (share->author == s->at || strcmp(share->kind, "share") != 0 ||
            !naive_names(share->own_mark, us))
            continue;
        for (size_t k = 0; k < s->count; k++)
            if (s->all[k].author == share->author && record_id_eq(s->all[k].root, share->about))
                s->all[k].mark = share->own_mark;
    }
}

void sea_read(Sea *s) {
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(DeskReading) r = {0};
    const LedgerLogInfo *logs;
    size_t n;
    ctx_reset(&s->texts);
    s->count = 0;
    for (size_t i = 0; i < s->word_count; i++)
        s->words[i].here = false;
    assert_ok(&c, desk_reading_machine(&c, sea_world(s, s->at)->node, &r));
    assert_ok(&c, ledger_log_list(&c, r.slot->ledger, &logs, &n));
    for (size_t i = 0; i < n; i++) {
        bool reads = str_eq_c(logs[i].name, "reads");
        assert_ok(&c, ledger_scan(&c, r.slot->ledger, logs[i].log, 0,
                                  (LedgerVisit){reads ? hold_read : hold, s}));
    }
    share_marks(s);
}

const SeaRecord *sea_find(const Sea *s, Str id) {
    for (size_t i = 0; i < s->count; i++)
        if (str_eq_c(id, s->all[i].text))
            return &s->all[i];
    return NULL;
}

bool sea_may(const Sea *s, const SeaRecord *r, const Desk *d) {
    assert_true(r >= s->all && r < s->all + s->count); // of what was read last
    if (r->reads && !desk_may(d, DESK_READS_READ))
        return false;
    return naive_may(r->mark, r->kind, d, str_of(d->node->agency_id));
}

bool sea_word_may(const Sea *s, const SeaRecord *r, const Desk *d) {
    return sea_may(s, r, d) && (r->asks == 0 || (d->acts & r->asks));
}

Desk sea_viewer(Sea *s) {
    static const DeskAct compartments[] = {DESK_VICTIM_READ, DESK_GRIEVANCE_READ, DESK_READS_READ,
                                           DESK_GLASS_RATIFY};
    size_t roles, purposes;
    const DeskRole *role = desk_roles(sea_world(s, s->at)->node, &roles);
    const DeskPurpose *purpose = desk_purposes(sea_world(s, s->at)->node, &purposes);
    Desk d = sea_second(s, s->at);                            // wrote nothing
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
