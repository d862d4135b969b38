// trace: where the money of reports went, as a table a level.
#include "cli/cli_priv.h"

static Err trace_query(CliCall *call, DeskTraceQuery *ret_query) {
    Ctx *c = call->c;
    DeskTraceQuery q = {.case_id = cli_option_str(call, "case"), .rule = TRACE_FIFO};
    Str *reports = NULL;
    TRY(cli_option_list(call, "report", &reports, &q.report_count));
    q.reports = reports;
    if ((q.case_id.n > 0) == (q.report_count > 0))
        return fail(c, E_USAGE, "name either --report ID[,…] or --case ID");
    const char *rule = cli_option(call, "rule");
    if (rule && !trace_rule_find(str_of(rule), &q.rule))
        return fail(c, E_USAGE, "\"%s\" is no rule; use fifo, lifo, pro_rata, libr or poison",
                    rule);
    const char *until = cli_option(call, "until");
    if (until && desk_trace_until(c, str_of(until), &q) != OK)
        return fail(c, E_USAGE, "--until: %s", c->error);
    *ret_query = q;
    return OK;
}

static int64_t tags_sum(const DeskTag *tags, size_t n) {
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += tags[i].amount;
    return sum;
}

// With few reports each has a column; with many, one column names them.
#define REPORT_COLUMNS_MAX 3

static Err reports_cell(CliCall *call, const DeskNode *n, const DeskTrace *t,
                        const DeskTraceAccount *a, Str *ret_text) {
    AUTO(Buf) b = {0};
    for (size_t i = 0; i < a->came_count; i++) {
        Str amount = {0};
        if (t->rule != TRACE_POISON)
            TRY(desk_amount_text(call->c, n, a->came[i].amount, a->currency, &amount));
        buf_format(&b, "%s" STR_FMT "%s" STR_FMT, i ? "; " : "",
                   STR_ARG(t->reports[a->came[i].report].id), amount.n ? " " : "", STR_ARG(amount));
    }
    TRY(buf_check(call->c, &b));
    return str_copy(call->c, buf_view(&b), ret_text);
}

static Err account_row(CliCall *call, const DeskNode *n, const DeskTrace *t,
                       const DeskTraceAccount *a, CliTable *table) {
    Str text;
    int64_t came = tags_sum(a->came, a->came_count), here = tags_sum(a->tags, a->tag_count);
    TRY(str_format(call->c, &text, STR_FMT "/" STR_FMT, STR_ARG(a->account.country),
                   STR_ARG(a->account.institution)));
    cli_table_cell(table, text);
    cli_table_cell(table, a->account.account);
    if (t->report_count <= REPORT_COLUMNS_MAX && t->rule != TRACE_POISON) {
        for (uint32_t r = 0; r < t->report_count; r++) {
            int64_t amount = 0;
            for (size_t i = 0; i < a->came_count; i++)
                amount += a->came[i].report == r ? a->came[i].amount : 0;
            TRY(desk_amount_text(call->c, n, amount, a->currency, &text));
            cli_table_cell(table, amount ? text : (Str){0});
        }
    } else {
        TRY(reports_cell(call, n, t, a, &text));
        cli_table_cell(table, text);
    }
    bool poison = t->rule == TRACE_POISON;
    TRY(desk_amount_text(call->c, n, here, a->currency, &text));
    cli_table_cell(table, poison ? STR("–") : text);
    TRY(desk_amount_text(call->c, n, came - here, a->currency, &text));
    cli_table_cell(table, poison ? STR("–") : text);
    cli_table_cell(table, a->currency);
    return OK;
}

// One level: by_level[from … to).
static Err level_print(CliCall *call, const DeskNode *n, const DeskTrace *t, size_t from, size_t to,
                       bool all) {
    const char *titles[CLI_TABLE_COLUMNS_MAX];
    bool right[CLI_TABLE_COLUMNS_MAX] = {false};
    size_t columns = 0;
    titles[columns++] = "Institution";
    titles[columns++] = "Account";
    if (t->report_count <= REPORT_COLUMNS_MAX && t->rule != TRACE_POISON) {
        for (size_t r = 0; r < t->report_count; r++) {
            right[columns] = true;
            Str id; // ends with a NUL, unlike what may lie in the trace
            TRY(str_copy(call->c, t->reports[r].id, &id));
            titles[columns++] = id.p;
        }
    } else {
        titles[columns++] = "Reports";
    }
    right[columns] = right[columns + 1] = true;
    titles[columns++] = "Still there";
    titles[columns++] = "Gone on";
    titles[columns++] = "";
    size_t shown = all || to - from <= CLI_TRACE_ROWS ? to - from : CLI_TRACE_ROWS;
    AUTO(CliTable) table = {0};
    cli_table_start(&table, titles, right, columns);
    for (size_t i = from; i < from + shown; i++)
        TRY(account_row(call, n, t, &t->accounts[t->by_level[i]], &table));
    cli_print(call, "\nLevel %u: %zu account%s\n", t->accounts[t->by_level[from]].level, to - from,
              to - from == 1 ? "" : "s");
    TRY(cli_table_print(call, &table));
    if (shown < to - from)
        cli_print(call, "… and %zu smaller ones (--all shows them)\n", to - from - shown);
    return OK;
}

