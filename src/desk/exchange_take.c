// Taking a message: all of it is checked before the one transaction in which it is stored; what is
// false changes nothing and stops the link with who signed it.
#include "desk/exchange_priv.h"

typedef struct Taking {
    DeskNode *node;
    DeskWriting *w;
    DeskSlot *slot;
    DeskPeer *peer;
    SyncMessage *m;
    DeskSyncTaken taken;
    bool stale;    // a tree begins with a head that we do not stand at: nothing of it is taken
    bool touches;  // links, accords or retracts came
    uint32_t held; // trees that were taken and stand under the head of their log, a bit each
    struct {
        CryptoHash origin;
        uint32_t log;
    } opened[SYNC_TREES_MAX]; // logs that began with this message: no reader sees them yet
    size_t opened_n;
} Taking;

bool desk_exchange_silent(const DeskNode *n) {
    return ledger_rolled_back(n->ledger) || n->exchange->ahead_size > 0;
}

// --- who speaks, and how much -------------------------------------------------------------------

static Err check_head(Ctx *c, const DeskNode *n, const DeskPeer *p, const SyncMessage *m) {
    CryptoHash us;
    if (!desk_unhex(str_of(n->agency_id), &us))
        return fail(c, E_CORRUPT, "the ledger names no agency");
    if (memcmp(m->head.to.b, us.b, sizeof us.b) != 0)
        return fail(c, E_DENIED, "this message is for another agency");
    if (memcmp(m->head.from.b, p->j.agency.b, sizeof us.b) != 0)
        return fail(c, E_DENIED, "this message is from another agency than its link");
    if (!desk_peer_speaks(p, &m->head.link_key))
        return fail(c, E_DENIED, "%s signs with a link key that it has not told us", p->name);
    return OK;
}

// What the peer says it has of us. A position that we never gave, or a head that is no checkpoint
// of ours, is told to nobody: the next message begins where the log and the peer agree.
static Err take_have(Ctx *c, Taking *k) {
    JournalPeer *j = &k->peer->j;
    const SyncHave *h = &k->m->have;
    if (!k->m->has_have)
        return OK;
    j->told = h->position < j->entries ? h->position : j->entries;
    LedgerCheckpoint cp;
    bool ours =
        h->size > 0 && ledger_checkpoint_at(c, k->slot->ledger, LEDGER_MAIN, h->size, &cp) == OK;
    // It does not know yet that we began anew behind the good size.
    if (k->node->exchange->good_size > 0 && h->size > k->node->exchange->good_size && ours &&
        memcmp(cp.root.b, h->root.b, sizeof cp.root.b) != 0)
        ours = false;
    if (ours && memcmp(cp.root.b, h->root.b, sizeof cp.root.b) != 0)
        return fail(c, E_EXISTS,
                    "%s has another history of our log up to record %lld: one of us went on from "
                    "an old copy (docs/exchange.md, A lost disk)",
                    k->peer->name, (long long)h->size);
    j->head_size = ours ? h->size : 0;
    j->head_root = h->root;
    return OK;
}

// --- trees --------------------------------------------------------------------------------------

static bool is_peer(const Taking *k, const CryptoHash *agency) {
    return memcmp(agency->b, k->peer->j.agency.b, sizeof agency->b) == 0;
}

