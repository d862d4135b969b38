// Inside of room web: routes, requests on their way to an answer, and who helps them.
#ifndef MOEI_WEB_PRIV_H
#define MOEI_WEB_PRIV_H

#include "desk/desk.h"
#include "web/web.h"
#include "json/json.h"

#include <pthread.h>
#include <stdatomic.h>

#define WEB_API "/api/v1"
#define WEB_XLSX "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

typedef struct WebRequest WebRequest;
typedef struct WebAnswer WebAnswer;
struct MHD_Connection;
struct MHD_Response;

// --- routes -------------------------------------------------------------------------------------

typedef enum WebMethod {
    WEB_GET, // and HEAD
    WEB_POST,
    WEB_PUT,
    WEB_PATCH,
    WEB_DELETE,
    WEB_NO_METHOD
} WebMethod;
const char *web_method_name(WebMethod m);

typedef enum WebBody {
    WEB_BODY_NONE,
    WEB_BODY_JSON,  // an object of the route's fields
    WEB_BODY_FILE,  // a sheet, kept in a file for the time of the request
    WEB_BODY_BYTES, // an attachment
    WEB_BODY_FORM   // of a public page
} WebBody;

typedef enum WebFieldKind {
    WEB_FIELD_TEXT,  // Str; empty where null or absent
    WEB_FIELD_TEXTS, // const Str *, and its size_t at count_at; none where null or absent
    WEB_FIELD_INT,   // int64_t
    WEB_FIELD_BOOL,  // bool
    WEB_FIELD_JSON   // const JsonValue *: a list of objects, or NULL
} WebFieldKind;

// A member of a request's object, and where it goes in the struct that the handler reads.
typedef struct WebField {
    const char *name;
    WebFieldKind kind;
    bool needed;
    size_t at, count_at;
    const char *schema; // of WEB_FIELD_JSON: its items
} WebField;

#define WEB_TEXT(name, type, member)                                                               \
    { name, WEB_FIELD_TEXT, false, offsetof(type, member), 0, NULL }
#define WEB_NEEDED(name, type, member)                                                             \
    { name, WEB_FIELD_TEXT, true, offsetof(type, member), 0, NULL }
#define WEB_TEXTS(name, type, member, n)                                                           \
    { name, WEB_FIELD_TEXTS, false, offsetof(type, member), offsetof(type, n), NULL }
#define WEB_FIELDS(list) list, COUNT_OF(list)
#define WEB_NO_FIELDS NULL, 0

// Instead of an act.
#define WEB_ANYONE (-1)
#define WEB_LOGGED_IN (-2)
#define WEB_HERE (-3) // from this machine, or with node.read

enum {
    WEB_SLOW = 1,      // a GET that works in the background too
    WEB_NO_REPLAY = 2, // changes nothing, or its answer is a file: keys are not kept
    WEB_SECRET = 4,    // its answer holds a secret and is not kept
    WEB_STREAM = 8,    // events
    WEB_LIST = 16,     // takes after and limit
    WEB_PAGE = 32,     // answers people with HTML, errors too
    WEB_PUBLIC = 64,   // for anybody, and asked as seldom as public pages
    WEB_TAIL = 128     // the last "{…}" stands for all segments that are left
};

typedef struct WebRoute {
    WebMethod method;
    const char *path; // "{…}" stands for one segment
    const char *name; // of the operation; for metrics and the log
    int act;          // a DeskAct, or one of the above
    WebBody body;
    unsigned flags;
    const char *params; // names of query parameters, by blanks
    const WebField *fields;
    size_t field_count;
    const char *answer; // a schema of data/api/schemas.json, or a media type
    Err (*handle)(WebRequest *r, WebAnswer *a);
    const char *words;
} WebRoute;

typedef struct WebRouteGroup {
    const WebRoute *routes;
    size_t count;
} WebRouteGroup;
extern const WebRouteGroup web_routes_user, web_routes_report, web_routes_intake, web_routes_case,
    web_routes_order, web_routes_refund, web_routes_file, web_routes_node, web_routes_log,
    web_routes_exchange, web_routes_public;

size_t web_route_count(void);
const WebRoute *web_route_at(size_t i);
size_t web_route_index(const WebRoute *route);

