// A message for a peer: what stands in its journal behind what it told to have, with one proof for
// each log, as much as there is room for. Each entry is judged again when it leaves: what was taken
// back, erased or has ended meanwhile goes as a hole.
#include "desk/exchange_priv.h"

#include <stdlib.h>

// What the proof of scattered leaves may need for each of them, before it is made.
#define PROOF_BYTES_A_LEAF (24 * CRYPTO_HASH_BYTES)
#define PROOF_BYTES_A_TREE (400 + 48 * CRYPTO_HASH_BYTES)
// So many leaves in a row are scanned in place of looked up.
#define NEIGHBOURS_MIN 8
// Fewer entries than these are waiting before more are looked for.
#define ENOUGH_ENTRIES (SYNC_OPENINGS_MAX / 2)
#define PATIENCE_TRIES 8
#define JUDGED_MAX 512 // entries that are judged in one go

typedef struct Branch {
    uint32_t log;
    CryptoHash origin;
    LedgerCheckpoint head;
    int64_t old_size;
    int64_t *leaves; // in order of the journal, then sorted
    size_t count;
    bool limited; // the head is an earlier one, because a key record waits,
    bool ended;   // or because the agency disowned what is behind it
    bool anew;    // its statements stand beside its TREE
    int64_t last; // place taken last, for telling runs from scattered ones
} Branch;

typedef struct Making {
    DeskNode *node;
    DeskSlot *slot;
    DeskPeer *peer;
    const DeskSyncAsk *ask;
    size_t bytes_max;
    JournalEntry *entries;
    size_t entry_n, used;
    int64_t from, old_head;
    SyncWriter w;
    Branch branches[SYNC_TREES_MAX];
    size_t branch_n;
    size_t proof_bytes; // that the TREE frames will need, at most
    bool mirrors;       // and has to get commitments
    bool headless;      // the branch that was asked for last has no head to be proven by,
    bool lost;          // and never will
    bool select_more;
    bool brief; // what came is still being folded: an acknowledgement, and nothing is looked for
} Making;

// --- heads --------------------------------------------------------------------------------------

// The smallest size from which a key holds whose record still waits for the peer; INT64_MAX: none.
static Err key_limit(Ctx *c, Making *k, uint32_t log, Str agency, int64_t *ret_limit) {
    const PictureScan *keys;
    size_t n;
    int64_t next, limit = INT64_MAX;
    *ret_limit = limit;
    TRY(ledger_key_next(c, k->slot->ledger, log, 0, &next));
    if (next == INT64_MAX)
        return OK;
    TRY(picture_scan_kind(c, k->slot->picture, agency, STR("key"), &keys, &n));
    for (size_t i = 0; i < n; i++) {
        LedgerItem item;
        Record r;
        bool waits;
        int64_t from;
        if (keys[i].place.log != log)
            continue;
        TRY(journal_find(c, ledger_db(k->node->ledger), &k->peer->j, k->from,
                         ledger_place_key(keys[i].place), &waits));
        if (!waits)
            continue;
        TRY(ledger_get(c, k->slot->ledger, keys[i].place, &item));
        TRY(record_parse(c, &k->slot->json, item.envelope, &r));
        Str of_log;
        TRY(json_get_int(c, r.body, "from_size", &from));
        TRY(json_get_str(c, r.body, "log", &of_log));
        if (str_eq_c(of_log, "main") && from < limit)
            limit = from;
    }
    *ret_limit = limit;
    return OK;
}

// The newest head of our log that the peer can check: below the size from which a key holds whose
// record it has not yet.
static Err own_head(Ctx *c, Making *k, LedgerCheckpoint *ret_head) {
    LedgerReader *r = k->slot->ledger;
    LedgerCheckpoint head;
    int64_t limit;
    TRY(ledger_checkpoint(c, r, LEDGER_MAIN, &head));
    TRY(key_limit(c, k, LEDGER_MAIN, str_of(k->node->agency_id), &limit));
    if (limit <= head.size)
        TRY(ledger_head_below(c, r, LEDGER_MAIN, limit - 1, &head));
    // A mirror gets all commitments up to the head: as many as there is room for, and at least
    // those of one group, so that it gets on.
    int64_t most = (int64_t)k->bytes_max / 4 / CRYPTO_HASH_BYTES;
    if (most < LEDGER_GROUP_RECORDS_MAX)
        most = LEDGER_GROUP_RECORDS_MAX;
    if (k->mirrors && head.size - k->old_head > most)
        TRY(ledger_head_below(c, r, LEDGER_MAIN, k->old_head + most, &head));
    *ret_head = head;
    return OK;
}

