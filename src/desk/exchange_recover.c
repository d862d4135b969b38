// A log that was lost or compromised: recovery statements of others and our own, and our own leaves
// back from peers that hold them. docs/protocol-sync.md, 9.
#include "desk/exchange_priv.h"
#include "desk/order_priv.h"

#define DISOWNED_A_GROUP 200

// --- what we say --------------------------------------------------------------------------------

static Err statement_of(Ctx *c, DeskSlot *s, LedgerPlace place, Str *ret_statement) {
    LedgerItem item;
    Record r;
    Str hex;
    char *bytes;
    TRY(ledger_get(c, s->ledger, place, &item));
    TRY(record_parse(c, &s->json, item.envelope, &r));
    TRY(json_get_str(c, r.body, "statement", &hex));
    TRY(ctx_alloc(c, SYNC_RECOVER_BYTES, &bytes));
    if (!hex_decode(hex, bytes, SYNC_RECOVER_BYTES))
        return fail(c, E_CORRUPT, "a recovery statement of this node is damaged");
    *ret_statement = (Str){bytes, SYNC_RECOVER_BYTES};
    return OK;
}

// What is kept of our own statements is what a peer may have missed: all, but for the oldest of
// very many.
static Err own_statements(Ctx *c, DeskNode *n, DeskSlot *s) {
    DeskExchange *x = n->exchange;
    const PictureScan *items;
    size_t count;
    TRY(picture_scan_kind(c, s->picture, str_of(n->agency_id), STR("recover"), &items, &count));
    size_t first = count > SYNC_RECOVERS_MAX ? count - SYNC_RECOVERS_MAX : 0;
    x->statement_n = 0;
    for (size_t i = first; i < count; i++) {
        Str text;
        SyncRecovery said;
        TRY(statement_of(c, s, items[i].place, &text));
        TRY(sync_recover_parse(c, text, &said));
        memcpy(x->statements[x->statement_n++], text.p, SYNC_RECOVER_BYTES);
        x->good_size = said.good_size;
    }
    return OK;
}

Err desk_recover_load(Ctx *c, DeskNode *n) {
    Str text;
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_machine(c, n, &r));
    TRY(own_statements(c, n, r.slot));
    Err e = desk_setting_get(c, n->local, STR("restore"), &text);
    n->exchange->restoring = e == OK && str_eq_c(text, "1");
    if (e == OK)
        e = desk_setting_get(c, n->local, STR("restore_from"), &text);
    if (e == OK && !str_to_i64(text, &n->exchange->restore_from))
        n->exchange->restore_from = 0;
    return e == E_NOT_FOUND ? OK : e;
}

// A peer that verified a head behind the good size knows the statements.
void desk_recover_put(const DeskNode *n, const DeskPeer *p, SyncWriter *w) {
    const DeskExchange *x = n->exchange;
    for (size_t i = 0; i < x->statement_n && p->j.head_size <= x->good_size; i++)
        sync_put_recover(w, (Str){(const char *)x->statements[i], SYNC_RECOVER_BYTES});
}

Str desk_statements_own(const DeskNode *n) {
    const DeskExchange *x = n->exchange;
    return (Str){(const char *)x->statements, x->statement_n * SYNC_RECOVER_BYTES};
}

Err desk_recover_put_of(Ctx *c, DeskSlot *s, const CryptoHash *agency, SyncWriter *w) {
    const LedgerStated *items;
    size_t n;
    TRY(ledger_statement_list(c, s->ledger, agency, &items, &n));
    for (size_t i = n > SYNC_RECOVERS_MAX ? n - SYNC_RECOVERS_MAX : 0; i < n; i++)
        sync_put_recover(w, items[i].statement);
    return OK;
}

// From where on an ended log is not its agency's: the statement that ended it says, and any later
// one that goes back further.
static int64_t disowned_from(const LedgerStated *items, size_t n, uint32_t log) {
    int64_t from = INT64_MAX;
    for (size_t i = 0; i < n; i++)
        if ((items[i].log == log && items[i].next_log != log) || from < INT64_MAX)
            from = items[i].good_size < from ? items[i].good_size : from;
    return from;
}

