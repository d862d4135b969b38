// A node that was set back or robbed of its keys, and what its peer does: docs/protocol-sync.md, 9.
#include "desk/exchange_priv.h"
#include "groups.h"
#include "set_back.h"

static Str case_new(Duo *d, Side *s, const char *title) {
    DeskCase k;
    Str id;
    assert_ok(&d->c, desk_case_new(&d->c, &s->w.desk, str_of(title), &k));
    assert_ok(&d->c, str_copy(&d->c, k.id, &id));
    return id;
}

// A share as a record, by who may.
static void share(Duo *d, Side *s, Side *to, Str record) {
    Str body, names[2] = {str_of(s->w.node->agency_id), str_of(to->w.node->agency_id)};
    RecordMark mark = record_mark_default();
    desk_sort_strs(names, 2);
    mark.to = names;
    mark.to_count = 2;
    assert_ok(&d->c, str_format(&d->c, &body,
                                "{\"accept\":false,\"answers\":null,\"contact\":null,\"due_at\":"
                                "null,\"kind\":\"case\",\"record\":\"" STR_FMT "\",\"title\":null}",
                                STR_ARG(record)));
    DeskDraft draft = {.kind = RECORD_SHARE, .mark = &mark, .body = body};
    AUTO(DeskWriting) w = {0};
    assert_ok(&d->c, desk_writing_begin(&d->c, s->w.node, &s->w.desk, &w));
    assert_ok(&d->c, desk_record_add(&d->c, &w, &draft, NULL));
}

static Str shared_case(Duo *d, Side *s, Side *to, const char *title) {
    Str id = case_new(d, s, title);
    share(d, s, to, id);
    return id;
}

static bool holds(Duo *d, Side *s, Str text) {
    RecordId id;
    PictureRecord found;
    AUTO(DeskReading) r = {0};
    assert_true(record_id_parse(text, &id));
    assert_ok(&d->c, desk_reading_machine(&d->c, s->w.node, &r));
    return picture_record_get(&d->c, r.slot->picture, id, &found) == OK &&
           str_eq_c(found.state, "held");
}

static JournalFault fault_at_mm(Duo *d) {
    DeskPeer p;
    CryptoHash th = duo_id(&d->th);
    assert_ok(&d->c, desk_exchange_peer(&d->c, d->mm.w.node, &th, &p));
    return p.j.fault;
}

// The copy is gone on with by a statement: what MM had behind it is let go of, both go on.
static void test_lost(void **state) {
    (void)state;
    Duo d;
    duo_open(&d);
    Str before = shared_case(&d, &d.th, &d.mm, "Before xq1");
    duo_carry(&d);
    Str copy = duo_backup(&d, "copy");
    Str lost = shared_case(&d, &d.th, &d.mm, "Lost xq2");
    duo_carry(&d);
    assert_true(holds(&d, &d.mm, before) && holds(&d, &d.mm, lost));
    duo_set_back(&d, copy, "again");
    int64_t good = duo_size_shut(&d);
    assert_ok(&d.c, duo_recover(&d, good, false));
    duo_reopen(&d);
    assert_true(duo_size(&d) > good);
    Str after = shared_case(&d, &d.th, &d.mm, "After xq3");
    duo_carry(&d);
    assert_int_equal(fault_at_mm(&d), JOURNAL_SOUND);
    assert_true(holds(&d, &d.mm, before) && holds(&d, &d.mm, after));
    assert_false(holds(&d, &d.mm, lost));
    assert_false(world_grep(&d.mm.w, d.mm.w.dir, STR("xq2"), NULL));
    Str back = shared_case(&d, &d.mm, &d.th, "Answer xq4");
    duo_carry(&d);
    assert_true(holds(&d, &d.th, back));
    duo_sound(&d, &d.th);
    duo_sound(&d, &d.mm);
    world_reopen(&d.mm.w);
    duo_reopen(&d);
    Str later = shared_case(&d, &d.th, &d.mm, "Later xq5");
    duo_carry(&d);
    assert_true(holds(&d, &d.mm, later));
    duo_done(&d);
}

