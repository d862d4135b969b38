// Sealing: which segments are written anew, and the merge of their rows with late ones.
#include <stdlib.h>

#include "stream/stream_priv.h"

#define PIECES_MAX (2 * STREAM_SEGMENTS_MAX + 2)
#define FROM_TAIL (1U << 31)

typedef void *Heap;
static void Heap_cleanup(Heap *p) {
    mem_free(*p);
}

// Rows of the session and of the tail, in Order; and the sealed rows that they replace.
typedef struct Late {
    uint32_t *refs; // row of the session, or of the tail with FROM_TAIL
    size_t n;
    uint64_t *replaced;
    size_t replaced_n;
} Late;

static void Late_cleanup(Late *l) {
    mem_free(l->refs);
    mem_free(l->replaced);
}

typedef struct Seal {
    StreamImport *imp;
    const StreamSnapshot *base;
    Late late;
} Seal;

static const Row *late_row(const Seal *s, uint32_t ref, const uint8_t **ret_details) {
    const Row *r;
    if (ref & FROM_TAIL) {
        r = &s->base->tail->rows[ref & ~FROM_TAIL];
        *ret_details = s->base->tail->details + r->details_at;
    } else {
        r = &s->imp->rows[ref];
        *ret_details = s->imp->details + r->details_at;
    }
    return r;
}

static OrderKey late_order(const Seal *s, uint32_t ref) {
    bool tail = ref & FROM_TAIL;
    const Row *r = tail ? &s->base->tail->rows[ref & ~FROM_TAIL] : &s->imp->rows[ref];
    return order_of_row(&s->imp->keys, r, tail ? s->base->tail->details : s->imp->details);
}

