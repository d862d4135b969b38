// A peer that lies: forks, replays, withholds, wrong salts, records of others, copied ids, frames
// of a gigabyte, garbage. The victim is unharmed, the fault is named, all other links go on.
#include "groups.h"
#include "naive_sight.h"
#include "rogue.h"

// Two honest nodes that have confirmed each other, and the rogue, which both have confirmed.
typedef struct Scene {
    Net net;
    Rogue rogue;
} Scene;

static Scene *scene(void) {
    static Scene s;
    return &s;
}

static void confirm_rogue(Scene *s, int node) {
    AUTO(Buf) out = {0};
    NetNode *n = &s->net.nodes[node];
    DeskPeerDraft draft = {.card = rogue_card(&s->rogue, &s->net.c), .name = STR("rogue")};
    assert_ok(&s->net.c, desk_peer_add(&s->net.c, &n->desk, &draft, &out));
    net_absorb_node(&s->net, n);
}

static int set_up(void **state) {
    Scene *s = scene();
    *state = s;
    net_open(&s->net, 7, 2);
    net_confirm(&s->net, 0, 1, false);
    net_confirm(&s->net, 1, 0, false);
    rogue_open(&s->rogue, 11, s->net.now - NET_HOUR);
    confirm_rogue(s, 0);
    confirm_rogue(s, 1);
    net_settle(&s->net);
    return 0;
}

static int tear_down(void **state) {
    Scene *s = *state;
    rogue_done(&s->rogue);
    net_done(&s->net);
    return 0;
}

static Err take(Scene *s, int node, const Rogue *from, Str message, DeskSyncTaken *ret_taken) {
    DeskSyncTaken taken = {0};
    NetNode *n = &s->net.nodes[node];
    Err e = desk_sync_take(&s->net.c, n->node, &from->agency, message, &taken);
    if (ret_taken)
        *ret_taken = taken;
    net_absorb_node(&s->net, n);
    return e;
}

static bool stopped(Scene *s, int node, const CryptoHash *peer) {
    const DeskLink *links;
    size_t n;
    assert_ok(&s->net.c, desk_link_list(&s->net.c, s->net.nodes[node].node, &links, &n));
    for (size_t i = 0; i < n; i++)
        if (memcmp(links[i].agency.b, peer->b, sizeof peer->b) == 0)
            return links[i].stopped;
    return true;
}

// The victim is sound, holds nothing of `word`, and speaks with the other honest node as before.
static void check_unharmed(Scene *s, int victim, const char *word) {
    Net *net = &s->net;
    NetNode *n = &net->nodes[victim];
    DeskVerdict v;
    assert_ok(&net->c, desk_verify(&net->c, n->node, (DeskProgress){0}, &v));
    if (!v.ok)
        fail_msg("%s is damaged: " STR_FMT ": " STR_FMT, n->name, STR_ARG(v.where),
                 STR_ARG(v.what));
    DeskRebuild rebuilt;
    assert_ok(&net->c, desk_rebuild(&net->c, n->node, (DeskProgress){0}, &rebuilt));
    assert_true(rebuilt.equal);
    if (word) {
        DeskRecordList l;
        assert_ok(&net->c, desk_record_list(&net->c, &n->desk, (Str){0},
                                            (DeskPage){.limit = LIST_PAGE_ITEMS_MAX}, &l));
        for (size_t i = 0; i < l.count; i++) {
            DeskRecord r;
            size_t at;
            assert_ok(&net->c, desk_record_get(&net->c, &n->desk, l.items[i].id, &r));
            assert_false(str_find(r.envelope, str_of(word), &at));
        }
    }
    assert_false(stopped(s, 0, &net->nodes[1].agency));
    assert_false(stopped(s, 1, &net->nodes[0].agency));
    // Something new still goes from each to the other.
    for (int from = 0; from < 2; from++) {
        Str to[] = {str_of(net->nodes[0].hex), str_of(net->nodes[1].hex)};
        if (str_cmp(to[0], to[1]) > 0) {
            Str first = to[1];
            to[1] = to[0];
            to[0] = first;
        }
        RecordMark mark = record_mark_default();
        mark.to = to;
        mark.to_count = 2;
        RecordId id = net_record(net, from,
                                 &(DeskDraft){.kind = RECORD_NOTICE,
                                              .mark = &mark,
                                              .body = STR("{\"act\":\"alert\",\"contact\":\"x\","
                                                          "\"due_at\":\"2026-01-02T07:00:00.000000"
                                                          "Z\",\"handling\":\"H0\",\"recipient\":"
                                                          "null,\"records\":[],\"text\":\"t\","
                                                          "\"title\":\"t\"}")});
        net_settle(net);
        char text[RECORD_ID_TEXT_BYTES];
        DeskRecord r;
        record_id_text(id, text);
        assert_ok(&net->c, desk_record_get(&net->c, &net->nodes[!from].desk, str_of(text), &r));
    }
    ctx_reset(&net->c);
}

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