// Stolen keys: another log key and link key, and the peer follows.
static void test_compromised(void **state) {
    (void)state;
    Duo d;
    duo_open(&d);
    duo_carry(&d);
    CryptoPublicKey old_link = d.th.w.node->exchange->link_public;
    int64_t good = duo_size(&d);
    duo_shut(&d);
    assert_ok(&d.c, duo_recover(&d, good, true));
    assert_int_equal(duo_recover(&d, good, true), E_STATE); // it has one record more now
    duo_reopen(&d);
    assert_true(memcmp(old_link.b, d.th.w.node->exchange->link_public.b, 32) != 0);
    Str after = shared_case(&d, &d.th, &d.mm, "After xq6");
    duo_carry(&d);
    assert_int_equal(fault_at_mm(&d), JOURNAL_SOUND);
    assert_true(holds(&d, &d.mm, after));
    CryptoHash whose;
    assert_ok(&d.c, desk_link_peer(&d.c, d.mm.w.node, &d.th.w.node->exchange->link_public, &whose));
    assert_int_equal(desk_link_peer(&d.c, d.mm.w.node, &old_link, &whose), E_DENIED);
    duo_sound(&d, &d.mm);
    duo_done(&d);
}

// The copy went on as if nothing had been: two histories, and MM stops. A statement for the copy
// opens the link again.
static void test_two_histories(void **state) {
    (void)state;
    Duo d;
    duo_open(&d);
    Str copy = duo_backup(&d, "copy");
    shared_case(&d, &d.th, &d.mm, "One history xq7");
    duo_carry(&d);
    duo_set_back(&d, copy, "again");
    duo_reopen(&d);
    for (int i = 0; i < 12; i++)
        shared_case(&d, &d.th, &d.mm, "Other history xq8");
    CryptoHash th = duo_id(&d.th), mm = duo_id(&d.mm);
    for (int i = 0; i < 3; i++) {
        AUTO(Buf) message = {0};
        bool news;
        int64_t next;
        DeskSyncAsk ask = {0};
        DeskSyncTaken taken;
        assert_ok(&d.c, desk_exchange_tick(&d.c, d.th.w.node, &next));
        assert_ok(&d.c, desk_sync_make(&d.c, d.th.w.node, &mm, &ask, &message, &news));
        (void)!desk_sync_take(&d.c, d.mm.w.node, &th, buf_view(&message), &taken);
    }
    assert_true(fault_at_mm(&d) != JOURNAL_SOUND);
    duo_set_back(&d, copy, "third");
    assert_ok(&d.c, duo_recover(&d, duo_size_shut(&d), false));
    duo_reopen(&d);
    Str after = shared_case(&d, &d.th, &d.mm, "After xq9");
    duo_carry(&d);
    assert_int_equal(fault_at_mm(&d), JOURNAL_SOUND);
    assert_true(holds(&d, &d.mm, after));
    assert_false(world_grep(&d.mm.w, d.mm.w.dir, STR("xq7"), NULL));
    assert_false(world_grep(&d.mm.w, d.mm.w.dir, STR("xq8"), NULL));
    duo_sound(&d, &d.mm);
    duo_done(&d);
}

