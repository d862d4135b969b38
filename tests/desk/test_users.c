// Users: every act with every role, passwords and their limits, sessions, tokens, break-glass, the
// log of reads, repeated writes, codes.
#include "groups.h"
#include "node.h"

#include <pthread.h>

#define MINUTE 60000000LL
#define HOUR (60 * MINUTE)

static Desk as(World *w, const char *user) {
    Desk d;
    assert_ok(&w->c, desk_as(&w->c, w->node, str_of(user), &d));
    return d;
}

// A user of this role with the role as its name; the password is written to `ret_password`.
static Desk user_of(World *w, const char *name, const char *role, char *ret_password) {
    Desk admin = as(w, "admin");
    DeskUserDraft draft = {.name = str_of(name), .role = str_of(role)};
    DeskUser user;
    char password[DESK_PASSWORD_BYTES];
    assert_ok(&w->c, desk_user_add(&w->c, &admin, &draft, &user, password));
    assert_true(user.active && str_eq_c(user.clearance, "AMBER+STRICT"));
    if (ret_password)
        memcpy(ret_password, password, sizeof password);
    return as(w, name);
}

// --- acts ---------------------------------------------------------------------------------------

#define PROBE(name) static Err probe_##name(Ctx *c, World *w, const Desk *d)
PROBE(report_read) {
    (void)w;
    DeskReportList l;
    return desk_report_list(c, d, (DeskPage){0}, &l);
}
PROBE(report_write) {
    (void)w;
    DeskReport r;
    DeskReportDraft draft = {.loss = STR("1.00"), .currency = STR("THB")};
    return desk_report_add(c, d, &draft, &r);
}
PROBE(import) {
    DeskImport in = {.path = world_file(w, "probe.csv", TRANSFER_HEADER), .dry_run = true};
    DeskImportResult r;
    Err e = desk_import_transfers(c, d, &in, &r);
    return e != OK ? e : desk_import_reports(c, d, &in, &r);
}
PROBE(transfer_read) {
    (void)w;
    DeskConflictList l;
    return desk_transfer_conflicts(c, d, (DeskPage){0}, &l);
}
PROBE(transfer_pick) {
    (void)w;
    return desk_transfer_pick(c, d, STR("nope"), STR("00000000"));
}
PROBE(case_read) {
    (void)w;
    DeskCaseList l;
    return desk_case_list(c, d, (DeskPage){0}, &l);
}
PROBE(case_write) {
    (void)w;
    DeskCase k;
    return desk_case_new(c, d, STR("Probe"), &k);
}
PROBE(trace_run) {
    (void)w;
    Str none = STR("nope");
    DeskTraceQuery q = {.reports = &none, .report_count = 1, .rule = TRACE_FIFO};
    DeskTrace t;
    return desk_trace(c, d, &q, &t);
}
PROBE(record_read) {
    (void)w;
    DeskRecordList l;
    return desk_record_list(c, d, (Str){0}, (DeskPage){0}, &l);
}
PROBE(record_erase) {
    (void)w;
    DeskRecord r;
    return desk_erase(c, d, STR("nope"), STR("probe"), &r);
}
PROBE(public_read) {
    (void)w;
    DeskClaimList l;
    return desk_claim_list(c, d, (Str){0}, (DeskPage){0}, &l);
}
PROBE(reads_read) {
    (void)w;
    DeskReadList l;
    return desk_reads_list(c, d, (DeskPage){0}, &l);
}
PROBE(glass_break) {
    (void)w;
    DeskGlass g;
    return desk_glass_break(c, d, STR("nope"), STR("x"), 1, &g);
}
PROBE(glass_ratify) {
    (void)w;
    DeskGlass g;
    return desk_glass_ratify(c, d, STR("nope"), true, STR("x"), &g);
}
PROBE(user_read) {
    (void)w;
    const DeskUser *items;
    size_t n;
    return desk_user_list(c, d, &items, &n);
}
PROBE(user_write) {
    (void)w;
    DeskUser u;
    char password[DESK_PASSWORD_BYTES];
    DeskUserDraft draft = {.name = STR("!"), .role = STR("analyst")};
    return desk_user_add(c, d, &draft, &u, password);
}

