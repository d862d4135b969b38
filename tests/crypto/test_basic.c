// Hashes, HMAC, signatures, ids, base64 and random, by the vectors that stand in the standards.
#include "test.h"

#include "crypto/crypto.h"
#include "groups.h"

static void assert_hex(const void *bytes, size_t n, const char *hex) {
    AUTO(Buf) b = {0};
    buf_hex(&b, bytes, n);
    buf_char(&b, '\0');
    assert_string_equal(b.p, hex);
}

static void unhex(const char *hex, void *ret_bytes, size_t n) {
    assert_true(hex_decode(str_of(hex), ret_bytes, n));
}

static int start_crypto(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    assert_ok(&c, crypto_init(&c));
    assert_ok(&c, crypto_init(&c));
    return 0;
}

static void test_sha256(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *hex;
    } rows[] = {
        // FIPS 180-4, NIST examples
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CryptoHash h = crypto_sha256(rows[i].text, strlen(rows[i].text));
        assert_hex(h.b, sizeof h.b, rows[i].hex);
    }
    CryptoSha256 s;
    crypto_sha256_init(&s);
    char block[1000];
    memset(block, 'a', sizeof block);
    for (int i = 0; i < 1000; i++)
        crypto_sha256_add(&s, block, sizeof block);
    CryptoHash million = crypto_sha256_finish(&s);
    assert_hex(million.b, sizeof million.b,
               "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// In any parts, and forked from a common prefix, the hash is the same.
static void test_sha256_in_parts(void **state) {
    (void)state;
    Rng rng;
    rng_seed(&rng, 256);
    uint8_t bytes[300];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)rng_next(&rng);
    for (int round = 0; round < 500; round++) {
        size_t n = rng_below(&rng, sizeof bytes + 1);
        size_t cut = rng_below(&rng, n + 1);
        CryptoSha256 s;
        crypto_sha256_init(&s);
        crypto_sha256_add(&s, bytes, cut);
        CryptoSha256 fork = s;
        crypto_sha256_add(&s, NULL, 0);
        crypto_sha256_add(&s, bytes + cut, n - cut);
        crypto_sha256_add(&fork, bytes + cut, n - cut);
        CryptoHash want = crypto_sha256(bytes, n);
        CryptoHash a = crypto_sha256_finish(&s);
        CryptoHash b = crypto_sha256_finish(&fork);
        assert_memory_equal(a.b, want.b, sizeof want.b);
        assert_memory_equal(b.b, want.b, sizeof want.b);
    }
}

