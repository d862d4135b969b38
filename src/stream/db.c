// The tables of the stream in ledger.db: loaded at open, written with each commit.
#include <stdio.h>

#include "stream/stream_priv.h"

#include "stream_sql.h"

enum {
    SQL_STATE_GET,
    SQL_STATE_PUT,
    SQL_FILES,
    SQL_FILES_CLEAR,
    SQL_FILE_ADD,
    SQL_BATCHES,
    SQL_BATCH_COUNT,
    SQL_BATCH_ADD,
    SQL_TAIL,
    SQL_TAIL_PUT,
    SQL_TAIL_CLEAR,
    SQL_TELLINGS,
    SQL_TELLING_ADD,
    SQL_TELLINGS_REMOVE,
    SQL_PICKS,
    SQL_PICK_PUT
};

static const char *const statement_names[] = {
    [SQL_STATE_GET] = "state_get",
    [SQL_STATE_PUT] = "state_put",
    [SQL_FILES] = "files",
    [SQL_FILES_CLEAR] = "files_clear",
    [SQL_FILE_ADD] = "file_add",
    [SQL_BATCHES] = "batches",
    [SQL_BATCH_COUNT] = "batch_count",
    [SQL_BATCH_ADD] = "batch_add",
    [SQL_TAIL] = "tail",
    [SQL_TAIL_PUT] = "tail_put",
    [SQL_TAIL_CLEAR] = "tail_clear",
    [SQL_TELLINGS] = "tellings",
    [SQL_TELLING_ADD] = "telling_add",
    [SQL_TELLINGS_REMOVE] = "tellings_remove",
    [SQL_PICKS] = "picks",
    [SQL_PICK_PUT] = "pick_put",
};

static const StoreSchema schema = {.room = "stream",
                                   .sql = stream_sql,
                                   .sql_count = COUNT_OF(stream_sql),
                                   .statements = statement_names,
                                   .statement_count = COUNT_OF(statement_names)};

const StoreSchema *stream_schema(void) {
    return &schema;
}

static StoreStmt *stmt(Stream *s, size_t index) {
    return store_stmt_of(s->db, &schema, index);
}

static Err hash_col(Ctx *c, StoreStmt *q, int column, CryptoHash *ret_hash) {
    Str s = store_col_str(q, column);
    if (s.n != sizeof *ret_hash)
        return fail(c, E_CORRUPT, "a hash in the tables of the stream is damaged");
    memcpy(ret_hash, s.p, sizeof *ret_hash);
    return OK;
}

// --- state
// --------------------------------------------------------------------------------------------

static Err state_put(Ctx *c, Stream *s, uint64_t next_file, uint64_t next_batch) {
    StoreStmt *q = stmt(s, SQL_STATE_PUT);
    store_bind_i64(q, ":hash_key", (int64_t)s->hash_key);
    store_bind_i64(q, ":next_file", (int64_t)next_file);
    store_bind_i64(q, ":next_batch", (int64_t)next_batch);
    return store_run(c, q);
}

static Err state_load(Ctx *c, Stream *s) {
    AUTO(StoreQuery) q = stmt(s, SQL_STATE_GET);
    bool row;
    TRY(store_step(c, q, &row));
    if (row) {
        s->hash_key = (uint64_t)store_col_i64(q, 0);
        s->next_file = (uint64_t)store_col_i64(q, 1);
        s->next_batch = (uint64_t)store_col_i64(q, 2);
        return OK;
    }
    store_reset(q);
    crypto_random_fill(s->random, &s->hash_key, sizeof s->hash_key);
    s->next_file = s->next_batch = 1;
    AUTO(StoreTx) tx = {0};
    TRY(store_tx_begin(c, s->db, &tx));
    TRY(state_put(c, s, 1, 1));
    return store_tx_commit(c, &tx);
}

// --- manifest
// -----------------------------------------------------------------------------------------

typedef struct FileSet {
    StreamFile *accounts[ACCOUNT_FILES_MAX], *segments[STREAM_SEGMENTS_MAX];
    size_t account_n, segment_n;
} FileSet;

static void FileSet_cleanup(FileSet *f) {
    for (size_t i = 0; i < f->account_n; i++)
        stream_file_put(f->accounts[i]);
    for (size_t i = 0; i < f->segment_n; i++)
        stream_file_put(f->segments[i]);
}