static void test_refused(void **state) {
    (void)state;
    Duo d;
    duo_open(&d);
    int64_t good = duo_size(&d);
    assert_int_equal(duo_recover(&d, good, false), E_BUSY); // it is open
    duo_shut(&d);
    assert_int_equal(duo_recover(&d, good - 1, false), E_STATE);
    char typed[DESK_RECOVERY_BYTES];
    snprintf(typed, sizeof typed, "%s", d.th.w.secrets.recovery_key);
    DeskRecoverAsk ask = {.good_size = good, .recovery_key = str_of(typed)};
    Str dir = str_of(d.th.w.dir);
    for (size_t i = 0; typed[i]; i++) { // each slip of the pen
        char was = typed[i];
        if (was == '-')
            continue;
        typed[i] = was == '7' ? '8' : '7';
        assert_int_equal(desk_recover_statement(&d.c, &d.th.w.env, dir, &ask), E_INVALID);
        typed[i] = was;
    }
    ask.recovery_key = str_of(d.mm.w.secrets.recovery_key);
    assert_int_equal(desk_recover_statement(&d.c, &d.th.w.env, dir, &ask), E_CRYPTO);
    assert_int_equal(desk_recover_from_peers(&d.c, &d.th.w.env, dir), E_STATE);
    duo_reopen(&d);
    assert_int_equal(duo_size(&d), good);
    // Capitals, blanks, no hyphens, O for 0 and I for 1 are put up with.
    duo_shut(&d);
    AUTO(Buf) loose = {0};
    for (size_t i = 0; typed[i]; i++) {
        char ch = typed[i] == '0' ? 'O' : typed[i] == '1' ? 'I' : typed[i];
        buf_char(&loose, ch == '-' ? ' ' : ch >= 'a' && ch <= 'z' ? (char)(ch - 32) : ch);
    }
    ask.recovery_key = buf_view(&loose);
    assert_ok(&d.c, desk_recover_statement(&d.c, &d.th.w.env, dir, &ask));
    duo_reopen(&d);
    duo_done(&d);
}

// --- from a mirror ------------------------------------------------------------------------------

static void mirror_accord(Duo *d) {
    Str names[2] = {str_of(d->th.w.node->agency_id), str_of(d->mm.w.node->agency_id)}, body;
    RecordMark m = record_mark_default();
    RecordId id;
    desk_sort_strs(names, 2);
    m.to = names;
    m.to_count = 2;
    assert_ok(&d->c,
              str_format(&d->c, &body,
                         "{\"begins_at\":\"2020-01-01T00:00:00.000000Z\",\"ends_at\":null,"
                         "\"kinds\":[\"claim\"],\"mark\":{\"days\":0,\"handling\":\"H0\",\"pap\":"
                         "\"AMBER\",\"tlp\":\"AMBER\"},\"members\":[{\"agency\":\"" STR_FMT
                         "\",\"law\":\"a law\",\"mirror\":true},{\"agency\":\"" STR_FMT
                         "\",\"law\":\"a law\",\"mirror\":true}],\"name\":\"accord\",\"purposes\":"
                         "[],\"title\":\"Accord\"}",
                         STR_ARG(names[0]), STR_ARG(names[1])));
    DeskDraft draft = {.kind = RECORD_ACCORD, .mark = &m, .body = body};
    {
        AUTO(DeskWriting) w = {0};
        assert_ok(&d->c, desk_writing_begin(&d->c, d->th.w.node, &d->th.w.desk, &w));
        assert_ok(&d->c, desk_record_add(&d->c, &w, &draft, &id));
    }
    DeskDraft sign = {.kind = RECORD_ACCORD_SIGN,
                      .has_of = true,
                      .of = id,
                      .mark = &m,
                      .body = STR("{\"note\":null,\"signed\":true}")};
    Side *sides[2] = {&d->th, &d->mm};
    for (int i = 0; i < 2; i++) {
        AUTO(DeskWriting) w = {0};
        assert_ok(&d->c, desk_writing_begin(&d->c, sides[i]->w.node, &sides[i]->w.desk, &w));
        assert_ok(&d->c, desk_record_add(&d->c, &w, &sign, NULL));
    }
    duo_carry(d);
}

