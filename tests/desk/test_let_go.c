// What is let go of stays away: whatever came first, by whatever road, content that was erased,
// taken back or has ended is never readable again and is in no file.
#include "duo.h"
#include "groups.h"

#include <zip.h>

#define HOUR_US 3600000000LL
#define TWO_HOURS "2026-01-01T11:00:00Z"

typedef enum Because { BY_ERASE, BY_RETRACT, BY_UNTIL, BECAUSES } Because;

// --- messages -----------------------------------------------------------------------------------

static void make(Duo *d, Side *from, Side *to, Buf *out) {
    CryptoHash id = duo_id(to);
    DeskSyncAsk ask = {0};
    bool news;
    duo_tick(d, from);
    assert_ok(&d->c, desk_sync_make(&d->c, from->w.node, &id, &ask, out, &news));
    assert_true(news);
}

static void take(Duo *d, Side *from, Side *to, const Buf *message) {
    CryptoHash id = duo_id(from);
    DeskSyncTaken taken;
    assert_ok(&d->c, desk_sync_take(&d->c, to->w.node, &id, buf_view(message), &taken));
}

// "1" and "2" are messages that come, "t" is what time brings, "r" a new start.
static void in_order(Duo *d, Side *from, Side *to, const char *order, const Buf *one,
                     const Buf *two) {
    for (const char *at = order; *at; at++) {
        if (*at == '1')
            take(d, from, to, one);
        else if (*at == '2')
            take(d, from, to, two);
        else if (*at == 't')
            duo_tick(d, to);
        else
            world_reopen(&to->w);
    }
}

// --- what must be so ----------------------------------------------------------------------------

static void assert_gone(Duo *d, Side *s, Str record, const char *word, const char *story) {
    DeskRecord r;
    DeskReportList reports;
    AUTO(Buf) found = {0}, none = {0};
    Str where = {0};
    Err e = desk_record_get(&d->c, &s->w.desk, record, &r);
    if (e == OK && r.envelope.n > 0)
        fail_msg("%s: it shows its content", story);
    assert_ok(&d->c, desk_report_list(&d->c, &s->w.desk, (DeskPage){0}, &reports));
    for (size_t i = 0; i < reports.count; i++)
        if (str_eq_c(reports.items[i].id, word))
            fail_msg("%s: it is in the list", story);
    assert_ok(&d->c, desk_search_json(&d->c, &s->w.desk, str_of(word), &found));
    assert_ok(&d->c, desk_search_json(&d->c, &s->w.desk, STR("zq99999x"), &none));
    if (!str_eq(buf_view(&found), buf_view(&none)))
        fail_msg("%s: search finds it", story);
    if (world_grep(&s->w, s->w.dir, str_of(word), &where))
        fail_msg("%s: it is in " STR_FMT, story, STR_ARG(where));
    // What is left is whole and proven.
    DeskVerdict v;
    assert_ok(&d->c, desk_verify(&d->c, s->w.node, (DeskProgress){0}, &v));
    if (!v.ok)
        fail_msg("%s: " STR_FMT ": " STR_FMT, story, STR_ARG(v.where), STR_ARG(v.what));
}

static void let_it_go(Duo *d, Side *s, Str record, Because because) {
    AUTO(Buf) json = {0};
    DeskRecord r;
    DeskRetractDraft back = {.reason = STR("a mistake")};
    if (because == BY_ERASE)
        assert_ok(&d->c, desk_erase(&d->c, &s->w.desk, record, STR("asked"), &r));
    if (because == BY_RETRACT)
        assert_ok(&d->c, desk_retract(&d->c, &s->w.desk, record, &back, &json));
    if (because == BY_UNTIL)
        duo_pass(d, 5 * HOUR_US);
}

// Everybody who was asked has said that it let go.
static void assert_acknowledged(Duo *d, Side *s, const char *story) {
    AUTO(Buf) json = {0};
    assert_ok(&d->c, desk_retraction_list_json(&d->c, &s->w.desk, (DeskPage){0}, &json));
    const JsonValue *items = duo_list(duo_read(d, &json), "items");
    assert_true(items->count > 0);
    for (uint32_t i = 0; i < items->count; i++) {
        const JsonValue *from = duo_list(&items->items[i], "from");
        for (uint32_t k = 0; k < from->count; k++)
            if (duo_str(&from->items[k], "let_go_at").n == 0)
                fail_msg("%s: " STR_FMT " did not acknowledge", story,
                         STR_ARG(duo_str(&from->items[k], "name")));
    }
}

