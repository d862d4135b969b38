// A drill from its plan: everyday payments in the rhythm of the day, the planned scams among them.
#include "drill/drill_priv.h"

// Share of a day's payments by local hour, and of a week's by day from Monday.
static const uint32_t hour_weight[24] = {4,  2,  1,  1,  1,  3,  10, 25, 45, 60, 66, 70,
                                         74, 62, 60, 62, 66, 70, 72, 66, 56, 42, 25, 11};
static const uint32_t day_weight[7] = {96, 94, 95, 98, 120, 108, 90};

static uint64_t hour_share(uint32_t hour) {
    uint32_t day = hour / 24;
    // Salaries come on the 25th and at the end of the month, and people spend them.
    uint32_t pay = day >= 24 ? 118 : 100;
    return (uint64_t)hour_weight[hour % 24] * day_weight[day % 7] * pay;
}

static uint32_t skewed(DrillWorld *w, uint32_t n) {
    uint64_t u = rng_next(&w->rng) >> 44; // 20 bits; the cube makes few accounts very busy
    return (uint32_t)(((U128)u * u * u * n) >> 60);
}

static uint32_t person_at(const DrillCountry *k, uint64_t i) {
    uint32_t account = k->first + (uint32_t)(i % k->count);
    // The neighbours of a business are people; at the end of the country, the one two before.
    for (uint32_t step = 0; step < 2 && drill_is_business(k, account); step++)
        account = account + 1 < k->first + k->count ? account + 1 : account - 2;
    return account;
}

static uint32_t person(DrillWorld *w, const DrillCountry *k) {
    return person_at(k, rng_below(&w->rng, k->count));
}

// One of a handful of people whom an account pays again and again.
static uint32_t friend_of(DrillWorld *w, const DrillCountry *k, uint32_t from) {
    uint64_t pick = rng_next(&w->rng) & 7;
    return person_at(k, hash_u64((uint64_t)from * 8 + pick + 1));
}

static void pick_everyday(DrillWorld *w, const DrillCountry *k, DrillEvent *e) {
    uint32_t dice = (uint32_t)rng_below(&w->rng, 1000);
    uint32_t hub = drill_wallet_hub(k);
    e->to = DRILL_OUTSIDE;
    if (dice < 420) {
        e->to = drill_merchant(k, skewed(w, k->merchants));
        e->channel = DRILL_CARD;
    } else if (dice < 750) {
        e->to = friend_of(w, k, e->from);
        e->channel = DRILL_PROMPT;
    } else if (dice < 840) {
        e->to = hub;
        e->channel = DRILL_WALLET;
    } else if (dice < 890) {
        e->to = e->from;
        e->from = hub;
        e->channel = DRILL_WALLET;
    } else if (dice < 930) {
        e->amount -= e->amount % 10000;
        e->channel = DRILL_ATM;
    } else if (dice < 960) {
        e->to = e->from;
        e->from = DRILL_OUTSIDE;
        e->channel = DRILL_CASH;
    } else if (dice < 985) {
        e->to = e->from;
        e->from = drill_employer(k, skewed(w, k->employers));
        e->amount *= 30;
        e->channel = DRILL_SALARY;
    } else if (dice < 995 && w->plan.countries > 1) {
        const DrillCountry *there = &w->countries[rng_below(&w->rng, w->plan.countries)];
        e->to = person(w, there->count < DRILL_COUNTRY_ACCOUNTS_MIN ? k : there);
        e->channel = DRILL_REMIT;
    } else if (w->exchange_thb != UINT32_MAX && k == &w->countries[0]) {
        const DrillBank *bank = &w->banks[w->exchange_thb];
        e->to = bank->first + (uint32_t)rng_below(&w->rng, bank->count);
        e->channel = DRILL_CRYPTO;
    } else {
        e->to = friend_of(w, k, e->from);
        e->channel = DRILL_PROMPT;
    }
}

// One everyday payment. Whoever has not enough gets his salary instead; victims and mules pay
// nothing out of their own accounts, so that what was planned is there when its time comes.
static void everyday(DrillWorld *w, DrillEvent *e) {
    uint32_t thai = (uint32_t)rng_below(&w->rng, 100);
    uint32_t rank = thai < 82 ? 0 : (uint32_t)rng_below(&w->rng, w->plan.countries);
    if (w->countries[rank].count < DRILL_COUNTRY_ACCOUNTS_MIN)
        rank = 0;
    const DrillCountry *k = &w->countries[rank];
    e->from = person(w, k);
    DrillCurrency currency = w->banks[w->accounts[k->first].bank].currency;
    e->amount = drill_amount_usual(w, currency);
    pick_everyday(w, k, e);
    if (e->from == e->to || e->amount <= 0) {
        e->to = DRILL_OUTSIDE;
        e->channel = DRILL_ATM;
        e->amount = e->amount > 0 ? e->amount : 100;
    }
    if (e->from != DRILL_OUTSIDE &&
        (w->accounts[e->from].reserved || w->accounts[e->from].balance < e->amount)) {
        e->to = e->from;
        e->from = drill_employer(k, skewed(w, k->employers));
        e->channel = DRILL_SALARY;
        if (e->from == e->to || w->accounts[e->from].balance < e->amount) {
            e->from = DRILL_OUTSIDE;
            e->channel = DRILL_CASH;
        }
    }
    e->credited = e->amount;
    if (e->from != DRILL_OUTSIDE && e->to != DRILL_OUTSIDE) {
        e->credited = drill_exchange(e->amount, w->banks[w->accounts[e->from].bank].currency,
                                     w->banks[w->accounts[e->to].bank].currency);
        e->credited = e->credited > 0 ? e->credited : 1;
    }
}

