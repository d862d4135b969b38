// Sharing: who will see it, acceptance before content, narrowing, taking back, acknowledged.
#include "duo.h"
#include "groups.h"

#define HOUR_US 3600000000LL

static const JsonValue *sharing(Duo *d, Side *s, Str record) {
    AUTO(Buf) json = {0};
    assert_ok(&d->c, desk_sharing_json(&d->c, &s->w.desk, record, &json));
    return duo_read(d, &json);
}

static const JsonValue *shares(Duo *d, Side *s, DeskBox box) {
    AUTO(Buf) json = {0};
    assert_ok(&d->c, desk_share_list_json(&d->c, &s->w.desk, box, (DeskPage){0}, &json));
    return duo_list(duo_read(d, &json), "items");
}

static const JsonValue *retractions(Duo *d, Side *s) {
    AUTO(Buf) json = {0};
    assert_ok(&d->c, desk_retraction_list_json(&d->c, &s->w.desk, (DeskPage){0}, &json));
    return duo_list(duo_read(d, &json), "items");
}

static bool front_has(Duo *d, Side *s, const char *kind, const char *what, bool red) {
    AUTO(Buf) json = {0};
    assert_ok(&d->c, desk_front_json(&d->c, &s->w.desk, &json));
    const JsonValue *items = duo_list(duo_read(d, &json), "items");
    for (uint32_t i = 0; i < items->count; i++)
        if (str_eq_c(duo_str(&items->items[i], "kind"), kind) &&
            str_eq_c(duo_str(&items->items[i], "what"), what) &&
            duo_true(&items->items[i], "red") == red)
            return true;
    return false;
}

static void test_preview_changes_nothing(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open(&d);
    Ctx *c = &d.c;
    Str report = duo_report(&d, &d.th, "R1", ""), to = STR("mm");
    DeskInfo before, after;
    assert_ok(c, desk_info(c, d.th.w.node, &before));
    DeskShareDraft draft = {
        .to = &to, .to_count = 1, .tlp = STR("AMBER"), .until = STR("2027-01-01T00:00:00Z")};
    assert_ok(c, desk_share_preview_json(c, &d.th.w.desk, report, &draft, &json));
    const JsonValue *v = duo_read(&d, &json);
    const JsonValue *sees = duo_list(v, "sees");
    size_t at;
    assert_int_equal(sees->count, 1);
    assert_true(str_eq_c(duo_str(&sees->items[0], "name"), "mm"));
    assert_true(str_find(duo_str(&sees->items[0], "words"), STR("TLP:AMBER,"), &at));
    assert_false(duo_true(&sees->items[0], "has_it"));
    assert_true(str_eq_c(duo_str(v, "mark.until"), "2027-01-01T00:00:00Z"));
    assert_true(str_find(duo_str(v, "words"), STR("Weaker than"), &at));
    assert_true(str_find(duo_str(v, "words"), STR("victim's name"), &at));
    assert_false(duo_true(v, "needs_accept"));
    assert_ok(c, desk_info(c, d.th.w.node, &after));
    assert_int_equal(before.records, after.records);
    duo_done(&d);
}

static void test_share_and_take_back(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open(&d);
    Ctx *c = &d.c;
    Str report = duo_report(&d, &d.th, "R1", "");
    const JsonValue *v = duo_share(&d, &d.th, report, (DeskShareDraft){.title = STR("A report")});
    assert_int_equal(duo_list(v, "shares")->count, 1);
    assert_true(str_eq_c(duo_str(&duo_list(v, "shares")->items[0], "state"), "shared"));
    duo_carry(&d);
    assert_true(duo_sees(&d, &d.mm, report));
    v = shares(&d, &d.mm, DESK_BOX_IN);
    assert_int_equal(v->count, 1);
    assert_true(duo_true(&v->items[0], "here") && duo_true(&v->items[0], "open"));
    assert_int_equal(shares(&d, &d.mm, DESK_BOX_OUT)->count, 0);
    v = sharing(&d, &d.th, report);
    assert_int_equal(duo_list(v, "holders")->count, 1);
    assert_true(str_eq_c(duo_str(&duo_list(v, "holders")->items[0], "by"), "share"));
    assert_true(duo_has(duo_list(v, "may"), "retract"));
    // What is theirs is not for us to share or take back.
    DeskRetractDraft back = {.reason = STR("wrong person")};
    assert_int_equal(desk_retract(c, &d.mm.w.desk, report, &back, &json), E_DENIED);
    Str th = STR("th");
    DeskShareDraft theirs = {.to = &th, .to_count = 1};
    assert_int_equal(desk_share(c, &d.mm.w.desk, report, &theirs, &json), E_DENIED);
    buf_clear(&json);
    assert_ok(c, desk_retract(c, &d.th.w.desk, report, &back, &json));
    v = duo_read(&d, &json);
    assert_true(str_eq_c(duo_str(v, "words"), "0 of 1 acknowledged"));
    buf_clear(&json);
    assert_int_equal(desk_retract(c, &d.th.w.desk, report, &back, &json), E_STATE);
    duo_pass(&d, 25 * HOUR_US);
    v = retractions(&d, &d.th);
    assert_true(duo_true(&v->items[0], "overdue"));
    assert_true(front_has(&d, &d.th, "retract", "call", true));
    duo_carry(&d);
    assert_false(duo_sees(&d, &d.mm, report));
    assert_false(world_grep(&d.mm.w, d.mm.w.dir, STR("0011223344"), NULL));
    v = retractions(&d, &d.th);
    assert_int_equal(v->count, 1);
    assert_true(str_eq_c(duo_str(&v->items[0], "words"), "acknowledged by all 1"));
    assert_false(front_has(&d, &d.th, "retract", "call", true));
    v = sharing(&d, &d.th, report);
    assert_true(duo_str(&duo_list(v, "holders")->items[0], "let_go_at").n > 0);
    assert_false(duo_has(duo_list(v, "may"), "retract"));
    duo_done(&d);
}

