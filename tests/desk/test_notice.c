// Requests, alerts and permission to pass on, each with a clock and a contact.
#include "duo.h"
#include "groups.h"

#define HOUR_US 3600000000LL

static DeskNoticeDraft draft_of(const char *act, const Str *to) {
    return (DeskNoticeDraft){.act = str_of(act),
                             .to = to,
                             .to_count = 1,
                             .title = STR("Account 77"),
                             .text = STR("Who holds account 77, and since when? zqtext"),
                             .contact = STR("duty desk, +66 2 000 0000")};
}

static const JsonValue *made(Duo *d, Side *s, const DeskNoticeDraft *draft) {
    AUTO(Buf) json = {0};
    assert_ok(&d->c, desk_notice_new(&d->c, &s->w.desk, draft, &json));
    return duo_read(d, &json);
}

static Err act(Duo *d, const Desk *who, Str id, DeskNoticeActDraft a, Buf *json) {
    buf_clear(json);
    return desk_notice_act(&d->c, who, id, &a, json);
}

static const JsonValue *shown(Duo *d, Side *s, Str id) {
    AUTO(Buf) json = {0};
    assert_ok(&d->c, desk_notice_json(&d->c, &s->w.desk, id, &json));
    return duo_read(d, &json);
}

static void test_request_and_answer(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open(&d);
    Ctx *c = &d.c;
    Str mm = STR("mm"), th = STR("th");
    DeskNoticeDraft draft = draft_of("request", &mm);
    const JsonValue *v = made(&d, &d.th, &draft);
    Str id = duo_str(v, "id");
    assert_true(str_eq_c(duo_str(v, "state"), "open") && str_eq_c(duo_str(v, "box"), "out"));
    assert_true(duo_has(duo_list(v, "may"), "close"));
    duo_carry(&d);
    v = shown(&d, &d.mm, id);
    assert_true(str_eq_c(duo_str(v, "box"), "in") && str_eq_c(duo_str(v, "name"), "th"));
    assert_true(duo_has(duo_list(v, "may"), "provide"));
    const Desk *desk = &d.mm.w.desk;
    assert_int_equal(act(&d, &d.th.w.desk, id, (DeskNoticeActDraft){.act = STR("provide")}, &json),
                     E_DENIED);
    assert_int_equal(act(&d, desk, id, (DeskNoticeActDraft){.act = STR("grant")}, &json),
                     E_INVALID);
    assert_int_equal(act(&d, desk, id, (DeskNoticeActDraft){.act = STR("provide")}, &json),
                     E_INVALID); // without a share
    Str report = duo_report(&d, &d.mm, "M1", "");
    DeskShareDraft share = {.to = &th, .to_count = 1, .answers = id};
    v = duo_share(&d, &d.mm, report, share);
    Str share_id = duo_str(&duo_list(v, "shares")->items[0], "id");
    assert_ok(c, act(&d, desk, id, (DeskNoticeActDraft){.act = STR("receive")}, &json));
    assert_true(str_eq_c(duo_str(duo_read(&d, &json), "state"), "received"));
    assert_ok(
        c, act(&d, desk, id,
               (DeskNoticeActDraft){.act = STR("provide"), .shares = &share_id, .share_count = 1},
               &json));
    duo_carry(&d);
    v = shown(&d, &d.th, id);
    assert_true(str_eq_c(duo_str(v, "state"), "answered"));
    assert_int_equal(duo_list(v, "acts")->count, 2);
    assert_true(duo_str(&duo_list(v, "to")->items[0], "answered_at").n > 0);
    assert_true(duo_sees(&d, &d.th, report));
    assert_int_equal(act(&d, desk, id, (DeskNoticeActDraft){.act = STR("receive")}, &json),
                     E_STATE);
    duo_done(&d);
}

static void test_late_answers_are_red(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open(&d);
    Ctx *c = &d.c;
    Str mm = STR("mm");
    DeskNoticeDraft draft = draft_of("alert", &mm);
    Str id = duo_str(made(&d, &d.th, &draft), "id");
    duo_carry(&d);
    duo_pass(&d, 73 * HOUR_US);
    assert_true(duo_true(shown(&d, &d.th, id), "overdue"));
    assert_ok(c, desk_front_json(c, &d.mm.w.desk, &json));
    const JsonValue *items = duo_list(duo_read(&d, &json), "items");
    assert_int_equal(items->count, 1);
    assert_true(str_eq_c(duo_str(&items->items[0], "kind"), "notice"));
    assert_true(duo_true(&items->items[0], "red"));
    buf_clear(&json);
    assert_ok(c, desk_shift_json(c, &d.mm.w.desk, &json));
    assert_int_equal(duo_list(duo_read(&d, &json), "exchange")->count, 1);
    assert_ok(c, act(&d, &d.mm.w.desk, id, (DeskNoticeActDraft){.act = STR("receive")}, &json));
    duo_carry(&d);
    assert_false(duo_true(shown(&d, &d.th, id), "overdue"));
    buf_clear(&json);
    assert_ok(c, desk_front_json(c, &d.mm.w.desk, &json));
    assert_int_equal(duo_list(duo_read(&d, &json), "items")->count, 0);
    duo_done(&d);
}

