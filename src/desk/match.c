// Victims know no transfer id: which transfers may be the one that a report speaks of?
// The rule and the score are described in docs/desk.md.
#include "desk/desk_priv.h"

#include <stdlib.h>

typedef struct Candidate {
    uint64_t position;
    bool debit, credit; // of an account that the report names
    uint8_t named;      // how exactly: 0 number alone … 2 with country and institution
} Candidate;

typedef struct Matcher {
    const DeskNode *node;
    const StreamSnapshot *snap;
    const PictureReport *report;
    const PictureNamed *named;
    int64_t from_us, until_us;
    Candidate *items; // heap
    size_t count, cap;
    bool more;
} Matcher;

static void Matcher_cleanup(Matcher *m) {
    mem_free(m->items);
}

static Err gather_account(Ctx *c, Matcher *m, const PictureAccount *a) {
    StreamParty party = {a->country, a->institution, a->account};
    uint32_t *ids;
    size_t n;
    TRY(stream_accounts_search(c, m->snap, &party, &ids, &n));
    uint8_t named = (uint8_t)((a->country.n > 0) + (a->institution.n > 0));
    for (size_t i = 0; i < n; i++) {
        StreamWindow window = {m->from_us, m->until_us, MATCH_ENTRIES_MAX};
        StreamEntries found;
        TRY(stream_account_entries(c, m->snap, ids[i], &window, &found));
        m->more |= found.more;
        TRY(mem_grow(c, &m->items, &m->cap, m->count + found.n, sizeof *m->items));
        for (size_t k = 0; k < found.n; k++) {
            const StreamEntry *e = &found.items[k];
            m->items[m->count++] = (Candidate){e->position, e->debit, !e->debit, named};
        }
    }
    return OK;
}

static int by_position(const void *a, const void *b) {
    const Candidate *x = a, *y = b;
    return (x->position > y->position) - (x->position < y->position);
}

// One candidate a transfer, also where both its accounts are named.
static void merge(Matcher *m) {
    if (m->count == 0)
        return;
    qsort(m->items, m->count, sizeof *m->items, by_position);
    size_t kept = 0;
    for (size_t i = 1; i < m->count; i++) {
        const Candidate *x = &m->items[i];
        Candidate *last = &m->items[kept];
        if (x->position != last->position) {
            m->items[++kept] = *x;
            continue;
        }
        last->debit |= x->debit;
        last->credit |= x->credit;
        if (x->named > last->named)
            last->named = x->named;
    }
    m->count = kept + 1;
}

// --- score --------------------------------------------------------------------------------------

// How far the nearer side of the transfer is from the loss, or -1 where neither side is within one
// hundredth of it in the report's currency.
static int64_t amount_gap(const PictureReport *r, const DeskProposal *p) {
    const DeskMoney *sides[] = {&p->amount, &p->credited};
    int64_t best = -1;
    for (size_t i = 0; i < COUNT_OF(sides); i++) {
        if (r->currency.n > 0 && !str_eq(r->currency, sides[i]->currency))
            continue;
        int64_t gap = sides[i]->amount - r->loss;
        gap = gap < 0 ? -gap : gap;
        if (gap <= r->loss / 100 && (best < 0 || gap < best))
            best = gap;
    }
    return best;
}

static bool loss_told(const PictureReport *r) {
    return r->has_loss && r->loss > 0;
}

static int64_t time_gap(const PictureReport *r, int64_t booked_at) {
    int64_t told =
        r->has_happened_at ? r->happened_at : (r->has_reported_at ? r->reported_at : r->at);
    return booked_at < told ? told - booked_at : booked_at - told;
}

static uint32_t score_of(const PictureReport *r, const Candidate *x, int64_t gap,
                         int64_t booked_at) {
    int64_t window =
        r->has_happened_at ? MATCH_WINDOW_HOURS * TIME_HOUR_US : MATCH_LOOKBACK_DAYS * TIME_DAY_US;
    int64_t hundredth = r->loss / 100 > 0 ? r->loss / 100 : 1;
    int64_t amount = loss_told(r) ? 400 - 400 * gap / hundredth : 200;
    int64_t time = 300 - 300 * time_gap(r, booked_at) / window;
    int64_t ends = x->debit && x->credit ? 200 : 100;
    return (uint32_t)(amount + time + ends + 50 * x->named);
}

static void put_span(Buf *out, int64_t us) {
    int64_t minutes = us / 60000000;
    if (minutes < 120)
        buf_format(out, "%lld min", (long long)minutes);
    else if (minutes < 48 * 60)
        buf_format(out, "%lld h", (long long)(minutes / 60));
    else
        buf_format(out, "%lld days", (long long)(minutes / (24 * 60)));
}

