// From words to an exit code: parse, open the node or find its server, run, say what went wrong.
#include "cli/cli_priv.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

int cli_exit_code(Err e) {
    switch (e) {
    case OK:
        return CLI_DONE;
    case E_USAGE:
        return CLI_USAGE;
    case E_INVALID:
    case E_NOT_FOUND:
    case E_EXISTS:
    case E_STATE:
    case E_DENIED:
    case E_LIMIT:
    case E_BUSY:
    case E_CRYPTO:
    case E_UNSUPPORTED:
    case E_CANCELLED:
        return CLI_REFUSED;
    case E_IO:
    case E_NO_SPACE:
    case E_READ_ONLY:
    case E_CORRUPT:
    case E_MEMORY:
        return CLI_FAULT;
    }
    UNREACHABLE();
}

CliIo cli_io_standard(void) {
    CliIo io = {.in = STDIN_FILENO, .out = STDOUT_FILENO, .err = STDERR_FILENO};
    io.out_tty = isatty(STDOUT_FILENO) == 1;
    io.err_tty = isatty(STDERR_FILENO) == 1;
    int64_t columns = 0;
    struct winsize size;
    if (str_to_i64(str_of(getenv("COLUMNS")), &columns) && columns > 0 && columns < 10000)
        io.columns = (unsigned)columns;
    else if (ioctl(io.out_tty ? STDOUT_FILENO : STDERR_FILENO, TIOCGWINSZ, &size) == 0)
        io.columns = size.ws_col;
    return io;
}

DeskEnv cli_env(void) {
    return (DeskEnv){
        .clock = clock_system(), .random = crypto_random_system(), .cost = crypto_cost_standard()};
}

int cli_say_error(CliCall *call, Err e) {
    if (e == OK)
        return CLI_DONE;
    cli_note(call, "moei: %s", call->c->error[0] ? call->c->error : err_name(e));
    if (e == E_USAGE) {
        const CliCommand *k = call->command;
        if (k)
            cli_note(call, "Try `moei %s%s%s --help`.", k->verb, k->noun ? " " : "",
                     k->noun ? k->noun : "");
        else
            cli_note(call, "Try `moei --help`.");
    }
    return cli_exit_code(e);
}

static Err show_help(CliCall *call) {
    if (call->command)
        cli_help_command(&call->out, call->command);
    else if (call->help_verb)
        cli_help_verb(&call->out, call->help_verb);
    else
        cli_help_all(&call->out);
    return cli_flush(call);
}

// --- who acts -----------------------------------------------------------------------------------

static void wipe(Str s) {
    // The text lies in the arena of the call, which is ours to write.
    if (s.n)
        crypto_wipe((void *)(uintptr_t)s.p, s.n);
}

static Err act_as(CliCall *call, CryptoSignKey *key) {
    const CliCommand *k = call->command;
    const char *as = call->acting[CLI_AS]     ? call->acting[CLI_AS]
                     : k->acts & CLI_AS_ADMIN ? "admin"
                                              : NULL;
    TRY(desk_as_for(call->c, call->node, str_of(as), str_of(call->acting[CLI_PURPOSE]),
                    &call->desk));
    call->desk.outlet = "cli";
    Str password = {0};
    TRY(cli_password(call, &password));
    Err e = password.n ? desk_unlock(call->c, &call->desk, password, key) : OK;
    wipe(password);
    return e;
}

// What is asked, apart from the key under which it is asked.
static Err request_hash(CliCall *call, CryptoHash *ret_hash) {
    const CliCommand *k = call->command;
    AUTO(Buf) b = {0};
    buf_format(&b, "%s %s", k->verb, k->noun ? k->noun : "");
    for (size_t i = 0; i < call->arg_count; i++)
        buf_format(&b, "\n%zu " STR_FMT, call->args[i].n, STR_ARG(call->args[i]));
    for (size_t i = 0; i < k->option_count; i++)
        if (call->values[i])
            buf_format(&b, "\n--%s %s", k->options[i].name, call->values[i]);
    buf_format(&b, "\n%d", call->json);
    TRY(buf_check(call->c, &b));
    *ret_hash = crypto_sha256(b.p, b.n);
    return OK;
}

