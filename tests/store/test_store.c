// The door of store on temporary files: open, migrate, values, transactions, readers, copies, dump,
// and every write and allocation failing once.
#include "test.h"

#include <errno.h>
#include <unistd.h>

#include "store/store.h"

static char folder[64];

static Str path_of(Ctx *c, const char *name) {
    Str path;
    assert_ok(c, str_format(c, &path, "%s/%s", folder, name));
    return path;
}

static int folder_make(void **state) {
    (void)state;
    test_folder(folder, sizeof folder);
    return 0;
}

static int folder_remove(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Str *names;
    size_t n;
    if (dir_list(&c, str_of(folder), &names, &n) != OK)
        return 1;
    for (size_t i = 0; i < n; i++) {
        Str path;
        if (str_format(&c, &path, "%s/" STR_FMT, folder, STR_ARG(names[i])) != OK ||
            file_remove(&c, path) != OK)
            return 1;
    }
    return rmdir(folder);
}

enum { T_ADD, T_GET, T_ALL, T_SHOUT, T_COUNT };
static const char *const names[] = {"t_add", "t_get", "t_all", "t_shout", "t_count"};
static const StoreSql sql[] = {
    {"001_first", "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT NOT NULL, b BLOB) STRICT;\n"
                  "CREATE VIEW v_t AS SELECT id, name FROM t WHERE may(id);\n"},
    {"002_second", "CREATE UNIQUE INDEX t_name ON t(name);\n"
                   "CREATE TRIGGER t_fixed BEFORE UPDATE ON t BEGIN\n"
                   "  SELECT RAISE(ABORT, 'a t never changes');\nEND;\n"},
    {"statements", "-- :t_add\nINSERT INTO t(id, name, b) VALUES(:id, :name, :b)\n"
                   "-- :t_get\nSELECT id, name, b FROM t WHERE name = :name;\n\n"
                   "-- all of them\n-- :t_all\nSELECT id, name FROM t ORDER BY id\n"
                   "-- :t_shout\nUPDATE t SET name = upper(name)\n"
                   "-- :t_count\nSELECT count(*) FROM t\n"},
};
static const StoreSchema schema = {"t", sql, COUNT_OF(sql), names, COUNT_OF(names)};
static const StoreSchema schema_old = {"t", sql, 1, NULL, 0};
static const StoreSchema *const schemas[] = {&schema};
static const StoreSchema *const schemas_old[] = {&schema_old};

static int64_t may_even(void *self, const int64_t *args) {
    (void)self;
    return args[0] % 2 == 0;
}
static const StoreFunction functions[] = {{"may", 1, may_even, NULL}};
static const StoreOptions create = {.mode = STORE_CREATE,
                                    .schemas = schemas,
                                    .schema_count = 1,
                                    .functions = functions,
                                    .function_count = 1};

static Err add(Ctx *c, StoreDb *db, int64_t id, const char *name) {
    StoreStmt *s = store_stmt(db, T_ADD);
    store_bind_i64(s, ":id", id);
    store_bind_str(s, ":name", str_of(name));
    store_bind_blob(s, ":b", "\0\1", 2);
    return store_run(c, s);
}

static int64_t count(Ctx *c, StoreDb *db) {
    AUTO(StoreQuery) q = store_stmt(db, T_COUNT);
    bool row;
    assert_ok(c, store_step(c, q, &row));
    assert_true(row);
    return store_col_i64(q, 0);
}

static void test_values_and_transactions(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(StoreDbOwned) db = NULL;
    assert_ok(&c, store_open(&c, path_of(&c, "a.db"), &create, &db));
    assert_ok(&c, add(&c, db, 1, "one"));
    {
        AUTO(StoreTx) tx = {0};
        assert_ok(&c, store_tx_begin(&c, db, &tx));
        assert_ok(&c, add(&c, db, 2, "two"));
    }
    assert_int_equal(count(&c, db), 1); // the scope was left without a commit
    AUTO(StoreTx) tx = {0};
    assert_ok(&c, store_tx_begin(&c, db, &tx));
    assert_ok(&c, add(&c, db, 2, "two"));
    assert_ok(&c, store_tx_commit(&c, &tx));
    assert_int_equal(count(&c, db), 2);
    assert_int_equal(add(&c, db, 2, "other"), E_EXISTS);
    assert_int_equal(add(&c, db, 3, "two"), E_EXISTS);
    assert_int_equal(store_run(&c, store_stmt(db, T_SHOUT)), E_STATE);
    assert_string_equal(c.error, "a t never changes");

    AUTO(StoreQuery) q = store_stmt_of(db, &schema, T_GET);
    store_bind_str(q, ":name", STR("two"));
    bool row;
    assert_ok(&c, store_step(&c, q, &row));
    assert_true(row);
    assert_int_equal(store_col_i64(q, 0), 2);
    assert_true(str_eq_c(store_col_str(q, 1), "two"));
    assert_int_equal(store_col_str(q, 2).n, 2);
    assert_ok(&c, store_step(&c, q, &row));
    assert_false(row);
    store_reset(q);
    store_bind_str(q, ":name", STR("none"));
    assert_ok(&c, store_step(&c, q, &row));
    assert_false(row);
}