// The honest beginning, without which the rest would prove nothing.
static void begin(Scene *s, int node) {
    DeskSyncTaken taken;
    Rogue *r = &s->rogue;
    NetNode *n = &s->net.nodes[node];
    Str m = rogue_message(r, &s->net.c, &n->agency, s->net.now, 0, 0);
    Err e = take(s, node, r, m, &taken);
    if (e != OK || taken.fresh == 0)
        fail_msg("an honest message: %s: %s (%llu fresh)", err_name(e), s->net.c.error,
                 (unsigned long long)taken.fresh);
    assert_false(stopped(s, node, &r->agency));
}

static RogueRecord notice_to(Scene *s, int node, const char *text, char body[512]) {
    RogueRecord r = {.kind = RECORD_NOTICE, .to_count = 2, .body = body};
    snprintf(body, 512,
             "{\"act\":\"alert\",\"contact\":\"x\",\"due_at\":\"2026-01-02T07:00:00.000000Z\","
             "\"handling\":\"H0\",\"recipient\":null,\"records\":[],\"text\":\"%s\",\"title\":"
             "\"t\"}",
             text);
    r.to[0] = str_of(s->net.nodes[node].hex);
    r.to[1] = str_of(s->rogue.hex);
    if (str_cmp(r.to[0], r.to[1]) > 0) {
        Str first = r.to[1];
        r.to[1] = r.to[0];
        r.to[0] = first;
    }
    return r;
}

static void add_notice(Scene *s, Rogue *r, int node, const char *text) {
    char body[512];
    RogueRecord n = notice_to(s, node, text, body);
    rogue_add(r, &n);
}

// The page Exchange shows that its link is stopped, and the front, in red, what is to be done.
static void check_named(Scene *s, int node, const char *what) {
    AUTO(Buf) page = {0}, front = {0};
    const Desk *d = &s->net.nodes[node].desk;
    char item[200];
    size_t at;
    assert_ok(&s->net.c, desk_exchange_json(&s->net.c, d, &page));
    assert_ok(&s->net.c, desk_front_json(&s->net.c, d, &front));
    snprintf(item, sizeof item,
             "\"id\":\"%s\",\"kind\":\"peer\",\"red\":true,\"title\":\"rogue\",\"what\":\"%s\"",
             s->rogue.hex, what);
    assert_true(str_find(buf_view(&page), STR("\"stopped\":true"), &at) &&
                str_find(buf_view(&page), str_of(s->rogue.hex), &at));
    if (!str_find(buf_view(&front), str_of(item), &at))
        fail_msg("the front has no %s: " STR_FMT, item, STR_ARG(buf_view(&front)));
}

// Wrong beyond what noise could do: the link stops until an officer lets it go on.
static void check_fault(Scene *s, int node, Str message, const char *what, const char *word) {
    Rogue *r = &s->rogue;
    Err e = take(s, node, r, message, NULL);
    say_error(s, e, is_false, what);
    assert_true(stopped(s, node, &r->agency));
    Str honest = rogue_message(r, &s->net.c, &s->net.nodes[node].agency, s->net.now, 0, 0);
    assert_int_equal(take(s, node, r, honest, NULL), E_DENIED);
    check_named(s, node, e == E_EXISTS ? "fork" : "resume");
    check_unharmed(s, node, word);
}

