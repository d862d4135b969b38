// A batch of another agency's log: its checkpoint, its proof, its records, and only then rows.
#include "ledger/ledger_priv.h"

#include <stdio.h>

typedef struct TakeLeaf {
    CryptoHash commitment;
    RecordId id;
    bool leaf_here; // its leaf is in the tables,
    bool known;     // and so is (or was) all that the batch has of it
    bool alone;     // its content is not wanted
} TakeLeaf;

typedef struct TakeKey {
    int64_t seq, from_size;
    CryptoPublicKey key;
} TakeKey;

typedef struct KeptNode {
    bool keep;
    unsigned level;
    uint64_t number;
    CryptoHash hash;
} KeptNode;

typedef struct Take {
    Ledger *l;
    const LedgerTake *in;
    char agency[LEDGER_AGENCY_TEXT_BYTES];
    LedgerCheckpoint cp; // of the note
    int64_t head_size;
    CryptoHash head_root;
    bool stored; // a checkpoint of this size is here,
    bool linked; // and it, or this one, is consistent with the head
    bool doubt;  // not all that is here is known to be of one history
    TakeLeaf *leaves;
    int64_t *seqs;
    CryptoHash *hashes;
    Buf nodes; // KeptNode each
    TakeKey keys[LEDGER_TAKE_KEYS_MAX];
    size_t key_count;
    int64_t last_at;
    JsonReader json;
    Ctx work; // of one record
    LedgerTaken out;
} Take;

static void Take_cleanup(Take *t) {
    mem_free(t->leaves);
    mem_free(t->seqs);
    mem_free(t->hashes);
    buf_done(&t->nodes);
    json_reader_close(&t->json);
    ctx_done(&t->work);
}

// --- the checkpoint -----------------------------------------------------------------------------

// A stored checkpoint of exactly this size, linked or loose.
static Err find_checkpoint(Ctx *c, Take *t, int64_t size, LedgerStatement where, bool *ret_found,
                           CryptoHash *ret_root) {
    AUTO(StoreQuery) q = store_stmt(t->l->db, where);
    store_bind_i64(q, ":log_id", t->in->log);
    store_bind_i64(q, ":size", size);
    LedgerCheckpoint cp;
    TRY(store_step(c, q, ret_found));
    if (!*ret_found)
        return OK;
    TRY(ledger_note_parse(c, store_col_str(q, 2), &cp));
    *ret_root = cp.root;
    return OK;
}

static Err any_loose(Ctx *c, Take *t, bool *ret_any) {
    AUTO(StoreQuery) q = store_stmt(t->l->db, LQ_LOOSE_ABOVE);
    store_bind_i64(q, ":log_id", t->in->log);
    store_bind_i64(q, ":size", 0);
    return store_step(c, q, ret_any);
}

static Err read_head(Ctx *c, Take *t) {
    AUTO(StoreQuery) q = store_stmt(t->l->db, LQ_CHECKPOINT_LAST);
    store_bind_i64(q, ":log_id", t->in->log);
    bool row;
    LedgerCheckpoint cp = {.size = 0};
    TRY(store_step(c, q, &row));
    if (row)
        TRY(ledger_note_parse(c, store_col_str(q, 2), &cp));
    t->head_size = cp.size;
    t->head_root = cp.root;
    return OK;
}

static Err check_note(Ctx *c, Take *t) {
    const LedgerTake *in = t->in;
    LedgerCheckpoint cp;
    CryptoPublicKey key;
    char text[LEDGER_ORIGIN_BYTES_MAX];
    TRY(ledger_note_parse(c, in->note, &cp));
    TRY(ledger_db_key_at(c, t->l->db, in->log, cp.size, &key));
    Str origin = ledger_origin(t->agency, in->log, text);
    return ledger_note_verify(c, in->note, origin, &key, &t->cp);
}

