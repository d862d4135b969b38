// A refund plan as it is shown, and as files for banks and committees.
#include "desk/money_priv.h"

// --- JSON ---------------------------------------------------------------------------------------

static Err put_signers(Ctx *c, DeskSlot *s, JsonWriter *w, const MoneyPlan *plan) {
    const PictureRecord *records;
    size_t n;
    TRY(picture_record_object(c, s->picture, plan->id, &records, &n));
    json_put_key(w, STR("signers"));
    json_put_array_begin(w);
    for (size_t i = 0; i < plan->picture.signer_count; i++) {
        Str name;
        int64_t at = 0;
        TRY(desk_officer_name(c, s, plan->picture.signers[i], &name));
        for (size_t k = 0; k < n && at == 0; k++) {
            if (str_eq_c(records[k].kind, "refund_sign") && records[k].has_officer &&
                record_id_eq(records[k].officer, plan->picture.signers[i]))
                at = records[k].at;
        }
        json_put_object_begin(w);
        desk_put_time(w, "at", at);
        json_put_key_str(w, "name", name);
        desk_put_id(w, "officer", plan->picture.signers[i]);
        json_put_object_end(w);
    }
    json_put_array_end(w);
    return OK;
}

static Str claimant_of(const MoneyPlan *plan, RecordId report) {
    for (size_t i = 0; i < plan->inputs.currency_count; i++) {
        const MoneyCurrency *m = &plan->inputs.currencies[i];
        for (size_t k = 0; k < m->claim_count; k++) {
            if (record_id_eq(m->claims[k].record, report))
                return m->claims[k].report;
        }
    }
    return (Str){0};
}

static void put_paid(JsonWriter *w, const MoneyPlan *plan) {
    json_put_key(w, STR("paid"));
    json_put_array_begin(w);
    for (size_t i = 0; i < plan->paid_count; i++) {
        const PicturePaid *p = &plan->paid[i];
        FormatAccount a = {p->account.country, p->account.institution, p->account.account};
        json_put_object_begin(w);
        json_put_key(w, STR("account"));
        desk_put_account(w, &a);
        json_put_key_i64(w, "amount", p->amount);
        desk_put_time(w, "at", p->at);
        json_put_key_str(w, "currency", p->currency);
        desk_put_id(w, "id", p->id);
        json_put_key_str(w, "reference", p->reference);
        json_put_key_str(w, "report", claimant_of(plan, p->report));
        json_put_object_end(w);
    }
    json_put_array_end(w);
}

static void put_currencies(JsonWriter *w, const MoneyPlan *plan) {
    json_put_key(w, STR("currencies"));
    json_put_array_begin(w);
    for (size_t i = 0; i < plan->inputs.currency_count; i++) {
        const MoneyCurrency *m = &plan->inputs.currencies[i];
        json_put_object_begin(w);
        money_put_claims(w, m);
        json_put_key_str(w, "currency", m->currency);
        money_put_pays(w, m, &plan->shares[i], true);
        money_put_pots(w, m);
        money_put_shares(w, plan->shares[i].shares, m->claim_count);
        json_put_key_i64(w, "total", m->total);
        json_put_key_i64(w, "unassigned", plan->shares[i].unassigned);
        json_put_object_end(w);
    }
    json_put_array_end(w);
}

static Err put_exports(Ctx *c, JsonWriter *w, Str id) {
    static const char *const forms[] = {"csv", "html", "xlsx"};
    json_put_key(w, STR("exports"));
    json_put_object_begin(w);
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        Str path;
        TRY(str_format(c, &path, "/api/v1/refunds/" STR_FMT "/export.%s", STR_ARG(id), forms[i]));
        json_put_key_str(w, forms[i], path);
    }
    json_put_object_end(w);
    return OK;
}

