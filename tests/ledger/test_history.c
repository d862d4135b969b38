// Other agencies' logs over time: mirrors, two histories, letting go, recovery; our own log
// restored.
#include "peer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "suites.h"

static Source source_of(Ctx *c, Node *n) {
    Source s = {NULL, LEDGER_MAIN};
    assert_ok(c, ledger_reader_open(c, str_of(n->dir), &s.r));
    return s;
}

static void copy_ledger(Ctx *c, Node *from, const char *dir) {
    Str a, b, bytes;
    assert_ok(c, ledger_erase_finish(c, from->ledger)); // all in ledger.db
    assert_ok(c, str_format(c, &a, "%s/ledger.db", from->dir));
    assert_ok(c, str_format(c, &b, "%s/ledger.db", dir));
    assert_ok(c, file_read_all(c, a, 64 << 20, &bytes));
    assert_ok(c, file_replace(c, b, bytes));
}

// A second life of the same agency: the same ledger, key and genesis, other randomness.
static void twin_start(Ctx *c, Node *twin, Node *of, uint64_t seed) {
    node_prepare(twin, seed);
    copy_ledger(c, of, twin->dir);
    twin->key = of->key;
    twin->public_key = of->public_key;
    twin->now_us = of->now_us;
    twin->made = of->made + 100000;
    node_open(c, twin);
}

static Err take_seqs(Ctx *c, Node *to, Source s, LedgerSpan span, const LedgerLeaves *seqs,
                     LedgerTaken *ret_taken) {
    LedgerTake take;
    TRY(peer_batch(c, s, span, seqs, &take));
    TRY(peer_open(c, to, s, &take.log));
    return peer_take(c, to, &take, ret_taken);
}

// --- mirrors
// --------------------------------------------------------------------------------------

// All commitments come first; contents later, one by one; the mirror proves anything to others.
void test_mirror(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Node a, b, d;
    node_start(&c, &a, 80);
    node_start(&c, &b, 81);
    node_start(&c, &d, 82);
    for (int i = 0; i < 4; i++)
        assert_ok(&c, node_append(&c, &a, 150, 800));
    Source s = source_of(&c, &a);
    int64_t size = ledger_size(a.ledger, LEDGER_MAIN), old = 0;
    uint32_t log;
    LedgerTaken taken;
    assert_ok(&c, peer_open(&c, &b, s, &log));
    for (int64_t to = 151; to <= size; old = to, to += 150) {
        LedgerLeaf leaves[151];
        CryptoHash all[151];
        LedgerCheckpoint cp;
        size_t n = (size_t)(to - old);
        assert_ok(&c, ledger_commitments(&c, s.r, LEDGER_MAIN, old, n, all));
        assert_ok(&c, ledger_checkpoint_at(&c, s.r, LEDGER_MAIN, to, &cp));
        for (size_t i = 0; i < n; i++)
            leaves[i] = (LedgerLeaf){.seq = old + (int64_t)i, .commitment = all[i]};
        LedgerTake t = {
            .log = log, .old_size = old, .note = cp.note, .leaves = leaves, .leaf_count = n};
        assert_ok(&c, peer_take(&c, &b, &t, &taken)); // with all leaves the proof is empty
        assert_int_equal(taken.leaves, n - (old == 0));
    }
    peer_sound(&c, &b);
    static const int64_t late[] = {7, 300}, far[] = {0, 7, 300};
    LedgerLeaves list = {late, 2}, with_genesis = {far, 3};
    assert_ok(&c, take_seqs(&c, &b, s, (LedgerSpan){size, size}, &list, &taken));
    assert_int_equal(taken.fresh, 2);
    peer_sound(&c, &b);
    Source mirror = source_of(&c, &b);
    mirror.log = log;
    assert_ok(&c, take_seqs(&c, &d, mirror, (LedgerSpan){0, 451}, &with_genesis, &taken));
    assert_int_equal(taken.fresh, 2);
    peer_sound(&c, &d);
    LedgerProof path, same;
    assert_ok(&c, ledger_inclusion(&c, s.r, (LedgerPlace){LEDGER_MAIN, 300}, 451, &path));
    assert_ok(&c, ledger_inclusion(&c, mirror.r, (LedgerPlace){log, 300}, 451, &same));
    assert_memory_equal(path.nodes, same.nodes, path.count * sizeof *path.nodes);
    assert_ok(&c, ledger_consistency(&c, s.r, LEDGER_MAIN, 77, 451, &path));
    assert_ok(&c, ledger_consistency(&c, mirror.r, log, 77, 451, &same));
    assert_memory_equal(path.nodes, same.nodes, path.count * sizeof *path.nodes);
    AUTO(Buf) own = {0};
    AUTO(Buf) theirs = {0};
    LedgerTile tile = {0, 1, 256}, part = {1, 0, 2}, none = {1, 0, 3};
    assert_ok(&c, ledger_tile(&c, s.r, LEDGER_MAIN, &tile, &own));
    assert_ok(&c, ledger_tile(&c, mirror.r, log, &tile, &theirs));
    assert_ok(&c, ledger_tile(&c, s.r, LEDGER_MAIN, &part, &own));
    assert_ok(&c, ledger_tile(&c, mirror.r, log, &part, &theirs));
    assert_int_equal(own.n, 258 * 32);
    assert_true(str_eq(buf_view(&own), buf_view(&theirs)));
    assert_int_equal(ledger_tile(&c, s.r, LEDGER_MAIN, &none, &own), E_NOT_FOUND);
    ledger_reader_close(s.r);
    ledger_reader_close(mirror.r);
    node_remove(&a);
    node_remove(&b);
    node_remove(&d);
}