static void test_honest(void **state) {
    Scene *s = *state;
    begin(s, 0);
    add_notice(s, &s->rogue, 0, "zqhonest");
    Str m = rogue_message(&s->rogue, &s->net.c, &s->net.nodes[0].agency, s->net.now, 3, 3);
    DeskSyncTaken taken;
    assert_ok(&s->net.c, take(s, 0, &s->rogue, m, &taken));
    assert_int_equal(taken.fresh, 1);
    check_unharmed(s, 0, NULL);
}

static void test_wrong_salt(void **state) {
    Scene *s = *state;
    begin(s, 0);
    add_notice(s, &s->rogue, 0, "zqsalt");
    s->rogue.leaves[3].salt[5] ^= 1;
    Str m = rogue_message(&s->rogue, &s->net.c, &s->net.nodes[0].agency, s->net.now, 3, 3);
    s->rogue.leaves[3].salt[5] ^= 1;
    check_fault(s, 0, m, "a wrong salt", "zqsalt");
}

static void test_other_content(void **state) {
    Scene *s = *state;
    Rogue other;
    begin(s, 0);
    add_notice(s, &s->rogue, 0, "zqone");
    rogue_fork(&s->rogue, 3, &other);
    add_notice(s, &other, 0, "zqtwo");
    s->rogue.leaves[3].envelope = other.leaves[3].envelope; // under the other's leaf
    Str m = rogue_message(&s->rogue, &s->net.c, &s->net.nodes[0].agency, s->net.now, 3, 3);
    check_fault(s, 0, m, "another content", "zqtwo");
    rogue_done(&other);
}

static void test_record_of_another(void **state) {
    Scene *s = *state;
    char body[512];
    begin(s, 0);
    RogueRecord n = notice_to(s, 0, "zqother", body);
    n.by = s->net.nodes[1].hex;
    rogue_add(&s->rogue, &n);
    Str m = rogue_message(&s->rogue, &s->net.c, &s->net.nodes[0].agency, s->net.now, 3, 3);
    check_fault(s, 0, m, "a record of another author", "zqother");
}

static void test_false_proof(void **state) {
    Scene *s = *state;
    Rogue *r = &s->rogue;
    begin(s, 0);
    for (int i = 0; i < 6; i++)
        add_notice(s, r, 0, "zqproof");
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
    begin(s, 0);
    size_t before = net->flow.count;
    for (size_t i = 0; i < before; i++) {
        const FlowRecord *h = &net->flow.items[i];
        char body[512];
        if (s->rogue.count > 40 || h->leaf == 0)
            continue;
        RogueRecord n = notice_to(s, 0, "zqcopy", body);
        n.id = &h->id;
        rogue_add(&s->rogue, &n);
    }
    Str m = rogue_message(&s->rogue, &net->c, &net->nodes[0].agency, net->now, 3, 3);
    (void)take(s, 0, &s->rogue, m, NULL);
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
    check_unharmed(s, 0, NULL);
}

static void test_replay(void **state) {
    Scene *s = *state;
    Net *net = &s->net;
    begin(s, 0);
    add_notice(s, &s->rogue, 0, "zqagain");
    Str m = rogue_message(&s->rogue, &net->c, &net->nodes[0].agency, net->now, 3, 3), kept;
    assert_ok(&net->keep, str_copy(&net->keep, m, &kept));
    DeskSyncTaken taken;
    assert_ok(&net->c, take(s, 0, &s->rogue, kept, &taken));
    assert_int_equal(taken.fresh, 1);
    size_t leaves = net->flow.count;
    for (int i = 0; i < 20; i++) {
        Err e = take(s, 0, &s->rogue, kept, &taken);
        assert_int_equal(e == OK ? taken.fresh : 0, 0);
    }
    assert_int_equal(net->flow.count, leaves);
    // Another's message is nobody else's.
    assert_true(is_refused(take(s, 1, &s->rogue, kept, NULL)));
    assert_false(stopped(s, 0, &s->rogue.agency));
    assert_false(stopped(s, 1, &s->rogue.agency));
    check_unharmed(s, 0, NULL);
}

