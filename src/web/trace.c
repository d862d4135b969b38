// The data of the trace page: docs/page-data.md, GET /api/v1/trace.
#include "web/web_priv.h"
#include "json/json.h"

#include <stdlib.h>

// Distinct names met on the way, in order; few, so that they are simply gone through.
typedef struct Names {
    Str items[WEB_NAMES_MAX];
    size_t count;
} Names;

static void names_add(Names *names, Str s) {
    for (size_t i = 0; i < names->count; i++)
        if (str_eq(names->items[i], s))
            return;
    if (s.n && names->count < WEB_NAMES_MAX)
        names->items[names->count++] = s;
}

static int names_cmp(const void *a, const void *b) {
    return str_cmp(*(const Str *)a, *(const Str *)b);
}

typedef struct Page {
    WebRequest *r;
    Ctx *c;
    DeskInfo info;
    DeskCase one;
    DeskCaseList cases;
    DeskTrace trace;
    Names currencies, institutions;
    uint32_t *by_time; // indexes of transfers
    size_t shown;      // transfers that are written
    JsonWriter w;
} Page;

// --- pieces
// ---------------------------------------------------------------------------------------

static void put_money_list(JsonWriter *w, const char *key, const DeskMoney *money, size_t n) {
    json_put_key(w, str_of(key));
    json_put_array_begin(w);
    for (size_t i = 0; i < n; i++) {
        json_put_object_begin(w);
        json_put_key_i64(w, "amount", money[i].amount);
        json_put_key_str(w, "currency", money[i].currency);
        json_put_object_end(w);
    }
    json_put_array_end(w);
}

static void put_tags(Page *p, const DeskTag *tags, size_t n) {
    JsonWriter *w = &p->w;
    json_put_key(w, STR("tags"));
    json_put_array_begin(w);
    for (size_t i = 0; i < n; i++) {
        json_put_object_begin(w);
        if (p->trace.rule != TRACE_POISON)
            json_put_key_i64(w, "amount", tags[i].amount);
        json_put_key_str(w, "report", p->trace.reports[tags[i].report].id);
        json_put_object_end(w);
    }
    json_put_array_end(w);
}

static int64_t tags_sum(const DeskTag *tags, size_t n) {
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += tags[i].amount;
    return sum;
}

// Sums by currency.
typedef struct Sums {
    DeskMoney items[WEB_NAMES_MAX];
    size_t count;
} Sums;

static void sums_add(Sums *s, Str currency, int64_t amount) {
    if (amount == 0)
        return;
    size_t i = 0;
    while (i < s->count && str_cmp(s->items[i].currency, currency) < 0)
        i++;
    if (i == s->count || !str_eq(s->items[i].currency, currency)) {
        if (s->count == WEB_NAMES_MAX)
            return;
        memmove(&s->items[i + 1], &s->items[i], (s->count - i) * sizeof s->items[0]);
        s->items[i] = (DeskMoney){.currency = currency};
        s->count++;
    }
    s->items[i].amount += amount;
}

// --- members of the answer, in the order of their names
// -------------------------------------------

static void put_account(Page *p, const DeskTraceAccount *a) {
    JsonWriter *w = &p->w;
    int64_t came = tags_sum(a->came, a->came_count), here = tags_sum(a->tags, a->tag_count);
    json_put_object_begin(w);
    json_put_key_str(w, "account", a->account.account);
    json_put_key_i64(w, "arrived", came);
    json_put_key_i64(w, "balance", a->balance);
    json_put_key_str(w, "country", a->account.country);
    json_put_key_str(w, "currency", a->currency);
    web_put_time(w, "first_at", a->first_at);
    json_put_key_i64(w, "gone_on", came - here);
    json_put_key_str(w, "institution", a->account.institution);
    json_put_key_i64(w, "level", a->level);
    json_put_key_i64(w, "still_there", here);
    put_tags(p, a->tags, a->tag_count);
    json_put_object_end(w);
}

