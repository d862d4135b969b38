// What keeps an exchange safe in places that no story passes: each test here fails when one guard
// of src/desk is taken away.
#include "groups.h"
#include "rogue.h"
#include "set_back.h"

#include <errno.h>

#define SECOND_US 1000000LL

// --- letting go ---------------------------------------------------------------------------------

// An agency that erases a record which is not here and names the place of another: only what it
// named may go.
static void test_an_erasure_of_another_place(void **state) {
    (void)state;
    Duo d;
    Rogue r;
    duo_open(&d);
    Ctx *c = &d.c;
    rogue_open(&r, 31, d.th.w.now - 3600 * SECOND_US);
    AUTO(Buf) json = {0};
    DeskPeerDraft peer = {.card = rogue_card(&r, c), .name = STR("rogue")};
    assert_ok(c, desk_peer_add(c, &d.th.w.desk, &peer, &json));
    RogueRecord said = {.kind = RECORD_NOTICE,
                        .to = {str_of(d.th.w.node->agency_id), str_of(r.hex)},
                        .to_count = 2,
                        .body =
                            "{\"act\":\"alert\",\"contact\":\"x\",\"due_at\":\"2026-01-02T07:00:"
                            "00.000000Z\",\"handling\":\"H0\",\"recipient\":null,\"records\":[]"
                            ",\"text\":\"t\",\"title\":\"t\"}"};
    desk_sort_strs(said.to, 2);
    int64_t leaf = rogue_add(&r, &said);
    char id[RECORD_ID_TEXT_BYTES], kept[RECORD_ID_TEXT_BYTES], body[256];
    record_id_text(record_id_new(r.now, r.random), id);
    record_id_text(r.leaves[leaf].id, kept);
    snprintf(body, sizeof body, "{\"leaf\":%d,\"log\":\"main\",\"reason\":\"x\",\"record\":\"%s\"}",
             (int)leaf, id);
    said.kind = RECORD_ERASE;
    said.body = body;
    rogue_add(&r, &said);
    CryptoHash th = duo_id(&d.th);
    DeskSyncTaken taken;
    assert_ok(c, desk_sync_take(c, d.th.w.node, &r.agency,
                                rogue_message(&r, c, &th, d.th.w.now, 0, 0), &taken));
    assert_int_equal(taken.fresh, 4); // its genesis came with the card
    duo_tick(&d, &d.th);
    assert_true(duo_sees(&d, &d.th, str_of(kept)));
    duo_sound(&d, &d.th);
    rogue_done(&r);
    duo_done(&d);
}

// TH shares a document of its own, whose bytes are "zqdocument"; the record.
static Str share_slip(Duo *d, DeskAttachment *ret_put) {
    Str record;
    assert_ok(&d->c, desk_attachment_put(&d->c, &d->th.w.desk, STR("slip"), STR("text/plain"),
                                         STR("zqdocument"), NULL, 0, ret_put));
    assert_ok(&d->c, str_copy(&d->c, ret_put->id, &record));
    duo_share(d, &d->th, record, (DeskShareDraft){0});
    return record;
}

// A document that came whole goes from the shelf with its record.
static void test_a_document_goes_with_its_record(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    AUTO(Buf) bytes = {0};
    DeskAttachment put, got;
    duo_open(&d);
    Ctx *c = &d.c;
    Str record = share_slip(&d, &put);
    duo_carry(&d);
    assert_ok(c, desk_attachment_get(c, &d.mm.w.desk, str_of(put.sha256), &got, &bytes));
    assert_true(world_grep(&d.mm.w, d.mm.w.dir, STR("zqdocument"), NULL));
    DeskRetractDraft back = {.reason = STR("wrong")};
    assert_ok(c, desk_retract(c, &d.th.w.desk, record, &back, &json));
    duo_carry(&d);
    assert_false(world_grep(&d.mm.w, d.mm.w.dir, STR("zqdocument"), NULL));
    duo_done(&d);
}

// Answers that are kept for who asks twice may hold what was let go of.
static void test_no_kept_answer_has_it(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    DeskReplay again;
    CryptoHash request = {{1}};
    duo_open(&d);
    Ctx *c = &d.c;
    const Desk *desk = &d.mm.w.desk;
    Str report = duo_report(&d, &d.th, "zq00001x", "");
    duo_share(&d, &d.th, report, (DeskShareDraft){0});
    duo_carry(&d);
    assert_ok(c, desk_replay_begin(c, desk, STR("k1"), &request, &again));
    assert_ok(c, desk_replay_end(c, desk, STR("k1"), 200, STR("{\"id\":\"zq00001x\"}")));
    assert_ok(c, desk_replay_begin(c, desk, STR("k1"), &request, &again));
    assert_true(again.known && again.answer.n > 0);
    DeskRetractDraft back = {.reason = STR("wrong")};
    assert_ok(c, desk_retract(c, &d.th.w.desk, report, &back, &json));
    duo_carry(&d);
    assert_int_equal(desk_replay_begin(c, desk, STR("k1"), &request, &again), E_STATE);
    assert_false(world_grep(&d.mm.w, d.mm.w.dir, STR("zq00001x"), NULL));
    duo_done(&d);
}

