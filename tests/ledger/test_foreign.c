// Other agencies' logs: batches that are true, that are not, and what is handed on.
#include "peer.h"

#include "suites.h"

static Source source_of(Ctx *c, Node *n) {
    Source s = {NULL, LEDGER_MAIN};
    assert_ok(c, ledger_reader_open(c, str_of(n->dir), &s.r));
    return s;
}

// Random batches: the head moves on now and then, and old leaves come as well as new ones.
static void take_random(Ctx *c, Rng *rng, Node *to, Source s, const bool *mine, int64_t size) {
    uint32_t log;
    bool got[4096] = {0};
    int64_t head = 0;
    assert_ok(c, peer_open(c, to, s, &log));
    while (head < size) {
        int64_t next, seqs[300];
        size_t count = 0;
        LedgerCheckpoint cp;
        int64_t wish = head + (int64_t)rng_below(rng, 200);
        if (ledger_head_below(c, s.r, s.log, wish < size ? wish : size, &cp) != OK)
            continue;
        next = cp.size < head ? head : cp.size;
        for (int64_t i = 0; i < next && count < COUNT_OF(seqs); i++)
            if (mine[i] && (!got[i] || rng_below(rng, 50) == 0) &&
                (next == size || rng_below(rng, 3) == 0))
                seqs[count++] = i;
        LedgerLeaves list = {seqs, count};
        LedgerTake take;
        LedgerTaken taken;
        assert_ok(c, peer_batch(c, s, (LedgerSpan){head, next}, &list, &take));
        take.log = log;
        assert_ok(c, peer_take(c, to, &take, &taken));
        assert_int_equal(taken.size, next);
        for (size_t i = 0; i < count; i++)
            got[seqs[i]] = true;
        head = next;
        ctx_reset(c);
    }
}

static void compare_held(Ctx *c, Node *to, Source s, const bool *mine, int64_t size) {
    AUTO(LedgerReaderOwned) r = NULL;
    uint32_t log = peer_log(c, to, s);
    assert_ok(c, ledger_reader_open(c, str_of(to->dir), &r));
    for (int64_t i = 0; i < size; i++) {
        LedgerItem have, want;
        Err e = ledger_get(c, r, (LedgerPlace){log, i}, &have);
        if (!mine[i]) {
            assert_int_equal(e, E_NOT_FOUND);
            continue;
        }
        assert_ok(c, e);
        assert_ok(c, ledger_get(c, s.r, (LedgerPlace){s.log, i}, &want));
        assert_int_equal(have.state, LEDGER_HELD);
        assert_true(str_eq(have.envelope, want.envelope));
        assert_memory_equal(have.salt, want.salt, sizeof want.salt);
        ctx_reset(c);
    }
}

// A speaks, B holds a part, and C gets a part of that from B alone.
void test_sparse_handed_on(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Rng rng;
    rng_seed(&rng, test_seed());
    for (int round = 0; round < 6; round++) {
        Node a, b, d;
        node_start(&c, &a, 60);
        node_start(&c, &b, 61);
        node_start(&c, &d, 62);
        while (ledger_size(a.ledger, LEDGER_MAIN) < 100 + 200 * round)
            assert_ok(&c, node_append(&c, &a, 1 + rng_below(&rng, 40), 800));
        int64_t size = ledger_size(a.ledger, LEDGER_MAIN);
        bool mine[4096] = {true}, theirs[4096] = {true};
        unsigned share = (unsigned)rng_below(&rng, 10) + 1;
        for (int64_t i = 1; i < size; i++) {
            mine[i] = rng_below(&rng, 10) < share;
            theirs[i] = mine[i] && rng_below(&rng, 2) == 0;
        }
        Source from_a = source_of(&c, &a), from_b = {NULL, 0};
        take_random(&c, &rng, &b, from_a, mine, size);
        compare_held(&c, &b, from_a, mine, size);
        from_b = source_of(&c, &b);
        from_b.log = peer_log(&c, &b, from_a);
        take_random(&c, &rng, &d, from_b, theirs, size);
        compare_held(&c, &d, from_a, theirs, size);
        peer_sound(&c, &b);
        peer_sound(&c, &d);
        ledger_reader_close(from_a.r);
        ledger_reader_close(from_b.r);
        node_remove(&a);
        node_remove(&b);
        node_remove(&d);
    }
}

