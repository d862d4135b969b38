// The door of ledger: append, find, prove, verify, tamper, erase, restore.
#include "peer.h"
#include "vectors.h"

#include <time.h>
#include <unistd.h>

#include "suites.h"

static void test_append_and_read(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Node n;
    node_start(&c, &n, 1);
    assert_int_equal(ledger_size(n.ledger, LEDGER_MAIN), 1);
    assert_int_equal(ledger_size(n.ledger, LEDGER_READS), 0);
    AUTO(Buf) out = {0};
    LedgerEntry e;
    LedgerPlace place;
    assert_ok(&c, node_envelope(&c, &n, "hello", 1000, &out, &e));
    assert_ok(&c, ledger_begin(&c, n.ledger));
    assert_ok(&c, ledger_append(&c, n.ledger, LEDGER_MAIN, &e, &place));
    assert_int_equal(place.seq, 1);
    // Refused entries leave the group whole.
    LedgerEntry bad = e;
    bad.at_us++;
    assert_int_equal(ledger_append(&c, n.ledger, LEDGER_MAIN, &bad, &place), E_INVALID);
    bad = e;
    bad.id.b[15] ^= 1;
    assert_int_equal(ledger_append(&c, n.ledger, LEDGER_MAIN, &bad, &place), E_INVALID);
    assert_int_equal(ledger_append(&c, n.ledger, LEDGER_MAIN, &e, &place), E_STATE);
    assert_int_equal(ledger_append(&c, n.ledger, LEDGER_READS, &e, &place), E_EXISTS);
    assert_ok(&c, ledger_commit(&c, n.ledger));
    // What was not committed is gone.
    AUTO(Buf) second = {0};
    LedgerEntry e2;
    assert_ok(&c, node_envelope(&c, &n, "gone", 1000, &second, &e2));
    assert_ok(&c, ledger_begin(&c, n.ledger));
    assert_ok(&c, ledger_append(&c, n.ledger, LEDGER_MAIN, &e2, &place));
    ledger_rollback(n.ledger);
    assert_int_equal(ledger_size(n.ledger, LEDGER_MAIN), 2);
    assert_ok(&c, ledger_begin(&c, n.ledger));
    assert_ok(&c, ledger_append(&c, n.ledger, LEDGER_READS, &e2, &place));
    assert_ok(&c, ledger_commit(&c, n.ledger));
    node_close(&n);
    node_open(&c, &n);
    assert_int_equal(ledger_size(n.ledger, LEDGER_MAIN), 2);
    assert_int_equal(ledger_size(n.ledger, LEDGER_READS), 1);
    assert_true(ledger_next_at(n.ledger, LEDGER_MAIN, 0) == e.at_us + 1);
    AUTO(LedgerReaderOwned) r = NULL;
    LedgerItem item;
    assert_ok(&c, ledger_reader_open(&c, str_of(n.dir), &r));
    assert_true(str_eq(ledger_reader_agency(r), ledger_agency(n.ledger)));
    assert_ok(&c, ledger_find(&c, r, e.id, &place));
    assert_int_equal(place.seq, 1);
    assert_ok(&c, ledger_get(&c, r, place, &item));
    assert_int_equal(item.state, LEDGER_HELD);
    assert_true(str_eq(item.envelope, e.envelope));
    assert_int_equal(ledger_find(&c, r, bad.id, &place), E_NOT_FOUND);
    assert_int_equal(ledger_get(&c, r, (LedgerPlace){LEDGER_MAIN, 2}, &item), E_NOT_FOUND);
    LedgerOptions o = node_options(&n);
    Ledger *other = NULL;
    CryptoSignKey foreign = n.key;
    foreign.b[40] ^= 1;
    o.log_key = &foreign;
    assert_int_equal(ledger_open(&c, &o, &other), E_CRYPTO);
    o.log_key = NULL;
    assert_ok(&c, ledger_open(&c, &o, &other));
    assert_int_equal(ledger_begin(&c, other), E_READ_ONLY);
    ledger_close(other);
    node_close(&n);
    assert_int_equal(node_create(&c, &n), E_EXISTS);
    node_remove(&n);
}