// The disk is full at each write in turn while it goes, and the program ends then: no answer that
// is kept has what is gone.
static void test_no_kept_answer_after_a_crash(void **state) {
    (void)state;
    Duo d;
    int gone = 0, stayed = 0;
    duo_open(&d);
    Ctx *c = &d.c;
    for (uint64_t nth = 1; nth <= 41; nth += 5) {
        AUTO(Buf) json = {0};
        char word[16], answer[32];
        DeskReplay again;
        DeskSyncTaken taken;
        AUTO(Buf) message = {0};
        CryptoHash request = {{(uint8_t)nth}};
        int64_t next;
        snprintf(word, sizeof word, "zq%05dx", (int)nth);
        snprintf(answer, sizeof answer, "{\"id\":\"kept%s\"}", word);
        Str report = duo_report(&d, &d.th, word, "");
        duo_share(&d, &d.th, report, (DeskShareDraft){0});
        duo_carry(&d);
        assert_ok(c, desk_replay_begin(c, &d.mm.w.desk, str_of(word), &request, &again));
        assert_ok(c, desk_replay_end(c, &d.mm.w.desk, str_of(word), 200, str_of(answer)));
        DeskRetractDraft back = {.reason = STR("wrong")};
        assert_ok(c, desk_retract(c, &d.th.w.desk, report, &back, &json));
        duo_tick(&d, &d.th);
        duo_message(&d, &d.th, &d.mm, &message, &taken);
        fault_plan_set((FaultPlan){.write_nth = nth, .write_errno = ENOSPC});
        Err e = desk_exchange_tick(c, d.mm.w.node, &next);
        fault_plan_set((FaultPlan){0});
        world_reopen(&d.mm.w);
        bool sees = duo_sees(&d, &d.mm, report);
        gone += e != OK && !sees;
        stayed += e != OK && sees;
        Err kept = desk_replay_begin(c, &d.mm.w.desk, str_of(word), &request, &again);
        if (!sees && (kept != E_STATE || world_grep(&d.mm.w, d.mm.w.dir, str_of(answer), NULL)))
            fail_msg("the answer to %s stays behind write %d", word, (int)nth);
        duo_carry(&d);
    }
    assert_true(gone > 0 && stayed > 0);
    duo_done(&d);
}

// --- when ---------------------------------------------------------------------------------------

static int64_t next_tick(Duo *d, Side *s) {
    int64_t next;
    assert_ok(&d->c, desk_exchange_tick(&d->c, s->w.node, &next));
    return next;
}

// Asks to be called again when the next term is over, not a minute later.
static void test_a_term_is_kept_to_the_second(void **state) {
    (void)state;
    Duo d;
    duo_open(&d);
    Str report = duo_report(&d, &d.th, "zq00001x", "");
    int64_t until, now = d.mm.w.now;
    char text[TIME_TEXT_BYTES];
    time_format(now + 20 * SECOND_US, text);
    assert_true(time_parse(str_of(text), &until));
    duo_share(&d, &d.th, report, (DeskShareDraft){.until = str_of(text)});
    duo_carry(&d);
    assert_int_equal(next_tick(&d, &d.mm), until);
    d.mm.w.now = until;
    (void)next_tick(&d, &d.mm);
    assert_false(duo_sees(&d, &d.mm, report));
    duo_done(&d);
}

// An accord begins and ends when its time has come, though nobody writes anything.
static void test_an_accord_begins_and_ends_by_itself(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open(&d);
    Ctx *c = &d.c;
    Str kind = STR("report");
    char begins[TIME_TEXT_BYTES], ends[TIME_TEXT_BYTES];
    int64_t begins_at = d.th.w.now / SECOND_US * SECOND_US + 20 * SECOND_US;
    int64_t ends_at = begins_at + 20 * SECOND_US;
    time_format(begins_at, begins);
    time_format(ends_at, ends);
    DeskMemberDraft member = {.agency = STR("mm"), .law = STR("a law")};
    DeskAccordDraft draft = {.name = STR("mekong"),
                             .title = STR("Mekong"),
                             .members = &member,
                             .member_count = 1,
                             .kinds = &kind,
                             .kind_count = 1,
                             .begins_at = str_of(begins),
                             .ends_at = str_of(ends)};
    assert_ok(c, desk_accord_new(c, &d.th.w.desk, &draft, &json));
    duo_carry(&d);
    duo_sign(&d, &d.th, "mekong");
    duo_sign(&d, &d.mm, "mekong");
    duo_carry(&d);
    (void)next_tick(&d, &d.th); // what it wrote itself is folded
    assert_int_equal(next_tick(&d, &d.th), begins_at);
    d.th.w.now = d.mm.w.now = begins_at;
    assert_true(desk_select_due(d.th.w.node, &d.th.w.node->exchange->peers[0]));
    (void)next_tick(&d, &d.th);
    assert_int_equal(next_tick(&d, &d.th), ends_at);
    duo_done(&d);
}

