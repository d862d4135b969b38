// Cards, peers, flags: who is confirmed, under which name, and who never is.
#include "duo.h"
#include "groups.h"
#include "office.h"

static Err add(Duo *d, Side *s, DeskPeerDraft draft, Buf *json) {
    buf_clear(json);
    return desk_peer_add(&d->c, &s->w.desk, &draft, json);
}

static void test_card_and_confirmation(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open_apart(&d);
    Ctx *c = &d.c;
    assert_ok(c, desk_card_json(c, &d.mm.w.desk, &json));
    const JsonValue *card = duo_read(&d, &json);
    assert_true(str_starts(duo_str(card, "card"), STR("MOEI1-")));
    assert_true(str_starts(duo_str(card, "qr_svg"), STR("<svg")));
    assert_int_equal(duo_str(card, "fingerprint").n, 24);
    buf_clear(&json);
    assert_ok(c, desk_card_look_json(c, &d.th.w.desk, duo_str(card, "card"), &json));
    const JsonValue *look = duo_read(&d, &json);
    assert_true(str_eq(duo_str(look, "fingerprint"), duo_str(card, "fingerprint")));
    assert_true(str_eq_c(duo_str(look, "country"), "MM") && duo_str(look, "known").n == 0);
    // Both are called th-centre here: the second name must be given.
    assert_int_equal(add(&d, &d.th, (DeskPeerDraft){.card = duo_str(card, "card")}, &json),
                     E_EXISTS);
    Str bank = STR("MM/KBZ"), none = STR("TH");
    assert_int_equal(add(&d, &d.th,
                         (DeskPeerDraft){.card = duo_str(card, "card"),
                                         .name = STR("mm"),
                                         .institutions = &none,
                                         .institution_count = 1},
                         &json),
                     E_INVALID);
    (void)bank;
    assert_ok(c, add(&d, &d.th, (DeskPeerDraft){.card = duo_str(card, "card"), .name = STR("mm")},
                     &json));
    const JsonValue *peer = duo_read(&d, &json);
    assert_true(str_eq_c(duo_str(peer, "state"), "confirmed"));
    assert_true(str_eq_c(duo_str(peer, "title"), "Anti-scam centre ศูนย์"));
    assert_true(str_eq_c(duo_str(peer, "kind"), "centre"));
    assert_false(duo_true(peer, "stopped"));
    buf_clear(&json);
    assert_ok(c, desk_card_look_json(c, &d.th.w.desk, duo_str(card, "card"), &json));
    assert_true(str_eq_c(duo_str(duo_read(&d, &json), "known"), "confirmed"));
    duo_done(&d);
}

static void test_false_cards(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open_apart(&d);
    Ctx *c = &d.c;
    Str card = duo_card(&d, &d.mm), own = duo_card(&d, &d.th), bad;
    assert_ok(c, str_copy(c, card, &bad));
    char *p = NULL;
    assert_ok(c, ctx_alloc(c, card.n + 1, &p));
    memcpy(p, card.p, card.n);
    p[card.n / 2] = p[card.n / 2] == 'A' ? 'B' : 'A';
    bad = (Str){p, card.n};
    Err e = add(&d, &d.th, (DeskPeerDraft){.card = bad, .name = STR("mm")}, &json);
    assert_true(e == E_INVALID || e == E_CRYPTO);
    assert_int_equal(add(&d, &d.th, (DeskPeerDraft){.card = own, .name = STR("me")}, &json),
                     E_DENIED);
    assert_int_equal(add(&d, &d.th, (DeskPeerDraft){.card = STR("mm")}, &json), E_NOT_FOUND);
    assert_int_equal(add(&d, &d.th, (DeskPeerDraft){.card = card, .name = STR("m m")}, &json),
                     E_INVALID);
    buf_clear(&json);
    assert_ok(c, desk_peer_list_json(c, &d.th.w.desk, &json));
    assert_int_equal(duo_list(duo_read(&d, &json), "items")->count, 0);
    duo_done(&d);
}

