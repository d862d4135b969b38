// Published vectors: Wycheproof, and the edge cases of Ed25519 (C2SP CCTV, ZIP 215). The files are
// JSON, but this room stands below json: the few fields are found by their names.
#include "test.h"

#include "crypto/crypto.h"
#include "groups.h"

#define FIELD_BYTES_MAX 8192

static Str vectors(Ctx *c, const char *name) {
    Str path;
    Str bytes;
    assert_ok(c, str_format(c, &path, "%s/vectors/%s", test_data_folder(), name));
    assert_ok(c, file_read_all(c, path, 16 << 20, &bytes));
    return bytes;
}

// The text value after "key": in s; false when there is none.
static bool find_text(Str s, const char *key, Str *ret_text) {
    char mark[64];
    size_t at;
    snprintf(mark, sizeof mark, "\"%s\": \"", key);
    if (!str_find(s, str_of(mark), &at))
        return false;
    Str rest = {s.p + at + strlen(mark), s.n - at - strlen(mark)};
    return str_split(&rest, '"', ret_text);
}

static Str must_find(Str s, const char *key) {
    Str text = {0};
    if (!find_text(s, key, &text))
        fail_msg("no field %s", key);
    return text;
}

static size_t hex_field(Str s, const char *key, uint8_t *ret_bytes) {
    Str hex = must_find(s, key);
    assert_true(hex.n / 2 <= FIELD_BYTES_MAX);
    assert_true(hex_decode(hex, ret_bytes, hex.n / 2));
    return hex.n / 2;
}

// Cuts the next piece off *rest: from `mark` up to the next `mark`.
static bool next_piece(Str *rest, const char *mark, Str *ret_piece) {
    size_t at;
    size_t end;
    if (!str_find(*rest, str_of(mark), &at))
        return false;
    Str from = {rest->p + at, rest->n - at};
    Str behind = {from.p + 1, from.n - 1};
    if (!str_find(behind, str_of(mark), &end))
        end = behind.n;
    *ret_piece = (Str){from.p, end + 1};
    *rest = (Str){from.p + end + 1, from.n - end - 1};
    return true;
}

static bool has(Str s, const char *word) {
    size_t at;
    return str_find(s, str_of(word), &at);
}

static bool signature_holds(Str piece, const char *names[3], const CryptoPublicKey *given,
                            const char *text) {
    uint8_t key[FIELD_BYTES_MAX];
    uint8_t sig[FIELD_BYTES_MAX];
    uint8_t message[FIELD_BYTES_MAX];
    CryptoPublicKey public = given ? *given : (CryptoPublicKey){0};
    CryptoSignature s;
    size_t n = text ? strlen(text) : 0;
    if (!given) {
        assert_int_equal(hex_field(piece, names[0], key), sizeof public.b);
        memcpy(public.b, key, sizeof public.b);
    }
    if (hex_field(piece, names[1], sig) != sizeof s.b)
        return false;
    memcpy(s.b, sig, sizeof s.b);
    if (!text)
        n = hex_field(piece, names[2], message);
    return crypto_signature_holds(&public, text ? (const void *)text : message, n, &s);
}

static void test_wycheproof_ed25519(void **state) {
    (void)state;
    SKIP_WITHOUT_DATA();
    AUTO(Ctx) c;
    ctx_init(&c);
    Str rest = vectors(&c, "wycheproof/ed25519_test.json");
    Str group;
    const char *names[3] = {"", "sig", "msg"};
    int count = 0;
    int valid = 0;
    while (next_piece(&rest, "\"type\": \"EDDSAPublicKey\"", &group)) {
        uint8_t key[FIELD_BYTES_MAX];
        CryptoPublicKey public;
        Str test;
        assert_int_equal(hex_field(group, "pk", key), sizeof public.b);
        memcpy(public.b, key, sizeof public.b);
        while (next_piece(&group, "\"tcId\":", &test)) {
            bool want = str_eq_c(must_find(test, "result"), "valid");
            if (signature_holds(test, names, &public, NULL) != want)
                fail_msg("%.40s", test.p);
            count++;
            valid += want;
        }
    }
    assert_int_equal(count, 151);
    assert_in_range(valid, 50, 150);
}