Err desk_recover_bounds(Ctx *c, DeskSlot *s, const CryptoHash *agency, uint32_t log,
                        DeskBounds *ret_bounds) {
    const LedgerStated *items;
    size_t n;
    DeskBounds b = {.good_min = INT64_MAX};
    TRY(ledger_statement_list(c, s->ledger, agency, &items, &n));
    for (size_t i = 0; i < n; i++)
        b.good_min = items[i].good_size < b.good_min ? items[i].good_size : b.good_min;
    b.anew = n > 0;
    b.good = disowned_from(items, n, log);
    *ret_bounds = b;
    return OK;
}

// --- statements of others -----------------------------------------------------------------------

typedef struct Recovering {
    DeskNode *node;
    DeskSlot *slot;
    SyncRecovery said;
    Str bytes;
    DeskHex hex;
    uint32_t log; // that went on until now
} Recovering;

// The recovery key stands in leaf 0 of the agency's first log.
static Err key_of(Ctx *c, Recovering *k, CryptoPublicKey *ret_key) {
    uint32_t first;
    Record r;
    Str hex;
    bool held;
    TRY(ledger_log_first(c, k->slot->ledger, k->log, &first));
    TRY(desk_body_at(c, k->slot, (LedgerPlace){first, 0}, &held, &r));
    if (!held)
        return fail(c, E_NOT_FOUND, "the genesis of this agency is not here");
    TRY(json_get_str(c, r.body, "recovery_key", &hex));
    return hex_decode(hex, ret_key->b, sizeof ret_key->b)
               ? OK
               : fail(c, E_INVALID, "the genesis of this agency names no recovery key");
}

// Whether a statement counts and is new: by the agency's recovery key, of a log that is here, and
// later than what was said before. One that came before is worth nothing, however often it comes:
// else an old one that is played again would bring back keys that were stolen since.
static Err is_new(Ctx *c, Recovering *k, bool *ret_new) {
    CryptoPublicKey key;
    const LedgerStated *before;
    size_t n;
    *ret_new = false;
    if (sync_recover_parse(c, k->bytes, &k->said) != OK)
        return OK;
    k->hex = desk_hex(&k->said.agency);
    if (str_eq_c(str_of(k->node->agency_id), k->hex.text))
        return OK;
    Err e = ledger_log_find(c, k->slot->ledger, &k->said.agency, &k->log);
    if (e != OK)
        return e == E_NOT_FOUND ? OK : e;
    TRY(ledger_statement_list(c, k->slot->ledger, &k->said.agency, &before, &n));
    if (n > 0 && before[n - 1].at_us >= k->said.at_us)
        return OK;
    e = key_of(c, k, &key);
    if (e == OK)
        e = sync_recover_read(c, k->bytes, &key, &k->said);
    *ret_new = e == OK;
    return e == E_NOT_FOUND || e == E_CRYPTO || e == E_INVALID ? OK : e;
}

// Its journal for us was set back, too: we take it from its beginning, and pass over what we know.
static Err begin_again(Ctx *c, const Recovering *k, JournalPeer *j) {
    JournalOrigin o;
    StoreDb *db = ledger_db(k->node->ledger);
    TRY(journal_origin_get(c, db, &k->said.agency, &o));
    o.forked = false;
    o.failed = o.ask_size = 0;
    o.note = (Str){0};
    TRY(journal_origin_put(c, db, &k->said.agency, &o));
    Err e = journal_peer_find(c, db, &k->said.agency, j);
    if (e != OK) {
        j->peer = 0;
        return e == E_NOT_FOUND ? OK : e;
    }
    j->has_card_key = true;
    j->card_key = k->said.next_link_key;
    j->card_from = k->said.good_size;
    if (j->address_from > k->said.good_size)
        j->address_from = k->said.good_size;
    j->has_spoke_key = false;
    j->fault = JOURNAL_SOUND;
    j->words[0] = 0;
    j->taken = j->ends = 0;
    j->prove_since = j->prove_silent = 0;
    return journal_peer_save(c, db, j);
}