static Err file_load(Ctx *c, Stream *s, StoreStmt *q, FileSet *set) {
    uint64_t number = (uint64_t)store_col_i64(q, 0), bytes = (uint64_t)store_col_i64(q, 2);
    bool segment = str_eq_c(store_col_str(q, 1), "segment");
    const FileKind *kind = segment ? &FILE_KIND_SEGMENT : &FILE_KIND_ACCOUNTS;
    StreamFile *f;
    CryptoHash hash;
    Str path;
    if (set->account_n == ACCOUNT_FILES_MAX || set->segment_n == STREAM_SEGMENTS_MAX)
        return fail(c, E_CORRUPT, "the manifest of the stream names too many files");
    TRY(hash_col(c, q, 4, &hash));
    TRY(file_path_of(c, str_of(s->folder), kind, number, &path));
    TRY(stream_file_open(c, path, kind, &f));
    f->hash = hash;
    if (segment)
        set->segments[set->segment_n++] = f;
    else
        set->accounts[set->account_n++] = f;
    if (f->map.n != bytes || f->map.head.n != (uint64_t)store_col_i64(q, 3) ||
        f->map.head.number != number)
        return fail(c, E_CORRUPT, "%s has another size or number than the manifest says", f->path);
    return OK;
}

static Err files_load(Ctx *c, Stream *s, FileSet *set) {
    AUTO(StoreQuery) q = stmt(s, SQL_FILES);
    for (;;) {
        bool row;
        TRY(store_step(c, q, &row));
        if (!row)
            return OK;
        TRY(file_load(c, s, q, set));
    }
}

// --- tail and tellings
// --------------------------------------------------------------------------------

typedef struct TailLoad {
    Row *rows;
    size_t n, cap;
    uint8_t *details;
    size_t details_n, details_cap;
    Young fresh;
    Currencies currencies;
    Keys keys;
} TailLoad;

static void TailLoad_cleanup(TailLoad *t) {
    mem_free(t->rows);
    mem_free(t->details);
    young_done(&t->fresh);
    currencies_done(&t->currencies);
}

static Err load_account(Ctx *c, TailLoad *t, const StreamParty *party, Currency currency,
                        uint32_t *ret_account) {
    char joined[KEY_BYTES_MAX];
    uint16_t number;
    uint32_t id;
    Str code = {currency.code, currency.n};
    Str key = {joined, key_join(party, code, joined)};
    uint64_t key_hash = t->keys.base->hash_key, hash = hash_bytes(key_hash, key.p, key.n);
    TRY(currencies_intern(c, &t->currencies, code, currency.exponent, &number));
    if (!young_find(&t->fresh, key, hash, &id) && !accounts_find(t->keys.base, key, hash, &id)) {
        id = t->fresh.first + t->fresh.count;
        TRY(young_add(c, &t->fresh, key_hash, key, number));
    }
    *ret_account = party->account.n ? id : id | TRACE_OUTSIDE;
    return OK;
}

static Err tail_row(Ctx *c, TailLoad *t, Str packed) {
    StreamTransfer tr;
    Str details;
    if (!row_unpack(packed, &tr, &details) || tr.currency.n > CURRENCY_BYTES_MAX ||
        tr.credited_currency.n > CURRENCY_BYTES_MAX || transfer_check(c, &tr) != OK)
        return fail(c, E_CORRUPT, "a row of the tail of the stream is damaged");
    Row r = {.amount = tr.amount,
             .credited = tr.credited,
             .booked_at = tr.booked_at_us,
             .seq = tr.has_seq ? tr.seq : 0,
             .id_hash = hash_bytes(t->keys.base->hash_key, tr.id.p, tr.id.n),
             .details_at = t->details_n,
             .details_n = (uint32_t)details.n};
    Currency debited = {.n = (uint8_t)tr.currency.n, .exponent = tr.exponent};
    Currency credited = {.n = (uint8_t)tr.credited_currency.n, .exponent = tr.credited_exponent};
    memcpy(debited.code, tr.currency.p, tr.currency.n);
    memcpy(credited.code, tr.credited_currency.p, tr.credited_currency.n);
    TRY(load_account(c, t, &tr.from, debited, &r.from));
    TRY(load_account(c, t, &tr.to, credited, &r.to));
    TRY(mem_grow(c, &t->rows, &t->cap, t->n + 1, sizeof *t->rows));
    TRY(mem_grow(c, &t->details, &t->details_cap, t->details_n + details.n, 1));
    memcpy(t->details + t->details_n, details.p, details.n);
    t->details_n += details.n;
    t->rows[t->n++] = r;
    return OK;
}

static Err tail_rows(Ctx *c, Stream *s, TailLoad *t) {
    AUTO(StoreQuery) q = stmt(s, SQL_TAIL);
    for (;;) {
        bool row;
        TRY(store_step(c, q, &row));
        if (!row)
            return OK;
        TRY(tail_row(c, t, store_col_str(q, 1)));
    }
}

