// What a refund rests on: the reports of a case as claimants, what each lost and already got back.
#include "desk/money_gather_priv.h"

#include <stdlib.h>

// --- aside, marks -------------------------------------------------------------------------------

static Err aside_add(Ctx *c, Buf *list, const MoneyAside *a) {
    const MoneyAside *items = (const MoneyAside *)(const void *)list->p;
    for (size_t i = 0; i < list->n / sizeof *items; i++) {
        if (str_eq(items[i].order, a->order) && str_eq(items[i].report, a->report) &&
            str_eq(items[i].words, a->words))
            return OK;
    }
    buf_append(list, a, sizeof *a);
    return buf_check(c, list);
}

Err money_left_out(Ctx *c, MoneyGather *g, Str report, const char *why, Str words) {
    return aside_add(c, &g->left_out, &(MoneyAside){{0}, report, str_of(why), words});
}

Err money_waits(Ctx *c, MoneyGather *g, Str order, Str report, const char *why, Str words) {
    return aside_add(c, &g->waiting, &(MoneyAside){order, report, str_of(why), words});
}

Err money_mark_add(Ctx *c, MoneyGather *g, Str mark_json) {
    const JsonValue *v;
    RecordMark mark;
    TRY(json_read(c, &g->slot->json, mark_json, &v));
    TRY(record_mark_parse(c, v, &mark));
    if (g->has_mark)
        TRY(record_mark_meet(c, &g->mark, &mark, &mark));
    g->mark = mark;
    g->has_mark = true;
    return OK;
}

// --- the reports of the case --------------------------------------------------------------------

static int by_record(const void *a, const void *b) {
    const MoneyMember *x = a, *y = b;
    return record_id_cmp(x->record, y->record);
}

const MoneyMember *money_member_find(const MoneyGather *g, RecordId record) {
    size_t low = 0, high = g->member_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = record_id_cmp(g->members[middle].record, record);
        if (order == 0)
            return &g->members[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static Err member_of(Ctx *c, MoneyGather *g, RecordId record, MoneyMember *ret_member) {
    PictureReport r;
    TRY(picture_report_get(c, g->slot->picture, record, &r));
    TRY(money_mark_add(c, g, r.mark));
    *ret_member = (MoneyMember){.record = record,
                                .id = r.report,
                                .currency = r.currency,
                                .has_loss = r.has_loss,
                                .loss = r.loss};
    return OK;
}

static Err members(Ctx *c, MoneyGather *g) {
    AUTO(Buf) found = {0};
    PicturePage page = {.limit = LIST_PAGE_ITEMS_MAX};
    for (bool more = true; more;) {
        const PictureCaseReport *items;
        size_t n;
        TRY(picture_case_reports(c, g->slot->picture, g->q->case_id, page, &items, &n, &more));
        for (size_t i = 0; i < n; i++) {
            if (!str_eq_c(items[i].state, "in"))
                continue;
            if (!items[i].has_report)
                return fail(c, E_DENIED,
                            "this case holds reports that you may not see: a refund is planned by "
                            "an officer who sees all of it");
            MoneyMember m;
            TRY(member_of(c, g, items[i].report, &m));
            buf_append(&found, &m, sizeof m);
        }
        if (n == 0)
            break;
        page.after = items[n - 1].key;
    }
    TRY(buf_check(c, &found));
    g->member_count = found.n / sizeof *g->members;
    TRY(ctx_alloc(c, found.n + sizeof *g->members, &g->members));
    if (found.n > 0)
        memcpy(g->members, found.p, found.n);
    if (g->member_count > 1)
        qsort(g->members, g->member_count, sizeof *g->members, by_record);
    return OK;
}

// --- who is one victim --------------------------------------------------------------------------

static Err groups(Ctx *c, MoneyGather *g) {
    size_t *set; // number of the claimant record + 1, 0: none
    TRY(ctx_alloc(c, (g->member_count + 1) * sizeof *set, &set));
    const PictureClaimant *items;
    size_t n;
    TRY(picture_case_claimants(c, g->slot->picture, g->q->case_id, &items, &n));
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < items[i].report_count; k++) {
            const MoneyMember *m = money_member_find(g, items[i].reports[k]);
            if (m)
                set[m - g->members] = i + 1; // a report in several stands in the last
        }
    }
    size_t *first;
    TRY(ctx_alloc(c, (n + 2) * sizeof *first, &first));
    for (size_t i = 0; i < g->member_count; i++) {
        g->members[i].group = i;
        if (set[i] == 0)
            continue;
        if (first[set[i]] == 0)
            first[set[i]] = i + 1;
        g->members[i].group = first[set[i]] - 1;
    }
    return OK;
}

