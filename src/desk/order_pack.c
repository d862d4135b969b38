// The evidence pack of a trace: every row that moved the money, and what lay at each account before
// it, so that anybody can compute the trace again without this node (docs/order.md).
#include "desk/order_priv.h"

#include <stdlib.h>

typedef struct Pack {
    const StreamSnapshot *snap;
    const DeskTrace *trace;
    uint64_t position_end; // rows before it
    uint64_t *firsts;      // by account of the trace: position of its first tagged credit
    uint64_t *rows;        // heap: positions
    size_t row_count, row_cap;
} Pack;

static void Pack_cleanup(Pack *p) {
    mem_free(p->rows);
}

static int by_position(const void *a, const void *b) {
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static Err row_add(Ctx *c, Pack *p, uint64_t position) {
    TRY(mem_grow(c, &p->rows, &p->row_cap, p->row_count + 1, sizeof *p->rows));
    p->rows[p->row_count++] = position;
    return OK;
}

static Err find_firsts(Ctx *c, Pack *p) {
    const DeskTrace *t = p->trace;
    TRY(ctx_alloc(c, (t->account_count + 1) * sizeof *p->firsts, &p->firsts));
    for (size_t i = 0; i < t->account_count; i++)
        p->firsts[i] = TRACE_POSITION_NONE;
    for (size_t i = 0; i < t->transfer_count; i++) {
        const DeskTraceTransfer *x = &t->transfers[i];
        TRY(row_add(c, p, x->position));
        if (x->to != DESK_TRACE_OUTSIDE && x->position < p->firsts[x->to])
            p->firsts[x->to] = x->position;
    }
    return OK;
}

// What lay at an account before its first tagged credit: what came is added, and what leaves is
// taken off as far as it reaches, as docs/trace.md says.
typedef struct Before {
    int64_t balance, lies;
} Before;

static Err account_rows(Ctx *c, Pack *p, size_t index, Before *ret_before) {
    const DeskTraceAccount *a = &p->trace->accounts[index];
    StreamAccount key = {.party = {a->account.country, a->account.institution, a->account.account},
                         .currency = a->currency};
    uint32_t id;
    if (!stream_account_find(p->snap, &key, &id))
        return fail(c, E_CORRUPT, "an account of the trace is not in the stream");
    StreamWindow window = {BASE_TIME_US_MIN, BASE_TIME_US_MAX, STREAM_ENTRIES_MAX};
    StreamEntries entries;
    TRY(stream_account_entries(c, p->snap, id, &window, &entries));
    if (entries.more)
        return fail(c, E_LIMIT, "account " STR_FMT " has more than %d transfers",
                    STR_ARG(a->account.account), STREAM_ENTRIES_MAX);
    int64_t opening, balance;
    TRY(trace_view_balance(c, stream_view(p->snap), id, 0, &opening, &balance));
    Before b = {opening, opening > 0 ? opening : 0};
    for (size_t i = 0; i < entries.n; i++) {
        uint64_t position = entries.items[i].position;
        int64_t at;
        if (position >= p->position_end)
            continue;
        if (position >= p->firsts[index]) {
            TRY(row_add(c, p, position));
            continue;
        }
        const TraceTransfer *t = trace_view_transfer(stream_view(p->snap), position, &at);
        int64_t moved = entries.items[i].debit ? -t->amount : t->credited;
        b.balance += moved;
        b.lies = b.lies + moved > 0 ? b.lies + moved : 0;
    }
    *ret_before = b;
    return OK;
}

static Err put_accounts(Ctx *c, Pack *p, JsonWriter *w) {
    json_put_key(w, STR("accounts"));
    json_put_array_begin(w);
    for (size_t i = 0; i < p->trace->account_count; i++) {
        const DeskTraceAccount *a = &p->trace->accounts[i];
        Before before;
        TRY(account_rows(c, p, i, &before));
        json_put_object_begin(w);
        json_put_key_str(w, "account", a->account.account);
        json_put_key_i64(w, "balance_before", before.balance);
        json_put_key_str(w, "country", a->account.country);
        json_put_key_str(w, "currency", a->currency);
        json_put_key_str(w, "institution", a->account.institution);
        json_put_key_i64(w, "lies_before", before.lies);
        json_put_object_end(w);
    }
    json_put_array_end(w);
    return OK;
}

static Err put_rows(Ctx *c, Pack *p, JsonWriter *w) {
    if (p->row_count > 1)
        qsort(p->rows, p->row_count, sizeof *p->rows, by_position);
    AUTO(Buf) row = {0};
    json_put_key(w, STR("rows"));
    json_put_array_begin(w);
    for (size_t i = 0; i < p->row_count; i++) {
        StreamTransfer t;
        if (i > 0 && p->rows[i] == p->rows[i - 1])
            continue;
        TRY(stream_transfer_get(c, p->snap, p->rows[i], &t));
        buf_clear(&row);
        stream_transfer_row(&t, &row);
        TRY(buf_check(c, &row));
        json_put_str(w, buf_view(&row));
    }
    json_put_array_end(w);
    return OK;
}

void desk_seeds_put(JsonWriter *w, const DeskSeeds *seeds, size_t n, bool by_record) {
    json_put_key(w, STR("seeds"));
    json_put_array_begin(w);
    for (size_t i = 0; i < n; i++) {
        json_put_object_begin(w);
        json_put_key_str(w, "report", by_record ? seeds[i].record : seeds[i].report);
        desk_put_strs(w, "transfers", seeds[i].transfers, seeds[i].count);
        json_put_object_end(w);
    }
    json_put_array_end(w);
}

// A transfer that several reports name belongs to the one that the notes name.
static bool belongs_elsewhere(const DeskTrace *t, Str report, Str transfer) {
    for (size_t i = 0; i < t->note_count; i++) {
        if (str_eq(t->notes[i].report, report) && str_eq(t->notes[i].transfer, transfer))
            return true;
    }
    return false;
}

Err desk_seeds_get(Ctx *c, DeskSlot *s, const DeskTrace *t, DeskSeeds **ret_seeds) {
    DeskSeeds *seeds;
    TRY(ctx_alloc(c, (t->report_count + 1) * sizeof *seeds, &seeds));
    for (size_t i = 0; i < t->report_count; i++) {
        RecordId id;
        PictureNamed named;
        if (!record_id_parse(t->reports[i].record, &id))
            return fail(c, E_CORRUPT, "a report of the trace has no id");
        TRY(picture_report_named(c, s->picture, id, &named));
        Str *all;
        size_t n = 0;
        TRY(ctx_alloc(c, (named.transfer_count + named.seed_count + 1) * sizeof *all, &all));
        for (size_t k = 0; k < named.transfer_count + named.seed_count; k++) {
            Str x = k < named.transfer_count ? named.transfers[k]
                                             : named.seeds[k - named.transfer_count];
            if (!belongs_elsewhere(t, t->reports[i].id, x))
                all[n++] = x;
        }
        desk_sort_strs(all, n);
        seeds[i] =
            (DeskSeeds){t->reports[i].id, t->reports[i].record, all, desk_unique_strs(all, n)};
    }
    *ret_seeds = seeds;
    return OK;
}

Err desk_pack_write(Ctx *c, const StreamSnapshot *snap, const DeskTrace *t, const DeskSeeds *seeds,
                    Buf *out) {
    AUTO(Pack) p = {.snap = snap, .trace = t};
    p.position_end = t->has_until ? trace_view_position_after(stream_view(snap), t->until_us)
                                  : TRACE_POSITION_NONE;
    TRY(find_firsts(c, &p));
    JsonWriter w = json_writer_start(out);
    json_put_object_begin(&w);
    TRY(put_accounts(c, &p, &w));
    json_put_key_str(&w, "columns", format_transfer_header());
    json_put_key_str(&w, "engine", STR(TRACE_ENGINE));
    TRY(put_rows(c, &p, &w));
    json_put_key_str(&w, "rule", str_of(trace_rule_name(t->rule)));
    desk_seeds_put(&w, seeds, t->report_count, false);
    desk_put_opt_time(&w, "until", t->has_until, t->until_us);
    json_put_key_i64(&w, "v", 1);
    json_put_object_end(&w);
    return json_writer_end(c, &w);
}