static void publish(const Recovering *k, const JournalPeer *j) {
    DeskPeer p;
    AUTO(Ctx) quiet;
    ctx_init(&quiet);
    desk_exchange_touch(k->node);
    if (j->peer == 0 || desk_exchange_peer(&quiet, k->node, &k->said.agency, &p) != OK)
        return;
    p.j = *j;
    p.key = k->said.next_link_key;
    p.has_key = true;
    desk_exchange_publish(k->node, &p);
}

static Err disowning_set(Ctx *c, DeskNode *n, const char *value) {
    desk_local_lock(n);
    Err e = desk_setting_put(c, n->local, STR("disowning"), str_of(value));
    desk_local_unlock(n);
    return e;
}

static Err begin_anew(Ctx *c, DeskWriting *w, const Recovering *k) {
    JournalPeer j;
    uint32_t next;
    LedgerRewind rewind = {.log = k->log,
                           .good_size = k->said.good_size,
                           .root = k->said.root,
                           .next_key = k->said.next_log_key,
                           .statement = k->bytes,
                           .at_us = k->said.at_us};
    // Before the statement counts, so that what is to be let go of is not forgotten by a crash.
    TRY(disowning_set(c, k->node, "1"));
    TRY(desk_group_begin(c, w));
    TRY(ledger_rewound(c, k->node->ledger, &rewind, &next));
    TRY(begin_again(c, k, &j));
    w->foreign = true;
    Err e = desk_group_commit(c, w);
    desk_exchange_missed(k->node, w, e);
    TRY(e);
    publish(k, &j);
    desk_bell_ring(&k->node->bell);
    return OK;
}

// What is no statement, is not by the agency's recovery key, or comes before one that counts is
// worth nothing and harms nobody.
static Err take_statement(Ctx *c, DeskWriting *w, Str bytes, bool *ret_taken) {
    bool new_one;
    AUTO(Ctx) quiet;
    ctx_init(&quiet);
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_machine(c, w->node, &r));
    Recovering k = {.node = w->node, .slot = r.slot, .bytes = bytes};
    Err e = is_new(&quiet, &k, &new_one);
    if (e == OK && new_one) {
        e = begin_anew(&quiet, w, &k);
        *ret_taken |= e == OK;
    }
    if (w->group) {
        ledger_rollback(w->node->ledger);
        w->group = false;
    }
    bool worthless = e == E_STATE || e == E_CRYPTO || e == E_INVALID;
    return worthless ? OK : desk_pass(c, &quiet, e);
}

// --- what is disowned ---------------------------------------------------------------------------

typedef struct Disowned {
    LedgerPlace place;
    RecordId id;
} Disowned;

typedef struct Disowning {
    DeskSlot *slot;
    int64_t from; // of the log that is looked at
    Buf found;    // Disowned each
} Disowning;

static void Disowning_cleanup(Disowning *k) {
    buf_done(&k->found);
}

// What holds the log together stays, as the ledger wants it.
static Err disowned_visit(void *self, Ctx *c, const LedgerItem *item) {
    Disowning *k = self;
    Record r;
    AUTO(Ctx) scratch;
    ctx_init(&scratch);
    if (item->state != LEDGER_HELD || item->place.seq < k->from)
        return OK;
    Err e = record_parse(&scratch, &k->slot->json, item->envelope, &r);
    if (e != OK)
        return desk_pass(c, &scratch, e);
    if (r.kind == RECORD_GENESIS || r.kind == RECORD_KEY)
        return OK;
    Disowned found = {item->place, r.id};
    buf_append(&k->found, &found, sizeof found);
    return buf_check(c, &k->found);
}

