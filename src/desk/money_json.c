// A refund plan as JSON: what it rests on, what it shares, and the hashes of both.
#include "desk/money_priv.h"

// --- members ------------------------------------------------------------------------------------

void money_put_claims(JsonWriter *w, const MoneyCurrency *m) {
    json_put_key(w, STR("claims"));
    json_put_array_begin(w);
    for (size_t i = 0; i < m->claim_count; i++) {
        const MoneyClaim *k = &m->claims[i];
        json_put_object_begin(w);
        json_put_key_i64(w, "claim", k->amount);
        json_put_key_i64(w, "loss", k->loss);
        desk_put_id(w, "record", k->record);
        json_put_key_i64(w, "refunded", k->refunded);
        json_put_key_str(w, "report", k->report);
        desk_put_strs(w, "reports", k->reports, k->report_count);
        json_put_object_end(w);
    }
    json_put_array_end(w);
}

void money_put_pots(JsonWriter *w, const MoneyCurrency *m) {
    json_put_key(w, STR("pots"));
    json_put_array_begin(w);
    for (size_t i = 0; i < m->pot_count; i++) {
        const MoneyPot *p = &m->pots[i];
        json_put_object_begin(w);
        json_put_key(w, STR("account"));
        desk_put_account(w, &p->account);
        json_put_key_i64(w, "amount", p->amount);
        json_put_key_str(w, "order", p->number);
        desk_put_id(w, "order_id", p->order);
        json_put_key(w, STR("tags"));
        json_put_array_begin(w);
        for (size_t k = 0; k < p->tag_count; k++) {
            json_put_object_begin(w);
            json_put_key_i64(w, "amount", p->tags[k].amount);
            json_put_key_str(w, "report", m->claims[p->tags[k].claimant].report);
            json_put_object_end(w);
        }
        json_put_array_end(w);
        json_put_object_end(w);
    }
    json_put_array_end(w);
}

static void put_numbers(JsonWriter *w, const char *key, const int64_t *items, size_t n) {
    json_put_key(w, str_of(key));
    json_put_array_begin(w);
    for (size_t i = 0; i < n; i++)
        json_put_i64(w, items[i]);
    json_put_array_end(w);
}

void money_put_shares(JsonWriter *w, const int64_t *shares, size_t n) {
    put_numbers(w, "shares", shares, n);
}

void money_put_asides(JsonWriter *w, const char *key, const MoneyAside *items, size_t n,
                      bool words) {
    json_put_key(w, str_of(key));
    json_put_array_begin(w);
    for (size_t i = 0; i < n; i++) {
        json_put_object_begin(w);
        desk_put_opt_str(w, "order", items[i].order);
        desk_put_opt_str(w, "report", items[i].report);
        json_put_key_str(w, "why", items[i].why);
        if (words) // for people; what counts are the ids and why
            json_put_key_str(w, "words", items[i].words);
        json_put_object_end(w);
    }
    json_put_array_end(w);
}

static void put_days(JsonWriter *w, const char *key, int64_t days) {
    if (days > 0)
        json_put_key_i64(w, key, days);
    else
        json_put_key_null(w, key);
}

void money_put_law(JsonWriter *w, const MoneyLaw *law) {
    json_put_object_begin(w);
    put_days(w, "claims_days", law->claims_days);
    json_put_key_str(w, "country", law->country);
    json_put_key_str(w, "note", law->note);
    put_days(w, "notice_days", law->notice_days);
    desk_put_opt_str(w, "rule", law->rule);
    json_put_key_str(w, "source", law->source);
    json_put_key_str(w, "standing", law->standing);
    json_put_object_end(w);
}

void money_put_rates(JsonWriter *w, const DeskRate *rates, size_t n) {
    json_put_key(w, STR("rates"));
    json_put_array_begin(w);
    for (size_t i = 0; i < n; i++) {
        json_put_object_begin(w);
        json_put_key_str(w, "date", rates[i].date);
        json_put_key_i64(w, "denominator", rates[i].denominator);
        json_put_key_str(w, "from", rates[i].from);
        json_put_key_i64(w, "numerator", rates[i].numerator);
        json_put_key_str(w, "source", rates[i].source);
        json_put_key_str(w, "to", rates[i].to);
        json_put_object_end(w);
    }
    json_put_array_end(w);
}