// How the new checkpoint stands to what is here: the same, the next one, or apart.
static Err check_size(Ctx *c, Take *t) {
    bool chained = false, loose = false;
    CryptoHash root = {0};
    TRY(read_head(c, t));
    TRY(find_checkpoint(c, t, t->cp.size, LQ_CHECKPOINT_AT, &chained, &root));
    if (!chained)
        TRY(find_checkpoint(c, t, t->cp.size, LQ_LOOSE_AT, &loose, &root));
    if ((chained || loose) && memcmp(root.b, t->cp.root.b, sizeof root.b) != 0)
        return fail(c, E_EXISTS, "two histories of agency %.12s: it signed two trees of size %lld",
                    t->agency, (long long)t->cp.size);
    t->linked = chained || (!t->in->apart && t->in->old_size == t->head_size);
    t->stored = chained || (loose && !t->linked);
    t->doubt = !t->linked;
    return t->doubt ? OK : any_loose(c, t, &t->doubt);
}

// The tree with which the proof begins must be of a checkpoint that we hold.
static Err read_old_tree(Ctx *c, Take *t, LedgerTree *ret_tree) {
    int64_t size = t->in->old_size;
    *ret_tree = (LedgerTree){0};
    if (size == 0)
        return OK;
    bool found;
    CryptoHash root;
    TRY(find_checkpoint(c, t, size, LQ_CHECKPOINT_AT, &found, &root));
    if (!found)
        TRY(find_checkpoint(c, t, size, LQ_LOOSE_AT, &found, &root));
    if (!found)
        return fail(c, E_STATE, "of agency %.12s no checkpoint of size %lld is here", t->agency,
                    (long long)size);
    TRY(ledger_db_tree(c, t->l->db, t->in->log, size, ret_tree));
    CryptoHash have = ledger_tree_root(ret_tree);
    if (memcmp(have.b, root.b, sizeof root.b) != 0)
        return fail(c, E_CORRUPT, "agency %.12s: the stored tree of size %lld is not its own",
                    t->agency, (long long)size);
    return OK;
}

// --- the proof ----------------------------------------------------------------------------------

static Err hash_leaves(Ctx *c, Take *t) {
    size_t n = t->in->leaf_count;
    if (n > SYNC_OPENINGS_MAX + SYNC_LEAVES_MAX)
        return fail(c, E_LIMIT, "a batch has at most %d leaves",
                    SYNC_OPENINGS_MAX + SYNC_LEAVES_MAX);
    size_t room = n > 0 ? n : 1;
    t->leaves = mem_alloc_zero(room, sizeof *t->leaves);
    t->seqs = mem_alloc_zero(room, sizeof *t->seqs);
    t->hashes = mem_alloc_zero(room, sizeof *t->hashes);
    if (!t->leaves || !t->seqs || !t->hashes)
        return fail(c, E_MEMORY, "not enough memory for a batch");
    for (size_t i = 0; i < n; i++) {
        const LedgerLeaf *leaf = &t->in->leaves[i];
        CryptoHash commitment = leaf->commitment;
        if (leaf->envelope.n > 0)
            commitment = record_commitment(leaf->envelope, leaf->salt);
        t->seqs[i] = leaf->seq;
        t->leaves[i].commitment = commitment;
        t->hashes[i] = ledger_merkle_leaf(commitment.b, sizeof commitment.b);
    }
    return OK;
}

// Kept are: what was received, peaks, and the levels that every log keeps; what lies between
// follows from them. In doubt all is looked at.
static Err keep_node(void *self, Ctx *c, const WalkStep *s, const CryptoHash *hash) {
    Take *t = self;
    bool keep =
        s->what == WALK_SENT || s->new_peak || (s->level > 0 && s->level % LEDGER_NODE_LEVELS == 0);
    if (!keep && !t->doubt)
        return OK;
    KeptNode node = {keep, s->level, s->number, *hash};
    buf_append(&t->nodes, &node, sizeof node);
    return buf_check(c, &t->nodes);
}

static KeptNode node_at(const Take *t, size_t at) {
    KeptNode n;
    memcpy(&n, t->nodes.p + at, sizeof n);
    return n;
}