static void put_agency_and_cases(Page *p) {
    JsonWriter *w = &p->w;
    json_put_key(w, STR("agency"));
    json_put_object_begin(w);
    json_put_key_str(w, "country", p->info.country);
    json_put_key_str(w, "name", p->info.agency);
    json_put_key_str(w, "timezone", p->info.timezone);
    json_put_key_str(w, "title", p->info.name);
    json_put_object_end(w);
    json_put_key(w, STR("case"));
    json_put_object_begin(w);
    json_put_key_str(w, "id", p->one.id);
    json_put_key(w, STR("reports"));
    json_put_array_begin(w);
    for (size_t i = 0; i < p->one.report_count; i++)
        json_put_str(w, p->one.reports[i]);
    json_put_array_end(w);
    json_put_key_str(w, "title", p->one.title);
    json_put_object_end(w);
    json_put_key(w, STR("cases"));
    json_put_array_begin(w);
    for (size_t i = 0; i < p->cases.count; i++) {
        json_put_object_begin(w);
        json_put_key_str(w, "id", p->cases.items[i].id);
        json_put_key_i64(w, "reports", (int64_t)p->cases.items[i].report_count);
        json_put_key_str(w, "title", p->cases.items[i].title);
        json_put_object_end(w);
    }
    json_put_array_end(w);
}

static void put_names(Page *p) {
    JsonWriter *w = &p->w;
    const FormatTables *tables = desk_tables(p->r->node);
    qsort(p->currencies.items, p->currencies.count, sizeof(Str), names_cmp);
    qsort(p->institutions.items, p->institutions.count, sizeof(Str), names_cmp);
    json_put_key(w, STR("currencies"));
    json_put_object_begin(w);
    for (size_t i = 0; i < p->currencies.count; i++) {
        const FormatCurrency *known = format_currency_find(tables, p->currencies.items[i]);
        json_put_key(w, p->currencies.items[i]);
        json_put_i64(w, known ? known->exponent : 0);
    }
    json_put_object_end(w);
    json_put_key(w, STR("institutions"));
    json_put_object_begin(w);
    for (size_t i = 0; i < p->institutions.count; i++) {
        Str code = p->institutions.items[i], country;
        if (!str_split(&code, '/', &country))
            continue;
        const FormatInstitution *known = format_institution_find(tables, country, code);
        json_put_key(w, p->institutions.items[i]);
        json_put_str(w, known ? known->name : code);
    }
    json_put_object_end(w);
}

static void put_level(Page *p, size_t from, size_t to) {
    JsonWriter *w = &p->w;
    const DeskTrace *t = &p->trace;
    Sums here = {.count = 0}, gone = {.count = 0};
    size_t shown = to - from < WEB_LEVEL_ACCOUNTS_MAX ? to - from : WEB_LEVEL_ACCOUNTS_MAX;
    for (size_t i = from; i < to; i++) {
        const DeskTraceAccount *a = &t->accounts[t->by_level[i]];
        int64_t lies = tags_sum(a->tags, a->tag_count);
        sums_add(&here, a->currency, lies);
        sums_add(&gone, a->currency, tags_sum(a->came, a->came_count) - lies);
    }
    json_put_object_begin(w);
    json_put_key_i64(w, "account_count", (int64_t)(to - from));
    json_put_key(w, STR("accounts"));
    json_put_array_begin(w);
    for (size_t i = from; i < from + shown; i++)
        json_put_i64(w, t->by_level[i]);
    json_put_array_end(w);
    json_put_key_i64(w, "folded", (int64_t)(to - from - shown));
    put_money_list(w, "gone_on", gone.items, gone.count);
    json_put_key_i64(w, "level", t->accounts[t->by_level[from]].level);
    put_money_list(w, "still_there", here.items, here.count);
    json_put_object_end(w);
}

static void put_levels(Page *p) {
    const DeskTrace *t = &p->trace;
    json_put_key(&p->w, STR("levels"));
    json_put_array_begin(&p->w);
    for (size_t from = 0, to; from < t->account_count; from = to) {
        to = from;
        while (to < t->account_count &&
               t->accounts[t->by_level[to]].level == t->accounts[t->by_level[from]].level)
            to++;
        put_level(p, from, to);
    }
    json_put_array_end(&p->w);
}

static void put_measured_and_notes(Page *p) {
    JsonWriter *w = &p->w;
    const DeskTrace *t = &p->trace;
    json_put_key(w, STR("measured"));
    json_put_object_begin(w);
    json_put_key_i64(w, "events", (int64_t)t->events);
    json_put_key_i64(w, "micros", t->engine_us);
    json_put_key_i64(w, "transfers", (int64_t)p->info.transfers);
    json_put_key_i64(w, "transfers_left_out", (int64_t)(t->transfer_count - p->shown));
    json_put_object_end(w);
    json_put_key(w, STR("notes"));
    json_put_array_begin(w);
    for (size_t i = 0; i < t->note_count; i++) {
        json_put_object_begin(w);
        if (t->notes[i].belongs_to.n)
            json_put_key_str(w, "belongs_to", t->notes[i].belongs_to);
        else
            json_put_key_null(w, "belongs_to");
        json_put_key_str(w, "report", t->notes[i].report);
        json_put_key_str(w, "transfer", t->notes[i].transfer);
        json_put_object_end(w);
    }
    json_put_array_end(w);
}