// The log of a tree. Leaf 0 makes one that is not here yet. *ret_found false: nothing to begin
// with.
static Err log_of(Ctx *c, Taking *k, const SyncTree *t, uint32_t *ret_log, bool *ret_found) {
    Err e = ledger_log_find(c, k->slot->ledger, &t->origin, ret_log);
    *ret_found = e == OK;
    if (e != E_NOT_FOUND)
        return e;
    for (size_t i = 0; i < k->opened_n && !*ret_found; i++) {
        *ret_found = memcmp(k->opened[i].origin.b, t->origin.b, sizeof t->origin.b) == 0;
        *ret_log = k->opened[i].log;
    }
    if (*ret_found || t->opening_count == 0)
        return OK;
    const SyncOpening *first = &k->m->openings[t->openings[0]];
    if (first->leaf != 0)
        return OK;
    CryptoHash commitment = record_commitment(first->envelope, first->salt);
    CryptoHash id = ledger_merkle_leaf(commitment.b, sizeof commitment.b);
    if (memcmp(id.b, t->origin.b, sizeof id.b) != 0)
        return fail(c, E_CRYPTO, "the genesis of a relayed log is not that of its agency");
    TRY(ledger_foreign_open(c, k->node->ledger, first->envelope, first->salt, ret_log));
    *ret_found = true;
    if (k->opened_n < COUNT_OF(k->opened)) {
        k->opened[k->opened_n].origin = t->origin;
        k->opened[k->opened_n++].log = *ret_log;
    }
    return OK;
}

// Whether what we let go of by this record of ours has part in the one that comes. By a retract:
// all that its author had said before it, by the clock of that one log. By an end: what would end
// here at once. What was erased is gone for good, and what belongs to it.
static Err goes_with(Ctx *c, const Taking *k, const PictureLetGo *g, const Record *r,
                     bool *ret_goes) {
    const PictureShare *shares;
    PictureRetract t;
    size_t n;
    int64_t now = clock_now(k->node->env.clock);
    *ret_goes = false;
    if (str_eq_c(g->because, "erase"))
        *ret_goes = record_id_eq(g->record, r->id) || record_id_eq(g->record, r->root);
    if (str_eq_c(g->because, "retract") && g->has_by) {
        Err e = picture_retract_get(c, k->slot->picture, g->by, &t);
        if (e != E_NOT_FOUND)
            TRY(e);
        *ret_goes = r->at_us < (e == OK ? t.at : g->at);
    }
    if (!str_eq_c(g->because, "until"))
        return OK;
    bool has_end = r->mark.has_until;
    int64_t end = r->mark.until_us;
    TRY(picture_share_of(c, k->slot->picture, r->root, &shares, &n));
    for (size_t i = 0; i < n; i++)
        if (str_eq(shares[i].agency, r->agency) && str_eq_c(shares[i].to, k->node->agency_id)) {
            has_end = shares[i].has_until;
            end = shares[i].until;
        }
    *ret_goes = has_end && end <= now;
    return OK;
}

// We let go of the object, or of the record, before it came: it was long on its way, or comes
// another way round. Then its leaf alone is taken.
static Err comes_back(Ctx *c, const Taking *k, const Record *r, bool *ret_back) {
    const PictureLetGo *items;
    size_t n;
    *ret_back = false;
    if (!k->node->exchange->any_let_gos || sync_class(r->kind) != SYNC_OBJECT ||
        r->kind == RECORD_ERASE)
        return OK;
    for (int i = 0; i < (record_id_eq(r->id, r->root) ? 1 : 2); i++) {
        TRY(picture_let_go_of(c, k->slot->picture, i ? r->id : r->root, &items, &n));
        for (size_t l = 0; l < n && !*ret_back; l++)
            if (str_eq_c(items[l].agency, k->node->agency_id) && str_eq(items[l].whose, r->agency))
                TRY(goes_with(c, k, &items[l], r, ret_back));
    }
    return OK;
}

// A document that the record names, and that is not here.
static Err want(Ctx *c, Taking *k, const Record *r) {
    CryptoHash sha256;
    int64_t bytes;
    bool names;
    TRY(desk_blob_named(c, r, &sha256, &names));
    if (!names)
        return OK;
    Err e = shelf_size(c, ledger_db(k->node->ledger), &sha256, &bytes);
    if (e != E_NOT_FOUND)
        return e;
    k->peer->owes_want = k->peer->lacks = true;
    return journal_want_add(c, ledger_db(k->node->ledger), k->peer->j.peer, &sha256);
}