static void test_permission_to_pass_on(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open(&d);
    Ctx *c = &d.c;
    Str report = duo_report(&d, &d.th, "R1", ""), th = STR("th"), kh;
    Str own = duo_report(&d, &d.mm, "M1", "");
    assert_ok(c, str_format(c, &kh, "%064d", 7)); // an agency that only MM knows
    duo_share(&d, &d.th, report, (DeskShareDraft){0});
    duo_carry(&d);
    DeskNoticeDraft draft = draft_of("pass_on", &th);
    draft.recipient = kh;
    draft.records = &own;
    draft.record_count = 1;
    assert_int_equal(desk_notice_new(c, &d.mm.w.desk, &draft, &json), E_INVALID); // our own record
    draft.records = &report;
    const JsonValue *v = made(&d, &d.mm, &draft);
    Str id = duo_str(v, "id");
    assert_true(str_eq(duo_str(v, "recipient.agency"), kh));
    duo_carry(&d);
    v = shown(&d, &d.th, id);
    assert_true(duo_has(duo_list(v, "may"), "grant"));
    assert_ok(c,
              act(&d, &d.th.w.desk, id,
                  (DeskNoticeActDraft){.act = STR("grant"), .until = STR("2027-01-01T00:00:00Z")},
                  &json));
    v = duo_read(&d, &json);
    assert_true(str_eq_c(duo_str(&duo_list(v, "acts")->items[0], "until"), "2027-01-01T00:00:00Z"));
    duo_carry(&d);
    assert_true(str_eq_c(duo_str(shown(&d, &d.mm, id), "state"), "answered"));
    assert_true(duo_sees(&d, &d.mm, report));
    duo_done(&d);
}

static bool carry_between(Duo *d, World *from, World *to) {
    CryptoHash a, b;
    AUTO(Buf) message = {0};
    DeskSyncAsk ask = {0};
    DeskSyncTaken taken;
    bool news;
    assert_true(desk_unhex(str_of(from->node->agency_id), &a));
    assert_true(desk_unhex(str_of(to->node->agency_id), &b));
    assert_ok(&d->c, desk_sync_make(&d->c, from->node, &b, &ask, &message, &news));
    assert_ok(&d->c, desk_sync_take(&d->c, to->node, &a, buf_view(&message), &taken));
    return news;
}

static void carry_three(Duo *d, Side *kh) {
    World *all[] = {&d->th.w, &d->mm.w, &kh->w};
    bool news = true;
    for (int i = 0; i < 60 && news; i++) {
        int64_t next;
        for (size_t k = 0; k < COUNT_OF(all); k++)
            assert_ok(&d->c, desk_exchange_tick(&d->c, all[k]->node, &next));
        news = carry_between(d, all[0], all[1]);
        news |= carry_between(d, all[1], all[0]);
        news |= carry_between(d, all[1], all[2]);
        news |= carry_between(d, all[2], all[1]);
    }
    assert_false(news);
}

