#include "node.h"

#include <unistd.h>

const char golden_transfers[] =
    TRANSFER_HEADER "p1,2026-01-01T10:00:00+07:00,TH,004,P,TH,014,X,10.00,THB,,,,,,,\n"
                    "m1,2026-01-01T10:01:00+07:00,TH,004,M,TH,014,X,10.00,THB,,,,,,,\n"
                    "d1,2026-01-01T10:02:00+07:00,TH,014,X,TH,006,Y,10.00,THB,,,,,,,\n"
                    "k1,2026-01-01T10:03:00+07:00,TH,004,K,TH,014,X,10.00,THB,,,,,,,\n"
                    "d2,2026-01-01T10:04:00+07:00,TH,014,X,TH,006,Y,10.00,THB,,,,,,,\n";

const char golden_reports[] =
    REPORT_HEADER "P,2026-01-01T12:00:00+07:00,Somchai,TH,phone,10.00,THB,p1,,,,\n"
                  "M,2026-01-01T12:00:00+07:00,Malee,TH,phone,10.00,THB,m1,,,,\n"
                  "K,2026-01-01T12:00:00+07:00,Kanya,TH,web,10.00,THB,k1,,,,\n";

static int64_t now_of(void *self) {
    World *w = self;
    w->now += 1000;
    return w->now;
}

void world_folder(World *w) {
    memset(w, 0, sizeof *w);
    ctx_init(&w->c);
    assert_ok(&w->c, crypto_init(&w->c));
    test_folder(w->folder, sizeof w->folder);
    snprintf(w->dir, sizeof w->dir, "%s/node", w->folder);
    w->now = 1767250800000000; // 2026-01-01T07:00:00Z
    w->env = (DeskEnv){.clock = {now_of, w},
                       .random = crypto_random_seeded(&w->random, 7),
                       .cost = crypto_cost_least()};
}

static void open_as(World *w, const char *country, const char *kind, bool demo) {
    DeskInit init = {.dir = str_of(w->dir),
                     .agency = STR("th-centre"),
                     .name = STR("Anti-scam centre ศูนย์"),
                     .country = str_of(country),
                     .kind = str_of(kind),
                     .demo = demo};
    assert_ok(&w->c, desk_init(&w->c, &w->env, &init, &w->secrets));
    assert_ok(&w->c, desk_open(&w->c, &w->env, str_of(w->dir), &w->node));
    assert_ok(&w->c, desk_as(&w->c, w->node, (Str){0}, &w->desk));
}

void world_open(World *w, bool demo) {
    world_folder(w);
    open_as(w, "TH", "centre", demo);
}

void world_open_at(World *w, const char *country, const char *kind, int64_t now) {
    world_folder(w);
    w->now = now ? now : w->now;
    open_as(w, country, kind, false);
}

void world_open_seeded(World *w, uint64_t seed, const char *country, const char *kind) {
    world_folder(w);
    w->env.random = crypto_random_seeded(&w->random, seed);
    open_as(w, country, kind, false);
}

void world_reopen(World *w) {
    desk_close(w->node);
    w->node = NULL;
    assert_ok(&w->c, desk_open(&w->c, &w->env, str_of(w->dir), &w->node));
    assert_ok(&w->c, desk_as(&w->c, w->node, (Str){0}, &w->desk));
}

static void remove_all(Ctx *c, Str path) {
    Str *names;
    size_t n;
    assert_ok(c, dir_list(c, path, &names, &n));
    for (size_t i = 0; i < n; i++) {
        Str inside;
        assert_ok(c, str_format(c, &inside, STR_FMT "/" STR_FMT, STR_ARG(path), STR_ARG(names[i])));
        if (unlink(inside.p) != 0)
            remove_all(c, inside);
    }
    assert_int_equal(rmdir(path.p), 0);
}

void world_done(World *w) {
    desk_close(w->node);
    remove_all(&w->c, str_of(w->folder));
    ctx_done(&w->c);
}

Str world_path(World *w, const char *name) {
    Str path;
    assert_ok(&w->c, str_format(&w->c, &path, "%s/%s", w->folder, name));
    return path;
}

Str world_file(World *w, const char *name, const char *text) {
    Str path = world_path(w, name);
    assert_ok(&w->c, file_replace(&w->c, path, str_of(text)));
    return path;
}

DeskImportResult world_transfers(World *w, const char *name, const char *text) {
    DeskImport in = {.path = world_file(w, name, text)};
    DeskImportResult r;
    assert_ok(&w->c, desk_import_transfers(&w->c, &w->desk, &in, &r));
    return r;
}

DeskImportResult world_reports(World *w, const char *name, const char *text) {
    DeskImport in = {.path = world_file(w, name, text)};
    DeskImportResult r;
    assert_ok(&w->c, desk_import_reports(&w->c, &w->desk, &in, &r));
    return r;
}

Str world_trace(World *w, const char *reports, TraceRule rule) {
    Str ids[16], rest = str_of(reports);
    size_t n = 0;
    while (n < COUNT_OF(ids) && str_split(&rest, ',', &ids[n]))
        n++;
    DeskTraceQuery q = {.reports = ids, .report_count = n, .rule = rule};
    DeskTrace trace;
    assert_ok(&w->c, desk_trace(&w->c, &w->desk, &q, &trace));
    AUTO(Buf) out = {0};
    assert_ok(&w->c, desk_trace_json(&w->c, &trace, &out));
    Str text;
    assert_ok(&w->c, str_copy(&w->c, buf_view(&out), &text));
    return text;
}

bool world_grep(World *w, const char *path, Str bytes, Str *ret_name) {
    Str *names;
    size_t n;
    assert_ok(&w->c, dir_list(&w->c, str_of(path), &names, &n));
    for (size_t i = 0; i < n; i++) {
        Str inside, content;
        assert_ok(&w->c, str_format(&w->c, &inside, "%s/" STR_FMT, path, STR_ARG(names[i])));
        Str *below;
        size_t count, at;
        if (dir_list(&w->c, inside, &below, &count) == OK) {
            if (world_grep(w, inside.p, bytes, ret_name))
                return true;
            continue;
        }
        assert_ok(&w->c, file_read_all(&w->c, inside, 1 << 28, &content));
        if (str_find(content, bytes, &at)) {
            if (ret_name)
                *ret_name = inside;
            return true;
        }
    }
    return false;
}
