// Witnesses: two histories shown to two victims, heads that cannot be proven, who is told of it.
#include "groups.h"
#include "scene.h"

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
        scene_begin(s, i);
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
        assert_true(scene_stopped(s, i, &s->rogue.agency));
        scene_named(s, i, "fork");
        Str m = rogue_message(&s->rogue, &s->net.c, &n->agency, s->net.now, 0, 0);
        assert_int_equal(scene_take(s, i, &s->rogue, m, NULL), E_DENIED);
    }
    scene_unharmed(s, 0, NULL);
    scene_unharmed(s, 1, NULL);
}

// The node takes all that this history has behind the accord.
static void take_at(Scene *s, int node, Rogue *r) {
    Net *net = &s->net;
    Str m = rogue_message(r, &net->c, &net->nodes[node].agency, net->now, 5, 5);
    assert_ok(&net->c, scene_take(s, node, r, m, NULL));
}

static void test_fork_to_two(void **state) {
    Scene *s = *state;
    Net *net = &s->net;
    Rogue other;
    make_accord(s);
    assert_false(says_fork(s));
    rogue_fork(&s->rogue, 5, &other);
    scene_notice(s, &s->rogue, 0, "zqleft");
    scene_notice(s, &other, 1, "zqright");
    take_at(s, 0, &s->rogue);
    take_at(s, 1, &other);
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
    (void)scene_take(s, node, r, rogue_end(r, &net->c, NULL), NULL);
    ctx_reset(&net->c);
}

static void test_cannot_prove(void **state) {
    Scene *s = *state;
    Net *net = &s->net;
    Rogue other;
    make_accord(s);
    rogue_fork(&s->rogue, 5, &other);
    scene_notice(s, &s->rogue, 0, "zqleft");
    scene_notice(s, &other, 1, "zqright");
    scene_notice(s, &other, 1, "zqright");
    take_at(s, 0, &s->rogue);
    take_at(s, 1, &other);
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
        scene_notice(s, &s->rogue, 0, "zqleft");
        scene_notice(s, other, 1, "zqright");
    }
    int64_t count = other->count--, kept = s->rogue.count;
    s->rogue.count = left;
    take_at(s, 0, &s->rogue);
    s->rogue.count = kept;
    take_at(s, 1, other);
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
    assert_ok(&net->c, scene_take(s, 0, by, rogue_end(by, &net->c, NULL), NULL));
    ctx_reset(&net->c);
}

static void tree_apart(Rogue *by) { // from nothing: it stands under itself alone
    rogue_tree(by, 0, 8, NULL, 0);
}

static void tree_grows(Rogue *by) { // from where node 0 stands
    AUTO(Ctx) c;
    ctx_init(&c);
    rogue_tree(by, 6, 8, NULL, 0);
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
    assert_false(says_fork(s) || scene_stopped(s, 0, &s->rogue.agency));
    rogue_done(&other);
}

// One that leads nowhere, or to what somebody else signed, counts; the third is enough.
static void test_proves_wrongly(void **state) {
    Scene *s = *state;
    static Rogue other, stranger;
    two_sizes(s, &other, 8);
    CryptoHash right = rogue_root(&other, 7);
    for (int i = 0; i < PROVE_TRIES_MAX; i++) {
        assert_true(asks(s) && !scene_stopped(s, 0, &s->rogue.agency));
        if (i == 1) { // a checkpoint that somebody else signed
            stranger = s->rogue;
            stranger.log_key = s->rogue.officer_key;
            prove(s, &stranger, &right, NULL);
        } else {
            prove(s, &s->rogue, &right, NULL);
        }
    }
    assert_true(says_fork(s) && scene_stopped(s, 0, &s->rogue.agency));
    rogue_done(&other);
}

// Speaks to node 0, and says nothing.
static void keep_silent(Scene *s) {
    static const CryptoHash none;
    Net *net = &s->net;
    rogue_head(&s->rogue, &net->nodes[0].agency, net->now);
    rogue_have(&s->rogue, 0, 0, &none);
    assert_ok(&net->c, scene_take(s, 0, &s->rogue, rogue_end(&s->rogue, &net->c, NULL), NULL));
    ctx_reset(&net->c);
}

static void refuse(Scene *s, SyncRefusal code) {
    Net *net = &s->net;
    char bytes[] = {(char)code, 'n', 'o'};
    rogue_head(&s->rogue, &net->nodes[0].agency, net->now);
    rogue_frame(&s->rogue, FRAME_REFUSE, bytes, sizeof bytes);
    assert_ok(&net->c, scene_take(s, 0, &s->rogue, rogue_end(&s->rogue, &net->c, NULL), NULL));
    ctx_reset(&net->c);
}

static bool says_what(const Buf *json, const char *what) {
    AUTO(Buf) words = {0};
    size_t at;
    buf_format(&words, "\"what\":\"%s\"", what);
    return str_find(buf_view(json), buf_view(&words), &at);
}

