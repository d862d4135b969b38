// The drill: same bytes for a seed, in Order, true balances, a truth that fits the rows.
#include "drill/drill.h"
#include "test.h"

#include <unistd.h>

#define COLUMNS 17
typedef struct Row {
    Str f[COLUMNS];
} Row;

static DrillPlan small_plan(uint64_t seed) {
    return (DrillPlan){.seed = seed,
                       .transfers = 20000,
                       .accounts = 3000,
                       .institutions = 12,
                       .countries = 5,
                       .reports = 60};
}

typedef struct Folder {
    char path[64];
} Folder;

static Folder folder_make(void) {
    Folder f;
    test_folder(f.path, sizeof f.path);
    return f;
}

static Str file_of(Ctx *c, const Folder *f, const char *name) {
    Str path, bytes;
    assert_ok(c, str_format(c, &path, "%s/%s", f->path, name));
    assert_ok(c, file_read_all(c, path, 64 << 20, &bytes));
    return bytes;
}

static void folder_remove(Ctx *c, const Folder *f) {
    Str *names;
    size_t n;
    assert_ok(c, dir_list(c, str_of(f->path), &names, &n));
    for (size_t i = 0; i < n; i++) {
        Str path;
        assert_ok(c, str_format(c, &path, "%s/" STR_FMT, f->path, STR_ARG(names[i])));
        assert_ok(c, file_remove(c, path));
    }
    rmdir(f->path);
}

static DrillMade make(Ctx *c, const DrillPlan *plan, const Folder *f) {
    DrillMade made;
    assert_ok(c, drill_make(c, plan, str_of(f->path), (DrillProgress){0}, &made));
    return made;
}

static void test_same_seed_same_bytes(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    static const char *const files[] = {"transfers.csv", "reports.csv", "truth.json"};
    // Golden: another machine or compiler must come to these bytes, too.
    static const uint32_t crcs[] = {0x5c7120f0, 0xa4812226, 0xf7a72fa1};
    Folder a = folder_make(), b = folder_make(), other = folder_make();
    DrillPlan plan = small_plan(7), plan_other = small_plan(8);
    make(&c, &plan, &a);
    make(&c, &plan, &b);
    make(&c, &plan_other, &other);
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        Str x = file_of(&c, &a, files[i]);
        assert_true(str_eq(x, file_of(&c, &b, files[i])));
        assert_false(str_eq(x, file_of(&c, &other, files[i])));
        if (crc32c(0, x.p, x.n) != crcs[i])
            fail_msg("%s: CRC-32C is 0x%08x", files[i], crc32c(0, x.p, x.n));
    }
    folder_remove(&c, &a);
    folder_remove(&c, &b);
    folder_remove(&c, &other);
}

// Fields hold no quotes in a drill's transfers.
static bool next_row(Str *rest, Row *ret_row) {
    Str line;
    if (!rest->n || !str_split(rest, '\n', &line) || !line.n)
        return false;
    for (size_t i = 0; i < COLUMNS; i++)
        assert_true(str_split(&line, ',', &ret_row->f[i]));
    assert_false(line.p && line.n);
    return true;
}

static int64_t money_of(Str text) {
    char digits[32];
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] != '.')
            digits[n++] = text.p[i];
    int64_t v = 0;
    assert_true(str_to_i64((Str){digits, n}, &v));
    return v;
}

typedef struct Account {
    int64_t net, net_min, opening;
    bool has_opening;
} Account;

typedef struct Book {
    Dict keys;
    Account accounts[8192];
} Book;

static Account *book_find(Ctx *c, Book *b, const Row *r, size_t first, Str currency) {
    Str key;
    uint32_t id;
    if (r->f[first + 2].n == 0)
        return NULL;
    assert_ok(c,
              str_format(c, &key, STR_FMT "/" STR_FMT "/" STR_FMT "/" STR_FMT, STR_ARG(r->f[first]),
                         STR_ARG(r->f[first + 1]), STR_ARG(r->f[first + 2]), STR_ARG(currency)));
    assert_ok(c, dict_intern(c, &b->keys, key, &id));
    assert_true(id < COUNT_OF(b->accounts));
    return &b->accounts[id];
}

static void book_move(Account *a, int64_t amount, Str balance) {
    if (!a)
        return;
    a->net += amount;
    a->net_min = a->net < a->net_min ? a->net : a->net_min;
    if (!balance.n)
        return;
    int64_t opening = money_of(balance) - a->net;
    if (a->has_opening)
        assert_int_equal(a->opening, opening);
    a->opening = opening;
    a->has_opening = true;
}