// The segments that stand for "{…}".
typedef struct WebPlaces {
    Str items[2];
    size_t count;
} WebPlaces;
typedef enum WebFound { WEB_FOUND, WEB_NO_PATH, WEB_OTHER_METHOD, WEB_BAD_PATH } WebFound;
// `url` as it came, escapes included. On WEB_OTHER_METHOD *ret_route is one of this path.
WebFound web_route_find(Ctx *c, WebMethod method, Str url, const WebRoute **ret_route,
                        WebPlaces *ret_places);
// Undoes %XX. False for a bad escape, a NUL, or what is not UTF-8.
bool web_unescape(Ctx *c, Str s, Str *ret_s);
// True when `name` is among the names, by blanks.
bool web_names_have(const char *names, Str name);

// --- answers ------------------------------------------------------------------------------------

struct WebAnswer {
    unsigned status;
    const char *type, *cache;
    Str policy;                 // Content-Security-Policy of its own; empty: the pages'
    Str location;               // of what was made
    Str filename;               // to be saved under
    Str cookie;                 // Set-Cookie
    Str language;               // Content-Language
    unsigned wait_s;            // Retry-After; 0: none
    bool replayed, last;        // last: the connection ends with it
    const char *allow;          // of a 405
    const unsigned char *fixed; // bytes that outlive the answer, or NULL: file, or body
    size_t fixed_n;
    int fd; // >= 0: a file, owned
    uint64_t fd_bytes;
    char etag[48]; // empty: none
    Buf body;
};

void web_answer_init(WebAnswer *a);
void web_answer_done(WebAnswer *a);
// Replaces what was there by a problem of RFC 9457. `request` NULL: without it.
void web_problem(WebAnswer *a, unsigned status, const char *code, Str detail, const char *request);
void web_problem_nothing(WebAnswer *a); // the same bytes whatever is not there
void web_problem_err(WebRequest *r, WebAnswer *a, Err e);
// ETag of the body, and 304 where the caller has it.
void web_answer_etag(WebAnswer *a, Str if_none_match);
// `now_us`: the node's time, told as Date, because the pages' legal clocks follow it.
struct MHD_Response *web_response(const WebAnswer *a, int64_t now_us, bool tls);
bool web_response_guard(struct MHD_Response *response, Str policy, bool tls);
// "default-src 'none'; style-src 'sha256-…'" of the <style> elements in a page.
Err web_policy_of(Ctx *c, Str html, Str *ret_policy) MUST_USE;

// --- requests -----------------------------------------------------------------------------------

#define WEB_ADDRESS_BYTES 48
#define WEB_ID_BYTES 24

struct WebRequest {
    Ctx c;
    WebServer *server;
    DeskNode *node;
    struct MHD_Connection *connection;
    const WebRoute *route;
    WebPlaces places;
    Str params[WEB_PARAMS_MAX]; // by their place in the route's names, after and limit behind
    Desk desk;
    CryptoSignKey key;
    DeskSession session;
    bool by_cookie, by_token;
    char token[DESK_TOKEN_TEXT_BYTES];
    char address[WEB_ADDRESS_BYTES];
    char id[WEB_ID_BYTES];
    char idempotency[WEB_KEY_BYTES_MAX + 1];
    Str type;     // media type of the body, without parameters
    Str boundary; // of a multipart body
    Str path, if_none_match, last_event_id, languages;
    uint64_t length; // of the body, as said; UINT64_MAX: not said
    Buf body;
    File upload;
    Str upload_dir, upload_path;
    const JsonValue *json;
    JsonReader reader;
    WebAnswer answer;
    bool refused;  // the answer is there before the body was read
    bool at_work;  // in the queue or with a worker
    bool answered; // the worker is done
    bool counted;  // among the forms that are read
    bool counted_upload;
    int64_t started_us;
    WebRequest *next; // in the queue
};

