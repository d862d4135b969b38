// The three files of a drill.
#include "drill/drill_priv.h"

#include <stdio.h>

const char *const drill_channels[] = {"transfer", "card", "salary", "wallet",
                                      "atm",      "cash", "remit",  "crypto"};

void drill_put_amount(Buf *b, int64_t minor, unsigned exponent) {
    char digits[32];
    uint64_t v = minor < 0 ? (uint64_t)0 - (uint64_t)minor : (uint64_t)minor;
    size_t n = 0;
    while (v > 0 || n <= exponent) {
        digits[n++] = (char)('0' + v % 10);
        v /= 10;
    }
    if (minor < 0)
        buf_char(b, '-');
    for (size_t i = n; i-- > 0;) {
        buf_char(b, digits[i]);
        if (i == exponent && exponent)
            buf_char(b, '.');
    }
}

void drill_report_id(uint32_t report, char ret_id[24]) {
    snprintf(ret_id, 24, "D-2026-%06u", report + 1);
}

// --- transfers
// ------------------------------------------------------------------------------------

void DrillWriter_cleanup(DrillWriter *w) {
    mem_free(w->bytes);
    file_close(&w->file);
    w->bytes = NULL;
}

Err drill_writer_open(Ctx *c, Str path, DrillWriter *ret_writer) {
    AUTO(DrillWriter) w = {.second = -1, .day = -1};
    w.bytes = mem_alloc(DRILL_WRITE_BYTES);
    if (!w.bytes)
        return fail(c, E_MEMORY, "no memory to write " STR_FMT, STR_ARG(path));
    TRY(file_open(c, path, FILE_CREATE, &w.file));
    static const char header[] =
        "id,booked_at,from_country,from_institution,from_account,to_country,to_institution,"
        "to_account,amount,currency,credited_amount,credited_currency,from_balance,to_balance,seq,"
        "channel,memo\n";
    memcpy(w.bytes, header, sizeof header - 1);
    w.n = sizeof header - 1;
    *ret_writer = w;
    w.bytes = NULL;
    w.file.open = false;
    return OK;
}

Err drill_writer_close(Ctx *c, DrillWriter *w) {
    TRY(file_write(c, &w->file, w->bytes, w->n));
    w->total += w->n;
    w->n = 0;
    return file_sync(c, &w->file);
}

static char *put_bytes(char *p, const void *bytes, size_t n) {
    memcpy(p, bytes, n);
    return p + n;
}

static char *put_digits(char *p, uint64_t v, unsigned digits) {
    for (unsigned i = digits; i-- > 0;) {
        p[i] = (char)('0' + v % 10);
        v /= 10;
    }
    return p + digits;
}

static char *put_money(char *p, int64_t minor, DrillCurrency currency) {
    unsigned exponent = drill_money[currency].exponent;
    uint64_t v = minor < 0 ? (uint64_t)0 - (uint64_t)minor : (uint64_t)minor;
    char digits[32];
    unsigned n = 0, d = 0;
    do {
        if (exponent && d == exponent)
            digits[31 - n++] = '.';
        digits[31 - n++] = (char)('0' + v % 10);
        v /= 10;
        d++;
    } while (v > 0 || d <= exponent);
    if (minor < 0)
        *p++ = '-';
    return put_bytes(p, digits + 32 - n, n);
}

// "004-260302-0001234": bank, local day, number of the day.
static char *put_id(DrillWriter *w, const DrillWorld *world, DrillEvent *e, uint8_t bank) {
    int64_t local = (w->last_us + 7 * TIME_HOUR_US) / TIME_DAY_US;
    if (local != w->day) {
        w->day = local;
        memset(w->numbers, 0, sizeof w->numbers);
    }
    int64_t year;
    unsigned month, day;
    civil_from_days(local, &year, &month, &day);
    char *p = e->id;
    const char *code = world->banks[bank].code;
    if (bank == world->exchange_usdt)
        bank = (uint8_t)world->exchange_thb; // one institution, one row of numbers
    p = put_bytes(p, code, strlen(code));
    *p++ = '-';
    p = put_digits(p, (uint64_t)(year % 100), 2);
    p = put_digits(p, month, 2);
    p = put_digits(p, day, 2);
    *p++ = '-';
    return put_digits(p, ++w->numbers[bank], 7);
}

