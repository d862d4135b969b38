// Table tests of room text: encodings, digits, zones, phones, forms and widths.
#include "test.h"

#include "text/text.h"

#include <stdlib.h>

// --- UTF-8 ---------------------------------------------------------------------------------------

// One character by the letter of the standard: decode, then check the shortest form.
static size_t naive_char(const uint8_t *p, size_t n) {
    size_t want = p[0] < 0x80   ? 1
                  : p[0] < 0xc0 ? 0
                  : p[0] < 0xe0 ? 2
                  : p[0] < 0xf0 ? 3
                  : p[0] < 0xf8 ? 4
                                : 0;
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    static const uint8_t lead_mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    if (want == 0 || want > n)
        return 0;
    uint32_t point = p[0] & lead_mask[want];
    for (size_t i = 1; i < want; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (p[i] & 0x3f);
    }
    if (point < smallest[want] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
        return 0;
    return want;
}

static size_t naive_prefix(const uint8_t *p, size_t n) {
    size_t i = 0;
    while (i < n) {
        size_t length = naive_char(p + i, n - i);
        if (length == 0)
            break;
        i += length;
    }
    return i;
}

static void test_utf8_against_naive(void **state) {
    (void)state;
    uint64_t seed = test_seed();
    Rng rng;
    rng_seed(&rng, seed);
    static const uint8_t likely[] = {0x00, 0x41, 0x7f, 0x80, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1,
                                     0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0,
                                     0xf1, 0xf4, 0xf5, 0xff, 0x90, 0x8f, 0x61};
    for (int round = 0; round < 200000; round++) {
        uint8_t bytes[80];
        size_t n = rng_below(&rng, round % 2 ? 8 : sizeof bytes);
        for (size_t i = 0; i < n; i++)
            bytes[i] = rng_below(&rng, 4) && n > 8 ? 'a' : likely[rng_below(&rng, sizeof likely)];
        size_t want = naive_prefix(bytes, n), got = 99;
        bool open_end = text_utf8_prefix((Str){(char *)bytes, n}, &got);
        assert_int_equal(got, want);
        assert_int_equal(text_utf8_valid((Str){(char *)bytes, n}), want == n);
        // It can still become valid exactly when some end makes it so.
        bool can = want == n;
        static const char *const ends[] = {"\x80",         "\xbf",         "\x80\x80",
                                           "\xbf\xbf",     "\x80\x80\x80", "\xbf\xbf\xbf",
                                           "\x90\x80\x80", "\xa0\x80"};
        for (size_t e = 0; e < COUNT_OF(ends) && !can; e++) {
            uint8_t longer[96];
            memcpy(longer, bytes, n);
            memcpy(longer + n, ends[e], strlen(ends[e]));
            can = naive_prefix(longer, n + strlen(ends[e])) == n + strlen(ends[e]);
        }
        assert_int_equal(open_end, can);
    }
}

// --- encodings
// -------------------------------------------------------------------------------------

// Decodes in pieces of `step` bytes.
static Err decode(Ctx *c, Str bytes, const char *asked, size_t step, Buf *out) {
    TextEncoding e;
    TRY(text_encoding_choose(c, bytes, str_of(asked), &e));
    AUTO(TextDecoderPtr) d = NULL;
    TRY(text_decoder_open(c, &e, &d));
    size_t at = e.bom_bytes, end = at;
    bool last = false;
    while (!last) {
        end = end + step < bytes.n ? end + step : bytes.n;
        last = end == bytes.n;
        Str text = {0};
        size_t used = 0;
        do {
            TRY(text_decoder_feed(c, d, (Str){bytes.p + at, end - at}, last, &used, &text));
            buf_str(out, text);
            at += used;
        } while (last && at < end);
    }
    return OK;
}

#define BYTES(s)                                                                                   \
    { "" s, sizeof(s) - 1 }

static void test_decoding(void **state) {
    (void)state;
    static const struct {
        Str bytes;
        const char *asked, *text;
    } rows[] = {
        {BYTES("a,b\n"), "", "a,b\n"},
        {BYTES("\xef\xbb\xbf"
               "a,\xe0\xb8\x81\n"),
         "", "a,\xe0\xb8\x81\n"},
        {BYTES("\xef\xbb\xbf"
               "a"),
         "TIS-620", "a"},
        {BYTES("\xff\xfe"
               "a\0\x01\x0e\x3d\xd8\x00\xde"),
         "", "a\xe0\xb8\x81\xf0\x9f\x98\x80"},
        {BYTES("\xfe\xff\0a\x0e\x01"), "UTF-8", "a\xe0\xb8\x81"},
        {BYTES("\xff\xfe\0\0a\0\0\0"), "", "a"},
        {BYTES("\0\0\xfe\xff\0\0\0a"), "", "a"},
        {BYTES("a\0,\0\x01\x0e"), "UTF-16", "a,\xe0\xb8\x81"},
        {BYTES("\0a\0,\x0e\x01"), "utf-16", "a,\xe0\xb8\x81"},
        {BYTES("\xa1\xd2\xc3 \xb6\xf9"), "TIS-620", "\u0e01\u0e32\u0e23 \u0e16\u0e59"},
        {BYTES("\xa1\x80"), "cp874", "\xe0\xb8\x81\xe2\x82\xac"},
        {BYTES("\xd6\xd0\xb9\xfa\x95\x32\x82\x36"), "GB18030",
         "\xe4\xb8\xad\xe5\x9b\xbd\xf0\xa0\x80\x80"},
        {BYTES("\x84\x31\x95\x33\xd6\xd0"), "", "\xe4\xb8\xad"},
        {BYTES("caf\xe9"), "windows-1252", "caf\xc3\xa9"},
        {BYTES(""), "", ""},
        {BYTES(""), "UTF-16", ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (size_t step = 1; step < 9; step++) {
            AUTO(Ctx) c;
            ctx_init(&c);
            AUTO(Buf) out = {0};
            Err e = decode(&c, rows[i].bytes, rows[i].asked, step, &out);
            if (e != OK)
                fail_msg("row %zu: %s", i, c.error);
            if (!str_eq_c(buf_view(&out), rows[i].text))
                fail_msg("row %zu step %zu: " STR_FMT, i, step, STR_ARG(buf_view(&out)));
        }
    }
}

static void test_decoding_refused(void **state) {
    (void)state;
    static const struct {
        Str bytes;
        const char *asked, *words;
    } rows[] = {
        {BYTES("\xa1\xd2\xc3,\xb6\xf9\n"), "", "TIS-620"},
        {BYTES("ab\xff"), "", "byte 2"},
        {BYTES("ab\xff"), "UTF-8", "byte 2 "},
        {BYTES("ab\xe0\xb8"), "", "byte 2 "},
        {BYTES("a\0,\0b\0"), "", "UTF-16LE"},
        {BYTES("\0a\0,\0b"), "", "UTF-16BE"},
        {BYTES("\xa1\xdb"), "TIS-620", "byte"},
        {BYTES("\xa1\x81"), "TIS-620", "byte"},
        {BYTES("abcd\xff\xff\n"), "GB18030", "byte 4 "},
        {BYTES("abcd\xd6"), "GB18030", "byte 4 "},
        {BYTES("\xff\xfe"
               "a\0\x3d\xd8"
               "a\0"),
         "", "byte"},
        {BYTES("\xff\xfe"
               "a\0\x3d\xd8"),
         "", "byte"},
        {BYTES("\xff\xfe"
               "a\0b"),
         "", "byte 4 "},
        {BYTES("a"), "klingon-8", "not known"},
        {BYTES("a"), "UTF-16,version=1", "no name"},
        {BYTES("\x01\x01\x02\x02"), "UTF-16", "byte order"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (size_t step = 1; step < 9; step++) {
            AUTO(Ctx) c;
            ctx_init(&c);
            AUTO(Buf) out = {0};
            Err e = decode(&c, rows[i].bytes, rows[i].asked, step, &out);
            if (e == OK || !strstr(c.error, rows[i].words))
                fail_msg("row %zu step %zu: %s \"%s\" " STR_FMT, i, step, err_name(e), c.error,
                         STR_ARG(buf_view(&out)));
        }
    }
}

static void test_no_copy_of_utf8(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    TextEncoding e;
    Str bytes = STR("one,\xe0\xb8\x81\xe0\xb8");
    assert_int_equal(text_encoding_choose(&c, bytes, STR(""), &e), OK);
    assert_true(e.assumed);
    AUTO(TextDecoderPtr) d = NULL;
    assert_int_equal(text_decoder_open(&c, &e, &d), OK);
    assert_true(text_decoder_is_utf8(d));
    Str text;
    size_t used;
    assert_int_equal(text_decoder_feed(&c, d, bytes, false, &used, &text), OK);
    assert_ptr_equal(text.p, bytes.p);
    assert_int_equal(text.n, 7);
    assert_int_equal(used, 7);
}

// --- digits
// ---------------------------------------------------------------------------------------

static void test_digits(void **state) {
    (void)state;
    static const struct {
        const char *in, *out;
        TextDigits kind;
    } rows[] = {
        {"", "", TEXT_DIGITS_ASCII},
        {"1,234.50", "1,234.50", TEXT_DIGITS_ASCII},
        {"\u0e51\u0e52\u0e59.\u0e50", "129.0", TEXT_DIGITS_CONVERTED},
        {"\u1041\u1049\u1040", "190", TEXT_DIGITS_CONVERTED},
        {"-\u17e1\u17e9\u17e0", "-190", TEXT_DIGITS_CONVERTED},
        {"\u0ed1\u0ed9\u0ed0", "190", TEXT_DIGITS_CONVERTED},
        {"\u0e51\u0e01", "1\u0e01", TEXT_DIGITS_CONVERTED},
        {"1\u0e52", NULL, TEXT_DIGITS_MIXED},
        {"\u0e52\u17e1", NULL, TEXT_DIGITS_MIXED},
        {"\u0e5a\u104a\u17ea\u0eda", "\u0e5a\u104a\u17ea\u0eda", TEXT_DIGITS_ASCII},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[64];
        size_t n = 0;
        assert_int_equal(text_digits_ascii(str_of(rows[i].in), text, &n), rows[i].kind);
        if (rows[i].out)
            assert_true(str_eq_c((Str){text, n}, rows[i].out));
    }
}

// --- zones
// ------------------------------------------------------------------------------------------

static int64_t at(const char *text) {
    int64_t us = 0;
    assert_true(time_parse(str_of(text), &us));
    return us;
}

static void test_zones(void **state) {
    (void)state;
    static const struct {
        const char *zone, *local, *utc; // local is written with Z and read as civil time
        TextLocal kind;
    } rows[] = {
        {"UTC", "2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z", TEXT_LOCAL_OK},
        {"Asia/Bangkok", "2025-04-13T07:00:00Z", "2025-04-13T00:00:00Z", TEXT_LOCAL_OK},
        {"Asia/Yangon", "2025-04-13T06:30:00Z", "2025-04-13T00:00:00Z", TEXT_LOCAL_OK},
        {"Asia/Kathmandu", "2025-04-13T05:45:00Z", "2025-04-13T00:00:00Z", TEXT_LOCAL_OK},
        {"America/New_York", "2025-01-15T12:00:00Z", "2025-01-15T17:00:00Z", TEXT_LOCAL_OK},
        {"America/New_York", "2025-07-15T12:00:00Z", "2025-07-15T16:00:00Z", TEXT_LOCAL_OK},
        {"America/New_York", "2025-03-09T01:59:59.999999Z", "2025-03-09T06:59:59.999999Z",
         TEXT_LOCAL_OK},
        {"America/New_York", "2025-03-09T02:00:00Z", NULL, TEXT_LOCAL_SKIPPED},
        {"America/New_York", "2025-03-09T02:59:59.999999Z", NULL, TEXT_LOCAL_SKIPPED},
        {"America/New_York", "2025-03-09T03:00:00Z", "2025-03-09T07:00:00Z", TEXT_LOCAL_OK},
        {"America/New_York", "2025-11-02T00:59:59Z", "2025-11-02T04:59:59Z", TEXT_LOCAL_OK},
        {"America/New_York", "2025-11-02T01:00:00Z", "2025-11-02T05:00:00Z", TEXT_LOCAL_DOUBLED},
        {"America/New_York", "2025-11-02T01:59:59Z", "2025-11-02T05:59:59Z", TEXT_LOCAL_DOUBLED},
        {"America/New_York", "2025-11-02T02:00:00Z", "2025-11-02T07:00:00Z", TEXT_LOCAL_OK},
        {"Pacific/Apia", "2011-12-30T12:00:00Z", NULL, TEXT_LOCAL_SKIPPED},
        {"Pacific/Apia", "2011-12-31T12:00:00Z", "2011-12-30T22:00:00Z", TEXT_LOCAL_OK},
        {"Australia/Lord_Howe", "2025-04-06T01:45:00Z", "2025-04-05T14:45:00Z", TEXT_LOCAL_DOUBLED},
        {"Europe/London", "2150-07-01T12:00:00Z", "2150-07-01T11:00:00Z", TEXT_LOCAL_OK},
        {"Asia/Pyongyang", "2018-05-04T23:45:00Z", NULL, TEXT_LOCAL_SKIPPED},
    };
    AUTO(Ctx) c;
    ctx_init(&c);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(TextZonePtr) z = NULL;
        assert_int_equal(text_zone_open(&c, str_of(rows[i].zone), &z), OK);
        int64_t utc = 0;
        TextLocal kind = text_zone_to_utc(z, at(rows[i].local), &utc);
        if (kind != rows[i].kind)
            fail_msg("row %zu: kind %d", i, kind);
        if (!rows[i].utc)
            continue;
        if (utc != at(rows[i].utc))
            fail_msg("row %zu: off by %lld s", i, (long long)((utc - at(rows[i].utc)) / 1000000));
        assert_int_equal(text_zone_to_local(z, utc), at(rows[i].local));
    }
    static const char *const bad[] = {
        "",           "Mars/Olympus",  "GMT+7",        "IST",
        "CST",        "Asia/Bangkok ", "asia bangkok", "../etc/passwd",
        "Etc/Unknown"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (text_zone_known(str_of(bad[i])))
            fail_msg("\"%s\" is taken for a zone", bad[i]);
    TextZone *none = NULL;
    assert_int_equal(text_zone_open(&c, STR("Mars/Olympus"), &none), E_INVALID);
    assert_null(none);
    assert_true(text_zone_known(STR("Singapore")));
    assert_true(text_zone_known(STR("Etc/UTC")));
}

// Every UTC time goes to local and back: to itself, or to the earlier of two, or never "skipped".
static void test_zones_round(void **state) {
    (void)state;
    Rng rng;
    rng_seed(&rng, test_seed());
    static const char *const zones[] = {"Asia/Bangkok",      "America/New_York", "Europe/London",
                                        "Africa/Casablanca", "Asia/Tehran",      "Pacific/Apia",
                                        "Asia/Pyongyang",    "America/Caracas"};
    AUTO(Ctx) c;
    ctx_init(&c);
    int64_t low = at("1900-01-02T00:00:00Z"), high = at("2199-12-30T00:00:00Z");
    for (size_t i = 0; i < COUNT_OF(zones); i++) {
        AUTO(TextZonePtr) z = NULL;
        assert_int_equal(text_zone_open(&c, str_of(zones[i]), &z), OK);
        for (int k = 0; k < 20000; k++) {
            int64_t utc = low + (int64_t)rng_below(&rng, (uint64_t)(high - low)), again = 0;
            TextLocal kind = text_zone_to_utc(z, text_zone_to_local(z, utc), &again);
            assert_int_not_equal(kind, TEXT_LOCAL_SKIPPED);
            if (kind == TEXT_LOCAL_OK)
                assert_true(again == utc);
            else
                assert_true(again <= utc);
        }
    }
}

// --- phones
// -----------------------------------------------------------------------------------------

static void test_phones(void **state) {
    (void)state;
    static const struct {
        const char *in, *country, *out; // out NULL: refused
    } rows[] = {
        {"081 234 5678", "TH", "+66812345678"},
        {"+66 81-234-5678", "", "+66812345678"},
        {" (02) 123 4567 ", "TH", "+6621234567"},
        {"\u0e50\u0e58\u0e51\u0e52\u0e53\u0e54\u0e55\u0e56\u0e57\u0e58", "TH", "+66812345678"},
        {"\u1040\u1049\u1041\u1042\u1043\u1044\u1045\u1046\u1047\u1048\u1049", "MM",
         "+959123456789"},
        {"012 345 678", "KH", "+85512345678"},
        {"0912345678", "VN", "+84912345678"},
        {"13800138000", "CN", "+8613800138000"},
        {"+1 650 253 0000", "TH", "+16502530000"},
        {"1441", "TH", "1441"},
        {"191", "", "191"},
        {"1-9-1", "TH", "191"},
        {"\u0e51\u0e54\u0e54\u0e51", "TH", "1441"},
        {"", "TH", NULL},
        {"12", "TH", NULL},
        {"0812345678", "", NULL},
        {"0812345678", "XA", NULL},
        {"call me", "TH", NULL},
        {"+999 1234567", "", NULL},
        {"+66 81 234 5678 9012 3456", "", NULL},
        {"08\u0e51234 5678", "TH", NULL},
    };
    AUTO(Ctx) c;
    ctx_init(&c);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        TextPhone phone = {"untouched", 9};
        Err e = text_phone_parse(&c, str_of(rows[i].in), str_of(rows[i].country), &phone);
        Str got = {phone.p, phone.n};
        if (!str_eq_c(got, rows[i].out ? rows[i].out : "untouched") || (e == OK) != !!rows[i].out)
            fail_msg("row %zu (%s): " STR_FMT " %s", i, rows[i].in, STR_ARG(got), c.error);
    }
}

// --- forms
// ------------------------------------------------------------------------------------------

static void test_forms(void **state) {
    (void)state;
    static const struct {
        const char *in, *nfc, *script;
        size_t width;
    } rows[] = {
        {"", "", "none", 0},
        {"plain", "plain", "Latin", 5},
        {"e\u0301", "\u00e9", "Latin", 1},
        {"\u00e9", "\u00e9", "Latin", 1},
        {"\u0e17\u0e35\u0e48", "\u0e17\u0e35\u0e48", "Thai", 1},
        {"\u0e01\u0e48\u0e38", "\u0e01\u0e38\u0e48", "Thai", 1},
        {"\u4e2d\u56fd", "\u4e2d\u56fd", "Han", 4},
        {"\u1019\u103c\u1014\u103a\u1019\u102c", "\u1019\u103c\u1014\u103a\u1019\u102c", "Myanmar",
         5},
        {"\u1100\u1161", "\uac00", "Hangul", 2},
        {"a\u0e01", "a\u0e01", "mixed", 2},
        {"\u3042\u4e00\u30a2", "\u3042\u4e00\u30a2", "Japanese", 6},
        {"12-3", "12-3", "none", 4},
        {"\u2126", "\u03a9", "Greek", 1},
        {"\uff21", "\uff21", "Latin", 2},
    };
    AUTO(Ctx) c;
    ctx_init(&c);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Str nfc = {0};
        Str in = str_of(rows[i].in);
        assert_int_equal(text_nfc(&c, in, &nfc), OK);
        if (!str_eq_c(nfc, rows[i].nfc))
            fail_msg("row %zu nfc: " STR_FMT, i, STR_ARG(nfc));
        if (text_nfc_surely(in))
            assert_ptr_equal(nfc.p, in.p);
        assert_string_equal(text_script(in), rows[i].script);
        if (text_width(in) != rows[i].width)
            fail_msg("row %zu width: %zu", i, text_width(in));
    }
}

static void test_long_nfc(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(Buf) in = {0};
    AUTO(Buf) want = {0};
    for (int i = 0; i < 20000; i++) {
        buf_text(&in, "e\u0301");
        buf_text(&want, "\u00e9");
    }
    Str nfc = {0};
    assert_int_equal(text_nfc(&c, buf_view(&in), &nfc), OK);
    assert_true(str_eq(nfc, buf_view(&want)));
}

static void test_truncate(void **state) {
    (void)state;
    static const struct {
        const char *in;
        size_t columns;
        const char *out;
    } rows[] = {
        {"abc", 5, "abc"},
        {"abc", 2, "ab"},
        {"abc", 0, ""},
        {"\u4e2d\u56fd", 3, "\u4e2d"},
        {"e\u0301e\u0301", 1, "e\u0301"},
        {"\u0e17\u0e35\u0e48\u0e19\u0e35\u0e48", 1, "\u0e17\u0e35\u0e48"},
    };
    AUTO(Ctx) c;
    ctx_init(&c);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Str prefix = {0};
        assert_int_equal(text_truncate(&c, str_of(rows[i].in), rows[i].columns, &prefix), OK);
        if (!str_eq_c(prefix, rows[i].out))
            fail_msg("row %zu: " STR_FMT, i, STR_ARG(prefix));
    }
}

static void test_controls(void **state) {
    (void)state;
    assert_false(text_has_control(STR("plain \u0e01\u00e9\u00a0"), ""));
    assert_true(text_has_control(STR("a\tb"), ""));
    assert_false(text_has_control(STR("a\tb\n"), "\t\n"));
    assert_true(text_has_control(STR("a\0b"), "\t\n"));
    assert_true(text_has_control(STR("a\x7f"), ""));
    assert_true(text_has_control(STR("a\xc2\x85"), "\n"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8_against_naive),
        cmocka_unit_test(test_decoding),
        cmocka_unit_test(test_decoding_refused),
        cmocka_unit_test(test_no_copy_of_utf8),
        cmocka_unit_test(test_digits),
        cmocka_unit_test(test_zones),
        cmocka_unit_test(test_zones_round),
        cmocka_unit_test(test_phones),
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_long_nfc),
        cmocka_unit_test(test_truncate),
        cmocka_unit_test(test_controls),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