// --- what is not true ---------------------------------------------------------------------------

typedef struct Pair {
    Node a, b; // a speaks, b receives
    Source s;
    uint32_t log;
    int64_t size;
} Pair;

static void pair_start(Ctx *c, Pair *p, size_t groups, size_t each) {
    node_start(c, &p->a, 70);
    node_start(c, &p->b, 71);
    for (size_t i = 0; i < groups; i++)
        assert_ok(c, node_append(c, &p->a, each, 800));
    p->size = ledger_size(p->a.ledger, LEDGER_MAIN);
    p->s = source_of(c, &p->a);
    assert_ok(c, peer_open(c, &p->b, p->s, &p->log));
}

static void pair_end(Pair *p) {
    ledger_reader_close(p->s.r);
    node_remove(&p->a);
    node_remove(&p->b);
}

static LedgerTake batch_of(Ctx *c, Pair *p, LedgerSpan span, const int64_t *seqs, size_t n) {
    LedgerTake take;
    LedgerLeaves list = {seqs, n};
    assert_ok(c, peer_batch(c, p->s, span, &list, &take));
    take.log = p->log;
    return take;
}

// The batch is refused with this error, and nothing of it stays.
static void refused(Ctx *c, Pair *p, const LedgerTake *take, Err want, const char *words) {
    LedgerTaken taken;
    AUTO(Buf) before = {0};
    AUTO(Buf) after = {0};
    assert_ok(c, store_dump(c, ledger_db(p->b.ledger), &before));
    Err e = peer_take(c, &p->b, take, &taken);
    if (e != want || !strstr(c->error, words))
        fail_msg("%s, wanted %s: %s", err_name(e), err_name(want), c->error);
    assert_ok(c, store_dump(c, ledger_db(p->b.ledger), &after));
    assert_true(str_eq(buf_view(&before), buf_view(&after)));
}

// A record of `by`, put into the log of `n` as it is.
static void append_raw(Ctx *c, Node *n, const RecordDraft *draft) {
    AUTO(Buf) out = {0};
    LedgerPlace place;
    RecordDraft d = *draft;
    n->now_us = ledger_next_at(n->ledger, LEDGER_MAIN, n->now_us + 10);
    d.at_us = n->now_us;
    d.id = record_id_new(d.at_us, n->random);
    d.mark = record_mark_default();
    d.purpose = STR("test");
    assert_ok(c, record_write(c, &d, &out));
    LedgerEntry e = {buf_view(&out), d.id, d.at_us};
    assert_ok(c, ledger_append_group(c, n->ledger, LEDGER_MAIN, &e, 1, &place));
}

