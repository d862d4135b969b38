// Routes: what is in a sheet before it is taken in.
#include "web/web_priv.h"

static Err imports_preview(WebRequest *r, WebAnswer *a) {
    DeskImport in;
    bool reports;
    TRY(web_import_read(r, &in, &reports));
    return desk_import_preview_json(&r->c, &r->desk, &in, reports, &a->body);
}

// The same sheet with what is wrong in a column of its own, to be corrected and sent again.
static Err imports_errors(WebRequest *r, WebAnswer *a) {
    DeskImport in;
    DeskImportResult result;
    bool reports;
    Str path;
    TRY(web_import_read(r, &in, &reports));
    bool xlsx = str_ends(r->upload_path, STR(".xlsx"));
    TRY(str_format(&r->c, &path, STR_FMT "/moei-errors", STR_ARG(r->upload_dir)));
    in.dry_run = true;
    in.errors_path = path;
    Err e = web_import(r, &in, reports, &result);
    Str bytes = {0};
    if (e == OK)
        e = file_read_all(&r->c, path, WEB_BODY_BYTES_MAX * 16, &bytes);
    Err removed = file_remove(&r->c, path);
    TRY(e);
    TRY(removed);
    buf_str(&a->body, bytes);
    a->type = xlsx ? WEB_XLSX : "text/csv; charset=utf-8";
    a->filename = xlsx ? STR("errors.xlsx") : STR("errors.csv");
    return OK;
}

static Err mappings(WebRequest *r, WebAnswer *a) {
    return desk_mapping_list_json(&r->c, &r->desk, &a->body);
}

#define V1 WEB_API
static const WebRoute routes[] = {
    {WEB_POST, V1 "/imports/preview", "importPreview", DESK_IMPORT, WEB_BODY_FILE, WEB_NO_REPLAY,
     WEB_IMPORT_PARAMS, WEB_NO_FIELDS, "Preview", imports_preview,
     "The first rows of a sheet, with what is wrong in them."},
    {WEB_POST, V1 "/imports/errors", "importErrors", DESK_IMPORT, WEB_BODY_FILE, WEB_NO_REPLAY,
     WEB_IMPORT_PARAMS, WEB_NO_FIELDS, "text/csv", imports_errors,
     "The sheet again, with a column that says what is wrong."},
    {WEB_GET, V1 "/mappings", "mappings", DESK_IMPORT, WEB_BODY_NONE, 0, "", WEB_NO_FIELDS,
     "MappingList", mappings, "How columns of sheets may be read."},
};
const WebRouteGroup web_routes_intake = {routes, COUNT_OF(routes)};
