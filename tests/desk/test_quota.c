// More than one day's share of records or bytes: these wait, and nothing else does. What we take
// back reaches a peer that sent too much, whoever calls, and by file.
#include "duo.h"
#include "frames.h"
#include "groups.h"

#define DAY_US (24 * 3600000000LL)

typedef enum Limit { LIMIT_RECORDS, LIMIT_BYTES, LIMITS } Limit;

typedef struct Story {
    Duo d;
    Str ours, theirs; // reports: one that MM has and is to lose, one of MM's that is too much
} Story;

// --- what is known of the other -----------------------------------------------------------------

static DeskPeer *row(Side *s) {
    DeskExchange *x = s->w.node->exchange;
    assert_int_equal(x->count, 1);
    return &x->peers[0];
}

// Today TH took of MM as much as it may, or nearly.
static void use_up(Story *s, Limit limit) {
    JournalPeer *j = &row(&s->d.th)->j;
    j->day = time_day(s->d.th.w.now);
    j->records = limit == LIMIT_RECORDS ? SYNC_QUOTA_RECORDS_DAY : 0;
    j->bytes = limit == LIMIT_BYTES ? SYNC_QUOTA_BYTES_DAY - 1 : 0;
}

// MM has a report of TH's, which takes it back, and has one for TH that is too much for today.
static void open_story(Story *s, Limit limit) {
    AUTO(Buf) json = {0};
    Duo *d = &s->d;
    duo_open(d);
    s->ours = duo_report(d, &d->th, "R1", "");
    (void)duo_share(d, &d->th, s->ours, (DeskShareDraft){.title = STR("A report")});
    duo_carry(d);
    assert_true(duo_sees(d, &d->mm, s->ours));
    s->theirs = duo_report(d, &d->mm, "R2", "");
    (void)duo_share(d, &d->mm, s->theirs, (DeskShareDraft){.title = STR("Another")});
    DeskRetractDraft back = {.reason = STR("wrong person")};
    assert_ok(&d->c, desk_retract(&d->c, &d->th.w.desk, s->ours, &back, &json));
    use_up(s, limit);
}

static bool acknowledged(Story *s) {
    AUTO(Buf) json = {0};
    Duo *d = &s->d;
    assert_ok(&d->c, desk_retraction_list_json(&d->c, &d->th.w.desk, (DeskPage){0}, &json));
    const JsonValue *items = duo_list(duo_read(d, &json), "items");
    assert_int_equal(items->count, 1);
    return str_eq_c(duo_str(&items->items[0], "words"), "acknowledged by all 1");
}

static bool shown_full(Story *s) {
    AUTO(Buf) json = {0};
    size_t at;
    assert_ok(&s->d.c, desk_exchange_json(&s->d.c, &s->d.th.w.desk, &json));
    return str_find(buf_view(&json), STR("\"what\":\"quota\""), &at);
}

// --- messages -----------------------------------------------------------------------------------

typedef struct Said {
    DeskSyncTaken taken;
    size_t seen[256]; // frames by type
} Said;

static Said say(Story *s, Side *from, Side *to, bool bare) {
    Said said = {0};
    CryptoHash a = duo_id(from), b = duo_id(to);
    AUTO(Buf) message = {0}, plain = {0};
    DeskSyncAsk ask = {.bare = bare};
    bool news;
    Ctx *c = &s->d.c;
    duo_tick(&s->d, from);
    duo_tick(&s->d, to);
    assert_ok(c, desk_sync_make(c, from->w.node, &b, &ask, &message, &news));
    assert_true(frames_unpack(buf_view(&message), &plain));
    for (size_t at = 0; at + 5 <= plain.n; at += 5 + load_u32le(plain.p + at + 1))
        said.seen[(uint8_t)plain.p[at]]++;
    assert_ok(c, desk_sync_take(c, to->w.node, &a, buf_view(&message), &said.taken));
    return said;
}

static Said th_says(Story *s) {
    return say(s, &s->d.th, &s->d.mm, false);
}

static Said mm_says(Story *s, bool bare) {
    return say(s, &s->d.mm, &s->d.th, bare);
}