static Err act(Duo *d, const Desk *who, Str id, DeskShareActDraft draft, Buf *json) {
    buf_clear(json);
    return desk_share_act(&d->c, who, id, &draft, json);
}

static void test_handling_is_accepted_first(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open(&d);
    Ctx *c = &d.c;
    Str report = duo_report(&d, &d.th, "R1", ""), mm = STR("mm");
    DeskShareDraft no_title = {.to = &mm, .to_count = 1, .handling = STR("H2")};
    assert_int_equal(desk_share(c, &d.th.w.desk, report, &no_title, &json), E_INVALID);
    const JsonValue *v =
        duo_share(&d, &d.th, report,
                  (DeskShareDraft){.handling = STR("H2"), .title = STR("zqtitle of a report")});
    assert_true(duo_true(v, "needs_accept"));
    Str id = duo_str(&duo_list(v, "shares")->items[0], "id");
    duo_carry(&d);
    assert_false(duo_sees(&d, &d.mm, report));
    assert_false(world_grep(&d.mm.w, d.mm.w.dir, STR("0011223344"), NULL));
    assert_true(front_has(&d, &d.mm, "share", "accept", false));
    v = shares(&d, &d.mm, DESK_BOX_IN);
    assert_true(str_eq_c(duo_str(&v->items[0], "state"), "offered"));
    assert_true(duo_str(&v->items[0], "due_at").n > 0);
    assert_true(duo_has(duo_list(&v->items[0], "may"), "accept"));
    // The author does not answer; the wrong code and a locked key accept nothing.
    const Desk *desk = &d.mm.w.desk;
    assert_int_equal(act(&d, &d.th.w.desk, id, (DeskShareActDraft){.act = STR("accept")}, &json),
                     E_DENIED);
    assert_int_equal(act(&d, desk, id, (DeskShareActDraft){.act = STR("accept")}, &json),
                     E_INVALID);
    assert_int_equal(
        act(&d, desk, id, (DeskShareActDraft){.act = STR("accept"), .handling = STR("H1")}, &json),
        E_INVALID);
    assert_int_equal(act(&d, desk, id, (DeskShareActDraft){.act = STR("receive")}, &json), E_STATE);
    Desk locked = *desk;
    locked.key = NULL;
    assert_int_equal(act(&d, &locked, id,
                         (DeskShareActDraft){.act = STR("accept"), .handling = STR("H2")}, &json),
                     E_DENIED);
    assert_ok(c, act(&d, desk, id, (DeskShareActDraft){.act = STR("accept"), .handling = STR("H2")},
                     &json));
    duo_carry(&d);
    assert_true(duo_sees(&d, &d.mm, report));
    v = shares(&d, &d.th, DESK_BOX_OUT);
    assert_true(str_eq_c(duo_str(&v->items[0], "state"), "accepted"));
    assert_int_equal(duo_list(&v->items[0], "acts")->count, 1);
    assert_int_equal(act(&d, desk, id, (DeskShareActDraft){.act = STR("refuse")}, &json), E_STATE);
    duo_done(&d);
}

