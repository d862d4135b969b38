// import: transfers and reports from banks' and hotlines' files, the public record into a demo.
#include "cli/cli_priv.h"

typedef Err (*ImportFunction)(Ctx *c, const Desk *d, const DeskImport *in,
                              DeskImportResult *ret_result);

static void put_count_of(Buf *b, uint64_t n, const char *what) {
    if (n == 0)
        return;
    if (b->n)
        buf_text(b, ", ");
    cli_put_count(b, (int64_t)n);
    buf_format(b, " %s", what);
}

static void say_rows(CliCall *call, const char *word, const DeskImportResult *r,
                     const DeskBadRow *rows, size_t count, uint64_t total) {
    for (size_t i = 0; i < count; i++)
        cli_note(call, STR_FMT ": row %llu (line %llu)%s" STR_FMT ": %s" STR_FMT, STR_ARG(r->file),
                 (unsigned long long)rows[i].row, (unsigned long long)rows[i].line,
                 rows[i].column.n ? ", " : "", STR_ARG(rows[i].column), word,
                 STR_ARG(rows[i].reason));
    if (total > count)
        cli_note(call, STR_FMT ": %llu more rows of this kind", STR_ARG(r->file),
                 (unsigned long long)(total - count));
}

static Err say_result(CliCall *call, const DeskImportResult *r) {
    say_rows(call, "", r, r->bad_rows, r->bad_row_count, r->bad);
    say_rows(call, "taken, but ", r, r->warning_rows, r->warning_row_count, r->warnings);
    if (call->json) {
        TRY(desk_import_json(call->c, r, &call->out));
        cli_end_json(call);
        return OK;
    }
    AUTO(Buf) b = {0};
    if (r->nothing_new)
        buf_text(&b, "nothing new, this very file was taken in before");
    else if (r->refused)
        buf_text(&b, "nothing taken, because of bad rows");
    put_count_of(&b, r->taken, r->dry_run ? "would be taken" : "taken");
    put_count_of(&b, r->known, "known");
    put_count_of(&b, r->filled, "filled what was missing");
    put_count_of(&b, r->conflicts, "contradict what was told before (`moei transfer list`)");
    put_count_of(&b, r->bad, "bad");
    put_count_of(&b, r->warnings, "with a warning");
    put_count_of(&b, r->resumed, "taken by an import broken off earlier");
    if (b.n == 0)
        buf_text(&b, "no rows");
    cli_print(call, STR_FMT ": " STR_FMT " (mapping " STR_FMT ", " STR_FMT, STR_ARG(r->file),
              STR_ARG(buf_view(&b)), STR_ARG(r->mapping), STR_ARG(r->encoding));
    if (r->sheet.n)
        cli_print(call, " sheet " STR_FMT, STR_ARG(r->sheet));
    if (r->sheet_count > 1)
        cli_print(call, " of %zu: --sheet names another", r->sheet_count);
    cli_print(call, ").\n");
    return OK;
}

// A file from which no row could be used is a refusal, though the others went in.
static bool no_good_row(const DeskImportResult *r) {
    return !r->nothing_new && r->bad > 0 && (r->good == 0 || r->refused);
}

static Err import_asked(CliCall *call, DeskImport *ret_in) {
    DeskImport in = {.encoding = cli_option_str(call, "encoding"),
                     .mapping = cli_option_str(call, "mapping"),
                     .sheet = cli_option_str(call, "sheet"),
                     .sender = cli_option_str(call, "sender"),
                     .errors_path = cli_option_str(call, "errors"),
                     .accord = cli_option_str(call, "accord"),
                     .dry_run = cli_flag(call, "dry-run"),
                     .all_or_nothing = cli_flag(call, "all-or-nothing")};
    if (in.errors_path.n && (!in.dry_run || call->arg_count != 2))
        return fail(call->c, E_USAGE, "--errors goes with --dry-run and one file");
    if (in.errors_path.n)
        TRY(cli_path(call, in.errors_path, &in.errors_path));
    if (in.accord.n && !str_eq_c(str_of(call->command->noun), "reports"))
        return fail(call->c, E_USAGE, "--accord is for reports: transfers stay where they are");
    TRY(cli_say_sees(call, "report"));
    // A mapping is a name or, with a slash or a dot in it, a file.
    if (in.mapping.n &&
        (memchr(in.mapping.p, '/', in.mapping.n) || memchr(in.mapping.p, '.', in.mapping.n)))
        TRY(cli_path(call, in.mapping, &in.mapping));
    *ret_in = in;
    return OK;
}

static Err import_files(CliCall *call, ImportFunction import, const char *what) {
    bool none_good = false;
    DeskImport in;
    TRY(import_asked(call, &in));
    for (size_t i = 1; i < call->arg_count; i++) {
        DeskImportResult r;
        CliProgress p;
        TRY(cli_path(call, call->args[i], &in.path));
        cli_progress_start(&p, call, what);
        in.progress = cli_progress_desk(&p);
        TRY(import(call->c, &call->desk, &in, &r));
        p.done = r.rows;
        if (call->io.err_tty || !call->json)
            cli_progress_end(&p, "rows");
        TRY(say_result(call, &r));
        none_good = none_good || no_good_row(&r);
    }
    return none_good ? fail(call->c, E_INVALID, "no row was taken; see the rows named above") : OK;
}

Err cli_import_transfers(CliCall *call) {
    return import_files(call, desk_import_transfers, "transfers");
}

Err cli_import_reports(CliCall *call) {
    return import_files(call, desk_import_reports, "reports");
}

Err cli_import_public_record(CliCall *call) {
    DeskImport in = {0};
    DeskImportResult r;
    if (call->arg_count > 1)
        TRY(cli_path(call, call->args[1], &in.path));
    CliProgress p;
    cli_progress_start(&p, call, "public record");
    in.progress = cli_progress_desk(&p);
    TRY(desk_import_public_record(call->c, &call->desk, &in, &r));
    return say_result(call, &r);
}