// A relay that brought a document's record before its author did may never have the bytes: it was
// revoked, say, before it got them. The author has them, and is asked in its place.
static Err want_of_author(Ctx *c, Taking *k, const SyncTree *t) {
    StoreDb *db = ledger_db(k->node->ledger);
    for (size_t i = 0; i < t->opening_count; i++) {
        Str envelope = k->m->openings[t->openings[i]].envelope;
        Record r;
        CryptoHash sha256;
        size_t at;
        bool names, turned;
        if (!str_find(envelope, STR("\"kind\":\"attachment\""), &at))
            continue;
        TRY(record_parse(c, &k->slot->json, envelope, &r));
        TRY(desk_blob_named(c, &r, &sha256, &names));
        if (!names)
            continue;
        TRY(journal_want_turn(c, db, k->peer->j.peer, &sha256, &turned));
        if (turned)
            k->peer->owes_want = k->peer->lacks = true;
    }
    return OK;
}

// A record that is new here: whether its kind may come at all, and what has to be done about it.
static Err seen(void *self, Ctx *c, const Record *r, bool *ret_alone) {
    Taking *k = self;
    if (sync_class(r->kind) == SYNC_NEVER)
        return fail(c, E_INVALID, "%s sent a record of kind " STR_FMT ", which never leaves a node",
                    k->peer->name, STR_ARG(r->kind_name));
    k->touches |= r->kind == RECORD_LINK || r->kind == RECORD_ACCORD ||
                  r->kind == RECORD_ACCORD_SIGN || r->kind == RECORD_RETRACT;
    if (r->kind == RECORD_ORDER_ACT)
        desk_tell_note(k->node, r->root);
    TRY(comes_back(c, k, r, ret_alone));
    return *ret_alone ? OK : want(c, k, r);
}

// Openings and commitments of a tree as one rising list.
static Err leaves_of(Ctx *c, const Taking *k, const SyncTree *t, LedgerLeaf **ret_leaves,
                     size_t *ret_n) {
    LedgerLeaf *leaves;
    size_t n = 0, o = 0, l = 0;
    TRY(ctx_alloc(c, (t->opening_count + t->leaf_count + 1) * sizeof *leaves, &leaves));
    while (o < t->opening_count || l < t->leaf_count) {
        const SyncOpening *open = o < t->opening_count ? &k->m->openings[t->openings[o]] : NULL;
        int64_t seq = t->leaf_first + (int64_t)l;
        if (open && (l == t->leaf_count || open->leaf <= seq)) {
            leaves[n] = (LedgerLeaf){.seq = open->leaf, .envelope = open->envelope};
            memcpy(leaves[n].salt, open->salt, sizeof leaves[n].salt);
            n++;
            l += l < t->leaf_count && open->leaf == seq;
            o++;
        } else {
            leaves[n++] = (LedgerLeaf){.seq = seq, .commitment = t->leaves[l++]};
        }
    }
    *ret_leaves = leaves;
    *ret_n = n;
    return OK;
}

// Two checkpoints of the origin that contradict each other: the one of the tree, and ours.
static Err two_histories(Ctx *c, Taking *k, const SyncTree *t, uint32_t log) {
    LedgerCheckpoint told, ours;
    Str notes[2] = {t->note};
    size_t n = 1;
    TRY(ledger_note_parse(c, t->note, &told));
    if (ledger_checkpoint_at(c, k->slot->ledger, log, told.size, &ours) == OK ||
        ledger_checkpoint(c, k->slot->ledger, log, &ours) == OK)
        notes[n++] = ours.note;
    return desk_witness_fork(c, k->w, &t->origin, notes, n, "two_roots");
}

// What a peer relays to us is not relayed back to it.
static Err came_from(Ctx *c, Taking *k, const SyncTree *t, uint32_t log) {
    int64_t *places;
    if (is_peer(k, &t->origin))
        return OK;
    TRY(ctx_alloc(c, (t->opening_count + 1) * sizeof *places, &places));
    for (size_t i = 0; i < t->opening_count; i++)
        places[i] = ledger_place_key((LedgerPlace){log, k->m->openings[t->openings[i]].leaf});
    return journal_came(c, ledger_db(k->node->ledger), k->peer->j.peer, places, t->opening_count);
}

