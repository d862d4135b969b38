// Help and usage lines, made from the command table.
#include "cli/cli_priv.h"
#include "text/text.h"

// A scratch that failed makes the whole text fail: help is shown whole or not at all.
static void put_padded(Buf *b, const Buf *scratch, size_t width) {
    Str text = buf_view(scratch);
    b->failed = b->failed || scratch->failed;
    buf_str(b, text);
    for (size_t i = text_width(text); i < width; i++)
        buf_char(b, ' ');
}

static void put_fixed(Buf *b, const char *text, size_t width) {
    buf_format(b, "%-*s", (int)width, text);
}

static Str command_name(const CliCommand *k, Buf *scratch) {
    buf_clear(scratch);
    buf_format(scratch, "%s%s%s", k->verb, k->noun ? " " : "", k->noun ? k->noun : "");
    return buf_view(scratch);
}

void cli_usage_line(Buf *b, const CliCommand *k) {
    buf_format(b, "moei %s%s%s", k->verb, k->noun ? " " : "", k->noun ? k->noun : "");
    if (k->args[0])
        buf_format(b, " %s", k->args);
    for (size_t i = 0; i < k->option_count; i++)
        if (k->options[i].required)
            buf_format(b, " --%s %s", k->options[i].name, k->options[i].value);
    for (size_t i = 0; i < k->option_count; i++)
        if (!k->options[i].required) {
            buf_text(b, " [options]");
            return;
        }
    if (k->json || k->acts)
        buf_text(b, " [options]");
}

void cli_help_all(Buf *b) {
    AUTO(Buf) name = {0};
    buf_text(b,
             "Moei follows the money: from banks' files and victims' reports to where it went.\n\n"
             "  moei VERB [NOUN] DIR [FILE|ID …] [options]\n\n");
    size_t width = 0;
    for (size_t i = 0; i < cli_command_count; i++) {
        size_t n = command_name(&cli_commands[i], &name).n;
        width = n > width ? n : width;
    }
    for (size_t i = 0; i < cli_command_count; i++) {
        buf_text(b, "  ");
        (void)command_name(&cli_commands[i], &name);
        put_padded(b, &name, width + 2);
        buf_format(b, "%s\n", cli_commands[i].help);
    }
    buf_text(b, "\n`moei VERB [NOUN] --help` tells more. Exit codes: 0 done, 1 refused or nothing "
                "found,\n2 wrong usage, 3 fault of the machine.\n");
}

void cli_help_verb(Buf *b, const char *verb) {
    for (size_t i = 0; i < cli_command_count; i++) {
        if (strcmp(cli_commands[i].verb, verb) != 0)
            continue;
        cli_usage_line(b, &cli_commands[i]);
        buf_format(b, "\n    %s\n", cli_commands[i].help);
    }
}

static void put_option(Buf *b, const CliOption *o, const char *behind, size_t width) {
    AUTO(Buf) left = {0};
    buf_format(&left, "--%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "");
    buf_text(b, "  ");
    put_padded(b, &left, width + 2);
    buf_format(b, "%s%s\n", o->help, behind);
}

static const char *as_default(const CliCommand *k) {
    return k->acts & CLI_AS_ADMIN ? " (default: admin)" : " (default: the officer made by init)";
}

void cli_help_command(Buf *b, const CliCommand *k) {
    cli_usage_line(b, k);
    buf_format(b, "\n\n%s\n", k->help);
    if (k->more)
        buf_format(b, "\n%s\n", k->more);
    buf_format(b, "\nFor example\n  moei %s\n", k->example);
    buf_text(b, "\nOptions\n");
    size_t width = strlen(k->acts ? "--password-file FILE" : "--json");
    for (size_t i = 0; i < k->option_count; i++) {
        const CliOption *o = &k->options[i];
        size_t n = 2 + strlen(o->name) + (o->value ? 1 + text_width(str_of(o->value)) : 0);
        width = n > width ? n : width;
    }
    for (size_t i = 0; i < k->option_count; i++)
        put_option(b, &k->options[i], k->options[i].required ? " (required)" : "", width);
    for (size_t i = 0; k->acts && i < CLI_ACTING; i++)
        put_option(b, &cli_acting[i], i == CLI_AS ? as_default(k) : "", width);
    if (k->json) {
        buf_text(b, "  ");
        put_fixed(b, "--json", width + 2);
        buf_text(b, "answer as JSON (RFC 8785)\n");
    }
    buf_text(b, "  ");
    put_fixed(b, "--help", width + 2);
    buf_text(b, "this text\n");
}