static void test_refused_and_overdue(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open(&d);
    Ctx *c = &d.c;
    Str one = duo_report(&d, &d.th, "R1", ""), two = duo_report(&d, &d.th, "R2", "");
    DeskShareDraft guarded = {.handling = STR("H1"), .title = STR("x")};
    const JsonValue *v = duo_share(&d, &d.th, one, guarded);
    Str id = duo_str(&duo_list(v, "shares")->items[0], "id");
    duo_share(&d, &d.th, two, guarded);
    duo_carry(&d);
    assert_ok(c,
              act(&d, &d.mm.w.desk, id,
                  (DeskShareActDraft){.act = STR("refuse"), .note = STR("no court here")}, &json));
    duo_carry(&d);
    duo_pass(&d, 80 * HOUR_US);
    duo_carry(&d);
    assert_false(duo_sees(&d, &d.mm, one));
    v = shares(&d, &d.th, DESK_BOX_OUT);
    size_t refused = 0, overdue = 0;
    for (uint32_t i = 0; i < v->count; i++) {
        refused += str_eq_c(duo_str(&v->items[i], "state"), "refused");
        overdue += duo_true(&v->items[i], "overdue");
    }
    assert_int_equal(refused, 1);
    assert_int_equal(overdue, 1);
    assert_true(front_has(&d, &d.th, "share", "answer", true));
    assert_true(front_has(&d, &d.mm, "share", "accept", true));
    duo_done(&d);
}

static void test_narrowing_asks_who_loses_it(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open(&d);
    Ctx *c = &d.c;
    Side kh; // a third, confirmed by TH alone: it is promised the record and never calls
    memset(&kh, 0, sizeof kh);
    world_open_seeded(&kh.w, 23, "KH", "centre");
    DeskPeerDraft peer = {.card = duo_card(&d, &kh), .name = STR("kh")};
    assert_ok(c, desk_peer_add(c, &d.th.w.desk, &peer, &json));
    Str report = duo_report(&d, &d.th, "R1", ""), both[] = {STR("mm"), STR("kh")};
    duo_share(&d, &d.th, report, (DeskShareDraft){.to = both, .to_count = 2});
    duo_carry(&d);
    DeskShareDraft only = {.to = &both[1], .to_count = 1, .only = true};
    buf_clear(&json);
    assert_ok(c, desk_share_preview_json(c, &d.th.w.desk, report, &only, &json));
    const JsonValue *loses = duo_list(duo_read(&d, &json), "loses");
    assert_int_equal(loses->count, 1);
    assert_true(str_eq_c(duo_str(&loses->items[0], "name"), "mm"));
    const JsonValue *v = duo_share(&d, &d.th, report, only);
    assert_int_equal(duo_list(v, "retracts")->count, 1);
    duo_carry(&d);
    assert_false(duo_sees(&d, &d.mm, report));
    v = retractions(&d, &d.th);
    assert_int_equal(v->count, 1);
    assert_int_equal(duo_list(&v->items[0], "from")->count, 1);
    world_done(&kh.w);
    duo_done(&d);
}

// A retraction by mistake: what was let go stays away, and the same is said in a record of its own.
static void test_said_again(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open(&d);
    Ctx *c = &d.c;
    Str report = duo_report(&d, &d.th, "zq00001x", ""), mm = STR("mm"), other;
    DeskRetractDraft back = {.reason = STR("by mistake")};
    DeskShareDraft draft = {.to = &mm, .to_count = 1};
    size_t at;
    duo_share(&d, &d.th, report, draft);
    duo_carry(&d);
    // Asked before it came: it would not be taken either.
    Str early = duo_report(&d, &d.th, "zq00002x", "");
    duo_share(&d, &d.th, early, draft);
    assert_ok(c, desk_retract(c, &d.th.w.desk, early, &back, &json));
    duo_carry(&d);
    other = duo_str(&duo_list(duo_share(&d, &d.th, early, draft), "shares")->items[0], "record");
    duo_carry(&d);
    assert_true(!str_eq(other, early) && duo_sees(&d, &d.mm, other));
    for (int i = 0; i < 2; i++) { // acknowledged, and only asked
        buf_clear(&json);
        assert_ok(c, desk_retract(c, &d.th.w.desk, report, &back, &json));
        if (i == 0)
            duo_carry(&d);
        buf_clear(&json);
        assert_ok(c, desk_share_preview_json(c, &d.th.w.desk, report, &draft, &json));
        assert_true(str_find(duo_str(duo_read(&d, &json), "words"),
                             i == 0 ? STR("mm let go of it on") : STR("mm was asked to let go"),
                             &at));
        const JsonValue *v = duo_share(&d, &d.th, report, draft);
        other = duo_str(&duo_list(v, "shares")->items[0], "record");
        assert_false(str_eq(other, report));
        duo_carry(&d);
        assert_false(duo_sees(&d, &d.mm, report));
        assert_true(duo_sees(&d, &d.mm, other));
        report = other;
    }
    DeskReport there, here;
    assert_ok(c, desk_report_get(c, &d.mm.w.desk, report, &there));
    assert_true(str_eq_c(there.id, "zq00001x"));
    assert_ok(c, desk_report_get(c, &d.th.w.desk, STR("zq00001x"), &here)); // ours is the first one
    assert_false(str_eq(here.record, report));
    // A case stands for more than its words.
    DeskCase k;
    assert_ok(c, desk_case_new(c, &d.th.w.desk, STR("Ring"), &k));
    Str id;
    assert_ok(c, str_copy(c, k.id, &id));
    duo_share(&d, &d.th, id, draft);
    duo_carry(&d);
    buf_clear(&json);
    assert_ok(c, desk_retract(c, &d.th.w.desk, id, &back, &json));
    duo_carry(&d);
    buf_clear(&json);
    assert_int_equal(desk_share(c, &d.th.w.desk, id, &draft, &json), E_STATE);
    assert_true(str_find(str_of(c->error), STR("mm let go of it on"), &at));
    duo_done(&d);
}