static void test_versions(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Str path = path_of(&c, "v.db");
    StoreOptions o = create;
    o.mode = STORE_WRITE;
    StoreDb *db = NULL;
    assert_int_equal(store_open(&c, path, &o, &db), E_NOT_FOUND);
    o.mode = STORE_CREATE;
    o.schemas = schemas_old;
    assert_ok(&c, store_open(&c, path, &o, &db));
    store_close(db);
    StoreOptions read = create;
    read.mode = STORE_READ;
    assert_int_equal(store_open(&c, path, &read, &db), E_STATE);
    assert_ok(&c, store_open(&c, path, &create, &db)); // migrates
    assert_ok(&c, add(&c, db, 1, "x"));
    assert_int_equal(add(&c, db, 2, "x"), E_EXISTS);
    store_close(db);
    assert_int_equal(store_open(&c, path, &o, &db), E_UNSUPPORTED); // the old program
    assert_ok(&c, store_open(&c, path, &read, &db));
    assert_int_equal(count(&c, db), 1);
    assert_int_not_equal(add(&c, db, 3, "y"), OK); // a reader writes nothing
    store_close(db);
    assert_ok(&c, file_replace(&c, path_of(&c, "no.db"),
                               STR("this is no database, it is text. "
                                   "It goes on for more than a page head "
                                   "of one hundred bytes.")));
    assert_int_equal(store_open(&c, path_of(&c, "no.db"), &create, &db), E_CORRUPT);
}

static void test_bad_sql(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    static const struct {
        const char *text;
    } rows[] = {{"-- :s\nSELEC 1\n"},
                {"-- :s\nSELECT 1; SELECT 2\n"},
                {"-- :t\nSELECT 1\n"},
                {"-- :s\n\n-- :t\nSELECT 1\n"},
                {"-- :s\nSELECT \"no column\"\n"}};
    static const char *const wanted[] = {"s"};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        StoreSql text = {"statements", rows[i].text};
        StoreSchema s = {"bad", &text, 1, wanted, 1};
        const StoreSchema *const list[] = {&s};
        StoreOptions o = {.mode = STORE_CREATE, .schemas = list, .schema_count = 1};
        StoreDb *db = NULL;
        assert_int_equal(store_open(&c, path_of(&c, "bad.db"), &o, &db), E_UNSUPPORTED);
    }
}

