// Cards: what is written is read, and nothing else is.
#include "test.h"

#include "groups.h"
#include "sync/sync.h"
#include "vectors.h"

static void make_card(Ctx *c, SyncCard *ret_card, CryptoSignKey *ret_key) {
    CryptoSeed seed;
    CryptoPublicKey public_key;
    SyncCard card = {.genesis = vector_get(c, "genesis"),
                     .address = STR("https://node.example:8442")};
    vector_bytes(c, "seed", seed.b, sizeof seed.b);
    vector_bytes(c, "genesis_salt", card.salt, sizeof card.salt);
    crypto_sign_key_from_seed(&seed, ret_key, &public_key);
    CryptoSignKey link = key_of(4);
    card.link_key = crypto_sign_key_public(&link);
    *ret_card = card;
}

static void test_card(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(JsonReader) reader;
    assert_ok(&c, json_reader_open(&c, &reader));
    SyncCard card, got;
    CryptoSignKey key;
    make_card(&c, &card, &key);
    AUTO(Buf) text = {0};
    assert_ok(&c, sync_card_write(&c, &card, &key, &text));
    assert_true(str_starts(buf_view(&text), STR("MOEI1-")));
    assert_ok(&c, sync_card_read(&c, &reader, buf_view(&text), &got));
    uint8_t leaf[32], log_key[32];
    vector_bytes(&c, "genesis_leaf", leaf, sizeof leaf);
    vector_bytes(&c, "log_key", log_key, sizeof log_key);
    assert_memory_equal(got.agency.b, leaf, 32);
    assert_memory_equal(got.log_key.b, log_key, 32);
    assert_memory_equal(got.signed_by.b, log_key, 32);
    assert_memory_equal(got.link_key.b, card.link_key.b, 32);
    assert_int_equal(got.from_size, 0);
    assert_true(str_eq(got.genesis, card.genesis) && str_eq(got.address, card.address));
    assert_true(got.name.n > 0 && got.country.n == 2 && got.title.n > 0);
    char print[SYNC_FINGERPRINT_TEXT_BYTES];
    sync_fingerprint(&got.agency, &got.link_key, print);
    // As a few lines of a script would say it; and nobody else's link key has the same.
    AUTO(Buf) all = {0}, words = {0};
    buf_text(&all, "moei/fingerprint/1\n");
    buf_append(&all, leaf, sizeof leaf);
    buf_append(&all, card.link_key.b, sizeof card.link_key.b);
    CryptoHash by_hand = crypto_sha256(all.p, all.n);
    for (size_t i = 0; i < 10; i++) {
        buf_text(&words, i > 0 && i % 2 == 0 ? " " : "");
        buf_hex(&words, by_hand.b + i, 1);
    }
    assert_true(str_eq_c(buf_view(&words), print));
    char other[SYNC_FINGERPRINT_TEXT_BYTES];
    sync_fingerprint(&got.agency, &got.log_key, other);
    assert_string_not_equal(print, other);
    // As it comes out of a mail: broken into lines.
    AUTO(Buf) broken = {0};
    for (size_t i = 0; i < text.n; i++) {
        buf_char(&broken, text.p[i]);
        if (i % 60 == 59)
            buf_text(&broken, "\r\n ");
    }
    assert_ok(&c, sync_card_read(&c, &reader, buf_view(&broken), &got));
    assert_memory_equal(got.agency.b, leaf, 32);
}

