// Rings of mules, victims, and what happens to each payment: planned before, written in time order.
#include "drill/drill_priv.h"

#include <stdlib.h>

void DrillScams_cleanup(DrillScams *s) {
    mem_free(s->events);
    mem_free(s->by_order);
    mem_free(s->rings);
    mem_free(s->reports);
    *s = (DrillScams){0};
}

static uint32_t below(DrillWorld *w, uint32_t n) {
    return (uint32_t)rng_below(&w->rng, n);
}

static uint32_t bank_thai(DrillWorld *w) {
    for (;;) {
        uint32_t b = below(w, w->bank_count);
        if (w->banks[b].country_rank == 0 && !w->banks[b].exchange)
            return b;
    }
}

static uint32_t bank_abroad(DrillWorld *w) {
    for (uint32_t tries = 0; tries < DRILL_FREE_TRIES; tries++) {
        uint32_t b = below(w, w->bank_count);
        if (w->banks[b].country_rank != 0)
            return b;
    }
    return bank_thai(w);
}

static void ring_make(DrillWorld *w, DrillRing *ring, const DrillRing *before) {
    static const uint32_t least[3] = {4, 8, 7}, more[3] = {3, 8, 8};
    for (uint32_t level = 0; level < 3; level++) {
        ring->mule_count[level] = least[level] + below(w, more[level]);
        for (uint32_t i = 0; i < ring->mule_count[level]; i++) {
            bool shared = before && below(w, 100) < 12;
            ring->mules[level][i] = shared
                                        ? before->mules[level][below(w, before->mule_count[level])]
                                        : drill_account_free(w, bank_thai(w));
        }
    }
    ring->wallet = DRILL_OUTSIDE;
    if (w->exchange_thb != UINT32_MAX && w->exchange_usdt != UINT32_MAX) {
        ring->exchange_count = 1 + below(w, 2);
        for (uint32_t i = 0; i < ring->exchange_count; i++)
            ring->exchange[i] = drill_account_free(w, w->exchange_thb);
        ring->wallet = drill_account_free(w, w->exchange_usdt);
    }
    if (w->plan.countries > 1) {
        ring->abroad_count = 1 + below(w, DRILL_RING_ABROAD_MAX - 1);
        for (uint32_t i = 0; i < ring->abroad_count; i++)
            ring->abroad[i] = drill_account_free(w, bank_abroad(w));
    }
}

static DrillCurrency currency_of(const DrillWorld *w, uint32_t account) {
    return w->banks[w->accounts[account].bank].currency;
}

static Err event_add(Ctx *c, const DrillWorld *w, DrillScams *s, DrillEvent event) {
    if (event.amount <= 0)
        return OK;
    TRY(mem_grow(c, &s->events, &s->event_cap, s->event_count + 1, sizeof *s->events));
    event.credited =
        event.to == DRILL_OUTSIDE
            ? event.amount
            : drill_exchange(event.amount, currency_of(w, event.from), currency_of(w, event.to));
    event.order = (uint32_t)s->event_count;
    if (event.credited > 0)
        s->events[s->event_count++] = event;
    return OK;
}

// Takes the money that `from` got apart: cash, the exchange, abroad, or mules of the next level.
static DrillEvent next_leg(DrillWorld *w, const DrillRing *ring, const DrillEvent *in,
                           int64_t amount) {
    uint32_t level = in->level, dice = below(w, 100);
    DrillEvent out = {.from = in->to,
                      .to = DRILL_OUTSIDE,
                      .amount = amount,
                      .report = in->report,
                      .level = (uint8_t)(level + 1),
                      .channel = DRILL_PROMPT};
    if (level >= 2 && dice < 30) { // a cash machine gives hundreds
        out.amount = amount - amount % 10000;
        out.channel = DRILL_ATM;
    } else if (level >= 2 && dice < 50 && ring->exchange_count) {
        out.to = ring->exchange[below(w, ring->exchange_count)];
        out.channel = DRILL_CRYPTO;
    } else if (level >= 2 && dice < 62 && ring->abroad_count) {
        out.to = ring->abroad[below(w, ring->abroad_count)];
        out.channel = DRILL_REMIT;
    } else if (level < 3) {
        out.to = ring->mules[level][below(w, ring->mule_count[level])];
    } else {
        out.to = ring->mules[2][below(w, ring->mule_count[2])];
    }
    if (out.to == out.from)
        out.to = DRILL_OUTSIDE;
    return out;
}

// What follows one transfer to a mule, an exchange account, a wallet or an account abroad.
static Err follow(Ctx *c, DrillWorld *w, DrillScams *s, size_t index) {
    DrillEvent in = s->events[index];
    if (in.to == DRILL_OUTSIDE || in.level >= DRILL_LEVELS_MAX)
        return OK;
    const DrillRing *ring = &s->rings[s->reports[in.report].ring];
    const DrillBank *bank = &w->banks[w->accounts[in.to].bank];
    DrillEvent out = {
        .from = in.to, .to = DRILL_OUTSIDE, .report = in.report, .level = (uint8_t)(in.level + 1)};
    out.at_us = in.at_us + (2 + (int64_t)below(w, 15)) * TIME_MINUTE_US + below(w, 60000) * 1000LL;
    if (bank->exchange && bank->currency == DRILL_THB) { // bought coins at once
        out.to = ring->wallet;
        out.amount = in.credited;
        out.channel = DRILL_CRYPTO;
        return event_add(c, w, s, out);
    }
    if (bank->exchange || bank->country_rank != 0) { // leaves the wallet, or cash abroad: or stays
        if (below(w, 100) < 25)
            return OK;
        out.amount = in.credited * (int64_t)(60 + below(w, 41)) / 100;
        out.channel = bank->exchange ? DRILL_CRYPTO : DRILL_ATM;
        out.at_us += TIME_HOUR_US * below(w, 30);
        return event_add(c, w, s, out);
    }
    if (in.level >= 3 && below(w, 100) < 20) // lies where it is: this is what can be held
        return OK;
    int64_t rest = in.credited - in.credited * (int64_t)below(w, 6) / 100;
    uint32_t parts = in.level == 1 ? 2 + below(w, 3) : 1 + below(w, 2);
    int64_t at = out.at_us;
    for (uint32_t i = 0; i < parts && rest > 0; i++) {
        int64_t amount =
            i + 1 == parts ? rest : rest * (int64_t)(30 + below(w, 40)) / 100 / 100 * 100;
        DrillEvent leg = next_leg(w, ring, &in, amount);
        leg.at_us = at;
        TRY(event_add(c, w, s, leg));
        rest -= leg.amount;
        at += (1 + (int64_t)below(w, 4)) * TIME_MINUTE_US;
    }
    return OK;
}