static char *put_time(DrillWriter *w, char *p) {
    int64_t second = w->last_us / 1000000;
    if (second != w->second) {
        char text[TIME_TEXT_BYTES];
        time_format(second * 1000000, text);
        memcpy(w->second_text, text, 19);
        w->second = second;
    }
    p = put_bytes(p, w->second_text, 19);
    *p++ = '.';
    p = put_digits(p, (uint64_t)(w->last_us % 1000000 / 1000), 3);
    *p++ = 'Z';
    return p;
}

// Account as three columns; the outside keeps the country and bank where the cash went in or out.
static char *put_account(char *p, const DrillWorld *w, uint32_t account, uint32_t other) {
    const DrillAccount *a = &w->accounts[account == DRILL_OUTSIDE ? other : account];
    if (account != DRILL_OUTSIDE)
        return put_bytes(p, a->text, a->text_n);
    const DrillBank *bank = &w->banks[a->bank];
    p = put_bytes(p, bank->country, strlen(bank->country));
    *p++ = ',';
    p = put_bytes(p, bank->code, strlen(bank->code));
    *p++ = ',';
    return p;
}

// credited_amount to to_balance; moves the money.
static char *put_optional(char *p, DrillWorld *world, const DrillEvent *e, DrillCurrency from,
                          DrillCurrency to) {
    DrillAccount *payer = e->from == DRILL_OUTSIDE ? NULL : &world->accounts[e->from];
    DrillAccount *payee = e->to == DRILL_OUTSIDE ? NULL : &world->accounts[e->to];
    if (from != to) {
        p = put_money(p, e->credited, to);
        *p++ = ',';
        p = put_bytes(p, drill_money[to].code, strlen(drill_money[to].code));
    } else {
        *p++ = ',';
    }
    *p++ = ',';
    if (payer) {
        payer->balance -= e->amount;
        if (world->banks[payer->bank].gives_balances)
            p = put_money(p, payer->balance, from);
    }
    *p++ = ',';
    if (payee) {
        payee->balance += e->credited;
        if (world->banks[payee->bank].gives_balances)
            p = put_money(p, payee->balance, to);
    }
    *p++ = ',';
    return p;
}

Err drill_write_transfer(Ctx *c, DrillWriter *w, DrillWorld *world, DrillEvent *e) {
    if (w->n + DRILL_ROW_BYTES_MAX > DRILL_WRITE_BYTES) {
        TRY(file_write(c, &w->file, w->bytes, w->n));
        w->total += w->n;
        w->n = 0;
    }
    // No two rows share a millisecond, so that time alone is Order.
    e->at_us = e->at_us > w->last_us ? e->at_us - e->at_us % 1000 : w->last_us;
    w->last_us = e->at_us > w->last_us ? e->at_us : w->last_us + 1000;
    e->at_us = w->last_us;
    uint32_t bank_account = e->from == DRILL_OUTSIDE ? e->to : e->from;
    uint8_t bank = world->accounts[bank_account].bank;
    char *p = w->bytes + w->n;
    size_t id_n = (size_t)(put_id(w, world, e, bank) - e->id);
    e->id[id_n] = 0;
    p = put_bytes(p, e->id, id_n);
    *p++ = ',';
    p = put_time(w, p);
    *p++ = ',';
    p = put_account(p, world, e->from, e->to);
    *p++ = ',';
    p = put_account(p, world, e->to, e->from);
    *p++ = ',';
    DrillCurrency from = world->banks[bank].currency;
    DrillCurrency to =
        e->to == DRILL_OUTSIDE ? from : world->banks[world->accounts[e->to].bank].currency;
    p = put_money(p, e->amount, from);
    *p++ = ',';
    p = put_bytes(p, drill_money[from].code, strlen(drill_money[from].code));
    *p++ = ',';
    p = put_optional(p, world, e, from, to);
    *p++ = ',';
    p = put_bytes(p, drill_channels[e->channel], strlen(drill_channels[e->channel]));
    *p++ = ',';
    *p++ = '\n';
    w->n = (size_t)(p - w->bytes);
    ASSERT(w->n <= DRILL_WRITE_BYTES);
    return OK;
}