static void test_withheld(void **state) {
    Scene *s = *state;
    Net *net = &s->net;
    Rogue *r = &s->rogue;
    begin(s, 0);
    for (int i = 0; i < 4; i++)
        add_notice(s, r, 0, i < 3 ? "zqheld" : "zqlate");
    CryptoHash none = {0};
    int64_t leaf = 6;
    rogue_head(r, &net->nodes[0].agency, net->now);
    rogue_have(r, 0, 0, &none);
    rogue_journal(r, 6, 7); // 3 to 5 never came
    rogue_tree(r, 3, r->count, &leaf, 1);
    rogue_opening(r, 0, leaf);
    DeskSyncTaken taken;
    Str m = rogue_end(r, &net->c, NULL);
    assert_ok(&net->c, take(s, 0, r, m, &taken));
    assert_int_equal(taken.fresh, 0);
    assert_int_equal(taken.gap_at, 3);
    check_unharmed(s, 0, "zqlate");
    m = rogue_message(r, &net->c, &net->nodes[0].agency, net->now, 3, 3);
    assert_ok(&net->c, take(s, 0, r, m, &taken));
    assert_int_equal(taken.fresh, 4);
}

static void test_sizes(void **state) {
    Scene *s = *state;
    Net *net = &s->net;
    Rogue *r = &s->rogue;
    begin(s, 0);
    add_notice(s, r, 0, "zqsize");
    static const uint32_t said[] = {0,       1,          100,       SYNC_MESSAGE_BYTES_MAX,
                                    1 << 30, 0x7fffffff, 0xffffffff};
    for (size_t i = 0; i < COUNT_OF(said); i++) {
        (void)rogue_message(r, &net->c, &net->nodes[0].agency, net->now, 3, 3);
        Str m = rogue_pack(&net->c, buf_view(&r->plain), said[i]);
        say_error(s, take(s, 0, r, m, NULL), is_refused, "another size than said");
    }
    // A gigabyte of zeros packs well.
    char *zeros;
    assert_ok(&net->c, ctx_alloc(&net->c, 64 << 20, &zeros));
    Str bomb = rogue_pack(&net->c, (Str){zeros, 64 << 20}, 1 << 20);
    say_error(s, take(s, 0, r, bomb, NULL), is_refused, "more than was said");
    bomb = rogue_pack(&net->c, (Str){zeros, 64 << 20}, 64 << 20);
    say_error(s, take(s, 0, r, bomb, NULL), is_refused, "too much");
    ctx_reset(&net->c);
    // Frames that claim a gigabyte inside a small message.
    for (uint8_t type = 1; type < 16; type++) {
        rogue_head(r, &net->nodes[0].agency, net->now);
        buf_char(&r->plain, (char)type);
        static const char huge[] = {0, 0, 0, 0x40};
        buf_append(&r->plain, huge, sizeof huge);
        say_error(s, take(s, 0, r, rogue_end(r, &net->c, NULL), NULL), is_refused, "a huge frame");
    }
    check_unharmed(s, 0, "zqsize");
}

// Bits that flip on the way are nobody's fault.
static void test_garbage(void **state) {
    Scene *s = *state;
    Net *net = &s->net;
    Rogue *r = &s->rogue;
    Rng rng;
    rng_seed(&rng, test_seed());
    begin(s, 0);
    add_notice(s, r, 0, "zqnoise");
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
        say_error(s, take(s, 0, r, again, NULL), is_refused, "garbage");
        ctx_reset(&net->c);
    }
    assert_false(stopped(s, 0, &r->agency));
    check_unharmed(s, 0, "zqnoise");
    DeskSyncTaken taken;
    assert_ok(&net->c, take(s, 0, r, rogue_pack(&net->c, plain, (uint32_t)plain.n), &taken));
    assert_int_equal(taken.fresh, 1);
}

