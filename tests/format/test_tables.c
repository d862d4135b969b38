// The shipped tables, and single values that people type.
#include "test_format.h"

static void test_currencies(void **state) {
    (void)state;
    static const struct {
        const char *code;
        int exponent; // -1: not known
        bool iso;
    } rows[] = {
        {"THB", 2, true},   {"USD", 2, true},  {"JPY", 0, true},      {"KRW", 0, true},
        {"VND", 0, true},   {"KWD", 3, true},  {"BHD", 3, true},      {"CLF", 4, true},
        {"MMK", 2, true},   {"LAK", 2, true},  {"KHR", 2, true},      {"USDT", 6, false},
        {"USDC", 6, false}, {"XBT", 8, false}, {"thb", -1, false},    {"XXX", -1, false},
        {"", -1, false},    {"TH", -1, false}, {"THBTHB", -1, false}, {"BTC", -1, false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const FormatCurrency *found = format_currency_find(test_tables(), str_of(rows[i].code));
        assert_true((found == NULL) == (rows[i].exponent < 0));
        if (found) {
            assert_int_equal(found->exponent, rows[i].exponent);
            assert_int_equal(found->iso, rows[i].iso);
        }
    }
}

static void test_countries(void **state) {
    (void)state;
    const FormatTables *t = test_tables();
    size_t known = 0;
    for (char a = 'A'; a <= 'Z'; a++)
        for (char b = 'A'; b <= 'Z'; b++)
            known += format_country_known(t, (Str){(char[]){a, b}, 2});
    assert_int_equal(known, 250); // 249 of ISO 3166-1, and XA
    assert_true(str_eq_c(format_country_name(t, STR("TH")), "Thailand"));
    assert_true(format_country_known(t, STR("XA")));
    assert_false(format_country_known(t, STR("XB")));
    assert_false(format_country_known(t, STR("th")));
    assert_false(format_country_known(t, STR("THA")));
}

static void test_institutions(void **state) {
    (void)state;
    const FormatTables *t = test_tables();
    const FormatInstitution *bank = format_institution_find(t, STR("TH"), STR("004"));
    assert_non_null(bank);
    assert_true(str_eq_c(bank->name, "Kasikornbank"));
    assert_true(bank->valid_from_us == BASE_TIME_US_MIN);
    const FormatInstitution *old = format_institution_find(t, STR("TH"), STR("065"));
    assert_true(old && str_eq_c(old->successor, "011"));
    assert_true(old->valid_until_us < BASE_TIME_US_MAX);
    assert_non_null(format_institution_find(t, str_of("TH"), old->successor));
    assert_null(format_institution_find(t, STR("TH"), STR("999")));
    assert_null(format_institution_find(t, STR("MM"), STR("004")));
    assert_null(format_institution_find(t, STR(""), STR("004")));
}

static void test_data_files(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Str bytes = {0}, name;
    assert_ok(&c, format_data_get(&c, STR("data/law/orders.csv"), &bytes));
    assert_true(bytes.n > 100);
    assert_int_equal(format_data_get(&c, STR("data/none.csv"), &bytes), E_NOT_FOUND);
    assert_true(format_data_at(0, &name, &bytes));
    assert_false(format_data_at(100000, &name, &bytes));
}

static void test_amounts(void **state) {
    (void)state;
    static const struct {
        const char *text, *currency;
        int64_t minor;
        const char *words; // why not
    } rows[] = {
        {"1", "THB", 100, NULL},
        {"1.5", "THB", 150, NULL},
        {"1.50", "THB", 150, NULL},
        {"1.500000", "THB", 150, NULL},
        {"-1.05", "THB", -105, NULL},
        {"0", "THB", 0, NULL},
        {"-0.00", "THB", 0, NULL},
        {".5", "THB", 50, NULL},
        {" 12 ", "THB", 1200, NULL},
        {"007", "THB", 700, NULL},
        {"12", "JPY", 12, NULL},
        {"12.00", "JPY", 12, NULL},
        {"1.234", "KWD", 1234, NULL},
        {"0.00000001", "XBT", 1, NULL},
        {"1.000001", "USDT", 1000001, NULL},
        {"\u0e51\u0e52.\u0e55\u0e50", "THB", 1250, NULL},
        {"\u1041\u1042", "THB", 1200, NULL},
        {"\u17e1.\u17e2", "THB", 120, NULL},
        {"\u0ed1", "THB", 100, NULL},
        {"10000000000000.00", "THB", 1000000000000000, NULL},
        {"1000000000000000", "JPY", 1000000000000000, NULL},
        {"10000000000000.01", "THB", 0, "larger"},
        {"1000000000000001", "JPY", 0, "larger"},
        {"99999999999999999999999999", "JPY", 0, "larger"},
        {"1.505", "THB", 0, "more digits"},
        {"1.5", "JPY", 0, "more digits"},
        {"1.000000001", "THB", 0, "more digits"},
        {"", "THB", 0, "missing"},
        {"-", "THB", 0, "missing"},
        {".", "THB", 0, "missing"},
        {"5.", "THB", 0, "missing"},
        {"1,000", "THB", 0, "only digits"},
        {"1e5", "THB", 0, "only digits"},
        {"+5", "THB", 0, "only digits"},
        {"--5", "THB", 0, "only digits"},
        {"0x10", "THB", 0, "only digits"},
        {"1.2.3", "THB", 0, "only digits"},
        {"1.-2", "THB", 0, "only digits"},
        {"1 000", "THB", 0, "only digits"},
        {"THB 5", "THB", 0, "only digits"},
        {"1\u0e52", "THB", 0, "two scripts"},
        {"\u0e51\u17e2", "THB", 0, "two scripts"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(Ctx) c;
        ctx_init(&c);
        int64_t minor = 77;
        const FormatCurrency *currency =
            format_currency_find(test_tables(), str_of(rows[i].currency));
        Err e = format_amount_parse(&c, str_of(rows[i].text), currency, &minor);
        if (e != (rows[i].words ? E_INVALID : OK) || minor != (rows[i].words ? 77 : rows[i].minor))
            fail_msg("row %zu: %s %lld %s", i, err_name(e), (long long)minor, c.error);
        if (rows[i].words && !strstr(c.error, rows[i].words))
            fail_msg("row %zu: %s", i, c.error);
    }
}

static void test_amounts_round(void **state) {
    (void)state;
    Rng rng;
    rng_seed(&rng, test_seed());
    static const char *const codes[] = {"JPY", "THB", "KWD", "CLF", "USDT", "XBT"};
    AUTO(Ctx) c;
    ctx_init(&c);
    for (int i = 0; i < 50000; i++) {
        const FormatCurrency *currency =
            format_currency_find(test_tables(), str_of(codes[rng_below(&rng, COUNT_OF(codes))]));
        AUTO(Buf) text = {0};
        int64_t minor = (int64_t)rng_below(&rng, 1ULL << rng_below(&rng, 50)), back = 0;
        minor = rng_below(&rng, 2) ? minor : -minor;
        if (minor > BASE_AMOUNT_MINOR_MAX || minor < -BASE_AMOUNT_MINOR_MAX)
            continue;
        format_amount_write(&text, minor, currency->exponent);
        assert_ok(&c, format_amount_parse(&c, buf_view(&text), currency, &back));
        assert_true(back == minor);
        // Against the plain meaning: the digits with the point taken out.
        AUTO(Buf) digits = {0};
        for (size_t k = 0; k < text.n; k++)
            if (text.p[k] != '.')
                buf_char(&digits, text.p[k]);
        assert_true(str_to_i64(buf_view(&digits), &back) && back == minor);
    }
}

static void test_times(void **state) {
    (void)state;
    static const struct {
        const char *text, *zone, *utc, *words;
    } rows[] = {
        {"2025-04-13T09:30:00+07:00", NULL, "2025-04-13T02:30:00Z", NULL},
        {"2025-04-13t09:30:00.123456z", NULL, "2025-04-13T09:30:00.123456Z", NULL},
        {"2025-04-13 09:30:00-03:30", NULL, "2025-04-13T13:00:00Z", NULL},
        {"2568-04-13T09:30:00+07:00", NULL, "2025-04-13T02:30:00Z", NULL},
        {"2567-02-29T00:00:00Z", NULL, "2024-02-29T00:00:00Z", NULL},
        {"\u0e52\u0e55\u0e56\u0e58-\u0e50\u0e54-\u0e51\u0e53T\u0e50\u0e59:\u0e53\u0e50:"
         "\u0e50\u0e50Z",
         NULL, "2025-04-13T09:30:00Z", NULL},
        {"2025-04-13T09:30:00", "Asia/Bangkok", "2025-04-13T02:30:00Z", NULL},
        {"2025-04-13 09:30", "Asia/Bangkok", "2025-04-13T02:30:00Z", NULL},
        {"2568-04-13 09:30:01.5", "Asia/Yangon", "2025-04-13T03:00:01.5Z", NULL},
        {"2025-11-02 01:30:00", "America/New_York", "2025-11-02T05:30:00Z", NULL},
        {"2025-04-13T09:30:00Z", "Asia/Bangkok", "2025-04-13T09:30:00Z", NULL},
        {"2025-03-09 02:30:00", "America/New_York", NULL, "no such time"},
        {"2025-04-13T09:30:00", NULL, NULL, "no offset"},
        {"2025-02-29T00:00:00Z", NULL, NULL, "no such day"},
        {"2568-02-29T00:00:00Z", NULL, NULL, "no such day"},
        {"2025-13-01T00:00:00Z", NULL, NULL, "no such day"},
        {"2025-04-13T24:00:00Z", NULL, NULL, "time of day"},
        {"2025-04-13T23:59:60Z", NULL, NULL, "time of day"},
        {"2025-04-13T09:30:00.1234567Z", NULL, NULL, "six digits"},
        {"2025-04-13T09:30:00.Z", NULL, NULL, "six digits"},
        {"2025-04-13T09:30:00+7", NULL, NULL, "no offset"},
        {"2025-04-13T09:30:00+0700", NULL, NULL, "no offset"},
        {"2025-04-13T09:30:00+24:00", NULL, NULL, "no offset"},
        {"2025-04-13T09:30:00Zx", NULL, NULL, "no offset"},
        {"2025-04-13", NULL, NULL, "no time"},
        {"13/04/2025 09:30", NULL, NULL, "no time"},
        {"", NULL, NULL, "no time"},
        {"1025-04-13T09:30:00Z", NULL, NULL, "not believable"},
        {"2300-04-13T09:30:00Z", NULL, NULL, "not believable"},
        {"1900-01-01T00:00:00Z", NULL, "1900-01-01T00:00:00Z", NULL},
        {"2199-12-31T23:59:59.999999Z", NULL, "2199-12-31T23:59:59.999999Z", NULL},
        {"1900-01-01T00:00:00+07:00", NULL, NULL, "not in the years"},
        {"2199-12-31T23:30:00-07:00", NULL, NULL, "not in the years"},
        {"2701-04-13T09:30:00Z", NULL, NULL, "not believable"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(Ctx) c;
        AUTO(TextZonePtr) zone = NULL;
        ctx_init(&c);
        if (rows[i].zone)
            assert_ok(&c, text_zone_open(&c, str_of(rows[i].zone), &zone));
        int64_t at = 77, want = 77;
        Err e = format_time_parse(&c, str_of(rows[i].text), zone, &at);
        if (rows[i].utc)
            assert_true(time_parse(str_of(rows[i].utc), &want));
        if (e != (rows[i].words ? E_INVALID : OK) || at != want)
            fail_msg("row %zu: %s %lld %s", i, err_name(e), (long long)at, c.error);
        if (rows[i].words && !strstr(c.error, rows[i].words))
            fail_msg("row %zu: %s", i, c.error);
    }
}

static void test_account_items(void **state) {
    (void)state;
    static const struct {
        const char *text, *country, *institution, *account; // account NULL: refused
    } rows[] = {
        {"123-4-56789-0", "", "", "123-4-56789-0"},
        {"TH/1234567890", "TH", "", "1234567890"},
        {"TH/004/1234567890", "TH", "004", "1234567890"},
        {" TH / 004 / 12 34 ", "TH", "004", "12 34"},
        {"TH/004/12/34", "TH", "004", "12/34"},
        {"TH//12/34", "TH", "", "12/34"},
        {"", NULL, NULL, NULL},
        {"TH/", NULL, NULL, NULL},
        {"TH/004/", NULL, NULL, NULL},
        {"ZZ/004/1", NULL, NULL, NULL},
        {"12/34", NULL, NULL, NULL},
        {"TH/004/1\x01", NULL, NULL, NULL},
        {"TH/004/1\u200b2", NULL, NULL, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(Ctx) c;
        ctx_init(&c);
        FormatAccount a = {0};
        Err e = format_account_parse(&c, test_tables(), str_of(rows[i].text), &a);
        if (e != (rows[i].account ? OK : E_INVALID))
            fail_msg("row %zu: %s %s", i, err_name(e), c.error);
        if (e != OK)
            continue;
        assert_true(str_eq_c(a.country, rows[i].country));
        assert_true(str_eq_c(a.institution, rows[i].institution));
        assert_true(str_eq_c(a.account, rows[i].account));
    }
    assert_true(format_report_id_valid(STR("R-2025-000001")));
    assert_true(format_report_id_valid(STR("a.B_9:-")));
    assert_false(format_report_id_valid(STR("")));
    assert_false(format_report_id_valid(STR("a b")));
    assert_false(format_report_id_valid(STR("\xe0\xb8\x81")));
    char letters[65];
    memset(letters, 'a', sizeof letters);
    Str long_id = {letters, 65};
    assert_false(format_report_id_valid(long_id));
    long_id.n = 64;
    assert_true(format_report_id_valid(long_id));
}

const struct CMUnitTest table_tests[] = {
    cmocka_unit_test(test_currencies),   cmocka_unit_test(test_countries),
    cmocka_unit_test(test_institutions), cmocka_unit_test(test_data_files),
    cmocka_unit_test(test_amounts),      cmocka_unit_test(test_amounts_round),
    cmocka_unit_test(test_times),        cmocka_unit_test(test_account_items),
};
const size_t table_test_count = COUNT_OF(table_tests);