static void test_group_limit(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Node n;
    node_start(&c, &n, 2);
    assert_int_equal(node_append(&c, &n, LEDGER_GROUP_RECORDS_MAX + 1, 800), E_LIMIT);
    assert_int_equal(ledger_size(n.ledger, LEDGER_MAIN), 1);
    assert_ok(&c, node_append(&c, &n, LEDGER_GROUP_RECORDS_MAX, 800));
    assert_int_equal(ledger_size(n.ledger, LEDGER_MAIN), 1 + LEDGER_GROUP_RECORDS_MAX);
    node_remove(&n);
}

// --- proofs -------------------------------------------------------------------------------------

// RFC 6962 as it is written, by recursion.
static CryptoHash naive_root(const CryptoHash *leaves, size_t n) {
    if (n == 0)
        return ledger_merkle_empty();
    if (n == 1)
        return leaves[0];
    size_t k = 1;
    while (k * 2 < n)
        k *= 2;
    CryptoHash a = naive_root(leaves, k), b = naive_root(leaves + k, n - k);
    return ledger_merkle_node(&a, &b);
}

static void naive_path(const CryptoHash *leaves, size_t n, size_t m, LedgerProof *p) {
    if (n == 1)
        return;
    size_t k = 1;
    while (k * 2 < n)
        k *= 2;
    if (m < k)
        naive_path(leaves, k, m, p);
    else
        naive_path(leaves + k, n - k, m - k, p);
    p->nodes[p->count++] = m < k ? naive_root(leaves + k, n - k) : naive_root(leaves, k);
}

static void naive_subproof(const CryptoHash *leaves, size_t n, size_t m, bool whole,
                           LedgerProof *p) {
    if (m == n) {
        if (!whole)
            p->nodes[p->count++] = naive_root(leaves, n);
        return;
    }
    size_t k = 1;
    while (k * 2 < n)
        k *= 2;
    if (m <= k) {
        naive_subproof(leaves, k, m, whole, p);
        p->nodes[p->count++] = naive_root(leaves + k, n - k);
    } else {
        naive_subproof(leaves + k, n - k, m - k, false, p);
        p->nodes[p->count++] = naive_root(leaves, k);
    }
}

static void check_proofs(Ctx *c, LedgerReader *r, const CryptoHash *leaves, size_t n, size_t m) {
    LedgerTreeHead head = {n, naive_root(leaves, n)};
    LedgerProof have, want = {0};
    assert_ok(c, ledger_inclusion(c, r, (LedgerPlace){LEDGER_MAIN, (int64_t)m}, (int64_t)n, &have));
    naive_path(leaves, n, m, &want);
    assert_int_equal(have.count, want.count);
    assert_memory_equal(have.nodes, want.nodes, want.count * sizeof *want.nodes);
    assert_ok(c, ledger_merkle_inclusion(c, &head, m, &leaves[m], have.nodes, have.count));
    LedgerTreeHead old_head = {m, naive_root(leaves, m)};
    want.count = 0;
    if (m == 0) {
        assert_int_equal(ledger_consistency(c, r, LEDGER_MAIN, 0, (int64_t)n, &have), E_INVALID);
        return;
    }
    naive_subproof(leaves, n, m, true, &want);
    assert_ok(c, ledger_consistency(c, r, LEDGER_MAIN, (int64_t)m, (int64_t)n, &have));
    assert_int_equal(have.count, want.count);
    assert_memory_equal(have.nodes, want.nodes, want.count * sizeof *want.nodes);
    assert_ok(c, ledger_merkle_consistency(c, &old_head, &head, have.nodes, have.count));
    if (have.count > 0) {
        have.nodes[have.count / 2].b[7] ^= 1;
        assert_int_equal(ledger_merkle_consistency(c, &old_head, &head, have.nodes, have.count),
                         E_CRYPTO);
    }
}