// What may not go any more is a hole in the journal before a message is made, and no reason to
// call.
static void test_what_is_taken_back_on_its_way_is_a_hole(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    PictureRecord found;
    RecordId id;
    bool waits;
    duo_open(&d);
    Ctx *c = &d.c;
    Str report = duo_report(&d, &d.th, "zq00001x", "");
    duo_share(&d, &d.th, report, (DeskShareDraft){0});
    duo_tick(&d, &d.th);
    assert_true(record_id_parse(report, &id));
    {
        AUTO(DeskReading) r = {0};
        assert_ok(c, desk_reading_machine(c, d.th.w.node, &r));
        assert_ok(c, picture_record_get(c, r.slot->picture, id, &found));
    }
    const JournalPeer *j = &d.th.w.node->exchange->peers[0].j;
    StoreDb *db = ledger_db(d.th.w.node->ledger);
    int64_t place = ledger_place_key((LedgerPlace){LEDGER_MAIN, (int64_t)found.seq});
    assert_ok(c, journal_find(c, db, j, j->told, place, &waits));
    assert_true(waits);
    DeskRetractDraft back = {.reason = STR("wrong")};
    assert_ok(c, desk_retract(c, &d.th.w.desk, report, &back, &json));
    duo_tick(&d, &d.th);
    assert_ok(c, journal_find(c, db, j, j->told, place, &waits));
    assert_false(waits);
    duo_done(&d);
}

// --- documents ----------------------------------------------------------------------------------

// The answer with a document is lost, and nobody writes anything: it is asked for again.
static void test_a_lost_document_is_asked_for_again(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) message = {0};
    AUTO(Buf) lost = {0};
    AUTO(Buf) bytes = {0};
    DeskAttachment put, got;
    DeskSyncTaken taken;
    DeskSyncAsk ask = {0};
    bool news;
    duo_open(&d);
    Ctx *c = &d.c;
    CryptoHash th = duo_id(&d.th), mm = duo_id(&d.mm);
    (void)share_slip(&d, &put);
    duo_tick(&d, &d.th);
    duo_message(&d, &d.th, &d.mm, &message, &taken);
    buf_clear(&message);
    assert_ok(c, desk_sync_make(c, d.mm.w.node, &th, &ask, &message, &news));
    assert_ok(c, desk_sync_take(c, d.th.w.node, &mm, buf_view(&message), &taken));
    assert_ok(c, desk_sync_make(c, d.th.w.node, &mm, &ask, &lost, &news));
    for (int i = 0; i < 4; i++) {
        duo_tick(&d, &d.mm);
        buf_clear(&message);
        duo_message(&d, &d.mm, &d.th, &message, &taken);
    }
    assert_false(desk_sync_waits(d.mm.w.node, &th));
    duo_pass(&d, (SYNC_WANT_EVERY_S + 1) * SECOND_US);
    duo_tick(&d, &d.mm);
    assert_true(desk_sync_waits(d.mm.w.node, &th));
    duo_carry(&d);
    assert_ok(c, desk_attachment_get(c, &d.mm.w.desk, str_of(put.sha256), &got, &bytes));
    duo_done(&d);
}

// Who asked for a document was answered by a program that ended since: the next one gives it.
static void test_what_was_asked_for_outlives_a_start(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) message = {0};
    AUTO(Buf) bytes = {0};
    DeskAttachment put, got;
    DeskSyncTaken taken;
    duo_open(&d);
    Ctx *c = &d.c;
    CryptoHash mm = duo_id(&d.mm);
    (void)share_slip(&d, &put);
    duo_tick(&d, &d.th);
    duo_message(&d, &d.th, &d.mm, &message, &taken);
    buf_clear(&message);
    duo_message(&d, &d.mm, &d.th, &message, &taken); // asks for it
    duo_reopen(&d);
    assert_true(desk_sync_waits(d.th.w.node, &mm));
    buf_clear(&message);
    duo_message(&d, &d.th, &d.mm, &message, &taken);
    assert_ok(c, desk_attachment_get(c, &d.mm.w.desk, str_of(put.sha256), &got, &bytes));
    duo_done(&d);
}