// A subtree of which another hash is here is the proof of two histories.
static Err check_nodes(Ctx *c, Take *t) {
    AUTO(NodeSource) s = {0};
    TRY(ledger_nodes_open(c, t->l->db, t->in->log, &s));
    for (size_t at = 0; at < t->nodes.n; at += sizeof(KeptNode)) {
        KeptNode n = node_at(t, at);
        CryptoHash have;
        Err e = ledger_nodes_get(&t->work, &s, n.level, n.number, &have);
        if (e == E_NOT_FOUND)
            continue;
        if (e != OK)
            return fail(c, e, "%s", t->work.error);
        if (memcmp(have.b, n.hash.b, sizeof have.b) != 0)
            return fail(
                c, E_EXISTS,
                "two histories of agency %.12s: leaves %llu to %llu are here and are others",
                t->agency, (unsigned long long)(n.number << n.level),
                (unsigned long long)((n.number + 1) << n.level) - 1);
    }
    return OK;
}

static Err check_proof(Ctx *c, Take *t) {
    TRY(hash_leaves(c, t));
    LedgerMultiproof p = {.head = {(uint64_t)t->cp.size, t->cp.root},
                          .leaves = {t->seqs, t->in->leaf_count},
                          .leaf_hashes = t->hashes,
                          .proof = t->in->proof};
    if (t->in->old_size < 0 || t->in->old_size > t->cp.size)
        return fail(c, E_INVALID, "a tree of %lld does not grow to %lld",
                    (long long)t->in->old_size, (long long)t->cp.size);
    TRY(read_old_tree(c, t, &p.old_tree));
    TRY(ledger_multiproof_run(c, &p, (ProofSink){keep_node, t}));
    return t->doubt ? check_nodes(c, t) : OK;
}

// --- the records --------------------------------------------------------------------------------

static Err look_up(Ctx *c, Take *t, size_t i) {
    TakeLeaf *leaf = &t->leaves[i];
    AUTO(StoreQuery) q = store_stmt(t->l->db, LQ_LEAF_GET);
    store_bind_i64(q, ":place", ledger_place_key((LedgerPlace){t->in->log, t->seqs[i]}));
    TRY(store_step(c, q, &leaf->leaf_here));
    if (!leaf->leaf_here)
        return OK;
    Str commitment = store_col_str(q, 0);
    if (commitment.n != sizeof leaf->commitment.b ||
        memcmp(commitment.p, leaf->commitment.b, commitment.n) != 0)
        return fail(c, E_EXISTS, "two histories of agency %.12s: leaf %lld is here and is another",
                    t->agency, (long long)t->seqs[i]);
    leaf->known = t->in->leaves[i].envelope.n == 0 || !store_col_is_null(q, 1);
    return OK;
}

static Err find_key(Ctx *c, Take *t, int64_t from_size, bool *ret_found, CryptoPublicKey *ret_key) {
    AUTO(StoreQuery) q = store_stmt(t->l->db, LQ_LOG_KEY_FIND);
    store_bind_i64(q, ":log_id", t->in->log);
    store_bind_i64(q, ":from_size", from_size);
    TRY(store_step(c, q, ret_found));
    Str key = *ret_found ? store_col_str(q, 0) : (Str){0};
    if (key.n == sizeof ret_key->b)
        memcpy(ret_key->b, key.p, key.n);
    return OK;
}