// What a relay brings of a log that began anew is signed by a key that counts no more: it has not
// heard the agency's statement, is told it, and its message has to wait. It is not its fault.
static Err disowned(Ctx *c, Taking *k, const SyncTree *t, uint32_t log, Err e) {
    DeskBounds b;
    AUTO(Ctx) quiet;
    ctx_init(&quiet);
    Err looked = desk_recover_bounds(&quiet, k->slot, &t->origin, log, &b);
    if (looked != OK)
        return desk_pass(c, &quiet, looked);
    if (!b.anew)
        return e;
    k->stale = k->peer->owes_recover = true;
    k->peer->recovered = t->origin;
    return OK;
}

// Whether the agency itself brings us all commitments of its log: then our head moves with these
// alone, and what a relay brings before stands under the relay's head until then.
static bool comes_whole(const Taking *k, const CryptoHash *origin) {
    DeskPeer p;
    AUTO(Ctx) quiet;
    ctx_init(&quiet);
    return !is_peer(k, origin) && desk_exchange_peer(&quiet, k->node, origin, &p) == OK &&
           desk_mirrored(k->node, &p);
}

static Err take_tree(Ctx *c, Taking *k, size_t at) {
    const SyncTree *t = &k->m->trees[at];
    JournalOrigin o;
    uint32_t log = 0;
    bool found;
    if (!is_peer(k, &t->origin) && !k->peer->relay)
        return OK; // not asked for any more, or never
    TRY(journal_origin_get(c, ledger_db(k->node->ledger), &t->origin, &o));
    if (o.forked)
        return OK; // nothing more of it, from anybody
    TRY(log_of(c, k, t, &log, &found));
    if (log == LEDGER_MAIN && found)
        return OK; // our own records come back by recovery only
    if (!found)
        return OK;
    LedgerTake take = {.log = log,
                       .old_size = t->old_size,
                       .note = t->note,
                       .proof = {t->proof, t->proof_count},
                       .at_us = clock_now(k->node->env.clock),
                       .apart = comes_whole(k, &t->origin),
                       .seen = {seen, k}};
    LedgerLeaf *leaves;
    LedgerTaken taken;
    TRY(leaves_of(c, k, t, &leaves, &take.leaf_count));
    take.leaves = leaves;
    Err e = ledger_take(c, k->node->ledger, &take, &taken);
    if (e == E_EXISTS)
        return two_histories(c, k, t, log);
    if (e == E_CRYPTO && !is_peer(k, &t->origin))
        return disowned(c, k, t, log, e);
    if (e == E_STATE) {
        // Relayed leaves that begin nowhere we know are passed over: their agency's own link, or
        // another relay, brings them.
        k->stale |= is_peer(k, &t->origin);
        return OK;
    }
    TRY(e);
    TRY(came_from(c, k, t, log));
    if (taken.known > 0 && is_peer(k, &t->origin))
        TRY(want_of_author(c, k, t));
    k->taken.fresh += taken.fresh;
    k->taken.known += taken.known;
    k->held |= taken.loose ? 0 : 1U << at;
    if (taken.grew && is_peer(k, &t->origin))
        k->peer->owes_cosign = true;
    if (taken.grew)
        desk_witness_grew(k->node, &t->origin);
    return OK;
}

// --- records ------------------------------------------------------------------------------------

// A `fork` record of somebody else is looked at before the rest is taken: what it proves stops the
// log that it names. Canonical text says the kind in just these bytes.
static Err look_for_forks(Ctx *c, Taking *k) {
    AUTO(Ctx) scratch;
    ctx_init(&scratch);
    for (size_t i = 0; i < k->m->opening_count; i++) {
        Record r;
        size_t at;
        if (!str_find(k->m->openings[i].envelope, STR("\"kind\":\"fork\""), &at))
            continue;
        Err e = record_parse(&scratch, &k->slot->json, k->m->openings[i].envelope, &r);
        if (e != OK)
            return desk_pass(c, &scratch, e);
        if (r.kind == RECORD_FORK)
            TRY(desk_witness_evidence(c, k->w, k->slot, &r));
        ctx_reset(&scratch);
    }
    return OK;
}

