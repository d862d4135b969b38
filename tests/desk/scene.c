#include "scene.h"

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

int scene_set_up(void **state) {
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

int scene_tear_down(void **state) {
    Scene *s = *state;
    rogue_done(&s->rogue);
    net_done(&s->net);
    return 0;
}

Err scene_take(Scene *s, int node, const Rogue *from, Str message, DeskSyncTaken *ret_taken) {
    DeskSyncTaken taken = {0};
    NetNode *n = &s->net.nodes[node];
    Err e = desk_sync_take(&s->net.c, n->node, &from->agency, message, &taken);
    if (ret_taken)
        *ret_taken = taken;
    net_absorb_node(&s->net, n);
    return e;
}

bool scene_stopped(Scene *s, int node, const CryptoHash *peer) {
    const DeskLink *links;
    size_t n;
    assert_ok(&s->net.c, desk_link_list(&s->net.c, s->net.nodes[node].node, &links, &n));
    for (size_t i = 0; i < n; i++)
        if (memcmp(links[i].agency.b, peer->b, sizeof peer->b) == 0)
            return links[i].stopped;
    return true;
}

void scene_unharmed(Scene *s, int victim, const char *word) {
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
    assert_false(scene_stopped(s, 0, &net->nodes[1].agency));
    assert_false(scene_stopped(s, 1, &net->nodes[0].agency));
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

RogueRecord scene_notice_to(Scene *s, int node, const char *text, char body[512]) {
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

void scene_notice(Scene *s, Rogue *r, int node, const char *text) {
    char body[512];
    RogueRecord n = scene_notice_to(s, node, text, body);
    rogue_add(r, &n);
}

void scene_begin(Scene *s, int node) {
    DeskSyncTaken taken;
    Rogue *r = &s->rogue;
    NetNode *n = &s->net.nodes[node];
    Str m = rogue_message(r, &s->net.c, &n->agency, s->net.now, 0, 0);
    Err e = scene_take(s, node, r, m, &taken);
    if (e != OK || taken.fresh == 0)
        fail_msg("an honest message: %s: %s (%llu fresh)", err_name(e), s->net.c.error,
                 (unsigned long long)taken.fresh);
    assert_false(scene_stopped(s, node, &r->agency));
}

void scene_named(Scene *s, int node, const char *what) {
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