// Each by a record of its own: behind a recovery, two records of one object may have one number.
static Err disown(Ctx *c, DeskWriting *w, const DeskHex *hex, const Disowned *d) {
    Str body;
    char id[RECORD_ID_TEXT_BYTES];
    record_id_text(d->id, id);
    TRY(str_format(c, &body,
                   "{\"agency\":\"%s\",\"because\":\"disowned\",\"by\":null,\"leaves\":[%lld],"
                   "\"record\":\"%s\"}",
                   hex->text, (long long)d->place.seq, id));
    TRY(desk_directed_add(c, w, RECORD_LET_GO, str_of(hex->text), body));
    return ledger_let_go(c, w->node->ledger, &d->place, 1, w->items[w->count - 1].place);
}

static Err disown_found(Ctx *c, DeskWriting *w, const DeskHex *hex, const Buf *found) {
    size_t n = found->n / sizeof(Disowned);
    if (n > 0)
        TRY(desk_replay_empty(c, w->node)); // as in exchange_tick.c
    for (size_t done = 0; done < n;) {
        AUTO(Ctx) scratch;
        ctx_init(&scratch);
        Err e = desk_group_begin(&scratch, w);
        for (size_t i = 0; e == OK && done < n && i < DISOWNED_A_GROUP; i++, done++) {
            Disowned d;
            memcpy(&d, found->p + done * sizeof d, sizeof d);
            e = disown(&scratch, w, hex, &d);
        }
        w->foreign = true;
        e = e == OK ? desk_group_commit(&scratch, w) : e;
        if (e != OK)
            return desk_pass(c, &scratch, e);
    }
    w->node->erase_unfinished = w->node->erase_unfinished || n > 0;
    return OK;
}

static Err disown_log(Ctx *c, DeskWriting *w, DeskSlot *s, const LedgerLogInfo *l) {
    const LedgerStated *items;
    size_t n;
    DeskHex hex = desk_hex(&l->agency);
    AUTO(Disowning) k = {.slot = s};
    TRY(ledger_statement_list(c, s->ledger, &l->agency, &items, &n));
    k.from = disowned_from(items, n, l->log);
    TRY(ledger_scan(c, s->ledger, l->log, k.from, (LedgerVisit){disowned_visit, &k}));
    return disown_found(c, w, &hex, &k.found);
}

// Of all logs that were ended. What a crash left is done here, too.
static Err disown_all(Ctx *c, DeskWriting *w) {
    const LedgerLogInfo *logs;
    size_t n;
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_machine(c, w->node, &r));
    TRY(ledger_log_list(c, r.slot->ledger, &logs, &n));
    for (size_t i = 0; i < n; i++)
        if (logs[i].frozen && logs[i].log > LEDGER_READS)
            TRY(disown_log(c, w, r.slot, &logs[i]));
    return disowning_set(c, w->node, "0");
}

Err desk_recover_resume(Ctx *c, DeskNode *n) {
    Str text;
    Err e = desk_setting_get(c, n->local, STR("disowning"), &text);
    if (e == E_NOT_FOUND || (e == OK && !str_eq_c(text, "1")))
        return OK;
    TRY(e);
    if (desk_exchange_silent(n))
        return OK;
    AUTO(DeskWriting) w = {0};
    TRY(desk_writing_begin(c, n, NULL, &w));
    return disown_all(c, &w);
}

// --- how statements come ------------------------------------------------------------------------

static Err take_all(Ctx *c, DeskNode *n, const Str *items, size_t count, bool *ret_taken) {
    *ret_taken = false;
    AUTO(DeskWriting) w = {0};
    TRY(desk_writing_begin(c, n, NULL, &w));
    for (size_t i = 0; i < count; i++)
        TRY(take_statement(c, &w, items[i], ret_taken));
    return *ret_taken ? disown_all(c, &w) : OK;
}

