// A trace in words: one sentence about all of it, and the way of the money to one account.
#include "desk/desk.h"

static const char *rule_words(TraceRule rule) {
    switch (rule) {
    case TRACE_FIFO:
        return "the oldest money leaves first (fifo)";
    case TRACE_LIFO:
        return "the newest money leaves first (lifo)";
    case TRACE_PRO_RATA:
        return "each payment takes from all money in proportion (pro_rata)";
    case TRACE_LIBR:
        return "other money leaves first (libr)";
    case TRACE_POISON:
        return "every payment of a reached account counts (poison: an alert, no amounts)";
    }
    UNREACHABLE();
}

// --- sums by currency ---------------------------------------------------------------------------

typedef struct Sums {
    DeskMoney *items; // by currency
    size_t count;
} Sums;

static void sums_add(Sums *s, const DeskMoney *money, size_t n) {
    for (size_t i = 0; i < n; i++) {
        size_t at = 0;
        while (at < s->count && str_cmp(s->items[at].currency, money[i].currency) < 0)
            at++;
        if (at == s->count || !str_eq(s->items[at].currency, money[i].currency)) {
            memmove(&s->items[at + 1], &s->items[at], (s->count - at) * sizeof s->items[0]);
            s->items[at] = (DeskMoney){money[i].currency, 0};
            s->count++;
        }
        s->items[at].amount += money[i].amount;
    }
}

static Err put_amount(Ctx *c, const DeskNode *n, DeskMoney m, Buf *out) {
    Str text;
    TRY(desk_amount_text(c, n, m.amount, m.currency, &text));
    buf_str(out, text);
    buf_char(out, ' ');
    buf_str(out, m.currency);
    return OK;
}

static Err put_sums(Ctx *c, const DeskNode *n, const Sums *s, Buf *out) {
    if (s->count == 0)
        buf_text(out, "nothing");
    for (size_t i = 0; i < s->count; i++) {
        if (i > 0)
            buf_text(out, i + 1 == s->count ? " and " : ", ");
        TRY(put_amount(c, n, s->items[i], out));
    }
    return OK;
}

typedef struct Whole {
    Sums seed, left, exits, cost;
    size_t seeded, holding; // reports with seeds; accounts where something lies
} Whole;

static Err whole_of(Ctx *c, const DeskTrace *t, Whole *ret_whole) {
    size_t most = 1;
    for (size_t i = 0; i < t->report_count; i++) {
        const DeskTraceReport *r = &t->reports[i];
        most += r->seed_count + r->left_count + r->exit_count + r->cost_count;
    }
    Whole w = {0};
    TRY(ctx_alloc(c, most * sizeof(DeskMoney), &w.seed.items));
    TRY(ctx_alloc(c, most * sizeof(DeskMoney), &w.left.items));
    TRY(ctx_alloc(c, most * sizeof(DeskMoney), &w.exits.items));
    TRY(ctx_alloc(c, most * sizeof(DeskMoney), &w.cost.items));
    for (size_t i = 0; i < t->report_count; i++) {
        const DeskTraceReport *r = &t->reports[i];
        sums_add(&w.seed, r->seed, r->seed_count);
        sums_add(&w.left, r->left, r->left_count);
        sums_add(&w.exits, r->exits, r->exit_count);
        sums_add(&w.cost, r->cost, r->cost_count);
        w.seeded += r->seeded;
    }
    for (size_t i = 0; i < t->account_count; i++)
        w.holding += t->accounts[i].tag_count > 0;
    *ret_whole = w;
    return OK;
}

static const char *plural(size_t n) {
    return n == 1 ? "" : "s";
}

Err desk_trace_summary(Ctx *c, const DeskNode *n, const DeskTrace *t, Str *ret_text) {
    Whole w;
    TRY(whole_of(c, t, &w));
    AUTO(Buf) out = {0};
    if (t->rule == TRACE_POISON) {
        buf_format(&out,
                   "Money of %zu report%s came to %zu account%s over %u level%s; this is an alert "
                   "and says nothing about amounts.",
                   w.seeded, plural(w.seeded), t->account_count, plural(t->account_count),
                   t->level_max, plural(t->level_max));
    } else {
        buf_text(&out, "Of ");
        TRY(put_sums(c, n, &w.seed, &out));
        buf_format(&out, " that %zu report%s lost, ", w.seeded, plural(w.seeded));
        TRY(put_sums(c, n, &w.left, &out));
        buf_format(&out, " still lie%s on %zu account%s", w.left.count > 1 ? "" : "s", w.holding,
                   plural(w.holding));
        if (w.exits.count > 0) {
            buf_text(&out, ", ");
            TRY(put_sums(c, n, &w.exits, &out));
            buf_text(&out, " went out of all accounts");
        }
        if (w.cost.count > 0) {
            buf_text(&out, ", fees took ");
            TRY(put_sums(c, n, &w.cost, &out));
        }
        buf_format(&out, "; %zu account%s over %u level%s were reached.", t->account_count,
                   plural(t->account_count), t->level_max, plural(t->level_max));
    }
    TRY(buf_check(c, &out));
    return str_copy(c, buf_view(&out), ret_text);
}

// --- why ----------------------------------------------------------------------------------------

static void put_account(Buf *out, const FormatAccount *a) {
    if (a->account.n == 0) {
        buf_text(out, "outside");
        return;
    }
    if (a->country.n > 0) {
        buf_str(out, a->country);
        buf_char(out, '/');
    }
    if (a->institution.n > 0) {
        buf_str(out, a->institution);
        buf_char(out, '/');
    }
    buf_str(out, a->account);
}