// --- by way of another --------------------------------------------------------------------------

// TH and MM, MM and KH.
// A share as another product may say it: for MM, under a mark that names KH as well.
static void share_for_mm_under_three(Duo *d, Side *kh, Str report) {
    Ctx *c = &d->c;
    Str mm = str_of(d->mm.w.node->agency_id), body;
    Str to[] = {str_of(d->th.w.node->agency_id), mm, str_of(kh->w.node->agency_id)};
    RecordMark mark = record_mark_default();
    desk_sort_strs(to, COUNT_OF(to));
    mark.to = to;
    mark.to_count = COUNT_OF(to);
    assert_ok(c, str_format(c, &body,
                            "{\"accept\":false,\"answers\":null,\"contact\":null,\"due_at\":null,"
                            "\"kind\":\"report\",\"recipient\":\"" STR_FMT
                            "\",\"record\":\"" STR_FMT "\",\"title\":null}",
                            STR_ARG(mm), STR_ARG(report)));
    {
        AUTO(DeskWriting) w = {0};
        DeskDraft share = {.kind = RECORD_SHARE, .mark = &mark, .body = body};
        assert_ok(c, desk_writing_begin(c, d->th.w.node, &d->th.w.desk, &w));
        assert_ok(c, desk_record_add(c, &w, &share, NULL));
    }
}

// What MM had for itself is shared with KH, too: KH gets it through MM, by the accord of all three.
static void test_a_later_share_opens_what_a_relay_has(void **state) {
    (void)state;
    Duo d;
    Side kh;
    AUTO(Buf) json = {0};
    Str kind = STR("report"), names[] = {STR("mm"), STR("kh")};
    duo_open_apart(&d);
    duo_side_open(&kh, 23, "KH", "centre");
    Ctx *c = &d.c;
    duo_relay(&d, &d.th, duo_card(&d, &d.mm), "mm");
    duo_relay(&d, &d.mm, duo_card(&d, &d.th), "th");
    duo_relay(&d, &d.mm, duo_card(&d, &kh), "kh");
    duo_confirm(&d, &kh, &d.mm, "mm", "");
    duo_confirm(&d, &d.th, &kh, "kh", "");
    duo_confirm(&d, &kh, &d.th, "th", "");
    DeskMemberDraft members[] = {{.agency = names[0], .law = STR("a law")},
                                 {.agency = names[1], .law = STR("a law")}};
    DeskAccordDraft draft = {.name = STR("sea"),
                             .title = STR("Sea"),
                             .members = members,
                             .member_count = 2,
                             .kinds = &kind,
                             .kind_count = 1};
    assert_ok(c, desk_accord_new(c, &d.th.w.desk, &draft, &json));
    duo_carry(&d);
    duo_carry_between(&d, &d.th, &kh);
    duo_sign(&d, &d.th, "sea");
    duo_sign(&d, &d.mm, "sea");
    duo_sign(&d, &kh, "sea");
    for (int i = 0; i < 2; i++) {
        duo_carry_three(&d, &kh);
        duo_carry_between(&d, &d.th, &kh);
    }
    Str report = duo_report(&d, &d.th, "R0", "sea");
    duo_carry_three(&d, &kh);
    assert_true(duo_sees(&d, &d.mm, report) && !duo_sees(&d, &kh, report));
    duo_relay(&d, &kh, STR("mm"), "mm"); // from now on it takes what MM relays
    duo_carry_three(&d, &kh);
    assert_true(duo_sees(&d, &kh, report));
    report = duo_report(&d, &d.th, "R1", "");
    duo_share(&d, &d.th, report, (DeskShareDraft){.to = names, .to_count = 1});
    duo_carry_three(&d, &kh);
    assert_true(duo_sees(&d, &d.mm, report) && !duo_sees(&d, &kh, report));
    assert_ok(c, desk_report_standing(c, &d.th.w.desk, STR("R1"), STR("claimed"), (Str){0},
                                      STR("two leaves")));
    share_for_mm_under_three(&d, &kh, report);
    duo_carry_three(&d, &kh);
    assert_true(duo_sees(&d, &kh, report));
    // TH learns of each leaf that was passed on.
    DeskRecordList l;
    DeskRecord passed;
    AUTO(Buf) envelope = {0};
    assert_ok(c, desk_record_list(c, &d.th.w.desk, STR("passed"), (DeskPage){0}, &l));
    assert_true(l.count > 1); // the newest first
    assert_ok(c, desk_record_get(c, &d.th.w.desk, l.items[0].id, &passed));
    buf_str(&envelope, passed.envelope);
    const JsonValue *v = json_find(json_find(duo_read(&d, &envelope), STR("record")), STR("body"));
    assert_int_equal(duo_list(v, "leaves")->count, 2);
    world_done(&kh.w);
    duo_done(&d);
}

