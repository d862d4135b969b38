// Tables that fit the terminal, amounts, progress.
#include "capture.h"

#include <fcntl.h>
#include <unistd.h>

static void test_amounts(void **state) {
    (void)state;
    static const struct {
        int64_t minor;
        unsigned exponent;
        const char *text;
    } cases[] = {
        {0, 2, "0.00"},
        {5, 2, "0.05"},
        {100000, 2, "1,000.00"},
        {-123456789, 2, "-1,234,567.89"},
        {999, 0, "999"},
        {1000, 0, "1,000"},
        {-1000, 0, "-1,000"},
        {1234567, 6, "1.234567"},
        {1234567890123, 6, "1,234,567.890123"},
        {INT64_MIN, 2, "-92,233,720,368,547,758.08"},
        {INT64_MAX, 8, "92,233,720,368.54775807"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(Buf) b = {0};
        cli_put_amount(&b, cases[i].minor, cases[i].exponent);
        buf_char(&b, 0);
        assert_string_equal(b.p, cases[i].text);
    }
}

static void table_at(unsigned columns, const char *expected) {
    static const char *const titles[] = {"Who", "How much", "Why"};
    static const bool right[] = {false, true, false};
    AUTO(Ctx) c;
    ctx_init(&c);
    int out = capture_file();
    AUTO(CliCall)
    call = {.c = &c, .io = {.out = out, .out_tty = columns > 0, .columns = columns}, .peer = -1};
    AUTO(CliTable) t = {0};
    cli_table_start(&t, titles, right, COUNT_OF(titles));
    cli_table_cell(&t, STR("ธนาคารกสิกรไทย"));
    cli_table_cell_i64(&t, 1204500);
    cli_table_cell(&t, STR("a long reason that does not fit into a narrow terminal"));
    cli_table_cell(&t, STR("中国银行"));
    cli_table_cell_i64(&t, -7);
    cli_table_cell(&t, STR("tab\there\x1b[31m"));
    assert_ok(&c, cli_table_print(&call, &t));
    assert_ok(&c, cli_flush(&call));
    char text[4096];
    capture_read(out, text, sizeof text);
    close(out);
    assert_string_equal(text, expected);
}

static void test_tables(void **state) {
    (void)state;
    // Thai vowels above and below take no column, Han characters take two.
    table_at(0, "Who             How much  Why\n"
                "ธนาคารกสิกรไทย  1,204,500  "
                "a long reason that does not fit into a narrow terminal\n"
                "中国银行              -7  tab here [31m\n");
    table_at(50, "Who             How much  Why\n"
                 "ธนาคารกสิกรไทย  1,204,500  a long reason that does…\n"
                 "中国银行              -7  tab here [31m\n");
    // Below the least width the table keeps it.
    table_at(10, "Who             How much  Why\n"
                 "ธนาคารกสิกรไทย  1,204,500  a long reason…\n"
                 "中国银行              -7  tab here [31m\n");
}

static void test_long_text_is_whole(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    static char word[5000], text[5100];
    memset(word, 'x', sizeof word - 1);
    int out = capture_file();
    AUTO(CliCall) call = {.c = &c, .io = {.out = out}, .peer = -1};
    cli_print(&call, "<%s>", word);
    assert_ok(&c, cli_flush(&call));
    capture_read(out, text, sizeof text);
    close(out);
    assert_int_equal(strlen(text), sizeof word + 1);
    assert_true(text[0] == '<' && text[sizeof word] == '>');
}

static void test_reader_gone_is_an_error(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(full >= 0);
    AUTO(CliCall) call = {.c = &c, .io = {.out = full}, .peer = -1};
    cli_print(&call, "answer\n");
    assert_int_equal(cli_flush(&call), E_NO_SPACE);
    close(full);
}

static void test_progress(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    for (int tty = 0; tty < 2; tty++) {
        int err = capture_file();
        AUTO(CliCall)
        call = {.c = &c, .io = {.err = err, .err_tty = tty == 1, .columns = 80}, .peer = -1};
        CliProgress p;
        cli_progress_start(&p, &call, "transfers");
        p.shown_us -= 10 * CLI_LINE_EVERY_US; // as if time had passed
        assert_true(cli_progress_step(&p, "transfers", 250, 1000));
        assert_true(cli_progress_step(&p, "transfers", 251, 1000)); // too early to be shown
        p.done = 1000;
        cli_progress_end(&p, "rows");
        char text[4096];
        capture_read(err, text, sizeof text);
        close(err);
        if (tty) {
            assert_non_null(strstr(text, "\rtransfers"));
            assert_non_null(strstr(text, " 25 %"));
            assert_non_null(strstr(text, "\r\033[Ktransfers: 1,000 rows in "));
        } else {
            assert_non_null(strstr(text, "transfers: 25 %\ntransfers: 1,000 rows in "));
            assert_null(strchr(text, '\r'));
        }
    }
}

const struct CMUnitTest print_tests[] = {
    cmocka_unit_test(test_amounts),
    cmocka_unit_test(test_tables),
    cmocka_unit_test(test_long_text_is_whole),
    cmocka_unit_test(test_reader_gone_is_an_error),
    cmocka_unit_test(test_progress),
};
const size_t print_test_count = COUNT_OF(print_tests);