// Whether any of them is worth a turn among the writers.
static Err any_new(Ctx *c, DeskNode *n, const Str *items, size_t count, bool *ret_any) {
    AUTO(Ctx) quiet;
    ctx_init(&quiet);
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_machine(c, n, &r));
    *ret_any = false;
    for (size_t i = 0; i < count && !*ret_any; i++) {
        Recovering k = {.node = n, .slot = r.slot, .bytes = items[i]};
        Err e = is_new(&quiet, &k, ret_any);
        if (e != OK)
            return desk_pass(c, &quiet, e);
        ctx_reset(&quiet);
    }
    return OK;
}

Err desk_recover_take(Ctx *c, DeskNode *n, DeskPeer *p, const SyncMessage *m) {
    bool any, taken = false;
    TRY(any_new(c, n, m->recovers, m->recover_count, &any));
    if (any)
        TRY(take_all(c, n, m->recovers, m->recover_count, &taken));
    TRY(desk_exchange_fresh(c, n));
    return desk_exchange_peer(c, n, &p->j.agency, p);
}

// Of a confirmed peer, and of that one where it was asked.
static bool may_offer(DeskNode *n, const CryptoHash *asked, Str bytes) {
    SyncRecovery said;
    DeskPeer p;
    AUTO(Ctx) quiet;
    ctx_init(&quiet);
    return sync_recover_parse(&quiet, bytes, &said) == OK &&
           (!asked || memcmp(asked->b, said.agency.b, sizeof asked->b) == 0) &&
           desk_exchange_peer(&quiet, n, &said.agency, &p) == OK;
}

Err desk_statements_offer(Ctx *c, DeskNode *n, const CryptoHash *asked, Str statements,
                          bool *ret_taken) {
    Str items[SYNC_RECOVERS_MAX];
    size_t count = 0;
    bool any = false, taken = false;
    if (statements.n == 0 || statements.n % SYNC_RECOVER_BYTES != 0 ||
        statements.n / SYNC_RECOVER_BYTES > SYNC_RECOVERS_MAX)
        return fail(c, E_INVALID, "this is no recovery statement");
    TRY(desk_exchange_fresh(c, n));
    for (size_t at = 0; at < statements.n; at += SYNC_RECOVER_BYTES) {
        Str one = {statements.p + at, SYNC_RECOVER_BYTES};
        if (may_offer(n, asked, one))
            items[count++] = one;
    }
    if (!desk_exchange_silent(n))
        TRY(any_new(c, n, items, count, &any));
    if (any)
        TRY(take_all(c, n, items, count, &taken));
    *ret_taken = taken;
    return OK;
}

// --- our own leaves, from peers -----------------------------------------------------------------

#define RESTORE_ASK_EVERY_US 10000000LL

// "This is where my log ends": who holds more of it sends that.
Err desk_restore_ask(Ctx *c, DeskNode *n, DeskSlot *s, DeskPeer *p, SyncWriter *w) {
    LedgerCheckpoint head;
    CryptoHash us;
    if (!n->exchange->restoring || !desk_exchange_silent(n))
        return OK;
    if (!desk_unhex(str_of(n->agency_id), &us))
        return fail(c, E_CORRUPT, "the ledger names no agency");
    TRY(ledger_checkpoint(c, s->ledger, LEDGER_MAIN, &head));
    int64_t now = clock_now(n->env.clock);
    if (head.size == p->restore_size && now - p->restore_at < RESTORE_ASK_EVERY_US)
        return OK;
    p->restore_size = head.size;
    p->restore_at = now;
    sync_put_seen(w, &us, head.note);
    return OK;
}

typedef struct Giving {
    DeskSlot *slot;
    SyncWriter *w;
    size_t room; // plain bytes of a message
    uint32_t log;
    int64_t from;
    LedgerCheckpoint upto;
} Giving;

