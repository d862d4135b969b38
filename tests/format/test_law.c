// The tables of law, policy and days off that the product ships.
#include "test_format.h"

static int32_t day(int64_t year, unsigned month, unsigned d) {
    return (int32_t)days_from_civil(year, month, d);
}

static void test_laws(void **state) {
    (void)state;
    const FormatTables *t = test_tables();
    const FormatLaw *row = format_law_find(t, STR("TH-hold-3"));
    assert_non_null(row);
    const OrderLaw *law = &row->law;
    assert_true(law->has_term && law->term.count == 72 && law->term.unit == ORDER_HOURS);
    assert_int_equal(law->clock_from, ORDER_FROM_ISSUED);
    assert_true(law->has_extension && law->extension.count == 168);
    assert_true(law->has_extension_from && law->extension_from == ORDER_FROM_COMPLAINT);
    assert_true(law->has_extensions_max && law->extensions_max == 1);
    assert_int_equal(law->answer_hours, 24);
    assert_int_equal(law->valid_from, day(2025, 4, 13));
    assert_int_equal(law->valid_until, INT32_MAX);
    assert_true(str_eq_c(law->standing, "second-hand"));
    law = &format_law_find(t, STR("IN-hold-1"))->law;
    assert_true(law->has_amount_limit && law->amount_limit == 5000000);
    assert_int_equal(law->clock_from, ORDER_FROM_EXECUTED);
    assert_true(law->term.unit == ORDER_CALENDAR_DAYS && !law->has_extensions_max);
    law = &format_law_find(t, STR("TH-suspend-1"))->law;
    assert_true(!law->has_term && !law->has_extension && law->answer_hours == 24);
    law = &format_law_find(t, STR("MM-hold-0"))->law;
    assert_true(str_eq_c(law->standing, "none") && !law->has_term);
    assert_int_equal(law->valid_from, INT32_MIN);
    assert_null(format_law_find(t, STR("TH-hold-9")));
}

// What an order embeds, the texts by column, reads back as the same law.
static void test_embedded(void **state) {
    (void)state;
    AUTO(Ctx) c = {0};
    ctx_init(&c);
    size_t n = 0, columns = 0;
    const FormatLaw *laws = format_laws(test_tables(), &n);
    const char *const *names = format_law_columns(&columns);
    Str as_str[64];
    assert_true(n > 10 && columns <= COUNT_OF(as_str));
    for (size_t i = 0; i < columns; i++)
        as_str[i] = str_of(names[i]);
    for (size_t i = 0; i < n; i++) {
        OrderLaw back;
        assert_ok(&c, format_law_parse(&c, test_tables(), as_str, laws[i].texts, columns, &back));
        assert_true(str_eq(back.id, laws[i].law.id) && back.term.count == laws[i].law.term.count);
        assert_int_equal(back.valid_until, laws[i].law.valid_until);
        assert_int_equal(back.amount_limit, laws[i].law.amount_limit);
    }
    static const struct {
        const char *name, *text, *words;
    } bad[] = {{"term", "0", "term"},
               {"term", "many", "term"},
               {"unit", "weeks", "unit"},
               {"clock_from", "seen", "clock_from"},
               {"extension_unit", "", "extension_unit"},
               {"valid_from", "2025-02-29", "date"},
               {"amount_limit", "1.234", "two"},
               {"country", "ZZ", "country"}};
    const FormatLaw *row = format_law_find(test_tables(), STR("TH-hold-3"));
    for (size_t b = 0; b < COUNT_OF(bad); b++) {
        Str texts[64];
        OrderLaw back;
        for (size_t i = 0; i < columns; i++)
            texts[i] = str_eq_c(as_str[i], bad[b].name) ? str_of(bad[b].text) : row->texts[i];
        assert_int_equal(format_law_parse(&c, test_tables(), as_str, texts, columns, &back),
                         E_INVALID);
    }
}

static void test_refunds_and_refusals(void **state) {
    (void)state;
    const FormatTables *t = test_tables();
    assert_null(format_refund_law_find(t, STR("TH"), day(2026, 8, 14)));
    const FormatRefundLaw *law = format_refund_law_find(t, STR("TH"), day(2026, 8, 15));
    assert_true(law && str_eq_c(law->rule, "pro_rata"));
    assert_true(!law->has_notice_days && law->claims_days == 90);
    law = format_refund_law_find(t, STR("MM"), day(2026, 1, 1));
    assert_true(law && law->rule.n == 0);
    const FormatRefusal *refusal = format_refusal_find(t, STR("hold_account"), STR("insufficient"));
    assert_true(refusal && refusal->partly);
    assert_non_null(format_refusal_find(t, STR("suspend_number"), STR("no_basis")));
    assert_null(format_refusal_find(t, STR("suspend_number"), STR("closed")));
}

