// A peer that lies: forks, replays, withholds, wrong salts, records of others, copied ids, frames
// of a gigabyte, garbage. The victim is unharmed, the fault is named, all other links go on.
#include "groups.h"
#include "naive_sight.h"
#include "scene.h"

static void say_error(Scene *s, Err e, bool (*wanted)(Err e), const char *what) {
    if (!wanted(e))
        fail_msg("%s: %s: %s", what, err_name(e), s->net.c.error);
    if (e != OK)
        assert_true(s->net.c.error[0] != 0);
}

static bool is_false(Err e) {
    return e == E_INVALID || e == E_CRYPTO || e == E_EXISTS || e == E_CORRUPT;
}

static bool is_refused(Err e) {
    return is_false(e) || e == E_DENIED || e == E_LIMIT || e == E_UNSUPPORTED || e == E_STATE;
}

// Wrong beyond what noise could do: the link stops until an officer lets it go on.
static void check_fault(Scene *s, int node, Str message, const char *what, const char *word) {
    Rogue *r = &s->rogue;
    Err e = scene_take(s, node, r, message, NULL);
    say_error(s, e, is_false, what);
    assert_true(scene_stopped(s, node, &r->agency));
    Str honest = rogue_message(r, &s->net.c, &s->net.nodes[node].agency, s->net.now, 0, 0);
    assert_int_equal(scene_take(s, node, r, honest, NULL), E_DENIED);
    scene_named(s, node, e == E_EXISTS ? "fork" : "resume");
    scene_unharmed(s, node, word);
}

static void test_honest(void **state) {
    Scene *s = *state;
    scene_begin(s, 0);
    scene_notice(s, &s->rogue, 0, "zqhonest");
    Str m = rogue_message(&s->rogue, &s->net.c, &s->net.nodes[0].agency, s->net.now, 3, 3);
    DeskSyncTaken taken;
    assert_ok(&s->net.c, scene_take(s, 0, &s->rogue, m, &taken));
    assert_int_equal(taken.fresh, 1);
    scene_unharmed(s, 0, NULL);
}

static void test_wrong_salt(void **state) {
    Scene *s = *state;
    scene_begin(s, 0);
    scene_notice(s, &s->rogue, 0, "zqsalt");
    s->rogue.leaves[3].salt[5] ^= 1;
    Str m = rogue_message(&s->rogue, &s->net.c, &s->net.nodes[0].agency, s->net.now, 3, 3);
    s->rogue.leaves[3].salt[5] ^= 1;
    check_fault(s, 0, m, "a wrong salt", "zqsalt");
}

static void test_other_content(void **state) {
    Scene *s = *state;
    Rogue other;
    scene_begin(s, 0);
    scene_notice(s, &s->rogue, 0, "zqone");
    rogue_fork(&s->rogue, 3, &other);
    scene_notice(s, &other, 0, "zqtwo");
    s->rogue.leaves[3].envelope = other.leaves[3].envelope; // under the other's leaf
    Str m = rogue_message(&s->rogue, &s->net.c, &s->net.nodes[0].agency, s->net.now, 3, 3);
    check_fault(s, 0, m, "another content", "zqtwo");
    rogue_done(&other);
}

static void test_record_of_another(void **state) {
    Scene *s = *state;
    char body[512];
    scene_begin(s, 0);
    RogueRecord n = scene_notice_to(s, 0, "zqother", body);
    n.by = s->net.nodes[1].hex;
    rogue_add(&s->rogue, &n);
    Str m = rogue_message(&s->rogue, &s->net.c, &s->net.nodes[0].agency, s->net.now, 3, 3);
    check_fault(s, 0, m, "a record of another author", "zqother");
}

static void test_false_proof(void **state) {
    Scene *s = *state;
    Rogue *r = &s->rogue;
    scene_begin(s, 0);
    for (int i = 0; i < 6; i++)
        scene_notice(s, r, 0, "zqproof");
    CryptoHash kept = r->leaves[8].hash;
    int64_t leaf = 7;
    CryptoHash none = {0};
    rogue_head(r, &s->net.nodes[0].agency, s->net.now);
    rogue_have(r, 0, 0, &none);
    rogue_journal(r, 3, 4);
    rogue_tree(r, 3, r->count, &leaf, 1);
    // The last byte of the proof.
    r->plain.p[r->plain.n - 1] ^= 1;
    rogue_opening(r, 0, leaf);
    r->leaves[8].hash = kept;
    check_fault(s, 0, rogue_end(r, &s->net.c, NULL), "a proof that does not fit", "zqproof");
}

