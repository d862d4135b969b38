// Case files: what goes in, what leaves only by decision, what they prove; who is one victim.
#include "groups.h"
#include "money.h"

#include <zip.h>

static const MoneyTagged tags[] = {{"r1", 5000}, {NULL, 0}};

typedef struct Filed {
    Money m;
    Str k;
    Str path;
} Filed;

static void filed_open(Filed *f) {
    money_open(&f->m);
    Ctx *c = &f->m.w.c;
    DeskReport r;
    DeskReportDraft draft = {.id = STR("r1"),
                             .loss = STR("90.00"),
                             .currency = STR("THB"),
                             .victim = STR("Somsri Jaidee"),
                             .story = STR("a man called")};
    assert_ok(c, desk_report_add(c, &f->m.ann, &draft, &r));
    f->k = money_case(&f->m, "Ring", "r1");
    (void)money_hold(&f->m, f->k, "A", "THB", 5000, tags);
    f->path = world_path(&f->m.w, "case.zip");
}

static Err export_as(Filed *f, const Desk *d, Str decision, Str to) {
    DeskCaseFile file = {.case_id = f->k, .to = to, .decision = decision};
    return desk_case_export(&f->m.w.c, d, &file, f->path, (DeskProgress){0});
}

// A file of the ZIP, in the request's arena; an empty one where it is not there.
static Str part(Filed *f, const char *name) {
    int code = 0;
    zip_stat_t stat;
    Str text = {0};
    char *bytes;
    zip_t *z = zip_open(f->path.p, ZIP_RDONLY | ZIP_CHECKCONS, &code);
    assert_non_null(z);
    if (zip_stat(z, name, 0, &stat) == 0) {
        zip_file_t *in = zip_fopen(z, name, 0);
        assert_ok(&f->m.w.c, ctx_alloc(&f->m.w.c, (size_t)stat.size + 1, &bytes));
        assert_int_equal(zip_fread(in, bytes, stat.size), stat.size);
        zip_fclose(in);
        text = (Str){bytes, (size_t)stat.size};
    }
    zip_close(z);
    return text;
}

static bool says(Str text, const char *what) {
    size_t at;
    return str_find(text, str_of(what), &at);
}

// Every line of the manifest has the hash of its file, in the order of the paths.
static void manifest_fits(Filed *f) {
    Str rest = part(f, "manifest.sha256"), line, last = {0};
    size_t lines = 0;
    while (str_split(&rest, '\n', &line) && line.n > 66) {
        Str name, hex = {line.p, 64};
        assert_ok(&f->m.w.c, str_copy(&f->m.w.c, (Str){line.p + 66, line.n - 66}, &name));
        Str bytes = part(f, name.p);
        CryptoHash want, got = crypto_sha256(bytes.p, bytes.n);
        assert_true(hex_decode(hex, want.b, sizeof want.b));
        assert_memory_equal(want.b, got.b, sizeof got.b);
        assert_true(str_cmp(last, name) < 0);
        last = name;
        lines++;
    }
    assert_true(lines > 10);
}

static void proven_and_whole(void **state) {
    (void)state;
    Filed f;
    filed_open(&f);
    Ctx *c = &f.m.w.c;
    assert_int_equal(export_as(&f, &f.m.duty, (Str){0}, (Str){0}), E_DENIED);
    assert_ok(c, export_as(&f, &f.m.ann, (Str){0}, STR("the court")));
    manifest_fits(&f);
    Str lines = part(&f, "records.jsonl");
    assert_true(says(lines, "\"kind\":\"order\"") && says(lines, "\"kind\":\"order_act\""));
    assert_true(says(lines, "\"kind\":\"report\"") && says(lines, "\"kind\":\"genesis\""));
    assert_true(says(lines, "\"kind\":\"officer\"") && says(lines, "Somsri"));
    assert_false(says(lines, "\"kind\":\"read\""));
    // The reads of this very export are in it.
    assert_true(says(part(&f, "reads.jsonl"), "\"officer\":\"ann\""));
    assert_true(says(part(&f, "letters/O-2026-000001.html"), "O-2026-000001"));
    assert_false(says(part(&f, "letters/O-2026-000001.html"), "Somsri"));
    Str how = part(&f, "HOW-TO-CHECK.txt"), line;
    size_t count = 0;
    while (str_split(&how, '\n', &line))
        count++;
    assert_int_equal(count - 1, 60);
    // The export is a record, with the hash of the manifest.
    Str manifest = part(&f, "manifest.sha256");
    CryptoHash hash = crypto_sha256(manifest.p, manifest.n);
    AUTO(Buf) hex = {0};
    buf_hex(&hex, hash.b, sizeof hash.b);
    DeskRecordList list;
    DeskRecord record;
    assert_ok(c, desk_record_list(c, &f.m.ann, STR("case_export"), (DeskPage){0}, &list));
    assert_int_equal(list.count, 1);
    assert_ok(c, desk_record_get(c, &f.m.ann, list.items[0].id, &record));
    size_t at;
    assert_true(str_find(record.envelope, buf_view(&hex), &at));
    money_done(&f.m);
}