// The sealed row of the same id is the one that a late row replaces.
static void tail_priors(TailLoad *t, const Sealed *sealed) {
    for (size_t i = 0; i < t->n; i++) {
        uint64_t before = 0;
        Str id = details_id(t->details + t->rows[i].details_at);
        for (size_t k = 0; k < sealed->n; k++) {
            uint32_t row;
            if (segment_find(sealed->files[k], id, t->rows[i].id_hash, &row))
                t->rows[i].prior = (before + row + 1) << TRACE_POSITION_SHIFT;
            before += sealed->files[k]->segment.transfer_count;
        }
    }
}

static Err asides_load(Ctx *c, Stream *s, Asides *a) {
    bool row = true;
    {
        AUTO(StoreQuery) q = stmt(s, SQL_TELLINGS);
        for (;;) {
            TRY(store_step(c, q, &row));
            if (!row)
                break;
            TRY(asides_add(c, a, store_col_str(q, 0), store_col_str(q, 1)));
        }
    }
    AUTO(StoreQuery) q = stmt(s, SQL_PICKS);
    for (;;) {
        TRY(store_step(c, q, &row));
        if (!row)
            break;
        TRY(asides_add_pick(c, a, store_col_str(q, 0), store_col_str(q, 1)));
    }
    asides_sort(a);
    return OK;
}

static Err batch_count(Ctx *c, Stream *s, uint64_t *ret_n) {
    AUTO(StoreQuery) q = stmt(s, SQL_BATCH_COUNT);
    bool row;
    TRY(store_step(c, q, &row));
    *ret_n = row ? (uint64_t)store_col_i64(q, 0) : 0;
    return OK;
}

// Parts of the first snapshot, each with one reference.
typedef struct Parts {
    Accounts *files_only, *accounts;
    Tail *tail;
    Asides *asides;
} Parts;

static void Parts_cleanup(Parts *p) {
    accounts_put(p->files_only);
    accounts_put(p->accounts);
    tail_put(p->tail);
    asides_put(p->asides);
}

static Err accounts_load(Ctx *c, Stream *s, FileSet *files, Parts *parts) {
    TRY(accounts_of_files(c, s->hash_key, files->accounts, files->account_n, &parts->files_only));
    files->account_n = 0; // the table holds them now
    return OK;
}

Err db_load(Ctx *c, Stream *s) {
    AUTO(FileSet) files = {0};
    AUTO(TailLoad) load = {0};
    AUTO(Parts) parts = {0};
    uint64_t batches;
    TRY(state_load(c, s));
    TRY(files_load(c, s, &files));
    TRY(batch_count(c, s, &batches));
    TRY(accounts_load(c, s, &files, &parts));
    TRY(currencies_copy(c, &parts.files_only->currencies, &load.currencies));
    load.fresh.first = parts.files_only->count;
    load.keys = (Keys){parts.files_only, &load.fresh, &load.currencies};
    TRY(tail_rows(c, s, &load));
    TRY(accounts_extend(c, &load.keys, &parts.accounts));
    TailInput in = {.sealed = {files.segments, files.segment_n},
                    .keys = load.keys,
                    .rows = load.rows,
                    .details = load.details,
                    .n = load.n};
    tail_priors(&load, &in.sealed);
    TRY(tail_build(c, &in, &parts.tail));
    TRY(asides_new(c, &parts.asides));
    TRY(asides_load(c, s, parts.asides));
    SnapshotParts made = {.files = files.segments,
                          .n = files.segment_n,
                          .accounts = parts.accounts,
                          .tail = parts.tail,
                          .asides = parts.asides,
                          .batches = batches};
    return snapshot_make(c, &made, &s->current);
}

// --- commit
// -------------------------------------------------------------------------------------------

static Err file_add(Ctx *c, Stream *s, const StreamFile *f, size_t place) {
    StoreStmt *q = stmt(s, SQL_FILE_ADD);
    store_bind_i64(q, ":number", (int64_t)f->map.head.number);
    store_bind_str(q, ":kind", f->kind == &FILE_KIND_SEGMENT ? STR("segment") : STR("accounts"));
    store_bind_i64(q, ":place", (int64_t)place);
    store_bind_i64(q, ":bytes", (int64_t)f->map.n);
    store_bind_i64(q, ":rows", (int64_t)f->map.head.n);
    store_bind_blob(q, ":hash", &f->hash, sizeof f->hash);
    return store_run(c, q);
}