static bool carry_one(Duo *d, Side *from, Side *to, uint32_t bytes_max) {
    CryptoHash a = duo_id(from), b = duo_id(to);
    AUTO(Buf) message = {0};
    DeskSyncAsk ask = {.bytes_max = bytes_max};
    DeskSyncTaken taken;
    bool news;
    assert_ok(&d->c, desk_sync_make(&d->c, from->w.node, &b, &ask, &message, &news));
    assert_ok(&d->c, desk_sync_take(&d->c, to->w.node, &a, buf_view(&message), &taken));
    // The same twice, as on a bad line.
    assert_ok(&d->c, desk_sync_take(&d->c, to->w.node, &a, buf_view(&message), &taken));
    return news;
}

static void test_from_mirror(void **state) {
    (void)state;
    Duo d;
    Str mine[40];
    duo_open(&d);
    mirror_accord(&d);
    Str copy = duo_backup(&d, "copy");
    for (size_t i = 0; i < COUNT_OF(mine); i++) {
        char title[40];
        snprintf(title, sizeof title, "Case %zu xr%zu", i, i);
        mine[i] = i % 4 ? case_new(&d, &d.th, title) : shared_case(&d, &d.th, &d.mm, title);
        if (i % 10 == 9)
            duo_carry(&d);
    }
    int64_t before = duo_size(&d);
    duo_set_back(&d, copy, "again");
    duo_reopen(&d);
    for (int i = 0; i < 3; i++) {
        carry_one(&d, &d.th, &d.mm, 0);
        carry_one(&d, &d.mm, &d.th, 0);
    }
    DeskCase k;
    assert_int_equal(desk_case_new(&d.c, &d.th.w.desk, STR("More"), &k), E_READ_ONLY);
    duo_shut(&d);
    assert_ok(&d.c, desk_recover_from_peers(&d.c, &d.th.w.env, str_of(d.th.w.dir)));
    duo_reopen(&d);
    int rounds = 0;
    while (desk_exchange_silent(d.th.w.node) && rounds++ < 60) {
        carry_one(&d, &d.th, &d.mm, 8192);
        carry_one(&d, &d.mm, &d.th, 8192);
        duo_pass(&d, 1000000);
    }
    assert_true(rounds > 1 && rounds < 60);
    assert_int_equal(duo_size(&d), before);
    for (size_t i = 0; i < COUNT_OF(mine); i++) // what was never disclosed is lost, and only that
        assert_int_equal(holds(&d, &d.th, mine[i]), i % 4 == 0);
    duo_sound(&d, &d.th);
    Str after = shared_case(&d, &d.th, &d.mm, "After xr40");
    duo_carry(&d);
    assert_true(holds(&d, &d.mm, after) && holds(&d, &d.mm, mine[0]));
    assert_int_equal(fault_at_mm(&d), JOURNAL_SOUND);
    Str back = shared_case(&d, &d.mm, &d.th, "Answer xr41");
    duo_carry(&d);
    assert_true(holds(&d, &d.th, back));
    duo_reopen(&d);
    assert_false(desk_exchange_silent(d.th.w.node));
    duo_sound(&d, &d.mm);
    duo_done(&d);
}

// A bundle from one to the other; both programs end in between, as commands do.
// By file; then both programs end and begin again.
static void carry_file(Duo *d, Side *from, Side *to, const char *name) {
    duo_bundle(d, from, to, name);
    duo_reopen(d);
    world_reopen(&d->mm.w);
}