// A record under H1, of the case: a report of another agency's kind.
static RecordId guard(Filed *f) {
    Ctx *c = &f->m.w.c;
    RecordMark mark = record_mark_default();
    mark.handling = RECORD_H1;
    AUTO(DeskWriting) w = {0};
    RecordId about = money_id(f->k), id;
    assert_ok(c, desk_writing_begin(c, f->m.w.node, &f->m.ann, &w));
    assert_ok(c, desk_group_begin(c, &w));
    CryptoHash hash;
    DeskAttach a = {STR("note.txt"), STR("text/plain"), STR("from a friend"), &about, 1, &mark};
    assert_ok(c, desk_attach(c, &w, &a, &hash, &id));
    assert_ok(c, desk_group_commit(c, &w));
    return id;
}

static void guarded_leaves_by_decision(void **state) {
    (void)state;
    Filed f;
    filed_open(&f);
    Ctx *c = &f.m.w.c;
    Str text, decision, other;
    RecordId id = guard(&f);
    assert_ok(c, desk_id_text(c, id, &text));
    assert_int_equal(export_as(&f, &f.m.ann, (Str){0}, STR("court")), E_DENIED);
    assert_true(says(str_of(c->error), text.p));
    assert_false(file_exists(f.path));
    Str report = STR("r1");
    assert_int_equal(
        desk_export_decide(c, &f.m.duty, f.k, &text, 1, STR("court"), STR("asked"), &decision),
        E_DENIED);
    assert_ok(c,
              desk_export_decide(c, &f.m.bea, f.k, &report, 1, STR("court"), STR("asked"), &other));
    assert_int_equal(export_as(&f, &f.m.ann, other, STR("court")), E_DENIED);
    assert_ok(
        c, desk_export_decide(c, &f.m.bea, f.k, &text, 1, STR("court"), STR("asked"), &decision));
    assert_int_equal(export_as(&f, &f.m.ann, decision, STR("the press")), E_DENIED);
    assert_int_equal(export_as(&f, &f.m.ann, text, STR("court")), E_NOT_FOUND);
    assert_ok(c, export_as(&f, &f.m.ann, decision, STR("court")));
    manifest_fits(&f);
    assert_true(says(part(&f, "attachments.csv"), "note.txt"));
    money_done(&f.m);
}

static void one_victim_and_the_end(void **state) {
    (void)state;
    Filed f;
    filed_open(&f);
    Ctx *c = &f.m.w.c;
    Str pair[] = {STR("r1"), STR("r2")};
    money_report(&f.m, "r2", 100, "THB", "");
    assert_int_equal(desk_case_claimants(c, &f.m.ann, f.k, pair, 2), E_STATE); // not in the case
    assert_ok(c, desk_case_add(c, &f.m.ann, f.k, &pair[1], 1));
    assert_int_equal(desk_case_claimants(c, &f.m.duty, f.k, pair, 2), E_DENIED);
    assert_ok(c, desk_case_claimants(c, &f.m.ann, f.k, pair, 2));
    // Money is held: the case cannot be closed.
    assert_int_equal(desk_case_close(c, &f.m.ann, f.k, STR("done")), E_STATE);
    DeskOrderList orders;
    assert_ok(c, desk_order_list(c, &f.m.ann, &(DeskOrderFilter){.case_id = f.k}, (DeskPage){0},
                                 &orders));
    RecordId order = money_id(orders.items[0].id);
    money_act(&f.m, order, (OrderEvent){.act = ORDER_RELEASE, .party = ORDER_ISSUER});
    assert_int_equal(desk_case_close(c, &f.m.ann, f.k, STR("done")), E_STATE);
    money_act(&f.m, order, (OrderEvent){.act = ORDER_UNDONE, .party = ORDER_ADDRESSEE});
    assert_ok(c, desk_case_close(c, &f.m.ann, f.k, STR("done")));
    assert_int_equal(desk_case_close(c, &f.m.ann, f.k, STR("done")), E_STATE);
    assert_ok(c, export_as(&f, &f.m.ann, (Str){0}, (Str){0}));
    money_done(&f.m);
}

int run_desk_casefile_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(proven_and_whole),
        cmocka_unit_test(guarded_leaves_by_decision),
        cmocka_unit_test(one_victim_and_the_end),
    };
    return cmocka_run_group_tests_name("desk casefile", tests, NULL, NULL);
}