static Err put_plan(Ctx *c, DeskSlot *s, JsonWriter *w, const MoneyPlan *plan) {
    AUTO(Buf) hex = {0};
    Str id;
    buf_hex(&hex, plan->picture.plan_hash, sizeof plan->picture.plan_hash);
    TRY(buf_check(c, &hex));
    TRY(desk_id_text(c, plan->id, &id));
    json_put_object_begin(w);
    desk_put_time(w, "at", plan->picture.at);
    desk_put_id(w, "case_id", plan->inputs.case_id);
    put_currencies(w, plan);
    TRY(put_exports(c, w, id));
    json_put_key_str(w, "hash", buf_view(&hex));
    json_put_key_str(w, "id", id);
    json_put_key(w, STR("law"));
    money_put_law(w, &plan->inputs.law);
    money_put_asides(w, "left_out", plan->inputs.left_out, plan->inputs.left_out_count, true);
    json_put_key_i64(w, "needs_signatures", REFUND_SIGNATURES);
    desk_put_opt_id(w, "officer", plan->picture.has_officer, plan->picture.officer);
    put_paid(w, plan);
    money_put_rates(w, plan->inputs.rates, plan->inputs.rate_count);
    json_put_key_str(w, "rule", plan->rule);
    TRY(put_signers(c, s, w, plan));
    json_put_key_str(w, "state", str_of(money_plan_state(plan)));
    desk_put_opt_str(w, "void_because", plan->all_paid ? (Str){0} : plan->void_because);
    money_put_asides(w, "waiting", plan->inputs.waiting, plan->inputs.waiting_count, true);
    json_put_object_end(w);
    return OK;
}

Err desk_refund_json(Ctx *c, const Desk *d, Str id, Buf *out) {
    TRY(desk_need(c, d, DESK_REFUND_READ));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    TRY(desk_reading_snapshot(c, &r));
    MoneyPlan plan;
    TRY(money_plan_find(c, d, r.slot, id, &plan));
    JsonWriter w = json_writer_start(out);
    TRY(put_plan(c, r.slot, &w, &plan));
    return json_writer_end(c, &w);
}

