// Words to calls: options, usage errors, suggestions, help, exit codes.
#include "capture.h"

#define ARGV(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_good_calls(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(CliCall) call = {0};
    const char *argv[] = {"moei",
                          "trace",
                          "d",
                          "--rule=lifo",
                          "--report",
                          "R-1,R-2",
                          "--json",
                          "--as",
                          "anna",
                          "--until",
                          "2026-03-01T12:00:00+07:00"};
    assert_ok(&c, cli_call_parse(&c, COUNT_OF(argv), argv, &call));
    assert_string_equal(call.command->verb, "trace");
    assert_int_equal(call.arg_count, 1);
    assert_true(str_eq_c(call.args[0], "d"));
    assert_string_equal(cli_option(&call, "rule"), "lifo");
    assert_true(call.json && !call.help);
    assert_string_equal(call.acting[CLI_AS], "anna");
    assert_null(cli_option(&call, "case"));
    assert_false(cli_flag(&call, "all"));
    Str *items;
    size_t n;
    assert_ok(&c, cli_option_list(&call, "report", &items, &n));
    assert_int_equal(n, 2);
    assert_true(str_eq_c(items[1], "R-2"));
}

static void test_double_hyphen_ends_options(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(CliCall) call = {0};
    const char *argv[] = {"moei", "import", "transfers", "--dry-run", "d", "--", "--odd.csv"};
    assert_ok(&c, cli_call_parse(&c, COUNT_OF(argv), argv, &call));
    assert_int_equal(call.arg_count, 2);
    assert_true(str_eq_c(call.args[1], "--odd.csv"));
    assert_true(cli_flag(&call, "dry-run"));
}

