// Routes: reports, files taken in.
#include "web/web_priv.h"

#include <microhttpd.h>

static const WebField report_fields[] = {
    WEB_TEXT("accord", DeskReportDraft, accord),
    WEB_TEXT("accounts", DeskReportDraft, accounts),
    WEB_TEXT("channel", DeskReportDraft, channel),
    WEB_TEXT("contact", DeskReportDraft, contact),
    WEB_TEXT("country", DeskReportDraft, country),
    WEB_TEXT("currency", DeskReportDraft, currency),
    WEB_TEXT("happened_at", DeskReportDraft, happened_at),
    WEB_TEXT("id", DeskReportDraft, id),
    WEB_TEXT("loss", DeskReportDraft, loss),
    WEB_TEXT("phones", DeskReportDraft, phones),
    WEB_TEXT("reported_at", DeskReportDraft, reported_at),
    WEB_TEXT("story", DeskReportDraft, story),
    WEB_TEXT("transfers", DeskReportDraft, transfers),
    WEB_TEXT("urls", DeskReportDraft, urls),
    WEB_TEXT("victim", DeskReportDraft, victim),
};

static Err reports_list(WebRequest *r, WebAnswer *a) {
    DeskReportList list;
    DeskPage page = web_page_of(r);
    page.state = web_param(r, "state");
    TRY(desk_report_list(&r->c, &r->desk, page, &list));
    return desk_report_list_json(&r->c, &list, &a->body);
}

Err web_report_put(WebRequest *r, WebAnswer *a, Str id) {
    DeskReport report;
    TRY(desk_report_get(&r->c, &r->desk, id, &report));
    return desk_report_json(&r->c, &report, &a->body);
}

// The report is written by then: a hop that cannot be proposed is no fault of it, is told among the
// report's flags, and is asked for again by its own address. E_STATE: there is nothing to propose.
static Err first_hop(WebRequest *r, DeskReport *report, DeskProposed *ret_proposed) {
    if (!desk_may(&r->desk, DESK_ORDER_PROPOSE))
        return OK;
    DeskPropose ask = {.report = report->id, .rule = TRACE_FIFO};
    DeskProposed proposed = {0};
    Err e = desk_order_propose(&r->c, &r->desk, &ask, &proposed);
    if (e == OK)
        *ret_proposed = proposed;
    if (e == OK || e == E_STATE)
        return OK;
    log_line(LOG_WARN, "web", r->id, "first hop not proposed error=%s", err_name(e));
    DeskFlag *flags = NULL;
    TRY(ctx_alloc(&r->c, (report->flag_count + 1) * sizeof *flags, &flags));
    for (size_t i = 0; i < report->flag_count; i++)
        flags[i] = report->flags[i];
    flags[report->flag_count++] = (DeskFlag){
        .what = STR("first_hop_failed"),
        .words = STR("The first hop could not be proposed: open the report and propose it again.")};
    report->flags = flags;
    return OK;
}

static Err reports_add(WebRequest *r, WebAnswer *a) {
    DeskReportDraft draft = {0};
    DeskReport report;
    TRY(web_read(r, &draft));
    TRY(desk_report_add(&r->c, &r->desk, &draft, &report));
    Str id;
    TRY(str_copy(&r->c, report.id, &id));
    DeskProposed proposed = {0};
    TRY(first_hop(r, &report, &proposed));
    TRY(desk_report_first_hop_json(&r->c, &report, &proposed, &a->body));
    return web_created(r, a, WEB_API "/reports/", id);
}

static Err report_get(WebRequest *r, WebAnswer *a) {
    return web_report_put(r, a, r->places.items[0]);
}

static Err report_match(WebRequest *r, WebAnswer *a) {
    DeskMatch match;
    TRY(desk_report_match(&r->c, &r->desk, r->places.items[0], &match));
    return desk_match_json(&r->c, &match, &a->body);
}