static bool alarms(Scene *s, const char *what) {
    AUTO(Buf) json = {0};
    assert_ok(&s->net.c, desk_exchange_json(&s->net.c, &s->net.nodes[0].desk, &json));
    return says_what(&json, what);
}

static bool on_front(Scene *s, const char *what) {
    AUTO(Buf) json = {0};
    assert_ok(&s->net.c, desk_front_json(&s->net.c, &s->net.nodes[0].desk, &json));
    return says_what(&json, what);
}

// Asked once, the rogue is asked again by what time brings, though nothing else is to be said.
static bool asked_again(Scene *s) {
    Net *net = &s->net;
    int64_t next;
    net->now += SYNC_WANT_EVERY_S * 1000000LL;
    assert_ok(&net->c, desk_exchange_tick(&net->c, net->nodes[0].node, &next));
    return desk_sync_waits(net->nodes[0].node, &s->rogue.agency) && asks(s);
}

// Who never answers is named soon, and its link stops after a day of it; an officer who has asked
// by telephone lets it go on, and it is asked anew. What was asked outlasts a restart.
static void test_never_proves(void **state) {
    Scene *s = *state;
    Net *net = &s->net;
    static Rogue other;
    two_sizes(s, &other, 6);
    for (int round = 0; round < 2; round++) {
        bool over = false;
        for (int hours = 1, silent = 0; !over; hours++) {
            assert_true(hours > 1 ? asked_again(s) : asks(s));
            assert_int_equal(alarms(s, "unproven"), silent >= PROVE_SILENT_SHOWN);
            assert_int_equal(on_front(s, "prove"), silent >= PROVE_SILENT_SHOWN);
            if (hours <= 3) { // it has not heard it
                refuse(s, SYNC_REFUSED_NOT_CONFIRMED);
                continue;
            }
            keep_silent(s);
            silent++;
            over = hours >= PROVE_SILENT_HOURS && silent >= PROVE_SILENT_MAX;
            assert_int_equal(scene_stopped(s, 0, &s->rogue.agency), over);
            if (!over)
                keep_silent(s); // counts once for each asking
            if (silent == PROVE_SILENT_SHOWN + 2)
                net_restart(net, &net->nodes[0]);
        }
        assert_true(alarms(s, "fault") && !alarms(s, "unproven") && !says_fork(s));
        assert_true(on_front(s, "resume") && !on_front(s, "prove"));
        AUTO(Buf) json = {0};
        assert_ok(&net->c, desk_peer_resume(&net->c, &net->nodes[0].desk, STR("rogue"), &json));
        net_absorb_node(net, &net->nodes[0]);
        assert_false(scene_stopped(s, 0, &s->rogue.agency) || alarms(s, "unproven"));
    }
    rogue_done(&other);
}

// Who proves it at last is asked no more, and named no more.
static void test_proves_late(void **state) {
    Scene *s = *state;
    Net *net = &s->net;
    make_accord(s);
    for (int i = 0; i < 3; i++)
        scene_notice(s, &s->rogue, 0, "zqlate");
    s->rogue.count = 6;
    take_at(s, 0, &s->rogue);
    s->rogue.count = 7;
    take_at(s, 1, &s->rogue);
    s->rogue.count = 8;
    net_settle(net);
    for (int i = 0; i < PROVE_SILENT_SHOWN; i++) {
        assert_true(asks(s));
        keep_silent(s);
    }
    assert_true(asks(s) && alarms(s, "unproven"));
    CryptoHash seven = rogue_root(&s->rogue, 7);
    prove(s, &s->rogue, &seven, tree_grows);
    assert_false(asks(s) || alarms(s, "unproven") || scene_stopped(s, 0, &s->rogue.agency));
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
    scene_notice(s, &s->rogue, 0, "zqleft");
    scene_notice(s, &other, 0, "zqright");
    Rogue *both[] = {&s->rogue, &other};
    for (int i = 0; i < 2; i++) {
        Str m = rogue_message(both[i], &net->c, &net->nodes[0].agency, net->now, 5 + i, 5);
        (void)scene_take(s, 0, both[i], m, NULL);
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
    assert_true(scene_stopped(s, 1, &s->rogue.agency));
    rogue_done(&other);
}

int run_desk_witness_tests(void) {
    const struct CMUnitTest tests[] = {
        SCENE_TEST(test_fork_to_two),           SCENE_TEST(test_cannot_prove),
        SCENE_TEST(test_proves_something_else), SCENE_TEST(test_proves_wrongly),
        SCENE_TEST(test_never_proves),          SCENE_TEST(test_proves_late),
        SCENE_TEST(test_who_is_told_of_a_fork),
    };
    return cmocka_run_group_tests_name("desk: witnesses", tests, NULL, NULL);
}
