// Cosignatures by the words of C2SP tlog-cosignature, and recovery statements.
#include "test.h"

#include "groups.h"
#include "sync/sync.h"

// Made with OpenSSL from the specification alone; the key is RFC 8032 test 1.
#define NAME "moei/abababababababababababababababababababababababababababababababab"
#define ORIGIN "moei/cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd/main"
#define BODY ORIGIN "\n20852163\nSBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=\n"
#define NOTE BODY "\n\xE2\x80\x94 " ORIGIN " AAAA\n"
#define LINE                                                                                       \
    "\xE2\x80\x94 " NAME " 1iuG+AAAAABkGFDL/4LJkWODz+8TpU1LMOml5wjNmPYu6780sgT2cj/"                \
    "pWGfAmwPVZhBYTuaDjEgXsDJf7Vl16QeAZGFhQdXIJamECA==\n"
#define SEED "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
#define AT_S 1679315147LL

static CryptoSignKey rfc_key(CryptoPublicKey *ret_public) {
    CryptoSeed seed;
    CryptoSignKey key;
    assert_true(hex_decode(STR(SEED), seed.b, sizeof seed.b));
    crypto_sign_key_from_seed(&seed, &key, ret_public);
    return key;
}

static void test_vector(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    CryptoPublicKey public_key;
    CryptoSignKey key = rfc_key(&public_key);
    AUTO(Buf) line = {0};
    assert_ok(&c, sync_cosign_make(&c, STR(NAME), STR(NOTE), AT_S * 1000000 + 999999, &key, &line));
    assert_true(str_eq_c(buf_view(&line), LINE));
    int64_t at;
    assert_ok(&c, sync_cosign_check(&c, STR(NAME), STR(NOTE), STR(LINE), &public_key, &at));
    assert_int_equal(at, AT_S * 1000000);
}

// The parts of a line, taken apart here by the specification: key id, seconds, signature.
static void test_parts(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    CryptoSignKey key = key_of(3);
    CryptoPublicKey public_key = crypto_sign_key_public(&key);
    AUTO(Buf) line = {0};
    AUTO(Buf) id = {0};
    AUTO(Buf) message = {0};
    uint8_t blob[76];
    size_t n;
    assert_ok(&c, sync_cosign_make(&c, STR("w"), STR(NOTE), 5000000, &key, &line));
    assert_true(str_starts(buf_view(&line), STR("\xE2\x80\x94 w ")) && line.p[line.n - 1] == '\n');
    assert_true(crypto_base64_decode((Str){line.p + 6, line.n - 7}, blob, sizeof blob, &n));
    assert_int_equal(n, 76);
    buf_append(&id, "w\n\x04", 3);
    buf_append(&id, public_key.b, 32);
    CryptoHash h = crypto_sha256(id.p, id.n);
    assert_memory_equal(blob, h.b, 4);
    assert_memory_equal(blob + 4, "\0\0\0\0\0\0\0\5", 8);
    buf_text(&message, "cosignature/v1\ntime 5\n" BODY);
    CryptoSignature s;
    memcpy(s.b, blob + 12, 64);
    assert_true(crypto_signature_holds(&public_key, message.p, message.n, &s));
}

// The key id of a witness that is in public use.
static void test_key_id_of_a_public_witness(void **state) {
    (void)state;
    static const char key[] = "BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2";
    AUTO(Ctx) c;
    ctx_init(&c);
    uint8_t typed[33], blob[76] = {0xda, 0x77, 0xad, 0xe7};
    size_t n;
    assert_true(crypto_base64_decode(str_of(key), typed, sizeof typed, &n) && n == 33);
    assert_int_equal(typed[0], 4);
    CryptoPublicKey public_key;
    memcpy(public_key.b, typed + 1, 32);
    // With its id the line gets as far as the signature; with another one it does not.
    for (int wrong = 0; wrong < 2; wrong++) {
        AUTO(Buf) line = {0};
        int64_t at;
        blob[3] ^= (uint8_t)wrong;
        buf_text(&line, "\xE2\x80\x94 remora.n621.de ");
        crypto_base64_put(&line, blob, sizeof blob);
        buf_char(&line, '\n');
        assert_int_equal(sync_cosign_check(&c, STR("remora.n621.de"), STR(NOTE), buf_view(&line),
                                           &public_key, &at),
                         E_CRYPTO);
        assert_non_null(strstr(c.error, wrong ? "another name or key" : "does not hold"));
    }
}