static void test_proofs_against_naive(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    uint64_t seed = (uint64_t)time(NULL);
    print_message("proofs: seed %llu\n", (unsigned long long)seed);
    Rng rng;
    rng_seed(&rng, seed);
    Node n;
    node_start(&c, &n, seed);
    while (ledger_size(n.ledger, LEDGER_MAIN) < 1500)
        assert_ok(&c, node_append(&c, &n, 1 + rng_below(&rng, 256), 800));
    size_t size = (size_t)ledger_size(n.ledger, LEDGER_MAIN);
    CryptoHash *leaves;
    LedgerTree tree = {0};
    assert_ok(&c, ctx_alloc(&c, size * sizeof *leaves, &leaves));
    AUTO(LedgerReaderOwned) r = NULL;
    assert_ok(&c, ledger_reader_open(&c, str_of(n.dir), &r));
    for (size_t i = 0; i < size; i++) {
        LedgerItem item;
        assert_ok(&c, ledger_get(&c, r, (LedgerPlace){LEDGER_MAIN, (int64_t)i}, &item));
        leaves[i] = ledger_merkle_leaf(item.commitment.b, sizeof item.commitment.b);
        ledger_tree_add(&tree, &leaves[i]);
        if (i < 300 || i % 97 == 0) {
            CryptoHash have = ledger_tree_root(&tree), want = naive_root(leaves, i + 1);
            assert_memory_equal(have.b, want.b, sizeof want.b);
        }
    }
    LedgerCheckpoint cp;
    assert_ok(&c, ledger_checkpoint(&c, r, LEDGER_MAIN, &cp));
    CryptoHash root = naive_root(leaves, size);
    assert_int_equal(cp.size, size);
    assert_memory_equal(cp.root.b, root.b, sizeof root.b);
    assert_ok(&c, ledger_note_verify(&c, cp.note, cp.origin, &n.public_key, &cp));
    assert_int_equal(ledger_checkpoint(&c, r, LEDGER_READS, &cp), E_NOT_FOUND);
    for (int i = 0; i < 150; i++) {
        size_t upto = 1 + rng_below(&rng, size), m = rng_below(&rng, upto);
        check_proofs(&c, r, leaves, upto, m);
    }
    static const size_t sizes[] = {1, 2, 255, 256, 257, 511, 512, 513, 1024, 1025};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        check_proofs(&c, r, leaves, sizes[i], sizes[i] - 1);
        check_proofs(&c, r, leaves, sizes[i], 0);
    }
    LedgerProof p;
    assert_int_equal(ledger_inclusion(&c, r, (LedgerPlace){LEDGER_MAIN, 0}, (int64_t)size + 1, &p),
                     E_NOT_FOUND);
    node_remove(&n);
}

// --- verify -------------------------------------------------------------------------------------

