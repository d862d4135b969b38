// Whether a refund plan still rests on what is true today, and if not, what has changed.
#include "desk/money_priv.h"

typedef struct Compare {
    const DeskNode *node;
    const MoneyInputs *was, *is;
} Compare;

static const MoneyCurrency *currency_find(const MoneyInputs *in, Str currency) {
    for (size_t i = 0; i < in->currency_count; i++) {
        if (str_eq(in->currencies[i].currency, currency))
            return &in->currencies[i];
    }
    return NULL;
}

static const MoneyPot *pot_find(const MoneyCurrency *m, RecordId order) {
    for (size_t i = 0; m && i < m->pot_count; i++) {
        if (record_id_eq(m->pots[i].order, order))
            return &m->pots[i];
    }
    return NULL;
}

static const MoneyClaim *claim_find(const MoneyCurrency *m, Str report) {
    for (size_t i = 0; m && i < m->claim_count; i++) {
        if (str_eq(m->claims[i].report, report))
            return &m->claims[i];
    }
    return NULL;
}

static const MoneyAside *aside_find(const MoneyAside *items, size_t n, Str order, Str report) {
    for (size_t i = 0; i < n; i++) {
        if (str_eq(items[i].order, order) && str_eq(items[i].report, report))
            return &items[i];
    }
    return NULL;
}

// "… is A now, it was B".
static Err say_amounts(Ctx *c, const Compare *k, Str currency, Str what, int64_t is, int64_t was,
                       Str *ret_words) {
    Str now, then;
    TRY(desk_amount_text(c, k->node, is, currency, &now));
    TRY(desk_amount_text(c, k->node, was, currency, &then));
    return str_format(c, ret_words, STR_FMT " " STR_FMT " " STR_FMT " now, and not " STR_FMT,
                      STR_ARG(what), STR_ARG(now), STR_ARG(currency), STR_ARG(then));
}

static bool tags_same(const MoneyCurrency *a, const MoneyPot *p, const MoneyCurrency *b,
                      const MoneyPot *q) {
    if (p->tag_count != q->tag_count)
        return false;
    for (size_t i = 0; i < p->tag_count; i++) {
        if (p->tags[i].amount != q->tags[i].amount ||
            !str_eq(a->claims[p->tags[i].claimant].report, b->claims[q->tags[i].claimant].report))
            return false;
    }
    return true;
}

static Err pots_changed(Ctx *c, const Compare *k, const MoneyCurrency *was, Str *ret_words) {
    const MoneyCurrency *is = currency_find(k->is, was->currency);
    for (size_t i = 0; i < was->pot_count; i++) {
        const MoneyPot *p = &was->pots[i], *q = pot_find(is, p->order);
        if (!q) {
            const MoneyAside *a =
                aside_find(k->is->waiting, k->is->waiting_count, p->number, (Str){0});
            if (a)
                return str_copy(c, a->words, ret_words);
            return str_format(c, ret_words,
                              "order " STR_FMT " holds no money any more that can be shared",
                              STR_ARG(p->number));
        }
        Str what;
        TRY(str_format(c, &what, "order " STR_FMT " holds", STR_ARG(p->number)));
        if (q->amount != p->amount)
            return say_amounts(c, k, was->currency, what, q->amount, p->amount, ret_words);
        if (!tags_same(was, p, is, q))
            return str_format(c, ret_words,
                              "the money of order " STR_FMT " is tagged with other reports now",
                              STR_ARG(p->number));
    }
    return OK;
}

static Err claims_changed(Ctx *c, const Compare *k, const MoneyCurrency *was, Str *ret_words) {
    const MoneyCurrency *is = currency_find(k->is, was->currency);
    for (size_t i = 0; i < was->claim_count; i++) {
        const MoneyClaim *p = &was->claims[i], *q = claim_find(is, p->report);
        Str what;
        if (!q)
            return str_format(c, ret_words, "report " STR_FMT " is no claimant of its own any more",
                              STR_ARG(p->report));
        TRY(str_format(c, &what, "report " STR_FMT " lost", STR_ARG(p->report)));
        if (q->loss != p->loss)
            return say_amounts(c, k, was->currency, what, q->loss, p->loss, ret_words);
        TRY(str_format(c, &what, "report " STR_FMT " was given back", STR_ARG(p->report)));
        if (q->refunded != p->refunded)
            return say_amounts(c, k, was->currency, what, q->refunded, p->refunded, ret_words);
        bool same = q->report_count == p->report_count;
        for (size_t j = 0; same && j < p->report_count; j++)
            same = str_eq(p->reports[j], q->reports[j]);
        if (!same)
            return str_format(c, ret_words,
                              "report " STR_FMT " stands for other reports of one victim now",
                              STR_ARG(p->report));
    }
    return OK;
}