// MM's message is too much: its report is not here, nothing moves, and it is told so from now on.
static void too_much(Story *s) {
    Side *th = &s->d.th;
    JournalPeer before = row(th)->j;
    Said said = mm_says(s, false);
    assert_true(said.taken.over && !said.taken.bare && said.seen[FRAME_OPENING] > 0);
    assert_true(said.taken.fresh == 0 && said.taken.known == 0);
    assert_false(duo_sees(&s->d, th, s->theirs));
    const JournalPeer *j = &row(th)->j;
    assert_true(j->taken == before.taken && j->records == before.records);
    assert_true(j->bytes == before.bytes && j->messages == before.messages + 1);
    assert_int_equal(j->fault, JOURNAL_SOUND);
    assert_true(j->ends > j->taken);
    assert_int_equal(desk_sync_over(&s->d.c, th->w.node, &(CryptoHash){{0}}), E_DENIED);
    CryptoHash mm = duo_id(&s->d.mm);
    size_t at;
    assert_int_equal(desk_sync_over(&s->d.c, th->w.node, &mm), E_LIMIT);
    assert_true(str_find(str_of(s->d.c.error), STR("midnight UTC"), &at));
    assert_true(shown_full(s));
}

// TH's message takes back what it gave, and says that MM's day is full.
static void taken_back(Story *s) {
    Said said = th_says(s);
    assert_true(said.taken.bare && said.taken.refused_us == SYNC_REFUSED_QUOTA);
    assert_true(said.seen[FRAME_REFUSE] == 1 && said.taken.fresh > 0);
    duo_tick(&s->d, &s->d.mm);
    assert_false(duo_sees(&s->d, &s->d.mm, s->ours));
    assert_false(world_grep(&s->d.mm.w, s->d.mm.w.dir, STR("R1"), NULL));
}

// What MM says from then on has no records, counts, and is not refused; its let_go waits.
static void bare(Story *s) {
    Side *th = &s->d.th;
    Said said = mm_says(s, true);
    assert_true(!said.taken.over && said.seen[FRAME_HAVE] == 1);
    assert_int_equal(said.seen[FRAME_OPENING] + said.seen[FRAME_TREE] + said.seen[FRAME_LEAVES], 0);
    assert_int_equal(row(th)->j.told, row(th)->j.entries);
    assert_false(said.taken.more);
    assert_false(acknowledged(s));
}

static void next_day(Story *s) {
    duo_pass(&s->d, DAY_US);
    Said said = th_says(s);
    assert_true(!said.taken.bare && said.seen[FRAME_REFUSE] == 0);
    assert_false(shown_full(s));
    duo_carry(&s->d);
    assert_true(acknowledged(s));
    assert_true(duo_sees(&s->d, &s->d.th, s->theirs));
    duo_sound(&s->d, &s->d.th);
    duo_done(&s->d);
}

static void test_it_calls(void **state) {
    (void)state;
    for (Limit limit = 0; limit < LIMITS; limit++) {
        Story s;
        open_story(&s, limit);
        too_much(&s);
        world_reopen(&s.d.th.w); // it is known the whole day
        taken_back(&s);
        bare(&s);
        next_day(&s);
    }
}

static void test_we_call(void **state) {
    (void)state;
    for (Limit limit = 0; limit < LIMITS; limit++) {
        Story s;
        open_story(&s, limit);
        Said said = th_says(&s); // our call, which brings the retract at once
        assert_true(said.taken.fresh > 0 && !said.taken.bare);
        assert_int_not_equal(row(&s.d.th)->j.told, row(&s.d.th)->j.entries);
        too_much(&s); // its answer, whose HAVE counts all the same
        assert_int_equal(row(&s.d.th)->j.told, row(&s.d.th)->j.entries);
        said = th_says(&s);
        assert_true(said.taken.bare && said.seen[FRAME_REFUSE] == 1);
        assert_false(duo_sees(&s.d, &s.d.mm, s.ours));
        bare(&s);
        next_day(&s);
    }
}

// Too many messages: nothing of them counts, what is small neither.
static void test_messages(void **state) {
    (void)state;
    Story s;
    open_story(&s, LIMITS);
    Duo *d = &s.d;
    AUTO(Buf) message = {0};
    CryptoHash th = duo_id(&d->th), mm = duo_id(&d->mm);
    DeskSyncTaken taken;
    bool news;
    (void)th_says(&s);
    row(&d->th)->j.messages = SYNC_QUOTA_MESSAGES_DAY;
    int64_t told = row(&d->th)->j.told;
    for (int i = 0; i < 2; i++) {
        DeskSyncAsk ask = {.bare = i > 0};
        assert_ok(&d->c, desk_sync_make(&d->c, d->mm.w.node, &th, &ask, &message, &news));
        assert_int_equal(desk_sync_take(&d->c, d->th.w.node, &mm, buf_view(&message), &taken),
                         E_LIMIT);
        assert_int_equal(row(&d->th)->j.told, told);
        buf_clear(&message);
    }
    assert_true(shown_full(&s));
    assert_true(th_says(&s).taken.bare);
    next_day(&s);
}

