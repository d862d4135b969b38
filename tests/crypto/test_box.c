// Boxes to a public key and streams by a given key, with libsodium's own functions at the other
// end.
#include "test.h"

#include <sodium.h>

#include "crypto/crypto.h"
#include "groups.h"

static CryptoSignKey make_key(uint8_t number, CryptoPublicKey *ret_public) {
    CryptoSeed seed = {{number}};
    CryptoSignKey key;
    crypto_sign_key_from_seed(&seed, &key, ret_public);
    return key;
}

static void test_box(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    assert_ok(&c, crypto_init(&c));
    CryptoPublicKey to, stranger_public;
    CryptoSignKey key = make_key(1, &to), stranger = make_key(2, &stranger_public);
    CryptoRandomSeeded state_of_random;
    CryptoRandom random = crypto_random_seeded(&state_of_random, 5);
    uint8_t curve_public[32], curve_secret[32], opened[64];
    assert_int_equal(crypto_sign_ed25519_pk_to_curve25519(curve_public, to.b), 0);
    assert_int_equal(crypto_sign_ed25519_sk_to_curve25519(curve_secret, key.b), 0);
    for (size_t n = 0; n < sizeof opened; n++) {
        AUTO(Buf) sealed = {0};
        AUTO(Buf) plain = {0};
        char text[64];
        memset(text, (int)n, sizeof text);
        assert_ok(&c, crypto_box_to(&c, &to, (Str){text, n}, random, &sealed));
        assert_int_equal(sealed.n, n + CRYPTO_BOX_EXTRA_BYTES);
        // libsodium opens ours,
        assert_int_equal(
            crypto_box_seal_open(opened, (uint8_t *)sealed.p, sealed.n, curve_public, curve_secret),
            0);
        assert_memory_equal(opened, text, n);
        assert_ok(&c, crypto_box_open_with(&c, &key, buf_view(&sealed), &plain));
        assert_true(str_eq(buf_view(&plain), (Str){text, n}));
        assert_int_equal(crypto_box_open_with(&c, &stranger, buf_view(&sealed), &plain), E_CRYPTO);
        for (size_t i = 0; i < sealed.n; i++) {
            sealed.p[i] ^= 1;
            assert_int_equal(crypto_box_open_with(&c, &key, buf_view(&sealed), &plain), E_CRYPTO);
            sealed.p[i] ^= 1;
            assert_int_equal(crypto_box_open_with(&c, &key, (Str){sealed.p, i}, &plain), E_CRYPTO);
        }
        assert_int_equal(plain.n, n);
        // and we open libsodium's.
        uint8_t theirs[64 + CRYPTO_BOX_EXTRA_BYTES];
        assert_int_equal(crypto_box_seal(theirs, (uint8_t *)text, n, curve_public), 0);
        buf_clear(&plain);
        Str box = {(char *)theirs, n + CRYPTO_BOX_EXTRA_BYTES};
        assert_ok(&c, crypto_box_open_with(&c, &key, box, &plain));
        assert_true(str_eq(buf_view(&plain), (Str){text, n}));
    }
    AUTO(Buf) out = {0};
    CryptoPublicKey none = {{0}};
    assert_int_equal(crypto_box_to(&c, &none, STR("x"), random, &out), E_CRYPTO);
    assert_int_equal(out.n, 0);
}

static void test_stream(void **state) {
    (void)state;
    CryptoKey key = {{1, 2, 3}};
    uint8_t header[CRYPTO_STREAM_HEADER_BYTES] = {4, 5, 6};
    uint8_t sealed[3][20 + CRYPTO_STREAM_EXTRA_BYTES], plain[20];
    const size_t n = 20 + CRYPTO_STREAM_EXTRA_BYTES;
    CryptoStream out, in;
    bool last;
    crypto_stream_start(&key, header, STR("bound"), &out);
    for (int i = 0; i < 3; i++) {
        memset(plain, i, sizeof plain);
        crypto_stream_seal(&out, plain, sizeof plain, i == 2, sealed[i]);
    }
    crypto_stream_start(&key, header, STR("bound"), &in);
    for (int i = 0; i < 3; i++) {
        assert_false(
            crypto_stream_open(&in, sealed[(i + 1) % 3], n, plain, &last)); // another place
        sealed[i][n - 1] ^= 1;
        assert_false(crypto_stream_open(&in, sealed[i], n, plain, &last));
        sealed[i][n - 1] ^= 1;
        assert_false(
            crypto_stream_open(&in, sealed[i], CRYPTO_STREAM_EXTRA_BYTES - 1, plain, &last));
        assert_true(crypto_stream_open(&in, sealed[i], n, plain, &last));
        assert_true(last == (i == 2) && plain[0] == i && plain[19] == i);
    }
    crypto_stream_start(&key, header, STR("other"), &in);
    assert_false(crypto_stream_open(&in, sealed[0], n, plain, &last));
    key.b[0] ^= 1;
    crypto_stream_start(&key, header, STR("bound"), &in);
    assert_false(crypto_stream_open(&in, sealed[0], n, plain, &last));
}

static void test_base64url(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        // RFC 4648, section 10, without padding; and what tells the alphabets apart
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xfe", "-__-"},
    };
    uint8_t bytes[16];
    size_t n;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(Buf) b = {0};
        crypto_base64url_put(&b, rows[i][0], strlen(rows[i][0]));
        assert_true(str_eq_c(buf_view(&b), rows[i][1]));
        assert_true(crypto_base64url_decode(str_of(rows[i][1]), bytes, sizeof bytes, &n));
        assert_true(str_eq_c((Str){(char *)bytes, n}, rows[i][0]));
        assert_true(n == 0 || !crypto_base64url_decode(str_of(rows[i][1]), bytes, n - 1, &n));
    }
    static const char *const bad[] = {"Z",    "Zg==", "Zh",    "Zm9",    "Zm9vY",
                                      "+__-", "-/_-", "Zm 9v", "\x80gAA"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (crypto_base64url_decode(str_of(bad[i]), bytes, sizeof bytes, &n))
            fail_msg("\"%s\" was taken", bad[i]);
}

int run_crypto_box_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_box),
        cmocka_unit_test(test_stream),
        cmocka_unit_test(test_base64url),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