static void test_revoke_and_again(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open(&d);
    Ctx *c = &d.c;
    CryptoHash id;
    const DeskLink *links;
    size_t n;
    Str report = duo_report(&d, &d.th, "R1", "");
    duo_share(&d, &d.th, report, (DeskShareDraft){0});
    duo_carry(&d);
    assert_true(duo_sees(&d, &d.mm, report));
    assert_int_equal(desk_peer_revoke(c, &d.th.w.desk, STR("mm"), STR(" "), &json), E_INVALID);
    assert_ok(c, desk_peer_revoke(c, &d.th.w.desk, STR("mm"), STR("lost keys"), &json));
    const JsonValue *peer = duo_read(&d, &json);
    assert_true(str_eq_c(duo_str(peer, "state"), "revoked"));
    assert_true(str_eq_c(duo_str(peer, "reason"), "lost keys"));
    assert_ok(c, desk_peer_find(c, &d.th.w.desk, STR("mm"), &id)); // it stays listed
    assert_ok(c, desk_link_list(c, d.th.w.node, &links, &n));
    for (size_t i = 0; i < n; i++)
        assert_true(links[i].stopped);
    buf_clear(&json);
    assert_int_equal(desk_peer_revoke(c, &d.th.w.desk, STR("mm"), STR("again"), &json), E_STATE);
    buf_clear(&json);
    DeskShareDraft draft = {.to = &(Str){"mm", 2}, .to_count = 1};
    assert_int_equal(desk_share(c, &d.th.w.desk, report, &draft, &json), E_STATE);
    buf_clear(&json);
    assert_ok(c, desk_sharing_json(c, &d.th.w.desk, report, &json));
    assert_int_equal(duo_list(duo_read(&d, &json), "holders")->count, 1); // what it has, it has
    assert_ok(
        c, add(&d, &d.th, (DeskPeerDraft){.card = duo_card(&d, &d.mm), .name = STR("mm")}, &json));
    assert_true(str_eq_c(duo_str(duo_read(&d, &json), "state"), "confirmed"));
    duo_done(&d);
}

// What was given out is held from then on, for who takes it back; that it has come is for who got
// it to say.
static void test_on_its_way(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) message = {0};
    duo_open(&d);
    Ctx *c = &d.c;
    CryptoHash mm = duo_id(&d.mm);
    DeskSyncAsk ask = {0};
    bool news;
    duo_carry(&d);
    Str report = duo_report(&d, &d.th, "R1", "");
    duo_share(&d, &d.th, report, (DeskShareDraft){0});
    assert_ok(c, desk_sync_make(c, d.th.w.node, &mm, &ask, &message, &news));
    for (int come = 0; come < 2; come++) {
        AUTO(Buf) json = {0};
        if (come)
            duo_carry(&d);
        assert_ok(c, desk_sharing_json(c, &d.th.w.desk, report, &json));
        const JsonValue *holders = duo_list(duo_read(&d, &json), "holders");
        assert_int_equal(holders->count, 1);
        assert_int_equal(duo_true(&holders->items[0], "arrived"), come);
    }
    duo_done(&d);
}

static Err flag(Duo *d, const char *party, bool active, Buf *json) {
    DeskPartyDraft draft = {.party = str_of(party),
                            .source = STR("a list of sanctions"),
                            .country = STR("MM"),
                            .active = active};
    buf_clear(json);
    return desk_party_flag(&d->c, &d->th.w.desk, &draft, json);
}

