// Checking every byte: files against the manifest, segments in themselves, rows against batches.
#include <stdio.h>

#include "stream/stream_priv.h"

typedef struct Verify {
    Stream *s;
    const StreamSnapshot *snap;
    const StreamBatchSource *source;
    const StreamProgress *progress;
    StreamVerdict *verdict;
    BatchRow *batches;
    size_t batch_n;
    uint64_t done, total; // rows, for the progress
    // The batches looked at in this pass over the rows.
    size_t first, end;
    CryptoHash *leaves;
    uint8_t *seen;     // one a leaf
    uint64_t *offsets; // of each batch of the pass, in leaves
    LeafKey *keys;
    Buf row, scratch;
    const char *where_file; // what is looked at, for the words
    uint32_t where_row;
} Verify;

static void Verify_cleanup(Verify *v) {
    mem_free(v->leaves);
    mem_free(v->seen);
    mem_free(v->offsets);
    mem_free(v->keys);
    buf_done(&v->row);
    buf_done(&v->scratch);
}

static Err step(Ctx *c, Verify *v, uint64_t rows) {
    v->done += rows;
    const StreamProgress *p = v->progress;
    if (p && p->step && !p->step(p->self, v->done, v->total))
        return fail(c, E_CANCELLED, "stopped");
    return OK;
}

// --- files
// --------------------------------------------------------------------------------------------

// A mapped file that was cut since then must not be touched.
static Err check_size(Ctx *c, const StreamFile *f) {
    AUTO(File) file = {0};
    uint64_t n;
    Err e = file_open(c, str_of(f->path), FILE_READ, &file);
    if (e == E_NOT_FOUND)
        return fail(c, E_CORRUPT, "%s is absent though the manifest names it", f->path);
    TRY(e);
    TRY(file_size(c, &file, &n));
    if (n != f->map.n)
        return fail(c, E_CORRUPT, "%s has %llu bytes, the manifest says %llu", f->path,
                    (unsigned long long)n, (unsigned long long)f->map.n);
    return OK;
}

static Err check_hash(Ctx *c, const StreamFile *f) {
    CryptoHash hash = section_map_hash(&f->map);
    if (memcmp(&hash, &f->hash, sizeof hash) != 0)
        return fail(c, E_CORRUPT, "%s is not the file that the manifest names: SHA-256 differs",
                    f->path);
    return OK;
}

static Err check_files(Ctx *c, Verify *v) {
    const StreamSnapshot *snap = v->snap;
    OrderKey before, first;
    for (size_t i = 0; i < snap->accounts->file_count; i++) {
        TRY(check_size(c, snap->accounts->files[i]));
        TRY(accounts_file_check(c, snap->accounts->files[i]));
        TRY(check_hash(c, snap->accounts->files[i]));
    }
    for (size_t i = 0; i < snap->n; i++) {
        const StreamFile *f = snap->files[i];
        uint32_t n = f->segment.transfer_count;
        TRY(check_size(c, f));
        TRY(segment_check(c, f, &snap->keys));
        TRY(check_hash(c, f));
        bool read = segment_order(f, &snap->keys, 0, &first);
        if (!read || (i && order_cmp(&before, &first) >= 0))
            return fail(c, E_CORRUPT, "%s, row 0: it does not come after the segment before it",
                        f->path);
        read = segment_order(f, &snap->keys, n - 1, &before);
        ASSERT(read);
        v->verdict->segments++;
        TRY(step(c, v, n));
    }
    return OK;
}

// --- batches
// ------------------------------------------------------------------------------------------