// Each letter changed to another, each cut, something added.
static void test_tampered(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(JsonReader) reader;
    assert_ok(&c, json_reader_open(&c, &reader));
    SyncCard card, got;
    CryptoSignKey key;
    make_card(&c, &card, &key);
    AUTO(Buf) text = {0};
    assert_ok(&c, sync_card_write(&c, &card, &key, &text));
    assert_ok(&c, sync_card_read(&c, &reader, buf_view(&text), &got));
    CryptoHash card_id = got.agency;
    for (size_t i = 0; i < text.n; i++) {
        AUTO(Ctx) in;
        ctx_init(&in);
        char was = text.p[i];
        text.p[i] = was == 'A' ? 'B' : 'A';
        assert_true(sync_card_read(&in, &reader, buf_view(&text), &got) != OK);
        text.p[i] = i % 2 ? '=' : (char)0xC3;
        assert_true(sync_card_read(&in, &reader, buf_view(&text), &got) != OK);
        text.p[i] = was;
        assert_true(sync_card_read(&in, &reader, (Str){text.p, i}, &got) != OK);
    }
    // As `moei peer card` prints it, and in a letter; words right behind it are taken for a part.
    AUTO(Buf) letter = {0};
    buf_text(&letter, "Dear colleagues,\r\n\r\n");
    buf_append(&letter, text.p, 70);
    buf_text(&letter, "\r\n");
    buf_append(&letter, text.p + 70, text.n - 70);
    buf_text(&letter, "\r\n \r\nFingerprint    1a2b\r\n");
    assert_ok(&c, sync_card_read(&c, &reader, buf_view(&letter), &got));
    assert_memory_equal(&got.agency, &card_id, sizeof card_id);
    buf_text(&text, "\nAAAA");
    assert_int_equal(sync_card_read(&c, &reader, buf_view(&text), &got), E_INVALID);
    assert_int_equal(sync_card_read(&c, &reader, STR("MOEI-"), &got), E_INVALID);
    AUTO(Buf) long_text = {0};
    buf_text(&long_text, "MOEI1-");
    for (size_t i = 0; i < 3 * CARD_BYTES_MAX; i++)
        buf_char(&long_text, 'A');
    assert_int_equal(sync_card_read(&c, &reader, buf_view(&long_text), &got), E_LIMIT);
}

// Signed by a later key: it says so, and the caller must have the proof. By a stranger's as the
// genesis' key: refused.
static void test_other_keys(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(JsonReader) reader;
    assert_ok(&c, json_reader_open(&c, &reader));
    SyncCard card, got;
    CryptoSignKey key, later = key_of(5);
    CryptoPublicKey later_public = crypto_sign_key_public(&later);
    make_card(&c, &card, &key);
    AUTO(Buf) text = {0};
    assert_ok(&c, sync_card_write(&c, &card, &later, &text));
    assert_int_equal(sync_card_read(&c, &reader, buf_view(&text), &got), E_CRYPTO);
    buf_clear(&text);
    card.from_size = 4711;
    card.address = (Str){0};
    assert_ok(&c, sync_card_write(&c, &card, &later, &text));
    assert_ok(&c, sync_card_read(&c, &reader, buf_view(&text), &got));
    assert_int_equal(got.from_size, 4711);
    assert_int_equal(got.address.n, 0);
    assert_memory_equal(got.signed_by.b, later_public.b, 32);
    assert_true(memcmp(got.signed_by.b, got.log_key.b, 32) != 0);
    // A record that is no genesis.
    buf_clear(&text);
    card.genesis = vector_get(&c, "report");
    assert_ok(&c, sync_card_write(&c, &card, &key, &text));
    assert_int_equal(sync_card_read(&c, &reader, buf_view(&text), &got), E_INVALID);
}

static void test_addresses(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    SyncCard card;
    CryptoSignKey key;
    make_card(&c, &card, &key);
    static const char *const bad[] = {
        "http://node.example",  "https://",    "node.example:8442",   "https://a b",
        "https://a\nb",         "https://\"x", "javascript:alert(1)", "https://\xC3\xA4.example",
        "HTTPS://node.example",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        AUTO(Buf) text = {0};
        card.address = str_of(bad[i]);
        assert_int_equal(sync_card_write(&c, &card, &key, &text), E_INVALID);
    }
    AUTO(Buf) text = {0};
    card.address = STR("https://[2001:db8::1]:8442/moei");
    assert_ok(&c, sync_card_write(&c, &card, &key, &text));
}

int run_sync_card_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_card),
        cmocka_unit_test(test_tampered),
        cmocka_unit_test(test_other_keys),
        cmocka_unit_test(test_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