// The same with a signature that holds: whatever comes of it, nothing breaks.
static void test_signed_garbage(void **state) {
    Scene *s = *state;
    Net *net = &s->net;
    Rogue *r = &s->rogue;
    Rng rng;
    rng_seed(&rng, test_seed());
    begin(s, 0);
    for (int i = 0; i < 200; i++) {
        AUTO(Buf) out = {0};
        char bytes[300];
        size_t n = rng_below(&rng, sizeof bytes);
        for (size_t k = 0; k < n; k++)
            bytes[k] = (char)rng_next(&rng);
        rogue_head(r, &net->nodes[0].agency, net->now);
        for (int f = 0; f < 3; f++)
            rogue_frame(r, (uint8_t)rng_below(&rng, 18), bytes, rng_below(&rng, n + 1));
        Err e = take(s, 0, r, rogue_end(r, &net->c, NULL), NULL);
        if (e != OK)
            say_error(s, e, is_refused, "signed garbage");
        if (stopped(s, 0, &r->agency))
            assert_ok(&net->c, desk_peer_resume(&net->c, &net->nodes[0].desk, STR("rogue"), &out));
        ctx_reset(&net->c);
    }
    check_unharmed(s, 0, NULL);
}

static void test_wrong_key(void **state) {
    Scene *s = *state;
    Net *net = &s->net;
    Rogue *r = &s->rogue;
    begin(s, 0);
    add_notice(s, r, 0, "zqkey");
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
        say_error(s, take(s, 0, r, m, NULL), is_refused, "another key");
        assert_false(stopped(s, 0, &r->agency));
    }
    // A message to somebody else, and one of a stranger in the rogue's name.
    Str m = rogue_message(r, &net->c, &net->nodes[1].agency, net->now, 3, 3);
    say_error(s, take(s, 0, r, m, NULL), is_refused, "to another");
    Rogue stranger;
    rogue_open(&stranger, 12, net->now);
    m = rogue_message(&stranger, &net->c, &net->nodes[0].agency, net->now, 0, 0);
    say_error(s, take(s, 0, &stranger, m, NULL), is_refused, "of a stranger");
    say_error(s, take(s, 0, r, m, NULL), is_refused, "of a stranger, as the rogue");
    rogue_done(&stranger);
    assert_false(stopped(s, 0, &r->agency));
    check_unharmed(s, 0, "zqkey");
}

// Two histories to one victim.
static void test_fork_to_one(void **state) {
    Scene *s = *state;
    Net *net = &s->net;
    Rogue other;
    begin(s, 0);
    rogue_fork(&s->rogue, 3, &other);
    for (int i = 0; i < 3; i++) {
        add_notice(s, &s->rogue, 0, "zqleft");
        add_notice(s, &other, 0, "zqright");
    }
    Str m = rogue_message(&s->rogue, &net->c, &net->nodes[0].agency, net->now, 3, 3);
    assert_ok(&net->c, take(s, 0, &s->rogue, m, NULL));
    m = rogue_message(&other, &net->c, &net->nodes[0].agency, net->now, 6, 6);
    add_notice(s, &other, 0, "zqright");
    m = rogue_message(&other, &net->c, &net->nodes[0].agency, net->now, 6, 6);
    check_fault(s, 0, m, "another history", "zqright");
    rogue_done(&other);
}

// --- two histories to two victims ---------------------------------------------------------------

// An accord of all three is in force, so that the two honest ones tell each other what they saw.
static void make_accord(Scene *s) {
    Net *net = &s->net;
    Rogue *r = &s->rogue;
    char body[1024];
    Str hex[] = {str_of(net->nodes[0].hex), str_of(net->nodes[1].hex), str_of(r->hex)};
    desk_sort_strs(hex, COUNT_OF(hex));
    snprintf(body, sizeof body,
             "{\"begins_at\":\"2025-01-01T00:00:00.000000Z\",\"ends_at\":null,\"kinds\":[\"*\"],"
             "\"mark\":{\"days\":0,\"handling\":\"H0\",\"pap\":\"AMBER\",\"tlp\":\"GREEN\"},"
             "\"members\":[{\"agency\":\"" STR_FMT
             "\",\"law\":\"l\",\"mirror\":false},{\"agency\":\"" STR_FMT "\","
             "\"law\":\"l\",\"mirror\":false},{\"agency\":\"" STR_FMT "\",\"law\":\"l\",\"mirror\":"
             "false}],\"name\":\"all\",\"purposes\":[],\"title\":\"All\"}",
             STR_ARG(hex[0]), STR_ARG(hex[1]), STR_ARG(hex[2]));
    RogueRecord accord = {.kind = RECORD_ACCORD, .to_count = 3, .body = body};
    for (int i = 0; i < 3; i++)
        accord.to[i] = hex[i];
    RecordId id = r->leaves[rogue_add(r, &accord)].id;
    accord.kind = RECORD_ACCORD_SIGN;
    accord.of = &id;
    accord.body = "{\"note\":null,\"signed\":true}";
    rogue_add(r, &accord);
    RecordMark mark = record_mark_default();
    mark.tlp = RECORD_TLP_GREEN;
    mark.to = accord.to;
    mark.to_count = 3;
    for (int i = 0; i < 2; i++) {
        begin(s, i);
        net_record(net, i,
                   &(DeskDraft){.kind = RECORD_ACCORD_SIGN,
                                .has_of = true,
                                .of = id,
                                .mark = &mark,
                                .body = str_of(accord.body)});
    }
    net_settle(net);
}