static Err shared(Duo *d, Str record, DeskShareDraft draft, const char *words) {
    AUTO(Buf) json = {0};
    size_t at;
    Err e = desk_share(&d->c, &d->th.w.desk, record, &draft, &json);
    Str said = e == OK ? duo_str(duo_read(d, &json), "words") : str_of(d->c.error);
    if (!str_find(said, str_of(words), &at))
        fail_msg("%s is not in: " STR_FMT, words, STR_ARG(said));
    return e;
}

// The same share stands once; another one says whose place it takes, and what it changes.
static void test_same_share(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open(&d);
    Ctx *c = &d.c;
    Side kh;
    memset(&kh, 0, sizeof kh);
    world_open_seeded(&kh.w, 23, "KH", "centre");
    DeskPeerDraft peer = {.card = duo_card(&d, &kh), .name = STR("kh")};
    assert_ok(c, desk_peer_add(c, &d.th.w.desk, &peer, &json));
    Str report = duo_report(&d, &d.th, "R1", ""), both[] = {STR("mm"), STR("kh")};
    DeskShareDraft mm = {.to = both, .to_count = 1}, all = {.to = both, .to_count = 2};
    const JsonValue *v = duo_share(&d, &d.th, report, mm);
    Str first;
    assert_ok(c, str_copy(c, duo_str(&duo_list(v, "shares")->items[0], "id"), &first));
    for (int i = 0; i < 2; i++) { // before it went out, and after
        assert_int_equal(shared(&d, report, mm, first.p), E_STATE);
        buf_clear(&json);
        assert_ok(c, desk_share_preview_json(c, &d.th.w.desk, report, &mm, &json));
        size_t at;
        assert_true(str_find(duo_str(duo_read(&d, &json), "words"),
                             STR("The same share with mm stands since"), &at));
        duo_carry(&d);
    }
    // To one more: what stands is not said again.
    v = duo_share(&d, &d.th, report, all);
    assert_int_equal(duo_list(v, "shares")->count, 1);
    assert_int_equal(shared(&d, report, all, "the same share with kh stands"), E_STATE);
    // Another mark, end or title takes its place, and then that one stands.
    mm.tlp = STR("AMBER");
    assert_ok(c, shared(&d, report, mm, "TLP:AMBER+STRICT becomes AMBER"));
    assert_int_equal(shared(&d, report, mm, "stands since"), E_STATE);
    mm.until = STR("2026-02-01T00:00:00Z");
    mm.title = STR("An account");
    assert_ok(c, shared(&d, report, mm, "It takes the place of the share with mm of"));
    assert_int_equal(shared(&d, report, mm, "stands since"), E_STATE);
    mm.until = STR("2026-02-01T00:00:01Z");
    assert_ok(c, shared(&d, report, mm, ": the end "));
    // With fewer, the rest unchanged: only the others are asked.
    mm.only = true;
    v = duo_share(&d, &d.th, report, mm);
    assert_int_equal(duo_list(v, "shares")->count, 0);
    assert_int_equal(duo_list(v, "retracts")->count, 1);
    // Refused is not standing.
    Str other = duo_report(&d, &d.th, "R2", "");
    DeskShareDraft guarded = {
        .to = both, .to_count = 1, .handling = STR("H2"), .title = STR("A report")};
    v = duo_share(&d, &d.th, other, guarded);
    assert_int_equal(shared(&d, other, guarded, "stands since"), E_STATE);
    duo_carry(&d);
    DeskShareActDraft no = {.act = STR("refuse"), .note = STR("not ours")};
    buf_clear(&json);
    assert_ok(c, desk_share_act(c, &d.mm.w.desk, duo_str(&duo_list(v, "shares")->items[0], "id"),
                                &no, &json));
    duo_carry(&d);
    assert_ok(c, shared(&d, other, guarded, "Nothing but the title"));
    // To a flagged party it is said anew, and waits once.
    DeskPartyDraft flag = {.party = STR("kh"), .source = STR("a list"), .active = true};
    buf_clear(&json);
    assert_ok(c, desk_party_flag(c, &d.th.w.desk, &flag, &json));
    DeskShareDraft to_kh = {.to = &both[1], .to_count = 1};
    assert_ok(c, shared(&d, other, to_kh, "flagged"));
    assert_int_equal(shared(&d, other, to_kh, "waits for a second officer since"), E_STATE);
    world_done(&kh.w);
    duo_done(&d);
}