static Err relayed_old(Ctx *c, Making *k, Branch *b) {
    LedgerReader *r = k->slot->ledger;
    JournalSeen seen;
    TRY(journal_seen_get(c, ledger_db(k->node->ledger), k->peer->j.peer, &b->origin, &seen));
    // Only a head that the peer told us of, and that we hold, can be the beginning of a proof.
    LedgerCheckpoint old;
    bool known = seen.size > 0 && seen.size <= b->head.size &&
                 ledger_checkpoint_at(c, r, b->log, seen.size, &old) == OK &&
                 memcmp(old.root.b, seen.root.b, sizeof old.root.b) == 0;
    b->old_size = known ? seen.size : 0;
    return OK;
}

static Err origin_of(Ctx *c, Making *k, uint32_t log, CryptoHash *ret_origin) {
    const LedgerLogInfo *logs;
    size_t n, i = 0;
    TRY(ledger_log_list(c, k->slot->ledger, &logs, &n));
    while (i < n && logs[i].log != log)
        i++;
    if (i == n)
        return fail(c, E_CORRUPT, "a journal names a log that is not here");
    *ret_origin = logs[i].agency;
    return OK;
}

// Who has not the genesis cannot check a statement that comes with it: no head behind it goes out
// before.
static Err statement_limit(Ctx *c, Making *k, const Branch *b, const DeskBounds *bounds,
                           int64_t *limit) {
    LedgerPlace genesis = {.seq = 0};
    bool waits;
    if (!bounds->anew)
        return OK;
    TRY(ledger_log_first(c, k->slot->ledger, b->log, &genesis.log));
    TRY(journal_find(c, ledger_db(k->node->ledger), &k->peer->j, k->from, ledger_place_key(genesis),
                     &waits));
    if (waits && bounds->good_min < *limit - 1)
        *limit = bounds->good_min + 1;
    return OK;
}

// k->headless: no head that the peer can check proves this log now.
static Err relayed_head(Ctx *c, Making *k, Branch *b) {
    int64_t limit;
    DeskBounds bounds;
    DeskHex hex = desk_hex(&b->origin);
    TRY(key_limit(c, k, b->log, str_of(hex.text), &limit));
    TRY(desk_recover_bounds(c, k->slot, &b->origin, b->log, &bounds));
    TRY(statement_limit(c, k, b, &bounds, &limit));
    b->ended = bounds.good < INT64_MAX;
    b->anew = bounds.anew;
    if (b->ended && bounds.good < limit - 1)
        limit = bounds.good + 1;
    b->limited = limit <= b->head.size;
    if (!b->limited)
        return OK;
    Err e = ledger_head_below(c, k->slot->ledger, b->log, limit - 1, &b->head);
    k->headless = e == E_NOT_FOUND;
    k->lost = b->ended;
    return k->headless ? OK : e;
}

// Under an earlier head than its own a leaf of another agency may not be provable by what we hold.
static Err unproven(Ctx *c, Making *k, const Branch *b, int64_t seq, bool *ret_unproven) {
    LedgerLeaves leaf = {&seq, 1};
    LedgerHashes proof;
    LedgerSpan span = {0, b->head.size};
    *ret_unproven = false;
    if (!b->limited || b->log == LEDGER_MAIN)
        return OK;
    AUTO(Ctx) quiet;
    ctx_init(&quiet);
    Err e = ledger_multiproof(&quiet, k->slot->ledger, b->log, span, &leaf, &proof);
    *ret_unproven = e == E_NOT_FOUND;
    return e == OK || e == E_NOT_FOUND ? OK : desk_pass(c, &quiet, e);
}