Err desk_refund_list_json(Ctx *c, const Desk *d, Str case_id, DeskPage page, Buf *out) {
    TRY(desk_need(c, d, DESK_REFUND_READ));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    TRY(desk_reading_snapshot(c, &r));
    PictureCase k;
    PicturePage p;
    if (case_id.n > 0)
        TRY(desk_case_find(c, r.slot, case_id, &k));
    TRY(desk_cursor_open(c, d, "refund", page, &p));
    const PicturePlan *items;
    size_t n;
    bool more;
    TRY(picture_plan_list(c, r.slot->picture, case_id.n > 0 ? &k.id : NULL, p, &items, &n, &more));
    Str next = {0};
    if (more && n > 0)
        TRY(desk_cursor_seal(c, d, "refund", items[n - 1].key, &next));
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    json_put_key(&w, STR("items"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < n; i++) {
        MoneyPlan plan;
        TRY(money_plan_load(c, r.slot, &items[i], &plan));
        TRY(money_plan_check(c, d, r.slot, &plan));
        TRY(put_plan(c, r.slot, &w, &plan));
    }
    json_put_array_end(&w);
    desk_put_next(&w, next);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

// --- files --------------------------------------------------------------------------------------

// One payment that a bank is asked to make.
typedef struct Line {
    const MoneyPot *pot;
    const MoneyPay *pay;
    Str currency, report;
    FormatAccount to; // empty where none is in force
    unsigned exponent;
} Line;

static Err goes_to(Ctx *c, const Desk *d, DeskSlot *s, const MoneyClaim *k, FormatAccount *ret_to) {
    for (size_t i = 0; i < k->report_count; i++) {
        const PictureRefundAccount *items;
        size_t n;
        PictureReport report;
        Err e = desk_report_find(c, d->node, s, k->reports[i], &report);
        if (e == E_NOT_FOUND)
            continue;
        TRY(e);
        TRY(picture_refund_accounts(c, s->picture, report.id, &items, &n));
        for (size_t j = 0; j < n; j++) {
            const PictureAccount *a = &items[j].account;
            if (items[j].in_force)
                *ret_to = (FormatAccount){a->country, a->institution, a->account};
        }
    }
    return OK;
}

static Err lines_of(Ctx *c, const Desk *d, DeskSlot *s, const MoneyPlan *plan, Line **ret_lines,
                    size_t *ret_n) {
    size_t n = 0;
    for (size_t i = 0; i < plan->inputs.currency_count; i++)
        n += plan->shares[i].pay_count;
    Line *lines;
    TRY(ctx_alloc(c, (n + 1) * sizeof *lines, &lines));
    n = 0;
    for (size_t i = 0; i < plan->inputs.currency_count; i++) {
        const MoneyCurrency *m = &plan->inputs.currencies[i];
        const FormatCurrency *currency = format_currency_find(d->node->tables, m->currency);
        for (size_t k = 0; k < plan->shares[i].pay_count; k++) {
            const MoneyPay *p = &plan->shares[i].pays[k];
            Line line = {.pot = &m->pots[p->pot],
                         .pay = p,
                         .currency = m->currency,
                         .report = m->claims[p->claim].report,
                         .exponent = currency ? currency->exponent : 0};
            TRY(goes_to(c, d, s, &m->claims[p->claim], &line.to));
            lines[n++] = line;
        }
    }
    *ret_lines = lines;
    *ret_n = n;
    return OK;
}

#define EXPORT_COLUMNS 12
static const char *const export_columns[EXPORT_COLUMNS] = {
    "order", "country", "institution", "account",        "currency",   "amount",
    "paid",  "report",  "to_country",  "to_institution", "to_account", "plan_hash",
};

static void line_texts(const Line *l, Str hash, Str texts[EXPORT_COLUMNS]) {
    const Str all[EXPORT_COLUMNS] = {
        l->pot->number,
        l->pot->account.country,
        l->pot->account.institution,
        l->pot->account.account,
        l->currency,
        {0},
        {0},
        l->report,
        l->to.country,
        l->to.institution,
        l->to.account,
        hash,
    };
    memcpy(texts, all, sizeof all);
}

static Err export_csv(Ctx *c, const Line *lines, size_t n, Str hash, Buf *out) {
    for (size_t i = 0; i < EXPORT_COLUMNS; i++)
        buf_format(out, "%s%s", i ? "," : "", export_columns[i]);
    buf_text(out, "\r\n");
    for (size_t i = 0; i < n; i++) {
        Str texts[EXPORT_COLUMNS];
        line_texts(&lines[i], hash, texts);
        for (size_t k = 0; k < EXPORT_COLUMNS; k++) {
            if (k)
                buf_char(out, ',');
            if (k == 5 || k == 6)
                format_amount_write(out, k == 5 ? lines[i].pay->amount : lines[i].pay->paid,
                                    lines[i].exponent);
            else
                format_csv_field_safe(out, texts[k]);
        }
        buf_text(out, "\r\n");
    }
    return buf_check(c, out);
}

static Err export_xlsx(Ctx *c, const MoneyPlan *plan, const Line *lines, size_t n, Str hash,
                       Buf *out) {
    FormatSheetColumn columns[EXPORT_COLUMNS];
    for (size_t i = 0; i < EXPORT_COLUMNS; i++)
        columns[i] =
            (FormatSheetColumn){str_of(export_columns[i]),
                                i == 5 || i == 6 ? FORMAT_SHEET_AMOUNT : FORMAT_SHEET_TEXT, 0};
    AUTO(FormatSheetPtr) sheet = NULL;
    TRY(format_sheet_open(c,
                          &(FormatSheetOptions){.name = "refund",
                                                .columns = columns,
                                                .column_count = EXPORT_COLUMNS,
                                                .at_us = plan->picture.at},
                          &sheet));
    for (size_t i = 0; i < n; i++) {
        Str texts[EXPORT_COLUMNS];
        FormatSheetCell cells[EXPORT_COLUMNS];
        line_texts(&lines[i], hash, texts);
        for (size_t k = 0; k < EXPORT_COLUMNS; k++)
            cells[k] = (FormatSheetCell){.text = texts[k], .filled = true};
        cells[5] = (FormatSheetCell){
            .filled = true, .value = lines[i].pay->amount, .exponent = lines[i].exponent};
        cells[6] = (FormatSheetCell){
            .filled = true, .value = lines[i].pay->paid, .exponent = lines[i].exponent};
        TRY(format_sheet_row(c, sheet, cells));
    }
    return format_sheet_end(c, sheet, out);
}

// --- print --------------------------------------------------------------------------------------

static void put_text(Buf *out, Str s) {
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '<')
            buf_text(out, "&lt;");
        else if (s.p[i] == '&')
            buf_text(out, "&amp;");
        else if (s.p[i] == '"')
            buf_text(out, "&quot;");
        else
            buf_char(out, s.p[i]);
    }
}

