// Verification of all logs: two threads for a long one, then what only the whole can tell.
#include "ledger/ledger_verify_priv.h"

#include <pthread.h>
#include <stdio.h>

#define SPLIT_LEAVES_MIN 8192 // below this a second thread costs more than it saves

typedef struct Verification {
    LedgerReader *reader;
    LedgerVerdict verdict;
    LedgerProgress progress;
    atomic_int_fast64_t done;
    int64_t total;
    int64_t ids, openings, erasures, clashes; // rows of the tables at the beginning
    int64_t keys_listed, keys_seen;
} Verification;

// Sizes of the logs at the beginning; what is appended meanwhile is left for the next time.
typedef struct LogSize {
    uint32_t log;
    int64_t leaves, signed_leaves; // signed: by the newest checkpoint
    int64_t openings;              // of another agency's log: contents that came
} LogSize;

// "log main", or "the log of agency 1f7aaa61e165".
static void name_log(Verification *v, uint32_t log, char *ret_name, size_t cap) {
    char agency[LEDGER_AGENCY_TEXT_BYTES] = "";
    AUTO(Ctx) quiet;
    ctx_init(&quiet);
    int n;
    if (log >= LEDGER_OWN_LOGS && ledger_read_agency(&quiet, v->reader->db, log, agency) == OK)
        n = snprintf(ret_name, cap, "the log of agency %.12s", agency);
    else
        n = snprintf(ret_name, cap, "log %s", ledger_log_name(log));
    ASSERT(n > 0 && (size_t)n < cap);
}

static void set_fault(Verification *v, LedgerPlace place, const char *words) {
    if (!v->verdict.sound)
        return;
    char name[64];
    name_log(v, place.log, name, sizeof name);
    v->verdict.sound = false;
    v->verdict.place = place;
    int n = snprintf(v->verdict.words, sizeof v->verdict.words, "leaf %lld of %s: %s",
                     (long long)place.seq, name, words);
    (void)n; // words that are too long are cut
}

// --- what stands in the tables ------------------------------------------------------------------

static Err read_openings(Ctx *c, LedgerReader *r, LogSize *s) {
    AUTO(StoreQuery) q = store_stmt(r->db, LQ_LOG_STATE_GET);
    store_bind_i64(q, ":log_id", s->log);
    bool row;
    TRY(store_step(c, q, &row));
    s->openings = row ? store_col_i64(q, 0) : 0;
    return OK;
}

static Err read_size(Ctx *c, LedgerReader *r, LogSize *s) {
    TRY(ledger_db_size(c, r->db, s->log, &s->leaves));
    AUTO(StoreQuery) q = store_stmt(r->db, LQ_CHECKPOINT_LAST);
    store_bind_i64(q, ":log_id", s->log);
    bool row;
    TRY(store_step(c, q, &row));
    s->signed_leaves = row ? store_col_i64(q, 0) : 0;
    return s->log < LEDGER_OWN_LOGS ? OK : read_openings(c, r, s);
}

static Err read_logs(Ctx *c, LedgerReader *r, LogSize **ret_sizes, size_t *ret_n) {
    LogSize *sizes = NULL;
    size_t n = 0, cap = 0;
    AUTO(StoreQuery) q = store_stmt(r->db, LQ_LOG_LIST);
    for (;;) {
        bool row;
        TRY(store_step(c, q, &row));
        if (!row)
            break;
        TRY(ctx_grow(c, &sizes, &cap, n + 1, sizeof *sizes));
        sizes[n++].log = (uint32_t)store_col_i64(q, 0);
    }
    for (size_t i = 0; i < n; i++)
        TRY(read_size(c, r, &sizes[i]));
    *ret_sizes = sizes;
    *ret_n = n;
    return OK;
}

static Err read_counts(Ctx *c, Verification *v) {
    AUTO(StoreQuery) q = store_stmt(v->reader->db, LQ_COUNTS);
    bool row;
    TRY(store_step(c, q, &row));
    v->ids = store_col_i64(q, 0);
    v->openings = store_col_i64(q, 1);
    v->erasures = store_col_i64(q, 2);
    v->clashes = store_col_i64(q, 3);
    return OK;
}

// --- keys ---------------------------------------------------------------------------------------

typedef struct KeyRow {
    int64_t log, from_size;
    CryptoPublicKey key;
    LedgerPlace place;
} KeyRow;

// A key that a recovery statement named: its record may not be here yet.
static Err is_rewound(Ctx *c, LedgerReader *r, const KeyRow *row, bool *ret_rewound) {
    AUTO(StoreQuery) q = store_stmt(r->db, LQ_REWIND_TO);
    store_bind_i64(q, ":log_id", row->place.log);
    *ret_rewound = false;
    for (;;) {
        bool any;
        TRY(store_step(c, q, &any));
        if (!any)
            return OK;
        *ret_rewound = *ret_rewound || store_col_i64(q, 0) == row->place.seq;
    }
}

