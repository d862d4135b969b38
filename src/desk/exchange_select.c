// Selection: from where this node looked last, what may go to a peer is put into its journal, with
// a `disclosed` record of ours in the same group. Nothing new costs nothing, however long the logs
// are.
#include "desk/share_priv.h"

#include <stdlib.h>

#define LOOK_RECORDS 4096             // of one question to the picture
#define LOOK_ROUNDS 4                 // of one pass
#define BLOCK (SYNC_OPENINGS_MAX - 1) // beside its `disclosed` record

typedef struct Places {
    int64_t *items; // heap
    size_t n, cap;
} Places;

// One object of another agency that goes on to the peer.
typedef struct Passed {
    RecordId root, by;
    DeskHex agency;
    Places leaves;
} Passed;

typedef struct LogName {
    uint32_t log;
    DeskHex agency;
} LogName;

typedef struct Pass {
    DeskJudge judge;
    DeskWriting *w;
    DeskSlot *slot;
    DeskPeer *peer;
    DeskHex us;
    Places first, add, shut, naming; // first: keys, see keys_first; naming: of `add`, those that
                                     // name a document
    Passed passed[SYNC_PASSED_MAX];
    size_t passed_n;
    LogName *logs; // heap
    size_t log_n, log_cap;
    bool moved; // the peer's row changed
} Pass;

static void Pass_cleanup(Pass *k) {
    mem_free(k->first.items);
    mem_free(k->add.items);
    mem_free(k->shut.items);
    mem_free(k->naming.items);
    mem_free(k->logs);
    for (size_t i = 0; i < k->passed_n; i++)
        mem_free(k->passed[i].leaves.items);
}

static Err places_add(Ctx *c, Places *p, int64_t place) {
    TRY(mem_grow(c, &p->items, &p->cap, p->n + 1, sizeof *p->items));
    p->items[p->n++] = place;
    return OK;
}