static void test_a_lower_mark_follows(void **state) {
    (void)state;
    Duo d;
    duo_open(&d);
    Str report = duo_report(&d, &d.th, "R1", ""), purpose = STR("liaison");
    duo_share(&d, &d.th, report, (DeskShareDraft){.tlp = STR("AMBER")});
    duo_carry(&d);
    assert_true(duo_sees(&d, &d.mm, report));
    // The officer there works for another purpose: the later share hides it from these eyes.
    duo_share(&d, &d.th, report,
              (DeskShareDraft){.tlp = STR("AMBER"), .purposes = &purpose, .purpose_count = 1});
    duo_carry(&d);
    assert_false(duo_sees(&d, &d.mm, report));
    Desk liaison;
    assert_ok(&d.c, desk_as_for(&d.c, d.mm.w.node, (Str){0}, STR("liaison"), &liaison));
    DeskRecord r;
    assert_ok(&d.c, desk_record_get(&d.c, &liaison, report, &r));
    duo_done(&d);
}

static void test_what_cannot_be_shared(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open(&d);
    Ctx *c = &d.c;
    Str report = duo_report(&d, &d.th, "R1", ""), mm = STR("mm"), kh = STR("kh");
    struct {
        DeskShareDraft draft;
        Err e;
    } bad[] = {
        {{.to = &kh, .to_count = 1}, E_NOT_FOUND},
        {{.to_count = 0}, E_INVALID},
        {{.to = &mm, .to_count = 1, .tlp = STR("PINK")}, E_INVALID},
        {{.to = &mm, .to_count = 1, .handling = STR("H9")}, E_INVALID},
        {{.to = &mm, .to_count = 1, .handling = STR("H3"), .title = STR("x")}, E_INVALID},
        {{.to = &mm, .to_count = 1, .until = STR("2001-01-01T00:00:00Z")}, E_INVALID},
        {{.to = &mm, .to_count = 1, .accord = STR("none")}, E_NOT_FOUND},
        {{.to = &mm, .to_count = 1, .purposes = &kh, .purpose_count = 1}, E_INVALID},
        {{.to = &mm, .to_count = 1, .answers = STR("x")}, E_NOT_FOUND},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        buf_clear(&json);
        Err e = desk_share(c, &d.th.w.desk, report, &bad[i].draft, &json);
        if (e != bad[i].e)
            fail_msg("share %zu: %s: %s", i, err_name(e), c->error);
    }
    // Kinds that never go out by hand: our peer record, a share itself.
    DeskRecordList list;
    DeskShareDraft good = {.to = &mm, .to_count = 1};
    assert_ok(c, desk_record_list(c, &d.th.w.desk, STR("peer"), (DeskPage){0}, &list));
    assert_int_equal(desk_share(c, &d.th.w.desk, list.items[0].id, &good, &json), E_DENIED);
    assert_ok(c, desk_record_list(c, &d.th.w.desk, STR("genesis"), (DeskPage){0}, &list));
    buf_clear(&json);
    assert_int_equal(desk_share(c, &d.th.w.desk, list.items[0].id, &good, &json), E_DENIED);
    duo_done(&d);
}

