// Accords: proposed, signed by each member, left; what is written under one is shared from the
// start.
#include <errno.h>

#include "duo.h"
#include "frames.h"
#include "groups.h"

static DeskAccordDraft accord_of(const DeskMemberDraft *member, const Str *kind) {
    return (DeskAccordDraft){.name = STR("mekong"),
                             .title = STR("Fraud along the Mekong"),
                             .members = member,
                             .member_count = 1,
                             .kinds = kind,
                             .kind_count = 1,
                             .tlp = STR("AMBER"),
                             .handling = STR("H0"),
                             .days = 30};
}

static const JsonValue *sign(Duo *d, Side *s, bool yes) {
    AUTO(Buf) json = {0};
    assert_ok(&d->c,
              desk_accord_sign(&d->c, &s->w.desk, STR("mekong"), yes, STR("by order"), &json));
    return duo_read(d, &json);
}

static void accord_open(Duo *d) {
    AUTO(Buf) json = {0};
    DeskMemberDraft member = {.agency = STR("mm"), .law = STR("Treaty of 2019, art. 4")};
    Str kind = STR("report");
    DeskAccordDraft draft = accord_of(&member, &kind);
    duo_open(d);
    assert_ok(&d->c, desk_accord_new(&d->c, &d->th.w.desk, &draft, &json));
    const JsonValue *v = duo_read(d, &json);
    assert_false(duo_true(v, "in_force"));
    assert_int_equal(duo_list(v, "members")->count, 2);
    assert_true(duo_has(duo_list(v, "may"), "sign"));
}

static void both_sign(Duo *d) {
    sign(d, &d->th, true);
    duo_carry(d);
    sign(d, &d->mm, true);
    duo_carry(d);
}

static void test_in_force_when_all_signed(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    accord_open(&d);
    Ctx *c = &d.c;
    duo_carry(&d);
    Desk locked = d.mm.w.desk;
    locked.key = NULL;
    assert_int_equal(desk_accord_sign(c, &locked, STR("mekong"), true, (Str){0}, &json), E_DENIED);
    sign(&d, &d.mm, true);
    duo_carry(&d);
    buf_clear(&json);
    assert_ok(c, desk_accord_json(c, &d.th.w.desk, STR("mekong"), &json));
    assert_false(duo_true(duo_read(&d, &json), "in_force"));
    // Nothing can be written under it before all have signed.
    DeskReportDraft report = {.id = STR("R0"), .accord = STR("mekong")};
    DeskReport r;
    assert_int_equal(desk_report_add(c, &d.th.w.desk, &report, &r), E_STATE);
    assert_true(duo_true(sign(&d, &d.th, true), "in_force"));
    buf_clear(&json);
    assert_int_equal(desk_accord_sign(c, &d.th.w.desk, STR("mekong"), true, (Str){0}, &json),
                     E_STATE);
    duo_carry(&d);
    Str shared = duo_report(&d, &d.th, "R1", "mekong"), kept = duo_report(&d, &d.th, "R2", "");
    duo_carry(&d);
    assert_true(duo_sees(&d, &d.mm, shared));
    assert_false(duo_sees(&d, &d.mm, kept));
    DeskReport there;
    assert_ok(c, desk_report_get(c, &d.mm.w.desk, shared, &there));
    assert_true(there.victim.n == 0 && there.story.n == 0); // another compartment, not shared
    assert_false(world_grep(&d.mm.w, d.mm.w.dir, STR("zqvictim"), NULL));
    // A member leaves: what is written from then on stays here.
    sign(&d, &d.mm, false);
    duo_carry(&d);
    buf_clear(&json);
    assert_ok(c, desk_accord_json(c, &d.th.w.desk, STR("mekong"), &json));
    const JsonValue *left = duo_read(&d, &json);
    size_t at;
    assert_true(str_find(duo_str(left, "words"), STR("left: mm"), &at));
    duo_done(&d);
}