static const struct {
    DeskAct act;
    Err (*call)(Ctx *c, World *w, const Desk *d);
} probes[] = {
    {DESK_REPORT_READ, probe_report_read},
    {DESK_REPORT_WRITE, probe_report_write},
    {DESK_IMPORT, probe_import},
    {DESK_TRANSFER_READ, probe_transfer_read},
    {DESK_TRANSFER_PICK, probe_transfer_pick},
    {DESK_CASE_READ, probe_case_read},
    {DESK_CASE_WRITE, probe_case_write},
    {DESK_TRACE_RUN, probe_trace_run},
    {DESK_RECORD_READ, probe_record_read},
    {DESK_RECORD_ERASE, probe_record_erase},
    {DESK_PUBLIC_READ, probe_public_read},
    {DESK_READS_READ, probe_reads_read},
    {DESK_GLASS_BREAK, probe_glass_break},
    {DESK_GLASS_RATIFY, probe_glass_ratify},
    {DESK_USER_READ, probe_user_read},
    {DESK_USER_WRITE, probe_user_write},
};

// What data/roles.csv says, read here on its own.
static bool granted(Str file, Str role, const char *act) {
    Str line, cell;
    int column = -1;
    for (bool head = true; str_split(&file, '\n', &line); head = false) {
        int at = 0;
        bool quoted = false;
        size_t start = 0;
        bool mine = str_starts(line, str_of(act)) && line.p[strlen(act)] == ',';
        for (size_t i = 0; i <= line.n; i++) {
            if (i < line.n && line.p[i] == '"')
                quoted = !quoted;
            if (i < line.n && (line.p[i] != ',' || quoted))
                continue;
            cell = (Str){line.p + start, i - start};
            if (head && str_eq(cell, role))
                column = at;
            if (mine && at == column)
                return str_eq_c(cell, "y");
            at++;
            start = i + 1;
        }
    }
    fail_msg("no cell for %s", act);
    return false;
}

static void test_acts(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    size_t roles;
    const DeskRole *role = desk_roles(w.node, &roles);
    assert_int_equal(roles, 6);
    Str file;
    assert_ok(&w.c, format_data_get(&w.c, STR("data/roles.csv"), &file));
    for (size_t i = 0; i < roles; i++) {
        char name[64];
        snprintf(name, sizeof name, "probe-" STR_FMT, STR_ARG(role[i].role));
        char role_name[64];
        snprintf(role_name, sizeof role_name, STR_FMT, STR_ARG(role[i].role));
        Desk d = user_of(&w, name, role_name, NULL);
        for (int a = 0; a < DESK_ACT_COUNT; a++) {
            bool may = granted(file, role[i].role, desk_act_name((DeskAct)a));
            assert_int_equal(desk_may(&d, (DeskAct)a), may);
            assert_int_equal(desk_need(&w.c, &d, (DeskAct)a), may ? OK : E_DENIED);
        }
        for (size_t p = 0; p < COUNT_OF(probes); p++) {
            Err e = probes[p].call(&w.c, &w, &d);
            if ((e == E_DENIED) == desk_may(&d, probes[p].act))
                fail_msg("%s as %s: %s (%s)", desk_act_name(probes[p].act), role_name, err_name(e),
                         w.c.error);
        }
    }
    Desk nobody = {0};
    assert_int_equal(desk_need(&w.c, &nobody, DESK_REPORT_READ), E_DENIED);
    world_done(&w);
}

// --- log in -------------------------------------------------------------------------------------

typedef struct In {
    Desk desk;
    CryptoSignKey key;
    DeskSession session;
} In;

static Err log_in(World *w, const char *user, const char *password, In *in) {
    DeskLogin login = {
        .user = str_of(user), .password = str_of(password), .from = STR("192.0.2.7")};
    DeskSession s;
    Err e = desk_session_open(&w->c, w->node, &login, &s);
    if (e != OK)
        return e;
    return desk_session_find(&w->c, w->node, str_of(s.token), &in->desk, &in->key, &in->session);
}