static bool batch_find(const Verify *v, uint64_t number, size_t *ret_index) {
    size_t low = v->first, high = v->end;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (v->batches[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_index = low;
    return low < v->end && v->batches[low].number == number;
}

static bool batch_known(const Verify *v, uint64_t number) {
    Verify all = *v;
    size_t index;
    all.first = 0;
    all.end = v->batch_n;
    return batch_find(&all, number, &index);
}

static Err row_bad(Ctx *c, const Verify *v, const char *what) {
    return fail(c, E_CORRUPT, "%s, row %u: %s", v->where_file, v->where_row, what);
}

static Err check_telling(Ctx *c, Verify *v, const Telling *t) {
    size_t index;
    if (!batch_find(v, t->batch, &index))
        return batch_known(v, t->batch) ? OK : row_bad(c, v, "its batch is not there");
    const BatchRow *b = &v->batches[index];
    uint64_t at = v->offsets[index - v->first] + t->row;
    if (t->row >= b->taken)
        return row_bad(c, v, "its batch has fewer rows than it says");
    if (v->seen[at])
        return row_bad(c, v, "its row of the batch is there twice");
    buf_clear(&v->row);
    stream_transfer_row(&t->t, &v->row);
    TRY(buf_check(c, &v->row));
    v->seen[at] = 1;
    v->leaves[at] = leaf_of_row(&v->keys[index - v->first], t->row, buf_view(&v->row), &v->scratch);
    return buf_check(c, &v->scratch);
}

static Err check_row(Ctx *c, Verify *v, const StoredRow *r) {
    Details d;
    StreamTransfer t;
    if (!details_read(r->details, r->details_n, &d) || d.contribution_count == 0 ||
        !transfer_of(&v->snap->keys, &r->t, r->booked_at, &d, &t))
        return row_bad(c, v, "it is damaged");
    const uint8_t *p = d.contributions;
    uint8_t filled = 0;
    for (uint64_t left = d.contribution_count; left; left--) {
        Contribution k;
        if (!contribution_read(&p, d.end, &k))
            return row_bad(c, v, "its contributions are damaged");
        Telling one = {.t = t, .mask = k.mask, .batch = k.batch, .row = k.row};
        transfer_blank(&one.t, k.mask);
        filled |= k.mask;
        TRY(check_telling(c, v, &one));
    }
    if (filled != d.presence)
        return row_bad(c, v, "nobody told some of its fields");
    return OK;
}

static Err check_segment_rows(Ctx *c, Verify *v, size_t k) {
    const StreamSnapshot *snap = v->snap;
    const StreamFile *f = snap->files[k];
    for (uint32_t i = 0; i < f->segment.transfer_count; i++) {
        uint64_t position = (snap->segments[k].number_first + i + 1) << TRACE_POSITION_SHIFT;
        if (snap->tail->replaced_count && snap->overlay.replaced(snap->overlay.self, position))
            continue;
        StoredRow r = {.t = f->segment.transfers[i], .booked_at = f->segment.booked_at[i]};
        if (!segment_details_bytes(f, i, &r.details, &r.details_n))
            return fail(c, E_CORRUPT, "%s, row %u: its details are damaged", f->path, i);
        v->where_file = f->path;
        v->where_row = i;
        TRY(check_row(c, v, &r));
        if ((i & 0xffff) == 0xffff)
            TRY(step(c, v, 0x10000));
    }
    return step(c, v, f->segment.transfer_count & 0xffff);
}

static Err check_aside(Ctx *c, Verify *v, Str packed) {
    Ctx scratch = {0};
    TellingList list = {0};
    Err e = tellings_add_packed(&scratch, packed, &list);
    for (size_t i = 0; e == OK && i < list.n; i++)
        e = check_telling(&scratch, v, &list.items[i]);
    if (e != OK)
        fail(c, e, "%s", scratch.error);
    ctx_done(&scratch);
    return e;
}

static Err check_rows(Ctx *c, Verify *v) {
    const StreamSnapshot *snap = v->snap;
    for (size_t k = 0; k < snap->n; k++)
        TRY(check_segment_rows(c, v, k));
    for (size_t i = 0; i < snap->tail->n; i++) {
        const Row *row = &snap->tail->rows[i];
        StoredRow r = {.t = snap->tail->transfers[i],
                       .booked_at = row->booked_at,
                       .details = snap->tail->details + row->details_at,
                       .details_n = row->details_n};
        v->where_file = "tail";
        v->where_row = (uint32_t)i;
        TRY(check_row(c, v, &r));
    }
    v->where_file = "tellings aside";
    for (size_t i = 0; i < snap->asides->n; i++)
        TRY(check_aside(c, v, snap->asides->items[i].packed));
    return OK;
}

static Err check_batch(Ctx *c, Verify *v, size_t index) {
    const BatchRow *b = &v->batches[index];
    MerkleStack tree = {.n = 0};
    uint64_t offset = v->offsets[index - v->first];
    for (uint64_t i = 0; i < b->taken; i++) {
        if (!v->seen[offset + i])
            return fail(c, E_CORRUPT, "batch %llu: its row %llu is missing",
                        (unsigned long long)b->number, (unsigned long long)i);
        merkle_add(&tree, &v->leaves[offset + i]);
    }
    CryptoHash root = merkle_root(&tree);
    if (memcmp(&root, &b->root, sizeof root) != 0)
        return fail(c, E_CORRUPT, "batch %llu: its rows do not make its root: one was changed",
                    (unsigned long long)b->number);
    bool found = true;
    StreamBatch batch = {.number = b->number, .rows = b->rows, .taken = b->taken, .root = b->root};
    if (v->source)
        TRY(v->source->found(c, v->source->self, &batch, &found));
    if (!found)
        return fail(c, E_CORRUPT, "batch %llu: no record of the ledger states its root",
                    (unsigned long long)b->number);
    v->verdict->batches++;
    v->verdict->rows += b->taken;
    return OK;
}

static Err pass(Ctx *c, Verify *v) {
    size_t n = v->end - v->first;
    uint64_t leaves = 0;
    v->offsets = mem_alloc(n * sizeof *v->offsets);
    v->keys = mem_alloc(n * sizeof *v->keys);
    for (size_t i = 0; v->offsets && v->keys && i < n; i++) {
        v->offsets[i] = leaves;
        leaves += v->batches[v->first + i].taken;
        leaf_key_init(&v->keys[i], &v->batches[v->first + i].salt);
    }
    v->leaves = mem_alloc(leaves * sizeof *v->leaves);
    v->seen = mem_alloc_zero(leaves, 1);
    Err e = OK;
    if (!v->offsets || !v->keys || !v->leaves || !v->seen)
        e = fail(c, E_MEMORY, "not enough memory to verify %llu rows", (unsigned long long)leaves);
    if (e == OK)
        e = check_rows(c, v);
    for (size_t i = v->first; e == OK && i < v->end; i++)
        e = check_batch(c, v, i);
    mem_free(v->offsets);
    mem_free(v->keys);
    mem_free(v->leaves);
    mem_free(v->seen);
    v->offsets = NULL;
    v->keys = NULL;
    v->leaves = NULL;
    v->seen = NULL;
    return e;
}

// The end of the batches that fit into one pass from `first`; at least one.
static size_t pass_end(const Verify *v, size_t first) {
    uint64_t leaves = v->batches[first].taken;
    size_t end = first + 1;
    while (end < v->batch_n && leaves + v->batches[end].taken <= STREAM_VERIFY_LEAVES_MAX)
        leaves += v->batches[end++].taken;
    return end;
}

static Err verify(Ctx *c, Verify *v) {
    TRY(db_batches(c, v->s, &v->batches, &v->batch_n));
    uint64_t passes = 0;
    for (size_t first = 0; first < v->batch_n; first = pass_end(v, first))
        passes++;
    v->total = v->snap->sealed_rows * (1 + passes);
    TRY(check_files(c, v));
    for (; v->first < v->batch_n; v->first = v->end) {
        v->end = pass_end(v, v->first);
        if (v->batches[v->first].taken > IMPORT_BATCH_ROWS_MAX)
            return fail(c, E_CORRUPT, "batch %llu claims more rows than one can have",
                        (unsigned long long)v->batches[v->first].number);
        TRY(pass(c, v));
    }
    if (v->batch_n == 0 && stream_counts(v->snap).transfers)
        return fail(c, E_CORRUPT, "there are transfers, but no batch that they came with");
    if (v->source && v->source->count != v->batch_n)
        return fail(c, E_CORRUPT, "the ledger states %llu batches, the stream holds %zu",
                    (unsigned long long)v->source->count, v->batch_n);
    return OK;
}

Err stream_verify(Ctx *c, Stream *s, const StreamBatchSource *source,
                  const StreamProgress *progress, StreamVerdict *ret_verdict) {
    AUTO(StreamSnapshotPtr) snap = stream_snapshot_get(s);
    StreamVerdict verdict = {.good = true};
    AUTO(Verify)
    v = {.s = s, .snap = snap, .source = source, .progress = progress, .verdict = &verdict};
    Err e = verify(c, &v);
    if (e == E_CORRUPT) {
        verdict.good = false;
        snprintf(verdict.words, sizeof verdict.words, "%.500s", c->error);
        e = OK;
    }
    TRY(e);
    *ret_verdict = verdict;
    return OK;
}

Err stream_file_check(Ctx *c, Str bytes) {
    // Sections are read in place, so that they must lie as a mapping would lay them.
    StreamFile *f = mem_alloc_zero(1, sizeof *f + bytes.n + 64);
    if (!f)
        return fail(c, E_MEMORY, "not enough memory to check a file");
    uint8_t *aligned = (uint8_t *)(((uintptr_t)(f + 1) + 63) & ~(uintptr_t)63);
    if (bytes.n)
        memcpy(aligned, bytes.p, bytes.n);
    f->map.bytes = aligned;
    f->map.n = bytes.n;
    bool accounts = bytes.n >= 8 && memcmp(bytes.p, FILE_KIND_ACCOUNTS.magic, 8) == 0;
    f->kind = accounts ? &FILE_KIND_ACCOUNTS : &FILE_KIND_SEGMENT;
    memcpy(f->path, "the file", 9);
    Err e = section_map_read(c, f->path, f->kind, &f->map);
    if (e == OK)
        e = accounts ? accounts_file_bind(c, f) : segment_bind(c, f);
    if (e == OK)
        e = accounts ? accounts_file_check(c, f) : segment_check(c, f, NULL);
    mem_free(f);
    return e;
}