static int place_cmp(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

// Sorted, each once.
static void places_sort(Places *p) {
    if (p->n < 2)
        return;
    qsort(p->items, p->n, sizeof *p->items, place_cmp);
    size_t n = 1;
    for (size_t i = 1; i < p->n; i++)
        if (p->items[i] != p->items[n - 1])
            p->items[n++] = p->items[i];
    p->n = n;
}

static bool full(const Pass *k) {
    return k->add.n >= BLOCK || k->passed_n >= SYNC_PASSED_MAX / 2;
}

// --- one record ---------------------------------------------------------------------------------

static Err log_name(Ctx *c, Pass *k, const PictureScan *r) {
    for (size_t i = 0; i < k->log_n; i++)
        if (k->logs[i].log == r->place.log)
            return OK;
    TRY(mem_grow(c, &k->logs, &k->log_cap, k->log_n + 1, sizeof *k->logs));
    LogName *l = &k->logs[k->log_n++];
    *l = (LogName){.log = r->place.log};
    if (r->agency.n != sizeof l->agency.text - 1)
        return fail(c, E_CORRUPT, "a log names no agency");
    memcpy(l->agency.text, r->agency.p, r->agency.n);
    return OK;
}

static Err put(Ctx *c, Pass *k, const PictureScan *r) {
    TRY(log_name(c, k, r));
    RecordKind kind = record_kind_of(r->kind);
    // What a later head is checked by stands before all that only such a head can prove.
    if (kind == RECORD_KEY || (kind == RECORD_GENESIS && r->place.log != LEDGER_MAIN))
        return places_add(c, &k->first, ledger_place_key(r->place));
    TRY(places_add(c, &k->add, ledger_place_key(r->place)));
    if (kind == RECORD_ATTACHMENT)
        TRY(places_add(c, &k->naming, ledger_place_key(r->place)));
    return OK;
}

// What proves and explains an agency's records goes with the first of them that is relayed.
static Err put_identity(Ctx *c, Pass *k, const PictureScan *r) {
    static const char *const kinds[] = {"genesis", "key",     "link",
                                        "recover", "officer", "officer_change"};
    bool given, gone;
    LedgerPlace genesis = {.seq = 0};
    TRY(ledger_log_first(c, k->slot->ledger, r->place.log, &genesis.log));
    TRY(journal_bits_get(c, ledger_db(k->w->node->ledger), &k->judge.bits, k->peer->j.peer,
                         ledger_place_key(genesis), &given, &gone));
    for (size_t i = 0; !gone && i < COUNT_OF(kinds); i++) {
        const PictureScan *items;
        size_t n;
        TRY(picture_scan_kind(c, k->slot->picture, r->agency, str_of(kinds[i]), &items, &n));
        for (size_t m = 0; m < n; m++)
            TRY(put(c, k, &items[m]));
    }
    return OK;
}

static Err pass_on(Ctx *c, Pass *k, const PictureScan *r, const DeskVerdictOfFlow *v) {
    size_t i = 0;
    while (i < k->passed_n && !record_id_eq(k->passed[i].root, r->root))
        i++;
    if (i == COUNT_OF(k->passed))
        return OK;
    if (i == k->passed_n) {
        k->passed[i] = (Passed){.root = r->root, .by = v->by};
        memcpy(k->passed[i].agency.text, r->agency.p, r->agency.n);
        k->passed_n++;
    }
    return places_add(c, &k->passed[i].leaves, r->place.seq);
}

static Err look_at(Ctx *c, Pass *k, const PictureScan *r) {
    DeskVerdictOfFlow v;
    bool given, gone;
    TRY(desk_judge(c, &k->judge, r, &v));
    TRY(journal_bits_get(c, ledger_db(k->w->node->ledger), &k->judge.bits, k->peer->j.peer,
                         ledger_place_key(r->place), &given, &gone));
    if (v.rule == SYNC_STAYS)
        return given ? places_add(c, &k->shut, ledger_place_key(r->place)) : OK;
    if (given)
        return OK;
    if (r->place.log != LEDGER_MAIN && v.rule != SYNC_RELAYS_IDENTITY)
        TRY(put_identity(c, k, r));
    if (v.rule == SYNC_RELAYS_ACCORD || v.rule == SYNC_RELAYS_GRANT)
        TRY(pass_on(c, k, r, &v));
    return put(c, k, r);
}

static Err look_at_object(Ctx *c, Pass *k, RecordId root) {
    const PictureScan *items;
    size_t n;
    TRY(picture_object_leaves(c, k->slot->picture, root, &items, &n));
    if (k->add.n + n > SYNC_PLACES_MAX)
        return fail(c, E_LIMIT, "an object has too many records to be shared at once");
    for (size_t i = 0; i < n; i++)
        TRY(look_at(c, k, &items[i]));
    return OK;
}

// --- what a record opens ------------------------------------------------------------------------

static Err not_found_is_fine(Err e) {
    return e == E_NOT_FOUND ? OK : e;
}

static Err opened_by_share(Ctx *c, Pass *k, RecordId id) {
    PictureShare s;
    Err e = picture_share_get(c, k->slot->picture, id, &s);
    if (e != OK)
        return not_found_is_fine(e);
    bool ours = str_eq_c(s.agency, k->us.text) && str_eq_c(s.to, k->peer->hex.text);
    bool relayed = k->peer->j.relay && str_eq_c(s.to, k->us.text);
    return ours || relayed ? look_at_object(c, k, s.record) : OK;
}

static Err opened_by_grant(Ctx *c, Pass *k, RecordId notice) {
    PictureNotice t;
    Err e = picture_notice_get(c, k->slot->picture, notice, &t);
    if (e != OK)
        return not_found_is_fine(e);
    if (!str_eq_c(t.act, "pass_on") || !str_eq_c(t.recipient, k->peer->hex.text))
        return OK;
    for (size_t i = 0; i < t.record_count; i++)
        TRY(look_at_object(c, k, t.records[i]));
    return OK;
}

static Err shut_by_retract(Ctx *c, Pass *k, RecordId id) {
    PictureRetract t;
    Err e = picture_retract_get(c, k->slot->picture, id, &t);
    if (e != OK)
        return not_found_is_fine(e);
    for (size_t i = 0; i < t.from_count; i++)
        if (str_eq_c(t.from[i].agency, k->peer->hex.text))
            return look_at_object(c, k, t.record);
    return OK;
}

static Err seconds(Ctx *c, Pass *k, const PictureScan *r, bool *ret_seconds) {
    const PictureOrderEvent *events;
    size_t n;
    *ret_seconds = false;
    TRY(picture_order_events(c, k->slot->picture, r->root, &events, &n));
    for (size_t i = 0; i < n; i++)
        *ret_seconds |= record_id_eq(events[i].id, r->id) && events[i].event.act == ORDER_SECOND;
    return OK;
}

// With its issue all of an order may go; with the second officer's word what it signs.
static Err opened_by_act(Ctx *c, Pass *k, const PictureScan *r) {
    PictureOrder o;
    bool opens;
    Err e = picture_order_get(c, k->slot->picture, r->root, &o);
    if (e != OK)
        return not_found_is_fine(e);
    opens = o.view.has_issued_at && o.view.issued_at == r->at;
    if (!opens && str_eq_c(r->agency, k->us.text))
        TRY(seconds(c, k, r, &opens));
    return opens ? look_at_object(c, k, r->root) : OK;
}

// Objects that this record opens or shuts for the peer.
static Err follow(Ctx *c, Pass *k, const PictureScan *r) {
    RecordKind kind = record_kind_of(r->kind);
    if (kind == RECORD_SHARE)
        return opened_by_share(c, k, r->id);
    if (kind == RECORD_SHARE_ACT)
        return opened_by_share(c, k, r->root);
    if (kind == RECORD_NOTICE_ACT)
        return opened_by_grant(c, k, r->root);
    if (kind == RECORD_ORDER_ACT)
        return opened_by_act(c, k, r);
    return kind == RECORD_RETRACT ? shut_by_retract(c, k, r->id) : OK;
}

// Our own key records, wherever the pass stands: the `disclosed` record of a block lies at the end
// of the log, and a peer that lacks the newest key could never check the head that proves it.
static Err keys_first(Ctx *c, Pass *k) {
    const PictureScan *items;
    size_t n;
    int64_t next;
    TRY(ledger_key_next(c, k->slot->ledger, LEDGER_MAIN, 0, &next));
    if (next == INT64_MAX)
        return OK;
    TRY(picture_scan_kind(c, k->slot->picture, str_of(k->us.text), STR("key"), &items, &n));
    for (size_t i = 0; i < n; i++)
        TRY(look_at(c, k, &items[i]));
    return OK;
}

// --- a pass -------------------------------------------------------------------------------------

static Err pass_own(Ctx *c, Pass *k, bool *ret_more) {
    const PictureScan *items;
    size_t n;
    uint64_t next;
    JournalPeer *j = &k->peer->j;
    TRY(picture_scan(c, k->slot->picture, (uint64_t)j->looked, LOOK_RECORDS, &items, &n, &next));
    size_t i = 0;
    for (; i < n && !full(k); i++) {
        TRY(look_at(c, k, &items[i]));
        TRY(follow(c, k, &items[i]));
    }
    int64_t looked = i < n ? items[i].place.seq : (int64_t)next;
    *ret_more = i < n || looked > j->looked;
    j->looked = looked;
    return OK;
}

static Err pass_arrivals(Ctx *c, Pass *k, bool *ret_more) {
    const PictureScan *items;
    size_t n, i = 0;
    int64_t next;
    JournalPeer *j = &k->peer->j;
    // Without relay most of what came concerns nobody else.
    TRY((j->relay ? picture_scan_arrivals : picture_scan_opening)(c, k->slot->picture, j->arrived,
                                                                  LOOK_RECORDS, &items, &n, &next));
    int64_t arrived = j->arrived;
    for (; i < n && !full(k); i++) {
        if (j->relay || items[i].place.log == LEDGER_MAIN) // ours came late: exchange_return.c
            TRY(look_at(c, k, &items[i]));
        TRY(follow(c, k, &items[i]));
        arrived = items[i].key.sort;
    }
    if (i == n)
        arrived = next;
    *ret_more = i < n || arrived > j->arrived;
    j->arrived = arrived;
    return OK;
}

// The accords in force between us and the peer, and a flag of ours that names it, as one hash:
// another one means that all is looked at again, because a new accord opens what is old.
static void look_again(Pass *k) {
    DeskExchange *x = k->w->node->exchange;
    CryptoSha256 h;
    crypto_sha256_init(&h);
    size_t n = 0;
    for (size_t i = 0; i < x->accord_count; i++)
        if (sync_accord_holds(&x->accords[i], str_of(k->us.text), str_of(k->peer->hex.text),
                              k->judge.now)) {
            crypto_sha256_add(&h, x->accords[i].id.b, sizeof x->accords[i].id.b);
            n++;
        }
    crypto_sha256_add(&h, k->peer->j.relay ? "relay" : "", k->peer->j.relay ? 5 : 0);
    if (k->peer->flagged)
        crypto_sha256_add(&h, &k->peer->flagged_at, sizeof k->peer->flagged_at);
    CryptoHash all =
        n > 0 || k->peer->j.relay || k->peer->flagged ? crypto_sha256_finish(&h) : (CryptoHash){0};
    if (memcmp(all.b, k->peer->j.accords.b, sizeof all.b) == 0)
        return;
    k->peer->j.accords = all;
    k->peer->j.looked = k->peer->j.arrived = 0;
    k->moved = true;
}

// --- writing it down ----------------------------------------------------------------------------

static void put_ranges(JsonWriter *j, const int64_t *places, size_t n) {
    json_put_key(j, STR("leaves"));
    json_put_array_begin(j);
    for (size_t i = 0; i < n;) {
        size_t end = i + 1;
        while (end < n && places[end] == places[end - 1] + 1)
            end++;
        json_put_array_begin(j);
        json_put_i64(j, ledger_place_of_key(places[i]).seq);
        json_put_i64(j, ledger_place_of_key(places[end - 1]).seq);
        json_put_array_end(j);
        i = end;
    }
    json_put_array_end(j);
}

static Str agency_of(const Pass *k, uint32_t log) {
    for (size_t i = 0; i < k->log_n; i++)
        if (k->logs[i].log == log)
            return str_of(k->logs[i].agency.text);
    return str_of(k->us.text);
}

// Where the record itself will stand in the journal: behind the keys, before the rest.
static Err disclosed_body(Ctx *c, const Pass *k, const int64_t *places, size_t n, Buf *out) {
    JsonWriter j = json_writer_start(out);
    json_put_object_begin(&j);
    json_put_key_i64(&j, "from", k->peer->j.entries);
    json_put_key(&j, STR("logs"));
    json_put_array_begin(&j);
    for (size_t i = 0; i < n;) {
        uint32_t log = ledger_place_of_key(places[i]).log;
        size_t end = i;
        while (end < n && ledger_place_of_key(places[end]).log == log)
            end++;
        json_put_object_begin(&j);
        json_put_key_str(&j, "agency", agency_of(k, log));
        put_ranges(&j, places + i, end - i);
        json_put_object_end(&j);
        i = end;
    }
    json_put_array_end(&j);
    json_put_key_str(&j, "to", str_of(k->peer->hex.text));
    json_put_object_end(&j);
    return json_writer_end(c, &j);
}

// Us and whom it is for. With an agency that is no peer of ours there is no link: those whose
// relayed records we take may read it too, because through them it came, and through them it goes.
static Err directed_readers(Ctx *c, const DeskWriting *w, Str to, RecordMark *mark) {
    const DeskExchange *x = w->node->exchange;
    Str *all;
    size_t n = 0;
    bool linked = false;
    TRY(ctx_alloc(c, (x->count + 2) * sizeof *all, &all));
    all[n++] = str_of(w->node->agency_id);
    all[n++] = to;
    for (size_t i = 0; i < x->count; i++)
        linked |= x->peers[i].confirmed && str_eq_c(to, x->peers[i].hex.text);
    for (size_t i = 0; i < x->count && !linked; i++)
        if (x->peers[i].confirmed && x->peers[i].relay)
            all[n++] = str_of(x->peers[i].hex.text);
    return desk_to_of(c, all, n, &mark->to, &mark->to_count);
}

Err desk_directed_add(Ctx *c, DeskWriting *w, RecordKind kind, Str to, Str body) {
    RecordMark mark = record_mark_default();
    TRY(directed_readers(c, w, to, &mark));
    DeskDraft draft = {.kind = kind, .mark = &mark, .purpose = "exchange", .body = body};
    return desk_group_add(c, w, &draft, NULL);
}

static int64_t last_place(const DeskWriting *w) {
    return ledger_place_key(w->items[w->count - 1].place);
}

// What stands before the record is named by it, too.
static Err disclosed_all(Ctx *c, const Pass *k, const int64_t *places, size_t n, Buf *out) {
    Places all = {0};
    Err e = OK;
    for (size_t i = 0; e == OK && i < k->first.n; i++)
        e = places_add(c, &all, k->first.items[i]);
    for (size_t i = 0; e == OK && i < n; i++)
        e = places_add(c, &all, places[i]);
    places_sort(&all);
    if (e == OK)
        e = disclosed_body(c, k, all.items, all.n, out);
    mem_free(all.items);
    return e;
}

static Err block(Ctx *c, Pass *k, const int64_t *places, size_t n) {
    AUTO(Buf) body = {0};
    StoreDb *db = ledger_db(k->w->node->ledger);
    TRY(journal_add(c, db, &k->peer->j, k->first.items, k->first.n));
    TRY(disclosed_all(c, k, places, n, &body));
    k->first.n = 0;
    TRY(desk_directed_add(c, k->w, RECORD_DISCLOSED, str_of(k->peer->hex.text), buf_view(&body)));
    int64_t own = last_place(k->w);
    TRY(journal_add(c, db, &k->peer->j, &own, 1));
    return n > 0 ? journal_add(c, db, &k->peer->j, places, n) : OK;
}

static Err passed_add(Ctx *c, Pass *k, Passed *p) {
    AUTO(Buf) body = {0};
    places_sort(&p->leaves);
    JsonWriter j = json_writer_start(&body);
    json_put_object_begin(&j);
    json_put_key_str(&j, "agency", str_of(p->agency.text));
    desk_put_id(&j, "by", p->by);
    json_put_key(&j, STR("leaves"));
    json_put_array_begin(&j);
    for (size_t i = 0; i < p->leaves.n; i++)
        json_put_i64(&j, p->leaves.items[i]);
    json_put_array_end(&j);
    desk_put_id(&j, "record", p->root);
    json_put_key_str(&j, "to", str_of(k->peer->hex.text));
    json_put_object_end(&j);
    TRY(json_writer_end(c, &j));
    return desk_directed_add(c, k->w, RECORD_PASSED, str_of(p->agency.text), buf_view(&body));
}

// Which documents the peer may ask for by these records.
static Err names_add(Ctx *c, Pass *k) {
    for (size_t i = 0; i < k->naming.n; i++) {
        Record r;
        CryptoHash sha256;
        bool held, has;
        TRY(desk_body_at(c, k->slot, ledger_place_of_key(k->naming.items[i]), &held, &r));
        if (!held)
            continue;
        TRY(desk_blob_named(c, &r, &sha256, &has));
        if (has)
            TRY(journal_name_add(c, ledger_db(k->w->node->ledger), k->peer->j.peer, &sha256,
                                 k->naming.items[i]));
    }
    return OK;
}

static Err write_down(Ctx *c, Pass *k) {
    StoreDb *db = ledger_db(k->w->node->ledger);
    places_sort(&k->first);
    places_sort(&k->add);
    places_sort(&k->shut);
    TRY(desk_group_begin(c, k->w));
    TRY(journal_close(c, db, &k->peer->j, k->shut.items, k->shut.n));
    for (size_t at = 0; at < k->add.n || k->first.n > 0; at += BLOCK) {
        size_t n = k->add.n - at < BLOCK ? k->add.n - at : BLOCK;
        TRY(block(c, k, k->add.items + at, n));
    }
    for (size_t i = 0; i < k->passed_n; i++)
        TRY(passed_add(c, k, &k->passed[i]));
    TRY(names_add(c, k));
    TRY(journal_peer_save(c, db, &k->peer->j));
    TRY(desk_group_commit(c, k->w));
    k->peer->saved = k->peer->j.looked;
    return OK;
}

// What is known here, and whether the peer takes what we relay: that it begins to folds nothing.
static uint64_t state_of(const DeskNode *n, const DeskPeer *peer) {
    return 2 * atomic_load(&n->folds) + peer->j.relay;
}

bool desk_select_due(const DeskNode *n, const DeskPeer *peer) {
    return peer->selected != state_of(n, peer) || clock_now(n->env.clock) >= peer->due_at;
}

// When an accord begins or ends next.
static int64_t boundary_of(const DeskExchange *x, int64_t now) {
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < x->accord_count; i++) {
        const SyncAccord *a = &x->accords[i];
        if (a->begins_us > now && a->begins_us < next)
            next = a->begins_us;
        if (a->has_end && a->ends_us > now && a->ends_us < next)
            next = a->ends_us;
    }
    return next;
}

