// A peer that lies, in the middle of a network: some nodes have confirmed it, and it does to them
// what docs/protocol-sync.md forbids. Whatever it tries, it takes nothing and stops nothing but its
// own link; what all others hold is checked as in every network.
#include "rogue.h"

enum { LIE_SALT, LIE_FOREIGN, LIE_PROOF, LIE_REPLAY, LIE_WITHHELD, LIE_HUGE, LIE_NOISE, LIE_FORK };

typedef struct Lies {
    Rogue rogue;
    Rng rng;
    bool knows[FLOW_NODES_MAX], over[FLOW_NODES_MAX]; // over: it was caught with two histories
    int64_t has[FLOW_NODES_MAX];                      // leaves that the node took
    Str kept;                                         // an honest message of before
} Lies;

static Lies lies;

static Err say(Net *net, int node, Str message, DeskSyncTaken *ret_taken) {
    NetNode *n = &net->nodes[node];
    *ret_taken = (DeskSyncTaken){0};
    Err e = desk_sync_take(&net->c, n->node, &lies.rogue.agency, message, ret_taken);
    net_absorb_node(net, n);
    return e;
}

static bool stopped(Net *net, int node) {
    const DeskLink *links;
    size_t n;
    net_ok(net, desk_link_list(&net->c, net->nodes[node].node, &links, &n));
    for (size_t i = 0; i < n; i++)
        if (memcmp(links[i].agency.b, lies.rogue.agency.b, sizeof links[i].agency.b) == 0)
            return links[i].stopped;
    return true;
}

// An officer says to go on, which helps nothing after two histories.
static bool resume(Net *net, int node) {
    AUTO(Buf) out = {0};
    if (!stopped(net, node))
        return true;
    Err e = desk_peer_resume(&net->c, &net->nodes[node].desk, STR("rogue"), &out);
    if (e != OK && e != E_STATE)
        net_fail(net, "the link with the rogue cannot go on: %s", net->c.error);
    lies.over[node] = e != OK;
    return e == OK;
}

static Str message(Net *net, int node, int64_t first, int64_t old_size) {
    return rogue_message(&lies.rogue, &net->c, &net->nodes[node].agency, net->now, first, old_size);
}

// All that it has, as it should be: without it the lies would be told from the beginning by their
// form alone.
static void be_honest(Net *net, int node) {
    DeskSyncTaken taken;
    Str m = message(net, node, lies.has[node], lies.has[node]);
    Err e = say(net, node, m, &taken);
    if (e != OK || (int64_t)(taken.fresh + taken.known) != lies.rogue.count - lies.has[node])
        net_fail(net, "%s does not take what the rogue says honestly: %s %s", net->nodes[node].name,
                 err_name(e), net->c.error);
    lies.has[node] = lies.rogue.count;
    net_ok(net, str_copy(&net->keep, m, &lies.kept));
}

void net_rogue_begin(Net *net) {
    memset(&lies, 0, sizeof lies);
    rng_seed(&lies.rng, net->seed ^ 0x726f);
    rogue_open(&lies.rogue, net->seed * 100 + 99, net->now - NET_HOUR);
    memcpy(net->rogue, lies.rogue.hex, sizeof net->rogue);
    for (int i = 0; i < net->count; i++) {
        AUTO(Buf) out = {0};
        NetNode *n = &net->nodes[i];
        DeskPeerDraft draft = {.card = rogue_card(&lies.rogue, &net->c), .name = STR("rogue")};
        if (i > 0 && rng_below(&lies.rng, 3) == 0)
            continue;
        net_ok(net, desk_peer_add(&net->c, &n->desk, &draft, &out));
        net_absorb_node(net, n);
        lies.knows[i] = true;
        be_honest(net, i);
    }
    net_say(net, "a rogue is among them");
}

void net_rogue_done(Net *net) {
    if (net->rogue[0])
        rogue_done(&lies.rogue);
}

static void add_case(void) {
    rogue_add(&lies.rogue, &(RogueRecord){.kind = RECORD_CASE, .body = "{\"title\":\"a case\"}"});
}

static void lie_proof(Net *net, int node) {
    Rogue *r = &lies.rogue;
    CryptoHash none = {0};
    int64_t leaf = lies.has[node];
    for (int i = 0; i < 3; i++)
        add_case();
    rogue_head(r, &net->nodes[node].agency, net->now);
    rogue_have(r, 0, 0, &none);
    rogue_journal(r, (uint64_t)leaf, (uint64_t)leaf + 1);
    rogue_tree(r, leaf, r->count, &leaf, 1);
    r->plain.p[r->plain.n - 1] ^= 1; // of the last hash of the proof
    rogue_opening(r, 0, leaf);
}