static Err take_records(Ctx *c, Taking *k) {
    JournalPeer *j = &k->peer->j;
    int64_t start = k->m->journal_start, upto = start + (int64_t)k->m->opening_count;
    size_t own;
    k->taken.gap_at = UINT64_MAX;
    if (desk_restore_is(k->node, k->m, &own))
        return desk_return_take(c, k->w, k->peer, k->m, own, &k->taken.fresh);
    bool gap = k->m->has_journal && k->m->opening_count > 0 && start > j->taken;
    if (k->m->has_journal) {
        if (k->m->journal_end < j->taken && k->m->journal_end != j->ends)
            k->peer->owes_note = k->peer->set_back = true;
        else if (k->m->journal_end > j->ends)
            k->peer->set_back = false; // it goes on
        j->ends = k->m->journal_end;
        // Its journal was set back with its log: what comes next has places that we counted before.
        j->taken = j->taken < j->ends ? j->taken : j->ends;
    }
    if (gap || (k->m->opening_count > 0 && !k->m->has_journal)) {
        k->taken.gap_at = (uint64_t)j->taken;
        return OK;
    }
    TRY(look_for_forks(c, k));
    for (size_t i = 0; i < k->m->tree_count && !k->stale; i++)
        TRY(take_tree(c, k, i));
    if (k->stale)
        k->taken.gap_at = (uint64_t)j->taken;
    else if (start <= j->taken && upto > j->taken) // else what lies between has still to come
        j->taken = upto;
    return OK;
}

// --- the transaction ----------------------------------------------------------------------------

static Err take_in_group(Ctx *c, Taking *k) {
    TRY(take_have(c, k));
    TRY(take_records(c, k));
    TRY(desk_witness_take(c, k->w, k->slot, k->peer, k->m, k->held));
    TRY(desk_blob_take(c, k->w, k->peer, k->m));
    return journal_peer_save(c, ledger_db(k->node->ledger), &k->peer->j);
}

static bool is_fault(Err e) {
    return e == E_CRYPTO || e == E_INVALID || e == E_EXISTS || e == E_UNSUPPORTED;
}

static void roll_back(DeskWriting *w) {
    if (w->group)
        ledger_rollback(w->node->ledger);
    w->group = false;
}

// What is false is kept in words; the error that was found stays the answer.
static Err stop(Ctx *c, Taking *k, Err e) {
    AUTO(Ctx) quiet;
    ctx_init(&quiet);
    char words[JOURNAL_WORDS_BYTES_MAX];
    DeskPeer p;
    str_fit(words, sizeof words, str_of(c->error));
    if (desk_exchange_peer(&quiet, k->node, &k->peer->j.agency, &p) == OK)
        (void)!desk_exchange_stop(&quiet, k->w, &p, JOURNAL_FALSE, words);
    return e;
}

// Of a refusal what outlasts the message: that the peer is busy does not.
static int refusal_kept(const SyncMessage *m) {
    return m->refused == SYNC_REFUSED_BUSY ? 0 : m->refused;
}

// A message that says nothing new changes no file.
static bool says_nothing(const Taking *k) {
    const SyncMessage *m = k->m;
    const JournalPeer *j = &k->peer->j;
    return m->tree_count == 0 && m->opening_count == 0 && m->cosign_count == 0 &&
           m->seen_count == 0 && m->ask_count == 0 && m->prove_count == 0 && m->want_count == 0 &&
           m->blob_count == 0 && m->recover_count == 0 &&
           (!m->has_have || (m->have.position == j->told && m->have.size == j->head_size &&
                             (m->have.size == 0 || memcmp(m->have.root.b, j->head_root.b,
                                                          sizeof j->head_root.b) == 0))) &&
           (!m->has_journal || m->journal_end == j->ends) && m->head.relay == j->relay &&
           refusal_kept(m) == j->refused && !k->peer->ask_open;
}