// That a member left counts from the moment at which its record is here, also where the disk was
// full behind that: what was written under the accord stays.
static void test_a_leave_behind_a_full_disk(void **state) {
    (void)state;
    Duo d;
    accord_open(&d);
    Ctx *c = &d.c;
    CryptoHash th = duo_id(&d.th), mm = duo_id(&d.mm);
    int behind = 0;
    both_sign(&d);
    for (uint64_t nth = 20; nth <= 40; nth += 3) {
        AUTO(Buf) gone = {0};
        AUTO(Buf) back = {0};
        AUTO(Buf) plain = {0};
        DeskSyncTaken taken;
        char id[16];
        bool news;
        size_t at;
        snprintf(id, sizeof id, "R%d", (int)nth);
        Str kept = duo_report(&d, &d.mm, id, "mekong");
        sign(&d, &d.th, false);
        duo_tick(&d, &d.th);
        assert_ok(c, desk_sync_make(c, d.th.w.node, &mm, &(DeskSyncAsk){0}, &gone, &news));
        fault_plan_set((FaultPlan){.write_nth = nth, .write_errno = ENOSPC});
        bool full = desk_sync_take(c, d.mm.w.node, &th, buf_view(&gone), &taken) != OK;
        fault_plan_set((FaultPlan){0});
        if (full && atomic_load(&d.mm.w.node->behind) > 0) {
            behind++;
            assert_ok(c, desk_sync_make(c, d.mm.w.node, &th, &(DeskSyncAsk){0}, &back, &news));
            assert_true(frames_unpack(buf_view(&back), &plain));
            assert_false(str_find(buf_view(&plain), kept, &at));
        }
        duo_carry(&d);
        sign(&d, &d.th, true);
        duo_carry(&d);
    }
    assert_true(behind > 2);
    duo_done(&d);
}

static void test_who_will_see_is_told_before(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    accord_open(&d);
    Ctx *c = &d.c;
    both_sign(&d);
    assert_ok(c, desk_accord_sees_json(c, &d.th.w.desk, STR("mekong"), STR("report"), &json));
    const JsonValue *v = duo_read(&d, &json);
    assert_int_equal(duo_list(v, "sees")->count, 1);
    assert_true(str_eq_c(duo_str(&duo_list(v, "sees")->items[0], "name"), "mm"));
    assert_true(str_eq_c(duo_str(v, "mark.tlp"), "AMBER"));
    assert_true(duo_str(v, "mark.until").n > 0);
    buf_clear(&json);
    assert_int_equal(desk_accord_sees_json(c, &d.th.w.desk, STR("mekong"), STR("case"), &json),
                     E_STATE);
    DeskCase k;
    assert_int_equal(desk_case_new_under(c, &d.th.w.desk, STR("x"), STR("mekong"), &k), E_STATE);
    assert_int_equal(desk_case_new_under(c, &d.th.w.desk, STR("x"), STR("nothing"), &k),
                     E_NOT_FOUND);
    duo_done(&d);
}

// The purposes that the members signed for bind whoever reads, at home too: a writer who could not
// see it again is told before.
static void test_purposes_bind_readers(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    DeskMemberDraft member = {.agency = STR("mm"), .law = STR("Treaty of 2019, art. 4")};
    Str kind = STR("report"), purpose = STR("liaison");
    DeskAccordDraft draft = accord_of(&member, &kind);
    draft.purposes = &purpose;
    draft.purpose_count = 1;
    duo_open(&d);
    Ctx *c = &d.c;
    assert_ok(c, desk_accord_new(c, &d.th.w.desk, &draft, &json));
    both_sign(&d);
    DeskReportDraft report = {.id = STR("R1"), .accord = STR("mekong")};
    DeskReport r;
    Desk th = d.th.w.desk, mm = d.mm.w.desk;
    th.purpose = mm.purpose = STR("investigation");
    assert_int_equal(desk_report_add(c, &th, &report, &r), E_STATE);
    th.purpose = STR("liaison");
    assert_ok(c, desk_report_add(c, &th, &report, &r));
    duo_carry(&d);
    Str id = r.record;
    assert_int_equal(desk_report_get(c, &mm, id, &r), E_NOT_FOUND);
    mm.purpose = STR("liaison");
    assert_ok(c, desk_report_get(c, &mm, id, &r));
    duo_done(&d);
}

