// Records: the vectors of docs/format-record.md, round trips, every rule broken once, marks.
#include "vectors.h"

#include <time.h>

#include "record/record.h"

static Ctx ctx;
static JsonReader reader;

static int setup(void **state) {
    (void)state;
    ctx_init(&ctx);
    return crypto_init(&ctx) == OK && json_reader_open(&ctx, &reader) == OK ? 0 : 1;
}

static int teardown(void **state) {
    (void)state;
    json_reader_close(&reader);
    ctx_done(&ctx);
    return 0;
}

static void test_vectors(void **state) {
    (void)state;
    static const char *const names[] = {"genesis", "report"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char name[64];
        uint8_t salt[32], want[32];
        Str envelope = vector_get(&ctx, names[i]);
        snprintf(name, sizeof name, "%s_salt", names[i]);
        vector_bytes(&ctx, name, salt, 32);
        snprintf(name, sizeof name, "%s_commitment", names[i]);
        vector_bytes(&ctx, name, want, 32);
        CryptoHash have = record_commitment(envelope, salt);
        assert_memory_equal(have.b, want, 32);
        Record r;
        assert_ok(&ctx, record_parse(&ctx, &reader, envelope, &r));
        assert_true(str_eq_c(r.kind_name, names[i]));
        assert_ok(&ctx, record_verify_sigs(&ctx, &r));
    }
    Record r;
    Str envelope = vector_get(&ctx, "report");
    assert_ok(&ctx, record_parse(&ctx, &reader, envelope, &r));
    assert_int_equal(r.kind, RECORD_REPORT);
    assert_int_equal(r.sig_count, 1);
    assert_int_equal(r.ref_count, 1);
    assert_int_equal(r.at_us % 1000000, 250000);
    assert_true(str_eq(r.agency, vector_get(&ctx, "genesis_leaf")));
    assert_int_equal(r.mark.handling, RECORD_H3);
    assert_int_equal(r.mark.purpose_count, 2);
    assert_true(r.mark.has_until);
    assert_int_equal(r.grade_source, 'C');
    AUTO(Buf) mark = {0};
    assert_ok(&ctx, record_mark_write(&ctx, &r.mark, &mark));
    assert_true(str_eq(buf_view(&mark), r.mark_bytes));
    assert_true(str_starts(r.bytes, STR("{\"at\":")) && str_ends(r.bytes, STR(",\"v\":1}")));
    // One signature bit off.
    AUTO(Buf) bad = {0};
    buf_str(&bad, envelope);
    size_t at;
    assert_true(str_find(buf_view(&bad), STR("\"sig\":\""), &at));
    bad.p[at + 7] = bad.p[at + 7] == '0' ? '1' : '0';
    assert_ok(&ctx, record_parse(&ctx, &reader, buf_view(&bad), &r));
    assert_int_equal(record_verify_sigs(&ctx, &r), E_CRYPTO);
}

// What is read and written again is the same bytes.
static void test_write_gives_the_vectors(void **state) {
    (void)state;
    CryptoSeed seed;
    CryptoSignKey key;
    CryptoPublicKey public;
    vector_bytes(&ctx, "seed", seed.b, 32);
    crypto_sign_key_from_seed(&seed, &key, &public);
    static const char *const names[] = {"genesis", "report"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        Str envelope = vector_get(&ctx, names[i]);
        Record r;
        assert_ok(&ctx, record_parse(&ctx, &reader, envelope, &r));
        RecordSigner signer = {r.officer, &key};
        RecordDraft d = {.kind = r.kind,
                         .id = r.id,
                         .has_of = r.has_of,
                         .of = r.of,
                         .refs = r.refs,
                         .ref_count = r.ref_count,
                         .at_us = r.at_us,
                         .agency = r.agency,
                         .has_officer = r.has_officer,
                         .officer = r.officer,
                         .mark = r.mark,
                         .law = r.law,
                         .purpose = r.purpose,
                         .has_grade = r.has_grade,
                         .grade_source = r.grade_source,
                         .grade_info = r.grade_info,
                         .body = r.body,
                         .signers = &signer,
                         .signer_count = r.sig_count};
        AUTO(Buf) out = {0};
        assert_ok(&ctx, record_write(&ctx, &d, &out));
        assert_true(str_eq(buf_view(&out), envelope));
        d.body = NULL;
        size_t n = out.n;
        assert_int_equal(record_write(&ctx, &d, &out), E_INVALID);
        assert_int_equal(out.n, n);
    }
}