// Convention: without cofactor (so that a residue of low order fails), and refusing points of low
// order and encodings that are not canonical. 43 of the 914 hold.
static void test_ed25519_edges(void **state) {
    (void)state;
    SKIP_WITHOUT_DATA();
    AUTO(Ctx) c;
    ctx_init(&c);
    Str rest = vectors(&c, "ed25519-edge/ed25519vectors.json");
    Str piece;
    const char *names[3] = {"key", "sig", ""};
    int count = 0;
    int holding = 0;
    while (next_piece(&rest, "\"number\":", &piece)) {
        Str message = must_find(piece, "msg");
        char text[64];
        snprintf(text, sizeof text, STR_FMT, STR_ARG(message));
        bool want = !has(piece, "\"low_order_A\"") && !has(piece, "\"low_order_R\"") &&
                    !has(piece, "\"low_order_residue\"") && !has(piece, "\"non_canonical_A\"") &&
                    !has(piece, "\"non_canonical_R\"");
        if (signature_holds(piece, names, NULL, text) != want)
            fail_msg("%.300s", piece.p);
        count++;
        holding += want;
    }
    assert_int_equal(count, 914);
    assert_int_equal(holding, 43);
}

static void test_ed25519_zip215(void **state) {
    (void)state;
    SKIP_WITHOUT_DATA();
    AUTO(Ctx) c;
    ctx_init(&c);
    Str rest = vectors(&c, "ed25519-edge/zip215.json");
    Str piece;
    const char *names[3] = {"vk_bytes", "sig_bytes", ""};
    int count = 0;
    while (next_piece(&rest, "\"vk_bytes\"", &piece)) {
        assert_false(signature_holds(piece, names, NULL, "Zcash"));
        count++;
    }
    assert_int_equal(count, 196);
}

static void test_wycheproof_xchacha(void **state) {
    (void)state;
    SKIP_WITHOUT_DATA();
    AUTO(Ctx) c;
    ctx_init(&c);
    Str rest = vectors(&c, "wycheproof/xchacha20_poly1305_test.json");
    Str test;
    int count = 0;
    int valid = 0;
    while (next_piece(&rest, "\"tcId\":", &test)) {
        static const char *const parts[3] = {"iv", "ct", "tag"};
        uint8_t bytes[FIELD_BYTES_MAX];
        uint8_t aad[FIELD_BYTES_MAX];
        uint8_t plain[FIELD_BYTES_MAX];
        CryptoKey key;
        AUTO(Buf) sealed = {0};
        AUTO(Buf) opened = {0};
        if (must_find(test, "iv").n != 48)
            continue; // another length of nonce cannot be given through this door
        assert_int_equal(hex_field(test, "key", bytes), sizeof key.b);
        memcpy(key.b, bytes, sizeof key.b);
        for (size_t i = 0; i < COUNT_OF(parts); i++)
            buf_append(&sealed, bytes, hex_field(test, parts[i], bytes));
        size_t aad_n = hex_field(test, "aad", aad);
        size_t plain_n = hex_field(test, "msg", plain);
        bool want = str_eq_c(must_find(test, "result"), "valid");
        Str purpose = {(const char *)aad, aad_n};
        Err e = crypto_open(&c, &key, purpose, buf_view(&sealed), &opened);
        assert_int_equal(e, want ? OK : E_CRYPTO);
        if (want)
            assert_true(str_eq(buf_view(&opened), (Str){(const char *)plain, plain_n}));
        count++;
        valid += want;
    }
    assert_in_range(count, 200, 315);
    assert_in_range(valid, 100, count - 1);
}

static void test_wycheproof_hmac(void **state) {
    (void)state;
    SKIP_WITHOUT_DATA();
    AUTO(Ctx) c;
    ctx_init(&c);
    Str rest = vectors(&c, "wycheproof/hmac_sha256_test.json");
    Str test;
    int valid = 0;
    int invalid = 0;
    while (next_piece(&rest, "\"tcId\":", &test)) {
        uint8_t key[FIELD_BYTES_MAX];
        uint8_t message[FIELD_BYTES_MAX];
        uint8_t tag[FIELD_BYTES_MAX];
        CryptoHmacKey k;
        crypto_hmac_key_init(&k, key, hex_field(test, "key", key));
        CryptoHash h = crypto_hmac(&k, message, hex_field(test, "msg", message));
        size_t n = hex_field(test, "tag", tag);
        bool want = str_eq_c(must_find(test, "result"), "valid");
        assert_true(n <= sizeof h.b);
        assert_int_equal(crypto_equal(tag, h.b, n), want);
        valid += want;
        invalid += !want;
    }
    assert_in_range(valid, 20, 10000);
    assert_in_range(invalid, 20, 10000);
}

int run_crypto_vector_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wycheproof_ed25519), cmocka_unit_test(test_ed25519_edges),
        cmocka_unit_test(test_ed25519_zip215),     cmocka_unit_test(test_wycheproof_xchacha),
        cmocka_unit_test(test_wycheproof_hmac),
    };
    return cmocka_run_group_tests_name("crypto vectors", tests, NULL, NULL);
}
