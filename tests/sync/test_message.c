// Messages: what is written comes back, at every size, and nothing more than a message may have.
#include "test.h"

#include "groups.h"
#include "sync/sync.h"

static SyncHead head_of(const CryptoSignKey *key) {
    return (SyncHead){.from = hash_of(1),
                      .to = hash_of(2),
                      .link_key = crypto_sign_key_public(key),
                      .now_us = 1700000000123456,
                      .relay = true,
                      .answer_bytes = 65536};
}

static Err read_all(Ctx *c, const Buf *message, SyncMessage *ret_message) {
    CryptoPublicKey signed_by;
    return sync_read(c, buf_view(message), &signed_by, ret_message);
}

// One of each frame, with values that can be told apart.
static void put_everything(SyncWriter *w, const CryptoHash *hashes) {
    sync_put_have(w, &(SyncHave){.position = 17, .size = 99, .root = hash_of(3)});
    sync_put_journal(w, 20, 1000);
    SyncOpening o = {.tree = 1, .leaf = 5, .envelope = STR("second tree")};
    memset(o.salt, 7, sizeof o.salt);
    sync_put_opening(w, &o);
    o.tree = 0;
    o.leaf = 40;
    o.envelope = STR("forty");
    sync_put_opening(w, &o);
    sync_put_opening(w, &(SyncOpening){.leaf = 41}); // a hole
    o.leaf = 12;
    o.envelope = STR("twelve");
    sync_put_opening(w, &o);
    sync_put_opening(w, &o); // a journal may name a leaf twice
    sync_put_leaves(w, 1, 3, hashes, 4);
    sync_put_tree(w,
                  &(SyncTree){hash_of(1), 10, STR("note one\n"), hashes, 3, NULL, 0, 0, NULL, 0});
    sync_put_tree(w, &(SyncTree){.origin = hash_of(4), .note = STR("note two\n")});
    sync_put_cosign(w, &(CryptoHash){{9}}, 55, STR("a line\n"));
    sync_put_seen(w, &(CryptoHash){{8}}, STR("a note\n"));
    sync_put_ask(w, &(SyncAsk){.size = 77, .root = hash_of(5)});
    sync_put_prove(w, &(SyncProve){{78, hash_of(6)}, STR("proof note\n"), hashes, 2, false});
    sync_put_prove(w, &(SyncProve){.of = {79, hash_of(7)}, .cannot = true});
    sync_put_want(w, &(CryptoHash){{6}}, 4096);
    sync_put_blob(w, &(SyncBlob){hash_of(8), 10, 20, STR("0123456789")});
    static const char statement[SYNC_RECOVER_BYTES] = "statement";
    sync_put_recover(w, (Str){statement, sizeof statement});
    sync_put_refuse(w, SYNC_REFUSED_QUOTA, STR("too much"));
}

static void assert_everything_singly(const SyncMessage *m, const CryptoHash *hashes) {
    assert_int_equal(m->cosign_count, 1);
    assert_int_equal(m->cosigns[0].size, 55);
    assert_int_equal(m->cosigns[0].origin.b[0], 9);
    assert_true(str_eq_c(m->cosigns[0].text, "a line\n"));
    assert_int_equal(m->seen_count, 1);
    assert_true(str_eq_c(m->seen[0].text, "a note\n"));
    assert_int_equal(m->ask_count, 1);
    assert_int_equal(m->asks[0].size, 77);
    assert_int_equal(m->prove_count, 2);
    assert_int_equal(m->proves[0].proof_count, 2);
    assert_memory_equal(m->proves[0].proof, hashes, 64);
    assert_false(m->proves[0].cannot);
    assert_true(m->proves[1].cannot && m->proves[1].of.size == 79);
    assert_int_equal(m->want_count, 1);
    assert_int_equal(m->wants[0].offset, 4096);
    assert_int_equal(m->blob_count, 1);
    assert_int_equal(m->blobs[0].total, 20);
    assert_true(str_eq_c(m->blobs[0].bytes, "0123456789"));
    assert_int_equal(m->recover_count, 1);
    assert_true(str_starts(m->recovers[0], STR("statement")));
    assert_int_equal(m->refused, SYNC_REFUSED_QUOTA);
    assert_true(str_eq_c(m->refused_words, "too much"));
}

