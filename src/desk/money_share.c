// Rates and law of a refund, its shares by each rule, and whether a plan still holds.
#include "desk/money_priv.h"

// --- law ----------------------------------------------------------------------------------------

MoneyLaw money_law(const DeskNode *n) {
    int32_t today = (int32_t)time_day(clock_now(n->env.clock));
    const FormatRefundLaw *row = format_refund_law_find(n->tables, n->country, today);
    MoneyLaw law = {.country = n->country, .standing = STR("none"), .source = STR("no row")};
    RefundRule rule;
    if (!row)
        return law;
    law.standing = row->standing;
    law.source = row->source;
    law.note = row->note;
    law.notice_days = row->has_notice_days ? row->notice_days : 0;
    law.claims_days = row->has_claims_days ? row->claims_days : 0;
    if (refund_rule_of_law(row->rule, &rule))
        law.rule = str_of(refund_rule_name(rule));
    return law;
}

// --- rates --------------------------------------------------------------------------------------

static bool date_good(Str s) {
    int64_t y, m, d;
    return s.n == 10 && s.p[4] == '-' && s.p[7] == '-' && str_to_i64((Str){s.p, 4}, &y) &&
           str_to_i64((Str){s.p + 5, 2}, &m) && str_to_i64((Str){s.p + 8, 2}, &d) && m > 0 &&
           d > 0 && date_valid(y, (unsigned)m, (unsigned)d);
}

static Err rate_row(Ctx *c, const DeskNode *n, const FormatCsvRow *row, DeskRate *ret_rate) {
    DeskRate r = {0};
    unsigned long long line = (unsigned long long)row->line;
    if (row->bad || row->field_count != 6)
        return fail(c, E_INVALID,
                    "line %llu of the rates: there must be from, to, numerator, denominator, "
                    "source and date",
                    line);
    for (size_t i = 0; i < 2; i++) {
        if (!format_currency_find(n->tables, row->fields[i]))
            return fail(c, E_INVALID, "line %llu of the rates: " STR_FMT " is no known currency",
                        line, STR_ARG(row->fields[i]));
    }
    if (!str_to_i64(row->fields[2], &r.numerator) || !str_to_i64(row->fields[3], &r.denominator) ||
        r.numerator <= 0 || r.denominator <= 0 || r.numerator > BASE_INT_SAFE_MAX ||
        r.denominator > BASE_INT_SAFE_MAX)
        return fail(c, E_INVALID,
                    "line %llu of the rates: numerator and denominator are whole numbers above 0",
                    line);
    if (str_trim(row->fields[4]).n == 0 || !date_good(row->fields[5]))
        return fail(c, E_INVALID,
                    "line %llu of the rates: source says where the rate is from, date is "
                    "YYYY-MM-DD",
                    line);
    TRY(str_copy(c, row->fields[0], &r.from));
    TRY(str_copy(c, row->fields[1], &r.to));
    TRY(str_copy(c, str_trim(row->fields[4]), &r.source));
    TRY(str_copy(c, row->fields[5], &r.date));
    *ret_rate = r;
    return OK;
}

Err money_rates_check(Ctx *c, const DeskRate *rates, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (str_eq(rates[i].from, rates[i].to))
            return fail(c, E_INVALID, "a rate from " STR_FMT " to itself is none",
                        STR_ARG(rates[i].from));
        if (rates[i].numerator <= 0 || rates[i].denominator <= 0)
            return fail(c, E_INVALID, "numerator and denominator of a rate are above 0");
        if (rates[i].source.n == 0 || !date_good(rates[i].date))
            return fail(c, E_INVALID,
                        "a rate says where it is from (source) and of which date (YYYY-MM-DD)");
        for (size_t k = 0; k < i; k++) {
            if (str_eq(rates[i].from, rates[k].from) && str_eq(rates[i].to, rates[k].to))
                return fail(c, E_INVALID, "the rate from " STR_FMT " to " STR_FMT " stands twice",
                            STR_ARG(rates[i].from), STR_ARG(rates[i].to));
        }
    }
    return OK;
}