// What is planted comes behind and changes nothing else.
static void test_planted_reports(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Folder a = folder_make(), b = folder_make();
    DrillPlan plan = small_plan(7), with = small_plan(7);
    with.planted = 20;
    DrillMade made = make(&c, &plan, &a), more = make(&c, &with, &b);
    assert_int_equal(more.reports, made.reports + 20);
    assert_true(str_eq(file_of(&c, &a, "transfers.csv"), file_of(&c, &b, "transfers.csv")));
    Str honest = file_of(&c, &a, "reports.csv"), all = file_of(&c, &b, "reports.csv");
    assert_true(all.n > honest.n && memcmp(all.p, honest.p, honest.n) == 0);
    Str rest = {all.p + honest.n, all.n - honest.n}, line, account = {0};
    size_t lines = 0;
    while (rest.n && str_split(&rest, '\n', &line) && line.n) {
        Str field = {0};
        for (size_t i = 0; i < 9; i++) {
            assert_true(str_split(&line, ',', &field));
            if (i == 0)
                assert_true(str_starts(field, STR("F-2026-")));
            if (i == 7)
                assert_int_equal(field.n, 0);
        }
        assert_true(lines == 0 || str_eq(account, field));
        account = field;
        lines++;
    }
    assert_int_equal(lines, 20);
    Str truth = file_of(&c, &b, "truth.json"), words;
    assert_ok(&c,
              str_format(&c, &words, "{\"planted\":{\"account\":\"" STR_FMT "\",\"reports\":20},",
                         STR_ARG(account)));
    assert_true(str_starts(truth, words));
    folder_remove(&c, &a);
    folder_remove(&c, &b);
}

static void test_rows_in_order_balances_true(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Folder f = folder_make();
    DrillPlan plan = small_plan(7);
    DrillMade made = make(&c, &plan, &f);
    assert_int_equal(made.transfers, plan.transfers);
    Str rest = file_of(&c, &f, "transfers.csv");
    assert_int_equal(made.bytes, rest.n);
    AUTO(Dict) ids;
    dict_init(&ids, 1);
    Book *book = calloc(1, sizeof *book);
    assert_non_null(book);
    dict_init(&book->keys, 2);
    Row row;
    assert_true(next_row(&rest, &row)); // header
    size_t rows = 0, given = 0, exits = 0, deposits = 0, foreign = 0;
    int64_t last = 0;
    for (; next_row(&rest, &row); rows++) {
        int64_t at;
        uint32_t id;
        assert_true(time_parse(row.f[1], &at));
        assert_true(at > last);
        last = at;
        assert_ok(&c, dict_intern(&c, &ids, row.f[0], &id));
        assert_int_equal(id, rows); // never seen before
        int64_t amount = money_of(row.f[8]);
        assert_true(amount > 0);
        bool fx = row.f[11].n > 0;
        int64_t credited = fx ? money_of(row.f[10]) : amount;
        Str currency_to = fx ? row.f[11] : row.f[9];
        foreign += fx && !str_eq(row.f[9], row.f[11]);
        deposits += row.f[4].n == 0;
        exits += row.f[7].n == 0;
        assert_false(row.f[4].n == 0 && row.f[7].n == 0);
        book_move(book_find(&c, book, &row, 2, row.f[9]), -amount, row.f[12]);
        book_move(book_find(&c, book, &row, 5, currency_to), credited, row.f[13]);
        given += row.f[12].n > 0;
    }
    assert_int_equal(rows, plan.transfers);
    assert_true(given > rows / 4 && exits > rows / 100 && deposits > rows / 100 && foreign > 20);
    for (size_t i = 0; i < book->keys.count; i++)
        if (book->accounts[i].has_opening)
            assert_true(book->accounts[i].opening + book->accounts[i].net_min >= 0);
    dict_done(&book->keys);
    free(book);
    folder_remove(&c, &f);
}

static Str after(Str s, const char *what) {
    size_t at;
    if (!str_find(s, str_of(what), &at))
        fail_msg("no %s in " STR_FMT, what, STR_ARG(s));
    at += strlen(what);
    return (Str){s.p + at, s.n - at};
}

// Credited amount of a transfer, found by going through the file.
static int64_t credited_of(Str transfers, Str id, Str *ret_currency) {
    Row row;
    while (next_row(&transfers, &row)) {
        if (!str_eq(row.f[0], id))
            continue;
        *ret_currency = row.f[11].n ? row.f[11] : row.f[9];
        return money_of(row.f[10].n ? row.f[10] : row.f[8]);
    }
    fail_msg("transfer " STR_FMT " of the truth is not in the file", STR_ARG(id));
    return 0;
}

