#include "world.h"

#include <ftw.h>
#include <unistd.h>

void WorldSet_cleanup(WorldSet *s) {
    mem_free(s->items);
    mem_free(s->texts);
}

void world_make(World *w) {
    memset(w, 0, sizeof *w);
    test_folder(w->dir, sizeof w->dir);
    world_open(w);
}

Err world_try_open(World *w) {
    Ctx *c = &w->ctx;
    Str path;
    const StoreSchema *schemas[] = {stream_schema()};
    StoreOptions options = {.mode = STORE_CREATE, .schemas = schemas, .schema_count = 1};
    TRY(str_format(c, &path, "%s/ledger.db", w->dir));
    TRY(store_open(c, path, &options, &w->db));
    StreamOptions stream = {
        .dir = str_of(w->dir), .ledger_db = w->db, .random = crypto_random_seeded(&w->random, 7)};
    return stream_open(c, &stream, &w->stream);
}

void world_open(World *w) {
    assert_ok(&w->ctx, world_try_open(w));
}

void world_shut(World *w) {
    stream_close(w->stream);
    store_close(w->db);
    w->stream = NULL;
    w->db = NULL;
    ctx_reset(&w->ctx);
}

static int remove_one(const char *path, const struct stat *s, int kind, struct FTW *walk) {
    (void)s;
    (void)kind;
    (void)walk;
    return remove(path);
}