static void test_a_flagged_party_gets_no_confirmation(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open_apart(&d);
    Ctx *c = &d.c;
    Str card = duo_card(&d, &d.mm);
    DeskPeerDraft draft = {.card = card, .name = STR("mm")};
    DeskPartyDraft no_source = {.party = STR("x"), .active = true};
    assert_int_equal(desk_party_flag(c, &d.th.w.desk, &no_source, &json), E_INVALID);
    // By its title, whatever the case of letters; by its id.
    const char *const parties[] = {"ANTI-scam centre ศูนย์", d.mm.w.node->agency_id};
    for (size_t i = 0; i < COUNT_OF(parties); i++) {
        assert_ok(c, flag(&d, parties[i], true, &json));
        assert_int_equal(add(&d, &d.th, draft, &json), E_DENIED);
        buf_clear(&json);
        assert_ok(c, desk_card_look_json(c, &d.th.w.desk, card, &json));
        assert_true(duo_true(duo_read(&d, &json), "flagged"));
        assert_ok(c, flag(&d, parties[i], false, &json));
        assert_int_equal(flag(&d, parties[i], false, &json), E_STATE);
    }
    assert_ok(c, add(&d, &d.th, draft, &json));
    // No accord with it either, once it is flagged.
    assert_ok(c, flag(&d, "mm", true, &json));
    DeskMemberDraft member = {.agency = STR("mm")};
    Str kind = STR("report");
    DeskAccordDraft accord = {.name = STR("x"),
                              .title = STR("x"),
                              .members = &member,
                              .member_count = 1,
                              .kinds = &kind,
                              .kind_count = 1};
    buf_clear(&json);
    assert_int_equal(desk_accord_new(c, &d.th.w.desk, &accord, &json), E_DENIED);
    buf_clear(&json);
    assert_ok(c, desk_party_list_json(c, &d.th.w.desk, &json));
    assert_int_equal(duo_list(duo_read(&d, &json), "items")->count, 3);
    duo_done(&d);
}

static void test_who_may(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open_apart(&d);
    Ctx *c = &d.c;
    Desk eyes = d.th.w.desk;
    eyes.acts = (uint64_t)1 << DESK_EXCHANGE_READ | (uint64_t)1 << DESK_RECORD_READ;
    DeskPeerDraft draft = {.card = duo_card(&d, &d.mm), .name = STR("mm")};
    assert_int_equal(desk_peer_add(c, &eyes, &draft, &json), E_DENIED);
    DeskPartyDraft party = {.party = STR("x"), .source = STR("y"), .active = true};
    assert_int_equal(desk_party_flag(c, &eyes, &party, &json), E_DENIED);
    assert_ok(c, desk_exchange_json(c, &eyes, &json));
    const JsonValue *v = duo_read(&d, &json);
    assert_int_equal(duo_list(v, "may")->count, 0);
    assert_int_equal(duo_int(v, "waiting"), 0);
    eyes.acts = 0;
    buf_clear(&json);
    assert_int_equal(desk_exchange_json(c, &eyes, &json), E_DENIED);
    assert_int_equal(desk_card_json(c, &eyes, &json), E_DENIED);
    duo_done(&d);
}

// An order on an account of a flagged bank, or on a flagged account, waits for a second officer.
static void test_orders_on_a_flagged_bank(void **state) {
    (void)state;
    static const char *const parties[] = {NULL, "TH/014", "th/014/2000000001", "TH/014/2"};
    for (size_t i = 0; i < COUNT_OF(parties); i++) {
        Office o;
        office_open(&o);
        World *w = &o.w;
        AUTO(Buf) json = {0};
        world_reports(w, "r.csv",
                      REPORT_HEADER "R-1,2026-01-01T12:00:00+07:00,Somchai,TH,phone,1000.00,THB,,"
                                    "TH/014/2000000001,,,\n");
        DeskPartyDraft flag = {
            .party = str_of(parties[i]), .source = STR("a list"), .active = true};
        if (parties[i])
            assert_ok(&w->c, desk_party_flag(&w->c, &w->desk, &flag, &json));
        DeskProposed made = office_first_hop(&o, "R-1");
        DeskOrder x = office_must(&o, made.created[0].id, ACT("issue"));
        bool flagged = i == 1 || i == 2; // the last is the beginning of an account, and no account
        assert_int_equal(x.view.waits_second, flagged);
        if (flagged) {
            office_say(w, office_act(&o, &w->desk, x.id, ACT("second"), NULL), E_DENIED, "alone");
            office_say(w, office_act(&o, &o.second, x.id, ACT("second"), &x), OK, "the second");
        }
        assert_true(office_is(&x, ORDER_ISSUED));
        office_done(&o);
    }
}