// Each row is done to a sound ledger of 700 records, in groups of 100; verify must name the place.
static void test_tampering(void **state) {
    (void)state;
    static const struct {
        const char *what, *trigger, *sql;
        int64_t seq;
        const char *words;
    } rows[] = {
        {"flipped byte in an envelope", "opening_update",
         "UPDATE opening SET envelope = CAST(replace(CAST(envelope AS TEXT), 'R-298', 'R-299') AS "
         "BLOB) WHERE opening_id = 300",
         299, "does not give its commitment"},
        {"truncated opening", "opening_update",
         "UPDATE opening SET envelope = substr(envelope, 1, 500) WHERE opening_id = 451", 450,
         "does not give its commitment"},
        {"removed opening", "opening_delete", "DELETE FROM opening WHERE opening_id = 451", 450,
         "is missing"},
        {"changed salt", "opening_update",
         "UPDATE opening SET salt = zeroblob(32) WHERE opening_id = 2", 1,
         "does not give its commitment"},
        {"deleted leaf", "leaf_delete", "DELETE FROM leaf WHERE place = 512", 512, "is missing"},
        {"deleted last leaf", "leaf_delete", "DELETE FROM leaf WHERE place = 700", 700,
         "is missing"},
        {"openings swapped", "leaf_update",
         "UPDATE leaf SET opening_id = CASE opening_id WHEN 100 THEN 101 ELSE 100 END "
         "WHERE opening_id IN (100, 101)",
         99, "does not give its commitment"},
        {"leaf added", "no_such",
         "INSERT INTO leaf(place, commitment, opening_id) SELECT 701, commitment, opening_id FROM "
         "leaf WHERE place = 3",
         701, "no checkpoint covers it"},
        {"checkpoint removed", "checkpoint_delete", "DELETE FROM checkpoint WHERE size = 701", 601,
         "no checkpoint covers it"},
        {"checkpoint of another root", "checkpoint_update",
         "UPDATE checkpoint SET note = (SELECT note FROM checkpoint WHERE size = 301) "
         "WHERE size = 401",
         301, "do not give the root"},
        {"node changed", "node_update", "UPDATE node SET hash = zeroblob(32) WHERE number = 1", 501,
         "stored hash of leaves 256 to 511"},
        {"id moved", "record_id_update", "UPDATE record_id SET place = 5 WHERE place = 6", 6,
         "its id belongs to leaf 5"},
        {"log key changed", "log_key_update",
         "UPDATE log_key SET public_key = zeroblob(32) WHERE log_id = 0", 0, ""},
        {"erased without a record", "no_such",
         "INSERT INTO erasure(place, by_place) VALUES(40, 41)", 40, "still there"},
        {"opening withheld", "leaf_update", "UPDATE leaf SET opening_id = NULL WHERE place = 77",
         77, "is missing"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(Ctx) c;
        ctx_init(&c);
        Node n;
        node_start(&c, &n, 100 + i);
        for (int k = 0; k < 7; k++)
            assert_ok(&c, node_append(&c, &n, 100, 900));
        LedgerVerdict v = node_verify(&c, &n);
        if (!v.sound)
            fail_msg("before: %s", v.words);
        assert_int_equal(v.held, 701);
        assert_int_equal(v.checkpoints, 8);
        node_close(&n);
        if (strcmp(rows[i].trigger, "no_such") == 0)
            assert_ok(&c, node_sql(&c, &n, rows[i].sql));
        else
            node_tamper(&c, &n, rows[i].trigger, rows[i].sql);
        v = node_verify(&c, &n);
        if (v.sound || v.place.log != 0 || v.place.seq != rows[i].seq ||
            !strstr(v.words, rows[i].words))
            fail_msg("%s: %s at %lld: %s", rows[i].what, v.sound ? "sound" : "found",
                     (long long)v.place.seq, v.words);
        node_remove(&n);
    }
}

// Two records that changed places with everything that belongs to them.
static void test_reordered(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Node n;
    node_start(&c, &n, 3);
    for (int k = 0; k < 3; k++)
        assert_ok(&c, node_append(&c, &n, 100, 900));
    node_close(&n);
    node_tamper(&c, &n, "record_id_update",
                "UPDATE record_id SET place = CASE place WHEN 150 THEN 160 ELSE 150 END "
                "WHERE place IN (150, 160)");
    node_tamper(&c, &n, "leaf_update",
                "UPDATE leaf SET commitment = (SELECT commitment FROM leaf b WHERE b.place = "
                "CASE leaf.place WHEN 150 THEN 160 ELSE 150 END), opening_id = CASE place WHEN "
                "150 THEN 161 ELSE 151 END WHERE place IN (150, 160)");
    LedgerVerdict v = node_verify(&c, &n);
    assert_false(v.sound);
    assert_int_equal(v.place.seq, 151);
    assert_non_null(strstr(v.words, "order was changed"));
    node_remove(&n);
}

static void test_foreign_checkpoint(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Node n;
    node_start(&c, &n, 4);
    assert_ok(&c, node_append(&c, &n, 10, 900));
    AUTO(LedgerReaderOwned) r = NULL;
    LedgerCheckpoint cp;
    assert_ok(&c, ledger_reader_open(&c, str_of(n.dir), &r));
    assert_ok(&c, ledger_checkpoint(&c, r, LEDGER_MAIN, &cp));
    CryptoSeed seed = {{7}};
    CryptoSignKey key;
    CryptoPublicKey public;
    crypto_sign_key_from_seed(&seed, &key, &public);
    LedgerTreeHead head = {(uint64_t)cp.size, cp.root};
    AUTO(Buf) note = {0};
    assert_ok(&c, ledger_note_write(&c, cp.origin, &head, &key, &note));
    AUTO(Buf) sql = {0};
    buf_text(&sql, "UPDATE checkpoint SET note = CAST(x'");
    buf_hex(&sql, note.p, note.n);
    buf_text(&sql, "' AS TEXT) WHERE size = 11");
    buf_char(&sql, 0);
    node_close(&n);
    node_tamper(&c, &n, "checkpoint_update", sql.p);
    LedgerVerdict v = node_verify(&c, &n);
    assert_false(v.sound);
    assert_non_null(strstr(v.words, "signed by another key"));
    // The writer does not go on over it either, once the tree does not fit.
    node_tamper(&c, &n, "leaf_delete", "DELETE FROM leaf WHERE place = 10");
    LedgerOptions o = node_options(&n);
    Ledger *l = NULL;
    assert_int_equal(ledger_open(&c, &o, &l), E_CORRUPT);
    node_remove(&n);
}

// Long enough for two threads; one fault in each half, and one at the seam.
static void test_two_threads(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Node n;
    node_start(&c, &n, 5);
    for (int k = 0; k < 40; k++)
        assert_ok(&c, node_append(&c, &n, 256, 900));
    LedgerVerdict v = node_verify(&c, &n);
    if (!v.sound)
        fail_msg("%s", v.words);
    assert_int_equal(v.held, 40 * 256 + 1);
    assert_int_equal(v.checkpoints, 41);
    node_close(&n);
    static const int64_t places[] = {9000, 5120, 5119, 17}; // later ones come first in the log
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        char sql[128];
        snprintf(sql, sizeof sql, "UPDATE opening SET salt = zeroblob(32) WHERE opening_id = %lld",
                 (long long)places[i] + 1);
        if (i == 0)
            node_tamper(&c, &n, "opening_update", sql);
        else
            assert_ok(&c, node_sql(&c, &n, sql));
        v = node_verify(&c, &n);
        assert_false(v.sound);
        assert_int_equal(v.place.seq, places[i]);
    }
    node_remove(&n);
}