static Err totals_print(CliCall *call, const DeskNode *n, const DeskTrace *t) {
    static const char *const titles[] = {"Report", "Sent", "Still there", "Gone out", "Fees"};
    static const bool right[] = {false, false, false, false, false};
    AUTO(CliTable) table = {0};
    cli_table_start(&table, titles, right, COUNT_OF(titles));
    for (size_t i = 0; i < t->report_count; i++) {
        const DeskTraceReport *r = &t->reports[i];
        Str seed, left, exits, cost, id;
        TRY(str_format(call->c, &id, STR_FMT "%s", STR_ARG(r->id), r->contested ? " !" : ""));
        TRY(cli_money_text(call->c, n, r->seed, r->seed_count, &seed));
        TRY(cli_money_text(call->c, n, r->left, r->left_count, &left));
        TRY(cli_money_text(call->c, n, r->exits, r->exit_count, &exits));
        TRY(cli_money_text(call->c, n, r->cost, r->cost_count, &cost));
        cli_table_cell(&table, id);
        cli_table_cell(&table, seed);
        cli_table_cell(&table, left);
        cli_table_cell(&table, exits);
        cli_table_cell(&table, cost);
    }
    cli_print(call, "\nBy report\n");
    return cli_table_print(call, &table);
}

static void notes_print(CliCall *call, const DeskTrace *t) {
    for (size_t i = 0; i < t->note_count; i++) {
        const DeskTraceNote *note = &t->notes[i];
        if (note->belongs_to.n)
            cli_print(call,
                      "! Transfer " STR_FMT " of " STR_FMT " is also named by " STR_FMT
                      " and tagged for that one: contested, a person decides.\n",
                      STR_ARG(note->transfer), STR_ARG(note->report), STR_ARG(note->belongs_to));
        else
            cli_print(call,
                      "! Transfer " STR_FMT " of " STR_FMT
                      " is not in the stream: import the bank's file.\n",
                      STR_ARG(note->transfer), STR_ARG(note->report));
    }
}

Err cli_trace_print(CliCall *call, const DeskNode *n, const DeskTrace *t, bool all) {
    Str summary;
    TRY(desk_trace_summary(call->c, n, t, &summary));
    cli_print(call, STR_FMT "\n", STR_ARG(summary));
    if (t->rule == TRACE_POISON)
        cli_print(call, "poison: an alert only, never a ground to hold money.\n");
    for (size_t from = 0; from < t->account_count;) {
        size_t to = from;
        while (to < t->account_count &&
               t->accounts[t->by_level[to]].level == t->accounts[t->by_level[from]].level)
            to++;
        TRY(level_print(call, n, t, from, to, all));
        from = to;
    }
    if (t->rule != TRACE_POISON)
        TRY(totals_print(call, n, t));
    if (t->note_count)
        cli_print(call, "\n");
    notes_print(call, t);
    cli_print(call, "\nRule %s, %llu transfers looked at in %lld.%03lld ms.\n",
              trace_rule_name(t->rule), (unsigned long long)t->events,
              (long long)(t->engine_us / 1000), (long long)(t->engine_us % 1000));
    return OK;
}

Err cli_trace(CliCall *call) {
    DeskTraceQuery q;
    DeskTrace t;
    TRY(trace_query(call, &q));
    Str why = cli_option_str(call, "why");
    if (why.n && call->json)
        return fail(call->c, E_USAGE, "--why answers in words; leave out --json");
    TRY(desk_trace(call->c, &call->desk, &q, &t));
    for (size_t i = 0; i < t.report_count; i++)
        if (!t.reports[i].seeded)
            cli_note(call,
                     "moei: report " STR_FMT " has no known transfer, so nothing of it is traced; "
                     "`moei report match` proposes some",
                     STR_ARG(t.reports[i].id));
    if (call->json) {
        TRY(desk_trace_json(call->c, &t, &call->out));
        cli_end_json(call);
        return OK;
    }
    if (why.n)
        return desk_trace_why(call->c, call->node, &t, why, &call->out);
    return cli_trace_print(call, call->node, &t, cli_flag(call, "all"));
}