WebRequest *web_request_new(WebServer *s, struct MHD_Connection *connection); // NULL: no memory
void web_request_free(WebRequest *r);
// Looks at the head: address, host, route, who asks, what may be sent. Sets `refused`.
void web_request_head(WebRequest *r, Str url, const char *method);
// Takes a part of the body.
void web_request_take(WebRequest *r, const char *bytes, size_t n);
// Answers, when all of the body is there.
void web_request_run(WebRequest *r);
// A query parameter by its name among the route's; empty when absent.
Str web_param(const WebRequest *r, const char *name);
bool web_param_yes(const WebRequest *r, const char *name); // "1" or "true"
DeskPage web_page_of(WebRequest *r);
// Reads the body's members into a struct by the route's fields.
Err web_read(WebRequest *r, void *ret_struct) MUST_USE;
// The same from a tree, for the fuzz target.
Err web_read_fields(Ctx *c, const WebRoute *route, const JsonValue *v, void *ret_struct) MUST_USE;
// True when the sender of a request is the server's own page. `origin`, `site` empty: not sent.
bool web_same_origin(Str origin, Str site, Str host, bool tls);

// Answers 201 with a Location of this form.
Err web_created(WebRequest *r, WebAnswer *a, const char *format, Str id) MUST_USE;
void web_put_time(JsonWriter *w, const char *key, int64_t at_us);
void web_put_opt_time(JsonWriter *w, const char *key, int64_t at_us); // 0: null
// {"id": …}, 201.
Err web_id(WebRequest *r, WebAnswer *a, Str id) MUST_USE;
// Names the file that the answer is saved under: letters, digits and . _ - of the name.
Err web_file_name(WebRequest *r, WebAnswer *a, Str name) MUST_USE;

// --- a page's file ------------------------------------------------------------------------------

// A file of the page. False when there is none of this name ("index.html", "assets/x.js").
typedef struct WebPage {
    const unsigned char *bytes;
    size_t n;
    const char *type;
    bool forever; // its name changes with its content
} WebPage;
bool web_page_find(Str name, WebPage *ret_page);

// --- rate limits --------------------------------------------------------------------------------

typedef struct WebBucket {
    uint64_t key; // 0: free
    int64_t tokens_milli, at_us;
} WebBucket;
typedef struct WebRates {
    pthread_mutex_t lock;
    uint64_t secret; // of the keys, so that nobody can choose whom they share a bucket with
    WebBucket buckets[WEB_RATE_BUCKETS];
} WebRates;
typedef struct WebRate {
    int64_t per_s, burst;
} WebRate;
void web_rates_init(WebRates *rates, uint64_t secret);
void web_rates_done(WebRates *rates);
// Takes one; false when there is none, *ret_wait_s says when there will be.
bool web_rate_take(WebRates *rates, char kind, Str who, WebRate rate, int64_t now_us,
                   unsigned *ret_wait_s);

// --- metrics ------------------------------------------------------------------------------------

#define WEB_STATUSES 24
#define WEB_LATENCIES 11
typedef struct WebCounter {
    atomic_ullong by_status[WEB_STATUSES], by_latency[WEB_LATENCIES + 1], micros;
} WebCounter;
void web_count(WebServer *s, const WebRequest *r, unsigned status);

// --- work in the background
// -----------------------------------------------------------------------

typedef struct WebJobs {
    pthread_mutex_t lock;
    pthread_cond_t come;
    WebRequest *first, *last;
    size_t count;
    bool ending;
    pthread_t threads[WEB_WORKERS];
    size_t thread_count;
} WebJobs;
Err web_jobs_open(Ctx *c, WebServer *s) MUST_USE;
void web_jobs_close(WebServer *s); // after the last job
// Suspends the connection and queues its request. False when the queue is full.
bool web_jobs_push(WebServer *s, WebRequest *r);

// --- events -------------------------------------------------------------------------------------

typedef struct WebStream WebStream;
typedef struct WebEvents {
    pthread_mutex_t lock;
    WebStream *first;
    size_t count;
    bool ending, running;
    pthread_t thread;
    int heartbeat_ms;
} WebEvents;
Err web_events_open(Ctx *c, WebServer *s) MUST_USE;
void web_events_close(WebServer *s); // ends all streams
// A response that goes on until the session ends. NULL: an answer stands in r->answer.
struct MHD_Response *web_events_begin(WebRequest *r);

// --- words and pages for people without a log-in -------------------------------------------------

