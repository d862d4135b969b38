// Keys that change: of the log, between checkpoints; of links, when every peer knows the new one.
#include "duo.h"
#include "groups.h"

static int64_t roll(Duo *d, Side *s, DeskKeyWhich which, uint32_t waits) {
    AUTO(Buf) json = {0};
    Desk admin = duo_admin(d, s);
    assert_int_equal(desk_key_roll(&d->c, &s->w.desk, which, &json), E_DENIED);
    assert_ok(&d->c, desk_key_roll(&d->c, &admin, which, &json));
    const JsonValue *v = duo_read(d, &json);
    assert_int_equal(duo_list(v, "waits_for")->count, waits);
    return which == DESK_KEY_OF_LOG ? duo_int(v, "from_size") : 0;
}

// What the page says of a key of ours: 0 the log's, 1 the links'.
static void told(Duo *d, Side *s, uint32_t which, bool known, bool next) {
    AUTO(Buf) json = {0};
    Desk admin = duo_admin(d, s);
    assert_ok(&d->c, desk_links_json(&d->c, &admin, &json));
    const JsonValue *key = &duo_list(duo_read(d, &json), "keys")->items[which];
    assert_int_equal(duo_list(key, "known_by")->count, known);
    assert_int_equal(duo_list(key, "waits_for")->count, !known);
    assert_int_equal(duo_str(key, "next").n > 0, next);
}

static Str shared(Duo *d, Side *s, const char *id) {
    Str report = duo_report(d, s, id, "");
    duo_share(d, s, report, (DeskShareDraft){.tlp = STR("AMBER")});
    return report;
}

// Size of the largest checkpoint of `of` that `s` verified, and the key that signed it.
static int64_t head_at(Side *s, Side *of, CryptoPublicKey *ret_key) {
    Ctx *c = &s->w.c;
    AUTO(DeskReading) r = {0};
    CryptoHash agency = duo_id(of);
    LedgerCheckpoint head;
    uint32_t log;
    assert_ok(c, desk_reading_machine(c, s->w.node, &r));
    assert_ok(c, ledger_log_find(c, r.slot->ledger, &agency, &log));
    assert_ok(c, ledger_checkpoint(c, r.slot->ledger, log, &head));
    assert_ok(c, ledger_log_key(c, r.slot->ledger, log, head.size, ret_key));
    return head.size;
}

static void test_log_key(void **state) {
    (void)state;
    Duo d;
    CryptoPublicKey before, after;
    Str old[8], new[8];
    duo_open(&d);
    (void)head_at(&d.mm, &d.th, &before);
    for (int i = 0; i < 8; i++) {
        char id[16];
        snprintf(id, sizeof id, "A%d", i);
        old[i] = shared(&d, &d.th, id);
    }
    int64_t from = roll(&d, &d.th, DESK_KEY_OF_LOG, 1);
    told(&d, &d.th, 0, false, false);
    for (int i = 0; i < 8; i++) {
        char id[16];
        snprintf(id, sizeof id, "B%d", i);
        new[i] = shared(&d, &d.th, id);
    }
    duo_carry(&d);
    for (int i = 0; i < 8; i++) {
        assert_true(duo_sees(&d, &d.mm, old[i]));
        assert_true(duo_sees(&d, &d.mm, new[i]));
    }
    assert_true(head_at(&d.mm, &d.th, &after) >= from);
    told(&d, &d.th, 0, true, false);
    assert_memory_not_equal(before.b, after.b, sizeof after.b);
    // Again, and by a node that was started again: it signs, reads are logged, all is sound.
    world_reopen(&d.th.w);
    assert_ok(&d.c,
              desk_unlock(&d.c, &d.th.w.desk, str_of(d.th.w.secrets.officer_password), &d.th.key));
    (void)roll(&d, &d.th, DESK_KEY_OF_LOG, 1);
    (void)roll(&d, &d.th, DESK_KEY_OF_LOG, 1);
    world_reopen(&d.th.w);
    Str third = shared(&d, &d.th, "C");
    assert_true(duo_sees(&d, &d.th, third));
    duo_carry(&d);
    assert_true(duo_sees(&d, &d.mm, third));
    duo_sound(&d, &d.th);
    duo_sound(&d, &d.mm);
    duo_done(&d);
}