static Err again(World *w, In *in) {
    return desk_session_find(&w->c, w->node, str_of(in->session.token), &in->desk, &in->key,
                             &in->session);
}

static void test_session(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    In in = {0}, other = {0};
    size_t at;
    assert_int_equal(log_in(&w, "officer", "wrong", &in), E_DENIED);
    Str words;
    assert_ok(&w.c, str_copy(&w.c, str_of(w.c.error), &words));
    assert_int_equal(log_in(&w, "nobody", "wrong", &in), E_DENIED);
    assert_string_equal(w.c.error, words.p); // alike
    assert_int_equal(log_in(&w, "officer", "", &in), E_DENIED);
    assert_ok(&w.c, log_in(&w, "officer", w.secrets.officer_password, &in));
    assert_true(str_eq_c(in.desk.purpose, "investigation") && in.desk.key == &in.key);
    assert_int_equal(strlen(in.session.token), 64);
    assert_true(strcmp(in.session.csrf, in.session.token) != 0);
    assert_false(world_grep(&w, w.dir, str_of(in.session.token), NULL));
    assert_false(str_find(str_of(w.c.error), STR("Somchai"), &at));
    // A purpose that is not the role's.
    DeskLogin login = {.user = STR("officer"),
                       .password = str_of(w.secrets.officer_password),
                       .purpose = STR("audit")};
    DeskSession s;
    assert_int_equal(desk_session_open(&w.c, w.node, &login, &s), E_DENIED);
    // It survives a restart, ends when idle, and ends for good after its hours.
    world_reopen(&w);
    assert_ok(&w.c, again(&w, &in));
    w.now += 59 * MINUTE;
    assert_ok(&w.c, again(&w, &in));
    w.now += 61 * MINUTE;
    assert_int_equal(again(&w, &in), E_DENIED);
    assert_ok(&w.c, log_in(&w, "officer", w.secrets.officer_password, &in));
    for (int i = 0; i < 23; i++) {
        w.now += 30 * MINUTE;
        assert_ok(&w.c, again(&w, &in));
    }
    w.now += 31 * MINUTE;
    assert_int_equal(again(&w, &in), E_DENIED);
    // Closed is closed.
    assert_ok(&w.c, log_in(&w, "officer", w.secrets.officer_password, &in));
    assert_ok(&w.c, log_in(&w, "officer", w.secrets.officer_password, &other));
    assert_ok(&w.c, desk_session_close(&w.c, w.node, str_of(in.session.token)));
    assert_int_equal(again(&w, &in), E_DENIED);
    assert_ok(&w.c, again(&w, &other));
    assert_int_equal(desk_session_find(&w.c, w.node, STR("x"), &in.desk, &in.key, &in.session),
                     E_DENIED);
    world_done(&w);
}

static void test_tries(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    In in;
    for (int i = 0; i < LOGIN_TRIES_USER; i++)
        assert_int_equal(log_in(&w, "officer", "wrong", &in), E_DENIED);
    assert_int_equal(log_in(&w, "officer", w.secrets.officer_password, &in), E_LIMIT);
    w.now += 2000000;
    assert_int_equal(log_in(&w, "officer", "wrong", &in), E_DENIED); // now it waits 2 s
    w.now += 1000000;
    assert_int_equal(log_in(&w, "officer", w.secrets.officer_password, &in), E_LIMIT);
    w.now += 2000000;
    assert_ok(&w.c, log_in(&w, "officer", w.secrets.officer_password, &in));
    assert_ok(&w.c, log_in(&w, "officer", w.secrets.officer_password, &in));
    // The same password file on the command line counts alike.
    Desk d = as(&w, "officer");
    CryptoSignKey key;
    for (int i = 0; i < LOGIN_TRIES_USER; i++)
        assert_int_equal(desk_unlock(&w.c, &d, STR("wrong"), &key), E_DENIED);
    assert_int_equal(desk_unlock(&w.c, &d, STR("wrong"), &key), E_LIMIT);
    assert_null(d.key);
    // One address with many names.
    for (int i = 0; i < 2 * LOGIN_TRIES_ADDRESS; i++) {
        char name[32];
        snprintf(name, sizeof name, "guess-%d", i);
        Err e = log_in(&w, name, "wrong", &in);
        assert_true(e == E_DENIED || e == E_LIMIT);
    }
    assert_int_equal(log_in(&w, "guess-new", "wrong", &in), E_LIMIT);
    w.now += LOGIN_WAIT_S_MAX * 1000000LL;
    assert_ok(&w.c, log_in(&w, "officer", w.secrets.officer_password, &in));
    world_done(&w);
}

