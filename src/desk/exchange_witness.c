// Witnesses: cosignatures, heads that others saw, proofs that are asked for; and what is done with
// a log that shows two histories: docs/protocol-sync.md, 8.
#include "desk/exchange_priv.h"

static bool member(const SyncAccord *a, Str agency) {
    for (size_t i = 0; i < a->member_count; i++)
        if (str_eq(a->members[i].agency, agency))
            return true;
    return false;
}

// An accord in force in which the origin, the peer and we are; who left it is in it no more.
static bool shared(const DeskNode *n, Str origin, Str peer) {
    const DeskExchange *x = n->exchange;
    int64_t now = clock_now(n->env.clock);
    for (size_t i = 0; i < x->accord_count; i++)
        if (sync_accord_holds(&x->accords[i], origin, peer, now) &&
            sync_accord_holds(&x->accords[i], str_of(n->agency_id), peer, now))
            return true;
    return false;
}

// --- what we say --------------------------------------------------------------------------------

static Err put_cosign(Ctx *c, DeskNode *n, DeskSlot *s, DeskPeer *p, SyncWriter *w) {
    uint32_t log;
    LedgerCheckpoint head;
    Str name;
    AUTO(Buf) line = {0};
    p->owes_cosign = false;
    TRY(ledger_log_find(c, s->ledger, &p->j.agency, &log));
    TRY(ledger_checkpoint(c, s->ledger, log, &head));
    TRY(str_format(c, &name, "moei/%s", n->agency_id));
    TRY(sync_cosign_make(c, name, head.note, clock_now(n->env.clock), &n->exchange->link_key,
                         &line));
    sync_put_cosign(w, &p->j.agency, head.size, buf_view(&line));
    return OK;
}

static Err put_seen(Ctx *c, DeskNode *n, DeskSlot *s, DeskPeer *p, SyncWriter *w) {
    const LedgerLogInfo *logs;
    size_t count, put = 0;
    p->owes_seen = false;
    TRY(ledger_log_list(c, s->ledger, &logs, &count));
    for (size_t i = 0; i < count && put < SYNC_HEADS_MAX / 2; i++) {
        const LedgerLogInfo *l = &logs[i];
        DeskHex hex = desk_hex(&l->agency);
        LedgerCheckpoint head;
        if (l->log <= LEDGER_READS || l->frozen || l->size == 0 ||
            memcmp(l->agency.b, p->j.agency.b, sizeof l->agency.b) == 0 ||
            !shared(n, str_of(hex.text), str_of(p->hex.text)))
            continue;
        TRY(ledger_checkpoint(c, s->ledger, l->log, &head));
        sync_put_seen(w, &l->agency, head.note);
        TRY(desk_recover_put_of(c, s, &l->agency, w));
        put++;
    }
    return OK;
}

// A peer whose journal for us is shorter than what we took of it was restored from an old copy: it
// is shown its own signature.
static Err put_behind(Ctx *c, DeskSlot *s, DeskPeer *p, SyncWriter *w) {
    uint32_t log;
    LedgerCheckpoint head;
    p->owes_note = false;
    TRY(ledger_log_find(c, s->ledger, &p->j.agency, &log));
    TRY(ledger_checkpoint(c, s->ledger, log, &head));
    sync_put_seen(w, &p->j.agency, head.note);
    return OK;
}

// That the head which we were asked about leads to our newest.
static Err put_prove(Ctx *c, DeskSlot *s, DeskPeer *p, SyncWriter *w) {
    LedgerCheckpoint old, head;
    LedgerProof proof = {.count = 0};
    SyncProve prove = {.of = p->asked, .cannot = true};
    p->owes_answer = false;
    TRY(ledger_checkpoint(c, s->ledger, LEDGER_MAIN, &head));
    if (ledger_checkpoint_at(c, s->ledger, LEDGER_MAIN, p->asked.size, &old) == OK &&
        memcmp(old.root.b, p->asked.root.b, sizeof old.root.b) == 0) {
        if (old.size < head.size)
            TRY(ledger_consistency(c, s->ledger, LEDGER_MAIN, old.size, head.size, &proof));
        prove.cannot = false;
        prove.note = head.note;
        prove.proof = proof.nodes;
        prove.proof_count = proof.count;
    }
    sync_put_prove(w, &prove);
    return OK;
}

