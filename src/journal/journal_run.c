// The entries of a journal: runs of places, and the bits that tell whether a place stands there.
#include "journal/journal_priv.h"

typedef struct Run {
    int64_t pos, place, n;
    bool hole;
} Run;

static Run run_of_row(StoreStmt *q) {
    return (Run){store_col_i64(q, 0), store_col_i64(q, 1), store_col_i64(q, 2),
                 store_col_i64(q, 3) != 0};
}

static Err run_put(Ctx *c, StoreDb *db, int64_t peer, const Run *r) {
    StoreStmt *q = journal_stmt(db, JQ_RUN_PUT);
    store_bind_i64(q, ":peer", peer);
    store_bind_i64(q, ":pos", r->pos);
    store_bind_i64(q, ":place", r->place);
    store_bind_i64(q, ":n", r->n);
    store_bind_i64(q, ":hole", r->hole);
    return store_run(c, q);
}

// --- bits ---------------------------------------------------------------------------------------

static size_t bit_of(int64_t place) {
    return (size_t)(place % JOURNAL_BITS_PLACES);
}

static bool is_set(const uint8_t *bits, int64_t place) {
    return bits[bit_of(place) / 8] >> (bit_of(place) % 8) & 1;
}

static void set(uint8_t *bits, int64_t place, bool on) {
    uint8_t mask = (uint8_t)(1U << (bit_of(place) % 8));
    if (on)
        bits[bit_of(place) / 8] |= mask;
    else
        bits[bit_of(place) / 8] &= (uint8_t)~mask;
}

static Err load(Ctx *c, StoreDb *db, JournalBits *b, int64_t peer, int64_t place) {
    int64_t number = place / JOURNAL_BITS_PLACES;
    if (b->loaded && b->peer == peer && b->number == number)
        return OK;
    *b = (JournalBits){.peer = peer, .number = number};
    AUTO(StoreQuery) q = journal_stmt(db, JQ_BITS_GET);
    store_bind_i64(q, ":peer", peer);
    store_bind_i64(q, ":number", number);
    bool row;
    TRY(store_step(c, q, &row));
    if (row) {
        TRY(journal_col_bytes(c, q, 0, b->given, sizeof b->given));
        TRY(journal_col_bytes(c, q, 1, b->gone, sizeof b->gone));
    }
    b->loaded = true;
    return OK;
}

static Err store(Ctx *c, StoreDb *db, const JournalBits *b) {
    if (!b->loaded)
        return OK;
    StoreStmt *q = journal_stmt(db, JQ_BITS_PUT);
    store_bind_i64(q, ":peer", b->peer);
    store_bind_i64(q, ":number", b->number);
    store_bind_blob(q, ":given", b->given, sizeof b->given);
    store_bind_blob(q, ":gone", b->gone, sizeof b->gone);
    return store_run(c, q);
}

// The bits of another place: those at hand are written first.
static Err turn_to(Ctx *c, StoreDb *db, JournalBits *b, int64_t peer, int64_t place) {
    if (b->loaded && b->number != place / JOURNAL_BITS_PLACES)
        TRY(store(c, db, b));
    return load(c, db, b, peer, place);
}

Err journal_bits_get(Ctx *c, StoreDb *db, JournalBits *bits, int64_t peer, int64_t place,
                     bool *ret_given, bool *ret_gone) {
    TRY(load(c, db, bits, peer, place));
    *ret_given = is_set(bits->given, place);
    *ret_gone = is_set(bits->gone, place);
    return OK;
}

// --- adding and reading -------------------------------------------------------------------------

static Err run_last(Ctx *c, StoreDb *db, int64_t peer, Run *ret_run) {
    AUTO(StoreQuery) q = journal_stmt(db, JQ_RUN_LAST);
    store_bind_i64(q, ":peer", peer);
    bool row;
    TRY(store_step(c, q, &row));
    *ret_run = row ? run_of_row(q) : (Run){0};
    return OK;
}

