// The property of sight: what a user sees through any outlet of the desk is exactly what a second,
// naive reading of the rule in docs/sight.md allows.
#include "groups.h"
#include "naive_sight.h"
#include "node.h"

#include "desk/desk_priv.h"

#define RECORDS 150
#define VIEWERS 40

typedef struct Held {
    RecordId id;
    char kind[32];
    Str mark; // canonical JSON
    bool duplicate;
} Held;

typedef struct Sea {
    World w;
    Rng rng;
    Held *all;
    size_t count;
} Sea;

// --- records with any mark ----------------------------------------------------------------------

static const char *const purposes[] = {"audit", "intake", "investigation", "refund", "statistics"};
#define ELSEWHERE "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

static RecordMark any_mark(Sea *s) {
    static Str to[2], some[2];
    RecordMark m = record_mark_default();
    m.tlp = (RecordTlp)rng_below(&s->rng, 5);
    to[0] = rng_below(&s->rng, 2) ? str_of(s->w.node->agency_id) : STR(ELSEWHERE);
    m.to = to;
    m.to_count = rng_below(&s->rng, 3) == 0;
    size_t first = rng_below(&s->rng, COUNT_OF(purposes) - 1);
    some[0] = str_of(purposes[first]);
    some[1] = str_of(purposes[first + 1]);
    m.purposes = some;
    m.purpose_count = rng_below(&s->rng, 2) ? 0 : 1 + rng_below(&s->rng, 2);
    m.has_until = rng_below(&s->rng, 4) == 0;
    m.until_us = s->w.now + 1000000;
    return m;
}

static void body_of(Sea *s, size_t i, RecordKind *ret_kind, RecordId report, Buf *out) {
    char id[RECORD_ID_TEXT_BYTES];
    record_id_text(report, id);
    switch (rng_below(&s->rng, 5)) {
    case 0:
        *ret_kind = RECORD_CASE;
        buf_format(out, "{\"title\":\"Case %zu\"}", i);
        return;
    case 1:
        *ret_kind = RECORD_VICTIM;
        buf_format(out, "{\"contact\":null,\"report\":\"%s\",\"story\":null,\"victim\":\"V%zu\"}",
                   id, i);
        return;
    case 2:
        *ret_kind = RECORD_GRIEVANCE;
        buf_format(out,
                   "{\"contact\":null,\"documents\":[],\"order\":\"%s\",\"text\":\"Mine %zu\"}", id,
                   i);
        return;
    default:
        *ret_kind = RECORD_REPORT;
        buf_format(out,
                   "{\"accounts\":[],\"channel\":null,\"country\":null,\"currency\":null,"
                   "\"happened_at\":null,\"loss\":null,\"phones\":[],\"report\":\"S%03zu\","
                   "\"reported_at\":\"2026-01-01T07:00:00.000000Z\",\"row\":\"" ELSEWHERE
                   "\",\"story\":null,"
                   "\"transfers\":[],\"urls\":[],\"victim\":null}",
                   i);
        return;
    }
}

static void fill(Sea *s) {
    RecordId last = record_id_new(s->w.now, s->w.env.random);
    for (size_t i = 0; i < RECORDS; i++) {
        AUTO(DeskWriting) w = {0};
        AUTO(Buf) body = {0};
        RecordKind kind;
        RecordMark mark = any_mark(s);
        body_of(s, i, &kind, last, &body);
        DeskDraft draft = {.kind = kind, .mark = &mark, .purpose = "test", .body = buf_view(&body)};
        if (kind == RECORD_VICTIM) {
            draft.refs = &last;
            draft.ref_count = 1;
        }
        RecordId id;
        assert_ok(&s->w.c, desk_writing_begin(&s->w.c, s->w.node, &s->w.desk, &w));
        assert_ok(&s->w.c, desk_record_add(&s->w.c, &w, &draft, &id));
        if (kind == RECORD_REPORT)
            last = id;
    }
}

static Err hold(void *self, Ctx *c, const LedgerItem *item) {
    Sea *s = self;
    AUTO(JsonReader) json = {0};
    Record r;
    TRY(json_reader_open(c, &json));
    TRY(record_parse(c, &json, item->envelope, &r));
    Held *h = &s->all[s->count++];
    h->id = r.id;
    snprintf(h->kind, sizeof h->kind, STR_FMT, STR_ARG(r.kind_name));
    return str_copy(&s->w.c, r.mark_bytes, &h->mark);
}

