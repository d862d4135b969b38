// What several tellings of one transfer make together. The rule stands in docs/format-stream.md,
// section 1; the result depends on the set of tellings and on the pick only.
#include "stream/stream_priv.h"

static bool party_eq(const StreamParty *a, const StreamParty *b) {
    return str_eq(a->account, b->account) && str_eq(a->institution, b->institution) &&
           str_eq(a->country, b->country);
}

bool transfers_same(const StreamTransfer *a, const StreamTransfer *b) {
    return a->booked_at_us == b->booked_at_us && a->amount == b->amount &&
           party_eq(&a->from, &b->from) && party_eq(&a->to, &b->to) &&
           str_eq(a->currency, b->currency);
}

// The currency of what is credited, where the telling says anything about it: a credited amount or
// a balance after it without a currency is in the currency debited.
static Str currency_told(const StreamTransfer *t) {
    if (t->has_credited_currency)
        return t->credited_currency;
    return t->has_credited || t->has_to_balance ? t->currency : (Str){0};
}

// The optional fields, as bits of Presence, that both fill and fill differently.
static uint8_t differing(const StreamTransfer *a, const StreamTransfer *b) {
    uint8_t d = 0;
    Str x = currency_told(a), y = currency_told(b);
    // Amounts of two currencies are never the same, whatever their minor units.
    if (x.n && y.n && !str_eq(x, y))
        return HAS_CREDITED_CURRENCY;
    if (a->credited != b->credited)
        d |= HAS_CREDITED;
    if (a->from_balance != b->from_balance)
        d |= HAS_FROM_BALANCE;
    if (a->to_balance != b->to_balance)
        d |= HAS_TO_BALANCE;
    if (a->seq != b->seq)
        d |= HAS_SEQ;
    if (!str_eq(a->channel, b->channel))
        d |= HAS_CHANNEL;
    if (!str_eq(a->memo, b->memo))
        d |= HAS_MEMO;
    return d & transfer_mask(a) & transfer_mask(b);
}

bool transfer_within(const StreamTransfer *a, const StreamTransfer *b) {
    return transfers_same(a, b) && !(transfer_mask(a) & ~transfer_mask(b)) && !differing(a, b);
}

bool transfers_compatible(const StreamTransfer *a, const StreamTransfer *b) {
    return transfers_same(a, b) && !differing(a, b);
}

void transfer_fill(StreamTransfer *into, const StreamTransfer *from) {
    uint8_t add = transfer_mask(from) & (uint8_t)~transfer_mask(into);
    if (add & HAS_CREDITED) {
        into->has_credited = true;
        into->credited = from->credited;
    }
    if (add & HAS_CREDITED_CURRENCY) {
        into->has_credited_currency = true;
        into->credited_currency = from->credited_currency;
        into->credited_exponent = from->credited_exponent;
    }
    if (add & HAS_FROM_BALANCE) {
        into->has_from_balance = true;
        into->from_balance = from->from_balance;
    }
    if (add & HAS_TO_BALANCE) {
        into->has_to_balance = true;
        into->to_balance = from->to_balance;
    }
    if (add & HAS_SEQ) {
        into->has_seq = true;
        into->seq = from->seq;
    }
    if (add & HAS_CHANNEL)
        into->channel = from->channel;
    if (add & HAS_MEMO)
        into->memo = from->memo;
}

Err tellings_add(Ctx *c, TellingList *list, const Telling *t) {
    if (list->n == list->cap) {
        size_t cap = list->cap ? 2 * list->cap : 8;
        Telling *items;
        TRY(ctx_alloc(c, cap * sizeof *items, &items));
        if (list->n)
            memcpy(items, list->items, list->n * sizeof *items);
        list->items = items;
        list->cap = cap;
    }
    list->items[list->n++] = *t;
    return OK;
}

Err tellings_of_row(Ctx *c, const StreamTransfer *t, const Details *d, TellingList *list) {
    const uint8_t *p = d->contributions;
    for (uint64_t left = d->contribution_count; left; left--) {
        Contribution k;
        if (!contribution_read(&p, d->end, &k))
            return fail(c, E_CORRUPT, "the contributions of transfer " STR_FMT " are damaged",
                        STR_ARG(t->id));
        Telling telling = {.t = *t, .mask = k.mask, .batch = k.batch, .row = k.row};
        transfer_blank(&telling.t, k.mask);
        TRY(tellings_add(c, list, &telling));
    }
    return OK;
}

// --- versions
// ---------------------------------------------------------------------------------------

typedef struct Sorted {
    const Telling *telling;
    Str row;
    bool maximal;
    size_t version;
} Sorted;

static Err row_text(Ctx *c, const StreamTransfer *t, Buf *b, Str *ret_row) {
    buf_clear(b);
    stream_transfer_row(t, b);
    TRY(buf_check(c, b));
    return str_copy(c, buf_view(b), ret_row);
}

static Err sort_tellings(Ctx *c, const Telling *tellings, size_t n, Sorted *s) {
    AUTO(Buf) b = {0};
    for (size_t i = 0; i < n; i++) {
        Sorted now = {.telling = &tellings[i], .maximal = true};
        TRY(row_text(c, &tellings[i].t, &b, &now.row));
        size_t at = i;
        for (; at > 0 && str_cmp(s[at - 1].row, now.row) > 0; at--)
            s[at] = s[at - 1];
        s[at] = now;
    }
    return OK;
}

