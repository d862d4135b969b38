// Banks, accounts and everyday amounts.
#include "drill/drill_priv.h"

#include <stdio.h>

const DrillMoneyInfo drill_money[DRILL_CURRENCIES] = {
    [DRILL_THB] = {"THB", 2, 1000000},  [DRILL_MMK] = {"MMK", 2, 16500},
    [DRILL_USD] = {"USD", 2, 34200000}, [DRILL_CNY] = {"CNY", 2, 4710000},
    [DRILL_LAK] = {"LAK", 2, 1560},     [DRILL_USDT] = {"USDT", 6, 34250000},
};

// Countries stand together. Codes are those of data/institutions.csv.
static const DrillBank banks_all[] = {
    {"TH", "004", DRILL_THB, 22, 0, 0, 10, true, false, 0, 0},
    {"TH", "014", DRILL_THB, 18, 0, 1, 10, true, false, 0, 0},
    {"TH", "002", DRILL_THB, 18, 0, 2, 10, false, false, 0, 0},
    {"TH", "006", DRILL_THB, 14, 0, 8, 10, true, false, 0, 0},
    {"TH", "025", DRILL_THB, 9, 0, 9, 10, false, false, 0, 0},
    {"TH", "XDRILLEX", DRILL_THB, 2, 0, 3, 9, false, true, 0, 0},
    {"TH", "XDRILLEX", DRILL_USDT, 1, 0, 3, 8, true, true, 0, 0},
    {"MM", "KBZBMMMY", DRILL_MMK, 4, 1, 4, 17, true, false, 0, 0},
    {"MM", "AYABMMMY", DRILL_MMK, 3, 1, 10, 11, false, false, 0, 0},
    {"KH", "ABAAKHPP", DRILL_USD, 3, 2, 5, 9, true, false, 0, 0},
    {"KH", "ACLBKHPP", DRILL_USD, 2, 2, 11, 14, false, false, 0, 0},
    {"CN", "102", DRILL_CNY, 3, 3, 6, 19, true, false, 0, 0},
    {"LA", "COEBLALA", DRILL_LAK, 2, 4, 7, 15, false, false, 0, 0},
};

DrillPlan drill_plan_default(void) {
    return (DrillPlan){.seed = 1,
                       .transfers = 1000000,
                       .accounts = 100000,
                       .institutions = 12,
                       .countries = 5,
                       .reports = 300};
}

static Err check_plan(Ctx *c, const DrillPlan *p) {
    if (p->transfers < DRILL_TRANSFERS_MIN || p->transfers > DRILL_TRANSFERS_MAX)
        return fail(c, E_INVALID, "a drill has from %d to %d transfers", DRILL_TRANSFERS_MIN,
                    DRILL_TRANSFERS_MAX);
    if (p->accounts < DRILL_ACCOUNTS_MIN || p->accounts > DRILL_ACCOUNTS_MAX)
        return fail(c, E_INVALID, "a drill has from %d to %d accounts", DRILL_ACCOUNTS_MIN,
                    DRILL_ACCOUNTS_MAX);
    if (p->institutions < 2 || p->institutions > DRILL_INSTITUTIONS_MAX)
        return fail(c, E_INVALID, "a drill has from 2 to %d institutions", DRILL_INSTITUTIONS_MAX);
    if (p->countries < 1 || p->countries > DRILL_COUNTRIES_MAX)
        return fail(c, E_INVALID, "a drill has from 1 to %d countries", DRILL_COUNTRIES_MAX);
    if (p->planted > DRILL_PLANTED_MAX)
        return fail(c, E_INVALID, "a drill has at most %d planted reports", DRILL_PLANTED_MAX);
    if (p->reports < 1 || p->reports > DRILL_REPORTS_MAX || p->reports > p->accounts / 20 ||
        (uint64_t)p->reports * DRILL_TRANSFERS_A_REPORT > p->transfers)
        return fail(c, E_INVALID,
                    "that many reports do not fit: at most one on 20 accounts and on %d "
                    "transfers, and %d",
                    DRILL_TRANSFERS_A_REPORT, DRILL_REPORTS_MAX);
    return OK;
}

// A number that looks like one, different for each i: multiplication by an odd number that is no
// multiple of 5 is a permutation modulo 10^digits.
static void account_text(DrillAccount *a, const DrillBank *bank, uint32_t i) {
    uint64_t modulus = 1;
    unsigned digits = bank->digits < 10 ? bank->digits : 10;
    for (unsigned k = 0; k < digits; k++)
        modulus *= 10;
    uint64_t number = (uint64_t)((U128)i * 7368787 + 123456789) % modulus;
    int n;
    if (bank->exchange)
        n = snprintf(a->text, sizeof a->text, "%s,%s,%c%0*llu", bank->country, bank->code,
                     bank->currency == DRILL_USDT ? 'W' : 'E', (int)digits,
                     (unsigned long long)number);
    else
        n = snprintf(a->text, sizeof a->text, "%s,%s,%.*s%0*llu", bank->country, bank->code,
                     (int)(bank->digits - digits), "622202131", (int)digits,
                     (unsigned long long)number);
    ASSERT(n > 0 && (size_t)n < sizeof a->text);
    a->text_n = (uint8_t)n;
}

static void choose_banks(DrillWorld *w) {
    uint32_t limit = w->plan.institutions;
    for (size_t i = 0; i < COUNT_OF(banks_all); i++) {
        const DrillBank *b = &banks_all[i];
        // Both halves of the exchange have the same choice: they are one institution.
        uint32_t before = 0;
        for (size_t k = 0; k < COUNT_OF(banks_all); k++)
            before += banks_all[k].choice < b->choice &&
                      banks_all[k].country_rank < w->plan.countries &&
                      banks_all[k].currency != DRILL_USDT;
        if (b->country_rank < w->plan.countries && before < limit)
            w->banks[w->bank_count++] = *b;
    }
}