// TH and KH have no link: what TH allows goes through MM, and so does what takes it back.
static void test_passed_on_and_taken_back_through_another(void **state) {
    (void)state;
    Duo d;
    Side kh;
    AUTO(Buf) json = {0};
    duo_open(&d);
    Ctx *c = &d.c;
    memset(&kh, 0, sizeof kh);
    world_open_seeded(&kh.w, 23, "KH", "centre");
    duo_relay(&d, &d.th, STR("mm"), "mm"); // takes what MM relays
    duo_relay(&d, &d.mm, STR("th"), "th");
    duo_relay(&d, &d.mm, duo_card(&d, &kh), "kh");
    duo_relay(&d, &kh, duo_card(&d, &d.mm), "mm");
    Str report = duo_report(&d, &d.th, "R1", ""), th = STR("th");
    duo_share(&d, &d.th, report, (DeskShareDraft){.handling = STR("H2"), .title = STR("x")});
    carry_three(&d, &kh);
    assert_ok(c, desk_share_list_json(c, &d.mm.w.desk, DESK_BOX_IN, (DeskPage){0}, &json));
    const JsonValue *v = duo_list(duo_read(&d, &json), "items");
    DeskShareActDraft accept = {.act = STR("accept"), .handling = STR("H2")};
    buf_clear(&json);
    assert_ok(c, desk_share_act(c, &d.mm.w.desk, duo_str(&v->items[0], "id"), &accept, &json));
    carry_three(&d, &kh);
    assert_true(duo_sees(&d, &d.mm, report));
    assert_false(duo_sees(&d, &kh, report));
    DeskNoticeDraft draft = draft_of("pass_on", &th);
    draft.recipient = STR("kh");
    draft.records = &report;
    draft.record_count = 1;
    Str id = duo_str(made(&d, &d.mm, &draft), "id");
    carry_three(&d, &kh);
    assert_int_equal(act(&d, &d.th.w.desk, id, (DeskNoticeActDraft){.act = STR("grant")}, &json),
                     E_INVALID); // without a term
    assert_ok(c,
              act(&d, &d.th.w.desk, id,
                  (DeskNoticeActDraft){.act = STR("grant"), .until = STR("2027-01-01T00:00:00Z")},
                  &json));
    carry_three(&d, &kh);
    assert_true(duo_sees(&d, &kh, report));
    buf_clear(&json);
    assert_ok(c, desk_sharing_json(c, &d.th.w.desk, report, &json));
    v = duo_list(duo_read(&d, &json), "holders");
    assert_int_equal(v->count, 2); // TH learned of KH
    DeskRetractDraft back = {.reason = STR("wrong")};
    buf_clear(&json);
    assert_ok(c, desk_retract(c, &d.th.w.desk, report, &back, &json));
    assert_int_equal(duo_list(duo_read(&d, &json), "from")->count, 2);
    carry_three(&d, &kh);
    assert_false(duo_sees(&d, &kh, report));
    assert_false(world_grep(&kh.w, kh.w.dir, STR("0011223344"), NULL));
    buf_clear(&json);
    assert_ok(c, desk_retraction_list_json(c, &d.th.w.desk, (DeskPage){0}, &json));
    v = duo_list(duo_read(&d, &json), "items");
    assert_true(str_eq_c(duo_str(&v->items[0], "words"), "acknowledged by all 2"));
    world_done(&kh.w);
    duo_done(&d);
}

// A report of TH at MM, who may pass it on to KH; the permission.
static Str permitted(Duo *d, Side *kh, Str *ret_report) {
    AUTO(Buf) json = {0};
    Str th = STR("th");
    duo_open(d);
    memset(kh, 0, sizeof *kh);
    world_open_seeded(&kh->w, 23, "KH", "centre");
    duo_relay(d, &d->th, STR("mm"), "mm");
    duo_relay(d, &d->mm, STR("th"), "th");
    duo_relay(d, &d->mm, duo_card(d, kh), "kh");
    duo_relay(d, kh, duo_card(d, &d->mm), "mm");
    *ret_report = duo_report(d, &d->th, "R1", "");
    duo_share(d, &d->th, *ret_report, (DeskShareDraft){0});
    carry_three(d, kh);
    DeskNoticeDraft draft = draft_of("pass_on", &th);
    draft.recipient = STR("kh");
    draft.records = ret_report;
    draft.record_count = 1;
    Str id = duo_str(made(d, &d->mm, &draft), "id");
    carry_three(d, kh);
    // Before the answer nothing is with KH; its clock and contact are on both sides.
    assert_false(world_grep(&kh->w, kh->w.dir, STR("0011223344"), NULL));
    Side *sides[] = {&d->th, &d->mm};
    for (size_t i = 0; i < COUNT_OF(sides); i++) {
        const JsonValue *v = shown(d, sides[i], id);
        assert_true(duo_str(v, "due_at").n > 0);
        assert_true(str_eq(duo_str(v, "contact"), draft.contact));
    }
    assert_ok(&d->c,
              act(d, &d->th.w.desk, id,
                  (DeskNoticeActDraft){.act = STR("grant"), .until = STR("2026-01-02T00:00:00Z")},
                  &json));
    carry_three(d, kh);
    assert_true(duo_sees(d, kh, *ret_report));
    return id;
}

// Its term is over: KH lets go by itself, and MM, who holds it by a share, does not.
static void test_permission_ends(void **state) {
    (void)state;
    Duo d;
    Side kh;
    Str report, id = permitted(&d, &kh, &report);
    assert_true(id.n > 0);
    duo_pass(&d, 24 * HOUR_US);
    kh.w.now += 24 * HOUR_US;
    carry_three(&d, &kh);
    assert_false(duo_sees(&d, &kh, report));
    assert_false(world_grep(&kh.w, kh.w.dir, STR("0011223344"), NULL));
    assert_true(duo_sees(&d, &d.mm, report));
    world_done(&kh.w);
    duo_done(&d);
}

