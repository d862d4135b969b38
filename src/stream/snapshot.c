// Opening, snapshots, and what is read from them.
#include <stdlib.h>

#include "stream/stream_priv.h"

// --- open and close
// -----------------------------------------------------------------------------------

static Err remove_strangers(Ctx *c, Stream *s) {
    Str *names;
    size_t n;
    StreamSnapshot *snap = s->current;
    TRY(dir_list(c, str_of(s->folder), &names, &n));
    for (size_t i = 0; i < n; i++) {
        Str path;
        bool known = false;
        TRY(str_format(c, &path, "%s/" STR_FMT, s->folder, STR_ARG(names[i])));
        for (size_t k = 0; k < snap->n; k++)
            known = known || str_eq_c(path, snap->files[k]->path);
        for (size_t k = 0; k < snap->accounts->file_count; k++)
            known = known || str_eq_c(path, snap->accounts->files[k]->path);
        bool ours = str_starts(names[i], str_of(FILE_KIND_SEGMENT.prefix)) ||
                    str_starts(names[i], str_of(FILE_KIND_ACCOUNTS.prefix));
        if (!known && ours)
            TRY(file_remove(c, path));
    }
    return OK;
}

Err stream_open(Ctx *c, const StreamOptions *options, Stream **ret_stream) {
    AUTO(StreamPtr) s = mem_alloc_zero(1, sizeof *s);
    if (!s)
        return fail(c, E_MEMORY, "not enough memory to open the stream");
    Str folder;
    TRY(str_format(c, &folder, STR_FMT "/stream", STR_ARG(options->dir)));
    if (folder.n + 64 > sizeof s->folder)
        return fail(c, E_LIMIT, "the path of the node's folder is too long");
    memcpy(s->folder, folder.p, folder.n + 1);
    s->db = options->ledger_db;
    s->random = options->random;
    if (pthread_mutex_init(&s->lock, NULL) != 0)
        return fail(c, E_MEMORY, "not enough memory for a lock");
    TRY(dir_make(c, folder));
    TRY(db_load(c, s));
    TRY(remove_strangers(c, s));
    *ret_stream = s;
    s = NULL;
    return OK;
}

void stream_close(Stream *s) {
    if (!s)
        return;
    stream_snapshot_put(s->current);
    pthread_mutex_destroy(&s->lock);
    mem_free(s);
}

void StreamPtr_cleanup(StreamPtr *s) {
    stream_close(*s);
}

// --- snapshots
// ----------------------------------------------------------------------------------------

StreamSnapshot *stream_snapshot_get(Stream *s) {
    pthread_mutex_lock(&s->lock);
    StreamSnapshot *snap = s->current;
    atomic_fetch_add(&snap->refs, 1);
    pthread_mutex_unlock(&s->lock);
    return snap;
}

void stream_snapshot_put(StreamSnapshot *snap) {
    if (!snap || atomic_fetch_sub(&snap->refs, 1) != 1)
        return;
    history_done(snap);
    for (size_t i = 0; i < snap->n; i++)
        stream_file_put(snap->files[i]);
    accounts_put(snap->accounts);
    tail_put(snap->tail);
    asides_put(snap->asides);
    mem_free(snap);
}

void StreamSnapshotPtr_cleanup(StreamSnapshotPtr *snap) {
    stream_snapshot_put(*snap);
}

static bool replaced(void *self, uint64_t position) {
    const StreamSnapshot *snap = self;
    const Tail *t = snap->tail;
    size_t low = 0, high = t->replaced_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->replaced[middle] < position)
            low = middle + 1;
        else
            high = middle;
    }
    return low < t->replaced_count && t->replaced[low] == position;
}

static Err take_files(Ctx *c, StreamSnapshot *snap, const SnapshotParts *parts) {
    for (size_t i = 0; i < parts->n; i++) {
        StreamFile *f = parts->files[i];
        if (f->segment.account_limit > parts->accounts->count ||
            f->map.head.key != parts->accounts->hash_key)
            return fail(c, E_CORRUPT, "%s does not belong to this stream", f->path);
        snap->files[snap->n] = stream_file_ref(f);
        snap->segments[snap->n] = f->segment;
        snap->segments[snap->n++].number_first = snap->sealed_rows;
        snap->sealed_rows += f->segment.transfer_count;
    }
    return OK;
}