Err journal_add(Ctx *c, StoreDb *db, JournalPeer *peer, const int64_t *places, size_t n) {
    Run r;
    JournalBits bits = {0};
    int64_t pos = peer->entries;
    TRY(run_last(c, db, peer->peer, &r));
    for (size_t i = 0; i < n; i++, pos++) {
        TRY(turn_to(c, db, &bits, peer->peer, places[i]));
        set(bits.given, places[i], true);
        set(bits.gone, places[i], true);
        if (r.n > 0 && !r.hole && r.pos + r.n == pos && r.place + r.n == places[i]) {
            r.n++;
            continue;
        }
        if (r.n > 0)
            TRY(run_put(c, db, peer->peer, &r));
        r = (Run){pos, places[i], 1, false};
    }
    if (r.n > 0)
        TRY(run_put(c, db, peer->peer, &r));
    TRY(store(c, db, &bits));
    peer->entries = pos;
    return OK;
}

Err journal_came(Ctx *c, StoreDb *db, int64_t peer, const int64_t *places, size_t n) {
    JournalBits bits = {0};
    for (size_t i = 0; i < n; i++) {
        TRY(turn_to(c, db, &bits, peer, places[i]));
        set(bits.given, places[i], true);
    }
    return store(c, db, &bits);
}

// Calls for each run, or part of one, from position `from` on until `each` says that it is enough.
typedef struct RunVisit {
    Err (*each)(void *self, Ctx *c, const Run *r, bool *ret_enough);
    void *self;
} RunVisit;

static Err visit_from(Ctx *c, StoreDb *db, int64_t peer, int64_t from, RunVisit v) {
    int64_t first = from;
    {
        AUTO(StoreQuery) q = journal_stmt(db, JQ_RUN_BEFORE);
        store_bind_i64(q, ":peer", peer);
        store_bind_i64(q, ":pos", from);
        bool row;
        TRY(store_step(c, q, &row));
        if (row)
            first = store_col_i64(q, 0);
    }
    AUTO(StoreQuery) q = journal_stmt(db, JQ_RUN_FROM);
    store_bind_i64(q, ":peer", peer);
    store_bind_i64(q, ":pos", first);
    for (bool enough = false; !enough;) {
        bool row;
        TRY(store_step(c, q, &row));
        if (!row)
            break;
        Run r = run_of_row(q);
        if (r.pos + r.n <= from)
            continue;
        if (r.pos < from) {
            int64_t cut = from - r.pos;
            r = (Run){from, r.place + cut, r.n - cut, r.hole};
        }
        TRY(v.each(v.self, c, &r, &enough));
    }
    return OK;
}

typedef struct Reading {
    JournalEntry *entries;
    size_t n, max;
} Reading;

static Err read_run(void *self, Ctx *c, const Run *r, bool *ret_enough) {
    Reading *k = self;
    (void)c;
    for (int64_t i = 0; i < r->n && k->n < k->max; i++)
        k->entries[k->n++] = (JournalEntry){r->place + i, r->hole};
    *ret_enough = k->n == k->max;
    return OK;
}

Err journal_read(Ctx *c, StoreDb *db, const JournalPeer *peer, int64_t from, size_t max,
                 JournalEntry **ret_entries, size_t *ret_n) {
    Reading k = {.max = max};
    TRY(ctx_alloc(c, (max + 1) * sizeof *k.entries, &k.entries));
    if (max > 0)
        TRY(visit_from(c, db, peer->peer, from, (RunVisit){read_run, &k}));
    *ret_entries = k.entries;
    *ret_n = k.n;
    return OK;
}

// --- closing ------------------------------------------------------------------------------------

typedef struct Closing {
    const int64_t *places;
    size_t n;
    Run *runs; // heap: those that hold one of the places
    size_t count, cap;
} Closing;

static void Closing_cleanup(Closing *k) {
    mem_free(k->runs);
}