static void test_usage_errors(void **state) {
    (void)state;
    static const struct {
        const char *argv[8];
        const char *words; // in the error
    } cases[] = {
        {{NULL}, "a command is missing"},
        {{"trce", NULL}, "did you mean \"trace\""},
        {{"xyzzy", NULL}, "`moei --help` lists all"},
        {{"report", NULL}, "followed by one of: add, list, show, code"},
        {{"report", "lsit", "d", NULL}, "did you mean \"report list\""},
        {{"report", "frobnicate", "d", NULL}, "followed by one of"},
        {{"trace", NULL}, "something is missing: moei trace DIR"},
        {{"verify", "a", "b", NULL}, "that is too much"},
        {{"verify", "", NULL}, "argument 1 is empty"},
        {{"trace", "d", "--rul", "fifo", NULL}, "did you mean --rule"},
        {{"trace", "d", "--rule", NULL}, "--rule wants a value"},
        {{"trace", "d", "--rule", "fifo", "--rule=lifo", NULL}, "given twice"},
        {{"trace", "d", "--all=yes", NULL}, "--all takes no value"},
        {{"verify", "d", "--as", "x", NULL}, "no option --as here"},
        {{"trace", "d", "--as", NULL}, "--as wants a value"},
        {{"init", "d", NULL}, "--agency NAME is missing"},
        {{"erase", "d", "x", NULL}, "--reason TEXT is missing"},
        {{"version", "\xff", NULL}, "not UTF-8"},
        {{"drill", "make", "d", "--seed", "one", NULL}, "--seed wants a whole number"},
        {{"drill", "make", "d", "--reports", "0", NULL}, "from 1 to"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Capture got;
        capture_run(&got, 0, cases[i].argv);
        if (got.code != CLI_USAGE || !strstr(got.err, cases[i].words) || got.out[0])
            fail_msg("case %zu: code %d, said: %s", i, got.code, got.err);
        assert_non_null(strstr(got.err, "--help`."));
    }
}

static void test_nearest(void **state) {
    (void)state;
    static const char *const words[] = {"trace", "verify", "case", "bench"};
    static const struct {
        const char *typed, *near;
    } cases[] = {
        {"trace", "trace"},
        {"tarce", "trace"},
        {"verfy", "verify"},
        {"veirfi", "verify"},
        {"csae", "case"},
        {"cas", "case"},
        {"benchh", "bench"},
        {"zebra", NULL},
        {"x", NULL},
        {"", NULL},
        {"a-word-that-is-much-longer-than-any", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *near = cli_nearest(cases[i].typed, words, COUNT_OF(words));
        if (near != cases[i].near && (!near || !cases[i].near || strcmp(near, cases[i].near) != 0))
            fail_msg("\"%s\" is near \"%s\"", cases[i].typed, near ? near : "nothing");
    }
}

static void test_exit_codes(void **state) {
    (void)state;
    static const int codes[] = {
        [OK] = 0,          [E_INVALID] = 1, [E_NOT_FOUND] = 1, [E_EXISTS] = 1,
        [E_STATE] = 1,     [E_DENIED] = 1,  [E_LIMIT] = 1,     [E_USAGE] = 2,
        [E_BUSY] = 1,      [E_IO] = 3,      [E_NO_SPACE] = 3,  [E_READ_ONLY] = 3,
        [E_CORRUPT] = 3,   [E_CRYPTO] = 1,  [E_MEMORY] = 3,    [E_UNSUPPORTED] = 1,
        [E_CANCELLED] = 1,
    };
    for (size_t e = 0; e < COUNT_OF(codes); e++)
        assert_int_equal(cli_exit_code((Err)e), codes[e]);
}

// The help of everything, as one text, must be what a person has read and approved.
static void test_help_is_golden(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(Buf) all = {0};
    Capture got;
    capture_run(&got, 0, ARGV("--help"));
    assert_int_equal(got.code, CLI_DONE);
    buf_text(&all, got.out);
    for (size_t i = 0; i < cli_command_count; i++) {
        const CliCommand *k = &cli_commands[i];
        if (k->noun)
            capture_run(&got, 0, ARGV(k->verb, k->noun, "--help"));
        else
            capture_run(&got, 0, ARGV(k->verb, "--help"));
        assert_int_equal(got.code, CLI_DONE);
        assert_string_equal(got.err, "");
        buf_format(&all, "\n--- %s %s\n%s", k->verb, k->noun ? k->noun : "", got.out);
    }
    Str golden;
    assert_ok(&c, buf_check(&c, &all));
    assert_ok(&c, file_read_all(&c, STR("tests/cli/help.txt"), 1 << 20, &golden));
    if (!str_eq(golden, buf_view(&all))) {
        assert_ok(&c, file_replace(&c, STR("/tmp/moei-help.txt"), buf_view(&all)));
        fail_msg("help differs from tests/cli/help.txt: see /tmp/moei-help.txt");
    }
    for (size_t i = 0, from = 0; i < all.n; i++)
        if (all.p[i] == '\n') {
            if (i - from > 104)
                fail_msg("a line of the help is too wide: %.*s", (int)(i - from), all.p + from);
            from = i + 1;
        }
}

static void test_help_of_a_verb(void **state) {
    (void)state;
    Capture got;
    capture_run(&got, 0, ARGV("case", "--help"));
    assert_int_equal(got.code, CLI_DONE);
    assert_non_null(strstr(got.out, "moei case new DIR --title TEXT"));
    assert_non_null(strstr(got.out, "moei case show DIR CASE"));
}

static void test_version(void **state) {
    (void)state;
    Capture got;
    capture_run(&got, 0, ARGV("version"));
    assert_int_equal(got.code, CLI_DONE);
    assert_string_equal(got.out, "moei " CLI_VERSION "\n");
    capture_run(&got, 0, ARGV("version", "--json"));
    assert_string_equal(got.out, "{\"version\":\"" CLI_VERSION "\"}\n");
    capture_run(&got, 0, ARGV("--version"));
    assert_string_equal(got.out, "moei " CLI_VERSION "\n");
}

// The words of an example, as a shell reads them; what stands behind `>` is the shell's own.
static int words_of(char *text, const char *words[static 32]) {
    int n = 0;
    words[n++] = "moei";
    for (char *at = text; *at && *at != '>';) {
        bool quoted = *at == '"';
        at += quoted;
        char *start = at;
        while (*at && (quoted ? *at != '"' : !strchr(" \n", *at)))
            at++;
        if (*at)
            *at++ = 0;
        if (*start && strcmp(start, "\\") != 0 && n < 32)
            words[n++] = start;
    }
    return n;
}

// Each example is a call of its own command, with arguments and options that it takes.
static void test_examples(void **state) {
    (void)state;
    for (size_t i = 0; i < cli_command_count; i++) {
        const CliCommand *k = &cli_commands[i];
        AUTO(Ctx) c;
        ctx_init(&c);
        AUTO(CliCall) call = {0};
        const char *words[32];
        char text[256];
        assert_true(k->example && strlen(k->example) < sizeof text);
        memcpy(text, k->example, strlen(k->example) + 1);
        assert_ok(&c, cli_call_parse(&c, words_of(text, words), words, &call));
        assert_ptr_equal(call.command, k);
        assert_false(call.help);
    }
}

// The table itself: what the rest relies on.
static void test_table_is_sound(void **state) {
    (void)state;
    for (size_t i = 0; i < cli_command_count; i++) {
        const CliCommand *k = &cli_commands[i];
        assert_true(k->run && k->help && k->args_min <= k->args_max);
        assert_true(k->option_count <= CLI_OPTIONS_MAX && k->args_max <= CLI_ARGS_MAX);
        assert_ptr_equal(cli_command_find(k->verb, k->noun), k);
        if (k->need != CLI_NEEDS_NOTHING)
            assert_true(k->args_min >= 1 && strncmp(k->args, "DIR", 3) == 0);
        assert_true(!k->acts || k->need == CLI_NEEDS_NODE);
        for (size_t o = 0; o < k->option_count; o++)
            for (size_t p = 0; p < o; p++)
                assert_string_not_equal(k->options[o].name, k->options[p].name);
    }
}

// The n-th allocation fails, for every n: an exit code and words, never a crash.
static void test_no_memory(void **state) {
    (void)state;
    static const char *const calls[][4] = {
        {"--help"}, {"case", "--help"}, {"trace", "--help"}, {"version", "--json"}, {"trce"}};
    static Capture good, got;
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        capture_run(&good, 0, calls[i]);
        for (uint64_t n = 1;; n++) {
            uint64_t allocs, writes;
            assert_true(n < 1000);
            fault_plan_set((FaultPlan){.alloc_nth = n, .once = true});
            capture_run(&got, 0, calls[i]);
            fault_counts(&allocs, &writes);
            fault_plan_set((FaultPlan){0});
            if (allocs < n)
                break;
            // Either it could do without, or it says that it could not.
            if (got.code == good.code)
                assert_true(strcmp(got.out, good.out) == 0 || got.code != CLI_DONE);
            else
                assert_int_equal(got.code, CLI_FAULT);
        }
        assert_string_equal(got.out, good.out);
    }
}

const struct CMUnitTest args_tests[] = {
    cmocka_unit_test(test_good_calls),     cmocka_unit_test(test_double_hyphen_ends_options),
    cmocka_unit_test(test_usage_errors),   cmocka_unit_test(test_nearest),
    cmocka_unit_test(test_exit_codes),     cmocka_unit_test(test_help_is_golden),
    cmocka_unit_test(test_help_of_a_verb), cmocka_unit_test(test_version),
    cmocka_unit_test(test_examples),       cmocka_unit_test(test_table_is_sound),
    cmocka_unit_test(test_no_memory),
};
const size_t args_test_count = COUNT_OF(args_tests);