// Ids of the victim's own records and of others' that it holds.
static void test_copied_ids(void **state) {
    Scene *s = *state;
    Net *net = &s->net;
    scene_begin(s, 0);
    size_t before = net->flow.count;
    for (size_t i = 0; i < before; i++) {
        const FlowRecord *h = &net->flow.items[i];
        char body[512];
        if (s->rogue.count > 40 || h->leaf == 0)
            continue;
        RogueRecord n = scene_notice_to(s, 0, "zqcopy", body);
        n.id = &h->id;
        rogue_add(&s->rogue, &n);
    }
    Str m = rogue_message(&s->rogue, &net->c, &net->nodes[0].agency, net->now, 3, 3);
    (void)scene_take(s, 0, &s->rogue, m, NULL);
    for (size_t i = 0; i < before; i++) {
        const FlowRecord *h = &net->flow.items[i];
        char id[RECORD_ID_TEXT_BYTES];
        DeskRecord r;
        if (h->author != 0 ||
            !naive_may(h->mark.text, h->kind, &net->nodes[0].desk, str_of(net->nodes[0].hex)))
            continue;
        record_id_text(h->id, id);
        assert_ok(&net->c, desk_record_get(&net->c, &net->nodes[0].desk, str_of(id), &r));
        assert_true(str_eq_c(r.agency, net->nodes[0].hex));
        assert_true(str_eq_c(r.kind, h->kind));
    }
    scene_unharmed(s, 0, NULL);
}

static void test_replay(void **state) {
    Scene *s = *state;
    Net *net = &s->net;
    scene_begin(s, 0);
    scene_notice(s, &s->rogue, 0, "zqagain");
    Str m = rogue_message(&s->rogue, &net->c, &net->nodes[0].agency, net->now, 3, 3), kept;
    assert_ok(&net->keep, str_copy(&net->keep, m, &kept));
    DeskSyncTaken taken;
    assert_ok(&net->c, scene_take(s, 0, &s->rogue, kept, &taken));
    assert_int_equal(taken.fresh, 1);
    size_t leaves = net->flow.count;
    for (int i = 0; i < 20; i++) {
        Err e = scene_take(s, 0, &s->rogue, kept, &taken);
        assert_int_equal(e == OK ? taken.fresh : 0, 0);
    }
    assert_int_equal(net->flow.count, leaves);
    // Another's message is nobody else's.
    assert_true(is_refused(scene_take(s, 1, &s->rogue, kept, NULL)));
    assert_false(scene_stopped(s, 0, &s->rogue.agency));
    assert_false(scene_stopped(s, 1, &s->rogue.agency));
    scene_unharmed(s, 0, NULL);
}

static void test_withheld(void **state) {
    Scene *s = *state;
    Net *net = &s->net;
    Rogue *r = &s->rogue;
    scene_begin(s, 0);
    for (int i = 0; i < 4; i++)
        scene_notice(s, r, 0, i < 3 ? "zqheld" : "zqlate");
    CryptoHash none = {0};
    int64_t leaf = 6;
    rogue_head(r, &net->nodes[0].agency, net->now);
    rogue_have(r, 0, 0, &none);
    rogue_journal(r, 6, 7); // 3 to 5 never came
    rogue_tree(r, 3, r->count, &leaf, 1);
    rogue_opening(r, 0, leaf);
    DeskSyncTaken taken;
    Str m = rogue_end(r, &net->c, NULL);
    assert_ok(&net->c, scene_take(s, 0, r, m, &taken));
    assert_int_equal(taken.fresh, 0);
    assert_int_equal(taken.gap_at, 3);
    scene_unharmed(s, 0, "zqlate");
    m = rogue_message(r, &net->c, &net->nodes[0].agency, net->now, 3, 3);
    assert_ok(&net->c, scene_take(s, 0, r, m, &taken));
    assert_int_equal(taken.fresh, 4);
}

