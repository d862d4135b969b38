// Messages from a peer that lies: lengths, counts, sizes, signatures. Plain texts are made by hand.
#include "test.h"

#include <zstd.h>

#include "groups.h"
#include "sync/sync.h"

#define FRONT "moei/sync/1\n"

static void put_u32(Buf *b, uint32_t v) {
    buf_append(b, &v, sizeof v);
}

static void put_u64(Buf *b, uint64_t v) {
    buf_append(b, &v, sizeof v);
}

static void put_zeros(Buf *b, size_t n) {
    for (size_t i = 0; i < n; i++)
        buf_char(b, 0);
}

static void put_frame(Buf *b, uint8_t type, Str payload) {
    buf_char(b, (char)type);
    put_u32(b, (uint32_t)payload.n);
    buf_str(b, payload);
}

static void put_head(Buf *b, const CryptoSignKey *key, uint8_t version) {
    AUTO(Buf) h = {0};
    CryptoPublicKey p = crypto_sign_key_public(key);
    buf_char(&h, (char)version);
    put_zeros(&h, 64);
    buf_append(&h, p.b, 32);
    put_u64(&h, 1700000000000000);
    buf_char(&h, 0);
    put_u32(&h, 0);
    put_frame(b, 1, buf_view(&h));
}

static void put_sign(Buf *b, const CryptoSignKey *key) {
    AUTO(Buf) all = {0};
    buf_text(&all, "moei/sync/v1\n");
    buf_str(&all, buf_view(b));
    CryptoHash h = crypto_sha256(all.p, all.n);
    CryptoSignature s = crypto_signature_make(key, h.b, 32);
    put_frame(b, 255, (Str){(const char *)s.b, 64});
}

// Packs with a stated size; stated 0 means the true one.
static void pack(const Buf *plain, uint32_t stated, Buf *out) {
    size_t cap = ZSTD_compressBound(plain->n);
    char *packed = malloc(cap);
    assert_non_null(packed);
    size_t n = ZSTD_compress(packed, cap, plain->p, plain->n, 1);
    assert_false(ZSTD_isError(n));
    buf_text(out, FRONT);
    put_u32(out, stated ? stated : (uint32_t)plain->n);
    buf_append(out, packed, n);
    free(packed);
}

static bool is_zero(const CryptoPublicKey *k) {
    static const CryptoPublicKey none;
    return memcmp(k->b, none.b, sizeof none.b) == 0;
}

// Reads a plain text that is completed by HEAD and SIGN; the fault is the signer's.
static Err read_frames(const Buf *frames, bool *ret_signed) {
    AUTO(Ctx) c;
    ctx_init(&c);
    CryptoSignKey key = key_of(1);
    AUTO(Buf) plain = {0};
    AUTO(Buf) message = {0};
    SyncMessage m;
    CryptoPublicKey by;
    put_head(&plain, &key, 1);
    buf_str(&plain, buf_view(frames));
    put_sign(&plain, &key);
    pack(&plain, 0, &message);
    Err e = sync_read(&c, buf_view(&message), &by, &m);
    *ret_signed = !is_zero(&by);
    return e;
}

static void assert_refused(uint8_t type, const Buf *payload, Err want) {
    AUTO(Buf) frames = {0};
    bool by_signer;
    put_frame(&frames, type, buf_view(payload));
    Err got = read_frames(&frames, &by_signer);
    if (got != want)
        fail_msg("frame of type %u and %zu bytes: %s, not %s", type, payload->n, err_name(got),
                 err_name(want));
    assert_true(by_signer);
}