static Err manifest_put(Ctx *c, Stream *s, const StreamSnapshot *next) {
    TRY(store_run(c, stmt(s, SQL_FILES_CLEAR)));
    for (size_t i = 0; i < next->n; i++)
        TRY(file_add(c, s, next->files[i], i));
    for (size_t i = 0; i < next->accounts->file_count; i++)
        TRY(file_add(c, s, next->accounts->files[i], i));
    return OK;
}

static Err tail_put_row(Ctx *c, StreamImport *imp, const Row *r, Buf *packed) {
    TraceTransfer t = {r->from, r->to, r->amount, r->credited};
    const uint8_t *bytes = imp->details + r->details_at;
    StreamTransfer tr;
    Details d;
    buf_clear(packed);
    if (!details_read(bytes, r->details_n, &d) ||
        !transfer_of(&imp->keys, &t, r->booked_at, &d, &tr))
        return fail(c, E_CORRUPT, "the account table is damaged; verify the stream");
    TRY(row_pack(c, &tr, (Str){(const char *)bytes, r->details_n}, packed));
    StoreStmt *q = stmt(imp->s, SQL_TAIL_PUT);
    store_bind_str(q, ":transfer", tr.id);
    store_bind_blob(q, ":row", packed->p, packed->n);
    return store_run(c, q);
}

static Err tail_put_rows(Ctx *c, StreamImport *imp) {
    AUTO(Buf) packed = {0};
    for (size_t i = 0; i < imp->n; i++)
        TRY(tail_put_row(c, imp, &imp->rows[i], &packed));
    return OK;
}

static Err delta_put(Ctx *c, StreamImport *imp, Str id, const Delta *d) {
    StoreStmt *q = stmt(imp->s, SQL_TELLINGS_REMOVE);
    store_bind_str(q, ":transfer", id);
    TRY(store_run(c, q));
    for (uint32_t i = 0; i < d->n; i++) {
        Str packed = imp->delta_items[d->first + i];
        q = stmt(imp->s, SQL_TELLING_ADD);
        store_bind_str(q, ":transfer", id);
        store_bind_i64(q, ":part", i);
        store_bind_blob(q, ":row", packed.p, packed.n);
        TRY(store_run(c, q));
    }
    if (!d->pick.p)
        return OK;
    q = stmt(imp->s, SQL_PICK_PUT);
    store_bind_str(q, ":transfer", id);
    store_bind_blob(q, ":row", d->pick.p, d->pick.n);
    return store_run(c, q);
}

static Err batch_put(Ctx *c, StreamImport *imp) {
    StoreStmt *q = stmt(imp->s, SQL_BATCH_ADD);
    store_bind_i64(q, ":batch", (int64_t)imp->s->next_batch);
    store_bind_i64(q, ":rows", (int64_t)imp->batch.rows);
    store_bind_i64(q, ":taken", (int64_t)imp->batch.taken);
    store_bind_blob(q, ":salt", &imp->salt, sizeof imp->salt);
    store_bind_blob(q, ":root", &imp->batch.root, sizeof imp->batch.root);
    return store_run(c, q);
}

Err db_commit(Ctx *c, StreamImport *imp) {
    Stream *s = imp->s;
    bool taken = imp->batch.taken > 0;
    TRY(state_put(c, s, imp->next_file, s->next_batch + taken));
    if (taken)
        TRY(batch_put(c, imp));
    if (imp->to_segments) {
        TRY(manifest_put(c, s, imp->next));
        TRY(store_run(c, stmt(s, SQL_TAIL_CLEAR)));
    } else {
        TRY(tail_put_rows(c, imp));
    }
    for (size_t i = 0; i < imp->changed.count; i++)
        TRY(delta_put(c, imp, dict_get(&imp->changed, (uint32_t)i), &imp->deltas[i]));
    return OK;
}

Err db_batches(Ctx *c, Stream *s, BatchRow **ret_batches, size_t *ret_n) {
    AUTO(StoreQuery) q = stmt(s, SQL_BATCHES);
    uint64_t count;
    BatchRow *items;
    size_t n = 0;
    TRY(batch_count(c, s, &count));
    TRY(ctx_alloc(c, (size_t)(count + 1) * sizeof *items, &items));
    for (;;) {
        bool row;
        TRY(store_step(c, q, &row));
        if (!row)
            break;
        if (n == count)
            return fail(c, E_STATE, "batches came while they were read");
        items[n].number = (uint64_t)store_col_i64(q, 0);
        items[n].rows = (uint64_t)store_col_i64(q, 1);
        items[n].taken = (uint64_t)store_col_i64(q, 2);
        TRY(hash_col(c, q, 3, &items[n].salt));
        TRY(hash_col(c, q, 4, &items[n].root));
        n++;
    }
    *ret_batches = items;
    *ret_n = n;
    return OK;
}