// A key that comes after checkpoints that it should have signed would put these in the wrong.
static Err check_key(Ctx *c, Take *t, const Record *r, int64_t seq) {
    KeyBody body;
    bool found;
    CryptoPublicKey have;
    TRY(ledger_key_body(c, r, &body));
    if (body.log != LEDGER_MAIN)
        return OK;
    if (body.from_size <= seq + 1)
        return fail(c, E_INVALID, "it names a log key for a size that the log had already");
    TRY(find_key(c, t, body.from_size, &found, &have));
    for (size_t i = 0; i < t->key_count && !found; i++)
        if (t->keys[i].from_size == body.from_size) {
            found = true;
            have = t->keys[i].key;
        }
    if (found)
        return memcmp(have.b, body.key.b, sizeof have.b) == 0
                   ? OK
                   : fail(c, E_INVALID, "it names a second log key for size %lld",
                          (long long)body.from_size);
    if (body.from_size <= t->head_size || body.from_size <= t->cp.size)
        return fail(c, E_INVALID, "its log key comes behind a checkpoint that it should sign");
    if (t->key_count == LEDGER_TAKE_KEYS_MAX)
        return fail(c, E_INVALID, "more than %d log keys in one batch", LEDGER_TAKE_KEYS_MAX);
    t->keys[t->key_count++] = (TakeKey){seq, body.from_size, body.key};
    return OK;
}

// A recover record repeats the statement by which this log goes on.
static Err check_recover(Ctx *c, Take *t, const Record *r, int64_t seq) {
    Str hex;
    TRY(json_get_str(c, r->body, "statement", &hex));
    AUTO(StoreQuery) q = store_stmt(t->l->db, LQ_REWIND_TO);
    store_bind_i64(q, ":log_id", t->in->log);
    for (;;) {
        bool row;
        TRY(store_step(c, q, &row));
        if (!row)
            return fail(c, E_INVALID, "its recovery statement is not the one that counts here");
        AUTO(Buf) want = {0};
        Str statement = store_col_str(q, 1);
        buf_hex(&want, statement.p, statement.n);
        TRY(buf_check(c, &want));
        if (store_col_i64(q, 0) == seq && str_eq(buf_view(&want), hex))
            return OK;
    }
}

// The batch has content of this leaf, and it is wanted.
static bool has_content(const Take *t, size_t i) {
    return t->in->leaves[i].envelope.n > 0 && !t->leaves[i].alone;
}

static Err check_parsed(Ctx *c, Take *t, const Record *r, int64_t seq) {
    if ((r->kind == RECORD_GENESIS) != (seq == 0))
        return fail(c, E_INVALID, seq == 0 ? "it is no genesis" : "it is a second genesis");
    if (seq > 0 && !str_eq_c(r->agency, t->agency))
        return fail(c, E_INVALID, "it is a record of another agency");
    if (r->at_us <= t->last_at)
        return fail(c, E_INVALID, "its time is not later than that of a record before it");
    t->last_at = r->at_us;
    TRY(record_verify_sigs(c, r));
    if (r->kind == RECORD_KEY)
        return check_key(c, t, r, seq);
    return r->kind == RECORD_RECOVER ? check_recover(c, t, r, seq) : OK;
}

static Err check_record(Ctx *c, Take *t, size_t i) {
    Ctx *w = &t->work;
    Record r;
    ctx_reset(w);
    Err e = record_parse(w, &t->json, t->in->leaves[i].envelope, &r);
    if (e == OK)
        e = check_parsed(w, t, &r, t->seqs[i]);
    if (e == OK) {
        t->leaves[i].id = r.id;
        if (t->in->seen.call)
            e = t->in->seen.call(t->in->seen.self, w, &r, &t->leaves[i].alone);
        return e == OK ? OK : fail(c, e, "%s", w->error);
    }
    bool ours = e == E_MEMORY || e == E_IO || e == E_BUSY || e == E_CORRUPT || e == E_CRYPTO;
    return fail(c, ours ? e : E_INVALID, "leaf %lld of agency %.12s: %s", (long long)t->seqs[i],
                t->agency, w->error);
}

static Err check_records(Ctx *c, Take *t) {
    t->last_at = BASE_TIME_US_MIN - 1;
    TRY(json_reader_open(c, &t->json));
    for (size_t i = 0; i < t->in->leaf_count; i++) {
        TRY(look_up(c, t, i));
        if (t->leaves[i].known || t->in->leaves[i].envelope.n == 0)
            continue;
        TRY(check_record(c, t, i));
        // A leaf that is here already has nothing new without its content.
        t->leaves[i].known = t->leaves[i].alone && t->leaves[i].leaf_here;
    }
    return OK;
}