Err desk_witness_put(Ctx *c, DeskNode *n, DeskSlot *s, DeskPeer *p, SyncWriter *w) {
    JournalOrigin o;
    if (p->owes_cosign)
        TRY(put_cosign(c, n, s, p, w));
    int64_t now = clock_now(n->env.clock);
    if (p->owes_seen || now - p->seen_at >= SYNC_SEEN_EVERY_S * 1000000LL) {
        TRY(put_seen(c, n, s, p, w));
        p->seen_at = now;
        p->owes_note |= p->set_back; // the message that showed it may have been lost
    }
    if (p->owes_note)
        TRY(put_behind(c, s, p, w));
    if (p->owes_answer)
        TRY(put_prove(c, s, p, w));
    if (p->owes_recover)
        TRY(desk_recover_put_of(c, s, &p->recovered, w));
    p->owes_recover = false;
    if (!p->owes_ask && now - p->ask_at < SYNC_WANT_EVERY_S * 1000000LL)
        return OK;
    p->owes_ask = false;
    p->ask_at = now;
    TRY(journal_origin_get(c, ledger_db(n->ledger), &p->j.agency, &o));
    if (o.ask_size > 0 && !o.forked) {
        SyncAsk ask = {o.ask_size, o.ask_root};
        sync_put_ask(w, &ask);
        p->ask_open = true;
    } else {
        p->j.prove_since = p->j.prove_silent = 0; // what asked for it was rolled back
    }
    return OK;
}

void desk_witness_grew(DeskNode *n, const CryptoHash *origin) {
    DeskExchange *x = n->exchange;
    DeskHex hex = desk_hex(origin);
    pthread_mutex_lock(&x->lock);
    for (size_t i = 0; i < x->count; i++) {
        DeskPeer *p = &x->peers[i];
        if (p->confirmed && memcmp(p->j.agency.b, origin->b, sizeof origin->b) != 0 &&
            shared(n, str_of(hex.text), str_of(p->hex.text)))
            p->owes_seen = p->waits = true;
    }
    pthread_mutex_unlock(&x->lock);
}

// --- two histories ------------------------------------------------------------------------------

// Everybody with whom the agency shares an accord with us is told.
static Err fork_mark(Ctx *c, DeskNode *n, Str agency, RecordMark *ret_mark) {
    const DeskExchange *x = n->exchange;
    Str *to;
    size_t count = 0, max = 1;
    for (size_t i = 0; i < x->accord_count; i++)
        max += x->accords[i].member_count;
    TRY(ctx_alloc(c, max * sizeof *to, &to));
    to[count++] = str_of(n->agency_id);
    for (size_t i = 0; i < x->accord_count; i++) {
        const SyncAccord *a = &x->accords[i];
        for (size_t k = 0; k < a->member_count && member(a, agency); k++)
            if (!str_eq(a->members[k].agency, agency) && member(a, str_of(n->agency_id)))
                to[count++] = a->members[k].agency;
    }
    desk_sort_strs(to, count);
    count = desk_unique_strs(to, count);
    *ret_mark = record_mark_default();
    ret_mark->to = to;
    ret_mark->to_count = count;
    return OK;
}

static Err fork_record(Ctx *c, DeskWriting *w, Str agency, const Str *notes, size_t n,
                       const char *why) {
    RecordMark mark;
    AUTO(Buf) body = {0};
    TRY(fork_mark(c, w->node, agency, &mark));
    JsonWriter j = json_writer_start(&body);
    json_put_object_begin(&j);
    json_put_key_str(&j, "agency", agency);
    json_put_key_str(&j, "log", STR("main"));
    desk_put_strs(&j, "notes", notes, n);
    json_put_key_str(&j, "why", str_of(why));
    json_put_object_end(&j);
    TRY(json_writer_end(c, &j));
    DeskDraft draft = {
        .kind = RECORD_FORK, .mark = &mark, .purpose = "exchange", .body = buf_view(&body)};
    return desk_group_add(c, w, &draft, NULL);
}