static void test_passwords(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    char password[DESK_PASSWORD_BYTES], fresh[DESK_PASSWORD_BYTES];
    Desk d = user_of(&w, "night", "duty_officer", password);
    In in, other;
    assert_ok(&w.c, log_in(&w, "night", password, &in));
    assert_true(in.session.must_change_password);
    assert_ok(&w.c, log_in(&w, "night", password, &other));
    Str new = STR("correct horse battery");
    assert_int_equal(desk_password_change(&w.c, &in.desk, STR("wrong"), new), E_DENIED);
    assert_int_equal(desk_password_change(&w.c, &in.desk, str_of(password), STR("short")),
                     E_INVALID);
    assert_ok(&w.c, desk_password_change(&w.c, &in.desk, str_of(password), new));
    assert_ok(&w.c, again(&w, &in)); // who changed it stays
    assert_false(in.session.must_change_password);
    assert_int_equal(again(&w, &other), E_DENIED); // all others go
    assert_int_equal(log_in(&w, "night", password, &other), E_DENIED);
    CryptoSignKey key;
    assert_ok(&w.c, desk_unlock(&w.c, &d, new, &key));
    assert_memory_equal(&key, &in.key, sizeof key); // the same key under a new password
    // A new one from the machine: another key, a record of it, and nobody is logged in any more.
    DeskRecordList l;
    assert_ok(&w.c, desk_user_password(&w.c, w.node, STR("night"), fresh));
    assert_int_equal(again(&w, &in), E_DENIED);
    assert_ok(&w.c, log_in(&w, "night", fresh, &in));
    assert_memory_not_equal(&key, &in.key, sizeof key);
    assert_ok(&w.c, desk_record_list(&w.c, &w.desk, STR("officer_change"), (DeskPage){0}, &l));
    assert_int_equal(l.count, 1);
    assert_true(str_eq_c(l.items[0].state, "held"));
    world_done(&w);
}

static void test_users(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    Desk admin = as(&w, "admin");
    char password[DESK_PASSWORD_BYTES];
    In in;
    DeskUser u;
    (void)user_of(&w, "night", "duty_officer", password);
    DeskUserDraft draft = {.name = STR("night"), .role = STR("duty_officer")};
    assert_int_equal(desk_user_add(&w.c, &admin, &draft, &u, password), E_EXISTS);
    draft.name = STR("N"), draft.role = STR("duty_officer");
    assert_int_equal(desk_user_add(&w.c, &admin, &draft, &u, password), E_INVALID);
    draft.name = STR("ok"), draft.role = STR("boss");
    assert_int_equal(desk_user_add(&w.c, &admin, &draft, &u, password), E_INVALID);
    draft = (DeskUserDraft){.name = STR("ok"), .role = STR("analyst"), .clearance = STR("PINK")};
    assert_int_equal(desk_user_add(&w.c, &admin, &draft, &u, password), E_INVALID);
    // A new role counts at once, in sessions too; a disabled user is out at once.
    assert_ok(&w.c, desk_user_password(&w.c, w.node, STR("night"), password));
    assert_ok(&w.c, log_in(&w, "night", password, &in));
    assert_true(desk_may(&in.desk, DESK_ORDER_ISSUE));
    draft =
        (DeskUserDraft){.name = STR("night"), .role = STR("analyst"), .clearance = STR("GREEN")};
    assert_ok(&w.c, desk_user_set(&w.c, &admin, &draft, true, &u));
    assert_true(str_eq_c(u.role, "analyst") && str_eq_c(u.clearance, "GREEN"));
    assert_ok(&w.c, again(&w, &in));
    assert_false(desk_may(&in.desk, DESK_ORDER_ISSUE));
    char token[DESK_TOKEN_TEXT_BYTES];
    assert_ok(&w.c, desk_token_add(&w.c, &in.desk, STR("script"), (Str){0}, 1, token));
    assert_ok(&w.c, desk_user_set(&w.c, &admin, &draft, false, &u));
    assert_false(u.active);
    assert_int_equal(again(&w, &in), E_DENIED);
    assert_int_equal(log_in(&w, "night", password, &in), E_DENIED);
    assert_int_equal(desk_session_find(&w.c, w.node, str_of(token), &in.desk, &in.key, &in.session),
                     E_DENIED);
    assert_int_equal(desk_as(&w.c, w.node, STR("night"), &in.desk), E_NOT_FOUND);
    // Somebody must be left who can add users.
    draft = (DeskUserDraft){.name = STR("admin")};
    assert_int_equal(desk_user_set(&w.c, &admin, &draft, false, &u), E_STATE);
    draft.role = STR("auditor");
    assert_int_equal(desk_user_set(&w.c, &admin, &draft, true, &u), E_STATE);
    const DeskUser *items;
    size_t n;
    assert_ok(&w.c, desk_user_list(&w.c, &admin, &items, &n));
    assert_int_equal(n, 3);
    AUTO(Buf) out = {0};
    assert_ok(&w.c, desk_user_json(&w.c, &items[2], &out));
    world_done(&w);
}