static Err check(Ctx *c, Take *t) {
    bool ended;
    if (t->in->log < LEDGER_OWN_LOGS)
        return fail(c, E_INVALID, "our own log is not taken from others");
    TRY(ledger_read_agency(c, t->l->db, t->in->log, t->agency));
    TRY(ledger_db_ended(c, t->l->db, t->in->log, &ended));
    if (ended)
        return fail(c, E_STATE, "agency %.12s began its log anew", t->agency);
    TRY(check_note(c, t));
    TRY(check_size(c, t));
    TRY(check_proof(c, t));
    return check_records(c, t);
}

// --- rows ---------------------------------------------------------------------------------------

static Err store_leaves(Ctx *c, Take *t) {
    for (size_t i = 0; i < t->in->leaf_count; i++) {
        const LedgerLeaf *in = &t->in->leaves[i];
        const TakeLeaf *leaf = &t->leaves[i];
        bool clash;
        if (leaf->known) {
            t->out.known += has_content(t, i);
            continue;
        }
        ForeignLeaf row = {.place = {t->in->log, in->seq},
                           .commitment = &leaf->commitment,
                           .salt = in->salt,
                           .envelope = has_content(t, i) ? in->envelope : (Str){0},
                           .id = leaf->id,
                           .leaf_here = leaf->leaf_here};
        TRY(ledger_foreign_store(c, t->l, &row, &clash));
        t->out.fresh += has_content(t, i);
        t->out.leaves += !has_content(t, i);
        t->out.clashes += clash;
    }
    return t->out.fresh > 0 ? ledger_foreign_count(c, t->l, t->in->log, t->out.fresh) : OK;
}

// What is acknowledged has been seen in the tables, as in groups of our own.
static Err check_stored(Ctx *c, Take *t, int64_t first) {
    AUTO(StoreQuery) q = store_stmt(t->l->db, LQ_OPENING_CHECK);
    store_bind_i64(q, ":first", first);
    store_bind_i64(q, ":beyond", t->l->next_opening);
    for (size_t i = 0; i < t->in->leaf_count; i++) {
        const LedgerLeaf *in = &t->in->leaves[i];
        if (t->leaves[i].known || !has_content(t, i))
            continue;
        bool row;
        TRY(store_step(c, q, &row));
        Str salt = row ? store_col_str(q, 0) : (Str){0};
        if (salt.n != sizeof in->salt || memcmp(salt.p, in->salt, salt.n) != 0 ||
            !str_eq(store_col_str(q, 1), in->envelope))
            return fail(c, E_CORRUPT, "%s: what was stored as leaf %lld is not what was given",
                        store_path(t->l->db), (long long)in->seq);
    }
    return OK;
}

static Err store_nodes(Ctx *c, Take *t) {
    for (size_t at = 0; at < t->nodes.n; at += sizeof(KeptNode)) {
        KeptNode n = node_at(t, at);
        if (!n.keep)
            continue;
        StoreStmt *q = store_stmt(t->l->db, LQ_NODE_KEEP);
        store_bind_i64(q, ":log_id", t->in->log);
        store_bind_i64(q, ":level", n.level);
        store_bind_i64(q, ":number", (int64_t)n.number);
        store_bind_blob(q, ":hash", n.hash.b, sizeof n.hash.b);
        TRY(store_run(c, q));
    }
    return OK;
}

// Whether a tree of one root grows to one of another, from what is stored. E_NOT_FOUND: not known.
static Err grows(Ctx *c, Take *t, const LedgerTreeHead *small, const LedgerTreeHead *large) {
    AUTO(NodeSource) s = {0};
    LedgerMultiproof p = {.head = *large};
    LedgerSpan span = {(int64_t)small->size, (int64_t)large->size};
    TRY(ledger_nodes_open(c, t->l->db, t->in->log, &s));
    TRY(ledger_nodes_tree(c, &s, span.old_size, &p.old_tree));
    TRY(ledger_nodes_proof(c, &s, span, &p.leaves, &p.proof));
    TRY(ledger_multiproof_check(c, &p));
    CryptoHash root = ledger_tree_root(&p.old_tree);
    return memcmp(root.b, small->root.b, sizeof root.b) == 0
               ? OK
               : fail(c, E_CRYPTO, "the trees of %lld and %lld are of different histories",
                      (long long)span.old_size, (long long)span.new_size);
}