// The record at the place must say what the table of keys says.
static Err check_key_row(Ctx *c, LedgerReader *r, const KeyRow *row) {
    LedgerItem item;
    TRY(ledger_get(c, r, row->place, &item));
    AUTO(JsonReader) reader = {0};
    TRY(json_reader_open(c, &reader));
    Record record;
    TRY(record_parse(c, &reader, item.envelope, &record));
    Str text, log = STR("");
    int64_t from_size = 0;
    TRY(json_get_str(c, record.body, "log_key", &text));
    if (row->from_size > 0) {
        TRY(json_get_int(c, record.body, "from_size", &from_size));
        TRY(json_get_str(c, record.body, "log", &log));
    }
    CryptoPublicKey key;
    bool kind_fits = record.kind == (row->from_size > 0 ? RECORD_KEY : RECORD_GENESIS);
    const char *name = row->log < LEDGER_OWN_LOGS ? ledger_log_name((uint32_t)row->log) : "main";
    bool log_fits = row->from_size == 0 || str_eq_c(log, name);
    if (!kind_fits || !log_fits || from_size != row->from_size ||
        !hex_decode(text, key.b, sizeof key.b) || !crypto_equal(key.b, row->key.b, sizeof key.b))
        return fail(c, E_CORRUPT, "the table of log keys says other than this record");
    return OK;
}

static Err check_keys(Ctx *c, Verification *v) {
    AUTO(StoreQuery) q = store_stmt(v->reader->db, LQ_LOG_KEY_LIST);
    for (;;) {
        bool any;
        TRY(store_step(c, q, &any));
        if (!any)
            return OK;
        KeyRow row = {.log = store_col_i64(q, 0),
                      .from_size = store_col_i64(q, 1),
                      .place = ledger_place_of_key(store_col_i64(q, 3))};
        Str key = store_col_str(q, 2);
        ASSERT(key.n == sizeof row.key.b); // a CHECK of the table
        memcpy(row.key.b, key.p, key.n);
        bool rewound;
        TRY(is_rewound(c, v->reader, &row, &rewound));
        v->keys_listed += row.from_size > 0 && row.log < LEDGER_OWN_LOGS && !rewound;
        Err e = rewound ? OK : check_key_row(c, v->reader, &row);
        if (ledger_is_fault(e))
            set_fault(v, row.place, c->error);
        else
            TRY(e);
    }
}

// --- one log ------------------------------------------------------------------------------------

static void *run_thread(void *range) {
    Err e = ledger_verify_range(range);
    (void)e; // it stands in the range
    return NULL;
}

static void take_counts(Verification *v, const VerifyRange *range) {
    v->verdict.held += range->held;
    v->verdict.withheld += range->withheld;
    v->verdict.erased += range->erased;
    v->verdict.checkpoints += range->checkpoints;
    v->keys_seen += range->keys;
}

static VerifyRange range_of(Verification *v, LedgerReader *r, uint32_t log, int64_t from,
                            int64_t upto) {
    return (VerifyRange){
        .reader = r, .log = log, .from = from, .upto = upto, .done = &v->done, .total = v->total};
}

static Err finish_range(Ctx *c, Verification *v, const VerifyRange *range) {
    if (range->err != OK)
        return fail(c, range->err, "%s", range->ctx.error);
    take_counts(v, range);
    if (range->faulty)
        set_fault(v, range->place, range->words);
    return OK;
}

static Err verify_single(Ctx *c, Verification *v, const LogSize *s) {
    AUTO(VerifyRange) range = range_of(v, v->reader, s->log, 0, s->signed_leaves);
    range.progress = v->progress;
    run_thread(&range);
    return finish_range(c, v, &range);
}

// The second half begins with the tree that the stored nodes tell; the first half proves them.
static Err verify_halves(Ctx *c, Verification *v, const LogSize *s) {
    int64_t middle = s->signed_leaves / 2 & ~(int64_t)((1 << LEDGER_NODE_LEVELS) - 1);
    AUTO(LedgerReaderOwned) second = NULL;
    TRY(ledger_reader_open(c, str_of(v->reader->dir), &second));
    AUTO(VerifyRange) low = range_of(v, v->reader, s->log, 0, middle);
    AUTO(VerifyRange) high = range_of(v, second, s->log, middle, s->signed_leaves);
    low.progress = v->progress;
    Err e = ledger_db_tree(c, second->db, s->log, middle, &high.tree);
    if (ledger_is_fault(e))
        return verify_single(c, v, s); // it will say which node is missing
    TRY(e);
    pthread_t thread;
    bool beside = pthread_create(&thread, NULL, run_thread, &high) == 0;
    run_thread(&low);
    if (beside)
        pthread_join(thread, NULL);
    else if (!low.faulty)
        run_thread(&high);
    TRY(finish_range(c, v, &low));
    if (!low.faulty && high.held > 0 && high.first_at <= low.last_at)
        set_fault(v, (LedgerPlace){s->log, middle},
                  "its time is not later than that of the record before it: the order was changed");
    return finish_range(c, v, &high);
}