// Every prefix and every extension of each frame's right payload is refused, where its length is
// fixed; and numbers that are too large.
static void test_frames_of_wrong_form(void **state) {
    (void)state;
    static const struct {
        uint8_t type;
        size_t bytes;
        bool longer; // may be any longer
    } rows[] = {
        {2, 48, false}, {3, 16, false},  {7, 41, true},    {8, 33, true},
        {9, 40, false}, {11, 40, false}, {13, 224, false}, {14, 1, true},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(Buf) payload = {0};
        AUTO(Buf) frames = {0};
        bool by_signer;
        for (size_t n = 0; n < rows[i].bytes; n++) {
            assert_refused(rows[i].type, &payload, E_INVALID);
            buf_char(&payload, rows[i].type == 14 ? 1 : 0);
        }
        put_frame(&frames, rows[i].type, buf_view(&payload));
        assert_int_equal(read_frames(&frames, &by_signer), OK);
        buf_char(&payload, 'x');
        if (!rows[i].longer)
            assert_refused(rows[i].type, &payload, E_INVALID);
    }
}

static void test_numbers_of_wrong_size(void **state) {
    (void)state;
    static const uint64_t large[] = {UINT64_MAX, 1ULL << 63, (1ULL << 53)};
    for (size_t i = 0; i < COUNT_OF(large); i++) {
        AUTO(Buf) have = {0};
        put_u64(&have, large[i]);
        put_zeros(&have, 40);
        assert_refused(2, &have, E_INVALID);
        AUTO(Buf) ask = {0};
        put_u64(&ask, large[i]);
        put_zeros(&ask, 32);
        assert_refused(9, &ask, E_INVALID);
        AUTO(Buf) blob = {0};
        put_zeros(&blob, 32);
        put_u64(&blob, large[i]);
        put_u64(&blob, large[i]);
        assert_refused(12, &blob, E_INVALID);
    }
    AUTO(Buf) journal = {0};
    put_u64(&journal, 5);
    put_u64(&journal, 4);
    assert_refused(3, &journal, E_INVALID);
    AUTO(Buf) blob = {0}; // more bytes than the whole has
    put_zeros(&blob, 32);
    put_u64(&blob, 8);
    put_u64(&blob, 10);
    buf_text(&blob, "abc");
    assert_refused(12, &blob, E_INVALID);
    AUTO(Buf) refuse = {0};
    buf_char(&refuse, 4);
    buf_text(&refuse, "\xff\xfe");
    assert_refused(14, &refuse, E_INVALID);
    AUTO(Buf) code = {0};
    buf_char(&code, 0);
    assert_refused(14, &code, E_INVALID);
}

static void test_trees_and_openings(void **state) {
    (void)state;
    AUTO(Buf) tree = {0};
    put_zeros(&tree, 40);
    buf_append(&tree, "\5\0note\n", 7);
    put_u32(&tree, 0x08000000); // 4 GiB of hashes
    assert_refused(4, &tree, E_INVALID);
    AUTO(Buf) long_note = {0};
    put_zeros(&long_note, 40);
    buf_append(&long_note, "\xff\xff", 2);
    put_zeros(&long_note, 65535);
    put_u32(&long_note, 0);
    assert_refused(4, &long_note, E_INVALID);
    AUTO(Buf) opening = {0}; // of a tree that is not there
    put_zeros(&opening, 41);
    buf_text(&opening, "envelope");
    assert_refused(5, &opening, E_INVALID);
    AUTO(Buf) salted_hole = {0};
    put_zeros(&salted_hole, 40);
    buf_char(&salted_hole, 1);
    assert_refused(5, &salted_hole, E_INVALID);
    AUTO(Buf) leaves = {0};
    put_zeros(&leaves, 9 + 32);
    assert_refused(6, &leaves, E_INVALID);
}

static void put_tree(Buf *frames) {
    AUTO(Buf) tree = {0};
    put_zeros(&tree, 40);
    buf_append(&tree, "\5\0note\n", 7);
    put_u32(&tree, 0);
    put_frame(frames, 4, buf_view(&tree));
}

static void put_opening(Buf *frames, uint64_t leaf, const char *envelope) {
    AUTO(Buf) opening = {0};
    buf_char(&opening, 0);
    put_u64(&opening, leaf);
    put_zeros(&opening, 32);
    buf_text(&opening, envelope);
    put_frame(frames, 5, buf_view(&opening));
}