// A tile read by hand: hashes of hashes, and entries that give the hashes of level 0.
void test_tiles(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Node a;
    node_start(&c, &a, 83);
    for (int i = 0; i < 3; i++)
        assert_ok(&c, node_append(&c, &a, 200, 800));
    Source s = source_of(&c, &a);
    AUTO(Buf) entries = {0};
    AUTO(Buf) level0 = {0};
    AUTO(Buf) level1 = {0};
    LedgerTile full = {0, 0, 256}, upper = {1, 0, 2};
    static const struct {
        LedgerTile tile;
        Err want;
    } parts[] = {{{0, 2, 89}, OK},           {{0, 2, 90}, E_NOT_FOUND}, // 601 leaves
                 {{0, 2, 256}, E_NOT_FOUND}, {{0, 0, 0}, E_NOT_FOUND},  {{0, 0, 257}, E_NOT_FOUND},
                 {{0, -1, 1}, E_NOT_FOUND},  {{0, 3, 1}, E_NOT_FOUND},  {{6, 0, 1}, E_NOT_FOUND},
                 {{2, 0, 1}, E_NOT_FOUND},   {{0, 1, 256}, OK}};
    assert_ok(&c, ledger_tile_entries(&c, s.r, LEDGER_MAIN, &full, &entries));
    assert_ok(&c, ledger_tile(&c, s.r, LEDGER_MAIN, &full, &level0));
    assert_ok(&c, ledger_tile(&c, s.r, LEDGER_MAIN, &upper, &level1));
    assert_int_equal(entries.n, 256 * 34);
    LedgerTree tree = {0};
    for (size_t i = 0; i < 256; i++) {
        const char *e = entries.p + 34 * i;
        assert_int_equal(e[0] * 256 + e[1], 32);
        CryptoHash h = ledger_merkle_leaf(e + 2, 32);
        assert_memory_equal(h.b, level0.p + 32 * i, 32);
        ledger_tree_add(&tree, &h);
    }
    CryptoHash root = ledger_tree_root(&tree);
    assert_memory_equal(root.b, level1.p, 32);
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        buf_clear(&level0);
        assert_int_equal(ledger_tile(&c, s.r, LEDGER_MAIN, &parts[i].tile, &level0), parts[i].want);
        assert_int_equal(ledger_tile_entries(&c, s.r, LEDGER_MAIN, &parts[i].tile, &level0),
                         parts[i].tile.level == 0 ? parts[i].want : OK);
    }
    ledger_reader_close(s.r);
    node_remove(&a);
}

// --- two histories
// --------------------------------------------------------------------------------