static void test_two_officers_for_a_flagged_party(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open(&d);
    Ctx *c = &d.c;
    DeskPartyDraft flag = {.party = STR("mm"), .source = STR("a list"), .active = true};
    assert_ok(c, desk_party_flag(c, &d.th.w.desk, &flag, &json));
    Str report = duo_report(&d, &d.th, "R1", "");
    const JsonValue *v = duo_share(&d, &d.th, report, (DeskShareDraft){0});
    const JsonValue *one = &duo_list(v, "shares")->items[0];
    Str id = duo_str(one, "id");
    assert_true(duo_true(v, "needs_second") && str_eq_c(duo_str(one, "state"), "waits"));
    assert_true(str_eq_c(duo_str(one, "name"), "mm"));
    duo_carry(&d);
    assert_int_equal(shares(&d, &d.mm, DESK_BOX_IN)->count, 0);
    DeskShareActDraft second = {.act = STR("second")};
    assert_int_equal(act(&d, &d.th.w.desk, id, second, &json), E_DENIED); // its own author
    assert_ok(c, act(&d, &d.th.second, id, second, &json));
    assert_true(str_eq_c(duo_str(duo_read(&d, &json), "state"), "shared"));
    assert_int_equal(act(&d, &d.th.second, id, second, &json), E_STATE);
    duo_carry(&d);
    assert_true(duo_sees(&d, &d.mm, report));
    duo_done(&d);
}

static void test_an_erasure_reaches_who_has_it(void **state) {
    (void)state;
    Duo d;
    duo_open(&d);
    Ctx *c = &d.c;
    Str report = duo_report(&d, &d.th, "R1", "");
    duo_share(&d, &d.th, report, (DeskShareDraft){0});
    duo_carry(&d);
    assert_true(duo_sees(&d, &d.mm, report));
    DeskRecord r;
    assert_int_equal(desk_erase(c, &d.mm.w.desk, report, STR("asked"), &r), E_DENIED);
    assert_ok(c, desk_erase(c, &d.th.w.desk, report, STR("asked"), &r));
    const JsonValue *v = retractions(&d, &d.th);
    assert_int_equal(v->count, 1);
    assert_true(str_eq_c(duo_str(&v->items[0], "what"), "erase"));
    duo_carry(&d);
    assert_false(duo_sees(&d, &d.mm, report));
    assert_false(world_grep(&d.mm.w, d.mm.w.dir, STR("0011223344"), NULL));
    v = retractions(&d, &d.th);
    assert_true(str_eq_c(duo_str(&v->items[0], "words"), "acknowledged by all 1"));
    duo_done(&d);
}

// Nobody reads an id: what was taken back is what it was called when shared, else words of ours.
static void test_taken_back_in_words(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    DeskRetractDraft back = {.reason = STR("wrong person")};
    DeskRecord r;
    DeskCase k;
    duo_open(&d);
    Ctx *c = &d.c;
    Str named = duo_report(&d, &d.th, "R1", ""), report = duo_report(&d, &d.th, "R2", "");
    Str gone = duo_report(&d, &d.th, "R3", ""), added, case_id;
    assert_ok(c, desk_case_new(c, &d.th.w.desk, STR("Ring"), &k));
    assert_ok(c, str_copy(c, k.id, &case_id));
    assert_ok(c, desk_case_add(c, &d.th.w.desk, case_id, &report, 1));
    duo_share(&d, &d.th, named, (DeskShareDraft){.title = STR("A call")});
    duo_share(&d, &d.th, report, (DeskShareDraft){0});
    duo_share(&d, &d.th, gone, (DeskShareDraft){0});
    duo_share(&d, &d.th, case_id, (DeskShareDraft){0});
    DeskRecordList in_case;
    assert_ok(c, desk_record_list(c, &d.th.w.desk, STR("case_add"), (DeskPage){0}, &in_case));
    assert_int_equal(in_case.count, 1);
    added = in_case.items[0].id;
    duo_carry(&d);
    const Str taken[] = {named, report, case_id};
    assert_ok(c, desk_erase(c, &d.th.w.desk, added, STR("asked"), &r));
    for (size_t i = 0; i < COUNT_OF(taken); i++) {
        buf_clear(&json);
        assert_ok(c, desk_retract(c, &d.th.w.desk, taken[i], &back, &json));
    }
    assert_ok(c, desk_erase(c, &d.th.w.desk, gone, STR("asked"), &r));
    static const char *const words[] = {
        "our report, shared 2026-01-01 ", "our case Ring of 2026-01-01 ",
        "our report R2 of 2026-01-01 ", "A call", "a part of our case Ring of 2026-01-01 "};
    const JsonValue *v = retractions(&d, &d.th);
    assert_int_equal(v->count, COUNT_OF(words));
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (!str_starts(duo_str(&v->items[i], "title"), str_of(words[i])))
            fail_msg(STR_FMT ", not %s", STR_ARG(duo_str(&v->items[i], "title")), words[i]);
    duo_done(&d);
}