static void test_everything_comes_back(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    CryptoSignKey key = key_of(1);
    SyncHead head = head_of(&key);
    CryptoHash hashes[8];
    for (size_t i = 0; i < COUNT_OF(hashes); i++)
        hashes[i] = hash_of(100 + i);
    AUTO(SyncWriter) w = {0};
    AUTO(Buf) out = {0};
    assert_ok(&c, sync_write_begin(&c, &w, &head));
    put_everything(&w, hashes);
    size_t said = sync_write_bytes(&w);
    assert_ok(&c, sync_write_end(&c, &w, &key, &out));
    SyncMessage m;
    SyncHead peeked;
    assert_ok(&c, read_all(&c, &out, &m));
    assert_ok(&c, sync_peek(&c, buf_view(&out), &peeked));
    assert_memory_equal(&peeked.from, &head.from, 32);
    assert_memory_equal(&peeked.link_key, &head.link_key, 32);
    assert_int_equal(m.plain_bytes, said);
    assert_memory_equal(&m.head.to, &head.to, 32);
    assert_int_equal(m.head.now_us, head.now_us);
    assert_true(m.head.relay && !m.head.wants_answer && m.head.answer_bytes == 65536);
    assert_true(m.has_have && m.have.position == 17 && m.have.size == 99);
    assert_true(m.has_journal && m.journal_start == 20 && m.journal_end == 1000);
    assert_int_equal(m.opening_count, 5);
    assert_int_equal(m.openings[2].envelope.n, 0);
    assert_int_equal(m.openings[0].salt[31], 7);
    assert_int_equal(m.tree_count, 2);
    const SyncTree *t = m.trees;
    assert_true(t[0].old_size == 10 && str_eq_c(t[0].note, "note one\n") && t[0].proof_count == 3);
    assert_memory_equal(t[0].proof, hashes, 96);
    assert_int_equal(t[0].opening_count, 2); // sorted, each leaf once, without the hole
    assert_int_equal(m.openings[t[0].openings[0]].leaf, 12);
    assert_int_equal(m.openings[t[0].openings[1]].leaf, 40);
    assert_int_equal(t[1].opening_count, 1);
    assert_int_equal(t[0].leaf_count, 0);
    assert_true(t[1].leaf_first == 3 && t[1].leaf_count == 4);
    assert_memory_equal(t[1].leaves, hashes, 128);
    assert_everything_singly(&m, hashes);
}

// The shortest message: somebody is there and has so much.
static void test_nothing_new_is_short(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    CryptoSignKey key = key_of(1);
    SyncHead head = head_of(&key);
    AUTO(SyncWriter) w = {0};
    AUTO(Buf) out = {0};
    assert_ok(&c, sync_write_begin(&c, &w, &head));
    sync_put_have(&w, &(SyncHave){.position = 1, .size = 1});
    assert_ok(&c, sync_write_end(&c, &w, &key, &out));
    assert_true(out.n < 320);
    assert_int_equal(w.plain.n, 0);
    SyncMessage m;
    assert_ok(&c, read_all(&c, &out, &m));
    assert_true(m.has_have && !m.has_journal && m.opening_count == 0 && m.refused == 0);
}

// A message filled to the last byte is read again; one byte more is refused by the writer.
static void test_filled_to_the_limit(void **state) {
    (void)state;
    CryptoSignKey key = key_of(1);
    SyncHead head = head_of(&key);
    char *text = malloc(RECORD_BYTES_MAX);
    assert_non_null(text);
    Rng rng;
    rng_seed(&rng, 5);
    for (size_t i = 0; i < RECORD_BYTES_MAX; i++)
        text[i] = (char)rng_next(&rng);
    for (size_t more = 0; more < 2; more++) {
        AUTO(Ctx) c;
        ctx_init(&c);
        AUTO(SyncWriter) w = {0};
        AUTO(Buf) out = {0};
        assert_ok(&c, sync_write_begin(&c, &w, &head));
        sync_put_tree(&w, &(SyncTree){.origin = hash_of(1), .note = STR("note\n")});
        size_t left;
        int64_t leaf = 0;
        while ((left = SYNC_MESSAGE_BYTES_MAX - sync_write_bytes(&w)) > 0) {
            size_t n = left - sync_opening_bytes((Str){0});
            n = n > RECORD_BYTES_MAX - 100 ? RECORD_BYTES_MAX - 100 : n;
            bool last = sync_opening_bytes((Str){text, n}) == left;
            sync_put_opening(
                &w, &(SyncOpening){.leaf = leaf++, .envelope = {text, n + (last && more)}});
            if (last)
                break;
        }
        Err e = sync_write_end(&c, &w, &key, &out);
        assert_int_equal(e, more ? E_LIMIT : OK);
        if (more)
            continue;
        SyncMessage m;
        assert_true(out.n <= SYNC_PACKED_BYTES_MAX);
        assert_ok(&c, read_all(&c, &out, &m));
        assert_int_equal(m.plain_bytes, SYNC_MESSAGE_BYTES_MAX);
        assert_int_equal(m.opening_count, leaf);
        // Memory of reading: the plain text, and little beside it.
        assert_true(c.arena.used < 2 * (size_t)SYNC_MESSAGE_BYTES_MAX);
    }
    free(text);
}

