// Words of the command line to a parsed call, by the command table.
#include "cli/cli_priv.h"
#include "text/text.h"

const CliOption cli_acting[CLI_ACTING] = {
    [CLI_AS] = {"as", "USER", "act as this user", false},
    [CLI_PURPOSE] = {"purpose", "WORD", "what for (default: the first of the role)", false},
    [CLI_PASSWORD_FILE] = {"password-file", "FILE", "the user's password, to sign what binds",
                           false},
    [CLI_KEY] = {"key", "KEY", "asked for again under this key, it is done once", false},
};

// Edits (insert, delete, replace, swap of neighbours) between two short words; anything longer than
// the rows is "far".
#define WORD_BYTES_MAX 32
static unsigned word_distance(const char *a, const char *b) {
    size_t n = strlen(a), m = strlen(b);
    if (n > WORD_BYTES_MAX || m > WORD_BYTES_MAX)
        return WORD_BYTES_MAX;
    unsigned rows[3][WORD_BYTES_MAX + 1];
    for (size_t j = 0; j <= m; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        unsigned *now = rows[i % 3];
        const unsigned *above = rows[(i - 1) % 3], *above2 = rows[(i + 1) % 3];
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            unsigned best = above[j - 1] + (a[i - 1] != b[j - 1]);
            if (above[j] + 1 < best)
                best = above[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                above2[j - 2] + 1 < best)
                best = above2[j - 2] + 1;
            now[j] = best;
        }
    }
    return rows[n % 3][m];
}

const char *cli_nearest(const char *typed, const char *const *words, size_t n) {
    const char *best = NULL;
    // One mistake in a short word, two in a longer one; more is another word.
    unsigned least = strlen(typed) <= 3 ? 2 : 3;
    for (size_t i = 0; i < n; i++) {
        unsigned d = word_distance(typed, words[i]);
        if (d < least) {
            least = d;
            best = words[i];
        }
    }
    return best;
}

const CliCommand *cli_command_find(const char *verb, const char *noun) {
    for (size_t i = 0; i < cli_command_count; i++) {
        const CliCommand *k = &cli_commands[i];
        if (strcmp(k->verb, verb) == 0 &&
            (noun ? k->noun && strcmp(k->noun, noun) == 0 : k->noun == NULL))
            return k;
    }
    return NULL;
}

bool cli_verb_has_nouns(const char *verb) {
    for (size_t i = 0; i < cli_command_count; i++)
        if (strcmp(cli_commands[i].verb, verb) == 0 && cli_commands[i].noun)
            return true;
    return false;
}

static bool verb_known(const char *verb) {
    for (size_t i = 0; i < cli_command_count; i++)
        if (strcmp(cli_commands[i].verb, verb) == 0)
            return true;
    return false;
}

static Err unknown_verb(Ctx *c, const char *typed) {
    const char *words[CLI_COMMANDS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < cli_command_count && n < COUNT_OF(words); i++)
        words[n++] = cli_commands[i].verb;
    const char *near = cli_nearest(typed, words, n);
    if (near)
        return fail(c, E_USAGE, "there is no command \"%s\"; did you mean \"%s\"?", typed, near);
    return fail(c, E_USAGE, "there is no command \"%s\"; `moei --help` lists all", typed);
}

static Err unknown_noun(Ctx *c, const char *verb, const char *typed) {
    const char *words[CLI_COMMANDS_MAX];
    size_t n = 0;
    Buf all = {0};
    for (size_t i = 0; i < cli_command_count && n < COUNT_OF(words); i++) {
        if (strcmp(cli_commands[i].verb, verb) != 0)
            continue;
        buf_format(&all, "%s%s", n ? ", " : "", cli_commands[i].noun);
        words[n++] = cli_commands[i].noun;
    }
    const char *near = typed ? cli_nearest(typed, words, n) : NULL;
    Err e;
    if (near)
        e = fail(c, E_USAGE, "\"%s %s\" is no command; did you mean \"%s %s\"?", verb, typed, verb,
                 near);
    else
        e = fail(c, E_USAGE, "\"%s\" is followed by one of: " STR_FMT, verb,
                 STR_ARG(buf_view(&all)));
    buf_done(&all);
    return e;
}

