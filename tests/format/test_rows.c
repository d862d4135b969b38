// Rows of our own form: every rule that refuses one, warnings, canonical lines, made ids, faults.
#include "test_format.h"

#include "crypto/crypto.h"

#define T_HEAD                                                                                     \
    "id,booked_at,from_country,from_institution,from_account,to_country,to_institution,"           \
    "to_account,amount,currency,credited_amount,credited_currency,from_balance,to_balance,seq,"    \
    "channel,memo\n"
#define R_HEAD                                                                                     \
    "id,reported_at,victim,country,channel,loss,currency,transfers,accounts,phones,urls,story,"    \
    "happened_at\n"

typedef struct Case {
    const char *row;
    const char *column; // NULL: good
    const char *words;  // of the reason; where good: the canonical row, NULL the row itself
} Case;

static void run_cases(FormatKind kind, const char *head, const Case *cases, size_t n) {
    for (size_t i = 0; i < n; i++) {
        AUTO(Ctx) c;
        AUTO(FormatFilePtr) f = NULL;
        AUTO(Buf) text = {0};
        AUTO(Buf) line = {0};
        ctx_init(&c);
        buf_format(&text, "%s%s\n", head, cases[i].row);
        FormatOptions o = {.tables = test_tables(), .kind = kind, .bytes = buf_view(&text)};
        FormatRow row;
        assert_ok(&c, format_file_open(&c, &o, &f));
        assert_ok(&c, format_file_next(&c, f, &row));
        assert_int_equal(row.row, 1);
        assert_int_equal(row.line, 2);
        if (cases[i].column) {
            if (row.state != FORMAT_ROW_BAD || !str_eq_c(row.bad_column, cases[i].column) ||
                !strstr(row.bad_reason.p, cases[i].words))
                fail_msg("case %zu (%s): state %d, " STR_FMT ": " STR_FMT, i, cases[i].row,
                         row.state, STR_ARG(row.bad_column), STR_ARG(row.bad_reason));
        } else {
            if (row.state != FORMAT_ROW_GOOD)
                fail_msg("case %zu (%s): " STR_FMT ": " STR_FMT, i, cases[i].row,
                         STR_ARG(row.bad_column), STR_ARG(row.bad_reason));
            if (kind == FORMAT_TRANSFERS)
                format_transfer_row(&row.transfer, &line);
            else
                format_report_row(&row.report, &line);
            if (!str_eq_c(buf_view(&line), cases[i].words ? cases[i].words : cases[i].row))
                fail_msg("case %zu: " STR_FMT, i, STR_ARG(buf_view(&line)));
        }
        assert_ok(&c, format_file_next(&c, f, &row));
        assert_int_equal(row.state, FORMAT_ROW_END);
    }
}

#define OKROW "t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,2,10.00,THB,,,,,,,"