static void put_account_text(Buf *out, const FormatAccount *a) {
    if (a->account.n == 0) {
        buf_text(out, "as the victim says to the bank");
        return;
    }
    put_text(out, a->country);
    buf_char(out, '/');
    put_text(out, a->institution);
    buf_char(out, '/');
    put_text(out, a->account);
}

static void put_cell(Buf *out, const char *class_name, Str text) {
    buf_format(out, "<td%s>", class_name);
    put_text(out, text);
    buf_text(out, "</td>");
}

static Err html_lines(Ctx *c, const Desk *d, const Line *lines, size_t n, Buf *out) {
    buf_text(out, "<table><thead><tr><th>Order</th><th>From account</th><th>Pays</th><th></th>"
                  "<th>To report</th><th>On account</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < n; i++) {
        Str amount;
        TRY(desk_amount_text(c, d->node, lines[i].pay->amount, lines[i].currency, &amount));
        buf_text(out, "<tr>");
        put_cell(out, "", lines[i].pot->number);
        buf_text(out, "<td>");
        put_account_text(out, &lines[i].pot->account);
        buf_text(out, "</td>");
        put_cell(out, " class=\"n\"", amount);
        put_cell(out, "", lines[i].currency);
        put_cell(out, "", lines[i].report);
        buf_text(out, "<td>");
        put_account_text(out, &lines[i].to);
        buf_text(out, "</td></tr>\n");
    }
    buf_text(out, "</tbody></table>\n");
    return OK;
}

static Err html_shares(Ctx *c, const Desk *d, const MoneyPlan *plan, Buf *out) {
    for (size_t i = 0; i < plan->inputs.currency_count; i++) {
        const MoneyCurrency *m = &plan->inputs.currencies[i];
        Str loss, back, share;
        buf_text(out, "<h2>Shares in ");
        put_text(out, m->currency);
        buf_text(out, "</h2><table><thead><tr><th>Report</th><th>Lost</th><th>Given back before"
                      "</th><th>Share</th></tr></thead><tbody>\n");
        for (size_t k = 0; k < m->claim_count; k++) {
            TRY(desk_amount_text(c, d->node, m->claims[k].loss, m->currency, &loss));
            TRY(desk_amount_text(c, d->node, m->claims[k].refunded, m->currency, &back));
            TRY(desk_amount_text(c, d->node, plan->shares[i].shares[k], m->currency, &share));
            buf_text(out, "<tr>");
            put_cell(out, "", m->claims[k].report);
            put_cell(out, " class=\"n\"", loss);
            put_cell(out, " class=\"n\"", back);
            put_cell(out, " class=\"n\"", share);
            buf_text(out, "</tr>\n");
        }
        TRY(desk_amount_text(c, d->node, plan->shares[i].unassigned, m->currency, &share));
        buf_text(out, "<tr><th colspan=\"3\">Unassigned, stays held</th>");
        put_cell(out, " class=\"n\"", share);
        buf_text(out, "</tr></tbody></table>\n");
    }
    return OK;
}

static Err html_signers(Ctx *c, DeskSlot *s, const MoneyPlan *plan, Buf *out) {
    buf_text(out, "<p>Signed by: ");
    for (size_t i = 0; i < plan->picture.signer_count; i++) {
        Str name;
        TRY(desk_officer_name(c, s, plan->picture.signers[i], &name));
        buf_text(out, i ? ", " : "");
        put_text(out, name);
    }
    if (plan->picture.signer_count < REFUND_SIGNATURES)
        buf_text(out, plan->picture.signer_count ? " — one signature is missing: do not pay"
                                                 : "nobody — do not pay");
    buf_text(out, "</p>\n");
    return OK;
}