static Err verify_foreign(Ctx *c, Verification *v, const LogSize *s) {
    AUTO(VerifyRange) range = range_of(v, v->reader, s->log, 0, s->signed_leaves);
    range.progress = v->progress;
    range.arrivals = v->openings;
    Err e = ledger_verify_foreign(&range);
    (void)e; // it stands in the range
    TRY(finish_range(c, v, &range));
    if (!range.faulty && range.held + range.erased != s->openings)
        set_fault(v, (LedgerPlace){s->log, 0}, "it has more or fewer contents than were counted");
    return OK;
}

static Err verify_log(Ctx *c, Verification *v, const LogSize *s) {
    if (s->log >= LEDGER_OWN_LOGS)
        return verify_foreign(c, v, s);
    TRY(s->signed_leaves >= SPLIT_LEAVES_MIN ? verify_halves(c, v, s) : verify_single(c, v, s));
    if (s->leaves > s->signed_leaves)
        set_fault(
            v, (LedgerPlace){s->log, s->signed_leaves},
            "no checkpoint covers it: it was put there by others, or a checkpoint was removed");
    return OK;
}

// The agency id is the hash of the genesis; both own logs carry it.
static Err check_agency(Ctx *c, Verification *v) {
    LedgerTree tree;
    char agency[LEDGER_AGENCY_TEXT_BYTES], hex[LEDGER_AGENCY_TEXT_BYTES];
    Err e = ledger_db_tree(c, v->reader->db, LEDGER_MAIN, 1, &tree);
    if (ledger_is_fault(e)) {
        set_fault(v, (LedgerPlace){LEDGER_MAIN, 0}, "it is missing");
        return OK;
    }
    TRY(e);
    for (size_t i = 0; i < CRYPTO_HASH_BYTES; i++)
        snprintf(hex + 2 * i, 3, "%02x", tree.level[0].b[i]);
    for (uint32_t log = 0; log < LEDGER_OWN_LOGS; log++) {
        TRY(ledger_read_agency(c, v->reader->db, log, agency));
        if (strcmp(agency, hex) != 0)
            set_fault(v, (LedgerPlace){LEDGER_MAIN, 0}, "its hash is not the agency's id");
    }
    return OK;
}

static void check_counts(Verification *v) {
    const LedgerVerdict *d = &v->verdict;
    LedgerPlace end = {LEDGER_MAIN, 0};
    if (!d->sound)
        return;
    if (v->ids + v->clashes != d->held + d->erased || v->openings != d->held + d->erased)
        set_fault(v, end, "there are contents or ids in the tables that belong to no leaf");
    else if (v->erasures > d->erased)
        set_fault(v, end, "the table of erasures names leaves that are not erased");
    else if (v->keys_listed != v->keys_seen)
        set_fault(v, end, "the table of log keys lacks a key that a record names");
}

static Err read_beginning(Ctx *c, Verification *v, LogSize **ret_sizes, size_t *ret_n) {
    AUTO(StoreTx) tx = {0};
    TRY(store_tx_begin_read(c, v->reader->db, &tx));
    TRY(read_logs(c, v->reader, ret_sizes, ret_n));
    TRY(read_counts(c, v));
    return store_tx_commit(c, &tx);
}

Err ledger_verify(Ctx *c, LedgerReader *r, LedgerProgress progress, LedgerVerdict *ret_verdict) {
    Verification v = {.reader = r, .progress = progress, .verdict = {.sound = true}};
    LogSize *sizes = NULL;
    size_t n = 0;
    Err e = read_beginning(c, &v, &sizes, &n);
    if (e == E_CORRUPT)
        set_fault(&v, (LedgerPlace){LEDGER_MAIN, 0}, c->error);
    else
        TRY(e);
    for (size_t i = 0; i < n; i++)
        v.total += sizes[i].log < LEDGER_OWN_LOGS ? sizes[i].signed_leaves : sizes[i].openings;
    if (v.verdict.sound)
        TRY(check_agency(c, &v));
    for (size_t i = 0; i < n && v.verdict.sound; i++)
        TRY(verify_log(c, &v, &sizes[i]));
    // After the leaves: a changed key record is told as such, and not as a key that differs.
    if (v.verdict.sound)
        TRY(check_keys(c, &v));
    check_counts(&v);
    if (progress.report)
        progress.report(progress.self, v.total, v.total);
    *ret_verdict = v.verdict;
    return OK;
}
