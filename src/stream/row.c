// The mapped row, the details of a row, and its place in Order.
#include <stdlib.h>

#include "stream/stream_priv.h"

// --- mapped row
// -----------------------------------------------------------------------------------

// Room for `n` bytes at the end of the buffer, or NULL.
static char *room_for(Buf *b, size_t n) {
    if (b->failed)
        return NULL;
    if (b->cap - b->n < n) {
        size_t cap = b->cap * 2 > b->n + n ? b->cap * 2 : b->n + n;
        char *p = cap <= BASE_BUF_BYTES_MAX ? mem_realloc(b->p, cap) : NULL;
        if (!p) {
            b->failed = true;
            return NULL;
        }
        b->p = p;
        b->cap = cap;
    }
    return b->p + b->n;
}

static char *put_field(char *p, Str s) {
    bool quote = false;
    for (size_t i = 0; i < s.n; i++) {
        char ch = s.p[i];
        p[i] = ch;
        quote = quote || ch == '"' || ch == ',' || ch == '\n' || ch == '\r';
    }
    if (!quote)
        return p + s.n;
    *p++ = '"';
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            *p++ = '"';
        *p++ = s.p[i];
    }
    *p++ = '"';
    return p;
}

static char *put_digits(char *p, uint64_t v, unsigned digits) {
    for (unsigned i = digits; i-- > 0; v /= 10)
        p[i] = (char)('0' + v % 10);
    return p + digits;
}

static char *put_u64(char *p, uint64_t v) {
    char text[24];
    size_t n = 0;
    do
        text[n++] = (char)('0' + v % 10);
    while (v /= 10);
    while (n)
        *p++ = text[--n];
    return p;
}