// Whatever in the message showed it: a log with two histories stops its link.
static Err stop_forked(Ctx *c, Taking *k) {
    JournalOrigin o;
    JournalPeer *j = &k->peer->j;
    TRY(journal_origin_get(c, ledger_db(k->node->ledger), &j->agency, &o));
    if (!o.forked)
        return OK;
    desk_exchange_fault(k->node, j, JOURNAL_FORKED, DESK_FORKED_WORDS);
    return journal_peer_save(c, ledger_db(k->node->ledger), j);
}

static Err take(Ctx *c, Taking *k) {
    k->peer->j.relay = k->m->head.relay;
    k->peer->j.refused = refusal_kept(k->m);
    TRY(desk_group_begin(c, k->w));
    Err e = take_in_group(c, k);
    if (e == OK) {
        k->w->foreign = k->taken.fresh > 0;
        // A backlog is folded while the peer makes its next message, and that one is taken.
        if (k->taken.fresh >= DESK_LATER_RECORDS_MIN)
            k->w->later = (int64_t)k->taken.fresh;
        if (k->touches)
            desk_exchange_touch(k->node);
        if (k->touches && k->w->later > 0)
            atomic_store(&k->node->touch_behind, true);
        e = stop_forked(c, k);
    }
    if (e != OK) {
        roll_back(k->w);
        return is_fault(e) ? stop(c, k, e) : e;
    }
    e = desk_group_commit(c, k->w);
    desk_exchange_missed(k->node, k->w, e);
    return e;
}

static void waits_now(DeskNode *n, DeskPeer *p) {
    p->waits = p->j.entries > p->j.told || p->owes_cosign || p->owes_answer || p->owes_seen ||
               p->owes_note || p->owes_ask || p->owes_recover || p->owes_want || p->asked_n > 0 ||
               p->j.restore_from > 0 || desk_select_due(n, p) || desk_return_due(n, p) ||
               (p->j.head_size < ledger_size(n->ledger, LEDGER_MAIN) && desk_mirrors(n, p));
}

// Under which key it speaks; true where that is another than before. From the first message under
// its newest key on no earlier one counts.
static bool spoke(Taking *k) {
    JournalPeer *j = &k->peer->j;
    const CryptoPublicKey *key = &k->m->head.link_key;
    bool other = !j->has_spoke_key || memcmp(key->b, j->spoke_key.b, sizeof key->b) != 0;
    j->has_spoke_key = true;
    j->spoke_key = *key;
    return other;
}

// That something was too much is kept for the page; once a day, whatever comes.
static Err refused(Taking *k, Err e, int64_t now) {
    AUTO(Ctx) quiet;
    ctx_init(&quiet);
    DeskPeer p;
    if (desk_exchange_silent(k->node) || desk_quota_over(&k->peer->j, now) ||
        desk_exchange_peer(&quiet, k->node, &k->peer->j.agency, &p) != OK)
        return e;
    p.j.over_at = now;
    (void)!desk_exchange_save(&quiet, k->w, &p);
    return e;
}

// More records or bytes than the peer may send in a day: these wait, and the rest is taken as if
// they had not come. *ret_first: it is the first of the day. Nor is a peer that is told to send no
// trees silent about what it has to prove.
static void let_wait(Taking *k, bool over, int64_t now, bool *ret_first) {
    JournalPeer *j = &k->peer->j;
    *ret_first = over && !desk_quota_over(j, now);
    k->taken.over = over;
    if (over)
        k->m->tree_count = k->m->opening_count = k->m->blob_count = 0;
    if (*ret_first)
        j->over_at = now;
    if (desk_quota_over(j, now))
        k->peer->ask_open = false;
}