static void test_overlapping(void **state) {
    (void)state;
    bool by_signer;
    AUTO(Buf) frames = {0};
    put_tree(&frames);
    put_opening(&frames, 3, "one");
    put_opening(&frames, 4, "one");
    put_opening(&frames, 3, "one");
    assert_int_equal(read_frames(&frames, &by_signer), OK);
    put_opening(&frames, 3, "other");
    assert_int_equal(read_frames(&frames, &by_signer), E_INVALID);
    AUTO(Buf) twice = {0}; // LEAVES of one tree twice
    AUTO(Buf) leaves = {0};
    put_zeros(&leaves, 9 + 64);
    put_tree(&twice);
    put_frame(&twice, 6, buf_view(&leaves));
    assert_int_equal(read_frames(&twice, &by_signer), OK);
    put_frame(&twice, 6, buf_view(&leaves));
    assert_int_equal(read_frames(&twice, &by_signer), E_INVALID);
}

static void test_counts(void **state) {
    (void)state;
    static const struct {
        uint8_t type;
        size_t bytes, max;
        Err want;
    } rows[] = {
        {2, 48, 1, E_INVALID},
        {3, 16, 1, E_INVALID},
        {11, 40, SYNC_WANTS_MAX, E_LIMIT},
        {9, 40, SYNC_HEADS_MAX, E_LIMIT},
        {99, 0, SYNC_FRAMES_MAX - 2, E_LIMIT},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        AUTO(Buf) frames = {0};
        AUTO(Buf) payload = {0};
        bool by_signer;
        put_zeros(&payload, rows[i].bytes);
        for (size_t n = 0; n < rows[i].max; n++)
            put_frame(&frames, rows[i].type, buf_view(&payload));
        assert_int_equal(read_frames(&frames, &by_signer), OK);
        put_frame(&frames, rows[i].type, buf_view(&payload));
        assert_int_equal(read_frames(&frames, &by_signer), rows[i].want);
        assert_true(by_signer);
    }
    // A second HEAD, and a SIGN in the middle.
    CryptoSignKey key = key_of(1);
    AUTO(Buf) head = {0};
    AUTO(Buf) sign = {0};
    bool by_signer;
    put_head(&head, &key, 1);
    assert_int_equal(read_frames(&head, &by_signer), E_INVALID);
    put_sign(&sign, &key);
    assert_int_equal(read_frames(&sign, &by_signer), E_INVALID);
}

// What cannot be laid at anybody's door: nothing is signed, or not by the key that is named.
static void test_noise(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    CryptoSignKey key = key_of(1), other = key_of(2);
    SyncMessage m;
    CryptoPublicKey by;
    for (int what = 0; what < 6; what++) {
        static const Err wants[] = {E_CRYPTO,      E_INVALID, E_INVALID,
                                    E_UNSUPPORTED, E_INVALID, E_INVALID};
        AUTO(Buf) plain = {0};
        AUTO(Buf) message = {0};
        if (what != 1)
            put_head(&plain, &key, what == 3 ? 2 : 1);
        if (what == 4)
            buf_append(&plain, "\x63\xff\xff\xff\x3f", 5); // a frame of 1 GiB
        if (what != 2)
            put_sign(&plain, what == 0 ? &other : &key);
        if (what == 5)
            buf_append(&plain, "\x63\0\0", 3); // something after SIGN
        pack(&plain, 0, &message);
        assert_int_equal(sync_read(&c, buf_view(&message), &by, &m), wants[what]);
        assert_true(is_zero(&by));
    }
}

