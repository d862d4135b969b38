// Every command that takes --json answers with one canonical JSON object on a line of its own, and
// leaves with the code that the help names; a refusal says nothing on stdout and something on
// stderr. The table is a story of two agencies; a command without a row fails.
#include "capture.h"

#include <ftw.h>

#define NAMES_MAX 48

typedef struct Row {
    int code;
    const char *words; // by blanks; ~ is a blank inside of a word, $NAME what was kept
    const char *keep;  // NAME=path[,…] of the answer; a path is keys and numbers by dots
} Row;

typedef struct Kept {
    char name[16], text[2048];
} Kept;

typedef struct Story {
    char folder[64];
    Kept kept[NAMES_MAX];
    size_t count;
} Story;

static const char transfers[] =
    "id,booked_at,from_country,from_institution,from_account,to_country,to_institution,to_account,"
    "amount,currency\n"
    "p,2026-03-01T01:00:00Z,TH,004,1000000001,TH,014,2000000001,10.00,THB\n"
    "x,2026-03-01T03:00:00Z,TH,014,2000000001,TH,002,3000000001,10.00,THB\n";
static const char told_otherwise[] =
    "id,booked_at,from_country,from_institution,from_account,to_country,to_institution,to_account,"
    "amount,currency\n"
    "p,2026-03-01T01:00:00Z,TH,004,1000000001,TH,014,2000000001,11.00,THB\n";
static const char reports[] =
    "id,reported_at,victim,country,channel,loss,currency,transfers,accounts,phones,urls,story\n"
    "P,2026-03-02T00:00:00Z,Ann,TH,bank,10.00,THB,p,,,,\n"
    "Q,2026-03-02T00:00:00Z,,TH,bank,10.00,THB,,TH/014/2000000001,,,\n"
    "S,2026-03-02T00:00:00Z,,TH,bank,10.00,THB,,TH/014/2000000001,,,\n";

// --- what was kept ------------------------------------------------------------------------------

static void keep(Story *s, const char *name, size_t n, Str text) {
    assert_true(s->count < NAMES_MAX && n < sizeof s->kept[0].name &&
                text.n < sizeof s->kept[0].text);
    Kept *k = &s->kept[s->count++];
    snprintf(k->name, sizeof k->name, "%.*s", (int)n, name);
    snprintf(k->text, sizeof k->text, STR_FMT, STR_ARG(text));
}

// The last that was kept under this name.
static const char *kept(const Story *s, const char *name, size_t n) {
    for (size_t i = s->count; i-- > 0;)
        if (strlen(s->kept[i].name) == n && strncmp(s->kept[i].name, name, n) == 0)
            return s->kept[i].text;
    fail_msg("nothing was kept as %.*s", (int)n, name);
    return "";
}