// --- reports
// --------------------------------------------------------------------------------------

static void put_account_item(Buf *b, const DrillWorld *w, uint32_t account) {
    const DrillAccount *a = &w->accounts[account];
    for (uint8_t i = 0; i < a->text_n; i++)
        buf_char(b, a->text[i] == ',' ? '/' : a->text[i]);
}

static void put_report(Buf *b, const DrillWorld *w, const DrillScams *s, uint32_t index) {
    static const char *const channels[] = {"hotline", "bank", "police", "web"};
    static const char *const stories[] = {
        "They said that I had won a job and must top up first.",
        "\"Police\" on a video call: my account was used for crime, I must move the money.",
        "ถูกหลอกให้ลงทุนในแอปปลอม โอนไปหลายครั้ง",
        "A friend online showed me how to invest; withdrawals never came.",
    };
    const DrillReport *r = &s->reports[index];
    const DrillEvent *first = &s->events[s->by_order[r->pays[0]]];
    const DrillBank *bank = &w->banks[w->accounts[r->victim].bank];
    const DrillMoneyInfo *money = &drill_money[bank->currency];
    char id[24], at[TIME_TEXT_BYTES];
    drill_report_id(index, id);
    time_format(r->reported_us - r->reported_us % 1000000, at);
    // A double is told by the same victim elsewhere.
    uint32_t victim = r->same_as == UINT32_MAX ? index : r->same_as;
    buf_format(b, "%s,%s,V-%06u,%s,%s,", id, at, victim + 1, bank->country,
               channels[(index * 7 + (r->same_as != UINT32_MAX)) % COUNT_OF(channels)]);
    drill_put_amount(b, r->loss, money->exponent);
    buf_format(b, ",%s,", money->code);
    for (uint32_t i = 0; i < r->pay_count && r->named; i++)
        buf_format(b, "%s%s", i ? ";" : "", s->events[s->by_order[r->pays[i]]].id);
    buf_char(b, ',');
    put_account_item(b, w, first->to);
    buf_format(b, ",+668%08u,https://drill-%02u.example/login,", 10000000 + r->ring * 7919 + 13,
               r->ring);
    Str story = str_of(stories[r->ring % COUNT_OF(stories)]);
    buf_char(b, '"');
    for (size_t i = 0; i < story.n; i++) {
        buf_char(b, story.p[i]);
        if (story.p[i] == '"')
            buf_char(b, '"');
    }
    buf_text(b, "\",");
    if (!r->named) { // "about 3 pm"
        int64_t about = (r->happened_us + 1800000000LL) / TIME_HOUR_US * TIME_HOUR_US;
        time_format(about, at);
        buf_text(b, at);
    }
    buf_char(b, '\n');
}

// Who is planted against: a busy Thai merchant, so that there is money to be frozen.
static uint32_t planted_merchant(const DrillWorld *w) {
    return drill_merchant(&w->countries[0], w->countries[0].merchants > 1 ? 1 : 0);
}

// Claims of payments that never were, an hour's worth of calls, as a rival would have them made.
static void put_planted(Buf *b, const DrillWorld *w, uint32_t i) {
    static const char *const channels[] = {"hotline", "web"};
    Rng rng;
    rng_seed(&rng, w->plan.seed ^ (0x706c616e74656400ULL + i));
    uint32_t merchant = planted_merchant(w);
    const DrillMoneyInfo *money = &drill_money[w->banks[w->accounts[merchant].bank].currency];
    char at[TIME_TEXT_BYTES];
    int64_t happened =
        DRILL_START_US + (20 * 24 + 9) * TIME_HOUR_US + (int64_t)rng_below(&rng, 3600) * 1000000LL;
    time_format(happened + (int64_t)(60 + rng_below(&rng, 7200)) * 1000000LL, at);
    buf_format(b, "F-2026-%06u,%s,V-F%05u,%s,%s,", i + 1, at, i + 1,
               w->banks[w->accounts[merchant].bank].country, channels[i % COUNT_OF(channels)]);
    drill_put_amount(b, (int64_t)(20 + rng_below(&rng, 70)) * 100000, money->exponent);
    buf_format(b, ",%s,,", money->code);
    put_account_item(b, w, merchant);
    time_format(happened, at);
    buf_format(b, ",,,\"I paid this shop and nothing came.\",%s\n", at);
}

