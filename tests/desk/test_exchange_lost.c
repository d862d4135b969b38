// A disk that is lost: what was given to whom is known from the log that peers give back, so that
// it can still be taken back from all of them.
#include "duo.h"
#include "groups.h"

#include <errno.h>

#define WORDS "long enough words"

typedef struct Trio {
    Duo d; // TH, whose disk is lost; MM, its mirror
    Side kh;
} Trio;

static void carry(Trio *t) {
    for (int i = 0; i < 3; i++) {
        duo_carry(&t->d);
        duo_carry_between(&t->d, &t->d.th, &t->kh);
    }
}

static void trio_open(Trio *t) {
    AUTO(Buf) json = {0};
    Duo *d = &t->d;
    duo_open(d);
    Ctx *c = &d->c;
    duo_side_open(&t->kh, 23, "KH", "centre");
    duo_confirm(d, &d->th, &t->kh, "kh", "");
    duo_confirm(d, &t->kh, &d->th, "th", "");
    carry(t);
    DeskMemberDraft mm = {.agency = STR("mm"), .mirror = true};
    Str kind = STR("claim");
    DeskAccordDraft accord = {.name = STR("copies"),
                              .title = STR("Copies of our log"),
                              .members = &mm,
                              .member_count = 1,
                              .kinds = &kind,
                              .kind_count = 1};
    assert_ok(c, desk_accord_new(c, &d->th.w.desk, &accord, &json));
    buf_clear(&json);
    Err e = desk_accord_sign(c, &d->th.w.desk, STR("copies"), true, (Str){0}, &json);
    assert_true(e == OK || e == E_STATE);
    carry(t);
    buf_clear(&json);
    assert_ok(c, desk_accord_sign(c, &d->mm.w.desk, STR("copies"), true, (Str){0}, &json));
    carry(t);
}

static void trio_done(Trio *t) {
    world_done(&t->kh.w);
    duo_done(&t->d);
}

static void open_again(Trio *t) {
    Side *s = &t->d.th;
    world_reopen(&s->w);
    assert_ok(&t->d.c,
              desk_unlock(&t->d.c, &s->w.desk, str_of(s->w.secrets.officer_password), &s->key));
}

// The folder is gone, with all that was in it but the copy of before.
static void lose_disk(Trio *t, Str copy) {
    World *w = &t->d.th.w;
    desk_close(w->node);
    w->node = NULL;
    snprintf(w->dir, sizeof w->dir, "%s/new", w->folder);
    assert_ok(&t->d.c,
              desk_recover(&t->d.c, &w->env, str_of(w->dir), copy, STR(WORDS), (DeskProgress){0}));
    open_again(t);
}

static void pass_messages(Trio *t, Side *a, Side *b, int rounds) {
    for (int i = 0; i < rounds; i++) {
        Side *sides[2] = {a, b};
        for (int k = 0; k < 2; k++) {
            CryptoHash from = duo_id(sides[k]), to = duo_id(sides[1 - k]);
            AUTO(Buf) message = {0};
            DeskSyncAsk ask = {.bytes_max = SYNC_MESSAGE_BYTES_MIN};
            DeskSyncTaken taken;
            bool news, lost = i % 3 == 1;
            int64_t next;
            Ctx *c = &t->d.c;
            assert_ok(c, desk_exchange_tick(c, sides[k]->w.node, &next));
            assert_ok(c, desk_sync_make(c, sides[k]->w.node, &to, &ask, &message, &news));
            if (lost)
                continue;
            for (int twice = 0; twice < 2; twice++)
                assert_ok(
                    c, desk_sync_take(c, sides[1 - k]->w.node, &from, buf_view(&message), &taken));
        }
        duo_pass(&t->d, 11000000);
        t->kh.w.now += 11000000;
    }
}

static void restore(Trio *t) {
    Duo *d = &t->d;
    World *w = &d->th.w;
    pass_messages(t, &d->th, &d->mm, 3); // it is shown that it was set back
    assert_true(desk_exchange_silent(w->node));
    desk_close(w->node);
    w->node = NULL;
    assert_ok(&d->c, desk_recover_from_peers(&d->c, &w->env, str_of(w->dir)));
    open_again(t);
    pass_messages(t, &d->th, &t->kh, 3); // too early: there are no leaves yet for what it has
    for (int i = 0; i < 20 && desk_exchange_silent(w->node); i++)
        pass_messages(t, &d->th, &d->mm, 4);
    assert_false(desk_exchange_silent(w->node));
    pass_messages(t, &d->th, &t->kh, 3);
    open_again(t);
    pass_messages(t, &d->th, &t->kh, 12);
    carry(t);
}