static void test_tokens(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    In in, by = {0};
    char token[DESK_TOKEN_TEXT_BYTES], bare[DESK_TOKEN_TEXT_BYTES];
    assert_ok(&w.c, log_in(&w, "officer", w.secrets.officer_password, &in));
    assert_ok(&w.c, desk_token_add(&w.c, &in.desk, STR("bank feed"), STR("intake"), 30, token));
    assert_int_equal(desk_token_add(&w.c, &in.desk, STR("x"), STR("audit"), 30, bare), E_DENIED);
    assert_int_equal(desk_token_add(&w.c, &in.desk, STR(" "), (Str){0}, 30, bare), E_INVALID);
    Desk locked = as(&w, "officer");
    assert_ok(&w.c, desk_token_add(&w.c, &locked, STR("reader"), (Str){0}, 0, bare));
    assert_ok(&w.c, desk_session_find(&w.c, w.node, str_of(token), &by.desk, &by.key, &by.session));
    assert_true(str_eq_c(by.desk.purpose, "intake") && by.desk.key == &by.key);
    assert_memory_equal(&by.key, &in.key, sizeof in.key);
    assert_string_equal(by.desk.outlet, "api");
    assert_int_equal(by.session.csrf[0], 0);
    assert_ok(&w.c, desk_session_find(&w.c, w.node, str_of(bare), &by.desk, &by.key, &by.session));
    assert_null(by.desk.key);
    const DeskToken *items;
    size_t n;
    assert_ok(&w.c, desk_token_list(&w.c, &in.desk, &items, &n));
    assert_int_equal(n, 2);
    assert_true(items[0].last_used_at > 0);
    // Others neither see nor revoke it; the admin does both.
    Desk other = user_of(&w, "other", "analyst", NULL), admin = as(&w, "admin");
    int64_t id = items[0].id;
    assert_ok(&w.c, desk_token_list(&w.c, &other, &items, &n));
    assert_int_equal(n, 0);
    assert_int_equal(desk_token_revoke(&w.c, &other, id), E_NOT_FOUND);
    assert_ok(&w.c, desk_token_list(&w.c, &admin, &items, &n));
    assert_int_equal(n, 2);
    assert_ok(&w.c, desk_token_revoke(&w.c, &admin, id));
    assert_int_equal(desk_session_find(&w.c, w.node, str_of(token), &by.desk, &by.key, &by.session),
                     E_DENIED);
    w.now += (TOKEN_DAYS_DEFAULT * 24 + 1) * HOUR;
    assert_int_equal(desk_session_find(&w.c, w.node, str_of(bare), &by.desk, &by.key, &by.session),
                     E_DENIED);
    world_done(&w);
}

// --- break-glass --------------------------------------------------------------------------------