// What it was asked to prove, it proves when its heads go again.
static void test_a_proof_waits(void **state) {
    (void)state;
    Story s;
    open_story(&s, LIMIT_RECORDS);
    too_much(&s);
    DeskPeer *p = row(&s.d.mm);
    p->owes_answer = true;
    p->asked = (SyncAsk){.size = 1};
    Said said = mm_says(&s, true);
    assert_int_equal(said.seen[FRAME_PROVE], 0);
    assert_true(row(&s.d.mm)->owes_answer);
    said = mm_says(&s, false);
    assert_int_equal(said.seen[FRAME_PROVE], 1);
    assert_false(row(&s.d.mm)->owes_answer);
    duo_done(&s.d);
}

// Who is not to send trees is not silent about what it has to prove.
static void test_who_is_full_is_not_silent(void **state) {
    (void)state;
    Story s;
    open_story(&s, LIMIT_RECORDS);
    for (int i = 0; i < 3; i++) {
        DeskPeer *p = row(&s.d.th);
        p->j.prove_since = 1;
        p->ask_open = true;
        Said said = mm_says(&s, i > 0);
        assert_true(said.taken.over == (i == 0));
        assert_int_equal(row(&s.d.th)->j.prove_silent, 0);
        assert_int_equal(row(&s.d.th)->j.fault, JOURNAL_SOUND);
    }
    duo_done(&s.d);
}

// That something was too much is known the whole day, also where the message said nothing else.
static void test_known_the_whole_day(void **state) {
    (void)state;
    Story s;
    open_story(&s, LIMITS);
    (void)mm_says(&s, true); // its HAVE, and where its journal ends
    use_up(&s, LIMIT_RECORDS);
    too_much(&s);
    world_reopen(&s.d.th.w);
    assert_true(shown_full(&s));
    assert_int_equal(th_says(&s).seen[FRAME_REFUSE], 1);
    next_day(&s);
}

// --- by file ------------------------------------------------------------------------------------

static const JsonValue *import(Story *s, Str file) {
    AUTO(Buf) json = {0};
    Duo *d = &s->d;
    assert_ok(&d->c, desk_bundle_import(&d->c, &d->th.w.desk, file, (DeskProgress){0}, &json));
    return duo_read(d, &json);
}

static void test_bundle(void **state) {
    (void)state;
    Story s;
    AUTO(Buf) json = {0};
    size_t at;
    open_story(&s, LIMIT_RECORDS);
    Duo *d = &s.d;
    duo_bundle(d, &d->th, &d->mm, "mm");
    duo_tick(d, &d->mm);
    assert_false(duo_sees(d, &d->mm, s.ours));
    Str file = world_path(&d->th.w, "theirs");
    assert_ok(&d->c,
              desk_bundle_export(&d->c, &d->mm.w.desk, STR("th"), file, (DeskProgress){0}, &json));
    const JsonValue *v = import(&s, file);
    assert_true(duo_int(v, "refused") == 1 && duo_int(v, "new") == 0);
    assert_true(str_find(duo_str(v, "words"), STR("midnight UTC"), &at));
    assert_false(duo_sees(d, &d->th, s.theirs));
    assert_int_equal(row(&d->th)->j.told, row(&d->th)->j.entries); // what we gave has arrived
    assert_false(acknowledged(&s));
    // Our file says so, too.
    duo_bundle(d, &d->th, &d->mm, "mm");
    assert_int_equal(row(&d->mm)->j.refused, SYNC_REFUSED_QUOTA);
    // Nothing is lost: the same file brings all of it on the next day.
    duo_pass(d, DAY_US);
    v = import(&s, file);
    assert_true(duo_int(v, "refused") == 0 && duo_str(v, "words").n == 0);
    assert_true(acknowledged(&s));
    assert_true(duo_sees(d, &d->th, s.theirs));
    duo_done(d);
}

int run_desk_quota_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_calls),
        cmocka_unit_test(test_we_call),
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_a_proof_waits),
        cmocka_unit_test(test_who_is_full_is_not_silent),
        cmocka_unit_test(test_known_the_whole_day),
        cmocka_unit_test(test_bundle),
    };
    return cmocka_run_group_tests_name("desk: over quota", tests, NULL, NULL);
}
