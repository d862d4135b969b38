// Heads that others saw, cosignatures, and documents on their way.
#include "journal/journal_priv.h"

// --- witnesses ----------------------------------------------------------------------------------

Err journal_seen_get(Ctx *c, StoreDb *db, int64_t peer, const CryptoHash *origin,
                     JournalSeen *ret_seen) {
    AUTO(StoreQuery) q = journal_stmt(db, JQ_SEEN_GET);
    store_bind_i64(q, ":peer", peer);
    store_bind_blob(q, ":origin", origin->b, sizeof origin->b);
    bool row;
    TRY(store_step(c, q, &row));
    JournalSeen s = {0};
    if (row) {
        s.size = store_col_i64(q, 0);
        s.told = store_col_i64(q, 3);
        if (s.size > 0)
            TRY(journal_col_bytes(c, q, 1, s.root.b, sizeof s.root.b));
        TRY(str_copy(c, store_col_str(q, 2), &s.note));
    }
    *ret_seen = s;
    return OK;
}

Err journal_seen_put(Ctx *c, StoreDb *db, int64_t peer, const CryptoHash *origin,
                     const JournalSeen *seen) {
    StoreStmt *q = journal_stmt(db, JQ_SEEN_PUT);
    store_bind_i64(q, ":peer", peer);
    store_bind_blob(q, ":origin", origin->b, sizeof origin->b);
    store_bind_i64(q, ":size", seen->size);
    store_bind_blob(q, ":root", seen->root.b, seen->size > 0 ? sizeof seen->root.b : 0);
    store_bind_str(q, ":note", seen->note);
    store_bind_i64(q, ":told", seen->told);
    return store_run(c, q);
}

Err journal_origin_get(Ctx *c, StoreDb *db, const CryptoHash *agency, JournalOrigin *ret_origin) {
    AUTO(StoreQuery) q = journal_stmt(db, JQ_ORIGIN_GET);
    store_bind_blob(q, ":agency", agency->b, sizeof agency->b);
    bool row;
    TRY(store_step(c, q, &row));
    JournalOrigin o = {0};
    if (row) {
        o.forked = store_col_i64(q, 0) != 0;
        o.failed = store_col_i64(q, 1);
        o.ask_size = store_col_i64(q, 2);
        if (o.ask_size > 0)
            TRY(journal_col_bytes(c, q, 3, o.ask_root.b, sizeof o.ask_root.b));
        TRY(str_copy(c, store_col_str(q, 4), &o.note));
    }
    *ret_origin = o;
    return OK;
}

Err journal_origin_put(Ctx *c, StoreDb *db, const CryptoHash *agency, const JournalOrigin *o) {
    StoreStmt *q = journal_stmt(db, JQ_ORIGIN_PUT);
    store_bind_blob(q, ":agency", agency->b, sizeof agency->b);
    store_bind_i64(q, ":forked", o->forked);
    store_bind_i64(q, ":failed", o->failed);
    store_bind_i64(q, ":ask_size", o->ask_size);
    store_bind_blob(q, ":ask_root", o->ask_root.b, o->ask_size > 0 ? sizeof o->ask_root.b : 0);
    store_bind_str(q, ":note", o->note);
    return store_run(c, q);
}

Err journal_origin_forked(Ctx *c, StoreDb *db, CryptoHash **ret_agencies, size_t *ret_n) {
    CryptoHash *agencies;
    size_t n = 0;
    TRY(ctx_alloc(c, PEERS_MAX * sizeof *agencies, &agencies));
    AUTO(StoreQuery) q = journal_stmt(db, JQ_ORIGIN_FORKED);
    for (bool row = true; n < PEERS_MAX;) {
        TRY(store_step(c, q, &row));
        if (!row)
            break;
        TRY(journal_col_bytes(c, q, 0, agencies[n].b, sizeof agencies[n].b));
        n++;
    }
    *ret_agencies = agencies;
    *ret_n = n;
    return OK;
}

Err journal_cosign_put(Ctx *c, StoreDb *db, const CryptoHash *origin, const JournalCosign *cosign) {
    StoreStmt *q = journal_stmt(db, JQ_COSIGN_PUT);
    store_bind_blob(q, ":origin", origin->b, sizeof origin->b);
    store_bind_blob(q, ":witness", cosign->witness.b, sizeof cosign->witness.b);
    store_bind_i64(q, ":size", cosign->size);
    store_bind_i64(q, ":at", cosign->at);
    store_bind_str(q, ":line", cosign->line);
    return store_run(c, q);
}

Err journal_cosign_list(Ctx *c, StoreDb *db, const CryptoHash *origin, JournalCosign **ret_items,
                        size_t *ret_n) {
    JournalCosign *items;
    size_t n = 0;
    TRY(ctx_alloc(c, PEERS_MAX * sizeof *items, &items));
    AUTO(StoreQuery) q = journal_stmt(db, JQ_COSIGN_LIST);
    store_bind_blob(q, ":origin", origin->b, sizeof origin->b);
    for (bool row = true; n < PEERS_MAX;) {
        TRY(store_step(c, q, &row));
        if (!row)
            break;
        JournalCosign *i = &items[n];
        TRY(journal_col_bytes(c, q, 0, i->witness.b, sizeof i->witness.b));
        i->size = store_col_i64(q, 1);
        i->at = store_col_i64(q, 2);
        TRY(str_copy(c, store_col_str(q, 3), &i->line));
        n++;
    }
    *ret_items = items;
    *ret_n = n;
    return OK;
}