static bool naive(const Sea *s, const Held *h, const Desk *d) {
    return naive_may(h->mark, h->kind, d, str_of(s->w.node->agency_id));
}

// --- the outlets --------------------------------------------------------------------------------

static void check_records(Sea *s, const Desk *d) {
    Ctx *c = &s->w.c;
    size_t seen = 0, may = 0;
    DeskPage page = {.limit = 1 + rng_below(&s->rng, 60)};
    DeskRecordList l;
    do {
        assert_ok(c, desk_record_list(c, d, (Str){0}, page, &l));
        for (size_t i = 0; i < l.count; i++) {
            size_t at = 0;
            char id[RECORD_ID_TEXT_BYTES] = "";
            for (; at < s->count; at++) {
                record_id_text(s->all[at].id, id);
                if (str_eq_c(l.items[i].id, id))
                    break;
            }
            assert_true(at < s->count);
            if (!naive(s, &s->all[at], d))
                fail_msg("%s %s is listed for " STR_FMT "/" STR_FMT, s->all[at].kind, id,
                         STR_ARG(d->name), STR_ARG(d->purpose));
        }
        seen += l.count;
        page.cursor = l.next;
    } while (l.next.n > 0);
    for (size_t i = 0; i < s->count; i++)
        may += naive(s, &s->all[i], d);
    assert_int_equal(seen, may);
}

// One by one; what is hidden and what is not there are told in the same words.
static void check_gets(Sea *s, const Desk *d) {
    Ctx *c = &s->w.c;
    for (int i = 0; i < 12; i++) {
        const Held *h = &s->all[rng_below(&s->rng, s->count)];
        char id[RECORD_ID_TEXT_BYTES], none[RECORD_ID_TEXT_BYTES], words[BASE_ERROR_TEXT_BYTES_MAX],
            other[BASE_ERROR_TEXT_BYTES_MAX];
        DeskRecord r;
        record_id_text(h->id, id);
        Err e = desk_record_get(c, d, str_of(id), &r);
        assert_int_equal(e, naive(s, h, d) ? OK : E_NOT_FOUND);
        if (e == OK)
            continue;
        snprintf(words, sizeof words, "%s", c->error);
        record_id_text(record_id_new(s->w.now, s->w.env.random), none);
        assert_int_equal(desk_record_get(c, d, str_of(none), &r), E_NOT_FOUND);
        snprintf(other, sizeof other, "%s", c->error);
        char *at = strstr(other, none);
        assert_non_null(at);
        memcpy(at, id, strlen(id));
        assert_string_equal(words, other);
    }
}

static size_t naive_count(const Sea *s, const char *kind, const Desk *d) {
    size_t n = 0;
    for (size_t i = 0; i < s->count; i++)
        n += strcmp(s->all[i].kind, kind) == 0 && naive(s, &s->all[i], d);
    return n;
}

static void check_lists(Sea *s, const Desk *d) {
    Ctx *c = &s->w.c;
    DeskReportList reports;
    DeskCaseList cases;
    DeskPage page = {.limit = LIST_PAGE_ITEMS_MAX};
    assert_ok(c, desk_report_list(c, d, page, &reports));
    assert_int_equal(reports.count, naive_count(s, "report", d));
    for (size_t i = 0; i < reports.count; i++) {
        DeskReport r;
        assert_ok(c, desk_report_get(c, d, reports.items[i].record, &r));
        if (!desk_may(d, DESK_VICTIM_READ))
            assert_int_equal(r.victim.n, 0);
    }
    assert_ok(c, desk_case_list(c, d, page, &cases));
    assert_int_equal(cases.count, naive_count(s, "case", d));
}