static Err unknown_option(CliCall *call, const char *typed, size_t n) {
    const CliCommand *k = call->command;
    const char *words[CLI_OPTIONS_MAX + 2 + CLI_ACTING];
    size_t count = 0;
    for (size_t i = 0; i < k->option_count; i++)
        words[count++] = k->options[i].name;
    words[count++] = "help";
    for (size_t i = 0; k->acts && i < CLI_ACTING; i++)
        words[count++] = cli_acting[i].name;
    if (k->json)
        words[count++] = "json";
    char name[WORD_BYTES_MAX + 1];
    size_t cut = n < WORD_BYTES_MAX ? n : WORD_BYTES_MAX;
    memcpy(name, typed, cut);
    name[cut] = 0;
    const char *near = cli_nearest(name, words, count);
    if (near)
        return fail(call->c, E_USAGE, "there is no option --%s here; did you mean --%s?", name,
                    near);
    return fail(call->c, E_USAGE, "there is no option --%s here", name);
}

// The option of this name, of the command or of all that act, and where its value goes.
static const CliOption *option_find(CliCall *call, Str name, const char ***ret_slot) {
    const CliCommand *k = call->command;
    for (size_t o = 0; o < k->option_count; o++) {
        if (str_eq_c(name, k->options[o].name)) {
            *ret_slot = &call->values[o];
            return &k->options[o];
        }
    }
    for (size_t o = 0; k->acts && o < CLI_ACTING; o++) {
        if (str_eq_c(name, cli_acting[o].name)) {
            *ret_slot = &call->acting[o];
            return &cli_acting[o];
        }
    }
    return NULL;
}

// One word that starts with two hyphens; *i moves on when its value is the next word.
static Err parse_option(CliCall *call, int argc, const char *const *argv, int *i) {
    const CliCommand *k = call->command;
    ASSERT(k);
    const char *word = argv[*i] + 2;
    const char *equals = strchr(word, '=');
    size_t n = equals ? (size_t)(equals - word) : strlen(word);
    Str name = {word, n};
    if (!equals && str_eq_c(name, "help")) {
        call->help = true;
        return OK;
    }
    if (!equals && k->json && str_eq_c(name, "json")) {
        call->json = true;
        return OK;
    }
    const char **slot = NULL;
    const CliOption *option = option_find(call, name, &slot);
    if (!option)
        return unknown_option(call, word, n);
    if (*slot)
        return fail(call->c, E_USAGE, "--%s is given twice", option->name);
    if (!option->value && equals)
        return fail(call->c, E_USAGE, "--%s takes no value", option->name);
    if (!option->value) {
        *slot = "";
        return OK;
    }
    if (!equals && *i + 1 >= argc)
        return fail(call->c, E_USAGE, "--%s wants a value: --%s %s", option->name, option->name,
                    option->value);
    *slot = equals ? equals + 1 : argv[++*i];
    return OK;
}

static Err check_complete(CliCall *call) {
    const CliCommand *k = call->command;
    if (call->arg_count < k->args_min || call->arg_count > k->args_max) {
        Buf usage = {0};
        cli_usage_line(&usage, k);
        const char *what =
            call->arg_count < k->args_min ? "something is missing" : "that is too much";
        Err e = fail(call->c, E_USAGE, "%s: " STR_FMT, what, STR_ARG(buf_view(&usage)));
        buf_done(&usage);
        return e;
    }
    for (size_t i = 0; i < call->arg_count; i++)
        if (call->args[i].n == 0)
            return fail(call->c, E_USAGE, "argument %zu is empty", i + 1);
    for (size_t o = 0; o < k->option_count; o++)
        if (k->options[o].required && !call->values[o])
            return fail(call->c, E_USAGE, "--%s %s is missing: %s", k->options[o].name,
                        k->options[o].value, k->options[o].help);
    return OK;
}

// Finds the command; *ret_next is the first word behind its name.
static Err parse_name(CliCall *call, int argc, const char *const *argv, int *ret_next) {
    const char *verb = argv[1];
    if (!verb_known(verb))
        return unknown_verb(call->c, verb);
    if (!cli_verb_has_nouns(verb)) {
        call->command = cli_command_find(verb, NULL);
        *ret_next = 2;
        return OK;
    }
    const char *noun = argc > 2 ? argv[2] : NULL;
    if (noun && (strcmp(noun, "--help") == 0 || strcmp(noun, "-h") == 0)) {
        call->help = true;
        call->help_verb = verb;
        *ret_next = argc;
        return OK;
    }
    call->command = noun ? cli_command_find(verb, noun) : NULL;
    if (!call->command)
        return unknown_noun(call->c, verb, noun);
    *ret_next = 3;
    return OK;
}

