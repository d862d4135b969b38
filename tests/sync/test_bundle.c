// Bundles: cut anywhere, changed anywhere, for somebody else, and how much memory they take.
#include "test.h"

#include <unistd.h>

#include "groups.h"
#include "sync/sync.h"

typedef struct Place {
    char path[64];
    CryptoRandomSeeded random_state;
    CryptoRandom random;
} Place;

static void place_make(Place *p, uint64_t seed) {
    snprintf(p->path, sizeof p->path, "/tmp/moei-bundle-XXXXXX");
    int fd = mkstemp(p->path);
    assert_true(fd >= 0);
    close(fd);
    p->random = crypto_random_seeded(&p->random_state, seed);
}

static void place_remove(Place *p) {
    unlink(p->path);
}

// Message i of a bundle of test messages: its length and bytes follow from its number.
static Str message(size_t i, size_t bytes, char *room) {
    for (size_t k = 0; k < bytes; k++)
        room[k] = (char)(i * 31 + k * 7 + k / 256);
    return (Str){room, bytes};
}

static void write_bundle(Ctx *c, Place *p, const size_t *sizes, size_t n) {
    AUTO(File) f = {0};
    AUTO(SyncBundleWriter) w = {0};
    CryptoSignKey key = key_of(6);
    CryptoPublicKey to = crypto_sign_key_public(&key);
    assert_ok(c, file_open(c, str_of(p->path), FILE_CREATE, &f));
    assert_ok(c, sync_bundle_create(c, &f, &to, p->random, &w));
    for (size_t i = 0; i < n; i++) {
        char *room = malloc(sizes[i]);
        assert_non_null(room);
        assert_ok(c, sync_bundle_write(c, &w, message(i, sizes[i], room)));
        free(room);
    }
    assert_ok(c, sync_bundle_finish(c, &w));
}

// Reads until the end or an error, comparing each message. *ret_got: whole messages.
static Err read_bundle(Ctx *c, Place *p, const size_t *sizes, size_t *ret_got) {
    AUTO(File) f = {0};
    AUTO(SyncBundleReader) r = {0};
    CryptoSignKey keys[2] = {key_of(7), key_of(6)}; // the present one, and an earlier one
    *ret_got = 0;
    assert_ok(c, file_open(c, str_of(p->path), FILE_READ, &f));
    TRY(sync_bundle_open(c, &f, keys, 2, &r));
    for (;;) {
        Str m;
        Err e = sync_bundle_read(c, &r, &m);
        if (e != OK) {
            AUTO(Ctx) again;
            ctx_init(&again);
            assert_int_equal(sync_bundle_read(&again, &r, &m), E_STATE); // and it does not go on
            return e;
        }
        if (m.n == 0)
            return OK;
        char *room = malloc(sizes[*ret_got]);
        assert_non_null(room);
        assert_true(str_eq(m, message(*ret_got, sizes[*ret_got], room)));
        free(room);
        (*ret_got)++;
    }
}

static void test_sizes(void **state) {
    (void)state;
    static const size_t sizes[] = {1, 65531, 65532, 65533, 65536, 200000, 3, SYNC_PACKED_BYTES_MAX};
    AUTO(Ctx) c;
    ctx_init(&c);
    Place p;
    place_make(&p, 1);
    for (size_t n = 0; n <= COUNT_OF(sizes); n++) {
        size_t got;
        write_bundle(&c, &p, sizes, n);
        assert_ok(&c, read_bundle(&c, &p, sizes, &got));
        assert_int_equal(got, n);
    }
    // Constant memory: nothing is taken from the request's arena.
    assert_int_equal(c.arena.used, 0);
    place_remove(&p);
}

// Where each message of the file ends; the layout is docs/format-bundle.md.
static size_t end_of(const size_t *sizes, size_t count) {
    size_t at = 14 + 80 + 24;
    for (size_t i = 0; i < count; i++)
        at += 4 + 17 + 4 + sizes[i];
    return at;
}

static void test_cut_at_every_byte(void **state) {
    (void)state;
    static const size_t sizes[] = {40, 1, 70, 25};
    AUTO(Ctx) c;
    ctx_init(&c);
    Place p;
    place_make(&p, 2);
    write_bundle(&c, &p, sizes, COUNT_OF(sizes));
    Str all;
    assert_ok(&c, file_read_all(&c, str_of(p.path), 1 << 20, &all));
    assert_int_equal(all.n, end_of(sizes, COUNT_OF(sizes)) + 4 + 17);
    for (size_t n = 0; n < all.n; n++) {
        size_t got, want = 0;
        assert_ok(&c, file_replace(&c, str_of(p.path), (Str){all.p, n}));
        while (want < COUNT_OF(sizes) && end_of(sizes, want + 1) <= n)
            want++;
        assert_int_equal(read_bundle(&c, &p, sizes, &got), n < 14 ? E_INVALID : E_CORRUPT);
        assert_non_null(strstr(c.error, n < 14 ? "no bundle" : "cut off"));
        assert_int_equal(got, want);
    }
    place_remove(&p);
}