// Each row replaces a piece of the report vector; the error must name the member.
static void test_every_rule(void **state) {
    (void)state;
    static const struct {
        const char *from, *to, *words;
    } rows[] = {
        {"\"v\":1", "\"v\":0", "record.v"},
        {"\"v\":1", "\"v\":1,\"w\":2", "unknown member \"w\""},
        {"\"v\":1", "\"v\": 1", ""},
        {"\"grade\":{", "\"grado\":{", "record.grade\" is missing"},
        {"\"kind\":\"report\"", "\"kind\":\"Report\"", "record.kind"},
        {"\"source\":\"C\"", "\"source\":\"G\"", "record.grade.source"},
        {"\"info\":\"2\"", "\"info\":\"7\"", "record.grade.info"},
        {"\"at\":\"2026-11-22T08:15:00.250000Z\"", "\"at\":\"2026-11-22T08:15:00.25Z\"",
         "record.at"},
        {"\"purpose\":\"trace\"", "\"purpose\":\"to trace\"", "record.basis.purpose"},
        {"\"law\":\"th-royal-decree-2566-4\"", "\"law\":\"\"", "record.basis.law"},
        {"\"id\":\"019aaa0d-bbbb-7000", "\"id\":\"019aaa0d-bbbb-4000", "record.id"},
        {"\"id\":\"019aaa0d-bbbb-7000", "\"id\":\"019AAA0d-bbbb-7000", "record.id"},
        {"\"of\":null", "\"of\":\"019aaa00-0000-7000-8000-000000000001\"", "is a root"},
        {"\"of\":null", "\"of\":\"019aaa0d-bbbb-7000-8000-000000000002\"", "names the record"},
        {"\"refs\":[\"019aaa00-0000-7000-8000-000000000001\"]",
         "\"refs\":[\"019aaa00-0000-7000-8000-000000000001\","
         "\"019aaa00-0000-7000-8000-000000000001\"]",
         "twice"},
        {"\"refs\":[\"019aaa00-0000-7000-8000-000000000001\"]", "\"refs\":null", "record.refs"},
        {"\"handling\":\"H3\"", "\"handling\":\"H2\"", "mark.note"},
        {"\"handling\":\"H3\"", "\"handling\":\"H4\"", "mark.handling"},
        {"\"note\":\"ask first\"", "\"note\":\"\"", "mark.note"},
        {"\"tlp\":\"AMBER+STRICT\"", "\"tlp\":\"WHITE\"", "mark.tlp"},
        {"\"pap\":\"AMBER\"", "\"pap\":\"AMBER+STRICT\"", "mark.pap"},
        {"[\"refund\",\"trace\"]", "[\"trace\",\"refund\"]", "mark.purposes"},
        {"[\"refund\",\"trace\"]", "[\"trace\",\"trace\"]", "mark.purposes"},
        {"\"to\":[\"", "\"to\":[\"x", "mark.to"},
        {"\"until\":\"2027-01-01T00:00:00.000000Z\"", "\"until\":1", "mark.until"},
        {"\"loss\":12500000", "\"loss\":-1", "body.loss"},
        {"\"loss\":12500000", "\"loss\":1.5", "body.loss"},
        {"\"loss\":12500000,", "", "body.loss\" is missing"},
        {"\"report\":\"R-2026-000001\"", "\"report\":\"R 1\"", "body.report"},
        {"\"report\":\"R-2026-000001\"", "\"report\":null", "body.report"},
        {"\"country\":\"TH\",\"currency\"", "\"country\":\"Th\",\"currency\"", "body.country"},
        {"\"account\":\"1234567890\"", "\"account\":\"\"", "body.accounts"},
        {"\"institution\":null", "\"institution\":7", "body.accounts"},
        {"\"phones\":[\"+66812345678\"]", "\"phones\":null", "body.phones"},
        {"\"reported_at\":\"2026-11-22T08:10:00.000000Z\"", "\"reported_at\":\"2026-11-22 08:10\"",
         "body.reported_at"},
        {"\"sig\":\"", "\"sig\":\"0", "sigs.sig"},
        {"\"key\":\"d7", "\"key\":\"D7", "sigs.key"},
        {",\"sigs\":[", ",\"sigs\":[null,", "sigs"},
    };
    Str good = vector_get(&ctx, "report");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t at;
        if (!str_find(good, str_of(rows[i].from), &at))
            fail_msg("row %zu: %s is not in the vector", i, rows[i].from);
        AUTO(Buf) bad = {0};
        buf_append(&bad, good.p, at);
        buf_text(&bad, rows[i].to);
        size_t after = at + strlen(rows[i].from);
        buf_append(&bad, good.p + after, good.n - after);
        Record r;
        Err e = record_parse(&ctx, &reader, buf_view(&bad), &r);
        if (e != E_INVALID || !strstr(ctx.error, rows[i].words))
            fail_msg("row %zu (%s): %s: %s", i, rows[i].to, err_name(e), ctx.error);
    }
}