// --- documents ----------------------------------------------------------------------------------

Err journal_want_add(Ctx *c, StoreDb *db, int64_t peer, const CryptoHash *sha256) {
    StoreStmt *q = journal_stmt(db, JQ_WANT_ADD);
    store_bind_blob(q, ":sha256", sha256->b, sizeof sha256->b);
    store_bind_i64(q, ":peer", peer);
    return store_run(c, q);
}

Err journal_want_turn(Ctx *c, StoreDb *db, int64_t peer, const CryptoHash *sha256,
                      bool *ret_turned) {
    StoreStmt *q = journal_stmt(db, JQ_WANT_TURN);
    store_bind_i64(q, ":peer", peer);
    store_bind_blob(q, ":sha256", sha256->b, sizeof sha256->b);
    TRY(store_run(c, q));
    *ret_turned = store_changes(db) > 0;
    return OK;
}

static Err wants_of(Ctx *c, StoreStmt *list, int64_t peer, size_t max, JournalWant **ret_items,
                    size_t *ret_n) {
    JournalWant *items;
    size_t n = 0;
    TRY(ctx_alloc(c, (max + 1) * sizeof *items, &items));
    AUTO(StoreQuery) q = list;
    store_bind_i64(q, ":peer", peer);
    store_bind_i64(q, ":limit", (int64_t)max);
    for (bool row = true; n < max;) {
        TRY(store_step(c, q, &row));
        if (!row)
            break;
        TRY(journal_col_bytes(c, q, 0, items[n].sha256.b, sizeof items[n].sha256.b));
        items[n].have = store_col_i64(q, 1);
        items[n].total = store_col_i64(q, 2);
        n++;
    }
    *ret_items = items;
    *ret_n = n;
    return OK;
}

Err journal_want_list(Ctx *c, StoreDb *db, int64_t peer, size_t max, JournalWant **ret_items,
                      size_t *ret_n) {
    return wants_of(c, journal_stmt(db, JQ_WANT_LIST), peer, max, ret_items, ret_n);
}

Err journal_asked_put(Ctx *c, StoreDb *db, int64_t peer, const JournalWant *items, size_t n) {
    StoreStmt *q = journal_stmt(db, JQ_ASKED_DONE);
    store_bind_i64(q, ":peer", peer);
    TRY(store_run(c, q));
    for (size_t i = 0; i < n; i++) {
        q = journal_stmt(db, JQ_ASKED_ADD);
        store_bind_i64(q, ":peer", peer);
        store_bind_blob(q, ":sha256", items[i].sha256.b, sizeof items[i].sha256.b);
        store_bind_i64(q, ":at", items[i].have);
        TRY(store_run(c, q));
    }
    return OK;
}

Err journal_asked_list(Ctx *c, StoreDb *db, int64_t peer, size_t max, JournalWant **ret_items,
                       size_t *ret_n) {
    return wants_of(c, journal_stmt(db, JQ_ASKED_LIST), peer, max, ret_items, ret_n);
}

static Err of_hash(Ctx *c, StoreDb *db, JournalStatement s, const CryptoHash *sha256) {
    StoreStmt *q = journal_stmt(db, s);
    store_bind_blob(q, ":sha256", sha256->b, sizeof sha256->b);
    return store_run(c, q);
}

Err journal_want_drop(Ctx *c, StoreDb *db, const CryptoHash *sha256) {
    return of_hash(c, db, JQ_WANT_DONE, sha256);
}

static Err want_get(Ctx *c, StoreDb *db, int64_t peer, const CryptoHash *sha256,
                    JournalWant *ret_want, bool *ret_found) {
    AUTO(StoreQuery) q = journal_stmt(db, JQ_WANT_GET);
    store_bind_blob(q, ":sha256", sha256->b, sizeof sha256->b);
    store_bind_i64(q, ":peer", peer);
    TRY(store_step(c, q, ret_found));
    if (*ret_found)
        *ret_want = (JournalWant){*sha256, store_col_i64(q, 0), store_col_i64(q, 1)};
    return OK;
}

static Err count_on(Ctx *c, StoreDb *db, const JournalPart *part) {
    StoreStmt *q = journal_stmt(db, JQ_WANT_SET);
    store_bind_blob(q, ":sha256", part->sha256.b, sizeof part->sha256.b);
    store_bind_i64(q, ":have", part->at + part->bytes);
    store_bind_i64(q, ":total", part->total);
    return store_run(c, q);
}

Err journal_part_take(Ctx *c, StoreDb *db, int64_t peer, const JournalPart *part, int64_t bytes_max,
                      JournalPartIs *ret_is) {
    JournalWant want;
    bool found;
    TRY(want_get(c, db, peer, &part->sha256, &want, &found));
    if (found && part->total > bytes_max)
        return fail(c, E_LIMIT, "a document of %lld bytes is too large", (long long)part->total);
    *ret_is = JOURNAL_PART_OTHER;
    if (!found || part->at != want.have || part->bytes > part->total - part->at ||
        (part->bytes == 0 && part->total > 0))
        return OK;
    bool last = part->at + part->bytes == part->total;
    TRY(last ? journal_want_drop(c, db, &part->sha256) : count_on(c, db, part));
    *ret_is = last ? JOURNAL_PART_LAST : JOURNAL_PART_NEXT;
    return OK;
}
