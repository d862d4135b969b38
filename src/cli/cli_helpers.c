// Small things that several commands need.
#include "cli/cli_priv.h"

#include <errno.h>
#include <termios.h>
#include <unistd.h>

void cli_end_json(CliCall *call) {
    if (call->out.n > 0 && call->out.p[call->out.n - 1] != '\n')
        buf_char(&call->out, '\n');
}

void cli_field(CliCall *call, const char *name, Str value) {
    if (value.n == 0)
        return;
    cli_print(call, "%-14s ", name);
    for (size_t i = 0; i < value.n; i++) {
        // A control character from outside must not move the cursor of whoever reads.
        unsigned char ch = (unsigned char)value.p[i];
        if (ch == '\n')
            cli_print(call, "\n%-14s ", "");
        else
            buf_char(&call->out, ch < 0x20 || ch == 0x7f ? ' ' : (char)ch);
    }
    buf_char(&call->out, '\n');
}

void cli_field_buf(CliCall *call, const char *name, const Buf *value) {
    call->out.failed = call->out.failed || value->failed;
    cli_field(call, name, buf_view(value));
}

void cli_print_buf(CliCall *call, const Buf *text) {
    call->out.failed = call->out.failed || text->failed;
    buf_str(&call->out, buf_view(text));
}

Err cli_field_time(CliCall *call, const char *name, int64_t at_us) {
    Str text;
    char utc[TIME_TEXT_BYTES];
    time_format(at_us, utc);
    TRY(desk_time_local(call->c, call->node, at_us, &text));
    TRY(str_format(call->c, &text, STR_FMT " (%s)", STR_ARG(text), utc));
    cli_field(call, name, text);
    return OK;
}

Err cli_account_text(Ctx *c, const FormatAccount *a, Str *ret_text) {
    AUTO(Buf) b = {0};
    if (a->account.n == 0)
        buf_text(&b, "outside");
    if (a->account.n == 0 && a->institution.n)
        buf_text(&b, " via ");
    if (a->country.n)
        buf_format(&b, STR_FMT "/", STR_ARG(a->country));
    if (a->institution.n)
        buf_format(&b, STR_FMT "%s", STR_ARG(a->institution), a->account.n ? "/" : "");
    buf_str(&b, a->account);
    TRY(buf_check(c, &b));
    return str_copy(c, buf_view(&b), ret_text);
}

Err cli_money_text(Ctx *c, const DeskNode *n, const DeskMoney *money, size_t count, Str *ret_text) {
    AUTO(Buf) b = {0};
    for (size_t i = 0; i < count; i++) {
        Str amount;
        TRY(desk_amount_text(c, n, money[i].amount, money[i].currency, &amount));
        buf_format(&b, "%s" STR_FMT " " STR_FMT, i ? ", " : "", STR_ARG(amount),
                   STR_ARG(money[i].currency));
    }
    TRY(buf_check(c, &b));
    return str_copy(c, buf_view(&b), ret_text);
}

void cli_put_list(Buf *b, const Str *items, size_t count) {
    for (size_t i = 0; i < count; i++)
        buf_format(b, "%s" STR_FMT, i ? "; " : "", STR_ARG(items[i]));
}

Err cli_page(CliCall *call, DeskPage *ret_page) {
    int64_t limit;
    TRY(cli_option_int(call, "limit", 1, LIST_PAGE_ITEMS_MAX, LIST_PAGE_ITEMS_DEFAULT, &limit));
    *ret_page = (DeskPage){.cursor = cli_option_str(call, "after"), .limit = (size_t)limit};
    return OK;
}

void cli_say_next(CliCall *call, Str next) {
    if (next.n)
        cli_print(call, "There are more: --after " STR_FMT "\n", STR_ARG(next));
}

// --- passphrases
// ----------------------------------------------------------------------------------

static Err first_line(Ctx *c, Str text, Str *ret_line) {
    Str rest = text, line = {0};
    if (!str_split(&rest, '\n', &line))
        line = (Str){0};
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    if (line.n == 0)
        return fail(c, E_INVALID, "the file or the line is empty");
    *ret_line = line;
    return OK;
}

static Err ask_once(CliCall *call, const char *question, Str *ret_text) {
    char *text = NULL;
    TRY(ctx_alloc(call->c, CRYPTO_PASSWORD_BYTES_MAX + 1, &text));
    struct termios old, silent;
    if (tcgetattr(call->io.in, &old) != 0)
        return fail(call->c, E_USAGE, "there is no terminal to ask: give a file");
    silent = old;
    silent.c_lflag &= (tcflag_t)~ECHO;
    (void)cli_write_all(call, call->io.err, question, strlen(question));
    tcsetattr(call->io.in, TCSAFLUSH, &silent);
    size_t n = 0;
    ssize_t k = 0;
    while (n < CRYPTO_PASSWORD_BYTES_MAX &&
           ((k = read(call->io.in, text + n, 1)) == 1 || (k < 0 && errno == EINTR))) {
        if (k < 0)
            continue;
        if (text[n] == '\n')
            break;
        n++;
    }
    tcsetattr(call->io.in, TCSAFLUSH, &old);
    cli_note(call, "%s", "");
    *ret_text = (Str){text, n};
    return n ? OK : fail(call->c, E_INVALID, "nothing was typed");
}

Err cli_passphrase(CliCall *call, bool twice, Str *ret_passphrase) {
    Str file = cli_option_str(call, "passphrase-file"), path, text;
    if (file.n) {
        TRY(cli_path(call, file, &path));
        TRY(file_read_all(call->c, path, CLI_PASSPHRASE_FILE_BYTES_MAX, &text));
        return first_line(call->c, text, ret_passphrase);
    }
    if (isatty(call->io.in) != 1)
        return fail(call->c, E_USAGE, "there is no terminal to ask; use --passphrase-file FILE");
    Str once, again;
    TRY(ask_once(call, "Passphrase: ", &once));
    if (twice) {
        TRY(ask_once(call, "Once more: ", &again));
        if (!str_eq(once, again))
            return fail(call->c, E_INVALID, "the two passphrases differ; nothing was done");
    }
    *ret_passphrase = once;
    return OK;
}

Err cli_password(CliCall *call, Str *ret_password) {
    const char *file = call->acting[CLI_PASSWORD_FILE];
    Str path, text;
    if (file) {
        TRY(cli_path(call, str_of(file), &path));
        TRY(file_read_all(call->c, path, CLI_PASSPHRASE_FILE_BYTES_MAX, &text));
        return first_line(call->c, text, ret_password);
    }
    *ret_password = (Str){0};
    if (!(call->command->acts & CLI_SIGNS) || isatty(call->io.in) != 1 || !call->io.err_tty)
        return OK;
    Str question;
    TRY(str_format(call->c, &question, "Password of " STR_FMT ": ", STR_ARG(call->desk.name)));
    return ask_once(call, question.p, ret_password);
}