static Err take_message(Ctx *c, Taking *k, size_t bytes) {
    DeskNode *n = k->node;
    int64_t now = clock_now(n->env.clock);
    bool over, first;
    TRY(check_head(c, n, k->peer, k->m));
    Err e = desk_quota_take(c, k->peer, k->m, bytes, now, &over);
    if (e != OK)
        return refused(k, e, now);
    let_wait(k, over, now, &first);
    k->peer->j.skew_us = k->m->head.now_us - now;
    k->taken.wants_answer = k->m->head.wants_answer;
    k->taken.answer_max = k->m->head.answer_bytes;
    k->taken.refused_us = k->m->refused;
    k->taken.bare = k->m->refused == SYNC_REFUSED_QUOTA;
    k->taken.gap_at = UINT64_MAX;
    if (desk_exchange_silent(n))
        TRY(desk_restore_take(c, n, k->m, &k->taken.fresh));
    else if (spoke(k) || first || !says_nothing(k))
        TRY(take(c, k));
    if (k->m->seen_count > 0)
        TRY(desk_witness_ahead(c, n, k->slot, k->m));
    waits_now(n, k->peer);
    desk_exchange_publish(n, k->peer);
    const JournalPeer *j = &k->peer->j;
    k->taken.left = j->ends > j->taken ? (uint64_t)(j->ends - j->taken) : 0;
    // What waits there until tomorrow is no reason to ask for it now.
    k->taken.more = k->peer->waits || (k->taken.left > 0 && !desk_quota_over(j, now));
    return OK;
}

// A message that cannot be read: whose fault it is says the signature under it.
static Err unreadable(Ctx *c, DeskNode *n, DeskPeer *p, const CryptoPublicKey *by, Err e) {
    static const CryptoPublicKey nobody;
    if (memcmp(by->b, nobody.b, sizeof by->b) == 0 || !desk_peer_speaks(p, by) || !is_fault(e) ||
        desk_exchange_silent(n))
        return e;
    AUTO(DeskWriting) w = {0};
    AUTO(Ctx) quiet;
    ctx_init(&quiet);
    Taking k = {.node = n, .w = &w, .peer = p};
    return desk_writing_begin(&quiet, n, NULL, &w) == OK ? stop(c, &k, e) : e;
}

static Err take_one(Ctx *c, DeskNode *n, const CryptoHash *peer, Str message,
                    DeskSyncTaken *ret_taken) {
    DeskPeer *p;
    SyncMessage *m;
    CryptoPublicKey by = {{0}};
    TRY(desk_exchange_fresh(c, n));
    TRY(ctx_alloc(c, sizeof *p, &p));
    TRY(ctx_alloc(c, sizeof *m, &m));
    TRY(desk_exchange_peer(c, n, peer, p));
    Err e = sync_read(c, message, &by, m);
    // A recovery statement opens a link that two histories had stopped.
    if (e == OK && m->recover_count > 0 && !desk_exchange_silent(n))
        TRY(desk_recover_take(c, n, p, m));
    if (p->j.fault != JOURNAL_SOUND)
        return fail(c, E_DENIED, "the link with %s is stopped: %s", p->name, p->j.words);
    if (e != OK)
        return unreadable(c, n, p, &by, e);
    AUTO(DeskWriting) w = {0};
    int64_t ahead = m->opening_count >= DESK_LATER_RECORDS_MIN ? DESK_BEHIND_RECORDS_MAX : 0;
    if (!desk_exchange_silent(n))
        TRY(desk_writing_begin_ahead(c, n, NULL, ahead, &w));
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_machine(c, n, &r));
    // What another thread took meanwhile counts.
    TRY(desk_exchange_peer(c, n, peer, p));
    Taking k = {.node = n, .w = &w, .slot = r.slot, .peer = p, .m = m};
    TRY(take_message(c, &k, message.n));
    *ret_taken = k.taken;
    return OK;
}

Err desk_sync_take(Ctx *c, DeskNode *n, const CryptoHash *peer, Str message,
                   DeskSyncTaken *ret_taken) {
    AUTO(Ctx) inner;
    ctx_init(&inner);
    return desk_pass(c, &inner, take_one(&inner, n, peer, message, ret_taken));
}
