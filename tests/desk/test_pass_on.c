// What goes on through another by its author's leave: to whom it was allowed, for as long, and not
// back to where it came from. And what the records say of what was given to whom.
#include <errno.h>

#include "duo.h"
#include "frames.h"
#include "groups.h"

#define HOUR_US 3600000000LL
#define ACCOUNT "0011223344" // of each report

typedef struct Way {
    Duo d; // TH, whose report it is; MM, which passes it on
    Side kh, la;
    Str word;          // looked for in each message
    size_t seen[4][4]; // how often it went from whom to whom: TH, MM, KH, LA
} Way;

static Side *side(Way *w, int i) {
    Side *all[] = {&w->d.th, &w->d.mm, &w->kh, &w->la};
    return all[i];
}

static bool carry_one(Way *w, int from, int to) {
    AUTO(Buf) message = {0}, plain = {0};
    CryptoHash a = duo_id(side(w, from)), b = duo_id(side(w, to));
    DeskSyncAsk ask = {0};
    DeskSyncTaken taken;
    bool news;
    size_t at;
    Ctx *c = &w->d.c;
    assert_ok(c, desk_sync_make(c, side(w, from)->w.node, &b, &ask, &message, &news));
    assert_true(frames_unpack(buf_view(&message), &plain));
    w->seen[from][to] += str_find(buf_view(&plain), w->word, &at);
    // There is no accord, so nobody is told whose logs we follow.
    for (size_t p = 0; p + 5 <= plain.n; p += 5 + load_u32le(plain.p + p + 1))
        assert_int_not_equal((uint8_t)plain.p[p], FRAME_SEEN);
    assert_ok(c, desk_sync_take(c, side(w, to)->w.node, &a, buf_view(&message), &taken));
    return news;
}

// TH speaks with MM alone, and so do KH and LA.
static void carry(Way *w, const char *word) {
    static const int ways[][2] = {{0, 1}, {1, 0}, {1, 2}, {2, 1}, {1, 3}, {3, 1}};
    bool news = true;
    memset(w->seen, 0, sizeof w->seen);
    w->word = str_of(word);
    for (int i = 0; i < 60 && news; i++) {
        news = false;
        for (int k = 0; k < 4; k++) {
            int64_t next;
            assert_ok(&w->d.c, desk_exchange_tick(&w->d.c, side(w, k)->w.node, &next));
        }
        for (size_t k = 0; k < COUNT_OF(ways); k++)
            news |= carry_one(w, ways[k][0], ways[k][1]);
    }
    assert_false(news);
}

static void way_open(Way *w) {
    duo_open(&w->d);
    duo_side_open(&w->kh, 23, "KH", "centre");
    duo_side_open(&w->la, 24, "LA", "centre");
    duo_relay(&w->d, &w->d.th, STR("mm"), "mm");
    duo_relay(&w->d, &w->d.mm, STR("th"), "th");
    Side *far[] = {&w->kh, &w->la};
    static const char *const names[] = {"kh", "la"};
    for (int i = 0; i < 2; i++) {
        duo_relay(&w->d, &w->d.mm, duo_card(&w->d, far[i]), names[i]);
        duo_relay(&w->d, far[i], duo_card(&w->d, &w->d.mm), "mm");
    }
    carry(w, ACCOUNT);
}

static void way_done(Way *w) {
    world_done(&w->la.w);
    world_done(&w->kh.w);
    duo_done(&w->d);
}

static void pass(Way *w, int64_t us) {
    for (int i = 0; i < 4; i++)
        side(w, i)->w.now += us;
}

static void add_standing(Way *w, Str report, const char *note) {
    char body[160];
    RecordId id;
    AUTO(DeskWriting) writing = {0};
    Side *th = &w->d.th;
    snprintf(body, sizeof body, "{\"document\":null,\"note\":\"%s\",\"standing\":\"claimed\"}",
             note);
    DeskDraft draft = {.kind = RECORD_STANDING, .has_of = true, .body = str_of(body)};
    assert_true(record_id_parse(report, &draft.of));
    assert_ok(&w->d.c, desk_writing_begin(&w->d.c, th->w.node, &th->w.desk, &writing));
    assert_ok(&w->d.c, desk_record_add(&w->d.c, &writing, &draft, &id));
}