static Err news_of(Ctx *c, const Compare *k, const MoneyCurrency *is, Str *ret_words) {
    const MoneyCurrency *was = currency_find(k->was, is->currency);
    for (size_t i = 0; i < is->pot_count; i++) {
        if (!pot_find(was, is->pots[i].order))
            return str_format(c, ret_words, "order " STR_FMT " holds money too now",
                              STR_ARG(is->pots[i].number));
    }
    for (size_t i = 0; i < is->claim_count; i++) {
        if (!claim_find(was, is->claims[i].report))
            return str_format(c, ret_words, "report " STR_FMT " claims too now",
                              STR_ARG(is->claims[i].report));
    }
    return OK;
}

static Err what_changed(Ctx *c, const Compare *k, Str *ret_words) {
    Str words = {0};
    for (size_t i = 0; words.n == 0 && i < k->was->currency_count; i++)
        TRY(pots_changed(c, k, &k->was->currencies[i], &words));
    for (size_t i = 0; words.n == 0 && i < k->was->currency_count; i++)
        TRY(claims_changed(c, k, &k->was->currencies[i], &words));
    for (size_t i = 0; words.n == 0 && i < k->is->currency_count; i++)
        TRY(news_of(c, k, &k->is->currencies[i], &words));
    for (size_t i = 0; words.n == 0 && i < k->is->waiting_count; i++) {
        const MoneyAside *a = &k->is->waiting[i];
        if (!aside_find(k->was->waiting, k->was->waiting_count, a->order, a->report))
            words = a->words;
    }
    for (size_t i = 0; words.n == 0 && i < k->is->left_out_count; i++) {
        const MoneyAside *a = &k->is->left_out[i];
        if (!aside_find(k->was->left_out, k->was->left_out_count, a->order, a->report))
            words = a->words;
    }
    if (words.n == 0)
        words = str_eq(k->was->law.rule, k->is->law.rule) &&
                        str_eq(k->was->law.standing, k->is->law.standing)
                    ? STR("what waits, or is left out, has changed")
                    : STR("the law's row on refunds has changed");
    *ret_words = words;
    return OK;
}

// A rate is known anew where a later plan of the case has another one.
static Err rates_changed(Ctx *c, DeskSlot *s, const MoneyPlan *plan, Str *ret_words) {
    PicturePage page = {.limit = LIST_PAGE_ITEMS_MAX};
    if (plan->inputs.rate_count == 0)
        return OK;
    for (bool more = true; more;) {
        const PicturePlan *items;
        size_t n;
        TRY(picture_plan_list(c, s->picture, &plan->inputs.case_id, page, &items, &n, &more));
        for (size_t i = 0; i < n; i++) {
            MoneyPlan other;
            if (items[i].at <= plan->picture.at)
                return OK;
            TRY(money_plan_load(c, s, &items[i], &other));
            for (size_t a = 0; a < plan->inputs.rate_count; a++) {
                const DeskRate *p = &plan->inputs.rates[a];
                for (size_t b = 0; b < other.inputs.rate_count; b++) {
                    const DeskRate *q = &other.inputs.rates[b];
                    if (str_eq(p->from, q->from) && str_eq(p->to, q->to) &&
                        (p->numerator != q->numerator || p->denominator != q->denominator))
                        return str_format(c, ret_words,
                                          "a later plan has another rate from " STR_FMT
                                          " to " STR_FMT,
                                          STR_ARG(p->from), STR_ARG(p->to));
                }
            }
        }
        if (n == 0)
            break;
        page.after = items[n - 1].key;
    }
    return OK;
}

Err money_plan_check(Ctx *c, const Desk *d, DeskSlot *s, MoneyPlan *plan) {
    MoneyQuestion q = {.case_id = plan->inputs.case_id,
                       .rates = plan->inputs.rates,
                       .rate_count = plan->inputs.rate_count,
                       .plan = plan};
    if (plan->all_paid)
        return OK; // it is done; nothing can void it any more
    if (!str_eq_c(plan->agency, d->node->agency_id))
        return OK; // what it is made of need not be here; whether it still holds its agency says
    MoneyInputs now;
    CryptoHash hash;
    TRY(money_gather(c, d, s, &q, &now));
    TRY(money_inputs_hash(c, &now, &hash));
    if (memcmp(hash.b, plan->picture.inputs, sizeof hash.b) != 0)
        return what_changed(c, &(Compare){d->node, &plan->inputs, &now}, &plan->void_because);
    return rates_changed(c, s, plan, &plan->void_because);
}