static void test_newer_and_unknown(void **state) {
    (void)state;
    static const struct {
        const char *from, *to;
    } rows[] = {
        {"\"kind\":\"report\"", "\"kind\":\"zebra\""},
        {"\"v\":1", "\"v\":2,\"w\":[]"},
        {"\"urls\":[]", "\"urls\":[],\"vessel\":7"},
    };
    Str good = vector_get(&ctx, "report");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t at;
        assert_true(str_find(good, str_of(rows[i].from), &at));
        AUTO(Buf) text = {0};
        buf_append(&text, good.p, at);
        buf_text(&text, rows[i].to);
        size_t after = at + strlen(rows[i].from);
        buf_append(&text, good.p + after, good.n - after);
        Record r;
        assert_ok(&ctx, record_parse(&ctx, &reader, buf_view(&text), &r));
        assert_int_equal(r.kind, i == 2 ? RECORD_REPORT : RECORD_UNKNOWN);
        assert_true(r.mark_bytes.n > 50 && r.mark_bytes.p[0] == '{' &&
                    r.mark_bytes.p[r.mark_bytes.n - 1] == '}');
    }
}

static void test_kinds_table(void **state) {
    (void)state;
    for (size_t i = 0; i < RECORD_KINDS; i++) {
        const RecordKindRow *row = record_kind_row((RecordKind)i);
        assert_int_equal(record_kind_of(str_of(row->name)), i);
        for (size_t k = 1; k < row->field_count; k++)
            assert_true(strcmp(row->fields[k - 1].name, row->fields[k].name) < 0);
        for (size_t k = 0; k < row->field_count; k++)
            assert_true((row->fields[k].type == RECORD_FIELD_KEYWORD) ==
                        (row->fields[k].words != NULL));
        assert_true((row->of == RECORD_OF_ROOT) == (row->of_kind != RECORD_UNKNOWN));
    }
    assert_int_equal(record_kind_of(STR("orders")), RECORD_UNKNOWN);
    assert_int_equal(record_kind_of(STR("")), RECORD_UNKNOWN);
}

// --- marks --------------------------------------------------------------------------------------

static Str agencies[6], words_of_purpose[6];

static RecordMark random_mark(Rng *rng, Str *to, Str *purposes) {
    static const char *const notes[] = {"ask", "not by mail", "zz / ask", "H1", "a / b / c"};
    RecordMark m = {.tlp = (RecordTlp)rng_below(rng, 5),
                    .pap = (RecordPap)rng_below(rng, 4),
                    .handling = (RecordHandling)rng_below(rng, 4),
                    .to = to,
                    .purposes = purposes,
                    .has_until = rng_below(rng, 2)};
    if (m.handling == RECORD_H3)
        m.note = str_of(notes[rng_below(rng, COUNT_OF(notes))]);
    if (m.has_until)
        m.until_us = (int64_t)rng_below(rng, 5) * 1000000;
    for (size_t i = 0; i < 6; i++) {
        if (rng_below(rng, 4))
            to[m.to_count++] = agencies[i];
        if (rng_below(rng, 4))
            purposes[m.purpose_count++] = words_of_purpose[i];
    }
    if (!rng_below(rng, 3))
        m.to_count = 0;
    if (!rng_below(rng, 3))
        m.purpose_count = 0;
    return m;
}