// The picture made anew from what is held is the same one.
static void assert_rebuilt(Duo *d, Side *s) {
    DeskRebuild r;
    assert_ok(&d->c, desk_rebuild(&d->c, s->w.node, (DeskProgress){0}, &r));
    assert_true(r.compared && r.equal);
}

// --- one recipient ------------------------------------------------------------------------------

static void test_any_order(void **state) {
    (void)state;
    static const char *const orders[] = {"12t", "21t", "2t1", "2t1t1", "1t2t1", "2tr1t"};
    for (Because because = BY_ERASE; because < BY_UNTIL; because++) {
        Duo d;
        duo_open(&d);
        for (size_t i = 0; i < COUNT_OF(orders); i++) {
            AUTO(Buf) one = {0}, two = {0};
            char word[16], story[32];
            snprintf(word, sizeof word, "zq%05zux", i);
            snprintf(story, sizeof story, "%d %s", (int)because, orders[i]);
            Str report = duo_report(&d, &d.th, word, "");
            duo_share(&d, &d.th, report, (DeskShareDraft){0});
            make(&d, &d.th, &d.mm, &one);
            let_it_go(&d, &d.th, report, because);
            make(&d, &d.th, &d.mm, &two);
            in_order(&d, &d.th, &d.mm, orders[i], &one, &two);
            duo_carry(&d);
            assert_gone(&d, &d.mm, report, word, story);
            assert_acknowledged(&d, &d.th, story);
        }
        assert_rebuilt(&d, &d.mm);
        duo_done(&d);
    }
}

// A node that holds no retract at all.
static void test_what_has_ended(void **state) {
    (void)state;
    static const char *const orders[] = {"1t", "t1t", "1t1", "1tr1t"};
    Duo d;
    duo_open(&d);
    for (size_t i = 0; i < COUNT_OF(orders); i++) {
        AUTO(Buf) one = {0}, none = {0};
        char word[16], until[32];
        snprintf(word, sizeof word, "zq%05zux", i);
        snprintf(until, sizeof until, "2026-01-%02zuT00:00:00Z", 2 + 2 * i);
        Str report = duo_report(&d, &d.th, word, "");
        duo_share(&d, &d.th, report, (DeskShareDraft){.until = str_of(until)});
        make(&d, &d.th, &d.mm, &one);
        duo_pass(&d, 48 * HOUR_US);
        in_order(&d, &d.th, &d.mm, orders[i], &one, &none);
        assert_gone(&d, &d.mm, report, word, orders[i]);
        duo_carry(&d);
        assert_gone(&d, &d.mm, report, word, orders[i]);
    }
    assert_rebuilt(&d, &d.mm);
    duo_done(&d);
}

// What was added to the object stood in a message that comes after the object went.
static void test_second_batch(void **state) {
    (void)state;
    for (Because because = BY_ERASE; because < BECAUSES; because++) {
        Duo d;
        AUTO(Buf) late = {0}, next = {0};
        RecordId root, child;
        RecordMark mark;
        char id[RECORD_ID_TEXT_BYTES];
        duo_open(&d);
        Str report = duo_report(&d, &d.th, "zq00001x", "");
        duo_share(&d, &d.th, report, (DeskShareDraft){.until = STR(TWO_HOURS)});
        duo_carry(&d);
        assert_true(duo_sees(&d, &d.mm, report));
        assert_true(record_id_parse(report, &root));
        {
            AUTO(DeskWriting) w = {0};
            AUTO(DeskReading) r = {0};
            assert_ok(&d.c, desk_writing_begin(&d.c, d.th.w.node, &d.th.w.desk, &w));
            assert_ok(&d.c, desk_reading_begin(&d.c, &d.th.w.desk, &r));
            assert_ok(&d.c, desk_mark_of(&d.c, r.slot, root, &mark));
            DeskDraft draft = {
                .kind = RECORD_STANDING,
                .has_of = true,
                .of = root,
                .mark = &mark,
                .body = STR("{\"document\":null,\"note\":\"zq00002x\",\"standing\":\"claimed\"}")};
            assert_ok(&d.c, desk_record_add(&d.c, &w, &draft, &child));
        }
        record_id_text(child, id);
        make(&d, &d.th, &d.mm, &late);
        let_it_go(&d, &d.th, because == BY_ERASE ? str_of(id) : report, because);
        if (because == BY_UNTIL) {
            duo_tick(&d, &d.mm);
        } else {
            make(&d, &d.th, &d.mm, &next);
            take(&d, &d.th, &d.mm, &next);
            duo_tick(&d, &d.mm);
        }
        take(&d, &d.th, &d.mm, &late);
        assert_gone(&d, &d.mm, str_of(id), "zq00002x", "second batch");
        duo_carry(&d);
        assert_gone(&d, &d.mm, str_of(id), "zq00002x", "second batch");
        if (because != BY_ERASE)
            assert_gone(&d, &d.mm, report, "zq00001x", "second batch");
        assert_rebuilt(&d, &d.mm);
        duo_done(&d);
    }
}