// A reader sees rows through views only, whatever a statement tries.
static void test_authorizer(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Str path = path_of(&c, "r.db");
    StoreDb *db = NULL;
    assert_ok(&c, store_open(&c, path, &create, &db));
    for (int i = 1; i <= 5; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        assert_ok(&c, add(&c, db, i, name));
    }
    store_close(db);
    static const char *const views[] = {"v_t"}, *const allowed[] = {"may", "count"};
    static const StoreAllow allow = {views, 1, allowed, 2};
    static const struct {
        const char *text;
        bool good;
    } rows[] = {
        {"SELECT count(id) FROM v_t", true},
        {"SELECT id, name FROM v_t ORDER BY id", true},
        {"SELECT count(*) FROM v_t", true},
        {"SELECT count(*) FROM v_t WHERE EXISTS (SELECT 1 FROM v_t)", true},
        {"SELECT v.id FROM v_t v, t", false},
        {"SELECT count(*) FROM t", false},
        {"SELECT name FROM t", false},
        {"SELECT 1 FROM v_t WHERE EXISTS (SELECT 1 FROM t)", false},
        {"SELECT upper(name) FROM v_t", false},
        {"SELECT name FROM sqlite_schema", false},
        {"PRAGMA table_info(t)", false},
        {"ATTACH 'x.db' AS x", false},
        {"DELETE FROM t", false},
        {"INSERT INTO t(id, name) VALUES(9, 'x')", false},
        {"CREATE TEMP TABLE y(a)", false},
    };
    static const char *const wanted[] = {"s"};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char text[128];
        snprintf(text, sizeof text, "-- :s\n%s\n", rows[i].text);
        StoreSql list_sql[] = {sql[0], sql[1], {"statements", text}};
        StoreSchema s = {"t", list_sql, 3, wanted, 1};
        const StoreSchema *const list[] = {&s};
        StoreOptions o = create;
        o.mode = STORE_READ, o.schemas = list, o.allow = &allow;
        AUTO(StoreDbOwned) reader = NULL;
        Err e = store_open(&c, path, &o, &reader);
        if (rows[i].good) {
            assert_ok(&c, e);
            bool row;
            AUTO(StoreQuery) q = store_stmt(reader, 0);
            assert_ok(&c, store_step(&c, q, &row));
            assert_int_equal(store_col_i64(q, 0), 2); // ids 2 and 4 only
        } else if (e != E_DENIED)
            fail_msg("%s: %s, not denied", rows[i].text, err_name(e));
    }
}

static void test_snapshot_and_wal(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Str path = path_of(&c, "w.db");
    AUTO(StoreDbOwned) db = NULL;
    AUTO(StoreDbOwned) reader = NULL;
    assert_ok(&c, store_open(&c, path, &create, &db));
    assert_ok(&c, add(&c, db, 1, "one"));
    StoreOptions o = create;
    o.mode = STORE_READ;
    assert_ok(&c, store_open(&c, path, &o, &reader));
    {
        AUTO(StoreTx) tx = {0};
        assert_ok(&c, store_tx_begin_read(&c, reader, &tx));
        assert_int_equal(count(&c, reader), 1);
        assert_ok(&c, add(&c, db, 2, "two"));
        assert_int_equal(count(&c, reader), 1); // its snapshot
        assert_ok(&c, store_checkpoint(&c, db, STORE_CHECKPOINT_PASSIVE));
        assert_true(store_wal_pages(db) > 0);
    }
    assert_int_equal(count(&c, reader), 2);
    assert_ok(&c, store_checkpoint(&c, db, STORE_CHECKPOINT_TRUNCATE));
    assert_int_equal(store_wal_pages(db), 0);
    AUTO(File) wal = {0};
    uint64_t bytes;
    assert_ok(&c, file_open(&c, path_of(&c, "w.db-wal"), FILE_READ, &wal));
    assert_ok(&c, file_size(&c, &wal, &bytes));
    assert_int_equal(bytes, 0);
    // A second writer waits, then is told.
    AUTO(StoreDbOwned) other = NULL;
    o.mode = STORE_WRITE;
    assert_ok(&c, store_open(&c, path, &o, &other));
    AUTO(StoreTx) tx = {0};
    assert_ok(&c, store_tx_begin(&c, db, &tx));
    assert_int_equal(store_begin(&c, other), E_BUSY);
}

static void test_copy_and_dump(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    AUTO(StoreDbOwned) a = NULL;
    AUTO(StoreDbOwned) b = NULL;
    AUTO(StoreDbOwned) copy = NULL;
    assert_ok(&c, store_open(&c, path_of(&c, "d1.db"), &create, &a));
    assert_ok(&c, store_open(&c, path_of(&c, "d2.db"), &create, &b));
    for (int i = 1; i <= 9; i++) {
        char name[16];
        snprintf(name, sizeof name, "n'|\n%d", i);
        assert_ok(&c, add(&c, a, i, name));
        snprintf(name, sizeof name, "n'|\n%d", 10 - i);
        assert_ok(&c, add(&c, b, 10 - i, name));
    }
    AUTO(Buf) text_a = {0};
    AUTO(Buf) text_b = {0};
    AUTO(Buf) text_copy = {0};
    assert_ok(&c, store_dump(&c, a, &text_a));
    assert_ok(&c, store_dump(&c, b, &text_b));
    assert_true(str_eq(buf_view(&text_a), buf_view(&text_b)));
    assert_true(str_find(buf_view(&text_a), STR("3|'n\\'\\|\\n3'|x0001\n"), &(size_t){0}));
    Str path = path_of(&c, "d3.db");
    assert_ok(&c, store_backup_to(&c, a, path));
    assert_int_equal(store_backup_to(&c, a, path), E_EXISTS);
    StoreOptions o = create;
    o.mode = STORE_WRITE;
    assert_ok(&c, store_open(&c, path, &o, &copy));
    assert_ok(&c, store_check(&c, copy));
    assert_ok(&c, store_dump(&c, copy, &text_copy));
    assert_true(str_eq(buf_view(&text_a), buf_view(&text_copy)));
    assert_ok(&c, add(&c, b, 100, "more"));
    buf_clear(&text_b);
    assert_ok(&c, store_dump(&c, b, &text_b));
    assert_false(str_eq(buf_view(&text_a), buf_view(&text_b)));
}

