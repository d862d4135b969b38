// ZIP files that leave: what goes in comes out, the manifest fits, equal content gives equal bytes.
#include "test_format.h"

#include <stdlib.h>
#include <zip.h>

static const int64_t at_us = 1795305723000000; // 2026-11-22T02:02:03Z

static FormatZip *make(Ctx *c, Str path, size_t big) {
    FormatZip *z = NULL;
    char *bytes = calloc(big + 1, 1);
    for (size_t i = 0; i < big; i++)
        bytes[i] = (char)('a' + i % 7);
    assert_ok(c, format_zip_create(c, path, at_us, &z));
    assert_ok(c, format_zip_add(c, z, STR("b/second.txt"), STR("two\n")));
    assert_ok(c, format_zip_add(c, z, STR("a.txt"), STR("")));
    assert_ok(c, format_zip_begin(c, z, STR("big.bin")));
    for (size_t i = 0; i < big; i += 1000)
        assert_ok(c, format_zip_write(c, z, bytes + i, big - i < 1000 ? big - i : 1000));
    assert_ok(c, format_zip_end(c, z, NULL));
    free(bytes);
    return z;
}

static void contents_come_back(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    const size_t big = 123457;
    Str path = test_path(&c, "back.zip");
    AUTO(FormatZipPtr) z = make(&c, path, big);
    AUTO(Buf) manifest = {0};
    assert_ok(&c, format_zip_manifest(&c, z, &manifest));
    static const char empty[] =
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a.txt\n";
    assert_memory_equal(manifest.p, empty, sizeof empty - 1);
    assert_int_equal(format_zip_count(z), 3);
    assert_ok(&c, format_zip_finish(&c, z, (FormatZipProgress){0}));
    assert_false(file_exists(path));
    assert_ok(&c, format_zip_publish(&c, z));
    int code = 0;
    zip_t *in = zip_open(path.p, ZIP_RDONLY | ZIP_CHECKCONS, &code);
    assert_non_null(in);
    assert_int_equal(zip_get_num_entries(in, 0), 3);
    assert_string_equal(zip_get_name(in, 0, 0), "a.txt");
    assert_string_equal(zip_get_name(in, 1, 0), "b/second.txt");
    zip_file_t *f = zip_fopen(in, "big.bin", 0);
    assert_non_null(f);
    char *bytes = malloc(big + 1);
    assert_int_equal(zip_fread(f, bytes, big + 1), big);
    for (size_t i = 0; i < big; i++)
        assert_int_equal(bytes[i], 'a' + (int)(i % 7));
    free(bytes);
    zip_fclose(f);
    zip_close(in);
    assert_ok(&c, file_remove(&c, path));
}

static void equal_content_equal_bytes(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Str whole[2];
    for (int i = 0; i < 2; i++) {
        Str path = test_path(&c, i ? "one.zip" : "two.zip");
        AUTO(FormatZipPtr) z = make(&c, path, 5000);
        assert_ok(&c, format_zip_finish(&c, z, (FormatZipProgress){0}));
        assert_ok(&c, format_zip_publish(&c, z));
        assert_ok(&c, file_read_all(&c, path, 1 << 20, &whole[i]));
        assert_ok(&c, file_remove(&c, path));
    }
    assert_true(str_eq(whole[0], whole[1]));
}

static bool never(void *self, uint64_t done, uint64_t total) {
    (void)self, (void)done, (void)total;
    return false;
}

static void names_and_ends(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    static const char *const bad[] = {"", "/a", "a/", "../a", "a/../b", "a//b", "a b", "\xc3\xa9"};
    Str path = test_path(&c, "names.zip");
    AUTO(FormatZipPtr) z = NULL;
    assert_ok(&c, format_zip_create(&c, path, at_us, &z));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_int_equal(format_zip_begin(&c, z, str_of(bad[i])), E_INVALID);
    assert_ok(&c, format_zip_add(&c, z, STR("a"), STR("1")));
    assert_int_equal(format_zip_begin(&c, z, STR("a")), E_EXISTS);
    assert_int_equal(format_zip_finish(&c, z, (FormatZipProgress){never, NULL}), E_CANCELLED);
    format_zip_close(z);
    z = NULL;
    // Nothing is left of what was given up, not even the spool.
    static const char *const left[] = {"names.zip", "names.zip.part", "names.zip.spool"};
    for (size_t i = 0; i < COUNT_OF(left); i++)
        assert_false(file_exists(test_path(&c, left[i])));
    assert_int_not_equal(format_zip_create(&c, STR("/nowhere/at/all.zip"), at_us, &z), OK);
}

const struct CMUnitTest zip_tests[] = {
    cmocka_unit_test(contents_come_back),
    cmocka_unit_test(equal_content_equal_bytes),
    cmocka_unit_test(names_and_ends),
};
const size_t zip_test_count = COUNT_OF(zip_tests);
