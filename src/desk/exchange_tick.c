// What time brings: letting go of what was taken back, erased or has ended, and looking for what is
// to be disclosed.
#include "desk/exchange_priv.h"
#include "desk/order_priv.h"

#define TICK_EVERY_US 60000000LL
#define LET_GO_ROUND 64 // objects of one tick

typedef struct LettingGo {
    RecordId record; // that is let go of: a root, or the record that was erased
    Str us, agency;  // agency: whose log
    const char *because;
    bool has_by;
    RecordId by;
    Str kind, mark;      // of what goes, as it counts here: who saw it sees what is left of it
    LedgerPlace *places; // held, at most LET_GO_LEAVES_MAX
    size_t n;
    bool more; // than so many are held
    bool any;  // was let go of
} LettingGo;

// --- what is held of it -------------------------------------------------------------------------

// The mark under which a record of another agency is seen here, where the picture knows it no more.
static Err seen_by(Ctx *c, DeskSlot *s, const Record *r, Str us, Str *ret_mark) {
    const PictureShare *shares;
    size_t n;
    AUTO(Buf) text = {0};
    RecordMark own = r->mark;
    Str last = {0};
    TRY(picture_share_of(c, s->picture, r->root, &shares, &n));
    for (size_t i = 0; i < n; i++)
        if (str_eq(shares[i].agency, r->agency) && str_eq(shares[i].to, us))
            last = shares[i].mark;
    if (last.n > 0) {
        *ret_mark = last;
        return OK;
    }
    own.has_until = false;
    TRY(record_mark_write(c, &own, &text));
    return str_copy(c, buf_view(&text), ret_mark);
}

// The record that an erase record names: the picture knows it no more, so its place is asked of the
// erase record and looked at.
static Err erased_of(Ctx *c, DeskSlot *s, LettingGo *k) {
    Record erase, r;
    CryptoHash agency;
    LedgerItem item;
    LedgerPlace place;
    TRY(desk_body_get(c, s, k->by, &erase));
    TRY(json_get_int(c, erase.body, "leaf", &place.seq));
    if (!desk_unhex(k->agency, &agency))
        return fail(c, E_CORRUPT, "a log names no agency");
    TRY(ledger_log_find(c, s->ledger, &agency, &place.log));
    Err e = ledger_get(c, s->ledger, place, &item);
    if (e == E_NOT_FOUND || (e == OK && item.state != LEDGER_HELD))
        return OK;
    TRY(e);
    TRY(record_parse(c, &s->json, item.envelope, &r));
    if (!record_id_eq(r.id, k->record))
        return OK;
    k->places[k->n++] = place;
    TRY(str_copy(c, r.kind_name, &k->kind));
    return seen_by(c, s, &r, k->us, &k->mark);
}

// Leaves of the object in the log of its author whose content is here.
static Err held_of(Ctx *c, DeskSlot *s, RecordId root, LettingGo *k) {
    const PictureScan *items;
    size_t n;
    TRY(picture_object_leaves(c, s->picture, root, &items, &n));
    for (size_t i = 0; i < n; i++) {
        LedgerItem item;
        if (!str_eq(items[i].agency, k->agency))
            continue;
        // What asks for it stays, and so does what tells that it was erased.
        if (str_eq_c(items[i].kind, "erase"))
            continue;
        TRY(ledger_get(c, s->ledger, items[i].place, &item));
        if (item.state != LEDGER_HELD)
            continue;
        k->more = k->n == LET_GO_LEAVES_MAX;
        if (k->more)
            break;
        k->places[k->n++] = items[i].place;
        if (k->mark.n == 0 || record_id_eq(items[i].id, root)) {
            k->kind = items[i].kind;
            k->mark = items[i].effective;
        }
    }
    return OK;
}

// Documents that go with it: what is on its way is dropped, the shelf is swept after.
static Err drop_documents(Ctx *c, DeskWriting *w, DeskSlot *s, const LettingGo *k, bool *ret_any) {
    for (size_t i = 0; i < k->n; i++) {
        Record r;
        CryptoHash sha256;
        bool held, names;
        TRY(desk_body_at(c, s, k->places[i], &held, &r));
        if (!held)
            continue;
        TRY(desk_blob_named(c, &r, &sha256, &names));
        if (!names)
            continue;
        TRY(desk_blob_drop(c, ledger_db(w->node->ledger), &sha256));
        *ret_any = true;
    }
    return OK;
}