static void test_transfer_rules(void **state) {
    (void)state;
    static const Case cases[] = {
        {OKROW, NULL, NULL},
        {"t1,2025-04-13T09:30:00.25Z,TH,004,123,KH,ABAAKHPP,9,10.00,THB,1.23,USD,-5.00,0.00,7,app,"
         "\"a, \"\"b\"\"\"",
         NULL, NULL},
        {" t1 ,2568-04-13 16:30:00.500000+07:00, XA ,b, 1 ,XA,b,2,10, THB ,10.0,THB,1,-0,0,,", NULL,
         "t1,2025-04-13T09:30:00.5Z,XA,b,1,XA,b,2,10.00,THB,10.00,THB,1.00,0.00,0,,"},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,2,10.00,THB,,,,,,,\"rent\r\nof\tMay\n\"", NULL,
         "t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,2,10.00,THB,,,,,,,rent of May"},
        {"t1,2025-04-13T09:30:00Z,,,,XA,b,2,10.00,THB,,,,,,,", NULL, NULL},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,,,,10.00,THB,,,,,,,", NULL, NULL},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,TH,cash,,10.00,THB,,,,,,,", NULL, NULL},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,1,10.00,THB,1.00,USD,,,,,", NULL, NULL},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,2,10.00,THB,0.00,,,,,,", NULL, NULL},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,2,10.00,THB,,THB,,,,,", NULL, NULL},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,2,10000000000000.00,THB,,,,,,,", NULL, NULL},
        {"t1,2025-04-13T09:30:00Z,XA,b,e\u0301,XA,b,2,10.00,THB,,,,,,,", NULL,
         "t1,2025-04-13T09:30:00Z,XA,b,\u00e9,XA,b,2,10.00,THB,,,,,,,"},
        {"t1,,XA,b,1,XA,b,2,10.00,THB,,,,,,,", "booked_at", "empty"},
        {"t1,2025-04-13T09:30:00,XA,b,1,XA,b,2,10.00,THB,,,,,,,", "booked_at", "no offset"},
        {"t1,2025-04-13T09:30:00.1234567Z,XA,b,1,XA,b,2,10.00,THB,,,,,,,", "booked_at",
         "six digits"},
        {"t1,yesterday,XA,b,1,XA,b,2,10.00,THB,,,,,,,", "booked_at", "no time"},
        {"t1,2025-04-13T09:30:00Z,XB,b,1,XA,b,2,10.00,THB,,,,,,,", "from_country", "XB"},
        {"t1,2025-04-13T09:30:00Z,,b,1,XA,b,2,10.00,THB,,,,,,,", "from_country", "empty"},
        {"t1,2025-04-13T09:30:00Z,XA,,1,XA,b,2,10.00,THB,,,,,,,", "from_institution", "empty"},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,xa,b,2,10.00,THB,,,,,,,", "to_country", "xa"},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,XA,,2,10.00,THB,,,,,,,", "to_institution", "empty"},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,\"2\n3\",10.00,THB,,,,,,,", "to_account",
         "control character"},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,2\x1f,10.00,THB,,,,,,,", "to_account",
         "control character"},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,2\u202e,10.00,THB,,,,,,,", "to_account", "invisible"},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,2,,THB,,,,,,,", "amount", "empty"},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,2,0.00,THB,,,,,,,", "amount", "more than 0"},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,2,-1,THB,,,,,,,", "amount", "more than 0"},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,2,1.001,THB,,,,,,,", "amount", "more digits"},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,2,10000000000000.01,THB,,,,,,,", "amount", "larger"},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,2,ten,THB,,,,,,,", "amount", "only digits"},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,2,10.00,,,,,,,,", "currency", "empty"},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,2,10.00,BTC,,,,,,,", "currency", "BTC"},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,2,10.00,THB,-0.01,,,,,,", "credited_amount",
         "negative"},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,2,10.00,THB,10.01,,,,,,", "credited_amount",
         "more is credited"},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,2,10.00,THB,10.01,THB,,,,,", "credited_amount",
         "more is credited"},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,2,10.00,THB,,USD,,,,,", "credited_amount",
         "needs the credited amount"},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,2,10.00,THB,1,US,,,,,", "credited_currency", "US"},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,1,10.00,THB,,,,,,,", "", "itself"},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,1,10.00,THB,9.00,,,,,,", "", "itself"},
        {"t1,2025-04-13T09:30:00Z,XA,b,,XA,b,,10.00,THB,,,,,,,", "", "both accounts"},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,2,10.00,THB,,,x,,,,", "from_balance", "only digits"},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,2,10.00,THB,,,,1.234,,,", "to_balance",
         "more digits"},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,2,10.00,THB,,,,,1.5,,", "seq", "whole number"},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,2,10.00,THB,,,,,9007199254740992,,", "seq",
         "whole number"},
        {"t1,2025-04-13T09:30:00Z,XA,b,1,XA,b,2,10.00,THB", "", "10 columns, the header 17"},
        {OKROW ",", "", "18 columns"},
        {"t\x01,2025-04-13T09:30:00Z,XA,b,1,XA,b,2,10.00,THB,,,,,,,", "id", "control"},
        {"12345678901234567890123456789012345678901234567890123456789012345,2025-04-13T09:30:00Z,"
         "XA,b,1,XA,b,2,10.00,THB,,,,,,,",
         "id", "64 bytes"},
        {"t1,2025-04-13T09:30:00Z,XA,b,1\"2,XA,b,2,10.00,THB,,,,,,,", "5 (from_account)",
         "quotation mark"},
        {T_HEAD, "", "header line is repeated"},
    };
    // The repeated header comes with its own line end; the blank line behind it is passed over.
    run_cases(FORMAT_TRANSFERS, T_HEAD, cases, COUNT_OF(cases));
}