void world_done(World *w) {
    world_shut(w);
    nftw(w->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    ctx_done(&w->ctx);
}

static Err commit_part(Ctx *c, World *w, StreamImport *imp, StreamBatch *ret_batch) {
    TRY(stream_import_seal(c, imp, ret_batch));
    AUTO(StoreTx) tx = {0};
    TRY(store_tx_begin(c, w->db, &tx));
    TRY(stream_import_commit(c, imp));
    TRY(store_tx_commit(c, &tx));
    stream_import_publish(imp);
    return OK;
}

Err world_try_import(Ctx *c, World *w, const StreamTransfer *items, size_t n,
                     StreamBatch *ret_batch) {
    AUTO(StreamImportPtr) imp = NULL;
    TRY(stream_import_begin(c, w->stream, &imp));
    for (size_t i = 0; i < n; i++)
        TRY(stream_import_add(c, imp, &items[i]));
    return commit_part(c, w, imp, ret_batch);
}

StreamBatch world_import(World *w, const StreamTransfer *items, size_t n) {
    StreamBatch batch = {0};
    assert_ok(&w->ctx, world_try_import(&w->ctx, w, items, n, &batch));
    return batch;
}

void world_pick(World *w, const char *id, const CryptoHash *row) {
    AUTO(StreamImportPtr) imp = NULL;
    StreamBatch batch;
    assert_ok(&w->ctx, stream_import_begin(&w->ctx, w->stream, &imp));
    assert_ok(&w->ctx, stream_import_pick(&w->ctx, imp, str_of(id), row));
    assert_ok(&w->ctx, commit_part(&w->ctx, w, imp, &batch));
    assert_int_equal(batch.taken, 0);
}

void world_verify_good(World *w) {
    StreamVerdict v;
    assert_ok(&w->ctx, stream_verify(&w->ctx, w->stream, NULL, NULL, &v));
    if (!v.good)
        fail_msg("verify says: %s", v.words);
}

bool world_verify_bad(World *w, char ret_words[512]) {
    StreamVerdict v;
    assert_ok(&w->ctx, stream_verify(&w->ctx, w->stream, NULL, NULL, &v));
    memcpy(ret_words, v.words, sizeof v.words);
    return !v.good;
}

// --- dump
// -------------------------------------------------------------------------------------------

static void dump_account(Buf *out, const StreamSnapshot *snap, uint32_t id) {
    StreamAccount a = stream_account(snap, id);
    buf_format(out, STR_FMT "/" STR_FMT "/" STR_FMT "/" STR_FMT, STR_ARG(a.party.country),
               STR_ARG(a.party.institution), STR_ARG(a.party.account), STR_ARG(a.currency));
}

static int by_text(const void *a, const void *b) {
    const Str *x = a, *y = b;
    return str_cmp(*x, *y);
}

static size_t dump_rows(Ctx *c, const StreamSnapshot *snap, Buf *out, uint64_t *positions) {
    size_t n = 0;
    for (uint64_t p = stream_position_next(snap, 0); p != TRACE_POSITION_NONE;
         p = stream_position_next(snap, p + 1)) {
        StreamTransfer t;
        uint64_t found;
        assert_ok(c, stream_transfer_get(c, snap, p, &t));
        assert_true(stream_transfer_find(snap, t.id, &found));
        assert_int_equal(found, p);
        stream_transfer_row(&t, out);
        buf_char(out, '\n');
        assert_true(n < WORLD_IDS_MAX);
        positions[n++] = p;
    }
    assert_int_equal(n, stream_counts(snap).transfers);
    return n;
}

// One line an account that has entries, sorted, since ids depend on the order of arrival.
static void dump_accounts(Ctx *c, const StreamSnapshot *snap, Buf *out, const uint64_t *positions,
                          size_t n) {
    const TraceView *v = stream_view(snap);
    Str *lines;
    size_t count = 0;
    assert_ok(c, ctx_alloc(c, (v->account_count + 1) * sizeof *lines, &lines));
    for (uint32_t id = 0; id < v->account_count; id++) {
        AUTO(Buf) line = {0};
        StreamWindow all = {INT64_MIN + 1, INT64_MAX, STREAM_ENTRIES_MAX};
        StreamEntries entries;
        assert_ok(c, stream_account_entries(c, snap, id, &all, &entries));
        if (entries.n == 0)
            continue;
        dump_account(&line, snap, id);
        for (size_t k = 0; k <= 4; k++) {
            int64_t opening, balance;
            uint64_t end = k == 4 || n == 0 ? TRACE_POSITION_NONE : positions[k * n / 4];
            assert_ok(c, trace_view_balance(c, v, id, end, &opening, &balance));
            buf_format(&line, " %lld %lld", (long long)opening, (long long)balance);
        }
        for (size_t i = 0; i < entries.n; i++) {
            StreamTransfer t;
            assert_ok(c, stream_transfer_get(c, snap, entries.items[i].position, &t));
            buf_format(&line, " %s" STR_FMT, entries.items[i].debit ? "-" : "+", STR_ARG(t.id));
        }
        assert_ok(c, str_copy(c, buf_view(&line), &lines[count++]));
    }
    qsort(lines, count, sizeof *lines, by_text);
    for (size_t i = 0; i < count; i++) {
        buf_str(out, lines[i]);
        buf_char(out, '\n');
    }
}

static void dump_trace(Ctx *c, const StreamSnapshot *snap, Buf *out, const uint64_t *positions,
                       size_t n, TraceRule rule) {
    AUTO(TraceResult) r = {0};
    TraceSeed seeds[3];
    size_t seed_count = 0;
    for (size_t i = 0; i < n && seed_count < 3; i += n / 3 + 1)
        seeds[seed_count++] = (TraceSeed){positions[i], (uint32_t)i % 2};
    TraceQuery q = {.rule = rule,
                    .position_end = TRACE_POSITION_NONE,
                    .seeds = seeds,
                    .seed_count = seed_count,
                    .report_count = 2};
    assert_ok(c, trace_run(c, stream_view(snap), &q, &r));
    buf_format(out, "%s:", trace_rule_name(rule));
    for (size_t i = 0; i < r.transfer_count; i++) {
        StreamTransfer t;
        assert_ok(c, stream_transfer_get(c, snap, r.transfers[i].position, &t));
        buf_format(out, " " STR_FMT "@%u", STR_ARG(t.id), r.transfers[i].level);
        for (uint32_t k = 0; k < r.transfers[i].tag_count; k++)
            buf_format(out, ",%lld", (long long)r.tags[r.transfers[i].tag_first + k].amount);
    }
    buf_char(out, '\n');
}

static void dump_conflicts(Ctx *c, const StreamSnapshot *snap, Buf *out) {
    Str *ids;
    size_t n;
    assert_ok(c, stream_conflicts(c, snap, STR(""), 1000000, &ids, &n));
    assert_int_equal(n, stream_counts(snap).conflicts);
    for (size_t i = 0; i < n; i++) {
        StreamVersion *versions;
        size_t count;
        assert_ok(c, stream_versions(c, snap, ids[i], &versions, &count));
        assert_true(count > 1);
        for (size_t k = 0; k < count; k++)
            buf_format(out, "%s%s " STR_FMT "\n", versions[k].current ? "current" : "other",
                       versions[k].picked ? " picked" : "", STR_ARG(versions[k].row));
    }
}

void world_dump(World *w, Buf *out) {
    static uint64_t positions[WORLD_IDS_MAX];
    AUTO(Ctx) c = {0};
    AUTO(StreamSnapshotPtr) snap = stream_snapshot_get(w->stream);
    size_t n = dump_rows(&c, snap, out, positions);
    dump_accounts(&c, snap, out, positions, n);
    dump_conflicts(&c, snap, out);
    for (int rule = 0; rule < TRACE_RULES; rule++)
        dump_trace(&c, snap, out, positions, n, (TraceRule)rule);
    assert_false(out->failed);
}

// --- transfers
// --------------------------------------------------------------------------------------

StreamTransfer world_transfer(const char *id, int64_t at_s, const char *from, const char *to,
                              int64_t amount) {
    return (StreamTransfer){.id = str_of(id),
                            .booked_at_us = at_s * 1000000,
                            .from = {STR("TH"), STR("004"), str_of(from)},
                            .to = {STR("KH"), STR("ABA"), str_of(to)},
                            .amount = amount,
                            .currency = STR("THB"),
                            .exponent = 2,
                            .credited_exponent = 2};
}

static void random_party(Rng *r, StreamParty *p, char text[16]) {
    static const char *const countries[] = {"TH", "KH", "MM"};
    static const char *const institutions[] = {"004", "ABA", "KBZ", "014"};
    p->country = str_of(countries[rng_below(r, 3)]);
    p->institution = str_of(institutions[rng_below(r, 4)]);
    snprintf(text, 16, "%u", (unsigned)rng_below(r, 6));
    p->account = rng_below(r, 12) ? str_of(text) : STR("");
}

// The optional fields of one telling. `taste` is small, so that tellings agree more often than not.
static void random_optional(Rng *r, StreamTransfer *t, WorldText *x, uint64_t taste) {
    if (rng_below(r, 3) == 0) {
        t->has_credited = true;
        t->credited = t->amount - (int64_t)(taste % 3 == 0);
    }
    if (rng_below(r, 4) == 0) {
        t->has_credited_currency = t->has_credited = true;
        t->credited_currency = taste % 2 ? STR("KHR") : t->currency;
        t->credited_exponent = 2;
        bool fx = !str_eq(t->credited_currency, t->currency);
        t->credited = fx ? t->amount * 110 : t->amount - (int64_t)(taste % 3 == 0);
    }
    t->has_from_balance = rng_below(r, 3) == 0;
    t->from_balance = t->has_from_balance ? (int64_t)(1000 * taste) - 300 : 0;
    t->has_to_balance = rng_below(r, 3) == 0;
    t->to_balance = t->has_to_balance ? (int64_t)(500 * taste) : 0;
    t->has_seq = rng_below(r, 3) == 0;
    t->seq = t->has_seq ? (int64_t)taste - 2 : 0;
    if (rng_below(r, 3) == 0) {
        snprintf(x->memo, sizeof x->memo, "memo, \"%u\"", (unsigned)taste);
        t->memo = str_of(x->memo);
    }
    if (rng_below(r, 3) == 0)
        t->channel = STR("app");
}

static void random_mandatory(Rng *r, StreamTransfer *t, WorldText *x, size_t number) {
    snprintf(x->id, sizeof x->id, "T%zu", number);
    t->id = str_of(x->id);
    t->booked_at_us = (int64_t)rng_below(r, 40) * 500000;
    t->amount = 1 + (int64_t)rng_below(r, 2000);
    t->currency = rng_below(r, 5) ? STR("THB") : STR("KHR");
    t->exponent = t->credited_exponent = 2;
    random_party(r, &t->from, x->from);
    do
        random_party(r, &t->to, x->to);
    while ((t->from.account.n == 0 && t->to.account.n == 0) ||
           (str_eq(t->from.account, t->to.account) && str_eq(t->from.country, t->to.country) &&
            str_eq(t->from.institution, t->to.institution)));
}

void world_random(Rng *r, size_t n, bool retold, WorldSet *ret_set) {
    WorldSet s = {.items = mem_alloc_zero(n, sizeof(StreamTransfer)),
                  .texts = mem_alloc_zero(n, sizeof(WorldText)),
                  .n = n};
    assert_true(s.items && s.texts);
    for (size_t i = 0; i < n; i++) {
        size_t number = retold && i ? rng_below(r, n / 2 + 1) : i;
        // Tellings of one transfer share their mandatory fields, but for one in eight.
        Rng same;
        rng_seed(&same, 1000 * n + number);
        random_mandatory(&same, &s.items[i], &s.texts[i], number);
        if (retold && rng_below(r, 8) == 0)
            s.items[i].amount += (int64_t)rng_below(r, 3);
        uint64_t taste = number % 7 + (retold && rng_below(r, 6) == 0);
        random_optional(r, &s.items[i], &s.texts[i], taste);
    }
    *ret_set = s;
}