static void test_writer_counts(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    CryptoSignKey key = key_of(1);
    SyncHead head = head_of(&key);
    for (int what = 0; what < 5; what++) {
        for (int over = 0; over < 2; over++) {
            AUTO(SyncWriter) w = {0};
            AUTO(Buf) out = {0};
            assert_ok(&c, sync_write_begin(&c, &w, &head));
            size_t max = what == 0   ? SYNC_OPENINGS_MAX
                         : what == 1 ? SYNC_TREES_MAX
                         : what == 2 ? SYNC_WANTS_MAX
                         : what == 3 ? SYNC_HEADS_MAX
                                     : SYNC_WANTS_MAX;
            for (size_t i = 0; i < max + (size_t)over; i++) {
                if (what == 0)
                    sync_put_opening(&w, &(SyncOpening){.leaf = (int64_t)i});
                else if (what == 1)
                    sync_put_tree(&w, &(SyncTree){.note = STR("n\n")});
                else if (what == 2)
                    sync_put_want(&w, &(CryptoHash){{0}}, 0);
                else if (what == 3)
                    sync_put_ask(&w, &(SyncAsk){0});
                else
                    sync_put_blob(&w, &(SyncBlob){.bytes = {0}});
            }
            assert_int_equal(sync_write_end(&c, &w, &key, &out), over ? E_LIMIT : OK);
            assert_true(over == (out.n == 0));
            SyncMessage m;
            if (!over)
                assert_ok(&c, read_all(&c, &out, &m));
        }
    }
    AUTO(SyncWriter) w = {0};
    AUTO(Buf) out = {0};
    assert_ok(&c, sync_write_begin(&c, &w, &head));
    sync_put_opening(&w, &(SyncOpening){.tree = 2, .envelope = STR("x")});
    assert_int_equal(sync_write_end(&c, &w, &key, &out), E_INVALID);
}

// Random messages of openings: what the reader sorts is what a naive sort gives.
static void test_random_openings(void **state) {
    (void)state;
    Rng rng;
    uint64_t seed = test_seed();
    rng_seed(&rng, seed);
    CryptoSignKey key = key_of(1);
    SyncHead head = head_of(&key);
    for (int round = 0; round < 100; round++) {
        AUTO(Ctx) c;
        ctx_init(&c);
        AUTO(SyncWriter) w = {0};
        AUTO(Buf) out = {0};
        size_t trees = 1 + rng_below(&rng, SYNC_TREES_MAX), n = rng_below(&rng, 200);
        bool held[SYNC_TREES_MAX][64] = {{false}};
        assert_ok(&c, sync_write_begin(&c, &w, &head));
        for (size_t i = 0; i < n; i++) {
            SyncOpening o = {.tree = (uint32_t)rng_below(&rng, trees)};
            o.leaf = (int64_t)rng_below(&rng, 64);
            bool hole = rng_below(&rng, 8) == 0;
            o.envelope =
                hole ? (Str){0} : (Str){"abcdefghijklmnopqrstuvwxyz", 1 + (size_t)o.leaf % 26};
            sync_put_opening(&w, &o);
            held[o.tree][o.leaf] |= !hole;
        }
        for (size_t i = 0; i < trees; i++)
            sync_put_tree(&w, &(SyncTree){.origin = hash_of(i), .note = STR("n\n")});
        assert_ok(&c, sync_write_end(&c, &w, &key, &out));
        SyncMessage m;
        assert_ok(&c, read_all(&c, &out, &m));
        assert_int_equal(m.opening_count, n);
        for (size_t i = 0; i < trees; i++) {
            size_t at = 0;
            for (int64_t leaf = 0; leaf < 64; leaf++) {
                if (!held[i][leaf])
                    continue;
                assert_true(at < m.trees[i].opening_count);
                const SyncOpening *o = &m.openings[m.trees[i].openings[at++]];
                assert_true(o->leaf == leaf && o->tree == i);
            }
            assert_int_equal(at, m.trees[i].opening_count);
        }
    }
}

// Every allocation of ours fails once: an error in words, nothing half done.
static void test_no_memory(void **state) {
    (void)state;
    CryptoSignKey key = key_of(1);
    SyncHead head = head_of(&key);
    CryptoHash hashes[8] = {{{0}}};
    int failed = 0;
    for (uint64_t nth = 1; nth < 40; nth++) {
        AUTO(Ctx) c;
        ctx_init(&c);
        AUTO(SyncWriter) w = {0};
        AUTO(Buf) out = {0};
        SyncMessage m = {.refused = 4711};
        fault_plan_set((FaultPlan){.alloc_nth = nth, .once = true});
        Err e = sync_write_begin(&c, &w, &head);
        if (e == OK) {
            put_everything(&w, hashes);
            e = sync_write_end(&c, &w, &key, &out);
            assert_true(e == OK || out.n == 0);
        }
        if (e == OK)
            e = read_all(&c, &out, &m);
        fault_plan_set((FaultPlan){0});
        assert_true(e == OK || e == E_MEMORY || e == E_LIMIT);
        assert_true(e == OK || (c.error[0] != '\0' && m.refused == 4711));
        failed += e != OK;
    }
    assert_true(failed >= 4);
}

int run_sync_message_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything_comes_back), cmocka_unit_test(test_nothing_new_is_short),
        cmocka_unit_test(test_filled_to_the_limit),   cmocka_unit_test(test_writer_counts),
        cmocka_unit_test(test_random_openings),       cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