static void lie_huge(Net *net, int node) {
    static const char gigabyte[] = {0, 0, 0, 0x40};
    rogue_head(&lies.rogue, &net->nodes[node].agency, net->now);
    buf_char(&lies.rogue.plain, (char)(1 + rng_below(&lies.rng, 15)));
    buf_append(&lies.rogue.plain, gigabyte, sizeof gigabyte);
}

static void lie_noise(Net *net, int node) {
    char noise[200];
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (char)rng_next(&lies.rng);
    rogue_head(&lies.rogue, &net->nodes[node].agency, net->now);
    rogue_frame(&lies.rogue, 4 + (uint8_t)rng_below(&lies.rng, 2), noise, sizeof noise);
}

// The message of a lie that is false in itself.
static Str false_one(Net *net, int node, int lie) {
    Rogue *r = &lies.rogue;
    int64_t has = lies.has[node];
    if (lie == LIE_SALT || lie == LIE_FOREIGN) {
        RogueRecord record = {.kind = RECORD_CASE, .body = "{\"title\":\"a lie\"}"};
        record.by = lie == LIE_FOREIGN ? net->nodes[(node + 1) % net->count].hex : NULL;
        RogueLeaf *l = &r->leaves[rogue_add(r, &record)];
        l->salt[3] ^= lie == LIE_SALT;
        Str m = message(net, node, has, has);
        l->salt[3] ^= lie == LIE_SALT;
        return m;
    }
    if (lie == LIE_PROOF)
        lie_proof(net, node);
    else if (lie == LIE_HUGE)
        lie_huge(net, node);
    else
        lie_noise(net, node);
    return rogue_end(r, &net->c, NULL);
}

static void be_false(Net *net, int node, int lie) {
    DeskSyncTaken taken;
    int64_t count = lies.rogue.count;
    Err e = say(net, node, false_one(net, node, lie), &taken);
    // A frame that claims too much hides the signature: then it is nobody's fault.
    if (e == OK || taken.fresh > 0 || stopped(net, node) != (lie != LIE_HUGE))
        net_fail(net, "%s takes lie %d of the rogue: %s, %llu new", net->nodes[node].name, lie,
                 err_name(e), (unsigned long long)taken.fresh);
    if (lie == LIE_FOREIGN)
        lies.rogue.count = count; // what it says of others is in no history of its own
}

static void replay(Net *net, int node) {
    DeskSyncTaken taken;
    Err e = say(net, node, lies.kept, &taken); // to this node, or meant for another
    if (e == OK && taken.fresh > 0)
        net_fail(net, "%s takes a message twice", net->nodes[node].name);
}

static void withhold(Net *net, int node) {
    DeskSyncTaken taken;
    int64_t has = lies.has[node];
    add_case();
    add_case();
    net_ok(net, say(net, node, message(net, node, has + 1, has), &taken));
    if (taken.fresh > 0 || taken.gap_at != (uint64_t)has)
        net_fail(net, "%s does not see that something was held back", net->nodes[node].name);
}

static void fork_log(Net *net, int node) {
    static Rogue other;
    DeskSyncTaken taken;
    rogue_fork(&lies.rogue, lies.has[node] - 1, &other);
    for (int i = 0; i < 3; i++)
        rogue_add(&other, &(RogueRecord){.kind = RECORD_CASE, .body = "{\"title\":\"other\"}"});
    Str m = rogue_message(&other, &net->c, &net->nodes[node].agency, net->now, 0, 0);
    Err e = say(net, node, m, &taken);
    rogue_done(&other);
    if (taken.fresh > 0 || !stopped(net, node))
        net_fail(net, "%s takes two histories of the rogue: %s", net->nodes[node].name,
                 err_name(e));
}

void net_rogue_act(Net *net) {
    if (!net->rogue[0])
        return;
    int node = (int)rng_below(&lies.rng, (uint64_t)net->count);
    int lie = rng_below(&lies.rng, 12) ? (int)rng_below(&lies.rng, LIE_FORK) : LIE_FORK;
    if (!lies.knows[node] || lies.over[node] || !resume(net, node) ||
        lies.rogue.count > ROGUE_LEAVES_MAX - 4)
        return;
    net_say(net, "the rogue tells lie %d to %s", lie, net->nodes[node].name);
    if (lies.rogue.count > lies.has[node] || rng_below(&lies.rng, 2))
        be_honest(net, node);
    if (lie == LIE_REPLAY)
        replay(net, node);
    else if (lie == LIE_WITHHELD)
        withhold(net, node);
    else if (lie == LIE_FORK)
        fork_log(net, node);
    else
        be_false(net, node, lie);
    net->tally.lies[lie]++;
    ctx_reset(&net->c);
}