void test_false_batches(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Pair p;
    pair_start(&c, &p, 5, 10);
    static const int64_t some[] = {0, 3, 20}, two[] = {4, 5};
    static LedgerLeaf leaves[3];
    LedgerTake good = batch_of(&c, &p, (LedgerSpan){0, 31}, some, 3), t = good;
    memcpy(leaves, good.leaves, sizeof leaves);
    t.leaves = leaves;
    leaves[1].salt[5] ^= 1;
    refused(&c, &p, &t, E_CRYPTO, "another root");
    leaves[1].salt[5] ^= 1;
    leaves[1].envelope.n--;
    refused(&c, &p, &t, E_CRYPTO, "another root");
    leaves[1].envelope.n++;
    leaves[1].seq = 4; // another place than it has: the walk or the root tells
    assert_int_not_equal(peer_take(&c, &p.b, &t, &(LedgerTaken){0}), OK);
    leaves[1].seq = 20;
    refused(&c, &p, &t, E_INVALID, "do not rise");
    t = good;
    t.proof.count--;
    refused(&c, &p, &t, E_INVALID, "too short");
    t = good;
    t.old_size = 11;
    refused(&c, &p, &t, E_STATE, "no checkpoint of size 11");
    t = good;
    t.note.n--;
    refused(&c, &p, &t, E_INVALID, "checkpoint");
    char note[1024];
    memcpy(note, good.note.p, good.note.n);
    note[good.note.n - 20] = note[good.note.n - 20] == 'A' ? 'B' : 'A';
    t.note = (Str){note, good.note.n};
    refused(&c, &p, &t, E_CRYPTO, "signature");
    t = good;
    t.log = LEDGER_MAIN;
    refused(&c, &p, &t, E_INVALID, "our own log");
    t.log = 3;
    refused(&c, &p, &t, E_NOT_FOUND, "holds no log");
    LedgerTaken taken;
    assert_ok(&c, peer_take(&c, &p.b, &good, &taken));
    assert_int_equal(taken.fresh, 2);
    assert_int_equal(taken.known, 1); // the genesis
    assert_true(taken.grew && !taken.loose);
    // Twice is harmless, and so is an overlap.
    assert_ok(&c, peer_take(&c, &p.b, &good, &taken));
    assert_int_equal(taken.fresh, 0);
    assert_int_equal(taken.known, 3);
    assert_false(taken.grew);
    t = batch_of(&c, &p, (LedgerSpan){31, 31}, two, 2);
    assert_ok(&c, peer_take(&c, &p.b, &t, &taken));
    assert_int_equal(taken.fresh, 2);
    assert_int_equal(taken.size, 31);
    peer_sound(&c, &p.b);
    pair_end(&p);
}