static Err words_of(Ctx *c, const Matcher *m, const Candidate *x, int64_t gap, DeskProposal *p) {
    const PictureReport *r = m->report;
    AUTO(Buf) out = {0};
    buf_text(&out, x->debit && x->credit ? "both accounts named"
                   : x->debit            ? "debit of a named account"
                                         : "credit of a named account");
    if (loss_told(r) && gap == 0)
        buf_text(&out, ", exactly the loss");
    else if (loss_told(r))
        buf_text(&out, ", within 1 % of the loss");
    buf_text(&out, ", ");
    put_span(&out, time_gap(r, p->booked_at));
    int64_t told = r->has_happened_at ? r->happened_at : r->reported_at;
    buf_text(&out, p->booked_at < told ? " before " : " after ");
    buf_text(&out, r->has_happened_at ? "the time told" : "the report");
    TRY(buf_check(c, &out));
    return str_copy(c, buf_view(&out), &p->why);
}

static bool among(const Str *items, size_t n, Str s) {
    for (size_t i = 0; i < n; i++) {
        if (str_eq(items[i], s))
            return true;
    }
    return false;
}

// Makes the proposal; *ret_fits tells whether it is one.
static Err propose(Ctx *c, const Matcher *m, const Candidate *x, DeskProposal *ret_proposal,
                   bool *ret_fits) {
    StreamTransfer t;
    TRY(stream_transfer_get(c, m->snap, x->position, &t));
    DeskTransfer d;
    desk_transfer_of(&t, &d);
    DeskProposal p = {
        .transfer = d.id,
        .booked_at = d.booked_at,
        .from = d.from,
        .to = d.to,
        .amount = d.amount,
        .credited = d.credited,
    };
    int64_t gap = loss_told(m->report) ? amount_gap(m->report, &p) : 0;
    *ret_fits = gap >= 0;
    if (gap < 0)
        return OK;
    p.score = score_of(m->report, x, gap, p.booked_at);
    p.picked = among(m->named->seeds, m->named->seed_count, p.transfer) ||
               among(m->named->transfers, m->named->transfer_count, p.transfer);
    TRY(words_of(c, m, x, gap, &p));
    *ret_proposal = p;
    return OK;
}

static int best_first(const void *a, const void *b) {
    const DeskProposal *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    if (x->booked_at != y->booked_at)
        return x->booked_at < y->booked_at ? -1 : 1;
    return str_cmp(x->transfer, y->transfer);
}

// Keeps the best MATCH_PROPOSALS_MAX: the list is cut to that length whenever it is twice as long.
static Err rank(Ctx *c, Matcher *m, DeskMatch *match) {
    const size_t most = MATCH_PROPOSALS_MAX;
    DeskProposal *best;
    TRY(ctx_alloc(c, 2 * most * sizeof *best, &best));
    size_t n = 0;
    for (size_t i = 0; i < m->count; i++) {
        bool fits;
        TRY(propose(c, m, &m->items[i], &best[n], &fits));
        n += fits;
        if (n < 2 * most)
            continue;
        qsort(best, n, sizeof *best, best_first);
        n = most;
        m->more = true;
    }
    if (n > 0)
        qsort(best, n, sizeof *best, best_first);
    match->more = m->more || n > most;
    match->items = best;
    match->count = n < most ? n : most;
    return OK;
}

// Copies what points into the snapshot, which is put back before the answer is read.
static Err copy_texts(Ctx *c, DeskMatch *match) {
    DeskProposal *items;
    TRY(ctx_alloc(c, (match->count + 1) * sizeof *items, &items));
    for (size_t i = 0; i < match->count; i++) {
        items[i] = match->items[i];
        Str *texts[] = {
            &items[i].transfer,     &items[i].from.country,    &items[i].from.institution,
            &items[i].from.account, &items[i].to.country,      &items[i].to.institution,
            &items[i].to.account,   &items[i].amount.currency, &items[i].credited.currency};
        for (size_t k = 0; k < COUNT_OF(texts); k++)
            TRY(str_copy(c, *texts[k], texts[k]));
    }
    match->items = items;
    return OK;
}

static Err match_in(Ctx *c, Matcher *m, DeskMatch *match) {
    for (size_t i = 0; i < m->named->account_count; i++)
        TRY(gather_account(c, m, &m->named->accounts[i]));
    merge(m);
    TRY(rank(c, m, match));
    return copy_texts(c, match);
}