// Who may see what is left hangs on clearance and purpose alone: the rest of the mark is gone too.
static Err shell_of(Ctx *c, DeskSlot *s, const LettingGo *k, Buf *out) {
    const JsonValue *v;
    RecordMark m;
    TRY(json_read(c, &s->json, k->mark, &v));
    TRY(record_mark_parse(c, v, &m));
    m.has_until = false;
    m.to_count = 0;
    m.handling = RECORD_H0;
    m.note = (Str){0};
    return record_mark_write(c, &m, out);
}

static Err let_go_body(Ctx *c, DeskSlot *s, const LettingGo *k, Buf *out) {
    AUTO(Buf) shell = {0};
    if (k->mark.n > 0)
        TRY(shell_of(c, s, k, &shell));
    JsonWriter j = json_writer_start(out);
    json_put_object_begin(&j);
    json_put_key_str(&j, "agency", k->agency);
    json_put_key_str(&j, "because", str_of(k->because));
    desk_put_opt_id(&j, "by", k->has_by, k->by);
    desk_put_opt_str(&j, "kind", k->kind);
    json_put_key(&j, STR("leaves"));
    json_put_array_begin(&j);
    for (size_t i = 0; i < k->n; i++)
        json_put_i64(&j, k->places[i].seq);
    json_put_array_end(&j);
    if (shell.n > 0) {
        json_put_key(&j, STR("mark"));
        json_put_raw(&j, buf_view(&shell));
    }
    desk_put_id(&j, "record", k->record);
    json_put_object_end(&j);
    return json_writer_end(c, &j);
}

static Err let_go(Ctx *c, DeskWriting *w, DeskSlot *s, const LettingGo *k) {
    DeskNode *n = w->node;
    AUTO(Buf) body = {0};
    bool documents = false;
    TRY(let_go_body(c, s, k, &body));
    TRY(desk_group_begin(c, w));
    TRY(drop_documents(c, w, s, k, &documents));
    TRY(desk_directed_add(c, w, RECORD_LET_GO, k->agency, buf_view(&body)));
    if (k->n > 0)
        TRY(ledger_let_go(c, n->ledger, k->places, k->n, w->items[w->count - 1].place));
    if (documents)
        TRY(desk_shelf_mark(c, n, true));
    n->erase_unfinished = n->erase_unfinished || k->n > 0;
    n->exchange->any_let_gos = true;
    return desk_group_commit(c, w);
}

// One record of ours for each so many leaves; one in any case where somebody waits for it.
static Err let_go_all(Ctx *c, DeskWriting *w, DeskSlot *s, RecordId root, LettingGo *k) {
    bool erase = str_eq_c(str_of(k->because), "erase");
    k->more = true;
    for (bool first = true; k->more; first = false) {
        k->more = false;
        k->n = 0;
        TRY(ctx_alloc(c, (LET_GO_LEAVES_MAX + 1) * sizeof *k->places, &k->places));
        if (erase)
            TRY(erased_of(c, s, k));
        // What belongs to an erased object goes with it: nobody could read it, and nothing would
        // say when it ends.
        if (!erase || record_id_eq(root, k->record))
            TRY(held_of(c, s, root, k));
        k->any |= k->n > 0;
        if (k->n > 0 || (first && k->has_by))
            TRY(let_go(c, w, s, k));
    }
    return OK;
}

// Answers that are kept for repeats go first, as before an erasure: the program may end between.
static Err answers_go(Ctx *c, DeskNode *n, size_t objects) {
    return objects > 0 ? desk_replay_empty(c, n) : OK;
}

// --- why ----------------------------------------------------------------------------------------

static Err owed(Ctx *c, DeskWriting *w, DeskSlot *s, bool *ret_any, bool *ret_more) {
    const PictureOwed *items;
    size_t n;
    TRY(picture_owed_list(c, s->picture, LET_GO_ROUND, &items, &n));
    TRY(answers_go(c, w->node, n));
    for (size_t i = 0; i < n; i++) {
        const PictureOwed *o = &items[i];
        bool erase = str_eq_c(o->because, "erase");
        LettingGo k = {.record = o->record,
                       .us = str_of(w->node->agency_id),
                       .agency = o->agency,
                       .because = erase ? "erase" : "retract",
                       .has_by = true,
                       .by = o->by};
        TRY(let_go_all(c, w, s, o->root, &k));
        *ret_any |= k.any;
    }
    *ret_more |= n == LET_GO_ROUND;
    return OK;
}

static Err ended(Ctx *c, DeskWriting *w, DeskSlot *s, bool *ret_any, bool *ret_more) {
    const PictureEnded *items;
    size_t n;
    TRY(picture_ended(c, s->picture, clock_now(w->node->env.clock), LET_GO_ROUND, &items, &n));
    TRY(answers_go(c, w->node, n));
    for (size_t i = 0; i < n; i++) {
        LettingGo k = {.record = items[i].root,
                       .us = str_of(w->node->agency_id),
                       .agency = items[i].agency,
                       .because = "until"};
        TRY(let_go_all(c, w, s, items[i].root, &k));
        *ret_any |= k.any;
    }
    *ret_more |= n == LET_GO_ROUND;
    return OK;
}