// Under a key the answer is kept, and given again instead of doing it again.
static Err run_once(CliCall *call) {
    const char *given = call->acting[CLI_KEY];
    if (!given)
        return call->command->run(call);
    Ctx *c = call->c;
    if (call->command->acts & CLI_SECRET)
        return fail(c, E_USAGE, "this answer holds a secret and is not kept: leave --key out");
    Str key = str_of(given);
    CryptoHash hash;
    DeskReplay before;
    TRY(request_hash(call, &hash));
    TRY(desk_replay_begin(c, &call->desk, key, &hash, &before));
    if (before.known) {
        buf_str(&call->out, before.answer);
        return OK;
    }
    Err e = call->command->run(call);
    if (e == OK)
        return desk_replay_end(c, &call->desk, key, 1, buf_view(&call->out));
    char words[BASE_ERROR_TEXT_BYTES_MAX];
    memcpy(words, c->error, sizeof words);
    (void)!desk_replay_end(c, &call->desk, key, 0, (Str){0});
    return fail(c, e, "%s", words);
}

static Err run_acting(CliCall *call) {
    if (!call->command->acts)
        return call->command->run(call);
    CryptoSignKey key = {0};
    Err e = act_as(call, &key);
    if (e == OK)
        e = run_once(call);
    call->desk.key = NULL;
    crypto_wipe(&key, sizeof key);
    return e;
}

// Runs the command with what it needs in place; what it printed is written in any case, so that a
// reader sees how far it came.
static Err run_command(CliCall *call) {
    Err e = run_acting(call);
    if (e != OK) {
        char words[BASE_ERROR_TEXT_BYTES_MAX];
        memcpy(words, call->c->error, sizeof words);
        Err written = cli_flush(call);
        memcpy(call->c->error, words, sizeof words);
        (void)written;
        return e;
    }
    return cli_flush(call);
}

void cli_open_note(CliCall *call, Str dir) {
    if (desk_opens_slowly(dir))
        cli_note(call, "moei: the folder is of another version: its tables are made anew, once; "
                       "with many records that takes minutes");
}

static Err run_with_node(CliCall *call, int argc, const char *const *argv, int *ret_exit) {
    DeskEnv env = cli_env();
    AUTO(DeskNodePtr) node = NULL;
    cli_open_note(call, call->args[0]);
    Err e = desk_open(call->c, &env, call->args[0], &node);
    if (e == E_BUSY)
        return cli_socket_call(call, call->args[0], argc, argv, ret_exit);
    bool damaged = e == E_CORRUPT || e == E_CRYPTO || e == E_INVALID || e == E_UNSUPPORTED;
    if (e != OK && !(damaged && call->command->need == CLI_WANTS_NODE))
        return e;
    call->node = node;
    e = run_command(call);
    call->node = NULL;
    return e;
}

static Err run_words(CliCall *call, int argc, const char *const *argv, int *ret_exit) {
    TRY(crypto_init(call->c));
    TRY(cli_call_parse(call->c, argc, argv, call));
    if (call->help)
        return show_help(call);
    if (call->command->need == CLI_NEEDS_NOTHING)
        return run_command(call);
    return run_with_node(call, argc, argv, ret_exit);
}

int cli_run(const CliIo *io, int argc, const char *const *argv) {
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(CliCall) call = {.c = &c, .io = *io, .peer = -1};
    int code = CLI_DONE;
    Err e = run_words(&call, argc, argv, &code);
    return e == OK ? code : cli_say_error(&call, e);
}

static Err run_here(CliCall *call, DeskNode *node, int argc, const char *const *argv) {
    TRY(cli_call_parse(call->c, argc, argv, call));
    if (call->help)
        return show_help(call);
    if (call->command->need == CLI_NEEDS_NOTHING)
        return fail(call->c, E_STATE, "`moei %s` does not go through a server", argv[1]);
    call->node = node;
    return run_command(call);
}

int cli_run_in_server(CliCall *call, DeskNode *node, int argc, const char *const *argv) {
    return cli_say_error(call, run_here(call, node, argc, argv));
}