// The author withdraws it: KH is asked to let go, and nothing more is passed on.
static void test_permission_withdrawn(void **state) {
    (void)state;
    Duo d;
    Side kh;
    AUTO(Buf) json = {0};
    Str report, id = permitted(&d, &kh, &report);
    const JsonValue *v = shown(&d, &d.th, id);
    assert_true(duo_has(duo_list(v, "may"), "refuse") && !duo_has(duo_list(v, "may"), "grant"));
    assert_int_equal(act(&d, &d.th.w.desk, id, (DeskNoticeActDraft){.act = STR("receive")}, &json),
                     E_STATE);
    assert_ok(&d.c,
              act(&d, &d.th.w.desk, id,
                  (DeskNoticeActDraft){.act = STR("refuse"), .note = STR("a mistake")}, &json));
    carry_three(&d, &kh);
    assert_false(duo_sees(&d, &kh, report));
    assert_false(world_grep(&kh.w, kh.w.dir, STR("0011223344"), NULL));
    assert_true(duo_sees(&d, &d.mm, report));
    v = shown(&d, &d.mm, id);
    assert_true(str_eq_c(duo_str(v, "state"), "refused"));
    buf_clear(&json);
    assert_ok(&d.c, desk_retraction_list_json(&d.c, &d.th.w.desk, (DeskPage){0}, &json));
    v = duo_list(duo_read(&d, &json), "items");
    assert_true(str_eq_c(duo_str(&v->items[0], "words"), "acknowledged by all 1"));
    assert_int_equal(act(&d, &d.th.w.desk, id,
                         (DeskNoticeActDraft){.act = STR("refuse"), .note = STR("x")}, &json),
                     E_STATE);
    world_done(&kh.w);
    duo_done(&d);
}

static void test_two_officers_for_a_flagged_party(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open(&d);
    Ctx *c = &d.c;
    Str mm = STR("mm");
    DeskPartyDraft flag = {.party = STR("mm"), .source = STR("a list"), .active = true};
    assert_ok(c, desk_party_flag(c, &d.th.w.desk, &flag, &json));
    DeskNoticeDraft draft = draft_of("alert", &mm);
    const JsonValue *v = made(&d, &d.th, &draft);
    Str id = duo_str(v, "id");
    assert_true(str_eq_c(duo_str(v, "state"), "waits"));
    assert_true(str_eq_c(duo_str(&duo_list(v, "to")->items[0], "name"), "mm"));
    duo_carry(&d);
    assert_false(world_grep(&d.mm.w, d.mm.w.dir, STR("zqtext"), NULL));
    DeskNoticeActDraft second = {.act = STR("second")};
    assert_int_equal(act(&d, &d.th.w.desk, id, second, &json), E_DENIED);
    assert_ok(c, act(&d, &d.th.second, id, second, &json));
    Str sent = duo_str(duo_read(&d, &json), "id");
    duo_carry(&d);
    assert_true(str_eq_c(duo_str(shown(&d, &d.mm, sent), "state"), "open"));
    assert_true(str_eq_c(duo_str(shown(&d, &d.th, id), "state"), "closed"));
    duo_done(&d);
}

static void test_what_is_no_notice(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open(&d);
    Ctx *c = &d.c;
    Str mm = STR("mm"), kh = STR("kh");
    DeskNoticeDraft bad[6];
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        bad[i] = draft_of("request", &mm);
    bad[0].act = STR("beg");
    bad[1].contact = (Str){0};
    bad[2].due_at = STR("2001-01-01T00:00:00Z");
    bad[3].to = &kh;
    bad[4].recipient = STR("mm");
    bad[5].text = STR(" ");
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        buf_clear(&json);
        Err e = desk_notice_new(c, &d.th.w.desk, &bad[i], &json);
        if (e != (i == 3 ? E_NOT_FOUND : E_INVALID))
            fail_msg("notice %zu: %s: %s", i, err_name(e), c->error);
    }
    assert_int_equal(desk_notice_json(c, &d.th.w.desk, STR("x"), &json), E_NOT_FOUND);
    duo_done(&d);
}

int run_desk_notice_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request_and_answer),
        cmocka_unit_test(test_late_answers_are_red),
        cmocka_unit_test(test_permission_to_pass_on),
        cmocka_unit_test(test_passed_on_and_taken_back_through_another),
        cmocka_unit_test(test_permission_ends),
        cmocka_unit_test(test_permission_withdrawn),
        cmocka_unit_test(test_two_officers_for_a_flagged_party),
        cmocka_unit_test(test_what_is_no_notice),
    };
    return cmocka_run_group_tests_name("desk notice", tests, NULL, NULL);
}