static void test_packing(void **state) {
    (void)state;
    CryptoSignKey key = key_of(1);
    SyncMessage m;
    CryptoPublicKey by;
    SyncHead h;
    AUTO(Buf) plain = {0};
    put_head(&plain, &key, 1);
    put_sign(&plain, &key);
    static const uint32_t stated[] = {1, SYNC_MESSAGE_BYTES_MAX, SYNC_MESSAGE_BYTES_MAX + 1,
                                      1 << 30, UINT32_MAX};
    for (size_t i = 0; i < COUNT_OF(stated); i++) {
        AUTO(Ctx) c;
        ctx_init(&c);
        AUTO(Buf) message = {0};
        pack(&plain, stated[i], &message);
        assert_int_equal(sync_read(&c, buf_view(&message), &by, &m),
                         stated[i] > SYNC_MESSAGE_BYTES_MAX ? E_LIMIT : E_INVALID);
        // Whatever was claimed, no memory was taken for it.
        assert_true(c.arena.used < 65536);
    }
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(Buf) message = {0};
    pack(&plain, 0, &message);
    assert_ok(&c, sync_read(&c, buf_view(&message), &by, &m));
    for (size_t n = 0; n < message.n; n++) {
        assert_true(sync_read(&c, (Str){message.p, n}, &by, &m) != OK);
        assert_true(sync_peek(&c, (Str){message.p, n}, &h) != OK);
    }
    buf_char(&message, 0); // more after the frame; two frames
    assert_int_equal(sync_read(&c, buf_view(&message), &by, &m), E_INVALID);
    message.n--;
    Str frame = {message.p + 16, message.n - 16};
    AUTO(Buf) two = {0};
    buf_str(&two, buf_view(&message));
    buf_str(&two, frame);
    assert_int_equal(sync_read(&c, buf_view(&two), &by, &m), E_INVALID);
}

// A frame whose front claims nothing and that unpacks to 1 GiB, and one whose front claims it.
static void test_bomb(void **state) {
    (void)state;
    AUTO(Buf) packed = {0};
    char out[65536];
    static char zeros[1 << 20];
    ZSTD_CCtx *z = ZSTD_createCCtx();
    assert_non_null(z);
    for (int i = 0; i <= 1024; i++) {
        ZSTD_inBuffer from = {zeros, i < 1024 ? sizeof zeros : 0, 0};
        size_t left;
        do {
            ZSTD_outBuffer to = {out, sizeof out, 0};
            left = ZSTD_compressStream2(z, &to, &from, i < 1024 ? ZSTD_e_continue : ZSTD_e_end);
            assert_false(ZSTD_isError(left));
            buf_append(&packed, out, to.pos);
        } while (i < 1024 ? from.pos < from.size : left > 0);
    }
    ZSTD_freeCCtx(z);
    for (uint32_t stated = 0; stated < 3; stated++) {
        AUTO(Ctx) c;
        ctx_init(&c);
        AUTO(Buf) message = {0};
        SyncMessage m;
        CryptoPublicKey by;
        SyncHead h;
        buf_text(&message, FRONT);
        put_u32(&message, stated == 0 ? 200 : stated == 1 ? SYNC_MESSAGE_BYTES_MAX : 1 << 30);
        buf_str(&message, buf_view(&packed));
        assert_true(sync_read(&c, buf_view(&message), &by, &m) != OK);
        assert_true(sync_peek(&c, buf_view(&message), &h) != OK);
        assert_true(c.arena.used <= SYNC_MESSAGE_BYTES_MAX + 65536);
    }
}

// Any byte of a good message changed: an error, and never another message.
static void test_each_byte_counts(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    CryptoSignKey key = key_of(1);
    AUTO(Buf) plain = {0};
    put_head(&plain, &key, 1);
    put_tree(&plain);
    put_opening(&plain, 3, "one");
    put_sign(&plain, &key);
    for (size_t i = 0; i < plain.n; i++) {
        AUTO(Buf) message = {0};
        SyncMessage m;
        CryptoPublicKey by;
        plain.p[i] ^= 1;
        pack(&plain, 0, &message);
        plain.p[i] ^= 1;
        assert_true(sync_read(&c, buf_view(&message), &by, &m) != OK);
        assert_true(is_zero(&by));
    }
}

int run_sync_hostile_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames_of_wrong_form),
        cmocka_unit_test(test_numbers_of_wrong_size),
        cmocka_unit_test(test_trees_and_openings),
        cmocka_unit_test(test_overlapping),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_noise),
        cmocka_unit_test(test_packing),
        cmocka_unit_test(test_bomb),
        cmocka_unit_test(test_each_byte_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