static void test_sizes(void **state) {
    Scene *s = *state;
    Net *net = &s->net;
    Rogue *r = &s->rogue;
    scene_begin(s, 0);
    scene_notice(s, r, 0, "zqsize");
    static const uint32_t said[] = {0,       1,          100,       SYNC_MESSAGE_BYTES_MAX,
                                    1 << 30, 0x7fffffff, 0xffffffff};
    for (size_t i = 0; i < COUNT_OF(said); i++) {
        (void)rogue_message(r, &net->c, &net->nodes[0].agency, net->now, 3, 3);
        Str m = rogue_pack(&net->c, buf_view(&r->plain), said[i]);
        say_error(s, scene_take(s, 0, r, m, NULL), is_refused, "another size than said");
    }
    // A gigabyte of zeros packs well.
    char *zeros;
    assert_ok(&net->c, ctx_alloc(&net->c, 64 << 20, &zeros));
    Str bomb = rogue_pack(&net->c, (Str){zeros, 64 << 20}, 1 << 20);
    say_error(s, scene_take(s, 0, r, bomb, NULL), is_refused, "more than was said");
    bomb = rogue_pack(&net->c, (Str){zeros, 64 << 20}, 64 << 20);
    say_error(s, scene_take(s, 0, r, bomb, NULL), is_refused, "too much");
    ctx_reset(&net->c);
    // Frames that claim a gigabyte inside a small message.
    for (uint8_t type = 1; type < 16; type++) {
        rogue_head(r, &net->nodes[0].agency, net->now);
        buf_char(&r->plain, (char)type);
        static const char huge[] = {0, 0, 0, 0x40};
        buf_append(&r->plain, huge, sizeof huge);
        say_error(s, scene_take(s, 0, r, rogue_end(r, &net->c, NULL), NULL), is_refused,
                  "a huge frame");
    }
    scene_unharmed(s, 0, "zqsize");
}

// Bits that flip on the way are nobody's fault.
static void test_garbage(void **state) {
    Scene *s = *state;
    Net *net = &s->net;
    Rogue *r = &s->rogue;
    Rng rng;
    rng_seed(&rng, test_seed());
    scene_begin(s, 0);
    scene_notice(s, r, 0, "zqnoise");
    (void)rogue_message(r, &net->c, &net->nodes[0].agency, net->now, 3, 3);
    Str plain, again;
    assert_ok(&net->keep, str_copy(&net->keep, buf_view(&r->plain), &plain));
    for (int i = 0; i < 400; i++) {
        AUTO(Buf) b = {0};
        buf_str(&b, plain);
        size_t at = rng_below(&rng, b.n);
        if (i % 3 == 0)
            b.p[at] ^= (char)(1 << rng_below(&rng, 8));
        else if (i % 3 == 1)
            b.n = at;
        else
            for (size_t k = at; k < b.n; k++)
                b.p[k] = (char)rng_next(&rng);
        again = rogue_pack(&net->c, buf_view(&b), (uint32_t)b.n);
        if (str_eq(buf_view(&b), plain))
            continue;
        say_error(s, scene_take(s, 0, r, again, NULL), is_refused, "garbage");
        ctx_reset(&net->c);
    }
    assert_false(scene_stopped(s, 0, &r->agency));
    scene_unharmed(s, 0, "zqnoise");
    DeskSyncTaken taken;
    assert_ok(&net->c, scene_take(s, 0, r, rogue_pack(&net->c, plain, (uint32_t)plain.n), &taken));
    assert_int_equal(taken.fresh, 1);
}

// The same with a signature that holds: whatever comes of it, nothing breaks.
static void test_signed_garbage(void **state) {
    Scene *s = *state;
    Net *net = &s->net;
    Rogue *r = &s->rogue;
    Rng rng;
    rng_seed(&rng, test_seed());
    scene_begin(s, 0);
    for (int i = 0; i < 200; i++) {
        AUTO(Buf) out = {0};
        char bytes[300];
        size_t n = rng_below(&rng, sizeof bytes);
        for (size_t k = 0; k < n; k++)
            bytes[k] = (char)rng_next(&rng);
        rogue_head(r, &net->nodes[0].agency, net->now);
        for (int f = 0; f < 3; f++)
            rogue_frame(r, (uint8_t)rng_below(&rng, 18), bytes, rng_below(&rng, n + 1));
        Err e = scene_take(s, 0, r, rogue_end(r, &net->c, NULL), NULL);
        if (e != OK)
            say_error(s, e, is_refused, "signed garbage");
        if (scene_stopped(s, 0, &r->agency))
            assert_ok(&net->c, desk_peer_resume(&net->c, &net->nodes[0].desk, STR("rogue"), &out));
        ctx_reset(&net->c);
    }
    scene_unharmed(s, 0, NULL);
}