static void test_each_byte_counts(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    CryptoPublicKey public_key;
    rfc_key(&public_key);
    char line[] = LINE, note[] = NOTE;
    int64_t at;
    for (size_t i = 0; i < sizeof line - 1; i++) {
        line[i] ^= 1;
        assert_true(sync_cosign_check(&c, STR(NAME), STR(NOTE), str_of(line), &public_key, &at) !=
                    OK);
        line[i] ^= 1;
        assert_true(sync_cosign_check(&c, STR(NAME), STR(NOTE), (Str){line, i}, &public_key, &at) !=
                    OK);
    }
    for (size_t i = 0; i < sizeof BODY - 1; i++) { // the log's own signature is not covered
        note[i] ^= 1;
        assert_true(sync_cosign_check(&c, STR(NAME), (Str){note, sizeof note - 1}, STR(LINE),
                                      &public_key, &at) != OK);
        note[i] ^= 1;
    }
    CryptoSignKey other = key_of(9);
    CryptoPublicKey other_public = crypto_sign_key_public(&other);
    assert_int_equal(sync_cosign_check(&c, STR(NAME), STR(NOTE), STR(LINE), &other_public, &at),
                     E_CRYPTO);
    AUTO(Buf) out = {0};
    assert_int_equal(sync_cosign_make(&c, STR("a b"), STR(NOTE), 0, &other, &out), E_INVALID);
    assert_int_equal(sync_cosign_make(&c, STR("a+b"), STR(NOTE), 0, &other, &out), E_INVALID);
    assert_int_equal(sync_cosign_make(&c, STR("a"), STR("no note"), 0, &other, &out), E_INVALID);
    assert_int_equal(sync_cosign_make(&c, STR("a"), STR(NOTE), -1, &other, &out), E_INVALID);
}

// --- recovery -----------------------------------------------------------------------------------

static SyncRecovery recovery(void) {
    SyncRecovery r = {.good_size = 1234567, .at_us = 1700000000000000, .reason = SYNC_COMPROMISED};
    memset(r.agency.b, 1, 32);
    memset(r.root.b, 2, 32);
    memset(r.next_log_key.b, 3, 32);
    memset(r.next_link_key.b, 4, 32);
    return r;
}

static void test_recovery(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    CryptoPublicKey public_key;
    CryptoSignKey key = rfc_key(&public_key);
    SyncRecovery r = recovery(), got;
    uint8_t bytes[SYNC_RECOVER_BYTES], signature[64];
    sync_recover_make(&r, &key, bytes);
    // Made with OpenSSL over the layout of the page.
    assert_true(hex_decode(STR("0d59c838624abf0c9569005e86bed60e36e273952ad0e6894b77e04a9af83a12"
                               "d9e3f0f96c259f8196384acd2f252c545e4dcece8fb945737156b7128a40290b"),
                           signature, sizeof signature));
    assert_memory_equal(bytes + SYNC_RECOVER_BYTES - 64, signature, 64);
    Str text = {(const char *)bytes, sizeof bytes};
    assert_ok(&c, sync_recover_read(&c, text, &public_key, &got));
    assert_memory_equal(&got.agency, &r.agency, 32);
    assert_memory_equal(&got.root, &r.root, 32);
    assert_memory_equal(&got.next_log_key, &r.next_log_key, 32);
    assert_memory_equal(&got.next_link_key, &r.next_link_key, 32);
    assert_true(got.good_size == r.good_size && got.at_us == r.at_us && got.reason == r.reason);
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] ^= 1;
        assert_true(sync_recover_read(&c, text, &public_key, &got) != OK);
        bytes[i] ^= 1;
        assert_int_equal(sync_recover_read(&c, (Str){text.p, i}, &public_key, &got), E_INVALID);
    }
    CryptoSignKey other = key_of(9);
    sync_recover_make(&r, &other, bytes);
    assert_int_equal(sync_recover_read(&c, text, &public_key, &got), E_CRYPTO);
    assert_ok(&c, sync_recover_parse(&c, text, &got));
    r.good_size = 1LL << 40;
    r.reason = (SyncRecoverReason)3;
    sync_recover_make(&r, &key, bytes);
    assert_int_equal(sync_recover_read(&c, text, &public_key, &got), E_INVALID);
}

int run_sync_cosign_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vector),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_key_id_of_a_public_witness),
        cmocka_unit_test(test_each_byte_counts),
        cmocka_unit_test(test_recovery),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