static size_t holders(Trio *t, Str record) {
    AUTO(Buf) json = {0};
    Ctx *c = &t->d.c;
    assert_ok(c, desk_sharing_json(c, &t->d.th.w.desk, record, &json));
    return duo_list(duo_read(&t->d, &json), "holders")->count;
}

static void check_sound(Trio *t, Side *s) {
    DeskVerdict v;
    DeskRebuild r;
    Ctx *c = &t->d.c;
    assert_ok(c, desk_verify(c, s->w.node, (DeskProgress){0}, &v));
    if (!v.ok)
        fail_msg(STR_FMT ": " STR_FMT, STR_ARG(v.where), STR_ARG(v.what));
    assert_ok(c, desk_rebuild(c, s->w.node, (DeskProgress){0}, &r));
    assert_true(r.equal);
}

static Err held(Trio *t, Str record) {
    DeskRecord r;
    return desk_record_get(&t->d.c, &t->d.th.w.desk, record, &r);
}

static void test_taken_back_after_a_lost_disk(void **state) {
    (void)state;
    static Trio t;
    AUTO(Buf) json = {0};
    trio_open(&t);
    Duo *d = &t.d;
    Ctx *c = &d->c;
    Str copy, both[] = {STR("mm"), STR("kh")};
    assert_ok(c, str_copy(c, world_path(&d->th.w, "copy"), &copy));
    assert_ok(c, desk_backup(c, d->th.w.node, copy, STR(WORDS), (DeskProgress){0}));
    Str own = duo_report(d, &d->th, "R0", "");
    Str one = duo_report(d, &d->th, "R1", ""), two = duo_report(d, &d->th, "R2", "");
    duo_share(d, &d->th, one, (DeskShareDraft){.to = both, .to_count = 2});
    duo_share(d, &d->th, two, (DeskShareDraft){.to = &both[1], .to_count = 1});
    carry(&t);
    assert_true(duo_sees(d, &d->mm, one) && duo_sees(d, &t.kh, one) && duo_sees(d, &t.kh, two));
    lose_disk(&t, copy);
    restore(&t);
    check_sound(&t, &d->th);
    assert_true(duo_sees(d, &d->th, one) && duo_sees(d, &d->th, two));
    assert_int_equal(held(&t, own), E_NOT_FOUND); // nobody had it: its place is all that is left
    assert_int_equal(holders(&t, one), 2);
    DeskRetractDraft back = {.reason = STR("wrong person")};
    assert_ok(c, desk_retract(c, &d->th.w.desk, one, &back, &json));
    carry(&t);
    assert_false(duo_sees(d, &d->mm, one) || duo_sees(d, &t.kh, one));
    assert_int_equal(holders(&t, two), 1);
    buf_clear(&json);
    assert_ok(c, desk_retract(c, &d->th.w.desk, two, &back, &json));
    carry(&t);
    assert_false(duo_sees(d, &t.kh, two));
    assert_false(world_grep(&t.kh.w, t.kh.w.dir, STR("0011223344"), NULL));
    check_sound(&t, &t.kh);
    trio_done(&t);
}

// A disk that is full at the n-th write of looking for what goes out and of making the message:
// what was committed before that counts, and nothing is given twice at one place of the journal.
static void test_a_full_disk_on_the_way_out(void **state) {
    (void)state;
    for (int once = 0; once < 2; once++) {
        Duo d;
        duo_open(&d);
        Ctx *c = &d.c;
        CryptoHash mm = duo_id(&d.mm);
        int failed = 0;
        for (uint64_t nth = 1; nth <= 30; nth++) {
            AUTO(Buf) message = {0};
            char id[16];
            int64_t next;
            bool news;
            snprintf(id, sizeof id, "R%d", (int)nth);
            Str report = duo_report(&d, &d.th, id, "");
            duo_share(&d, &d.th, report, (DeskShareDraft){0});
            fault_plan_set((FaultPlan){.write_nth = nth, .once = once, .write_errno = ENOSPC});
            Err e = desk_exchange_tick(c, d.th.w.node, &next);
            if (e == OK)
                e = desk_sync_make(c, d.th.w.node, &mm, &(DeskSyncAsk){0}, &message, &news);
            fault_plan_set((FaultPlan){0});
            failed += e != OK;
            duo_carry(&d);
            assert_true(duo_sees(&d, &d.mm, report));
        }
        assert_true(failed > 5);
        duo_sound(&d, &d.th);
        duo_sound(&d, &d.mm);
        duo_done(&d);
    }
}

int run_desk_exchange_lost_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_full_disk_on_the_way_out),
        cmocka_unit_test(test_taken_back_after_a_lost_disk),
    };
    return cmocka_run_group_tests_name("desk exchange lost", tests, NULL, NULL);
}