static void test_report_rules(void **state) {
    (void)state;
    static const Case cases[] = {
        {"r1,2025-04-13T09:30:00Z,,,,,,,,,,,", NULL, NULL},
        {"r1,2025-04-13T09:30:00Z,Somchai,TH,hotline,1000.00,THB,t1;t2,TH/004/1234567890;99,"
         "+66812345678;1441,https://a.example/;b.example,\"He said \"\"pay\"\"\nI paid\","
         "2025-04-13T08:00:00Z",
         NULL, NULL},
        {"r1,2025-04-13T09:30:00Z,,TH,,,,  t1 ;; t2;,,081 234 5678 ; \u0e51\u0e54\u0e54\u0e51,,,",
         NULL, "r1,2025-04-13T09:30:00Z,,TH,,,,t1;t2,,+66812345678;1441,,,"},
        {"r1,2025-04-13T09:30:00Z,,,,0.00,THB,,TH//1/2,,,,", NULL, NULL},
        {"r 1,2025-04-13T09:30:00Z,,,,,,,,,,,", "id", "64 of"},
        {"r1,,,,,,,,,,,,", "reported_at", "empty"},
        {"r1,2025-04-13T09:30:00Z,,,,,,,,,,,3 pm", "happened_at", "no time"},
        {"r1,2025-04-13T09:30:00Z,,Thailand,,,,,,,,,", "country", "Thailand"},
        {"r1,2025-04-13T09:30:00Z,,,,5,,,,,,,", "loss", "needs its currency"},
        {"r1,2025-04-13T09:30:00Z,,,,-5,THB,,,,,,", "loss", "negative"},
        {"r1,2025-04-13T09:30:00Z,,,,5.555,THB,,,,,,", "loss", "more digits"},
        {"r1,2025-04-13T09:30:00Z,,,,,Baht,,,,,,", "currency", "Baht"},
        {"r1,2025-04-13T09:30:00Z,,,,,,,QQ/1,,,,", "accounts", "QQ"},
        {"r1,2025-04-13T09:30:00Z,,,,,,,,0812345678,,,", "phones", "country"},
        {"r1,2025-04-13T09:30:00Z,,TH,,,,,,help,,,", "phones", "no phone number"},
        {"r1,2025-04-13T09:30:00Z,,,,,,,,,a\x02,,", "urls", "control"},
        {"r1,2025-04-13T09:30:00Z,,,,,,,,,,a\x02,", "story", "control"},
        {"r1,2025-04-13T09:30:00Z,,,,,,,,,,", "", "12 columns, the header 13"},
        {R_HEAD, "", "header line is repeated"},
    };
    run_cases(FORMAT_REPORTS, R_HEAD, cases, COUNT_OF(cases));
}