typedef struct Seeded {
    Str transfer;
    size_t member;
} Seeded;

static int by_transfer(const void *a, const void *b) {
    const Seeded *x = a, *y = b;
    return str_cmp(x->transfer, y->transfer);
}

static Err contest_words(Ctx *c, MoneyGather *g, const MoneyMember *m, Str transfer) {
    Str words;
    TRY(str_format(c, &words,
                   "report " STR_FMT " waits: transfer " STR_FMT
                   " is claimed by another victim too; pick whose it is",
                   STR_ARG(m->id), STR_ARG(transfer)));
    return money_waits(c, g, (Str){0}, m->id, "contested", words);
}

// A transfer that two victims claim as theirs makes both contested.
static Err contests(Ctx *c, MoneyGather *g) {
    AUTO(Buf) found = {0};
    for (size_t i = 0; i < g->member_count; i++) {
        PictureNamed named;
        TRY(picture_report_named(c, g->slot->picture, g->members[i].record, &named));
        for (size_t k = 0; k < named.transfer_count; k++)
            buf_append(&found, &(Seeded){named.transfers[k], i}, sizeof(Seeded));
        for (size_t k = 0; k < named.seed_count; k++)
            buf_append(&found, &(Seeded){named.seeds[k], i}, sizeof(Seeded));
    }
    TRY(buf_check(c, &found));
    Seeded *items = (Seeded *)(void *)found.p;
    size_t n = found.n / sizeof *items;
    if (n > 1)
        qsort(items, n, sizeof *items, by_transfer);
    for (size_t from = 0, to; from < n; from = to) {
        bool shared = false;
        for (to = from + 1; to < n && str_eq(items[to].transfer, items[from].transfer); to++)
            shared |= g->members[items[to].member].group != g->members[items[from].member].group;
        for (size_t i = from; shared && i < to; i++) {
            size_t group = g->members[items[i].member].group;
            for (size_t k = 0; k < g->member_count; k++)
                g->members[k].contested |= g->members[k].group == group;
            TRY(contest_words(c, g, &g->members[items[i].member], items[i].transfer));
        }
    }
    return OK;
}

// --- what came back already ---------------------------------------------------------------------

static Err plans_of_case(Ctx *c, MoneyGather *g) {
    AUTO(Buf) found = {0};
    PicturePage page = {.limit = LIST_PAGE_ITEMS_MAX};
    for (bool more = true; more;) {
        const PicturePlan *items;
        size_t n;
        TRY(picture_plan_list(c, g->slot->picture, &g->q->case_id, page, &items, &n, &more));
        for (size_t i = 0; i < n; i++) {
            if (g->q->plan && record_id_eq(items[i].id, g->q->plan->id))
                continue;
            MoneyPlan plan;
            TRY(money_plan_load(c, g->slot, &items[i], &plan));
            buf_append(&found, &plan, sizeof plan);
        }
        if (n == 0)
            break;
        page.after = items[n - 1].key;
    }
    TRY(buf_check(c, &found));
    MoneyPlan *plans;
    TRY(ctx_alloc(c, found.n + sizeof *plans, &plans));
    if (found.n > 0)
        memcpy(plans, found.p, found.n);
    g->plans = plans;
    g->plan_count = found.n / sizeof *plans;
    return OK;
}

static Err payments(Ctx *c, MoneyGather *g) {
    const PicturePaid **items;
    size_t *counts;
    TRY(ctx_alloc(c, (g->member_count + 1) * sizeof *items, &items));
    TRY(ctx_alloc(c, (g->member_count + 1) * sizeof *counts, &counts));
    for (size_t i = 0; i < g->member_count; i++)
        TRY(picture_paid_to_report(c, g->slot->picture, g->members[i].record, &items[i],
                                   &counts[i]));
    g->paid = items;
    g->paid_count = counts;
    return OK;
}

