// From reports to seeds, and the run of the engine.
#include "desk/trace_priv.h"

#include <stdlib.h>

// --- seeds --------------------------------------------------------------------------------------

// A report that names a transfer; the union of what victims told and what officers picked.
typedef struct Claimed {
    uint64_t position; // TRACE_POSITION_NONE: not in the stream
    Str transfer;
    uint32_t report;
} Claimed;

typedef struct Gather {
    const DeskNode *node;
    const StreamSnapshot *snap;
    DeskTraceReport *reports;
    size_t report_count;
    Claimed *items; // heap
    size_t count, cap;
} Gather;

static void Gather_cleanup(Gather *g) {
    mem_free(g->items);
}

static int by_position_report(const void *a, const void *b) {
    const Claimed *x = a, *y = b;
    if (x->position != y->position)
        return x->position < y->position ? -1 : 1;
    if (x->position == TRACE_POSITION_NONE) {
        int order = str_cmp(x->transfer, y->transfer);
        if (order != 0)
            return order;
    }
    return (x->report > y->report) - (x->report < y->report);
}

static Err claim(Ctx *c, Gather *g, uint32_t report, const Str *transfers, size_t n) {
    TRY(mem_grow(c, &g->items, &g->cap, g->count + n, sizeof *g->items));
    for (size_t i = 0; i < n; i++) {
        Claimed *x = &g->items[g->count++];
        *x = (Claimed){TRACE_POSITION_NONE, transfers[i], report};
        if (!stream_transfer_find(g->snap, transfers[i], &x->position))
            x->position = TRACE_POSITION_NONE;
    }
    return OK;
}

static Err add_report(Ctx *c, Gather *g, DeskSlot *s, uint32_t at, Str id) {
    PictureReport r;
    PictureNamed named;
    TRY(desk_report_find(c, g->node, s, id, &r));
    if (str_eq_c(r.state, "duplicate"))
        return fail(c, E_STATE,
                    "report " STR_FMT " is a duplicate and is not traced: name the one "
                    "that came first",
                    STR_ARG(id));
    TRY(picture_report_named(c, s->picture, r.id, &named));
    char text[RECORD_ID_TEXT_BYTES];
    record_id_text(r.id, text);
    DeskTraceReport *report = &g->reports[at];
    *report = (DeskTraceReport){.id = id, .currency = r.currency};
    TRY(str_copy(c, str_of(text), &report->record));
    TRY(claim(c, g, at, named.transfers, named.transfer_count));
    return claim(c, g, at, named.seeds, named.seed_count);
}

// Ids of the reports that are asked for, bytewise, each once.
static Err reports_of(Ctx *c, const Desk *d, DeskSlot *s, const DeskTraceQuery *q, Str **ret_ids,
                      size_t *ret_n) {
    DeskCaseReports in = {0};
    if (q->case_id.n > 0) {
        PictureCase k;
        TRY(desk_case_find(c, s, q->case_id, &k));
        TRY(desk_case_reports(c, d->node, s, k.id, &in));
        if (in.in_count == 0)
            return fail(c, E_STATE, "no report stands in this case: `moei case add` puts some in");
    } else {
        if (q->report_count == 0)
            return fail(c, E_INVALID, "name a case or at least one report");
        TRY(ctx_alloc(c, q->report_count * sizeof(Str), &in.in));
        for (size_t i = 0; i < q->report_count; i++) {
            PictureReport r;
            TRY(desk_report_find(c, d->node, s, q->reports[i], &r));
            TRY(desk_report_name(c, d->node, s, &r, &in.in[in.in_count++]));
        }
        desk_sort_strs(in.in, in.in_count);
        in.in_count = desk_unique_strs(in.in, in.in_count);
    }
    if (in.in_count > TRACE_REPORTS_MAX)
        return fail(c, E_LIMIT, "a trace takes at most %d reports", TRACE_REPORTS_MAX);
    *ret_ids = in.in;
    *ret_n = in.in_count;
    return OK;
}

// Sorted claims become seeds (the smallest report has the transfer) and notes (the others, and
// what is not known).
static Err settle(Ctx *c, Gather *g, TraceSeed **ret_seeds, size_t *ret_seed_count,
                  DeskTrace *trace) {
    TraceSeed *seeds;
    DeskTraceNote *notes;
    TRY(ctx_alloc(c, (g->count + 1) * sizeof *seeds, &seeds));
    TRY(ctx_alloc(c, (g->count + 1) * sizeof *notes, &notes));
    size_t seed_count = 0, note_count = 0;
    if (g->count > 1)
        qsort(g->items, g->count, sizeof *g->items, by_position_report);
    for (size_t i = 0; i < g->count; i++) {
        const Claimed *x = &g->items[i];
        bool known = x->position != TRACE_POSITION_NONE;
        bool same = i > 0 && x->position == g->items[i - 1].position &&
                    (known || str_eq(x->transfer, g->items[i - 1].transfer));
        if (same && x->report == g->items[i - 1].report)
            continue; // told and picked
        if (known && !same) {
            seeds[seed_count++] = (TraceSeed){x->position, x->report};
            g->reports[x->report].seeded = true;
            continue;
        }
        DeskTraceNote *note = &notes[note_count++];
        *note = (DeskTraceNote){.report = g->reports[x->report].id, .transfer = x->transfer};
        if (known) {
            DeskTraceReport *owner = &g->reports[seeds[seed_count - 1].report];
            note->belongs_to = owner->id;
            owner->contested = true;
            g->reports[x->report].contested = true;
            g->reports[x->report].seeded = true;
        }
    }
    trace->notes = notes;
    trace->note_count = note_count;
    *ret_seeds = seeds;
    *ret_seed_count = seed_count;
    return OK;
}