// --- by file ------------------------------------------------------------------------------------

static const JsonValue *import(Duo *d, Side *s, Str file) {
    AUTO(Buf) json = {0};
    assert_ok(&d->c, desk_bundle_import(&d->c, &s->w.desk, file, (DeskProgress){0}, &json));
    return duo_read(d, &json);
}

static Str export(Duo *d, Side *from, const char *to) {
    AUTO(Buf) json = {0};
    char name[40];
    static int count;
    snprintf(name, sizeof name, "guard-%d.moei", count++);
    Str file = world_path(&from->w, name), kept;
    assert_ok(&d->c,
              desk_bundle_export(&d->c, &from->w.desk, str_of(to), file, (DeskProgress){0}, &json));
    assert_ok(&d->c, str_copy(&d->c, file, &kept));
    return kept;
}

static void test_who_may_carry_files(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open(&d);
    Ctx *c = &d.c;
    Str file = export(&d, &d.mm, "th"), ours = world_path(&d.th.w, "ours.moei");
    Desk eyes = d.th.w.desk;
    eyes.acts &= ~((uint64_t)1 << DESK_SHARE);
    assert_int_equal(desk_bundle_export(c, &eyes, STR("mm"), ours, (DeskProgress){0}, &json),
                     E_DENIED);
    assert_int_equal(desk_bundle_import(c, &eyes, file, (DeskProgress){0}, &json), E_DENIED);
    duo_done(&d);
}

// A message that says nothing good is named, and what stands behind it in the file counts.
static void test_one_bad_message_of_a_bundle(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) message = {0};
    DeskSyncAsk ask = {0};
    bool news;
    duo_open(&d);
    Ctx *c = &d.c;
    CryptoHash mm = duo_id(&d.mm);
    CryptoPublicKey key = duo_link_key(&d.mm);
    Str report = duo_report(&d, &d.th, "R1", ""), path = world_path(&d.th.w, "bad.moei");
    duo_share(&d, &d.th, report, (DeskShareDraft){0});
    duo_tick(&d, &d.th);
    assert_ok(c, desk_sync_make(c, d.th.w.node, &mm, &ask, &message, &news));
    {
        AUTO(File) file = {0};
        AUTO(SyncBundleWriter) bundle = {0};
        AUTO(Buf) bad = {0};
        buf_str(&bad, buf_view(&message));
        bad.p[bad.n / 2] ^= 1;
        assert_ok(c, file_open(c, path, FILE_CREATE, &file));
        assert_ok(c, sync_bundle_create(c, &file, &key, d.th.w.env.random, &bundle));
        assert_ok(c, sync_bundle_write(c, &bundle, buf_view(&bad)));
        assert_ok(c, sync_bundle_write(c, &bundle, buf_view(&message)));
        assert_ok(c, sync_bundle_finish(c, &bundle));
        assert_ok(c, file_sync(c, &file));
    }
    const JsonValue *v = import(&d, &d.mm, path);
    assert_int_equal(duo_int(v, "refused"), 1);
    assert_int_equal(duo_int(v, "messages"), 1);
    assert_true(duo_int(v, "new") > 0 && duo_str(v, "words").n > 0);
    assert_true(duo_sees(&d, &d.mm, report));
    duo_done(&d);
}

// What fails here is no fault of the file: it is said as what it is, and the file counts later.
static void test_a_full_disk_stops_an_import(void **state) {
    (void)state;
    Duo d;
    duo_open(&d);
    Ctx *c = &d.c;
    Str report = duo_report(&d, &d.th, "R1", "");
    duo_share(&d, &d.th, report, (DeskShareDraft){0});
    Str file = export(&d, &d.th, "mm");
    for (uint64_t nth = 1; nth <= 3; nth++) {
        AUTO(Buf) json = {0};
        fault_plan_set((FaultPlan){.write_nth = nth, .write_errno = ENOSPC});
        Err e = desk_bundle_import(c, &d.mm.w.desk, file, (DeskProgress){0}, &json);
        fault_plan_set((FaultPlan){0});
        assert_int_equal(e, E_NO_SPACE);
        assert_int_equal(json.n, 0);
    }
    assert_int_equal(duo_int(import(&d, &d.mm, file), "refused"), 0);
    assert_true(duo_sees(&d, &d.mm, report));
    duo_done(&d);
}