// More records than one look at the log takes, none of them for the peer, and a share behind them:
// a bundle of a node that was just opened goes through to the end.
static void test_long_log(void **state) {
    (void)state;
    Duo d;
    duo_open(&d);
    AUTO(Buf) rows = {0}, json = {0};
    buf_text(&rows, "id,reported_at,victim,country,channel,loss,currency,transfers,accounts,phones,"
                    "urls,story\n");
    for (int i = 0; i < 8300; i++) // with its victim each is two records
        buf_format(&rows, "L%d,2026-03-02T00:00:00Z,Somsri,TH,bank,1.00,THB,,,,,\n", i);
    buf_char(&rows, 0);
    assert_ok(&d.c, buf_check(&d.c, &rows));
    assert_int_equal(world_reports(&d.th.w, "long.csv", rows.p).taken, 8300);
    Str report = duo_report(&d, &d.th, "R1", "");
    duo_share(&d, &d.th, report, (DeskShareDraft){0});
    world_reopen(&d.th.w);
    Str file = world_path(&d.mm.w, "bundle");
    assert_ok(&d.c,
              desk_bundle_export(&d.c, &d.th.w.desk, STR("mm"), file, (DeskProgress){0}, &json));
    buf_clear(&json);
    assert_ok(&d.c, desk_bundle_import(&d.c, &d.mm.w.desk, file, (DeskProgress){0}, &json));
    assert_true(duo_sees(&d, &d.mm, report));
    duo_done(&d);
}

// Both have a report R1: each calls its own so, and the other's by whose it is, in every list and
// everywhere a record is named.
static void test_reports_of_one_name(void **state) {
    (void)state;
    Duo d;
    duo_open(&d);
    Str own = duo_report(&d, &d.mm, "R1", ""), theirs = duo_report(&d, &d.th, "R1", "");
    duo_share(&d, &d.th, theirs, (DeskShareDraft){0});
    duo_carry(&d);
    DeskReport r;
    DeskReportList list;
    DeskRecord record;
    assert_ok(&d.c, desk_report_list(&d.c, &d.mm.w.desk, (DeskPage){.limit = 10}, &list));
    assert_int_equal(list.count, 2);
    for (size_t i = 0; i < list.count; i++)
        assert_true(
            str_eq_c(list.items[i].name, str_eq(list.items[i].record, own) ? "R1" : "th/R1"));
    assert_ok(&d.c, desk_report_get(&d.c, &d.mm.w.desk, STR("th/R1"), &r));
    assert_true(str_eq(r.record, theirs) && str_eq_c(r.id, "R1"));
    assert_ok(&d.c, desk_record_get(&d.c, &d.mm.w.desk, STR("th/R1"), &record));
    assert_true(str_eq(record.id, theirs));
    assert_ok(&d.c, desk_record_get(&d.c, &d.mm.w.desk, STR("R1"), &record));
    assert_true(str_eq(record.id, own));
    assert_int_equal(desk_record_get(&d.c, &d.mm.w.desk, STR("th/R2"), &record), E_NOT_FOUND);
    duo_done(&d);
}

int run_desk_peer_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_card_and_confirmation),
        cmocka_unit_test(test_false_cards),
        cmocka_unit_test(test_revoke_and_again),
        cmocka_unit_test(test_on_its_way),
        cmocka_unit_test(test_a_flagged_party_gets_no_confirmation),
        cmocka_unit_test(test_orders_on_a_flagged_bank),
        cmocka_unit_test(test_who_may),
        cmocka_unit_test(test_long_log),
        cmocka_unit_test(test_reports_of_one_name),
    };
    return cmocka_run_group_tests_name("desk peer", tests, NULL, NULL);
}