// What is left of it is there for who could see it, and for nobody else.
static void test_the_shell_is_for_who_saw_it(void **state) {
    (void)state;
    for (Because because = BY_ERASE; because < BECAUSES; because++) {
        Duo d;
        DeskRecord r;
        Desk liaison;
        Str purpose = STR("liaison");
        duo_open(&d);
        Ctx *c = &d.c;
        Str report = duo_report(&d, &d.th, "zq00001x", ""), open = duo_report(&d, &d.th, "R2", "");
        duo_share(
            &d, &d.th, report,
            (DeskShareDraft){.purposes = &purpose, .purpose_count = 1, .until = STR(TWO_HOURS)});
        duo_share(&d, &d.th, open, (DeskShareDraft){.until = STR(TWO_HOURS)});
        duo_carry(&d);
        assert_ok(c, desk_as_for(c, d.mm.w.node, (Str){0}, purpose, &liaison));
        assert_ok(c, desk_record_get(c, &liaison, report, &r));
        assert_int_equal(desk_record_get(c, &d.mm.w.desk, report, &r), E_NOT_FOUND);
        let_it_go(&d, &d.th, report, because);
        if (because != BY_UNTIL)
            let_it_go(&d, &d.th, open, because);
        duo_carry(&d);
        assert_int_equal(desk_record_get(c, &d.mm.w.desk, report, &r), E_NOT_FOUND);
        assert_ok(c, desk_record_get(c, &liaison, report, &r));
        assert_true(r.envelope.n == 0);
        assert_ok(c, desk_record_get(c, &d.mm.w.desk, open, &r));
        assert_true(r.envelope.n == 0 && !str_eq_c(r.state, "held"));
        assert_rebuilt(&d, &d.mm);
        duo_done(&d);
    }
}

// The newest record of a kind, as this side lists it.
static Str newest(Duo *d, Side *s, const char *kind) {
    DeskRecordList l;
    assert_ok(&d->c, desk_record_list(&d->c, &s->w.desk, str_of(kind), (DeskPage){.limit = 1}, &l));
    assert_int_equal(l.count, 1);
    return l.items[0].id;
}

static bool has_content(Duo *d, Side *s, Str record) {
    DeskRecord r;
    Err e = desk_record_get(&d->c, &s->w.desk, record, &r);
    return e == OK && r.envelope.n > 0;
}

// An object that was erased in part goes as a whole later: that its part was erased stays said.
static void test_an_erasure_outlives_its_object(void **state) {
    (void)state;
    Duo d;
    DeskRecord r;
    size_t at;
    AUTO(Buf) json = {0};
    DeskRetractDraft back = {.reason = STR("a mistake")};
    duo_open(&d);
    Ctx *c = &d.c;
    Str report = duo_report(&d, &d.th, "zq00001x", "");
    assert_ok(c, desk_report_standing(c, &d.th.w.desk, STR("zq00001x"), STR("claimed"), (Str){0},
                                      STR("zq00002x")));
    duo_share(&d, &d.th, report, (DeskShareDraft){0});
    duo_carry(&d);
    Str standing = newest(&d, &d.th, "standing");
    assert_true(has_content(&d, &d.mm, standing));
    assert_ok(c, desk_erase(c, &d.th.w.desk, standing, STR("asked"), &r));
    duo_carry(&d);
    Str erasure = newest(&d, &d.th, "erase");
    // What we say of it ourselves is ours, and stays.
    assert_ok(c, desk_report_standing(c, &d.mm.w.desk, STR("th/zq00001x"), STR("claimed"), (Str){0},
                                      STR("zq00003x")));
    Str own = newest(&d, &d.mm, "standing");
    assert_false(has_content(&d, &d.mm, standing));
    assert_true(has_content(&d, &d.mm, erasure) && has_content(&d, &d.mm, report));
    assert_ok(c, desk_retract(c, &d.th.w.desk, report, &back, &json));
    duo_carry(&d);
    assert_gone(&d, &d.mm, report, "zq00001x", "after its part");
    assert_false(world_grep(&d.mm.w, d.mm.w.dir, STR("zq00002x"), NULL));
    assert_true(has_content(&d, &d.mm, erasure) && has_content(&d, &d.mm, own));
    // Who else had it is not said in what is left of it.
    assert_ok(c, desk_record_get(c, &d.mm.w.desk, newest(&d, &d.mm, "let_go"), &r));
    assert_true(str_find(r.envelope, STR("\"to\":[]"), &at));
    assert_acknowledged(&d, &d.th, "both");
    assert_rebuilt(&d, &d.mm);
    duo_done(&d);
}