static void test_to_whom_and_for_how_long(void **state) {
    (void)state;
    static Way w;
    AUTO(Buf) json = {0};
    way_open(&w);
    Ctx *c = &w.d.c;
    Str report = duo_report(&w.d, &w.d.th, "R1", "");
    duo_share(&w.d, &w.d.th, report, (DeskShareDraft){0});
    carry(&w, ACCOUNT);
    assert_true(w.seen[0][1] > 0 && w.seen[1][2] == 0 && w.seen[1][3] == 0);
    Str notice = duo_ask_to_pass_on(&w.d, report);
    carry(&w, ACCOUNT);
    assert_int_equal(w.seen[1][2], 0); // the question alone opens nothing
    DeskNoticeActDraft grant = {.act = STR("grant"), .until = STR("2026-01-01T14:00:00Z")};
    int64_t until, now = w.d.th.w.now;
    assert_true(time_parse(grant.until, &until) && until > now);
    assert_ok(c, desk_notice_act(c, &w.d.th.w.desk, notice, &grant, &json));
    carry(&w, ACCOUNT);
    assert_true(w.seen[1][2] > 0 && duo_sees(&w.d, &w.kh, report));
    assert_int_equal(w.seen[1][3], 0); // allowed for KH, and for nobody else
    assert_int_equal(w.seen[2][1], 0); // and MM has it already
    assert_int_equal(w.seen[1][0], 0);
    add_standing(&w, report, "zqearly");
    carry(&w, "zqearly");
    assert_true(w.seen[1][2] > 0 && w.seen[1][3] == 0 && w.seen[2][1] == 0);
    pass(&w, until - now + HOUR_US);
    carry(&w, ACCOUNT);
    assert_false(duo_sees(&w.d, &w.kh, report)); // the term is over
    assert_false(world_grep(&w.kh.w, w.kh.w.dir, STR(ACCOUNT), NULL));
    add_standing(&w, report, "zqlate");
    carry(&w, "zqlate");
    assert_true(w.seen[0][1] > 0 && w.seen[1][2] == 0 && w.seen[1][3] == 0);
    way_done(&w);
}

// KH has TH's genesis from MM, and then knows TH itself: who TH's officers are is nothing that KH
// tells MM, because nothing else of TH goes there through KH.
static void test_who_gave_a_genesis_is_told_no_more(void **state) {
    (void)state;
    static Way w;
    AUTO(Buf) json = {0};
    char password[DESK_PASSWORD_BYTES];
    way_open(&w);
    Ctx *c = &w.d.c;
    Str report = duo_report(&w.d, &w.d.th, "R1", "");
    duo_share(&w.d, &w.d.th, report, (DeskShareDraft){0});
    carry(&w, ACCOUNT);
    Str notice = duo_ask_to_pass_on(&w.d, report);
    carry(&w, ACCOUNT);
    DeskNoticeActDraft grant = {.act = STR("grant"), .until = STR("2026-01-01T14:00:00Z")};
    assert_ok(c, desk_notice_act(c, &w.d.th.w.desk, notice, &grant, &json));
    carry(&w, ACCOUNT);
    assert_true(duo_sees(&w.d, &w.kh, report));
    duo_relay(&w.d, &w.d.th, duo_card(&w.d, &w.kh), "kh");
    duo_relay(&w.d, &w.kh, duo_card(&w.d, &w.d.th), "th");
    Desk admin;
    DeskUser made;
    DeskUserDraft draft = {.name = STR("zqnew"), .role = STR("liaison")};
    CryptoSignKey key;
    assert_ok(c, desk_as(c, w.d.th.w.node, STR("admin"), &admin));
    assert_ok(c, desk_unlock(c, &admin, str_of(w.d.th.w.secrets.admin_password), &key));
    assert_ok(c, desk_user_add(c, &admin, &draft, &made, password));
    memset(w.seen, 0, sizeof w.seen);
    w.word = STR("zqnew");
    for (int i = 0; i < 6; i++) {
        carry_one(&w, 0, 2);
        carry_one(&w, 2, 0);
        carry_one(&w, 2, 1);
    }
    assert_true(w.seen[0][2] > 0);
    assert_int_equal(w.seen[2][1], 0);
    way_done(&w);
}

// The record of a document comes through MM, which has not its bytes and never will; then its
// author brings the record, too, and is asked for them.
static void test_document_of_a_relay_that_lacks_it(void **state) {
    (void)state;
    static Way w;
    AUTO(Buf) json = {0};
    AUTO(Buf) bytes = {0};
    DeskAttachment put, got;
    CryptoHash sha256;
    way_open(&w);
    Ctx *c = &w.d.c;
    assert_ok(c, desk_attachment_put(c, &w.d.th.w.desk, STR("slip"), STR("text/plain"),
                                     STR("zqslip"), NULL, 0, &put));
    Str record, hex;
    assert_ok(c, str_copy(c, put.id, &record));
    assert_ok(c, str_copy(c, str_of(put.sha256), &hex));
    assert_true(hex_decode(hex, sha256.b, sizeof sha256.b));
    duo_share(&w.d, &w.d.th, record, (DeskShareDraft){0});
    carry(&w, "zqslip");
    Str notice = duo_ask_to_pass_on(&w.d, record);
    carry(&w, "zqslip");
    {
        AUTO(DeskWriting) writing = {0};
        StoreDb *db = ledger_db(w.d.mm.w.node->ledger);
        assert_ok(c, desk_writing_begin(c, w.d.mm.w.node, NULL, &writing));
        assert_ok(c, desk_group_begin(c, &writing));
        assert_ok(c, shelf_erase(c, db, &sha256));
        assert_ok(c, desk_group_commit(c, &writing));
    }
    DeskNoticeActDraft grant = {.act = STR("grant"), .until = STR("2026-01-01T14:00:00Z")};
    assert_ok(c, desk_notice_act(c, &w.d.th.w.desk, notice, &grant, &json));
    carry(&w, "zqslip");
    const Desk *kh = &w.kh.w.desk;
    assert_int_equal(desk_attachment_get(c, kh, hex, &got, &bytes), E_NOT_FOUND);
    duo_relay(&w.d, &w.d.th, duo_card(&w.d, &w.kh), "kh");
    duo_relay(&w.d, &w.kh, duo_card(&w.d, &w.d.th), "th");
    Str to = STR("kh");
    DeskShareDraft share = {.to = &to, .to_count = 1};
    buf_clear(&json);
    assert_ok(c, desk_share(c, &w.d.th.w.desk, record, &share, &json));
    for (int i = 0; i < 6; i++) {
        carry_one(&w, 0, 2);
        carry_one(&w, 2, 0);
    }
    assert_ok(c, desk_attachment_get(c, kh, hex, &got, &bytes));
    assert_true(str_eq_c(buf_view(&bytes), "zqslip"));
    way_done(&w);
}