static bool says_fork(Scene *s) {
    for (size_t i = 0; i < s->net.flow.count; i++)
        if (strcmp(s->net.flow.items[i].kind, "fork") == 0)
            return true;
    return false;
}

static void check_forked(Scene *s) {
    if (!says_fork(s))
        fail_msg("nobody says that there are two histories");
    for (int i = 0; i < 2; i++) {
        NetNode *n = &s->net.nodes[i];
        assert_true(stopped(s, i, &s->rogue.agency));
        check_named(s, i, "fork");
        Str m = rogue_message(&s->rogue, &s->net.c, &n->agency, s->net.now, 0, 0);
        assert_int_equal(take(s, i, &s->rogue, m, NULL), E_DENIED);
    }
    check_unharmed(s, 0, NULL);
    check_unharmed(s, 1, NULL);
}

static void test_fork_to_two(void **state) {
    Scene *s = *state;
    Net *net = &s->net;
    Rogue other;
    make_accord(s);
    assert_false(says_fork(s));
    rogue_fork(&s->rogue, 5, &other);
    add_notice(s, &s->rogue, 0, "zqleft");
    add_notice(s, &other, 1, "zqright");
    assert_ok(&net->c,
              take(s, 0, &s->rogue,
                   rogue_message(&s->rogue, &net->c, &net->nodes[0].agency, net->now, 5, 5), NULL));
    assert_ok(&net->c,
              take(s, 1, &other,
                   rogue_message(&other, &net->c, &net->nodes[1].agency, net->now, 5, 5), NULL));
    net_settle(net);
    check_forked(s);
    rogue_done(&other);
}

// Answers what the victim asks of the rogue: that it cannot prove.
static void answer_asks(Scene *s, int node, Rogue *r) {
    Net *net = &s->net;
    AUTO(Buf) message = {0};
    bool news;
    DeskSyncAsk ask = {.wants_answer = true, .answer_max = 1 << 20};
    Err e = desk_sync_make(&net->c, net->nodes[node].node, &r->agency, &ask, &message, &news);
    if (e == E_DENIED)
        return;
    assert_ok(&net->c, e);
    assert_true(net_unpack(net, buf_view(&message)));
    CryptoHash none = {0};
    rogue_head(r, &net->nodes[node].agency, net->now);
    rogue_have(r, 0, 0, &none);
    for (size_t at = 0; at + 5 <= net->plain.n;) {
        size_t n = load_u32le(net->plain.p + at + 1);
        if (net->plain.p[at] == 9) {
            char bytes[46] = {0};
            memcpy(bytes, net->plain.p + at + 5, 40);
            memset(bytes + 42, 0xff, 4);
            rogue_frame(r, 10, bytes, sizeof bytes);
        }
        at += 5 + n;
    }
    (void)take(s, node, r, rogue_end(r, &net->c, NULL), NULL);
    ctx_reset(&net->c);
}