// What is written under an accord goes out at once, so it goes to no flagged member and to none
// that left; and where nobody else is left, it is not written.
static void test_not_to_who_is_flagged_or_left(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    accord_open(&d);
    Ctx *c = &d.c;
    both_sign(&d);
    DeskPartyDraft flag = {.party = STR("mm"), .source = STR("a list"), .active = true};
    assert_ok(c, desk_party_flag(c, &d.th.w.desk, &flag, &json));
    DeskReportDraft draft = {.id = STR("R9"), .accord = STR("mekong")};
    DeskReport r;
    assert_int_equal(desk_report_add(c, &d.th.w.desk, &draft, &r), E_STATE);
    buf_clear(&json);
    assert_int_equal(desk_accord_sees_json(c, &d.th.w.desk, STR("mekong"), STR("report"), &json),
                     E_STATE);
    flag.active = false;
    buf_clear(&json);
    assert_ok(c, desk_party_flag(c, &d.th.w.desk, &flag, &json));
    assert_ok(c, desk_report_add(c, &d.th.w.desk, &draft, &r));
    sign(&d, &d.mm, false);
    duo_carry(&d);
    draft.id = STR("R10");
    assert_int_equal(desk_report_add(c, &d.th.w.desk, &draft, &r), E_STATE);
    duo_done(&d);
}

static Str standing_add(Duo *d, const char *note, Str report) {
    RecordId root, made;
    RecordMark mark;
    Str body, id;
    Ctx *c = &d->c;
    AUTO(DeskWriting) w = {0};
    AUTO(DeskReading) r = {0};
    assert_true(record_id_parse(report, &root));
    assert_ok(c, str_format(c, &body,
                            "{\"document\":null,\"note\":\"%s\",\"standing\":\"claimed\"}", note));
    assert_ok(c, desk_writing_begin(c, d->th.w.node, &d->th.w.desk, &w));
    assert_ok(c, desk_reading_begin(c, &d->th.w.desk, &r));
    assert_ok(c, desk_mark_of(c, r.slot, root, &mark));
    DeskDraft draft = {
        .kind = RECORD_STANDING, .has_of = true, .of = root, .mark = &mark, .body = body};
    assert_ok(c, desk_record_add(c, &w, &draft, &made));
    assert_ok(c, desk_id_text(c, made, &id));
    return id;
}