// What the victim got back, in this currency; false (and why) where a payment cannot be converted.
static Err refunded(Ctx *c, MoneyGather *g, size_t group, Str currency, int64_t *ret_sum,
                    bool *ret_known) {
    int64_t sum = 0;
    bool known = true;
    for (size_t i = 0; i < g->member_count; i++) {
        if (g->members[i].group != group)
            continue;
        for (size_t k = 0; k < g->paid_count[i]; k++) {
            const PicturePaid *p = &g->paid[i][k];
            int64_t amount = p->amount;
            if (g->q->plan && record_id_eq(p->plan, g->q->plan->id))
                continue;
            if (!str_eq(p->currency, currency) &&
                !money_convert_up(g->q->rates, g->q->rate_count, amount, p->currency, currency,
                                  &amount)) {
                known = false;
                continue;
            }
            if (amount > BASE_INT_SAFE_MAX - sum)
                return fail(c, E_LIMIT, "what was paid to one victim is out of range");
            sum += amount;
        }
    }
    *ret_sum = sum;
    *ret_known = known;
    return OK;
}

// --- claims of a currency -----------------------------------------------------------------------

static const DeskRate *rate_find(const DeskRate *rates, size_t n, Str from, Str to) {
    for (size_t i = 0; i < n; i++) {
        if (str_eq(rates[i].from, from) && str_eq(rates[i].to, to))
            return &rates[i];
    }
    return NULL;
}

static bool up(int64_t amount, int64_t multiply, int64_t divide, int64_t *ret_amount) {
    I128 v = ((I128)amount * multiply + divide - 1) / divide;
    if (v > BASE_INT_SAFE_MAX)
        v = BASE_INT_SAFE_MAX; // more than any claim
    *ret_amount = (int64_t)v;
    return true;
}

bool money_convert_up(const DeskRate *rates, size_t n, int64_t amount, Str from, Str to,
                      int64_t *ret_amount) {
    const DeskRate *r = rate_find(rates, n, from, to);
    if (r)
        return up(amount, r->numerator, r->denominator, ret_amount);
    r = rate_find(rates, n, to, from);
    if (r)
        return up(amount, r->denominator, r->numerator, ret_amount);
    // Both were made of a loss in a third currency.
    for (size_t i = 0; i < n; i++) {
        const DeskRate *there = rate_find(rates, n, rates[i].from, to);
        if (!str_eq(rates[i].to, from) || !there)
            continue;
        int64_t middle;
        return up(amount, rates[i].denominator, rates[i].numerator, &middle) &&
               up(middle, there->numerator, there->denominator, ret_amount);
    }
    return false;
}

// The loss of one report in the currency; false where it is left out, which is then said.
static Err loss_of(Ctx *c, MoneyGather *g, const MoneyMember *m, Str currency, int64_t *ret_loss,
                   bool *ret_known) {
    Str words;
    *ret_known = false;
    if (!m->has_loss || m->currency.n == 0) {
        TRY(str_format(c, &words, "report " STR_FMT " says no loss", STR_ARG(m->id)));
        return money_left_out(c, g, m->id, "no_loss", words);
    }
    if (str_eq(m->currency, currency)) {
        *ret_loss = m->loss;
        *ret_known = true;
        return OK;
    }
    const DeskRate *r = rate_find(g->q->rates, g->q->rate_count, m->currency, currency);
    if (r) {
        *ret_known = true;
        return refund_convert(c, m->loss, r->numerator, r->denominator, ret_loss);
    }
    TRY(str_format(c, &words,
                   "report " STR_FMT " lost " STR_FMT " and no rate to " STR_FMT " is given",
                   STR_ARG(m->id), STR_ARG(m->currency), STR_ARG(currency)));
    return money_left_out(c, g, m->id, "no_rate", words);
}

static Err claim_reports(Ctx *c, const MoneyGather *g, size_t group, MoneyClaim *claim) {
    Str *ids;
    size_t n = 0;
    TRY(ctx_alloc(c, (g->member_count + 1) * sizeof *ids, &ids));
    for (size_t i = 0; i < g->member_count; i++) {
        if (g->members[i].group != group)
            continue;
        if (n == 0 || str_cmp(g->members[i].id, claim->report) < 0) {
            claim->report = g->members[i].id;
            claim->record = g->members[i].record;
        }
        ids[n++] = g->members[i].id;
    }
    desk_sort_strs(ids, n);
    claim->reports = ids;
    claim->report_count = n;
    return OK;
}