static void test_every_byte_counts(void **state) {
    (void)state;
    static const size_t sizes[] = {40, 25};
    AUTO(Ctx) c;
    ctx_init(&c);
    Place p;
    place_make(&p, 3);
    write_bundle(&c, &p, sizes, COUNT_OF(sizes));
    Str all;
    assert_ok(&c, file_read_all(&c, str_of(p.path), 1 << 20, &all));
    AUTO(Buf) changed = {0};
    buf_str(&changed, all);
    for (size_t i = 0; i < all.n; i++) {
        size_t got;
        changed.p[i] ^= 1;
        assert_ok(&c, file_replace(&c, str_of(p.path), buf_view(&changed)));
        changed.p[i] ^= 1;
        Err e = read_bundle(&c, &p, sizes, &got);
        // A chunk's length may also claim more than there is: then it looks cut.
        assert_true(i < 14    ? e == E_INVALID
                    : i < 94  ? e == E_DENIED
                    : i < 118 ? e == E_CRYPTO
                              : e == E_CRYPTO || e == E_CORRUPT);
        assert_true(got <= (i >= end_of(sizes, 2) ? 2 : i >= end_of(sizes, 1) ? 1 : 0));
    }
    buf_char(&changed, 0);
    size_t got;
    assert_ok(&c, file_replace(&c, str_of(p.path), buf_view(&changed)));
    assert_int_equal(read_bundle(&c, &p, sizes, &got), E_CRYPTO);
    assert_non_null(strstr(c.error, "follows"));
    place_remove(&p);
}

static void test_for_somebody_else(void **state) {
    (void)state;
    static const size_t sizes[] = {40};
    AUTO(Ctx) c;
    ctx_init(&c);
    Place p;
    place_make(&p, 4);
    write_bundle(&c, &p, sizes, 1);
    AUTO(File) f = {0};
    AUTO(SyncBundleReader) r = {0};
    CryptoSignKey keys[2] = {key_of(8), key_of(9)};
    assert_ok(&c, file_open(&c, str_of(p.path), FILE_READ, &f));
    assert_int_equal(sync_bundle_open(&c, &f, keys, 2, &r), E_DENIED);
    assert_non_null(strstr(c.error, "sealed to another agency"));
    assert_null(r.state);
    place_remove(&p);
}

// The sealed file shows no byte of a key or of a message.
static void test_tells_nothing(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Place p;
    place_make(&p, 5);
    CryptoSignKey key = key_of(6);
    CryptoPublicKey to = crypto_sign_key_public(&key);
    Str all, words = STR("a message in plain words");
    size_t at;
    {
        AUTO(File) f = {0};
        AUTO(SyncBundleWriter) w = {0};
        assert_ok(&c, file_open(&c, str_of(p.path), FILE_CREATE, &f));
        assert_ok(&c, sync_bundle_create(&c, &f, &to, p.random, &w));
        assert_int_equal(sync_bundle_write(&c, &w, (Str){0}), E_INVALID);
        assert_ok(&c, sync_bundle_write(&c, &w, words));
        assert_ok(&c, sync_bundle_finish(&c, &w));
    }
    assert_ok(&c, file_read_all(&c, str_of(p.path), 1 << 20, &all));
    assert_false(str_find(all, words, &at));
    assert_false(str_find(all, (Str){(const char *)to.b, 32}, &at));
    place_remove(&p);
}

static void test_failing_machine(void **state) {
    (void)state;
    static const size_t sizes[] = {200000, 40};
    AUTO(Ctx) c;
    ctx_init(&c);
    Place p;
    place_make(&p, 6);
    CryptoSignKey key = key_of(6);
    CryptoPublicKey to = crypto_sign_key_public(&key);
    char *room = malloc(sizes[0]);
    assert_non_null(room);
    for (uint64_t nth = 1; nth < 12; nth++) {
        for (int disk = 0; disk < 2; disk++) {
            AUTO(File) f = {0};
            AUTO(SyncBundleWriter) w = {0};
            assert_ok(&c, file_open(&c, str_of(p.path), FILE_CREATE, &f));
            FaultPlan plan = {.once = true, .write_errno = 28};
            *(disk ? &plan.write_nth : &plan.alloc_nth) = nth;
            fault_plan_set(plan);
            Err e = sync_bundle_create(&c, &f, &to, p.random, &w);
            for (size_t i = 0; e == OK && i < COUNT_OF(sizes); i++)
                e = sync_bundle_write(&c, &w, message(i, sizes[i], room));
            if (e == OK)
                e = sync_bundle_finish(&c, &w);
            fault_plan_set((FaultPlan){0});
            assert_true(e == OK || e == (disk ? E_NO_SPACE : E_MEMORY));
            assert_true(!disk || nth > 7 || e == E_NO_SPACE);
        }
    }
    free(room);
    place_remove(&p);
}

int run_sync_bundle_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_cut_at_every_byte),
        cmocka_unit_test(test_every_byte_counts),
        cmocka_unit_test(test_for_somebody_else),
        cmocka_unit_test(test_tells_nothing),
        cmocka_unit_test(test_failing_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