static Err parse_help(CliCall *call, int argc, const char *const *argv) {
    int next = 0;
    call->help = true;
    call->help_verb = argv[1];
    if (argc == 2 && verb_known(argv[1]) && cli_verb_has_nouns(argv[1]))
        return OK;
    return parse_name(call, argc, argv, &next);
}

Err cli_call_parse(Ctx *c, int argc, const char *const *argv, CliCall *call) {
    call->c = c;
    for (int i = 1; i < argc; i++)
        if (!text_utf8_valid(str_of(argv[i])))
            return fail(c, E_USAGE, "word %d of the command is not UTF-8; set a UTF-8 locale", i);
    if (argc < 2)
        return fail(c, E_USAGE, "a command is missing; `moei --help` lists all");
    bool asked = strcmp(argv[1], "help") == 0; // `moei help peer add` is `moei peer add --help`
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || (asked && argc == 2)) {
        call->help = true;
        return OK;
    }
    if (asked)
        return parse_help(call, argc - 1, argv + 1);
    if (strcmp(argv[1], "--version") == 0) {
        call->command = cli_command_find("version", NULL);
        return OK;
    }
    int next = 0;
    TRY(parse_name(call, argc, argv, &next));
    bool options_end = false;
    for (int i = next; i < argc; i++) {
        const char *word = argv[i];
        if (!options_end && strcmp(word, "--") == 0) {
            options_end = true;
            continue;
        }
        if (!options_end && strcmp(word, "-h") == 0) {
            call->help = true;
            continue;
        }
        if (!options_end && word[0] == '-' && word[1] == '-') {
            TRY(parse_option(call, argc, argv, &i));
            continue;
        }
        if (call->arg_count >= CLI_ARGS_MAX)
            return fail(c, E_USAGE, "more than %d words", CLI_ARGS_MAX);
        call->args[call->arg_count++] = str_of(word);
    }
    return call->help ? OK : check_complete(call);
}

void CliCall_cleanup(CliCall *call) {
    buf_done(&call->out);
}

const char *cli_option(const CliCall *call, const char *name) {
    for (size_t o = 0; o < call->command->option_count; o++)
        if (strcmp(call->command->options[o].name, name) == 0)
            return call->values[o];
    UNREACHABLE();
}

Str cli_option_str(const CliCall *call, const char *name) {
    return str_of(cli_option(call, name));
}

bool cli_flag(const CliCall *call, const char *name) {
    return cli_option(call, name) != NULL;
}

Err cli_option_int(CliCall *call, const char *name, int64_t min, int64_t max, int64_t otherwise,
                   int64_t *ret_v) {
    const char *text = cli_option(call, name);
    int64_t v = otherwise;
    if (text && (!str_to_i64(str_of(text), &v) || v < min || v > max))
        return fail(call->c, E_USAGE, "--%s wants a whole number from %lld to %lld, not \"%s\"",
                    name, (long long)min, (long long)max, text);
    *ret_v = v;
    return OK;
}

Err cli_option_list(CliCall *call, const char *name, Str **ret_items, size_t *ret_n) {
    Str rest = cli_option_str(call, name), part = {0};
    size_t n = 0;
    for (size_t i = 0; i < rest.n; i++)
        n += rest.p[i] == ',';
    Str *items = NULL;
    TRY(ctx_alloc(call->c, (n + 1) * sizeof *items, &items));
    size_t count = 0;
    while (rest.p && rest.n && str_split(&rest, ',', &part)) {
        part = str_trim(part);
        if (part.n == 0)
            return fail(call->c, E_USAGE, "--%s has an empty item in its list", name);
        items[count++] = part;
    }
    *ret_items = items;
    *ret_n = count;
    return OK;
}

Err cli_path(CliCall *call, Str path, Str *ret_path) {
    if (call->cwd.n == 0 || str_starts(path, STR("/"))) {
        *ret_path = path;
        return OK;
    }
    return str_format(call->c, ret_path, STR_FMT "/" STR_FMT, STR_ARG(call->cwd), STR_ARG(path));
}