// The same agency tells b one thing and d another; d hands its version to b.
void test_two_histories(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Node a, twin, b, d;
    node_start(&c, &a, 84);
    node_start(&c, &b, 85);
    node_start(&c, &d, 86);
    assert_ok(&c, node_append(&c, &a, 20, 800));
    twin_start(&c, &twin, &a, 87);
    for (int i = 0; i < 10; i++) {
        assert_ok(&c, node_append(&c, &a, 4, 800));
        assert_ok(&c, node_append(&c, &twin, 4, 800));
    }
    assert_ok(&c, node_append(&c, &a, 3, 800));
    Source one = source_of(&c, &a), other = source_of(&c, &twin);
    static const int64_t common[] = {0, 1}, early[] = {2}, late[] = {30, 33}, later[] = {50};
    LedgerLeaves l0 = {common, 2}, l1 = {early, 1}, l2 = {late, 2}, l3 = {later, 1};
    LedgerTaken taken;
    assert_ok(&c, take_seqs(&c, &b, one, (LedgerSpan){0, 21}, &l0, &taken));
    assert_ok(&c, take_seqs(&c, &b, one, (LedgerSpan){21, 61}, &l2, &taken));
    // Another tree of a size that is known.
    assert_int_equal(take_seqs(&c, &b, other, (LedgerSpan){0, 61}, &l1, &taken), E_EXISTS);
    assert_non_null(strstr(c.error, "two trees of size 61"));
    // Another size, another leaf where one is held.
    assert_int_equal(take_seqs(&c, &b, other, (LedgerSpan){0, 57}, &l2, &taken), E_EXISTS);
    assert_non_null(strstr(c.error, "two histories"));
    // Another size, no leaf in common: subtrees tell.
    assert_int_equal(take_seqs(&c, &b, other, (LedgerSpan){0, 53}, &l3, &taken), E_EXISTS);
    // It cannot pretend to go on from our head either.
    assert_ok(&c, node_append(&c, &twin, 4, 800));
    assert_int_equal(take_seqs(&c, &b, other, (LedgerSpan){61, 65}, &l3, &taken), E_CRYPTO);
    assert_ok(&c, take_seqs(&c, &b, one, (LedgerSpan){61, 64}, &l3, &taken));
    peer_sound(&c, &b);
    ledger_reader_close(one.r);
    ledger_reader_close(other.r);
    node_remove(&a);
    node_remove(&twin);
    node_remove(&b);
    node_remove(&d);
}

// A relay that does not know our head proves from nothing: its leaves stand under its checkpoint.
void test_loose_checkpoints(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Node a, b, d;
    node_start(&c, &a, 88);
    node_start(&c, &b, 89);
    node_start(&c, &d, 90);
    for (int i = 0; i < 20; i++)
        assert_ok(&c, node_append(&c, &a, 5, 800));
    Source s = source_of(&c, &a);
    static const int64_t first[] = {0, 9}, mid[] = {22}, end[] = {0, 22, 70}, more[] = {71};
    LedgerLeaves l0 = {first, 2}, l1 = {mid, 1}, l2 = {end, 3}, l3 = {more, 1}, none = {0};
    LedgerTaken taken;
    uint32_t log;
    assert_ok(&c, take_seqs(&c, &b, s, (LedgerSpan){0, 41}, &l0, &taken));
    assert_ok(&c, take_seqs(&c, &b, s, (LedgerSpan){0, 36}, &l1, &taken)); // behind our head
    assert_true(taken.loose && !taken.grew);
    assert_int_equal(taken.size, 41);
    peer_sound(&c, &b);
    assert_ok(&c, take_seqs(&c, &b, s, (LedgerSpan){0, 86}, &l2, &taken)); // before it
    assert_true(taken.loose);
    assert_int_equal(taken.fresh, 1);
    assert_ok(&c, take_seqs(&c, &b, s, (LedgerSpan){86, 96}, &l3, &taken)); // goes on from there
    assert_true(taken.loose);
    peer_sound(&c, &b);
    // What it has so it can hand on, under that checkpoint.
    Source relay = source_of(&c, &b);
    relay.log = log = peer_log(&c, &b, s);
    LedgerCheckpoint cp;
    assert_ok(&c, ledger_leaf_head(&c, relay.r, (LedgerPlace){log, 70}, &cp));
    assert_int_equal(cp.size, 86);
    assert_ok(&c, ledger_leaf_head(&c, relay.r, (LedgerPlace){log, 9}, &cp));
    assert_int_equal(cp.size, 41);
    static const int64_t handed[] = {70};
    LedgerLeaves l4 = {handed, 1};
    assert_ok(&c, take_seqs(&c, &d, relay, (LedgerSpan){0, 86}, &l4, &taken));
    assert_true(taken.grew);
    peer_sound(&c, &d);
    // The agency itself connects the two; then the leaves stand under the head.
    assert_ok(&c, take_seqs(&c, &b, s, (LedgerSpan){41, 86}, &none, &taken));
    assert_true(taken.grew);
    assert_ok(&c, take_seqs(&c, &b, s, (LedgerSpan){86, 101}, &l2, &taken));
    assert_int_equal(taken.known, 3);
    assert_ok(&c, ledger_leaf_head(&c, relay.r, (LedgerPlace){log, 70}, &cp));
    assert_int_equal(cp.size, 101);
    // Where the head is to stay, what begins with it stands apart, too, until the head comes there.
    assert_ok(&c, node_append(&c, &a, 5, 800));
    static const int64_t late[] = {103}, rest[] = {101, 102, 103, 104, 105};
    LedgerLeaves l5 = {late, 1}, l6 = {rest, 5};
    LedgerTake take;
    assert_ok(&c, peer_batch(&c, s, (LedgerSpan){101, 106}, &l5, &take));
    take.log = log;
    take.apart = true;
    assert_ok(&c, peer_take(&c, &b, &take, &taken));
    assert_true(taken.loose && !taken.grew && taken.fresh == 1);
    assert_int_equal(taken.size, 101);
    peer_sound(&c, &b);
    assert_ok(&c, take_seqs(&c, &b, s, (LedgerSpan){101, 106}, &l6, &taken));
    assert_true(taken.grew && taken.known == 1);
    assert_ok(&c, ledger_leaf_head(&c, relay.r, (LedgerPlace){log, 103}, &cp));
    assert_int_equal(cp.size, 106);
    peer_sound(&c, &b);
    ledger_reader_close(s.r);
    ledger_reader_close(relay.r);
    node_remove(&a);
    node_remove(&b);
    node_remove(&d);
}

