// demo: a node that shows what the product does, made in about a minute and only once.
#include "cli/cli_priv.h"
#include "cli/drill_plan.h"
#include "drill/drill.h"

typedef struct Demo {
    CliCall *call;
    DeskNode *node;
    Desk desk;
    Str dir, drill; // drill: folder of the files while they are taken in
    DrillMade made;
} Demo;

static Err demo_open(CliCall *call, const DeskEnv *env, DeskNode **ret_node) {
    Ctx *c = call->c;
    Str dir = call->args[0];
    Err e = desk_open(c, env, dir, ret_node);
    if (e != E_NOT_FOUND)
        return e;
    DeskInit init = {.dir = dir,
                     .agency = STR("th-centre"),
                     .name = STR("Anti-scam centre (demo)"),
                     .country = STR("TH"),
                     .kind = STR("centre"),
                     .timezone = STR("Asia/Bangkok"),
                     .demo = true};
    DeskSecrets secrets;
    TRY(desk_init(c, env, &init, &secrets));
    cli_print(call, "A demo node in " STR_FMT "; its passwords, shown once: admin %s, officer %s\n",
              STR_ARG(dir), secrets.admin_password, secrets.officer_password);
    crypto_wipe(&secrets, sizeof secrets);
    TRY(cli_flush(call));
    return desk_open(c, env, dir, ret_node);
}

// A user of each role, and a second investigator for what two must sign. Passwords are random and
// shown once; who was there before is left alone.
static Err demo_users(Demo *d) {
    static const char *const users[][2] = {
        {"night", "duty_officer"}, {"second", "investigator"}, {"liaison", "liaison"},
        {"analyst", "analyst"},    {"auditor", "auditor"},
    };
    Ctx *c = d->call->c;
    Desk admin;
    TRY(desk_as(c, d->node, STR("admin"), &admin));
    for (size_t i = 0; i < COUNT_OF(users); i++) {
        DeskUserDraft draft = {.name = str_of(users[i][0]), .role = str_of(users[i][1])};
        DeskUser u;
        char password[DESK_PASSWORD_BYTES];
        Err e = desk_user_add(c, &admin, &draft, &u, password);
        if (e == E_EXISTS)
            continue;
        TRY(e);
        cli_print(d->call, "  %s (%s) %s\n", users[i][0], users[i][1], password);
        crypto_wipe(password, sizeof password);
        TRY(cli_flush(d->call));
    }
    return OK;
}

static Err demo_import(Demo *d, const char *what,
                       Err (*import)(Ctx *c, const Desk *d, const DeskImport *in,
                                     DeskImportResult *ret_result),
                       Str path) {
    CliProgress p;
    DeskImportResult r;
    cli_progress_start(&p, d->call, what);
    DeskImport in = {.path = path, .progress = cli_progress_desk(&p)};
    TRY(import(d->call->c, &d->desk, &in, &r));
    p.what = what;
    p.done = r.rows;
    cli_progress_end(&p, "rows");
    if (r.bad > 0 && r.bad_row_count > 0)
        return fail(d->call->c, E_INVALID, "%s: row %llu is bad: " STR_FMT, what,
                    (unsigned long long)r.bad_rows[0].row, STR_ARG(r.bad_rows[0].reason));
    return OK;
}

static Err demo_drill(Demo *d) {
    Ctx *c = d->call->c;
    DrillPlan plan;
    CliProgress p;
    TRY(cli_drill_plan(d->call, &plan));
    cli_progress_start(&p, d->call, "drill");
    TRY(drill_make(c, &plan, d->drill, (DrillProgress){.step = cli_progress_step, .self = &p},
                   &d->made));
    p.done = d->made.transfers;
    cli_progress_end(&p, "transfers made");
    Str transfers, reports;
    TRY(str_format(c, &transfers, STR_FMT "/transfers.csv", STR_ARG(d->drill)));
    TRY(str_format(c, &reports, STR_FMT "/reports.csv", STR_ARG(d->drill)));
    TRY(demo_import(d, "transfers", desk_import_transfers, transfers));
    return demo_import(d, "reports", desk_import_reports, reports);
}

// What the drill wrote is in the node now; victims' stories do not stay in loose files.
static Err drill_remove(Demo *d) {
    Ctx *c = d->call->c;
    Str *names;
    size_t n;
    if (!file_exists(d->drill))
        return OK;
    TRY(dir_list(c, d->drill, &names, &n));
    for (size_t i = 0; i < n; i++) {
        Str path;
        TRY(str_format(c, &path, STR_FMT "/" STR_FMT, STR_ARG(d->drill), STR_ARG(names[i])));
        TRY(file_remove(c, path));
    }
    return dir_remove(c, d->drill);
}

// The case is made last: where it stands, the demo is whole.
static Err demo_case(Demo *d, DeskCase *ret_case) {
    Ctx *c = d->call->c;
    DeskCase k;
    DeskCaseList cases;
    TRY(desk_case_list(c, &d->desk, (DeskPage){.limit = 1}, &cases));
    if (cases.count > 0)
        k = cases.items[0];
    else
        TRY(desk_case_new(c, &d->desk, d->made.case_title, &k));
    if (k.report_count == 0)
        TRY(desk_case_add(c, &d->desk, k.id, d->made.case_reports, d->made.case_report_count));
    *ret_case = k;
    return OK;
}

static Err demo_finished(Demo *d, bool *ret_finished) {
    DeskInfo info;
    DeskCaseList cases;
    TRY(desk_info(d->call->c, d->node, &info));
    if (!info.demo)
        return fail(d->call->c, E_STATE,
                    STR_FMT " is a node of its own, not a demo; name another folder",
                    STR_ARG(d->dir));
    TRY(desk_case_list(d->call->c, &d->desk, (DeskPage){.limit = 1}, &cases));
    *ret_finished = cases.count > 0 && cases.items[0].report_count > 0;
    return OK;
}

static Err demo_make(Demo *d) {
    CliCall *call = d->call;
    DeskCase k;
    DeskTrace t;
    TRY(demo_import(d, "public record", desk_import_public_record, (Str){0}));
    TRY(demo_drill(d));
    TRY(demo_case(d, &k));
    TRY(drill_remove(d));
    DeskTraceQuery q = {.case_id = k.id, .rule = TRACE_FIFO};
    TRY(desk_trace(call->c, &d->desk, &q, &t));
    cli_print(call, "\nCase " STR_FMT " (" STR_FMT ")\n", STR_ARG(k.title), STR_ARG(k.id));
    return cli_trace_print(call, d->node, &t, false);
}

Err cli_demo(CliCall *call) {
    DeskEnv env = cli_env();
    AUTO(DeskNodePtr) node = NULL;
    Err e = demo_open(call, &env, &node);
    if (e == E_BUSY) {
        cli_print(call, "The demo in " STR_FMT " is there, and a server runs on it.\n",
                  STR_ARG(call->args[0]));
        return OK;
    }
    TRY(e);
    Demo d = {.call = call, .node = node, .dir = call->args[0]};
    TRY(str_format(call->c, &d.drill, STR_FMT "/drill", STR_ARG(d.dir)));
    TRY(desk_as(call->c, node, (Str){0}, &d.desk));
    bool finished;
    TRY(demo_finished(&d, &finished));
    TRY(demo_users(&d));
    if (finished) {
        cli_print(call, "The demo in " STR_FMT " is there.\n", STR_ARG(d.dir));
        return OK;
    }
    call->node = node;
    e = demo_make(&d);
    if (e == OK)
        e = cli_flush(call);
    call->node = NULL;
    return e;
}