// The link with it stops, where there is one.
static Err stop_link(Ctx *c, DeskNode *n, const CryptoHash *agency) {
    DeskPeer p;
    AUTO(Ctx) quiet;
    ctx_init(&quiet);
    if (desk_exchange_peer(&quiet, n, agency, &p) != OK)
        return OK;
    desk_exchange_fault(n, &p.j, JOURNAL_FORKED, DESK_FORKED_WORDS);
    TRY(journal_peer_save(c, ledger_db(n->ledger), &p.j));
    desk_exchange_publish(n, &p);
    return OK;
}

Err desk_witness_fork(Ctx *c, DeskWriting *w, const CryptoHash *agency, const Str *notes, size_t n,
                      const char *why) {
    JournalOrigin o;
    StoreDb *db = ledger_db(w->node->ledger);
    DeskHex hex = desk_hex(agency);
    TRY(journal_origin_get(c, db, agency, &o));
    if (o.forked)
        return OK;
    o.forked = true;
    o.ask_size = 0;
    TRY(journal_origin_put(c, db, agency, &o));
    TRY(fork_record(c, w, str_of(hex.text), notes, n, why));
    return stop_link(c, w->node, agency);
}

// --- what we are told ---------------------------------------------------------------------------

typedef struct Witness {
    DeskWriting *w;
    DeskSlot *slot;
    DeskPeer *peer;
    const SyncMessage *m;
    uint32_t held; // trees of it that stand under our head
} Witness;
static_assert(SYNC_TREES_MAX <= 32, "a bit each");

static bool ours(const DeskNode *n, const CryptoHash *origin) {
    return str_eq_c(str_of(n->agency_id), desk_hex(origin).text);
}

static Err take_cosign(Ctx *c, Witness *k, const SyncSeen *seen) {
    DeskNode *n = k->w->node;
    AUTO(Ctx) quiet;
    ctx_init(&quiet);
    LedgerCheckpoint cp;
    Str name;
    JournalCosign cosign = {.witness = k->peer->j.agency, .size = seen->size, .line = seen->text};
    TRY(str_format(c, &name, "moei/%s", k->peer->hex.text));
    if (!ours(n, &seen->origin) ||
        ledger_checkpoint_at(&quiet, k->slot->ledger, LEDGER_MAIN, seen->size, &cp) != OK ||
        sync_cosign_check(&quiet, name, cp.note, seen->text, &k->m->head.link_key, &cosign.at) !=
            OK)
        return OK; // worth nothing, and harms nobody
    return journal_cosign_put(c, ledger_db(n->ledger), &seen->origin, &cosign);
}

// The note, where it is one that the agency signed. *ret_ok false: it proves nothing.
static Err check_note(Ctx *c, DeskSlot *s, uint32_t log, const CryptoHash *origin, Str note,
                      LedgerCheckpoint *ret_cp, bool *ret_ok) {
    AUTO(Ctx) quiet;
    ctx_init(&quiet);
    LedgerCheckpoint cp;
    CryptoPublicKey key;
    Str name;
    TRY(str_format(c, &name, "moei/%s/main", desk_hex(origin).text));
    *ret_ok = ledger_note_parse(&quiet, note, &cp) == OK &&
              ledger_log_key(&quiet, s->ledger, log, cp.size, &key) == OK &&
              ledger_note_verify(&quiet, note, name, &key, &cp) == OK;
    if (*ret_ok)
        TRY(ledger_note_parse(c, note, ret_cp));
    return OK;
}

static Err find_checkpoint(Ctx *c, DeskSlot *s, uint32_t log, int64_t size,
                           LedgerCheckpoint *ret_cp, bool *ret_found) {
    Err e = ledger_checkpoint_at(c, s->ledger, log, size, ret_cp);
    *ret_found = e == OK;
    return e == E_NOT_FOUND ? OK : e;
}

static Err ask_later(Ctx *c, Witness *k, const CryptoHash *origin, const LedgerCheckpoint *cp) {
    DeskNode *n = k->w->node;
    JournalOrigin o;
    DeskPeer p;
    AUTO(Ctx) quiet;
    ctx_init(&quiet);
    TRY(journal_origin_get(c, ledger_db(n->ledger), origin, &o));
    if (o.forked || o.ask_size > 0 || desk_exchange_peer(&quiet, n, origin, &p) != OK)
        return OK;
    o.ask_size = cp->size;
    o.ask_root = cp->root;
    o.note = cp->note;
    TRY(journal_origin_put(c, ledger_db(n->ledger), origin, &o));
    p.owes_ask = p.waits = true;
    p.j.prove_since = clock_now(n->env.clock);
    p.j.prove_silent = 0;
    TRY(journal_peer_save(c, ledger_db(n->ledger), &p.j));
    desk_exchange_publish(n, &p);
    return OK;
}