// Who carries files learns it, too, and writes nothing: else an honest node would make two
// histories. What a mirror has comes back by files, too.
static void test_by_bundles(void **state) {
    (void)state;
    Duo d;
    duo_open(&d);
    mirror_accord(&d);
    Str copy = duo_backup(&d, "copy");
    Str mine = shared_case(&d, &d.th, &d.mm, "Case xs1");
    carry_file(&d, &d.th, &d.mm, "mm");
    carry_file(&d, &d.mm, &d.th, "th");
    int64_t before = duo_size(&d);
    duo_set_back(&d, copy, "again");
    duo_reopen(&d);
    carry_file(&d, &d.th, &d.mm, "mm");
    carry_file(&d, &d.mm, &d.th, "th");
    DeskCase k;
    assert_int_equal(desk_case_new(&d.c, &d.th.w.desk, STR("More"), &k), E_READ_ONLY);
    duo_shut(&d);
    assert_ok(&d.c, desk_recover_from_peers(&d.c, &d.th.w.env, str_of(d.th.w.dir)));
    duo_reopen(&d);
    carry_file(&d, &d.th, &d.mm, "mm"); // where its log ends
    carry_file(&d, &d.mm, &d.th, "th"); // what is behind
    assert_false(desk_exchange_silent(d.th.w.node));
    assert_true(duo_size(&d) >= before); // it goes on at once
    assert_true(holds(&d, &d.th, mine));
    assert_ok(&d.c, desk_case_new(&d.c, &d.th.w.desk, STR("More"), &k));
    duo_sound(&d, &d.th);
    duo_done(&d);
}

// The same statement stands in each message, and still ends a bundle after what is new.
static void test_statement_by_bundles(void **state) {
    (void)state;
    Duo d;
    duo_open(&d);
    shared_case(&d, &d.th, &d.mm, "Before xt1");
    carry_file(&d, &d.th, &d.mm, "mm");
    carry_file(&d, &d.mm, &d.th, "th");
    Str copy = duo_backup(&d, "copy");
    Str lost = shared_case(&d, &d.th, &d.mm, "Lost xt2");
    carry_file(&d, &d.th, &d.mm, "mm");
    duo_set_back(&d, copy, "again");
    int64_t good = duo_size_shut(&d);
    assert_ok(&d.c, duo_recover(&d, good, false));
    duo_reopen(&d);
    AUTO(Buf) json = {0};
    assert_ok(&d.c, desk_bundle_export(&d.c, &d.th.w.desk, STR("mm"), world_path(&d.mm.w, "bundle"),
                                       (DeskProgress){0}, &json));
    size_t at;
    assert_true(str_find(buf_view(&json), STR("\"messages\":1,"), &at));
    Str after = shared_case(&d, &d.th, &d.mm, "After xt3");
    for (int i = 0; i < 2; i++) {
        carry_file(&d, &d.th, &d.mm, "mm");
        carry_file(&d, &d.mm, &d.th, "th");
    }
    assert_true(holds(&d, &d.mm, after));
    assert_false(holds(&d, &d.mm, lost));
    duo_sound(&d, &d.th);
    duo_sound(&d, &d.mm);
    duo_done(&d);
}

// The message that shows it gets lost: it is shown again.
static void test_shown_again(void **state) {
    (void)state;
    Duo d;
    duo_open(&d);
    Str copy = duo_backup(&d, "copy");
    shared_case(&d, &d.th, &d.mm, "Case xs2");
    duo_carry(&d);
    duo_set_back(&d, copy, "again");
    duo_reopen(&d);
    CryptoHash th = duo_id(&d.th);
    AUTO(Buf) lost = {0};
    DeskSyncAsk ask = {0};
    bool news;
    carry_one(&d, &d.th, &d.mm, 0);
    assert_ok(&d.c, desk_sync_make(&d.c, d.mm.w.node, &th, &ask, &lost, &news));
    duo_pass(&d, (SYNC_SEEN_EVERY_S + 1) * 1000000LL);
    shared_case(&d, &d.mm, &d.th, "Case xs3"); // other news
    carry_one(&d, &d.mm, &d.th, 0);
    DeskCase k;
    assert_int_equal(desk_case_new(&d.c, &d.th.w.desk, STR("More"), &k), E_READ_ONLY);
    duo_done(&d);
}

int run_desk_exchange_recover_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lost),
        cmocka_unit_test(test_compromised),
        cmocka_unit_test(test_two_histories),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_from_mirror),
        cmocka_unit_test(test_by_bundles),
        cmocka_unit_test(test_statement_by_bundles),
        cmocka_unit_test(test_shown_again),
    };
    return cmocka_run_group_tests_name("exchange recover", tests, NULL, NULL);
}
