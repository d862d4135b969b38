// What somebody with a key of his own signs, or seals, though no honest program would write it: the
// signature holds, and the values do not.
#include "test.h"

#include <unistd.h>
#include <zstd.h>

#include "groups.h"
#include "sync/sync_priv.h"
#include "vectors.h"

static void put_u16(Buf *b, uint16_t v) {
    buf_append(b, &v, sizeof v);
}

static void put_u32(Buf *b, uint32_t v) {
    buf_append(b, &v, sizeof v);
}

static void put_u64(Buf *b, uint64_t v) {
    buf_append(b, &v, sizeof v);
}

static void put_fill(Buf *b, char with, size_t n) {
    for (size_t i = 0; i < n; i++)
        buf_char(b, with);
}

// --- messages -----------------------------------------------------------------------------------

static void put_frame(Buf *b, Frame type, const Buf *payload) {
    buf_char(b, (char)type);
    put_u32(b, (uint32_t)payload->n);
    buf_append(b, payload->p, payload->n);
}

// HEAD at this time, the frames, SIGN; as one message.
static void message_of(const Buf *frames, uint64_t now, size_t more_head, Buf *out) {
    CryptoSignKey key = key_of(1);
    CryptoPublicKey public_key = crypto_sign_key_public(&key);
    AUTO(Buf) head = {0}, plain = {0}, all = {0}, sig = {0};
    buf_char(&head, 1);
    put_fill(&head, 0, 64);
    buf_append(&head, public_key.b, sizeof public_key.b);
    put_u64(&head, now);
    put_fill(&head, 0, 5 + more_head);
    put_frame(&plain, FRAME_HEAD, &head);
    buf_append(&plain, frames->p, frames->n);
    buf_text(&all, "moei/sync/v1\n");
    buf_append(&all, plain.p, plain.n);
    CryptoHash h = crypto_sha256(all.p, all.n);
    CryptoSignature s = crypto_signature_make(&key, h.b, sizeof h.b);
    buf_append(&sig, s.b, sizeof s.b);
    put_frame(&plain, FRAME_SIGN, &sig);
    size_t cap = ZSTD_compressBound(plain.n);
    char *packed = malloc(cap);
    assert_non_null(packed);
    size_t n = ZSTD_compress(packed, cap, plain.p, plain.n, 1);
    assert_false(ZSTD_isError(n));
    buf_text(out, "moei/sync/1\n");
    put_u32(out, (uint32_t)plain.n);
    buf_append(out, packed, n);
    free(packed);
}

static Err read_at(const Buf *frames, uint64_t now, size_t more_head) {
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(Buf) message = {0};
    CryptoPublicKey by;
    SyncMessage m;
    message_of(frames, now, more_head, &message);
    return sync_read(&c, buf_view(&message), &by, &m);
}

static void expect_frames(const Buf *frames, Err want, const char *what) {
    Err got = read_at(frames, 1, 0);
    if (got != want)
        fail_msg("%s: %s, not %s", what, err_name(got), err_name(want));
}

static void put_tree(Buf *frames, size_t note) {
    AUTO(Buf) tree = {0};
    put_fill(&tree, 0, 40);
    put_u16(&tree, (uint16_t)note);
    put_fill(&tree, 'n', note);
    put_u32(&tree, 0);
    put_frame(frames, FRAME_TREE, &tree);
}

// A frame of zeros and then `n` of a letter: the longest text that it may have, and one more.
static void text_of(Frame type, size_t zeros, uint64_t total, size_t max) {
    for (size_t n = max; n <= max + 1; n++) {
        AUTO(Buf) payload = {0}, frames = {0};
        put_fill(&payload, type == FRAME_REFUSE ? 1 : 0, zeros);
        if (total > 0)
            put_u64(&payload, total);
        put_fill(&payload, 'x', n);
        put_tree(&frames, 1);
        put_frame(&frames, type, &payload);
        expect_frames(&frames, n == max ? OK : E_INVALID, "a text of this length");
    }
}