// --- letting go
// -----------------------------------------------------------------------------------

static bool folder_holds(Ctx *c, const char *dir, Str needle) {
    Str *names, path, bytes;
    size_t n, at;
    bool found = false;
    assert_ok(c, dir_list(c, str_of(dir), &names, &n));
    for (size_t i = 0; i < n; i++) {
        assert_ok(c, str_format(c, &path, "%s/" STR_FMT, dir, STR_ARG(names[i])));
        assert_ok(c, file_read_all(c, path, 256 << 20, &bytes));
        found = found || str_find(bytes, needle, &at);
    }
    return found;
}

// Appends a record of `n`'s own in the open group.
static Err add_record(Ctx *c, Node *n, RecordKind kind, const RecordId *of, Str body,
                      LedgerEntry *ret_entry, LedgerPlace *ret_place) {
    AUTO(Buf) out = {0};
    n->now_us = ledger_next_at(n->ledger, LEDGER_MAIN, n->now_us + 10);
    RecordDraft d = {.kind = kind,
                     .id = record_id_new(n->now_us, n->random),
                     .has_of = of != NULL,
                     .of = of ? *of : (RecordId){{0}},
                     .at_us = n->now_us,
                     .agency = ledger_agency(n->ledger),
                     .mark = record_mark_default(),
                     .purpose = STR("test"),
                     .body_json = body};
    TRY(record_write(c, &d, &out));
    TRY(str_copy(c, buf_view(&out), &ret_entry->envelope));
    ret_entry->id = d.id;
    ret_entry->at_us = d.at_us;
    return ret_place ? ledger_append(c, n->ledger, LEDGER_MAIN, ret_entry, ret_place) : OK;
}

// A group with one let_go record that names `named`, for the leaves `seqs` of `log`.
static Err let_go(Ctx *c, Node *n, Str agency, const LedgerPlace *places, size_t count,
                  const char *named) {
    AUTO(Buf) body = {0};
    LedgerEntry e;
    LedgerPlace by;
    buf_format(&body,
               "{\"agency\":\"" STR_FMT "\",\"because\":\"retract\",\"by\":null,\"leaves\":[%s],"
               "\"record\":\"01a00000-0000-7000-8000-000000000000\"}",
               STR_ARG(agency), named);
    TRY(ledger_begin(c, n->ledger));
    Err err = add_record(c, n, RECORD_LET_GO, NULL, buf_view(&body), &e, &by);
    if (err == OK)
        err = ledger_let_go(c, n->ledger, places, count, by);
    if (err == OK)
        err = ledger_commit(c, n->ledger);
    ledger_rollback(n->ledger);
    TRY(err);
    return ledger_erase_finish(c, n->ledger);
}