static void test_policy(void **state) {
    (void)state;
    const FormatTables *t = test_tables();
    size_t n = 0;
    const OrderPolicy *rows = format_policy(t, &n);
    Str ordinary = STR("ordinary");
    assert_int_equal(order_policy(rows, n, &ordinary, 1, 50000, STR("THB"), 5).hold,
                     ORDER_HOLD_PROPOSE);
    assert_int_equal(order_policy(rows, n, &ordinary, 1, 49999, STR("THB"), 5).hold,
                     ORDER_HOLD_PERSON);
    assert_int_equal(order_policy(rows, n, &ordinary, 1, 1, STR("USD"), 9).hold,
                     ORDER_HOLD_PROPOSE);
    assert_int_equal(format_persons(t, STR("release"), 10000000, STR("THB")), 1);
    assert_int_equal(format_persons(t, STR("release"), 10000001, STR("THB")), 2);
    assert_int_equal(format_persons(t, STR("release"), 1, STR("USD")), 2);
    assert_int_equal(format_persons(t, STR("refund_account_change"), 0, STR("")), 2);
    assert_int_equal(format_persons(t, STR("reduce"), 10000001, STR("THB")), 1);
}

static void test_calendars(void **state) {
    (void)state;
    static const char *const countries[] = {"TH", "MM", "CN", "LA", "KH",
                                            "VN", "MY", "SG", "PH", "IN"};
    const FormatTables *t = test_tables();
    for (size_t i = 0; i < COUNT_OF(countries); i++) {
        size_t n = 0;
        const OrderCalendar *calendar = format_calendar(t, str_of(countries[i]));
        const FormatDay *days = format_calendar_days(t, str_of(countries[i]), &n);
        assert_non_null(calendar);
        assert_int_equal(calendar->known_from, day(2025, 1, 1));
        assert_int_equal(calendar->known_until, day(2027, 12, 31));
        assert_int_equal(calendar->weekend, 0x60);
        assert_int_equal(calendar->holiday_count + calendar->working_count, n);
        for (size_t k = 0; k < n; k++) {
            assert_true(days[k].name.n > 0 && days[k].standing.n > 0);
            assert_true(order_is_working_day(calendar, days[k].day) == days[k].working);
        }
    }
    const OrderCalendar *th = format_calendar(t, STR("TH"));
    assert_true(order_is_working_day(th, day(2026, 4, 10)));
    assert_false(order_is_working_day(th, day(2026, 4, 15)));
    assert_true(order_is_working_day(th, day(2026, 4, 16)));
    assert_false(order_is_working_day(th, day(2026, 4, 18)));
    const OrderCalendar *cn = format_calendar(t, STR("CN"));
    assert_true(order_is_working_day(cn, day(2026, 2, 28))); // a Saturday worked in exchange
    assert_null(format_calendar(t, STR("GB")));
}

// A term of working days over Songkran by the shipped calendar.
static void test_songkran(void **state) {
    (void)state;
    AUTO(Ctx) c = {0};
    AUTO(TextZonePtr) zone = NULL;
    ctx_init(&c);
    assert_ok(&c, text_zone_open(&c, STR("Asia/Bangkok"), &zone));
    int64_t from = 0, end = 0;
    char text[TIME_TEXT_BYTES];
    assert_true(time_parse(STR("2026-04-10T16:30:00+07:00"), &from));
    OrderTerm term = {3, ORDER_WORKING_DAYS};
    assert_ok(
        &c, order_term_end(&c, zone, format_calendar(test_tables(), STR("TH")), from, term, &end));
    time_format(end, text);
    assert_string_equal(text, "2026-04-20T09:30:00Z"); // 16, 17 April and Monday the 20th
}

const struct CMUnitTest law_tests[] = {
    cmocka_unit_test(test_laws),      cmocka_unit_test(test_embedded),
    cmocka_unit_test(test_policy),    cmocka_unit_test(test_refunds_and_refusals),
    cmocka_unit_test(test_calendars), cmocka_unit_test(test_songkran)};
const size_t law_test_count = COUNT_OF(law_tests);