static char *put_i64(char *p, int64_t v) {
    if (v < 0)
        *p++ = '-';
    return put_u64(p, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

static char *put_amount(char *p, int64_t minor, unsigned exponent) {
    static const uint64_t powers[] = {
        1,        10,        100,        1000,        10000,        100000,       1000000,
        10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000};
    ASSERT(exponent < COUNT_OF(powers));
    uint64_t v = minor < 0 ? 0 - (uint64_t)minor : (uint64_t)minor;
    if (minor < 0)
        *p++ = '-';
    p = put_u64(p, v / powers[exponent]);
    if (exponent) {
        *p++ = '.';
        p = put_digits(p, v % powers[exponent], exponent);
    }
    return p;
}

static char *put_time(char *p, int64_t at_us) {
    int64_t days = time_day(at_us), rest = at_us - days * TIME_DAY_US, year;
    unsigned month, day;
    civil_from_days(days, &year, &month, &day);
    uint64_t s = (uint64_t)rest / 1000000, micros = (uint64_t)rest % 1000000;
    p = put_digits(p, (uint64_t)year, 4);
    *p++ = '-';
    p = put_digits(p, month, 2);
    *p++ = '-';
    p = put_digits(p, day, 2);
    *p++ = 'T';
    p = put_digits(p, s / 3600, 2);
    *p++ = ':';
    p = put_digits(p, s / 60 % 60, 2);
    *p++ = ':';
    p = put_digits(p, s % 60, 2);
    if (micros) {
        *p++ = '.';
        p = put_digits(p, micros, 6);
        while (p[-1] == '0')
            p--;
    }
    *p++ = 'Z';
    return p;
}

static char *put_party(char *p, const StreamParty *party) {
    p = put_field(p, party->country);
    *p++ = ',';
    p = put_field(p, party->institution);
    *p++ = ',';
    p = put_field(p, party->account);
    *p++ = ',';
    return p;
}

static size_t party_bytes(const StreamParty *p) {
    return p->country.n + p->institution.n + p->account.n;
}

void stream_transfer_row(const StreamTransfer *t, Buf *b) {
    size_t texts = t->id.n + party_bytes(&t->from) + party_bytes(&t->to) + t->currency.n +
                   t->credited_currency.n + t->channel.n + t->memo.n;
    char *p = room_for(b, 2 * texts + 256);
    if (!p)
        return;
    unsigned to_exponent = t->has_credited_currency ? t->credited_exponent : t->exponent;
    p = put_field(p, t->id);
    *p++ = ',';
    p = put_time(p, t->booked_at_us);
    *p++ = ',';
    p = put_party(p, &t->from);
    p = put_party(p, &t->to);
    p = put_amount(p, t->amount, t->exponent);
    *p++ = ',';
    p = put_field(p, t->currency);
    *p++ = ',';
    if (t->has_credited)
        p = put_amount(p, t->credited, to_exponent);
    *p++ = ',';
    if (t->has_credited_currency)
        p = put_field(p, t->credited_currency);
    *p++ = ',';
    if (t->has_from_balance)
        p = put_amount(p, t->from_balance, t->exponent);
    *p++ = ',';
    if (t->has_to_balance)
        p = put_amount(p, t->to_balance, to_exponent);
    *p++ = ',';
    if (t->has_seq)
        p = put_i64(p, t->seq);
    *p++ = ',';
    p = put_field(p, t->channel);
    *p++ = ',';
    p = put_field(p, t->memo);
    b->n = (size_t)(p - b->p);
}

// --- details
// ----------------------------------------------------------------------------------------

static uint64_t zigzag(int64_t v) {
    return ((uint64_t)v << 1) ^ (v < 0 ? UINT64_MAX : 0);
}

static int64_t unzigzag(uint64_t v) {
    return (int64_t)((v >> 1) ^ (v & 1 ? UINT64_MAX : 0));
}

uint8_t transfer_mask(const StreamTransfer *t) {
    return (uint8_t)((t->has_credited ? HAS_CREDITED : 0) |
                     (t->has_credited_currency ? HAS_CREDITED_CURRENCY : 0) |
                     (t->has_from_balance ? HAS_FROM_BALANCE : 0) |
                     (t->has_to_balance ? HAS_TO_BALANCE : 0) | (t->has_seq ? HAS_SEQ : 0) |
                     (t->channel.n ? HAS_CHANNEL : 0) | (t->memo.n ? HAS_MEMO : 0));
}

void transfer_blank(StreamTransfer *t, uint8_t mask) {
    t->has_credited = t->has_credited && mask & HAS_CREDITED;
    t->has_credited_currency = t->has_credited_currency && mask & HAS_CREDITED_CURRENCY;
    t->has_from_balance = t->has_from_balance && mask & HAS_FROM_BALANCE;
    t->has_to_balance = t->has_to_balance && mask & HAS_TO_BALANCE;
    t->has_seq = t->has_seq && mask & HAS_SEQ;
    if (!(mask & HAS_CHANNEL))
        t->channel = (Str){0};
    if (!(mask & HAS_MEMO))
        t->memo = (Str){0};
}

static uint8_t *put_text(uint8_t *p, Str s) {
    p += varint_put(p, s.n);
    if (s.n)
        memcpy(p, s.p, s.n);
    return p + s.n;
}

size_t details_put(uint8_t *bytes, const StreamTransfer *t) {
    uint8_t *p = bytes;
    *p++ = transfer_mask(t);
    p = put_text(p, t->id);
    if (t->has_from_balance)
        p += varint_put(p, zigzag(t->from_balance));
    if (t->has_to_balance)
        p += varint_put(p, zigzag(t->to_balance));
    if (t->has_seq)
        p += varint_put(p, zigzag(t->seq));
    if (t->channel.n)
        p = put_text(p, t->channel);
    if (t->memo.n)
        p = put_text(p, t->memo);
    return (size_t)(p - bytes);
}

size_t contribution_put(uint8_t *p, const Contribution *k) {
    size_t n = varint_put(p, k->batch);
    n += varint_put(p + n, k->row);
    p[n] = k->mask;
    return n + 1;
}

static bool get_u64(const uint8_t **p, const uint8_t *end, uint64_t *ret_v) {
    // One byte is the common case by far.
    if (*p < end && **p < 0x80) {
        *ret_v = *(*p)++;
        return true;
    }
    size_t n = varint_get(*p, (size_t)(end - *p), ret_v);
    *p += n;
    return n != 0;
}

static bool get_i64(const uint8_t **p, const uint8_t *end, bool present, int64_t *ret_v) {
    uint64_t v = 0;
    if (present && !get_u64(p, end, &v))
        return false;
    *ret_v = unzigzag(v);
    return true;
}

static bool get_text(const uint8_t **p, const uint8_t *end, bool present, Str *ret_s) {
    uint64_t n = 0;
    if (present && (!get_u64(p, end, &n) || n == 0 || n > (uint64_t)(end - *p)))
        return false;
    *ret_s = (Str){(const char *)*p, (size_t)n};
    *p += n;
    return true;
}

bool details_read(const uint8_t *p, size_t n, Details *ret_details) {
    const uint8_t *end = p + n;
    Details d = {.end = end};
    if (n == 0 || p[0] & 0x80)
        return false;
    d.presence = *p++;
    if (!get_text(&p, end, true, &d.id) || d.id.n > STREAM_ID_BYTES_MAX ||
        !get_i64(&p, end, d.presence & HAS_FROM_BALANCE, &d.from_balance) ||
        !get_i64(&p, end, d.presence & HAS_TO_BALANCE, &d.to_balance) ||
        !get_i64(&p, end, d.presence & HAS_SEQ, &d.seq) ||
        !get_text(&p, end, d.presence & HAS_CHANNEL, &d.channel) ||
        !get_text(&p, end, d.presence & HAS_MEMO, &d.memo) ||
        d.channel.n > STREAM_FIELD_BYTES_MAX || d.memo.n > STREAM_MEMO_BYTES_MAX ||
        !get_u64(&p, end, &d.contribution_count) || d.contribution_count > STREAM_TELLINGS_MAX)
        return false;
    d.contributions = p;
    *ret_details = d;
    return true;
}

bool contribution_read(const uint8_t **p, const uint8_t *end, Contribution *ret_contribution) {
    Contribution k;
    if (!get_u64(p, end, &k.batch) || !get_u64(p, end, &k.row) || *p == end)
        return false;
    k.mask = *(*p)++;
    *ret_contribution = k;
    return true;
}

Str details_id(const uint8_t *p) {
    static_assert(STREAM_ID_BYTES_MAX < 0x80, "the length of an id is one byte");
    return (Str){(const char *)p + 2, p[1]};
}

bool transfer_of(const Keys *keys, const TraceTransfer *t, int64_t booked_at, const Details *d,
                 StreamTransfer *ret_transfer) {
    uint32_t from = TRACE_ACCOUNT(t->from), to = TRACE_ACCOUNT(t->to), count = keys_count(keys);
    if (from >= count || to >= count)
        return false;
    const Currency *debited = &keys->currencies->items[keys_currency(keys, from)];
    const Currency *credited = &keys->currencies->items[keys_currency(keys, to)];
    StreamTransfer r = {.id = d->id,
                        .booked_at_us = booked_at,
                        .amount = t->amount,
                        .credited = t->credited,
                        .has_credited = d->presence & HAS_CREDITED,
                        .has_credited_currency = d->presence & HAS_CREDITED_CURRENCY,
                        .has_from_balance = d->presence & HAS_FROM_BALANCE,
                        .has_to_balance = d->presence & HAS_TO_BALANCE,
                        .has_seq = d->presence & HAS_SEQ,
                        .from_balance = d->from_balance,
                        .to_balance = d->to_balance,
                        .seq = d->seq,
                        .channel = d->channel,
                        .memo = d->memo,
                        .exponent = debited->exponent,
                        .credited_exponent = credited->exponent};
    if (!key_split(keys_get(keys, from), &r.from, &r.currency) ||
        !key_split(keys_get(keys, to), &r.to, &r.credited_currency))
        return false;
    *ret_transfer = r;
    return true;
}

// --- what may be kept
// -------------------------------------------------------------------------------

static Err check_text(Ctx *c, const char *what, Str s, size_t max) {
    if (s.n > max)
        return fail(c, E_INVALID, "%s is longer than %zu bytes", what, max);
    // Eight bytes at once: x - 0x20 borrows into the top bit exactly where a byte is below 0x20.
    uint64_t low = 0;
    size_t i = 0;
    for (; i + 8 <= s.n; i += 8) {
        uint64_t x = load_u64le(s.p + i);
        low |= (x - 0x2020202020202020ULL) & ~x & 0x8080808080808080ULL;
    }
    for (; i < s.n; i++)
        low |= (unsigned char)s.p[i] < 0x20;
    return low ? fail(c, E_INVALID, "%s holds a control character", what) : OK;
}

static Err check_amount(Ctx *c, const char *what, int64_t v, int64_t min) {
    if (v < min || v > BASE_AMOUNT_MINOR_MAX)
        return fail(c, E_INVALID, "%s is out of range", what);
    return OK;
}

static Err check_currency(Ctx *c, const char *what, Str code, uint8_t exponent) {
    TRY(check_text(c, what, code, CURRENCY_BYTES_MAX));
    if (code.n == 0)
        return fail(c, E_INVALID, "%s is empty", what);
    if (exponent > 12)
        return fail(c, E_INVALID, "%s has more than 12 digits", what);
    return OK;
}

Err transfer_check(Ctx *c, const StreamTransfer *t) {
    if (t->id.n == 0)
        return fail(c, E_INVALID, "id is empty");
    TRY(check_text(c, "id", t->id, STREAM_ID_BYTES_MAX));
    TRY(check_text(c, "from_country", t->from.country, STREAM_FIELD_BYTES_MAX));
    TRY(check_text(c, "from_institution", t->from.institution, STREAM_FIELD_BYTES_MAX));
    TRY(check_text(c, "from_account", t->from.account, STREAM_FIELD_BYTES_MAX));
    TRY(check_text(c, "to_country", t->to.country, STREAM_FIELD_BYTES_MAX));
    TRY(check_text(c, "to_institution", t->to.institution, STREAM_FIELD_BYTES_MAX));
    TRY(check_text(c, "to_account", t->to.account, STREAM_FIELD_BYTES_MAX));
    TRY(check_text(c, "channel", t->channel, STREAM_FIELD_BYTES_MAX));
    TRY(check_text(c, "memo", t->memo, STREAM_MEMO_BYTES_MAX));
    TRY(check_currency(c, "currency", t->currency, t->exponent));
    TRY(check_amount(c, "amount", t->amount, 1));
    if (t->booked_at_us < BASE_TIME_US_MIN || t->booked_at_us > BASE_TIME_US_MAX)
        return fail(c, E_INVALID, "booked_at is out of range");
    if (t->has_credited)
        TRY(check_amount(c, "credited_amount", t->credited, 0));
    if (t->has_credited_currency)
        TRY(check_currency(c, "credited_currency", t->credited_currency, t->credited_exponent));
    if (t->has_from_balance)
        TRY(check_amount(c, "from_balance", t->from_balance, -BASE_AMOUNT_MINOR_MAX));
    if (t->has_to_balance)
        TRY(check_amount(c, "to_balance", t->to_balance, -BASE_AMOUNT_MINOR_MAX));
    bool fx = t->has_credited_currency && !str_eq(t->credited_currency, t->currency);
    if (fx && !t->has_credited)
        return fail(c, E_INVALID, "credited_amount is missing though the currency is another");
    if (!fx && t->has_credited && t->credited > t->amount)
        return fail(c, E_INVALID, "credited_amount is more than amount in one currency");
    if (t->from.account.n == 0 && t->to.account.n == 0)
        return fail(c, E_INVALID, "both accounts are empty");
    if (!fx && str_eq(t->from.account, t->to.account) && str_eq(t->from.country, t->to.country) &&
        str_eq(t->from.institution, t->to.institution))
        return fail(c, E_INVALID, "the transfer goes from an account to itself");
    return OK;
}

// --- packed rows
// ------------------------------------------------------------------------------------

Err row_pack(Ctx *c, const StreamTransfer *t, Str details, Buf *out) {
    char key[KEY_BYTES_MAX];
    uint8_t number[10];
    bool other = t->has_credited_currency;
    uint8_t head[26] = {t->exponent, other ? t->credited_exponent : t->exponent};
    store_u64le(head + 2, (uint64_t)t->booked_at_us);
    store_u64le(head + 10, (uint64_t)t->amount);
    store_u64le(head + 18, (uint64_t)(t->has_credited ? t->credited : t->amount));
    buf_append(out, head, sizeof head);
    size_t n = key_join(&t->from, t->currency, key);
    buf_append(out, number, varint_put(number, n));
    buf_append(out, key, n);
    n = key_join(&t->to, other ? t->credited_currency : t->currency, key);
    buf_append(out, number, varint_put(number, n));
    buf_append(out, key, n);
    buf_str(out, details);
    return buf_check(c, out);
}

bool row_unpack(Str packed, StreamTransfer *ret_transfer, Str *ret_details) {
    const uint8_t *p = (const uint8_t *)packed.p, *end = p + packed.n;
    StreamTransfer t = {0};
    Details d;
    Str from, to;
    if (packed.n < 26 || p[0] > 12 || p[1] > 12)
        return false;
    t.exponent = p[0];
    t.credited_exponent = p[1];
    t.booked_at_us = (int64_t)load_u64le(p + 2);
    t.amount = (int64_t)load_u64le(p + 10);
    t.credited = (int64_t)load_u64le(p + 18);
    p += 26;
    if (!get_text(&p, end, true, &from) || !get_text(&p, end, true, &to) ||
        !key_split(from, &t.from, &t.currency) || !key_split(to, &t.to, &t.credited_currency))
        return false;
    Str details = {(const char *)p, (size_t)(end - p)};
    if (!details_read(p, details.n, &d))
        return false;
    t.id = d.id;
    t.has_credited = d.presence & HAS_CREDITED;
    t.has_credited_currency = d.presence & HAS_CREDITED_CURRENCY;
    t.has_from_balance = d.presence & HAS_FROM_BALANCE;
    t.has_to_balance = d.presence & HAS_TO_BALANCE;
    t.has_seq = d.presence & HAS_SEQ;
    t.from_balance = d.from_balance;
    t.to_balance = d.to_balance;
    t.seq = d.seq;
    t.channel = d.channel;
    t.memo = d.memo;
    *ret_transfer = t;
    *ret_details = details;
    return true;
}

// --- Order
// ------------------------------------------------------------------------------------------

int order_cmp(const OrderKey *a, const OrderKey *b) {
    if (a->booked_at != b->booked_at)
        return a->booked_at < b->booked_at ? -1 : 1;
    // No field holds a byte below 0x20, so that joined keys compare as their parts do.
    int prefix = a->from == b->from ? 0 : str_cmp(a->prefix, b->prefix);
    if (prefix)
        return prefix;
    if (a->seq != b->seq)
        return a->seq < b->seq ? -1 : 1;
    return str_cmp(a->id, b->id);
}

OrderKey order_of_row(const Keys *keys, const Row *r, const uint8_t *details) {
    return (OrderKey){.booked_at = r->booked_at,
                      .from = TRACE_ACCOUNT(r->from),
                      .prefix = keys_order_prefix(keys, TRACE_ACCOUNT(r->from)),
                      .seq = r->seq,
                      .id = details_id(details + r->details_at)};
}

typedef struct SortContext {
    const Keys *keys;
    const Row *rows;
    const uint8_t *details;
} SortContext;

static int rows_cmp(const SortContext *s, uint32_t a, uint32_t b) {
    const Row *x = &s->rows[a], *y = &s->rows[b];
    if (x->booked_at != y->booked_at)
        return x->booked_at < y->booked_at ? -1 : 1;
    OrderKey p = order_of_row(s->keys, x, s->details), q = order_of_row(s->keys, y, s->details);
    return order_cmp(&p, &q);
}

static int rows_cmp_ties(const void *a, const void *b, void *context) {
    return rows_cmp(context, *(const uint32_t *)a, *(const uint32_t *)b);
}

// Least significant byte first over the bytes in which the times differ; stable.
static void radix_by_time(const Row *rows, size_t n, uint32_t *items, uint32_t *other) {
    uint64_t seen_or = 0, seen_and = UINT64_MAX;
    for (size_t i = 0; i < n; i++) {
        uint64_t key = (uint64_t)rows[i].booked_at ^ (1ULL << 63);
        seen_or |= key;
        seen_and &= key;
    }
    for (unsigned shift = 0; shift < 64; shift += 8) {
        size_t starts[257] = {0};
        if (((seen_or ^ seen_and) >> shift & 0xff) == 0)
            continue;
        for (size_t i = 0; i < n; i++) {
            uint64_t key = (uint64_t)rows[items[i]].booked_at ^ (1ULL << 63);
            starts[(key >> shift & 0xff) + 1]++;
        }
        for (size_t b = 0; b < 256; b++)
            starts[b + 1] += starts[b];
        for (size_t i = 0; i < n; i++) {
            uint64_t key = (uint64_t)rows[items[i]].booked_at ^ (1ULL << 63);
            other[starts[key >> shift & 0xff]++] = items[i];
        }
        memcpy(items, other, n * sizeof *items);
    }
}

Err rows_sort(Ctx *c, const Keys *keys, const Row *rows, const uint8_t *details, size_t n,
              uint32_t *ret_sorted) {
    SortContext s = {keys, rows, details};
    bool sorted = true;
    for (size_t i = 0; i < n; i++)
        ret_sorted[i] = (uint32_t)i;
    for (size_t i = 1; i < n && sorted; i++)
        sorted = rows_cmp(&s, (uint32_t)i - 1, (uint32_t)i) < 0;
    if (sorted)
        return OK;
    uint32_t *other = mem_alloc(n * sizeof *other);
    if (!other)
        return fail(c, E_MEMORY, "not enough memory to sort %zu transfers", n);
    radix_by_time(rows, n, ret_sorted, other);
    mem_free(other);
    for (size_t i = 0, end; i < n; i = end) {
        int64_t at = rows[ret_sorted[i]].booked_at;
        for (end = i + 1; end < n && rows[ret_sorted[end]].booked_at == at; end++) {
        }
        if (end - i > 1)
            qsort_r(ret_sorted + i, end - i, sizeof *ret_sorted, rows_cmp_ties, &s);
    }
    return OK;
}