// The TREE to which a leaf belongs. Leaves of a relayed log may stand under different checkpoints:
// each has a TREE of its own.
static Err branch_of(Ctx *c, Making *k, LedgerPlace place, Branch **ret_branch, uint32_t *ret_at) {
    uint32_t log = place.log;
    LedgerCheckpoint head = {.size = 0};
    if (log != LEDGER_MAIN)
        TRY(ledger_leaf_head(c, k->slot->ledger, place, &head));
    for (size_t i = 0; i < k->branch_n; i++)
        if (k->branches[i].log == log && (log == LEDGER_MAIN || k->branches[i].limited ||
                                          k->branches[i].head.size == head.size)) {
            *ret_branch = &k->branches[i];
            *ret_at = (uint32_t)i;
            return OK;
        }
    *ret_branch = NULL;
    k->headless = k->lost = false;
    if (k->branch_n == COUNT_OF(k->branches))
        return OK;
    Branch b = {.log = log, .last = -1};
    TRY(ctx_alloc(c, SYNC_OPENINGS_MAX * sizeof *b.leaves, &b.leaves));
    if (log == LEDGER_MAIN) {
        TRY(own_head(c, k, &b.head));
        b.old_size = k->old_head;
        if (!desk_unhex(str_of(k->node->agency_id), &b.origin))
            return fail(c, E_CORRUPT, "the ledger names no agency");
        if (k->mirrors)
            k->proof_bytes += (size_t)(b.head.size - b.old_size) * CRYPTO_HASH_BYTES;
    } else {
        b.head = head;
        TRY(origin_of(c, k, log, &b.origin));
        TRY(relayed_head(c, k, &b));
        if (k->headless)
            return OK;
        TRY(relayed_old(c, k, &b));
        k->proof_bytes += b.anew ? SYNC_RECOVERS_MAX * (SYNC_RECOVER_BYTES + 8) : 0;
    }
    k->proof_bytes += PROOF_BYTES_A_TREE;
    *ret_at = (uint32_t)k->branch_n;
    *ret_branch = &k->branches[k->branch_n++];
    **ret_branch = b;
    return OK;
}

// --- openings -----------------------------------------------------------------------------------

static void put_hole(Making *k) {
    SyncOpening hole = {0};
    sync_put_opening(&k->w, &hole);
    k->used++;
}

// *ret_room false: the message is full, or this entry has to wait for a later head.
static Err put_opening(Ctx *c, Making *k, const LedgerItem *item, bool *ret_room) {
    LedgerPlace place = item->place;
    Branch *b;
    uint32_t at;
    *ret_room = true;
    if (item->state != LEDGER_HELD) {
        put_hole(k);
        return OK;
    }
    TRY(branch_of(c, k, place, &b, &at));
    if ((!b && k->headless && k->lost) || (b && b->ended && place.seq >= b->head.size)) {
        put_hole(k);
        return OK;
    }
    if (!b || place.seq >= b->head.size) {
        *ret_room = false;
        return OK;
    }
    bool lost;
    TRY(unproven(c, k, b, place.seq, &lost));
    if (lost) {
        put_hole(k);
        return OK;
    }
    size_t proof = place.seq == b->last + 1 ? 0 : PROOF_BYTES_A_LEAF;
    size_t bytes =
        sync_write_bytes(&k->w) + k->proof_bytes + proof + sync_opening_bytes(item->envelope);
    bool first = b->count == 0 && k->used == 0;
    if (bytes > k->bytes_max && !(first && bytes <= SYNC_MESSAGE_BYTES_MAX)) {
        *ret_room = false;
        return OK;
    }
    SyncOpening o = {.tree = at, .leaf = place.seq, .envelope = item->envelope};
    memcpy(o.salt, item->salt, sizeof o.salt);
    sync_put_opening(&k->w, &o);
    k->proof_bytes += proof;
    b->leaves[b->count++] = place.seq;
    b->last = place.seq;
    k->used++;
    return OK;
}

// Neighbours in the log are read in one go.
typedef struct Walk {
    Making *k;
    int64_t next, beyond;
    bool room;
} Walk;