static void test_wrong_key(void **state) {
    Scene *s = *state;
    Net *net = &s->net;
    Rogue *r = &s->rogue;
    scene_begin(s, 0);
    scene_notice(s, r, 0, "zqkey");
    // Signed by another key than HEAD names.
    CryptoHash none = {0};
    int64_t leaf = 3;
    for (int i = 0; i < 2; i++) {
        CryptoSignKey own = r->link_key;
        if (i == 1)
            r->link_key = r->officer_key; // named and signed by a key that is not the link's
        rogue_head(r, &net->nodes[0].agency, net->now);
        rogue_have(r, 0, 0, &none);
        rogue_journal(r, 3, 4);
        rogue_tree(r, 3, 4, &leaf, 1);
        rogue_opening(r, 0, leaf);
        Str m = rogue_end(r, &net->c, &r->officer_key);
        r->link_key = own;
        say_error(s, scene_take(s, 0, r, m, NULL), is_refused, "another key");
        assert_false(scene_stopped(s, 0, &r->agency));
    }
    // A message to somebody else, and one of a stranger in the rogue's name.
    Str m = rogue_message(r, &net->c, &net->nodes[1].agency, net->now, 3, 3);
    say_error(s, scene_take(s, 0, r, m, NULL), is_refused, "to another");
    Rogue stranger;
    rogue_open(&stranger, 12, net->now);
    m = rogue_message(&stranger, &net->c, &net->nodes[0].agency, net->now, 0, 0);
    say_error(s, scene_take(s, 0, &stranger, m, NULL), is_refused, "of a stranger");
    say_error(s, scene_take(s, 0, r, m, NULL), is_refused, "of a stranger, as the rogue");
    rogue_done(&stranger);
    assert_false(scene_stopped(s, 0, &r->agency));
    scene_unharmed(s, 0, "zqkey");
}

// Two histories to one victim.
static void test_fork_to_one(void **state) {
    Scene *s = *state;
    Net *net = &s->net;
    Rogue other;
    scene_begin(s, 0);
    rogue_fork(&s->rogue, 3, &other);
    for (int i = 0; i < 3; i++) {
        scene_notice(s, &s->rogue, 0, "zqleft");
        scene_notice(s, &other, 0, "zqright");
    }
    Str m = rogue_message(&s->rogue, &net->c, &net->nodes[0].agency, net->now, 3, 3);
    assert_ok(&net->c, scene_take(s, 0, &s->rogue, m, NULL));
    m = rogue_message(&other, &net->c, &net->nodes[0].agency, net->now, 6, 6);
    scene_notice(s, &other, 0, "zqright");
    m = rogue_message(&other, &net->c, &net->nodes[0].agency, net->now, 6, 6);
    check_fault(s, 0, m, "another history", "zqright");
    rogue_done(&other);
}

int run_desk_hostile_tests(void) {
    const struct CMUnitTest tests[] = {
        SCENE_TEST(test_honest),
        SCENE_TEST(test_wrong_salt),
        SCENE_TEST(test_other_content),
        SCENE_TEST(test_false_proof),
        SCENE_TEST(test_record_of_another),
        SCENE_TEST(test_copied_ids),
        SCENE_TEST(test_replay),
        SCENE_TEST(test_withheld),
        SCENE_TEST(test_sizes),
        SCENE_TEST(test_garbage),
        SCENE_TEST(test_signed_garbage),
        SCENE_TEST(test_wrong_key),
        SCENE_TEST(test_fork_to_one),
    };
    return cmocka_run_group_tests_name("desk: hostile peers", tests, NULL, NULL);
}
