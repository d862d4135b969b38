// Refunds: all rules side by side, the plan of one of them, its two signatures and its payments.
#include "desk/money_priv.h"

// --- look ---------------------------------------------------------------------------------------

const char *money_plan_state(const MoneyPlan *p) {
    if (p->all_paid)
        return "paid";
    if (p->void_because.n > 0)
        return "void";
    return p->picture.signer_count >= REFUND_SIGNATURES ? "signed" : "draft";
}

Err money_plan_find(Ctx *c, const Desk *d, DeskSlot *s, Str id, MoneyPlan *ret_plan) {
    RecordId record;
    PicturePlan p;
    MoneyPlan plan;
    Err e =
        record_id_parse(id, &record) ? picture_plan_get(c, s->picture, record, &p) : E_NOT_FOUND;
    if (e == E_NOT_FOUND)
        return fail(c, E_NOT_FOUND,
                    "there is no refund plan " STR_FMT ": `moei refund list` shows those that are "
                    "here",
                    STR_ARG(id));
    TRY(e);
    TRY(money_plan_load(c, s, &p, &plan));
    TRY(money_plan_check(c, d, s, &plan));
    *ret_plan = plan;
    return OK;
}

static Err question(Ctx *c, DeskSlot *s, const DeskRefundQuery *q, MoneyQuestion *ret_question) {
    PictureCase k;
    TRY(money_rates_check(c, q->rates, q->rate_count));
    TRY(desk_case_find(c, s, q->case_id, &k));
    *ret_question =
        (MoneyQuestion){.case_id = k.id, .rates = q->rates, .rate_count = q->rate_count};
    return OK;
}

// --- compare ------------------------------------------------------------------------------------

static void put_rule(JsonWriter *w, const MoneyCurrency *m, RefundRule rule, const MoneyShares *s) {
    json_put_object_begin(w);
    money_put_pays(w, m, s, false);
    json_put_key_str(w, "rule", str_of(refund_rule_name(rule)));
    money_put_shares(w, s->shares, m->claim_count);
    json_put_key_i64(w, "unassigned", s->unassigned);
    json_put_object_end(w);
}

