// Routes: cases, traces.
#include "web/web_priv.h"

Err web_case_put(WebRequest *r, WebAnswer *a, Str id) {
    DeskCase one;
    TRY(desk_case_get(&r->c, &r->desk, id, &one));
    return desk_case_json(&r->c, &one, &a->body);
}

static Err cases_list(WebRequest *r, WebAnswer *a) {
    DeskCaseList list;
    DeskPage page = web_page_of(r);
    page.state = web_param(r, "state");
    TRY(desk_case_list(&r->c, &r->desk, page, &list));
    return desk_case_list_json(&r->c, &list, &a->body);
}

typedef struct CaseDraft {
    Str title, accord;
    const Str *reports;
    size_t report_count;
} CaseDraft;
static const WebField case_fields[] = {WEB_TEXT("accord", CaseDraft, accord),
                                       WEB_NEEDED("title", CaseDraft, title)};
static const WebField reports_fields[] = {
    {"reports", WEB_FIELD_TEXTS, true, offsetof(CaseDraft, reports),
     offsetof(CaseDraft, report_count), NULL},
};

static Err cases_add(WebRequest *r, WebAnswer *a) {
    CaseDraft draft = {0};
    DeskCase one;
    TRY(web_read(r, &draft));
    TRY(desk_case_new_under(&r->c, &r->desk, draft.title, draft.accord, &one));
    TRY(desk_case_json(&r->c, &one, &a->body));
    return web_created(r, a, WEB_API "/cases/", one.id);
}

static Err case_get(WebRequest *r, WebAnswer *a) {
    return web_case_put(r, a, r->places.items[0]);
}

static Err case_reports_add(WebRequest *r, WebAnswer *a) {
    CaseDraft draft = {0};
    Str id = r->places.items[0];
    TRY(web_read(r, &draft));
    TRY(desk_case_add(&r->c, &r->desk, id, draft.reports, draft.report_count));
    return web_case_put(r, a, id);
}

static Err case_report_remove(WebRequest *r, WebAnswer *a) {
    Str id = r->places.items[0];
    TRY(desk_case_remove(&r->c, &r->desk, id, r->places.items[1], web_param(r, "reason")));
    return web_case_put(r, a, id);
}

#define V1 WEB_API
static const WebRoute routes[] = {
    {WEB_GET, V1 "/cases", "cases", DESK_CASE_READ, WEB_BODY_NONE, WEB_LIST, "state", WEB_NO_FIELDS,
     "CaseList", cases_list, "Lists cases."},
    {WEB_POST, V1 "/cases", "caseNew", DESK_CASE_WRITE, WEB_BODY_JSON, 0, "",
     WEB_FIELDS(case_fields), "Case", cases_add, "Opens a case."},
    {WEB_GET, V1 "/cases/{id}", "case", DESK_CASE_READ, WEB_BODY_NONE, 0, "", WEB_NO_FIELDS, "Case",
     case_get, "One case."},
    {WEB_POST, V1 "/cases/{id}/reports", "caseReportsAdd", DESK_CASE_WRITE, WEB_BODY_JSON, 0, "",
     WEB_FIELDS(reports_fields), "Case", case_reports_add, "Puts reports into the case."},
    {WEB_DELETE, V1 "/cases/{id}/reports/{report}", "caseReportRemove", DESK_CASE_WRITE,
     WEB_BODY_NONE, 0, "reason", WEB_NO_FIELDS, "Case", case_report_remove,
     "Takes a report out of the case."},
    {WEB_GET, V1 "/trace", "trace", DESK_TRACE_RUN, WEB_BODY_NONE, WEB_SLOW, "case rule until",
     WEB_NO_FIELDS, "Trace", web_trace, "Where the money of a case went."},
    {WEB_GET, V1 "/trace/why", "traceWhy", DESK_TRACE_RUN, WEB_BODY_NONE, WEB_SLOW,
     "case rule until account", WEB_NO_FIELDS, "TraceWhy", web_trace_why,
     "How the money came to an account, step by step."},
};
const WebRouteGroup web_routes_case = {routes, COUNT_OF(routes)};