// Another agency's log of which only one content was received: withheld is no damage.
static void test_withheld(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Node own, peer;
    node_start(&c, &own, 20);
    node_start(&c, &peer, 21);
    for (int i = 0; i < 5; i++)
        assert_ok(&c, node_append(&c, &peer, 60, 900));
    AUTO(LedgerReaderOwned) r = NULL;
    assert_ok(&c, ledger_reader_open(&c, str_of(peer.dir), &r));
    LedgerLeaf leaves[301];
    CryptoHash commitments[301];
    LedgerItem item;
    LedgerCheckpoint cp;
    LedgerTaken taken;
    assert_ok(&c, ledger_commitments(&c, r, LEDGER_MAIN, 0, 301, commitments));
    for (int64_t i = 0; i < 301; i++)
        leaves[i] = (LedgerLeaf){.seq = i, .commitment = commitments[i]};
    assert_ok(&c, ledger_get(&c, r, (LedgerPlace){LEDGER_MAIN, 7}, &item));
    leaves[7].envelope = item.envelope;
    memcpy(leaves[7].salt, item.salt, sizeof item.salt);
    assert_ok(&c, ledger_checkpoint(&c, r, LEDGER_MAIN, &cp));
    LedgerTake take = {.note = cp.note, .leaves = leaves, .leaf_count = 301};
    assert_ok(&c, peer_open(&c, &own, (Source){r, LEDGER_MAIN}, &take.log));
    assert_ok(&c, peer_take(&c, &own, &take, &taken));
    assert_int_equal(taken.fresh, 1);
    assert_int_equal(taken.leaves, 299); // the genesis was here
    LedgerVerdict v = node_verify(&c, &own);
    if (!v.sound)
        fail_msg("%s", v.words);
    assert_int_equal(v.held, 3);
    assert_int_equal(v.withheld, 299);
    node_close(&own);
    node_tamper(&c, &own, "leaf_update",
                "UPDATE leaf SET commitment = zeroblob(32) WHERE place = (2 << 40) + 290");
    v = node_verify(&c, &own);
    assert_false(v.sound);
    assert_int_equal(v.place.log, 2);
    assert_non_null(strstr(v.words, "is not theirs"));
    node_remove(&own);
    node_remove(&peer);
}