// What is counted is what is listed.
static void check_counts(Sea *s, const Desk *d) {
    Ctx *c = &s->w.c;
    AUTO(DeskReading) r = {0};
    const PictureCount *counts;
    size_t n;
    assert_ok(c, desk_reading_begin(c, d, &r));
    assert_ok(c, picture_counts(c, r.slot->picture, STR("record"), &counts, &n));
    static const char *const kinds[] = {"report", "case", "victim", "grievance", "officer"};
    for (size_t k = 0; k < COUNT_OF(kinds); k++) {
        int64_t counted = 0;
        for (size_t i = 0; i < n; i++)
            if (str_eq_c(counts[i].state, kinds[k]))
                counted += counts[i].n;
        assert_int_equal(counted, naive_count(s, kinds[k], d));
    }
}

static void test_property(void **state) {
    (void)state;
    Sea s = {0};
    world_open(&s.w, false);
    rng_seed(&s.rng, test_seed());
    fill(&s);
    assert_ok(&s.w.c, ctx_alloc(&s.w.c, 4 * RECORDS * sizeof *s.all, &s.all));
    {
        AUTO(DeskReading) r = {0};
        AUTO(Ctx) c;
        ctx_init(&c);
        assert_ok(&s.w.c, desk_reading_machine(&s.w.c, s.w.node, &r));
        LedgerVisit visit = {hold, &s};
        assert_ok(&c, ledger_scan(&c, r.slot->ledger, LEDGER_MAIN, 0, visit));
    }
    size_t roles, hidden = 0;
    const DeskRole *role = desk_roles(s.w.node, &roles);
    size_t purpose_count;
    const DeskPurpose *purpose = desk_purposes(s.w.node, &purpose_count);
    for (int i = 0; i < VIEWERS; i++) {
        // Any role with any purpose, also such as no session has: the rule must hold all the same.
        Desk d = s.w.desk;
        const DeskRole *r = &role[rng_below(&s.rng, roles - 1)]; // but the admin
        d.role = r->role;
        d.acts = r->acts;
        d.purpose = purpose[rng_below(&s.rng, purpose_count)].purpose;
        d.clearance = (int)rng_below(&s.rng, 5);
        check_records(&s, &d);
        check_gets(&s, &d);
        check_lists(&s, &d);
        check_counts(&s, &d);
        for (size_t h = 0; h < s.count; h++)
            hidden += !naive(&s, &s.all[h], &d);
    }
    assert_true(hidden > RECORDS); // else the test could not fail
    // A picture made anew numbers its marks afresh, and shows the same.
    DeskRebuild rebuilt;
    assert_ok(&s.w.c, desk_rebuild(&s.w.c, s.w.node, (DeskProgress){0}, &rebuilt));
    assert_true(rebuilt.equal);
    check_records(&s, &s.w.desk);
    check_counts(&s, &s.w.desk);
    world_done(&s.w);
}

// A mark that was never there before is seen by the next call, and only by those who may.
static void test_new_mark(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    DeskRecordList l;
    assert_ok(&w.c, desk_record_list(&w.c, &w.desk, STR("case"), (DeskPage){0}, &l));
    assert_int_equal(l.count, 0);
    for (int i = 0; i < 70; i++) { // past the first word of bits
        char title[40], purpose[16];
        snprintf(title, sizeof title, "{\"title\":\"Case %d\"}", i);
        snprintf(purpose, sizeof purpose, "p%02d", i);
        Str only[] = {str_of(purpose)};
        RecordMark mark = record_mark_default();
        mark.tlp = i % 2 ? RECORD_TLP_RED : RECORD_TLP_AMBER;
        mark.purposes = only;
        mark.purpose_count = i > 60 ? 0 : 1;
        mark.pap = (RecordPap)(i % 4);
        AUTO(DeskWriting) writing = {0};
        DeskDraft draft = {.kind = RECORD_CASE, .mark = &mark, .body = str_of(title)};
        assert_ok(&w.c, desk_writing_begin(&w.c, w.node, &w.desk, &writing));
        assert_ok(&w.c, desk_record_add(&w.c, &writing, &draft, NULL));
        DeskWriting_cleanup(&writing);
        assert_ok(&w.c, desk_record_list(&w.c, &w.desk, STR("case"), (DeskPage){0}, &l));
        assert_int_equal(l.count, i > 60 ? (i - 60) / 2 : 0);
    }
    world_done(&w);
}

int run_desk_sight_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_property),
        cmocka_unit_test(test_new_mark),
    };
    return cmocka_run_group_tests_name("desk: sight", tests, NULL, NULL);
}