void test_let_go(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Node a, b, d;
    node_start(&c, &a, 91);
    node_start(&c, &b, 92);
    node_start(&c, &d, 93);
    for (int i = 0; i < 12; i++) {
        AUTO(Buf) out = {0};
        LedgerEntry e;
        LedgerPlace place;
        char story[32];
        snprintf(story, sizeof story, "SECRET-%d-SECRET", i);
        assert_ok(&c, node_envelope(&c, &a, story, i % 3 == 2 ? 40000 : 1000, &out, &e));
        assert_ok(&c, ledger_append_group(&c, a.ledger, LEDGER_MAIN, &e, 1, &place));
    }
    Source s = source_of(&c, &a);
    Str agency;
    assert_ok(&c, str_copy(&c, ledger_agency(a.ledger), &agency));
    assert_ok(&c, peer_take_run(&c, &b, s, (LedgerSpan){0, 13}, 0, 10));
    uint32_t log = peer_log(&c, &b, s);
    LedgerPlace gone[] = {{log, 3}, {log, 4}, {log, 12}}, first = {log, 0}, own = {LEDGER_MAIN, 0};
    assert_true(folder_holds(&c, b.dir, STR("SECRET-3-SECRET")));
    assert_int_equal(let_go(&c, &b, agency, gone, 3, "3,4"), E_INVALID);
    assert_int_equal(let_go(&c, &b, ledger_agency(b.ledger), gone, 3, "3,4,12"), E_INVALID);
    assert_int_equal(let_go(&c, &b, agency, &first, 1, "0"), E_STATE);
    assert_int_equal(let_go(&c, &b, agency, &own, 1, "0"), E_INVALID);
    peer_sound(&c, &b);
    assert_ok(&c, let_go(&c, &b, agency, gone, 3, "3,4,12")); // 12 is not held: passed over
    assert_ok(&c, let_go(&c, &b, agency, gone, 3, "3,4,12")); // and so is what went before
    assert_false(folder_holds(&c, b.dir, STR("SECRET-2-SECRET")));
    assert_false(folder_holds(&c, b.dir, STR("SECRET-3-SECRET")));
    assert_true(folder_holds(&c, b.dir, STR("SECRET-4-SECRET")));
    LedgerVerdict v = node_verify(&c, &b);
    assert_true(v.sound);
    assert_int_equal(v.erased, 2);
    // It does not come back, and its place can still be proven to others.
    assert_ok(&c, peer_take_run(&c, &b, s, (LedgerSpan){13, 13}, 2, 6));
    assert_false(folder_holds(&c, b.dir, STR("SECRET-3-SECRET")));
    Source relay = source_of(&c, &b);
    relay.log = log;
    static const int64_t places[] = {0, 3, 5};
    LedgerLeaves list = {places, 3};
    LedgerTaken taken;
    assert_ok(&c, take_seqs(&c, &d, relay, (LedgerSpan){0, 13}, &list, &taken));
    assert_int_equal(taken.leaves, 1);
    assert_int_equal(taken.fresh, 1);
    peer_sound(&c, &d);
    // Somebody else's hand: an erasure that no record of ours names.
    ledger_reader_close(relay.r);
    node_close(&b);
    node_tamper(&c, &b, "erasure_update",
                "UPDATE erasure SET by_place = 0 WHERE place = (2 << 40) + 3");
    v = node_verify(&c, &b);
    assert_false(v.sound);
    assert_int_equal(v.place.seq, 3);
    ledger_reader_close(s.r);
    node_remove(&a);
    node_remove(&b);
    node_remove(&d);
}

// --- recovery
// -------------------------------------------------------------------------------------

static LedgerRewind statement_of(Ctx *c, Source s, int64_t size, const CryptoPublicKey *next,
                                 const char *text, int64_t at) {
    LedgerCheckpoint cp;
    assert_ok(c, ledger_checkpoint_at(c, s.r, s.log, size, &cp));
    return (LedgerRewind){.good_size = size,
                          .root = cp.root,
                          .next_key = *next,
                          .statement = str_of(text),
                          .at_us = at};
}

static Err rewound(Ctx *c, Node *n, uint32_t log, LedgerRewind w, uint32_t *ret_log) {
    w.log = log;
    TRY(ledger_begin(c, n->ledger));
    Err e = ledger_rewound(c, n->ledger, &w, ret_log);
    if (e == OK)
        return ledger_commit(c, n->ledger);
    ledger_rollback(n->ledger);
    return e;
}