static Err walk_item(void *self, Ctx *c, const LedgerItem *item) {
    Walk *w = self;
    if (item->place.seq != w->next)
        return fail(c, E_CORRUPT, "a journal names leaf %lld, which is not here",
                    (long long)w->next);
    TRY(put_opening(c, w->k, item, &w->room));
    w->next++;
    if (!w->room || w->next == w->beyond)
        return fail(c, E_CANCELLED, "enough");
    return OK;
}

static Err put_run(Ctx *c, Making *k, LedgerPlace from, size_t n, bool *ret_room) {
    if (n < NEIGHBOURS_MIN) {
        *ret_room = true;
        for (size_t i = 0; i < n && *ret_room; i++) {
            LedgerItem item;
            LedgerPlace place = {from.log, from.seq + (int64_t)i};
            TRY(ledger_get(c, k->slot->ledger, place, &item));
            TRY(put_opening(c, k, &item, ret_room));
        }
        return OK;
    }
    Walk w = {.k = k, .next = from.seq, .beyond = from.seq + (int64_t)n, .room = true};
    Err e = ledger_scan(c, k->slot->ledger, from.log, from.seq, (LedgerVisit){walk_item, &w});
    *ret_room = w.room;
    return e == E_CANCELLED ? OK : e;
}

static int leaf_cmp(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void leaves_sort(Branch *b) {
    size_t n = b->count > 0;
    qsort(b->leaves, b->count, sizeof *b->leaves, leaf_cmp);
    for (size_t i = 1; i < b->count; i++)
        if (b->leaves[i] != b->leaves[n - 1])
            b->leaves[n++] = b->leaves[i];
    b->count = n;
}

static Err put_commitments(Ctx *c, Making *k, const Branch *b, uint32_t at) {
    CryptoHash *all;
    size_t n = (size_t)(b->head.size - b->old_size);
    if (!k->mirrors || b->log != LEDGER_MAIN || n == 0)
        return OK;
    TRY(ctx_alloc(c, n * sizeof *all, &all));
    TRY(ledger_commitments(c, k->slot->ledger, b->log, b->old_size, n, all));
    sync_put_leaves(&k->w, at, b->old_size, all, n);
    return OK;
}

// The leaves that the proof names: those of openings, and all behind the old head for a mirror.
static Err proven(Ctx *c, const Making *k, const Branch *b, LedgerLeaves *ret_leaves) {
    if (!k->mirrors || b->log != LEDGER_MAIN || b->head.size == b->old_size) {
        *ret_leaves = (LedgerLeaves){b->leaves, b->count};
        return OK;
    }
    int64_t *all;
    size_t n = 0;
    TRY(ctx_alloc(c, (b->count + (size_t)(b->head.size - b->old_size)) * sizeof *all, &all));
    for (size_t i = 0; i < b->count && b->leaves[i] < b->old_size; i++)
        all[n++] = b->leaves[i];
    for (int64_t i = b->old_size; i < b->head.size; i++)
        all[n++] = i;
    *ret_leaves = (LedgerLeaves){all, n};
    return OK;
}

static Err put_tree(Ctx *c, Making *k, Branch *b, uint32_t at) {
    LedgerLeaves leaves;
    LedgerHashes proof;
    leaves_sort(b);
    TRY(put_commitments(c, k, b, at));
    TRY(proven(c, k, b, &leaves));
    LedgerSpan span = {b->old_size, b->head.size};
    Err e = ledger_multiproof(c, k->slot->ledger, b->log, span, &leaves, &proof);
    if (e == E_NOT_FOUND && b->old_size > 0 && b->log != LEDGER_MAIN) {
        // Of another agency's log we may not hold what lies between: the leaves alone are proven.
        b->old_size = span.old_size = 0;
        e = ledger_multiproof(c, k->slot->ledger, b->log, span, &leaves, &proof);
    }
    TRY(e);
    SyncTree t = {.origin = b->origin,
                  .old_size = b->old_size,
                  .note = b->head.note,
                  .proof = proof.hashes,
                  .proof_count = proof.count};
    sync_put_tree(&k->w, &t);
    return OK;
}

// --- the journal --------------------------------------------------------------------------------

// How many entries from here on are neighbours in our log: they are judged in one go.
static size_t neighbours(const Making *k, size_t at, size_t n) {
    const JournalEntry *e = &k->entries[at];
    size_t end = at + 1;
    if (ledger_place_of_key(e->place).log != LEDGER_MAIN)
        return 1;
    while (end < n && end - at < JUDGED_MAX && !k->entries[end].hole &&
           k->entries[end].place == e->place + (int64_t)(end - at))
        end++;
    return end - at;
}

static Err judge_some(Ctx *c, const Making *k, DeskJudge *judge, size_t at, size_t n,
                      bool *ret_may) {
    LedgerPlace place = ledger_place_of_key(k->entries[at].place);
    return n == 1 ? desk_judge_place(c, judge, place, ret_may)
                  : desk_judge_run(c, judge, place.seq, n, ret_may);
}

// Entries that were put into the journal before this call are judged again.
static Err judge_again(Ctx *c, Making *k, DeskWriting *w, size_t n) {
    DeskJudge *judge;
    int64_t *shut;
    bool may[JUDGED_MAX];
    size_t shut_n = 0;
    TRY(ctx_alloc(c, sizeof *judge, &judge));
    TRY(ctx_alloc(c, (n + 1) * sizeof *shut, &shut));
    *judge = (DeskJudge){
        .node = k->node, .slot = k->slot, .peer = k->peer, .now = clock_now(k->node->env.clock)};
    for (size_t i = 0, run; i < n; i += run) {
        run = 1;
        if (k->entries[i].hole)
            continue;
        run = neighbours(k, i, n);
        TRY(judge_some(c, k, judge, i, run, may));
        for (size_t m = i; m < i + run; m++) {
            if (may[m - i])
                continue;
            k->entries[m].hole = true;
            shut[shut_n++] = k->entries[m].place;
        }
    }
    if (shut_n == 0)
        return OK;
    qsort(shut, shut_n, sizeof *shut, leaf_cmp);
    size_t kept = 1;
    for (size_t i = 1; i < shut_n; i++)
        if (shut[i] != shut[kept - 1])
            shut[kept++] = shut[i];
    TRY(desk_group_begin(c, w));
    TRY(journal_close(c, ledger_db(k->node->ledger), &k->peer->j, shut, kept));
    return desk_group_commit(c, w); // no row of a peer changed
}

// How many entries a message of this size may hold at the most, so that no more are judged.
static size_t entries_max(size_t bytes_max) {
    size_t n = bytes_max / 200 + 1;
    return n < SYNC_OPENINGS_MAX ? n : SYNC_OPENINGS_MAX;
}

static Err look(Ctx *c, Making *k, DeskWriting *w) {
    DeskPeer *p = k->peer;
    TRY(desk_exchange_refresh(c, k->node, k->slot));
    TRY(desk_exchange_peer(c, k->node, &p->j.agency, p));
    int64_t before = p->j.entries;
    if (desk_select_due(k->node, p) && p->j.entries - k->from < ENOUGH_ENTRIES)
        TRY(desk_select(c, w, k->slot, p, &k->select_more));
    TRY(journal_read(c, ledger_db(k->node->ledger), &p->j, k->from, entries_max(k->bytes_max),
                     &k->entries, &k->entry_n));
    size_t old = before > k->from ? (size_t)(before - k->from) : 0;
    return judge_again(c, k, w, old < k->entry_n ? old : k->entry_n);
}

// --- the message --------------------------------------------------------------------------------

Err desk_sync_head(Ctx *c, DeskNode *n, const DeskPeer *p, const DeskSyncAsk *ask,
                   SyncHead *ret_head) {
    SyncHead h = {.to = p->j.agency,
                  .link_key = n->exchange->link_public,
                  .now_us = clock_now(n->env.clock),
                  .relay = p->relay,
                  .wants_answer = ask->wants_answer,
                  .answer_bytes = ask->answer_max};
    if (!desk_unhex(str_of(n->agency_id), &h.from))
        return fail(c, E_CORRUPT, "the ledger names no agency");
    *ret_head = h;
    return OK;
}

static Err have_of(Ctx *c, Making *k, SyncHave *ret_have) {
    SyncHave h = {.position = k->peer->j.taken};
    uint32_t log;
    LedgerCheckpoint head;
    Err e = ledger_log_find(c, k->slot->ledger, &k->peer->j.agency, &log);
    if (e == OK)
        e = ledger_checkpoint(c, k->slot->ledger, log, &head);
    if (e == OK) {
        h.size = head.size;
        h.root = head.root;
    } else if (e != E_NOT_FOUND) {
        return e;
    }
    *ret_have = h;
    return OK;
}

static const char *const refusal_words[] = {
    [SYNC_REFUSED_NOT_CONFIRMED] = "you are no confirmed peer here, or not any more",
    [SYNC_REFUSED_QUOTA] = "more than one day's share of this peer",
    [SYNC_REFUSED_TWO_HISTORIES] = "your log showed two histories",
    [SYNC_REFUSED_MALFORMED] = "what you said does not hold",
    [SYNC_REFUSED_BUSY] = "not now: try again",
    [SYNC_REFUSED_CLOCK] = "your clock differs too much",
};

static Err begin(Ctx *c, Making *k) {
    SyncHead head;
    SyncHave have;
    TRY(desk_sync_head(c, k->node, k->peer, k->ask, &head));
    TRY(have_of(c, k, &have));
    TRY(sync_write_begin(c, &k->w, &head));
    sync_put_have(&k->w, &have);
    sync_put_journal(&k->w, k->from, k->peer->j.entries);
    // Said all day, so that it holds its records back, and not our news.
    if (desk_quota_over(&k->peer->j, head.now_us))
        sync_put_refuse(&k->w, SYNC_REFUSED_QUOTA, str_of(refusal_words[SYNC_REFUSED_QUOTA]));
    return OK;
}

static Err put_statements(Ctx *c, Making *k) {
    for (size_t i = 0; i < k->branch_n; i++) {
        const Branch *b = &k->branches[i];
        bool said = false;
        for (size_t m = 0; m < i; m++)
            said |= memcmp(k->branches[m].origin.b, b->origin.b, sizeof b->origin.b) == 0;
        if (b->anew && !said)
            TRY(desk_recover_put_of(c, k->slot, &b->origin, &k->w));
    }
    return OK;
}

static Err put_all(Ctx *c, Making *k) {
    bool room = true;
    for (size_t i = 0, n; i < k->entry_n && room; i += n) {
        n = 1;
        if (k->entries[i].hole) {
            put_hole(k);
            continue;
        }
        while (i + n < k->entry_n && !k->entries[i + n].hole &&
               k->entries[i + n].place == k->entries[i].place + (int64_t)n)
            n++;
        TRY(put_run(c, k, ledger_place_of_key(k->entries[i].place), n, &room));
    }
    int64_t size;
    TRY(ledger_reader_size(c, k->slot->ledger, LEDGER_MAIN, &size));
    if ((k->mirrors || k->peer->owes_answer) && size > k->old_head) {
        // The head alone: commitments for a mirror, or the end of a proof that was asked for.
        Branch *b;
        uint32_t at;
        TRY(branch_of(c, k, (LedgerPlace){LEDGER_MAIN, 0}, &b, &at));
    }
    for (size_t i = 0; i < k->branch_n; i++)
        TRY(put_tree(c, k, &k->branches[i], (uint32_t)i));
    return put_statements(c, k);
}

static Err put_documents(Ctx *c, Making *k) {
    DeskJudge *judge;
    TRY(ctx_alloc(c, sizeof *judge, &judge));
    *judge = (DeskJudge){
        .node = k->node, .slot = k->slot, .peer = k->peer, .now = clock_now(k->node->env.clock)};
    // Where there is no room for documents, what was asked for is kept for the next message.
    return desk_blob_put(c, judge, k->peer, &k->w, k->ask->bare ? 0 : k->bytes_max,
                         k->ask->bare || k->ask->run != NULL);
}

// What was asked for is given once: who does not get it asks again.
static Err gave_asked(Ctx *c, Making *k, DeskWriting *w) {
    TRY(desk_group_begin(c, w));
    TRY(desk_blob_asked_save(c, k->node, k->peer));
    TRY(journal_peer_save(c, ledger_db(k->node->ledger), &k->peer->j));
    return desk_group_commit(c, w);
}

static void run_on(Making *k) {
    DeskSyncRun *run = k->ask->run;
    if (!run)
        return;
    run->begun = true;
    run->more = k->select_more;
    run->position = k->from + (int64_t)k->used;
    for (size_t i = 0; i < k->branch_n; i++)
        if (k->branches[i].log == LEDGER_MAIN)
            run->head = k->branches[i].head.size;
}

static Err make(Ctx *c, Making *k, DeskWriting *w) {
    const DeskSyncRun *run = k->ask->run;
    DeskPeer *p = k->peer;
    k->from = run && run->begun ? run->position : p->j.told;
    k->old_head = run && run->begun ? run->head : p->j.head_size;
    if (w->node)
        TRY(look(c, k, w));
    k->mirrors = w->node && desk_mirrors(k->node, p);
    TRY(begin(c, k));
    // Said until the peer tells to have heard it, so it is no news: else there would be no end.
    if (!desk_exchange_silent(k->node))
        desk_recover_put(k->node, p, &k->w);
    size_t plain = sync_write_bytes(&k->w);
    bool full = !k->ask->bare, gave = false;
    bool owes = full && (p->asked_n > 0 || p->j.restore_from > 0);
    if (w->node && full && p->j.restore_from > 0)
        TRY(desk_restore_give(c, k->slot, p, &k->w, k->bytes_max, &gave));
    // Without a turn among the writers it is not known who mirrors: what another thread has put
    // there just now waits for the next message.
    bool late = !w->node && !desk_exchange_silent(k->node) && p->j.entries > k->from;
    if (full && !gave && !k->brief && !late)
        TRY(put_all(c, k));
    if (!w->node)
        TRY(desk_restore_ask(c, k->node, k->slot, p, &k->w));
    if (w->node) {
        // What is to be proven leads to a head, which does not go.
        bool proves = p->owes_answer;
        p->owes_answer = proves && full;
        TRY(desk_witness_put(c, k->node, k->slot, p, &k->w));
        p->owes_answer = proves && !full;
        TRY(put_documents(c, k));
        TRY(desk_return_ask(c, k->node, k->slot, p, &k->w));
        if (owes)
            TRY(gave_asked(c, k, w));
    }
    run_on(k);
    int64_t size;
    TRY(ledger_reader_size(c, k->slot->ledger, LEDGER_MAIN, &size));
    bool news = sync_write_bytes(&k->w) > plain;
    if (w->node)
        p->waits = k->select_more || p->j.entries > p->j.told || p->j.restore_from > 0 ||
                   (k->mirrors && p->j.head_size < size) ||
                   (!full && (p->asked_n > 0 || p->owes_answer));
    p->news = news;
    // Without a turn among the writers nothing of it changed, and another thread may know more.
    if (w->node || desk_exchange_silent(k->node))
        desk_exchange_publish(k->node, p);
    return OK;
}

// A turn among the writers, with a picture that is current. While a backlog comes in it is waited
// for beside the lock of writing, so that the next message is taken meanwhile.
static Err begin_patiently(Ctx *c, DeskNode *n, DeskWriting *w) {
    for (int i = 0; i < PATIENCE_TRIES; i++) {
        TRY(desk_fold_behind(c, n));
        TRY(desk_writing_begin_ahead(c, n, NULL, INT64_MAX, w));
        if (atomic_load(&n->behind) == 0)
            return OK;
        DeskWriting_cleanup(w);
    }
    return desk_writing_begin(c, n, NULL, w);
}

static Err make_message(Ctx *c, DeskNode *n, const CryptoHash *peer, const DeskSyncAsk *ask,
                        Buf *out_message, bool *ret_news) {
    DeskPeer *p;
    Making *k;
    TRY(desk_exchange_fresh(c, n));
    TRY(ctx_alloc(c, sizeof *p, &p));
    TRY(ctx_alloc(c, sizeof *k, &k));
    TRY(desk_exchange_peer(c, n, peer, p));
    if (p->j.fault != JOURNAL_SOUND)
        return fail(c, E_DENIED, "the link with %s is stopped: %s", p->name, p->j.words);
    *k = (Making){.node = n, .peer = p, .ask = ask, .bytes_max = ask->bytes_max};
    if (k->bytes_max == 0 || k->bytes_max > SYNC_MESSAGE_BYTES_MAX)
        k->bytes_max = SYNC_MESSAGE_BYTES_MAX;
    Err e;
    {
        AUTO(DeskReading) r = {0};
        AUTO(DeskWriting) w = {0};
        // Nothing new needs no turn among the writers, and an acknowledgement does not wait for it.
        bool silent = desk_exchange_silent(n);
        k->brief = ask->brief && !silent && atomic_load(&n->behind) > 0;
        if (!silent && !k->brief && (desk_select_due(n, p) || p->waits || ask->run))
            TRY(begin_patiently(c, n, &w));
        TRY(desk_reading_machine(c, n, &r));
        // What another thread took or gave meanwhile counts.
        TRY(desk_exchange_peer(c, n, peer, p));
        k->slot = r.slot;
        e = make(c, k, &w);
    }
    if (e == OK)
        e = sync_write_end(c, &k->w, &n->exchange->link_key, out_message);
    SyncWriter_cleanup(&k->w);
    TRY(e);
    *ret_news = p->news;
    return OK;
}

// What a message needs is forgotten with it, so that a caller may make any number in one request.
Err desk_sync_make(Ctx *c, DeskNode *n, const CryptoHash *peer, const DeskSyncAsk *ask,
                   Buf *out_message, bool *ret_news) {
    AUTO(Ctx) inner;
    ctx_init(&inner);
    return desk_pass(c, &inner, make_message(&inner, n, peer, ask, out_message, ret_news));
}

// --- refusals -----------------------------------------------------------------------------------

static SyncRefusal refusal_of(const DeskPeer *p, Err why) {
    if (p->j.fault == JOURNAL_FORKED)
        return SYNC_REFUSED_TWO_HISTORIES;
    if (p->j.fault == JOURNAL_FALSE || why == E_INVALID || why == E_CRYPTO || why == E_EXISTS)
        return SYNC_REFUSED_MALFORMED;
    if (why == E_DENIED)
        return SYNC_REFUSED_NOT_CONFIRMED;
    return why == E_LIMIT ? SYNC_REFUSED_QUOTA : SYNC_REFUSED_BUSY;
}

const char *desk_refusal_words(int code) {
    static const char *const words[] = {
        [SYNC_REFUSED_NOT_CONFIRMED] = "the peer has ended the exchange with us: it revoked us",
        [SYNC_REFUSED_QUOTA] =
            "we sent more than the peer takes in one day: the rest goes out tomorrow (UTC)",
        [SYNC_REFUSED_TWO_HISTORIES] = "the peer saw two histories of our log",
        [SYNC_REFUSED_MALFORMED] = "the peer says that what we sent does not hold",
        [SYNC_REFUSED_BUSY] = "the peer is busy: it is tried again",
        [SYNC_REFUSED_CLOCK] = "the peer's clock is far from ours",
    };
    bool known = code > 0 && (size_t)code < COUNT_OF(words) && words[code];
    return known ? words[code] : "the peer refuses our message";
}

Err desk_sync_refuse(Ctx *c, DeskNode *n, const CryptoHash *peer, Err why, Buf *out_message) {
    DeskPeer *p;
    SyncHead head;
    DeskSyncAsk ask = {0};
    TRY(ctx_alloc(c, sizeof *p, &p));
    if (desk_exchange_peer(c, n, peer, p) != OK)
        *p = (DeskPeer){.j = {.agency = *peer}};
    SyncRefusal code = refusal_of(p, why);
    TRY(desk_sync_head(c, n, p, &ask, &head));
    AUTO(SyncWriter) w = {0};
    TRY(sync_write_begin(c, &w, &head));
    sync_put_refuse(&w, code, str_of(refusal_words[code]));
    return sync_write_end(c, &w, &n->exchange->link_key, out_message);
}