// Until the peer told to have the record, no head that only the new key signs goes to it.
static void test_no_head_before_its_key(void **state) {
    (void)state;
    Duo d;
    duo_open(&d);
    int64_t from = roll(&d, &d.th, DESK_KEY_OF_LOG, 1);
    Str report = shared(&d, &d.th, "A");
    CryptoHash th = duo_id(&d.th), mm = duo_id(&d.mm);
    AUTO(Buf) message = {0};
    DeskSyncAsk ask = {0};
    DeskSyncTaken taken;
    bool news;
    Ctx *c = &d.c;
    for (int i = 0; i < 2; i++) { // the second while the first is still under way: the same
        buf_clear(&message);
        SyncMessage *read;
        CryptoPublicKey by;
        LedgerCheckpoint cp;
        assert_ok(c, desk_sync_make(c, d.th.w.node, &mm, &ask, &message, &news));
        assert_ok(c, ctx_alloc(c, sizeof *read, &read));
        assert_ok(c, sync_read(c, buf_view(&message), &by, read));
        assert_int_equal(read->tree_count, 1);
        assert_int_equal(read->opening_count, 1); // the `key` record alone
        assert_ok(c, ledger_note_parse(c, read->trees[0].note, &cp));
        assert_true(cp.size < from);
    }
    assert_ok(c, desk_sync_take(c, d.mm.w.node, &th, buf_view(&message), &taken));
    assert_false(duo_sees(&d, &d.mm, report));
    duo_carry(&d);
    assert_true(duo_sees(&d, &d.mm, report));
    duo_done(&d);
}

// Who confirms an agency after its key changed learns all of its keys before anything else.
static void test_new_peer(void **state) {
    (void)state;
    Duo d;
    duo_open_apart(&d);
    for (int i = 0; i < 3; i++)
        (void)roll(&d, &d.th, DESK_KEY_OF_LOG, 0);
    duo_confirm(&d, &d.th, &d.mm, "mm", "");
    duo_confirm(&d, &d.mm, &d.th, "th", "");
    Str report = shared(&d, &d.th, "A");
    duo_carry(&d);
    assert_true(duo_sees(&d, &d.mm, report));
    duo_sound(&d, &d.mm);
    duo_done(&d);
}

// A card whose later key nobody's log names is worth nothing, whatever its fingerprint.
static void test_forged_card(void **state) {
    (void)state;
    Duo d;
    SyncCard card;
    AUTO(Buf) text = {0}, json = {0};
    CryptoSeed seed = {{7}};
    CryptoSignKey key;
    CryptoPublicKey public;
    duo_open_apart(&d);
    Ctx *c = &d.c;
    {
        AUTO(JsonReader) reader = {0};
        assert_ok(c, json_reader_open(c, &reader));
        assert_ok(c, sync_card_read(c, &reader, duo_card(&d, &d.mm), &card));
        crypto_sign_key_from_seed(&seed, &key, &public);
        card.from_size = 5;
        card.link_key = public;
        assert_ok(c, sync_card_write(c, &card, &key, &text));
    }
    DeskPeerDraft draft = {.card = buf_view(&text), .name = STR("mm")};
    assert_int_equal(desk_peer_add(c, &d.th.w.desk, &draft, &json), E_CRYPTO);
    assert_int_equal(desk_card_look_json(c, &d.th.w.desk, draft.card, &json), E_CRYPTO);
    duo_done(&d);
}

static bool knows(Duo *d, Side *s, const CryptoPublicKey *key) {
    CryptoHash agency;
    Err e = desk_link_peer(&d->c, s->w.node, key, &agency);
    if (e != E_DENIED)
        assert_ok(&d->c, e);
    return e == OK;
}

static void again(Duo *d, Side *s) {
    world_reopen(&s->w);
    assert_ok(&d->c,
              desk_unlock(&d->c, &s->w.desk, str_of(s->w.secrets.officer_password), &s->key));
}