static void test_glass(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    char password[DESK_PASSWORD_BYTES];
    (void)user_of(&w, "maps", "analyst", password);
    In in;
    DeskGlass g, seen;
    assert_ok(&w.c, log_in(&w, "maps", password, &in));
    Desk locked = as(&w, "maps");
    Str why = STR("the line is down and the story must be read now");
    assert_int_equal(desk_glass_break(&w.c, &locked, STR("victim.read"), why, 2, &g), E_DENIED);
    assert_int_equal(desk_glass_break(&w.c, &in.desk, STR("order.issue"), why, 2, &g), E_INVALID);
    assert_int_equal(desk_glass_break(&w.c, &in.desk, STR("report.read"), why, 2, &g), E_STATE);
    assert_int_equal(desk_glass_break(&w.c, &in.desk, STR("victim.read"), why, 99, &g), E_INVALID);
    assert_int_equal(desk_glass_break(&w.c, &in.desk, STR("victim.read"), STR(""), 2, &g),
                     E_INVALID);
    assert_ok(&w.c, desk_glass_break(&w.c, &in.desk, STR("victim.read"), why, 12, &g));
    assert_true(g.active && !g.decided);
    assert_ok(&w.c, again(&w, &in));
    assert_true(desk_may(&in.desk, DESK_VICTIM_READ));
    // Nobody ratifies what he broke; after the time without a second officer it undoes itself.
    assert_int_equal(desk_glass_ratify(&w.c, &in.desk, g.id, true, STR(""), &seen), E_DENIED);
    w.now += GLASS_RATIFY_HOURS * HOUR;
    Desk d = as(&w, "maps");
    assert_false(desk_may(&d, DESK_VICTIM_READ));
    In boss;
    assert_ok(&w.c, log_in(&w, "officer", w.secrets.officer_password, &boss));
    assert_int_equal(desk_glass_ratify(&w.c, &boss.desk, g.id, true, STR(""), &seen), E_STATE);
    // Ratified it lasts its hours, over a restart too; a refusal ends it at once.
    assert_ok(&w.c, log_in(&w, "maps", password, &in));
    assert_ok(&w.c, desk_glass_break(&w.c, &in.desk, STR("victim.read"), why, 10, &g));
    assert_ok(&w.c, desk_glass_ratify(&w.c, &boss.desk, g.id, true, STR("right"), &seen));
    assert_true(seen.ratified && seen.active && seen.reason.n > 0);
    assert_int_equal(desk_glass_ratify(&w.c, &boss.desk, g.id, false, STR(""), &seen), E_STATE);
    world_reopen(&w);
    w.now += 9 * HOUR;
    d = as(&w, "maps");
    assert_true(desk_may(&d, DESK_VICTIM_READ));
    w.now += HOUR;
    d = as(&w, "maps");
    assert_false(desk_may(&d, DESK_VICTIM_READ));
    assert_ok(&w.c, log_in(&w, "maps", password, &in));
    assert_ok(&w.c, log_in(&w, "officer", w.secrets.officer_password, &boss));
    assert_ok(&w.c, desk_glass_break(&w.c, &in.desk, STR("RED"), why, 1, &g));
    d = as(&w, "maps");
    assert_true(d.clearance > w.desk.clearance);
    assert_ok(&w.c, desk_glass_ratify(&w.c, &boss.desk, g.id, false, STR("no need"), &seen));
    d = as(&w, "maps");
    assert_int_equal(d.clearance, w.desk.clearance);
    const DeskGlass *items;
    size_t n;
    assert_ok(&w.c, desk_glass_list(&w.c, &boss.desk, &items, &n));
    assert_int_equal(n, 3);
    AUTO(Buf) out = {0};
    assert_ok(&w.c, desk_glass_json(&w.c, &items[0], &out));
    world_done(&w);
}

// --- the log of reads ---------------------------------------------------------------------------

typedef struct Reader {
    Ctx c;
    Desk desk;
    pthread_t thread;
    Err e;
} Reader;

static void *read_many(void *self) {
    Reader *r = self;
    for (int i = 0; i < 20 && r->e == OK; i++) {
        DeskReport report;
        r->e = desk_report_get(&r->c, &r->desk, STR("P"), &report);
        ctx_reset(&r->c);
    }
    return NULL;
}