static void fill(const Story *s, const char *words, char *to, size_t bytes) {
    size_t n = 0;
    for (const char *at = words; *at;) {
        assert_true(n + 1 < bytes);
        if (*at != '$') {
            to[n++] = *at++;
            continue;
        }
        size_t length = strspn(++at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
        const char *text = kept(s, at, length);
        assert_true(n + strlen(text) + 1 < bytes);
        memcpy(to + n, text, strlen(text));
        n += strlen(text);
        at += length;
    }
    to[n] = 0;
}

static const JsonValue *at_path(const JsonValue *v, Str path) {
    Str part;
    for (Str rest = path; v && str_split(&rest, '.', &part);) {
        int64_t i;
        if (v->type == JSON_ARRAY)
            v = str_to_i64(part, &i) && i < v->count ? &v->items[i] : NULL;
        else
            v = json_find(v, part);
    }
    return v;
}

static void keep_all(Ctx *c, Story *s, const Row *row, const char *json) {
    AUTO(JsonReader) reader = {0};
    const JsonValue *v;
    assert_ok(c, json_reader_open(c, &reader));
    assert_ok(c, json_read(c, &reader, str_of(json), &v));
    Str part;
    for (Str rest = str_of(row->keep); str_split(&rest, ',', &part);) {
        Str name, path = part;
        assert_true(str_split(&path, '=', &name));
        const JsonValue *one = at_path(v, path);
        char number[32];
        if (!one || (one->type != JSON_STR && one->type != JSON_INT))
            fail_msg("%s: no " STR_FMT " in %s", row->words, STR_ARG(path), json);
        snprintf(number, sizeof number, "%lld", (long long)one->i);
        keep(s, name.p, name.n, one->type == JSON_STR ? one->s : str_of(number));
    }
}

// --- a row --------------------------------------------------------------------------------------

static void put_file(Story *s, const char *name, const char *text) {
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(File) f = {0};
    char path[128];
    snprintf(path, sizeof path, "%s/%s", s->folder, name);
    assert_ok(&c, file_open(&c, str_of(path), FILE_CREATE, &f));
    assert_ok(&c, file_write(&c, &f, text, strlen(text)));
}

static void check_answer(const Row *row, const char *words, const Capture *got) {
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(JsonReader) reader = {0};
    const JsonValue *v;
    size_t n = strlen(got->out);
    if (got->code != row->code)
        fail_msg("%s: exit %d, not %d: %s%s", words, got->code, row->code, got->out, got->err);
    if (row->code != 0) {
        if (n > 0 || got->err[0] == 0)
            fail_msg("%s: a refusal says \"%s\", and \"%s\" on stderr", words, got->out, got->err);
        return;
    }
    assert_ok(&c, json_reader_open(&c, &reader));
    if (n + 1 >= sizeof got->out || n == 0 || got->out[n - 1] != '\n')
        fail_msg("%s: %zu bytes that do not end a line", words, n);
    if (json_read_canonical(&c, &reader, (Str){got->out, n - 1}, &v) != OK ||
        v->type != JSON_OBJECT)
        fail_msg("%s: no canonical object: %s: %s", words, c.error, got->out);
}

// All commands of one function answer alike: the acts of an order.
static void note_seen(const char *const *argv, bool *seen) {
    for (size_t i = 0; i < cli_command_count; i++) {
        const CliCommand *k = &cli_commands[i];
        if (strcmp(k->verb, argv[0]) != 0 || (k->noun && strcmp(k->noun, argv[1]) != 0))
            continue;
        for (size_t m = 0; m < cli_command_count; m++)
            seen[m] = seen[m] || cli_commands[m].run == k->run;
    }
}

static void run_row(Story *s, const Row *row, bool *seen) {
    static Capture got;
    static char filled[8192], line[8192];
    const char *argv[64];
    int argc = 0;
    AUTO(Ctx) c;
    ctx_init(&c);
    fill(s, row->words, filled, sizeof filled);
    memcpy(line, filled, sizeof line);
    for (char *at = line, *word; (word = strsep(&at, " ")) != NULL;) {
        for (char *k = word; *k; k++)
            *k = *k == '~' ? ' ' : *k;
        argv[argc++] = word;
    }
    argv[argc] = "--json";
    argv[argc + 1] = NULL;
    if (row->code == 0)
        note_seen(argv, seen);
    capture_run(&got, 0, argv);
    check_answer(row, filled, &got);
    if (row->keep)
        keep_all(&c, s, row, got.out);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at) {
    (void)st, (void)type, (void)at;
    return remove(path);
}

static void remove_all(const char *folder) {
    assert_int_equal(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

// --- the story ----------------------------------------------------------------------------------

static const Row rows[] = {
#include "json_rows.inc"
};

// What takes minutes, what only a demo has, and what only a false peer makes possible: stories of
// their own run these.
static const char *const elsewhere[] = {"bench", "public-record", "resume"};

static void test_every_command_answers(void **state) {
    (void)state;
    static Story s;
    bool *seen = calloc(cli_command_count, sizeof *seen);
    assert_non_null(seen);
    memset(&s, 0, sizeof s);
    test_folder(s.folder, sizeof s.folder);
    keep(&s, "F", 1, str_of(s.folder));
    put_file(&s, "t.csv", transfers);
    put_file(&s, "o.csv", told_otherwise);
    put_file(&s, "r.csv", reports);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (strncmp(rows[i].words, "file ", 5) == 0) { // file NAME TEXT
            char line[2048];
            fill(&s, rows[i].words + 5, line, sizeof line);
            char *text = strchr(line, ' ');
            *text = 0;
            put_file(&s, line, text + 1);
        } else {
            run_row(&s, &rows[i], seen);
        }
    }
    for (size_t i = 0; i < cli_command_count; i++) {
        const CliCommand *k = &cli_commands[i];
        bool other = !k->json;
        for (size_t e = 0; e < COUNT_OF(elsewhere); e++)
            other = other || strcmp(k->noun ? k->noun : k->verb, elsewhere[e]) == 0;
        if (!seen[i] && !other)
            print_error("no row of tests/cli/json_rows.inc: moei %s %s\n", k->verb,
                        k->noun ? k->noun : "");
        s.count += !seen[i] && !other ? 1000 : 0;
    }
    free(seen);
    assert_true(s.count < 1000);
    remove_all(s.folder);
}

const struct CMUnitTest json_tests[] = {cmocka_unit_test(test_every_command_answers)};
const size_t json_test_count = COUNT_OF(json_tests);