// Where no server runs, the import itself lets go of what it asks for, and the next file says so.
static void test_an_import_lets_go(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open(&d);
    Ctx *c = &d.c;
    Str report = duo_report(&d, &d.th, "zq00001x", "");
    duo_share(&d, &d.th, report, (DeskShareDraft){0});
    (void)import(&d, &d.mm, export(&d, &d.th, "mm"));
    assert_true(duo_sees(&d, &d.mm, report));
    DeskRetractDraft back = {.reason = STR("wrong")};
    assert_ok(c, desk_retract(c, &d.th.w.desk, report, &back, &json));
    (void)import(&d, &d.mm, export(&d, &d.th, "mm"));
    assert_false(duo_sees(&d, &d.mm, report));
    assert_false(world_grep(&d.mm.w, d.mm.w.dir, STR("zq00001x"), NULL));
    duo_done(&d);
}

// The size of TH's log that MM cosigned last, as TH has it.
static int64_t cosigned(Duo *d) {
    JournalCosign *items;
    size_t n;
    int64_t size = 0;
    CryptoHash th = duo_id(&d->th);
    assert_ok(&d->c, journal_cosign_list(&d->c, ledger_db(d->th.w.node->ledger), &th, &items, &n));
    for (size_t i = 0; i < n; i++)
        size = items[i].size > size ? items[i].size : size;
    return size;
}

// The program ends between the import and the export: the file cosigns what was taken all the same.
static void test_a_bundle_cosigns_after_a_new_start(void **state) {
    (void)state;
    Duo d;
    duo_open(&d);
    duo_share(&d, &d.th, duo_report(&d, &d.th, "R1", ""), (DeskShareDraft){0});
    int64_t before = cosigned(&d);
    (void)import(&d, &d.mm, export(&d, &d.th, "mm"));
    world_reopen(&d.mm.w);
    (void)import(&d, &d.th, export(&d, &d.mm, "th"));
    assert_true(cosigned(&d) > before);
    duo_done(&d);
}

// --- keys ---------------------------------------------------------------------------------------

static uint32_t roll(Duo *d, DeskKeyWhich which) {
    AUTO(Buf) json = {0};
    Desk admin = duo_admin(d, &d->th);
    assert_ok(&d->c, desk_key_roll(&d->c, &admin, which, &json));
    return duo_list(duo_read(d, &json), "waits_for")->count;
}

static bool link_key_is(Duo *d, const CryptoPublicKey *key) {
    CryptoPublicKey now = duo_link_key(&d->th);
    return memcmp(now.b, key->b, sizeof now.b) == 0;
}

// That a record lies ready for a peer is not that the peer has it.
static void test_no_new_link_key_before_it_is_told(void **state) {
    (void)state;
    Duo d;
    duo_open(&d);
    CryptoPublicKey old = duo_link_key(&d.th);
    assert_int_equal(roll(&d, DESK_KEY_OF_LINK), 1);
    for (int i = 0; i < 3; i++)
        duo_tick(&d, &d.th);
    duo_reopen(&d);
    assert_true(link_key_is(&d, &old));
    duo_carry(&d);
    duo_reopen(&d);
    assert_false(link_key_is(&d, &old));
    duo_done(&d);
}

// Who was revoked is not waited for. Where the agency is called stays what it was.
static void test_who_is_waited_for(void **state) {
    (void)state;
    Duo d;
    Side kh;
    AUTO(Buf) json = {0};
    const DeskLink *links;
    size_t n;
    duo_open(&d);
    duo_side_open(&kh, 23, "KH", "centre");
    duo_confirm(&d, &d.th, &kh, "kh", "");
    Ctx *c = &d.c;
    CryptoPublicKey old = duo_link_key(&d.th);
    assert_ok(c, desk_link_address_set(c, d.th.w.node, STR("https://th.example:8442")));
    assert_ok(c, desk_peer_revoke(c, &d.th.w.desk, STR("kh"), STR("no answer"), &json));
    assert_int_equal(roll(&d, DESK_KEY_OF_LINK), 1);
    duo_carry(&d);
    duo_reopen(&d);
    assert_false(link_key_is(&d, &old));
    duo_carry(&d);
    assert_ok(c, desk_link_list(c, d.mm.w.node, &links, &n));
    assert_int_equal(n, 1);
    assert_true(str_eq_c(links[0].address, "https://th.example:8442"));
    world_done(&kh.w);
    duo_done(&d);
}

// --- recovery -----------------------------------------------------------------------------------