static int64_t reads_now_us(void *self) {
    return __atomic_add_fetch((int64_t *)self, 1000, __ATOMIC_RELAXED);
}

static void test_reads(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    world_transfers(&w, "t.csv", golden_transfers);
    world_reports(&w, "r.csv", golden_reports);
    Desk auditor = user_of(&w, "watch", "auditor", NULL),
         maps = user_of(&w, "maps", "analyst", NULL);
    DeskReport r;
    DeskRecord record;
    DeskReadList l;
    DeskInfo info;
    // Whoever may not see the victim gets the rest, and reads nothing.
    assert_ok(&w.c, desk_report_get(&w.c, &maps, STR("P"), &r));
    assert_true(r.victim.n == 0 && r.loss == 1000);
    assert_ok(&w.c, desk_report_get(&w.c, &auditor, STR("P"), &r));
    assert_int_equal(r.victim.n, 0);
    assert_ok(&w.c, desk_info(&w.c, w.node, &info));
    assert_int_equal(info.reads, 0);
    assert_ok(&w.c, desk_report_get(&w.c, &w.desk, STR("P"), &r));
    assert_true(str_eq_c(r.victim, "Somchai"));
    assert_ok(&w.c, desk_reads_list(&w.c, &auditor, (DeskPage){0}, &l));
    assert_int_equal(l.count, 1);
    assert_int_equal(l.items[0].record_count, 2);
    assert_true(str_eq(l.items[0].records[0], r.record));
    assert_true(str_eq_c(l.items[0].purpose, "investigation"));
    assert_ok(&w.c, desk_record_get(&w.c, &w.desk, l.items[0].records[1], &record));
    assert_true(str_eq_c(record.kind, "victim"));
    // Many at once share commits; each read is in the log.
    int64_t now = w.now;
    w.env.clock = (Clock){reads_now_us, &now};
    w.env.random = crypto_random_system();
    world_reopen(&w);
    Reader readers[4];
    for (size_t i = 0; i < COUNT_OF(readers); i++) {
        readers[i] = (Reader){.e = OK};
        ctx_init(&readers[i].c);
        readers[i].desk = w.desk;
        assert_int_equal(pthread_create(&readers[i].thread, NULL, read_many, &readers[i]), 0);
    }
    for (size_t i = 0; i < COUNT_OF(readers); i++) {
        pthread_join(readers[i].thread, NULL);
        assert_ok(&readers[i].c, readers[i].e);
        ctx_done(&readers[i].c);
    }
    auditor = as(&w, "watch");
    size_t seen = 0;
    DeskPage page = {.limit = 30};
    do {
        assert_ok(&w.c, desk_reads_list(&w.c, &auditor, page, &l));
        seen += l.count;
        page.cursor = l.next;
    } while (l.next.n > 0);
    assert_int_equal(seen, 82);
    AUTO(Buf) out = {0};
    assert_ok(&w.c, desk_reads_list_json(&w.c, &l, &out));
    DeskVerdict v;
    assert_ok(&w.c, desk_verify(&w.c, w.node, (DeskProgress){0}, &v));
    assert_true(v.ok);
    DeskRebuild rebuilt;
    assert_ok(&w.c, desk_rebuild(&w.c, w.node, (DeskProgress){0}, &rebuilt));
    assert_true(rebuilt.equal);
    world_done(&w);
}

// --- repeated writes, codes ---------------------------------------------------------------------

