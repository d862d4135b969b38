// Routes: the ledger and its records, the public record, events, health, what the API is.
#include "web/web_priv.h"

#include <microhttpd.h>

static Err health(WebRequest *r, WebAnswer *a) {
    JsonWriter w = json_writer_start(&a->body);
    json_put_object_begin(&w);
    json_put_key_bool(&w, "ok", true);
    json_put_key_str(&w, "version", str_of(r->server->version));
    json_put_object_end(&w);
    TRY(json_writer_end(&r->c, &w));
    buf_char(&a->body, '\n');
    return OK;
}

static Err openapi(WebRequest *r, WebAnswer *a) {
    union {
        const char *text;
        const unsigned char *bytes;
    } document = {r->server->openapi.p};
    a->fixed = document.bytes;
    a->fixed_n = r->server->openapi.n;
    a->cache = "no-cache";
    return OK;
}

static Err ledger(WebRequest *r, WebAnswer *a) {
    DeskInfo info;
    DeskRecordList newest;
    DeskRecord record;
    Str checkpoint = {0};
    TRY(desk_info(&r->c, r->node, &info));
    // The newest checkpoint comes with the proof of any record that may be read.
    newest.count = 0;
    if (desk_may(&r->desk, DESK_RECORD_READ))
        TRY(desk_record_list(&r->c, &r->desk, (Str){0}, (DeskPage){.limit = 1}, &newest));
    if (newest.count > 0) {
        TRY(desk_record_get(&r->c, &r->desk, newest.items[0].id, &record));
        checkpoint = record.checkpoint;
    }
    JsonWriter w = json_writer_start(&a->body);
    json_put_object_begin(&w);
    json_put_key_str(&w, "agency_id", info.agency_id);
    json_put_key_str(&w, "checkpoint", checkpoint);
    json_put_key(&w, STR("logs"));
    json_put_array_begin(&w);
    for (int i = 0; i < 2; i++) {
        json_put_object_begin(&w);
        json_put_key_str(&w, "name", i ? STR("reads") : STR("main"));
        json_put_key_i64(&w, "size", (int64_t)(i ? info.reads : info.records));
        json_put_object_end(&w);
    }
    json_put_array_end(&w);
    if (info.read_only)
        json_put_key_str(&w, "read_only", info.read_only_why);
    else
        json_put_key_null(&w, "read_only");
    json_put_object_end(&w);
    return json_writer_end(&r->c, &w);
}

static Err ledger_verify(WebRequest *r, WebAnswer *a) {
    DeskVerdict verdict;
    TRY(desk_verify(&r->c, r->node, (DeskProgress){0}, &verdict));
    return desk_verdict_json(&r->c, &verdict, &a->body);
}

static Err records_list(WebRequest *r, WebAnswer *a) {
    DeskRecordList list;
    TRY(desk_record_list(&r->c, &r->desk, web_param(r, "kind"), web_page_of(r), &list));
    return desk_record_list_json(&r->c, &list, &a->body);
}

static Err record_get(WebRequest *r, WebAnswer *a) {
    DeskRecord record;
    TRY(desk_record_get(&r->c, &r->desk, r->places.items[0], &record));
    return desk_record_json(&r->c, &record, &a->body);
}

static Err events(WebRequest *r, WebAnswer *a) {
    (void)a;
    return fail(&r->c, E_STATE, "events are a stream");
}

#define V1 WEB_API
static const WebRoute routes[] = {
    {WEB_GET, "/healthz", "health", WEB_ANYONE, WEB_BODY_NONE, 0, "", WEB_NO_FIELDS, "Health",
     health, "Whether the server answers."},
    {WEB_GET, "/metrics", "metrics", WEB_HERE, WEB_BODY_NONE, 0, "", WEB_NO_FIELDS, "text/plain",
     web_metrics, "Counts for Prometheus, without anything personal."},
    {WEB_GET, V1 "/openapi.json", "openapi", WEB_ANYONE, WEB_BODY_NONE, 0, "", WEB_NO_FIELDS,
     "OpenApi", openapi, "This document."},
    {WEB_GET, V1 "/ledger", "ledger", DESK_NODE_READ, WEB_BODY_NONE, 0, "", WEB_NO_FIELDS, "Ledger",
     ledger, "The state of the ledger."},
    {WEB_POST, V1 "/ledger/verify", "ledgerVerify", DESK_NODE_VERIFY, WEB_BODY_NONE, WEB_NO_REPLAY,
     "", WEB_NO_FIELDS, "Verdict", ledger_verify, "Goes through ledger, stream and picture."},
    {WEB_GET, V1 "/records", "records", DESK_RECORD_READ, WEB_BODY_NONE, WEB_LIST, "kind",
     WEB_NO_FIELDS, "RecordList", records_list, "Lists records."},
    {WEB_GET, V1 "/records/{id}", "record", DESK_RECORD_READ, WEB_BODY_NONE, WEB_SLOW, "",
     WEB_NO_FIELDS, "Record", record_get, "One record with its proof."},
    {WEB_GET, V1 "/public-record", "publicRecord", DESK_PUBLIC_READ, WEB_BODY_NONE, WEB_SLOW, "",
     WEB_NO_FIELDS, "PublicRecord", web_public_record, "What is publicly said, with its sources."},
    {WEB_GET, V1 "/events", "events", DESK_RECORD_READ, WEB_BODY_NONE, WEB_STREAM, "",
     WEB_NO_FIELDS, "text/event-stream", events,
     "New records as they come; resumes with Last-Event-ID."},
};
const WebRouteGroup web_routes_node = {routes, COUNT_OF(routes)};