// A checkpoint apart may be connected with the head by what is stored by now.
static Err try_to_link(Ctx *c, Take *t) {
    LedgerTreeHead head = {(uint64_t)t->head_size, t->head_root};
    LedgerTreeHead other = {(uint64_t)t->cp.size, t->cp.root};
    bool behind = other.size > head.size;
    ctx_reset(&t->work);
    Err e = grows(&t->work, t, behind ? &head : &other, behind ? &other : &head);
    t->linked = e == OK && !(behind && t->in->apart);
    t->stored = t->stored && !t->linked;
    if (e == OK || e == E_NOT_FOUND)
        return OK;
    return e == E_CRYPTO || e == E_CORRUPT
               ? fail(c, E_EXISTS, "two histories of agency %.12s: %s", t->agency, t->work.error)
               : fail(c, e, "%s", t->work.error);
}

static Err store_checkpoint_row(Ctx *c, Take *t) {
    if (t->stored)
        return OK;
    StoreStmt *q = store_stmt(t->l->db, t->linked ? LQ_CHECKPOINT_ADD : LQ_LOOSE_ADD);
    store_bind_i64(q, ":log_id", t->in->log);
    store_bind_i64(q, ":size", t->cp.size);
    store_bind_i64(q, ":at_us", t->in->at_us);
    store_bind_str(q, ":note", t->in->note);
    return store_run(c, q);
}

static Err mark_leaves(Ctx *c, Take *t) {
    for (size_t i = 0; i < t->in->leaf_count; i++) {
        if (t->linked ? !t->leaves[i].leaf_here : t->leaves[i].leaf_here)
            continue; // it was never loose, or stands under the head already
        StoreStmt *q = store_stmt(t->l->db, t->linked ? LQ_LOOSE_LEAF_REMOVE : LQ_LOOSE_LEAF_ADD);
        store_bind_i64(q, ":place",
                       ledger_place_key((LedgerPlace){t->in->log, t->in->leaves[i].seq}));
        if (!t->linked)
            store_bind_i64(q, ":size", t->cp.size);
        TRY(store_run(c, q));
    }
    return OK;
}

static Err store_keys(Ctx *c, Take *t) {
    for (size_t i = 0; i < t->key_count; i++)
        TRY(ledger_foreign_key_add(c, t->l, (LedgerPlace){t->in->log, t->keys[i].seq},
                                   t->keys[i].from_size, &t->keys[i].key));
    return OK;
}

static Err store(Ctx *c, Take *t) {
    int64_t first = t->l->next_opening;
    TRY(store_leaves(c, t));
    TRY(check_stored(c, t, first));
    TRY(store_nodes(c, t));
    if (!t->linked)
        TRY(try_to_link(c, t));
    TRY(store_checkpoint_row(c, t));
    TRY(mark_leaves(c, t));
    TRY(store_keys(c, t));
    t->out.grew = t->linked && t->cp.size > t->head_size;
    t->out.loose = !t->linked;
    t->out.size = t->out.grew ? t->cp.size : t->head_size;
    return OK;
}

Err ledger_take(Ctx *c, Ledger *l, const LedgerTake *take, LedgerTaken *ret_taken) {
    ASSERT(l->in_group);
    if (l->broken)
        return fail(c, E_STATE, "the group failed before; nothing can be added to it");
    AUTO(Take) t = {.l = l, .in = take};
    ctx_init(&t.work);
    TRY(check(c, &t));
    Err e = store(c, &t);
    if (e != OK) {
        l->broken = true;
        return e;
    }
    *ret_taken = t.out;
    return OK;
}