static uint32_t victim_bank(DrillWorld *w) {
    if (w->plan.countries > 3 && below(w, 100) < 12)
        for (uint32_t b = 0; b < w->bank_count; b++)
            if (w->banks[b].currency == DRILL_CNY)
                return b;
    return bank_thai(w);
}

static Err report_make(Ctx *c, DrillWorld *w, DrillScams *s, uint32_t index) {
    DrillReport *r = &s->reports[index];
    *r = (DrillReport){.same_as = UINT32_MAX};
    // The first ring takes the first 24 or so; the others share what is left.
    r->ring = index < 24 || s->ring_count == 1 ? 0 : 1 + below(w, s->ring_count - 1);
    if (index >= 20 && index % 40 == 20) { // told twice: to the bank and to the hotline
        uint32_t first = index - 1 - below(w, 5);
        if (s->reports[first].same_as == UINT32_MAX) {
            *r = s->reports[first];
            r->same_as = first;
            r->named = true;
            r->reported_us += (1 + (int64_t)below(w, 20)) * TIME_HOUR_US;
            return OK;
        }
    }
    const DrillRing *ring = &s->rings[r->ring];
    r->victim = drill_account_free(w, victim_bank(w));
    r->named = below(w, 100) < 80;
    r->pay_count = r->named ? 1 + below(w, DRILL_PAYS_MAX) : 1;
    int64_t at = DRILL_START_US + (int64_t)(5 + below(w, DRILL_DAYS - 9)) * 24 * TIME_HOUR_US +
                 (8 + (int64_t)below(w, 14)) * TIME_HOUR_US + below(w, 3600000) * 1000LL;
    r->happened_us = at;
    uint32_t mule = ring->mules[0][below(w, ring->mule_count[0])];
    for (uint32_t i = 0; i < r->pay_count; i++) {
        int64_t baht = (3000 + (int64_t)below(w, 60000) * (1 + (int64_t)below(w, 6))) * 100;
        int64_t amount = drill_exchange(baht - baht % 10000, DRILL_THB, currency_of(w, r->victim));
        r->pays[i] = (uint32_t)s->event_count;
        r->loss += amount;
        w->accounts[r->victim].balance += amount + amount / 5;
        TRY(event_add(c, w, s,
                      (DrillEvent){.at_us = at,
                                   .from = r->victim,
                                   .to = mule,
                                   .amount = amount,
                                   .report = index,
                                   .level = 1,
                                   .channel = DRILL_PROMPT}));
        at += (10 + (int64_t)below(w, 300)) * TIME_MINUTE_US;
    }
    r->reported_us = at + (20 + (int64_t)below(w, 2000)) * TIME_MINUTE_US;
    return OK;
}

static int event_cmp(const void *pa, const void *pb) {
    const DrillEvent *a = pa, *b = pb;
    if (a->at_us != b->at_us)
        return a->at_us < b->at_us ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

Err drill_scams_plan(Ctx *c, DrillWorld *w, DrillScams *ret_scams) {
    AUTO(DrillScams) s = {.report_count = w->plan.reports};
    s.ring_count = 1 + w->plan.reports / 9;
    s.rings = mem_alloc_zero(s.ring_count, sizeof *s.rings);
    s.reports = mem_alloc_zero(s.report_count, sizeof *s.reports);
    if (!s.rings || !s.reports)
        return fail(c, E_MEMORY, "no memory for the reports");
    for (uint32_t i = 0; i < s.ring_count; i++)
        ring_make(w, &s.rings[i], i ? &s.rings[i - 1] : NULL);
    for (uint32_t i = 0; i < s.report_count; i++)
        TRY(report_make(c, w, &s, i));
    // The list grows behind while it is gone through; levels bound it.
    for (size_t i = 0; i < s.event_count; i++)
        TRY(follow(c, w, &s, i));
    if (s.event_count * 2 > w->plan.transfers)
        return fail(c, E_INVALID, "%u reports make %zu transfers; ask for at least %zu",
                    s.report_count, s.event_count, s.event_count * 2);
    ASSERT(s.events && s.event_count > 0); // a report pays at least once
    qsort(s.events, s.event_count, sizeof *s.events, event_cmp);
    s.by_order = mem_alloc_zero(s.event_count, sizeof *s.by_order);
    if (!s.by_order)
        return fail(c, E_MEMORY, "no memory for %zu transfers", s.event_count);
    for (size_t i = 0; i < s.event_count; i++)
        s.by_order[s.events[i].order] = (uint32_t)i;
    *ret_scams = s;
    s = (DrillScams){0};
    return OK;
}