// a's copy `twin` ends earlier and is gone on with by a recovery statement; b had taken more, d
// less.
void test_recovery_statement(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Node a, twin, b, d;
    node_start(&c, &a, 94);
    node_start(&c, &b, 95);
    node_start(&c, &d, 96);
    for (int i = 0; i < 4; i++)
        assert_ok(&c, node_append(&c, &a, 5, 800));
    twin_start(&c, &twin, &a, 97); // 21 records
    assert_ok(&c, node_append(&c, &a, 5, 800));
    Source lost = source_of(&c, &a), s = source_of(&c, &twin);
    assert_ok(&c, peer_take_run(&c, &b, lost, (LedgerSpan){0, 26}, 0, 25));
    assert_ok(&c, peer_take_run(&c, &d, lost, (LedgerSpan){0, 16}, 0, 10));
    CryptoSeed seed = {{33}};
    CryptoSignKey next;
    CryptoPublicKey next_public;
    crypto_sign_key_from_seed(&seed, &next, &next_public);
    LedgerRewind w = statement_of(&c, s, 21, &next_public, "statement one", 1000);
    RecordId genesis = node_id_at(&c, &twin, (LedgerPlace){LEDGER_MAIN, 0});
    LedgerEntry entry;
    Str hex = STR("{\"reason\":\"compromised\",\"statement\":\"73746174656d656e74206f6e65\"}");
    assert_ok(&c, ledger_begin(&c, twin.ledger));
    assert_ok(&c, add_record(&c, &twin, RECORD_RECOVER, &genesis, hex, &entry, NULL));
    LedgerRewind other = w;
    other.good_size = 20;
    assert_int_equal(ledger_append_recover(&c, twin.ledger, &entry, &other, &next), E_STATE);
    assert_ok(&c, ledger_append_recover(&c, twin.ledger, &entry, &w, &next));
    assert_ok(&c, ledger_commit(&c, twin.ledger));
    assert_ok(&c, node_append(&c, &twin, 9, 800));
    peer_sound(&c, &twin);
    node_close(&twin);
    twin.key = next;
    node_open(&c, &twin);
    assert_ok(&c, node_append(&c, &twin, 3, 800));
    uint32_t at_b = peer_log(&c, &b, s), at_d = peer_log(&c, &d, s), log;
    LedgerTaken taken;
    static const int64_t new_ones[] = {20, 21, 24};
    LedgerLeaves list = {new_ones, 3};
    assert_int_equal(take_seqs(&c, &d, s, (LedgerSpan){16, 31}, &list, &taken), E_CRYPTO);
    w.root.b[0] ^= 1;
    assert_int_equal(rewound(&c, &b, at_b, w, &log), E_CRYPTO);
    w.root.b[0] ^= 1;
    // d's head lies before the good size: its log goes on.
    assert_ok(&c, rewound(&c, &d, at_d, w, &log));
    assert_int_equal(log, at_d);
    peer_sound(&c, &d);
    assert_ok(&c, take_seqs(&c, &d, s, (LedgerSpan){16, 31}, &list, &taken));
    assert_int_equal(taken.fresh, 3);
    peer_sound(&c, &d);
    // b's lies behind it: the old log ends, a new one begins.
    assert_ok(&c, rewound(&c, &b, at_b, w, &log));
    assert_int_not_equal(log, at_b);
    uint32_t again;
    assert_ok(&c, rewound(&c, &b, at_b, w, &again));
    assert_int_equal(again, log);
    assert_int_equal(peer_log(&c, &b, s), log);
    LedgerTake old_way;
    assert_ok(&c,
              peer_batch(&c, lost, (LedgerSpan){26, 26}, &(LedgerLeaves){new_ones, 1}, &old_way));
    old_way.log = at_b;
    assert_int_equal(peer_take(&c, &b, &old_way, &taken), E_STATE);
    assert_ok(&c, take_seqs(&c, &b, s, (LedgerSpan){0, 31}, &list, &taken));
    assert_int_equal(taken.fresh, 3);
    assert_int_equal(taken.clashes, 1); // leaf 20 was here before the good size
    peer_sound(&c, &b);
    const LedgerLogInfo *logs;
    size_t n;
    Source at = source_of(&c, &b);
    assert_ok(&c, ledger_log_list(&c, at.r, &logs, &n));
    assert_int_equal(n, 4);
    assert_true(logs[at_b].frozen && !logs[log].frozen);
    assert_int_equal(logs[at_b].size, 26);
    assert_int_equal(logs[log].size, 31);
    assert_int_equal(logs[log].openings, 3);
    // The recover record may go as any other; what it says is kept.
    Str agency;
    LedgerPlace places[] = {{log, 21}, {log, 24}};
    assert_ok(&c, str_copy(&c, ledger_agency(twin.ledger), &agency));
    assert_ok(&c, let_go(&c, &b, agency, places, 2, "21,24"));
    peer_sound(&c, &b);
    w.at_us = 900;
    w.statement = STR("statement zero");
    assert_int_equal(rewound(&c, &b, log, w, &again), E_STATE);
    ledger_reader_close(at.r);
    ledger_reader_close(lost.r);
    ledger_reader_close(s.r);
    node_remove(&a);
    node_remove(&twin);
    node_remove(&b);
    node_remove(&d);
}