Err snapshot_make(Ctx *c, const SnapshotParts *parts, StreamSnapshot **ret_snapshot) {
    if (parts->n > STREAM_SEGMENTS_MAX)
        return fail(c, E_LIMIT, "the stream has more than %d segments", STREAM_SEGMENTS_MAX);
    AUTO(StreamSnapshotPtr) snap = mem_alloc_zero(1, sizeof *snap);
    if (!snap)
        return fail(c, E_MEMORY, "not enough memory for the view of the stream");
    atomic_store(&snap->refs, 1);
    snap->accounts = accounts_ref(parts->accounts);
    snap->tail = tail_ref(parts->tail);
    snap->asides = asides_ref(parts->asides);
    snap->batches = parts->batches;
    snap->keys = (Keys){.base = snap->accounts, .currencies = &snap->accounts->currencies};
    TRY(history_init(c, snap));
    TRY(take_files(c, snap, parts));
    snap->overlay = (TraceOverlay){.self = snap,
                                   .positions = snap->tail->positions,
                                   .transfers = snap->tail->transfers,
                                   .booked_at = snap->tail->booked_at,
                                   .n = snap->tail->n,
                                   .replaced = replaced,
                                   .history = history_ask};
    snap->view = (TraceView){.segments = snap->segments,
                             .segment_count = snap->n,
                             .currencies = snap->accounts->currency_of,
                             .account_count = snap->accounts->count,
                             .overlay = snap->tail->n ? &snap->overlay : NULL};
    *ret_snapshot = snap;
    snap = NULL;
    return OK;
}

// --- reading
// ------------------------------------------------------------------------------------------

StreamCounts stream_counts(const StreamSnapshot *snap) {
    return (StreamCounts){.transfers =
                              snap->sealed_rows + snap->tail->n - snap->tail->replaced_count,
                          .accounts = snap->accounts->count,
                          .segments = snap->n,
                          .tail_rows = snap->tail->n,
                          .conflicts = snap->asides->conflicts,
                          .batches = snap->batches};
}

CryptoHash stream_manifest_hash(const StreamSnapshot *snap) {
    CryptoSha256 sha;
    crypto_sha256_init(&sha);
    crypto_sha256_add(&sha, "moei/stream/v1\n", 15);
    for (size_t i = 0; i < snap->n; i++)
        crypto_sha256_add(&sha, &snap->files[i]->hash, sizeof snap->files[i]->hash);
    const Tail *t = snap->tail;
    for (size_t i = 0; i < t->n; i++) {
        uint8_t number[8];
        Str from = keys_get(&snap->keys, TRACE_ACCOUNT(t->rows[i].from));
        Str to = keys_get(&snap->keys, TRACE_ACCOUNT(t->rows[i].to));
        const int64_t values[3] = {t->rows[i].booked_at, t->rows[i].amount, t->rows[i].credited};
        for (size_t k = 0; k < 3; k++) {
            store_u64le(number, (uint64_t)values[k]);
            crypto_sha256_add(&sha, number, sizeof number);
        }
        crypto_sha256_add(&sha, from.p, from.n);
        crypto_sha256_add(&sha, "\n", 1);
        crypto_sha256_add(&sha, to.p, to.n);
        crypto_sha256_add(&sha, "\n", 1);
        crypto_sha256_add(&sha, t->details + t->rows[i].details_at, t->rows[i].details_n);
    }
    return crypto_sha256_finish(&sha);
}

const TraceView *stream_view(const StreamSnapshot *snap) {
    return &snap->view;
}

StreamAccount stream_account(const StreamSnapshot *snap, uint32_t id) {
    ASSERT(id < snap->accounts->count);
    StreamAccount a = {0};
    // A damaged key shows as an account without names; verify tells where.
    if (!key_split(keys_get(&snap->keys, id), &a.party, &a.currency))
        return a;
    a.exponent = snap->accounts->currencies.items[snap->accounts->currency_of[id]].exponent;
    return a;
}

bool stream_account_find(const StreamSnapshot *snap, const StreamAccount *key, uint32_t *ret_id) {
    char joined[KEY_BYTES_MAX];
    const StreamParty *p = &key->party;
    if (p->country.n > STREAM_FIELD_BYTES_MAX || p->institution.n > STREAM_FIELD_BYTES_MAX ||
        p->account.n > STREAM_FIELD_BYTES_MAX || key->currency.n > STREAM_FIELD_BYTES_MAX)
        return false;
    Str s = {joined, key_join(p, key->currency, joined)};
    return accounts_find(snap->accounts, s, hash_bytes(snap->accounts->hash_key, s.p, s.n), ret_id);
}