// Bytes that the leaves [from, upto) need, and whether a message has room for them.
static Err fits(Ctx *c, const Giving *k, bool *ret_fits) {
    size_t n = (size_t)(k->upto.size - k->from), openings = 0;
    size_t bytes =
        sync_write_bytes(k->w) + sync_tree_bytes(k->upto.note.n, 0) + n * CRYPTO_HASH_BYTES + 64;
    AUTO(Ctx) scratch;
    ctx_init(&scratch);
    for (int64_t seq = k->from; seq < k->upto.size && bytes <= k->room; seq++) {
        LedgerItem item;
        Err e = ledger_get(&scratch, k->slot->ledger, (LedgerPlace){k->log, seq}, &item);
        if (e != OK)
            return desk_pass(c, &scratch, e);
        openings += item.state == LEDGER_HELD;
        bytes += item.state == LEDGER_HELD ? sync_opening_bytes(item.envelope) : 0;
        ctx_reset(&scratch);
    }
    *ret_fits = bytes <= k->room && openings <= SYNC_OPENINGS_MAX && n <= SYNC_LEAVES_MAX;
    return OK;
}

// The largest checkpoint behind `from` whose leaves go into one message.
static Err choose(Ctx *c, Giving *k, bool *ret_found) {
    int64_t step = SYNC_OPENINGS_MAX;
    for (*ret_found = false; step > 0 && !*ret_found; step /= 2) {
        Err e = ledger_head_below(c, k->slot->ledger, k->log, k->from + step, &k->upto);
        if (e == E_NOT_FOUND || (e == OK && k->upto.size <= k->from))
            return OK;
        TRY(e);
        TRY(fits(c, k, ret_found));
    }
    return OK;
}

static Err give_leaves(Ctx *c, const Giving *k, const CryptoHash *origin, bool *ret_gave) {
    CryptoHash *commitments;
    size_t n = (size_t)(k->upto.size - k->from);
    TRY(ctx_alloc(c, n * sizeof *commitments, &commitments));
    Err e = ledger_commitments(c, k->slot->ledger, k->log, k->from, n, commitments);
    if (e != OK) // we are no mirror of it
        return e == E_NOT_FOUND ? OK : e;
    for (int64_t seq = k->from; seq < k->upto.size; seq++) {
        LedgerItem item;
        SyncOpening o = {.tree = 0, .leaf = seq};
        AUTO(Ctx) scratch;
        ctx_init(&scratch);
        e = ledger_get(&scratch, k->slot->ledger, (LedgerPlace){k->log, seq}, &item);
        if (e != OK)
            return desk_pass(c, &scratch, e);
        if (item.state != LEDGER_HELD)
            continue;
        o.envelope = item.envelope;
        memcpy(o.salt, item.salt, sizeof o.salt);
        sync_put_opening(k->w, &o);
    }
    sync_put_leaves(k->w, 0, k->from, commitments, n);
    SyncTree t = {.origin = *origin, .old_size = k->from, .note = k->upto.note};
    sync_put_tree(k->w, &t);
    *ret_gave = true;
    return OK;
}

Err desk_restore_give(Ctx *c, DeskSlot *s, DeskPeer *p, SyncWriter *w, size_t bytes_max,
                      bool *ret_gave) {
    Giving k = {.slot = s, .w = w, .room = bytes_max, .from = p->j.restore_from};
    bool found;
    *ret_gave = false;
    p->j.restore_from = 0;
    TRY(ledger_log_find(c, s->ledger, &p->j.agency, &k.log));
    Err e = choose(c, &k, &found);
    if (e == OK && !found && k.room < SYNC_MESSAGE_BYTES_MAX) {
        k.room = SYNC_MESSAGE_BYTES_MAX; // the smallest step may be larger than the link likes
        e = choose(c, &k, &found);
    }
    if (e != OK && e != E_NOT_FOUND)
        return e;
    found = found && e == OK; // no mirror has all leaves
    if (found)
        TRY(give_leaves(c, &k, &p->j.agency, ret_gave));
    p->j.restore_from = *ret_gave ? k.upto.size : 0;
    if (*ret_gave)
        return OK;
    DeskReturn r = {.w = w, .bytes_max = bytes_max, .from = k.from};
    TRY(desk_return_give(c, s, p, k.log, &r));
    *ret_gave = r.gave;
    return OK;
}

