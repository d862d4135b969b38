// Routes: the end of a case, its file, grievances.
#include "web/upload_priv.h"

#include <microhttpd.h>

typedef struct CloseDraft {
    Str reason;
    const Str *reports;
    size_t report_count;
} CloseDraft;
static const WebField reason_fields[] = {WEB_NEEDED("reason", CloseDraft, reason)};
static const WebField reports_fields[] = {
    {"reports", WEB_FIELD_TEXTS, true, offsetof(CloseDraft, reports),
     offsetof(CloseDraft, report_count), NULL},
};

static Err case_close(WebRequest *r, WebAnswer *a) {
    CloseDraft draft = {0};
    Str id = r->places.items[0];
    TRY(web_read(r, &draft));
    TRY(desk_case_close(&r->c, &r->desk, id, draft.reason));
    return web_case_put(r, a, id);
}

static Err case_claimants(WebRequest *r, WebAnswer *a) {
    CloseDraft draft = {0};
    Str id = r->places.items[0];
    TRY(web_read(r, &draft));
    TRY(desk_case_claimants(&r->c, &r->desk, id, draft.reports, draft.report_count));
    return web_case_put(r, a, id);
}

// --- the case file
// --------------------------------------------------------------------------------

typedef struct ExportDraft {
    Str decision, to, reason;
    const Str *records;
    size_t record_count;
} ExportDraft;
static const WebField export_fields[] = {
    WEB_TEXT("decision", ExportDraft, decision),
    WEB_TEXT("to", ExportDraft, to),
};
static const WebField decide_fields[] = {
    WEB_NEEDED("reason", ExportDraft, reason),
    {"records", WEB_FIELD_TEXTS, true, offsetof(ExportDraft, records),
     offsetof(ExportDraft, record_count), NULL},
    WEB_NEEDED("to", ExportDraft, to),
};

// The ZIP is written beside the node's files, opened, and has no name any more when it is sent.
static Err case_export(WebRequest *r, WebAnswer *a) {
    ExportDraft draft = {0};
    Ctx *c = &r->c;
    TRY(web_read(r, &draft));
    TRY(web_upload_begin(r, STR("case.zip")));
    file_close(&r->upload);
    TRY(file_remove(c, r->upload_path));
    DeskCaseFile file = {.case_id = r->places.items[0], .to = draft.to, .decision = draft.decision};
    Err e = desk_case_export(c, &r->desk, &file, r->upload_path, (DeskProgress){0});
    if (e == E_DENIED && desk_may(&r->desk, DESK_CASE_EXPORT)) {
        // The act is there: what is missing is a decision about records named in the words.
        web_problem(a, MHD_HTTP_CONFLICT, "state", str_of(c->error), r->id);
        return OK;
    }
    TRY(e);
    return web_upload_send(r, a, "application/zip", STR("case.zip"));
}

static Err export_decide(WebRequest *r, WebAnswer *a) {
    ExportDraft draft = {0};
    Str id;
    TRY(web_read(r, &draft));
    TRY(desk_export_decide(&r->c, &r->desk, r->places.items[0], draft.records, draft.record_count,
                           draft.to, draft.reason, &id));
    return web_id(r, a, id);
}

// --- grievances
// -----------------------------------------------------------------------------------

static Err grievances_list(WebRequest *r, WebAnswer *a) {
    DeskGrievanceList list;
    TRY(desk_grievance_list(&r->c, &r->desk, web_param_yes(r, "open"), web_page_of(r), &list));
    return desk_grievance_list_json(&r->c, &list, &a->body);
}

static Err grievance_get(WebRequest *r, WebAnswer *a) {
    DeskGrievance one;
    TRY(desk_grievance_get(&r->c, &r->desk, r->places.items[0], &one));
    return desk_grievance_json(&r->c, &r->desk, &one, &a->body);
}

typedef struct GrievanceDraft {
    Str order, text, contact;
} GrievanceDraft;
static const WebField grievance_fields[] = {
    WEB_TEXT("contact", GrievanceDraft, contact),
    WEB_NEEDED("order", GrievanceDraft, order),
    WEB_NEEDED("text", GrievanceDraft, text),
};

static Err grievances_add(WebRequest *r, WebAnswer *a) {
    GrievanceDraft draft = {0};
    DeskGrievance one;
    TRY(web_read(r, &draft));
    TRY(desk_grievance_add(&r->c, &r->desk, draft.order, draft.text, draft.contact, NULL, 0, &one));
    TRY(desk_grievance_json(&r->c, &r->desk, &one, &a->body));
    return web_created(r, a, WEB_API "/grievances/", one.id);
}

#define V1 WEB_API
static const WebRoute routes[] = {
    {WEB_POST, V1 "/cases/{id}/close", "caseClose", DESK_CASE_WRITE, WEB_BODY_JSON, 0, "",
     WEB_FIELDS(reason_fields), "Case", case_close, "Closes the case."},
    {WEB_POST, V1 "/cases/{id}/claimants", "caseClaimants", DESK_CASE_WRITE, WEB_BODY_JSON, 0, "",
     WEB_FIELDS(reports_fields), "Case", case_claimants, "Says that reports are of one person."},
    {WEB_POST, V1 "/cases/{id}/export", "caseExport", DESK_CASE_EXPORT, WEB_BODY_JSON,
     WEB_NO_REPLAY, "", WEB_FIELDS(export_fields), "application/zip", case_export,
     "The case file, as a ZIP that proves itself."},
    {WEB_POST, V1 "/cases/{id}/export-decisions", "exportDecide", DESK_EXPORT_DECIDE, WEB_BODY_JSON,
     0, "", WEB_FIELDS(decide_fields), "Id", export_decide,
     "Lets restricted records leave with the case file."},
    {WEB_GET, V1 "/grievances", "grievances", DESK_GRIEVANCE_READ, WEB_BODY_NONE, WEB_LIST, "open",
     WEB_NO_FIELDS, "GrievanceList", grievances_list, "Lists what holders contest."},
    {WEB_POST, V1 "/grievances", "grievanceAdd", DESK_GRIEVANCE_WRITE, WEB_BODY_JSON, 0, "",
     WEB_FIELDS(grievance_fields), "Grievance", grievances_add,
     "Types what a holder says on the phone or at the counter."},
    {WEB_GET, V1 "/grievances/{id}", "grievance", DESK_GRIEVANCE_READ, WEB_BODY_NONE, WEB_SLOW, "",
     WEB_NO_FIELDS, "Grievance", grievance_get, "One grievance, with its order."},
};
const WebRouteGroup web_routes_file = {routes, COUNT_OF(routes)};