typedef struct Run {
    DrillWorld *world;
    DrillScams *scams;
    DrillWriter *writer;
    DrillProgress progress;
    size_t next_event;
    uint64_t written;
} Run;

static Err write_due_scams(Ctx *c, Run *r, int64_t until_us) {
    while (r->next_event < r->scams->event_count &&
           r->scams->events[r->next_event].at_us <= until_us) {
        TRY(drill_write_transfer(c, r->writer, r->world, &r->scams->events[r->next_event++]));
        r->written++;
    }
    return OK;
}

static Err write_hour(Ctx *c, Run *r, uint32_t hour, uint64_t count) {
    for (uint64_t i = 0; i < count; i++) {
        // One in each of `count` equal slices: sorted without sorting.
        uint64_t slice =
            ((uint64_t)TIME_HOUR_US * i + rng_below(&r->world->rng, (uint64_t)TIME_HOUR_US)) /
            count;
        DrillEvent e = {.at_us = DRILL_START_US + (int64_t)hour * TIME_HOUR_US + (int64_t)slice};
        TRY(write_due_scams(c, r, e.at_us));
        everyday(r->world, &e);
        TRY(drill_write_transfer(c, r->writer, r->world, &e));
        r->written++;
    }
    return OK;
}

static Err write_transfers(Ctx *c, Run *r) {
    uint64_t everyday_count = r->world->plan.transfers - r->scams->event_count;
    uint64_t weights = 0, seen = 0, done = 0;
    for (uint32_t h = 0; h < DRILL_DAYS * 24; h++)
        weights += hour_share(h);
    for (uint32_t h = 0; h < DRILL_DAYS * 24; h++) {
        seen += hour_share(h);
        uint64_t upto = (uint64_t)((U128)everyday_count * seen / weights);
        TRY(write_hour(c, r, h, upto - done));
        done = upto;
        if (r->progress.step &&
            !r->progress.step(r->progress.self, "drill", r->written, r->world->plan.transfers))
            return fail(c, E_CANCELLED, "the drill was stopped");
    }
    return write_due_scams(c, r, INT64_MAX);
}

static Err case_of_first_ring(Ctx *c, const DrillScams *s, DrillMade *made) {
    Str *reports = NULL;
    TRY(ctx_alloc(c, s->report_count * sizeof *reports, &reports));
    for (uint32_t i = 0; i < s->report_count; i++) {
        char id[24];
        if (s->reports[i].ring != 0 || !s->reports[i].named)
            continue;
        drill_report_id(i, id);
        TRY(str_copy(c, str_of(id), &reports[made->case_report_count++]));
    }
    made->case_reports = reports;
    made->case_title = STR("Ring 1");
    return OK;
}

Err drill_make(Ctx *c, const DrillPlan *plan, Str dir, DrillProgress progress,
               DrillMade *ret_made) {
    AUTO(DrillWorld) world = {0};
    AUTO(DrillScams) scams = {0};
    AUTO(DrillWriter) writer = {0};
    Str transfers, reports, truth;
    TRY(str_format(c, &transfers, STR_FMT "/transfers.csv", STR_ARG(dir)));
    TRY(str_format(c, &reports, STR_FMT "/reports.csv", STR_ARG(dir)));
    TRY(str_format(c, &truth, STR_FMT "/truth.json", STR_ARG(dir)));
    TRY(drill_world_make(c, plan, &world));
    TRY(drill_scams_plan(c, &world, &scams));
    TRY(dir_make(c, dir));
    TRY(drill_writer_open(c, transfers, &writer));
    Run run = {.world = &world, .scams = &scams, .writer = &writer, .progress = progress};
    TRY(write_transfers(c, &run));
    TRY(drill_writer_close(c, &writer));
    TRY(drill_write_reports(c, &world, &scams, reports));
    TRY(drill_write_truth(c, &world, &scams, truth));
    DrillMade made = {.transfers = run.written,
                      .bytes = writer.total,
                      .reports = scams.report_count + plan->planted,
                      .rings = scams.ring_count};
    TRY(case_of_first_ring(c, &scams, &made));
    *ret_made = made;
    return OK;
}