// --- keys ---------------------------------------------------------------------------------------

static void test_next_log_key(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Node n;
    node_start(&c, &n, 6);
    assert_ok(&c, node_append(&c, &n, 5, 900));
    CryptoSeed seed = {{9}};
    CryptoSignKey next;
    CryptoPublicKey next_public;
    crypto_sign_key_from_seed(&seed, &next, &next_public);
    AUTO(LedgerReaderOwned) r = NULL;
    assert_ok(&c, ledger_reader_open(&c, str_of(n.dir), &r));
    for (int64_t from = 6; from <= 9; from += 3) { // 6 is too early: leaf 6 is the record itself
        AUTO(Buf) body = {0};
        AUTO(Buf) out = {0};
        AUTO(Buf) hex = {0};
        buf_hex(&hex, next_public.b, 32);
        buf_format(&body, "{\"from_size\":%lld,\"log\":\"main\",\"log_key\":\"" STR_FMT "\"}",
                   (long long)from, STR_ARG(buf_view(&hex)));
        LedgerItem genesis;
        assert_ok(&c, ledger_get(&c, r, (LedgerPlace){LEDGER_MAIN, 0}, &genesis));
        n.now_us = ledger_next_at(n.ledger, LEDGER_MAIN, n.now_us);
        RecordDraft d = {.kind = RECORD_KEY,
                         .id = record_id_new(n.now_us, n.random),
                         .has_of = true,
                         .of = node_id_at(&c, &n, (LedgerPlace){LEDGER_MAIN, 0}),
                         .at_us = n.now_us,
                         .agency = ledger_agency(n.ledger),
                         .mark = record_mark_default(),
                         .purpose = STR("keys"),
                         .body_json = buf_view(&body)};
        assert_ok(&c, record_write(&c, &d, &out));
        LedgerEntry e = {buf_view(&out), d.id, d.at_us};
        assert_ok(&c, ledger_begin(&c, n.ledger));
        if (from == 6) {
            assert_int_equal(ledger_append_key(&c, n.ledger, &e, &next), E_INVALID);
            ledger_rollback(n.ledger);
            continue;
        }
        assert_int_equal(ledger_append_key(&c, n.ledger, &e, &n.key), E_INVALID);
        assert_ok(&c, ledger_append_key(&c, n.ledger, &e, &next));
        assert_ok(&c, ledger_commit(&c, n.ledger));
    }
    for (int i = 0; i < 3; i++)
        assert_ok(&c, node_append(&c, &n, 1, 900));
    LedgerCheckpoint cp;
    CryptoPublicKey key;
    for (int64_t size = 7; size <= 10; size++) {
        const CryptoPublicKey *want = size < 9 ? &n.public_key : &next_public;
        assert_ok(&c, ledger_checkpoint_at(&c, r, LEDGER_MAIN, size, &cp));
        assert_ok(&c, ledger_log_key(&c, r, LEDGER_MAIN, size, &key));
        assert_memory_equal(key.b, want->b, 32);
        assert_ok(&c, ledger_note_verify(&c, cp.note, cp.origin, want, &cp));
    }
    LedgerVerdict v = node_verify(&c, &n);
    if (!v.sound)
        fail_msg("%s", v.words);
    node_close(&n);
    LedgerOptions o = node_options(&n);
    assert_int_equal(ledger_open(&c, &o, &n.ledger), E_CRYPTO); // the old key is not enough
    n.key = next;
    node_open(&c, &n);
    assert_ok(&c, node_append(&c, &n, 1, 900));
    node_close(&n);
    node_tamper(&c, &n, "log_key_update", "UPDATE log_key SET from_size = 8 WHERE from_size = 9");
    assert_false(node_verify(&c, &n).sound);
    node_remove(&n);
}