static void test_lengths(void **state) {
    (void)state;
    text_of(FRAME_COSIGN, 40, 0, SYNC_LINE_BYTES_MAX);
    text_of(FRAME_SEEN, 32, 0, LEDGER_NOTE_BYTES_MAX);
    text_of(FRAME_REFUSE, 1, 0, SYNC_LINE_BYTES_MAX);
    text_of(FRAME_OPENING, 41, 0, RECORD_BYTES_MAX);
    text_of(FRAME_BLOB, 40, 1 << 24, SYNC_BLOB_BYTES_MAX);
    AUTO(Buf) tree = {0}; // whose note is empty
    put_tree(&tree, 0);
    expect_frames(&tree, E_INVALID, "a tree without a note");
    for (int cannot = 0; cannot < 2; cannot++) {
        AUTO(Buf) prove = {0}, frames = {0};
        put_fill(&prove, 0, 42);
        put_u32(&prove, cannot ? UINT32_MAX : 0);
        put_frame(&frames, FRAME_PROVE, &prove);
        expect_frames(&frames, cannot ? OK : E_INVALID, "a proof without a note");
    }
}

// LEAVES of `n` commitments from `first` on, `times` over, each of its own tree.
static void leaves_of(uint64_t first, size_t n, size_t times, Err want) {
    AUTO(Buf) frames = {0};
    for (size_t i = 0; i < times; i++) {
        AUTO(Buf) leaves = {0};
        buf_char(&leaves, (char)i);
        put_u64(&leaves, first);
        put_fill(&leaves, 7, n * 32);
        put_tree(&frames, 1);
        put_frame(&frames, FRAME_LEAVES, &leaves);
    }
    expect_frames(&frames, want, "LEAVES");
}

static void test_leaves(void **state) {
    (void)state;
    leaves_of(0, 0, 1, E_INVALID);
    leaves_of((uint64_t)SIZE_OF_TREE_MAX - 2, 2, 1, OK);
    leaves_of((uint64_t)SIZE_OF_TREE_MAX - 2, 3, 1, E_INVALID);
    leaves_of((uint64_t)SIZE_OF_TREE_MAX, 1, 1, E_INVALID);
    leaves_of(0, SYNC_LEAVES_MAX / 2, 2, OK);
    leaves_of(0, SYNC_LEAVES_MAX / 2 + 1, 2, E_LIMIT);
}

static void test_heads(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(Buf) none = {0}, message = {0};
    SyncHead head;
    assert_int_equal(read_at(&none, (uint64_t)BASE_TIME_US_MAX, 0), OK);
    assert_int_equal(read_at(&none, (uint64_t)BASE_TIME_US_MAX + 1, 0), E_INVALID);
    assert_int_equal(read_at(&none, 1, 1), E_INVALID);
    message_of(&none, 1, 1, &message);
    assert_int_equal(sync_peek(&c, buf_view(&message), &head), E_INVALID);
}

// --- cosignatures and statements ----------------------------------------------------------------

#define NOTE "moei/x/main\n1\nAAAA\n\n\xE2\x80\x94 moei/x/main AAAA\n"

// A cosignature of NOTE by "w" at these seconds; `cut` bytes are left away.
static Err cosigned(uint64_t seconds, size_t cut) {
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(Buf) id = {0}, body = {0}, line = {0};
    CryptoSignKey key = key_of(2);
    CryptoPublicKey public_key = crypto_sign_key_public(&key);
    uint8_t blob[76];
    int64_t at;
    buf_append(&id, "w\n\x04", 3);
    buf_append(&id, public_key.b, sizeof public_key.b);
    CryptoHash h = crypto_sha256(id.p, id.n);
    buf_format(&body, "cosignature/v1\ntime %llu\nmoei/x/main\n1\nAAAA\n",
               (unsigned long long)seconds);
    CryptoSignature s = crypto_signature_make(&key, body.p, body.n);
    memcpy(blob, h.b, 4);
    store_u64be(blob + 4, seconds);
    memcpy(blob + 12, s.b, sizeof s.b);
    buf_text(&line, "\xE2\x80\x94 w ");
    crypto_base64_put(&line, blob, sizeof blob - cut);
    buf_char(&line, '\n');
    return sync_cosign_check(&c, STR("w"), STR(NOTE), buf_view(&line), &public_key, &at);
}

static void test_cosignatures(void **state) {
    (void)state;
    uint64_t last = (uint64_t)(BASE_TIME_US_MAX / 1000000);
    assert_int_equal(cosigned(1700000000, 0), OK);
    assert_int_equal(cosigned(last, 0), OK);
    assert_int_equal(cosigned(last + 1, 0), E_INVALID);
    assert_int_equal(cosigned(UINT64_MAX, 0), E_INVALID);
    assert_int_equal(cosigned(1700000000, 1), E_INVALID);
    assert_int_equal(cosigned(1700000000, 3), E_INVALID);
}