static void test_list_is_bounded(void **state) {
    (void)state;
    AUTO(Ctx) c;
    AUTO(FormatFilePtr) f = NULL;
    AUTO(Buf) text = {0};
    ctx_init(&c);
    buf_text(&text, R_HEAD "r1,2025-04-13T09:30:00Z,,,,,,a");
    for (int i = 0; i < IMPORT_LIST_ITEMS_MAX; i++)
        buf_text(&text, ";a");
    buf_text(&text, ",,,,,\n");
    FormatOptions o = {.tables = test_tables(), .kind = FORMAT_REPORTS, .bytes = buf_view(&text)};
    FormatRow row;
    assert_ok(&c, format_file_open(&c, &o, &f));
    assert_ok(&c, format_file_next(&c, f, &row));
    assert_int_equal(row.state, FORMAT_ROW_BAD);
    assert_true(str_eq_c(row.bad_column, "transfers"));
}

static void test_warnings(void **state) {
    (void)state;
    static const struct {
        const char *accounts;
        const char *words[2];
    } rows[] = {
        {"TH,004,1234567890,TH,014,123-4-56789-0", {NULL, NULL}},
        {"TH,004,123456789,TH,014,12345678901",
         {"account 123456789 does not fit the form d10", "account 12345678901"}},
        {"TH,999,1,TH,014,1234567890", {"institution TH/999 is not in the table", NULL}},
        {"TH,065,1234567890,XA,zz,1", {"successor is 011", NULL}},
        {"TH,030,123456789012,TH,030,123456789012345", {NULL, NULL}},
        {"MY,MBBEMYKL,ABC,XA,zz,1", {"account ABC does not fit", NULL}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(Ctx) c;
        AUTO(FormatFilePtr) f = NULL;
        AUTO(Buf) text = {0};
        ctx_init(&c);
        buf_format(&text, T_HEAD "t,2025-04-13T09:30:00Z,%s,1,THB,,,,,,,\n", rows[i].accounts);
        FormatOptions o = {.tables = test_tables(), .bytes = buf_view(&text)};
        FormatRow row;
        assert_ok(&c, format_file_open(&c, &o, &f));
        assert_ok(&c, format_file_next(&c, f, &row));
        assert_int_equal(row.state, FORMAT_ROW_GOOD);
        size_t want = rows[i].words[1] ? 2 : rows[i].words[0] ? 1 : 0;
        if (row.warning_count != want || format_file_info(f).warnings != want)
            fail_msg("row %zu: %zu warnings", i, row.warning_count);
        for (size_t k = 0; k < want; k++)
            if (!strstr(row.warnings[k].words, rows[i].words[k]))
                fail_msg("row %zu: %s", i, row.warnings[k].words);
    }
}

// --- canonical rows ------------------------------------------------------------------------------

static Str random_text(Ctx *c, Rng *rng, size_t most) {
    static const char *const pieces[] = {"a",      "B", "7", " ",         ",",
                                         "\"",     "-", "/", "\u0e01",    "\u4e2d",
                                         "\u00e9", "=", "'", "\U0001f600"};
    AUTO(Buf) b = {0};
    Str copy = {0};
    size_t n = rng_below(rng, most);
    for (size_t i = 0; i < n; i++)
        buf_text(&b, pieces[rng_below(rng, COUNT_OF(pieces))]);
    assert_ok(c, str_copy(c, str_trim(buf_view(&b)), &copy));
    return copy;
}

static const FormatCurrency *random_currency(Rng *rng) {
    static const char *const codes[] = {"THB", "JPY", "KWD", "USDT", "XBT", "USD"};
    return format_currency_find(test_tables(), str_of(codes[rng_below(rng, COUNT_OF(codes))]));
}

static int64_t random_balance(Rng *rng) {
    int64_t v = (int64_t)rng_below(rng, 1ULL << rng_below(rng, 49));
    return rng_below(rng, 3) ? v : -v;
}

static FormatTransfer random_transfer(Ctx *c, Rng *rng) {
    FormatTransfer t = {.currency = random_currency(rng)};
    t.credited_currency = t.currency;
    do
        t.id = random_text(c, rng, 8);
    while (t.id.n == 0);
    t.booked_at_us = (int64_t)rng_below(rng, 4102444800) * 1000000;
    if (rng_below(rng, 2))
        t.booked_at_us += (int64_t)rng_below(rng, 1000000);
    FormatAccount *sides[] = {&t.from, &t.to};
    uint64_t outside = rng_below(rng, 6);
    for (size_t i = 0; i < 2; i++) {
        if (outside == i)
            continue;
        sides[i]->country = rng_below(rng, 2) ? STR("TH") : STR("XA");
        do
            sides[i]->institution = random_text(c, rng, 5);
        while (sides[i]->institution.n == 0);
        do
            sides[i]->account = random_text(c, rng, 12);
        while (sides[i]->account.n == 0);
    }
    t.amount = 1 + (int64_t)rng_below(rng, 1ULL << rng_below(rng, 49));
    t.has_credited = rng_below(rng, 2);
    t.has_credited_currency = rng_below(rng, 2);
    if (t.has_credited && t.has_credited_currency)
        t.credited_currency = random_currency(rng);
    t.credited = t.has_credited ? (int64_t)rng_below(rng, (uint64_t)t.amount + 1) : t.amount;
    t.has_from_balance = rng_below(rng, 2);
    t.from_balance = t.has_from_balance ? random_balance(rng) : 0;
    t.has_to_balance = rng_below(rng, 2);
    t.to_balance = t.has_to_balance ? random_balance(rng) : 0;
    t.has_seq = rng_below(rng, 2);
    t.seq = t.has_seq ? random_balance(rng) : 0;
    t.channel = random_text(c, rng, 6);
    t.memo = random_text(c, rng, 20);
    return t;
}

static bool account_equal(const FormatAccount *a, const FormatAccount *b) {
    return str_eq(a->country, b->country) && str_eq(a->institution, b->institution) &&
           str_eq(a->account, b->account);
}

static bool transfer_equal(const FormatTransfer *a, const FormatTransfer *b) {
    return str_eq(a->id, b->id) && a->booked_at_us == b->booked_at_us &&
           account_equal(&a->from, &b->from) && account_equal(&a->to, &b->to) &&
           a->amount == b->amount && a->currency == b->currency && a->credited == b->credited &&
           a->credited_currency == b->credited_currency && a->has_credited == b->has_credited &&
           a->has_credited_currency == b->has_credited_currency &&
           a->has_from_balance == b->has_from_balance && a->from_balance == b->from_balance &&
           a->has_to_balance == b->has_to_balance && a->to_balance == b->to_balance &&
           a->has_seq == b->has_seq && a->seq == b->seq && str_eq(a->channel, b->channel) &&
           str_eq(a->memo, b->memo);
}

static void test_canonical_round(void **state) {
    (void)state;
    Rng rng;
    rng_seed(&rng, test_seed());
    for (int round = 0; round < 3000; round++) {
        AUTO(Ctx) c;
        AUTO(FormatFilePtr) f = NULL;
        AUTO(Buf) text = {0};
        AUTO(Buf) again = {0};
        ctx_init(&c);
        FormatTransfer t = random_transfer(&c, &rng);
        buf_str(&text, format_transfer_header());
        buf_char(&text, '\n');
        size_t head = text.n;
        format_transfer_row(&t, &text);
        FormatOptions o = {.tables = test_tables(), .bytes = buf_view(&text)};
        FormatRow row;
        assert_ok(&c, format_file_open(&c, &o, &f));
        assert_ok(&c, format_file_next(&c, f, &row));
        if (row.state != FORMAT_ROW_GOOD) {
            if (strstr(row.bad_reason.p, "itself"))
                continue;
            fail_msg("round %d: " STR_FMT "\n" STR_FMT ": " STR_FMT, round,
                     STR_ARG(buf_view(&text)), STR_ARG(row.bad_column), STR_ARG(row.bad_reason));
        }
        format_transfer_row(&row.transfer, &again);
        Str line = {text.p + head, text.n - head};
        if (!transfer_equal(&t, &row.transfer) || !str_eq(line, buf_view(&again)))
            fail_msg("round %d: " STR_FMT " became " STR_FMT, round, STR_ARG(line),
                     STR_ARG(buf_view(&again)));
    }
}

// A canonical report read back gives the same line; lists, quotes and line ends included.
static void test_report_round(void **state) {
    (void)state;
    Rng rng;
    rng_seed(&rng, test_seed());
    static const char *const accounts[] = {"1",        "TH/1",       "TH/004/1", "TH//1/2",
                                           "TH/b/1/2", "\u0e01\"q,", "XA/a b/c", "KH//\u4e2d"};
    static const char *const phones[] = {"1441", "+66812345678", "+85512345678"};
    for (int round = 0; round < 2000; round++) {
        AUTO(Ctx) c;
        AUTO(Buf) text = {0};
        AUTO(Buf) again = {0};
        AUTO(FormatFilePtr) f = NULL;
        ctx_init(&c);
        Str names[3], calls[3];
        FormatAccount kept[3];
        FormatReport r = {.id = STR("r"), .transfers = names, .phones = calls, .accounts = kept};
        r.reported_at_us = (int64_t)rng_below(&rng, 4102444800000000);
        r.has_happened_at = rng_below(&rng, 2);
        r.happened_at_us = r.has_happened_at ? r.reported_at_us / 2 : 0;
        r.currency = rng_below(&rng, 2) ? random_currency(&rng) : NULL;
        r.has_loss = r.currency && rng_below(&rng, 2);
        r.loss = r.has_loss ? (int64_t)rng_below(&rng, 1 << 30) : 0;
        r.victim = random_text(&c, &rng, 9);
        r.story = random_text(&c, &rng, 30);
        r.account_count = rng_below(&rng, 4);
        r.transfer_count = r.phone_count = r.account_count;
        for (size_t i = 0; i < r.account_count; i++) {
            Str item = str_of(accounts[rng_below(&rng, COUNT_OF(accounts))]);
            assert_ok(&c, format_account_parse(&c, test_tables(), item, &kept[i]));
            calls[i] = str_of(phones[rng_below(&rng, COUNT_OF(phones))]);
            do
                names[i] = random_text(&c, &rng, 9);
            while (names[i].n == 0);
        }
        buf_text(&text, R_HEAD);
        size_t head = text.n;
        format_report_row(&r, &text);
        FormatOptions o = {
            .tables = test_tables(), .kind = FORMAT_REPORTS, .bytes = buf_view(&text)};
        FormatRow row;
        assert_ok(&c, format_file_open(&c, &o, &f));
        assert_ok(&c, format_file_next(&c, f, &row));
        if (row.state != FORMAT_ROW_GOOD)
            fail_msg("round %d: " STR_FMT ": " STR_FMT, round, STR_ARG(row.bad_column),
                     STR_ARG(row.bad_reason));
        format_report_row(&row.report, &again);
        assert_true(str_eq(buf_view(&again), (Str){text.p + head, text.n - head}));
        assert_int_equal(row.report.account_count, r.account_count);
        assert_int_equal(row.report.transfer_count, r.transfer_count);
        for (size_t i = 0; i < r.account_count; i++)
            assert_true(account_equal(&row.report.accounts[i], &kept[i]) &&
                        str_eq(row.report.transfers[i], names[i]));
    }
}

// --- ids that are made
// ------------------------------------------------------------------------------

static void expect_id(const char *row_without_id, unsigned count, Str id) {
    AUTO(Buf) b = {0};
    AUTO(Buf) hex = {0};
    buf_format(&b, "%s\n%u", row_without_id, count);
    CryptoHash hash = crypto_sha256(b.p, b.n);
    buf_char(&hex, 'x');
    buf_hex(&hex, hash.b, 8);
    if (!str_eq(buf_view(&hex), id))
        fail_msg("id " STR_FMT " should be " STR_FMT, STR_ARG(id), STR_ARG(buf_view(&hex)));
}

static void test_made_ids(void **state) {
    (void)state;
    static const char row_a[] = ",2025-04-13T09:30:00Z,XA,b,1,XA,b,2,10.00,THB,,,,,,,";
    static const char row_b[] = ",2025-04-13T09:30:00Z,XA,b,1,XA,b,2,10.01,THB,,,,,,,";
    AUTO(Ctx) c;
    AUTO(FormatFilePtr) f = NULL;
    AUTO(Buf) text = {0};
    ctx_init(&c);
    buf_text(&text, T_HEAD);
    for (int i = 0; i < 2000; i++)
        buf_format(&text, "%s\n%s\n,bad row\nk%d%s\n", row_a, row_b, i, row_b);
    FormatOptions o = {.tables = test_tables(), .bytes = buf_view(&text)};
    assert_ok(&c, format_file_open(&c, &o, &f));
    for (unsigned i = 0; i < 8000; i++) {
        FormatRow row;
        assert_ok(&c, format_file_next(&c, f, &row));
        assert_int_equal(row.row, i + 1);
        if (i % 4 == 2) {
            assert_int_equal(row.state, FORMAT_ROW_BAD);
        } else if (i % 4 == 3) {
            assert_false(row.transfer.id_made);
        } else {
            assert_true(row.transfer.id_made);
            expect_id(i % 4 ? row_b : row_a, i / 4 + 1, row.transfer.id);
        }
    }
}

static void test_many_made_ids_differ(void **state) {
    (void)state;
    AUTO(Ctx) c;
    AUTO(FormatFilePtr) f = NULL;
    AUTO(Buf) text = {0};
    Dict seen;
    ctx_init(&c);
    dict_init(&seen, 1);
    buf_text(&text, "sourceNodeId,targetNodeId,value,time\n");
    for (int i = 0; i < 20000; i++)
        buf_format(&text, "%d,%d,1.5,1\n", i % 100, 100 + i % 7);
    FormatOptions o = {.tables = test_tables(), .bytes = buf_view(&text)};
    assert_ok(&c, format_file_open(&c, &o, &f));
    for (uint32_t i = 0; i < 20000; i++) {
        FormatRow row;
        uint32_t id;
        assert_ok(&c, format_file_next(&c, f, &row));
        assert_int_equal(row.state, FORMAT_ROW_GOOD);
        assert_ok(&c, dict_intern(&c, &seen, row.transfer.id, &id));
        assert_int_equal(id, i);
    }
    dict_done(&seen);
}

// --- files
// ------------------------------------------------------------------------------------------

static Err read_file(Ctx *c, Str bytes, FormatFileInfo *ret_info, CryptoHash *ret_hash) {
    AUTO(FormatFilePtr) f = NULL;
    FormatOptions o = {.tables = test_tables(), .bytes = bytes};
    TRY(format_file_open(c, &o, &f));
    FormatRow row = {0};
    do
        TRY(format_file_next(c, f, &row));
    while (row.state != FORMAT_ROW_END);
    TRY(format_file_sha256(c, f, ret_hash->b));
    *ret_info = format_file_info(f);
    return OK;
}

static void test_hash_and_info(void **state) {
    (void)state;
    AUTO(Ctx) c;
    AUTO(FormatFilePtr) f = NULL;
    ctx_init(&c);
    Str bytes = STR("\xef\xbb\xbf" T_HEAD OKROW "\r\n\n" OKROW "x\n,,\n");
    CryptoHash hash, want = crypto_sha256(bytes.p, bytes.n);
    FormatFileInfo info;
    assert_ok(&c, read_file(&c, bytes, &info, &hash));
    assert_memory_equal(hash.b, want.b, 32);
    assert_int_equal(info.good, 2);
    assert_int_equal(info.bad, 1);
    assert_int_equal(info.bytes_total, bytes.n);
    assert_int_equal(info.bytes_read, bytes.n);
    assert_string_equal(info.encoding, "UTF-8");
    FormatOptions o = {.tables = test_tables(), .bytes = bytes};
    assert_ok(&c, format_file_open(&c, &o, &f));
    assert_int_equal(format_file_sha256(&c, f, hash.b), E_STATE);
    o = (FormatOptions){.tables = test_tables(), .path = STR("/nowhere/at/all.csv")};
    FormatFile *none = NULL;
    assert_int_not_equal(format_file_open(&c, &o, &none), OK);
    assert_null(none);
}

// The n-th allocation fails, for every n: an error, never a wrong count or a leak.
static void test_no_memory(void **state) {
    (void)state;
    Str bytes = STR(T_HEAD OKROW "\n,"
                                 "2025-04-13T09:30:00Z,TH,999,e\u0301,XA,b,2,1,THB,,,,,,,\n");
    for (uint64_t nth = 1; nth < 2000; nth++) {
        Ctx c;
        ctx_init(&c);
        FormatFileInfo info = {0};
        CryptoHash hash;
        fault_plan_set((FaultPlan){.alloc_nth = nth, .once = true});
        Err e = read_file(&c, bytes, &info, &hash);
        fault_plan_set((FaultPlan){0});
        ctx_done(&c);
        if (e == OK) {
            assert_int_equal(info.good, 2);
            assert_true(nth > 5);
            return;
        }
        if (e != E_MEMORY && e != E_LIMIT)
            fail_msg("allocation %llu: %s", (unsigned long long)nth, err_name(e));
    }
    fail_msg("the run never succeeds");
}

// Not a limit that fails, but a figure that is printed: rows and bytes a second through it all.
static void test_speed(void **state) {
    (void)state;
    AUTO(Ctx) c;
    AUTO(Buf) text = {0};
    ctx_init(&c);
    buf_text(&text, T_HEAD);
    for (int i = 0; i < 200000; i++)
        buf_format(&text,
                   "tr%08d,2025-04-13T09:30:%02dZ,TH,004,%010d,TH,014,%010d,%d.50,THB,,,%d.00,,,"
                   "promptpay,\n",
                   i, i % 60, i * 7, i * 3 + 1, i % 5000 + 1, i % 100000);
    CryptoHash hash;
    FormatFileInfo info;
    int64_t start = clock_monotonic_us();
    assert_ok(&c, read_file(&c, buf_view(&text), &info, &hash));
    int64_t mapped = clock_monotonic_us() - start;
    assert_int_equal(info.good, 200000);
    AUTO(FormatCsvPtr) csv = NULL;
    FormatCsvOptions o = {.bytes = buf_view(&text)};
    FormatCsvRow row = {0};
    start = clock_monotonic_us();
    assert_ok(&c, format_csv_open(&c, &o, &csv));
    while (!row.end)
        assert_ok(&c, format_csv_next(&c, csv, &row));
    int64_t plain = clock_monotonic_us() - start;
    print_message("mapped: %lld rows/s; CSV with SHA-256: %lld MB/s\n",
                  (long long)(200000LL * 1000000 / (mapped + 1)),
                  (long long)((int64_t)text.n / (plain + 1)));
}

const struct CMUnitTest row_tests[] = {
    cmocka_unit_test(test_transfer_rules),  cmocka_unit_test(test_report_rules),
    cmocka_unit_test(test_list_is_bounded), cmocka_unit_test(test_warnings),
    cmocka_unit_test(test_canonical_round), cmocka_unit_test(test_report_round),
    cmocka_unit_test(test_made_ids),        cmocka_unit_test(test_many_made_ids_differ),
    cmocka_unit_test(test_hash_and_info),   cmocka_unit_test(test_no_memory),
    cmocka_unit_test(test_speed),
};
const size_t row_test_count = COUNT_OF(row_tests);