static Err restore_from(Ctx *c, Node *n, Source mirror, int64_t from, int64_t upto) {
    LedgerCheckpoint cp;
    TRY(ledger_checkpoint_at(c, mirror.r, mirror.log, upto, &cp));
    TRY(ledger_restore_begin(c, n->ledger));
    for (int64_t i = from; i < upto; i++) {
        LedgerItem item;
        TRY(ledger_get(c, mirror.r, (LedgerPlace){mirror.log, i}, &item));
        LedgerLeaf leaf = {.seq = i, .envelope = item.envelope, .commitment = item.commitment};
        memcpy(leaf.salt, item.salt, sizeof item.salt);
        TRY(ledger_restore_add(c, n->ledger, &leaf));
    }
    return ledger_restore_end(c, n->ledger, cp.note, n->now_us + 1000000);
}

static Err count_late(void *self, Ctx *c, const LedgerItem *item) {
    size_t *n = self;
    (void)c;
    *n += item->late && item->place.log == LEDGER_MAIN && item->state == LEDGER_HELD;
    return OK;
}

// Leaf `seq` of the lost log, as somebody who had it gives it back.
static Err give_back(Ctx *c, Node *n, Source lost, int64_t seq, bool false_salt, bool *ret_opened) {
    LedgerItem item;
    assert_ok(c, ledger_get(c, lost.r, (LedgerPlace){LEDGER_MAIN, seq}, &item));
    LedgerLeaf leaf = {.seq = seq, .envelope = item.envelope};
    memcpy(leaf.salt, item.salt, sizeof item.salt);
    leaf.salt[7] ^= false_salt;
    assert_ok(c, ledger_begin(c, n->ledger));
    Err e = ledger_restore_open(c, n->ledger, &leaf, ret_opened);
    if (e == OK)
        return ledger_commit(c, n->ledger);
    ledger_rollback(n->ledger);
    return e;
}

// Leaves without content are opened by whoever had it, once, and by nothing else.
static void check_given_back(Ctx *c, Node *n, Source lost) {
    bool opened;
    assert_int_equal(give_back(c, n, lost, 22, true, &opened), E_CRYPTO);
    for (int again = 0; again < 2; again++)
        for (int64_t seq = 22; seq < 30; seq++) {
            assert_ok(c, give_back(c, n, lost, seq, false, &opened));
            assert_int_equal(opened, !again && seq % 3 != 0);
        }
    Source at = source_of(c, n);
    LedgerItem item;
    size_t late = 0;
    assert_ok(c, ledger_get(c, at.r, (LedgerPlace){LEDGER_MAIN, 22}, &item));
    assert_int_equal(item.state, LEDGER_HELD);
    assert_ok(c, ledger_scan_arrivals(c, at.r, 0, (LedgerVisit){count_late, &late}));
    assert_int_equal(late, 6);
    ledger_reader_close(at.r);
}

// What a mirror holds puts the log together again; what it had no content of is withheld until
// somebody gives it back.
void test_restore_from_mirror(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Node a, twin, b;
    node_start(&c, &a, 98);
    node_start(&c, &b, 99);
    assert_ok(&c, node_append(&c, &a, 20, 800));
    twin_start(&c, &twin, &a, 100);
    for (int i = 0; i < 30; i++)
        assert_ok(&c, node_append(&c, &a, 20, 800));
    assert_ok(&c, ledger_checkpoint_save(&c, a.ledger));
    Source s = source_of(&c, &a);
    LedgerCheckpoint cp;
    LedgerLeaf *leaves;
    LedgerTaken taken;
    LedgerTake t = {.leaf_count = 621};
    assert_ok(&c, ctx_alloc(&c, 621 * sizeof *leaves, &leaves));
    for (int64_t i = 0; i < 621; i++) {
        LedgerItem item;
        assert_ok(&c, ledger_get(&c, s.r, (LedgerPlace){LEDGER_MAIN, i}, &item));
        leaves[i].seq = i;
        leaves[i].commitment = item.commitment;
        memcpy(leaves[i].salt, item.salt, sizeof item.salt);
        if (i % 3 == 0)
            leaves[i].envelope = item.envelope;
    }
    assert_ok(&c, ledger_checkpoint(&c, s.r, LEDGER_MAIN, &cp));
    t.note = cp.note;
    t.leaves = leaves;
    assert_ok(&c, peer_open(&c, &b, s, &t.log));
    assert_ok(&c, peer_take(&c, &b, &t, &taken));
    Source mirror = source_of(&c, &b);
    mirror.log = t.log;
    // The copy knows from DIR/checkpoint that it is old.
    Str from, to, bytes;
    assert_ok(&c, str_format(&c, &from, "%s/checkpoint", a.dir));
    assert_ok(&c, str_format(&c, &to, "%s/checkpoint", twin.dir));
    assert_ok(&c, file_read_all(&c, from, 65536, &bytes));
    assert_ok(&c, file_replace(&c, to, bytes));
    node_close(&twin);
    node_open(&c, &twin);
    assert_true(ledger_rolled_back(twin.ledger));
    // A leaf left out, or in another place, leads nowhere.
    assert_int_equal(restore_from(&c, &twin, mirror, 22, 621), E_INVALID);
    ledger_rollback(twin.ledger);
    assert_ok(&c, restore_from(&c, &twin, mirror, 21, 621));
    assert_false(ledger_rolled_back(twin.ledger));
    assert_int_equal(ledger_size(twin.ledger, LEDGER_MAIN), 621);
    assert_ok(&c, node_append(&c, &twin, 5, 800));
    LedgerVerdict v = node_verify(&c, &twin);
    if (!v.sound)
        fail_msg("%s", v.words);
    assert_int_equal(v.withheld, 400);
    check_given_back(&c, &twin, s);
    v = node_verify(&c, &twin);
    assert_true(v.sound);
    assert_int_equal(v.withheld, 394);
    node_close(&twin);
    node_open(&c, &twin);
    Source again = source_of(&c, &twin);
    assert_ok(&c, take_seqs(&c, &b, again, (LedgerSpan){621, 626}, &(LedgerLeaves){0}, &taken));
    // A content that went missing outside of what was restored is damage as before.
    ledger_reader_close(again.r);
    node_close(&twin);
    node_tamper(&c, &twin, "leaf_update", "UPDATE leaf SET opening_id = NULL WHERE place = 623");
    v = node_verify(&c, &twin);
    assert_false(v.sound);
    assert_int_equal(v.place.seq, 623);
    ledger_reader_close(s.r);
    ledger_reader_close(mirror.r);
    node_remove(&a);
    node_remove(&twin);
    node_remove(&b);
}