static void test_truth_fits_the_rows(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    Folder f = folder_make();
    DrillPlan plan = small_plan(7);
    DrillMade made = make(&c, &plan, &f);
    Str transfers = file_of(&c, &f, "transfers.csv"), truth = file_of(&c, &f, "truth.json");
    Str reports = file_of(&c, &f, "reports.csv"), line, told;
    assert_true(str_split(&truth, '\n', &line)); // {"reports":[
    assert_true(str_split(&reports, '\n', &told));
    size_t named = 0, doubles = 0;
    for (uint32_t i = 0; i < plan.reports; i++) {
        assert_true(str_split(&truth, '\n', &line) && str_split(&reports, '\n', &told));
        int64_t amount, sum = 0;
        Str currency = {0}, id, rest = after(line, "\"amount\":");
        size_t end;
        assert_true(str_find(rest, STR(","), &end));
        assert_true(str_to_i64((Str){rest.p, end}, &amount));
        rest = after(line, "\"transfers\":[");
        assert_true(str_find(rest, STR("]"), &end));
        rest.n = end;
        while (rest.n && str_split(&rest, ',', &id)) {
            id = (Str){id.p + 1, id.n - 2};
            sum += credited_of(transfers, id, &currency);
            size_t at;
            bool is_named = str_find(line, STR("\"named\":true"), &at);
            assert_int_equal(is_named, str_find(told, id, &at));
        }
        assert_int_equal(sum, amount);
        assert_true(str_starts(after(line, "\"currency\":\""), currency));
        named += str_find(line, STR("\"named\":true"), &end);
        doubles += !str_find(line, STR("\"same_as\":null"), &end);
    }
    assert_true(named > plan.reports / 2 && named < plan.reports && doubles > 0);
    assert_true(made.case_report_count >= 5);
    folder_remove(&c, &f);
}

static void test_plans_that_cannot_be(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    DrillMade made;
    DrillPlan plans[6];
    for (size_t i = 0; i < COUNT_OF(plans); i++)
        plans[i] = small_plan(1);
    plans[0].transfers = 10;
    plans[1].accounts = 3;
    plans[2].institutions = 13;
    plans[3].countries = 0;
    plans[4].reports = 0;
    plans[5].reports = 900;
    for (size_t i = 0; i < COUNT_OF(plans); i++)
        assert_int_equal(
            drill_make(&c, &plans[i], STR("/nowhere/at/all"), (DrillProgress){0}, &made),
            E_INVALID);
}

static void test_small_worlds(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    // Every number of institutions and countries, at the least sizes.
    for (uint32_t institutions = 2; institutions <= DRILL_INSTITUTIONS_MAX; institutions++)
        for (uint32_t countries = 1; countries <= DRILL_COUNTRIES_MAX; countries++) {
            Folder f = folder_make();
            DrillPlan plan = {.seed = institutions * 31 + countries,
                              .transfers = 2000,
                              .accounts = DRILL_ACCOUNTS_MIN,
                              .institutions = institutions,
                              .countries = countries,
                              .reports = 6};
            DrillMade made = make(&c, &plan, &f);
            assert_int_equal(made.transfers, plan.transfers);
            folder_remove(&c, &f);
            ctx_reset(&c);
        }
}

static bool stop_at_once(void *self, const char *what, uint64_t done, uint64_t total) {
    (void)self;
    (void)what;
    (void)done;
    (void)total;
    return false;
}

static void test_faults(void **state) {
    (void)state;
    AUTO(Ctx) c;
    ctx_init(&c);
    DrillPlan plan = small_plan(3);
    DrillMade made;
    Folder f = folder_make();
    assert_int_equal(
        drill_make(&c, &plan, str_of(f.path), (DrillProgress){.step = stop_at_once}, &made),
        E_CANCELLED);
    plan.transfers = 3000;
    plan.reports = 10;
    // Each write and each allocation fails once; what was asked for is there or an error is.
    for (int kind = 0; kind < 2; kind++) {
        Err e = E_MEMORY;
        for (uint64_t n = 1; e != OK; n++) {
            assert_true(n < 10000);
            FaultPlan faults = {.once = true, .write_errno = 28};
            if (kind)
                faults.alloc_nth = n;
            else
                faults.write_nth = n;
            fault_plan_set(faults);
            e = drill_make(&c, &plan, str_of(f.path), (DrillProgress){0}, &made);
            fault_plan_set((FaultPlan){0});
            assert_true(e == OK || e == (kind ? E_MEMORY : E_NO_SPACE) || e == E_LIMIT);
            ctx_reset(&c);
        }
    }
    folder_remove(&c, &f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_seed_same_bytes),
        cmocka_unit_test(test_planted_reports),
        cmocka_unit_test(test_rows_in_order_balances_true),
        cmocka_unit_test(test_truth_fits_the_rows),
        cmocka_unit_test(test_plans_that_cannot_be),
        cmocka_unit_test(test_small_worlds),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