// True if `text` names the account: alone, behind its country, behind both, each with "/currency"
// after it or not.
static bool account_is(Ctx *c, const DeskTraceAccount *a, Str text, Err *ret_err) {
    Str forms[3] = {a->account.account, {0}, {0}};
    Err e = str_format(c, &forms[1], STR_FMT "/" STR_FMT, STR_ARG(a->account.country),
                       STR_ARG(a->account.account));
    if (e == OK)
        e = str_format(c, &forms[2], STR_FMT "/" STR_FMT "/" STR_FMT, STR_ARG(a->account.country),
                       STR_ARG(a->account.institution), STR_ARG(a->account.account));
    if (e != OK) {
        *ret_err = e;
        return false;
    }
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        if (str_eq(forms[i], text))
            return true;
        if (str_starts(text, forms[i]) && text.n == forms[i].n + 1 + a->currency.n &&
            text.p[forms[i].n] == '/' && str_ends(text, a->currency))
            return true;
    }
    return false;
}

static Err account_find(Ctx *c, const DeskTrace *t, Str text, uint32_t *ret_account) {
    uint32_t found = DESK_TRACE_OUTSIDE;
    Err e = OK;
    for (uint32_t i = 0; i < t->account_count && e == OK; i++) {
        // The last bytes decide for nearly all accounts, before any form is written.
        if (!str_ends(text, t->accounts[i].account.account) &&
            !str_ends(text, t->accounts[i].currency))
            continue;
        if (!account_is(c, &t->accounts[i], text, &e))
            continue;
        if (found != DESK_TRACE_OUTSIDE)
            return fail(c, E_INVALID,
                        "several accounts of the trace are called " STR_FMT
                        ": write country/institution/account/currency",
                        STR_ARG(text));
        found = i;
    }
    TRY(e);
    if (found == DESK_TRACE_OUTSIDE)
        return fail(c, E_NOT_FOUND,
                    "the trace does not reach account " STR_FMT
                    ": `moei trace` without --why lists those that it reaches",
                    STR_ARG(text));
    *ret_account = found;
    return OK;
}

// The first transfer that brought tags of `level` to an account before a position, or NULL.
static const DeskTraceTransfer *bringer(const DeskTrace *t, uint32_t account, uint32_t level,
                                        uint64_t before) {
    const DeskTraceTransfer *best = NULL;
    for (size_t i = 0; i < t->transfer_count; i++) {
        const DeskTraceTransfer *x = &t->transfers[i];
        if (x->to == account && x->level == level && x->position < before &&
            (!best || x->position < best->position))
            best = x;
    }
    return best;
}

static Err put_tags(Ctx *c, const DeskNode *n, const DeskTrace *t, const DeskTag *tags,
                    size_t count, Str currency, Buf *out) {
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_text(out, i + 1 == count ? " and " : ", ");
        if (t->rule != TRACE_POISON) {
            TRY(put_amount(c, n, (DeskMoney){currency, tags[i].amount}, out));
            buf_text(out, " of ");
        }
        buf_str(out, t->reports[tags[i].report].id);
    }
    return OK;
}

static Err put_step(Ctx *c, const DeskNode *n, const DeskTrace *t, const DeskTraceTransfer *x,
                    Buf *out) {
    Str when;
    TRY(desk_time_local(c, n, x->transfer.booked_at, &when));
    buf_format(out, "%u. " STR_FMT "  ", x->level, STR_ARG(when));
    put_account(out, &x->transfer.from);
    buf_text(out, " paid ");
    TRY(put_amount(c, n, x->transfer.amount, out));
    buf_text(out, " to ");
    put_account(out, &x->transfer.to);
    bool converted = !str_eq(x->transfer.amount.currency, x->transfer.credited.currency);
    if (converted || x->transfer.amount.amount != x->transfer.credited.amount) {
        buf_text(out, ", where ");
        TRY(put_amount(c, n, x->transfer.credited, out));
        buf_text(out, " arrived");
    }
    buf_text(out, " (transfer ");
    buf_str(out, x->id);
    buf_text(out, x->seed ? "): named by the report; carries " : "); carries ");
    TRY(put_tags(c, n, t, x->tags, x->tag_count, x->transfer.credited.currency, out));
    buf_text(out, ".\n");
    return OK;
}

Err desk_trace_why(Ctx *c, const DeskNode *n, const DeskTrace *t, Str account, Buf *out) {
    uint32_t at;
    TRY(account_find(c, t, account, &at));
    const DeskTraceAccount *a = &t->accounts[at];
    const DeskTraceTransfer **steps;
    TRY(ctx_alloc(c, (size_t)a->level * sizeof *steps, &steps));
    // Each step back goes one level down, so the way ends at a seed after `level` steps.
    const DeskTraceTransfer *x = bringer(t, at, a->level, UINT64_MAX);
    for (uint32_t level = a->level; level > 0; level--) {
        if (!x)
            return fail(c, E_CORRUPT, "the trace has no transfer of level %u on this way", level);
        steps[level - 1] = x;
        if (level > 1)
            x = bringer(t, x->from, level - 1, x->position);
    }
    buf_text(out, "The shortest and earliest way to ");
    put_account(out, &a->account);
    buf_format(out, " (" STR_FMT "), where %s:\n", STR_ARG(a->currency), rule_words(t->rule));
    for (uint32_t i = 0; i < a->level; i++)
        TRY(put_step(c, n, t, steps[i], out));
    buf_text(out, "In all there came ");
    TRY(put_tags(c, n, t, a->came, a->came_count, a->currency, out));
    if (t->rule != TRACE_POISON) {
        buf_text(out, "; still there: ");
        if (a->tag_count == 0)
            buf_text(out, "nothing");
        TRY(put_tags(c, n, t, a->tags, a->tag_count, a->currency, out));
    }
    buf_text(out, ".\n");
    return buf_check(c, out);
}
