// The table of frames itself: every type that the page has stands in it, and a frame with a byte
// more than it may have is told. (frames.c; applied to every packet of the networks and of the
// agencies of test_outlets.c.)
#include "frames.h"
#include "groups.h"

#define AGENCY "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define OTHER "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define NOTE                                                                                       \
    "moei/" AGENCY "/main\n7\nqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq=\n\n\u2014 moei/" AGENCY \
    "/main c2lnbmF0dXJl\n"
#define LINE "\u2014 moei/" AGENCY " c2lnbmF0dXJl\n"

typedef struct Told {
    size_t openings, blobs;
} Told;

static void told_opening(void *self, Str envelope) {
    Told *t = self;
    assert_true(str_eq(envelope, STR("{}")));
    t->openings++;
}

static void told_blob(void *self, Str sha256) {
    Told *t = self;
    assert_int_equal(sha256.n, 64);
    t->blobs++;
}

// One frame of each type, as sync writes them; the plain text.
static void whole_message(Ctx *c, Buf *plain) {
    SyncHead head = {.now_us = 5};
    CryptoHash hash = {{1}};
    AUTO(SyncWriter) w = {0};
    AUTO(Buf) out = {0};
    CryptoSignKey key;
    uint8_t statement[SYNC_RECOVER_BYTES] = {9};
    memset(&head.from, 0xaa, sizeof head.from);
    memset(&head.to, 0xbb, sizeof head.to);
    assert_ok(c, crypto_init(c));
    CryptoSeed seed = {{3}};
    crypto_sign_key_from_seed(&seed, &key, &head.link_key);
    assert_ok(c, sync_write_begin(c, &w, &head));
    sync_put_have(&w, &(SyncHave){3, 4, hash});
    sync_put_journal(&w, 1, 3);
    sync_put_tree(
        &w, &(SyncTree){.origin = head.from, .note = STR(NOTE), .proof = &hash, .proof_count = 1});
    sync_put_opening(&w, &(SyncOpening){.leaf = 1, .envelope = STR("{}")});
    sync_put_opening(&w, &(SyncOpening){0}); // a hole
    sync_put_leaves(&w, 0, 0, &hash, 1);
    sync_put_cosign(&w, &head.to, 7, STR(LINE));
    sync_put_seen(&w, &head.from, STR(NOTE));
    sync_put_ask(&w, &(SyncAsk){7, hash});
    sync_put_prove(
        &w, &(SyncProve){.of = {7, hash}, .note = STR(NOTE), .proof = &hash, .proof_count = 1});
    sync_put_prove(&w, &(SyncProve){.of = {7, hash}, .cannot = true});
    sync_put_want(&w, &hash, 0);
    sync_put_blob(&w, &(SyncBlob){.sha256 = hash, .total = 3, .bytes = STR("abc")});
    sync_put_recover(&w, (Str){(char *)statement, sizeof statement});
    sync_put_refuse(&w, SYNC_REFUSED_BUSY, STR("busy"));
    assert_ok(c, sync_write_end(c, &w, &key, &out));
    assert_true(frames_unpack(buf_view(&out), plain));
}

static void test_every_type_has_a_row(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(Buf) plain = {0};
    size_t seen[256] = {0}, rows = 0;
    Told told = {0};
    FramesLook look = {&told, AGENCY, OTHER, told_opening, told_blob, seen, NULL};
    whole_message(&c, &plain);
    const char *bad = frames_check(buf_view(&plain), &look);
    if (bad)
        fail_msg("%s", bad);
    assert_int_equal(told.openings, 1);
    assert_int_equal(told.blobs, 1);
    for (int type = 0; type < 256; type++) {
        rows += frames_name((Frame)type) != NULL;
        if (frames_name((Frame)type) && seen[type] == 0)
            fail_msg("no message of this test has %s", frames_name((Frame)type));
    }
    assert_int_equal(rows, 15);
}

// A byte more in each frame; the frame itself of a type that there is not; another speaker.
static void test_more_is_told(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(Buf) plain = {0};
    Told told = {0};
    FramesLook look = {&told, AGENCY, OTHER, told_opening, told_blob, NULL, NULL};
    whole_message(&c, &plain);
    Str all = buf_view(&plain);
    size_t longer = 0;
    for (size_t at = 0; at < all.n;) {
        AUTO(Buf) bent = {0};
        size_t n = load_u32le(all.p + at + 1);
        uint8_t type = (uint8_t)all.p[at];
        uint32_t more = (uint32_t)n + 1;
        buf_append(&bent, all.p, at + 1);
        for (int i = 0; i < 4; i++)
            buf_char(&bent, (char)(more >> 8 * i & 0xff));
        buf_append(&bent, all.p + at + 5, n);
        buf_char(&bent, 'z');
        buf_append(&bent, all.p + at + 5 + n, all.n - at - 5 - n);
        // What carries a record, a document or words is looked at by whoever is told of it.
        bool any = type == FRAME_OPENING || type == FRAME_BLOB || type == FRAME_REFUSE;
        if (!any && !frames_check(buf_view(&bent), &look))
            fail_msg("%s carries a byte more and nobody tells", frames_name((Frame)type));
        longer += !any;
        buf_clear(&bent);
        buf_append(&bent, all.p, all.n);
        bent.p[at] = 77;
        assert_non_null(frames_check(buf_view(&bent), &look));
        at += 5 + n;
    }
    assert_true(longer >= 12);
    look.from = OTHER;
    assert_non_null(frames_check(all, &look));
    look.from = AGENCY;
    assert_null(frames_check(all, &look));
    assert_non_null(frames_check((Str){all.p, all.n - 69}, &look)); // without SIGN
}

int run_desk_frame_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_type_has_a_row),
        cmocka_unit_test(test_more_is_told),
    };
    return cmocka_run_group_tests_name("desk: frames", tests, NULL, NULL);
}