Err desk_select(Ctx *c, DeskWriting *w, DeskSlot *s, DeskPeer *peer, bool *ret_more) {
    DeskNode *n = w->node;
    Pass *k;
    uint64_t state = state_of(n, peer);
    DeskPeer now = *peer;
    TRY(ctx_alloc(c, sizeof *k, &k));
    *k = (Pass){.judge = {.node = n, .slot = s, .peer = &now, .now = clock_now(n->env.clock)},
                .w = w,
                .slot = s,
                .peer = &now};
    memcpy(k->us.text, n->agency_id, sizeof k->us.text);
    look_again(k);
    bool own = true, others = true;
    Err e = OK;
    for (int round = 0; e == OK && round < LOOK_ROUNDS && (own || others) && !full(k); round++) {
        // What a round reads is forgotten after it, so that memory does not follow the log.
        AUTO(Ctx) scratch;
        ctx_init(&scratch);
        memset(k->judge.marks, 0, sizeof k->judge.marks);
        if (round == 0)
            e = keys_first(&scratch, k);
        if (e == OK && own)
            e = pass_own(&scratch, k, &own);
        if (e == OK && others && !full(k))
            e = pass_arrivals(&scratch, k, &others);
        if (e != OK)
            e = desk_pass(c, &scratch, e);
    }
    bool more = own || others;
    if (e == OK && (k->add.n > 0 || k->first.n > 0 || k->shut.n > 0 || k->moved ||
                    now.j.looked - now.saved >= LOOK_RECORDS))
        e = write_down(c, k);
    Pass_cleanup(k);
    desk_exchange_missed(n, w, e);
    TRY(e);
    // What this pass wrote itself is looked at by the next; so is what it did not get to, also
    // where nothing was folded since the node was opened.
    now.selected = more ? UINT64_MAX : state;
    now.due_at = boundary_of(n->exchange, k->judge.now);
    *peer = now;
    desk_exchange_publish(n, peer);
    *ret_more = more;
    return OK;
}