// What is behind the good size holds a key of the log, which stays: the rest goes, and the agency
// is told so.
static void test_a_key_among_what_is_disowned(void **state) {
    (void)state;
    Duo d;
    DeskRecordList l;
    duo_open(&d);
    Ctx *c = &d.c;
    Str copy = duo_backup(&d, "copy");
    roll(&d, DESK_KEY_OF_LOG);
    Str lost = duo_report(&d, &d.th, "zq00001x", "");
    duo_share(&d, &d.th, lost, (DeskShareDraft){0});
    duo_carry(&d);
    assert_true(duo_sees(&d, &d.mm, lost));
    duo_set_back(&d, copy, "again");
    assert_ok(c, duo_recover(&d, duo_size_shut(&d), false));
    duo_reopen(&d);
    Str kept = duo_report(&d, &d.th, "zq00002x", "");
    duo_share(&d, &d.th, kept, (DeskShareDraft){0});
    duo_carry(&d);
    assert_true(duo_sees(&d, &d.mm, kept));
    assert_false(duo_sees(&d, &d.mm, lost));
    assert_false(world_grep(&d.mm.w, d.mm.w.dir, STR("zq00001x"), NULL));
    duo_sound(&d, &d.mm);
    assert_ok(c, desk_record_list(c, &d.th.w.desk, STR("let_go"), (DeskPage){0}, &l));
    assert_true(l.count > 0);
    duo_done(&d);
}

// A card of the thief's under the stolen log key, with a link key of his own: where the statement
// is known, the key that it names stays.
static void test_a_thiefs_card_after_the_statement(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    char own[sizeof d.th.w.dir];
    duo_open(&d);
    Ctx *c = &d.c;
    Str copy = duo_backup(&d, "copy");
    memcpy(own, d.th.w.dir, sizeof own);
    duo_set_back(&d, copy, "stolen");
    duo_reopen(&d);
    assert_ok(c, desk_peer_revoke(c, &d.th.w.desk, STR("mm"), STR("x"), &json));
    assert_int_equal(roll(&d, DESK_KEY_OF_LINK), 0);
    duo_reopen(&d);
    Str stolen = duo_card(&d, &d.th);
    CryptoPublicKey thief = duo_link_key(&d.th);
    duo_shut(&d);
    memcpy(d.th.w.dir, own, sizeof own);
    assert_ok(c, duo_recover(&d, duo_size_shut(&d), true));
    duo_reopen(&d);
    CryptoPublicKey now = duo_link_key(&d.th);
    bool taken;
    assert_ok(
        c, desk_statements_offer(c, d.mm.w.node, NULL, desk_statements_own(d.th.w.node), &taken));
    assert_true(taken);
    DeskPeerDraft draft = {.card = stolen, .name = STR("th")};
    buf_clear(&json);
    assert_ok(c, desk_peer_add(c, &d.mm.w.desk, &draft, &json));
    CryptoHash whose;
    assert_int_equal(desk_link_peer(c, d.mm.w.node, &thief, &whose), E_DENIED);
    assert_ok(c, desk_link_peer(c, d.mm.w.node, &now, &whose));
    duo_done(&d);
}

// The disk is full when a statement has come to count and nothing is let go of yet; the program
// ends: the next one lets go of it.
static void test_disowned_after_a_crash(void **state) {
    (void)state;
    Duo d;
    duo_open(&d);
    Ctx *c = &d.c;
    Str copy = duo_backup(&d, "copy");
    Str lost = duo_report(&d, &d.th, "zq00001x", "");
    duo_share(&d, &d.th, lost, (DeskShareDraft){0});
    duo_carry(&d);
    duo_set_back(&d, copy, "again");
    assert_ok(c, duo_recover(&d, duo_size_shut(&d), true));
    duo_reopen(&d);
    CryptoHash th = duo_id(&d.th);
    size_t said = 0;
    for (uint64_t nth = 1; nth <= 60 && said == 0; nth++) {
        bool taken;
        const LedgerStated *items;
        fault_plan_set((FaultPlan){.write_nth = nth, .write_errno = ENOSPC});
        Err e =
            desk_statements_offer(c, d.mm.w.node, NULL, desk_statements_own(d.th.w.node), &taken);
        fault_plan_set((FaultPlan){0});
        assert_int_equal(e, E_NO_SPACE);
        world_reopen(&d.mm.w);
        AUTO(DeskReading) r = {0};
        assert_ok(c, desk_reading_machine(c, d.mm.w.node, &r));
        assert_ok(c, ledger_statement_list(c, r.slot->ledger, &th, &items, &said));
    }
    assert_int_equal(said, 1);
    assert_false(duo_sees(&d, &d.mm, lost));
    duo_tick(&d, &d.mm);
    assert_false(world_grep(&d.mm.w, d.mm.w.dir, STR("zq00001x"), NULL));
    duo_done(&d);
}