// What its author said of an object that it erased goes with it, also where the share had an end;
// at home it stays, and so does what we say of it ourselves.
static void test_what_belongs_to_it_goes_too(void **state) {
    (void)state;
    Duo d;
    DeskRecord r;
    duo_open(&d);
    Ctx *c = &d.c;
    Str report = duo_report(&d, &d.th, "zq00001x", "");
    assert_ok(c, desk_report_standing(c, &d.th.w.desk, STR("zq00001x"), STR("claimed"), (Str){0},
                                      STR("zq00002x")));
    duo_share(&d, &d.th, report, (DeskShareDraft){.until = STR("2026-12-31T00:00:00Z")});
    duo_carry(&d);
    Str standing = newest(&d, &d.th, "standing");
    assert_ok(c, desk_report_standing(c, &d.mm.w.desk, STR("th/zq00001x"), STR("claimed"), (Str){0},
                                      STR("zq00003x")));
    Str own = newest(&d, &d.mm, "standing");
    assert_true(has_content(&d, &d.mm, standing) && has_content(&d, &d.mm, own));
    assert_ok(c, desk_erase(c, &d.th.w.desk, report, STR("asked"), &r));
    duo_carry(&d);
    assert_gone(&d, &d.mm, report, "zq00001x", "erased");
    assert_gone(&d, &d.mm, standing, "zq00002x", "what belonged to it");
    assert_true(has_content(&d, &d.th, standing) && has_content(&d, &d.mm, own));
    assert_acknowledged(&d, &d.th, "erased");
    assert_rebuilt(&d, &d.mm);
    duo_done(&d);
}

// Whether any file of a case file holds the word.
static bool zip_says(Duo *d, Str path, const char *word) {
    bool found = false;
    int code = 0;
    zip_t *z = zip_open(path.p, ZIP_RDONLY | ZIP_CHECKCONS, &code);
    assert_non_null(z);
    for (zip_int64_t i = 0; i < zip_get_num_entries(z, 0); i++) {
        zip_stat_t stat;
        char *bytes;
        size_t at;
        assert_int_equal(zip_stat_index(z, (zip_uint64_t)i, 0, &stat), 0);
        assert_ok(&d->c, ctx_alloc(&d->c, (size_t)stat.size + 1, &bytes));
        zip_file_t *in = zip_fopen_index(z, (zip_uint64_t)i, 0);
        assert_int_equal(zip_fread(in, bytes, stat.size), stat.size);
        zip_fclose(in);
        found = found || str_find((Str){bytes, (size_t)stat.size}, str_of(word), &at);
    }
    zip_close(z);
    return found;
}

// What leaves a recipient's node in a file: its own case with another agency's report in it.
static void test_nothing_of_it_is_exported(void **state) {
    (void)state;
    for (Because because = BY_ERASE; because < BECAUSES; because++) {
        Duo d;
        DeskCase k;
        duo_open(&d);
        Ctx *c = &d.c;
        const Desk *desk = &d.mm.w.desk;
        Str report = duo_report(&d, &d.th, "zq00001x", ""), theirs = STR("th/zq00001x");
        Str path = world_path(&d.mm.w, "case.zip");
        duo_share(&d, &d.th, report,
                  (DeskShareDraft){.until = because == BY_UNTIL ? STR(TWO_HOURS) : (Str){0}});
        duo_carry(&d);
        assert_ok(c, desk_case_new(c, desk, STR("Ours"), &k));
        assert_ok(c, desk_case_add(c, desk, k.id, &theirs, 1));
        DeskCaseFile file = {.case_id = k.id, .to = STR("the court")};
        assert_ok(c, desk_case_export(c, desk, &file, path, (DeskProgress){0}));
        assert_true(zip_says(&d, path, "zq00001x"));
        let_it_go(&d, &d.th, report, because);
        duo_carry(&d);
        assert_ok(c, desk_case_export(c, desk, &file, path, (DeskProgress){0}));
        assert_false(zip_says(&d, path, "zq00001x"));
        duo_done(&d);
    }
}

