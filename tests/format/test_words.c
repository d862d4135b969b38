// Words that are shipped in several languages: each file has the keys of the English one, in its
// order, and the same places to be filled in.
#include "test_format.h"

typedef struct Words {
    Str keys[128], texts[128];
    size_t n;
} Words;

static void words_read(Ctx *c, Str bytes, Words *ret_words) {
    FormatCsvOptions options = {.bytes = bytes};
    AUTO(FormatCsvPtr) csv = NULL;
    FormatCsvRow row;
    assert_ok(c, format_csv_open(c, &options, &csv));
    assert_ok(c, format_csv_next(c, csv, &row));
    assert_int_equal(row.field_count, 2);
    assert_true(str_eq_c(row.fields[0], "key") && str_eq_c(row.fields[1], "text"));
    Words *w = ret_words;
    for (w->n = 0;; w->n++) {
        assert_ok(c, format_csv_next(c, csv, &row));
        if (row.end)
            return;
        assert_null(row.bad);
        assert_int_equal(row.field_count, 2);
        assert_true(w->n < COUNT_OF(w->keys));
        assert_ok(c, str_copy(c, row.fields[0], &w->keys[w->n]));
        assert_ok(c, str_copy(c, row.fields[1], &w->texts[w->n]));
        assert_true(w->texts[w->n].n > 0);
    }
}

// Sum over the places `{word}` of a text: order may differ between languages.
static uint64_t places(Str text) {
    uint64_t sum = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '{')
            continue;
        size_t end = i;
        while (end < text.n && text.p[end] != '}')
            end++;
        assert_true(end < text.n);
        sum += crc32c(1, text.p + i, end - i);
    }
    return sum;
}

static void folder_check(Ctx *c, const char *folder, size_t languages) {
    Words english, other;
    Str name, bytes, prefix = str_of(folder);
    assert_ok(c, str_format(c, &name, "%sen.csv", folder));
    assert_ok(c, format_data_get(c, name, &bytes));
    words_read(c, bytes, &english);
    size_t found = 0;
    for (size_t i = 0; format_data_at(i, &name, &bytes); i++) {
        if (!str_starts(name, prefix) || !str_ends(name, STR(".csv")))
            continue;
        words_read(c, bytes, &other);
        assert_int_equal(other.n, english.n);
        for (size_t k = 0; k < other.n; k++) {
            assert_true(str_eq(other.keys[k], english.keys[k]));
            assert_int_equal(places(other.texts[k]), places(english.texts[k]));
        }
        found++;
    }
    assert_int_equal(found, languages);
}

static void test_words(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    folder_check(&c, "data/letters/", 8);
    folder_check(&c, "data/public/", 7);
}

const struct CMUnitTest word_tests[] = {cmocka_unit_test(test_words)};
const size_t word_test_count = COUNT_OF(word_tests);