// Erasures and retractions in one list, page by page; what is late is on the front, though the peer
// was removed since.
static void test_taken_back_page_by_page(void **state) {
    (void)state;
    Duo d;
    duo_open(&d);
    Ctx *c = &d.c;
    Str want[5], ids[5];
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        char name[8];
        snprintf(name, sizeof name, "R%zu", i);
        ids[i] = duo_report(&d, &d.th, name, "");
        duo_share(&d, &d.th, ids[i], (DeskShareDraft){0});
    }
    Str kept = duo_report(&d, &d.th, "R9", "");
    duo_carry(&d);
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        AUTO(Buf) json = {0};
        DeskRecord r;
        DeskRetractDraft back = {.reason = STR("wrong person")};
        if (i % 2)
            assert_ok(c, desk_erase(c, &d.th.w.desk, ids[i], STR("asked"), &r));
        else
            assert_ok(c, desk_retract(c, &d.th.w.desk, ids[i], &back, &json));
        want[COUNT_OF(ids) - 1 - i] = ids[i];
    }
    DeskRecord r;
    assert_ok(c, desk_erase(c, &d.th.w.desk, kept, STR("nobody had it"), &r));
    for (size_t limit = 1; limit <= 6; limit++) {
        DeskPage page = {.limit = limit};
        size_t seen = 0;
        do {
            AUTO(Buf) json = {0};
            assert_ok(c, desk_retraction_list_json(c, &d.th.w.desk, page, &json));
            const JsonValue *v = duo_read(&d, &json), *items = duo_list(v, "items");
            assert_true(items->count <= limit);
            for (uint32_t i = 0; i < items->count; i++, seen++) {
                assert_true(seen < COUNT_OF(want));
                assert_true(str_eq(duo_str(&items->items[i], "record"), want[seen]));
                assert_true(
                    str_eq_c(duo_str(&items->items[i], "what"), seen % 2 ? "erase" : "retract"));
            }
            page.cursor = duo_str(v, "next");
        } while (page.cursor.n > 0);
        assert_int_equal(seen, COUNT_OF(want));
    }
    AUTO(Buf) json = {0};
    assert_ok(c, desk_peer_revoke(c, &d.th.w.desk, STR("mm"), STR("ended"), &json));
    assert_false(front_has(&d, &d.th, "retract", "call", true));
    duo_pass(&d, 25 * HOUR_US);
    assert_true(front_has(&d, &d.th, "retract", "call", true));
    buf_clear(&json);
    assert_ok(c, desk_exchange_json(c, &d.th.w.desk, &json));
    const JsonValue *alarms = duo_list(duo_read(&d, &json), "alarms");
    assert_int_equal(alarms->count, COUNT_OF(ids));
    const JsonValue *all = retractions(&d, &d.th);
    assert_int_equal(all->count, COUNT_OF(ids));
    for (uint32_t i = 0; i < all->count; i++)
        assert_true(duo_true(&all->items[i], "overdue"));
    duo_done(&d);
}

static void test_bundles_carry_the_same(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open(&d);
    Ctx *c = &d.c;
    Str report = duo_report(&d, &d.th, "R1", ""), file = world_path(&d.th.w, "to-mm.moei");
    duo_share(&d, &d.th, report, (DeskShareDraft){0});
    assert_ok(c, desk_bundle_export(c, &d.th.w.desk, STR("mm"), file, (DeskProgress){0}, &json));
    const JsonValue *v = duo_read(&d, &json);
    assert_true(duo_int(v, "messages") >= 1 && duo_int(v, "records") >= 2);
    // It tells neither sender nor recipient, and is for nobody else.
    Str bytes;
    size_t at;
    assert_ok(c, file_read_all(c, file, 1 << 20, &bytes));
    assert_false(str_find(bytes, str_of(d.th.w.node->agency_id), &at));
    buf_clear(&json);
    assert_int_equal(desk_bundle_import(c, &d.th.w.desk, file, (DeskProgress){0}, &json), E_DENIED);
    for (int i = 0; i < 2; i++) {
        buf_clear(&json);
        assert_ok(c, desk_bundle_import(c, &d.mm.w.desk, file, (DeskProgress){0}, &json));
        v = duo_read(&d, &json);
        assert_true(str_eq_c(duo_str(v, "name"), "th"));
        assert_int_equal(duo_int(v, "refused"), 0);
        assert_true(i == 0 ? duo_int(v, "new") > 0 : duo_int(v, "new") == 0);
    }
    assert_true(duo_sees(&d, &d.mm, report));
    // Cut short, what is whole counts and the reason is told.
    Str cut = world_path(&d.th.w, "cut.moei");
    assert_ok(c, file_replace(c, cut, (Str){bytes.p, bytes.n - 5}));
    buf_clear(&json);
    assert_ok(c, desk_bundle_import(c, &d.mm.w.desk, cut, (DeskProgress){0}, &json));
    assert_true(duo_str(duo_read(&d, &json), "words").n > 0);
    duo_done(&d);
}