// --- verify beside the writer
// ---------------------------------------------------------------------

typedef struct Watcher {
    const char *dir;
    atomic_bool stop;
    int64_t times;
    char words[BASE_ERROR_TEXT_BYTES_MAX]; // of a fault where there is none
} Watcher;

static void *watch(void *self) {
    Watcher *w = self;
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(LedgerReaderOwned) r = NULL;
    Err e = ledger_reader_open(&c, str_of(w->dir), &r);
    while (e == OK && !atomic_load(&w->stop) && !w->words[0]) {
        LedgerVerdict v;
        e = ledger_verify(&c, r, (LedgerProgress){0}, &v);
        if (e == OK && !v.sound)
            memcpy(w->words, v.words, sizeof w->words);
        w->times++;
        ctx_reset(&c);
    }
    if (e != OK)
        memcpy(w->words, c.error, sizeof w->words);
    return NULL;
}

// What comes and goes while verify is at work is no damage.
void test_verify_beside_taking(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Rng rng;
    rng_seed(&rng, test_seed());
    Node a, b;
    node_start(&c, &a, 101);
    node_start(&c, &b, 102);
    for (int i = 0; i < 60; i++)
        assert_ok(&c, node_append(&c, &a, 20, 800));
    Source s = source_of(&c, &a);
    Str agency;
    Watcher w = {.dir = b.dir};
    pthread_t thread;
    AUTO(Ctx) kept;
    ctx_init(&kept);
    assert_ok(&kept, str_copy(&kept, ledger_agency(a.ledger), &agency));
    assert_int_equal(pthread_create(&thread, NULL, watch, &w), 0);
    for (int64_t head = 0, next = 21; next <= 1201; head = next, next += 20) {
        int64_t seqs[64];
        size_t n = 0;
        char named[32];
        LedgerTaken taken;
        for (int64_t i = 0; i < next && n < COUNT_OF(seqs); i++)
            if (rng_below(&rng, (uint64_t)next) < 40)
                seqs[n++] = i;
        LedgerLeaves list = {seqs, n};
        assert_ok(&c, take_seqs(&c, &b, s, (LedgerSpan){head, next}, &list, &taken));
        LedgerPlace place = {peer_log(&c, &b, s), 1 + (int64_t)rng_below(&rng, (uint64_t)next - 1)};
        snprintf(named, sizeof named, "%lld", (long long)place.seq);
        Err e = let_go(&c, &b, agency, &place, 1, named);
        if (e != OK && e != E_BUSY) // the other thread may be reading the WAL
            fail_msg("%s: %s", err_name(e), c.error);
        ctx_reset(&c);
    }
    atomic_store(&w.stop, true);
    pthread_join(thread, NULL);
    if (w.words[0])
        fail_msg("after %lld times: %s", (long long)w.times, w.words);
    peer_sound(&c, &b);
    ledger_reader_close(s.r);
    node_remove(&a);
    node_remove(&b);
}