static Err take_seen(Ctx *c, Witness *k, const SyncSeen *seen) {
    DeskNode *n = k->w->node;
    StoreDb *db = ledger_db(n->ledger);
    uint32_t log;
    LedgerCheckpoint cp, here;
    JournalSeen before;
    bool ok, found;
    if (ours(n, &seen->origin)) // desk_witness_ahead
        return OK;
    Err e = ledger_log_find(c, k->slot->ledger, &seen->origin, &log);
    if (e == E_NOT_FOUND)
        return OK;
    TRY(e);
    TRY(check_note(c, k->slot, log, &seen->origin, seen->text, &cp, &ok));
    if (memcmp(seen->origin.b, k->peer->j.agency.b, sizeof seen->origin.b) == 0) {
        // It says where its own log ends: it was set back, and wants what is behind.
        k->peer->j.restore_from = ok ? cp.size : 0;
        return OK;
    }
    TRY(journal_seen_get(c, db, k->peer->j.peer, &seen->origin, &before));
    bool again = before.size == cp.size && memcmp(before.root.b, cp.root.b, sizeof cp.root.b) == 0;
    if (!ok || again)
        return OK;
    TRY(find_checkpoint(c, k->slot, log, cp.size, &here, &found));
    if (found && memcmp(here.root.b, cp.root.b, sizeof cp.root.b) != 0) {
        Str notes[2] = {here.note, cp.note};
        return desk_witness_fork(c, k->w, &seen->origin, notes, 2, "two_roots");
    }
    before.size = cp.size;
    before.root = cp.root;
    before.note = cp.note;
    TRY(journal_seen_put(c, db, k->peer->j.peer, &seen->origin, &before));
    return found ? OK : ask_later(c, k, &seen->origin, &cp);
}

// The end of the proof must be a head that we hold, or that came in this very message and was taken
// as one. A tree that was late, or stands apart, is of no history that we know: any end could be
// proven by bringing it.
static bool holds(Ctx *c, const Witness *k, uint32_t log, const LedgerCheckpoint *cp) {
    LedgerCheckpoint here;
    for (size_t i = 0; i < k->m->tree_count; i++)
        if ((k->held >> i & 1) && str_eq(k->m->trees[i].note, cp->note))
            return true;
    return ledger_checkpoint_at(c, k->slot->ledger, log, cp->size, &here) == OK &&
           memcmp(here.root.b, cp->root.b, sizeof cp->root.b) == 0;
}

static bool leads(Ctx *c, const SyncProve *p, const LedgerCheckpoint *cp) {
    LedgerTreeHead old = {(uint64_t)p->of.size, p->of.root};
    LedgerTreeHead head = {(uint64_t)cp->size, cp->root};
    if (cp->size == p->of.size)
        return memcmp(cp->root.b, p->of.root.b, sizeof cp->root.b) == 0;
    return ledger_merkle_consistency(c, &old, &head, p->proof, p->proof_count) == OK;
}

static Err take_prove(Ctx *c, Witness *k, const SyncProve *p) {
    DeskNode *n = k->w->node;
    StoreDb *db = ledger_db(n->ledger);
    const CryptoHash *origin = &k->peer->j.agency;
    JournalOrigin o;
    LedgerCheckpoint cp;
    uint32_t log;
    bool ok = false;
    AUTO(Ctx) quiet;
    ctx_init(&quiet);
    TRY(journal_origin_get(c, db, origin, &o));
    if (o.ask_size != p->of.size || o.ask_size == 0 ||
        memcmp(o.ask_root.b, p->of.root.b, sizeof o.ask_root.b) != 0)
        return OK;
    TRY(ledger_log_find(c, k->slot->ledger, origin, &log));
    if (!p->cannot)
        TRY(check_note(c, k->slot, log, origin, p->note, &cp, &ok));
    if (ok && !holds(&quiet, k, log, &cp))
        return OK; // its end is not here yet: it is asked again
    if (ok && leads(&quiet, p, &cp)) {
        o.ask_size = o.failed = 0;
        o.note = (Str){0};
        k->peer->j.prove_since = k->peer->j.prove_silent = 0;
        return journal_origin_put(c, db, origin, &o);
    }
    o.failed++;
    k->peer->owes_ask = true;
    TRY(journal_origin_put(c, db, origin, &o));
    return o.failed < PROVE_TRIES_MAX
               ? OK
               : desk_witness_fork(c, k->w, origin, &o.note, 1, "cannot_prove");
}