// The disk is full at each write in turn: also where the records of a document are kept and only
// the tables could not follow, the document is asked for.
static void test_document_behind_a_full_disk(void **state) {
    (void)state;
    Duo d;
    duo_open(&d);
    Ctx *c = &d.c;
    CryptoHash th = duo_id(&d.th), mm = duo_id(&d.mm);
    int failed = 0;
    for (uint64_t nth = 1; nth <= 40; nth++) {
        AUTO(Buf) message = {0};
        AUTO(Buf) out = {0};
        DeskSyncTaken taken;
        DeskAttachment put, got;
        Str record;
        char text[16];
        int64_t next;
        bool news;
        snprintf(text, sizeof text, "slip %d", (int)nth);
        assert_ok(c, desk_attachment_put(c, &d.th.w.desk, STR("slip"), STR("text/plain"),
                                         str_of(text), NULL, 0, &put));
        assert_ok(c, str_copy(c, put.id, &record));
        duo_share(&d, &d.th, record, (DeskShareDraft){0});
        assert_ok(c, desk_exchange_tick(c, d.th.w.node, &next));
        assert_ok(c, desk_sync_make(c, d.th.w.node, &mm, &(DeskSyncAsk){0}, &message, &news));
        fault_plan_set((FaultPlan){.write_nth = nth, .write_errno = ENOSPC});
        failed += desk_sync_take(c, d.mm.w.node, &th, buf_view(&message), &taken) != OK;
        fault_plan_set((FaultPlan){0});
        d.th.w.now += 61000000LL;
        d.mm.w.now += 61000000LL;
        duo_carry(&d);
        assert_ok(c, desk_attachment_get(c, &d.mm.w.desk, str_of(put.sha256), &got, &out));
    }
    assert_true(failed > 5);
    duo_done(&d);
}

// --- what was given -----------------------------------------------------------------------------

// Each `disclosed` record says where its block begins in the journal, and what is in it: so what a
// peer has is known from the log alone.
static void test_what_was_given_stands_in_the_log(void **state) {
    (void)state;
    Duo d;
    duo_open(&d);
    Ctx *c = &d.c;
    for (int i = 0; i < 4; i++) {
        char id[16];
        snprintf(id, sizeof id, "R%d", i);
        duo_share(&d, &d.th, duo_report(&d, &d.th, id, ""), (DeskShareDraft){0});
        if (i % 2)
            duo_carry(&d);
    }
    AUTO(DeskReading) r = {0};
    const PictureDisclosed *items;
    size_t n, blocks = 0;
    int64_t next = 0;
    assert_ok(c, desk_reading_machine(c, d.th.w.node, &r));
    assert_ok(c, picture_disclosed_list(c, r.slot->picture, str_of(d.mm.w.node->agency_id), 0, 100,
                                        &items, &n));
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(items[i].from, next);
        next++; // the record itself
        for (size_t k = 0; k < items[i].range_count; k++) {
            assert_true(str_eq_c(items[i].ranges[k].agency, d.th.w.node->agency_id));
            next += items[i].ranges[k].last - items[i].ranges[k].first + 1;
        }
        blocks++;
    }
    DeskPeer *p = &d.th.w.node->exchange->peers[0];
    assert_true(blocks >= 3);
    assert_int_equal(next, p->j.entries);
    DeskReading_cleanup(&r); // before its node is closed
    duo_done(&d);
}

int run_desk_pass_on_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_to_whom_and_for_how_long),
        cmocka_unit_test(test_who_gave_a_genesis_is_told_no_more),
        cmocka_unit_test(test_document_of_a_relay_that_lacks_it),
        cmocka_unit_test(test_document_behind_a_full_disk),
        cmocka_unit_test(test_what_was_given_stands_in_the_log),
    };
    return cmocka_run_group_tests_name("desk: passed on", tests, NULL, NULL);
}