static Err put_reports(Page *p) {
    JsonWriter *w = &p->w;
    json_put_key(w, STR("reports"));
    json_put_array_begin(w);
    for (size_t i = 0; i < p->trace.report_count; i++) {
        const DeskTraceReport *r = &p->trace.reports[i];
        DeskReport card;
        TRY(desk_report_get(p->c, &p->r->desk, r->id, &card));
        bool poison = p->trace.rule == TRACE_POISON;
        json_put_object_begin(w);
        json_put_key_str(w, "channel", card.channel);
        put_money_list(w, "cost", r->cost, poison ? 0 : r->cost_count);
        json_put_key_str(w, "country", card.country);
        json_put_key_str(w, "currency", r->currency);
        put_money_list(w, "exits", r->exits, poison ? 0 : r->exit_count);
        json_put_key_str(w, "id", r->id);
        put_money_list(w, "left", r->left, poison ? 0 : r->left_count);
        if (card.has_loss)
            json_put_key_i64(w, "loss", card.loss);
        else
            json_put_key_null(w, "loss");
        web_put_time(w, "reported_at", card.reported_at);
        put_money_list(w, "seed", r->seed, poison ? 0 : r->seed_count);
        json_put_object_end(w);
    }
    json_put_array_end(w);
    return OK;
}

static void put_end(JsonWriter *w, const char *key, const FormatAccount *a, Str currency) {
    json_put_key(w, str_of(key));
    json_put_object_begin(w);
    json_put_key_str(w, "account", a->account);
    json_put_key_str(w, "country", a->country);
    json_put_key_str(w, "currency", currency);
    json_put_key_str(w, "institution", a->institution);
    json_put_object_end(w);
}

static void put_transfers(Page *p) {
    JsonWriter *w = &p->w;
    json_put_key(w, STR("transfers"));
    json_put_array_begin(w);
    for (size_t i = 0; i < p->shown; i++) {
        const DeskTraceTransfer *t = &p->trace.transfers[p->by_time[i]];
        json_put_object_begin(w);
        json_put_key_i64(w, "amount", t->transfer.amount.amount);
        web_put_time(w, "booked_at", t->transfer.booked_at);
        json_put_key_i64(w, "credited", t->transfer.credited.amount);
        put_end(w, "from", &t->transfer.from, t->transfer.amount.currency);
        json_put_key_str(w, "id", t->id);
        json_put_key_i64(w, "level", t->level);
        put_tags(p, t->tags, t->tag_count);
        put_end(w, "to", &t->transfer.to, t->transfer.credited.currency);
        json_put_object_end(w);
    }
    json_put_array_end(w);
}

// --- the whole
// ------------------------------------------------------------------------------------

typedef struct AtIndex {
    uint64_t position;
    uint32_t index;
} AtIndex;

static int at_cmp(const void *pa, const void *pb) {
    const AtIndex *a = pa, *b = pb;
    return a->position < b->position ? -1 : a->position > b->position;
}

static Err sort_transfers(Page *p) {
    size_t n = p->trace.transfer_count;
    AtIndex *at = NULL;
    TRY(ctx_alloc(p->c, (n + 1) * sizeof *at, &at));
    TRY(ctx_alloc(p->c, (n + 1) * sizeof *p->by_time, &p->by_time));
    for (size_t i = 0; i < n; i++)
        at[i] = (AtIndex){p->trace.transfers[i].position, (uint32_t)i};
    qsort(at, n, sizeof *at, at_cmp);
    for (size_t i = 0; i < n; i++)
        p->by_time[i] = at[i].index;
    p->shown = n < WEB_TRACE_TRANSFERS_MAX ? n : WEB_TRACE_TRANSFERS_MAX;
    return OK;
}

static Err add_institution(Page *p, const FormatAccount *a) {
    Str name;
    if (!a->institution.n)
        return OK;
    TRY(str_format(p->c, &name, STR_FMT "/" STR_FMT, STR_ARG(a->country), STR_ARG(a->institution)));
    names_add(&p->institutions, name);
    return OK;
}