static void test_hmac(void **state) {
    (void)state;
    uint8_t long_key[131];
    memset(long_key, 0xaa, sizeof long_key);
    uint8_t count_key[25];
    for (size_t i = 0; i < sizeof count_key; i++)
        count_key[i] = (uint8_t)(i + 1);
    char fifty[50];
    memset(fifty, 0xdd, sizeof fifty);
    char cd[50];
    memset(cd, 0xcd, sizeof cd);
    char ob[20];
    memset(ob, 0x0b, sizeof ob);
    const char *test7 = "This is a test using a larger than block-size key and a larger than "
                        "block-size data. The key needs to be hashed before being used by the "
                        "HMAC algorithm.";
    const struct {
        const void *key;
        size_t key_n;
        const char *text;
        size_t n;
        const char *hex;
    } rows[] = {
        // RFC 4231, cases 1, 2, 3, 4, 6, 7
        {ob, 20, "Hi There", 8, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"Jefe", 4, "what do ya want for nothing?", 28,
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {long_key, 20, fifty, 50,
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {count_key, 25, cd, 50, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
        {long_key, 131, "Test Using Larger Than Block-Size Key - Hash Key First", 54,
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {long_key, 131, test7, 152,
         "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CryptoHmacKey k;
        crypto_hmac_key_init(&k, rows[i].key, rows[i].key_n);
        for (int twice = 0; twice < 2; twice++) {
            CryptoHash h = crypto_hmac(&k, rows[i].text, rows[i].n);
            assert_hex(h.b, sizeof h.b, rows[i].hex);
        }
    }
}

static void test_signatures(void **state) {
    (void)state;
    static const struct {
        const char *seed, *public, *text, *signature;
    } rows[] = {
        // RFC 8032 section 7.1, tests 1 to 3
        {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701"
         "c"
         "f9b46bd25bf5f0595bbe24655141438e7a100b"},
        {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
         "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d"
         "0"
         "f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
        {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
         "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
         "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f7609"
         "8"
         "4dc6594a7c15e9716ed28dc027beceea1ec40a"},
    };
    AUTO(Ctx) c;
    ctx_init(&c);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CryptoSeed seed;
        CryptoSignKey key;
        CryptoPublicKey public;
        char text[2];
        size_t n = strlen(rows[i].text) / 2;
        unhex(rows[i].seed, seed.b, sizeof seed.b);
        unhex(rows[i].text, text, n);
        crypto_sign_key_from_seed(&seed, &key, &public);
        assert_hex(public.b, sizeof public.b, rows[i].public);
        CryptoPublicKey again = crypto_sign_key_public(&key);
        assert_memory_equal(again.b, public.b, sizeof again.b);
        CryptoSignature s = crypto_signature_make(&key, text, n);
        assert_hex(s.b, sizeof s.b, rows[i].signature);
        assert_ok(&c, crypto_signature_check(&c, &public, (Str){text, n}, &s));
        for (size_t bit = 0; bit < 8 * sizeof s.b; bit++) {
            CryptoSignature flipped = s;
            flipped.b[bit / 8] ^= (uint8_t)(1U << (bit % 8));
            assert_false(crypto_signature_holds(&public, text, n, &flipped));
        }
        assert_int_equal(crypto_signature_check(&c, &public, STR("other"), &s), E_CRYPTO);
    }
}

static void fill_from_bytes(void *self, void *ret_bytes, size_t n) {
    memcpy(ret_bytes, self, n);
}

static void test_uuid(void **state) {
    (void)state;
    // The example of RFC 9562, appendix A.6.
    uint8_t random[10];
    unhex("0cc318c4dc0c0c07398f", random, sizeof random);
    CryptoRandom r = {.fill = fill_from_bytes, .self = random};
    CryptoUuid u = crypto_uuid7(1645557742000, r);
    char text[CRYPTO_UUID_TEXT_BYTES];
    crypto_uuid_format(u, text);
    assert_string_equal(text, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    assert_int_equal(crypto_uuid7_ms(u), 1645557742000);
    assert_true(crypto_uuid_is_v7(u));
    memset(random, 0xFF, sizeof random);
    crypto_uuid_format(crypto_uuid7((1LL << 48) - 1, r), text);
    assert_string_equal(text, "ffffffff-ffff-7fff-bfff-ffffffffffff");
    CryptoUuid back;
    assert_true(crypto_uuid_parse(STR("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"), &back));
    assert_memory_equal(back.b, u.b, sizeof u.b);
    assert_true(crypto_uuid_parse(STR("919108f7-52d1-4320-9bac-f847db4148a8"), &back));
    assert_false(crypto_uuid_is_v7(back));
    static const char *const bad[] = {
        "",
        "017f22e279b07cc398c4dc0c0c07398f",
        "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
        "017f22e-279b0-7cc3-98c4-dc0c0c07398f",
        "017f22e2-79b0-7cc3-98c4--c0c0c07398f",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(crypto_uuid_parse(str_of(bad[i]), &back));
}

static void test_base64(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        // RFC 4648 section 10
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xFB\xEF\xFF", "++//"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(Buf) b = {0};
        char bytes[8] = "untouch";
        size_t n = 99;
        crypto_base64_put(&b, rows[i][0], strlen(rows[i][0]));
        assert_true(str_eq_c(buf_view(&b), rows[i][1]));
        assert_true(crypto_base64_decode(str_of(rows[i][1]), bytes, sizeof bytes, &n));
        assert_int_equal(n, strlen(rows[i][0]));
        assert_memory_equal(bytes, rows[i][0], n);
    }
    static const char *const bad[] = {
        "Zg",     "Zg=",    "Zh==",   "Zm9=",         "Zg==Zg==",
        "Zm9v\n", "Z m9v=", "-_-_",   "====",         "=",
        "Z===",   "Zm9vZ",  "Zg==\n", "Zm9vYmFyZm9v", "Zm9v\xFF\xFF\xFF\xFF",
        "Zm9\x80"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        char bytes[8] = "untouch";
        size_t n = 99;
        if (crypto_base64_decode(str_of(bad[i]), bytes, sizeof bytes, &n))
            fail_msg("taken: %s", bad[i]);
        assert_string_equal(bytes, "untouch");
        assert_int_equal(n, 99);
    }
    Rng rng;
    rng_seed(&rng, 64);
    for (size_t n = 0; n < 700; n++) {
        uint8_t bytes[700];
        uint8_t back[700];
        size_t back_n;
        for (size_t i = 0; i < n; i++)
            bytes[i] = (uint8_t)rng_next(&rng);
        AUTO(Buf) b = {0};
        crypto_base64_put(&b, bytes, n);
        assert_true(crypto_base64_decode(buf_view(&b), back, n, &back_n));
        assert_int_equal(back_n, n);
        assert_memory_equal(back, bytes, n);
        if (n > 0)
            assert_false(crypto_base64_decode(buf_view(&b), back, n - 1, &back_n));
    }
}

static void test_random(void **state) {
    (void)state;
    CryptoRandomSeeded s1;
    CryptoRandomSeeded s2;
    CryptoRandom r1 = crypto_random_seeded(&s1, 7);
    CryptoRandom r2 = crypto_random_seeded(&s2, 7);
    uint8_t a[64];
    uint8_t b[64];
    crypto_random_fill(r1, a, sizeof a);
    crypto_random_fill(r2, b, sizeof b);
    assert_true(crypto_equal(a, b, sizeof a));
    crypto_random_fill(r2, b, sizeof b);
    assert_false(crypto_equal(a, b, sizeof a));
    r2 = crypto_random_seeded(&s2, 8);
    crypto_random_fill(r2, b, sizeof b);
    assert_false(crypto_equal(a, b, sizeof a));
    crypto_random_fill(crypto_random_system(), a, sizeof a);
    crypto_random_fill(crypto_random_system(), b, sizeof b);
    assert_false(crypto_equal(a, b, sizeof a));
    crypto_wipe(a, sizeof a);
    memset(b, 0, sizeof b);
    assert_true(crypto_equal(a, b, sizeof a));
}

int run_crypto_basic_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256), cmocka_unit_test(test_sha256_in_parts),
        cmocka_unit_test(test_hmac),   cmocka_unit_test(test_signatures),
        cmocka_unit_test(test_uuid),   cmocka_unit_test(test_base64),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests_name("crypto basic", tests, start_crypto, NULL);
}