static Err find_named(Ctx *c, const Desk *d, Str report, PictureReport *ret_report,
                      PictureNamed *ret_named) {
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    TRY(desk_reading_snapshot(c, &r));
    TRY(desk_report_find(c, d->node, r.slot, report, ret_report));
    return picture_report_named(c, r.slot->picture, ret_report->id, ret_named);
}

Err desk_report_match(Ctx *c, const Desk *d, Str report, DeskMatch *ret_match) {
    TRY(desk_need(c, d, DESK_REPORT_READ));
    TRY(desk_need(c, d, DESK_TRANSFER_READ));
    PictureReport r;
    PictureNamed named;
    TRY(find_named(c, d, report, &r, &named));
    if (named.account_count == 0)
        return fail(c, E_STATE,
                    "report " STR_FMT " names no account, so there is nothing to match: ask the "
                    "victim for the account that paid or the one that was paid",
                    STR_ARG(r.report));
    DeskMatch match = {.report = r.report};
    int64_t reported = r.has_reported_at ? r.reported_at : r.at;
    const int64_t around = MATCH_WINDOW_HOURS * TIME_HOUR_US;
    match.from_us =
        r.has_happened_at ? r.happened_at - around : reported - MATCH_LOOKBACK_DAYS * TIME_DAY_US;
    match.until_us = r.has_happened_at ? r.happened_at + around : reported;
    AUTO(StreamSnapshotPtr) snap = stream_snapshot_get(d->node->stream);
    AUTO(Matcher)
    m = {.node = d->node,
         .snap = snap,
         .report = &r,
         .named = &named,
         .from_us = match.from_us,
         .until_us = match.until_us};
    TRY(match_in(c, &m, &match));
    match.picked = named.seeds;
    match.picked_count = named.seed_count;
    *ret_match = match;
    return OK;
}

// --- pick ---------------------------------------------------------------------------------------

static Err check_known(Ctx *c, const DeskNode *n, const Str *transfers, size_t count) {
    AUTO(StreamSnapshotPtr) snap = stream_snapshot_get(n->stream);
    for (size_t i = 0; i < count; i++) {
        uint64_t position;
        if (!stream_transfer_find(snap, transfers[i], &position))
            return fail(c, E_NOT_FOUND,
                        "transfer " STR_FMT " is not in the stream: only known transfers can be "
                        "picked; `moei report match` proposes some",
                        STR_ARG(transfers[i]));
    }
    return OK;
}

Err desk_report_pick(Ctx *c, const Desk *d, Str report, const Str *transfers, size_t count) {
    TRY(desk_need(c, d, DESK_REPORT_WRITE));
    AUTO(DeskReading) reading = {0};
    TRY(desk_reading_begin(c, d, &reading));
    PictureReport r;
    TRY(desk_report_find(c, d->node, reading.slot, report, &r));
    if (str_eq_c(r.state, "duplicate"))
        return fail(c, E_STATE,
                    "report " STR_FMT " is a duplicate and is not traced: pick for the "
                    "one that came first",
                    STR_ARG(r.report));
    if (count > IMPORT_LIST_ITEMS_MAX)
        return fail(c, E_LIMIT, "at most %d transfers can be picked", IMPORT_LIST_ITEMS_MAX);
    Str *sorted;
    TRY(ctx_alloc(c, (count + 1) * sizeof *sorted, &sorted));
    // Ids are kept in NFC; what is copied from a bank's file may be in another form.
    for (size_t i = 0; i < count; i++)
        TRY(text_nfc(c, transfers[i], &sorted[i]));
    TRY(check_known(c, d->node, sorted, count));
    desk_sort_strs(sorted, count);
    count = desk_unique_strs(sorted, count);
    RecordMark mark;
    TRY(desk_mark_of(c, reading.slot, r.id, &mark));
    AUTO(Buf) body = {0};
    JsonWriter w = json_writer_start(&body);
    json_put_object_begin(&w);
    desk_put_strs(&w, "transfers", sorted, count);
    json_put_object_end(&w);
    TRY(json_writer_end(c, &w));
    AUTO(DeskWriting) writing = {0};
    TRY(desk_writing_begin(c, d->node, d, &writing));
    DeskDraft draft = {.kind = RECORD_SEED,
                       .has_of = true,
                       .of = r.id,
                       .mark = &mark,
                       .purpose = "investigation",
                       .body = buf_view(&body)};
    return desk_record_add(c, &writing, &draft, NULL);
}