// The first place that is not less.
static size_t lower(const int64_t *places, size_t n, int64_t place) {
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (places[mid] < place)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static Err find_run(void *self, Ctx *c, const Run *r, bool *ret_enough) {
    Closing *k = self;
    *ret_enough = false;
    size_t at = lower(k->places, k->n, r->place);
    if (r->hole || at == k->n || k->places[at] >= r->place + r->n)
        return OK;
    TRY(mem_grow(c, &k->runs, &k->cap, k->count + 1, sizeof *k->runs));
    k->runs[k->count++] = *r;
    return OK;
}

// Writes a run anew in parts: those of the places become holes. `whole` is the row that it lies in.
static Err split(Ctx *c, StoreDb *db, int64_t peer, const Closing *k, const Run *r) {
    Run part = {0};
    size_t at = lower(k->places, k->n, r->place);
    for (int64_t i = 0; i < r->n; i++) {
        int64_t place = r->place + i;
        bool hole = at < k->n && k->places[at] == place;
        at += hole;
        if (part.n > 0 && part.hole == hole) {
            part.n++;
            continue;
        }
        if (part.n > 0)
            TRY(run_put(c, db, peer, &part));
        part = (Run){r->pos + i, place, 1, hole};
    }
    return part.n > 0 ? run_put(c, db, peer, &part) : OK;
}

// A run of which the peer has the beginning: that part stays a row of its own.
static Err cut_at(Ctx *c, StoreDb *db, int64_t peer, int64_t pos) {
    Run r = {0};
    {
        AUTO(StoreQuery) q = journal_stmt(db, JQ_RUN_BEFORE);
        store_bind_i64(q, ":peer", peer);
        store_bind_i64(q, ":pos", pos);
        bool row;
        TRY(store_step(c, q, &row));
        if (row)
            r = run_of_row(q);
    }
    if (r.n == 0 || r.pos == pos || r.pos + r.n <= pos)
        return OK;
    int64_t cut = pos - r.pos;
    Run first = {r.pos, r.place, cut, r.hole};
    Run second = {pos, r.place + cut, r.n - cut, r.hole};
    TRY(run_put(c, db, peer, &first));
    return run_put(c, db, peer, &second);
}

Err journal_close(Ctx *c, StoreDb *db, const JournalPeer *peer, const int64_t *places, size_t n) {
    JournalBits bits = {0};
    for (size_t i = 0; i < n; i++) {
        TRY(turn_to(c, db, &bits, peer->peer, places[i]));
        set(bits.given, places[i], false);
    }
    TRY(store(c, db, &bits));
    if (n == 0 || peer->told >= peer->entries)
        return OK;
    AUTO(Closing) k = {.places = places, .n = n};
    TRY(visit_from(c, db, peer->peer, peer->told, (RunVisit){find_run, &k}));
    if (k.count > 0)
        TRY(cut_at(c, db, peer->peer, peer->told));
    for (size_t i = 0; i < k.count; i++)
        TRY(split(c, db, peer->peer, &k, &k.runs[i]));
    return OK;
}

// --- looking a place up
// ---------------------------------------------------------------------------

typedef struct Finding {
    int64_t place;
    bool found;
} Finding;

static Err look_run(void *self, Ctx *c, const Run *r, bool *ret_enough) {
    Finding *k = self;
    (void)c;
    k->found = !r->hole && k->place >= r->place && k->place < r->place + r->n;
    *ret_enough = k->found;
    return OK;
}

Err journal_find(Ctx *c, StoreDb *db, const JournalPeer *peer, int64_t from, int64_t place,
                 bool *ret_found) {
    Finding k = {.place = place};
    TRY(visit_from(c, db, peer->peer, from, (RunVisit){look_run, &k}));
    *ret_found = k.found;
    return OK;
}

// --- documents that are named -------------------------------------------------------------------

Err journal_name_add(Ctx *c, StoreDb *db, int64_t peer, const CryptoHash *sha256, int64_t place) {
    StoreStmt *q = journal_stmt(db, JQ_NAME_ADD);
    store_bind_i64(q, ":peer", peer);
    store_bind_blob(q, ":sha256", sha256->b, sizeof sha256->b);
    store_bind_i64(q, ":place", place);
    return store_run(c, q);
}

Err journal_name_list(Ctx *c, StoreDb *db, int64_t peer, const CryptoHash *sha256,
                      int64_t **ret_places, size_t *ret_n) {
    JournalBits bits = {0};
    int64_t *places;
    size_t n = 0;
    TRY(ctx_alloc(c, JOURNAL_NAMES_MAX * sizeof *places, &places));
    AUTO(StoreQuery) q = journal_stmt(db, JQ_NAME_LIST);
    store_bind_i64(q, ":peer", peer);
    store_bind_blob(q, ":sha256", sha256->b, sizeof sha256->b);
    for (bool row = true, given, gone; n < JOURNAL_NAMES_MAX;) {
        TRY(store_step(c, q, &row));
        if (!row)
            break;
        places[n] = store_col_i64(q, 0);
        TRY(journal_bits_get(c, db, &bits, peer, places[n], &given, &gone));
        n += given;
    }
    *ret_places = places;
    *ret_n = n;
    return OK;
}