static void test_cannot_prove(void **state) {
    Scene *s = *state;
    Net *net = &s->net;
    Rogue other;
    make_accord(s);
    rogue_fork(&s->rogue, 5, &other);
    add_notice(s, &s->rogue, 0, "zqleft");
    add_notice(s, &other, 1, "zqright");
    add_notice(s, &other, 1, "zqright");
    assert_ok(&net->c,
              take(s, 0, &s->rogue,
                   rogue_message(&s->rogue, &net->c, &net->nodes[0].agency, net->now, 5, 5), NULL));
    assert_ok(&net->c,
              take(s, 1, &other,
                   rogue_message(&other, &net->c, &net->nodes[1].agency, net->now, 5, 5), NULL));
    for (int i = 0; i < 2 * PROVE_TRIES_MAX && !says_fork(s); i++) {
        net_settle(net);
        answer_asks(s, 0, &s->rogue);
        answer_asks(s, 1, &other);
        net->now += NET_HOUR;
    }
    net_settle(net);
    check_forked(s);
    rogue_done(&other);
}

// --- what proves nothing ------------------------------------------------------------------------

// Node 0 holds so many leaves of one history, and was told a head of seven of another.
static void two_sizes(Scene *s, Rogue *other, int64_t left) {
    Net *net = &s->net;
    make_accord(s);
    rogue_fork(&s->rogue, 5, other);
    for (int i = 0; i < 3; i++) {
        add_notice(s, &s->rogue, 0, "zqleft");
        add_notice(s, other, 1, "zqright");
    }
    int64_t count = other->count--, kept = s->rogue.count;
    s->rogue.count = left;
    assert_ok(&net->c,
              take(s, 0, &s->rogue,
                   rogue_message(&s->rogue, &net->c, &net->nodes[0].agency, net->now, 5, 5), NULL));
    s->rogue.count = kept;
    assert_ok(&net->c,
              take(s, 1, other,
                   rogue_message(other, &net->c, &net->nodes[1].agency, net->now, 5, 5), NULL));
    other->count = count;
    net_settle(net);
}

// Whether node 0 asks the rogue, now or after a while, to prove that head of seven leaves.
static bool asks(Scene *s) {
    Net *net = &s->net;
    AUTO(Buf) message = {0};
    bool news;
    DeskSyncAsk ask = {.wants_answer = true, .answer_max = 1 << 20};
    net->now += NET_HOUR;
    assert_ok(&net->c,
              desk_sync_make(&net->c, net->nodes[0].node, &s->rogue.agency, &ask, &message, &news));
    assert_true(net_unpack(net, buf_view(&message)));
    for (size_t at = 0; at + 5 <= net->plain.n;) {
        if (net->plain.p[at] == FRAME_ASK)
            return load_u64le(net->plain.p + at + 5) == 7;
        at += 5 + load_u32le(net->plain.p + at + 1);
    }
    return false;
}

// `by` says that the head of seven leaves leads to its eight; `trees` makes the TREE beside it.
static void prove(Scene *s, Rogue *by, const CryptoHash *root, void (*trees)(Rogue *by)) {
    Net *net = &s->net;
    rogue_head(by, &net->nodes[0].agency, net->now);
    rogue_journal(by, 6, 6);
    if (trees)
        trees(by);
    rogue_prove(by, 7, root, 8);
    assert_ok(&net->c, take(s, 0, by, rogue_end(by, &net->c, NULL), NULL));
    ctx_reset(&net->c);
}

static void tree_apart(Rogue *by) { // from nothing: it stands under itself alone
    rogue_tree(by, 0, 8, NULL, 0);
}

static void tree_late(Rogue *by) {
    rogue_tree(by, 7, 8, NULL, 0); // from where node 0 does not stand
}

// A proof is worth nothing whose end is no head of the history that is here, however true it is in
// itself: the question stays.
static void test_proves_something_else(void **state) {
    Scene *s = *state;
    static Rogue other;
    two_sizes(s, &other, 6);
    CryptoHash right = rogue_root(&other, 7), left = rogue_root(&s->rogue, 7);
    assert_true(asks(s));
    for (int i = 0; i <= PROVE_TRIES_MAX; i++) {
        prove(s, &other, &right, NULL);
        assert_true(asks(s));
        prove(s, &other, &right, tree_apart);
        assert_true(asks(s));
        prove(s, &other, &right, tree_late);
        assert_true(asks(s));
        prove(s, &s->rogue, &left, NULL); // of a head that nobody asked about
        assert_true(asks(s));
    }
    assert_false(says_fork(s) || stopped(s, 0, &s->rogue.agency));
    rogue_done(&other);
}