static int note_order(const void *a, const void *b) {
    const DeskTraceNote *x = a, *y = b;
    int order = str_cmp(x->report, y->report);
    return order ? order : str_cmp(x->transfer, y->transfer);
}

static Err no_seeds(Ctx *c, const DeskTrace *t) {
    if (t->note_count > 0)
        return fail(c, E_STATE,
                    "there is nothing to follow: transfer " STR_FMT " that report " STR_FMT
                    " names is not in the stream. Import the bank's file that has it (`moei "
                    "import transfers`), or find the transfer with `moei report match`",
                    STR_ARG(t->notes[0].transfer), STR_ARG(t->notes[0].report));
    return fail(c, E_STATE,
                "there is nothing to follow: report " STR_FMT " names no transfer. `moei report "
                "match` proposes transfers, --pick makes them its seeds",
                STR_ARG(t->reports[0].id));
}

// --- run ----------------------------------------------------------------------------------------

static Err run(Ctx *c, const DeskTraceQuery *q, Gather *g, DeskTrace *trace) {
    TraceSeed *seeds;
    size_t seed_count;
    TRY(settle(c, g, &seeds, &seed_count, trace));
    if (trace->note_count > 1) {
        DeskTraceNote *notes;
        TRY(ctx_alloc(c, trace->note_count * sizeof *notes, &notes));
        memcpy(notes, trace->notes, trace->note_count * sizeof *notes);
        qsort(notes, trace->note_count, sizeof *notes, note_order);
        trace->notes = notes;
    }
    if (seed_count == 0)
        return no_seeds(c, trace);
    const TraceView *view = stream_view(g->snap);
    TraceQuery query = {
        .rule = q->rule,
        .position_end =
            q->has_until ? trace_view_position_after(view, q->until_us) : TRACE_POSITION_NONE,
        .seeds = seeds,
        .seed_count = seed_count,
        .report_count = (uint32_t)trace->report_count,
    };
    AUTO(TraceResult) result = {0};
    int64_t start = clock_monotonic_us();
    TRY(trace_run(c, view, &query, &result));
    trace->engine_us = clock_monotonic_us() - start;
    trace->events = result.events;
    DeskTraceInput input = {g->snap, &result, &query, g->reports};
    return desk_trace_build(c, &input, trace);
}

static Err gather(Ctx *c, const Desk *d, const DeskTraceQuery *q, Gather *g) {
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_begin(c, d, &r));
    TRY(desk_reading_snapshot(c, &r));
    Str *ids;
    TRY(reports_of(c, d, r.slot, q, &ids, &g->report_count));
    TRY(ctx_alloc(c, g->report_count * sizeof *g->reports, &g->reports));
    for (uint32_t i = 0; i < g->report_count; i++)
        TRY(add_report(c, g, r.slot, i, ids[i]));
    return OK;
}

Err desk_trace(Ctx *c, const Desk *d, const DeskTraceQuery *q, DeskTrace *ret_trace) {
    TRY(desk_need(c, d, DESK_TRACE_RUN));
    DeskTrace trace = {.rule = q->rule, .has_until = q->has_until, .until_us = q->until_us};
    AUTO(StreamSnapshotPtr) snap = stream_snapshot_get(d->node->stream);
    AUTO(Gather) g = {.node = d->node, .snap = snap};
    TRY(gather(c, d, q, &g));
    trace.reports = g.reports;
    trace.report_count = g.report_count;
    TRY(run(c, q, &g, &trace));
    *ret_trace = trace;
    return OK;
}

Err desk_trace_until(Ctx *c, Str text, DeskTraceQuery *q) {
    int64_t at_us;
    if (format_time_parse(c, text, NULL, &at_us) != OK)
        return fail(c, E_INVALID,
                    "the end of a trace is a time with its offset, such as "
                    "2026-03-01T12:00:00+07:00, not \"" STR_FMT "\"",
                    STR_ARG(text));
    q->has_until = true;
    q->until_us = at_us;
    return OK;
}
