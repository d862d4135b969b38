// The canonical mapped row, and the ids that are made from it.
#include "format/format_priv.h"

static void time_write(Buf *b, int64_t at_us) {
    char text[TIME_TEXT_BYTES];
    time_format(at_us, text);
    buf_text(b, text);
}

static void code_write(Buf *b, const FormatCurrency *currency) {
    buf_append(b, currency->code, currency->code_n);
}

void format_stream_transfer(const FormatTransfer *t, StreamTransfer *ret_transfer) {
    const FormatCurrency *credited = t->credited_currency ? t->credited_currency : t->currency;
    *ret_transfer = (StreamTransfer){
        .id = t->id,
        .booked_at_us = t->booked_at_us,
        .from = {t->from.country, t->from.institution, t->from.account},
        .to = {t->to.country, t->to.institution, t->to.account},
        .amount = t->amount,
        .currency = {t->currency->code, t->currency->code_n},
        .has_credited = t->has_credited,
        .has_credited_currency = t->has_credited_currency,
        .has_from_balance = t->has_from_balance,
        .has_to_balance = t->has_to_balance,
        .has_seq = t->has_seq,
        .credited = t->credited,
        .credited_currency = {credited->code, credited->code_n},
        .from_balance = t->from_balance,
        .to_balance = t->to_balance,
        .seq = t->seq,
        .channel = t->channel,
        .memo = t->memo,
        .exponent = t->currency->exponent,
        .credited_exponent = credited->exponent,
    };
}

// The row by which the stream proves its batches, so that there is one writer of it.
void format_transfer_row(const FormatTransfer *t, Buf *b) {
    StreamTransfer row;
    format_stream_transfer(t, &row);
    stream_transfer_row(&row, b);
}

// A list as one field: items never hold ';', so that only the field's own quoting is needed.
static void list_write(Buf *b, Buf *scratch) {
    format_csv_field(b, buf_view(scratch));
    buf_char(b, ',');
    b->failed |= scratch->failed;
    buf_clear(scratch);
}

static void strings_gather(Buf *scratch, const Str *items, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_char(scratch, ';');
        buf_str(scratch, items[i]);
    }
}

static void accounts_gather(Buf *scratch, const FormatAccount *accounts, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const FormatAccount *a = &accounts[i];
        if (i)
            buf_char(scratch, ';');
        if (a->country.n) {
            buf_str(scratch, a->country);
            buf_char(scratch, '/');
        }
        // An account with '/' in it keeps the empty institution, so that it is read back alike.
        size_t ignored = 0;
        if (a->institution.n || (a->country.n && str_find(a->account, STR("/"), &ignored))) {
            buf_str(scratch, a->institution);
            buf_char(scratch, '/');
        }
        buf_str(scratch, a->account);
    }
}

void format_report_row(const FormatReport *r, Buf *b) {
    AUTO(Buf) scratch = {0};
    format_csv_field(b, r->id);
    buf_char(b, ',');
    time_write(b, r->reported_at_us);
    buf_char(b, ',');
    format_csv_field(b, r->victim);
    buf_char(b, ',');
    format_csv_field(b, r->country);
    buf_char(b, ',');
    format_csv_field(b, r->channel);
    buf_char(b, ',');
    if (r->has_loss)
        format_amount_write(b, r->loss, r->currency->exponent);
    buf_char(b, ',');
    if (r->currency)
        code_write(b, r->currency);
    buf_char(b, ',');
    strings_gather(&scratch, r->transfers, r->transfer_count);
    list_write(b, &scratch);
    accounts_gather(&scratch, r->accounts, r->account_count);
    list_write(b, &scratch);
    strings_gather(&scratch, r->phones, r->phone_count);
    list_write(b, &scratch);
    strings_gather(&scratch, r->urls, r->url_count);
    list_write(b, &scratch);
    format_csv_field(b, r->story);
    buf_char(b, ',');
    if (r->has_happened_at)
        time_write(b, r->happened_at_us);
}

// --- ids of rows without one
// --------------------------------------------------------------------------

static CryptoHash hash_of(Str line, uint32_t count) {
    char text[16];
    size_t at = sizeof text;
    for (uint32_t v = count; v; v /= 10)
        text[--at] = (char)('0' + v % 10);
    text[--at] = '\n';
    CryptoSha256 s;
    crypto_sha256_init(&s);
    crypto_sha256_add(&s, line.p, line.n);
    crypto_sha256_add(&s, text + at, sizeof text - at);
    return crypto_sha256_finish(&s);
}

static SameSlot *same_find(const SameRows *rows, uint64_t a, uint64_t b) {
    size_t i = (size_t)a & (rows->slot_count - 1);
    while (rows->slots[i].count && (rows->slots[i].a != a || rows->slots[i].b != b))
        i = (i + 1) & (rows->slot_count - 1);
    return &rows->slots[i];
}

static Err same_grow(Ctx *c, SameRows *rows) {
    if (rows->used * 4 < rows->slot_count * 3)
        return OK;
    if (rows->used >= FORMAT_EQUAL_ROWS_MAX)
        return fail(c, E_LIMIT, "a file without ids has at most %d different rows; split it",
                    FORMAT_EQUAL_ROWS_MAX);
    SameRows bigger = {.slot_count = rows->slot_count ? rows->slot_count * 2 : 1024,
                       .used = rows->used};
    bigger.slots = mem_alloc_zero(bigger.slot_count, sizeof *bigger.slots);
    if (bigger.slots == NULL)
        return fail(c, E_MEMORY, "no memory to tell equal rows of the file apart");
    for (size_t i = 0; i < rows->slot_count; i++)
        if (rows->slots[i].count)
            *same_find(&bigger, rows->slots[i].a, rows->slots[i].b) = rows->slots[i];
    mem_free(rows->slots);
    *rows = bigger;
    return OK;
}

Err row_make_id(FormatFile *f, Str line, Str *ret_id) {
    static const char hex[] = "0123456789abcdef";
    TRY(buf_check(&f->row, &f->line));
    TRY(same_grow(&f->row, &f->same));
    // The hash with count 1 is the key of the table as well: most rows are hashed once.
    CryptoHash hash = hash_of(line, 1);
    uint64_t a = load_u64le(hash.b), b = load_u64le(hash.b + 8);
    SameSlot *slot = same_find(&f->same, a, b);
    if (slot->count == UINT32_MAX)
        return fail(&f->row, E_LIMIT, "one row stands too often in the file");
    if (slot->count == 0) {
        slot->a = a;
        slot->b = b;
        f->same.used++;
    }
    if (++slot->count > 1)
        hash = hash_of(line, slot->count);
    char *id = NULL;
    TRY(ctx_alloc(&f->row, 18, &id));
    id[0] = 'x';
    for (size_t i = 0; i < 8; i++) {
        id[1 + 2 * i] = hex[hash.b[i] >> 4];
        id[2 + 2 * i] = hex[hash.b[i] & 15];
    }
    *ret_id = (Str){id, 17};
    return OK;
}