bool desk_restore_is(const DeskNode *n, const SyncMessage *m, size_t *ret_tree) {
    CryptoHash us;
    if (!desk_unhex(str_of(n->agency_id), &us))
        return false;
    for (size_t i = 0; i < m->tree_count; i++)
        if (memcmp(m->trees[i].origin.b, us.b, sizeof us.b) == 0) {
            *ret_tree = i;
            return true;
        }
    return false;
}

static Err restore_leaves(Ctx *c, DeskNode *n, const SyncMessage *m, const SyncTree *t) {
    size_t o = 0;
    for (size_t i = 0; i < t->leaf_count; i++) {
        LedgerLeaf leaf = {.seq = t->leaf_first + (int64_t)i, .commitment = t->leaves[i]};
        while (o < t->opening_count && m->openings[t->openings[o]].leaf < leaf.seq)
            o++;
        const SyncOpening *open = o < t->opening_count ? &m->openings[t->openings[o]] : NULL;
        if (open && open->leaf == leaf.seq) {
            leaf.envelope = open->envelope;
            memcpy(leaf.salt, open->salt, sizeof leaf.salt);
        }
        AUTO(Ctx) scratch;
        ctx_init(&scratch);
        Err e = ledger_restore_add(&scratch, n->ledger, &leaf);
        if (e != OK)
            return desk_pass(c, &scratch, e);
    }
    return OK;
}

// What was missing is here again: the node goes on.
static Err restored(Ctx *c, DeskNode *n) {
    DeskExchange *x = n->exchange;
    if (ledger_size(n->ledger, LEDGER_MAIN) < x->ahead_size || ledger_rolled_back(n->ledger))
        return OK;
    // Before the settings: a crash in between asks once more.
    TRY(desk_return_begin(c, n, x->restore_from));
    desk_local_lock(n);
    Err e = desk_setting_put(c, n->local, STR("ahead"), STR("0"));
    if (e == OK)
        e = desk_setting_put(c, n->local, STR("restore"), STR("0"));
    desk_local_unlock(n);
    TRY(e);
    x->ahead_size = 0;
    x->restoring = false;
    return ledger_checkpoint_save(c, n->ledger);
}

static Err restore(Ctx *c, DeskNode *n, const SyncMessage *m, const SyncTree *t) {
    TRY(ledger_restore_begin(c, n->ledger));
    Err e = restore_leaves(c, n, m, t);
    if (e != OK) {
        ledger_rollback(n->ledger);
        return e;
    }
    // No time is named: what comes in the next message was made before now.
    TRY(ledger_restore_end(c, n->ledger, t->note, 0));
    atomic_fetch_add(&n->behind, 1);
    TRY(desk_fold_behind(c, n));
    return restored(c, n);
}

Err desk_restore_take(Ctx *c, DeskNode *n, const SyncMessage *m, uint64_t *ret_fresh) {
    size_t at;
    if (!n->exchange->restoring || !desk_restore_is(n, m, &at))
        return OK;
    const SyncTree *t = &m->trees[at];
    // Not desk_writing_begin, which refuses a node that was set back.
    pthread_mutex_lock(&n->write_lock);
    int64_t before = ledger_size(n->ledger, LEDGER_MAIN);
    bool next = t->leaf_count > 0 && t->leaf_first == before;
    Err e = next ? restore(c, n, m, t) : OK;
    if (e == OK)
        *ret_fresh = (uint64_t)(ledger_size(n->ledger, LEDGER_MAIN) - before);
    pthread_mutex_unlock(&n->write_lock);
    if (e == OK && next) {
        desk_exchange_touch(n);
        desk_bell_ring(&n->bell);
    }
    return e;
}