void money_put_pays(JsonWriter *w, const MoneyCurrency *m, const MoneyShares *s, bool paid) {
    json_put_key(w, STR("pays"));
    json_put_array_begin(w);
    for (size_t i = 0; i < s->pay_count; i++) {
        const MoneyPot *p = &m->pots[s->pays[i].pot];
        json_put_object_begin(w);
        json_put_key(w, STR("account"));
        desk_put_account(w, &p->account);
        json_put_key_i64(w, "amount", s->pays[i].amount);
        json_put_key_str(w, "order", p->number);
        desk_put_id(w, "order_id", p->order);
        if (paid)
            json_put_key_i64(w, "paid", s->pays[i].paid);
        json_put_key_str(w, "report", m->claims[s->pays[i].claim].report);
        json_put_object_end(w);
    }
    json_put_array_end(w);
}

// --- the plan -----------------------------------------------------------------------------------

static void put_currency(JsonWriter *w, const MoneyCurrency *m, const MoneyShares *s) {
    json_put_object_begin(w);
    money_put_claims(w, m);
    if (s)
        put_numbers(w, "counted", s->claims, m->claim_count);
    json_put_key_str(w, "currency", m->currency);
    if (s)
        money_put_pays(w, m, s, false);
    money_put_pots(w, m);
    if (s)
        money_put_shares(w, s->shares, m->claim_count);
    json_put_key_i64(w, "total", m->total);
    if (s)
        json_put_key_i64(w, "unassigned", s->unassigned);
    json_put_object_end(w);
}