static Err stated(uint64_t size, uint64_t at) {
    AUTO(Ctx) c;
    ctx_init(&c);
    CryptoSignKey key = key_of(3);
    CryptoPublicKey public_key = crypto_sign_key_public(&key);
    SyncRecovery r = {.good_size = 1, .at_us = 1, .reason = SYNC_LOST};
    uint8_t bytes[SYNC_RECOVER_BYTES];
    sync_recover_make(&r, &key, bytes);
    store_u64le(bytes + 15 + 32, size);
    store_u64le(bytes + 15 + 32 + 8 + 96, at);
    CryptoSignature s = crypto_signature_make(&key, bytes, sizeof bytes - sizeof s.b);
    memcpy(bytes + sizeof bytes - sizeof s.b, s.b, sizeof s.b);
    return sync_recover_read(&c, (Str){(const char *)bytes, sizeof bytes}, &public_key, &r);
}

static void test_statements(void **state) {
    (void)state;
    uint64_t most = (uint64_t)SIZE_OF_TREE_MAX, last = (uint64_t)BASE_TIME_US_MAX;
    assert_int_equal(stated(most, last), OK);
    assert_int_equal(stated(most + 1, last), E_INVALID);
    assert_int_equal(stated(UINT64_MAX, last), E_INVALID);
    assert_int_equal(stated(most, last + 1), E_INVALID);
    assert_int_equal(stated(most, UINT64_MAX), E_INVALID);
}

// --- cards --------------------------------------------------------------------------------------

static Err card_of(Str genesis, const char *magic, const char *address, uint64_t from) {
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(JsonReader) reader;
    AUTO(Buf) b = {0}, text = {0};
    CryptoSeed seed;
    CryptoSignKey key;
    CryptoPublicKey public_key;
    SyncCard card;
    assert_ok(&c, json_reader_open(&c, &reader));
    vector_bytes(&c, "seed", seed.b, sizeof seed.b);
    crypto_sign_key_from_seed(&seed, &key, &public_key);
    buf_text(&b, magic);
    put_u16(&b, (uint16_t)genesis.n);
    buf_str(&b, genesis);
    put_fill(&b, 1, RECORD_SALT_BYTES + 32);
    put_u16(&b, (uint16_t)strlen(address));
    buf_text(&b, address);
    put_u64(&b, from);
    if (from > 0)
        buf_append(&b, public_key.b, sizeof public_key.b);
    CryptoSignature s = crypto_signature_make(&key, b.p, b.n);
    buf_append(&b, s.b, sizeof s.b);
    buf_text(&text, "MOEI1-");
    crypto_base64url_put(&text, b.p, b.n);
    return sync_card_read(&c, &reader, buf_view(&text), &card);
}

// The genesis of the vectors with one word replaced by another of the same length.
static Str changed(Ctx *c, Str genesis, const char *from, const char *to) {
    Str copy;
    size_t at;
    assert_int_equal(strlen(from), strlen(to));
    assert_true(str_find(genesis, str_of(from), &at));
    assert_ok(
        c, str_format(c, &copy, "%.*s%s" STR_FMT, (int)at, genesis.p, to,
                      STR_ARG(((Str){genesis.p + at + strlen(to), genesis.n - at - strlen(to)}))));
    return copy;
}

static void test_cards(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    static const char good[] = "moei/card/1\n";
    Str genesis = vector_get(&c, "genesis");
    assert_int_equal(card_of(genesis, good, "", 0), OK);
    assert_int_equal(card_of(genesis, good, "https://x:1", (uint64_t)SIZE_OF_TREE_MAX), OK);
    assert_int_equal(card_of(genesis, good, "", (uint64_t)SIZE_OF_TREE_MAX + 1), E_INVALID);
    assert_int_equal(card_of(genesis, good, "", UINT64_MAX), E_INVALID);
    assert_int_equal(card_of(genesis, good, "http://x:1", 0), E_INVALID);
    assert_int_equal(card_of(genesis, good, "https://x:1/\"", 0), E_INVALID);
    assert_int_equal(card_of(genesis, "moei/card/2\n", "", 0), E_INVALID);
    Str other = changed(&c, genesis, "\"kind\":\"genesis\"", "\"kind\":\"another\"");
    assert_int_equal(card_of(other, good, "", 0), E_INVALID);
    other = changed(&c, genesis, "\"recovery_key\":\"", "\"recovery_key\":\"");
    char *digit = strstr((char *)(uintptr_t)other.p, "recovery_key") + strlen("recovery_key\":\"");
    *digit = 'g'; // no digit of a key
    assert_int_equal(card_of(other, good, "", 0), E_INVALID);
}