// One that leads nowhere, or to what somebody else signed, counts; the third is enough.
static void test_proves_wrongly(void **state) {
    Scene *s = *state;
    static Rogue other, stranger;
    two_sizes(s, &other, 8);
    CryptoHash right = rogue_root(&other, 7);
    for (int i = 0; i < PROVE_TRIES_MAX; i++) {
        assert_true(asks(s) && !stopped(s, 0, &s->rogue.agency));
        if (i == 1) { // a checkpoint that somebody else signed
            stranger = s->rogue;
            stranger.log_key = s->rogue.officer_key;
            prove(s, &stranger, &right, NULL);
        } else {
            prove(s, &s->rogue, &right, NULL);
        }
    }
    assert_true(says_fork(s) && stopped(s, 0, &s->rogue.agency));
    rogue_done(&other);
}

// Who shares an accord with the agency and with us is told of its two histories, and nobody else.
static void test_who_is_told_of_a_fork(void **state) {
    Scene *s = *state;
    Net *net = &s->net;
    static const char stranger[] =
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
    static Rogue other;
    char body[1024];
    make_accord(s);
    snprintf(
        body, sizeof body,
        "{\"begins_at\":\"2025-01-01T00:00:00.000000Z\",\"ends_at\":null,\"kinds\":[\"*\"],"
        "\"mark\":{\"days\":0,\"handling\":\"H0\",\"pap\":\"AMBER\",\"tlp\":\"GREEN\"},"
        "\"members\":[{\"agency\":\"%s\",\"law\":\"l\",\"mirror\":false},{\"agency\":\"%s\","
        "\"law\":\"l\",\"mirror\":false}],\"name\":\"apart\",\"purposes\":[],\"title\":\"Apart\"}",
        net->nodes[0].hex, stranger);
    RecordMark mark = record_mark_default();
    Str to[] = {str_of(net->nodes[0].hex), str_of(stranger)};
    mark.to = to;
    mark.to_count = 2;
    net_record(net, 0, &(DeskDraft){.kind = RECORD_ACCORD, .mark = &mark, .body = str_of(body)});
    rogue_fork(&s->rogue, 5, &other);
    add_notice(s, &s->rogue, 0, "zqleft");
    add_notice(s, &other, 0, "zqright");
    Rogue *both[] = {&s->rogue, &other};
    for (int i = 0; i < 2; i++) {
        Str m = rogue_message(both[i], &net->c, &net->nodes[0].agency, net->now, 5 + i, 5);
        (void)take(s, 0, both[i], m, NULL);
    }
    const FlowRecord *fork = NULL;
    size_t at;
    for (size_t i = 0; i < net->flow.count; i++)
        if (net->flow.items[i].author == 0 && strcmp(net->flow.items[i].kind, "fork") == 0)
            fork = &net->flow.items[i];
    assert_non_null(fork);
    assert_int_equal(fork->mark.to, 3);
    assert_false(str_find(fork->mark.text, str_of(s->rogue.hex), &at));
    assert_false(str_find(fork->mark.text, str_of(stranger), &at));
    net_settle(net);
    assert_true(stopped(s, 1, &s->rogue.agency));
    rogue_done(&other);
}

#define HOSTILE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int run_desk_hostile_tests(void) {
    const struct CMUnitTest tests[] = {
        HOSTILE(test_honest),
        HOSTILE(test_wrong_salt),
        HOSTILE(test_other_content),
        HOSTILE(test_false_proof),
        HOSTILE(test_record_of_another),
        HOSTILE(test_copied_ids),
        HOSTILE(test_replay),
        HOSTILE(test_withheld),
        HOSTILE(test_sizes),
        HOSTILE(test_garbage),
        HOSTILE(test_signed_garbage),
        HOSTILE(test_wrong_key),
        HOSTILE(test_fork_to_one),
        HOSTILE(test_fork_to_two),
        HOSTILE(test_cannot_prove),
        HOSTILE(test_proves_something_else),
        HOSTILE(test_proves_wrongly),
        HOSTILE(test_who_is_told_of_a_fork),
    };
    return cmocka_run_group_tests_name("desk: hostile peers", tests, NULL, NULL);
}