Err drill_write_reports(Ctx *c, const DrillWorld *w, const DrillScams *s, Str path) {
    AUTO(Buf) b = {0};
    buf_text(&b, "id,reported_at,victim,country,channel,loss,currency,transfers,accounts,phones,"
                 "urls,story,happened_at\n");
    for (uint32_t i = 0; i < s->report_count; i++)
        put_report(&b, w, s, i);
    for (uint32_t i = 0; i < w->plan.planted; i++)
        put_planted(&b, w, i);
    TRY(buf_check(c, &b));
    return file_replace(c, path, buf_view(&b));
}

// --- truth
// ----------------------------------------------------------------------------------------

static void put_ring(Buf *b, const DrillWorld *w, const DrillScams *s, uint32_t ring) {
    const DrillRing *r = &s->rings[ring];
    bool comma = false;
    buf_text(b, "{\"mules\":[");
    for (uint32_t level = 0; level < 3; level++)
        for (uint32_t i = 0; i < r->mule_count[level]; i++) {
            buf_format(b, "%s{\"account\":\"", comma ? "," : "");
            put_account_item(b, w, r->mules[level][i]);
            buf_format(b, "\",\"level\":%u}", level + 1);
            comma = true;
        }
    buf_format(b, "],\"ring\":%u,\"transfers\":[", ring + 1);
    comma = false;
    for (size_t i = 0; i < s->event_count; i++)
        if (s->reports[s->events[i].report].ring == ring) {
            buf_format(b, "%s{\"id\":\"%s\",\"level\":%u}", comma ? "," : "", s->events[i].id,
                       s->events[i].level);
            comma = true;
        }
    buf_text(b, "]}");
}

static void put_report_truth(Buf *b, const DrillWorld *w, const DrillScams *s, uint32_t index) {
    const DrillReport *r = &s->reports[index];
    char id[24];
    int64_t credited = 0;
    for (uint32_t i = 0; i < r->pay_count; i++)
        credited += s->events[s->by_order[r->pays[i]]].credited;
    uint32_t mule = s->events[s->by_order[r->pays[0]]].to;
    drill_report_id(index, id);
    buf_format(b, "{\"id\":\"%s\",\"named\":%s,\"ring\":%u,\"same_as\":", id,
               r->named ? "true" : "false", r->ring + 1);
    if (r->same_as == UINT32_MAX) {
        buf_text(b, "null");
    } else {
        drill_report_id(r->same_as, id);
        buf_format(b, "\"%s\"", id);
    }
    buf_format(b, ",\"seed\":[{\"amount\":%lld,\"currency\":\"%s\"}],\"transfers\":[",
               (long long)credited, drill_money[w->banks[w->accounts[mule].bank].currency].code);
    for (uint32_t i = 0; i < r->pay_count; i++)
        buf_format(b, "%s\"%s\"", i ? "," : "", s->events[s->by_order[r->pays[i]]].id);
    buf_text(b, "]}");
}

Err drill_write_truth(Ctx *c, const DrillWorld *w, const DrillScams *s, Str path) {
    AUTO(Buf) b = {0};
    buf_char(&b, '{');
    if (w->plan.planted) {
        buf_format(&b, "\"planted\":{\"account\":\"");
        put_account_item(&b, w, planted_merchant(w));
        buf_format(&b, "\",\"reports\":%u},\n", w->plan.planted);
    }
    buf_text(&b, "\"reports\":[");
    for (uint32_t i = 0; i < s->report_count; i++) {
        buf_text(&b, i ? ",\n" : "\n");
        put_report_truth(&b, w, s, i);
    }
    buf_text(&b, "],\n\"rings\":[");
    for (uint32_t i = 0; i < s->ring_count; i++) {
        buf_text(&b, i ? ",\n" : "\n");
        put_ring(&b, w, s, i);
    }
    buf_format(&b, "],\n\"seed\":%llu,\"transfers\":%llu}\n", (unsigned long long)w->plan.seed,
               (unsigned long long)w->plan.transfers);
    TRY(buf_check(c, &b));
    return file_replace(c, path, buf_view(&b));
}