static Err put_plan(Ctx *c, const MoneyInputs *in, Str rule, const MoneyShares *shares, Buf *out) {
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    desk_put_id(&w, "case", in->case_id);
    json_put_key(&w, STR("currencies"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < in->currency_count; i++)
        put_currency(&w, &in->currencies[i], shares ? &shares[i] : NULL);
    json_put_array_end(&w);
    json_put_key(&w, STR("law"));
    money_put_law(&w, &in->law);
    money_put_asides(&w, "left_out", in->left_out, in->left_out_count, shares != NULL);
    money_put_rates(&w, in->rates, in->rate_count);
    if (shares)
        json_put_key_str(&w, "rule", rule);
    json_put_key_i64(&w, "v", 1);
    money_put_asides(&w, "waiting", in->waiting, in->waiting_count, shares != NULL);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

Err money_inputs_json(Ctx *c, const MoneyInputs *in, Buf *out) {
    return put_plan(c, in, (Str){0}, NULL, out);
}

Err money_inputs_hash(Ctx *c, const MoneyInputs *in, CryptoHash *ret_hash) {
    AUTO(Buf) text = {0};
    TRY(money_inputs_json(c, in, &text));
    *ret_hash = crypto_sha256(text.p, text.n);
    return OK;
}

Err money_plan_json(Ctx *c, const MoneyInputs *in, Str rule, const MoneyShares *shares, Buf *out) {
    return put_plan(c, in, rule, shares, out);
}

// --- a plan read again --------------------------------------------------------------------------

static Err read_id(Ctx *c, const JsonValue *v, const char *path, RecordId *ret_id) {
    Str text;
    TRY(json_get_str(c, v, path, &text));
    if (!record_id_parse(text, ret_id))
        return fail(c, E_INVALID, "\"%s\" must be a record id", path);
    return OK;
}

static Err read_account(Ctx *c, const JsonValue *v, FormatAccount *ret_account) {
    FormatAccount a = {0};
    TRY(json_get_str(c, v, "account.account", &a.account));
    TRY(json_find_str(c, v, "account.country", &a.country));
    TRY(json_find_str(c, v, "account.institution", &a.institution));
    *ret_account = a;
    return OK;
}

static Err read_claim(Ctx *c, const JsonValue *v, MoneyClaim *ret_claim) {
    MoneyClaim k = {0};
    const JsonValue *list;
    TRY(json_get_int(c, v, "claim", &k.amount));
    TRY(json_get_int(c, v, "loss", &k.loss));
    TRY(json_get_int(c, v, "refunded", &k.refunded));
    TRY(json_get_str(c, v, "report", &k.report));
    TRY(read_id(c, v, "record", &k.record));
    TRY(json_get_array(c, v, "reports", &list));
    Str *reports;
    TRY(ctx_alloc(c, (list->count + 1) * sizeof *reports, &reports));
    for (uint32_t i = 0; i < list->count; i++)
        TRY(json_as_str(c, &list->items[i], "reports", &reports[i]));
    k.reports = reports;
    k.report_count = list->count;
    *ret_claim = k;
    return OK;
}

static Err claim_index(Ctx *c, const MoneyCurrency *m, Str report, size_t *ret_index) {
    for (size_t i = 0; i < m->claim_count; i++) {
        if (str_eq(m->claims[i].report, report)) {
            *ret_index = i;
            return OK;
        }
    }
    return fail(c, E_INVALID, "the plan names " STR_FMT ", which has no claim in it",
                STR_ARG(report));
}

static Err read_pot(Ctx *c, const MoneyCurrency *m, const JsonValue *v, MoneyPot *ret_pot) {
    MoneyPot p = {0};
    const JsonValue *list;
    TRY(read_account(c, v, &p.account));
    TRY(json_get_int(c, v, "amount", &p.amount));
    TRY(json_get_str(c, v, "order", &p.number));
    TRY(read_id(c, v, "order_id", &p.order));
    TRY(json_get_array(c, v, "tags", &list));
    RefundTag *tags;
    TRY(ctx_alloc(c, (list->count + 1) * sizeof *tags, &tags));
    for (uint32_t i = 0; i < list->count; i++) {
        Str report;
        size_t at;
        TRY(json_get_str(c, &list->items[i], "report", &report));
        TRY(json_get_int(c, &list->items[i], "amount", &tags[i].amount));
        TRY(claim_index(c, m, report, &at));
        tags[i].claimant = (uint32_t)at;
    }
    p.tags = tags;
    p.tag_count = list->count;
    *ret_pot = p;
    return OK;
}

static Err read_pay(Ctx *c, const MoneyCurrency *m, const JsonValue *v, MoneyPay *ret_pay) {
    MoneyPay p = {0};
    RecordId order;
    Str report;
    TRY(json_get_int(c, v, "amount", &p.amount));
    TRY(read_id(c, v, "order_id", &order));
    TRY(json_get_str(c, v, "report", &report));
    TRY(claim_index(c, m, report, &p.claim));
    while (p.pot < m->pot_count && !record_id_eq(m->pots[p.pot].order, order))
        p.pot++;
    if (p.pot == m->pot_count)
        return fail(c, E_INVALID, "the plan pays from an order that is no pot of it");
    *ret_pay = p;
    return OK;
}

static Err read_numbers(Ctx *c, const JsonValue *v, const char *path, size_t n,
                        const int64_t **ret_items) {
    const JsonValue *list;
    TRY(json_get_array(c, v, path, &list));
    if (list->count != n)
        return fail(c, E_INVALID, "\"%s\" must have one number a claim", path);
    int64_t *items;
    TRY(ctx_alloc(c, (n + 1) * sizeof *items, &items));
    for (size_t i = 0; i < n; i++)
        TRY(json_as_int(c, &list->items[i], path, &items[i]));
    *ret_items = items;
    return OK;
}

static Err read_shares(Ctx *c, const MoneyCurrency *m, const JsonValue *v, MoneyShares *ret_s) {
    MoneyShares s = {0};
    const JsonValue *list;
    TRY(read_numbers(c, v, "counted", m->claim_count, &s.claims));
    TRY(read_numbers(c, v, "shares", m->claim_count, &s.shares));
    TRY(json_get_int(c, v, "unassigned", &s.unassigned));
    TRY(json_get_array(c, v, "pays", &list));
    TRY(ctx_alloc(c, (list->count + 1) * sizeof *s.pays, &s.pays));
    for (uint32_t i = 0; i < list->count; i++)
        TRY(read_pay(c, m, &list->items[i], &s.pays[i]));
    s.pay_count = list->count;
    *ret_s = s;
    return OK;
}

static Err read_currency(Ctx *c, const JsonValue *v, MoneyCurrency *ret_currency,
                         MoneyShares *ret_shares) {
    MoneyCurrency m = {0};
    const JsonValue *list;
    TRY(json_get_str(c, v, "currency", &m.currency));
    TRY(json_get_int(c, v, "total", &m.total));
    TRY(json_get_array(c, v, "claims", &list));
    MoneyClaim *claims;
    TRY(ctx_alloc(c, (list->count + 1) * sizeof *claims, &claims));
    for (uint32_t i = 0; i < list->count; i++)
        TRY(read_claim(c, &list->items[i], &claims[i]));
    m.claims = claims;
    m.claim_count = list->count;
    TRY(json_get_array(c, v, "pots", &list));
    MoneyPot *pots;
    TRY(ctx_alloc(c, (list->count + 1) * sizeof *pots, &pots));
    for (uint32_t i = 0; i < list->count; i++)
        TRY(read_pot(c, &m, &list->items[i], &pots[i]));
    m.pots = pots;
    m.pot_count = list->count;
    TRY(read_shares(c, &m, v, ret_shares));
    *ret_currency = m;
    return OK;
}

static Err read_asides(Ctx *c, const JsonValue *v, const char *path, const MoneyAside **ret_items,
                       size_t *ret_n) {
    const JsonValue *list;
    TRY(json_get_array(c, v, path, &list));
    MoneyAside *items;
    TRY(ctx_alloc(c, (list->count + 1) * sizeof *items, &items));
    for (uint32_t i = 0; i < list->count; i++) {
        TRY(json_find_str(c, &list->items[i], "order", &items[i].order));
        TRY(json_find_str(c, &list->items[i], "report", &items[i].report));
        TRY(json_get_str(c, &list->items[i], "why", &items[i].why));
        TRY(json_get_str(c, &list->items[i], "words", &items[i].words));
    }
    *ret_items = items;
    *ret_n = list->count;
    return OK;
}

static Err read_law(Ctx *c, const JsonValue *v, MoneyLaw *ret_law) {
    MoneyLaw law = {0};
    TRY(json_get_str(c, v, "law.country", &law.country));
    TRY(json_find_str(c, v, "law.rule", &law.rule));
    TRY(json_get_str(c, v, "law.standing", &law.standing));
    TRY(json_get_str(c, v, "law.source", &law.source));
    TRY(json_get_str(c, v, "law.note", &law.note));
    TRY(json_find_int(c, v, "law.notice_days", &law.notice_days));
    TRY(json_find_int(c, v, "law.claims_days", &law.claims_days));
    *ret_law = law;
    return OK;
}

static Err read_rates(Ctx *c, const JsonValue *v, MoneyInputs *in) {
    const JsonValue *list;
    TRY(json_get_array(c, v, "rates", &list));
    DeskRate *rates;
    TRY(ctx_alloc(c, (list->count + 1) * sizeof *rates, &rates));
    for (uint32_t i = 0; i < list->count; i++) {
        const JsonValue *r = &list->items[i];
        TRY(json_get_str(c, r, "from", &rates[i].from));
        TRY(json_get_str(c, r, "to", &rates[i].to));
        TRY(json_get_str(c, r, "source", &rates[i].source));
        TRY(json_get_str(c, r, "date", &rates[i].date));
        TRY(json_get_int(c, r, "numerator", &rates[i].numerator));
        TRY(json_get_int(c, r, "denominator", &rates[i].denominator));
    }
    in->rates = rates;
    in->rate_count = list->count;
    return OK;
}

static Err read_plan(Ctx *c, const JsonValue *v, MoneyPlan *plan) {
    MoneyInputs *in = &plan->inputs;
    const JsonValue *list;
    TRY(read_id(c, v, "case", &in->case_id));
    TRY(json_get_str(c, v, "rule", &plan->rule));
    TRY(read_law(c, v, &in->law));
    TRY(read_rates(c, v, in));
    TRY(read_asides(c, v, "left_out", &in->left_out, &in->left_out_count));
    TRY(read_asides(c, v, "waiting", &in->waiting, &in->waiting_count));
    TRY(json_get_array(c, v, "currencies", &list));
    MoneyCurrency *currencies;
    TRY(ctx_alloc(c, (list->count + 1) * sizeof *currencies, &currencies));
    TRY(ctx_alloc(c, (list->count + 1) * sizeof *plan->shares, &plan->shares));
    for (uint32_t i = 0; i < list->count; i++)
        TRY(read_currency(c, &list->items[i], &currencies[i], &plan->shares[i]));
    in->currencies = currencies;
    in->currency_count = list->count;
    return OK;
}

// Payments name report, account and currency; where two pots lie on one account the first is used
// up first.
static void count_payment(MoneyPlan *plan, const PicturePaid *paid) {
    int64_t left = paid->amount;
    for (size_t i = 0; i < plan->inputs.currency_count; i++) {
        const MoneyCurrency *m = &plan->inputs.currencies[i];
        MoneyShares *s = &plan->shares[i];
        if (!str_eq(m->currency, paid->currency))
            continue;
        for (size_t k = 0; k < s->pay_count && left > 0; k++) {
            MoneyPay *p = &s->pays[k];
            const FormatAccount *a = &m->pots[p->pot].account;
            if (!record_id_eq(m->claims[p->claim].record, paid->report) ||
                !str_eq(a->account, paid->account.account) ||
                !str_eq(a->country, paid->account.country) ||
                !str_eq(a->institution, paid->account.institution))
                continue;
            int64_t part = p->amount - p->paid < left ? p->amount - p->paid : left;
            p->paid += part;
            left -= part;
        }
    }
}

static void count_all(MoneyPlan *plan) {
    for (size_t i = 0; i < plan->paid_count; i++)
        count_payment(plan, &plan->paid[i]);
    bool any = false, open = false;
    for (size_t i = 0; i < plan->inputs.currency_count; i++) {
        for (size_t k = 0; k < plan->shares[i].pay_count; k++) {
            any = true;
            open |= plan->shares[i].pays[k].paid < plan->shares[i].pays[k].amount;
        }
    }
    plan->all_paid = any && !open;
}

Err money_plan_load(Ctx *c, DeskSlot *s, const PicturePlan *p, MoneyPlan *ret_plan) {
    MoneyPlan plan = {.id = p->id, .picture = *p};
    Record r;
    TRY(desk_body_get(c, s, p->id, &r));
    const JsonValue *v = json_find(r.body, STR("plan"));
    AUTO(Buf) text = {0};
    TRY(json_canonical(c, v, &text));
    CryptoHash hash = crypto_sha256(text.p, text.n);
    if (memcmp(hash.b, p->plan_hash, sizeof hash.b) != 0)
        return fail(c, E_CORRUPT, "a refund plan does not have the hash that its record states");
    TRY(str_copy(c, buf_view(&text), &plan.body));
    if (read_plan(c, v, &plan) != OK)
        return fail(c, E_UNSUPPORTED, "this refund plan is not of version 1");
    plan.inputs.mark = r.mark;
    TRY(str_copy(c, r.agency, &plan.agency));
    TRY(picture_paid_of_plan(c, s->picture, p->id, &plan.paid, &plan.paid_count));
    count_all(&plan);
    *ret_plan = plan;
    return OK;
}