static void share_accounts(DrillWorld *w) {
    uint64_t weights = 0;
    for (uint32_t b = 0; b < w->bank_count; b++)
        weights += w->banks[b].weight;
    uint32_t next = 0;
    w->exchange_thb = w->exchange_usdt = UINT32_MAX;
    for (uint32_t b = 0; b < w->bank_count; b++) {
        DrillBank *bank = &w->banks[b];
        bank->first = next;
        bank->count = b + 1 == w->bank_count
                          ? w->plan.accounts - next
                          : (uint32_t)((uint64_t)w->plan.accounts * bank->weight / weights);
        next += bank->count;
        DrillCountry *country = &w->countries[bank->country_rank];
        if (bank->exchange && bank->currency == DRILL_USDT)
            w->exchange_usdt = b;
        else if (bank->exchange)
            w->exchange_thb = b;
        if (bank->exchange)
            continue;
        if (country->count == 0)
            country->first = bank->first;
        country->count += bank->count;
    }
    for (uint32_t k = 0; k < w->plan.countries; k++) {
        w->countries[k].merchants = 1 + w->countries[k].count / (DRILL_MERCHANT_EVERY + 1);
        w->countries[k].employers = 1 + w->countries[k].count / (DRILL_EMPLOYER_EVERY + 1);
    }
    w->account_count = next;
}

Err drill_world_make(Ctx *c, const DrillPlan *plan, DrillWorld *ret_world) {
    TRY(check_plan(c, plan));
    AUTO(DrillWorld) w = {.plan = *plan};
    rng_seed(&w.rng, plan->seed);
    choose_banks(&w);
    share_accounts(&w);
    w.amounts[0] = 2000;
    for (size_t i = 1; i < COUNT_OF(w.amounts); i++)
        w.amounts[i] = w.amounts[i - 1] * 117 / 100 + 1;
    w.accounts = mem_alloc_zero(w.account_count, sizeof *w.accounts);
    if (!w.accounts)
        return fail(c, E_MEMORY, "no memory for %u accounts", w.account_count);
    for (uint32_t b = 0; b < w.bank_count; b++) {
        const DrillBank *bank = &w.banks[b];
        for (uint32_t i = bank->first; i < bank->first + bank->count; i++) {
            w.accounts[i].bank = (uint8_t)b;
            account_text(&w.accounts[i], bank, i);
            w.accounts[i].balance = 20 * drill_amount_usual(&w, bank->currency);
        }
    }
    // Employers have deep pockets.
    for (uint32_t k = 0; k < plan->countries; k++)
        for (uint32_t i = 0; i < w.countries[k].employers && w.countries[k].count; i++)
            w.accounts[drill_employer(&w.countries[k], i)].balance *= 20000;
    *ret_world = w;
    w.accounts = NULL;
    return OK;
}

void DrillWorld_cleanup(DrillWorld *w) {
    mem_free(w->accounts);
    w->accounts = NULL;
}

int64_t drill_exchange(int64_t amount, DrillCurrency from, DrillCurrency to) {
    I128 value = (I128)amount * drill_money[from].value;
    for (unsigned i = drill_money[from].exponent; i < drill_money[to].exponent; i++)
        value *= 10;
    for (unsigned i = drill_money[to].exponent; i < drill_money[from].exponent; i++)
        value /= 10;
    if (from == to)
        return amount;
    return (int64_t)(value * 995 / 1000 / drill_money[to].value);
}

int64_t drill_amount_usual(DrillWorld *w, DrillCurrency currency) {
    uint64_t r = rng_next(&w->rng);
    // The number of ones of 62 random bits is close to normal; the steps are geometric: the amount
    // is close to lognormal.
    unsigned step = (unsigned)__builtin_popcountll(r >> 2);
    int64_t low = w->amounts[step], high = w->amounts[step + 1];
    int64_t amount = low + (int64_t)((r * 0x9e3779b97f4a7c15ULL >> 40) % (uint64_t)(high - low));
    if ((r & 3) != 0)
        amount -= amount % 100; // most people pay whole baht
    if (currency == DRILL_THB)
        return amount;
    amount = drill_exchange(amount, DRILL_THB, currency);
    return amount > 0 ? amount : 1;
}

uint32_t drill_merchant(const DrillCountry *k, uint32_t i) {
    return k->first + i * DRILL_MERCHANT_EVERY;
}

uint32_t drill_employer(const DrillCountry *k, uint32_t i) {
    return k->first + i * DRILL_EMPLOYER_EVERY;
}

uint32_t drill_wallet_hub(const DrillCountry *k) {
    return k->first + 1;
}

bool drill_is_business(const DrillCountry *k, uint32_t account) {
    return (account - k->first) % DRILL_MERCHANT_EVERY == 0 || account == drill_wallet_hub(k);
}

uint32_t drill_account_free(DrillWorld *w, uint32_t bank) {
    const DrillBank *b = &w->banks[bank];
    const DrillCountry *k = &w->countries[b->country_rank];
    uint32_t i = b->first;
    for (uint32_t tries = 0; tries < DRILL_FREE_TRIES; tries++) {
        i = b->first + (uint32_t)rng_below(&w->rng, b->count);
        if (!w->accounts[i].reserved && (b->exchange || !drill_is_business(k, i)))
            break;
    }
    // In a small bank where all are taken, one is shared.
    w->accounts[i].reserved = 1;
    return i;
}