// A stranger's word about an agency that was revoked here is not taken.
static void test_a_statement_of_who_was_revoked(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    bool taken;
    duo_open(&d);
    Ctx *c = &d.c;
    int64_t good = duo_size(&d);
    assert_ok(c, desk_peer_revoke(c, &d.mm.w.desk, STR("th"), STR("x"), &json));
    duo_shut(&d);
    assert_ok(c, duo_recover(&d, good, true));
    duo_reopen(&d);
    int64_t before = ledger_size(d.mm.w.node->ledger, LEDGER_MAIN);
    assert_ok(
        c, desk_statements_offer(c, d.mm.w.node, NULL, desk_statements_own(d.th.w.node), &taken));
    assert_false(taken);
    assert_int_equal(ledger_size(d.mm.w.node->ledger, LEDGER_MAIN), before);
    duo_done(&d);
}

// What a relay has of a log from before its statement goes under a head that the statement leaves,
// or not at all: no link is stopped by what only a disowned head proves.
static void test_a_relay_of_a_log_that_ended(void **state) {
    (void)state;
    Duo d;
    Side kh;
    duo_open_apart(&d);
    duo_side_open(&kh, 23, "KH", "centre");
    Ctx *c = &d.c;
    duo_relay(&d, &d.th, duo_card(&d, &d.mm), "mm");
    duo_relay(&d, &d.mm, duo_card(&d, &d.th), "th");
    duo_relay(&d, &d.mm, duo_card(&d, &kh), "kh");
    duo_relay(&d, &kh, duo_card(&d, &d.mm), "mm");
    duo_carry_three(&d, &kh);
    Str kept = duo_report(&d, &d.th, "zq00001x", "");
    duo_share(&d, &d.th, kept, (DeskShareDraft){0});
    Str copy = duo_backup(&d, "copy");
    duo_share(&d, &d.th, duo_report(&d, &d.th, "zq00002x", ""), (DeskShareDraft){0});
    duo_carry(&d); // both under a head behind the copy
    duo_set_back(&d, copy, "again");
    assert_ok(c, duo_recover(&d, duo_size_shut(&d), true));
    duo_reopen(&d);
    bool taken;
    assert_ok(
        c, desk_statements_offer(c, d.mm.w.node, NULL, desk_statements_own(d.th.w.node), &taken));
    duo_carry(&d);
    assert_true(duo_sees(&d, &d.mm, kept));
    Str notice = duo_ask_to_pass_on(&d, kept);
    duo_carry_three(&d, &kh);
    duo_grant(&d, notice);
    duo_carry_three(&d, &kh);
    Str own = duo_report(&d, &d.mm, "R3", ""), to = STR("kh");
    duo_share(&d, &d.mm, own, (DeskShareDraft){.to = &to, .to_count = 1});
    duo_carry_three(&d, &kh);
    assert_true(duo_sees(&d, &kh, own));
    duo_sound(&d, &kh);
    world_done(&kh.w);
    duo_done(&d);
}

int run_desk_guard_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_erasure_of_another_place),
        cmocka_unit_test(test_a_document_goes_with_its_record),
        cmocka_unit_test(test_no_kept_answer_has_it),
        cmocka_unit_test(test_no_kept_answer_after_a_crash),
        cmocka_unit_test(test_a_term_is_kept_to_the_second),
        cmocka_unit_test(test_an_accord_begins_and_ends_by_itself),
        cmocka_unit_test(test_what_is_taken_back_on_its_way_is_a_hole),
        cmocka_unit_test(test_a_lost_document_is_asked_for_again),
        cmocka_unit_test(test_what_was_asked_for_outlives_a_start),
        cmocka_unit_test(test_a_later_share_opens_what_a_relay_has),
        cmocka_unit_test(test_who_may_carry_files),
        cmocka_unit_test(test_one_bad_message_of_a_bundle),
        cmocka_unit_test(test_a_full_disk_stops_an_import),
        cmocka_unit_test(test_an_import_lets_go),
        cmocka_unit_test(test_a_bundle_cosigns_after_a_new_start),
        cmocka_unit_test(test_no_new_link_key_before_it_is_told),
        cmocka_unit_test(test_who_is_waited_for),
        cmocka_unit_test(test_a_key_among_what_is_disowned),
        cmocka_unit_test(test_a_thiefs_card_after_the_statement),
        cmocka_unit_test(test_disowned_after_a_crash),
        cmocka_unit_test(test_a_statement_of_who_was_revoked),
        cmocka_unit_test(test_a_relay_of_a_log_that_ended),
    };
    return cmocka_run_group_tests_name("desk: guards", tests, NULL, NULL);
}