// The claim of a victim. *ret_in is false where it takes no part.
static Err claim_of(Ctx *c, MoneyGather *g, size_t group, Str currency, MoneyClaim *ret_claim,
                    bool *ret_in) {
    MoneyClaim claim = {0};
    bool in = false;
    TRY(claim_reports(c, g, group, &claim));
    for (size_t i = 0; i < g->member_count; i++) {
        int64_t loss = 0;
        bool known;
        if (g->members[i].group != group || g->members[i].contested)
            continue;
        TRY(loss_of(c, g, &g->members[i], currency, &loss, &known));
        in |= known;
        if (known && loss > claim.loss)
            claim.loss = loss;
    }
    bool known;
    TRY(refunded(c, g, group, currency, &claim.refunded, &known));
    if (in && !known) {
        Str words;
        TRY(str_format(c, &words,
                       "report " STR_FMT
                       " was paid in another currency before and no rate to " STR_FMT " is given",
                       STR_ARG(claim.report), STR_ARG(currency)));
        TRY(money_left_out(c, g, claim.report, "no_rate", words));
        in = false;
    }
    if (!in)
        claim.loss = 0;
    claim.amount = claim.loss > claim.refunded ? claim.loss - claim.refunded : 0;
    *ret_claim = claim;
    *ret_in = in;
    return OK;
}

typedef struct Placed {
    MoneyClaim claim;
    size_t group; // SIZE_MAX: a report that does not stand in the case (any more)
} Placed;

static int by_report(const void *a, const void *b) {
    const Placed *x = a, *y = b;
    return str_cmp(x->claim.report, y->claim.report);
}

static size_t place_of(const MoneyGather *g, const Placed *placed, size_t n, RecordId report) {
    const MoneyMember *m = money_member_find(g, report);
    for (size_t i = 0; i < n; i++) {
        if (m ? placed[i].group == m->group : record_id_eq(placed[i].claim.record, report))
            return i;
    }
    return SIZE_MAX;
}

// A tag whose report takes no part keeps its place with a claim of 0: the part of the money that
// came from there goes to nobody else by trace.
static Err stranger(Ctx *c, MoneyGather *g, RecordId report, Placed *ret_placed) {
    const MoneyMember *m = money_member_find(g, report);
    Placed p = {.group = SIZE_MAX, .claim.record = report};
    if (m) {
        p.group = m->group;
        TRY(claim_reports(c, g, m->group, &p.claim));
        *ret_placed = p;
        return OK;
    }
    PictureReport r;
    Err e = picture_report_get(c, g->slot->picture, report, &r);
    if (e != OK && e != E_NOT_FOUND)
        return e;
    if (e == OK)
        p.claim.report = r.report;
    else
        TRY(desk_id_text(c, report, &p.claim.report));
    Str *ids, words;
    TRY(ctx_alloc(c, sizeof *ids, &ids));
    ids[0] = p.claim.report;
    p.claim.reports = ids;
    p.claim.report_count = 1;
    TRY(str_format(c, &words, "report " STR_FMT " does not stand in this case any more",
                   STR_ARG(p.claim.report)));
    TRY(money_left_out(c, g, p.claim.report, "not_in_case", words));
    *ret_placed = p;
    return OK;
}

static Err claims(Ctx *c, MoneyGather *g, Str currency, const MoneyHeld *held, size_t held_count,
                  Placed **ret_placed, size_t *ret_n) {
    AUTO(Buf) found = {0};
    for (size_t i = 0; i < g->member_count; i++) {
        Placed p = {.group = i};
        bool in;
        if (g->members[i].group != i || g->members[i].contested)
            continue;
        TRY(claim_of(c, g, i, currency, &p.claim, &in));
        if (in)
            buf_append(&found, &p, sizeof p);
    }
    for (size_t i = 0; i < held_count; i++) {
        for (size_t k = 0; k < held[i].tag_count; k++) {
            TRY(buf_check(c, &found));
            const Placed *items = (const Placed *)(const void *)found.p;
            if (place_of(g, items, found.n / sizeof *items, held[i].tags[k].report) != SIZE_MAX)
                continue;
            Placed p;
            TRY(stranger(c, g, held[i].tags[k].report, &p));
            buf_append(&found, &p, sizeof p);
        }
    }
    TRY(buf_check(c, &found));
    Placed *placed;
    size_t n = found.n / sizeof *placed;
    TRY(ctx_alloc(c, found.n + sizeof *placed, &placed));
    if (n > 0)
        memcpy(placed, found.p, found.n);
    if (n > 1)
        qsort(placed, n, sizeof *placed, by_report);
    *ret_placed = placed;
    *ret_n = n;
    return OK;
}

// --- a currency ---------------------------------------------------------------------------------

static int by_claimant(const void *a, const void *b) {
    const RefundTag *x = a, *y = b;
    return (x->claimant > y->claimant) - (x->claimant < y->claimant);
}