typedef struct SeedsDraft {
    const Str *transfers;
    size_t count;
} SeedsDraft;
static const WebField seeds_fields[] = {
    {"transfers", WEB_FIELD_TEXTS, true, offsetof(SeedsDraft, transfers),
     offsetof(SeedsDraft, count), NULL},
};

static Err report_seeds(WebRequest *r, WebAnswer *a) {
    SeedsDraft draft = {0};
    TRY(web_read(r, &draft));
    TRY(desk_report_pick(&r->c, &r->desk, r->places.items[0], draft.transfers, draft.count));
    return web_report_put(r, a, r->places.items[0]);
}

// --- intake
// ---------------------------------------------------------------------------------------

Err web_import_read(WebRequest *r, DeskImport *ret_import, bool *ret_reports) {
    Str kind = web_param(r, "kind");
    if (!str_eq_c(kind, "transfers") && !str_eq_c(kind, "reports"))
        return fail(&r->c, E_INVALID, "kind is transfers or reports");
    *ret_reports = str_eq_c(kind, "reports");
    *ret_import = (DeskImport){.path = r->upload_path,
                               .accord = web_param(r, "accord"),
                               .encoding = web_param(r, "encoding"),
                               .mapping = web_param(r, "mapping"),
                               .sheet = web_param(r, "sheet"),
                               .sender = web_param(r, "sender"),
                               .dry_run = web_param_yes(r, "dry_run"),
                               .all_or_nothing = web_param_yes(r, "all_or_nothing")};
    // Names only: a path of the server's would be another's file.
    if (memchr(ret_import->mapping.p ? ret_import->mapping.p : "", '/', ret_import->mapping.n))
        return fail(&r->c, E_INVALID, "mapping is the name of one; see GET /mappings");
    return OK;
}

Err web_import(WebRequest *r, const DeskImport *in, bool reports, DeskImportResult *ret_result) {
    return reports ? desk_import_reports(&r->c, &r->desk, in, ret_result)
                   : desk_import_transfers(&r->c, &r->desk, in, ret_result);
}

static Err imports(WebRequest *r, WebAnswer *a) {
    DeskImport in;
    DeskImportResult result;
    bool reports;
    TRY(web_import_read(r, &in, &reports));
    TRY(web_import(r, &in, reports, &result));
    return desk_import_json(&r->c, &result, &a->body);
}

#define V1 WEB_API
static const WebRoute routes[] = {
    {WEB_GET, V1 "/reports", "reports", DESK_REPORT_READ, WEB_BODY_NONE, WEB_LIST, "state",
     WEB_NO_FIELDS, "ReportList", reports_list, "Lists reports, without victim and story."},
    {WEB_POST, V1 "/reports", "reportAdd", DESK_REPORT_WRITE, WEB_BODY_JSON, 0, "",
     WEB_FIELDS(report_fields), "Report", reports_add,
     "Types a report; proposes its first hop at once."},
    {WEB_GET, V1 "/reports/{id}", "report", DESK_REPORT_READ, WEB_BODY_NONE, WEB_SLOW, "",
     WEB_NO_FIELDS, "Report", report_get, "One report."},
    {WEB_GET, V1 "/reports/{id}/match", "reportMatch", DESK_TRANSFER_READ, WEB_BODY_NONE, WEB_SLOW,
     "", WEB_NO_FIELDS, "Match", report_match, "Transfers that the victim may speak of."},
    {WEB_PUT, V1 "/reports/{id}/seeds", "reportSeeds", DESK_REPORT_WRITE, WEB_BODY_JSON, 0, "",
     WEB_FIELDS(seeds_fields), "Report", report_seeds, "Picks the transfers that are traced."},
    {WEB_POST, V1 "/imports", "imports", DESK_IMPORT, WEB_BODY_FILE, 0, WEB_IMPORT_PARAMS,
     WEB_NO_FIELDS, "Import", imports, "Takes in a sheet of transfers or reports."},
};
const WebRouteGroup web_routes_report = {routes, COUNT_OF(routes)};