// One story: open, a committed row, a row in each of three transactions, a checkpoint. Returns how
// many rows were acknowledged.
static int story(Ctx *c, Str path, Err *ret_err) {
    AUTO(StoreDbOwned) db = NULL;
    int acknowledged = 0;
    Err e = store_open(c, path, &create, &db);
    for (int i = 1; e == OK && i <= 3; i++) {
        AUTO(StoreTx) tx = {0};
        e = store_tx_begin(c, db, &tx);
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        if (e == OK)
            e = add(c, db, i, name);
        if (e == OK)
            e = store_tx_commit(c, &tx);
        acknowledged += e == OK;
    }
    if (e == OK)
        e = store_checkpoint(c, db, STORE_CHECKPOINT_TRUNCATE);
    *ret_err = e;
    return acknowledged;
}

static void remove_all(Ctx *c, const char *name) {
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        Str path;
        assert_ok(c, str_format(c, &path, "%s/%s%s", folder, name, ends[i]));
        assert_ok(c, file_remove(c, path));
    }
}

// The n-th write, and then the n-th allocation, fails for every n: nothing acknowledged is lost,
// and the words say why.
static void test_every_fault(void **state) {
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        bool reached = true;
        int n;
        for (n = 1; reached && n < 5000; n++) {
            AUTO(Ctx) c;
            ctx_init(&c);
            remove_all(&c, "f.db");
            Str path = path_of(&c, "f.db");
            FaultPlan plan = {.once = kind == 0 || kind == 2, .write_errno = ENOSPC};
            if (kind < 2)
                plan.write_nth = (uint64_t)n;
            else
                plan.alloc_nth = (uint64_t)n;
            Err e;
            fault_plan_set(plan);
            int acknowledged = story(&c, path, &e);
            // A cache that could not grow is no error: the series ends where the plan is not
            // reached.
            uint64_t allocs, writes;
            fault_counts(&allocs, &writes);
            fault_plan_set((FaultPlan){0});
            reached = kind < 2 ? writes >= plan.write_nth : allocs >= plan.alloc_nth;
            bool failed = e != OK;
            if (kind < 2 && failed && e != E_NO_SPACE && e != E_IO)
                fail_msg("write %d: %s: %s", n, err_name(e), c.error);
            if (kind >= 2 && failed && e != E_MEMORY)
                fail_msg("allocation %d: %s: %s", n, err_name(e), c.error);
            AUTO(StoreDbOwned) db = NULL;
            assert_ok(&c, store_open(&c, path, &create, &db));
            assert_ok(&c, store_check(&c, db));
            assert_true(count(&c, db) >= acknowledged);
        }
        assert_true(n > 5 && n < 5000);
    }
}

static void test_read_only_disk(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    remove_all(&c, "f.db");
    Err e;
    fault_plan_set((FaultPlan){.write_nth = 1, .write_errno = EROFS});
    assert_int_equal(story(&c, path_of(&c, "f.db"), &e), 0);
    fault_plan_set((FaultPlan){0});
    assert_int_equal(e, E_READ_ONLY);
}

int main(void) {
    AUTO(Ctx) c;
    ctx_init(&c);
    if (store_faults_install(&c) != OK)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_and_transactions),
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_bad_sql),
        cmocka_unit_test(test_authorizer),
        cmocka_unit_test(test_snapshot_and_wal),
        cmocka_unit_test(test_copy_and_dump),
        cmocka_unit_test(test_every_fault),
        cmocka_unit_test(test_read_only_disk),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