static int by_position(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void late_merge(Seal *s, const uint32_t *sorted, const bool *gone) {
    const Tail *t = s->base->tail;
    size_t a = 0, b = 0;
    while (a < t->n || b < s->imp->n) {
        if (a < t->n && gone[a]) {
            a++;
            continue;
        }
        bool tail = b == s->imp->n;
        if (!tail && a < t->n) {
            OrderKey x = late_order(s, (uint32_t)a | FROM_TAIL), y = late_order(s, sorted[b]);
            tail = order_cmp(&x, &y) < 0;
        }
        s->late.refs[s->late.n++] = tail ? (uint32_t)a++ | FROM_TAIL : sorted[b++];
    }
}

static Err late_make(Ctx *c, Seal *s) {
    const Tail *t = s->base->tail;
    const StreamImport *imp = s->imp;
    AUTO(Heap) sorted = mem_alloc((imp->n + 1) * sizeof(uint32_t));
    AUTO(Heap) gone = mem_alloc_zero(t->n + 1, sizeof(bool));
    s->late.refs = mem_alloc((imp->n + t->n + 1) * sizeof *s->late.refs);
    if (!sorted || !gone || !s->late.refs)
        return fail(c, E_MEMORY, "not enough memory to seal %zu transfers", imp->n);
    size_t cap = 0;
    for (size_t i = 0; i < imp->n; i++) {
        uint32_t index;
        if (imp->rows[i].prior == 0)
            continue;
        if (tail_at(t, imp->rows[i].prior, &index)) {
            ((bool *)gone)[index] = true;
            continue;
        }
        TRY(mem_grow(c, &s->late.replaced, &cap, s->late.replaced_n + 1, sizeof *s->late.replaced));
        s->late.replaced[s->late.replaced_n++] = imp->rows[i].prior;
    }
    TRY(mem_grow(c, &s->late.replaced, &cap, s->late.replaced_n + t->replaced_count + 1,
                 sizeof *s->late.replaced));
    for (size_t i = 0; i < t->replaced_count; i++)
        s->late.replaced[s->late.replaced_n++] = t->replaced[i];
    qsort(s->late.replaced, s->late.replaced_n, sizeof *s->late.replaced, by_position);
    TRY(rows_sort(c, &imp->keys, imp->rows, imp->details, imp->n, sorted));
    late_merge(s, sorted, gone);
    return OK;
}

// Index of the first replaced position at or after this one.
static size_t replaced_from(const Seal *s, uint64_t position) {
    size_t low = 0, high = s->late.replaced_n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->late.replaced[middle] < position)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// --- plan
// ---------------------------------------------------------------------------------------------

// A stretch of Order: segments and late rows of it. Kept as it is, or written anew.
typedef struct Piece {
    bool write;
    size_t segment_first, segment_n, late_first, late_n;
    uint64_t rows;
} Piece;

typedef struct Plan {
    Piece items[PIECES_MAX];
    size_t n;
    uint64_t target;
} Plan;

static size_t late_lower_bound(const Seal *s, const OrderKey *key) {
    size_t low = 0, high = s->late.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        OrderKey at = late_order(s, s->late.refs[middle]);
        if (order_cmp(&at, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void join_next(Plan *p, size_t i) {
    Piece *a = &p->items[i], *b = &p->items[i + 1];
    a->write = true;
    if (a->segment_n == 0)
        a->segment_first = b->segment_first;
    a->segment_n += b->segment_n;
    if (a->late_n == 0)
        a->late_first = b->late_first;
    a->late_n += b->late_n;
    a->rows += b->rows;
    for (size_t k = i + 1; k + 1 < p->n; k++)
        p->items[k] = p->items[k + 1];
    p->n--;
}

static Err plan_pieces(Ctx *c, const Seal *s, Plan *p) {
    size_t at = 0;
    for (size_t k = 0; k < s->base->n; k++) {
        const StreamFile *f = s->base->files[k];
        uint32_t n = f->segment.transfer_count;
        OrderKey first, last;
        if (!segment_order(f, &s->imp->keys, 0, &first) ||
            !segment_order(f, &s->imp->keys, n - 1, &last))
            return fail(c, E_CORRUPT, "%s is damaged; verify the stream", f->path);
        size_t a = late_lower_bound(s, &first), b = late_lower_bound(s, &last);
        if (a > at)
            p->items[p->n++] =
                (Piece){.write = true, .late_first = at, .late_n = a - at, .rows = a - at};
        b = b > a ? b : a;
        uint64_t base = (s->base->segments[k].number_first + 1) << TRACE_POSITION_SHIFT;
        size_t gone =
            replaced_from(s, base + ((uint64_t)n << TRACE_POSITION_SHIFT)) - replaced_from(s, base);
        p->items[p->n++] = (Piece){.write = b > a || gone,
                                   .segment_first = k,
                                   .segment_n = 1,
                                   .late_first = a,
                                   .late_n = b - a,
                                   .rows = n - gone + (b - a)};
        at = b;
    }
    if (s->late.n > at)
        p->items[p->n++] = (Piece){.write = true,
                                   .segment_first = s->base->n,
                                   .late_first = at,
                                   .late_n = s->late.n - at,
                                   .rows = s->late.n - at};
    return OK;
}

static uint64_t files_of(const Plan *p, size_t i) {
    const Piece *a = &p->items[i];
    return a->write ? (a->rows + p->target - 1) / p->target : 1;
}

// Small neighbours are taken along, so that many small imports do not leave many small files.
static bool worth_joining(const Plan *p, size_t i) {
    const Piece *a = &p->items[i], *b = &p->items[i + 1];
    if (a->write && b->write)
        return true;
    if (!a->write && !b->write)
        return false;
    uint64_t kept = a->write ? b->rows : a->rows, written = a->write ? a->rows : b->rows;
    return kept <= 4 * written && kept + written <= p->target;
}

static Err plan_make(Ctx *c, const Seal *s, Plan *p) {
    uint64_t total = s->base->sealed_rows + s->late.n;
    p->target = STREAM_SEGMENT_ROWS_TARGET;
    if (p->target < total / (STREAM_SEGMENTS_MAX / 2) + 1)
        p->target = total / (STREAM_SEGMENTS_MAX / 2) + 1;
    if (p->target > STREAM_SEGMENT_ROWS_MAX)
        return fail(c, E_LIMIT, "the stream holds as many transfers as it can");
    TRY(plan_pieces(c, s, p));
    for (size_t i = 0; i + 1 < p->n;) {
        if (!worth_joining(p, i)) {
            i++;
            continue;
        }
        join_next(p, i);
        // What was not worth it before may be now that the piece is larger.
        i = i ? i - 1 : 0;
    }
    for (;;) {
        uint64_t files = 0, least = UINT64_MAX;
        size_t where = 0;
        for (size_t i = 0; i < p->n; i++) {
            files += files_of(p, i);
            if (i + 1 < p->n && p->items[i].rows + p->items[i + 1].rows < least) {
                least = p->items[i].rows + p->items[i + 1].rows;
                where = i;
            }
        }
        if (files <= STREAM_SEGMENTS_MAX || p->n == 1)
            return OK;
        join_next(p, where);
    }
}

// --- rows of a piece
// ----------------------------------------------------------------------------------

// Both sources of a piece, at their next rows.
typedef struct Source {
    const Seal *s;
    const Piece *piece;
    size_t segment; // index into base->files
    uint32_t row;
    size_t late;
    size_t gone; // first replaced position that has not been passed
    OrderKey sealed_key, late_key;
    bool sealed_left, late_left;
} Source;

static Err sealed_load(Ctx *c, Source *q) {
    const StreamSnapshot *base = q->s->base;
    size_t end = q->piece->segment_first + q->piece->segment_n;
    for (;; q->row++) {
        if (q->segment < end && q->row == base->segments[q->segment].transfer_count) {
            q->segment++;
            q->row = 0;
        }
        q->sealed_left = q->segment < end;
        if (!q->sealed_left)
            return OK;
        uint64_t position = (base->segments[q->segment].number_first + q->row + 1)
                            << TRACE_POSITION_SHIFT;
        const Late *late = &q->s->late;
        while (q->gone < late->replaced_n && late->replaced[q->gone] < position)
            q->gone++;
        if (q->gone == late->replaced_n || late->replaced[q->gone] != position)
            break;
    }
    // A place is told only where there are two sources to choose from.
    if (!q->late_left)
        return OK;
    if (!segment_order(base->files[q->segment], &q->s->imp->keys, q->row, &q->sealed_key))
        return fail(c, E_CORRUPT, "%s, row %u is damaged; verify the stream",
                    base->files[q->segment]->path, q->row);
    return OK;
}

static void late_load(Source *q) {
    q->late_left = q->late < q->piece->late_first + q->piece->late_n;
    if (q->late_left && q->piece->segment_n)
        q->late_key = late_order(q->s, q->s->late.refs[q->late]);
}

// A row as it goes into a segment.
typedef struct OutRow {
    TraceTransfer t;
    int64_t booked_at;
    const uint8_t *details;
    size_t details_n;
} OutRow;

static Err source_next(Ctx *c, Source *q, OutRow *ret_row) {
    if (q->late_left && (!q->sealed_left || order_cmp(&q->late_key, &q->sealed_key) < 0)) {
        const uint8_t *details;
        const Row *r = late_row(q->s, q->s->late.refs[q->late++], &details);
        *ret_row = (OutRow){.t = {r->from, r->to, r->amount, r->credited},
                            .booked_at = r->booked_at,
                            .details = details,
                            .details_n = r->details_n};
        late_load(q);
        return OK;
    }
    const StreamFile *f = q->s->base->files[q->segment];
    OutRow r = {.t = f->segment.transfers[q->row], .booked_at = f->segment.booked_at[q->row]};
    if (!segment_details_bytes(f, q->row, &r.details, &r.details_n))
        return fail(c, E_CORRUPT, "%s, row %u is damaged; verify the stream", f->path, q->row);
    *ret_row = r;
    q->row++;
    return sealed_load(c, q);
}

// --- writing a segment
// --------------------------------------------------------------------------------

typedef struct SegmentRows {
    uint32_t n;
    TraceTransfer *transfers;
    int64_t *booked_at;
    TraceBalances *balances;
    uint64_t *row_at;
    const uint8_t **details;
    uint64_t *hashes;
} SegmentRows;

static void SegmentRows_cleanup(SegmentRows *r) {
    mem_free(r->transfers);
    mem_free(r->booked_at);
    mem_free(r->balances);
    mem_free(r->row_at);
    mem_free(r->details);
    mem_free(r->hashes);
}

static Err rows_take(Ctx *c, Source *q, uint32_t n, SegmentRows *r) {
    uint64_t key = q->s->imp->s->hash_key;
    r->transfers = mem_alloc(n * sizeof *r->transfers);
    r->booked_at = mem_alloc(n * sizeof *r->booked_at);
    r->balances = mem_alloc(n * sizeof *r->balances);
    r->row_at = mem_alloc(((size_t)n + 1) * sizeof *r->row_at);
    r->details = mem_alloc(n * sizeof *r->details);
    r->hashes = mem_alloc(n * sizeof *r->hashes);
    if (!r->transfers || !r->booked_at || !r->balances || !r->row_at || !r->details || !r->hashes)
        return fail(c, E_MEMORY, "not enough memory for a segment of %u transfers", n);
    r->row_at[0] = 0;
    for (r->n = 0; r->n < n; r->n++) {
        OutRow o;
        Details d;
        TRY(source_next(c, q, &o));
        if (!details_read(o.details, o.details_n, &d))
            return fail(c, E_CORRUPT, "the stream is damaged; verify it");
        r->transfers[r->n] = o.t;
        r->booked_at[r->n] = o.booked_at;
        r->balances[r->n].from =
            d.presence & HAS_FROM_BALANCE ? d.from_balance : TRACE_BALANCE_NONE;
        r->balances[r->n].to = d.presence & HAS_TO_BALANCE ? d.to_balance : TRACE_BALANCE_NONE;
        r->details[r->n] = o.details;
        r->row_at[r->n + 1] = r->row_at[r->n] + o.details_n;
        r->hashes[r->n] = hash_bytes(key, d.id.p, d.id.n);
    }
    return OK;
}

static Err put_id_index(Ctx *c, SectionWriter *w, const SegmentRows *r) {
    size_t count = 2;
    while (2 * count < 3 * (size_t)r->n)
        count *= 2;
    AUTO(Heap) slots = mem_alloc_zero(count, sizeof(uint32_t));
    if (!slots)
        return fail(c, E_MEMORY, "not enough memory for the index of %u transfers", r->n);
    uint32_t *slot = slots;
    for (uint32_t i = 0; i < r->n; i++) {
        if (i + 16 < r->n)
            __builtin_prefetch(&slot[r->hashes[i + 16] & (count - 1)], 1);
        size_t at = r->hashes[i] & (count - 1);
        while (slot[at])
            at = (at + 1) & (count - 1);
        slot[at] = segment_slot_tag(r->hashes[i]) | (i + 1);
    }
    return section_put_whole(c, w, slots, count * sizeof *slot);
}

static Err put_index(Ctx *c, SectionWriter *w, const TraceSegment *x) {
    size_t blocks = ((size_t)x->account_limit + 511) / 512, p = x->present_count;
    TRY(section_put_whole(c, w, x->transfers, x->transfer_count * sizeof *x->transfers));
    TRY(section_put_whole(c, w, x->booked_at, x->transfer_count * sizeof *x->booked_at));
    TRY(section_put_whole(c, w, x->present, blocks * 64));
    TRY(section_put_whole(c, w, x->rank, blocks * sizeof *x->rank));
    TRY(section_put_whole(c, w, x->entry_first, (p + 1) * sizeof *x->entry_first));
    TRY(section_put_whole(c, w, x->entries, x->entry_first[p] * sizeof *x->entries));
    return section_put_whole(c, w, x->sums, p * sizeof *x->sums);
}

static Err segment_write(Ctx *c, StreamImport *imp, const SegmentRows *r, StreamFile **ret_file) {
    AUTO(TraceIndex) index = {0};
    AUTO(SectionWriter) w = {0};
    Str path;
    CryptoHash hash;
    TRY(file_path_of(c, str_of(imp->s->folder), &FILE_KIND_SEGMENT, imp->next_file, &path));
    TRY(trace_index_build(c, r->transfers, r->booked_at, r->balances, r->n, &index));
    FileHead head = {.number = imp->next_file,
                     .n = r->n,
                     .p = index.segment.present_count,
                     .a = index.segment.account_limit,
                     .key = imp->s->hash_key};
    TRY(section_writer_begin(c, path, &FILE_KIND_SEGMENT, &head, &w));
    TRY(put_index(c, &w, &index.segment));
    TraceIndex_cleanup(&index);
    TRY(section_put_whole(c, &w, r->row_at, ((size_t)r->n + 1) * sizeof *r->row_at));
    section_begin(&w);
    for (uint32_t i = 0; i < r->n; i++)
        TRY(section_put(c, &w, r->details[i], (size_t)(r->row_at[i + 1] - r->row_at[i])));
    TRY(section_end(c, &w));
    TRY(put_id_index(c, &w, r));
    TRY(section_writer_finish(c, &w, &hash));
    imp->next_file++;
    Err e = stream_file_open(c, path, &FILE_KIND_SEGMENT, ret_file);
    if (e != OK) {
        // It stands under its name already; what fails here fails again at removing, and the next
        // start removes it.
        AUTO(Ctx) other = {0};
        Err ignored = file_remove(&other, path);
        (void)ignored;
        return e;
    }
    (*ret_file)->hash = hash;
    return OK;
}

void SealedSet_cleanup(SealedSet *set) {
    for (size_t i = 0; i < set->n; i++)
        stream_file_put(set->files[i]);
    set->n = 0;
}

static Err piece_write(Ctx *c, const Seal *s, const Plan *plan, const Piece *piece,
                       SealedSet *set) {
    Source q = {.s = s, .piece = piece, .segment = piece->segment_first, .late = piece->late_first};
    late_load(&q);
    TRY(sealed_load(c, &q));
    uint64_t files = (piece->rows + plan->target - 1) / plan->target, left = piece->rows;
    for (; files; files--) {
        AUTO(SegmentRows) rows = {0};
        uint32_t n = (uint32_t)((left + files - 1) / files);
        ASSERT(set->n < COUNT_OF(set->files));
        TRY(rows_take(c, &q, n, &rows));
        StreamFile *f;
        TRY(segment_write(c, s->imp, &rows, &f));
        set->files[set->n++] = f;
        left -= n;
    }
    return OK;
}

static void Seal_cleanup(Seal *s) {
    Late_cleanup(&s->late);
}

Err seal_segments(Ctx *c, StreamImport *imp, SealedSet *ret_set) {
    AUTO(Seal) s = {.imp = imp, .base = imp->base};
    AUTO(SealedSet) set = {0};
    Plan plan = {0};
    TRY(late_make(c, &s));
    TRY(plan_make(c, &s, &plan));
    Err e = OK;
    for (size_t i = 0; e == OK && i < plan.n; i++) {
        const Piece *p = &plan.items[i];
        if (p->write)
            e = piece_write(c, &s, &plan, p, &set);
        else
            set.files[set.n++] = stream_file_ref(imp->base->files[p->segment_first]);
    }
    for (size_t i = 0; e != OK && i < set.n; i++) {
        bool old = false;
        for (size_t k = 0; k < imp->base->n; k++)
            old = old || imp->base->files[k] == set.files[i];
        if (!old)
            atomic_store(&set.files[i]->doomed, true);
    }
    TRY(e);
    *ret_set = set;
    set.n = 0;
    return OK;
}