void test_false_records(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    static const struct {
        const char *what, *words;
        RecordKind kind;
        bool foreign;
        const char *body;
    } rows[] = {
        {"of another agency", "another agency", RECORD_CASE, true, "{\"title\":\"x\"}"},
        {"second genesis", "second genesis", RECORD_GENESIS, false,
         "{\"agency_kind\":\"bank\",\"country\":\"TH\",\"log_key\":"
         "\"0000000000000000000000000000000000000000000000000000000000000000\",\"name\":\"b\","
         "\"recovery_key\":"
         "\"0000000000000000000000000000000000000000000000000000000000000000\","
         "\"timezone\":\"Asia/Bangkok\",\"title\":\"B\"}"},
        {"no body of its kind", "title", RECORD_CASE, false, "{\"name\":\"x\"}"},
        {"a key too late", "had already", RECORD_KEY, false,
         "{\"from_size\":2,\"log\":\"main\",\"log_key\":"
         "\"0000000000000000000000000000000000000000000000000000000000000000\"}"},
        {"a key behind what it should sign", "behind a checkpoint", RECORD_KEY, false,
         "{\"from_size\":4,\"log\":\"main\",\"log_key\":"
         "\"0000000000000000000000000000000000000000000000000000000000000000\"}"},
        {"a statement that does not count", "not the one that counts", RECORD_RECOVER, false,
         "{\"reason\":\"lost\",\"statement\":\"00\"}"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Pair p;
        pair_start(&c, &p, 0, 0);
        assert_ok(&c, node_append(&c, &p.a, 1, 800));
        RecordId genesis = node_id_at(&c, &p.a, (LedgerPlace){LEDGER_MAIN, 0});
        bool child = rows[i].kind == RECORD_KEY || rows[i].kind == RECORD_RECOVER;
        append_raw(&c, &p.a,
                   &(RecordDraft){.kind = rows[i].kind,
                                  .has_of = child,
                                  .of = genesis,
                                  .agency = rows[i].kind == RECORD_GENESIS ? (Str){0}
                                            : rows[i].foreign ? ledger_agency(p.b.ledger)
                                                              : ledger_agency(p.a.ledger),
                                  .body_json = str_of(rows[i].body)});
        for (int k = 0; k < 4; k++)
            assert_ok(&c, node_append(&c, &p.a, 1, 800));
        static const int64_t seqs[] = {0, 1, 2, 3};
        LedgerTake t = batch_of(&c, &p, (LedgerSpan){0, 5}, seqs, 4);
        refused(&c, &p, &t, E_INVALID, rows[i].words);
        pair_end(&p);
    }
}

// --- log keys
// -------------------------------------------------------------------------------------

static void append_key(Ctx *c, Node *n, int64_t from_size, const CryptoSignKey *next) {
    AUTO(Buf) body = {0};
    AUTO(Buf) out = {0};
    LedgerPlace genesis = {LEDGER_MAIN, 0};
    CryptoPublicKey key = crypto_sign_key_public(next);
    buf_format(&body, "{\"from_size\":%lld,\"log\":\"main\",\"log_key\":\"", (long long)from_size);
    buf_hex(&body, key.b, sizeof key.b);
    buf_text(&body, "\"}");
    n->now_us = ledger_next_at(n->ledger, LEDGER_MAIN, n->now_us + 10);
    RecordDraft d = {.kind = RECORD_KEY,
                     .id = record_id_new(n->now_us, n->random),
                     .has_of = true,
                     .of = node_id_at(c, n, genesis),
                     .at_us = n->now_us,
                     .agency = ledger_agency(n->ledger),
                     .mark = record_mark_default(),
                     .purpose = STR("keys"),
                     .body_json = buf_view(&body)};
    assert_ok(c, record_write(c, &d, &out));
    LedgerEntry e = {buf_view(&out), d.id, d.at_us};
    assert_ok(c, ledger_begin(c, n->ledger));
    assert_ok(c, ledger_append_key(c, n->ledger, &e, next));
    assert_ok(c, ledger_commit(c, n->ledger));
}

// The key comes in a batch whose head it does not sign yet; the next batch is signed by it.
void test_key_roll_over(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Pair p;
    pair_start(&c, &p, 2, 1);
    CryptoSeed seed = {{9}};
    CryptoSignKey next;
    CryptoPublicKey next_public;
    crypto_sign_key_from_seed(&seed, &next, &next_public);
    append_key(&c, &p.a, 6, &next); // leaf 3
    for (int i = 0; i < 4; i++)
        assert_ok(&c, node_append(&c, &p.a, 1, 800));
    static const int64_t all[] = {0, 1, 2, 3}, rest[] = {4, 5, 6};
    int64_t from;
    LedgerTaken taken;
    assert_ok(&c, ledger_key_next(&c, p.s.r, LEDGER_MAIN, 0, &from));
    assert_int_equal(from, 6);
    LedgerTake t = batch_of(&c, &p, (LedgerSpan){0, 7}, all, 4);
    refused(&c, &p, &t, E_CRYPTO, "another key"); // its head is signed by what it brings
    t = batch_of(&c, &p, (LedgerSpan){0, 5}, all, 4);
    assert_ok(&c, peer_take(&c, &p.b, &t, &taken));
    t = batch_of(&c, &p, (LedgerSpan){5, 7}, rest, 3);
    assert_ok(&c, peer_take(&c, &p.b, &t, &taken));
    assert_int_equal(taken.size, 7);
    peer_sound(&c, &p.b);
    AUTO(LedgerReaderOwned) r = NULL;
    assert_ok(&c, ledger_reader_open(&c, str_of(p.b.dir), &r));
    assert_ok(&c, ledger_key_next(&c, r, p.log, 5, &from));
    assert_int_equal(from, 6);
    assert_ok(&c, ledger_key_next(&c, r, p.log, 6, &from));
    assert_true(from == INT64_MAX);
    pair_end(&p);
}

// --- ids, arrivals, damage
// ------------------------------------------------------------------------

static Err note_arrival(void *self, Ctx *c, const LedgerItem *item) {
    int64_t *last = self;
    if (item->arrival <= last[0] || item->place.log < 2)
        return fail(c, E_CORRUPT, "out of order");
    last[0] = item->arrival;
    last[1]++;
    return OK;
}

// Two agencies say the same id, one of them by malice: the first that came keeps it.
void test_clash_and_arrivals(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Pair p;
    Node d;
    pair_start(&c, &p, 1, 3);
    node_start(&c, &d, 72);
    AUTO(Buf) out = {0};
    RecordId id = node_id_at(&c, &p.a, (LedgerPlace){LEDGER_MAIN, 2});
    RecordDraft draft = {.kind = RECORD_CASE,
                         .id = id,
                         .at_us = ledger_next_at(d.ledger, LEDGER_MAIN, d.now_us),
                         .agency = ledger_agency(d.ledger),
                         .mark = record_mark_default(),
                         .purpose = STR("test"),
                         .body_json = STR("{\"title\":\"mine\"}")};
    assert_ok(&c, record_write(&c, &draft, &out));
    LedgerEntry e = {buf_view(&out), id, draft.at_us};
    LedgerPlace place;
    assert_ok(&c, ledger_append_group(&c, d.ledger, LEDGER_MAIN, &e, 1, &place));
    Source other = source_of(&c, &d);
    static const int64_t late[] = {3}, early[] = {0, 2}, both[] = {0, 1};
    LedgerTaken taken;
    LedgerTake t = batch_of(&c, &p, (LedgerSpan){0, 4}, late, 1);
    assert_ok(&c, peer_take(&c, &p.b, &t, &taken));
    t = batch_of(&c, &p, (LedgerSpan){4, 4}, early, 2);
    assert_ok(&c, peer_take(&c, &p.b, &t, &taken));
    LedgerLeaves list = {both, 2};
    assert_ok(&c, peer_batch(&c, other, (LedgerSpan){0, 2}, &list, &t));
    assert_ok(&c, peer_open(&c, &p.b, other, &t.log));
    assert_int_equal(t.log, p.log + 1);
    assert_ok(&c, peer_take(&c, &p.b, &t, &taken));
    assert_int_equal(taken.fresh, 1);
    assert_int_equal(taken.clashes, 1);
    peer_sound(&c, &p.b);
    AUTO(LedgerReaderOwned) r = NULL;
    assert_ok(&c, ledger_reader_open(&c, str_of(p.b.dir), &r));
    assert_ok(&c, ledger_find(&c, r, id, &place));
    assert_int_equal(place.log, p.log);
    assert_int_equal(place.seq, 2);
    int64_t seen[2] = {0, 0};
    assert_ok(&c, ledger_scan_arrivals(&c, r, 0, (LedgerVisit){note_arrival, seen}));
    assert_int_equal(seen[1], 5); // two genesis, 3, 2, and the clash
    int64_t after = seen[0];
    assert_ok(&c, ledger_scan_arrivals(&c, r, after, (LedgerVisit){note_arrival, seen}));
    assert_int_equal(seen[1], 5);
    // A genesis must be one, and not our own.
    LedgerItem item;
    uint32_t log;
    Source own = source_of(&c, &p.b);
    assert_int_equal(peer_open(&c, &p.b, own, &log), E_INVALID);
    ledger_reader_close(own.r);
    assert_ok(&c, ledger_get(&c, p.s.r, (LedgerPlace){LEDGER_MAIN, 1}, &item));
    assert_ok(&c, ledger_begin(&c, p.b.ledger));
    assert_int_equal(ledger_foreign_open(&c, p.b.ledger, item.envelope, item.salt, &log),
                     E_INVALID);
    ledger_rollback(p.b.ledger);
    ledger_reader_close(other.r);
    node_remove(&d);
    pair_end(&p);
}

// Each row is done to a sound sparse log of 601 records, of which every fourth is held.
void test_foreign_tampering(void **state) {
    (void)state;
    static const struct {
        const char *what, *trigger, *sql, *words;
    } rows[] = {
        {"flipped byte", "opening_update",
         "UPDATE opening SET envelope = CAST(replace(CAST(envelope AS TEXT), 'R-2', 'R-5') AS "
         "BLOB) "
         "WHERE opening_id = 70",
         "does not give its commitment"},
        {"removed opening", "opening_delete", "DELETE FROM opening WHERE opening_id = 70",
         "is missing"},
        {"deleted leaf", "leaf_delete", "DELETE FROM leaf WHERE place = (2 << 40) + 80", ""},
        {"other commitment of a withheld leaf", "leaf_update",
         "UPDATE leaf SET commitment = zeroblob(32), opening_id = NULL WHERE place = (2 << 40) + "
         "80",
         ""},
        {"leaf behind the head", "no_such",
         "INSERT INTO leaf(place, commitment) VALUES((2 << 40) + 700, zeroblob(32))",
         "no checkpoint covers it"},
        {"leaf added", "no_such",
         "INSERT INTO leaf(place, commitment) VALUES((2 << 40) + 81, zeroblob(32))", ""},
        {"hash of a sibling changed", "node_update",
         "UPDATE node SET hash = zeroblob(32) WHERE level = 0 AND number = 81", ""},
        {"hash of a sibling removed", "node_delete",
         "DELETE FROM node WHERE level = 1 AND number = 41", "is missing"},
        {"kept level changed", "node_update",
         "UPDATE node SET hash = zeroblob(32) WHERE level = 8 AND number = 1", ""},
        {"head removed", "checkpoint_delete",
         "DELETE FROM checkpoint WHERE log_id = 2 AND size = 601", "no checkpoint covers it"},
        {"checkpoint of another root", "checkpoint_update",
         "UPDATE checkpoint SET note = (SELECT note FROM checkpoint WHERE log_id = 2 AND size = "
         "401) "
         "WHERE log_id = 2 AND size = 301",
         "listed for another"},
        {"log key changed", "log_key_update",
         "UPDATE log_key SET public_key = zeroblob(32) WHERE log_id = 2", "another key"},
        {"id moved", "record_id_update",
         "UPDATE record_id SET place = (2 << 40) + 88 WHERE place = (2 << 40) + 80",
         "its id belongs to"},
        {"id removed", "record_id_delete", "DELETE FROM record_id WHERE place = (2 << 40) + 80",
         ""},
        {"erased without a record", "no_such",
         "INSERT INTO erasure(place, by_place) VALUES((2 << 40) + 80, 0)", "still there"},
        {"count changed", "no_such", "UPDATE log_state SET openings = 7 WHERE log_id = 2",
         "more or fewer contents"},
        {"clash told of what is none", "no_such", "INSERT INTO clash(place) VALUES((2 << 40) + 80)",
         "belong to no leaf"},
        {"loose under nothing", "no_such",
         "INSERT INTO loose_leaf(place, size) VALUES((2 << 40) + 80, 300)", "no checkpoint covers"},
        {"agency changed", "log_update", "UPDATE log SET agency = zeroblob(32) WHERE log_id = 2",
         ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(Ctx) c;
        ctx_init(&c);
        Pair p;
        int64_t seqs[200];
        LedgerTaken taken;
        pair_start(&c, &p, 6, 100);
        for (int64_t old = 0, next = 101; next <= 601; old = next, next += 100) {
            size_t n = 0;
            for (int64_t k = (old + 3) & ~3LL; k < next; k += 4)
                seqs[n++] = k;
            LedgerTake t = batch_of(&c, &p, (LedgerSpan){old, next}, seqs, n);
            assert_ok(&c, peer_take(&c, &p.b, &t, &taken));
        }
        peer_sound(&c, &p.b);
        node_close(&p.b);
        if (strcmp(rows[i].trigger, "no_such") == 0)
            assert_ok(&c, node_sql(&c, &p.b, rows[i].sql));
        else
            node_tamper(&c, &p.b, rows[i].trigger, rows[i].sql);
        LedgerVerdict v = node_verify(&c, &p.b);
        if (v.sound || !strstr(v.words, rows[i].words))
            fail_msg("%s: %s at %lld: %s", rows[i].what, v.sound ? "sound" : "found",
                     (long long)v.place.seq, v.words);
        pair_end(&p);
    }
}