// --- bundles ------------------------------------------------------------------------------------

// A bundle for key 6 whose chunks hold just these bytes; what reading one message of it gives.
static Err bundle_of(const Buf *plain, size_t *ret_bytes) {
    AUTO(Ctx) c;
    ctx_init(&c);
    char path[64];
    AUTO(Buf) start = {0};
    CryptoRandomSeeded seeded;
    CryptoRandom random = crypto_random_seeded(&seeded, 5);
    CryptoSignKey recipient = key_of(6);
    CryptoPublicKey to = crypto_sign_key_public(&recipient);
    CryptoKey key;
    CryptoStream stream;
    uint8_t header[CRYPTO_STREAM_HEADER_BYTES];
    static uint8_t sealed[SYNC_CHUNK_BYTES + CRYPTO_STREAM_EXTRA_BYTES];
    test_folder(path, sizeof path - 8);
    size_t folder = strlen(path);
    memcpy(path + folder, "/bundle", 8);
    crypto_key_random(random, &key);
    crypto_random_fill(random, header, sizeof header);
    buf_text(&start, "moei/bundle/1\n");
    assert_ok(&c, crypto_box_to(&c, &to, (Str){(const char *)key.b, sizeof key.b}, random, &start));
    buf_append(&start, header, sizeof header);
    crypto_stream_start(&key, header, buf_view(&start), &stream);
    size_t at = 0;
    do {
        size_t n = plain->n - at < SYNC_CHUNK_BYTES ? plain->n - at : SYNC_CHUNK_BYTES;
        crypto_stream_seal(&stream, plain->p + at, n, at + n == plain->n, sealed);
        at += n;
        put_u32(&start, (uint32_t)(n + CRYPTO_STREAM_EXTRA_BYTES));
        buf_append(&start, sealed, n + CRYPTO_STREAM_EXTRA_BYTES);
    } while (at < plain->n);
    Str message = {0};
    Err e;
    {
        AUTO(File) f = {0};
        AUTO(SyncBundleReader) r = {0};
        assert_ok(&c, file_open(&c, str_of(path), FILE_CREATE, &f));
        assert_ok(&c, file_write(&c, &f, start.p, start.n));
        AUTO(File) in = {0};
        assert_ok(&c, file_open(&c, str_of(path), FILE_READ, &in));
        assert_ok(&c, sync_bundle_open(&c, &in, &recipient, 1, &r));
        e = sync_bundle_read(&c, &r, &message);
        *ret_bytes = e == OK ? message.n : 0;
    }
    unlink(path);
    path[folder] = 0;
    rmdir(path);
    return e;
}

// Of `said` bytes, with `n` of them, and `more` single bytes behind.
static void expect_bundle(uint32_t said, size_t n, size_t cut, Err want, size_t want_bytes) {
    AUTO(Buf) plain = {0};
    size_t got;
    put_u32(&plain, said);
    put_fill(&plain, 'm', n);
    plain.n -= cut;
    Err e = bundle_of(&plain, &got);
    if (e != want || got != want_bytes)
        fail_msg("%u said, %zu there: %s and %zu bytes", said, n, err_name(e), got);
}

static void test_bundles(void **state) {
    (void)state;
    AUTO(Buf) nothing = {0};
    size_t got;
    assert_int_equal(bundle_of(&nothing, &got), OK); // the end at once
    assert_int_equal(got, 0);
    expect_bundle(5, 5, 0, OK, 5);
    expect_bundle(0, 0, 0, E_INVALID, 0);
    expect_bundle(0, 5, 0, E_INVALID, 0);
    expect_bundle(5, 4, 0, E_INVALID, 0);
    expect_bundle(5, 0, 0, E_INVALID, 0);
    expect_bundle(5, 0, 2, E_INVALID, 0); // within the length itself
    expect_bundle(SYNC_PACKED_BYTES_MAX, SYNC_PACKED_BYTES_MAX, 0, OK, SYNC_PACKED_BYTES_MAX);
    expect_bundle(SYNC_PACKED_BYTES_MAX + 1, SYNC_PACKED_BYTES_MAX + 1, 0, E_INVALID, 0);
}

int run_sync_signed_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lengths),    cmocka_unit_test(test_leaves),
        cmocka_unit_test(test_heads),      cmocka_unit_test(test_cosignatures),
        cmocka_unit_test(test_statements), cmocka_unit_test(test_cards),
        cmocka_unit_test(test_bundles),
    };
    return cmocka_run_group_tests_name("sync: signed and false", tests, NULL, NULL);
}