Err desk_rates_read(Ctx *c, DeskNode *n, Str path, const DeskRate **ret_rates, size_t *ret_n) {
    AUTO(FormatCsvPtr) csv = NULL;
    AUTO(Buf) found = {0};
    TRY(format_csv_open(c, &(FormatCsvOptions){.path = path}, &csv));
    static const char *const header[] = {"from",        "to",     "numerator",
                                         "denominator", "source", "date"};
    for (bool first = true;; first = false) {
        FormatCsvRow row;
        DeskRate rate;
        TRY(format_csv_next(c, csv, &row));
        if (row.end && first)
            return fail(c, E_INVALID, "the file of rates is empty");
        if (row.end)
            break;
        if (first) {
            bool same = !row.bad && row.field_count == COUNT_OF(header);
            for (size_t i = 0; same && i < COUNT_OF(header); i++)
                same = str_eq_c(str_trim(row.fields[i]), header[i]);
            if (!same)
                return fail(c, E_INVALID,
                            "the first line of the rates must be "
                            "from,to,numerator,denominator,source,date");
            continue;
        }
        if (found.n / sizeof rate == REFUND_RATES_MAX)
            return fail(c, E_LIMIT, "at most %d rates", REFUND_RATES_MAX);
        TRY(rate_row(c, n, &row, &rate));
        buf_append(&found, &rate, sizeof rate);
    }
    TRY(buf_check(c, &found));
    DeskRate *rates;
    TRY(ctx_alloc(c, found.n + sizeof *rates, &rates));
    if (found.n > 0)
        memcpy(rates, found.p, found.n);
    TRY(money_rates_check(c, rates, found.n / sizeof *rates));
    *ret_rates = rates;
    *ret_n = found.n / sizeof *rates;
    return OK;
}

// --- shares -------------------------------------------------------------------------------------

// What the victim of a claim gets by earlier currencies of the plan, in this one. Where no rate
// leads here, the victim takes no part a second time.
static int64_t given_before(const MoneyInputs *in, const MoneyShares *shares, size_t currency,
                            const MoneyClaim *claim) {
    int64_t sum = 0;
    for (size_t i = 0; i < currency; i++) {
        const MoneyCurrency *m = &in->currencies[i];
        for (size_t k = 0; k < m->claim_count; k++) {
            int64_t here;
            if (!record_id_eq(m->claims[k].record, claim->record) || shares[i].shares[k] == 0)
                continue;
            if (!money_convert_up(in->rates, in->rate_count, shares[i].shares[k], m->currency,
                                  in->currencies[currency].currency, &here) ||
                here > claim->amount - sum)
                return claim->amount;
            sum += here;
        }
    }
    return sum;
}

static Err share_currency(Ctx *c, const MoneyInputs *in, RefundRule rule, size_t at,
                          MoneyShares *shares) {
    const MoneyCurrency *m = &in->currencies[at];
    int64_t *counted;
    RefundPot *pots;
    TRY(ctx_alloc(c, (m->claim_count + 1) * sizeof *counted, &counted));
    TRY(ctx_alloc(c, (m->pot_count + 1) * sizeof *pots, &pots));
    for (size_t i = 0; i < m->claim_count; i++)
        counted[i] = m->claims[i].amount - given_before(in, shares, at, &m->claims[i]);
    for (size_t i = 0; i < m->pot_count; i++)
        pots[i] = (RefundPot){m->pots[i].amount, m->pots[i].tags, m->pots[i].tag_count};
    RefundAnswer answer;
    TRY(refund_share(c,
                     &(RefundQuery){.rule = rule,
                                    .pots = pots,
                                    .pot_count = m->pot_count,
                                    .claims = counted,
                                    .claimant_count = m->claim_count},
                     &answer));
    MoneyShares s = {.claims = counted,
                     .shares = answer.shares,
                     .pay_count = answer.pay_count,
                     .unassigned = answer.unassigned};
    TRY(ctx_alloc(c, (answer.pay_count + 1) * sizeof *s.pays, &s.pays));
    for (size_t i = 0; i < answer.pay_count; i++)
        s.pays[i] = (MoneyPay){.pot = answer.pays[i].pot,
                               .claim = answer.pays[i].claimant,
                               .amount = answer.pays[i].amount};
    shares[at] = s;
    return OK;
}

Err money_share(Ctx *c, const MoneyInputs *in, RefundRule rule, MoneyShares **ret_shares) {
    MoneyShares *shares;
    TRY(ctx_alloc(c, (in->currency_count + 1) * sizeof *shares, &shares));
    for (size_t i = 0; i < in->currency_count; i++)
        TRY(share_currency(c, in, rule, i, shares));
    *ret_shares = shares;
    return OK;
}