static Err pot_of(Ctx *c, const MoneyGather *g, const MoneyHeld *held, const Placed *placed,
                  size_t n, MoneyPot *ret_pot) {
    RefundTag *tags;
    TRY(ctx_alloc(c, (held->tag_count + 1) * sizeof *tags, &tags));
    for (size_t i = 0; i < held->tag_count; i++)
        tags[i] = (RefundTag){(uint32_t)place_of(g, placed, n, held->tags[i].report),
                              held->tags[i].amount};
    if (held->tag_count > 1)
        qsort(tags, held->tag_count, sizeof *tags, by_claimant);
    size_t kept = 0;
    for (size_t i = 0; i < held->tag_count; i++) {
        if (kept > 0 && tags[kept - 1].claimant == tags[i].claimant)
            tags[kept - 1].amount += tags[i].amount; // reports of one victim
        else
            tags[kept++] = tags[i];
    }
    *ret_pot = held->pot;
    ret_pot->tags = tags;
    ret_pot->tag_count = kept;
    return OK;
}

static Err currency_of(Ctx *c, MoneyGather *g, const MoneyHeld *held, size_t held_count,
                       MoneyCurrency *ret_currency) {
    MoneyCurrency m = {.currency = held[0].currency, .pot_count = held_count};
    Placed *placed;
    TRY(claims(c, g, m.currency, held, held_count, &placed, &m.claim_count));
    MoneyClaim *list;
    TRY(ctx_alloc(c, (m.claim_count + 1) * sizeof *list, &list));
    for (size_t i = 0; i < m.claim_count; i++)
        list[i] = placed[i].claim;
    MoneyPot *pots;
    TRY(ctx_alloc(c, (held_count + 1) * sizeof *pots, &pots));
    for (size_t i = 0; i < held_count; i++) {
        TRY(pot_of(c, g, &held[i], placed, m.claim_count, &pots[i]));
        if (pots[i].amount > BASE_INT_SAFE_MAX - m.total)
            return fail(c, E_LIMIT, "the sum of the holds is out of range");
        m.total += pots[i].amount;
    }
    m.claims = list;
    m.pots = pots;
    *ret_currency = m;
    return OK;
}

static Err currencies(Ctx *c, MoneyGather *g, MoneyInputs *in) {
    MoneyHeld *held;
    size_t n;
    TRY(money_pots(c, g, &held, &n));
    MoneyCurrency *list;
    TRY(ctx_alloc(c, (n + 1) * sizeof *list, &list));
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && str_eq(held[to].currency, held[from].currency);)
            to++;
        TRY(currency_of(c, g, held + from, to - from, &list[in->currency_count]));
        in->currency_count++;
    }
    in->currencies = list;
    return OK;
}

static int by_aside(const void *a, const void *b) {
    const MoneyAside *x = a, *y = b;
    int order = str_cmp(x->order, y->order);
    if (order == 0)
        order = str_cmp(x->report, y->report);
    return order ? order : str_cmp(x->words, y->words);
}

static Err asides(Ctx *c, const Buf *from, const MoneyAside **ret_items, size_t *ret_n) {
    MoneyAside *items;
    size_t n = from->n / sizeof *items;
    TRY(ctx_alloc(c, from->n + sizeof *items, &items));
    if (n > 0)
        memcpy(items, from->p, from->n);
    if (n > 1)
        qsort(items, n, sizeof *items, by_aside);
    *ret_items = items;
    *ret_n = n;
    return OK;
}

static Err gather(Ctx *c, MoneyGather *g, MoneyInputs *ret_inputs) {
    MoneyInputs in = {
        .case_id = g->q->case_id, .rates = g->q->rates, .rate_count = g->q->rate_count};
    PictureCase k;
    TRY(picture_case_get(c, g->slot->picture, g->q->case_id, &k));
    TRY(money_mark_add(c, g, k.mark));
    TRY(members(c, g));
    TRY(groups(c, g));
    TRY(contests(c, g));
    TRY(payments(c, g));
    TRY(plans_of_case(c, g));
    TRY(currencies(c, g, &in));
    in.law = money_law(g->desk->node);
    TRY(asides(c, &g->left_out, &in.left_out, &in.left_out_count));
    TRY(asides(c, &g->waiting, &in.waiting, &in.waiting_count));
    in.mark = g->mark;
    *ret_inputs = in;
    return OK;
}

Err money_gather(Ctx *c, const Desk *d, DeskSlot *s, const MoneyQuestion *q,
                 MoneyInputs *ret_inputs) {
    MoneyGather g = {.desk = d, .slot = s, .q = q};
    Err e = gather(c, &g, ret_inputs);
    buf_done(&g.left_out);
    buf_done(&g.waiting);
    return e;
}