static void test_a_proof_stands_alone(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open(&d);
    Ctx *c = &d.c;
    Str report = duo_report(&d, &d.th, "R1", "");
    duo_share(&d, &d.th, report, (DeskShareDraft){0});
    duo_carry(&d);
    duo_carry(&d);
    assert_ok(c, desk_log_proof_json(c, &d.th.w.desk, report, &json));
    const JsonValue *v = duo_read(&d, &json);
    assert_true(duo_true(v, "verified"));
    assert_int_equal(duo_list(v, "cosignatures")->count, 1); // by MM, which saw that head
    assert_true(duo_int(v, "leaf") < duo_int(v, "size"));
    // The same record proven by the other side, from its sparse copy of the log.
    buf_clear(&json);
    assert_ok(c, desk_log_proof_json(c, &d.mm.w.desk, report, &json));
    const JsonValue *theirs = duo_read(&d, &json);
    assert_true(duo_true(theirs, "verified"));
    assert_true(str_eq(duo_str(v, "commitment"), duo_str(theirs, "commitment")));
    assert_true(str_eq(duo_str(v, "log_key"), duo_str(theirs, "log_key")));
    assert_int_equal(duo_int(v, "leaf"), duo_int(theirs, "leaf"));
    duo_done(&d);
}

// An end that the grant names: the recipient's node lets go by itself when it next exchanges.
static void test_until_ends_by_file_too(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open(&d);
    Ctx *c = &d.c;
    Str report = duo_report(&d, &d.th, "R1", ""), file = world_path(&d.mm.w, "to-th.moei");
    duo_share(&d, &d.th, report, (DeskShareDraft){.until = STR("2026-01-02T00:00:00Z")});
    duo_carry(&d);
    assert_true(duo_sees(&d, &d.mm, report));
    duo_pass(&d, 48 * HOUR_US);
    assert_ok(c, desk_bundle_export(c, &d.mm.w.desk, STR("th"), file, (DeskProgress){0}, &json));
    assert_false(duo_sees(&d, &d.mm, report));
    assert_false(world_grep(&d.mm.w, d.mm.w.dir, STR("0011223344"), NULL));
    buf_clear(&json);
    assert_ok(c, desk_bundle_import(c, &d.th.w.desk, file, (DeskProgress){0}, &json));
    const JsonValue *v = duo_list(sharing(&d, &d.th, report), "holders");
    assert_true(duo_str(&v->items[0], "let_go_at").n > 0);
    assert_true(str_eq_c(duo_str(&shares(&d, &d.mm, DESK_BOX_IN)->items[0], "state"), "ended"));
    duo_done(&d);
}

static void test_a_victim_is_named_as_one(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open(&d);
    Ctx *c = &d.c;
    DeskRecordList list;
    Str mm = STR("mm");
    size_t at;
    (void)duo_report(&d, &d.th, "R1", "");
    assert_ok(c, desk_record_list(c, &d.th.w.desk, STR("victim"), (DeskPage){0}, &list));
    DeskShareDraft draft = {.to = &mm, .to_count = 1};
    assert_ok(c, desk_share_preview_json(c, &d.th.w.desk, list.items[0].id, &draft, &json));
    const JsonValue *v = duo_read(&d, &json);
    assert_true(str_find(duo_str(v, "words"), STR("who lost money"), &at));
    assert_true(str_find(duo_str(&duo_list(v, "sees")->items[0], "words"),
                         STR("only who may read victims"), &at));
    duo_done(&d);
}

int run_desk_share_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_preview_changes_nothing),
        cmocka_unit_test(test_share_and_take_back),
        cmocka_unit_test(test_handling_is_accepted_first),
        cmocka_unit_test(test_refused_and_overdue),
        cmocka_unit_test(test_narrowing_asks_who_loses_it),
        cmocka_unit_test(test_said_again),
        cmocka_unit_test(test_same_share),
        cmocka_unit_test(test_a_lower_mark_follows),
        cmocka_unit_test(test_what_cannot_be_shared),
        cmocka_unit_test(test_two_officers_for_a_flagged_party),
        cmocka_unit_test(test_an_erasure_reaches_who_has_it),
        cmocka_unit_test(test_taken_back_in_words),
        cmocka_unit_test(test_taken_back_page_by_page),
        cmocka_unit_test(test_bundles_carry_the_same),
        cmocka_unit_test(test_a_proof_stands_alone),
        cmocka_unit_test(test_until_ends_by_file_too),
        cmocka_unit_test(test_a_victim_is_named_as_one),
    };
    return cmocka_run_group_tests_name("desk share", tests, NULL, NULL);
}