static void html_asides(Buf *out, const char *title, const MoneyAside *items, size_t n) {
    if (n == 0)
        return;
    buf_format(out, "<h2>%s</h2><ul>\n", title);
    for (size_t i = 0; i < n; i++) {
        buf_text(out, "<li>");
        put_text(out, items[i].words);
        buf_text(out, "</li>\n");
    }
    buf_text(out, "</ul>\n");
}

typedef struct Paper {
    const Desk *desk;
    DeskSlot *slot;
    const MoneyPlan *plan;
    const Line *lines;
    size_t n;
    Str hash;
} Paper;

static Err export_html(Ctx *c, const Paper *p, Buf *out) {
    const MoneyPlan *plan = p->plan;
    Str id, when;
    TRY(desk_id_text(c, plan->id, &id));
    TRY(desk_time_local(c, p->desk->node, plan->picture.at, &when));
    buf_text(out, "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
                  "<title>Refund plan</title><style>body{font:14px/1.5 sans-serif;max-width:52em;"
                  "margin:2em auto;padding:0 1em}table{border-collapse:collapse;width:100%}"
                  "th,td{border:1px solid #888;padding:.3em .5em;text-align:left}"
                  ".n{text-align:right;font-variant-numeric:tabular-nums}"
                  "code{word-break:break-all}</style></head><body>\n<h1>Refund plan</h1>\n<p>");
    put_text(out, p->desk->node->name);
    buf_text(out, ", ");
    put_text(out, when);
    buf_text(out, "<br>Plan <code>");
    put_text(out, id);
    buf_text(out, "</code><br>SHA-256 <code>");
    put_text(out, p->hash);
    buf_text(out, "</code><br>Rule: ");
    put_text(out, plan->rule);
    buf_text(out, "; the law of ");
    put_text(out, plan->inputs.law.country);
    buf_text(out, " names: ");
    put_text(out, plan->inputs.law.rule.n ? plan->inputs.law.rule : STR("no rule"));
    buf_text(out, " (");
    put_text(out, plan->inputs.law.standing);
    buf_text(out, ")</p>\n");
    TRY(html_signers(c, p->slot, plan, out));
    buf_text(out, "<h2>Who pays whom</h2>\n");
    TRY(html_lines(c, p->desk, p->lines, p->n, out));
    TRY(html_shares(c, p->desk, plan, out));
    html_asides(out, "Left out", plan->inputs.left_out, plan->inputs.left_out_count);
    html_asides(out, "Waiting", plan->inputs.waiting, plan->inputs.waiting_count);
    buf_text(out, "</body></html>\n");
    return buf_check(c, out);
}

Err desk_refund_export(Ctx *c, const Desk *d, Str id, DeskRefundForm form, Buf *out) {
    TRY(desk_need(c, d, DESK_REFUND_READ));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    MoneyPlan plan;
    Line *lines;
    size_t n;
    TRY(money_plan_find(c, d, r.slot, id, &plan));
    if (!plan.all_paid && plan.void_because.n > 0)
        return fail(c, E_STATE, "this plan is void, because " STR_FMT ": make a new one",
                    STR_ARG(plan.void_because));
    TRY(lines_of(c, d, r.slot, &plan, &lines, &n));
    AUTO(Buf) hex = {0};
    buf_hex(&hex, plan.picture.plan_hash, sizeof plan.picture.plan_hash);
    TRY(buf_check(c, &hex));
    TRY(desk_reads_note(c, d, &plan.id, 1, "export"));
    Paper paper = {d, r.slot, &plan, lines, n, buf_view(&hex)};
    switch (form) {
    case DESK_REFUND_CSV:
        return export_csv(c, lines, n, buf_view(&hex), out);
    case DESK_REFUND_XLSX:
        return export_xlsx(c, &plan, lines, n, buf_view(&hex), out);
    case DESK_REFUND_HTML:
        return export_html(c, &paper, out);
    }
    UNREACHABLE();
}
