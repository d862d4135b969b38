// Whose key stands under a record of another agency: as that agency's own log names the officer's
// keys, at the time when it was said.
#include "groups.h"
#include "rogue.h"

typedef struct Stage {
    Net net;
    Rogue rogue;
} Stage;

static RecordId decision(Stage *s) {
    int64_t leaf = rogue_add(
        &s->rogue, &(RogueRecord){.kind = RECORD_EXPORT_DECISION,
                                  .body = "{\"case\":\"01900000-0000-7000-8000-000000000001\","
                                          "\"reason\":\"asked for\",\"records\":[],\"to\":\"a "
                                          "court\"}"});
    return s->rogue.leaves[leaf].id;
}

// Another key of the officer, named by the agency's log.
static void change_key(Stage *s) {
    AUTO(Buf) body = {0};
    CryptoSeed seed = {{77}};
    CryptoPublicKey public;
    crypto_sign_key_from_seed(&seed, &s->rogue.officer_key, &public);
    buf_text(&body, "{\"active\":true,\"key\":\"");
    buf_hex(&body, public.b, sizeof public.b);
    buf_text(&body, "\",\"role\":\"investigator\"}");
    buf_char(&body, '\0');
    rogue_add(&s->rogue, &(RogueRecord){.kind = RECORD_OFFICER_CHANGE,
                                        .of = &s->rogue.leaves[2].id,
                                        .body = body.p});
}

static void take(Stage *s, int64_t from) {
    DeskSyncTaken taken;
    NetNode *n = &s->net.nodes[0];
    Str message = rogue_message(&s->rogue, &s->net.c, &n->agency, s->net.now, from, from);
    assert_ok(&s->net.c, desk_sync_take(&s->net.c, n->node, &s->rogue.agency, message, &taken));
}

static void is(Stage *s, RecordId id, const char *state) {
    AUTO(Buf) json = {0};
    char text[RECORD_ID_TEXT_BYTES];
    DeskRecord r;
    size_t at;
    Ctx *c = &s->net.c;
    record_id_text(id, text);
    assert_ok(c, desk_record_get(c, &s->net.nodes[0].desk, str_of(text), &r));
    assert_true(r.verified);
    assert_int_equal(r.sig_count, 1);
    if (!str_eq_c(r.sigs[0].state, state))
        fail_msg("%.*s instead of %s", (int)r.sigs[0].state.n, r.sigs[0].state.p, state);
    assert_ok(c, desk_record_json(c, &r, &json));
    Str said;
    assert_ok(c, str_format(c, &said, "\"state\":\"%s\"}]", state));
    assert_true(str_find(buf_view(&json), said, &at));
}

static void test_whose_key(void **state) {
    (void)state;
    Stage *s = mem_alloc_zero(1, sizeof *s);
    AUTO(Buf) out = {0};
    assert_non_null(s);
    net_open(&s->net, 9, 1);
    rogue_open(&s->rogue, 13, s->net.now - NET_HOUR);
    NetNode *n = &s->net.nodes[0];
    DeskPeerDraft draft = {.card = rogue_card(&s->rogue, &s->net.c), .name = STR("rogue")};
    assert_ok(&s->net.c, desk_peer_add(&s->net.c, &n->desk, &draft, &out));
    CryptoSignKey old = s->rogue.officer_key;
    RecordId first = decision(s);
    take(s, 0);
    is(s, first, "checked");
    change_key(s);
    RecordId by_new = decision(s);
    s->rogue.officer_key = old;
    RecordId by_old = decision(s);
    // An officer whose record never came, and one of ours: what our own log says is no word of
    // theirs.
    s->rogue.officer = record_id_new(s->net.now, s->rogue.random);
    RecordId unknown = decision(s);
    s->rogue.officer = n->desk.officer;
    s->rogue.now = s->net.now; // when our own log had named his key
    RecordId ours = decision(s);
    take(s, 4);
    is(s, first, "checked"); // by the key of that time
    is(s, by_new, "checked");
    is(s, by_old, "other_key");
    is(s, unknown, "key_unknown");
    is(s, ours, "key_unknown");
    rogue_done(&s->rogue);
    net_done(&s->net);
    mem_free(s);
}

int run_desk_signature_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whose_key),
    };
    return cmocka_run_group_tests_name("signatures", tests, NULL, NULL);
}