Err desk_refund_compare(Ctx *c, const Desk *d, const DeskRefundQuery *q, Buf *out) {
    TRY(desk_need(c, d, DESK_REFUND_READ));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    TRY(desk_reading_snapshot(c, &r));
    MoneyQuestion ask;
    MoneyInputs in;
    MoneyShares *shares[REFUND_RULES];
    TRY(question(c, r.slot, q, &ask));
    TRY(money_gather(c, d, r.slot, &ask, &in));
    for (size_t i = 0; i < REFUND_RULES; i++)
        TRY(money_share(c, &in, (RefundRule)i, &shares[i]));
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    desk_put_id(&w, "case", in.case_id);
    json_put_key(&w, STR("currencies"));
    json_put_array_begin(&w);
    for (size_t i = 0; i < in.currency_count; i++) {
        const MoneyCurrency *m = &in.currencies[i];
        json_put_object_begin(&w);
        money_put_claims(&w, m);
        json_put_key_str(&w, "currency", m->currency);
        money_put_pots(&w, m);
        json_put_key(&w, STR("rules"));
        json_put_array_begin(&w);
        for (size_t k = 0; k < REFUND_RULES; k++)
            put_rule(&w, m, (RefundRule)k, &shares[k][i]);
        json_put_array_end(&w);
        json_put_key_i64(&w, "total", m->total);
        json_put_object_end(&w);
    }
    json_put_array_end(&w);
    json_put_key(&w, STR("law"));
    json_put_array_begin(&w);
    money_put_law(&w, &in.law);
    json_put_array_end(&w);
    money_put_asides(&w, "left_out", in.left_out, in.left_out_count, true);
    money_put_rates(&w, in.rates, in.rate_count);
    money_put_asides(&w, "waiting", in.waiting, in.waiting_count, true);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

// --- plan ---------------------------------------------------------------------------------------

static Err plan_body(Ctx *c, const MoneyInputs *in, RefundRule rule, Buf *out) {
    AUTO(Buf) plan = {0}, hex = {0};
    MoneyShares *shares;
    CryptoHash inputs;
    TRY(money_share(c, in, rule, &shares));
    TRY(money_inputs_hash(c, in, &inputs));
    TRY(money_plan_json(c, in, str_of(refund_rule_name(rule)), shares, &plan));
    CryptoHash hash = crypto_sha256(plan.p, plan.n);
    buf_hex(&hex, inputs.b, sizeof inputs.b);
    buf_hex(&hex, hash.b, sizeof hash.b);
    TRY(buf_check(c, &hex));
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    desk_put_id(&w, "case", in->case_id);
    json_put_key_str(&w, "inputs", (Str){hex.p, 64});
    json_put_key(&w, STR("plan"));
    json_put_raw(&w, buf_view(&plan));
    json_put_key_str(&w, "plan_hash", (Str){hex.p + 64, 64});
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}

// The orders and the case that the plan relies on; the rest is in the plan itself.
static Err plan_refs(Ctx *c, const MoneyInputs *in, RecordId **ret_refs, size_t *ret_n) {
    RecordId *refs;
    size_t n = 0;
    TRY(ctx_alloc(c, RECORD_REFS_MAX * sizeof *refs, &refs));
    refs[n++] = in->case_id;
    for (size_t i = 0; i < in->currency_count; i++) {
        for (size_t k = 0; k < in->currencies[i].pot_count && n < RECORD_REFS_MAX; k++)
            refs[n++] = in->currencies[i].pots[k].order;
    }
    *ret_refs = refs;
    *ret_n = n;
    return OK;
}

static Err nothing_to_share(Ctx *c, const MoneyInputs *in) {
    if (in->waiting_count > 0)
        return fail(c, E_STATE, "there is nothing to share yet: " STR_FMT,
                    STR_ARG(in->waiting[0].words));
    return fail(c, E_STATE,
                "there is nothing to share: no order of this case holds money (an order must be "
                "answered executed or partly first)");
}

Err desk_refund_plan(Ctx *c, const Desk *d, const DeskRefundQuery *q, Str rule, Str *ret_id) {
    RefundRule chosen;
    TRY(desk_need(c, d, DESK_REFUND_PLAN));
    if (!refund_rule_find(rule, &chosen))
        return fail(c, E_INVALID,
                    "there is no rule \"" STR_FMT "\": by_trace, pro_rata_loss, "
                    "trace_else_pro_rata or equal_awards",
                    STR_ARG(rule));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    AUTO(DeskWriting) w = {0};
    TRY(desk_writing_begin(c, d->node, d, &w));
    MoneyQuestion ask;
    MoneyInputs in;
    TRY(question(c, r.slot, q, &ask));
    TRY(money_gather(c, d, r.slot, &ask, &in));
    if (in.currency_count == 0)
        return nothing_to_share(c, &in);
    AUTO(Buf) body = {0};
    TRY(plan_body(c, &in, chosen, &body));
    DeskDraft draft = {.kind = RECORD_REFUND_PLAN, .mark = &in.mark, .body = buf_view(&body)};
    RecordId *refs, id;
    TRY(plan_refs(c, &in, &refs, &draft.ref_count));
    draft.refs = refs;
    TRY(desk_record_add(c, &w, &draft, &id));
    return desk_id_text(c, id, ret_id);
}

// --- sign ---------------------------------------------------------------------------------------

static Err holds(Ctx *c, const MoneyPlan *plan) {
    if (plan->all_paid)
        return fail(c, E_STATE, "this plan is paid");
    if (plan->void_because.n > 0)
        return fail(c, E_STATE, "this plan is void, because " STR_FMT ": make a new one",
                    STR_ARG(plan->void_because));
    return OK;
}

Err desk_refund_sign(Ctx *c, const Desk *d, Str id) {
    TRY(desk_need(c, d, DESK_REFUND_SIGN));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    AUTO(DeskWriting) w = {0};
    TRY(desk_writing_begin(c, d->node, d, &w));
    MoneyPlan plan;
    TRY(money_plan_find(c, d, r.slot, id, &plan));
    TRY(holds(c, &plan));
    for (size_t i = 0; i < plan.picture.signer_count; i++) {
        if (record_id_eq(plan.picture.signers[i], d->officer))
            return fail(c, E_STATE, "you signed this plan: the other signature is somebody else's");
    }
    if (plan.picture.signer_count >= REFUND_SIGNATURES)
        return fail(c, E_STATE, "this plan has its two signatures");
    AUTO(Buf) body = {0}, hex = {0};
    buf_hex(&hex, plan.picture.plan_hash, sizeof plan.picture.plan_hash);
    TRY(buf_check(c, &hex));
    JsonWriter j = json_writer_start(&body);
    json_put_object_begin(&j);
    json_put_key_str(&j, "plan_hash", buf_view(&hex));
    json_put_object_end(&j);
    TRY(json_writer_end(c, &j));
    DeskDraft draft = {.kind = RECORD_REFUND_SIGN,
                       .has_of = true,
                       .of = plan.id,
                       .mark = &plan.inputs.mark,
                       .body = buf_view(&body)};
    return desk_record_add(c, &w, &draft, NULL);
}

// --- pay ----------------------------------------------------------------------------------------

typedef struct Payment {
    const MoneyClaim *claim;
    FormatAccount account;
    Str currency, reference;
    int64_t amount;
} Payment;

static bool account_same(const FormatAccount *typed, const FormatAccount *a) {
    return str_eq(typed->account, a->account) &&
           (typed->country.n == 0 || str_eq(typed->country, a->country)) &&
           (typed->institution.n == 0 || str_eq(typed->institution, a->institution));
}

static bool claim_is(const MoneyClaim *k, Str report) {
    char text[RECORD_ID_TEXT_BYTES];
    record_id_text(k->record, text);
    if (str_eq_c(report, text))
        return true;
    for (size_t i = 0; i < k->report_count; i++) {
        if (str_eq(k->reports[i], report))
            return true;
    }
    return false;
}

// The pays of the plan that the payment speaks of: what they owe and have paid.
static Err owed(Ctx *c, const MoneyPlan *plan, const DeskPaidDraft *draft,
                const FormatAccount *typed, Payment *payment, int64_t *ret_left) {
    int64_t left = 0;
    bool found = false;
    for (size_t i = 0; i < plan->inputs.currency_count; i++) {
        const MoneyCurrency *m = &plan->inputs.currencies[i];
        if (!str_eq(m->currency, draft->currency))
            continue;
        for (size_t k = 0; k < plan->shares[i].pay_count; k++) {
            const MoneyPay *p = &plan->shares[i].pays[k];
            const FormatAccount *a = &m->pots[p->pot].account;
            if (!claim_is(&m->claims[p->claim], draft->report) || !account_same(typed, a))
                continue;
            if (found && !account_same(&payment->account, a))
                return fail(c, E_INVALID,
                            "several pots have an account " STR_FMT
                            ": name it as COUNTRY/INSTITUTION/ACCOUNT",
                            STR_ARG(draft->account));
            found = true;
            payment->account = *a;
            payment->claim = &m->claims[p->claim];
            payment->currency = m->currency;
            left += p->amount - p->paid;
        }
    }
    if (!found)
        return fail(c, E_INVALID,
                    "by this plan " STR_FMT " pays nothing in " STR_FMT " to report " STR_FMT,
                    STR_ARG(draft->account), STR_ARG(draft->currency), STR_ARG(draft->report));
    *ret_left = left;
    return OK;
}

static Err accounts_of(Ctx *c, const Desk *d, DeskSlot *s, Str report, bool *stated,
                       bool *in_force) {
    PictureReport found;
    const PictureRefundAccount *items;
    size_t n;
    TRY(desk_report_find(c, d->node, s, report, &found));
    TRY(picture_refund_accounts(c, s->picture, found.id, &items, &n));
    for (size_t i = 0; i < n; i++) {
        *stated = true;
        *in_force |= items[i].in_force;
    }
    return OK;
}

// Where the victim stated an account, it must be in force: money never goes where one person alone
// said it should.
static Err account_stands(Ctx *c, const Desk *d, DeskSlot *s, const MoneyClaim *claim) {
    bool stated = false, in_force = false;
    for (size_t i = 0; i < claim->report_count; i++)
        TRY(accounts_of(c, d, s, claim->reports[i], &stated, &in_force));
    if (stated && !in_force)
        return fail(c, E_STATE,
                    "the refund account of report " STR_FMT " waits for its second officer: "
                    "`moei refund account --second`",
                    STR_ARG(claim->report));
    return OK;
}

static Err payment_of(Ctx *c, const Desk *d, DeskSlot *s, const MoneyPlan *plan,
                      const DeskPaidDraft *draft, Payment *ret_payment) {
    Payment p = {0};
    FormatAccount typed;
    const FormatCurrency *currency = format_currency_find(d->node->tables, draft->currency);
    if (!currency)
        return fail(c, E_INVALID, "there is no currency \"" STR_FMT "\"", STR_ARG(draft->currency));
    TRY(format_account_parse(c, d->node->tables, draft->account, &typed));
    TRY(format_amount_parse(c, draft->amount, currency, &p.amount));
    TRY(desk_words(c, "the bank's reference", draft->reference, REFUND_REFERENCE_BYTES_MAX,
                   &p.reference));
    if (p.amount <= 0)
        return fail(c, E_INVALID, "the amount paid must be above 0");
    int64_t left;
    TRY(owed(c, plan, draft, &typed, &p, &left));
    if (p.amount > left) {
        Str text;
        TRY(desk_amount_text(c, d->node, left, p.currency, &text));
        return fail(c, E_INVALID,
                    "this is more than the plan gives: " STR_FMT " " STR_FMT
                    " are still to be paid from this account to report " STR_FMT,
                    STR_ARG(text), STR_ARG(p.currency), STR_ARG(p.claim->report));
    }
    for (size_t i = 0; i < plan->paid_count; i++) {
        if (str_eq(plan->paid[i].reference, p.reference) &&
            str_eq(plan->paid[i].account.institution, p.account.institution))
            return fail(c, E_EXISTS, "a payment with the reference " STR_FMT " is noted already",
                        STR_ARG(p.reference));
    }
    TRY(account_stands(c, d, s, p.claim));
    *ret_payment = p;
    return OK;
}

Err desk_refund_paid(Ctx *c, const Desk *d, Str id, const DeskPaidDraft *draft) {
    TRY(desk_need(c, d, DESK_REFUND_PAY));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    AUTO(DeskWriting) w = {0};
    TRY(desk_writing_begin(c, d->node, d, &w));
    MoneyPlan plan;
    Payment p;
    TRY(money_plan_find(c, d, r.slot, id, &plan));
    TRY(holds(c, &plan));
    if (plan.picture.signer_count < REFUND_SIGNATURES)
        return fail(c, E_STATE,
                    "this plan has %zu of its two signatures: nothing is paid before both",
                    plan.picture.signer_count);
    DeskPaidDraft typed = *draft;
    if (typed.currency.n == 0 && plan.inputs.currency_count == 1)
        typed.currency = plan.inputs.currencies[0].currency;
    TRY(payment_of(c, d, r.slot, &plan, &typed, &p));
    AUTO(Buf) body = {0};
    JsonWriter j = json_writer_start(&body);
    json_put_object_begin(&j);
    json_put_key(&j, STR("account"));
    desk_put_account(&j, &p.account);
    json_put_key_i64(&j, "amount", p.amount);
    json_put_key_str(&j, "currency", p.currency);
    json_put_key_str(&j, "reference", p.reference);
    desk_put_id(&j, "report", p.claim->record);
    json_put_object_end(&j);
    TRY(json_writer_end(c, &j));
    DeskDraft out = {.kind = RECORD_REFUND_PAID,
                     .has_of = true,
                     .of = plan.id,
                     .refs = &p.claim->record,
                     .ref_count = 1,
                     .mark = &plan.inputs.mark,
                     .body = buf_view(&body)};
    return desk_record_add(c, &w, &out, NULL);
}