#define WEB_LANGUAGES 7
#define WEB_WORDS_MAX 96
typedef struct WebWord {
    Str key, text;
} WebWord;
typedef struct WebWords {
    Arena arena;
    struct {
        Str tag;
        WebWord words[WEB_WORDS_MAX];
        size_t count;
    } languages[WEB_LANGUAGES];
} WebWords;
Err web_words_open(Ctx *c, WebWords *ret_words) MUST_USE;
void web_words_done(WebWords *w);
// The index of the language that suits; English where none does.
size_t web_language_pick(const WebWords *w, Str asked, Str accept);
Str web_word(const WebWords *w, size_t language, const char *key);
void web_html_text(Buf *b, Str s); // escaped
typedef struct WebValue {
    const char *name; // "{number}"
    Str text;
} WebValue;

typedef struct WebPublicPage {
    WebRequest *r;
    Buf *b;
    size_t language;
    const WebValue *values;
    size_t value_count;
} WebPublicPage;
// Head, words with their values in place, an element of words, the end with the languages.
WebPublicPage web_page_begin(WebRequest *r, WebAnswer *a);
void web_put_head(WebPublicPage *p, const char *title);
void web_put_words(WebPublicPage *p, const char *key);
void web_put_element(WebPublicPage *p, const char *open, const char *key, const char *close);
Err web_put_end(WebPublicPage *p, WebAnswer *a, unsigned status) MUST_USE;
// A page of one sentence, as the public pages look.
void web_public_message(WebRequest *r, WebAnswer *a, unsigned status, const char *key);

typedef struct WebForm {
    Str text, contact;
    DeskUpload files[WEB_FORM_FILES_MAX];
    size_t file_count;
} WebForm;
// multipart/form-data with a boundary, or application/x-www-form-urlencoded without. E_INVALID,
// E_LIMIT (too many or too large files).
Err web_form_read(Ctx *c, Str boundary, Str body, WebForm *ret_form) MUST_USE;

// --- OpenAPI ------------------------------------------------------------------------------------

Err web_openapi(Ctx *c, const char *version, Buf *out) MUST_USE;

// --- the server ---------------------------------------------------------------------------------

struct MHD_Daemon;
struct WebServer {
    struct MHD_Daemon *daemon;
    DeskNode *node;
    const char *version;
    char url[80];
    bool tls;
    WebLimits limits;
    char dir[BASE_PATH_BYTES_MAX]; // for uploads
    Buf openapi;
    char openapi_etag[48];
    char *certificate, *certificate_key;
    atomic_ullong requests;
    atomic_int forms; // being read
    atomic_int uploads;
    WebRates rates;
    WebCounter *counters; // one a route, then pages
    WebJobs jobs;
    WebEvents events;
    WebWords words;
};

// "127.0.0.1:8441" or "[::1]:8441" as a socket address; others than loopback when `anywhere`.
// E_INVALID.
struct sockaddr_storage;
Err web_address_parse(Ctx *c, Str listen, bool anywhere, struct sockaddr_storage *ret_address,
                      size_t *ret_bytes) MUST_USE;
// A listening socket and its URL; others than loopback when `tls`. E_INVALID, E_BUSY, E_IO.
Err web_listen(Ctx *c, Str listen, bool tls, int *ret_fd, char ret_url[80]) MUST_USE;
// True for localhost, 127.x.x.x and [::1], with or without a port.
bool web_host_is_loopback(Str host);

// Query parameters of everything that takes a sheet in.
#define WEB_IMPORT_PARAMS "kind mapping encoding sheet sender name dry_run all_or_nothing accord"
Err web_import_read(WebRequest *r, DeskImport *ret_import, bool *ret_reports) MUST_USE;
Err web_import(WebRequest *r, const DeskImport *in, bool reports,
               DeskImportResult *ret_result) MUST_USE;
Err web_report_put(WebRequest *r, WebAnswer *a, Str id) MUST_USE;
Err web_case_put(WebRequest *r, WebAnswer *a, Str id) MUST_USE;

// "0" and "x001/x234/067.p/5" of a tile's path; false when it is no name of a tile.
bool web_tile_read(Str level, Str name, DeskLogTile *ret_tile);

// Handlers that other files' tables name.
Err web_trace(WebRequest *r, WebAnswer *a) MUST_USE;
Err web_trace_why(WebRequest *r, WebAnswer *a) MUST_USE;
Err web_public_record(WebRequest *r, WebAnswer *a) MUST_USE;
Err web_metrics(WebRequest *r, WebAnswer *a) MUST_USE;

#endif