// A stick that was long on its way.
static void test_an_old_bundle(void **state) {
    (void)state;
    for (Because because = BY_ERASE; because < BY_UNTIL; because++) {
        Duo d;
        duo_open(&d);
        Ctx *c = &d.c;
        AUTO(Buf) json = {0};
        Str report = duo_report(&d, &d.th, "zq00001x", "");
        Str old = world_path(&d.th.w, "old.moei"), new = world_path(&d.th.w, "new.moei");
        duo_share(&d, &d.th, report, (DeskShareDraft){0});
        assert_ok(c, desk_bundle_export(c, &d.th.w.desk, STR("mm"), old, (DeskProgress){0}, &json));
        let_it_go(&d, &d.th, report, because);
        buf_clear(&json);
        assert_ok(c, desk_bundle_export(c, &d.th.w.desk, STR("mm"), new, (DeskProgress){0}, &json));
        buf_clear(&json);
        assert_ok(c, desk_bundle_import(c, &d.mm.w.desk, new, (DeskProgress){0}, &json));
        duo_tick(&d, &d.mm);
        buf_clear(&json);
        assert_ok(c, desk_bundle_import(c, &d.mm.w.desk, old, (DeskProgress){0}, &json));
        assert_gone(&d, &d.mm, report, "zq00001x", "bundle");
        duo_carry(&d);
        assert_acknowledged(&d, &d.th, "bundle");
        duo_done(&d);
    }
}

// --- by way of another --------------------------------------------------------------------------

// TH speaks with MM, MM with KH, and all three share an accord, by which MM mirrors.
static void three_open(Duo *d, Side *kh) {
    AUTO(Buf) json = {0};
    Str kind = STR("*");
    duo_open_apart(d);
    duo_side_open(kh, 23, "KH", "centre");
    duo_relay(d, &d->th, duo_card(d, &d->mm), "mm");
    duo_relay(d, &d->mm, duo_card(d, &d->th), "th");
    duo_relay(d, &d->mm, duo_card(d, kh), "kh");
    duo_relay(d, kh, duo_card(d, &d->mm), "mm");
    DeskMemberDraft members[] = {
        {.agency = STR("mm"), .law = STR("a law"), .mirror = true},
        {.agency = str_of(kh->w.node->agency_id), .law = STR("a law"), .mirror = true}};
    DeskAccordDraft draft = {.name = STR("sea"),
                             .title = STR("Sea"),
                             .members = members,
                             .member_count = 2,
                             .kinds = &kind,
                             .kind_count = 1};
    assert_ok(&d->c, desk_accord_new(&d->c, &d->th.w.desk, &draft, &json));
    duo_carry_three(d, kh);
    duo_sign(d, &d->th, "sea");
    duo_sign(d, &d->mm, "sea");
    duo_sign(d, kh, "sea");
    duo_carry_three(d, kh);
}

static void test_by_way_of_another(void **state) {
    (void)state;
    static const char *const orders[] = {"12t", "21t", "2t1", "1t2t1", "2tr1t"};
    for (Because because = BY_ERASE; because < BY_UNTIL; because++) {
        Duo d;
        Side kh;
        three_open(&d, &kh);
        for (size_t i = 0; i < COUNT_OF(orders); i++) {
            AUTO(Buf) one = {0}, two = {0};
            char word[16];
            snprintf(word, sizeof word, "zq%05zux", i);
            Str report = duo_report(&d, &d.th, word, "sea");
            duo_carry(&d);
            assert_true(duo_sees(&d, &d.mm, report));
            make(&d, &d.mm, &kh, &one);
            duo_carry(&d); // TH learns to whom it is passed on
            let_it_go(&d, &d.th, report, because);
            duo_carry(&d);
            make(&d, &d.mm, &kh, &two);
            in_order(&d, &d.mm, &kh, orders[i], &one, &two);
            duo_carry_three(&d, &kh);
            assert_gone(&d, &d.mm, report, word, orders[i]);
            assert_gone(&d, &kh, report, word, orders[i]);
            assert_acknowledged(&d, &d.th, orders[i]);
        }
        assert_rebuilt(&d, &kh);
        world_done(&kh.w);
        duo_done(&d);
    }
}

int run_desk_let_go_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_order),
        cmocka_unit_test(test_what_has_ended),
        cmocka_unit_test(test_the_shell_is_for_who_saw_it),
        cmocka_unit_test(test_second_batch),
        cmocka_unit_test(test_an_erasure_outlives_its_object),
        cmocka_unit_test(test_what_belongs_to_it_goes_too),
        cmocka_unit_test(test_nothing_of_it_is_exported),
        cmocka_unit_test(test_an_old_bundle),
        cmocka_unit_test(test_by_way_of_another),
    };
    return cmocka_run_group_tests_name("desk: letting go", tests, NULL, NULL);
}