// It spoke after it was asked, and proved nothing. Some answers are lost, and some messages crossed
// the question on their way; who never answers is named, and in the end stopped: else a log with
// two histories would only have to keep silent about them.
static void passed_over(const Witness *k) {
    JournalPeer *j = &k->peer->j;
    int64_t now = clock_now(k->w->node->env.clock);
    // Who takes nothing of ours has not heard the question.
    bool heard = k->m->refused == 0 || k->m->refused == SYNC_REFUSED_QUOTA;
    if (!k->peer->ask_open || !heard)
        return;
    k->peer->ask_open = false;
    if (j->prove_since == 0)
        return;
    j->prove_silent++;
    if (j->prove_silent < PROVE_SILENT_MAX ||
        now - j->prove_since < PROVE_SILENT_HOURS * 3600 * 1000000LL)
        return;
    desk_exchange_fault(k->w->node, j, JOURNAL_FALSE, DESK_SILENT_WORDS);
}

Err desk_witness_take(Ctx *c, DeskWriting *w, DeskSlot *s, DeskPeer *p, const SyncMessage *m,
                      uint32_t held) {
    Witness k = {w, s, p, m, held};
    for (size_t i = 0; i < m->cosign_count; i++)
        TRY(take_cosign(c, &k, &m->cosigns[i]));
    for (size_t i = 0; i < m->seen_count; i++)
        TRY(take_seen(c, &k, &m->seen[i]));
    for (size_t i = 0; i < m->prove_count; i++)
        TRY(take_prove(c, &k, &m->proves[i]));
    passed_over(&k);
    if (m->ask_count > 0) {
        p->asked = m->asks[m->ask_count - 1];
        p->owes_answer = true;
    }
    return OK;
}

Err desk_witness_evidence(Ctx *c, DeskWriting *w, DeskSlot *s, const Record *r) {
    const JsonValue *notes;
    Str agency;
    CryptoHash origin;
    LedgerCheckpoint cp[2];
    uint32_t log;
    TRY(json_get_str(c, r->body, "agency", &agency));
    TRY(json_get_array(c, r->body, "notes", &notes));
    if (notes->count != 2 || !desk_unhex(agency, &origin) || ours(w->node, &origin))
        return OK;
    Err e = ledger_log_find(c, s->ledger, &origin, &log);
    if (e != OK)
        return e == E_NOT_FOUND ? OK : e;
    Str texts[2];
    for (uint32_t i = 0; i < 2; i++) {
        bool ok;
        texts[i] = notes->items[i].s;
        TRY(check_note(c, s, log, &origin, texts[i], &cp[i], &ok));
        if (!ok)
            return OK; // it proves nothing
    }
    if (cp[0].size != cp[1].size || memcmp(cp[0].root.b, cp[1].root.b, sizeof cp[0].root.b) == 0)
        return OK;
    return desk_witness_fork(c, w, &origin, texts, 2, "two_roots");
}

Err desk_witness_ahead(Ctx *c, DeskNode *n, DeskSlot *s, const SyncMessage *m) {
    int64_t size;
    TRY(ledger_reader_size(c, s->ledger, LEDGER_MAIN, &size));
    for (size_t i = 0; i < m->seen_count; i++) {
        LedgerCheckpoint cp;
        bool ok;
        if (!ours(n, &m->seen[i].origin))
            continue;
        TRY(check_note(c, s, LEDGER_MAIN, &m->seen[i].origin, m->seen[i].text, &cp, &ok));
        if (!ok || cp.size <= size)
            continue;
        Str text;
        TRY(str_format(c, &text, "%lld", (long long)cp.size));
        desk_local_lock(n);
        Err e = desk_setting_put(c, n->local, STR("ahead"), text);
        desk_local_unlock(n);
        TRY(e);
        n->exchange->ahead_size = cp.size;
    }
    return OK;
}