// A telling within another one adds nothing; of equal ones the first stays.
static size_t dominating(const Sorted *s, size_t n, size_t i) {
    for (size_t k = 0; k < n; k++) {
        const StreamTransfer *a = &s[i].telling->t, *b = &s[k].telling->t;
        if (k != i && transfer_within(a, b) && (k < i || !transfer_within(b, a)))
            return k;
    }
    return n;
}

static void join(Versions *v, Sorted *s) {
    size_t k = 0;
    while (k < v->n && !transfers_compatible(&v->items[k].t, &s->telling->t))
        k++;
    if (k == v->n)
        v->items[v->n++].t = s->telling->t;
    else
        transfer_fill(&v->items[k].t, &s->telling->t);
    s->version = k;
}

static CryptoHash row_hash(Str row) {
    return crypto_sha256(row.p, row.n);
}

// The version that holds everything of the picked row, or the one whose row is bytewise smallest.
static void choose(Versions *v, const StreamTransfer *pick) {
    bool found = false;
    for (size_t k = 0; k < v->n; k++) {
        bool holds = pick && transfer_within(pick, &v->items[k].t);
        bool smaller = k == 0 || str_cmp(v->items[k].row, v->items[v->current].row) < 0;
        if (holds != found ? holds : smaller)
            v->current = k;
        found = found || holds;
    }
    v->items[v->current].picked = found;
}

Err versions_make(Ctx *c, const Telling *tellings, size_t n, const StreamTransfer *pick,
                  Versions *ret_versions) {
    Versions v = {0};
    Sorted *s;
    ASSERT(n > 0);
    TRY(ctx_alloc(c, n * sizeof *s, &s));
    TRY(ctx_alloc(c, n * sizeof *v.items, &v.items));
    TRY(sort_tellings(c, tellings, n, s));
    for (size_t i = 0; i < n; i++)
        s[i].maximal = dominating(s, n, i) == n;
    for (size_t i = 0; i < n; i++)
        if (s[i].maximal)
            join(&v, &s[i]);
    for (size_t i = 0; i < n; i++) {
        size_t k = i;
        // Domination is a strict order, so that this ends at a maximal one.
        while (!s[k].maximal)
            k = dominating(s, n, k);
        s[i].version = s[k].version;
    }
    AUTO(Buf) b = {0};
    for (size_t k = 0; k < v.n; k++) {
        Version *one = &v.items[k];
        TRY(row_text(c, &one->t, &b, &one->row));
        one->hash = row_hash(one->row);
        TRY(ctx_alloc(c, n * sizeof *one->tellings, &one->tellings));
        for (size_t i = 0; i < n; i++)
            if (s[i].version == k)
                one->tellings[one->n++] = s[i].telling;
    }
    choose(&v, pick);
    *ret_versions = v;
    return OK;
}

Err version_details(Ctx *c, const Version *v, Buf *out) {
    uint8_t bytes[DETAILS_BYTES_MAX], number[10];
    buf_append(out, bytes, details_put(bytes, &v->t));
    buf_append(out, number, varint_put(number, v->n));
    for (size_t i = 0; i < v->n; i++) {
        const Telling *t = v->tellings[i];
        Contribution k = {.batch = t->batch, .row = t->row, .mask = t->mask};
        buf_append(out, bytes, contribution_put(bytes, &k));
    }
    return buf_check(c, out);
}

Err telling_pack(Ctx *c, const Telling *t, Buf *out) {
    uint8_t bytes[DETAILS_BYTES_MAX];
    Contribution k = {.batch = t->batch, .row = t->row, .mask = t->mask};
    size_t n = details_put(bytes, &t->t);
    bytes[n++] = 1;
    n += contribution_put(bytes + n, &k);
    return row_pack(c, &t->t, (Str){(const char *)bytes, n}, out);
}

Err tellings_add_packed(Ctx *c, Str packed, TellingList *list) {
    StreamTransfer t;
    Str details;
    Details d;
    if (!row_unpack(packed, &t, &details) ||
        !details_read((const uint8_t *)details.p, details.n, &d) || d.contribution_count != 1)
        return fail(c, E_CORRUPT, "a telling that contradicts another one is damaged");
    return tellings_of_row(c, &t, &d, list);
}

Err tellings_gather(Ctx *c, const StreamSnapshot *snap, uint64_t position, TellingList *list) {
    StoredRow r;
    StreamTransfer t;
    Details d;
    TRY(snapshot_row(c, snap, position, &r));
    if (!details_read(r.details, r.details_n, &d) || d.contribution_count == 0 ||
        !transfer_of(&snap->keys, &r.t, r.booked_at, &d, &t))
        return fail(c, E_CORRUPT, "the transfer at position %llu is damaged",
                    (unsigned long long)position);
    TRY(tellings_of_row(c, &t, &d, list));
    size_t n, first = asides_find(snap->asides, t.id, &n);
    for (size_t i = first; i < first + n; i++)
        TRY(tellings_add_packed(c, snap->asides->items[i].packed, list));
    return OK;
}