// What a party had before it was flagged stays with it; what is added to it stays here, whether it
// came by the accord or was shared by one officer.
static void test_a_flag_stops_what_is_added(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    accord_open(&d);
    Ctx *c = &d.c;
    both_sign(&d);
    Str under = duo_report(&d, &d.th, "R1", "mekong"), by_hand = duo_report(&d, &d.th, "R2", "");
    duo_share(&d, &d.th, by_hand, (DeskShareDraft){0});
    duo_carry(&d);
    assert_true(duo_sees(&d, &d.mm, under) && duo_sees(&d, &d.mm, by_hand));
    // On its way when the flag comes: it becomes a hole.
    Str on_way = duo_report(&d, &d.th, "zq00009x", "mekong");
    int64_t next;
    assert_ok(c, desk_exchange_tick(c, d.th.w.node, &next));
    DeskPartyDraft flag = {.party = STR("mm"), .source = STR("a list"), .active = true};
    assert_ok(c, desk_party_flag(c, &d.th.w.desk, &flag, &json));
    Str one = standing_add(&d, "zq00001x", under), two = standing_add(&d, "zq00002x", by_hand);
    duo_carry(&d);
    assert_false(duo_sees(&d, &d.mm, one) || duo_sees(&d, &d.mm, two) ||
                 duo_sees(&d, &d.mm, on_way));
    assert_false(world_grep(&d.mm.w, d.mm.w.dir, STR("zq0000"), NULL));
    assert_true(duo_sees(&d, &d.mm, under));
    // Shared by two officers since: that goes, and the accord still does not.
    const JsonValue *v = duo_share(&d, &d.th, by_hand, (DeskShareDraft){0});
    DeskShareActDraft second = {.act = STR("second")};
    buf_clear(&json);
    assert_ok(c, desk_share_act(c, &d.th.second, duo_str(&duo_list(v, "shares")->items[0], "id"),
                                &second, &json));
    duo_carry(&d);
    assert_true(duo_sees(&d, &d.mm, two));
    assert_false(duo_sees(&d, &d.mm, one));
    // And taking back still reaches it.
    DeskRetractDraft back = {.reason = STR("flagged")};
    buf_clear(&json);
    assert_ok(c, desk_retract(c, &d.th.w.desk, by_hand, &back, &json));
    duo_carry(&d);
    assert_false(duo_sees(&d, &d.mm, by_hand));
    flag.active = false;
    buf_clear(&json);
    assert_ok(c, desk_party_flag(c, &d.th.w.desk, &flag, &json));
    duo_carry(&d);
    assert_true(duo_sees(&d, &d.mm, one) && duo_sees(&d, &d.mm, on_way));
    duo_done(&d);
}

static void test_what_is_no_accord(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open(&d);
    Ctx *c = &d.c;
    DeskMemberDraft member = {.agency = STR("mm")}, nobody = {.agency = STR("kh")};
    Str report = STR("report"), peer = STR("peer"), seed = STR("seed"), space = STR("a b");
    struct {
        DeskAccordDraft draft;
        Err e;
    } bad[] = {
        {accord_of(&nobody, &report), E_NOT_FOUND}, {accord_of(&member, &peer), E_INVALID},
        {accord_of(&member, &seed), E_INVALID},     {accord_of(&member, &report), E_INVALID},
        {accord_of(&member, &report), E_INVALID},   {accord_of(&member, &report), E_INVALID},
        {accord_of(&member, &report), E_INVALID},   {accord_of(&member, &report), E_INVALID},
    };
    bad[3].draft.name = space;
    bad[4].draft.tlp = STR("PINK");
    bad[5].draft.member_count = 0;
    bad[6].draft.ends_at = STR("2001-01-01T00:00:00Z");
    bad[7].draft.kind_count = 0;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        buf_clear(&json);
        Err e = desk_accord_new(c, &d.th.w.desk, &bad[i].draft, &json);
        if (e != bad[i].e)
            fail_msg("accord %zu: %s: %s", i, err_name(e), c->error);
    }
    DeskAccordDraft good = accord_of(&member, &report);
    buf_clear(&json);
    assert_ok(c, desk_accord_new(c, &d.th.w.desk, &good, &json));
    buf_clear(&json);
    assert_int_equal(desk_accord_new(c, &d.th.w.desk, &good, &json), E_EXISTS);
    duo_done(&d);
}

int run_desk_accord_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_force_when_all_signed),
        cmocka_unit_test(test_a_leave_behind_a_full_disk),
        cmocka_unit_test(test_who_will_see_is_told_before),
        cmocka_unit_test(test_purposes_bind_readers),
        cmocka_unit_test(test_not_to_who_is_flagged_or_left),
        cmocka_unit_test(test_a_flag_stops_what_is_added),
        cmocka_unit_test(test_what_is_no_accord),
    };
    return cmocka_run_group_tests_name("desk accord", tests, NULL, NULL);
}