// --- restored copies ----------------------------------------------------------------------------

static void copy_file(Ctx *c, const char *dir, const char *from, const char *to) {
    Str a, b, bytes;
    assert_ok(c, str_format(c, &a, "%s/%s", dir, from));
    assert_ok(c, str_format(c, &b, "%s/%s", dir, to));
    assert_ok(c, file_read_all(c, a, 64 << 20, &bytes));
    assert_ok(c, file_replace(c, b, bytes));
}

static void test_restored_copy(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Node n;
    node_start(&c, &n, 7);
    assert_ok(&c, node_append(&c, &n, 20, 900));
    assert_ok(&c, ledger_checkpoint_save(&c, n.ledger));
    assert_ok(&c, ledger_erase_finish(&c, n.ledger)); // all in ledger.db
    copy_file(&c, n.dir, "ledger.db", "old.db");
    assert_ok(&c, node_append(&c, &n, 20, 900));
    node_close(&n);
    node_open(&c, &n); // the file is behind: fine
    assert_false(ledger_rolled_back(n.ledger));
    assert_ok(&c, ledger_checkpoint_save(&c, n.ledger));
    node_close(&n);
    copy_file(&c, n.dir, "old.db", "ledger.db");
    Str path;
    assert_ok(&c, str_format(&c, &path, "%s/ledger.db-wal", n.dir));
    assert_ok(&c, file_remove(&c, path));
    node_open(&c, &n);
    assert_true(ledger_rolled_back(n.ledger));
    assert_int_equal(node_append(&c, &n, 1, 900), E_READ_ONLY);
    assert_non_null(strstr(c.error, "moei recover"));
    assert_int_equal(ledger_checkpoint_save(&c, n.ledger), E_READ_ONLY);
    assert_true(node_verify(&c, &n).sound);
    assert_ok(&c, ledger_accept_loss(&c, n.ledger));
    assert_ok(&c, node_append(&c, &n, 30, 900));
    node_close(&n);
    node_open(&c, &n);
    assert_false(ledger_rolled_back(n.ledger));
    node_close(&n);
    assert_ok(&c, str_format(&c, &path, "%s/checkpoint", n.dir));
    assert_ok(&c, file_replace(&c, path, STR("moei/x\n1\n")));
    LedgerOptions o = node_options(&n);
    assert_int_equal(ledger_open(&c, &o, &n.ledger), E_CORRUPT);
    node_remove(&n);
}

// --- erasure ------------------------------------------------------------------------------------

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