static void test_replay(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    CryptoHash one = crypto_sha256("one", 3), two = crypto_sha256("two", 3);
    DeskReplay r;
    assert_int_equal(desk_replay_begin(&w.c, &w.desk, STR("a b"), &one, &r), E_INVALID);
    assert_ok(&w.c, desk_replay_begin(&w.c, &w.desk, STR("k1"), &one, &r));
    assert_false(r.known);
    assert_int_equal(desk_replay_begin(&w.c, &w.desk, STR("k1"), &one, &r), E_BUSY);
    assert_int_equal(desk_replay_begin(&w.c, &w.desk, STR("k1"), &two, &r), E_EXISTS);
    assert_ok(&w.c, desk_replay_end(&w.c, &w.desk, STR("k1"), 201, STR("{\"id\":1}")));
    assert_ok(&w.c, desk_replay_begin(&w.c, &w.desk, STR("k1"), &one, &r));
    assert_true(r.known && r.status == 201 && str_eq_c(r.answer, "{\"id\":1}"));
    Desk admin = as(&w, "admin"); // keys are each user's own
    assert_ok(&w.c, desk_replay_begin(&w.c, &admin, STR("k1"), &two, &r));
    assert_false(r.known);
    assert_ok(&w.c, desk_replay_end(&w.c, &admin, STR("k1"), 0, (Str){0}));
    assert_ok(&w.c, desk_replay_begin(&w.c, &admin, STR("k1"), &one, &r)); // forgotten
    assert_false(r.known);
    world_reopen(&w); // the program ended in the middle
    admin = as(&w, "admin");
    assert_int_equal(desk_replay_begin(&w.c, &admin, STR("k1"), &one, &r), E_STATE);
    assert_ok(&w.c, desk_replay_begin(&w.c, &w.desk, STR("k1"), &one, &r));
    assert_true(r.known);
    w.now += (REPLAY_DAYS * 24 + 1) * HOUR;
    assert_ok(&w.c, desk_replay_begin(&w.c, &w.desk, STR("k1"), &two, &r));
    assert_false(r.known);
    world_done(&w);
}

static void test_codes(void **state) {
    (void)state;
    World w;
    world_open(&w, false);
    CryptoUuid id = crypto_uuid7(1767250800000, w.env.random), found;
    char h[DESK_CODE_TEXT_BYTES], r[DESK_CODE_TEXT_BYTES], twice[DESK_CODE_TEXT_BYTES];
    assert_ok(&w.c, desk_code_of(&w.c, w.node, 'h', id, h));
    assert_ok(&w.c, desk_code_of(&w.c, w.node, 'h', id, twice));
    assert_ok(&w.c, desk_code_of(&w.c, w.node, 'r', id, r));
    assert_int_equal(strlen(h), 26);
    assert_string_equal(h, twice);
    assert_string_not_equal(h, r);
    assert_ok(&w.c, desk_code_find(&w.c, w.node, 'h', str_of(h), &found));
    assert_memory_equal(&found, &id, sizeof id);
    assert_int_equal(desk_code_find(&w.c, w.node, 'r', str_of(h), &found), E_NOT_FOUND);
    // As people type it: capitals, groups.
    char typed[64];
    size_t n = 0;
    for (size_t i = 0; h[i]; i++) {
        if (i % 5 == 4)
            typed[n++] = '-';
        char ch = h[i] == '0' ? 'O' : h[i] == '1' ? 'I' : h[i];
        typed[n++] = (char)(ch >= 'a' && ch <= 'z' ? ch - 'a' + 'A' : ch);
    }
    typed[n] = 0;
    assert_ok(&w.c, desk_code_find(&w.c, w.node, 'h', str_of(typed), &found));
    h[25] = h[25] == '0' ? '1' : '0';
    assert_int_equal(desk_code_find(&w.c, w.node, 'h', str_of(h), &found), E_NOT_FOUND);
    Str words;
    assert_ok(&w.c, str_copy(&w.c, str_of(w.c.error), &words));
    assert_int_equal(desk_code_find(&w.c, w.node, 'h', STR("'; DROP"), &found), E_NOT_FOUND);
    assert_string_equal(w.c.error, words.p);
    assert_false(world_grep(&w, w.dir, str_of(twice), NULL)); // only its hash is kept
    world_done(&w);
}

int run_desk_user_tests(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_acts),   cmocka_unit_test(test_session),
        cmocka_unit_test(test_tries),  cmocka_unit_test(test_passwords),
        cmocka_unit_test(test_users),  cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_glass),  cmocka_unit_test(test_reads),
        cmocka_unit_test(test_replay), cmocka_unit_test(test_codes),
    };
    return cmocka_run_group_tests_name("desk: users", tests, NULL, NULL);
}
