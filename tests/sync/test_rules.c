// The rule of what may flow, against a second reading of its page (naive.c).
#include "test.h"

#include "groups.h"
#include "naive.h"

#define QUESTIONS 1000000
#define NOW 1000

static const char us_text[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
static const char peer_text[] = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
static const char third_text[] = "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc";
static const char fourth_text[] =
    "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd";

static Str agency(uint64_t i) {
    const char *texts[] = {us_text, peer_text, third_text, fourth_text};
    return str_of(texts[i]);
}

static Str kind_text(RecordKind k) {
    return k == RECORD_UNKNOWN ? STR("new_kind") : str_of(record_kind_row(k)->name);
}

// Everything that a question may point to.
typedef struct World {
    SyncQuestion q;
    RecordMark mark, object_mark;
    Str to[2][4], purposes[2][2];
    SyncAccord accords[2];
    SyncMember members[2][4];
    Str kinds[2][2], accord_purposes[2][2];
    SyncShare shares[2];
} World;

static bool maybe(Rng *r, uint64_t of) {
    return rng_below(r, of) == 0;
}

static int64_t near_now(Rng *r) {
    return NOW - 1 + (int64_t)rng_below(r, 3);
}

static void random_mark(Rng *r, RecordMark *m, Str *to, Str *purposes) {
    static const char *const words[] = {"freeze", "tracing"};
    *m = (RecordMark){.to = to, .purposes = purposes};
    for (uint64_t i = 0; i < 4; i++)
        if (!maybe(r, 3))
            to[m->to_count++] = agency(i);
    for (uint64_t i = 0; i < 2; i++)
        if (maybe(r, 4))
            purposes[m->purpose_count++] = str_of(words[i]);
    m->handling = (RecordHandling)rng_below(r, 4);
    m->has_until = maybe(r, 3);
    m->until_us = near_now(r);
}

static void random_accord(Rng *r, World *w, size_t at) {
    SyncAccord *a = &w->accords[at];
    *a = (SyncAccord){
        .members = w->members[at], .kinds = w->kinds[at], .purposes = w->accord_purposes[at]};
    for (uint64_t i = 0; i < 4; i++)
        if (!maybe(r, 5))
            w->members[at][a->member_count++] =
                (SyncMember){agency(i), !maybe(r, 12), maybe(r, 12), maybe(r, 2)};
    if (!maybe(r, 3))
        w->kinds[at][a->kind_count++] = STR("*");
    if (maybe(r, 3))
        w->kinds[at][a->kind_count++] = kind_text((RecordKind)rng_below(r, RECORD_KINDS));
    if (maybe(r, 2))
        w->accord_purposes[at][a->purpose_count++] = STR("tracing");
    a->begins_us = maybe(r, 4) ? near_now(r) : 0;
    a->has_end = maybe(r, 3);
    a->ends_us = near_now(r);
}

static void random_world(Rng *r, World *w) {
    SyncQuestion *q = &w->q;
    memset(w, 0, sizeof *w);
    random_mark(r, &w->mark, w->to[0], w->purposes[0]);
    random_mark(r, &w->object_mark, w->to[1], w->purposes[1]);
    *q = (SyncQuestion){.now_us = NOW,
                        .us = agency(0),
                        .mark = &w->mark,
                        .object_mark = &w->object_mark,
                        .accords = w->accords,
                        .shares = w->shares};
    q->peer = agency(maybe(r, 50) ? 0 : 1);
    q->peer_confirmed = !maybe(r, 10);
    q->peer_relay = !maybe(r, 5);
    q->author = agency(rng_below(r, 3));
    q->main_log = !maybe(r, 20);
    q->kind = maybe(r, 3) ? RECORD_ERASE : (RecordKind)rng_below(r, RECORD_KINDS + 1);
    q->root_kind = maybe(r, 2) ? q->kind : (RecordKind)rng_below(r, RECORD_KINDS + 1);
    q->root_kind_name = kind_text(q->root_kind);
    q->root_author = maybe(r, 3) ? agency(rng_below(r, 4)) : q->author;
    q->accord_count = rng_below(r, 3);
    for (size_t i = 0; i < q->accord_count; i++)
        random_accord(r, w, i);
    q->share_count = rng_below(r, 3);
    for (size_t i = 0; i < q->share_count; i++)
        w->shares[i] = (SyncShare){maybe(r, 4),
                                   maybe(r, 2),
                                   near_now(r),
                                   (RecordHandling)rng_below(r, 4),
                                   maybe(r, 2),
                                   !maybe(r, 3),
                                   (RecordHandling)rng_below(r, 4),
                                   near_now(r)};
    q->root_draft = maybe(r, 6);
    q->half_signed = maybe(r, 6);
    q->peer_flagged = maybe(r, 6);
    q->flagged_us = near_now(r);
    q->retracted = maybe(r, 5);
    q->erased_disclosed = maybe(r, 3);
    q->other_flows = maybe(r, 2);
    q->granted = maybe(r, 3);
    q->grant_has_until = maybe(r, 2);
    q->grant_until_us = near_now(r);
}

static void assert_same(const World *w, uint64_t number) {
    const char *flow = sync_rule_name(sync_may_flow(&w->q).rule);
    const char *relay = sync_rule_name(sync_may_relay(&w->q).rule);
    if (strcmp(flow, naive_flow(&w->q)) != 0 || strcmp(relay, naive_relay(&w->q)) != 0)
        fail_msg("question %llu (%s of %s): flow %s, page says %s; relay %s, page says %s",
                 (unsigned long long)number, kind_text(w->q.kind).p, kind_text(w->q.root_kind).p,
                 flow, naive_flow(&w->q), relay, naive_relay(&w->q));
}

static void test_random_questions(void **state) {
    (void)state;
    Rng rng;
    World w;
    size_t seen[SYNC_RULES] = {0};
    rng_seed(&rng, test_seed());
    for (uint64_t i = 0; i < QUESTIONS; i++) {
        random_world(&rng, &w);
        assert_same(&w, i);
        seen[sync_may_flow(&w.q).rule]++;
        seen[sync_may_relay(&w.q).rule]++;
    }
    // A test that never meets a rule says nothing about it.
    for (size_t i = 0; i < SYNC_RULES; i++)
        if (seen[i] < 1000)
            fail_msg("rule %s was met %zu times only", sync_rule_name((SyncRule)i), seen[i]);
}

// A world where everything speaks for flowing.
static void open_world(World *w) {
    memset(w, 0, sizeof *w);
    w->to[0][0] = w->to[1][0] = agency(1);
    w->mark = (RecordMark){.to = w->to[0], .to_count = 1};
    w->object_mark = (RecordMark){.to = w->to[1], .to_count = 1};
    for (uint64_t i = 0; i < 4; i++)
        w->members[0][i] = (SyncMember){agency(i), true, false, i == 1};
    w->kinds[0][0] = STR("*");
    w->accords[0] = (SyncAccord){
        .members = w->members[0], .member_count = 4, .kinds = w->kinds[0], .kind_count = 1};
    w->q = (SyncQuestion){.now_us = NOW,
                          .us = agency(0),
                          .peer = agency(1),
                          .peer_confirmed = true,
                          .peer_relay = true,
                          .author = agency(0),
                          .main_log = true,
                          .mark = &w->mark,
                          .root_author = agency(0),
                          .object_mark = &w->object_mark,
                          .accords = w->accords,
                          .accord_count = 1,
                          .shares = w->shares,
                          .share_count = 1};
}

// Every kind, under every root, of each author, in each case of the page.
static void test_all_kinds_in_all_cases(void **state) {
    (void)state;
    World w;
    uint64_t number = 0;
    for (size_t kind = 0; kind <= RECORD_KINDS; kind++)
        for (size_t root = 0; root <= RECORD_KINDS; root++)
            for (uint64_t bits = 0; bits < 512; bits++) {
                open_world(&w);
                w.q.kind = (RecordKind)kind;
                w.q.root_kind = (RecordKind)root;
                w.q.root_kind_name = kind_text(w.q.root_kind);
                w.q.author = agency(bits & 1 ? 2 : 0);
                w.q.root_author = agency(bits & 2 ? 1 : bits & 1 ? 2 : 0);
                w.q.accord_count = bits & 4 ? 0 : 1;
                w.q.share_count = bits & 8 ? 0 : 1;
                w.mark.to_count = bits & 16 ? 0 : 1;
                w.object_mark.to_count = bits & 16 ? 0 : 1;
                w.q.retracted = w.shares[0].retracted = bits & 32;
                w.q.erased_disclosed = w.q.other_flows = bits & 64;
                w.q.granted = bits & 128;
                w.kinds[0][0] = bits & 256 ? w.q.root_kind_name : STR("*");
                assert_same(&w, number++);
            }
}

static SyncRule flow_with(World *w, RecordKind kind) {
    w->q.kind = w->q.root_kind = kind;
    w->q.root_kind_name = kind_text(kind);
    return sync_may_flow(&w->q).rule;
}

// What must be so, said once more by hand.
static void test_what_must_be(void **state) {
    (void)state;
    World w;
    open_world(&w);
    w.q.share_count = 0;
    assert_int_equal(flow_with(&w, RECORD_REPORT), SYNC_FLOWS_ACCORD);
    assert_int_equal(flow_with(&w, RECORD_VICTIM), SYNC_STAYS);
    assert_int_equal(flow_with(&w, RECORD_GRIEVANCE), SYNC_STAYS);
    assert_int_equal(flow_with(&w, RECORD_PEER), SYNC_STAYS);
    assert_int_equal(flow_with(&w, RECORD_FLAG), SYNC_STAYS);
    assert_int_equal(flow_with(&w, RECORD_BATCH), SYNC_STAYS);
    assert_int_equal(flow_with(&w, RECORD_GENESIS), SYNC_FLOWS_IDENTITY);
    assert_int_equal(flow_with(&w, RECORD_ACCORD), SYNC_FLOWS_DIRECTED);
    w.kinds[0][0] = STR("victim");
    assert_int_equal(flow_with(&w, RECORD_VICTIM), SYNC_FLOWS_ACCORD);
    assert_int_equal(flow_with(&w, RECORD_REPORT), SYNC_STAYS);
    w.q.share_count = 1;
    assert_int_equal(flow_with(&w, RECORD_REPORT), SYNC_FLOWS_SHARE);
    w.shares[0].accept = true;
    w.shares[0].handling = RECORD_H2;
    assert_int_equal(flow_with(&w, RECORD_REPORT), SYNC_STAYS);
    w.shares[0].accepted = true;
    w.shares[0].taken = RECORD_H1; // another handling than the one asked for
    assert_int_equal(flow_with(&w, RECORD_REPORT), SYNC_STAYS);
    w.shares[0].taken = RECORD_H2;
    assert_int_equal(flow_with(&w, RECORD_REPORT), SYNC_FLOWS_SHARE);
    w.shares[0].retracted = true;
    assert_int_equal(flow_with(&w, RECORD_REPORT), SYNC_STAYS);
    w.q.peer_confirmed = false;
    assert_int_equal(flow_with(&w, RECORD_GENESIS), SYNC_STAYS);
}

// An order that was not issued, and a party that is flagged.
static void test_drafts_and_flags(void **state) {
    (void)state;
    World w;
    open_world(&w);
    w.q.root_draft = true;
    assert_int_equal(flow_with(&w, RECORD_ORDER), SYNC_STAYS);
    w.q.kind = RECORD_ORDER_ACT;
    assert_int_equal(sync_may_flow(&w.q).rule, SYNC_STAYS);
    w.q.root_author = agency(1); // what we say of the peer's own order
    assert_int_equal(sync_may_flow(&w.q).rule, SYNC_FLOWS_ANSWER);
    w.q.half_signed = true;
    assert_int_equal(sync_may_flow(&w.q).rule, SYNC_STAYS);
    w.q.half_signed = false;
    w.q.root_author = agency(0);
    w.q.root_draft = false;
    assert_int_equal(flow_with(&w, RECORD_ORDER), SYNC_FLOWS_ACCORD);
    w.q.peer_flagged = true;
    w.q.flagged_us = NOW;
    w.shares[0].at_us = NOW - 1;
    assert_int_equal(flow_with(&w, RECORD_ORDER), SYNC_STAYS);
    w.shares[0].at_us = NOW; // by two officers
    assert_int_equal(flow_with(&w, RECORD_ORDER), SYNC_FLOWS_SHARE);
    assert_int_equal(flow_with(&w, RECORD_GENESIS), SYNC_FLOWS_IDENTITY);
}

static void test_accords(void **state) {
    (void)state;
    World w;
    open_world(&w);
    SyncAccord *a = &w.accords[0];
    assert_true(sync_accord_holds(a, agency(0), agency(1), NOW));
    assert_true(sync_accord_mirrors(a, agency(0), agency(1), NOW));
    assert_false(sync_accord_mirrors(a, agency(1), agency(0), NOW));
    a->begins_us = NOW;
    assert_true(sync_accord_holds(a, agency(0), agency(1), NOW));
    assert_false(sync_accord_holds(a, agency(0), agency(1), NOW - 1));
    a->has_end = true;
    a->ends_us = NOW + 1;
    assert_true(sync_accord_holds(a, agency(0), agency(1), NOW));
    assert_false(sync_accord_holds(a, agency(0), agency(1), NOW + 1));
    w.members[0][2].left = true; // ends it for all pairs with that member, and for no other
    assert_true(sync_accord_holds(a, agency(0), agency(1), NOW));
    assert_false(sync_accord_holds(a, agency(0), agency(2), NOW));
    w.members[0][3].signed_here = false;
    assert_false(sync_accord_holds(a, agency(0), agency(1), NOW));
    w.members[0][3].signed_here = true;
    a->member_count = 1;
    assert_false(sync_accord_holds(a, agency(0), agency(1), NOW));
}

int run_sync_rules_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_must_be),     cmocka_unit_test(test_drafts_and_flags),
        cmocka_unit_test(test_accords),          cmocka_unit_test(test_all_kinds_in_all_cases),
        cmocka_unit_test(test_random_questions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