static int by_number(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void IdList_cleanup(IdList *list) {
    mem_free(list->items);
}

Err stream_accounts_search(Ctx *c, const StreamSnapshot *snap, const StreamParty *party,
                           uint32_t **ret_ids, size_t *ret_n) {
    AUTO(IdList) list = {0};
    TRY(accounts_by_number(c, snap->accounts, party->account, &list));
    uint32_t *ids;
    size_t n = 0;
    TRY(ctx_alloc(c, (list.n + 1) * sizeof *ids, &ids));
    for (size_t i = 0; i < list.n; i++) {
        StreamAccount a = stream_account(snap, list.items[i]);
        if ((party->country.n && !str_eq(party->country, a.party.country)) ||
            (party->institution.n && !str_eq(party->institution, a.party.institution)))
            continue;
        ids[n++] = list.items[i];
    }
    if (n > STREAM_ACCOUNTS_FOUND_MAX)
        return fail(c, E_LIMIT, "more than %d accounts have the number " STR_FMT,
                    STREAM_ACCOUNTS_FOUND_MAX, STR_ARG(party->account));
    if (n)
        qsort(ids, n, sizeof *ids, by_number);
    *ret_ids = ids;
    *ret_n = n;
    return OK;
}

bool stream_transfer_find(const StreamSnapshot *snap, Str id, uint64_t *ret_position) {
    uint64_t hash = hash_bytes(snap->accounts->hash_key, id.p, id.n);
    uint32_t index;
    if (tail_find(snap->tail, id, hash, &index)) {
        *ret_position = snap->tail->positions[index];
        return true;
    }
    for (size_t k = snap->n; k-- > 0;)
        if (segment_find(snap->files[k], id, hash, &index)) {
            *ret_position = (snap->segments[k].number_first + index + 1) << TRACE_POSITION_SHIFT;
            return true;
        }
    return false;
}

Err snapshot_row(Ctx *c, const StreamSnapshot *snap, uint64_t position, StoredRow *ret_row) {
    uint32_t index;
    const StreamFile *f;
    StoredRow r;
    if (tail_at(snap->tail, position, &index)) {
        const Row *row = &snap->tail->rows[index];
        *ret_row = (StoredRow){.t = snap->tail->transfers[index],
                               .booked_at = row->booked_at,
                               .details = snap->tail->details + row->details_at,
                               .details_n = row->details_n};
        return OK;
    }
    Sealed sealed = {snap->files, snap->n};
    const TraceTransfer *t = sealed_at(&sealed, position, &f, &index);
    ASSERT(t != NULL);
    r = (StoredRow){.t = *t, .booked_at = f->segment.booked_at[index]};
    if (!segment_details_bytes(f, index, &r.details, &r.details_n))
        return fail(c, E_CORRUPT, "%s, row %u: its details are damaged", f->path, index);
    *ret_row = r;
    return OK;
}

Err stream_transfer_get(Ctx *c, const StreamSnapshot *snap, uint64_t position,
                        StreamTransfer *ret_transfer) {
    StoredRow r;
    Details d;
    TRY(snapshot_row(c, snap, position, &r));
    if (!details_read(r.details, r.details_n, &d) ||
        !transfer_of(&snap->keys, &r.t, r.booked_at, &d, ret_transfer))
        return fail(c, E_CORRUPT, "the transfer at position %llu is damaged",
                    (unsigned long long)position);
    return OK;
}

uint64_t stream_position_next(const StreamSnapshot *snap, uint64_t from) {
    const Tail *t = snap->tail;
    uint32_t late;
    uint64_t step = 1ULL << TRACE_POSITION_SHIFT, sealed = TRACE_POSITION_NONE;
    uint64_t last = snap->sealed_rows << TRACE_POSITION_SHIFT;
    if (from <= last)
        sealed = from <= step ? step : (from + step - 1) & ~(step - 1);
    if (snap->sealed_rows == 0)
        sealed = TRACE_POSITION_NONE;
    while (sealed <= last && replaced((void *)(uintptr_t)snap, sealed))
        sealed += step;
    if (sealed > last)
        sealed = TRACE_POSITION_NONE;
    (void)tail_at(t, from, &late);
    return late < t->n && t->positions[late] < sealed ? t->positions[late] : sealed;
}

static uint32_t run_lower_bound(const TraceRun *run, uint64_t position) {
    uint32_t low = 0, high = run->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (run->position_base + (run->entries[middle].at >> 1) < position)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static Err history_of(Ctx *c, const StreamSnapshot *snap, uint32_t account,
                      TraceRun runs[STREAM_SEGMENTS_MAX], TraceHistory *ret_history) {
    TraceHistory h = {.runs = runs};
    bool known;
    TRY(history_ask(c, (void *)(uintptr_t)snap, account, &h, &known));
    for (size_t k = 0; !known && k < snap->n; k++) {
        SegmentEntries e;
        const TraceSegment *s = &snap->segments[k];
        if (segment_entries(s, account, &e))
            runs[h.n++] =
                (TraceRun){.entries = e.entries,
                           .n = e.n,
                           .position_base = (s->number_first + 1) << TRACE_POSITION_SHIFT};
    }
    *ret_history = h;
    return OK;
}

Err stream_account_entries(Ctx *c, const StreamSnapshot *snap, uint32_t account,
                           const StreamWindow *window, StreamEntries *ret_entries) {
    TraceRun runs[STREAM_SEGMENTS_MAX];
    TraceHistory h;
    StreamEntries out = {0};
    StreamEntry *items;
    size_t max = window->max < STREAM_ENTRIES_MAX ? window->max : STREAM_ENTRIES_MAX, cap = 0;
    TRY(history_of(c, snap, account, runs, &h));
    uint64_t from = trace_view_position_after(&snap->view, window->from_us - 1);
    uint64_t end = trace_view_position_after(&snap->view, window->until_us);
    for (uint32_t k = 0; k < h.n; k++)
        cap += run_lower_bound(&h.runs[k], end) - run_lower_bound(&h.runs[k], from);
    cap = cap < max ? cap : max;
    TRY(ctx_alloc(c, (cap + 1) * sizeof *items, &items));
    for (uint32_t k = 0; k < h.n && !out.more; k++) {
        const TraceRun *run = &h.runs[k];
        uint32_t last = run_lower_bound(run, end);
        for (uint32_t i = run_lower_bound(run, from); i < last && !out.more; i++) {
            out.more = out.n == cap;
            if (!out.more)
                items[out.n++] = (StreamEntry){run->position_base + (run->entries[i].at >> 1),
                                               run->entries[i].at & 1};
        }
    }
    out.items = items;
    *ret_entries = out;
    return OK;
}

// --- versions
// -----------------------------------------------------------------------------------------

static int current_first(const void *a, const void *b) {
    const StreamVersion *x = a, *y = b;
    if (x->current != y->current)
        return x->current ? -1 : 1;
    return str_cmp(x->row, y->row);
}

Err stream_versions(Ctx *c, const StreamSnapshot *snap, Str id, StreamVersion **ret_versions,
                    size_t *ret_n) {
    uint64_t position;
    TellingList list = {0};
    Versions v;
    StreamVersion *items;
    if (!stream_transfer_find(snap, id, &position))
        return fail(c, E_NOT_FOUND, "there is no transfer " STR_FMT, STR_ARG(id));
    TRY(tellings_gather(c, snap, position, &list));
    StreamTransfer pick;
    bool picked = asides_pick(snap->asides, id, &pick);
    TRY(versions_make(c, list.items, list.n, picked ? &pick : NULL, &v));
    TRY(ctx_alloc(c, v.n * sizeof *items, &items));
    for (size_t i = 0; i < v.n; i++)
        items[i] = (StreamVersion){.row = v.items[i].row,
                                   .hash = v.items[i].hash,
                                   .current = i == v.current,
                                   .picked = v.items[i].picked};
    qsort(items, v.n, sizeof *items, current_first);
    *ret_versions = items;
    *ret_n = v.n;
    return OK;
}

Err stream_conflicts(Ctx *c, const StreamSnapshot *snap, Str after, size_t max, Str **ret_ids,
                     size_t *ret_n) {
    const Asides *a = snap->asides;
    Str *ids;
    size_t n = 0, same, at = asides_find(a, after, &same);
    TRY(ctx_alloc(c, ((max < a->conflicts ? max : a->conflicts) + 1) * sizeof *ids, &ids));
    for (at += after.n ? same : 0; at < a->n && n < max; at++)
        if (n == 0 || !str_eq(ids[n - 1], a->items[at].id))
            ids[n++] = a->items[at].id;
    *ret_ids = ids;
    *ret_n = n;
    return OK;
}