// Records of many sizes, so that some lie in one page, some over several, and pages split.
static void test_erase(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Node n;
    node_start(&c, &n, 8);
    RecordId ids[12];
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        for (int k = 0; k < 3; k++)
            assert_ok(&c, node_append(&c, &n, 20, 900 + 300 * i));
        char story[32];
        snprintf(story, sizeof story, "SECRET-%zu-SECRET", i);
        AUTO(Buf) out = {0};
        LedgerEntry e;
        LedgerPlace place;
        assert_ok(&c, node_envelope(&c, &n, story, i % 3 == 2 ? 40000 : 1000, &out, &e));
        assert_ok(&c, ledger_append_group(&c, n.ledger, LEDGER_MAIN, &e, 1, &place));
        ids[i] = e.id;
    }
    assert_true(folder_holds(&c, n.dir, STR("-SECRET")));
    AUTO(LedgerReaderOwned) r = NULL;
    assert_ok(&c, ledger_reader_open(&c, str_of(n.dir), &r));
    LedgerCheckpoint before;
    assert_ok(&c, ledger_checkpoint(&c, r, LEDGER_MAIN, &before));
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        LedgerPlace place, by;
        LedgerItem item;
        assert_ok(&c, ledger_find(&c, r, ids[i], &place));
        assert_int_equal(node_erase(&c, &n, place, ids[(i + 1) % 12], &by), E_INVALID);
        assert_ok(&c, node_erase(&c, &n, place, ids[i], &by));
        assert_ok(&c, ledger_get(&c, r, place, &item));
        assert_int_equal(item.state, LEDGER_ERASED);
        assert_int_equal(item.erased_by.seq, by.seq);
        assert_int_equal(item.envelope.n, 0);
        char needle[32];
        snprintf(needle, sizeof needle, "SECRET-%zu-SEC", i);
        if (folder_holds(&c, n.dir, str_of(needle)))
            fail_msg("record %zu is erased and still found", i);
        // Proofs of the erased record and of the old tree hold.
        LedgerProof p;
        LedgerTreeHead head = {(uint64_t)before.size, before.root};
        CryptoHash leaf = ledger_merkle_leaf(item.commitment.b, sizeof item.commitment.b);
        assert_ok(&c, ledger_inclusion(&c, r, place, before.size, &p));
        assert_ok(&c,
                  ledger_merkle_inclusion(&c, &head, (uint64_t)place.seq, &leaf, p.nodes, p.count));
        assert_int_equal(node_erase(&c, &n, place, ids[i], &by), E_STATE);
    }
    LedgerPlace by;
    LedgerPlace genesis = {LEDGER_MAIN, 0};
    assert_int_equal(node_erase(&c, &n, genesis, node_id_at(&c, &n, genesis), &by), E_STATE);
    LedgerVerdict v = node_verify(&c, &n);
    if (!v.sound)
        fail_msg("%s", v.words);
    assert_int_equal(v.erased, 12);
    node_remove(&n);
}

static int group_setup(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    return store_faults_install(&c) == OK && crypto_init(&c) == OK ? 0 : 1;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_append_and_read),
        cmocka_unit_test(test_group_limit),
        cmocka_unit_test(test_proofs_against_naive),
        cmocka_unit_test(test_tampering),
        cmocka_unit_test(test_reordered),
        cmocka_unit_test(test_foreign_checkpoint),
        cmocka_unit_test(test_two_threads),
        cmocka_unit_test(test_withheld),
        cmocka_unit_test(test_next_log_key),
        cmocka_unit_test(test_restored_copy),
        cmocka_unit_test(test_erase),
        cmocka_unit_test(test_note_vector),
        cmocka_unit_test(test_merkle_vectors),
        cmocka_unit_test(test_kill_during_append),
        cmocka_unit_test(test_kill_during_take),
        cmocka_unit_test(test_every_write_fails),
        cmocka_unit_test(test_every_allocation_fails),
        cmocka_unit_test(test_scan_beside_writer),
        cmocka_unit_test(test_multiproof_against_naive),
        cmocka_unit_test(test_sparse_handed_on),
        cmocka_unit_test(test_false_batches),
        cmocka_unit_test(test_false_records),
        cmocka_unit_test(test_key_roll_over),
        cmocka_unit_test(test_mirror),
        cmocka_unit_test(test_tiles),
        cmocka_unit_test(test_two_histories),
        cmocka_unit_test(test_loose_checkpoints),
        cmocka_unit_test(test_let_go),
        cmocka_unit_test(test_recovery_statement),
        cmocka_unit_test(test_restore_from_mirror),
        cmocka_unit_test(test_clash_and_arrivals),
        cmocka_unit_test(test_foreign_tampering),
        cmocka_unit_test(test_verify_beside_taking),
    };
    return cmocka_run_group_tests(tests, group_setup, NULL);
}