static Str mark_text(Err e, const RecordMark *m) {
    if (e != OK)
        return str_of(err_name(e));
    AUTO(Buf) out = {0};
    Str text;
    assert_ok(&ctx, record_mark_write(&ctx, m, &out));
    assert_ok(&ctx, str_copy(&ctx, buf_view(&out), &text));
    return text;
}

static bool list_allows(const Str *items, size_t n, Str item) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(items[i], item))
            return true;
    return n == 0;
}

static void test_meet(void **state) {
    (void)state;
    uint64_t seed = (uint64_t)time(NULL);
    print_message("marks: seed %llu\n", (unsigned long long)seed);
    Rng rng;
    rng_seed(&rng, seed);
    static const char *const words[] = {"alert", "hold", "orders", "refund", "trace", "zeal"};
    for (size_t i = 0; i < 6; i++) {
        assert_ok(&ctx, str_format(&ctx, &agencies[i], "%064d", (int)i));
        words_of_purpose[i] = str_of(words[i]);
    }
    for (int round = 0; round < 3000; round++) {
        Str to[3][6], purposes[3][6];
        RecordMark m[3], ab, ba, left, bc, right;
        for (size_t i = 0; i < 3; i++)
            m[i] = random_mark(&rng, to[i], purposes[i]);
        Err e_ab = record_mark_meet(&ctx, &m[0], &m[1], &ab);
        Err e_ba = record_mark_meet(&ctx, &m[1], &m[0], &ba);
        assert_true(str_eq(mark_text(e_ab, &ab), mark_text(e_ba, &ba)));
        Err e_left = e_ab == OK ? record_mark_meet(&ctx, &ab, &m[2], &left) : e_ab;
        Err e_right = record_mark_meet(&ctx, &m[1], &m[2], &bc);
        if (e_right == OK)
            e_right = record_mark_meet(&ctx, &m[0], &bc, &right);
        assert_true(str_eq(mark_text(e_left, &left), mark_text(e_right, &right)));
        RecordMark same;
        assert_ok(&ctx, record_mark_meet(&ctx, &m[0], &m[0], &same));
        if (m[0].handling != RECORD_H3) // the parts of a note are sorted
            assert_true(str_eq(mark_text(OK, &same), mark_text(OK, &m[0])));
        for (size_t i = 0; i < 6 && e_ab == OK; i++) {
            assert_int_equal(list_allows(ab.to, ab.to_count, agencies[i]),
                             list_allows(m[0].to, m[0].to_count, agencies[i]) &&
                                 list_allows(m[1].to, m[1].to_count, agencies[i]));
            assert_true(ab.tlp >= m[0].tlp && ab.pap >= m[1].pap && ab.handling >= m[0].handling);
            assert_true(!m[1].has_until || (ab.has_until && ab.until_us <= m[1].until_us));
        }
        ctx_reset(&ctx);
        for (size_t i = 0; i < 6; i++)
            assert_ok(&ctx, str_format(&ctx, &agencies[i], "%064d", (int)i));
    }
    RecordMark a = record_mark_default(), b = record_mark_default(), met;
    a.to = &agencies[0], a.to_count = 1, b.to = &agencies[1], b.to_count = 1;
    assert_int_equal(record_mark_meet(&ctx, &a, &b, &met), E_DENIED);
    a = b = record_mark_default();
    a.handling = RECORD_H3, a.note = STR("ask"), b.handling = RECORD_H2;
    assert_ok(&ctx, record_mark_meet(&ctx, &a, &b, &met));
    assert_true(str_eq_c(met.note, "H2 / ask"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),     cmocka_unit_test(test_write_gives_the_vectors),
        cmocka_unit_test(test_every_rule),  cmocka_unit_test(test_newer_and_unknown),
        cmocka_unit_test(test_kinds_table), cmocka_unit_test(test_meet),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