static void test_link_key(void **state) {
    (void)state;
    Duo d;
    AUTO(Buf) json = {0};
    duo_open(&d);
    CryptoPublicKey old = duo_link_key(&d.th), still;
    (void)roll(&d, &d.th, DESK_KEY_OF_LINK, 1);
    Desk admin = duo_admin(&d, &d.th);
    assert_int_equal(desk_key_roll(&d.c, &admin, DESK_KEY_OF_LINK, &json), E_STATE);
    told(&d, &d.th, 1, false, true);
    // Nobody knows it yet: the old one stays, also for who starts again.
    again(&d, &d.th);
    still = duo_link_key(&d.th);
    assert_memory_equal(still.b, old.b, sizeof old.b);
    Str report = shared(&d, &d.th, "A");
    duo_carry(&d);
    assert_true(duo_sees(&d, &d.mm, report));
    still = duo_link_key(&d.th);
    assert_memory_equal(still.b, old.b, sizeof old.b);
    assert_true(knows(&d, &d.mm, &old));
    told(&d, &d.th, 1, true, true);
    // The peer told that it has the record. It takes either, until the new one is spoken.
    again(&d, &d.mm);
    again(&d, &d.th);
    CryptoPublicKey new = duo_link_key(&d.th);
    assert_memory_not_equal(new.b, old.b, sizeof old.b);
    told(&d, &d.th, 1, true, false);
    // Another address is no other key.
    assert_ok(&d.c, desk_link_address_set(&d.c, d.th.w.node, STR("https://th.example:8442")));
    told(&d, &d.th, 1, true, false);
    assert_true(knows(&d, &d.mm, &old));
    assert_true(knows(&d, &d.mm, &new));
    report = shared(&d, &d.th, "B");
    duo_carry(&d);
    assert_true(duo_sees(&d, &d.mm, report));
    assert_false(knows(&d, &d.mm, &old));
    again(&d, &d.mm);
    assert_false(knows(&d, &d.mm, &old));
    assert_true(knows(&d, &d.mm, &new));
    // The address does not bring the old one back.
    assert_ok(&d.c, desk_link_address_set(&d.c, d.th.w.node, STR("https://localhost:8442")));
    again(&d, &d.th);
    still = duo_link_key(&d.th);
    assert_memory_equal(still.b, new.b, sizeof new.b);
    duo_carry(&d);
    assert_true(knows(&d, &d.mm, &new));
    duo_done(&d);
}

// KH knows TH's log by MM alone: its new keys come that way, before what they sign.
static void test_through_another(void **state) {
    (void)state;
    Duo d;
    Side kh;
    AUTO(Buf) json = {0};
    CryptoPublicKey key;
    duo_open(&d);
    Ctx *c = &d.c;
    duo_side_open(&kh, 23, "KH", "centre");
    duo_relay(&d, &d.th, STR("mm"), "mm");
    duo_relay(&d, &d.mm, STR("th"), "th");
    duo_relay(&d, &d.mm, duo_card(&d, &kh), "kh");
    duo_relay(&d, &kh, duo_card(&d, &d.mm), "mm");
    (void)roll(&d, &d.th, DESK_KEY_OF_LOG, 1);
    Str report = shared(&d, &d.th, "A");
    (void)roll(&d, &d.th, DESK_KEY_OF_LOG, 1);
    duo_carry_three(&d, &kh);
    assert_true(duo_sees(&d, &d.mm, report));
    Str id = duo_ask_to_pass_on(&d, report);
    duo_carry_three(&d, &kh);
    duo_grant(&d, id);
    duo_carry_three(&d, &kh);
    assert_true(duo_sees(&d, &kh, report));
    // Once more, while all is under way; what takes it back is signed by the third key.
    int64_t from = roll(&d, &d.th, DESK_KEY_OF_LOG, 1);
    DeskRetractDraft back = {.reason = STR("wrong")};
    buf_clear(&json);
    assert_ok(c, desk_retract(c, &d.th.w.desk, report, &back, &json));
    duo_carry_three(&d, &kh);
    assert_false(duo_sees(&d, &kh, report));
    assert_true(head_at(&kh, &d.th, &key) >= from || head_at(&d.mm, &d.th, &key) >= from);
    duo_sound(&d, &kh);
    duo_sound(&d, &d.mm);
    world_done(&kh.w);
    duo_done(&d);
}

int run_desk_exchange_key_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_log_key),  cmocka_unit_test(test_no_head_before_its_key),
        cmocka_unit_test(test_new_peer), cmocka_unit_test(test_forged_card),
        cmocka_unit_test(test_link_key), cmocka_unit_test(test_through_another),
    };
    return cmocka_run_group_tests_name("desk exchange keys", tests, NULL, NULL);
}