static Err gather_names(Page *p) {
    const DeskTrace *t = &p->trace;
    for (size_t i = 0; i < t->account_count; i++) {
        names_add(&p->currencies, t->accounts[i].currency);
        TRY(add_institution(p, &t->accounts[i].account));
    }
    for (size_t i = 0; i < p->shown; i++) {
        const DeskTransfer *x = &t->transfers[p->by_time[i]].transfer;
        names_add(&p->currencies, x->amount.currency);
        names_add(&p->currencies, x->credited.currency);
        TRY(add_institution(p, &x->from));
        TRY(add_institution(p, &x->to));
    }
    for (size_t i = 0; i < t->report_count; i++)
        names_add(&p->currencies, t->reports[i].currency);
    return OK;
}

static Err read_query(WebRequest *r, Page *p, DeskTraceQuery *ret_query) {
    DeskTraceQuery q = {.rule = TRACE_FIFO};
    Str rule = web_param(r, "rule"), until = web_param(r, "until"), id = web_param(r, "case");
    if (rule.n && !trace_rule_find(rule, &q.rule))
        return fail(&r->c, E_INVALID, "rule is fifo, lifo, pro_rata, libr or poison");
    if (until.n)
        TRY(desk_trace_until(&r->c, until, &q));
    DeskPage page = {.limit = LIST_PAGE_ITEMS_MAX};
    TRY(desk_case_list(&r->c, &r->desk, page, &p->cases));
    if (!id.n && p->cases.count == 0)
        return fail(&r->c, E_NOT_FOUND, "there is no case yet");
    TRY(desk_case_get(&r->c, &r->desk, id.n ? id : p->cases.items[0].id, &p->one));
    q.case_id = p->one.id;
    *ret_query = q;
    return OK;
}

Err web_trace(WebRequest *r, WebAnswer *a) {
    Page *p = NULL;
    DeskTraceQuery q;
    Str summary;
    Buf *out = &a->body;
    TRY(ctx_alloc(&r->c, sizeof *p, &p));
    p->r = r;
    p->c = &r->c;
    TRY(read_query(r, p, &q));
    TRY(desk_info(&r->c, r->node, &p->info));
    TRY(desk_trace(&r->c, &r->desk, &q, &p->trace));
    TRY(desk_trace_summary(&r->c, r->node, &p->trace, &summary));
    TRY(sort_transfers(p));
    TRY(gather_names(p));
    p->w = json_writer_start(out);
    JsonWriter *w = &p->w;
    json_put_object_begin(w);
    json_put_key(w, STR("accounts"));
    json_put_array_begin(w);
    for (size_t i = 0; i < p->trace.account_count; i++)
        put_account(p, &p->trace.accounts[i]);
    json_put_array_end(w);
    put_agency_and_cases(p);
    put_names(p);
    put_levels(p);
    put_measured_and_notes(p);
    TRY(put_reports(p));
    json_put_key_str(w, "rule", str_of(trace_rule_name(p->trace.rule)));
    json_put_key_str(w, "summary", summary);
    put_transfers(p);
    if (p->trace.has_until)
        web_put_time(w, "until", p->trace.until_us);
    else
        json_put_key_null(w, "until");
    json_put_object_end(w);
    TRY(json_writer_end(&r->c, w));
    buf_char(out, '\n');
    return OK;
}

// One line a step, and the same as a list.
Err web_trace_why(WebRequest *r, WebAnswer *a) {
    Page *p = NULL;
    DeskTraceQuery q;
    AUTO(Buf) text = {0};
    Str account = web_param(r, "account"), rest, step;
    if (!account.n)
        return fail(&r->c, E_INVALID, "account is missing: TH/004/0011223344");
    TRY(ctx_alloc(&r->c, sizeof *p, &p));
    TRY(read_query(r, p, &q));
    TRY(desk_trace(&r->c, &r->desk, &q, &p->trace));
    TRY(desk_trace_why(&r->c, r->node, &p->trace, account, &text));
    TRY(buf_check(&r->c, &text));
    JsonWriter w = json_writer_start(&a->body);
    json_put_object_begin(&w);
    json_put_key(&w, STR("steps"));
    json_put_array_begin(&w);
    rest = buf_view(&text);
    while (rest.n && str_split(&rest, '\n', &step))
        if (step.n)
            json_put_str(&w, step);
    json_put_array_end(&w);
    json_put_key_str(&w, "text", buf_view(&text));
    json_put_object_end(&w);
    return json_writer_end(&r->c, &w);
}