// Nothing of it stays in a file or in a kept answer.
static Err purge(Ctx *c, DeskNode *n) {
    TRY(desk_replay_empty(c, n));
    return desk_purge(c, n);
}

// --- looking ------------------------------------------------------------------------------------

static Err select_all(Ctx *c, DeskWriting *w, DeskSlot *s, bool *ret_more) {
    DeskNode *n = w->node;
    DeskPeer *p;
    TRY(desk_exchange_refresh(c, n, s));
    TRY(ctx_alloc(c, sizeof *p, &p));
    for (size_t i = 0; i < n->exchange->count; i++) {
        bool more = false;
        CryptoHash agency = n->exchange->peers[i].j.agency;
        AUTO(Ctx) scratch;
        ctx_init(&scratch);
        if (desk_exchange_peer(&scratch, n, &agency, p) != OK || p->j.fault != JOURNAL_SOUND)
            continue;
        // An answer may have been lost: documents that did not come are asked for again.
        if (p->lacks && !p->owes_want &&
            clock_now(n->env.clock) - p->wanted_at >= SYNC_WANT_EVERY_S * 1000000LL) {
            p->owes_want = p->waits = true;
            desk_exchange_publish(n, p);
        }
        if (p->j.prove_since > 0 && !p->owes_ask &&
            clock_now(n->env.clock) - p->ask_at >= SYNC_WANT_EVERY_S * 1000000LL) {
            p->owes_ask = p->waits = true;
            desk_exchange_publish(n, p);
        }
        if (desk_return_due(n, p) && !p->waits) {
            p->waits = true;
            desk_exchange_publish(n, p);
        }
        // A peer that has enough waiting for it is looked for again when it took that.
        if (p->j.entries - p->j.told >= SYNC_OPENINGS_MAX || !desk_select_due(n, p))
            continue;
        Err e = desk_select(&scratch, w, s, p, &more);
        if (e != OK)
            return desk_pass(c, &scratch, e);
        *ret_more |= more;
        bool mirror = desk_mirrors(n, p) && p->j.head_size < ledger_size(n->ledger, LEDGER_MAIN);
        if ((mirror || p->j.entries > p->j.told) && !p->waits) {
            p->waits = true;
            desk_exchange_publish(n, p);
            desk_bell_ring(&n->bell);
        }
    }
    return OK;
}

static Err next_of(Ctx *c, DeskNode *n, DeskSlot *s, int64_t now, bool more, int64_t *ret_next) {
    const PictureEnded *soonest;
    size_t count;
    int64_t next = more ? now : now + TICK_EVERY_US;
    TRY(picture_ended(c, s->picture, INT64_MAX, 1, &soonest, &count));
    if (count > 0 && soonest[0].until < next)
        next = soonest[0].until > now ? soonest[0].until : now;
    pthread_mutex_lock(&n->exchange->lock);
    for (size_t i = 0; i < n->exchange->count; i++) {
        int64_t due = n->exchange->peers[i].due_at;
        if (due > now && due < next)
            next = due;
    }
    pthread_mutex_unlock(&n->exchange->lock);
    *ret_next = next;
    return OK;
}

Err desk_exchange_tick(Ctx *c, DeskNode *n, int64_t *ret_next_us) {
    int64_t now = clock_now(n->env.clock);
    bool any = false, more = false;
    if (desk_exchange_silent(n)) {
        *ret_next_us = now + TICK_EVERY_US;
        return OK;
    }
    {
        AUTO(DeskWriting) w = {0};
        // Beside the lock of writing, so that the next message of a backlog is taken meanwhile.
        TRY(desk_fold_behind(c, n));
        TRY(desk_writing_begin_ahead(c, n, NULL, DESK_BEHIND_RECORDS_MAX, &w));
        TRY(desk_tell_all(c, &w));
        {
            AUTO(DeskReading) r = {0};
            TRY(desk_reading_machine(c, n, &r));
            TRY(owed(c, &w, r.slot, &any, &more));
            TRY(ended(c, &w, r.slot, &any, &more));
            TRY(select_all(c, &w, r.slot, &more));
        }
        if (any || n->erase_unfinished)
            TRY(purge(c, n));
    }
    AUTO(DeskReading) r = {0};
    TRY(desk_reading_machine(c, n, &r));
    return next_of(c, n, r.slot, now, more, ret_next_us);
}
